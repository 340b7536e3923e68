//! `[rules]` of the manifest: the severity of the findings of a rule in this project, or in some of its files.

use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Code, Counted, Diagnostic, Severity, code};
use crate::manifest::{Manifest, RuleSetting, unusable};
use crate::path::{self, Pattern};
use crate::rules::{self, find, is_tunable};
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
enum Refusal {
    /// No code has that name.
    UnknownRule,
    /// What the code finds can't be built, so it stays an error.
    Structural(&'static str),
    /// The path isn't a pattern.
    InvalidPattern(path::Refusal),
}

impl Settings {
    /// The settings of a manifest; what can't be used is reported.
    #[must_use]
    pub fn of(manifest: &Manifest, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut settings = Self::default();
        for setting in &manifest.rules {
            let path = setting.path.as_ref().map(|(path, _)| path.as_str());
            if let Err(refusal) = settings.add(&setting.rule, path, setting.severity) {
                diagnostics.push(refused(setting, &refusal));
            }
        }
        settings
    }

    /// Adds a setting for a rule, by its code or name.
    ///
    /// # Errors
    /// When it means nothing, or would let wrong data be built.
    fn add(
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

    /// The severity that the project wants for findings of a code in a file; none for off.
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

fn refused(setting: &RuleSetting, refusal: &Refusal) -> Diagnostic {
    let RuleSetting { rule: name, place, path, .. } = setting;
    let diagnostic = |message| Diagnostic::new(&code::UNKNOWN_NAME, place.clone(), message);
    match refusal {
        Refusal::UnknownRule => {
            let names: Vec<_> = rules::all_codes().iter().map(|code| code.name).collect();
            let help = match nearest(name, names) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`docs/rules/` lists the rules".to_owned(),
            };
            diagnostic(format!("there is no rule `{name}`")).help(help)
        }
        Refusal::Structural(id) => diagnostic(format!(
            "`{name}` ({id}) stays an error: no release can be built from what it finds"
        ))
        .help("mend the data; only rules about doubtful data can be tuned"),
        Refusal::InvalidPattern(refusal) => {
            let (text, place) = path.as_ref().map_or((name, place), |(text, place)| (text, place));
            unusable(text, place.clone(), refusal)
                .help("patterns of files are relative to the manifest, as in `data/old/*`")
        }
    }
}
