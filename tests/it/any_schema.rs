//! Any schema of the supported kinds, any valid records: they build, and what CSV, Parquet and
//! JSON-LD say, read back by other people's readers, is what the records said.
//!
//! What is expected is worked out here from schema and records, without the compiler's model. Here schemas
//! are spelt as people spell them; `reading` takes all other ways.

mod nasty;
mod reading;
mod spelling;

use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat, TimeDelta, Utc};
use demarche::diagnostic::code::NAME_COLLISION;
use demarche::rules::RULES;
use oxjsonld::JsonLdParser;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::support::{self, Files, Row, THINGS_BASE, build_in_memory, parquet, text, things};

/// What a property may hold.
#[derive(Clone, Debug)]
enum Shape {
    Boolean,
    Integer { minimum: i64, maximum: i64 },
    Number,
    Text,
    Address,
    Enum,
    Code,
    Date,
    DateTime,
    Local,
    Time,
    Edtf,
    Year,
    Decimal { precision: u32, scale: u32, is_text: bool },
    Reference,
    Languages,
    Group(Vec<Property>),
    Objects(Vec<Property>),
    Values { of: Box<Shape>, unique: bool },
}

/// A property; its name is its place among its like: `f0`, `f1`.
#[derive(Clone, Debug)]
struct Property {
    shape: Shape,
    required: bool,
    nullable: bool,
}

const ENUM: [&str; 3] = ["low", "high", "in between"];
const CODES: [&str; 4] = ["010", "10", "id", "light grey"];
const LANGUAGES: [(&str, &str); 2] = [("en", "en"), ("pt-BR", "pt_br")];
const ADDRESSES: [&str; 3] =
    ["https://example.org/", "urn:isbn:0451450523", "http://a/?b=c&d=%20#e"];

/// Dates with their earliest and latest day, precision, and marks of doubt.
const EDTF: [(&str, [&str; 5]); 7] = [
    ("2023-12-03", ["2023-12-03", "2023-12-03", "day", "false", "false"]),
    ("2024-02", ["2024-02-01", "2024-02-29", "month", "false", "false"]),
    ("1999?", ["1999-01-01", "1999-12-31", "year", "true", "false"]),
    ("2023-12-03~", ["2023-12-03", "2023-12-03", "day", "false", "true"]),
    ("2023-12-03/2023-12-05", ["2023-12-03", "2023-12-05", "interval", "false", "false"]),
    ("2023-12-03/..", ["2023-12-03", "", "open", "false", "false"]),
    ("2023-12-XX", ["2023-12-01", "2023-12-31", "month", "false", "false"]),
];
const EDTF_PARTS: [&str; 5] = ["earliest", "latest", "precision", "uncertain", "approximate"];

fn scalars() -> impl Strategy<Value = Shape> {
    let bound = prop_oneof![-200..200_i64, -70_000..70_000_i64, any::<i64>()];
    prop_oneof![
        Just(Shape::Boolean),
        (bound.clone(), bound)
            .prop_map(|(a, b)| Shape::Integer { minimum: a.min(b), maximum: a.max(b) }),
        Just(Shape::Number),
        Just(Shape::Text),
        Just(Shape::Address),
        Just(Shape::Enum),
        Just(Shape::Code),
        Just(Shape::Date),
        Just(Shape::DateTime),
        Just(Shape::Local),
        Just(Shape::Time),
        Just(Shape::Edtf),
        Just(Shape::Year),
        (1..=38_u32)
            .prop_flat_map(|precision| (Just(precision), 0..=precision))
            .prop_map(|(precision, scale)| Shape::Decimal { precision, scale, is_text: true }),
        (1..=15_u32)
            .prop_flat_map(|precision| (Just(precision), 0..=precision))
            .prop_map(|(precision, scale)| Shape::Decimal { precision, scale, is_text: false }),
        Just(Shape::Reference),
    ]
}

fn properties() -> impl Strategy<Value = Vec<Property>> {
    let values = (scalars(), any::<bool>())
        .prop_map(|(of, unique)| Shape::Values { of: Box::new(of), unique });
    let leaf = prop_oneof![4 => scalars(), 1 => Just(Shape::Languages), 1 => values];
    let shape = leaf.prop_recursive(3, 24, 4, |inner| {
        let group = prop::collection::vec(property(inner), 1..4).boxed();
        prop_oneof![group.clone().prop_map(Shape::Group), group.prop_map(Shape::Objects)]
    });
    prop::collection::vec(property(shape), 1..6)
}

