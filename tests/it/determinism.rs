//! The same records give the same bytes: whatever the number of workers, the directory, the
//! machine's zone and language, and however the records are spread over files.

use std::io::Read as _;
use std::path::Path;
use std::process::Command;

use demarche::parse;
use demarche::tape::Tape;
use demarche::workspace::SourceId;
use serde_json::json;

use crate::support::{
    self, Files, assert_same_files, build, build_in_memory, embedded, on_disk, project,
};

fn projects() -> Vec<(String, Files)> {
    let mut projects = vec![("the embedded dataset".to_owned(), embedded())];
    projects.extend(support::projects().into_iter().map(|name| {
        let files = project(&name);
        (name, files)
    }));
    projects
}

#[test]
fn workers_change_no_byte() {
    for (name, files) in projects() {
        let project = on_disk(&files);
        let with = |jobs: &str| {
            build(project.path(), |command| {
                command.args(["--jobs", jobs]);
            })
        };
        let one = with("1");
        assert!(one.contains_key("SHA256SUMS"));
        for jobs in ["2", "5"] {
            assert_same_files(&one, &with(jobs), &format!("{name} with {jobs} jobs"));
        }
    }
}

#[test]
fn memory_changes_no_byte() {
    let mut projects = projects();
    // Several runs of rows, each of several blocks, that don't come in order.
    let note = json!({ "note": { "type": "string" }, "tags": { "type": "array", "items": { "type": "string" } } });
    let record = |number: u32| {
        let tags: Vec<_> = (0..number % 3).map(|tag| format!("tag {tag}")).collect();
        json!({ "id": format!("t{number:06}"), "note": format!("note {}", number % 7), "tags": tags })
    };
    let mut records: Vec<_> = (0..support::cases(70_000, 140_000)).map(record).collect();
    shuffle(&mut records, 11);
    projects.push(("many records".to_owned(), support::things(&note, &records)));
    for (name, files) in projects {
        let project = on_disk(&files);
        let with = |memory: &str| {
            build(project.path(), |command| {
                command.args(["--memory", memory]);
            })
        };
        let in_memory = with("4G");
        for memory in ["0", "1M"] {
            assert_same_files(&in_memory, &with(memory), &format!("{name} in {memory}"));
        }
    }
}

/// Groups that hold many records, groups of one, and all records as one.
const EXPECTATIONS: &str = r#"
[[tables.things.expect]]
id = "of-day"
by = ["self.day"]
assert = "count() < 5 && distinct(self.note) < 7 && min(self.day) < date('1999-01-01')"

[[tables.things.expect]]
id = "of-note"
by = ["self.note"]
assert = "count() == 1"

[[tables.things.expect]]
id = "of-record"
by = ["self.id"]
where = "self.kind == 'visit'"
assert = "sum(size(self.id)) == 7 && max(self.day) < date('1999-06-01')"

[[tables.things.expect]]
id = "of-table"
assert = "distinct(self.id) == 0 && mean(size(self.note)) < 1 && share(self.kind == 'talks') < 0.1"
"#;

