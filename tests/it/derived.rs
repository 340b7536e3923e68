//! Tables that are worked out from records: small projects, one for each way in which such tables go wrong, with
//! what was worked out on paper.

#![expect(clippy::disallowed_methods, reason = "the projects lie on the disk")]

use std::collections::BTreeMap;
use std::fs;

use crate::support::{Files, build_in_memory, read_directory, repository};

/// The rows of a CSV file as text, with the header first.
fn rows(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.map(|row| row.iter().map(str::to_owned).collect()).collect()
}

/// The projects below `tests/derived/`, without what is expected of them, which comes apart.
fn projects() -> Vec<(String, Files, BTreeMap<String, Vec<u8>>)> {
    let directory = repository().join("tests/derived");
    let entries = fs::read_dir(&directory).expect("the projects are there");
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().expect("a name is text"))
        .collect();
    names.sort();
    let read = |name: String| {
        let (mut files, mut expected) = (Files::new(), BTreeMap::new());
        for (path, bytes) in read_directory(&directory.join(&name)) {
            match path.strip_prefix("expected/").and_then(|it| it.strip_suffix(".csv")) {
                Some(table) => {
                    expected.insert(table.to_owned(), bytes);
                }
                None => {
                    files.insert(path, bytes);
                }
            }
        }
        (name, files, expected)
    };
    names.into_iter().map(read).collect()
}

#[test]
fn tables_are_as_worked_out_on_paper() {
    let mut wrong = Vec::new();
    let mut compared = 0;
    for (name, files, expected) in projects() {
        let release = match build_in_memory(&files, 2) {
            Ok(release) => release,
            Err(diagnostics) => {
                wrong.push(format!("{name}: {diagnostics:#?}"));
                continue;
            }
        };
        for (table, expected) in expected {
            compared += 1;
            let Some(found) = release.get(&format!("csv/{table}.csv")) else {
                wrong.push(format!("{name}: there is no table {table}"));
                continue;
            };
            let (found, expected) = (rows(found), rows(&expected));
            if found != expected {
                let show = |rows: &[Vec<String>]| {
                    rows.iter().map(|row| format!("  {}\n", row.join(","))).collect::<String>()
                };
                let (found, expected) = (show(&found), show(&expected));
                wrong.push(format!("{name}: {table} is\n{found} and should be\n{expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 30, "{compared} tables were compared");
}

#[test]
fn tables_are_the_same_at_any_number_of_workers() {
    for (name, files, _) in projects() {
        let one = build_in_memory(&files, 1).expect("a sound project");
        let four = build_in_memory(&files, 4).expect("a sound project");
        assert!(one == four, "{name}");
    }
}
