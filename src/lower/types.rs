//! The Arrow type of each kind of value: what lowering builds and every emitter relies on.

use arrow_schema::{DataType, TimeUnit};

use crate::model::Kind;

/// The Arrow type of a column of that kind.
#[must_use]
pub fn data_type(kind: &Kind) -> DataType {
    match kind {
        Kind::Boolean => DataType::Boolean,
        Kind::Integer { bits: 8 } => DataType::Int8,
        Kind::Integer { bits: 16 } => DataType::Int16,
        Kind::Integer { bits: 32 } => DataType::Int32,
        Kind::Integer { bits: _ } => DataType::Int64,
        Kind::Number => DataType::Float64,
        Kind::Text | Kind::Iri | Kind::Edtf => DataType::Utf8,
        Kind::Code(_) => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        Kind::Date => DataType::Date32,
        Kind::DateTime => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
    }
}
