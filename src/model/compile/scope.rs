//! Where the walk over a schema stands, and what it has made there.

use std::collections::HashMap;

use crate::diagnostic::Place;
use crate::model::{Column, Declarations, Level};

/// Objects and lists nested deeper than this are taken for a recursive schema.
pub(super) const DEPTH_MAX: usize = 24;

/// Where the walk stands.
#[derive(Clone)]
pub(super) struct Scope {
    /// The level's table name.
    pub table: String,
    /// JSON Pointer from the level's row.
    pub pointer: String,
    /// The columns' common beginning.
    pub prefix: String,
    /// Everything here is internal.
    pub internal: bool,
    /// Every row has this object.
    pub certain: bool,
    /// Inside a list, not in the record itself.
    pub in_list: bool,
    pub depth: usize,
    /// The schemas of the objects around this one: one that stands here again has no end.
    pub around: Vec<(usize, String)>,
}

/// What a level gathers while its object is walked.
#[derive(Default)]
pub(super) struct Contents {
    pub columns: Vec<Column>,
    pub lists: Vec<Level>,
    pub declared: Declarations,
    /// Where each column's name was given, to point at collisions.
    pub places: Vec<Place>,
    pub by_name: HashMap<String, usize>,
}

impl Scope {
    /// What names of child tables and terms begin with: the manifest's `row` in the record
    /// itself, the child table's name inside a list.
    pub fn above<'a>(&'a self, row: &'a str) -> &'a str {
        if self.in_list { &self.table } else { row }
    }
}
