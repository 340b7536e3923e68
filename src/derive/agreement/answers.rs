//! Who answered what: lowered codings as numbered answers, unit by unit.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::codings::{self, Comparison, Variable};
use super::spell::{Items, PartValues, values};
use crate::lower::{Rows, Value, Values};
use crate::model::{Level, Table};

/// The codings of units that at least two coders coded.
pub struct Codings<'a> {
    level: &'a Level,
    rows: &'a [Rows],
    /// In the order of the units' keys; the codings of a unit in that of the coders.
    units: Vec<Vec<At>>,
    /// What each unit weighs.
    weights: Vec<f64>,
}

/// Where an answer is.
#[derive(Clone, Copy, Debug)]
struct At {
    batch: usize,
    /// The row of the batch, or of a list of it.
    row: usize,
    /// The number of the coder.
    coder: usize,
}

/// What at least two coders have: units, or items of lists in the codings of one unit.
#[derive(Debug)]
pub struct Compared {
    places: Vec<Vec<At>>,
    /// What each of them weighs.
    pub weights: Vec<f64>,
    /// Where those of each unit of the codings end.
    pub ends: Vec<usize>,
}

/// Answers to one variable.
#[derive(Debug)]
pub struct Answers {
    /// Unit by unit. Equal answers have equal numbers.
    pub of_units: Vec<Vec<usize>>,
    /// How many different ones there are: all numbers are below.
    pub distinct: usize,
    /// If they are sets, the items of each, as numbers; each once.
    pub sets: Vec<Vec<u32>>,
    /// How many different items there are.
    pub items: usize,
}

/// A key as it sorts: integers by value, text by its bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    Integer(i64),
    Text(&'a str),
}

impl<'a> Codings<'a> {
    /// Finds the units of a table.
    pub fn new(table: &'a Table, roles: &codings::Codings, rows: &'a [Rows]) -> Self {
        let mut codings: Vec<(Key, Key, (usize, usize))> = Vec::new();
        for (batch, found) in rows.iter().enumerate() {
            let units = values(found, roles.unit);
            let coders = values(found, roles.coder);
            codings.extend(
                (0..found.len).map(|row| (key(&units, row), key(&coders, row), (batch, row))),
            );
        }
        // Rows come in the order of their keys, so of a coder's codings of a unit the one with the
        // smallest key is first.
        codings.sort_unstable();
        codings.dedup_by_key(|(unit, coder, _)| (*unit, *coder));
        let coders: BTreeSet<Key> = codings.iter().map(|coding| coding.1).collect();
        let coders: Vec<Key> = coders.into_iter().collect();
        let number = |coder| coders.binary_search(&coder).expect("all of them are there");
        let weights: Option<Vec<Values>> =
            roles.weight.map(|column| rows.iter().map(|rows| values(rows, column)).collect());
        let mut found = Self { level: &table.level, rows, units: Vec::new(), weights: Vec::new() };
        for unit in codings.chunk_by(|a, b| a.0 == b.0).filter(|unit| unit.len() > 1) {
            // If a project allows that codings of a unit differ in its weight, the smallest key decides.
            let first = unit.iter().map(|coding| coding.2).min();
            let (batch, row) = first.expect("a unit has codings");
            let weight = weights.as_ref().map_or(1.0, |weights| weight(&weights[batch], row));
            let at = |&(_, coder, (batch, row))| At { batch, row, coder: number(coder) };
            found.units.push(unit.iter().map(at).collect());
            found.weights.push(weight);
        }
        // Only proportions matter; sums and squares of these are numbers, whatever the weights are.
        let greatest = found.weights.iter().copied().fold(0.0, f64::max);
        found.weights.iter_mut().for_each(|weight| *weight /= greatest);
        found
    }

    /// What at least two coders have of that which the variable is a property of.
    pub fn compared(&self, variable: &Variable) -> Compared {
        let ends = (1..=self.units.len()).collect();
        let mut compared =
            Compared { places: self.units.clone(), weights: self.weights.clone(), ends };
        for depth in 0..variable.within.len() {
            let (level, rows) = self.at(&variable.within[..depth]);
            let list = variable.within[depth];
            let items: Vec<_> = rows.iter().map(|rows| Items::new(list, level, rows)).collect();
            compared = compared.items(&items);
        }
        compared
    }

    /// The level and the batches at the end of a path of lists.
    fn at(&self, lists: &[usize]) -> (&'a Level, Vec<&'a Rows>) {
        let mut level = self.level;
        let mut rows: Vec<_> = self.rows.iter().collect();
        for list in lists {
            level = &level.lists[*list];
            rows = rows.into_iter().map(|rows| &rows.lists[*list].rows).collect();
        }
        (level, rows)
    }

