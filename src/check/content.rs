//! The hash of what a record says apart from its key.

use xxhash_rust::xxh3::xxh3_64;

use crate::plan::{Event, Place, Plan};
use crate::tape::equality::content_hash;
use crate::tape::{Tag, Value};

/// Sums up the values of a record with their places. Records of one table that say the same have the same
/// sum, in whatever order their properties stand: each value is mixed with its place and with the positions
/// of the list items around it. Others may have it by chance, so whoever finds two compares them.
#[derive(Debug, Default)]
pub(super) struct ContentHash {
    sum: u64,
    /// The lists around the next value, the innermost last.
    lists: Vec<List>,
}

#[derive(Debug)]
struct List {
    /// The number on the tape of what follows the list.
    end: u32,
    /// The number of the list.
    list: u32,
    /// What values are mixed with in the list itself.
    seed: u64,
    /// How many items were met.
    items: u64,
    /// What values of the current item are mixed with.
    item_seed: u64,
}

impl ContentHash {
    /// Adds the next value of the trace.
    #[inline]
    pub fn add(&mut self, event: &Event, plan: &Plan<'_>, value: Value<'_>) {
        while self.lists.last().is_some_and(|list| list.end <= event.value) {
            self.lists.pop();
        }
        let mut seed = 0;
        if let Some(list) = self.lists.last_mut() {
            if list.list == event.around {
                list.items += 1;
                list.item_seed = mix(list.seed, list.items);
            }
            seed = list.item_seed;
        }
        let seed = mix(seed, u64::from(event.place) + 1);
        let hash = match (plan.place(event.place), value.tag()) {
            (Place::Value { .. }, Tag::Text) => {
                xxh3_64(value.as_bytes().expect("a text has bytes"))
            }
            // That it is there: its members are added by themselves.
            (Place::Group(_) | Place::Row(_), Tag::Object) => 4,
            (Place::List { .. }, Tag::Array) => {
                let (list, end) = (event.value, event.value + value.size());
                self.lists.push(List { end, list, seed, items: 0, item_seed: seed });
                value.len() as u64
            }
            _ => content_hash(value),
        };
        self.sum = self.sum.wrapping_add(mix(hash, seed));
    }

    /// Adds a value that the model doesn't name.
    pub fn add_unnamed(&mut self, key: Value<'_>, value: Value<'_>) {
        let name = xxh3_64(key.as_bytes().unwrap_or_default());
        self.sum = self.sum.wrapping_add(mix(content_hash(value), name));
    }

    pub fn finish(self) -> u64 {
        self.sum
    }
}

/// Both halves of a product, so that each bit bears on each.
#[inline]
fn mix(value: u64, seed: u64) -> u64 {
    let product = u128::from(value ^ 0xd1b5_4a32_d192_ed03)
        * u128::from(seed.rotate_left(29) ^ 0x9e37_79b9_7f4a_7c15);
    (product >> 64) as u64 ^ product as u64 ^ value
}
