//! Values of which a column would keep less than is written: years, decimal numbers, times of a clock.

use super::Conform;
use crate::clock;
use crate::decimal::{Digits, Misfit};
use crate::diagnostic::{Diagnostic, code};
use crate::model::Scalar;
use crate::rules::{self, TextAt};
use crate::schema::words::seen;
use crate::tape::Value;

impl<'t> Conform<'_, '_, 't> {
    /// JSON Schema has no formats of integers, so this is said here.
    pub(super) fn no_year(&mut self, value: Value<'t>) {
        let message = format!(
            "{} is {}, which is not a year from 1 to 9999",
            self.subject(value),
            seen(value)
        );
        let place = self.place(value);
        self.diagnostics.push(Diagnostic::new(&code::FORMAT_MISMATCH, place, message).help(
            "leave it out where the year isn't known, or declare the number that stands for that; hold years \
             before the first in an integer without the format",
        ));
    }

    /// A year that rules about dates may have something to say of.
    pub(super) fn year(&mut self, scalar: &Scalar, value: Value<'t>) {
        let Some(year) = value.as_i64().filter(|year| !(1800..2100).contains(year)) else { return };
        let text = &format!("{year:04}");
        let (table, finder) = (self.plan.table, self.finder);
        let pointer = &|| finder.pointer_to(value);
        let at = TextAt { text, value, scalar: Some(scalar), table, pointer };
        rules::check_date(&at, self.diagnostics);
    }

    /// A decimal number with more digits than its column keeps.
    pub(super) fn digits(&mut self, digits: Digits, misfit: Misfit, value: Value<'t>) {
        let Digits { precision, scale } = digits;
        let (what, help) = match misfit {
            Misfit::Finer(count) => (
                format!("{count} digits behind the point, and the column keeps {scale}"),
                "write as many digits as `x-scale` says, or raise it: nothing is rounded here",
            ),
            Misfit::Larger(count) => (
                format!(
                    "{count} digits before the point, and the column keeps {}",
                    precision - scale
                ),
                "check the number, or raise `x-precision`",
            ),
            Misfit::NoDecimal => unreachable!("what is no decimal number is reported as such"),
        };
        let message = format!("{} is {}, with {what}", self.subject(value), seen(value));
        let place = self.place(value);
        self.diagnostics.push(Diagnostic::new(&code::INEXACT_NUMBER, place, message).help(help));
    }

    /// A time of a clock: columns hold microseconds.
    pub(super) fn clock(&mut self, value: Value<'t>) {
        let text = value.as_str().unwrap_or_default();
        let time = clock::time_of_day(text).or_else(|| clock::local_time(text));
        if time.is_none_or(|time| time.is_exact) {
            return;
        }
        let message = format!(
            "{} is {}, finer than the microseconds that a column keeps",
            self.subject(value),
            seen(value)
        );
        let place = self.place(value);
        self.diagnostics.push(
            Diagnostic::new(&code::INEXACT_NUMBER, place, message)
                .help("round it to six digits of a second"),
        );
    }
}
