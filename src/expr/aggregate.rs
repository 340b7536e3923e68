//! Functions of rows, such as `sum(x)`: what expectations work out over a table or a group of its records.
//!
//! Each worker adds the rows that it meets to a [`Partial`] of its own. Brought together in any order, these
//! come to the same [`Aggregated`]: sums are exact, and a mean is one division at the end.

use xxhash_rust::xxh3::xxh3_64;

use super::evaluate::Evaluator;
use super::number::power_of_ten;
use super::program::{DateKind, Extreme, Operand};
use super::{Days, Decimal, Number, Span};
use crate::spill::packed::{self, Reader};

/// A function of rows.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// Which one.
    pub function: Function,
    /// What is worked out for each row; none for `count()`.
    pub argument: Option<Operand>,
    /// Its bytes in the expression.
    pub span: Span,
}

/// The functions of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// `count()`, `count(condition)`
    Count,
    /// `share(condition)`
    Share,
    /// `sum(x)`
    Sum,
    /// `mean(x)`
    Mean,
    /// `min(x)`, `max(x)`
    Extreme(Extreme),
    /// `distinct(x)`
    Distinct,
}

/// What came of a function for all rows of a group.
#[derive(Clone, Copy, Debug)]
pub struct Aggregated {
    /// What it comes to.
    pub result: Result,
    /// Rows with the value; of a condition, those that meet it.
    pub met: u64,
    /// Rows of which it is known whether they meet the condition, or that have the value.
    pub known: u64,
    /// Rows without the value, or of which nobody knows whether they meet the condition: they are passed
    /// over.
    pub unknown: u64,
}

/// What a function of rows comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Result {
    /// No row has the value.
    Missing,
    /// It can't be worked out exactly.
    TooLarge,
    /// A number.
    Number(Number),
    /// A date.
    Date(Days),
}

/// What came of a function for some rows of a group.
#[derive(Clone, Debug)]
pub struct Partial {
    met: u64,
    known: u64,
    unknown: u64,
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    /// What is counted is all.
    Counted,
    Sum(Sum),
    Number(Option<Number>),
    Date(Option<Days>),
}

/// An exact sum. What is positive and what is negative are added up apart, with as many digits behind the
/// point as any of them has: so whether it is too large doesn't depend on the order either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    positive: u128,
    negative: u128,
    scale: u16,
    is_too_large: bool,
}

impl Partial {
    /// That of no row.
    #[must_use]
    pub fn of(aggregate: &Aggregate) -> Self {
        let state = match (aggregate.function, &aggregate.argument) {
            (Function::Sum | Function::Mean, _) => State::Sum(Sum::default()),
            (Function::Extreme(_), Some(Operand::Date(_))) => State::Date(None),
            (Function::Extreme(_), _) => State::Number(None),
            (Function::Count | Function::Share | Function::Distinct, _) => State::Counted,
        };
        Self { met: 0, known: 0, unknown: 0, state }
    }

    /// Adds a row, the one of the evaluator. `text` is room for what is worked out. Returns the hash of the
    /// value where different ones are counted.
    pub fn add(
        &mut self,
        aggregate: &Aggregate,
        evaluator: &mut Evaluator<'_, '_>,
        text: &mut String,
    ) -> Option<u64> {
        let (mut met, mut hash) = (true, None);
        let known = match (&mut self.state, &aggregate.argument) {
            (_, None) => true,
            (State::Counted, Some(Operand::Condition(condition)))
                if aggregate.function != Function::Distinct =>
            {
                let holds = evaluator.condition(condition);
                met = holds == Some(true);
                holds.is_some()
            }
            (State::Counted, Some(value)) => {
                text.clear();
                let is_there = write_value(value, evaluator, text);
                hash = is_there.then(|| xxh3_64(text.as_bytes()));
                is_there
            }
            (State::Sum(sum), Some(Operand::Number(number))) => {
                let number = evaluator.number(number);
                number.inspect(|number| sum.absorb(Sum::of(*number))).is_some()
            }
            (State::Number(extreme), Some(Operand::Number(number))) => {
                let number = evaluator.number(number).map(settled);
                *extreme = farther(aggregate.function, *extreme, number);
                number.is_some()
            }
            (State::Date(extreme), Some(Operand::Date(date))) => {
                let days = evaluator.date(date);
                *extreme = outer(aggregate.function, *extreme, days);
                days.is_some()
            }
            (State::Sum(_) | State::Number(_) | State::Date(_), Some(_)) => false,
        };
        self.met += u64::from(known && met);
        self.known += u64::from(known);
        self.unknown += u64::from(!known);
        hash
    }

