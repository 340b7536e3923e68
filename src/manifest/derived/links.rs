//! `kind = "links"`: records that refer to records of the same table.

use super::Block;
use crate::parse::spelling::Written;

/// Records that refer to records of the same table.
#[derive(Clone, Debug)]
pub struct DeclaredLinks {
    /// The table whose records are meant.
    pub from: Written,
    /// The references, in the record or in a list of it.
    pub links: Vec<Written>,
    /// Those that say the same from both sides.
    pub symmetric: Vec<Written>,
    /// When a record was: one value, or its start and its end.
    pub date: Vec<Written>,
    /// Values of both records that go along.
    pub keep: Vec<Written>,
}

pub(super) fn read(block: &Block<'_>) -> DeclaredLinks {
    DeclaredLinks {
        from: block.required("from"),
        links: block.texts("links"),
        symmetric: block.texts("symmetric"),
        date: block.texts("date"),
        keep: block.texts("keep"),
    }
}
