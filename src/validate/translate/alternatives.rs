//! `anyOf` and `oneOf`: which of the alternatives was meant.

use super::Translator;
use crate::diagnostic::{Diagnostic, Place, code, one_of};
use crate::tape::Value;
use crate::validate::authority::{Demand, Violation};
use crate::validate::words::subject;

impl Translator<'_> {
    /// Reports the branch that was meant: the only one whose discriminator fits, else the one with
    /// the fewest faults, if no other has as few.
    pub(super) fn no_alternative(
        &self,
        value: Value<'_>,
        at: &str,
        branches: &[Vec<Violation>],
    ) -> Vec<Diagnostic> {
        let near = |violation: &Violation| {
            violation.pointer.matches('/').count() <= at.matches('/').count() + 1
        };
        let other_constant = |branch: &Vec<Violation>| {
            branch.iter().any(|violation| {
                near(violation) && matches!(violation.demand, Demand::Const(_) | Demand::Enum(_))
            })
        };
        let other_type = |branch: &Vec<Violation>| {
            branch
                .iter()
                .any(|violation| near(violation) && matches!(violation.demand, Demand::Type(_)))
        };
        let mut meant: Vec<_> = branches.iter().filter(|branch| !other_constant(branch)).collect();
        if meant.len() > 1 {
            meant.retain(|branch| !other_type(branch));
        }
        if meant.len() > 1 {
            let fewest = meant.iter().map(|branch| branch.len()).min().unwrap_or(0);
            meant.retain(|branch| branch.len() == fewest);
        }
        if let [meant] = meant.as_slice() {
            return meant.iter().flat_map(|violation| self.translate(violation)).collect();
        }
        let subject = subject(at);
        // Where every branch only wants a property to be there, say so in one sentence.
        let required: Option<Vec<&str>> = branches
            .iter()
            .map(|branch| match branch.as_slice() {
                [Violation { demand: Demand::Required(name), pointer, .. }] if pointer == at => {
                    Some(name.as_str())
                }
                _ => None,
            })
            .collect();
        let place = Place::new(value.source(), value.opening()).at(at);
        if let Some(names) = required {
            let message = format!("{subject} has none of {}", one_of(names.iter().copied()));
            return vec![
                Diagnostic::new(&code::NO_ALTERNATIVE, place, message)
                    .help(format!("add {}", one_of(names.iter().copied()))),
            ];
        }
        let constants: Vec<_> = branches
            .iter()
            .flatten()
            .filter_map(|violation| match &violation.demand {
                Demand::Const(expected) => Some((&violation.pointer, expected)),
                _ => None,
            })
            .collect();
        if let Some((pointer, _)) = constants.first()
            && constants.len() == branches.len()
            && constants.iter().all(|(other, _)| other == pointer)
        {
            let options: Vec<_> = constants.iter().map(|(_, value)| (*value).clone()).collect();
            let (value, _) = self.record.pointer(pointer);
            return vec![self.not_in_enum(value, pointer, &options)];
        }
        vec![
            Diagnostic::new(
                &code::NO_ALTERNATIVE,
                place,
                format!("{subject} fits none of the {} alternatives of its schema", branches.len()),
            )
            .help(
                self.describe(at).unwrap_or_else(|| {
                    "compare it with a valid record of the same table".to_owned()
                }),
            ),
        ]
    }
}
