//! Keys, the columns by which child tables name their parents, and what refers to keys.

use std::collections::{BTreeMap, BTreeSet};

use super::Compiler;
use super::scope::Contents;
use crate::diagnostic::{Diagnostic, Place, code, one_of};
use crate::manifest::TableDeclaration;
use crate::model::document::Node;
use crate::model::{
    Column, ComposedDate, Derived, Item, Key, Level, Object, POSITION_COLUMN, Shape, Table, names,
};

impl Compiler<'_> {
    /// The key of a table. None if a property of it is none, or can't be part of a key; then findings
    /// say why.
    pub(super) fn key(
        &mut self,
        declaration: &TableDeclaration,
        object: &Object,
        contents: &Contents,
        root: &Node<'_>,
    ) -> Option<Key> {
        let (mut columns, mut fields) = (Vec::new(), Vec::new());
        for (name, place) in declaration.key.iter().zip(&declaration.key_places) {
            let position = object.fields.iter().position(|field| field.name == *name);
            let Some(position) = position else {
                let names = object.fields.iter().map(|field| field.name.as_str());
                self.found.push(
                    Diagnostic::new(
                        &code::UNKNOWN_NAME,
                        place.clone(),
                        format!("the key `{name}` is no property of the schema"),
                    )
                    .help(format!("the schema has {}", one_of(names))),
                );
                continue;
            };
            let column = match &object.fields[position].shape {
                Shape::Scalar { scalar, column } if scalar.kind.class().identifies() => {
                    Some(*column)
                }
                Shape::Scalar { .. }
                | Shape::Group(_)
                | Shape::Languages(_)
                | Shape::List { .. } => None,
            };
            let usable = column.filter(|column| {
                !contents.columns[*column].nullable && !contents.columns[*column].internal
            });
            let Some(column) = usable else {
                self.found.push(
                    Diagnostic::new(
                        &code::MISUSED_ANNOTATION,
                        place.clone(),
                        format!("`{name}` can't be a key"),
                    )
                    .with(root.place_of("required"), "the schema's required properties")
                    .help(
                        "a key is a required, released property that holds text, an integer, a code \
                         or a date; or several of them",
                    ),
                );
                continue;
            };
            columns.push(column);
            fields.push(position);
        }
        (columns.len() == declaration.key.len()).then_some(Key { columns, fields })
    }
}

/// The columns by which child tables name their parents must be usable, and unlike one another
/// and the child's own.
pub(super) fn check_parent_columns(table: &Table, diagnostics: &mut Vec<Diagnostic>) {
    let report = |code, message: String, help: &str| {
        Diagnostic::new(code, table.place.clone(), message).help(help)
    };
    // A schema without end has names without end; that was reported.
    if diagnostics.iter().any(|found| found.code == &code::RECURSIVE_SCHEMA) {
        return;
    }
    let mut told = BTreeSet::new();
    for flat in table.flat_tables().into_iter().skip(1) {
        let name = &flat.level.name;
        let position = POSITION_COLUMN.to_owned();
        let leading: Vec<_> = flat.parents.iter().chain([&position]).collect();
        let parts = table.key.columns.len();
        for (index, column) in leading.iter().enumerate() {
            // Of a column of the key that was said in the table itself.
            if let Some(fault) = names::fault(column, names::COLUMN_CHARS_MAX)
                && index >= parts
                && told.insert((*column).clone())
            {
                diagnostics.push(report(
                    &code::UNUSABLE_NAME,
                    format!("the table `{name}` can't have a column `{column}`: {fault}"),
                    "give the list a shorter name",
                ));
            }
            let own = flat.level.columns.iter().find(|own| own.name == **column);
            if leading[..index].contains(column) || own.is_some() {
                let help = if index < parts {
                    format!(
                        "the key of `{}` has the column `{column}` in all tables: give the other \
                         property an `x-column`",
                        table.name
                    )
                } else {
                    "rename the property, or the list around it, or give it an `x-column`".into()
                };
                let mut finding = report(
                    &code::NAME_COLLISION,
                    format!(
                        "the table `{name}` has two columns `{column}`, of which one names \
                         the parent row"
                    ),
                    &help,
                );
                if let Some(place) = own.and_then(|own| place_in(flat.level, own)) {
                    finding.primary.place = place;
                }
                diagnostics.push(finding);
            }
        }
    }
}

/// Where the property is declared that a column of a list's rows comes from.
pub(super) fn place_in(list: &Level, column: &Column) -> Option<Place> {
    let Item::Object(object) = &list.item else { return None };
    let is_it = |date: &&ComposedDate| list.columns[date.column].pointer == column.pointer;
    if let Some(date) = object.dates.iter().find(is_it) {
        return Some(date.place.clone());
    }
    let field = object.fields.iter().find(|field| {
        let rest = column.pointer.strip_prefix(field.pointer.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })?;
    Some(field.place.clone())
}

/// Released tables share one directory.
pub(super) fn check_table_names(tables: &[Table], diagnostics: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<String, &Place> = BTreeMap::new();
    for table in tables {
        let place = &table.place;
        for flat in table.flat_tables() {
            if let Some(other) = seen.insert(flat.level.name.clone(), place) {
                diagnostics.push(
                    Diagnostic::new(
                        &code::NAME_COLLISION,
                        place.clone(),
                        format!("two released tables are called `{}`", flat.level.name),
                    )
                    .with(other.clone(), "the other one belongs to this table")
                    .help(match &table.derived {
                        Some(Derived::ByRoles { by, .. }) => {
                            format!("give the other table another name: {} need this one", by.bases)
                        }
                        Some(_) => "give one of the two another name".to_owned(),
                        None => "give the list an `x-column`, or the table another `row` name"
                            .to_owned(),
                    }),
                );
            }
        }
    }
}
