//! A001: a code on a day when it wasn't valid.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::{Check, RecordAt, Rule};
use crate::diagnostic::{Code, Consequence, Diagnostic, Severity, quote};
use crate::model::{CodeList, Role};

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
a ministry's name. A code must have been valid on some day that its date can mean: the one nearest to it, in \
its own object or around it (role `date`, or from `start` to `end`). An open end goes on for ever. State systems differ: Correlates of War and Gleditsch-Ward give other spells to the same state.",
        consequence: Consequence::OfDate,
        ..Code::OF_RULE
    },
    check: Check::Record(check),
};

fn check(at: &RecordAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    if at.context.spells.is_empty() {
        return;
    }
    let nearest = at.nearest();
    for role in [Role::State, Role::PlaceState, Role::Type] {
        for found in at.find(role) {
            // What is a state that takes part and one where a place lies is one value.
            if role == Role::PlaceState && at.roles.roles(&found).has(Role::State) {
                continue;
            }
            let Some(codes) = found.kind.codes() else { continue };
            let Some(list) = &codes.list else { continue };
            let Some(of_codes) = at.context.spells.get(list.as_str()) else { continue };
            let code = found.text();
            let Some(spells) = of_codes.get(&*code) else { continue };
            let Some(when) = nearest.when(&found) else { continue };
            let (first, last) = when.days();
            let meets = |(from, to): &(NaiveDate, NaiveDate)| {
                last.is_none_or(|last| *from <= last) && first.is_none_or(|first| first <= *to)
            };
            // What is no day that anybody means is said elsewhere.
            if spells.iter().any(meets) || when.stands_for_none() {
                continue;
            }
            let shown: Vec<_> = spells.iter().map(|(from, to)| show(*from, *to)).collect();
            let message = format!(
                "{} is {}, which wasn't valid {}, but {}",
                found.subject(),
                quote(&code),
                when.words(),
                shown.join(" and ")
            );
            diagnostics.push(
                Diagnostic::new(RULE.code, found.place(), message)
                    .with(when.value().place(), "the day")
                    .help(format!("use the code of the list `{list}` that was valid then")),
            );
        }
    }
}

/// When codes were valid, by code list and code; those that always were stand nowhere.
pub type Spells<'a> = HashMap<&'a str, HashMap<&'a str, Vec<(NaiveDate, NaiveDate)>>>;

/// The spells of all codes of some lists.
#[must_use]
pub fn spells(lists: &[CodeList]) -> Spells<'_> {
    let mut spells = Spells::new();
    for list in lists {
        let columns = (list.column("code"), list.column("valid_from"), list.column("valid_to"));
        let (Some(code), Some(from), Some(to)) = columns else { continue };
        let mut of_codes: HashMap<&str, Vec<_>> = HashMap::new();
        let day = |text: &str, open: NaiveDate| text.parse().unwrap_or(open);
        for row in list.rows.iter() {
            let spell = (day(&row[from], NaiveDate::MIN), day(&row[to], NaiveDate::MAX));
            of_codes.entry(&row[code]).or_default().push(spell);
        }
        of_codes.retain(|_, spells| {
            spells.iter().any(|spell| *spell != (NaiveDate::MIN, NaiveDate::MAX))
        });
        if !of_codes.is_empty() {
            spells.insert(&list.name, of_codes);
        }
    }
    spells
}

fn show(from: NaiveDate, to: NaiveDate) -> String {
    match (from == NaiveDate::MIN, to == NaiveDate::MAX) {
        (true, _) => format!("until {to}"),
        (false, true) => format!("from {from} on"),
        (false, false) => format!("from {from} to {to}"),
    }
}
