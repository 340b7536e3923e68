//! Records that refer to records of the same table.

use std::collections::HashSet;

use arrow_array::ArrayRef;

use super::Filling;
use super::filler::Filler;
use super::lookup::{Lookups, Spot};
use super::parties::{At, Times, Unit};
use crate::fault::Fault;
use crate::lower::{Columns, Rows, TableRows, Value, Values};
use crate::model::Table;
use crate::model::derived::Links;
use crate::period::Extent;
use crate::spill::key_hash;

/// Fills the table.
///
/// # Errors
/// When the spill file fails.
pub fn fill(
    filling: &Filling<'_>,
    table: &Table,
    links: &Links,
    tables: &[TableRows],
) -> Result<TableRows, Fault> {
    let base = &filling.model.tables[links.table];
    let rows = &tables[links.table];
    let keys = Lookups::new(filling, tables).keys(links.table)?;
    let mut records = Vec::new();
    for batch in 0..rows.batch_count() {
        records.push(Records::of(base, &rows.batch(batch, &base.level)?, links));
    }
    let mut filler = Filler::new(table, filling.budget);
    let out = Out::new(links, &filler);
    let mut known = Said::default();
    for number in 0..rows.batch_count() {
        let batch = rows.batch(number, &base.level)?;
        let paths: Vec<_> =
            links.links.iter().map(|it| At::new(&base.level, &batch, it.path)).collect();
        for record in 0..batch.len {
            let own = (number as u32, record as u32);
            for (index, (link, at)) in links.links.iter().zip(&paths).enumerate() {
                known.new_record();
                let rows = link.path.list.map(|list| batch.lists[list].of(record));
                for row in rows.unwrap_or(record..record + 1) {
                    let Some(other) = at.values.get(row).and_then(|it| keys.spot(it)) else {
                        continue;
                    };
                    let ends = [own, other].map(|spot| End::of(&records, spot));
                    let ends = match link.is_symmetric && ends[1].key() < ends[0].key() {
                        true => [ends[1], ends[0]],
                        false => ends,
                    };
                    if known.is_new(index, link.is_symmetric, ends) {
                        out.row(&mut filler, index, ends);
                        filler.end_row()?;
                    }
                }
            }
        }
    }
    filler.finish()
}

/// What rows say of the records of a batch, and no more of them.
struct Records {
    keys: ArrayRef,
    times: Vec<Option<Extent>>,
    kept: Vec<Vec<ArrayRef>>,
}

impl Records {
    fn of(base: &Table, batch: &Rows, links: &Links) -> Self {
        let kept = links.keep.iter();
        let kept = kept.map(|it| batch.columns[it.column..=it.column + it.parts].to_vec());
        let times = links.time.map(|time| Times::new(&base.level, batch, time));
        let times = times.map(|times| (0..batch.len).map(|row| times.of(row)).collect());
        Self {
            keys: batch.columns[base.key.columns[0]].clone(),
            times: times.unwrap_or_default(),
            kept: kept.collect(),
        }
    }
}

/// A record at one end of a link.
#[derive(Clone, Copy)]
struct End<'a> {
    records: &'a Records,
    row: usize,
}

impl<'a> End<'a> {
    fn of(records: &'a [Records], (batch, row): Spot) -> Self {
        Self { records: &records[batch as usize], row: row as usize }
    }

    fn key(self) -> Unit<'a> {
        let key = Values::new(&self.records.keys).get(self.row).and_then(Unit::of);
        key.expect("what one reference names has one key")
    }

    fn time(self) -> Option<Extent> {
        self.records.times.get(self.row).copied().flatten()
    }
}

/// Which links have rows: of those with a direction the ones of the record at hand.
#[derive(Default)]
struct Said {
    of_record: HashSet<u128>,
    symmetric: HashSet<u128>,
}

impl Said {
    fn new_record(&mut self) {
        self.of_record.clear();
    }

