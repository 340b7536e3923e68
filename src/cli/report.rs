//! Findings to standard output, with a summary.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

use demarche::diagnostic::render::{human, json, show};
use demarche::workspace::Workspace;
use demarche::{Diagnostic, Fault, Severity};
use serde_json::json;

use super::{Global, MessageFormat, stdout_fault};

/// So many findings of one code are shown to a person; totals count all.
const SHOWN_PER_CODE_MAX: usize = 25;

/// Writes to standard output.
pub(super) fn print(bytes: &[u8]) -> Result<(), Fault> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(stdout_fault)
}

/// What was checked, for the summary.
pub(super) struct Summary<'a> {
    /// (table, records)
    pub counts: &'a [(&'a str, u64)],
    /// Further lines for people.
    pub lines: &'a [String],
    /// The release's directory, if one was written.
    pub release: Option<&'a str>,
}

/// Writes findings and summary.
pub(super) fn report(
    global: &Global,
    workspace: &Workspace,
    diagnostics: &[Diagnostic],
    summary: &Summary<'_>,
) -> Result<(), Fault> {
    match global.message_format {
        MessageFormat::Human => people(global, workspace, diagnostics, summary),
        MessageFormat::Json => programs(workspace, diagnostics, summary),
    }
}

fn people(
    global: &Global,
    workspace: &Workspace,
    diagnostics: &[Diagnostic],
    summary: &Summary<'_>,
) -> Result<(), Fault> {
    let styles = if global.coloured() { human::Styles::coloured() } else { human::Styles::plain() };
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut shown = Vec::new();
    for diagnostic in diagnostics {
        let count = seen.entry(diagnostic.code.id).or_default();
        *count += 1;
        if *count <= SHOWN_PER_CODE_MAX {
            shown.push(diagnostic);
        }
    }
    let mut out = String::new();
    for finding in show(workspace, shown)? {
        out.push_str(&human::render(workspace, &finding, &styles));
    }
    for (code, count) in seen {
        if count > SHOWN_PER_CODE_MAX {
            let _ = writeln!(
                out,
                "… and {} more {code} findings (--message-format json shows all)\n",
                count - SHOWN_PER_CODE_MAX
            );
        }
    }
    if !global.quiet || !diagnostics.is_empty() {
        out.push_str(&totals(diagnostics, summary, &styles));
    }
    if !global.quiet {
        for line in summary.lines {
            let _ = writeln!(out, "{line}");
        }
    }
    print(out.as_bytes())
}

fn count(number: usize, unit: &str) -> String {
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

fn totals(diagnostics: &[Diagnostic], summary: &Summary<'_>, styles: &human::Styles) -> String {
    let of = |severity| diagnostics.iter().filter(|found| found.severity == severity).count();
    let parts: Vec<_> = [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .filter(|&severity| of(severity) > 0)
        .map(|severity| {
            let style = styles.severity(severity);
            format!("{style}{}{style:#}", count(of(severity), severity.name()))
        })
        .collect();
    let found = if parts.is_empty() { "no findings".to_owned() } else { parts.join(", ") };
    let records: u64 = summary.counts.iter().map(|(_, records)| records).sum();
    let tables: Vec<_> =
        summary.counts.iter().map(|(table, records)| format!("{records} {table}")).collect();
    if tables.is_empty() {
        return format!("{found}\n");
    }
    format!("{found} in {} ({})\n", count(records as usize, "record"), tables.join(", "))
}

fn programs(
    workspace: &Workspace,
    diagnostics: &[Diagnostic],
    summary: &Summary<'_>,
) -> Result<(), Fault> {
    let mut out = String::new();
    // In portions, so that a million findings don't sit in memory twice.
    for portion in diagnostics.chunks(10_000) {
        for finding in show(workspace, portion)? {
            out.push_str(&json::render(workspace, &finding));
            out.push('\n');
        }
        print(out.as_bytes())?;
        out.clear();
    }
    let of = |severity| diagnostics.iter().filter(|found| found.severity == severity).count();
    let records: serde_json::Map<_, _> = summary
        .counts
        .iter()
        .map(|(table, records)| ((*table).to_owned(), json!(records)))
        .collect();
    let line = json!({
        "reason": "summary",
        "errors": of(Severity::Error),
        "warnings": of(Severity::Warning),
        "notes": of(Severity::Note),
        "records": records,
        "release": summary.release,
    });
    print(format!("{line}\n").as_bytes())
}
