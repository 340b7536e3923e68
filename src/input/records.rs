//! Records of batches: parsed once to be checked, and again for the few that a finding names.
//!
//! While records are checked, only hashes and places are kept of them. A finding about a place needs
//! the record around it: its key, the path inside it, what it says. So files with such places are
//! read a second time, by the same readers, and only as far as they hold such places.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::complete::complete;
use super::feed::{Batch, Children, Feeder, child_table};
use super::tabular;
use crate::diagnostic::{Diagnostic, RecordName};
use crate::fault::Fault;
use crate::input::discover::Inputs;
use crate::model::{Model, Table};
use crate::model::{Tuple, record_name, tuple_text};
use crate::parse;
use crate::parse::decode::{read_text_into, stretch_text};
use crate::pointer;
use crate::spill::Spot;
use crate::tape::equality::content_digest_without;
use crate::tape::{Tape, Value};
use crate::workers::share;
use crate::workspace::{Format, SourceId, Workspace};

/// What was read of a batch at one go.
pub struct Parsed<'p> {
    /// The table's number.
    pub table: usize,
    /// The records.
    pub tape: &'p Tape,
    /// Properties that were reported as missing from all.
    pub lacking: &'p [&'p str],
    /// What is wrong with how they are written.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses a batch, file by file, and calls `each` with what was read. Counts the bytes of whole files.
///
/// # Errors
/// When a file can't be read, and those of `each`.
pub fn parse_batch(
    batch: Batch<'_>,
    workspace: &Workspace,
    model: &Model,
    children: &Children<'_>,
    bytes: &AtomicU64,
    tape: &mut Tape,
    mut each: impl FnMut(Parsed<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut diagnostics = Vec::new();
    match batch {
        Batch::Files { table, sources } => {
            for source in sources {
                let buffer = tape.clear().into_bytes();
                if let Some((text, base)) =
                    read_text_into(buffer, workspace, source, &mut diagnostics)?
                {
                    bytes.fetch_add(text.len() as u64, Ordering::Relaxed);
                    tape.reset(source, base, text);
                    match workspace.source(source).format {
                        Format::Yaml => parse::yaml::parse(tape, source, &mut diagnostics),
                        Format::Json => parse::json::parse(tape, source, &mut diagnostics),
                        Format::JsonLines | Format::Csv | Format::Toml => {
                            unreachable!("the feeder hands out only YAML and JSON as whole files")
                        }
                    }
                }
                complete(
                    tape,
                    &model.tables[table],
                    workspace.source(source).stem(),
                    &mut diagnostics,
                );
                let diagnostics = std::mem::take(&mut diagnostics);
                each(Parsed { table, tape, lacking: &[], diagnostics })?;
            }
            Ok(())
        }
        Batch::Lines { table, stretch } => {
            let (source, base) = (stretch.source, stretch.base);
            let text = stretch_text(stretch, workspace, &mut diagnostics);
            tape.reset(source, base, text);
            parse::json::parse_lines(tape, source, &mut diagnostics);
            complete(tape, &model.tables[table], workspace.source(source).stem(), &mut diagnostics);
            each(Parsed { table, tape, lacking: &[], diagnostics })
        }
        Batch::Rows { table, stretch, layout } => {
            let (source, base) = (stretch.source, stretch.base);
            let text = stretch_text(stretch, workspace, &mut diagnostics);
            tape.reset(source, base, text);
            tabular::parse(tape, &layout, &children[table], &mut diagnostics);
            complete(tape, &model.tables[table], workspace.source(source).stem(), &mut diagnostics);
            each(Parsed { table, tape, lacking: layout.lacking(), diagnostics })
        }
    }
}

/// Reads records again.
#[derive(Clone, Copy)]
pub struct Records<'a> {
    /// The files.
    pub workspace: &'a Workspace,
    /// The schemas.
    pub model: &'a Model,
    /// The record files of each table.
    pub inputs: &'a [Inputs],
    /// Rows of lists.
    pub children: &'a Children<'a>,
    /// How many workers there are.
    pub jobs: NonZeroUsize,
}

/// Bytes of files, sorted.
#[derive(Debug, Default)]
pub struct Places(BTreeMap<SourceId, Vec<Range<u64>>>);

/// A record that a place led to, told by its key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identified {
    /// Where the record begins.
    at: (SourceId, u64),
    /// Its key as text.
    pub key: String,
    /// A hash of what it says apart from its key that nobody can build another record for.
    pub content: [u8; 32],
}

/// A value that a place led to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    place: (SourceId, u64, u64),
    /// Where the record begins.
    at: (SourceId, u64),
    table: usize,
    key: Option<String>,
    pointer: String,
}

impl Places {
    /// Those of these places of files.
    pub fn of(places: impl IntoIterator<Item = (SourceId, Range<u64>)>) -> Self {
        let mut by_source: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (source, span) in places {
            by_source.entry(source).or_default().push(span);
        }
        for spans in by_source.values_mut() {
            spans.sort_unstable_by_key(|span| (span.start, span.end));
            spans.dedup();
        }
        Self(by_source)
    }

