//! A small model with one of everything, and four events and two persons that fit it.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int8Array, Int32Array,
    Int64Array, StringArray, TimestampMicrosecondArray,
};

use super::{Artifact, Release, code_list_path};
use crate::diagnostic::Place;
use crate::lower::{ListRows, Rows, TableRows};
use crate::manifest::{Author, Dataset};
use crate::model::{
    About, CodeList, Codes, Column, Declarations, EdtfPart, Field, Item, Key, Kind, Level, Model,
    Object, Origin, Reference, References, Role, RoleSet, Scalar, Shape, Table, Term,
};
use crate::schema::Authority;
use crate::tape::{Names, UNKNOWN};
use crate::workspace::SourceId;

pub const BASE: &str = "https://example.org/visits/";

/// What a [`Release`] borrows.
pub struct Fixture {
    pub dataset: Dataset,
    pub prefixes: BTreeMap<String, String>,
    pub model: Model,
    pub tables: Vec<TableRows>,
    pub supplements: Vec<Artifact>,
}

impl Fixture {
    pub fn new() -> Self {
        let model = model();
        let tables = vec![events(&model.tables[0]), persons(&model.tables[1])];
        let schema = Artifact {
            path: "schema/persons.schema.json".to_owned(),
            bytes: b"{\"type\": \"object\"}\n".to_vec(),
        };
        let supplements = model
            .code_lists
            .iter()
            .map(|list| Artifact { path: code_list_path(&list.name), bytes: code_list_bytes(list) })
            .chain([schema])
            .collect();
        Self { dataset: dataset(), prefixes: prefixes(), model, tables, supplements }
    }

    pub fn release(&self) -> Release<'_> {
        Release {
            dataset: &self.dataset,
            prefixes: &self.prefixes,
            model: &self.model,
            tables: &self.tables,
            supplements: &self.supplements,
        }
    }
}

pub fn prefixes() -> BTreeMap<String, String> {
    [("schema", "https://schema.org/"), ("owl", "http://www.w3.org/2002/07/owl#")]
        .map(|(prefix, iri)| (prefix.to_owned(), iri.to_owned()))
        .into()
}

fn dataset() -> Dataset {
    Dataset {
        name: "visits".to_owned(),
        title: "Visits of State".to_owned(),
        description: "Visits, with \"quotes\" and a\nsecond line.".to_owned(),
        version: "1.2.0".to_owned(),
        released: Some("2026-01-31".to_owned()),
        license: "CC-BY-4.0".to_owned(),
        authors: vec![
            Author {
                name: "Ada Example".to_owned(),
                orcid: Some("https://orcid.org/0000-0002-1825-0097".to_owned()),
                affiliation: Some("Institute".to_owned()),
            },
            Author { name: "Visits Project".to_owned(), orcid: None, affiliation: None },
        ],
        base: BASE.to_owned(),
        homepage: Some("https://example.org/visits".to_owned()),
        keywords: vec!["diplomacy".to_owned(), "visits".to_owned()],
        languages: vec!["en".to_owned(), "fr".to_owned()],
        spatial: vec!["NER".to_owned()],
        temporal: Some("2020/..".to_owned()),
        main: Some("events".to_owned()),
    }
}

pub fn model() -> Model {
    let roles = code_list("roles", &["host", "guest", "title", "a b", "010"]);
    let topics = code_list("topics", &["trade", "training"]);
    let tables = vec![events_table(&roles, &topics), persons_table()];
    Model {
        references: References::default(),
        constraints: Vec::new(),
        expectations: Vec::new(),
        systems: Vec::new(),
        crosswalks: Vec::new(),
        tables,
        code_lists: vec![roles, topics],
        documents: Vec::new(),
        schemas: Arc::default(),
        names: Arc::new(Names::default()),
        acceptors: Vec::new(),
        authority: Authority::new(Arc::default(), &[], |_| true).expect("nothing can't be wrong"),
        main: 0,
    }
}

