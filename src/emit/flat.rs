//! What a flat table is: its released columns in their order, its keys, and its rows as arrays.
//!
//! CSV, flat Parquet, the Data Package and the codebook all read this, so they agree. Internal
//! columns, and lists of which nothing is released, don't exist here.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int32Array, UInt32Array};
use arrow_select::take::take;

use crate::lower::{ListRows, Rows};
use crate::model::{
    About, Column, Conditional, FlatTable, Item, Kind, Level, Model, Object, POSITION_COLUMN,
    Reference, References, RoleSet, Shape, Table, Target, TextFormat,
};

/// One column of a flat table.
#[derive(Clone, Debug)]
pub struct FlatColumn {
    /// The released name.
    pub name: String,
    /// The type.
    pub kind: Kind,
    /// Whether a row may lack it.
    pub nullable: bool,
    /// What a codebook says.
    pub about: About,
    /// What it refers to.
    pub reference: Option<Reference>,
    /// What it is to the row, beyond its type.
    pub roles: RoleSet,
    /// How its texts are written, if they all are.
    pub format: Option<TextFormat>,
    /// Where its values come from.
    pub source: Source,
}

/// Where the values of a flat column come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A value of the key of the record that the row is a part of: that of the column with this index
    /// among those of the record.
    ParentKey(usize),
    /// A position in a list: of the row itself, or of the row that it is a part of. Counted from
    /// the list of the record, 0.
    Position(usize),
    /// A column of the level, as an index into [`Level::columns`].
    Column(usize),
}

/// A reference from rows of one flat table to rows of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignKey {
    /// Columns of this table.
    pub columns: Vec<String>,
    /// The model's table that the other one belongs to.
    pub table: String,
    /// The other flat table; may be this one.
    pub target: String,
    /// Its columns.
    pub target_columns: Vec<String>,
}

/// The flat tables of a table that are released, parents before children.
#[must_use]
pub fn tables(table: &Table) -> Vec<FlatTable<'_>> {
    table.flat_tables().into_iter().filter(|flat| is_released(table, &flat.path)).collect()
}

/// Whether a list has anything to release.
#[must_use]
pub fn has_released_columns(level: &Level) -> bool {
    level.columns.iter().any(|column| !column.internal)
}

/// The released columns, in order: what names the parent row, the position, the row's own.
#[must_use]
pub fn columns(flat: &FlatTable) -> Vec<FlatColumn> {
    let mut columns = Vec::new();
    for (index, name) in flat.parents.iter().enumerate() {
        let key = &flat.table.key.columns;
        columns.push(match key.get(index) {
            Some(column) => parent_key(flat, name, *column),
            None => position(name, index - key.len()),
        });
    }
    if let Some(depth) = flat.path.len().checked_sub(1) {
        columns.push(position(POSITION_COLUMN, depth));
    }
    columns.extend(
        released(flat.level).map(|(index, column)| FlatColumn::of(column, Source::Column(index))),
    );
    columns
}

/// The columns that identify a row, in the order in which rows are sorted.
#[must_use]
pub fn primary_key(flat: &FlatTable) -> Vec<String> {
    if flat.path.is_empty() {
        return flat.table.key_columns().map(|column| column.name.clone()).collect();
    }
    let mut key = flat.parents.clone();
    key.push(POSITION_COLUMN.to_owned());
    key
}

/// What the schema says of a column in some records only.
pub fn conditional<'m>(
    flat: &FlatTable<'m>,
    column: &FlatColumn,
) -> impl Iterator<Item = &'m Conditional> {
    let (source, path) = (column.source, flat.path.clone());
    flat.table.conditional.iter().filter(move |annotation| {
        source == Source::Column(annotation.column) && annotation.lists == path
    })
}

