//! The representation of parsed records: a flat tape of nodes over the source text.
//!
//! Every input format parses to a [`Tape`]. A node knows the bytes that it came from, so a place
//! costs nothing until somebody asks for its line. Text is a slice of the source wherever the
//! source spells it out; only escapes, folds and joins are decoded into a second buffer. A tape is
//! reused from batch to batch, so a steady state allocates nothing.
//!
//! A tape refuses to be edited: stages read it through [`Value`].

use std::fmt;
use std::ops::Range;

use crate::workspace::{Format, SourceId};

/// What a node is. Numbers keep whether the source wrote an integer or a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// `null`, an empty YAML scalar.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number that fits an `i64`.
    Integer,
    /// A number above `i64::MAX` that fits a `u64`.
    Unsigned,
    /// Any other number.
    Float,
    /// Text; also the keys of objects.
    Text,
    /// A list.
    Array,
    /// A mapping from text to values.
    Object,
}

/// One value or key on the tape.
#[derive(Clone, Copy, Debug)]
struct Node {
    tag: Tag,
    /// Which of the tape's parts the bytes lie in.
    part: u16,
    /// First byte of the value, counted from its part's base.
    start: u32,
    /// First byte after the value.
    end: u32,
    /// Index of the first node after this one and everything inside it.
    next: u32,
    /// The number's bits, the text's offset and length, or the count of children.
    payload: u64,
}

/// A stretch of a source that nodes count their bytes from.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// The file.
    pub source: SourceId,
    /// Where the stretch begins in the (decompressed) file, in bytes.
    pub base: u64,
}

/// Parsed records of one batch.
///
/// Invariant: every text payload is a character-aligned range of `source` followed by `decoded`,
/// and every `next` is at most the number of nodes.
#[derive(Debug, Default)]
pub struct Tape {
    source: String,
    decoded: String,
    nodes: Vec<Node>,
    roots: Vec<u32>,
    parts: Vec<Part>,
    format: Format,
}

/// The largest stretch of source text that one tape holds, in bytes.
pub const SOURCE_BYTES_MAX: usize = 1 << 31;

impl Tape {
    /// An empty tape over `source`, which begins at byte `base` of the file `id`.
    ///
    /// # Panics
    /// If `source` is longer than [`SOURCE_BYTES_MAX`]; readers split before that.
    #[must_use]
    pub fn new(id: SourceId, base: u64, source: String) -> Self {
        let mut tape = Self::default();
        tape.reset(id, base, source);
        tape
    }

    /// Empties the tape for another stretch of source, keeping its buffers. Returns the old text.
    ///
    /// # Panics
    /// If `source` is longer than [`SOURCE_BYTES_MAX`]; readers split before that.
    pub fn reset(&mut self, id: SourceId, base: u64, source: String) -> String {
        assert!(source.len() < SOURCE_BYTES_MAX, "a batch exceeds the tape's offsets");
        self.decoded.clear();
        self.nodes.clear();
        self.roots.clear();
        self.parts.clear();
        self.parts.push(Part { source: id, base });
        std::mem::replace(&mut self.source, source)
    }

    /// The source text of the first part.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Where the source text lies: parsers count their places from here.
    ///
    /// # Panics
    /// If the tape was never given a source.
    #[must_use]
    pub fn origin(&self) -> Part {
        self.parts[0]
    }

    /// The source text, and a builder that appends nodes while the text is read as `format`.
    pub fn build(&mut self, format: Format) -> (&str, Builder<'_>) {
        self.format = format;
        let builder = Builder {
            source: &self.source,
            decoded: &mut self.decoded,
            nodes: &mut self.nodes,
            roots: &mut self.roots,
            parts: &mut self.parts,
            open: Vec::new(),
            part: 0,
        };
        (&self.source, builder)
    }

    /// The top-level values, in source order.
    pub fn roots(&self) -> impl ExactSizeIterator<Item = Value<'_>> {
        self.roots.iter().map(|&index| Value { tape: self, index })
    }

    fn text(&self, payload: u64) -> &str {
        let (offset, length) = unpack(payload);
        match offset.checked_sub(self.source.len()) {
            None => &self.source[offset..offset + length],
            Some(offset) => &self.decoded[offset..offset + length],
        }
    }
}

fn pack(offset: usize, length: usize) -> u64 {
    // Both are below 2^32: a source is below 2^31 and decoded text is bounded by the builder.
    (offset as u64) << 32 | length as u64
}

