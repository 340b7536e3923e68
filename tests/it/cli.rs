//! The command from outside: exit codes, what it prints, and that a release appears whole or not at
//! all.

#![expect(clippy::disallowed_methods, reason = "tests touch the disk and run the command")]

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::support::{
    self, Files, Run, assert_same_files, demarche, on_disk, project, read_directory, run,
};

/// A sound project; its release is called `things-1.0.0`.
fn sound() -> Files {
    let properties = json!({ "size": { "type": "integer" }, "note": { "type": "string" } });
    support::things(&properties, &[json!({ "id": "a", "size": 1 }), json!({ "id": "b" })])
}

/// The same with two faults.
fn faulty() -> Files {
    let mut files = sound();
    let records = "{\"id\":\"a\",\"size\":\"one\"}\n{\"id\":\"b\",\"sise\":2}\n";
    files.insert("data/things.jsonl".to_owned(), records.into());
    files
}

fn on(project: &TempDir, arguments: &[&str]) -> Run {
    run(demarche(arguments).arg("--project").arg(project.path()))
}

#[track_caller]
fn assert_run(run: &Run, code: i32, stdout: &[&str], stderr: &[&str]) {
    assert_eq!(run.code, Some(code), "{run:#?}");
    for part in stdout {
        assert!(run.stdout.contains(part), "{part:?} in {run:#?}");
    }
    for part in stderr {
        assert!(run.stderr.contains(part), "{part:?} in {run:#?}");
    }
    assert_eq!(run.stderr.is_empty(), stderr.is_empty(), "{run:#?}");
}

#[test]
fn zero_is_good() {
    let project = on_disk(&sound());
    let counts = "no findings in 4 records (2 things, 2 others)\n";
    assert_run(&on(&project, &["check"]), 0, &[counts], &[]);
    assert_run(&on(&project, &["build"]), 0, &[counts, "wrote ", "things-1.0.0\n"], &[]);
    assert_run(&on(&project, &["schema"]), 0, &["things: Things\n", "others: Others\n"], &[]);
}

#[test]
fn one_is_data_with_errors() {
    let project = on_disk(&faulty());
    let found = ["S001", "S005", "the schema allows `id`", "data/things.jsonl:1:", "2 errors"];
    assert_run(&on(&project, &["check"]), 1, &found, &[]);
    assert_run(&on(&project, &["build"]), 1, &["nothing was built: mend the errors first\n"], &[]);
    assert!(!project.path().join("output").exists());
}

#[test]
fn two_is_a_wrong_command_line() {
    let project = on_disk(&sound());
    let known = "the project has `things` or `others`";
    for command in ["build", "schema"] {
        let run = on(&project, &[command, "--table", "thing"]);
        assert_run(&run, 2, &[], &["error: there is no table `thing`", known]);
        assert_eq!(run.stdout, "");
    }
    let formats = ["'--format <FORMAT>'", "jsonld", "parquet", "csv"];
    assert_run(&on(&project, &["build", "--format", "csv,xls"]), 2, &[], &formats);
    assert_run(&on(&project, &["check", "--jobs", "0"]), 2, &[], &["'--jobs <N>'"]);
    assert_run(&run(&mut demarche(&["chek"])), 2, &[], &["'check'"]);
    assert_run(&run(&mut demarche(&[])), 2, &[], &["Usage:"]);
    assert_run(&run(&mut demarche(&["completions", "tcsh"])), 2, &[], &["bash", "zsh"]);
    assert!(!project.path().join("output").exists());
}

#[test]
fn two_is_a_manifest_or_schema_with_errors() {
    let broken: [(&str, &str, &str); 3] = [
        ("dataset.toml", "[dataset]\nname = 1\n", "dataset.toml:"),
        ("schema/things.schema.json", "{ \"type\": 5 }", "M004"),
        ("schema/codelists/colours.csv", "code,label\nx,X\nx,X\n", "M014"),
    ];
    for (path, text, expected) in broken {
        let mut files = sound();
        files.insert(path.to_owned(), text.into());
        let project = on_disk(&files);
        for command in ["check", "build", "schema"] {
            assert_run(&on(&project, &[command]), 2, &[expected], &[]);
        }
    }
}

