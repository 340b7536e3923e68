//! What all workers have kept of the rows of one expectation.

use std::num::NonZeroUsize;
use std::sync::Arc;

use super::writer::{ExpectationWriter, NOWHERE};
use crate::fault::Fault;
use crate::spill::{BlobStore, HashEntry, HashIndex, MemoryBudget, RunWriter};

/// What all workers have kept of the rows of one expectation.
#[derive(Debug)]
pub struct ExpectationIndex {
    /// Parts of groups: hashes of their names, with addresses.
    pub(super) groups: HashIndex,
    pub(super) states: BlobStore,
    /// For each function, how many different values groups have: hashes of the groups' names, with numbers to
    /// be added up.
    pub(super) distinct: Vec<HashIndex>,
    /// Where what groups have in common is a key: the rows.
    pub(super) rows: HashIndex,
    /// Whether something couldn't be worked out for a row.
    pub(super) is_broken: bool,
}

impl ExpectationIndex {
    /// Takes what all workers have kept, in the order of their numbers. `jobs` threads will search it.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn new(
        mut workers: Vec<ExpectationWriter>,
        budget: &Arc<MemoryBudget>,
        jobs: NonZeroUsize,
    ) -> Result<Self, Fault> {
        workers.iter_mut().for_each(ExpectationWriter::close);
        let functions = workers.first().map_or(0, |worker| worker.distinct.len());
        let mut distinct = Vec::new();
        for function in 0..functions {
            let values =
                workers.iter_mut().map(|it| std::mem::take(&mut it.distinct[function].values));
            let values = HashIndex::new(values, budget, jobs)?;
            distinct.push(counted(&values, budget, jobs)?);
        }
        let is_broken = workers.iter().any(|worker| worker.is_broken);
        let groups = workers.iter_mut().map(|worker| std::mem::take(&mut worker.groups));
        let groups = HashIndex::new(groups, budget, jobs)?;
        let rows = workers.iter_mut().map(|worker| std::mem::take(&mut worker.rows));
        let rows = HashIndex::new(rows, budget, jobs)?;
        let states = BlobStore::of(workers.into_iter().map(|worker| worker.states), budget)?;
        Ok(Self { groups, states, distinct, rows, is_broken })
    }
}

/// How many different values there are for each group, part by part.
fn counted(
    values: &HashIndex,
    budget: &Arc<MemoryBudget>,
    jobs: NonZeroUsize,
) -> Result<HashIndex, Fault> {
    if values.is_empty() {
        return HashIndex::new([], budget, jobs);
    }
    let counts = HashIndex::together(&[values], |parts| {
        let mut entries: Vec<_> = parts.into_iter().flatten().collect();
        entries.sort_unstable_by_key(|entry| (entry.rest, entry.hash));
        entries.dedup_by_key(|entry| (entry.rest, entry.hash));
        let mut counts = RunWriter::default();
        for group in entries.chunk_by(|a, b| a.rest == b.rest) {
            let (hash, rest) = (group[0].rest, group.len() as u64);
            counts.push(HashEntry { hash, rest, spot: NOWHERE });
        }
        counts.flush(budget)?;
        Ok(counts)
    })?;
    HashIndex::new(counts, budget, jobs)
}
