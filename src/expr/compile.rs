//! From syntax to a program: what names mean, and whether what is compared can be.

mod aggregate;
mod call;
mod compare;
mod lists;
mod path;

use std::sync::Arc;

use super::aggregate::Aggregate;
use super::ast::{Ast, Node, Operator};
use super::program::{
    Arithmetic, Condition, ConditionKind, Date, DateKind, Named, Numeric, NumericKind, Operand,
    Text, TextKind,
};
use super::types::{ObjectType, Property, Type, ValueKind};
use super::{Fault, NODES_MAX, Path, Span};
use crate::edtf::DateForm;

/// What an expression can speak of.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    /// `self`.
    pub own: Arc<ObjectType>,
    /// `parent`; none on a record.
    pub parent: Option<Arc<ObjectType>>,
    /// `record`.
    pub record: Arc<ObjectType>,
    /// By number: the tables whose records `ref` can name; none where it can't be used.
    pub tables: Option<&'a [Arc<ObjectType>]>,
}

/// A condition that can be worked out.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// What `&&` joins: each must hold.
    pub conjuncts: Vec<Condition>,
    /// All paths to values in it, in the order of the text.
    pub paths: Vec<Path>,
}

/// Compiles a condition. `named` has the records that `ref` names in it and in other conditions of the same
/// frame.
///
/// # Errors
/// What is wrong with it: of each part that `&&` joins, what comes first.
pub fn condition(
    ast: &Ast,
    scope: &Scope<'_>,
    named: &mut Vec<Named>,
) -> Result<Compiled, Vec<Fault>> {
    let mut compiler = Compiler { named: std::mem::take(named), ..Compiler::new(scope) };
    let (mut conjuncts, mut faults) = (Vec::new(), Vec::new());
    for part in ast.conjuncts() {
        match compiler.condition(part) {
            Ok(condition) => conjuncts.push(condition),
            Err(fault) => faults.push(fault),
        }
    }
    *named = compiler.named;
    if faults.is_empty() { Ok(Compiled { conjuncts, paths: compiler.paths }) } else { Err(faults) }
}

/// Finds the way to a value.
///
/// # Errors
/// What is wrong with it.
pub fn path(ast: &Ast, scope: &Scope<'_>) -> Result<Path, Fault> {
    Compiler::new(scope).target(ast).map(|target| target.path)
}

/// Compiles what is worked out for a row: a number, a date, a text or a condition.
///
/// # Errors
/// What is wrong with it.
pub fn row_value(ast: &Ast, scope: &Scope<'_>) -> Result<(Operand, ValueKind, Vec<Path>), Fault> {
    let mut compiler = Compiler::new(scope);
    let typed = compiler.operand(ast)?;
    Ok((typed.operand, typed.kind, compiler.paths))
}

/// A condition about many rows that can be worked out.
#[derive(Clone, Debug)]
pub struct OverRows {
    /// What `&&` joins: each must hold.
    pub conjuncts: Vec<Condition>,
    /// The functions of rows in it, by their numbers.
    pub aggregates: Vec<Arc<Aggregate>>,
    /// All paths to values of rows in it, in the order of the text.
    pub paths: Vec<Path>,
}

/// Compiles a condition about many rows, with the functions of rows in it. The scope is that of one row.
///
/// # Errors
/// What is wrong with it: of each part that `&&` joins, what comes first.
pub fn over_rows(ast: &Ast, scope: &Scope<'_>) -> Result<OverRows, Vec<Fault>> {
    let mut compiler = Compiler { over: Over::Rows(Vec::new()), ..Compiler::new(scope) };
    let (mut conjuncts, mut faults) = (Vec::new(), Vec::new());
    for part in ast.conjuncts() {
        match compiler.condition(part) {
            Ok(condition) => conjuncts.push(condition),
            Err(fault) => faults.push(fault),
        }
    }
    match compiler.over {
        Over::Rows(aggregates) if faults.is_empty() => {
            Ok(OverRows { conjuncts, aggregates, paths: compiler.paths })
        }
        Over::Rows(_) | Over::Row | Over::Object => Err(faults),
    }
}

/// Finds the way to a list of objects: the names that lead to it, through objects and the items of lists; and
/// what its items are, and the objects that have it.
///
/// # Errors
/// What is wrong with it.
pub fn list(ast: &Ast, record: &Arc<ObjectType>) -> Result<List, Fault> {
    aggregate::list(ast, record)
}

/// A list of objects.
#[derive(Clone, Debug)]
pub struct List {
    /// The names that lead to it.
    pub steps: Vec<Property>,
    /// The objects that have it.
    pub around: Arc<ObjectType>,
    /// Its items.
    pub item: Arc<ObjectType>,
}

/// What an expression speaks of.
enum Over {
    /// One object.
    Object,
    /// Many rows, by functions.
    Rows(Vec<Arc<Aggregate>>),
    /// Each of many rows, inside of such a function.
    Row,
}