/// The findings of a project as JSON, within so much memory and by so many workers.
fn found_with(project: &Path, memory: &str, jobs: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_demarche"))
        .args(["check", "--message-format", "json", "--memory", memory, "--jobs", jobs])
        .current_dir(project)
        .output()
        .expect("the binary runs");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn memory_and_workers_change_no_finding() {
    let more = json!({
        "other": { "type": "string", "x-reference": "things" },
        "day": { "type": "string", "format": "date", "x-role": "date" },
        "kind": { "enum": ["talks", "visit"], "x-role": "type" },
        "states": { "type": "array", "items": { "enum": ["MLI", "NER", "TCD"], "x-role": "state" } },
        "note": { "type": "string" },
    });
    let count = support::cases(40_000, 80_000);
    // Enough for several runs of every kind of entry. Some keys stand twice, some references lead
    // nowhere, some records say the same, and some are about the same day and states.
    let record = |number: u32| {
        let key = if number % 9_973 == 5 { number - 1 } else { number };
        let other = if number % 7_919 == 3 { number + 1_000_000 } else { number * 7 % count };
        let alike = number % 6_007 < 2;
        let (year, month) =
            if alike { (2001, 1) } else { (1900 + number / 7 % 100, number % 7 + 1) };
        let note = if number % 8_009 < 2 { 0 } else { number };
        json!({
            "id": format!("t{key:06}"),
            "other": format!("t{other:06}"),
            "day": format!("{year}-{month:02}-{:02}", if alike { 1 } else { number / 700 % 28 + 1 }),
            "kind": if number.is_multiple_of(2) || alike { "talks" } else { "visit" },
            "states": if alike { ["NER", "MLI"] } else { ["MLI", "TCD"] },
            "note": format!("note {note}"),
        })
    };
    let records: Vec<_> = (0..count).map(record).collect();
    let mut files = support::things(&more, &records);
    let manifest = files.get_mut("dataset.toml").expect("a project has a manifest");
    manifest.extend(EXPECTATIONS.as_bytes());
    let project = on_disk(&files);
    let found = |memory: &str, jobs: &str| found_with(project.path(), memory, jobs);
    let expected = found("4G", "1");
    // Records that are alike are most of them, so that is said once.
    for (code, least) in [("K001", count / 10_000), ("R001", count / 10_000), ("U002", 1)] {
        let found = expected.matches(&format!("\"code\":\"{code}\"")).count();
        assert!(found >= least as usize, "{code} is found {found} times");
    }
    for id in ["of-day", "of-note", "of-record", "of-table"] {
        let found = expected.matches(&format!("\"constraint\":\"{id}\"")).count();
        assert!(found > 0, "{id} finds nothing");
    }
    for (memory, jobs) in [("0", "3"), ("1M", "2"), ("4G", "3")] {
        assert!(found(memory, jobs) == expected, "{memory} and {jobs} workers find something else");
    }
}

#[test]
fn memory_and_workers_change_nothing_that_is_found_in_groups() {
    let more = json!({
        "office": { "type": "integer", "x-role": ["spell-of", "determines"] },
        "name": { "type": "string", "x-role": "determined" },
        "since": { "type": "integer", "format": "year", "x-role": "start" },
        "until": { "type": "integer", "format": "year", "x-role": "end" },
        "a": { "type": "string", "x-role": "side" },
        "b": { "type": "string", "x-role": "side" },
    });
    let count = support::cases(20_000, 80_000);
    // Each office has ten spells. Some last two years too long or end too early, some have another name, and
    // some pairs are of one side.
    let offices = count / 10;
    let record = |number: u32| {
        let (office, spell) = (number % offices, number / offices);
        let until = match number {
            _ if number % 997 == 3 => 1912,
            _ if number % 991 == 3 => 1905,
            _ => 1910,
        };
        json!({
            "id": format!("t{number:06}"),
            "office": office,
            "name": format!("office {}", if number % 887 == 1 { 0 } else { office }),
            "since": 1900 + 10 * spell,
            "until": until + 10 * spell,
            "a": format!("s{}", number % 50),
            "b": format!("s{}", if number % 883 == 1 { number % 50 } else { number % 51 + 100 }),
        })
    };
    let records: Vec<_> = (0..count).map(record).collect();
    let project = on_disk(&support::things(&more, &records));
    let found = |memory: &str, jobs: &str| found_with(project.path(), memory, jobs);
    let expected = found("4G", "1");
    for code in ["A003", "D012", "D013", "K012"] {
        let found = expected.matches(&format!("\"code\":\"{code}\"")).count();
        assert!(found >= count as usize / 1_200, "{code} is found {found} times");
    }
    for (memory, jobs) in [("0", "3"), ("1M", "2")] {
        assert!(found(memory, jobs) == expected, "{memory} and {jobs} workers find something else");
    }
}

#[test]
fn place_zone_and_language_change_no_byte() {
    for (name, files) in projects() {
        let project = on_disk(&files);
        let here = build(project.path(), |_| {});
        let elsewhere = on_disk(&files);
        // Inside of the project, found through the default of `--project`.
        let there = build(".".as_ref(), |command| {
            command.current_dir(elsewhere.path());
            command.env("TZ", "Pacific/Kiritimati").env("LC_ALL", "tr_TR.UTF-8");
            command.env("LANG", "fr_FR.UTF-8").env("SOURCE_DATE_EPOCH", "1");
        });
        assert_same_files(&here, &there, &name);
    }
}

#[test]
fn a_second_build_over_the_first_changes_no_byte() {
    let project = on_disk(&project("treaties"));
    let build = || {
        let mut command = support::demarche(&["build", "--quiet", "--project"]);
        assert_eq!(support::run(command.arg(project.path())).code, Some(0));
        support::read_directory(&project.path().join("output"))
    };
    assert_same_files(&build(), &build(), "built twice");
}

/// The embedded dataset's record files, table by table.
fn tables(files: &Files) -> Vec<(String, Vec<(String, String)>)> {
    let mut tables: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for (path, bytes) in files {
        let Some((table, name)) = path.strip_prefix("data/").and_then(|rest| rest.split_once('/'))
        else {
            continue;
        };
        let text = String::from_utf8(bytes.clone()).expect("records are UTF-8");
        match tables.last_mut() {
            Some((last, records)) if last == table => records.push((name.to_owned(), text)),
            _ => tables.push((table.to_owned(), vec![(name.to_owned(), text)])),
        }
    }
    assert_eq!(tables.len(), 7, "tables with record files");
    tables
}

fn without_records(files: &Files) -> Files {
    support::only(files, |path| !path.starts_with("data/"))
}

/// An order that has nothing to do with the one at hand, the same on every run.
fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut state = seed;
    for last in (1..items.len()).rev() {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        items.swap(last, (state >> 33) as usize % (last + 1));
    }
}

