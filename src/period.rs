//! Years, quarters, months and days of the calendar, and when something began and ended as far as is known.
//!
//! Days are counted from 1970-01-01, as Arrow counts them.

use chrono::{Datelike as _, NaiveDate};

use crate::edtf::Edtf;

/// Days between the first of the common era and 1970-01-01.
const EPOCH_DAYS: i32 = 719_163;

/// A day's number from 1970-01-01.
#[must_use]
pub fn number_of(day: NaiveDate) -> i32 {
    day.num_days_from_ce() - EPOCH_DAYS
}

/// The day of a number; the nearest day of the calendar for a number beyond it.
#[must_use]
pub fn day_of(number: i32) -> NaiveDate {
    let day = number.checked_add(EPOCH_DAYS).and_then(NaiveDate::from_num_days_from_ce_opt);
    day.unwrap_or(if number < 0 { NaiveDate::MIN } else { NaiveDate::MAX })
}

/// How time is cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Period {
    /// Calendar years.
    #[default]
    Year,
    /// Quarters of calendar years.
    Quarter,
    /// Calendar months.
    Month,
    /// Days.
    Day,
}

impl Period {
    /// All, with the words for them.
    pub const NAMES: [(&str, Self); 4] = [
        ("year", Self::Year),
        ("quarter", Self::Quarter),
        ("month", Self::Month),
        ("day", Self::Day),
    ];

    /// The word for it: also the name of its column.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize].0
    }

    /// The number of the period in which a day lies. Later periods have higher numbers, without gaps.
    #[must_use]
    pub fn of(self, day: i32) -> i32 {
        if self == Self::Day {
            return day;
        }
        let day = day_of(day);
        let (year, month) = (day.year(), day.month0().cast_signed());
        match self {
            Self::Year => year,
            Self::Quarter => year * 4 + month / 3,
            Self::Month => year * 12 + month,
            Self::Day => unreachable!("a day is its own period"),
        }
    }

    /// The first day of a period.
    #[must_use]
    pub fn first(self, number: i32) -> i32 {
        let (year, month) = match self {
            Self::Year => (number, 0),
            Self::Quarter => (number.div_euclid(4), number.rem_euclid(4) * 3),
            Self::Month => (number.div_euclid(12), number.rem_euclid(12)),
            Self::Day => return number,
        };
        let first = NaiveDate::from_ymd_opt(year, month.cast_unsigned() + 1, 1);
        number_of(first.unwrap_or(if year < 0 { NaiveDate::MIN } else { NaiveDate::MAX }))
    }

    /// The last day of a period.
    #[must_use]
    pub fn last(self, number: i32) -> i32 {
        self.first(number + 1) - 1
    }

    /// A period as its column spells it: `2023-Q4`, `2023-12`; none where the column holds a number or a day.
    #[must_use]
    pub fn text(self, number: i32) -> Option<String> {
        match self {
            Self::Quarter => {
                Some(format!("{:04}-Q{}", number.div_euclid(4), number.rem_euclid(4) + 1))
            }
            Self::Month => {
                Some(format!("{:04}-{:02}", number.div_euclid(12), number.rem_euclid(12) + 1))
            }
            Self::Year | Self::Day => None,
        }
    }
}

/// When something began and ended, as far as is known: of each the first and the last day that it can have
/// been. What was on one unknown day began and ended on that day, so that both ends have the same days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Extent {
    /// The first and the last day on which it can have begun; [`i32::MIN`] where nobody knows a first.
    pub begin: (i32, i32),
    /// The first and the last day on which it can have ended; [`i32::MAX`] where nobody knows a last.
    pub end: (i32, i32),
}

impl Extent {
    /// What was on one day.
    #[must_use]
    pub fn day(day: i32) -> Self {
        Self { begin: (day, day), end: (day, day) }
    }

    /// What lasted from one day to another.
    #[must_use]
    pub fn days(first: i32, last: i32) -> Self {
        Self { begin: (first, first), end: (last, last) }
    }

