//! The fast way to say yes: a schema compiled for the records that are valid.
//!
//! An [`Acceptor`] only ever answers "valid" or "ask": whatever it doesn't understand, or can't
//! decide exactly, and every record that is not valid, goes to the
//! [authority](super::authority). So it may be fast without being the one who knows. What it
//! must never do is accept what the authority rejects; the official test suite, random schemas and
//! the broken records of the mutation test are run through both.
//!
//! A subschema with a keyword that is not understood is asked of the authority, and so is all below
//! it; the rest isn't. Where that could change what it means, and where it is the whole schema, there
//! is no acceptor. `$ref` and `allOf` are
//! merged into what refers to them, and `unevaluatedProperties` becomes `additionalProperties`
//! where it says the same: where everything that `if`, `anyOf` and the like could evaluate is
//! evaluated anyway.

mod compile;
mod dialect;
mod formats;
mod observe;
mod pattern;
mod run;
mod step;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use dialect::{is_plain_schema, schema_names};
use formats::Format;
use observe::Nobody;
pub use observe::{NOWHERE, Observer};
use pattern::Pattern;
pub use pattern::admits_only_codes;
use serde_json::Value as Json;
use step::{Glimpse, Step};

use super::authority::PartCheck;
use super::undecided;
use crate::schema::Schemas;
use crate::schema::types::{ANYTHING, Types};
use crate::tape::{Names, Value};

/// A compiled schema.
#[derive(Debug)]
pub struct Acceptor {
    schemas: Vec<Schema>,
    root: Id,
    recursive: bool,
    /// Some pattern may give up on a text.
    may_give_up: bool,
}

impl Acceptor {
    /// Whether a schema refers to itself: without end, for all that the acceptor knows.
    #[must_use]
    pub fn is_recursive(&self) -> bool {
        self.recursive
    }

    /// Compiles the document `root` of `schemas`. Records will number their keys by `names`. None if
    /// only the authority understands the schema, or it is very large.
    #[must_use]
    pub fn new(
        schemas: &Arc<Schemas>,
        root: usize,
        names: &Names,
        assert_formats: bool,
    ) -> Option<Self> {
        compile::compile(schemas, root, names, assert_formats)
    }

    /// Whether a record is certainly valid. Its tape must number keys by the names that the schema
    /// was compiled with.
    #[must_use]
    pub fn accepts(&self, record: Value<'_>) -> bool {
        self.accepts_tracing(record, NOWHERE, &mut Nobody)
    }

    /// The same, and shows an observer what is met on the way. `place` is the record's, by the observer's
    /// numbers. What it was shown of a record that isn't accepted isn't all.
    #[must_use]
    pub fn accepts_tracing(
        &self,
        record: Value<'_>,
        place: u32,
        observer: &mut impl Observer,
    ) -> bool {
        let mut run = run::Run { schemas: &self.schemas, certain: true, depth: 0, observer };
        let accepted = run.accepts_at(self.root, record, place) && run.certain;
        // Where a pattern gave up, a "no" may have become a "yes".
        if self.may_give_up { undecided::take().is_none() && accepted } else { accepted }
    }
}

/// The names that schemas speak of: every key, those of keywords included, and every name that is
/// required somewhere.
#[must_use]
pub fn names_of<'s>(schemas: impl IntoIterator<Item = &'s Json>) -> Names {
    let mut found = BTreeSet::new();
    for schema in schemas {
        gather(schema, &mut found);
    }
    Names::new(found)
}