#[test]
fn names_of_record_files_change_no_byte() {
    let files = embedded();
    let mut renamed = without_records(&files);
    for (table, mut records) in tables(&files) {
        shuffle(&mut records, 7);
        for (number, (_, text)) in records.into_iter().enumerate() {
            renamed.insert(format!("data/{table}/r{number}.yaml"), text.into_bytes());
        }
    }
    let expected = build(on_disk(&files).path(), |_| {});
    assert_same_files(&expected, &build(on_disk(&renamed).path(), |_| {}), "renamed");
}

#[test]
fn records_in_one_file_of_many_documents_change_no_byte() {
    let files = embedded();
    let mut merged = without_records(&files);
    for (table, mut records) in tables(&files) {
        shuffle(&mut records, 11);
        let documents: Vec<_> = records
            .iter()
            .map(|(_, text)| text.strip_prefix("---\n").unwrap_or(text).to_owned())
            .collect();
        merged.insert(format!("data/{table}/all.yaml"), documents.join("\n---\n").into_bytes());
    }
    let expected = build(on_disk(&files).path(), |_| {});
    assert_same_files(&expected, &build(on_disk(&merged).path(), |_| {}), "merged");
}

#[test]
fn records_in_shuffled_lines_of_json_change_no_byte() {
    let files = embedded();
    let expected = build(on_disk(&files).path(), |_| {});
    let manifest = String::from_utf8(files["dataset.toml"].clone()).expect("UTF-8");
    for seed in 0..3 {
        let mut lined = without_records(&files);
        lined.insert("dataset.toml".to_owned(), manifest.replace("*.yaml", "*.jsonl").into_bytes());
        for (table, records) in tables(&files) {
            let mut lines: Vec<_> = records.iter().map(|(_, text)| as_json(text)).collect();
            shuffle(&mut lines, seed);
            // Two files, so that records of a table meet in more than one batch.
            let second = lines.split_off(lines.len() / 3);
            for (name, lines) in [("a", lines), ("b", second)] {
                lined.insert(format!("data/{table}/{name}.jsonl"), lines.join("\n").into_bytes());
            }
        }
        let release = build(on_disk(&lined).path(), |_| {});
        assert_same_files(&expected, &release, &format!("as lines, shuffled by {seed}"));
    }
}

