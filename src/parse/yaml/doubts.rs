//! Plain scalars that are read otherwise than whoever wrote them plainly meant.
//!
//! Quotation marks say that a scalar is meant as it is read, so all this is about those without.

use std::ops::Range;

use super::Reader;
use super::plain::{self, Plain};
use crate::diagnostic::{Certainty, Diagnostic, Edit, Fix, code, quote};

/// Words that comments begin with, also right behind the `#`.
const REMARKS: [&str; 14] = [
    "todo", "fixme", "xxx", "hack", "note", "nb", "sic", "see", "check", "checked", "noqa",
    "yamllint", "ok", "was",
];

/// Curly quotation marks that belong together.
const PAIRS: [(char, char); 7] =
    [('“', '”'), ('”', '”'), ('„', '“'), ('„', '”'), ('‘', '’'), ('’', '’'), ('＂', '＂')];

impl Reader<'_, '_> {
    /// Warns of a plain scalar that isn't what it looks like. Nearly all are passed over at a glance.
    #[inline]
    pub(super) fn doubt(&mut self, text: &str, bytes: &Range<usize>) {
        let source = self.text.as_bytes();
        let blank_follows = source.get(bytes.end) == Some(&b' ');
        let curly = matches!(text.as_bytes().first(), Some(0xe2 | 0xef));
        if blank_follows || curly || text.len() != bytes.len() {
            self.doubt_closely(text, bytes);
        }
    }

    #[cold]
    fn doubt_closely(&mut self, text: &str, bytes: &Range<usize>) {
        self.doubt_comment(text, bytes);
        self.doubt_marks(text, bytes);
        if text.len() != bytes.len() {
            self.doubt_lines(bytes);
        }
    }

    /// ` #3` behind text is a comment, and looks like part of it.
    fn doubt_comment(&mut self, text: &str, bytes: &Range<usize>) {
        let line = self.text[bytes.end..].lines().next().unwrap_or_default();
        let Some(comment) = line.strip_prefix(" #") else { return };
        let goes_on = match comment.chars().next() {
            Some(first) if first.is_ascii_digit() => text.contains(char::is_alphabetic),
            Some(first) if first.is_alphabetic() => {
                let word =
                    comment.split(|it: char| !it.is_alphanumeric()).next().unwrap_or_default();
                text.contains(' ') && !REMARKS.contains(&word.to_lowercase().as_str())
            }
            _ => false,
        };
        if !goes_on || plain::resolve(text) != Plain::Text {
            return;
        }
        let start = bytes.end + 1;
        let end = bytes.end + line.trim_end().len();
        let place = self.place(&(start..end));
        let message = format!(
            "{} is read as a comment, and not as part of the text before it",
            quote(&self.text[start..end])
        );
        let mut finding = Diagnostic::new(&code::MISREAD_TEXT, place, message)
            .help("quote the whole text if it belongs to it; put a space behind the `#` if not");
        // Between brackets the line holds more than the text.
        let before = self.text[..bytes.start].rfind('\n').map_or(0, |newline| newline + 1);
        if !self.text[before..bytes.start].contains(['[', '{']) && text.len() == bytes.len() {
            let whole = serde_json::Value::from(&self.text[bytes.start..end]).to_string();
            let edit = Edit { place: self.place(&(bytes.start..end)), replacement: whole };
            let title = "quote the text with what follows".to_owned();
            finding.fix = Some(Fix { title, certainty: Certainty::Suggested, edits: vec![edit] });
        }
        self.diagnostics.push(finding);
    }

