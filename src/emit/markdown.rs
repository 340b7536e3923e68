//! How text that a stranger may have written is spelt in Markdown: as what it says, and as nothing
//! else. It makes no heading, link, image, code, table cell or HTML, and stays in its line. Only a bare
//! web address may still be shown as a link, because it leads where it says.

use crate::diagnostic::is_invisible;

/// What stands for a character that would hide something or move what is around it.
const HIDDEN: char = '\u{fffd}';

/// Text within a line, be it in a cell of a table or not.
pub fn text(text: &str) -> String {
    let mut spelt = String::with_capacity(text.len() + text.len() / 8);
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '&' => spelt.push_str("&amp;"),
            '<' => spelt.push_str("&lt;"),
            '>' => spelt.push_str("&gt;"),
            // Within a word it is what it seems to be.
            '_' if before.is_alphanumeric()
                && rest.peek().is_some_and(|it| it.is_alphanumeric()) =>
            {
                spelt.push('_');
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => {
                spelt.push('\\');
                spelt.push(character);
            }
            _ => push_shown(character, &mut spelt),
        }
        before = character;
    }
    spelt
}

/// Text that begins a line: no heading, list, quotation or rule.
pub fn paragraph(text: &str) -> String {
    let spelt = self::text(text.trim_start());
    let number = spelt.bytes().take_while(u8::is_ascii_digit).count();
    let at = match spelt.as_bytes().get(number) {
        Some(b'.' | b')') if number > 0 => number,
        Some(b'#' | b'-' | b'+' | b'=' | b':') if number == 0 => 0,
        _ => return spelt,
    };
    format!("{}\\{}", &spelt[..at], &spelt[at..])
}

/// Text as code in a cell of a table, where a bar would end the cell.
pub fn code(text: &str) -> String {
    let mut spelt = String::with_capacity(text.len());
    let (mut longest, mut ticks) = (0, 0);
    for character in text.chars() {
        ticks = if character == '`' { ticks + 1 } else { 0 };
        longest = longest.max(ticks);
        if character == '|' {
            spelt.push('\\');
        }
        push_shown(character, &mut spelt);
    }
    let fence = "`".repeat(longest + 1);
    // Blanks at both ends are not part of it, and keep its own backticks from the fence's.
    let blank = if longest > 0 || text.trim() != text { " " } else { "" };
    format!("{fence}{blank}{spelt}{blank}{fence}")
}

/// A link to a heading of the same page, from the heading's text.
pub fn link_to_heading(heading: &str) -> String {
    let kept = heading.chars().filter_map(|character| match character {
        ' ' => Some('-'),
        '-' | '_' => Some(character),
        _ => character.is_alphanumeric().then_some(character),
    });
    let anchor: String = kept.flat_map(char::to_lowercase).collect();
    format!("[{}](#{anchor})", text(heading))
}

fn push_shown(character: char, spelt: &mut String) {
    match character {
        '\n' | '\r' | '\t' => spelt.push(' '),
        _ if is_invisible(character) => spelt.push(HIDDEN),
        _ => spelt.push(character),
    }
}

#[cfg(test)]
mod tests {
    use super::{code, link_to_heading, paragraph, text};

    #[test]
    fn text_is_what_it_says() {
        let hostile = "<b>\n# x\u{1b} ![a](javascript:b) `c` d|e *f* _g_ h_i &lt; $1$ \\ \u{202e}";
        let spelt = "&lt;b&gt; # x\u{fffd} !\\[a\\](javascript:b) \\`c\\` d\\|e \\*f\\* \\_g\\_ h_i \
                     &amp;lt; \\$1\\$ \\\\ \u{fffd}";
        assert_eq!(text(hostile), spelt);
    }

    #[test]
    fn a_paragraph_is_a_paragraph() {
        for (given, spelt) in [
            ("# a", "\\# a"),
            ("    - a", "\\- a"),
            ("12. a", "12\\. a"),
            ("---", "\\---"),
            ("> a", "&gt; a"),
            ("2020 to 2024", "2020 to 2024"),
            ("", ""),
        ] {
            assert_eq!(paragraph(given), spelt);
        }
    }

    #[test]
    fn code_holds_backticks_and_bars() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code("a\nb"), "`a b`");
    }

    #[test]
    fn links_lead_to_headings() {
        assert_eq!(link_to_heading("event_places"), "[event_places](#event_places)");
        assert_eq!(link_to_heading("a](b) C"), "[a\\](b) C](#ab-c)");
    }
}
