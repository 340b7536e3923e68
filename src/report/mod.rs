//! Findings as text: one file a format, one line of [`FORMATS`] each.
//!
//! Findings are located and written in portions, so a million of them never sit in memory as text.
//! `docs/diagnostics.md` documents what each format says.

mod github;
mod human;
mod json;
mod junit;
mod line;
pub mod locate;
mod sarif;
mod short;
mod snippet;
mod styles;
mod text;

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;

pub use styles::Styles;

use locate::{Located, Locator, Texts};

use crate::diagnostic::{Code, Counted, Diagnostic, KEPT_MAX, MadeEdit, Place, Severity, Topic};
use crate::fault::Fault;
use crate::workspace::{SourceId, Workspace};

/// A way to write a report.
#[derive(Debug)]
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is, in a few words.
    pub summary: &'static str,
    /// The endings of files that hold it.
    pub endings: &'static [&'static str],
    /// Writes a report.
    pub write: fn(&Report<'_>, &mut Out<'_>) -> Result<(), Fault>,
}

/// All formats.
pub static FORMATS: &[Format] = &[
    Format {
        name: "human",
        summary: "each finding with its lines and what to do about it",
        endings: &[".txt"],
        write: human::write,
    },
    Format {
        name: "short",
        summary: "one line each: file:line:column: error[code]: message",
        endings: &[],
        write: short::write,
    },
    Format {
        name: "json",
        summary: "one JSON object a line; the last one sums up",
        endings: &[".json", ".jsonl"],
        write: json::write,
    },
    Format {
        name: "sarif",
        summary: "SARIF 2.1.0, for code scanning and editors",
        endings: &[".sarif"],
        write: sarif::write,
    },
    Format {
        name: "github",
        summary: "annotations of GitHub Actions",
        endings: &[],
        write: github::write,
    },
    Format {
        name: "junit",
        summary: "JUnit XML, for test reports",
        endings: &[".xml"],
        write: junit::write,
    },
];

/// The format of a name.
#[must_use]
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// The format that a file's name tells by its ending.
#[must_use]
pub fn format_of_file(path: &str) -> Option<&'static Format> {
    let path = path.to_ascii_lowercase();
    FORMATS.iter().find(|format| format.endings.iter().any(|ending| path.ends_with(ending)))
}

/// What there is to report.
#[derive(Clone, Copy)]
pub struct Report<'r> {
    /// The files.
    pub workspace: &'r Workspace,
    /// The findings, sorted by [`sort`](crate::diagnostic::sort).
    pub diagnostics: &'r [Diagnostic],
    /// Findings that aren't among them, because there are too many of their codes.
    pub omitted: &'r Counted,
    /// Findings in files that weren't asked for.
    pub elsewhere: &'r Counted,
    /// All codes that a finding can have.
    pub codes: &'r [&'static Code],
    /// The tables with their numbers of records, if records were read.
    pub records: &'r [(&'r str, u64)],
    /// The constraints and expectations, if records were read.
    pub constraints: &'r [Constraint<'r>],
    /// The release's directory, if one was written.
    pub release: Option<&'r str>,
    /// Further lines for people.
    pub lines: &'r [String],
    /// The edits that were made, or would be; none if nobody asked for any.
    pub edits: Option<&'r [MadeEdit]>,
    /// The project's directory as it was given, with `/` at its end; empty for the current one.
    pub directory: &'r str,
    /// How people see it.
    pub view: View,
}

/// What must hold in the project, and how often it did.
#[derive(Clone, Debug)]
pub struct Constraint<'r> {
    /// Its id, with the code of its findings.
    pub topic: Topic,
    /// How severe its findings are by themselves.
    pub severity: Severity,
    /// What must hold, in words.
    pub message: Option<&'r str>,
    /// What must hold, as an expression.
    pub assert: &'r str,
    /// How often it is true.
    pub held: u64,
    /// How often it is false.
    pub violated: u64,
    /// How often it is neither, because a value is missing or uncertain.
    pub undecided: u64,
    /// How often its condition isn't met.
    pub not_applied: u64,
}

