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
    let manifest = without_dialects(text(project, "dataset.toml"));
    let manifest = manifest_of_release(&manifest, release);
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

/// The manifest without what it says of files that others wrote: releases are written in one way.
fn without_dialects(manifest: &str) -> String {
    let blocks =
        Regex::new(r"(?ms)^\[\[?tables\.\w+\.csv[^\]]*\]\]?$.*?(?:^\[|\z)").expect("a pattern");
    let mut manifest = manifest.to_owned();
    while let Some(found) = blocks.find(&manifest) {
        let end = found.end() - usize::from(found.as_str().ends_with("\n["));
        manifest.replace_range(found.start()..end, "");
    }
    Regex::new(r"(?m)^readers = .*\n").expect("a pattern").replace_all(&manifest, "").into_owned()
}

/// The manifest with patterns for the released files instead of the curated ones.
fn manifest_of_release(manifest: &str, release: &Files) -> String {
    let rows: BTreeMap<_, _> = Regex::new(r#"(?s)\[tables\.(\w+)\][^\[]*\[[^\[]*?row = "(\w+)""#)
        .expect("a pattern")
        .captures_iter(manifest)
        .map(|found| (found[1].to_owned(), found[2].to_owned()))
        .collect();
    assert_eq!(rows.len(), manifest.matches("[tables.").count(), "every table has a row");
    let mut table = String::new();
    let mut lines = Vec::new();
    for line in manifest.lines() {
        if let Some(name) = line.strip_prefix("[tables.") {
            table = name.trim_end_matches(']').to_owned();
        }
        if !line.starts_with("records = ") {
            lines.push(line.to_owned());
            continue;
        }
        let mut patterns = vec![format!("csv/{table}.csv")];
        let children = format!("csv/{}_", rows[&table]);
        if release.keys().any(|path| path.starts_with(&children)) {
            patterns.push(format!("{children}*.csv"));
        }
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
fn files_that_others_wrote_survive() {
    let counts =
        [("csv/summits.csv", 8), ("csv/summit_participants.csv", 55), ("csv/states.csv", 7)];
    assert_round_trip(&project("summits"), &counts);
}

#[test]
fn what_is_worked_out_is_worked_out_again() {
    let counts = [("csv/codings.csv", 41), ("csv/codings_agreement.csv", 10)];
    assert_round_trip(&project("codings"), &counts);
}
