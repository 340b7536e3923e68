//! Records to Arrow: the only flattening policy.

mod block;
mod builder;
mod columns;
mod order;
mod rows;
mod store;
mod types;
mod values;

pub use builder::RowsBuilder;
pub use columns::Columns;
pub use rows::{BATCH_ROWS, ListRows, Rows};
pub use store::{Run, TableRows};
pub use types::data_type;
pub use values::{Value, Values};
