//! Parquet files read with the `parquet` crate: the types as a sketch, the values as CSV spells them.

use std::io::Write as _;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time64MicrosecondType, TimestampMicrosecondType,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Field, TimeUnit};
use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::{Files, Row};

/// A file's columns as (name, sketch of the type), and its batches.
pub struct Table {
    pub columns: Vec<(String, String)>,
    pub batches: Vec<RecordBatch>,
}

/// Reads a Parquet file.
pub fn read(files: &Files, path: &str) -> Table {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(files.get(path).unwrap_or_else(|| panic!("{path}"))).expect("written");
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet");
    let columns = builder
        .schema()
        .fields()
        .iter()
        .map(|field| (field.name().clone(), sketch(field.data_type())))
        .collect();
    let batches = builder.build().expect("a reader").map(|batch| batch.expect("a batch")).collect();
    Table { columns, batches }
}

impl Table {
    /// The sketch of a column's type.
    pub fn sketch(&self, name: &str) -> Option<&str> {
        self.columns.iter().find(|(column, _)| column == name).map(|(_, sketch)| sketch.as_str())
    }

    /// All rows of a flat table, missing values left out.
    pub fn rows(&self) -> Vec<Row> {
        let row = |batch: &RecordBatch, row: usize| {
            let columns = self.columns.iter().zip(batch.columns());
            let cells = columns.filter_map(|((name, _), array)| Some((name, cell(array, row)?)));
            cells.map(|(name, cell)| (name.clone(), cell)).collect()
        };
        self.batches
            .iter()
            .flat_map(|batch| (0..batch.num_rows()).map(move |index| row(batch, index)))
            .collect()
    }
}

/// A type in short: `int8`, `list<struct<name: text>>`.
pub fn sketch(data_type: &DataType) -> String {
    let field = |field: &Field| format!("{}: {}", field.name(), sketch(field.data_type()));
    match data_type {
        DataType::Boolean => "bool".to_owned(),
        DataType::Int8 => "int8".to_owned(),
        DataType::Int16 => "int16".to_owned(),
        DataType::Int32 => "int32".to_owned(),
        DataType::Int64 => "int64".to_owned(),
        DataType::Float64 => "double".to_owned(),
        DataType::Utf8 => "text".to_owned(),
        DataType::Dictionary(_, values) => format!("dictionary<{}>", sketch(values)),
        DataType::Date32 => "date".to_owned(),
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) if zone.as_ref() == "UTC" => {
            "instant".to_owned()
        }
        DataType::Timestamp(TimeUnit::Microsecond, None) => "local".to_owned(),
        DataType::Time64(TimeUnit::Microsecond) => "time".to_owned(),
        DataType::Decimal128(precision, scale) => format!("decimal({precision}, {scale})"),
        DataType::List(item) => format!("list<{}>", sketch(item.data_type())),
        DataType::Struct(fields) => {
            let fields: Vec<_> = fields.iter().map(|inner| field(inner)).collect();
            format!("struct<{}>", fields.join(", "))
        }
        other => other.to_string(),
    }
}

/// A value as CSV spells it, from chrono and the standard library instead of our own writers.
fn cell(array: &dyn Array, row: usize) -> Option<String> {
    if array.is_null(row) {
        return None;
    }
    Some(match array.data_type() {
        DataType::Boolean => array.as_boolean().value(row).to_string(),
        DataType::Int8 => array.as_primitive::<Int8Type>().value(row).to_string(),
        DataType::Int16 => array.as_primitive::<Int16Type>().value(row).to_string(),
        DataType::Int32 => array.as_primitive::<Int32Type>().value(row).to_string(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Float64 => {
            serde_json::Value::from(array.as_primitive::<Float64Type>().value(row)).to_string()
        }
        DataType::Utf8 => array.as_string::<i32>().value(row).to_owned(),
        DataType::Dictionary(_, _) => {
            let codes = array.as_dictionary::<Int32Type>();
            let key = codes.keys().value(row) as usize;
            codes.values().as_string::<i32>().value(key).to_owned()
        }
        DataType::Date32 => {
            let days = i64::from(array.as_primitive::<Date32Type>().value(row));
            let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).expect("a day");
            (epoch + TimeDelta::days(days)).to_string()
        }
        DataType::Timestamp(_, None) => {
            let micros = array.as_primitive::<TimestampMicrosecondType>().value(row);
            let time = DateTime::from_timestamp_micros(micros).expect("a year of four digits");
            time.naive_utc().format("%Y-%m-%dT%H:%M:%S%.f").to_string()
        }
        DataType::Time64(_) => {
            let micros = array.as_primitive::<Time64MicrosecondType>().value(row);
            let time = DateTime::from_timestamp_micros(micros).expect("a time of the first day");
            time.naive_utc().format("%H:%M:%S%.f").to_string()
        }
        DataType::Decimal128(_, _) => array.as_primitive::<Decimal128Type>().value_as_string(row),
        DataType::Timestamp(_, _) => {
            let micros = array.as_primitive::<TimestampMicrosecondType>().value(row);
            let instant = DateTime::from_timestamp_micros(micros).expect("a year of four digits");
            instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
        }
        other => panic!("no cell holds {other}"),
    })
}
