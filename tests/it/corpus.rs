//! Small projects, each with what `demarche check` shows a person about it.
//!
//! `tests/corpus/<code>-<name>/<case>/` holds the files of a project and, in `expected.txt`, all
//! of standard output. What a case doesn't hold comes from `tests/corpus/base/`, apart from the
//! records of tables that it has records of itself. Cases called `silent…` are near misses: the
//! code must not fire there. Cases of rules have `tests/corpus/base-roles/` as their base, whose
//! schemas give roles. A case whose own manifest has none of the base's tables is a whole project, which
//! nothing comes to. `UPDATE_EXPECTED=1 cargo test --test it corpus::` writes `expected.txt`
//! anew; read the difference before you commit it. `CORPUS=s003 cargo test --test it corpus::` runs
//! only the cases whose names contain that.

#![expect(clippy::disallowed_methods, reason = "tests touch the disk")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use demarche::Severity;
use demarche::diagnostic::Code;
use demarche::rules::all_codes;
use serde_json::Value;

const EXPECTED: &str = "expected.txt";

/// Codes whose findings in record files may be about no record, or about no place inside one, with the
/// reason.
const ABOUT_NO_RECORD: [(&str, &str); 21] = [
    ("K002", "a column that is missing is missing from all records"),
    ("P001", "what can't be parsed makes no record"),
    ("P002", "what isn't text makes no record"),
    ("P005", "JSON has no such value, so there is no record"),
    ("P006", "a record that is nested too deep isn't kept"),
    ("P007", "a line that is too long isn't read"),
    ("P008", "an alias without end makes no record"),
    ("P010", "what can't be unpacked makes no record"),
    ("P011", "a column is of all records"),
    ("P012", "a column is of all records"),
    ("P013", "a row with too many cells makes no record"),
    ("P014", "a row without a parent belongs to no record"),
    ("P015", "a row without a position belongs to no list"),
    ("P018", "what isn't an object is no record"),
    ("P019", "what isn't text of records makes no record"),
    ("P020", "what a merge left unfinished makes no record"),
    ("P021", "text that is read otherwise may stand in what makes no record"),
    ("P023", "how cells are separated is of all records"),
    ("P024", "an empty row makes no record"),
    ("P025", "a byte that stands for nothing may stand in the header"),
    ("S004", "a column that is missing is missing from all records"),
];

/// One project and its expectation.
struct Case {
    directory: PathBuf,
    /// `s001-wrong-type/number-for-text`
    name: String,
    /// The code that it is about; none for a case about a way of writing records.
    code: Option<&'static Code>,
    silent: bool,
}

/// What `demarche check` did.
struct Outcome {
    shown: String,
    exit: Option<i32>,
    /// The findings as programs get them.
    findings: Vec<Value>,
}

#[test]
fn cases_show_what_is_expected() {
    let mut cases = cases();
    if let Ok(wanted) = std::env::var("CORPUS") {
        cases.retain(|case| case.name.contains(&wanted));
        assert!(!cases.is_empty(), "no case is called `{wanted}`");
    }
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut failures = Vec::new();
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            failures.extend(run(case, update));
        }
        failures
    };
    let failures: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no worker panics")).collect()
    });
    assert!(
        failures.is_empty(),
        "{} of {} cases fail:\n\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
}

#[test]
fn every_code_fires_and_has_a_near_miss() {
    let cases = cases();
    let lacks = |silent: bool| {
        let covered = |code: &&Code| {
            cases.iter().any(|case| case.silent == silent && case.code == Some(*code))
        };
        let missing = all_codes().into_iter().filter(|code| !covered(code));
        missing.map(|code| format!("{}-{}", code.id.to_lowercase(), code.name)).collect::<Vec<_>>()
    };
    assert_eq!(lacks(false), [""; 0], "codes without a case that fires");
    assert_eq!(lacks(true), [""; 0], "codes without a near miss, `silent…`");
}

