//! The ways of a view to its values: dotted paths through lists, whose items may have to say something, and
//! through references.

use super::parties::misfit;
use super::path::{Found, follow, refuse};
use super::{Names, path};
use crate::diagnostic::{Diagnostic, quote};
use crate::model::derived::{Condition, Step, ValuePath, Way};
use crate::model::{Column, Item, Level, Table};
use crate::parse::spelling::Written;

/// A path follows no more references: each has its table looked up.
const REFERENCES_MAX: usize = 8;

/// A way with what it leads to.
pub(super) struct Taken<'m> {
    pub way: Way,
    /// The column of the values.
    pub column: &'m Column,
    /// Whether there can be several values.
    pub is_several: bool,
}

/// A name of a path, with what the items of the list must say.
struct Segment<'a> {
    name: &'a str,
    filters: Vec<(&'a str, &'a str)>,
}

/// The way of a path that begins at a record of a table. `own` is the list whose items are the rows of the view:
/// without a filter it is the item that the row is of.
pub(super) fn find<'m>(
    names: &Names<'m>,
    table: &'m Table,
    own: Option<usize>,
    written: &Written,
    found: &mut Vec<Diagnostic>,
) -> Option<Taken<'m>> {
    let segments = segments(written, found)?;
    let mut rest = &segments[..];
    let mut level = &table.level;
    let mut way = Way { is_of_item: false, steps: Vec::new(), column: 0 };
    let mut is_several = false;
    let mut references = 0;
    loop {
        let all: Vec<_> = rest.iter().map(|segment| segment.name).collect();
        let (next, count) = follow(level, &all, written, found)?;
        let (passed, behind) = rest.split_at(count.min(rest.len()));
        let is_list = matches!(next, Found::List(..));
        let open = if is_list { &passed[..count - 1] } else { passed };
        if let Some(segment) = open.iter().find(|segment| !segment.filters.is_empty()) {
            let message = format!("`{}` is no list, and has a filter", segment.name);
            return refuse(written, message, "let the filter stand behind a list", found);
        }
        rest = behind;
        match next {
            Found::Column(column) => {
                way.column = column;
                return Some(Taken { way, column: &level.columns[column], is_several });
            }
            Found::Object => {
                let message =
                    format!("{} is an object, and a single value is wanted", quote(&written.text));
                return refuse(written, message, "name one of its properties behind a dot", found);
            }
            Found::List(list, items) => {
                let filters = &passed[count - 1].filters;
                let is_first = way.steps.is_empty() && !way.is_of_item;
                if is_first && own == Some(list) && filters.is_empty() {
                    way.is_of_item = true;
                } else {
                    let conditions = conditions(items, filters, written, found)?;
                    way.steps.push(Step::Items { list, conditions });
                    is_several = true;
                }
                level = items;
                if rest.is_empty() && matches!(items.item, Item::Object(_)) {
                    let message = format!("{} is a list of objects", quote(&written.text));
                    let help = "name a property of its items behind a dot";
                    return refuse(written, message, help, found);
                }
            }
            Found::Reference(column) => {
                references += 1;
                if references > REFERENCES_MAX {
                    let message =
                        format!("a path follows no more than {REFERENCES_MAX} references");
                    return refuse(written, message, "take a value that is nearer", found);
                }
                let (table, record) = record(names, &level.columns[column], written, found)?;
                way.steps.push(Step::Record { column, table });
                level = &record.level;
            }
        }
    }
}

/// The table whose records a reference names.
fn record<'m>(
    names: &Names<'m>,
    column: &Column,
    written: &Written,
    found: &mut Vec<Diagnostic>,
) -> Option<(usize, &'m Table)> {
    let reference = column.reference.as_ref().expect("the path leads through a reference");
    let table = reference
        .table()
        .and_then(|name| names.tables.iter().enumerate().find(|(_, table)| table.name == name));
    match table {
        Some((index, table)) if !table.key.is_composite() => Some((index, table)),
        Some((_, table)) => {
            let message = format!(
                "`{}` refers to `{}`, whose key has several values",
                column.name, table.name
            );
            refuse(written, message, "end the path at the reference", found)
        }
        None => {
            let to: Vec<_> = reference.to.iter().map(|to| format!("`{to}`")).collect();
            let message = format!(
                "`{}` refers to {}, and a path leads on only to the key of one table",
                column.name,
                to.join(" or ")
            );
            refuse(written, message, "end the path at the reference", found)
        }
    }
}

/// What the items of a list must say.
fn conditions(
    items: &Level,
    filters: &[(&str, &str)],
    written: &Written,
    found: &mut Vec<Diagnostic>,
) -> Option<Vec<Condition>> {
    let mut conditions = Vec::new();
    for (property, value) in filters {
        let names: Vec<_> = property.split('.').collect();
        let column = match follow(items, &names, written, found)? {
            (Found::Column(column), count) if count == names.len() => column,
            _ => {
                let message = format!("the filter asks for `{property}`, which is no single value");
                return refuse(written, message, "a filter is on a value of the item", found);
            }
        };
        if let Some((message, help)) = misfit(&items.columns[column], value) {
            return refuse(written, message, &help, found);
        }
        let path = ValuePath { list: None, column };
        conditions.push(Condition { path, values: vec![(*value).to_owned()] });
    }
    Some(conditions)
}

/// The names of a path, each with its filters: `places[role=venue].place.name`.
fn segments<'a>(written: &'a Written, found: &mut Vec<Diagnostic>) -> Option<Vec<Segment<'a>>> {
    let help = "a filter stands behind the name of a list, as in `places[role=venue].place`, with commas \
                between several";
    let mut rest = written.text.as_str();
    let mut segments = Vec::new();
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end);
        let mut filters = Vec::new();
        rest = behind;
        if let Some(inside) = behind.strip_prefix('[') {
            let Some((inside, behind)) = inside.split_once(']') else {
                let message = format!("{} has a `[` without a `]`", quote(&written.text));
                return refuse(written, message, help, found);
            };
            for filter in inside.split(',') {
                let Some((property, value)) = filter.split_once('=') else {
                    let message = format!("`[{inside}]` is no filter");
                    return path::refuse(written, message, help, found);
                };
                filters.push((property.trim(), value.trim()));
            }
            rest = behind;
        }
        segments.push(Segment { name, filters });
        match rest.strip_prefix('.') {
            Some(behind) => rest = behind,
            None if rest.is_empty() => return Some(segments),
            None => {
                let message =
                    format!("{} goes on behind a `]` without a dot", quote(&written.text));
                return refuse(written, message, help, found);
            }
        }
    }
}

/// What a codebook says of a way: which items count, and where it leads.
pub(super) fn sentence(written: &Written) -> String {
    format!("Taken from `{}`.", written.text)
}
