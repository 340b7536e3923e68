//! The units and pairs of records, matched to those of the universe.

use std::sync::Arc;

use arrow_array::{Array as _, ArrayRef};
use arrow_select::concat::concat;

use super::incomplete::Incomplete;
use super::universe::{Universe, text_of};
use crate::derive::Filling;
use crate::derive::codes::days_of;
use crate::derive::dyads::{self, Found as Pairs};
use crate::derive::parties::{Reader, Unit};
use crate::fault::Fault;
use crate::lower::{Rows, TableRows, Values};
use crate::model::derived::{Counted, Function, KnownUnits as _, Panel, Reason};
use crate::model::system::{Spell, shared};
use crate::period::Extent;
use crate::spill::MemoryBudget;

/// The second unit of what is no pair.
const NONE: u32 = u32::MAX;

/// The code of a record without one.
pub const NO_CODE: u32 = u32::MAX;

/// A unit or pair of a record.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The unit, or both, by rank in the order of rows.
    pub units: [u32; 2],
    /// When the record was, or the pair met.
    pub time: Extent,
    /// The code that splits the measures, by its position; [`NO_CODE`] if the record has none.
    pub code: u32,
    /// The record: (batch, row of the batch).
    pub record: (u32, u32),
}

/// All entries, in the order of their units, and in that of the records.
pub struct Entries {
    entries: Vec<Entry>,
    /// By batch the columns that measures look at, in the order of `wanted`.
    columns: Vec<Vec<ArrayRef>>,
    wanted: Vec<usize>,
    pub rank: Vec<u32>,
    pub incomplete: Incomplete,
    _kept: Kept,
}

/// Memory that is counted as long as it is in use. There is no other place for it, so that it is taken where the
/// budget has none left, too; rows go to the spill file then.
struct Kept {
    budget: Arc<MemoryBudget>,
    bytes: u64,
}

impl Kept {
    fn new(budget: &Arc<MemoryBudget>, bytes: u64) -> Self {
        let bytes = if budget.reserve(bytes) { bytes } else { 0 };
        Self { budget: Arc::clone(budget), bytes }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.budget.free(self.bytes);
    }
}

/// What a record of a panel comes to.
pub struct Found<'a> {
    pub batch: &'a Rows,
    pub batch_number: u32,
    pub record: usize,
    /// When the record was.
    pub time: Option<Extent>,
    /// The units or pairs that have a cell.
    pub inside: &'a [([u32; 2], Extent)],
    /// The units that have none.
    pub outside: &'a [(Unit<'a>, Reason)],
    /// Of a record in which a party has no unit, the units that are known.
    pub incomplete: Option<&'a [u32]>,
}