fn code_list(name: &str, codes: &[&str]) -> CodeList {
    let columns = ["example", "code", "label", "definition", "unused"].map(str::to_owned).into();
    let rows = codes
        .iter()
        .map(|code| {
            vec![
                format!("As in {code}|1."),
                (*code).to_owned(),
                format!("The {code}"),
                format!("Whoever is called {code}, | or not."),
                String::new(),
            ]
        })
        .collect();
    let codes = Codes::new(Some(name.to_owned()), codes.iter().map(|code| (*code).to_owned()));
    CodeList {
        name: name.to_owned(),
        source: Some(SourceId(9)),
        columns,
        rows,
        places: Vec::new(),
        codes: Arc::new(codes),
        made_of: Vec::new(),
        is_as_written: true,
    }
}

fn code_list_bytes(list: &CodeList) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(list.columns.iter()).expect("writing to memory doesn't fail");
    for row in list.rows.iter() {
        writer.write_record(row).expect("writing to memory doesn't fail");
    }
    writer.into_inner().expect("writing to memory doesn't fail")
}

fn events_table(roles: &CodeList, topics: &CodeList) -> Table {
    let mut level = LevelBuilder::new("events", "");
    let id = level.scalar("/id", "id", Kind::Text, true);
    let title = level.languages("/title", &["en", "fr"]);
    let basis = Codes::new(None, ["occurred", "reported"].map(str::to_owned));
    let edtf = level.scalar("/date/edtf", "date", Kind::Edtf, true);
    let basis = level.scalar("/date/basis", "date_basis", Kind::Code(Arc::new(basis)), true);
    let mut date = group("/date", vec![edtf, basis]);
    if let Shape::Group(object) = &mut date.shape {
        object.classes = vec!["http://semanticweb.cs.vu.nl/2009/11/sem/Time".to_owned()];
    }

    let mut participants = LevelBuilder::new("event_participants", "/participants");
    let person = participants.reference("/person", "person", "persons");
    let role = participants.scalar("/role", "role", Kind::Code(Arc::clone(&roles.codes)), true);
    let mut names = LevelBuilder::new("event_participant_names", "/names");
    let name = names.scalar("", "value", Kind::Text, true);
    let names = participants.list("/names", "n_names", names.bare(&name), false);
    let mut note = participants.scalar("/note", "note", Kind::Text, false);
    participants.hide(&mut note);
    let participants = participants.object(vec![person, role, names, note], &["schema:Role"]);
    let participants = level.list("/participants", "n_participants", participants, true);

    let mut topic = LevelBuilder::new("event_topics", "/topics");
    let value = topic.scalar("", "value", Kind::Code(Arc::clone(&topics.codes)), true);
    let topics = level.list("/topics", "n_topics", topic.bare(&value), true);

    let latitude = level.scalar("/point/latitude", "latitude", Kind::Number, false);
    let longitude = level.scalar("/point/longitude", "longitude", Kind::Number, false);
    level.role(&latitude, Role::Latitude);
    level.role(&longitude, Role::Longitude);
    let point = group("/point", vec![latitude, longitude]);
    let people = level.scalar("/people", "people", Kind::Integer { bits: 64 }, false);
    let rank = level.scalar("/rank", "rank", Kind::Integer { bits: 8 }, false);
    let began = level.scalar("/began", "began", Kind::DateTime, false);
    let day = level.scalar("/day", "day", Kind::Date, false);
    let official = level.scalar("/official", "official", Kind::Boolean, false);
    let mut wikidata = level.scalar("/wikidata", "wikidata", Kind::Text, false);
    if let Shape::Scalar { scalar, .. } = &mut wikidata.shape {
        scalar.iri_base = Some("http://www.wikidata.org/entity/".to_owned());
    }
    let url = level.scalar("/url", "url", Kind::Iri, false);
    let part_of = level.reference("/part_of", "part_of", "events");
    let mut coder = level.scalar("/coder", "coder", Kind::Text, false);
    level.hide(&mut coder);

    let mut review = LevelBuilder::new("event_reviews", "/reviews");
    let mut by = review.scalar("/by", "by", Kind::Text, true);
    review.hide(&mut by);
    let mut reviews = level.list("/reviews", "n_reviews", review.object(vec![by], &[]), false);
    level.hide(&mut reviews);

    let fields = vec![
        id,
        title,
        date,
        participants,
        topics,
        point,
        people,
        rank,
        began,
        day,
        official,
        wikidata,
        url,
        part_of,
        coder,
        reviews,
    ];
    let level = level.object(fields, &["schema:Event", "schema:Thing"]);
    table("events", "event", level)
}

