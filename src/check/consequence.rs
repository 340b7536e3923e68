//! What follows from another finding is not said again: a date that stands for none comes after
//! every report and every office.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Place, Severity};
use crate::rules::{date_day_month_swapped, date_sentinel};
use crate::workspace::SourceId;

/// Codes of rules that compare dates.
const COMPARING: [&str; 6] = ["A001", "A002", "D002", "D003", "D004", "D005"];

/// Drops what rules that compare dates found with a date that another rule calls wrong by itself. A
/// finding stays that is graver than what it follows from: the project may be content with that.
pub fn drop_consequences(diagnostics: &mut Vec<Diagnostic>) {
    let causes = [date_sentinel::RULE.code, date_day_month_swapped::RULE.code];
    let mut wrong: HashMap<(SourceId, u64, u64), Severity> = HashMap::new();
    for finding in diagnostics.iter().filter(|finding| causes.contains(&finding.code)) {
        let worst = wrong.entry(bytes_of(&finding.primary.place)).or_insert(finding.severity);
        *worst = finding.severity.min(*worst);
    }
    if wrong.is_empty() {
        return;
    }
    diagnostics.retain(|finding| {
        let mut places = std::iter::once(&finding.primary).chain(&finding.related);
        let explained = |place: &Place| {
            wrong.get(&bytes_of(place)).is_some_and(|cause| *cause <= finding.severity)
        };
        !COMPARING.contains(&finding.code.id) || !places.any(|label| explained(&label.place))
    });
}

fn bytes_of(place: &Place) -> (SourceId, u64, u64) {
    (place.source, place.span.start, place.span.end)
}
