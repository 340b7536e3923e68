//! JSON Schema over tapes. Nothing here knows a table: [`Outline`] says what can stand at a place.

mod accept;
pub mod authority;
mod clause;
mod document;
mod finder;
pub mod keywords;
mod outline;
mod references;
mod suggest;
mod translate;
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
