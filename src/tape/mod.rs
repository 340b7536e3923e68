//! The representation of parsed records: a flat tape of nodes over the source text.
//!
//! Every input format parses to a [`Tape`]. A node knows the bytes that it came from, so a place
//! costs nothing until somebody asks for its line. Text is a slice of the source wherever the
//! source spells it out; only escapes, folds and joins are decoded into a second buffer. A tape is
//! reused from batch to batch, so a steady state allocates nothing.
//!
//! Stages read a tape through [`Value`]; nothing edits it. Where values stand for missing ones,
//! [`Changes`] make another tape of it before anybody looks.

mod builder;
mod change;
pub mod equality;
mod names;
mod order;
mod value;

use std::sync::Arc;

pub use builder::{Builder, Mark, NodeId};
use change::LeftOut;
pub use change::{Changes, ChangesMark};
pub use names::{Names, Property, UNKNOWN};
pub use order::Expected;
use order::KeyOrder;
pub use value::{Entries, Entry, Items, Value};

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
#[derive(Clone, Copy, Debug, PartialEq)]
struct Node {
    tag: Tag,
    /// Which of the tape's parts the bytes lie in.
    part: u16,
    /// First byte of the value, counted from its part's base.
    start: u32,
    /// First byte after the value.
    end: u32,
    /// Index of the first node after this one and everything inside it. A key of a closed object,
    /// which is always followed by its value, has its name's number here, from the top down.
    next: u32,
    /// The number's bits, the text's offset and length, or the count of children.
    payload: u64,
}

/// What a key of a closed object has for `next`, by its name's number; [`UNKNOWN`] is its own.
fn key_mark(number: u32) -> u32 {
    if number == UNKNOWN { UNKNOWN } else { UNKNOWN - 1 - number }
}

/// The number of a name that a key is marked with.
fn marked_name(mark: u32) -> u32 {
    if mark == UNKNOWN { UNKNOWN } else { UNKNOWN - 1 - mark }
}

/// No tape has as many nodes: from here on, `next` marks a key.
const KEY_MARKS: u32 = 1 << 31;

/// A stretch of a source that nodes count their bytes from.
#[derive(Clone, Copy, Debug, PartialEq)]
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
    names: Arc<Names>,
    /// What [`Changes`] have left out, by object.
    left_out: Vec<LeftOut>,
    /// The nodes before a change: room for those of the next one.
    spare: Vec<Node>,
    /// Not emptied: the next records are likely of the same kind.
    order: KeyOrder,
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

    /// An empty tape that numbers the keys of objects by `names`.
    #[must_use]
    pub fn with_names(names: Arc<Names>) -> Self {
        Self { names, ..Self::default() }
    }

    /// The names by which keys are numbered.
    #[must_use]
    pub fn names(&self) -> &Arc<Names> {
        &self.names
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
        self.left_out.clear();
        self.parts.clear();
        self.parts.push(Part { source: id, base });
        std::mem::replace(&mut self.source, source)
    }

    /// Empties the tape and returns its text.
    pub fn clear(&mut self) -> String {
        self.reset(SourceId(0), 0, String::new())
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

    /// Whether all values were read from the source text of the first part.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.parts.len() == 1
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
            names: &self.names,
            order: &mut self.order,
            open: Vec::new(),
            part: 0,
            distinct: false,
        };
        (&self.source, builder)
    }

    /// The top-level values, in source order.
    pub fn roots(&self) -> impl ExactSizeIterator<Item = Value<'_>> {
        self.roots.iter().map(|&index| Value { tape: self, index })
    }

    #[inline]
    fn bytes(&self, payload: u64) -> &[u8] {
        let (offset, length) = unpack(payload);
        match offset.checked_sub(self.source.len()) {
            None => &self.source.as_bytes()[offset..offset + length],
            Some(offset) => &self.decoded.as_bytes()[offset..offset + length],
        }
    }

    #[inline]
    fn text(&self, payload: u64) -> &str {
        let (offset, length) = unpack(payload);
        match offset.checked_sub(self.source.len()) {
            None => &self.source[offset..offset + length],
            Some(offset) => &self.decoded[offset..offset + length],
        }
    }
}

#[cfg(test)]
impl Tape {
    /// All that a parser left on the tape, for parsers that must leave the same.
    pub(crate) fn contents(&self) -> impl PartialEq + std::fmt::Debug {
        (&self.nodes, &self.roots, &self.decoded, &self.parts, self.format)
    }
}

fn pack(offset: usize, length: usize) -> u64 {
    // Both are below 2^32: a source is below 2^31 and decoded text is bounded by the builder.
    (offset as u64) << 32 | length as u64
}

fn unpack(payload: u64) -> (usize, usize) {
    ((payload >> 32) as usize, (payload & 0xffff_ffff) as usize)
}
