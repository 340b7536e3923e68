//! Agreement on single codes: whether an answer has the code or not.
//!
//! Each code of a set is a variable of its own with the values yes and no, and alpha is that of nominal data.
//! A rare code has little to agree on, so its prevalence, the share of answers that have it, stands beside.

use super::alpha::alpha;
use super::answers::Compared;
use super::bootstrap::{Interval, RESAMPLES, resample};

/// How far coders agree on a code.
#[derive(Clone, Debug, PartialEq)]
pub struct Agreement {
    /// How many answers have it.
    pub positives: u64,
    /// The share of answers that have it, by weight; none without answers.
    pub prevalence: Option<f64>,
    /// The share of pairs of answers about one unit that both have it, or both don't.
    pub observed: Option<f64>,
    /// Krippendorff's alpha; none where all answers have it, or none does.
    pub alpha: Option<f64>,
    /// The interval of alpha.
    pub interval: Interval,
}

/// What is counted of units, for all codes alike.
#[derive(Clone, Copy, Default)]
struct Total {
    weights: f64,
    squares: f64,
}

/// What is counted of units, for one code.
#[derive(Clone, Copy, Default)]
struct Count {
    /// The weights of answers that have it.
    positive: f64,
    /// *S*, as in [`super::alpha`].
    differing: f64,
}

impl Count {
    fn agreement(self, total: Total) -> Option<f64> {
        (total.weights > 0.0).then(|| 1.0 - self.differing / total.weights)
    }

    fn alpha(self, total: Total) -> Option<f64> {
        let expected = 2.0 * self.positive * (total.weights - self.positive);
        alpha(total.weights, total.squares, self.differing, expected)
    }
}

/// A unit as codes see it.
struct Unit {
    total: Total,
    /// By code, in the order of codes: those that at least one answer has.
    counts: Vec<(u32, Count)>,
}

impl Unit {
    fn new(answers: &[Vec<u32>], weight: f64) -> Self {
        let mut codes: Vec<u32> = answers.concat();
        codes.sort_unstable();
        let all = answers.len() as f64;
        let count = |same: &[u32]| {
            let positive = same.len() as f64;
            let pairs = 2.0 * positive * (all - positive);
            (
                same[0],
                Count { positive: weight * positive, differing: weight * pairs / (all - 1.0) },
            )
        };
        Self {
            total: Total { weights: weight * all, squares: weight * weight * all },
            counts: codes.chunk_by(|a, b| a == b).map(count).collect(),
        }
    }
}

/// How many codes are resampled at once: the alphas of their resamples are in memory.
const AT_ONCE: usize = 1024;

/// The agreement on each of so many codes; `answers` are the codes of each answer to each unit.
#[must_use]
pub fn agreement(codes: usize, answers: &[Vec<Vec<u32>>], compared: &Compared) -> Vec<Agreement> {
    let units: Vec<_> =
        answers.iter().zip(&compared.weights).map(|(it, weight)| Unit::new(it, *weight)).collect();
    let mut total = Total::default();
    let mut counts = vec![Count::default(); codes];
    let mut positives = vec![0u64; codes];
    for unit in &units {
        add(&mut total, unit.total);
        for (code, count) in &unit.counts {
            counts[*code as usize].positive += count.positive;
            counts[*code as usize].differing += count.differing;
        }
    }
    answers.iter().flatten().flatten().for_each(|code| positives[*code as usize] += 1);
    let used: Vec<u32> = (0..codes as u32).filter(|code| positives[*code as usize] > 0).collect();
    let mut intervals = vec![Interval { bounds: None, resamples: 0 }; codes];
    for used in used.chunks(AT_ONCE) {
        for (code, interval) in used.iter().zip(resampled(used, &units, &compared.ends)) {
            intervals[*code as usize] = interval;
        }
    }
    let of = |code: usize| Agreement {
        positives: positives[code],
        prevalence: (total.weights > 0.0).then(|| counts[code].positive / total.weights),
        observed: counts[code].agreement(total),
        alpha: counts[code].alpha(total),
        interval: intervals[code],
    };
    (0..codes).map(of).collect()
}

fn add(total: &mut Total, other: Total) {
    total.weights += other.weights;
    total.squares += other.squares;
}

/// The intervals of some codes, which rise.
fn resampled(codes: &[u32], units: &[Unit], ends: &[usize]) -> Vec<Interval> {
    // Of each unit only these codes, by their position among them.
    let own: Vec<Vec<(usize, Count)>> = units
        .iter()
        .map(|unit| {
            let own = unit
                .counts
                .iter()
                .filter_map(|(code, count)| Some((codes.binary_search(code).ok()?, *count)));
            own.collect()
        })
        .collect();
    let mut alphas = vec![Vec::with_capacity(RESAMPLES); codes.len()];
    let mut counts = vec![Count::default(); codes.len()];
    resample(ends.len(), |draws| {
        counts.fill(Count::default());
        let mut total = Total::default();
        for group in draws {
            let start = group.checked_sub(1).map_or(0, |before| ends[before]);
            for unit in start..ends[*group] {
                add(&mut total, units[unit].total);
                for (code, count) in &own[unit] {
                    counts[*code].positive += count.positive;
                    counts[*code].differing += count.differing;
                }
            }
        }
        for (alphas, count) in alphas.iter_mut().zip(&counts) {
            alphas.extend(count.alpha(total));
        }
    });
    alphas.into_iter().map(Interval::of).collect()
}
