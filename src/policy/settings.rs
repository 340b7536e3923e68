//! `[rules]` of the manifest: the severity of the findings of a rule or a constraint in this project, or in
//! some of its files.

use super::names::{Named, Names};
use crate::diagnostic::{Counted, Diagnostic, Severity, Topic, code};
use crate::manifest::{Manifest, RuleSetting, unusable};
use crate::path::{self, Pattern};
use crate::workspace::{SourceId, Workspace};

/// The settings of a project, the general ones before the particular ones: those of a code before those
/// of one constraint, and of each those for everywhere before those for some files.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    settings: Vec<Setting>,
}

/// What a project says of the findings of a topic.
#[derive(Clone, Debug)]
pub struct Setting {
    /// What is set.
    pub topic: Topic,
    /// The files that it is for; none for everywhere.
    pub path: Option<Pattern>,
    /// None for off.
    pub severity: Option<Severity>,
}

impl Setting {
    /// Whether it is for the findings of a topic. Off is a constraint with all that is about it, but no
    /// other severity: that nobody can tell whether it holds isn't what it says.
    fn is_for(&self, topic: &Topic) -> bool {
        self.topic.covers(topic) && (self.topic.code.id == topic.code.id || self.severity.is_none())
    }
}

/// Why a setting can't be.
enum Refusal {
    /// Nothing has that name.
    UnknownRule,
    /// Nobody knows whether a constraint has that name.
    Undecided,
    /// What the code finds can't be built, so it stays an error.
    Structural(&'static str),
    /// The path isn't a pattern.
    InvalidPattern(path::Refusal),
}

impl Settings {
    /// The settings of a manifest; what can't be used is reported.
    #[must_use]
    pub fn of(manifest: &Manifest, names: &Names<'_>, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut settings = Vec::new();
        for setting in &manifest.rules {
            match read(setting, names) {
                Ok(read) => settings.push(read),
                Err(refusal) => diagnostics.extend(refused(setting, &refusal, names)),
            }
        }
        settings.sort_by_key(|setting| (setting.topic.part.is_some(), setting.path.is_some()));
        Self { settings }
    }

    /// The settings of a topic, the general ones first.
    pub fn of_topic(&self, topic: &Topic) -> impl DoubleEndedIterator<Item = &Setting> {
        self.settings.iter().filter(move |setting| setting.is_for(topic))
    }

    /// Gives findings the severity that the project wants, and drops those that it doesn't want.
    pub fn apply(&self, workspace: &Workspace, diagnostics: &mut Vec<Diagnostic>) {
        if self.settings.is_empty() {
            return;
        }
        diagnostics.retain_mut(|diagnostic| {
            let (topic, source) = (diagnostic.topic(), diagnostic.primary.place.source);
            let wanted = self.severity(workspace, &topic, diagnostic.severity, source);
            diagnostic.severity = wanted.unwrap_or(diagnostic.severity);
            wanted.is_some()
        });
    }

    /// Does the same to findings that were only counted.
    pub fn weigh(&self, workspace: &Workspace, omitted: &mut Counted) {
        omitted.weigh(|topic, severity, source| self.severity(workspace, topic, severity, source));
    }

    /// The severity that the project wants for findings of a topic in a file; none for off.
    fn severity(
        &self,
        workspace: &Workspace,
        topic: &Topic,
        severity: Severity,
        source: SourceId,
    ) -> Option<Severity> {
        let path = &workspace.source(source).path;
        let is_here =
            |setting: &&Setting| setting.path.as_ref().is_none_or(|pattern| pattern.matches(path));
        self.of_topic(topic).rev().find(is_here).map_or(Some(severity), |setting| setting.severity)
    }
}

/// A setting for a rule, by its code or name, or for a constraint, by its id.
///
/// # Errors
/// When it means nothing, or would let wrong data be built.
fn read(setting: &RuleSetting, names: &Names<'_>) -> Result<Setting, Refusal> {
    let severity = setting.severity;
    let topic = match names.find(&setting.rule) {
        Named::Topic(topic) => topic,
        Named::Nothing => return Err(Refusal::UnknownRule),
        Named::Unknown => return Err(Refusal::Undecided),
    };
    if !topic.code.is_tunable() && severity != Some(Severity::Error) {
        return Err(Refusal::Structural(topic.code.id));
    }
    let path = setting.path.as_ref().map(|(path, _)| Pattern::parse(path));
    let path = path.transpose().map_err(Refusal::InvalidPattern)?;
    Ok(Setting { topic, path, severity })
}

/// What there is to say about a setting that can't be; nothing where nobody knows.
fn refused(setting: &RuleSetting, refusal: &Refusal, names: &Names<'_>) -> Option<Diagnostic> {
    let RuleSetting { rule: name, place, path, .. } = setting;
    let diagnostic = |message| Diagnostic::new(&code::UNKNOWN_NAME, place.clone(), message);
    Some(match refusal {
        Refusal::Undecided => return None,
        Refusal::UnknownRule => {
            let help = match names.nearest(name) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`demarche explain` lists the rules, and the constraints of the project"
                    .to_owned(),
            };
            diagnostic(format!("there is no rule and no constraint `{name}`")).help(help)
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
    })
}