#[test]
fn two_is_also_a_directory_without_a_project() {
    let nowhere = tempfile::tempdir().expect("a temporary directory");
    for command in ["check", "build", "schema"] {
        assert_run(&on(&nowhere, &[command]), 2, &[], &["error: ", "dataset.toml", "--project"]);
    }
}

#[test]
fn three_is_a_failing_environment() {
    let project = on_disk(&sound());
    let file = project.path().join("file");
    fs::write(&file, "in the way").expect("written");
    let mut build = demarche(&["build", "--project"]);
    build.arg(project.path()).arg("--out").arg(file.join("below"));
    assert_run(&run(&mut build), 3, &[], &["error: can't replace", "file/below"]);
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_nobody_takes() {
    let project = on_disk(&faulty());
    let to = |out: Stdio| {
        let mut command = demarche(&["check", "--project"]);
        command.arg(project.path()).stdout(out).stderr(Stdio::piped());
        let output = command.spawn().expect("started").wait_with_output().expect("ended");
        (output.status.code(), String::from_utf8(output.stderr).expect("UTF-8"))
    };
    let full = File::options().write(true).open("/dev/full").expect("Linux has one");
    let (code, said) = to(full.into());
    assert_eq!(code, Some(3));
    assert!(said.contains("standard output"), "{said}");

    let gone = || {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        writer
    };
    assert_eq!(to(gone().into()), (Some(1), String::new()), "the verdict stands");
    let full = || File::options().write(true).open("/dev/full").expect("Linux has one");
    for (arguments, code) in [
        (&["check"][..], 1),
        (&["check", "--message-format", "json"], 1),
        (&["check", "--output", "json=/dev/full"], 3),
        (&["build"], 1),
        (&["schema"], 0),
        (&["schema", "--table", "x"], 2),
        (&["explain"], 0),
        (&["explain", "X999"], 2),
        (&["completions", "bash"], 0),
        (&["check", "--fix", "--dry-run"], 1),
        (&["--help"], 0),
    ] {
        let on = |stdout: Stdio, stderr: Stdio| {
            let mut command = demarche(arguments);
            if arguments.len() < 2 || arguments[0] != "explain" && arguments[0] != "completions" {
                command.current_dir(project.path());
            }
            command.stdout(stdout).stderr(stderr).status().expect("started").code()
        };
        assert_eq!(on(gone().into(), gone().into()), Some(code), "{arguments:?} to nobody");
        let lost = on(full().into(), full().into()).expect("it isn't killed");
        assert!((code..=3).contains(&lost), "{arguments:?} on a full disk: {lost}");
        if code > 0 {
            assert_ne!(lost, 0, "{arguments:?} on a full disk");
        }
    }
    let nowhere = demarche(&["check", "-C", "/nonexistent"]).stderr(Stdio::from(gone())).status();
    assert_eq!(nowhere.expect("started").code(), Some(2), "no panic where nobody listens");
}

#[test]
fn help_has_examples_and_exit_codes() {
    let whole = run(&mut demarche(&["--help"]));
    assert_run(&whole, 0, &["Examples:", "Exit codes:", "demarche build --out releases"], &[]);
    for command in ["check", "build", "schema", "completions"] {
        assert!(whole.stdout.contains(&format!("\n  {command}")), "{command} is listed");
        let help = run(&mut demarche(&[command, "--help"]));
        assert_run(&help, 0, &["Example", &format!("\n  demarche {command}")], &[]);
        assert!(help.stdout.lines().all(|line| line.chars().count() <= 100), "{}", help.stdout);
    }
    let version = format!("demarche {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(run(&mut demarche(&["--version"])).stdout, version);
}

#[test]
fn examples_of_the_help_are_real_commands() {
    let nowhere = tempfile::tempdir().expect("a temporary directory");
    for command in ["", "check", "build", "schema", "explain", "completions"] {
        let help = run(demarche(&[]).args(command.split_whitespace()).arg("--help")).stdout;
        let (_, examples) = help.split_once("Example").expect("examples");
        let examples = examples.lines().filter_map(|line| line.strip_prefix("  demarche "));
        for example in examples {
            // What an example does is told behind it, in words that aren't options.
            let words: Vec<_> =
                example.split_whitespace().take_while(|word| *word != ">").collect();
            let least = words.iter().rposition(|word| word.starts_with('-')).unwrap_or(0) + 1;
            let is_command = (least..=words.len()).any(|end| {
                let run = run(demarche(&words[..end]).current_dir(nowhere.path()));
                // Without a project, the right arguments can do no more than fail to find it.
                matches!(run.code, Some(0 | 3))
                    || run.stderr.contains("which directory holds the project")
            });
            assert!(is_command, "{example}");
        }
    }
}

#[test]
fn completions_for_every_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = run(&mut demarche(&["completions", shell]));
        assert_run(&script, 0, &["demarche", "message-format"], &[]);
    }
    if Command::new("bash").arg("--version").output().is_ok() {
        let script = run(&mut demarche(&["completions", "bash"])).stdout;
        let sound = Command::new("bash").args(["-n", "-c", &script]).status().expect("bash runs");
        assert!(sound.success());
    }
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let project = on_disk(&faulty());
    let is_coloured = |run: &Run| run.stdout.contains('\u{1b}');
    assert!(!is_coloured(&on(&project, &["check"])), "not into a pipe");
    assert!(is_coloured(&on(&project, &["check", "--color", "always"])), "but on demand");
    assert!(!is_coloured(&on(&project, &["check", "--color", "never"])));

    // util-linux has a terminal for us.
    let on_terminal = |variable: Option<&str>, more: &str| {
        let line = format!("'{}' check {more}", env!("CARGO_BIN_EXE_demarche"));
        let mut script = Command::new("script");
        script.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
        script.current_dir(project.path()).stdin(Stdio::null()).env_remove("NO_COLOR");
        script.envs(variable.map(|value| ("NO_COLOR", value)));
        script.output().ok().map(|output| output.stdout.contains(&0x1b))
    };
    let Some(coloured) = on_terminal(None, "") else {
        eprintln!("skipped: there is no `script` command to make a terminal");
        return;
    };
    assert!(coloured, "on a terminal");
    assert_eq!(on_terminal(Some("1"), ""), Some(false), "unless NO_COLOR says no");
    assert_eq!(on_terminal(Some(""), ""), Some(true), "which says nothing when it is empty");
    assert_eq!(on_terminal(Some("1"), "--color always"), Some(true), "an argument is stronger");
}

