//! How a source would spell another text in a value's place.
//!
//! A fix replaces a value where it stands: in the same quotation marks, with the escapes of its
//! format. Where that can't be done on one line, or where it isn't certain that the bytes spell the
//! value and nothing else, there is no spelling, and so no fix.

use std::ops::Range;

use super::yaml;
use crate::diagnostic::Place;
use crate::tape::{Tag, Value};
use crate::workspace::Format;

/// How the source would spell `text` in the place of `value`; none if it can't be told.
#[must_use]
pub fn respell(value: Value<'_>, text: &str) -> Option<String> {
    let literal = value.literal()?;
    let old = match value.tag() {
        Tag::Text => value.as_str()?,
        Tag::Null
        | Tag::Boolean
        | Tag::Integer
        | Tag::Unsigned
        | Tag::Float
        | Tag::Array
        | Tag::Object => return None,
    };
    if block_header(value).is_some() {
        let one_line = literal == old && !text.contains(['\n', '\r']);
        return (one_line && text.trim() == text && !text.is_empty()).then(|| text.to_owned());
    }
    spell(value.format(), literal, old, text)
}

/// The place of some bytes of the text that a value is: of the whole where it can't be told where they are
/// written, as in folded lines.
#[must_use]
pub fn place_in(value: Value<'_>, bytes: &Range<usize>) -> Place {
    let place = Place::of(value);
    match (value.literal(), value.as_str()) {
        (Some(literal), Some(text)) => narrowed(place, value.format(), (literal, text), bytes),
        _ => place,
    }
}

/// The place of some bytes of a text that a literal at `place` spells.
fn narrowed(
    mut place: Place,
    format: Format,
    (literal, text): (&str, &str),
    bytes: &Range<usize>,
) -> Place {
    if let Some(written) = written(format, literal, text, bytes) {
        let start = place.span.start;
        place.span = start + written.start as u64..start + written.end as u64;
    }
    place
}

/// A text with the way it is written, so that places in it are known when its file isn't at hand any more.
#[derive(Clone, Debug)]
pub struct Written {
    /// The text.
    pub text: String,
    /// Where it is written.
    pub place: Place,
    literal: String,
    format: Format,
}

impl Written {
    /// The text that a value is, which stands at `pointer`; empty if it is none.
    #[must_use]
    pub fn of(value: Value<'_>, pointer: impl Into<String>) -> Self {
        Self {
            text: value.as_str().unwrap_or_default().to_owned(),
            place: Place::of(value).at(pointer),
            literal: value.literal().unwrap_or_default().to_owned(),
            format: value.format(),
        }
    }

    /// A part of it.
    ///
    /// # Panics
    /// If the bytes aren't characters of the text.
    #[must_use]
    pub fn part(&self, bytes: &Range<usize>) -> Self {
        let text = self.text[bytes.clone()].to_owned();
        Self { place: self.place_in(bytes), literal: text.clone(), text, format: self.format }
    }

    /// The place of some of its bytes, as [`place_in`] has it.
    #[must_use]
    pub fn place_in(&self, bytes: &Range<usize>) -> Place {
        narrowed(self.place.clone(), self.format, (&self.literal, &self.text), bytes)
    }
}

/// Where some bytes of a text stand in the literal that spells it.
fn written(
    format: Format,
    literal: &str,
    text: &str,
    bytes: &Range<usize>,
) -> Option<Range<usize>> {
    // A block of text may end without the line break that the text has.
    if let Some(offset) = literal.find(text.trim_end_matches('\n')) {
        let at = |byte: usize| (offset + byte).min(literal.len());
        return Some(at(bytes.start)..at(bytes.end));
    }
    let quote = if literal.starts_with('\'') { '\'' } else { '"' };
    let inside = literal.strip_prefix(quote)?.strip_suffix(quote)?;
    // (offset in the text, offset in the literal), before each character.
    let mut known = vec![(0, 1)];
    let (mut at, mut passed) = (0, 0);
    while passed < inside.len() {
        let rest = &inside[passed..];
        let character = text.get(at..)?.chars().next()?;
        let length = match rest.as_bytes() {
            [b'\'', b'\'', ..] if quote == '\'' => 2,
            [b'\\', escape, ..] if quote == '"' => match escape {
                // In JSON, a character beyond the first plane is two escapes.
                b'u' if character as u32 > 0xffff && format != Format::Yaml => 12,
                b'u' => 6,
                b'U' => 10,
                b'x' => 4,
                _ => 2,
            },
            _ if rest.starts_with(character) => character.len_utf8(),
            _ => return None,
        };
        at += character.len_utf8();
        passed += length;
        known.push((at, passed + 1));
    }
    let at = |offset| {
        let found = known.partition_point(|(at, _)| *at <= offset) - 1;
        known[found].1 + offset - known[found].0
    };
    (known.last() == Some(&(text.len(), inside.len() + 1))).then(|| at(bytes.start)..at(bytes.end))
}

