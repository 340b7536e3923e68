//! How many rows and missing values the released tables have, counted while they are written.

use std::collections::BTreeMap;

use arrow_array::Array as _;

use crate::lower::Rows;

/// The counts of all tables.
#[derive(Debug, Default)]
pub struct Counts {
    /// By table and the lists that lead to the level.
    levels: BTreeMap<(usize, Vec<usize>), LevelCounts>,
}

/// The counts of one flat table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LevelCounts {
    /// How many rows.
    pub rows: usize,
    /// For each column of the level, how many rows lack a value.
    pub missing: Vec<usize>,
}

impl Counts {
    /// Adds a batch of a table.
    pub fn add(&mut self, table: usize, rows: &Rows) {
        self.level(table, Vec::new(), rows);
    }

    /// The counts of a flat table; none if it has no rows.
    #[must_use]
    pub fn of(&self, table: usize, path: &[usize]) -> LevelCounts {
        self.levels.get(&(table, path.to_vec())).cloned().unwrap_or_default()
    }

    fn level(&mut self, table: usize, path: Vec<usize>, rows: &Rows) {
        for (index, list) in rows.lists.iter().enumerate() {
            self.level(table, [&path[..], &[index]].concat(), &list.rows);
        }
        let counts = self.levels.entry((table, path)).or_default();
        counts.rows += rows.len;
        counts.missing.resize(rows.columns.len(), 0);
        for (missing, column) in counts.missing.iter_mut().zip(&rows.columns) {
            *missing += column.null_count();
        }
    }
}
