//! `demarche build`: check a project and compile a release.

use std::collections::BTreeSet;
use std::path::PathBuf;

use demarche::diagnostic::{one_of, quote};
use demarche::emit::{self, Artifact, FORMATS, Release, Selection};
use demarche::spill::MemoryBudget;
use demarche::{Diagnostic, Fault, Opened, Project};

use super::check::{compile, constraints, counts, merge, unusable, waived};
use super::report::{Summary, report};
use super::{Ended, Exit, Global, complain};
use crate::host::{self, Occupied};

/// Check a project and, if it has no errors, compile it into a release
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  demarche build                                write output/<name>-<version>/
  demarche build --format parquet,csv           leave out JSON-LD
  demarche build --table events --out /tmp/try  one table, elsewhere
  demarche build --replace                      once more, as long as nobody has the release

The release appears whole or not at all. One of the same version that is there stays as it is,
unless it has the same bytes, or --replace is given.")]
pub(super) struct Arguments {
    /// Formats to write, instead of all
    #[arg(long, value_delimiter = ',', value_name = "FORMAT", value_parser = format_names())]
    format: Vec<String>,
    /// Tables to release, with their child tables, instead of all
    #[arg(long, value_delimiter = ',', value_name = "TABLE")]
    table: Vec<String>,
    /// The directory that gets the release's directory [default: output in the project]
    #[arg(long, short, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace a release of the same version that has other bytes
    #[arg(long)]
    replace: bool,
}

/// How many bytes stay in memory if nobody says.
const MEMORY: u64 = 1 << 30;

fn format_names() -> clap::builder::PossibleValuesParser {
    FORMATS
        .iter()
        .map(|format| clap::builder::PossibleValue::new(format.name).help(format.summary))
        .into()
}

pub(super) fn run(global: &Global, arguments: &Arguments) -> Result<Ended, Fault> {
    let opened = demarche::open(global.storage(Vec::new())?)?;
    let Some(project) = &opened.project else { return Ok(unusable(global, &opened)) };
    if let Some(unknown) = arguments.table.iter().find(|name| project.model.table(name).is_none()) {
        let known = project.model.tables.iter().map(|table| table.name.as_str());
        complain(&format!(
            "error: there is no table {}; the project has {}",
            quote(unknown),
            one_of(known)
        ));
        return Ok(Exit::Unusable.into());
    }
    let out = arguments.out.clone().unwrap_or_else(|| global.project.join("output"));
    host::stay_inside(&global.project, &out)?;
    let budget = MemoryBudget::bounded(global.memory.unwrap_or(MEMORY), host::spill_file(&out));
    let compiled = compile(global, &opened, project, budget, true)?;
    let diagnostics = merge(&opened, &compiled);
    let (counts, constraints) = (counts(project, &compiled), constraints(project, &compiled));
    let summary = || Summary {
        omitted: compiled.omitted.clone(),
        counts: &counts,
        constraints: &constraints,
        ..Summary::default()
    };
    let Some(tables) = &compiled.tables else {
        let lines: Vec<_> = waived(&compiled)
            .into_iter()
            .chain(["nothing was built: mend the errors first".to_owned()])
            .collect();
        let summary = Summary { lines: &lines, ..summary() };
        let told = report(global, &opened.workspace, &diagnostics, &summary);
        return Ok(Ended::with(Exit::DataErrors, told));
    };
    debug_assert!(!diagnostics.iter().any(Diagnostic::is_error));
    let dataset = &project.manifest.dataset;
    let supplements = supplements(&opened, project)?;
    let release = Release {
        dataset,
        prefixes: &project.manifest.prefixes,
        model: &project.model,
        tables,
        supplements: &supplements,
    };
    let selection = Selection {
        formats: arguments.format.iter().cloned().collect(),
        tables: arguments.table.iter().cloned().collect::<BTreeSet<_>>(),
    };
    let target = out.join(format!("{}-{}", dataset.name, dataset.version));
    let written = host::write_release(&target, arguments.replace, |sink| {
        let (tallies, workers) = (&compiled.tallies, global.jobs());
        let written =
            demarche::release::write_release(&release, tallies, &selection, workers, sink)?;
        // Nothing appears that is half of one state of the files and half of another.
        opened.workspace.verify()?;
        Ok(written)
    })?;
    let target = target.display().to_string();
    let mut lines: Vec<_> = waived(&compiled).into_iter().collect();
    let written = match written {
        Ok(written) => written,
        Err(Occupied(difference)) => {
            lines.push("nothing was written: a release of this version is there".to_owned());
            let summary = Summary { lines: &lines, ..summary() };
            let told = report(global, &opened.workspace, &diagnostics, &summary);
            complain(&format!("error: {target} is a release with other bytes: {difference}"));
            complain(
                "help: raise `version` in dataset.toml; or say `--replace`, if nobody has this \
                 release yet",
            );
            return Ok(Ended::with(Exit::Unusable, told));
        }
    };
    for restored in &written.restored {
        let restored = restored.display();
        complain(&format!("note: put {restored} back, which a build that was killed had moved"));
    }
    let bytes: u64 = written.made.iter().map(|file| file.bytes).sum();
    let (files, size) = (written.made.len(), indicatif::HumanBytes(bytes));
    lines.push(if written.unchanged {
        format!("unchanged: {target} has these {files} files, {size}, byte for byte")
    } else {
        format!("wrote {files} files, {size} to {target}")
    });
    let release = Some(&*target);
    let summary = Summary { lines: &lines, release, ..summary() };
    let told = report(global, &opened.workspace, &diagnostics, &summary);
    Ok(Ended::with(Exit::Good, told))
}

/// The schemas and code lists that the records were checked against, as they are.
fn supplements(opened: &Opened, project: &Project) -> Result<Vec<Artifact>, Fault> {
    let workspace = &opened.workspace;
    let schemas = project.model.documents.iter().map(|document| {
        let path = &workspace.source(document.source).path;
        (document.source, demarche::path::released(path, &project.manifest.roots))
    });
    let lists = project.model.code_lists.iter().map(|list| {
        let bytes = match list.source.filter(|_| list.is_as_written) {
            Some(source) => workspace.read_stored(source)?,
            None => list.to_csv(),
        };
        Ok(Artifact { path: emit::code_list_path(&list.name), bytes })
    });
    schemas
        .map(|(source, path)| Ok(Artifact { path, bytes: workspace.read_stored(source)? }))
        .chain(lists)
        .collect()
}
