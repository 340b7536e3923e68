//! Objects: the fields that they have, and what each holds.

use super::gather::{self, Clause, Clauses, first_text};
use super::scope::{Contents, DEPTH_MAX, Scope};
use super::{Compiler, conflicts, constraints, missing, roles, satisfiable, scalar};
use crate::diagnostic::{Diagnostic, code};
use crate::model::document::Node;
use crate::model::{Field, Kind, Object, Role, Scalar, Shape, names};
use crate::schema::types::{LIST, NULL, OBJECT};
use crate::tape::UNKNOWN;
use scalar::name;

/// A table with more properties is refused.
const PROPERTIES_MAX: usize = 10_000;

impl<'c> Compiler<'c> {
    /// Compiles an object into fields, and its values into columns of the level.
    pub(super) fn object(
        &mut self,
        clauses: &Clauses<'c>,
        scope: &Scope,
        row: &str,
        contents: &mut Contents,
    ) -> Option<Object> {
        let node = clauses.first().expect("a place has a schema").node.clone();
        let named = |clause: &Clause<'c>| (clause.node.document, clause.node.pointer.clone());
        let again = clauses.iter().any(|clause| scope.around.contains(&named(clause)));
        if again || scope.depth > DEPTH_MAX {
            self.found.push(
                Diagnostic::new(
                    &code::RECURSIVE_SCHEMA,
                    node.place(),
                    format!("`{}` contains itself, so its columns never end", name(&node)),
                )
                .help("refer to the inner record by its key, with `x-reference`"),
            );
            return None;
        }
        self.check_closed(clauses, &node);
        let properties = gather::properties(self.documents, clauses, self.found);
        let always_there = gather::required(clauses);
        satisfiable::check(clauses, &properties, self.found);
        satisfiable::check_conditions(self.documents, clauses, self.found);
        let reasons = missing::reasons(&properties);
        let mut fields = Vec::new();
        for (property, clauses_below) in properties {
            let required = always_there.contains(property);
            // Others that speak of the object may speak of one inside it, too, without an end.
            let leads = |clause: &&Clause<'c>| {
                clause.node.get("properties").is_some_and(|all| all.get(property).is_some())
            };
            let leading = clauses.iter().filter(leads).map(named);
            let around = scope.around.iter().cloned().chain(leading).collect();
            let scope = &Scope { around, ..scope.clone() };
            fields.extend(self.field(property, &clauses_below, required, scope, row, contents));
        }
        self.declarations(clauses, scope, contents);
        self.give_reasons(&reasons, &mut fields, contents);
        let dates = self.dates(clauses, &fields, scope, row, contents);
        let constrained = constraints::declared(clauses, self.found);
        let classes = self.classes(clauses);
        Some(Object { fields, classes, dates, constrained, constraints: Vec::new() })
    }

    pub(super) fn check_closed(&mut self, clauses: &Clauses<'c>, node: &Node<'_>) {
        if !satisfiable::is_closed(self.documents, clauses) {
            self.found.push(
                Diagnostic::new(
                    &code::OPEN_OBJECT,
                    node.place(),
                    format!("`{}` allows properties that its schema doesn't name", name(node)),
                )
                .help(
                    "add `\"additionalProperties\": false`, or `unevaluatedProperties` beside \
                     `allOf`; where keys are data, write a list of objects with a key each",
                ),
            );
        }
        for clause in clauses {
            if let Some(patterns) = clause.node.get("patternProperties") {
                self.found.push(
                    Diagnostic::new(
                        &code::OPEN_OBJECT,
                        patterns.place(),
                        format!("`{}` names properties by pattern", name(node)),
                    )
                    .help("write a list of objects with a key each"),
                );
            }
        }
    }

    pub(super) fn field(
        &mut self,
        property: &str,
        clauses: &Clauses<'c>,
        required: bool,
        outer: &Scope,
        row: &str,
        contents: &mut Contents,
    ) -> Option<Field> {
        let node = clauses.first().expect("a place has a schema").node.clone();
        let forbids = |node: &Node<'_>| node.value.as_bool() == Some(false);
        if forbids(&node)
            || scalar::types(clauses) == 0 && clauses.iter().any(|it| forbids(&it.node))
        {
            // Forbidden here; another branch may allow it, and then it is declared there.
            return None;
        }
        if self.is_too_large(&node) {
            return None;
        }
        conflicts::check(clauses, self.found);
        let segment =
            first_text(clauses, "x-column").map_or_else(|| names::segment(property), str::to_owned);
        let certain = outer.certain && required && !scalar::allows_null(clauses);
        let scope = Scope {
            table: outer.table.clone(),
            pointer: crate::pointer::join(&outer.pointer, property),
            prefix: names::join(&outer.prefix, &segment),
            internal: outer.internal || clauses.iter().any(|clause| clause.node.flag("x-internal")),
            certain,
            in_list: outer.in_list,
            depth: outer.depth + 1,
            around: outer.around.clone(),
        };
        let about = self.about(property, clauses);
        let mut of_spells = false;
        let shape = if clauses.iter().any(|clause| clause.node.flag("x-language-map")) {
            self.check_language_map(clauses);
            self.refuse(clauses, &["x-constraints"], "an object");
            let about = self.with_markers(about.clone(), clauses, &mut Scalar::new(Kind::Text));
            self.languages(&node, &scope, &about, contents)
        } else {
            match scalar::types(clauses) & !NULL {
                OBJECT => {
                    scalar::check_no_value(
                        clauses,
                        &["x-separator", "x-item-key"],
                        "an object",
                        self.found,
                    );
                    Shape::Group(self.object(clauses, &scope, row, contents)?)
                }
                LIST => {
                    self.refuse_dates(clauses, "a list");
                    self.refuse(
                        clauses,
                        &["x-constraints"],
                        "an object, or on the items of a list",
                    );
                    scalar::check_no_value(
                        clauses,
                        &["x-jsonld-type", "x-references", "x-unique"],
                        "a list",
                        self.found,
                    );
                    of_spells = roles::is_of_spells(clauses, self.found);
                    self.list(clauses, &scope, &about, row, contents)?
                }
                _ => {
                    let mut scalar =
                        scalar::compile(self.documents, clauses, self.known, self.found)?;
                    let about = self.with_markers(about.clone(), clauses, &mut scalar);
                    let column = self.column(&scalar, &scope, &about, &node, contents);
                    self.unique_value(clauses, &scope.pointer, contents);
                    if first_text(clauses, "x-column").is_some() {
                        contents.declared.named.push(column);
                    }
                    Shape::Scalar { scalar, column }
                }
            }
        };
        Some(Field {
            name: property.to_owned(),
            number: UNKNOWN,
            term: self.term(property, clauses, &scope, row),
            pointer: scope.pointer,
            place: node.place(),
            about,
            internal: scope.internal,
            required,
            shape,
            variable: roles::has(clauses, Role::Coded).then_some(scope.prefix),
            of_spells,
            reason: None,
        })
    }

    /// Counts a property, and reports the first that is too many.
    pub(super) fn is_too_large(&mut self, node: &Node<'_>) -> bool {
        self.properties += 1;
        if self.properties == PROPERTIES_MAX + 1 {
            self.found.push(
                Diagnostic::new(
                    &code::TOO_LARGE_SCHEMA,
                    node.place(),
                    format!("the table has more than {PROPERTIES_MAX} properties"),
                )
                .help("where the names are data, write a list of objects with a key each"),
            );
        }
        self.properties > PROPERTIES_MAX
    }
}
