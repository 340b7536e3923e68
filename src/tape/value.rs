//! How stages read a tape.

use std::fmt;
use std::ops::Range;

use super::{Names, Node, Tag, Tape, UNKNOWN, marked_name, unpack};
use crate::pointer;
use crate::workspace::{Format, SourceId};

/// One value of a tape, with everything inside it. Copied freely.
#[derive(Clone, Copy)]
pub struct Value<'t> {
    pub(super) tape: &'t Tape,
    pub(super) index: u32,
}

impl<'t> Value<'t> {
    #[inline]
    pub(super) fn node(self) -> &'t Node {
        &self.tape.nodes[self.index as usize]
    }

    /// What the value is.
    #[inline]
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

    /// The value with that number on the same tape.
    ///
    /// # Panics
    /// When it is read, if there is none.
    #[inline]
    #[must_use]
    pub fn at_index(self, index: u32) -> Value<'t> {
        Value { tape: self.tape, index }
    }

    /// Whether another value of the same tape is this one, or stands inside.
    #[must_use]
    pub fn holds(self, inside: Value<'t>) -> bool {
        let end = match self.tag() {
            Tag::Array | Tag::Object => self.node().next,
            Tag::Null | Tag::Boolean | Tag::Integer | Tag::Unsigned | Tag::Float | Tag::Text => {
                self.index + 1
            }
        };
        (self.index..end).contains(&inside.index)
    }

    /// The names by which the keys of the value's tape are numbered.
    #[must_use]
    pub fn names(self) -> &'t Names {
        &self.tape.names
    }

    /// The tape's address, which with [`Value::index`] identifies a value while the tape lives.
    #[must_use]
    pub fn tape_address(self) -> usize {
        std::ptr::from_ref(self.tape) as usize
    }

    /// The text, if the value is text.
    #[inline]
    #[must_use]
    pub fn as_str(self) -> Option<&'t str> {
        let node = self.node();
        (node.tag == Tag::Text).then(|| self.tape.text(node.payload))
    }

    /// The bytes of the text, if the value is text: quicker than the text, which must be looked at
    /// for where its characters begin.
    #[inline]
    #[must_use]
    pub fn as_bytes(self) -> Option<&'t [u8]> {
        let node = self.node();
        (node.tag == Tag::Text).then(|| self.tape.bytes(node.payload))
    }

    /// How many bytes the text has, if the value is text.
    #[inline]
    #[must_use]
    pub fn text_length(self) -> Option<u32> {
        let node = self.node();
        (node.tag == Tag::Text).then(|| unpack(node.payload).1 as u32)
    }

    /// The boolean, if the value is one.
    #[inline]
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
    #[inline]
    #[must_use]
    pub fn len(self) -> usize {
        let node = self.node();
        match node.tag {
            Tag::Array | Tag::Object => node.payload as usize,
            Tag::Null | Tag::Boolean | Tag::Integer | Tag::Unsigned | Tag::Float | Tag::Text => 0,
        }
    }

    /// How many values and keys the value is made of, itself included.
    #[must_use]
    pub fn size(self) -> u32 {
        self.node().next - self.index
    }

    /// Whether the container holds nothing; true for scalars.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The items, if the value is a list; else none.
    #[inline]
    pub fn items(self) -> Items<'t> {
        let node = self.node();
        let (at, end) = match node.tag {
            Tag::Array => (self.index + 1, node.next),
            _ => (0, 0),
        };
        Items { tape: self.tape, at, end }
    }

    /// The keys with their values in source order, if the value is an object; else none.
    #[inline]
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

    /// The same for a key with the number `number` among the names of the tape, which is quicker.
    #[must_use]
    pub fn numbered(self, number: u32, key: &str) -> Option<Value<'t>> {
        if number == UNKNOWN || self.tape.names.is_empty() {
            return self.get(key);
        }
        self.entries().find(|entry| entry.number() == number).map(|entry| entry.value)
    }

    /// The JSON Pointer that leads from here to a value inside.
    ///
    /// # Panics
    /// If it isn't inside.
    #[must_use]
    pub fn pointer_to(self, inside: Value<'t>) -> String {
        let mut pointer = String::new();
        let mut value = self;
        let holds = |value: &Value<'t>| (value.index..value.node().next).contains(&inside.index);
        while value.index != inside.index {
            assert!(holds(&value), "the value is inside");
            let entry = value.entries().find(|entry| holds(&entry.value));
            let item = value.items().enumerate().find(|(_, item)| holds(item));
            (pointer, value) = match (entry, item) {
                (Some(entry), _) => (pointer::join(&pointer, entry.name()), entry.value),
                (None, Some((position, item))) => (pointer::join_index(&pointer, position), item),
                (None, None) => unreachable!("a container holds what lies in its range"),
            };
        }
        pointer
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
    #[inline]
    #[must_use]
    pub fn name(self) -> &'t str {
        self.key.tape.text(self.key.node().payload)
    }

    /// The number of the key's text among the names that the tape was given;
    /// [`UNKNOWN`](super::UNKNOWN) if it is none of them.
    #[inline]
    #[must_use]
    pub fn number(self) -> u32 {
        marked_name(self.key.node().next)
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

    #[inline]
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

    #[inline]
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
