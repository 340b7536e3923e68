//! E004: a claim that rests on one publisher.

use std::collections::{BTreeSet, HashMap};

use super::{Check, DatasetAt, Rule};
use crate::diagnostic::{Code, Diagnostic, Severity, quote};

/// A record all of whose supporting sources come from one publisher.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "E004",
        name: "one-publisher",
        severity: Severity::Note,
        summary: "All sources of a record come from one publisher.",
        explanation: "\
Reports of one publisher are seldom independent. A note, not a fault: some events have no other \
report.",
    },
    since: "0.1.0",
    check: Check::Dataset(check),
};

fn check(at: &DatasetAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let publishers: HashMap<u128, &str> = at
        .facts
        .iter()
        .flatten()
        .filter_map(|record| Some((record.key, record.facts.publishers.first()?.value.as_str())))
        .collect();
    if publishers.is_empty() {
        return;
    }
    for record in at.facts.iter().flatten().filter(|record| !record.facts.sources.is_empty()) {
        let of: Option<BTreeSet<&str>> = record
            .facts
            .sources
            .iter()
            .map(|source| publishers.get(&source.value).copied())
            .collect();
        // A source that isn't there is reported as such.
        let Some(of) = of else { continue };
        if let (1, Some(publisher)) = (of.len(), of.first()) {
            let count = record.facts.sources.len();
            let message = if count == 1 {
                format!("this record rests on one source, of {}", quote(publisher))
            } else {
                format!("the sources of this record all come from {}", quote(publisher))
            };
            diagnostics.push(
                Diagnostic::new(RULE.code, record.spot.place(), message)
                    .help("look for a report of another publisher"),
            );
        }
    }
}
