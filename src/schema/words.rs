//! The words in which values and clauses are spoken of.

use serde_json::Value as Json;

use super::Outline;
use crate::diagnostic::{one_of, quote};
use crate::pointer;
use crate::tape::{Tag, Value};

/// What a `not` says, where it can be said in words.
pub fn ruled_out(schema: &Json) -> Option<String> {
    let only = |keyword: &str| {
        schema.as_object().is_some_and(|schema| schema.len() == 1).then(|| &schema[keyword])
    };
    if let Some(names) = only("required").and_then(Json::as_array) {
        let names: Vec<_> = names.iter().filter_map(Json::as_str).map(quote).collect();
        return Some(format!("may not have {}", names.join(" together with ")));
    }
    if let Some(pattern) = only("pattern").and_then(Json::as_str) {
        return Some(format!("may not match the pattern {}", quote(pattern)));
    }
    Some(match shape(schema)? {
        Shape::Value(words) => format!("may not be {words}"),
        Shape::Whose(words) => format!("may not be one {words}"),
    })
}

/// What a schema wants, as part of a sentence.
pub enum Shape {
    /// "`a` or `b`": after "be" or "is".
    Value(String),
    /// "whose `role` is `host`": after a noun.
    Whose(String),
}

/// What a schema wants, where a few words say it.
pub fn shape(schema: &Json) -> Option<Shape> {
    let members = schema.as_object()?;
    let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut whose: Vec<String> = Vec::new();
    for (keyword, value) in members {
        match (keyword.as_str(), value) {
            ("const", value) => return Some(Shape::Value(quote(&text(value)))),
            ("enum", Json::Array(values)) => {
                let values: Vec<_> = values.iter().map(text).collect();
                return Some(Shape::Value(one_of(values.iter().map(String::as_str))));
            }
            ("type", Json::String(name)) if members.len() == 1 => {
                return Some(Shape::Value(type_words(name).to_owned()));
            }
            ("properties", Json::Object(properties)) => {
                for (name, wanted) in properties {
                    let Shape::Value(wanted) = shape(wanted)? else { return None };
                    whose.push(format!("whose {} is {wanted}", quote(name)));
                }
            }
            ("required", Json::Array(names)) => {
                let tested =
                    |name: &str| members.get("properties").is_some_and(|it| !it[name].is_null());
                let names = names.iter().filter_map(Json::as_str).filter(|name| !tested(name));
                whose.extend(names.map(|name| format!("with {}", quote(name))));
            }
            ("type" | "title" | "description" | "$comment", _) => {}
            // Half of what is wanted would mislead.
            _ => return None,
        }
    }
    (!whose.is_empty()).then(|| Shape::Whose(whose.join(" and ")))
}

/// How a message calls the value at a pointer.
pub fn subject(at: &str) -> String {
    if at.is_empty() { "the record".to_owned() } else { format!("`{}`", pointer::readable(at)) }
}

/// How a message shows a value.
pub fn seen(value: Value<'_>) -> String {
    match value.tag() {
        Tag::Null => "null".to_owned(),
        Tag::Boolean => format!("the boolean `{}`", value.as_bool() == Some(true)),
        Tag::Integer | Tag::Unsigned | Tag::Float => {
            let literal =
                value.literal().map_or_else(|| value.to_json().to_string(), str::to_owned);
            format!("the number `{literal}`")
        }
        Tag::Text => quote(value.as_str().unwrap_or_default()),
        Tag::Array => format!("a list of {}", count(value.len() as u64, "item")),
        Tag::Object => format!("an object of {}", count(value.len() as u64, "property")),
    }
}

/// What a message calls a type of JSON Schema.
#[must_use]
pub fn type_words(name: &str) -> &str {
    match name {
        "string" => "text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "`true` or `false`",
        "array" => "a list",
        "object" => "an object",
        other => other,
    }
}

/// What a text in a format is, and how to write it.
#[must_use]
pub fn format_words(format: &str) -> (String, &'static str) {
    let (what, help) = match format {
        "time" => ("a time of day with its offset", "write it as in 10:15:00Z"),
        "time-local" => ("a time of day without an offset", "write it as in 10:15:00 or 10:15"),
        "decimal" => (
            "a decimal number",
            "write digits with a point, as in -1234.50: without thousands separators, exponent or unit",
        ),
        "uri" | "iri" => ("an absolute address", "write it whole, as in https://example.org/page"),
        "email" => ("an e-mail address", "write it as in name@example.org"),
        "json-pointer" => {
            ("a JSON Pointer", "write the path with a slash before each step: /participants/0/role")
        }
        other => return (format!("of the format `{other}`"), "see the schema for the format"),
    };
    (what.to_owned(), help)
}

/// A number with its unit, in the singular or the plural.
#[must_use]
pub fn count(number: u64, unit: &str) -> String {
    match (number, unit) {
        (1, _) => format!("1 {unit}"),
        (_, "property") => format!("{number} properties"),
        _ => format!("{number} {unit}s"),
    }
}

/// One of several things, in words.
#[must_use]
pub fn or(options: &[&str]) -> String {
    match options {
        [] => "nothing".to_owned(),
        [only] => (*only).to_owned(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}

/// What a value is to the object or the list that it stands in: how one does without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A property that may be missing.
    Optional,
    /// A property that must be there.
    Required,
    /// An item of a list.
    Item,
}

impl Part {
    /// What stands at a pointer.
    #[must_use]
    pub fn at(outline: Option<&dyn Outline>, pointer: &str) -> Self {
        let Some((_, token)) = pointer.rsplit_once('/') else { return Self::Optional };
        if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::Item;
        }
        let property = outline.and_then(|outline| outline.property(pointer));
        if property.is_some_and(|property| property.required) {
            Self::Required
        } else {
            Self::Optional
        }
    }

    /// What to do where nothing is known.
    #[must_use]
    pub fn leave_out(self) -> &'static str {
        match self {
            Self::Optional => "leave the property out where nothing is known",
            Self::Required => {
                "find out what belongs here: every record must say it; if it may be unknown, the \
                 schema shouldn't require it"
            }
            Self::Item => "remove it from the list",
        }
    }
}

/// What to do about a value at a pointer that says nothing.
#[must_use]
pub fn leave_out(outline: Option<&dyn Outline>, at: &str) -> &'static str {
    Part::at(outline, at).leave_out()
}
