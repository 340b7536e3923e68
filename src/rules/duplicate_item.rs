//! U003: one thing listed twice.

use super::{Check, RecordAt, Rule};
use crate::diagnostic::{Code, Diagnostic, Place, Severity};
use crate::pointer;
use crate::tape::{Tag, Value};
use crate::validate::equality::first_repeated;

/// Two equal objects in one list.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "U003",
        name: "repeated-item",
        severity: Severity::Warning,
        summary: "A list of objects holds the same object twice.",
        explanation: "\
A participant, a place or an outcome that stands in a list twice is counted twice. Lists of bare \
values say by `uniqueItems` in the schema whether they may repeat.",
    },
    since: "0.1.0",
    check: Check::Record(check),
};

fn check(at: &RecordAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    if !at.table.level.lists.is_empty() {
        search(at.record, &Path::Record, diagnostics);
    }
}

/// The way to a value; only findings spell it out.
enum Path<'p> {
    Record,
    Name(&'p Path<'p>, &'p str),
    Position(&'p Path<'p>, usize),
}

impl Path<'_> {
    fn pointer(&self) -> String {
        match self {
            Self::Record => String::new(),
            Self::Name(around, name) => pointer::join(&around.pointer(), name),
            Self::Position(around, position) => pointer::join_index(&around.pointer(), *position),
        }
    }
}

fn search(value: Value<'_>, path: &Path<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for entry in value.entries() {
        if matches!(entry.value.tag(), Tag::Object | Tag::Array) {
            search(entry.value, &Path::Name(path, entry.name()), diagnostics);
        }
    }
    if value.items().next().is_none_or(|item| item.tag() != Tag::Object) {
        return;
    }
    for (position, item) in value.items().enumerate() {
        search(item, &Path::Position(path, position), diagnostics);
    }
    if let Some((first, again)) = first_repeated(value) {
        let at = path.pointer();
        let message = format!("`{}` lists the same object twice", pointer::readable(&at));
        let place = Place::new(again.source(), again.opening()).at(at);
        diagnostics.push(
            Diagnostic::new(RULE.code, place, message)
                .label("again here")
                .with(Place::new(first.source(), first.opening()), "first here")
                .help("remove one of the two, or say what tells them apart"),
        );
    }
}
