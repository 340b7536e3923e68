//! Markdown, as GitHub and others render it: text is shown as it is, and is never markup.

use super::terminal::printable;

/// Text inside a line: a heading, an item, a cell of a table. Line breaks become blanks.
#[must_use]
pub fn text(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = printable(&line);
    let mut spelt = String::with_capacity(line.len());
    let mut before = ' ';
    let mut rest = line.chars();
    while let Some(character) = rest.next() {
        let after = rest.as_str();
        let is_markup = match character {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '~' => true,
            // Inside a word it is a character like others.
            '_' => !(before.is_alphanumeric() && after.starts_with(char::is_alphanumeric)),
            '&' => after.starts_with(|next: char| next == '#' || next.is_ascii_alphabetic()),
            // Addresses become links by themselves.
            ':' => after.starts_with("//"),
            '.' => spelt.len() >= 3 && spelt[spelt.len() - 3..].eq_ignore_ascii_case("www"),
            _ => false,
        };
        if is_markup {
            spelt.push('\\');
        }
        spelt.push(character);
        before = character;
    }
    spelt
}

/// Paragraphs, apart by blank lines.
#[must_use]
pub fn paragraphs(text: &str) -> String {
    let mut paragraphs = vec![Vec::new()];
    for line in text.lines() {
        if line.trim().is_empty() {
            paragraphs.push(Vec::new());
        } else if let Some(lines) = paragraphs.last_mut() {
            lines.push(line);
        }
    }
    let paragraphs = paragraphs.iter().filter(|lines| !lines.is_empty());
    paragraphs.map(|lines| paragraph(&lines.join(" "))).collect::<Vec<_>>().join("\n\n")
}

/// Text that begins a line, where it would make a heading, a list or a rule.
fn paragraph(words: &str) -> String {
    let spelt = text(words);
    let digits = spelt.bytes().take_while(u8::is_ascii_digit).count();
    match spelt[digits..].chars().next() {
        Some('#' | '+' | '-' | '=') if digits == 0 => format!("\\{spelt}"),
        Some('.' | ')') if digits > 0 => format!("{}\\{}", &spelt[..digits], &spelt[digits..]),
        _ => spelt,
    }
}

/// A name or a value as code. What would end a cell or the code itself is shown as text.
#[must_use]
pub fn code(value: &str) -> String {
    let shown = printable(value);
    if shown.trim().is_empty() || shown.contains(['`', '|']) {
        return text(value);
    }
    format!("`{shown}`")
}

/// A link to a heading of the same page.
#[must_use]
pub fn link_to_heading(heading: &str) -> String {
    let mut anchor = String::new();
    for byte in heading.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => anchor.push(char::from(byte)),
            _ => anchor.push_str(&format!("%{byte:02X}")),
        }
    }
    format!("[{}](#{anchor})", text(heading))
}

/// An address: a link if it is one of the web, and text if it is anything else.
#[must_use]
pub fn address(iri: &str) -> String {
    let scheme = iri.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    let is_web = matches!(scheme.as_deref(), Some("http" | "https"));
    let is_plain = !iri.contains(['<', '>', '\\']) && !iri.contains(char::is_whitespace);
    if is_web && is_plain && printable(iri) == iri { format!("<{iri}>") } else { text(iri) }
}

#[cfg(test)]
mod tests {
    use super::{address, code, paragraphs, text};

    #[test]
    fn nothing_is_markup() {
        assert_eq!(text("<script>a</script> & &amp;"), r"\<script\>a\</script\> & \&amp;");
        assert_eq!(text("![x](javascript:y) `z` a|b"), r"!\[x\](javascript:y) \`z\` a\|b");
        assert_eq!(text("valid_from _it_ *b*"), r"valid_from \_it\_ \*b\*");
        assert_eq!(text("see https://a.b or www.c.d"), r"see https\://a.b or www\.c.d");
        assert_eq!(text("a\n# b\u{1b}[0m"), "a # b\u{fffd}[0m");
    }

    #[test]
    fn no_paragraph_begins_a_block() {
        assert_eq!(
            paragraphs("one\ntwo\n\n# three\n\n4. five"),
            "one two\n\n\\# three\n\n4\\. five"
        );
        assert_eq!(paragraphs("- a\n- b"), "\\- a - b");
    }

    #[test]
    fn code_ends_where_it_should() {
        assert_eq!(code("USA"), "`USA`");
        assert_eq!(code("a`b"), r"a\`b");
        assert_eq!(code("a|b"), r"a\|b");
    }

    #[test]
    fn only_the_web_is_linked() {
        assert_eq!(address("https://example.org/a"), "<https://example.org/a>");
        assert_eq!(address("javascript:alert(1)"), "javascript:alert(1)");
        assert_eq!(address("https://a/> <b"), r"https\://a/\> \<b");
    }
}
