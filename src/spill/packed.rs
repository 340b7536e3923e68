//! Facts as bytes, in which most numbers take one.

use chrono::{Datelike as _, NaiveDate};

use crate::spill::Spot;

/// Appends a number, seven bits a byte, the low ones first (LEB128).
pub(super) fn number(mut number: u64, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// A number of either sign as one that is small if it was near 0.
pub(super) fn signed(number: i64) -> u64 {
    (number << 1 ^ number >> 63).cast_unsigned()
}

/// Appends a text behind its length.
pub(super) fn text(text: &str, bytes: &mut Vec<u8>) {
    number(text.len() as u64, bytes);
    bytes.extend_from_slice(text.as_bytes());
}

/// Appends a day.
pub(super) fn day(day: Option<NaiveDate>, bytes: &mut Vec<u8>) {
    // Day 0 is 31 December of the year before 1: no harm if it takes two bytes.
    number(day.map_or(0, |day| signed(day.num_days_from_ce().into()) + 1), bytes);
}

/// Appends a place.
pub(super) fn spot(spot: Spot, bytes: &mut Vec<u8>) {
    number(spot.source.into(), bytes);
    number(spot.start, bytes);
    number(spot.length.into(), bytes);
}

/// Reads what was appended, in the same order.
#[derive(Clone)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn byte(&mut self) -> u8 {
        let (&first, rest) = self.0.split_first().expect("facts are read as they were written");
        self.0 = rest;
        first
    }

    pub(super) fn number(&mut self) -> u64 {
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

    pub(super) fn short(&mut self) -> u32 {
        u32::try_from(self.number()).expect("it was written as such")
    }

    pub(super) fn signed(&mut self) -> i64 {
        let number = self.number();
        (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
    }

    pub(super) fn text(&mut self) -> &'a str {
        let length = self.number() as usize;
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        std::str::from_utf8(text).expect("it was text")
    }

    pub(super) fn day(&mut self) -> Option<NaiveDate> {
        let number = self.number().checked_sub(1)?;
        let days = (number >> 1).cast_signed() ^ -(number & 1).cast_signed();
        NaiveDate::from_num_days_from_ce_opt(i32::try_from(days).expect("it was a day"))
    }

    pub(super) fn spot(&mut self) -> Spot {
        Spot { source: self.short(), start: self.number(), length: self.short() }
    }
}
