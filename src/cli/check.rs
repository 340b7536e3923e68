//! `demarche check`: is everything right?

use demarche::{Compiled, Diagnostic, Fault, Opened, Options, Project};

use super::report::{Summary, report};
use super::{Exit, Global};
use crate::host;

/// Check a project's manifest, schemas and records
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  demarche check\n  demarche check --project my-dataset --message-format json"
)]
pub(super) struct Arguments {}

pub(super) fn run(global: &Global, _: &Arguments) -> Result<Exit, Fault> {
    let opened = demarche::open(host::storage(&global.project)?)?;
    let Some(project) = &opened.project else { return unusable(global, &opened) };
    let compiled = compile(global, &opened, project, false)?;
    let diagnostics = merge(&opened, &compiled);
    let counts = counts(project, &compiled);
    let lines: Vec<_> = waived(&compiled).into_iter().collect();
    let summary = Summary { counts: &counts, lines: &lines, release: None };
    report(global, &opened.workspace, &diagnostics, &summary)?;
    Ok(if diagnostics.iter().any(Diagnostic::is_error) { Exit::DataErrors } else { Exit::Good })
}

/// How many findings are waived, if any.
pub(super) fn waived(compiled: &Compiled) -> Option<String> {
    (compiled.waived > 0).then(|| format!("{} waived", compiled.waived))
}

/// Reports a project that can't be read.
pub(super) fn unusable(global: &Global, opened: &Opened) -> Result<Exit, Fault> {
    let summary = Summary { counts: &[], lines: &[], release: None };
    report(global, &opened.workspace, &opened.diagnostics, &summary)?;
    Ok(Exit::Unusable)
}

/// Compiles with a progress bar, if somebody is watching.
pub(super) fn compile(
    global: &Global,
    opened: &Opened,
    project: &Project,
    lower: bool,
) -> Result<Compiled, Fault> {
    let options = Options { jobs: global.jobs(), lower };
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
