//! Tables that are worked out from others, after their records have been lowered.
//!
//! Such a table is one like any other: its schema comes with Demarche and is compiled as those of the
//! manifest are. Its records are written as JSON, parsed, checked and lowered like any record, so that
//! every output has them and there is one way into a release. They are made from what is released, so
//! that whoever has the release can work them out again.

pub mod agreement;

use std::num::NonZeroUsize;
use std::sync::Arc;

use crate::check::{Collected, Validator};
use crate::fault::Fault;
use crate::lower::{Rows, RowsBuilder, Run, TableRows};
use crate::model::{Derivation, Model, Table};
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

/// Fills the derived tables of a model. `tables` are all, in the order of the model.
///
/// # Errors
/// When the spill file fails.
///
/// # Panics
/// If what was worked out doesn't fit the schema that comes with it.
pub fn fill(
    validator: &Validator<'_>,
    model: &Model,
    tables: &mut [TableRows],
    jobs: NonZeroUsize,
) -> Result<(), Fault> {
    for (index, table) in model.tables.iter().enumerate() {
        let Some(derived) = table.derived else { continue };
        let kind = KINDS.iter().find(|kind| std::ptr::eq(kind.derivation, derived.by));
        let kind = kind.expect("the model was given the derivations of these kinds");
        let base = &model.tables[derived.from];
        let batches = tables[derived.from].batches(&base.level)?;
        let (text, count) = (kind.records)(base, &batches, jobs);
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
        let memory = MemoryBudget::in_memory();
        let run = Run::keep(&memory, builder.finish(), &table.level, &table.key.columns)?;
        tables[index] = TableRows::sorted(memory, vec![run]);
    }
    Ok(())
}
