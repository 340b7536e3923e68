//! The clauses of schemas that records break: where they stand, and why they hold for a record.
//!
//! Nothing is looked up while records are valid.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::authority::{Demand, Violation};
use super::finder::Finder;
use super::{Document, SchemaPlace, Schemas};
use crate::diagnostic::nearest::Words;
use crate::diagnostic::{Label, Place, quote};
use crate::pointer;
use crate::tape::{Entry, Tag, Value};

/// Finds clauses in schema files.
pub struct Clauses<'d> {
    documents: &'d [Document],
    schemas: &'d Schemas,
    /// Labels that were made before: thousands of records may break one clause.
    labels: Mutex<HashMap<String, Option<Arc<Label>>>>,
    /// What is allowed, for guesses, by a name for where.
    words: Mutex<HashMap<String, Arc<Words>>>,
}

/// What one of several alternatives asks of properties.
#[derive(Default)]
pub struct Branch<'d> {
    /// What it calls itself.
    pub title: Option<&'d str>,
    /// Properties of which it allows one value.
    pub fixed: Vec<&'d str>,
    /// Properties of which it allows some values.
    pub listed: Vec<&'d str>,
}

/// How far references of a branch are followed.
const DEPTH_MAX: usize = 4;
/// How many parts of a branch are looked at.
const PARTS_MAX: usize = 8;

/// Why a clause holds for a record though it doesn't hold for all.
#[derive(Clone)]
pub struct Condition {
    /// What is so in the record: "`status` is `cancelled`".
    pub words: String,
    /// Where the value stands that makes it so, if it is there.
    pub place: Option<Place>,
}

impl<'d> Clauses<'d> {
    /// The clauses of these schemas.
    #[must_use]
    pub fn new(documents: &'d [Document], schemas: &'d Schemas) -> Self {
        Self { documents, schemas, labels: Mutex::default(), words: Mutex::default() }
    }

    /// Where the clause stands, and what it says.
    #[must_use]
    pub fn label(&self, violation: &Violation) -> Option<Arc<Label>> {
        let required = match &violation.demand {
            Demand::Required(name) => Some(name.as_str()),
            _ => None,
        };
        let name = format!("{}\0{}", violation.clause, required.unwrap_or_default());
        let mut labels = self.labels.lock().unwrap_or_else(PoisonError::into_inner);
        let label = labels
            .entry(name)
            .or_insert_with(|| self.read(&violation.clause, required).map(Arc::new));
        label.clone()
    }

    fn read(&self, clause: &str, required: Option<&str>) -> Option<Label> {
        let (root, pointer) = self.find(clause)?;
        let (parent, keyword) = pointer.rsplit_once('/')?;
        let (parent, true) = root.pointer(parent) else { return None };
        let entry = parent.entry(&pointer::unescape(keyword));
        let (value, found) = root.pointer(&pointer);
        let item = required.and_then(|name| match keyword_above(&pointer) {
            // The crate doesn't say which of its lists it was.
            Some("dependentRequired") => parent.entries().find_map(|entry| item(entry.value, name)),
            _ => item(value, name),
        });
        let place = match (item, &entry) {
            (Some(item), _) => Place::of(item),
            (None, Some(entry)) if is_composite(value) => Place::of(entry.key),
            (None, _) => Place::of(value),
        };
        let text = match (required, &entry) {
            (Some(_), _) => "the schema requires it".to_owned(),
            (None, Some(entry)) => format!("the schema says {}", quote(&spelt(entry))),
            (None, None) => format!("the schema says {}", quote(&value.to_json().to_string())),
        };
        (found || item.is_some()).then(|| Label { place: place.at(pointer), text })
    }