/// A YAML record as one line of JSON.
fn as_json(yaml: &str) -> String {
    let source = SourceId(0);
    let mut tape = Tape::new(source, 0, yaml.to_owned());
    let mut diagnostics = Vec::new();
    parse::yaml::parse(&mut tape, source, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let mut roots = tape.roots();
    let record = roots.next().expect("a record").to_json();
    assert!(roots.next().is_none(), "one record a file");
    record.to_string()
}

#[test]
fn packing_and_order_of_lines_change_no_byte() {
    let files = project("treaties");
    let expected = build_in_memory(&files, 2).expect("a sound project");
    let mut lines = String::new();
    flate2::read::MultiGzDecoder::new(files["data/states.jsonl.gz"].as_slice())
        .read_to_string(&mut lines)
        .expect("packed text");
    let mut lines: Vec<_> = lines.lines().collect();
    for seed in 0..4 {
        shuffle(&mut lines, seed);
        let mut shuffled = files.clone();
        shuffled.remove("data/states.jsonl.gz");
        let manifest =
            support::text(&files, "dataset.toml").replace("states.jsonl.gz", "states.jsonl");
        shuffled.insert("dataset.toml".to_owned(), manifest.into_bytes());
        // With a byte-order mark, line ends of another system, and blank lines.
        let text = format!("\u{feff}{}\r\n\r\n", lines.join("\r\n"));
        shuffled.insert("data/states.jsonl".to_owned(), text.into_bytes());
        let release = build_in_memory(&shuffled, 2).expect("a sound project");
        assert_same_files(&expected, &release, &format!("states shuffled by {seed}"));
    }
}

#[test]
fn rows_of_csv_in_any_order_change_no_byte() {
    let files = project("visits");
    let expected = build_in_memory(&files, 1).expect("a sound project");
    let (header, rows) = support::text(&files, "data/visits.csv").split_once('\n').expect("rows");
    let mut rows: Vec<_> = rows.lines().collect();
    shuffle(&mut rows, 3);
    let mut shuffled = files.clone();
    let text = format!("{header}\n{}\n", rows.join("\n"));
    shuffled.insert("data/visits.csv".to_owned(), text.into_bytes());
    let release = build_in_memory(&shuffled, 1).expect("a sound project");
    assert_same_files(&expected, &release, "rows shuffled");
}

#[test]
fn batches_that_meet_in_any_order_change_no_byte() {
    // Several megabytes of lines, so that workers take turns.
    let properties = json!({
        "note": { "type": "string" },
        "parts": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": { "name": { "type": "string" }, "size": { "type": "integer" } },
                "additionalProperties": false,
            },
        },
    });
    let record = |number: u32| {
        let parts: Vec<_> = (0..number % 4)
            .map(|part| json!({ "name": format!("part {part} of {number}"), "size": part }))
            .collect();
        json!({ "id": format!("t{number:05}"), "note": "word ".repeat(30), "parts": parts })
    };
    let mut records: Vec<_> = (0..15_000).map(record).collect();
    let in_order = support::things(&properties, &records);
    assert!(in_order["data/things.jsonl"].len() > 3 << 20);
    let expected = build_in_memory(&in_order, 1).expect("a sound project");
    shuffle(&mut records, 5);
    let shuffled = support::things(&properties, &records);
    for jobs in [1, 2, 5] {
        let release = build_in_memory(&shuffled, jobs).expect("a sound project");
        assert_same_files(&expected, &release, &format!("shuffled, with {jobs} jobs"));
    }
}