fn property(shape: impl Strategy<Value = Shape>) -> impl Strategy<Value = Property> {
    (shape, any::<bool>(), prop::bool::weighted(0.2)).prop_map(|(shape, required, nullable)| {
        // Null is for single values: elsewhere it would be one more way to say nothing.
        let single = !matches!(
            shape,
            Shape::Group(_) | Shape::Objects(_) | Shape::Values { .. } | Shape::Languages
        );
        Property { shape, required, nullable: nullable && single }
    })
}

fn name(index: usize) -> String {
    format!("f{index}")
}

impl Property {
    fn schema(&self) -> Value {
        let schema = self.shape.schema();
        if self.nullable { json!({ "anyOf": [schema, { "type": "null" }] }) } else { schema }
    }

    fn value(&self) -> BoxedStrategy<Value> {
        let value = self.shape.value();
        if self.nullable { prop_oneof![3 => value, 1 => Just(Value::Null)].boxed() } else { value }
    }
}

fn object_schema(properties: &[Property]) -> Value {
    let all: Map<_, _> =
        (0..).zip(properties).map(|(index, property)| (name(index), property.schema())).collect();
    let required: Vec<_> =
        (0..).zip(properties).filter(|(_, it)| it.required).map(|(index, _)| name(index)).collect();
    json!({ "type": "object", "properties": all, "required": required, "additionalProperties": false })
}

/// Objects with these properties; what isn't required may be left out.
fn object(properties: &[Property]) -> BoxedStrategy<Value> {
    let members: Vec<_> = (0..)
        .zip(properties)
        .map(|(index, property)| {
            let (name, required) = (name(index), property.required);
            (property.value(), prop::bool::weighted(0.7))
                .prop_map(move |(value, there)| (required || there).then(|| (name.clone(), value)))
        })
        .collect();
    members.prop_map(|members| members.into_iter().flatten().collect::<Map<_, _>>().into()).boxed()
}

fn written() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z \",;|\n\r\t=@'#\u{e9}]{1,8}", "\\PC{1,8}", "[0-9]{1,3}", "null|NA|true|-"]
}

impl Shape {
    fn schema(&self) -> Value {
        match self {
            Self::Boolean => json!({ "type": "boolean" }),
            Self::Integer { minimum, maximum } => {
                json!({ "type": "integer", "minimum": minimum, "maximum": maximum })
            }
            Self::Number => json!({ "type": "number" }),
            Self::Text => json!({ "type": "string" }),
            Self::Address => json!({ "type": "string", "format": "uri" }),
            Self::Enum => json!({ "enum": ENUM }),
            Self::Code => json!({ "type": "string", "x-codelist": "colours" }),
            Self::Date => json!({ "type": "string", "format": "date" }),
            Self::DateTime => json!({ "type": "string", "format": "date-time" }),
            Self::Local => json!({ "type": "string", "format": "date-time-local" }),
            Self::Time => json!({ "type": "string", "format": "time-local" }),
            Self::Edtf => json!({ "type": "string", "format": "edtf" }),
            Self::Year => json!({ "type": "integer", "format": "year" }),
            Self::Decimal { precision, scale, is_text: true } => json!({
                "type": "string",
                "format": "decimal",
                "x-precision": precision,
                "x-scale": scale,
            }),
            Self::Decimal { precision, scale, is_text: false } => {
                json!({ "type": "number", "x-precision": precision, "x-scale": scale })
            }
            Self::Reference => json!({ "type": "string", "x-reference": "others" }),
            Self::Languages => json!({
                "type": "object",
                "x-language-map": true,
                "additionalProperties": { "type": "string" },
            }),
            Self::Group(properties) => object_schema(properties),
            Self::Objects(properties) => {
                json!({ "type": "array", "items": object_schema(properties) })
            }
            Self::Values { of, unique } => {
                json!({ "type": "array", "uniqueItems": unique, "items": of.schema() })
            }
        }
    }

