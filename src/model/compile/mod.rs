//! JSON Schema documents to a [`Model`].
//!
//! The walk follows the shape of records: an object's properties become fields, an object inside
//! an object shares its level, a list opens a new one. Everything that no table can hold is
//! reported where the schema says it.

mod annotation;
mod columns;
mod conditional;
mod conflicts;
mod constraints;
mod dates;
mod decimals;
mod declared;
mod derived;
mod expectations;
mod formats;
mod gather;
mod integer_codes;
mod join_names;
mod keys;
mod languages;
mod list;
mod load;
mod made_key;
mod missing;
mod numbering;
mod object;
mod references;
mod reserved;
mod roles;
mod satisfiable;
mod scalar;
mod scope;
mod size;
mod systems;
mod table;
mod terms;
mod valid;

use std::sync::Arc;

use super::document::Documents;
use super::{Derivation, Marker, Model, code_list};
use crate::diagnostic::{Diagnostic, Place, code};
use crate::fault::Fault;
use crate::manifest::Manifest;
use crate::schema::{Acceptor, Authority, Schemas};
use crate::tape::Names;
use crate::workspace::Workspace;

/// Reads and compiles a project's schemas and code lists. None if they have errors; then
/// diagnostics say which.
///
/// # Errors
/// When a file can't be read.
pub fn compile(
    workspace: &mut Workspace,
    manifest: &Manifest,
    derivations: &[&'static Derivation],
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Option<Model>, Fault> {
    let mut found = Vec::new();
    let code_lists = code_list::load(workspace, manifest, &mut found)?;
    let mut documents = Documents::below(&manifest.roots);
    let roots = load::load_documents(workspace, manifest, &mut documents, &mut found)?;
    valid::check(&documents, &mut found);
    // What is no schema can't be compiled: its consequences would only hide the cause.
    let usable = !found.iter().any(Diagnostic::is_error) && roots.len() == manifest.tables.len();
    if usable {
        annotation::check(&documents, &mut found);
        size::check(&documents, &mut found);
    }
    let usable = usable && !found.iter().any(|it| it.code == &code::TOO_LARGE_SCHEMA);
    let mut tables = Vec::new();
    let mut conditional = Vec::new();
    let (mut systems, mut crosswalks) = (Vec::new(), Vec::new());
    if usable {
        let names: Vec<_> = manifest.tables.iter().map(|table| table.name.as_str()).collect();
        let known = scalar::Known { tables: &names, code_lists: &code_lists };
        let mut wanted = Vec::new();
        for (declaration, document) in manifest.tables.iter().zip(roots) {
            let mut compiler = Compiler::new(&documents, manifest, &known, &mut found);
            let Some(table) = compiler.table(declaration, document) else { continue };
            wanted.extend(derived::by_roles::wanted(
                derivations,
                (tables.len(), &table),
                declaration,
                compiler.found,
            ));
            tables.push(table);
        }
        join_names::give(&mut tables, &mut found);
        for table in &tables {
            keys::check_parent_columns(table, &mut found);
        }
        let loaded = derived::load(wanted, &mut documents, workspace, manifest, &mut found);
        for (wanted, document) in loaded {
            let mut compiler = Compiler::new(&documents, manifest, &known, &mut found);
            tables.extend(compiler.derived(wanted, document));
        }
        (systems, crosswalks) = systems::compile(manifest, &code_lists, &mut found);
        // What a broken table lacks would be missed again where others are worked out from it.
        if !found.iter().any(Diagnostic::is_error) {
            for declared in &manifest.derivations.tables {
                let names = derived::Names {
                    manifest,
                    tables: &tables,
                    systems: &systems,
                    crosswalks: &crosswalks,
                    code_lists: &code_lists,
                };
                let wanted = derived::declared(declared, &names, &mut found);
                for (wanted, document) in
                    derived::load(wanted, &mut documents, workspace, manifest, &mut found)
                {
                    let mut compiler = Compiler::new(&documents, manifest, &known, &mut found);
                    tables.extend(compiler.derived(wanted, document));
                }
            }
        }
        for table in &tables {
            conditional.push(conditional::find(&documents, table, &known, &mut found));
        }
        integer_codes::check(&tables, conditional.iter().flatten(), &code_lists, &mut found);
        keys::check_table_names(&tables, &mut found);
        reserved::check(&tables, &mut found);
    }
    let mut references = references::resolve(&tables, &conditional, &mut found);
    let sound = !found.iter().any(Diagnostic::is_error);
    let main = manifest.dataset.main.as_deref();
    let main = tables.iter().position(|table| Some(table.name.as_str()) == main).unwrap_or(0);
    let finished = documents.finish();
    let schemas = Arc::new(std::mem::take(&mut documents.schemas));
    if sound {
        for (table, annotations) in tables.iter_mut().zip(conditional) {
            conditional::attach(annotations, &references, &schemas, table, &mut found);
        }
    }
    let sound = sound && !found.iter().any(Diagnostic::is_error);
    let names = numbering::number(&mut tables, &mut references, &finished);
    let constraints = if sound {
        constraints::compile(&documents, &mut tables, &names, &mut found)
    } else {
        // What is wrong elsewhere would be said again of what it leaves out.
        Vec::new()
    };
    let expectations = if sound {
        expectations::compile(manifest, &tables, &names, &constraints, &mut found)
    } else {
        Vec::new()
    };
    let sound = sound && !found.iter().any(Diagnostic::is_error);
    let (mut authority, mut acceptors) = (None, Vec::new());
    if sound {
        let roots: Vec<_> = tables.iter().map(|table| table.document).collect();
        acceptors = accept(&schemas, &roots, &names);
        match Authority::new(Arc::clone(&schemas), &roots, |table| {
            acceptors[table].as_ref().is_some_and(|acceptor| !acceptor.is_recursive())
        }) {
            Ok(compiled) => authority = Some(compiled),
            Err((table, pointer, message)) => {
                let (value, _) = documents.root(roots[table]).value.pointer(&pointer);
                let message = format!("the schema can't be used: {message}");
                found.push(
                    Diagnostic::new(&code::INVALID_SCHEMA, Place::of(value).at(pointer), message)
                        .help("see the JSON Schema 2020-12 specification for the keyword"),
                );
            }
        }
    }
    diagnostics.append(&mut found);
    let model = |authority| Model {
        tables,
        code_lists,
        documents: finished,
        schemas,
        names,
        acceptors,
        authority,
        references,
        systems,
        crosswalks,
        constraints,
        expectations,
        main,
    };
    Ok(authority.map(model))
}

/// The acceptors of these documents.
fn accept(schemas: &Arc<Schemas>, roots: &[usize], names: &Names) -> Vec<Option<Acceptor>> {
    roots.iter().map(|root| Acceptor::new(schemas, *root, names, true)).collect()
}

struct Compiler<'c> {
    documents: &'c Documents,
    manifest: &'c Manifest,
    known: &'c scalar::Known<'c>,
    found: &'c mut Vec<Diagnostic>,
    /// How many properties the table has so far, those inside of others included.
    properties: usize,
    /// How many sets of unique values and references of several values it declares so far.
    declared: usize,
    /// The markers of the table.
    missing: Vec<Marker>,
}

impl<'c> Compiler<'c> {
    fn new(
        documents: &'c Documents,
        manifest: &'c Manifest,
        known: &'c scalar::Known<'c>,
        found: &'c mut Vec<Diagnostic>,
    ) -> Self {
        Self { documents, manifest, known, found, properties: 0, declared: 0, missing: Vec::new() }
    }
}
