//! Rows of cells as records, typed by the schema and never guessed.
//!
//! A table is read from the same layout that it is released in: objects as columns, lists as child
//! tables that name their parent. So a CSV release can be read back as input. Columns that a
//! release derives are recognised, kept out of the record and checked against it.
//!
//! An empty cell means that the value is absent. Text is taken as it is spelt: nothing is trimmed.
//! A cell that doesn't spell a value of its column's type stays text, so that validation can say
//! which type was wanted.

mod assemble;
mod build;
mod children;
mod declared;
mod derived;
mod header;
mod layout;
mod names;
mod respell;

pub use self::assemble::parse;
pub use self::children::{ChildFile, ChildRows, child_table};
pub use self::declared::check_dialects;
pub(crate) use self::header::entries;
pub use self::header::{opening, whole};
pub use self::layout::Layout;

#[cfg(test)]
mod tests;
