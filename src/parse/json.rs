//! JSON (RFC 8259) and JSON Lines.
//!
//! Our own parser, because this is the hot path and because it must do what libraries don't:
//! keep positions, refuse duplicate keys, and go on after a broken line. It is strict: comments,
//! trailing commas, `NaN` and single quotes are errors with advice.

mod faults;
mod quick;
mod resume;
#[cfg(test)]
mod tests;

use std::ops::Range;

use super::content::{self, Conflict};
use super::{DEPTH_MAX, scalar};
use crate::diagnostic::{Diagnostic, Place, code};
use crate::tape::{Builder, NodeId, Tape};
use crate::workspace::{Format, SourceId};
use faults::Failure;

/// Parses a file that holds one record, or an array of records.
pub fn parse(tape: &mut Tape, source: SourceId, diagnostics: &mut Vec<Diagnostic>) {
    let base = tape.origin().base;
    let (text, builder) = tape.build(Format::Json);
    let mut parser = Parser::new(text, base, source, builder, diagnostics);
    parser.skip_whitespace();
    if parser.at == text.len() {
        parser.report(&Failure::new(
            &code::INVALID_SYNTAX,
            0..0,
            "the file is empty",
            "a JSON file holds one record, `{…}`, or a list of records, `[…]`",
        ));
        return;
    }
    parser.resumes = true;
    let start = parser.builder.mark();
    let known = parser.diagnostics.len();
    if parser.bytes[parser.at] == b'[' {
        let outcome = parser.records();
        // Records before a fault are sound, and so are those after it where they can be told.
        if let Err(failure) = outcome.and_then(|()| parser.finish(text.len())) {
            parser.report(&failure);
        }
    } else {
        parser.builder.root();
        let outcome = parser.record().and_then(|()| parser.finish(text.len()));
        parser.conclude(outcome, start);
    }
    parser.check_conflict(start, known);
}

/// Parses a file that holds one value: a schema.
pub fn parse_value(tape: &mut Tape, source: SourceId, diagnostics: &mut Vec<Diagnostic>) {
    let base = tape.origin().base;
    let (text, builder) = tape.build(Format::Json);
    let mut parser = Parser::new(text, base, source, builder, diagnostics);
    parser.skip_whitespace();
    if parser.at == text.len() {
        parser.report(&Failure::new(
            &code::INVALID_SYNTAX,
            0..0,
            "the file is empty",
            "a schema is a JSON object, `{…}`",
        ));
        return;
    }
    parser.resumes = true;
    let start = parser.builder.mark();
    let known = parser.diagnostics.len();
    parser.builder.root();
    let outcome = parser.value().and_then(|_| parser.finish(text.len()));
    parser.conclude(outcome, start);
    parser.check_conflict(start, known);
}

/// Parses a batch of whole lines, one record a line; blank lines are skipped.
pub fn parse_lines(tape: &mut Tape, source: SourceId, diagnostics: &mut Vec<Diagnostic>) {
    let base = tape.origin().base;
    let (text, builder) = tape.build(Format::JsonLines);
    let mut parser = Parser::new(text, base, source, builder, diagnostics);
    let mut line_start = 0;
    while line_start < text.len() {
        if content::is_marker(&text.as_bytes()[line_start..]) {
            let conflict = Conflict::at(text, line_start);
            parser.diagnostics.push(conflict.report(source, base));
            let last = conflict.last.unwrap_or(conflict.first).end;
            line_start = memchr::memchr(b'\n', &text.as_bytes()[last..])
                .map_or(text.len(), |it| last + it + 1);
            continue;
        }
        let line_end = memchr::memchr(b'\n', &text.as_bytes()[line_start..])
            .map_or(text.len(), |length| line_start + length);
        parser.at = line_start;
        parser.end = line_end;
        parser.skip_whitespace();
        if parser.at < line_end {
            let start = parser.builder.mark();
            parser.builder.root();
            let outcome = parser.record().and_then(|()| parser.finish(line_end));
            if let Err(failure) = outcome {
                parser.builder.rewind(start);
                parser.report(&failure);
            }
        }
        line_start = line_end + 1;
    }
}

