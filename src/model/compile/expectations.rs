//! `[[tables.<name>.expect]]`: what must hold of many records together, compiled against the model.

use std::collections::HashMap;
use std::sync::Arc;

use super::constraints::{check_id, finding_at, record_type};
use crate::diagnostic::{Diagnostic, Label, Place};
use crate::expr::ast::Comparison;
use crate::expr::program::{Condition, ConditionKind, NumericKind};
use crate::expr::types::ObjectType;
use crate::expr::{self, Ast, Fault, Number, OverRows, Path, Scope};
use crate::manifest::{DeclaredExpectation, Manifest};
use crate::model::{Assertion, Constraint, Expectation, Grouping, Table};
use crate::parse::spelling::Written;
use crate::tape::Names;

/// Compiles the expectations of all tables. What can't be used is reported.
pub(super) fn compile(
    manifest: &Manifest,
    tables: &[Table],
    names: &Names,
    constraints: &[Constraint],
    found: &mut Vec<Diagnostic>,
) -> Vec<Expectation> {
    let known =
        constraints.iter().map(|it| (it.assertion.id.to_string(), it.assertion.place.clone()));
    let mut ids: HashMap<String, Place> = known.collect();
    let mut expectations = Vec::new();
    for (number, (declaration, table)) in manifest.tables.iter().zip(tables).enumerate() {
        if declaration.expectations.is_empty() {
            continue;
        }
        let record = record_type(table, names);
        for declared in &declaration.expectations {
            let Written { text: id, place, .. } = &declared.id;
            if check_id(id, place, ids.get(id), found) {
                ids.insert(id.clone(), place.clone());
            }
            let mut reader = Reader { id, faults: Vec::new() };
            let program = reader.grouping(declared, &record);
            found.append(&mut reader.faults);
            expectations.extend(program.map(|program| expectation(declared, number, program)));
        }
    }
    expectations
}

fn expectation(declared: &DeclaredExpectation, table: usize, program: Grouping) -> Expectation {
    let text = |written: &Written| written.text.clone();
    Expectation {
        assertion: Assertion {
            id: declared.id.text.as_str().into(),
            assert: text(&declared.assert),
            message: declared.message.clone(),
            severity: declared.severity,
            place: declared.id.place.clone(),
            assert_place: declared.assert.place.clone(),
            table,
            needs_all_records: true,
        },
        filter: declared.filter.as_ref().map(text),
        by: declared.by.iter().map(text).collect(),
        each: declared.each.as_ref().map(text),
        program,
    }
}

