//! `count() == 1`, or `<= 1`, by values: what groups have in common is a key. A row whose key another row has
//! is found at its place, and not with the groups.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use super::group::GroupName;
use super::judge::key_of;
use super::writer::RecordRows;
use super::{each_row, said, write_name};
use crate::check::{Tally, link};
use crate::diagnostic::{Diagnostic, Findings, Place, RecordName, Topic, code};
use crate::expr::evaluate::{Budget, Evaluator, Frame};
use crate::fault::Fault;
use crate::input::records::{Places, Records};
use crate::model::Expectation;
use crate::spelling::thousands;
use crate::spill::{HashEntry, HashIndex, Spot};

/// Judges an expectation whose groups have one row each.
pub(super) fn judge(
    records: &Records<'_>,
    expectation: &Expectation,
    rows: &HashIndex,
    tally: &mut Tally,
    findings: &mut Findings,
) -> Result<(), Fault> {
    let kinds = rows.kinds()?;
    tally.held += kinds.all - kinds.repeated;
    tally.violated += kinds.repeated;
    if kinds.repeated == 0 {
        return Ok(());
    }
    let repeated = rows.repeated_first(HashEntry::key)?;
    let is_whole = repeated.others.iter().next().is_none();
    let spots = repeated.entries.iter().map(|entry| entry.spot);
    let mut names = names(records, expectation, spots)?;
    for group in repeated.entries.chunk_by(|a, b| a.key() == b.key()) {
        // What meets by its hash alone, somebody has built.
        let mut named: BTreeMap<GroupName, Vec<Spot>> = BTreeMap::new();
        for entry in group {
            let Some(name) = names.get_mut(&entry.spot).and_then(VecDeque::pop_front) else {
                continue;
            };
            named.entry(name).or_default().push(entry.spot);
        }
        for (name, spots) in &named {
            let count = is_whole.then_some(spots.len() as u64);
            for spot in &spots[1..] {
                findings.push(finding(records, expectation, name, (spots[0], *spot), count));
            }
        }
    }
    let assertion = &expectation.assertion;
    for (source, count) in repeated.others.iter() {
        let topic = Topic { code: &code::EXPECTATION, part: Some(Arc::clone(&assertion.id)) };
        findings.omit_of(topic, assertion.severity, source, count);
    }
    Ok(())
}

fn finding(
    records: &Records<'_>,
    expectation: &Expectation,
    name: &GroupName,
    (first, spot): (Spot, Spot),
    count: Option<u64>,
) -> Diagnostic {
    let assertion = &expectation.assertion;
    let table = &records.model.tables[assertion.table];
    let place = |spot: Spot| match expectation.each {
        None => link::key_place(table, spot),
        // What it is called is found out with the names of records.
        Some(_) => spot.place(),
    };
    let what = match &expectation.each {
        None => "records".to_owned(),
        Some(list) => format!("items of `{list}`"),
    };
    let count = count.map_or_else(|| "several".to_owned(), thousands);
    let stands = format!("{} stands in {count} {what}", said(expectation, name));
    let message = match &assertion.message {
        Some(message) => format!("{message}: {stands}"),
        None => stands,
    };
    let mut finding = Diagnostic::new(&code::EXPECTATION, place(spot), message)
        .of_part(&assertion.id)
        .help("correct one of them, or remove it");
    finding.severity = assertion.severity;
    finding.demanded = expectation.program.places.first().cloned();
    let (table, key) = (table.name.clone(), Some(key_of(name)));
    finding.record = Some(RecordName { table, key });
    if spot == first {
        finding.label("an alias repeats it")
    } else {
        finding.label("here").with(place(first), "and here")
    }
}

/// Reads again what the rows at these places have in common with others, in the order of the records.
fn names(
    records: &Records<'_>,
    expectation: &Expectation,
    spots: impl Iterator<Item = Spot>,
) -> Result<HashMap<Spot, VecDeque<GroupName>>, Fault> {
    let wanted: HashSet<Spot> = spots.collect();
    let places = wanted.iter().map(|spot| {
        let Place { source, span, .. } = spot.place();
        (source, span)
    });
    let places = Places::of(places);
    let program = &expectation.program;
    let mut found = records.each(&places, |number, record, found| {
        let table = &records.model.tables[number];
        let Some(key) = table.key_of(record).filter(|_| number == expectation.assertion.table)
        else {
            return;
        };
        let rows = RecordRows { record, key: &key, dates: &[] };
        let at = (record.source(), record.span().start);
        let (mut budget, mut text) = (Budget::default(), String::new());
        each_row(&program.each, record, None, &mut |own, parent| {
            let frame = Frame { own, parent, ..Frame::of(record) };
            let mut evaluator = Evaluator { frame, budget: &mut budget, dates: &[] };
            let mut name = GroupName::default();
            let spot = rows.spot(program, own);
            if write_name(program, &mut evaluator, &mut name, &mut text) && wanted.contains(&spot) {
                found.push((at, spot, name));
            }
        });
    })?;
    found.sort_unstable();
    let mut names: HashMap<Spot, VecDeque<GroupName>> = HashMap::new();
    for (_, spot, name) in found {
        names.entry(spot).or_default().push_back(name);
    }
    Ok(names)
}