fn unpack(payload: u64) -> (usize, usize) {
    ((payload >> 32) as usize, (payload & 0xffff_ffff) as usize)
}

/// Appends nodes to a tape. Parsers are its only users.
pub struct Builder<'t> {
    source: &'t str,
    decoded: &'t mut String,
    nodes: &'t mut Vec<Node>,
    roots: &'t mut Vec<u32>,
    parts: &'t mut Vec<Part>,
    open: Vec<u32>,
    part: u16,
}

/// Where a builder stood, to return to when a record turns out to be broken.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    nodes: usize,
    roots: usize,
    decoded: usize,
    open: usize,
}

/// The node that a builder appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeId(u32);

impl<'t> Builder<'t> {
    /// Declares that the following nodes come from another stretch of source.
    ///
    /// # Panics
    /// After 65,536 parts: a batch of records is assembled from its own file and the files of its
    /// lists.
    pub fn part(&mut self, source: SourceId, base: u64) {
        let known = self.parts.iter().position(|part| part.source == source && part.base == base);
        let index = known.unwrap_or_else(|| {
            self.parts.push(Part { source, base });
            self.parts.len() - 1
        });
        self.part = u16::try_from(index).expect("a batch has at most 65,536 parts");
    }

    /// Where the builder stands.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark {
            nodes: self.nodes.len(),
            roots: self.roots.len(),
            decoded: self.decoded.len(),
            open: self.open.len(),
        }
    }

    /// Forgets everything appended since `mark`.
    pub fn rewind(&mut self, mark: Mark) {
        self.nodes.truncate(mark.nodes);
        self.roots.truncate(mark.roots);
        self.decoded.truncate(mark.decoded);
        self.open.truncate(mark.open);
    }

    /// How many containers are open.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// Declares that the next value is a record.
    pub fn root(&mut self) {
        self.roots.push(self.nodes.len() as u32);
    }

    fn push(&mut self, tag: Tag, span: Range<usize>, payload: u64) -> NodeId {
        let index = self.nodes.len() as u32;
        self.nodes.push(Node {
            tag,
            part: self.part,
            start: span.start as u32,
            end: span.end as u32,
            next: index + 1,
            payload,
        });
        NodeId(index)
    }

    /// Appends a null.
    pub fn null(&mut self, span: Range<usize>) -> NodeId {
        self.push(Tag::Null, span, 0)
    }

    /// Appends a boolean.
    pub fn boolean(&mut self, span: Range<usize>, value: bool) -> NodeId {
        self.push(Tag::Boolean, span, u64::from(value))
    }

    /// Appends an integer.
    pub fn integer(&mut self, span: Range<usize>, value: i64) -> NodeId {
        self.push(Tag::Integer, span, value.cast_unsigned())
    }

    /// Appends an integer above `i64::MAX`.
    pub fn unsigned(&mut self, span: Range<usize>, value: u64) -> NodeId {
        self.push(Tag::Unsigned, span, value)
    }

    /// Appends a finite number with a fraction or exponent.
    pub fn float(&mut self, span: Range<usize>, value: f64) -> NodeId {
        self.push(Tag::Float, span, value.to_bits())
    }

    /// Appends text that the source spells out in `text`, a part of the value's `span`.
    pub fn borrowed(&mut self, span: Range<usize>, text: Range<usize>) -> NodeId {
        self.push(Tag::Text, span, pack(text.start, text.len()))
    }

    /// Appends text that differs from the source's spelling.
    pub fn decoded(&mut self, span: Range<usize>, text: &str) -> NodeId {
        let payload = pack(self.source.len() + self.decoded.len(), text.len());
        self.decoded.push_str(text);
        self.push(Tag::Text, span, payload)
    }

    /// Opens a list; values follow until [`Builder::close`].
    pub fn open_array(&mut self, start: usize) -> NodeId {
        self.open(Tag::Array, start)
    }

    /// Opens an object; keys and values follow in turn until [`Builder::close`].
    pub fn open_object(&mut self, start: usize) -> NodeId {
        self.open(Tag::Object, start)
    }

    fn open(&mut self, tag: Tag, start: usize) -> NodeId {
        let node = self.push(tag, start..start, 0);
        self.open.push(node.0);
        node
    }

    /// Closes the innermost container, whose last byte is before `end`.
    ///
    /// # Panics
    /// If none is open: parsers balance what they open.
    pub fn close(&mut self, end: usize) -> NodeId {
        let index = self.open.pop().expect("a container is open");
        let next = self.nodes.len() as u32;
        let mut count = 0;
        let mut child = index + 1;
        while child < next {
            count += 1;
            child = self.nodes[child as usize].next;
        }
        let node = &mut self.nodes[index as usize];
        node.end = end as u32;
        node.next = next;
        node.payload = if node.tag == Tag::Object { count / 2 } else { count };
        NodeId(index)
    }

    /// Appends a copy of a finished node and all inside it, as a YAML alias means it.
    pub fn copy(&mut self, node: NodeId) -> NodeId {
        let from = node.0;
        let to = self.nodes.len() as u32;
        let length = self.nodes[from as usize].next - from;
        for index in from..from + length {
            let mut copy = self.nodes[index as usize];
            copy.next = copy.next - from + to;
            self.nodes.push(copy);
        }
        NodeId(to)
    }

    /// Appends a copy that stands at `span`, as a YAML alias does. What is inside it stays where it
    /// is written.
    pub fn alias(&mut self, node: NodeId, span: Range<usize>) -> NodeId {
        // The bytes there don't spell the value, so it counts as standing elsewhere.
        let here = self.parts[usize::from(self.part)];
        let elsewhere = self.parts.iter().skip(1).position(|part| part.source == here.source);
        let part = elsewhere.map_or(self.parts.len(), |index| index + 1);
        if part == self.parts.len() {
            self.parts.push(here);
        }
        let copy = self.copy(node);
        let node = &mut self.nodes[copy.0 as usize];
        node.part = u16::try_from(part).expect("a file of YAML has two parts");
        (node.start, node.end) = (span.start as u32, span.end as u32);
        copy
    }

    /// How many nodes a finished node spans, itself included.
    #[must_use]
    pub fn size(&self, node: NodeId) -> usize {
        (self.nodes[node.0 as usize].next - node.0) as usize
    }

    /// How many nodes there are.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// Two equal keys of a finished object as (first, second), in source order, or none.
    ///
    /// Small objects compare all pairs of keys by a fingerprint; large ones sort.
    #[must_use]
    pub fn duplicate_key(&self, object: NodeId) -> Option<(Range<usize>, Range<usize>)> {
        let (first, second) = self.duplicate_nodes(object)?;
        let span = |index: u32| {
            let node = &self.nodes[index as usize];
            node.start as usize..node.end as usize
        };
        Some((span(first), span(second)))
    }

    fn duplicate_nodes(&self, object: NodeId) -> Option<(u32, u32)> {
        const SMALL: usize = 32;
        let node = &self.nodes[object.0 as usize];
        if node.payload as usize <= SMALL {
            let mut seen = [(0u32, 0u32); SMALL];
            let mut count = 0;
            let mut index = object.0 + 1;
            while index < node.next {
                let text = self.text(index);
                let print = fingerprint(text);
                for &(other_print, other) in &seen[..count] {
                    if other_print == print && self.text(other) == text {
                        return Some((other, index));
                    }
                }
                seen[count] = (print, index);
                count += 1;
                index = self.nodes[index as usize + 1].next;
            }
            return None;
        }
        let mut keys = Vec::with_capacity(node.payload as usize);
        let mut index = object.0 + 1;
        while index < node.next {
            keys.push((self.text(index), index));
            index = self.nodes[index as usize + 1].next;
        }
        keys.sort_unstable();
        keys.windows(2)
            .filter(|pair| pair[0].0 == pair[1].0)
            .map(|pair| (pair[0].1, pair[1].1))
            .min_by_key(|pair| pair.1)
    }

    fn text(&self, index: u32) -> &str {
        let (offset, length) = unpack(self.nodes[index as usize].payload);
        match offset.checked_sub(self.source.len()) {
            None => &self.source[offset..offset + length],
            Some(offset) => &self.decoded[offset..offset + length],
        }
    }

    /// The text of a finished text node.
    #[must_use]
    pub fn text_of(&self, node: NodeId) -> Option<&str> {
        (self.nodes[node.0 as usize].tag == Tag::Text).then(|| self.text(node.0))
    }
}

