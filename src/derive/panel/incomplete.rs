//! Records in which a party has no unit: who else may have been it.

use std::collections::HashMap;

use crate::model::derived::{Counted, Panel};
use crate::period::{Extent, Period};

/// When records with a party that nobody knows may have been: all of them, those that name a unit, and those that
/// name a pair.
pub struct Incomplete {
    period: Period,
    first: i32,
    last: i32,
    is_of_pairs: bool,
    all: Runs,
    by_unit: HashMap<u32, Runs>,
    by_pair: HashMap<[u32; 2], Runs>,
}

/// Runs of periods: where each begins, and where each ends. Both are sorted before anybody asks, so that the runs
/// with a period in them are counted without a look at each.
#[derive(Default)]
struct Runs {
    firsts: Vec<i32>,
    lasts: Vec<i32>,
}

impl Runs {
    fn add(&mut self, first: i32, last: i32) {
        self.firsts.push(first);
        self.lasts.push(last);
    }

    fn sort(&mut self) {
        self.firsts.sort_unstable();
        self.lasts.sort_unstable();
    }

    /// How many have a period in them.
    fn with(&self, number: i32) -> usize {
        let begun = self.firsts.partition_point(|first| *first <= number);
        begun - self.lasts.partition_point(|last| *last < number)
    }
}

impl Incomplete {
    pub fn new(panel: &Panel) -> Self {
        let period = panel.period;
        Self {
            period,
            first: period.of(panel.span.first),
            last: period.of(panel.span.last),
            is_of_pairs: matches!(panel.of, Counted::Pairs(_)),
            all: Runs::default(),
            by_unit: HashMap::new(),
            by_pair: HashMap::new(),
        }
    }

    /// Notes a record with the units that are known of it, rising.
    pub fn note(&mut self, known: &[u32], time: Extent) {
        let of = |day: i32, open: i32| {
            if day == i32::MIN || day == i32::MAX { open } else { self.period.of(day) }
        };
        let first = of(time.begin.0, self.first).max(self.first);
        let last = of(time.end.1, self.last).min(self.last);
        if first > last {
            return;
        }
        self.all.add(first, last);
        for (index, unit) in known.iter().enumerate() {
            self.by_unit.entry(*unit).or_default().add(first, last);
            if self.is_of_pairs {
                for other in &known[index + 1..] {
                    self.by_pair.entry([*unit, *other]).or_default().add(first, last);
                }
            }
        }
    }

    /// Makes it ready to be asked.
    pub fn finish(&mut self) {
        self.all.sort();
        self.by_unit.values_mut().for_each(Runs::sort);
        self.by_pair.values_mut().for_each(Runs::sort);
    }

    /// How many may be of a unit that they don't name, or of a pair of which they name one.
    pub fn count(&self, units: &[u32], number: i32) -> usize {
        if self.all.firsts.is_empty() {
            return 0;
        }
        let of = |unit: u32| self.by_unit.get(&unit).map_or(0, |runs| runs.with(number));
        match units {
            [one, other] => {
                let pair = [*one.min(other), *one.max(other)];
                let both = self.by_pair.get(&pair).map_or(0, |runs| runs.with(number));
                of(*one) + of(*other) - 2 * both
            }
            _ => self.all.with(number) - of(units[0]),
        }
    }
}
