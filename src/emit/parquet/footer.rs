//! What a Parquet file says about itself: keys of the footer and of the Arrow schema.

use std::collections::BTreeMap;

use arrow_schema::Metadata;
use parquet::arrow::PARQUET_FIELD_ID_META_KEY;
use parquet::file::metadata::KeyValue;
use serde::Serialize;

use crate::emit::{Release, citation, release_iri};
use crate::model::kind::Category;
use crate::model::{About, Kind};

/// What `demarche:columns` says of one column.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ColumnNote {
    #[serde(skip_serializing_if = "String::is_empty")]
    title: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    label: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code_list: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    categories: Option<Vec<Category>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    categories_ordered: bool,
    /// The markers of a missing value in the records, each with its reason.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    missing: BTreeMap<String, Option<String>>,
}

impl ColumnNote {
    /// What the model knows of a column.
    pub fn new(about: &About, kind: &Kind) -> Self {
        let code_list = kind.code_list().map(str::to_owned);
        let categories = kind.categories();
        let categories_ordered = kind.codes().is_some_and(|codes| codes.is_ordered);
        Self { code_list, categories, categories_ordered, ..Self::plain(about) }
    }

    /// What is known of a column that holds no codes.
    pub fn plain(about: &About) -> Self {
        Self {
            title: about.title.clone(),
            label: about.label.clone(),
            description: about.description.clone(),
            unit: about.unit.clone(),
            code_list: None,
            categories: None,
            categories_ordered: false,
            missing: missing(about),
        }
    }
}

/// The markers of a column with their reasons.
fn missing(about: &About) -> BTreeMap<String, Option<String>> {
    about.missing.iter().map(|marker| (marker.text.clone(), marker.reason.clone())).collect()
}

/// What `demarche:dataset` says.
#[derive(Serialize)]
struct DatasetNote<'a> {
    name: &'a str,
    title: &'a str,
    description: &'a str,
    version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    released: Option<&'a str>,
    license: &'a str,
    base: &'a str,
    iri: String,
    citation: String,
    table: &'a str,
    flat_table: &'a str,
}

/// The keys of the footer: what the dataset and the columns are.
pub fn key_values(
    release: &Release,
    table: &str,
    flat_table: &str,
    columns: Vec<(String, ColumnNote)>,
) -> Vec<KeyValue> {
    let dataset = release.dataset;
    let note = DatasetNote {
        name: &dataset.name,
        title: &dataset.title,
        description: &dataset.description,
        version: &dataset.version,
        released: dataset.released.as_deref(),
        license: &dataset.license,
        base: &dataset.base,
        iri: release_iri(dataset),
        citation: citation(dataset),
        table,
        flat_table,
    };
    let columns: BTreeMap<_, _> = columns.into_iter().collect();
    vec![
        KeyValue::new("demarche:dataset".to_owned(), json(&note)),
        KeyValue::new("demarche:columns".to_owned(), json(&columns)),
    ]
}

/// What the Arrow schema says of a field.
pub fn field_metadata(id: i32, about: &About) -> Metadata {
    let missing = missing(about);
    let missing = (!missing.is_empty()).then(|| json(&missing));
    let texts = [
        ("title", Some(&about.title)),
        ("label", Some(&about.label)),
        ("description", Some(&about.description)),
        ("unit", about.unit.as_ref()),
        ("missing", missing.as_ref()),
    ];
    let mut metadata: Metadata = texts
        .into_iter()
        .filter_map(|(name, text)| Some((name, text.filter(|text| !text.is_empty())?.as_str())))
        .collect();
    metadata.insert(PARQUET_FIELD_ID_META_KEY, id.to_string());
    metadata
}

/// What the Arrow schema says of a column.
pub fn column_metadata(id: i32, about: &About, kind: &Kind) -> Metadata {
    let mut metadata = field_metadata(id, about);
    if let Some(categories) = kind.categories() {
        metadata.insert("categories", json(&categories));
    }
    if kind.codes().is_some_and(|codes| codes.is_ordered) {
        metadata.insert("categories_ordered", "true".to_owned());
    }
    metadata
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("texts and maps of texts are JSON")
}
