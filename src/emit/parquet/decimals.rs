//! Decimal numbers in a file: integers whose type says how many of their digits stand behind the point.

/// Numbers of so many digits are integers of 32 bits.
pub const SHORT_DIGITS_MAX: u8 = 9;

/// Numbers of so many digits are integers of 64 bits.
pub const LONG_DIGITS_MAX: u8 = 18;

/// How many bytes a number of more digits takes: as few as hold all of them, and the sign.
pub fn bytes_each(precision: u8) -> usize {
    let most = 10i128.pow(precision.into()) - 1;
    let bits = i128::BITS - most.leading_zeros() + 1;
    bits.div_ceil(8) as usize
}

/// Writes a number in so many bytes, the high ones first.
pub fn write(out: &mut Vec<u8>, number: i128, size: usize) {
    let bytes = number.to_be_bytes();
    out.extend_from_slice(&bytes[bytes.len() - size..]);
}

#[cfg(test)]
mod tests {
    use arrow_schema::{DataType, Field, Schema};
    use parquet::arrow::ArrowSchemaConverter;
    use parquet::basic::Type;

    use super::{LONG_DIGITS_MAX, SHORT_DIGITS_MAX, bytes_each};
    use crate::decimal::DIGITS_MAX;

    #[test]
    fn sizes_are_those_that_the_schema_says() {
        for precision in 1..=DIGITS_MAX {
            let field = Field::new("amount", DataType::Decimal128(precision, 0), true);
            let schema = ArrowSchemaConverter::new().convert(&Schema::new(vec![field]));
            let schema = schema.expect("decimal numbers have a form in Parquet");
            let column = schema.column(0);
            match column.physical_type() {
                Type::INT32 => assert!(precision <= SHORT_DIGITS_MAX),
                Type::INT64 => {
                    assert!(precision > SHORT_DIGITS_MAX && precision <= LONG_DIGITS_MAX)
                }
                Type::FIXED_LEN_BYTE_ARRAY => {
                    assert!(precision > LONG_DIGITS_MAX);
                    assert_eq!(column.type_length(), bytes_each(precision) as i32, "{precision}");
                }
                other => panic!("{precision} digits are {other}"),
            }
        }
    }
}
