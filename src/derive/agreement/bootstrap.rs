//! A 95 % interval for alpha: the percentile interval of the bootstrap.
//!
//! After Bradley Efron and Robert J. Tibshirani, *An Introduction to the Bootstrap* (Chapman & Hall
//! 1993, chapter 13). A resample draws as many units as there are, with replacement; a unit comes
//! with all its answers, because answers about one unit belong together. The bounds are the 2.5th and
//! the 97.5th percentile of alpha over [`RESAMPLES`] resamples, interpolated linearly between the two
//! nearest (Rob J. Hyndman and Yanan Fan, "Sample Quantiles in Statistical Packages", 1996, type 7).
//!
//! A resample in which all answers are the same has no alpha. It is left out, and the number of those
//! that have one is told; counting it as 0 or 1 would be a guess. The bounds then say where alpha lies
//! given that there is one. Where fewer than half have one, there are no bounds.
//!
//! The interval covers which units were drawn, not which coders: with two coders it says nothing about
//! a third. And where no two answers differ it is 1 to 1 however few the units are, because resamples
//! can't show a difference that no unit has; the column's description says so.
//!
//! Items of a list that coders matched are drawn with the unit that they belong to. Units that weigh more
//! are drawn as often as others, and count by their weight in the resample; strata aren't known here.
//!
//! Draws come from SplitMix64 (Guy L. Steele, Doug Lea and Christine H. Flood, "Fast Splittable
//! Pseudorandom Number Generators", 2014), begun with [`SEED`] for each variable, so that all
//! variables of a table are resampled by the same units.

use super::alpha::{Similar, Tally, Unit};

/// How many resamples are drawn.
pub const RESAMPLES: usize = 2000;

/// What the generator begins with.
pub const SEED: u64 = 1;

/// The bounds of alpha.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower and upper bound; none where fewer than half of the resamples have an alpha.
    pub bounds: Option<(f64, f64)>,
    /// How many resamples have one.
    pub resamples: usize,
}

/// Units, in the groups that are drawn together.
#[derive(Clone, Debug)]
pub struct Sample {
    /// In the order of groups.
    pub units: Vec<Unit>,
    /// Where the units of each group end; a group may have none.
    pub ends: Vec<usize>,
}

impl Sample {
    fn group(&self, group: usize) -> &[Unit] {
        let start = group.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.units[start..self.ends[group]]
    }
}

/// The interval of alpha over these groups of units, in this order. Answers have numbers below `distinct`,
/// and some are similar.
#[must_use]
pub fn interval(sample: &Sample, distinct: usize, similar: &[Similar]) -> Interval {
    let mut tally = Tally::new(distinct);
    let mut alphas = Vec::with_capacity(RESAMPLES);
    resample(sample.ends.len(), |draws| {
        tally.clear();
        for group in draws {
            sample.group(*group).iter().for_each(|unit| tally.add(unit));
        }
        alphas.extend(tally.alpha(similar));
    });
    Interval::of(alphas)
}

/// Draws so many of as many groups, again and again.
pub fn resample(groups: usize, mut each: impl FnMut(&[usize])) {
    let mut generator = SplitMix64(SEED);
    let mut draws = vec![0; groups];
    for _ in 0..RESAMPLES {
        draws.iter_mut().for_each(|draw| *draw = generator.below(groups));
        each(&draws);
    }
}

impl Interval {
    /// That of the alphas of those resamples that have one.
    #[must_use]
    pub fn of(mut alphas: Vec<f64>) -> Self {
        alphas.sort_unstable_by(f64::total_cmp);
        let bounds = (2 * alphas.len() >= RESAMPLES)
            .then(|| (percentile(&alphas, 2.5), percentile(&alphas, 97.5)));
        Self { bounds, resamples: alphas.len() }
    }
}

/// A percentile of sorted numbers, of which there are some.
fn percentile(sorted: &[f64], percent: f64) -> f64 {
    let at = percent / 100.0 * (sorted.len() - 1) as f64;
    let below = at.floor();
    let lower = sorted[below as usize];
    match sorted.get(below as usize + 1) {
        Some(upper) => lower + (upper - lower) * (at - below),
        None => lower,
    }
}