impl Entries {
    pub fn of(
        filling: &Filling<'_>,
        panel: &Panel,
        universe: &Universe<'_>,
        tables: &[TableRows],
    ) -> Result<Self, Fault> {
        let rank = universe.rank();
        let mut wanted = Vec::new();
        for measure in &panel.measures {
            match measure.function {
                Function::Count | Function::Onset | Function::Ongoing => {}
                Function::Sum(column) | Function::Max(column) => wanted.push(column),
                Function::First(column, order) => wanted.extend([column, order]),
            }
        }
        wanted.sort_unstable();
        wanted.dedup();
        let mut columns: Vec<Vec<ArrayRef>> = Vec::new();
        let mut entries = Vec::new();
        let mut incomplete = Incomplete::new(panel);
        each(filling, panel, universe, tables, &mut |found| {
            if columns.len() <= found.batch_number as usize {
                // They share their buffers with nothing else that would stay in memory.
                let copy = |index: &usize| {
                    concat(&[&found.batch.columns[*index]]).expect("one array has one type")
                };
                columns.push(wanted.iter().map(copy).collect());
            }
            let by = panel.by.map(|column| Values::new(&found.batch.columns[column]));
            let code = by.and_then(|by| code_at(filling, panel, &by, found.record));
            for (units, time) in found.inside {
                let mut units = units.map(|unit| rank.get(unit as usize).copied().unwrap_or(0));
                if matches!(panel.of, Counted::Pairs(_)) && !panel.of.is_directed() {
                    units.sort_unstable();
                }
                entries.push(Entry {
                    units,
                    time: *time,
                    code: code.unwrap_or(NO_CODE),
                    record: (found.batch_number, found.record as u32),
                });
            }
            if let (Some(known), Some(time)) = (found.incomplete, found.time) {
                incomplete.note(known, time);
            }
            Ok(())
        })?;
        incomplete.finish();
        // Several units of a record may be one here, and have met at several times: the record counts once.
        entries.sort_by_key(|entry: &Entry| (entry.units, entry.record));
        entries.dedup_by(|next, kept| {
            let is_same = (next.units, next.record) == (kept.units, kept.record);
            if is_same {
                kept.time = kept.time.hull(&next.time);
            }
            is_same
        });
        entries.sort_by_key(|entry| (entry.units, entry.time.begin.0, entry.record));
        let of_entries = size_of::<Entry>() * entries.len();
        let of_columns = columns.iter().flatten().map(|column| column.get_array_memory_size());
        let bytes = of_entries + of_columns.sum::<usize>();
        let _kept = Kept::new(filling.budget, bytes as u64);
        Ok(Self { entries, columns, wanted, rank, incomplete, _kept })
    }

    /// Those of a unit or pair.
    pub fn of_units(&self, units: &[u32]) -> &[Entry] {
        let rank = |unit: u32| self.rank[unit as usize];
        let wanted = [rank(units[0]), units.get(1).map_or(0, |unit| rank(*unit))];
        let start = self.entries.partition_point(|entry| entry.units < wanted);
        let count = self.entries[start..].partition_point(|entry| entry.units == wanted);
        &self.entries[start..start + count]
    }

    /// The values of a column, and the row of an entry's record in them.
    pub fn values(&self, column: usize, entry: &Entry) -> (Values<'_>, usize) {
        let position = self.wanted.binary_search(&column).expect("the measure looks at it");
        let (batch, row) = entry.record;
        (Values::new(&self.columns[batch as usize][position]), row as usize)
    }
}

/// The position of the code that splits the measures.
fn code_at(
    filling: &Filling<'_>,
    panel: &Panel,
    values: &Values<'_>,
    record: usize,
) -> Option<u32> {
    if let Some(code) = values.code(record) {
        return Some(code as u32);
    }
    let codes = super::coverage::codes_of(filling.model, panel)?;
    codes.position(&text_of(values.get(record)?)?)
}

