//! What a plain scalar means: the core schema of YAML 1.2, and what YAML 1.1 made of it.
//!
//! The second matters because most software still reads YAML 1.1, and somebody will open a
//! curator's file with it.

/// A plain scalar by the core schema (YAML 1.2.2, section 10.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain<'a> {
    /// Empty, `~`, `null`.
    Null,
    /// `true`, `false`.
    Boolean(bool),
    /// A decimal number, whole or not.
    Decimal,
    /// An integer in another base.
    Radix {
        /// Without their prefix.
        digits: &'a str,
        /// 8 or 16.
        radix: u32,
    },
    /// `.inf`, `.nan`.
    NonFinite,
    /// Anything else.
    Text,
}

/// What a plain scalar means.
#[inline]
#[must_use]
pub fn resolve(text: &str) -> Plain<'_> {
    match text.as_bytes().first() {
        None => Plain::Null,
        Some(b'~' | b'n' | b'N') if matches!(text, "~" | "null" | "Null" | "NULL") => Plain::Null,
        Some(b't' | b'T') if matches!(text, "true" | "True" | "TRUE") => Plain::Boolean(true),
        Some(b'f' | b'F') if matches!(text, "false" | "False" | "FALSE") => Plain::Boolean(false),
        Some(b'0'..=b'9' | b'-' | b'+' | b'.') => number(text),
        Some(_) => Plain::Text,
    }
}

fn number(text: &str) -> Plain<'_> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, rest) = split_digits(unsigned);
    if rest.is_empty() && !whole.is_empty() {
        return Plain::Decimal;
    }
    if let Some(digits) = text.strip_prefix("0o")
        && !digits.is_empty()
        && digits.bytes().all(|byte| matches!(byte, b'0'..=b'7'))
    {
        return Plain::Radix { digits, radix: 8 };
    }
    if let Some(digits) = text.strip_prefix("0x")
        && !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    {
        return Plain::Radix { digits, radix: 16 };
    }
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Plain::NonFinite;
    }
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => split_digits(rest),
        None => ("", rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Plain::Text;
    }
    let Some(exponent) = rest.strip_prefix(['e', 'E']) else {
        return if rest.is_empty() { Plain::Decimal } else { Plain::Text };
    };
    let (digits, rest) = split_digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent));
    if rest.is_empty() && !digits.is_empty() { Plain::Decimal } else { Plain::Text }
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len()))
}

/// What a YAML 1.1 reader like `PyYAML` makes of a plain scalar, where it is something else.
///
/// Dates are left out on purpose: such readers make dates of them, which is what the curator
/// means, and writing them in quotes would be noise in every record.
#[inline]
#[must_use]
pub fn yaml_1_1(text: &str, plain: Plain<'_>) -> Option<String> {
    match plain {
        Plain::Null | Plain::Boolean(_) | Plain::NonFinite => None,
        Plain::Radix { radix, .. } => (radix == 8).then(|| "text".to_owned()),
        Plain::Decimal => decimal_1_1(text),
        Plain::Text => text_1_1(text),
    }
}

/// A number of the core schema: leading zeros mean octal, and an exponent needs a point and a
/// sign.
fn decimal_1_1(text: &str) -> Option<String> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        if unsigned.len() == 1 || !unsigned.starts_with('0') {
            return None;
        }
        let sign = if text.starts_with('-') { "-" } else { "" };
        return match u64::from_str_radix(unsigned, 8) {
            Ok(octal) if unsigned.parse() == Ok(octal) => None,
            Ok(octal) => Some(format!("the number {sign}{octal}")),
            Err(_) => Some("text".to_owned()),
        };
    }
    let signed_exponent = unsigned
        .split_once(['e', 'E'])
        .is_none_or(|(_, exponent)| exponent.starts_with(['-', '+']));
    let signed_point = unsigned.len() < text.len() && unsigned.starts_with('.');
    let number = unsigned.contains('.') && signed_exponent && !signed_point;
    (!number).then(|| "text".to_owned())
}

/// Text of the core schema: switches, and numbers with underscores, in base 2 or in base 60.
#[inline]
fn text_1_1(text: &str) -> Option<String> {
    match text.as_bytes() {
        [b'y' | b'Y' | b'n' | b'N' | b'o' | b'O', rest @ ..] if rest.len() <= 2 => match text {
            "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some("true".to_owned()),
            "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some("false".to_owned()),
            _ => None,
        },
        [b'0'..=b'9' | b'-' | b'+' | b'.', ..] => number_1_1(text),
        _ => None,
    }
}

