//! Texts that are known beforehand, found again quickly: the names of properties, codes.

/// A set of texts, numbered in the order of their first appearance.
///
/// Looking one up reads a few bytes of it, and compares it with one or two of the set: there is
/// nothing that input could make slow, because input only looks up.
#[derive(Debug, Default)]
pub struct Names {
    /// All texts, one after the other.
    text: String,
    /// Where each ends; it begins where the one before it ends.
    ends: Vec<u32>,
    /// What each looks like.
    prints: Vec<Print>,
    /// One more than the number of a text, or 0; probed one after the other from the hash on.
    slots: Vec<u32>,
}

/// What stands for a text that isn't in the set.
pub const UNKNOWN: u32 = u32::MAX;

/// The name of a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// As records spell it.
    pub name: String,
    /// Its number among the names of tapes.
    pub number: u32,
}

impl Names {
    /// A set of texts; repeated ones count once.
    #[must_use]
    pub fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut set = Self::default();
        for name in names {
            set.insert(name);
        }
        set
    }

    fn insert(&mut self, name: &str) {
        if self.number(name) != UNKNOWN {
            return;
        }
        self.text.push_str(name);
        self.prints.push(Print::of(name.as_bytes()));
        self.ends.push(u32::try_from(self.text.len()).expect("known texts take less than 4 GiB"));
        // At most half of the slots are taken.
        if self.ends.len() * 2 > self.slots.len() {
            self.slots = vec![0; (self.ends.len() * 4).next_power_of_two()];
            for number in 0..self.len() {
                self.place(number);
            }
        } else {
            self.place(self.len() - 1);
        }
    }

    fn place(&mut self, number: usize) {
        let mask = self.slots.len() - 1;
        let mut slot = self.prints[number].hash() as usize & mask;
        while self.slots[slot] != 0 {
            slot = (slot + 1) & mask;
        }
        self.slots[slot] = number as u32 + 1;
    }

    /// How many texts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The text of that number.
    ///
    /// # Panics
    /// If there are fewer.
    #[must_use]
    pub fn name(&self, number: usize) -> &str {
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.text[start..self.ends[number] as usize]
    }

    /// All texts, in the order of their numbers.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|number| self.name(number))
    }

    /// The number of a text; [`UNKNOWN`] if it isn't in the set.
    #[inline]
    #[must_use]
    pub fn number(&self, name: &str) -> u32 {
        self.number_of(name.as_bytes())
    }

    /// The same for the bytes of a text.
    #[inline]
    #[must_use]
    pub fn number_of(&self, name: &[u8]) -> u32 {
        let Some(mask) = self.slots.len().checked_sub(1) else { return UNKNOWN };
        let print = Print::of(name);
        let mut slot = print.hash() as usize & mask;
        loop {
            let Some(number) = self.slots[slot].checked_sub(1) else { return UNKNOWN };
            let same = self.prints[number as usize] == print
                && (print.is_all() || self.name(number as usize).as_bytes() == name);
            if same {
                return number;
            }
            slot = (slot + 1) & mask;
        }
    }
}

/// A few bytes of a text and its length. Of a text of up to 16 bytes, they are all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Print {
    first: u64,
    last: u64,
    length: u32,
}

impl Print {
    #[inline]
    fn of(bytes: &[u8]) -> Self {
        let length = bytes.len();
        let eight =
            |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
        let four = |at: usize| {
            u64::from(u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes")))
        };
        let one = |at: usize| u64::from(bytes[at]);
        let (first, last) = match length {
            0 => (0, 0),
            1..4 => (one(0), one(length / 2) << 8 | one(length - 1)),
            4..8 => (four(0), four(length - 4)),
            8..17 => (eight(0), eight(length - 8)),
            _ => (eight(0) ^ eight(length / 2 - 4).rotate_left(17), eight(length - 8)),
        };
        // A text of 2^32 bytes is none that anybody knows; saturating keeps it apart from short ones.
        Self { first, last, length: u32::try_from(length).unwrap_or(u32::MAX) }
    }

    fn is_all(self) -> bool {
        self.length <= 16
    }

    #[inline]
    fn hash(self) -> u64 {
        let first = self.first ^ 0x9e37_79b9_7f4a_7c15;
        let last = self.last ^ 0xd1b5_4a32_d192_ed03 ^ u64::from(self.length) << 56;
        let product = u128::from(first) * u128::from(last);
        (product >> 64) as u64 ^ product as u64
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Names, UNKNOWN};

    proptest! {
        #[test]
        fn every_text_is_found_and_no_other(
            texts in proptest::collection::vec("[a-c]{0,3}|[a-z_é]{4,20}", 0..200),
            others in proptest::collection::vec("[a-c]{0,3}|[a-z_é]{4,20}", 0..50),
        ) {
            let names = Names::new(texts.iter().map(String::as_str));
            for text in &texts {
                prop_assert_eq!(names.name(names.number(text) as usize), text);
            }
            for other in &others {
                prop_assert_eq!(names.number(other) == UNKNOWN, !texts.contains(other));
            }
        }
    }
}
