//! What several tests need: projects in memory and on disk, the command, releases read back.

#![expect(clippy::disallowed_methods, reason = "tests touch the disk and run the command")]

pub mod parquet;
pub mod random;

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use demarche::emit::{self, Release, Selection};
use demarche::release;
use demarche::spill::MemoryBudget;
use demarche::workspace::Memory;
use demarche::{Diagnostic, Options, Progress};
use tempfile::TempDir;

/// Files by path, with `/` between directories.
pub type Files = BTreeMap<String, Vec<u8>>;

/// How often a slow test tries: `few` times while somebody works, `all` where `DEMARCHE_FULL` is set,
/// as `.ci/run` does.
pub fn cases<N>(few: N, all: N) -> N {
    if std::env::var_os("DEMARCHE_FULL").is_some() { all } else { few }
}

/// Where the repository is.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A project with a table `things` of these properties beside the key `id`, a table `others` with
/// the records `o1` and `o2`, the code list `colours`, and the languages `en` and `pt-BR`.
pub fn things(properties: &serde_json::Value, records: &[serde_json::Value]) -> Files {
    let mut all = serde_json::json!({ "id": { "type": "string", "title": "Identifier" } });
    let all_properties = all.as_object_mut().expect("an object");
    all_properties.extend(properties.as_object().expect("properties").clone());
    let schema = |title: &str, properties: &serde_json::Value| {
        serde_json::json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": title,
            "type": "object",
            "properties": properties,
            "required": ["id"],
            "additionalProperties": false,
        })
    };
    let lines: String = records.iter().map(|record| format!("{record}\n")).collect();
    let others = schema("Others", &serde_json::json!({ "id": { "type": "string" } }));
    let files = [
        ("dataset.toml", THINGS_MANIFEST.to_owned()),
        ("schema/things.schema.json", schema("Things", &all).to_string()),
        ("schema/others.schema.json", others.to_string()),
        ("schema/codelists/colours.csv", THINGS_COLOURS.to_owned()),
        ("data/things.jsonl", lines),
        ("data/others.jsonl", "{\"id\":\"o1\"}\n{\"id\":\"o2\"}\n".to_owned()),
    ];
    files.map(|(path, text)| (path.to_owned(), text.into_bytes())).into()
}

/// What the IRIs of [`things`] begin with.
pub const THINGS_BASE: &str = "https://demarche.example/things/";

const THINGS_MANIFEST: &str = r#"
[dataset]
name = "things"
title = "Things"
description = "Made up for a test."
version = "1.0.0"
license = "CC0-1.0"
authors = [{ name = "Nobody" }]
base = "https://demarche.example/things/"
languages = ["en", "pt-BR"]
main = "things"

[prefixes]
schema = "https://schema.org/"

[tables.things]
schema = "schema/things.schema.json"
records = ["data/things.jsonl"]
key = "id"
row = "thing"

[tables.others]
schema = "schema/others.schema.json"
records = ["data/others.jsonl"]
key = "id"
row = "other"
"#;

const THINGS_COLOURS: &str = "\
code,label,definition
010,Red,Like blood.
10,Green,Like grass.
id,Blue,A code that is a key elsewhere.
light grey,Light grey,A code with a space.
";

/// What a project consists of; releases that lie in it are left out.
const PROJECT_PARTS: [&str; 3] = ["dataset.toml", "schema", "data"];

/// The files of the embedded dataset.
pub fn embedded() -> Files {
    project_at(repository())
}

/// The files of a project below `tests/projects`.
pub fn project(name: &str) -> Files {
    project_at(&repository().join("tests/projects").join(name))
}

/// The names of the projects below `tests/projects` that have all of their data there, sorted.
pub fn projects() -> Vec<String> {
    let root = repository().join("tests/projects");
    let entries = fs::read_dir(root).expect("there are projects");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().expect("UTF-8")).collect();
    names.retain(|name| name != "state-visits");
    names.sort_unstable();
    names
}

fn project_at(root: &Path) -> Files {
    let mut files = Files::new();
    for part in PROJECT_PARTS {
        collect(root, part, &mut files);
    }
    files
}

/// All files below a directory.
pub fn read_directory(root: &Path) -> Files {
    let mut files = Files::new();
    collect(root, "", &mut files);
    files
}

fn collect(root: &Path, path: &str, files: &mut Files) {
    let here = root.join(path);
    if here.is_file() {
        files.insert(path.to_owned(), fs::read(&here).expect("a readable file"));
        return;
    }
    let Ok(entries) = fs::read_dir(&here) else { return };
    for entry in entries {
        let name = entry.expect("an entry").file_name();
        let name = name.to_str().expect("names of test files are UTF-8");
        let below = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
        collect(root, &below, files);
    }
}

