//! Days, and times that a clock shows, without their distance from UTC: `2023-12-03`, `10:15:00`,
//! `2023-12-03T10:15:00`.
//!
//! Hours and minutes have two digits, and so have seconds, which may be left out; a fraction of a second may
//! follow them. Between day and time stands a `T`. There is no hour 24 and no leap second: clocks show neither.

use chrono::{Datelike as _, NaiveDate};

/// A time, counted in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Since midnight; with a day since the midnight with which 1970 begins.
    pub microseconds: i64,
    /// Whether it has nothing finer.
    pub is_exact: bool,
}

const SECOND: i64 = 1_000_000;

const DAY: i64 = 86_400 * SECOND;

/// Days between the first of the common era and 1970-01-01.
const EPOCH_DAYS: i32 = 719_163;

/// A day of the calendar that is written as `2023-12-03`: what nearly all dates are.
#[must_use]
pub fn plain_day(text: &str) -> Option<NaiveDate> {
    let &[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = text.as_bytes() else { return None };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0u32, |sum, digit| {
            digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0'))
        })
    };
    let year = number(&[y0, y1, y2, y3])?;
    NaiveDate::from_ymd_opt(year as i32, number(&[m0, m1])?, number(&[d0, d1])?)
}

/// A time of day.
///
/// ```
/// use demarche::clock::time_of_day;
///
/// assert_eq!(time_of_day("00:01:00.5").map(|time| time.microseconds), Some(60_500_000));
/// assert_eq!(time_of_day("10:15"), time_of_day("10:15:00"));
/// assert_eq!(time_of_day("24:00"), None);
/// ```
#[must_use]
pub fn time_of_day(text: &str) -> Option<Clock> {
    let (time, fraction) = match text.split_once('.') {
        Some((time, fraction)) => (time, Some(fraction)),
        None => (text, None),
    };
    let two = |tens: u8, units: u8, limit: i64| {
        let number = i64::from(tens.checked_sub(b'0')?) * 10 + i64::from(units.checked_sub(b'0')?);
        (tens.is_ascii_digit() && units.is_ascii_digit() && number < limit).then_some(number)
    };
    let (hours, minutes, seconds) = match *time.as_bytes() {
        [h0, h1, b':', m0, m1] if fraction.is_none() => (two(h0, h1, 24)?, two(m0, m1, 60)?, 0),
        [h0, h1, b':', m0, m1, b':', s0, s1] => {
            (two(h0, h1, 24)?, two(m0, m1, 60)?, two(s0, s1, 60)?)
        }
        _ => return None,
    };
    let fraction = fraction.unwrap_or("0").as_bytes();
    if fraction.is_empty() || !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digits = fraction.iter().chain(std::iter::repeat(&b'0')).take(6);
    let rest = digits.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    Some(Clock {
        microseconds: ((hours * 60 + minutes) * 60 + seconds) * SECOND + rest,
        is_exact: fraction.iter().skip(6).all(|digit| *digit == b'0'),
    })
}

/// A day, with the time that a clock shows on it.
#[must_use]
pub fn day_and_time(text: &str) -> Option<(NaiveDate, Clock)> {
    let (day, time) = text.split_once('T')?;
    // Other software has no year 0.
    let day = plain_day(day).filter(|day| day.year() > 0)?;
    Some((day, time_of_day(time)?))
}

/// The same, counted from the midnight with which 1970 begins.
#[must_use]
pub fn local_time(text: &str) -> Option<Clock> {
    let (day, time) = day_and_time(text)?;
    let days = i64::from(day.num_days_from_ce() - EPOCH_DAYS);
    Some(Clock { microseconds: days * DAY + time.microseconds, ..time })
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDateTime, NaiveTime, Timelike as _};
    use proptest::prelude::*;

    use super::{local_time, time_of_day};

    #[test]
    fn clocks_show_no_other_times() {
        for time in ["00:00", "23:59", "23:59:59", "10:15:00.000001", "10:15:00.1234567890"] {
            assert!(time_of_day(time).is_some(), "{time}");
        }
        for other in [
            "",
            "24:00",
            "23:60",
            "23:59:60",
            "9:15",
            "10:15:00Z",
            "10:15:00.",
            "10:15.5",
            "10:15:0",
            "1０:15",
            "10.15",
            "-1:00",
            "10:15:00,5",
            "10:15 ",
        ] {
            assert!(time_of_day(other).is_none(), "{other}");
        }
        for time in ["2023-12-03T10:15:00", "2024-02-29T00:00", "0001-01-01T00:00:00"] {
            assert!(local_time(time).is_some(), "{time}");
        }
        for other in [
            "2023-12-03",
            "2023-12-03 10:15:00",
            "2023-12-03t10:15:00",
            "2023-02-29T10:15:00",
            "2023-12-03T",
            "2023-12-03T10:15:00Z",
            "2023-12-03T10:15:00+01:00",
            "0000-01-01T00:00:00",
        ] {
            assert!(local_time(other).is_none(), "{other}");
        }
    }

    #[test]
    fn what_microseconds_cannot_hold_shows() {
        let exact = |text| time_of_day(text).is_some_and(|time| time.is_exact);
        assert!(exact("10:15:00.1234560") && !exact("10:15:00.1234561"));
    }

    proptest! {
        #[test]
        fn times_are_those_of_chrono(
            text in "[0-2][0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?",
        ) {
            let theirs = text.parse::<NaiveDateTime>().ok();
            let theirs = theirs.filter(|_| !text.starts_with("0000"));
            let ours = local_time(&text).map(|it| it.microseconds);
            prop_assert_eq!(ours, theirs.map(|it| it.and_utc().timestamp_micros()));
            let of_day = |time: NaiveTime| {
                i64::from(time.num_seconds_from_midnight()) * 1_000_000 + i64::from(time.nanosecond()) / 1000
            };
            let theirs = text[11..].parse::<NaiveTime>().ok().map(of_day);
            prop_assert_eq!(time_of_day(&text[11..]).map(|it| it.microseconds), theirs);
        }
    }
}
