//! For programs: one JSON object a line, as `docs/diagnostic.schema.json` describes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::{Constraint, Out, Report, Shown};
use crate::diagnostic::fingerprint::Fingerprints;
use crate::diagnostic::{Certainty, Counted, MadeEdit, Place, Severity};
use crate::fault::Fault;
use crate::report::locate::Located;
use crate::spelling::is_invisible;
use crate::workspace::Workspace;

/// Rises when a field goes or changes its meaning; new fields don't count.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Message<'a> {
    reason: &'static str,
    code: &'a str,
    name: &'a str,
    constraint: Option<&'a str>,
    severity: &'a str,
    message: &'a str,
    place: Span<'a>,
    label: Option<&'a str>,
    related: Vec<Related<'a>>,
    help: Option<&'a str>,
    fix: Option<Fix<'a>>,
    record: Option<Record<'a>>,
    fingerprint: String,
}

#[derive(Serialize)]
struct Span<'a> {
    file: &'a str,
    line: u64,
    column: u64,
    end_line: u64,
    end_column: u64,
    byte_start: u64,
    byte_end: u64,
    pointer: Option<&'a str>,
}

#[derive(Serialize)]
struct Related<'a> {
    place: Span<'a>,
    label: &'a str,
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    certain: bool,
    edits: Vec<Edit<'a>>,
}

#[derive(Serialize)]
struct Edit<'a> {
    place: Span<'a>,
    replacement: &'a str,
}

#[derive(Serialize)]
struct Record<'a> {
    table: &'a str,
    key: Option<&'a str>,
}

#[derive(Serialize)]
struct Summary<'a> {
    reason: &'static str,
    version: u32,
    errors: u64,
    warnings: u64,
    notes: u64,
    codes: BTreeMap<&'static str, u64>,
    omitted: Option<Unlisted>,
    elsewhere: Option<Unlisted>,
    records: BTreeMap<&'a str, u64>,
    constraints: BTreeMap<&'a str, Tally>,
    release: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edits: Option<&'a [MadeEdit]>,
}

/// How often a constraint held.
#[derive(Serialize)]
struct Tally {
    held: u64,
    violated: u64,
    undecided: u64,
    not_applied: u64,
}

/// Findings that are only counted.
#[derive(Serialize)]
struct Unlisted {
    errors: u64,
    warnings: u64,
    notes: u64,
    codes: BTreeMap<&'static str, u64>,
}

impl Unlisted {
    fn of(counted: &Counted) -> Option<Self> {
        let mut codes = BTreeMap::new();
        for ((topic, _), count) in counted.topics() {
            *codes.entry(topic.code.id).or_default() += count;
        }
        (!counted.is_empty()).then(|| Self {
            errors: counted.count(Severity::Error),
            warnings: counted.count(Severity::Warning),
            notes: counted.count(Severity::Note),
            codes,
        })
    }
}

pub(super) fn write(report: &Report<'_>, out: &mut Out<'_>) -> Result<(), Fault> {
    let mut fingerprints = Fingerprints::default();
    report.each(|shown| {
        let fingerprint = fingerprints.next(report.workspace, shown.diagnostic).to_string();
        line(out, &message(report.workspace, shown, fingerprint))
    })?;
    let summary = Summary {
        reason: "summary",
        version: VERSION,
        errors: report.count(Severity::Error),
        warnings: report.count(Severity::Warning),
        notes: report.count(Severity::Note),
        codes: report.codes(),
        omitted: Unlisted::of(report.omitted),
        elsewhere: Unlisted::of(report.elsewhere),
        records: report.records.iter().copied().collect(),
        constraints: report.constraints.iter().map(tally).collect(),
        release: report.release,
        edits: report.edits,
    };
    line(out, &summary)
}

fn tally<'a>(constraint: &'a Constraint<'_>) -> (&'a str, Tally) {
    let &Constraint { held, violated, undecided, not_applied, .. } = constraint;
    (constraint.topic.name(), Tally { held, violated, undecided, not_applied })
}

fn line(out: &mut Out<'_>, line: &impl Serialize) -> Result<(), Fault> {
    writeln!(out, "{}", spelt(line))
}

/// A value as JSON in one line. What a terminal would obey or hide, and what a log would take for a
/// command, is an escape sequence: whoever reads JSON reads the text as it is.
pub fn spelt(value: &impl Serialize) -> String {
    let json = serde_json::to_string(value).expect("messages are JSON");
    if !json.contains(is_invisible) && !json.contains("##[") {
        return json;
    }
    let mut spelt = String::with_capacity(json.len());
    for character in json.chars() {
        if is_invisible(character) || character == '[' && spelt.ends_with("##") {
            // All invisible characters are below 65536.
            let _ = write!(spelt, "\\u{:04x}", u32::from(character));
        } else {
            spelt.push(character);
        }
    }
    spelt
}

fn message<'a>(workspace: &'a Workspace, shown: &Shown<'a>, fingerprint: String) -> Message<'a> {
    let diagnostic = shown.diagnostic;
    let span = |place, located| span(workspace, place, located);
    let related = diagnostic
        .explaining()
        .zip(&shown.related)
        .map(|(label, located)| Related { place: span(&label.place, located), label: &label.text });
    let fix = diagnostic.fix.as_ref().map(|fix| Fix {
        title: &fix.title,
        certain: fix.certainty == Certainty::Certain,
        edits: fix
            .edits
            .iter()
            .zip(&shown.edits)
            .map(|(edit, located)| Edit {
                place: span(&edit.place, located),
                replacement: &edit.replacement,
            })
            .collect(),
    });
    let label = diagnostic.primary.text.as_str();
    Message {
        reason: "diagnostic",
        code: diagnostic.code.id,
        name: diagnostic.code.name,
        constraint: diagnostic.part.as_deref(),
        severity: diagnostic.severity.name(),
        message: &diagnostic.message,
        place: span(&diagnostic.primary.place, &shown.primary),
        label: (!label.is_empty()).then_some(label),
        related: related.collect(),
        help: diagnostic.help.as_deref(),
        fix,
        record: diagnostic
            .record
            .as_ref()
            .map(|record| Record { table: &record.table, key: record.key.as_deref() }),
        fingerprint,
    }
}

fn span<'a>(workspace: &'a Workspace, place: &'a Place, located: &Located) -> Span<'a> {
    Span {
        file: &workspace.source(place.source).path,
        line: located.start.line,
        column: located.start.column,
        end_line: located.end.line,
        end_column: located.end.column,
        byte_start: place.span.start,
        byte_end: place.span.end,
        pointer: place.pointer.as_deref(),
    }
}

#[cfg(test)]
mod tests {
    use super::spelt;

    #[test]
    fn what_a_terminal_would_obey_is_escaped_and_read_back() {
        let text = "\u{1b}[31m \u{9b} \u{202e} ##[error] \u{7f}";
        let json = spelt(&text);
        assert_eq!(json, r#""\u001b[31m \u009b \u202e ##\u005berror] \u007f""#);
        assert_eq!(serde_json::from_str::<String>(&json).expect("JSON"), text);
    }
}
