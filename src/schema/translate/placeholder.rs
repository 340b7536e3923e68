//! A mark for missing where a number, a date or another typed value belongs: what is wrong is not
//! how it is written, but that it is written.

use crate::diagnostic::{Certainty, Diagnostic, Edit, Fix, Place, code};
use crate::schema::Part;
use crate::schema::outline::{Outline, Subject};
use crate::tape::Value;
use crate::workspace::Format;

/// Compared without regard to letter case.
const PLACEHOLDERS: [&str; 34] = [
    "-",
    "--",
    "---",
    "–",
    "—",
    ".",
    "..",
    "...",
    "?",
    "??",
    "*",
    "/",
    "n/a",
    "na",
    "n.a.",
    "n.a",
    "#n/a",
    "#n/a n/a",
    "nan",
    "-nan",
    "null",
    "nil",
    "none",
    "<na>",
    "\\n",
    "missing",
    "unknown",
    "tbd",
    "tba",
    "n.d.",
    "nd",
    "undefined",
    "not available",
    "not applicable",
];

/// Gives a finding about `value` the help that fits a mark for missing, if it is one.
pub(super) fn explain(
    mut finding: Diagnostic,
    value: Value<'_>,
    at: &str,
    outline: Option<&dyn Outline>,
) -> Diagnostic {
    let is_about_form =
        [&code::WRONG_TYPE, &code::FORMAT_MISMATCH, &code::INVALID_EDTF].contains(&finding.code);
    let Some(text) = value.as_str().map(str::trim).filter(|_| {
        is_about_form && outline.is_some_and(|outline| outline.subject() == Subject::Record)
    }) else {
        return finding;
    };
    if !PLACEHOLDERS.iter().any(|placeholder| text.eq_ignore_ascii_case(placeholder)) {
        return finding;
    }
    let part = Part::at(outline, at);
    // Items and what is required are no matter of an empty cell.
    if value.format() == Format::Csv && part == Part::Optional {
        let help = "leave the cell empty where nothing is known: an empty cell is a missing value";
        finding.help = Some(help.to_owned());
        let edit = Edit { place: Place::of(value), replacement: String::new() };
        let title = "leave the cell empty".to_owned();
        finding.fix = Some(Fix { title, certainty: Certainty::Suggested, edits: vec![edit] });
    } else {
        finding.help = Some(part.leave_out().to_owned());
        finding.fix = None;
    }
    finding
}
