//! T005: text that a spreadsheet would run.

use super::{Check, Prefilter, Rule, TextAt};
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
A CSV cell that begins with `=` or `@`, or with `+` or `-` and an expression, is run as a formula by \
spreadsheets, or changed: `-1+1`, `-A1`, `-cmd|' /C calc'!A0`. Releases carry text as it is, so it must \
not begin like that. Numbers in text, as `-5` or `+226 20 30`, are left alone when they are nothing but \
a number; `+226-20-30` is a sum. So is prose behind a dash, as `- he said`, which no spreadsheet can read as an \
expression.",
        ..Code::OF_RULE
    },
    check: Check::Text(Prefilter::Edges, check),
};

/// Where a spreadsheet would begin to run text; none if it would show it.
pub(super) fn formula(text: &str) -> Option<usize> {
    // White space before it doesn't keep a spreadsheet from running it.
    let trimmed = text.trim_start();
    let first = trimmed.chars().next().filter(|first| matches!(first, '=' | '+' | '-' | '@'))?;
    let rest = &trimmed[first.len_utf8()..];
    let number = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b' ' | b'%');
    let signed = matches!(first, '+' | '-');
    // A dash alone has nothing to run.
    if !rest.contains(char::is_alphanumeric)
        || (signed && (rest.bytes().all(number) || !is_expression(rest)))
    {
        return None;
    }
    Some(text.len() - trimmed.len())
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

/// Whether what follows a sign can be an expression: operands with operators between them. Two words
/// side by side, or a word and punctuation, can't; nor is one word behind a blank meant as a name.
fn is_expression(text: &str) -> bool {
    // Behind such a one, or a `|`, anything may follow: a call, or a command of another program.
    let opens = |mark: char| matches!(mark, '(' | '|' | '!' | '{');
    let mut operands = 0usize;
    let mut operators = 0usize;
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let operand = |it: char| it.is_alphanumeric() || matches!(it, '_' | '.' | ':' | '$' | '%');
        if operand(first) {
            if operands > operators {
                return false;
            }
            operands += 1;
            rest = rest.trim_start_matches(operand);
            if rest.starts_with(opens) {
                return true;
            }
            rest = rest.trim_start();
        } else if opens(first) && operands == operators {
            return true;
        } else if matches!(first, '+' | '-' | '*' | '/' | '^' | '&' | '=' | '<' | '>') {
            // A sign before an operand is none between two.
            if operands > operators {
                operators += 1;
            }
            rest = rest[first.len_utf8()..].trim_start();
        } else {
            return false;
        }
    }
    operands > operators && (operators > 0 || !text.starts_with(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use super::is_expression;

    #[test]
    fn prose_is_no_expression() {
        for text in [
            "1+1",
            "A1",
            "cmd|' /C calc'!A0",
            "SUM(A1:A2)",
            "227-20-72",
            "abc",
            " 1 + 1",
            "(1)",
            "-1",
        ] {
            assert!(is_expression(text), "{text}");
        }
        for text in [
            " he said",
            "he said",
            " first point",
            " yes",
            " a, b and c.",
            "1 (202) 555",
            "\u{2014}no",
            "he left; they stayed",
            "not applicable",
            "",
            "A1+",
        ] {
            assert!(!is_expression(text), "{text}");
        }
    }
}
