//! Records to Arrow: the only flattening policy.

mod builder;
mod order;
mod rows;

pub use builder::RowsBuilder;
pub use order::sort;
pub use rows::{BATCH_ROWS, ListRows, Rows, TableRows};
