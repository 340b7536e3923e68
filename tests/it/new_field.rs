//! The promise: a field that is added to a schema appears in every format and in the codebook, with
//! no change to the program.
//!
//! Each kind of value is added to the same small project, and everything that is made of it is read
//! back with other people's readers.

use std::collections::BTreeSet;

use demarche::model::{Column, Kind, Level};
use demarche::workspace::Memory;
use oxjsonld::JsonLdParser;
use serde_json::{Value, json};

use crate::support::{self, Files, THINGS_BASE, build, on_disk, parquet, text, things};

/// A field that is added, and what must become of it.
struct Addition {
    what: &'static str,
    /// The schema of the new property, which is called `novel`.
    schema: Value,
    value: Value,
    columns: Vec<NewColumn>,
    /// The child table, if the field is a list.
    child: Option<Child>,
    /// The field's columns in nested Parquet: (name, sketch of the type).
    nested: Vec<(&'static str, &'static str)>,
    /// What the document says beyond the record's key: subject, predicate and object, the first two
    /// and objects in `<…>` below the dataset's IRI. `_` is any blank node.
    triples: Vec<(&'static str, &'static str, &'static str)>,
    /// What the field's key means in the context.
    context: Value,
}

/// A column that the new field brings to the table.
struct NewColumn {
    name: &'static str,
    /// In Parquet, as [`parquet::sketch`] tells types.
    parquet: &'static str,
    /// In the Data Package.
    package: &'static str,
    /// What `demarche schema` says of it.
    shown: &'static str,
    /// The cell of the record that has the field.
    cell: &'static str,
}

/// The table of a list.
struct Child {
    name: &'static str,
    /// Its columns with their types in Parquet.
    columns: Vec<(&'static str, &'static str)>,
    csv: &'static str,
}

const RECORD: &str = "things/a";
const NOVEL: &str = "vocabulary#thing_novel";

fn iri(name: &str) -> String {
    format!("{THINGS_BASE}vocabulary#{name}")
}

fn column(
    name: &'static str,
    parquet: &'static str,
    package: &'static str,
    shown: &'static str,
    cell: &'static str,
) -> NewColumn {
    NewColumn { name, parquet, package, shown, cell }
}

/// One value in one column.
fn scalar(
    what: &'static str,
    (schema, value): (Value, Value),
    column: NewColumn,
    object: &'static str,
    datatype: &str,
) -> Addition {
    let context = match datatype {
        "" => json!(iri("thing_novel")),
        datatype => json!({ "@id": iri("thing_novel"), "@type": datatype }),
    };
    Addition {
        what,
        schema,
        value,
        nested: vec![("novel", column.parquet)],
        columns: vec![column],
        child: None,
        triples: vec![(RECORD, NOVEL, object)],
        context,
    }
}

fn count(cell: &'static str) -> NewColumn {
    column("n_novel", "int32", "integer", "integer, 32 bits", cell)
}

fn scalars() -> Vec<Addition> {
    vec![
        scalar(
            "boolean",
            (json!({ "type": "boolean" }), json!(false)),
            column("novel", "bool", "boolean", "boolean", "false"),
            "\"false\"^^<http://www.w3.org/2001/XMLSchema#boolean>",
            "",
        ),
        scalar(
            "integer of 8 bits",
            (json!({ "type": "integer", "minimum": -128, "exclusiveMaximum": 128 }), json!(-128)),
            column("novel", "int8", "integer", "integer, 8 bits", "-128"),
            "\"-128\"^^<http://www.w3.org/2001/XMLSchema#integer>",
            "xsd:integer",
        ),
        scalar(
            "integer of 16 bits",
            (json!({ "type": "integer", "minimum": 0, "maximum": 128 }), json!(128)),
            column("novel", "int16", "integer", "integer, 16 bits", "128"),
            "\"128\"^^<http://www.w3.org/2001/XMLSchema#integer>",
            "xsd:integer",
        ),
        scalar(
            "integer of 32 bits",
            (
                json!({ "type": "integer", "minimum": -32769, "maximum": 2_147_483_647 }),
                json!(-32769),
            ),
            column("novel", "int32", "integer", "integer, 32 bits", "-32769"),
            "\"-32769\"^^<http://www.w3.org/2001/XMLSchema#integer>",
            "xsd:integer",
        ),
        scalar(
            "integer of 64 bits",
            (json!({ "type": "integer" }), json!(9_223_372_036_854_775_807_i64)),
            column("novel", "int64", "integer", "integer, 64 bits", "9223372036854775807"),
            "\"9223372036854775807\"^^<http://www.w3.org/2001/XMLSchema#integer>",
            "xsd:integer",
        ),
        scalar(
            "number",
            (json!({ "type": "number" }), json!(0.1)),
            column("novel", "double", "number", "number", "0.1"),
            "\"1.0E-1\"^^<http://www.w3.org/2001/XMLSchema#double>",
            "xsd:double",
        ),
        scalar(
            "text",
            (json!({ "type": "string" }), json!("a \"b\", c")),
            column("novel", "text", "string", "text", "a \"b\", c"),
            "\"a \\\"b\\\", c\"",
            "",
        ),
        scalar(
            "address",
            (json!({ "type": "string", "format": "uri" }), json!("https://example.org/?a=b#c")),
            column("novel", "text", "string", "text, an address", "https://example.org/?a=b#c"),
            "\"https://example.org/?a=b#c\"^^<http://www.w3.org/2001/XMLSchema#anyURI>",
            "xsd:anyURI",
        ),
        scalar(
            "text that ends an IRI",
            (
                json!({ "type": "string", "x-jsonld-base": "http://www.wikidata.org/entity/" }),
                json!("Q1032"),
            ),
            column("novel", "text", "string", "text", "Q1032"),
            "<http://www.wikidata.org/entity/Q1032>",
            "@id",
        ),
        scalar(
            "enum",
            (json!({ "enum": ["low", "high"] }), json!("high")),
            column("novel", "dictionary<text>", "string", "one of low, high", "high"),
            "\"high\"",
            "",
        ),
        scalar(
            "date",
            (json!({ "type": "string", "format": "date" }), json!("0987-12-03")),
            column("novel", "date", "date", "date", "0987-12-03"),
            "\"0987-12-03\"^^<http://www.w3.org/2001/XMLSchema#date>",
            "xsd:date",
        ),
        scalar(
            "date and time",
            (
                json!({ "type": "string", "format": "date-time" }),
                json!("2023-12-03T00:30:00.250+01:00"),
            ),
            column("novel", "instant", "datetime", "timestamp, UTC", "2023-12-02T23:30:00.250Z"),
            "\"2023-12-02T23:30:00.250Z\"^^<http://www.w3.org/2001/XMLSchema#dateTime>",
            "xsd:dateTime",
        ),
        scalar(
            "date and time of a clock",
            (
                json!({ "type": "string", "format": "date-time-local" }),
                json!("0987-12-03T00:30:00.2500"),
            ),
            column(
                "novel",
                "local",
                "datetime",
                "timestamp without offset",
                "0987-12-03T00:30:00.250",
            ),
            "\"0987-12-03T00:30:00.250\"^^<http://www.w3.org/2001/XMLSchema#dateTime>",
            "xsd:dateTime",
        ),
        scalar(
            "time of day",
            (json!({ "type": "string", "format": "time-local" }), json!("23:59")),
            column("novel", "time", "time", "time of day", "23:59:00"),
            "\"23:59:00\"^^<http://www.w3.org/2001/XMLSchema#time>",
            "xsd:time",
        ),
        scalar(
            "decimal number as text",
            (
                json!({ "type": "string", "format": "decimal", "x-scale": 3 }),
                json!("-12345678901234567890123456789012345.67"),
            ),
            column(
                "novel",
                "decimal(38, 3)",
                "number",
                "decimal, 38 digits, 3 behind the point",
                "-12345678901234567890123456789012345.670",
            ),
            "\"-12345678901234567890123456789012345.670\"^^<http://www.w3.org/2001/XMLSchema#decimal>",
            "xsd:decimal",
        ),
        scalar(
            "decimal number",
            (json!({ "type": "number", "x-scale": 2, "x-precision": 9 }), json!(1234.5)),
            column(
                "novel",
                "decimal(9, 2)",
                "number",
                "decimal, 9 digits, 2 behind the point",
                "1234.50",
            ),
            "\"1234.50\"^^<http://www.w3.org/2001/XMLSchema#decimal>",
            "xsd:decimal",
        ),
        scalar(
            "reference",
            (json!({ "type": "string", "x-reference": "others" }), json!("o2")),
            column("novel", "text", "string", "text → others", "o2"),
            "<others/o2>",
            "@id",
        ),
        Addition {
            context: json!({
                "@id": iri("thing_novel"),
                "@type": "@vocab",
                "@context": { "@vocab": format!("{THINGS_BASE}codelist/colours/") },
            }),
            ..scalar(
                "code of a list",
                (json!({ "type": "string", "x-codelist": "colours" }), json!("010")),
                column("novel", "dictionary<text>", "string", "code of the list colours", "010"),
                "<codelist/colours/010>",
                "",
            )
        },
        Addition {
            context: json!({
                "@id": iri("thing_novel"),
                "@type": "@vocab",
                "@context": { "@vocab": format!("{THINGS_BASE}codelist/levels/") },
            }),
            ..scalar(
                "integer code",
                (json!({ "type": "integer", "x-codelist": "levels" }), json!(-3)),
                column(
                    "novel",
                    "int16",
                    "integer",
                    "integer code of the list levels, 16 bits",
                    "-3",
                ),
                "<codelist/levels/-3>",
                "",
            )
        },
        Addition {
            what: "year",
            schema: json!({ "type": "integer", "format": "year" }),
            value: json!(987),
            columns: vec![
                column("novel", "int16", "integer", "year, 16 bits", "987"),
                column("novel_earliest", "date", "date", "date", "0987-01-01"),
                column("novel_latest", "date", "date", "date", "0987-12-31"),
            ],
            child: None,
            nested: vec![("novel", "int16"), ("novel_earliest", "date"), ("novel_latest", "date")],
            triples: vec![
                (RECORD, NOVEL, "\"0987\"^^<http://www.w3.org/2001/XMLSchema#gYear>"),
                (
                    RECORD,
                    "vocabulary#thing_novel_earliest",
                    "\"0987-01-01\"^^<http://www.w3.org/2001/XMLSchema#date>",
                ),
                (
                    RECORD,
                    "vocabulary#thing_novel_latest",
                    "\"0987-12-31\"^^<http://www.w3.org/2001/XMLSchema#date>",
                ),
            ],
            context: json!({ "@id": iri("thing_novel"), "@type": "xsd:gYear" }),
        },
        Addition {
            what: "uncertain date",
            schema: json!({ "type": "string", "format": "edtf" }),
            value: json!("2023-12?"),
            columns: vec![
                column("novel", "text", "string", "text, an EDTF date", "2023-12?"),
                column("novel_earliest", "date", "date", "date", "2023-12-01"),
                column("novel_latest", "date", "date", "date", "2023-12-31"),
                column(
                    "novel_precision",
                    "dictionary<text>",
                    "string",
                    "one of day, month, season, year, interval, open, unknown",
                    "month",
                ),
                column("novel_uncertain", "bool", "boolean", "boolean", "true"),
                column("novel_approximate", "bool", "boolean", "boolean", "false"),
            ],
            child: None,
            nested: vec![
                ("novel", "text"),
                ("novel_earliest", "date"),
                ("novel_latest", "date"),
                ("novel_precision", "dictionary<text>"),
                ("novel_uncertain", "bool"),
                ("novel_approximate", "bool"),
            ],
            triples: vec![
                (RECORD, NOVEL, "\"2023-12?\"^^<http://id.loc.gov/datatypes/edtf/EDTF>"),
                (
                    RECORD,
                    "vocabulary#thing_novel_earliest",
                    "\"2023-12-01\"^^<http://www.w3.org/2001/XMLSchema#date>",
                ),
                (
                    RECORD,
                    "vocabulary#thing_novel_latest",
                    "\"2023-12-31\"^^<http://www.w3.org/2001/XMLSchema#date>",
                ),
            ],
            context: json!({
                "@id": iri("thing_novel"),
                "@type": "http://id.loc.gov/datatypes/edtf/EDTF",
            }),
        },
    ]
}

fn compounds() -> Vec<Addition> {
    let size = || json!({ "type": "integer", "minimum": 0, "maximum": 100 });
    vec![
        Addition {
            what: "group",
            schema: json!({
                "type": "object",
                "properties": {
                    "name": {
                        "type": "string",
                        "title": "Novelty by name",
                        "description": "What nobody thought of before.",
                    },
                    "size": { "title": "Novelty by size", "$ref": "#/properties/novel/$defs/size" },
                },
                "additionalProperties": false,
                "$defs": { "size": size() },
            }),
            value: json!({ "name": "x", "size": 5 }),
            columns: vec![
                column("novel_name", "text", "string", "text", "x"),
                column("novel_size", "int8", "integer", "integer, 8 bits", "5"),
            ],
            child: None,
            nested: vec![("novel", "struct<name: text, size: int8>")],
            triples: vec![
                (RECORD, NOVEL, "<things/a#novel>"),
                ("things/a#novel", "vocabulary#thing_novel_name", "\"x\""),
                (
                    "things/a#novel",
                    "vocabulary#thing_novel_size",
                    "\"5\"^^<http://www.w3.org/2001/XMLSchema#integer>",
                ),
            ],
            context: json!(iri("thing_novel")),
        },
        Addition {
            what: "language map",
            schema: json!({
                "type": "object",
                "x-language-map": true,
                "additionalProperties": { "type": "string" },
            }),
            value: json!({ "pt-BR": "olá" }),
            columns: vec![
                column("novel_en", "text", "string", "text", ""),
                column("novel_pt_br", "text", "string", "text", "olá"),
            ],
            child: None,
            nested: vec![("novel", "struct<en: text, pt-BR: text>")],
            triples: vec![(RECORD, NOVEL, "\"olá\"@pt-br")],
            context: json!({ "@id": iri("thing_novel"), "@container": "@language" }),
        },
        Addition {
            what: "list of objects",
            schema: json!({
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": { "name": { "type": "string" }, "size": size() },
                    "required": ["name"],
                    "additionalProperties": false,
                },
            }),
            value: json!([{ "name": "x" }, { "name": "y", "size": 5 }]),
            columns: vec![count("2")],
            child: Some(Child {
                name: "thing_novel",
                columns: vec![
                    ("thing_id", "text"),
                    ("position", "int32"),
                    ("name", "text"),
                    ("size", "int8"),
                ],
                csv: "\"thing_id\",\"position\",\"name\",\"size\"\na,0,x,\na,1,y,5\n",
            }),
            nested: vec![("novel", "list<struct<name: text, size: int8>>")],
            triples: vec![
                (RECORD, NOVEL, "<things/a#novel/0>"),
                (RECORD, NOVEL, "<things/a#novel/1>"),
                ("things/a#novel/0", "vocabulary#thing_novel_name", "\"x\""),
                ("things/a#novel/1", "vocabulary#thing_novel_name", "\"y\""),
                (
                    "things/a#novel/1",
                    "vocabulary#thing_novel_size",
                    "\"5\"^^<http://www.w3.org/2001/XMLSchema#integer>",
                ),
            ],
            context: json!(iri("thing_novel")),
        },
        Addition {
            what: "set of values",
            schema: json!({ "type": "array", "uniqueItems": true, "items": { "type": "string" } }),
            value: json!(["y", "x"]),
            columns: vec![count("2")],
            child: Some(Child {
                name: "thing_novel",
                columns: vec![("thing_id", "text"), ("position", "int32"), ("value", "text")],
                csv: "\"thing_id\",\"position\",\"value\"\na,0,y\na,1,x\n",
            }),
            nested: vec![("novel", "list<text>")],
            triples: vec![(RECORD, NOVEL, "\"x\""), (RECORD, NOVEL, "\"y\"")],
            context: json!({ "@id": iri("thing_novel"), "@container": "@set" }),
        },
        Addition {
            what: "list of values",
            schema: json!({ "type": "array", "items": size() }),
            value: json!([7, 7]),
            columns: vec![count("2")],
            child: Some(Child {
                name: "thing_novel",
                columns: vec![("thing_id", "text"), ("position", "int32"), ("value", "int8")],
                csv: "\"thing_id\",\"position\",\"value\"\na,0,7\na,1,7\n",
            }),
            nested: vec![("novel", "list<int8>")],
            triples: vec![
                (RECORD, NOVEL, "_"),
                ("_", "rdf:first", "\"7\"^^<http://www.w3.org/2001/XMLSchema#integer>"),
                ("_", "rdf:first", "\"7\"^^<http://www.w3.org/2001/XMLSchema#integer>"),
                ("_", "rdf:rest", "_"),
                ("_", "rdf:rest", "rdf:nil"),
            ],
            context: json!({
                "@id": iri("thing_novel"),
                "@type": "xsd:integer",
                "@container": "@list",
            }),
        },
    ]
}

