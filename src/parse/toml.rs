//! TOML 1.0: the manifest.
//!
//! The `toml` crate parses; this file turns its tables into nodes with places, and its errors into
//! findings. Dates become text as they are written, since the tape has no dates.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::scalar;
use crate::diagnostic::{Diagnostic, Place, code};
use crate::tape::{Builder, Tape};
use crate::workspace::{Format, SourceId};

/// Parses a file into one record: its root table. A file with a syntax error gives none.
pub fn parse(tape: &mut Tape, source: SourceId, diagnostics: &mut Vec<Diagnostic>) {
    let base = tape.origin().base;
    let (text, builder) = tape.build(Format::Toml);
    let mut reader = Reader { text, source, base, builder, diagnostics };
    let (root, mut errors) = DeTable::parse_recoverable(text);
    errors.sort_by_key(|error| error.span().map_or(0, |span| span.start));
    let mut again: Option<usize> = None;
    let mut broken: Option<usize> = None;
    for error in &errors {
        let span = in_bounds(text, error.span().unwrap_or(0..0));
        // What stands in a table that is there twice is there twice for no other reason.
        let header = |at: usize| text[..at].rfind("\n[").map_or(0, |newline| newline + 1);
        if again.is_some_and(|again| again == header(span.start)) {
            continue;
        }
        let duplicate = error.message().starts_with("duplicate key");
        if duplicate && text[header(span.start)..span.start].lines().count() == 1 {
            again = Some(header(span.start));
        }
        // So is what comes later in the line of a fault.
        if broken.is_some_and(|line| span.start <= line) {
            continue;
        }
        reader.syntax_error(error.message(), span.clone(), root.get_ref());
        if !duplicate {
            let rest = &text[span.start..];
            broken = Some(span.start + rest.find('\n').unwrap_or(rest.len()));
            // What isn't closed takes the next lines with it, and the rest is guesswork.
            if ["array", "inline table", "multi-line"].iter().any(|it| error.message().contains(it))
            {
                break;
            }
        }
    }
    if errors.is_empty() {
        reader.builder.root();
        reader.table(root.get_ref(), 0..text.len());
    }
}

struct Reader<'a, 'd> {
    text: &'a str,
    source: SourceId,
    base: u64,
    builder: Builder<'a>,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl Reader<'_, '_> {
    fn place(&self, span: &Range<usize>) -> Place {
        Place::new(self.source, self.base + span.start as u64..self.base + span.end as u64)
    }

    fn syntax_error(&mut self, message: &str, span: Range<usize>, root: &DeTable<'_>) {
        let finding = if message.starts_with("duplicate key") {
            let spelling = &self.text[span.clone()];
            match earlier(root, spelling, &span) {
                Some(first) => {
                    super::duplicate_key(spelling, self.place(&first), self.place(&span))
                }
                None => {
                    let message = format!("the key `{spelling}` stands here twice");
                    Diagnostic::new(&code::DUPLICATE_KEY, self.place(&span), message)
                        .help("keep one of the two")
                }
            }
        } else {
            Diagnostic::new(
                &code::INVALID_SYNTAX,
                self.place(&span),
                format!("this isn't TOML: {message}"),
            )
            .help(if message.contains("escape") {
                "write `/` between directories, as in `data/x.yaml`: a backslash in double quotes \
                 begins a sign such as `\\n`; where one is meant, write single quotes"
            } else if message.contains("array") {
                "close the list above with `]`, and separate its items with commas"
            } else {
                "TOML writes `key = \"text\"`, `key = [\"a\", \"b\"]` and `[table]`"
            })
        };
        self.diagnostics.push(finding);
    }

    fn table(&mut self, table: &DeTable<'_>, span: Range<usize>) {
        self.builder.open_object(span.start);
        // The crate sorts by key; a reader of findings thinks in the order of the file.
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in entries {
            self.push_text(key.get_ref(), key.span());
            self.value(value);
        }
        self.builder.close(span.end);
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>) {
        let span = in_bounds(self.text, value.span());
        match value.get_ref() {
            DeValue::String(text) => self.push_text(text, span),
            DeValue::Integer(integer) => match integer.radix() {
                10 => self.push_number(integer.as_str(), span),
                radix => match i64::from_str_radix(integer.as_str(), radix) {
                    Ok(value) => {
                        self.builder.integer(span, value);
                    }
                    Err(_) => {
                        let literal = &self.text[span.clone()];
                        let message = format!("the integer `{literal}` doesn't fit 64 bits");
                        let place = self.place(&span);
                        let finding = Diagnostic::new(&code::INEXACT_NUMBER, place, message);
                        self.diagnostics.push(finding.help("write a smaller number, or text"));
                        self.builder.integer(span, 0);
                    }
                },
            },
            DeValue::Float(float) => self.float(float.as_str(), span),
            DeValue::Boolean(value) => {
                self.builder.boolean(span, *value);
            }
            DeValue::Datetime(_) => {
                self.builder.borrowed(span.clone(), span);
            }
            DeValue::Array(items) => {
                self.builder.open_array(span.start);
                for item in items.iter() {
                    self.value(item);
                }
                self.builder.close(span.end);
            }
            DeValue::Table(table) => self.table(table, span),
        }
    }

    fn push_text(&mut self, text: &str, span: Range<usize>) {
        let span = in_bounds(self.text, span);
        for quotes in [0, 1] {
            let spelt = span.start + quotes..span.start + quotes + text.len();
            if spelt.end <= span.end && self.text.get(spelt.clone()) == Some(text) {
                self.builder.borrowed(span, spelt);
                return;
            }
        }
        self.builder.decoded(span, text);
    }

