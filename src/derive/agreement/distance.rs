//! How far apart sets are: Jaccard's distance, and MASI.
//!
//! Jaccard's similarity of two sets is the number of items that both have, divided by that of those that at
//! least one has (Paul Jaccard, "The Distribution of the Flora in the Alpine Zone", 1912). MASI is that times
//! how one set contains the other: 1 if they are the same, 2/3 if one is part of the other, 1/3 if they share
//! items and each has its own, 0 if they share none (Rebecca Passonneau, "Measuring Agreement on Set-valued
//! Items (MASI) for Semantic and Pragmatic Annotation", LREC 2006). A distance is 1 minus the similarity.
//!
//! Two empty sets are the same; an empty one shares nothing with any other, so their distance is 1.

use super::alpha::Similar;

/// How far apart two sets are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// By the share of items that both have.
    Jaccard,
    /// That times how one contains the other.
    Masi,
}

/// Two sets that differ and share items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// The set with the smaller number.
    pub a: u32,
    /// The other one.
    pub b: u32,
    /// How many items both have.
    common: u32,
    /// How many at least one has.
    union: u32,
    /// Whether one is part of the other.
    is_part: bool,
}

/// How many pairs of sets may share items. Each resample looks at all of them.
pub const OVERLAPS_MAX: usize = 1 << 21;

/// How often a shared item may be counted.
const COUNTED_MAX: usize = 1 << 29;

/// The pairs of different sets that share items, in their order; the items of a set are numbers below
/// `items`, each once. None if there are too many.
#[must_use]
pub fn overlaps(sets: &[Vec<u32>], items: usize) -> Option<Vec<Overlap>> {
    let mut sets_with: Vec<Vec<u32>> = vec![Vec::new(); items];
    let mut overlaps = Vec::new();
    let mut common = vec![0u32; sets.len()];
    let mut touched = Vec::new();
    let mut counted = 0;
    for (number, set) in sets.iter().enumerate() {
        for item in set {
            let others = &mut sets_with[*item as usize];
            counted += others.len();
            if counted > COUNTED_MAX {
                return None;
            }
            for other in &*others {
                if common[*other as usize] == 0 {
                    touched.push(*other);
                }
                common[*other as usize] += 1;
            }
            others.push(number as u32);
        }
        if overlaps.len() + touched.len() > OVERLAPS_MAX {
            return None;
        }
        for a in touched.drain(..) {
            let common = std::mem::take(&mut common[a as usize]);
            let sizes = [sets[a as usize].len() as u32, set.len() as u32];
            overlaps.push(Overlap {
                a,
                b: number as u32,
                common,
                union: sizes[0] + sizes[1] - common,
                is_part: sizes.contains(&common),
            });
        }
    }
    overlaps.sort_unstable_by_key(|overlap| (overlap.a, overlap.b));
    Some(overlaps)
}

impl Metric {
    /// How similar sets are that differ and share items.
    #[must_use]
    pub fn similar(self, overlaps: &[Overlap]) -> Vec<Similar> {
        let similarity = |overlap: &Overlap| {
            let jaccard = f64::from(overlap.common) / f64::from(overlap.union);
            match (self, overlap.is_part) {
                (Self::Jaccard, _) => jaccard,
                (Self::Masi, true) => jaccard * 2.0 / 3.0,
                (Self::Masi, false) => jaccard / 3.0,
            }
        };
        overlaps.iter().map(|overlap| (overlap.a, overlap.b, similarity(overlap))).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Metric, overlaps};

    /// The distance of two sets, the long way round.
    fn distance(metric: Metric, a: &[u32], b: &[u32]) -> f64 {
        if a == b {
            return 0.0;
        }
        let overlaps = overlaps(&[a.to_vec(), b.to_vec()], 8).expect("two sets");
        1.0 - metric.similar(&overlaps).first().map_or(0.0, |similar| similar.2)
    }

    /// Passonneau's cases: the same, a part, an overlap, nothing in common; and the empty set.
    #[test]
    fn the_published_cases() {
        let cases: [(&[u32], &[u32], f64, f64); 6] = [
            (&[1, 2], &[1, 2], 0.0, 0.0),
            (&[1], &[1, 2], 1.0 / 2.0, 1.0 - 1.0 / 2.0 * 2.0 / 3.0),
            (&[1, 2], &[2, 3], 2.0 / 3.0, 1.0 - 1.0 / 3.0 / 3.0),
            (&[1, 2, 3], &[2, 3, 4, 5], 3.0 / 5.0, 1.0 - 2.0 / 5.0 / 3.0),
            (&[1], &[2, 3], 1.0, 1.0),
            (&[], &[2], 1.0, 1.0),
        ];
        for (a, b, jaccard, masi) in cases {
            for (one, other) in [(a, b), (b, a)] {
                let found = [Metric::Jaccard, Metric::Masi].map(|it| distance(it, one, other));
                let near = (found[0] - jaccard).abs() < 1e-15 && (found[1] - masi).abs() < 1e-15;
                assert!(near, "{one:?} {other:?}: {found:?}");
            }
        }
    }

    #[test]
    fn too_many_pairs_are_told() {
        // Each set has an item of its own and one that all have.
        let sets = |count: u32| (1..=count).map(|item| vec![0, item]).collect::<Vec<_>>();
        assert_eq!(overlaps(&sets(2048), 4000).map(|it| it.len()), Some(2048 * 2047 / 2));
        assert_eq!(overlaps(&sets(2050), 4000), None);
    }

    proptest! {
        #[test]
        fn all_pairs_that_share_items_are_found(
            sets in proptest::collection::btree_set(proptest::collection::btree_set(0u32..8, 0..5), 0..12),
        ) {
            let sets: Vec<Vec<u32>> = sets.into_iter().map(|set| set.into_iter().collect()).collect();
            let found = overlaps(&sets, 8).expect("few");
            let mut expected = Vec::new();
            for (a, set) in sets.iter().enumerate() {
                for (b, other) in sets.iter().enumerate().skip(a + 1) {
                    let common = set.iter().filter(|item| other.contains(item)).count();
                    if common > 0 {
                        expected.push((a as u32, b as u32, common as u32, (set.len() + other.len() - common) as u32));
                    }
                }
            }
            let found: Vec<_> = found.iter().map(|it| (it.a, it.b, it.common, it.union)).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