    fn value(&self) -> BoxedStrategy<Value> {
        let one_of = |texts: Vec<&'static str>| prop::sample::select(texts).prop_map(Value::from);
        match self {
            Self::Boolean => any::<bool>().prop_map(Value::from).boxed(),
            Self::Integer { minimum, maximum } => {
                (*minimum..=*maximum).prop_map(Value::from).boxed()
            }
            Self::Number => prop_oneof![
                any::<f64>().prop_filter("finite", |it| it.is_finite()).prop_map(Value::from),
                any::<i32>().prop_map(Value::from),
                (-1000..1000_i32).prop_map(|it| Value::from(f64::from(it) / 8.0)),
            ]
            .boxed(),
            Self::Text => written().prop_map(Value::from).boxed(),
            Self::Address => one_of(ADDRESSES.to_vec()).boxed(),
            Self::Enum => one_of(ENUM.to_vec()).boxed(),
            Self::Code => one_of(CODES.to_vec()).boxed(),
            Self::Reference => one_of(vec!["o1", "o2"]).boxed(),
            Self::Edtf => one_of(EDTF.map(|(text, _)| text).to_vec()).boxed(),
            Self::Date => (0..3_652_059_i64)
                .prop_map(|days| {
                    let first = NaiveDate::from_ymd_opt(1, 1, 1).expect("a day");
                    (first + TimeDelta::days(days)).to_string().into()
                })
                .boxed(),
            Self::DateTime => instant().boxed(),
            Self::Local => instant()
                .prop_map(|instant| {
                    let text = in_utc(instant.as_str().expect("text"));
                    text.trim_end_matches('Z').into()
                })
                .boxed(),
            Self::Time => instant()
                .prop_map(|instant| {
                    let text = in_utc(instant.as_str().expect("text"));
                    text.trim_end_matches('Z').rsplit('T').next().into()
                })
                .boxed(),
            Self::Year => (1..=9999_i64).prop_map(Value::from).boxed(),
            Self::Decimal { precision, scale, is_text } => {
                let (most, scale, is_text) = (10_i128.pow(*precision), *scale, *is_text);
                any::<i128>()
                    .prop_map(move |number| {
                        let text = decimal(number % most, scale);
                        if is_text { text.into() } else { text.parse::<f64>().expect("few").into() }
                    })
                    .boxed()
            }
            Self::Languages => prop::collection::btree_map(
                prop::sample::select(LANGUAGES.map(|(tag, _)| tag.to_owned()).to_vec()),
                written().prop_map(Value::from),
                1..3,
            )
            .prop_map(|texts| texts.into_iter().collect::<Map<_, _>>().into())
            .boxed(),
            Self::Group(properties) => {
                // A group that says nothing is refused.
                let speaks = |group: &Value| group.as_object().is_some_and(|it| !it.is_empty());
                let (first, value) = (name(0), properties[0].value());
                object(properties)
                    .prop_flat_map(move |group| {
                        if speaks(&group) {
                            return Just(group).boxed();
                        }
                        let first = first.clone();
                        value.clone().prop_map(move |value| json!({ &first: value })).boxed()
                    })
                    .boxed()
            }
            Self::Objects(properties) => {
                prop::collection::vec(object(properties), 0..4).prop_map(Value::from).boxed()
            }
            Self::Values { of, unique } => {
                let unique = *unique;
                prop::collection::vec(of.value(), 0..4)
                    .prop_map(move |mut items| {
                        if unique {
                            let mut seen: Vec<Value> = Vec::new();
                            items.retain(|item| {
                                // 1 and 1.0 are one number.
                                let is_new = !seen.iter().any(|one| {
                                    one == item
                                        || (one.is_number() && one.as_f64() == item.as_f64())
                                });
                                seen.push(item.clone());
                                is_new
                            });
                        }
                        items.into()
                    })
                    .boxed()
            }
        }
    }

    /// A single value as CSV spells it.
    fn cell(&self, value: &Value) -> String {
        match (self, value) {
            (Self::Number, value) => Value::from(value.as_f64().expect("a number")).to_string(),
            (Self::DateTime, value) => in_utc(value.as_str().expect("text")),
            (Self::Decimal { scale, is_text: false, .. }, value) => {
                let text = format!("{:.*}", *scale as usize, value.as_f64().expect("a number"));
                // A number may be a negative zero, which digits know not.
                if text.bytes().all(|it| b"-0.".contains(&it)) {
                    text.trim_start_matches('-').to_owned()
                } else {
                    text
                }
            }
            (_, Value::String(text)) => text.clone(),
            (_, value) => value.to_string(),
        }
    }
}

