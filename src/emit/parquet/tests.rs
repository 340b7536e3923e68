//! Columns as pages, read back with the reader of the `parquet` crate.

use std::sync::Arc;

use arrow_array::builder::StringDictionaryBuilder;
use arrow_array::cast::AsArray as _;
use arrow_array::types::Int32Type;
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int8Array, Int32Array, Int64Array, RecordBatch,
    StringArray,
};
use arrow_schema::{DataType, Field, Schema};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Encoding;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use proptest::prelude::*;

use super::chunk::{Chunk, Compressor};
use super::encodings::Method;
use super::levels::{Levels, Places};
use super::values::{Starts, Values};
use super::{Form, zstd_level};
use crate::lower::{ListRows, Rows};

/// A file of one column.
fn file(field: Field, values: &Values, levels: &Levels<'_>) -> Bytes {
    let form = Form::new(Arc::new(Schema::new(vec![field])), &[], Vec::new());
    let mut compressor = Compressor::new(zstd_level()).expect("zstd");
    let column = form.described.column(0);
    let chunk = Chunk::new(&column, values, levels, &mut compressor).expect("a chunk");
    let writer = ArrowWriter::try_new(Vec::new(), form.schema, Some(form.properties));
    let (mut writer, _) = writer.expect("a writer").into_serialized_writer().expect("a writer");
    let mut row_group = writer.next_row_group().expect("a row group");
    chunk.append_to_row_group(&mut row_group).expect("appended");
    row_group.close().expect("closed");
    writer.into_inner().expect("a file").into()
}

fn read(file: &Bytes) -> ArrayRef {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file.clone()).expect("Parquet");
    let mut reader = builder.with_batch_size(1 << 20).build().expect("a reader");
    let batch: RecordBatch = reader.next().expect("a batch").expect("rows");
    assert!(reader.next().is_none());
    Arc::clone(batch.column(0))
}

fn metadata(file: &Bytes) -> ParquetMetaData {
    let mut reader = ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Required);
    reader.try_parse(file).expect("Parquet");
    reader.finish().expect("metadata")
}

/// The column of a flat table, written and read.
fn flat(array: &ArrayRef, method: Method) -> Bytes {
    let starts = Starts::Records(array.len());
    let values = Values::new(array, method, starts);
    let field = Field::new("it", array.data_type().clone(), true);
    file(field, &values, &Levels::flat(starts, true, array.nulls()))
}

/// The column of a list's items with so many in each record, written and read.
fn nested(array: &ArrayRef, method: Method, lengths: &[usize]) -> Bytes {
    let mut offsets = vec![0_i32];
    offsets.extend(lengths.iter().scan(0, |end, length| {
        *end += *length as i32;
        Some(*end)
    }));
    let starts: Vec<u32> = offsets.iter().map(|offset| offset.cast_unsigned()).collect();
    let rows = Rows { len: array.len(), columns: vec![Arc::clone(array)], lists: Vec::new() };
    let records = Places::of_records(lengths.len());
    let places = records.of_list(&ListRows { offsets, rows }, &records.definition, 0);
    let present = array.nulls().map(arrow_buffer::NullBuffer::inner);
    let definition = places.deeper(&places.definition, 1, present);
    let values = Values::new(array, method, Starts::List(&starts));
    let item = Field::new("element", array.data_type().clone(), true);
    let field = Field::new("it", DataType::List(Arc::new(item)), false);
    file(field, &values, &Levels::nested(&places, &definition, 2))
}

fn assert_reads_back(array: &ArrayRef, method: Method, lengths: &[usize]) {
    assert!(&read(&flat(array, method)) == array, "{method:?}");
    let lists = read(&nested(array, method, lengths));
    let lists = lists.as_list::<i32>();
    let read: Vec<usize> = (0..lists.len()).map(|row| lists.value(row).len()).collect();
    assert_eq!(read, lengths);
    assert!(lists.values() == array, "{method:?}");
}