fn additions() -> Vec<Addition> {
    scalars().into_iter().chain(compounds()).collect()
}

impl Addition {
    /// The project with the field, which one of its two records has.
    fn project(&self) -> Files {
        let mut schema = self.schema.clone();
        let about = schema.as_object_mut().expect("a schema is an object");
        about.insert("title".to_owned(), json!("Novelty"));
        about.insert("description".to_owned(), json!("What nobody thought of before."));
        let records = [json!({ "id": "a", "novel": self.value }), json!({ "id": "b" })];
        let mut files = things(&json!({ "novel": schema }), &records);
        let levels = "code,label\n-3,Low\n200,High\n";
        files.insert("schema/codelists/levels.csv".to_owned(), levels.into());
        files
    }
}

#[test]
fn every_kind_of_value_is_added() {
    let mut added = BTreeSet::new();
    for addition in additions() {
        let storage = Memory(addition.project());
        let opened = demarche::open(Box::new(storage)).expect("memory can be read");
        let project = opened.project.unwrap_or_else(|| panic!("{:?}", opened.diagnostics));
        visit(&project.model.table("things").expect("the table").level, &mut |column| {
            // A new kind of value wants an addition: then the name here, the count below.
            added.insert(match &column.kind {
                Kind::Boolean => "boolean",
                Kind::Integer { bits: 8 } => "integer of 8 bits",
                Kind::Integer { bits: 16 } => "integer of 16 bits",
                Kind::Integer { bits: 32 } => "integer of 32 bits",
                Kind::Integer { bits: _ } => "integer of 64 bits",
                Kind::Number => "number",
                Kind::Text => "text",
                Kind::Iri => "address",
                Kind::Code(codes) if codes.list.is_some() => "code of a list",
                Kind::Code(_) => "enum",
                Kind::IntegerCode { .. } => "integer code",
                Kind::Date => "date",
                Kind::DateTime => "date and time",
                Kind::LocalDateTime => "date and time of a clock",
                Kind::LocalTime => "time of day",
                Kind::Edtf => "uncertain date",
                Kind::Year { .. } => "year",
                Kind::Decimal { is_text: true, .. } => "decimal number as text",
                Kind::Decimal { is_text: false, .. } => "decimal number",
            });
        });
    }
    assert_eq!(added.len(), 19, "{added:?}");
}

