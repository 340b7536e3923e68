//! What records are called beside their keys: a reference often holds a name where a key belongs.
//!
//! Names aren't kept while records are checked. Where references lead nowhere, the records that
//! they could mean are read again, once, and only names that a reference holds are taken down.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::diagnostic::nearest::{Words, form};
use crate::fault::Fault;
use crate::input::complete::complete;
use crate::input::tabular::{self, ChildRows, Layout};
use crate::model::kind::Class;
use crate::model::{Item, Origin, Table};
use crate::parse::decode::read_text;
use crate::parse::{json, yaml};
use crate::pointer::readable;
use crate::spill::Spot;
use crate::tape::{Tape, Value};
use crate::workspace::{Format, SourceId, Workspace};

/// More text than this isn't read again.
const BYTES_MAX: u64 = 64 << 20;

/// The keys at these places, for guesses at what references like `wanted` were meant to be.
///
/// # Errors
/// When a file can't be read.
pub(super) fn words<'k>(
    workspace: &Workspace,
    table: &Table,
    keys: impl Iterator<Item = (Spot, &'k str)>,
    wanted: impl Iterator<Item = &'k str>,
) -> Result<Words, Fault> {
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let mut texts: Vec<&str> = Vec::new();
    let mut ends: BTreeMap<u32, u64> = BTreeMap::new();
    for (spot, key) in keys {
        let end = ends.entry(spot.source).or_default();
        *end = spot.start.max(*end);
        if !numbers.contains_key(key) {
            numbers.insert(key, u32::try_from(texts.len()).expect("keys are few here"));
            texts.push(key);
        }
    }
    let words = Words::codes(texts);
    if ends.values().sum::<u64>() > BYTES_MAX {
        return Ok(words);
    }
    let wanted: HashSet<String> = wanted.map(form).filter(|form| !form.is_empty()).collect();
    // By column, so that a message can say what the name is.
    let mut names: BTreeMap<String, BTreeSet<(u32, String)>> = BTreeMap::new();
    for &source in ends.keys() {
        read(workspace, table, SourceId(source), &mut |record| {
            let Some(key) = table.key_of(record) else { return };
            let Some(&number) = numbers.get(&*key.text()) else { return };
            each_name(table, record, &mut |column, name| {
                if wanted.contains(&form(name)) {
                    let column = names.entry(column.to_owned()).or_default();
                    column.insert((number, name.to_owned()));
                }
            });
        })?;
    }
    Ok(names.iter().fold(words, |words, (column, names)| {
        words.with_names(column, names.iter().map(|(number, name)| (*number, name.as_str())))
    }))
}

/// Reads the records of a file. What is wrong with them was said when they were read the first
/// time.
fn read(
    workspace: &Workspace,
    table: &Table,
    source: SourceId,
    each: &mut dyn FnMut(Value<'_>),
) -> Result<(), Fault> {
    let mut again = Vec::new();
    let Some((text, base)) = read_text(workspace, source, &mut again)? else { return Ok(()) };
    let mut tape = Tape::new(source, base, text);
    match workspace.source(source).format {
        Format::Yaml => yaml::parse(&mut tape, source, &mut again),
        Format::Json => json::parse(&mut tape, source, &mut again),
        Format::JsonLines => json::parse_lines(&mut tape, source, &mut again),
        Format::Csv => {
            let (file, text) = (workspace.source(source), tape.source().to_owned());
            let opened = tabular::whole(text, (source, base), file, &mut again);
            let Some((mut text, header)) = opened else { return Ok(()) };
            let rows = text.split_off(header.end);
            let at = (source, base + header.start as u64);
            let layout = Layout::new(table, 0, &text[header.start..], at, file, &mut again);
            let Some(layout) = layout else { return Ok(()) };
            tape = Tape::new(source, base + header.end as u64, rows);
            let children = ChildRows::new(table, Vec::new(), &mut again);
            tabular::parse(&mut tape, &layout, &children, &mut again);
        }
        Format::Toml => return Ok(()),
    }
    complete(&mut tape, table, workspace.source(source).stem(), &mut again);
    tape.roots().for_each(each);
    Ok(())
}

/// The texts of a record that may be what people call it, with their properties.
fn each_name(table: &Table, record: Value<'_>, each: &mut dyn FnMut(&str, &str)) {
    for (number, column) in table.level.columns.iter().enumerate() {
        let spelt = matches!(column.origin, Origin::Field | Origin::Language(_));
        let text = column.kind.class() == Class::Text && column.reference.is_none();
        if table.key.columns.contains(&number) || !spelt || !text {
            continue;
        }
        let (value, found) = record.pointer(&column.pointer);
        if let Some(name) = value.as_str().filter(|_| found) {
            each(&readable(&column.pointer), name);
        }
    }
    for list in &table.level.lists {
        let Item::Scalar(scalar) = &list.item else { continue };
        if scalar.kind.class() == Class::Text && scalar.reference.is_none() {
            let (items, found) = record.pointer(&list.pointer);
            let column = list.pointer.rsplit('/').next().unwrap_or_default();
            for name in items.items().filter(|_| found).filter_map(Value::as_str) {
                each(column, name);
            }
        }
    }
}
