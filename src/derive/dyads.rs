//! Pairs of units that meet in a record.

use std::collections::HashMap;

use super::Filling;
use super::codes::{CodeColumns, days_of};
use super::filler::Filler;
use super::parties::{At, Party, Reader, Times, Unit};
use crate::fault::Fault;
use crate::lower::{Columns, Rows, TableRows, Value, Values};
use crate::manifest::derived::Overlap;
use crate::model::derived::{Direction, Dyads, Units, ValuePath};
use crate::model::{Level, Table};
use crate::period::Extent;
use crate::spill::key_hash;

/// Fills the table.
///
/// # Errors
/// When the spill file fails.
pub fn fill(
    filling: &Filling<'_>,
    table: &Table,
    dyads: &Dyads,
    tables: &[TableRows],
) -> Result<TableRows, Fault> {
    let base = &filling.model.tables[dyads.parties.table];
    let mut filler = Filler::new(table, filling.budget);
    let out = Out::new(filling, table, base, dyads, &filler);
    each(filling, dyads, tables, &mut |found| {
        for pair in found.pairs {
            out.row(&mut filler, &found, *pair);
            filler.end_row()?;
        }
        Ok(())
    })?;
    filler.finish()
}

/// A record with its pairs.
pub struct Found<'f, 'a> {
    pub batch: &'a Rows,
    pub batch_number: u32,
    pub record: usize,
    pub records: &'f Records<'a>,
    /// When the record was.
    pub time: Option<Extent>,
    pub pairs: &'f [Pair<'a>],
    /// How many records it stands for.
    pub many: i64,
}

/// All records that count, with their pairs, in the order of their keys. Of two that tell the same from both
/// sides the first stands for both.
///
/// # Errors
/// When the spill file fails.
pub fn each(
    filling: &Filling<'_>,
    dyads: &Dyads,
    tables: &[TableRows],
    tell: &mut dyn FnMut(Found<'_, '_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let base = &filling.model.tables[dyads.parties.table];
    let rows = &tables[dyads.parties.table];
    let mirrors = match &dyads.mirror {
        Some(with) => Some(Mirrors::find(base, rows, dyads, with)?),
        None => None,
    };
    let mut before = 0;
    for number in 0..rows.batch_count() {
        let batch = rows.batch(number, &base.level)?;
        let mut records = Records::new(base, &batch, dyads);
        for record in 0..batch.len {
            let mirror = mirrors.as_ref().and_then(|it| it.of.get(&((before + record) as u64)));
            let many = match mirror {
                None => 1,
                Some(Mirror::First) => 2,
                Some(Mirror::Second) => continue,
            };
            if !records.counts(record) {
                continue;
            }
            let pairs = records.pairs(record);
            let (time, records) = (records.time(record), &records);
            let batch_number = number as u32;
            let pairs = &pairs;
            tell(Found { batch: &batch, batch_number, record, records, time, pairs, many })?;
        }
        before += batch.len;
    }
    Ok(())
}

/// A pair of a record.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    pub units: [Unit<'a>; 2],
    /// Rows of the list of parties, one of either unit.
    rows: [usize; 2],
    /// When the two met; none if nobody says.
    pub time: Option<Extent>,
}

/// The records of a batch as pairs.
pub struct Records<'a> {
    reader: Reader<'a>,
    level: &'a Level,
    dyads: &'a Dyads,
    side: Option<At<'a>>,
    /// What a party does: by its row whether it does it, and whether it is done to it.
    role: Option<(At<'a>, &'a [String], &'a [String])>,
    own_times: Option<Times<'a>>,
    parties: Vec<Party<'a>>,
    /// Of the record that was looked at last.
    pub n_parties: usize,
    /// Likewise.
    pub n_incomplete: usize,
}

impl<'a> Records<'a> {
    pub fn new(base: &'a Table, batch: &'a Rows, dyads: &'a Dyads) -> Self {
        let level = &base.level;
        let list = dyads.parties.units.list();
        let of_party = |column| At::new(level, batch, ValuePath { list, column });
        let role = match &dyads.direction {
            Some(Direction::Roles { role, from, to }) => Some((of_party(*role), &**from, &**to)),
            Some(Direction::Given) | None => None,
        };
        Self {
            reader: Reader::new(base, batch, &dyads.parties),
            level,
            dyads,
            side: dyads.side.map(of_party),
            role,
            own_times: dyads.own_time.map(|(path, _)| Times::new(level, batch, path)),
            parties: Vec::new(),
            n_parties: 0,
            n_incomplete: 0,
        }
    }

    /// Whether a record counts.
    pub fn counts(&self, record: usize) -> bool {
        self.reader.counts(record)
    }

    /// When a record was.
    pub fn time(&self, record: usize) -> Option<Extent> {
        self.reader.time(record)
    }

