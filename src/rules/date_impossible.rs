//! D011: parts that make no date.

use super::{Check, RecordAt, Rule};
use crate::diagnostic::{Code, Consequence, Diagnostic, Severity};
use crate::edtf::parts::Part;
use crate::model::DateParts;
use crate::tape::Value;

/// A date that is composed of year, month and day, and can't be.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "D011",
        name: "impossible-date",
        severity: Severity::Error,
        since: "0.2.0",
        summary: "A year, a month and a day that belong together are no date.",
        explanation: "\
A schema composes a date of several columns (`x-dates`): there is no such day, as 30 February, or no such month, or a \
part stands there without the one that it needs: a day without a month, a month without a year. Mostly a digit is wrong, \
two columns have changed places, or a number stands for “unknown” (0, 99, -9): that belongs to the missing \
values that the manifest declares. Where the finding is accepted, the composed date is missing in releases; the \
parts are released as they are.",
        explains: Consequence::OfDate,
        ..Code::OF_RULE
    },
    check: Check::Record(check),
};

fn check(at: &RecordAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for found in at.roles.composed(at.record, at.gathered) {
        let Some(composed) = found.composed else { continue };
        let (parts, object) = (&composed.parts, found.around);
        if !are_integers(parts, object) {
            continue;
        }
        let Err(fault) = parts.of(object).date() else { continue };
        let Some(wrong) = parts.value(fault.part, object) else { continue };
        let place =
            |value: Value<'_>| crate::diagnostic::Place::of(value).at(at.record.pointer_to(value));
        let message = format!("{} is no date: {}", found.subject(), fault.message);
        let mut finding = Diagnostic::new(RULE.code, place(wrong), message)
            .label(format!("the {}", fault.part.name()))
            .help(fault.help);
        for part in Part::ALL {
            if let Some(other) = parts.value(part, object).filter(|_| part != fault.part) {
                finding = finding.with(place(other), format!("the {}", part.name()));
            }
        }
        diagnostics.push(finding);
    }
}

/// What is no integer is said elsewhere, and then nobody knows the date.
fn are_integers(parts: &DateParts, object: Value<'_>) -> bool {
    let mut values = Part::ALL.into_iter().filter_map(|part| parts.value(part, object));
    values.all(|value| value.as_i64().is_some())
}
