//! T003: text that was decoded with the wrong character set.

use super::{Check, Looks, Rule, TextAt};
use crate::diagnostic::{Certainty, Code, Diagnostic, Severity, quote};

/// UTF-8 that was read as Windows-1252 or ISO 8859-1, and what replaced lost characters.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "T003",
        name: "mojibake",
        severity: Severity::Error,
        since: "0.1.0",
        summary: "Text was decoded with the wrong character set.",
        explanation: "\
`é` became `Ã©`, `’` became `â€™`, or a character was lost and `\u{fffd}` stands in its place. It \
happens when a file in UTF-8 is opened as Windows-1252, most often in a spreadsheet.",
    },
    check: Check::Text(Looks::Special, check),
};

fn check(at: &TextAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    if !is_doubtful(at.text.as_bytes()) {
        return;
    }
    if let Some(lost) = at.text.find('\u{fffd}') {
        let message =
            format!("{} is {}, in which a character was lost", at.subject(), quote(at.text));
        let place = at.place_of(lost..lost + '\u{fffd}'.len_utf8());
        diagnostics.push(
            Diagnostic::new(RULE.code, place, message)
                .help("look the character up in the source, and save files as UTF-8"),
        );
        return;
    }
    let Some((start, length, meant)) = misread(at.text) else { return };
    let message = format!(
        "{} is {}, in which {} was probably {}",
        at.subject(),
        quote(at.text),
        quote(&at.text[start..start + length]),
        quote(&meant)
    );
    let restored = [&at.text[..start], &meant, &at.text[start + length..]].concat();
    let place = at.place_of(start..start + length);
    let mut diagnostic = Diagnostic::new(RULE.code, place, message)
        .help("the file was opened as Windows-1252 once: restore the text, and save it as UTF-8");
    let title = format!("write {}", quote(&meant));
    diagnostic.fix = at.rewrite(Certainty::Suggested, &title, &restored);
    diagnostics.push(diagnostic);
}

/// Whether there may be anything of this in a text. What was UTF-8 begins with a character from `Â` to `ô`,
/// and goes on with one of those that Windows-1252 has from 0x80 to 0xbf.
fn is_doubtful(text: &[u8]) -> bool {
    memchr::memchr2_iter(0xc3, 0xef, text).any(|at| match text[at..] {
        [0xc3, second, third, ..] => {
            matches!(second, 0x82..=0xb4) && matches!(third, 0xc2 | 0xc5 | 0xc6 | 0xcb | 0xe2)
        }
        [0xef, 0xbf, 0xbd, ..] => true,
        _ => false,
    })
}

/// The first run of characters whose Windows-1252 bytes are UTF-8: where, how long, what it meant.
fn misread(text: &str) -> Option<(usize, usize, String)> {
    let mut run: Vec<u8> = Vec::new();
    let mut start = 0;
    for (at, character) in text.char_indices().chain([(text.len(), ' ')]) {
        match windows_1252(character).filter(|byte| *byte >= 0x80) {
            Some(byte) => {
                if run.is_empty() {
                    start = at;
                }
                run.push(byte);
            }
            None => {
                if let Ok(meant) = std::str::from_utf8(&run)
                    && run.len() >= 2
                    && plausible(meant)
                    && !ends_in_capitals(text, start, at)
                {
                    return Some((start, at - start, meant.to_owned()));
                }
                run.clear();
            }
        }
    }
    None
}

/// Whether text can have been meant: letters of Europe and punctuation; of other scripts at least
/// two, since two odd characters side by side may decode to one by chance (`É»`).
fn plausible(text: &str) -> bool {
    let common = |character| matches!(character, '\u{a0}'..='\u{17f}' | '\u{2010}'..='\u{203a}' | '\u{20ac}');
    let other = |character| matches!(character, '\u{370}'..='\u{6ff}');
    text.chars().all(common) || (text.chars().count() > 1 && text.chars().all(other))
}

/// Whether the run is the last letter of a word in capitals and the punctuation after it: `“AMANHÃ”`
/// ends like a misread `Ô`.
fn ends_in_capitals(text: &str, start: usize, end: usize) -> bool {
    let mut run = text[start..end].chars();
    let (letter, mark) = (run.next(), run.next());
    let punctuation =
        |mark| matches!(mark, '\u{2013}'..='\u{2026}' | '\u{2039}' | '\u{203a}' | '»');
    let before = text[..start].chars().next_back();
    letter.is_some_and(char::is_uppercase)
        && mark.is_some_and(punctuation)
        && run.next().is_none()
        && before.is_some_and(char::is_uppercase)
        && !text[end..].starts_with(char::is_alphanumeric)
}

/// The byte of a character in Windows-1252 or ISO 8859-1: where they differ, the second has
/// control characters.
fn windows_1252(character: char) -> Option<u8> {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    let code = u32::from(character);
    match code {
        0..=0xff => u8::try_from(code).ok(),
        _ => HIGH.iter().position(|high| *high == character).map(|at| 0x80 + at as u8),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_doubtful, misread, windows_1252};

    #[test]
    fn what_was_misread_is_found_and_what_was_not_is_not() {
        for text in ["DÃ©f", "l\u{e2}\u{20ac}\u{2122}a", "ÐœÐ¾Ñ\u{81}ÐºÐ²Ð°", "a\u{fffd}"]
        {
            assert!(is_doubtful(text.as_bytes()), "{text}");
        }
        assert!(!is_doubtful("Défense, « CAFÉ », Москва".as_bytes()));
        let meant = |text| misread(text).map(|(_, _, meant)| meant);
        assert_eq!(meant("ministre de la DÃ©fense").as_deref(), Some("é"));
        assert_eq!(meant("l\u{e2}\u{20ac}\u{2122}accord").as_deref(), Some("’"));
        assert_eq!(
            meant("ÐœÐ¾Ñ\u{81}ÐºÐ²Ð°").as_deref().map(|text| text.chars().count() > 1),
            Some(true)
        );
        for sound in [
            "Défense",
            "«CAFÉ»",
            "São Tomé",
            "Москва",
            "ÀÉÎ",
            "naïve – œuvre",
            "“BOM DIA, AMANHÃ”",
            "AMANHÃ… TALVEZ",
            "voilà\u{a0}»",
        ] {
            assert_eq!(meant(sound), None, "{sound}");
        }
    }
    #[test]
    fn whatever_was_misread_is_looked_at() {
        let characters: Vec<char> = ('\u{80}'..'\u{3000}')
            .filter(|it| windows_1252(*it).is_some_and(|byte| byte >= 0x80))
            .collect();
        for first in &characters {
            for second in &characters {
                let text = format!("a{first}{second}b");
                assert!(misread(&text).is_none() || is_doubtful(text.as_bytes()), "{text}");
            }
        }
    }
}
