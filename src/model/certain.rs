//! What holds for every value that a schema accepts: through `$ref` and `allOf`, and in all branches of
//! `anyOf` and `oneOf`. What only one branch says, or a condition, isn't certain.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use super::document::{Documents, Node};
use crate::tape::{Tag, Value};

/// A set of JSON types, one bit each. Integers are apart from other numbers.
pub(super) type Types = u8;

pub(super) const NULL: Types = 1;
pub(super) const BOOLEAN: Types = 2;
pub(super) const INTEGER: Types = 4;
/// A number that is no integer.
pub(super) const FRACTION: Types = 8;
pub(super) const TEXT: Types = 16;
pub(super) const LIST: Types = 32;
pub(super) const OBJECT: Types = 64;
pub(super) const ANYTHING: Types = 127;

/// The types that were worked out, by where the schema stands.
pub(super) type KnownTypes = RefCell<HashMap<(usize, String), Types>>;

/// `$ref` in `allOf` in `$ref` deeper than this says nothing certain.
pub(super) const DEPTH_MAX: usize = 100;

/// The types that values of a schema may have; perhaps more, never fewer.
pub(super) fn possible(documents: &Documents, node: &Node<'_>) -> Types {
    possible_at(documents, node, 0)
}

fn possible_at(documents: &Documents, node: &Node<'_>, depth: usize) -> Types {
    let possible = |documents, node: &Node<'_>| possible_at(documents, node, depth + 1);
    if let Some(allowed) = node.value.as_bool() {
        return if allowed { ANYTHING } else { 0 };
    }
    let here = (node.document, node.pointer.clone());
    if let Some(known) = documents.types.borrow().get(&here) {
        return *known;
    }
    if depth > DEPTH_MAX {
        return ANYTHING;
    }
    // In a circle of references nothing more is said.
    documents.types.borrow_mut().insert(here.clone(), ANYTHING);
    let mut types = named(node) & constant_types(node);
    if node.value.get("$ref").is_some()
        && let Ok(target) = documents.follow(node)
    {
        types &= possible(documents, &target);
    }
    for schema in node.items("allOf") {
        types &= possible(documents, &schema);
    }
    for keyword in ["anyOf", "oneOf"] {
        if node.value.get(keyword).is_some() {
            let branches = node.items(keyword);
            types &= branches.iter().fold(0, |any, branch| any | possible(documents, branch));
        }
    }
    if let (Some(_), Some(then), Some(otherwise)) =
        (node.get("if"), node.get("then"), node.get("else"))
    {
        types &= possible(documents, &then) | possible(documents, &otherwise);
    }
    documents.types.borrow_mut().insert(here, types);
    types
}

/// The types of `type`.
pub(super) fn named(node: &Node<'_>) -> Types {
    let one = |name: Value<'_>| match name.as_str() {
        Some("null") => NULL,
        Some("boolean") => BOOLEAN,
        Some("integer") => INTEGER,
        Some("number") => INTEGER | FRACTION,
        Some("string") => TEXT,
        Some("array") => LIST,
        Some("object") => OBJECT,
        _ => 0,
    };
    match node.value.get("type") {
        None => ANYTHING,
        Some(several) if several.tag() == Tag::Array => {
            several.items().fold(0, |types, name| types | one(name))
        }
        Some(name) => one(name),
    }
}

/// The types of the values that `const` or `enum` lists.
fn constant_types(node: &Node<'_>) -> Types {
    match constants(node) {
        Some(values) => values.iter().fold(0, |types, value| types | type_of(*value)),
        None => ANYTHING,
    }
}

/// Whether one schema lists values, and none of the type that it wants.
pub(super) fn contradicts_itself(node: &Node<'_>) -> bool {
    node.value.get("enum").is_some() && named(node) & constant_types(node) == 0
}

/// The type of a value.
pub(super) fn type_of(value: Value<'_>) -> Types {
    match value.tag() {
        Tag::Null => NULL,
        Tag::Boolean => BOOLEAN,
        Tag::Integer | Tag::Unsigned => INTEGER,
        Tag::Float if value.as_f64().is_some_and(|number| number.fract() == 0.0) => INTEGER,
        Tag::Float => FRACTION,
        Tag::Text => TEXT,
        Tag::Array => LIST,
        Tag::Object => OBJECT,
    }
}

/// The values that one schema's `enum` or `const` lists.
pub(super) fn constants<'d>(node: &Node<'d>) -> Option<Vec<Value<'d>>> {
    if let Some(value) = node.value.get("const") {
        return Some(vec![value]);
    }
    Some(node.value.get("enum")?.items().collect())
}

/// Prefilter for what schemas certainly say.
struct Search<'a, 'd> {
    documents: &'d Documents,
    /// What one schema says by itself.
    own: &'a dyn Fn(&Node<'d>) -> Option<Vec<&'d str>>,
    known: HashMap<(usize, String), Option<Vec<&'d str>>>,
    depth: usize,
}

/// What `own` finds in a schema, or certainly in what the schema leads to: of branches, all that they
/// say together. None where some value may escape it.
pub(super) fn certain<'d>(
    documents: &'d Documents,
    node: &Node<'d>,
    own: &dyn Fn(&Node<'d>) -> Option<Vec<&'d str>>,
) -> Option<Vec<&'d str>> {
    Search { documents, own, known: HashMap::new(), depth: 0 }.of(node)
}

impl<'d> Search<'_, 'd> {
    fn of(&mut self, node: &Node<'d>) -> Option<Vec<&'d str>> {
        let here = (node.document, node.pointer.clone());
        if let Some(known) = self.known.get(&here) {
            return known.clone();
        }
        self.known.insert(here.clone(), None);
        self.depth += 1;
        let found = if self.depth > DEPTH_MAX { None } else { self.look(node) };
        self.depth -= 1;
        self.known.insert(here, found.clone());
        found
    }

    fn look(&mut self, node: &Node<'d>) -> Option<Vec<&'d str>> {
        if let Some(found) = (self.own)(node) {
            return Some(found);
        }
        if node.value.get("$ref").is_some()
            && let Ok(target) = self.documents.follow(node)
            && let Some(found) = self.of(&target)
        {
            return Some(found);
        }
        if let Some(found) = node.items("allOf").iter().find_map(|schema| self.of(schema)) {
            return Some(found);
        }
        for keyword in ["anyOf", "oneOf"] {
            let branches = node.items(keyword);
            if let Some(found) = self.together(branches) {
                return Some(found);
            }
        }
        if node.value.get("if").is_some()
            && let (Some(then), Some(otherwise)) = (node.get("then"), node.get("else"))
        {
            return self.together(vec![then, otherwise]);
        }
        None
    }

    /// What several schemas say, of which one applies; null and nothing say nothing.
    fn together(&mut self, branches: Vec<Node<'d>>) -> Option<Vec<&'d str>> {
        let (mut all, mut seen) = (Vec::new(), HashSet::new());
        let mut any = false;
        for branch in branches {
            if possible(self.documents, &branch) & !NULL != 0 {
                any = true;
                let found = self.of(&branch)?;
                all.extend(found.into_iter().filter(|text| seen.insert(*text)));
            }
        }
        any.then_some(all)
    }
}
