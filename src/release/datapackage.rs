//! `datapackage.json`: the release as a Data Package (version 2), with a schema for each CSV file.
//!
//! Independent software can check our CSV against it: types, required cells, codes, keys,
//! references, sizes and hashes.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde::Serialize;

use super::constraints::{Described, described};
use super::{CHECKSUMS_PATH, Made};
use crate::emit::flat::{self, FlatColumn};
use crate::emit::{Release, Selection, Written, code_list_path, csv, release_iri, selected, spdx};
use crate::model::kind::{CATEGORIES_MAX, Category, CategoryValue, Class, DateForm};
use crate::model::{CodeList, FlatTable, Kind, Marker, Model, TextFormat, canonical_integer};

/// Writes the description of the files that were written.
///
/// # Errors
/// The writer fails.
pub(super) fn write(
    release: &Release,
    selection: &Selection,
    made: &Made,
    out: &mut dyn Write,
) -> io::Result<()> {
    let package = package(release, selection, made);
    serde_json::to_writer_pretty(&mut *out, &package)?;
    out.write_all(b"\n")
}

const PROFILE: &str = "https://datapackage.org/profiles/2.0/datapackage.json";

#[derive(Serialize)]
struct Package<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    id: String,
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    title: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    homepage: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    keywords: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    licenses: Vec<License<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    contributors: Vec<Contributor<'a>>,
    resources: Vec<Resource<'a>>,
}

#[derive(Serialize)]
struct License<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// The whole expression, where it names more than one licence.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
}

#[derive(Serialize)]
struct Contributor<'a> {
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization: Option<&'a str>,
    roles: [&'static str; 1],
}

#[derive(Serialize)]
struct Resource<'a> {
    name: String,
    path: &'a str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    title: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    format: &'a str,
    mediatype: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
    bytes: u64,
    hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<Schema>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Schema {
    fields: Vec<Field>,
    missing_values: [&'static str; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    primary_key: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unique_keys: Vec<Vec<String>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    foreign_keys: Vec<ForeignKey>,
    /// What must hold between values, which Table Schema has no words for.
    #[serde(rename = "demarche:constraints", skip_serializing_if = "Vec::is_empty")]
    stated: Vec<Described>,
}

#[derive(Serialize)]
struct Field {
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'static str>,
    #[serde(skip_serializing_if = "String::is_empty")]
    title: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    #[serde(rename = "rdfType", skip_serializing_if = "Option::is_none")]
    rdf_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    categories: Option<Vec<Category>>,
    #[serde(rename = "categoriesOrdered", skip_serializing_if = "std::ops::Not::not")]
    categories_ordered: bool,
    /// In the released file only empty cells are missing, but the table that it was made from has markers.
    #[serde(rename = "missingValues", skip_serializing_if = "Vec::is_empty")]
    missing_values: Vec<MissingValue>,
    #[serde(skip_serializing_if = "Constraints::is_empty")]
    constraints: Constraints,
}

/// What stands for a missing value. In one list all have labels, or none has.
#[derive(Serialize)]
#[serde(untagged)]
enum MissingValue {
    Bare(String),
    Labelled {
        value: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        label: Option<String>,
    },
}

/// The empty cell and the markers of a column; nothing if it has none. Labels must differ, so two markers
/// with one reason have none.
fn missing_values(markers: &[Marker]) -> Vec<MissingValue> {
    if markers.is_empty() {
        return Vec::new();
    }
    let reasons: BTreeSet<_> = markers.iter().filter_map(|it| it.reason.as_ref()).collect();
    let is_labelled = reasons.len() == markers.len();
    let one = |value: &str, label: Option<&String>| match is_labelled {
        true => MissingValue::Labelled { value: value.to_owned(), label: label.cloned() },
        false => MissingValue::Bare(value.to_owned()),
    };
    let markers = markers.iter().map(|marker| one(&marker.text, marker.reason.as_ref()));
    std::iter::once(one("", None)).chain(markers).collect()
}

/// Markers, in words.
fn listed(markers: &[Marker]) -> String {
    let one = |marker: &Marker| match &marker.reason {
        Some(reason) => format!("{} ({reason})", marker.text),
        None => marker.text.clone(),
    };
    markers.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[derive(Default, Serialize)]
struct Constraints {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    required: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unique: bool,
    #[serde(rename = "enum", skip_serializing_if = "Vec::is_empty")]
    codes: Vec<CategoryValue>,
}

impl Constraints {
    fn is_empty(&self) -> bool {
        !self.required && !self.unique && self.codes.is_empty()
    }
}

#[derive(Serialize)]
struct ForeignKey {
    fields: Vec<String>,
    reference: Reference,
}

#[derive(Serialize)]
struct Reference {
    /// Left out for the resource itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<String>,
    fields: Vec<String>,
}

fn package<'a>(release: &Release<'a>, selection: &Selection, made: &'a Made<'_>) -> Package<'a> {
    let dataset = release.dataset;
    let expression = dataset.license.as_str();
    let licenses = spdx::identifiers(expression);
    Package {
        schema: PROFILE,
        id: release_iri(dataset),
        name: &dataset.name,
        title: &dataset.title,
        description: &dataset.description,
        version: &dataset.version,
        created: dataset.released.as_ref().map(|day| format!("{day}T00:00:00Z")),
        homepage: dataset.homepage.as_deref(),
        keywords: &dataset.keywords,
        licenses: licenses
            .into_iter()
            .map(|license| License {
                name: license,
                path: spdx::iri(license),
                title: (license != expression).then_some(expression),
            })
            .collect(),
        contributors: dataset
            .authors
            .iter()
            .map(|author| Contributor {
                title: &author.name,
                path: author.orcid.as_deref(),
                organization: author.affiliation.as_deref(),
                roles: ["author"],
            })
            .collect(),
        resources: resources(release, selection, made),
    }
}

