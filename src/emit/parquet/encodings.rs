//! How each column is encoded, as the first rows of a table suggest.
//!
//! A dictionary pays where values repeat. Where they don't, making one only costs time and space, so
//! keys, free text, days and measurements have encodings of their own. Only those are used that all
//! readers know. fastparquet knows neither `DELTA_BYTE_ARRAY` nor `DELTA_LENGTH_BYTE_ARRAY`, so texts are
//! plain: with zstd behind it, the embedded dataset grew by 0.3 %, and of 100,000 rows a column of
//! addresses by a fifth and one of random keys by less than half. One that only counts up was smaller
//! by 26 kB; no column gained enough to shut a reader out. (`BYTE_STREAM_SPLIT` made coordinates of four
//! decimals a fifth larger than plain doubles.)

use arrow_array::ArrayRef;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType,
};
use parquet::basic::Encoding;
use xxhash_rust::xxh3::xxh3_64;

use crate::lower::Rows;
use crate::model::{Kind, Level};

/// So many rows of a table are looked at.
pub const SAMPLE_ROWS: usize = 16_384;

/// Fewer values prove nothing.
const VALUES_MIN: usize = 256;

/// How the columns of a level are encoded, and those of the lists below it.
pub struct Encodings {
    /// For each column its encoding; none means a dictionary.
    pub columns: Vec<Option<Encoding>>,
    /// One a list.
    pub lists: Vec<Self>,
}

impl Encodings {
    /// What the first rows of a level suggest.
    pub fn suggested(level: &Level, sample: &Rows) -> Self {
        let columns = level.columns.iter().zip(&sample.columns);
        let lists = level.lists.iter().zip(&sample.lists);
        Self {
            columns: columns.map(|(column, array)| suggested(&column.kind, array)).collect(),
            lists: lists.map(|(level, list)| Self::suggested(level, &list.rows)).collect(),
        }
    }

    /// Those of the level that a path of lists leads to.
    pub fn below(&self, path: &[usize]) -> &Self {
        path.iter().fold(self, |above, list| &above.lists[*list])
    }
}

/// The encoding of the column by which rows are sorted: neighbours are much alike.
pub fn of_sorted(kind: &Kind) -> Option<Encoding> {
    match kind {
        Kind::Text | Kind::Iri | Kind::Edtf => Some(Encoding::PLAIN),
        Kind::Integer { .. } | Kind::Date | Kind::DateTime => Some(Encoding::DELTA_BINARY_PACKED),
        Kind::Boolean | Kind::Number | Kind::Code(_) => None,
    }
}

/// The encoding of points: they differ.
pub const OF_POINTS: Encoding = Encoding::PLAIN;

fn suggested(kind: &Kind, array: &ArrayRef) -> Option<Encoding> {
    match kind {
        Kind::Text | Kind::Iri | Kind::Edtf => text(array),
        Kind::Number => number(array),
        Kind::Integer { bits: 8 } => integer::<Int8Type>(array),
        Kind::Integer { bits: 16 } => integer::<Int16Type>(array),
        Kind::Integer { bits: 32 } => integer::<Int32Type>(array),
        Kind::Integer { .. } => integer::<Int64Type>(array),
        Kind::Date => integer::<Date32Type>(array),
        Kind::DateTime => integer::<TimestampMicrosecondType>(array),
        // Booleans are bits anyway.
        Kind::Boolean | Kind::Code(_) => None,
    }
}

fn text(array: &ArrayRef) -> Option<Encoding> {
    let values = array.as_string::<i32>().iter().flatten().take(SAMPLE_ROWS);
    differ(values.map(|value| xxh3_64(value.as_bytes())).collect()).then_some(Encoding::PLAIN)
}

fn number(array: &ArrayRef) -> Option<Encoding> {
    let numbers = array.as_primitive::<Float64Type>().iter().flatten();
    differ(numbers.map(f64::to_bits).take(SAMPLE_ROWS).collect()).then_some(Encoding::PLAIN)
}