fn instant() -> impl Strategy<Value = Value> {
    let micros = -62_000_000_000_000_000..253_000_000_000_000_000_i64;
    let precision = prop::sample::select(vec![1, 1_000, 1_000_000]);
    (micros, precision, -14 * 4..=14 * 4_i32).prop_map(|(micros, precision, quarters)| {
        let zone = FixedOffset::east_opt(quarters * 900).expect("a zone");
        let instant = DateTime::from_timestamp_micros(micros / precision * precision);
        let instant = instant.expect("a year of four digits").with_timezone(&zone);
        instant.to_rfc3339_opts(SecondsFormat::AutoSi, true).into()
    })
}

/// A number of which so many digits stand behind the point.
fn decimal(number: i128, scale: u32) -> String {
    let one = 10_u128.pow(scale);
    let (before, behind) = (number.unsigned_abs() / one, number.unsigned_abs() % one);
    let sign = if number < 0 { "-" } else { "" };
    match scale {
        0 => format!("{sign}{before}"),
        _ => format!("{sign}{before}.{behind:0>width$}", width = scale as usize),
    }
}

fn in_utc(instant: &str) -> String {
    let instant: DateTime<Utc> = instant.parse().expect("an instant");
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// The flat tables that records must become.
#[derive(Default)]
struct Expected {
    tables: Vec<(String, Vec<Row>)>,
}

impl Expected {
    fn of(properties: &[Property], records: &[Value]) -> Self {
        let mut expected = Self::default();
        expected.declare("things", "thing", "", properties);
        for record in records {
            let id = record["id"].as_str().expect("the key").to_owned();
            let mut row = Row::from([("thing_id".to_owned(), id)]);
            let parents = row.clone();
            expected.object("thing", "", properties, record, &parents, &mut row);
            expected.push("things", row);
        }
        expected
    }

    /// Tables are there with or without rows.
    fn declare(&mut self, table: &str, above: &str, prefix: &str, properties: &[Property]) {
        if prefix.is_empty() {
            self.tables.push((table.to_owned(), Vec::new()));
        }
        for (index, property) in properties.iter().enumerate() {
            let path = join(prefix, &name(index));
            let child = format!("{above}_{path}");
            match &property.shape {
                Shape::Group(inner) => self.declare(table, above, &path, inner),
                Shape::Objects(inner) => self.declare(&child, &child, "", inner),
                Shape::Values { .. } => self.tables.push((child, Vec::new())),
                _ => {}
            }
        }
    }

    fn push(&mut self, table: &str, row: Row) {
        let (_, rows) =
            self.tables.iter_mut().find(|(name, _)| name == table).expect("a declared table");
        rows.push(row);
    }

    /// `above` is what child tables' names begin with, `parents` what names this row in them.
    fn object(
        &mut self,
        above: &str,
        prefix: &str,
        properties: &[Property],
        object: &Value,
        parents: &Row,
        row: &mut Row,
    ) {
        for (index, property) in properties.iter().enumerate() {
            let own = name(index);
            let Some(value) = object.get(&own).filter(|value| !value.is_null()) else { continue };
            let path = join(prefix, &own);
            match &property.shape {
                Shape::Group(inner) => self.object(above, &path, inner, value, parents, row),
                Shape::Languages => {
                    for (tag, column) in LANGUAGES {
                        if let Some(text) = value.get(tag).and_then(Value::as_str) {
                            row.insert(format!("{path}_{column}"), text.to_owned());
                        }
                    }
                }
                Shape::Objects(inner) => {
                    let (child, items) = (format!("{above}_{path}"), items(value));
                    row.insert(format!("n_{path}"), items.len().to_string());
                    for (position, item) in items.iter().enumerate() {
                        let mut below = parents.clone();
                        below.insert("position".to_owned(), position.to_string());
                        // Rows further down know this one by the list's last name.
                        let mut named = parents.clone();
                        named.insert(format!("{own}_position"), position.to_string());
                        self.object(&child, "", inner, item, &named, &mut below);
                        self.push(&child, below);
                    }
                }
                Shape::Values { of, .. } => {
                    let (child, items) = (format!("{above}_{path}"), items(value));
                    row.insert(format!("n_{path}"), items.len().to_string());
                    for (position, item) in items.iter().enumerate() {
                        let mut below = parents.clone();
                        below.insert("position".to_owned(), position.to_string());
                        single(of, "value", item, &mut below);
                        self.push(&child, below);
                    }
                }
                shape => single(shape, &path, value, row),
            }
        }
    }
}

fn single(shape: &Shape, column: &str, value: &Value, row: &mut Row) {
    row.insert(column.to_owned(), shape.cell(value));
    if let Shape::Year = shape {
        let year = value.as_i64().expect("a year");
        row.insert(format!("{column}_earliest"), format!("{year:04}-01-01"));
        row.insert(format!("{column}_latest"), format!("{year:04}-12-31"));
    }
    if let Shape::Edtf = shape {
        for (part, cell) in EDTF_PARTS.iter().zip(edtf(value)) {
            if !cell.is_empty() {
                row.insert(format!("{column}_{part}"), cell.to_owned());
            }
        }
    }
}

fn edtf(value: &Value) -> [&'static str; 5] {
    let (_, parts) = EDTF.iter().find(|(text, _)| value == text).expect("a known date");
    *parts
}

fn items(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}_{name}") }
}

