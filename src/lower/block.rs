//! Rows as bytes and back: the form in which they wait in the spill file. It is read by the process
//! that wrote it and by nothing else.
//!
//! Each buffer begins at a multiple of eight bytes, so that arrays are made of the bytes as they
//! are. Codes are numbers; their dictionaries stay in the model.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, Time64MicrosecondType, TimestampMicrosecondType,
};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Decimal128Array, DictionaryArray, Int32Array, PrimitiveArray,
    StringArray,
};
use arrow_buffer::{
    ArrowNativeType, BooleanBuffer, Buffer, MutableBuffer, NullBuffer, OffsetBuffer, ScalarBuffer,
    ToByteSlice,
};

use super::rows::{ListRows, Rows};
use crate::fault::Fault;
use crate::model::kind::{Bits, Physical};
use crate::model::{Column, Level};

const ALIGNMENT: usize = 8;

const DECIMAL_ALIGNMENT: usize = 16;

/// Rows of a level as bytes.
pub(super) fn write(level: &Level, rows: &Rows) -> Vec<u8> {
    let mut out = Vec::with_capacity(rows.bytes() as usize);
    write_level(&mut out, level, rows);
    out
}

/// Rows of a level from `length` bytes, which `fill` supplies.
pub(super) fn read(
    level: &Level,
    length: usize,
    fill: impl FnOnce(&mut [u8]) -> Result<(), Fault>,
) -> Result<Rows, Fault> {
    let mut bytes = MutableBuffer::from_len_zeroed(length);
    fill(bytes.as_slice_mut())?;
    let mut reader = Reader { bytes: bytes.into(), at: 0 };
    Ok(reader.level(level))
}

fn write_level(out: &mut Vec<u8>, level: &Level, rows: &Rows) {
    number(out, rows.len);
    for (column, array) in level.columns.iter().zip(&rows.columns) {
        write_column(out, column, array);
    }
    for (level, list) in level.lists.iter().zip(&rows.lists) {
        buffer(out, list.offsets.to_byte_slice());
        write_level(out, level, &list.rows);
    }
}

fn number(out: &mut Vec<u8>, number: usize) {
    out.extend_from_slice(&(number as u64).to_le_bytes());
}

fn buffer(out: &mut Vec<u8>, bytes: &[u8]) {
    number(out, bytes.len());
    out.extend_from_slice(bytes);
    out.resize(out.len().next_multiple_of(ALIGNMENT), 0);
}

fn bits(out: &mut Vec<u8>, bits: &BooleanBuffer) {
    // What was cut out of another array may begin within a byte.
    buffer(out, &bits.sliced());
}

fn write_column(out: &mut Vec<u8>, column: &Column, array: &ArrayRef) {
    match array.nulls() {
        Some(nulls) => bits(out, nulls.inner()),
        None => buffer(out, &[]),
    }
    match column.kind.physical() {
        Physical::Boolean => bits(out, array.as_boolean().values()),
        Physical::Integer(Bits::Eight) => values::<Int8Type>(out, array),
        Physical::Integer(Bits::Sixteen) => values::<Int16Type>(out, array),
        Physical::Integer(Bits::ThirtyTwo) => values::<Int32Type>(out, array),
        Physical::Integer(Bits::SixtyFour) => values::<Int64Type>(out, array),
        Physical::Double => values::<Float64Type>(out, array),
        Physical::Day => values::<Date32Type>(out, array),
        Physical::Instant | Physical::LocalInstant => {
            values::<TimestampMicrosecondType>(out, array)
        }
        Physical::TimeOfDay => values::<Time64MicrosecondType>(out, array),
        Physical::Decimal(_) => {
            // Numbers of 16 bytes begin at a multiple of them: behind their length.
            if !(out.len() + ALIGNMENT).is_multiple_of(DECIMAL_ALIGNMENT) {
                buffer(out, &[]);
            }
            values::<Decimal128Type>(out, array);
        }
        Physical::Code(_) => {
            let keys = array.as_dictionary::<Int32Type>().keys();
            buffer(out, keys.values().to_byte_slice());
        }
        Physical::Text => {
            let texts = array.as_string::<i32>();
            let offsets = texts.offsets();
            let start = offsets[0];
            let rebased: Vec<i32> = offsets.iter().map(|offset| offset - start).collect();
            buffer(out, rebased.to_byte_slice());
            let end = offsets[offsets.len() - 1];
            buffer(out, &texts.value_data()[start as usize..end as usize]);
        }
    }
}

