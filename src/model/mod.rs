//! The schema, compiled once: everything downstream reads the model and nothing else.
//!
//! A [`Table`] is a tree of [`Level`]s, one per flat table that it is released as: the table
//! itself, and a child table for every list. Each level holds the tree of [`Field`]s that its
//! records spell, and the row of [`Column`]s that they lower to; a field says which columns are
//! its own.

pub mod code_list;
mod compile;
mod composed;
mod conditional;
pub mod constraint;
mod derivation;
pub mod derived;
mod derived_dates;
mod document;
mod files;
mod flat;
mod item;
mod key;
pub mod kind;
mod made_key;
pub(crate) mod names;
mod outline;
mod reference;
mod role;
pub mod system;

use std::sync::Arc;

pub use crate::edtf::parts::DateParts;
pub use crate::schema::Document;
pub use code_list::{CodeList, Codes, canonical_integer};
pub use compile::compile;
pub use composed::ComposedDate;
pub use conditional::{Conditional, Guard, Says, Test};
pub use constraint::{Assertion, Constraint, Expectation, Grouping, Program};
pub use derivation::{Declared, Derivation};
pub use derived::Derived;
pub use derived_dates::EdtfPart;
pub use flat::FlatTable;
pub use item::Follower;
pub use key::{Key, KeyValues, hash_of, join as join_key, key_text, record_name, tuple_text};
pub use kind::Kind;
pub use made_key::{KeyPart, MadeKey};
pub use reference::{Composite, Reference, References, Target, Tuple, Union, Unique};
pub use role::{Role, RoleSet};

pub use crate::manifest::missing::Marker;

use crate::diagnostic::{Code, Place, code};
use crate::expr::excerpt::Excerpt;
use crate::schema::{Acceptor, Authority, SchemaPlace, Schemas};
use crate::tape::{Entry, Names, UNKNOWN};

/// A project's schemas, compiled.
#[derive(Debug)]
pub struct Model {
    /// In the order of the manifest; behind them those that are worked out from others.
    pub tables: Vec<Table>,
    /// In the order of their names.
    pub code_lists: Vec<CodeList>,
    /// The schema files, those that tables only refer to included.
    pub documents: Vec<Document>,
    /// Where references in them lead.
    pub schemas: Arc<Schemas>,
    /// The names of all properties, by which records number their keys.
    pub names: Arc<Names>,
    /// What says quickly of most valid records that they are; one a table, none where only the
    /// authority understands the schema.
    pub acceptors: Vec<Option<Acceptor>>,
    /// What decides whether a record is valid.
    pub authority: Authority,
    /// What references lead to, besides the keys of tables.
    pub references: References,
    /// The systems of units that the manifest declares, in its order.
    pub systems: Vec<system::System>,
    /// The crosswalks between codes that the manifest declares, in its order.
    pub crosswalks: Vec<system::Crosswalk>,
    /// What must hold between the values of records, in the order of the schemas.
    pub constraints: Vec<Constraint>,
    /// What must hold of many records together, in the order of the manifest.
    pub expectations: Vec<Expectation>,
    /// The table whose records the dataset is about; its nested form is released as well.
    pub main: usize,
}

impl Model {
    /// All that must hold, each with the code of its findings: constraints, then expectations.
    pub fn assertions(&self) -> impl Iterator<Item = (&'static Code, &Assertion)> {
        let constraints = self.constraints.iter().map(|it| (&code::CONSTRAINT, &it.assertion));
        let expectations = self.expectations.iter().map(|it| (&code::EXPECTATION, &it.assertion));
        constraints.chain(expectations)
    }

    /// The table of that name.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }
}