/// The members that a JSON-LD node must have, without `@id`.
fn node(above: &str, prefix: &str, properties: &[Property], object: &Value) -> Map<String, Value> {
    let mut members = Map::new();
    for (index, property) in properties.iter().enumerate() {
        let own = name(index);
        let Some(value) = object.get(&own).filter(|value| !value.is_null()) else { continue };
        let path = join(prefix, &own);
        let key = format!("{above}_{path}");
        match &property.shape {
            Shape::Group(inner) => {
                let group = node(above, &path, inner, value);
                // What only says null says nothing.
                if !group.is_empty() {
                    members.insert(key, group.into());
                }
            }
            Shape::Languages => drop(members.insert(key, value.clone())),
            Shape::Objects(inner) => {
                let items = items(value).iter().map(|item| node(&key, "", inner, item).into());
                let items: Vec<Value> = items.collect();
                members.insert(key, items.into());
            }
            Shape::Values { of, .. } => {
                let items: Vec<_> = items(value).iter().map(|item| literal(of, item)).collect();
                members.insert(key, items.into());
            }
            shape => {
                if let Shape::Edtf = shape {
                    for (part, day) in EDTF_PARTS.iter().zip(edtf(value)).take(2) {
                        if !day.is_empty() {
                            members.insert(format!("{key}_{part}"), day.into());
                        }
                    }
                }
                if let Shape::Year = shape {
                    let year = value.as_i64().expect("a year");
                    members.insert(format!("{key}_earliest"), format!("{year:04}-01-01").into());
                    members.insert(format!("{key}_latest"), format!("{year:04}-12-31").into());
                }
                members.insert(key, literal(shape, value));
            }
        }
    }
    members
}

fn literal(shape: &Shape, value: &Value) -> Value {
    let text = || value.as_str().expect("text");
    match shape {
        // JavaScript can't hold larger ones.
        Shape::Integer { .. } if value.as_i64().expect("an integer").unsigned_abs() >= 1 << 53 => {
            value.to_string().into()
        }
        Shape::Number => value.as_f64().into(),
        Shape::DateTime => in_utc(text()).into(),
        Shape::Year => format!("{:04}", value.as_i64().expect("a year")).into(),
        Shape::Decimal { .. } => shape.cell(value).into(),
        Shape::Reference => format!("{THINGS_BASE}others/{}", text()).into(),
        // What a compact IRI can't say is spelt out.
        Shape::Code if text().contains(' ') => {
            format!("{THINGS_BASE}codelist/colours/{}", text().replace(' ', "%20")).into()
        }
        _ => value.clone(),
    }
}

