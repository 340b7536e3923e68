//! The distinct values of a column in their order, and the position of each value among them.

use xxhash_rust::xxh3::xxh3_64;

use super::bits;
use super::statistics::{Bound, Number};
use super::values::Texts;

/// Distinct values, the least first.
pub struct Dictionary {
    /// The values, plain.
    pub bytes: Vec<u8>,
    /// Of texts: how long each is.
    pub lengths: Option<Vec<u32>>,
    /// Where each text begins in the bytes, or each number as it compares.
    entries: Entries,
}

enum Entries {
    Texts(Vec<usize>),
    Numbers(Vec<i64>, Number),
}

/// A dictionary with the positions of a column's values in it.
pub struct Indices {
    /// The values.
    pub dictionary: Dictionary,
    /// For each value of the column its position.
    pub positions: Vec<u32>,
    /// Whether the positions are those of all values; a dictionary doesn't grow for ever.
    pub are_all: bool,
}

/// A dictionary has no more bytes, but for its last values.
const DICTIONARY_BYTES_MAX: usize = 1 << 20;

impl Dictionary {
    /// How many values.
    pub fn len(&self) -> usize {
        match &self.entries {
            Entries::Texts(starts) => starts.len(),
            Entries::Numbers(numbers, _) => numbers.len(),
        }
    }

    /// How many bits a position takes.
    pub fn index_bits(&self) -> u8 {
        bits::width(self.len().saturating_sub(1) as u64)
    }

    /// The value at a position.
    pub fn bound(&self, position: usize) -> Bound {
        match &self.entries {
            Entries::Numbers(numbers, form) => Bound::Number(numbers[position], *form),
            Entries::Texts(starts) => {
                let length = self.lengths.as_ref().expect("texts have lengths")[position];
                let start = starts[position];
                Bound::Text(self.bytes[start..start + length as usize].to_vec())
            }
        }
    }

    fn texts<'a>(texts: impl ExactSizeIterator<Item = &'a [u8]>) -> Self {
        let mut bytes = Vec::new();
        let mut starts = Vec::with_capacity(texts.len());
        let mut lengths = Vec::with_capacity(texts.len());
        for text in texts {
            write_text(&mut bytes, text);
            starts.push(bytes.len() - text.len());
            lengths.push(text.len() as u32);
        }
        Self { bytes, lengths: Some(lengths), entries: Entries::Texts(starts) }
    }

    fn numbers(numbers: Vec<i64>, form: Number) -> Self {
        let mut bytes = Vec::with_capacity(numbers.len() * form.bytes_each());
        numbers.iter().for_each(|number| form.write(&mut bytes, *number));
        Self { bytes, lengths: None, entries: Entries::Numbers(numbers, form) }
    }
}

/// A text behind its length.
pub fn write_text(out: &mut Vec<u8>, text: &[u8]) {
    out.extend_from_slice(&(text.len() as u32).to_le_bytes());
    out.extend_from_slice(text);
}

/// The positions of codes in those of their set that occur.
pub fn of_codes(keys: Vec<u32>, codes: &Texts<'_>) -> Indices {
    let most = keys.iter().max().map_or(0, |most| *most as usize + 1);
    let mut used = vec![false; most];
    keys.iter().for_each(|key| used[*key as usize] = true);
    let mut occurring: Vec<usize> = (0..most).filter(|key| used[*key]).collect();
    occurring.sort_unstable_by_key(|key| codes.get(*key));
    let mut position_of = vec![0; most];
    (0_u32..).zip(&occurring).for_each(|(position, key)| position_of[*key] = position);
    let dictionary = Dictionary::texts(occurring.iter().map(|key| codes.get(*key)));
    let mut positions = keys;
    positions.iter_mut().for_each(|key| *key = position_of[*key as usize]);
    Indices { dictionary, positions, are_all: true }
}

