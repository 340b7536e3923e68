//! Krippendorff's alpha for nominal data, and observed agreement.
//!
//! A unit with *m* answers has *m*(*m*−1) ordered pairs of them; each counts 1/(*m*−1), so that a
//! unit counts by its *m* answers. With *n* answers in all, of which *n꜀* are the answer *c*, and
//! *S* the sum over pairs that differ, the observed disagreement is *S*/*n*. The expected one is that
//! of all pairs whatever their unit, (*n*² − Σ*n꜀*²) / (*n*(*n*−1)). Alpha is 1 minus the first
//! divided by the second; observed agreement is 1 minus the first.
//!
//! Sums are kept as whole numbers up to the last step, so the order of units can't change a bit.

/// The answers about one unit, by how often each was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// (answer, how often), each answer once.
    counts: Vec<(usize, u64)>,
    answers: u64,
    /// Ordered pairs of answers that differ.
    differing: u64,
}

impl Unit {
    /// A unit with these answers, as numbers that begin with 0 and leave out few.
    #[must_use]
    pub fn new(answers: &[usize]) -> Self {
        let mut sorted = answers.to_vec();
        sorted.sort_unstable();
        let counts: Vec<(usize, u64)> =
            sorted.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u64)).collect();
        let answers = answers.len() as u64;
        let same: u64 = counts.iter().map(|(_, count)| count * count).sum();
        Self { differing: answers * answers - same, counts, answers }
    }
}

/// What is counted of some units.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// How often each answer was given.
    counts: Vec<u64>,
    answers: u64,
    /// Pairs that differ, by the number of answers to their unit.
    differing: Vec<u64>,
}

/// Counts units, each of which has at least two answers.
#[must_use]
pub fn tally(units: &[Unit]) -> Tally {
    let mut tally = Tally::default();
    units.iter().for_each(|unit| tally.add(unit));
    tally
}

impl Tally {
    /// Adds a unit.
    pub fn add(&mut self, unit: &Unit) {
        debug_assert!(unit.answers > 1, "a single answer has no pair");
        for &(answer, count) in &unit.counts {
            if answer >= self.counts.len() {
                self.counts.resize(answer + 1, 0);
            }
            self.counts[answer] += count;
        }
        self.answers += unit.answers;
        let answers = unit.answers as usize;
        if answers >= self.differing.len() {
            self.differing.resize(answers + 1, 0);
        }
        self.differing[answers] += unit.differing;
    }

    /// Forgets all units, and keeps the space.
    pub fn clear(&mut self) {
        self.counts.fill(0);
        self.differing.fill(0);
        self.answers = 0;
    }

    /// How many answers.
    #[must_use]
    pub fn answers(&self) -> u64 {
        self.answers
    }

    /// The share of pairs that are the same; none without pairs.
    #[must_use]
    pub fn agreement(&self) -> Option<f64> {
        (self.answers > 0).then(|| 1.0 - self.disagreement() / self.answers as f64)
    }

    /// Krippendorff's alpha; none where all answers are the same.
    #[must_use]
    pub fn alpha(&self) -> Option<f64> {
        let square = |count: u64| u128::from(count) * u128::from(count);
        let same: u128 = self.counts.iter().map(|count| square(*count)).sum();
        let expected = square(self.answers) - same;
        let pairs = self.answers.saturating_sub(1) as f64;
        (expected > 0).then(|| 1.0 - pairs * self.disagreement() / expected as f64)
    }

    /// *S*: the pairs that differ, each by its weight.
    fn disagreement(&self) -> f64 {
        let by_size = self.differing.iter().enumerate().filter(|(_, pairs)| **pairs > 0);
        by_size.map(|(answers, pairs)| *pairs as f64 / (answers - 1) as f64).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Unit, tally};

    fn units(columns: &[&[usize]]) -> Vec<Unit> {
        columns.iter().map(|answers| Unit::new(answers)).collect()
    }

