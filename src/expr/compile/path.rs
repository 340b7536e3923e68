//! Names: where they lead.

use super::{Binding, Compiler, Over, Typed};
use crate::diagnostic::nearest::nearest;
use crate::expr::ast::{Ast, Node};
use crate::expr::program::{
    Condition, ConditionKind, Date, DateKind, Named, Numeric, NumericKind, Operand, Text, TextKind,
};
use crate::expr::types::{Refers, Type, ValueKind, ValueType};
use crate::expr::{Fault, Path, Root, Span};
use crate::spelling::all_of;

/// Where a path leads.
pub(super) struct Target {
    pub path: Path,
    pub ty: Type,
    /// Whether `.?` stands in it.
    pub optional: bool,
}

/// What a path is.
pub(super) enum Found {
    Target(Target),
    /// A name that stands for a spelt item.
    Spelt {
        ast: Ast,
        outer: usize,
    },
}

impl Compiler<'_> {
    /// A single value of the record.
    pub(super) fn value(&mut self, ast: &Ast) -> Result<Typed, Fault> {
        let target = match self.find(ast)? {
            Found::Target(target) => target,
            Found::Spelt { ast, outer } => {
                let inner = self.bindings.split_off(outer);
                let typed = self.operand(&ast);
                self.bindings.extend(inner);
                return typed;
            }
        };
        if target.optional {
            return Err(Fault::new(ast.span.clone(), "`.?` gives a value that may be missing")
                .help("say what holds then: `self.?x.orValue(0)`; a comparison needs no `.?`"));
        }
        self.typed(target)
    }

    /// A single value at a path.
    pub(super) fn typed(&mut self, target: Target) -> Result<Typed, Fault> {
        let Target { path, ty, .. } = target;
        let ValueType { mut kind, .. } = match ty {
            Type::Value(value) => value,
            Type::List(_) => {
                return Err(Fault::new(path.span, "a list stands where a value is expected").help(
                    "ask for its `size(…)`, or say what holds of its items: `.all(item, …)`, \
                     `.exists(item, …)`, `.map(item, …).sum()`",
                ));
            }
            Type::Object(object) => {
                let help = match object.members.first() {
                    Some((property, _)) => {
                        format!("name a value of it, as in `.{}`", property.name)
                    }
                    None => "it has no values".to_owned(),
                };
                return Err(
                    Fault::new(path.span, "an object stands where a value is expected").help(help)
                );
            }
        };
        self.paths.push(path.clone());
        let span = path.span.clone();
        let operand = match &kind {
            ValueKind::Boolean => {
                Operand::Condition(Condition { kind: ConditionKind::Value(path), span })
            }
            ValueKind::Number | ValueKind::Year | ValueKind::NumberName(_) => {
                Operand::Number(Numeric { kind: NumericKind::Value(path), span })
            }
            ValueKind::SpeltNumber => {
                Operand::Number(Numeric { kind: NumericKind::SpeltValue(path), span })
            }
            ValueKind::Date(form) => {
                Operand::Date(Date { kind: DateKind::Value(path, *form), span })
            }
            ValueKind::Composed(parts) => {
                let mut path = path;
                // The parts stand in the object around it.
                path.steps.pop();
                Operand::Date(Date { kind: DateKind::Composed(path, parts.clone()), span })
            }
            ValueKind::Text | ValueKind::Name(_) => {
                Operand::Text(Text { kind: TextKind::Value(path), span })
            }
        };
        if matches!(kind, ValueKind::SpeltNumber) {
            kind = ValueKind::Number;
        }
        Ok(Typed { operand, kind, is_constant: false })
    }

    /// Where a path leads, which must be of the record.
    pub(super) fn target(&mut self, ast: &Ast) -> Result<Target, Fault> {
        match self.find(ast)? {
            Found::Target(target) => Ok(target),
            Found::Spelt { .. } => {
                Err(Fault::new(ast.span.clone(), "a path to a value is expected"))
            }
        }
    }

    /// Follows names.
    pub(super) fn find(&mut self, ast: &Ast) -> Result<Found, Fault> {
        match &ast.node {
            Node::Name(name) => self.root(name, &ast.span),
            Node::Call { on: None, name, arguments, .. } if name == "ref" => {
                self.named_record(&ast.span, arguments).map(Found::Target)
            }
            Node::Member { of, name, at, optional } => {
                let Found::Target(target) = self.find(of)? else {
                    let message = "this item of a list is a value, and has no members";
                    return Err(Fault::new(of.span.clone(), message));
                };
                let mut target = self.member(target, name, at)?;
                target.optional |= *optional;
                target.path.span = ast.span.clone();
                Ok(Found::Target(target))
            }
            _ => Err(Fault::new(ast.span.clone(), "a path to a value is expected")
                .help("as in `self.date` or `record.participants`")),
        }
    }

    fn root(&mut self, name: &str, span: &Span) -> Result<Found, Fault> {
        let target = |root, ty| {
            let path = Path { root, steps: Vec::new(), span: span.clone() };
            Ok(Found::Target(Target { path, ty, optional: false }))
        };
        if let Some((_, binding)) = self.bindings.iter().rev().find(|(bound, _)| bound == name) {
            return match binding.clone() {
                Binding::Item { depth, ty } => target(Root::Item(depth), ty),
                Binding::Spelt { ast, outer } => Ok(Found::Spelt { ast, outer }),
            };
        }
        if let Over::Rows(_) = self.over
            && let "self" | "parent" | "record" = name
        {
            let message = format!("`{name}` is one row, and this is about many");
            return Err(Fault::new(span.clone(), message).help(
                "say what of the rows is meant: `sum(self.x)`, `max(self.x)`, `count(self.x > 0)`",
            ));
        }
        match name {
            "self" => target(Root::Own, Type::Object(self.scope.own.clone())),
            "record" => target(Root::Record, Type::Object(self.scope.record.clone())),
            "parent" => match &self.scope.parent {
                Some(parent) => target(Root::Parent, Type::Object(parent.clone())),
                None => Err(Fault::new(span.clone(), "a record has no `parent`")
                    .help("it is for objects in a record: its groups and the items of its lists")),
            },
            "old" | "dataset" => {
                let message = format!("`{name}` is kept for later and can't be used yet");
                Err(Fault::new(span.clone(), message))
            }
            _ => {
                let message = format!("`{name}` is no name that is known here");
                let fault = Fault::new(span.clone(), message);
                Err(fault.help(if self.scope.own.member(name).is_some() {
                    format!("write `self.{name}`")
                } else {
                    let items = self.bindings.iter().map(|(name, _)| name.as_str());
                    let known: Vec<_> =
                        ["self", "parent", "record"].into_iter().chain(items).collect();
                    let near =
                        nearest(name, known.iter().copied()).map(str::to_owned).or_else(|| {
                            let members = self.scope.own.members.iter();
                            nearest(name, members.map(|(property, _)| property.name.as_str()))
                                .map(|near| format!("self.{near}"))
                        });
                    match near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "values of the object begin with `self.`".to_owned(),
                    }
                }))
            }
        }
    }

    fn member(&self, target: Target, name: &str, at: &Span) -> Result<Target, Fault> {
        let Target { mut path, ty, optional } = target;
        let object = match ty {
            Type::Object(object) => object,
            Type::List(_) => {
                let message = format!("a list has no `{name}`: its items may have");
                if super::call::METHODS.contains(&name) {
                    return Err(Fault::new(at.clone(), message).help(format!("write `.{name}(…)`")));
                }
                return Err(Fault::new(at.clone(), message).help(format!(
                    "as in `.all(item, … item.{name} …)` or `.map(item, item.{name}).sum()`"
                )));
            }
            Type::Value(value) => {
                let message = format!("{} has no members", super::words(&value.kind));
                let fault = Fault::new(at.clone(), message);
                return Err(match value.refers {
                    Refers::To(_) => fault.help("the record that it names is `ref(…)`"),
                    Refers::Nowhere | Refers::Elsewhere(_) => fault,
                });
            }
        };
        let Some((property, ty)) = object.member(name) else {
            let names = || object.members.iter().map(|(property, _)| property.name.as_str());
            let fault = Fault::new(at.clone(), format!("there is no property `{name}`"));
            return Err(match nearest(name, names()) {
                Some(near) => fault.help(format!("did you mean `{near}`?")),
                None if names().count() <= 12 => {
                    fault.help(format!("there are {}", all_of(names())))
                }
                None => fault.help("the schema names the properties of each object"),
            });
        };
        path.steps.push(property.clone());
        Ok(Target { path, ty: ty.clone(), optional })
    }

    /// `ref(value)`
    fn named_record(&mut self, span: &Span, arguments: &[Ast]) -> Result<Target, Fault> {
        let fault = |message: &str| Fault::new(span.clone(), message);
        let [argument] = arguments else {
            return Err(fault("`ref` takes one value, with `x-reference`")
                .help("as in `ref(self.dyad).side_a`"));
        };
        let Some(tables) = self.scope.tables else {
            return Err(fault("`ref` can't be used here"));
        };
        if self.depth > 0 {
            return Err(fault("`ref` can't be used for each item of a list")
                .help("let the constraint stand on the items: `self` is the item then"));
        }
        let by = self.target(argument)?;
        if matches!(by.path.root, Root::Named(_)) {
            return Err(fault("`ref` leads one step, and no further"));
        }
        let Type::Value(ValueType { refers, .. }) = &by.ty else {
            return Err(Fault::new(argument.span.clone(), "this is no single value"));
        };
        let table = match refers {
            Refers::To(table) => *table,
            Refers::Elsewhere(why) => {
                return Err(Fault::new(argument.span.clone(), why.clone()));
            }
            Refers::Nowhere => {
                return Err(Fault::new(argument.span.clone(), "this value names no record")
                    .help("a value that does has `x-reference` in the schema"));
            }
        };
        let same = |named: &Named| named.by.root == by.path.root && named.by.steps == by.path.steps;
        let number = self.named.iter().position(same).unwrap_or_else(|| {
            self.paths.push(by.path.clone());
            self.named.push(Named { by: by.path, table });
            self.named.len() - 1
        });
        let path = Path { root: Root::Named(number), steps: Vec::new(), span: span.clone() };
        Ok(Target { path, ty: Type::Object(tables[table].clone()), optional: false })
    }
}
