//! D002: a date outside of what the dataset says it covers.

use super::date_not_yet_occurred::has_not_occurred;
use super::{Check, RecordAt, Rule};
use crate::diagnostic::{Code, Consequence, Diagnostic, Severity, quote};

/// A date that lies wholly before or after the manifest's `temporal`.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "D002",
        name: "date-outside-coverage",
        severity: Severity::Error,
        since: "0.1.0",
        summary: "A record's date lies outside the time that the manifest says the dataset covers.",
        explanation: "\
The declared coverage decides where a zero is a zero and not a gap. A record outside of it is \
either misdated, or the coverage is declared too narrowly. Dates with the role `date` count, and times from \
a `start` to an `end`, but not the offices of persons that other records name; and only if no day that they can mean is covered. An event after \
the release that is said to have occurred is left to `not-yet-occurred`.",
        consequence: Consequence::OfDate,
        ..Code::OF_RULE
    },
    check: Check::Record(check),
};

fn check(at: &RecordAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let Some(temporal) = &at.context.dataset.temporal else { return };
    let Some(coverage) = &at.context.coverage else { return };
    for when in at.times() {
        let (earliest, latest) = when.days();
        if when.stands_for_none() || has_not_occurred(at, &when).is_some() {
            continue;
        }
        let found = when.value();
        let before = coverage.earliest().zip(latest).is_some_and(|(start, day)| day < start);
        let after = coverage.latest().zip(earliest).is_some_and(|(end, day)| day > end);
        if before || after {
            let message = format!(
                "{} is {}, {} the time that the dataset covers, {}",
                found.subject(),
                when.quoted(),
                if before { "before" } else { "after" },
                quote(temporal)
            );
            diagnostics.push(
                Diagnostic::new(RULE.code, found.place(), message)
                    .help("correct the date, or widen `temporal` in the manifest"),
            );
        }
    }
}