fn persons_table() -> Table {
    let mut level = LevelBuilder::new("persons", "");
    let mut id = level.scalar("/id", "id", Kind::Text, true);
    id.term.key = "id".to_owned();
    let mut name = level.scalar("/name", "name", Kind::Text, true);
    name.term.iri = "https://schema.org/name".to_owned();
    let level = level.object(vec![id, name], &["schema:Person"]);
    table("persons", "person", level)
}

fn table(name: &str, row: &str, level: Level) -> Table {
    Table {
        name: name.to_owned(),
        row: row.to_owned(),
        title: level.title.clone(),
        description: level.description.clone(),
        document: 0,
        key: Key { columns: vec![0], fields: vec![0] },
        level,
        conditional: Vec::new(),
        place: Place::new(SourceId(0), 0..0),
        derived: None,
        formats: None,
        has_markers: false,
        made_key: None,
        excerpt: crate::expr::excerpt::Excerpt::default(),
    }
}

fn group(pointer: &str, fields: Vec<Field>) -> Field {
    field(pointer, true, Shape::Group(Object { fields, ..Object::default() }))
}

fn field(pointer: &str, required: bool, shape: Shape) -> Field {
    let name = pointer.rsplit('/').next().unwrap_or_default().to_owned();
    let iri = match pointer {
        "/title" => "https://schema.org/name".to_owned(),
        "/date/edtf" => "http://purl.org/dc/terms/date".to_owned(),
        _ => format!("{BASE}terms/{name}"),
    };
    Field {
        number: UNKNOWN,
        pointer: pointer.to_owned(),
        place: Place::new(SourceId(0), 0..0),
        about: about(&name),
        internal: false,
        required,
        term: Term { key: name.clone(), iri },
        shape,
        variable: None,
        of_spells: false,
        reason: None,
        name,
    }
}

fn about(name: &str) -> About {
    About {
        title: format!("The {name}"),
        label: name.to_owned(),
        description: format!("What {name} says, with a | in it."),
        unit: (name == "latitude").then(|| "degree".to_owned()),
        missing: Vec::new(),
        reason: None,
    }
}

struct LevelBuilder {
    name: String,
    pointer: String,
    columns: Vec<Column>,
    lists: Vec<Level>,
}

impl LevelBuilder {
    fn new(name: &str, pointer: &str) -> Self {
        let (name, pointer) = (name.to_owned(), pointer.to_owned());
        Self { name, pointer, columns: Vec::new(), lists: Vec::new() }
    }

    fn column(&mut self, pointer: &str, name: &str, kind: Kind, nullable: bool, origin: Origin) {
        self.columns.push(Column {
            name: name.to_owned(),
            plain: None,
            pointer: pointer.to_owned(),
            about: about(name),
            kind,
            reference: None,
            nullable,
            internal: false,
            origin,
            roles: RoleSet::default(),
            format: None,
        });
    }

    fn scalar(&mut self, pointer: &str, name: &str, kind: Kind, required: bool) -> Field {
        let column = self.columns.len();
        self.column(pointer, name, kind.clone(), !required, Origin::Field);
        if matches!(kind, Kind::Edtf) {
            for part in EdtfPart::ALL {
                let name = format!("{name}_{}", part.suffix());
                let origin = Origin::Derived { of: column, part };
                let nullable = matches!(part, EdtfPart::Earliest | EdtfPart::Latest);
                self.column(pointer, &name, part_kind(part), nullable, origin);
            }
        }
        field(pointer, required, Shape::Scalar { scalar: Scalar::new(kind), column })
    }

    fn reference(&mut self, pointer: &str, name: &str, table: &str) -> Field {
        let mut field = self.scalar(pointer, name, Kind::Text, false);
        if let Shape::Scalar { scalar, column } = &mut field.shape {
            scalar.reference = Some(Reference::to_key(table));
            self.columns[*column].reference = Some(Reference::to_key(table));
        }
        field
    }

    fn languages(&mut self, pointer: &str, tags: &[&str]) -> Field {
        let name = pointer.trim_start_matches('/');
        let mut languages = Vec::new();
        for tag in tags {
            languages.push(((*tag).to_owned(), self.columns.len()));
            let origin = Origin::Language((*tag).to_owned());
            self.column(pointer, &format!("{name}_{tag}"), Kind::Text, true, origin);
        }
        field(pointer, true, Shape::Languages(languages))
    }

