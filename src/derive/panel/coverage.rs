//! What was searched for records, and so where no record means that there was none.

use std::borrow::Cow;
use std::collections::HashMap;

use super::days;
use super::universe::{Universe, text_of};
use crate::derive::codes::days_of;
use crate::derive::parties::Times;
use crate::fault::Fault;
use crate::lower::{TableRows, Values};
use crate::manifest::derived::SearchedPairs;
use crate::model::derived::{KnownUnits as _, Panel};
use crate::model::system::{Spell, shared};
use crate::model::{Codes, Model};

/// What was searched.
pub struct Coverage<'m> {
    panel: &'m Panel,
    as_of: Option<i32>,
    /// What a table says; none where all was searched.
    searched: Option<HashMap<For, Vec<Spell>>>,
    /// The number of codes that split the measures; 0 where nothing does.
    codes: usize,
}

/// For which unit and which code was searched; none for all.
type For = (Option<u32>, Option<u32>);

impl<'m> Coverage<'m> {
    pub fn of(
        model: &'m Model,
        panel: &'m Panel,
        universe: &Universe<'_>,
        tables: &[TableRows],
    ) -> Result<Self, Fault> {
        let codes = codes_of(model, panel).map_or(0, |codes| codes.values.len());
        let mut coverage = Self { panel, as_of: universe.as_of(), searched: None, codes };
        let Some(searched) = &panel.searched else { return Ok(coverage) };
        let (base, rows) = (&model.tables[searched.table], &tables[searched.table]);
        let mut spells: HashMap<For, Vec<Spell>> = HashMap::new();
        for batch in 0..rows.batch_count() {
            let batch = rows.batch(batch, &base.level)?;
            let times = Times::new(&base.level, &batch, searched.time);
            let column = |index: Option<usize>| index.map(|it| Values::new(&batch.columns[it]));
            let (units, by) = (column(searched.unit), column(searched.by));
            for row in 0..batch.len {
                let unit = text(&units, row).and_then(|text| universe.position(&text));
                let code = text(&by, row).and_then(|text| codes_of(model, panel)?.position(&text));
                // Nobody knows when it was.
                let Some(time) = times.of(row) else { continue };
                spells.entry((unit, code)).or_default().push(days_of(Some(time)));
            }
        }
        for spells in spells.values_mut() {
            spells.sort_unstable();
        }
        coverage.searched = Some(spells);
        Ok(coverage)
    }

    /// Whether records with a code, or with any, were searched for in a whole period, as long as the units existed
    /// in it together.
    pub fn covers(&self, spells: &[Spell], units: &[u32], code: Option<u32>, number: i32) -> bool {
        if !self.panel.zeros {
            return false;
        }
        let period = days(self.panel.period, number);
        // Whether units exist in the rest of the period, nobody knows.
        if self.as_of.is_some_and(|day| period.first <= day && day < period.last) {
            return false;
        }
        let exist = shared(spells, &[period]);
        let whole = |spell: &Spell| spell.shared(self.panel.span) == Some(*spell);
        if exist.is_empty() || !exist.iter().all(whole) {
            return false;
        }
        let Some(searched) = &self.searched else { return true };
        let splits = self.panel.searched.as_ref().is_some_and(|it| it.by.is_some());
        match (code, splits) {
            (None, true) => {
                // Whatever the code, it was searched for: for all at once, or for each.
                self.is_searched(searched, units, None, &exist)
                    || (0..self.codes as u32)
                        .all(|code| self.is_searched(searched, units, Some(code), &exist))
            }
            (code, true) => self.is_searched(searched, units, code, &exist),
            (_, false) => self.is_searched(searched, units, None, &exist),
        }
    }

    fn is_searched(
        &self,
        searched: &HashMap<For, Vec<Spell>>,
        units: &[u32],
        code: Option<u32>,
        exist: &[Spell],
    ) -> bool {
        let of_unit = |unit: &u32| {
            let mut spells: Vec<Spell> = Vec::new();
            for unit in [None, Some(*unit)] {
                spells.extend(searched.get(&(unit, None)).into_iter().flatten());
                if code.is_some() {
                    spells.extend(searched.get(&(unit, code)).into_iter().flatten());
                }
            }
            spells.sort_unstable();
            exist.iter().all(|spell| is_covered(*spell, &spells))
        };
        let pairs = self.panel.searched.as_ref().map(|it| it.pairs).unwrap_or_default();
        match pairs {
            SearchedPairs::Both => units.iter().all(of_unit),
            SearchedPairs::Either => units.iter().any(of_unit),
        }
    }
}

/// Whether each day of a spell is in one of others, which are in order.
fn is_covered(spell: Spell, others: &[Spell]) -> bool {
    let mut next = spell.first;
    for other in others {
        if other.first > next {
            break;
        }
        next = next.max(other.last.saturating_add(1));
    }
    next > spell.last
}

fn text<'a>(values: &Option<Values<'a>>, row: usize) -> Option<Cow<'a, str>> {
    values.as_ref()?.get(row).and_then(text_of)
}

/// The codes that split the measures.
pub fn codes_of<'m>(model: &'m Model, panel: &Panel) -> Option<&'m Codes> {
    let base = &model.tables[panel.of.parties().table];
    base.level.columns[panel.by?].kind.codes().map(|codes| &**codes)
}

#[cfg(test)]
mod tests {
    use super::is_covered;
    use crate::model::system::Spell;

    #[test]
    fn days_are_covered_by_spells_that_follow_each_other() {
        let spell = |first, last| Spell { first, last };
        let searched = [spell(0, 9), spell(5, 6), spell(10, 19), spell(21, 30)];
        assert!(is_covered(spell(3, 19), &searched));
        assert!(!is_covered(spell(3, 21), &searched));
        assert!(is_covered(spell(21, 30), &searched));
        assert!(!is_covered(spell(-1, 3), &searched));
        assert!(!is_covered(spell(1, 1), &[]));
    }
}
