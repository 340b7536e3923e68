//! How a project treats findings: their severities, waivers, and the baseline of known ones.

pub mod baseline;
pub mod names;
pub mod settings;
pub mod waivers;

pub use names::{Named, Names};
pub use settings::Settings;

use crate::diagnostic::Diagnostic;
use crate::manifest::Manifest;

/// What the manifest says of findings, with the rules that it names.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// The severities that the project wants.
    pub settings: Settings,
    /// Findings that the manifest accepts.
    pub waivers: Vec<waivers::Declared>,
}

impl Policy {
    /// The policy of a manifest, which takes these names; what can't be used is reported.
    #[must_use]
    pub fn of(manifest: &Manifest, names: &Names<'_>, diagnostics: &mut Vec<Diagnostic>) -> Self {
        Self {
            settings: Settings::of(manifest, names, diagnostics),
            waivers: waivers::declared(manifest, names, diagnostics),
        }
    }
}
