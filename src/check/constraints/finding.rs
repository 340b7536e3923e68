//! The finding about a constraint that doesn't hold.

use super::Checked;
use super::said::{Said, help};
use super::sentence::Sentence;
use super::shown::{Part, Show};
use crate::diagnostic::{Diagnostic, Place, code};
use crate::expr::Condition;
use crate::expr::evaluate::Evaluator;
use crate::model::Program;
use crate::tape::Value;

/// So many other operands are shown with their places.
pub(super) const RELATED_MAX: usize = 5;

/// The finding about one part of a constraint that is false.
pub(super) fn of<'t>(
    checked: &Checked<'_, 't>,
    program: &Program,
    number: usize,
    condition: &Condition,
    evaluator: &mut Evaluator<'t, '_>,
) -> Diagnostic {
    let constraint = &checked.model.constraints[program.constraint];
    let assertion = &constraint.assertion;
    let show = Show { checked, text: &assertion.assert, paths: &program.assert.paths };
    let at = program.at.as_ref();
    let mut leaves = evaluator.blame(condition, false);
    let others = leaves.iter().map(|leaf| leaf.others).max().unwrap_or(0);
    let mut because = Because::default();
    // What decided which side of `?:` counts isn't what must be otherwise.
    if leaves.iter().any(|leaf| !leaf.is_choice) {
        for leaf in leaves.extract_if(.., |leaf| leaf.is_choice) {
            because.add(show.sentence(&leaf, None, evaluator));
        }
    }
    let sentences: Vec<_> = leaves.iter().map(|leaf| show.sentence(leaf, at, evaluator)).collect();
    let said = Said::of(assertion.message.as_deref(), &sentences, || show.written(&condition.span));
    because.add_condition(program, constraint.when.as_deref(), checked, evaluator);
    let more = match others {
        0 => String::new(),
        1 => "; so it is for one other item".to_owned(),
        _ => format!("; so it is for {others} other items"),
    };
    let message = format!("{}{}{more}", said.message, because.text());
    let (place, label) = place(checked, program, &sentences, evaluator);
    let mut finding = Diagnostic::new(&code::CONSTRAINT, place, message)
        .of_part(&assertion.id)
        .label(said.label.unwrap_or(label))
        .help(help(&assertion.id, &sentences, &because.parts, said.alternatives));
    finding.severity = assertion.severity;
    let primary = finding.primary.place.clone();
    let mut related = Vec::new();
    let operands = sentences.iter().flat_map(|sentence| &sentence.operands);
    let parts = operands.flat_map(|operand| &operand.parts).chain(&because.parts);
    for part in parts {
        let (place, label) = (checked.place(part.value, part.named), part.label.clone());
        let is_known = related.iter().any(|(known, _)| *known == place);
        if place != primary && !is_known && related.len() < RELATED_MAX {
            related.push((place, label));
        }
    }
    for (place, label) in related {
        finding = finding.with(place, label);
    }
    finding.demanded = program.places.get(number).cloned();
    finding
}

/// Why the constraint is for this object.
#[derive(Default)]
struct Because<'t> {
    facts: Vec<String>,
    parts: Vec<Part<'t>>,
}

impl<'t> Because<'t> {
    /// Adds the operands of a part of an expression that decided it.
    fn add(&mut self, sentence: Sentence<'t>) {
        for operand in sentence.operands.into_iter().filter(|it| !it.is_constant) {
            let fact = operand.fact();
            if !self.facts.contains(&fact) {
                self.facts.push(fact);
            }
            self.parts.extend(operand.parts);
        }
    }

    /// Adds what is true of the object, so that `when` is.
    fn add_condition(
        &mut self,
        program: &Program,
        text: Option<&str>,
        checked: &Checked<'_, 't>,
        evaluator: &mut Evaluator<'t, '_>,
    ) {
        let (Some(when), Some(text)) = (&program.when, text) else { return };
        let show = Show { checked, text, paths: &when.paths };
        for condition in &when.conjuncts {
            for leaf in evaluator.blame(condition, true) {
                self.add(show.sentence(&leaf, None, evaluator));
            }
        }
    }

    fn text(&self) -> String {
        match self.facts.as_slice() {
            [] => String::new(),
            [only] => format!(", because {only}"),
            [rest @ .., last] => format!(", because {} and {last}", rest.join(", ")),
        }
    }
}

/// Where the finding stands, and what is said there.
fn place<'t>(
    checked: &Checked<'_, 't>,
    program: &Program,
    sentences: &[Sentence<'t>],
    evaluator: &Evaluator<'t, '_>,
) -> (Place, String) {
    let is_own = |part: &&Part<'t>| part.named.is_none();
    let wanted = |part: &&Part<'t>| part.is_at(program.at.as_ref());
    let all =
        || sentences.iter().flat_map(|sentence| sentence.operands.iter().flat_map(|it| &it.parts));
    if let [only] = sentences {
        let subject = only.operands.get(only.subject).or(only.operands.first());
        let parts = || subject.into_iter().flat_map(|subject| &subject.parts).filter(is_own);
        if let Some(part) = parts().find(wanted).or_else(|| parts().next_back()) {
            return (checked.place(part.value, None), only.label.clone());
        }
    } else {
        let last = all().filter(is_own).max_by_key(|part| (part.rank(), part.path.span.end));
        if let Some(part) = all().filter(is_own).find(wanted).or(last) {
            return (checked.place(part.value, None), part.label.clone());
        }
    }
    let own = evaluator.frame.own;
    let place = Place::new(own.source(), own.opening()).at(checked.finder.pointer_to(own));
    let label = if let [only] = sentences { only.label.clone() } else { String::new() };
    (place, label)
}

impl<'t> Checked<'_, 't> {
    /// The place of a value, of the record that is checked or of one that it names.
    pub(super) fn place(&self, value: Value<'t>, named: Option<usize>) -> Place {
        let pointer = match named {
            None => self.finder.pointer_to(value),
            Some(number) => match self.named.get(number).and_then(Option::as_ref) {
                Some(named) => named.record.pointer_to(value),
                None => String::new(),
            },
        };
        Place::of(value).at(pointer)
    }
}
