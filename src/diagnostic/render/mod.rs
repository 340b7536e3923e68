//! Findings as text: one file a format.

pub mod human;
pub mod json;

use super::locate::{Located, locate};
use super::{Diagnostic, Place};
use crate::fault::Fault;
use crate::workspace::Workspace;

/// A finding with all its places located.
pub struct Shown<'d> {
    /// The finding.
    pub diagnostic: &'d Diagnostic,
    /// Its primary place.
    pub primary: Located,
    /// Its related places, in their order.
    pub related: Vec<Located>,
    /// The places of its fix's edits, in their order.
    pub edits: Vec<Located>,
}

/// Locates the places of findings, reading each file once.
///
/// # Errors
/// When a file can't be read.
pub fn show<'d>(
    workspace: &Workspace,
    diagnostics: impl IntoIterator<Item = &'d Diagnostic>,
) -> Result<Vec<Shown<'d>>, Fault> {
    let diagnostics: Vec<_> = diagnostics.into_iter().collect();
    let edits = |diagnostic: &'d Diagnostic| {
        diagnostic.fix.iter().flat_map(|fix| fix.edits.iter().map(|edit| &edit.place))
    };
    let places: Vec<&Place> = diagnostics
        .iter()
        .flat_map(|diagnostic| {
            let related = diagnostic.related.iter().map(|label| &label.place);
            std::iter::once(&diagnostic.primary.place).chain(related).chain(edits(diagnostic))
        })
        .collect();
    let mut located = locate(workspace, &places)?.into_iter();
    let mut next = || located.next().expect("every place was located");
    let shown = diagnostics.into_iter().map(|diagnostic| Shown {
        primary: next(),
        related: diagnostic.related.iter().map(|_| next()).collect(),
        edits: edits(diagnostic).map(|_| next()).collect(),
        diagnostic,
    });
    Ok(shown.collect())
}
