//! `demarche check`: is everything right?

mod fix;

use std::collections::BTreeSet;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use demarche::check::Tally;
use demarche::diagnostic::{Certainty, Counted, KEPT_MAX, Topic, one_of, quote};
use demarche::fix::AppliedFixes;
use demarche::model::Assertion;
use demarche::path::{self, Pattern, wildcard};
use demarche::policy::Names;
use demarche::policy::baseline::{self, Baseline};
use demarche::report::Constraint;
use demarche::scope::{Asked, Growth, Scope, bears_on_all, turn};
use demarche::spill::MemoryBudget;
use demarche::workspace::Storage;
use demarche::{Compiled, Diagnostic, Fault, Opened, Options, Project, Severity};

use super::report::{Summary, print, report};
use super::{Ended, Exit, Global, complain, is_closed};
use crate::host::{self, Named};

/// Check a project's manifest, schemas and records
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  demarche check                              check the project in this directory
  demarche check data/events/2023-*.yaml      report on these files only
  demarche check --changed-since main         report on what a branch changed
  demarche check --update-baseline            record today's findings; later runs tell new ones
  demarche check --fix --dry-run              show what could be fixes
  demarche check --fix                        quote, trim and normalise values
  demarche check --fix=suggested data/events  also write what was probably meant
  demarche check --watch                      check again whenever a file is saved

Whatever is reported on, all of the dataset is read, so that references lead where they lead.
docs/old-data.md explains waivers, the baseline and fixes.")]
pub(super) struct Arguments {
    /// Files and directories to report on, instead of the whole project
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Report on files that differ from a revision of Git or aren't in it
    #[arg(long, value_name = "REV", conflicts_with = "paths")]
    changed_since: Option<String>,
    /// The findings that are known and not reported [default: baseline.json in the project]
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Record all findings of today in the baseline
    #[arg(long, conflicts_with_all = ["paths", "changed_since"])]
    update_baseline: bool,
    /// Mend what can be fixes without a change of meaning, or also by what was probably meant
    #[arg(
        long,
        value_enum,
        value_name = "HOW",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "certain",
        conflicts_with = "update_baseline"
    )]
    fix: Option<Fixes>,
    /// With --fix: print what would change as a patch, and change nothing
    #[arg(long, requires = "fix")]
    dry_run: bool,
    /// Check again whenever a file of the project is saved, until Ctrl-C
    #[arg(long, conflicts_with_all = ["fix", "update_baseline"])]
    watch: bool,
}

/// Which fixes are applied.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Fixes {
    /// Those that keep what a record means
    Certain,
    /// Also guesses at what was meant
    Suggested,
}

impl From<Fixes> for Certainty {
    fn from(fixes: Fixes) -> Self {
        match fixes {
            Fixes::Certain => Self::Certain,
            Fixes::Suggested => Self::Suggested,
        }
    }
}

/// Why a run can't be, in words for the user.
type Refusal = String;

pub(super) fn run(global: &Global, arguments: &Arguments) -> Result<Ended, Fault> {
    if arguments.watch { watch(global, arguments) } else { once(global, arguments) }
}

/// Checks again and again. Ends only by a fault, or by whoever ends the process or stops reading.
fn watch(global: &Global, arguments: &Arguments) -> Result<Ended, Fault> {
    let mut watch = host::Watch::new(&global.project);
    let mut runs = 0_u64;
    loop {
        runs += 1;
        separate(global, runs)?;
        match once(global, arguments) {
            Ok(ended) => match ended.told {
                Err(fault) if is_closed(&fault) => return Ok(ended.exit.into()),
                told => told?,
            },
            // Files come and go while somebody works on them; at first they must be there.
            Err(fault) if runs > 1 => complain(&format!("error: {fault}")),
            Err(fault) => return Err(fault),
        }
        if !global.quiet {
            complain(&format!("watching {} for changes; Ctrl-C ends", global.project.display()));
        }
        watch.wait();
    }
}

/// Shows where the report of a run begins. Programs tell by the summary, which ends each.
fn separate(global: &Global, run: u64) -> Result<(), Fault> {
    if std::io::stdout().is_terminal() {
        // Clear the screen and what was scrolled away, and go to its top.
        return print(b"\x1b[2J\x1b[3J\x1b[H");
    }
    let is_for_people = ["human", "short"].contains(&global.message_format.name);
    if run > 1 && is_for_people && !global.quiet {
        return print(format!("--- run {run} ---\n").as_bytes());
    }
    Ok(())
}