/// Reads the expressions of one expectation.
struct Reader<'a> {
    id: &'a str,
    faults: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn refuse(&mut self, written: &Written, fault: Fault) {
        self.faults.push(finding_at(self.id, written.place_in(&fault.span), fault));
    }

    fn parse(&mut self, written: &Written) -> Option<Ast> {
        let ast = expr::parse(&written.text);
        ast.map_err(|fault| self.refuse(written, fault)).ok()
    }

    /// None if something in it can't be used.
    fn grouping(
        &mut self,
        declared: &DeclaredExpectation,
        record: &Arc<ObjectType>,
    ) -> Option<Grouping> {
        let list = match &declared.each {
            None => None,
            Some(written) => {
                let ast = self.parse(written)?;
                let list = expr::list(&ast, record);
                Some(list.map_err(|fault| self.refuse(written, fault)).ok()?)
            }
        };
        let (own, parent, each) = match list {
            None => (Arc::clone(record), None, Vec::new()),
            Some(expr::List { steps, around, item }) => (item, Some(around), steps),
        };
        let scope = Scope { own, parent, record: Arc::clone(record), tables: None };
        let mut read = Vec::new();
        let filter = match &declared.filter {
            None => Some(Vec::new()),
            Some(written) => self.filter(written, &scope, &mut read),
        };
        let mut by = Vec::new();
        for (index, written) in declared.by.iter().enumerate() {
            if let Some(first) = declared.by[..index].iter().find(|it| it.text == written.text) {
                let fault = fault(written, "this stands in `by` twice", "name each value once");
                self.refuse(written, fault);
                self.faults
                    .last_mut()
                    .expect("it was just put there")
                    .related
                    .push(Label { place: first.place.clone(), text: "the first".to_owned() });
            }
            let Some(ast) = self.parse(written) else { continue };
            match expr::row_value(&ast, &scope) {
                Ok((operand, _, more)) if operand.reads() => {
                    by.push(operand);
                    read.extend(more);
                }
                Ok(_) => self.refuse(written, fault(written, IDLE, IDLE_HELP)),
                Err(fault) => self.refuse(written, fault),
            }
        }
        let ast = self.parse(&declared.assert)?;
        let compiled = match expr::over_rows(&ast, &scope) {
            Ok(compiled) => compiled,
            Err(faults) => {
                faults.into_iter().for_each(|fault| self.refuse(&declared.assert, fault));
                return None;
            }
        };
        let OverRows { conjuncts: assert, aggregates, paths } = compiled;
        read.extend(paths.iter().cloned());
        for part in assert.iter().filter(|part| !part.reads()) {
            let message = "this looks at no row".to_owned();
            let help = Some("work something out over the rows, as in `count() >= 10`".to_owned());
            self.refuse(&declared.assert, Fault { span: part.span.clone(), message, help });
        }
        let places = assert.iter().map(|part| {
            let place = declared.assert.place_in(&part.span);
            Arc::new(Label { place, text: "what must hold".to_owned() })
        });
        let places = places.collect();
        let is_key = !by.is_empty() && matches!(assert.as_slice(), [only] if is_one_row(only));
        let filter = filter?;
        let grouping =
            Grouping { each, filter, by, read, aggregates, assert, paths, places, is_key };
        self.faults.is_empty().then_some(grouping)
    }

    fn filter(
        &mut self,
        written: &Written,
        scope: &Scope<'_>,
        paths: &mut Vec<Path>,
    ) -> Option<Vec<Condition>> {
        let ast = self.parse(written)?;
        match expr::condition(&ast, scope, &mut Vec::new()) {
            Ok(compiled) => {
                for part in compiled.conjuncts.iter().filter(|part| !part.reads()) {
                    let (message, help) = (IDLE.to_owned(), Some(IDLE_HELP.to_owned()));
                    self.refuse(written, Fault { span: part.span.clone(), message, help });
                }
                paths.extend(compiled.paths);
                Some(compiled.conjuncts)
            }
            Err(faults) => {
                faults.into_iter().for_each(|fault| self.refuse(written, fault));
                None
            }
        }
    }
}

const IDLE: &str = "this looks at no value of the rows";
const IDLE_HELP: &str = "values begin with `self.`";

fn fault(written: &Written, message: &str, help: &str) -> Fault {
    let span = 0..written.text.len();
    Fault { span, message: message.to_owned(), help: Some(help.to_owned()) }
}

/// Whether a condition says that there is one row: `count() == 1`, `count() <= 1`, `count() < 2`, or the same
/// the other way round. A group has one at least.
fn is_one_row(condition: &Condition) -> bool {
    let ConditionKind::Numbers(comparison, sides) = &condition.kind else { return false };
    let [left, right] = &**sides;
    let (comparison, counted, number) = match (&left.kind, &right.kind) {
        (NumericKind::Aggregate(_, counted), NumericKind::Constant(number)) => {
            (*comparison, counted, number)
        }
        (NumericKind::Constant(number), NumericKind::Aggregate(_, counted)) => {
            (comparison.mirrored(), counted, number)
        }
        _ => return false,
    };
    let at_most = match comparison {
        Comparison::Equal | Comparison::AtMost => 1,
        Comparison::Less => 2,
        Comparison::Different | Comparison::More | Comparison::AtLeast => return false,
    };
    counted.argument.is_none() && number.compare(Number::Integer(at_most)).is_eq()
}
