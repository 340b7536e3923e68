//! The cells of a unit or pair, period by period.

use super::coverage::{Coverage, codes_of};
use super::entries::{Entries, Entry, NO_CODE};
use super::measures::Column;
use super::universe::Universe;
use super::{Beside, days};
use crate::derive::codes::CodeColumns;
use crate::derive::filler::Filler;
use crate::derive::periods::PeriodColumns;
use crate::fault::Fault;
use crate::lower::{Columns, Value};
use crate::manifest::derived::Existence;
use crate::model::derived::{Counted, Function, KnownUnits as _, Panel};
use crate::model::system::{Spell, shared};
use crate::model::{Model, Table, names};

/// Fills the cells of a panel.
pub struct Cells<'a> {
    panel: &'a Panel,
    coverage: &'a Coverage<'a>,
    entries: &'a Entries,
    period: PeriodColumns,
    /// All records, and behind it those of each code that splits the measures.
    groups: Vec<Group<'a>>,
    n_incomplete: usize,
    beside: Beside<'a>,
}

/// The records of a cell, or those of them with a code.
struct Group<'a> {
    code: Option<u32>,
    covered: Option<usize>,
    measures: Vec<Column<'a>>,
}

impl<'a> Cells<'a> {
    pub fn new(
        model: &'a Model,
        panel: &'a Panel,
        table: &Table,
        coverage: &'a Coverage<'a>,
        entries: &'a Entries,
    ) -> Self {
        let columns = &Columns::new(&table.level);
        let base = &model.tables[panel.of.parties().table];
        let is_split = panel.searched.as_ref().is_some_and(|searched| searched.by.is_some());
        let group = |code: Option<(u32, &String)>| {
            let ending =
                code.map_or_else(String::new, |(_, code)| format!("_{}", names::segment(code)));
            let measures = panel.measures.iter().map(|measure| {
                let compared = match measure.function {
                    Function::Max(column) | Function::First(_, column) => Some(column),
                    _ => None,
                };
                let codes = compared.and_then(|column| base.level.columns[column].kind.codes());
                let ordered = codes.filter(|codes| codes.is_ordered).map(|codes| &**codes);
                let straddle = panel.straddle;
                Column::new(measure, straddle, (code.is_some(), &ending), columns, ordered)
            });
            Group {
                code: code.map(|(code, _)| code),
                covered: (code.is_none() || is_split)
                    .then(|| columns.named(&format!("covered{ending}"))),
                measures: measures.collect(),
            }
        };
        let codes = codes_of(model, panel).map(|codes| &codes.values[..]).unwrap_or_default();
        let split = (0..).zip(codes).map(|code| group(Some(code)));
        let units = if matches!(panel.of, Counted::Pairs(_)) { 2 } else { 1 };
        let names: Vec<_> =
            table.level.columns[..units].iter().map(|column| column.name.as_str()).collect();
        Self {
            panel,
            coverage,
            entries,
            period: PeriodColumns::of(panel.period, columns),
            groups: std::iter::once(group(None)).chain(split).collect(),
            n_incomplete: columns.named("n_incomplete"),
            beside: Beside { codes: CodeColumns::of(model, &panel.codes, &names, columns) },
        }
    }

    /// Fills the cells of a unit or pair, for each of these periods, which rise.
    pub fn fill(
        &mut self,
        filler: &mut Filler<'_>,
        universe: &Universe<'_>,
        units: &[u32],
        periods: impl Iterator<Item = i32>,
    ) -> Result<(), Fault> {
        let existence = self.existence(universe, units);
        let entries = self.entries.of_units(units);
        let mut next = 0;
        let mut active: Vec<&Entry> = Vec::new();
        for number in periods {
            let period = days(self.panel.period, number);
            while next < entries.len() && entries[next].time.begin.0 <= period.last {
                active.push(&entries[next]);
                next += 1;
            }
            active.retain(|entry| entry.time.end.1 >= period.first);
            for (column, unit) in units.iter().enumerate() {
                universe.set(filler, column, *unit);
            }
            self.period.set(filler, number);
            for group in &self.groups {
                self.group(filler, group, units, (&existence, number, period), &active);
            }
            let incomplete = self.entries.incomplete.count(units, number);
            filler.set(self.n_incomplete, Value::Integer(incomplete as i64));
            self.beside.set(filler, universe, units, period);
            filler.end_row()?;
        }
        Ok(())
    }

    /// When the units existed, as far as that matters to what was searched.
    fn existence(&self, universe: &Universe<'_>, units: &[u32]) -> Vec<Spell> {
        match units {
            [one, other] if self.panel.existence == Existence::Day => {
                shared(universe.spells(*one), universe.spells(*other))
            }
            [one, other] => {
                let mut spells = universe.spells(*one).to_vec();
                spells.extend(universe.spells(*other));
                spells.sort_unstable();
                spells
            }
            _ => universe.spells(units[0]).to_vec(),
        }
    }

    fn group(
        &self,
        filler: &mut Filler<'_>,
        group: &Group<'_>,
        units: &[u32],
        (existence, number, period): (&[Spell], i32, Spell),
        active: &[&Entry],
    ) {
        let is_covered = self.coverage.covers(existence, units, group.code, number);
        if let Some(column) = group.covered {
            filler.set(column, Value::Boolean(is_covered));
        }
        let of_group: Vec<&Entry>;
        let touching = match group.code {
            None => active,
            Some(code) => {
                let is_of = |entry: &&Entry| entry.code == code || entry.code == NO_CODE;
                of_group = active.iter().copied().filter(is_of).collect();
                &of_group
            }
        };
        for measure in &group.measures {
            measure.set(filler, self.entries, (touching, period, is_covered));
        }
    }
}
