//! What a schema declares of several rows: `x-unique`, `x-references` and `x-item-key`.

use super::Compiler;
use super::gather::{Clauses, first_with};
use super::references::pointer_of;
use super::scope::{Contents, Scope};
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, Place, code};
use crate::model::document::Node;
use crate::model::{Column, DeclaredReference, DeclaredUnique, Origin};
use crate::spelling::all_of;
use crate::tape::{Tag, Value};

/// A table declares no more of them.
const DECLARED_MAX: usize = 100;

/// No more properties are unique together, or refer together; a key in the manifest has no more either.
const VALUES_MAX: usize = 16;

impl<'c> Compiler<'c> {
    /// What the schema of an object declares of the rows that it makes.
    pub(super) fn declarations(
        &mut self,
        clauses: &Clauses<'c>,
        scope: &Scope,
        contents: &mut Contents,
    ) {
        let pointers = |list: Value<'_>| -> Vec<String> {
            let paths = list.items().filter_map(Value::as_str);
            paths.map(|path| format!("{}{}", scope.pointer, pointer_of(path))).collect()
        };
        if let Some(node) = first_with(clauses, "x-unique") {
            let value = node.value.get("x-unique").expect("the node has it");
            if value.tag() != Tag::Array {
                let help =
                    "on an object it lists sets of its properties: `[[\"state\", \"year\"]]`";
                self.misused(node, "x-unique", "stands on a value that is single", help);
            }
            for (index, set) in value.items().enumerate() {
                let at = format!("{}/x-unique/{index}", node.pointer);
                let place = Place::of(set).at(at);
                let pointers = pointers(set);
                if self.is_bounded(pointers.len(), &place) {
                    contents.declared.uniques.push(DeclaredUnique { pointers, place });
                }
            }
        }
        if let Some(node) = first_with(clauses, "x-references") {
            let value = node.value.get("x-references").expect("the node has it");
            for (index, item) in value.items().enumerate() {
                let place = Place::of(item).at(format!("{}/x-references/{index}", node.pointer));
                let known = |entry: &crate::tape::Entry<'_>| {
                    ["table", "properties", "to"].contains(&entry.name())
                };
                let table = item.get("table").and_then(Value::as_str);
                let properties = item.get("properties").map(pointers).unwrap_or_default();
                let (Some(table), false, true) =
                    (table, properties.is_empty(), item.entries().all(|entry| known(&entry)))
                else {
                    let message = "an entry of `x-references` says which `table` is meant, and which \
                                   `properties` hold the parts of its key";
                    self.found.push(
                        Diagnostic::new(&code::MISUSED_ANNOTATION, place, message).help(
                            "write `{\"table\": \"dyads\", \"properties\": [\"ccode1\", \"ccode2\"]}`; `to` lists \
                             the properties of the other table, if they aren't its key",
                        ),
                    );
                    continue;
                };
                let to = |list: Value<'_>| {
                    list.items().filter_map(Value::as_str).map(str::to_owned).collect()
                };
                if !self.is_bounded(properties.len(), &place) {
                    continue;
                }
                contents.declared.references.push(DeclaredReference {
                    to: table.to_owned(),
                    pointers: properties,
                    target: item.get("to").map(to),
                    place,
                });
            }
        }
    }

    /// That the values of a property are unique.
    pub(super) fn unique_value(
        &mut self,
        clauses: &Clauses<'c>,
        pointer: &str,
        contents: &mut Contents,
    ) {
        let Some(node) = first_with(clauses, "x-unique") else { return };
        if node.value.get("x-unique").and_then(Value::as_bool) != Some(true) {
            let help = "write `true`; sets of properties stand on the object around them";
            self.misused(node, "x-unique", "lists properties, and stands on a value", help);
            return;
        }
        let (pointers, place) = (vec![pointer.to_owned()], node.place_of("x-unique"));
        if self.is_bounded(pointers.len(), &place) {
            contents.declared.uniques.push(DeclaredUnique { pointers, place });
        }
    }

    /// The columns that identify the items of a list.
    pub(super) fn item_key(&mut self, clauses: &Clauses<'c>, columns: &[Column]) -> Vec<usize> {
        let Some(node) = first_with(clauses, "x-item-key") else { return Vec::new() };
        let value = node.value.get("x-item-key").expect("the node has it");
        let names: Vec<_> = match value.as_str() {
            Some(name) => vec![name],
            None => value.items().filter_map(Value::as_str).collect(),
        };
        if names.len() > VALUES_MAX {
            let message =
                format!("{} properties identify an item, and {VALUES_MAX} may", names.len());
            self.found.push(
                Diagnostic::new(&code::TOO_LARGE_SCHEMA, node.place_of("x-item-key"), message)
                    .help("name those that tell the items apart"),
            );
            return Vec::new();
        }
        let mut key = Vec::new();
        for name in names {
            let pointer = pointer_of(name);
            let usable = |column: &Column| {
                column.origin == Origin::Field
                    && !column.internal
                    && column.kind.class().identifies()
            };
            let found = columns.iter().position(|it| usable(it) && it.pointer == pointer);
            if let Some(column) = found {
                key.push(column);
                continue;
            }
            let known: Vec<_> = columns
                .iter()
                .filter(|it| usable(it))
                .map(|column| crate::pointer::readable(&column.pointer))
                .collect();
            let known = known.iter().map(String::as_str);
            let help = match nearest(name, known.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("those that can are {}", all_of(known)),
            };
            let message = format!("`{name}` is no property of the items that can identify them");
            self.found.push(
                Diagnostic::new(&code::UNKNOWN_NAME, node.place_of("x-item-key"), message)
                    .help(help),
            );
        }
        key
    }

    /// Counts what is declared of several rows: each costs a look at every record. Reports what is too much.
    fn is_bounded(&mut self, values: usize, place: &Place) -> bool {
        self.declared += 1;
        let message = if values > VALUES_MAX {
            format!("{values} properties are named together, and {VALUES_MAX} may be")
        } else if self.declared == DECLARED_MAX + 1 {
            format!(
                "the table declares more than {DECLARED_MAX} unique values and references of several"
            )
        } else {
            return self.declared <= DECLARED_MAX;
        };
        self.found.push(
            Diagnostic::new(&code::TOO_LARGE_SCHEMA, place.clone(), message)
                .help("declare those that references and users need"),
        );
        false
    }

    fn misused(&mut self, node: &Node<'_>, keyword: &str, what: &str, help: &str) {
        let message = format!("`{keyword}` {what}");
        self.found.push(
            Diagnostic::new(&code::MISUSED_ANNOTATION, node.place_of(keyword), message).help(help),
        );
    }
}
