//! U002: two records of what seems to be one event.

use std::collections::BTreeMap;
use std::hash::{Hash as _, Hasher as _};

use xxhash_rust::xxh3::Xxh3Default;

use super::duplicate_mirrored::is_pair;
use super::{Check, DatasetAt, Days, RecordFacts, Rule};
use crate::diagnostic::{Code, Diagnostic, Severity, quote};

/// Records of one table with the same day, type and states.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "U002",
        name: "near-duplicate",
        severity: Severity::Note,
        since: "0.1.0",
        summary: "Two records have the same day, type and parties.",
        explanation: "\
Two coders, or two reports, easily make two records of one event. Records with one day (role `date`), \
one type (role `type`) and the same set of at least two states (role `state`) are compared by a hash, \
never pair by pair. Two signatures on one day are no duplicate: tell them apart in their titles.",
    },
    check: Check::Dataset(check),
};

/// Day, types and states.
type Likeness<'a> = (Days, Vec<&'a str>, Vec<&'a str>);

fn check(at: &DatasetAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for (table, records) in at.facts.iter().enumerate() {
        let hashed =
            |(index, record): (usize, &RecordFacts)| Some((hash_of(&likeness(record)?), index));
        let mut hashes: Vec<_> = records.iter().enumerate().filter_map(hashed).collect();
        hashes.sort_unstable();
        let mut alike: BTreeMap<Likeness<'_>, Vec<&RecordFacts>> = BTreeMap::new();
        for group in hashes.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1) {
            for (_, index) in group {
                let record = &records[*index];
                alike.entry(likeness(record).expect("it had a hash")).or_default().push(record);
            }
        }
        for ((_, _, states), records) in alike {
            let Some((first, others)) = records.split_first() else { continue };
            for other in others {
                let message = format!(
                    "the {} {} has the day, type and states ({}) of {}",
                    at.row(table),
                    quote(&other.key),
                    states.join(", "),
                    quote(&first.key)
                );
                diagnostics.push(
                    Diagnostic::new(RULE.code, other.spot.place(), message)
                        .with(first.spot.place(), "the other record")
                        .help("are the two one event? keep one, or say what tells them apart"),
                );
            }
        }
    }
}

/// What makes a record like another; none where the day isn't known or there is only one state.
fn likeness(record: &RecordFacts) -> Option<Likeness<'_>> {
    let facts = &record.facts;
    let date = facts.dates().first()?;
    let one_day = date.value.0.is_some() && date.value.0 == date.value.1;
    let mut states: Vec<_> = facts.states().iter().map(|state| &*state.value).collect();
    // The same pair the other way round is a mirrored dyad.
    if !is_pair(record) {
        states.sort_unstable();
        states.dedup();
    }
    let types = facts.types().iter().map(|kind| &*kind.value).collect();
    (one_day && states.len() > 1).then_some((date.value, types, states))
}

fn hash_of(likeness: &Likeness<'_>) -> u64 {
    let mut hasher = Xxh3Default::new();
    likeness.hash(&mut hasher);
    hasher.finish()
}
