//! Dotted paths of the manifest to values that a table releases.

use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, code, one_of, quote};
use crate::model::derived::{TimePath, ValuePath};
use crate::model::kind::Class;
use crate::model::{Column, EdtfPart, Item, Level, Object, Shape, Table};
use crate::parse::spelling::Written;

/// What a dotted path leads to, on the way through objects and lists.
pub(super) enum Found<'m> {
    /// A value of a level: the index of its column.
    Column(usize),
    /// Likewise, and more names stand behind it: it names a record that has them.
    Reference(usize),
    /// A list of a level, and the level of its rows.
    List(usize, &'m Level),
    /// An object.
    Object,
}

/// Follows the names of a path as far as the next list. Returns what they lead to, and how many they are.
pub(super) fn follow<'m>(
    level: &'m Level,
    names: &[&str],
    written: &Written,
    found: &mut Vec<Diagnostic>,
) -> Option<(Found<'m>, usize)> {
    let (to, count) = next(level, names, written, found)?;
    if let (Found::Column(_), Some(name)) = (&to, names.get(count)) {
        let message = format!("{} has `{name}` behind a single value", quote(&written.text));
        return refuse(written, message, "end the path there", found);
    }
    Some((to, count))
}

fn next<'m>(
    level: &'m Level,
    names: &[&str],
    written: &Written,
    found: &mut Vec<Diagnostic>,
) -> Option<(Found<'m>, usize)> {
    let Item::Object(object) = &level.item else {
        return match names {
            [] => Some((Found::Column(0), 0)),
            [_, ..] if level.columns[0].reference.is_some() => Some((Found::Reference(0), 0)),
            [name, ..] => {
                let message = format!("`{name}` is asked of an item that is a single value");
                refuse(written, message, "end the path at the list", found)
            }
        };
    };
    let mut object = object;
    for (index, name) in names.iter().enumerate() {
        let Some(field) = object.field(name) else {
            let date = object.dates.iter().find(|date| date.name == *name);
            let Some(date) = date else { return unknown(object, name, written, found) };
            if level.columns[date.column].internal {
                return internal(name, written, found);
            }
            let parts = &EdtfPart::OF_COMPOSED;
            return match names.get(index + 1) {
                None => Some((Found::Column(date.column), index + 1)),
                Some(next) => derived_part(parts, (name, date.column), next, written, found)
                    .map(|column| (Found::Column(column), index + 2)),
            };
        };
        if field.internal {
            return internal(name, written, found);
        }
        match &field.shape {
            Shape::Scalar { column, .. } => {
                return match names.get(index + 1) {
                    None => Some((Found::Column(*column), index + 1)),
                    Some(_) if level.columns[*column].reference.is_some() => {
                        Some((Found::Reference(*column), index + 1))
                    }
                    Some(next) => {
                        let parts = level.columns[*column].kind.derived_parts();
                        derived_part(parts, (name, *column), next, written, found)
                            .map(|column| (Found::Column(column), index + 2))
                    }
                };
            }
            Shape::Group(group) => object = group,
            Shape::List { list, .. } => {
                return Some((Found::List(*list, &level.lists[*list]), index + 1));
            }
            Shape::Languages(columns) => {
                let language = names.get(index + 1);
                let known = columns.iter().find(|(tag, _)| language.is_some_and(|it| it == tag));
                if let Some((_, column)) = known {
                    return Some((Found::Column(*column), index + 2));
                }
                let tags = columns.iter().map(|(tag, _)| tag.as_str());
                let message = format!("`{name}` is a text in several languages");
                let help = format!("name one of them: {}", one_of(tags));
                return refuse(written, message, &help, found);
            }
        }
    }
    Some((Found::Object, names.len()))
}

fn internal<T>(name: &str, written: &Written, found: &mut Vec<Diagnostic>) -> Option<T> {
    let message = format!("`{name}` is internal, and a derived table is released");
    let help = "whoever has the release could not work the table out again: choose a value that is released, or \
                leave `x-internal` out of the schema";
    refuse(written, message, help, found)
}

/// A column that is worked out from a date: `date.edtf.earliest`.
fn derived_part(
    parts: &[EdtfPart],
    (of, column): (&str, usize),
    name: &str,
    written: &Written,
    found: &mut Vec<Diagnostic>,
) -> Option<usize> {
    if let Some(offset) = parts.iter().position(|part| part.suffix() == name) {
        return Some(column + 1 + offset);
    }
    let message = format!("`{of}` is a single value and has no `{name}`");
    refuse(written, message, "end the path there", found)
}

