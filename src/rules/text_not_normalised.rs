//! T002: text that is not in Unicode normal form C.

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

use super::{Check, Prefilter, Rule, TextAt};
use crate::diagnostic::{Certainty, Code, Diagnostic, Severity, quote};

/// Letters and accents that are written apart.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "T002",
        name: "not-normalised",
        severity: Severity::Warning,
        since: "0.1.0",
        summary: "Text is not in Unicode normal form C.",
        explanation: "\
The same letter can be one character or a base letter with a combining mark. Both look alike, and \
don't compare equal. Files from macOS and some PDFs hold the second form.",
        ..Code::OF_RULE
    },
    check: Check::Text(Prefilter::Special, check),
};

fn check(at: &TextAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    if at.text.is_ascii() || is_nfc_quick(at.text.chars()) == IsNormalized::Yes {
        return;
    }
    let normal: String = at.text.nfc().collect();
    if normal == at.text {
        return;
    }
    let message =
        format!("{} is {}, which isn't in Unicode normal form C", at.subject(), quote(at.text));
    let mut diagnostic = Diagnostic::new(RULE.code, at.place(), message)
        .help("normalise it: it looks like the usual spelling, and doesn't equal it");
    diagnostic.fix = at.rewrite(Certainty::Certain, "normalise it", &normal);
    diagnostics.push(diagnostic);
}
