//! Any schema at all: it is refused, or what it lets through is released as it was said.
//!
//! What a record says is worked out here from the record alone, and which records are valid by the
//! `jsonschema` crate, so that neither the model nor the acceptor is asked about itself.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, FixedOffset};
use demarche::diagnostic::{Severity, code};
use demarche::parse;
use demarche::schema::{Acceptor, Authority, names_of};
use demarche::schema::{SchemaPlace, Schemas, certain, types};
use demarche::tape::Tape;
use demarche::workspace::SourceId;
use serde_json::{Map, Value, json};

use super::spelling::{Speller, odd};
use super::{EDTF_PARTS, items, join, read_decimals, silence_rules, without_ids};
use crate::support::{self, Files, Row, build_in_memory, only, parquet, text, things};

/// How many schemas a run makes; `ANY_SCHEMA_CASES` says another number.
#[expect(clippy::disallowed_methods, reason = "who runs the test says how long")]
fn cases() -> u64 {
    std::env::var("ANY_SCHEMA_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(400)
}

fn tape(value: &Value) -> Tape {
    let mut tape = Tape::new(SourceId(0), 0, value.to_string());
    let mut found = Vec::new();
    parse::json::parse_value(&mut tape, SourceId(0), &mut found);
    tape
}

fn accepts(authority: &Authority, value: &Value) -> bool {
    let tape = tape(value);
    authority.accepts(0, tape.roots().next().expect("a value"))
}

fn authority(schema: &Value) -> Option<Authority> {
    Authority::of_schema(schema, HashMap::new(), true).ok()
}

fn listed(keywords: &Map<String, Value>) -> Option<Vec<&str>> {
    Some(certain::constants(keywords)?.iter().filter_map(Value::as_str).collect())
}

fn formatted(keywords: &Map<String, Value>) -> Option<Vec<&str>> {
    Some(vec![keywords.get("format")?.as_str()?])
}

/// What is called certain holds of every value that the authority accepts, and the acceptor accepts no
/// other.
#[test]
fn what_is_certain_holds() {
    let mut held = 0;
    for seed in 0..cases() * 5 {
        let mut speller = Speller::new(seed);
        let (schema, target) = speller.value_schema();
        let Some(authority) = authority(&schema) else { continue };
        let mut schemas = Schemas::default();
        let root = schemas.add("project:///any.schema.json", Arc::new(schema.clone()));
        let schemas = Arc::new(schemas);
        let at = SchemaPlace { document: root, pointer: String::new() };
        let known = certain::KnownTypes::default();
        let possible = certain::possible(&schemas, &known, &at);
        let texts = certain::certain(&schemas, &known, &at, &listed);
        let formats = certain::certain(&schemas, &known, &at, &formatted);
        let of_formats = formats.as_ref().map(|formats| {
            let branches: Vec<_> = formats.iter().map(|it| json!({ "format": it })).collect();
            self::authority(&json!({ "anyOf": branches })).expect("a schema")
        });
        let names = Arc::new(names_of([&schema]));
        let acceptor = Acceptor::new(&schemas, root, &names, true);
        let mut values = odd().to_vec();
        values.extend((0..8).map(|_| speller.value(target)));
        for value in values {
            let is_valid = accepts(&authority, &value);
            if let Some(acceptor) = &acceptor {
                let mut tape = Tape::with_names(Arc::clone(&names));
                tape.reset(SourceId(0), 0, value.to_string());
                parse::json::parse_value(&mut tape, SourceId(0), &mut Vec::new());
                let root = tape.roots().next().expect("a value");
                let accepted = acceptor.accepts(root);
                assert!(!accepted || is_valid, "{seed}: {value} is accepted\n{schema:#}");
            }
            if !is_valid {
                continue;
            }
            held += 1;
            let found = types::of_json(&value);
            assert!(found & possible != 0, "{seed}: {value} has another type\n{schema:#}");
            let Some(text) = value.as_str() else { continue };
            if let Some(texts) = &texts {
                assert!(texts.contains(&text), "{seed}: {value} isn't listed\n{schema:#}");
            }
            if let Some(formats) = &of_formats {
                assert!(accepts(formats, &value), "{seed}: {value} has no format\n{schema:#}");
            }
        }
    }
    assert!(held as u64 > cases() * 5, "{held} values");
}

/// What the flat tables must say, from records alone: table → rows of column → value.
type Said = BTreeMap<String, Vec<BTreeMap<String, Value>>>;

fn said(records: &[Value]) -> Said {
    let mut said = Said::new();
    for record in records {
        let mut row = BTreeMap::new();
        let parents = BTreeMap::from([("thing_id".to_owned(), record["id"].clone())]);
        object("thing", "", record, &parents, &mut row, &mut said);
        // The key is called so in all tables.
        row.remove("id");
        row.extend(parents);
        said.entry("things".to_owned()).or_default().push(row);
    }
    said
}

fn object(
    above: &str,
    prefix: &str,
    value: &Value,
    parents: &BTreeMap<String, Value>,
    row: &mut BTreeMap<String, Value>,
    said: &mut Said,
) {
    for (name, value) in value.as_object().expect("an object") {
        let path = join(prefix, name);
        match value {
            Value::Null => {}
            Value::Object(_) => object(above, &path, value, parents, row, said),
            Value::Array(list) => {
                row.insert(format!("n_{path}"), list.len().into());
                let child = format!("{above}_{path}");
                for (position, item) in list.iter().enumerate() {
                    let mut below = parents.clone();
                    below.insert("position".to_owned(), position.into());
                    let mut named = parents.clone();
                    named.insert(format!("{name}_position"), position.into());
                    match item {
                        Value::Object(_) => object(&child, "", item, &named, &mut below, said),
                        _ => drop(below.insert("value".to_owned(), item.clone())),
                    }
                    said.entry(child.clone()).or_default().push(below);
                }
            }
            _ => drop(row.insert(path, value.clone())),
        }
    }
}

fn instant(text: &str) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(text).ok()
}

