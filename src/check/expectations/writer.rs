//! What a worker keeps of the rows that it meets, for one expectation.

use std::collections::{HashMap, HashSet};

use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use super::group::{Group, GroupName, KeyedSpot};
use super::{each_row, why, write_name};
use crate::check::Collected;
use crate::diagnostic::{Diagnostic, Place, code};
use crate::edtf::Edtf;
use crate::expr::evaluate::{Budget, Evaluator, Frame};
use crate::fault::Fault;
use crate::model::{Expectation, Grouping, KeyValues, Model};
use crate::spill::{BlobWriter, HashEntry, MemoryBudget, RunWriter, Spot};
use crate::tape::Value;

/// So many bytes of groups, about, are open before they are written away.
const OPEN_BYTES: usize = 1 << 20;

/// About so many bytes a group takes besides its name, and each of its functions.
const GROUP_BYTES: usize = 160;
const PARTIAL_BYTES: usize = 80;

/// So many values are known as met before.
const KNOWN_VALUES: usize = 1 << 15;

/// What one worker keeps of the rows of one expectation.
#[derive(Debug)]
pub struct ExpectationWriter {
    /// Groups to which rows are added.
    open: HashMap<GroupName, Group>,
    open_bytes: usize,
    /// Groups that were written away: hashes of their names, with the addresses of what is kept of them.
    pub(super) groups: RunWriter,
    pub(super) states: BlobWriter,
    /// For each function the different values, where these are counted.
    pub(super) distinct: Vec<DistinctWriter>,
    /// Where what groups have in common is a key: the rows.
    pub(super) rows: RunWriter,
    /// Whether something couldn't be worked out for a row.
    pub(super) is_broken: bool,
}

/// The different values of groups.
#[derive(Debug, Default)]
pub(super) struct DistinctWriter {
    /// Some that were met.
    known: HashSet<(u64, u64)>,
    /// Hashes of values, with those of their groups.
    pub values: RunWriter,
}

/// A record whose rows are looked at.
pub(in crate::check) struct RecordRows<'a, 't> {
    pub record: Value<'t>,
    pub key: &'a KeyValues<'t>,
    /// Uncertain dates that were read already.
    pub dates: &'a [(u32, Edtf)],
}

/// Room that is used for each row again.
#[derive(Default)]
struct Room {
    name: GroupName,
    text: String,
    record: KeyedSpot,
}

/// Adds the rows of a record to the groups of the expectations of its table.
pub(in crate::check) fn collect(
    (model, table): (&Model, usize),
    rows: &RecordRows<'_, '_>,
    collected: &mut Collected,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut room = Room::default();
    let of_table = model.expectations.iter().zip(&mut collected.expectations);
    for (expectation, writer) in of_table.filter(|(it, _)| it.assertion.table == table) {
        if room.record.spot().is_none() {
            room.record.set(rows.key);
        }
        let mut budget = Budget::default();
        let program = &expectation.program;
        each_row(&program.each, rows.record, None, &mut |own, parent| {
            let frame = Frame { own, parent, ..Frame::of(rows.record) };
            let mut evaluator = Evaluator { frame, budget: &mut budget, dates: rows.dates };
            writer.row(program, &mut evaluator, rows.spot(program, own), &mut room);
        });
        if let Some(uncomputable) = budget.uncomputable {
            writer.is_broken = true;
            diagnostics.push(broken(expectation, rows.record, why(uncomputable.why)));
        }
    }
}

/// A record has something that can't be worked out, so that nobody knows whether the expectation holds.
fn broken(expectation: &Expectation, record: Value<'_>, why: &str) -> Diagnostic {
    let id = &expectation.assertion.id;
    let place = Place::new(record.source(), record.opening()).at("");
    let message =
        format!("whether `{id}` holds can't be worked out, because of this record: {why}");
    let mut finding = Diagnostic::new(&code::UNCOMPUTABLE_CONSTRAINT, place, message)
        .of_part(id)
        .help("mend the number that is too large, or split the record");
    finding.demanded = expectation.program.places.first().cloned();
    finding
}