    fn push_number(&mut self, literal: &str, span: Range<usize>) {
        let place = self.place(&span);
        scalar::push_number(&mut self.builder, span, literal, place, self.diagnostics);
    }

    fn float(&mut self, literal: &str, span: Range<usize>) {
        if literal.ends_with(|last: char| last.is_ascii_digit()) {
            return self.push_number(literal, span);
        }
        let message = format!("`{literal}` is no number that can be used here");
        self.diagnostics.push(
            Diagnostic::new(&code::NON_FINITE_NUMBER, self.place(&span), message)
                .help("leave the key out where the number isn't known"),
        );
        self.builder.float(span, 0.0);
    }
}

/// Where the key that is spelt again at `second` stands first: the nearest one before it.
fn earlier(table: &DeTable<'_>, spelling: &str, second: &Range<usize>) -> Option<Range<usize>> {
    let name = spelling.trim_matches(['"', '\'']);
    let here = table.iter().filter_map(|(key, value)| {
        let own = (key.get_ref() == name && key.span().end <= second.start).then(|| key.span());
        own.into_iter().chain(inside(value.get_ref(), spelling, second)).max_by_key(|it| it.start)
    });
    here.max_by_key(|span| span.start)
}

fn inside(value: &DeValue<'_>, spelling: &str, second: &Range<usize>) -> Option<Range<usize>> {
    match value {
        DeValue::Table(table) => earlier(table, spelling, second),
        DeValue::Array(items) => items
            .iter()
            .filter_map(|item| inside(item.get_ref(), spelling, second))
            .max_by_key(|span| span.start),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => None,
    }
}

/// The span, moved to character boundaries within the text.
fn in_bounds(text: &str, span: Range<usize>) -> Range<usize> {
    let mut end = span.end.min(text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    let mut start = span.start.min(end);
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    start..end
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::parse;
    use crate::diagnostic::Diagnostic;
    use crate::tape::Tape;
    use crate::workspace::SourceId;

    fn read(text: &str) -> (Tape, Vec<Diagnostic>) {
        let mut tape = Tape::new(SourceId(0), 0, text.to_owned());
        let mut diagnostics = Vec::new();
        parse(&mut tape, SourceId(0), &mut diagnostics);
        (tape, diagnostics)
    }

    /// The findings: code and marked text.
    fn findings(text: &str) -> Vec<(&'static str, &str)> {
        let (tape, diagnostics) = read(text);
        assert_eq!(
            tape.roots().len(),
            usize::from(
                diagnostics.is_empty() || {
                    diagnostics.iter().all(|it| it.code.id == "P004" || it.code.id == "P005")
                }
            )
        );
        let marked = diagnostics.into_iter().map(|it| {
            let span = it.primary.place.span;
            (it.code.id, &text[span.start as usize..span.end as usize])
        });
        marked.collect()
    }

    #[test]
    fn values_of_all_kinds() {
        let text = "z = \"é\\n\"\na = [1, 0x1F, 1_000]\nd = 2023-12-03\nf = 1.5\n\n[t.u]\nv = true\n\
                    [[l]]\nw = 'x'\n[[l]]\n";
        let (tape, diagnostics) = read(text);
        assert_eq!(diagnostics, []);
        let roots: Vec<_> = tape.roots().collect();
        assert_eq!(
            roots[0].to_json(),
            json!({
                "z": "é\n", "a": [1, 31, 1000], "d": "2023-12-03", "f": 1.5, "t": {"u": {"v": true}},
                "l": [{"w": "x"}, {}],
            })
        );
        let names: Vec<_> = roots[0].entries().map(|entry| entry.name()).collect();
        assert_eq!(names, ["z", "a", "d", "f", "t", "l"]);
        let (date, followed) = roots[0].pointer("/d");
        assert!(followed);
        assert_eq!(&text[date.span().start as usize..date.span().end as usize], "2023-12-03");
        let (word, _) = roots[0].pointer("/l/0/w");
        assert_eq!(&text[word.span().start as usize..word.span().end as usize], "'x'");
    }

    #[test]
    fn errors_have_places() {
        assert_eq!(findings("a = \n"), [("P001", "")]);
        assert_eq!(findings("a = 1\nb\n").len(), 1);
        assert_eq!(findings("a = 0xFFFFFFFFFFFFFFFFF\n"), [("P004", "0xFFFFFFFFFFFFFFFFF")]);
        assert_eq!(findings("a = inf\n"), [("P005", "inf")]);
        assert_eq!(findings("a = 99999999999999999999\n"), [("P004", "99999999999999999999")]);
    }

    #[test]
    fn duplicate_keys_are_errors_at_both_places() {
        let (_, diagnostics) = read("[t]\nname = 1\n\"name\" = 2\n");
        assert_eq!(diagnostics[0].code.id, "P003");
        assert_eq!(diagnostics[0].primary.place.span, 13..19);
        assert_eq!(diagnostics[0].related[0].place.span, 4..8);
        assert_eq!(findings("[a]\n[a]\n"), [("P003", "a")]);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "([a-c]|=|\\.|\\[|\\]|\\{|\\}|\"|'|\n| |,|1|é|#|_|-|:|\\\\|\\PC){0,40}") {
            let (tape, diagnostics) = read(&text);
            let places = diagnostics.iter().map(|it| it.primary.place.span.clone());
            for span in places.chain(tape.roots().map(|it| it.span())) {
                prop_assert!(text.get(span.start as usize..span.end as usize).is_some());
            }
        }
    }
}
