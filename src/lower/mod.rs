//! Records to Arrow: the only flattening policy.

mod builder;
mod order;
mod rows;
mod types;
mod values;

pub use builder::RowsBuilder;
pub use order::sort;
pub use rows::{BATCH_ROWS, ListRows, Rows, TableRows};
pub use types::data_type;
pub use values::{Value, Values};
