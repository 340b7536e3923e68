//! Records counted by unit and period.
//!
//! Each unit (or pair) of a record is an entry of 40 bytes with its time; sorted by unit they are all that stays in
//! memory. Cells are worked out unit by unit, period by period, and go straight into rows: there is never a cross
//! product.

mod cells;
mod coverage;
mod entries;
mod incomplete;
mod measures;
mod universe;

use self::cells::Cells;
use self::coverage::Coverage;
use self::entries::Entries;
use self::universe::Universe;
use super::Filling;
use super::codes::CodeColumns;
use super::filler::Filler;
use super::parties::Unit;
use super::periods::{Existing, PeriodColumns};
use crate::fault::Fault;
use crate::lower::{TableRows, Value, Values};
use crate::model::Table;
use crate::model::derived::{Counted, KnownUnits as _, Panel};
use crate::model::system::Spell;
use crate::period::Period;

/// Fills the table of cells.
///
/// # Errors
/// When the spill file fails.
pub fn fill(
    filling: &Filling<'_>,
    table: &Table,
    panel: &Panel,
    tables: &[TableRows],
) -> Result<TableRows, Fault> {
    let universe = Universe::of(filling.model, panel, tables)?;
    let coverage = Coverage::of(filling.model, panel, &universe, tables)?;
    let entries = Entries::of(filling, panel, &universe, tables)?;
    let mut filler = Filler::new(table, filling.budget);
    let mut cells = Cells::new(filling.model, panel, table, &coverage, &entries);
    let is_chosen = |unit: u32| panel.is_chosen(unit, None);
    if let Counted::Units(_) = panel.of {
        for unit in universe.units().iter().copied().filter(|unit| is_chosen(*unit)) {
            let existing = Existing::of(universe.spells(unit), panel.period, panel.span);
            let periods = existing.periods.iter().map(|(number, _)| *number);
            cells.fill(&mut filler, &universe, &[unit], periods)?;
        }
        return filler.finish();
    }
    let units = universe.units();
    for (index, unit) in units.iter().enumerate() {
        let existing = Existing::of(universe.spells(*unit), panel.period, panel.span);
        let others = if panel.of.is_directed() { units } else { &units[index + 1..] };
        for other in others {
            if other == unit || !panel.is_chosen(*unit, Some(*other)) {
                continue;
            }
            let periods = existing.with(universe.spells(*other), panel.existence);
            let periods = periods.into_iter().map(|(number, _)| number);
            cells.fill(&mut filler, &universe, &[*unit, *other], periods)?;
        }
    }
    filler.finish()
}

/// Fills the table of units.
///
/// # Errors
/// When the spill file fails.
pub fn fill_universe(
    filling: &Filling<'_>,
    table: &Table,
    panel: &Panel,
    tables: &[TableRows],
) -> Result<TableRows, Fault> {
    let universe = Universe::of(filling.model, panel, tables)?;
    let coverage = Coverage::of(filling.model, panel, &universe, tables)?;
    let mut filler = Filler::new(table, filling.budget);
    let columns = PeriodColumns::of(panel.period, &filler);
    let (days, covered) = (filler.named("days"), filler.named("covered"));
    for unit in universe.units() {
        // A unit that has rows in no pair has none here.
        if !panel.is_chosen(*unit, None) {
            continue;
        }
        let existing = Existing::of(universe.spells(*unit), panel.period, panel.span);
        for (number, count) in existing.periods {
            universe.set(&mut filler, 0, *unit);
            columns.set(&mut filler, number);
            filler.set(days, Value::Integer(count.into()));
            let is_covered = coverage.covers(universe.spells(*unit), &[*unit], None, number);
            filler.set(covered, Value::Boolean(is_covered));
            filler.end_row()?;
        }
    }
    filler.finish()
}

/// Fills the table of records that can't be counted.
///
/// # Errors
/// When the spill file fails.
pub fn fill_outside(
    filling: &Filling<'_>,
    table: &Table,
    panel: &Panel,
    tables: &[TableRows],
) -> Result<TableRows, Fault> {
    let universe = Universe::of(filling.model, panel, tables)?;
    let base = &filling.model.tables[panel.of.parties().table];
    let mut filler = Filler::new(table, filling.budget);
    let keys = base.key.columns.len();
    let [start, end, reason] =
        ["start_earliest", "end_latest", "reason"].map(|name| filler.named(name));
    entries::each(filling, panel, &universe, tables, &mut |found| {
        for (unit, why) in found.outside {
            for (index, key) in base.key.columns.iter().enumerate() {
                filler.copy(index, &Values::new(&found.batch.columns[*key]), found.record);
            }
            filler.set(keys, unit.value());
            let days = super::codes::days_of(found.time);
            if days.first != i32::MIN {
                filler.set(start, Value::Date(days.first));
            }
            if days.last != i32::MAX {
                filler.set(end, Value::Date(days.last));
            }
            filler.set(reason, Value::Text(why.name()));
            filler.end_row()?;
        }
        Ok(())
    })?;
    filler.finish()
}

/// The days of a period.
fn days(period: Period, number: i32) -> Spell {
    Spell { first: period.first(number), last: period.last(number) }
}

/// What stands beside the units of a cell.
struct Beside<'m> {
    codes: CodeColumns<'m>,
}

impl Beside<'_> {
    fn set(&self, filler: &mut Filler<'_>, universe: &Universe<'_>, units: &[u32], when: Spell) {
        for (index, unit) in units.iter().enumerate() {
            let text = universe.text(*unit);
            self.codes.set(filler, index, Unit::Text(text), when);
        }
    }
}
