//! `dataset.toml`: what a project declares.

mod code_lists;
pub mod derived;
mod dialects;
mod expectations;
pub mod missing;
pub mod template;

use std::collections::{BTreeMap, HashMap};

pub use code_lists::{CodeListDeclaration, ListOrigin};

use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, Place, Severity, code, one_of, quote};
use crate::fault::Fault;
use crate::parse::{self, decode};
use crate::path::{self, Pattern, ProjectPath, Root};
use crate::pointer;
use crate::schema::{Authority, FileOutline, translate};
use crate::tape::{Entry, Tape, Value};
use crate::workspace::{Source, SourceId, Workspace};
use template::Template;

pub use self::dialects::{DeclaredDialect, Reader};
pub use self::expectations::DeclaredExpectation;

/// The name of the manifest's file.
pub const FILE_NAME: &str = "dataset.toml";

/// The name of the file of known findings, unless the user names another.
pub const BASELINE_FILE_NAME: &str = "baseline.json";

/// What `dataset.toml` says.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The manifest's file.
    pub source: SourceId,
    /// About the dataset as a whole.
    pub dataset: Dataset,
    /// The release that this one follows.
    pub previous: Option<Release>,
    /// Directories outside of the project whose schemas may be read: those of the file, and those
    /// that whoever runs the command allows.
    pub roots: Vec<Root>,
    /// JSON-LD prefixes: `schema` → `https://schema.org/`.
    pub prefixes: BTreeMap<String, String>,
    /// The severities of findings, as they are written.
    pub rules: Vec<RuleSetting>,
    /// Findings that are accepted, as they are written.
    pub waivers: Vec<DeclaredWaiver>,
    /// Code lists that aren't files of the usual name and columns, in the order of the file.
    pub code_lists: Vec<CodeListDeclaration>,
    /// In the order of the file.
    pub tables: Vec<TableDeclaration>,
    /// Systems of units, crosswalks between their codes, and tables that are worked out.
    pub derivations: derived::Derivations,
    /// Whether all of it can be used. If not, diagnostics say so.
    pub is_sound: bool,
}

/// A severity of `[rules]`.
#[derive(Clone, Debug)]
pub struct RuleSetting {
    /// The code or name of a finding.
    pub rule: String,
    /// Where it is named.
    pub place: Place,
    /// The pattern of the files that it is for, and where it is written; none for all files.
    pub path: Option<(String, Place)>,
    /// None for `off`.
    pub severity: Option<Severity>,
}

/// A waiver of the manifest.
#[derive(Clone, Debug)]
pub struct DeclaredWaiver {
    /// The code or name of what is accepted.
    pub code: String,
    /// Why.
    pub reason: String,
    /// The record's table.
    pub table: String,
    /// The record's key.
    pub key: String,
    /// Where the code is named.
    pub place: Place,
}

/// A release that the manifest names.
#[derive(Clone, Debug)]
pub struct Release {
    /// Its directory.
    pub path: ProjectPath,
    /// Where it is named.
    pub place: Place,
}

/// About the dataset as a whole.
#[derive(Clone, Debug, Default)]
pub struct Dataset {
    /// Short, for file names: `[a-z][a-z0-9-]*`.
    pub name: String,
    /// For people.
    pub title: String,
    /// For people, at length.
    pub description: String,
    /// Semantic version.
    pub version: String,
    /// The day of the release, ISO 8601.
    pub released: Option<String>,
    /// An SPDX expression: one licence, mostly.
    pub license: String,
    /// In the order of citation.
    pub authors: Vec<Author>,
    /// Absolute IRI that the dataset's own IRIs begin with; ends in `/`.
    pub base: String,
    /// Where people read about it.
    pub homepage: Option<String>,
    /// For catalogues.
    pub keywords: Vec<String>,
    /// BCP 47 tags of the languages that language maps may hold.
    pub languages: Vec<String>,
    /// Places covered, as codes or names.
    pub spatial: Vec<String>,
    /// Time covered, EDTF.
    pub temporal: Option<String>,
    /// The main table's name.
    pub main: Option<String>,
}

/// Who made the dataset.
#[derive(Clone, Debug, Default)]
pub struct Author {
    /// A person's or an organisation's.
    pub name: String,
    /// `https://orcid.org/…`
    pub orcid: Option<String>,
    /// Where they work.
    pub affiliation: Option<String>,
}

