//! All schemas that speak about one place of a record.
//!
//! JSON Schema spreads what it says about a value over `$ref`, `allOf`, branches and conditions.
//! [`gather`] lists them, so that the compiler can ask each for a type, a title or properties.

use super::document::{Documents, Node};
use crate::diagnostic::{Diagnostic, code};

/// Under which condition a schema speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// Always.
    Always,
    /// If a branch of `oneOf` or `anyOf` is the one.
    Branch,
    /// If an `if`, or the presence of another property, says so.
    When,
}

impl Condition {
    /// The condition of something that speaks under `inner` inside of what speaks under `self`.
    pub fn and(self, inner: Condition) -> Condition {
        if self == Condition::Always { inner } else { self }
    }
}

/// A schema that speaks about a place, and when.
#[derive(Clone, Debug)]
pub(super) struct Clause<'d> {
    pub node: Node<'d>,
    pub condition: Condition,
    /// Its `$ref` leads nowhere, so that nobody knows all that it says.
    pub broken: bool,
}

/// Schemas that speak about one place, the nearest first.
pub(super) type Clauses<'d> = Vec<Clause<'d>>;

/// Lists the schemas that `node` brings together. Recursion through `$ref` and references that
/// lead nowhere are reported once.
pub(super) fn gather<'d>(
    documents: &'d Documents,
    node: Node<'d>,
    condition: Condition,
    diagnostics: &mut Vec<Diagnostic>,
) -> Clauses<'d> {
    let mut clauses = Vec::new();
    collect(documents, node, condition, &mut Vec::new(), &mut clauses, diagnostics);
    clauses
}

fn collect<'d>(
    documents: &'d Documents,
    node: Node<'d>,
    condition: Condition,
    followed: &mut Vec<(usize, String)>,
    clauses: &mut Clauses<'d>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let here = (node.document, node.pointer.clone());
    if followed.contains(&here) {
        if let Some(clause) = clauses.last_mut() {
            clause.broken = true;
        }
        diagnostics.push(
            Diagnostic::new(
                &code::UNRESOLVED_REF,
                node.place(),
                format!("the schema at `#{}` refers to itself without end", node.pointer),
            )
            .help("let the `$ref`s end at a schema with a `type`"),
        );
        return;
    }
    followed.push(here);
    let index = clauses.len();
    clauses.push(Clause { node: node.clone(), condition, broken: false });
    if node.value.get("$ref").is_some() {
        match documents.follow(&node) {
            Ok(target) => {
                collect(documents, target, condition, followed, clauses, diagnostics);
            }
            Err(diagnostic) => {
                clauses[index].broken = true;
                diagnostics.push(*diagnostic);
            }
        }
    }
    let mut inner = |node: Node<'d>, when: Condition| {
        let condition = condition.and(when);
        collect(documents, node, condition, followed, clauses, diagnostics);
    };
    for schema in node.items("allOf") {
        inner(schema, Condition::Always);
    }
    for keyword in ["oneOf", "anyOf"] {
        let branches: Vec<_> = node
            .items(keyword)
            .into_iter()
            .filter(|branch| branch.text("type") != Some("null"))
            .collect();
        // One branch beside null is no choice.
        let when = if branches.len() == 1 { Condition::Always } else { Condition::Branch };
        for branch in branches {
            inner(branch, when);
        }
    }
    for keyword in ["then", "else"] {
        if let Some(schema) = node.get(keyword) {
            inner(schema, Condition::When);
        }
    }
    for (_, schema) in node.entries("dependentSchemas") {
        inner(schema, Condition::When);
    }
    followed.pop();
}

/// The first text under `keyword`, unconditional clauses first.
pub(super) fn first_text<'d>(clauses: &Clauses<'d>, keyword: &str) -> Option<&'d str> {
    let always = clauses.iter().filter(|clause| clause.condition == Condition::Always);
    let others = clauses.iter().filter(|clause| clause.condition != Condition::Always);
    always.chain(others).find_map(|clause| clause.node.text(keyword))
}

/// The first clause that has `keyword`.
pub(super) fn first_with<'c, 'd>(clauses: &'c Clauses<'d>, keyword: &str) -> Option<&'c Node<'d>> {
    clauses.iter().map(|clause| &clause.node).find(|node| node.value.get(keyword).is_some())
}

/// The properties that the clauses name, each with all that speaks about it, in the order of
/// their first mention: own properties before those of `$ref` and `allOf`.
pub(super) fn properties<'d>(
    documents: &'d Documents,
    clauses: &Clauses<'d>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(&'d str, Clauses<'d>)> {
    let mut properties: Vec<(&'d str, Clauses<'d>)> = Vec::new();
    for clause in clauses {
        for (name, schema) in clause.node.entries("properties") {
            let gathered = gather(documents, schema, clause.condition, diagnostics);
            match properties.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => known.extend(gathered),
                None => properties.push((name, gathered)),
            }
        }
    }
    properties
}

/// Whether every record that has this place has `name` below it.
pub(super) fn requires(clauses: &Clauses<'_>, name: &str) -> bool {
    clauses.iter().filter(|clause| clause.condition == Condition::Always).any(|clause| {
        let Some(required) = clause.node.value.get("required") else { return false };
        required.items().any(|item| item.as_str() == Some(name))
    })
}
