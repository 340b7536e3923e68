//! Entries of which the first are kept, in the order of their places, and the others counted.

use std::collections::BTreeMap;

use super::Entry;
use crate::diagnostic::KEPT_MAX;
use crate::workspace::SourceId;

/// How many entries there are in each file that weren't kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Others(BTreeMap<u32, u64>);

impl Others {
    /// Counts an entry.
    pub fn add(&mut self, entry: &Entry) {
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
pub struct First {
    entries: Vec<Entry>,
    others: Others,
}

impl First {
    /// Adds an entry.
    pub fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
        if self.entries.len() > 2 * KEPT_MAX {
            self.settle();
        }
    }

    /// Adds those of another one.
    pub fn append(&mut self, other: Self) {
        other.entries.into_iter().for_each(|entry| self.push(entry));
        self.others.append(other.others);
    }

    /// Puts them in the order of their places, and counts those that are too many.
    pub fn settle(&mut self) {
        self.entries.sort_unstable_by_key(|entry| entry.spot);
        for entry in self.entries.drain(KEPT_MAX.min(self.entries.len())..) {
            self.others.add(&entry);
        }
    }

    /// Those that were kept; in the order of their places once they are settled.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How many there are of those that weren't kept.
    #[must_use]
    pub fn others(&self) -> &Others {
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
