//! D008: a date that stands for none.

use super::{Check, Rule, TextAt};
use crate::diagnostic::{Code, Diagnostic, Severity, quote};
use crate::schema::Part;

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
written `2020-01-01/..` in one EDTF interval. Every date is looked at, with a role or without. `1900-01-01` and \
`1970-01-01`, which are days as well as conventions, are left alone, but not the midnights with which clocks \
begin to count: `1970-01-01T00:00:00Z`, `1900-01-01T00:00:00Z` and `1899-12-30T00:00:00Z`.",
    },
    check: Check::Date(check),
};

const SENTINELS: [&str; 3] = ["0001-01-01", "1753-01-01", "2999-12-31"];

/// Where clocks begin: those of Unix, of spreadsheets and of Windows.
const BEGINNINGS: [&str; 4] =
    ["1970-01-01T00:00:00", "1900-01-01T00:00:00", "1899-12-30T00:00:00", "1601-01-01T00:00:00"];

fn check(at: &TextAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    if !stands_for_none(at.text) {
        return;
    }
    let message =
        format!("{} is {}, which stands for an unknown or open date", at.subject(), quote(at.text));
    let help = match Part::at(Some(at.table), &(at.pointer)()) {
        Part::Optional => "leave it out where no day is known, or where there is no end yet",
        part @ (Part::Required | Part::Item) => part.leave_out(),
    };
    diagnostics.push(Diagnostic::new(RULE.code, at.place(), message).help(help));
}

/// Whether a date, or one end of an interval, is no day that anybody means.
pub(super) fn stands_for_none(text: &str) -> bool {
    // Most dates are of our time.
    if let [b'1', b'8' | b'9', _, _, b'-', _, _, b'-', _, _] | [b'2', b'0', ..] = text.as_bytes()
        && !text.contains('/')
    {
        return false;
    }
    text.split('/').any(|part| {
        let day = part.get(..10).unwrap_or(part);
        SENTINELS.contains(&day)
            || part.starts_with("9999")
            || part.starts_with("0000")
            || part.get(..19).is_some_and(|start| BEGINNINGS.contains(&start))
    })
}
