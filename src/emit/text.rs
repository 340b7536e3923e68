//! Values as text, the same in CSV and JSON-LD: ISO 8601 dates, shortest numbers.

use std::io::Write as _;

use crate::lower::Value;

/// A value as bare text.
#[inline]
pub fn value(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Boolean(value) => out.extend_from_slice(if value { b"true" } else { b"false" }),
        Value::Integer(value) => integer(out, value),
        Value::Number(value) => number(out, value),
        Value::Text(value) => out.extend_from_slice(value.as_bytes()),
        Value::Date(days) => date(out, days),
        Value::Instant(microseconds) => instant(out, microseconds),
        Value::LocalInstant(microseconds) => local_time(out, microseconds),
        Value::TimeOfDay(microseconds) => time_of_day(out, microseconds),
        Value::Decimal(digits, number) => digits.write(out, number),
    }
}

/// A whole number.
pub fn integer(out: &mut Vec<u8>, value: i64) {
    // The integer formatter of serde_json is several times faster than `write!`.
    serde_json::to_writer(out, &value).expect("writing to memory doesn't fail");
}

/// A double in the fewest digits that read back the same. It always looks like a double: `3.0`,
/// `1e300`.
pub fn number(out: &mut Vec<u8>, value: f64) {
    debug_assert!(value.is_finite(), "parsers refuse infinities and NaN");
    serde_json::to_writer(out, &value).expect("writing to memory doesn't fail");
}

/// Whether one of the bytes is as `is_one` says. It looks at sixteen of them at a time, and at all of
/// them, because mostly there is none.
#[inline]
pub fn has_byte(bytes: &[u8], is_one: impl Fn(u8) -> bool + Copy) -> bool {
    const CHUNK: usize = 16;
    let among = |bytes: &[u8; CHUNK]| bytes.iter().fold(false, |any, byte| any | is_one(*byte));
    let (chunks, rest) = bytes.as_chunks::<CHUNK>();
    let found = chunks.iter().fold(false, |any, chunk| any | among(chunk));
    match bytes.last_chunk::<CHUNK>() {
        // Some bytes are looked at twice, which is quicker than one by one.
        Some(last) => found || (!rest.is_empty() && among(last)),
        None => rest.iter().any(|byte| is_one(*byte)),
    }
}

/// A JSON string with its quotes, which may also stand in a `<script>` of a web page: no text in it ends
/// the script or begins a comment.
pub fn json(out: &mut Vec<u8>, text: &str) {
    let is_escaped = |byte: u8| (byte < b' ') | (byte == b'"') | (byte == b'\\') | (byte == b'<');
    if !has_byte(text.as_bytes(), is_escaped) {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
        return;
    }
    let start = out.len();
    serde_json::to_writer(&mut *out, text).expect("writing to memory doesn't fail");
    if memchr::memchr(b'<', text.as_bytes()).is_none() {
        return;
    }
    let written = out.split_off(start);
    for byte in written {
        match byte {
            b'<' => out.extend_from_slice(br"\u003c"),
            _ => out.push(byte),
        }
    }
}

/// A day as `2023-12-03`.
pub fn date(out: &mut Vec<u8>, days: i32) {
    let (year, month, day) = civil(i64::from(days));
    if (0..=9999).contains(&year) {
        let (century, year) = ((year / 100) as u8, (year % 100) as u8);
        two_digits(out, century);
        two_digits(out, year);
    } else {
        // As in XML Schema: no plus sign, and a sign doesn't count as a digit. Writing to memory
        // can't fail.
        let _ = write!(out, "{}{:04}", if year < 0 { "-" } else { "" }, year.unsigned_abs());
    }
    out.push(b'-');
    two_digits(out, month);
    out.push(b'-');
    two_digits(out, day);
}

/// An instant in UTC as `2023-12-03T10:00:00Z`, with three or six digits of a second where it has
/// a fraction.
pub fn instant(out: &mut Vec<u8>, microseconds: i64) {
    local_time(out, microseconds);
    out.push(b'Z');
}

const SECOND: i64 = 1_000_000;

/// A day and a time of a clock as `2023-12-03T10:00:00`.
pub fn local_time(out: &mut Vec<u8>, microseconds: i64) {
    const DAY: i64 = 86_400 * SECOND;
    let days = microseconds.div_euclid(DAY);
    date(out, i32::try_from(days).expect("64 bits of microseconds are fewer than 2^31 days"));
    out.push(b'T');
    time_of_day(out, microseconds.rem_euclid(DAY));
}

/// A time of a clock as `10:00:00`.
pub fn time_of_day(out: &mut Vec<u8>, microseconds: i64) {
    let seconds = microseconds / SECOND;
    two_digits(out, (seconds / 3600) as u8);
    out.push(b':');
    two_digits(out, (seconds / 60 % 60) as u8);
    out.push(b':');
    two_digits(out, (seconds % 60) as u8);
    let fraction = microseconds % SECOND;
    if fraction % 1000 != 0 {
        let _ = write!(out, ".{fraction:06}");
    } else if fraction != 0 {
        let _ = write!(out, ".{:03}", fraction / 1000);
    }
}

