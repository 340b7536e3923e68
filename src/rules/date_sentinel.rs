//! D008: a date that stands for none.

use super::{Check, RecordAt, Rule};
use crate::diagnostic::{Code, Diagnostic, Severity, quote};
use crate::model::Role;

/// Dates that databases write for "none" and "until now".
pub static RULE: Rule = Rule {
    code: &Code {
        id: "D008",
        name: "sentinel-date",
        severity: Severity::Warning,
        since: "0.1.0",
        summary: "A date stands for an unknown or open one.",
        explanation: "\
`9999-12-31` means “still so” in some databases, `0001-01-01` and `1753-01-01` mean “no date”. Whoever \
doesn't know that takes them for days. Leave an unknown date out; an open end is left out, too, or \
written `2020-01-01/..` in one EDTF interval. `1900-01-01` and `1970-01-01`, which are days as well as \
conventions, are left alone.",
    },
    check: Check::Record(check),
};

const SENTINELS: [&str; 2] = ["0001-01-01", "1753-01-01"];

fn check(at: &RecordAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for role in [Role::Date, Role::Start, Role::End, Role::Published] {
        for found in at.find(role) {
            let Some(text) = found.value.as_str().filter(|text| stands_for_none(text)) else {
                continue;
            };
            let message = format!(
                "{} is {}, which stands for an unknown or open date",
                found.subject(),
                quote(text)
            );
            diagnostics.push(
                Diagnostic::new(RULE.code, found.place(), message)
                    .help("leave it out where no day is known, or where there is no end yet"),
            );
        }
    }
}

/// Whether a date, or one end of an interval, is no day that anybody means.
pub(super) fn stands_for_none(text: &str) -> bool {
    text.split('/').any(|part| {
        let day = part.get(..10).unwrap_or(part);
        SENTINELS.contains(&day) || part.starts_with("9999") || part.starts_with("0000")
    })
}
