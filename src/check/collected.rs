//! What a worker collects from records while it checks them, for all that looks at many records.

use super::expectations::ExpectationWriter;
use super::{Tally, WaivedRecord};
use crate::fault::Fault;
use crate::model::{Model, References, Target};
use crate::plan::Trace;
use crate::rules::{ALIKE_RULES, Gathered, Grouping, WrittenDates, WrittenNumbers};
use crate::spill::{HashEntry, KeyWriter, MemoryBudget, RunWriter, TableWriter};

/// What one worker has collected.
#[derive(Debug)]
pub struct Collected {
    /// By table.
    pub tables: Vec<TableWriter>,
    /// By [`References::uniques`](crate::model::References::uniques).
    pub uniques: Vec<KeyWriter>,
    /// What refers to one of several targets, by [`References::unions`](crate::model::References::unions).
    pub unions: Vec<RunWriter>,
    /// Dates in columns of text, for rules.
    pub written: WrittenDates,
    /// Numbers of columns, for rules.
    pub numbers: WrittenNumbers,
    /// The waivers of records that have some.
    pub waived: Vec<WaivedRecord>,
    /// What came of constraints and expectations, in the order of [`Model::assertions`].
    pub tallies: Vec<Tally>,
    /// By [`Model::expectations`].
    pub expectations: Vec<ExpectationWriter>,
    /// The values of the record that is being looked at, which are lowered from here, too.
    pub trace: Trace,
    /// The roles' values of the record that is being looked at.
    pub(super) gathered: Gathered,
}

impl Collected {
    /// Nothing yet, for the tables of this model and the worker with that number.
    #[must_use]
    pub fn new(model: &Model, worker: usize) -> Self {
        let References { uniques, unions, .. } = &model.references;
        Self {
            uniques: uniques.iter().map(|_| KeyWriter::default()).collect(),
            unions: unions.iter().map(|_| RunWriter::default()).collect(),
            tables: model
                .tables
                .iter()
                .map(|_| TableWriter::new(worker, ALIKE_RULES.len(), Grouping::ALL.len()))
                .collect(),
            written: WrittenDates::default(),
            numbers: WrittenNumbers::default(),
            waived: Vec::new(),
            tallies: vec![Tally::default(); model.assertions().count()],
            expectations: model
                .expectations
                .iter()
                .map(|expectation| ExpectationWriter::new(expectation, worker))
                .collect(),
            trace: Trace::default(),
            gathered: Gathered::default(),
        }
    }

    /// Notes a value that refers to something.
    #[inline]
    pub(super) fn refer(&mut self, target: Target, reference: HashEntry) {
        match target {
            Target::Key(table) => self.tables[table].references.push(reference),
            Target::Unique(unique) => self.uniques[unique].references.push(reference),
            Target::Union(union) => self.unions[union].push(reference),
        }
    }

    /// Makes runs of the entries that are enough for one, and spills what exceeds the budget.
    ///
    /// # Errors
    /// When the scratch budget fails.
    pub fn flush_full(&mut self, budget: &MemoryBudget) -> Result<(), Fault> {
        self.tables.iter_mut().try_for_each(|table| table.flush_full(budget))?;
        self.uniques.iter_mut().try_for_each(|unique| unique.flush_full(budget))?;
        self.unions.iter_mut().try_for_each(|references| references.flush_full(budget))?;
        self.expectations.iter_mut().try_for_each(|expectation| expectation.flush_full(budget))
    }
}
