//! Wide tables: one row a record, or an item of a list of it.

use std::collections::HashSet;

use super::Filling;
use super::codes::{Beside, days_of};
use super::filler::Filler;
use super::lookup::{End, Lookup, Lookups, Spot, Track};
use super::parties::{Times, Unit};
use crate::fault::Fault;
use crate::lower::{Columns, Rows, TableRows, Value, Values};
use crate::manifest::derived::Several;
use crate::model::derived::{Labels, TimePath, View, ViewColumn};
use crate::model::kind::Kind;
use crate::model::system::Spell;
use crate::model::{Codes, Level, POSITION_COLUMN, Table};

/// Fills the table.
///
/// # Errors
/// When the spill file fails.
pub fn fill(
    filling: &Filling<'_>,
    table: &Table,
    view: &View,
    tables: &[TableRows],
) -> Result<TableRows, Fault> {
    let base = &filling.model.tables[view.table];
    let rows = &tables[view.table];
    let mut lookups = Lookups::new(filling, tables);
    let mut behind = Vec::new();
    for column in &view.columns {
        behind.push(lookups.behind(&column.way.steps, End::of(&column.way, column.parts))?);
    }
    drop(lookups);
    let mut filler = Filler::new(table, filling.budget);
    let out: Vec<_> = view.columns.iter().map(|it| Out::new(filling, table, it, &filler)).collect();
    let position = view.list.map(|_| filler.named(POSITION_COLUMN));
    for batch in 0..rows.batch_count() {
        let batch = rows.batch(batch, &base.level)?;
        let tracks: Vec<_> = out
            .iter()
            .zip(&behind)
            .map(|(out, behind)| out.track(&base.level, &batch, view.list, behind.as_ref()))
            .collect();
        let times = view.time.map(|time| (Times::new(&base.level, &batch, time), is_of_item(time)));
        let mut spots = Vec::new();
        for record in 0..batch.len {
            let items = view.list.map(|list| batch.lists[list].of(record));
            for (number, item) in items.unwrap_or(record..record + 1).enumerate() {
                let when = times.as_ref().and_then(|(times, is_of_item)| {
                    times.of(if *is_of_item { item } else { record })
                });
                let when = days_of(when);
                for (out, track) in out.iter().zip(&tracks) {
                    spots.clear();
                    let start = if out.column.way.is_of_item { item } else { record };
                    track.spots(start, &mut spots);
                    out.cell(&mut filler, track, &spots, view.several, when);
                }
                if let Some(position) = position {
                    filler.set(position, Value::Integer(number as i64));
                }
                filler.end_row()?;
            }
        }
    }
    filler.finish()
}

/// Whether a time is that of an item and not of its record.
fn is_of_item(time: TimePath) -> bool {
    let (TimePath::One(path) | TimePath::Between(path, _)) = time;
    path.list.is_some()
}

/// A column of the table with what stands beside it.
struct Out<'m> {
    column: &'m ViewColumn,
    /// Its position, and those of what is worked out from it right behind.
    target: usize,
    count: Option<usize>,
    label: Option<(usize, &'m Labels)>,
    codes: Vec<Beside<'m>>,
    /// The codes that its values are; none for other values.
    of: Option<&'m Codes>,
}

impl<'m> Out<'m> {
    fn new(
        filling: &Filling<'m>,
        table: &'m Table,
        column: &'m ViewColumn,
        columns: &Columns<'_>,
    ) -> Self {
        let target = columns.named(&column.name);
        let of = match &table.level.columns[target].kind {
            Kind::Code(codes) | Kind::IntegerCode { codes, .. } => Some(&**codes),
            _ => None,
        };
        let label = column.label.as_ref();
        let codes = column.codes.iter().map(|(crosswalk, name)| {
            Beside::new(&filling.model.crosswalks[*crosswalk], columns.named(name))
        });
        Self {
            column,
            target,
            count: column.count.as_ref().map(|name| columns.named(name)),
            label: label.map(|(name, labels)| (columns.named(name), &**labels)),
            codes: codes.collect(),
            of,
        }
    }

    /// The way to its values in a batch.
    fn track<'a>(
        &'a self,
        level: &'a Level,
        batch: &'a Rows,
        list: Option<usize>,
        behind: Option<&'a Lookup>,
    ) -> Track<'a> {
        let way = &self.column.way;
        let (level, rows) = match list.filter(|_| way.is_of_item) {
            Some(list) => (&level.lists[list], &batch.lists[list].rows),
            None => (level, batch),
        };
        Track::new(level, rows, &way.steps, End::of(way, self.column.parts), behind)
    }

    /// Gives the row its value of those that were found, and what stands beside it.
    fn cell(
        &self,
        columns: &mut Columns<'_>,
        track: &Track<'_>,
        spots: &[Spot],
        several: Several,
        when: Spell,
    ) {
        let count = different(track, spots);
        if let Some(column) = self.count {
            columns.set(column, Value::Integer(count as i64));
        }
        let Some(first) = spots.first().filter(|_| count == 1 || several == Several::First) else {
            return;
        };
        let (values, row) = track.at(*first);
        for (part, values) in values.iter().enumerate() {
            columns.copy(self.target + part, values, row);
        }
        if let Some((column, labels)) = self.label
            && let Some(code) = self.code(&values[0], row)
            && let Some(label) = labels.during(code, when)
        {
            columns.set(column, Value::Text(&label));
        }
        for beside in &self.codes {
            if let Some(unit) = values[0].get(row).and_then(Unit::of) {
                beside.set(columns, unit, when);
            }
        }
    }

    /// The position of a code in its list.
    fn code(&self, values: &Values<'_>, row: usize) -> Option<usize> {
        let unit = || Unit::of(values.get(row)?);
        let position = || self.of?.position(&unit()?.code());
        values.code(row).or_else(|| position().map(|position| position as usize))
    }
}

/// How many different values were found.
fn different(track: &Track<'_>, spots: &[Spot]) -> usize {
    let value = |spot: &Spot| {
        let (values, row) = track.at(*spot);
        values[0].get(row).map(known)
    };
    match spots {
        [] | [_] => spots.len(),
        several => several.iter().map(value).collect::<HashSet<_>>().len(),
    }
}

/// A value as it is told from others.
#[derive(PartialEq, Eq, Hash)]
enum Known<'a> {
    Text(&'a str),
    Number(i128),
    Double(u64),
}

fn known(value: Value<'_>) -> Known<'_> {
    match value {
        Value::Text(text) => Known::Text(text),
        Value::Boolean(value) => Known::Number(value.into()),
        Value::Integer(number)
        | Value::Instant(number)
        | Value::LocalInstant(number)
        | Value::TimeOfDay(number) => Known::Number(number.into()),
        Value::Date(day) => Known::Number(day.into()),
        Value::Decimal(_, number) => Known::Number(number),
        // Zero has two signs.
        Value::Number(number) => Known::Double((number + 0.0).to_bits()),
    }
}
