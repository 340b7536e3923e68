//! The entries of all workers, searched part by part: repeated keys, and references without a key.

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::Arc;

use super::{
    FirstEntries, HashEntry, HashRun, OmittedCounts, PARTS_MAX, RunEntries, RunWriter, Spot,
};
use crate::diagnostic::KEPT_MAX;
use crate::fault::Fault;
use crate::spill::MemoryBudget;
use crate::workers::share;

/// Entries of all records.
#[derive(Debug)]
pub struct HashIndex {
    runs: Vec<HashRun>,
    length: usize,
    budget: Arc<MemoryBudget>,
    jobs: NonZeroUsize,
}

/// Which references found no key, and which keys no reference.
#[derive(Debug, Default)]
pub struct Joined {
    /// References to keys that aren't there.
    pub dangling: FirstEntries,
    /// Keys that nothing refers to, if they were asked for.
    pub orphans: FirstEntries,
}

/// Entries that are equal to others in what was asked about.
#[derive(Debug, Default)]
pub struct Repeated {
    /// Groups one after the other, each in the order of places: its first entry, and those of the
    /// others that are among the first of the whole index.
    pub entries: Vec<HashEntry>,
    /// How many others there are.
    pub others: OmittedCounts,
}

/// How many entries there are that differ, and how many of these there are again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds {
    /// Of all, each once.
    pub all: u64,
    /// Of those that stand there more than once, each once.
    pub repeated: u64,
}

/// About how many entries a part has: few enough that no part keeps a worker for long.
const PART_ENTRIES: usize = 1 << 14;

/// A part with more entries than this may have very many of one hash.
const LARGE_PART_ENTRIES: usize = 1 << 18;

