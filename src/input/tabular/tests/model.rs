//! A table built by hand: events with a group, languages, a date, and lists of all shapes.

use crate::diagnostic::Place;
use crate::model::{
    About, Column, Declarations, EdtfPart, Field, Item, Key, Kind, Level, Object, Origin, RoleSet,
    Scalar, Shape, Table, Term,
};
use crate::tape::UNKNOWN;
use crate::workspace::SourceId;

fn scalar(kind: Kind, separator: Option<&str>) -> Scalar {
    Scalar { separator: separator.map(str::to_owned), ..Scalar::new(kind) }
}

fn column(name: &str, kind: Kind, origin: Origin) -> Column {
    Column {
        name: name.to_owned(),
        plain: None,
        pointer: String::new(),
        about: About::default(),
        kind,
        reference: None,
        nullable: true,
        internal: false,
        origin,
        roles: RoleSet::default(),
        format: None,
    }
}

fn field(pointer: &str, shape: Shape) -> Field {
    Field {
        name: pointer.rsplit('/').next().unwrap_or_default().to_owned(),
        number: UNKNOWN,
        pointer: pointer.to_owned(),
        place: Place::new(SourceId(0), 0..0),
        about: About::default(),
        internal: false,
        required: false,
        term: Term { key: String::new(), iri: String::new() },
        shape,
        variable: None,
        of_spells: false,
        reason: None,
    }
}

fn value(kind: Kind, column: usize) -> Shape {
    Shape::Scalar { scalar: scalar(kind, None), column }
}

fn list(list: usize, count: usize) -> Shape {
    Shape::List { list, count, unique: false }
}

fn object(fields: Vec<Field>) -> Item {
    Item::Object(Object { fields, ..Object::default() })
}

fn level(name: &str, pointer: &str, item: Item, columns: Vec<Column>, lists: Vec<Level>) -> Level {
    Level {
        item_key: Vec::new(),
        declared: Declarations::default(),
        name: name.to_owned(),
        title: String::new(),
        description: String::new(),
        pointer: pointer.to_owned(),
        item,
        columns,
        lists,
    }
}

fn values(name: &str, pointer: &str, separator: Option<&str>) -> Level {
    let item = Item::Scalar(scalar(Kind::Text, separator));
    level(name, pointer, item, vec![column("value", Kind::Text, Origin::Field)], Vec::new())
}

fn count(name: &str) -> Column {
    column(name, Kind::Integer { bits: 32 }, Origin::Count)
}

/// The table of the tests.
pub fn events() -> Table {
    let participants = level(
        "event_participants",
        "/participants",
        object(vec![
            field("/actor", value(Kind::Text, 0)),
            field("/weight", value(Kind::Number, 1)),
            field("/offices", list(0, 2)),
        ]),
        vec![
            column("actor", Kind::Text, Origin::Field),
            column("weight", Kind::Number, Origin::Field),
            count("n_offices"),
        ],
        vec![values("event_participant_offices", "/offices", None)],
    );
    let mut columns = vec![
        column("id", Kind::Text, Origin::Field),
        column("title_en", Kind::Text, Origin::Language("en".to_owned())),
        column("title_ru", Kind::Text, Origin::Language("ru".to_owned())),
        column("date_edtf", Kind::Edtf, Origin::Field),
    ];
    for part in EdtfPart::ALL {
        let name = format!("date_{}", part.suffix());
        columns.push(column(&name, Kind::Text, Origin::Derived { of: 3, part }));
    }
    columns.extend([
        column("date_basis", Kind::Text, Origin::Field),
        column("public", Kind::Boolean, Origin::Field),
        column("size", Kind::Integer { bits: 32 }, Origin::Field),
        count("n_participants"),
        count("n_tags"),
    ]);
    let fields = vec![
        field("/id", value(Kind::Text, 0)),
        field("/title", Shape::Languages(vec![("en".to_owned(), 1), ("ru".to_owned(), 2)])),
        field(
            "/date",
            Shape::Group(Object {
                fields: vec![
                    field("/date/edtf", value(Kind::Edtf, 3)),
                    field("/date/basis", value(Kind::Text, 9)),
                ],
                ..Object::default()
            }),
        ),
        field("/public", value(Kind::Boolean, 10)),
        field("/size", value(Kind::Integer { bits: 32 }, 11)),
        field("/participants", list(0, 12)),
        field("/tags", list(1, 13)),
    ];
    let lists = vec![participants, values("event_tags", "/tags", Some(";"))];
    Table {
        name: "events".to_owned(),
        row: "event".to_owned(),
        title: String::new(),
        description: String::new(),
        document: 0,
        key: Key { columns: vec![0], fields: vec![0] },
        level: level("events", "", object(fields), columns, lists),
        conditional: Vec::new(),
        place: Place::new(SourceId(0), 0..0),
        derived: None,
        formats: None,
        has_markers: false,
        made_key: None,
        excerpt: crate::expr::excerpt::Excerpt::default(),
    }
}