/// Tables in the order of the model, then code lists, then the other files in that of their paths.
fn resources<'a>(
    release: &Release<'a>,
    selection: &Selection,
    made: &'a Made<'_>,
) -> Vec<Resource<'a>> {
    let written = &made.files;
    let find = |path: &str| written.iter().find(|file| file.path == path);
    let lists: BTreeSet<&str> = release
        .model
        .code_lists
        .iter()
        .filter(|list| find(&code_list_path(&list.name)).is_some())
        .map(|list| list.name.as_str())
        .collect();
    let mut resources = Vec::new();
    for (_, table) in selected(release, selection) {
        for flat in flat::tables(table) {
            let Some(file) = find(&csv::path(&flat.level.name)) else {
                continue;
            };
            let schema = schema(&flat, release, selection, made, &lists);
            resources.push(Resource {
                name: flat.level.name.clone(),
                title: &flat.level.title,
                description: &flat.level.description,
                kind: Some("table"),
                schema: Some(schema),
                ..resource(file)
            });
        }
    }
    let integer_lists = integer_lists(release.model);
    for list in &release.model.code_lists {
        if let Some(file) = find(&code_list_path(&list.name)) {
            resources.push(Resource {
                name: code_list_resource(&list.name),
                kind: Some("table"),
                schema: Some(code_list_schema(list, integer_lists.contains(list.name.as_str()))),
                ..resource(file)
            });
        }
    }
    let described: BTreeSet<&str> = resources.iter().map(|resource| resource.path).collect();
    let others = written
        .iter()
        .filter(|file| !described.contains(file.path.as_str()) && file.path != CHECKSUMS_PATH);
    resources.extend(others.map(resource));
    resources
}

fn code_list_resource(list: &str) -> String {
    format!("codelist.{list}")
}

/// A file of which no more is said. It is named by its path, which no table is.
fn resource(file: &Written) -> Resource<'_> {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let (format, mediatype, is_text) = match ending {
        // Under the names `json` and `parquet` frictionless takes a JSON Schema for a Table Schema,
        // and a file with lists for a table, and fails; so they go by names that it doesn't know,
        // and it checks their sizes and hashes.
        "json" if name.ends_with(".schema.json") => {
            ("schema.json", "application/schema+json", true)
        }
        "parquet" => ("apache-parquet", "application/vnd.apache.parquet", false),
        "csv" => (ending, "text/csv", true),
        "json" => (ending, "application/json", true),
        "jsonld" => (ending, "application/ld+json", true),
        "md" => (ending, "text/markdown", true),
        "html" => (ending, "text/html", true),
        "cff" => (ending, "application/yaml", true),
        _ => (ending, "application/octet-stream", false),
    };
    Resource {
        name: file.path.replace('/', "."),
        path: &file.path,
        kind: None,
        title: "",
        description: "",
        format,
        mediatype,
        encoding: is_text.then_some("utf-8"),
        bytes: file.bytes,
        hash: format!("sha256:{}", file.sha256),
        schema: None,
    }
}

fn schema(
    flat: &FlatTable,
    release: &Release,
    selection: &Selection,
    made: &Made<'_>,
    lists: &BTreeSet<&str>,
) -> Schema {
    let columns = flat::columns(flat);
    let primary_key = flat::primary_key(flat);
    let mut foreign_keys: Vec<_> = flat::foreign_keys(flat, release.model)
        .into_iter()
        .filter(|key| selection.has_table(&key.table))
        .map(|key| ForeignKey {
            fields: key.columns,
            reference: Reference {
                resource: (key.target != flat.level.name).then_some(key.target),
                fields: key.target_columns,
            },
        })
        .collect();
    let integer_lists = integer_lists(release.model);
    for column in &columns {
        if let Some(codes) = column.kind.codes()
            && codes.values.len() > CATEGORIES_MAX
            && let Some(list) = codes.list.as_deref().filter(|list| lists.contains(list))
            && column.kind.is_integer() == integer_lists.contains(list)
        {
            foreign_keys.push(ForeignKey {
                fields: vec![column.name.clone()],
                reference: Reference {
                    resource: Some(code_list_resource(list)),
                    fields: vec![CODE_COLUMN.to_owned()],
                },
            });
        }
    }
    Schema {
        fields: columns.iter().map(|column| field(column, &primary_key)).collect(),
        missing_values: [""],
        primary_key,
        unique_keys: flat::unique_keys(flat, release.model),
        foreign_keys,
        stated: described(flat, made, release.model),
    }
}