    /// The numbers, in their file, of those that lie in some bytes of it. A point may lie at their end.
    fn within(
        &self,
        source: SourceId,
        span: &Range<u64>,
    ) -> impl Iterator<Item = (usize, &Range<u64>)> {
        let spans = self.0.get(&source).map_or(&[][..], Vec::as_slice);
        let (from, end) = (spans.partition_point(|place| place.start < span.start), span.end);
        let near = spans[from..].iter().take_while(move |place| place.start <= end);
        let inside =
            move |place: &Range<u64>| place.end <= end && (place.start < end || place.is_empty());
        (from..).zip(near).filter(move |(_, place)| inside(place))
    }

    fn touch(&self, source: SourceId, span: &Range<u64>) -> bool {
        self.within(source, span).next().is_some()
    }

    fn holds(&self, value: Value<'_>) -> bool {
        let span = value.span();
        self.within(value.source(), &span).any(|(_, place)| *place == span)
    }
}

impl Records<'_> {
    /// What `see` makes of the records that hold one of these places, in no order that means anything.
    ///
    /// # Errors
    /// When a file can't be read again.
    pub fn each<T: Send>(
        &self,
        places: &Places,
        see: impl Fn(usize, Value<'_>, &mut Vec<T>) + Sync,
    ) -> Result<Vec<T>, Fault> {
        // A place among the rows of a list says nothing about the file of the record.
        let rows_matter: Vec<bool> = self.of_tables(|table, inputs| {
            let is_row = |source: &SourceId| child_table(self.workspace, table, *source).is_some();
            inputs.sources.iter().any(|source| places.0.contains_key(source) && is_row(source))
        });
        let wanted = self.model.tables.iter().zip(self.inputs).zip(&rows_matter);
        let inputs: Vec<_> = wanted
            .map(|((_, inputs), rows_matter)| Inputs {
                incomplete: inputs.incomplete,
                sources: inputs
                    .sources
                    .iter()
                    .filter(|source| *rows_matter || places.0.contains_key(source))
                    .copied()
                    .collect(),
            })
            .collect();
        let bytes = AtomicU64::new(0);
        let feeder = Feeder::new(self.workspace, self.model, self.children, &inputs, &bytes);
        let feeder = Mutex::new(feeder);
        let outcomes = share(self.jobs, self.jobs.get(), |_| {
            let mut tape = Tape::with_names(Arc::clone(&self.model.names));
            let mut seen = Vec::new();
            loop {
                let mut buffer = tape.clear().into_bytes();
                let next = {
                    let mut feeder = feeder.lock().unwrap_or_else(PoisonError::into_inner);
                    feeder.next_batch(&mut buffer)?
                };
                let Some(batch) = next else { return Ok(seen) };
                if let Batch::Lines { table, stretch } | Batch::Rows { table, stretch, .. } = &batch
                {
                    let end = stretch.base + stretch.bytes.len() as u64;
                    if !rows_matter[*table] && !places.touch(stretch.source, &(stretch.base..end)) {
                        continue;
                    }
                }
                let (workspace, model, children) = (self.workspace, self.model, self.children);
                parse_batch(batch, workspace, model, children, &bytes, &mut tape, |parsed| {
                    for record in parsed.tape.roots() {
                        if holds_any(places, record, parsed.tape.is_whole()) {
                            see(parsed.table, record, &mut seen);
                        }
                    }
                    Ok(())
                })?;
            }
        });
        let outcomes: Vec<Vec<T>> = outcomes.into_iter().collect::<Result<_, Fault>>()?;
        Ok(outcomes.into_iter().flatten().collect())
    }

    fn of_tables<T>(&self, of: impl Fn(&Table, &Inputs) -> T) -> Vec<T> {
        self.model.tables.iter().zip(self.inputs).map(|(table, inputs)| of(table, inputs)).collect()
    }

    /// The records whose keys stand in these places, in the order of the records: where an alias
    /// repeats one, two records have their key in one place.
    ///
    /// # Errors
    /// When a file can't be read again.
    pub fn identify(
        &self,
        keys: impl IntoIterator<Item = Spot>,
    ) -> Result<HashMap<Spot, VecDeque<Identified>>, Fault> {
        let places = keys.into_iter().map(|spot| {
            let place = spot.place();
            (place.source, place.span)
        });
        let places = Places::of(places);
        let mut found = self.each(&places, |table, record, found| {
            let table = &self.model.tables[table];
            let Some(values) = table.key_of(record) else { return };
            let Some(value) = values.iter().next().filter(|value| places.holds(*value)) else {
                return;
            };
            let key = values.text().into_owned();
            let content = content_digest_without(record, value);
            let at = (record.source(), record.span().start);
            found.push((Spot::of(value), Identified { at, key, content }));
        })?;
        found.sort_unstable();
        let mut by_spot: HashMap<_, VecDeque<_>> = HashMap::new();
        for (spot, identified) in found {
            by_spot.entry(spot).or_default().push_back(identified);
        }
        Ok(by_spot)
    }

    /// What tuples of a table say whose first values stand in these places, in the order of the records.
    ///
    /// # Errors
    /// When a file can't be read again.
    pub fn tuples(
        &self,
        of: usize,
        tuple: &Tuple,
        spots: impl IntoIterator<Item = Spot>,
    ) -> Result<Vec<(Spot, String)>, Fault> {
        let places = spots.into_iter().map(|spot| {
            let place = spot.place();
            (place.source, place.span)
        });
        let places = Places::of(places);
        if places.0.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = self.each(&places, |table, record, found| {
            if table != of {
                return;
            }
            let at = (record.source(), record.span().start);
            tuple.each(record, &mut |values| {
                if places.holds(values[0]) {
                    found.push((at, Spot::of(values[0]), tuple_text(values)));
                }
            });
        })?;
        found.sort_unstable();
        Ok(found.into_iter().map(|(_, spot, text)| (spot, text)).collect())
    }

    /// Names the record and the path inside it for findings in record files that don't say them.
    ///
    /// # Errors
    /// When a file can't be read again.
    pub fn name(&self, diagnostics: &mut [Diagnostic]) -> Result<(), Fault> {
        let files: BTreeSet<_> = self.inputs.iter().flat_map(|inputs| &inputs.sources).collect();
        let lacks = |finding: &Diagnostic| {
            let place = &finding.primary.place;
            (finding.record.is_none() || place.pointer.is_none()) && files.contains(&place.source)
        };
        let wanted = diagnostics.iter().filter(|finding| lacks(finding));
        let places = Places::of(
            wanted
                .map(|finding| &finding.primary.place)
                .map(|place| (place.source, place.span.clone())),
        );
        if places.0.is_empty() {
            return Ok(());
        }
        let mut named = self.each(&places, |table, record, named| {
            let at = (record.source(), record.span().start);
            let key = record_name(&self.model.tables[table], record).key;
            let steps = Vec::new();
            let mut walk =
                Walk { places: &places, steps, claimed: HashSet::new(), found: Vec::new() };
            walk.value(record);
            named.extend(walk.found.into_iter().map(|(place, pointer)| Named {
                place,
                at,
                table,
                key: key.clone(),
                pointer,
            }));
        })?;
        named.sort_unstable();
        // Where an alias repeats what is wrong, each finding is another record's.
        let mut told: HashMap<(&str, (SourceId, u64, u64)), usize> = HashMap::new();
        for finding in diagnostics.iter_mut().filter(|finding| lacks(finding)) {
            let place = &mut finding.primary.place;
            let at = (place.source, place.span.start, place.span.end);
            let from = named.partition_point(|named| named.place < at);
            let to = named.partition_point(|named| named.place <= at);
            let count = told.entry((finding.code.id, at)).or_default();
            let Some(named) = named[from..to].get(*count).or(named[from..to].last()) else {
                continue;
            };
            *count += 1;
            if place.pointer.is_none() {
                place.pointer = Some(named.pointer.clone());
            }
            if finding.record.is_none() {
                let table = self.model.tables[named.table].name.clone();
                finding.record = Some(RecordName { table, key: named.key.clone() });
            }
        }
        Ok(())
    }
}

