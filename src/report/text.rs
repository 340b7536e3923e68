//! Text that shows what it says and takes the room that it seems to take.

use unicode_width::UnicodeWidthStr;

use crate::spelling::terminal::is_command;

/// Text that runs from the left, and is as wide as nothing.
pub(super) const LEFT_TO_RIGHT_MARK: char = '\u{200e}';

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

/// Breaks text into lines of at most `width` columns, at spaces; longer words stay whole, and no
/// line begins like a command.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && !is_command(word) && line.width() + 1 + word.width() > width {
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
    use super::wrap;

    #[test]
    fn lines_break_at_spaces_and_count_columns() {
        assert_eq!(wrap("語語 語語 abcdefghijk l", 9), ["語語 語語", "abcdefghijk", "l"]);
        assert_eq!(wrap("ab ::error::c", 3), ["ab ::error::c"]);
    }
}