    /// Adds the rows of another one.
    pub fn absorb(&mut self, other: &Self, function: Function) {
        self.met += other.met;
        self.known += other.known;
        self.unknown += other.unknown;
        match (&mut self.state, &other.state) {
            (State::Sum(sum), State::Sum(other)) => sum.absorb(*other),
            (State::Number(number), State::Number(other)) => {
                *number = farther(function, *number, *other);
            }
            (State::Date(days), State::Date(other)) => *days = outer(function, *days, *other),
            _ => {}
        }
    }

    /// What all rows come to. `distinct` is how many different values there are.
    #[must_use]
    pub fn finish(&self, function: Function, distinct: u64) -> Aggregated {
        let &Self { met, known, unknown, ref state } = self;
        let result = match (function, state) {
            (Function::Count, _) => count(met),
            (Function::Distinct, _) => count(distinct),
            (Function::Share | Function::Mean, _) if known == 0 => Result::Missing,
            (Function::Share, _) => ratio(i128::from(met), u128::from(known)),
            // Nothing is known of rows that all lack the value; no rows add up to 0.
            (Function::Sum, _) if known == 0 && unknown > 0 => Result::Missing,
            (Function::Sum, State::Sum(sum)) => sum
                .total()
                .map_or(Result::TooLarge, |total| Result::Number(Number::of(total.short()))),
            (Function::Mean, State::Sum(sum)) => {
                let mean = sum.total().and_then(|Decimal { coefficient, scale }| {
                    let parts = u128::try_from(power_of_ten(scale)?).ok()?;
                    Some(ratio(coefficient, parts.checked_mul(u128::from(known))?))
                });
                mean.unwrap_or(Result::TooLarge)
            }
            (_, State::Number(number)) => number.map_or(Result::Missing, Result::Number),
            (_, State::Date(days)) => days.map_or(Result::Missing, Result::Date),
            (Function::Sum | Function::Mean | Function::Extreme(_), _) => Result::Missing,
        };
        Aggregated { result, met, known, unknown }
    }

    /// Appends it to bytes.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        for count in [self.met, self.known, self.unknown] {
            packed::large(count.into(), bytes);
        }
        match &self.state {
            State::Counted => {}
            State::Sum(sum) => {
                bytes.push(sum.is_too_large.into());
                for number in [sum.scale.into(), sum.positive, sum.negative] {
                    packed::large(number, bytes);
                }
            }
            State::Number(None) | State::Date(None) => bytes.push(0),
            State::Number(Some(number)) => match number.canonical() {
                Some(Decimal { coefficient, scale }) => {
                    bytes.push(1);
                    packed::large(((coefficient << 1) ^ (coefficient >> 127)) as u128, bytes);
                    packed::large(scale.into(), bytes);
                }
                None => {
                    let Number::Double(double) = number else {
                        unreachable!("128 bits hold what is no double")
                    };
                    bytes.push(2);
                    packed::large(double.to_bits().into(), bytes);
                }
            },
            State::Date(Some(days)) => {
                bytes.push(1);
                bytes.extend(days.first.to_le_bytes());
                bytes.extend(days.last.to_le_bytes());
            }
        }
    }

    /// Reads what [`Partial::write`] has written, and leaves what comes behind it.
    ///
    /// # Panics
    /// If it wasn't written so.
    #[must_use]
    pub fn read(aggregate: &Aggregate, bytes: &mut Reader<'_>) -> Self {
        let mut partial = Self::of(aggregate);
        let mut count = || u64::try_from(bytes.large()).expect("a count was written");
        (partial.met, partial.known, partial.unknown) = (count(), count(), count());
        let short = |number: u128| u16::try_from(number).expect("a scale was written");
        match &mut partial.state {
            State::Counted => {}
            State::Sum(sum) => {
                sum.is_too_large = bytes.byte() == 1;
                sum.scale = short(bytes.large());
                (sum.positive, sum.negative) = (bytes.large(), bytes.large());
            }
            State::Number(number) => {
                *number = match bytes.byte() {
                    0 => None,
                    1 => {
                        let folded = bytes.large();
                        let coefficient = (folded >> 1) as i128 ^ -((folded & 1) as i128);
                        let scale = short(bytes.large());
                        Some(Number::of(Decimal { coefficient, scale }))
                    }
                    _ => Some(Number::Double(f64::from_bits(bytes.large() as u64))),
                };
            }
            State::Date(days) => {
                *days = (bytes.byte() == 1).then(|| Days {
                    first: i32::from_le_bytes(bytes.array()),
                    last: i32::from_le_bytes(bytes.array()),
                });
            }
        }
        partial
    }
}