/// What all records of a panel come to, in the order of their keys.
pub fn each(
    filling: &Filling<'_>,
    panel: &Panel,
    universe: &Universe<'_>,
    tables: &[TableRows],
    tell: &mut dyn FnMut(Found<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let matcher = Matcher { filling, panel, universe };
    match &panel.of {
        Counted::Units(parties) => {
            let base = &filling.model.tables[parties.table];
            let rows = &tables[parties.table];
            for number in 0..rows.batch_count() {
                let batch = rows.batch(number, &base.level)?;
                let reader = Reader::new(base, &batch, parties);
                let mut found = Vec::new();
                for record in 0..batch.len {
                    if !reader.counts(record) {
                        continue;
                    }
                    reader.parties(record, &mut found);
                    let mut units: Vec<_> = found.iter().filter_map(|party| party.unit).collect();
                    units.sort_unstable();
                    units.dedup();
                    let lacks = found.iter().any(|party| party.unit.is_none());
                    let time = reader.time(record);
                    let (mut inside, mut outside) = (Vec::new(), Vec::new());
                    for unit in &units {
                        match panel.unit(filling.model, universe, &unit.code(), time) {
                            Ok((matched, time)) => {
                                inside.extend(matched.into_iter().map(|it| ([it, it], time)));
                            }
                            Err(Some(reason)) => outside.push((*unit, reason)),
                            Err(None) => {}
                        }
                    }
                    for (units, _) in &mut inside {
                        units[1] = NONE;
                    }
                    let known = lacks.then(|| matcher.known(&units, time));
                    tell(Found {
                        batch: &batch,
                        batch_number: number as u32,
                        record,
                        time,
                        inside: &inside,
                        outside: &outside,
                        incomplete: known.as_deref(),
                    })?;
                }
            }
            Ok(())
        }
        Counted::Pairs(of) => dyads::each(filling, of, tables, &mut |found: Pairs<'_, '_>| {
            let (mut inside, mut outside) = (Vec::new(), Vec::new());
            for pair in found.pairs {
                matcher.pair(pair.units, pair.time, &mut inside, &mut outside);
            }
            outside.sort_by_key(|(unit, _)| *unit);
            outside.dedup_by_key(|(unit, _)| *unit);
            let known = (found.records.n_incomplete > 0)
                .then(|| matcher.known(&found.records.units(), found.time));
            tell(Found {
                batch: found.batch,
                batch_number: found.batch_number,
                record: found.record,
                time: found.time,
                inside: &inside,
                outside: &outside,
                incomplete: known.as_deref(),
            })
        }),
    }
}

/// Matches the units of records to those of the universe.
struct Matcher<'a> {
    filling: &'a Filling<'a>,
    panel: &'a Panel,
    universe: &'a Universe<'a>,
}

impl Matcher<'_> {
    fn matched(&self, unit: Unit<'_>, when: Spell) -> Result<Vec<u32>, Reason> {
        self.panel.matched(self.filling.model, self.universe, &unit.code(), when)
    }

    fn pair<'u>(
        &self,
        units: [Unit<'u>; 2],
        time: Option<Extent>,
        inside: &mut Vec<([u32; 2], Extent)>,
        outside: &mut Vec<(Unit<'u>, Reason)>,
    ) {
        let Some(time) = self.panel.time(time) else {
            outside.extend(units.map(|unit| (unit, Reason::NoDate)));
            return;
        };
        let when = days_of(Some(time));
        let matched = units.map(|unit| self.matched(unit, when));
        let [Ok(ones), Ok(others)] = &matched else {
            for (unit, matched) in units.into_iter().zip(matched) {
                outside.extend(matched.err().map(|reason| (unit, reason)));
            }
            return;
        };
        let mut chosen = Vec::new();
        for one in ones {
            for other in others {
                if one != other && self.panel.is_chosen(*one, Some(*other)) {
                    chosen.push([*one, *other]);
                }
            }
        }
        if chosen.is_empty() {
            return;
        }
        if !self.panel.may_cover(&time) {
            outside.extend(units.map(|unit| (unit, Reason::OutsideCoverage)));
            return;
        }
        let exist = [ones, others].map(|some| self.panel.exists(self.universe, some, when));
        if let [Ok(()), Ok(())] = exist {
            let common = chosen.iter().filter(|[one, other]| {
                let both = shared(self.universe.spells(*one), self.universe.spells(*other));
                !shared(&both, &[when]).is_empty()
            });
            let common: Vec<_> = common.map(|pair| (*pair, time)).collect();
            if common.is_empty() {
                outside.extend(units.map(|unit| (unit, Reason::NoCommonDay)));
            }
            inside.extend(common);
            return;
        }
        for (unit, exists) in units.into_iter().zip(exist) {
            outside.extend(exists.err().map(|reason| (unit, reason)));
        }
    }

    /// The units of the universe that some units are.
    fn known(&self, units: &[Unit<'_>], time: Option<Extent>) -> Vec<u32> {
        let when = days_of(time);
        let matched = units.iter().filter_map(|unit| self.matched(*unit, when).ok());
        let mut known: Vec<_> = matched.flatten().collect();
        known.sort_unstable();
        known.dedup();
        known
    }
}