/// What says that a YAML block of text follows, as `|` or `>2-`.
pub struct BlockHeader<'t> {
    /// Its text.
    pub text: &'t str,
    /// Its place in the file.
    pub span: Range<u64>,
}

/// The header of a YAML block of text; none if the value is written otherwise.
#[must_use]
pub fn block_header(value: Value<'_>) -> Option<BlockHeader<'_>> {
    if value.format() != Format::Yaml {
        return None;
    }
    let before = value.preceding()?;
    let lines = before.trim_end();
    let start = lines.rfind('\n').map_or(0, |newline| newline + 1);
    let line = lines[start..].split(" #").next()?.trim_end();
    let text = line.rsplit(' ').next()?;
    let indicators = text.strip_prefix(['|', '>'])?;
    let follows = before[lines.len()..].contains('\n');
    if !follows || !indicators.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-')) {
        return None;
    }
    let end = value.span().start - (before.len() - start - line.len()) as u64;
    Some(BlockHeader { text, span: end - text.len() as u64..end })
}

/// How a source of a format, which spells `old` as `literal`, would spell `text` there.
#[must_use]
pub fn spell(format: Format, literal: &str, old: &str, text: &str) -> Option<String> {
    if text.is_empty() || literal.contains(['\n', '\r']) || text.contains(['\n', '\r']) {
        return None;
    }
    match format {
        Format::Json | Format::JsonLines => double_quoted(literal, old, text),
        Format::Csv => csv(literal, old, text),
        Format::Yaml => yaml(literal, old, text),
        Format::Toml => toml(literal, old, text),
    }
}

/// In the marks of JSON, which YAML's understand.
fn double_quoted(literal: &str, old: &str, text: &str) -> Option<String> {
    // Not so with the escapes that only YAML has, nor for the first line of a block.
    if serde_json::from_str::<String>(literal).ok()? != old {
        return None;
    }
    let inner = &literal[1..literal.len() - 1];
    // Escapes that are there stay as they are, where only something around them goes.
    if inner != old
        && let Some(start) = old.find(text)
        && let (before, after) = (&old[..start], &old[start + text.len()..])
        && !before.contains('\\')
        && !after.contains('\\')
        && let Some(rest) = inner.strip_prefix(before)
        && let Some(kept) = rest.strip_suffix(after)
        && !kept.ends_with('\\')
    {
        return Some(format!("\"{kept}\""));
    }
    Some(serde_json::Value::from(text).to_string())
}

fn csv(literal: &str, old: &str, text: &str) -> Option<String> {
    if let Some(inner) = literal.strip_prefix('"') {
        let inner = inner.strip_suffix('"')?;
        // Of a list in one cell that holds doubled marks, the items can't be told apart.
        return (inner.replace("\"\"", "\"") == old)
            .then(|| format!("\"{}\"", text.replace('"', "\"\"")));
    }
    // It may be an item inside marks: nothing may come in that has a meaning there or elsewhere.
    let plain = |character: char| {
        character.is_alphanumeric()
            || matches!(character, '-' | '_' | '.' | ':' | '/' | ' ')
            || !character.is_ascii()
            || (character != '"' && old.contains(character))
    };
    (literal == old && text.chars().all(plain)).then(|| text.to_owned())
}

fn yaml(literal: &str, old: &str, text: &str) -> Option<String> {
    match literal.as_bytes().first()? {
        b'"' => double_quoted(literal, old, text),
        b'\'' => {
            let inner = literal.strip_prefix('\'')?.strip_suffix('\'')?;
            let spelt = inner.replace("''", "'") == old && !text.contains(char::is_control);
            spelt.then(|| format!("'{}'", text.replace('\'', "''")))
        }
        b'|' | b'>' => None,
        _ if literal != old => None,
        _ if yaml::is_plain_text(text) => Some(text.to_owned()),
        _ => Some(serde_json::Value::from(text).to_string()),
    }
}

