//! What names in an expression mean, as the schema has it.

use std::fmt;
use std::sync::Arc;

use crate::edtf::DateForm;
use crate::edtf::parts::DateParts;

pub use crate::tape::Property;

/// The type of what a name means.
#[derive(Clone, Debug)]
pub enum Type {
    /// A single value.
    Value(ValueType),
    /// A list, by the type of its items.
    List(Arc<Type>),
    /// An object.
    Object(Arc<ObjectType>),
}

/// The type of a single value.
#[derive(Clone, Debug)]
pub struct ValueType {
    /// What it is.
    pub kind: ValueKind,
    /// What it refers to.
    pub refers: Refers,
}

/// What a value refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refers {
    /// Nothing.
    Nowhere,
    /// A record of the table with this number, by its key.
    To(usize),
    /// Something that can't be followed, and why.
    Elsewhere(String),
}

/// What a single value is.
#[derive(Clone, Debug)]
pub enum ValueKind {
    /// True or false.
    Boolean,
    /// A number.
    Number,
    /// A number that records spell as text.
    SpeltNumber,
    /// A year: a whole number, and a date.
    Year,
    /// A whole number that names something, as a code or a reference.
    NumberName(Option<Arc<dyn CodeSet>>),
    /// A date.
    Date(DateForm),
    /// A date that is composed of values of the same object.
    Composed(Arc<DateParts>),
    /// A text.
    Text,
    /// A text that names something, as a code or a reference.
    Name(Option<Arc<dyn CodeSet>>),
}

/// A set of codes.
pub trait CodeSet: fmt::Debug + Send + Sync {
    /// Whether a text is one of them.
    fn has(&self, code: &str) -> bool;
    /// All of them.
    fn all(&self) -> Vec<&str>;
    /// The name of the list, if it has one.
    fn name(&self) -> Option<&str>;
}

/// The type of an object.
#[derive(Debug, Default)]
pub struct ObjectType {
    /// What it has.
    pub members: Vec<(Property, Type)>,
}

impl ObjectType {
    /// What it has of that name.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&(Property, Type)> {
        self.members.iter().find(|(property, _)| property.name == name)
    }
}

impl ValueType {
    /// The type of a value that refers to nothing.
    #[must_use]
    pub fn new(kind: ValueKind) -> Self {
        Self { kind, refers: Refers::Nowhere }
    }
}