const METHODS: [Method; 3] = [Method::Dictionary, Method::Plain, Method::Differences];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn columns_read_back(
        numbers in proptest::collection::vec(
            proptest::option::weighted(0.8, prop_oneof![any::<i64>(), 0..9_i64]), 1..200,
        ),
        cuts in proptest::collection::vec(0..5_usize, 0..60),
    ) {
        // The last record takes the items that are left.
        let mut left = numbers.len();
        let mut lengths: Vec<usize> = cuts
            .into_iter()
            .map(|cut| {
                let length = cut.min(left);
                left -= length;
                length
            })
            .collect();
        lengths.push(left);
        let map = |to: &dyn Fn(i64) -> String| -> Vec<Option<String>> {
            numbers.iter().map(|number| number.map(to)).collect()
        };
        let texts = map(&|number| format!("é{number}"));
        let mut codes = StringDictionaryBuilder::<Int32Type>::new();
        map(&|number| format!("code {}", number % 4)).into_iter().for_each(|code| {
            codes.append_option(code);
        });
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from(numbers.clone())),
            Arc::new(numbers.iter().map(|it| it.map(|it| it as i32)).collect::<Int32Array>()),
            Arc::new(numbers.iter().map(|it| it.map(|it| it as i8)).collect::<Int8Array>()),
            Arc::new(numbers.iter().map(|it| it.map(|it| it % 2 == 0)).collect::<BooleanArray>()),
            Arc::new(numbers.iter().map(|it| it.map(|it| it as f64 / 7.0)).collect::<Float64Array>()),
            Arc::new(StringArray::from(texts)),
        ];
        for array in &arrays {
            for method in METHODS {
                assert_reads_back(array, method, &lengths);
            }
        }
        let codes: ArrayRef = Arc::new(codes.finish());
        let file = flat(&codes, Method::Dictionary);
        let said = |array: &ArrayRef| {
            let codes = array.as_any_dictionary();
            let values = codes.values().as_string::<i32>();
            let keys = codes.keys().as_primitive::<Int32Type>();
            keys.iter().map(|key| Some(values.value(key? as usize).to_owned())).collect::<Vec<_>>()
        };
        prop_assert_eq!(said(&read(&file)), said(&codes));
    }
}

#[test]
fn large_columns_have_pages_that_end_with_records() {
    let text =
        |row: usize| (!row.is_multiple_of(9)).then(|| format!("a text that is no other, {row:08}"));
    let array: ArrayRef = Arc::new((0..119_997).map(text).collect::<StringArray>());
    let lengths: Vec<usize> = (0..40_000).map(|record| record % 3 * 3).collect();
    assert_reads_back(&array, Method::Plain, &lengths);
    for method in [Method::Plain, Method::Dictionary] {
        let file = flat(&array, method);
        let metadata = metadata(&file);
        let column = metadata.row_group(0).column(0);
        let encodings: Vec<Encoding> = column.encodings().collect();
        // A dictionary of a mebibyte is full; what comes behind is plain.
        assert_eq!(encodings.contains(&Encoding::RLE_DICTIONARY), method == Method::Dictionary);
        assert!(encodings.contains(&Encoding::PLAIN));
        let statistics = column.statistics().expect("statistics");
        assert_eq!(statistics.null_count_opt(), Some(13_333));
        assert_eq!(statistics.min_bytes_opt(), Some(&b"a text that is no other, 00000001"[..]));
        assert_eq!(statistics.max_bytes_opt(), Some(&b"a text that is no other, 00119996"[..]));
        let index = metadata.page_index_for_row_group(0);
        let pages = index.offset_index(0).expect("the page index").page_locations();
        assert!(pages.len() > 2, "{} pages", pages.len());
    }
}

#[test]
fn keys_of_records_are_said_for_each_row() {
    let keys: ArrayRef = Arc::new(StringArray::from(vec!["a", "b", "c", "d"]));
    let values = Values::of_parents(&keys, &[0, 2, 2, 12, 13]);
    let field = Field::new("it", DataType::Utf8, false);
    let levels = Levels::flat(Starts::List(&[0, 2, 2, 12, 13]), false, None);
    let read = read(&file(field, &values, &levels));
    let expected = [vec!["a"; 2], vec!["c"; 10], vec!["d"]].concat();
    assert_eq!(read.as_string::<i32>(), &StringArray::from(expected));
    let (least, most) = values.pages[0].bounds.clone().expect("bounds");
    assert_eq!((least.least_bytes(), most.most_bytes()), (b"a".to_vec(), b"d".to_vec()));

    let keys: ArrayRef = Arc::new(Int8Array::from(vec![1, 5]));
    let values = Values::of_parents(&keys, &[0, 0, 0]);
    assert!(values.dictionary.is_none() && values.pages[0].count == 0);
}
