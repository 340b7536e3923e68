//! Objects: whether they are closed, and whether what they demand is allowed.
//!
//! What is said here is certain: where something might yet be valid, nothing is said.

use std::collections::HashSet;

use serde_json::{Map, Value as Json};

use super::gather::{Clause, Clauses, Condition, gather};
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, Severity, code, quote};
use crate::model::document::{Documents, Node};
use crate::schema::types;
use crate::tape::{Tag, Value};

/// Whether a keyword is there and says more than `false`.
fn admits(node: &Node<'_>, keyword: &str) -> bool {
    node.value.get(keyword).is_some() && !node.forbids(keyword)
}

/// The schemas that always speak of the place itself.
fn always<'c, 'd>(clauses: &'c Clauses<'d>) -> impl Iterator<Item = &'c Clause<'d>> {
    clauses.iter().filter(|clause| clause.root && clause.condition == Condition::Always)
}

/// Whether a schema says `false` of one of these keywords, in every record.
fn is_closed_by<'d>(documents: &'d Documents, clauses: &Clauses<'d>, keywords: &[&str]) -> bool {
    let closes = |schema: &Map<String, Json>| {
        let forbids = |keyword: &&str| schema.get(*keyword) == Some(&Json::Bool(false));
        keywords.iter().any(forbids).then(|| vec!["closed"])
    };
    always(clauses).any(|clause| documents.certain(&clause.node, &closes).is_some())
}

/// Whether the object that these schemas speak of has no other properties than those that they name: in
/// every record, whichever of its branches applies.
pub(super) fn is_closed<'d>(documents: &'d Documents, clauses: &Clauses<'d>) -> bool {
    // What another schema lets through, `unevaluatedProperties` takes for looked at.
    let leaks = |clause: &Clause<'d>| {
        admits(&clause.node, "additionalProperties")
            || admits(&clause.node, "unevaluatedProperties")
    };
    is_closed_by(documents, clauses, &["additionalProperties"])
        || is_closed_by(documents, clauses, &["additionalProperties", "unevaluatedProperties"])
            && !clauses.iter().any(leaks)
}

/// Reports what an `if` names that isn't named in every record: `unevaluatedProperties` takes it for looked
/// at, and lets it through whatever it is.
pub(super) fn check_conditions<'d>(
    documents: &'d Documents,
    clauses: &Clauses<'d>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if !clauses.iter().any(|clause| clause.node.forbids("unevaluatedProperties"))
        || is_closed_by(documents, clauses, &["additionalProperties"])
    {
        return;
    }
    let is_named = |name: &str| {
        let names = |schema: &Map<String, Json>| {
            schema.get("properties")?.get(name).is_some().then(|| vec!["named"])
        };
        always(clauses).any(|clause| documents.certain(&clause.node, &names).is_some())
    };
    let mut open: Vec<_> = clauses.iter().filter_map(|clause| clause.node.get("if")).collect();
    let (mut seen, mut told) = (HashSet::new(), HashSet::new());
    while let Some(condition) = open.pop() {
        if !seen.insert(condition.at()) {
            continue;
        }
        // What is wrong with its references the authority says.
        let parts = gather(documents, condition, Condition::When, &mut Vec::new());
        for part in parts {
            open.extend(part.node.get("if"));
            let more = ["additionalProperties", "unevaluatedProperties", "patternProperties"];
            if let Some(keyword) = more.into_iter().find(|keyword| admits(&part.node, keyword)) {
                let message = format!("`if` lets properties through by `{keyword}`");
                diagnostics.push(
                    Diagnostic::new(&code::OPEN_OBJECT, part.node.place_of(keyword), message)
                        .help("name in `if` only properties that stand under `properties`, too"),
                );
            }
            for (name, schema) in part.node.entries("properties") {
                let is_forbidden = schema.value.as_bool() == Some(false);
                if is_forbidden || is_named(name) || !told.insert(name) {
                    continue;
                }
                let name = quote(name);
                let message = format!(
                    "{name} is let through by `if`, which names it, whatever other schemas say of it"
                );
                diagnostics.push(
                    Diagnostic::new(&code::OPEN_OBJECT, schema.place(), message)
                        .help(format!("name {name} under `properties`, where it always holds")),
                );
            }
        }
    }
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
    let wanted = node
        .value
        .get("type")
        .map_or(types::ANYTHING, |named| types::named(&named.to_json()).unwrap_or(0));
    let Some(values) = node.get("enum") else { return };
    let misfits: Vec<_> =
        values.value.items().filter(|value| types::of(value.tag(), *value) & wanted == 0).collect();
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
