//! U003: one thing listed twice.

use super::{Check, ListAt, Rule};
use crate::diagnostic::{Code, Diagnostic, Place, Severity};
use crate::pointer;
use crate::tape::equality::first_repeated;

/// Two equal objects in one list.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "U003",
        name: "repeated-item",
        severity: Severity::Warning,
        since: "0.1.0",
        summary: "A list of objects holds the same object twice.",
        explanation: "\
A participant, a place or an outcome that stands in a list twice is counted twice. Lists of bare \
values say by `uniqueItems` in the schema whether they may repeat.",
    },
    check: Check::List(check),
};

fn check(at: &ListAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let Some((first, again)) = first_repeated(at.list) else { return };
    let pointer = (at.pointer)();
    let message = format!("`{}` lists the same object twice", pointer::readable(&pointer));
    let place = Place::new(again.source(), again.opening()).at(pointer);
    diagnostics.push(
        Diagnostic::new(RULE.code, place, message)
            .label("again here")
            .with(Place::new(first.source(), first.opening()), "first here")
            .help("remove one of the two, or say what tells them apart"),
    );
}
