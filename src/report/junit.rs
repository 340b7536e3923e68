//! JUnit XML: a suite for each file with findings, and one for the tables.
//!
//! A finding is a test case: an error is a failure, a warning or note passes and says so in its
//! output. Names have no line numbers, so that one can be followed from run to run. A table is a
//! test case that passes, so that a report of a good project isn't empty.

use std::fmt::Write as _;

use super::{Out, Report, Shown, counted, title};
use crate::diagnostic::fingerprint::Fingerprints;
use crate::diagnostic::{Diagnostic, Severity};
use crate::fault::Fault;
use crate::spelling::xml;
use crate::workspace::SourceId;

pub(super) fn write(report: &Report<'_>, out: &mut Out<'_>) -> Result<(), Fault> {
    let unlisted = report.unlisted();
    let tests = report.diagnostics.len() + report.records.len() + unlisted.len();
    let unlisted_failures =
        unlisted.iter().filter(|(severity, _)| *severity == Severity::Error).count();
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<testsuites name="demarche" tests="{tests}" failures="{}" errors="0" time="0">"#,
        report.listed(Severity::Error) + unlisted_failures as u64
    )?;
    if !report.records.is_empty() {
        suite(out, "tables", report.records.len(), 0)?;
        for (table, records) in report.records {
            writeln!(
                out,
                r#"<testcase classname="tables" name="{}" time="0"><system-out>{}</system-out></testcase>"#,
                xml::text(table),
                counted(*records, "record")
            )?;
        }
        writeln!(out, "</testsuite>")?;
    }
    let mut fingerprints = Fingerprints::default();
    let mut open: Option<SourceId> = None;
    report.each(|shown| {
        let source = shown.diagnostic.primary.place.source;
        if open != Some(source) {
            if open.is_some() {
                writeln!(out, "</testsuite>")?;
            }
            open = Some(source);
            let (tests, failures) = counts(report.diagnostics, source);
            suite(out, &report.path(source), tests, failures)?;
        }
        let number = fingerprints.next(report.workspace, shown.diagnostic).number;
        write!(out, "{}", case(report, shown, number))
    })?;
    if open.is_some() {
        writeln!(out, "</testsuite>")?;
    }
    if !unlisted.is_empty() {
        suite(out, "not listed", unlisted.len(), unlisted_failures)?;
        for (severity, line) in unlisted {
            let (name, line) =
                (xml::text(line.split(':').next().unwrap_or(&line)), xml::text(&line));
            let said = if severity == Severity::Error {
                format!("<failure>{line}</failure>")
            } else {
                format!("<system-out>{line}</system-out>")
            };
            writeln!(
                out,
                r#"<testcase classname="not listed" name="{name}" time="0">{said}</testcase>"#
            )?;
        }
        writeln!(out, "</testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn suite(out: &mut Out<'_>, name: &str, tests: usize, failures: usize) -> Result<(), Fault> {
    let name = xml::text(name);
    writeln!(
        out,
        r#"<testsuite name="{name}" tests="{tests}" failures="{failures}" errors="0" skipped="0" time="0">"#
    )
}

/// How many findings a file has, and how many of them are errors. They stand together.
fn counts(diagnostics: &[Diagnostic], source: SourceId) -> (usize, usize) {
    let from = diagnostics.partition_point(|found| found.primary.place.source < source);
    let to = diagnostics.partition_point(|found| found.primary.place.source <= source);
    let failures = diagnostics[from..to].iter().filter(|found| found.is_error()).count();
    (to - from, failures)
}

fn case(report: &Report<'_>, shown: &Shown<'_>, number: u32) -> String {
    let diagnostic = shown.diagnostic;
    let mut name = title(&diagnostic.topic());
    if let Some(record) = &diagnostic.record {
        let key = record.key.as_deref().unwrap_or("without a key");
        let _ = write!(name, ": {} {key}", record.table);
    }
    if let Some(pointer) = &diagnostic.primary.place.pointer
        && !pointer.is_empty()
    {
        let _ = write!(name, " {pointer}");
    }
    if number > 1 {
        let _ = write!(name, " ({number})");
    }
    let path = report.path(diagnostic.primary.place.source);
    let mut text = located(&path, shown.primary.start);
    let _ = write!(text, ": {}", diagnostic.message);
    for (label, place) in diagnostic.explaining().zip(&shown.related) {
        let path = report.path(label.place.source);
        let _ = write!(text, "\n{}: {}", located(&path, place.start), label.text);
    }
    if let Some(help) = &diagnostic.help {
        let _ = write!(text, "\nhelp: {help}");
    }
    let (classname, name, text) = (xml::text(&path), xml::text(&name), xml::text(&text));
    let said = if diagnostic.is_error() {
        let (message, topic) = (xml::text(&diagnostic.message), diagnostic.topic());
        format!(r#"<failure type="{topic}" message="{message}">{text}</failure>"#)
    } else {
        format!("<system-out>{}: {text}</system-out>", diagnostic.severity.name())
    };
    format!("<testcase classname=\"{classname}\" name=\"{name}\" time=\"0\">{said}</testcase>\n")
}

fn located(path: &str, start: crate::report::locate::Position) -> String {
    format!("{path}:{}:{}", start.line, start.column)
}