/// Whether a cell says what a value says.
fn says(cell: &str, value: &Value) -> bool {
    match value {
        Value::Bool(value) => cell == if *value { "true" } else { "false" },
        Value::Number(number) => match (number.as_i64(), cell.parse::<i64>()) {
            (Some(integer), Ok(cell)) => integer == cell,
            _ => cell.parse::<f64>().ok() == number.as_f64(),
        },
        Value::String(text) => {
            cell == text || instant(text).is_some_and(|it| instant(cell) == Some(it))
        }
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

/// Whether a row says all that was said, and nothing else but what is worked out from a date.
fn row_says(row: &Row, said: &BTreeMap<String, Value>) -> bool {
    let is_derived = |column: &str| {
        let stem = column.rsplit_once('_').filter(|(_, part)| EDTF_PARTS.contains(part));
        stem.is_some_and(|(stem, _)| said.contains_key(stem))
    };
    said.iter().all(|(column, value)| row.get(column).is_some_and(|cell| says(cell, value)))
        && row.keys().all(|column| said.contains_key(column) || is_derived(column))
}

/// The members that a JSON-LD node must have, without `@id`.
fn node(above: &str, prefix: &str, value: &Value) -> Map<String, Value> {
    let mut members = Map::new();
    for (name, value) in value.as_object().expect("an object") {
        let path = join(prefix, name);
        let key = format!("{above}_{path}");
        let value = match value {
            Value::Null => continue,
            Value::Object(_) => Value::from(node(above, &path, value)),
            Value::Array(list) => list
                .iter()
                .map(|item| match item {
                    Value::Object(_) => node(&key, "", item).into(),
                    _ => item.clone(),
                })
                .collect(),
            _ => value.clone(),
        };
        // What only says null says nothing.
        if value.as_object().is_none_or(|members| !members.is_empty()) {
            members.insert(key, value);
        }
    }
    members
}

/// Whether a part of a JSON-LD document says what it must, and nothing else but bounds of dates.
fn node_says(found: &Value, said: &Value) -> bool {
    match (found, said) {
        (Value::Object(found), Value::Object(said)) => {
            let is_bound = |key: &str| {
                let stem = key.strip_suffix("_earliest").or(key.strip_suffix("_latest"));
                stem.is_some_and(|stem| said.contains_key(stem))
            };
            said.iter().all(|(key, said)| found.get(key).is_some_and(|it| node_says(it, said)))
                && found.keys().all(|key| said.contains_key(key) || is_bound(key))
        }
        (Value::Array(found), Value::Array(said)) => {
            found.len() == said.len() && found.iter().zip(said).all(|(a, b)| node_says(a, b))
        }
        (Value::String(text), said) => says(text, said),
        (found, said) => says(&found.to_string(), said),
    }
}

/// A value as block YAML, with every text in quotes.
fn yaml(value: &Value, indent: usize, out: &mut String) {
    let margin = " ".repeat(indent);
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, value) in members {
                out.push_str(&format!("\n{margin}{name}:"));
                yaml(value, indent + 2, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                out.push_str(&format!("\n{margin}-"));
                yaml(item, indent + 2, out);
            }
        }
        scalar => out.push_str(&format!(" {scalar}")),
    }
}

