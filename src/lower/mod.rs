//! Records to Arrow.
mod rows;
mod types;
pub use rows::{BATCH_ROWS, ListRows, Rows, TableRows};
pub use types::data_type;
