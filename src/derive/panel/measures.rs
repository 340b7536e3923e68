//! What is worked out of the records of a cell.

use std::cmp::Ordering;

use super::entries::{Entries, Entry, NO_CODE};
use crate::lower::{Columns, Value};
use crate::manifest::derived::Straddle;
use crate::model::Codes;
use crate::model::derived::{Function, Measure};
use crate::model::system::Spell;

/// A measure with its columns.
pub struct Column<'m> {
    pub function: Function,
    straddle: Straddle,
    /// Whether only records with a code count.
    is_of_code: bool,
    value: usize,
    possible: Option<usize>,
    /// The codes of the column that is compared, if their order is that of the list.
    ordered: Option<&'m Codes>,
}

impl<'m> Column<'m> {
    /// The columns of a measure, of all records or of those with a code; their names end so.
    pub fn new(
        measure: &Measure,
        straddle: Straddle,
        (is_of_code, ending): (bool, &str),
        columns: &Columns<'_>,
        ordered: Option<&'m Codes>,
    ) -> Self {
        let name = &measure.name;
        let possible = measure.function.counts();
        Self {
            function: measure.function,
            straddle,
            is_of_code,
            value: columns.named(&format!("{name}{ending}")),
            possible: possible.then(|| columns.named(&format!("{name}_possible{ending}"))),
            ordered,
        }
    }

    /// Gives the row what comes of records that touch the days of a period, or may.
    pub fn set(
        &self,
        columns: &mut Columns<'_>,
        entries: &Entries,
        (touching, days, is_covered): (&[&Entry], Spell, bool),
    ) {
        let (mut sure, mut possible) = (0_i64, 0_i64);
        let mut certain: Vec<&Entry> = Vec::new();
        for entry in touching {
            match self.belongs(entry, days) {
                // A record without a code may have any.
                Belongs::Surely(_) if self.is_of_code && entry.code == NO_CODE => possible += 1,
                Belongs::Surely(count) => {
                    sure += count;
                    certain.push(entry);
                }
                Belongs::Perhaps => possible += 1,
                Belongs::Not => {}
            }
        }
        if let Some(column) = self.possible {
            columns.set(column, Value::Integer(possible));
        }
        let is_known = is_covered && possible == 0;
        match self.function {
            Function::Count | Function::Onset | Function::Ongoing => {
                if sure > 0 || is_known {
                    columns.set(self.value, Value::Integer(sure));
                }
            }
            Function::Sum(column) => {
                if !certain.is_empty() || is_known {
                    self.sum(columns, entries, column, &certain);
                }
            }
            Function::Max(column) => {
                let best = certain.into_iter().reduce(|best, next| {
                    match self.compare(entries, column, next, best) {
                        Ordering::Greater => next,
                        _ => best,
                    }
                });
                if let Some(entry) = best {
                    let (values, row) = entries.values(column, entry);
                    columns.copy(self.value, &values, row);
                }
            }
            Function::First(column, order) => {
                // Records come in no order of their own: the first key decides between equals.
                certain.sort_by_key(|entry| entry.record);
                let has = |entry: &&&Entry| {
                    let (values, row) = entries.values(order, entry);
                    !values.is_missing(row)
                };
                let first = certain
                    .iter()
                    .filter(has)
                    .min_by(|one, other| self.compare(entries, order, one, other));
                if let Some(entry) = first {
                    let (values, row) = entries.values(column, entry);
                    columns.copy(self.value, &values, row);
                }
            }
        }
    }