/// A cheap summary that differs for most different keys.
fn fingerprint(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let Some((&first, rest)) = bytes.split_first() else { return 0 };
    let last = *rest.last().unwrap_or(&first);
    let middle = bytes[bytes.len() / 2];
    u32::from_le_bytes([first, last, middle, bytes.len() as u8])
}

/// One value of a tape, with everything inside it. Copied freely.
#[derive(Clone, Copy)]
pub struct Value<'t> {
    tape: &'t Tape,
    index: u32,
}

impl<'t> Value<'t> {
    fn node(self) -> &'t Node {
        &self.tape.nodes[self.index as usize]
    }

    /// What the value is.
    #[must_use]
    pub fn tag(self) -> Tag {
        self.node().tag
    }

    /// The bytes of the file that the value was read from.
    #[must_use]
    pub fn span(self) -> Range<u64> {
        let node = self.node();
        let base = self.tape.parts[node.part as usize].base;
        base + u64::from(node.start)..base + u64::from(node.end)
    }

    /// How the source spells the value; none where it stands in another file than the record, or
    /// an alias stands for it.
    #[must_use]
    pub fn literal(self) -> Option<&'t str> {
        let node = self.node();
        (node.part == 0)
            .then(|| self.tape.source.get(node.start as usize..node.end as usize))
            .flatten()
    }

    /// What stands before the value in the source; none where it stands in another file than the
    /// record.
    #[must_use]
    pub fn preceding(self) -> Option<&'t str> {
        let node = self.node();
        (node.part == 0).then(|| self.tape.source.get(..node.start as usize)).flatten()
    }

    /// The format that spells the value, which [`Value::literal`] returns.
    #[must_use]
    pub fn format(self) -> Format {
        self.tape.format
    }

    /// Where an object or list begins: its bracket, or its first key where it has none.
    #[must_use]
    pub fn opening(self) -> Range<u64> {
        let span = self.span();
        if self.literal().is_some_and(|text| text.starts_with(['{', '['])) {
            return span.start..span.start + 1;
        }
        // An alias is one word.
        if self.tape.format == Format::Yaml && self.node().part > 0 {
            return span;
        }
        let Some(first) = self.entries().next() else { return span };
        // The keys of a CSV row stand in the header: it begins with its first value.
        let key = first.key.span();
        if first.key.source() == self.source() && span.contains(&key.start) {
            key
        } else {
            first.value.span()
        }
    }

    /// The file that the value was read from.
    #[must_use]
    pub fn source(self) -> SourceId {
        self.tape.parts[self.node().part as usize].source
    }

    /// The value's number on its tape: equal for equal values of one tape only.
    #[must_use]
    pub fn index(self) -> u32 {
        self.index
    }

    /// The tape's address, which with [`Value::index`] identifies a value while the tape lives.
    #[must_use]
    pub fn tape_address(self) -> usize {
        std::ptr::from_ref(self.tape) as usize
    }

    /// The text, if the value is text.
    #[must_use]
    pub fn as_str(self) -> Option<&'t str> {
        let node = self.node();
        (node.tag == Tag::Text).then(|| self.tape.text(node.payload))
    }

    /// The boolean, if the value is one.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        let node = self.node();
        (node.tag == Tag::Boolean).then_some(node.payload == 1)
    }

    /// The integer, if the value is a number without a fraction that fits (`1.0` does).
    #[must_use]
    pub fn as_i64(self) -> Option<i64> {
        let node = self.node();
        match node.tag {
            Tag::Integer => Some(node.payload.cast_signed()),
            Tag::Float => {
                let value = f64::from_bits(node.payload);
                // Beyond 2^53 a float no longer says which integer was meant.
                (value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0)
                    .then_some(value as i64)
            }
            Tag::Null | Tag::Boolean | Tag::Unsigned | Tag::Text | Tag::Array | Tag::Object => None,
        }
    }

    /// The integer above `i64::MAX`, if the value is one.
    #[must_use]
    pub fn as_large_u64(self) -> Option<u64> {
        let node = self.node();
        (node.tag == Tag::Unsigned).then_some(node.payload)
    }

    /// The nearest double, if the value is a number.
    #[must_use]
    pub fn as_f64(self) -> Option<f64> {
        let node = self.node();
        match node.tag {
            Tag::Integer => Some(node.payload.cast_signed() as f64),
            Tag::Unsigned => Some(node.payload as f64),
            Tag::Float => Some(f64::from_bits(node.payload)),
            Tag::Null | Tag::Boolean | Tag::Text | Tag::Array | Tag::Object => None,
        }
    }

    /// Whether the value is null.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.tag() == Tag::Null
    }

    /// How many items or entries the container holds; 0 for scalars.
    #[must_use]
    pub fn len(self) -> usize {
        let node = self.node();
        match node.tag {
            Tag::Array | Tag::Object => node.payload as usize,
            Tag::Null | Tag::Boolean | Tag::Integer | Tag::Unsigned | Tag::Float | Tag::Text => 0,
        }
    }

    /// Whether the container holds nothing; true for scalars.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The items, if the value is a list; else none.
    pub fn items(self) -> Items<'t> {
        let node = self.node();
        let (at, end) = match node.tag {
            Tag::Array => (self.index + 1, node.next),
            _ => (0, 0),
        };
        Items { tape: self.tape, at, end }
    }

    /// The keys with their values in source order, if the value is an object; else none.
    pub fn entries(self) -> Entries<'t> {
        let node = self.node();
        let (at, end) = match node.tag {
            Tag::Object => (self.index + 1, node.next),
            _ => (0, 0),
        };
        Entries { tape: self.tape, at, end }
    }

    /// The value under `key`, if this is an object that has it.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Value<'t>> {
        self.entries().find(|entry| entry.name() == key).map(|entry| entry.value)
    }

    /// The entry under `key`, if this is an object that has it.
    #[must_use]
    pub fn entry(self, key: &str) -> Option<Entry<'t>> {
        self.entries().find(|entry| entry.name() == key)
    }

    /// The value at a JSON Pointer (RFC 6901), or the deepest value on the way to it.
    ///
    /// The flag says whether the pointer was followed to its end.
    #[must_use]
    pub fn pointer(self, pointer: &str) -> (Value<'t>, bool) {
        let mut value = self;
        for token in pointer.split('/').skip(1) {
            let token = crate::pointer::unescape(token);
            let child = match value.tag() {
                Tag::Object => value.get(&token),
                Tag::Array => token.parse().ok().and_then(|index: usize| value.items().nth(index)),
                _ => None,
            };
            match child {
                Some(child) => value = child,
                None => return (value, false),
            }
        }
        (value, true)
    }

    /// The value as a `serde_json` tree, for the schema compiler and for messages.
    #[must_use]
    pub fn to_json(self) -> serde_json::Value {
        use serde_json::Value as Json;
        let node = self.node();
        match node.tag {
            Tag::Null => Json::Null,
            Tag::Boolean => Json::Bool(node.payload == 1),
            Tag::Integer => Json::from(node.payload.cast_signed()),
            Tag::Unsigned => Json::from(node.payload),
            Tag::Float => Json::from(f64::from_bits(node.payload)),
            Tag::Text => Json::from(self.tape.text(node.payload)),
            Tag::Array => self.items().map(Value::to_json).collect(),
            Tag::Object => self
                .entries()
                .map(|entry| (entry.name().to_owned(), entry.value.to_json()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.to_json())
    }
}

/// One key of an object with its value.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'t> {
    /// The key: always text.
    pub key: Value<'t>,
    /// What stands under it.
    pub value: Value<'t>,
}

impl<'t> Entry<'t> {
    /// The key's text.
    #[must_use]
    pub fn name(self) -> &'t str {
        self.key.tape.text(self.key.node().payload)
    }
}

/// The items of a list.
#[derive(Clone, Debug)]
pub struct Items<'t> {
    tape: &'t Tape,
    at: u32,
    end: u32,
}

impl<'t> Iterator for Items<'t> {
    type Item = Value<'t>;

    fn next(&mut self) -> Option<Value<'t>> {
        if self.at >= self.end {
            return None;
        }
        let value = Value { tape: self.tape, index: self.at };
        self.at = value.node().next;
        Some(value)
    }
}

/// The entries of an object.
#[derive(Clone, Debug)]
pub struct Entries<'t> {
    tape: &'t Tape,
    at: u32,
    end: u32,
}

impl<'t> Iterator for Entries<'t> {
    type Item = Entry<'t>;

    fn next(&mut self) -> Option<Entry<'t>> {
        if self.at >= self.end {
            return None;
        }
        let key = Value { tape: self.tape, index: self.at };
        let value = Value { tape: self.tape, index: self.at + 1 };
        self.at = value.node().next;
        Some(Entry { key, value })
    }
}
