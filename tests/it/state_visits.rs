//! Two real lists, whole: visits of foreign leaders to the United States, and travels of its
//! presidents and secretaries of state. Every record is accounted for, and nothing else is found
//! but what is known to be wrong.
//!
//! The lists lie beside the repository, in `../shared/data/state-visits`; without them the tests
//! say so and pass.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{self, Files, demarche, on_disk, read_directory, repository, run, text};

/// The project with its records, if they are there.
fn project() -> Option<Files> {
    let lists = read_directory(&repository().join("../shared/data/state-visits"));
    if lists.is_empty() {
        eprintln!("skipped: there is no ../shared/data/state-visits");
        return None;
    }
    let mut files = support::project("state-visits");
    for name in ["visits.csv", "travels.csv"] {
        files.insert(format!("data/{name}"), lists[name].clone());
    }
    Some(files)
}

/// The messages of a command on a project, and its exit code.
fn messages(command: &str, project: &TempDir) -> (Option<i32>, Vec<Value>) {
    let mut command = demarche(&[command, "--message-format", "json", "--project"]);
    let run = run(command.arg(project.path()));
    assert_eq!(run.stderr, "");
    let lines = run.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    (run.code, lines.collect())
}

/// Travels that say the same under two identifiers, as (the later, the earlier).
fn duplicates(found: &[Value]) -> Vec<(String, String)> {
    let of_line = |place: &Value| place["line"].as_u64().expect("a line");
    let duplicate = |one: &Value| {
        assert_eq!((&one["code"], &one["severity"]), (&json!("U001"), &json!("warning")));
        assert_eq!(one["place"]["file"], "data/travels.csv");
        assert_ne!(of_line(&one["place"]), of_line(&one["related"][0]["place"]));
        let message = one["message"].as_str().expect("a message");
        let mut ids = message.split('`').skip(1).step_by(2).map(str::to_owned);
        (ids.next().expect("an id"), ids.next().expect("another"))
    };
    found.iter().map(duplicate).collect()
}

fn known_duplicates() -> Vec<(String, String)> {
    [("4019", "3992"), ("4020", "3993")].map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec()
}

#[test]
fn all_records_are_sound_and_known_duplicates_found() {
    let Some(files) = project() else { return };
    let project = on_disk(&files);
    let (code, mut found) = messages("check", &project);
    assert_eq!(code, Some(0));
    let summary = found.pop().expect("a summary");
    assert_eq!(summary["records"], json!({ "visits": 3264, "travels": 4271 }));
    assert_eq!((&summary["errors"], &summary["warnings"]), (&json!(0), &json!(2)));
    assert_eq!(duplicates(&found), known_duplicates());
}

#[test]
fn every_cell_is_released() {
    let Some(files) = project() else { return };
    let project = on_disk(&files);
    let release = support::build(project.path(), |_| {});
    // Travels have no lists and no times of day: what was read is what is written, in the order of
    // the keys, which are called after the table's rows.
    let (mut header, mut rows) = support::csv(&files, "data/travels.csv");
    header.iter_mut().filter(|name| *name == "id").for_each(|name| *name = "travel_id".to_owned());
    for row in &mut rows {
        let key = row.remove("id").expect("a key");
        row.insert("travel_id".to_owned(), key);
    }
    rows.sort_by(|a, b| a["travel_id"].cmp(&b["travel_id"]));
    assert_eq!(rows.len(), 4271);
    let (mut released, released_rows) = support::csv(&release, "csv/travels.csv");
    assert!(rows == released_rows, "travels");
    header.sort();
    released.sort();
    assert_eq!(header, released);
    assert!(support::parquet::read(&release, "parquet/travels.parquet").rows() == rows);

    let (_, visits) = support::csv(&release, "csv/visits.csv");
    assert_eq!(visits.len(), 3264);
    let (_, curated) = support::csv(&files, "data/visits.csv");
    let countries: usize = curated.iter().map(|visit| visit["from_id"].split('|').count()).sum();
    let (_, released) = support::csv(&release, "csv/visit_from_id.csv");
    assert_eq!(released.len(), countries);
    let document: Value =
        serde_json::from_str(text(&release, "jsonld/state-visits.jsonld")).expect("JSON");
    assert_eq!(document["@graph"].as_array().map(Vec::len), Some(3264 + 4271));
}

#[test]
fn stray_white_space_is_found_in_each_of_its_records() {
    let Some(mut files) = project() else { return };
    let untrimmed = repository().join("tests/projects/state-visits/untrimmed");
    let untrimmed = read_directory(&untrimmed).remove("visits.csv").expect("the excerpt");
    files.insert("data/visits.csv".to_owned(), untrimmed);
    let project = on_disk(&files);
    for command in ["check", "build"] {
        let (code, mut found) = messages(command, &project);
        assert_eq!(code, Some(1));
        let summary = found.pop().expect("a summary");
        assert_eq!(summary["errors"], 19);
        assert_eq!(summary["release"], Value::Null);
        let (errors, warnings): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|one| one["severity"] == "error");
        assert_eq!(duplicates(&warnings), known_duplicates(), "each thing is said once");
        assert_eq!(errors.len(), 19);
        for (number, error) in errors.iter().enumerate() {
            assert_eq!(error["code"], "S008");
            assert_eq!(error["place"]["file"], "data/visits.csv");
            assert_eq!(error["place"]["pointer"], "/visitor");
            assert_eq!(error["place"]["line"], number + 2, "one a record");
            assert_eq!(error["record"]["table"], "visits");
        }
    }
}
