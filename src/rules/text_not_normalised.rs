//! T002: text that is not in Unicode normal form C.

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

use super::{Check, Looks, Rule, TextAt};
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
    },
    check: Check::Text(Looks::Special, check),
};

fn check(at: &TextAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    if is_plain(at.text.as_bytes()) || is_nfc_quick(at.text.chars()) == IsNormalized::Yes {
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

/// Whether all characters lie before the combining ones, or are dashes and quotation marks: those are in
/// normal form C whatever stands beside them.
fn is_plain(text: &[u8]) -> bool {
    let mut others = text.iter().enumerate().filter(|(_, byte)| **byte >= 0xcc);
    others.all(|(at, _)| matches!(text[at..], [0xe2, 0x80, 0x82..=0xbf, ..]))
}

#[cfg(test)]
mod tests {
    use unicode_normalization::{IsNormalized, is_nfc_quick};

    use super::is_plain;

    #[test]
    fn plain_characters_are_in_normal_form() {
        for character in '\0'..=char::MAX {
            let text = ['a', character, 'e', character];
            let spelt: String = text.iter().collect();
            let normal = is_nfc_quick(text.into_iter()) == IsNormalized::Yes;
            assert!(normal || !is_plain(spelt.as_bytes()), "{character:?}");
        }
        assert!(is_plain("l’été – « œuvre » …".as_bytes()));
        assert!(!is_plain("e\u{301}".as_bytes()));
    }
}
