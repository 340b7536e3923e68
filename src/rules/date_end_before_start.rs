//! D004: something that ended before it began.

use super::together::each_scope;
use super::{Check, Found, RecordAt, Rule};
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
Of two dates with the roles `start` and `end`, the last day that the end can mean lies before the first \
day that the start can mean. The two stand side by side, or they are the only start and the only end of a \
record or of an item of a list, in different groups of it (`opening.date` and `closing.date`). Where each of \
these groups has a state, a person or something else of its own that it is about (roles `state`, `person`, `side`, \
`spell-of`, `unit`), they aren't compared. Bounds of one uncertain date are checked when it is read.",
        consequence: Consequence::OfDate,
        ..Code::OF_RULE
    },
    check: Check::Record(check),
};

fn check(at: &RecordAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for start in at.find(Role::Start) {
        if let Some(end) = at.roles.beside(Role::End, &start) {
            compare(&start, &end, diagnostics);
        }
    }
    for span in &at.roles.together.across {
        each_scope(span.scope(), at.record, &mut |path| {
            if let (Some(start), Some(end)) = (span.start.found(at, path), span.end.found(at, path))
            {
                compare(&start, &end, diagnostics);
            }
        });
    }
}

fn compare(start: &Found<'_, '_>, end: &Found<'_, '_>, diagnostics: &mut Vec<Diagnostic>) {
    let ((Some(first), _), (_, Some(last))) = (start.days(), end.days()) else { return };
    if last >= first || start.stands_for_none() || end.stands_for_none() {
        return;
    }
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
