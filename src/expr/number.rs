//! Numbers: compared exactly, and decimals in arithmetic, so that `0.1 + 0.2 == 0.3` holds and no sum depends
//! on its order.

use std::cmp::Ordering;
use std::fmt;

/// A number of a record, or one that was worked out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A whole number.
    Integer(i64),
    /// A double that a record has, which is finite.
    Double(f64),
    /// Anything else.
    Decimal(Decimal),
}

/// A whole number, some of whose digits stand behind the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// All digits.
    pub coefficient: i128,
    /// How many of them stand behind the point.
    pub scale: u16,
}

/// A number has no more digits behind the point; the smallest double has fewer.
const SCALE_MAX: u16 = 400;

/// Ten to this power, if 128 bits hold it.
pub(super) fn power_of_ten(exponent: u16) -> Option<i128> {
    10i128.checked_pow(exponent.into())
}

/// The shortest text of a double, on the stack.
struct Digits {
    bytes: [u8; 32],
    length: usize,
}

impl fmt::Write for Digits {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

impl Decimal {
    const fn whole(coefficient: i128) -> Self {
        Self { coefficient, scale: 0 }
    }

    /// The number that the shortest digits mean which are read as the same double; none beyond 128 bits.
    fn of_double(double: f64) -> Option<Self> {
        if double.fract() == 0.0 && double.abs() < 9_007_199_254_740_992.0 {
            return Some(Self::whole(double as i128));
        }
        let mut digits = Digits { bytes: [0; 32], length: 0 };
        fmt::write(&mut digits, format_args!("{double:e}")).ok()?;
        Self::read(std::str::from_utf8(&digits.bytes[..digits.length]).ok()?)
    }

    /// The number that a text spells, as in `12.50` or `1.25e1`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (negative, mantissa) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (before, behind) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let behind = behind.trim_end_matches('0');
        if before.is_empty() && behind.is_empty() && !mantissa.contains('0') {
            return None;
        }
        let mut coefficient = 0i128;
        for digit in before.bytes().chain(behind.bytes()) {
            let digit = digit.is_ascii_digit().then(|| i128::from(digit - b'0'))?;
            coefficient = coefficient.checked_mul(10)?.checked_add(digit)?;
        }
        let scale = i32::try_from(behind.len()).ok()?.checked_sub(exponent)?;
        let coefficient = if negative { -coefficient } else { coefficient };
        match u16::try_from(scale) {
            _ if coefficient == 0 => Some(Self::whole(0)),
            Ok(scale) => (scale <= SCALE_MAX).then_some(Self { coefficient, scale }),
            Err(_) if scale < 0 => {
                let power = power_of_ten(u16::try_from(-scale).ok()?)?;
                Some(Self::whole(coefficient.checked_mul(power)?))
            }
            Err(_) => None,
        }
    }

    /// The coefficient with more digits behind the point.
    fn scaled(self, scale: u16) -> Option<i128> {
        if self.coefficient == 0 {
            return Some(0);
        }
        self.coefficient.checked_mul(power_of_ten(scale - self.scale)?)
    }

    fn add(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let coefficient = self.scaled(scale)?.checked_add(other.scaled(scale)?)?;
        Some(Self { coefficient, scale }.short())
    }

    fn multiply(self, other: Self) -> Option<Self> {
        let coefficient = self.coefficient.checked_mul(other.coefficient)?;
        Some(Self { coefficient, scale: self.scale.checked_add(other.scale)? }.short())
    }

    /// The same without zeros at the end.
    pub(super) fn short(mut self) -> Self {
        while self.scale > 0 && self.coefficient % 10 == 0 {
            self.coefficient /= 10;
            self.scale -= 1;
        }
        self
    }

    fn compare(self, other: Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        match (self.scaled(scale), other.scaled(scale)) {
            (Some(a), Some(b)) => a.cmp(&b),
            // Only one of them gets digits. What 128 bits don't hold is farther from 0 than what they do.
            (None, _) => self.coefficient.cmp(&0),
            (_, None) => 0.cmp(&other.coefficient),
        }
    }
}

impl Number {
    /// A whole number.
    pub(super) const ZERO: Self = Self::Integer(0);

