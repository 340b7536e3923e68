//! What a finding says of functions of rows.

use super::said::Said;
use super::shown::{Show, Shown};
use super::{Checked, sentence::Sentence};
use crate::diagnostic::quote;
use crate::expr::Condition;
use crate::expr::aggregate::{Aggregate, Aggregated, Function, Result as Worked};
use crate::expr::evaluate::Evaluator;
use crate::expr::program::{ConditionKind, Extreme, Operand};
use crate::model::Expectation;
use crate::spelling::thousands;

/// What is said of a part of an expectation that is false for a group, and what is said beside it.
pub(in crate::check) fn of_group<'t>(
    checked: &Checked<'_, 't>,
    expectation: &Expectation,
    condition: &Condition,
    evaluator: &mut Evaluator<'t, '_>,
) -> (String, String) {
    let assertion = &expectation.assertion;
    let show = Show { checked, text: &assertion.assert, paths: &expectation.program.paths };
    let leaves = evaluator.blame(condition, false);
    let sentences: Vec<_> =
        leaves.iter().map(|leaf| show.sentence(leaf, None, evaluator)).collect();
    let said = Said::of(assertion.message.as_deref(), &sentences, || show.written(&condition.span));
    let inside = |aggregate: &Aggregate| {
        let spans = leaves.iter().map(|leaf| &leaf.condition.span);
        spans.clone().any(|it| it.start <= aggregate.span.start && aggregate.span.end <= it.end)
    };
    let mut notes: Vec<String> = Vec::new();
    let results = evaluator.frame.aggregates;
    let all = || {
        let aggregates = expectation.program.aggregates.iter().zip(results);
        aggregates.filter(|(aggregate, _)| inside(aggregate))
    };
    for (aggregate, aggregated) in all() {
        let shown = show.aggregate(aggregate, aggregated);
        let is_said = |sentence: &Sentence<'_>| {
            sentence.operands.iter().any(|operand| operand.noun == shown.noun)
        };
        let fact = shown.fact();
        if !sentences.iter().any(is_said) && !notes.contains(&fact) {
            notes.push(fact);
        }
    }
    for (aggregate, aggregated) in all() {
        let note = show.passed_over(aggregate, aggregated);
        notes.extend(note.filter(|note| !notes.contains(note)));
    }
    let notes = match notes.is_empty() {
        true => String::new(),
        false => format!(" ({})", notes.join(", ")),
    };
    let label = match sentences.as_slice() {
        [only] => only.operands.get(only.subject).and_then(|it| it.value.clone()),
        _ => None,
    };
    let label = label.map_or_else(|| "what must hold".to_owned(), |value| format!("is {value}"));
    (format!("{}{notes}", said.message), label)
}

impl<'t> Show<'_, '_, 't> {
    /// What a function of rows is called, and what it comes to.
    pub(super) fn aggregate(&self, aggregate: &Aggregate, aggregated: &Aggregated) -> Shown<'t> {
        let argument = aggregate.argument.as_ref();
        let of = argument.map(|it| self.written(it.span())).unwrap_or_default();
        let is_date = matches!(argument, Some(Operand::Date(_)));
        let noun = match (aggregate.function, argument) {
            (Function::Count, None) => "the count".to_owned(),
            (Function::Count, Some(condition)) => format!("the count {}", self.meeting(condition)),
            (Function::Share, Some(condition)) => format!("the share {}", self.meeting(condition)),
            (Function::Sum, _) => format!("the sum of {of}"),
            (Function::Mean, _) => format!("the mean of {of}"),
            (Function::Extreme(extreme), _) => {
                let which = match (extreme, is_date) {
                    (Extreme::Least, false) => "least",
                    (Extreme::Greatest, false) => "greatest",
                    (Extreme::Least, true) => "earliest",
                    (Extreme::Greatest, true) => "latest",
                };
                format!("the {which} {of}")
            }
            (Function::Distinct, _) => format!("the number of different {of}"),
            (Function::Share, None) => "the share".to_owned(),
        };
        let rows = || match aggregated.met {
            1 => "in one row".to_owned(),
            met => format!("in {} rows", thousands(met)),
        };
        let value = match &aggregated.result {
            Worked::Missing | Worked::TooLarge => None,
            Worked::Number(number) => Some(quote(&number.to_string())),
            Worked::Date(days) => Some(quote(&days.to_string())),
        };
        let value = value.map(|value| match aggregate.function {
            Function::Sum | Function::Mean => format!("{value} {}", rows()),
            Function::Share => {
                let (met, known) = (thousands(aggregated.met), thousands(aggregated.known));
                format!("{value} ({met} of {known})")
            }
            Function::Count | Function::Extreme(_) | Function::Distinct => value,
        });
        Shown { noun, value, is_plural: false, is_constant: false, parts: Vec::new() }
    }

    /// "without `latitude`"
    fn meeting(&self, condition: &Operand) -> String {
        if let Operand::Condition(condition) = condition {
            match &condition.kind {
                ConditionKind::Has(path) => return format!("with {}", self.written(&path.span)),
                ConditionKind::Not(inside) => {
                    if let ConditionKind::Has(path) = &inside.kind {
                        return format!("without {}", self.written(&path.span));
                    }
                }
                _ => {}
            }
        }
        format!("with {}", self.written(condition.span()))
    }

    /// "1 row without `best`"
    fn passed_over(&self, aggregate: &Aggregate, aggregated: &Aggregated) -> Option<String> {
        let argument = aggregate.argument.as_ref().filter(|_| aggregated.unknown > 0)?;
        let rows = match aggregated.unknown {
            1 => "1 row".to_owned(),
            unknown => format!("{} rows", thousands(unknown)),
        };
        let of = self.written(argument.span());
        Some(match argument.is_value() {
            true => format!("{rows} without {of}"),
            false => format!("{rows} for which {of} isn't known"),
        })
    }
}