/// How people want to see a report.
#[derive(Clone, Copy, Debug, Default)]
pub struct View {
    /// Colours.
    pub styles: Styles,
    /// How many findings of one code are shown; all if 0, and as the format likes if none.
    pub limit: Option<usize>,
    /// Whether nothing is said where nothing is wrong.
    pub quiet: bool,
}

/// Where a report goes.
pub struct Out<'w> {
    name: &'w str,
    writer: &'w mut dyn Write,
}

impl<'w> Out<'w> {
    /// A buffered writer; a fault calls it `name`.
    #[must_use]
    pub fn new(name: &'w str, writer: &'w mut dyn Write) -> Self {
        Self { name, writer }
    }

    /// Writes, as `write!` and `writeln!` ask.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write_fmt(&mut self, arguments: fmt::Arguments<'_>) -> Result<(), Fault> {
        self.writer.write_fmt(arguments).map_err(|cause| Fault::new("write", self.name, cause))
    }
}

/// A finding with all its places located.
struct Shown<'d> {
    diagnostic: &'d Diagnostic,
    primary: Located,
    /// In the order of [`Diagnostic::explaining`].
    related: Vec<Located>,
    /// The places of the fix's edits, in their order.
    edits: Vec<Located>,
}

/// So many findings are located at once. Places that lie before the others of their portion, such as
/// the first of two equal keys, cost another reading of their file, so there should be few portions.
const PORTION: usize = 1 << 16;
/// With the text around them they take more room.
const PORTION_WITH_TEXT: usize = 1 << 11;

