//! When two values say the same, as JSON Schema means it: numbers by value, objects without regard
//! to the order of their keys.

use std::collections::HashMap;

use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::tape::{Entry, Tag, UNKNOWN, Value};

/// Whether two values of tapes are the same JSON value.
#[must_use]
pub fn equal(a: Value<'_>, b: Value<'_>) -> bool {
    match (a.tag(), b.tag()) {
        (Tag::Null, Tag::Null) => true,
        (Tag::Boolean, Tag::Boolean) => a.as_bool() == b.as_bool(),
        (Tag::Text, Tag::Text) => a.as_bytes() == b.as_bytes(),
        (Tag::Integer, Tag::Integer) => a.as_i64() == b.as_i64(),
        (Tag::Unsigned, Tag::Unsigned) => a.as_large_u64() == b.as_large_u64(),
        (Tag::Array, Tag::Array) => {
            a.len() == b.len() && a.items().zip(b.items()).all(|(a, b)| equal(a, b))
        }
        (Tag::Object, Tag::Object) => {
            a.len() == b.len()
                && a.entries()
                    .all(|entry| b.get(entry.name()).is_some_and(|b| equal(entry.value, b)))
        }
        _ => Number::of(a).is_some() && Number::of(a) == Number::of(b),
    }
}

/// Whether a value says the same as one of a schema.
pub fn equals_json(value: Value<'_>, expected: &Json) -> bool {
    match expected {
        Json::Null => value.is_null(),
        Json::Bool(expected) => value.as_bool() == Some(*expected),
        Json::String(expected) => value.as_str() == Some(expected),
        Json::Number(expected) => match (value.tag(), expected.as_i64()) {
            (Tag::Integer, Some(expected)) => value.as_i64() == Some(expected),
            (Tag::Unsigned, _) if expected.is_u64() => value.as_large_u64() == expected.as_u64(),
            _ => value.as_f64().is_some() && value.as_f64() == expected.as_f64(),
        },
        Json::Array(expected) => {
            value.tag() == Tag::Array
                && value.len() == expected.len()
                && value.items().zip(expected).all(|(item, expected)| equals_json(item, expected))
        }
        Json::Object(expected) => {
            value.tag() == Tag::Object
                && value.len() == expected.len()
                && value.entries().all(|entry| {
                    expected
                        .get(entry.name())
                        .is_some_and(|expected| equals_json(entry.value, expected))
                })
        }
    }
}

/// A number by its value: integers exactly, beyond what a double can tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number(Exact);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exact {
    Integer(i128),
    /// The bits of a double that is no integer, or beyond all that are written as one.
    Fraction(u64),
}

impl Number {
    /// The number that a value is; none if it is something else.
    #[must_use]
    pub fn of(value: Value<'_>) -> Option<Self> {
        match value.tag() {
            Tag::Integer => value.as_i64().map(|integer| Self::integer(integer.into())),
            Tag::Unsigned => value.as_large_u64().map(|integer| Self::integer(integer.into())),
            Tag::Float => value.as_f64().map(Self::double),
            Tag::Null | Tag::Boolean | Tag::Text | Tag::Array | Tag::Object => None,
        }
    }

    /// An integer.
    #[must_use]
    pub fn integer(integer: i128) -> Self {
        Self(Exact::Integer(integer))
    }

    /// A double, which may well be an integer.
    #[must_use]
    pub fn double(double: f64) -> Self {
        // Beyond 64 bits no integer is written as one.
        if double.fract() == 0.0 && double.abs() < TWO_TO_64 {
            Self(Exact::Integer(double as i128))
        } else {
            Self(Exact::Fraction(double.to_bits()))
        }
    }
}

impl std::fmt::Display for Number {
    /// The digits of an integer, or the fewest that read back as the same double.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Exact::Integer(integer) => write!(formatter, "{integer}"),
            Exact::Fraction(bits) => write!(formatter, "{}", f64::from_bits(bits)),
        }
    }
}

const TWO_TO_64: f64 = 18_446_744_073_709_551_616.0;

