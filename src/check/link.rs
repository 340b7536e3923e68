//! Finds duplicate keys, references to missing records, and records that nothing refers to.
//!
//! Each record was collected as hashes with places, which a [`HashIndex`](crate::spill::HashIndex) brings together, so
//! nothing here is quadratic. The few that matter are read again from their files.

mod names;
mod unique;

use std::collections::{BTreeMap, HashMap, VecDeque};

use crate::diagnostic::{Code, Diagnostic, Findings, Place, RecordName, code, quote};
use crate::fault::Fault;
use crate::input::records::{Identified, Records};
use crate::model::{Conditional, Model, References, Says, Table, Target};
use crate::parse::decode::read_text;
use crate::parse::yaml;
use crate::spill::{
    FirstEntries, HashEntry, HashIndex, Joined, KeyIndex, OmittedCounts, Spot, TableIndex,
};
use crate::tape::{Tape, Value};
use crate::workspace::{Format, SourceId, Workspace};

/// Above this many keys, "did you mean" is left out: all of them would have to be read again.
const SUGGESTED_FROM_MAX: usize = 50_000;

/// What was kept of all records to find keys and references again.
#[derive(Clone, Copy)]
pub struct Indexes<'a> {
    /// By table.
    pub tables: &'a [TableIndex],
    /// By [`References::uniques`].
    pub uniques: &'a [KeyIndex],
    /// By [`References::unions`].
    pub unions: &'a [HashIndex],
}

/// Reports duplicate keys and dangling references of all records.
///
/// # Errors
/// When a file can't be read again, or the spill file fails.
pub fn link(
    records: &Records<'_>,
    indexes: Indexes<'_>,
    findings: &mut Findings,
) -> Result<(), Fault> {
    let model = records.model;
    for (table, index) in model.tables.iter().zip(indexes.tables) {
        duplicates(records, table, index, findings)?;
    }
    for (table, index) in model.tables.iter().zip(indexes.tables) {
        repeated_records(records, table, index, findings)?;
    }
    // A record that can't be read may be the one that refers.
    let is_sound = !findings.has_errors();
    for (to, (table, index)) in model.tables.iter().zip(indexes.tables).enumerate() {
        let is_detail = to != model.main && model.tables.iter().any(|other| refers(other, table));
        let Joined { dangling, orphans } = HashIndex::join(
            &[&index.keys],
            &[&index.references],
            is_sound && is_detail && !is_referred_otherwise(model, to),
        )?;
        self::orphans(records, table, orphans.entries(), findings)?;
        omit(&code::ORPHAN, orphans.others(), findings);
        if index.incomplete {
            findings.extend(unjudged(table, &dangling));
        } else {
            let mut found = Vec::new();
            match table.key.is_composite() {
                true => unique::dangling(records, Target::Key(to), dangling.entries(), &mut found)?,
                false => {
                    self::dangling(records, table, index, dangling.entries(), &mut found)?;
                }
            }
            findings.extend(found);
            omit(&code::DANGLING_REFERENCE, dangling.others(), findings);
        }
    }
    unique::link(records, indexes, findings)
}

/// Whether records of a table may be referred to by other values than their keys, or as one of several
/// tables: then it isn't known which of them nothing refers to.
fn is_referred_otherwise(model: &Model, table: usize) -> bool {
    let References { uniques, unions, .. } = &model.references;
    uniques.iter().any(|unique| unique.table == table && unique.is_referred)
        || unions.iter().any(|union| union.targets.contains(&Target::Key(table)))
}

/// Counts what isn't listed.
fn omit(code: &'static Code, others: &OmittedCounts, findings: &mut Findings) {
    for (source, count) in others.iter() {
        findings.omit(code, source, count);
    }
}

/// Where records are missing because of another fault, nobody knows what is not there.
fn unjudged(table: &Table, dangling: &FirstEntries) -> Option<Diagnostic> {
    let first = dangling.entries().first()?;
    let (references, lead) = match dangling.len() {
        1 => ("1 reference".to_owned(), "leads"),
        count => (format!("{count} references"), "lead"),
    };
    let message = format!(
        "{references} into `{}` {lead} to no record that could be read, and can't be judged: not all \
         records of `{}` could be read",
        table.name, table.name
    );
    let help = "mend the records that can't be read or have no key; then references are checked";
    let place = first.spot.place();
    Some(Diagnostic::new(&code::UNCHECKED_REFERENCES, place, message).label("the first").help(help))
}

/// Whether records of one table can refer to those of another one.
fn refers(from: &Table, to: &Table) -> bool {
    let conditional = |annotation: &Conditional| match &annotation.says {
        Says::Reference { reference, .. } => reference.to.contains(&to.name),
        Says::Codes(_) | Says::Roles { .. } => false,
    };
    from.name != to.name
        && (from.conditional.iter().any(conditional)
            || from.flat_tables().iter().any(|flat| {
                flat.level.columns.iter().any(|column| {
                    column
                        .reference
                        .as_ref()
                        .is_some_and(|reference| reference.to.contains(&to.name))
                })
            }))
}