    fn list(&mut self, pointer: &str, count: &str, level: Level, unique: bool) -> Field {
        let (list, column) = (self.lists.len(), self.columns.len());
        self.lists.push(level);
        self.column(pointer, count, Kind::Integer { bits: 32 }, true, Origin::Count);
        field(pointer, false, Shape::List { list, count: column, unique })
    }

    fn role(&mut self, field: &Field, role: Role) {
        if let Shape::Scalar { column, .. } = field.shape {
            self.columns[column].roles = RoleSet::default().with(role);
        }
    }

    fn hide(&mut self, field: &mut Field) {
        field.internal = true;
        match &field.shape {
            Shape::Scalar { column, .. } | Shape::List { count: column, .. } => {
                self.columns[*column].internal = true;
            }
            Shape::Group(_) | Shape::Languages(_) => panic!("not needed so far"),
        }
    }

    fn object(self, fields: Vec<Field>, classes: &[&str]) -> Level {
        let classes =
            classes.iter().map(|class| class.replace("schema:", "https://schema.org/")).collect();
        self.level(Item::Object(Object { fields, classes, dates: Vec::new(), ..Object::default() }))
    }

    fn bare(self, value: &Field) -> Level {
        let Shape::Scalar { scalar, .. } = &value.shape else {
            panic!("a bare value is a scalar");
        };
        self.level(Item::Scalar(scalar.clone()))
    }

    fn level(self, item: Item) -> Level {
        let Self { name, pointer, columns, lists } = self;
        let title = format!("Title of {name}");
        let description = format!("Description of {name}.");
        let (item_key, declared) = (Vec::new(), Declarations::default());
        Level { name, title, description, pointer, item, columns, lists, item_key, declared }
    }
}

fn part_kind(part: EdtfPart) -> Kind {
    match part {
        EdtfPart::Earliest | EdtfPart::Latest => Kind::Date,
        EdtfPart::Precision => {
            Kind::Code(Arc::new(Codes::new(None, ["day", "month", "open"].map(str::to_owned))))
        }
        EdtfPart::Uncertain | EdtfPart::Approximate => Kind::Boolean,
    }
}

/// Day 2023-12-03.
pub const DAY: i32 = 19_694;