/// The project, with records in one of the formats.
fn project(schema: &Value, records: &[Value], format: usize) -> Files {
    let mut files = things(&json!({}), records);
    files.insert("schema/things.schema.json".to_owned(), schema.to_string().into_bytes());
    silence_rules(&mut files);
    let (ending, content) = match format {
        0 => return files,
        1 => ("json", Value::from(records.to_vec()).to_string()),
        _ => {
            let mut out = String::new();
            yaml(&records.to_vec().into(), 0, &mut out);
            ("yaml", out + "\n")
        }
    };
    files.remove("data/things.jsonl");
    files.insert(format!("data/things.{ending}"), content.into_bytes());
    let manifest = text(&files, "dataset.toml");
    let manifest = manifest.replace("data/things.jsonl", &format!("data/things.{ending}"));
    files.insert("dataset.toml".to_owned(), manifest.into_bytes());
    files
}

/// The project, with the CSV files of its own release as records.
fn of_release(files: &Files, release: &Files) -> Files {
    let mut again = only(files, |path| !path.starts_with("data/things"));
    let csv = only(release, |path| path.starts_with("csv/thing"));
    let patterns: Vec<_> = csv.keys().collect();
    let manifest = text(files, "dataset.toml")
        .lines()
        .map(|line| match line.contains("data/things.") {
            true => format!("records = {patterns:?}\n"),
            false => format!("{line}\n"),
        })
        .collect::<String>();
    again.insert("dataset.toml".to_owned(), manifest.into_bytes());
    again.extend(csv);
    again
}

/// What became of a schema.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// The compiler refused it.
    Refused,
    /// The records say what no table holds, and were told so.
    Told,
    Released,
}

