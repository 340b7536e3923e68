//! U005: a unit that one coder coded twice.

use std::collections::HashMap;

use super::{AlikeAt, Check, RecordFacts, Rule, hash_of};
use crate::diagnostic::{Code, Diagnostic, Findings, Severity, quote};
use crate::fault::Fault;

/// Two codings of one unit by one coder.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "U005",
        name: "repeated-coding",
        severity: Severity::Error,
        since: "0.1.0",
        summary: "A coder coded the same unit twice.",
        explanation: "\
Agreement is between coders, so each has one coding (role `coder`) of a unit (role `unit`). A second one \
is a slip in the name of the unit or the coder, or a change of mind of which one half was forgotten. \
Where coders code again on purpose, to be compared with themselves, give the second round a coder of its \
own. If the finding is waived or turned down, agreement takes the coding whose key comes first.",
        needs_all_records: true,
        ..Code::OF_RULE
    },
    check: Check::Alike(blocking_key, check),
};

fn blocking_key(record: &RecordFacts<'_>) -> Option<u64> {
    coding(record).map(hash_of)
}

/// The unit and the coder.
fn coding<'r>(record: &'r RecordFacts<'_>) -> Option<(&'r str, &'r str)> {
    let facts = &record.facts;
    Some((&facts.units().first()?.value, &facts.coders().first()?.value))
}

fn check(at: &AlikeAt<'_, '_>, findings: &mut Findings) -> Result<(), Fault> {
    for group in at.groups() {
        let group = group?;
        let mut codings: HashMap<(&str, &str), &RecordFacts<'_>> = HashMap::new();
        for record in &group {
            let Some((unit, coder)) = coding(record) else { continue };
            let Some(first) = codings.get(&(unit, coder)) else {
                codings.insert((unit, coder), record);
                continue;
            };
            let message = format!(
                "the coder {} has two codings of {}: {} and {}",
                quote(coder),
                quote(unit),
                quote(&first.key),
                quote(&record.key)
            );
            findings.push(
                Diagnostic::new(RULE.code, record.spot.place(), message)
                    .with(first.spot.place(), "the first one")
                    .help("correct the unit or the coder, or keep one of the two"),
            );
        }
    }
    Ok(())
}