impl HashIndex {
    /// Takes the entries of all workers. `jobs` threads will search them.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn new(
        writers: impl IntoIterator<Item = RunWriter>,
        budget: &Arc<MemoryBudget>,
        jobs: NonZeroUsize,
    ) -> Result<Self, Fault> {
        let mut runs = Vec::new();
        for mut writer in writers {
            if !writer.open.is_empty() {
                writer.finish_run(budget)?;
            }
            runs.extend(writer.runs);
        }
        let length = runs.iter().map(|run: &HashRun| run.offsets[PARTS_MAX] as usize).sum();
        Ok(Self { runs, length, budget: Arc::clone(budget), jobs })
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// All entries, in no order that means anything.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn entries(&self) -> Result<Vec<HashEntry>, Fault> {
        self.read(0..PARTS_MAX)
    }

    /// The entries that aren't alone with what `by` makes of them, which must not tell apart what
    /// has another hash: in its order, then in the order of places.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn repeated<K: Ord>(
        &self,
        by: impl Fn(&HashEntry) -> K + Sync,
    ) -> Result<Vec<HashEntry>, Fault> {
        let found = self.each_part(self.length, |part| {
            let mut entries = self.read(part)?;
            entries.sort_unstable_by_key(|entry| entry.hash);
            let groups = entries.chunk_by(|a, b| a.hash == b.hash).filter(|group| group.len() > 1);
            let mut repeated = Vec::new();
            for group in groups {
                let mut group = group.to_vec();
                group.sort_unstable_by_key(|entry| (by(entry), entry.spot));
                let alike = group.chunk_by(|a, b| by(a) == by(b)).filter(|alike| alike.len() > 1);
                alike.for_each(|alike| repeated.extend_from_slice(alike));
            }
            Ok(repeated)
        })?;
        Ok(found.concat())
    }

    /// The same, with no more than [`KEPT_MAX`] entries that aren't the first of their kind: however
    /// often one key stands, few entries are in memory.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn repeated_first<K: Ord>(
        &self,
        by: impl Fn(&HashEntry) -> K + Sync,
    ) -> Result<Repeated, Fault> {
        let found = self.each_part(self.length, |part| {
            let mut repeated = Repeated::default();
            // One more than may be shown: the first is none of them.
            let mut entries = self.thinned(part, KEPT_MAX + 1, &by, &mut repeated.others)?;
            entries.sort_unstable_by_key(|entry| (entry.hash, by(entry), entry.spot));
            repeated.entries = entries;
            repeated.prune(&by);
            Ok(repeated)
        })?;
        let mut all = Repeated::default();
        for part in found {
            all.entries.extend(part.entries);
            all.others.append(part.others);
        }
        all.prune(&by);
        Ok(all)
    }

    /// How many different keys there are, and how many of them stand there more than once.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn kinds(&self) -> Result<Kinds, Fault> {
        let found = self.each_part(self.length, |part| {
            let mut entries =
                self.thinned(part, 2, &HashEntry::key, &mut OmittedCounts::default())?;
            entries.sort_unstable_by_key(HashEntry::key);
            let mut kinds = Kinds::default();
            for alike in entries.chunk_by(|a, b| a.key() == b.key()) {
                kinds.all += 1;
                kinds.repeated += u64::from(alike.len() > 1);
            }
            Ok(kinds)
        })?;
        let add =
            |a: Kinds, b: Kinds| Kinds { all: a.all + b.all, repeated: a.repeated + b.repeated };
        Ok(found.into_iter().fold(Kinds::default(), add))
    }

    /// Works on the entries of several indexes part by part: those of one hash are in one part. Returns what
    /// came of each part, in order.
    ///
    /// # Errors
    /// When the spill file fails, and those of `work`.
    pub fn together<T: Send>(
        indexes: &[&HashIndex],
        work: impl Fn(Vec<Vec<HashEntry>>) -> Result<T, Fault> + Sync,
    ) -> Result<Vec<T>, Fault> {
        let Some(first) = indexes.first() else { return Ok(Vec::new()) };
        let entries = indexes.iter().map(|index| index.length).max().unwrap_or(0);
        first.each_part(entries, |part| {
            let parts = indexes.iter().map(|index| index.read(part.clone()));
            work(parts.collect::<Result<_, _>>()?)
        })
    }

    /// Calls `visit` with the entries of each hash, in the order of places: some hashes at a time, on several
    /// threads.
    ///
    /// # Errors
    /// When the spill file fails, and those of `visit`.
    pub fn each_group(
        &self,
        visit: impl Fn(&[&[HashEntry]]) -> Result<(), Fault> + Sync,
    ) -> Result<(), Fault> {
        self.each_part(self.length, |part| {
            let mut entries = self.read(part)?;
            entries.sort_unstable_by_key(|entry| (entry.hash, entry.spot, entry.rest));
            visit(&entries.chunk_by(|a, b| a.hash == b.hash).collect::<Vec<_>>())
        })?;
        Ok(())
    }

    /// Whether each of these keys is in this index.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn find(&self, keys: &[u128]) -> Result<Vec<bool>, Fault> {
        let mut there = vec![false; keys.len()];
        let mut wanted: Vec<_> = keys.iter().copied().zip(0..).collect();
        wanted.sort_unstable();
        let found = self.each_part(self.length, |part| {
            let is_wanted =
                |entry: &HashEntry| wanted.partition_point(|(key, _)| *key < entry.key());
            let entries = self.thinned(part, 1, &HashEntry::key, &mut OmittedCounts::default())?;
            let here = entries.iter().flat_map(|entry| {
                let from = is_wanted(entry);
                wanted[from..].iter().take_while(|(key, _)| *key == entry.key())
            });
            Ok(here.map(|(_, number)| *number).collect::<Vec<usize>>())
        })?;
        found.into_iter().flatten().for_each(|number| there[number] = true);
        Ok(there)
    }

    /// Looks up in indexes of keys what others refer to: a reference may lead to a key of any of them.
    /// Keys that nothing refers to may be as many as there are keys, so they are only listed for who wants
    /// them.
    ///
    /// # Errors
    /// When the spill file fails.
    ///
    /// # Panics
    /// If there is no index of keys.
    pub fn join(
        indexes: &[&HashIndex],
        references: &[&HashIndex],
        orphans: bool,
    ) -> Result<Joined, Fault> {
        if references.iter().all(|index| index.is_empty()) && !orphans {
            return Ok(Joined::default());
        }
        let count =
            |indexes: &[&HashIndex]| indexes.iter().map(|index| index.length).sum::<usize>();
        let first = indexes.first().expect("references lead somewhere");
        let found = first.each_part(count(indexes).max(count(references)), |part| {
            let mut keys = Vec::new();
            for index in indexes {
                // One of the records with a key is enough to be referred to.
                let others = &mut OmittedCounts::default();
                keys.extend(index.thinned(part.clone(), 1, &HashEntry::key, others)?);
            }
            keys.sort_unstable_by_key(HashEntry::key);
            let mut referred = vec![false; keys.len()];
            let mut joined = Joined::default();
            let mut buffer = Vec::new();
            let runs =
                references.iter().flat_map(|index| index.runs.iter().map(move |run| (index, run)));
            for (index, run) in runs {
                buffer.clear();
                index.read_run(run, part.clone(), &mut buffer)?;
                // Both are in the order of hashes, so each search goes on where the last one ended.
                let mut from = 0;
                for reference in &buffer {
                    while keys.get(from).is_some_and(|key| key.hash < reference.hash) {
                        from += 1;
                    }
                    let alike = keys[from..].iter().take_while(|key| key.hash == reference.hash);
                    let mut found = false;
                    for (index, key) in alike.enumerate() {
                        if key.rest == reference.rest {
                            referred[from + index] = true;
                            found = true;
                        }
                    }
                    if !found {
                        joined.dangling.push(*reference);
                    }
                }
            }
            if orphans {
                let alone = keys.iter().zip(&referred).filter(|(_, referred)| !**referred);
                alone.for_each(|(key, _)| joined.orphans.push(*key));
            }
            Ok(joined)
        })?;
        let mut all = Joined::default();
        for part in found {
            all.dangling.append(part.dangling);
            all.orphans.append(part.orphans);
        }
        all.dangling.truncate();
        all.orphans.truncate();
        Ok(all)
    }

    /// Works on all parts, as many as suit so many entries. Returns what came of each, in order.
    fn each_part<T: Send>(
        &self,
        entries: usize,
        work: impl Fn(Range<usize>) -> Result<T, Fault> + Sync,
    ) -> Result<Vec<T>, Fault> {
        let count = (entries / PART_ENTRIES).clamp(1, PARTS_MAX).next_power_of_two();
        let width = PARTS_MAX / count;
        let outcomes = share(self.jobs, count, |part| work(part * width..(part + 1) * width));
        outcomes.into_iter().collect()
    }

    fn read(&self, parts: Range<usize>) -> Result<Vec<HashEntry>, Fault> {
        let mut entries = Vec::new();
        for run in &self.runs {
            self.read_run(run, parts.clone(), &mut entries)?;
        }
        Ok(entries)
    }

    /// The entries of some parts. Where they are very many, of those that are alike only so many that
    /// come first; the others are counted.
    fn thinned<K: Ord>(
        &self,
        parts: Range<usize>,
        alike_max: usize,
        by: &impl Fn(&HashEntry) -> K,
        others: &mut OmittedCounts,
    ) -> Result<Vec<HashEntry>, Fault> {
        let mut entries = Vec::new();
        let mut large = LARGE_PART_ENTRIES;
        for run in &self.runs {
            self.read_run(run, parts.clone(), &mut entries)?;
            if entries.len() > large {
                entries.sort_unstable_by_key(|entry| (entry.hash, by(entry), entry.spot));
                let (mut before, mut count) = (None, 0);
                entries.retain(|entry| {
                    let kind = Some((entry.hash, by(entry)));
                    count = if kind == before { count + 1 } else { 1 };
                    before = kind;
                    if count > alike_max {
                        others.add(entry);
                    }
                    count <= alike_max
                });
                large = large.max(2 * entries.len());
            }
        }
        Ok(entries)
    }

    fn read_run(
        &self,
        run: &HashRun,
        parts: Range<usize>,
        into: &mut Vec<HashEntry>,
    ) -> Result<(), Fault> {
        let (start, end) = (run.offsets[parts.start] as usize, run.offsets[parts.end] as usize);
        match &run.content {
            RunEntries::Memory(entries) => into.extend_from_slice(&entries[start..end]),
            RunEntries::Spilled(offset) if start < end => {
                let mut bytes = vec![0; (end - start) * HashEntry::BYTES];
                self.budget.read(offset + (start * HashEntry::BYTES) as u64, &mut bytes)?;
                let (entries, _) = bytes.as_chunks();
                into.extend(entries.iter().map(HashEntry::read));
            }
            RunEntries::Spilled(_) => {}
        }
        Ok(())
    }
}