fn unknown<T>(
    object: &Object,
    name: &str,
    written: &Written,
    found: &mut Vec<Diagnostic>,
) -> Option<T> {
    let dates = || object.dates.iter().map(|date| date.name.as_str());
    let names = || object.fields.iter().map(|field| field.name.as_str()).chain(dates());
    let help = match nearest(name, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", one_of(names())),
    };
    let message = match written.text == name {
        true => format!("there is no property {}", quote(name)),
        false => format!("{} leads to nothing: there is no `{name}`", quote(&written.text)),
    };
    found.push(Diagnostic::new(&code::UNKNOWN_NAME, written.place.clone(), message).help(help));
    None
}

/// Reports that a declaration can't be used.
pub(super) fn refuse<T>(
    written: &Written,
    message: String,
    help: &str,
    found: &mut Vec<Diagnostic>,
) -> Option<T> {
    let finding = Diagnostic::new(&code::UNUSABLE_DERIVATION, written.place.clone(), message);
    found.push(finding.help(help));
    None
}

/// A value of a record, or of one list of it.
pub(super) fn value(
    table: &Table,
    written: &Written,
    found: &mut Vec<Diagnostic>,
) -> Option<ValuePath> {
    let names: Vec<_> = written.text.split('.').collect();
    let (first, count) = follow(&table.level, &names, written, found)?;
    let whole = |found: &mut Vec<Diagnostic>| {
        let message =
            format!("{} is an object, and a single value is wanted", quote(&written.text));
        refuse(written, message, "name one of its properties behind a dot", found)
    };
    let other_record = |found: &mut Vec<Diagnostic>| {
        let message = format!("{} leads to a value of another record", quote(&written.text));
        let help = "end the path at the reference: only `take` of a view follows it";
        refuse(written, message, help, found)
    };
    match first {
        Found::Column(column) => Some(ValuePath { list: None, column }),
        Found::Reference(_) => other_record(found),
        Found::Object => whole(found),
        Found::List(list, level) => match follow(level, &names[count..], written, found)? {
            (Found::Column(column), _) => Some(ValuePath { list: Some(list), column }),
            (Found::Object, _) => match &level.item {
                Item::Object(_) => whole(found),
                Item::Scalar(_) => Some(ValuePath { list: Some(list), column: 0 }),
            },
            (Found::Reference(_), _) => other_record(found),
            (Found::List(..), _) => {
                let message = format!("{} leads through two lists", quote(&written.text));
                refuse(written, message, "name a value of the record, or of one list of it", found)
            }
        },
    }
}

/// A value of the record itself.
pub(super) fn single(
    table: &Table,
    written: &Written,
    found: &mut Vec<Diagnostic>,
) -> Option<usize> {
    let path = value(table, written, found)?;
    if path.list.is_some() {
        let message = format!("{} may have several values in one record", quote(&written.text));
        return refuse(written, message, "name a value of the record itself", found);
    }
    Some(path.column)
}

/// When a record was, or a party of it: each of the paths in this list, or in the record.
pub(super) fn time(
    table: &Table,
    written: &[Written],
    list: Option<usize>,
    found: &mut Vec<Diagnostic>,
) -> Option<TimePath> {
    let mut date = |written: &Written| {
        let path = value(table, written, found)?;
        if path.list != list {
            let (message, help) = match list {
                Some(_) => ("is no value of a party", "name a value of the list of the unit"),
                None => {
                    ("may have several values in one record", "name a value of the record itself")
                }
            };
            return refuse(written, format!("{} {message}", quote(&written.text)), help, found);
        }
        if !matches!(column_of(table, path).kind.class(), Class::Date(_)) {
            let message = format!("{} is no date", quote(&written.text));
            let help = "name a value with `format` `date`, `edtf`, `year` or `date-time`";
            return refuse(written, message, help, found);
        }
        Some(path)
    };
    match written {
        [one] => date(one).map(TimePath::One),
        [start, end] => {
            let (start, end) = (date(start), date(end));
            Some(TimePath::Between(start?, end?))
        }
        _ => unreachable!("the manifest's schema asks for one path or two"),
    }
}

/// The column that a path leads to.
pub(super) fn column_of(table: &Table, path: ValuePath) -> &Column {
    let level = path.list.map_or(&table.level, |list| &table.level.lists[list]);
    &level.columns[path.column]
}
