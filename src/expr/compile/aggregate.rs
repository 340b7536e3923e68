//! Functions of rows, and the list whose items are the rows.

use std::mem;
use std::sync::Arc;

use super::call::{FUNCTIONS, dated, unknown};
use super::{Compiler, List, Over, Typed, numeric, words};
use crate::diagnostic::nearest::nearest;
use crate::expr::aggregate::{Aggregate, Function};
use crate::expr::ast::{Ast, Node};
use crate::expr::program::{DateKind, Extreme, NumericKind, Operand};
use crate::expr::types::{ObjectType, Type, ValueKind};
use crate::expr::{Fault, Span};
use crate::spelling::all_of;

/// The functions of rows.
const AGGREGATES: [&str; 7] = ["count", "distinct", "max", "mean", "min", "share", "sum"];

/// All functions that stand alone in an expression about rows.
const WITH_AGGREGATES: [&str; 17] = [
    "count", "distinct", "max", "mean", "min", "share", "sum", "date", "day", "days", "firstDay",
    "has", "lastDay", "month", "near", "size", "year",
];

impl Compiler<'_> {
    /// Whether a name that stands alone is a function of rows. Those of lists are called alike.
    pub(super) fn is_aggregate(&self, name: &str) -> bool {
        let of_lists = matches!(self.over, Over::Object) && ["max", "min", "sum"].contains(&name);
        AGGREGATES.contains(&name) && !of_lists
    }

    /// The functions that can stand alone here.
    pub(super) fn functions(&self) -> &'static [&'static str] {
        match self.over {
            Over::Rows(_) => &WITH_AGGREGATES,
            Over::Object | Over::Row => &FUNCTIONS,
        }
    }

    pub(super) fn aggregate(
        &mut self,
        span: Span,
        (name, at): (&str, &Span),
        arguments: &[Ast],
    ) -> Result<Typed, Fault> {
        let known = match &mut self.over {
            Over::Rows(aggregates) => mem::take(aggregates),
            Over::Row => {
                let message = format!("`{name}` stands in another function of rows");
                return Err(Fault::new(at.clone(), message).help(
                    "let each stand by itself, and compare or calculate with what they come to",
                ));
            }
            Over::Object => {
                let message = format!("`{name}` is about many rows, and this is about one record");
                return Err(Fault::new(at.clone(), message).help(
                    "let it stand in `[[tables.….expect]]` of the manifest; a list of the record has \
                     `size(…)`, `.sum()`, `.min()` and `.max()`",
                ));
            }
        };
        self.over = Over::Row;
        let argument = self.argument((name, at), arguments);
        self.over = Over::Rows(known);
        let (function, argument) = argument?;
        let is_date =
            matches!((function, &argument), (Function::Extreme(_), Some(Operand::Date(_))));
        let aggregate = Arc::new(Aggregate { function, argument, span: span.clone() });
        let Over::Rows(aggregates) = &mut self.over else { unreachable!("it was just put there") };
        aggregates.push(Arc::clone(&aggregate));
        let number = aggregates.len() - 1;
        Ok(match is_date {
            true => dated(DateKind::Aggregate(number, aggregate), span, false),
            false => numeric(NumericKind::Aggregate(number, aggregate), span),
        })
    }

    /// The function, with what it looks at in each row.
    fn argument(
        &mut self,
        (name, at): (&str, &Span),
        arguments: &[Ast],
    ) -> Result<(Function, Option<Operand>), Fault> {
        let [argument] = arguments else {
            return match (name, arguments) {
                ("count", []) => Ok((Function::Count, None)),
                _ => Err(unknown(name, at, arguments.len(), &AGGREGATES, &[])),
            };
        };
        let (function, operand) = match name {
            "count" => (Function::Count, Operand::Condition(self.condition(argument)?)),
            "share" => (Function::Share, Operand::Condition(self.condition(argument)?)),
            "sum" => (Function::Sum, Operand::Number(self.number(argument)?)),
            "mean" => (Function::Mean, Operand::Number(self.number(argument)?)),
            "distinct" => (Function::Distinct, self.operand(argument)?.operand),
            _ => {
                let extreme = if name == "min" { Extreme::Least } else { Extreme::Greatest };
                let typed = self.operand(argument)?;
                match (&typed.operand, &typed.kind) {
                    (Operand::Number(_), ValueKind::Number | ValueKind::Year)
                    | (Operand::Date(_), _) => {}
                    (_, kind) => {
                        let message = format!(
                            "`{name}` is of numbers and dates, and this is {}",
                            words(kind)
                        );
                        return Err(Fault::new(argument.span.clone(), message)
                            .help("`count(…)`, `share(…)` and `distinct(…)` take any value"));
                    }
                }
                (Function::Extreme(extreme), typed.operand)
            }
        };
        if !operand.reads() {
            return Err(Fault::new(argument.span.clone(), "this looks at no value of the rows")
                .help(format!("values begin with `self.`, as in `{name}(self.x)`")));
        }
        Ok((function, Some(operand)))
    }
}

