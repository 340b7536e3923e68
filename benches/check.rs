//! How long check and build take on generated events.
//!
//!     DEMARCHE_BENCH=/somewhere cargo bench
//!
//! The directory holds `event.schema.json`, `events-<n>.jsonl`, `yaml/` and `json/`; what isn't
//! there is left out. `DEMARCHE_BENCH_RUNS` says how often each is measured (5), and an argument
//! keeps only the workloads whose name contains it: `cargo bench -- 100000`. The command is run as
//! people run it, in a process of its own, with one worker and with one a processor.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock and the disk")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

fn main() {
    let Some(directory) = env::var_os("DEMARCHE_BENCH").map(PathBuf::from) else {
        println!("skipped: DEMARCHE_BENCH names no directory of generated events");
        return;
    };
    let directory = directory.canonicalize().expect("DEMARCHE_BENCH names a directory");
    let runs = env::var("DEMARCHE_BENCH_RUNS").map_or(5, |runs| runs.parse().expect("a number"));
    // Cargo itself passes `--bench`.
    let only = env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let only = only.unwrap_or_default();
    println!("| records | command | workers | median s | least | most | records/s |");
    println!("|---|---|--:|--:|--:|--:|--:|");
    for workload in workloads(&directory) {
        if workload.name.contains(&only) {
            workload.measure(&directory.join("event.schema.json"), runs);
        }
    }
}

/// Records of one shape.
struct Workload {
    name: String,
    /// A file of lines, or a directory of files.
    records: PathBuf,
    pattern: &'static str,
}

fn workloads(directory: &Path) -> Vec<Workload> {
    let mut workloads: Vec<_> = fs::read_dir(directory)
        .expect("a directory")
        .map(|entry| entry.expect("an entry").path())
        .filter_map(|path| {
            let name = path.file_name()?.to_str()?.to_owned();
            let pattern = match name.as_str() {
                "yaml" => "records/*.yaml",
                "json" => "records/*.json",
                lines if lines.starts_with("events-") && lines.ends_with("00.jsonl") => {
                    "records.jsonl"
                }
                _ => return None,
            };
            Some(Workload { name, records: path, pattern })
        })
        .collect();
    // Quick ones first.
    workloads.sort_by_key(|workload| (workload.name.len(), workload.name.clone()));
    workloads
}

const MANIFEST: &str = r#"
[dataset]
name = "bench"
title = "Generated events"
version = "1.0.0"
license = "CC0-1.0"
base = "https://demarche.example/bench/"

[tables.events]
schema = "schema/event.schema.json"
records = ["PATTERN"]
key = "id"
row = "event"
"#;

impl Workload {
    fn measure(&self, schema: &Path, runs: usize) {
        let project = tempfile::tempdir().expect("a temporary directory");
        let root = project.path();
        fs::create_dir(root.join("schema")).expect("created");
        fs::copy(schema, root.join("schema/event.schema.json")).expect("a schema of events");
        let manifest = MANIFEST.replace("PATTERN", self.pattern);
        fs::write(root.join("dataset.toml"), manifest).expect("written");
        self.place_records(root);
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        for command in ["check", "build"] {
            for workers in if processors > 1 { vec![1, processors] } else { vec![1] } {
                // The first run warms the disk's cache and isn't counted.
                let records = run(root, command, workers).1;
                let mut times: Vec<_> =
                    (0..runs.max(1)).map(|_| run(root, command, workers).0).collect();
                times.sort();
                let median = times[times.len() / 2].as_secs_f64();
                println!(
                    "| {} | {command} | {workers} | {median:.3} | {:.3} | {:.3} | {:.0} |",
                    self.name,
                    times[0].as_secs_f64(),
                    times[times.len() - 1].as_secs_f64(),
                    records as f64 / median
                );
            }
        }
    }

    /// Hard links where the disk allows, for a gigabyte needn't be copied to be read.
    fn place_records(&self, root: &Path) {
        let place = |from: &Path, to: &Path| {
            fs::hard_link(from, to).or_else(|_| fs::copy(from, to).map(drop)).expect("placed");
        };
        if self.records.is_file() {
            place(&self.records, &root.join("records.jsonl"));
            return;
        }
        let to = root.join("records");
        fs::create_dir(&to).expect("created");
        for entry in fs::read_dir(&self.records).expect("a directory") {
            let entry = entry.expect("an entry");
            place(&entry.path(), &to.join(entry.file_name()));
        }
    }
}

/// How long a run took, and how many records it read.
fn run(project: &Path, command: &str, workers: usize) -> (Duration, u64) {
    let mut process = Command::new(env!("CARGO_BIN_EXE_demarche"));
    process.args([command, "--message-format", "json", "--jobs", &workers.to_string()]);
    process.arg("--project").arg(project).stdin(Stdio::null());
    let start = Instant::now();
    let output = process.output().expect("the command starts");
    let took = start.elapsed();
    assert!(output.status.success(), "the generated records are sound: {output:?}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let summary = text.lines().last().expect("a summary");
    let summary: serde_json::Value = serde_json::from_str(summary).expect("JSON");
    (took, summary["records"]["events"].as_u64().expect("a count"))
}