/// What [`percent_encode`] leaves alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Only letters, digits and `-._~`: one segment of a path.
    Unreserved,
    /// All that an IRI may hold except `%`: the rest of an IRI.
    Iri,
}

/// Text as part of an IRI. Different texts stay different.
pub fn percent_encode(out: &mut Vec<u8>, text: &str, keep: Keep) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let is_kept = |byte: u8| {
        let unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        unreserved
            || match keep {
                Keep::Unreserved => false,
                Keep::Iri => byte >= 0x80 || b":/?#[]@!$&'()*+,;=".contains(&byte),
            }
    };
    if text.bytes().all(is_kept) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    for &byte in text.as_bytes() {
        if is_kept(byte) {
            out.push(byte);
        } else {
            out.push(b'%');
            out.push(DIGITS[usize::from(byte >> 4)]);
            out.push(DIGITS[usize::from(byte & 15)]);
        }
    }
}

fn two_digits(out: &mut Vec<u8>, value: u8) {
    out.extend_from_slice(&[b'0' + value / 10, b'0' + value % 10]);
}

/// Year, month and day of a day counted from 1970-01-01, in the proleptic Gregorian calendar, as
/// Howard Hinnant's `civil_from_days` works them out: with years that begin in March, so that the
/// leap day comes last.
fn civil(days: i64) -> (i64, u8, u8) {
    const ERA_DAYS: i64 = 146_097;
    let days = days + 719_468;
    let era = days.div_euclid(ERA_DAYS);
    let day_of_era = days.rem_euclid(ERA_DAYS);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month as u8, day as u8)
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, NaiveDate, TimeDelta};

    use super::{Keep, civil, date, has_byte, instant, json, number, percent_encode};

    fn text(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn dates_agree_with_chrono() {
        let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).expect("a date");
        for days in (-800_000..3_000_000).step_by(37).chain(-400..800) {
            let other = epoch + TimeDelta::days(days);
            let expected = (i64::from(other.year()), other.month() as u8, other.day() as u8);
            assert_eq!(civil(days), expected, "{days}");
        }
    }

    #[test]
    fn dates_are_written_as_xml_schema_wants() {
        assert_eq!(text(|out| date(out, 19_694)), "2023-12-03");
        assert_eq!(text(|out| date(out, -719_528)), "0000-01-01");
        assert_eq!(text(|out| date(out, -719_529)), "-0001-12-31");
        assert_eq!(text(|out| date(out, 2_932_897)), "10000-01-01");
    }

    #[test]
    fn instants_have_a_fraction_only_when_there_is_one() {
        let noon = 19_694 * 86_400_000_000_i64 + 43_200_000_000;
        assert_eq!(text(|out| instant(out, noon)), "2023-12-03T12:00:00Z");
        assert_eq!(text(|out| instant(out, noon + 500_000)), "2023-12-03T12:00:00.500Z");
        assert_eq!(text(|out| instant(out, noon + 1)), "2023-12-03T12:00:00.000001Z");
        assert_eq!(text(|out| instant(out, -1)), "1969-12-31T23:59:59.999999Z");
    }

    #[test]
    fn numbers_are_short_and_read_back() {
        for value in [0.0, -0.0, 3.0, 0.1, -13.5137, 1e21, 1e300, 5e-324, f64::MAX, 1.0 / 3.0] {
            let written = text(|out| number(out, value));
            assert!(written.len() <= 25, "{written}");
            assert_eq!(written.parse::<f64>().map(f64::to_bits), Ok(value.to_bits()), "{written}");
        }
        assert_eq!(text(|out| number(out, 3.0)), "3.0");
    }

    #[test]
    fn json_ends_no_script() {
        let given = "é\n</script><!-- <";
        let written = text(|out| json(out, given));
        assert_eq!(written, "\"é\\n\\u003c/script>\\u003c!-- \\u003c\"");
        assert_eq!(serde_json::from_str::<String>(&written).expect("JSON"), given);
    }

    #[test]
    fn a_byte_is_found_wherever_it_stands() {
        for length in 0..70 {
            let mut bytes = vec![b'a'; length];
            assert!(!has_byte(&bytes, |byte| byte == b'b'));
            for at in 0..length {
                bytes[at] = b'b';
                assert!(has_byte(&bytes, |byte| byte == b'b'), "{at} of {length}");
                bytes[at] = b'a';
            }
        }
    }

    #[test]
    fn percent_encoding_keeps_texts_apart() {
        let encode = |input: &str, keep| text(|out| percent_encode(out, input, keep));
        assert_eq!(encode("a b/é%", Keep::Unreserved), "a%20b%2F%C3%A9%25");
        assert_eq!(encode("a b/é%", Keep::Iri), "a%20b/é%25");
    }
}
