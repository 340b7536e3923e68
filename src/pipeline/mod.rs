//! From record files to diagnostics and rows. Workers take batches; what they collect is merged so
//! that the result doesn't depend on which worker took which batch.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::check::expectations::{self, ExpectationIndex};
use crate::check::link;
use crate::check::{self, Collected, Tally, Validator, WaivedRecord, constraints, tally, wrapped};
use crate::derive;
use crate::diagnostic::Severity;
use crate::diagnostic::{self, Counted, Diagnostic, Findings, Place, code};
use crate::fault::Fault;
use crate::input::feed::{Batch, Children, Feeder, child_table, read_children};
use crate::input::records::{Parsed, Records, parse_batch};
use crate::lower::{RowsBuilder, Run, TableRows};
use crate::policy::{Names, waivers};
use crate::project::Project;
use crate::release::previous;
use crate::rules::{self, Context, DatasetAt, WrittenDates, WrittenNumbers};
use crate::spill::{HashIndex, KeyIndex, MemoryBudget, TableIndex};
use crate::tape::Tape;
use crate::workspace::{SourceId, Workspace};

/// How to compile.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many workers.
    pub jobs: NonZeroUsize,
    /// Whether to lower records, too, or only check them.
    pub lower: bool,
    /// How much memory lowered records and what is kept of all records may take.
    pub budget: Arc<MemoryBudget>,
}

/// How far a compilation is. Read it from another thread.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes of record files handed to workers.
    pub bytes: AtomicU64,
    /// Records checked.
    pub records: AtomicU64,
}

/// What became of the records.
#[derive(Debug)]
pub struct Compiled {
    /// What was found, in the order of places; of each code or constraint no more than
    /// [`KEPT_MAX`](crate::diagnostic::KEPT_MAX).
    pub diagnostics: Vec<Diagnostic>,
    /// What was found beyond that.
    pub omitted: Counted,
    /// How many findings waivers accept; they are not among the diagnostics.
    pub waived: usize,
    /// What came of constraints and expectations, in the order of
    /// [`Model::assertions`](crate::model::Model::assertions).
    pub tallies: Vec<Tally>,
    /// How many records each table of the manifest has.
    pub counts: Vec<u64>,
    /// The lowered records of each table; none if there are errors, or it wasn't asked for.
    pub tables: Option<Vec<TableRows>>,
}