fn once(global: &Global, arguments: &Arguments) -> Result<Ended, Fault> {
    let wanted = match Wanted::of(global, arguments)? {
        Ok(wanted) => wanted,
        Err(refusal) => {
            complain(&format!("error: {refusal}"));
            return Ok(Exit::Unusable.into());
        }
    };
    let state = State::read(global, wanted.storage(global)?)?;
    let Some(certainty) = arguments.fix else {
        return finish(global, arguments, &wanted, state, None);
    };
    let (state, fixes) = fix::apply(global, &wanted, state, certainty.into())?;
    if !arguments.dry_run {
        fix::write(global, &fixes)?;
    }
    finish(global, arguments, &wanted, state, Some(&fixes))
}

/// What the arguments say about the machine's files.
struct Wanted {
    /// Paths of the project to report on; none for all.
    paths: Option<Vec<Asked>>,
    /// The revision since which they changed, if that tells the paths.
    changed_since: Option<String>,
    /// The baseline's path from the project's directory.
    baseline: String,
    /// The same, if it lies elsewhere.
    elsewhere: Option<PathBuf>,
}

impl Wanted {
    fn of(global: &Global, arguments: &Arguments) -> Result<Result<Self, Refusal>, Fault> {
        let mut paths = Vec::new();
        for path in &arguments.paths {
            match asked(global, path)? {
                Ok(path) => paths.push(path),
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
        let mut paths = (!paths.is_empty()).then_some(paths);
        if let Some(revision) = &arguments.changed_since {
            let changed = host::changed_since(&global.project, revision)?;
            let Some(changed) = changed else {
                return Ok(Err(format!("Git knows no revision `{revision}`")));
            };
            paths = Some(changed.into_iter().map(Asked::Path).collect());
        }
        let mut elsewhere = None;
        let baseline = match &arguments.baseline {
            None => demarche::manifest::BASELINE_FILE_NAME.to_owned(),
            Some(path) => match host::place(&global.project, path)? {
                Named::Inside(path) => path,
                Named::Outside | Named::Missing => {
                    let fault = |cause| Fault::new("find", path.display().to_string(), cause);
                    let path = host::absolute(path).map_err(fault)?;
                    elsewhere.insert(path).display().to_string()
                }
            },
        };
        let changed_since = arguments.changed_since.clone();
        Ok(Ok(Self { paths, changed_since, baseline, elsewhere }))
    }

    /// The project's files, and the baseline wherever it is.
    fn storage(&self, global: &Global) -> Result<Box<dyn Storage>, Fault> {
        let files = self.elsewhere.iter().map(|path| host::real(path)).collect();
        global.storage(files)
    }

    /// What is reported on; none for everything.
    fn scope(&self, opened: &Opened, project: &Project) -> Option<Scope> {
        let workspace = &opened.workspace;
        let paths = self.paths.as_ref()?;
        let on_all = |asked: &Asked| match asked {
            Asked::Path(path) => bears_on_all(workspace, project, path),
            Asked::Pattern(_) => false,
        };
        if self.changed_since.is_some() && paths.iter().any(on_all) {
            return None;
        }
        let scope = Scope::new(workspace, project, paths);
        Some(if self.changed_since.is_some() { scope.without_groups() } else { scope })
    }
}

/// What a PATH of the command line asks for. Or why it can't.
fn asked(global: &Global, path: &Path) -> Result<Result<Asked, Refusal>, Fault> {
    let shown = path.display();
    match host::locate(&global.project, path)? {
        Named::Inside(path) => Ok(Ok(Asked::Path(path))),
        Named::Outside => Ok(Err(format!("`{shown}` is not in the project"))),
        Named::Missing => {
            let text = path.to_string_lossy();
            let pattern = wildcard(&text).map(|at| {
                let (directory, _) = text[..at].rsplit_once('/').unwrap_or_default();
                (directory, text[directory.len()..].trim_start_matches('/'))
            });
            let Some((directory, rest)) = pattern else {
                let slashes = text.contains('\\');
                let hint = if slashes { "; write `/` between directories" } else { "" };
                return Ok(Err(format!("there is no `{shown}`{hint}")));
            };
            // The shell left it as it is: nobody but us can tell what it means.
            let start = if text.starts_with('/') && directory.is_empty() { "/" } else { directory };
            let start = if start.is_empty() { "." } else { start };
            let text = match host::locate(&global.project, Path::new(start))? {
                Named::Inside(inside) if inside.is_empty() => rest.to_owned(),
                Named::Inside(inside) => format!("{inside}/{rest}"),
                Named::Outside => return Ok(Err(format!("`{shown}` is not in the project"))),
                Named::Missing => return Ok(Err(format!("there is no `{start}`"))),
            };
            let refused = |refusal: path::Refusal| format!("`{shown}` {}", refusal.reason());
            Ok(Pattern::parse(&text).map(Asked::Pattern).map_err(refused))
        }
    }
}

/// A project with all that was found in it.
struct State {
    opened: Opened,
    /// None if the manifest or a schema is wrong.
    compiled: Option<Compiled>,
    diagnostics: Vec<Diagnostic>,
    /// What was found beyond that, and only counted.
    omitted: Counted,
}

/// How many bytes stay in memory if nobody says.
const MEMORY: u64 = 128 << 20;

impl State {
    fn read(global: &Global, storage: Box<dyn Storage>) -> Result<Self, Fault> {
        let opened = demarche::open(storage)?;
        let Some(project) = &opened.project else {
            let (diagnostics, omitted) = (Vec::new(), Counted::default());
            return Ok(Self { opened, compiled: None, diagnostics, omitted });
        };
        let memory = global.memory.unwrap_or(MEMORY);
        let budget = MemoryBudget::bounded(memory, host::spill_file(&host::temporary()));
        let compiled = compile(global, &opened, project, budget, false)?;
        let diagnostics = merge(&opened, &compiled);
        let omitted = compiled.omitted.clone();
        Ok(Self { opened, compiled: Some(compiled), diagnostics, omitted })
    }
}

/// What is left to report.
struct Sifted {
    /// What isn't known and is asked for.
    diagnostics: Vec<Diagnostic>,
    /// What is asked for and was only counted.
    omitted: Counted,
    /// What isn't asked for.
    elsewhere: Counted,
    /// What is asked for and is no part of the project.
    idle: Vec<String>,
    /// What there is to say about the rest.
    lines: Vec<String>,
}

/// Leaves out what isn't asked for, and reports the rest.
fn finish(
    global: &Global,
    arguments: &Arguments,
    wanted: &Wanted,
    mut state: State,
    fixes: Option<&AppliedFixes>,
) -> Result<Ended, Fault> {
    if state.compiled.is_none() {
        return Ok(unusable(global, &state.opened));
    }
    if arguments.update_baseline && !state.omitted.is_empty() {
        let ((topic, _), _) = state.omitted.topics().into_iter().next().expect("there are some");
        complain(&format!(
            "error: the baseline stays as it is: there are more findings of {} ({}) than the \
             {KEPT_MAX} of a rule that are kept; mend some, or switch the rule off in `[rules]`",
            topic.code.id,
            topic.name()
        ));
        return Ok(Exit::DataErrors.into());
    }
    if arguments.update_baseline {
        let text = baseline::render(&state.opened.workspace, &state.diagnostics);
        let path = global.project.join(&wanted.baseline);
        host::stay_inside(&global.project, &path)?;
        host::clean(path.parent().unwrap_or(&global.project))?;
        let fault = |cause| Fault::new("write", path.display().to_string(), cause);
        host::write_file(&path, |file| file.write_all(text.as_bytes()).map_err(fault))?;
    }
    let sifted = match sift(global, arguments, wanted, &mut state)? {
        Ok(sifted) => sifted,
        Err(findings) => {
            let told = report(global, &state.opened.workspace, &findings, &Summary::default());
            return Ok(Ended::with(Exit::Unusable, told));
        }
    };
    let Sifted { diagnostics, omitted, elsewhere, idle, mut lines } = sifted;
    let failed = omitted.count(Severity::Error) > 0 || diagnostics.iter().any(Diagnostic::is_error);
    let told = match fixes {
        Some(fixes) if arguments.dry_run && !global.is_for_programs() => fix::show(global, fixes),
        _ => {
            let edits = fixes.map(AppliedFixes::edits);
            if let (Some(fixes), Some(edits)) = (fixes, &edits) {
                let verb = if arguments.dry_run { "would mend" } else { "mended" };
                let told = fix::lines(fixes, edits, verb);
                if global.tells_edits() {
                    lines.extend(told);
                } else if !global.quiet {
                    told.iter().for_each(|line| complain(line));
                }
            }
            let project = state.opened.project.as_ref().expect("its records were compiled");
            let compiled = state.compiled.as_ref().expect("its records were compiled");
            let counts = counts(project, compiled);
            let constraints = constraints(project, compiled);
            let summary = Summary {
                omitted,
                elsewhere,
                counts: &counts,
                constraints: &constraints,
                lines: &lines,
                edits: edits.as_deref(),
                release: None,
            };
            report(global, &state.opened.workspace, &diagnostics, &summary)
        }
    };
    if let Some(first) = idle.first() {
        let project = state.opened.project.as_ref().expect("its records were compiled");
        let patterns = project.manifest.tables.iter().flat_map(|table| &table.records);
        for path in &idle {
            complain(&format!(
                "error: {} is, or holds, no file of the project: no pattern matches it",
                quote(path)
            ));
        }
        let near = patterns.clone().filter(|it| first.starts_with(it.directory()));
        let shown: Vec<_> = near.chain(patterns.clone()).map(Pattern::as_str).collect();
        let mut known = BTreeSet::new();
        let shown = shown.into_iter().filter(|pattern| known.insert(*pattern));
        complain(&format!("help: record files match {}", one_of(shown)));
        return Ok(Ended::with(Exit::Unusable, told));
    }
    Ok(Ended::with(if failed { Exit::DataErrors } else { Exit::Good }, told))
}

/// Takes out what the baseline knows and what isn't asked for. Or says what is wrong with the
/// baseline.
fn sift(
    global: &Global,
    arguments: &Arguments,
    wanted: &Wanted,
    state: &mut State,
) -> Result<Result<Sifted, Vec<Diagnostic>>, Fault> {
    let State { opened, compiled, diagnostics, omitted } = state;
    let (mut diagnostics, mut omitted) = (std::mem::take(diagnostics), std::mem::take(omitted));
    let mut lines: Vec<_> = compiled.iter().filter_map(waived).collect();
    let baseline = match load_baseline(arguments, wanted, opened)? {
        Ok(baseline) => baseline,
        Err(findings) => return Ok(Err(findings)),
    };
    let project = opened.project.as_ref().expect("its records were compiled");
    let scope = wanted.scope(opened, project);
    let caused = caused(global, wanted, (opened, project), scope.as_ref(), &diagnostics)?;
    let mut stale = Vec::new();
    if let Some(baseline) = baseline {
        let names = Names::of(Some(&project.model));
        let sifted = baseline.sift(&opened.workspace, &names, &mut diagnostics, &omitted);
        let asked = |(file, _): &(String, Diagnostic)| {
            let found = opened.workspace.find(file);
            scope.as_ref().is_none_or(|scope| found.is_some_and(|file| scope.contains(file)))
        };
        stale.extend(sifted.stale.into_iter().filter(asked).map(|(_, finding)| finding));
        project.policy.settings.apply(&opened.workspace, &mut stale);
        if sifted.known > 0 {
            let are = if sifted.known == 1 { "finding is" } else { "findings are" };
            lines.push(format!("{} {are} in {}", sifted.known, wanted.baseline));
        }
    }
    let mut elsewhere = Counted::default();
    if let Some(scope) = &scope {
        let is_asked = |finding: &Diagnostic| {
            scope.concerns(finding) || caused.holds(&opened.workspace, finding)
        };
        let (asked, others): (Vec<_>, Vec<_>) = diagnostics.into_iter().partition(is_asked);
        diagnostics = asked;
        diagnostics.iter_mut().for_each(|finding| turn(scope, finding));
        (omitted, elsewhere) = omitted.divide(|source| scope.contains(source));
        others.iter().for_each(|finding| elsewhere.push(finding));
    }
    diagnostics.extend(stale);
    demarche::diagnostic::sort(&mut diagnostics);
    let is_named = wanted.changed_since.is_none();
    let idle = scope.filter(|_| is_named).map(|scope| scope.idle).unwrap_or_default();
    Ok(Ok(Sifted { diagnostics, omitted, elsewhere, idle, lines }))
}

/// What of the findings that lie outside the scope follows from what changed: those about many
/// records that weren't there at the revision. Only where there are some is that checked, too.
fn caused(
    global: &Global,
    wanted: &Wanted,
    (opened, project): (&Opened, &Project),
    scope: Option<&Scope>,
    diagnostics: &[Diagnostic],
) -> Result<Growth, Fault> {
    let (Some(revision), Some(scope)) = (&wanted.changed_since, scope) else {
        return Ok(Growth::default());
    };
    let names = Names::of(Some(&project.model));
    let is_far =
        |finding: &Diagnostic| names.is_about_all_records(finding) && !scope.concerns(finding);
    if !diagnostics.iter().any(is_far) {
        return Ok(Growth::default());
    }
    let checkout = host::checkout(&global.project, revision)?;
    let before = State::read(global, global.storage_of(&checkout.project, Vec::new())?);
    let now = (&opened.workspace, diagnostics);
    Ok(match &before {
        Ok(before) if before.compiled.is_some() => {
            Growth::of((&before.opened.workspace, &before.diagnostics), now)
        }
        // Nobody knows what was found before: all of it may be new.
        Ok(_) | Err(_) => Growth::of((&opened.workspace, &[]), now),
    })
}

/// The baseline; none if there is none and nobody asked for one. Or what is wrong with it.
fn load_baseline(
    arguments: &Arguments,
    wanted: &Wanted,
    opened: &mut Opened,
) -> Result<Result<Option<Baseline>, Vec<Diagnostic>>, Fault> {
    let mut findings = Vec::new();
    match baseline::load(&mut opened.workspace, &wanted.baseline, &mut findings) {
        Ok(Some(baseline)) => Ok(Ok(Some(baseline))),
        Ok(None) => Ok(Err(findings)),
        Err(fault)
            if fault.cause.kind() == std::io::ErrorKind::NotFound
                && arguments.baseline.is_none() =>
        {
            Ok(Ok(None))
        }
        Err(fault) => Err(fault),
    }
}

/// How many findings are waived, if any.
pub(super) fn waived(compiled: &Compiled) -> Option<String> {
    (compiled.waived > 0).then(|| format!("{} waived", compiled.waived))
}

/// Reports a project that can't be read.
pub(super) fn unusable(global: &Global, opened: &Opened) -> Ended {
    let told = report(global, &opened.workspace, &opened.diagnostics, &Summary::default());
    Ended::with(Exit::Unusable, told)
}

/// Compiles with a progress bar, if somebody is watching.
pub(super) fn compile(
    global: &Global,
    opened: &Opened,
    project: &Project,
    budget: Arc<MemoryBudget>,
    lower: bool,
) -> Result<Compiled, Fault> {
    let options = Options { jobs: global.jobs(), lower, budget };
    host::with_progress(global.quiet, |progress| {
        demarche::compile(&opened.workspace, project, &options, progress)
    })
}

/// All findings in the order of places.
pub(super) fn merge(opened: &Opened, compiled: &Compiled) -> Vec<Diagnostic> {
    let mut diagnostics = [&opened.diagnostics[..], &compiled.diagnostics[..]].concat();
    demarche::diagnostic::sort(&mut diagnostics);
    diagnostics
}

/// The tables with their numbers of records.
pub(super) fn counts<'p>(project: &'p Project, compiled: &Compiled) -> Vec<(&'p str, u64)> {
    let names = project.model.tables.iter().map(|table| table.name.as_str());
    names.zip(compiled.counts.iter().copied()).collect()
}

/// What must hold, with how often it did.
pub(super) fn constraints<'p>(project: &'p Project, compiled: &Compiled) -> Vec<Constraint<'p>> {
    let constraint = |((code, assertion), tally): ((_, &'p Assertion), &Tally)| {
        let &Tally { held, violated, undecided, not_applied, .. } = tally;
        Constraint {
            topic: Topic { code, part: Some(Arc::clone(&assertion.id)) },
            severity: assertion.severity,
            message: assertion.message.as_deref(),
            assert: &assertion.assert,
            held,
            violated,
            undecided,
            not_applied,
        }
    };
    project.model.assertions().zip(&compiled.tallies).map(constraint).collect()
}
