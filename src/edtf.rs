//! Extended Date/Time Format (ISO 8601-2:2019, annex A), levels 0 and 1.
//!
//! A date is read for what releases say of it: its first and last possible day, how precise it is,
//! and how sure. Bounds are strict: `2023-12~` ends on 31 December, whatever "approximately" may
//! mean.
//!
//! Accepted beyond plain dates: intervals with open (`..`) or unknown (empty) ends, `X` for digits
//! that aren't known from the right, `?`, `~` and `%` at the end of a date, seasons, and date-times
//! (which count as their day). Unspecified digits inside an interval belong to level 2 but bound it
//! just as well, so they are accepted. Sets, `Y` years, `X` elsewhere and qualified parts aren't.

pub mod form;
pub mod parts;
pub mod reading;

use std::fmt;
use std::ops::Range;

use chrono::NaiveDate;

pub use crate::clock::plain_day;
pub use form::{DateForm, date_of};

/// How precise a date is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// One day.
    Day,
    /// One month.
    Month,
    /// One season.
    Season,
    /// One year.
    Year,
    /// From one date to another; also a decade (`202X`) and a century (`20XX`).
    Interval,
    /// From or to a date, with the other end open: `2023-12-03/..`.
    Open,
    /// From or to a date, with the other end unknown: `2023-12-03/`.
    Unknown,
}

impl Precision {
    /// The names of all, in the order of the variants.
    pub const NAMES: [&str; 7] = ["day", "month", "season", "year", "interval", "open", "unknown"];

    /// The name in releases.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

/// A date, as uncertain as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edtf {
    earliest: Option<NaiveDate>,
    latest: Option<NaiveDate>,
    /// Of an interval the last day on which it can have begun, and the first on which it can have ended; none
    /// where nobody knows.
    inner: Option<(Option<NaiveDate>, Option<NaiveDate>)>,
    precision: Precision,
    uncertain: bool,
    approximate: bool,
}

impl Edtf {
    /// Reads a date.
    ///
    /// ```
    /// use demarche::edtf::{Edtf, Precision};
    ///
    /// let date = Edtf::parse("2023-12-XX?")?;
    /// assert_eq!(date.earliest().map(|day| day.to_string()).as_deref(), Some("2023-12-01"));
    /// assert_eq!(date.precision(), Precision::Month);
    /// assert!(date.uncertain());
    /// # Ok::<(), demarche::edtf::EdtfError>(())
    /// ```
    ///
    /// # Errors
    /// When the text isn't EDTF of level 0 or 1, or names a day that doesn't exist.
    pub fn parse(text: &str) -> Result<Self, EdtfError> {
        if let Some(day) = plain_day(text) {
            return Ok(Self::span(day, day, Precision::Day));
        }
        let date = match text.split_once('/') {
            None => date(text, 0),
            Some((start, end)) => interval(start, end),
        };
        date.or_else(|error| reject_other_notations(text).and(Err(error)))
    }

    fn span(earliest: NaiveDate, latest: NaiveDate, precision: Precision) -> Self {
        Self {
            earliest: Some(earliest),
            latest: Some(latest),
            inner: None,
            precision,
            uncertain: false,
            approximate: false,
        }
    }

    /// The first day that it can mean; none if the start is open or unknown.
    #[must_use]
    pub fn earliest(&self) -> Option<NaiveDate> {
        self.earliest
    }

    /// The last day that it can mean; none if the end is open or unknown.
    #[must_use]
    pub fn latest(&self) -> Option<NaiveDate> {
        self.latest
    }

    /// When what it means began and ended. What isn't an interval was on one day that isn't known better: it
    /// began and ended on the same. What began can't have ended before, so that an interval without an end
    /// ended on its first day at the earliest.
    #[must_use]
    pub fn ends(&self) -> Ends {
        let (earliest, latest) = (self.earliest, self.latest);
        let Some((begun, ended)) = self.inner else {
            return Ends { begin: (earliest, latest), end: (earliest, latest) };
        };
        Ends { begin: (earliest, begun.or(latest)), end: (ended.or(earliest), latest) }
    }

    /// How precise it is. Unspecified digits count as left out: `2023-12-XX` is a month.
    #[must_use]
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Whether it, or an end of it, is marked `?` or `%`.
    #[must_use]
    pub fn uncertain(&self) -> bool {
        self.uncertain
    }

    /// Whether it, or an end of it, is marked `~` or `%`.
    #[must_use]
    pub fn approximate(&self) -> bool {
        self.approximate
    }
}

/// When what a date means began and ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
    /// The first and the last day on which it can have begun; none where nobody knows.
    pub begin: (Option<NaiveDate>, Option<NaiveDate>),
    /// The first and the last day on which it can have ended; none where nobody knows.
    pub end: (Option<NaiveDate>, Option<NaiveDate>),
}

