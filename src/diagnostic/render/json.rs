//! For programs: one JSON object a line, as `docs/diagnostics.md` describes.

use serde::Serialize;

use super::Shown;
use crate::diagnostic::locate::{Located, Position};
use crate::diagnostic::{Certainty, Place};
use crate::workspace::Workspace;

#[derive(Serialize)]
struct Message<'a> {
    reason: &'static str,
    code: &'a str,
    name: &'a str,
    severity: &'a str,
    message: &'a str,
    place: Span<'a>,
    label: Option<&'a str>,
    related: Vec<Related<'a>>,
    help: Option<&'a str>,
    fix: Option<Fix<'a>>,
    record: Option<Record<'a>>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
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

/// One finding as a line of JSON, without the line's end.
#[must_use]
pub fn render(workspace: &Workspace, shown: &Shown<'_>) -> String {
    let diagnostic = shown.diagnostic;
    let span = |place, located| span(workspace, place, located);
    let related = diagnostic
        .related
        .iter()
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
    let message = Message {
        reason: "diagnostic",
        code: diagnostic.code.id,
        name: diagnostic.code.name,
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
    };
    serde_json::to_string(&message).expect("messages are JSON")
}

fn span<'a>(workspace: &'a Workspace, place: &'a Place, located: &Located) -> Span<'a> {
    let Position { line, column } = located.start;
    Span {
        file: &workspace.source(place.source).path,
        line,
        column,
        end_line: located.end.line,
        end_column: located.end.column,
        byte_start: place.span.start,
        byte_end: place.span.end,
        pointer: place.pointer.as_deref(),
    }
}
