//! Rows into the order of their keys, wherever they came from.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int8Type, Int16Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, DictionaryArray};
use arrow_schema::DataType;
use arrow_select::concat::concat;
use arrow_select::interleave::interleave;

use super::rows::{ListRows, Rows};

/// Where a row is: (part, row of the part).
type At = (usize, usize);

/// Rows in the order of their keys.
pub(super) fn sort_run(rows: Rows, key: usize) -> Rows {
    let keys = Keys::new(&rows.columns[key]);
    let mut order: Vec<At> = (0..rows.len).map(|row| (0, row)).collect();
    let compare = |a: &At, b: &At| keys.compare(a.1, &keys, b.1);
    if order.is_sorted_by(|a, b| compare(a, b) != Ordering::Greater) {
        return rows;
    }
    order.sort_unstable_by(compare);
    gather(&[&rows], &order)
}

/// The keys of some rows.
pub(super) enum Keys<'a> {
    Text(&'a arrow_array::StringArray),
    Integers(Vec<i64>),
}

impl<'a> Keys<'a> {
    pub fn new(column: &'a ArrayRef) -> Self {
        let integers = |values: &mut dyn Iterator<Item = i64>| Self::Integers(values.collect());
        match column.data_type() {
            DataType::Int8 => integers(
                &mut column.as_primitive::<Int8Type>().values().iter().map(|v| (*v).into()),
            ),
            DataType::Int16 => integers(
                &mut column.as_primitive::<Int16Type>().values().iter().map(|v| (*v).into()),
            ),
            DataType::Int32 => integers(
                &mut column.as_primitive::<Int32Type>().values().iter().map(|v| (*v).into()),
            ),
            DataType::Int64 => {
                integers(&mut column.as_primitive::<Int64Type>().values().iter().copied())
            }
            _ => Self::Text(column.as_string()),
        }
    }

    pub fn compare(&self, row: usize, other: &Keys<'_>, other_row: usize) -> Ordering {
        match (self, other) {
            (Self::Text(a), Keys::Text(b)) => a.value(row).cmp(b.value(other_row)),
            (Self::Integers(a), Keys::Integers(b)) => a[row].cmp(&b[other_row]),
            _ => unreachable!("the batches of a table have keys of one kind"),
        }
    }
}

/// The rows at `order`, in that order.
pub(super) fn gather(parts: &[&Rows], order: &[At]) -> Rows {
    let first = parts.first().expect("rows come from somewhere");
    let columns = (0..first.columns.len()).map(|column| {
        let arrays: Vec<&dyn Array> =
            parts.iter().map(|part| part.columns[column].as_ref()).collect();
        gather_column(&arrays, order)
    });
    let lists = (0..first.lists.len()).map(|list| {
        let mut offsets = Vec::with_capacity(order.len() + 1);
        offsets.push(0);
        let mut below = Vec::new();
        for &(part, row) in order {
            let list = &parts[part].lists[list];
            let children = list.offsets[row] as usize..list.offsets[row + 1] as usize;
            below.extend(children.map(|child| (part, child)));
            offsets.push(i32::try_from(below.len()).expect("a batch has fewer than 2^31 items"));
        }
        let rows: Vec<_> = parts.iter().map(|part| &part.lists[list].rows).collect();
        ListRows { offsets, rows: gather(&rows, &below) }
    });
    Rows { len: order.len(), columns: columns.collect(), lists: lists.collect() }
}

const ONE_TYPE: &str = "the batches of a table have columns of one type";

fn gather_column(arrays: &[&dyn Array], order: &[At]) -> ArrayRef {
    // All batches share the dictionary of their codes. Arrow would merge the dictionaries, and
    // codes would no longer be positions in their list: so only the keys are gathered.
    if let Some(first) = arrays[0].as_dictionary_opt::<Int32Type>() {
        let keys: Vec<&dyn Array> = arrays
            .iter()
            .map(|array| array.as_dictionary::<Int32Type>().keys() as &dyn Array)
            .collect();
        let keys = gather_column(&keys, order).as_primitive::<Int32Type>().clone();
        let codes = DictionaryArray::try_new(keys, Arc::clone(first.values()));
        return Arc::new(codes.expect("codes are positions in their dictionary"));
    }
    let runs = runs(order);
    // Rows that mostly come in the order of their keys are copied in runs.
    if runs.len() * 8 <= order.len() && !runs.is_empty() {
        let slices: Vec<_> =
            runs.iter().map(|(part, start, length)| arrays[*part].slice(*start, *length)).collect();
        let slices: Vec<_> = slices.iter().map(AsRef::as_ref).collect();
        return concat(&slices).expect(ONE_TYPE);
    }
    if order.is_empty() {
        return arrays[0].slice(0, 0);
    }
    interleave(arrays, order).expect(ONE_TYPE)
}

/// Rows that follow one another in one part: (part, first row, count).
fn runs(order: &[At]) -> Vec<(usize, usize, usize)> {
    let mut runs: Vec<(usize, usize, usize)> = Vec::new();
    for &(part, row) in order {
        match runs.last_mut() {
            Some((last, start, length)) if *last == part && *start + *length == row => *length += 1,
            _ => runs.push((part, row, 1)),
        }
    }
    runs
}
