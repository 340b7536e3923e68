//! Markers for missing values, their reasons, and keys that are made: what is released of a table that has
//! them, and that it doesn't matter in which format the records were.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{self, Files, build_in_memory, project, text};

/// The rows of a released table, each with its cells by name.
fn rows(release: &Files, path: &str) -> Vec<BTreeMap<String, String>> {
    support::csv(release, path).1.into_iter().map(|row| row.into_iter().collect()).collect()
}

fn cells<'r>(row: &'r BTreeMap<String, String>, names: &[&str]) -> Vec<&'r str> {
    names.iter().map(|name| row.get(*name).map_or("", String::as_str)).collect()
}

fn built() -> Files {
    build_in_memory(&project("country-years"), 2).unwrap_or_else(|found| panic!("{found:#?}"))
}

#[test]
fn markers_are_empty_cells_and_reasons_have_columns() {
    let release = built();
    let years = rows(&release, "csv/years.csv");
    let names = ["deaths", "deaths_missing", "gdp", "polity", "polity_missing", "iso2"];
    let of = |state: &str, year: &str| {
        let is_it = |row: &&BTreeMap<_, _>| row["state_id"] == state && row["year"] == year;
        cells(years.iter().find(is_it).expect("it was recorded"), &names)
    };
    assert_eq!(of("FRA", "1940"), ["", "not known", "", "", "interruption", "FR"]);
    assert_eq!(of("FRA", "1944"), ["120", "", "", "", "transition", "FR"]);
    assert_eq!(of("MUS", "1990"), ["", "not applicable", "2653.5", "10", "", "MU"]);
    assert_eq!(of("NAM", "1989"), ["0", "", "2101.0", "-9", "", "NA"]);
    assert_eq!(of("NAM", "2020"), ["", "not known", "", "", "interregnum", "NA"]);
    assert_eq!(of("FRA", "2020"), ["", "not known", "2630318.0", "10", "", "FR"]);
    let talks: Vec<_> =
        years.iter().map(|row| cells(row, &["talks_place", "talks_rounds"])).collect();
    assert_eq!(talks.iter().filter(|talks| talks.iter().any(|it| !it.is_empty())).count(), 2);
    let mut sources: Vec<_> = years.iter().map(|row| cells(row, &["n_sources"])[0]).collect();
    sources.sort_unstable();
    assert_eq!(sources, ["", "", "", "0", "1", "1", "1", "2"]);
    let leaders = rows(&release, "csv/leaders.csv");
    let leaders: Vec<_> = leaders
        .iter()
        .map(|row| {
            cells(row, &["leader_id", "until", "until_earliest", "years", "elected"]).join("|")
        })
        .collect();
    assert_eq!(
        leaders,
        [
            "FRA-1958-10-01|1969-04-28|1969-04-28|68.0|true",
            "MUS-1968-03-12|||67.5|true",
            "NAM-1990-03-21||||",
            "NAM-2005-03-21|2015-03-21|2015-03-21||true",
        ]
    );
}

#[test]
fn keys_are_the_same_in_every_format() {
    let files = project("country-years");
    let release = built();
    let mut others = files.clone();
    let lines = text(&files, "data/years-recent.jsonl").to_owned();
    let mut yaml = String::new();
    for line in lines.lines() {
        let record: BTreeMap<String, Value> = serde_json::from_str(line).expect("a record");
        // In another order, and one record a document.
        for (name, value) in record.iter().rev() {
            yaml += &format!("{name}: {value}\n");
        }
        yaml += "---\n";
    }
    others.remove("data/years-recent.jsonl");
    others.insert("data/years.yaml".to_owned(), yaml.into_bytes());
    let manifest = text(&files, "dataset.toml").replace("data/years*.jsonl", "data/years.yaml");
    others.insert("dataset.toml".to_owned(), manifest.into_bytes());
    let again = build_in_memory(&others, 1).unwrap_or_else(|found| panic!("{found:#?}"));
    assert_eq!(text(&release, "csv/years.csv"), text(&again, "csv/years.csv"));
    // A record more leaves the keys of the others alone.
    let more = format!("{lines}{}\n", r#"{"state": "FRA", "year": 1914}"#);
    let mut files = files;
    files.insert("data/years-recent.jsonl".to_owned(), more.into_bytes());
    let more = build_in_memory(&files, 1).unwrap_or_else(|found| panic!("{found:#?}"));
    let keys = |release: &Files| -> Vec<_> {
        rows(release, "csv/years.csv").iter().map(|row| row["year_id"].clone()).collect()
    };
    let (before, after) = (keys(&release), keys(&more));
    assert_eq!((before.len(), after.len()), (8, 9));
    assert!(before.iter().all(|key| after.contains(key) && key.len() == "cy-".len() + 16));
}

#[test]
fn markers_are_shown() {
    let release = built();
    let package: Value = serde_json::from_str(text(&release, "datapackage.json")).expect("JSON");
    let field = |resource: &str, name: &str| {
        let named = |list: &Value, name: &str| {
            list.as_array().and_then(|all| all.iter().find(|it| it["name"] == *name).cloned())
        };
        let resource = named(&package["resources"], resource).expect("a resource");
        named(&resource["schema"]["fields"], name).expect("a field")
    };
    let labelled = json!([
        { "value": "" },
        { "value": "-66", "label": "interruption" },
        { "value": "-77", "label": "interregnum" },
        { "value": "-88", "label": "transition" },
    ]);
    assert_eq!(field("years", "polity")["missingValues"], labelled);
    assert_eq!(field("leaders", "years")["missingValues"], json!(["", ".", "-9"]));
    assert_eq!(field("years", "year_id").get("missingValues"), None);
    let codebook = text(&release, "codebook.md");
    assert!(codebook.contains("Missing where records say `-9` (not known), `-8` (not applicable)"));
    assert!(codebook.contains("Why it is missing: `polity_missing`."));
}
