//! How parsers put nodes on a tape.

use std::ops::Range;

use super::{
    Expected, KEY_MARKS, KeyOrder, Names, Node, Part, Tag, UNKNOWN, key_mark, pack, unpack,
};
use crate::workspace::SourceId;

/// Appends nodes to a tape. Parsers are its only users.
pub struct Builder<'t> {
    pub(super) source: &'t str,
    pub(super) decoded: &'t mut String,
    pub(super) nodes: &'t mut Vec<Node>,
    pub(super) roots: &'t mut Vec<u32>,
    pub(super) parts: &'t mut Vec<Part>,
    pub(super) names: &'t Names,
    pub(super) order: &'t mut KeyOrder,
    pub(super) open: Vec<u32>,
    pub(super) part: u16,
    /// Whether the keys of the object that was closed last are known to differ.
    pub(super) distinct: bool,
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

    #[inline]
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
    #[inline]
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
        let count = match self.nodes[index as usize].tag {
            Tag::Object => self.number_keys(index + 1, next),
            _ => self.count_items(index + 1, next),
        };
        let node = &mut self.nodes[index as usize];
        node.end = end as u32;
        node.next = next;
        node.payload = count;
        NodeId(index)
    }

    /// Appends a list or an object for [`Builder::finish`]; its values follow, of an object each behind
    /// its [`Builder::key`].
    #[inline]
    pub fn begin(&mut self, tag: Tag, start: usize) -> NodeId {
        self.push(tag, start..start, 0)
    }

    /// Appends a key, which the source spells out in `text`. Its value must follow. `number` is that of its
    /// name.
    #[inline]
    pub fn key(&mut self, span: Range<usize>, text: Range<usize>, number: u32) {
        let key = self.push(Tag::Text, span, pack(text.start, text.len()));
        self.nodes[key.0 as usize].next = key_mark(number);
    }

    /// Finishes what [`Builder::begin`] began: its last byte is before `end`, and it holds `count` values.
    #[inline]
    pub fn finish(&mut self, container: NodeId, end: usize, count: u64) {
        let next = self.nodes.len() as u32;
        let node = &mut self.nodes[container.0 as usize];
        node.end = end as u32;
        node.next = next;
        node.payload = count;
    }

    /// Whether two keys of a finished object are equal.
    #[must_use]
    pub fn repeats_key(&self, object: NodeId) -> bool {
        self.duplicate_nodes(object).is_some()
    }

    /// The number of the key that is likely there; [`UNKNOWN`] if there is no telling.
    #[inline]
    #[must_use]
    pub fn guess(&self, expected: Expected) -> u32 {
        self.order.guess(expected)
    }

    /// How long the name of that number is, if the source has it at `at`, and behind it `":`. None, too,
    /// near the end of the source.
    #[inline]
    #[must_use]
    pub fn begins(&self, number: u32, at: usize) -> Option<usize> {
        self.order.begins(self.names, number, self.source.as_bytes().get(at..)?)
    }

    /// The number of the name that the source spells out in `text`.
    #[must_use]
    pub fn number_of(&self, text: Range<usize>) -> u32 {
        self.names.number_of(&self.source.as_bytes()[text])
    }

    /// Notes which key was where another was expected.
    pub fn learn(&mut self, expected: Expected, number: u32) {
        self.order.learn(self.names, expected, number);
    }

    fn count_items(&self, mut child: u32, next: u32) -> u64 {
        let mut count = 0;
        while child < next {
            count += 1;
            child = self.nodes[child as usize].next;
        }
        count
    }

    /// Marks the keys from node `key` on with the numbers of their names. Returns how many.
    fn number_keys(&mut self, mut key: u32, next: u32) -> u64 {
        let mut count = 0;
        let mut seen = [0u64; 4];
        self.distinct = true;
        while key < next {
            let value = self.nodes[key as usize].next;
            // YAML has keys that aren't text; their parser has reported them.
            let number = match self.nodes[key as usize].tag {
                Tag::Text => self.names.number_of(self.bytes(key)),
                _ => UNKNOWN,
            };
            match seen.get_mut(number as usize / 64) {
                Some(word) => {
                    let bit = 1 << (number % 64);
                    self.distinct &= *word & bit == 0;
                    *word |= bit;
                }
                None => self.distinct = false,
            }
            if value == key + 1 {
                self.nodes[key as usize].next = key_mark(number);
            }
            count += 1;
            key = self.nodes.get(value as usize).map_or(next, |value| value.next);
        }
        count
    }

    /// Appends a copy of a finished node and all inside it, as a YAML alias means it.
    pub fn copy(&mut self, node: NodeId) -> NodeId {
        let from = node.0;
        let to = self.nodes.len() as u32;
        for index in from..from + self.size(node) as u32 {
            let mut copy = self.nodes[index as usize];
            if copy.next < KEY_MARKS {
                copy.next = copy.next - from + to;
            }
            self.nodes.push(copy);
        }
        // A key goes unmarked until its object is closed.
        if self.nodes[to as usize].next >= KEY_MARKS {
            self.nodes[to as usize].next = to + 1;
        }
        NodeId(to)
    }

    /// Appends a copy that stands at `span`, as a YAML alias does. What is inside it stays where it
    /// is written.
    ///
    /// # Panics
    /// If the tape is given other files as well: YAML isn't.
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
        let next = self.nodes[node.0 as usize].next;
        if next < KEY_MARKS { (next - node.0) as usize } else { 1 }
    }

    /// Where the node stands that was appended last.
    #[must_use]
    pub fn last_span(&self) -> Option<Range<usize>> {
        self.nodes.last().map(|node| node.start as usize..node.end as usize)
    }

    /// Whether the tape numbers keys of that name: a schema knows it.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.names.number(name) != UNKNOWN
    }

    /// How many bytes of text a finished node holds, keys included.
    #[must_use]
    pub fn text_bytes(&self, node: NodeId) -> usize {
        let nodes = &self.nodes[node.0 as usize..node.0 as usize + self.size(node)];
        let texts = nodes.iter().filter(|node| node.tag == Tag::Text);
        texts.map(|node| unpack(node.payload).1).sum()
    }

    /// How many nodes there are.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// Two equal keys of the object that was closed last as (first, second), in source order, or
    /// none.
    ///
    /// Keys that aren't known beforehand are compared: small objects compare all pairs of keys by a fingerprint; large ones sort.
    #[must_use]
    pub fn duplicate_key(&self, object: NodeId) -> Option<(Range<usize>, Range<usize>)> {
        if self.distinct {
            return None;
        }
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

    /// The bytes of a text: quicker than the text, which must be looked at for where its characters
    /// begin.
    fn bytes(&self, index: u32) -> &[u8] {
        let (offset, length) = unpack(self.nodes[index as usize].payload);
        match offset.checked_sub(self.source.len()) {
            None => &self.source.as_bytes()[offset..offset + length],
            Some(offset) => &self.decoded.as_bytes()[offset..offset + length],
        }
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