/// Checks all records of a project and, if asked, lowers them.
///
/// # Errors
/// When a file can't be read.
///
/// # Panics
/// If a worker panics: that is our bug, and it is passed on.
pub fn compile(
    workspace: &Workspace,
    project: &Project,
    options: &Options,
    progress: &Progress,
) -> Result<Compiled, Fault> {
    let model = &project.model;
    let context = Context::new(&project.manifest, model);
    let validator = Validator::new(&context);
    let mut diagnostics = project.remarks.clone();
    let children = read_children(workspace, model, &project.inputs, &mut diagnostics)?;
    let feeder = Feeder::new(workspace, model, &children, &project.inputs, &progress.bytes);
    let shared = Shared {
        workspace,
        project,
        validator: &validator,
        children: &children,
        feeder: Mutex::new(feeder),
        budget: &options.budget,
        lower: options.lower,
        sound: AtomicBool::new(options.lower),
        progress,
    };
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let shared = &shared;
        let workers: Vec<_> = (0..options.jobs.get())
            .map(|number| scope.spawn(move || Worker::new(shared, number).run()))
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    let feeder = shared.feeder.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut findings = Findings::default();
    findings.extend(diagnostics);
    findings.extend(feeder.diagnostics);
    let unread = feeder.unread;
    let mut holding = BTreeSet::new();
    let mut collected = Vec::new();
    let mut counts = vec![0; model.tables.len()];
    let mut runs: Vec<Vec<Run>> = model.tables.iter().map(|_| Vec::new()).collect();
    for outcome in outcomes {
        let outcome = outcome?;
        findings.absorb(outcome.findings);
        collected.push(outcome.collected);
        holding.extend(outcome.holding);
        for (all, some) in counts.iter_mut().zip(outcome.counts) {
            *all += some;
        }
        for (all, some) in runs.iter_mut().zip(outcome.runs) {
            all.extend(some);
        }
    }
    let mut diagnostics = Vec::new();
    let faulty = findings.sources(|_| true).collect();
    report_empty_files(workspace, project, &holding, faulty, &mut diagnostics);
    for (rows, table) in children.iter().zip(&model.tables) {
        rows.orphans(table, &mut diagnostics);
    }
    findings.extend(diagnostics.drain(..));
    let lost: BTreeSet<_> = findings.sources(|code| code.loses_records).collect();
    let Merged { mut indexes, uniques, unions, written, numbers, waived, mut tallies, expected } =
        Merged::of(collected, options)?;
    let tables = indexes.iter_mut().zip(&model.tables).zip(&project.inputs);
    for (number, ((index, table), inputs)) in tables.enumerate() {
        // No record is lost with the rows of its lists.
        let holds = |source: &&SourceId| child_table(workspace, table, **source).is_none();
        let mut sources = inputs.sources.iter().filter(holds);
        index.incomplete |= inputs.incomplete
            || unread.contains(&number)
            || sources.any(|source| lost.contains(source));
    }
    let previous = match &project.previous {
        Some(files) => {
            previous::read(workspace, files, &project.manifest, &context, &mut diagnostics)?
        }
        None => None,
    };
    let at = DatasetAt {
        tables: &indexes,
        written: &written,
        numbers: &numbers,
        previous: previous.as_ref(),
        context: &context,
        jobs: options.jobs,
    };
    findings.extend(diagnostics.drain(..));
    rules::check_dataset(&at, &mut findings)?;
    constraints::link(&validator, &indexes, options.jobs, &mut tallies, &mut findings)?;
    let incomplete = model.tables.iter().map(|table| table.name.clone());
    let incomplete = incomplete.zip(indexes.iter().map(|index| index.incomplete)).collect();
    let names = Names::of(Some(model));
    let waived = waivers::Waived::of(waived, incomplete, &project.policy.waivers, names);
    let (inputs, children, jobs) = (&project.inputs, &children, options.jobs);
    let records = Records { workspace, model, inputs, children, jobs };
    let linked = link::Indexes { tables: &indexes, uniques: &uniques, unions: &unions };
    link::link(&records, linked, &mut findings)?;
    let (_, of_groups) = tallies.split_at_mut(model.constraints.len());
    expectations::judge(&records, &indexes, &expected, of_groups, &mut findings)?;
    drop(expected);
    // A record with errors may lack what a constraint needs because of them.
    let faulty: BTreeSet<_> = findings.sources(|code| !code.is_tunable()).collect();
    let is_known = |table: usize| {
        let mut sources = project.inputs.get(table).into_iter().flat_map(|it| &it.sources);
        !indexes[table].incomplete && !sources.any(|source| faulty.contains(source))
    };
    tally::undecided(model, &tallies, is_known, &mut diagnostics);
    diagnostics.extend(derive::too_large(model, &counts));
    findings.extend(diagnostics);
    drop((indexes, uniques, unions));
    let (mut diagnostics, mut omitted) = findings.finish();
    records.name(&mut diagnostics)?;
    drop_cut(&mut diagnostics, &lost);
    let waived = waived.apply(&mut diagnostics, &omitted);
    project.policy.settings.apply(workspace, &mut diagnostics);
    project.policy.settings.weigh(workspace, &mut omitted);
    check::drop_consequences(&mut diagnostics);
    let manifest = &project.manifest;
    check::sum_up(manifest, model, inputs, &counts, &mut diagnostics, &mut omitted);
    diagnostic::sort(&mut diagnostics);
    // What was read half before and half after a change is no verdict about either.
    workspace.verify()?;
    let failed = omitted.count(Severity::Error) > 0 || diagnostics.iter().any(Diagnostic::is_error);
    let sound = options.lower && !failed;
    let sort = |runs: Vec<Run>| TableRows::sorted(Arc::clone(&options.budget), runs);
    let mut tables: Option<Vec<TableRows>> = sound.then(|| runs.into_iter().map(sort).collect());
    counts.truncate(model.tables.iter().filter(|table| table.derived.is_none()).count());
    for (table, count) in tables.iter().flatten().zip(&counts) {
        assert_eq!(table.len() as u64, *count, "a sound project's records are all lowered");
    }
    if let Some(tables) = &mut tables {
        let (jobs, budget) = (options.jobs, &options.budget);
        derive::Filling { model, validator: &validator, jobs, budget }.fill(tables)?;
    }
    Ok(Compiled { diagnostics, omitted, waived, tallies, counts, tables })
}

