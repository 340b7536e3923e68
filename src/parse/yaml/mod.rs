//! YAML 1.2 with the core schema, one or many documents.
//!
//! `granit-parser` finds the events; this file turns them into records and refuses what YAML
//! permits but data can't mean: duplicate keys, keys that aren't scalars, merge keys, custom tags,
//! aliases that explode. A document that is a mapping is a record; one that is a list holds a
//! record an item. An item or a document that can't be parsed doesn't hide the next ones.
//!
//! Most files use little of YAML. `block` reads those without events, and much faster; it leaves
//! the same tape, or the file to this reader.

mod aliases;
mod block;
mod doubts;
mod opening;
mod plain;
mod resume;
mod scalars;
mod syntax;

use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{Event, Options, Parser, ScalarStyle, Span, Tag};

use super::DEPTH_MAX;
use super::content::Conflict;
use crate::diagnostic::{Code, Diagnostic, Place, code, quote};
use crate::tape::{Builder, Mark, NodeId, Tape};
use crate::workspace::{Format, SourceId};

/// Aliases may copy this many nodes, and one more for each byte of the file.
pub const COPIED_NODES_MAX: usize = 100_000;
/// Their texts may come to so many bytes, and one more for each byte of the file.
pub const COPIED_BYTES_MAX: usize = 16 << 20;

/// Parses a file of one or many documents, each a record or a list of records.
pub fn parse(tape: &mut Tape, source: SourceId, diagnostics: &mut Vec<Diagnostic>) {
    let mut reader = Reader::new(tape, source, diagnostics);
    if !block::read(&mut reader) {
        let (start, known) = (reader.builder.mark(), reader.diagnostics.len());
        reader.read();
        if reader.diagnostics.len() > known
            && let Some(conflict) = Conflict::find(reader.text)
        {
            reader.builder.rewind(start);
            reader.diagnostics.truncate(known);
            reader.diagnostics.push(conflict.report(source, reader.base));
        }
    }
}

/// Whether a scalar without quotation marks is this text, in block and flow collections, by YAML
/// 1.1 and 1.2.
#[must_use]
pub fn is_plain_text(text: &str) -> bool {
    let indicator = |character: char| "-?:,[]{}#&*!|>'\"%@`".contains(character);
    let inside = |character: char| ",[]{}".contains(character) || character.is_control();
    plain::resolve(text) == plain::Plain::Text
        && plain::yaml_1_1(text, plain::Plain::Text).is_none()
        && !text.starts_with(indicator)
        && !text.contains(inside)
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with(':')
        && text.trim() == text
        && text != "<<"
        && !text.starts_with("...")
}

fn options() -> Options {
    // One level more than a record may have, for the list that holds the records.
    granit_parser::options! {
        emit_unresolved_aliases: true,
        flow_nesting_limit: DEPTH_MAX + 1,
        block_nesting_limit: DEPTH_MAX + 1,
    }
}

struct Reader<'a, 'd> {
    text: &'a str,
    source: SourceId,
    base: u64,
    builder: Builder<'a>,
    diagnostics: &'d mut Vec<Diagnostic>,
    /// The collections that are open, outermost first.
    frames: Vec<Frame>,
    /// The record under construction.
    record: Option<Record>,
    anchors: HashMap<usize, Anchor>,
    copied: aliases::Copied,
    /// Where the text begins that the parser reads: the file, or what follows a fault.
    from: usize,
    /// The parser has begun within a document, so that it doesn't know all anchors.
    resumed: bool,
    /// How many syntax errors there were.
    faults: usize,
    /// Where the list of records begins that is read.
    list: Option<usize>,
    /// Where the last sound record of the document begins on the tape.
    last: Option<Mark>,
    /// Anchors of plain text that no alias has named so far, and where the text is.
    unnamed: Vec<(usize, Range<usize>)>,
    /// Where the last scalar or bracket ended: a block collection ends where its last item does.
    last_end: usize,
    /// A document that is a bare scalar. Whether that is the fault is known at its end only: often
    /// it is a broken key.
    bare: Option<Range<usize>>,
}

