//! D010: a year that other software can't read.

use chrono::{DateTime, Datelike as _};

use super::date_sentinel::stands_for_none;
use super::{Check, Rule, TextAt, days};
use crate::diagnostic::{Code, Diagnostic, Severity, quote};
use crate::model::kind::{Class, DateForm};

/// A date before year 1, or after year 9999.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "D010",
        name: "unreadable-year",
        severity: Severity::Warning,
        since: "0.2.0",
        summary: "A date lies before year 1 or after year 9999, where most software has no days.",
        explanation: "\
EDTF has a year 0 (1 BC) and years before it, and so has Parquet. Python, and with it pandas, has none: one such day in a \
column, or as a first or last day that is derived from an uncertain date, and the whole Parquet file can't be read there. \
Spreadsheets and SQL have none either. Where the date is meant, hold the year in an integer of its own, or \
switch the rule off and tell the users; where it isn't, a digit is missing.",
    },
    check: Check::Date(check),
};

fn check(at: &TextAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let Some(scalar) = at.scalar else { return };
    // Most dates are of our time.
    let begins = |it: &str| it.starts_with('-') || it.starts_with("000") || it.starts_with("999");
    let parts = || at.text.split('/');
    if !parts().any(begins) || stands_for_none(at.text) {
        return;
    }
    let year = match scalar.kind.class() {
        Class::Date(DateForm::Instant) => {
            DateTime::parse_from_rfc3339(at.text).ok().map(|it| it.to_utc().year())
        }
        _ => {
            let (first, last) = days(at.value, &scalar.kind);
            let years = [first, last].into_iter().flatten().map(|day| day.year());
            years.into_iter().find(|year| is_unreadable(*year))
        }
    };
    let Some(year) = year.filter(|year| is_unreadable(*year)) else { return };
    let message = format!(
        "{} is {}, with a day in the year {year}, which pandas and most other software can't read",
        at.subject(),
        quote(at.text)
    );
    diagnostics.push(
        Diagnostic::new(RULE.code, at.place(), message)
            .help("check the year; if it is meant, hold it in an integer, or tell users that they can't read the column"),
    );
}

fn is_unreadable(year: i32) -> bool {
    !(1..=9999).contains(&year)
}
