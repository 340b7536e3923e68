//! Objects: whether they are closed, and whether what they demand is allowed.
//!
//! What is said here is certain: where something might yet be valid, nothing is said.

use std::collections::HashSet;

use super::gather::{Clause, Clauses, Condition};
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, Severity, code, quote};
use crate::model::certain::certain;
use crate::model::document::{Documents, Node};
use crate::tape::{Tag, Value};

/// Whether a keyword is there and says more than `false`.
fn admits(node: &Node<'_>, keyword: &str) -> bool {
    node.value.get(keyword).is_some() && !node.forbids(keyword)
}

/// Whether the object that these schemas speak of has no other properties than those that they name: in
/// every record, whichever of its branches applies.
pub(super) fn is_closed<'d>(documents: &'d Documents, clauses: &Clauses<'d>) -> bool {
    let closed_by =
        |keyword: &'static str| move |node: &Node<'d>| node.forbids(keyword).then(|| vec![keyword]);
    let always = || {
        let holds = |clause: &&Clause<'d>| clause.root && clause.condition == Condition::Always;
        clauses.iter().filter(holds)
    };
    let by = |keyword| {
        always().any(|clause| certain(documents, &clause.node, &closed_by(keyword)).is_some())
    };
    // What another schema lets through, this keyword takes for looked at.
    let leaks = |clause: &Clause<'d>| {
        admits(&clause.node, "additionalProperties")
            || admits(&clause.node, "unevaluatedProperties")
    };
    let either = |node: &Node<'d>| {
        let closed = node.forbids("additionalProperties") || node.forbids("unevaluatedProperties");
        closed.then(|| vec!["closed"])
    };
    by("additionalProperties")
        || (by("unevaluatedProperties")
            || always().any(|clause| certain(documents, &clause.node, &either).is_some()))
            && !clauses.iter().any(leaks)
}

/// Reports properties that are required and can't be there.
pub(super) fn check(
    clauses: &Clauses<'_>,
    properties: &[(&str, Clauses<'_>)],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let named: HashSet<_> = properties.iter().map(|(name, _)| *name).collect();
    let always = || clauses.iter().filter(|clause| clause.condition == Condition::Always);
    let keyed = |node: &Node<'_>| node.value.get("patternProperties").is_some();
    // A closed schema sees the properties beside it and no others.
    let mut allowed: Vec<(&Node<'_>, HashSet<&str>)> = Vec::new();
    for clause in always().filter(|it| it.node.forbids("additionalProperties")) {
        if !keyed(&clause.node) {
            let own = clause.node.value.get("properties");
            let own = own.map(|own| own.entries().map(|entry| entry.name()).collect());
            allowed.push((&clause.node, own.unwrap_or_default()));
        }
    }
    let leaks = |clause: &Clause<'_>| {
        let unlisted = ["additionalProperties", "unevaluatedProperties"];
        keyed(&clause.node)
            || unlisted.iter().any(|keyword| admits(&clause.node, keyword))
            || clause.node.value.get("if").is_some()
    };
    let unevaluated = always().find(|it| it.node.forbids("unevaluatedProperties"));
    if let Some(clause) = unevaluated.filter(|_| !clauses.iter().any(leaks)) {
        allowed.push((&clause.node, named.clone()));
    }
    let mut told: HashSet<&str> = HashSet::new();
    for clause in clauses {
        let mut wanted: Vec<Value<'_>> = Vec::new();
        wanted.extend(clause.node.value.get("required").into_iter().flat_map(Value::items));
        let dependent = clause.node.value.get("dependentRequired");
        wanted.extend(
            dependent.into_iter().flat_map(Value::entries).flat_map(|entry| entry.value.items()),
        );
        for item in wanted {
            let Some(property) = item.as_str() else { continue };
            let closed = allowed.iter().find(|(_, allowed)| !allowed.contains(property));
            let Some((closed, _)) = closed else { continue };
            if !told.insert(property) {
                continue;
            }
            let required = clause.node.value.get("required");
            let in_all = clause.condition == Condition::Always
                && required
                    .is_some_and(|list| list.items().any(|other| other.as_str() == Some(property)));
            let message = format!(
                "{} is required, and the closed object has no such property",
                quote(property)
            );
            let place = crate::diagnostic::Place::of(item).at(clause.node.pointer.clone());
            let mut finding = Diagnostic::new(&code::UNSATISFIABLE, place, message);
            if !named.contains(property) {
                finding = finding.help(match nearest(property, named.iter().copied()) {
                    Some(near) => format!("did you mean {}?", quote(near)),
                    None => "add it to `properties`, or take it off the list".to_owned(),
                });
            } else {
                let here = if closed.forbids("additionalProperties") {
                    "additionalProperties"
                } else {
                    "unevaluatedProperties"
                };
                finding = finding
                    .with(closed.place_of(here), "this allows only the properties beside it")
                    .help(
                        "close the object with `\"unevaluatedProperties\": false` beside `allOf` \
                         and `$ref`, and leave `additionalProperties` out",
                    );
            }
            if !in_all {
                finding.severity = Severity::Warning;
            }
            diagnostics.push(finding);
        }
    }
}

/// Reports what one schema says that contradicts itself.
pub(super) fn check_schema(node: &Node<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for (least, most) in [
        ("minLength", "maxLength"),
        ("minItems", "maxItems"),
        ("minProperties", "maxProperties"),
        ("minContains", "maxContains"),
        ("minimum", "maximum"),
    ] {
        let limit = |keyword: &str| node.value.get(keyword).and_then(Value::as_f64);
        if let (Some(low), Some(high)) = (limit(least), limit(most))
            && low > high
        {
            let message = format!("`{least}` is {low}, more than `{most}`, which is {high}");
            diagnostics.push(
                Diagnostic::new(&code::UNSATISFIABLE, node.place_of(least), message)
                    .with(node.place_of(most), "the other limit")
                    .help("exchange the two, or correct one"),
            );
        }
    }
    let types = crate::model::certain::named(node);
    let Some(values) = node.get("enum") else { return };
    let misfits: Vec<_> = values
        .value
        .items()
        .filter(|value| crate::model::certain::type_of(*value) & types == 0)
        .collect();
    if let Some(first) = misfits.first() {
        let all = misfits.len() == values.value.len();
        let spelt = match first.tag() {
            Tag::Text => quote(first.as_str().unwrap_or_default()),
            _ => quote(&first.to_json().to_string()),
        };
        let message =
            format!("{spelt} isn't of the type that the schema wants, so it is never valid");
        let place = crate::diagnostic::Place::of(*first).at(node.pointer.clone());
        let mut finding = Diagnostic::new(&code::UNSATISFIABLE, place, message)
            .with(node.place_of("type"), "the type")
            .help("write the value as that type, in quotes if it is text, or take it off the list");
        if !all {
            finding.severity = Severity::Warning;
        }
        diagnostics.push(finding);
    }
}
