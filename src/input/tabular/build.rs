//! What values of a record are made of: the cells that a file has for them, what the manifest gives all
//! records, and lists that stand in several columns.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::header::HeaderCell;
use super::layout::{Columns, Content, Fixed, Gathered, Joined, ReadAs, Slot};
use super::names::{Names, Target, separator};
use crate::diagnostic::{Diagnostic, Place, code, quote};
use crate::dialect::Dialect;
use crate::model::{FlatTable, Item, Object, Shape};
use crate::workspace::{Source, SourceId};

/// What the manifest gives all records of the file, by the number of the target.
pub(super) fn fixed(
    flat: &FlatTable<'_>,
    names: &Names,
    file: &Source,
    found: &HashMap<usize, usize>,
    cells: &[HeaderCell<'_>],
    diagnostics: &mut Vec<Diagnostic>,
) -> BTreeMap<usize, Fixed> {
    let dialect = file.dialect();
    let Some(declared) = &dialect.declared else { return BTreeMap::new() };
    let manifest = SourceId(declared.manifest);
    let mut fixed = BTreeMap::new();
    for (name, value) in &dialect.constants {
        let Some(&target @ Target::Column(column)) = names.targets.get(&name.value) else {
            continue;
        };
        let position = names.position(target);
        if let Some(&cell) = found.get(&position) {
            let message = format!(
                "the column {} is here, and the manifest gives `{}` to all records of the file",
                quote(&cells[cell].name),
                name.value
            );
            let place = Place::new(manifest, name.span.clone()).at(&*name.pointer);
            diagnostics.push(
                Diagnostic::new(&code::DUPLICATE_COLUMN, cells[cell].place.clone(), message)
                    .with(place, "given here")
                    .help("leave one of the two out, or ignore the column"),
            );
            continue;
        }
        let text = value.value.clone().unwrap_or_else(|| file.stem().to_owned());
        let read_as = match ReadAs::of(&flat.level.columns[column].kind, &Dialect::PLAIN) {
            ReadAs::Boolean | ReadAs::Word => ReadAs::Boolean,
            ReadAs::Number | ReadAs::RegionalNumber => ReadAs::Number,
            ReadAs::Text | ReadAs::RegionalDecimal | ReadAs::Date => ReadAs::Text,
        };
        let span = value.span.start as usize..value.span.end as usize;
        fixed.insert(position, Fixed { text, read_as, source: manifest, span });
    }
    fixed
}

/// The lists that stand in several columns, by their number.
pub(super) fn gather<'m>(
    builder: &mut Builder<'_, 'm>,
    columns: &Columns,
) -> BTreeMap<usize, Gathered<'m>> {
    let (dialect, spans, flat) = (builder.dialect, builder.spans, builder.flat);
    let mut gathered = BTreeMap::new();
    for (number, wide) in dialect.wide.iter().enumerate() {
        let Some((list, child)) = list_of(flat, &wide.list.value) else { continue };
        let names = Names::of(&child);
        // Items in the order of the header, each with its columns by property.
        let mut items: Vec<(&str, Vec<(usize, usize)>)> = Vec::new();
        for (_, property, item, cell) in columns.wide.iter().filter(|it| it.0 == number) {
            match items.iter_mut().find(|(known, _)| known == item) {
                Some((_, cells)) => cells.push((*property, *cell)),
                None => items.push((item, vec![(*property, *cell)])),
            }
        }
        let contents = items.into_iter().map(|(_, cells)| {
            let cell_of = |target: Target| {
                cells.iter().find_map(|&(property, cell)| {
                    let meant = match &wide.columns[property].0 {
                        Some(name) => names.targets.get(&name.value).copied(),
                        None => Some(Target::Column(0)),
                    };
                    (meant == Some(target)).then_some(cell)
                })
            };
            builder.item(&child, spans, &cell_of)
        });
        gathered.insert(list, Gathered::Wide(contents.flatten().collect()));
    }
    for (number, zip) in dialect.zip.iter().enumerate() {
        let Some((list, child)) = list_of(flat, &zip.list.value) else { continue };
        let names = Names::of(&child);
        let of_list: Vec<_> = columns.zip.iter().filter(|it| it.0 == number).collect();
        let cells: Vec<_> = of_list.iter().map(|(_, _, cell)| *cell).collect();
        let own: Vec<_> = cells.iter().map(|cell| spans[*cell].clone()).collect();
        let cell_of = |target: Target| {
            of_list.iter().position(|(_, property, _)| {
                names.targets.get(&zip.columns[*property].1.value) == Some(&target)
            })
        };
        if let Some(Content::Object(item)) = builder.item(&child, &own, &cell_of) {
            let separator = zip.separator.clone();
            gathered.insert(list, Gathered::Zipped { cells, separator, item });
        }
    }
    gathered
}

/// The list of a level that a path leads to, and its level.
pub(super) fn list_of<'m>(flat: &FlatTable<'m>, path: &str) -> Option<(usize, FlatTable<'m>)> {
    let is_meant = |pointer: &str| {
        let path_of = pointer.trim_start_matches('/');
        path_of.replace('/', ".") == path || path_of.replace('/', "_") == path
    };
    let list = flat.level.lists.iter().position(|list| is_meant(&list.pointer))?;
    let below = [&flat.path[..], &[list]].concat();
    let child = flat.table.flat_tables().into_iter().find(|it| it.path == below)?;
    Some((list, child))
}