/// What a name of a macro stands for.
#[derive(Clone)]
enum Binding {
    /// An item of a list of the record.
    Item { depth: usize, ty: Type },
    /// An item of a list that the expression spells, with the number of names that it can use.
    Spelt { ast: Ast, outer: usize },
}

struct Compiler<'a> {
    scope: &'a Scope<'a>,
    named: Vec<Named>,
    paths: Vec<Path>,
    bindings: Vec<(String, Binding)>,
    /// How many macros are around.
    depth: usize,
    /// How many parts were compiled: spelt items are compiled for each.
    parts: usize,
    over: Over,
}

/// Something that can be compared, with what it is.
struct Typed {
    operand: Operand,
    kind: ValueKind,
    /// Whether the expression spells it.
    is_constant: bool,
}

impl Typed {
    fn span(&self) -> &Span {
        self.operand.span()
    }
}

/// What values of a kind are called.
fn words(kind: &ValueKind) -> &'static str {
    match kind {
        ValueKind::Boolean => "true or false",
        ValueKind::Number | ValueKind::SpeltNumber => "a number",
        ValueKind::Year => "a year",
        ValueKind::NumberName(_) => "a number that names something",
        ValueKind::Date(DateForm::Instant | DateForm::Local) => "a date with a time",
        ValueKind::Date(_) | ValueKind::Composed(_) => "a date",
        ValueKind::Text => "a text",
        ValueKind::Name(Some(_)) => "a code",
        ValueKind::Name(None) => "a name of something",
    }
}

impl<'a> Compiler<'a> {
    fn new(scope: &'a Scope<'a>) -> Self {
        Self {
            scope,
            named: Vec::new(),
            paths: Vec::new(),
            bindings: Vec::new(),
            depth: 0,
            parts: 0,
            over: Over::Object,
        }
    }

    /// Counts a part.
    fn count(&mut self, span: &Span) -> Result<(), Fault> {
        self.parts += 1;
        if self.parts > NODES_MAX {
            let message = format!("the expression comes to more than {NODES_MAX} parts");
            return Err(Fault::new(span.clone(), message).help("split it in two"));
        }
        Ok(())
    }

    fn condition(&mut self, ast: &Ast) -> Result<Condition, Fault> {
        let typed = self.operand(ast)?;
        let what = words(&typed.kind);
        match typed.operand {
            Operand::Condition(condition) => Ok(condition),
            Operand::Number(_) | Operand::Date(_) | Operand::Text(_) => {
                let message = format!("this is {what}, where a condition is expected");
                Err(Fault::new(ast.span.clone(), message)
                    .help("compare it with something, or ask `has(…)` whether it is there"))
            }
        }
    }

    fn number(&mut self, ast: &Ast) -> Result<Numeric, Fault> {
        let typed = self.operand(ast)?;
        self.number_of(typed)
    }

    /// A number to calculate with.
    fn number_of(&mut self, typed: Typed) -> Result<Numeric, Fault> {
        let (span, what) = (typed.span().clone(), words(&typed.kind));
        match (typed.operand, typed.kind) {
            (Operand::Number(number), ValueKind::Number | ValueKind::Year) => Ok(number),
            (Operand::Text(_), _) => Err(Fault::new(
                span,
                format!("this is {what}, and only numbers are added and multiplied"),
            )),
            _ => Err(Fault::new(span, format!("this is {what}, where a number is expected"))),
        }
    }

    fn date(&mut self, ast: &Ast) -> Result<Date, Fault> {
        let typed = self.operand(ast)?;
        let (span, what) = (typed.span().clone(), words(&typed.kind));
        date_of(typed).ok_or_else(|| {
            let fault = Fault::new(span, format!("this is {what}, where a date is expected"));
            fault.help("write a day as `date('2020-01-31')`")
        })
    }

    fn text(&mut self, ast: &Ast) -> Result<Text, Fault> {
        let typed = self.operand(ast)?;
        let what = words(&typed.kind);
        match typed.operand {
            Operand::Text(text) => Ok(text),
            _ => Err(Fault::new(
                ast.span.clone(),
                format!("this is {what}, where a text is expected"),
            )),
        }
    }

    fn operand(&mut self, ast: &Ast) -> Result<Typed, Fault> {
        self.count(&ast.span)?;
        let span = ast.span.clone();
        let constant = |operand, kind| Ok(Typed { operand, kind, is_constant: true });
        match &ast.node {
            Node::Number(number) => {
                let kind = NumericKind::Constant(*number);
                constant(Operand::Number(Numeric { kind, span }), ValueKind::Number)
            }
            Node::Text(text) => {
                let kind = TextKind::Constant(text.clone());
                constant(Operand::Text(Text { kind, span }), ValueKind::Text)
            }
            Node::Boolean(value) => {
                let kind = ConditionKind::Constant(*value);
                constant(Operand::Condition(Condition { kind, span }), ValueKind::Boolean)
            }
            Node::Name(_) | Node::Member { .. } => self.value(ast),
            Node::Call { on, name, at, arguments } => {
                self.call(ast, on.as_deref(), (name, at), arguments)
            }
            Node::List(_) => Err(Fault::new(span, "a list stands where a value is expected")
                .help("ask of a list for its `size(…)`, `.sum()`, or whether a value is `in` it")),
            Node::Not(inside) => {
                let inside = Box::new(self.condition(inside)?);
                Ok(truth(ConditionKind::Not(inside), span))
            }
            Node::Negative(inside) => {
                let kind = NumericKind::Negative(Box::new(self.number(inside)?));
                Ok(numeric(kind, span))
            }
            Node::Binary(operator, left, right) => self.binary(*operator, left, right, span),
            Node::Choice(parts) => self.choice(parts, span),
        }
    }

