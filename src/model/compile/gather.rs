//! All schemas that speak about one place of a record.
//!
//! JSON Schema spreads what it says about a value over `$ref`, `allOf`, branches and conditions.
//! [`gather`] lists them, so that the compiler can ask each for a type, a title or properties.

use std::collections::{HashMap, HashSet};

use crate::diagnostic::{Diagnostic, code};
use crate::model::document::{Documents, Node};
use crate::schema::certain::DEPTH_MAX;
use crate::schema::types::{NULL, Types};
use crate::tape::Value;

/// Under which condition a schema speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    /// It speaks of the place itself: the others are what it refers to.
    pub root: bool,
    /// The types that values may have for all that it says.
    pub types: Types,
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
    let mut gathering = Gathering {
        documents,
        followed: Vec::new(),
        seen: HashSet::new(),
        clauses: &mut clauses,
        diagnostics,
    };
    gathering.collect(node, condition);
    clauses
}

/// All gathering for one project takes no more schemas than this.
const GATHERED_MAX: usize = 1_000_000;

struct Gathering<'g, 'd> {
    documents: &'d Documents,
    /// The schemas that lead here: one that stands here again has no end.
    followed: Vec<(usize, String)>,
    /// What was met under a condition isn't met again under the same.
    seen: HashSet<(usize, String, Condition)>,
    clauses: &'g mut Clauses<'d>,
    diagnostics: &'g mut Vec<Diagnostic>,
}

impl<'d> Gathering<'_, 'd> {
    fn collect(&mut self, node: Node<'d>, condition: Condition) {
        let here = (node.document, node.pointer.clone());
        if self.followed.contains(&here) {
            if let Some(clause) = self.clauses.last_mut() {
                clause.broken = true;
            }
            self.diagnostics.push(
                Diagnostic::new(
                    &code::UNRESOLVED_REF,
                    node.place(),
                    format!("the schema at `#{}` refers to itself without end", node.pointer),
                )
                .help("let the `$ref`s end at a schema with a `type`"),
            );
            return;
        }
        if !self.seen.insert((node.document, node.pointer.clone(), condition)) {
            return;
        }
        let gathered = self.documents.gathered.get() + 1;
        self.documents.gathered.set(gathered);
        let too_large = |limit: String| {
            Diagnostic::new(&code::TOO_LARGE_SCHEMA, node.place(), limit)
                .help("let fewer `$ref`s and `allOf`s lead to one another")
        };
        if gathered > GATHERED_MAX && !self.clauses.is_empty() {
            if gathered == GATHERED_MAX + 1 {
                let limit =
                    format!("the schemas bring together more than {GATHERED_MAX} subschemas");
                self.diagnostics.push(too_large(limit));
            }
            return;
        }
        if self.followed.len() > DEPTH_MAX {
            let limit =
                format!("more than {DEPTH_MAX} `$ref`s and `allOf`s lead here, one after another");
            self.diagnostics.push(too_large(limit));
            if let Some(clause) = self.clauses.first_mut() {
                clause.broken = true;
            }
            return;
        }
        self.followed.push(here);
        let index = self.clauses.len();
        let types = self.documents.possible(&node);
        let root = self.clauses.is_empty();
        self.clauses.push(Clause { node: node.clone(), condition, broken: false, root, types });
        self.references(&node, index, condition);
        for schema in node.items("allOf") {
            self.collect(schema, condition);
        }
        for keyword in ["oneOf", "anyOf"] {
            let mut branches = node.items(keyword);
            branches.retain(|branch| self.documents.possible(branch) != NULL);
            // One branch beside null is no choice.
            let when = if branches.len() == 1 { Condition::Always } else { Condition::Branch };
            for branch in branches {
                self.collect(branch, condition.and(when));
            }
        }
        for keyword in ["then", "else"] {
            if let Some(schema) = node.get(keyword) {
                self.collect(schema, condition.and(Condition::When));
            }
        }
        for (_, schema) in node.entries("dependentSchemas") {
            self.collect(schema, condition.and(Condition::When));
        }
        self.followed.pop();
    }

    fn references(&mut self, node: &Node<'d>, index: usize, condition: Condition) {
        if let Some(reference) = node.get("$dynamicRef") {
            self.clauses[index].broken = true;
            self.diagnostics.push(
                Diagnostic::new(
                    &code::UNRESOLVED_REF,
                    reference.place(),
                    "`$dynamicRef` leads to another place each time, and columns are the same in \
                     every record",
                )
                .help("write a `$ref` to the schema that is meant"),
            );
        }
        if node.value.get("$ref").is_some() {
            match self.documents.follow(node) {
                Ok(target) => self.collect(target, condition),
                Err(diagnostic) => {
                    self.clauses[index].broken = true;
                    self.diagnostics.push(*diagnostic);
                }
            }
        }
    }
}

/// The first text under `keyword` that always holds; where the place itself is only spoken of under a
/// condition, the first.
pub(super) fn first_text<'d>(clauses: &Clauses<'d>, keyword: &str) -> Option<&'d str> {
    let always = |clause: &&Clause<'d>| clause.condition == Condition::Always;
    let declared = clauses.iter().any(|clause| clause.root && always(&clause));
    let mut speaking = clauses.iter().filter(|clause| !declared || always(clause));
    speaking.find_map(|clause| clause.node.text(keyword))
}

/// The clause that says `keyword` of every record: one that always holds; or, where the place itself is only
/// spoken of under a condition, the first, if all that speak of it say the same.
pub(super) fn always_with<'c, 'd>(clauses: &'c Clauses<'d>, keyword: &str) -> Option<&'c Node<'d>> {
    let is_always = |clause: &&Clause<'d>| clause.condition == Condition::Always;
    let says = |clause: &&Clause<'d>| clause.node.value.get(keyword).is_some();
    if clauses.iter().any(|clause| clause.root && is_always(&clause)) {
        return clauses.iter().filter(is_always).find(says).map(|clause| &clause.node);
    }
    let first = &clauses.iter().find(says)?.node;
    let json = |node: &Node<'d>| node.value.get(keyword).map(Value::to_json);
    let agree = clauses.iter().filter(says).all(|clause| json(&clause.node) == json(first));
    (agree && silent_root(clauses, keyword).is_none()).then_some(first)
}

/// A mention of the place that doesn't lead to the annotation, where another does.
pub(super) fn silent_root<'c, 'd>(clauses: &'c Clauses<'d>, keyword: &str) -> Option<&'c Node<'d>> {
    let mut silent = None;
    for clause in clauses {
        if clause.root {
            if silent.is_some() {
                return silent;
            }
            // One that forbids the property, or says nothing at all of it, has nothing to annotate.
            silent = (clause.node.value.as_bool().is_none()).then_some(&clause.node);
        }
        if clause.node.value.get(keyword).is_some() {
            silent = None;
        }
    }
    silent
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
    let mut known: HashMap<&'d str, usize> = HashMap::new();
    for clause in clauses {
        for (name, schema) in clause.node.entries("properties") {
            let gathered = gather(documents, schema, clause.condition, diagnostics);
            match known.get(name) {
                Some(&index) => properties[index].1.extend(gathered),
                None => {
                    known.insert(name, properties.len());
                    properties.push((name, gathered));
                }
            }
        }
    }
    properties
}

/// The properties that every record has that has this place.
pub(super) fn required<'d>(clauses: &Clauses<'d>) -> HashSet<&'d str> {
    let always = clauses.iter().filter(|clause| clause.condition == Condition::Always);
    let lists = always.filter_map(|clause| clause.node.value.get("required"));
    lists.flat_map(|list| list.items().filter_map(Value::as_str)).collect()
}