/// One table of the project.
#[derive(Clone, Debug)]
pub struct TableDeclaration {
    /// The table's name: `events`.
    pub name: String,
    /// One of its records, in a name: `event`; the table's name if not given.
    pub row: String,
    /// The schema's file, in the project or below a root.
    pub schema: ProjectPath,
    /// Patterns of the record files, without those that are none.
    pub records: Vec<Pattern>,
    /// Whether some of its patterns are none.
    pub is_partial: bool,
    /// Whether a release may have no record of it.
    pub may_be_empty: bool,
    /// The properties that identify a record together: one, mostly.
    pub key: Vec<String>,
    /// What the key is made from, if records needn't write it; then it is one property.
    pub key_from: Option<Template>,
    /// How files are read whose endings don't say it.
    pub readers: Vec<Reader>,
    /// How CSV files are written, if otherwise than releases.
    pub dialects: Vec<DeclaredDialect>,
    /// What stands for a missing value, where no property says otherwise.
    pub missing: Vec<missing::Marker>,
    /// What must hold of its records together.
    pub expectations: Vec<DeclaredExpectation>,
    /// Where the table is declared.
    pub place: Place,
    /// Where the schema is named.
    pub schema_place: Place,
    /// Where each pattern is named.
    pub records_places: Vec<Place>,
    /// Where each property of the key is named.
    pub key_places: Vec<Place>,
}

impl TableDeclaration {
    /// The declaration of a table without files, which is worked out from others.
    #[must_use]
    pub fn made(name: String, schema: ProjectPath, key: Vec<String>, place: Place) -> Self {
        Self {
            row: name.clone(),
            name,
            schema,
            records: Vec::new(),
            is_partial: false,
            may_be_empty: true,
            key_places: vec![place.clone(); key.len()],
            key,
            key_from: None,
            readers: Vec::new(),
            dialects: Vec::new(),
            missing: Vec::new(),
            expectations: Vec::new(),
            schema_place: place.clone(),
            records_places: Vec::new(),
            place,
        }
    }
}

/// The JSON Schema of the manifest, for editors and for ourselves.
pub const SCHEMA: &str = include_str!("manifest.schema.json");

/// Reads the manifest. None if it is no manifest; then diagnostics say why. What it names is looked up
/// elsewhere.
///
/// # Errors
/// When the file can't be read.
///
/// # Panics
/// If the manifest's own schema is no schema: a test would have caught it.
pub fn load(
    workspace: &mut Workspace,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Option<Manifest>, Fault> {
    let source = Source::from_path(FILE_NAME).expect("the manifest's ending says TOML");
    let source = workspace.add(source);
    let Some((text, base)) = decode::read_text(workspace, source, diagnostics)? else {
        return Ok(None);
    };
    let mut tape = Tape::new(source, base, text);
    let known = diagnostics.len();
    parse::toml::parse(&mut tape, source, diagnostics);
    if diagnostics.len() > known
        && let Some(conflict) = parse::content::Conflict::find(tape.source())
    {
        diagnostics.truncate(known);
        diagnostics.push(conflict.report(source, base));
        return Ok(None);
    }
    let Some(root) = tape.roots().next() else { return Ok(None) };
    let schema = serde_json::from_str(SCHEMA).expect("the manifest's schema is JSON");
    let authority = Authority::of_schema(&schema, HashMap::new(), true)
        .expect("the manifest's schema is a schema");
    let violations = authority.violations(0, root);
    if !violations.is_empty() {
        let outline = FileOutline { schema: &schema, name: FILE_NAME };
        diagnostics.extend(translate(&violations, root, Some(&outline), None));
        return Ok(None);
    }
    let before = diagnostics.len();
    let roots = roots(workspace, root, diagnostics);
    // Patterns that are none don't keep schemas from being checked.
    let mut refused = Vec::new();
    let mut blocks = 0;
    let tables = entries(root, "tables")
        .filter_map(|entry| table(entry, &roots, &mut blocks, &mut refused, diagnostics))
        .collect();
    let mut manifest = Manifest {
        source,
        previous: previous(root, diagnostics),
        rules: rules(root),
        dataset: dataset(root.get("dataset").expect("the schema requires it")),
        prefixes: entries(root, "prefixes")
            .map(|entry| (entry.name().to_owned(), text_of(entry.value)))
            .collect(),
        waivers: waivers(root),
        code_lists: code_lists::read(root, &roots, diagnostics),
        roots,
        tables,
        derivations: derived::read(root),
        is_sound: false,
    };
    check_main(&manifest, root, diagnostics);
    check_waivers(&manifest, root, diagnostics);
    manifest.is_sound = diagnostics.len() == before;
    diagnostics.append(&mut refused);
    Ok(Some(manifest))
}

fn check_main(manifest: &Manifest, root: Value<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let Some(main) = &manifest.dataset.main else { return };
    let names = || manifest.tables.iter().map(|table| table.name.as_str());
    if !names().any(|name| name == main) {
        let (value, _) = root.pointer("/dataset/main");
        let message = format!("`main` is `{main}`, which is no table of the manifest");
        diagnostics.push(
            Diagnostic::new(&code::UNKNOWN_NAME, Place::of(value).at("/dataset/main"), message)
                .help(format!("the tables are {}", one_of(names()))),
        );
    }
}

fn entries<'t>(value: Value<'t>, key: &str) -> impl Iterator<Item = Entry<'t>> {
    value.get(key).into_iter().flat_map(Value::entries)
}

