//! Decimal numbers: digits as they are written, which nothing rounds.
//!
//! A column of them holds integers of 128 bits and says how many of their digits stand behind the point. So
//! `0.10` is 10 with a scale of 2, and not the double next to it.

use crate::tape::{Tag, Value};

/// A column holds no more digits: what 128 bits can hold of any.
pub const DIGITS_MAX: u8 = 38;

/// How many digits the numbers of a column have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digits {
    /// All of them.
    pub precision: u8,
    /// Those behind the point.
    pub scale: u8,
}

/// Why a column can't hold a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// It is no decimal number.
    NoDecimal,
    /// It has so many digits behind the point, which are more than the scale.
    Finer(usize),
    /// It has so many digits before the point, which are too many.
    Larger(usize),
}

impl Digits {
    /// The number as an integer whose last digits, as many as the scale, stand behind the point.
    ///
    /// Zeros at either end don't count: `1.500` has one digit behind the point.
    ///
    /// ```
    /// use demarche::decimal::{Digits, Misfit};
    ///
    /// let money = Digits { precision: 6, scale: 2 };
    /// assert_eq!(money.read("-1234.5"), Ok(-123450));
    /// assert_eq!(money.read("0.125"), Err(Misfit::Finer(3)));
    /// assert_eq!(money.read("12345"), Err(Misfit::Larger(5)));
    /// ```
    ///
    /// # Errors
    /// When it isn't one, or has more digits than the column holds.
    pub fn read(self, text: &str) -> Result<i128, Misfit> {
        let (negative, before, behind) = parts(text.as_bytes()).ok_or(Misfit::NoDecimal)?;
        let before = &before[before.iter().take_while(|digit| **digit == b'0').count()..];
        let zeros = behind.iter().rev().take_while(|digit| **digit == b'0').count();
        let behind = &behind[..behind.len() - zeros];
        if behind.len() > usize::from(self.scale) {
            return Err(Misfit::Finer(behind.len()));
        }
        if before.len() > usize::from(self.precision - self.scale) {
            return Err(Misfit::Larger(before.len()));
        }
        let missing = usize::from(self.scale) - behind.len();
        let digits = before.iter().chain(behind).chain(std::iter::repeat_n(&b'0', missing));
        let number = digits.fold(0i128, |sum, digit| sum * 10 + i128::from(digit - b'0'));
        Ok(if negative { -number } else { number })
    }

    /// The number that a value of a record says. A number has the fewest digits that mean the same double:
    /// who needs more than fifteen writes text.
    ///
    /// # Errors
    /// As [`Digits::read`].
    pub fn of(self, value: Value<'_>) -> Result<i128, Misfit> {
        if let Some(text) = value.as_str() {
            return self.read(text);
        }
        let whole = match value.tag() {
            Tag::Integer => value.as_i64().map(|number| number.to_string()),
            _ => value.as_large_u64().map(|number| number.to_string()),
        };
        // Rust writes a double without an exponent.
        let text = whole.or_else(|| value.as_f64().map(|number| number.to_string()));
        self.read(&text.ok_or(Misfit::NoDecimal)?)
    }

    /// Writes a number with all digits behind the point that the scale says.
    pub fn write(self, out: &mut Vec<u8>, number: i128) {
        if number < 0 {
            out.push(b'-');
        }
        let scale = usize::from(self.scale);
        let digits = format!("{:0>width$}", number.unsigned_abs(), width = scale + 1);
        let (before, behind) = digits.split_at(digits.len() - scale);
        out.extend_from_slice(before.as_bytes());
        if scale > 0 {
            out.push(b'.');
            out.extend_from_slice(behind.as_bytes());
        }
    }
}

/// Whether a text is a decimal number: a sign or none, digits, and perhaps a point with digits behind it.
#[must_use]
pub fn is_decimal(text: &[u8]) -> bool {
    parts(text).is_some()
}

/// Whether it is negative, and its digits before and behind the point.
fn parts(text: &[u8]) -> Option<(bool, &[u8], &[u8])> {
    let (negative, number) = match text {
        [b'-', number @ ..] => (true, number),
        [b'+', number @ ..] => (false, number),
        number => (false, number),
    };
    let (before, behind) = match number.iter().position(|byte| *byte == b'.') {
        Some(point) => (&number[..point], Some(&number[point + 1..])),
        None => (number, None),
    };
    let digits = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    (digits(before) && behind.is_none_or(digits)).then_some((
        negative,
        before,
        behind.unwrap_or_default(),
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{DIGITS_MAX, Digits, Misfit, is_decimal};

    fn written(digits: Digits, number: i128) -> String {
        let mut out = Vec::new();
        digits.write(&mut out, number);
        String::from_utf8(out).expect("digits")
    }

    #[test]
    fn what_is_a_decimal_number() {
        for number in ["0", "-0.00", "+1.5", "007", "12345678901234567890123456789012345678901.2"] {
            assert!(is_decimal(number.as_bytes()), "{number}");
        }
        for other in ["", "-", ".5", "5.", "1e3", "1,5", "1 000", "١", "0x1F", "1.2.3", " 1", "NaN"]
        {
            assert!(!is_decimal(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn nothing_is_rounded() {
        let money = Digits { precision: 5, scale: 2 };
        let whole = Digits { precision: DIGITS_MAX, scale: 0 };
        let share = Digits { precision: 4, scale: 4 };
        for (digits, text, expected) in [
            (money, "999.99", Ok(99_999)),
            (money, "-0.00", Ok(0)),
            (money, "+0001.5000", Ok(150)),
            (money, "1000", Err(Misfit::Larger(4))),
            (money, "0.001", Err(Misfit::Finer(3))),
            (whole, "99999999999999999999999999999999999999", Ok(10i128.pow(38) - 1)),
            (whole, "100000000000000000000000000000000000000", Err(Misfit::Larger(39))),
            (whole, "1.0", Ok(1)),
            (share, "0.0001", Ok(1)),
            (share, "1", Err(Misfit::Larger(1))),
            (share, "1%", Err(Misfit::NoDecimal)),
        ] {
            assert_eq!(digits.read(text), expected, "{text}");
        }
    }

    proptest! {
        /// Digits and numbers are the same, both ways.
        #[test]
        fn what_is_written_is_read(
            (precision, scale) in (1u8..=DIGITS_MAX).prop_flat_map(|it| (Just(it), 0..=it)),
            number in any::<i128>(),
        ) {
            let digits = Digits { precision, scale };
            let number = number % 10i128.pow(precision.into());
            let text = written(digits, number);
            prop_assert_eq!(digits.read(&text), Ok(number), "{}", text);
            prop_assert!(is_decimal(text.as_bytes()));
            let behind = text.split_once('.').map_or(0, |(_, behind)| behind.len());
            prop_assert_eq!(behind, usize::from(scale));
        }
    }
}
