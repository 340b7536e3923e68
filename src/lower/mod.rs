//! Records to Arrow.
mod rows;
pub use rows::{BATCH_ROWS, ListRows, Rows, TableRows};
