//! What of a text counts when it is compared with words.

use unicode_normalization::UnicodeNormalization as _;

use crate::spelling::is_invisible;

/// A text without what can't be seen, in normal form C.
pub(super) fn plain(text: &str) -> String {
    let seen: String = text.chars().filter(|character| !is_unseen(*character)).collect();
    seen.trim().nfc().collect()
}

/// Characters that leave no trace where people read.
fn is_unseen(character: char) -> bool {
    let joins = matches!(character, '\u{ad}' | '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}');
    joins || (is_invisible(character) && !character.is_whitespace())
}

/// A text without regard to case, blanks, hyphens, quotation marks, marks on letters, and other
/// ways of writing the same characters. What stands between digits stays: `1-2` isn't `12`.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut between = None;
    let characters = text.nfkd().filter(|character| !is_unseen(*character));
    for character in characters.flat_map(char::to_lowercase) {
        match character {
            // Marks on letters of Europe's alphabets; elsewhere they make other letters.
            '\u{300}'..='\u{36f}' => {}
            '\'' | '"' | '‘'..='‟' | '‹' | '›' | '«' | '»' | '`' | '´' => {}
            '-' | '_' | '‐'..='―' | '−' => between = between.or(Some('-')),
            '.' => between = between.or(Some('.')),
            space if space.is_whitespace() => between = between.or(Some('-')),
            character => {
                if let Some(between) = between.take()
                    && character.is_numeric()
                    && folded.chars().next_back().is_none_or(char::is_numeric)
                    && !(folded.is_empty() && text.starts_with(char::is_whitespace))
                {
                    folded.push(between);
                }
                folded.push(character);
            }
        }
    }
    folded
}

/// The number that a text spells, in one way of writing it; none if it spells none.
pub(super) fn decimal(text: &str) -> Option<String> {
    let text = plain(text);
    let (sign, digits) = match text.strip_prefix(['-', '−']) {
        Some(digits) => ("-", digits),
        None => ("", text.as_str()),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits =
        |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || !are_digits(fraction) {
        return None;
    }
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let sign = if whole.is_empty() && fraction.is_empty() { "" } else { sign };
    Some(format!("{sign}{whole}.{fraction}"))
}
