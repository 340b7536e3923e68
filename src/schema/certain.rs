//! What holds for every value that a schema accepts: through `$ref` and `allOf`, and in all branches of
//! `anyOf` and `oneOf`. What only one branch says, or a condition, isn't certain.
//!
//! The model takes its kinds from here and the acceptor what it merges. That nothing is called certain
//! which a value escapes that the authority accepts is tested with random schemas and values.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::{Map, Value as Json};

use super::types::{self, ANYTHING, NULL, Types};
use super::{SchemaPlace, Schemas};

/// The types that were worked out, by where the schema stands.
pub type KnownTypes = RefCell<HashMap<SchemaPlace, Types>>;

/// `$ref` in `allOf` in `$ref` deeper than this says nothing certain.
pub const DEPTH_MAX: usize = 100;

/// The types that values of a schema may have; perhaps more, never fewer.
#[must_use]
pub fn possible(schemas: &Schemas, known: &KnownTypes, at: &SchemaPlace) -> Types {
    possible_at(schemas, known, at, 0)
}

fn possible_at(schemas: &Schemas, known: &KnownTypes, at: &SchemaPlace, depth: usize) -> Types {
    let possible = |part: &SchemaPlace| possible_at(schemas, known, part, depth + 1);
    let keywords = match schemas.at(at) {
        Some(Json::Object(keywords)) => keywords,
        Some(Json::Bool(false)) => return 0,
        _ => return ANYTHING,
    };
    if let Some(known) = known.borrow().get(at) {
        return *known;
    }
    if depth > DEPTH_MAX {
        return ANYTHING;
    }
    // In a circle of references nothing more is said.
    known.borrow_mut().insert(at.clone(), ANYTHING);
    let mut found = named(keywords) & constant_types(keywords);
    if let Some(target) = target(schemas, at, keywords) {
        found &= possible(&target);
    }
    for part in parts(at, keywords, "allOf") {
        found &= possible(&part);
    }
    for keyword in ["anyOf", "oneOf"] {
        if keywords.contains_key(keyword) {
            found &= parts(at, keywords, keyword).fold(0, |any, branch| any | possible(&branch));
        }
    }
    if let Some((then, otherwise)) = both_ways(at, keywords) {
        found &= possible(&then) | possible(&otherwise);
    }
    known.borrow_mut().insert(at.clone(), found);
    found
}

/// The types of a schema's own `type`.
#[must_use]
pub fn named(keywords: &Map<String, Json>) -> Types {
    keywords.get("type").map_or(ANYTHING, |named| types::named(named).unwrap_or(0))
}

/// The types of the values that `const` or `enum` lists.
fn constant_types(keywords: &Map<String, Json>) -> Types {
    match constants(keywords) {
        Some(values) => values.iter().fold(0, |found, value| found | types::of_json(value)),
        None => ANYTHING,
    }
}

/// Whether one schema lists values, and none of the type that it wants.
#[must_use]
pub fn contradicts_itself(keywords: &Map<String, Json>) -> bool {
    keywords.contains_key("enum") && named(keywords) & constant_types(keywords) == 0
}

/// The values that one schema's `const` or `enum` lists.
#[must_use]
pub fn constants(keywords: &Map<String, Json>) -> Option<&[Json]> {
    match keywords.get("const") {
        Some(value) => Some(std::slice::from_ref(value)),
        None => keywords.get("enum")?.as_array().map(Vec::as_slice),
    }
}

/// Where a schema's `$ref` leads.
fn target(
    schemas: &Schemas,
    at: &SchemaPlace,
    keywords: &Map<String, Json>,
) -> Option<SchemaPlace> {
    schemas.resolve(at, keywords.get("$ref")?.as_str()?).ok()
}

/// The schemas of a keyword's list.
fn parts(
    at: &SchemaPlace,
    keywords: &Map<String, Json>,
    keyword: &'static str,
) -> impl Iterator<Item = SchemaPlace> {
    let count = keywords.get(keyword).and_then(Json::as_array).map_or(0, Vec::len);
    (0..count).map(move |index| at.item(keyword, index))
}

/// `then` and `else`, of which one holds.
fn both_ways(at: &SchemaPlace, keywords: &Map<String, Json>) -> Option<(SchemaPlace, SchemaPlace)> {
    ["if", "then", "else"]
        .iter()
        .all(|keyword| keywords.contains_key(*keyword))
        .then(|| (at.below("then"), at.below("else")))
}

/// What one schema says by itself.
type Own<'a, 's> = &'a dyn Fn(&'s Map<String, Json>) -> Option<Vec<&'s str>>;

/// Looks for what schemas certainly say.
struct Search<'a, 's> {
    schemas: &'s Schemas,
    types: &'a KnownTypes,
    own: Own<'a, 's>,
    known: HashMap<SchemaPlace, Option<Vec<&'s str>>>,
    depth: usize,
}

