//! `[rules]` of the manifest: how grave the findings of a rule are in this project, or in some of its
//! files.

use super::{all_codes, is_rule};
use crate::diagnostic::{Code, Counted, Diagnostic, Severity};
use crate::path::{self, Pattern};
use crate::workspace::{SourceId, Workspace};

/// The settings of a project, the general ones before those for some files.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    settings: Vec<Setting>,
}

#[derive(Clone, Debug)]
struct Setting {
    code: &'static str,
    /// None for everywhere.
    path: Option<Pattern>,
    /// None for off.
    severity: Option<Severity>,
}

/// Why a setting can't be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No code has that name.
    UnknownRule,
    /// What the code finds can't be built, so it stays an error.
    Structural(&'static str),
    /// The path isn't a pattern.
    InvalidPattern(path::Refusal),
}

/// The code with that id or name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Code> {
    all_codes().into_iter().find(|code| code.id == name || code.name == name)
}

/// Whether a project decides how grave the findings of a code are: those of rules, and what is no
/// error anyway. From anything else no release can be built.
#[must_use]
pub fn is_tunable(code: &Code) -> bool {
    code.severity != Severity::Error || is_rule(code)
}

impl Settings {
    /// Adds a setting for a rule, by its code or name.
    ///
    /// # Errors
    /// When it means nothing, or would let wrong data be built.
    pub fn add(
        &mut self,
        rule: &str,
        path: Option<&str>,
        severity: Option<Severity>,
    ) -> Result<(), Refusal> {
        let code = find(rule).ok_or(Refusal::UnknownRule)?;
        if !is_tunable(code) && severity != Some(Severity::Error) {
            return Err(Refusal::Structural(code.id));
        }
        let path = path.map(Pattern::parse).transpose().map_err(Refusal::InvalidPattern)?;
        self.settings.push(Setting { code: code.id, path, severity });
        self.settings.sort_by_key(|setting| setting.path.is_some());
        Ok(())
    }

    /// Gives findings the severity that the project wants, and drops those that it doesn't want.
    pub fn apply(&self, workspace: &Workspace, diagnostics: &mut Vec<Diagnostic>) {
        if self.settings.is_empty() {
            return;
        }
        diagnostics.retain_mut(|diagnostic| {
            let (code, source) = (diagnostic.code, diagnostic.primary.place.source);
            let wanted = self.severity(workspace, code, diagnostic.severity, source);
            diagnostic.severity = wanted.unwrap_or(diagnostic.severity);
            wanted.is_some()
        });
    }

    /// Does the same to findings that were only counted.
    pub fn weigh(&self, workspace: &Workspace, omitted: &mut Counted) {
        omitted.weigh(|code, severity, source| self.severity(workspace, code, severity, source));
    }

    /// How grave the project wants findings of a code in a file to be; none for off.
    fn severity(
        &self,
        workspace: &Workspace,
        code: &Code,
        severity: Severity,
        source: SourceId,
    ) -> Option<Severity> {
        let path = &workspace.source(source).path;
        let concerns = |setting: &&Setting| {
            setting.code == code.id
                && setting.path.as_ref().is_none_or(|pattern| pattern.matches(path))
        };
        self.settings.iter().rev().find(concerns).map_or(Some(severity), |setting| setting.severity)
    }
}
