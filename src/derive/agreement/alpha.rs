//! Krippendorff's alpha, and observed agreement.
//!
//! A unit with *m* answers has *m*(*m*−1) ordered pairs of them; each counts 1/(*m*−1), so that a
//! unit counts by its *m* answers. With *n* answers in all, of which *n꜀* are the answer *c*, and
//! *S* the sum of the distances of these pairs, the observed disagreement is *S*/*n*. The expected one is
//! that of all pairs whatever their unit, Σ *n꜀* *nₖ* δ(*c*, *k*) / (*n*(*n*−1)). Alpha is 1 minus the first
//! divided by the second; observed agreement is 1 minus the first.
//!
//! The distance δ of answers that are the same is 0. Of nominal data it is 1 for all others; of sets it
//! may be less, where they are [similar](Similar). Distances are taken as they are, not squared.
//!
//! A unit may weigh more than another. Then its pairs and its answers count by its weight *w*, *n* and *n꜀*
//! are sums of weights, and *n*(*n*−1) is *n*² − Σ*w*² over all answers: what pairs of two answers, drawn one
//! after the other, come to. Only the proportions of weights matter.
//!
//! Without weights, sums of nominal data are whole numbers up to the last step, so the order of units
//! can't change a bit.

/// Two answers that differ and are alike in part: their numbers, the smaller one first, and 1 minus their
/// distance. They stand in the order of the numbers.
pub type Similar = (u32, u32, f64);

/// The answers about one unit, by how often each was given.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// (answer, how often), each answer once.
    counts: Vec<(usize, u64)>,
    answers: u64,
    /// The distances of ordered pairs of answers, added up.
    differing: f64,
    weight: f64,
}

impl Unit {
    /// A unit of that weight with these answers, as numbers that begin with 0 and leave out few. Answers
    /// that differ differ as a whole, but for those that are similar.
    #[must_use]
    pub fn new(answers: &[usize], weight: f64, similar: &[Similar]) -> Self {
        let mut sorted = answers.to_vec();
        sorted.sort_unstable();
        let counts: Vec<(usize, u64)> =
            sorted.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u64)).collect();
        let answers = answers.len() as u64;
        let same: u64 = counts.iter().map(|(_, count)| count * count).sum();
        let mut differing = (answers * answers - same) as f64;
        if !similar.is_empty() {
            for (index, (a, count)) in counts.iter().enumerate() {
                for (b, other) in &counts[index + 1..] {
                    let pair = (*a as u32, *b as u32);
                    if let Ok(at) = similar.binary_search_by(|it| (it.0, it.1).cmp(&pair)) {
                        differing -= 2.0 * (count * other) as f64 * similar[at].2;
                    }
                }
            }
        }
        Self { differing, counts, answers, weight }
    }
}

/// What is counted of some units.
#[derive(Clone, Debug)]
pub struct Tally {
    /// How often each answer was given, by weight.
    counts: Vec<f64>,
    answers: u64,
    /// The weights of all answers, added up.
    total: f64,
    /// Their squares.
    squares: f64,
    /// The distances of pairs, by the number of answers to their unit.
    differing: Vec<f64>,
}

/// Counts units, each of which has at least two answers; `distinct` is how many answers there are.
#[must_use]
pub fn tally(units: &[Unit], distinct: usize) -> Tally {
    let mut tally = Tally::new(distinct);
    units.iter().for_each(|unit| tally.add(unit));
    tally
}

impl Tally {
    /// Of no unit; all answers have numbers below `distinct`.
    #[must_use]
    pub fn new(distinct: usize) -> Self {
        let counts = vec![0.0; distinct];
        Self { counts, answers: 0, total: 0.0, squares: 0.0, differing: Vec::new() }
    }

    /// Adds a unit.
    pub fn add(&mut self, unit: &Unit) {
        debug_assert!(unit.answers > 1, "a single answer has no pair");
        for &(answer, count) in &unit.counts {
            self.counts[answer] += unit.weight * count as f64;
        }
        self.answers += unit.answers;
        self.total += unit.weight * unit.answers as f64;
        self.squares += unit.weight * unit.weight * unit.answers as f64;
        let answers = unit.answers as usize;
        if answers >= self.differing.len() {
            self.differing.resize(answers + 1, 0.0);
        }
        self.differing[answers] += unit.weight * unit.differing;
    }

    /// Forgets all units, and keeps the space.
    pub fn clear(&mut self) {
        self.counts.fill(0.0);
        self.differing.fill(0.0);
        (self.answers, self.total, self.squares) = (0, 0.0, 0.0);
    }

    /// How many answers.
    #[must_use]
    pub fn answers(&self) -> u64 {
        self.answers
    }

    /// 1 minus the mean distance of pairs: of nominal data the share of those that are the same. None
    /// without pairs.
    #[must_use]
    pub fn agreement(&self) -> Option<f64> {
        (self.total > 0.0).then(|| 1.0 - self.disagreement() / self.total)
    }

    /// Krippendorff's alpha, where these answers are similar; none where all are the same.
    #[must_use]
    pub fn alpha(&self, similar: &[Similar]) -> Option<f64> {
        let same: f64 = self.counts.iter().map(|count| count * count).sum();
        let count = |answer: u32| self.counts[answer as usize];
        let alike: f64 = similar.iter().map(|(a, b, share)| count(*a) * count(*b) * share).sum();
        let expected = self.total * self.total - same - 2.0 * alike;
        alpha(self.total, self.squares, self.disagreement(), expected)
    }