/// Puts the number in the place of a decimal: a double whose digits JSON-LD processors would round.
fn read_decimals(node: &mut Value) {
    match node {
        Value::Object(entries) if entries.get("@type") == Some(&"xsd:decimal".into()) => {
            let text = entries["@value"].as_str().expect("text");
            *node = text.parse::<f64>().expect("a number").into();
        }
        Value::Object(entries) => entries.values_mut().for_each(read_decimals),
        Value::Array(items) => items.iter_mut().for_each(read_decimals),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn without_ids(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.remove("@id");
            members.values_mut().for_each(without_ids);
        }
        Value::Array(items) => items.iter_mut().for_each(without_ids),
        _ => {}
    }
}

/// Rules find any text doubtful that this test makes up.
fn silence_rules(files: &mut Files) {
    let off = RULES.iter().map(|rule| format!("{} = \"off\"\n", rule.code.id));
    let off: String = off.collect();
    let manifest = format!("{}\n[rules]\n{off}", text(files, "dataset.toml"));
    files.insert("dataset.toml".to_owned(), manifest.into_bytes());
}

/// A schema, and valid records in the order of their keys.
fn project() -> impl Strategy<Value = (Vec<Property>, Vec<Value>)> {
    properties().prop_flat_map(|properties| {
        let records = prop::collection::vec(object(&properties), 0..6);
        let identified = records.prop_map(|mut records| {
            for (number, record) in records.iter_mut().enumerate() {
                record["id"] = format!("r{number}").into();
            }
            records
        });
        (Just(properties), identified)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(support::cases(60, 200)) })]

    #[test]
    fn formats_say_what_the_records_say((properties, records) in project()) {
        let schema = object_schema(&properties);
        let mut backwards = records.clone();
        backwards.reverse();
        let mut files = things(&schema["properties"], &backwards);
        // The same rules for what must be there as in groups.
        let mut required = schema["required"].as_array().expect("names").clone();
        required.push("id".into());
        let mut root = support::json(&files, "schema/things.schema.json");
        root["required"] = required.into();
        files.insert("schema/things.schema.json".to_owned(), root.to_string().into_bytes());

        silence_rules(&mut files);
        let release = build_in_memory(&files, 1);
        if let Err(found) = &release {
            // Lists in lists in lists, of which two bear one name: a column would, too.
            prop_assume!(!found.iter().all(|one| one.code == &NAME_COLLISION));
        }
        prop_assert!(release.is_ok(), "{:#?}", release.err());
        let release = release.expect("checked above");

        let expected = Expected::of(&properties, &records);
        for (table, rows) in &expected.tables {
            let (header, found) = support::csv(&release, &format!("csv/{table}.csv"));
            prop_assert_eq!(&found, rows, "csv/{}.csv", table);
            let parquet = parquet::read(&release, &format!("parquet/{table}.parquet"));
            prop_assert_eq!(&parquet.rows(), rows, "parquet/{}.parquet", table);
            let columns: Vec<_> = parquet.columns.iter().map(|(name, _)| name.clone()).collect();
            prop_assert_eq!(columns, header);
        }
        let tables = release.keys().filter(|path| path.starts_with("csv/")).count();
        prop_assert_eq!(tables, expected.tables.len() + 1, "and the table that is referred to");
        let nested = parquet::read(&release, "parquet/things_nested.parquet");
        let nested: usize = nested.batches.iter().map(|batch| batch.num_rows()).sum();
        prop_assert_eq!(nested, records.len());

        let document: Value = serde_json::from_str(text(&release, "jsonld/things.jsonld"))
            .expect("JSON");
        let mut graph = document["@graph"].clone();
        without_ids(&mut graph);
        read_decimals(&mut graph);
        let graph = items(&graph).iter().filter(|node| node.get("thing_id").is_some());
        let graph: Vec<_> = graph.cloned().collect();
        let expected: Vec<Value> = records
            .iter()
            .map(|record| {
                let mut node = node("thing", "", &properties, record);
                node.insert("thing_id".to_owned(), record["id"].clone());
                node.into()
            })
            .collect();
        prop_assert_eq!(graph, expected);
        for quad in JsonLdParser::new().for_slice(&release["jsonld/things.jsonld"]) {
            prop_assert!(quad.is_ok(), "{:?}", quad);
        }
    }
}