impl Sum {
    fn of(number: Number) -> Self {
        let Some(Decimal { coefficient, scale }) = number.canonical() else {
            return Self { is_too_large: true, ..Self::default() };
        };
        let amount = coefficient.unsigned_abs();
        let (positive, negative) = if coefficient < 0 { (0, amount) } else { (amount, 0) };
        Self { positive, negative, scale, is_too_large: false }
    }

    fn absorb(&mut self, other: Self) {
        let scale = self.scale.max(other.scale);
        let sum = (!self.is_too_large && !other.is_too_large).then(|| {
            let add = |a: u128, b: u128| {
                raised(a, scale - self.scale)?.checked_add(raised(b, scale - other.scale)?)
            };
            Some((add(self.positive, other.positive)?, add(self.negative, other.negative)?))
        });
        match sum.flatten() {
            Some((positive, negative)) => {
                *self = Self { positive, negative, scale, is_too_large: false };
            }
            None => *self = Self { is_too_large: true, ..Self::default() },
        }
    }

    fn total(self) -> Option<Decimal> {
        let (positive, negative) =
            (i128::try_from(self.positive).ok()?, i128::try_from(self.negative).ok()?);
        let total = Decimal { coefficient: positive - negative, scale: self.scale };
        (!self.is_too_large).then_some(total)
    }
}

/// A whole number with more zeros behind it.
fn raised(number: u128, zeros: u16) -> Option<u128> {
    if number == 0 || zeros == 0 {
        return Some(number);
    }
    number.checked_mul(u128::try_from(power_of_ten(zeros)?).ok()?)
}

fn count(count: u64) -> Result {
    Result::Number(Number::whole(count.into()))
}

/// A fraction: the whole number that it is, else the double that is nearest to it if both its parts, as far as
/// they have nothing in common, have no more than 53 bits.
fn ratio(above: i128, below: u128) -> Result {
    let (mut a, mut b) = (above.unsigned_abs(), below);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    let (numerator, denominator) = (above.unsigned_abs() / a, below / a);
    let sign = if above < 0 { -1 } else { 1 };
    if denominator == 1 {
        return match i128::try_from(numerator) {
            Ok(number) => Result::Number(Number::whole(sign * number)),
            Err(_) => Result::TooLarge,
        };
    }
    Result::Number(Number::Double(sign as f64 * (numerator as f64 / denominator as f64)))
}

/// A number as what equal ones have in common, so that it doesn't matter which of them came first.
fn settled(number: Number) -> Number {
    number.canonical().map_or(number, Number::of)
}

fn farther(function: Function, a: Option<Number>, b: Option<Number>) -> Option<Number> {
    let (Some(one), Some(other)) = (a, b) else { return a.or(b) };
    let other_is_less = other.compare(one).is_lt();
    let wants_least = function == Function::Extreme(Extreme::Least);
    Some(if other_is_less == wants_least { other } else { one })
}

fn outer(function: Function, a: Option<Days>, b: Option<Days>) -> Option<Days> {
    let (Some(a), Some(b)) = (a, b) else { return a.or(b) };
    let pick = match function {
        Function::Extreme(Extreme::Least) => i32::min,
        _ => i32::max,
    };
    Some(Days { first: pick(a.first, b.first), last: pick(a.last, b.last) })
}

/// Appends what a value of a row is, as text that equal values have in common; a date as it is written. False
/// if it is missing.
pub fn write_value(value: &Operand, evaluator: &mut Evaluator<'_, '_>, into: &mut String) -> bool {
    use std::fmt::Write as _;
    let written = match value {
        Operand::Number(number) => {
            evaluator.number(number).map(|it| write!(into, "{}", settled(it)))
        }
        Operand::Condition(condition) => {
            evaluator.condition(condition).map(|it| write!(into, "{it}"))
        }
        Operand::Text(text) => evaluator.text(text).map(|text| {
            into.push_str(text);
            Ok(())
        }),
        Operand::Date(date) => evaluator.date(date).map(|days| {
            let written = match &date.kind {
                DateKind::Value(path, _) => evaluator.find(path).and_then(|it| it.as_str()),
                _ => None,
            };
            match written {
                Some(text) => into.push_str(text),
                None => into.push_str(&days.to_string()),
            }
            Ok(())
        }),
    };
    written.is_some_and(|it: std::fmt::Result| it.is_ok())
}

#[cfg(test)]
mod tests;