impl<'r> Report<'r> {
    /// Calls `each` with every finding, located.
    fn each(&self, each: impl FnMut(&Shown<'r>) -> Result<(), Fault>) -> Result<(), Fault> {
        self.each_of(0, each)
    }

    /// Calls `each` with at most `limit` findings of each topic (all if 0), located.
    fn each_of(
        &self,
        limit: usize,
        mut each: impl FnMut(&Shown<'r>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut locator = Locator::new(self.workspace);
        let mut rest = self.limited(limit).peekable();
        while rest.peek().is_some() {
            let portion: Vec<_> = rest.by_ref().take(PORTION).collect();
            let located = locator.locate(&places(&portion))?;
            shown(&portion, located).try_for_each(|shown| each(&shown))?;
        }
        Ok(())
    }

    /// The same, with the text around the findings.
    fn each_with_text(
        &self,
        limit: usize,
        mut each: impl FnMut(&Shown<'r>, &Texts) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut locator = Locator::new(self.workspace);
        let mut rest = self.limited(limit).peekable();
        while rest.peek().is_some() {
            let portion: Vec<_> = rest.by_ref().take(PORTION_WITH_TEXT).collect();
            let (located, texts) = locator.locate_with_text(&places(&portion))?;
            shown(&portion, located).try_for_each(|shown| each(&shown, &texts))?;
        }
        Ok(())
    }

    /// The first `limit` findings of each topic (all if 0).
    fn limited(&self, limit: usize) -> impl Iterator<Item = &'r Diagnostic> + use<'r> {
        let mut seen: BTreeMap<(&str, Option<&str>), usize> = BTreeMap::new();
        self.diagnostics.iter().filter(move |diagnostic| {
            let topic = (diagnostic.code.id, diagnostic.part.as_deref());
            let count = seen.entry(topic).or_default();
            *count += 1;
            limit == 0 || *count <= limit
        })
    }

    /// How many findings of a severity there are, listed or not.
    fn count(&self, severity: Severity) -> u64 {
        self.listed(severity) + self.omitted.count(severity)
    }

    /// How many findings of a severity are listed.
    fn listed(&self, severity: Severity) -> u64 {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count() as u64
    }

    /// How many findings of each code there are, listed or not.
    fn codes(&self) -> BTreeMap<&'static str, u64> {
        let mut codes = BTreeMap::new();
        for diagnostic in self.diagnostics {
            *codes.entry(diagnostic.code.id).or_default() += 1;
        }
        for ((topic, _), count) in self.omitted.topics() {
            *codes.entry(topic.code.id).or_default() += count;
        }
        codes
    }

    /// How many findings of each topic there are, listed or not.
    fn topics(&self) -> BTreeMap<Topic, u64> {
        let mut topics = BTreeMap::new();
        for diagnostic in self.diagnostics {
            *topics.entry(diagnostic.topic()).or_default() += 1;
        }
        for ((topic, _), count) in self.omitted.topics() {
            *topics.entry(topic.clone()).or_default() += count;
        }
        topics
    }

    /// What there is to say about findings that aren't listed, each with its severity.
    fn unlisted(&self) -> Vec<(Severity, String)> {
        let omitted = self.omitted.topics().into_iter().map(|((topic, severity), count)| {
            let more = counted(count, &format!("more {}", severity.name()));
            let kept = match topic.part {
                Some(_) => format!("of each {} only the first findings are kept", topic.code.name),
                None => format!("of each code {KEPT_MAX} findings are kept"),
            };
            let line = format!("{}: {more} counted, but not listed: {kept}", title(topic));
            (severity, line)
        });
        let mut lines: Vec<_> = omitted.collect();
        if !self.elsewhere.is_empty() {
            let codes = self.elsewhere.topics();
            let codes = codes.iter().map(|((topic, _), count)| format!("{count} {topic}"));
            let counts = severities(|severity| self.elsewhere.count(severity), &Styles::plain());
            let codes: Vec<_> = codes.collect();
            lines.push((Severity::Note, format!("elsewhere: {counts} ({})", codes.join(", "))));
        }
        lines
    }

    /// A file's path as it is reached from the current directory.
    fn path(&self, source: SourceId) -> String {
        format!("{}{}", self.directory, self.workspace.source(source).path)
    }

    /// The totals as a sentence without its end, as [`Styles`] colour it.
    fn totals(&self, styles: &Styles) -> String {
        let found = severities(|severity| self.count(severity), styles);
        let found = if found.is_empty() { "no findings".to_owned() } else { found };
        if self.records.is_empty() {
            return found;
        }
        let total = self.records.iter().map(|(_, records)| records).sum();
        let tables: Vec<_> =
            self.records.iter().map(|(table, records)| format!("{records} {table}")).collect();
        format!("{found} in {} ({})", counted(total, "record"), tables.join(", "))
    }
}

/// What findings of a topic are headed: the code with its name, or with the id of the constraint.
fn title(topic: &Topic) -> String {
    format!("{} {}", topic.code.id, topic.name())
}

/// How many there are of each severity that there are some of.
fn severities(count: impl Fn(Severity) -> u64, styles: &Styles) -> String {
    let parts: Vec<_> = [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .map(|severity| (count(severity), severity))
        .filter(|(count, _)| *count > 0)
        .map(|(count, severity)| {
            let style = styles.severity(severity);
            format!("{style}{}{style:#}", counted(count, severity.name()))
        })
        .collect();
    parts.join(", ")
}

fn counted(number: u64, unit: &str) -> String {
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

fn edit_places(diagnostic: &Diagnostic) -> impl Iterator<Item = &Place> {
    diagnostic.fix.iter().flat_map(|fix| fix.edits.iter().map(|edit| &edit.place))
}

/// All places of findings.
fn places<'d>(diagnostics: &[&'d Diagnostic]) -> Vec<&'d Place> {
    diagnostics
        .iter()
        .flat_map(|diagnostic| {
            let related = diagnostic.explaining().map(|label| &label.place);
            std::iter::once(&diagnostic.primary.place).chain(related).chain(edit_places(diagnostic))
        })
        .collect()
}

/// Findings with their [`places`], located.
fn shown<'d>(
    diagnostics: &[&'d Diagnostic],
    located: Vec<Located>,
) -> impl Iterator<Item = Shown<'d>> {
    let mut located = located.into_iter();
    let mut next = move || located.next().expect("every place was located");
    diagnostics.iter().map(move |&diagnostic| Shown {
        primary: next(),
        related: diagnostic.explaining().map(|_| next()).collect(),
        edits: edit_places(diagnostic).map(|_| next()).collect(),
        diagnostic,
    })
}
