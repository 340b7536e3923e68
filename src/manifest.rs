//! `dataset.toml`: what a project declares.

use std::collections::BTreeMap;

use crate::diagnostic::Place;
use crate::workspace::SourceId;

/// The name of the manifest's file.
pub const FILE_NAME: &str = "dataset.toml";

/// What `dataset.toml` says.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The manifest's file.
    pub source: SourceId,
    /// About the dataset as a whole.
    pub dataset: Dataset,
    /// JSON-LD prefixes: `schema` → `https://schema.org/`.
    pub prefixes: BTreeMap<String, String>,
    /// In the order of the file.
    pub tables: Vec<TableDeclaration>,
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
    /// Semantic version, as `design` of a release defines it.
    pub version: String,
    /// The day of the release, ISO 8601.
    pub released: Option<String>,
    /// SPDX identifier.
    pub license: String,
    /// In the order of citation.
    pub authors: Vec<Author>,
    /// Absolute IRI that the dataset's own IRIs begin with; ends in `/` or `#`.
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
    /// The schema's file.
    pub schema: String,
    /// Patterns of the record files.
    pub records: Vec<String>,
    /// The property that identifies a record.
    pub key: String,
    /// Where the table is declared.
    pub place: Place,
    /// Where the schema is named.
    pub schema_place: Place,
    /// Where each pattern is named.
    pub records_places: Vec<Place>,
    /// Where the key is named.
    pub key_place: Place,
}
