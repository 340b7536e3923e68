//! An Arrow array as the values of a kind, without a type check for each cell.

use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time64MicrosecondType, TimestampMicrosecondType,
};
use arrow_array::{
    Array, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int8Array, Int16Array,
    Int32Array, Int64Array, StringArray, Time64MicrosecondArray, TimestampMicrosecondArray,
};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;

use crate::decimal::Digits;

/// The values of one array.
pub struct Values<'a> {
    nulls: Option<&'a NullBuffer>,
    typed: Typed<'a>,
}

/// The array by its type.
enum Typed<'a> {
    Boolean(&'a BooleanArray),
    Integer8(&'a Int8Array),
    Integer16(&'a Int16Array),
    Integer32(&'a Int32Array),
    Integer64(&'a Int64Array),
    Number(&'a Float64Array),
    Text(&'a StringArray),
    Code { keys: &'a Int32Array, codes: &'a StringArray },
    Date(&'a Date32Array),
    Instant(&'a TimestampMicrosecondArray),
    LocalInstant(&'a TimestampMicrosecondArray),
    TimeOfDay(&'a Time64MicrosecondArray),
    Decimal(Digits, &'a Decimal128Array),
}

/// One value that isn't missing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A double.
    Number(f64),
    /// Text, or a code.
    Text(&'a str),
    /// A day, from 1970-01-01.
    Date(i32),
    /// An instant, in microseconds from 1970-01-01T00:00:00Z.
    Instant(i64),
    /// A day and a time of a clock, in microseconds from 1970-01-01T00:00:00.
    LocalInstant(i64),
    /// A time of a clock, in microseconds from midnight.
    TimeOfDay(i64),
    /// A decimal number: of its digits so many stand behind the point.
    Decimal(Digits, i128),
}

impl<'a> Values<'a> {
    /// The values of an array that lowering made.
    pub fn new(array: &'a dyn Array) -> Self {
        let typed = match array.data_type() {
            DataType::Boolean => Typed::Boolean(array.as_boolean()),
            DataType::Int8 => Typed::Integer8(array.as_primitive::<Int8Type>()),
            DataType::Int16 => Typed::Integer16(array.as_primitive::<Int16Type>()),
            DataType::Int32 => Typed::Integer32(array.as_primitive::<Int32Type>()),
            DataType::Int64 => Typed::Integer64(array.as_primitive::<Int64Type>()),
            DataType::Float64 => Typed::Number(array.as_primitive::<Float64Type>()),
            DataType::Date32 => Typed::Date(array.as_primitive::<Date32Type>()),
            DataType::Timestamp(_, zone) => {
                let times = array.as_primitive::<TimestampMicrosecondType>();
                if zone.is_some() { Typed::Instant(times) } else { Typed::LocalInstant(times) }
            }
            DataType::Time64(_) => Typed::TimeOfDay(array.as_primitive::<Time64MicrosecondType>()),
            DataType::Decimal128(precision, scale) => {
                let digits = Digits { precision: *precision, scale: scale.cast_unsigned() };
                Typed::Decimal(digits, array.as_primitive::<Decimal128Type>())
            }
            DataType::Dictionary(..) => {
                let dictionary = array.as_dictionary::<Int32Type>();
                Typed::Code {
                    keys: dictionary.keys(),
                    codes: dictionary.values().as_string::<i32>(),
                }
            }
            DataType::Utf8 => Typed::Text(array.as_string::<i32>()),
            other => unreachable!("lowering makes no {other}"),
        };
        Self { nulls: array.nulls(), typed }
    }

    /// Whether the row has no value.
    #[inline]
    pub fn is_missing(&self, row: usize) -> bool {
        self.nulls.is_some_and(|nulls| nulls.is_null(row))
    }

    /// The value of a row; none where it is missing.
    #[inline]
    pub fn get(&self, row: usize) -> Option<Value<'a>> {
        if self.is_missing(row) {
            return None;
        }
        Some(match &self.typed {
            Typed::Boolean(array) => Value::Boolean(array.value(row)),
            Typed::Integer8(array) => Value::Integer(i64::from(array.value(row))),
            Typed::Integer16(array) => Value::Integer(i64::from(array.value(row))),
            Typed::Integer32(array) => Value::Integer(i64::from(array.value(row))),
            Typed::Integer64(array) => Value::Integer(array.value(row)),
            Typed::Number(array) => Value::Number(array.value(row)),
            Typed::Text(array) => Value::Text(array.value(row)),
            Typed::Code { keys, codes } => Value::Text(codes.value(keys.value(row) as usize)),
            Typed::Date(array) => Value::Date(array.value(row)),
            Typed::Instant(array) => Value::Instant(array.value(row)),
            Typed::LocalInstant(array) => Value::LocalInstant(array.value(row)),
            Typed::TimeOfDay(array) => Value::TimeOfDay(array.value(row)),
            Typed::Decimal(digits, array) => Value::Decimal(*digits, array.value(row)),
        })
    }

    /// The position of a row's code in its set; none where it is missing or the kind is no code.
    #[inline]
    pub fn code(&self, row: usize) -> Option<usize> {
        match &self.typed {
            Typed::Code { keys, .. } if !self.is_missing(row) => Some(keys.value(row) as usize),
            _ => None,
        }
    }
}