/// Writes files below a directory.
pub fn write_directory(root: &Path, files: &Files) {
    for (path, bytes) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a file lies in a directory")).expect("created");
        fs::write(path, bytes).expect("written");
    }
}

/// Files in a temporary directory.
pub fn on_disk(files: &Files) -> TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    write_directory(directory.path(), files);
    directory
}

/// The command, deaf to the terminal and the environment of whoever runs the tests.
pub fn demarche(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_demarche"));
    command.args(arguments).stdin(Stdio::null()).env_remove("NO_COLOR");
    command
}

/// How a command ended.
#[derive(Debug, PartialEq, Eq)]
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

pub fn run(command: &mut Command) -> Run {
    let output = command.output().expect("the command starts");
    Run {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
    }
}

/// `demarche build` of a project on disk, which must succeed. Returns the release.
pub fn build(project: &Path, configure: impl FnOnce(&mut Command)) -> Files {
    let out = tempfile::tempdir().expect("a temporary directory");
    let mut command = demarche(&["build", "--message-format", "json"]);
    command.arg("--project").arg(project).arg("--out").arg(out.path());
    configure(&mut command);
    let run = run(&mut command);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    read_directory(&release_below(out.path()))
}

/// The one release below a directory.
pub fn release_below(out: &Path) -> PathBuf {
    let entries: Vec<_> = fs::read_dir(out)
        .expect("a directory")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    let [release] = entries.as_slice() else { panic!("one release, not {entries:?}") };
    release.clone()
}

/// Builds a project in memory, without the schema files that the command puts beside.
pub fn build_in_memory(project: &Files, jobs: usize) -> Result<Files, Vec<Diagnostic>> {
    let storage = Memory(project.clone());
    let opened = demarche::open(Box::new(storage)).expect("memory can be read");
    let Some(project) = &opened.project else { return Err(opened.diagnostics) };
    let jobs = NonZeroUsize::new(jobs).expect("at least one worker");
    let options = Options { jobs, lower: true, budget: MemoryBudget::in_memory() };
    let compiled = demarche::compile(&opened.workspace, project, &options, &Progress::default())
        .expect("memory can be read");
    let Some(tables) = &compiled.tables else { return Err(compiled.diagnostics) };
    let release = Release {
        dataset: &project.manifest.dataset,
        prefixes: &project.manifest.prefixes,
        model: &project.model,
        tables,
        supplements: &[],
    };
    let memory = emit::Memory::default();
    release::write_release(&release, &compiled.tallies, &Selection::default(), jobs, &memory)
        .expect("memory takes all");
    Ok(memory.into_files())
}

/// A text file.
pub fn text<'f>(files: &'f Files, path: &str) -> &'f str {
    let bytes = files.get(path).unwrap_or_else(|| panic!("{path} among {:?}", files.keys()));
    std::str::from_utf8(bytes).expect("text files are UTF-8")
}

/// A JSON file.
pub fn json(files: &Files, path: &str) -> serde_json::Value {
    serde_json::from_str(text(files, path)).expect("JSON")
}

/// A row as column → value; missing values are left out.
pub type Row = BTreeMap<String, String>;

/// The header and the rows of a CSV file.
pub fn csv(files: &Files, path: &str) -> (Vec<String>, Vec<Row>) {
    let mut reader = ::csv::Reader::from_reader(text(files, path).as_bytes());
    let header: Vec<_> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    let row = |record: ::csv::StringRecord| {
        let cells = header.iter().zip(&record).filter(|(_, cell)| !cell.is_empty());
        cells.map(|(name, cell)| (name.clone(), cell.to_owned())).collect()
    };
    let rows = reader.records().map(|record| row(record.expect("a row"))).collect();
    (header, rows)
}

/// Fails unless both releases have the same files with the same bytes.
#[track_caller]
pub fn assert_same_files(left: &Files, right: &Files, why: &str) {
    let names = |files: &Files| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(left), names(right), "{why}: the same files");
    for (path, bytes) in left {
        let other = &right[path];
        if bytes != other {
            let at = bytes.iter().zip(other).take_while(|(a, b)| a == b).count();
            let excerpt = |bytes: &[u8]| {
                let range = at.saturating_sub(60)..(at + 60).min(bytes.len());
                String::from_utf8_lossy(&bytes[range]).into_owned()
            };
            let (left, right) = (excerpt(bytes), excerpt(other));
            panic!("{why}: {path} differs from byte {at} on\n left: {left:?}\nright: {right:?}");
        }
    }
}

/// The files whose path passes.
pub fn only(files: &Files, keep: impl Fn(&str) -> bool) -> Files {
    files
        .iter()
        .filter(|(path, _)| keep(path))
        .map(|(path, bytes)| (path.clone(), bytes.clone()))
        .collect()
}