/// The positions of numbers in the distinct ones.
pub fn of_numbers(values: &[i64], form: Number) -> Indices {
    let least = values.iter().min().copied().unwrap_or(0);
    let most = values.iter().max().copied().unwrap_or(0);
    let range = most.abs_diff(least);
    if range < NEAR_NUMBERS.max(values.len() as u64) && range < FAR_NUMBERS {
        return of_near_numbers(values, form, least, range as usize + 1);
    }
    let mut distinct = Distinct::default();
    let mut numbers: Vec<i64> = Vec::new();
    let mut positions = Vec::with_capacity(values.len());
    let most = DICTIONARY_BYTES_MAX / form.bytes_each();
    for value in values {
        if numbers.len() >= most {
            break;
        }
        let hash = value.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let position = distinct.position(hash ^ hash >> 32, |other| numbers[other] == *value);
        if position == numbers.len() {
            numbers.push(*value);
        }
        positions.push(position as u32);
    }
    let are_all = positions.len() == values.len();
    let order = ranks(&mut positions, numbers.len(), |position| numbers[position]);
    let numbers = order.iter().map(|position| numbers[*position as usize]).collect();
    Indices { dictionary: Dictionary::numbers(numbers, form), positions, are_all }
}

/// Numbers in so small a range are looked up in a table of it.
const NEAR_NUMBERS: u64 = 1 << 12;

/// No table is larger.
const FAR_NUMBERS: u64 = 1 << 18;

fn of_near_numbers(values: &[i64], form: Number, least: i64, range: usize) -> Indices {
    let offset = |value: &i64| value.wrapping_sub(least) as usize;
    let mut position_of = vec![0_u32; range];
    values.iter().for_each(|value| position_of[offset(value)] = 1);
    let mut numbers = Vec::new();
    for (offset, position) in position_of.iter_mut().enumerate() {
        if *position == 1 {
            *position = numbers.len() as u32;
            numbers.push(least.wrapping_add(offset as i64));
        }
    }
    let positions = values.iter().map(|value| position_of[offset(value)]).collect();
    Indices { dictionary: Dictionary::numbers(numbers, form), positions, are_all: true }
}

/// The positions of the texts of those rows in the distinct ones.
pub fn of_texts(texts: &Texts<'_>, rows: impl Iterator<Item = usize>) -> Indices {
    let mut distinct = Distinct::default();
    let mut firsts: Vec<&[u8]> = Vec::new();
    let mut positions = Vec::new();
    let (mut bytes, mut are_all) = (0, true);
    for row in rows {
        if bytes >= DICTIONARY_BYTES_MAX {
            are_all = false;
            break;
        }
        let text = texts.get(row);
        let position = distinct.position(xxh3_64(text), |other| firsts[other] == text);
        if position == firsts.len() {
            firsts.push(text);
            bytes += size_of::<u32>() + text.len();
        }
        positions.push(position as u32);
    }
    let order = ranks(&mut positions, firsts.len(), |position| firsts[position]);
    let dictionary = Dictionary::texts(order.iter().map(|position| firsts[*position as usize]));
    Indices { dictionary, positions, are_all }
}

/// Numbers the distinct values by their order; returns in which order they stand.
fn ranks<K: Ord>(positions: &mut [u32], count: usize, key: impl Fn(usize) -> K) -> Vec<u32> {
    let mut order: Vec<u32> = (0..count as u32).collect();
    order.sort_unstable_by_key(|position| key(*position as usize));
    let mut rank_of = vec![0; count];
    (0_u32..).zip(&order).for_each(|(rank, position)| rank_of[*position as usize] = rank);
    positions.iter_mut().for_each(|position| *position = rank_of[*position as usize]);
    order
}

/// A hash table of positions. What stands there is compared by whoever has it.
#[derive(Default)]
struct Distinct {
    /// A position and one more, so that 0 is free; a power of two of them.
    slots: Vec<u32>,
    hashes: Vec<u64>,
}

impl Distinct {
    /// The position of the value with that hash, or the next free one.
    fn position(&mut self, hash: u64, is_same: impl Fn(usize) -> bool) -> usize {
        if self.hashes.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let Some(position) = self.slots[slot].checked_sub(1) else {
                self.hashes.push(hash);
                self.slots[slot] = self.hashes.len() as u32;
                return self.hashes.len() - 1;
            };
            let position = position as usize;
            if self.hashes[position] == hash && is_same(position) {
                return position;
            }
            slot = (slot + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 4).max(64);
        self.slots = vec![0; size];
        for (position, hash) in (1_u32..).zip(&self.hashes) {
            let mut slot = *hash as usize & (size - 1);
            while self.slots[slot] != 0 {
                slot = (slot + 1) & (size - 1);
            }
            self.slots[slot] = position;
        }
    }
}
