//! Numbers, exactly: what a literal becomes in 64 bits, and whether anything is lost.
//!
//! A number that can't be kept is an error and never rounded in silence. JSON, YAML and CSV share
//! this, so that one literal means one value in all of them.

use std::ops::Range;

use crate::diagnostic::{Certainty, Diagnostic, Place, code, quote};
use crate::tape::{Builder, NodeId};

/// What a decimal literal becomes.
#[derive(Clone, Debug, PartialEq)]
pub enum Number {
    /// An integer that fits an `i64`.
    Integer(i64),
    /// An integer above `i64::MAX` that fits a `u64`.
    Unsigned(u64),
    /// A double that the literal spells.
    Float(f64),
    /// A double that lost digits.
    Inexact {
        /// The nearest double.
        nearest: f64,
        /// What it spells.
        shown: String,
    },
    /// Larger than any double.
    Infinite,
}

/// Every decimal number of this many significant digits survives a double.
const EXACT_DIGITS: usize = 15;

/// This many digits always fit an `i64`.
const INTEGER_DIGITS: usize = 18;

impl Number {
    /// Reads a decimal literal: JSON's grammar, and what YAML allows beyond it (a `+`, leading
    /// zeros, no digits before or after the point).
    ///
    /// # Panics
    /// If `literal` is no such number: callers have matched the grammar.
    #[must_use]
    pub fn of(literal: &str) -> Self {
        let unsigned = literal.strip_prefix(['-', '+']).unwrap_or(literal);
        let negative = literal.starts_with('-');
        if unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
            if unsigned.len() <= INTEGER_DIGITS {
                let magnitude =
                    unsigned.bytes().fold(0i64, |sum, digit| sum * 10 + i64::from(digit - b'0'));
                return Self::Integer(if negative { -magnitude } else { magnitude });
            }
            if let Ok(integer) = literal.parse() {
                return Self::Integer(integer);
            }
            if let Ok(integer) = unsigned.parse()
                && !negative
            {
                return Self::Unsigned(integer);
            }
        }
        let value: f64 = literal.parse().expect("the literal matches the grammar of numbers");
        if value.is_infinite() {
            return Self::Infinite;
        }
        if !loses_digits(unsigned, value) {
            return Self::Float(value);
        }
        Self::Inexact { nearest: value, shown: spell(value) }
    }
}

/// Whether `text` is a number as JSON writes them.
#[must_use]
pub fn is_json_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes[from..].iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(bytes.len() - from)
    };
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    let integer = digits(at);
    if integer == 0 || (integer > 1 && bytes[at] == b'0') {
        return false;
    }
    at += integer;
    if bytes.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        if fraction == 0 {
            return false;
        }
        at += 1 + fraction;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign);
        if exponent == 0 {
            return false;
        }
        at += 1 + sign + exponent;
    }
    at == bytes.len()
}

/// Appends the number that `literal` spells, and reports at `place` what of it can't be kept.
///
/// The node is a number in any case, so that nobody complains of its type as well: the nearest
/// double for an inexact literal, 0 for one that is too large.
///
/// # Panics
/// As [`Number::of`].
pub fn push_number(
    builder: &mut Builder<'_>,
    span: Range<usize>,
    literal: &str,
    place: Place,
    diagnostics: &mut Vec<Diagnostic>,
) -> NodeId {
    match Number::of(literal) {
        Number::Integer(value) => builder.integer(span, value),
        Number::Unsigned(value) => builder.unsigned(span, value),
        Number::Float(value) => builder.float(span, value),
        Number::Inexact { nearest, shown } => {
            diagnostics.push(inexact(literal, &shown, place));
            builder.float(span, nearest)
        }
        Number::Infinite => {
            diagnostics.push(
                Diagnostic::new(
                    &code::NON_FINITE_NUMBER,
                    place,
                    format!("the number {} is larger than a 64-bit number can be", quote(literal)),
                )
                .help("check the exponent; quote it as text if it is an identifier"),
            );
            builder.float(span, 0.0)
        }
    }
}

/// The finding that `literal` would become `shown`. A whole number is mostly an identifier, which
/// isn't rounded; of any other the nearest spelling is suggested.
pub(super) fn inexact(literal: &str, shown: &str, place: Place) -> Diagnostic {
    let finding = Diagnostic::new(
        &code::INEXACT_NUMBER,
        place,
        format!("the number {} would become {}", quote(literal), quote(shown)),
    )
    .label(format!("a 64-bit number keeps {EXACT_DIGITS} to 17 digits"));
    if !literal.contains('.') {
        return finding
            .help("quote it as text if it is an identifier; round it if it is a quantity");
    }
    finding
        .help(format!("write {}, or quote it as text if every digit counts", quote(shown)))
        .replace(Certainty::Suggested, "write what a 64-bit number keeps", shown)
}

