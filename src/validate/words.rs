//! The words in which values and clauses are spoken of.

use crate::diagnostic::{one_of, quote};
use crate::pointer;
use crate::tape::{Tag, Value};

/// What a `not` says, where it can be said in words.
pub(super) fn ruled_out(schema: &serde_json::Value) -> String {
    let texts = |keyword: &str| {
        let values = schema[keyword].as_array()?.iter();
        Some(values.map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned)).collect())
    };
    let keywords = schema.as_object().map_or(0, serde_json::Map::len);
    let required: Option<Vec<String>> = texts("required").filter(|_| keywords == 1);
    let listed: Option<Vec<String>> = texts("enum").filter(|_| keywords == 1);
    match (listed, required) {
        (Some(values), _) => {
            format!("but may not be {}", one_of(values.iter().map(String::as_str)))
        }
        (_, Some(names)) => {
            let names: Vec<_> = names.iter().map(|name| quote(name)).collect();
            format!("but may not have {}", names.join(" together with "))
        }
        (None, None) => format!("which the schema rules out by `{schema}`"),
    }
}

/// How a message calls the value at a pointer.
pub(super) fn subject(at: &str) -> String {
    if at.is_empty() { "the record".to_owned() } else { format!("`{}`", pointer::readable(at)) }
}

/// How a message shows a value.
pub(super) fn seen(value: Value<'_>) -> String {
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

pub(super) fn type_words(name: &str) -> &str {
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

pub(super) fn format_words(format: &str) -> (String, &'static str) {
    let (what, help) = match format {
        "date" => ("a day of the calendar", "write it as 2023-12-03"),
        "date-time" => (
            "a point in time with its offset from UTC",
            "write it as 2023-12-03T10:15:00Z or 2023-12-03T11:15:00+01:00",
        ),
        "time" => ("a time of day with its offset", "write it as 10:15:00Z"),
        "uri" | "iri" => ("an absolute address", "write it whole, as in https://example.org/page"),
        "email" => ("an e-mail address", "write it as name@example.org"),
        "json-pointer" => {
            ("a JSON Pointer", "write the path with a slash before each step: /participants/0/role")
        }
        other => return (format!("of the format `{other}`"), "see the schema for the format"),
    };
    (what.to_owned(), help)
}

pub(super) fn count(number: u64, unit: &str) -> String {
    match (number, unit) {
        (1, _) => format!("1 {unit}"),
        (_, "property") => format!("{number} properties"),
        _ => format!("{number} {unit}s"),
    }
}

pub(super) fn or(options: &[&str]) -> String {
    match options {
        [] => "nothing".to_owned(),
        [only] => (*only).to_owned(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}
