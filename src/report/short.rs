//! One line a finding, for editors, `grep`, and people who know their data.

use super::{Out, Report};
use crate::fault::Fault;
use crate::spelling::terminal::{opening, printable};

pub(super) fn write(report: &Report<'_>, out: &mut Out<'_>) -> Result<(), Fault> {
    let styles = &report.view.styles;
    let limit = report.view.limit.unwrap_or(0);
    report.each_of(limit, |finding| {
        let diagnostic = finding.diagnostic;
        let style = styles.severity(diagnostic.severity);
        let start = finding.primary.start;
        writeln!(
            out,
            "{}:{}:{}: {style}{}[{}]{style:#}: {}",
            opening(&report.path(diagnostic.primary.place.source)),
            start.line,
            start.column,
            diagnostic.severity.name(),
            diagnostic.topic(),
            printable(&diagnostic.message)
        )
    })?;
    if report.view.quiet && report.diagnostics.is_empty() {
        return Ok(());
    }
    for (_, line) in report.unlisted() {
        writeln!(out, "{}", printable(&line))?;
    }
    writeln!(out, "{}", report.totals(styles))
}