    /// A whole number that 64 bits may not hold.
    #[must_use]
    pub fn whole(number: i128) -> Self {
        i64::try_from(number).map_or(Self::Decimal(Decimal::whole(number)), Self::Integer)
    }

    /// The decimal that it is; none beyond 128 bits.
    fn decimal(self) -> Option<Decimal> {
        match self {
            Self::Integer(number) => Some(Decimal::whole(number.into())),
            Self::Double(number) => Decimal::of_double(number),
            Self::Decimal(number) => Some(number),
        }
    }

    /// A decimal as what it is.
    pub(super) fn of(decimal: Decimal) -> Self {
        let whole = (decimal.scale == 0).then(|| i64::try_from(decimal.coefficient).ok()).flatten();
        whole.map_or(Self::Decimal(decimal), Self::Integer)
    }

    /// What an expression spells: a double if these are the digits of one, for it is mostly compared with
    /// doubles of records.
    pub(super) fn spelt(decimal: Decimal) -> Self {
        let number = Self::of(decimal.short());
        let double = || number.to_string().parse().ok().filter(|it: &f64| it.is_finite());
        match number {
            Self::Decimal(decimal) => match double() {
                Some(double) if Decimal::of_double(double) == Some(decimal) => Self::Double(double),
                _ => number,
            },
            Self::Integer(_) | Self::Double(_) => number,
        }
    }

    /// The sum; none beyond 128 bits.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        if let (Self::Integer(a), Self::Integer(b)) = (self, other) {
            return Some(Self::whole(i128::from(a) + i128::from(b)));
        }
        Some(Self::of(self.decimal()?.add(other.decimal()?)?))
    }

    /// The number with the other sign.
    #[must_use]
    pub fn negative(self) -> Option<Self> {
        Some(match self {
            Self::Integer(number) => Self::whole(-i128::from(number)),
            Self::Double(number) => Self::Double(-number),
            Self::Decimal(number) => Self::of(Decimal {
                coefficient: number.coefficient.checked_neg()?,
                scale: number.scale,
            }),
        })
    }

    /// The difference; none beyond 128 bits.
    #[must_use]
    pub fn minus(self, other: Self) -> Option<Self> {
        self.plus(other.negative()?)
    }

    /// The product; none beyond 128 bits.
    #[must_use]
    pub fn times(self, other: Self) -> Option<Self> {
        if let (Self::Integer(a), Self::Integer(b)) = (self, other) {
            return Some(Self::whole(i128::from(a) * i128::from(b)));
        }
        Some(Self::of(self.decimal()?.multiply(other.decimal()?)?))
    }

    /// Without its sign.
    #[must_use]
    pub fn distance(self) -> Option<Self> {
        if self.compare(Self::ZERO).is_lt() { self.negative() } else { Some(self) }
    }

    /// Which of two is larger. A double is compared with a whole number as what it is exactly, and with a
    /// decimal as what its shortest digits say.
    #[must_use]
    pub fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => a.cmp(&b),
            (Self::Double(a), Self::Double(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
            (Self::Integer(a), Self::Double(b)) => compare_exactly(a, b),
            (Self::Double(a), Self::Integer(b)) => compare_exactly(b, a).reverse(),
            (Self::Decimal(a), b) => compare_decimal(a, b),
            (a, Self::Decimal(b)) => compare_decimal(b, a).reverse(),
        }
    }

    /// What equal numbers have in common, however they are written.
    #[must_use]
    pub fn canonical(self) -> Option<Decimal> {
        self.decimal().map(Decimal::short)
    }
}

/// Which is larger, a whole number or a double.
fn compare_exactly(whole: i64, double: f64) -> Ordering {
    // 2^63, which is the first double above all of them.
    const ABOVE: f64 = 9_223_372_036_854_775_808.0;
    if double >= ABOVE {
        return Ordering::Less;
    }
    if double < -ABOVE {
        return Ordering::Greater;
    }
    let floor = double.floor();
    let behind = if floor < double { Ordering::Less } else { Ordering::Equal };
    whole.cmp(&(floor as i64)).then(behind)
}

