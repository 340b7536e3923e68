//! E004: a claim that rests on one publisher.

use std::collections::{BTreeSet, HashMap};

use super::{Check, DatasetAt, RecordFacts, Rule};
use crate::diagnostic::{Code, Diagnostic, Severity, quote};
use crate::model::Role;

/// A record all of whose sources come from one publisher.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "E004",
        name: "one-publisher",
        severity: Severity::Note,
        since: "0.1.0",
        summary: "All sources of a record come from one publisher.",
        explanation: "\
Reports of one publisher are seldom independent. A note, not a fault: some events have no other \
report.",
    },
    check: Check::Dataset(check),
};

fn check(at: &DatasetAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for (table, records) in at.facts.iter().enumerate() {
        let sources = at.named(table, Role::Source);
        check_table(at.row(table), records, &sources, diagnostics);
    }
}

fn check_table(
    row: &str,
    records: &[RecordFacts],
    sources: &HashMap<&str, &RecordFacts>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let publisher = |source: &str| {
        let publisher = sources.get(source)?.facts.publishers().first()?;
        Some(&*publisher.value)
    };
    for record in records.iter().filter(|record| !record.facts.sources().is_empty()) {
        let cited = record.facts.sources().iter();
        // A source that isn't there is reported as such.
        let of: Option<BTreeSet<&str>> = cited.map(|source| publisher(&source.value)).collect();
        let Some(of) = of else { continue };
        if let (1, Some(publisher)) = (of.len(), of.first()) {
            let count = record.facts.sources().len();
            let (key, publisher) = (quote(&record.key), quote(publisher));
            let message = if count == 1 {
                format!("the {row} {key} rests on one source, of {publisher}")
            } else {
                format!("the sources of the {row} {key} all come from {publisher}")
            };
            diagnostics.push(
                Diagnostic::new(RULE.code, record.spot.place(), message)
                    .help("look for a report of another publisher"),
            );
        }
    }
}
