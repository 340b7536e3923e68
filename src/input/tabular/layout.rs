//! The header of a CSV file, matched with the columns of its level.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, Place, code, one_of, quote};
use crate::model::kind::Physical;
use crate::model::{
    Column, EdtfPart, Field, FlatTable, Item, Kind, Object, Origin, POSITION_COLUMN, Scalar, Shape,
    Table, join_key,
};
use crate::parse::csv::other_separator;
use crate::parse::csv::{Cell, RowReader};
use crate::workspace::SourceId;

/// What the cells of a file's rows are.
#[derive(Debug)]
pub struct Layout<'m> {
    pub(super) flat: FlatTable<'m>,
    /// Which of [`Table::flat_tables`] it is.
    pub(super) number: usize,
    pub(super) source: SourceId,
    /// Where the header begins in the file.
    pub(super) base: u64,
    /// How many cells a row has.
    pub(super) width: usize,
    /// The keys of the objects, each with the header cell that brings it.
    pub(super) names: Vec<(&'m str, Range<usize>)>,
    pub(super) content: Content<'m>,
    /// The cells of the key, in a table itself that has them all.
    pub(super) key: Option<Vec<usize>>,
    /// The cells that name the parent row, in a child table.
    pub(super) parents: Vec<usize>,
    /// The cell of the position, in a child table that has one.
    pub(super) position: Option<usize>,
    pub(super) derived: Vec<Derived<'m>>,
    /// The first column of the key that a table itself lacks.
    lacking_key: Option<&'m str>,
    /// Properties of the record that the schema requires and no column brings.
    lacking: Vec<&'m str>,
}

/// What a value is made of.
#[derive(Debug)]
pub(super) enum Content<'m> {
    /// One cell.
    Cell { cell: usize, read_as: ReadAs },
    /// The cells of a group, or the languages of a text.
    Object(Vec<Slot<'m>>),
    /// The rows of a child table, or the parts of one cell.
    List { list: usize, count: Option<usize>, joined: Option<Joined<'m>> },
}

/// A property of an object.
#[derive(Debug)]
pub(super) struct Slot<'m> {
    /// Index into [`Layout::names`].
    pub(super) name: usize,
    pub(super) content: Content<'m>,
}

/// A list in one cell.
#[derive(Debug)]
pub(super) struct Joined<'m> {
    pub(super) cell: usize,
    pub(super) separator: &'m str,
    pub(super) read_as: ReadAs,
}

/// So many columns of a file that belong to nothing are shown: each costs a look at all names.
const UNKNOWN_SHOWN_MAX: usize = 100;

/// The JSON type that a cell may spell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReadAs {
    Boolean,
    Number,
    Text,
}

impl ReadAs {
    fn of(kind: &Kind) -> Self {
        match kind.physical() {
            Physical::Boolean => Self::Boolean,
            _ if kind.is_spelt_as_number() => Self::Number,
            _ => Self::Text,
        }
    }
}

/// The columns that a release derives from one date.
#[derive(Debug)]
pub(super) struct Derived<'m> {
    /// The column of the date.
    pub(super) name: &'m str,
    pub(super) from: DerivedFrom,
    pub(super) parts: Vec<DerivedCell<'m>>,
}

/// The cells that a date is read from, as far as the file has them.
#[derive(Debug)]
pub(super) enum DerivedFrom {
    /// A date in one cell.
    Date(Option<usize>),
    /// A year in one cell.
    Year(Option<usize>),
    /// A year, a month and a day. The text that is composed of them has a column, too.
    Parts { cells: [Option<usize>; 3], text: Option<usize> },
}

/// One of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct DerivedCell<'m> {
    pub(super) part: EdtfPart,
    pub(super) name: &'m str,
    pub(super) cell: usize,
}

/// What a header cell can mean.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    /// A column of the level.
    Column(usize),
    /// A list of the level in one cell.
    Joined(usize),
    /// A column that names the parent row.
    Parent(usize),
    Position,
}

