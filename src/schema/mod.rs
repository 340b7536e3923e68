//! What schemas say, whoever asks: nothing here knows a table.
//!
//! [`Schemas`] says where references lead, and [`certain`] what holds of every value that a schema
//! accepts. The model, the acceptor and the labels of findings ask here, so that a schema means one thing.

pub mod certain;
pub mod keywords;
mod schemas;
pub mod types;

pub(crate) use schemas::MARK;
pub use schemas::{SchemaPlace, Schemas, Unresolved};
