//! For people at a terminal: message, place, line with underline, help.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Shown;
use crate::diagnostic::locate::Located;
use crate::diagnostic::{Place, Severity, is_invisible};
use crate::workspace::Workspace;

/// Colours, or none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Styles {
    error: Style,
    warning: Style,
    note: Style,
    accent: Style,
    strong: Style,
}

impl Styles {
    /// Plain text.
    #[must_use]
    pub fn plain() -> Self {
        Self::default()
    }

    /// For terminals.
    #[must_use]
    pub fn coloured() -> Self {
        let bold = |colour: AnsiColor| colour.on_default().bold();
        Self {
            error: bold(AnsiColor::Red),
            warning: bold(AnsiColor::Yellow),
            note: bold(AnsiColor::Cyan),
            accent: bold(AnsiColor::Blue),
            strong: Style::new().bold(),
        }
    }

    /// The style of a severity.
    #[must_use]
    pub fn severity(&self, severity: Severity) -> Style {
        match severity {
            Severity::Error => self.error,
            Severity::Warning => self.warning,
            Severity::Note => self.note,
        }
    }
}

/// One finding, with a blank line after it.
#[must_use]
pub fn render(workspace: &Workspace, shown: &Shown<'_>, styles: &Styles) -> String {
    let diagnostic = shown.diagnostic;
    let mut out = String::new();
    let severity = styles.severity(diagnostic.severity);
    let strong = styles.strong;
    let _ = writeln!(
        out,
        "{severity}{}[{}]{severity:#}{strong}: {}{strong:#}",
        diagnostic.severity.name(),
        diagnostic.code.id,
        diagnostic.message
    );
    let lines = std::iter::once(&shown.primary).chain(&shown.related);
    let last = lines.map(|located| located.start.line).max().unwrap_or(1);
    let gutter = last.to_string().len();
    let primary = &diagnostic.primary;
    let mut block = Block { workspace, styles, gutter, out: &mut out };
    block.arrow("-->", &primary.place, &shown.primary);
    block.bar();
    block.line(&shown.primary, '^', severity, &primary.text);
    for (label, located) in diagnostic.related.iter().zip(&shown.related) {
        block.arrow(":::", &label.place, located);
        block.bar();
        block.line(located, '-', styles.accent, &label.text);
    }
    if let Some(help) = &diagnostic.help {
        block.bar();
        block.help(help);
    }
    out.push('\n');
    out
}

struct Block<'a> {
    workspace: &'a Workspace,
    styles: &'a Styles,
    gutter: usize,
    out: &'a mut String,
}

impl Block<'_> {
    fn arrow(&mut self, arrow: &str, place: &Place, located: &Located) {
        let accent = self.styles.accent;
        let _ = writeln!(
            self.out,
            "{:gutter$}{accent}{arrow}{accent:#} {}:{}:{}",
            "",
            self.workspace.source(place.source).path,
            located.start.line,
            located.start.column,
            gutter = self.gutter
        );
    }

    fn bar(&mut self) {
        let accent = self.styles.accent;
        let _ = writeln!(self.out, "{:gutter$} {accent}|{accent:#}", "", gutter = self.gutter);
    }

    fn line(&mut self, located: &Located, mark: char, style: Style, label: &str) {
        let accent = self.styles.accent;
        let excerpt = &located.excerpt;
        let left = &excerpt.text[..excerpt.marked.start];
        let marked = &excerpt.text[excerpt.marked.clone()];
        let right = &excerpt.text[excerpt.marked.end..];
        let (before, after) =
            (if excerpt.cut_left { "…" } else { "" }, if excerpt.cut_right { "…" } else { "" });
        let _ = writeln!(
            self.out,
            "{accent}{:>gutter$} |{accent:#} {before}{}{}{}{after}",
            located.start.line,
            printable(left),
            printable(marked),
            printable(right),
            gutter = self.gutter
        );
        let indent = before.width() + printable(left).width();
        let width = printable(marked.trim_end()).width().max(1);
        let continues = if located.end.line > located.start.line { "…" } else { "" };
        let underline = mark.to_string().repeat(width);
        let space = if label.is_empty() { "" } else { " " };
        let _ = writeln!(
            self.out,
            "{:gutter$} {accent}|{accent:#} {:indent$}{style}{underline}{continues}{space}{label}{style:#}",
            "",
            "",
            gutter = self.gutter
        );
    }

    fn help(&mut self, help: &str) {
        let (accent, strong) = (self.styles.accent, self.styles.strong);
        let _ = writeln!(
            self.out,
            "{:gutter$} {accent}={accent:#} {strong}help{strong:#}: {help}",
            "",
            gutter = self.gutter
        );
    }
}

/// Text that takes as much room as it seems to: tabs are four spaces, and what would move the
/// cursor or turn the direction of writing is shown as a replacement character.
fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\t' => printable.push_str("    "),
            _ if is_invisible(character) || character.width().is_none() => {
                printable.push('\u{fffd}')
            }
            _ => printable.push(character),
        }
    }
    printable
}
