//! Lowered records: columns in Arrow, lists as offsets over child rows.
//!
//! One form serves every output. A flat child table repeats its parent's key by the offsets; the
//! nested Parquet file wraps the same arrays into lists of structs; JSON-LD walks them row by row.

use arrow_array::ArrayRef;

/// Some rows of a level, in the order of [`Level::columns`](crate::model::Level::columns) and
/// [`Level::lists`](crate::model::Level::lists), internal ones included.
#[derive(Clone, Debug)]
pub struct Rows {
    /// How many rows.
    pub len: usize,
    /// One array a column, each of `len` values.
    pub columns: Vec<ArrayRef>,
    /// The lists' rows.
    pub lists: Vec<ListRows>,
}

/// The rows of one list of a level.
#[derive(Clone, Debug)]
pub struct ListRows {
    /// Row `i` of the parent owns child rows `offsets[i]..offsets[i + 1]`; `offsets[0]` is 0.
    pub offsets: Vec<i32>,
    /// The child rows.
    pub rows: Rows,
}

/// All records of one table, sorted by key, in batches whose sizes don't depend on how the input
/// was cut: every batch but the last has [`BATCH_ROWS`] rows.
#[derive(Clone, Debug, Default)]
pub struct TableRows {
    /// The batches.
    pub batches: Vec<Rows>,
}

/// Rows of the table itself in one batch.
pub const BATCH_ROWS: usize = 65_536;

impl TableRows {
    /// How many records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.batches.iter().map(|batch| batch.len).sum()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }
}
