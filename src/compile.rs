//! From record files to diagnostics and rows: workers take batches, and what they keep is merged
//! without regard to who took which.

use std::collections::{BTreeSet, HashSet};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::diagnostic::{self, Diagnostic, Place, code};
use crate::fault::Fault;
use crate::ledger::TableBook;
use crate::lower::{RowsBuilder, Run, TableRows};
use crate::model::Model;
use crate::parse;
use crate::read::{
    Batch, Children, Feeder, child_table, read_children, read_text_into, stretch_text,
};
use crate::rules::{self, Context, DatasetAt, WrittenDates};
use crate::space::Space;
use crate::tape::Tape;
use crate::validate::{Index, Validator, wrapped};
use crate::waivers::WaivedRecord;
use crate::workspace::{Format, SourceId, Workspace};
use crate::{Project, agreement, link, previous, waivers};

/// How to compile.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many workers.
    pub jobs: NonZeroUsize,
    /// Whether to lower records, too, or only check them.
    pub lower: bool,
    /// Where what records leave behind is kept, and lowered records are.
    pub space: Arc<Space>,
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
    /// What was found, in the order of places.
    pub diagnostics: Vec<Diagnostic>,
    /// How many findings waivers accept; they are not among the diagnostics.
    pub waived: usize,
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
        space: &options.space,
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
    diagnostics.extend(feeder.diagnostics);
    let unread = feeder.unread;
    let mut holding = BTreeSet::new();
    let mut indices = Vec::new();
    let mut counts = vec![0; model.tables.len()];
    let mut runs: Vec<Vec<Run>> = model.tables.iter().map(|_| Vec::new()).collect();
    for outcome in outcomes {
        let outcome = outcome?;
        diagnostics.extend(outcome.diagnostics);
        indices.push(outcome.index);
        holding.extend(outcome.holding);
        for (all, some) in counts.iter_mut().zip(outcome.counts) {
            *all += some;
        }
        for (all, some) in runs.iter_mut().zip(outcome.runs) {
            all.extend(some);
        }
    }
    report_empty_files(workspace, project, &holding, &mut diagnostics);
    for (rows, table) in children.iter().zip(&model.tables) {
        rows.orphans(table, &mut diagnostics);
    }
    let lost: BTreeSet<_> = diagnostics
        .iter()
        .filter(|finding| code::loses_records(finding.code))
        .map(|finding| finding.primary.place.source)
        .collect();
    let Left { mut books, written, waived } = Left::of(indices, options)?;
    let tables = books.iter_mut().zip(&model.tables).zip(&project.inputs);
    for (number, ((book, table), inputs)) in tables.enumerate() {
        // No record is lost with the rows of its lists.
        let holds = |source: &&SourceId| child_table(workspace, table, **source).is_none();
        let mut sources = inputs.sources.iter().filter(holds);
        book.incomplete |= inputs.incomplete
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
        tables: &books,
        written: &written,
        previous: previous.as_ref(),
        context: &context,
        jobs: options.jobs,
    };
    rules::check_dataset(&at, &mut diagnostics)?;
    let incomplete = model.tables.iter().map(|table| table.name.clone());
    let incomplete = incomplete.zip(books.iter().map(|book| book.incomplete)).collect();
    let waived = waivers::Waived::of(waived, incomplete, &project.manifest);
    link::link(workspace, model, &books, &mut diagnostics)?;
    drop(books);
    let waived = waived.apply(&mut diagnostics);
    project.manifest.rules.apply(workspace, &mut diagnostics);
    diagnostic::sort(&mut diagnostics);
    // What was read half before and half after a change is no verdict about either.
    workspace.verify()?;
    let sound = options.lower && !diagnostics.iter().any(Diagnostic::is_error);
    let sort = |runs: Vec<Run>| TableRows::sorted(Arc::clone(&options.space), runs);
    let mut tables: Option<Vec<TableRows>> = sound.then(|| runs.into_iter().map(sort).collect());
    counts.truncate(model.tables.iter().filter(|table| table.agreement_on.is_none()).count());
    for (table, count) in tables.iter().flatten().zip(&counts) {
        assert_eq!(table.len() as u64, *count, "a sound project's records are all lowered");
    }
    if let Some(tables) = &mut tables {
        derive(&validator, model, tables, options.jobs)?;
    }
    Ok(Compiled { diagnostics, waived, counts, tables })
}