/// The first item of a list that equals an earlier one, with that one.
#[must_use]
pub fn first_repeated<'t>(list: Value<'t>) -> Option<(Value<'t>, Value<'t>)> {
    const SMALL: usize = 16;
    if list.len() <= SMALL {
        return list.items().enumerate().find_map(|(index, item)| {
            let earlier = list.items().take(index).find(|earlier| equal(*earlier, item))?;
            Some((earlier, item))
        });
    }
    let mut seen: HashMap<u64, Vec<Value<'t>>> = HashMap::new();
    for item in list.items() {
        let alike = seen.entry(content_hash(item)).or_default();
        if let Some(earlier) = alike.iter().find(|earlier| equal(**earlier, item)) {
            return Some((*earlier, item));
        }
        alike.push(item);
    }
    None
}

/// Equal values have equal hashes, on tapes that number names alike; objects are summed up so that the order of keys doesn't count.
#[must_use]
pub fn content_hash(value: Value<'_>) -> u64 {
    match value.tag() {
        Tag::Null => 1,
        Tag::Boolean => 2 + u64::from(value.as_bool() == Some(true)),
        Tag::Integer | Tag::Unsigned | Tag::Float => {
            match Number::of(value).expect("a number has a value").0 {
                // The low 64 bits: of those that differ in the others, one is negative.
                Exact::Integer(integer) => integer as u64,
                Exact::Fraction(bits) => bits,
            }
        }
        Tag::Text => xxh3_64(value.as_bytes().expect("text is text")),
        Tag::Array => value
            .items()
            .fold(3, |hash, item| xxh3_64_with_seed(&content_hash(item).to_le_bytes(), hash)),
        Tag::Object => {
            value.entries().fold(4, |hash: u64, entry| hash.wrapping_add(entry_hash(entry)))
        }
    }
}

/// The hash of what a record says apart from its key.
#[must_use]
pub fn content_hash_without(record: Value<'_>, key: Value<'_>) -> u64 {
    record
        .entries()
        .filter(|entry| entry.value.index() != key.index())
        .fold(4, |hash: u64, entry| hash.wrapping_add(entry_hash(entry)))
}

/// What a record says apart from its key as a hash that nobody can find another record for: for
/// the few whose [`content_hash_without`] is the same.
#[must_use]
pub fn content_digest_without(record: Value<'_>, key: Value<'_>) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest_entries(record, Some(key), &mut digest);
    digest.finalize().into()
}

/// Every value begins with what it is, and what has no fixed length with how long it is.
fn digest(value: Value<'_>, into: &mut Sha256) {
    match value.tag() {
        Tag::Null => into.update(b"n"),
        Tag::Boolean => into.update(if value.as_bool() == Some(true) { b"t" } else { b"f" }),
        Tag::Integer | Tag::Unsigned | Tag::Float => {
            match Number::of(value).expect("a number has a value").0 {
                Exact::Integer(integer) => {
                    into.update(b"i");
                    into.update(integer.to_le_bytes());
                }
                Exact::Fraction(bits) => {
                    into.update(b"d");
                    into.update(bits.to_le_bytes());
                }
            }
        }
        Tag::Text => digest_text(value.as_str().expect("text is text"), into),
        Tag::Array => {
            into.update(b"[");
            into.update((value.len() as u64).to_le_bytes());
            value.items().for_each(|item| digest(item, into));
        }
        Tag::Object => digest_entries(value, None, into),
    }
}

fn digest_text(text: &str, into: &mut Sha256) {
    into.update(b"s");
    into.update((text.len() as u64).to_le_bytes());
    into.update(text);
}

/// In the order of the names.
fn digest_entries(object: Value<'_>, without: Option<Value<'_>>, into: &mut Sha256) {
    let left_out =
        |entry: &Entry<'_>| without.is_some_and(|key| key.index() == entry.value.index());
    let mut entries: Vec<_> = object.entries().filter(|entry| !left_out(entry)).collect();
    entries.sort_by_key(|entry| entry.name());
    into.update(b"{");
    into.update((entries.len() as u64).to_le_bytes());
    for entry in entries {
        digest_text(entry.name(), into);
        digest(entry.value, into);
    }
}

/// Names that tapes number are told apart by that.
fn entry_hash(entry: Entry<'_>) -> u64 {
    let name = match entry.number() {
        UNKNOWN => xxh3_64(entry.name().as_bytes()),
        number => u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15),
    };
    let value = content_hash(entry.value);
    let product = u128::from(value ^ name.rotate_left(29)) * u128::from(name ^ SEED);
    (product >> 64) as u64 ^ product as u64 ^ value
}

/// An odd number without a pattern.
const SEED: u64 = 0xd1b5_4a32_d192_ed03;