/// Whether `unsigned` spells digits that `value`, the nearest double, doesn't have.
///
/// It spells the double if it is what the double comes to, exactly or rounded to as many digits as
/// are written. That is so of the shortest form, which releases, Python and JavaScript write, and
/// of what C prints with `%.17g`. R and others print 17 digits less exactly: of a number that has at
/// most 15, the last two are noise. Every reader takes such a literal for this double.
fn loses_digits(unsigned: &str, value: f64) -> bool {
    let digits = unsigned.split(['e', 'E']).next().unwrap_or_default();
    let significant =
        digits.trim_start_matches(['0', '.']).bytes().filter(u8::is_ascii_digit).count();
    if significant == 0 || (significant <= EXACT_DIGITS && value.is_normal()) {
        return false;
    }
    let written = Decimal::of(unsigned);
    let shortest = Decimal::of(&format!("{:e}", value.abs()));
    written != shortest && !written.is_noisy(&shortest) && !written.spells(value.abs())
}

/// Software prints doubles with so many digits, so that they can be read back.
const PRINTED_DIGITS_MAX: usize = 17;

/// No double has more digits than this.
const DOUBLE_DIGITS_MAX: usize = 767;

/// A decimal number `0.digits` times ten to the power of its exponent; no zeros at the ends.
#[derive(PartialEq, Eq)]
struct Decimal {
    digits: Vec<u8>,
    exponent: i64,
}

impl Decimal {
    /// An unsigned literal.
    fn of(literal: &str) -> Self {
        let (digits, exponent) = literal.split_once(['e', 'E']).unwrap_or((literal, "0"));
        // An exponent that doesn't fit goes with zero, or with no double at all.
        let exponent: i64 = exponent.parse().unwrap_or(0);
        let whole = digits.find('.').unwrap_or(digits.len());
        let all: Vec<u8> = digits.bytes().filter(u8::is_ascii_digit).collect();
        let Some(first) = all.iter().position(|&digit| digit != b'0') else {
            return Self { digits: Vec::new(), exponent: 0 };
        };
        let end = all.iter().rposition(|&digit| digit != b'0').map_or(0, |last| last + 1);
        let exponent = exponent.saturating_add(whole as i64 - first as i64);
        Self { digits: all[first..end].to_vec(), exponent }
    }

    /// Whether it is a short number with the noise that some software adds when it prints 17 digits.
    fn is_noisy(&self, shortest: &Self) -> bool {
        self.digits.len() <= PRINTED_DIGITS_MAX && shortest.is_rounded(self, EXACT_DIGITS)
    }

    /// Whether it is `value`, rounded to as many digits.
    fn spells(&self, value: f64) -> bool {
        self.digits.len() <= DOUBLE_DIGITS_MAX
            && self
                .is_rounded(&Self::of(&format!("{value:.DOUBLE_DIGITS_MAX$e}")), self.digits.len())
    }

    /// Whether it is `exact`, rounded to `length` digits. Midway between two, it may be either.
    fn is_rounded(&self, exact: &Self, length: usize) -> bool {
        let (kept, rest) = exact.digits.split_at(exact.digits.len().min(length));
        let down = Self { digits: kept.to_vec(), exponent: exact.exponent }.trimmed();
        match rest {
            [] | [b'0'..=b'4', ..] => *self == down,
            [b'5'] => *self == down || *self == exact.up(length),
            _ => *self == exact.up(length),
        }
    }

    fn trimmed(mut self) -> Self {
        while self.digits.last() == Some(&b'0') {
            self.digits.pop();
        }
        self
    }

    /// The next larger number of `length` digits.
    fn up(&self, length: usize) -> Self {
        let mut digits = self.digits[..length].to_vec();
        while digits.last() == Some(&b'9') {
            digits.pop();
        }
        match digits.last_mut() {
            Some(last) => {
                *last += 1;
                Self { digits, exponent: self.exponent }
            }
            None => Self { digits: vec![b'1'], exponent: self.exponent + 1 },
        }
    }
}

