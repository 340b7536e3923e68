//! Output formats: lowered rows in, artifacts out.
//!
//! No emitter names a field of the data; all read the model.

use crate::lower::TableRows;
use crate::manifest::Dataset;
use crate::model::Model;

/// Everything that a release is made from.
pub struct Release<'a> {
    /// Who, what, which version.
    pub dataset: &'a Dataset,
    /// The compiled schema.
    pub model: &'a Model,
    /// The records, one entry a table in the order of the model.
    pub tables: &'a [TableRows],
}

/// One file of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Relative to the release, with `/`.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}
/// stub
pub fn check(_d: &Dataset, _m: &Model) -> Vec<crate::Diagnostic> { Vec::new() }
