//! T007: what a spreadsheet shows in the place of a value.

use super::{Check, Looks, Rule, TextAt};
use crate::diagnostic::{Code, Diagnostic, Severity, quote};

/// Errors, cells too narrow, and rounded numbers.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "T007",
        name: "spreadsheet-error",
        severity: Severity::Warning,
        since: "0.2.0",
        summary: "A text is what a spreadsheet shows in the place of a value.",
        explanation: "\
`#REF!` or `#NAME?` is the error of a formula, `########` a column too narrow for its value, and \
`1.23457E+15` what is left of a long number or code. The value itself was lost when the sheet was \
exported. Look it up in the sheet or in the source.",
    },
    check: Check::Text(Looks::Begins { with: BEGINNINGS, most: LONGEST }, check),
};

const ERRORS: [&str; 16] = [
    "#REF!",
    "#NAME?",
    "#VALUE!",
    "#DIV/0!",
    "#NULL!",
    "#NUM!",
    "#ERROR!",
    "#SPILL!",
    "#CALC!",
    "#FIELD!",
    "#BLOCKED!",
    "#CONNECT!",
    "#UNKNOWN!",
    "#BUSY!",
    "#GETTING_DATA",
    "#LOADING",
];

/// Longer texts are something else, in bytes.
const LONGEST: usize = 32;

/// What they begin with, or a space before them in UTF-8.
const BEGINNINGS: &[u8] = b"#E-0123456789 \t\xc2\xe1\xe2\xe3";

fn check(at: &TextAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    // Most that begin with a digit go on with another.
    if let [b'0'..=b'9', rest @ ..] = at.text.as_bytes()
        && !matches!(rest, [b'.' | b',' | b'E', ..])
    {
        return;
    }
    let text = at.text.trim();
    let what = match text.as_bytes() {
        [b'#', b'#', b'#', rest @ ..] if rest.iter().all(|&byte| byte == b'#') => {
            "which a spreadsheet shows where a column is too narrow for the value"
        }
        [b'#', ..] if ERRORS.iter().any(|error| text.eq_ignore_ascii_case(error)) => {
            "the error of a spreadsheet's formula"
        }
        [b'E', b'r', b'r', b':', digits @ ..]
            if digits.len() == 3 && digits.iter().all(u8::is_ascii_digit) =>
        {
            "the error of a spreadsheet's formula"
        }
        [b'0'..=b'9' | b'-', ..] if is_rounded(text) => {
            "to which a spreadsheet shortens a long number or code"
        }
        _ => return,
    };
    let message = format!("{} is {}, {what}", at.subject(), quote(at.text));
    diagnostics.push(
        Diagnostic::new(RULE.code, at.place(), message)
            .help("write the value that was there: it isn't in this file any more"),
    );
}

/// `1.23457E+15`: one digit before the point, a capital, a sign, two digits at least.
fn is_rounded(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some((mantissa, exponent)) = text.split_once('E') else { return false };
    let Some(exponent) = exponent.strip_prefix(['+', '-']) else { return false };
    let mantissa = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    whole.len() == 1
        && digits(whole)
        && digits(fraction)
        && (2..=3).contains(&exponent.len())
        && digits(exponent)
}