/// Records that nothing refers to, in tables that others refer to and that aren't the main one.
fn orphans(
    records: &Records<'_>,
    table: &Table,
    orphans: &[HashEntry],
    findings: &mut Findings,
) -> Result<(), Fault> {
    let spots = || orphans.iter().map(|orphan| orphan.spot);
    // The first value of a composite key says less than the key, and one that is made isn't written.
    let mut identified = match table.key.is_composite() || table.made_key.is_some() {
        true => records.identify(spots())?,
        false => HashMap::new(),
    };
    let texts = Excerpts::read(records.workspace, spots())?;
    for orphan in orphans {
        let record = next(&mut identified, orphan.spot);
        let key = quote(record.as_ref().map_or(texts.text(orphan.spot), |record| &record.key));
        let message = format!("nothing refers to the {} {key}", table.row_name());
        findings.push(
            Diagnostic::new(&code::ORPHAN, orphan.spot.place(), message)
                .help("refer to it, or remove it"),
        );
    }
    Ok(())
}

fn duplicates(
    records: &Records<'_>,
    table: &Table,
    index: &TableIndex,
    findings: &mut Findings,
) -> Result<(), Fault> {
    let repeated = index.keys.repeated_first(HashEntry::key)?;
    let mut identified = records.identify(repeated.entries.iter().map(|entry| entry.spot))?;
    for group in repeated.entries.chunk_by(|a, b| a.key() == b.key()) {
        // However the keys are spelt. What meets by its hash alone, somebody has built.
        let mut first_of: BTreeMap<String, Spot> = BTreeMap::new();
        for entry in group {
            let spot = entry.spot;
            let Some(record) = next(&mut identified, spot) else { continue };
            let Some(first) = first_of.get(&record.key) else {
                first_of.insert(record.key, spot);
                continue;
            };
            let key = quote(&record.key);
            let message = format!("two records of `{}` have the key {key}", table.name);
            let place = key_place(table, spot);
            let help = match &table.made_key {
                Some(made) => made.help(),
                None if table.key.is_composite() => format!(
                    "{} together identify a record: correct one of them, or remove one of the two records",
                    table.key_name()
                ),
                None => "give the newer record a key of its own; keys are never reused".to_owned(),
            };
            let mut finding = Diagnostic::new(&code::DUPLICATE_ID, place, message).help(help);
            finding.record = Some(RecordName { table: table.name.clone(), key: Some(record.key) });
            // A record that an alias repeats as a whole has its key where the anchor stands.
            findings.push(if spot == *first {
                finding.label("an alias repeats the record with this key")
            } else {
                finding.label("here").with(key_place(table, *first), "and here")
            });
        }
    }
    omit(&code::DUPLICATE_ID, &repeated.others, findings);
    Ok(())
}

/// The next record with its key in a place.
fn next(identified: &mut HashMap<Spot, VecDeque<Identified>>, spot: Spot) -> Option<Identified> {
    identified.get_mut(&spot)?.pop_front()
}

pub(super) fn key_place(table: &Table, spot: Spot) -> Place {
    spot.place().at(table.level.columns[table.key.columns[0]].pointer.clone())
}

/// Records that say the same under different keys.
fn repeated_records(
    records: &Records<'_>,
    table: &Table,
    index: &TableIndex,
    findings: &mut Findings,
) -> Result<(), Fault> {
    let repeated = index.contents.repeated_first(|entry| entry.hash)?;
    let mut identified = records.identify(repeated.entries.iter().map(|entry| entry.spot))?;
    for group in repeated.entries.chunk_by(|a, b| a.hash == b.hash) {
        let found = group.iter().filter_map(|entry| {
            let record = next(&mut identified, entry.spot)?;
            Some((record.content, record.key, entry.spot))
        });
        // Which one is the first must not depend on the files that they stand in.
        let mut found: Vec<_> = found.collect();
        found.sort_unstable();
        for alike in found.chunk_by(|a, b| a.0 == b.0) {
            let (_, first, first_spot) = &alike[0];
            for (_, key, spot) in &alike[1..] {
                if key == first {
                    // One key for both: that was reported as such.
                    continue;
                }
                let message = format!(
                    "the {} {} says the same as {}, apart from the key",
                    table.row_name(),
                    quote(key),
                    quote(first)
                );
                let place = key_place(table, *spot);
                let mut finding = Diagnostic::new(&code::DUPLICATE_RECORD, place, message)
                    .with(key_place(table, *first_spot), "the same record")
                    .help("keep one of the two, or add what tells them apart");
                let (table, key) = (table.name.clone(), Some(key.clone()));
                finding.record = Some(RecordName { table, key });
                findings.push(finding);
            }
        }
    }
    omit(&code::DUPLICATE_RECORD, &repeated.others, findings);
    Ok(())
}