/// The references of a flat table: to its parent, then those of its columns, then those that several
/// columns make together. What leads to one of several tables isn't among them.
#[must_use]
pub fn foreign_keys(flat: &FlatTable, model: &Model) -> Vec<ForeignKey> {
    let mut keys = Vec::new();
    if let Some((_, above)) = flat.path.split_last() {
        let parent = self::tables(flat.table)
            .into_iter()
            .find(|other| other.path == above)
            .expect("a released list is in a released row");
        keys.push(ForeignKey {
            columns: flat.parents.clone(),
            table: flat.table.name.clone(),
            target: parent.level.name.clone(),
            target_columns: primary_key(&parent),
        });
    }
    let References { uniques, composites, targets, .. } = &model.references;
    for (_, column) in released(flat.level) {
        let Some(reference) = &column.reference else { continue };
        let record = |table: &Table| ForeignKey {
            columns: vec![column.name.clone()],
            table: table.name.clone(),
            target: table.level.name.clone(),
            target_columns: table.key_columns().map(|key| key.name.clone()).collect(),
        };
        let key = match (reference.table(), targets.get(&reference.to)) {
            (Some(name), _) => model.table(name).map(record),
            (None, Some(Target::Key(table))) => Some(record(&model.tables[*table])),
            (None, Some(Target::Unique(unique))) => {
                let unique = &uniques[*unique];
                Some(ForeignKey {
                    columns: vec![column.name.clone()],
                    table: model.tables[unique.table].name.clone(),
                    target: unique.rows.clone(),
                    target_columns: unique.columns.clone(),
                })
            }
            (None, Some(Target::Union(_)) | None) => None,
        };
        keys.extend(key);
    }
    for composite in composites {
        if composite.from != flat.level.name || composite.columns.is_empty() {
            continue;
        }
        let table = match composite.target {
            Target::Key(table) => table,
            Target::Unique(unique) => uniques[unique].table,
            Target::Union(_) => continue,
        };
        keys.push(ForeignKey {
            columns: composite.columns.clone(),
            table: model.tables[table].name.clone(),
            target: composite.rows.clone(),
            target_columns: composite.target_columns.clone(),
        });
    }
    keys.retain(|key| !key.target_columns.is_empty());
    keys
}

/// The references that several columns of a flat table make together, besides that to its parent.
#[must_use]
pub fn composite_references(flat: &FlatTable, model: &Model) -> Vec<ForeignKey> {
    let mut keys = foreign_keys(flat, model);
    keys.retain(|key| key.columns.len() > 1 && key.columns != flat.parents);
    keys
}

/// The sets of columns of a flat table of which no two rows have the same values, besides the primary key.
#[must_use]
pub fn unique_keys(flat: &FlatTable, model: &Model) -> Vec<Vec<String>> {
    let mut keys: Vec<Vec<String>> = Vec::new();
    let uniques = model.references.uniques.iter();
    keys.extend(uniques.filter(|it| it.rows == flat.level.name).map(|it| it.columns.clone()));
    let level = flat.level;
    if !level.item_key.is_empty() {
        let own = level.item_key.iter().map(|column| level.columns[*column].name.clone());
        // A missing value is a part of such a key, and in a database it would be like no other.
        if level.item_key.iter().all(|column| !level.columns[*column].nullable) {
            keys.push(flat.parents.iter().cloned().chain(own).collect());
        }
    }
    keys.retain(|key| !key.is_empty() && *key != primary_key(flat));
    keys.dedup();
    keys
}

/// The rows of a flat table in a batch of its table: an array for each of [`columns`].
#[must_use]
pub fn arrays(flat: &FlatTable, columns: &[FlatColumn], batch: &Rows) -> Vec<ArrayRef> {
    let level = LevelRows::new(batch, &flat.path);
    columns
        .iter()
        .map(|column| match column.source {
            Source::ParentKey(key) => take(&batch.columns[key], &level.records(), None)
                .expect("a list's offsets end within its parent's rows"),
            Source::Position(depth) => Arc::clone(&level.positions[depth]),
            Source::Column(index) => Arc::clone(&level.rows.columns[index]),
        })
        .collect()
}

/// The rows of a level in a batch, and what they are a part of.
pub struct LevelRows<'a> {
    /// The rows themselves.
    pub rows: &'a Rows,
    /// Where the rows of each record begin, and at last where they end.
    pub starts: Vec<u32>,
    /// For each list on the way, the position in it that leads to the row.
    pub positions: Vec<ArrayRef>,
}