fn visit(level: &Level, tell: &mut impl FnMut(&Column)) {
    level.columns.iter().for_each(&mut *tell);
    for list in &level.lists {
        visit(list, tell);
    }
}

#[test]
fn it_is_in_csv() {
    for addition in additions() {
        let what = addition.what;
        let release = released(&addition);
        let (header, rows) = support::csv(&release, "csv/things.csv");
        let mut names = vec!["thing_id"];
        names.extend(addition.columns.iter().map(|column| column.name));
        assert_eq!(header, names, "{what}");
        for column in &addition.columns {
            let cell = rows[0].get(column.name).map_or("", String::as_str);
            assert_eq!(cell, column.cell, "{what}: {}", column.name);
            assert_eq!(rows[1].get(column.name), None, "{what}: {} is missing", column.name);
        }
        if let Some(child) = &addition.child {
            assert_eq!(text(&release, &format!("csv/{}.csv", child.name)), child.csv, "{what}");
        }
    }
}

#[test]
fn it_is_in_flat_parquet_with_its_type() {
    for addition in additions() {
        let what = addition.what;
        let release = released(&addition);
        let table = parquet::read(&release, "parquet/things.parquet");
        let rows = table.rows();
        for column in &addition.columns {
            assert_eq!(table.sketch(column.name), Some(column.parquet), "{what}: {}", column.name);
            let cell = rows[0].get(column.name).map_or("", String::as_str);
            assert_eq!(cell, column.cell, "{what}: {}", column.name);
            assert_eq!(rows[1].get(column.name), None, "{what}: {} is missing", column.name);
        }
        assert_eq!(table.columns.len(), addition.columns.len() + 1, "{what}: no other column");
        if let Some(child) = &addition.child {
            let table = parquet::read(&release, &format!("parquet/{}.parquet", child.name));
            let columns: Vec<_> = table
                .columns
                .iter()
                .map(|(name, sketch)| (name.as_str(), sketch.as_str()))
                .collect();
            assert_eq!(columns, child.columns, "{what}");
            let (_, rows) = support::csv(&release, &format!("csv/{}.csv", child.name));
            assert_eq!(table.rows(), rows, "{what}");
        }
    }
}

