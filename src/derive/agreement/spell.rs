//! What rows say, as bytes that are equal where answers are the same.

use std::collections::BTreeSet;

use super::codings::{Part, meaning};
use crate::lower::{Rows, Value, Values};
use crate::model::{Item, Level};

/// The values of a part of an answer in one batch.
pub enum PartValues<'a> {
    /// A value in the row.
    Column(Values<'a>),
    /// A list of values.
    Set {
        /// Where the items of each row are.
        offsets: &'a [i32],
        /// What an item is compared by.
        columns: Vec<Values<'a>>,
    },
    /// A list of objects.
    Items(Items<'a>),
}

/// The items of a list of objects in one batch, by what identifies them.
pub struct Items<'a> {
    offsets: &'a [i32],
    key: Vec<Values<'a>>,
}

/// The values of a column.
pub fn values(rows: &Rows, column: usize) -> Values<'_> {
    Values::new(&*rows.columns[column])
}

impl<'a> PartValues<'a> {
    /// Those of rows of a level.
    pub fn new(part: &Part, level: &Level, rows: &'a Rows) -> Self {
        match part {
            Part::Column(index) => Self::Column(values(rows, *index)),
            Part::Set { list, columns } => {
                debug_assert!(matches!(level.lists[*list].item, Item::Scalar(_)));
                let items = &rows.lists[*list];
                let of = |index: &usize| values(&items.rows, *index);
                Self::Set { offsets: &items.offsets, columns: columns.iter().map(of).collect() }
            }
            Part::Items { list } => Self::Items(Items::new(*list, level, rows)),
        }
    }

    /// Appends what a row says. Equal parts give equal bytes, others others; nothing and an empty
    /// list are equal to themselves only.
    pub fn spell(&self, row: usize, out: &mut Vec<u8>) {
        if let Self::Column(values) = self {
            spell(values.get(row), out);
            return;
        }
        let items = self.items(row);
        out.extend_from_slice(&items.len().to_le_bytes());
        items.iter().for_each(|item| out.extend_from_slice(item));
    }

    /// The items of a row, each once; of a single value none.
    pub fn items(&self, row: usize) -> BTreeSet<Vec<u8>> {
        match self {
            Self::Column(_) => BTreeSet::new(),
            Self::Set { offsets, columns } => {
                let items = offsets[row] as usize..offsets[row + 1] as usize;
                items.map(|item| spelled(columns, item)).collect()
            }
            Self::Items(items) => items.of(row).map(|(item, _)| item).collect(),
        }
    }
}

impl<'a> Items<'a> {
    /// Those of a list of rows of a level.
    pub fn new(list: usize, level: &Level, rows: &'a Rows) -> Self {
        let items = &rows.lists[list];
        let level = &level.lists[list];
        let key =
            level.item_key.iter().flat_map(|column| meaning(&level.columns[*column].kind, *column));
        Self {
            offsets: &items.offsets,
            key: key.map(|column| values(&items.rows, column)).collect(),
        }
    }

    /// The items of a row, each with where it stands. No two have the same key: no record with such a list
    /// gets into a release.
    pub fn of(&self, row: usize) -> impl Iterator<Item = (Vec<u8>, usize)> {
        let items = self.offsets[row] as usize..self.offsets[row + 1] as usize;
        items.map(|item| (spelled(&self.key, item), item))
    }
}

fn spelled(columns: &[Values<'_>], row: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    columns.iter().for_each(|values| spell(values.get(row), &mut bytes));
    bytes
}

/// One value as bytes that no other value begins with.
fn spell(value: Option<Value<'_>>, out: &mut Vec<u8>) {
    match value {
        None => out.push(0),
        Some(Value::Boolean(value)) => out.extend_from_slice(&[1, u8::from(value)]),
        Some(Value::Integer(value)) => {
            out.push(2);
            out.extend_from_slice(&value.to_le_bytes());
        }
        Some(Value::Number(value)) => {
            out.push(3);
            // The two zeros are one number.
            out.extend_from_slice(&(value + 0.0).to_le_bytes());
        }
        Some(Value::Text(value)) => {
            out.push(4);
            out.extend_from_slice(&value.len().to_le_bytes());
            out.extend_from_slice(value.as_bytes());
        }
        Some(Value::Date(days)) => {
            out.push(5);
            out.extend_from_slice(&days.to_le_bytes());
        }
        Some(Value::Instant(microseconds)) => {
            out.push(6);
            out.extend_from_slice(&microseconds.to_le_bytes());
        }
        Some(Value::LocalInstant(microseconds) | Value::TimeOfDay(microseconds)) => {
            out.push(7);
            out.extend_from_slice(&microseconds.to_le_bytes());
        }
        Some(Value::Decimal(_, number)) => {
            out.push(8);
            out.extend_from_slice(&number.to_le_bytes());
        }
    }
}
