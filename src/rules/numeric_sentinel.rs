//! N001: a column of numbers in which some of the values are codes for "missing".

use super::{Check, DatasetAt, Rule};
use crate::diagnostic::{Code, Diagnostic, Findings, Severity};
use crate::fault::Fault;
use crate::manifest::missing::SENTINELS;
use crate::model::{Column, Level, Marker, Origin};
use crate::plan::PlaceId;
use crate::spill::Spot;

/// Numbers such as -9 and 9999 that nobody declared as markers for missing values.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "N001",
        name: "numeric-sentinel",
        severity: Severity::Warning,
        since: "0.2.0",
        summary: "Numbers of a column look like codes for missing values that nobody declared.",
        explanation: "\
`-9`, `-99`, `-88` or `9999` stands for “missing” in many tables, and shifts every sum and mean of those who \
don't know that. A column of numbers is reported, once, if its only negative numbers are 6, 7, 8 or 9 repeated \
(-9, -99, -888, -66 …; -6 isn't looked at), or if it holds 9999, 99999 and so on, and every other number is at most a tenth of \
that. Keys, references, coordinates, properties whose values the schema lists (`enum`) and scales with a negative \
`minimum` such as -10 are left alone. Declare \
the markers with `x-missing` on the property, or with `missing` for the table: the help has the line. If the \
numbers are meant and nothing stands for a missing value, say so with `\"x-missing\": []`.",
        needs_all_records: true,
        ..Code::OF_RULE
    },
    check: Check::Dataset(check),
};

/// A number that may stand for a missing value.
#[derive(Clone, Copy, Debug)]
struct Seen {
    count: u64,
    /// The one whose place comes first.
    first: Spot,
}

/// The numbers of one column.
#[derive(Debug)]
struct Numbers {
    /// Where they stand in a record, with `*` for positions.
    pointer: String,
    count: u64,
    /// The largest of those that are none of [`SENTINELS`].
    largest: f64,
    /// Whether a negative number is none of [`SENTINELS`].
    has_negative: bool,
    seen: [Option<Seen>; SENTINELS.len()],
}

/// What is known of the numbers of all columns, in a space that doesn't grow with the records.
#[derive(Debug, Default)]
pub struct WrittenNumbers {
    /// By table, then by place in its plan.
    tables: Vec<Vec<Option<Box<Numbers>>>>,
}

impl WrittenNumbers {
    /// Notes a number that stands at a place of a table. Where it is written, and its pointer, matter
    /// seldom.
    #[inline]
    pub fn add(
        &mut self,
        (table, place): (usize, PlaceId),
        number: f64,
        spot: impl FnOnce() -> Spot,
        pointer: impl FnOnce() -> String,
    ) {
        let known = self.tables.get_mut(table).and_then(|places| places.get_mut(place as usize));
        if let Some(Some(numbers)) = known {
            numbers.count += 1;
            // Most numbers say nothing new.
            if number > numbers.largest || number < 0.0 && !numbers.has_negative {
                numbers.note(number, spot());
            }
            return;
        }
        let mut numbers = Box::new(Numbers::of(&pointer()));
        numbers.count = 1;
        numbers.note(number, spot());
        *self.at(table, place as usize) = Some(numbers);
    }

    /// Takes over what another one holds.
    pub fn append(&mut self, other: Self) {
        for (table, places) in other.tables.into_iter().enumerate() {
            for (place, numbers) in places.into_iter().enumerate() {
                let Some(numbers) = numbers else { continue };
                match self.at(table, place) {
                    Some(mine) => mine.append(&numbers),
                    none => *none = Some(numbers),
                }
            }
        }
    }

    fn at(&mut self, table: usize, place: usize) -> &mut Option<Box<Numbers>> {
        if self.tables.len() <= table {
            self.tables.resize_with(table + 1, Vec::new);
        }
        let places = &mut self.tables[table];
        if places.len() <= place {
            places.resize_with(place + 1, || None);
        }
        &mut places[place]
    }
}

impl Numbers {
    /// None yet, at a pointer.
    fn of(pointer: &str) -> Self {
        let number =
            |step: &str| !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit());
        let steps: Vec<_> =
            pointer.split('/').map(|step| if number(step) { "*" } else { step }).collect();
        let (largest, seen) = (f64::NEG_INFINITY, [None; SENTINELS.len()]);
        Self { pointer: steps.join("/"), count: 0, largest, has_negative: false, seen }
    }

    fn note(&mut self, number: f64, spot: Spot) {
        let position = SENTINELS.iter().position(|it| *it as f64 == number);
        match position {
            Some(position) => merge(&mut self.seen[position], Seen { count: 1, first: spot }),
            None => {
                self.has_negative |= number < 0.0;
                self.largest = self.largest.max(number);
            }
        }
    }

    fn append(&mut self, other: &Self) {
        self.count += other.count;
        self.largest = self.largest.max(other.largest);
        self.has_negative |= other.has_negative;
        for (mine, seen) in self.seen.iter_mut().zip(&other.seen) {
            if let Some(seen) = seen {
                merge(mine, *seen);
            }
        }
    }

    /// Those of its numbers that nobody takes for values.
    fn sentinels(&self) -> Vec<(i64, Seen)> {
        let seen = SENTINELS.iter().zip(&self.seen);
        let stands_out = |number: i64| match number < 0 {
            true => !self.has_negative,
            // In a column of nothing else there is nothing that it could stand out from.
            false => self.largest >= 0.0 && self.largest * 10.0 <= number as f64,
        };
        seen.filter_map(|(number, seen)| Some((*number, (*seen)?)))
            .filter(|(number, _)| stands_out(*number))
            .collect()
    }
}

