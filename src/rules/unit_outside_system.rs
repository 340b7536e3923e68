//! A004: a unit of a record that belongs to no system of a panel.

use super::counted::each;
use super::{Check, RecordAt, Rule};
use crate::diagnostic::{Code, Consequence, Diagnostic, Severity};
use crate::model::derived::Reason;
use crate::period::day_of;

/// A unit that was no member of the system of a panel when the record was.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "A004",
        name: "unit-outside-system",
        severity: Severity::Warning,
        since: "0.2.0",
        summary: "A panel can't count a record, because its unit was no member of the system then.",
        explanation: "\
A panel of the manifest counts records by the units of a system: a code list with spells, as of a day. Where a record's unit was \
no member on any day that the record's date can mean, or the crosswalk has no code for it, or the system's list ends before, there is no cell \
for it: the record stands in the table that ends in `_outside`, with the reason. Either the code or the date is wrong, or the \
system, the crosswalk or its `as_of` must be brought up to date; or the unit is none, and the warning can be waived.",
        consequence: Consequence::OfDate,
        ..Code::OF_RULE
    },
    check: Check::Counted(check),
};

fn check(at: &RecordAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let reasons = [Reason::NoMatch, Reason::AfterAsOf, Reason::OutsideSpell];
    each(at, &reasons, &mut |outside| {
        let system = outside.panel.system;
        let crosswalk = outside.panel.panel.crosswalk;
        let days = outside.days();
        let what = match (outside.reason, crosswalk, system.as_of) {
            (Reason::NoMatch, Some(crosswalk), _) => {
                let name = &at.context.model.crosswalks[crosswalk].name;
                format!("for which the crosswalk `{name}` has no code {days}")
            }
            (Reason::AfterAsOf, _, Some(day)) => format!(
                "and the system `{}` knows its members until {} only, not {days}",
                system.name,
                day_of(day)
            ),
            _ => format!("which was no member of the system `{}` {days}", system.name),
        };
        let table = outside.panel.table;
        diagnostics.push(outside.finding(RULE.code, &what).help(format!(
            "correct the code or the date; as it is, `{table}` can't count the record, which stands in \
             `{table}_outside`"
        )));
    });
}
