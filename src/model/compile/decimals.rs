//! Decimal numbers: how many digits a column of them has.

use super::gather::{Clauses, first_with};
use super::scalar::name;
use crate::decimal::{DIGITS_MAX, Digits};
use crate::diagnostic::{Diagnostic, code};
use crate::model::Kind;
use crate::tape::Value;

/// The kind of decimal numbers that records spell as text or as numbers. None if it isn't said, or wrongly;
/// then diagnostics say why.
pub(super) fn kind(
    clauses: &Clauses<'_>,
    is_text: bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Kind> {
    let mut misused = |place, message: String, help: &str| {
        diagnostics.push(Diagnostic::new(&code::MISUSED_ANNOTATION, place, message).help(help));
    };
    let Some(node) = first_with(clauses, "x-scale") else {
        let node = &clauses.first().expect("a place has a schema").node;
        misused(
            node.place_of("format"),
            format!(
                "`{}` is a decimal number, and nothing says how many digits it keeps",
                name(node)
            ),
            "add `\"x-scale\": 2` for two digits behind the point, and `\"x-precision\": 12` for twelve \
             in all",
        );
        return None;
    };
    let number = |keyword: &str| {
        let node = first_with(clauses, keyword)?;
        Some((node.value.get(keyword).and_then(Value::as_i64)?, node.place_of(keyword)))
    };
    // What is no number of digits was reported.
    let (scale, scale_place) = number("x-scale")?;
    let (precision, place) = number("x-precision").unwrap_or((DIGITS_MAX.into(), node.place()));
    let fits = |digits: i64| u8::try_from(digits).ok().filter(|digits| *digits <= DIGITS_MAX);
    let Some(precision) = fits(precision).filter(|digits| *digits > 0) else {
        misused(
            place,
            format!("`x-precision` is {precision}, and a column holds 1 to {DIGITS_MAX} digits"),
            "it counts all digits, before and behind the point",
        );
        return None;
    };
    let Some(scale) = fits(scale).filter(|scale| *scale <= precision) else {
        misused(
            scale_place,
            format!("`x-scale` is {scale}, and the column has {precision} digits in all"),
            "it counts the digits behind the point",
        );
        return None;
    };
    Some(Kind::Decimal { digits: Digits { precision, scale }, is_text })
}