    /// Curly quotation marks around a text quote nothing.
    pub(super) fn doubt_marks(&mut self, text: &str, bytes: &Range<usize>) {
        let Some(first) = text.chars().next() else { return };
        let rest = &text[first.len_utf8()..];
        let closes = |(open, close): &(char, char)| {
            *open == first && rest.strip_suffix(*close).is_some_and(|inside| !inside.is_empty())
        };
        let pair = PAIRS.iter().find(|pair| closes(pair));
        let place = self.place(bytes);
        if let Some((_, close)) = pair {
            let inside = &rest[..rest.len() - close.len_utf8()];
            if inside.contains([first, *close]) {
                return;
            }
            let message =
                format!("the curly quotation marks of {} are part of the text", quote(text));
            let whole = serde_json::Value::from(inside).to_string();
            let mut finding = Diagnostic::new(&code::MISREAD_TEXT, place, message).help(
                "write straight ones, `\"`, to quote the text; put straight ones around it if it is \
                 to have these marks",
            );
            if text.len() == bytes.len() {
                finding = finding.replace(Certainty::Suggested, "write straight marks", whole);
            }
            self.diagnostics.push(finding);
        } else if matches!(first, '“' | '„') && !rest.contains(['“', '”']) {
            let message = format!(
                "the curly quotation mark of {} quotes nothing: the text ends here",
                quote(text)
            );
            self.diagnostics.push(
                Diagnostic::new(&code::MISREAD_TEXT, place, message)
                    .help("write straight quotation marks, `\"`, around a text"),
            );
        }
    }

    /// Lines that look like items or keys and go on with the text above.
    fn doubt_lines(&mut self, bytes: &Range<usize>) {
        let text = self.text;
        let mut start = bytes.start;
        for (number, line) in text[bytes.clone()].split('\n').enumerate() {
            let content = line.trim();
            let at = start + line.len() - line.trim_start().len();
            start += line.len() + 1;
            if number == 0 {
                continue;
            }
            let item = content == "-" || content.starts_with("- ");
            let key = content
                .split_once(':')
                .is_some_and(|(key, value)| !value.starts_with('/') && self.builder.knows(key));
            if !item && !key {
                continue;
            }
            let place = self.place(&(at..at + content.len()));
            let what = if item { "no item of a list" } else { "no key with a value" };
            let message = format!("{} goes on with the text above, and is {what}", quote(content));
            let help = if item {
                "align its `-` with those of the other items; quote the text if it is one"
            } else {
                "put a space behind the colon and align the line with the other keys; quote the text \
                 if it is one"
            };
            let first = text[bytes.clone()].chars().next().map_or(0, char::len_utf8);
            let above = self.place(&(bytes.start..bytes.start + first));
            self.diagnostics.push(
                Diagnostic::new(&code::MISREAD_TEXT, place, message)
                    .with(above, "the text begins here")
                    .help(help),
            );
            // The others are for the same reason.
            return;
        }
    }

    /// A key between braces that has no colon, and so no value.
    #[cold]
    pub(super) fn doubt_lone_key(&mut self, key: &Range<usize>) {
        let text = &self.text[key.clone()];
        let help = if text.contains(':') && !text.starts_with(['"', '\'']) {
            "put a space behind the colon: `key: value`"
        } else {
            "write `key: value`; quote a text that holds a comma"
        };
        let place = self.place(key);
        let message = format!("{} is read as a key without a value", quote(text));
        self.diagnostics.push(Diagnostic::new(&code::MISREAD_TEXT, place, message).help(help));
    }

    /// An anchor that no alias names, before a text: probably its first word.
    #[cold]
    pub(super) fn doubt_anchor(&mut self, scalar: &Range<usize>) {
        let line = self.text[..scalar.start].rfind('\n').map_or(0, |newline| newline + 1);
        let Some(length) = self.text[line..scalar.start].rfind('&') else { return };
        let start = line + length;
        let anchor = self.text[start..scalar.start].trim_end();
        let place = self.place(&(start..start + anchor.len()));
        let message =
            format!("{} is read as an anchor that nothing names, and not as text", quote(anchor));
        self.diagnostics.push(
            Diagnostic::new(&code::MISREAD_TEXT, place, message)
                .help("quote the text if it begins with `&`; else remove the anchor"),
        );
    }
}