/// Says of which record files nothing came, though nothing is wrong in them.
fn report_empty_files(
    workspace: &Workspace,
    project: &Project,
    holding: &BTreeSet<SourceId>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut faulty: BTreeSet<SourceId> = BTreeSet::new();
    faulty.extend(diagnostics.iter().map(|finding| finding.primary.place.source));
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

/// Fills the tables that are worked out from others. What they hold is spelt, parsed, validated and
/// lowered like any record, so that there is one way into a release.
fn derive(
    validator: &Validator<'_>,
    model: &Model,
    tables: &mut [TableRows],
    jobs: NonZeroUsize,
) -> Result<(), Fault> {
    for (index, table) in model.tables.iter().enumerate() {
        let Some(on) = table.agreement_on else { continue };
        let codings = &model.tables[on];
        let batches = tables[on].batches(&codings.level)?;
        let measures = agreement::measure(codings, &batches, jobs);
        let line = |measure| serde_json::to_string(measure).expect("a measure is JSON") + "\n";
        let text: String = measures.iter().map(line).collect();
        let source = model.documents[table.document].source;
        let mut diagnostics = Vec::new();
        let mut tape = Tape::with_names(Arc::clone(&model.names));
        tape.reset(source, 0, text);
        parse::json::parse_lines(&mut tape, source, &mut diagnostics);
        let mut builder = RowsBuilder::new(table);
        let mut unused = Index::new(&model.tables, 0);
        for record in tape.roots() {
            let valid = validator.record(index, record, &[], &mut unused, &mut diagnostics);
            assert!(valid, "what we worked out fits our own schema: {diagnostics:?}");
            builder.append(record);
        }
        assert_eq!(builder.len(), measures.len(), "every measure was parsed: {diagnostics:?}");
        let space = Space::in_memory();
        let run = Run::keep(&space, builder.finish(), &table.level, table.key)?;
        tables[index] = TableRows::sorted(space, vec![run]);
    }
    Ok(())
}

/// What records left behind with all workers.
struct Left {
    /// By table.
    books: Vec<TableBook>,
    written: WrittenDates,
    waived: Vec<WaivedRecord>,
}

impl Left {
    /// Brings together what is in the indices of workers, which are in the order of their numbers.
    fn of(indices: Vec<Index>, options: &Options) -> Result<Self, Fault> {
        let (mut written, mut waived) = (WrittenDates::default(), Vec::new());
        let mut tables: Vec<Vec<_>> = Vec::new();
        for index in indices {
            written.append(index.written);
            waived.extend(index.waived);
            tables.resize_with(index.tables.len(), Vec::new);
            for (all, some) in tables.iter_mut().zip(index.tables) {
                all.push(some);
            }
        }
        let bind = |workers| TableBook::bind(workers, &options.space, options.jobs);
        let books = tables.into_iter().map(bind).collect::<Result<_, _>>()?;
        Ok(Self { books, written, waived })
    }
}

/// Drops what follows from another finding about the same bytes: what parsing complained of,
/// validation needs not; and how other software reads a value doesn't matter while it is wrong.
/// Findings of parsing are those from `before` to `parsed`.
fn silence(diagnostics: &mut Vec<Diagnostic>, before: usize, parsed: usize) {
    if before == parsed || parsed == diagnostics.len() {
        return;
    }
    let key = |finding: &Diagnostic| {
        let span = &finding.primary.place.span;
        (finding.primary.place.source, span.start, span.end)
    };
    let errors = |findings: &[Diagnostic]| -> HashSet<_> {
        findings.iter().filter(|finding| finding.is_error()).map(key).collect()
    };
    let unparsed = errors(&diagnostics[before..parsed]);
    let invalid = errors(&diagnostics[parsed..]);
    let mut index = 0;
    diagnostics.retain(|finding| {
        index += 1;
        match index - 1 {
            early if early < before => true,
            early if early < parsed => finding.is_error() || !invalid.contains(&key(finding)),
            _ => !unparsed.contains(&key(finding)),
        }
    });
}

/// What all workers see.
struct Shared<'a> {
    workspace: &'a Workspace,
    project: &'a Project,
    validator: &'a Validator<'a>,
    children: &'a Children<'a>,
    feeder: Mutex<Feeder<'a>>,
    space: &'a Space,
    /// Whether rows are wanted.
    lower: bool,
    /// No error so far, and rows are wanted: else lowering is work for nothing.
    sound: AtomicBool,
    progress: &'a Progress,
}

