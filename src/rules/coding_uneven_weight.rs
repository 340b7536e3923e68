//! U006: codings of one unit that say that it weighs differently.

use std::collections::HashMap;

use super::{AlikeAt, Check, RecordFacts, Rule, hash_of};
use crate::diagnostic::{Code, Diagnostic, Findings, Severity, quote};
use crate::fault::Fault;

/// Two weights of one unit.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "U006",
        name: "uneven-weight",
        severity: Severity::Error,
        since: "0.2.0",
        summary: "Codings of one unit have different weights.",
        explanation: "\
A weight (role `weight`) belongs to the unit that was coded (role `unit`): it is 1 divided by the probability \
that the unit was drawn into the sample, and makes up for kinds of units that were drawn more often than \
others. So all codings of a unit have the same one, whoever coded it. If the finding is waived or turned \
down, agreement takes the weight of the coding whose key comes first.",
        needs_all_records: true,
        ..Code::OF_RULE
    },
    check: Check::Alike(blocking_key, check),
};

fn blocking_key(record: &RecordFacts<'_>) -> Option<u64> {
    record.facts.weights().first()?;
    record.facts.units().first().map(|unit| hash_of(&unit.value))
}

fn check(at: &AlikeAt<'_, '_>, findings: &mut Findings) -> Result<(), Fault> {
    for group in at.groups() {
        let group = group?;
        let mut units: HashMap<&str, &RecordFacts<'_>> = HashMap::new();
        for record in &group {
            let facts = &record.facts;
            let (Some(unit), Some(weight)) = (facts.units().first(), facts.weights().first())
            else {
                continue;
            };
            let first = *units.entry(&unit.value).or_insert(record);
            let Some(other) = first.facts.weights().first() else { continue };
            if other.value == weight.value {
                continue;
            }
            let message = format!(
                "{} weighs {} in the coding {}, and {} in {}",
                quote(&unit.value),
                weight.value,
                quote(&record.key),
                other.value,
                quote(&first.key)
            );
            findings.push(
                Diagnostic::new(RULE.code, weight.spot.place(), message)
                    .with(other.spot.place(), "the other one")
                    .help("a weight belongs to the unit: give all its codings the same"),
            );
        }
    }
    Ok(())
}
