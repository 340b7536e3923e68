//! Numbers, exactly: what a literal becomes in 64 bits, and whether anything is lost.
//!
//! A number that can't be kept is an error and never rounded in silence. JSON, YAML and CSV share
//! this, so that one literal means one value in all of them.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Place, code, quote};
use crate::tape::{Builder, NodeId};

/// What a decimal literal becomes.
#[derive(Clone, Debug, PartialEq)]
pub enum Number {
    /// An integer that fits an `i64`.
    Integer(i64),
    /// An integer above `i64::MAX` that fits a `u64`.
    Unsigned(u64),
    /// A double that spells the same digits again.
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

/// The finding that `literal` would become `shown`.
pub(super) fn inexact(literal: &str, shown: &str, place: Place) -> Diagnostic {
    Diagnostic::new(
        &code::INEXACT_NUMBER,
        place,
        format!("the number {} would become {}", quote(literal), quote(shown)),
    )
    .label(format!("a 64-bit number keeps {EXACT_DIGITS} to 17 digits"))
    .help("leave out the digits that the source can't know, or quote it as text if it is an identifier")
}

/// Whether the shortest decimal that reads back as `value` differs from `unsigned`. There may be two
/// of them, when the double lies midway: releases, Python and JavaScript write the even one, Rust
/// the other.
fn loses_digits(unsigned: &str, value: f64) -> bool {
    let parts = |number: &str| {
        let (digits, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
        decimal(digits, exponent.parse().unwrap_or(0))
    };
    let (digits, _) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, ""));
    let significant =
        digits.trim_start_matches(['0', '.']).bytes().filter(u8::is_ascii_digit).count();
    if significant == 0 || (significant <= EXACT_DIGITS && value.is_normal()) {
        return false;
    }
    // Compare digit by digit, without leading and trailing zeros, and the decimal exponents.
    let written = parts(unsigned);
    let released = serde_json::Value::from(value.abs()).to_string();
    written != parts(&released) && written != parts(&format!("{:e}", value.abs()))
}

/// The digits without zeros at the ends, and the exponent that goes with `0.digits`.
fn decimal(digits: &str, exponent: i64) -> (Vec<u8>, i64) {
    let whole = digits.find('.').unwrap_or(digits.len());
    let all: Vec<u8> = digits.bytes().filter(u8::is_ascii_digit).collect();
    let Some(first) = all.iter().position(|&digit| digit != b'0') else { return (Vec::new(), 0) };
    let end = all.iter().rposition(|&digit| digit != b'0').map_or(0, |last| last + 1);
    (all[first..end].to_vec(), whole as i64 - first as i64 + exponent)
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
        assert_eq!(inexact("18446744073709551616").as_deref(), Some("18446744073709552000"));
        assert_eq!(inexact("-9223372036854775809").as_deref(), Some("-9223372036854776000"));
        assert_eq!(inexact("0.12345678901234567890").as_deref(), Some("0.12345678901234568"));
        assert_eq!(inexact("1e-400").as_deref(), Some("0"));
        assert_eq!(inexact("4.94e-324").as_deref(), Some("5e-324"));
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
            ("5e-324", 5e-324),
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
        fn what_the_grammar_takes_is_read(text in "-?[0-9]{1,25}(\\.[0-9]{1,25})?(e[+-]?[0-9]{1,4})?") {
            if is_json_number(&text) {
                let _ = Number::of(&text);
            }
        }
    }
}