    /// What was on one day between two.
    #[must_use]
    pub fn within(first: i32, last: i32) -> Self {
        Self { begin: (first, last), end: (first, last) }
    }

    /// What a date means.
    #[must_use]
    pub fn of(date: &Edtf) -> Self {
        let first = |day: Option<NaiveDate>| day.map_or(i32::MIN, number_of);
        let last = |day: Option<NaiveDate>| day.map_or(i32::MAX, number_of);
        let ends = date.ends();
        Self::of_ends(
            (first(ends.begin.0), last(ends.begin.1)),
            (first(ends.end.0), last(ends.end.1)),
        )
    }

    /// What began at some time and ended at another. Where one of them isn't known, only the other bounds it.
    #[must_use]
    pub fn between(start: Option<Self>, end: Option<Self>) -> Option<Self> {
        match (start, end) {
            (None, None) => None,
            (Some(start), None) => {
                Some(Self { begin: start.begin, end: (start.begin.0, i32::MAX) })
            }
            (None, Some(end)) => Some(Self { begin: (i32::MIN, end.end.1), end: end.end }),
            (Some(start), Some(end)) => Some(Self::of_ends(start.begin, end.end)),
        }
    }

    /// What began and ended on some days: it didn't begin after its last day, and didn't end before its first. What
    /// can't have ended after it began stays as it is told.
    fn of_ends(begin: (i32, i32), end: (i32, i32)) -> Self {
        match begin.0 <= end.1 {
            true => Self { begin: (begin.0, begin.1.min(end.1)), end: (end.0.max(begin.0), end.1) },
            false => Self { begin, end },
        }
    }

    /// Whether it certainly was, at some time, between two days.
    #[must_use]
    pub fn is_within(&self, first: i32, last: i32) -> bool {
        self.begin.1 <= last && self.end.0 >= first
    }

    /// Whether it can have been, at some time, between two days.
    #[must_use]
    pub fn can_touch(&self, first: i32, last: i32) -> bool {
        self.begin.0 <= last && self.end.1 >= first
    }

    /// Whether it certainly began between two days.
    #[must_use]
    pub fn begins_within(&self, first: i32, last: i32) -> bool {
        first <= self.begin.0 && self.begin.1 <= last
    }

    /// Whether it can have begun between two days.
    #[must_use]
    pub fn can_begin(&self, first: i32, last: i32) -> bool {
        // What two others share may not have been at all, and then its last begin is after its last end.
        self.begin.0 <= last && self.begin.1.min(self.end.1) >= first
    }

    /// The time that both share; none if they can share none.
    #[must_use]
    pub fn shared(&self, other: &Self) -> Option<Self> {
        let later = |a: (i32, i32), b: (i32, i32)| (a.0.max(b.0), a.1.max(b.1));
        let earlier = |a: (i32, i32), b: (i32, i32)| (a.0.min(b.0), a.1.min(b.1));
        let shared =
            Self { begin: later(self.begin, other.begin), end: earlier(self.end, other.end) };
        (shared.begin.0 <= shared.end.1).then_some(shared)
    }

    /// From the first to the last of both.
    #[must_use]
    pub fn hull(&self, other: &Self) -> Self {
        Self {
            begin: (self.begin.0.min(other.begin.0), self.begin.1.min(other.begin.1)),
            end: (self.end.0.max(other.end.0), self.end.1.max(other.end.1)),
        }
    }

