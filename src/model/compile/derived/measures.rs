//! What a panel works out of the records of a cell: `count`, `max(hostility)`, `first(type, level)`.

use super::path;
use crate::decimal::{DIGITS_MAX, Digits};
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, quote};
use crate::manifest::derived::DeclaredMeasure;
use crate::model::derived::{Function, Measure};
use crate::model::kind::{Class, Physical};
use crate::model::{Column, Kind, Table};
use crate::parse::spelling::Written;

const FUNCTIONS: [(&str, usize); 6] =
    [("count", 0), ("onset", 0), ("ongoing", 0), ("sum", 1), ("max", 1), ("first", 2)];

const HELP: &str =
    "write `count`, `onset`, `ongoing`, `sum(value)`, `max(value)` or `first(value, order)`";

/// Compiles the measures of a panel; `count` as `n` where none are declared.
pub(super) fn compile(
    table: &Table,
    declared: &[DeclaredMeasure],
    found: &mut Vec<Diagnostic>,
) -> Vec<Measure> {
    if declared.is_empty() {
        return vec![Measure { name: "n".to_owned(), function: Function::Count }];
    }
    let measure = |declared: &DeclaredMeasure| {
        let function = function(table, &declared.says, found)?;
        Some(Measure { name: declared.name.text.clone(), function })
    };
    declared.iter().filter_map(measure).collect()
}

fn function(table: &Table, says: &Written, found: &mut Vec<Diagnostic>) -> Option<Function> {
    let text = says.text.trim();
    let (name, arguments) = match text.split_once('(') {
        None => (text, Vec::new()),
        Some((name, rest)) => match rest.strip_suffix(')') {
            Some(inner) => (name.trim_end(), inner.split(',').map(str::trim).collect()),
            None => {
                let message = format!("{} doesn't end in `)`", quote(&says.text));
                return path::refuse(says, message, HELP, found);
            }
        },
    };
    let Some((_, wanted)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else {
        let help = match nearest(name, FUNCTIONS.iter().map(|(known, _)| *known)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => HELP.to_owned(),
        };
        return path::refuse(says, format!("{} is no measure", quote(name)), &help, found);
    };
    if arguments.len() != *wanted {
        let message = match wanted {
            0 => format!("`{name}` is of no value"),
            1 => format!("`{name}` is of one value"),
            _ => format!(
                "`{name}` is of two values: the one that is wanted, and the one that orders"
            ),
        };
        return path::refuse(says, message, HELP, found);
    }
    let mut columns = Vec::new();
    for argument in arguments {
        let start = argument.as_ptr() as usize - says.text.as_ptr() as usize;
        let written = says.part(&(start..start + argument.len()));
        columns.push(path::single(table, &written, found)?);
    }
    let column = |index: usize| &table.level.columns[columns[index]];
    match name {
        "count" => Some(Function::Count),
        "onset" => Some(Function::Onset),
        "ongoing" => Some(Function::Ongoing),
        "sum" if is_number(column(0)) => Some(Function::Sum(columns[0])),
        "sum" => {
            let message = format!("`{}` holds no numbers", column(0).name);
            path::refuse(says, message, "a sum is of numbers", found)
        }
        _ => {
            let (ordered, function) = match name {
                "max" => (column(0), Function::Max(columns[0])),
                _ => (column(1), Function::First(columns[0], columns[1])),
            };
            if is_ordered(ordered) {
                return Some(function);
            }
            let message = format!("the values of `{}` have no order", ordered.name);
            let help = "numbers and dates have one, and codes of a list with `ordered = true`";
            path::refuse(says, message, help, found)
        }
    }
}

fn is_number(column: &Column) -> bool {
    matches!(column.kind.class(), Class::Integer | Class::Number | Class::Decimal)
}

/// Whether its values stand in an order that means something.
fn is_ordered(column: &Column) -> bool {
    let is_list = column.kind.codes().is_some_and(|codes| codes.is_ordered);
    is_list
        || is_number(column)
        || matches!(
            column.kind.physical(),
            Physical::Day | Physical::Instant | Physical::LocalInstant
        )
        || matches!(column.kind, Kind::Year { .. })
}

/// The kind of a sum.
pub(super) fn sum_kind(kind: &Kind) -> Kind {
    match kind {
        Kind::Number => Kind::Number,
        Kind::Decimal { digits, is_text } => {
            let digits = Digits { precision: DIGITS_MAX, scale: digits.scale };
            Kind::Decimal { digits, is_text: *is_text }
        }
        _ => Kind::Integer { bits: 64 },
    }
}
