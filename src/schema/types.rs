//! Sets of JSON types, one bit each. Integers are apart from other numbers.

use serde_json::Value as Json;

use crate::tape::{Tag, Value};

/// A set of types.
pub type Types = u8;

/// `null`.
pub const NULL: Types = 1;
/// `true` and `false`.
pub const BOOLEAN: Types = 2;
/// A number without a fraction, however it is spelt.
pub const INTEGER: Types = 4;
/// A number that is no integer.
pub const FRACTION: Types = 8;
/// Text.
pub const TEXT: Types = 16;
/// A list.
pub const LIST: Types = 32;
/// An object.
pub const OBJECT: Types = 64;
/// All of them.
pub const ANYTHING: Types = 127;

/// The types that a `type` keyword names; none if it names one that isn't there.
#[must_use]
pub fn named(keyword: &Json) -> Option<Types> {
    let one = |name: &Json| {
        Some(match name.as_str()? {
            "null" => NULL,
            "boolean" => BOOLEAN,
            "integer" => INTEGER,
            "number" => INTEGER | FRACTION,
            "string" => TEXT,
            "array" => LIST,
            "object" => OBJECT,
            _ => return None,
        })
    };
    match keyword {
        Json::Array(several) => several.iter().try_fold(0, |types, name| Some(types | one(name)?)),
        name => one(name),
    }
}

/// The type of a value.
#[must_use]
pub fn of_json(value: &Json) -> Types {
    match value {
        Json::Null => NULL,
        Json::Bool(_) => BOOLEAN,
        Json::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() != 0.0 => FRACTION,
            _ => INTEGER,
        },
        Json::String(_) => TEXT,
        Json::Array(_) => LIST,
        Json::Object(_) => OBJECT,
    }
}

/// The type of a value of a record.
#[inline]
#[must_use]
pub fn of(tag: Tag, value: Value<'_>) -> Types {
    match tag {
        Tag::Null => NULL,
        Tag::Boolean => BOOLEAN,
        Tag::Integer | Tag::Unsigned => INTEGER,
        Tag::Float if value.as_f64().is_some_and(|number| number.fract() == 0.0) => INTEGER,
        Tag::Float => FRACTION,
        Tag::Text => TEXT,
        Tag::Array => LIST,
        Tag::Object => OBJECT,
    }
}