/// Runs a case; says what is wrong with its outcome.
fn run(case: &Case, update: bool) -> Option<String> {
    let Outcome { shown, exit, findings } = check(case, &[]);
    let path = case.directory.join(EXPECTED);
    if update {
        fs::write(&path, &shown).expect("the corpus can be written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    let mut wrong = String::new();
    if shown != expected {
        let _ = writeln!(wrong, "- expected, + shown:\n{}", difference(&expected, &shown));
    }
    if let Some(code) = case.code {
        let fires = [Severity::Error, Severity::Warning, Severity::Note]
            .map(|severity| format!("{}[{}", severity.name(), code.id))
            .iter()
            // A finding about a constraint has its id behind the code.
            .any(|start| [']', '/'].iter().any(|end| shown.contains(&format!("{start}{end}"))));
        if fires == case.silent {
            let _ = writeln!(wrong, "{} {}", code.id, if fires { "fires" } else { "is silent" });
        }
    }
    for finding in findings.iter().filter(|finding| !names_its_record(finding)) {
        let _ =
            writeln!(wrong, "a finding doesn't say which record it is about, and where: {finding}");
    }
    if check(case, &["--memory", "0"]).shown != shown {
        wrong.push_str("it shows something else if nothing may stay in memory\n");
    }
    if exit != Some(exit_of(&shown)) {
        let _ = writeln!(wrong, "the exit code is {exit:?}, not {}", exit_of(&shown));
    }
    (!wrong.is_empty()).then(|| format!("{}: {wrong}", case.name))
}

/// Whether a finding in a record file says which record it is about, and where in it.
fn names_its_record(finding: &Value) -> bool {
    let place = &finding["place"];
    let in_records = place["file"].as_str().is_some_and(|file| file.starts_with("data/"));
    let named = finding["record"].is_object() && place["pointer"].is_string();
    let code = finding["code"].as_str().expect("a code");
    // What is said of a file isn't about its records.
    !in_records
        || named
        || code.starts_with('M')
        || ABOUT_NO_RECORD.iter().any(|(exempt, _)| *exempt == code)
}

/// The exit code that goes with what was shown: 2 for errors in the manifest or a schema, 1 for
/// errors in records, 0 otherwise.
fn exit_of(shown: &str) -> i32 {
    let mut exit = 0;
    let mut lines = shown.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("error[") {
            let place = lines.next().and_then(|line| line.trim_start().strip_prefix("--> "));
            // The manifest also has values of records: constants, and names of columns.
            let in_records = place.is_some_and(|place| place.starts_with("data/"))
                || shown.contains(" records (");
            exit = exit.max(if in_records { 1 } else { 2 });
        }
    }
    exit
}

fn check(case: &Case, arguments: &[&str]) -> Outcome {
    let project = tempfile::tempdir().expect("there is a place for temporary files");
    for (path, file) in files_of(case) {
        let target = project.path().join(path);
        fs::create_dir_all(target.parent().expect("a file is in a directory"))
            .and_then(|()| copy(&file, &target))
            .expect("a case can be copied");
    }
    // Beside the project: in it, it would be a file of the project.
    let beside = tempfile::tempdir().expect("there is a place for temporary files");
    let report = beside.path().join("findings.jsonl");
    let output = Command::new(env!("CARGO_BIN_EXE_demarche"))
        .args(["check", "--color", "never", "--jobs", "2"])
        .arg("--output")
        .arg(format!("json={}", report.display()))
        .args(arguments)
        .current_dir(project.path())
        .output()
        .expect("the binary runs");
    let faults = String::from_utf8_lossy(&output.stderr);
    let shown = String::from_utf8_lossy(&output.stdout);
    let lines = fs::read_to_string(&report).unwrap_or_default();
    let lines = lines.lines().map(|line| serde_json::from_str(line).expect("JSON lines"));
    let findings = lines.filter(|line: &Value| line["reason"] == "diagnostic").collect();
    Outcome { shown: format!("{shown}{faults}"), exit: output.status.code(), findings }
}

/// Copies a file. A link stays one, wherever it leads.
fn copy(file: &Path, target: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    if file.is_symlink() {
        return std::os::unix::fs::symlink(fs::read_link(file)?, target);
    }
    fs::copy(file, target).map(drop)
}

/// The files of a case's project: path in the project → file to copy.
fn files_of(case: &Case) -> BTreeMap<String, PathBuf> {
    let mut own = files_below(&case.directory);
    own.remove(EXPECTED);
    if own.get("dataset.toml").is_some_and(|manifest| is_whole(manifest)) {
        return own;
    }
    let roles = case.code.is_some_and(Code::is_rule);
    let mut files = files_below(&corpus().join(if roles { "base-roles" } else { "base" }));
    // `data/meetings.yaml` gives way to `data/meetings.csv` and to `data/meeting_topics.csv`.
    files.retain(|path, _| {
        let records = path.strip_prefix("data/").and_then(|name| name.split("s.").next());
        records.is_none_or(|row| !own.keys().any(|path| path.starts_with(&format!("data/{row}"))))
    });
    files.extend(own);
    files
}

/// Whether a manifest has none of the tables of the base projects.
fn is_whole(manifest: &Path) -> bool {
    let manifest = fs::read_to_string(manifest).unwrap_or_default();
    let has = |table: &str| manifest.contains(&format!("[tables.{table}]"));
    manifest.contains("[tables.")
        && !["meetings", "persons", "notes", "sources"].into_iter().any(has)
}

fn files_below(directory: &Path) -> BTreeMap<String, PathBuf> {
    let mut files = BTreeMap::new();
    for path in entries(directory) {
        let name = name_of(&path);
        if path.is_dir() {
            let inner = files_below(&path);
            files.extend(inner.into_iter().map(|(below, path)| (format!("{name}/{below}"), path)));
        } else {
            files.insert(name, path);
        }
    }
    files
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for group in entries(&corpus()).into_iter().filter(|path| path.is_dir()) {
        let group_name = name_of(&group);
        if group_name.starts_with("base") {
            continue;
        }
        let code = all_codes()
            .into_iter()
            .find(|code| format!("{}-{}", code.id.to_lowercase(), code.name) == group_name);
        assert!(
            code.is_some() || group_name.starts_with("format-") || group_name.starts_with("text-"),
            "`tests/corpus/{group_name}` is named for no code or rule, and no `format-` or `text-`"
        );
        for directory in entries(&group) {
            let name = name_of(&directory);
            let silent = name.starts_with("silent");
            cases.push(Case { name: format!("{group_name}/{name}"), directory, code, silent });
        }
    }
    cases
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

/// What a directory holds, sorted; without hidden files.
fn entries(directory: &Path) -> Vec<PathBuf> {
    let listed = fs::read_dir(directory).expect("the corpus can be listed");
    let mut paths: Vec<_> = listed.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| !name_of(path).starts_with('.'));
    paths.sort();
    paths
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The lines of two texts side by side: `-` only in the first, `+` only in the second.
fn difference(before: &str, after: &str) -> String {
    let (a, b): (Vec<_>, Vec<_>) = (before.lines().collect(), after.lines().collect());
    // common[i][j]: how many lines `a[i..]` and `b[j..]` have in common, in order.
    let mut common = vec![vec![0usize; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            common[i][j] = if a[i] == b[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let mut lines = String::new();
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        let (mark, line) = if i < a.len() && j < b.len() && a[i] == b[j] {
            (i, j) = (i + 1, j + 1);
            (' ', a[i - 1])
        } else if j == b.len() || i < a.len() && common[i + 1][j] >= common[i][j + 1] {
            i += 1;
            ('-', a[i - 1])
        } else {
            j += 1;
            ('+', b[j - 1])
        };
        let _ = writeln!(lines, "{mark} {line}");
    }
    lines
}
