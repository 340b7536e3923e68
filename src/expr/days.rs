//! Dates as the first and the last day that they can mean.

use std::fmt;

use chrono::{Datelike as _, NaiveDate};

use super::ast::Comparison;

/// The first and the last day that a date can mean, counted from the first day of year 1; open ends are at
/// the ends of what the number holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// The first day.
    pub first: i32,
    /// The last day.
    pub last: i32,
}

/// Before all days.
const BEFORE: i32 = i32::MIN;
/// After all days.
const AFTER: i32 = i32::MAX;

impl Days {
    /// From a first day to a last one; none where it is open.
    #[must_use]
    pub fn between(first: Option<NaiveDate>, last: Option<NaiveDate>) -> Self {
        Self {
            first: first.map_or(BEFORE, |day| day.num_days_from_ce()),
            last: last.map_or(AFTER, |day| day.num_days_from_ce()),
        }
    }

    /// One day.
    #[must_use]
    pub fn one(day: i32) -> Self {
        Self { first: day, last: day }
    }

    /// The day, if it is one and no other.
    #[must_use]
    pub fn day(self) -> Option<i32> {
        (self.first == self.last).then_some(self.first)
    }

    /// The first day; none where it is open.
    #[must_use]
    pub fn first_day(self) -> Option<NaiveDate> {
        date(self.first)
    }

    /// The last day; none where it is open.
    #[must_use]
    pub fn last_day(self) -> Option<NaiveDate> {
        date(self.last)
    }

    /// What is the same of the first and the last day.
    #[must_use]
    pub fn agreed<T: PartialEq>(self, of: impl Fn(NaiveDate) -> T) -> Option<T> {
        let (first, last) = (of(self.first_day()?), of(self.last_day()?));
        (first == last).then_some(first)
    }

    /// Whether a comparison holds for every day that the two can mean, or for none; else nobody knows.
    #[must_use]
    pub fn compare(self, comparison: Comparison, other: Self) -> Option<bool> {
        match comparison {
            Comparison::Less => decide(self.last < other.first, self.first >= other.last),
            Comparison::AtMost => decide(self.last <= other.first, self.first > other.last),
            Comparison::More | Comparison::AtLeast => other.compare(comparison.mirrored(), self),
            Comparison::Equal => {
                let same = self.day().is_some() && self.day() == other.day();
                decide(same, self.last < other.first || other.last < self.first)
            }
            Comparison::Different => self.compare(Comparison::Equal, other).map(|equal| !equal),
        }
    }
}

impl fmt::Display for Days {
    /// The day, or the first and the last one, as EDTF writes an interval.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = |day: Option<NaiveDate>| day.map_or("..".to_owned(), |day| day.to_string());
        match self.day().and(self.first_day()) {
            Some(day) => write!(formatter, "{day}"),
            None => write!(formatter, "{}/{}", end(self.first_day()), end(self.last_day())),
        }
    }
}

fn decide(holds: bool, fails: bool) -> Option<bool> {
    (holds || fails).then_some(holds)
}

fn date(day: i32) -> Option<NaiveDate> {
    (day != BEFORE && day != AFTER).then(|| NaiveDate::from_num_days_from_ce_opt(day)).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{AFTER, BEFORE, Days};
    use crate::expr::ast::Comparison;

    /// The ends are far enough from all others to stand for open ones.
    fn days() -> impl Strategy<Value = Days> {
        (0..7i32, 0..7i32).prop_map(|(a, b)| Days { first: a.min(b), last: a.max(b) })
    }

    proptest! {
        #[test]
        fn a_comparison_holds_if_it_holds_for_every_day(a in days(), b in days()) {
            use Comparison::{AtLeast, AtMost, Different, Equal, Less, More};
            for comparison in [Equal, Different, Less, AtMost, More, AtLeast] {
                let each = |day: Days| day.first..=day.last;
                let all: Vec<_> = each(a).flat_map(|x| each(b).map(move |y| comparison.holds(x.cmp(&y)))).collect();
                let expected = all.iter().all(|it| *it == all[0]).then_some(all[0]);
                prop_assert_eq!(a.compare(comparison, b), expected);
            }
        }
    }

    #[test]
    fn open_ends_have_no_bound() {
        let (from, until) = (Days { first: 5, last: AFTER }, Days { first: BEFORE, last: 5 });
        assert_eq!(from.compare(Comparison::Less, Days::one(4)), Some(false));
        assert_eq!(from.compare(Comparison::Less, Days::one(900_000)), None);
        assert_eq!(until.compare(Comparison::AtMost, from), Some(true));
        assert_eq!(from.first_day().map(|day| day.to_string()).as_deref(), Some("0001-01-05"));
        assert_eq!(from.last_day(), None);
    }
}
