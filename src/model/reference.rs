//! What values refer to, and the values that no two rows have alike.
//!
//! A reference leads to a *target*: the key of a table, other values that are unique in a table
//! (`x-unique`), or the key of a list's items (`x-item-key`). A value may lead to one of several targets
//! (`x-reference` with a list), and several values of a row may lead to one together (`x-references`).

use std::borrow::Cow;
use std::collections::HashMap;

use crate::diagnostic::Place;
use crate::pointer;
use crate::tape::{Names, UNKNOWN, Value};
use crate::workspace::SourceId;

/// What a value refers to, as `x-reference` says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Tables, or tables with a property: `states`, `states.gwcode`. A value leads to one of them.
    pub to: Vec<String>,
    /// Where the schema says it.
    pub place: Place,
    /// Whether it is the key of one table.
    is_key: bool,
}

impl Reference {
    /// A reference to what `to` names. `is_table` tells tables of the manifest.
    #[must_use]
    pub fn new(to: Vec<String>, place: Place, is_table: impl Fn(&str) -> bool) -> Self {
        let is_key = to.len() == 1 && is_table(&to[0]);
        Self { to, place, is_key }
    }

    /// A reference to the key of a table, which no schema says.
    #[must_use]
    pub fn to_key(table: &str) -> Self {
        let place = Place::new(SourceId(0), 0..0);
        Self { to: vec![table.to_owned()], place, is_key: true }
    }

    /// The table whose keys the values are, if they are those of one table.
    #[must_use]
    pub fn table(&self) -> Option<&str> {
        self.is_key.then(|| self.to[0].as_str())
    }
}

/// Where a reference leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// To the record with a key: index into [`Model::tables`](super::Model::tables).
    Key(usize),
    /// To the row with unique values: index into [`References::uniques`].
    Unique(usize),
    /// To one of several: index into [`References::unions`].
    Union(usize),
}

/// All that references of a project lead to, besides the keys of tables.
#[derive(Debug, Default)]
pub struct References {
    /// Values that no two rows have alike.
    pub uniques: Vec<Unique>,
    /// Targets of which a reference leads to one.
    pub unions: Vec<Union>,
    /// References that several values of a row make together.
    pub composites: Vec<Composite>,
    /// Where single values lead, by what [`Reference::to`] says.
    pub targets: HashMap<Vec<String>, Target>,
}

/// Values that no two rows of a table have alike.
#[derive(Debug)]
pub struct Unique {
    /// Index into [`Model::tables`](super::Model::tables).
    pub table: usize,
    /// Which of its [flat tables](super::Table::flat_tables).
    pub flat: usize,
    /// The name of that table.
    pub rows: String,
    /// The properties that hold the values, as dotted paths.
    pub properties: Vec<String>,
    /// The released columns that hold the values; empty where one of them isn't released.
    pub columns: Vec<String>,
    /// The values.
    pub tuple: Tuple,
    /// Whether a schema says `x-unique`. If not, the values are the key of a record with those of list
    /// items in it, which are unique because each of them is.
    pub is_declared: bool,
    /// Whether something refers to them.
    pub is_referred: bool,
}

/// Several targets, of which a reference leads to one.
#[derive(Debug, PartialEq, Eq)]
pub struct Union {
    /// As the schema names them.
    pub to: Vec<String>,
    /// None of them is a union.
    pub targets: Vec<Target>,
}

/// A reference that several values of a row make together.
#[derive(Debug)]
pub struct Composite {
    /// The table with the values: index into [`Model::tables`](super::Model::tables).
    pub table: usize,
    /// The flat table whose rows have them.
    pub from: String,
    /// The released columns that hold the values; empty where one of them isn't released.
    pub columns: Vec<String>,
    /// The values, in the order of the target's.
    pub tuple: Tuple,
    /// Where they lead.
    pub target: Target,
    /// The flat table where they lead.
    pub rows: String,
    /// Its columns.
    pub target_columns: Vec<String>,
}

/// Some values of a row and of the rows around it, and how to find them in a record.
#[derive(Clone, Debug)]
pub struct Tuple {
    /// The lists on the way from the record to the row, each as a path from the row above.
    lists: Vec<Path>,
    /// For each value the row (0 is the record, then an item of each list) and the path in it.
    values: Vec<(usize, Path)>,
}

/// Names of properties, from an object down to a value.
type Path = Vec<Name>;

/// The name of a property.
#[derive(Clone, Debug)]
struct Name {
    number: u32,
    name: String,
}

impl Tuple {
    /// The values at JSON Pointers from the rows that these lists lead to, also given as pointers. A value
    /// is given with the number of its row: 0 is the record.
    #[must_use]
    pub fn new<'p>(
        lists: impl IntoIterator<Item = &'p str>,
        values: impl IntoIterator<Item = (usize, &'p str)>,
    ) -> Self {
        let path = |pointer: &str| {
            let names = pointer::tokens(pointer).map(Cow::into_owned);
            names.map(|name| Name { number: UNKNOWN, name }).collect()
        };
        Self {
            lists: lists.into_iter().map(path).collect(),
            values: values.into_iter().map(|(row, pointer)| (row, path(pointer))).collect(),
        }
    }

    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Has names compared as numbers.
    pub fn number(&mut self, names: &Names) {
        let values = self.values.iter_mut().map(|(_, path)| path);
        for name in self.lists.iter_mut().chain(values).flatten() {
            name.number = names.number(&name.name);
        }
    }

    /// Calls `each` with the values of every row of a record that has them all.
    pub fn each<'t>(&self, record: Value<'t>, each: &mut dyn FnMut(&[Value<'t>])) {
        let mut found = Vec::with_capacity(self.values.len());
        self.row(&mut vec![record], &mut found, each);
    }

    fn row<'t>(
        &self,
        rows: &mut Vec<Value<'t>>,
        found: &mut Vec<Value<'t>>,
        each: &mut dyn FnMut(&[Value<'t>]),
    ) {
        let depth = rows.len() - 1;
        if let Some(list) = self.lists.get(depth) {
            let Some(list) = follow(rows[depth], list) else { return };
            for item in list.items() {
                rows.push(item);
                self.row(rows, found, each);
                rows.pop();
            }
            return;
        }
        found.clear();
        for (row, path) in &self.values {
            match follow(rows[*row], path) {
                Some(value) if !value.is_null() => found.push(value),
                _ => return,
            }
        }
        each(found);
    }
}

fn follow<'t>(value: Value<'t>, path: &[Name]) -> Option<Value<'t>> {
    path.iter().try_fold(value, |value, name| value.numbered(name.number, &name.name))
}
