//! Rows of a table that is worked out, kept as those of records are.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use crate::fault::Fault;
use crate::lower::{BATCH_ROWS, Columns, Run, TableRows};
use crate::model::Table;
use crate::spill::MemoryBudget;

/// Takes rows in any order, a cell at a time.
pub struct Filler<'a> {
    table: &'a Table,
    budget: &'a Arc<MemoryBudget>,
    columns: Columns<'a>,
    runs: Vec<Run>,
}

impl<'a> Filler<'a> {
    /// No rows yet.
    pub fn new(table: &'a Table, budget: &'a Arc<MemoryBudget>) -> Self {
        Self { table, budget, columns: Columns::new(&table.level), runs: Vec::new() }
    }

    /// Ends a row.
    ///
    /// # Errors
    /// When the spill file fails.
    #[inline]
    pub fn end_row(&mut self) -> Result<(), Fault> {
        self.columns.end_row();
        if self.columns.len() == BATCH_ROWS { self.keep() } else { Ok(()) }
    }

    fn keep(&mut self) -> Result<(), Fault> {
        let rows = self.columns.finish();
        self.runs.push(Run::keep(self.budget, rows, &self.table.level, &self.table.key.columns)?);
        Ok(())
    }

    /// All rows, in the order of their keys.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn finish(mut self) -> Result<TableRows, Fault> {
        if !self.columns.is_empty() {
            self.keep()?;
        }
        Ok(TableRows::sorted(Arc::clone(self.budget), self.runs))
    }
}

impl<'a> Deref for Filler<'a> {
    type Target = Columns<'a>;

    fn deref(&self) -> &Self::Target {
        &self.columns
    }
}

impl DerefMut for Filler<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.columns
    }
}
