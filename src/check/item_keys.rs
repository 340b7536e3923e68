//! Items of a list that their schema tells apart by values: no two have the same, and each has some.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::diagnostic::{Diagnostic, Place, code, one_of, quote};
use crate::model::Level;
use crate::spelling::all_of;
use crate::tape::{Tag, Value};

/// Reports the items of a list at `pointer` that have no key, or that of another item.
pub(super) fn check(
    level: &Level,
    list: Value<'_>,
    pointer: &dyn Fn() -> String,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let names = || {
        let columns = level.item_key.iter().map(|column| &level.columns[*column]);
        columns.map(|column| crate::pointer::readable(&column.pointer)).collect::<Vec<_>>()
    };
    let mut first_of: HashMap<String, Value<'_>> = HashMap::new();
    for (position, item) in list.items().enumerate() {
        if item.tag() != Tag::Object {
            continue;
        }
        let place = |item: Value<'_>, position: usize| {
            Place::of(item).at(crate::pointer::join_index(&pointer(), position))
        };
        let Some(name) = level.item_name(item) else {
            let names = names();
            let message = format!(
                "the item has no value for {}, so nothing identifies it in its list",
                one_of(names.iter().map(String::as_str))
            );
            diagnostics.push(
                Diagnostic::new(&code::ITEM_KEY, place(item, position), message)
                    .help("add one: the schema says with `x-item-key` what identifies the items"),
            );
            continue;
        };
        match first_of.entry(name) {
            Entry::Vacant(entry) => {
                entry.insert(item);
            }
            Entry::Occupied(entry) => {
                let names = names();
                let message = format!(
                    "two items of the list have the same {}: {}",
                    all_of(names.iter().map(String::as_str)),
                    quote(entry.key())
                );
                diagnostics.push(
                    Diagnostic::new(&code::ITEM_KEY, place(item, position), message)
                        .label("here")
                        .with(Place::of(*entry.get()), "and here")
                        .help("correct one of the two, or put them together"),
                );
            }
        }
    }
}
