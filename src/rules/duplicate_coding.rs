//! U005: a unit that one coder coded twice.

use std::collections::BTreeMap;

use super::{Check, DatasetAt, RecordFacts, Rule};
use crate::diagnostic::{Code, Diagnostic, Severity, quote};

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
    },
    check: Check::Dataset(check),
};

fn check(at: &DatasetAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for records in at.facts {
        let mut codings: BTreeMap<(&str, &str), &RecordFacts> = BTreeMap::new();
        for record in records {
            let facts = &record.facts;
            let (Some(unit), Some(coder)) = (facts.units().first(), facts.coders().first()) else {
                continue;
            };
            let (unit, coder) = (&*unit.value, &*coder.value);
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
            diagnostics.push(
                Diagnostic::new(RULE.code, record.spot.place(), message)
                    .with(first.spot.place(), "the first one")
                    .help("correct the unit or the coder, or keep one of the two"),
            );
        }
    }
}
