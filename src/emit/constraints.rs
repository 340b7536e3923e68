//! What must hold of the rows of a flat table, for the files that describe a release.

use std::collections::BTreeSet;

use super::flat;
use crate::diagnostic::Code;
use crate::expr::{Path, Root};
use crate::model::{Assertion, FlatTable, Item, Level, Model, Object, Origin, Program, Shape};
use crate::pointer;

/// A constraint, as it stands on the rows of a flat table or on objects in them.
pub struct Stated<'m> {
    /// Its number among [`Model::assertions`].
    pub number: usize,
    /// The code of its findings.
    pub code: &'static Code,
    /// What must hold.
    pub assertion: &'m Assertion,
    /// The objects that it is for, as a condition; none for all.
    pub when: Option<&'m str>,
    /// JSON Pointers of the objects in a row that it stands on; empty for the row itself.
    pub on: Vec<&'m str>,
    /// The columns of the table that it looks at, in their order.
    pub columns: Vec<&'m str>,
    /// All flat tables that it stands on, if there are others.
    pub tables: Vec<&'m str>,
}

/// The constraints of a flat table, in the order of [`Model::assertions`]. Those of objects of which nothing
/// is released aren't among them.
#[must_use]
pub fn stated<'m>(flat: &FlatTable<'m>, model: &'m Model) -> Vec<Stated<'m>> {
    let numbers = numbers(flat.level);
    if numbers.is_empty() {
        return Vec::new();
    }
    let all: Vec<_> = model.tables.iter().flat_map(flat::tables).collect();
    let all: Vec<_> = all.iter().map(|it| (it.level, self::numbers(it.level))).collect();
    let mut assertions = model.assertions().enumerate();
    let stated = numbers.into_iter().filter_map(|wanted| {
        let (number, (code, assertion)) = assertions.find(|(number, _)| *number == wanted)?;
        let tables: Vec<_> = all.iter().filter(|(_, numbers)| numbers.contains(&number)).collect();
        let mut stated = Stated {
            number,
            code,
            assertion,
            when: model.constraints[number].when.as_deref(),
            on: Vec::new(),
            columns: Vec::new(),
            tables: match tables.len() {
                1 => Vec::new(),
                _ => tables.iter().map(|(level, _)| level.name.as_str()).collect(),
            },
        };
        let mut columns = BTreeSet::new();
        for_each_object(flat.level, &mut |at, object| {
            for program in object.constraints.iter().filter(|it| it.constraint == number) {
                stated.on.push(at);
                columns.extend(looked_at(flat, at, program));
            }
        });
        stated.columns =
            columns.into_iter().map(|column| flat.level.columns[column].name.as_str()).collect();
        Some(stated)
    });
    stated.collect()
}

/// The numbers of the constraints that stand on rows of a level.
fn numbers(level: &Level) -> BTreeSet<usize> {
    let mut numbers = BTreeSet::new();
    for_each_object(level, &mut |_, object| {
        numbers.extend(object.constraints.iter().map(|program| program.constraint));
    });
    numbers
}

/// Calls for the object that a row is, and for those in it, each with its JSON Pointer from the row.
fn for_each_object<'m>(level: &'m Level, each: &mut impl FnMut(&'m str, &'m Object)) {
    fn inside<'m>(object: &'m Object, each: &mut impl FnMut(&'m str, &'m Object)) {
        for field in object.fields.iter().filter(|field| !field.internal) {
            if let Shape::Group(group) = &field.shape {
                each(&field.pointer, group);
                inside(group, each);
            }
        }
    }
    if let Item::Object(object) = &level.item {
        each("", object);
        inside(object, each);
    }
}

/// The released columns of a row, by their numbers, that a constraint on an object of the row looks at. A
/// list is looked at where the number of its items is.
fn looked_at(flat: &FlatTable<'_>, at: &str, program: &Program) -> BTreeSet<usize> {
    let when = program.when.iter().flat_map(|when| &when.paths);
    let named = program.named.iter().map(|named| &named.by);
    let paths = when.chain(&program.assert.paths).chain(named);
    let pointers: Vec<_> = paths.filter_map(|path| pointer_in_row(flat, at, path)).collect();
    let is_inside = |inner: &str, outer: &String| {
        inner.strip_prefix(outer.as_str()).is_some_and(|it| it.is_empty() || it.starts_with('/'))
    };
    let columns = flat.level.columns.iter().enumerate().filter(|(_, column)| {
        !column.internal
            && !matches!(column.origin, Origin::Derived { .. })
            && pointers.iter().any(|pointer| is_inside(&column.pointer, pointer))
    });
    columns.map(|(number, _)| number).collect()
}

/// Where a path leads in the row; none if it leads elsewhere.
fn pointer_in_row(flat: &FlatTable<'_>, at: &str, path: &Path) -> Option<String> {
    let root = match path.root {
        Root::Own => at,
        // What is around the object that a row is belongs to another table.
        Root::Parent => at.rsplit_once('/')?.0,
        Root::Record if flat.path.is_empty() => "",
        Root::Record | Root::Item(_) | Root::Named(_) => return None,
    };
    let steps = path.steps.iter();
    Some(steps.fold(root.to_owned(), |at, step| pointer::join(&at, &step.name)))
}