    /// *S*: the distances of pairs, each by its weight.
    fn disagreement(&self) -> f64 {
        let by_size = self.differing.iter().enumerate().filter(|(_, pairs)| **pairs > 0.0);
        by_size.map(|(answers, pairs)| *pairs / (answers - 1) as f64).sum()
    }
}

/// Alpha of answers whose weights and their squares come to this: `observed` is *S*, `expected` the same of
/// all pairs whatever their unit. None where no two answers differ.
#[must_use]
pub fn alpha(total: f64, squares: f64, observed: f64, expected: f64) -> Option<f64> {
    let alpha = 1.0 - (total * total - squares) / total * observed / expected;
    (expected > 0.0 && alpha.is_finite()).then_some(alpha)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Similar, Tally, Unit};

    fn units(columns: &[&[usize]]) -> Vec<Unit> {
        columns.iter().map(|answers| unit(answers)).collect()
    }

    fn unit(answers: &[usize]) -> Unit {
        Unit::new(answers, 1.0, &[])
    }

    fn tally(units: &[Unit]) -> Tally {
        super::tally(units, 8)
    }

    fn alpha(tally: &Tally) -> Option<f64> {
        tally.alpha(&[])
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
        assert_eq!(alpha(&tally), Some(1.0 - 312.0 / 1216.0));
    }

    /// His example of two observers and binary data (section A): 14 zeros and 6 ones among 20
    /// values, 8 of which are in pairs that differ: 1 − 19 · 8 / (20² − 14² − 6²) = 0.095.
    #[test]
    fn the_published_example_with_two_coders() {
        let (a, b) = ([0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]);
        let units: Vec<_> = a.iter().zip(b).map(|(&a, b)| unit(&[a, b])).collect();
        let tally = tally(&units);
        assert_eq!(tally.agreement(), Some(0.6));
        let alpha = alpha(&tally).expect("answers differ");
        assert!((alpha - (1.0 - 152.0 / 168.0)).abs() < 1e-15, "{alpha}");
    }

    #[test]
    fn without_variation_there_is_no_alpha() {
        let same = tally(&units(&[&[0, 0], &[0, 0, 0]]));
        assert_eq!((same.agreement(), alpha(&same)), (Some(1.0), None));
        let nothing = tally(&[]);
        assert_eq!((nothing.answers(), nothing.agreement(), alpha(&nothing)), (0, None, None));
    }

    /// Units that weigh twice as much count as if they stood there twice, but for the correction of small
    /// numbers: *n*(*n*−1) is *n*² − Σ*w*², as drawn pairs of answers come to.
    #[test]
    fn weights_are_proportions() {
        let weighted = |factor: f64| {
            let answers: [(&[usize], f64); 3] = [(&[0, 0], 1.0), (&[0, 1], 3.0), (&[1, 1], 2.0)];
            let units: Vec<_> =
                answers.iter().map(|(it, weight)| Unit::new(it, weight * factor, &[])).collect();
            tally(&units)
        };
        // n = 12, S = 6, n² − Σw² = 144 − 28, and of the pairs 2 · 5 · 7 differ.
        let tally = weighted(1.0);
        assert_eq!(tally.agreement(), Some(1.0 - 6.0 / 12.0));
        let expected = 1.0 - 116.0 / 12.0 * 6.0 / 70.0;
        for factor in [1.0, 0.5, 3.0] {
            let alpha = alpha(&weighted(factor)).expect("answers differ");
            assert!((alpha - expected).abs() < 1e-12, "{alpha} {expected}");
        }
    }

    /// Answers that are similar by two thirds differ by a third.
    #[test]
    fn similar_answers_differ_less() {
        let similar: [Similar; 1] = [(0, 1, 2.0 / 3.0)];
        let answers: [&[usize]; 3] = [&[0, 1], &[2, 2], &[0, 0]];
        let units: Vec<_> = answers.iter().map(|it| Unit::new(it, 1.0, &similar)).collect();
        let tally = tally(&units);
        // S = 2 · 1/3; of all pairs 2 · (3 · 1 · 1/3 + 3 · 2 + 1 · 2) = 18.
        let agreement = tally.agreement().expect("answers");
        assert!((agreement - (1.0 - 2.0 / 3.0 / 6.0)).abs() < 1e-15);
        let alpha = tally.alpha(&similar).expect("answers differ");
        assert!((alpha - (1.0 - 5.0 * (2.0 / 3.0) / 18.0)).abs() < 1e-15, "{alpha}");
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
            let counted: Vec<_> = units.iter().map(|answers| unit(answers)).collect();
            let tally = tally(&counted);
            prop_assert!((tally.agreement().unwrap_or(9.0) - (1.0 - observed)).abs() < 1e-12);
            match alpha(&tally) {
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
                let units: Vec<_> = units.iter().map(|answers| unit(answers)).collect();
                let tally = tally(&units);
                (tally.agreement().map(f64::to_bits), alpha(&tally).map(f64::to_bits))
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
            let units: Vec<_> = all.map(|(answer, m)| unit(&vec![answer; m])).collect();
            let tally = tally(&units);
            prop_assert_eq!((tally.agreement(), alpha(&tally)), (Some(1.0), Some(1.0)));
        }
    }
}
