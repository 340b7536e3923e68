//! D014: a record at a time that a panel doesn't cover.

use super::counted::each;
use super::{Check, RecordAt, Rule};
use crate::diagnostic::{Code, Consequence, Diagnostic, Severity};
use crate::model::derived::Reason;
use crate::period::day_of;

/// A record at a time that a panel doesn't cover.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "D014",
        name: "record-outside-panel",
        severity: Severity::Note,
        since: "0.2.0",
        summary: "A panel can't count a record, because it doesn't cover the time when the record was.",
        explanation: "\
A panel of the manifest covers a time, its `coverage`, and has zeros inside of it only. A record that was wholly before or after it has no cell: it \
stands in the table that ends in `_outside`. That may be meant, if a panel is about a part of the time; else correct the date, \
or widen the panel's `coverage`.",
        consequence: Consequence::OfDate,
        ..Code::OF_RULE
    },
    check: Check::Counted(check),
};

fn check(at: &RecordAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    // It is the record that lies outside, whatever its units: one of them says so.
    let mut is_told = false;
    each(at, &[Reason::OutsideCoverage], &mut |outside| {
        if std::mem::replace(&mut is_told, true) {
            return;
        }
        let span = outside.panel.panel.span;
        let table = outside.panel.table;
        let what = format!(
            "and the record was {}, when `{table}` covers {} to {}",
            outside.days(),
            day_of(span.first),
            day_of(span.last)
        );
        diagnostics.push(outside.finding(RULE.code, &what).help(format!(
            "correct the date, or widen `coverage` of `{table}`; as it is, the record stands in `{table}_outside`"
        )));
    });
}
