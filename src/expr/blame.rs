//! Which parts of a condition decided what it came to.

use std::ops::ControlFlow;

use super::evaluate::{Evaluator, Frame};
use super::program::{Condition, ConditionKind};

/// A part of a condition that decided what it came to, and is no further taken apart.
#[derive(Clone, Debug)]
pub struct Leaf<'p, 't> {
    /// The part.
    pub condition: &'p Condition,
    /// What it came to.
    pub holds: bool,
    /// What it was worked out for: the items of macros are in it.
    pub frame: Frame<'t>,
    /// How many other items of the list came to the same.
    pub others: usize,
    /// Whether it only decided which side of `?:` counts.
    pub is_choice: bool,
}

impl<'t> Evaluator<'t, '_> {
    /// The parts that decided that a condition came to `holds`.
    pub fn blame<'p>(&mut self, condition: &'p Condition, holds: bool) -> Vec<Leaf<'p, 't>> {
        let mut leaves = Vec::new();
        self.follow(condition, holds, &mut leaves);
        leaves
    }

    fn follow<'p>(
        &mut self,
        condition: &'p Condition,
        holds: bool,
        leaves: &mut Vec<Leaf<'p, 't>>,
    ) {
        match &condition.kind {
            ConditionKind::Constant(_) => {}
            ConditionKind::Not(inside) => self.follow(inside, !holds, leaves),
            ConditionKind::And(parts) | ConditionKind::Or(parts) => {
                let decisive = matches!(condition.kind, ConditionKind::Or(_));
                for part in parts {
                    // One that is decisive is enough; else all of them came to the same.
                    if holds != decisive || self.condition(part) == Some(holds) {
                        self.follow(part, holds, leaves);
                        if holds && decisive {
                            break;
                        }
                    }
                }
            }
            ConditionKind::Choice(parts) => {
                let [condition, a, b] = &**parts;
                if let Some(chosen) = self.condition(condition) {
                    let before = leaves.len();
                    self.follow(condition, chosen, leaves);
                    leaves[before..].iter_mut().for_each(|leaf| leaf.is_choice = true);
                    self.follow(if chosen { a } else { b }, holds, leaves);
                }
            }
            ConditionKind::All(sequence) | ConditionKind::Exists(sequence) => {
                let decisive = matches!(condition.kind, ConditionKind::Exists(_));
                if holds != decisive {
                    return leaves.push(self.leaf(condition, holds));
                }
                let (mut found, mut others) = (Vec::new(), 0);
                let _ = self.each(sequence, |evaluator, element, _| {
                    if evaluator.meets(element) != Some(holds) {
                        return ControlFlow::Continue(());
                    }
                    if !found.is_empty() {
                        others += 1;
                        return ControlFlow::Continue(());
                    }
                    if let Some(super::program::Operand::Condition(condition)) = &element.value {
                        evaluator.follow(condition, holds, &mut found);
                    }
                    // One existing item is enough.
                    if decisive { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                });
                found.iter_mut().for_each(|leaf| leaf.others += others);
                leaves.append(&mut found);
            }
            _ => leaves.push(self.leaf(condition, holds)),
        }
    }

    fn leaf<'p>(&self, condition: &'p Condition, holds: bool) -> Leaf<'p, 't> {
        Leaf { condition, holds, frame: self.frame, others: 0, is_choice: false }
    }
}
