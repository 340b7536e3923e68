//! Lists: each opens a level of its own.

use serde_json::{Map, Value as Json};

use super::gather::{Clauses, Condition, first_text, first_with, gather};
use super::scope::{Contents, Scope};
use super::{Compiler, conflicts, missing, scalar};
use crate::diagnostic::{Diagnostic, code};
use crate::model::document::Node;
use crate::model::{About, Column, Item, Kind, Level, Origin, RoleSet, Shape, VALUE_COLUMN, names};
use crate::schema::types::{ANYTHING, LIST, NULL, OBJECT};
use scalar::name;

impl<'c> Compiler<'c> {
    pub(super) fn list(
        &mut self,
        clauses: &Clauses<'c>,
        scope: &Scope,
        about: &About,
        row: &str,
        contents: &mut Contents,
    ) -> Option<Shape> {
        let node = clauses.first().expect("a place has a schema").node.clone();
        let count = contents.columns.len();
        let column = Column {
            name: format!("n_{}", scope.prefix),
            plain: None,
            pointer: scope.pointer.clone(),
            about: About {
                title: format!("Number of {}", about.title.to_lowercase()),
                label: names::shorten(&format!("Number of {}", about.label.to_lowercase())),
                description: "How many items the record lists; missing where it has no list, 0 \
                              where the list is empty."
                    .to_owned(),
                ..About::default()
            },
            kind: Kind::Integer { bits: 32 },
            reference: None,
            nullable: !scope.certain,
            internal: scope.internal,
            origin: Origin::Count,
            roles: RoleSet::default(),
            format: None,
        };
        self.push(column, &node, contents);
        let level = self.list_level(clauses, scope, about, row)?;
        contents.lists.push(level);
        let unique = clauses
            .iter()
            .any(|clause| clause.condition == Condition::Always && clause.node.flag("uniqueItems"));
        Some(Shape::List { list: contents.lists.len() - 1, count, unique })
    }

    pub(super) fn list_level(
        &mut self,
        clauses: &Clauses<'c>,
        scope: &Scope,
        about: &About,
        row: &str,
    ) -> Option<Level> {
        let node = &clauses.first().expect("a place has a schema").node;
        let unlowerable = |node: &Node<'_>, what: String, help: &str| {
            Diagnostic::new(&code::UNLOWERABLE_LIST, node.place(), what).help(help)
        };
        if let Some(tuple) = first_with(clauses, "prefixItems") {
            let what = format!("the items of `{}` mean different things", name(node));
            self.found.push(unlowerable(tuple, what, "write an object with a property for each"));
            return None;
        }
        let mut items = Vec::new();
        for clause in clauses {
            if let Some(schema) = clause.node.get("items") {
                items.extend(gather(self.documents, schema, clause.condition, self.found));
            }
        }
        if items.is_empty() {
            self.found.push(
                Diagnostic::new(
                    &code::UNTYPED,
                    node.place(),
                    format!("the items of `{}` have no schema", name(node)),
                )
                .help("add `\"items\": { … }`"),
            );
            return None;
        }
        let said = |schema: &Map<String, Json>| schema.get("items").map(|_| vec!["items"]);
        // What `unevaluatedItems` leaves out is no item.
        let is_closed = clauses.iter().any(|clause| {
            clause.condition == Condition::Always && clause.node.forbids("unevaluatedItems")
        });
        if !is_closed && scalar::certain_at(self.documents, clauses, &said).is_none() {
            self.found.push(
                Diagnostic::new(
                    &code::UNTYPED,
                    node.place(),
                    format!("the items of `{}` have no schema that always holds", name(node)),
                )
                .with(items[0].node.place(), "this one only holds under a condition")
                .help("add `\"items\": { … }` beside the list's `type`, or to all branches"),
            );
            return None;
        }
        let above = scope.above(row);
        // A name that says already whose list it is isn't put behind the same words again.
        let is_whole = first_text(clauses, "x-column").is_some_and(|name| {
            name == scope.prefix
                && name.strip_prefix(above).is_some_and(|rest| rest.starts_with('_'))
        });
        let below =
            if is_whole { scope.prefix.clone() } else { format!("{above}_{}", scope.prefix) };
        if let Some(fault) = names::fault(&below, names::TABLE_CHARS_MAX) {
            self.found.push(
                Diagnostic::new(
                    &code::UNUSABLE_NAME,
                    node.place(),
                    format!("no table can be called `{below}`: {fault}"),
                )
                .help("give the list an `x-column`"),
            );
        }
        self.refuse(&items, &["x-internal"], "the list, not on its items");
        conflicts::check(&items, self.found);
        let types = scalar::types(&items);
        let untyped = types == ANYTHING;
        if types & (LIST | NULL) != 0 && !untyped {
            let what = if types & LIST != 0 { "lists" } else { "null" };
            let what = format!("the items of `{}` may be {what}", name(node));
            let help = "let each item be an object, or a bare value that is never null";
            self.found.push(unlowerable(&items[0].node, what, help));
            return None;
        }
        let inner = Scope {
            table: below.clone(),
            pointer: String::new(),
            prefix: String::new(),
            internal: scope.internal,
            certain: true,
            in_list: true,
            depth: scope.depth + 1,
            around: scope.around.clone(),
        };
        let mut contents = Contents::default();
        let mut item_key = Vec::new();
        let item = if types & OBJECT != 0 && !untyped {
            if types != OBJECT {
                let what = format!("the items of `{}` may be objects or values", name(node));
                self.found.push(unlowerable(&items[0].node, what, "choose one of the two"));
                return None;
            }
            if let Some(separator) = first_with(clauses, "x-separator") {
                let what = "`x-separator` stands on a list of objects".to_owned();
                self.found.push(
                    Diagnostic::new(
                        &code::MISUSED_ANNOTATION,
                        separator.place_of("x-separator"),
                        what,
                    )
                    .help("only a list of bare values fits into one cell"),
                );
            }
            self.refuse(&items, &["x-column"], "the list, not on items that are objects");
            let object = self.object(&items, &inner, row, &mut contents)?;
            item_key = self.item_key(clauses, &contents.columns);
            Item::Object(object)
        } else {
            let mut scalar = scalar::compile(self.documents, &items, self.known, self.found)?;
            scalar.separator = first_text(clauses, "x-separator").map(str::to_owned);
            let about = About {
                title: about.title.clone(),
                label: about.label.clone(),
                ..self.about(VALUE_COLUMN, &items)
            };
            let about = self.with_markers(about, &items, &mut scalar);
            if let Some(node) = first_with(&items, "x-missing-of") {
                self.found.push(missing::misplaced(node));
            }
            let name = first_text(&items, "x-column").unwrap_or(VALUE_COLUMN);
            let inner = Scope { prefix: name.to_owned(), ..inner };
            let column = self.column(&scalar, &inner, &about, &items[0].node, &mut contents);
            if name != VALUE_COLUMN {
                contents.columns[column].plain = Some(VALUE_COLUMN.to_owned());
            }
            self.unique_value(&items, "", &mut contents);
            self.refuse(clauses, &["x-item-key"], "a list of objects");
            Item::Scalar(scalar)
        };
        Some(Level {
            name: below,
            title: about.title.clone(),
            description: about.description.clone(),
            pointer: scope.pointer.clone(),
            item,
            columns: contents.columns,
            lists: contents.lists,
            item_key,
            declared: contents.declared,
        })
    }
}
