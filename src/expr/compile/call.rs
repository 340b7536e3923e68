//! Functions and macros.

use std::sync::Arc;

use super::{Compiler, Typed, choose, numeric, truth};
use crate::diagnostic::nearest::nearest;
use crate::edtf::parts::Part;
use crate::edtf::{DateForm, Edtf};
use crate::expr::ast::{Ast, Node};
use crate::expr::pattern::Pattern;
use crate::expr::program::{
    Condition, ConditionKind, Date, DateKind, Extreme, NumericKind, Operand, TextTest,
};
use crate::expr::types::ValueKind;
use crate::expr::{Days, Fault, Span};

/// What stands alone, and what stands behind a value or list.
pub(super) const FUNCTIONS: [&str; 11] =
    ["date", "day", "days", "firstDay", "has", "lastDay", "month", "near", "ref", "size", "year"];
pub(super) const METHODS: [&str; 16] = [
    "all",
    "contains",
    "endsWith",
    "exists",
    "exists_one",
    "filter",
    "isSorted",
    "isUnique",
    "map",
    "matches",
    "max",
    "min",
    "orValue",
    "size",
    "startsWith",
    "sum",
];

impl Compiler<'_> {
    pub(super) fn call(
        &mut self,
        ast: &Ast,
        on: Option<&Ast>,
        (name, at): (&str, &Span),
        arguments: &[Ast],
    ) -> Result<Typed, Fault> {
        match on {
            None => self.function(ast, (name, at), arguments),
            Some(on) => self.method(ast, on, (name, at), arguments),
        }
    }

    fn function(
        &mut self,
        ast: &Ast,
        (name, at): (&str, &Span),
        arguments: &[Ast],
    ) -> Result<Typed, Fault> {
        let span = ast.span.clone();
        if self.is_aggregate(name) {
            return self.aggregate(span, (name, at), arguments);
        }
        match (name, arguments) {
            ("has", [argument]) => {
                if !matches!(argument.node, Node::Member { .. }) {
                    let message = "`has` asks whether a property is there";
                    return Err(Fault::new(argument.span.clone(), message).help("as in `has(self.date)`"));
                }
                let target = self.target(argument)?;
                let mut path = target.path;
                if let crate::expr::types::Type::Value(value) = &target.ty
                    && let ValueKind::Composed(parts) = &value.kind
                {
                    // It is there where its year is.
                    path.steps.pop();
                    path.steps.push(parts.year.clone());
                }
                self.paths.push(path.clone());
                Ok(truth(ConditionKind::Has(path), span))
            }
            ("size", [argument]) => self.size(argument, span),
            ("near", [a, b, tolerance]) => {
                let sides = [self.number(a)?, self.number(b)?, self.number(tolerance)?];
                Ok(truth(ConditionKind::Near(Box::new(sides)), span))
            }
            ("days", [from, to]) => {
                let ends = Box::new([self.date(from)?, self.date(to)?]);
                Ok(numeric(NumericKind::DaysBetween(ends), span))
            }
            ("year" | "month" | "day", [argument]) => {
                let part = match name {
                    "year" => Part::Year,
                    "month" => Part::Month,
                    _ => Part::Day,
                };
                let date = Box::new(self.date(argument)?);
                Ok(numeric(NumericKind::PartOf(part, date), span))
            }
            ("firstDay" | "lastDay", [argument]) => {
                let date = Box::new(self.date(argument)?);
                let kind =
                    if name == "firstDay" { DateKind::First(date) } else { DateKind::Last(date) };
                Ok(dated(kind, span, false))
            }
            ("date", [Ast { node: Node::Text(text), span: inside }]) => {
                let date = Edtf::parse(text)
                    .map_err(|error| Fault::new(inside.clone(), error.message))?;
                let days = Days::between(date.earliest(), date.latest());
                Ok(dated(DateKind::Constant(days, text.clone()), span, true))
            }
            ("date", [argument]) => {
                let message = "`date` takes a text that is written out";
                Err(Fault::new(argument.span.clone(), message).help("as in `date('2020-01-31')`"))
            }
            ("ref", _) => {
                self.target(ast)?;
                Err(Fault::new(span, "`ref(…)` is a record, where a value is expected")
                    .help("name a value of it, as in `ref(self.dyad).side_a`"))
            }
            ("timestamp" | "duration", _) => Err(Fault::new(at.clone(), format!("there is no `{name}`"))
                .help("dates are compared as they are; a day is `date('2020-01-31')`, and `days(from, to)` counts days")),
            ("type" | "dyn" | "int" | "uint" | "double" | "string" | "bytes" | "bool", _) => {
                Err(Fault::new(at.clone(), format!("there is no `{name}`"))
                    .help("the schema says what values are, and nothing is converted"))
            }
            _ => Err(unknown(name, at, arguments.len(), self.functions(), &METHODS)),
        }
    }

    fn size(&mut self, argument: &Ast, span: Span) -> Result<Typed, Fault> {
        if self.is_list(argument) {
            let items = self.items(argument)?;
            let sequence = Box::new(self.sequence(items, &argument.span));
            return Ok(numeric(NumericKind::Size(sequence), span));
        }
        let text = Box::new(self.text(argument)?);
        Ok(numeric(NumericKind::Length(text), span))
    }

    fn method(
        &mut self,
        ast: &Ast,
        on: &Ast,
        (name, at): (&str, &Span),
        arguments: &[Ast],
    ) -> Result<Typed, Fault> {
        let span = ast.span.clone();
        match (name, arguments) {
            ("all" | "exists" | "exists_one", _) => {
                let mut items = self.items(on)?;
                if items.take_kind().is_some() {
                    let message = format!("`{name}` follows `map`");
                    return Err(Fault::new(at.clone(), message)
                        .help("say it of the items themselves, without `map`"));
                }
                let before = arguments.get(1).map_or(&span, |body| &body.span).clone();
                self.each(&mut items, (name, at), arguments, false)?;
                if !matches!(items.take_kind(), Some(ValueKind::Boolean)) {
                    let message = format!("`{name}` takes a condition that items may meet");
                    return Err(Fault::new(before, message));
                }
                let sequence = Box::new(self.sequence(items, &on.span));
                let kind = match name {
                    "all" => ConditionKind::All(sequence),
                    "exists" => ConditionKind::Exists(sequence),
                    _ => ConditionKind::ExistsOne(sequence),
                };
                Ok(truth(kind, span))
            }
            ("filter" | "map", _) => Err(Fault::new(span, "a list stands where a value is expected")
                .help("ask for its `.size()`, `.sum()`, `.min()`, `.max()`, `.isSorted()` or `.isUnique()`")),
            ("size", []) => self.size(on, span),
            ("sum" | "min" | "max", []) => {
                let (sequence, kind) = self.values(on)?;
                let sequence = Box::new(sequence);
                let extreme = if name == "min" { Extreme::Least } else { Extreme::Greatest };
                match kind {
                    ValueKind::Number | ValueKind::Year => Ok(numeric(
                        if name == "sum" {
                            NumericKind::Sum(sequence)
                        } else {
                            NumericKind::Extreme(extreme, sequence)
                        },
                        span,
                    )),
                    ValueKind::Date(_) | ValueKind::Composed(_) if sequence.instants().is_some() => {
                        let message = format!("`{name}` isn't of dates with a time");
                        Err(Fault::new(span, message)
                            .help("compare each of them, as in `.all(item, item.time <= self.end)`"))
                    }
                    ValueKind::Date(_) | ValueKind::Composed(_) if name != "sum" => {
                        Ok(dated(DateKind::Extreme(extreme, sequence), span, false))
                    }
                    _ => {
                        let message = format!("`{name}` is of numbers, and each item is {}", super::words(&kind));
                        Err(Fault::new(span, message))
                    }
                }
            }
            ("isSorted", []) => {
                let (sequence, kind) = self.values(on)?;
                match kind {
                    ValueKind::Boolean | ValueKind::Name(_) | ValueKind::NumberName(_) => {
                        let message = format!("each item is {}, which has no order", super::words(&kind));
                        Err(Fault::new(span, message))
                    }
                    _ => Ok(truth(ConditionKind::IsSorted(Box::new(sequence)), span)),
                }
            }
            ("isUnique", []) => {
                let (sequence, _) = self.values(on)?;
                Ok(truth(ConditionKind::IsUnique(Box::new(sequence)), span))
            }
            ("startsWith" | "endsWith" | "contains", [argument]) => {
                let test = match name {
                    "startsWith" => TextTest::StartsWith,
                    "endsWith" => TextTest::EndsWith,
                    _ => TextTest::Contains,
                };
                let sides = Box::new([self.text(on)?, self.text(argument)?]);
                Ok(truth(ConditionKind::TextTest(test, sides), span))
            }
            ("matches", [Ast { node: Node::Text(pattern), span: inside }]) => {
                let text = self.text(on)?;
                let pattern = Pattern::new(pattern).map_err(|why| {
                    Fault::new(inside.clone(), format!("the pattern can't be used: {why}"))
                })?;
                Ok(truth(ConditionKind::Matches(text, Arc::new(pattern)), span))
            }
            ("matches", [argument]) => {
                Err(Fault::new(argument.span.clone(), "a pattern is written out, as a text"))
            }
            ("orValue", [argument]) => {
                let target = self.target(on)?;
                if !target.optional {
                    return Err(Fault::new(at.clone(), "`orValue` follows a name with `.?`")
                        .help("as in `self.?x.orValue(0)`"));
                }
                let path = target.path.clone();
                let value = self.typed(target)?;
                let constant = self.operand(argument)?;
                if !constant.is_constant {
                    return Err(Fault::new(argument.span.clone(), "`orValue` takes a constant"));
                }
                let kind = ConditionKind::Has(path);
                let is_there = Condition { kind, span: on.span.clone() };
                choose(is_there, value, constant, span)
            }
            ("has" | "date" | "days" | "near", _) => {
                let message = format!("`{name}` stands before its values");
                Err(Fault::new(at.clone(), message).help(format!("write `{name}(…)`")))
            }
            _ => Err(unknown(name, at, arguments.len(), &METHODS, &FUNCTIONS)),
        }
    }
}

