//! Demarche: a compiler and validator for structured datasets.

pub mod diagnostic;
pub mod edtf;
pub mod emit;
pub mod fault;
pub mod lower;
pub mod manifest;
pub mod model;
pub mod parse;
pub mod pointer;
pub mod tape;
pub mod workspace;

pub use diagnostic::{Diagnostic, Place, Severity};
pub use fault::Fault;
