//! E003: evidence for what isn't in the record.

use super::{Check, RecordAt, Rule};
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Code, Diagnostic, Severity, quote};
use crate::model::{Follower, Role, Table};
use crate::pointer;
use crate::spelling::all_of;
use crate::tape::{Tag, Value};

/// A pointer to a part of the record that isn't there.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "E003",
        name: "pointer-to-nothing",
        severity: Severity::Error,
        since: "0.1.0",
        summary: "Evidence points to a part of the record that isn't there.",
        explanation: "\
A value with the role `pointer` names a part of its own record as a JSON Pointer (RFC 6901): \
`/participants/0/role`. When items of a list are removed or reordered, pointers must follow; where the \
list has an `x-item-key`, they may name the item by its key instead: `/participants/host,NER/role`.",
        ..Code::OF_RULE
    },
    check: Check::Record(check),
};

fn check(at: &RecordAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut follower = Follower::new(at.table, at.record);
    for found in at.find(Role::Pointer) {
        let Some(text) = found.value.as_str() else { continue };
        if !text.starts_with('/') {
            // The schema's `format` says what a pointer looks like.
            continue;
        }
        let (deepest, exists) = follower.follow(text);
        if exists {
            continue;
        }
        let message =
            format!("{} is {}, and the record has nothing there", found.subject(), quote(text));
        diagnostics.push(Diagnostic::new(RULE.code, found.place(), message).help(advice(
            at.table,
            &mut follower,
            text,
            deepest,
        )));
    }
}

fn advice(
    table: &Table,
    follower: &mut Follower<'_, '_>,
    text: &str,
    deepest: Value<'_>,
) -> String {
    let mut known = String::new();
    for token in text.split('/').skip(1) {
        let longer = format!("{known}/{token}");
        if !follower.follow(&longer).1 {
            let token = pointer::unescape(token);
            let keyed = table.list_at(&known).filter(|level| !level.item_key.is_empty());
            return match (deepest.tag(), keyed) {
                (Tag::Array, Some(level)) => {
                    let names: Vec<_> =
                        deepest.items().filter_map(|item| level.item_name(item)).collect();
                    format!(
                        "the items of `{known}` are {}",
                        all_of(names.iter().map(String::as_str))
                    )
                }
                (Tag::Array, None) => {
                    let items = if deepest.len() == 1 { "item" } else { "items" };
                    format!("the list at `{known}` has {} {items}, counted from 0", deepest.len())
                }
                (Tag::Object, _) => {
                    let names = deepest.entries().map(|entry| entry.name());
                    match nearest(&token, names) {
                        Some(near) => format!("did you mean `{}`?", pointer::join(&known, near)),
                        None if known.is_empty() => format!("the record has no `{token}`"),
                        None => format!("`{known}` has no `{token}`"),
                    }
                }
                _ => format!("`{known}` is a value, with nothing below it"),
            };
        }
        known = longer;
    }
    "correct the pointer".to_owned()
}
