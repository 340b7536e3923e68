//! Annotations that stand in a branch or under a condition: they hold in the records where it holds.
//!
//! A column is the same in every record, so its type comes from what always holds. A code list, a table that
//! is referred to and a role may depend on the rest of the record all the same: of an actor's name, a state's
//! code in one record and the key of a group in another.

use std::sync::Arc;

use super::{Codes, Kind, Reference, RoleSet, Target};
use crate::diagnostic::Place;
use crate::schema::authority::PartCheck;
use crate::tape::Value;

/// An annotation of one value that holds under conditions.
#[derive(Debug)]
pub struct Conditional {
    /// The lists on the way to the value, as indices into [`Level::lists`](super::Level::lists).
    pub lists: Vec<usize>,
    /// Index into [`Level::columns`](super::Level::columns).
    pub column: usize,
    /// All of these must hold.
    pub guards: Vec<Guard>,
    /// What is said then.
    pub says: Says,
    /// When it holds, for people: "in a record whose `type` is `state`".
    pub when: String,
    /// Where the schema says so.
    pub place: Place,
}

/// What an annotation says of a value.
#[derive(Debug)]
pub enum Says {
    /// It is one of these codes.
    Codes(Arc<Codes>),
    /// It refers to something.
    Reference {
        /// As the schema says it.
        reference: Reference,
        /// Where that leads.
        target: Target,
    },
    /// It has roles.
    Roles {
        /// The roles.
        roles: RoleSet,
        /// What the values are that have them.
        kind: Kind,
        /// The table that these refer to.
        reference: Option<String>,
        /// Where it stands among the values of its table that have roles.
        place: usize,
    },
}

/// A condition on a value, or on an object around it.
#[derive(Debug)]
pub struct Guard {
    /// How many objects and lists are between the value that is tested and the one that is annotated: 0 for
    /// that value itself, 1 for the object around it.
    pub up: usize,
    /// Its number among the guards of its table: equal tests of the same schema have equal ones.
    pub number: usize,
    /// What must hold.
    pub test: Arc<Test>,
}

/// A test of a value.
#[derive(Debug)]
pub enum Test {
    /// It is valid against a part of the schema.
    Valid(PartCheck),
    /// It isn't.
    Invalid(PartCheck),
    /// It is an object with this property.
    Has(String),
}

impl Test {
    /// Whether a value passes. What nobody can decide doesn't: the record has a finding then.
    #[must_use]
    pub fn passes(&self, value: Value<'_>) -> bool {
        match self {
            Self::Valid(part) => part.decide(value) == Some(true),
            Self::Invalid(part) => part.decide(value) == Some(false),
            Self::Has(name) => value.get(name).is_some(),
        }
    }
}
