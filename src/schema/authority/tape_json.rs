//! Tapes as a representation of JSON that the crate reads in place.

use std::borrow::Cow;

use jsonschema::JsonType;
use jsonschema::json::{Array, Json, JsonNumber, Node, NodeIdentity, Object};
use serde_json::Value as JsonValue;

use super::SHOWN_SIZE_MAX;
use crate::tape::equality::{equals_json, first_repeated};
use crate::tape::{Entries, Items, Tag, Value};

/// Tapes as a representation that `jsonschema` reads in place.
pub struct TapeJson;

/// A value on a tape, or a property's name standing for itself.
#[derive(Clone, Copy)]
pub enum Instance<'t> {
    /// A value.
    Value(Value<'t>),
    /// A name, while `propertyNames` looks at it.
    Name(&'t str),
}

impl Json for TapeJson {
    type Node<'t> = Instance<'t>;
    type PreparedKey = String;
    type StringBuffer = ();

    const ACYCLIC: bool = true;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>((): &mut (), string: &str, f: impl FnOnce(Self::Node<'_>) -> T) -> T {
        f(Instance::Name(string))
    }
}

impl<'t> Node<'t, TapeJson> for Instance<'t> {
    type Object = TapeObject<'t>;
    type Array = TapeArray<'t>;
    type Number = TapeNumber;

    fn as_object(&self) -> Option<TapeObject<'t>> {
        match self {
            Self::Value(value) if value.tag() == Tag::Object => Some(TapeObject(*value)),
            Self::Value(_) | Self::Name(_) => None,
        }
    }

    fn as_array(&self) -> Option<TapeArray<'t>> {
        match self {
            Self::Value(value) if value.tag() == Tag::Array => Some(TapeArray(*value)),
            Self::Value(_) | Self::Name(_) => None,
        }
    }

    fn as_string(&self) -> Option<Cow<'t, str>> {
        match self {
            Self::Value(value) => value.as_str().map(Cow::Borrowed),
            Self::Name(name) => Some(Cow::Borrowed(name)),
        }
    }

    fn as_number(&self) -> Option<TapeNumber> {
        let Self::Value(value) = self else { return None };
        match value.tag() {
            Tag::Integer => value.as_i64().map(TapeNumber::Integer),
            Tag::Unsigned => value.as_large_u64().map(TapeNumber::Unsigned),
            Tag::Float => value.as_f64().map(TapeNumber::Float),
            Tag::Null | Tag::Boolean | Tag::Text | Tag::Array | Tag::Object => None,
        }
    }

    fn as_boolean(&self) -> Option<bool> {
        match self {
            Self::Value(value) => value.as_bool(),
            Self::Name(_) => None,
        }
    }

    fn is_null(&self) -> bool {
        matches!(self, Self::Value(value) if value.is_null())
    }

    fn json_type(&self) -> JsonType {
        match self {
            Self::Name(_) => JsonType::String,
            Self::Value(value) => match value.tag() {
                Tag::Null => JsonType::Null,
                Tag::Boolean => JsonType::Boolean,
                Tag::Integer | Tag::Unsigned | Tag::Float => JsonType::Number,
                Tag::Text => JsonType::String,
                Tag::Array => JsonType::Array,
                Tag::Object => JsonType::Object,
            },
        }
    }

    fn string_length_within(&self, min: u64, max: u64) -> Option<bool> {
        let text = self.as_string()?;
        // A character takes one to four bytes, so most bounds are decided without counting.
        let bytes = text.len() as u64;
        if bytes < min || bytes.div_ceil(4) > max {
            return Some(false);
        }
        if min <= bytes.div_ceil(4) && bytes <= max {
            return Some(true);
        }
        Some((min..=max).contains(&(text.chars().count() as u64)))
    }

    fn equals_value(&self, expected: &JsonValue) -> bool {
        match self {
            Self::Name(name) => expected.as_str() == Some(name),
            Self::Value(value) => equals_json(*value, expected),
        }
    }

    fn to_value(&self) -> Cow<'t, JsonValue> {
        Cow::Owned(match self {
            // Every error holds the value that it is about, and one value may have many errors.
            Self::Value(value) if value.size() > SHOWN_SIZE_MAX => JsonValue::from(value.index()),
            Self::Value(value) => value.to_json(),
            Self::Name(name) => JsonValue::from(*name),
        })
    }

    fn identity(&self) -> Option<NodeIdentity> {
        Some(match self {
            Self::Value(value) => NodeIdentity::tagged(value.tape_address(), value.index()),
            Self::Name(name) => NodeIdentity::tagged(name.as_ptr() as usize, u32::MAX),
        })
    }
}

/// An object on a tape.
pub struct TapeObject<'t>(Value<'t>);

impl<'t> Object<'t, TapeJson> for TapeObject<'t> {
    type Node = Instance<'t>;
    type MemberName = &'t str;
    type MembersIter = Members<'t>;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn get(&self, key: &String) -> Option<Instance<'t>> {
        self.0.get(key).map(Instance::Value)
    }

    fn members(&self) -> Members<'t> {
        Members(self.0.entries())
    }
}

/// The entries of an object on a tape.
pub struct Members<'t>(Entries<'t>);

impl<'t> Iterator for Members<'t> {
    type Item = (&'t str, Instance<'t>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|entry| (entry.name(), Instance::Value(entry.value)))
    }
}

/// A list on a tape.
pub struct TapeArray<'t>(Value<'t>);

impl<'t> Array<'t, TapeJson> for TapeArray<'t> {
    type Node = Instance<'t>;
    type ElementsIter = Elements<'t>;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn elements(&self) -> Elements<'t> {
        Elements(self.0.items())
    }

    fn is_unique(&self) -> bool {
        first_repeated(self.0).is_none()
    }
}

/// The items of a list on a tape.
pub struct Elements<'t>(Items<'t>);

impl<'t> Iterator for Elements<'t> {
    type Item = Instance<'t>;

    fn next(&mut self) -> Option<Instance<'t>> {
        self.0.next().map(Instance::Value)
    }
}

/// A number on a tape.
#[derive(Clone, Copy)]
pub enum TapeNumber {
    /// Fits an `i64`.
    Integer(i64),
    /// Only fits a `u64`.
    Unsigned(u64),
    /// Anything else.
    Float(f64),
}

impl JsonNumber for TapeNumber {
    fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Integer(value) => u64::try_from(*value).ok(),
            Self::Unsigned(value) => Some(*value),
            Self::Float(_) => None,
        }
    }

    fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(*value),
            Self::Unsigned(_) | Self::Float(_) => None,
        }
    }

    fn as_f64(&self) -> Option<f64> {
        Some(match self {
            Self::Integer(value) => *value as f64,
            Self::Unsigned(value) => *value as f64,
            Self::Float(value) => *value,
        })
    }

    fn as_str(&self) -> Cow<'_, str> {
        Cow::Owned(self.to_number().to_string())
    }

    fn to_number(&self) -> Cow<'_, serde_json::Number> {
        Cow::Owned(match self {
            Self::Integer(value) => (*value).into(),
            Self::Unsigned(value) => (*value).into(),
            Self::Float(value) => {
                serde_json::Number::from_f64(*value).expect("tapes hold finite numbers")
            }
        })
    }

    fn is_integer(&self) -> bool {
        match self {
            Self::Integer(_) | Self::Unsigned(_) => true,
            Self::Float(value) => value.fract() == 0.0,
        }
    }
}
