//! A001: a code on a day when it wasn't valid.

use chrono::NaiveDate;

use super::{Check, RecordAt, Rule, days};
use crate::diagnostic::{Code, Diagnostic, Severity, quote};
use crate::model::{CodeList, Kind, Role};

/// A code of a list with spells, used on a day outside all of them.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "A001",
        name: "code-outside-spell",
        severity: Severity::Error,
        since: "0.1.0",
        summary: "A code is used on a day when its code list says that it wasn't valid.",
        explanation: "\
Code lists may say from when and until when a code is valid: a state's membership of a state system, \
a ministry's name. A code must have been valid on some day that the record's date (role `date`) can \
mean. State systems differ: Correlates of War and Gleditsch-Ward give other spells to the same state.",
    },
    check: Check::Record(check),
};

fn check(at: &RecordAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let Some(date) = at.find(Role::Date).next() else { return };
    let (Some(first), Some(last)) = days(date.value, date.kind) else { return };
    for role in [Role::State, Role::Type] {
        for found in at.find(role) {
            let Kind::Code(codes) = found.kind else { continue };
            let list = codes.list.as_ref().and_then(|name| {
                at.context.model.code_lists.iter().find(|list| list.name == *name)
            });
            let (Some(list), Some(code)) = (list, found.value.as_str()) else { continue };
            let spells = spells(list, code);
            let valid = |(from, to): &(NaiveDate, NaiveDate)| *from <= last && first <= *to;
            if spells.is_empty() || spells.iter().any(valid) {
                continue;
            }
            let shown: Vec<_> = spells.iter().map(|(from, to)| show(*from, *to)).collect();
            let message = format!(
                "{} is {}, which wasn't valid on {}, but {}",
                found.subject(),
                quote(code),
                quote(date.value.as_str().unwrap_or_default()),
                shown.join(" and ")
            );
            diagnostics.push(
                Diagnostic::new(RULE.code, found.place(), message)
                    .with(date.place(), "the day")
                    .help(format!("use the code of the list `{}` that was valid then", list.name)),
            );
        }
    }
}

/// The spells of a code; empty if it is valid without bounds, or unknown.
fn spells(list: &CodeList, code: &str) -> Vec<(NaiveDate, NaiveDate)> {
    let (Some(codes), Some(from), Some(to)) =
        (list.column("code"), list.column("valid_from"), list.column("valid_to"))
    else {
        return Vec::new();
    };
    let rows: Vec<_> = list.rows.iter().filter(|row| row[codes] == code).collect();
    if rows.iter().all(|row| row[from].is_empty() && row[to].is_empty()) {
        return Vec::new();
    }
    let day = |text: &str, open: NaiveDate| text.parse().unwrap_or(open);
    rows.iter()
        .map(|row| (day(&row[from], NaiveDate::MIN), day(&row[to], NaiveDate::MAX)))
        .collect()
}

fn show(from: NaiveDate, to: NaiveDate) -> String {
    match (from == NaiveDate::MIN, to == NaiveDate::MAX) {
        (true, _) => format!("until {to}"),
        (false, true) => format!("from {from} on"),
        (false, false) => format!("from {from} to {to}"),
    }
}
