//! JSON Schema over tapes. Nothing here knows a table: [`Outline`] says what can stand at a place.
//!
//! [`Schemas`] says where references lead, and [`certain`] what holds of every value that a schema accepts:
//! the model, the acceptor and the labels of findings ask here, so that a schema means one thing.

mod accept;
pub mod authority;
pub mod certain;
mod clause;
mod document;
mod finder;
pub mod keywords;
mod outline;
mod references;
mod suggest;
mod translate;
pub mod types;
mod undecided;
pub mod words;

pub use accept::{
    Acceptor, NOWHERE, Observer, admits_only_codes, is_plain_schema, names_of, schema_names,
};
pub use authority::{Authority, Demand, Violation};
pub use clause::Clauses;
pub use document::Document;
pub use finder::Finder;
pub use outline::{CodeSet, Expected, FileOutline, Outline, Property, SchemaOutline, Subject};
pub use references::{SchemaPlace, Schemas, Unresolved};
pub use suggest::suggest;
pub use translate::translate;
pub use words::{Part, leave_out};
