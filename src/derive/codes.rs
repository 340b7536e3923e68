//! Codes of other systems beside units.

use super::parties::Unit;
use crate::lower::Columns;
use crate::model::Model;
use crate::model::system::{Crosswalk, Spell};
use crate::period::Extent;

/// The columns of codes beside units: for each unit and crosswalk one.
pub struct CodeColumns<'m> {
    crosswalks: Vec<&'m Crosswalk>,
    /// By unit, then by crosswalk.
    columns: Vec<Vec<usize>>,
}

impl<'m> CodeColumns<'m> {
    /// Those of a table whose units stand in columns of these names.
    pub fn of(
        model: &'m Model,
        crosswalks: &[usize],
        units: &[&str],
        columns: &Columns<'_>,
    ) -> Self {
        let crosswalks: Vec<_> = crosswalks.iter().map(|it| &model.crosswalks[*it]).collect();
        let of_unit = |unit: &&str| {
            crosswalks.iter().map(|it| columns.named(&format!("{unit}_{}", it.suffix))).collect()
        };
        Self { columns: units.iter().map(of_unit).collect(), crosswalks }
    }

    /// Gives the row the codes of a unit at a time: none where it has none then, or several.
    pub fn set(&self, columns: &mut Columns<'_>, index: usize, unit: Unit<'_>, when: Spell) {
        for (crosswalk, column) in self.crosswalks.iter().zip(&self.columns[index]) {
            let Some(known) = crosswalk.from.position(&unit.code()) else { continue };
            if let [only] = crosswalk.during(known, when)[..] {
                columns.code(*column, only);
            }
        }
    }
}

/// The days on which something can have been; all where nobody knows.
pub fn days_of(extent: Option<Extent>) -> Spell {
    let all = Spell { first: i32::MIN, last: i32::MAX };
    extent.map_or(all, |it| Spell { first: it.begin.0, last: it.end.1 })
}