/// A double as people write it: an exponent only where the zeros would hide the number.
fn spell(value: f64) -> String {
    if value == 0.0 || (1e-5..1e21).contains(&value.abs()) {
        value.to_string()
    } else {
        format!("{value:e}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Number, is_json_number};

    fn inexact(literal: &str) -> Option<String> {
        match Number::of(literal) {
            Number::Inexact { shown, .. } => Some(shown),
            Number::Integer(_) | Number::Unsigned(_) | Number::Float(_) | Number::Infinite => None,
        }
    }

    #[test]
    fn integers_keep_their_width() {
        assert_eq!(Number::of("0"), Number::Integer(0));
        assert_eq!(Number::of("-42"), Number::Integer(-42));
        assert_eq!(Number::of("010"), Number::Integer(10));
        assert_eq!(Number::of("9223372036854775807"), Number::Integer(i64::MAX));
        assert_eq!(Number::of("-9223372036854775808"), Number::Integer(i64::MIN));
        assert_eq!(Number::of("9223372036854775808"), Number::Unsigned(1 << 63));
        assert_eq!(Number::of("18446744073709551615"), Number::Unsigned(u64::MAX));
    }

    #[test]
    fn what_a_double_loses_is_said() {
        assert_eq!(inexact("18446744073709551617").as_deref(), Some("18446744073709552000"));
        assert_eq!(inexact("-9223372036854775809").as_deref(), Some("-9223372036854776000"));
        assert_eq!(inexact("0.12345678901234567890").as_deref(), Some("0.12345678901234568"));
        assert_eq!(inexact("1e-400").as_deref(), Some("0"));
        assert_eq!(inexact("4.95e-324").as_deref(), Some("5e-324"));
        assert_eq!(inexact("1.7976931348623158e308").as_deref(), Some("1.7976931348623157e308"));
        assert_eq!(Number::of("1e400"), Number::Infinite);
        assert_eq!(Number::of("-1e400"), Number::Infinite);
    }

    #[test]
    fn what_a_double_keeps_is_exact() {
        for (literal, value) in [
            ("0.1", 0.1),
            ("1.0", 1.0),
            ("-0.0", 0.0),
            ("35.689487000000000000", 35.689_487),
            ("100000000000000000000", 1e20),
            ("0.30000000000000004", 0.300_000_000_000_000_04),
            ("1e3", 1000.0),
            // Midway between two decimals of 17 digits: both are the shortest.
            ("178366046388802.12", 178_366_046_388_802.13),
            ("178366046388802.13", 178_366_046_388_802.13),
            ("178366046388802.125", 178_366_046_388_802.13),
            ("5e-324", 5e-324),
            ("4.9E-324", 5e-324),
            ("4.94065645841247e-324", 5e-324),
            // As C and R print them.
            ("0.10000000000000001", 0.1),
            ("47.497912000000003", 47.497_912),
            ("0.1000000000000000055511151231257827021181583404541015625", 0.1),
            ("0.99999999999999989", 0.999_999_999_999_999_9),
            ("18446744073709551616", 18_446_744_073_709_551_616.0),
            ("-9223372036854775808.0", -9_223_372_036_854_775_808.0),
            ("0e999999999999999999999", 0.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("+1.5", 1.5),
        ] {
            assert_eq!(Number::of(literal), Number::Float(value), "{literal}");
        }
    }

    #[test]
    fn json_grammar() {
        for number in ["0", "-0", "12", "1.5", "1e9", "1E+9", "-1.25e-3"] {
            assert!(is_json_number(number), "{number}");
        }
        for other in
            ["", "-", "+1", "010", ".5", "5.", "1e", "1e+", "1 ", " 1", "1,5", "0x1", "1_0"]
        {
            assert!(!is_json_number(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn doubles_that_were_written_out_are_exact(value in proptest::num::f64::NORMAL) {
            prop_assert_eq!(Number::of(&format!("{value:e}")), Number::Float(value));
            let released = serde_json::Value::from(value).to_string();
            prop_assert_eq!(Number::of(&released), Number::Float(value));
        }

        #[test]
        fn doubles_that_c_printed_are_exact(
            bits in any::<u64>(),
            digits in 15usize..60,
            zeros in "0{0,5}",
        ) {
            let value = f64::from_bits(bits);
            let printed = format!("{value:.*e}", digits - 1);
            // Few digits may be another double's.
            if value.is_finite() && printed.parse() == Ok(value) {
                prop_assert_eq!(Number::of(&printed), Number::Float(value));
                if let Some((mantissa, exponent)) = printed.split_once('e') {
                    let padded = format!("{mantissa}{zeros}e{exponent}");
                    prop_assert_eq!(Number::of(&padded), Number::Float(value));
                }
            }
        }

        #[test]
        fn a_digit_that_the_double_lacks_is_said(value in 0.1f64..1.0, digit in 1usize..9) {
            let printed = format!("{value:.16e}");
            let (mantissa, exponent) = printed.split_once('e').expect("an exponent");
            let longer = format!("{mantissa}{digit}e{exponent}");
            let exact = format!("{value:.17e}") == longer || longer.parse() != Ok(value);
            prop_assert!(exact || inexact(&longer).is_some(), "{}", longer);
        }

        #[test]
        fn what_the_grammar_takes_is_read(text in "-?[0-9]{1,25}(\\.[0-9]{1,25})?(e[+-]?[0-9]{1,4})?") {
            if is_json_number(&text) {
                let _ = Number::of(&text);
            }
        }
    }
}
