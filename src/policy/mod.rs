//! What a project makes of findings: severities, waivers, and what is known already.

pub mod baseline;
pub mod settings;
pub mod waivers;

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
    /// The policy of a manifest; what can't be used is reported.
    #[must_use]
    pub fn of(manifest: &Manifest, diagnostics: &mut Vec<Diagnostic>) -> Self {
        Self {
            settings: Settings::of(manifest, diagnostics),
            waivers: waivers::declared(manifest, diagnostics),
        }
    }
}
