//! Whether groups are as expected, and what is said of those that aren't.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::group::{Group, GroupName, KeyedSpot};
use super::index::ExpectationIndex;
use super::{keys, said, why};
use crate::check::constraints::{self, Checked};
use crate::check::{Tally, link};
use crate::diagnostic::{
    Diagnostic, Findings, KEPT_MAX, Label, Place, RecordName, Severity, Topic, code, quote,
};
use crate::expr::Condition;
use crate::expr::aggregate::{Aggregated, Result as Worked};
use crate::expr::evaluate::{Budget, Evaluator, Frame};
use crate::fault::Fault;
use crate::input::records::Records;
use crate::model::{Expectation, Model, Table};
use crate::parse;
use crate::schema::Finder;
use crate::spelling::thousands;
use crate::spill::{HashEntry, HashIndex, TableIndex};
use crate::tape::{Tape, Value};
use crate::workspace::SourceId;

/// Judges all expectations, by what is known of all records, table by table. `tallies` are theirs, in their order.
///
/// # Errors
/// When a file can't be read again, or the spill file fails.
pub fn judge(
    records: &Records<'_>,
    tables: &[TableIndex],
    indexes: &[ExpectationIndex],
    tallies: &mut [Tally],
    findings: &mut Findings,
) -> Result<(), Fault> {
    let model = records.model;
    for ((expectation, index), tally) in model.expectations.iter().zip(indexes).zip(tallies) {
        if tables[expectation.assertion.table].incomplete {
            findings.push(unjudged(model, expectation));
        } else if index.is_broken {
            // Said at the record.
        } else if expectation.program.is_key {
            keys::judge(records, expectation, &index.rows, tally, findings)?;
        } else {
            groups(model, expectation, index, tally, findings)?;
        }
    }
    Ok(())
}

/// Where records are missing because of another fault, nobody knows what all of them come to.
fn unjudged(model: &Model, expectation: &Expectation) -> Diagnostic {
    let assertion = &expectation.assertion;
    let (id, table) = (&assertion.id, &model.tables[assertion.table].name);
    let message = format!("`{id}` isn't checked: not all records of `{table}` could be read");
    Diagnostic::new(&code::UNDECIDED_CONSTRAINT, assertion.assert_place.clone(), message)
        .of_part(id)
        .help("mend the records that can't be read or have no key; then it is checked")
}

/// What a group comes to.
struct Judged {
    first: KeyedSpot,
    name: GroupName,
    rows: u64,
    results: Vec<Aggregated>,
    /// The parts of the expectation that are false, by their numbers.
    violated: Vec<usize>,
    /// Why one can't be worked out.
    uncomputable: Option<String>,
}

/// The first groups that aren't as expected; the others are only counted.
#[derive(Default)]
struct Kept {
    groups: Vec<Judged>,
    violations: u64,
    uncomputable: u64,
}

impl Kept {
    fn push(&mut self, judged: Judged) {
        self.groups.push(judged);
        if self.groups.len() > 2 * KEPT_MAX {
            self.truncate();
        }
    }

    fn truncate(&mut self) {
        self.groups.sort_by(|a, b| (&a.first, &a.name).cmp(&(&b.first, &b.name)));
        for group in self.groups.drain(KEPT_MAX.min(self.groups.len())..) {
            self.violations += group.violated.len() as u64;
            self.uncomputable += u64::from(group.uncomputable.is_some());
        }
    }
}

