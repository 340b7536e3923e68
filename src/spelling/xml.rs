//! XML 1.0, as the text of an element or as an attribute.

use std::fmt::Write as _;

use super::HIDDEN;
use crate::spelling::is_invisible;

/// Text as XML. Line breaks are references, for two reasons: in an attribute they would become
/// blanks, and a log reads a line that begins with `::` as a command. What nobody can see is a
/// reference, too; what XML can't hold at all is a replacement character.
#[must_use]
pub fn text(text: &str) -> String {
    let mut spelt = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => spelt.push_str("&amp;"),
            '<' => spelt.push_str("&lt;"),
            '>' => spelt.push_str("&gt;"),
            '"' => spelt.push_str("&quot;"),
            '\t' | '\n' | '\r' => {
                let _ = write!(spelt, "&#{};", u32::from(character));
            }
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => spelt.push(HIDDEN),
            _ if is_invisible(character) => {
                let _ = write!(spelt, "&#{};", u32::from(character));
            }
            _ => spelt.push(character),
        }
    }
    spelt
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn xml_holds_everything() {
        assert_eq!(text("a<b>&\"\u{0}\n"), "a&lt;b&gt;&amp;&quot;\u{fffd}&#10;");
        assert_eq!(text("]]>\u{1b}\u{9b}\u{202e}"), "]]&gt;\u{fffd}&#155;&#8238;");
    }
}