impl Repeated {
    /// Leaves out what is alone with what `by` makes of it, and counts what isn't among the first.
    /// The entries are sorted.
    fn prune<K: Ord>(&mut self, by: &impl Fn(&HashEntry) -> K) {
        let groups = || self.entries.chunk_by(|a, b| a.hash == b.hash && by(a) == by(b));
        let mut again: Vec<Spot> =
            groups().flat_map(|group| &group[1..]).map(|entry| entry.spot).collect();
        let limit = (again.len() > KEPT_MAX).then(|| *again.select_nth_unstable(KEPT_MAX - 1).1);
        let mut kept = Vec::new();
        for group in groups() {
            let before = kept.len();
            kept.push(group[0]);
            for entry in &group[1..] {
                if limit.is_none_or(|limit| entry.spot <= limit) {
                    kept.push(*entry);
                } else {
                    self.others.add(entry);
                }
            }
            if kept.len() == before + 1 {
                kept.pop();
            }
        }
        self.entries = kept;
    }
}

impl Drop for HashIndex {
    fn drop(&mut self) {
        let in_memory = |run: &HashRun| match run.content {
            RunEntries::Memory(_) => run.offsets[PARTS_MAX] as usize * HashEntry::BYTES,
            RunEntries::Spilled(_) => 0,
        };
        self.budget.free(self.runs.iter().map(in_memory).sum::<usize>() as u64);
    }
}