/// Three events in a batch and one in the next. The first says everything, the second as little
/// as it can; the third has lists that are empty, and odd values.
fn events(table: &Table) -> TableRows {
    let level = &table.level;
    let noon = i64::from(DAY) * 86_400_000_000 + 43_200_000_000;
    let first = rows(
        level,
        3,
        vec![
            text(&[Some("ev-1"), Some("ev-2"), Some("ev-3")]),
            text(&[Some("A \"state\" visit, in full"), None, Some("=1+1")]),
            text(&[Some("Visite d’État"), None, None]),
            text(&[Some("2023-12-03?"), Some("2023-12/.."), Some("2023-12-XX")]),
            dates(&[Some(DAY), Some(DAY - 2), Some(DAY - 2)]),
            dates(&[Some(DAY), None, Some(DAY + 28)]),
            codes(level, 6, &[Some(0), Some(2), Some(1)]),
            booleans(&[Some(true), Some(false), Some(false)]),
            booleans(&[Some(false), Some(false), Some(false)]),
            codes(level, 9, &[Some(0), Some(1), Some(0)]),
            Arc::new(Int32Array::from(vec![Some(2), None, Some(0)])),
            Arc::new(Int32Array::from(vec![Some(2), None, Some(0)])),
            numbers(&[Some(13.5137), None, Some(-90.0)]),
            numbers(&[Some(2.0), None, Some(1e-7)]),
            Arc::new(Int64Array::from(vec![Some(i64::MAX), None, Some(3)])),
            Arc::new(Int8Array::from(vec![Some(-128), None, Some(0)])),
            instants(&[Some(noon), None, Some(noon + 500_000)]),
            dates(&[Some(DAY), None, Some(DAY)]),
            booleans(&[Some(true), None, Some(false)]),
            text(&[Some("Q123"), None, Some("a b/c")]),
            text(&[Some("https://example.org/?a=1,2"), None, Some("https://example.org/é")]),
            text(&[Some("ev-3"), None, None]),
            text(&[Some("secret-coder"), None, None]),
            Arc::new(Int32Array::from(vec![Some(1), None, None])),
        ],
        vec![
            participants(&level.lists[0], &[0, 2, 2, 2]),
            list(&[0, 2, 2, 2], 2, vec![codes(&level.lists[1], 0, &[Some(1), Some(0)])], vec![]),
            list(&[0, 1, 1, 1], 1, vec![text(&[Some("secret-reviewer")])], vec![]),
        ],
    );
    let second = rows(
        level,
        1,
        vec![
            text(&[Some("ev-4/é")]),
            text(&[Some("two\nlines")]),
            text(&[None]),
            text(&[Some("2024")]),
            dates(&[Some(19_723)]),
            dates(&[Some(20_088)]),
            codes(level, 6, &[Some(1)]),
            booleans(&[Some(false)]),
            booleans(&[Some(true)]),
            codes(level, 9, &[Some(0)]),
            Arc::new(Int32Array::from(vec![Some(1)])),
            Arc::new(Int32Array::from(vec![None])),
            numbers(&[Some(5.0)]),
            numbers(&[None]),
            Arc::new(Int64Array::from(vec![None])),
            Arc::new(Int8Array::from(vec![Some(7)])),
            instants(&[None]),
            dates(&[None]),
            booleans(&[None]),
            text(&[None]),
            text(&[None]),
            text(&[Some("ev-4/é")]),
            text(&[None]),
            Arc::new(Int32Array::from(vec![None])),
        ],
        vec![
            list(
                &[0, 1],
                1,
                vec![
                    text(&[Some("p/2")]),
                    codes(&level.lists[0], 1, &[Some(4)]),
                    Arc::new(Int32Array::from(vec![Some(2)])),
                    text(&[Some("secret-note")]),
                ],
                vec![list(&[0, 2], 2, vec![text(&[Some("B"), Some("A")])], vec![])],
            ),
            list(&[0, 0], 0, vec![codes(&level.lists[1], 0, &[])], vec![]),
            list(&[0, 0], 0, vec![text(&[])], vec![]),
        ],
    );
    TableRows::of_batches(vec![first, second], &table.key.columns)
}

/// Two participants: with two names and with none.
fn participants(level: &Level, offsets: &[i32]) -> ListRows {
    list(
        offsets,
        2,
        vec![
            text(&[Some("p 1"), None]),
            codes(level, 1, &[Some(2), Some(3)]),
            Arc::new(Int32Array::from(vec![Some(2), None])),
            text(&[Some("secret-note"), None]),
        ],
        vec![list(&[0, 2, 2], 2, vec![text(&[Some("A"), Some("A")])], vec![])],
    )
}

fn persons(table: &Table) -> TableRows {
    let columns = vec![text(&[Some("p 1"), Some("p/2")]), text(&[Some("Ann"), Some("Bob")])];
    TableRows::of_batches(vec![rows(&table.level, 2, columns, vec![])], &table.key.columns)
}

fn rows(level: &Level, len: usize, columns: Vec<ArrayRef>, lists: Vec<ListRows>) -> Rows {
    assert_eq!(columns.len(), level.columns.len());
    assert_eq!(lists.len(), level.lists.len());
    Rows { len, columns, lists }
}

fn list(offsets: &[i32], len: usize, columns: Vec<ArrayRef>, lists: Vec<ListRows>) -> ListRows {
    ListRows { offsets: offsets.to_vec(), rows: Rows { len, columns, lists } }
}

fn text(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn numbers(values: &[Option<f64>]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

fn booleans(values: &[Option<bool>]) -> ArrayRef {
    Arc::new(BooleanArray::from(values.to_vec()))
}

fn dates(values: &[Option<i32>]) -> ArrayRef {
    Arc::new(Date32Array::from(values.to_vec()))
}

fn instants(values: &[Option<i64>]) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from(values.to_vec()).with_timezone("UTC"))
}

fn codes(level: &Level, column: usize, keys: &[Option<i32>]) -> ArrayRef {
    let Kind::Code(codes) = &level.columns[column].kind else {
        panic!("column {column} of {} holds no codes", level.name);
    };
    let keys = Int32Array::from(keys.to_vec());
    Arc::new(DictionaryArray::new(keys, Arc::clone(&codes.dictionary)))
}
