//! T005: text that a spreadsheet would run.

use super::{Check, Rule, TextAt};
use crate::diagnostic::{Code, Diagnostic, Severity, quote};

/// Text that begins as a formula does.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "T005",
        name: "spreadsheet-formula",
        severity: Severity::Error,
        summary: "Text begins like a spreadsheet formula.",
        explanation: "\
A CSV cell that begins with `=`, `+`, `-` or `@`, a tab or a carriage return is run as a formula by \
spreadsheets, or changed. Releases carry text as it is, so it must not begin like that. Numbers in \
text, as `-5` or `+226`, are left alone when they are nothing but a number.",
    },
    since: "0.1.0",
    check: Check::Text(check),
};

fn check(at: &TextAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let Some(first @ ('=' | '+' | '-' | '@' | '\t' | '\r')) = at.text.chars().next() else {
        return;
    };
    let rest = &at.text[first.len_utf8()..];
    let number = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b' ' | b'-');
    if matches!(first, '+' | '-') && !rest.is_empty() && rest.bytes().all(number) {
        return;
    }
    let message = format!(
        "{} is {}, which a spreadsheet would run as a formula",
        at.subject(),
        quote(at.text)
    );
    diagnostics.push(
        Diagnostic::new(RULE.code, at.place_of(0..first.len_utf8()), message)
            .help("begin the text with a word or a quotation mark"),
    );
}
