//! Sorts rows by their keys.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Int8Type, Int16Type, Int32Type, Int64Type,
};
use arrow_array::{Array, ArrayRef, DictionaryArray, Int32Array, StringArray};
use arrow_schema::DataType;
use arrow_select::concat::concat;
use arrow_select::interleave::interleave;

use super::rows::{ListRows, Rows};

/// Where a row is: (part, row of the part).
type At = (usize, usize);

/// Rows in the order of their keys, which are these columns.
pub(super) fn sort_run(rows: Rows, key: &[usize]) -> Rows {
    let keys = Keys::new(key.iter().map(|column| &rows.columns[*column]));
    let mut order: Vec<At> = (0..rows.len).map(|row| (0, row)).collect();
    let compare = |a: &At, b: &At| keys.compare(a.1, &keys, b.1);
    if order.is_sorted_by(|a, b| compare(a, b) != Ordering::Greater) {
        return rows;
    }
    order.sort_unstable_by(compare);
    gather(&[&rows], &order)
}

/// The keys of some rows.
pub(super) struct Keys<'a> {
    first: KeyColumn<'a>,
    /// Those of a composite key behind the first.
    rest: Vec<KeyColumn<'a>>,
}

/// One column of a key.
enum KeyColumn<'a> {
    Text(&'a StringArray),
    Integers(Vec<i64>),
    /// Codes, which sort as their texts do.
    Codes(&'a Int32Array, &'a StringArray),
}

impl<'a> Keys<'a> {
    /// # Panics
    /// If there is no column: every table has a key.
    pub fn new(columns: impl IntoIterator<Item = &'a ArrayRef>) -> Self {
        let mut columns = columns.into_iter().map(KeyColumn::new);
        let first = columns.next().expect("every table has a key");
        Self { first, rest: columns.collect() }
    }

    #[inline]
    pub fn compare(&self, row: usize, other: &Keys<'_>, other_row: usize) -> Ordering {
        let rest = || self.rest.iter().zip(&other.rest);
        self.first.compare(row, &other.first, other_row).then_with(|| {
            let orders = rest().map(|(own, other)| own.compare(row, other, other_row));
            orders.fold(Ordering::Equal, Ordering::then)
        })
    }
}

impl<'a> KeyColumn<'a> {
    fn new(column: &'a ArrayRef) -> Self {
        fn integers<T: ArrowPrimitiveType<Native: Into<i64>>>(column: &ArrayRef) -> Vec<i64> {
            column.as_primitive::<T>().values().iter().map(|value| (*value).into()).collect()
        }
        match column.data_type() {
            DataType::Int8 => Self::Integers(integers::<Int8Type>(column)),
            DataType::Int16 => Self::Integers(integers::<Int16Type>(column)),
            DataType::Int32 => Self::Integers(integers::<Int32Type>(column)),
            DataType::Int64 => Self::Integers(integers::<Int64Type>(column)),
            DataType::Date32 => Self::Integers(integers::<Date32Type>(column)),
            DataType::Dictionary(..) => {
                let codes = column.as_dictionary::<Int32Type>();
                Self::Codes(codes.keys(), codes.values().as_string())
            }
            _ => Self::Text(column.as_string()),
        }
    }

    #[inline]
    fn compare(&self, row: usize, other: &KeyColumn<'_>, other_row: usize) -> Ordering {
        match (self, other) {
            (Self::Text(a), KeyColumn::Text(b)) => a.value(row).cmp(b.value(other_row)),
            (Self::Integers(a), KeyColumn::Integers(b)) => a[row].cmp(&b[other_row]),
            (Self::Codes(keys, codes), KeyColumn::Codes(other_keys, other_codes)) => {
                let code = codes.value(keys.value(row) as usize);
                code.cmp(other_codes.value(other_keys.value(other_row) as usize))
            }
            _ => unreachable!("the batches of a table have keys of one kind"),
        }
    }
}

/// The rows at `order`, in that order.
pub(super) fn gather(parts: &[&Rows], order: &[At]) -> Rows {
    gather_runs(parts, &runs(order.iter().map(|&(part, row)| (part, row..row + 1))))
}

/// Rows that follow one another in one part.
type Run = (usize, Range<usize>);

/// Runs without those that are empty, and one instead of two where one follows the other.
fn runs(pieces: impl Iterator<Item = Run>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (part, rows) in pieces {
        match runs.last_mut() {
            Some((last, before)) if *last == part && before.end == rows.start => {
                before.end = rows.end;
            }
            _ if rows.is_empty() => {}
            _ => runs.push((part, rows)),
        }
    }
    runs
}

fn gather_runs(parts: &[&Rows], runs: &[Run]) -> Rows {
    let first = parts.first().expect("rows come from somewhere");
    let len = runs.iter().map(|(_, rows)| rows.len()).sum();
    // Rows that mostly come in the order of their keys are copied in runs, others one by one.
    let single: Option<Vec<At>> = (runs.len() * 8 > len).then(|| {
        runs.iter().flat_map(|(part, rows)| rows.clone().map(|row| (*part, row))).collect()
    });
    let columns = (0..first.columns.len()).map(|column| {
        let arrays: Vec<&dyn Array> =
            parts.iter().map(|part| part.columns[column].as_ref()).collect();
        gather_column(&arrays, runs, single.as_deref())
    });
    let lists = (0..first.lists.len()).map(|list| {
        let mut offsets = Vec::with_capacity(len + 1);
        offsets.push(0);
        let mut end = 0;
        let below = runs.iter().map(|(part, rows)| {
            let above = &parts[*part].lists[list].offsets[rows.start..=rows.end];
            offsets.extend(above[1..].iter().map(|offset| end + (offset - above[0])));
            let (first, last) = (above[0], above[rows.len()]);
            end = end.checked_add(last - first).expect("a batch has fewer than 2^31 items");
            (*part, first as usize..last as usize)
        });
        let below = self::runs(below);
        let rows: Vec<_> = parts.iter().map(|part| &part.lists[list].rows).collect();
        ListRows { offsets, rows: gather_runs(&rows, &below) }
    });
    Rows { len, columns: columns.collect(), lists: lists.collect() }
}

const ONE_TYPE: &str = "the batches of a table have columns of one type";

/// A column of the rows in runs, which are `single` ones if there are many.
fn gather_column(arrays: &[&dyn Array], runs: &[Run], single: Option<&[At]>) -> ArrayRef {
    // All batches share the dictionary of their codes. Arrow would merge the dictionaries, and
    // codes would no longer be positions in their list: so only the keys are gathered.
    if let Some(first) = arrays[0].as_dictionary_opt::<Int32Type>() {
        let keys: Vec<&dyn Array> = arrays
            .iter()
            .map(|array| array.as_dictionary::<Int32Type>().keys() as &dyn Array)
            .collect();
        let keys = gather_column(&keys, runs, single).as_primitive::<Int32Type>().clone();
        let codes = DictionaryArray::try_new(keys, Arc::clone(first.values()));
        return Arc::new(codes.expect("codes are positions in their dictionary"));
    }
    if runs.is_empty() {
        return arrays[0].slice(0, 0);
    }
    if let Some(order) = single {
        return interleave(arrays, order).expect(ONE_TYPE);
    }
    let slices: Vec<_> =
        runs.iter().map(|(part, rows)| arrays[*part].slice(rows.start, rows.len())).collect();
    let slices: Vec<_> = slices.iter().map(AsRef::as_ref).collect();
    concat(&slices).expect(ONE_TYPE)
}