/// Builds records that the authority accepts, and reads back what was released.
#[track_caller]
fn build(why: &str, schema: &Value, records: &[Value], format: usize) -> Outcome {
    let files = project(schema, records, format);
    let release = match build_in_memory(&files, 1) {
        Ok(release) => release,
        Err(found) => {
            let errors = || found.iter().filter(|one| one.severity == Severity::Error);
            assert!(errors().next().is_some(), "{why}: no release, and nothing is said");
            let of_schema = |id: &str| id.starts_with('M') || id.starts_with('T');
            if errors().all(|one| of_schema(one.code.id)) {
                return Outcome::Refused;
            }
            // What a table can't tell from something else, or no software of its own holds.
            let known = [
                &code::EMPTY_OBJECT,
                &code::EMPTY_TEXT,
                &code::FORMAT_MISMATCH,
                &code::INEXACT_NUMBER,
                &code::INTEGER_TOO_LARGE,
                &code::UNKNOWN_CODE,
            ];
            assert!(errors().all(|one| known.contains(&one.code)), "{why}: {found:#?}");
            return Outcome::Told;
        }
    };
    let said = said(records);
    for (table, said) in &said {
        let (_, rows) = support::csv(&release, &format!("csv/{table}.csv"));
        let parquet = parquet::read(&release, &format!("parquet/{table}.parquet")).rows();
        for rows in [&rows, &parquet] {
            let same = rows.len() == said.len()
                && rows.iter().zip(said).all(|(row, said)| row_says(row, said));
            assert!(same, "{why}: {table} is {rows:#?}, and was {said:#?}");
        }
    }
    for path in release.keys().filter(|path| path.starts_with("csv/thing")) {
        let table = path.trim_start_matches("csv/").trim_end_matches(".csv");
        let is_empty = support::csv(&release, path).1.is_empty();
        assert!(is_empty || said.contains_key(table), "{why}: nobody said {table}");
    }
    let document = support::json(&release, "jsonld/things.jsonld");
    let mut graph = document["@graph"].clone();
    without_ids(&mut graph);
    read_decimals(&mut graph);
    let nodes = items(&graph).iter().filter(|node| node.get("thing_id").is_some());
    let nodes: Vec<_> = nodes.collect();
    assert_eq!(nodes.len(), records.len(), "{why}: nodes");
    for (found, record) in nodes.into_iter().zip(records) {
        let said = node("thing", "", record).into();
        assert!(node_says(found, &said), "{why}: the node is {found:#}, and should be {said:#}");
    }
    // An empty cell is a missing value and never null, which may be required.
    if records.iter().any(|record| record.to_string().contains("null")) {
        return Outcome::Released;
    }
    let again = build_in_memory(&of_release(&files, &release), 1);
    let again = again.unwrap_or_else(|found| panic!("{why}: from its own CSV: {found:#?}"));
    support::assert_same_files(&release, &again, why);
    Outcome::Released
}

/// Random schemas, valid records, all formats.
#[test]
fn nothing_valid_is_lost() {
    let mut outcomes = BTreeMap::new();
    for seed in 0..cases() {
        let mut speller = Speller::new(seed);
        let (schema, targets) = speller.root();
        let Some(authority) = authority(&schema) else { continue };
        let mut records: Vec<Value> = Vec::new();
        for _ in 0..24 {
            let mut record = speller.record(&targets);
            record["id"] = format!("r{}", records.len()).into();
            if accepts(&authority, &record) && records.len() < 5 {
                records.push(record);
            }
        }
        let why = format!(
            "seed {seed}\n{schema:#}\n{}",
            records.iter().map(|record| format!("{record}\n")).collect::<String>()
        );
        let outcome = build(&why, &schema, &records, (seed % 3) as usize);
        *outcomes.entry(outcome).or_insert(0) += 1;
    }
    let count = |outcome| outcomes.get(&outcome).copied().unwrap_or(0);
    let all: u64 = outcomes.values().sum();
    assert!(count(Outcome::Released) * 4 > all, "too few are released: {outcomes:?}");
    assert!(count(Outcome::Refused) > 0, "none is refused: {outcomes:?}");
}

/// Schemas that were read in more than one way, or nearly, each with a record that it lets through, or
/// none. They are refused, or release what was said.
#[test]
fn what_only_sometimes_holds_loses_nothing() {
    let mut others = Vec::new();
    for (name, schema, records, outcome) in super::nasty::SCHEMAS {
        let schema: Value = serde_json::from_str(schema).unwrap_or_else(|e| panic!("{name}: {e}"));
        let records: Vec<Value> = serde_json::from_str(records).expect("JSON");
        let authority = authority(&schema).unwrap_or_else(|| panic!("{name} is no schema"));
        for record in &records {
            assert!(accepts(&authority, record), "{name}: {record} isn't valid");
        }
        for format in 0..3 {
            let found = format!("{:?}", build(name, &schema, &records, format));
            if found != *outcome {
                others.push(format!("{name} is {found}, not {outcome}"));
            }
        }
    }
    assert!(others.is_empty(), "{others:#?}");
}
