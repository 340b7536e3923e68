//! Markers: what records write where a value is missing, such as `-9` or `NA`.
//!
//! A table declares them in the manifest (`missing`), a property in its schema (`x-missing`), in the same
//! two forms: a list, or each with a reason. Which values a column holds, so that one of them can't also
//! mean that there is none, the compiler of schemas checks.

use crate::diagnostic::{Diagnostic, Place, code, quote};
use crate::parse::scalar::is_json_number;
use crate::pointer;
use crate::tape::equality::Number;
use crate::tape::{Tag, Value};

/// A text or number that stands for a missing value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// As it is declared, which is how a cell or a text spells it.
    pub text: String,
    /// The number that it is, however that is spelt.
    pub number: Option<Number>,
    /// Why a value is missing where it stands.
    pub reason: Option<String>,
    /// Where it is declared.
    pub place: Place,
}

/// Numbers that stand for missing values in many tables, and seldom for anything else.
pub const SENTINELS: [i64; 29] = [
    -9,
    -99,
    -999,
    -9_999,
    -99_999,
    -999_999,
    -8,
    -88,
    -888,
    -8_888,
    -88_888,
    -888_888,
    -7,
    -77,
    -777,
    -7_777,
    -77_777,
    -777_777,
    -66,
    -666,
    -6_666,
    -66_666,
    -666_666,
    9_999,
    99_999,
    999_999,
    9_999_999,
    99_999_999,
    999_999_999,
];

/// There are no more of one column: each value is compared with all.
pub const MARKERS_MAX: usize = 100;

impl Marker {
    /// Whether a value is this marker: a text that is spelt as it is, or a number that is equal.
    #[must_use]
    pub fn is(&self, value: Value<'_>) -> bool {
        match value.tag() {
            Tag::Text => value.as_bytes() == Some(self.text.as_bytes()),
            Tag::Integer | Tag::Unsigned | Tag::Float => {
                self.number.is_some() && self.number == Number::of(value)
            }
            Tag::Null | Tag::Boolean | Tag::Array | Tag::Object => false,
        }
    }
}

/// The markers that a manifest or schema declares at `pointer`, without those that are none.
pub fn markers(value: Value<'_>, pointer: &str, diagnostics: &mut Vec<Diagnostic>) -> Vec<Marker> {
    let mut declared = Vec::new();
    for (index, item) in value.items().enumerate() {
        let text = match item.as_str() {
            Some(text) => text.to_owned(),
            None => item.to_json().to_string(),
        };
        declared.push((text, None, Place::of(item).at(pointer::join_index(pointer, index))));
    }
    for entry in value.entries() {
        let place = Place::of(entry.key).at(pointer::join(pointer, entry.name()));
        let reason = entry.value.as_str().map(str::to_owned);
        declared.push((entry.name().to_owned(), reason, place));
    }
    let mut markers: Vec<Marker> = Vec::new();
    for (text, reason, place) in declared {
        let unusable =
            |message: String| Diagnostic::new(&code::UNUSABLE_MARKER, place.clone(), message);
        if text.is_empty() {
            diagnostics.push(
                unusable("the marker for a missing value is empty".to_owned())
                    .help("leave it out: an empty cell is a missing value anyway"),
            );
            continue;
        }
        if reason.as_ref().is_some_and(String::is_empty) {
            diagnostics.push(
                unusable(format!("the marker {} has an empty reason", quote(&text))).help(
                    "say why a value is missing there, or write a list of markers, without reasons",
                ),
            );
            continue;
        }
        let number = number(&text);
        let same =
            |other: &&Marker| other.text == text || number.is_some() && other.number == number;
        if let Some(other) = markers.iter().find(same) {
            let message = match other.text == text {
                true => format!("the marker {} stands here twice", quote(&text)),
                false => format!(
                    "the marker {} is the same number as {}",
                    quote(&text),
                    quote(&other.text)
                ),
            };
            let other = other.place.clone();
            diagnostics
                .push(unusable(message).with(other, "the other one").help("keep one of the two"));
            continue;
        }
        if markers.len() == MARKERS_MAX {
            let message = format!("there are more than {MARKERS_MAX} markers for a missing value");
            diagnostics.push(unusable(message).help("let fewer values stand for missing ones"));
            break;
        }
        markers.push(Marker { text, number, reason, place });
    }
    markers
}

/// The number that a text spells, as JSON does.
#[must_use]
pub fn number(text: &str) -> Option<Number> {
    if !is_json_number(text) {
        return None;
    }
    let integer =
        text.parse::<i64>().map(i128::from).or_else(|_| text.parse::<u64>().map(i128::from));
    match integer {
        Ok(integer) => Some(Number::integer(integer)),
        Err(_) => text.parse().ok().map(Number::double),
    }
}