/// One kind of record.
#[derive(Debug)]
pub struct Table {
    /// As the manifest names it: `events`.
    pub name: String,
    /// One of its records, in a name: `event`.
    pub row: String,
    /// The schema's title.
    pub title: String,
    /// The schema's description.
    pub description: String,
    /// Index into [`Model::documents`].
    pub document: usize,
    /// What identifies a record.
    pub key: Key,
    /// The record itself, flattened, with its lists below.
    pub level: Level,
    /// Annotations that hold in some records only.
    pub conditional: Vec<Conditional>,
    /// Where the manifest declares it, or the table that it is worked out from.
    pub place: Place,
    /// How it is worked out; none for a table with records.
    pub derived: Option<Derived>,
    /// The formats that it is released in; none for all.
    pub formats: Option<Vec<String>>,
    /// Whether records write markers where values are missing.
    pub has_markers: bool,
    /// How the key is made, if records needn't write it.
    pub made_key: Option<MadeKey>,
    /// What expressions that name other records look at, of its records.
    pub excerpt: Excerpt,
}

/// One flat table: a record's own columns, or those of one list of it.
#[derive(Debug)]
pub struct Level {
    /// The released table's name: `events`, `event_participants`.
    pub name: String,
    /// What it holds, for a codebook.
    pub title: String,
    /// What it holds, at length.
    pub description: String,
    /// JSON Pointer of the list in the level above; empty for a table itself.
    pub pointer: String,
    /// What one row is made from.
    pub item: Item,
    /// The columns of a row, without the parent's key and the position.
    pub columns: Vec<Column>,
    /// The lists of a row.
    pub lists: Vec<Level>,
    /// Of a list of objects, the columns that identify an item in its list; empty where its position
    /// does.
    pub item_key: Vec<usize>,
    /// What the schema declares of several rows.
    pub declared: Declarations,
}

/// What a schema declares of the rows of a level.
#[derive(Debug, Default)]
pub struct Declarations {
    /// Values that no two rows have alike.
    pub uniques: Vec<DeclaredUnique>,
    /// References that several values make together.
    pub references: Vec<DeclaredReference>,
    /// Columns that the schema names itself, with `x-column` on their properties: indices into
    /// [`Level::columns`], in their order.
    pub named: Vec<usize>,
}

impl Declarations {
    /// Whether the schema names a column itself.
    #[must_use]
    pub fn is_named(&self, column: usize) -> bool {
        self.named.binary_search(&column).is_ok()
    }
}

/// Values that no two rows of a level have alike.
#[derive(Debug)]
pub struct DeclaredUnique {
    /// JSON Pointers from the row.
    pub pointers: Vec<String>,
    /// Where it is said.
    pub place: Place,
}

/// A reference that several values of a row make together.
#[derive(Debug)]
pub struct DeclaredReference {
    /// The table, or the table of a list, that it leads to.
    pub to: String,
    /// JSON Pointers from the row.
    pub pointers: Vec<String>,
    /// The properties of the target, as dotted paths; none for its key.
    pub target: Option<Vec<String>>,
    /// Where it is said.
    pub place: Place,
}

/// What a row of a level spells.
#[derive(Debug)]
pub enum Item {
    /// An object with fields.
    Object(Object),
    /// A bare value, in column 0.
    Scalar(Scalar),
}

/// An object of a schema.
#[derive(Debug, Default)]
pub struct Object {
    /// In the order of the schema.
    pub fields: Vec<Field>,
    /// JSON-LD classes, as absolute IRIs.
    pub classes: Vec<String>,
    /// Dates that are composed of values of some fields.
    pub dates: Vec<ComposedDate>,
    /// Where the schema says what must hold between its values.
    pub constrained: Vec<SchemaPlace>,
    /// What must hold between its values.
    pub constraints: Vec<Program>,
}

impl Object {
    /// The field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The position of the field that an entry of a record gives. Records mostly list properties
    /// in the order of the schema, so that the field at `next` is tried first.
    #[inline]
    #[must_use]
    pub fn position(&self, entry: Entry<'_>, next: usize) -> Option<usize> {
        let number = entry.number();
        if number == UNKNOWN {
            // Either no schema knows it, or the tape knows no names.
            return self.fields.iter().position(|field| field.name == entry.name());
        }
        match self.fields.get(next) {
            Some(field) if field.number == number => Some(next),
            _ => self.fields.iter().position(|field| field.number == number),
        }
    }
}