fn groups(
    model: &Model,
    expectation: &Expectation,
    index: &ExpectationIndex,
    tally: &mut Tally,
    findings: &mut Findings,
) -> Result<(), Fault> {
    let nothing = nothing();
    let nothing = nothing.roots().next().expect("an object was read");
    let program = &expectation.program;
    let kept = Mutex::new(Kept::default());
    let judge_group = |name: GroupName, group: Group, distinct: &[u64], tally: &mut Tally| {
        if let Some(judged) = judged(expectation, nothing, (name, group), distinct, tally) {
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(judged);
        }
    };
    let indexes: Vec<_> = std::iter::once(&index.groups).chain(&index.distinct).collect();
    let tallies = HashIndex::together(&indexes, |mut parts| {
        parts.iter_mut().for_each(|part| part.sort_unstable_by_key(|entry| entry.hash));
        let mut tally = Tally::default();
        let (groups, counts) = parts.split_first().expect("there are groups");
        for alike in groups.chunk_by(|a, b| a.hash == b.hash) {
            let hash = alike[0].hash;
            let distinct: Vec<u64> = counts.iter().map(|counts| sum_of(counts, hash)).collect();
            // What meets by its hash alone, somebody has built.
            let mut named: BTreeMap<GroupName, Group> = BTreeMap::new();
            for entry in alike {
                let bytes = index.states.get(entry.rest)?;
                let (name, group) = Group::read(&bytes, &program.aggregates);
                named
                    .entry(name)
                    .or_insert_with(|| Group::empty(&program.aggregates))
                    .absorb(group, &program.aggregates);
            }
            for (name, group) in named {
                judge_group(name, group, &distinct, &mut tally);
            }
        }
        Ok(tally)
    })?;
    tallies.into_iter().for_each(|some| tally.absorb(some));
    if program.by.is_empty() && index.groups.is_empty() {
        // A table without rows is a group all the same.
        let none = vec![0; program.aggregates.len()];
        judge_group(GroupName::default(), Group::empty(&program.aggregates), &none, tally);
    }
    let mut kept = kept.into_inner().unwrap_or_else(PoisonError::into_inner);
    kept.truncate();
    let report = Report { model, expectation, nothing };
    for judged in &kept.groups {
        report.findings(judged, findings);
    }
    let source = expectation.assertion.assert_place.source;
    let part = Some(Arc::clone(&expectation.assertion.id));
    let topic = |code| Topic { code, part: part.clone() };
    let severity = expectation.assertion.severity;
    findings.omit_of(topic(&code::EXPECTATION), severity, source, kept.violations);
    let uncomputable = topic(&code::UNCOMPUTABLE_CONSTRAINT);
    findings.omit_of(uncomputable, Severity::Error, source, kept.uncomputable);
    Ok(())
}

/// The numbers of a group's entries, added up; entries are in the order of hashes.
fn sum_of(counts: &[HashEntry], hash: u64) -> u64 {
    let from = counts.partition_point(|entry| entry.hash < hash);
    counts[from..].iter().take_while(|entry| entry.hash == hash).map(|entry| entry.rest).sum()
}

/// An object without values: expressions about groups look at no record.
fn nothing() -> Tape {
    let source = SourceId(0);
    let mut tape = Tape::new(source, 0, "{}".to_owned());
    parse::json::parse(&mut tape, source, &mut Vec::new());
    tape
}

/// Works an expectation out for a group, and counts it; none if it holds, or nobody knows.
fn judged(
    expectation: &Expectation,
    nothing: Value<'_>,
    (name, group): (GroupName, Group),
    distinct: &[u64],
    tally: &mut Tally,
) -> Option<Judged> {
    let program = &expectation.program;
    let results = group.partials.iter().zip(&program.aggregates).zip(distinct);
    let results = results.map(|((partial, it), distinct)| partial.finish(it.function, *distinct));
    let results: Vec<_> = results.collect();
    let mut budget = Budget::default();
    let frame = Frame { aggregates: &results, ..Frame::of(nothing) };
    let mut evaluator = Evaluator { frame, budget: &mut budget, dates: &[] };
    let (mut violated, mut unknown) = (Vec::new(), false);
    for (number, part) in program.assert.iter().enumerate() {
        match evaluator.condition(part) {
            Some(true) => {}
            Some(false) => violated.push(number),
            None => unknown = true,
        }
    }
    let uncomputable = budget.uncomputable.map(|it| why(it.why).to_owned());
    match (&uncomputable, violated.is_empty()) {
        (Some(_), _) => {
            violated.clear();
            tally.leave_undecided(None);
        }
        (None, false) => tally.violated += 1,
        (None, true) if unknown => {
            let mut missing = program.aggregates.iter().zip(&results);
            let missing = missing.find(|(_, it)| it.result == Worked::Missing);
            let written = missing.map(|(it, _)| &expectation.assertion.assert[it.span.clone()]);
            tally.leave_undecided(written);
            return None;
        }
        (None, true) => {
            tally.held += 1;
            return None;
        }
    }
    let Group { rows, first, .. } = group;
    Some(Judged { first, name, rows, results, violated, uncomputable })
}

