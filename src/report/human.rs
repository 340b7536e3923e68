//! For people at a terminal: message, place, lines with underlines and labels, help.

use std::fmt::Write as _;

use super::snippet::{Block, Mark, Pen};
use super::text::wrap;
use super::{Out, Report, Shown, counted, title};
use crate::diagnostic::{Certainty, Label};
use crate::fault::Fault;
use crate::pointer::readable;
use crate::report::locate::{Position, Texts};
use crate::spelling::terminal::{opening, printable};
use crate::workspace::Format;

/// So many findings of one code or constraint are shown unless the user says otherwise.
const LIMIT_DEFAULT: usize = 25;
/// Help is broken into lines no longer than this.
const COLUMNS_MAX: usize = 100;

pub(super) fn write(report: &Report<'_>, out: &mut Out<'_>) -> Result<(), Fault> {
    let view = &report.view;
    let limit = view.limit.unwrap_or(LIMIT_DEFAULT);
    report
        .each_with_text(limit, |shown, texts| write!(out, "{}", finding(report, shown, texts)))?;
    let strong = view.styles.strong;
    for (topic, count) in report.topics() {
        if limit > 0 && count > limit as u64 {
            let title = title(&topic);
            writeln!(
                out,
                "{strong}{title}{strong:#}: {limit} of {} shown (--limit 0 shows all)",
                counted(count, "finding")
            )?;
        }
    }
    if !view.quiet || !report.diagnostics.is_empty() {
        writeln!(out, "{}", report.totals(&view.styles))?;
        for (_, line) in report.unlisted() {
            writeln!(out, "{}", printable(&line))?;
        }
    }
    if !view.quiet
        && let Some(first) = report.diagnostics.first()
    {
        writeln!(
            out,
            "`demarche explain CODE` tells more, as in `demarche explain {}`",
            first.part.as_deref().unwrap_or(first.code.id)
        )?;
    }
    if !view.quiet {
        for line in report.lines {
            writeln!(out, "{}", opening(line))?;
        }
    }
    Ok(())
}

/// One finding, with a blank line after it.
fn finding(report: &Report<'_>, shown: &Shown<'_>, texts: &Texts) -> String {
    let diagnostic = shown.diagnostic;
    let styles = &report.view.styles;
    let (severity, strong) = (styles.severity(diagnostic.severity), styles.strong);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{severity}{}[{}]{severity:#}{strong}: {}{strong:#}",
        diagnostic.severity.name(),
        diagnostic.topic(),
        printable(&diagnostic.message)
    );
    let snippets = &shown.related[..diagnostic.related.len()];
    let located = std::iter::once(&shown.primary).chain(snippets);
    let last = located.map(|located| located.last_line() + 1).max().unwrap_or(1);
    let pen = Pen { styles, primary: severity, gutter: last.to_string().len() };
    let labels = std::iter::once(&diagnostic.primary).chain(&diagnostic.related);
    let located = std::iter::once(shown.primary).chain(snippets.iter().copied());
    let mut blocks = Vec::new();
    for (index, (Label { place, text }, located)) in labels.zip(located).enumerate() {
        let mark = Mark { span: place.span.clone(), located, label: text, primary: index == 0 };
        Block::add(&mut blocks, place.source, mark);
    }
    for (index, block) in blocks.iter().enumerate() {
        let start = block.marks[0].located.start;
        if index > 0 {
            bar(&pen, &mut out);
        }
        let accent = styles.accent;
        let source = report.workspace.source(block.source);
        let position = if source.is_unread() {
            String::new()
        } else {
            format!(":{}:{}", start.line, start.column)
        };
        let _ = writeln!(
            out,
            "{:gutter$}{accent}{}{accent:#} {}{position}{}",
            "",
            if index == 0 { "-->" } else { ":::" },
            printable(&report.path(block.source)),
            if index == 0 { whereabouts(shown) } else { String::new() },
            gutter = pen.gutter
        );
        if source.is_unread() {
            continue;
        }
        bar(&pen, &mut out);
        // The lines beside a row of a table or a line of JSON are other records.
        let neighbours = match source.format {
            Format::Yaml | Format::Json | Format::Toml => true,
            Format::JsonLines | Format::Csv => false,
        };
        pen.block(texts, block, neighbours, &mut out);
    }
    // The clause would take many lines to show, and few people who read this wrote it.
    if let (Some(Label { place, text }), Some(located)) =
        (diagnostic.demanded.as_deref(), shown.related.last())
    {
        let path = report.path(place.source);
        let Position { line, column } = located.start;
        clause(&pen, &format!("{path}:{line}:{column} {text}"), &mut out);
    }
    let fix = diagnostic.fix.as_ref().filter(|fix| fix.certainty == Certainty::Certain);
    let fix = fix.map(|fix| match &fix.edits[..] {
        [edit] if !edit.replacement.is_empty() && !edit.replacement.contains('\n') => {
            format!("{}: `{}`", fix.title, edit.replacement)
        }
        _ => fix.title.clone(),
    });
    if diagnostic.help.is_some() || fix.is_some() {
        bar(&pen, &mut out);
    }
    for (what, text) in [("help", diagnostic.help.as_deref()), ("fix", fix.as_deref())] {
        if let Some(text) = text {
            advice(&pen, what, text, &mut out);
        }
    }
    out.push('\n');
    out
}

/// The record, and the path in it where the message doesn't say it.
fn whereabouts(shown: &Shown<'_>) -> String {
    let diagnostic = shown.diagnostic;
    let Some(record) = &diagnostic.record else { return String::new() };
    let path = readable(diagnostic.primary.place.pointer.as_deref().unwrap_or_default());
    let is_said = diagnostic.message.contains(&format!("`{path}`"));
    let path = if is_said || path == "the record" { String::new() } else { format!(": {path}") };
    let key = record.key.as_deref().map_or_else(String::new, |key| format!(" {key}"));
    format!(" ({})", printable(&format!("{}{key}{path}", record.table)))
}

fn bar(pen: &Pen<'_>, out: &mut String) {
    let accent = pen.styles.accent;
    let _ = writeln!(out, "{:gutter$} {accent}|{accent:#}", "", gutter = pen.gutter);
}

/// A place in one line.
fn clause(pen: &Pen<'_>, text: &str, out: &mut String) {
    let accent = pen.styles.accent;
    let _ = writeln!(
        out,
        "{:gutter$}{accent}:::{accent:#} {}",
        "",
        printable(text),
        gutter = pen.gutter
    );
}

fn advice(pen: &Pen<'_>, what: &str, text: &str, out: &mut String) {
    let (accent, strong) = (pen.styles.accent, pen.styles.strong);
    let indent = pen.gutter + " = : ".len() + what.len();
    // What is to be pasted stands on lines of its own.
    let (text, pasted) = text.split_once('\n').map_or((text, None), |(it, rest)| (it, Some(rest)));
    let mut lines = wrap(&printable(text), COLUMNS_MAX - indent.min(COLUMNS_MAX / 2));
    lines.extend(pasted.into_iter().flat_map(str::lines).map(|it| printable(it).into_owned()));
    let _ = writeln!(
        out,
        "{:gutter$} {accent}={accent:#} {strong}{what}{strong:#}: {}",
        "",
        lines[0],
        gutter = pen.gutter
    );
    for line in &lines[1..] {
        let _ = writeln!(out, "{:indent$}{line}", "");
    }
}
