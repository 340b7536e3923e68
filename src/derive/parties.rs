//! What takes part in the records of a table, read from its lowered rows: the one reader of units, times and
//! conditions.

use std::collections::HashSet;

use crate::edtf::Edtf;
use crate::edtf::parts::Parts;
use crate::lower::{Rows, Value, Values};
use crate::model::derived::{Condition, Parties, TimePath, Units, ValuePath};
use crate::model::{Kind, Level, Table};
use crate::period::Extent;

/// A unit, as rows are ordered by it: whole numbers by value, texts and codes by their bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit<'a> {
    /// A whole number.
    Integer(i64),
    /// A text or code.
    Text(&'a str),
}

impl<'a> Unit<'a> {
    /// What a value is as a unit.
    pub fn of(value: Value<'a>) -> Option<Self> {
        match value {
            Value::Integer(number) => Some(Self::Integer(number)),
            Value::Text(text) => Some(Self::Text(text)),
            _ => None,
        }
    }

    /// As a cell holds it.
    pub fn value(self) -> Value<'a> {
        match self {
            Self::Integer(number) => Value::Integer(number),
            Self::Text(text) => Value::Text(text),
        }
    }

    /// As a code list spells it.
    pub fn code(self) -> std::borrow::Cow<'a, str> {
        match self {
            Self::Integer(number) => number.to_string().into(),
            Self::Text(text) => text.into(),
        }
    }
}

/// Values of a batch where a path leads.
pub struct At<'a> {
    pub values: Values<'a>,
    kind: &'a Kind,
}

impl<'a> At<'a> {
    /// The values of a column of the records, or of a list of them.
    pub fn new(level: &'a Level, rows: &'a Rows, path: ValuePath) -> Self {
        let (level, rows) = match path.list {
            Some(list) => (&level.lists[list], &rows.lists[list].rows),
            None => (level, rows),
        };
        let column = &level.columns[path.column];
        Self { values: Values::new(&rows.columns[path.column]), kind: &column.kind }
    }

    /// When the value of a row says that something was; none if it is missing.
    fn extent(&self, row: usize) -> Option<Extent> {
        const DAY_MICROSECONDS: i64 = 86_400_000_000;
        Some(match self.values.get(row)? {
            Value::Date(day) => Extent::day(day),
            Value::Integer(year) => {
                let year = Parts { year: Some(year), ..Parts::default() };
                Extent::of(&year.date().ok().flatten()?)
            }
            Value::Text(text) => Extent::of(&Edtf::parse(text).ok()?),
            Value::Instant(time) | Value::LocalInstant(time) => {
                Extent::day(i32::try_from(time.div_euclid(DAY_MICROSECONDS)).ok()?)
            }
            _ => return None,
        })
    }
}

/// The times of a batch.
pub struct Times<'a> {
    start: At<'a>,
    end: Option<At<'a>>,
}

impl<'a> Times<'a> {
    /// Those that a path leads to.
    pub fn new(level: &'a Level, rows: &'a Rows, path: TimePath) -> Self {
        match path {
            TimePath::One(path) => Self { start: At::new(level, rows, path), end: None },
            TimePath::Between(start, end) => {
                let end = Some(At::new(level, rows, end));
                Self { start: At::new(level, rows, start), end }
            }
        }
    }

    /// When a row was; none if it doesn't say.
    pub fn of(&self, row: usize) -> Option<Extent> {
        let start = self.start.extent(row);
        match &self.end {
            None => start,
            Some(end) => Extent::between(start, end.extent(row)),
        }
    }
}

/// Whether rows say what they must.
pub struct Test<'a> {
    at: At<'a>,
    /// By the position of a code; empty where values are no codes.
    codes: Vec<bool>,
    texts: HashSet<&'a str>,
}

impl<'a> Test<'a> {
    /// Of the rows of a batch.
    pub fn new(level: &'a Level, rows: &'a Rows, condition: &'a Condition) -> Self {
        let at = At::new(level, rows, condition.path);
        let texts: HashSet<_> = condition.values.iter().map(String::as_str).collect();
        let codes = match at.kind {
            Kind::Code(codes) => {
                codes.values.iter().map(|code| texts.contains(code.as_str())).collect()
            }
            _ => Vec::new(),
        };
        Self { at, codes, texts }
    }

    /// Whether one of them does.
    pub fn holds(&self, row: usize) -> bool {
        if let Some(code) = self.at.values.code(row) {
            return self.codes[code];
        }
        match self.at.values.get(row) {
            None => false,
            Some(Value::Text(text)) => self.texts.contains(text),
            Some(Value::Boolean(value)) => {
                self.texts.contains(if value { "true" } else { "false" })
            }
            Some(Value::Integer(value)) => self.texts.contains(value.to_string().as_str()),
            Some(Value::Date(day)) => {
                self.texts.contains(crate::period::day_of(day).to_string().as_str())
            }
            Some(_) => false,
        }
    }
}

/// The parties of the records of a batch.
pub struct Reader<'a> {
    rows: &'a Rows,
    units: Units,
    first: At<'a>,
    second: Option<At<'a>>,
    times: Times<'a>,
    of_records: Vec<Test<'a>>,
    of_parties: Vec<Test<'a>>,
}

/// A party of a record.
#[derive(Clone, Copy, Debug)]
pub struct Party<'a> {
    /// None if it isn't said.
    pub unit: Option<Unit<'a>>,
    /// Its row in the list of parties; of a record with two units 0 and 1.
    pub row: usize,
}

impl<'a> Reader<'a> {
    /// Reads a batch of the table that parties are of.
    pub fn new(table: &'a Table, rows: &'a Rows, parties: &'a Parties) -> Self {
        let level = &table.level;
        let own = |column| At::new(level, rows, ValuePath { list: None, column });
        let (first, second) = match parties.units {
            Units::Each(path) => (At::new(level, rows, path), None),
            Units::Two([first, second]) => (own(first), Some(own(second))),
        };
        let list = parties.units.list();
        let (of_parties, of_records): (Vec<_>, Vec<_>) =
            parties.conditions.iter().partition(|it| list.is_some() && it.path.list == list);
        let tests = |conditions: Vec<&'a Condition>| {
            conditions.into_iter().map(|it| Test::new(level, rows, it)).collect()
        };
        Self {
            rows,
            units: parties.units,
            first,
            second,
            times: Times::new(level, rows, parties.time),
            of_records: tests(of_records),
            of_parties: tests(of_parties),
        }
    }

    /// Whether a record counts.
    pub fn counts(&self, record: usize) -> bool {
        self.of_records.iter().all(|test| test.holds(record))
    }

    /// When a record was; none if it doesn't say.
    pub fn time(&self, record: usize) -> Option<Extent> {
        self.times.of(record)
    }

    /// The parties of a record that count, in their order.
    pub fn parties(&self, record: usize, into: &mut Vec<Party<'a>>) {
        into.clear();
        let unit = |at: &At<'a>, row: usize| at.values.get(row).and_then(Unit::of);
        if let Some(second) = &self.second {
            into.push(Party { unit: unit(&self.first, record), row: 0 });
            into.push(Party { unit: unit(second, record), row: 1 });
            return;
        }
        let rows = self.units.list().map(|list| self.rows.lists[list].of(record));
        let rows = rows.unwrap_or(record..record + 1);
        let counted = rows.filter(|row| self.of_parties.iter().all(|test| test.holds(*row)));
        into.extend(counted.map(|row| Party { unit: unit(&self.first, row), row }));
    }
}
