//! Keys and what refers to them are called alike in all tables, so that tables can be joined by names
//! alone: `JOIN persons USING (person_id)`.
//!
//! A key whose own name says nothing about whose it is (`id`) is called after its table's rows:
//! `event_id`. A property that is called as the rows of the table that it refers to (`person`) gets
//! the name of that table's key. `x-column` on a property comes before both. Only columns are renamed:
//! records, JSON-LD and nested Parquet keep the names of properties.

use std::collections::HashMap;

use super::columns::derived_name;
use super::keys::place_in;
use crate::diagnostic::{Diagnostic, code};
use crate::model::{Field, Item, Level, Object, Origin, Shape, Table, names};

/// Names that don't say whose they are: nearly every table could have a column that is called so.
const SAY_NOTHING: [&str; 6] = ["code", "id", "key", "name", "number", "uuid"];

/// A column that gets another name than that of its property.
struct Renamed {
    table: usize,
    /// Indices into lists, from the table's own level down to that of the column.
    path: Vec<usize>,
    column: usize,
    name: String,
    /// Why it is called so, for a finding.
    why: String,
    /// What makes the name shorter.
    shorten: &'static str,
}

/// Gives the columns of keys, and of references that are called as what they refer to, their names.
pub(super) fn give(tables: &mut [Table], found: &mut Vec<Diagnostic>) {
    let renamed = renamed(tables);
    for of_level in renamed.chunk_by(|one, next| (one.table, &one.path) == (next.table, &next.path))
    {
        let Renamed { table, path, .. } = &of_level[0];
        let level = path.iter().fold(&mut tables[*table].level, |level, it| &mut level.lists[*it]);
        let names = level.columns.iter().enumerate();
        let mut taken = names.map(|(index, column)| (column.name.clone(), index)).collect();
        for renamed in of_level {
            rename(level, renamed, &mut taken, found);
        }
        let given = of_level.iter().map(|it| &level.columns[it.column]);
        let given: HashMap<_, _> =
            given.filter_map(|it| Some((it.plain.clone()?, it.name.clone()))).collect();
        for column in &mut level.columns {
            if let Some(reason) = &mut column.about.reason
                && let Some(name) = given.get(reason)
            {
                reason.clone_from(name);
            }
        }
    }
}

fn renamed(tables: &[Table]) -> Vec<Renamed> {
    let mut all = Vec::new();
    for (number, table) in tables.iter().enumerate() {
        for flat in table.flat_tables() {
            let of_records = flat.path.is_empty();
            for (column, own) in flat.level.columns.iter().enumerate() {
                if own.origin != Origin::Field || own.internal || own.pointer.is_empty() {
                    continue;
                }
                let is_it = |key: &usize| of_records && *key == column;
                let part = table.key.columns.iter().position(is_it);
                let name = match part {
                    Some(part) => key_name(tables, number, part, &mut Vec::new()),
                    None => reference_name(tables, (number, flat.level), column, &mut Vec::new()),
                };
                if name == own.name {
                    continue;
                }
                let property = crate::pointer::readable(&own.pointer);
                let (why, shorten) = match part {
                    Some(_) => (
                        format!("the key `{property}` is called `{name}` in all tables"),
                        "give the property an `x-column`, or the table a shorter `row`",
                    ),
                    None => (
                        format!("`{property}` is called `{name}`, as the key of what it refers to"),
                        "give the property an `x-column`",
                    ),
                };
                let path = flat.path.clone();
                all.push(Renamed { table: number, path, column, name, why, shorten });
            }
        }
    }
    all
}

/// What the column of a part of a table's key is called. `asked` has the tables whose keys wait for this one.
fn key_name(tables: &[Table], number: usize, part: usize, asked: &mut Vec<usize>) -> String {
    let table = &tables[number];
    let index = table.key.columns[part];
    let name = &table.level.columns[index].name;
    if table.level.declared.is_named(index) {
        return name.clone();
    }
    asked.push(number);
    let of_target = reference_name(tables, (number, &table.level), index, asked);
    if of_target == *name && SAY_NOTHING.contains(&name.as_str()) {
        return format!("{}_{name}", table.row);
    }
    of_target
}

