//! A date that stands in several columns: a year, and perhaps a month and a day.

use std::fmt::Write as _;

use chrono::{Datelike as _, NaiveDate};

use super::{Edtf, Precision, month_end, ymd};
use crate::tape::{Property, Value};

/// The numbers that a date is composed of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The year.
    pub year: Option<i64>,
    /// The month, from 1.
    pub month: Option<i64>,
    /// The day of the month, from 1.
    pub day: Option<i64>,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The year.
    Year,
    /// The month.
    Month,
    /// The day of the month.
    Day,
}

impl Part {
    /// All, the largest first.
    pub const ALL: [Self; 3] = [Self::Year, Self::Month, Self::Day];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
        }
    }
}

/// Why parts are no date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartFault {
    /// The part that is wrong.
    pub part: Part,
    /// What is wrong, as a sentence part that stands alone: "month 13 does not exist".
    pub message: String,
    /// What to do.
    pub help: &'static str,
}

/// The years that other software knows, and that four digits can spell.
pub const YEARS: std::ops::RangeInclusive<i64> = 1..=9999;

const NOT_KNOWN: &str =
    "leave it out where it isn't known, or declare the number that stands for that";

impl Parts {
    /// The date, as precise as the parts say; none if there are none.
    ///
    /// ```
    /// use demarche::edtf::parts::Parts;
    ///
    /// let month = Parts { year: Some(1914), month: Some(8), day: None };
    /// assert_eq!(month.text(), Ok(Some("1914-08".to_owned())));
    /// assert!(Parts { day: Some(30), month: Some(2), ..month }.date().is_err());
    /// ```
    ///
    /// # Errors
    /// When a part says nothing without one that is missing, or there is no such year, month or day.
    pub fn date(&self) -> Result<Option<Edtf>, PartFault> {
        let fault = |part, message: String, help| Err(PartFault { part, message, help });
        let (year, month) = match *self {
            Self { year: None, month: None, day: None } => return Ok(None),
            Self { month: None, day: Some(day), .. } => {
                let help = "add the month, or leave the day out";
                return fault(Part::Day, format!("day {day} has no month"), help);
            }
            Self { year: None, month: Some(month), .. } => {
                let help = "add the year, or leave the other parts out";
                return fault(Part::Month, format!("month {month} has no year"), help);
            }
            Self { year: Some(year), month, .. } => (year, month),
        };
        if !YEARS.contains(&year) {
            return fault(Part::Year, format!("year {year} is not one of 1 to 9999"), NOT_KNOWN);
        }
        let year = year as i32;
        let Some(month) = month else {
            return Ok(Some(Edtf::span(ymd(year, 1, 1), ymd(year, 12, 31), Precision::Year)));
        };
        let Some(month) = u32::try_from(month).ok().filter(|month| (1..=12).contains(month)) else {
            let help = if (13..=31).contains(&month) && matches!(self.day, Some(1..=12)) {
                "were day and month swapped?"
            } else {
                NOT_KNOWN
            };
            return fault(Part::Month, format!("month {month} does not exist"), help);
        };
        let first = ymd(year, month, 1);
        let Some(number) = self.day else {
            return Ok(Some(Edtf::span(first, month_end(first), Precision::Month)));
        };
        let day = u32::try_from(number).ok();
        match day.and_then(|day| NaiveDate::from_ymd_opt(year, month, day)) {
            Some(day) => Ok(Some(Edtf::span(day, day, Precision::Day))),
            None if number < 1 => {
                fault(Part::Day, format!("day {number} does not exist"), NOT_KNOWN)
            }
            None => {
                let last = month_end(first).day();
                let message =
                    format!("{year:04}-{month:02} has no day {number}: it ends on day {last}");
                fault(Part::Day, message, "check the day against the source")
            }
        }
    }

    /// The date as EDTF spells it.
    ///
    /// # Errors
    /// As [`Parts::date`].
    pub fn text(&self) -> Result<Option<String>, PartFault> {
        let (Some(_), Some(year)) = (self.date()?, self.year) else { return Ok(None) };
        let mut text = format!("{year:04}");
        for part in [self.month, self.day].into_iter().flatten() {
            write!(text, "-{part:02}").expect("writing to a string never fails");
        }
        Ok(Some(text))
    }
}

