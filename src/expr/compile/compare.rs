//! Comparisons: what can be compared with what.

use super::{Compiler, Typed, date_of, truth, words};
use crate::diagnostic::nearest::nearest;
use crate::edtf::{DateForm, Edtf};
use crate::expr::ast::{Ast, Comparison, Node, Operator};
use crate::expr::program::{ConditionKind, Numeric, NumericKind, Operand, TextKind};
use crate::expr::types::{CodeSet, ValueKind};
use crate::expr::{Fault, Span};
use crate::spelling::one_of;

impl Compiler<'_> {
    pub(super) fn comparison(
        &mut self,
        comparison: Comparison,
        left: &Ast,
        right: &Ast,
        span: Span,
    ) -> Result<Typed, Fault> {
        if comparison.is_order()
            && matches!(left.node, Node::Binary(Operator::Compare(it), ..) if it.is_order())
        {
            let fault = Fault::new(span, "only two values are compared at once");
            return Err(fault.help("write `a < b && b < c`"));
        }
        let (left, right) = (self.operand(left)?, self.operand(right)?);
        compare(comparison, left, right, span)
    }

    /// `value in list`
    pub(super) fn membership(
        &mut self,
        left: &Ast,
        right: &Ast,
        span: Span,
    ) -> Result<Typed, Fault> {
        let value = self.operand(left)?;
        let (sequence, kind) = self.values(right)?;
        let wanted = Typed { operand: value.operand.clone(), kind: value.kind.clone(), ..value };
        for item in sequence.constants() {
            let item = Typed { operand: item, kind: kind.clone(), is_constant: true };
            let wanted =
                Typed { operand: wanted.operand.clone(), kind: wanted.kind.clone(), ..wanted };
            compare(Comparison::Equal, wanted, item, span.clone())?;
        }
        if !alike(&value.kind, &kind) {
            let message =
                format!("this is {}, and the items are each {}", words(&value.kind), words(&kind));
            return Err(Fault::new(span, message).help("only values of one kind can be equal"));
        }
        let (value, sequence) = (Box::new(value.operand), Box::new(sequence));
        Ok(truth(ConditionKind::In(value, sequence), span))
    }
}

/// What values are held as.
fn family(kind: &ValueKind) -> u8 {
    match kind {
        ValueKind::Boolean => 0,
        ValueKind::Number | ValueKind::SpeltNumber | ValueKind::Year | ValueKind::NumberName(_) => {
            1
        }
        ValueKind::Date(_) | ValueKind::Composed(_) => 2,
        ValueKind::Text | ValueKind::Name(_) => 3,
    }
}

/// Whether values of two kinds may be equal.
pub(super) fn alike(a: &ValueKind, b: &ValueKind) -> bool {
    family(a) == family(b)
}

/// Compares two values.
pub(super) fn compare(
    comparison: Comparison,
    left: Typed,
    right: Typed,
    span: Span,
) -> Result<Typed, Fault> {
    let kinds = [left.kind.clone(), right.kind.clone()];
    check_codes(&left, &right)?;
    check_codes(&right, &left)?;
    if comparison.is_order() {
        for side in [&left, &right] {
            if let Some(what) = unordered(&side.kind) {
                let fault = Fault::new(side.span().clone(), format!("{what} has no order"));
                return Err(fault.help("compare it with `==` or `!=`"));
            }
        }
    }
    let is_date = |kind: &ValueKind| family(kind) == 2;
    if is_date(&kinds[0]) || is_date(&kinds[1]) {
        return compare_dates(comparison, left, right, span);
    }
    let message = format!("{} is compared with {}", words(&kinds[0]), words(&kinds[1]));
    let kind = match (left.operand, right.operand) {
        (Operand::Number(a), Operand::Number(b)) => {
            ConditionKind::Numbers(comparison, Box::new([a, b]))
        }
        (Operand::Text(a), Operand::Text(b)) => ConditionKind::Texts(comparison, Box::new([a, b])),
        (Operand::Condition(a), Operand::Condition(b)) => {
            ConditionKind::Booleans(comparison == Comparison::Equal, Box::new([a, b]))
        }
        _ => {
            let fault = Fault::new(span, message);
            return Err(fault.help("nothing is converted: both must be of one kind"));
        }
    };
    Ok(truth(kind, span))
}

