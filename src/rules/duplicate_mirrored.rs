//! U004: a pair of states in both orders.

use std::collections::HashMap;

use super::{Check, DatasetAt, Days, RecordFacts, Rule};
use crate::diagnostic::{Code, Diagnostic, Severity, quote};

/// Records about two states, equal but for the order of the two.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "U004",
        name: "mirrored-dyad",
        severity: Severity::Note,
        since: "0.1.0",
        summary: "Two records have the same pair of states, the other way round.",
        explanation: "\
Where a record has two states side by side (role `state`), the pair Mali, Niger and the pair Niger, \
Mali of the same date and type are one dyad entered twice, and sums count it twice. Keep the lower code \
first. In a directed table both have a meaning: where a table has ten pairs or more and most of them \
have their mirror, nothing is said; else switch the rule off for the table's files.",
    },
    check: Check::Dataset(check),
};

/// From this many dyads on a table can show that it is directed.
const TELLING: usize = 10;

/// The two states, the date and the types of a dyad.
type Dyad<'a> = (&'a str, &'a str, Days, Vec<&'a str>);

fn check(at: &DatasetAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for (table, records) in at.facts.iter().enumerate() {
        let dyads: Vec<_> =
            records.iter().filter_map(|record| Some((record, dyad(record)?))).collect();
        let mut first: HashMap<&Dyad<'_>, &RecordFacts> = HashMap::new();
        for (record, dyad) in &dyads {
            first.entry(dyad).or_insert(record);
        }
        let mirrored: Vec<_> = dyads
            .iter()
            .filter_map(|(record, (a, b, date, types))| {
                let mirror = first.get(&(*b, *a, *date, types.clone()))?;
                (mirror.spot < record.spot).then_some((*record, *mirror))
            })
            .collect();
        let directed = dyads.len() >= TELLING && mirrored.len() * 4 > dyads.len();
        if directed {
            continue;
        }
        for (record, mirror) in mirrored {
            let states = record.facts.states();
            let message = format!(
                "the {} {} has the pair {}, {} of {} the other way round",
                at.row(table),
                quote(&record.key),
                states[0].value,
                states[1].value,
                quote(&mirror.key)
            );
            diagnostics.push(
                Diagnostic::new(RULE.code, states[0].spot.place(), message)
                    .with(mirror.facts.states()[0].spot.place(), "the same pair")
                    .help("keep one of the two; if they have a direction, switch this rule off"),
            );
        }
    }
}

fn dyad(record: &RecordFacts) -> Option<Dyad<'_>> {
    let facts = &record.facts;
    let date = facts.dates().first()?;
    let [a, b] = facts.states() else { return None };
    let types = facts.types().iter().map(|kind| &*kind.value).collect();
    (is_pair(record) && a.value != b.value).then_some((&a.value, &b.value, date.value, types))
}

/// Whether a record has its states side by side, so that their order is part of what it says.
pub(super) fn is_pair(record: &RecordFacts) -> bool {
    matches!(record.facts.states(), [a, b] if a.object == b.object)
}
