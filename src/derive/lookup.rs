//! Values behind lists and references: the one follower of the ways that views take.
//!
//! Records that references name are looked up by their keys. Of their tables only the values are kept that
//! somebody takes, and the keys once a table.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, UInt32Array};
use arrow_select::take::take;

use super::Filling;
use super::parties::Test;
use crate::fault::Fault;
use crate::lower::{Rows, TableRows, Value, Values};
use crate::model::Level;
use crate::model::derived::{Step, Way};
use crate::period::day_of;
use crate::spill::key_hash;

/// Where a row, or a value, is: in a batch, and there.
pub type Spot = (u32, u32);

/// The records of a table by their keys.
pub struct Keys(HashMap<u128, Spot>);

impl Keys {
    /// The record that a reference names.
    pub fn spot(&self, reference: Value<'_>) -> Option<Spot> {
        self.0.get(&hash(reference)).copied()
    }
}

/// The hash of a key or of what names it: whole numbers by their digits.
fn hash(value: Value<'_>) -> u128 {
    match value {
        Value::Text(text) => key_hash(text),
        Value::Integer(number) => key_hash(&number.to_string()),
        Value::Date(day) => key_hash(&day_of(day).to_string()),
        other => unreachable!("{other:?} names no record"),
    }
}

/// The values that records have at the end of a way, by the key of the record.
pub struct Lookup {
    keys: Arc<Keys>,
    /// Of each batch where the values of its rows begin and end among `spots`.
    starts: Vec<Vec<u32>>,
    spots: Vec<Vec<Spot>>,
    /// Values and what is worked out from them, by the batch of a spot.
    arrays: Arc<Vec<Vec<ArrayRef>>>,
}

impl Lookup {
    fn spots(&self, reference: Value<'_>) -> &[Spot] {
        let Some((batch, row)) = self.keys.spot(reference) else { return &[] };
        let (batch, row) = (batch as usize, row as usize);
        let starts = &self.starts[batch];
        &self.spots[batch][starts[row] as usize..starts[row + 1] as usize]
    }
}

/// Makes lookups, each table's keys once.
pub struct Lookups<'a> {
    filling: &'a Filling<'a>,
    tables: &'a [TableRows],
    keys: HashMap<usize, Arc<Keys>>,
}

impl<'a> Lookups<'a> {
    /// None yet.
    pub fn new(filling: &'a Filling<'a>, tables: &'a [TableRows]) -> Self {
        Self { filling, tables, keys: HashMap::new() }
    }

    /// The records of a table, which one value each identifies.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn keys(&mut self, table: usize) -> Result<Arc<Keys>, Fault> {
        if let Some(known) = self.keys.get(&table) {
            return Ok(Arc::clone(known));
        }
        let (base, rows) = (&self.filling.model.tables[table], &self.tables[table]);
        let mut keys = HashMap::with_capacity(rows.len());
        for number in 0..rows.batch_count() {
            let batch = rows.batch(number, &base.level)?;
            let values = Values::new(&batch.columns[base.key.columns[0]]);
            for row in 0..batch.len {
                let key = values.get(row).expect("every record has a key");
                keys.insert(hash(key), (number as u32, row as u32));
            }
        }
        let keys = Arc::new(Keys(keys));
        self.keys.insert(table, Arc::clone(&keys));
        Ok(keys)
    }

    /// What is behind the first reference of a way; none if there is no reference.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn behind(&mut self, steps: &[Step], end: End) -> Result<Option<Lookup>, Fault> {
        let first = steps.iter().enumerate().find_map(|(index, step)| match step {
            Step::Record { table, .. } => Some((index, *table)),
            Step::Items { .. } => None,
        });
        let Some((index, table)) = first else { return Ok(None) };
        let rest = &steps[index + 1..];
        let further = self.behind(rest, end)?;
        let keys = self.keys(table)?;
        let (base, rows) = (&self.filling.model.tables[table], &self.tables[table]);
        let (mut starts, mut spots, mut arrays) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..rows.batch_count() {
            let batch = rows.batch(number, &base.level)?;
            let track = Track::new(&base.level, &batch, rest, end, further.as_ref());
            let (mut ends, mut found) = (vec![0], Vec::new());
            for row in 0..batch.len {
                track.spots(row, &mut found);
                ends.push(found.len() as u32);
            }
            if further.is_none() {
                let rows: UInt32Array = found.iter().map(|(_, row)| *row).collect();
                let own = end.columns(rows_of(&batch, rest)).iter();
                let kept = own.map(|column| {
                    take(column, &rows, None).expect("the rows are rows of the batch")
                });
                arrays.push(kept.collect());
                found = (0..found.len() as u32).map(|row| (number as u32, row)).collect();
            }
            starts.push(ends);
            spots.push(found);
        }
        let arrays = further.map_or_else(|| Arc::new(arrays), |further| further.arrays);
        Ok(Some(Lookup { keys, starts, spots, arrays }))
    }
}