    fn binary(
        &mut self,
        operator: Operator,
        left: &Ast,
        right: &Ast,
        span: Span,
    ) -> Result<Typed, Fault> {
        let arithmetic = match operator {
            Operator::And | Operator::Or => {
                let mut parts = Vec::new();
                for side in [left, right] {
                    let part = self.condition(side)?;
                    match part.kind {
                        // Those of the same operator stand in one row, for messages.
                        ConditionKind::And(inner) if operator == Operator::And => {
                            parts.extend(inner)
                        }
                        ConditionKind::Or(inner) if operator == Operator::Or => parts.extend(inner),
                        _ => parts.push(part),
                    }
                }
                let is_and = operator == Operator::And;
                let kind =
                    if is_and { ConditionKind::And(parts) } else { ConditionKind::Or(parts) };
                return Ok(truth(kind, span));
            }
            Operator::Compare(comparison) => return self.comparison(comparison, left, right, span),
            Operator::In => return self.membership(left, right, span),
            Operator::Add => Arithmetic::Add,
            Operator::Subtract => Arithmetic::Subtract,
            Operator::Multiply => Arithmetic::Multiply,
        };
        let (left, right) = (self.operand(left)?, self.operand(right)?);
        for side in [&left, &right] {
            if matches!(side.kind, ValueKind::Date(_) | ValueKind::Composed(_)) {
                let fault = Fault::new(side.span().clone(), "dates aren't added and subtracted");
                return Err(fault.help("`days(from, to)` is the number of days between two dates"));
            }
        }
        let sides = Box::new([self.number_of(left)?, self.number_of(right)?]);
        Ok(numeric(NumericKind::Arithmetic(arithmetic, sides), span))
    }

    fn choice(&mut self, parts: &[Ast; 3], span: Span) -> Result<Typed, Fault> {
        let condition = self.condition(&parts[0])?;
        let (holds, fails) = (self.operand(&parts[1])?, self.operand(&parts[2])?);
        choose(condition, holds, fails, span)
    }
}

/// One of two, by a condition.
fn choose(condition: Condition, holds: Typed, fails: Typed, span: Span) -> Result<Typed, Fault> {
    let is_time = matches!(fails.kind, ValueKind::Date(DateForm::Instant | DateForm::Local));
    let kind = if holds.is_constant || is_time { fails.kind.clone() } else { holds.kind.clone() };
    let differ = format!("one is {}, the other {}", words(&holds.kind), words(&fails.kind));
    let is_constant = holds.is_constant && fails.is_constant;
    let operand = match (holds.operand, fails.operand) {
        (Operand::Condition(a), Operand::Condition(b)) => Operand::Condition(Condition {
            kind: ConditionKind::Choice(Box::new([condition, a, b])),
            span,
        }),
        (Operand::Number(a), Operand::Number(b)) => Operand::Number(Numeric {
            kind: NumericKind::Choice(Box::new((condition, a, b))),
            span,
        }),
        (Operand::Text(a), Operand::Text(b)) => {
            Operand::Text(Text { kind: TextKind::Choice(Box::new((condition, a, b))), span })
        }
        (Operand::Date(a), Operand::Date(b)) => {
            Operand::Date(Date { kind: DateKind::Choice(Box::new((condition, a, b))), span })
        }
        _ => return Err(Fault::new(span, differ).help("both must be of one kind")),
    };
    Ok(Typed { operand, kind, is_constant })
}

fn truth(kind: ConditionKind, span: Span) -> Typed {
    let operand = Operand::Condition(Condition { kind, span });
    Typed { operand, kind: ValueKind::Boolean, is_constant: false }
}

fn numeric(kind: NumericKind, span: Span) -> Typed {
    let operand = Operand::Number(Numeric { kind, span });
    Typed { operand, kind: ValueKind::Number, is_constant: false }
}

/// A date, or a year as one.
fn date_of(typed: Typed) -> Option<Date> {
    match (typed.operand, typed.kind) {
        (Operand::Date(date), _) => Some(date),
        (Operand::Number(Numeric { kind: NumericKind::Value(path), span }), ValueKind::Year) => {
            Some(Date { kind: DateKind::Value(path, DateForm::Year), span })
        }
        _ => None,
    }
}
