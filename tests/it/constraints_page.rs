//! What the page about constraints says is so: each example shows what `demarche check` prints, and each
//! expression comes to what stands beside it.
//!
//! `UPDATE_EXPECTED=1 cargo test --test it constraints_page::` writes the shown outputs anew.

#![expect(clippy::disallowed_methods, reason = "tests touch the disk and run the command")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::guide::{blocks, path};
use crate::support::{demarche, repository, run};

const PAGE: &str = "docs/constraints.md";
/// So many examples are shown.
const EXAMPLES: usize = 12;

fn page() -> String {
    fs::read_to_string(repository().join(PAGE)).expect("the page")
}

/// A part of the page: from a heading to the next of its level or of a higher one.
fn section<'p>(page: &'p str, heading: &str) -> &'p str {
    let start = page.find(&format!("\n{heading}\n")).expect("the heading stands there");
    let level = heading.split(' ').next().expect("a heading").len();
    let rest = &page[start + 1..];
    let end = (1..=level).filter_map(|level| rest[1..].find(&format!("\n{} ", "#".repeat(level))));
    &rest[..end.min().map_or(rest.len(), |end| end + 2)]
}

fn write(root: &Path, file: &str, text: &str) {
    let target = root.join(file);
    fs::create_dir_all(target.parent().expect("it lies in the project"))
        .and_then(|()| fs::write(&target, text))
        .expect("written");
}

#[test]
fn examples_show_what_check_prints() {
    let page = page();
    let examples = section(&page, "## Examples");
    let manifest = blocks(examples).swap_remove(0).text;
    let headings: Vec<_> = examples.match_indices("\n### ").map(|(at, _)| at + 1).collect();
    let mut updated = page.clone();
    // From the last to the first, so that what is replaced moves nothing that is still to be read.
    for (index, start) in headings.iter().enumerate().rev() {
        let end = headings.get(index + 1).copied().unwrap_or(examples.len());
        let at = page.find(examples).expect("it is a part of the page") + start;
        let example = follow(&manifest, &examples[*start..end]);
        updated.replace_range(at..at + (end - start), &example);
    }
    assert_eq!(headings.len(), EXAMPLES);
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(repository().join(PAGE), &updated).expect("docs can be written");
    } else {
        let stale = "run `UPDATE_EXPECTED=1 cargo test --test it constraints_page::`";
        assert!(page == updated, "{PAGE} is stale: {stale}");
    }
}

/// Makes the project of an example, and returns the example with what `demarche check` prints of it.
fn follow(manifest: &str, example: &str) -> String {
    let project = tempfile::tempdir().expect("a directory");
    let root = project.path();
    let (head, table) = manifest.split_once("[tables.events]").expect("the manifest has a table");
    let (mut tables, mut more, mut records) = (String::new(), String::new(), false);
    let mut updated = String::new();
    let mut done = 0;
    for block in blocks(example) {
        match block.language.as_str() {
            "text" => {
                assert!(records, "records stand before what is said of them");
                write(root, "dataset.toml", &format!("{head}{tables}{more}"));
                let run = run(demarche(&["check"]).current_dir(root));
                assert_eq!(run.stderr, "", "{example}");
                assert!(run.stdout.contains("[C00"), "it shows a finding: {}", run.stdout);
                updated.push_str(&example[done..block.start]);
                updated.push_str(run.stdout.trim_end());
                updated.push('\n');
                done = block.start + block.text.len();
            }
            "toml" => more.push_str(&block.text),
            _ => {
                let file = path(&block.before);
                records |= file.starts_with("data/");
                if let Some(name) = file.strip_prefix("schema/").and_then(|it| it.split('.').next())
                    && !example.contains(&format!("[tables.{name}]"))
                {
                    let row = name.strip_suffix('s').expect("tables are called in the plural");
                    let table =
                        table.replace("events", name).replace("\"event\"", &format!("\"{row}\""));
                    write!(tables, "[tables.{name}]{table}").expect("a text");
                }
                write(root, file, &block.text);
            }
        }
    }
    assert!(done > 0, "the output is shown: {example}");
    updated + &example[done..]
}

/// What stands in backticks in a cell of a table.
fn code(cell: &str) -> String {
    cell.trim().trim_matches('`').replace("\\|", "|")
}

/// The rows of the first table of a section, below its head.
fn rows(section: &str) -> Vec<Vec<&str>> {
    let lines = section.lines().skip_while(|line| !line.starts_with("|---"));
    let lines = lines.skip(1).take_while(|line| line.starts_with('|'));
    lines.map(cells).collect()
}