    /// The known units of the record that was looked at last, each once.
    pub fn units(&self) -> Vec<Unit<'a>> {
        let mut units: Vec<_> = self.parties.iter().filter_map(|party| party.unit).collect();
        units.sort_unstable();
        units.dedup();
        units
    }

    /// The pairs of a record that counts, in their order.
    pub fn pairs(&mut self, record: usize) -> Vec<Pair<'a>> {
        let mut parties = std::mem::take(&mut self.parties);
        self.reader.parties(record, &mut parties);
        self.parties = parties;
        self.n_parties = self.units().len();
        let lacks = |party: &&Party<'_>| {
            party.unit.is_none()
                || self.side.as_ref().is_some_and(|side| side.values.is_missing(party.row))
        };
        self.n_incomplete = self.parties.iter().filter(lacks).count();
        let time = self.reader.time(record);
        let mut pairs: Vec<Pair<'a>> = Vec::new();
        for one in &self.parties {
            for other in &self.parties {
                let (Some(first), Some(second)) = (one.unit, other.unit) else { continue };
                if first == second || !self.is_pair(one, other, first < second) {
                    continue;
                }
                let Some(time) = self.shared_time(one, other, time) else { continue };
                pairs.push(Pair { units: [first, second], rows: [one.row, other.row], time });
            }
        }
        // The first in the order of the parties is the one that the sides are of.
        pairs.sort_by_key(|pair| pair.units);
        pairs.dedup_by(|next, kept| {
            let is_same = next.units == kept.units;
            if is_same {
                kept.time = hull(kept.time, next.time);
            }
            is_same
        });
        pairs
    }

    fn is_pair(&self, one: &Party<'_>, other: &Party<'_>, is_in_order: bool) -> bool {
        match (&self.dyads.direction, &self.role) {
            (Some(Direction::Given), _) => one.row < other.row,
            (_, Some((role, from, to))) => {
                let is = |row: usize, roles: &[String]| match role.values.get(row) {
                    Some(Value::Text(text)) => roles.iter().any(|it| it == text),
                    Some(Value::Integer(number)) => {
                        let number = number.to_string();
                        roles.iter().any(|it| *it == number)
                    }
                    _ => false,
                };
                is(one.row, from) && is(other.row, to)
            }
            (_, None) => {
                is_in_order
                    && self.side.as_ref().is_none_or(|side| {
                        match (side.values.get(one.row), side.values.get(other.row)) {
                            (Some(one), Some(other)) => one != other,
                            _ => false,
                        }
                    })
            }
        }
    }

    /// When two parties took part together: none if they never did, and an unknown time if nobody says.
    fn shared_time(
        &self,
        one: &Party<'_>,
        other: &Party<'_>,
        record: Option<Extent>,
    ) -> Option<Option<Extent>> {
        let (Some(times), Some((_, overlap))) = (&self.own_times, self.dyads.own_time) else {
            return Some(record);
        };
        if overlap == Overlap::None {
            return Some(record);
        }
        let own = |party: &Party<'_>| match (times.of(party.row), record) {
            (Some(own), Some(record)) => Some(own.shared(&record).unwrap_or(own)),
            (own, record) => own.or(record),
        };
        let (Some(one), Some(other)) = (own(one), own(other)) else { return Some(record) };
        let shared = match overlap {
            Overlap::Year => one.whole_years().shared(&other.whole_years()),
            Overlap::Day | Overlap::None => one.shared(&other),
        };
        shared.map(Some)
    }
}

/// From the first to the last of two times.
fn hull(one: Option<Extent>, other: Option<Extent>) -> Option<Extent> {
    let (Some(one), Some(other)) = (one, other) else { return one.or(other) };
    Some(Extent {
        begin: (one.begin.0.min(other.begin.0), one.begin.1.min(other.begin.1)),
        end: (one.end.0.max(other.end.0), one.end.1.max(other.end.1)),
    })
}

/// The columns of the table.
struct Out<'m> {
    dyads: &'m Dyads,
    base: &'m Table,
    units: [usize; 2],
    sides: Option<[usize; 2]>,
    times: TimeColumns,
    certain: Option<usize>,
    n_parties: usize,
    n_incomplete: usize,
    n_records: Option<usize>,
    /// Columns of the record, and those that they go to.
    keep: Vec<(usize, usize)>,
    codes: CodeColumns<'m>,
}

impl<'m> Out<'m> {
    fn new(
        filling: &Filling<'m>,
        table: &'m Table,
        base: &'m Table,
        dyads: &'m Dyads,
        columns: &Columns<'_>,
    ) -> Self {
        let keys = base.key.columns.len();
        let named = |name: &str| columns.named(name);
        let is_directed = dyads.direction.is_some();
        let name = |index: usize| table.level.columns[keys + index].name.as_str();
        let certain = dyads.own_time.filter(|(_, overlap)| *overlap != Overlap::None);
        let mut keep = Vec::new();
        for source in &dyads.keep {
            let column = &base.level.columns[*source];
            let parts = if column.is_composed() { 0 } else { column.kind.derived_parts().len() };
            let target = named(&column.name);
            keep.extend((0..=parts).map(|part| (source + part, target + part)));
        }
        Self {
            dyads,
            base,
            units: [keys, keys + 1],
            sides: dyads.side.filter(|_| !is_directed).map(|_| [named("side_a"), named("side_b")]),
            times: TimeColumns::of(columns),
            certain: certain.map(|_| named("overlap_certain")),
            n_parties: named("n_parties"),
            n_incomplete: named("n_incomplete"),
            n_records: dyads.mirror.as_ref().map(|_| named("n_records")),
            keep,
            codes: CodeColumns::of(filling.model, &dyads.codes, &[name(0), name(1)], columns),
        }
    }

