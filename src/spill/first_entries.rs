//! The first entries in the order of their places; the others are only counted.

use std::collections::BTreeMap;

use super::HashEntry;
use crate::diagnostic::KEPT_MAX;
use crate::workspace::SourceId;

/// How many entries there are in each file that weren't kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OmittedCounts(BTreeMap<u32, u64>);

impl OmittedCounts {
    /// Counts an entry.
    pub fn add(&mut self, entry: &HashEntry) {
        *self.0.entry(entry.spot.source).or_default() += 1;
    }

    /// Counts what another one has counted.
    pub fn append(&mut self, other: Self) {
        for (source, count) in other.0 {
            *self.0.entry(source).or_default() += count;
        }
    }

    /// File and number.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, u64)> {
        self.0.iter().map(|(source, count)| (SourceId(*source), *count))
    }
}

/// The first entries, and how many others there are.
#[derive(Debug, Default)]
pub struct FirstEntries {
    entries: Vec<HashEntry>,
    others: OmittedCounts,
}

impl FirstEntries {
    /// Adds an entry.
    pub fn push(&mut self, entry: HashEntry) {
        self.entries.push(entry);
        if self.entries.len() > 2 * KEPT_MAX {
            self.truncate();
        }
    }

    /// Adds those of another one.
    pub fn append(&mut self, other: Self) {
        other.entries.into_iter().for_each(|entry| self.push(entry));
        self.others.append(other.others);
    }

    /// Sorts them by place, keeps the first and counts the others.
    pub fn truncate(&mut self) {
        self.entries.sort_unstable_by_key(|entry| entry.spot);
        for entry in self.entries.drain(KEPT_MAX.min(self.entries.len())..) {
            self.others.add(&entry);
        }
    }

    /// Those that were kept; in the order of their places once they are truncated.
    #[must_use]
    pub fn entries(&self) -> &[HashEntry] {
        &self.entries
    }

    /// How many there are of those that weren't kept.
    #[must_use]
    pub fn others(&self) -> &OmittedCounts {
        &self.others
    }

    /// How many there are of all.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.entries.len() as u64 + self.others.0.values().sum::<u64>()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