/// The column of a code list that has the codes.
const CODE_COLUMN: &str = "code";

fn field(column: &FlatColumn, primary_key: &[String]) -> Field {
    let kind = column.kind.names().table_schema;
    let format = column.format.and_then(frictionless_format);
    let mut description = column.about.description.clone();
    if let Some(unit) = &column.about.unit {
        append(&mut description, &format!("Unit: {unit}."));
    }
    if !column.about.missing.is_empty() {
        let markers = listed(&column.about.missing);
        append(&mut description, &format!("Missing where records say {markers}."));
    }
    if let Some(reason) = &column.about.reason {
        append(&mut description, &format!("Why it is missing: {reason}."));
    }
    let mut codes = Vec::new();
    let mut is_ordered = false;
    let mut rdf_type = None;
    if let Some(set) = column.kind.codes() {
        is_ordered = set.is_ordered;
        if let Some(list) = &set.list {
            append(&mut description, &format!("Code list: {list}."));
        }
        if set.values.len() <= CATEGORIES_MAX {
            codes = set.values.iter().map(|code| category_value(code, &column.kind)).collect();
        }
    }
    if column.kind.class() == Class::Date(DateForm::Edtf) {
        append(&mut description, "Extended Date/Time Format (ISO 8601-2).");
        // Of other kinds the type says as much.
        rdf_type = column.kind.names().rdf;
    }
    if column.kind.class() == Class::Date(DateForm::Year) {
        rdf_type = column.kind.names().rdf;
    }
    let constraints = Constraints {
        required: !column.nullable,
        unique: matches!(primary_key, [only] if *only == column.name),
        codes,
    };
    Field {
        name: column.name.clone(),
        kind,
        format,
        title: column.about.title.clone(),
        description,
        rdf_type,
        categories: column.kind.categories(),
        categories_ordered: is_ordered,
        missing_values: missing_values(&column.about.missing),
        constraints,
    }
}

/// The format of Table Schema that all texts of a format of JSON Schema have. An IRI may hold letters
/// that no URI has, and a reference may be relative: these are plain strings.
fn frictionless_format(format: TextFormat) -> Option<&'static str> {
    match format {
        TextFormat::Uri => Some("uri"),
        TextFormat::Uuid => Some("uuid"),
    }
}

fn append(description: &mut String, sentence: &str) {
    if !description.is_empty() {
        description.push(' ');
    }
    description.push_str(sentence);
}

/// Code lists that stand on integers and nowhere on text: their codes are integers in a release.
fn integer_lists(model: &Model) -> BTreeSet<&str> {
    let (mut integers, mut texts) = (BTreeSet::new(), BTreeSet::new());
    for flat in model.tables.iter().flat_map(flat::tables) {
        for column in &flat.level.columns {
            let Some(list) = column.kind.code_list() else { continue };
            if column.kind.is_integer() { &mut integers } else { &mut texts }.insert(list);
        }
    }
    integers.difference(&texts).copied().collect()
}

/// A code as the cells of a column hold it.
fn category_value(code: &str, kind: &Kind) -> CategoryValue {
    match canonical_integer(code).filter(|_| kind.is_integer()) {
        Some(number) => CategoryValue::Number(number),
        None => CategoryValue::Text(code.to_owned()),
    }
}

/// All text but codes that are integers: a code list may have any columns. Codes are its key where each has one row; a list
/// with a row for each spell of a code has none.
fn code_list_schema(list: &CodeList, is_of_integers: bool) -> Schema {
    let is_key = list.rows.len() == list.codes.values.len();
    let fields = list
        .columns
        .iter()
        .map(|name| {
            let is_code = name == CODE_COLUMN;
            Field {
                name: name.clone(),
                kind: if is_code && is_of_integers { "integer" } else { "string" },
                format: None,
                title: String::new(),
                description: String::new(),
                rdf_type: None,
                categories: None,
                categories_ordered: false,
                missing_values: Vec::new(),
                constraints: Constraints {
                    required: is_code,
                    unique: is_code && is_key,
                    codes: Vec::new(),
                },
            }
        })
        .collect();
    Schema {
        fields,
        missing_values: [""],
        primary_key: if is_key { vec![CODE_COLUMN.to_owned()] } else { Vec::new() },
        unique_keys: Vec::new(),
        foreign_keys: Vec::new(),
        stated: Vec::new(),
    }
}