/// Why a text isn't a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdtfError {
    /// What is wrong, as a sentence part that stands alone: "month 13 does not exist".
    pub message: String,
    /// The bytes of the text that are wrong.
    pub span: Range<usize>,
    /// What to write instead, where it can be told.
    pub help: Option<String>,
    /// Whether two of its parts seem to have changed places.
    pub swapped: bool,
}

impl fmt::Display for EdtfError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for EdtfError {}

fn error<T>(span: Range<usize>, message: impl Into<String>) -> Result<T, EdtfError> {
    Err(EdtfError { message: message.into(), span, help: None, swapped: false })
}

fn advise<T>(
    span: Range<usize>,
    message: impl Into<String>,
    help: impl Into<String>,
) -> Result<T, EdtfError> {
    Err(EdtfError { message: message.into(), span, help: Some(help.into()), swapped: false })
}

fn swapped<T>(
    span: Range<usize>,
    message: impl Into<String>,
    right: &str,
    two: &str,
) -> Result<T, EdtfError> {
    let help = Some(format!("if {two} are swapped, write `{right}`"));
    Err(EdtfError { message: message.into(), span, help, swapped: true })
}

/// What people write who mean a date but not EDTF.
fn reject_other_notations(text: &str) -> Result<(), EdtfError> {
    const OPEN: &str = "write `..` for an open end and nothing for an unknown one";
    let all = 0..text.len();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if text.is_empty() {
        return error(all, "the text is empty");
    }
    if text.trim() != text {
        return advise(all, "blanks stand around the date", "leave them out");
    }
    if text.starts_with(['[', '{']) {
        return advise(0..1, "sets of dates belong to EDTF level 2", "write an interval: `a/b`");
    }
    if text.starts_with(['Y', 'y']) {
        return error(0..1, "years beyond four digits (`Y…`) aren't supported");
    }
    if text.contains("open") || text.contains("unknown") {
        return advise(all, "`open` and `unknown` are not EDTF any more", OPEN);
    }
    let word = |it: char| it.is_alphabetic() && !matches!(it, 'X' | 'T' | 'Z');
    if let Some(at) = text.find(['u', 'x'])
        && text.chars().filter(|it| word(*it)).all(|it| matches!(it, 'u' | 'x'))
    {
        return advise(at..at + 1, "an unknown digit is written `X`", "write `X` in upper case");
    }
    if digits == text.len() && digits == 8 {
        return error(all, "year, month and day aren't separated");
    }
    let parts: Vec<_> = text.split(['/', '.', ' ']).collect();
    let short = parts.iter().filter(|part| matches!(part.len(), 1 | 2)).count();
    if parts.len() == 3 && short >= 2 && digits + 2 == text.len() {
        let help = "write year, month and day, as in 2023-12-03";
        return advise(all, "this isn't how EDTF writes a day", help);
    }
    if let Some(at) = text.find('W') {
        return advise(at..at + 1, "EDTF has no weeks", "write an interval of days: `a/b`");
    }
    if let Some(at) = text.find(word) {
        let end = text[at..].find(|it: char| !it.is_alphabetic()).map_or(text.len(), |it| at + it);
        let help = "write numbers only, and `~` behind an approximate date, as in 2023-12~";
        return advise(at..end, format!("`{}` is no part of a date", &text[at..end]), help);
    }
    Ok(())
}

fn interval(start: &str, end: &str) -> Result<Edtf, EdtfError> {
    let end_at = start.len() + 1;
    let all = 0..end_at + end.len();
    if let Some(more) = end.find('/') {
        let at = end_at + more;
        return error(at..at + 1, "an interval has two ends, not three");
    }
    let bounded = |text: &str, at: usize| match text {
        "" | ".." => Ok(None),
        _ if text.contains('T') => advise(
            at..at + text.len(),
            "an interval has dates as ends, no times",
            "leave the time out",
        ),
        _ => date(text, at).map(Some),
    };
    let (first, last) = (bounded(start, 0)?, bounded(end, end_at)?);
    let precision = match (&first, &last) {
        (None, None) => return error(all, "an interval needs a date at one end at least"),
        (Some(_), Some(_)) => Precision::Interval,
        _ if start == ".." || end == ".." => Precision::Open,
        _ => Precision::Unknown,
    };
    let either = |is: fn(&Edtf) -> bool| first.iter().chain(&last).any(is);
    let interval = Edtf {
        earliest: first.and_then(|date| date.earliest),
        latest: last.and_then(|date| date.latest),
        inner: Some((first.and_then(|date| date.latest), last.and_then(|date| date.earliest))),
        precision,
        uncertain: either(Edtf::uncertain),
        approximate: either(Edtf::approximate),
    };
    if let (Some(earliest), Some(latest)) = (interval.earliest, interval.latest)
        && latest < earliest
    {
        let right = format!("{end}/{start}");
        return swapped(all, "the interval ends before it starts", &right, "the two");
    }
    Ok(interval)
}