    fn is_new(&mut self, link: usize, is_symmetric: bool, [from, to]: [End<'_>; 2]) -> bool {
        if !is_symmetric {
            return self.of_record.insert(key_hash(&to.key().code()));
        }
        let (from, to) = (from.key().code(), to.key().code());
        let link = link.to_string();
        let parts = [link.as_str(), &from, &to];
        self.symmetric.insert(key_hash(&crate::model::join_key(parts)))
    }
}

/// The columns of the table.
struct Out {
    ends: [usize; 2],
    link: usize,
    times: Option<[usize; 6]>,
    /// Of each value that goes along its two columns, and how many stand behind each.
    kept: Vec<([usize; 2], usize)>,
}

impl Out {
    fn new(links: &Links, columns: &Columns<'_>) -> Self {
        let named = |name: &str| columns.named(name);
        let times =
            ["from_earliest", "from_latest", "to_earliest", "to_latest", "days_min", "days_max"];
        Self {
            ends: [0, 1],
            link: named("link"),
            times: links.time.map(|_| times.map(named)),
            kept: links
                .keep
                .iter()
                .map(|it| (it.names.each_ref().map(|name| named(name)), it.parts))
                .collect(),
        }
    }

    fn row(&self, columns: &mut Columns<'_>, link: usize, ends: [End<'_>; 2]) {
        for (column, end) in self.ends.into_iter().zip(ends) {
            columns.copy(column, &Values::new(&end.records.keys), end.row);
        }
        columns.code(self.link, link as u32);
        if let Some(targets) = self.times {
            for (column, day) in targets.into_iter().zip(days(ends.map(End::time))) {
                match day {
                    Some(Day::On(day)) => columns.set(column, Value::Date(day)),
                    Some(Day::Between(days)) => columns.set(column, Value::Integer(days.into())),
                    None => {}
                }
            }
        }
        for (index, (targets, parts)) in self.kept.iter().enumerate() {
            for (target, end) in targets.iter().zip(ends) {
                for part in 0..=*parts {
                    let values = Values::new(&end.records.kept[index][part]);
                    columns.copy(target + part, &values, end.row);
                }
            }
        }
    }
}

/// What the columns of time hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Day {
    On(i32),
    Between(i32),
}

/// The days of both records, and the days between their starts; none where nobody knows.
fn days([from, to]: [Option<Extent>; 2]) -> [Option<Day>; 6] {
    let known = |day: i32| (day != i32::MIN && day != i32::MAX).then_some(day);
    let first = |time: Option<Extent>| time.and_then(|it| known(it.begin.0));
    let last = |time: Option<Extent>| time.and_then(|it| known(it.end.1));
    let last_start = |time: Option<Extent>| time.and_then(|it| known(it.begin.1));
    let between = |from: Option<i32>, to: Option<i32>| Some(Day::Between(to? - from?));
    [
        first(from).map(Day::On),
        last(from).map(Day::On),
        first(to).map(Day::On),
        last(to).map(Day::On),
        between(last_start(from), first(to)),
        between(first(from), last_start(to)),
    ]
}

#[cfg(test)]
mod tests {
    use super::{Day, days};
    use crate::edtf::Edtf;
    use crate::period::Extent;

    #[test]
    fn days_are_counted_from_start_to_start() {
        let extent = |text: &str| Some(Extent::of(&Edtf::parse(text).expect("a date")));
        let between = |from, to| {
            let [.., min, max] = days([extent(from), extent(to)]);
            let days = |day| match day {
                Some(Day::Between(days)) => Some(days),
                Some(Day::On(day)) => unreachable!("{day} is no number of days"),
                None => None,
            };
            (days(min), days(max))
        };
        assert_eq!(between("2020-01-01", "2020-03-01"), (Some(60), Some(60)));
        assert_eq!(between("2020-03-01", "2020-02-28"), (Some(-2), Some(-2)));
        assert_eq!(between("2020-01", "2020-02-01"), (Some(1), Some(31)));
        assert_eq!(between("2020-01-05/2020-12-31", "2020-01-06/.."), (Some(1), Some(1)));
        assert_eq!(between("2020-01-05", "../2020-01-06"), (None, Some(1)));
        assert_eq!(days([None, extent("2020-01-01")])[4], None);
    }
}
