//! Records in which a party has no unit: who else may have been it.

use std::collections::HashMap;

use crate::model::derived::{Counted, Panel};
use crate::period::{Extent, Period};

/// How many records with a party that nobody knows may lie in each period.
pub struct Incomplete {
    period: Period,
    first: i32,
    last: i32,
    is_of_pairs: bool,
    by_period: HashMap<i32, u32>,
    by_unit: HashMap<(u32, i32), u32>,
    by_pair: HashMap<([u32; 2], i32), u32>,
}

impl Incomplete {
    pub fn new(panel: &Panel) -> Self {
        let period = panel.period;
        Self {
            period,
            first: period.of(panel.span.first),
            last: period.of(panel.span.last),
            is_of_pairs: matches!(panel.of, Counted::Pairs(_)),
            by_period: HashMap::new(),
            by_unit: HashMap::new(),
            by_pair: HashMap::new(),
        }
    }

    /// Notes a record with the units that are known of it, rising.
    pub fn note(&mut self, known: &[u32], time: Extent) {
        let first =
            if time.begin.0 == i32::MIN { self.first } else { self.period.of(time.begin.0) };
        let last = if time.end.1 == i32::MAX { self.last } else { self.period.of(time.end.1) };
        for number in first.max(self.first)..=last.min(self.last) {
            *self.by_period.entry(number).or_default() += 1;
            for (index, unit) in known.iter().enumerate() {
                *self.by_unit.entry((*unit, number)).or_default() += 1;
                if self.is_of_pairs {
                    for other in &known[index + 1..] {
                        *self.by_pair.entry(([*unit, *other], number)).or_default() += 1;
                    }
                }
            }
        }
    }

    /// How many may be of a unit that they don't name, or of a pair of which they name one.
    pub fn count(&self, units: &[u32], number: i32) -> u32 {
        if self.by_period.is_empty() {
            return 0;
        }
        let of = |unit: u32| self.by_unit.get(&(unit, number)).copied().unwrap_or(0);
        match units {
            [one, other] => {
                let pair = [*one.min(other), *one.max(other)];
                let both = self.by_pair.get(&(pair, number)).copied().unwrap_or(0);
                of(*one) + of(*other) - 2 * both
            }
            _ => self.by_period.get(&number).copied().unwrap_or(0) - of(units[0]),
        }
    }
}
