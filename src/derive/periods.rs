//! In which periods units exist, and the columns that say which period a row is of.

use crate::lower::{Columns, Value};
use crate::manifest::derived::Existence;
use crate::model::system::{Spell, shared};
use crate::period::Period;

/// The columns that say which period a row is of.
#[derive(Clone, Copy, Debug)]
pub struct PeriodColumns {
    period: Period,
    column: usize,
    /// The first day, where the period is written as text.
    first_day: Option<usize>,
}

impl PeriodColumns {
    /// Those of a table that has them.
    pub fn of(period: Period, columns: &Columns<'_>) -> Self {
        let name = period.name();
        let first_day = period.text(0).map(|_| columns.named(&format!("{name}_start")));
        Self { period, column: columns.named(name), first_day }
    }

    /// Gives the row its period.
    #[inline]
    pub fn set(&self, columns: &mut Columns<'_>, number: i32) {
        match self.period {
            Period::Year => columns.set(self.column, Value::Integer(number.into())),
            Period::Day => columns.set(self.column, Value::Date(number)),
            Period::Quarter | Period::Month => {
                let text = self.period.text(number).unwrap_or_default();
                columns.set(self.column, Value::Text(&text));
            }
        }
        if let Some(column) = self.first_day {
            columns.set(column, Value::Date(self.period.first(number)));
        }
    }
}

/// In which periods of a span a unit exists.
#[derive(Debug)]
pub struct Existing {
    period: Period,
    span: Spell,
    spells: Vec<Spell>,
    /// The numbers of the periods, rising, with the days of each on which it exists.
    pub periods: Vec<(i32, i32)>,
}

impl Existing {
    /// The periods of spells that are in order, with days between.
    pub fn of(spells: &[Spell], period: Period, span: Spell) -> Self {
        let spells: Vec<_> = spells.iter().filter_map(|spell| spell.shared(span)).collect();
        let periods = periods(&spells, period);
        Self { period, span, spells, periods }
    }

    /// The periods in which another one exists as well, rising, with the days on which both do.
    pub fn with(&self, spells: &[Spell], existence: Existence) -> Vec<(i32, i32)> {
        let common = shared(&self.spells, spells);
        let common = periods(&common, self.period);
        match existence {
            Existence::Day => common,
            Existence::Period => {
                let other = Self::of(spells, self.period, self.span);
                let mut both = Vec::new();
                let mut others = other.periods.iter().peekable();
                let mut commons = common.iter().peekable();
                for (number, _) in &self.periods {
                    while others.next_if(|it| it.0 < *number).is_some() {}
                    while commons.next_if(|it| it.0 < *number).is_some() {}
                    if others.peek().is_some_and(|it| it.0 == *number) {
                        let days = commons.peek().filter(|it| it.0 == *number);
                        both.push((*number, days.map_or(0, |it| it.1)));
                    }
                }
                both
            }
        }
    }
}

/// The periods that bounded spells touch, each once, with their days in it.
fn periods(spells: &[Spell], period: Period) -> Vec<(i32, i32)> {
    let mut periods: Vec<(i32, i32)> = Vec::new();
    for spell in spells {
        for number in period.of(spell.first)..=period.of(spell.last) {
            let whole = Spell { first: period.first(number), last: period.last(number) };
            let days = spell.days_within(whole);
            match periods.last_mut() {
                Some(last) if last.0 == number => last.1 += days,
                _ => periods.push((number, days)),
            }
        }
    }
    periods
}

#[cfg(test)]
mod tests {
    use super::Existing;
    use crate::manifest::derived::Existence;
    use crate::model::system::{Spell, shared};
    use crate::period::{Period, number_of};

    fn spell(first: &str, last: &str) -> Spell {
        let day = |text: &str| number_of(text.parse().expect("a day"));
        Spell { first: day(first), last: day(last) }
    }

    /// One ends on 1 March 1990, the other begins on 1 October: they share the year and no day.
    #[test]
    fn two_units_can_share_a_year_and_no_day() {
        let one = [spell("1989-11-01", "1990-03-01")];
        let other = [spell("1990-10-01", "1991-01-31")];
        let span = spell("1980-01-01", "2000-12-31");
        let existing = Existing::of(&one, Period::Year, span);
        assert_eq!(existing.periods, [(1989, 61), (1990, 60)]);
        assert_eq!(existing.with(&other, Existence::Day), []);
        assert_eq!(existing.with(&other, Existence::Period), [(1990, 0)]);
    }

    #[test]
    fn spells_of_one_year_count_once() {
        let spells = [spell("1990-01-01", "1990-01-31"), spell("1990-12-31", "1992-02-29")];
        let span = spell("1980-01-01", "1992-12-31");
        let existing = Existing::of(&spells, Period::Year, span);
        assert_eq!(existing.periods, [(1990, 32), (1991, 365), (1992, 60)]);
        assert_eq!(shared(&spells, &spells), spells);
    }
}