fn compare_dates(
    comparison: Comparison,
    left: Typed,
    right: Typed,
    span: Span,
) -> Result<Typed, Fault> {
    let instant = |typed: &Typed| match &typed.operand {
        Operand::Date(date) => date.instant().map(|(path, form)| (path.clone(), form)),
        Operand::Number(_) | Operand::Text(_) | Operand::Condition(_) => None,
    };
    if let (Some((a, one)), Some((b, other))) = (instant(&left), instant(&right))
        && one == other
    {
        let kind = ConditionKind::Instants(comparison, one, Box::new([a, b]));
        return Ok(truth(kind, span));
    }
    let has_time =
        |kind: &ValueKind| matches!(kind, ValueKind::Date(DateForm::Instant | DateForm::Local));
    // By their days alone, an earlier time of the same day wouldn't be earlier.
    if [&left, &right].iter().all(|typed| has_time(&typed.kind))
        && [&left, &right].iter().any(|typed| instant(typed).is_none())
    {
        let message = "dates with a time are compared as they stand in the record";
        return Err(Fault::new(span, message)
            .help("put the comparison into the condition: `c ? a < b : a < d`"));
    }
    let other = if matches!(left.operand, Operand::Date(_)) { &right } else { &left };
    let message = format!("a date is compared with {}", words(&other.kind));
    let help = match &other.operand {
        Operand::Text(text) => match &text.kind {
            TextKind::Constant(text) if Edtf::parse(text).is_ok() => {
                format!("write `date('{text}')`")
            }
            _ => "nothing is converted: both must be dates in the schema".to_owned(),
        },
        Operand::Number(_) => "compare the year: `year(…)`".to_owned(),
        Operand::Date(_) | Operand::Condition(_) => "both must be dates".to_owned(),
    };
    match (date_of(left), date_of(right)) {
        (Some(a), Some(b)) => Ok(truth(ConditionKind::Dates(comparison, Box::new([a, b])), span)),
        _ => Err(Fault::new(span, message).help(help)),
    }
}

/// What is said of values that aren't less or more than others.
fn unordered(kind: &ValueKind) -> Option<&'static str> {
    match kind {
        ValueKind::Boolean => Some("what is true or false"),
        ValueKind::NumberName(_) => Some("a number that names something"),
        ValueKind::Name(Some(_)) => Some("a code"),
        ValueKind::Name(None) => Some("what names something"),
        ValueKind::Number
        | ValueKind::SpeltNumber
        | ValueKind::Year
        | ValueKind::Date(_)
        | ValueKind::Composed(_)
        | ValueKind::Text => None,
    }
}

/// A literal that is compared with a code must be one.
fn check_codes(value: &Typed, literal: &Typed) -> Result<(), Fault> {
    let (ValueKind::Name(Some(codes)) | ValueKind::NumberName(Some(codes))) = &value.kind else {
        return Ok(());
    };
    let text = match &literal.operand {
        Operand::Text(text) => match &text.kind {
            TextKind::Constant(text) => text.clone(),
            _ => return Ok(()),
        },
        Operand::Number(Numeric { kind: NumericKind::Constant(number), .. }) => number.to_string(),
        _ => return Ok(()),
    };
    if codes.has(&text) { Ok(()) } else { Err(no_code(codes.as_ref(), &text, literal.span())) }
}

fn no_code(codes: &dyn CodeSet, text: &str, span: &Span) -> Fault {
    let message = match codes.name() {
        Some(list) => format!("`{text}` is no code of `{list}`, so nothing is equal to it"),
        None => format!("`{text}` is none of the values that the schema allows"),
    };
    let fault = Fault::new(span.clone(), message);
    let all = codes.all();
    match nearest(text, all.iter().copied()) {
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None if all.len() <= 12 => fault.help(format!("there are {}", one_of(all))),
        None => fault.help("code lists and `enum` say what there is"),
    }
}