impl<'m> Layout<'m> {
    /// Matches the header of a file of `table`: of the table itself if `number` is 0, else of that
    /// child table. `base` is where the header begins in the file.
    ///
    /// A column may go by its name in releases (`date_edtf`, `title_en`) or by the path of its
    /// property (`date.edtf`, `title.en`). None if rows can't be told apart: the header says
    /// nothing, or lacks a key. Other complaints cost one column.
    ///
    /// # Panics
    /// If `table` has no such child table.
    #[must_use]
    pub fn new(
        table: &'m Table,
        number: usize,
        header: &str,
        source: SourceId,
        base: u64,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let flat = table.flat_tables().swap_remove(number);
        let mut cells = Vec::new();
        let place = |span: &Range<usize>| {
            Place::new(source, base + span.start as u64..base + span.end as u64)
        };
        let row = RowReader::new(header, 0).next(&mut cells);
        let Some((row, fault)) = row else {
            let message =
                format!("the file has no header, and so no rows of `{}`", flat.level.name);
            diagnostics.push(
                Diagnostic::new(&code::INVALID_SYNTAX, place(&(0..0)), message)
                    .help("begin it with the names of its columns, separated by commas"),
            );
            return None;
        };
        let names = Names::of(&flat);
        if let Some(separator) = other_separator(header, |name| names.targets.contains_key(name)) {
            diagnostics.push(separator.report(place(&row)));
            return None;
        }
        if let Some(fault) = fault {
            diagnostics.push(fault.report(place));
            return None;
        }
        let mut found: HashMap<usize, usize> = HashMap::new();
        let mut meant: Vec<String> = Vec::new();
        let mut unknown = 0;
        for (index, cell) in cells.iter().enumerate() {
            let name = cell.decode(header);
            let Some(&target) = names.targets.get(name.as_ref()) else {
                unknown += 1;
                if unknown > UNKNOWN_SHOWN_MAX {
                    continue;
                }
                let (finding, near) = names.unknown(&name, &flat, place(&cell.span));
                diagnostics.push(finding);
                meant.extend(near);
                if cells.len() == 1 {
                    return None;
                }
                continue;
            };
            let target = names.position(target);
            if let Some(&first) = found.get(&target) {
                let first: &Cell = &cells[first];
                let message = format!("the column {} stands here a second time", quote(&name));
                diagnostics.push(
                    Diagnostic::new(&code::DUPLICATE_COLUMN, place(&cell.span), message)
                        .label("again here")
                        .with(place(&first.span), "first here")
                        .help("keep one of the two"),
                );
            } else {
                found.insert(target, index);
            }
        }
        if unknown > UNKNOWN_SHOWN_MAX {
            let others = unknown - UNKNOWN_SHOWN_MAX;
            let message =
                format!("{others} more columns belong to no property of `{}`", flat.level.name);
            diagnostics.push(
                Diagnostic::new(&code::UNKNOWN_COLUMN, place(&row), message)
                    .help("is it the file of another table, or does it lack a line end?"),
            );
        }
        let cell_of = |target: Target| found.get(&names.position(target)).copied();
        let mut builder =
            Builder { flat: &flat, cells: &cells, cell_of: &cell_of, names: Vec::new() };
        let content = match &flat.level.item {
            Item::Object(object) => Content::Object(builder.slots(object)),
            Item::Scalar(scalar) => Content::Cell {
                // Without its only column, a row says nothing.
                cell: cell_of(Target::Column(0)).unwrap_or(usize::MAX),
                read_as: ReadAs::of(&scalar.kind),
            },
        };
        let layout = Self {
            number,
            source,
            base,
            width: cells.len(),
            names: builder.names,
            content,
            key: match number {
                0 => table.key.columns.iter().map(|key| cell_of(Target::Column(*key))).collect(),
                _ => None,
            },
            parents: (0..flat.parents.len()).map_while(|it| cell_of(Target::Parent(it))).collect(),
            position: cell_of(Target::Position),
            derived: derived(&flat, &cell_of),
            lacking_key: table
                .key
                .columns
                .iter()
                .find(|key| number == 0 && cell_of(Target::Column(**key)).is_none())
                .map(|key| table.level.columns[*key].name.as_str()),
            lacking: lacking(&flat, &cell_of),
            flat,
        };
        layout.check_keys(&place(&row), &meant, diagnostics).then_some(layout)
    }

