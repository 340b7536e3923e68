//! How each column is encoded, as the first rows of a table suggest.
//!
//! A dictionary pays where values repeat. Where they don't, making one only costs time and space, so
//! keys, free text, days and measurements have encodings of their own. Only those are used that all
//! readers know. fastparquet knows neither `DELTA_BYTE_ARRAY` nor `DELTA_LENGTH_BYTE_ARRAY`, so texts are
//! plain: behind zstd the prefixes that neighbours share have little left to save. Of the kinds of keys
//! that were tried, `docs/performance.md` says which, none gains more than 1.7 bytes a value, and those
//! that gain the most by share, because they count up, gain the least in bytes. (`BYTE_STREAM_SPLIT` made
//! coordinates of four decimals a fifth larger than plain doubles.)

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, Time64MicrosecondType, TimestampMicrosecondType,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use xxhash_rust::xxh3::xxh3_64;

use super::decimals::LONG_DIGITS_MAX;
use crate::lower::Rows;
use crate::model::Level;

/// So many rows of a table are looked at.
pub const SAMPLE_ROWS: usize = 16_384;

/// Fewer values prove nothing.
const VALUES_MIN: usize = 256;

/// How the values of a column are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// As positions in the distinct ones.
    Dictionary,
    /// One after the other.
    Plain,
    /// Numbers by the differences of neighbours.
    Differences,
}

/// How the columns of a level are encoded, and those of the lists below it.
pub struct Encodings {
    /// For each column its method.
    pub columns: Vec<Method>,
    /// One a list.
    pub lists: Vec<Self>,
}

impl Encodings {
    /// What the first rows of a level suggest.
    pub fn suggested(level: &Level, sample: &Rows) -> Self {
        let lists = level.lists.iter().zip(&sample.lists);
        Self {
            columns: sample.columns.iter().map(suggested).collect(),
            lists: lists.map(|(level, list)| Self::suggested(level, &list.rows)).collect(),
        }
    }

    /// What is suggested for a table whose rows are in the order of a column.
    pub fn of_table(level: &Level, key: usize, sample: &Rows) -> Self {
        let mut encodings = Self::suggested(level, sample);
        encodings.columns[key] = of_sorted(&sample.columns[key]);
        encodings
    }

    /// Those of the level that a path of lists leads to.
    pub fn below(&self, path: &[usize]) -> &Self {
        path.iter().fold(self, |above, list| &above.lists[*list])
    }
}

/// The encoding of the column by which rows are sorted: neighbours are much alike.
fn of_sorted(array: &ArrayRef) -> Method {
    match array.data_type() {
        DataType::Utf8 => Method::Plain,
        DataType::Boolean | DataType::Float64 | DataType::Dictionary(..) => Method::Dictionary,
        _ => Method::Differences,
    }
}

fn suggested(array: &ArrayRef) -> Method {
    match array.data_type() {
        DataType::Utf8 => {
            let values = array.as_string::<i32>().iter().flatten().take(SAMPLE_ROWS);
            plain_if_different(values.map(|value| xxh3_64(value.as_bytes())).collect())
        }
        DataType::Float64 => {
            let numbers = array.as_primitive::<Float64Type>().iter().flatten();
            plain_if_different(numbers.map(f64::to_bits).take(SAMPLE_ROWS).collect())
        }
        DataType::Int8 => integer::<Int8Type>(array),
        DataType::Int16 => integer::<Int16Type>(array),
        DataType::Int32 => integer::<Int32Type>(array),
        DataType::Int64 => integer::<Int64Type>(array),
        DataType::Date32 => integer::<Date32Type>(array),
        DataType::Timestamp(..) => integer::<TimestampMicrosecondType>(array),
        DataType::Time64(_) => integer::<Time64MicrosecondType>(array),
        DataType::Decimal128(..=LONG_DIGITS_MAX, _) => {
            let numbers = array.as_primitive::<Decimal128Type>().iter().flatten();
            of_integers(numbers.map(|number| number as i64).take(SAMPLE_ROWS).collect(), 8)
        }
        // So many digits seldom repeat.
        DataType::Decimal128(..) => Method::Plain,
        // Booleans are bits anyway, and codes have a dictionary.
        DataType::Boolean | DataType::Dictionary(..) => Method::Dictionary,
        other => unreachable!("lowering makes no {other}"),
    }
}