    /// Whether a record belongs to a period, and as how many it counts.
    fn belongs(&self, entry: &Entry, Spell { first, last }: Spell) -> Belongs {
        let time = &entry.time;
        let is = |surely: bool, perhaps: bool| match (surely, perhaps) {
            (true, _) => Belongs::Surely(1),
            (false, true) => Belongs::Perhaps,
            (false, false) => Belongs::Not,
        };
        let begins = is(time.begins_within(first, last), time.can_begin(first, last));
        match (self.function, self.straddle) {
            (Function::Onset, _) => begins,
            (Function::Ongoing, _) => is(
                time.is_within(first, last) && time.begin.1 < first,
                time.can_touch(first, last) && time.begin.0 < first,
            ),
            (_, Straddle::Start) => begins,
            (Function::Count, Straddle::Days) => {
                let certain = Spell { first: time.begin.1, last: time.end.0 };
                match is(time.is_within(first, last), time.can_touch(first, last)) {
                    // What was on one unknown day of the period was on one day of it.
                    Belongs::Surely(_) => {
                        let days = match certain.first <= certain.last {
                            true => certain.days_within(Spell { first, last }),
                            false => 1,
                        };
                        Belongs::Surely(days.max(1).into())
                    }
                    other => other,
                }
            }
            (_, Straddle::Each | Straddle::Days) => {
                is(time.is_within(first, last), time.can_touch(first, last))
            }
        }
    }

    fn sum(&self, columns: &mut Columns<'_>, entries: &Entries, column: usize, certain: &[&Entry]) {
        let mut certain = certain.to_vec();
        certain.sort_by_key(|entry| entry.record);
        let (mut whole, mut number, mut digits) = (0_i128, 0_f64, None);
        let mut is_number = false;
        for entry in certain {
            let (values, row) = entries.values(column, entry);
            match values.get(row) {
                Some(Value::Integer(value)) => whole += i128::from(value),
                Some(Value::Number(value)) => {
                    is_number = true;
                    number += value;
                }
                Some(Value::Decimal(of, value)) => {
                    digits = Some(of);
                    match whole.checked_add(value) {
                        Some(sum) => whole = sum,
                        None => return,
                    }
                }
                // What one record lacks, nobody can add.
                Some(_) | None => return,
            }
        }
        if is_number {
            columns.set(self.value, Value::Number(number));
        } else if let Some(digits) = digits {
            columns.set(self.value, Value::Decimal(digits, whole));
        } else if let Ok(sum) = i64::try_from(whole) {
            columns.zero_or(self.value, sum);
        }
    }

    /// The order of two records by a column; what is missing comes first.
    fn compare(&self, entries: &Entries, column: usize, one: &Entry, other: &Entry) -> Ordering {
        let value = |entry: &Entry| {
            let (values, row) = entries.values(column, entry);
            (values.code(row), values.get(row).map(Order))
        };
        let (one, other) = (value(one), value(other));
        match (self.ordered, one.0, other.0) {
            (Some(_), Some(one), Some(other)) => one.cmp(&other),
            _ => match (one.1, other.1, self.ordered) {
                (
                    Some(Order(Value::Integer(one))),
                    Some(Order(Value::Integer(other))),
                    Some(codes),
                ) => {
                    let place = |number: i64| codes.position(&number.to_string());
                    place(one).cmp(&place(other))
                }
                (one, other, _) => one.partial_cmp(&other).unwrap_or(Ordering::Equal),
            },
        }
    }
}

enum Belongs {
    /// And counts as so many.
    Surely(i64),
    Perhaps,
    Not,
}

/// Values of one column in their order.
#[derive(PartialEq)]
struct Order<'a>(Value<'a>);

impl PartialOrd for Order<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self.0, other.0) {
            (Value::Number(one), Value::Number(other)) => Some(one.total_cmp(&other)),
            (Value::Integer(one), Value::Integer(other))
            | (Value::Instant(one), Value::Instant(other))
            | (Value::LocalInstant(one), Value::LocalInstant(other))
            | (Value::TimeOfDay(one), Value::TimeOfDay(other)) => Some(one.cmp(&other)),
            (Value::Date(one), Value::Date(other)) => Some(one.cmp(&other)),
            (Value::Decimal(_, one), Value::Decimal(_, other)) => Some(one.cmp(&other)),
            (Value::Text(one), Value::Text(other)) => Some(one.cmp(other)),
            _ => None,
        }
    }
}
