//! The least and the greatest value of a page or of a column, as a file tells them.

use parquet::data_type::{ByteArray, FixedLenByteArray};
use parquet::file::statistics::{Statistics, ValueStatistics};

use super::decimals;

/// What a number is in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub enum Number {
    /// A whole number of 32 bits; Parquet has none of fewer.
    Short,
    /// A whole number of 64 bits.
    Long,
    /// A double, kept as a whole number that compares as doubles do.
    Double,
}

impl Number {
    /// A double as a whole number. The way back is the same.
    pub fn of_double(value: f64) -> i64 {
        Self::turned(value.to_bits().cast_signed())
    }

    /// The bits of negative doubles compare the other way round.
    fn turned(bits: i64) -> i64 {
        bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
    }

    /// How many bytes a number takes.
    pub fn bytes_each(self) -> usize {
        match self {
            Self::Short => 4,
            Self::Long | Self::Double => 8,
        }
    }

    /// Writes a number, plain.
    pub fn write(self, out: &mut Vec<u8>, number: i64) {
        match self {
            Self::Short => out.extend_from_slice(&(number as i32).to_le_bytes()),
            Self::Long => out.extend_from_slice(&number.to_le_bytes()),
            Self::Double => out.extend_from_slice(&Self::turned(number).to_le_bytes()),
        }
    }
}

/// The least or the greatest of some values.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub enum Bound {
    /// Of booleans.
    Boolean(bool),
    /// Of numbers.
    Number(i64, Number),
    /// Of texts, by their bytes.
    Text(Vec<u8>),
    /// Of numbers of so many bytes each.
    Fixed(i128, usize),
}

/// Longer texts are cut.
const TEXT_BYTES_MAX: usize = 64;

impl Bound {
    /// As the index of a file's pages tells the least value: perhaps cut.
    pub fn least_bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => cut(text).to_vec(),
            Self::Boolean(_) | Self::Number(..) | Self::Fixed(..) => self.bytes(),
        }
    }

    /// As the index of a file's pages tells the greatest value: perhaps a shorter text that is greater.
    pub fn most_bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => cut_above(text),
            Self::Boolean(_) | Self::Number(..) | Self::Fixed(..) => self.bytes(),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Boolean(value) => vec![u8::from(*value)],
            Self::Number(number, form) => {
                let mut bytes = Vec::with_capacity(form.bytes_each());
                form.write(&mut bytes, *number);
                bytes
            }
            Self::Text(text) => text.clone(),
            Self::Fixed(number, size) => {
                let mut bytes = Vec::with_capacity(*size);
                decimals::write(&mut bytes, *number, *size);
                bytes
            }
        }
    }

    fn double(number: i64) -> f64 {
        f64::from_bits(Number::turned(number).cast_unsigned())
    }
}

/// What is told of a column with these bounds and so many missing values.
pub fn of_column(bounds: &(Bound, Bound), missing: u64) -> Statistics {
    let missing = Some(missing);
    match bounds {
        (Bound::Boolean(least), Bound::Boolean(most)) => {
            ValueStatistics::new(Some(*least), Some(*most), None, missing, false)
                .with_backwards_compatible_min_max(true)
                .into()
        }
        (Bound::Number(least, Number::Short), Bound::Number(most, _)) => {
            let (least, most) = (*least as i32, *most as i32);
            ValueStatistics::new(Some(least), Some(most), None, missing, false)
                .with_backwards_compatible_min_max(true)
                .into()
        }
        (Bound::Number(least, Number::Long), Bound::Number(most, _)) => {
            ValueStatistics::new(Some(*least), Some(*most), None, missing, false)
                .with_backwards_compatible_min_max(true)
                .into()
        }
        (Bound::Number(least, Number::Double), Bound::Number(most, _)) => {
            let zero = |value: f64, zero: f64| if value == 0.0 { zero } else { value };
            // Zeros of both signs are equal, and the bounds include both.
            let least = zero(Bound::double(*least), -0.0);
            let most = zero(Bound::double(*most), 0.0);
            ValueStatistics::new(Some(least), Some(most), None, missing, false)
                .with_nan_count(Some(0))
                .with_backwards_compatible_min_max(true)
                .into()
        }
        (Bound::Text(least), Bound::Text(most)) => {
            let (low, high) = (cut(least), cut_above(most));
            let are_exact = (low.len() == least.len(), high == *most);
            let (low, high) = (ByteArray::from(low.to_vec()), ByteArray::from(high));
            ValueStatistics::new(Some(low), Some(high), None, missing, false)
                .with_min_is_exact(are_exact.0)
                .with_max_is_exact(are_exact.1)
                .into()
        }
        (Bound::Fixed(..), Bound::Fixed(..)) => {
            let value = |bound: &Bound| FixedLenByteArray::from(bound.bytes());
            let (least, most) = (value(&bounds.0), value(&bounds.1));
            ValueStatistics::new(Some(least), Some(most), None, missing, false)
                .with_backwards_compatible_min_max(true)
                .into()
        }
        _ => unreachable!("a column has values of one type"),
    }
}

/// The beginning of a text, in whole characters.
fn cut(text: &[u8]) -> &[u8] {
    if text.len() <= TEXT_BYTES_MAX {
        return text;
    }
    match str::from_utf8(text) {
        Ok(text) => &text.as_bytes()[..text.floor_char_boundary(TEXT_BYTES_MAX)],
        Err(_) => &text[..TEXT_BYTES_MAX],
    }
}

/// A short text that is greater than all that begin like a long one: the last character that has one
/// behind it gives way to that.
fn cut_above(text: &[u8]) -> Vec<u8> {
    if text.len() <= TEXT_BYTES_MAX {
        return text.to_vec();
    }
    let mut beginning = String::from_utf8_lossy(cut(text)).into_owned();
    while let Some(last) = beginning.pop() {
        let next = (u32::from(last) + 1..).map_while(|next| (next <= 0x0010_FFFF).then_some(next));
        if let Some(next) = next.filter_map(char::from_u32).next() {
            beginning.push(next);
            return beginning.into_bytes();
        }
    }
    text.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_compare_as_whole_numbers() {
        let doubles = [f64::MIN, -1.5, -1.0, -5e-324, -0.0, 0.0, 5e-324, 1.0, 1.5, f64::MAX];
        let numbers: Vec<i64> = doubles.map(Number::of_double).to_vec();
        assert!(numbers.is_sorted_by(|a, b| a < b));
        assert!(
            numbers
                .iter()
                .zip(doubles)
                .all(|(number, double)| { Bound::double(*number).to_bits() == double.to_bits() })
        );
    }

    #[test]
    fn long_texts_are_cut_at_characters() {
        let long = "ö".repeat(40);
        assert_eq!(cut(long.as_bytes()), "ö".repeat(32).as_bytes());
        let above = cut_above(long.as_bytes());
        assert_eq!(above, format!("{}÷", "ö".repeat(31)).as_bytes());
        assert!(above.as_slice() > long.as_bytes());
        let last = format!("a{}", "\u{10FFFF}".repeat(20));
        assert_eq!(cut_above(last.as_bytes()), b"b");
        let greatest = "\u{10FFFF}".repeat(20);
        assert_eq!(cut_above(greatest.as_bytes()), greatest.as_bytes());
        assert_eq!(cut_above("\u{D7FF}".repeat(30).as_bytes()).len(), 63, "no surrogate");
    }
}
