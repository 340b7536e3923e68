//! Tables that are worked out from those of the manifest: like any other, but for where they come from.

use super::Compiler;
use crate::diagnostic::{Diagnostic, code};
use crate::manifest::{Manifest, TableDeclaration};
use crate::model::document::Documents;
use crate::model::{Declared, Derivation, Derived, Item, Table, names};
use crate::path;
use crate::workspace::Workspace;

/// A table that is to be worked out from one of the manifest.
pub(super) struct Wanted {
    derived: Derived,
    declared: Declared,
    /// What the table that it is worked out from is called.
    base: String,
}

/// What is derived from a table of the manifest, which comes with its index.
pub(super) fn wanted(
    derivations: &[&'static Derivation],
    (from, table): (usize, &Table),
    declaration: &TableDeclaration,
    found: &mut Vec<Diagnostic>,
) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    for by in derivations {
        if let Some(declared) = (by.declare)(table, declaration, found) {
            wanted.push(Wanted {
                derived: Derived { from, by },
                declared,
                base: table.name.clone(),
            });
        }
    }
    wanted
}

/// Adds the schemas of tables that are to be worked out, each once. Returns those tables with their
/// documents, without those whose schema has the name of a file of the project in releases.
pub(super) fn load(
    wanted: Vec<Wanted>,
    documents: &mut Documents,
    workspace: &mut Workspace,
    manifest: &Manifest,
    found: &mut Vec<Diagnostic>,
) -> Vec<(Wanted, usize)> {
    let released = |path: &str| path::released(path, &manifest.roots);
    let mut loaded: Vec<(&str, Option<usize>)> = Vec::new();
    let mut tables = Vec::new();
    for wanted in wanted {
        let by = wanted.derived.by;
        let known = loaded.iter().find(|(path, _)| *path == by.path);
        let document = match known {
            Some((_, document)) => *document,
            None => {
                let taken = documents.paths().find(|path| released(path) == released(by.path));
                let taken = taken.map(str::to_owned);
                let document = match taken {
                    Some(taken) => {
                        found.push(name_is_taken(&taken, &wanted));
                        None
                    }
                    None => Some(documents.load_built_in(workspace, by.path, by.schema)),
                };
                loaded.push((by.path, document));
                document
            }
        };
        tables.extend(document.map(|document| (wanted, document)));
    }
    tables
}

fn name_is_taken(taken: &str, wanted: &Wanted) -> Diagnostic {
    let message = format!(
        "the schema file `{taken}` has the name of the one for the {} on `{}`",
        wanted.derived.by.says, wanted.base
    );
    Diagnostic::new(&code::NAME_COLLISION, wanted.declared.declaration.place.clone(), message)
        .help("give the file another name: both are released")
}

impl Compiler<'_> {
    /// Compiles a table that is worked out, with the schema that is this document.
    pub(super) fn derived(&mut self, wanted: Wanted, document: usize) -> Table {
        let Wanted { derived, declared, .. } = wanted;
        let declaration = &declared.declaration;
        let mut table =
            self.table(declaration, document).expect("a schema that comes with Demarche compiles");
        self.check_parent_columns(declaration, &table);
        if let Some(fault) = names::fault(&table.name, names::TABLE_CHARS_MAX) {
            self.found.push(
                Diagnostic::new(
                    &code::UNUSABLE_NAME,
                    declaration.place.clone(),
                    format!("no table can be called `{}`: {fault}", table.name),
                )
                .help(format!("give the table of {} a shorter name", derived.by.bases)),
            );
        }
        table.title = declared.title;
        table.level.title.clone_from(&table.title);
        table.derived = Some(derived);
        // What is wrong with it is wrong with the other table: nobody can correct our schema.
        let Item::Object(object) = &mut table.level.item else {
            unreachable!("a record is an object");
        };
        for field in &mut object.fields {
            field.place = declaration.place.clone();
        }
        table
    }
}
