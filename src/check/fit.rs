//! Whether a value is one that the column of its field holds.
//!
//! A kind comes from what a schema says of every value, so a valid record's values fit. This is where
//! lowering knows it from: whatever slipped through is a finding about the record.

use chrono::DateTime;

use crate::clock;
use crate::decimal::{self, Digits};
use crate::edtf::parts::YEARS;
use crate::edtf::{Edtf, plain_day};
use crate::model::Kind;
use crate::plan::date_of;
use crate::tape::{Tag, Value};

/// How a value stands to a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// The column holds it.
    Fits,
    /// It is an integer that no column of integers holds.
    TooLarge,
    /// It is no code of the set.
    NoCode,
    /// It is an integer, and no year that the calendar of other software has.
    NoYear,
    /// It is a decimal number of more digits than the column holds.
    Digits(decimal::Misfit),
    /// It is something else.
    Misfit,
}

/// Whether a column of a kind holds the value. `dates` are those of the record that were read before.
#[inline]
pub(super) fn fit(kind: &Kind, value: Value<'_>, dates: &[(u32, Edtf)]) -> Fit {
    let fits = |fits: bool| if fits { Fit::Fits } else { Fit::Misfit };
    match kind {
        Kind::Boolean => fits(value.tag() == Tag::Boolean),
        Kind::Integer { bits } => integer(*bits, value),
        Kind::IntegerCode { codes, .. } => match value.as_i64() {
            Some(number) if codes.has_number(number) => Fit::Fits,
            Some(_) => Fit::NoCode,
            None => integer(64, value),
        },
        Kind::Number => fits(matches!(value.tag(), Tag::Integer | Tag::Unsigned | Tag::Float)),
        Kind::Text | Kind::Iri => fits(value.tag() == Tag::Text),
        Kind::Code(codes) => match value.as_str() {
            Some(text) if codes.position(text).is_some() => Fit::Fits,
            Some(_) => Fit::NoCode,
            None => Fit::Misfit,
        },
        Kind::Date => fits(value.as_str().and_then(plain_day).is_some()),
        Kind::DateTime => {
            let text = value.as_str();
            fits(text.is_some_and(|text| DateTime::parse_from_rfc3339(text).is_ok()))
        }
        Kind::LocalDateTime => fits(value.as_str().and_then(clock::local_time).is_some()),
        Kind::LocalTime => fits(value.as_str().and_then(clock::time_of_day).is_some()),
        Kind::Edtf => fits(date_of(dates, value).is_some()),
        Kind::Year { .. } => match value.as_i64() {
            Some(year) if YEARS.contains(&year) => Fit::Fits,
            Some(_) => Fit::NoYear,
            None if matches!(value.tag(), Tag::Unsigned) => Fit::NoYear,
            None => Fit::Misfit,
        },
        Kind::Decimal { digits, .. } if kind.has_values_of(value.tag()) => decimal(*digits, value),
        Kind::Decimal { .. } => Fit::Misfit,
    }
}

fn decimal(digits: Digits, value: Value<'_>) -> Fit {
    match digits.of(value) {
        Ok(_) => Fit::Fits,
        Err(decimal::Misfit::NoDecimal) => Fit::Misfit,
        Err(misfit) => Fit::Digits(misfit),
    }
}

fn integer(bits: u8, value: Value<'_>) -> Fit {
    match value.as_i64() {
        Some(integer) => {
            let unused = 64 - u32::from(bits);
            if integer << unused >> unused == integer { Fit::Fits } else { Fit::Misfit }
        }
        None if !matches!(value.tag(), Tag::Unsigned | Tag::Float) => Fit::Misfit,
        None if value.as_f64().is_some_and(|number| number.fract() == 0.0) => Fit::TooLarge,
        None => Fit::Misfit,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Fit, fit};
    use crate::model::{Codes, Kind};
    use crate::parse;
    use crate::tape::Tape;
    use crate::workspace::SourceId;

    #[test]
    fn a_value_fits_or_the_reason_is_known() {
        let codes = Codes::new(None, ["a".to_owned()]);
        let code = Kind::Code(Arc::new(codes));
        let numbers = Codes::new(Some("states".to_owned()), ["2", "-9"].map(str::to_owned));
        let number = Kind::IntegerCode { bits: 16, codes: Arc::new(numbers) };
        let byte = Kind::Integer { bits: 8 };
        let long = Kind::Integer { bits: 64 };
        for (kind, json, expected) in [
            (&byte, "127", Fit::Fits),
            (&byte, "-128", Fit::Fits),
            (&byte, "128", Fit::Misfit),
            (&byte, "1e0", Fit::Fits),
            (&byte, "1.5", Fit::Misfit),
            (&byte, "null", Fit::Misfit),
            (&long, "-9223372036854775808", Fit::Fits),
            (&long, "9223372036854775808", Fit::TooLarge),
            (&long, "1e300", Fit::TooLarge),
            (&Kind::Number, "1", Fit::Fits),
            (&Kind::Number, "\"1\"", Fit::Misfit),
            (&code, "\"a\"", Fit::Fits),
            (&code, "\"b\"", Fit::NoCode),
            (&code, "1", Fit::Misfit),
            (&number, "2", Fit::Fits),
            (&number, "2.0", Fit::Fits),
            (&number, "-9", Fit::Fits),
            (&number, "3", Fit::NoCode),
            (&number, "70000", Fit::NoCode),
            (&number, "1e300", Fit::TooLarge),
            (&number, "2.5", Fit::Misfit),
            (&number, "\"2\"", Fit::Misfit),
            (&Kind::Date, "\"2023-02-28\"", Fit::Fits),
            (&Kind::Date, "\"2023-02-29\"", Fit::Misfit),
            (&Kind::DateTime, "\"2023-02-28T10:00:00Z\"", Fit::Fits),
            (&Kind::DateTime, "\"2023-02-28\"", Fit::Misfit),
            (&Kind::Edtf, "\"2023-02~\"", Fit::Fits),
            (&Kind::Edtf, "\"2023-13\"", Fit::Misfit),
            (&Kind::Boolean, "true", Fit::Fits),
            (&Kind::Text, "[]", Fit::Misfit),
        ] {
            let mut tape = Tape::new(SourceId(0), 0, json.to_owned());
            parse::json::parse_value(&mut tape, SourceId(0), &mut Vec::new());
            let value = tape.roots().next().expect("a value");
            assert_eq!(fit(kind, value, &[]), expected, "{json} as {kind:?}");
        }
    }
}