#[test]
fn it_is_in_nested_parquet() {
    for addition in additions() {
        let table = parquet::read(&released(&addition), "parquet/things_nested.parquet");
        let columns: Vec<_> =
            table.columns.iter().map(|(name, sketch)| (name.as_str(), sketch.as_str())).collect();
        assert_eq!(columns[0], ("id", "text"));
        assert_eq!(columns[1..], addition.nested, "{}", addition.what);
        let novel = table.batches[0].column(1);
        assert_eq!([novel.is_null(0), novel.is_null(1)], [false, true], "{}", addition.what);
    }
}

#[test]
fn it_is_in_the_jsonld_document() {
    for addition in additions() {
        let release = released(&addition);
        let document = &release["jsonld/things.jsonld"];
        let mut told = Vec::new();
        for quad in JsonLdParser::new().for_slice(document) {
            let quad = quad.expect("JSON-LD");
            let predicate = short(&quad.predicate.to_string());
            let of_graph = quad.graph_name.to_string() == format!("<{THINGS_BASE}1.0.0>");
            if of_graph && !predicate.ends_with("_id>") {
                let subject = short(&quad.subject.to_string());
                told.push((subject, predicate, short(&quad.object.to_string())));
            }
        }
        let wrapped = |name: &str| match name {
            "_" => "_".to_owned(),
            name if name.starts_with("rdf:") => name.to_owned(),
            name => format!("<{name}>"),
        };
        let mut expected: Vec<_> = addition
            .triples
            .iter()
            .map(|(subject, predicate, object)| {
                (wrapped(subject), wrapped(predicate), (*object).to_owned())
            })
            .collect();
        told.sort();
        expected.sort();
        assert_eq!(told, expected, "{}", addition.what);
    }
}

