//! Records that stand below a key of their own, as exports wrap them.

use crate::diagnostic::{Diagnostic, Place, code, quote};
use crate::model::{Item, Table};
use crate::tape::{Tag, Value};
use crate::workspace::Format;

/// Other keys that such a file has, as `count` or `generated`.
const OTHER_KEYS_MAX: usize = 3;

/// The finding that `record`, which isn't valid, only wraps records of `table`.
#[must_use]
pub fn wrapped(table: &Table, record: Value<'_>) -> Option<Diagnostic> {
    let Item::Object(object) = &table.level.item else { return None };
    let known = |name: &str| object.fields.iter().any(|field| field.name == name);
    if record.len() > 1 + OTHER_KEYS_MAX || record.entries().any(|entry| known(entry.name())) {
        return None;
    }
    // All or nearly all of the record is one list of what may be records, or one such.
    let looks = |value: Value<'_>| value.entries().any(|entry| known(entry.name()));
    let holds = |value: Value<'_>| match value.tag() {
        Tag::Array => value.items().next().is_some_and(looks),
        Tag::Object => looks(value) || value.entries().next().is_some_and(|it| looks(it.value)),
        Tag::Null | Tag::Boolean | Tag::Integer | Tag::Unsigned | Tag::Float | Tag::Text => false,
    };
    let mut wrappers = record.entries().filter(|entry| holds(entry.value));
    let wrapper = wrappers.next().filter(|_| wrappers.next().is_none())?;
    let name = quote(wrapper.name());
    let many = wrapper.value.tag() == Tag::Array || !looks(wrapper.value);
    let (message, what) = if many {
        (format!("the records stand below {name}, but a file holds them directly"), "the list")
    } else {
        (format!("the record stands below {name}, but a file holds it directly"), "the record")
    };
    let help = if record.format() == Format::Yaml {
        if many {
            "remove the key and what is beside it, so that the file is the list: each record behind \
             `- `, with its key"
                .to_owned()
        } else {
            "remove the key, and align what is below it with the left margin".to_owned()
        }
    } else {
        format!("remove the key and its braces, so that only {what} is left")
    };
    Some(Diagnostic::new(&code::WRAPPED_RECORDS, Place::of(wrapper.key), message).help(help))
}
