//! Well-formed JSON, read straight to the tape.
//!
//! Nearly all records are sound. [`Parser::quick`] reads those: it reports nothing and knows no errors.
//! Where anything is wrong, would be reported or is nested deeply, it leaves no trace, and the record is
//! read again by [`Parser::value`], from its first byte on. What it takes is on the tape as that would
//! have put it there, to the byte; tests hold it to that with generated texts and damaged ones.
//!
//! What makes it quick: the next key is compared with the one that followed the last time, and only
//! looked up where that was another; keys are numbered, told apart and counted on the way, so that
//! nothing is walked when an object is closed; and nothing is kept for a message.

use super::{Parser, stop};
use crate::tape::{Expected, Tag, UNKNOWN};

/// Deeper records are left to the other reader, which knows how deep one may be.
const LEVELS_MAX: usize = 64;

/// So many digits of a decimal, and as many behind its point, make a quotient of two numbers that doubles
/// hold exactly. Its double is the one nearest to the decimal, as division rounds.
const EXACT_DIGITS: usize = 15;

/// An integer of so many digits fits an `i64`.
const INTEGER_DIGITS: usize = 17;

const POWERS_OF_TEN: [f64; EXACT_DIGITS + 1] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

impl Parser<'_> {
    /// Reads the record that begins here and goes behind it. If there is anything to say about it, returns
    /// `false` and leaves no trace.
    pub(super) fn quick(&mut self) -> bool {
        if self.byte(self.at) != b'{' {
            return false;
        }
        let (start, mark, known) = (self.at, self.builder.mark(), self.diagnostics.len());
        let end = self.quick_object(start, UNKNOWN, 1);
        if let Some(end) = end.filter(|_| self.diagnostics.len() == known) {
            self.at = end;
            return true;
        }
        self.at = start;
        self.builder.rewind(mark);
        self.diagnostics.truncate(known);
        false
    }

    /// The byte at `at`; 0, which nothing begins with, at the end.
    #[inline]
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// The first byte from `at` on that isn't white space. A line isn't left.
    #[inline]
    fn past_space(&self, at: usize) -> usize {
        if self.byte(at) > b' ' { at } else { self.past_more_space(at) }
    }

    #[inline(never)]
    fn past_more_space(&self, at: usize) -> usize {
        let rest = self.bytes.get(at..self.end).unwrap_or_default();
        at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count()
    }

    /// Reads what begins at `at`, under the key `under`; returns where it ends.
    #[inline]
    fn quick_value(&mut self, at: usize, under: u32, level: usize) -> Option<usize> {
        match self.byte(at) {
            b'"' => self.quick_text(at),
            b'-' | b'0'..=b'9' => self.quick_number(at),
            b'{' => self.quick_object(at, under, level + 1),
            b'[' => self.quick_list(at, under, level + 1),
            _ => self.quick_word(at),
        }
    }

    fn quick_object(&mut self, start: usize, under: u32, level: usize) -> Option<usize> {
        if level > LEVELS_MAX {
            return None;
        }
        let object = self.builder.begin(Tag::Object, start);
        let mut at = self.past_space(start + 1);
        if self.byte(at) == b'}' {
            self.builder.finish(object, at + 1, 0);
            return Some(at + 1);
        }
        let (mut count, mut seen, mut distinct) = (0, [0u64; 4], true);
        let mut expected = Expected::Below(under);
        loop {
            if self.byte(at) != b'"' {
                return None;
            }
            let guess = self.builder.guess(expected);
            let number = match self.builder.begins(guess, at + 1) {
                Some(length) => {
                    let end = at + length + 2;
                    self.builder.key(at..end, at + 1..end - 1, guess);
                    at = end + 1;
                    guess
                }
                None => {
                    let (number, end) = self.quick_key(at, expected)?;
                    at = end;
                    number
                }
            };
            match seen.get_mut(number as usize / 64) {
                Some(word) => {
                    let bit = 1 << (number % 64);
                    distinct &= *word & bit == 0;
                    *word |= bit;
                }
                None => distinct = false,
            }
            at = self.past_space(at);
            at = self.quick_value(at, number, level)?;
            count += 1;
            at = self.past_space(at);
            match self.byte(at) {
                b',' => at = self.past_space(at + 1),
                b'}' => break,
                _ => return None,
            }
            expected = Expected::Behind(number);
        }
        self.builder.finish(object, at + 1, count);
        if !distinct && self.builder.repeats_key(object) {
            return None;
        }
        Some(at + 1)
    }

    /// Reads a key that wasn't guessed; returns the number of its name and where its colon ends.
    #[inline(never)]
    fn quick_key(&mut self, start: usize, expected: Expected) -> Option<(u32, usize)> {
        let stop = stop(self.bytes, start + 1);
        if self.byte(stop) != b'"' {
            return None;
        }
        let number = self.builder.number_of(start + 1..stop);
        self.builder.learn(expected, number);
        self.builder.key(start..stop + 1, start + 1..stop, number);
        let colon = self.past_space(stop + 1);
        (self.byte(colon) == b':').then_some((number, colon + 1))
    }

    fn quick_list(&mut self, start: usize, under: u32, level: usize) -> Option<usize> {
        if level > LEVELS_MAX {
            return None;
        }
        let list = self.builder.begin(Tag::Array, start);
        let mut at = self.past_space(start + 1);
        if self.byte(at) == b']' {
            self.builder.finish(list, at + 1, 0);
            return Some(at + 1);
        }
        let mut count = 0;
        loop {
            at = self.quick_value(at, under, level)?;
            count += 1;
            at = self.past_space(at);
            match self.byte(at) {
                b',' => at = self.past_space(at + 1),
                b']' => break,
                _ => return None,
            }
        }
        self.builder.finish(list, at + 1, count);
        Some(at + 1)
    }

    #[inline]
    fn quick_text(&mut self, start: usize) -> Option<usize> {
        let stop = stop(self.bytes, start + 1);
        if self.byte(stop) != b'"' {
            return self.quick_escaped(start, stop);
        }
        self.builder.borrowed(start..stop + 1, start + 1..stop);
        Some(stop + 1)
    }

    /// A text with escapes is decoded as the other reader does it.
    #[inline(never)]
    fn quick_escaped(&mut self, start: usize, stop: usize) -> Option<usize> {
        if self.byte(stop) != b'\\' {
            return None;
        }
        self.string_with_escapes(start, stop).ok().map(|_| self.at)
    }

    #[inline]
    fn quick_number(&mut self, start: usize) -> Option<usize> {
        let negative = self.byte(start) == b'-';
        let first = start + usize::from(negative);
        let (mantissa, whole) = self.digits(0, first);
        let point = first + whole;
        // What isn't written as JSON writes it is no number, and is the other reader's to report.
        if whole == 0 || (whole > 1 && self.byte(first) == b'0') {
            return None;
        }
        let sign = if negative { -1 } else { 1 };
        match self.byte(point) {
            b'.' => {
                let (mantissa, fraction) = self.digits(mantissa, point + 1);
                let end = point + 1 + fraction;
                if fraction == 0
                    || whole + fraction > EXACT_DIGITS
                    || matches!(self.byte(end), b'e' | b'E')
                {
                    return self.quick_other_number(start);
                }
                let magnitude = mantissa as f64 / POWERS_OF_TEN[fraction];
                self.builder.float(start..end, if negative { -magnitude } else { magnitude });
                Some(end)
            }
            b'e' | b'E' => self.quick_other_number(start),
            _ if whole > INTEGER_DIGITS => self.quick_other_number(start),
            _ => {
                self.builder.integer(start..point, sign * mantissa.cast_signed());
                Some(point)
            }
        }
    }

    /// The digits from `at` on, behind those of `mantissa`, and how many there are. Too many make no
    /// sense as a number.
    #[inline]
    fn digits(&self, mut mantissa: u64, at: usize) -> (u64, usize) {
        let mut count = 0;
        loop {
            let digit = self.byte(at + count).wrapping_sub(b'0');
            if digit > 9 {
                return (mantissa, count);
            }
            mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit));
            count += 1;
        }
    }

    /// A long number, or one with an exponent, is what the other reader makes of it.
    #[inline(never)]
    fn quick_other_number(&mut self, start: usize) -> Option<usize> {
        self.at = start;
        self.number().ok().map(|_| self.at)
    }

    #[inline(never)]
    fn quick_word(&mut self, at: usize) -> Option<usize> {
        let rest = self.bytes.get(at..self.end)?;
        if rest.starts_with(b"true") {
            self.builder.boolean(at..at + 4, true);
            Some(at + 4)
        } else if rest.starts_with(b"false") {
            self.builder.boolean(at..at + 5, false);
            Some(at + 5)
        } else if rest.starts_with(b"null") {
            self.builder.null(at..at + 4);
            Some(at + 4)
        } else {
            None
        }
    }
}
