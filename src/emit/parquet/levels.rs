//! Levels: what a file says of each place of a column, so that values can be put back into their rows.
//!
//! The repetition level says whether a place begins a record or goes on in a list; the definition level,
//! how much of the way to a value is there. A flat column has only the question whether its value is
//! missing; in a nested file each list adds places, also for those that are missing or empty.

use std::borrow::Cow;

use arrow_buffer::{BooleanBuffer, NullBuffer};

use super::values::Starts;
use crate::lower::ListRows;

/// The places that the rows of a list have in their records.
pub struct Places {
    /// Where the places of each record begin, and at last where they end.
    pub starts: Vec<u32>,
    /// For each place its repetition level; of records themselves it is 0, and nothing is said.
    pub repetition: Vec<u8>,
    /// The greatest repetition level.
    pub repetition_max: u8,
    /// For each place its definition level, as far as the list.
    pub definition: Vec<u8>,
    /// From this level on there is a row at the place.
    row: u8,
}

impl Places {
    /// Those of so many records.
    pub fn of_records(count: usize) -> Self {
        Self {
            starts: (0..=count as u32).collect(),
            repetition: Vec::new(),
            repetition_max: 0,
            definition: vec![0; count],
            row: 0,
        }
    }

    /// The places of a list's rows, whose definition levels reach as far as `depth` where the list isn't
    /// missing.
    pub fn of_list(&self, list: &ListRows, definition: &[u8], depth: u8) -> Self {
        let size = definition.len() + list.rows.len;
        let mut places = Self {
            starts: Vec::with_capacity(self.starts.len()),
            repetition: Vec::with_capacity(size),
            repetition_max: self.repetition_max + 1,
            definition: Vec::with_capacity(size),
            row: depth + 1,
        };
        let mut row = 0;
        places.starts.push(0);
        for pair in self.starts.windows(2) {
            let range = pair[0] as usize..pair[1] as usize;
            for (place, &level) in range.clone().zip(&definition[range]) {
                let items = match level < depth {
                    true => 0,
                    false => (list.offsets[row + 1] - list.offsets[row]) as usize,
                };
                if level >= self.row {
                    row += 1;
                }
                places.repetition.push(self.repetition.get(place).copied().unwrap_or(0));
                if items == 0 {
                    places.definition.push(level);
                } else {
                    let end = places.definition.len() + items;
                    places.definition.resize(end, depth + 1);
                    places.repetition.resize(end, places.repetition_max);
                }
            }
            places.starts.push(places.definition.len() as u32);
        }
        places
    }

    /// The definition levels one deeper, where they reach as far as `depth` and the row has a value.
    pub fn deeper(&self, definition: &[u8], depth: u8, present: Option<&BooleanBuffer>) -> Vec<u8> {
        let mut row = 0;
        let level = |level: &u8| {
            if *level < self.row {
                return *level;
            }
            let has_value = present.is_none_or(|present| present.value(row));
            row += 1;
            if *level == depth && has_value { depth + 1 } else { *level }
        };
        definition.iter().map(level).collect()
    }
}

/// The levels of a column.
pub struct Levels<'a> {
    /// Where the places of each record begin.
    pub starts: Starts<'a>,
    /// The repetition levels and the greatest there may be, if the column is in a list.
    pub repetition: Option<(&'a [u8], u8)>,
    /// The definition levels and the greatest there may be, unless every place has a value.
    pub definition: Option<(Cow<'a, [u8]>, u8)>,
}

impl<'a> Levels<'a> {
    /// Those of a column that is in no list.
    pub fn flat(starts: Starts<'a>, is_nullable: bool, nulls: Option<&NullBuffer>) -> Self {
        let rows = starts.at(starts.records());
        let definition = is_nullable.then(|| {
            let levels = match nulls {
                Some(nulls) => nulls.iter().map(u8::from).collect(),
                None => vec![1; rows],
            };
            (Cow::Owned(levels), 1)
        });
        Self { starts, repetition: None, definition }
    }

    /// Those of a column at places in records, whose values are as deep as that.
    pub fn nested(places: &'a Places, definition: &'a [u8], depth: u8) -> Self {
        let max = places.repetition_max;
        Self {
            starts: Starts::List(&places.starts),
            repetition: (max > 0).then_some((&places.repetition, max)),
            definition: (depth > 0).then_some((Cow::Borrowed(definition), depth)),
        }
    }
}
