//! D005: what has happened, in the future.

use super::{Check, Found, RecordAt, Rule, When};
use crate::diagnostic::{Code, Consequence, Diagnostic, Severity, quote};
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
A record with the status `occurred` is dated after the manifest's `released`, or begins after it (role `start`). There is no clock in \
this rule: the same data is right or wrong on any day. Either the year is mistyped, or the status is \
`planned`.",
        consequence: Consequence::OfDate,
        ..Code::OF_RULE
    },
    check: Check::Record(check),
};

fn check(at: &RecordAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let Some(released) = at.context.released else { return };
    if !at.roles.has(Role::Status) {
        return;
    }
    for when in at.times() {
        let Some(status) = has_not_occurred(at, &when) else { continue };
        let found = when.value();
        let message = format!(
            "{} is {}, after the release on {released}, and is said to have occurred",
            found.subject(),
            quote(&found.text())
        );
        diagnostics.push(
            Diagnostic::new(RULE.code, found.place(), message)
                .with(status.place(), "said to have occurred")
                .help("correct the date, or write `planned`"),
        );
    }
}

/// The status nearest to a time that begins after the release, if it says that this occurred.
pub(super) fn has_not_occurred<'a>(
    at: &RecordAt<'a>,
    when: &When<'a, 'a>,
) -> Option<Found<'a, 'a>> {
    let (first, _) = when.days();
    if first? <= at.context.released? || when.stands_for_none() {
        return None;
    }
    let date = when.value();
    let candidates = at.roles.candidates(&[Role::Status], date.steps);
    let (place, number) = at.nearest().of(date.value, date.steps, &candidates)?;
    let status = at.roles.found(place, number, at.record, at.gathered);
    (status.value.as_str() == Some("occurred")).then_some(status)
}
