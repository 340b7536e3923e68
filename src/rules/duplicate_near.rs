//! U002: two records of what seems to be one event.

use std::collections::HashMap;

use chrono::NaiveDate;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::duplicate_mirrored::is_pair;
use super::{AlikeAt, Check, RecordFacts, Rule, Text, hash_of};
use crate::diagnostic::{Code, Diagnostic, Findings, Severity, quote};
use crate::fault::Fault;

/// Records of one table with the same day, type and states.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "U002",
        name: "near-duplicate",
        severity: Severity::Note,
        since: "0.1.0",
        summary: "Two records have the same day, type and parties.",
        explanation: "\
Two coders, or two reports, easily make two records of one event. Records with one day (role `date`, or the same `start` and `end`), \
one type (role `type`) and the same set of at least two states (role `state`) are compared by a hash, \
never pair by pair. Two signatures on one day are no duplicate: tell them apart in their titles.",
        needs_all_records: true,
        ..Code::OF_RULE
    },
    check: Check::Alike(blocking_key, check),
};

/// Day, types and states.
type Meeting<'a> = (NaiveDate, Vec<&'a str>, Vec<&'a str>);

/// A hash of what [`meeting`] tells, without putting it together: every record is asked.
fn blocking_key(record: &RecordFacts<'_>) -> Option<u64> {
    let facts = &record.facts;
    if facts.states().len() < 2 {
        return None;
    }
    let day = facts.day()?;
    let text = |text: &Text<'_>| xxh3_64(text.value.as_bytes());
    // Neither order nor repetition count.
    let first_time = |(index, state): &(usize, &Text<'_>)| {
        facts.states()[..*index].iter().all(|other| other.value != state.value)
    };
    let states = facts.states().iter().enumerate().filter(first_time);
    let (count, states) = states
        .fold((0u64, 0u64), |(count, sum), (_, state)| (count + 1, sum.wrapping_add(text(state))));
    let types = facts
        .types()
        .iter()
        .fold(0, |hash, kind| xxh3_64_with_seed(&text(kind).to_le_bytes(), hash));
    (count > 1).then(|| hash_of((day, types, states)))
}

fn check(at: &AlikeAt<'_, '_>, findings: &mut Findings) -> Result<(), Fault> {
    for group in at.groups() {
        let group = group?;
        let mut first: HashMap<Meeting<'_>, &RecordFacts<'_>> = HashMap::new();
        for record in &group {
            let Some(meeting) = meeting(record) else { continue };
            let Some(first) = first.get(&meeting) else {
                first.insert(meeting, record);
                continue;
            };
            let message = format!(
                "the {} {} has the day, type and states ({}) of {}",
                at.row,
                quote(&record.key),
                meeting.2.join(", "),
                quote(&first.key)
            );
            findings.push(
                Diagnostic::new(RULE.code, record.spot.place(), message)
                    .with(first.spot.place(), "the other record")
                    .help("are the two one event? keep one, or say what tells them apart"),
            );
        }
    }
    Ok(())
}

/// What makes a record like another; none where the day isn't known or there is only one state.
fn meeting<'r>(record: &'r RecordFacts<'_>) -> Option<Meeting<'r>> {
    let facts = &record.facts;
    if facts.states().len() < 2 {
        return None;
    }
    let day = facts.day()?;
    let mut states: Vec<_> = facts.states().iter().map(|state| &*state.value).collect();
    // The same pair the other way round is a mirrored dyad.
    if !is_pair(record) {
        states.sort_unstable();
        states.dedup();
    }
    let types = facts.types().iter().map(|kind| &*kind.value).collect();
    (states.len() > 1).then_some((day, types, states))
}