fn compare_decimal(decimal: Decimal, other: Number) -> Ordering {
    match (other.decimal(), other) {
        (Some(other), _) => decimal.compare(other),
        (None, Number::Double(double)) => 0.0f64.partial_cmp(&double).unwrap_or(Ordering::Equal),
        (None, Number::Integer(_) | Number::Decimal(_)) => unreachable!("128 bits hold it"),
    }
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = match self {
            Self::Integer(number) => return write!(formatter, "{number}"),
            Self::Double(number) => return write!(formatter, "{number}"),
            Self::Decimal(number) => number.short(),
        };
        let digits = number.coefficient.unsigned_abs().to_string();
        let scale = usize::from(number.scale);
        let sign = if number.coefficient < 0 { "-" } else { "" };
        if scale == 0 {
            return write!(formatter, "{sign}{digits}");
        }
        let digits = format!("{digits:0>width$}", width = scale + 1);
        let (before, behind) = digits.split_at(digits.len() - scale);
        write!(formatter, "{sign}{before}.{behind}")
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use proptest::prelude::*;

    use super::{Decimal, Number};

    fn number(text: &str) -> Number {
        Number::of(Decimal::read(text).expect("a number"))
    }

    #[test]
    fn decimals_add_up() {
        let sum = Number::Double(0.1).plus(Number::Double(0.2)).expect("small");
        assert_eq!(sum.compare(Number::Double(0.3)), Ordering::Equal);
        assert_eq!(sum.to_string(), "0.3");
        assert_eq!(
            number("1.50").plus(number("-0.5")).map(|it| it.to_string()).as_deref(),
            Some("1")
        );
        assert_eq!(number("-0.05").to_string(), "-0.05");
        assert_eq!(number("1e3"), Number::Integer(1000));
        assert_eq!(
            Number::Integer(i64::MAX).plus(Number::Integer(1)).map(|it| it.to_string()).as_deref(),
            Some("9223372036854775808")
        );
        assert!(Number::Double(1e300).plus(Number::Integer(1)).is_none());
    }

    #[test]
    fn what_is_far_from_zero_is_compared_all_the_same() {
        assert_eq!(number("0.5").compare(Number::Double(1e300)), Ordering::Less);
        assert_eq!(number("0.5").compare(Number::Double(-1e300)), Ordering::Greater);
        assert_eq!(number("0.5").compare(Number::Double(1e-300)), Ordering::Greater);
        assert_eq!(
            Number::Integer(i64::MAX).compare(Number::Double(9.223_372_036_854_776e18)),
            Ordering::Less
        );
        assert_eq!(Number::Integer(-3).compare(Number::Double(-2.5)), Ordering::Less);
        assert_eq!(Number::Integer(-2).compare(Number::Double(-2.5)), Ordering::Greater);
    }

    proptest! {
        #[test]
        fn order_is_that_of_the_digits(a in -1_000_000i64..1_000_000, b in -1_000_000i64..1_000_000, x in 0u32..6, y in 0u32..6) {
            let text = |number: i64, places: u32| format!("{number}e-{places}");
            let scaled = |number: i64, places: u32| i128::from(number) * 10i128.pow(6 - places);
            let (one, other) = (number(&text(a, x)), number(&text(b, y)));
            prop_assert_eq!(one.compare(other), scaled(a, x).cmp(&scaled(b, y)));
            let (sum, product) = (one.plus(other).expect("small"), one.times(other).expect("small"));
            let whole = |number: i128, places: u32| number_of(number, places);
            prop_assert_eq!(sum.compare(whole(scaled(a, x) + scaled(b, y), 6)), Ordering::Equal);
            prop_assert_eq!(product.compare(whole(i128::from(a) * i128::from(b), x + y)), Ordering::Equal);
        }

        #[test]
        fn doubles_are_what_their_digits_say(double in any::<f64>().prop_filter("finite", |it| it.is_finite())) {
            if let Some(decimal) = Decimal::of_double(double) {
                prop_assert_eq!(Number::of(decimal).to_string().parse::<f64>(), Ok(double));
            }
        }
    }

    fn number_of(coefficient: i128, scale: u32) -> Number {
        Number::Decimal(Decimal { coefficient, scale: u16::try_from(scale).expect("small") })
    }
}