    /// Whether it certainly was at all, as what two others share may not have been.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.begin.1 <= self.end.0
    }

    /// The whole years that it touches.
    #[must_use]
    pub fn whole_years(&self) -> Self {
        let bounded = |day: i32, bound: fn(i32) -> i32| match day {
            i32::MIN | i32::MAX => day,
            _ => bound(Period::Year.of(day)),
        };
        let first = |day| bounded(day, |year| Period::Year.first(year));
        let last = |day| bounded(day, |year| Period::Year.last(year));
        Self {
            begin: (first(self.begin.0), first(self.begin.1)),
            end: (last(self.end.0), last(self.end.1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Extent, Period, day_of, number_of};
    use crate::edtf::Edtf;

    fn day(text: &str) -> i32 {
        number_of(text.parse().expect("a day"))
    }

    fn extent(text: &str) -> Extent {
        Extent::of(&Edtf::parse(text).expect("a date"))
    }

    #[test]
    fn periods_have_names_and_ends() {
        for (period, text, first, last) in [
            (Period::Year, None, "2024-01-01", "2024-12-31"),
            (Period::Quarter, Some("2024-Q1"), "2024-01-01", "2024-03-31"),
            (Period::Month, Some("2024-02"), "2024-02-01", "2024-02-29"),
            (Period::Day, None, "2024-02-29", "2024-02-29"),
        ] {
            let number = period.of(day("2024-02-29"));
            assert_eq!(period.text(number).as_deref(), text);
            assert_eq!((period.first(number), period.last(number)), (day(first), day(last)));
        }
    }

    #[test]
    fn an_unknown_day_of_a_month_is_not_a_month() {
        let (unknown, whole) = (extent("2005-06-XX"), extent("2005-06-01/2005-06-30"));
        let (first, last) = (day("2005-06-10"), day("2005-06-12"));
        assert!(whole.is_within(first, last) && !unknown.is_within(first, last));
        assert!(unknown.can_touch(first, last));
        assert!(unknown.is_within(day("2005-06-01"), day("2005-06-30")));
        assert!(unknown.begins_within(day("2005-06-01"), day("2005-06-30")));
    }

    #[test]
    fn an_open_end_may_go_on() {
        let open = extent("2005-06-01/..");
        assert!(open.is_within(day("2005-06-01"), day("2005-06-01")));
        assert!(!open.is_within(day("2005-06-02"), day("2005-12-31")));
        assert!(open.can_touch(day("2020-01-01"), day("2020-12-31")));
        let started = Extent::between(Some(extent("2005-06-01")), None);
        assert_eq!(started, Some(open));
    }

    #[test]
    fn nothing_begins_after_its_last_day_or_ends_before_its_first() {
        let (first, last) = (day("2001-01-01"), day("2001-03-31"));
        let early = extent("2001/2001-03");
        assert_eq!((early.begin.1, early.end.0), (last, day("2001-03-01")));
        assert!(early.begins_within(first, last) && early.is_within(first, last));
        let late = Extent::between(Some(extent("2001-10")), Some(extent("2001")));
        assert_eq!(late.map(|it| it.end), Some((day("2001-10-01"), day("2001-12-31"))));
        let reversed = Extent::between(Some(extent("2005")), Some(extent("2001")));
        assert!(reversed.is_some_and(|it| it.begin.0 > it.end.1), "it stays as it is told");
    }

    #[test]
    fn what_two_share_is_certain_or_not() {
        let share = |a, b| extent(a).shared(&extent(b));
        assert_eq!(share("2000/2001", "2002/2003"), None);
        let shared =
            share("2000-01-01/2001-XX-XX", "2001-06-01/2003-01-01").expect("they can meet");
        assert!(!shared.is_certain());
        assert!(
            share("2000-01-01/2001-06-01", "2001-06-01/2003").is_some_and(|it| it.is_certain())
        );
        let years = extent("2000-03-01/2001-02-01").whole_years();
        assert_eq!(years, Extent::days(day("2000-01-01"), day("2001-12-31")));
    }

    proptest! {
        #[test]
        fn each_day_lies_in_its_period(number in -800_000..800_000) {
            for (_, period) in Period::NAMES {
                let of = period.of(number);
                prop_assert!(period.first(of) <= number && number <= period.last(of));
                prop_assert_eq!(period.of(period.last(of) + 1), of + 1);
            }
            prop_assert_eq!(number_of(day_of(number)), number);
        }
    }
}