fn cells(line: &str) -> Vec<&str> {
    let bytes = line.as_bytes();
    let is_end = |at: usize| bytes[at] == b'|' && (at == 0 || bytes[at - 1] != b'\\');
    let ends: Vec<_> = (0..bytes.len()).filter(|at| is_end(*at)).collect();
    ends.windows(2).map(|pair| line[pair[0] + 1..pair[1]].trim()).collect()
}

/// A project whose constraints are these expressions, and what `check` says of it.
fn checked(constraints: &[Value], records: &str) -> Vec<Value> {
    let project = tempfile::tempdir().expect("a directory");
    let root = project.path();
    let (integer, number) = (json!({ "type": "integer" }), json!({ "type": "number" }));
    let (text, date) = (json!({ "type": "string" }), json!({ "type": "string", "format": "edtf" }));
    let schema = json!({
        "title": "Things",
        "type": "object",
        "required": ["id"],
        "additionalProperties": false,
        "x-constraints": constraints,
        "properties": {
            "id": text,
            "a": integer, "b": integer, "c": integer, "total": integer,
            "x": number, "y": number,
            "d": date, "e": date, "f": date,
            "l": { "type": "array", "items": integer },
            "t": text,
            "k": { "type": "string", "enum": ["visit", "talks"] },
            "p": { "type": "boolean" },
            "g": { "type": "object", "additionalProperties": false, "properties": { "n": integer } },
            "m": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "properties": { "n": integer, "s": text },
                },
            },
        },
    });
    write(root, "schema/things.schema.json", &schema.to_string());
    write(root, "data/things.yaml", records);
    let manifest = "[dataset]\nname = \"things\"\ntitle = \"Things\"\nversion = \"1.0.0\"\nlicense = \"CC0-1.0\"\n\
                    base = \"https://example.org/\"\n\n[tables.things]\nschema = \"schema/things.schema.json\"\n\
                    records = [\"data/things.yaml\"]\nkey = \"id\"\nrow = \"thing\"\n\n\
                    [rules]\nU001 = \"off\"\n";
    write(root, "dataset.toml", manifest);
    let run = run(demarche(&["check", "--message-format", "json"]).current_dir(root));
    assert_eq!(run.stderr, "");
    run.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON lines")).collect()
}

#[test]
fn expressions_come_to_what_stands_beside_them() {
    let page = page();
    // Each expression is for a record of its own, and none may be over the limit of a table.
    for rows in rows(section(&page, "## What comes to what")).chunks(90) {
        let (mut constraints, mut records) = (Vec::new(), String::new());
        for (number, row) in rows.iter().enumerate() {
            let (id, assert) = (format!("r{number}"), code(row[0]));
            constraints
                .push(json!({ "id": id, "when": format!("self.id == '{id}'"), "assert": assert }));
            writeln!(records, "- {{ id: {id}, {} }}", code(row[1])).expect("a text");
        }
        let said = checked(&constraints, &records);
        let summary = said.iter().find(|line| line["reason"] == "summary").expect("a summary");
        let others: Vec<_> = said
            .iter()
            .filter(|line| line["reason"] == "diagnostic")
            .filter(|line| !line["code"].as_str().is_some_and(|code| code.starts_with('C')))
            .collect();
        assert!(others.is_empty(), "{others:?}");
        for (number, row) in rows.iter().enumerate() {
            let counts = &summary["constraints"][format!("r{number}")];
            let came_to = [("held", "true"), ("violated", "false"), ("undecided", "unknown")]
                .into_iter()
                .find(|(count, _)| counts[count] == 1)
                .map(|(_, word)| word);
            assert_eq!(came_to, Some(row[2].trim()), "{} with {}: {counts}", row[0], row[1]);
        }
    }
}

#[test]
fn what_is_refused_says_what_stands_beside_it() {
    let page = page();
    let rows = rows(section(&page, "### What isn't there"));
    assert!(rows.len() >= 10);
    let expressions = rows.iter().enumerate();
    let constraints: Vec<_> = expressions
        .map(|(number, row)| json!({ "id": format!("r{number}"), "assert": code(row[0]) }))
        .collect();
    let said = checked(&constraints, "- { id: one }\n");
    let found: Vec<_> = said.iter().filter(|line| line["code"] == "M039").collect();
    for (number, row) in rows.iter().enumerate() {
        let message = format!("`r{number}` can't be used: {}", row[1].trim());
        let finding = found.iter().find(|finding| finding["message"] == message.as_str());
        let finding = finding.unwrap_or_else(|| panic!("{message} isn't said: {found:#?}"));
        let help = row[2].trim();
        assert!(help.is_empty() || finding["help"] == help, "{message}: {}", finding["help"]);
    }
    assert_eq!(found.len(), rows.len());
}
