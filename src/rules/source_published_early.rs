//! D003: a source that reports what hadn't happened yet.

use std::collections::HashMap;

use super::{Check, DatasetAt, RecordFacts, Rule};
use crate::diagnostic::{Code, Diagnostic, Severity};

/// A supporting source published before the first day of an event that is said to have occurred.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "D003",
        name: "source-published-early",
        severity: Severity::Warning,
        summary: "A source was published before the event that it is said to report as past.",
        explanation: "\
A report can't be older than what it reports as past. Either date may be wrong, the source may be \
an announcement, or it may belong to another event. Evidence with a stance other than `supports`, \
and records with a status other than `occurred`, are left alone.",
    },
    since: "0.1.0",
    check: Check::Dataset(check),
};

fn check(at: &DatasetAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let published: HashMap<u128, &RecordFacts> = at
        .facts
        .iter()
        .flatten()
        .filter(|record| !record.facts.published.is_empty())
        .map(|record| (record.key, record))
        .collect();
    for record in at.facts.iter().flatten() {
        let facts = &record.facts;
        let past = facts.statuses.iter().all(|status| status.value == "occurred");
        let Some(event) = facts.dates.first().filter(|_| past) else { continue };
        let Some(first_day) = event.value.0 else { continue };
        for source in &facts.sources {
            let stance = facts.stances.iter().find(|stance| stance.object == source.object);
            if stance.is_some_and(|stance| stance.value != "supports") {
                continue;
            }
            let Some(report) = published.get(&source.value) else { continue };
            let day = report.facts.published[0].value.1;
            let Some(day) = day.filter(|day| *day < first_day) else { continue };
            let message =
                format!("this source was published on {day}, before the event of {first_day}");
            diagnostics.push(
                Diagnostic::new(RULE.code, source.spot.place(), message)
                    .label("supports an event that was still to come")
                    .with(event.spot.place(), "the event's date")
                    .with(report.facts.published[0].spot.place(), "when the source was published")
                    .help("check both dates; is it an announcement, or about another event?"),
            );
        }
    }
}