fn gather<'s>(schema: &'s Json, found: &mut BTreeSet<&'s str>) {
    match schema {
        Json::Object(entries) => {
            for (key, value) in entries {
                found.insert(key);
                if key == "required" || key == "dependentRequired" {
                    texts(value, found);
                }
                gather(value, found);
            }
        }
        Json::Array(items) => items.iter().for_each(|item| gather(item, found)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

fn texts<'s>(json: &'s Json, found: &mut BTreeSet<&'s str>) {
    match json {
        Json::String(text) => {
            found.insert(text);
        }
        Json::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Json::Object(entries) => entries.values().for_each(|item| texts(item, found)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// Index into [`Acceptor::schemas`].
type Id = u32;

/// One subschema, with all that it refers to.
#[derive(Debug)]
struct Schema {
    /// What tells of most values whether they are valid.
    step: Step,
    types: Types,
    constants: Vec<Constants>,
    text: Text,
    number: Number,
    list: List,
    /// One for all merged subschemas, and one for each that has `additionalProperties`.
    objects: Vec<Object>,
    /// What applies in place and wasn't merged.
    applied: Option<Box<Applied>>,
}

impl Default for Schema {
    fn default() -> Self {
        Self {
            step: Step::Whole,
            types: ANYTHING,
            constants: Vec::new(),
            text: Text::default(),
            number: Number::default(),
            list: List::default(),
            objects: Vec::new(),
            applied: None,
        }
    }
}

/// `enum` and `const`.
#[derive(Debug)]
enum Constants {
    /// Nothing but texts.
    Texts(Names),
    /// Any values.
    Values(Vec<Json>),
}

/// What is demanded of texts.
#[derive(Debug, Default)]
struct Text {
    length_min: u64,
    length_max: Option<u64>,
    checks: Vec<TextDemand>,
}

#[derive(Debug)]
enum TextDemand {
    Pattern(Pattern),
    /// `format: date`.
    Date,
    /// `format: edtf`.
    Edtf,
    /// A format of which some texts are surely.
    Format(Format),
    /// What only the authority can tell.
    Ask(PartCheck),
}

/// What is demanded of numbers: (limit, whether the limit itself is out).
#[derive(Debug, Default)]
struct Number {
    min: Vec<(serde_json::Number, bool)>,
    max: Vec<(serde_json::Number, bool)>,
    multiple_of: Vec<serde_json::Number>,
}

/// What is demanded of lists.
#[derive(Debug, Default)]
struct List {
    count_min: u64,
    count_max: Option<u64>,
    unique: bool,
    /// `prefixItems`, and the `items` after them.
    items: Vec<(Vec<Id>, Option<Id>)>,
    contains: Vec<Contains>,
}

#[derive(Debug)]
struct Contains {
    schema: Id,
    min: u64,
    max: Option<u64>,
}

/// What is demanded of objects.
#[derive(Debug, Default)]
struct Object {
    /// By the number of a name: one more than its place in `slots`, or 0.
    slot_of: Vec<u16>,
    slots: Vec<Slot>,
    /// The slots that must be filled, one bit each.
    required: Vec<u64>,
    patterns: Vec<(Pattern, Id)>,
    /// For properties that neither stand in `slots` nor match a pattern.
    additional: Option<Id>,
    names: Vec<Id>,
    count_min: u64,
    count_max: Option<u64>,
    /// Where the first slot is filled, all the others must be.
    dependent_required: Vec<(u16, Vec<u16>)>,
    /// Where the slot is filled, the object must fit.
    dependent_schemas: Vec<(u16, Id)>,
}

/// A property that is spoken of.
#[derive(Debug, Default)]
struct Slot {
    /// Stands among `properties`.
    declared: bool,
    /// One more than its place among the properties that conditions look at, or 0.
    watched: u8,
    schema: Option<Id>,
}

/// Subschemas for the same value.
#[derive(Debug, Default)]
struct Applied {
    /// What only the authority understands.
    asked: Option<PartCheck>,
    all: Vec<Id>,
    any: Vec<Vec<Id>>,
    one: Vec<Vec<Id>>,
    not: Vec<Id>,
    conditions: Vec<Condition>,
    /// How many properties conditions look at.
    watched: usize,
}

/// `if`, `then` and `else`.
#[derive(Debug)]
struct Condition {
    condition: Id,
    then: Option<Id>,
    otherwise: Option<Id>,
    /// The same three, where they look at single properties of an object.
    glimpses: Option<[Glimpse; 3]>,
}
