//! Finds what was kept of records by their keys.

use std::borrow::Cow;
use std::num::NonZeroUsize;

use xxhash_rust::xxh3::xxh3_64;

use super::packed::{self, Reader};
use super::{BlobStore, Spot};
use crate::fault::Fault;

/// Appends what a blob begins with that is found by a record's key: the key, and where it is written.
pub fn write_head(key: &str, spot: Spot, bytes: &mut Vec<u8>) {
    packed::text(key, bytes);
    packed::spot(spot, bytes);
}

/// Where the blobs of some stores are, by the keys of their records.
#[derive(Debug)]
pub struct Lookup<'a> {
    stores: Vec<&'a BlobStore>,
    /// In the order of hashes, and of each key one.
    entries: Vec<Entry>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    /// The key's.
    hash: u64,
    store: usize,
    address: u64,
}

impl<'a> Lookup<'a> {
    /// Looks through all blobs, on `jobs` threads. Each begins with what [`write_head`] appends. Of several records
    /// with one key, which is an error of its own, the last counts.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn new(stores: Vec<&'a BlobStore>, jobs: NonZeroUsize) -> Result<Self, Fault> {
        let mut entries = Vec::new();
        for (store, blobs) in stores.iter().enumerate() {
            let of_blobs = blobs.each(jobs, |blobs| {
                let entry = |(address, blob)| {
                    let hash = xxh3_64(Reader(blob).counted());
                    Entry { hash, store, address }
                };
                Ok(blobs.iter().map(entry).collect::<Vec<_>>())
            })?;
            entries.extend(of_blobs.into_iter().flatten());
        }
        entries.sort_unstable();
        let mut lookup = Self { stores, entries: Vec::new() };
        for alike in entries.chunk_by(|a, b| a.hash == b.hash) {
            match alike {
                [only] => lookup.entries.push(*only),
                _ => lookup.add_last(alike)?,
            }
        }
        Ok(lookup)
    }

    /// Adds of each key the last record. By chance other keys may have the same hash.
    fn add_last(&mut self, alike: &[Entry]) -> Result<(), Fault> {
        let mut records = Vec::new();
        for entry in alike {
            let blob = self.blob(*entry)?;
            let mut head = Reader(&blob);
            let key = head.counted().to_vec();
            records.push((key, head.spot(), *entry));
        }
        records.sort_unstable();
        let last = records.chunk_by(|a, b| a.0 == b.0).filter_map(<[_]>::last);
        self.entries.extend(last.map(|(_, _, entry)| *entry));
        Ok(())
    }

    fn blob(&self, Entry { store, address, .. }: Entry) -> Result<Cow<'a, [u8]>, Fault> {
        self.stores[store].get(address)
    }

    /// The blob of the record with that key.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn get(&self, key: &str) -> Result<Option<Cow<'a, [u8]>>, Fault> {
        let hash = xxh3_64(key.as_bytes());
        let from = self.entries.partition_point(|entry| entry.hash < hash);
        for entry in self.entries[from..].iter().take_while(|entry| entry.hash == hash) {
            let blob = self.blob(*entry)?;
            if Reader(&blob).counted() == key.as_bytes() {
                return Ok(Some(blob));
            }
        }
        Ok(None)
    }
}
