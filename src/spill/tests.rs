//! Books and archives against what is plain to see.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use proptest::prelude::*;

use super::{BlobStore, BlobWriter, Entry, HashIndex, RunWriter, Spot};
use crate::fault::Fault;
use crate::spill::{MemoryBudget, SpillFile};

/// Scratch space in memory.
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

fn spaces() -> [Arc<MemoryBudget>; 3] {
    let bounded = |limit| MemoryBudget::bounded(limit, Box::new(Bytes::default()));
    [MemoryBudget::in_memory(), bounded(0), bounded(2000)]
}

#[test]
fn what_is_beyond_the_limit_is_written() {
    let space = MemoryBudget::bounded(100, Box::new(Bytes::default()));
    assert!(space.takes(60) && !space.takes(60) && space.takes(40));
    space.free(60);
    assert!(space.takes(60));
    assert!(MemoryBudget::in_memory().takes(u64::MAX));

    let entry = Entry { hash: 1, rest: 2, spot: Spot { source: 3, start: 4, length: 5 } };
    let space = MemoryBudget::bounded(0, Box::new(Bytes::default()));
    let mut ledger = RunWriter::default();
    ledger.push(entry);
    let book = HashIndex::bind([ledger], &space, NonZeroUsize::MIN).expect("memory doesn't fail");
    let mut shelf = BlobWriter::new(0);
    shelf.push(|bytes| bytes.push(6));
    let _archive = BlobStore::of([shelf], &space).expect("memory doesn't fail");
    // Each is behind what was written before it.
    assert_eq!(space.append(b"x").expect("memory doesn't fail"), Entry::BYTES as u64 + 5);
    assert_eq!(book.entries().expect("memory doesn't fail"), [entry]);
}

/// Entries with few hashes, so that many meet, in all parts of a book.
fn entries(count: usize) -> impl Strategy<Value = Vec<Entry>> {
    let entry = (0u64..40, 0u64..3, 0u32..3, 0u64..1000).prop_map(|(hash, rest, source, start)| {
        let spot = Spot { source, start, length: start as u32 % 7 };
        Entry { hash: hash.wrapping_mul(0x0666_6666_6666_6667), rest, spot }
    });
    prop::collection::vec(entry, 0..count)
}

/// The entries, handed to workers who seal a run every now and then.
fn book(entries: &[Entry], workers: usize, run: usize, space: &Arc<MemoryBudget>) -> HashIndex {
    let mut ledgers: Vec<_> = (0..workers).map(|_| RunWriter::default()).collect();
    for (number, entry) in entries.iter().enumerate() {
        let ledger = &mut ledgers[number % workers];
        ledger.push(*entry);
        if number % run == 0 {
            ledger.seal(space).expect("memory doesn't fail");
        }
    }
    let jobs = NonZeroUsize::new(workers).expect("there are workers");
    HashIndex::bind(ledgers, space, jobs).expect("memory doesn't fail")
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
        for space in spaces() {
            let book = book(&entries, workers, run, &space);
            prop_assert_eq!(book.len(), entries.len());
            let repeated = book.repeated(Entry::key).expect("memory doesn't fail");
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
        let lacking = |entries: &[Entry], others: &[Entry]| {
            let alone = |entry: &&Entry| !others.iter().any(|other| other.key() == entry.key());
            let mut spots: Vec<_> = entries.iter().filter(alone).map(|entry| entry.spot).collect();
            spots.sort_unstable();
            spots
        };
        let spots = |entries: &[Entry]| entries.iter().map(|it| it.spot).collect::<Vec<_>>();
        for space in spaces() {
            let book_of_keys = book(&keys, workers, run, &space);
            let joined = book_of_keys.join(&book(&references, workers, run, &space), true);
            let joined = joined.expect("memory doesn't fail");
            prop_assert_eq!(spots(joined.dangling.entries()), lacking(&references, &keys));
            prop_assert_eq!(spots(joined.orphans.entries()), lacking(&keys, &references));
            let asked: Vec<_> = references.iter().map(Entry::key).collect();
            let there = |key: &u128| keys.iter().any(|entry| entry.key() == *key);
            let expected: Vec<_> = asked.iter().map(there).collect();
            prop_assert_eq!(book_of_keys.find(&asked).expect("memory doesn't fail"), expected);
        }
    }

    #[test]
    fn pieces_are_found_at_their_addresses(
        lengths in prop::collection::vec(prop_oneof![0usize..40, 400usize..600, 100_000usize..140_000], 0..12),
        workers in 1usize..3,
    ) {
        for space in spaces() {
            let mut shelves: Vec<_> = (0..workers).map(BlobWriter::new).collect();
            let mut expected = BTreeMap::new();
            for (number, length) in lengths.iter().enumerate() {
                let piece = vec![number as u8; *length];
                let shelf = &mut shelves[number % workers];
                expected.insert(shelf.push(|bytes| bytes.extend(&piece)), piece);
                shelf.settle(&space).expect("memory doesn't fail");
            }
            prop_assert_eq!(expected.len(), lengths.len(), "addresses differ");
            let archive = BlobStore::of(shelves, &space).expect("memory doesn't fail");
            for (address, piece) in &expected {
                prop_assert_eq!(&*archive.piece(*address).expect("memory doesn't fail"), &**piece);
            }
            let all = archive.each(NonZeroUsize::MIN.saturating_add(workers), |pieces| {
                Ok(pieces.iter().map(|(at, piece)| (at, piece.to_vec())).collect::<Vec<_>>())
            });
            let all = all.expect("memory doesn't fail").into_iter().flatten();
            prop_assert_eq!(all.collect::<BTreeMap<_, _>>(), expected);
        }
    }
}
