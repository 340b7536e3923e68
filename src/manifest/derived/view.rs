//! `kind = "view"`: one wide row a record.

use super::{Block, Several};
use crate::parse::spelling::Written;

/// One wide row a record, or an item of a list of it.
#[derive(Clone, Debug)]
pub struct DeclaredView {
    /// The table whose records are meant, or a list of it: `events.participants`.
    pub from: Written,
    /// Whether labels stand beside codes.
    pub labels: bool,
    /// The values of the row itself; none for all that are released.
    pub columns: Option<Vec<Written>>,
    /// What is taken from lists and from other records: the column's name, and the way to the value.
    pub take: Vec<(Written, Written)>,
    /// What becomes of several values: none of them, or the first.
    pub several: Several,
    /// Crosswalks whose codes stand beside codes.
    pub codes: Vec<Written>,
    /// When the record was: one value, or its start and its end.
    pub date: Vec<Written>,
}

const SEVERAL: [(&str, Several); 2] = [("missing", Several::Error), ("first", Several::First)];

pub(super) fn read(block: &Block<'_>) -> DeclaredView {
    DeclaredView {
        from: block.required("from"),
        labels: block.flag("labels"),
        columns: block.value.get("columns").map(|_| block.texts("columns")),
        take: block.named("take"),
        several: block.choice("several", &SEVERAL),
        codes: block.texts("codes"),
        date: block.texts("date"),
    }
}
