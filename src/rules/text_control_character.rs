//! T004: characters that nobody sees.

use std::cell::LazyCell;

use super::{Check, Looks, Rule, TextAt};
use crate::diagnostic::{Certainty, Code, Diagnostic, Severity};

/// Control characters, and marks that turn the direction of writing or have no width.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "T004",
        name: "invisible-character",
        severity: Severity::Warning,
        since: "0.1.0",
        summary: "Text holds a character that nobody sees.",
        explanation: "\
Control characters break CSV readers and terminals. Zero-width characters and marks of writing \
direction make texts that look alike differ. Line breaks and tabs inside a longer text are fine; so \
are joiners (U+200C, U+200D), which some scripts and emoji need, and marks and isolates of writing \
direction in a text that has Arabic or Hebrew letters.",
    },
    check: Check::Text(Looks::Special, check),
};

fn check(at: &TextAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    if !is_doubtful(at.text.as_bytes()) {
        return;
    }
    // Looked for once, however many marks of direction there are.
    let marks_mean_something = LazyCell::new(|| right_to_left(at.text));
    let invisible = |found: char| match kind(found) {
        Some(Kind::Nowhere) => true,
        Some(Kind::RightToLeft) => !*marks_mean_something,
        None => false,
    };
    let Some((start, character)) = at.text.char_indices().find(|(_, found)| invisible(*found))
    else {
        return;
    };
    let code_point = u32::from(character);
    let message = format!("{} holds the invisible character U+{code_point:04X}", at.subject());
    let place = at.place_of(start..start + character.len_utf8());
    let visible: String = at.text.chars().filter(|found| !invisible(*found)).collect();
    let mut diagnostic = Diagnostic::new(RULE.code, place, message).help("remove it");
    diagnostic.fix = at.rewrite(Certainty::Suggested, "remove what is invisible", &visible);
    diagnostics.push(diagnostic);
}

/// Whether there may be an invisible character in a text.
fn is_doubtful(text: &[u8]) -> bool {
    // Without an early end, so that the compiler looks at many bytes at once.
    let is_control =
        |byte: u8| (byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r')) | (byte == 0x7f);
    let controls = text.iter().fold(false, |found, byte| found | is_control(*byte));
    let outside_ascii = |at: usize| match text[at..] {
        [0xc2, second, ..] => matches!(second, 0x80..=0x9f | 0xad),
        [0xd8, second, ..] => second == 0x9c,
        [0xe2, 0x80, third, ..] => matches!(third, 0x8b | 0x8e | 0x8f | 0xa8..=0xae),
        [0xe2, 0x81, third, ..] => matches!(third, 0xa0 | 0xa6..=0xa9),
        [0xef, second, ..] => second == 0xbb,
        _ => false,
    };
    controls
        || memchr::memchr3_iter(0xc2, 0xe2, 0xef, text).any(outside_ascii)
        || memchr::memchr_iter(0xd8, text).any(outside_ascii)
}

/// Where a character that nobody sees means something.
enum Kind {
    Nowhere,
    /// Beside letters that are written from right to left.
    RightToLeft,
}

fn kind(character: char) -> Option<Kind> {
    match character {
        '\t' | '\n' | '\r' | ' '..='~' => None,
        '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => Some(Kind::Nowhere),
        '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{2029}' => Some(Kind::Nowhere),
        '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{2066}'..='\u{2069}' => Some(Kind::RightToLeft),
        _ => character.is_control().then_some(Kind::Nowhere),
    }
}

/// Whether a text has letters that are written from right to left: Hebrew, Arabic, Syriac, N'Ko.
fn right_to_left(text: &str) -> bool {
    text.contains(|letter| matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fefc}'))
}

#[cfg(test)]
mod tests {
    use super::{is_doubtful, kind};

    #[test]
    fn every_invisible_character_is_looked_at() {
        for character in '\0'..=char::MAX {
            let text = format!("a{character}b");
            let invisible = kind(character).is_some();
            assert!(!invisible || is_doubtful(text.as_bytes()), "{character:?}");
        }
        assert!(!is_doubtful("l’été, « Київ », 北京\n\t".as_bytes()));
    }
}
