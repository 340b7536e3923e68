//! What must hold of the rows of a flat table, one by one and together, for what describes the tables.

use std::collections::BTreeSet;

use super::flat;
use crate::diagnostic::{Code, code};
use crate::expr::{Path, Root};
use crate::model::{
    Assertion, FlatTable, Grouping, Item, Level, Model, Object, Origin, Program, Shape, Table,
};
use crate::pointer;

/// A constraint, as it stands on the rows of a flat table or on objects in them; or an expectation.
pub struct Stated<'m> {
    /// Its number among [`Model::assertions`].
    pub number: usize,
    /// The code of its findings.
    pub code: &'static Code,
    /// What must hold.
    pub assertion: &'m Assertion,
    /// The objects that a constraint is for, or the rows that count for an expectation, as a condition; none
    /// for all.
    pub when: Option<&'m str>,
    /// Of an expectation, what the rows of a group have in common; empty where all rows are one group.
    pub by: Option<&'m [String]>,
    /// JSON Pointers of the objects in a row that it stands on; an empty one for the row itself.
    pub on: Vec<&'m str>,
    /// The columns of the table that it looks at, in their order.
    pub columns: Vec<&'m str>,
    /// All flat tables that it stands on, if there are others.
    pub tables: Vec<&'m str>,
}

/// The constraints of a flat table, and then its expectations, in the order of [`Model::assertions`]. Those of
/// objects of which nothing is released aren't among them.
#[must_use]
pub fn stated<'m>(flat: &FlatTable<'m>, model: &'m Model) -> Vec<Stated<'m>> {
    let mut stated = constraints(flat, model);
    stated.extend(expectations(flat, model));
    stated
}

fn constraints<'m>(flat: &FlatTable<'m>, model: &'m Model) -> Vec<Stated<'m>> {
    let numbers = numbers(flat.level);
    if numbers.is_empty() {
        return Vec::new();
    }
    let all: Vec<_> = model.tables.iter().flat_map(flat::tables).collect();
    let all: Vec<_> = all.iter().map(|it| (it.level, self::numbers(it.level))).collect();
    let stated = numbers.into_iter().map(|number| {
        let constraint = &model.constraints[number];
        let tables: Vec<_> = all.iter().filter(|(_, numbers)| numbers.contains(&number)).collect();
        let mut stated = Stated {
            number,
            code: &code::CONSTRAINT,
            assertion: &constraint.assertion,
            when: constraint.when.as_deref(),
            by: None,
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
                columns.extend(looked_at(flat, at, paths(program)));
            }
        });
        stated.columns = names(flat, columns);
        stated
    });
    stated.collect()
}

fn expectations<'m>(flat: &FlatTable<'m>, model: &'m Model) -> Vec<Stated<'m>> {
    let all = model.expectations.iter().enumerate();
    let own = all.filter(|(_, expectation)| {
        rows(&model.tables[expectation.assertion.table], &expectation.program)
            .is_some_and(|level| std::ptr::eq(level, flat.level))
    });
    let stated = own.map(|(number, expectation)| Stated {
        number: model.constraints.len() + number,
        code: &code::EXPECTATION,
        assertion: &expectation.assertion,
        when: expectation.filter.as_deref(),
        by: Some(&expectation.by),
        on: Vec::new(),
        columns: names(flat, looked_at(flat, "", expectation.program.read.iter())),
        tables: Vec::new(),
    });
    stated.collect()
}

/// The level whose rows an expectation counts; none if its list has none.
fn rows<'m>(table: &'m Table, program: &Grouping) -> Option<&'m Level> {
    let mut level = &table.level;
    let Item::Object(object) = &level.item else { return None };
    let mut object = object;
    for step in &program.each {
        match &object.field(&step.name)?.shape {
            Shape::Group(group) => object = group,
            Shape::List { list, .. } => {
                level = &level.lists[*list];
                let Item::Object(item) = &level.item else { return None };
                object = item;
            }
            Shape::Scalar { .. } | Shape::Languages(_) => return None,
        }
    }
    Some(level)
}

/// What columns are called.
fn names<'m>(flat: &FlatTable<'m>, columns: BTreeSet<usize>) -> Vec<&'m str> {
    columns.into_iter().map(|column| flat.level.columns[column].name.as_str()).collect()
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

/// All values that a constraint looks at.
fn paths(program: &Program) -> impl Iterator<Item = &Path> {
    let when = program.when.iter().flat_map(|when| &when.paths);
    let named = program.named.iter().map(|named| &named.by);
    when.chain(&program.assert.paths).chain(named)
}

/// The released columns of a row, by their numbers, that paths from an object of the row lead to. A list is
/// looked at where the number of its items is.
fn looked_at<'p>(
    flat: &FlatTable<'_>,
    at: &str,
    paths: impl Iterator<Item = &'p Path>,
) -> BTreeSet<usize> {
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
