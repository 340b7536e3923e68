//! Numbers, texts, days and places as bytes, in which most numbers take one.

use chrono::{Datelike as _, NaiveDate};

use super::Spot;

/// Appends a number, seven bits a byte, the low ones first (LEB128).
pub fn number(mut number: u64, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Appends a number of up to 128 bits in the same way.
pub fn large(mut number: u128, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// A number of either sign as one that is small if it was near 0.
#[must_use]
pub fn signed(number: i64) -> u64 {
    (number << 1 ^ number >> 63).cast_unsigned()
}

/// Appends a text behind its length.
pub fn text(text: &str, bytes: &mut Vec<u8>) {
    counted(text.as_bytes(), bytes);
}

/// Appends some bytes behind their number.
pub fn counted(counted: &[u8], bytes: &mut Vec<u8>) {
    number(counted.len() as u64, bytes);
    bytes.extend_from_slice(counted);
}

/// Appends a day.
pub fn day(day: Option<NaiveDate>, bytes: &mut Vec<u8>) {
    // Day 0 is 31 December of the year before 1: no harm if it takes two bytes.
    number(day.map_or(0, |day| signed(day.num_days_from_ce().into()) + 1), bytes);
}

/// Appends a place.
pub fn spot(spot: Spot, bytes: &mut Vec<u8>) {
    number(spot.source.into(), bytes);
    number(spot.start, bytes);
    number(spot.length.into(), bytes);
}

/// Reads what was appended, in the same order.
///
/// # Panics
/// If something else was appended: only what this program wrote itself is read.
#[derive(Clone, Debug)]
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    /// So many bytes that were appended as they are.
    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        let (first, rest) = self.0.split_first_chunk().expect("it is read as it was written");
        self.0 = rest;
        *first
    }

    /// One byte.
    pub fn byte(&mut self) -> u8 {
        let (&first, rest) = self.0.split_first().expect("it is read as it was written");
        self.0 = rest;
        first
    }

    /// What [`number`] appended.
    pub fn number(&mut self) -> u64 {
        let mut number = 0;
        for shift in (0..).step_by(7) {
            let byte = self.byte();
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        number
    }

    /// What [`large`] appended.
    pub fn large(&mut self) -> u128 {
        let mut number = 0;
        for shift in (0..).step_by(7) {
            let byte = self.byte();
            number |= u128::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        number
    }

    /// What [`number`] appended of one of 32 bits.
    pub fn short(&mut self) -> u32 {
        u32::try_from(self.number()).expect("it was written as such")
    }

    /// What [`number`] appended of [`signed`].
    pub fn signed(&mut self) -> i64 {
        let number = self.number();
        (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
    }

    /// What [`counted`] appended.
    pub fn counted(&mut self) -> &'a [u8] {
        let length = self.number() as usize;
        let (counted, rest) = self.0.split_at(length);
        self.0 = rest;
        counted
    }

    /// What [`text`] appended.
    pub fn text(&mut self) -> &'a str {
        std::str::from_utf8(self.counted()).expect("it was text")
    }

    /// What [`day`] appended.
    pub fn day(&mut self) -> Option<NaiveDate> {
        let number = self.number().checked_sub(1)?;
        let days = (number >> 1).cast_signed() ^ -(number & 1).cast_signed();
        NaiveDate::from_num_days_from_ce_opt(i32::try_from(days).expect("it was a day"))
    }

    /// What [`spot`] appended.
    pub fn spot(&mut self) -> Spot {
        Spot { source: self.short(), start: self.number(), length: self.short() }
    }
}