fn number_1_1(text: &str) -> Option<String> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let sign = if text.starts_with('-') { "-" } else { "" };
    let in_base = |digits: &str, radix: u32| {
        let digits = digits.replace('_', "");
        let known = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
        known.then(|| match u64::from_str_radix(&digits, radix) {
            Ok(value) => format!("the number {sign}{value}"),
            Err(_) => "a number".to_owned(),
        })
    };
    if let Some(digits) = unsigned.strip_prefix("0b") {
        return in_base(digits, 2);
    }
    if let Some(digits) = unsigned.strip_prefix("0x") {
        return in_base(digits, 16);
    }
    if unsigned.contains(':') {
        return sexagesimal(unsigned).map(|seconds| match seconds {
            Some(seconds) => format!("the number {sign}{seconds}"),
            None => "a number".to_owned(),
        });
    }
    if !unsigned.contains('_') || unsigned.starts_with('_') {
        return None;
    }
    if let Some(digits) = unsigned.strip_prefix('0')
        && !unsigned.contains('.')
    {
        return in_base(digits, 8);
    }
    match unsigned.split_once('.') {
        None => in_base(unsigned, 10),
        // Only the whole part may hold underscores in front of an exponent that 1.1 doesn't know.
        Some(_) => {
            (resolve(&unsigned.replace('_', "")) == Plain::Decimal).then(|| "a number".to_owned())
        }
    }
}

/// `12:30:00`: whole numbers to base 60. The inner option is empty where they overflow.
fn sexagesimal(text: &str) -> Option<Option<u64>> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let fraction_fits =
        fraction.is_none_or(|digits| digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'_')));
    // A leading zero makes it text, except before a fraction.
    if !fraction_fits || (fraction.is_none() && text.starts_with('0')) {
        return None;
    }
    let mut groups = whole.split(':');
    let first = groups.next()?.replace('_', "");
    if first.is_empty() || !first.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut value: Option<u64> = first.parse().ok();
    for group in groups {
        let fits = matches!(group.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9']);
        let digits: u64 = group.parse().ok().filter(|_| fits)?;
        value = value.and_then(|value| value.checked_mul(60)?.checked_add(digits));
    }
    Some(if fraction.is_some() { None } else { value })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Plain, resolve, yaml_1_1};
    use crate::parse::scalar::Number;

    fn elsewhere(text: &str) -> Option<String> {
        yaml_1_1(text, resolve(text))
    }

    #[test]
    fn the_core_schema() {
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(resolve(text), Plain::Null, "{text}");
        }
        for text in ["0", "-1", "+12", "010", "1.5", ".5", "5.", "-.5", "1e3", "1.e+3", "6E-1"] {
            assert_eq!(resolve(text), Plain::Decimal, "{text}");
        }
        for text in [
            "NO",
            "on",
            "yes",
            "12:30:00",
            "1_000",
            "2023-12-03",
            "-",
            "+",
            ".",
            "..",
            "e3",
            "1e",
            "1e+",
            "0o8",
            "0o",
            "0x",
            "0xg",
            "-0x1",
            "0b1",
            ".e3",
            "nil",
            "+.nan",
            "1.2.3",
            "truE",
        ] {
            assert_eq!(resolve(text), Plain::Text, "{text}");
        }
        assert_eq!(resolve("0o14"), Plain::Radix { digits: "14", radix: 8 });
        assert_eq!(resolve("0xFf"), Plain::Radix { digits: "Ff", radix: 16 });
        for text in [".inf", "-.Inf", "+.INF", ".nan", ".NaN"] {
            assert_eq!(resolve(text), Plain::NonFinite, "{text}");
        }
    }

    // Expectations were taken from PyYAML 6.
    #[test]
    fn what_yaml_1_1_makes_of_it() {
        for (text, reads) in [
            ("yes", "true"),
            ("NO", "false"),
            ("on", "true"),
            ("Off", "false"),
            ("12:30:00", "the number 45000"),
            ("190:20:30", "the number 685230"),
            ("12:30", "the number 750"),
            ("08:30:00.5", "a number"),
            ("1_000", "the number 1000"),
            ("1_000.5", "a number"),
            ("010", "the number 8"),
            ("-010", "the number -8"),
            ("08", "text"),
            ("0b101", "the number 5"),
            ("0o14", "text"),
            ("-0x1F", "the number -31"),
            ("1e3", "text"),
            ("1.5e3", "text"),
            ("-.5", "text"),
        ] {
            assert_eq!(elsewhere(text).as_deref(), Some(reads), "{text}");
        }
    }

    #[test]
    fn near_misses_are_quiet() {
        for text in [
            "y",
            "n",
            "Y",
            "N",
            "nO",
            "ono",
            "2023-12-03",
            "2023-12-03T10:00:00Z",
            "08:30",
            "12:75",
            "0",
            "00",
            "07",
            "10",
            "1.5",
            "1.5e+3",
            ".5",
            "0x1F",
            "true",
            "null",
            "~",
            "",
            "a_b",
            "1_a",
            "12:",
            "UA-05",
            "1-2",
            "+49 30 1",
        ] {
            assert_eq!(elsewhere(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn decimals_can_be_read(text in "[-+.0-9eExob_:]{0,12}") {
            if resolve(&text) == Plain::Decimal {
                let _ = Number::of(&text);
            }
            let _ = elsewhere(&text);
        }
    }
}
