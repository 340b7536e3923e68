//! The previous release of the dataset: which keys were given out, and to what.
//!
//! Its flat CSV files are read as records, by the schema as it is now. What has changed in the schema
//! since is no fault, so nothing that parsing finds is reported: a column that is gone says nothing.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, code};
use crate::dialect::Syntax;
use crate::fault::Fault;
use crate::input::complete::complete;
use crate::input::tabular;
use crate::manifest::{Manifest, Release};
use crate::model::Model;
use crate::parse::csv;
use crate::parse::decode::read_text;
use crate::plan::Plan;
use crate::rules::{Context, Facts, Previous, PreviousRecord, RecordAt};
use crate::tape::Tape;
use crate::workspace::{Listed, Nature, Source, SourceId, Workspace};

/// No header is longer.
const HEADER_BYTES_MAX: usize = 1 << 16;

/// The files of the main table in the previous release.
#[derive(Debug)]
pub struct Files {
    table: SourceId,
    /// Those of its lists, each with its number among the flat tables.
    lists: Vec<(usize, SourceId)>,
}

/// Finds the files of the release that the manifest names, if it names one.
///
/// # Errors
/// When a directory can't be listed.
pub fn find(
    workspace: &mut Workspace,
    manifest: &Manifest,
    model: &Model,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Option<Files>, Fault> {
    let Some(previous) = &manifest.previous else { return Ok(None) };
    let directory = format!("{}/csv", previous.path);
    let there = workspace.list(&directory)?;
    if let Some(Listed { path, nature: Nature::Unusable(unusable) }) =
        there.iter().find(|it| it.path == directory)
    {
        let message = format!("`{path}` {}", unusable.reason());
        diagnostics.push(
            Diagnostic::new(&code::UNUSABLE_PATH, previous.place.clone(), message)
                .help("copy the release into the project"),
        );
        return Ok(None);
    }
    let there = |path: &str| {
        there.iter().any(|it| it.path == path && matches!(it.nature, Nature::File { .. }))
    };
    let mut add = |name: &str| {
        let path = format!("{directory}/{name}.csv");
        let source = Source::from_path(&path).filter(|_| there(&path));
        source.map(|source| workspace.add(source))
    };
    let flat = model.tables[model.main].flat_tables();
    let Some(table) = add(&flat[0].level.name) else {
        let message = format!(
            "`previous` is `{}`, where there is no release with `csv/{}.csv`",
            previous.path, flat[0].level.name
        );
        let help = "name the directory of a release, relative to the manifest, as in \
                    `output/<name>-<version>`; or leave it out before the first release";
        diagnostics.push(
            Diagnostic::new(&code::UNREADABLE_FILE, previous.place.clone(), message).help(help),
        );
        return Ok(None);
    };
    let lists = flat.iter().enumerate().skip(1);
    let lists: Vec<_> =
        lists.filter_map(|(number, flat)| Some((number, add(&flat.level.name)?))).collect();
    let beginning = workspace.excerpts(table, &[(0, HEADER_BYTES_MAX)])?.pop().unwrap_or_default();
    if layout(workspace, model, table, &beginning).is_none() {
        diagnostics.push(unusable(workspace, model, table, previous));
        return Ok(None);
    }
    Ok(Some(Files { table, lists }))
}

/// What the columns of the table are, and where its rows begin. None if it has no key.
fn layout<'m>(
    workspace: &Workspace,
    model: &'m Model,
    source: SourceId,
    text: &str,
) -> Option<(tabular::Layout<'m>, usize)> {
    let table = &model.tables[model.main];
    let header = csv::header_len(text.as_bytes(), Syntax::PLAIN).unwrap_or(text.len());
    let text = text[..header].trim_start_matches('\u{feff}');
    let file = workspace.source(source);
    Some((tabular::Layout::new(table, 0, text, (source, 0), file, &mut Vec::new())?, header))
}

fn unusable(
    workspace: &Workspace,
    model: &Model,
    source: SourceId,
    previous: &Release,
) -> Diagnostic {
    let table = &model.tables[model.main];
    let message = format!(
        "the previous release can't be compared: `{}` is no table with the key {}",
        workspace.source(source).path,
        table.key_name()
    );
    Diagnostic::new(&code::UNREADABLE_FILE, previous.place.clone(), message)
        .help("restore the release as it was published, or name another one")
}

/// Reads the records of the previous release.
///
/// # Errors
/// When a file can't be read.
///
/// # Panics
/// If the manifest names no previous release, though it has files.
pub fn read(
    workspace: &Workspace,
    files: &Files,
    manifest: &Manifest,
    context: &Context<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Option<Previous>, Fault> {
    let previous = manifest.previous.clone().expect("its files were found");
    let model = context.model;
    let table = &model.tables[model.main];
    let mut ignored = Vec::new();
    let mut lists = Vec::new();
    for &(number, source) in &files.lists {
        if let Some((text, base)) = read_text(workspace, source, &mut ignored)? {
            let file = workspace.source(source).clone();
            lists.push(tabular::ChildFile { table: number, source, base, text, file });
        }
    }
    let rows = tabular::ChildRows::new(table, lists, &mut ignored);
    let text = read_text(workspace, files.table, &mut ignored)?;
    let layout = text.as_ref().and_then(|(text, _)| layout(workspace, model, files.table, text));
    let (Some((mut text, base)), Some((layout, header))) = (text, layout) else {
        diagnostics.push(unusable(workspace, model, files.table, &previous));
        return Ok(None);
    };
    let mut tape = Tape::with_names(Arc::clone(&model.names));
    tape.reset(files.table, base + header as u64, text.split_off(header));
    tabular::parse(&mut tape, &layout, &rows, &mut ignored);
    let stem = workspace.source(files.table).stem();
    complete(&mut tape, table, stem, &mut ignored);
    let (roles, plan) = (&context.roles[model.main], Plan::new(table));
    let record = |record| {
        let gathered = &roles.gather(record, &plan);
        let at = RecordAt { record, table, roles, gathered, context };
        let facts = Facts::of(&at).map(Facts::into_owned);
        let key = table.key_of(record)?;
        Some(PreviousRecord { key: key.text().into_owned(), spot: key.spot(), facts })
    };
    let records = tape.roots().filter_map(record).collect();
    Ok(Some(Previous { release: previous, records }))
}
