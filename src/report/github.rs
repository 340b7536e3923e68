//! Annotations of GitHub Actions: workflow commands that its runner reads from the log.
//!
//! GitHub shows ten of each level a step, and fifty a job; the others stay in the log.

use super::{Out, Report, Styles, title};
use crate::diagnostic::Severity;
use crate::fault::Fault;
use crate::spelling::github::{data, property};

pub(super) fn write(report: &Report<'_>, out: &mut Out<'_>) -> Result<(), Fault> {
    report.each(|shown| {
        let diagnostic = shown.diagnostic;
        let command = command(diagnostic.severity);
        let (start, last) = (shown.primary.start, shown.primary.last_line());
        // GitHub refuses columns of a place with many lines. Its last column is part of the place.
        let columns = if start.line == last && shown.primary.end.line == last {
            let end = (shown.primary.end.column - 1).max(start.column);
            format!(",col={},endColumn={end}", start.column)
        } else {
            String::new()
        };
        let help = diagnostic.help.as_deref().map(|help| format!("\nhelp: {help}"));
        writeln!(
            out,
            "::{command} file={},line={},endLine={last}{columns},title={}::{}",
            property(&report.path(diagnostic.primary.place.source)),
            start.line,
            property(&title(&diagnostic.topic())),
            data(&format!("{}{}", diagnostic.message, help.unwrap_or_default()))
        )
    })?;
    for (severity, line) in report.unlisted() {
        writeln!(out, "::{} title=Not listed::{}", command(severity), data(&line))?;
    }
    if report.view.quiet && report.diagnostics.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", report.totals(&Styles::plain()))
}

fn command(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    }
}
