//! U004: a pair of states in both orders.

use std::collections::HashMap;

use super::{AlikeAt, Check, Days, RecordFacts, Rule, hash_of};
use crate::diagnostic::{Code, Diagnostic, Findings, Severity, quote};
use crate::fault::Fault;

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
Mali of the same date (role `date`, or from `start` to `end`) and type are one dyad entered twice, and sums count it twice. Keep the lower code \
first. In a directed table both have a meaning: where a table has ten pairs or more and most of them \
have their mirror, nothing is said; else switch the rule off for the table's files.",
        needs_all_records: true,
        ..Code::OF_RULE
    },
    check: Check::Alike(blocking_key, check),
};

/// From this many dyads on a table can show that it is directed.
const TELLING: usize = 10;

/// The two states, the date and the types of a dyad.
type Dyad<'a> = (&'a str, &'a str, Days, Vec<&'a str>);

fn blocking_key(record: &RecordFacts<'_>) -> Option<u64> {
    let (a, b, date, types) = dyad(record)?;
    Some(hash_of((a.min(b), a.max(b), date, types)))
}

fn check(at: &AlikeAt<'_, '_>, findings: &mut Findings) -> Result<(), Fault> {
    let mut found = Vec::new();
    for group in at.groups() {
        let group = group?;
        let mut first: HashMap<Dyad<'_>, &RecordFacts<'_>> = HashMap::new();
        for record in &group {
            let Some(dyad) = dyad(record) else { continue };
            let (a, b, date, types) = dyad.clone();
            if let Some(mirror) = first.get(&(b, a, date, types)) {
                found.push(finding(at.row, record, mirror));
            }
            first.entry(dyad).or_insert(record);
        }
        let directed = at.count >= TELLING && found.len() * 4 > at.count;
        if directed {
            return Ok(());
        }
    }
    findings.extend(found);
    Ok(())
}

fn finding(row: &str, record: &RecordFacts<'_>, mirror: &RecordFacts<'_>) -> Diagnostic {
    let states = record.facts.states();
    let message = format!(
        "the {row} {} has the pair {}, {} of {} the other way round",
        quote(&record.key),
        states[0].value,
        states[1].value,
        quote(&mirror.key)
    );
    Diagnostic::new(RULE.code, states[0].spot.place(), message)
        .with(mirror.facts.states()[0].spot.place(), "the same pair")
        .help("keep one of the two; if they have a direction, switch this rule off")
}

fn dyad<'r>(record: &'r RecordFacts<'_>) -> Option<Dyad<'r>> {
    let facts = &record.facts;
    let date = facts.date()?;
    let [a, b] = facts.states() else { return None };
    let types = facts.types().iter().map(|kind| &*kind.value).collect();
    (is_pair(record) && a.value != b.value).then_some((&a.value, &b.value, date.value, types))
}

/// Whether a record has its states side by side, so that their order is part of what it says.
pub(super) fn is_pair(record: &RecordFacts<'_>) -> bool {
    matches!(record.facts.states(), [a, b] if a.object == b.object)
}