/// A small generator with 64 bits of state.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`: the upper half of the product of a draw and `end`. Some numbers are
    /// likelier than others by a part in 2⁶⁴/`end`, which nobody can see.
    fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::{Interval, RESAMPLES, Sample, SplitMix64, Unit, percentile};

    fn unit(answers: &[usize]) -> Unit {
        Unit::new(answers, 1.0, &[])
    }

    fn interval(units: &[Unit]) -> Interval {
        let ends = (1..=units.len()).collect();
        super::interval(&Sample { units: units.to_vec(), ends }, 3, &[])
    }

    /// The first numbers that the authors' program gives for the seed 1234567.
    #[test]
    fn the_generator_is_the_published_one() {
        let mut generator = SplitMix64(1_234_567);
        let numbers: Vec<_> = (0..5).map(|_| generator.next()).collect();
        assert_eq!(
            numbers,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423,
                4_593_380_528_125_082_431,
                16_408_922_859_458_223_821,
            ]
        );
    }

    #[test]
    fn percentiles_lie_between_the_nearest_two() {
        assert_eq!(percentile(&[1.0, 2.0, 4.0], 50.0), 2.0);
        assert_eq!(percentile(&[1.0, 2.0, 4.0], 75.0), 3.0);
        assert_eq!(percentile(&[1.0, 2.0, 4.0], 100.0), 4.0);
        assert_eq!(percentile(&[5.0], 2.5), 5.0);
    }

    #[test]
    fn the_interval_is_around_alpha_and_narrows_with_more_units() {
        let units = |repeat: usize| -> Vec<Unit> {
            let answers: [&[usize]; 5] = [&[0, 0], &[1, 1], &[2, 2], &[0, 1], &[1, 1]];
            answers.iter().cycle().take(5 * repeat).map(|it| unit(it)).collect()
        };
        let width = |repeat: usize| {
            let units = units(repeat);
            let tally = super::super::alpha::tally(&units, 3);
            let alpha = tally.alpha(&[]).expect("answers differ");
            let Interval { bounds, resamples } = interval(&units);
            let (lower, upper) = bounds.expect("nearly all resamples vary");
            assert!(lower < alpha && alpha < upper, "{lower} {alpha} {upper}");
            assert!(resamples > RESAMPLES - 10);
            upper - lower
        };
        assert!(width(40) < width(4) / 2.0);
    }

    /// With two units of which one differs, a quarter of the resamples has the one without
    /// variation twice: those have no alpha and don't count.
    #[test]
    fn resamples_without_an_alpha_are_left_out_and_told() {
        let Interval { bounds, resamples } = interval(&[unit(&[0, 0]), unit(&[0, 1])]);
        assert!(resamples.abs_diff(RESAMPLES * 3 / 4) < 100, "{resamples}");
        assert!(bounds.is_some());
        // Two drawn alike of 20: one of 20 units differs, and about a third of the resamples
        // lacks it.
        let mut units = vec![unit(&[0, 0]); 19];
        units.push(unit(&[0, 1]));
        let found = interval(&units).resamples;
        assert!(found.abs_diff(1283) < 100, "{found}");
        let none = interval(&units[..19]);
        assert_eq!(none, Interval { bounds: None, resamples: 0 });
        assert_eq!(interval(&[]), Interval { bounds: None, resamples: 0 });
    }

    /// What belongs together is drawn together: of two groups, one without units and one with all, each
    /// resample has all of them as often as any, or none.
    #[test]
    fn groups_are_drawn_as_a_whole() {
        let units = vec![unit(&[0, 0]), unit(&[0, 1]), unit(&[1, 1])];
        let Interval { bounds, resamples } =
            super::interval(&Sample { units, ends: vec![0, 3] }, 2, &[]);
        assert!(resamples.abs_diff(RESAMPLES * 3 / 4) < 100, "{resamples}");
        // Once: 1 − 5 · 2 / 18; twice: 1 − 11 · 4 / 72.
        let (lower, upper) = bounds.expect("most have one");
        assert!((lower - 7.0 / 18.0).abs() < 1e-12 && (upper - 4.0 / 9.0).abs() < 1e-12);
    }
}