    /// The key of a row, of the record or of that which the row is a part of, as text; none if a value is
    /// empty, or the row is too short.
    pub(super) fn key<'t>(&self, cells: &[Cell], text: &'t str) -> Option<Cow<'t, str>> {
        let parts = match &self.key {
            Some(key) => key.as_slice(),
            None => self.parents.get(..self.flat.table.key.columns.len())?,
        };
        let present = |cell: &usize| cells.get(*cell).filter(|cell| !cell.is_empty());
        if let [only] = parts {
            return present(only).map(|cell| cell.decode(text));
        }
        let parts: Option<Vec<_>> =
            parts.iter().map(|cell| Some(present(cell)?.decode(text))).collect();
        parts.map(|parts| Cow::Owned(join_key(parts)))
    }

    /// Properties that every record of the file lacks: that was reported once for all.
    #[must_use]
    pub fn lacking(&self) -> &[&'m str] {
        &self.lacking
    }

    /// Whether the columns are there without which rows mean nothing. Columns that others were
    /// `meant` to be are there but for their names.
    fn check_keys(
        &self,
        header: &Place,
        meant: &[String],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> bool {
        let unexplained = |name: &str| !meant.iter().any(|meant| meant == name);
        for property in self.lacking.iter().filter(|name| unexplained(name)) {
            let message =
                format!("the header has no column `{property}`, which every record must have");
            diagnostics.push(
                Diagnostic::new(&code::MISSING_PROPERTY, header.clone(), message)
                    .help("add it, with a value in every row"),
            );
        }
        let (code, missing) = if self.number == 0 {
            (&code::MISSING_ID, self.lacking_key)
        } else if self.parents.len() < self.flat.parents.len() {
            (&code::ORPHAN_ROW, self.flat.parents.get(self.parents.len()).map(String::as_str))
        } else {
            let lost = matches!(self.content, Content::Cell { cell: usize::MAX, .. });
            (&code::MISSING_PROPERTY, lost.then(|| self.flat.level.columns[0].name.as_str()))
        };
        if let Some(missing) = missing.filter(|missing| unexplained(missing)) {
            let message = format!("the header has no column `{missing}`");
            diagnostics.push(
                Diagnostic::new(code, header.clone(), message)
                    .help(format!("rows of `{}` are told apart by it", self.flat.level.name)),
            );
        }
        missing.is_none()
    }
}

fn lacking<'m>(flat: &FlatTable<'m>, cell_of: &dyn Fn(Target) -> Option<usize>) -> Vec<&'m str> {
    let Item::Object(object) = &flat.level.item else { return Vec::new() };
    if !flat.path.is_empty() {
        return Vec::new();
    }
    let key = &flat.table.key.columns;
    let lacks = |field: &&'m Field| match &field.shape {
        Shape::Scalar { column, .. } => {
            field.required && !key.contains(column) && cell_of(Target::Column(*column)).is_none()
        }
        Shape::Group(_) | Shape::Languages(_) | Shape::List { .. } => false,
    };
    object.fields.iter().filter(lacks).map(|field| field.name.as_str()).collect()
}

fn derived<'m>(
    flat: &FlatTable<'m>,
    cell_of: &dyn Fn(Target) -> Option<usize>,
) -> Vec<Derived<'m>> {
    let mut derived: Vec<(usize, Derived<'m>)> = Vec::new();
    for (index, column) in flat.level.columns.iter().enumerate() {
        let (of, part) = match column.origin {
            Origin::Derived { of, part } => (of, Some(part)),
            Origin::Composed { .. } => (index, None),
            Origin::Field | Origin::Language(_) | Origin::Count => continue,
        };
        let Some(cell) = cell_of(Target::Column(index)) else { continue };
        if derived.last().is_none_or(|(last, _)| *last != of) {
            let source = &flat.level.columns[of];
            let from = derived_from(source, of, cell_of);
            derived.push((of, Derived { name: &source.name, from, parts: Vec::new() }));
        }
        if let (Some((_, derived)), Some(part)) = (derived.last_mut(), part) {
            derived.parts.push(DerivedCell { part, name: &column.name, cell });
        }
    }
    derived.into_iter().map(|(_, derived)| derived).collect()
}

/// Where the date of a column is read from.
fn derived_from(
    column: &Column,
    index: usize,
    cell_of: &dyn Fn(Target) -> Option<usize>,
) -> DerivedFrom {
    let cell = |column: usize| cell_of(Target::Column(column));
    match column.origin {
        Origin::Composed { year, month, day } => {
            let cells = [cell(year), month.and_then(cell), day.and_then(cell)];
            DerivedFrom::Parts { cells, text: cell(index) }
        }
        Origin::Derived { .. } | Origin::Field | Origin::Language(_) | Origin::Count => {
            match column.kind {
                Kind::Year { .. } => DerivedFrom::Year(cell(index)),
                _ => DerivedFrom::Date(cell(index)),
            }
        }
    }
}

/// Everything that a header of a level may say.
struct Names {
    targets: HashMap<String, Target>,
    columns: usize,
    lists: usize,
}

