//! The values of a record that expressions of other records look at, as bytes: they are kept until all
//! records are known, and read onto a tape of their own, with the places where they are written.

use std::sync::Arc;

use crate::expr::excerpt::Excerpt;
use crate::spill::packed::{self, Reader};
use crate::spill::{Spot, write_head};
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
    write_head(key, spot, bytes);
    let mut writer = Writer { bytes, before: 0 };
    writer.value(record, Some(excerpt));
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
    let mut reader = Reader(bytes);
    let key = reader.text();
    reader.spot();
    let mut tape = Tape::with_names(Arc::clone(names));
    // No value stands in the first part, whose text the tape would have.
    tape.reset(SourceId(u32::MAX), 0, String::new());
    let (_, mut builder) = tape.build(Format::Yaml);
    builder.root();
    ValueReader { bytes: reader, before: 0 }.value(names, &mut builder);
    Kept { key, tape }
}

/// Places are counted from here on: a tape has 32 bits for them.
const BASE: u64 = !0x7fff_ffff;

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
        packed::number(u64::from(value.source().0), self.bytes);
        packed::number(
            packed::signed(span.start.wrapping_sub(self.before).cast_signed()),
            self.bytes,
        );
        packed::number(span.end - span.start, self.bytes);
        self.before = span.start;
        match tag {
            Tag::Null => {}
            Tag::Boolean => self.bytes.push(u8::from(value.as_bool() == Some(true))),
            Tag::Integer => {
                packed::number(packed::signed(value.as_i64().unwrap_or_default()), self.bytes)
            }
            Tag::Unsigned => packed::number(value.as_large_u64().unwrap_or_default(), self.bytes),
            Tag::Float => {
                let bits = value.as_f64().unwrap_or_default().to_bits();
                self.bytes.extend(bits.to_le_bytes());
            }
            Tag::Text => packed::counted(value.as_bytes().unwrap_or_default(), self.bytes),
            Tag::Array => {
                packed::number(value.len() as u64, self.bytes);
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
                packed::number(entries().count() as u64, self.bytes);
                for (name, value, inside) in entries() {
                    packed::number(name.into(), self.bytes);
                    self.value(value, inside);
                }
            }
        }
    }
}

struct ValueReader<'a> {
    bytes: Reader<'a>,
    before: u64,
}

impl ValueReader<'_> {
    fn value(&mut self, names: &Names, builder: &mut Builder<'_>) {
        let [tag] = self.bytes.array();
        let source = SourceId(self.bytes.short());
        let start = self.before.wrapping_add(self.bytes.signed().cast_unsigned());
        let length = self.bytes.number() as usize;
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
                let [byte] = self.bytes.array();
                builder.boolean(span, byte == 1);
            }
            tag if tag == Tag::Integer as u8 => {
                let number = self.bytes.signed();
                builder.integer(span, number);
            }
            tag if tag == Tag::Unsigned as u8 => {
                let number = self.bytes.number();
                builder.unsigned(span, number);
            }
            tag if tag == Tag::Float as u8 => {
                let bits = u64::from_le_bytes(self.bytes.array());
                builder.float(span, f64::from_bits(bits));
            }
            tag if tag == Tag::Text as u8 => {
                let text = self.bytes.text();
                builder.decoded(span, text);
            }
            tag if tag == Tag::Array as u8 => {
                builder.open_array(span.start);
                for _ in 0..self.bytes.number() {
                    self.value(names, builder);
                }
                builder.close(span.end);
            }
            _ => {
                builder.open_object(span.start);
                for _ in 0..self.bytes.number() {
                    let name = self.bytes.short();
                    builder.decoded(span.clone(), names.name(name as usize));
                    self.value(names, builder);
                }
                builder.close(span.end);
            }
        }
    }
}
