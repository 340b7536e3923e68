//! What must hold between values: constraints of a schema, and expectations of the manifest.

use std::sync::Arc;

use crate::diagnostic::{Label, Place, Severity};
use crate::expr::aggregate::Aggregate;
use crate::expr::program::{Named, Operand};
use crate::expr::types::Property;
use crate::expr::{Compiled, Condition, Path};

/// The longest id.
pub const ID_CHARS_MAX: usize = 64;

/// What constraints and expectations have in common.
#[derive(Clone, Debug)]
pub struct Assertion {
    /// Names it in `[rules]`, waivers and reports: unique in the project.
    pub id: Arc<str>,
    /// What must hold, as an expression.
    pub assert: String,
    /// The same in words, without the full stop.
    pub message: Option<String>,
    /// How severe it is where it doesn't hold, unless `[rules]` says otherwise.
    pub severity: Severity,
    /// Where its id is written.
    pub place: Place,
    /// Where the expression is written.
    pub assert_place: Place,
    /// Index of the table; of several that share the schema, the first.
    pub table: usize,
    /// Whether nobody knows all its findings while records are missing.
    pub needs_all_records: bool,
}

/// A condition that objects of a schema must meet.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// What must hold.
    pub assertion: Assertion,
    /// The objects that it is for, as a condition; none for all.
    pub when: Option<String>,
    /// JSON Pointers of the objects that it stands on, with the indices of their tables; `*` for a position
    /// in a list.
    pub stands: Vec<(usize, String)>,
}

/// A constraint as it is worked out for an object that it stands on.
#[derive(Clone, Debug)]
pub struct Program {
    /// Index into [`Model::constraints`](super::Model::constraints).
    pub constraint: usize,
    /// The objects that it is for; none for all.
    pub when: Option<Compiled>,
    /// What must hold: each of its parts.
    pub assert: Compiled,
    /// Where each part is written.
    pub places: Vec<Arc<Label>>,
    /// The operand that a finding marks, if the schema says which.
    pub at: Option<Path>,
    /// The records that it names besides its own.
    pub named: Vec<Named>,
}

/// What must hold of the records of a table together, or of groups of them.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// What must hold.
    pub assertion: Assertion,
    /// The rows that count, as a condition; none for all.
    pub filter: Option<String>,
    /// What the rows of a group have in common, as expressions; empty where all rows are one group.
    pub by: Vec<String>,
    /// The list whose items are the rows; none where records are.
    pub each: Option<String>,
    /// How it is worked out.
    pub program: Grouping,
}

/// An expectation as it is worked out.
#[derive(Clone, Debug)]
pub struct Grouping {
    /// The names that lead to the list whose items are the rows; empty where records are.
    pub each: Vec<Property>,
    /// The rows that count: those for which all of this holds.
    pub filter: Vec<Condition>,
    /// What the rows of a group have in common.
    pub by: Vec<Operand>,
    /// All values of rows that any of it looks at.
    pub read: Vec<Path>,
    /// What is worked out over the rows of a group.
    pub aggregates: Vec<Arc<Aggregate>>,
    /// What must hold: each of these parts.
    pub assert: Vec<Condition>,
    /// All paths to values of rows in it.
    pub paths: Vec<Path>,
    /// Where each part is written.
    pub places: Vec<Arc<Label>>,
    /// Whether it says that each group has one row, so that what the rows have in common is a key.
    pub is_key: bool,
}

/// Whether a text can be an id.
#[must_use]
pub fn is_id(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_lowercase())
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && text.len() <= ID_CHARS_MAX
}
