//! What messages about a document need to know beyond the clause that is broken.

use serde_json::Value as Json;

use crate::diagnostic::nearest::Words;
use crate::pointer;

/// What can stand where in documents of one kind, how it is described, and what the document is called.
/// Tables say it of their records, and a schema without a table says it itself.
pub trait Outline {
    /// The name of this outline, different from that of any other in one project.
    fn name(&self) -> &str;

    /// What the whole document is called in a message.
    fn subject(&self) -> Subject;

    /// The properties of the object at a JSON Pointer, in the order of the schema; none if no object with
    /// properties of its own can stand there.
    fn properties(&self, at: &str) -> Option<Vec<&str>>;

    /// What the schema says of the value at a JSON Pointer; none if it says nothing.
    fn description(&self, at: &str) -> Option<&str>;

    /// The property at a JSON Pointer; none if it is no known property of an object.
    fn property(&self, at: &str) -> Option<Property<'_>>;
}

/// What kind of document an outline is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A record of a table.
    Record,
    /// A whole file, as the manifest.
    File,
    /// A schema.
    Schema,
}

/// A property of an object.
pub struct Property<'o> {
    /// Whether every document must have it.
    pub required: bool,
    /// What values are expected.
    pub expected: Expected<'o>,
}

/// What values of a property are.
pub enum Expected<'o> {
    /// Codes.
    Codes(&'o dyn CodeSet),
    /// Dates in one `format`: `date`, `date-time`, `date-time-local` or `edtf`.
    Date(&'static str),
    /// A text for each of these languages (BCP 47).
    Languages(Vec<&'o str>),
    /// Anything else.
    Other,
}

/// A closed set of codes.
pub trait CodeSet {
    /// Whether a text is one of the codes.
    fn contains(&self, text: &str) -> bool;

    /// The codes, each once.
    fn values(&self) -> &[String];

    /// The same for guesses at what a text was meant to be.
    fn words(&self) -> &Words;
}

/// The outline of files that a schema describes by `properties`, `additionalProperties` and `items`.
pub struct FileOutline<'s> {
    /// The schema.
    pub schema: &'s Json,
    /// What to call it.
    pub name: &'s str,
}

impl<'s> FileOutline<'s> {
    fn schema_at(&self, at: &str) -> &'s Json {
        at.split('/').skip(1).fold(self.schema, |schema, token| {
            match &schema["properties"][&pointer::unescape(token)[..]] {
                Json::Null if schema["items"].is_object() => &schema["items"],
                Json::Null => &schema["additionalProperties"],
                property => property,
            }
        })
    }
}

impl Outline for FileOutline<'_> {
    fn name(&self) -> &str {
        self.name
    }

    fn subject(&self) -> Subject {
        Subject::File
    }

    fn properties(&self, at: &str) -> Option<Vec<&str>> {
        let properties = self.schema_at(at)["properties"].as_object()?;
        Some(properties.keys().map(String::as_str).collect())
    }

    fn description(&self, at: &str) -> Option<&str> {
        self.schema_at(at)["description"].as_str().filter(|description| !description.is_empty())
    }

    fn property(&self, at: &str) -> Option<Property<'_>> {
        let (parent, token) = at.rsplit_once('/')?;
        let above = self.schema_at(parent);
        let name = pointer::unescape(token);
        above["properties"].as_object()?.get(&*name)?;
        let is = |required: &Json| required.as_str() == Some(&*name);
        let required = above["required"].as_array().is_some_and(|names| names.iter().any(is));
        Some(Property { required, expected: Expected::Other })
    }
}

/// The outline of schemas, of which nothing is known beyond the clauses that they break.
pub struct SchemaOutline;

impl Outline for SchemaOutline {
    fn name(&self) -> &str {
        "schemas"
    }

    fn subject(&self) -> Subject {
        Subject::Schema
    }

    fn properties(&self, _: &str) -> Option<Vec<&str>> {
        None
    }

    fn description(&self, _: &str) -> Option<&str> {
        None
    }

    fn property(&self, _: &str) -> Option<Property<'_>> {
        None
    }
}