fn values<T: ArrowPrimitiveType>(out: &mut Vec<u8>, array: &ArrayRef) {
    buffer(out, array.as_primitive::<T>().values().to_byte_slice());
}

struct Reader {
    bytes: Buffer,
    at: usize,
}

impl Reader {
    fn number(&mut self) -> usize {
        let end = self.at + 8;
        let bytes = self.bytes[self.at..end].try_into().expect("eight bytes");
        self.at = end;
        u64::from_le_bytes(bytes) as usize
    }

    fn buffer(&mut self) -> Buffer {
        let length = self.number();
        let buffer = self.bytes.slice_with_length(self.at, length);
        self.at = (self.at + length).next_multiple_of(ALIGNMENT);
        buffer
    }

    fn scalars<T: ArrowNativeType>(&mut self) -> ScalarBuffer<T> {
        ScalarBuffer::from(self.buffer())
    }

    fn level(&mut self, level: &Level) -> Rows {
        let len = self.number();
        let columns = level.columns.iter().map(|column| self.column(column, len)).collect();
        let lists = level
            .lists
            .iter()
            .map(|level| {
                let offsets = self.scalars::<i32>().to_vec();
                ListRows { offsets, rows: self.level(level) }
            })
            .collect();
        Rows { len, columns, lists }
    }

    fn column(&mut self, column: &Column, len: usize) -> ArrayRef {
        let nulls = self.buffer();
        let nulls = (!nulls.is_empty()).then(|| NullBuffer::new(BooleanBuffer::new(nulls, 0, len)));
        match column.kind.physical() {
            Physical::Boolean => {
                Arc::new(BooleanArray::new(BooleanBuffer::new(self.buffer(), 0, len), nulls))
            }
            Physical::Integer(Bits::Eight) => self.values::<Int8Type>(nulls),
            Physical::Integer(Bits::Sixteen) => self.values::<Int16Type>(nulls),
            Physical::Integer(Bits::ThirtyTwo) => self.values::<Int32Type>(nulls),
            Physical::Integer(Bits::SixtyFour) => self.values::<Int64Type>(nulls),
            Physical::Double => self.values::<Float64Type>(nulls),
            Physical::Day => self.values::<Date32Type>(nulls),
            Physical::Instant => {
                let values = self.scalars();
                let array = PrimitiveArray::<TimestampMicrosecondType>::new(values, nulls);
                Arc::new(array.with_timezone("UTC"))
            }
            Physical::LocalInstant => self.values::<TimestampMicrosecondType>(nulls),
            Physical::TimeOfDay => self.values::<Time64MicrosecondType>(nulls),
            Physical::Decimal(digits) => {
                if !(self.at + ALIGNMENT).is_multiple_of(DECIMAL_ALIGNMENT) {
                    self.buffer();
                }
                let array = Decimal128Array::new(self.scalars(), nulls);
                let array =
                    array.with_precision_and_scale(digits.precision, digits.scale.cast_signed());
                Arc::new(array.expect("a scale is within the precision"))
            }
            Physical::Code(codes) => {
                let keys = Int32Array::new(self.scalars(), nulls);
                let codes = DictionaryArray::try_new(keys, Arc::clone(&codes.dictionary));
                Arc::new(codes.expect("codes are positions in their dictionary"))
            }
            Physical::Text => {
                let offsets = OffsetBuffer::new(self.scalars());
                Arc::new(StringArray::new(offsets, self.buffer(), nulls))
            }
        }
    }

    fn values<T: ArrowPrimitiveType>(&mut self, nulls: Option<NullBuffer>) -> ArrayRef {
        Arc::new(PrimitiveArray::<T>::new(self.scalars(), nulls))
    }
}