/// Says of which record files nothing came, though nothing is wrong in them.
fn report_empty_files(
    workspace: &Workspace,
    project: &Project,
    holding: &BTreeSet<SourceId>,
    faulty: BTreeSet<SourceId>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for (table, inputs) in project.model.tables.iter().zip(&project.inputs) {
        let empty = inputs.sources.iter().filter(|source| {
            !holding.contains(source)
                && !faulty.contains(source)
                && child_table(workspace, table, **source).is_none()
        });
        diagnostics.extend(empty.map(|&source| {
            let message = format!("`{}` holds no record", workspace.source(source).path);
            Diagnostic::new(&code::EMPTY_FILE, Place::new(source, 0..0), message)
                .help("restore what it held, or remove the file")
        }));
    }
}

/// What all workers have collected, merged by table.
struct Merged {
    /// By table.
    indexes: Vec<TableIndex>,
    uniques: Vec<KeyIndex>,
    unions: Vec<HashIndex>,
    written: WrittenDates,
    numbers: WrittenNumbers,
    waived: Vec<WaivedRecord>,
    tallies: Vec<Tally>,
    /// By [`Model::expectations`](crate::model::Model::expectations).
    expected: Vec<ExpectationIndex>,
}

impl Merged {
    /// Brings together what is in the collected of workers, which are in the order of their numbers.
    fn of(collected: Vec<Collected>, options: &Options) -> Result<Self, Fault> {
        let (mut written, mut numbers) = (WrittenDates::default(), WrittenNumbers::default());
        let (mut waived, mut tallies) = (Vec::new(), Vec::<Tally>::new());
        let (mut tables, mut uniques, mut unions) = (Vec::new(), Vec::new(), Vec::new());
        let mut expected = Vec::new();
        for one in collected {
            tallies.resize_with(one.tallies.len(), Tally::default);
            tallies.iter_mut().zip(one.tallies).for_each(|(all, some)| all.absorb(some));
            written.append(one.written);
            numbers.append(one.numbers);
            waived.extend(one.waived);
            sort_in(&mut tables, one.tables);
            sort_in(&mut uniques, one.uniques);
            sort_in(&mut unions, one.unions);
            sort_in(&mut expected, one.expectations);
        }
        let (budget, jobs) = (&options.budget, options.jobs);
        let table = |workers| TableIndex::new(workers, budget, jobs);
        let unique = |workers| KeyIndex::new(workers, budget, jobs);
        let union = |workers: Vec<_>| HashIndex::new(workers, budget, jobs);
        let expectation = |workers| ExpectationIndex::new(workers, budget, jobs);
        Ok(Self {
            indexes: tables.into_iter().map(table).collect::<Result<_, _>>()?,
            uniques: uniques.into_iter().map(unique).collect::<Result<_, _>>()?,
            unions: unions.into_iter().map(union).collect::<Result<_, _>>()?,
            written,
            numbers,
            waived,
            tallies,
            expected: expected.into_iter().map(expectation).collect::<Result<_, _>>()?,
        })
    }
}

/// Sorts what one worker has of each thing to what the others have of it.
fn sort_in<T>(all: &mut Vec<Vec<T>>, some: Vec<T>) {
    all.resize_with(some.len(), Vec::new);
    all.iter_mut().zip(some).for_each(|(all, one)| all.push(one));
}

