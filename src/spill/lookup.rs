//! Finds blobs by the keys that they begin with.

use std::borrow::Cow;
use std::num::NonZeroUsize;

use xxhash_rust::xxh3::xxh3_64;

use super::BlobStore;
use crate::fault::Fault;

/// Where the blobs of some stores are, by their keys.
#[derive(Debug)]
pub struct Lookup<'a> {
    stores: Vec<&'a BlobStore>,
    key_of: fn(&[u8]) -> &[u8],
    /// Hash of the key, number of the store, address; sorted.
    keys: Vec<(u64, usize, u64)>,
}

impl<'a> Lookup<'a> {
    /// Looks through all blobs, on `jobs` threads. `key_of` gives the key of one.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn new(
        stores: Vec<&'a BlobStore>,
        key_of: fn(&[u8]) -> &[u8],
        jobs: NonZeroUsize,
    ) -> Result<Self, Fault> {
        let mut keys = Vec::new();
        for (number, store) in stores.iter().enumerate() {
            let of_blobs = store.each(jobs, |blobs| {
                let key = |(at, blob)| (xxh3_64(key_of(blob)), number, at);
                Ok(blobs.iter().map(key).collect::<Vec<_>>())
            })?;
            keys.extend(of_blobs.into_iter().flatten());
        }
        keys.sort_unstable();
        Ok(Self { stores, key_of, keys })
    }

    /// The blobs with a key: one, or several if records have the same.
    pub fn find<'s>(
        &'s self,
        key: &'s [u8],
    ) -> impl Iterator<Item = Result<Cow<'a, [u8]>, Fault>> + use<'s, 'a> {
        let hash = xxh3_64(key);
        let from = self.keys.partition_point(|(other, ..)| *other < hash);
        let same = self.keys[from..].iter().take_while(move |it| it.0 == hash);
        let blobs = same.map(|(_, store, address)| self.stores[*store].get(*address));
        // By chance another key may have the same hash.
        blobs.filter(move |blob| blob.as_ref().map_or(true, |blob| (self.key_of)(blob) == key))
    }
}