    fn row(&self, columns: &mut Columns<'_>, found: &Found<'_, '_>, pair: Pair<'_>) {
        let Found { batch, record, records, many, .. } = *found;
        for (index, key) in self.base.key.columns.iter().enumerate() {
            columns.copy(index, &Values::new(&batch.columns[*key]), record);
        }
        for (column, unit) in self.units.into_iter().zip(pair.units) {
            columns.set(column, unit.value());
        }
        if let (Some(sides), Some(side)) = (self.sides, self.dyads.side) {
            let list = self.dyads.parties.units.list();
            let side = At::new(records.level, batch, ValuePath { list, column: side });
            for (column, row) in sides.into_iter().zip(pair.rows) {
                columns.copy(column, &side.values, row);
            }
        }
        self.times.set(columns, pair.time);
        if let Some(column) = self.certain {
            let certain = pair.time.is_some_and(|time| time.is_certain());
            columns.set(column, Value::Boolean(certain));
        }
        columns.set(self.n_parties, Value::Integer(records.n_parties as i64));
        columns.set(self.n_incomplete, Value::Integer(records.n_incomplete as i64));
        if let Some(column) = self.n_records {
            columns.set(column, Value::Integer(many));
        }
        for (source, target) in &self.keep {
            columns.copy(*target, &Values::new(&batch.columns[*source]), record);
        }
        for (index, unit) in pair.units.into_iter().enumerate() {
            self.codes.set(columns, index, unit, days_of(pair.time));
        }
    }
}

/// The columns that say when a pair met.
pub struct TimeColumns([usize; 4]);

impl TimeColumns {
    /// Those of a table that has them.
    pub fn of(columns: &Columns<'_>) -> Self {
        Self(
            ["start_earliest", "start_latest", "end_earliest", "end_latest"]
                .map(|name| columns.named(name)),
        )
    }

    fn set(&self, columns: &mut Columns<'_>, time: Option<Extent>) {
        let Some(Extent { begin, end }) = time else { return };
        for (column, day) in self.0.into_iter().zip([begin.0, begin.1, end.0, end.1]) {
            if day != i32::MIN && day != i32::MAX {
                columns.set(column, Value::Date(day));
            }
        }
    }
}

/// Which records tell the same as another one, from the other side.
struct Mirrors {
    /// By the number of the record in the order of the table.
    of: HashMap<u64, Mirror>,
}

enum Mirror {
    /// It comes first.
    First,
    /// It comes second, and has no row.
    Second,
}

/// Records of one pair of units that agree: those that have no mirror yet, in either direction.
type Unmatched = [std::collections::VecDeque<u64>; 2];

impl Mirrors {
    fn find(base: &Table, rows: &TableRows, dyads: &Dyads, with: &[usize]) -> Result<Self, Fault> {
        let Units::Two(units) = dyads.parties.units else {
            unreachable!("only records of two units have mirrors")
        };
        let mut unmatched: HashMap<u128, Unmatched> = HashMap::new();
        let mut of = HashMap::new();
        let mut number = 0;
        for batch in 0..rows.batch_count() {
            let batch = rows.batch(batch, &base.level)?;
            let reader = Reader::new(base, &batch, &dyads.parties);
            let column = |index: &usize| Values::new(&batch.columns[*index]);
            let (units, with) = (units.map(|it| column(&it)), with.iter().map(column));
            let with: Vec<_> = with.collect();
            for record in 0..batch.len {
                let this = number;
                number += 1;
                let pair = units.each_ref().map(|it| it.get(record).and_then(text_of));
                let [Some(one), Some(other)] = pair else { continue };
                if one == other || !reader.counts(record) {
                    continue;
                }
                let direction = usize::from(one > other);
                let (low, high) = if one < other { (one, other) } else { (other, one) };
                let agreed = with.iter().map(|it| it.get(record).and_then(text_of));
                let agreed = agreed.map(|it| it.map_or("-".to_owned(), |it| format!("={it}")));
                let key = crate::model::join_key([low, high].into_iter().chain(agreed));
                let group = unmatched.entry(key_hash(&key)).or_default();
                match group[1 - direction].pop_front() {
                    Some(first) => {
                        of.insert(first, Mirror::First);
                        of.insert(this, Mirror::Second);
                    }
                    None => group[direction].push_back(this),
                }
            }
        }
        Ok(Self { of })
    }
}

/// A value as text, so that equal values have equal texts.
fn text_of(value: Value<'_>) -> Option<String> {
    Some(match value {
        Value::Text(text) => text.to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Date(day) => day.to_string(),
        Value::Boolean(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Decimal(_, number) => number.to_string(),
        Value::Instant(time) | Value::LocalInstant(time) | Value::TimeOfDay(time) => {
            time.to_string()
        }
    })
}
