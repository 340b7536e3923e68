//! What an item of a list is called: by the values that its schema says identify it.
//!
//! The name is the end of the item's IRI, and leads to it in JSON Pointers. Values stand in it with commas
//! between them, and those that are missing are left out; a comma in a value is `%2C`, and `%` is `%25`.

use std::borrow::Cow;
use std::collections::HashMap;

use super::kind::Physical;
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

    /// Whether one number identifies an item.
    fn is_known_by_number(&self) -> bool {
        let is_number =
            |column: &usize| matches!(self.columns[*column].kind.physical(), Physical::Integer(_));
        self.item_key.len() == 1 && self.item_key.iter().all(is_number)
    }
}

fn encoded(value: &str) -> Cow<'_, str> {
    match value.contains(['%', ',']) {
        true => Cow::Owned(value.replace('%', "%25").replace(',', "%2C")),
        false => Cow::Borrowed(value),
    }
}

/// Follows JSON Pointers in one record. Where the items of a list have keys, a token may be the name of an
/// item instead of its position; where the key is a number, it can't be a position.
pub struct Follower<'m, 't> {
    table: &'m Table,
    record: Value<'t>,
    /// The items of the lists that were met, by name; a list goes by its number on the tape.
    named: HashMap<u32, HashMap<String, Value<'t>>>,
}

impl<'m, 't> Follower<'m, 't> {
    /// One for a record of a table.
    #[must_use]
    pub fn new(table: &'m Table, record: Value<'t>) -> Self {
        Self { table, record, named: HashMap::new() }
    }

    /// What a JSON Pointer leads to; if to nothing, the last value on the way.
    pub fn follow(&mut self, pointer: &str) -> (Value<'t>, bool) {
        let Item::Object(object) = &self.table.level.item else {
            return self.record.pointer(pointer);
        };
        let mut value = self.record;
        let mut at = Some(At { level: &self.table.level, object: Some(object) });
        for token in pointer::tokens(pointer) {
            let keyed = at.filter(|at| at.object.is_none() && !at.level.item_key.is_empty());
            let keyed = keyed.filter(|_| value.tag() == Tag::Array).map(|at| at.level);
            let named = keyed.and_then(|level| self.named(level, value, &token));
            let is_key = keyed.is_some_and(Level::is_known_by_number);
            let next = named.or_else(|| {
                let (next, found) = value.pointer(&pointer::join("", &token));
                (found && !is_key).then_some(next)
            });
            let Some(next) = next else { return (value, false) };
            at = at.and_then(|at| at.below(&token));
            value = next;
        }
        (value, true)
    }

    /// The item of a list that has a name.
    fn named(&mut self, level: &Level, list: Value<'t>, name: &str) -> Option<Value<'t>> {
        let items = self.named.entry(list.index()).or_insert_with(|| {
            // Of two with one name, which is reported, the first.
            let items = list.items().filter_map(|item| Some((level.item_name(item)?, item)));
            let mut named = HashMap::new();
            for (name, item) in items {
                named.entry(name).or_insert(item);
            }
            named
        });
        items.get(name).copied()
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