    /// The answers to a variable. Their numbers are in the order of what they say, whoever says it.
    pub fn answers(&self, variable: &Variable, compared: &Compared) -> Answers {
        let (level, rows) = self.at(&variable.within);
        let batches: Vec<Vec<PartValues>> = rows
            .iter()
            .map(|rows| {
                variable.parts.iter().map(|part| PartValues::new(part, level, rows)).collect()
            })
            .collect();
        let mut known: BTreeMap<Vec<u8>, (usize, At)> = BTreeMap::new();
        let mut spell = |at: &At| {
            let mut answer = Vec::new();
            batches[at.batch].iter().for_each(|part| part.spell(at.row, &mut answer));
            let next = known.len();
            known.entry(answer).or_insert((next, *at)).0
        };
        let mut of_units: Vec<Vec<usize>> =
            compared.places.iter().map(|unit| unit.iter().map(&mut spell).collect()).collect();
        let mut numbers = vec![0; known.len()];
        for (number, (first, _)) in known.values().enumerate() {
            numbers[*first] = number;
        }
        of_units.iter_mut().flatten().for_each(|answer| *answer = numbers[*answer]);
        let mut items: HashMap<Vec<u8>, u32> = HashMap::new();
        let mut sets = Vec::new();
        if variable.comparison == Comparison::Set {
            for (_, at) in known.values() {
                let found = batches[at.batch].iter().flat_map(|part| part.items(at.row));
                let number = |item| {
                    let next = items.len() as u32;
                    *items.entry(item).or_insert(next)
                };
                sets.push(found.map(number).collect());
            }
        }
        Answers { of_units, distinct: known.len(), sets, items: items.len() }
    }

    /// The codes in each answer to a variable that consists of codes, each once, by their positions.
    pub fn codes(&self, variable: &Variable, compared: &Compared) -> Vec<Vec<Vec<u32>>> {
        let coded = variable.codes.as_ref().expect("the variable consists of codes");
        let (_, rows) = self.at(&variable.within);
        let position = |values: &Values, row: usize| match values.get(row) {
            Some(Value::Integer(number)) => coded.codes.position(&number.to_string()),
            _ => values.code(row).map(|code| code as u32),
        };
        let batches: Vec<_> = rows
            .iter()
            .map(|rows| match coded.list {
                None => (None, values(rows, coded.column)),
                Some(list) => {
                    let list = &rows.lists[list];
                    (Some(&list.offsets), values(&list.rows, coded.column))
                }
            })
            .collect();
        let answer = |at: &At| {
            let (offsets, values) = &batches[at.batch];
            let rows = match offsets {
                None => at.row..at.row + 1,
                Some(offsets) => offsets[at.row] as usize..offsets[at.row + 1] as usize,
            };
            let codes: BTreeSet<u32> = rows.filter_map(|row| position(values, row)).collect();
            codes.into_iter().collect()
        };
        compared.places.iter().map(|unit| unit.iter().map(answer).collect()).collect()
    }
}

impl Compared {
    /// The items of lists that at least two codings of a unit have; `items` are the lists, by batch.
    fn items(&self, items: &[Items<'_>]) -> Self {
        let mut found = Self { places: Vec::new(), weights: Vec::new(), ends: Vec::new() };
        let mut start = 0;
        for end in &self.ends {
            for unit in start..*end {
                let mut alike: BTreeMap<Vec<u8>, Vec<At>> = BTreeMap::new();
                for at in &self.places[unit] {
                    for (item, row) in items[at.batch].of(at.row) {
                        alike.entry(item).or_default().push(At { row, ..*at });
                    }
                }
                for places in alike.into_values().filter(|places| places.len() > 1) {
                    found.places.push(places);
                    found.weights.push(self.weights[unit]);
                }
            }
            start = *end;
            found.ends.push(found.places.len());
        }
        found
    }

    /// How many coders have at least one of them.
    pub fn coders(&self) -> usize {
        let coders: BTreeSet<usize> = self.places.iter().flatten().map(|at| at.coder).collect();
        coders.len()
    }
}

fn key<'a>(values: &Values<'a>, row: usize) -> Key<'a> {
    match values.get(row) {
        Some(Value::Text(text)) => Key::Text(text),
        Some(Value::Integer(number)) => Key::Integer(number),
        Some(
            Value::Boolean(_)
            | Value::Number(_)
            | Value::Date(_)
            | Value::Instant(_)
            | Value::LocalInstant(_)
            | Value::TimeOfDay(_)
            | Value::Decimal(..),
        )
        | None => unreachable!("unit and coder are never missing, and text or integers"),
    }
}

fn weight(values: &Values<'_>, row: usize) -> f64 {
    match values.get(row) {
        Some(Value::Number(number)) => number,
        Some(Value::Integer(number)) => number as f64,
        Some(
            Value::Boolean(_)
            | Value::Text(_)
            | Value::Date(_)
            | Value::Instant(_)
            | Value::LocalInstant(_)
            | Value::TimeOfDay(_)
            | Value::Decimal(..),
        )
        | None => unreachable!("a weight is never missing, and a number or an integer"),
    }
}
