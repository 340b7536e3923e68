//! The schema files of a project: those that tables name, and whatever lies beside them.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Diagnostic, Place, code};
use crate::fault::Fault;
use crate::manifest::{Manifest, TableDeclaration};
use crate::model::document::Documents;
use crate::model::files::files_in;
use crate::path;
use crate::workspace::{Format, Nature, Source, Workspace};

/// Reads the schema of each table, and whatever lies beside them.
pub(super) fn load_documents(
    workspace: &mut Workspace,
    manifest: &Manifest,
    documents: &mut Documents,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Vec<usize>, Fault> {
    let mut roots = Vec::new();
    let mut directories = BTreeSet::new();
    for table in &manifest.tables {
        directories.insert(table.schema.directory());
        match unusable_schema(workspace, table)? {
            Some(finding) => diagnostics.push(finding),
            None => roots.extend(documents.load(workspace, table.schema.as_str(), diagnostics)?),
        }
    }
    for directory in directories {
        // What lies right beside: `$ref` may lead there.
        let is_beside = |path: &str| {
            (path.ends_with(".schema.json") || path.ends_with(".schema.yaml"))
                && !manifest.tables.iter().any(|table| table.schema.as_str() == path)
        };
        for path in files_in(workspace, directory, is_beside, diagnostics)? {
            documents.load(workspace, &path, diagnostics)?;
        }
    }
    check_released_names(workspace, manifest, documents, diagnostics);
    Ok(roots)
}

/// Why the schema file that a table names can't be one, if it can't.
fn unusable_schema(
    workspace: &Workspace,
    table: &TableDeclaration,
) -> Result<Option<Diagnostic>, Fault> {
    let path = table.schema.as_str();
    let directory = table.schema.directory();
    let listed = workspace.list(directory)?;
    let found = listed.iter().find(|it| it.path == path || it.path == directory);
    let finding = |code, message| Diagnostic::new(code, table.schema_place.clone(), message);
    Ok(match found.map(|found| (&found.path, &found.nature)) {
        None => Some(
            finding(&code::UNKNOWN_NAME, format!("there is no schema file `{path}`"))
                .help("give its path relative to the manifest"),
        ),
        Some((_, Nature::Directory)) => Some(
            finding(&code::UNREADABLE_FILE, format!("`{path}` is a directory, not a schema file"))
                .help("name the file in it"),
        ),
        Some((at, Nature::Unusable(unusable))) => Some(
            finding(&code::UNUSABLE_PATH, format!("`{at}` {}", unusable.reason()))
                .help(unusable.help()),
        ),
        Some((_, Nature::File { .. })) => {
            let format = Source::from_path(path).map(|source| source.format);
            let is_schema = matches!(format, Some(Format::Json | Format::Yaml));
            (!is_schema).then(|| {
                let message = format!("the ending of `{path}` says no format of a schema");
                finding(&code::UNREADABLE_FILE, message)
                    .help("schema files end in `.schema.json` or `.schema.yaml`")
            })
        }
    })
}

/// No two schema files come to lie in the same place of a release, whatever the system.
fn check_released_names(
    workspace: &Workspace,
    manifest: &Manifest,
    documents: &Documents,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut taken: BTreeMap<String, &str> = BTreeMap::new();
    for path in documents.paths() {
        let released = path::released(path, &manifest.roots);
        let Some(other) = taken.insert(released.to_lowercase(), path) else { continue };
        let source = workspace.find(path).expect("documents are files of the workspace");
        let message = format!("`{path}` and `{other}` would both be released as `{released}`");
        diagnostics.push(
            Diagnostic::new(&code::NAME_COLLISION, Place::new(source, 0..0), message)
                .help("rename one of the two files"),
        );
    }
}
