//! Values that must be unique though they are no keys, and references that lead to such values, to one of
//! several tables, or by several values together.

use std::collections::{HashMap, VecDeque};

use super::{Excerpts, Indexes, omit, unjudged};
use crate::diagnostic::{Diagnostic, Findings, code, one_of, quote};
use crate::fault::Fault;
use crate::input::records::Records;
use crate::model::{Model, Target, Tuple};
use crate::spelling::all_of;
use crate::spill::{HashEntry, HashIndex, Joined, Spot};

/// Reports values that aren't unique, and references that lead to no such values.
pub(super) fn link(
    records: &Records<'_>,
    indexes: Indexes<'_>,
    findings: &mut Findings,
) -> Result<(), Fault> {
    let references = &records.model.references;
    for (number, (unique, index)) in references.uniques.iter().zip(indexes.uniques).enumerate() {
        if unique.is_declared {
            duplicates(records, number, &index.keys, findings)?;
        }
        let joined = HashIndex::join(&[&index.keys], &[&index.references], false)?;
        let target = Target::Unique(number);
        let is_incomplete = indexes.tables[unique.table].incomplete;
        report(records, target, is_incomplete, &joined, findings)?;
    }
    for (number, (union, index)) in references.unions.iter().zip(indexes.unions).enumerate() {
        let keys = |target: &Target| match *target {
            Target::Key(table) => &indexes.tables[table].keys,
            Target::Unique(unique) => &indexes.uniques[unique].keys,
            Target::Union(_) => unreachable!("a union is made of others"),
        };
        let keys: Vec<_> = union.targets.iter().map(keys).collect();
        let joined = HashIndex::join(&keys, &[index], false)?;
        let table = |target: &Target| table_of(records.model, *target);
        let is_incomplete =
            union.targets.iter().any(|target| indexes.tables[table(target)].incomplete);
        report(records, Target::Union(number), is_incomplete, &joined, findings)?;
    }
    Ok(())
}

/// The table that a target belongs to: of several the first.
fn table_of(model: &Model, target: Target) -> usize {
    match target {
        Target::Key(table) => table,
        Target::Unique(unique) => model.references.uniques[unique].table,
        Target::Union(union) => table_of(model, model.references.unions[union].targets[0]),
    }
}

fn report(
    records: &Records<'_>,
    target: Target,
    is_incomplete: bool,
    joined: &Joined,
    findings: &mut Findings,
) -> Result<(), Fault> {
    if is_incomplete {
        let table = &records.model.tables[table_of(records.model, target)];
        findings.extend(unjudged(table, &joined.dangling));
        return Ok(());
    }
    let mut found = Vec::new();
    dangling(records, target, joined.dangling.entries(), &mut found)?;
    findings.extend(found);
    omit(&code::DANGLING_REFERENCE, joined.dangling.others(), findings);
    Ok(())
}

/// Reports references that lead nowhere.
pub(super) fn dangling(
    records: &Records<'_>,
    target: Target,
    dangling: &[HashEntry],
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<(), Fault> {
    if dangling.is_empty() {
        return Ok(());
    }
    let model = records.model;
    let spots = || dangling.iter().map(|reference| reference.spot);
    // Several values that refer together stand in several places; a single one is read where it stands.
    let mut together = HashMap::new();
    for composite in model.references.composites.iter().filter(|it| it.target == target) {
        together.extend(texts(records, composite.table, &composite.tuple, spots())?);
    }
    let single = Excerpts::read(records.workspace, spots())?;
    for reference in dangling {
        let value = match next(&mut together, reference.spot) {
            Some(text) => quote(&text),
            None => quote(single.text(reference.spot)),
        };
        let (message, help) = words(model, target, &value);
        let place = reference.spot.place();
        diagnostics.push(Diagnostic::new(&code::DANGLING_REFERENCE, place, message).help(help));
    }
    Ok(())
}

fn names(names: &[String]) -> impl Iterator<Item = &str> {
    names.iter().map(String::as_str)
}

/// What to say of a value that leads nowhere.
fn words(model: &Model, target: Target, value: &str) -> (String, String) {
    match target {
        Target::Key(table) => {
            let table = &model.tables[table];
            let (row, name) = (table.row_name(), &table.name);
            (
                format!("there is no {row} {value} in `{name}`"),
                format!("add the {row} to `{name}`, or correct the reference"),
            )
        }
        Target::Unique(unique) => {
            let unique = &model.references.uniques[unique];
            let rows = &unique.rows;
            let properties = all_of(names(&unique.properties));
            (
                format!("there is no row of `{rows}` with {value} for {properties}"),
                format!("add the row to `{rows}`, or correct the reference"),
            )
        }
        Target::Union(union) => {
            let to = &model.references.unions[union].to;
            let places = one_of(names(to));
            (
                format!("there is no {value} in {places}"),
                "add the record to one of them, or correct the reference".to_owned(),
            )
        }
    }
}

fn duplicates(
    records: &Records<'_>,
    number: usize,
    keys: &HashIndex,
    findings: &mut Findings,
) -> Result<(), Fault> {
    let unique = &records.model.references.uniques[number];
    let repeated = keys.repeated_first(HashEntry::key)?;
    let spots = repeated.entries.iter().map(|entry| entry.spot);
    let mut texts = texts(records, unique.table, &unique.tuple, spots)?;
    for group in repeated.entries.chunk_by(|a, b| a.key() == b.key()) {
        // What meets by its hash alone, somebody has built.
        let mut first_of: HashMap<String, Spot> = HashMap::new();
        for entry in group {
            let Some(text) = next(&mut texts, entry.spot) else { continue };
            let Some(first) = first_of.get(&text) else {
                first_of.insert(text, entry.spot);
                continue;
            };
            let properties = all_of(names(&unique.properties));
            let message =
                format!("two rows of `{}` have {} for {properties}", unique.rows, quote(&text));
            let finding = Diagnostic::new(&code::DUPLICATE_VALUE, entry.spot.place(), message)
                .help("the schema says that it is unique: correct one of the two, or remove it");
            findings.push(if entry.spot == *first {
                finding.label("an alias repeats the row with this value")
            } else {
                finding.label("here").with(first.place(), "and here")
            });
        }
    }
    omit(&code::DUPLICATE_VALUE, &repeated.others, findings);
    Ok(())
}

/// The texts of tuples, by the place of their first value.
type Texts = HashMap<Spot, VecDeque<String>>;

/// The next tuple with its first value in a place.
fn next(texts: &mut Texts, spot: Spot) -> Option<String> {
    texts.get_mut(&spot)?.pop_front()
}

/// Reads again what tuples of a table say whose first values stand in these places.
fn texts(
    records: &Records<'_>,
    table: usize,
    tuple: &Tuple,
    spots: impl Iterator<Item = Spot>,
) -> Result<Texts, Fault> {
    let mut texts = Texts::new();
    for (spot, text) in records.tuples(table, tuple, spots)? {
        texts.entry(spot).or_default().push_back(text);
    }
    Ok(texts)
}