fn toml(literal: &str, old: &str, text: &str) -> Option<String> {
    let bare = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    match literal.as_bytes().first()? {
        b'"' => Some(serde_json::Value::from(text).to_string()),
        b'\'' => (!text.contains('\'')).then(|| format!("'{text}'")),
        // Only keys go without marks.
        _ => (literal == old && text.chars().all(bare)).then(|| text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{spell, written};
    use crate::workspace::Format::{Csv, Json, Toml, Yaml};

    #[test]
    fn a_text_is_spelt_as_the_one_before_it() {
        for (format, literal, old, text, expected) in [
            (Json, r#""a ""#, "a ", "a", Some(r#""a""#)),
            (Json, r#"" \u00e9\/b ""#, " é/b ", "é/b", Some(r#""\u00e9\/b""#)),
            (Json, r#""a\\ ""#, "a\\ ", "a\\", Some(r#""a\\""#)),
            (Json, r#""a""#, "a", "\"b\"", Some(r#""\"b\"""#)),
            (Yaml, "'it''s '", "it's ", "it's", Some("'it''s'")),
            (Yaml, "\u{a0}5", "\u{a0}5", "5", Some("\"5\"")),
            (Yaml, "\u{a0}yes", "\u{a0}yes", "yes", Some("\"yes\"")),
            (Yaml, "\u{a0}- a", "\u{a0}- a", "- a", Some("\"- a\"")),
            (Yaml, "hots", "hots", "host", Some("host")),
            (Yaml, "hots", "hots", "a: b", Some("\"a: b\"")),
            (Yaml, "|", "a\n", "a", None),
            (Yaml, "\"a\n  b \"", "a b ", "a b", None),
            (Csv, "a ", "a ", "a", Some("a")),
            (Csv, "\"a, \"\"b\"\" \"", "a, \"b\" ", "a, \"b\"", Some("\"a, \"\"b\"\"\"")),
            (Csv, "\"a;\"\"b\"\" \"", "\"b\" ", "\"b\"", None),
            (Csv, "a", "a", "b,c", None),
            (Csv, "a", "a", "b\"c", None),
            (Json, r#"" ""#, " ", "", None),
        ] {
            assert_eq!(spell(format, literal, old, text).as_deref(), expected, "{literal}");
        }
    }

    #[test]
    fn parts_of_a_text_are_found_where_they_are_written() {
        for (format, literal, text, part, expected) in [
            (Json, r#""self.a == 'b'""#, "self.a == 'b'", "'b'", Some("'b'")),
            (Json, r#""a == \"b\" && c""#, "a == \"b\" && c", "\"b\"", Some(r#"\"b\""#)),
            (Json, r#""a == \"b\" && c""#, "a == \"b\" && c", "c", Some("c")),
            (Json, r#""\u00e9 == \n x""#, "é == \n x", "é", Some(r"\u00e9")),
            (Json, r#""\u00e9 == \n x""#, "é == \n x", "x", Some("x")),
            (Json, r#""\ud83d\ude00 é x""#, "😀 é x", "😀", Some(r"\ud83d\ude00")),
            (Json, r#""\ud83d\ude00 é x""#, "😀 é x", "é x", Some("é x")),
            (Yaml, "self.a == 'b'", "self.a == 'b'", "'b'", Some("'b'")),
            (Yaml, "'a == ''b'' && c'", "a == 'b' && c", "'b'", Some("''b''")),
            (Yaml, "'a == ''b'' && c'", "a == 'b' && c", "c", Some("c")),
            (Yaml, r#""\x41\U0001F600\u00e9\_b""#, "A😀é\u{a0}b", "😀", Some(r"\U0001F600")),
            (Yaml, r#""\x41\U0001F600\u00e9\_b""#, "A😀é\u{a0}b", "b", Some("b")),
            (Yaml, "self.a\n  == 'b'", "self.a == 'b'", "'b'", None),
            (Yaml, "\"self.a\n  == 'b'\"", "self.a == 'b'", "'b'", None),
            (Yaml, "self.a == 1", "self.a == 1\n", "1", Some("1")),
            (Toml, r#""a == \"b\" && c""#, "a == \"b\" && c", "c", Some("c")),
            (Toml, "\"\"\"\na ==\n  b\"\"\"", "a ==\n  b", "b", Some("b")),
            (Toml, r"'a == \d'", r"a == \d", r"\d", Some(r"\d")),
        ] {
            let start = text.find(part).expect("a part of the text");
            let found = written(format, literal, text, &(start..start + part.len()));
            assert_eq!(found.map(|found| &literal[found]), expected, "{part} in {literal}");
        }
        let end = written(Yaml, "self.a ==", "self.a ==\n", &(10..10));
        assert_eq!(end, Some(9..9), "no place lies behind the literal");
    }
}
