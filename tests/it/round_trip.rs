//! A release is enough to make it again: its CSV files, read as records, build to the same bytes in
//! every format. What is internal isn't in a release, so a schema must not ask for it then.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use crate::support::{
    self, Files, assert_same_files, build_in_memory, embedded, only, project, text,
};

/// A project whose records are the CSV files of its own release.
fn of_release(project: &Files, release: &Files) -> Files {
    let mut again = only(project, |path| !path.starts_with("data/"));
    let manifest = manifest_of_release(text(project, "dataset.toml"), release);
    again.insert("dataset.toml".to_owned(), manifest.into_bytes());
    // The last of the required properties, as all projects here write it.
    let required = Regex::new(r#",\s*"coding"(\s*\])"#).expect("a pattern");
    for (path, bytes) in &mut again {
        if path.ends_with(".schema.json") {
            let schema = String::from_utf8(bytes.clone()).expect("UTF-8");
            *bytes = required.replace_all(&schema, "$1").into_owned().into_bytes();
        }
    }
    again.extend(only(release, |path| path.starts_with("csv/")));
    again
}

/// Whether a released file has a table that the manifest derives, or one that stands beside it.
fn is_derived(manifest: &str, path: &str) -> bool {
    let name = path.trim_start_matches("csv/").trim_end_matches(".csv");
    let derived =
        manifest.lines().filter_map(|line| line.strip_prefix("[derived.")?.strip_suffix(']'));
    let beside = ["_directed", "_universe", "_outside"];
    derived.filter(|it| !it.contains('.')).any(|it| {
        name.strip_prefix(it).is_some_and(|rest| rest.is_empty() || beside.contains(&rest))
    })
}

/// The manifest with patterns for the released files instead of the curated ones, and without what it says
/// about how those are written.
fn manifest_of_release(manifest: &str, release: &Files) -> String {
    let table_of = |line: &str| {
        let name = line.strip_prefix("[tables.")?.strip_suffix(']')?;
        (!name.contains('.')).then(|| name.to_owned())
    };
    let mut table = String::new();
    let mut rows = BTreeMap::new();
    for line in manifest.lines() {
        table = table_of(line).unwrap_or(table);
        if let Some(row) = line.strip_prefix("row = ") {
            rows.insert(table.clone(), row.trim_matches('"').to_owned());
        }
    }
    let (mut lines, mut is_left_out) = (Vec::new(), false);
    for line in manifest.lines() {
        table = table_of(line).unwrap_or(table);
        if line.starts_with('[') {
            let about_input = (line.starts_with("[[tables.") && !line.ends_with(".expect]]"))
                || line.ends_with(".readers]")
                || line.contains(".csv.");
            is_left_out = about_input;
        }
        if is_left_out || line.starts_with("readers = ") {
            continue;
        }
        if !line.starts_with("records = ") {
            lines.push(line.to_owned());
            continue;
        }
        let mut patterns = vec![format!("csv/{table}.csv")];
        let children = format!("csv/{}_", rows.get(&table).unwrap_or(&table));
        let of_lists = release.keys().filter(|path| path.starts_with(&children));
        patterns.extend(of_lists.filter(|path| !is_derived(manifest, path)).cloned());
        lines.push(format!("records = {patterns:?}"));
    }
    lines.join("\n")
}

#[track_caller]
fn assert_round_trip(files: &Files, counts: &[(&str, usize)]) {
    let release = build_in_memory(files, 2).unwrap_or_else(|found| panic!("{found:#?}"));
    for (path, rows) in counts {
        assert_eq!(support::csv(&release, path).1.len(), *rows, "{path}");
    }
    let again = of_release(files, &release);
    let again = build_in_memory(&again, 2).unwrap_or_else(|found| panic!("{found:#?}"));
    assert_same_files(&release, &again, "built from its own CSV");
    let formats: BTreeSet<_> = release.keys().filter_map(|path| path.split_once('/')).collect();
    let formats: BTreeSet<_> = formats.into_iter().map(|(format, _)| format).collect();
    assert_eq!(formats, BTreeSet::from(["csv", "jsonld", "parquet"]));
}

#[test]
fn dates_in_parts_years_money_and_local_times_come_back() {
    let counts = [("csv/leader_tenures.csv", 6), ("csv/budgets.csv", 5), ("csv/visits.csv", 3)];
    assert_round_trip(&project("leaders"), &counts);
}

#[test]
fn the_embedded_dataset_is_built_from_its_release() {
    let records = |table: &str| {
        let directory = format!("data/{table}/");
        embedded().keys().filter(|path| path.starts_with(&directory)).count()
    };
    let counts: Vec<_> = [
        ("csv/events.csv", "events"),
        ("csv/persons.csv", "persons"),
        ("csv/organisations.csv", "organisations"),
        ("csv/places.csv", "places"),
        ("csv/sources.csv", "sources"),
    ]
    .map(|(path, table)| (path, records(table)))
    .to_vec();
    assert_round_trip(&embedded(), &counts);
}

#[test]
fn every_kind_of_value_survives() {
    assert_round_trip(&project("treaties"), &[("csv/treaties.csv", 6), ("csv/ports.csv", 5)]);
}

#[test]
fn a_flat_table_survives() {
    assert_round_trip(&project("visits"), &[("csv/visits.csv", 40)]);
}

#[test]
fn every_project_is_built_from_its_release() {
    for name in support::projects() {
        println!("{name}");
        assert_round_trip(&project(&name), &[]);
    }
}

#[test]
fn what_is_worked_out_is_worked_out_again() {
    let counts = [
        ("csv/codings.csv", 41),
        ("csv/codings_agreement.csv", 14),
        ("csv/codings_agreement_codes.csv", 19),
    ];
    assert_round_trip(&project("codings"), &counts);
}

#[test]
fn missing_values_with_reasons_and_made_keys_survive() {
    let counts = [("csv/years.csv", 8), ("csv/states.csv", 3), ("csv/year_sources.csv", 5)];
    assert_round_trip(&project("country-years"), &counts);
}

#[test]
fn codes_that_are_numbers_survive() {
    assert_round_trip(&project("crises"), &[("csv/crises.csv", 4), ("csv/years.csv", 6)]);
}
