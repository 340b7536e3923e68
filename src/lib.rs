//! Demarche: a compiler and validator for structured datasets.
//!
//! Records in YAML, JSON, JSON Lines or CSV are checked against JSON Schema and compiled into CSV,
//! Parquet and JSON-LD. `ARCHITECTURE.md` tells the life of a record; [`open`] and [`compile`] are
//! the two halves of it.

#![warn(missing_docs)]

pub mod check;
pub mod clock;
pub mod decimal;
pub mod derive;
pub mod diagnostic;
pub mod dialect;
pub mod ecma;
pub mod edtf;
pub mod emit;
pub mod expr;
pub mod fault;
pub mod fix;
pub mod input;
pub mod lower;
pub mod manifest;
pub mod model;
pub mod parse;
pub mod path;
pub mod period;
mod pipeline;
pub mod plan;
pub mod pointer;
pub mod policy;
mod project;
pub mod release;
pub mod report;
pub mod rules;
pub mod schema;
pub mod scope;
pub mod spelling;
pub mod spill;
pub mod tape;
pub mod workers;
pub mod workspace;

pub use diagnostic::{Diagnostic, Place, Severity};
pub use fault::Fault;
pub use pipeline::{Compiled, Options, Progress, compile};
pub use project::{Opened, Project, open};
