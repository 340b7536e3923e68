//! D004: something that ended before it began.

use super::{Check, RecordAt, Rule};
use crate::diagnostic::{Code, Consequence, Diagnostic, Severity, quote};
use crate::model::Role;

/// An object whose end lies wholly before its start.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "D004",
        name: "end-before-start",
        severity: Severity::Error,
        since: "0.1.0",
        summary: "Something ends before it begins.",
        explanation: "\
Of two dates side by side with the roles `start` and `end`, the last day that the end can mean lies \
before the first day that the start can mean. Bounds of one uncertain date are checked when it is \
read.",
        consequence: Consequence::OfDate,
        ..Code::OF_RULE
    },
    check: Check::Record(check),
};

fn check(at: &RecordAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for start in at.find(Role::Start) {
        let Some(end) = at.roles.beside(Role::End, &start) else { continue };
        let (Some(first), _) = start.days() else { continue };
        let (_, Some(last)) = end.days() else { continue };
        let none = start.stands_for_none() || end.stands_for_none();
        if last < first && !none {
            let message = format!(
                "{} is {}, after the end {}",
                start.subject(),
                quote(&start.text()),
                quote(&end.text())
            );
            diagnostics.push(
                Diagnostic::new(RULE.code, end.place(), message)
                    .label("ends before it begins")
                    .with(start.place(), "the start")
                    .help("swap the two, or correct the one that is wrong"),
            );
        }
    }
}
