//! T005: text that a spreadsheet would run.

use super::{Check, Looks, Rule, TextAt};
use crate::diagnostic::{Code, Diagnostic, Severity, quote};

/// Text that begins as a formula does.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "T005",
        name: "spreadsheet-formula",
        severity: Severity::Error,
        since: "0.1.0",
        summary: "Text begins like a spreadsheet formula.",
        explanation: "\
A CSV cell that begins with `=`, `+`, `-` or `@` is run as a formula by \
spreadsheets, or changed. Releases carry text as it is, so it must not begin like that. Numbers in \
text, as `-5` or `+226 20 30`, are left alone when they are nothing but a number; `+226-20-30` is a sum.",
    },
    check: Check::Text(Looks::Edges, check),
};

/// Where a spreadsheet would begin to run text; none if it would show it.
pub(super) fn formula(text: &str) -> Option<usize> {
    // White space before it doesn't keep a spreadsheet from running it.
    let trimmed = text.trim_start();
    let first = trimmed.chars().next().filter(|first| matches!(first, '=' | '+' | '-' | '@'))?;
    let rest = &trimmed[first.len_utf8()..];
    let number = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b' ' | b'%');
    let is_number = matches!(first, '+' | '-') && rest.bytes().all(number);
    // A dash alone has nothing to run.
    let runs = !is_number && rest.contains(char::is_alphanumeric);
    runs.then_some(text.len() - trimmed.len())
}

fn check(at: &TextAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let Some(start) = formula(at.text) else { return };
    let message = format!(
        "{} is {}, which a spreadsheet would run as a formula",
        at.subject(),
        quote(at.text)
    );
    diagnostics.push(
        Diagnostic::new(RULE.code, at.place_of(start..start + 1), message)
            .help("begin the text with a word or a quotation mark"),
    );
}