/// Makes findings about groups.
struct Report<'a, 't> {
    model: &'a Model,
    expectation: &'a Expectation,
    nothing: Value<'t>,
}

impl Report<'_, '_> {
    fn table(&self) -> &Table {
        &self.model.tables[self.expectation.assertion.table]
    }

    fn findings(&self, judged: &Judged, findings: &mut Findings) {
        let assertion = &self.expectation.assertion;
        let group = match said(self.expectation, &judged.name) {
            said if said.is_empty() => String::new(),
            said => format!("for {said}: "),
        };
        if let Some(why) = &judged.uncomputable {
            let message =
                format!("{group}whether `{}` holds can't be worked out: {why}", assertion.id);
            let place = manifest_place(&assertion.assert_place);
            let finding = Diagnostic::new(&code::UNCOMPUTABLE_CONSTRAINT, place, message)
                .help("mend the number that is too large");
            findings.push(self.complete(finding, judged));
        }
        for number in &judged.violated {
            let (message, label) = self.words(judged, &self.expectation.program.assert[*number]);
            let place = manifest_place(&self.expectation.program.places[*number].place);
            let finding = Diagnostic::new(&code::EXPECTATION, place, format!("{group}{message}"))
                .label(label)
                .help(self.help(judged));
            let mut finding = self.complete(finding, judged);
            finding.severity = assertion.severity;
            findings.push(finding);
        }
    }

    fn help(&self, judged: &Judged) -> String {
        let id = quote(&self.expectation.assertion.id);
        match judged.name.bytes().is_empty() {
            true => format!(
                "correct the records; if the table is meant to be so, waive {id} with `key = \"*\"`"
            ),
            false => format!(
                "correct the records of the group; if it is right, waive {id} with `key = {:?}`",
                key_of(&judged.name)
            ),
        }
    }

    /// Adds what group it is, and its first record.
    fn complete(&self, finding: Diagnostic, judged: &Judged) -> Diagnostic {
        let mut finding = finding.of_part(&self.expectation.assertion.id);
        let key = (!judged.name.bytes().is_empty()).then(|| key_of(&judged.name));
        finding.record = Some(RecordName { table: self.table().name.clone(), key });
        if let Some(spot) = judged.first.spot() {
            let text = match judged.rows {
                1 => "its only record".to_owned(),
                rows if self.expectation.each.is_none() => {
                    format!("the first of its {} records", thousands(rows))
                }
                _ => "its first record".to_owned(),
            };
            finding.related.push(Label { place: link::key_place(self.table(), spot), text });
        }
        finding
    }

    /// What is said of a part that is false, and what is said beside it.
    fn words(&self, judged: &Judged, condition: &Condition) -> (String, String) {
        let finder = Finder::new(self.nothing);
        let checked = Checked {
            table: self.table(),
            model: self.model,
            record: self.nothing,
            finder: &finder,
            dates: &[],
            named: &[],
        };
        let mut budget = Budget::default();
        let frame = Frame { aggregates: &judged.results, ..Frame::of(self.nothing) };
        let mut evaluator = Evaluator { frame, budget: &mut budget, dates: &[] };
        constraints::of_group(&checked, self.expectation, condition, &mut evaluator)
    }
}

/// A place in the manifest, without the path that leads there: reports show that as a path in the record.
fn manifest_place(place: &Place) -> Place {
    Place::new(place.source, place.span.clone())
}

/// What waivers call a group: its values with commas between them.
pub(super) fn key_of(name: &GroupName) -> String {
    name.parts().collect::<Vec<_>>().join(",")
}
