//! Tables that are worked out from others: like any other, but for where they come from.

pub(super) mod by_roles;
mod dyads;
mod links;
mod measures;
mod membership;
mod panel;
mod parties;
mod path;
pub(super) mod schema;
mod view;
mod way;

use std::sync::Arc;

use super::{Compiler, keys};
use crate::diagnostic::{Diagnostic, code};
use crate::edtf::Edtf;
use crate::manifest::derived::{DeclaredDerived, Derivation};
use crate::manifest::{Manifest, TableDeclaration};
use crate::model::derived::Derived;
use crate::model::document::Documents;
use crate::model::system::{Crosswalk, Spell, System};
use crate::model::{CodeList, Declared, Item, Table, names};
use crate::parse::spelling::Written;
use crate::path::ProjectPath;
use crate::period::number_of;
use crate::workspace::Workspace;
use schema::Schema;

/// A table that is to be worked out.
pub(super) struct Wanted {
    derived: Derived,
    declared: Declared,
    /// Its schema as JSON.
    schema: Arc<str>,
    /// A name that two of its columns would have.
    repeated: Option<String>,
    /// The formats that it is released in; none for all.
    formats: Option<Vec<String>>,
    /// What a message says of its need for a name.
    needs: String,
    /// What to do about a name that is too long.
    shorten: String,
}

/// What declarations of the manifest may name.
pub(super) struct Names<'a> {
    pub manifest: &'a Manifest,
    /// Those before in the order of the model.
    pub tables: &'a [Table],
    pub systems: &'a [System],
    pub crosswalks: &'a [Crosswalk],
    pub code_lists: &'a [CodeList],
}

/// The tables that a declaration of the manifest asks for: one, and what stands beside it. What can't be used is
/// reported.
pub(super) fn declared(
    declaration: &DeclaredDerived,
    names: &Names<'_>,
    found: &mut Vec<Diagnostic>,
) -> Vec<Wanted> {
    match &declaration.says {
        Derivation::Membership(says) => membership::compile(declaration, says, names, found),
        Derivation::Dyads(says) => dyads::compile(declaration, says, names, found),
        Derivation::View(says) => view::compile(declaration, says, names, found),
        Derivation::Links(says) => links::compile(declaration, says, names, found),
        Derivation::Panel(says) => panel::compile(declaration, says, names, found),
    }
}

/// A table of this schema, of which these columns are the key.
fn wanted(
    declaration: &DeclaredDerived,
    schema: &Schema,
    key: &[&str],
    derived: Derived,
) -> Wanted {
    let path = format!("schema/derived/{}.schema.json", schema.table);
    let path = ProjectPath::parse(&path).expect("a table's name can be that of a file");
    let key = key.iter().map(|name| (*name).to_owned()).collect();
    let (name, place) = (schema.table.clone(), declaration.place.clone());
    let declared = TableDeclaration::made(name, path, key, place);
    Wanted {
        derived,
        declared: Declared { declaration: declared, title: schema.title.clone() },
        schema: schema.to_json().into(),
        repeated: schema.repeated().map(str::to_owned),
        formats: Some(declaration.formats.clone()),
        needs: format!("the derived table `{}` needs", schema.table),
        shorten: "give it a shorter name".to_owned(),
    }
}

/// The first and the last day of a time that the manifest names, and that has both.
fn span(written: &Written, found: &mut Vec<Diagnostic>) -> Option<Spell> {
    let help = "write a first and a last day or year, as in `1816/2016`";
    match Edtf::parse(&written.text) {
        Ok(date) => match (date.earliest(), date.latest()) {
            (Some(first), Some(last)) => {
                Some(Spell { first: number_of(first), last: number_of(last) })
            }
            _ => path::refuse(written, format!("`{}` has no end", written.text), help, found),
        },
        Err(error) => path::refuse(written, error.message, help, found),
    }
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
    let released = |path: &str| crate::path::released(path, &manifest.roots);
    let mut loaded: Vec<(String, Option<usize>)> = Vec::new();
    let mut tables = Vec::new();
    for wanted in wanted {
        if let Some(name) = &wanted.repeated {
            found.push(two_columns(name, &wanted));
            continue;
        }
        let path = wanted.declared.declaration.schema.as_str().to_owned();
        let known = loaded.iter().find(|(known, _)| *known == path);
        let document = match known {
            Some((_, document)) => *document,
            None => {
                let taken = documents.paths().find(|it| released(it) == released(&path));
                let taken = taken.map(str::to_owned);
                let document = match taken {
                    Some(taken) => {
                        found.push(name_is_taken(&taken, &wanted));
                        None
                    }
                    None => {
                        Some(documents.load_built_in(workspace, &path, Arc::clone(&wanted.schema)))
                    }
                };
                loaded.push((path, document));
                document
            }
        };
        tables.extend(document.map(|document| (wanted, document)));
    }
    tables
}

fn two_columns(name: &str, wanted: &Wanted) -> Diagnostic {
    let declaration = &wanted.declared.declaration;
    let message =
        format!("the derived table `{}` would have two columns `{name}`", declaration.name);
    Diagnostic::new(&code::NAME_COLLISION, declaration.place.clone(), message)
        .help("give one of the properties that they come from another name with `x-column`")
}

fn name_is_taken(taken: &str, wanted: &Wanted) -> Diagnostic {
    let message =
        format!("the schema file `{taken}` has the name that {} for its own", wanted.needs);
    Diagnostic::new(&code::NAME_COLLISION, wanted.declared.declaration.place.clone(), message)
        .help("give the file another name: both are released")
}

impl Compiler<'_> {
    /// Compiles a table that is worked out, with the schema that is this document. None if something in it
    /// can't be used, such as the name of a column that is made from others; then diagnostics say so.
    pub(super) fn derived(&mut self, wanted: Wanted, document: usize) -> Option<Table> {
        let Wanted { derived, declared, formats, shorten, .. } = wanted;
        let declaration = &declared.declaration;
        let before = self.found.len();
        let table = self.table(declaration, document);
        // What is wrong with it is wrong with the declaration: nobody can correct our schema.
        for finding in &mut self.found[before..] {
            finding.primary.place = declaration.place.clone();
        }
        let mut table = table?;
        keys::check_parent_columns(&table, self.found);
        if let Some(fault) = names::fault(&table.name, names::TABLE_CHARS_MAX) {
            self.found.push(
                Diagnostic::new(
                    &code::UNUSABLE_NAME,
                    declaration.place.clone(),
                    format!("no table can be called `{}`: {fault}", table.name),
                )
                .help(shorten),
            );
        }
        table.title = declared.title;
        table.level.title.clone_from(&table.title);
        table.derived = Some(derived);
        table.formats = formats;
        let Item::Object(object) = &mut table.level.item else {
            unreachable!("a record is an object");
        };
        for field in &mut object.fields {
            field.place = declaration.place.clone();
        }
        Some(table)
    }
}
