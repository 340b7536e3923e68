//! Text that shows what it says and takes the room that it seems to take: how everything that a
//! stranger may have written is spelt on a terminal, and in the log of a machine that runs checks.
//!
//! Such logs are read for commands. GitHub takes `::error::` for one at the beginning of a line, and
//! `##[error]` wherever it stands. So no line begins with two colons, and `##[` is never written.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::diagnostic::is_invisible;

/// What stands for a character that must not reach a terminal.
const HIDDEN: char = '\u{fffd}';
/// Text that runs from the left, and is as wide as nothing.
pub(super) const LEFT_TO_RIGHT_MARK: char = '\u{200e}';

/// How a character is shown behind what `text` shows already: tabs as four spaces, and what would
/// move the cursor, turn the direction of writing or make a command as a replacement character.
pub(super) fn push_printable(character: char, text: &mut String) {
    match character {
        '\t' => text.push_str("    "),
        '[' if text.ends_with("##") => text.push(HIDDEN),
        _ if is_hidden(character) => text.push(HIDDEN),
        _ => text.push(character),
    }
}

fn is_hidden(character: char) -> bool {
    is_invisible(character) || character.width().is_none()
}

/// A message as it is shown: one line, which is no command unless it begins as one.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    let is_shown_otherwise = |character| character == '\t' || is_hidden(character);
    if !text.chars().any(is_shown_otherwise) && !text.contains("##[") {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        push_printable(character, &mut shown);
    }
    Cow::Owned(shown)
}

/// Whether text is written from the right, so that a terminal may turn it round.
pub(super) fn runs_from_right(text: &str) -> bool {
    text.chars().any(|character| {
        matches!(
            u32::from(character),
            0x590..=0x8ff | 0xfb1d..=0xfdff | 0xfe70..=0xfeff | 0x1_0800..=0x1_0fff
            | 0x1_e800..=0x1_efff
        )
    })
}

/// A path as a line may begin with it.
pub(super) fn printable_path(path: &str) -> String {
    let begins_a_command = path.trim_start().starts_with("::");
    format!("{}{}", if begins_a_command { "./" } else { "" }, printable(path))
}

/// Breaks text into lines of at most `width` columns, at spaces; longer words stay whole, and what
/// would be a command stays behind another word.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let is_full = !line.is_empty() && line.width() + 1 + word.width() > width;
        if is_full && !word.starts_with("::") {
            lines.push(std::mem::take(&mut line));
        } else if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::{printable, printable_path, wrap};

    #[test]
    fn what_moves_the_cursor_is_shown_as_something_else() {
        assert_eq!(printable("a\tb\u{1b}[31m\u{202e}c\r"), "a    b\u{fffd}[31m\u{fffd}c\u{fffd}");
        assert_eq!(printable("e\u{301} 語 שלום"), "e\u{301} 語 שלום");
    }

    #[test]
    fn nothing_is_a_command() {
        assert_eq!(printable("a ##[error]b"), "a ##\u{fffd}error]b");
        assert_eq!(printable("##\t[error]"), "##    [error]");
        assert_eq!(printable_path(" ::error::.yaml"), "./ ::error::.yaml");
        assert_eq!(printable_path("data/::error::.yaml"), "data/::error::.yaml");
        assert_eq!(wrap("abc ::error::x y", 4), ["abc ::error::x", "y"]);
    }

    #[test]
    fn lines_break_at_spaces_and_count_columns() {
        assert_eq!(wrap("語語 語語 abcdefghijk l", 9), ["語語 語語", "abcdefghijk", "l"]);
    }
}