/// Days and whole numbers: differences of neighbours, if they take fewer bits than a dictionary and
/// the positions in it. Few numbers (counts, positions in lists) come in patterns, which compression
/// finds behind a dictionary only.
fn integer<T: ArrowPrimitiveType<Native: Into<i64>>>(array: &ArrayRef) -> Option<Encoding> {
    let integers = array.as_primitive::<T>().iter().flatten();
    let values: Vec<i64> = integers.map(Into::into).take(SAMPLE_ROWS).collect();
    if values.len() < VALUES_MIN {
        return None;
    }
    let distinct = distinct(values.iter().map(|value| value.cast_unsigned()).collect());
    if distinct <= FEW_NUMBERS {
        return None;
    }
    // Parquet has no integers below 32 bits.
    let value_bits = 8 * size_of::<T::Native>().max(4);
    let dictionary = distinct * value_bits + values.len() * bits(distinct as u64 - 1);
    let steps: Vec<i64> = values.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
    let differences: usize = steps
        .chunks(STEPS)
        .map(|steps| {
            let (least, most) = (steps.iter().min(), steps.iter().max());
            let (least, most) = least.zip(most).expect("a chunk isn't empty");
            steps.len() * bits(most.abs_diff(*least))
        })
        .sum();
    (differences < dictionary).then_some(Encoding::DELTA_BINARY_PACKED)
}

/// Their positions in a dictionary take a byte each, at most.
const FEW_NUMBERS: usize = 256;

/// So many differences are written with as many bits each as the widest of them needs.
const STEPS: usize = 32;

fn bits(number: u64) -> usize {
    (u64::BITS - number.leading_zeros()) as usize
}

/// Whether most of the values differ from one another.
fn differ(values: Vec<u64>) -> bool {
    let count = values.len();
    count >= VALUES_MIN && distinct(values) * 2 > count
}

fn distinct(mut values: Vec<u64>) -> usize {
    values.sort_unstable();
    values.dedup();
    values.len()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Array, Date32Array, Float64Array, Int64Array, StringArray};

    use super::*;

    const ROWS: u64 = 2000;
    const INTEGER: Kind = Kind::Integer { bits: 64 };

    /// What is suggested for a column whose value in a row is what `value` makes of a number that
    /// differs from those of the rows around it.
    fn encoding<A, T>(kind: &Kind, value: fn(u64) -> T) -> Option<Encoding>
    where
        A: Array + From<Vec<T>> + 'static,
    {
        let scattered = |row: u64| row.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        let values: Vec<T> = (0..ROWS).map(|row| value(scattered(row))).collect();
        suggested(kind, &(Arc::new(A::from(values)) as ArrayRef))
    }

    #[test]
    fn texts_that_differ_are_plain() {
        let title =
            encoding::<StringArray, _>(&Kind::Text, |number| format!("{number} delegates met"));
        assert_eq!(title, Some(Encoding::PLAIN));
        let name =
            encoding::<StringArray, _>(&Kind::Text, |number| format!("place {}", number % 900));
        assert_eq!(name, None, "they repeat: a dictionary");
    }

    #[test]
    fn numbers_are_differences_where_a_dictionary_takes_more() {
        let differences = Some(Encoding::DELTA_BINARY_PACKED);
        let day = encoding::<Date32Array, _>(&Kind::Date, |number| (number % 9000) as i32);
        assert_eq!(day, differences);
        let amount =
            encoding::<Int64Array, _>(&INTEGER, |number| (number % 300 * 1_000_000_007) as i64);
        assert_eq!(amount, None, "few that are far apart: a dictionary");
        let count = encoding::<Int64Array, _>(&INTEGER, |number| (number % 12) as i64);
        assert_eq!(count, None, "few");
        let end = encoding::<Int64Array, _>(&INTEGER, |number| match number % 2 {
            0 => i64::MIN + number as i64,
            _ => i64::MAX - number as i64,
        });
        assert_eq!(end, differences, "between the ends of all integers");
    }

    #[test]
    fn measurements_that_differ_are_plain() {
        let degrees = encoding::<Float64Array, _>(&Kind::Number, |number| number as f64 / 1e7);
        assert_eq!(degrees, Some(Encoding::PLAIN));
        let share =
            encoding::<Float64Array, _>(&Kind::Number, |number| (number % 100) as f64 / 100.0);
        assert_eq!(share, None);
    }

    #[test]
    fn few_values_prove_nothing() {
        let few = Date32Array::from_iter_values((0..VALUES_MIN as i32 - 1).map(|day| day * 7));
        assert_eq!(suggested(&Kind::Date, &(Arc::new(few) as ArrayRef)), None);
    }
}