/// Drops what follows from another finding about the same bytes: what parsing complained of,
/// validation needs not; and how other software reads a value doesn't matter while it is wrong.
#[derive(Default)]
struct Silence {
    /// Where parsing found errors.
    unparsed: HashSet<Bytes>,
    /// Where it found what is no error, and whether the value there is wrong.
    doubtful: HashMap<Bytes, bool>,
}

/// Some bytes of a file.
type Bytes = (SourceId, u64, u64);

fn bytes_of(finding: &Diagnostic) -> Bytes {
    let Place { source, span, .. } = &finding.primary.place;
    (*source, span.start, span.end)
}

impl Silence {
    /// What parsing found.
    fn of(parsed: &[Diagnostic]) -> Self {
        let mut silence = Self::default();
        for finding in parsed {
            if finding.code == &code::UNMADE_KEY {
                // It speaks of what isn't there.
                continue;
            }
            if finding.is_error() {
                silence.unparsed.insert(bytes_of(finding));
            } else {
                silence.doubtful.insert(bytes_of(finding), false);
            }
        }
        silence
    }

    /// Whether there is something to say about what validation found.
    fn keeps(&mut self, finding: &Diagnostic) -> bool {
        if self.unparsed.is_empty() && self.doubtful.is_empty() {
            return true;
        }
        let bytes = bytes_of(finding);
        if finding.is_error()
            && let Some(wrong) = self.doubtful.get_mut(&bytes)
        {
            *wrong = true;
        }
        !self.unparsed.contains(&bytes)
    }

    /// Whether there is something to say about what parsing found, when validation has.
    fn keeps_parsed(&self, finding: &Diagnostic) -> bool {
        finding.is_error() || self.doubtful.get(&bytes_of(finding)) != Some(&true)
    }
}

/// Drops findings about values of records that were never read whole, in the files that `lost` some:
/// what cut such a record off is the fault to mend.
fn drop_cut(diagnostics: &mut Vec<Diagnostic>, lost: &BTreeSet<SourceId>) {
    let of_values = [
        &code::DUPLICATE_KEY,
        &code::INEXACT_NUMBER,
        &code::YAML_1_1_VALUE,
        &code::UNSUPPORTED_TAG,
    ];
    diagnostics.retain(|finding| {
        finding.record.is_some()
            || !of_values.contains(&finding.code)
            || !lost.contains(&finding.primary.place.source)
    });
}

/// What all workers see.
struct Shared<'a> {
    workspace: &'a Workspace,
    project: &'a Project,
    validator: &'a Validator<'a>,
    children: &'a Children<'a>,
    feeder: Mutex<Feeder<'a>>,
    budget: &'a MemoryBudget,
    /// Whether rows are wanted.
    lower: bool,
    /// No error so far, and rows are wanted: else lowering is work for nothing.
    sound: AtomicBool,
    progress: &'a Progress,
}

/// What a worker has found, collected and lowered.
struct Outcome {
    findings: Findings,
    collected: Collected,
    counts: Vec<u64>,
    runs: Vec<Vec<Run>>,
    /// Files with at least one record.
    holding: Vec<SourceId>,
}

/// A builder is emptied after this much source, so that no column outgrows its 32-bit offsets.
const ROWS_BYTES_MAX: usize = 256 << 20;
/// And after this many records, so that growing it never copies much.
const ROWS_MAX: usize = 1 << 16;

struct Worker<'s, 'a> {
    shared: &'s Shared<'a>,
    tape: Tape,
    builders: Vec<RowsBuilder<'s>>,
    builder_bytes: usize,
    outcome: Outcome,
}

impl<'s, 'a> Worker<'s, 'a> {
    fn new(shared: &'s Shared<'a>, number: usize) -> Self {
        let model = &shared.project.model;
        let tables = &model.tables;
        Self {
            shared,
            tape: Tape::with_names(Arc::clone(&shared.project.model.names)),
            builders: if shared.lower {
                tables.iter().map(RowsBuilder::new).collect()
            } else {
                Vec::new()
            },
            builder_bytes: 0,
            outcome: Outcome {
                findings: Findings::default(),
                collected: Collected::new(model, number),
                counts: vec![0; tables.len()],
                runs: tables.iter().map(|_| Vec::new()).collect(),
                holding: Vec::new(),
            },
        }
    }

