//! How many rows a derived table would have: what its declaration and a few records ask for may be more than
//! anybody can make.

use crate::diagnostic::{Diagnostic, code};
use crate::manifest::derived::{Existence, Pairs};
use crate::model::derived::{Counted, Derived, Panel, Universe};
use crate::model::system::{Spell, System, shared};
use crate::model::{Model, Table};
use crate::period::Period;
use crate::spelling::thousands;

/// A table of cells has no more rows.
const ROWS_MAX: u64 = 200_000_000;

/// Of more units nobody looks at each pair to find out.
const UNITS_MAX: u64 = 5_000;

/// Reports the derived tables that would have too many rows. `counts` says how many records each table has.
#[must_use]
pub fn too_large(model: &Model, counts: &[u64]) -> Vec<Diagnostic> {
    let finding = |table: &Table| {
        let rows = rows(model, table, counts)?;
        (rows > ROWS_MAX).then(|| {
            let message = format!(
                "`{}` would have about {} rows, and {} can be made",
                table.name,
                thousands(rows),
                thousands(ROWS_MAX)
            );
            Diagnostic::new(&code::TOO_LARGE_DERIVATION, table.place.clone(), message)
                .help("choose longer periods, a shorter time, or fewer units")
        })
    };
    model.tables.iter().filter_map(finding).collect()
}

/// How many rows a table of cells has, or a number that is no smaller; none for a table that grows with records.
fn rows(model: &Model, table: &Table, counts: &[u64]) -> Option<u64> {
    match table.derived.as_ref()? {
        Derived::Membership(it) => {
            let system = &model.systems[it.system];
            let units = system.codes.values.len() as u64;
            Some(Cells {
                units,
                others: (it.pairs != Pairs::None).then_some(units),
                is_directed: it.pairs == Pairs::Directed,
                period: it.period,
                span: it.span,
                system: Some(system).filter(|_| it.existence == Existence::Day),
            })
        }
        Derived::Panel(panel) => Some(of_panel(model, panel, counts)),
        Derived::ByRoles { .. }
        | Derived::Dyads(_)
        | Derived::PanelUniverse(_)
        | Derived::PanelOutside(_)
        | Derived::View(_)
        | Derived::Links(_) => None,
    }
    .map(|cells| cells.rows())
}

fn of_panel<'m>(model: &'m Model, panel: &Panel, counts: &[u64]) -> Cells<'m> {
    let system = match panel.universe {
        Universe::System(system) => Some(&model.systems[system]),
        Universe::Table(_) => None,
    };
    let all = match panel.universe {
        Universe::System(system) => model.systems[system].codes.values.len() as u64,
        Universe::Table(table) => counts.get(table).copied().unwrap_or(0),
    };
    let chosen = |units: &Option<Vec<u32>>| units.as_ref().map_or(all, |it| it.len() as u64);
    let is_whole = panel.units.is_none() && panel.partners.is_none();
    Cells {
        units: chosen(&panel.units),
        others: matches!(panel.of, Counted::Pairs(_)).then(|| chosen(&panel.partners)),
        // One of either may stand first.
        is_directed: panel.of.is_directed() || !is_whole,
        period: panel.period,
        span: panel.span,
        system: system.filter(|_| is_whole && panel.existence == Existence::Day),
    }
}

/// What the rows of a table are for.
struct Cells<'m> {
    units: u64,
    /// Of pairs the other units.
    others: Option<u64>,
    is_directed: bool,
    period: Period,
    span: Spell,
    /// What says when each pair existed, if that is to be asked.
    system: Option<&'m System>,
}

impl Cells<'_> {
    fn rows(&self) -> u64 {
        let Self { units, others, is_directed, .. } = self;
        let pairs = match others {
            None => *units,
            Some(others) => units.saturating_mul(*others) / if *is_directed { 1 } else { 2 },
        };
        let most = pairs.saturating_mul(self.periods(self.span));
        match self.system.filter(|_| others.is_some() && *units <= UNITS_MAX) {
            Some(system) if most > ROWS_MAX => self.of_pairs(system),
            _ => most,
        }
    }

    /// How many periods a spell touches.
    fn periods(&self, spell: Spell) -> u64 {
        let (first, last) = (self.period.of(spell.first), self.period.of(spell.last));
        u64::try_from(i64::from(last) - i64::from(first) + 1).unwrap_or(0)
    }

    /// The rows of all pairs of a system, each as long as both existed.
    fn of_pairs(&self, system: &System) -> u64 {
        let units = system.units();
        let mut rows: u64 = 0;
        for (index, unit) in units.iter().enumerate() {
            let own = shared(system.spells(*unit), &[self.span]);
            for other in &units[index + 1..] {
                let both = shared(&own, system.spells(*other));
                let periods = both.into_iter().map(|spell| self.periods(spell)).sum::<u64>();
                rows = rows.saturating_add(periods);
            }
        }
        rows.saturating_mul(if self.is_directed { 2 } else { 1 })
    }
}
