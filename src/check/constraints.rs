//! Checks what must hold between the values of a record: the constraints of its schema.

mod excerpt;
mod finding;
mod labels;
mod named;
mod said;
mod sentence;
mod shown;

pub(super) use named::keep;
pub use named::link;

use super::Tally;
use crate::diagnostic::{Diagnostic, Place, code};
use crate::edtf::Edtf;
use crate::expr::Condition;
use crate::expr::evaluate::{Budget, Evaluator, Frame};
use crate::expr::{Compiled, MACROS_MAX, Root};
use crate::model::{Model, Object, Program, Table};
use crate::plan::{Place as Stands, Plan, Trace};
use crate::schema::Finder;
use crate::tape::{Tag, Value};

/// What a record is checked with.
pub(super) struct Checked<'a, 't> {
    pub model: &'a Model,
    /// The table of the record.
    pub table: &'a Table,
    pub record: Value<'t>,
    pub finder: &'a Finder<'t>,
    /// Uncertain dates that were read already.
    pub dates: &'a [(u32, Edtf)],
    /// The records that `ref` names, by their positions; none where there is no such record.
    pub named: &'a [Option<NamedRecord<'t>>],
}

/// A record that another one names.
pub(super) struct NamedRecord<'t> {
    /// Its table.
    pub table: &'t Table,
    /// Its key.
    pub key: String,
    /// The record, as far as expressions look at it.
    pub record: Value<'t>,
}

/// What a constraint comes to for an object.
enum Outcome<'p> {
    /// It holds.
    Held,
    /// It isn't for this object.
    NotApplied,
    /// Something is missing, or too uncertain.
    Undecided,
    /// These parts of it don't hold, by their numbers.
    Violated(Vec<(usize, &'p Condition)>),
}

/// Checks the objects of a record by the constraints that need no other record.
pub(super) fn check<'t>(
    checked: &Checked<'_, 't>,
    plan: &Plan<'_>,
    trace: &Trace,
    tallies: &mut [Tally],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut budget = Budget::default();
    for_each_object(plan, checked.record, trace, |object, own, parent| {
        let programs = object.constraints.iter().filter(|program| program.named.is_empty());
        for program in programs {
            let frame = Frame {
                own,
                parent,
                record: checked.record,
                named: &[],
                items: [None; MACROS_MAX],
            };
            checked.one(program, frame, &mut budget, &mut tallies[program.constraint], diagnostics);
        }
    });
}

/// Calls for each object of a record with constraints, with the object around it.
pub(super) fn for_each_object<'m, 't>(
    plan: &Plan<'m>,
    record: Value<'t>,
    trace: &Trace,
    mut each: impl FnMut(&'m Object, Value<'t>, Option<Value<'t>>),
) {
    let constrained = plan.constrained();
    if let Some(object) = constrained.record {
        each(object, record, None);
    }
    if !constrained.inside {
        return;
    }
    // The object around each list that is met.
    let mut lists: Vec<(u32, u32)> = Vec::new();
    for event in trace.events() {
        let (object, around) = match plan.place(event.place) {
            Stands::List { .. } => {
                lists.push((event.value, event.around));
                continue;
            }
            Stands::Group(members) => (members.object(), event.around),
            Stands::Row(members) => {
                let list = lists.iter().rev().find(|(list, _)| *list == event.around);
                let Some((_, around)) = list else { continue };
                (members.object(), *around)
            }
            Stands::Value { .. } | Stands::Languages { .. } => continue,
        };
        let value = record.at_index(event.value);
        if !object.constraints.is_empty() && value.tag() == Tag::Object {
            each(object, value, Some(record.at_index(around)));
        }
    }
}

impl<'t> Checked<'_, 't> {
    /// Works a constraint out for one object, counts it, and reports what doesn't hold.
    pub(super) fn one(
        &self,
        program: &Program,
        frame: Frame<'t>,
        budget: &mut Budget,
        tally: &mut Tally,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        if budget.is_spent() {
            // Said once of the record.
            return tally.leave_undecided(None);
        }
        let mut evaluator = Evaluator { frame, budget, dates: self.dates };
        let outcome = outcome(program, &mut evaluator);
        if let Some(uncomputable) = evaluator.budget.uncomputable.take() {
            tally.leave_undecided(None);
            let id = &self.model.constraints[program.constraint].assertion.id;
            let place = Place::new(frame.own.source(), frame.own.opening());
            let place = place.at(self.finder.pointer_to(frame.own));
            let message = format!("whether `{id}` holds can't be worked out: {}", uncomputable.why);
            let mut finding = Diagnostic::new(&code::UNCOMPUTABLE_CONSTRAINT, place, message)
                .of_part(id)
                .help("mend the number that is too large, or split the record");
            finding.demanded = program.places.first().cloned();
            diagnostics.push(finding);
            return;
        }
        match outcome {
            Outcome::Held => tally.held += 1,
            Outcome::NotApplied => tally.not_applied += 1,
            Outcome::Undecided => {
                let missing =
                    if tally.decides() { None } else { missing(&program.assert, &evaluator) };
                tally.leave_undecided(missing.as_deref());
            }
            Outcome::Violated(parts) => {
                tally.violated += 1;
                for (number, condition) in parts {
                    diagnostics.push(finding::of(self, program, number, condition, &mut evaluator));
                }
            }
        }
    }
}

fn outcome<'p>(program: &'p Program, evaluator: &mut Evaluator<'_, '_>) -> Outcome<'p> {
    if let Some(when) = &program.when
        && !when.conjuncts.iter().all(|part| evaluator.condition(part) == Some(true))
    {
        return Outcome::NotApplied;
    }
    let (mut violated, mut unknown) = (Vec::new(), false);
    for (number, part) in program.assert.conjuncts.iter().enumerate() {
        match evaluator.condition(part) {
            Some(true) => {}
            Some(false) => violated.push((number, part)),
            None => unknown = true,
        }
    }
    if !violated.is_empty() {
        Outcome::Violated(violated)
    } else if unknown {
        Outcome::Undecided
    } else {
        Outcome::Held
    }
}

/// The first operand that is missing, as the expression writes it.
fn missing(compiled: &Compiled, evaluator: &Evaluator<'_, '_>) -> Option<String> {
    let mut missing = compiled.paths.iter().filter(|path| !matches!(path.root, Root::Item(_)));
    let missing = missing.find(|path| evaluator.find(path).is_none())?;
    Some(missing.to_string())
}