    fn run(mut self) -> Result<Outcome, Fault> {
        loop {
            // The text of the last batch makes room for the next one.
            let mut buffer = self.tape.clear().into_bytes();
            let next = {
                let mut feeder = self.shared.feeder.lock().unwrap_or_else(PoisonError::into_inner);
                feeder.next_batch(&mut buffer)?
            };
            let Some(batch) = next else { break };
            self.batch(batch)?;
            self.outcome.collected.flush_full(self.shared.budget)?;
        }
        self.flush()?;
        Ok(self.outcome)
    }

    fn batch(&mut self, batch: Batch<'_>) -> Result<(), Fault> {
        let Shared { workspace, children, progress, .. } = *self.shared;
        let mut tape = std::mem::take(&mut self.tape);
        let (model, bytes) = (&self.shared.project.model, &progress.bytes);
        parse_batch(batch, workspace, model, children, bytes, &mut tape, |parsed| {
            self.records(parsed)
        })?;
        self.tape = tape;
        Ok(())
    }

    /// Validates and lowers the records that were parsed.
    fn records(&mut self, parsed: Parsed<'_>) -> Result<(), Fault> {
        let Self { shared, builders, outcome, .. } = self;
        let Parsed { table, tape, lacking, diagnostics: parsed } = parsed;
        if parsed.iter().any(Diagnostic::is_error) || !lacking.is_empty() {
            shared.sound.store(false, Ordering::Relaxed);
        }
        let mut silence = Silence::of(&parsed);
        let mut count = 0;
        let mut found = Vec::new();
        let Outcome { collected, findings, .. } = outcome;
        for record in tape.roots() {
            count += 1;
            let (known, waived) = (found.len(), collected.waived.len());
            let valid = shared.validator.record(table, record, lacking, collected, &mut found);
            if !valid {
                let model = &shared.project.model;
                if let Some(finding) = wrapped(&model.tables[table], record) {
                    found.truncate(known);
                    found.push(finding);
                }
                shared.sound.store(false, Ordering::Relaxed);
            } else if shared.sound.load(Ordering::Relaxed) {
                let plan = &shared.validator.plans()[table];
                builders[table].append(record, plan, &collected.trace);
            }
            if !found.is_empty() {
                let found = found.drain(..).filter(|finding| silence.keeps(finding));
                if collected.waived.len() == waived {
                    findings.extend(found);
                } else {
                    found.for_each(|finding| findings.pin(finding));
                }
            }
        }
        findings.extend(parsed.into_iter().filter(|finding| silence.keeps_parsed(finding)));
        let source = tape.origin().source;
        if count > 0 && outcome.holding.last() != Some(&source) {
            outcome.holding.push(source);
        }
        outcome.counts[table] += count;
        shared.progress.records.fetch_add(count, Ordering::Relaxed);
        self.builder_bytes += tape.source().len();
        let is_full = |builder: &RowsBuilder<'_>| builder.len() >= ROWS_MAX;
        if self.builder_bytes > ROWS_BYTES_MAX || self.builders.get(table).is_some_and(is_full) {
            self.flush()?;
        }
        Ok(())
    }

    /// Sorts what the builders hold, and keeps it.
    fn flush(&mut self) -> Result<(), Fault> {
        let tables = &self.shared.project.model.tables;
        for (index, (builder, table)) in self.builders.iter_mut().zip(tables).enumerate() {
            if !builder.is_empty() && self.shared.sound.load(Ordering::Relaxed) {
                let rows = builder.finish();
                let run = Run::keep(self.shared.budget, rows, &table.level, &table.key.columns)?;
                self.outcome.runs[index].push(run);
            }
        }
        self.builder_bytes = 0;
        Ok(())
    }
}