impl Names {
    fn of(flat: &FlatTable<'_>) -> Self {
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
        names
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

    /// A number for each target.
    fn position(&self, target: Target) -> usize {
        match target {
            Target::Column(column) => column,
            Target::Joined(list) => self.columns + list,
            Target::Position => self.columns + self.lists,
            Target::Parent(parent) => self.columns + self.lists + 1 + parent,
        }
    }

    /// The finding that a column belongs to nothing, and what it was probably meant to be.
    fn unknown(
        &self,
        name: &str,
        flat: &FlatTable<'_>,
        place: Place,
    ) -> (Diagnostic, Option<String>) {
        let level = flat.level;
        let list = level.lists.iter().find(|list| {
            let path = list.pointer.trim_start_matches('/');
            path.replace('/', ".") == name || path.replace('/', "_") == name
        });
        let mut names: Vec<_> = self.targets.keys().map(String::as_str).collect();
        names.sort_unstable();
        let below = format!("{name}.");
        let paths: Vec<_> = names.iter().copied().filter(|it| it.starts_with(&below)).collect();
        let mut near = None;
        let other_separator = [';', '\t', '|'].into_iter().find(|&it| name.contains(it));
        let help = if let Some(separator) = other_separator {
            format!("columns are separated by commas, not by `{}`", separator.escape_default())
        } else if name.is_empty() {
            "give it a name, or remove it".to_owned()
        } else if let Some(list) = list {
            format!("it is a list: put its rows into `{}.csv`", list.name)
        } else if !paths.is_empty() {
            format!("it is an object: write a column for each property, as in {}", one_of(paths))
        } else if let Some(found) = nearest(name, names.iter().copied()) {
            near = Some(found.to_owned());
            format!("did you mean `{found}`?")
        } else {
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
        (Diagnostic::new(&code::UNKNOWN_COLUMN, place, message).help(help), near)
    }
}

fn separator<'m>(flat: &FlatTable<'m>, list: usize) -> Option<(&'m str, &'m Scalar)> {
    match &flat.level.lists[list].item {
        Item::Object(_) => None,
        Item::Scalar(scalar) => scalar.separator.as_deref().map(|it| (it, scalar)),
    }
}

/// Lays out the fields that the file has columns for.
struct Builder<'a, 'm> {
    flat: &'a FlatTable<'m>,
    cells: &'a [Cell],
    cell_of: &'a dyn Fn(Target) -> Option<usize>,
    names: Vec<(&'m str, Range<usize>)>,
}

impl<'m> Builder<'_, 'm> {
    fn slots(&mut self, object: &'m Object) -> Vec<Slot<'m>> {
        let mut slots = Vec::new();
        for field in &object.fields {
            let content = match &field.shape {
                Shape::Scalar { scalar, column } => (self.cell_of)(Target::Column(*column))
                    .map(|cell| Content::Cell { cell, read_as: ReadAs::of(&scalar.kind) }),
                Shape::Group(object) => {
                    Some(self.slots(object)).filter(|it| !it.is_empty()).map(Content::Object)
                }
                Shape::Languages(languages) => self.languages(languages),
                Shape::List { list, count, .. } => Some(Content::List {
                    list: *list,
                    count: (self.cell_of)(Target::Column(*count)),
                    joined: separator(self.flat, *list).and_then(|(separator, scalar)| {
                        let cell = (self.cell_of)(Target::Joined(*list))?;
                        Some(Joined { cell, separator, read_as: ReadAs::of(&scalar.kind) })
                    }),
                }),
            };
            if let Some(content) = content {
                slots.push(self.slot(&field.name, content));
            }
        }
        slots
    }

    fn languages(&mut self, languages: &'m [(String, usize)]) -> Option<Content<'m>> {
        let mut slots = Vec::new();
        for (tag, column) in languages {
            if let Some(cell) = (self.cell_of)(Target::Column(*column)) {
                slots.push(self.slot(tag, Content::Cell { cell, read_as: ReadAs::Text }));
            }
        }
        (!slots.is_empty()).then_some(Content::Object(slots))
    }

    fn slot(&mut self, name: &'m str, content: Content<'m>) -> Slot<'m> {
        let span = match &content {
            Content::Cell { cell, .. } => self.cells[*cell].span.clone(),
            Content::Object(slots) => {
                slots.first().map_or(0..0, |slot| self.names[slot.name].1.clone())
            }
            Content::List { count, joined, .. } => joined
                .as_ref()
                .map(|joined| joined.cell)
                .or(*count)
                .map_or(0..0, |cell| self.cells[cell].span.clone()),
        };
        self.names.push((name, span));
        Slot { name: self.names.len() - 1, content }
    }
}