/// One property of an object.
#[derive(Debug)]
pub struct Field {
    /// The property's name.
    pub name: String,
    /// The name's number in [`Model::names`].
    pub number: u32,
    /// JSON Pointer from the level's row.
    pub pointer: String,
    /// Where the schema declares it.
    pub place: Place,
    /// What a codebook says.
    pub about: About,
    /// Never released.
    pub internal: bool,
    /// Required, or absent in some records.
    pub required: bool,
    /// Its key and IRI in JSON-LD.
    pub term: Term,
    /// What it holds.
    pub shape: Shape,
    /// The name of the variable that it is, if it has the role [`Role::Coded`].
    pub variable: Option<String>,
    /// Whether it is a list with the role [`Role::SpellOf`], of which the items are the spells of one thing.
    pub of_spells: bool,
    /// The field of the same object, by its position, that says why this one is missing.
    pub reason: Option<usize>,
}

/// What a codebook says of a field or column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Short name for people.
    pub title: String,
    /// Variable label, at most 80 characters.
    pub label: String,
    /// Meaning and coding rule.
    pub description: String,
    /// Unit of measurement.
    pub unit: Option<String>,
    /// What records write where the value is missing.
    pub missing: Vec<Marker>,
    /// The column that says why the value is missing.
    pub reason: Option<String>,
}

/// What a field holds.
#[derive(Debug)]
pub enum Shape {
    /// One value, in `column` of the level and its derived columns right after.
    Scalar {
        /// The value.
        scalar: Scalar,
        /// Index into [`Level::columns`].
        column: usize,
    },
    /// An object whose fields become columns of the same level.
    Group(Object),
    /// A text per language: (BCP 47 tag, index into [`Level::columns`]).
    Languages(Vec<(String, usize)>),
    /// A list, in its own level.
    List {
        /// Index into [`Level::lists`].
        list: usize,
        /// Index into [`Level::columns`]: how many items the record lists; missing when it has no
        /// list, 0 when it has an empty one.
        count: usize,
        /// Items are a set: order and repetition mean nothing.
        unique: bool,
    },
}

/// One value.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// Its kind.
    pub kind: Kind,
    /// What it refers to.
    pub reference: Option<Reference>,
    /// Where that leads; none before all tables are known.
    pub target: Option<Target>,
    /// What makes the value an IRI when put in front of it.
    pub iri_base: Option<String>,
    /// What it is to the record, beyond its type.
    pub roles: RoleSet,
    /// Where it stands among the values of its table that have roles, in the order of the schema.
    pub place: Option<usize>,
    /// What else is said of it in some records, as indices into [`Table::conditional`].
    pub conditional: Vec<usize>,
    /// The separator of a list of such values in one CSV cell.
    pub separator: Option<String>,
    /// How the text is written, if it always is.
    pub format: Option<TextFormat>,
    /// Whether a pattern or a length leaves no room for words, so that its texts are codes.
    pub terse: bool,
    /// Whether a pattern admits nothing but codes of ASCII letters, digits, `-` and `_`: no rule about
    /// texts has anything to say of one that fits.
    pub plain: bool,
    /// Whether it is a number of which nobody knows whether some stand for missing values.
    pub is_watched: bool,
}

impl Scalar {
    /// A value of which only the kind is known.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            reference: None,
            target: None,
            iri_base: None,
            roles: RoleSet::default(),
            place: None,
            conditional: Vec::new(),
            separator: None,
            format: None,
            terse: false,
            plain: false,
            is_watched: false,
        }
    }
}

/// A property's place in JSON-LD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The key in the document.
    pub key: String,
    /// The absolute IRI that the key means.
    pub iri: String,
}