/// A text that the schema makes sure of; empty if the property may be left out and is.
fn text_of(value: Value<'_>) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn dataset(value: Value<'_>) -> Dataset {
    let optional = |key: &str| value.get(key).map(text_of);
    let text = |key: &str| optional(key).unwrap_or_default();
    let texts =
        |key: &str| value.get(key).into_iter().flat_map(Value::items).map(text_of).collect();
    let author = |value: Value<'_>| Author {
        name: value.get("name").map(text_of).unwrap_or_default(),
        orcid: value.get("orcid").map(text_of),
        affiliation: value.get("affiliation").map(text_of),
    };
    Dataset {
        name: text("name"),
        title: text("title"),
        description: text("description"),
        version: text("version"),
        released: optional("released"),
        license: text("license"),
        authors: value.get("authors").into_iter().flat_map(Value::items).map(author).collect(),
        base: text("base"),
        homepage: optional("homepage"),
        keywords: texts("keywords"),
        languages: texts("languages"),
        spatial: texts("spatial"),
        temporal: optional("temporal"),
        main: optional("main"),
    }
}

fn table(
    entry: Entry<'_>,
    roots: &[Root],
    blocks: &mut usize,
    refused: &mut Vec<Diagnostic>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<TableDeclaration> {
    let pointer = format!("/tables/{}", entry.name());
    let value = |key: &str| entry.value.get(key).expect("the schema requires it");
    let place = |key: &str| Place::of(value(key)).at(format!("{pointer}/{key}"));
    let (mut records, mut records_places) = (Vec::new(), Vec::new());
    for (index, item) in value("records").items().enumerate() {
        let text = text_of(item);
        let place = Place::of(item).at(format!("{pointer}/records/{index}"));
        match Pattern::parse(&text) {
            Ok(pattern) => {
                records.push(pattern);
                records_places.push(place);
            }
            Err(path::Refusal::Outside) => {
                refused.push(unusable(&text, place, &path::Refusal::Outside).help(
                    "records lie in the project: move them there, or copy them before a build",
                ))
            }
            Err(refusal) => refused.push(unusable(&text, place, &refusal)),
        }
    }
    let schema = text_of(value("schema"));
    let schema = match ProjectPath::parse_below(&schema, roots) {
        Ok(path) => path,
        Err(refusal) => {
            diagnostics.push(unusable(&schema, place("schema"), &refusal));
            diagnostics.append(refused);
            return None;
        }
    };
    let pointer_of_missing = format!("{pointer}/missing");
    let missing = entry.value.get("missing");
    let missing = missing.map(|value| missing::markers(value, &pointer_of_missing, diagnostics));
    let (key, key_places) = key(value("key"), &format!("{pointer}/key"));
    let key_from = value("key").get("from").and_then(|from| {
        let place = Place::of(from).at(format!("{pointer}/key/from"));
        Template::parse(&text_of(from), place, diagnostics)
    });
    Some(TableDeclaration {
        missing: missing.unwrap_or_default(),
        name: entry.name().to_owned(),
        row: entry.value.get("row").map_or_else(|| entry.name().to_owned(), text_of),
        schema,
        is_partial: records.len() < value("records").len(),
        records,
        may_be_empty: entry.value.get("may_be_empty").and_then(Value::as_bool) == Some(true),
        key,
        key_from,
        readers: dialects::readers(entry, diagnostics),
        dialects: dialects::dialects(entry, blocks, diagnostics),
        expectations: expectations::read(entry.value, &pointer),
        place: Place::of(entry.key).at(pointer.clone()),
        schema_place: place("schema"),
        records_places,
        key_places,
    })
}

/// The properties of a key, which is one or a list, with their places.
fn key(value: Value<'_>, pointer: &str) -> (Vec<String>, Vec<Place>) {
    if value.as_str().is_some() {
        return (vec![text_of(value)], vec![Place::of(value).at(pointer)]);
    }
    if let Some(property) = value.get("property") {
        let place = Place::of(property).at(pointer::join(pointer, "property"));
        return (vec![text_of(property)], vec![place]);
    }
    let place = |(index, item)| Place::of(item).at(pointer::join_index(pointer, index));
    (value.items().map(text_of).collect(), value.items().enumerate().map(place).collect())
}

/// The finding that a path of the manifest can't be used.
pub(crate) fn unusable(text: &str, place: Place, refusal: &path::Refusal) -> Diagnostic {
    let message = match text {
        "" => "the path is empty".to_owned(),
        _ => format!("{} {}", quote(text), refusal.reason()),
    };
    Diagnostic::new(&code::UNUSABLE_PATH, place, message).help(refusal.help())
}

fn previous(root: Value<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Release> {
    let (release, is_named) = root.pointer("/dataset/previous");
    let text = is_named.then(|| text_of(release))?;
    let place = Place::of(release).at("/dataset/previous");
    match ProjectPath::parse(&text) {
        Ok(path) => Some(Release { path, place }),
        Err(refusal) => {
            let help = match refusal {
                path::Refusal::Outside => "copy the release into the project",
                _ => refusal.help(),
            };
            diagnostics.push(unusable(&text, place, &refusal).help(help));
            None
        }
    }
}

/// The roots of the manifest, which the storage must admit, and those that it admits anyway.
fn roots(workspace: &Workspace, root: Value<'_>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Root> {
    let storage = workspace.storage();
    let mut roots = storage.roots();
    for entry in entries(root, "roots") {
        let text = text_of(entry.value);
        let place = Place::of(entry.value).at(format!("/roots/{}", entry.name()));
        let declared = match Root::parse(entry.name(), &text) {
            Ok(declared) => declared,
            Err(refusal) => {
                let help = match refusal {
                    path::Refusal::Outside => "write `..` only at the beginning",
                    _ => refusal.help(),
                };
                diagnostics.push(unusable(&text, place, &refusal).help(help));
                continue;
            }
        };
        // Whoever runs the command has the last word about a name.
        if roots.iter().any(|root| root.name == declared.name) {
            continue;
        }
        if let Err(cause) = storage.admit(&declared) {
            let message = format!("{} can't be a root: {cause}", quote(&text));
            let help = "declare a directory of the same repository, or allow another one where the \
                        command is run, with `--root NAME=DIR`";
            diagnostics.push(Diagnostic::new(&code::UNUSABLE_PATH, place, message).help(help));
        }
        roots.push(declared);
    }
    // Of two that hold a path, the nearer one names it.
    roots.sort_by(|a, b| b.directory.len().cmp(&a.directory.len()).then(a.name.cmp(&b.name)));
    roots
}

fn waivers(root: Value<'_>) -> Vec<DeclaredWaiver> {
    let waivers = root.get("waivers").into_iter().flat_map(Value::items).enumerate();
    let declared = |(index, waiver): (usize, Value<'_>)| {
        let value = waiver.get("code").expect("the schema requires it");
        let text = |key: &str| waiver.get(key).map(text_of).unwrap_or_default();
        DeclaredWaiver {
            code: text_of(value),
            reason: text("reason"),
            table: text("table"),
            key: text("key"),
            place: Place::of(value).at(format!("/waivers/{index}/code")),
        }
    };
    waivers.map(declared).collect()
}

fn check_waivers(manifest: &Manifest, root: Value<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let names = || manifest.tables.iter().map(|table| table.name.as_str());
    let waivers = root.get("waivers").into_iter().flat_map(Value::items).enumerate();
    for (index, waiver) in waivers {
        let table = waiver.get("table").expect("the schema requires it");
        let name = text_of(table);
        if !names().any(|known| known == name) {
            let place = Place::of(table).at(format!("/waivers/{index}/table"));
            let message = format!("the waiver is for `{name}`, which is no table of the manifest");
            let help = match nearest(&name, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the tables are {}", one_of(names())),
            };
            diagnostics.push(Diagnostic::new(&code::UNKNOWN_NAME, place, message).help(help));
        }
    }
}

fn rules(root: Value<'_>) -> Vec<RuleSetting> {
    let mut settings = Vec::new();
    for rule in entries(root, "rules") {
        let place = |key: Value<'_>| Place::of(key).at(format!("/rules/{}", rule.name()));
        let mut add = |path: Option<Entry<'_>>, severity: Value<'_>| {
            settings.push(RuleSetting {
                rule: rule.name().to_owned(),
                place: place(rule.key),
                path: path.map(|path| (path.name().to_owned(), place(path.key))),
                severity: severity.as_str().and_then(Severity::of_name),
            });
        };
        if rule.value.as_str().is_some() {
            add(None, rule.value);
        }
        for path in rule.value.entries() {
            add(Some(path), path.value);
        }
    }
    settings
}
