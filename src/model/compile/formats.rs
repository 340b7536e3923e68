//! Formats that mean nothing where they stand: JSON Schema passes over them without a word.

use super::annotation::{YEAR, is_text_format};
use super::gather::Clauses;
use super::scalar::name;
use crate::diagnostic::{Diagnostic, code};
use crate::model::Kind;
use crate::model::kind::{Class, DateForm};

/// Reports formats of texts that stand on something else, and the format of years on what is no integer.
pub(super) fn check(clauses: &Clauses<'_>, kind: &Kind, diagnostics: &mut Vec<Diagnostic>) {
    let is_text = match kind.class() {
        Class::Boolean | Class::Integer | Class::Number | Class::Date(DateForm::Year) => false,
        Class::Decimal => !kind.is_spelt_as_number(),
        Class::Text | Class::Address | Class::Code | Class::Time => true,
        Class::Date(DateForm::Edtf | DateForm::Day | DateForm::Instant | DateForm::Local) => true,
    };
    for clause in clauses {
        let Some(format) = clause.node.text("format") else { continue };
        let wrong = match format {
            YEAR => kind.class() != Class::Date(DateForm::Year),
            _ => !is_text && is_text_format(format),
        };
        if !wrong {
            continue;
        }
        let values = kind.names().values;
        let message = match format {
            YEAR => format!(
                "`{YEAR}` is a format of integers that always holds, and `{}` holds {values}: it checks \
                 nothing",
                name(&clause.node)
            ),
            _ => format!(
                "`{format}` is a format of text, and `{}` holds {values}: it checks nothing",
                name(&clause.node)
            ),
        };
        let help = match (format, kind.class()) {
            (YEAR, Class::Integer) => {
                "let it stand on the property itself, and not under a condition"
            }
            (YEAR, _) => {
                "write `\"type\": \"integer\"` for a year as a number, or `\"format\": \"edtf\"` for one as \
                 text"
            }
            ("date" | "edtf", Class::Integer) => {
                "for a year as an integer write `\"format\": \"year\"`; for another date let it be text"
            }
            ("decimal", _) => "a number keeps its digits with `x-scale` alone: leave `format` out",
            _ => "let it be text, or leave `format` out",
        };
        diagnostics.push(
            Diagnostic::new(&code::UNKNOWN_FORMAT, clause.node.place_of("format"), message)
                .help(help),
        );
    }
}
