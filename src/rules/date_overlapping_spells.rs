//! D012: two spells of one thing at the same time.

use chrono::NaiveDate;

use super::spells::Spell;
use super::{Check, GroupAt, Grouping, Rule};
use crate::diagnostic::{Code, Consequence, Diagnostic, Findings, Severity};
use crate::fault::Fault;

/// A spell that begins before another one of the same thing has ended.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "D012",
        name: "overlapping-spells",
        severity: Severity::Warning,
        since: "0.2.0",
        summary: "Two spells of one office, state or membership overlap.",
        explanation: "\
A spell is the time from a `start` to an `end`. What it is of stands beside it with the role `spell-of`: one \
value, or several together, as a state and an office. All spells of a table that are of the same are compared, \
whatever the rows or lists that they stand in; with the role on a list, its items are. Where one begins on the day on which another \
ends, they don't overlap. An uncertain date counts only where the two overlap whatever day it \
means, and so does a missing one: a spell without an end overlaps another one in which it begins. If two may hold an \
office together, give each of the seats a name with the role `spell-of`; rows that lack one of these values aren't compared.",
        needs_all_records: true,
        consequence: Consequence::OfDate,
        ..Code::OF_RULE
    },
    check: Check::Group(Grouping::Spells, check),
};

fn check(at: &GroupAt<'_, '_>, findings: &mut Findings) -> Result<(), Fault> {
    if at.len() < 2 {
        return Ok(());
    }
    for thing in at.spells()? {
        for (spell, other) in overlaps(&thing.spells) {
            let (spell, other) = (spell.told(at)?, other.told(at)?);
            let message = format!(
                "two spells of {} overlap: one {}, another {}",
                thing.of, spell.words, other.words
            );
            findings.push(
                Diagnostic::new(RULE.code, spell.at_start.place(), message)
                    .label("begins before the other one has ended")
                    .with(other.at_end.place(), "the other one")
                    .help(
                        "correct the dates, or what the spells are of; if both held, a value with the \
                         role `spell-of` can tell them apart",
                    ),
            );
        }
    }
    Ok(())
}

/// Each spell that overlaps an earlier one for certain, with the one that ends last.
///
/// Two overlap if each has begun before the other ends. A spell holds for certain from the last day on which
/// it can have begun to the first on which it can have ended, if those stand in this order. Of two others
/// neither is known to begin before the other ends. So it suffices to go through all in the order of
/// days, and to compare each with the one that holds longest of those before.
fn overlaps(spells: &[Spell]) -> Vec<(&Spell, &Spell)> {
    let mut sorted: Vec<(NaiveDate, bool, &Spell)> = Vec::new();
    for spell in spells.iter().filter(|spell| !spell.is_contradictory()) {
        // Without these days nothing is certain.
        let (Some(begun), Some(ended)) = (spell.last_start(), spell.first_end()) else { continue };
        sorted.push((begun.min(ended), begun < ended, spell));
    }
    // What begins on a day doesn't hold what is known to end on it. Of those that are alike the first place
    // comes first.
    sorted.sort_by_key(|(from, holds, _)| (*from, *holds));
    let mut found = Vec::new();
    let mut longest: Option<(NaiveDate, &Spell)> = None;
    for (_, holds, spell) in sorted {
        if let Some((end, other)) = longest
            && spell.last_start() < Some(end)
        {
            found.push((spell, other));
        }
        if let Some(end) = spell.first_end().filter(|_| holds)
            && longest.is_none_or(|(longest, _)| longest < end)
        {
            longest = Some((end, spell));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;

    use super::super::spells::Spell;
    use super::overlaps;

    /// Days of a short time, so that all meanings of uncertain dates can be tried.
    const DAYS: i32 = 7;

    fn day(day: i32) -> NaiveDate {
        NaiveDate::from_num_days_from_ce_opt(730_000 + day).expect("a day")
    }

    /// A date: missing, or between two days.
    fn date() -> impl Strategy<Value = Option<(i32, i32)>> {
        let days = (0..DAYS, 0..DAYS).prop_map(|(a, b)| (a.min(b), a.max(b)));
        prop_oneof![1 => Just(None), 2 => (0..DAYS).prop_map(|day| Some((day, day))), 3 => days.prop_map(Some)]
    }

    /// The first and the last day that a date can mean; none where it is missing.
    type Meant = Option<(i32, i32)>;

    /// All starts and ends that two dates can mean; a missing one can be any day.
    fn meanings((start, end): (Meant, Meant)) -> Vec<(i32, i32)> {
        let all = |date: Meant| date.unwrap_or((-1, DAYS));
        let ((s0, s1), (e0, e1)) = (all(start), all(end));
        (s0..=s1).flat_map(|s| (e0..=e1).map(move |e| (s, e))).filter(|(s, e)| s <= e).collect()
    }

    proptest! {
        #[test]
        fn a_spell_overlaps_if_it_does_whatever_its_dates_mean(
            dates in prop::collection::vec((date(), date()), 2..6)
        ) {
            let days = |date: (i32, i32)| (Some(day(date.0)), Some(day(date.1)));
            let spells: Vec<_> = dates
                .iter()
                .enumerate()
                .map(|(at, (start, end))| Spell::sample(start.map(days), end.map(days), at as u32))
                .collect();
            let found = overlaps(&spells);
            let certain = |a: usize, b: usize| {
                let (a, b) = (meanings(dates[a]), meanings(dates[b]));
                !a.is_empty()
                    && !b.is_empty()
                    && a.iter().all(|(s, e)| b.iter().all(|(t, f)| s < f && t < e))
            };
            // Each finding is right, and of those that overlap all but the first of each cluster are found.
            for (spell, other) in &found {
                prop_assert!(certain(spell.number(), other.number()), "{spell:?} {other:?}");
            }
            let any = (0..dates.len()).any(|a| (0..a).any(|b| certain(a, b)));
            prop_assert_eq!(any, !found.is_empty());
            for a in 0..dates.len() {
                for b in 0..a {
                    let is_found = found.iter().any(|(spell, _)| [a, b].contains(&spell.number()));
                    prop_assert!(!certain(a, b) || is_found);
                }
            }
        }
    }
}