/// A date without `/`, which begins at byte `at` of the whole text.
fn date(text: &str, at: usize) -> Result<Edtf, EdtfError> {
    let (body, uncertain, approximate) = match text.as_bytes().last() {
        Some(b'?') => (&text[..text.len() - 1], true, false),
        Some(b'~') => (&text[..text.len() - 1], false, true),
        Some(b'%') => (&text[..text.len() - 1], true, true),
        _ => (text, false, false),
    };
    if let Some(found) = body.find(['?', '~', '%']) {
        return advise(
            at + found..at + found + 1,
            "a mark on a part of a date belongs to EDTF level 2",
            "put one `?`, `~` or `%` at the end",
        );
    }
    let plain = match body.split_once('T') {
        None => calendar_date(body, at)?,
        Some((day, time)) => {
            let date = calendar_date(day, at)?;
            let span = at..at + text.len();
            if date.precision != Precision::Day {
                return error(span, "a time needs a full date before it");
            }
            if uncertain || approximate {
                return error(span, "a date with a time can't be marked `?`, `~` or `%`");
            }
            check_time(time, at + day.len() + 1)?;
            date
        }
    };
    Ok(Edtf { uncertain, approximate, ..plain })
}

/// `2023`, `202X`, `2023-12`, `2023-21`, `2023-12-03`, with `X` from the right.
fn calendar_date(text: &str, at: usize) -> Result<Edtf, EdtfError> {
    let all = at..at + text.len();
    let (negative, body) = match text.strip_prefix('-') {
        Some(body) => (true, body),
        None => (false, text),
    };
    let body_at = at + usize::from(negative);
    let mut parts = body.split('-');
    let year = parts.next().unwrap_or_default();
    let month = parts.next();
    let day = parts.next();
    if parts.next().is_some() {
        return error(all, "a date has at most year, month and day");
    }
    let (first_year, last_year) = years(year, negative, body_at)?;
    let Some(month) = month else {
        let precision = if first_year == last_year { Precision::Year } else { Precision::Interval };
        return Ok(Edtf::span(ymd(first_year, 1, 1), ymd(last_year, 12, 31), precision));
    };
    let month_at = body_at + year.len() + 1;
    let day_at = month_at + month.len() + 1;
    let month_number = two_digits(month, month_at, "month")?;
    let day_number = day.map(|day| two_digits(day, day_at, "day")).transpose()?;
    if first_year != last_year {
        return advise(
            body_at..body_at + year.len(),
            "digits are unknown from the right: a year with `X` has no month",
            format!("write `{year}`"),
        );
    }
    let year_number = first_year;
    let Some(month_number) = month_number else {
        if let Some(Some(_)) = day_number {
            return error(
                day_at..all.end,
                "digits are unknown from the right: a month `XX` has no day",
            );
        }
        return Ok(Edtf::span(ymd(year_number, 1, 1), ymd(year_number, 12, 31), Precision::Year));
    };
    let month_span = month_at..month_at + 2;
    match (month_number, day_number) {
        (1..=12, None | Some(None)) => {
            let first = ymd(year_number, month_number, 1);
            Ok(Edtf::span(first, month_end(first), Precision::Month))
        }
        (1..=12, Some(Some(number))) => {
            match NaiveDate::from_ymd_opt(year_number, month_number, number) {
                Some(day) => Ok(Edtf::span(day, day, Precision::Day)),
                None => error(
                    day_at..all.end,
                    format!("{year}-{month} has no day {number}: it ends on day {}", {
                        use chrono::Datelike as _;
                        month_end(ymd(year_number, month_number, 1)).day()
                    }),
                ),
            }
        }
        (21..=24, None) => Ok(season(year_number, month_number)),
        (21..=24, Some(_)) => error(day_at..all.end, "a season has no days"),
        (25..=41, _) => error(month_span, format!("season {month} belongs to EDTF level 2")),
        _ => {
            let is_month = matches!((month_number, day_number), (13..=31, Some(Some(1..=12))));
            let message = format!("month {month} does not exist");
            match day {
                Some(day) if is_month => {
                    let right = format!("{year}-{day}-{month}");
                    swapped(month_span, message, &right, "day and month")
                }
                _ => error(month_span, message),
            }
        }
    }
}

