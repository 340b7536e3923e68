//! All that is kept of the records of one table: keys, references, contents, and facts for rules.

use std::num::NonZeroUsize;
use std::sync::Arc;

use super::{BlobStore, BlobWriter, HashIndex, RunWriter};
use crate::fault::Fault;
use crate::spill::MemoryBudget;

/// What one worker keeps of the records of one table.
#[derive(Debug, Default)]
pub struct TableWriter {
    /// Their keys.
    pub keys: RunWriter,
    /// Hashes of what they say apart from their keys, with a part of the key's hash: records with
    /// the same key are reported as such.
    pub contents: RunWriter,
    /// Values, of any table, that name one of this table's records.
    pub references: RunWriter,
    /// The facts that rules compare: values of roles.
    pub facts: BlobWriter,
    /// The values that expressions of other records look at.
    pub excerpts: BlobWriter,
    /// For each rule about records that are alike, those that could be, with the address of their
    /// facts.
    pub alike: Vec<RunWriter>,
    /// For each kind of groups that rules compare, their members, each with the address of what is said of
    /// it.
    pub groups: Vec<RunWriter>,
    /// What is said of members of groups.
    pub members: BlobWriter,
    /// Whether there are records whose keys aren't known: some couldn't be read, or have none.
    pub incomplete: bool,
}

/// What one worker keeps of values that are unique, and of what refers to them.
#[derive(Debug, Default)]
pub struct KeyWriter {
    /// The values.
    pub keys: RunWriter,
    /// Values that refer to them.
    pub references: RunWriter,
}

/// What all workers have kept of them.
#[derive(Debug)]
pub struct KeyIndex {
    /// The values.
    pub keys: HashIndex,
    /// Values that refer to them.
    pub references: HashIndex,
}

impl KeyWriter {
    /// Makes runs of the entries that are enough for one, and spills what exceeds the budget.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn flush_full(&mut self, budget: &MemoryBudget) -> Result<(), Fault> {
        self.keys.flush_full(budget)?;
        self.references.flush_full(budget)
    }
}

impl KeyIndex {
    /// Takes what all workers have kept, in the order of their numbers. `jobs` threads will search it.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn new(
        workers: Vec<KeyWriter>,
        budget: &Arc<MemoryBudget>,
        jobs: NonZeroUsize,
    ) -> Result<Self, Fault> {
        let (keys, references): (Vec<_>, Vec<_>) =
            workers.into_iter().map(|worker| (worker.keys, worker.references)).unzip();
        Ok(Self {
            keys: HashIndex::new(keys, budget, jobs)?,
            references: HashIndex::new(references, budget, jobs)?,
        })
    }
}

/// What all workers have kept of the records of one table.
#[derive(Debug)]
pub struct TableIndex {
    /// Their keys.
    pub keys: HashIndex,
    /// Hashes of what they say apart from their keys.
    pub contents: HashIndex,
    /// Values, of any table, that name one of this table's records.
    pub references: HashIndex,
    /// The facts that rules compare: values of roles.
    pub facts: BlobStore,
    /// The values that expressions of other records look at.
    pub excerpts: BlobStore,
    /// For each rule about records that are alike, those that could be.
    pub alike: Vec<HashIndex>,
    /// For each kind of groups that rules compare, their members.
    pub groups: Vec<HashIndex>,
    /// What is said of members of groups.
    pub members: BlobStore,
    /// Whether there are records whose keys aren't known.
    pub incomplete: bool,
}

impl TableWriter {
    /// An empty one for the worker with that number, so many rules about records that are alike, and so many
    /// kinds of groups.
    #[must_use]
    pub fn new(worker: usize, rules: usize, groupings: usize) -> Self {
        let writers = |count| (0..count).map(|_| RunWriter::default()).collect();
        let blobs = || BlobWriter::new(worker);
        let (facts, excerpts, members) = (blobs(), blobs(), blobs());
        let (alike, groups) = (writers(rules), writers(groupings));
        Self { facts, excerpts, members, alike, groups, ..Self::default() }
    }

    /// Makes runs of the entries that are enough for one, and spills what exceeds the budget.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn flush_full(&mut self, budget: &MemoryBudget) -> Result<(), Fault> {
        let Self { keys, contents, references, facts, excerpts, alike, groups, members, .. } = self;
        for writer in [keys, contents, references].into_iter().chain(alike).chain(groups) {
            writer.flush_full(budget)?;
        }
        for blobs in [facts, excerpts, members] {
            blobs.spill(budget)?;
        }
        Ok(())
    }
}

impl TableIndex {
    /// Takes what all workers have kept, in the order of their numbers. `jobs` threads will search
    /// it.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn new(
        mut workers: Vec<TableWriter>,
        budget: &Arc<MemoryBudget>,
        jobs: NonZeroUsize,
    ) -> Result<Self, Fault> {
        let rules = workers.first().map_or(0, |worker| worker.alike.len());
        let groupings = workers.first().map_or(0, |worker| worker.groups.len());
        let members = workers.iter_mut().map(|worker| std::mem::take(&mut worker.members));
        let members = BlobStore::of(members, budget)?;
        let incomplete = workers.iter().any(|worker| worker.incomplete);
        let mut index = |of: &dyn Fn(&mut TableWriter) -> &mut RunWriter| {
            HashIndex::new(
                workers.iter_mut().map(|worker| std::mem::take(of(worker))),
                budget,
                jobs,
            )
        };
        Ok(Self {
            keys: index(&|worker| &mut worker.keys)?,
            contents: index(&|worker| &mut worker.contents)?,
            references: index(&|worker| &mut worker.references)?,
            alike: (0..rules)
                .map(|rule| index(&|worker| &mut worker.alike[rule]))
                .collect::<Result<_, _>>()?,
            groups: (0..groupings)
                .map(|grouping| index(&|worker| &mut worker.groups[grouping]))
                .collect::<Result<_, _>>()?,
            members,
            excerpts: BlobStore::of(
                workers.iter_mut().map(|worker| std::mem::take(&mut worker.excerpts)),
                budget,
            )?,
            facts: BlobStore::of(workers.into_iter().map(|worker| worker.facts), budget)?,
            incomplete,
        })
    }
}