/// Days and whole numbers: differences of neighbours, if they take fewer bits than a dictionary and
/// the positions in it. Few numbers (counts, positions in lists) come in patterns, which compression
/// finds behind a dictionary only.
fn integer<T: ArrowPrimitiveType<Native: Into<i64>>>(array: &ArrayRef) -> Method {
    let integers = array.as_primitive::<T>().iter().flatten();
    of_integers(integers.map(Into::into).take(SAMPLE_ROWS).collect(), size_of::<T::Native>())
}

fn of_integers(values: Vec<i64>, bytes_each: usize) -> Method {
    if values.len() < VALUES_MIN {
        return Method::Dictionary;
    }
    let distinct = distinct(values.iter().map(|value| value.cast_unsigned()).collect());
    if distinct <= FEW_NUMBERS {
        return Method::Dictionary;
    }
    // Parquet has no integers below 32 bits.
    let value_bits = 8 * bytes_each.max(4);
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
    if differences < dictionary { Method::Differences } else { Method::Dictionary }
}

/// Their positions in a dictionary take a byte each, at most.
const FEW_NUMBERS: usize = 256;

/// So many differences are written with as many bits each as the widest of them needs.
const STEPS: usize = 32;

fn bits(number: u64) -> usize {
    super::bits::width(number).into()
}

/// No dictionary where most of the values differ from one another.
fn plain_if_different(values: Vec<u64>) -> Method {
    let count = values.len();
    match count >= VALUES_MIN && distinct(values) * 2 > count {
        true => Method::Plain,
        false => Method::Dictionary,
    }
}

fn distinct(mut values: Vec<u64>) -> usize {
    values.sort_unstable();
    values.dedup();
    values.len()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Date32Array, Float64Array, Int64Array, StringArray};

    use super::*;

    const ROWS: u64 = 2000;

    fn scattered(row: u64) -> u64 {
        row.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32
    }

    /// What is suggested for a column whose value in a row is what `value` makes of a number that
    /// differs from those of the rows around it.
    fn encoding<A, T>(value: fn(u64) -> T) -> Method
    where
        A: Array + From<Vec<T>> + 'static,
    {
        let values: Vec<T> = (0..ROWS).map(|row| value(scattered(row))).collect();
        suggested(&(Arc::new(A::from(values)) as ArrayRef))
    }

    #[test]
    fn texts_that_differ_are_plain() {
        let title = encoding::<StringArray, _>(|number| format!("{number} delegates met"));
        assert_eq!(title, Method::Plain);
        let name = encoding::<StringArray, _>(|number| format!("place {}", number % 900));
        assert_eq!(name, Method::Dictionary, "they repeat");
    }

    #[test]
    fn numbers_are_differences_where_a_dictionary_takes_more() {
        let day = encoding::<Date32Array, _>(|number| (number % 9000) as i32);
        assert_eq!(day, Method::Differences);
        let amount = encoding::<Int64Array, _>(|number| (number % 300 * 1_000_000_007) as i64);
        assert_eq!(amount, Method::Dictionary, "few that are far apart");
        let count = encoding::<Int64Array, _>(|number| (number % 12) as i64);
        assert_eq!(count, Method::Dictionary, "few");
        let end = encoding::<Int64Array, _>(|number| match number % 2 {
            0 => i64::MIN + number as i64,
            _ => i64::MAX - number as i64,
        });
        assert_eq!(end, Method::Differences, "between the ends of all integers");
    }

    #[test]
    fn measurements_that_differ_are_plain() {
        let degrees = encoding::<Float64Array, _>(|number| number as f64 / 1e7);
        assert_eq!(degrees, Method::Plain);
        let share = encoding::<Float64Array, _>(|number| (number % 100) as f64 / 100.0);
        assert_eq!(share, Method::Dictionary);
    }

    #[test]
    fn few_values_prove_nothing() {
        let few = Date32Array::from_iter_values((0..VALUES_MIN as i32 - 1).map(|day| day * 7));
        assert_eq!(suggested(&(Arc::new(few) as ArrayRef)), Method::Dictionary);
    }
}
