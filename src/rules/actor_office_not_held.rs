//! A002: a person who takes part before or after their time.

use std::collections::HashSet;

use chrono::NaiveDate;

use super::facts::by_object;
use super::{Check, Facts, NamedAt, Rule};
use crate::diagnostic::{Code, Consequence, Diagnostic, Severity, quote};
use crate::fault::Fault;
use crate::model::Role;

/// A person none of whose dated offices was held on the day.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "A002",
        name: "office-not-held",
        severity: Severity::Note,
        since: "0.1.0",
        summary: "A person takes part on a day on which they held none of their known offices.",
        explanation: "\
Either the date or the person is wrong, or an office is missing from the person's record: all their \
offices (dates with the roles `start` and `end`) ended before the date nearest to them in the record (role `date`, or from `start` to `end`), or began after it. \
Where a person has an office without dates, or none at all, nothing is said. A note, since people also \
take part without an office.",
        needs_all_records: true,
        consequence: Consequence::OfDate,
        ..Code::OF_RULE
    },
    check: Check::Named(Role::Person, check),
};

fn check(at: &NamedAt<'_>, diagnostics: &mut Vec<Diagnostic>) -> Result<(), Fault> {
    let NamedAt { record, named, .. } = at;
    let mut asked = HashSet::new();
    for person in record.facts.persons() {
        let Some(date) = record.facts.when(person) else { continue };
        let (from, to) = date.value;
        if from.is_none() && to.is_none() || !asked.insert((&person.value, date.value)) {
            continue;
        }
        let (first, last) = (from.unwrap_or(NaiveDate::MIN), to.unwrap_or(NaiveDate::MAX));
        let Some(known) = named.get(&person.value)? else { continue };
        let offices = offices(&known.facts);
        if offices.is_empty()
            || known.facts.undated
            || offices.iter().any(|(from, to)| *from <= last && first <= *to)
        {
            continue;
        }
        let day = match date.value {
            (Some(first), Some(last)) if first == last => format!("on {first}"),
            (Some(first), Some(last)) => format!("from {first} to {last}"),
            (Some(first), None) => format!("from {first} on"),
            _ => format!("until {last}"),
        };
        let message = format!("{} held none of their known offices {day}", quote(&person.value));
        diagnostics.push(
            Diagnostic::new(RULE.code, person.spot.place(), message)
                .with(date.spot.place(), "the date")
                .with(known.spot.place(), "the person, with their offices")
                .help("add the office that they held, or check the date and the person"),
        );
    }
    Ok(())
}

/// From the first to the last day on which each office may have been held.
fn offices(facts: &Facts<'_>) -> Vec<(NaiveDate, NaiveDate)> {
    let mut objects: Vec<u32> =
        facts.starts().iter().chain(facts.ends()).map(|date| date.object).collect();
    objects.sort_unstable();
    objects.dedup();
    let (starts, ends) = (by_object(facts.starts()), by_object(facts.ends()));
    let office = |object: &u32| {
        let (start, end) = (starts.get(object), ends.get(object));
        let from = start.and_then(|start| start.value.0).unwrap_or(NaiveDate::MIN);
        let to = end.and_then(|end| end.value.1).unwrap_or(NaiveDate::MAX);
        // Which of the two is wrong is said elsewhere.
        if from <= to { (from, to) } else { (NaiveDate::MIN, NaiveDate::MAX) }
    };
    objects.iter().map(office).collect()
}