/// Whether one of the places lies in a record, or in what it takes from elsewhere. `is_whole` says
/// that there is no such thing.
fn holds_any(places: &Places, value: Value<'_>, is_whole: bool) -> bool {
    places.touch(value.source(), &value.span())
        || !is_whole
            && (value.items().any(|item| holds_any(places, item, false))
                || value.entries().any(|entry| holds_any(places, entry.value, false)))
}

/// A walk through a record that finds the innermost value around each place.
struct Walk<'w, 't> {
    places: &'w Places,
    steps: Vec<Step<'t>>,
    claimed: HashSet<(SourceId, usize)>,
    /// Place and pointer.
    found: Vec<((SourceId, u64, u64), String)>,
}

#[derive(Clone, Copy)]
enum Step<'t> {
    Name(&'t str),
    Position(usize),
}

impl<'t> Walk<'_, 't> {
    fn value(&mut self, value: Value<'t>) {
        for (position, item) in value.items().enumerate() {
            self.steps.push(Step::Position(position));
            self.value(item);
            self.steps.pop();
        }
        let span = value.span();
        for entry in value.entries() {
            self.steps.push(Step::Name(entry.name()));
            self.value(entry.value);
            // The keys of a CSV row stand in the header, which is nobody's.
            let key = entry.key.span();
            if entry.key.source() == value.source()
                && span.start <= key.start
                && key.end <= span.end
            {
                self.claim(value.source(), &key);
            }
            self.steps.pop();
        }
        self.claim(value.source(), &span);
    }

    fn claim(&mut self, source: SourceId, span: &Range<u64>) {
        for (number, place) in self.places.within(source, span) {
            if self.claimed.insert((source, number)) {
                let mut pointer = String::new();
                for step in &self.steps {
                    pointer = match step {
                        Step::Name(name) => pointer::join(&pointer, name),
                        Step::Position(position) => pointer::join_index(&pointer, *position),
                    };
                }
                self.found.push(((source, place.start, place.end), pointer));
            }
        }
    }
}
