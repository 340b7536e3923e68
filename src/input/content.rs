//! A short hash of what a record says, for keys that are made from it.
//!
//! It is the same for the same record in every format, whatever the order of its properties and the records
//! around it, also when the record is read back from a release. The record is spelt in one way: as JSON
//! without white space, properties in the order of their names' bytes, without the key, without what is
//! internal, null, or an object in which nothing else is left. A number is spelt by its value (`3.0` is `3`), a
//! point in time in UTC, a local time as the text of its microseconds (since midnight, or since 1970), and a decimal
//! number as the text that a release has. Of the SHA-256 of that the first 80 bits are written as 16 characters of base32
//! (RFC 4648, in small letters).

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat};
use sha2::{Digest as _, Sha256};

use crate::clock;
use crate::model::{Item, Kind, Level, Object, Shape, Table};
use crate::tape::equality::Number;
use crate::tape::{Entry, Tag, Value};

/// The hash of what a record says apart from its key.
#[must_use]
pub fn content(table: &Table, record: Value<'_>) -> String {
    let mut text = String::new();
    if let Item::Object(fields) = &table.level.item {
        let key = table.key_fields().next().map(|field| field.name.as_str());
        object(fields, &table.level, record, key, &mut text);
    }
    base32(&Sha256::digest(text.as_bytes())[..10])
}

fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut text = String::new();
    for five in bytes.chunks(5) {
        let bits = five.iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
        for at in (0..8).rev() {
            text.push(char::from(LETTERS[(bits >> (5 * at)) as usize & 31]));
        }
    }
    text
}

/// Spells an object. Returns whether something was left of it.
fn object(
    fields: &Object,
    level: &Level,
    value: Value<'_>,
    without: Option<&str>,
    text: &mut String,
) -> bool {
    if value.tag() != Tag::Object {
        unknown(value, text);
        return true;
    }
    let mut entries: Vec<Entry<'_>> =
        value.entries().filter(|entry| Some(entry.name()) != without).collect();
    entries.sort_by_key(|entry| entry.name());
    text.push('{');
    let mut is_first = true;
    for entry in entries {
        let field = fields.position(entry, 0).map(|position| &fields.fields[position]);
        if entry.value.is_null() || field.is_some_and(|field| field.internal) {
            continue;
        }
        let before = text.len();
        if !is_first {
            text.push(',');
        }
        quoted(entry.name(), text);
        text.push(':');
        let is_something = match field.map(|field| &field.shape) {
            Some(Shape::Scalar { scalar, .. }) => {
                scalar_of(&scalar.kind, entry.value, text);
                true
            }
            Some(Shape::Group(group)) => object(group, level, entry.value, None, text),
            Some(Shape::List { list, .. }) => {
                self::list(&level.lists[*list], entry.value, text);
                true
            }
            Some(Shape::Languages(_)) | None => {
                unknown(entry.value, text);
                true
            }
        };
        if is_something {
            is_first = false;
        } else {
            text.truncate(before);
        }
    }
    text.push('}');
    !is_first
}

fn list(level: &Level, value: Value<'_>, text: &mut String) {
    text.push('[');
    for (position, item) in value.items().enumerate() {
        if position > 0 {
            text.push(',');
        }
        match &level.item {
            Item::Object(fields) => {
                object(fields, level, item, None, text);
            }
            Item::Scalar(scalar) => scalar_of(&scalar.kind, item, text),
        }
    }
    text.push(']');
}

/// A value, by what it means where a release may spell it otherwise than the record.
fn scalar_of(kind: &Kind, value: Value<'_>, text: &mut String) {
    let written = value.as_str().unwrap_or_default();
    let meant = match kind {
        Kind::DateTime => DateTime::parse_from_rfc3339(written)
            .ok()
            .map(|instant| instant.to_utc().to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        Kind::LocalDateTime => clock::local_time(written).map(|it| it.microseconds.to_string()),
        Kind::LocalTime => clock::time_of_day(written).map(|it| it.microseconds.to_string()),
        Kind::Decimal { digits, .. } => digits.of(value).ok().map(|number| {
            let mut spelt = Vec::new();
            digits.write(&mut spelt, number);
            String::from_utf8_lossy(&spelt).into_owned()
        }),
        _ => None,
    };
    match meant {
        Some(meant) => quoted(&meant, text),
        None => unknown(value, text),
    }
}

/// Spells a value of which the schema says nothing that would matter.
fn unknown(value: Value<'_>, text: &mut String) {
    match value.tag() {
        Tag::Null => text.push_str("null"),
        Tag::Boolean => text.push_str(if value.as_bool() == Some(true) { "true" } else { "false" }),
        Tag::Integer | Tag::Unsigned | Tag::Float => {
            let number = Number::of(value).expect("a number has a value");
            write!(text, "{number}").expect("writing to a string never fails");
        }
        Tag::Text => quoted(value.as_str().unwrap_or_default(), text),
        Tag::Array => {
            text.push('[');
            for (position, item) in value.items().enumerate() {
                if position > 0 {
                    text.push(',');
                }
                unknown(item, text);
            }
            text.push(']');
        }
        Tag::Object => {
            let mut entries: Vec<_> = value.entries().collect();
            entries.sort_by_key(|entry| entry.name());
            text.push('{');
            for (position, entry) in entries.into_iter().enumerate() {
                if position > 0 {
                    text.push(',');
                }
                quoted(entry.name(), text);
                text.push(':');
                unknown(entry.value, text);
            }
            text.push('}');
        }
    }
}

fn quoted(written: &str, text: &mut String) {
    let spelt = serde_json::to_string(written).expect("a text is JSON");
    text.push_str(&spelt);
}

#[cfg(test)]
mod tests {
    use super::{base32, scalar_of};
    use crate::model::Kind;
    use crate::parse;
    use crate::tape::Tape;
    use crate::workspace::SourceId;

    #[test]
    fn values_are_spelt_by_what_they_mean() {
        let spelt = |kind: &Kind, json: &str| {
            let mut tape = Tape::new(SourceId(0), 0, json.to_owned());
            parse::json::parse_value(&mut tape, SourceId(0), &mut Vec::new());
            let mut text = String::new();
            scalar_of(kind, tape.roots().next().expect("a value"), &mut text);
            text
        };
        for (kind, one, other) in [
            (Kind::DateTime, r#""2020-01-01T02:00:00+02:00""#, r#""2020-01-01T00:00:00.000Z""#),
            (Kind::LocalTime, r#""10:15""#, r#""10:15:00.000""#),
            (Kind::LocalDateTime, r#""2020-01-01T10:15""#, r#""2020-01-01T10:15:00""#),
            (Kind::Number, "3", "3.0"),
            (Kind::Number, "0", "-0.0"),
        ] {
            assert_eq!(spelt(&kind, one), spelt(&kind, other), "{one}");
        }
        assert_ne!(spelt(&Kind::Text, "\"3\""), spelt(&Kind::Text, "3"));
    }

    #[test]
    fn base32_is_that_of_rfc_4648() {
        assert_eq!(base32(b"fooba"), "mzxw6ytb");
        assert_eq!(base32(b"foobafooba"), "mzxw6ytbmzxw6ytb");
    }
}
