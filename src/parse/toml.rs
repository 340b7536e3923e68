//! TOML: the manifest.
//!
//! `toml_parser` reads tokens, [`document`] puts tables together, and this file turns them into nodes
//! with places, and faults into findings. Dates become text as they are written, since the tape has
//! no dates.

mod date;
mod document;

use std::ops::Range;

use toml_parser::decoder::Encoding;
use toml_parser::{Expected, ParseError};

use self::document::{Bracket, Fault, Spanned, Table, Value};
use super::{DEPTH_MAX, scalar};
use crate::diagnostic::{Diagnostic, Place, code, quote};
use crate::tape::{Builder, Tape};
use crate::workspace::{Format, SourceId};

/// Parses a file into one record: its root table. A file with a fault gives none.
pub fn parse(tape: &mut Tape, source: SourceId, diagnostics: &mut Vec<Diagnostic>) {
    let base = tape.origin().base;
    let (text, builder) = tape.build(Format::Toml);
    let mut reader = Reader { text, source, base, builder, diagnostics };
    let (root, faults) = document::read(text);
    let mut broken: Option<usize> = None;
    for fault in &faults {
        let span = in_bounds(text, fault.span());
        // What comes later in the line of a fault follows from it.
        if broken.is_some_and(|line| span.start <= line) {
            continue;
        }
        reader.report(fault, span.clone());
        match fault {
            Fault::Repeated { .. } | Fault::NoTable { .. } => continue,
            // What isn't closed takes the next lines with it, and the rest is guesswork.
            Fault::Misplaced { inside: Some(_), .. }
            | Fault::Spelling {
                encoding: Some(Encoding::MlBasicString | Encoding::MlLiteralString),
                ..
            } => break,
            Fault::Misplaced { .. }
            | Fault::Spelling { .. }
            | Fault::NoDate(_)
            | Fault::TooDeep(_) => {}
        }
        let rest = &text[span.start..];
        broken = Some(span.start + rest.find('\n').unwrap_or(rest.len()));
    }
    if faults.is_empty() {
        reader.builder.root();
        reader.table(&root, 0..text.len());
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

    fn report(&mut self, fault: &Fault, span: Range<usize>) {
        let place = self.place(&span);
        let finding = match fault {
            Fault::Repeated { first, .. } => {
                super::duplicate_key(&self.text[span], self.place(first), place)
            }
            Fault::NoTable { value, .. } => {
                let name = quote(&self.text[span]);
                let message =
                    format!("{name} has a value that is no table, and nothing goes into it");
                Diagnostic::new(&code::INVALID_SYNTAX, place, message)
                    .with(self.place(value), "it stands here")
                    .help("give one of the two another name")
            }
            Fault::NoDate(_) => {
                let message = format!("{} is no date and no time", quote(&self.text[span]));
                Diagnostic::new(&code::INVALID_SYNTAX, place, message)
                    .help("write quotes around a text, and a date as in 2023-12-03")
            }
            Fault::TooDeep(_) => {
                let message = format!("values are nested more than {DEPTH_MAX} levels deep");
                Diagnostic::new(&code::NESTING_TOO_DEEP, place, message).help(
                    "the manifest needs a handful of levels; is a bracket missing further up?",
                )
            }
            Fault::Misplaced { error, inside } => {
                let help = match inside {
                    Some(Bracket::List) => {
                        "close the list above with `]`, and separate its items with commas"
                    }
                    Some(Bracket::Table) | None => EXAMPLES,
                };
                self.syntax(error, span.start, place, help)
            }
            Fault::Spelling { error, .. } => {
                let help = if self.text[..span.start].ends_with('\\') { ESCAPES } else { EXAMPLES };
                self.syntax(error, span.start, place, help)
            }
        };
        self.diagnostics.push(finding);
    }

    /// What a person plainly meant, or what the parser says with that help.
    fn syntax(&self, error: &ParseError, at: usize, place: Place, help: &str) -> Diagnostic {
        let (what, help) = slip(self.text, at)
            .unwrap_or_else(|| (format!("this isn't TOML: {}", sentence(error)), help.to_owned()));
        Diagnostic::new(&code::INVALID_SYNTAX, place, what).help(help)
    }

    fn table(&mut self, table: &Table<'_>, span: Range<usize>) {
        self.builder.open_object(span.start);
        // A reader of findings thinks in the order of the file.
        let mut nodes: Vec<_> = table.nodes.iter().collect();
        nodes.sort_by_key(|(_, node)| node.key.start);
        for (name, node) in nodes {
            self.push_text(name, node.key.clone());
            self.value(&node.value);
        }
        self.builder.close(span.end);
    }

    fn value(&mut self, Spanned { value, span }: &Spanned<'_>) {
        let span = in_bounds(self.text, span.clone());
        match value {
            Value::Text(text) => self.push_text(text, span),
            Value::Integer { digits, radix: 10 } => self.push_number(digits, span),
            Value::Integer { digits, radix } => match i64::from_str_radix(digits, *radix) {
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
            Value::Float(literal) => self.float(literal, span),
            Value::Boolean(value) => {
                self.builder.boolean(span, *value);
            }
            Value::Date => {
                self.builder.borrowed(span.clone(), span);
            }
            Value::Array(items) | Value::Tables(items) => {
                self.builder.open_array(span.start);
                for item in items {
                    self.value(item);
                }
                self.builder.close(span.end);
            }
            Value::Table(table) => self.table(table, span),
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

const EXAMPLES: &str = "TOML writes `key = \"text\"`, `key = [\"a\", \"b\"]` and `[table]`";

const ESCAPES: &str = "write `/` between directories, as in `data/x.yaml`: a backslash in double quotes \
                       begins a sign such as `\\n`; where one is meant, write single quotes";

/// What the parser says, with what it expected.
fn sentence(error: &ParseError) -> String {
    let Some(expected) = error.expected() else { return error.description().to_owned() };
    let names: Vec<_> = expected
        .iter()
        .map(|it| match it {
            Expected::Literal("\n") => "newline".to_owned(),
            Expected::Literal(literal) => format!("`{literal}`"),
            Expected::Description(what) => (*what).to_owned(),
            _ => "something else".to_owned(),
        })
        .collect();
    let names = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
    format!("{}, expected {names}", error.description())
}

/// What a person plainly meant in the line of a syntax error: what is wrong, and what to do.
fn slip(text: &str, at: usize) -> Option<(String, String)> {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[start..].lines().next().unwrap_or_default().trim();
    let is_name = |name: &str| {
        !name.is_empty()
            && name.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.'))
    };
    if line.contains(['\u{201c}', '\u{201d}', '\u{201e}', '\u{2018}', '\u{2019}']) {
        let what = "typographic quotes stand around a text".to_owned();
        return Some((what, "write straight quotes, as in `key = \"text\"`".to_owned()));
    }
    let equals = line.find('=');
    // A colon in a text is no mistake; one behind a bare name is YAML's way.
    if let Some((name, value)) = line.split_once(':')
        && is_name(name.trim())
        && equals.is_none_or(|equals| equals > name.len())
    {
        let name = name.trim();
        let what = format!("{} is followed by a colon, but TOML wants `=`", quote(name));
        return Some((what, format!("write `{name} = {}`", quoted(value.trim()))));
    }
    let (name, value) = line.split_at(equals?);
    let (name, value) = (name.trim(), value[1..].trim());
    if !is_name(name) {
        return None;
    }
    if value.is_empty() {
        let what = format!("{} has no value", quote(name));
        return Some((what, format!("write one, as in `{name} = \"text\"`, or remove the line")));
    }
    let bare = value.split('#').next().unwrap_or_default().trim();
    let is_bare = bare.starts_with(char::is_alphabetic)
        && !bare.contains(['"', '\'', '[', ']', '{', '}'])
        && !["true", "false", "inf", "nan"].contains(&bare);
    is_bare.then(|| {
        let what = format!("the text {} of {} stands without quotes", quote(bare), quote(name));
        (what, format!("write `{name} = {}`", quoted(bare)))
    })
}

/// A value as TOML spells it: as it is if it has quotes or brackets, else in quotes.
fn quoted(value: &str) -> String {
    let is_spelt = value.starts_with(['"', '\'', '[', '{']) || value.parse::<f64>().is_ok();
    if is_spelt || value == "true" || value == "false" {
        value.to_owned()
    } else {
        format!("\"{value}\"")
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
        // What stands in the second of two tables is nowhere, and so stands nowhere twice.
        assert_eq!(findings("[a]\nb = 1\n[a]\nb = 2\nb = 3\n"), [("P003", "a")]);
        assert_eq!(findings("[a.b]\n[a]\nb.c = 1\n"), [("P003", "b")]);
        assert_eq!(findings("[[a]]\n[a]\n"), [("P003", "a")]);
        assert_eq!(findings("a = {b = 1, b = 2}\n"), [("P003", "b")]);
        // A key of the same name elsewhere isn't the first one.
        let (_, diagnostics) = read("[x]\nn = 1\n[y]\nn = 1\n[x.z]\n[x.z]\n");
        assert_eq!(diagnostics[0].related[0].place.span, 23..24);
    }

    #[test]
    fn tables_are_put_together() {
        for (text, json) in [
            ("a.b = 1\na.c = 2\n", json!({"a": {"b": 1, "c": 2}})),
            ("[a.b]\nx = 1\n[a]\ny = 2\n", json!({"a": {"b": {"x": 1}, "y": 2}})),
            ("[a]\n[a.b]\nx = 1\n[a.c]\n", json!({"a": {"b": {"x": 1}, "c": {}}})),
            ("[[a]]\nx = 1\n[a.b]\ny = 2\n[[a]]\n", json!({"a": [{"x": 1, "b": {"y": 2}}, {}]})),
            (
                "a = {b.c = 1, b.d = [{}, {e = ''}]}\n",
                json!({"a": {"b": {"c": 1, "d": [{}, {"e": ""}]}}}),
            ),
            ("\"a b\" . 'c' = 1 # x\r\n", json!({"a b": {"c": 1}})),
        ] {
            let (tape, found) = read(text);
            assert_eq!(found, [], "{text}");
            assert_eq!(tape.roots().next().expect("a table").to_json(), json, "{text}");
        }
        assert_eq!(findings("a = 1\n[a.b]\n"), [("P001", "a")]);
        assert_eq!(findings("a = []\na.b = 1\n"), [("P001", "a")]);
        assert_eq!(findings("a = {}\na.b = 1\n"), [("P001", "a")]);
        assert_eq!(findings("a = 2023-02-29\n"), [("P001", "2023-02-29")]);
    }

    #[test]
    fn depth_is_limited() {
        let keys = |count| vec!["a"; count].join(".");
        assert_eq!(findings(&format!("{} = 1\n", keys(128))), []);
        assert_eq!(findings(&format!("{} = 1\n", keys(129))), [("P006", "a")]);
        assert_eq!(findings(&format!("[{}]\n", keys(129))), [("P006", "a")]);
        let nested = format!("[{}]\n{} = {{{} = 1}}\n", keys(50), keys(50), keys(50));
        assert_eq!(findings(&nested), [("P006", "a")]);
        let lists = format!("a = {}{}\n", "[".repeat(300), "]".repeat(300));
        assert_eq!(findings(&lists), [("P006", "[")]);
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
