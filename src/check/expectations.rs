//! Checks what must hold of many records together: the expectations of the manifest.
//!
//! Workers add the rows that they meet to groups ([`ExpectationWriter`]); of each group there is little to keep.
//! What exceeds the memory budget is written away. In the end the groups of all workers are brought
//! together ([`ExpectationIndex`]) and judged.

mod group;
mod index;
mod judge;
mod keys;
mod writer;

pub use index::ExpectationIndex;
pub use judge::judge;
pub use writer::ExpectationWriter;

pub(super) use writer::{RecordRows, collect};

use crate::expr::aggregate::write_value;
use crate::expr::evaluate::{Evaluator, Why};
use crate::expr::types::Property;
use crate::model::{Expectation, Grouping};
use crate::spelling::quote;
use crate::tape::{Tag, Value};
use group::GroupName;

/// Calls for each row: the object at the end of the path, with the object that has the list.
fn each_row<'t>(
    steps: &[Property],
    value: Value<'t>,
    around: Option<Value<'t>>,
    visit: &mut impl FnMut(Value<'t>, Option<Value<'t>>),
) {
    let Some((step, rest)) = steps.split_first() else { return visit(value, around) };
    let Some(inner) = value.numbered(step.number, &step.name) else { return };
    match inner.tag() {
        Tag::Array => {
            let items = inner.items().filter(|item| item.tag() == Tag::Object);
            items.for_each(|item| each_row(rest, item, Some(value), visit));
        }
        Tag::Object => each_row(rest, inner, Some(value), visit),
        Tag::Null | Tag::Boolean | Tag::Integer | Tag::Unsigned | Tag::Float | Tag::Text => {}
    }
}

/// Writes what names the group of a row; false if the row doesn't count. `text` is room for values.
fn write_name(
    program: &Grouping,
    evaluator: &mut Evaluator<'_, '_>,
    name: &mut GroupName,
    text: &mut String,
) -> bool {
    let counts = program.filter.iter().all(|part| evaluator.condition(part) == Some(true));
    name.clear();
    counts
        && program.by.iter().all(|value| {
            text.clear();
            let is_there = write_value(value, evaluator, text);
            name.push(text);
            is_there
        })
}

/// What a message calls a group: "`dyad` 406, `year` 1994".
fn said(expectation: &Expectation, name: &GroupName) -> String {
    let is_plain =
        |sign: char| sign.is_alphanumeric() || matches!(sign, '-' | '_' | '.' | ':' | '/' | '+');
    let values = expectation.by.iter().zip(name.parts()).map(|(by, value)| {
        let by = quote(&by.replace("self.", "").replace("record.", ""));
        match !value.is_empty() && value.len() <= 60 && value.chars().all(is_plain) {
            true => format!("{by} {value}"),
            false => format!("{by} {}", quote(value)),
        }
    });
    values.collect::<Vec<_>>().join(", ")
}

/// Why something can't be worked out, as a sentence part.
fn why(why: Why) -> &'static str {
    match why {
        Why::Digits => "a number is too large to calculate with exactly",
        Why::Steps => "it takes more steps than there may be",
    }
}
