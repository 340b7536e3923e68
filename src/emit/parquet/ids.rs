//! Field ids: numbers by which readers follow a column through renamings and new neighbours.
//!
//! An id is a hash of the flat table's name, the JSON Pointer of the field and the part of it that
//! the column holds. So it doesn't depend on the other columns, it is the same in the flat and the
//! nested file, and it survives a new column name (a new pointer is a new field). Should two
//! columns of a file hash alike, the later one gets the next free number.

use std::collections::HashSet;

use xxhash_rust::xxh3::xxh3_64;

use crate::model::{Column, Origin};

/// The ids of one file.
#[derive(Debug, Default)]
pub struct FieldIds {
    taken: HashSet<i32>,
}

impl FieldIds {
    /// The id of a column of a level.
    pub fn assign_column(&mut self, level: &str, column: &Column) -> i32 {
        let part = match &column.origin {
            Origin::Field => String::new(),
            Origin::Language(tag) => format!("language {tag}"),
            Origin::Count => "count".to_owned(),
            Origin::Composed { .. } => "date".to_owned(),
            Origin::Derived { of: _, part } => part.suffix().to_owned(),
        };
        self.assign(level, &column.pointer, &part)
    }

    /// The id of a part of a field: its value if `part` is empty.
    pub fn assign(&mut self, level: &str, pointer: &str, part: &str) -> i32 {
        // Thirty bits: Iceberg keeps the highest numbers for itself.
        const BITS: u32 = 30;
        let hash = xxh3_64(format!("{level}\0{pointer}\0{part}").as_bytes());
        let mut id = (hash >> (u64::BITS - BITS)) as i32;
        while id == 0 || !self.taken.insert(id) {
            id = (id + 1) & ((1 << BITS) - 1);
        }
        id
    }
}

#[cfg(test)]
mod tests {
    use super::FieldIds;

    #[test]
    fn ids_are_the_same_in_every_release() {
        let mut ids = FieldIds::default();
        // A change of these numbers breaks readers that follow columns by id.
        assert_eq!(ids.assign("events", "/title", "language en"), 794_947_808);
        assert_eq!(ids.assign("events", "/title", "language fr"), 303_327_513);
    }

    #[test]
    fn equal_hashes_get_different_ids() {
        let mut ids = FieldIds::default();
        let first = ids.assign("events", "/id", "");
        assert_eq!(ids.assign("events", "/id", ""), first + 1);
    }
}
