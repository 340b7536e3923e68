//! The names of all properties, numbered: tapes number their keys by them, so that validation and
//! lowering compare numbers instead of texts.

use std::sync::Arc;

use super::{Document, Item, Level, Object, Shape, Table};
use crate::tape::Names;
use crate::validate::names_of;

/// Numbers the properties that schemas speak of, and tells the fields theirs.
pub(super) fn number(tables: &mut [Table], documents: &[Document]) -> Arc<Names> {
    let names = names_of(documents.iter().map(|document| &*document.json));
    for table in tables {
        level(&mut table.level, &names);
    }
    Arc::new(names)
}

fn level(level: &mut Level, names: &Names) {
    if let Item::Object(item) = &mut level.item {
        object(item, names);
    }
    for list in &mut level.lists {
        self::level(list, names);
    }
}

fn object(object: &mut Object, names: &Names) {
    for field in &mut object.fields {
        field.number = names.number(&field.name);
        if let Shape::Group(group) = &mut field.shape {
            self::object(group, names);
        }
    }
}
