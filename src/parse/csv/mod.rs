//! CSV (RFC 4180): the cells of rows, and the items of a list that stands in one cell.
//!
//! What a column means is not known here: [`input::tabular`](crate::input::tabular) makes records of rows.

mod cells;
pub mod items;
mod rows;
mod separator;

pub use self::cells::{Cell, Fault, RowReader, header_len, record_boundary};
pub use self::rows::{RowKind, Rows};
pub use self::separator::{Separator, other_separator};