    /// The texts among the `examples` that stand beside a clause.
    #[must_use]
    pub fn examples(&self, violation: &Violation) -> Vec<&'d str> {
        let beside = || {
            let (root, pointer) = self.find(&violation.clause)?;
            let (schema, true) = root.pointer(pointer.rsplit_once('/')?.0) else { return None };
            schema.get("examples")
        };
        beside().into_iter().flat_map(Value::items).filter_map(Value::as_str).collect()
    }

    /// The schema that a clause stands in, and the pointer to the clause.
    fn find(&self, clause: &str) -> Option<(Value<'d>, String)> {
        let SchemaPlace { document, pointer } = self.schemas.find(clause)?;
        Some((self.documents[document].tape.roots().next()?, pointer))
    }

    /// What is allowed somewhere, made ready for guesses by who asks first.
    #[must_use]
    pub fn words(&self, place: &str, make: impl FnOnce() -> Words) -> Arc<Words> {
        let mut words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(words.entry(place.to_owned()).or_insert_with(|| Arc::new(make())))
    }

    /// The branches of an `anyOf` or `oneOf`.
    #[must_use]
    pub fn branches(&self, clause: &str) -> Vec<Branch<'d>> {
        let Some((root, pointer)) = self.find(clause) else { return Vec::new() };
        let (list, _) = root.pointer(&pointer);
        let document = clause.split('#').next().unwrap_or_default();
        list.items().map(|item| self.branch(document, item, DEPTH_MAX)).collect()
    }

    fn branch(&self, document: &str, schema: Value<'d>, depth: usize) -> Branch<'d> {
        let title = schema.get("title").and_then(Value::as_str);
        let mut branch = Branch { title, ..Branch::default() };
        if depth == 0 {
            return branch;
        }
        for property in schema.get("properties").into_iter().flat_map(Value::entries) {
            let list = property.value.get("enum").map(Value::len);
            match (property.value.get("const"), list) {
                (Some(_), _) | (None, Some(1)) => branch.fixed.push(property.name()),
                (None, Some(_)) => branch.listed.push(property.name()),
                (None, None) => {}
            }
        }
        let mut others: Vec<(String, Value<'d>)> = schema
            .get("allOf")
            .into_iter()
            .flat_map(Value::items)
            .map(|part| (document.to_owned(), part))
            .collect();
        let reference = schema.get("$ref").and_then(Value::as_str);
        others.extend(reference.and_then(|reference| self.follow(document, reference)));
        for (document, part) in others.into_iter().take(PARTS_MAX) {
            let part = self.branch(&document, part, depth - 1);
            branch.title = branch.title.or(part.title);
            branch.fixed.extend(part.fixed);
            branch.listed.extend(part.listed);
        }
        branch
    }

    /// What a reference of a branch leads to, with its URI.
    fn follow(&self, document: &str, reference: &str) -> Option<(String, Value<'d>)> {
        let place = self.schemas.resolve(&self.schemas.find(document)?, reference).ok()?;
        let root = self.documents[place.document].tape.roots().next()?;
        let (schema, found) = root.pointer(&place.pointer);
        found.then(|| (self.schemas.base(&place).to_owned(), schema))
    }

    /// The keyword's siblings as a schema.
    #[must_use]
    pub fn schema(&self, clause: &str) -> Option<Value<'d>> {
        let (root, pointer) = self.find(clause)?;
        let (schema, found) = root.pointer(pointer.rsplit_once('/')?.0);
        found.then_some(schema)
    }

    /// Why the clause holds for `record`, if that depends on the record.
    #[must_use]
    pub(super) fn condition(
        &self,
        violation: &Violation,
        record: &Finder<'_>,
    ) -> Option<Condition> {
        let (root, pointer) = self.find(&violation.clause)?;
        let tokens: Vec<_> = pointer.split('/').skip(1).map(pointer::unescape).collect();
        // The innermost condition is nearest to what is wrong.
        (0..tokens.len()).rev().find_map(|index| {
            let above: String = tokens[..index]
                .iter()
                .fold(String::new(), |path, token| pointer::join(&path, token));
            let (schema, _) = root.pointer(&above);
            let (tests, inside) = match (&*tokens[index], &violation.demand) {
                ("then" | "else", _) => (tested(schema.get("if")?), index + 1),
                ("dependentSchemas", _) => {
                    (vec![Test::of_presence(tokens.get(index + 1)?)], index + 2)
                }
                ("dependentRequired", Demand::Required(name)) => {
                    let (object, _) = record.value(&violation.pointer);
                    let asks = |entry: &Entry<'_>| {
                        object.get(entry.name()).is_some() && item(entry.value, name).is_some()
                    };
                    let entry = schema.get(&tokens[index])?.entries().find(asks)?;
                    return facts(object, &[Test::of_presence(entry.name())]);
                }
                _ => return None,
            };
            let steps = steps_down(tokens.get(inside..).unwrap_or_default());
            let mut base = violation.pointer.as_str();
            for _ in 0..steps {
                base = base.rsplit_once('/')?.0;
            }
            let (base, true) = record.value(base) else { return None };
            facts(base, &tests)
        })
    }
}

