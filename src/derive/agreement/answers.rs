//! Who answered what: lowered codings as numbered answers, unit by unit.

use std::collections::{BTreeSet, HashMap};

use super::codings::{self, Part, Variable};
use crate::lower::{Rows, Value, Values};
use crate::model::{Item, Level, Table};

/// The codings of units that at least two coders coded.
pub struct Codings<'a> {
    level: &'a Level,
    rows: &'a [Rows],
    /// In the order of the units' keys; the codings of a unit in that of the coders.
    units: Vec<Vec<At>>,
    /// How many coders coded them.
    pub coders: usize,
}

/// Where a coding is: (batch, row of the batch).
type At = (usize, usize);

/// A key as it sorts: integers by value, text by its bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    Integer(i64),
    Text(&'a str),
}

impl<'a> Codings<'a> {
    /// Finds the units of a table.
    pub fn new(table: &'a Table, roles: &codings::Codings, rows: &'a [Rows]) -> Self {
        let level = &table.level;
        let mut codings: Vec<(Key, Key, At)> = Vec::new();
        for (batch, found) in rows.iter().enumerate() {
            let units = values(found, roles.unit);
            let coders = values(found, roles.coder);
            codings.extend(
                (0..found.len).map(|row| (key(&units, row), key(&coders, row), (batch, row))),
            );
        }
        // Rows come in the order of their keys, so of a coder's codings of a unit the one with the
        // smallest key is first.
        codings.sort_unstable();
        codings.dedup_by_key(|(unit, coder, _)| (*unit, *coder));
        let pairable: Vec<_> =
            codings.chunk_by(|a, b| a.0 == b.0).filter(|unit| unit.len() > 1).collect();
        let coders: BTreeSet<_> =
            pairable.iter().copied().flatten().map(|coding| coding.1).collect();
        let units = pairable.iter().map(|unit| unit.iter().map(|coding| coding.2).collect());
        Self { level, rows, units: units.collect(), coders: coders.len() }
    }

    /// The answers to a variable, unit by unit. Equal answers have equal numbers.
    pub fn answers(&self, variable: &Variable) -> Vec<Vec<usize>> {
        let batches: Vec<Vec<PartValues>> = self
            .rows
            .iter()
            .map(|rows| {
                variable.parts.iter().map(|part| PartValues::new(part, self.level, rows)).collect()
            })
            .collect();
        let mut numbers: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut number = |&(batch, row): &At| {
            let mut answer = Vec::new();
            for part in &batches[batch] {
                part.spell(row, &mut answer);
            }
            let next = numbers.len();
            *numbers.entry(answer).or_insert(next)
        };
        self.units.iter().map(|unit| unit.iter().map(&mut number).collect()).collect()
    }
}

fn values(rows: &Rows, column: usize) -> Values<'_> {
    Values::new(&*rows.columns[column])
}

fn key<'a>(values: &Values<'a>, row: usize) -> Key<'a> {
    match values.get(row) {
        Some(Value::Text(text)) => Key::Text(text),
        Some(Value::Integer(number)) => Key::Integer(number),
        Some(
            Value::Boolean(_)
            | Value::Number(_)
            | Value::Date(_)
            | Value::Instant(_)
            | Value::LocalInstant(_)
            | Value::TimeOfDay(_)
            | Value::Decimal(..),
        )
        | None => unreachable!("unit and coder are never missing, and text or integers"),
    }
}

/// The values of a part of a variable in one batch.
enum PartValues<'a> {
    Column(Values<'a>),
    Set { offsets: &'a [i32], columns: Vec<Values<'a>> },
}

impl<'a> PartValues<'a> {
    fn new(part: &Part, level: &Level, rows: &'a Rows) -> Self {
        match part {
            Part::Column(index) => Self::Column(values(rows, *index)),
            Part::Set { list, columns } => {
                debug_assert!(matches!(level.lists[*list].item, Item::Scalar(_)));
                let items = &rows.lists[*list];
                let of = |index: &usize| values(&items.rows, *index);
                Self::Set { offsets: &items.offsets, columns: columns.iter().map(of).collect() }
            }
        }
    }

    /// Appends what a row says. Equal parts give equal bytes, others others; nothing and an empty
    /// list are equal to themselves only.
    fn spell(&self, row: usize, out: &mut Vec<u8>) {
        match self {
            Self::Column(values) => spell(values.get(row), out),
            Self::Set { offsets, columns } => {
                let items = offsets[row] as usize..offsets[row + 1] as usize;
                let items: BTreeSet<Vec<u8>> = items
                    .map(|item| {
                        let mut bytes = Vec::new();
                        columns.iter().for_each(|values| spell(values.get(item), &mut bytes));
                        bytes
                    })
                    .collect();
                out.extend_from_slice(&items.len().to_le_bytes());
                items.iter().for_each(|item| out.extend_from_slice(item));
            }
        }
    }
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
