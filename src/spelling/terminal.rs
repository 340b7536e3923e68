//! Lines of a terminal, which may be the log of a job as well.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

use super::HIDDEN;
use crate::spelling::is_invisible;

/// Adds a character as it is shown: tabs as four spaces, and what would move the cursor or turn the
/// direction of writing as a replacement character.
pub(crate) fn printable_char(character: char, text: &mut String) {
    match character {
        '\t' => text.push_str("    "),
        // Azure Pipelines and older GitHub runners take `##[error]` for a command wherever it stands.
        '[' if text.ends_with("##") => text.push(HIDDEN),
        _ if is_hidden(character) => text.push(HIDDEN),
        _ => text.push(character),
    }
}

fn is_hidden(character: char) -> bool {
    is_invisible(character) || character.width().is_none()
}

/// Text inside a line.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    let is_shown_otherwise = |character| character == '\t' || is_hidden(character);
    if !text.chars().any(is_shown_otherwise) && !text.contains("##[") {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        printable_char(character, &mut shown);
    }
    Cow::Owned(shown)
}

/// Text that begins a line: in backticks where a log of GitHub Actions would take the line for a
/// command.
#[must_use]
pub fn opening(text: &str) -> Cow<'_, str> {
    let shown = printable(text);
    if is_command(&shown) { Cow::Owned(format!("`{shown}`")) } else { shown }
}

/// Whether a log takes a line that begins so for a command. Blanks before it don't matter.
pub(crate) fn is_command(text: &str) -> bool {
    text.trim_start().starts_with("::")
}

#[cfg(test)]
mod tests {
    use super::{opening, printable};

    #[test]
    fn what_moves_the_cursor_is_shown_as_something_else() {
        assert_eq!(printable("a\tb\u{1b}[31m\u{202e}c\r"), "a    b\u{fffd}[31m\u{fffd}c\u{fffd}");
        assert_eq!(printable("a ##[error]b"), "a ##\u{fffd}error]b");
        assert_eq!(printable("e\u{301} 語 שלום"), "e\u{301} 語 שלום");
    }

    #[test]
    fn no_line_begins_like_a_command() {
        assert_eq!(opening(" ::error::x"), "` ::error::x`");
        assert_eq!(opening("a::error::x"), "a::error::x");
    }
}
