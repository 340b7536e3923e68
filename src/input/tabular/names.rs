//! What the columns of a level may be called.

use std::collections::HashMap;

use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, Place, code, one_of, quote};
use crate::model::{Column, FlatTable, Item, Object, Origin, POSITION_COLUMN, Scalar, Shape};
use crate::workspace::Source;

/// What a header cell can mean.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// A column of the level.
    Column(usize),
    /// A list of the level in one cell.
    Joined(usize),
    /// A column that names the parent row.
    Parent(usize),
    Position,
}

/// What a column that belongs to nothing was probably meant to be.
pub(super) enum Meant {
    /// This column.
    Column(String),
    /// A list, a group, or several columns.
    Part,
    Nothing,
}

/// Everything that a header of a level may say.
pub(super) struct Names {
    pub(super) targets: HashMap<String, Target>,
    columns: usize,
    lists: usize,
}

impl Names {
    pub(super) fn of(flat: &FlatTable<'_>) -> Self {
        let level = flat.level;
        let mut names = Self {
            targets: HashMap::new(),
            columns: level.columns.len(),
            lists: level.lists.len(),
        };
        // Names of releases come first, so that no path can take one over.
        for (index, parent) in flat.parents.iter().enumerate() {
            names.add(parent.clone(), Target::Parent(index));
        }
        if !flat.parents.is_empty() {
            names.add(POSITION_COLUMN.to_owned(), Target::Position);
        }
        for (index, column) in level.columns.iter().enumerate() {
            names.add(column.name.clone(), Target::Column(index));
        }
        if let Item::Object(object) = &level.item {
            names.add_paths(object, flat);
        }
        for (index, column) in level.columns.iter().enumerate() {
            names.extend(column.plain.clone(), Target::Column(index));
        }
        if !flat.path.is_empty() {
            // Child tables may also say in full whose key it is.
            for (index, key) in flat.table.key_columns().enumerate() {
                let plain = key.plain.as_ref().unwrap_or(&key.name);
                names.add(format!("{}_{plain}", flat.table.row), Target::Parent(index));
            }
        }
        names
    }

    fn extend(&mut self, name: Option<String>, target: Target) {
        if let Some(name) = name {
            self.add(name, target);
        }
    }

    fn add(&mut self, name: String, target: Target) {
        self.targets.entry(name).or_insert(target);
    }

    fn add_paths(&mut self, object: &Object, flat: &FlatTable<'_>) {
        for field in &object.fields {
            let tokens: Vec<_> =
                field.pointer.split('/').skip(1).map(crate::pointer::unescape).collect();
            let path = tokens.join(".");
            match &field.shape {
                Shape::Scalar { column, .. } => self.add(path, Target::Column(*column)),
                Shape::Group(object) => self.add_paths(object, flat),
                Shape::Languages(languages) => {
                    for (tag, column) in languages {
                        self.add(format!("{path}.{tag}"), Target::Column(*column));
                    }
                }
                Shape::List { list, count, .. } => {
                    if separator(flat, *list).is_some() {
                        // As a column of its own it would be called like its count, without `n_`.
                        let counted = &flat.level.columns[*count].name;
                        let name = counted.strip_prefix("n_").unwrap_or(counted);
                        self.add(name.to_owned(), Target::Joined(*list));
                        self.add(tokens.join("_"), Target::Joined(*list));
                        self.add(path, Target::Joined(*list));
                    }
                }
            }
        }
    }

    /// All names of that which a name means.
    pub(super) fn alike(&self, name: &str, flat: &FlatTable<'_>) -> Vec<String> {
        let mut names = vec![name.to_owned()];
        match self.targets.get(name) {
            Some(Target::Column(column)) => {
                let column = &flat.level.columns[*column];
                names.push(column.name.clone());
                names.push(crate::pointer::readable(&column.pointer));
            }
            Some(Target::Parent(parent)) => names.extend(flat.parents.get(*parent).cloned()),
            Some(Target::Joined(_) | Target::Position) | None => {}
        }
        names
    }

    /// A number for each target.
    pub(super) fn position(&self, target: Target) -> usize {
        match target {
            Target::Column(column) => column,
            Target::Joined(list) => self.columns + list,
            Target::Position => self.columns + self.lists,
            Target::Parent(parent) => self.columns + self.lists + 1 + parent,
        }
    }

    /// The finding that a column belongs to nothing, and what it was probably meant to be.
    pub(super) fn unknown(
        &self,
        name: &str,
        flat: &FlatTable<'_>,
        place: Place,
        file: &Source,
    ) -> (Diagnostic, Meant) {
        let level = flat.level;
        let list = level.lists.iter().find(|list| {
            let path = list.pointer.trim_start_matches('/');
            path.replace('/', ".") == name || path.replace('/', "_") == name
        });
        let mut names: Vec<_> = self.targets.keys().map(String::as_str).collect();
        names.sort_unstable();
        let below = format!("{name}.");
        let paths: Vec<_> = names.iter().copied().filter(|it| it.starts_with(&below)).collect();
        let mut meant = Meant::Part;
        let syntax = file.dialect().syntax;
        let own = char::from(syntax.delimiter);
        let other_separator = [';', '\t', '|', ','];
        let other_separator =
            other_separator.into_iter().find(|&it| it != own && name.contains(it));
        let help = if let Some(separator) = other_separator {
            let own = match own {
                ',' => "commas".to_owned(),
                _ => format!("a {}", syntax.delimiter_name()),
            };
            let separator = separator.escape_default();
            let help = format!("columns are separated by {own}, not by `{separator}`");
            file.with_block(&help, &[format!("delimiter = \"{separator}\"")])
        } else if name.is_empty() {
            meant = Meant::Nothing;
            "give it a name, or remove it".to_owned()
        } else if let Some(list) = list {
            format!("it is a list: put its rows into `{}.csv`", list.name)
        } else if !paths.is_empty() {
            format!("it is an object: write a column for each property, as in {}", one_of(paths))
        } else if let Some(found) = nearest(name, names.iter().copied()) {
            meant = Meant::Column(found.to_owned());
            format!("did you mean `{found}`?")
        } else {
            meant = Meant::Nothing;
            let spelt =
                |column: &&Column| matches!(column.origin, Origin::Field | Origin::Language(_));
            let columns = level.columns.iter().filter(spelt).map(|it| it.name.as_str());
            format!("the columns are {}", one_of(columns))
        };
        let message = if name.is_empty() {
            "a column has no name".to_owned()
        } else {
            format!("the column {} belongs to no property of `{}`", quote(name), level.name)
        };
        (Diagnostic::new(&code::UNKNOWN_COLUMN, place, message).help(help), meant)
    }
}

/// What separates the items of a list that may stand in one cell.
pub(super) fn separator<'m>(flat: &FlatTable<'m>, list: usize) -> Option<(&'m str, &'m Scalar)> {
    match &flat.level.lists[list].item {
        Item::Object(_) => None,
        Item::Scalar(scalar) => scalar.separator.as_deref().map(|it| (it, scalar)),
    }
}
