//! Tables that are worked out from others, after their records have been lowered.
//!
//! Such a table is one like any other: its schema comes with Demarche, or is written by the compiler of schemas
//! from what the manifest declares, and is compiled as those of the manifest are. So every output has it. It is
//! made from what is released, so that whoever has the release can work it out again. Small tables are written as
//! JSON, parsed, checked and lowered like any record; those that may be large are filled column by column.

pub mod agreement;
mod codes;
mod dyads;
mod filler;
mod links;
mod lookup;
mod membership;
mod panel;
mod parties;
mod periods;
mod size;
mod view;

pub use size::too_large;

use std::num::NonZeroUsize;
use std::sync::Arc;

use crate::check::{Collected, Validator};
use crate::fault::Fault;
use crate::lower::{Rows, RowsBuilder, Run, TableRows};
use crate::model::{Derivation, Derived, Model, Table};
use crate::parse;
use crate::spill::MemoryBudget;
use crate::tape::Tape;

/// One kind of derived table.
pub struct Kind {
    /// How the model declares one.
    pub derivation: &'static Derivation,
    /// Its records as JSON Lines, and how many there are, worked out from the table that it is derived
    /// from and its rows, by so many workers.
    pub records: fn(&Table, &[Rows], NonZeroUsize) -> (String, usize),
}

/// All kinds.
pub static KINDS: [Kind; 2] = [agreement::KIND, agreement::CODES];

/// How the model declares each kind.
#[must_use]
pub fn derivations() -> Vec<&'static Derivation> {
    KINDS.iter().map(|kind| kind.derivation).collect()
}

/// What derived tables are filled with, and where they go.
pub struct Filling<'a> {
    /// The compiled schema.
    pub model: &'a Model,
    /// What checks records that are written as JSON.
    pub validator: &'a Validator<'a>,
    /// How many workers.
    pub jobs: NonZeroUsize,
    /// Where rows are kept.
    pub budget: &'a Arc<MemoryBudget>,
}

impl Filling<'_> {
    /// Fills the derived tables, one after the other: one may be worked out from those before. `tables` are all, in
    /// the order of the model.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn fill(&self, tables: &mut [TableRows]) -> Result<(), Fault> {
        for (index, table) in self.model.tables.iter().enumerate() {
            let Some(derived) = &table.derived else { continue };
            tables[index] = match derived {
                Derived::ByRoles { from, by } => self.by_roles(index, (*from, by), tables)?,
                Derived::Membership(membership) => membership::fill(self, table, membership)?,
                Derived::Dyads(dyads) => dyads::fill(self, table, dyads, tables)?,
                Derived::View(view) => view::fill(self, table, view, tables)?,
                Derived::Links(links) => links::fill(self, table, links, tables)?,
                Derived::Panel(panel) => panel::fill(self, table, panel, tables)?,
                Derived::PanelUniverse(panel) => panel::fill_universe(self, table, panel, tables)?,
                Derived::PanelOutside(panel) => panel::fill_outside(self, table, panel, tables)?,
            };
        }
        Ok(())
    }

    /// Fills a table whose schema comes with Demarche.
    fn by_roles(
        &self,
        index: usize,
        (from, by): (usize, &'static Derivation),
        tables: &[TableRows],
    ) -> Result<TableRows, Fault> {
        let Self { model, validator, jobs, budget } = self;
        let table = &model.tables[index];
        let kind = KINDS.iter().find(|kind| std::ptr::eq(kind.derivation, by));
        let kind = kind.expect("the model was given the derivations of these kinds");
        let base = &model.tables[from];
        let batches = tables[from].batches(&base.level)?;
        let (text, count) = (kind.records)(base, &batches, *jobs);
        let source = model.documents[table.document].source;
        let mut diagnostics = Vec::new();
        let mut tape = Tape::with_names(Arc::clone(&model.names));
        tape.reset(source, 0, text);
        parse::json::parse_lines(&mut tape, source, &mut diagnostics);
        let mut builder = RowsBuilder::new(table);
        let mut unused = Collected::new(model, 0);
        for record in tape.roots() {
            let valid = validator.record(index, record, &[], &mut unused, &mut diagnostics);
            assert!(valid, "what we worked out fits our own schema: {diagnostics:?}");
            builder.append(record, &validator.plans()[index], &unused.trace);
        }
        assert_eq!(builder.len(), count, "every record was parsed: {diagnostics:?}");
        let run = Run::keep(budget, builder.finish(), &table.level, &table.key.columns)?;
        Ok(TableRows::sorted(Arc::clone(budget), vec![run]))
    }
}
