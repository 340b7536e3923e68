//! K004: a key of the previous release that no record has any more.

use super::{Check, DatasetAt, Rule};
use crate::diagnostic::{Code, Diagnostic, Findings, Place, RecordName, Severity, quote};
use crate::fault::Fault;
use crate::spill::key_hash;

/// Released keys that are gone.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "K004",
        name: "withdrawn-key",
        severity: Severity::Warning,
        since: "0.1.0",
        summary: "A record of the previous release is gone.",
        explanation: "\
Whoever cites the record, or has joined data to it, finds nothing under its key any more. The keys of the \
main table are compared with those of the release that the manifest names (`previous`). Put the record \
back, with a status that says what became of it. If it must go, waive the finding in the manifest. The \
waiver says why, and which record takes its place; it stays for good, and is reported as soon as a record \
has the key again.",
    },
    check: Check::Dataset(check),
};

fn check(at: &DatasetAt<'_>, findings: &mut Findings) -> Result<(), Fault> {
    let Some(previous) = at.previous else { return Ok(()) };
    let main = at.context.model.main;
    // A record that can't be read isn't gone.
    if at.tables[main].incomplete {
        return Ok(());
    }
    let table = &at.context.model.tables[main];
    let keys = previous.records.iter().map(|record| key_hash(&record.key));
    let there = at.tables[main].keys.find(&keys.collect::<Vec<_>>())?;
    for (record, there) in previous.records.iter().zip(there) {
        if there {
            continue;
        }
        let (row, key) = (table.row_name(), quote(&record.key));
        let message =
            format!("the {row} {key}, which `{}` released, is gone", previous.release.path);
        let help = format!(
            "put the {row} back; or, if its key is retired, waive this in the manifest with \
             `table = \"{}\"` and `key = \"{}\"`, and say in the reason why",
            table.name, record.key
        );
        // The pointer would be one into the manifest, and the finding is about a record.
        let place = Place { pointer: None, ..previous.release.place.clone() };
        let mut finding = Diagnostic::new(RULE.code, place, message)
            .with(record.spot.place(), "as it was released")
            .help(help);
        finding.record =
            Some(RecordName { table: table.name.clone(), key: Some(record.key.clone()) });
        findings.push(finding);
    }
    Ok(())
}
