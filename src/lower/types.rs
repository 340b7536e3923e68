//! The Arrow type of each kind of value: what lowering builds and every emitter relies on.

use arrow_schema::{DataType, TimeUnit};

use crate::decimal::Digits;
use crate::model::Kind;
use crate::model::kind::{Bits, Physical};

/// The Arrow type of a column of that kind.
#[must_use]
pub fn data_type(kind: &Kind) -> DataType {
    match kind.physical() {
        Physical::Boolean => DataType::Boolean,
        Physical::Integer(Bits::Eight) => DataType::Int8,
        Physical::Integer(Bits::Sixteen) => DataType::Int16,
        Physical::Integer(Bits::ThirtyTwo) => DataType::Int32,
        Physical::Integer(Bits::SixtyFour) => DataType::Int64,
        Physical::Double => DataType::Float64,
        Physical::Text => DataType::Utf8,
        Physical::Code(_) => {
            DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
        }
        Physical::Day => DataType::Date32,
        Physical::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Physical::LocalInstant => DataType::Timestamp(TimeUnit::Microsecond, None),
        Physical::TimeOfDay => DataType::Time64(TimeUnit::Microsecond),
        Physical::Decimal(Digits { precision, scale }) => {
            DataType::Decimal128(precision, scale.cast_signed())
        }
    }
}