/// What the column of a value of a table is called, by what it refers to.
fn reference_name(
    tables: &[Table],
    (number, level): (usize, &Level),
    index: usize,
    asked: &mut Vec<usize>,
) -> String {
    let column = &level.columns[index];
    let target = column.reference.as_ref().and_then(|reference| match reference.to.as_slice() {
        [only] => key_of(tables, only),
        _ => None,
    });
    let (Some(target), false) = (target, level.declared.is_named(index)) else {
        return column.name.clone();
    };
    let property = crate::pointer::tokens(&column.pointer).last().unwrap_or_default();
    let own = names::segment(&property);
    // In a table and its child tables the name of its key is that of the record itself.
    if own != tables[target].row || target == number || asked.contains(&target) {
        return column.name.clone();
    }
    let key = key_name(tables, target, 0, asked);
    match column.name.strip_suffix(&own) {
        // Of a key that is still called `id`, because its schema says so, nobody sees whose it is.
        Some(group) if !SAY_NOTHING.contains(&key.as_str()) => format!("{group}{key}"),
        _ => column.name.clone(),
    }
}

/// The table whose key, one value, is what `to` names.
fn key_of(tables: &[Table], to: &str) -> Option<usize> {
    let (name, property) = match to.split_once('.') {
        Some((name, property)) => (name, Some(property)),
        None => (to, None),
    };
    let index = tables.iter().position(|table| table.name == name)?;
    let mut fields = tables[index].key_fields();
    let (Some(only), None) = (fields.next(), fields.next()) else { return None };
    property.is_none_or(|property| property == only.name).then_some(index)
}

/// Renames a column, and those that are derived from it. `taken` has the columns of the level by name.
fn rename(
    level: &mut Level,
    renamed: &Renamed,
    taken: &mut HashMap<String, usize>,
    found: &mut Vec<Diagnostic>,
) {
    let Renamed { column: index, name, why, shorten, .. } = renamed;
    let is_usable = |name: &str| names::fault(name, names::COLUMN_CHARS_MAX).is_none();
    let pointer = level.columns[*index].pointer.clone();
    let Item::Object(object) = &mut level.item else { return };
    let Some(field) = field_at(object, &pointer) else { return };
    let place = field.place.clone();
    field.variable = field.variable.take().map(|_| name.clone());
    let mut given = vec![(*index, name.clone())];
    for (offset, column) in level.columns[index + 1..].iter().enumerate() {
        match column.origin {
            Origin::Derived { of, part } if of == *index => {
                given.push((index + 1 + offset, derived_name(name, part)));
            }
            _ => break,
        }
    }
    // What is wrong with the property's own name was said.
    if is_usable(&level.columns[*index].name)
        && let Some((_, name)) = given.iter().find(|(_, name)| !is_usable(name))
    {
        let fault = names::fault(name, names::COLUMN_CHARS_MAX).unwrap_or_default();
        let message = format!("no column can be called `{name}`: {fault}");
        found.push(
            Diagnostic::new(&code::UNUSABLE_NAME, place.clone(), message)
                .help(format!("{why}; {shorten}")),
        );
    }
    for (column, _) in &given {
        taken.remove(&level.columns[*column].name);
    }
    let collides = given.iter().find_map(|(_, name)| Some((name, *taken.get(name)?)));
    if let Some((name, other)) = collides {
        let other = &level.columns[other];
        let message = format!(
            "two columns are called `{name}`: for `{}` and `{}`",
            crate::pointer::readable(&other.pointer),
            crate::pointer::readable(&pointer),
        );
        let finding = Diagnostic::new(&code::NAME_COLLISION, place, message)
            .help(format!("{why}; give one of the two another name with `x-column`"));
        found.push(match place_in(level, other) {
            Some(other) => finding.with(other, "the other one"),
            None => finding,
        });
    }
    for (index, name) in given {
        taken.insert(name.clone(), index);
        let column = &mut level.columns[index];
        column.plain = Some(std::mem::replace(&mut column.name, name));
    }
}

/// The field whose value stands at a JSON Pointer of a row.
fn field_at<'o>(object: &'o mut Object, pointer: &str) -> Option<&'o mut Field> {
    let leads = |field: &&mut Field| {
        let rest = pointer.strip_prefix(field.pointer.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let field = object.fields.iter_mut().find(leads)?;
    if field.pointer == pointer {
        return Some(field);
    }
    match &mut field.shape {
        Shape::Group(group) => field_at(group, pointer),
        Shape::Scalar { .. } | Shape::Languages(_) | Shape::List { .. } => None,
    }
}
