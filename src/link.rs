//! What no record can tell alone: keys that stand twice, references that lead nowhere.
//!
//! Records left hashes and places behind, which a [`Book`](crate::ledger::Book) brings together, so
//! nothing here is quadratic. The few that matter are read again from their files.

mod names;

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, code, quote};
use crate::fault::Fault;
use crate::ledger::{Entry, Joined, Spot, TableBook};
use crate::model::{Model, Table};
use crate::parse::yaml;
use crate::read::read_text;
use crate::tape::{Tape, Value};
use crate::workspace::{Format, SourceId, Workspace};

/// Above this many keys, "did you mean" is left out: all of them would have to be read again.
const SUGGESTED_FROM_MAX: usize = 50_000;

/// Reports duplicate keys and dangling references of all records. `books` are of the tables of the
/// model.
///
/// # Errors
/// When a file can't be read again, or the scratch space fails.
pub fn link(
    workspace: &Workspace,
    model: &Model,
    books: &[TableBook],
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<(), Fault> {
    for (table, book) in model.tables.iter().zip(books) {
        duplicates(workspace, table, book, diagnostics)?;
    }
    for (table, book) in model.tables.iter().zip(books) {
        repeated_records(workspace, table, book, diagnostics)?;
    }
    // A record that can't be read may be the one that refers.
    let is_sound = !diagnostics.iter().any(Diagnostic::is_error);
    for (to, (table, book)) in model.tables.iter().zip(books).enumerate() {
        let is_detail = to != model.main && model.tables.iter().any(|other| refers(other, table));
        let Joined { dangling, orphans } =
            book.keys.join(&book.references, is_sound && is_detail)?;
        self::orphans(workspace, table, &orphans, diagnostics)?;
        // Where records are missing because of another fault, nobody knows what is not there.
        if !book.incomplete {
            self::dangling(workspace, table, book, &dangling, diagnostics)?;
        }
    }
    Ok(())
}

/// Whether records of one table can refer to those of another one.
fn refers(from: &Table, to: &Table) -> bool {
    from.name != to.name
        && from.flat_tables().iter().any(|flat| {
            flat.level.columns.iter().any(|column| column.reference.as_ref() == Some(&to.name))
        })
}

/// Records that nothing refers to, in tables that others refer to and that aren't the main one.
fn orphans(
    workspace: &Workspace,
    table: &Table,
    orphans: &[Entry],
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<(), Fault> {
    let texts = Excerpts::read(workspace, orphans.iter().map(|orphan| orphan.spot))?;
    for orphan in orphans {
        let key = quote(texts.text(orphan.spot));
        let message = format!("nothing refers to the {} {key}", table.row);
        diagnostics.push(
            Diagnostic::new(&code::ORPHAN, orphan.spot.place(), message)
                .help("refer to it, or remove it"),
        );
    }
    Ok(())
}

fn duplicates(
    workspace: &Workspace,
    table: &Table,
    book: &TableBook,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<(), Fault> {
    let repeated = book.keys.repeated(Entry::key)?;
    let texts = Excerpts::read(workspace, repeated.iter().map(|entry| entry.spot))?;
    for group in repeated.chunk_by(|a, b| a.key() == b.key()) {
        let first = group[0].spot;
        for again in &group[1..] {
            // However the two are spelt: 128 bits of hash don't meet by chance.
            let key = texts.text(again.spot);
            let message =
                format!("the key {} of `{}` is taken by another record", quote(key), table.name);
            let pointer = table.level.columns[table.key].pointer.clone();
            let finding =
                Diagnostic::new(&code::DUPLICATE_ID, again.spot.place().at(pointer), message)
                    .help("give the newer record a key of its own; keys are never reused");
            // A record that an alias repeats as a whole has its key where the anchor stands.
            diagnostics.push(if again.spot == first {
                finding.label("an alias repeats the record with this key")
            } else {
                finding.label("again here").with(first.place(), "first here")
            });
        }
    }
    Ok(())
}

/// Records that say the same under different keys.
fn repeated_records(
    workspace: &Workspace,
    table: &Table,
    book: &TableBook,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<(), Fault> {
    let repeated = book.contents.repeated(|entry| entry.hash)?;
    let texts = Excerpts::read(workspace, repeated.iter().map(|entry| entry.spot))?;
    for group in repeated.chunk_by(|a, b| a.hash == b.hash) {
        let first = group[0];
        for again in &group[1..] {
            if again.rest == first.rest {
                // One key for both: that was reported as such.
                continue;
            }
            let first = first.spot;
            let (key, other) = (texts.text(again.spot), texts.text(first));
            let message = format!(
                "the {} {} says the same as {}, apart from the key",
                table.row,
                quote(key),
                quote(other)
            );
            let pointer = table.level.columns[table.key].pointer.clone();
            let place = again.spot.place().at(pointer);
            diagnostics.push(
                Diagnostic::new(&code::DUPLICATE_RECORD, place, message)
                    .with(first.place(), "the same record")
                    .help("keep one of the two, or add what tells them apart"),
            );
        }
    }
    Ok(())
}

fn dangling(
    workspace: &Workspace,
    target: &Table,
    book: &TableBook,
    dangling: &[Entry],
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<(), Fault> {
    if dangling.is_empty() {
        return Ok(());
    }
    let texts = Excerpts::read(workspace, dangling.iter().map(|reference| reference.spot))?;
    let keys = if book.keys.len() <= SUGGESTED_FROM_MAX {
        let keys = book.keys.entries()?;
        Excerpts::read(workspace, keys.iter().map(|key| key.spot))?
    } else {
        Excerpts::default()
    };
    let wanted = dangling.iter().map(|reference| texts.text(reference.spot));
    let words = names::words(workspace, target, keys.texts(), wanted)?;
    for reference in dangling {
        let key = texts.text(reference.spot);
        let message = format!("there is no {} {} in `{}`", target.row, quote(key), target.name);
        let diagnostic =
            Diagnostic::new(&code::DANGLING_REFERENCE, reference.spot.place(), message);
        // Never a fix: another key is another record.
        let help = words.guess(key).question().unwrap_or_else(|| {
            format!("add the {} to `{}`, or correct the reference", target.row, target.name)
        });
        diagnostics.push(diagnostic.help(help));
    }
    Ok(())
}

/// Bytes of files, read again because a message quotes them.
#[derive(Default)]
struct Excerpts {
    spellings: BTreeMap<Spot, String>,
    /// What aliases of YAML stand for.
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
