//! What the guide shows is what a reader gets who does what it says.
//!
//! `UPDATE_EXPECTED=1 cargo test --test it guide::` writes the shown outputs anew.

#![expect(clippy::disallowed_methods, reason = "tests touch the disk and run the command")]

use std::fs;
use std::path::Path;

use crate::support::{demarche, repository, run};

/// A fenced block of a page.
pub struct Block {
    /// `sh`, `toml` …
    pub language: String,
    /// What stands between the fences, with its last line break.
    pub text: String,
    /// Where that begins in the page.
    pub start: usize,
    /// The paragraph before it.
    pub before: String,
}

pub fn blocks(page: &str) -> Vec<Block> {
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
pub fn path(text: &str) -> &str {
    text.split('`')
        .skip(1)
        .step_by(2)
        .find(|it| it.contains('.') && !it.contains([' ', '*']))
        .unwrap_or_else(|| panic!("no file is named in {text:?}"))
}

/// A part of the page that builds a project.
struct Part {
    /// The heading that it begins with.
    heading: &'static str,
    /// The release that its reader makes.
    release: &'static str,
    /// What the reader corrects before a build: file, what stands there, what should.
    corrections: &'static [(&'static str, &'static str, &'static str)],
    /// The files of the release that are shown, from the last to the first.
    shown: &'static [&'static str],
    /// How many outputs are shown.
    outputs: usize,
}

const PARTS: [Part; 2] = [
    Part {
        heading: "# Your own dataset",
        release: "port-calls-0.1.0",
        corrections: &[
            ("data/2024.yaml", "refueling", "refuel"),
            ("data/2024.yaml", "about 60", "60"),
        ],
        shown: &["csv/call_ships.csv", "csv/calls.csv"],
        outputs: 5,
    },
    Part {
        heading: "## A table that others published",
        release: "dyads-0.1.0",
        corrections: &[
            ("data/dyads.csv", "2;21;1901", "2;20;1901"),
            ("data/dyads.csv", "2;200;1900;4;3;1250,75;4.0\n", ""),
        ],
        shown: &["csv/dyad_years.csv"],
        outputs: 3,
    },
];

#[test]
fn the_guide_shows_what_its_reader_gets() {
    let file = repository().join("docs/guide.md");
    let page = fs::read_to_string(&file).expect("the guide");
    let start = |part: &Part| page.find(part.heading).expect("the part begins");
    let mut updated = page[..start(&PARTS[0])].to_owned();
    for (index, part) in PARTS.iter().enumerate() {
        let end = PARTS.get(index + 1).map_or(page.len(), start);
        updated.push_str(&follow(part, &page[start(part)..end]));
    }
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&file, &updated).expect("docs can be written");
    }
    let page = fs::read_to_string(&file).expect("the guide");
    let stale = "docs/guide.md is stale: run `UPDATE_EXPECTED=1 cargo test --test it guide::`";
    assert!(page == updated, "{stale}");
}

/// Does what a part says, and returns it with the outputs that came of it.
fn follow(part: &Part, page: &str) -> String {
    let project = tempfile::tempdir().expect("a directory");
    let root: &Path = project.path();
    let mut shown: Option<String> = None;
    let mut released: Vec<&str> = Vec::new();
    let (mut updated, mut done, mut compared) = (String::new(), 0, 0);
    for block in blocks(page) {
        let text = &block.text;
        match block.language.as_str() {
            "sh" if text.starts_with("demarche ") => {
                if text.starts_with("demarche build") {
                    for (file, wrong, right) in part.corrections {
                        let file = root.join(file);
                        let records = fs::read_to_string(&file).expect("the records");
                        assert!(records.contains(wrong), "{wrong}");
                        fs::write(&file, records.replace(wrong, right)).expect("written");
                    }
                    released = part.shown.to_vec();
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
                    fs::read_to_string(root.join("output").join(part.release).join(path))
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
    assert_eq!(compared, part.outputs, "{}: so many outputs are shown", part.heading);
    updated
}