fn merge(all: &mut Option<Seen>, some: Seen) {
    match all {
        None => *all = Some(some),
        Some(all) => {
            all.count += some.count;
            all.first = all.first.min(some.first);
        }
    }
}

fn check(at: &DatasetAt<'_>, findings: &mut Findings) -> Result<(), Fault> {
    let tables = at.numbers.tables.iter().zip(&at.context.model.tables);
    for (columns, table) in tables {
        for numbers in columns.iter().flatten() {
            if table.is_key(&numbers.pointer) {
                continue;
            }
            let Some(column) = column_at(&table.level, &numbers.pointer) else { continue };
            findings.extend(finding(numbers, &column.about.missing));
        }
    }
    Ok(())
}

/// The column of the values at a pointer from a level's row, with `*` for any position.
fn column_at<'m>(level: &'m Level, pointer: &str) -> Option<&'m Column> {
    if pointer.is_empty() {
        return level.columns.first();
    }
    let is_it = |column: &&Column| column.origin == Origin::Field && column.pointer == pointer;
    level.columns.iter().find(is_it).or_else(|| {
        let inside = |list: &'m Level| {
            let rest = pointer.strip_prefix(&list.pointer)?.strip_prefix("/*")?;
            column_at(list, rest)
        };
        level.lists.iter().find_map(inside)
    })
}

fn finding(numbers: &Numbers, declared: &[Marker]) -> Option<Diagnostic> {
    let sentinels = numbers.sentinels();
    let first = sentinels.iter().map(|(_, seen)| seen.first).min()?;
    let path = crate::pointer::readable(&numbers.pointer).replace(".*", "[]");
    let found: Vec<_> =
        sentinels.iter().map(|(number, seen)| format!("{number} in {}", seen.count)).collect();
    let count = numbers.count;
    let negative = sentinels.iter().any(|(number, _)| *number < 0);
    let why = match sentinels.iter().any(|(number, _)| *number > 0) {
        true if negative => "no other number is negative, or nearly as large",
        true => "no other number is nearly as large",
        false => "no other number is negative",
    };
    let message = format!(
        "`{path}` is {} of {}, and {why}: it looks like a code for a missing value",
        joined(&found),
        if count == 1 { "1 number".to_owned() } else { format!("{count} numbers") },
    );
    let line = line(&sentinels, declared);
    let help = format!(
        "if it is one, declare it in the schema, on `{path}`: `{line}`; if the numbers are meant, write \
         `\"x-missing\": []` there"
    );
    Some(Diagnostic::new(RULE.code, first.place(), message).label("the first").help(help))
}

/// What to write on the property if the numbers are markers, with those that hold for it already.
fn line(sentinels: &[(i64, Seen)], declared: &[Marker]) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let has_reasons = declared.iter().any(|marker| marker.reason.is_some());
    let one = |text: &str, reason: Option<&String>| match has_reasons {
        true => format!("{}: {}", quoted(text), quoted(reason.map_or("why", String::as_str))),
        false => quoted(text),
    };
    let known = declared.iter().map(|marker| one(&marker.text, marker.reason.as_ref()));
    let new = sentinels.iter().map(|(number, _)| one(&number.to_string(), None));
    let all = known.chain(new).collect::<Vec<_>>().join(", ");
    match has_reasons {
        true => format!("\"x-missing\": {{ {all} }}"),
        false => format!("\"x-missing\": [{all}]"),
    }
}

/// Some things in a sentence.
fn joined(all: &[String]) -> String {
    match all {
        [] => String::new(),
        [only] => only.clone(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::{SENTINELS, WrittenNumbers};
    use crate::spill::Spot;

    /// The numbers that stand out, whichever worker sees which of them.
    fn sentinels(numbers: &[f64]) -> Vec<(i64, u64, u64)> {
        let spot = |at: usize| Spot { source: 0, start: at as u64, length: 1 };
        let found = |workers: usize| {
            let mut all = WrittenNumbers::default();
            for worker in (0..workers).rev() {
                let mut one = WrittenNumbers::default();
                for (at, number) in numbers.iter().enumerate().skip(worker).step_by(workers) {
                    one.add((0, 3), *number, || spot(at), String::new);
                }
                all.append(one);
            }
            let column = all.tables[0][3].as_ref().expect("a column");
            assert_eq!(column.count, numbers.len() as u64);
            let found = column.sentinels().into_iter();
            found.map(|(number, seen)| (number, seen.count, seen.first.start)).collect::<Vec<_>>()
        };
        let alone = found(1);
        assert_eq!(alone, found(2), "{numbers:?}");
        assert_eq!(alone, found(3), "{numbers:?}");
        alone
    }

    #[test]
    fn numbers_that_stand_out_are_found() {
        assert_eq!(sentinels(&[1.0, -9.0, 0.0, -9.0, -8.0]), [(-9, 2, 1), (-8, 1, 4)]);
        assert_eq!(sentinels(&[900.0, 9999.0, 2.5]), [(9999, 1, 1)]);
        assert_eq!(sentinels(&[1000.0, 9999.0, -99.0]), [(-99, 1, 2)]);
        for numbers in [
            &[-9.0, -1.0, 5.0][..],
            &[9999.0, 1000.0, 3.0],
            &[9999.0, 9999.0, 9999.0],
            &[-6.0, -9.5, -98.0],
            &[999.0, 1.0, 2.0],
            &[1.0, 2.0, 99_999_999.5],
        ] {
            assert_eq!(sentinels(numbers), [], "{numbers:?}");
        }
    }

    #[test]
    fn sentinels_repeat_a_digit() {
        for number in SENTINELS {
            let digits = number.abs().to_string();
            let digit = digits.as_bytes()[0];
            assert!(digits.bytes().all(|it| it == digit) && digit >= b'6', "{number}");
        }
    }
}