    /// Krippendorff's example of four observers, twelve units and nominal data with gaps (2011,
    /// section C). Of its 40 pairable values 9, 13, 10, 5 and 3 are 1 to 5, and 7, 10, 8, 4 and 3 lie
    /// on the diagonal of the coincidences: 40 − 32 = 8 pairs differ, and alpha is
    /// 1 − 39 · 8 / (40² − 9² − 13² − 10² − 5² − 3²) = 1 − 312 / 1216 = 0.743.
    #[test]
    fn the_published_example_with_four_coders() {
        let units = units(&[
            &[1, 1, 1],
            &[2, 2, 3, 2],
            &[3, 3, 3, 3],
            &[3, 3, 3, 3],
            &[2, 2, 2, 2],
            &[1, 2, 3, 4],
            &[4, 4, 4, 4],
            &[1, 1, 2, 1],
            &[2, 2, 2, 2],
            &[5, 5, 5],
            &[1, 1],
        ]);
        let tally = tally(&units);
        assert_eq!(tally.answers(), 40);
        assert_eq!(tally.agreement(), Some(32.0 / 40.0));
        assert_eq!(tally.alpha(), Some(1.0 - 312.0 / 1216.0));
    }

    /// His example of two observers and binary data (section A): 14 zeros and 6 ones among 20
    /// values, 8 of which are in pairs that differ: 1 − 19 · 8 / (20² − 14² − 6²) = 0.095.
    #[test]
    fn the_published_example_with_two_coders() {
        let (a, b) = ([0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]);
        let units: Vec<_> = a.iter().zip(b).map(|(&a, b)| Unit::new(&[a, b])).collect();
        let tally = tally(&units);
        assert_eq!(tally.agreement(), Some(0.6));
        let alpha = tally.alpha().expect("answers differ");
        assert!((alpha - (1.0 - 152.0 / 168.0)).abs() < 1e-15, "{alpha}");
    }

    #[test]
    fn without_variation_there_is_no_alpha() {
        let same = tally(&units(&[&[0, 0], &[0, 0, 0]]));
        assert_eq!((same.agreement(), same.alpha()), (Some(1.0), None));
        let nothing = tally(&[]);
        assert_eq!((nothing.answers(), nothing.agreement(), nothing.alpha()), (0, None, None));
    }

    /// The definition, pair by pair.
    fn slow(units: &[Vec<usize>]) -> (f64, f64) {
        let all = units.concat();
        let pairs = |answers: &[usize]| {
            let mut differ = 0.0;
            for (i, a) in answers.iter().enumerate() {
                differ += answers.iter().skip(i + 1).filter(|b| *b != a).count() as f64 * 2.0;
            }
            differ
        };
        let n = all.len() as f64;
        let observed: f64 = units.iter().map(|it| pairs(it) / (it.len() as f64 - 1.0)).sum();
        (observed / n, pairs(&all) / (n * (n - 1.0)))
    }

    proptest! {
        #[test]
        fn it_is_what_the_definition_says(
            units in proptest::collection::vec(proptest::collection::vec(0usize..4, 2..6), 1..12),
        ) {
            let (observed, expected) = slow(&units);
            let counted: Vec<_> = units.iter().map(|answers| Unit::new(answers)).collect();
            let tally = tally(&counted);
            prop_assert!((tally.agreement().unwrap_or(9.0) - (1.0 - observed)).abs() < 1e-12);
            match tally.alpha() {
                Some(alpha) => prop_assert!((alpha - (1.0 - observed / expected)).abs() < 1e-12),
                None => prop_assert_eq!(expected, 0.0),
            }
        }

        /// Neither the order of units and answers nor what answers are called changes a bit.
        #[test]
        fn names_and_order_do_not_count(
            units in proptest::collection::vec(proptest::collection::vec(0usize..4, 2..6), 1..12),
        ) {
            let count = |units: &[Vec<usize>]| {
                let units: Vec<_> = units.iter().map(|answers| Unit::new(answers)).collect();
                let tally = tally(&units);
                (tally.agreement().map(f64::to_bits), tally.alpha().map(f64::to_bits))
            };
            let other: Vec<Vec<usize>> = units
                .iter()
                .rev()
                .map(|answers| answers.iter().rev().map(|answer| 7 - answer).collect())
                .collect();
            prop_assert_eq!(count(&units), count(&other));
        }

        #[test]
        fn coders_who_agree_and_vary_have_an_alpha_of_one(
            units in proptest::collection::vec((0usize..4, 2usize..5), 0..12),
        ) {
            let all = [(4, 2), (5, 2)].into_iter().chain(units);
            let units: Vec<_> = all.map(|(answer, m)| Unit::new(&vec![answer; m])).collect();
            let tally = tally(&units);
            prop_assert_eq!((tally.agreement(), tally.alpha()), (Some(1.0), Some(1.0)));
        }
    }
}
