//! What an item of a list is called: by the values that its schema says identify it.
//!
//! The name is the end of the item's IRI, and leads to it in JSON Pointers. Values stand in it with commas
//! between them, and those that are missing are left out; a comma in a value is `%2C`, and `%` is `%25`.

use std::borrow::Cow;

use super::{Item, Level, Object, Shape, Table, key_text};
use crate::pointer;
use crate::tape::{Tag, Value};

impl Level {
    /// The name of an item; none if it has none of the values.
    #[must_use]
    pub fn item_name(&self, item: Value<'_>) -> Option<String> {
        let values = self.item_key.iter().filter_map(|column| {
            let (value, found) = item.pointer(&self.columns[*column].pointer);
            (found && !value.is_null()).then(|| encoded(&key_text(value)).into_owned())
        });
        let name = values.collect::<Vec<_>>().join(",");
        (!name.is_empty()).then_some(name)
    }
}

fn encoded(value: &str) -> Cow<'_, str> {
    match value.contains(['%', ',']) {
        true => Cow::Owned(value.replace('%', "%25").replace(',', "%2C")),
        false => Cow::Borrowed(value),
    }
}

impl Table {
    /// What a JSON Pointer leads to in a record; if to nothing, the last value on the way. Where the items
    /// of a list have keys, a token may be the name of an item instead of its position.
    #[must_use]
    pub fn follow<'t>(&self, record: Value<'t>, pointer: &str) -> (Value<'t>, bool) {
        let Item::Object(object) = &self.level.item else { return record.pointer(pointer) };
        let (mut value, mut at) = (record, Some(At { level: &self.level, object: Some(object) }));
        for token in pointer::tokens(pointer) {
            let named = match (at, value.tag()) {
                (Some(At { level, object: None }), Tag::Array) if !level.item_key.is_empty() => {
                    value.items().find(|item| level.item_name(*item).as_deref() == Some(&token))
                }
                _ => None,
            };
            let next = named.or_else(|| {
                let (next, found) = value.pointer(&pointer::join("", &token));
                found.then_some(next)
            });
            let Some(next) = next else { return (value, false) };
            at = at.and_then(|at| at.below(&token));
            value = next;
        }
        (value, true)
    }
}

impl Table {
    /// The rows of the list that a JSON Pointer leads to.
    #[must_use]
    pub fn list_at(&self, pointer: &str) -> Option<&Level> {
        let Item::Object(object) = &self.level.item else { return None };
        let start = At { level: &self.level, object: Some(object) };
        let at = pointer::tokens(pointer).try_fold(start, |at, token| at.below(&token))?;
        at.object.is_none().then_some(at.level)
    }
}

/// Where a pointer stands in the schema: at an object of a level, or at the list whose rows are a level.
#[derive(Clone, Copy)]
struct At<'m> {
    level: &'m Level,
    object: Option<&'m Object>,
}

impl<'m> At<'m> {
    fn below(self, token: &str) -> Option<Self> {
        let Some(object) = self.object else {
            let Item::Object(object) = &self.level.item else { return None };
            return Some(Self { object: Some(object), ..self });
        };
        match &object.field(token)?.shape {
            Shape::Group(group) => Some(Self { object: Some(group), ..self }),
            Shape::List { list, .. } => {
                Some(Self { level: &self.level.lists[*list], object: None })
            }
            Shape::Scalar { .. } | Shape::Languages(_) => None,
        }
    }
}