/// A term as this file writes it.
fn short(term: &str) -> String {
    if term.starts_with("_:") {
        return "_".to_owned();
    }
    match term.strip_prefix("<http://www.w3.org/1999/02/22-rdf-syntax-ns#") {
        Some(rest) => format!("rdf:{}", rest.trim_end_matches('>')),
        None => term.replace(&format!("<{THINGS_BASE}"), "<"),
    }
}

#[test]
fn it_is_in_the_jsonld_context() {
    for addition in additions() {
        let release = released(&addition);
        for path in ["jsonld/context.jsonld", "jsonld/things.jsonld"] {
            let context = &support::json(&release, path)["@context"];
            assert_eq!(context["thing_novel"], addition.context, "{} in {path}", addition.what);
        }
    }
}

#[test]
fn it_is_in_the_data_package() {
    for addition in additions() {
        let what = addition.what;
        let package = support::json(&released(&addition), "datapackage.json");
        let resource = |name: &str| {
            let resources = package["resources"].as_array().expect("resources");
            resources
                .iter()
                .find(|resource| resource["name"] == name)
                .unwrap_or_else(|| panic!("{what}: the resource {name}"))
                .clone()
        };
        let things = resource("things");
        let fields = things["schema"]["fields"].as_array().expect("fields");
        for (field, column) in fields[1..].iter().zip(&addition.columns) {
            assert_eq!(field["name"], column.name, "{what}");
            assert_eq!(field["type"], column.package, "{what}: {}", column.name);
            let title = field["title"].as_str().expect("a title").to_lowercase();
            assert!(title.contains("novelty"), "{what}: {title}");
        }
        assert_eq!(fields.len(), addition.columns.len() + 1, "{what}");
        if let Some(child) = &addition.child {
            let child_resource = resource(child.name);
            let fields = child_resource["schema"]["fields"].as_array().expect("fields");
            let names: Vec<_> = fields.iter().map(|field| &field["name"]).collect();
            let expected: Vec<_> = child.columns.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, expected, "{what}");
        }
    }
}

