//! How each column is encoded, as the first rows of a table suggest.
//!
//! A dictionary pays where values repeat. Where they don't, making one only costs time, so keys,
//! free text and measurements have encodings of their own, which are in the Parquet format since
//! 2013. (`BYTE_STREAM_SPLIT` made coordinates of four decimals a fifth larger than plain doubles.)

use std::collections::HashSet;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, Schema};
use parquet::arrow::ArrowSchemaConverter;
use parquet::basic::Encoding;
use parquet::schema::types::ColumnPath;

/// So many rows of a table are looked at.
pub const SAMPLE_ROWS: usize = 16_384;

/// Fewer values prove nothing.
const VALUES_MIN: usize = 256;

/// The columns that aren't encoded by a dictionary, with their encodings. `sorting` are the
/// indices of the leaves by which the rows are sorted.
pub fn encodings(
    schema: &Schema,
    sorting: &[usize],
    sample: Option<&[ArrayRef]>,
) -> Vec<(ColumnPath, Encoding)> {
    let described = ArrowSchemaConverter::new()
        .convert(schema)
        .expect("what lowering makes has a form in Parquet");
    let mut leaves = Vec::new();
    for array in sample.unwrap_or_default() {
        gather(array, &mut leaves);
    }
    let chosen = described.columns().iter().zip(&leaves).enumerate();
    chosen
        .filter_map(|(leaf, (column, array))| {
            let encoding = match array.data_type() {
                // Neighbours in the order of keys begin alike.
                DataType::Utf8 if sorting.first() == Some(&leaf) => Encoding::DELTA_BYTE_ARRAY,
                DataType::Utf8 if differ(array.as_string::<i32>().iter()) => {
                    Encoding::DELTA_LENGTH_BYTE_ARRAY
                }
                DataType::Float64
                    if differ(
                        array
                            .as_primitive::<Float64Type>()
                            .iter()
                            .map(|number| number.map(f64::to_bits)),
                    ) =>
                {
                    Encoding::PLAIN
                }
                _ => return None,
            };
            Some((column.path().clone(), encoding))
        })
        .collect()
}

/// Whether most of the values differ from one another.
fn differ<T: Eq + std::hash::Hash>(values: impl Iterator<Item = Option<T>>) -> bool {
    let values: Vec<T> = values.flatten().take(SAMPLE_ROWS).collect();
    let count = values.len();
    count >= VALUES_MIN && values.into_iter().collect::<HashSet<_>>().len() * 2 > count
}

/// The arrays of the leaves, in the order of Parquet's columns.
fn gather(array: &ArrayRef, leaves: &mut Vec<ArrayRef>) {
    match array.data_type() {
        DataType::Struct(_) => {
            array.as_struct().columns().iter().for_each(|child| gather(child, leaves));
        }
        DataType::List(_) => gather(array.as_list::<i32>().values(), leaves),
        _ => leaves.push(ArrayRef::clone(array)),
    }
}