struct Record {
    mark: Mark,
    /// Its first byte.
    start: usize,
    /// Something in it can't be kept, so that all of it is forgotten at its end.
    broken: bool,
    /// Its depth was complained of.
    too_deep: bool,
    /// Anchors that it defines: they are gone with it.
    anchors: Vec<usize>,
}

struct Frame {
    kind: FrameKind,
    anchor: usize,
    /// How many levels of collections are in it, itself included.
    height: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum FrameKind {
    /// The list of records that a document is; not a value itself.
    Records,
    Sequence,
    Mapping {
        /// The next node is a key.
        key: bool,
        /// A key was no scalar, so that keys can't be compared.
        odd: bool,
    },
}

#[derive(Clone, Copy)]
enum Anchor {
    /// Its node isn't complete: an alias to it would contain itself.
    Open,
    Node {
        node: NodeId,
        height: usize,
        mapping: bool,
    },
    /// It names a key, whose text says nothing of the value that YAML would read there.
    Key,
    /// It was in a broken record.
    Lost,
}

/// What a node is to its parent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    Document,
    Item,
    Key,
    Value,
}

impl<'a, 'd> Reader<'a, 'd> {
    fn new(tape: &'a mut Tape, source: SourceId, diagnostics: &'d mut Vec<Diagnostic>) -> Self {
        let base = tape.origin().base;
        let (text, builder) = tape.build(Format::Yaml);
        Self {
            text,
            source,
            base,
            builder,
            diagnostics,
            frames: Vec::new(),
            record: None,
            anchors: HashMap::new(),
            copied: aliases::Copied::default(),
            from: 0,
            resumed: false,
            faults: 0,
            list: None,
            last: None,
            unnamed: Vec::new(),
            last_end: 0,
            bare: None,
        }
    }

    /// Reads all that YAML is.
    fn read(&mut self) {
        // The scanner takes U+0000 for the end of its input and would drop the rest in silence.
        if let Some(at) = memchr::memchr(0, self.text.as_bytes()) {
            self.report(
                &code::INVALID_SYNTAX,
                at..at + 1,
                "the file holds the character U+0000",
                "YAML is text: was the file damaged, or is it another format?",
            );
            return;
        }
        let mut start = Some(0);
        while let Some(from) = start {
            start = self.read_from(from);
        }
    }

    /// Reads from a place on where a document or an item begins. After a syntax error, returns where
    /// the next one does.
    fn read_from(&mut self, from: usize) -> Option<usize> {
        self.from = from;
        self.last_end = from;
        let text = self.text;
        let mut parser = Parser::new_from_str_with_options(&text[from..], options());
        while let Some(event) = parser.next_event() {
            match event {
                Ok((event, span)) => self.event(&event, &span),
                Err(error) => return self.syntax_error(&error),
            }
        }
        None
    }
}