type Outcome<T> = Result<T, Box<Failure>>;

/// What follows in an object or a list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Item,
    Closing,
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// Nothing is read from here on.
    end: usize,
    source: SourceId,
    base: u64,
    depth: usize,
    /// Whether parsing goes on after a fault, where that is no guesswork: see [`resume`].
    resumes: bool,
    /// How often it did.
    faults: usize,
    builder: Builder<'a>,
    diagnostics: &'a mut Vec<Diagnostic>,
    /// Text under construction, kept for its buffer.
    unescaped: String,
}

/// The first quotation mark, backslash or control character at or after `at`, or the end. Lines end with a
/// control character, so no text is followed beyond its line.
#[inline]
fn stop(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    // Eight bytes at a time. A set high bit marks a byte that ends the run; the lowest such mark is exact,
    // though higher ones may be carried into.
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        let word = u64::from_le_bytes(*chunk);
        let quote = (word ^ (ONES * u64::from(b'"'))).wrapping_sub(ONES);
        let backslash = (word ^ (ONES * u64::from(b'\\'))).wrapping_sub(ONES);
        let control = word.wrapping_sub(ONES * 0x20);
        // No byte outside ASCII ends it.
        let stops = (quote | backslash | control) & !word & HIGHS;
        if stops != 0 {
            return at + stops.trailing_zeros() as usize / 8;
        }
        at += chunk.len();
    }
    while at < bytes.len() && !matches!(bytes[at], b'"' | b'\\' | 0..=0x1f) {
        at += 1;
    }
    at
}

