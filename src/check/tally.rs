//! How often constraints and expectations held. Where a value is missing they say nothing, so what
//! they didn't decide is counted, and one that never decided anything is reported.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, code};
use crate::model::{Assertion, Model};

/// What came of a constraint for the objects that it stands on, or of an expectation for the groups of
/// a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// It is true.
    pub held: u64,
    /// It is false.
    pub violated: u64,
    /// It is neither.
    pub undecided: u64,
    /// Its `when` isn't true.
    pub not_applied: u64,
    /// How often which operand was missing where that left it undecided.
    missing: BTreeMap<String, u64>,
}

impl Tally {
    /// Counts an object for which it is undecided, with the operand that is missing there, as the
    /// expression writes it; none if all are there, and too uncertain.
    pub fn leave_undecided(&mut self, missing: Option<&str>) {
        self.undecided += 1;
        let Some(operand) = missing else { return };
        match self.missing.get_mut(operand) {
            Some(count) => *count += 1,
            None => {
                self.missing.insert(operand.to_owned(), 1);
            }
        }
    }

    /// Adds what another worker has counted.
    pub fn absorb(&mut self, other: Self) {
        self.held += other.held;
        self.violated += other.violated;
        self.undecided += other.undecided;
        self.not_applied += other.not_applied;
        for (operand, count) in other.missing {
            *self.missing.entry(operand).or_default() += count;
        }
    }

    /// The operand that was missing most often, and how often; of several the first by name.
    #[must_use]
    pub fn most_missing(&self) -> Option<(&str, u64)> {
        let counts = self.missing.iter().map(|(operand, count)| (operand.as_str(), *count));
        counts.rev().max_by_key(|(_, count)| *count)
    }

    /// Whether it was decided for some.
    #[must_use]
    pub fn decides(&self) -> bool {
        self.held > 0 || self.violated > 0
    }

    /// Whether it was applied, and never decided.
    fn decided_nothing(&self) -> bool {
        self.undecided > 0 && !self.decides()
    }
}

/// A note on each constraint and expectation that was applied and decided nothing. `tallies` are in the
/// order of [`Model::assertions`]. Where `is_known` says of one of its tables that records couldn't be
/// read or have errors, these may be the ones that would have decided it.
pub fn undecided(
    model: &Model,
    tallies: &[Tally],
    is_known: impl Fn(usize) -> bool,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for (index, ((code, assertion), tally)) in model.assertions().zip(tallies).enumerate() {
        let stands = model.constraints.get(index).map(|constraint| &constraint.stands);
        let mut tables = stands.into_iter().flatten().map(|(table, _)| *table);
        let all = || (0..model.tables.len()).all(&is_known);
        let known = is_known(assertion.table)
            && tables.all(&is_known)
            && (!assertion.needs_all_records || all());
        if tally.decided_nothing() && known {
            diagnostics.push(finding(code, assertion, tally));
        }
    }
}

fn finding(code: &Code, assertion: &Assertion, tally: &Tally) -> Diagnostic {
    let id = &assertion.id;
    let (missing, wheres) = (tally.most_missing(), tally.undecided);
    let is_group = code == &code::EXPECTATION;
    let place = match wheres {
        1 if is_group => "for the one group that there is".to_owned(),
        _ if is_group => format!("for any of the {wheres} groups"),
        1 => "in the one place where it applies".to_owned(),
        _ => format!("in any of the {wheres} places where it applies"),
    };
    let reason = missing.map_or_else(String::new, |(operand, count)| match count == wheres {
        true => format!(": `{operand}` is missing"),
        false => format!(": most often `{operand}` is missing, in {count} of them"),
    });
    let message = format!("`{id}` decides nothing: it is neither true nor false {place}{reason}");
    Diagnostic::new(&code::UNDECIDED_CONSTRAINT, assertion.assert_place.clone(), message)
        .of_part(id)
        .help(
            "if the value is there under another name, correct the expression; if it must be there, \
             say so with `required`, or with `has(…)` in the expression",
        )
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn workers_count_together() {
        let mut one = Tally { held: 1, violated: 2, undecided: 0, ..Tally::default() };
        one.leave_undecided(Some("self.low"));
        let mut other = Tally { not_applied: 4, ..Tally::default() };
        other.leave_undecided(Some("self.low"));
        other.leave_undecided(Some("self.high"));
        other.leave_undecided(None);
        one.absorb(other);
        assert_eq!((one.held, one.violated, one.undecided, one.not_applied), (1, 2, 4, 4));
        assert_eq!(one.most_missing(), Some(("self.low", 2)));
        one.leave_undecided(Some("self.high"));
        assert_eq!(one.most_missing(), Some(("self.high", 2)), "the first of two by name");
    }

    #[test]
    fn what_is_undecided_for_all_decides_nothing() {
        let undecided = Tally { undecided: 2, not_applied: 3, ..Tally::default() };
        assert!(undecided.decided_nothing());
        assert!(!Tally { held: 1, ..undecided.clone() }.decided_nothing());
        assert!(!Tally { violated: 1, ..undecided }.decided_nothing());
        assert!(!Tally { not_applied: 3, ..Tally::default() }.decided_nothing());
    }
}