impl Reader<'_, '_> {
    fn event(&mut self, event: &Event<'_>, span: &Span) {
        let bytes = span.byte_range().expect("events over a string know their bytes");
        let bytes = bytes.start + self.from..bytes.end + self.from;
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(text, *style, *anchor, tag.as_deref(), span, bytes);
            }
            Event::MappingStart(_, anchor, tag) => {
                self.tag(tag.as_deref(), "map", span, &bytes);
                self.open(FrameKind::Mapping { key: true, odd: false }, *anchor, bytes.start);
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.tag(tag.as_deref(), "seq", span, &bytes);
                self.open(FrameKind::Sequence, *anchor, bytes.start);
            }
            Event::MappingEnd | Event::SequenceEnd => self.close(bytes),
            Event::Alias(anchor) => self.alias(*anchor, bytes),
            Event::UnresolvedAlias(name) => self.unknown_alias(name, bytes),
            Event::DocumentEnd => {
                self.end_document();
                if let Some(bytes) = self.bare.take() {
                    let found = quote(&self.text[bytes.clone()]);
                    self.not_a_record(bytes, &found);
                }
            }
            // The stream's other marks carry no data. (The enum may grow; anchors and comments
            // are switched off.)
            _ => {}
        }
    }

    fn place(&self, span: &Range<usize>) -> Place {
        Place::new(self.source, self.base + span.start as u64..self.base + span.end as u64)
    }

    fn report(
        &mut self,
        code: &'static Code,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let place = self.place(&span);
        self.diagnostics.push(Diagnostic::new(code, place, message).help(help));
    }

    fn position(&self) -> Position {
        match self.frames.last().map(|frame| frame.kind) {
            None => Position::Document,
            Some(FrameKind::Records) => Position::Item,
            Some(FrameKind::Mapping { key: true, .. }) => Position::Key,
            Some(FrameKind::Mapping { key: false, .. } | FrameKind::Sequence) => Position::Value,
        }
    }

    fn end_document(&mut self) {
        self.anchors.clear();
        self.resumed = false;
        self.list = None;
        self.last = None;
        for (_, bytes) in std::mem::take(&mut self.unnamed) {
            self.doubt_anchor(&bytes);
        }
    }

    fn begin_record(&mut self, start: usize) {
        let mark = self.builder.mark();
        self.builder.root();
        self.record =
            Some(Record { mark, start, broken: false, too_deep: false, anchors: Vec::new() });
    }

    /// Forgets the record at its end: something in it was reported.
    fn spoil(&mut self) {
        if let Some(record) = &mut self.record {
            record.broken = true;
        }
    }

    /// A node is complete: the next one has another position.
    fn complete(&mut self, height: usize) {
        if let Some(frame) = self.frames.last_mut() {
            frame.height = frame.height.max(height + 1);
            if let FrameKind::Mapping { key, .. } = &mut frame.kind {
                *key = !*key;
            }
        }
        if matches!(self.position(), Position::Document | Position::Item) {
            self.end_record();
        }
    }

    fn end_record(&mut self) {
        let Some(record) = self.record.take() else { return };
        self.last = (!record.broken).then_some(record.mark);
        if record.broken {
            self.builder.rewind(record.mark);
            for anchor in record.anchors {
                self.anchors.insert(anchor, Anchor::Lost);
            }
        }
    }

    fn define(&mut self, id: usize, anchor: Anchor) {
        if id != 0 {
            self.anchors.insert(id, anchor);
            if let Some(record) = &mut self.record {
                record.anchors.push(id);
            }
        }
    }

    fn open(&mut self, mut kind: FrameKind, anchor: usize, start: usize) {
        let first = start..start + self.text[start..].chars().next().map_or(0, char::len_utf8);
        match self.position() {
            Position::Document if kind == FrameKind::Sequence => kind = FrameKind::Records,
            Position::Document => self.begin_record(start),
            Position::Item => {
                self.begin_record(start);
                if kind == FrameKind::Sequence {
                    self.spoil();
                    self.not_a_record(first.clone(), "a list");
                }
            }
            Position::Key => self.odd_key(first.clone()),
            Position::Value => {}
        }
        if kind == FrameKind::Records {
            self.list = Some(start);
            self.define(anchor, Anchor::Lost);
        } else {
            if !matches!(self.text.as_bytes().get(start), Some(b'[' | b'{')) {
                self.check_tabs(start);
            }
            self.check_depth(1, first);
            if kind == FrameKind::Sequence {
                self.builder.open_array(start);
            } else {
                self.builder.open_object(start);
            }
            self.define(anchor, Anchor::Open);
        }
        self.last_end = start;
        self.frames.push(Frame { kind, anchor, height: 1 });
    }

    /// Complains of tabs before a block collection: the parser lets some pass.
    fn check_tabs(&mut self, start: usize) {
        let line = self.text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let blank = self.text[line..start].trim_start_matches([' ', '\t']).is_empty();
        if let Some(length) = self.text[line..start].find('\t').filter(|_| blank) {
            let tab = syntax::tab(line + length);
            self.spoil();
            self.report(&code::INVALID_SYNTAX, tab.span, tab.message, tab.help);
        }
    }

    fn close(&mut self, bytes: Range<usize>) {
        let frame = self.frames.pop().expect("the parser balances collections");
        // The end of a flow collection is its bracket; that of a block collection is empty and
        // lies at whatever comes next.
        if !bytes.is_empty() {
            self.last_end = bytes.end;
        }
        if frame.kind == FrameKind::Records {
            return;
        }
        let node = self.builder.close(self.last_end);
        let mapping = matches!(frame.kind, FrameKind::Mapping { .. });
        if let FrameKind::Mapping { odd: false, .. } = frame.kind
            && let Some((first, second)) = self.builder.duplicate_key(node)
        {
            let places = (self.place(&first), self.place(&second));
            self.diagnostics.push(super::duplicate_key(&self.text[second], places.0, places.1));
        }
        self.define(frame.anchor, Anchor::Node { node, height: frame.height, mapping });
        self.complete(frame.height);
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: &Span,
        bytes: Range<usize>,
    ) {
        // The parser spells a scalar that isn't there `~`.
        let text = if bytes.is_empty() { "" } else { text };
        let bytes = match style {
            ScalarStyle::Literal | ScalarStyle::Folded => trim_end(self.text, bytes),
            ScalarStyle::Plain | ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => bytes,
        };
        let before = self.last_end;
        self.last_end = before.max(bytes.end);
        match self.position() {
            Position::Document if bytes.is_empty() => {}
            Position::Document => self.bare = Some(bytes),
            Position::Item => {
                self.define(anchor, Anchor::Lost);
                let found = if text.is_empty() { "nothing".to_owned() } else { quote(text) };
                self.not_a_record(bytes, &found);
            }
            Position::Key => {
                self.key(text, style, tag, span, bytes);
                self.define(anchor, Anchor::Key);
                self.complete(0);
            }
            Position::Value => {
                if anchor != 0 && style == ScalarStyle::Plain && !bytes.is_empty() {
                    self.unnamed.push((anchor, bytes.clone()));
                }
                if bytes.is_empty() && style == ScalarStyle::Plain && tag.is_none() && anchor == 0 {
                    self.check_colon(before);
                }
                let node = match tag {
                    Some(tag) => self.tagged(text, style, tag, span, bytes),
                    None => self.untagged(text, style, bytes),
                };
                self.define(anchor, Anchor::Node { node, height: 0, mapping: false });
                self.complete(0);
            }
        }
    }

    /// Complains of a key that ends at `key`, if nothing says that a value follows.
    fn check_colon(&mut self, key: usize) {
        let is_value =
            matches!(self.frames.last(), Some(Frame { kind: FrameKind::Mapping { .. }, .. }));
        let sound = self.record.as_ref().is_some_and(|record| !record.broken);
        if is_value
            && sound
            && !self.text[key..].trim_start().starts_with(':')
            && let Some(bytes) = self.builder.last_span()
            && bytes.end == key
        {
            self.doubt_lone_key(&bytes);
        }
    }

    fn odd_key(&mut self, bytes: Range<usize>) {
        self.spoil();
        self.odd();
        self.report(
            &code::INVALID_SYNTAX,
            bytes,
            "a key must be a plain word or text",
            "quote it if its text begins with `[`, `{` or `*`",
        );
    }

    fn odd(&mut self) {
        if let Some(Frame { kind: FrameKind::Mapping { odd, .. }, .. }) = self.frames.last_mut() {
            *odd = true;
        }
    }

    /// Complains, once a record, if `height` more levels are too many.
    fn check_depth(&mut self, height: usize, bytes: Range<usize>) {
        if self.builder.depth() + height <= DEPTH_MAX {
            return;
        }
        self.spoil();
        if let Some(record) = &mut self.record
            && !std::mem::replace(&mut record.too_deep, true)
        {
            self.too_deep(bytes);
        }
    }

    fn too_deep(&mut self, bytes: Range<usize>) {
        let message = format!("values are nested more than {DEPTH_MAX} levels deep");
        self.report(
            &code::NESTING_TOO_DEEP,
            bytes,
            message,
            "a record needs a handful of levels; is a bracket missing further up?",
        );
    }

    fn not_a_record(&mut self, bytes: Range<usize>, found: &str) {
        self.report(
            &code::NOT_A_RECORD,
            bytes,
            format!("expected a record, which is `key: value` pairs, but found {found}"),
            "write one record a document, or a list of records, each behind `- `",
        );
    }
}

/// A block scalar reaches to the next token: its value ends with its last line.
fn trim_end(text: &str, bytes: Range<usize>) -> Range<usize> {
    bytes.start..bytes.start + text[bytes].trim_end_matches([' ', '\t', '\r', '\n']).len()
}

#[cfg(test)]
mod tests;
