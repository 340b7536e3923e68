//! Which code lists a project has: those that the manifest declares, and the files of the directory
//! where code lists are.

use std::collections::BTreeSet;

use super::{CodeList, DIRECTORY, DIRECTORY_IN_ROOT, file, made};
use crate::diagnostic::{Diagnostic, Place, code, quote};
use crate::fault::Fault;
use crate::manifest::{CodeListDeclaration, ListOrigin, Manifest};
use crate::model::files::files_in;
use crate::workspace::{Compression, Format, Nature, Source, Workspace};

/// Reads all code lists of a project and its roots, in the order of their names. Those with errors are
/// left out, and diagnostics say why.
///
/// # Errors
/// When a file can't be read.
pub fn load(
    workspace: &mut Workspace,
    manifest: &Manifest,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Vec<CodeList>, Fault> {
    let mut lists: Vec<CodeList> = Vec::new();
    // Lists with errors, too: what names them has no fault of its own.
    let mut known: Vec<(String, Place)> = Vec::new();
    let mut claimed = BTreeSet::new();
    for declared in &manifest.code_lists {
        known.push((declared.name.clone(), declared.place.clone()));
        let ListOrigin::File { path, place } = &declared.origin else { continue };
        let found = match path {
            Some(path) => usable(workspace, path.as_str(), place)?.map(|()| path.to_string()),
            None => usual_file(workspace, manifest, declared)?,
        };
        match found {
            Ok(path) => {
                claimed.insert(path.clone());
                lists.extend(file::read(workspace, &path, declared, diagnostics)?);
            }
            Err(finding) => diagnostics.push(*finding),
        }
    }
    for directory in directories(manifest) {
        let is_file = |path: &str| !claimed.contains(path) && looks_like_a_list(path);
        for path in files_in(workspace, &directory, is_file, diagnostics)? {
            // An ending that declares tabs is none of a list.
            let source = Source::from_path(&path).filter(|it| {
                it.format == Format::Csv
                    && it.compression == Compression::None
                    && it.dialect.is_none()
            });
            let Some(source) = source else {
                diagnostics.push(unnamed(workspace, &path));
                continue;
            };
            let name = source.stem().to_owned();
            if let Some((_, other)) = known.iter().find(|(other, _)| *other == name) {
                let message = format!("`{path}` is a second code list `{name}`");
                let place = Place::new(workspace.add(source), 0..0);
                diagnostics.push(
                    Diagnostic::new(&code::NAME_COLLISION, place, message)
                        .with(other.clone(), "the first one")
                        .help(
                            "rename one of the two: a list is called like its file, up to the first \
                             dot",
                        ),
                );
                continue;
            }
            let declared = CodeListDeclaration::of_file(&name);
            let before = workspace.sources().len();
            lists.extend(file::read(workspace, &path, &declared, diagnostics)?);
            let source =
                crate::workspace::SourceId(u32::try_from(before).expect("fewer than 2^32 files"));
            known.push((name, Place::new(source, 0..0)));
        }
    }
    made::add(manifest, &known, &mut lists, diagnostics);
    if !manifest.code_lists.is_empty() {
        lists.sort_by(|a, b| a.name.cmp(&b.name));
    }
    Ok(lists)
}

/// Where code lists lie that no entry of the manifest names.
fn directories(manifest: &Manifest) -> Vec<String> {
    let in_roots =
        manifest.roots.iter().map(|root| format!("{}/{DIRECTORY_IN_ROOT}", root.directory));
    std::iter::once(DIRECTORY.to_owned()).chain(in_roots).collect()
}

/// Whether somebody who puts a file there means a code list.
fn looks_like_a_list(path: &str) -> bool {
    const ENDINGS: [&str; 10] =
        [".csv", ".csv.gz", ".csv.zst", ".tsv", ".tab", ".txt", ".xls", ".xlsx", ".ods", ".dat"];
    let path = path.to_ascii_lowercase();
    ENDINGS.iter().any(|ending| path.ends_with(ending)) && !path.ends_with("readme.txt")
}

/// A file among the code lists that is none by its name, and that no entry of the manifest names.
fn unnamed(workspace: &mut Workspace, path: &str) -> Diagnostic {
    let message = format!("{} is no code list by its name, and nothing in it is read", quote(path));
    let place = Place::new(workspace.add(Source::unread(path)), 0..0);
    Diagnostic::new(&code::UNMATCHED_FILE, place, message).help(format!(
        "code lists here are called `<name>.csv`; say in the manifest what list it is: \
         `[codelists.name]` with `file = {path:?}`"
    ))
}

/// The file of an entry that names none.
fn usual_file(
    workspace: &Workspace,
    manifest: &Manifest,
    declared: &CodeListDeclaration,
) -> Result<Result<String, Box<Diagnostic>>, Fault> {
    let name = &declared.name;
    let mut first = None;
    for directory in directories(manifest) {
        let path = format!("{directory}/{name}.csv");
        match usable(workspace, &path, &declared.place)? {
            Ok(()) => return Ok(Ok(path)),
            Err(finding) => first = first.or(Some(finding)),
        }
    }
    Ok(Err(first.expect("there is a directory of code lists")))
}

/// Whether a path leads to a file that can be read; if not, why.
fn usable(
    workspace: &Workspace,
    path: &str,
    place: &Place,
) -> Result<Result<(), Box<Diagnostic>>, Fault> {
    let directory = crate::path::directory_of(path);
    let listed = workspace.list(directory)?;
    let found = listed.iter().find(|it| it.path == path || it.path == directory);
    let finding = |code, message: String, help: &str| {
        Err(Box::new(Diagnostic::new(code, place.clone(), message).help(help)))
    };
    Ok(match found.map(|found| (&found.path, &found.nature)) {
        Some((_, Nature::File { .. })) => Ok(()),
        None => finding(
            &code::UNKNOWN_NAME,
            format!("there is no file `{path}` of a code list"),
            "name the file with `file`, by its path relative to the manifest",
        ),
        Some((_, Nature::Directory)) => finding(
            &code::UNREADABLE_FILE,
            format!("`{path}` is a directory, not a file of a code list"),
            "name the file in it",
        ),
        Some((at, Nature::Unusable(unusable))) => {
            finding(&code::UNUSABLE_PATH, format!("`{at}` {}", unusable.reason()), unusable.help())
        }
    })
}
