//! Tables that are worked out from others. The model knows how one is declared, not what it means.

use super::Table;
use crate::diagnostic::Diagnostic;
use crate::manifest::TableDeclaration;

/// A kind of table that is worked out from other tables. Its schema comes with Demarche.
#[derive(Debug)]
pub struct Derivation {
    /// Where a release carries the schema.
    pub path: &'static str,
    /// The schema itself.
    pub schema: &'static str,
    /// What such a table says of the other, in messages: `agreement`.
    pub says: &'static str,
    /// What the records of the other are, in messages: `codings`.
    pub bases: &'static str,
    /// Whether a table of the manifest, declared like this, has one worked out from it. Misuse of what
    /// asks for it is reported.
    pub declare: fn(&Table, &TableDeclaration, &mut Vec<Diagnostic>) -> Option<Declared>,
}

/// A table that is to be worked out.
#[derive(Debug)]
pub struct Declared {
    /// As the manifest would declare it.
    pub declaration: TableDeclaration,
    /// What a codebook calls it.
    pub title: String,
}
