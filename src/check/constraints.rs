//! Checks what must hold between the values of a record: the constraints of its schema.

mod excerpt;
mod finding;
mod group;
mod labels;
mod named;
mod said;
mod sentence;
mod shown;

pub(super) use group::of_group;
pub(super) use named::keep;
pub use named::link;

use self::finding::RELATED_MAX;
use self::shown::Show;
use super::Tally;
use crate::diagnostic::{Diagnostic, Place, code};
use crate::edtf::Edtf;
use crate::expr::Condition;
use crate::expr::evaluate::{Budget, Evaluator, Frame, STEPS_MAX, Uncomputable, Why};
use crate::expr::{Compiled, Root};
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
            let frame = Frame { own, parent, ..Frame::of(checked.record) };
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
                // Those inside the item before are over.
                while lists.last().is_some_and(|(list, _)| *list != event.around) {
                    lists.pop();
                }
                let Some((_, around)) = lists.last() else { continue };
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
        let mut evaluator = Evaluator { frame, budget, dates: self.dates };
        if evaluator.budget.is_spent() {
            // That is said once of the record.
            if let Some(uncomputable) = evaluator.budget.uncomputable.take() {
                diagnostics.push(self.uncomputable(program, true, &uncomputable, &evaluator));
            }
            return tally.leave_undecided(None);
        }
        let outcome = outcome(program, &mut evaluator);
        let is_applied = !matches!(outcome, Outcome::NotApplied);
        let mut uncomputable = evaluator.budget.uncomputable.take();
        match outcome {
            Outcome::Held => tally.held += 1,
            // What can't be worked out is of `when` then.
            Outcome::NotApplied => tally.not_applied += 1,
            Outcome::Undecided => {
                let known = tally.decides() || uncomputable.is_some();
                let missing = if known { None } else { missing(&program.assert, &evaluator) };
                tally.leave_undecided(missing.as_deref());
            }
            Outcome::Violated(parts) => {
                tally.violated += 1;
                let found = parts.into_iter().map(|(number, condition)| {
                    finding::of(self, program, number, condition, &mut evaluator)
                });
                let found: Vec<_> = found.collect();
                // What is said takes steps, too, and isn't whole without them.
                if evaluator.budget.is_spent() {
                    uncomputable = uncomputable.or(evaluator.budget.uncomputable.take());
                } else {
                    diagnostics.extend(found);
                    evaluator.budget.forgive();
                }
            }
        }
        if let Some(uncomputable) = uncomputable {
            diagnostics.push(self.uncomputable(program, is_applied, &uncomputable, &evaluator));
        }
    }

    fn uncomputable(
        &self,
        program: &Program,
        is_applied: bool,
        uncomputable: &Uncomputable,
        evaluator: &Evaluator<'t, '_>,
    ) -> Diagnostic {
        let constraint = &self.model.constraints[program.constraint];
        let id = &constraint.assertion.id;
        let (text, compiled) = match (&program.when, &constraint.when) {
            (Some(when), Some(text)) if !is_applied => (text, when),
            _ => (&constraint.assertion.assert, &program.assert),
        };
        let own = evaluator.frame.own;
        let place = Place::new(own.source(), own.opening()).at(self.finder.pointer_to(own));
        let show = Show { checked: self, text, paths: &compiled.paths };
        let span = &uncomputable.span;
        let (why, help) = match uncomputable.why {
            Why::Digits => (
                format!("{} has too many digits to be exact", show.written(span)),
                "mend the number that is far too large, or far too small",
            ),
            Why::Steps => (
                format!("the constraints of the record take more than {STEPS_MAX} steps"),
                "split the record, or ask for less in constraints on its lists",
            ),
        };
        let message = format!("whether `{id}` holds can't be worked out: {why}");
        let mut finding =
            Diagnostic::new(&code::UNCOMPUTABLE_CONSTRAINT, place, message).of_part(id).help(help);
        let inside = compiled.paths.iter().filter(|path| {
            span.start <= path.span.start
                && path.span.end <= span.end
                && !matches!(path.root, Root::Item(_))
        });
        let mut known = Vec::new();
        for part in inside.flat_map(|path| show.at_path(path, evaluator).parts) {
            let place = self.place(part.value, part.named);
            if known.len() < RELATED_MAX && !known.contains(&place) {
                known.push(place.clone());
                finding = finding.with(place, part.label);
            }
        }
        finding.demanded = program.places.first().cloned();
        finding
    }
}

fn outcome<'p>(program: &'p Program, evaluator: &mut Evaluator<'_, '_>) -> Outcome<'p> {
    if let Some(when) = &program.when {
        let mut applies = Some(true);
        for part in &when.conjuncts {
            match evaluator.decide(part) {
                Some(true) => {}
                Some(false) => {
                    evaluator.budget.forgive();
                    return Outcome::NotApplied;
                }
                None => applies = None,
            }
        }
        if applies.is_none() || evaluator.budget.is_spent() {
            return Outcome::NotApplied;
        }
    }
    let (mut violated, mut unknown) = (Vec::new(), false);
    for (number, part) in program.assert.conjuncts.iter().enumerate() {
        match evaluator.decide(part) {
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
