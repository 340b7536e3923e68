//! What records leave behind while they are validated.

use super::WaivedRecord;
use crate::fault::Fault;
use crate::model::Table;
use crate::plan::Trace;
use crate::rules::{ALIKE_RULES, Gathered, WrittenDates};
use crate::spill::MemoryBudget;
use crate::spill::TableWriter;

/// What records leave behind with one worker.
#[derive(Debug)]
pub struct Index {
    /// By table.
    pub tables: Vec<TableWriter>,
    /// Dates in columns of text, for rules.
    pub written: WrittenDates,
    /// The waivers of records that have some.
    pub waived: Vec<WaivedRecord>,
    /// The values of the record that is being looked at, which are lowered from here, too.
    pub trace: Trace,
    /// The roles' values of the record that is being looked at.
    pub(super) gathered: Gathered,
}

impl Index {
    /// An empty index of these tables, for the worker with that number.
    #[must_use]
    pub fn new(tables: &[Table], worker: usize) -> Self {
        Self {
            tables: tables.iter().map(|_| TableWriter::new(worker, ALIKE_RULES.len())).collect(),
            written: WrittenDates::default(),
            waived: Vec::new(),
            trace: Trace::default(),
            gathered: Gathered::default(),
        }
    }

    /// Puts what is complete where it stays.
    ///
    /// # Errors
    /// When the scratch space fails.
    pub fn settle(&mut self, space: &MemoryBudget) -> Result<(), Fault> {
        self.tables.iter_mut().try_for_each(|table| table.settle(space))
    }
}