pub(super) fn dated(kind: DateKind, span: Span, is_constant: bool) -> Typed {
    let operand = Operand::Date(Date { kind, span });
    Typed { operand, kind: ValueKind::Date(DateForm::Day), is_constant }
}

pub(super) fn unknown(
    name: &str,
    at: &Span,
    arguments: usize,
    here: &[&str],
    elsewhere: &[&str],
) -> Fault {
    if here.contains(&name) {
        let what = match arguments {
            0 => "nothing in its parentheses".to_owned(),
            1 => "one value in its parentheses".to_owned(),
            _ => format!("{arguments} values in its parentheses"),
        };
        let message = format!("`{name}` can't be used with {what}");
        return Fault::new(at.clone(), message).help("`docs/constraints.md` lists the functions");
    }
    let fault = Fault::new(at.clone(), format!("there is no function `{name}`"));
    if elsewhere.contains(&name) {
        let how = if METHODS.contains(&name) {
            format!("as in `list.{name}(…)`")
        } else {
            format!("as in `{name}(…)`")
        };
        return fault.help(how);
    }
    if matches!(name, "length" | "len" | "count") {
        return fault.help("did you mean `size`?");
    }
    match nearest(name, here.iter().chain(elsewhere).copied()) {
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None => fault.help("`docs/constraints.md` lists the functions"),
    }
}