/// Finds a list of objects.
pub(super) fn list(ast: &Ast, record: &Arc<ObjectType>) -> Result<List, Fault> {
    let fault = |span: &Span, message: String| Fault::new(span.clone(), message);
    let (mut names, mut node) = (Vec::new(), ast);
    loop {
        match &node.node {
            Node::Name(name) => {
                names.push((name, &node.span));
                break;
            }
            Node::Member { of, name, at, optional: false } => {
                names.push((name, at));
                node = of;
            }
            _ => {
                return Err(fault(&ast.span, "this is no name of a list".to_owned())
                    .help("name a list of the records, as in `participants`"));
            }
        }
    }
    names.reverse();
    let (mut steps, mut around) = (Vec::new(), Arc::clone(record));
    let mut is_list = false;
    for (name, at) in names {
        if (name == "self" || name == "record") && steps.is_empty() && around.member(name).is_none()
        {
            return Err(fault(
                at,
                format!("`{name}` isn't needed: the lists are those of the records"),
            )
            .help("name the list by itself, as in `participants`"));
        }
        let Some((property, ty)) = around.member(name) else {
            let members = || around.members.iter().map(|(property, _)| property.name.as_str());
            let fault = fault(at, format!("there is no property `{name}`"));
            let lists = || {
                let lists = around.members.iter().filter(|(_, ty)| matches!(ty, Type::List(_)));
                lists.map(|(property, _)| property.name.as_str())
            };
            return Err(match nearest(name, members()) {
                Some(near) => fault.help(format!("did you mean `{near}`?")),
                None if lists().next().is_none() => fault.help("there are no lists"),
                None => fault.help(format!("lists are {}", all_of(lists()))),
            });
        };
        let (inner, has_items) = match ty {
            Type::Object(object) => (object, false),
            Type::List(item) => match &**item {
                Type::Object(object) => (object, true),
                Type::Value(_) | Type::List(_) => {
                    return Err(fault(
                        at,
                        format!("the items of `{name}` are single values, and no rows"),
                    )
                    .help("look at the list as a whole, as in `sum(size(self.x))`"));
                }
            },
            Type::Value(_) => {
                return Err(fault(at, format!("`{name}` is no list"))
                    .help("leave `each` out where the records themselves are the rows"));
            }
        };
        let inner = Arc::clone(inner);
        steps.push((property.clone(), around));
        (around, is_list) = (inner, has_items);
    }
    if !is_list {
        return Err(fault(&ast.span, "this is an object and no list".to_owned())
            .help("leave `each` out where the records themselves are the rows"));
    }
    let item = around;
    let (_, around) = steps.last().cloned().expect("a list has a name");
    Ok(List { steps: steps.into_iter().map(|(property, _)| property).collect(), around, item })
}
