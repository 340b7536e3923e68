//! D005: what has happened, in the future.

use super::date_sentinel::stands_for_none;
use super::{Check, RecordAt, Rule, days};
use crate::diagnostic::{Code, Diagnostic, Severity, quote};
use crate::model::Role;

/// A record that says that something occurred on a day after the release.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "D005",
        name: "not-yet-occurred",
        severity: Severity::Error,
        since: "0.1.0",
        summary: "Something is said to have occurred after the day of the release.",
        explanation: "\
A record with the status `occurred` is dated after the manifest's `released`. There is no clock in \
this rule: the same data is right or wrong on any day. Either the year is mistyped, or the status is \
`planned`.",
    },
    check: Check::Record(check),
};

fn check(at: &RecordAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let Some(released) = at.context.released else { return };
    let mut statuses = at.find(Role::Status);
    let Some(status) = statuses.find(|found| found.value.as_str() == Some("occurred")) else {
        return;
    };
    for found in at.find(Role::Date) {
        let (Some(first), _) = days(found.value, found.kind) else { continue };
        let none = found.value.as_str().is_some_and(stands_for_none);
        if first > released && !none {
            let message = format!(
                "{} is {}, after the release on {released}, and is said to have occurred",
                found.subject(),
                quote(found.value.as_str().unwrap_or_default())
            );
            diagnostics.push(
                Diagnostic::new(RULE.code, found.place(), message)
                    .with(status.place(), "said to have occurred")
                    .help("correct the date, or write `planned`"),
            );
        }
    }
}
