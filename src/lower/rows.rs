//! Lowered records: columns in Arrow, lists as offsets over child rows.
//!
//! One form serves every output. A flat child table repeats its parent's key by the offsets; the
//! nested Parquet file wraps the same arrays into lists of structs; JSON-LD walks them row by row.

use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef};

use super::order::gather;

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

impl ListRows {
    /// The child rows of a parent's row.
    #[must_use]
    pub fn of(&self, row: usize) -> Range<usize> {
        self.offsets[row] as usize..self.offsets[row + 1] as usize
    }
}

/// Rows of the table itself in one batch, at most.
pub const BATCH_ROWS: usize = 65_536;

impl Rows {
    /// How much memory the rows take, about.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let column = |column: &ArrayRef| match column.as_dictionary_opt::<Int32Type>() {
            // All batches share the codes.
            Some(codes) => codes.keys().get_buffer_memory_size(),
            None => column.get_buffer_memory_size(),
        };
        let list = |list: &ListRows| (list.offsets.len() * 4) as u64 + list.rows.bytes();
        let columns: usize = self.columns.iter().map(column).sum();
        columns as u64 + self.lists.iter().map(list).sum::<u64>()
    }

    /// How many bytes each row has: those of its texts and of the rows of its lists, and a few for
    /// the row itself. It depends on what the rows say and on nothing else.
    #[must_use]
    pub fn sizes(&self) -> Vec<u32> {
        const ROW_BYTES: u32 = 8;
        let mut sizes = vec![ROW_BYTES; self.len];
        for column in &self.columns {
            let Some(texts) = column.as_string_opt::<i32>() else { continue };
            for (size, pair) in sizes.iter_mut().zip(texts.offsets().windows(2)) {
                *size = size.saturating_add((pair[1] - pair[0]).cast_unsigned());
            }
        }
        for list in &self.lists {
            let items = list.rows.sizes();
            for (size, pair) in sizes.iter_mut().zip(list.offsets.windows(2)) {
                let items = &items[pair[0] as usize..pair[1] as usize];
                *size = items.iter().fold(*size, |sum, item| sum.saturating_add(*item));
            }
        }
        sizes
    }

    /// Neighbouring rows. Nothing is copied but the offsets of lists.
    ///
    /// # Panics
    /// If there are fewer.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        let columns =
            self.columns.iter().map(|column| column.slice(range.start, range.len())).collect();
        let list = |list: &ListRows| {
            let offsets = &list.offsets[range.start..=range.end];
            let (start, end) = (offsets[0], offsets[range.len()]);
            ListRows {
                offsets: offsets.iter().map(|offset| offset - start).collect(),
                rows: list.rows.slice(start as usize..end as usize),
            }
        };
        Self { len: range.len(), columns, lists: self.lists.iter().map(list).collect() }
    }

    /// Rows one after the other.
    ///
    /// # Panics
    /// If they aren't of one level, or if there are none.
    #[must_use]
    pub fn concat(parts: &[Self]) -> Self {
        let [first, ..] = parts else { unreachable!("rows come from somewhere") };
        if parts.len() == 1 {
            return first.clone();
        }
        let whole: Vec<_> = parts.iter().collect();
        let order: Vec<_> = parts
            .iter()
            .enumerate()
            .flat_map(|(part, rows)| (0..rows.len).map(move |row| (part, row)))
            .collect();
        gather(&whole, &order)
    }
}
