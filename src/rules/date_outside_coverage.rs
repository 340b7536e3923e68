//! D002: a date outside of what the dataset says it covers.

use super::date_sentinel::stands_for_none;
use super::{Check, RecordAt, Rule, days};
use crate::diagnostic::{Code, Diagnostic, Severity, quote};
use crate::model::Role;

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
either misdated, or the coverage is declared too narrowly. Only dates with the role `date` count, \
and only if no day that they can mean is covered.",
    },
    check: Check::Record(check),
};

fn check(at: &RecordAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let Some(temporal) = &at.context.dataset.temporal else { return };
    let Some(coverage) = &at.context.coverage else { return };
    for found in at.find(Role::Date) {
        let (earliest, latest) = days(found.value, found.kind);
        if found.value.as_str().is_some_and(stands_for_none) {
            continue;
        }
        let before = coverage.earliest().zip(latest).is_some_and(|(start, day)| day < start);
        let after = coverage.latest().zip(earliest).is_some_and(|(end, day)| day > end);
        if before || after {
            let message = format!(
                "{} is {}, {} the time that the dataset covers, {}",
                found.subject(),
                quote(found.value.as_str().unwrap_or_default()),
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