impl<'a> Parser<'a> {
    fn new(
        text: &'a str,
        base: u64,
        source: SourceId,
        builder: Builder<'a>,
        diagnostics: &'a mut Vec<Diagnostic>,
    ) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            end: text.len(),
            source,
            base,
            depth: 0,
            resumes: false,
            faults: 0,
            builder,
            diagnostics,
            unescaped: String::new(),
        }
    }

    fn place(&self, span: &Range<usize>) -> Place {
        Place::new(self.source, self.base + span.start as u64..self.base + span.end as u64)
    }

    fn report(&mut self, failure: &Failure) {
        self.depth = 0;
        let finding =
            Diagnostic::new(failure.code, self.place(&failure.span), failure.message.clone())
                .help(failure.help.clone());
        self.diagnostics.push(match &failure.noticed {
            Some(noticed) => finding.label("opened here").with(self.place(noticed), "noticed here"),
            None => finding,
        });
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        if self.at < self.end { Some(self.bytes[self.at]) } else { None }
    }

    #[inline]
    fn skip_whitespace(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// Nothing but white space may follow.
    fn finish(&mut self, end: usize) -> Outcome<()> {
        self.skip_whitespace();
        if self.at < end {
            return Err(Failure::new(
                &code::INVALID_SYNTAX,
                self.token(),
                format!("expected nothing more after the record, found {}", self.found()),
                "write one record a line in `.jsonl` files, or a list `[…]` in `.json` files",
            ));
        }
        Ok(())
    }

    /// A top-level array: each item is a record. Those with a fault are forgotten.
    fn records(&mut self) -> Outcome<()> {
        let list = self.at;
        self.at += 1;
        self.skip_whitespace();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.skip_whitespace();
            let (item, start, faults) = (self.at, self.builder.mark(), self.faults);
            self.builder.root();
            let value = self.record();
            if value.is_err() || self.faults > faults {
                self.builder.rewind(start);
            }
            let next = match value {
                Ok(()) => self.after_item(list),
                Err(failure) => self.no_item(failure, item),
            };
            let next = next.or_else(|failure| self.next_record(failure, item))?;
            if next == Next::Closing {
                self.at += 1;
                return Ok(());
            }
        }
    }

    /// A record is mostly sound.
    #[inline]
    fn record(&mut self) -> Outcome<()> {
        if self.quick() { Ok(()) } else { self.value().map(|_| ()) }
    }

    fn value(&mut self) -> Outcome<NodeId> {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'{') => self.object(),
            Some(b'[') => self.array(),
            Some(b'-' | b'0'..=b'9') => self.number().or_else(|failure| self.skip(failure)),
            Some(b't') => self.literal("true", |builder, span| builder.boolean(span, true)),
            Some(b'f') => self.literal("false", |builder, span| builder.boolean(span, false)),
            Some(b'n') => self.literal("null", Builder::null),
            _ => {
                let failure = self.expected("a value");
                self.skip(failure)
            }
        }
    }

    fn literal(
        &mut self,
        word: &str,
        push: impl Fn(&mut Builder<'a>, Range<usize>) -> NodeId,
    ) -> Outcome<NodeId> {
        let span = self.at..self.at + word.len();
        if span.end <= self.end && &self.bytes[span.clone()] == word.as_bytes() {
            self.at = span.end;
            Ok(push(&mut self.builder, span))
        } else {
            let failure = self.expected("a value");
            self.skip(failure)
        }
    }

    fn enter(&mut self) -> Outcome<usize> {
        let start = self.at;
        self.at += 1;
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Failure::new(
                &code::NESTING_TOO_DEEP,
                start..start + 1,
                format!("values are nested more than {DEPTH_MAX} levels deep"),
                "a record needs a handful of levels; is a bracket missing further up?",
            ));
        }
        Ok(start)
    }

    fn object(&mut self) -> Outcome<NodeId> {
        let start = self.enter()?;
        self.builder.open_object(start);
        self.skip_whitespace();
        if self.peek() == Some(b'}') {
            self.at += 1;
            self.depth -= 1;
            return Ok(self.builder.close(self.at));
        }
        loop {
            self.skip_whitespace();
            if self.peek() == Some(b'"') {
                self.string()?;
            } else {
                match self.no_key(start)? {
                    Some(Next::Item) => continue,
                    Some(Next::Closing) => break,
                    None => {}
                }
            }
            self.skip_whitespace();
            if self.peek() != Some(b':') {
                return Err(self.expected("`:` after the key"));
            }
            self.at += 1;
            self.skip_whitespace();
            self.value()?;
            self.skip_whitespace();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => {
                    let failure = self.expected("`,` or `}` after a value");
                    let failure = self.unclosed(failure, start);
                    if self.resume(failure, b'}')? == Next::Closing {
                        break;
                    }
                }
            }
        }
        self.at += 1;
        self.depth -= 1;
        let object = self.builder.close(self.at);
        if let Some((first, second)) = self.builder.duplicate_key(object) {
            let places = (self.place(&first), self.place(&second));
            self.diagnostics.push(super::duplicate_key(&self.text[second], places.0, places.1));
        }
        Ok(object)
    }

    fn array(&mut self) -> Outcome<NodeId> {
        let start = self.enter()?;
        self.builder.open_array(start);
        self.skip_whitespace();
        if self.peek() == Some(b']') {
            self.at += 1;
            self.depth -= 1;
            return Ok(self.builder.close(self.at));
        }
        loop {
            self.skip_whitespace();
            let item = self.at;
            let next = match self.value() {
                Ok(_) => self.after_item(start)?,
                Err(failure) => self.no_item(failure, item)?,
            };
            if next == Next::Closing {
                break;
            }
        }
        self.at += 1;
        self.depth -= 1;
        Ok(self.builder.close(self.at))
    }

    #[inline]
    fn after_item(&mut self, list: usize) -> Outcome<Next> {
        self.skip_whitespace();
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                Ok(Next::Item)
            }
            Some(b']') => Ok(Next::Closing),
            _ => {
                let failure = self.expected("`,` or `]` after an item of the list");
                let failure = self.unclosed(failure, list);
                self.resume(failure, b']')
            }
        }
    }

    fn number(&mut self) -> Outcome<NodeId> {
        let start = self.at;
        let mut at = start + usize::from(self.bytes[start] == b'-');
        let digits = |mut at: usize| {
            while at < self.end && self.bytes[at].is_ascii_digit() {
                at += 1;
            }
            at
        };
        let integer_end = digits(at);
        let leading_zero = integer_end > at + 1 && self.bytes[at] == b'0';
        let mut complete = integer_end > at;
        at = integer_end;
        let mut integer = true;
        if at < self.end && self.bytes[at] == b'.' {
            integer = false;
            let end = digits(at + 1);
            complete &= end > at + 1;
            at = end;
        }
        if at < self.end && matches!(self.bytes[at], b'e' | b'E') {
            integer = false;
            let sign = usize::from(at + 1 < self.end && matches!(self.bytes[at + 1], b'+' | b'-'));
            let end = digits(at + 1 + sign);
            complete &= end > at + 1 + sign;
            at = end;
        }
        let span = start..at;
        if !complete || leading_zero {
            let literal = &self.text[self.token()];
            return Err(Failure::new(
                &code::INVALID_SYNTAX,
                self.token(),
                format!("`{literal}` is not a number as JSON writes them"),
                if leading_zero {
                    "put it in double quotes if it is a code; leave the zeros out if it is a number"
                } else {
                    "write digits on both sides of the decimal point, as in `0.5`"
                },
            ));
        }
        self.at = at;
        let literal = &self.text[span.clone()];
        // Eighteen digits always fit.
        if integer && literal.len() <= 18 {
            let digits = literal.strip_prefix('-').unwrap_or(literal);
            let magnitude =
                digits.bytes().fold(0i64, |sum, digit| sum * 10 + i64::from(digit - b'0'));
            let negative = digits.len() < literal.len();
            return Ok(self.builder.integer(span, if negative { -magnitude } else { magnitude }));
        }
        let place = self.place(&span);
        Ok(scalar::push_number(&mut self.builder, span, literal, place, self.diagnostics))
    }

    fn string(&mut self) -> Outcome<NodeId> {
        let start = self.at;
        let stop = stop(self.bytes, start + 1);
        match self.bytes.get(stop) {
            Some(b'"') if stop < self.end => {
                self.at = stop + 1;
                Ok(self.builder.borrowed(start..stop + 1, start + 1..stop))
            }
            Some(b'\\') if stop < self.end => self
                .string_with_escapes(start, stop)
                .or_else(|failure| self.skip_text(start, failure)),
            _ => {
                let failure = self.broken_string(start, stop);
                self.skip_text(start, failure)
            }
        }
    }

    fn string_with_escapes(&mut self, start: usize, first: usize) -> Outcome<NodeId> {
        let mut unescaped = std::mem::take(&mut self.unescaped);
        unescaped.clear();
        unescaped.push_str(&self.text[start + 1..first]);
        let mut at = first;
        loop {
            match self.bytes.get(at) {
                Some(b'"') if at < self.end => break,
                Some(b'\\') if at < self.end => at = self.escape(at, &mut unescaped)?,
                _ => return Err(self.broken_string(start, at)),
            }
            let stop = stop(self.bytes, at);
            unescaped.push_str(&self.text[at..stop]);
            at = stop;
        }
        self.at = at + 1;
        let node = self.builder.decoded(start..at + 1, &unescaped);
        self.unescaped = unescaped;
        Ok(node)
    }

    /// Appends what the escape at `at` means; returns where it ends.
    fn escape(&self, at: usize, unescaped: &mut String) -> Outcome<usize> {
        let simple = match self.bytes[..self.end].get(at + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(at, unescaped),
            _ => return Err(self.bad_escape(at, at + 2)),
        };
        unescaped.push(simple);
        Ok(at + 2)
    }

    fn unicode_escape(&self, at: usize, unescaped: &mut String) -> Outcome<usize> {
        let unit = |at: usize| {
            let digits = self.bytes[..self.end].get(at + 2..at + 6)?;
            if !self.bytes[at..].starts_with(b"\\u") || !digits.iter().all(u8::is_ascii_hexdigit) {
                return None;
            }
            u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
        };
        let (code_point, end) = match unit(at) {
            Some(high @ 0xd800..=0xdbff) => match unit(at + 6) {
                Some(low @ 0xdc00..=0xdfff) => {
                    (Some(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00)), at + 12)
                }
                _ => (None, at + 6),
            },
            Some(unit) => (Some(unit), at + 6),
            None => (None, at + 6),
        };
        match code_point.and_then(char::from_u32) {
            Some(character) => {
                unescaped.push(character);
                Ok(end)
            }
            None => Err(self.bad_escape(at, end)),
        }
    }
}