/// Which properties of an object are the parts of a date.
#[derive(Clone, Debug)]
pub struct DateParts {
    /// The year.
    pub year: Property,
    /// The month, if there is a property for it.
    pub month: Option<Property>,
    /// The day of the month, likewise.
    pub day: Option<Property>,
}

impl DateParts {
    /// The name of a part, if there is a property for it.
    #[must_use]
    pub fn name(&self, part: Part) -> Option<&Property> {
        match part {
            Part::Year => Some(&self.year),
            Part::Month => self.month.as_ref(),
            Part::Day => self.day.as_ref(),
        }
    }

    /// The names of all parts.
    pub fn names_mut(&mut self) -> impl Iterator<Item = &mut Property> {
        std::iter::once(&mut self.year).chain(&mut self.month).chain(&mut self.day)
    }

    /// The value of a part in an object.
    #[must_use]
    pub fn value<'t>(&self, part: Part, object: Value<'t>) -> Option<Value<'t>> {
        let Property { name, number } = self.name(part)?;
        object.numbered(*number, name).filter(|value| !value.is_null())
    }

    /// The first value in an object that is a part.
    #[must_use]
    pub fn first<'t>(&self, object: Value<'t>) -> Option<Value<'t>> {
        Part::ALL.into_iter().find_map(|part| self.value(part, object))
    }

    /// The parts in an object. What is no integer is reported elsewhere.
    #[must_use]
    pub fn of(&self, object: Value<'_>) -> Parts {
        let part = |part| self.value(part, object).and_then(Value::as_i64);
        Parts { year: part(Part::Year), month: part(Part::Month), day: part(Part::Day) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Part, Parts};
    use crate::edtf::Edtf;

    fn parts(
        year: impl Into<Option<i64>>,
        month: impl Into<Option<i64>>,
        day: impl Into<Option<i64>>,
    ) -> Parts {
        Parts { year: year.into(), month: month.into(), day: day.into() }
    }

    #[test]
    fn the_part_that_is_wrong_is_named() {
        for (parts, part, message) in [
            (parts(1823, 2, 30), Part::Day, "1823-02 has no day 30: it ends on day 28"),
            (parts(1824, 2, 30), Part::Day, "1824-02 has no day 30: it ends on day 29"),
            (parts(1823, 2, 0), Part::Day, "day 0 does not exist"),
            (parts(1823, 13, 1), Part::Month, "month 13 does not exist"),
            (parts(1823, -9, -9), Part::Month, "month -9 does not exist"),
            (parts(1823, None, 3), Part::Day, "day 3 has no month"),
            (parts(None, 5, 3), Part::Month, "month 5 has no year"),
            (parts(None, None, 3), Part::Day, "day 3 has no month"),
            (parts(0, 5, 3), Part::Year, "year 0 is not one of 1 to 9999"),
            (parts(10_000, None, None), Part::Year, "year 10000 is not one of 1 to 9999"),
            (
                parts(i64::MAX, i64::MAX, i64::MAX),
                Part::Year,
                "year 9223372036854775807 is not one of 1 to 9999",
            ),
        ] {
            let fault = parts.date().expect_err("it is no date");
            assert_eq!((fault.part, fault.message.as_str()), (part, message));
        }
        assert_eq!(parts(None, None, None).text(), Ok(None));
    }

    proptest! {
        /// What is composed is what the text means, and nothing else is.
        #[test]
        fn parts_mean_what_their_text_means(
            year in -2i64..=10_002,
            month in prop::option::of(-1i64..=14),
            day in prop::option::of(-1i64..=33),
        ) {
            let parts = parts(year, month, day);
            match parts.text() {
                Ok(text) => {
                    let text = text.expect("there is a year");
                    prop_assert_eq!(Edtf::parse(&text), Ok(parts.date().expect("it is a date").expect("one")));
                }
                Err(_) => {
                    let spelt = match (month, day) {
                        (None, None) => format!("{year:04}"),
                        (Some(month), None) => format!("{year:04}-{month:02}"),
                        (Some(month), Some(day)) => format!("{year:04}-{month:02}-{day:02}"),
                        // A day alone has no form.
                        (None, Some(_)) => return Ok(()),
                    };
                    prop_assert!(Edtf::parse(&spelt).is_err() || year < 1, "{}", spelt);
                }
            }
        }
    }
}
