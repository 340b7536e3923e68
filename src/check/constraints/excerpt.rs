//! The values of a record that expressions of other records look at, as bytes: they are kept until all
//! records are known, and read onto a tape of their own, with the places where they are written.

use std::sync::Arc;

use crate::expr::excerpt::Excerpt;
use crate::spill::Spot;
use crate::tape::{Builder, Names, Tag, Tape, UNKNOWN, Value};
use crate::workspace::{Format, SourceId};

/// Writes an excerpt of a record behind its key and its place.
pub(super) fn write(
    key: &str,
    spot: Spot,
    excerpt: &Excerpt,
    record: Value<'_>,
    bytes: &mut Vec<u8>,
) {
    text(key.as_bytes(), bytes);
    bytes.extend(spot.source.to_le_bytes());
    bytes.extend(spot.start.to_le_bytes());
    bytes.extend(spot.length.to_le_bytes());
    let mut writer = Writer { bytes, before: 0 };
    writer.value(record, Some(excerpt));
}

/// The key in what [`write`] wrote.
pub(super) fn key_of(bytes: &[u8]) -> &[u8] {
    Reader { bytes, before: 0 }.text()
}

/// Where the key is written, in what [`write`] wrote.
pub(super) fn spot_of(bytes: &[u8]) -> Spot {
    let mut reader = Reader { bytes, before: 0 };
    reader.text();
    reader.spot()
}

/// The record in what [`write`] wrote.
pub(super) struct Kept<'a> {
    /// Its key.
    pub key: &'a str,
    /// Its values.
    pub tape: Tape,
}

/// Reads what [`write`] wrote.
pub(super) fn read<'a>(bytes: &'a [u8], names: &Arc<Names>) -> Kept<'a> {
    let mut reader = Reader { bytes, before: 0 };
    let key = std::str::from_utf8(reader.text()).expect("a key is text");
    reader.spot();
    let mut tape = Tape::with_names(Arc::clone(names));
    // No value stands in the first part, whose text the tape would have.
    tape.reset(SourceId(u32::MAX), 0, String::new());
    let (_, mut builder) = tape.build(Format::Yaml);
    builder.root();
    reader.value(names, &mut builder);
    Kept { key, tape }
}

/// Places are counted from here on: a tape has 32 bits for them.
const BASE: u64 = !0x7fff_ffff;

fn number(mut number: u64, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// A number of either sign as one that is small if it was near 0.
fn signed(number: i64) -> u64 {
    (number << 1 ^ number >> 63).cast_unsigned()
}

fn text(text: &[u8], bytes: &mut Vec<u8>) {
    number(text.len() as u64, bytes);
    bytes.extend(text);
}

struct Writer<'a> {
    bytes: &'a mut Vec<u8>,
    /// Where the value before began.
    before: u64,
}

impl Writer<'_> {
    fn value(&mut self, value: Value<'_>, excerpt: Option<&Excerpt>) {
        let tag = value.tag();
        self.bytes.push(tag as u8);
        // Of an object only its beginning is shown.
        let span = if tag == Tag::Object { value.opening() } else { value.span() };
        number(u64::from(value.source().0), self.bytes);
        number(signed(span.start.wrapping_sub(self.before).cast_signed()), self.bytes);
        number(span.end - span.start, self.bytes);
        self.before = span.start;
        match tag {
            Tag::Null => {}
            Tag::Boolean => self.bytes.push(u8::from(value.as_bool() == Some(true))),
            Tag::Integer => number(signed(value.as_i64().unwrap_or_default()), self.bytes),
            Tag::Unsigned => number(value.as_large_u64().unwrap_or_default(), self.bytes),
            Tag::Float => {
                let bits = value.as_f64().unwrap_or_default().to_bits();
                self.bytes.extend(bits.to_le_bytes());
            }
            Tag::Text => text(value.as_bytes().unwrap_or_default(), self.bytes),
            Tag::Array => {
                number(value.len() as u64, self.bytes);
                for item in value.items() {
                    self.value(item, None);
                }
            }
            Tag::Object => {
                let kept = |number: u32, name: &str| match excerpt {
                    // What no schema names no expression looks at.
                    None => (number != UNKNOWN).then_some(None),
                    Some(excerpt) => excerpt.member(number, name),
                };
                let entries = || {
                    value.entries().filter_map(|entry| {
                        let number = entry.number();
                        kept(number, entry.name()).map(|inside| (number, entry.value, inside))
                    })
                };
                number(entries().count() as u64, self.bytes);
                for (name, value, inside) in entries() {
                    number(name.into(), self.bytes);
                    self.value(value, inside);
                }
            }
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    before: u64,
}

impl<'a> Reader<'a> {
    fn array<const N: usize>(&mut self) -> [u8; N] {
        let (first, rest) = self.bytes.split_first_chunk().expect("it is read as it was written");
        self.bytes = rest;
        *first
    }

    fn spot(&mut self) -> Spot {
        Spot {
            source: u32::from_le_bytes(self.array()),
            start: u64::from_le_bytes(self.array()),
            length: u32::from_le_bytes(self.array()),
        }
    }

    fn number(&mut self) -> u64 {
        let mut number = 0;
        for shift in (0..).step_by(7) {
            let [byte] = self.array();
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        number
    }

    fn signed(&mut self) -> i64 {
        let number = self.number();
        (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
    }

    fn text(&mut self) -> &'a [u8] {
        let length = self.number() as usize;
        let (text, rest) = self.bytes.split_at(length);
        self.bytes = rest;
        text
    }

    fn value(&mut self, names: &Names, builder: &mut Builder<'_>) {
        let [tag] = self.array();
        let source = SourceId(u32::try_from(self.number()).expect("it was a file"));
        let start = self.before.wrapping_add(self.signed().cast_unsigned());
        let length = self.number() as usize;
        self.before = start;
        let base = start & BASE;
        builder.part(source, base);
        let offset = (start - base) as usize;
        let span = offset..offset + length;
        match tag {
            tag if tag == Tag::Null as u8 => {
                builder.null(span);
            }
            tag if tag == Tag::Boolean as u8 => {
                let [byte] = self.array();
                builder.boolean(span, byte == 1);
            }
            tag if tag == Tag::Integer as u8 => {
                let number = self.signed();
                builder.integer(span, number);
            }
            tag if tag == Tag::Unsigned as u8 => {
                let number = self.number();
                builder.unsigned(span, number);
            }
            tag if tag == Tag::Float as u8 => {
                let bits = u64::from_le_bytes(self.array());
                builder.float(span, f64::from_bits(bits));
            }
            tag if tag == Tag::Text as u8 => {
                let text = std::str::from_utf8(self.text()).expect("it was text");
                builder.decoded(span, text);
            }
            tag if tag == Tag::Array as u8 => {
                builder.open_array(span.start);
                for _ in 0..self.number() {
                    self.value(names, builder);
                }
                builder.close(span.end);
            }
            _ => {
                builder.open_object(span.start);
                for _ in 0..self.number() {
                    let name = u32::try_from(self.number()).expect("it was a name");
                    builder.decoded(span.clone(), names.name(name as usize));
                    self.value(names, builder);
                }
                builder.close(span.end);
            }
        }
    }
}