#[test]
fn it_is_in_the_codebook() {
    for addition in additions() {
        let what = addition.what;
        let release = released(&addition);
        let codebook = text(&release, "codebook.md");
        for column in &addition.columns {
            let row = codebook
                .lines()
                .find(|line| line.starts_with(&format!("| `{}` |", column.name)))
                .unwrap_or_else(|| panic!("{what}: {} in\n{codebook}", column.name));
            assert!(row.to_lowercase().contains("novelty"), "{what}: {row}");
        }
        assert!(codebook.contains("What nobody thought of before."), "{what}: the description");
        if let Some(child) = &addition.child {
            assert!(codebook.contains(&format!("\n## {}\n", child.name)), "{what}");
        }
        assert_eq!(
            codebook.contains("### colours"),
            what == "code of a list",
            "{what}: code lists that are used are in the codebook"
        );
    }
}

#[test]
fn it_is_shown_by_the_schema_command() {
    for addition in additions() {
        let what = addition.what;
        let project = on_disk(&addition.project());
        let run = support::run(
            support::demarche(&["schema", "--table", "things", "--project"]).arg(project.path()),
        );
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{what}");
        for column in &addition.columns {
            let line = run
                .stdout
                .lines()
                .find(|line| line.split_whitespace().next() == Some(column.name))
                .unwrap_or_else(|| panic!("{what}: {} in\n{}", column.name, run.stdout));
            assert!(line.ends_with(&format!("  {}", column.shown)), "{what}: {line}");
        }
        if let Some(child) = &addition.child {
            assert!(run.stdout.contains(&format!("\n{}: Novelty\n", child.name)), "{what}");
        }
    }
}

#[test]
fn the_command_releases_what_the_library_does() {
    let addition = &additions()[0];
    let mut release = build(on_disk(&addition.project()).path(), |_| {});
    let schemas =
        ["schema/things.schema.json", "schema/others.schema.json", "schema/codelists/colours.csv"];
    for path in schemas {
        let file = release.remove(path);
        assert_eq!(file.as_ref(), Some(&addition.project()[path]), "{path} as it was");
    }
    let same = |path: &str| path.starts_with("csv/") || path.starts_with("parquet/");
    support::assert_same_files(
        &support::only(&release, same),
        &support::only(&released(addition), same),
        "command and library",
    );
}

fn released(addition: &Addition) -> Files {
    support::build_in_memory(&addition.project(), 1)
        .unwrap_or_else(|found| panic!("{}: {found:?}", addition.what))
}
