//! The units of a system, or pairs of them, by period.

use super::Filling;
use super::filler::Filler;
use super::periods::{Existing, PeriodColumns};
use crate::fault::Fault;
use crate::lower::{TableRows, Value};
use crate::manifest::derived::Pairs;
use crate::model::Table;
use crate::model::derived::Membership;

/// Fills the table.
///
/// # Errors
/// When the spill file fails.
pub fn fill(
    filling: &Filling<'_>,
    table: &Table,
    membership: &Membership,
) -> Result<TableRows, Fault> {
    let Membership { system, period, pairs, existence, span } = membership;
    let system = &filling.model.systems[*system];
    let mut filler = Filler::new(table, filling.budget);
    let columns = PeriodColumns::of(*period, &filler);
    let days = filler.named("days");
    let units = system.units();
    let (first, second) = (0, 1);
    for (index, unit) in units.iter().enumerate() {
        let own = Existing::of(system.spells(*unit), *period, *span);
        if *pairs == Pairs::None {
            for (number, count) in &own.periods {
                filler.code(first, *unit);
                columns.set(&mut filler, *number);
                filler.set(days, Value::Integer((*count).into()));
                filler.end_row()?;
            }
            continue;
        }
        let others = if *pairs == Pairs::Directed { &units[..] } else { &units[index + 1..] };
        for other in others.iter().filter(|other| *other != unit) {
            let both = own.with(system.spells(*other), *existence);
            for (number, count) in both {
                filler.code(first, *unit);
                filler.code(second, *other);
                columns.set(&mut filler, number);
                filler.set(days, Value::Integer(count.into()));
                filler.end_row()?;
            }
        }
    }
    filler.finish()
}