impl<'a> LevelRows<'a> {
    /// Those of the level that a path of lists leads to.
    #[must_use]
    pub fn new(batch: &'a Rows, path: &[usize]) -> Self {
        let mut rows = batch;
        let mut starts: Vec<u32> = (0..=batch.len as u32).collect();
        let mut positions: Vec<Vec<i32>> = Vec::new();
        for &list in path {
            let list = &rows.lists[list];
            for start in &mut starts {
                *start = list.offsets[*start as usize].cast_unsigned();
            }
            if !positions.is_empty() {
                let parents = parents(list);
                for above in &mut positions {
                    *above = parents.iter().map(|&parent| above[parent as usize]).collect();
                }
            }
            positions.push(list.offsets.windows(2).flat_map(|pair| 0..pair[1] - pair[0]).collect());
            rows = &list.rows;
        }
        let array = |column: Vec<i32>| Arc::new(Int32Array::from(column)) as ArrayRef;
        Self { rows, starts, positions: positions.into_iter().map(array).collect() }
    }

    /// For each row the record that it is a part of.
    fn records(&self) -> UInt32Array {
        let mut records = Vec::with_capacity(self.rows.len);
        for (record, pair) in (0_u32..).zip(self.starts.windows(2)) {
            records.extend(std::iter::repeat_n(record, (pair[1] - pair[0]) as usize));
        }
        records.into()
    }
}

impl FlatColumn {
    fn of(column: &Column, source: Source) -> Self {
        let mut about = column.about.clone();
        if !column.nullable {
            // Markers there are errors, and nobody meets one in a release.
            about.missing.clear();
        }
        Self {
            name: column.name.clone(),
            kind: column.kind.clone(),
            nullable: column.nullable,
            about,
            reference: column.reference.clone(),
            roles: column.roles,
            format: column.format,
            source,
        }
    }
}

/// The released columns of a level with their indices.
fn released(level: &Level) -> impl Iterator<Item = (usize, &Column)> {
    level.columns.iter().enumerate().filter(|(_, column)| !column.internal)
}

fn parent_key(flat: &FlatTable, name: &str, index: usize) -> FlatColumn {
    let key = &flat.table.level.columns[index];
    FlatColumn {
        name: name.to_owned(),
        kind: key.kind.clone(),
        nullable: false,
        about: About {
            description: format!("The record of {} that the row is a part of.", flat.table.name),
            missing: Vec::new(),
            ..key.about.clone()
        },
        reference: Some(Reference::to_key(&flat.table.name)),
        roles: RoleSet::default(),
        format: key.format,
        source: Source::ParentKey(index),
    }
}

fn position(name: &str, depth: usize) -> FlatColumn {
    let (title, description) = if name == POSITION_COLUMN {
        ("Position", "The row's position in its list, from 0 as in JSON Pointer.")
    } else {
        (
            "Position of the parent",
            "The position, in its own list, of the item that the row is a part of.",
        )
    };
    FlatColumn {
        name: name.to_owned(),
        kind: Kind::Integer { bits: 32 },
        nullable: false,
        about: About {
            title: title.to_owned(),
            label: title.to_owned(),
            description: description.to_owned(),
            ..About::default()
        },
        reference: None,
        roles: RoleSet::default(),
        format: None,
        source: Source::Position(depth),
    }
}

/// Whether every list on the way is released and has something to release.
fn is_released(table: &Table, path: &[usize]) -> bool {
    let mut level = &table.level;
    for &list in path {
        if is_list_internal(level, list) || !has_released_columns(&level.lists[list]) {
            return false;
        }
        level = &level.lists[list];
    }
    true
}

fn is_list_internal(level: &Level, wanted: usize) -> bool {
    fn search(object: &Object, wanted: usize) -> Option<bool> {
        object.fields.iter().find_map(|field| {
            let found = match &field.shape {
                Shape::Scalar { .. } | Shape::Languages(_) => None,
                Shape::Group(object) => search(object, wanted),
                Shape::List { list, .. } => (*list == wanted).then_some(false),
            };
            found.map(|internal| internal || field.internal)
        })
    }
    match &level.item {
        Item::Object(object) => search(object, wanted).unwrap_or(false),
        Item::Scalar(_) => false,
    }
}

/// The parent's row of each of a list's rows.
fn parents(list: &ListRows) -> Vec<u32> {
    let mut parents = Vec::with_capacity(list.rows.len);
    for (parent, pair) in (0_u32..).zip(list.offsets.windows(2)) {
        parents.extend(std::iter::repeat_n(parent, (pair[1] - pair[0]) as usize));
    }
    parents
}