impl RecordRows<'_, '_> {
    /// Where a row is said to stand: a record where its key is written, and an item where it begins.
    pub fn spot(&self, program: &Grouping, own: Value<'_>) -> Spot {
        if program.each.is_empty() {
            return self.key.spot();
        }
        let opening = own.opening();
        Spot {
            source: own.source().0,
            start: opening.start,
            length: u32::try_from(opening.end - opening.start).unwrap_or(u32::MAX),
        }
    }
}

impl ExpectationWriter {
    /// Nothing yet, for the worker with that number.
    #[must_use]
    pub fn new(expectation: &Expectation, worker: usize) -> Self {
        let aggregates = &expectation.program.aggregates;
        Self {
            open: HashMap::new(),
            open_bytes: 0,
            groups: RunWriter::default(),
            states: BlobWriter::new(worker),
            distinct: aggregates.iter().map(|_| DistinctWriter::default()).collect(),
            rows: RunWriter::default(),
            is_broken: false,
        }
    }

    /// Adds a row to its group, if it counts.
    fn row(
        &mut self,
        program: &Grouping,
        evaluator: &mut Evaluator<'_, '_>,
        spot: Spot,
        room: &mut Room,
    ) {
        let Room { name, text, record } = room;
        if !write_name(program, evaluator, name, text) {
            return;
        }
        if program.is_key {
            self.rows.push(HashEntry::of_key(xxh3_128(name.bytes()), spot));
            return;
        }
        let distinct = &mut self.distinct;
        let mut add = |group: &mut Group| {
            group.meet(record);
            let partials = group.partials.iter_mut().zip(&program.aggregates);
            for ((partial, aggregate), distinct) in partials.zip(&mut *distinct) {
                if let Some(value) = partial.add(aggregate, evaluator, text) {
                    distinct.add(xxh3_64(name.bytes()), value);
                }
            }
        };
        match self.open.get_mut(name) {
            Some(group) => add(group),
            None => {
                let mut group = Group::empty(&program.aggregates);
                add(&mut group);
                let functions = program.aggregates.len() * PARTIAL_BYTES;
                self.open_bytes += name.bytes().len() + GROUP_BYTES + functions;
                self.open.insert(name.clone(), group);
            }
        }
    }

    /// Writes away what is enough for that, and spills what exceeds the budget.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn flush_full(&mut self, budget: &MemoryBudget) -> Result<(), Fault> {
        if self.open_bytes >= OPEN_BYTES {
            self.close();
        }
        self.groups.flush_full(budget)?;
        self.rows.flush_full(budget)?;
        for distinct in &mut self.distinct {
            if distinct.known.len() >= KNOWN_VALUES {
                distinct.known.clear();
            }
            distinct.values.flush_full(budget)?;
        }
        self.states.spill(budget)
    }

    /// Writes away all groups: other parts of them may follow.
    pub(super) fn close(&mut self) {
        for (name, group) in self.open.drain() {
            let spot = group.first.spot().expect("a group that is kept has a row");
            let address = self.states.push(|bytes| group.write(&name, bytes));
            self.groups.push(HashEntry { hash: xxh3_64(name.bytes()), rest: address, spot });
        }
        self.open_bytes = 0;
    }
}

impl DistinctWriter {
    fn add(&mut self, group: u64, value: u64) {
        let mut both = [0; 16];
        both[..8].copy_from_slice(&group.to_le_bytes());
        both[8..].copy_from_slice(&value.to_le_bytes());
        let hash = xxh3_64(&both);
        if self.known.insert((hash, group)) {
            self.values.push(HashEntry { hash, rest: group, spot: NOWHERE });
        }
    }
}

/// Values that are only counted have no place.
pub(super) const NOWHERE: Spot = Spot { source: 0, start: 0, length: 0 };