fn dangling(
    records: &Records<'_>,
    target: &Table,
    index: &TableIndex,
    dangling: &[HashEntry],
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<(), Fault> {
    if dangling.is_empty() {
        return Ok(());
    }
    let workspace = records.workspace;
    let texts = Excerpts::read(workspace, dangling.iter().map(|reference| reference.spot))?;
    let keys = if index.keys.len() <= SUGGESTED_FROM_MAX {
        let keys = index.keys.entries()?;
        let spots = keys.iter().map(|key| key.spot);
        match target.made_key {
            Some(_) => Excerpts::of_made_keys(records, spots)?,
            None => Excerpts::read(workspace, spots)?,
        }
    } else {
        Excerpts::default()
    };
    let wanted = dangling.iter().map(|reference| texts.text(reference.spot));
    let words = names::words(workspace, target, keys.texts(), wanted)?;
    for reference in dangling {
        let key = texts.text(reference.spot);
        let message =
            format!("there is no {} {} in `{}`", target.row_name(), quote(key), target.name);
        let diagnostic =
            Diagnostic::new(&code::DANGLING_REFERENCE, reference.spot.place(), message);
        // Never a fix: another key is another record.
        let help = words.guess(key).question().unwrap_or_else(|| {
            format!("add the {} to `{}`, or correct the reference", target.row_name(), target.name)
        });
        diagnostics.push(diagnostic.help(help));
    }
    Ok(())
}

/// Bytes of files, read again because a message quotes them.
#[derive(Default)]
struct Excerpts {
    spellings: BTreeMap<Spot, String>,
    /// What aliases of YAML stand for, and keys that nobody wrote.
    aliased: BTreeMap<Spot, String>,
}

impl Excerpts {
    /// Reads each file once, front to back.
    fn read(workspace: &Workspace, spots: impl Iterator<Item = Spot>) -> Result<Self, Fault> {
        let mut by_source: BTreeMap<u32, Vec<Spot>> = BTreeMap::new();
        for spot in spots {
            by_source.entry(spot.source).or_default().push(spot);
        }
        let mut texts = Self::default();
        for (source, mut spots) in by_source {
            spots.sort_unstable();
            spots.dedup();
            let ranges: Vec<_> =
                spots.iter().map(|spot| (spot.start, spot.length as usize)).collect();
            let excerpts = workspace.excerpts(SourceId(source), &ranges)?;
            let is_yaml = workspace.source(SourceId(source)).format == Format::Yaml;
            if is_yaml && excerpts.iter().any(|spelling| spelling.starts_with('*')) {
                texts.aliased.extend(aliased(workspace, SourceId(source), &spots)?);
            }
            texts.spellings.extend(spots.into_iter().zip(excerpts));
        }
        Ok(texts)
    }

    /// Keys that are made and not written, at the places that stand for them.
    fn of_made_keys(
        records: &Records<'_>,
        spots: impl Iterator<Item = Spot>,
    ) -> Result<Self, Fault> {
        let mut texts = Self::default();
        for (spot, identified) in records.identify(spots)? {
            let Some(record) = identified.into_iter().next() else { continue };
            texts.spellings.insert(spot, String::new());
            texts.aliased.insert(spot, record.key);
        }
        Ok(texts)
    }

    /// As the source spells it.
    fn spelling(&self, spot: Spot) -> &str {
        self.spellings.get(&spot).map_or("", String::as_str)
    }

    /// Without quotation marks; for an alias, what it stands for.
    fn text(&self, spot: Spot) -> &str {
        match self.aliased.get(&spot) {
            Some(text) => text,
            None => unquote(self.spelling(spot)),
        }
    }

    /// All of them, with their places.
    fn texts(&self) -> impl Iterator<Item = (Spot, &str)> {
        self.spellings.keys().map(|spot| (*spot, self.text(*spot)))
    }
}

/// What aliases at these places of a YAML file stand for; the places are sorted.
fn aliased(
    workspace: &Workspace,
    source: SourceId,
    spots: &[Spot],
) -> Result<BTreeMap<Spot, String>, Fault> {
    let mut found = BTreeMap::new();
    // What is wrong with the file was said when it was read the first time.
    let mut again = Vec::new();
    let Some((text, base)) = read_text(workspace, source, &mut again)? else { return Ok(found) };
    let mut tape = Tape::new(source, base, text);
    yaml::parse(&mut tape, source, &mut again);
    let mut values: Vec<Value<'_>> = tape.roots().collect();
    while let Some(value) = values.pop() {
        let spot = Spot::of(value);
        if value.literal().is_none() && spots.binary_search(&spot).is_ok() {
            let text = value.as_str().map_or_else(|| value.to_json().to_string(), str::to_owned);
            found.insert(spot, text);
        }
        values.extend(value.items());
        values.extend(value.entries().map(|entry| entry.value));
    }
    Ok(found)
}

fn unquote(spelling: &str) -> &str {
    for mark in ['"', '\''] {
        let inner = spelling.strip_prefix(mark).and_then(|text| text.strip_suffix(mark));
        if let Some(inner) = inner {
            return inner;
        }
    }
    spelling
}
