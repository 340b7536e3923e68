//! What is kept of records until all have been read, within a memory budget and beyond it in a file.
//!
//! A dataset may have more records than fit in memory. Of each, only hashes with places are kept
//! ([`HashEntry`], 32 bytes) and some bytes for rules ([`BlobStore`]). What exceeds the
//! [`MemoryBudget`] is written to a [`SpillFile`].
//!
//! Each worker fills a [`RunWriter`]. Whenever that has enough entries, it sorts them by hash into a
//! run. In the end a [`HashIndex`] takes the runs of all workers and cuts them at the same hashes, so
//! that equal hashes are in one part. A part is small; any worker reads, sorts and searches it by
//! itself. Results are in the order of hashes and places, so they don't depend on which worker read
//! which record.

mod blobs;
mod budget;
mod first_entries;
mod index;
mod lookup;
pub mod packed;
mod table;

pub use blobs::{BlobStore, BlobWriter};
pub use budget::{MemoryBudget, SpillFile};
pub use first_entries::{FirstEntries, OmittedCounts};
pub use index::{HashIndex, Joined, Kinds, Repeated};
pub use lookup::{Lookup, write_head};
pub use table::{KeyIndex, KeyWriter, TableIndex, TableWriter};

use xxhash_rust::xxh3::xxh3_128;

use crate::diagnostic::Place;
use crate::fault::Fault;
use crate::tape::Value;
use crate::workspace::SourceId;

/// Some bytes of a file, small enough to keep millions of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    /// The file's number.
    pub source: u32,
    /// First byte.
    pub start: u64,
    /// How many bytes.
    pub length: u32,
}

impl Spot {
    /// Where a value is written.
    #[must_use]
    pub fn of(value: Value<'_>) -> Self {
        let span = value.span();
        Self {
            source: value.source().0,
            start: span.start,
            length: u32::try_from(span.end - span.start).unwrap_or(u32::MAX),
        }
    }

    /// The same bytes as a place.
    #[must_use]
    pub fn place(self) -> Place {
        Place::new(SourceId(self.source), self.start..self.start + u64::from(self.length))
    }
}

/// A hash and a place. Entries with equal hashes are found together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashEntry {
    /// What entries are sorted by and compared by first.
    pub hash: u64,
    /// The second half of a 128-bit hash, or the address of a blob.
    pub rest: u64,
    /// Where it is written.
    pub spot: Spot,
}

impl HashEntry {
    /// An entry that is compared by 128 bits of hash.
    #[must_use]
    pub fn of_key(hash: u128, spot: Spot) -> Self {
        Self { hash: (hash >> 64) as u64, rest: hash as u64, spot }
    }

    /// All 128 bits.
    #[must_use]
    pub fn key(&self) -> u128 {
        u128::from(self.hash) << 64 | u128::from(self.rest)
    }

    /// How many bytes it has in a spill file.
    const BYTES: usize = 32;

    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.hash.to_le_bytes());
        bytes.extend(self.rest.to_le_bytes());
        bytes.extend(self.spot.start.to_le_bytes());
        bytes.extend(self.spot.source.to_le_bytes());
        bytes.extend(self.spot.length.to_le_bytes());
    }

    fn read(bytes: &[u8; Self::BYTES]) -> Self {
        let long = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes"));
        let short = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 bytes"));
        let spot = Spot { start: long(16), source: short(24), length: short(28) };
        Self { hash: long(0), rest: long(8), spot }
    }
}

/// The hash by which a reference finds its key.
#[must_use]
pub fn key_hash(key: &str) -> u128 {
    xxh3_128(key.as_bytes())
}

/// Sorts the entries of one worker into runs.
#[derive(Debug, Default)]
pub struct RunWriter {
    open: Vec<HashEntry>,
    runs: Vec<HashRun>,
}

/// How many entries a run has: a megabyte.
const RUN_ENTRIES: usize = 1 << 15;

/// Into how many parts runs are cut at most, by the first bits of hashes.
const PARTS_MAX: usize = 1 << 8;

fn part_of(hash: u64) -> usize {
    (hash >> (u64::BITS - PARTS_MAX.ilog2())) as usize
}

/// Entries in the order of their hashes.
#[derive(Debug)]
struct HashRun {
    /// Where each of [`PARTS_MAX`] parts begins, and where the last one ends.
    offsets: Box<[u32]>,
    content: RunEntries,
}

#[derive(Debug)]
enum RunEntries {
    Memory(Box<[HashEntry]>),
    /// Where they begin in the spill file.
    Spilled(u64),
}

impl RunWriter {
    /// Adds an entry.
    #[inline]
    pub fn push(&mut self, entry: HashEntry) {
        self.open.push(entry);
    }

    /// Makes a run of the entries that were added, once there are enough for one.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn flush_full(&mut self, budget: &MemoryBudget) -> Result<(), Fault> {
        if self.open.len() >= RUN_ENTRIES {
            self.finish_run(budget)?;
        }
        Ok(())
    }

    /// Makes a run of the entries that were added, however few.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn flush(&mut self, budget: &MemoryBudget) -> Result<(), Fault> {
        if self.open.is_empty() { Ok(()) } else { self.finish_run(budget) }
    }

    fn finish_run(&mut self, budget: &MemoryBudget) -> Result<(), Fault> {
        let entries = &mut self.open;
        entries.sort_unstable_by_key(|entry| entry.hash);
        let mut offsets = vec![0u32; PARTS_MAX + 1].into_boxed_slice();
        for entry in &*entries {
            offsets[part_of(entry.hash) + 1] += 1;
        }
        for part in 0..PARTS_MAX {
            offsets[part + 1] += offsets[part];
        }
        let bytes = (entries.len() * HashEntry::BYTES) as u64;
        let content = if budget.reserve(bytes) {
            RunEntries::Memory(entries.as_slice().into())
        } else {
            let mut bytes = Vec::with_capacity(entries.len() * HashEntry::BYTES);
            entries.iter().for_each(|entry| entry.write(&mut bytes));
            RunEntries::Spilled(budget.append(&bytes)?)
        };
        entries.clear();
        self.runs.push(HashRun { offsets, content });
        Ok(())
    }
}

#[cfg(test)]
mod tests;
