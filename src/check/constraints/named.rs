//! Constraints that look at other records: they are worked out when all records are known, from what was kept
//! of each.

use std::borrow::Cow;
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use super::{Checked, NamedRecord, excerpt, for_each_object};
use crate::check::{Tally, Validator};
use crate::diagnostic::{Diagnostic, Findings, RecordName};
use crate::expr::evaluate::{Budget, Evaluator, Frame};
use crate::expr::program::Named;
use crate::fault::Fault;
use crate::model::{Model, Program, Table, key_text};
use crate::plan::{Plan, Trace};
use crate::schema::Finder;
use crate::spill::{BlobWriter, Lookup, Spot, TableIndex};
use crate::tape::{Tape, Value};

/// Keeps what expressions look at that name other records.
pub(in crate::check) fn keep(
    table: &Table,
    (key, spot): (&str, Spot),
    record: Value<'_>,
    excerpts: &mut BlobWriter,
) {
    excerpts.push(|bytes| excerpt::write(key, spot, &table.excerpt, record, bytes));
}

/// Checks the constraints that look at other records than their own.
///
/// # Errors
/// When the spill file fails.
pub fn link(
    validator: &Validator<'_>,
    tables: &[TableIndex],
    jobs: NonZeroUsize,
    tallies: &mut [Tally],
    findings: &mut Findings,
) -> Result<(), Fault> {
    let model = validator.context.model;
    for (number, plan) in validator.plans.iter().enumerate() {
        let wanted = tables_named(plan);
        if wanted.is_empty() {
            continue;
        }
        // By the number of the table: where its records are.
        let mut lookups: Vec<Option<Lookup<'_>>> = Vec::new();
        for (other, index) in tables.iter().enumerate() {
            let lookup = || Lookup::new(vec![&index.excerpts], jobs);
            lookups.push(wanted.contains(&other).then(lookup).transpose()?);
        }
        let results = Mutex::new((&mut *tallies, &mut *findings));
        tables[number].excerpts.each(jobs, |blobs| {
            let mut own = vec![Tally::default(); model.constraints.len()];
            let mut found = Vec::new();
            for (_, blob) in blobs.iter() {
                record(model, plan, &lookups, blob, &mut own, &mut found)?;
            }
            let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
            for (all, own) in results.0.iter_mut().zip(own) {
                all.absorb(own);
            }
            results.1.extend(found);
            Ok(())
        })?;
    }
    Ok(())
}

/// The tables whose records constraints of a table name.
fn tables_named(plan: &Plan<'_>) -> Vec<usize> {
    let programs = plan.objects().flat_map(|object| &object.constraints);
    let mut tables: Vec<_> =
        programs.flat_map(|program| program.named.iter().map(|named| named.table)).collect();
    tables.sort_unstable();
    tables.dedup();
    tables
}

/// Checks a record of which an excerpt was kept.
fn record(
    model: &Model,
    plan: &Plan<'_>,
    lookups: &[Option<Lookup<'_>>],
    blob: &[u8],
    tallies: &mut [Tally],
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<(), Fault> {
    let kept = excerpt::read(blob, &model.names);
    let record = kept.tape.roots().next().expect("an excerpt is a record");
    let mut trace = Trace::default();
    plan.walk(record, &mut trace);
    let mut budget = Budget::default();
    let mut others = Others { model, lookups, read: HashMap::new() };
    let mut read = Ok(());
    for_each_naming(plan, record, &trace, |program, frame| {
        for named in &program.named {
            if let (Ok(()), Some(key)) = (&read, key_of(named, frame)) {
                read = others.read(named.table, key, &mut budget);
            }
        }
    });
    read?;
    let before = diagnostics.len();
    for_each_naming(plan, record, &trace, |program, frame| {
        let records = program.named.iter().map(|named| others.get(named, frame));
        let records: Vec<_> = records.collect();
        let named: Vec<_> = records.iter().map(|it| Some(it.as_ref()?.record)).collect();
        // It lives no longer than the other records.
        let (table, finder) = (plan.table, &Finder::new(record));
        let checked = Checked { model, table, record, finder, dates: &[], named: &records };
        let tally = &mut tallies[program.constraint];
        checked.one(program, Frame { named: &named, ..frame }, &mut budget, tally, diagnostics);
    });
    for finding in &mut diagnostics[before..] {
        let (table, key) = (plan.table.name.clone(), Some(kept.key.to_owned()));
        finding.record = Some(RecordName { table, key });
    }
    Ok(())
}

/// Calls for each constraint that looks at other records, with each object that it stands on.
fn for_each_naming<'m, 't>(
    plan: &Plan<'m>,
    record: Value<'t>,
    trace: &Trace,
    mut each: impl FnMut(&'m Program, Frame<'t>),
) {
    for_each_object(plan, record, trace, |object, own, parent| {
        for program in object.constraints.iter().filter(|program| !program.named.is_empty()) {
            each(program, Frame { own, parent, ..Frame::of(record) });
        }
    });
}

/// The key of a record that an object names.
fn key_of<'t>(named: &Named, frame: Frame<'t>) -> Option<Cow<'t, str>> {
    let mut budget = Budget::default();
    let evaluator = Evaluator { frame, budget: &mut budget, dates: &[] };
    evaluator.find(&named.by).map(key_text)
}

/// The records that one record names: each is read once, however often it is named.
struct Others<'a> {
    model: &'a Model,
    lookups: &'a [Option<Lookup<'a>>],
    /// By table and key; none where there is no such record.
    read: HashMap<(usize, String), Option<Tape>>,
}

/// So many bytes of what was kept of a record are read in one step.
const BYTES_A_STEP: usize = 16;

impl Others<'_> {
    /// Reads a record, if there are steps left for it.
    fn read(&mut self, table: usize, key: Cow<'_, str>, budget: &mut Budget) -> Result<(), Fault> {
        let Some(lookup) = &self.lookups[table] else { return Ok(()) };
        let place = (table, key.into_owned());
        if !self.read.contains_key(&place) {
            let blob = lookup.get(&place.1)?;
            let blob = blob.filter(|blob| budget.take(blob.len() / BYTES_A_STEP, &(0..0)));
            let tape = blob.map(|blob| excerpt::read(&blob, &self.model.names).tape);
            self.read.insert(place, tape);
        }
        Ok(())
    }

    /// A record that an object names.
    fn get<'t>(&'t self, named: &Named, frame: Frame<'t>) -> Option<NamedRecord<'t>> {
        let place = (named.table, key_of(named, frame)?.into_owned());
        let record = self.read.get(&place)?.as_ref()?.roots().next()?;
        Some(NamedRecord { table: &self.model.tables[named.table], key: place.1, record })
    }
}
