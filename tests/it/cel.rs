//! Expressions, held against the Common Expression Language: the crate `cel` is the authority on random ones,
//! the cases of the specification stand in a table, and what nobody would write stays within its bounds.

mod conformance;
mod hostile;
mod random;
mod times;

use std::sync::Arc;

use demarche::expr::ast::Ast;
use demarche::expr::evaluate::{Budget, Evaluator, Frame, Uncomputable};
use demarche::expr::types::{ObjectType, Property, Type, ValueKind, ValueType};
use demarche::expr::{Fault, Scope};
use demarche::parse::json;
use demarche::tape::{Tape, UNKNOWN};
use demarche::workspace::SourceId;

/// What an expression comes to for a record.
#[derive(Clone, Debug, PartialEq)]
struct Verdict {
    /// True, false, or unknown.
    holds: Option<bool>,
    uncomputable: Option<Uncomputable>,
}

/// A record as expressions see it.
struct Record(Tape);

impl Record {
    fn new(record: &serde_json::Value) -> Self {
        let mut tape = Tape::new(SourceId(0), 0, record.to_string());
        let mut diagnostics = Vec::new();
        json::parse(&mut tape, SourceId(0), &mut diagnostics);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        Self(tape)
    }

    /// What an expression comes to. All of its parts are worked out, as for a finding.
    fn verdict(&self, ast: &Ast, own: &Arc<ObjectType>) -> Result<Verdict, Vec<Fault>> {
        let scope =
            Scope { own: Arc::clone(own), parent: None, record: Arc::clone(own), tables: None };
        let compiled = demarche::expr::condition(ast, &scope, &mut Vec::new())?;
        let record = self.0.roots().next().expect("one record");
        let mut budget = Budget::default();
        let mut evaluator = Evaluator { frame: Frame::of(record), budget: &mut budget, dates: &[] };
        let mut holds = Some(true);
        for condition in &compiled.conjuncts {
            match evaluator.condition(condition) {
                Some(false) => holds = Some(false),
                None if holds == Some(true) => holds = None,
                _ => {}
            }
        }
        Ok(Verdict { holds, uncomputable: budget.uncomputable })
    }
}

/// An expression with its types, or the first thing that is wrong with it.
fn verdict(text: &str, record: &Record, own: &Arc<ObjectType>) -> Result<Verdict, Fault> {
    let ast = demarche::expr::parse(text)?;
    record.verdict(&ast, own).map_err(|mut faults| faults.swap_remove(0))
}

fn property(name: &str) -> Property {
    Property { name: name.to_owned(), number: UNKNOWN }
}

fn value(kind: ValueKind) -> Type {
    Type::Value(ValueType::new(kind))
}

fn object(members: Vec<(&str, Type)>) -> Arc<ObjectType> {
    let members = members.into_iter().map(|(name, ty)| (property(name), ty)).collect();
    Arc::new(ObjectType { members })
}

/// The same record for CEL.
fn map(record: &serde_json::Value) -> cel::Value {
    match record {
        serde_json::Value::Null => cel::Value::Null,
        serde_json::Value::Bool(value) => cel::Value::Bool(*value),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(number) => cel::Value::Int(number),
            None => cel::Value::Float(number.as_f64().expect("a double")),
        },
        serde_json::Value::String(text) => cel::Value::String(Arc::new(text.clone())),
        serde_json::Value::Array(items) => {
            cel::Value::List(Arc::new(items.iter().map(map).collect()))
        }
        serde_json::Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (name.as_str().into(), map(value)));
            cel::Value::Map(cel::objects::Map { map: Arc::new(members.collect()) })
        }
    }
}

/// What CEL says of an expression; none where that is an error.
fn authority(text: &str, record: &serde_json::Value) -> Result<Option<bool>, String> {
    let env = Arc::new(cel::Env::stdlib());
    let program = env.compile(text).map_err(|error| error.to_string())?;
    let mut context = cel::Context::with_env(env);
    context.add_variable_from_value("self", map(record));
    context.add_function("sum", sum).expect("CEL has no such function");
    match program.execute(&context) {
        Ok(cel::Value::Bool(holds)) => Ok(Some(holds)),
        Ok(other) => Err(format!("{other:?} is no verdict")),
        Err(_) => Ok(None),
    }
}

/// CEL itself has no sums; the crate still works out what is added.
fn sum(cel::extractors::This(list): cel::extractors::This<Arc<Vec<cel::Value>>>) -> i64 {
    let number = |item: &cel::Value| match item {
        cel::Value::Int(number) => *number,
        other => panic!("{other:?} is no whole number"),
    };
    list.iter().map(number).sum()
}
