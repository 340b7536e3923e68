//! What a worker collects from records while it checks them, for all that looks at many records.

use super::WaivedRecord;
use crate::fault::Fault;
use crate::model::Table;
use crate::plan::Trace;
use crate::rules::{ALIKE_RULES, Gathered, WrittenDates, WrittenNumbers};
use crate::spill::MemoryBudget;
use crate::spill::TableWriter;

/// What one worker has collected.
#[derive(Debug)]
pub struct Collected {
    /// By table.
    pub tables: Vec<TableWriter>,
    /// Dates in columns of text, for rules.
    pub written: WrittenDates,
    /// Numbers of columns, for rules.
    pub numbers: WrittenNumbers,
    /// The waivers of records that have some.
    pub waived: Vec<WaivedRecord>,
    /// The values of the record that is being looked at, which are lowered from here, too.
    pub trace: Trace,
    /// The roles' values of the record that is being looked at.
    pub(super) gathered: Gathered,
}

impl Collected {
    /// Nothing yet, for these tables and the worker with that number.
    #[must_use]
    pub fn new(tables: &[Table], worker: usize) -> Self {
        Self {
            tables: tables.iter().map(|_| TableWriter::new(worker, ALIKE_RULES.len())).collect(),
            written: WrittenDates::default(),
            numbers: WrittenNumbers::default(),
            waived: Vec::new(),
            trace: Trace::default(),
            gathered: Gathered::default(),
        }
    }

    /// Makes runs of the entries that are enough for one, and spills what exceeds the budget.
    ///
    /// # Errors
    /// When the scratch budget fails.
    pub fn flush_full(&mut self, budget: &MemoryBudget) -> Result<(), Fault> {
        self.tables.iter_mut().try_for_each(|table| table.flush_full(budget))
    }
}