/// The columns of values at the end of a way.
#[derive(Clone, Copy)]
pub struct End {
    column: usize,
    /// So many columns behind it that are worked out from it.
    parts: usize,
}

impl End {
    /// The end of a way, with so many columns behind it.
    pub fn of(way: &Way, parts: usize) -> Self {
        Self { column: way.column, parts }
    }

    fn columns(self, rows: &Rows) -> &[ArrayRef] {
        &rows.columns[self.column..=self.column + self.parts]
    }
}

/// The rows where the lists at the beginning of a way end.
fn rows_of<'a>(rows: &'a Rows, steps: &[Step]) -> &'a Rows {
    steps.iter().fold(rows, |rows, step| match step {
        Step::Items { list, .. } => &rows.lists[*list].rows,
        Step::Record { .. } => rows,
    })
}

/// A way through the rows of a batch.
pub struct Track<'a> {
    lists: Vec<(&'a [i32], Vec<Test<'a>>)>,
    references: Option<(Values<'a>, &'a Lookup)>,
    /// By the batch of a spot: values, and what is worked out from them.
    values: Vec<Vec<Values<'a>>>,
}

impl<'a> Track<'a> {
    /// The steps that begin at the rows of a level, with what is behind the first reference among them.
    pub fn new(
        mut level: &'a Level,
        mut rows: &'a Rows,
        steps: &'a [Step],
        end: End,
        behind: Option<&'a Lookup>,
    ) -> Self {
        let mut lists = Vec::new();
        let mut references = None;
        for step in steps {
            match step {
                Step::Items { list, conditions } => {
                    let below = &rows.lists[*list];
                    (level, rows) = (&level.lists[*list], &below.rows);
                    let tests = conditions.iter().map(|it| Test::new(level, rows, it));
                    lists.push((&below.offsets[..], tests.collect()));
                }
                Step::Record { column, .. } => {
                    let lookup = behind.expect("there is something behind a reference");
                    references = Some((Values::new(&rows.columns[*column]), lookup));
                    break;
                }
            }
        }
        fn values(columns: &[ArrayRef]) -> Vec<Values<'_>> {
            columns.iter().map(|column| Values::new(column)).collect()
        }
        let values = match &references {
            Some((_, lookup)) => lookup.arrays.iter().map(|columns| values(columns)).collect(),
            None => vec![values(end.columns(rows))],
        };
        Self { lists, references, values }
    }

    /// Adds where the values of a row are, in their order; those that are missing are left out.
    pub fn spots(&self, row: usize, into: &mut Vec<Spot>) {
        self.below(0, row, into);
    }

    fn below(&self, depth: usize, row: usize, into: &mut Vec<Spot>) {
        if let Some((offsets, tests)) = self.lists.get(depth) {
            for item in offsets[row] as usize..offsets[row + 1] as usize {
                if tests.iter().all(|test| test.holds(item)) {
                    self.below(depth + 1, item, into);
                }
            }
            return;
        }
        match &self.references {
            Some((references, lookup)) => {
                let named = references.get(row).map(|reference| lookup.spots(reference));
                into.extend_from_slice(named.unwrap_or_default());
            }
            None if self.values[0][0].is_missing(row) => {}
            None => into.push((0, row as u32)),
        }
    }

    /// The values at a spot: the value itself, and what is worked out from it.
    pub fn at(&self, spot: Spot) -> (&[Values<'a>], usize) {
        (&self.values[spot.0 as usize], spot.1 as usize)
    }
}
