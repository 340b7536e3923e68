//! Record files: which there are, how they are cut into batches, and how tables of cells become records.

mod columns;
pub mod complete;
mod content;
pub mod discover;
pub mod feed;
mod keys;
pub mod records;
pub mod tabular;
