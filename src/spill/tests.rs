//! Indexes and blobs against plain maps and loops.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use proptest::prelude::*;

use super::{BlobStore, BlobWriter, HashEntry, HashIndex, RunWriter, Spot};
use crate::fault::Fault;
use crate::spill::{MemoryBudget, SpillFile};

/// A spill file in memory.
#[derive(Default)]
struct Bytes(Mutex<Vec<u8>>);

impl SpillFile for Bytes {
    fn append(&self, bytes: &[u8]) -> Result<u64, Fault> {
        let mut all = self.0.lock().expect("no test panics inside");
        all.extend_from_slice(bytes);
        Ok((all.len() - bytes.len()) as u64)
    }

    fn read(&self, offset: u64, into: &mut [u8]) -> Result<(), Fault> {
        let all = self.0.lock().expect("no test panics inside");
        into.copy_from_slice(&all[offset as usize..][..into.len()]);
        Ok(())
    }
}

fn budgets() -> [Arc<MemoryBudget>; 3] {
    let bounded = |limit| MemoryBudget::bounded(limit, Box::new(Bytes::default()));
    [MemoryBudget::in_memory(), bounded(0), bounded(2000)]
}

#[test]
fn what_is_beyond_the_limit_is_written() {
    let budget = MemoryBudget::bounded(100, Box::new(Bytes::default()));
    assert!(budget.reserve(60) && !budget.reserve(60) && budget.reserve(40));
    budget.free(60);
    assert!(budget.reserve(60));
    assert!(MemoryBudget::in_memory().reserve(u64::MAX));

    let entry = HashEntry { hash: 1, rest: 2, spot: Spot { source: 3, start: 4, length: 5 } };
    let budget = MemoryBudget::bounded(0, Box::new(Bytes::default()));
    let mut writer = RunWriter::default();
    writer.push(entry);
    let index = HashIndex::new([writer], &budget, NonZeroUsize::MIN).expect("memory doesn't fail");
    let mut blob_writer = BlobWriter::new(0);
    blob_writer.push(|bytes| bytes.push(6));
    let _blobs = BlobStore::of([blob_writer], &budget).expect("memory doesn't fail");
    // Each is behind what was written before it.
    assert_eq!(budget.append(b"x").expect("memory doesn't fail"), HashEntry::BYTES as u64 + 5);
    assert_eq!(index.entries().expect("memory doesn't fail"), [entry]);
}

/// Entries with few hashes, so that many meet, in all parts of an index.
fn entries(count: usize) -> impl Strategy<Value = Vec<HashEntry>> {
    let entry = (0u64..40, 0u64..3, 0u32..3, 0u64..1000).prop_map(|(hash, rest, source, start)| {
        let spot = Spot { source, start, length: start as u32 % 7 };
        HashEntry { hash: hash.wrapping_mul(0x0666_6666_6666_6667), rest, spot }
    });
    prop::collection::vec(entry, 0..count)
}

/// The entries, given to workers that finish a run every now and then.
fn index_of(
    entries: &[HashEntry],
    workers: usize,
    run: usize,
    budget: &Arc<MemoryBudget>,
) -> HashIndex {
    let mut writers: Vec<_> = (0..workers).map(|_| RunWriter::default()).collect();
    for (number, entry) in entries.iter().enumerate() {
        let writer = &mut writers[number % workers];
        writer.push(*entry);
        if number % run == 0 {
            writer.finish_run(budget).expect("memory doesn't fail");
        }
    }
    let jobs = NonZeroUsize::new(workers).expect("there are workers");
    HashIndex::new(writers, budget, jobs).expect("memory doesn't fail")
}

proptest! {
    #[test]
    fn repeated_entries_are_those_that_are_not_alone(
        entries in entries(120),
        workers in 1usize..4,
        run in 1usize..50,
    ) {
        let mut groups: BTreeMap<u128, Vec<Spot>> = BTreeMap::new();
        for entry in &entries {
            groups.entry(entry.key()).or_default().push(entry.spot);
        }
        groups.retain(|_, spots| spots.len() > 1);
        groups.values_mut().for_each(|spots| spots.sort_unstable());
        for budget in budgets() {
            let index = index_of(&entries, workers, run, &budget);
            prop_assert_eq!(index.len(), entries.len());
            let repeated = index.repeated(HashEntry::key).expect("memory doesn't fail");
            let found: Vec<_> = repeated.iter().map(|entry| (entry.key(), entry.spot)).collect();
            let expected: Vec<_> = groups
                .iter()
                .flat_map(|(key, spots)| spots.iter().map(move |spot| (*key, *spot)))
                .collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn references_meet_their_keys(
        keys in entries(120),
        references in entries(120),
        workers in 1usize..4,
        run in 1usize..50,
    ) {
        let lacking = |entries: &[HashEntry], others: &[HashEntry]| {
            let alone = |entry: &&HashEntry| !others.iter().any(|other| other.key() == entry.key());
            let mut spots: Vec<_> = entries.iter().filter(alone).map(|entry| entry.spot).collect();
            spots.sort_unstable();
            spots
        };
        let spots = |entries: &[HashEntry]| entries.iter().map(|it| it.spot).collect::<Vec<_>>();
        for budget in budgets() {
            let index_of_keys = index_of(&keys, workers, run, &budget);
            let joined = HashIndex::join(
                &[&index_of_keys],
                &[&index_of(&references, workers, run, &budget)],
                true,
            );
            let joined = joined.expect("memory doesn't fail");
            prop_assert_eq!(spots(joined.dangling.entries()), lacking(&references, &keys));
            prop_assert_eq!(spots(joined.orphans.entries()), lacking(&keys, &references));
            let asked: Vec<_> = references.iter().map(HashEntry::key).collect();
            let there = |key: &u128| keys.iter().any(|entry| entry.key() == *key);
            let expected: Vec<_> = asked.iter().map(there).collect();
            prop_assert_eq!(index_of_keys.find(&asked).expect("memory doesn't fail"), expected);
        }
    }

    #[test]
    fn pieces_are_found_at_their_addresses(
        lengths in prop::collection::vec(prop_oneof![0usize..40, 400usize..600, 100_000usize..140_000], 0..12),
        workers in 1usize..3,
    ) {
        for budget in budgets() {
            let mut blob_writers: Vec<_> = (0..workers).map(BlobWriter::new).collect();
            let mut expected = BTreeMap::new();
            for (number, length) in lengths.iter().enumerate() {
                let text = vec![number as u8; *length];
                let blob_writer = &mut blob_writers[number % workers];
                expected.insert(blob_writer.push(|bytes| bytes.extend(&text)), text);
                blob_writer.spill(&budget).expect("memory doesn't fail");
            }
            prop_assert_eq!(expected.len(), lengths.len(), "addresses differ");
            let blobs = BlobStore::of(blob_writers, &budget).expect("memory doesn't fail");
            for (address, text) in &expected {
                prop_assert_eq!(&*blobs.get(*address).expect("memory doesn't fail"), &**text);
            }
            let all = blobs.each(NonZeroUsize::MIN.saturating_add(workers), |texts| {
                Ok(texts.iter().map(|(at, text)| (at, text.to_vec())).collect::<Vec<_>>())
            });
            let all = all.expect("memory doesn't fail").into_iter().flatten();
            prop_assert_eq!(all.collect::<BTreeMap<_, _>>(), expected);
        }
    }
}