/// A property that a condition looks at.
#[derive(Clone, PartialEq)]
struct Test {
    /// The names that lead to it.
    path: Vec<String>,
    /// Whether its value matters, or only that it is there.
    by_value: bool,
}

impl Test {
    fn of_presence(name: &str) -> Self {
        Self { path: vec![name.to_owned()], by_value: false }
    }
}

/// What is so of properties of an object that some of its alternatives allow one value of.
pub(super) fn told_by(object: Value<'_>, names: &[&str]) -> Option<Condition> {
    let test = |name: &&str| Test { path: vec![(*name).to_owned()], by_value: true };
    facts(object, &names.iter().map(test).collect::<Vec<_>>())
}

/// What is so of the properties that a condition tests.
fn facts(object: Value<'_>, tests: &[Test]) -> Option<Condition> {
    let mut first = None;
    let mut words: Vec<String> = Vec::new();
    for Test { path, by_value } in tests {
        let at = path.iter().fold(String::new(), |at, name| pointer::join(&at, name));
        let name = quote(&pointer::readable(&at));
        let (value, found) = object.pointer(&at);
        words.push(match found {
            false => format!("{name} is missing"),
            true if *by_value && !is_composite(value) => {
                let text =
                    value.as_str().map_or_else(|| value.to_json().to_string(), str::to_owned);
                format!("{name} is {}", quote(&text))
            }
            true => format!("{name} is there"),
        });
        first = first.or(found.then(|| Place::new(value.source(), value.opening())));
    }
    (!words.is_empty()).then(|| Condition { words: words.join(" and "), place: first })
}

/// The properties that a condition looks at.
fn tested(condition: Value<'_>) -> Vec<Test> {
    let mut tests: Vec<Test> = Vec::new();
    for entry in condition.entries() {
        match entry.name() {
            "properties" => {
                for property in entry.value.entries() {
                    let mut below = tested(property.value);
                    if below.is_empty() {
                        below.push(Test { path: Vec::new(), by_value: true });
                    }
                    tests.extend(below.into_iter().map(|mut test| {
                        test.path.insert(0, property.name().to_owned());
                        test
                    }));
                }
            }
            "required" => {
                let names = entry.value.items().filter_map(Value::as_str);
                tests.extend(names.map(Test::of_presence));
            }
            "allOf" | "anyOf" | "oneOf" => tests.extend(entry.value.items().flat_map(tested)),
            "not" => tests.extend(tested(entry.value)),
            _ => {}
        }
    }
    // Of a property whose value is told, or what is inside it, nobody need be told that it is there.
    let mut kept: Vec<Test> = Vec::new();
    for test in &tests {
        let told =
            |other: &Test| !test.by_value && other != test && other.path.starts_with(&test.path);
        if !kept.contains(test) && !tests.iter().any(told) {
            kept.push(test.clone());
        }
    }
    kept
}

/// How many steps into a record the keywords lead.
fn steps_down<'p>(tokens: &[impl AsRef<str> + 'p]) -> usize {
    let mut tokens = tokens.iter().map(AsRef::as_ref);
    let mut steps = 0;
    while let Some(token) = tokens.next() {
        match token {
            "properties" | "patternProperties" | "prefixItems" => {
                steps += usize::from(tokens.next().is_some());
            }
            "items" | "additionalProperties" | "unevaluatedProperties" | "unevaluatedItems"
                // As the last word it is the clause itself.
                if tokens.len() > 0 => steps += 1,
            "dependentSchemas" | "allOf" | "anyOf" | "oneOf" => {
                tokens.next();
            }
            _ => {}
        }
    }
    steps
}

/// The last keyword but one of a pointer.
fn keyword_above(pointer: &str) -> Option<&str> {
    pointer.rsplit('/').nth(1)
}

/// The item of a `required`, or of one of a `dependentRequired`, that is this name.
fn item<'t>(value: Value<'t>, name: &str) -> Option<Value<'t>> {
    value.items().find(|item| item.as_str() == Some(name))
}

fn is_composite(value: Value<'_>) -> bool {
    matches!(value.tag(), Tag::Object | Tag::Array)
}

/// A keyword with its value, on one line.
fn spelt(entry: &Entry<'_>) -> String {
    let name = entry.key.literal().unwrap_or(entry.name());
    match entry.value.literal() {
        Some(literal) if !literal.contains('\n') => format!("{name}: {literal}"),
        _ => format!("{name}: {}", entry.value.to_json()),
    }
}
