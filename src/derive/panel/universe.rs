//! The units that could appear in a panel.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::fault::Fault;
use crate::lower::{Columns, TableRows, Value, Values};
use crate::model::Model;
use crate::model::derived::{self, KnownUnits, Panel};
use crate::model::system::{Spell, System};

/// The units that could appear, each with when it existed.
pub enum Universe<'m> {
    /// The members of a system. Units are positions of codes.
    System { system: &'m System, units: Vec<u32> },
    /// The records of a table, which always exist. Units are their positions in the order of the keys.
    Table { keys: Vec<Key>, index: HashMap<String, u32>, units: Vec<u32> },
}

/// The key of a record.
pub enum Key {
    Integer(i64, String),
    Text(String),
}

/// When what always exists does.
const ALWAYS: [Spell; 1] = [Spell { first: i32::MIN, last: i32::MAX }];

impl<'m> Universe<'m> {
    pub fn of(model: &'m Model, panel: &Panel, tables: &[TableRows]) -> Result<Self, Fault> {
        let table = match panel.universe {
            derived::Universe::System(system) => {
                let system = &model.systems[system];
                return Ok(Self::System { system, units: system.units() });
            }
            derived::Universe::Table(table) => table,
        };
        let (base, rows) = (&model.tables[table], &tables[table]);
        let mut keys = Vec::new();
        for batch in 0..rows.batch_count() {
            let batch = rows.batch(batch, &base.level)?;
            let values = Values::new(&batch.columns[base.key.columns[0]]);
            keys.extend((0..batch.len).filter_map(|row| match values.get(row)? {
                Value::Integer(number) => Some(Key::Integer(number, number.to_string())),
                Value::Text(text) => Some(Key::Text(text.to_owned())),
                _ => None,
            }));
        }
        let index = (0..).zip(&keys).map(|(at, key)| (key.text().to_owned(), at)).collect();
        let units = (0..keys.len() as u32).collect();
        Ok(Self::Table { keys, index, units })
    }

    /// All units, in the order of their rows.
    pub fn units(&self) -> &[u32] {
        match self {
            Self::System { units, .. } | Self::Table { units, .. } => units,
        }
    }

    /// The code or key of a unit.
    pub fn text(&self, unit: u32) -> &str {
        match self {
            Self::System { system, .. } => &system.codes.values[unit as usize],
            Self::Table { keys, .. } => keys[unit as usize].text(),
        }
    }

    /// Gives the row a unit.
    pub fn set(&self, columns: &mut Columns<'_>, column: usize, unit: u32) {
        match self {
            Self::System { .. } => columns.code(column, unit),
            Self::Table { keys, .. } => columns.set(
                column,
                match &keys[unit as usize] {
                    Key::Integer(number, _) => Value::Integer(*number),
                    Key::Text(text) => Value::Text(text),
                },
            ),
        }
    }

    /// In which order two units stand in rows: by value where they are whole numbers, else by their bytes.
    pub fn rank(&self) -> Vec<u32> {
        let mut rank = vec![0; self.units().len()];
        for (place, unit) in (0..).zip(self.units()) {
            rank[*unit as usize] = place;
        }
        rank
    }
}

impl KnownUnits for Universe<'_> {
    fn spells(&self, unit: u32) -> &[Spell] {
        match self {
            Self::System { system, .. } => system.spells(unit),
            Self::Table { .. } => &ALWAYS,
        }
    }

    fn as_of(&self) -> Option<i32> {
        match self {
            Self::System { system, .. } => system.as_of,
            Self::Table { .. } => None,
        }
    }

    fn position(&self, text: &str) -> Option<u32> {
        match self {
            Self::System { system, .. } => system.codes.position(text),
            Self::Table { index, .. } => index.get(text).copied(),
        }
    }
}

impl Key {
    fn text(&self) -> &str {
        match self {
            Self::Integer(_, text) | Self::Text(text) => text,
        }
    }
}

/// The text by which a value is found in a universe.
pub fn text_of(value: Value<'_>) -> Option<Cow<'_, str>> {
    match value {
        Value::Integer(number) => Some(number.to_string().into()),
        Value::Text(text) => Some(text.into()),
        _ => None,
    }
}
