//! D013: a time between two spells of one thing.

use chrono::NaiveDate;

use super::spells::Spell;
use super::{Check, GroupAt, Grouping, Rule};
use crate::diagnostic::{Code, Consequence, Diagnostic, Findings, Severity};
use crate::fault::Fault;

/// A spell before which nobody held what it is of.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "D013",
        name: "gap-between-spells",
        severity: Severity::Note,
        since: "0.2.0",
        summary: "Between two spells of one office, state or membership nothing holds.",
        explanation: "\
A spell is the time from a `start` to an `end`; what it is of has the role `spell-of` (see D012). A gap is a finding if the next spell begins more than a day after all before it have \
ended, whatever days their dates can mean. A spell without a start or an end may fill any gap before or behind \
it, and nothing is said while records of the table can't be read. A note, because offices stand vacant and states cease to exist. Where that is common, switch the rule \
off for the files of the table.",
        needs_all_records: true,
        consequence: Consequence::OfDate,
        ..Code::OF_RULE
    },
    check: Check::Group(Grouping::Spells, check),
};

fn check(at: &GroupAt<'_, '_>, findings: &mut Findings) -> Result<(), Fault> {
    if at.len() < 2 || at.incomplete {
        return Ok(());
    }
    for thing in at.spells()? {
        for (before, next) in gaps(&thing.spells) {
            let (before, next) = (before.told(at)?, next.told(at)?);
            let message = format!(
                "between two spells of {} is a gap: one {}, the next {}",
                thing.of, before.words, next.words
            );
            findings.push(
                Diagnostic::new(RULE.code, next.at_start.place(), message)
                    .label("begins more than a day later")
                    .with(before.at_end.place(), "the one before ends")
                    .help("correct the dates, or add the spell that is missing"),
            );
        }
    }
    Ok(())
}

/// Before each gap the spell that ends last, with the next one. A spell may hold from the first day on which
/// it can have begun to the last on which it can have ended.
fn gaps(spells: &[Spell]) -> Vec<(&Spell, &Spell)> {
    let days = |spell: &Spell| match spell.is_contradictory() {
        true => (NaiveDate::MIN, NaiveDate::MAX),
        false => (
            spell.first_start().unwrap_or(NaiveDate::MIN),
            spell.last_end().unwrap_or(NaiveDate::MAX),
        ),
    };
    let mut sorted: Vec<_> = spells.iter().map(|spell| (days(spell), spell)).collect();
    // Of those that begin together the first place comes first.
    sorted.sort_by_key(|((from, _), _)| *from);
    let mut found = Vec::new();
    let mut last: Option<(NaiveDate, &Spell)> = None;
    for ((from, to), spell) in sorted {
        if let Some((end, before)) = last
            && end.succ_opt().is_some_and(|day_after| from > day_after)
        {
            found.push((before, spell));
        }
        if last.is_none_or(|(end, _)| end < to) {
            last = Some((to, spell));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::super::Days;
    use super::super::spells::Spell;
    use super::gaps;

    fn day(text: &str) -> Option<NaiveDate> {
        Some(text.parse().expect("a day"))
    }

    fn year(year: i32) -> Option<Days> {
        Some((NaiveDate::from_ymd_opt(year, 1, 1), NaiveDate::from_ymd_opt(year, 12, 31)))
    }

    fn numbers(spells: &[Spell]) -> Vec<(usize, usize)> {
        gaps(spells).iter().map(|(before, next)| (before.number(), next.number())).collect()
    }

    #[test]
    fn a_gap_is_more_than_a_day_whatever_dates_mean() {
        let spells = [
            Spell::sample(year(1950), year(1955), 0),
            Spell::sample(year(1951), year(1952), 1),
            Spell::sample(year(1956), year(1957), 2),
            Spell::sample(year(1959), year(1960), 3),
        ];
        assert_eq!(numbers(&spells), [(2, 3)]);
        let one = |text: &str| Some((day(text), day(text)));
        let days = [
            Spell::sample(one("1990-01-01"), one("1990-02-01"), 0),
            Spell::sample(one("1990-02-02"), one("1990-03-01"), 1),
            Spell::sample(one("1990-03-03"), one("1990-04-01"), 2),
        ];
        assert_eq!(numbers(&days), [(1, 2)]);
    }

    #[test]
    fn what_is_not_known_may_fill_a_gap() {
        let (first, last) =
            (Spell::sample(year(1950), year(1951), 0), Spell::sample(year(1960), None, 1));
        assert_eq!(numbers(&[first, last]), [(0, 1)]);
        let open = Spell::sample(year(1940), None, 2);
        let until = Spell::sample(None, year(1965), 3);
        let wrong = Spell::sample(year(1980), year(1970), 4);
        let none = Spell::sample(None, None, 5);
        for other in [open, until, wrong, none] {
            assert_eq!(numbers(&[first, last, other]), []);
        }
    }
}