/// What a worker leaves behind.
struct Outcome {
    diagnostics: Vec<Diagnostic>,
    index: Index,
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
        let tables = &shared.project.model.tables;
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
                diagnostics: Vec::new(),
                index: Index::new(tables, number),
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
            self.outcome.index.settle(self.shared.space)?;
        }
        self.flush()?;
        Ok(self.outcome)
    }

    fn batch(&mut self, batch: Batch<'_>) -> Result<(), Fault> {
        let Shared { workspace, children, .. } = *self.shared;
        let diagnostics = &mut self.outcome.diagnostics;
        match batch {
            Batch::Files { table, sources } => {
                for source in sources {
                    self.file(table, source)?;
                }
            }
            Batch::Lines { table, stretch } => {
                let (source, base) = (stretch.source, stretch.base);
                let before = diagnostics.len();
                let text = stretch_text(stretch, workspace, diagnostics);
                self.tape.reset(source, base, text);
                parse::json::parse_lines(&mut self.tape, source, diagnostics);
                self.records(table, before, &[])?;
            }
            Batch::Rows { table, stretch, layout } => {
                let (source, base) = (stretch.source, stretch.base);
                let before = diagnostics.len();
                let text = stretch_text(stretch, workspace, diagnostics);
                self.tape.reset(source, base, text);
                parse::csv::parse(&mut self.tape, &layout, &children[table], diagnostics);
                self.records(table, before, layout.lacking())?;
            }
        }
        Ok(())
    }

    fn file(&mut self, table: usize, source: SourceId) -> Result<(), Fault> {
        let workspace = self.shared.workspace;
        let diagnostics = &mut self.outcome.diagnostics;
        let before = diagnostics.len();
        let buffer = self.tape.clear().into_bytes();
        match read_text_into(buffer, workspace, source, diagnostics)? {
            Some((text, base)) => {
                self.shared.progress.bytes.fetch_add(text.len() as u64, Ordering::Relaxed);
                self.tape.reset(source, base, text);
            }
            None => {
                self.shared.sound.store(false, Ordering::Relaxed);
                return Ok(());
            }
        }
        match workspace.source(source).format {
            Format::Yaml => parse::yaml::parse(&mut self.tape, source, diagnostics),
            Format::Json => parse::json::parse(&mut self.tape, source, diagnostics),
            Format::JsonLines | Format::Csv | Format::Toml => {
                unreachable!("the feeder hands out only YAML and JSON as whole files")
            }
        }
        self.records(table, before, &[])
    }

    /// Validates and lowers the records on the tape. `before` is how many findings there were
    /// before it was parsed; `lacking` are properties that were reported as missing from all.
    fn records(&mut self, table: usize, before: usize, lacking: &[&str]) -> Result<(), Fault> {
        let Self { shared, tape, builders, outcome, .. } = self;
        let unsound = |outcome: &Outcome, from: usize| {
            outcome.diagnostics[from..].iter().any(Diagnostic::is_error)
        };
        if unsound(outcome, before) || !lacking.is_empty() {
            shared.sound.store(false, Ordering::Relaxed);
        }
        let parsed = outcome.diagnostics.len();
        let mut count = 0;
        for record in tape.roots() {
            count += 1;
            let known = outcome.diagnostics.len();
            let valid = shared.validator.record(
                table,
                record,
                lacking,
                &mut outcome.index,
                &mut outcome.diagnostics,
            );
            if !valid {
                let model = &shared.project.model;
                if let Some(finding) = wrapped(&model.tables[table], record) {
                    outcome.diagnostics.truncate(known);
                    outcome.diagnostics.push(finding);
                }
                shared.sound.store(false, Ordering::Relaxed);
            } else if shared.sound.load(Ordering::Relaxed) {
                builders[table].append(record);
            }
        }
        let source = tape.origin().source;
        if count > 0 && outcome.holding.last() != Some(&source) {
            outcome.holding.push(source);
        }
        silence(&mut outcome.diagnostics, before, parsed);
        outcome.counts[table] += count;
        shared.progress.records.fetch_add(count, Ordering::Relaxed);
        self.builder_bytes += self.tape.source().len();
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
                let run = Run::keep(self.shared.space, rows, &table.level, table.key)?;
                self.outcome.runs[index].push(run);
            }
        }
        self.builder_bytes = 0;
        Ok(())
    }
}
