//! What records leave behind, to be found again when all have been read: entries that meet by hash,
//! and bytes by address.
//!
//! A dataset may have more records than fit in memory, so what one leaves is compact, and goes to
//! scratch space beyond a limit. Each worker fills a [`RunWriter`] of its own. Whenever there are enough
//! entries, it sorts them by hash into a [`Run`]. In the end a [`HashIndex`] takes the runs of all workers,
//! and cuts them at the same hashes: each part is small, is read, sorted and looked through by itself,
//! and any worker takes any part. What comes out is in the order of hashes and places, and so doesn't
//! depend on who read what.

mod blobs;
mod budget;
mod first;
mod index;
mod table;

pub use blobs::{BlobStore, BlobWriter};
pub use budget::{MemoryBudget, SpillFile};
pub use first::{First, Others};
pub use index::{HashIndex, Joined, Repeated};
pub use table::{TableIndex, TableWriter};

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

/// Something that is to be found by its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What entries meet by.
    pub hash: u64,
    /// What else there is to know: more of the hash, or an address.
    pub rest: u64,
    /// Where it is written.
    pub spot: Spot,
}

impl Entry {
    /// An entry that meets others by 128 bits of hash.
    #[must_use]
    pub fn of_key(hash: u128, spot: Spot) -> Self {
        Self { hash: (hash >> 64) as u64, rest: hash as u64, spot }
    }

    /// All 128 bits.
    #[must_use]
    pub fn key(&self) -> u128 {
        u128::from(self.hash) << 64 | u128::from(self.rest)
    }

    /// How many bytes it has outside of memory.
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

/// The hash by which keys and references meet.
#[must_use]
pub fn key_hash(key: &str) -> u128 {
    xxh3_128(key.as_bytes())
}

/// The entries of one worker.
#[derive(Debug, Default)]
pub struct RunWriter {
    open: Vec<Entry>,
    runs: Vec<Run>,
}

/// A run has so many entries, which make a megabyte.
const RUN_ENTRIES: usize = 1 << 15;

/// Runs are cut by the first bits of hashes into this many parts at most.
const PARTS_MAX: usize = 1 << 8;

fn part_of(hash: u64) -> usize {
    (hash >> (u64::BITS - PARTS_MAX.ilog2())) as usize
}

/// Entries in the order of their hashes.
#[derive(Debug)]
struct Run {
    /// Where each of [`PARTS_MAX`] parts begins, and where the last one ends.
    fences: Box<[u32]>,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Memory(Box<[Entry]>),
    /// Where it begins in scratch space.
    Spilled(u64),
}

impl RunWriter {
    /// Adds an entry.
    #[inline]
    pub fn push(&mut self, entry: Entry) {
        self.open.push(entry);
    }

    /// Makes runs of what was added, once there is enough for one.
    ///
    /// # Errors
    /// When the scratch space fails.
    pub fn settle(&mut self, space: &MemoryBudget) -> Result<(), Fault> {
        if self.open.len() >= RUN_ENTRIES {
            self.seal(space)?;
        }
        Ok(())
    }

    fn seal(&mut self, space: &MemoryBudget) -> Result<(), Fault> {
        let entries = &mut self.open;
        entries.sort_unstable_by_key(|entry| entry.hash);
        let mut fences = vec![0u32; PARTS_MAX + 1].into_boxed_slice();
        for entry in &*entries {
            fences[part_of(entry.hash) + 1] += 1;
        }
        for part in 0..PARTS_MAX {
            fences[part + 1] += fences[part];
        }
        let bytes = (entries.len() * Entry::BYTES) as u64;
        let content = if space.takes(bytes) {
            Content::Memory(entries.as_slice().into())
        } else {
            let mut bytes = Vec::with_capacity(entries.len() * Entry::BYTES);
            entries.iter().for_each(|entry| entry.write(&mut bytes));
            Content::Spilled(space.append(&bytes)?)
        };
        entries.clear();
        self.runs.push(Run { fences, content });
        Ok(())
    }
}

#[cfg(test)]
mod tests;