/// The meteorological season of the northern hemisphere.
///
/// EDTF gives the seasons 21 to 24 no months, "independent of location"; bounds are needed here all
/// the same. These are the World Meteorological Organization's, whole months from March on. Winter
/// begins in the year that names it and ends in the next, so that the numbers stay in order.
fn season(year: i32, season: u32) -> Edtf {
    let first = ymd(year, (season - 20) * 3, 1);
    let last = match season {
        24 => month_end(ymd(year + 1, 2, 1)),
        _ => month_end(ymd(year, (season - 20) * 3 + 2, 1)),
    };
    Edtf::span(first, last, Precision::Season)
}

/// The first and the last year that `text` can mean.
fn years(text: &str, negative: bool, at: usize) -> Result<(i32, i32), EdtfError> {
    let span = at..at + text.len();
    let digits = text.trim_end_matches('X');
    let unknown = text.len() - digits.len();
    if text.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let short = text.len() < 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        return match short && !text.is_empty() {
            true => advise(
                span,
                format!("year {text} needs four digits"),
                format!("write `{text:0>4}` if it is meant"),
            ),
            false => {
                let help = "write year, month and day, as in 2023-12-03";
                advise(span, "a date begins with a year of four digits", help)
            }
        };
    }
    if unknown > 2 {
        return error(span, "more than two unknown digits of a year belong to EDTF level 2");
    }
    let step = 10i32.pow(unknown as u32);
    let known: i32 = if digits.is_empty() { 0 } else { digits.parse().expect("four digits fit") };
    let (first, last) = (known * step, known * step + step - 1);
    match (negative, last) {
        (false, _) => Ok((first, last)),
        (true, 0) => advise(span, "year -0000 does not exist", "write `0000` for 1 BC"),
        (true, _) => Ok((-last, -first)),
    }
}

/// A month or day; none if it is `XX`.
fn two_digits(text: &str, at: usize, what: &str) -> Result<Option<u32>, EdtfError> {
    let span = at..at + text.len();
    match text.as_bytes() {
        b"XX" => Ok(None),
        [tens @ b'0'..=b'9', units @ b'0'..=b'9'] => {
            let number = u32::from(tens - b'0') * 10 + u32::from(units - b'0');
            if number == 0 {
                return advise(span, format!("{what} 00 does not exist"), "write `XX` for unknown");
            }
            Ok(Some(number))
        }
        [b'0'..=b'9'] => {
            advise(span, format!("{what} {text} needs two digits"), format!("write `0{text}`"))
        }
        [b'0'..=b'9', b'X'] | [b'X', b'0'..=b'9'] => advise(
            span,
            format!("half of a {what} unknown belongs to EDTF level 2"),
            "write `XX`, or an interval",
        ),
        _ => error(span, format!("a {what} has two digits, or is `XX`")),
    }
}

/// `10:00:00`, with `Z`, `+01`, `+01:00` or nothing behind it.
fn check_time(text: &str, at: usize) -> Result<(), EdtfError> {
    let (time, zone) = match text.find(['Z', '+', '-']) {
        Some(zone) => text.split_at(zone),
        None => (text, ""),
    };
    let pair = |bytes: &[u8], limit: u8| match bytes {
        [tens @ b'0'..=b'9', units @ b'0'..=b'9'] => (tens - b'0') * 10 + (units - b'0') < limit,
        _ => false,
    };
    let time_fits = match time.as_bytes() {
        [h0, h1, b':', m0, m1, b':', s0, s1] => {
            pair(&[*h0, *h1], 24) && pair(&[*m0, *m1], 60) && pair(&[*s0, *s1], 60)
        }
        _ => false,
    };
    let zone_fits = match zone.as_bytes() {
        [] | [b'Z'] => true,
        [b'+' | b'-', h0, h1] => pair(&[*h0, *h1], 24),
        [b'+' | b'-', h0, h1, b':', m0, m1] => pair(&[*h0, *h1], 24) && pair(&[*m0, *m1], 60),
        _ => false,
    };
    let span = at..at + text.len();
    match (time_fits, zone_fits) {
        (true, true) => Ok(()),
        (false, _) => {
            advise(span, "this is no time", "write hours, minutes and seconds: `T10:00:00Z`")
        }
        (true, false) => {
            advise(span, "this is no time zone", "write `Z` for UTC, or an offset: `+01:00`")
        }
    }
}

fn ymd(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("the first or last day of a month exists")
}

fn month_end(first: NaiveDate) -> NaiveDate {
    first
        .checked_add_months(chrono::Months::new(1))
        .and_then(|next| next.pred_opt())
        .expect("years of four digits are far from the calendar's end")
}

#[cfg(test)]
mod tests;
