//! Codes of other systems beside units.

use super::parties::Unit;
use crate::lower::Columns;
use crate::model::Model;
use crate::model::system::{Crosswalk, Spell};
use crate::period::Extent;

/// A column of codes beside another one.
pub struct Beside<'m> {
    crosswalk: &'m Crosswalk,
    column: usize,
}

impl<'m> Beside<'m> {
    /// A column with the codes that a crosswalk leads to.
    pub fn new(crosswalk: &'m Crosswalk, column: usize) -> Self {
        Self { crosswalk, column }
    }

    /// Gives the row the code of a unit at a time: none where it has none then, or several.
    pub fn set(&self, columns: &mut Columns<'_>, unit: Unit<'_>, when: Spell) {
        let Some(known) = self.crosswalk.from.position(&unit.code()) else { return };
        if let [only] = self.crosswalk.during(known, when)[..] {
            columns.code(self.column, only);
        }
    }
}

/// The columns of codes beside units: for each unit and crosswalk one.
pub struct CodeColumns<'m>(Vec<Vec<Beside<'m>>>);

impl<'m> CodeColumns<'m> {
    /// Those of a table whose units stand in columns of these names.
    pub fn of(
        model: &'m Model,
        crosswalks: &[usize],
        units: &[&str],
        columns: &Columns<'_>,
    ) -> Self {
        let of_unit = |unit: &&str| {
            let beside = |index: &usize| {
                let crosswalk = &model.crosswalks[*index];
                Beside::new(crosswalk, columns.named(&format!("{unit}_{}", crosswalk.suffix)))
            };
            crosswalks.iter().map(beside).collect()
        };
        Self(units.iter().map(of_unit).collect())
    }

    /// Gives the row the codes of a unit at a time.
    pub fn set(&self, columns: &mut Columns<'_>, index: usize, unit: Unit<'_>, when: Spell) {
        for beside in &self.0[index] {
            beside.set(columns, unit, when);
        }
    }
}

/// The days on which something can have been; all where nobody knows.
pub fn days_of(extent: Option<Extent>) -> Spell {
    let all = Spell { first: i32::MIN, last: i32::MAX };
    extent.map_or(all, |it| Spell::of(&it))
}
