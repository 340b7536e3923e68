//! E001: a claim without a source.

use super::{Check, RecordAt, Rule};
use crate::diagnostic::{Code, Diagnostic, Place, Severity, quote};
use crate::model::Role;

/// A record whose table cites sources, and that cites none.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "E001",
        name: "no-evidence",
        severity: Severity::Error,
        since: "0.1.0",
        summary: "A record cites no source.",
        explanation: "\
Where a table's schema has a property with the role `source`, every record must name at least one \
source: what nobody reports is not coded.",
        ..Code::OF_RULE
    },
    check: Check::Record(check),
};

fn check(at: &RecordAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    // A property that the schema requires is missed already.
    if at.roles.has(Role::Source)
        && at.find(Role::Source).next().is_none()
        && !at.roles.lacks_required(Role::Source, at.record, at.table)
    {
        let empty = at.roles.empty_on_the_way(Role::Source, at.record);
        let place =
            Place::new(at.record.source(), at.record.opening()).at(at.record.pointer_to(empty));
        let key = at.table.key_of(at.record);
        let key = key.map_or_else(String::new, |key| format!(" {}", quote(&key.text())));
        let message = format!("the {}{key} cites no source", at.table.row_name());
        diagnostics.push(
            Diagnostic::new(RULE.code, place, message)
                .help("add the source that reports it, or remove the record"),
        );
    }
}
