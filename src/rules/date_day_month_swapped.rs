//! D007: a day that was read as a month.

use chrono::{Datelike as _, NaiveDate};

use super::{At, Check, Days, NamedAt, Rule};
use crate::diagnostic::{Code, Consequence, Diagnostic, Severity};
use crate::fault::Fault;
use crate::model::Role;

/// A date that only fits its sources with day and month swapped.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "D007",
        name: "day-month-swapped",
        severity: Severity::Warning,
        since: "0.1.0",
        summary: "A date fits its sources only with day and month swapped.",
        explanation: "\
`03/12/2023` is a day in December or in March, and spreadsheets decide by their own language. In a \
column of ISO dates the wrong half can't be seen any more, but sources betray it: here all sources of \
a record were published more than four weeks after its date, and within a week after the same date \
with day and month swapped. Check the other records that were entered with it. Where the swap puts \
the date after its sources, `source-published-early` says so.",
        needs_all_records: true,
        explains: Consequence::OfDate,
        ..Code::OF_RULE
    },
    check: Check::Named(Role::Source, check),
};

/// Later reports are common, so much later.
const LATE_DAYS: i64 = 28;
/// And a report that fits the swapped date is fresh.
const FRESH_DAYS: i64 = 7;

fn check(at: &NamedAt<'_>, diagnostics: &mut Vec<Diagnostic>) -> Result<(), Fault> {
    let facts = &at.record.facts;
    let Some(date) = facts.sources().first().and_then(|source| facts.when(source)) else {
        return Ok(());
    };
    let (Some(day), Some(meant)) = (one_day(date.value), swapped(date.value)) else {
        return Ok(());
    };
    let betrays = |published: &At<Days>| {
        one_day(published.value).is_some_and(|published| {
            (published - day).num_days() > LATE_DAYS
                && (0..=FRESH_DAYS).contains(&(published - meant).num_days())
        })
    };
    let mut first = None;
    for source in facts.sources() {
        // Of sources for several dates none betrays the first.
        if facts.when(source).is_none_or(|other| other.spot != date.spot) {
            return Ok(());
        }
        let source = at.named.get(&source.value)?;
        let published = source.as_ref().and_then(|source| source.facts.published().first());
        let Some(published) = published.filter(|published| betrays(published)) else {
            return Ok(());
        };
        first.get_or_insert(published.spot);
    }
    diagnostics.extend(first.map(|published| {
        let message = format!(
            "the date {day} lies weeks before its sources, and {meant} would fit: were day and month swapped?"
        );
        Diagnostic::new(RULE.code, date.spot.place(), message)
            .with(published.place(), "when a source was published")
            .help("look the date up in the source, and check what was entered with it")
    }));
    Ok(())
}

fn one_day((first, last): Days) -> Option<NaiveDate> {
    first.filter(|_| first == last)
}

/// The day with its day and month swapped, where that is another day.
pub(super) fn swapped(days: Days) -> Option<NaiveDate> {
    let day = one_day(days)?;
    let swapped = NaiveDate::from_ymd_opt(day.year(), day.day(), day.month())?;
    (swapped != day).then_some(swapped)
}
