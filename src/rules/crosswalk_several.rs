//! A005: a code that matches several codes of a system when the record was.

use super::counted::each;
use super::{Check, RecordAt, Rule};
use crate::diagnostic::{Code, Consequence, Diagnostic, Severity};
use crate::model::derived::Reason;

/// A code that a crosswalk matches to several.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "A005",
        name: "several-matches",
        severity: Severity::Error,
        since: "0.2.0",
        summary: "A crosswalk has several codes for a unit when the record was.",
        explanation: "\
A crosswalk matches the codes of records to those of a system, day by day. Where a record's date can mean days with different matches, or \
the list has two for one day, nobody can tell which is meant, and which one is taken would change what a panel counts. \
Make the date more exact, correct the list, or say in the manifest what is to happen: `several = \"keep\"` counts the record \
for each, `several = \"first\"` for the one that stands first in the list.",
        consequence: Consequence::OfDate,
        ..Code::OF_RULE
    },
    check: Check::Counted(check),
};

fn check(at: &RecordAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    each(at, &[Reason::SeveralMatches], &mut |outside| {
        let Some(crosswalk) = outside.panel.panel.crosswalk else { return };
        let name = &at.context.model.crosswalks[crosswalk].name;
        let what = format!("for which the crosswalk `{name}` has several codes {}", outside.days());
        diagnostics.push(outside.finding(RULE.code, &what).help(
            "make the date more exact, correct the list, or say `several = \"keep\"` or `several = \"first\"` in \
             the crosswalk's entry",
        ));
    });
}