/// Lays out the fields that the file has columns for.
pub(super) struct Builder<'a, 'm> {
    pub(super) flat: &'a FlatTable<'m>,
    pub(super) dialect: &'a Dialect,
    /// The cells of the header.
    pub(super) spans: &'a [Range<usize>],
    pub(super) cell_of: &'a dyn Fn(Target) -> Option<usize>,
    pub(super) fixed_of: &'a dyn Fn(Target) -> Option<Fixed>,
    /// Whether it lays out an item that stands in cells of its record's row.
    pub(super) is_gathered: bool,
    pub(super) gathered: BTreeMap<usize, Gathered<'m>>,
    pub(super) names: Vec<(&'m str, Range<usize>)>,
}

impl<'m> Builder<'_, 'm> {
    /// An item of a list that stands in cells of its record's row; none if no cell holds any of it.
    fn item(
        &mut self,
        child: &FlatTable<'m>,
        spans: &[Range<usize>],
        cell_of: &dyn Fn(Target) -> Option<usize>,
    ) -> Option<Content<'m>> {
        let mut builder = Builder {
            flat: child,
            dialect: self.dialect,
            spans,
            cell_of,
            fixed_of: &|_| None,
            is_gathered: true,
            gathered: BTreeMap::new(),
            names: std::mem::take(&mut self.names),
        };
        let content = match &child.level.item {
            Item::Object(object) => {
                Some(builder.slots(object)).filter(|it| !it.is_empty()).map(Content::Object)
            }
            Item::Scalar(scalar) => cell_of(Target::Column(0)).map(|cell| Content::Cell {
                cell,
                read_as: ReadAs::of(&scalar.kind, self.dialect),
            }),
        };
        self.names = builder.names;
        content
    }

    pub(super) fn slots(&mut self, object: &'m Object) -> Vec<Slot<'m>> {
        let mut slots = Vec::new();
        for field in &object.fields {
            let content = match &field.shape {
                Shape::Scalar { scalar, column } => {
                    let target = Target::Column(*column);
                    let cell = (self.cell_of)(target).map(|cell| Content::Cell {
                        cell,
                        read_as: ReadAs::of(&scalar.kind, self.dialect),
                    });
                    cell.or_else(|| (self.fixed_of)(target).map(Content::Fixed))
                }
                Shape::Group(object) => {
                    Some(self.slots(object)).filter(|it| !it.is_empty()).map(Content::Object)
                }
                Shape::Languages(languages) => self.languages(languages),
                Shape::List { .. } if self.is_gathered => None,
                Shape::List { list, count, .. } => Some(Content::List {
                    list: *list,
                    count: (self.cell_of)(Target::Column(*count)),
                    joined: separator(self.flat, *list).and_then(|(separator, scalar)| {
                        let cell = (self.cell_of)(Target::Joined(*list))?;
                        let read_as = ReadAs::of(&scalar.kind, self.dialect);
                        Some(Joined { cell, separator, read_as })
                    }),
                    gathered: self.gathered.remove(list).unwrap_or_default(),
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
            let target = Target::Column(*column);
            let cell =
                (self.cell_of)(target).map(|cell| Content::Cell { cell, read_as: ReadAs::Text });
            if let Some(content) = cell.or_else(|| (self.fixed_of)(target).map(Content::Fixed)) {
                slots.push(self.slot(tag, content));
            }
        }
        (!slots.is_empty()).then_some(Content::Object(slots))
    }

    fn slot(&mut self, name: &'m str, content: Content<'m>) -> Slot<'m> {
        let span = self.span_of(&content).unwrap_or(0..0);
        self.names.push((name, span));
        Slot { name: self.names.len() - 1, content }
    }

    /// The cell of the header that brings a value.
    fn span_of(&self, content: &Content<'m>) -> Option<Range<usize>> {
        let cell = match content {
            Content::Cell { cell, .. } => Some(*cell),
            Content::Object(slots) => {
                return slots.first().map(|slot| self.names[slot.name].1.clone());
            }
            Content::List { count, joined, gathered, .. } => {
                let joined = joined.as_ref().map(|joined| joined.cell).or(*count);
                joined.or_else(|| match gathered {
                    Gathered::Nowhere => None,
                    Gathered::Wide(items) => first_cell(items.first()?),
                    Gathered::Zipped { cells, .. } => cells.first().copied(),
                })
            }
            Content::Fixed(_) => None,
        };
        cell.map(|cell| self.spans[cell].clone())
    }
}

/// The first cell that something stands in.
fn first_cell(content: &Content<'_>) -> Option<usize> {
    match content {
        Content::Cell { cell, .. } => Some(*cell),
        Content::Object(slots) => slots.iter().find_map(|slot| first_cell(&slot.content)),
        Content::List { .. } | Content::Fixed(_) => None,
    }
}
