//! What the guide shows is what a reader gets who does what it says.
//!
//! `UPDATE_EXPECTED=1 cargo test --test it guide::` writes the shown outputs anew.

#![expect(clippy::disallowed_methods, reason = "tests touch the disk and run the command")]

use std::fs;
use std::path::Path;

use crate::support::{demarche, repository, run};

/// A fenced block of the page.
struct Block {
    /// `sh`, `toml` …
    language: String,
    /// What stands between the fences, with its last line break.
    text: String,
    /// Where that begins in the page.
    start: usize,
    /// The paragraph before it.
    before: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut offset, mut before, mut open) = (0, String::new(), false);
    for line in page.split_inclusive('\n') {
        match (line.strip_prefix("```"), open) {
            (Some(language), false) => {
                let (language, start) = (language.trim().to_owned(), offset + line.len());
                let before = std::mem::take(&mut before);
                blocks.push(Block { language, text: String::new(), start, before });
                open = true;
            }
            (Some(_), true) => open = false,
            (None, true) => blocks.last_mut().expect("a block is open").text.push_str(line),
            (None, false) => before.push_str(line),
        }
        offset += line.len();
    }
    blocks
}

/// The first path in backticks of a text.
fn path(text: &str) -> &str {
    text.split('`')
        .skip(1)
        .step_by(2)
        .find(|it| it.contains('.') && !it.contains([' ', '*']))
        .unwrap_or_else(|| panic!("no file is named in {text:?}"))
}

#[test]
fn the_guide_shows_what_its_reader_gets() {
    let file = repository().join("docs/guide.md");
    let page = fs::read_to_string(&file).expect("the guide");
    let project = tempfile::tempdir().expect("a directory");
    let root: &Path = project.path();
    let mut shown: Option<String> = None;
    let mut released: Vec<String> = Vec::new();
    let (mut updated, mut done, mut compared) = (String::new(), 0, 0);
    for block in blocks(&page) {
        let text = &block.text;
        match block.language.as_str() {
            "sh" if text.starts_with("demarche ") => {
                if text.starts_with("demarche build") {
                    // The reader mends the two mistakes first.
                    let records = root.join("data/2024.yaml");
                    let wrong = fs::read_to_string(&records).expect("the records");
                    let right = wrong.replace("refueling", "refuel").replace("about 60", "60");
                    fs::write(&records, right).expect("written");
                    released = ["csv/call_ships.csv", "csv/calls.csv"].map(str::to_owned).to_vec();
                }
                let arguments: Vec<_> = text.split_whitespace().skip(1).collect();
                let run = run(demarche(&arguments).current_dir(root));
                assert_eq!(run.stderr, "", "{text}");
                shown = Some(run.stdout.trim_end().to_owned() + "\n");
            }
            "sh" => {}
            "text" => {
                let wanted = shown.take().unwrap_or_else(|| {
                    let path = released.pop().expect("a file of the release is shown");
                    fs::read_to_string(root.join("output/port-calls-0.1.0").join(path))
                        .expect("released")
                });
                updated.push_str(&page[done..block.start]);
                updated.push_str(&wanted);
                done = block.start + text.len();
                compared += 1;
            }
            _ => {
                let target = root.join(path(&block.before));
                fs::create_dir_all(target.parent().expect("it lies in the project"))
                    .and_then(|()| fs::write(&target, text))
                    .expect("written");
            }
        }
    }
    updated.push_str(&page[done..]);
    assert_eq!(compared, 5, "schema, check, build and two tables are shown");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&file, &updated).expect("docs can be written");
    }
    let page = fs::read_to_string(&file).expect("the guide");
    let stale = "docs/guide.md is stale: run `UPDATE_EXPECTED=1 cargo test --test it guide::`";
    assert!(page == updated, "{stale}");
}