/// What `own` finds in a schema, or certainly in what the schema leads to: of branches, all that they
/// say together. None where some value may escape it. Null escapes it always.
pub fn certain<'s>(
    schemas: &'s Schemas,
    types: &KnownTypes,
    at: &SchemaPlace,
    own: Own<'_, 's>,
) -> Option<Vec<&'s str>> {
    Search { schemas, types, own, known: HashMap::new(), depth: 0 }.of(at)
}

impl<'s> Search<'_, 's> {
    fn of(&mut self, at: &SchemaPlace) -> Option<Vec<&'s str>> {
        if let Some(known) = self.known.get(at) {
            return known.clone();
        }
        self.known.insert(at.clone(), None);
        self.depth += 1;
        let found = if self.depth > DEPTH_MAX { None } else { self.look(at) };
        self.depth -= 1;
        self.known.insert(at.clone(), found.clone());
        found
    }

    fn look(&mut self, at: &SchemaPlace) -> Option<Vec<&'s str>> {
        let schemas = self.schemas;
        let Json::Object(keywords) = schemas.at(at)? else { return None };
        if let Some(found) = (self.own)(keywords) {
            return Some(found);
        }
        if let Some(target) = target(schemas, at, keywords)
            && let Some(found) = self.of(&target)
        {
            return Some(found);
        }
        if let Some(found) = parts(at, keywords, "allOf").find_map(|part| self.of(&part)) {
            return Some(found);
        }
        for keyword in ["anyOf", "oneOf"] {
            if let Some(found) = self.together(parts(at, keywords, keyword)) {
                return Some(found);
            }
        }
        let (then, otherwise) = both_ways(at, keywords)?;
        self.together([then, otherwise].into_iter())
    }

    /// What several schemas say, of which one applies; null and nothing say nothing.
    fn together(&mut self, branches: impl Iterator<Item = SchemaPlace>) -> Option<Vec<&'s str>> {
        let (mut all, mut seen) = (Vec::new(), HashSet::new());
        let mut any = false;
        for branch in branches {
            if possible(self.schemas, self.types, &branch) & !NULL != 0 {
                any = true;
                let found = self.of(&branch)?;
                all.extend(found.into_iter().filter(|text| seen.insert(*text)));
            }
        }
        any.then_some(all)
    }
}

/// The names of properties that a schema evaluates.
#[derive(Debug, Default)]
pub struct Evaluated {
    /// Whenever it accepts an object.
    pub certainly: BTreeSet<String>,
    /// In some object that it accepts.
    pub possibly: BTreeSet<String>,
}

/// The properties that the keywords of a schema evaluate; none if that can't be listed, or is more than
/// `budget` subschemas, which it counts down. `read` says what stands at a place, if that may be read.
pub fn evaluated<'s>(
    schemas: &Schemas,
    at: &SchemaPlace,
    budget: &mut usize,
    mut read: impl FnMut(&SchemaPlace) -> Option<&'s Json>,
) -> Option<Evaluated> {
    let mut evaluated = Evaluated::default();
    let mut seen = HashSet::new();
    let mut open = vec![(at.clone(), true)];
    while let Some((part, is_certain)) = open.pop() {
        if !seen.insert((part.clone(), is_certain)) {
            continue;
        }
        *budget = budget.checked_sub(1)?;
        let Json::Object(keywords) = read(&part)? else { continue };
        // What evaluates by rules that no list of names can say.
        let unlisted = ["patternProperties", "additionalProperties", "dependencies"];
        if unlisted.iter().any(|keyword| keywords.contains_key(*keyword))
            || (part != *at && keywords.contains_key("unevaluatedProperties"))
        {
            return None;
        }
        for (keyword, value) in keywords {
            let keyword = keyword.as_str();
            match keyword {
                "properties" => {
                    let names =
                        if is_certain { &mut evaluated.certainly } else { &mut evaluated.possibly };
                    names.extend(value.as_object()?.keys().cloned());
                }
                "$ref" => {
                    let target = target(schemas, &part, keywords)?;
                    schemas.at(&target)?;
                    open.push((target, is_certain));
                }
                "allOf" => {
                    let count = value.as_array()?.len();
                    open.extend((0..count).map(|i| (part.item(keyword, i), is_certain)));
                }
                "anyOf" | "oneOf" => {
                    let count = value.as_array()?.len();
                    open.extend((0..count).map(|i| (part.item(keyword, i), false)));
                }
                "if" | "then" | "else" => open.push((part.below(keyword), false)),
                "dependentSchemas" => {
                    let names = value.as_object()?.keys();
                    open.extend(names.map(|it| (part.below(keyword).below(it), false)));
                }
                _ => {}
            }
        }
    }
    Some(evaluated)
}
