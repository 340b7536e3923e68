//! Annotations that hold in some records only: codes, references and roles under conditions.

use super::Collected;
use super::codes::unknown_code;
use crate::diagnostic::Diagnostic;
use crate::model::{Codes, Says, hash_of};
use crate::plan::{Plan, Trace};
use crate::schema::Finder;
use crate::spill::{HashEntry, Spot};
use crate::tape::{Tag, Value};

/// Checks the values of a record by the annotations that hold in it.
pub(super) fn check<'t>(
    plan: &Plan<'_>,
    finder: &Finder<'t>,
    (record, trace): (Value<'t>, &Trace),
    collected: &mut Collected,
    diagnostics: &mut Vec<Diagnostic>,
) {
    plan.for_each_holding(record, trace, |_, annotation, value, around| match &annotation.says {
        Says::Codes(codes) if is_no_code(codes, value) => {
            let pointer = finder.pointer_to(value);
            let when = Some(annotation.when.as_str());
            diagnostics.push(
                unknown_code(codes, value, &pointer, when)
                    .with(annotation.place.clone(), "the code list holds then"),
            );
        }
        Says::Codes(_) => {}
        Says::Reference { target, .. } => {
            if let Some(hash) = hash_of(value) {
                let reference = HashEntry::of_key(hash, Spot::of(value));
                collected.refer(*target, reference);
            }
        }
        Says::Roles { place, .. } => collected.gathered.note(*place, value, around),
    });
}

/// Whether a value could be a code, and isn't. What is no text, or no whole number, is reported as such.
fn is_no_code(codes: &Codes, value: Value<'_>) -> bool {
    match value.tag() {
        Tag::Text => {
            value.as_str().is_some_and(|it| !it.is_empty() && codes.position(it).is_none())
        }
        Tag::Integer | Tag::Float => value.as_i64().is_some_and(|it| !codes.has_number(it)),
        Tag::Null | Tag::Boolean | Tag::Unsigned | Tag::Array | Tag::Object => false,
    }
}
