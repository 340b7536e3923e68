//! A003: a pair of a thing with itself.

use super::groups::Keep;
use super::together::each_scope;
use super::{Check, Found, GroupAt, Grouping, RecordAt, Rule, hash_of};
use crate::diagnostic::{Code, Diagnostic, Findings, Severity, quote};
use crate::fault::Fault;
use crate::spill::Spot;
use crate::spill::packed::{Reader, number, spot, text};

/// A pair whose sides are the same.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "A003",
        name: "self-dyad",
        severity: Severity::Warning,
        since: "0.2.0",
        summary: "Both sides of a pair are the same.",
        explanation: "\
Nobody fights, visits or signs with themselves, so one of the two sides is a slip. Compared are two values side by side \
with the role `side`, whatever they are, and two states or two persons side by side (roles `state`, `person`) if there are exactly two of \
them and both have the same code list, or refer to the same table. Some tables have such pairs on purpose: \
domestic events, trade inside of a state. Where a table has ten or more and they are at least one in twenty \
of its records, nothing is said of states and persons; else switch the rule off for the table's files.",
        needs_all_records: true,
        ..Code::OF_RULE
    },
    check: Check::Group(Grouping::SelfPairs, check),
};

/// From this many on they can show that a table has them on purpose.
const TELLING: usize = 10;

/// One in so many records then is enough to show it.
const COMMON: usize = 20;

/// Keeps the pairs of a record whose sides are the same.
pub(super) fn note(at: &RecordAt<'_>, keep: &mut Keep<'_>) {
    for (index, pair) in at.roles.together.pairs.iter().enumerate() {
        each_scope(pair.one.scope(), at.record, &mut |path| {
            let (Some(one), Some(other)) = (pair.one.found(at, path), pair.other.found(at, path))
            else {
                return;
            };
            let written = one.text();
            if written.is_empty() || written != other.text() || !are_comparable(at, &one, &other) {
                return;
            }
            keep.push(hash_of(index), Spot::of(other.value), |bytes| {
                number(index as u64, bytes);
                text(&written, bytes);
                spot(Spot::of(one.value), bytes);
            });
        });
    }
}

/// Whether equal texts of two values stand for one thing.
fn are_comparable(at: &RecordAt<'_>, one: &Found<'_, '_>, other: &Found<'_, '_>) -> bool {
    let [one, other] = [one, other].map(|found| at.roles.place_of(found));
    let list = |codes: &crate::model::Codes| codes.list.clone();
    let lists = [one, other].map(|place| place.kind.codes().map(|codes| list(codes)));
    one.reference == other.reference && lists[0] == lists[1]
}

fn check(at: &GroupAt<'_, '_>, findings: &mut Findings) -> Result<(), Fault> {
    let is_common = at.len() >= TELLING && at.len() * COMMON >= at.records;
    for number in 0..at.len() {
        let (place, bytes) = at.member(number)?;
        let mut rest = Reader(&bytes);
        let pair = &at.roles.together.pairs[rest.number() as usize];
        if is_common && !pair.is_declared {
            return Ok(());
        }
        let message = format!(
            "`{}` and `{}` are both {}",
            pair.one.name(),
            pair.other.name(),
            quote(rest.text())
        );
        findings.push(
            Diagnostic::new(RULE.code, place.place(), message)
                .label("the same as the other side")
                .with(rest.spot().place(), "one side")
                .help(
                    "correct the side that is wrong; if pairs with themselves have a meaning here, \
                     switch this rule off",
                ),
        );
    }
    Ok(())
}