/// One column of a released table.
#[derive(Clone, Debug)]
pub struct Column {
    /// Matches `[a-z_][a-z0-9_]*` and has at most 32 characters.
    pub name: String,
    /// What it would be called by its property alone, where it is called otherwise so that tables can be
    /// joined by it. CSV input takes both.
    pub plain: Option<String>,
    /// JSON Pointer of the field that it comes from, inside the row.
    pub pointer: String,
    /// What a codebook says.
    pub about: About,
    /// The type.
    pub kind: Kind,
    /// What it refers to.
    pub reference: Option<Reference>,
    /// Whether a row may lack it.
    pub nullable: bool,
    /// Never released.
    pub internal: bool,
    /// Where its values come from.
    pub origin: Origin,
    /// What it is to the record, beyond its type.
    pub roles: RoleSet,
    /// How its texts are written, if they all are.
    pub format: Option<TextFormat>,
}

impl Column {
    /// Whether it is a date that several values of an object compose.
    #[must_use]
    pub fn is_composed(&self) -> bool {
        matches!(self.origin, Origin::Composed { .. })
    }
}

/// A way of writing that all texts of a column have and that other software checks as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextFormat {
    /// `format: uri`: an absolute URI.
    Uri,
    /// `format: uuid`.
    Uuid,
}

/// Where a column's values come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The record spells the value.
    Field,
    /// The record spells the text, in this language.
    Language(String),
    /// The number of items of a list.
    Count,
    /// Worked out from the date in the column `of` of the same level.
    Derived {
        /// Index into [`Level::columns`].
        of: usize,
        /// Which fact of the date.
        part: EdtfPart,
    },
    /// A date, composed of columns of the same level.
    Composed {
        /// Index into [`Level::columns`]: the year.
        year: usize,
        /// Likewise the month, if there is a column for it.
        month: Option<usize>,
        /// Likewise the day.
        day: Option<usize>,
    },
}

/// The position of a row in its parent's list, from 0 as in JSON Pointer.
pub const POSITION_COLUMN: &str = "position";

/// The one column of a list of bare values.
pub const VALUE_COLUMN: &str = "value";

impl Table {
    /// Whether a release has it in the format of that name.
    #[must_use]
    pub fn is_released_as(&self, format: &str) -> bool {
        self.formats.as_ref().is_none_or(|formats| formats.iter().any(|it| it == format))
    }

    /// The object that stands at a JSON Pointer of a record; none if none can stand there.
    #[must_use]
    pub fn object_at(&self, pointer: &str) -> Option<&Object> {
        let Item::Object(object) = &self.level.item else { return None };
        let mut object = object;
        let mut level = &self.level;
        let mut tokens = pointer.split('/').skip(1);
        while let Some(token) = tokens.next() {
            match &object.field(&crate::pointer::unescape(token))?.shape {
                Shape::Group(group) => object = group,
                Shape::List { list, .. } => {
                    tokens.next()?;
                    level = &level.lists[*list];
                    let Item::Object(item) = &level.item else { return None };
                    object = item;
                }
                Shape::Scalar { .. } | Shape::Languages(_) => return None,
            }
        }
        Some(object)
    }

    /// The field that stands at a JSON Pointer of a record; none if none can stand there.
    #[must_use]
    pub fn field_at(&self, at: &str) -> Option<&Field> {
        let (parent, token) = at.rsplit_once('/')?;
        self.object_at(parent)?.field(&crate::pointer::unescape(token))
    }

    /// The single value that stands at a JSON Pointer of a record; none if none can stand there.
    #[must_use]
    pub fn scalar_at(&self, pointer: &str) -> Option<&Scalar> {
        match &self.field_at(pointer)?.shape {
            Shape::Scalar { scalar, .. } => Some(scalar),
            Shape::Group(_) | Shape::Languages(_) | Shape::List { .. } => None,
        }
    }
}
