//! Which key follows which.
//!
//! Records of one kind mostly spell their keys in one order. So a parser compares the next key with the
//! one that followed the last time, and only looks it up where that was another. A wrong guess costs
//! a comparison and changes nothing.

use super::{Names, UNKNOWN};

/// What was seen of the order of keys, by the numbers of their names.
#[derive(Debug, Default)]
pub(super) struct KeyOrder {
    /// That of the keys of a record comes first, then those behind and below each name.
    keys: Vec<Known>,
}

/// What is known of a name.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// The first 16 bytes of the name with the `":` behind it.
    head: u128,
    /// Which bits of those are set by it, where it is shorter.
    mask: u128,
    /// How long that is; 0 if the name was never met, or isn't spelt as it is.
    length: u32,
    /// The key that followed the last time in the same object.
    behind: u32,
    /// The first key of the object that was its value the last time, or of the last item in it.
    below: u32,
}

const HEAD: usize = size_of::<u128>();

impl Known {
    const NOTHING: Self = Self { head: 0, mask: 0, length: 0, behind: UNKNOWN, below: UNKNOWN };
}

/// Where a key is expected.
#[derive(Clone, Copy, Debug)]
pub enum Expected {
    /// Behind the key of that number and its value.
    Behind(u32),
    /// At the beginning of an object under the key of that number; [`UNKNOWN`] for a record.
    Below(u32),
}

impl KeyOrder {
    /// The number of the name that is likely there.
    #[inline]
    pub fn guess(&self, expected: Expected) -> u32 {
        match expected {
            Expected::Behind(number) => self.known(number).map_or(UNKNOWN, |it| it.behind),
            Expected::Below(number) => self.known(number).map_or(UNKNOWN, |it| it.below),
        }
    }

    /// How long the name of that number is, if `text` begins with it and a quotation mark and a colon
    /// follow right behind.
    #[inline]
    pub fn begins(&self, names: &Names, number: u32, text: &[u8]) -> Option<usize> {
        if number == UNKNOWN {
            return None;
        }
        let known = self.known(number)?;
        let head = u128::from_le_bytes(*text.first_chunk::<HEAD>()?);
        if (head ^ known.head) & known.mask != 0 || known.length == 0 {
            return None;
        }
        let length = known.length as usize - 2;
        let is_short = known.length as usize <= HEAD;
        (is_short || is_spelt(names.name(number as usize).as_bytes(), text)).then_some(length)
    }

    /// Notes that the key of the number `number` was where another was expected.
    #[inline(never)]
    pub fn learn(&mut self, names: &Names, expected: Expected, number: u32) {
        if number == UNKNOWN {
            return;
        }
        self.keys.resize(names.len() + 1, Known::NOTHING);
        let name = names.name(number as usize).as_bytes();
        let known = &mut self.keys[number as usize + 1];
        // Others stand there with escapes.
        if known.length == 0 && !name.iter().any(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)) {
            let mut head = [0; HEAD];
            let mut mask = [0; HEAD];
            let spelt = name.iter().chain(b"\":");
            for ((head, mask), byte) in head.iter_mut().zip(&mut mask).zip(spelt) {
                (*head, *mask) = (*byte, 0xff);
            }
            known.head = u128::from_le_bytes(head);
            known.mask = u128::from_le_bytes(mask);
            known.length = u32::try_from(name.len() + 2).unwrap_or(0);
        }
        let (before, guess): (u32, fn(&mut Known) -> &mut u32) = match expected {
            Expected::Behind(number) => (number, |known| &mut known.behind),
            Expected::Below(number) => (number, |known| &mut known.below),
        };
        if let Some(known) = self.keys.get_mut(before.wrapping_add(1) as usize) {
            *guess(known) = number;
        }
    }

    /// The record itself is behind and below nothing, and comes first.
    #[inline]
    fn known(&self, number: u32) -> Option<&Known> {
        self.keys.get(number.wrapping_add(1) as usize)
    }
}

fn is_spelt(name: &[u8], text: &[u8]) -> bool {
    text.strip_prefix(name).is_some_and(|rest| rest.starts_with(b"\":"))
}

#[cfg(test)]
mod tests {
    use super::{Expected, KeyOrder};
    use crate::tape::{Names, UNKNOWN};

    #[test]
    fn what_followed_the_last_time_is_expected() {
        let names = Names::new(["id", "participants", "a_rather_long_name", "odd\"name"]);
        let mut order = KeyOrder::default();
        let record = Expected::Below(UNKNOWN);
        assert_eq!(order.guess(record), UNKNOWN);
        order.learn(&names, record, 0);
        order.learn(&names, Expected::Behind(0), 2);
        order.learn(&names, Expected::Below(2), 1);
        order.learn(&names, Expected::Behind(2), 3);
        assert_eq!(order.guess(record), 0);
        assert_eq!(order.guess(Expected::Behind(0)), 2);
        assert_eq!(order.guess(Expected::Below(2)), 1);
        assert_eq!(order.guess(Expected::Behind(1)), UNKNOWN);
        let begins = |number, text: &str| order.begins(&names, number, text.as_bytes());
        assert_eq!(begins(0, "id\":\"ev-00000001\""), Some(2));
        assert_eq!(begins(0, "id\" :\"ev-00000001\""), None);
        assert_eq!(begins(0, "idx\":\"ev-00000001\""), None);
        assert_eq!(begins(0, "id\":"), None, "too near to the end for a guess");
        assert_eq!(begins(1, "participants\":[1]}"), Some(12));
        assert_eq!(begins(2, "a_rather_long_name\":1"), Some(18));
        assert_eq!(begins(2, "a_rather_long_nams\":1"), None);
        assert_eq!(begins(2, "a_rather_long_name\"}"), None);
        assert_eq!(begins(3, "odd\"name\":12345678"), None, "no text spells it so");
        assert_eq!(begins(UNKNOWN, "id\":\"ev-00000001\""), None);
    }
}
