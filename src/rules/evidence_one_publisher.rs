//! E004: a claim that rests on one publisher.

use super::{Check, NamedAt, Rule};
use crate::diagnostic::{Code, Diagnostic, Severity, quote};
use crate::fault::Fault;
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
        needs_all_records: true,
        ..Code::OF_RULE
    },
    check: Check::Named(Role::Source, check),
};

fn check(at: &NamedAt<'_>, diagnostics: &mut Vec<Diagnostic>) -> Result<(), Fault> {
    let NamedAt { row, record, named, .. } = at;
    let mut publisher: Option<String> = None;
    for source in record.facts.sources() {
        let source = named.get(&source.value)?;
        // A source that isn't there is reported as such.
        let of = source.as_ref().and_then(|source| source.facts.publishers().first());
        let Some(of) = of else { return Ok(()) };
        if publisher.get_or_insert_with(|| of.value.to_string()) != &*of.value {
            return Ok(());
        }
    }
    diagnostics.extend(publisher.map(|publisher| {
        let count = record.facts.sources().len();
        let (key, publisher) = (quote(&record.key), quote(&publisher));
        let message = if count == 1 {
            format!("the {row} {key} rests on one source, of {publisher}")
        } else {
            format!("the sources of the {row} {key} all come from {publisher}")
        };
        Diagnostic::new(RULE.code, record.spot.place(), message)
            .help("look for a report of another publisher")
    }));
    Ok(())
}
