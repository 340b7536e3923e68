//! Findings about data: the types in which every stage reports them.
//!
//! A [`Diagnostic`] names a [`Place`]: bytes of a file, with the JSON Pointer that leads there.
//! Lines, columns and snippets are worked out only when a diagnostic is shown, by [`report::locate`](crate::report::locate).

pub mod code;
mod findings;
pub mod fingerprint;
pub mod nearest;
mod topic;

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

pub use crate::spelling::{one_of, quote};
pub use code::{Code, Concern, Consequence, FoundBy};
pub use findings::{Counted, Findings, KEPT_MAX};
pub use topic::Topic;

use crate::tape::Value;
use crate::workspace::SourceId;

/// How severe a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The data is wrong: nothing is built from it.
    Error,
    /// The data is probably wrong.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// The severity of that name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::Error, Self::Warning, Self::Note].into_iter().find(|it| it.name() == name)
    }

    /// The word that is shown.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// Some bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub source: SourceId,
    /// The bytes, counted in the unpacked file. An empty span is a point.
    pub span: Range<u64>,
    /// The JSON Pointer inside the record (or schema, or manifest), where there is one.
    pub pointer: Option<String>,
}

impl Place {
    /// Bytes of a file.
    #[must_use]
    pub fn new(source: SourceId, span: Range<u64>) -> Self {
        Self { source, span, pointer: None }
    }

    /// The place of a parsed value.
    #[must_use]
    pub fn of(value: Value<'_>) -> Self {
        Self::new(value.source(), value.span())
    }

    /// The same bytes, known to stand at `pointer`.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }
}

/// A place with what there is to say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// A few words, shown beside the underline; may be empty.
    pub text: String,
}

/// How sure a fix is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// Keeps what the record means.
    Certain,
    /// A guess at what was meant.
    Suggested,
}

/// A replacement of some bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub place: Place,
    /// By what.
    pub replacement: String,
}

/// Edits that remove a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What the edits do, as an imperative.
    pub title: String,
    /// How sure they are.
    pub certainty: Certainty,
    /// The edits; they don't overlap.
    pub edits: Vec<Edit>,
}

/// An edit that was made in a file, or would be.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct MadeEdit {
    /// The file's path in the project.
    pub file: String,
    /// Where the replaced text stood before any edit: its line, from 1.
    pub line: u64,
    /// The same: its column in characters, from 1.
    pub column: u64,
    /// The code of the finding that it removes.
    pub code: &'static str,
    /// What stood there.
    pub old: String,
    /// What stands there now.
    pub new: String,
}

impl std::fmt::Display for MadeEdit {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { file, line, column, code, old, new } = self;
        write!(formatter, "{file}:{line}:{column}: {} -> {} [{code}]", quote(old), quote(new))
    }
}

/// The record that a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordName {
    /// Its table.
    pub table: String,
    /// Its key, where it has one.
    pub key: Option<String>,
}

/// One finding about data, schema or manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which kind of finding.
    pub code: &'static Code,
    /// The id of the constraint or expectation that it is about.
    pub part: Option<Arc<str>>,
    /// How severe it is.
    pub severity: Severity,
    /// One line that stands alone: what is wrong, the value seen, what was allowed.
    pub message: String,
    /// Where.
    pub primary: Label,
    /// Other places that explain it.
    pub related: Vec<Label>,
    /// The clause of a schema that demands what isn't so. Findings about one clause share it.
    pub demanded: Option<Arc<Label>>,
    /// What to do next.
    pub help: Option<String>,
    /// A mechanical way to do it.
    pub fix: Option<Fix>,
    /// The record concerned.
    pub record: Option<RecordName>,
}

impl Diagnostic {
    /// A finding of `code`, with its default severity, at `place`.
    #[must_use]
    pub fn new(code: &'static Code, place: Place, message: impl Into<String>) -> Self {
        // Names and patterns that a message quotes can hold line breaks; a message is one line.
        let mut message = message.into();
        if message.contains(['\n', '\r']) {
            message = message.replace(['\n', '\r'], "\u{fffd}");
        }
        Self {
            code,
            part: None,
            severity: code.severity,
            message,
            primary: Label { place, text: String::new() },
            related: Vec::new(),
            demanded: None,
            help: None,
            fix: None,
            record: None,
        }
    }

    /// Words beside the underline of the primary place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// Another place that explains it.
    #[must_use]
    pub fn with(mut self, place: Place, text: impl Into<String>) -> Self {
        self.related.push(Label { place, text: text.into() });
        self
    }

    /// What to do next.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// A replacement of the primary place.
    #[must_use]
    pub fn replace(
        mut self,
        certainty: Certainty,
        title: impl Into<String>,
        replacement: impl Into<String>,
    ) -> Self {
        let edit = Edit { place: self.primary.place.clone(), replacement: replacement.into() };
        self.fix = Some(Fix { title: title.into(), certainty, edits: vec![edit] });
        self
    }

    /// The places that explain it, with what is said about them; the schema's clause comes last.
    pub fn explaining(&self) -> impl Iterator<Item = &Label> {
        self.related.iter().chain(self.demanded.as_deref())
    }

    /// Whether it keeps a release from being built.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Puts findings in the order in which they are shown: by place, then code, then constraint, then message; equal
/// ones once, though several clauses of a schema demand the same.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(order);
    dedup(diagnostics);
}

fn order(a: &Diagnostic, b: &Diagnostic) -> Ordering {
    fn key(diagnostic: &Diagnostic) -> impl Ord + '_ {
        let place = &diagnostic.primary.place;
        (place.source, place.span.start, place.span.end, diagnostic.code.id, &diagnostic.part)
    }
    key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
}

/// Leaves out what stands just after its equal.
fn dedup(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.dedup_by(|again, first| {
        let demanded = again.demanded.take();
        let other = first.demanded.take();
        let equal = again == first;
        (again.demanded, first.demanded) = (demanded, other);
        equal
    });
}
