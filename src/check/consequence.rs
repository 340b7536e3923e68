//! Findings that follow from another one are left out. A date such as `9999-12-31`, which stands for
//! none, would otherwise also be after the end of every office, and after every report.

use std::collections::HashMap;

use crate::diagnostic::{Consequence, Diagnostic, Place, Severity};
use crate::workspace::SourceId;

/// Leaves out what rules found by comparing a date that another rule calls wrong by itself. A
/// finding stays if it is more severe than its cause: the project may have chosen to accept that.
pub fn drop_consequences(diagnostics: &mut Vec<Diagnostic>) {
    let is_cause = |finding: &&Diagnostic| finding.code.explains == Consequence::OfDate;
    let mut wrong: HashMap<(SourceId, u64, u64), Severity> = HashMap::new();
    for finding in diagnostics.iter().filter(is_cause) {
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
        finding.code.consequence != Consequence::OfDate
            || !places.any(|label| explained(&label.place))
    });
}

fn bytes_of(place: &Place) -> (SourceId, u64, u64) {
    (place.source, place.span.start, place.span.end)
}
