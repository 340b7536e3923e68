//! CSV, by RFC 4180 or in another dialect: the cells of rows, and the items of a list that stands in one cell.
//!
//! What a column means is not known here: [`input::tabular`](crate::input::tabular) makes records of rows.

mod cells;
pub mod items;
mod marks;
mod opening;
mod rows;
mod separator;

pub use self::cells::{Cell, Fault, RowReader, header_len, record_boundary};
pub use self::opening::{Opening, drop_last, last_rows, skip};
pub use self::rows::{RowKind, Rows};
pub use self::separator::{Separator, other_separator, separator_but};

#[cfg(test)]
mod tests;
