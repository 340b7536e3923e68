//! Constraints that look at other records: they are worked out when all records are known, from what was kept
//! of each.

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use super::{Checked, NamedRecord, excerpt, for_each_object};
use crate::check::{Tally, Validator};
use crate::diagnostic::{Diagnostic, Findings, RecordName};
use crate::expr::evaluate::{Budget, Evaluator, Frame};
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
            let lookup = || Lookup::new(vec![&index.excerpts], excerpt::key_of, jobs);
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
    let mut failed = Ok(());
    let before = diagnostics.len();
    for_each_object(plan, record, &trace, |object, own, parent| {
        for program in object.constraints.iter().filter(|program| !program.named.is_empty()) {
            let frame = Frame { own, parent, ..Frame::of(record) };
            let others = match others(model, program, frame, lookups) {
                Ok(others) => others,
                Err(fault) => {
                    failed = Err(fault);
                    return;
                }
            };
            let others: Vec<_> = others
                .iter()
                .map(|other| {
                    let Other { key, tape, table } = other.as_ref()?;
                    let (table, key) = (&model.tables[*table], key.clone());
                    Some(NamedRecord { table, key, record: tape.roots().next()? })
                })
                .collect();
            let named: Vec<_> = others.iter().map(|other| Some(other.as_ref()?.record)).collect();
            // It lives no longer than the other records.
            let finder = &Finder::new(record);
            let checked =
                Checked { model, table: plan.table, record, finder, dates: &[], named: &others };
            let frame = Frame { named: &named, ..frame };
            let tally = &mut tallies[program.constraint];
            checked.one(program, frame, &mut budget, tally, diagnostics);
        }
    });
    for finding in &mut diagnostics[before..] {
        let (table, key) = (plan.table.name.clone(), Some(kept.key.to_owned()));
        finding.record = Some(RecordName { table, key });
    }
    failed
}

/// A record that another one names.
struct Other {
    key: String,
    tape: Tape,
    table: usize,
}

/// The records that an object names.
fn others(
    model: &Model,
    program: &Program,
    frame: Frame<'_>,
    lookups: &[Option<Lookup<'_>>],
) -> Result<Vec<Option<Other>>, Fault> {
    let mut budget = Budget::default();
    let evaluator = Evaluator { frame, budget: &mut budget, dates: &[] };
    let mut others = Vec::new();
    for named in &program.named {
        let value = evaluator.find(&named.by);
        let lookup = lookups[named.table].as_ref();
        let (Some(value), Some(lookup)) = (value, lookup) else {
            others.push(None);
            continue;
        };
        let key = key_text(value);
        // Of several records with one key, which was reported, the last counts.
        let mut last: Option<(Spot, Cow<'_, [u8]>)> = None;
        for blob in lookup.find(key.as_bytes()) {
            let blob = blob?;
            let spot = excerpt::spot_of(&blob);
            if last.as_ref().is_none_or(|(before, _)| *before < spot) {
                last = Some((spot, blob));
            }
        }
        others.push(last.map(|(_, blob)| {
            let tape = excerpt::read(&blob, &model.names).tape;
            Other { key: key.into_owned(), tape, table: named.table }
        }));
    }
    Ok(others)
}
