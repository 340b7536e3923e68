//! How dates are written, and the days that they can mean.

use chrono::{DateTime, NaiveDate};

use super::parts::Parts;
use super::{Edtf, plain_day};
use crate::clock;
use crate::tape::Value;

/// How a date is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateForm {
    /// In the Extended Date/Time Format, perhaps uncertain.
    Edtf,
    /// As a day.
    Day,
    /// As a day and a time, with their distance from UTC.
    Instant,
    /// As a day and a time without that.
    Local,
    /// As a whole number.
    Year,
}

impl DateForm {
    /// What a schema calls it.
    #[must_use]
    pub fn format(self) -> &'static str {
        match self {
            Self::Edtf => "edtf",
            Self::Day => "date",
            Self::Instant => "date-time",
            Self::Local => "date-time-local",
            Self::Year => "year",
        }
    }

    /// The first and the last day that a value can mean, none where it is open; nothing if it is no such
    /// date. A point in time is the day that is written and the one that it is in UTC. `read` has the
    /// uncertain dates that were read before, by the numbers of their values, which rise.
    #[must_use]
    pub fn days(
        self,
        value: Value<'_>,
        read: &[(u32, Edtf)],
    ) -> Option<(Option<NaiveDate>, Option<NaiveDate>)> {
        let ends = |date: Edtf| (date.earliest(), date.latest());
        if self == Self::Year {
            let year = Parts { year: Some(value.as_i64()?), ..Parts::default() };
            return year.date().ok().flatten().map(ends);
        }
        let one = |day: NaiveDate| (Some(day), Some(day));
        let text = value.as_str()?;
        match self {
            Self::Year => unreachable!("a year is no text"),
            Self::Edtf => date_of(read, value).map(ends),
            Self::Day => plain_day(text).map(one),
            Self::Local => clock::day_and_time(text).map(|(day, _)| one(day)),
            Self::Instant => DateTime::parse_from_rfc3339(text).ok().map(|instant| {
                let (local, utc) = (instant.date_naive(), instant.to_utc().date_naive());
                (Some(local.min(utc)), Some(local.max(utc)))
            }),
        }
    }
}

/// The date that a text means, if it was read before, or else is one.
#[inline]
#[must_use]
pub fn date_of(dates: &[(u32, Edtf)], value: Value<'_>) -> Option<Edtf> {
    match dates.binary_search_by_key(&value.index(), |(index, _)| *index) {
        Ok(found) => Some(dates[found].1),
        Err(_) => Edtf::parse(value.as_str()?).ok(),
    }
}
