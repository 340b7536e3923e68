//! Opening a project: its manifest, what the manifest says of findings, the schemas, the record files.

use crate::derive;
use crate::diagnostic::{self, Diagnostic};
use crate::emit;
use crate::fault::Fault;
use crate::input::discover::{self, Inputs};
use crate::input::tabular::check_dialects;
use crate::manifest::{self, Manifest};
use crate::model::{self, Model};
use crate::policy::{Names, Policy};
use crate::release::previous;
use crate::rules;
use crate::workspace::{Storage, Workspace};

/// A project whose manifest and schemas are sound.
#[derive(Debug)]
pub struct Project {
    /// What `dataset.toml` says.
    pub manifest: Manifest,
    /// What the manifest says of findings.
    pub policy: Policy,
    /// The compiled schemas.
    pub model: Model,
    /// The record files of each table.
    pub inputs: Vec<Inputs>,
    /// What there is to say about files that hold records, or should: it keeps no record from being
    /// checked.
    pub remarks: Vec<Diagnostic>,
    /// The files of the previous release.
    pub previous: Option<previous::Files>,
}

/// What there is to say about a project before its records are read.
pub struct Opened {
    /// The project's files.
    pub workspace: Workspace,
    /// The project; none if manifest or schemas have errors.
    pub project: Option<Project>,
    /// What was found, in the order of places.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a project's manifest, schemas and code lists, and finds its records.
///
/// # Errors
/// When a file can't be read.
pub fn open(storage: Box<dyn Storage>) -> Result<Opened, Fault> {
    let mut workspace = Workspace::new(storage);
    let mut diagnostics = Vec::new();
    let mut project = None;
    let manifest = manifest::load(&mut workspace, &mut diagnostics)?;
    if let Some(manifest) = manifest.as_ref().filter(|manifest| !manifest.is_sound) {
        // Nobody knows which constraints there are, but other names can be checked.
        let _ = Policy::of(manifest, &Names::of(None), &mut diagnostics);
    }
    if let Some(manifest) = manifest.filter(|manifest| manifest.is_sound) {
        let storage = workspace.storage();
        // Walking directories is waiting, mostly.
        let (model, discovered) = std::thread::scope(|scope| {
            let discovering = scope.spawn(|| discover::discover(&*storage, &manifest));
            let model =
                model::compile(&mut workspace, &manifest, &derive::derivations(), &mut diagnostics);
            let discovered = discovering.join();
            (model, discovered.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        });
        let (model, mut discovered) = (model?, discovered?);
        diagnostics.append(&mut discovered.diagnostics);
        let (inputs, mut remarks) = discovered.number(&mut workspace);
        let policy = Policy::of(&manifest, &Names::of(model.as_ref()), &mut diagnostics);
        let mut previous = None;
        if let Some(model) = &model {
            diagnostics.extend(check_terms(&manifest, model));
            diagnostics.extend(check_dialects(&manifest, model, &inputs, &workspace));
            rules::check_roles(model, &mut diagnostics);
            rules::check_code_lists(&workspace, model, &mut diagnostics)?;
            previous = previous::find(&mut workspace, &manifest, model, &mut diagnostics)?;
        }
        policy.settings.apply(&workspace, &mut diagnostics);
        match model.filter(|_| !diagnostics.iter().any(Diagnostic::is_error)) {
            Some(model) => {
                project = Some(Project { manifest, policy, model, inputs, remarks, previous });
            }
            None => {
                policy.settings.apply(&workspace, &mut remarks);
                diagnostics.append(&mut remarks);
            }
        }
    }
    diagnostic::sort(&mut diagnostics);
    Ok(Opened { workspace, project, diagnostics })
}

/// One JSON-LD key means one thing in the whole dataset.
fn check_terms(manifest: &Manifest, model: &Model) -> Vec<Diagnostic> {
    use crate::diagnostic::code::TERM_CONFLICT;
    use crate::emit::jsonld::{Clash, conflicts};
    let conflicts = conflicts(model, &manifest.prefixes, &manifest.dataset.base);
    let diagnostic = |conflict: emit::jsonld::Conflict<'_>| {
        let place = conflict.field.field.place.clone();
        let (key, meaning) = (&conflict.key, &conflict.meaning);
        match conflict.clash {
            Clash::Field { field, meaning: other } => Diagnostic::new(
                &TERM_CONFLICT,
                place,
                format!("the JSON-LD key `{key}` means {meaning} here, and {other} elsewhere"),
            )
            .with(field.field.place.clone(), "the other meaning")
            .help("give one of the two properties a key of its own with `x-jsonld-term`"),
            Clash::Prefix { iri } => Diagnostic::new(
                &TERM_CONFLICT,
                place,
                format!("the JSON-LD key `{key}` is also a prefix, for <{iri}>"),
            )
            .help("give the property a key of its own with `x-jsonld-term`"),
        }
    };
    conflicts.into_iter().map(diagnostic).collect()
}