#[test]
fn quiet_says_only_what_is_wrong() {
    let project = on_disk(&sound());
    for command in ["check", "build"] {
        let run = on(&project, &[command, "--quiet"]);
        assert_run(&run, 0, &[], &[]);
        assert_eq!(run.stdout, "");
    }
    let project = on_disk(&faulty());
    assert_run(&on(&project, &["check", "--quiet"]), 1, &["S001", "S005", "2 errors"], &[]);
}

fn messages(run: &Run) -> Vec<Value> {
    run.stdout.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

#[test]
fn messages_for_programs_are_complete() {
    let project = on_disk(&faulty());
    let run = on(&project, &["check", "--message-format", "json"]);
    assert_run(&run, 1, &[], &[]);
    let messages = messages(&run);
    let [wrong_type, unknown, summary] = messages.as_slice() else { panic!("{messages:#?}") };

    assert_eq!(wrong_type["reason"], "diagnostic");
    assert_eq!(wrong_type["code"], "S001");
    assert_eq!(wrong_type["name"], "wrong-type");
    assert_eq!(wrong_type["severity"], "error");
    assert_eq!(wrong_type["record"], json!({ "table": "things", "key": "a" }));
    assert_eq!(
        wrong_type["place"],
        json!({
            "file": "data/things.jsonl", "line": 1, "column": 18, "end_line": 1, "end_column": 23,
            "byte_start": 17, "byte_end": 22, "pointer": "/size",
        })
    );
    let bytes = &faulty()["data/things.jsonl"][17..22];
    assert_eq!(bytes, b"\"one\"");
    assert!(wrong_type["message"].as_str().is_some_and(|it| it.contains("`size`")));

    assert_eq!(unknown["code"], "S005");
    assert_eq!(unknown["place"]["line"], 2);
    assert_eq!(unknown["help"], "the schema allows `id`, `note` or `size`");

    assert_eq!(summary["reason"], "summary");
    assert_eq!(summary["errors"], 2);
    assert_eq!(summary["warnings"], 0);
    assert_eq!(summary["records"], json!({ "things": 2, "others": 2 }));
    assert_eq!(summary["release"], Value::Null);
}

#[test]
fn messages_for_programs_name_the_release() {
    let project = on_disk(&sound());
    let run = on(&project, &["build", "--message-format", "json"]);
    let [summary] = messages(&run).try_into().expect("one message");
    let release = summary["release"].as_str().expect("a path");
    assert!(Path::new(release).join("SHA256SUMS").is_file(), "{release}");
}

#[test]
fn records_of_a_rule_that_is_turned_down_are_released() {
    for severity in ["off", "note", "warning"] {
        let records = [json!({ "id": "a", "note": "=1+1" }), json!({ "id": "b", "note": "n" })];
        let mut files = support::things(&json!({ "note": { "type": "string" } }), &records);
        assert_run(&on(&on_disk(&files), &["build"]), 1, &["error[T005]"], &[]);
        let manifest = support::text(&files, "dataset.toml");
        let manifest = format!("{manifest}\n[rules]\nspreadsheet-formula = \"{severity}\"\n");
        files.insert("dataset.toml".to_owned(), manifest.into_bytes());
        let project = on_disk(&files);
        assert_run(&on(&project, &["build"]), 0, &[], &[]);
        let (_, rows) = support::csv(&assert_whole(project.path()), "csv/things.csv");
        let notes: Vec<_> = rows.iter().map(|row| row["note"].as_str()).collect();
        assert_eq!(notes, ["=1+1", "n"], "{severity}");
    }
}

#[test]
fn formats_and_tables_can_be_chosen() {
    let project = on_disk(&sound());
    let run = on(&project, &["build", "--format", "csv,parquet", "--table", "others"]);
    assert_run(&run, 0, &[], &[]);
    let release = read_directory(&release(project.path()));
    let made: Vec<_> = release.keys().filter(|path| !path.starts_with("schema/")).collect();
    assert_eq!(
        made,
        [
            "SHA256SUMS",
            "codebook.md",
            "csv/others.csv",
            "datapackage.json",
            "parquet/others.parquet"
        ]
    );
}

fn release(project: &Path) -> std::path::PathBuf {
    project.join("output/things-1.0.0")
}

/// Fails unless the release is whole, by its own checksums, and nothing lies beside it.
#[track_caller]
fn assert_whole(project: &Path) -> Files {
    let files = read_directory(&release(project));
    let mut listed = 0;
    for line in support::text(&files, "SHA256SUMS").lines() {
        let (sum, path) = line.split_once("  ").expect("a sum and a path");
        let found: String =
            Sha256::digest(&files[path]).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(found, sum, "{path}");
        listed += 1;
    }
    assert_eq!(listed + 1, files.len(), "every file is listed");
    files
}

fn beside(project: &Path) -> Vec<String> {
    let entries = fs::read_dir(project.join("output")).expect("a directory");
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    names.sort();
    names
}

#[test]
fn a_failed_build_leaves_the_release_untouched() {
    let project = on_disk(&sound());
    assert_run(&on(&project, &["build"]), 0, &[], &[]);
    let before = assert_whole(project.path());
    support::write_directory(project.path(), &faulty());
    assert_run(&on(&project, &["build"]), 1, &["nothing was built"], &[]);
    assert_same_files(&before, &assert_whole(project.path()), "after a failed build");
    assert_eq!(beside(project.path()), ["things-1.0.0"]);
}

#[test]
fn what_is_no_release_is_refused_and_untouched() {
    let project = on_disk(&sound());
    let target = release(project.path());
    let precious = Files::from([("notes.txt".to_owned(), b"precious".to_vec())]);
    support::write_directory(&target, &precious);
    assert_run(&on(&project, &["build"]), 3, &[], &["can't replace", "--out"]);
    assert_same_files(&read_directory(&target), &precious, "the directory in the way");
    assert_eq!(beside(project.path()), ["things-1.0.0"]);

    fs::remove_dir_all(&target).expect("removed");
    fs::write(&target, "a file").expect("written");
    assert_run(&on(&project, &["build"]), 3, &[], &["can't replace"]);
    assert_eq!(fs::read(&target).expect("still there"), b"a file");
    assert_eq!(beside(project.path()), ["things-1.0.0"]);

    fs::remove_file(&target).expect("removed");
    fs::create_dir(&target).expect("created");
    assert_run(&on(&project, &["build"]), 0, &[], &[]);
    assert_whole(project.path());
}

#[test]
fn tables_as_json_are_what_their_schema_says() {
    let project = on_disk(&project("treaties"));
    let run = on(&project, &["schema", "--message-format", "json"]);
    assert_run(&run, 0, &[], &[]);
    let shown: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let schema = fs::read_to_string(support::repository().join("docs/tables.schema.json"));
    let schema: Value = serde_json::from_str(&schema.expect("there")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let faults: Vec<_> = validator.iter_errors(&shown).map(|it| it.to_string()).collect();
    assert_eq!(faults, [""; 0]);
    let columns = |table: &Value| table["columns"].as_array().map_or(0, Vec::len);
    let people = on(&project, &["schema"]).stdout;
    let lines = people.lines().filter(|line| line.starts_with("  ")).count();
    let all = shown["tables"].as_array().expect("tables");
    assert_eq!(all.iter().map(columns).sum::<usize>(), lines, "every column that people see");
    let refused = on(&project, &["schema", "--message-format", "sarif"]);
    assert_run(&refused, 2, &[], &["`sarif`", "--message-format json"]);
}

#[test]
fn codes_are_explained_however_they_are_written() {
    for name in ["S003", "s003", "unknown-code", "Unknown-Code"] {
        assert_run(&run(&mut demarche(&["explain", name])), 0, &["S003 unknown-code"], &[]);
    }
    assert_run(&run(&mut demarche(&["explain", "s00"])), 2, &[], &["there is no code", "`s00`"]);
}

#[test]
fn only_a_whole_release_and_nothing_else_is_replaced() {
    let project = on_disk(&sound());
    assert_run(&on(&project, &["build"]), 0, &[], &[]);
    let thesis = release(project.path()).join("csv/thesis.txt");
    fs::write(&thesis, "years of work").expect("written");
    support::write_directory(project.path(), &large());
    let refused = on(&project, &["build", "--replace"]);
    assert_run(&refused, 3, &[], &["can't replace", "`csv/thesis.txt`", "--out"]);
    assert_eq!(fs::read(&thesis).expect("still there"), b"years of work");

    fs::remove_file(&thesis).expect("removed");
    fs::write(release(project.path()).join("SHA256SUMS"), "").expect("written");
    assert_run(&on(&project, &["build", "--replace"]), 3, &[], &["can't replace", "SHA256SUMS"]);
}

#[test]
fn a_release_is_never_replaced_unasked() {
    let project = on_disk(&sound());
    assert_run(&on(&project, &["build"]), 0, &["wrote "], &[]);
    let before = assert_whole(project.path());
    assert_run(&on(&project, &["build"]), 0, &["unchanged: ", "byte for byte"], &[]);

    let help = ["a release with other bytes", "version", "--replace"];
    let partial = on(&project, &["build", "--format", "csv"]);
    assert_run(&partial, 2, &["nothing was written"], &help);
    support::write_directory(project.path(), &large());
    let changed = on(&project, &["build"]);
    assert_run(&changed, 2, &["nothing was written"], &help);
    assert!(changed.stderr.contains("files differ (`SHA256SUMS`, …)"), "{changed:#?}");
    assert_same_files(&before, &assert_whole(project.path()), "after a refusal");
    assert_eq!(beside(project.path()), ["things-1.0.0"]);

    // What somebody has edited isn't what we wrote, though its list says so.
    support::write_directory(project.path(), &sound());
    fs::write(release(project.path()).join("csv/things.csv"), "id\na\n").expect("written");
    assert_run(&on(&project, &["build"]), 2, &[], &["1 file differs (`csv/things.csv`)"]);

    assert_run(&on(&project, &["build", "--replace"]), 0, &["wrote "], &[]);
    assert_same_files(&before, &assert_whole(project.path()), "built anew");
    assert_run(&on(&project, &["build", "--format", "csv", "--replace"]), 0, &[], &[]);
    let files = assert_whole(project.path());
    assert!(!files.keys().any(|path| path.starts_with("parquet/")), "{:?}", files.keys());
}

#[test]
fn what_killed_runs_left_is_cleaned_up_and_put_back() {
    let project = on_disk(&sound());
    assert_run(&on(&project, &["build"]), 0, &[], &[]);
    let output = project.path().join("output");
    // A build without an atomic exchange was killed between its two renames.
    let moved = output.join(".demarche.things-1.0.0.0123456789abcdef.replaced");
    fs::rename(release(project.path()), &moved).expect("moved");
    // One of another version was killed while it wrote.
    fs::create_dir(output.join(".demarche.things-0.9.0.0123456789abcdef.partial")).expect("made");
    // This is nobody's leftover.
    fs::write(output.join(".notes.partial"), "mine").expect("written");
    assert_run(&on(&project, &["build"]), 0, &["unchanged: "], &["note: put ", "things-1.0.0"]);
    assert_eq!(beside(project.path()), [".notes.partial", "things-1.0.0"]);

    let left = project.path().join("data/.demarche.things.jsonl.0123456789abcdef.partial");
    fs::write(&left, "half").expect("written");
    let records = "{\"id\":\"a\",\"note\":\"x \"}\n";
    fs::write(project.path().join("data/things.jsonl"), records).expect("written");
    on(&project, &["check", "--fix"]);
    assert!(!left.exists(), "the leftover of a killed `--fix` is gone");
}

/// A project whose release takes a moment and more than a few kilobytes.
fn large() -> Files {
    let record = |number: u32| json!({ "id": format!("t{number}"), "note": format!("{number}.").repeat(40) });
    let records: Vec<_> = (0..4000).map(record).collect();
    support::things(
        &json!({ "size": { "type": "integer" }, "note": { "type": "string" } }),
        &records,
    )
}

/// A build that may write no file of more than a few kilobytes. The system tells it by a signal
/// that kills, unless that is ignored: then writing fails, as on a full disk.
#[cfg(target_os = "linux")]
fn build_on_little_disk(project: &Path, ignore_signal: bool) -> std::process::Output {
    let trap = if ignore_signal { "trap '' XFSZ; " } else { "" };
    Command::new("sh")
        .args(["-c", &format!("{trap}ulimit -c 0; ulimit -f 64; exec \"$0\" \"$@\"")])
        .arg(env!("CARGO_BIN_EXE_demarche"))
        .args(["build", "--project"])
        .arg(project)
        .output()
        .expect("a shell")
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fails_leaves_the_release_untouched() {
    let project = on_disk(&sound());
    assert_run(&on(&project, &["build"]), 0, &[], &[]);
    let before = assert_whole(project.path());
    support::write_directory(project.path(), &large());
    let output = build_on_little_disk(project.path(), true);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.starts_with("error: can't write "), "{said}");
    assert_same_files(&before, &assert_whole(project.path()), "after a failed write");
    assert_eq!(beside(project.path()), ["things-1.0.0"], "what was begun is gone");
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_build_leaves_the_release_whole_and_the_next_one_cleans_up() {
    let project = on_disk(&sound());
    assert_run(&on(&project, &["build"]), 0, &[], &[]);
    let before = assert_whole(project.path());
    support::write_directory(project.path(), &large());
    let output = build_on_little_disk(project.path(), false);
    assert_eq!(output.status.code(), None, "killed by a signal: {output:?}");
    assert_same_files(&before, &assert_whole(project.path()), "after a killed build");
    assert_eq!(beside(project.path()).len(), 2, "what was begun is left");

    assert_run(&on(&project, &["build", "--replace"]), 0, &[], &[]);
    let after = assert_whole(project.path());
    assert_ne!(before["csv/things.csv"], after["csv/things.csv"]);
    assert_eq!(beside(project.path()), ["things-1.0.0"], "the leftovers are gone");
}

#[test]
fn a_build_killed_at_any_moment_leaves_a_whole_release() {
    let project = on_disk(&sound());
    assert_run(&on(&project, &["build"]), 0, &[], &[]);
    let old = assert_whole(project.path());
    support::write_directory(project.path(), &large());
    let build = || {
        let mut command = demarche(&["build", "--replace", "--quiet", "--jobs", "1", "--project"]);
        command.arg(project.path()).stdout(Stdio::null()).spawn().expect("started")
    };
    for delay in 0..12 {
        let mut child = build();
        // Wait until it writes, and then a little longer each time.
        let deadline = Instant::now() + Duration::from_secs(30);
        while beside(project.path()).len() < 2
            && child.try_wait().expect("a child").is_none()
            && Instant::now() < deadline
        {
            std::thread::sleep(Duration::from_micros(200));
        }
        std::thread::sleep(Duration::from_millis(4 * delay));
        let _ = child.kill();
        child.wait().expect("ended");
        let found = assert_whole(project.path());
        let is_old = found["csv/things.csv"] == old["csv/things.csv"];
        assert!(is_old || support::csv(&found, "csv/things.csv").1.len() == 4000);
    }
    assert!(build().wait().expect("ended").success());
    assert_whole(project.path());
    assert_eq!(beside(project.path()), ["things-1.0.0"], "the leftovers are gone");
}

#[test]
fn two_builds_at_once_leave_a_whole_release() {
    let project = on_disk(&large());
    let build = || {
        let mut command = demarche(&["build", "--quiet", "--project"]);
        command.arg(project.path()).stderr(Stdio::piped()).spawn().expect("started")
    };
    let builds: Vec<_> = (0..3).map(|_| build()).collect();
    for child in builds {
        let output = child.wait_with_output().expect("ended");
        assert!(output.status.success(), "{output:?}");
    }
    assert_whole(project.path());
    assert_eq!(beside(project.path()), ["things-1.0.0"]);
}

#[test]
fn the_test_projects_are_sound() {
    for name in support::projects() {
        let project = on_disk(&project(&name));
        assert_run(&on(&project, &["check"]), 0, &["no findings"], &[]);
    }
}

/// More findings of two codes than are kept: 25,000 unknown properties, and as many references that lead
/// nowhere.
fn very_faulty() -> Files {
    let mut files = sound();
    let other = r#""other": { "type": "string", "x-reference": "others" }, "size""#;
    let schema = String::from_utf8(files["schema/things.schema.json"].clone()).expect("UTF-8");
    let schema = schema.replacen("\"size\"", other, 1);
    files.insert("schema/things.schema.json".to_owned(), schema.into_bytes());
    let record =
        |number: u32| format!("{{\"id\":\"t{number}\",\"other\":\"x\",\"sise\":{number}}}\n");
    let records: String = (0..25_000).map(record).collect();
    files.insert("data/things.jsonl".to_owned(), records.into_bytes());
    files
}

#[test]
fn what_is_too_much_is_counted_in_every_format() {
    let project = on_disk(&very_faulty());
    let formats = ["json", "sarif", "junit", "github", "short"];
    let files = formats.map(|format| project.path().join(format).display().to_string());
    let mut arguments = vec!["check".to_owned(), "--limit".to_owned(), "1".to_owned()];
    for (format, file) in formats.iter().zip(&files) {
        arguments.extend(["--output".to_owned(), format!("{format}={file}")]);
    }
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let human = on(&project, &arguments);
    assert_run(&human, 1, &["5000 more errors counted", "50000 errors in 25002 records"], &[]);
    let reports = files.map(|file| fs::read_to_string(file).expect("a report"));
    let summary: Value =
        serde_json::from_str(reports[0].lines().last().expect("lines")).expect("JSON");
    assert_eq!(summary["errors"], 50_000);
    assert_eq!(summary["codes"], json!({ "R001": 25_000, "S005": 25_000 }));
    let omitted = json!({ "R001": 5_000, "S005": 5_000 });
    assert_eq!(summary["omitted"]["codes"], omitted);
    assert_eq!(summary["omitted"]["errors"], 10_000);
    assert_eq!(reports[0].lines().count(), 40_001);
    for (format, report) in formats.iter().zip(&reports).skip(1) {
        for code in ["R001 dangling-reference", "S005 unknown-property"] {
            let line = format!("{code}: 5000 more errors counted, but not listed");
            assert!(report.contains(&line), "{format} says {line}");
        }
    }
    let again = ["check", "--message-format", "json", "--memory", "0", "--jobs", "1"];
    assert!(on(&project, &again).stdout == reports[0], "workers and memory change what is kept");
}

#[test]
fn a_baseline_holds_all_or_is_not_written() {
    let project = on_disk(&very_faulty());
    let refused = on(&project, &["check", "--update-baseline"]);
    assert_run(&refused, 1, &[], &["the baseline stays as it is", "R001"]);
    assert!(!project.path().join("baseline.json").exists());
}

#[test]
fn what_is_only_counted_is_asked_for_and_weighed_like_the_rest() {
    let mut files = very_faulty();
    let elsewhere = on_disk(&files);
    let path = elsewhere.path().join("data/others.jsonl");
    let run = on(&elsewhere, &["check", path.to_str().expect("UTF-8")]);
    assert_run(&run, 0, &["no findings", "elsewhere: 50000 errors (25000 R001, 25000 S005)"], &[]);
    let texts =
        (0..25_000).map(|number| format!("{{\"id\":\"t{number}\",\"note\":\"{number} \"}}\n"));
    files.insert("data/things.jsonl".to_owned(), texts.collect::<String>().into_bytes());
    let warnings = on(&on_disk(&files), &["check", "--limit", "1"]);
    assert_run(&warnings, 0, &["25000 warnings, 2 notes in", "5000 more warnings counted"], &[]);
    let manifest = String::from_utf8(files["dataset.toml"].clone()).expect("UTF-8");
    for (severity, code) in [("error", 1), ("off", 0)] {
        let rules = format!("{manifest}\n[rules]\nT001 = \"{severity}\"\n");
        files.insert("dataset.toml".to_owned(), rules.into_bytes());
        let run = on(&on_disk(&files), &["check", "--limit", "1"]);
        assert_eq!(run.code, Some(code), "{run:#?}");
        assert_eq!(run.stdout.contains("5000 more errors counted"), code == 1, "{run:#?}");
    }
}
