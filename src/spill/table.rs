//! All that the records of one table leave behind.

use std::num::NonZeroUsize;
use std::sync::Arc;

use super::{BlobStore, BlobWriter, HashIndex, RunWriter};
use crate::fault::Fault;
use crate::spill::MemoryBudget;

/// What records of one table left with one worker.
#[derive(Debug, Default)]
pub struct TableWriter {
    /// Their keys.
    pub keys: RunWriter,
    /// What they say apart from their keys, with a part of the key's hash: records with one key are
    /// no news here.
    pub contents: RunWriter,
    /// Values, of any table, that name one of this table's records.
    pub references: RunWriter,
    /// What they leave for rules.
    pub facts: BlobWriter,
    /// For each rule about records that are alike, those that could be, with the address of their
    /// facts.
    pub alike: Vec<RunWriter>,
    /// Whether there are records whose keys aren't known: some couldn't be read, or have none.
    pub incomplete: bool,
}

/// What records of one table left with all workers.
#[derive(Debug)]
pub struct TableIndex {
    /// Their keys.
    pub keys: HashIndex,
    /// What they say apart from their keys.
    pub contents: HashIndex,
    /// Values, of any table, that name one of this table's records.
    pub references: HashIndex,
    /// What they leave for rules.
    pub facts: BlobStore,
    /// For each rule about records that are alike, those that could be.
    pub alike: Vec<HashIndex>,
    /// Whether there are records whose keys aren't known.
    pub incomplete: bool,
}

impl TableWriter {
    /// An empty one of a worker, for so many rules about records that are alike.
    #[must_use]
    pub fn new(worker: usize, rules: usize) -> Self {
        let alike = (0..rules).map(|_| RunWriter::default()).collect();
        Self { facts: BlobWriter::new(worker), alike, ..Self::default() }
    }

    /// Puts what is complete where it stays.
    ///
    /// # Errors
    /// When the scratch space fails.
    pub fn settle(&mut self, space: &MemoryBudget) -> Result<(), Fault> {
        let Self { keys, contents, references, facts, alike, .. } = self;
        for ledger in [keys, contents, references].into_iter().chain(alike) {
            ledger.settle(space)?;
        }
        facts.settle(space)
    }
}

impl TableIndex {
    /// What these workers have together, in the order of their numbers. So many will look through
    /// it.
    ///
    /// # Errors
    /// When the scratch space fails.
    pub fn bind(
        mut workers: Vec<TableWriter>,
        space: &Arc<MemoryBudget>,
        jobs: NonZeroUsize,
    ) -> Result<Self, Fault> {
        let rules = workers.first().map_or(0, |worker| worker.alike.len());
        let incomplete = workers.iter().any(|worker| worker.incomplete);
        let mut book = |of: &dyn Fn(&mut TableWriter) -> &mut RunWriter| {
            HashIndex::bind(
                workers.iter_mut().map(|worker| std::mem::take(of(worker))),
                space,
                jobs,
            )
        };
        Ok(Self {
            keys: book(&|worker| &mut worker.keys)?,
            contents: book(&|worker| &mut worker.contents)?,
            references: book(&|worker| &mut worker.references)?,
            alike: (0..rules)
                .map(|rule| book(&|worker| &mut worker.alike[rule]))
                .collect::<Result<_, _>>()?,
            facts: BlobStore::of(workers.into_iter().map(|worker| worker.facts), space)?,
            incomplete,
        })
    }
}
