//! Code lists that the manifest declares, and codes that are numbers, in the files of a release.

use arrow_schema::DataType;
use serde_json::json;

use crate::support::{self, Files, build, csv, json as read_json, on_disk, only, project, text};

fn released() -> Files {
    build(on_disk(&project("crises")).path(), |_| {})
}

/// The field of a resource of the Data Package.
fn field(release: &Files, resource: &str, name: &str) -> serde_json::Value {
    let package = read_json(release, "datapackage.json");
    let named = |of: &serde_json::Value, name: &str| {
        let all = of.as_array().expect("a list").iter();
        all.clone().find(|it| it["name"] == name).expect("it is there").clone()
    };
    named(&named(&package["resources"], resource)["schema"]["fields"], name)
}

#[test]
fn columns_hold_numbers_and_say_what_they_mean() {
    let release = released();
    let (_, rows) = csv(&release, "csv/crises.csv");
    assert_eq!(rows[0]["initiator"], "365");
    let schema = support::parquet::read(&release, "parquet/crises.parquet").batches[0].schema();
    let hostility = schema.field_with_name("hostility").expect("a column");
    assert_eq!(hostility.data_type(), &DataType::Int8);
    assert_eq!(
        schema.field_with_name("initiator").expect("a column").data_type(),
        &DataType::Int16,
        "the list's codes decide"
    );
    assert_eq!(
        schema.field_with_name("place").expect("a column").data_type(),
        &DataType::Int32,
        "the schema's bounds come first"
    );
    let categories: serde_json::Value =
        serde_json::from_str(&hostility.metadata()["categories"]).expect("JSON");
    assert_eq!(categories[4], json!({ "value": 5, "label": "War" }));
    assert_eq!(hostility.metadata()["categories_ordered"], "true");
    let described = field(&release, "crises", "hostility");
    assert_eq!(described["type"], "integer");
    assert_eq!(described["categories"], categories);
    assert_eq!(described["categoriesOrdered"], true);
    assert_eq!(described["constraints"]["enum"], json!([1, 2, 3, 4, 5]));
    let outcome = field(&release, "crises", "outcome");
    assert_eq!(outcome["categories"][3], json!({ "value": "victory", "label": "Victory" }));
    assert_eq!(field(&release, "crises", "initiator")["categoriesOrdered"], json!(null));
    assert!(text(&release, "jsonld/crises.jsonld").contains(r#""crisis_initiator":"365""#));
}

/// A release's code lists have the names that every list has, whatever the files of the project call their
/// columns: so whoever reads them as code lists declares nothing about them but their order.
#[test]
fn released_code_lists_need_no_mapping() {
    let release = released();
    let mut again = project("crises");
    again.retain(|path, _| !path.starts_with("schema/lists/") && !path.contains("codelists"));
    again.extend(only(&release, |path| path.starts_with("schema/codelists/")));
    let manifest = text(&again, "dataset.toml");
    let without: String = manifest
        .split("\n\n")
        .filter(|block| !block.starts_with("[codelists.cow]") && !block.contains("of = "))
        .map(|block| format!("{block}\n\n"))
        .collect();
    assert!(
        !without.contains("statenme") && without.contains("[codelists.hostility]"),
        "{without}"
    );
    again.insert("dataset.toml".to_owned(), without.into_bytes());
    let again = build(on_disk(&again).path(), |_| {});
    let kept = |files: &Files| {
        only(files, |path| !matches!(path, "codebook.md" | "SHA256SUMS" | "datapackage.json"))
    };
    support::assert_same_files(&kept(&release), &kept(&again), "with the lists of a release");
}
