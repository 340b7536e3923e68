//! Living with old data: settings, waivers, the baseline, fixes, parts of a dataset, and watching.

#![expect(clippy::disallowed_methods, reason = "tests touch the disk")]

mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;
use support::{Files, Run, demarche, on_disk, run};
use tempfile::TempDir;

/// The findings of a run as `CODE file:line`, and the lines for people.
struct Seen {
    code: Option<i32>,
    findings: Vec<String>,
    summary: Value,
    messages: Vec<String>,
}

fn check(project: &Path, arguments: &[&str]) -> Seen {
    let Run { code, stdout, stderr } =
        check_run(project, &[&["--message-format", "json"], arguments].concat());
    assert_eq!(stderr, "", "{stdout}");
    let mut lines: Vec<Value> =
        stdout.lines().map(|line| serde_json::from_str(line).expect("JSON lines")).collect();
    let summary = lines.pop().expect("a summary");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let findings = lines
        .iter()
        .map(|line| format!("{} {}:{}", text(&line["code"]), file_of(line), line["place"]["line"]))
        .collect();
    let messages = lines.iter().map(|line| text(&line["message"])).collect();
    Seen { code, findings, summary, messages }
}

fn file_of(finding: &Value) -> &str {
    finding["place"]["file"].as_str().expect("a file")
}

/// `demarche check` as people see it.
fn check_run(project: &Path, arguments: &[&str]) -> Run {
    let mut command = demarche(&["check", "--color", "never", "--project"]);
    command.arg(project).args(arguments);
    run(&mut command)
}

const MANIFEST: &str = r#"
[dataset]
name = "letters"
title = "Letters"
version = "1.0.0"
license = "CC0-1.0"
base = "https://demarche.example/letters/"

[tables.letters]
schema = "schema/letters.schema.json"
records = ["data/letters/*.yaml", "data/letters.*"]
key = "id"
row = "letter"
"#;

const SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Letters",
  "type": "object",
  "properties": {
    "id": { "type": "string", "title": "Identifier" },
    "title": { "type": "string", "title": "Title" },
    "number": { "type": "string", "title": "Number" },
    "kind": { "enum": ["note", "request"], "title": "Kind" },
    "answers": { "type": "string", "title": "The letter that it answers", "x-reference": "letters" },
    "tags": {
      "type": "array", "title": "Tags",
      "items": { "type": "string", "title": "Tag" }
    },
    "waivers": {
      "type": "array", "title": "Waivers", "x-internal": true,
      "items": {
        "type": "object", "title": "Waiver",
        "properties": {
          "code": { "type": "string", "title": "Code", "x-role": "waiver" },
          "reason": { "type": "string", "title": "Reason", "x-role": "waiver-reason" }
        },
        "required": ["code"],
        "additionalProperties": false
      }
    }
  },
  "required": ["id"],
  "additionalProperties": false
}"#;

/// A project of letters; `manifest` is put after its own.
fn letters(manifest: &str, records: &[(&str, &str)]) -> TempDir {
    let mut files = Files::new();
    files.insert("dataset.toml".to_owned(), format!("{MANIFEST}{manifest}").into_bytes());
    files.insert("schema/letters.schema.json".to_owned(), SCHEMA.into());
    for (path, text) in records {
        files.insert((*path).to_owned(), text.as_bytes().to_vec());
    }
    // A pattern without files would be a finding.
    for path in ["data/letters/zz.yaml", "data/letters.jsonl"] {
        let name = if path.ends_with("yaml") { "id: zz\n" } else { "{\"id\":\"zzz\"}\n" };
        files.entry(path.to_owned()).or_insert_with(|| name.into());
    }
    on_disk(&files)
}

const STRAY: &str = "id: a\ntitle: \"Dear friend \"\n";

mod settings {
    use super::*;

    const TITLE: &str = "id: a\ntitle: \"=SUM(A1)\"\n";

    #[test]
    fn a_rule_is_as_grave_as_the_project_says() {
        for (setting, code, findings) in [
            ("", 1, "error"),
            ("[rules]\nT005 = \"error\"\n", 1, "error"),
            ("[rules]\nspreadsheet-formula = \"warning\"\n", 0, "warning"),
            ("[rules]\nT005 = \"note\"\n", 0, "note"),
            ("[rules]\nT005 = \"off\"\n", 0, ""),
        ] {
            let project = letters(setting, &[("data/letters/a.yaml", TITLE)]);
            let seen = check(project.path(), &[]);
            assert_eq!(seen.code, Some(code), "{setting}");
            let expected: &[&str] =
                if findings.is_empty() { &[] } else { &["T005 data/letters/a.yaml:2"] };
            assert_eq!(seen.findings, expected, "{setting}");
            let errors = u64::from(findings == "error");
            assert_eq!(seen.summary["errors"], errors, "{setting}");
        }
    }

    #[test]
    fn a_rule_is_as_grave_as_the_project_says_of_the_path() {
        let setting =
            "[rules.T001]\n\"data/letters/o*.yaml\" = \"off\"\n\"data/*.jsonl\" = \"error\"\n";
        let project = letters(
            setting,
            &[
                ("data/letters/a.yaml", STRAY),
                ("data/letters/old.yaml", "id: b\ntitle: \"Dear foe \"\n"),
                ("data/letters.jsonl", "{\"id\":\"c\",\"title\":\" x\"}\n"),
            ],
        );
        let seen = check(project.path(), &[]);
        assert_eq!(seen.findings, ["T001 data/letters.jsonl:1", "T001 data/letters/a.yaml:2"]);
        assert_eq!((seen.code, &seen.summary["errors"]), (Some(1), &Value::from(1)));
    }

    /// What a rule finds is no reason to leave records out of a release that is built.
    #[test]
    fn a_release_has_all_records_when_a_rule_is_no_error() {
        let project = letters(
            "[rules]\nT005 = \"note\"\n",
            &[("data/letters/a.yaml", TITLE), ("data/letters/b.yaml", "id: b\n")],
        );
        let release = support::build(project.path(), |_| {});
        let (_, rows) = support::csv(&release, "csv/letters.csv");
        let keys: Vec<_> = rows.iter().map(|row| row["id"].as_str()).collect();
        assert_eq!(keys, ["a", "b", "zz", "zzz"]);
    }

    #[test]
    fn what_cannot_be_built_stays_an_error() {
        let project = letters("[rules]\nS001 = \"off\"\n", &[("data/letters/a.yaml", STRAY)]);
        let seen = check(project.path(), &[]);
        assert_eq!(seen.code, Some(2));
        assert!(seen.messages[0].contains("`S001` (S001) stays an error"), "{:?}", seen.messages);
    }

    #[test]
    fn a_misspelt_rule_is_an_error() {
        let project = letters("[rules]\nstray-whitspace = \"off\"\n", &[]);
        let run = check_run(project.path(), &[]);
        assert_eq!(run.code, Some(2));
        assert!(run.stdout.contains("did you mean `stray-whitespace`?"), "{}", run.stdout);
    }
}

mod waivers {
    use super::*;

    fn waived(waiver: &str) -> String {
        format!("{STRAY}waivers:\n  - {waiver}\n")
    }

    #[test]
    fn a_record_waives_a_finding() {
        for name in ["T001", "stray-whitespace"] {
            let record = waived(&format!("{{ code: {name}, reason: \"So in the original.\" }}"));
            let project = letters("", &[("data/letters/a.yaml", &record)]);
            let seen = check(project.path(), &[]);
            assert_eq!((seen.code, seen.findings.len()), (Some(0), 0), "{:?}", seen.messages);
            let run = check_run(project.path(), &[]);
            assert!(run.stdout.ends_with("\n1 waived\n"), "{}", run.stdout);
        }
    }

    #[test]
    fn a_waiver_is_for_its_own_record_only() {
        let record = waived("{ code: T001, reason: So. }");
        let text = format!("{record}---\nid: b\ntitle: \"Dear friend \"\n");
        let project = letters("", &[("data/letters/a.yaml", &text)]);
        assert_eq!(check(project.path(), &[]).findings, ["T001 data/letters/a.yaml:7"]);
    }

    #[test]
    fn a_release_has_the_records_that_are_waived_and_no_waivers() {
        let record =
            "id: a\ntitle: \"=SUM(A1)\"\nwaivers: [{ code: T005, reason: A quotation. }]\n";
        let project =
            letters("", &[("data/letters/a.yaml", record), ("data/letters/b.yaml", "id: b\n")]);
        let release = support::build(project.path(), |_| {});
        let (header, rows) = support::csv(&release, "csv/letters.csv");
        assert_eq!(rows.len(), 4);
        assert!(!header.iter().any(|name| name.contains("waiver")), "{header:?}");
        assert!(!release.keys().any(|path| path.starts_with("csv/") && path.contains("waiver")));
    }

    #[test]
    fn a_waiver_that_waives_nothing_is_reported() {
        let record = "id: a\nwaivers:\n  - code: T001\n    reason: So.\n";
        let project = letters("", &[("data/letters/a.yaml", record)]);
        let seen = check(project.path(), &[]);
        assert_eq!(
            (seen.code, &seen.findings[..]),
            (Some(0), &["W001 data/letters/a.yaml:3".to_owned()][..])
        );
        // It is a rule like others.
        let project = letters("[rules]\nW001 = \"error\"\n", &[("data/letters/a.yaml", record)]);
        assert_eq!(check(project.path(), &[]).code, Some(1));
    }

    #[test]
    fn a_fault_that_hides_findings_does_not_make_waivers_stale() {
        let record = "id: a\ntitle: 5\nwaivers:\n  - code: T001\n    reason: So.\n";
        let project = letters("", &[("data/letters/a.yaml", record)]);
        assert_eq!(check(project.path(), &[]).findings, ["S001 data/letters/a.yaml:2"]);
    }

    #[test]
    fn a_waiver_needs_a_known_code_a_reason_and_a_rule() {
        for (waiver, code, message) in [
            ("{ code: T0001, reason: So. }", "W002", "which is no code of a finding"),
            ("{ code: T001 }", "W003", "gives no reason"),
            ("{ code: T001, reason: \"\\t\" }", "W003", "gives no reason"),
            ("{ code: S001, reason: So. }", "W005", "which can't be waived"),
        ] {
            let project = letters("", &[("data/letters/a.yaml", &waived(waiver))]);
            let seen = check(project.path(), &[]);
            assert_eq!(seen.code, Some(1), "{waiver}");
            assert!(
                seen.findings.contains(&format!("{code} data/letters/a.yaml:4")),
                "{:?}",
                seen.findings
            );
            assert!(seen.findings.contains(&"T001 data/letters/a.yaml:2".to_owned()), "{waiver}");
            assert!(seen.messages.iter().any(|seen| seen.contains(message)), "{:?}", seen.messages);
        }
    }

    const CSV: &str = "id,title,number\nx,\"Dear friend \",1\ny,\"Dear friend \",2\n";

    fn of_manifest(waiver: &str) -> Seen {
        let manifest = format!("\n[[waivers]]\n{waiver}");
        let project = letters(&manifest, &[("data/letters.csv", CSV)]);
        check(project.path(), &[])
    }

    #[test]
    fn the_manifest_waives_for_records_that_cannot() {
        let good = "code = \"T001\"\ntable = \"letters\"\nkey = \"x\"\nreason = \"So.\"\n";
        let seen = of_manifest(good);
        assert_eq!(seen.findings, ["T001 data/letters.csv:3"]);
        let seen = of_manifest(&good.replace("\"x\"", "\"xx\""));
        assert_eq!(
            seen.findings,
            ["W001 dataset.toml:16", "T001 data/letters.csv:2", "T001 data/letters.csv:3"]
        );
        assert!(
            seen.messages[0].contains("`xx`, which `letters` doesn't have"),
            "{:?}",
            seen.messages
        );
        let seen = of_manifest(&good.replace("T001", "T002"));
        assert_eq!(seen.findings[0], "W001 dataset.toml:16");
        let seen = of_manifest(&good.replace("\"letters\"", "\"leters\""));
        assert_eq!((seen.code, &seen.findings[0][..]), (Some(2), "M001 dataset.toml:17"));
        let seen = of_manifest(&good.replace("reason = \"So.\"\n", ""));
        assert_eq!((seen.code, &seen.findings[0][..]), (Some(2), "S004 dataset.toml:15"));
        let seen = of_manifest(&good.replace("So.", " "));
        assert_eq!((seen.code, &seen.findings[0][..]), (Some(2), "W003 dataset.toml:16"));
        let seen = of_manifest(&good.replace("T001", "K001"));
        assert_eq!((seen.code, &seen.findings[0][..]), (Some(2), "W005 dataset.toml:16"));
    }

    /// Rows of child tables belong to their record.
    #[test]
    fn the_manifest_waives_in_child_tables() {
        let manifest =
            "\n[[waivers]]\ncode = \"T001\"\ntable = \"letters\"\nkey = \"x\"\nreason = \"So.\"\n";
        let tags = "letter_id,position,value\nx,0,\"one \"\ny,0,\"two \"\n";
        let project = letters(
            manifest,
            &[("data/letters.csv", "id\nx\ny\n"), ("data/letter_tags.csv", tags)],
        );
        let path = project.path().join("dataset.toml");
        let text = fs::read_to_string(&path).expect("readable");
        fs::write(&path, text.replace("letters.*", "letter*.*")).expect("written");
        let seen = check(project.path(), &[]);
        assert_eq!(seen.findings, ["T001 data/letter_tags.csv:3"], "{:?}", seen.messages);
    }
}

mod baseline {
    use super::*;

    fn old() -> TempDir {
        letters(
            "",
            &[
                ("data/letters/a.yaml", STRAY),
                ("data/letters/b.yaml", "id: b\ntitle: \"=SUM(A1)\"\nanswers: nobody\n"),
            ],
        )
    }

    fn update(project: &Path) {
        let seen = check(project, &["--update-baseline"]);
        assert_eq!((seen.code, seen.findings.len()), (Some(0), 0), "{:?}", seen.messages);
    }

    #[test]
    fn only_new_findings_are_reported() {
        let project = old();
        let project = project.path();
        assert_eq!(check(project, &[]).findings.len(), 3);
        update(project);
        let run = check_run(project, &[]);
        assert_eq!(run.code, Some(0));
        assert!(run.stdout.ends_with("\n3 findings are in baseline.json\n"), "{}", run.stdout);
        fs::write(project.join("data/letters/c.yaml"), "id: c\ntitle: \" new\"\n")
            .expect("written");
        let seen = check(project, &[]);
        assert_eq!(
            (seen.code, &seen.findings[..]),
            (Some(0), &["T001 data/letters/c.yaml:2".to_owned()][..])
        );
    }

    /// Lines before a finding, and another order of records, are no news.
    #[test]
    fn a_finding_stays_known_when_it_moves() {
        let project = old();
        let project = project.path();
        update(project);
        let moved = format!("# A comment.\n\nid: aa\n---\n{STRAY}");
        fs::write(project.join("data/letters/a.yaml"), moved).expect("written");
        assert_eq!(check(project, &[]).findings, [""; 0]);
    }

    #[test]
    fn a_finding_that_is_gone_is_reported_until_the_baseline_forgets_it() {
        let project = old();
        let project = project.path();
        update(project);
        fs::write(project.join("data/letters/a.yaml"), "id: a\ntitle: Dear friend\n")
            .expect("written");
        let seen = check(project, &[]);
        assert_eq!(
            (seen.code, &seen.findings[..]),
            (Some(0), &["W004 baseline.json:5".to_owned()][..])
        );
        assert!(
            seen.messages[0].contains("the baseline knows T001 in `data/letters/a.yaml`"),
            "{:?}",
            seen.messages
        );
        // Not where the reason may be that the record couldn't be read.
        fs::write(project.join("data/letters/a.yaml"), "id: [a\n").expect("written");
        assert!(check(project, &[]).findings.iter().all(|finding| finding.starts_with("P001")));
        fs::write(project.join("data/letters/a.yaml"), "id: a\n").expect("written");
        update(project);
        assert_eq!(check(project, &[]).findings, [""; 0]);
    }

    #[test]
    fn it_is_written_one_entry_a_line_in_an_order_of_its_own() {
        let project = old();
        let project = project.path();
        update(project);
        let text = fs::read_to_string(project.join("baseline.json")).expect("readable");
        let json: Value = serde_json::from_str(&text).expect("JSON");
        let entries = json["findings"].as_array().expect("a list");
        let files: Vec<_> =
            entries.iter().map(|entry| (entry["file"].as_str(), entry["code"].as_str())).collect();
        assert!(files.is_sorted(), "{files:?}");
        assert_eq!(text.lines().count(), entries.len() + 6);
        assert!(text.contains("\"record\": \"letters/a\", \"message\": "), "{text}");
        update(project);
        assert_eq!(fs::read_to_string(project.join("baseline.json")).expect("readable"), text);
    }

    #[test]
    fn a_baseline_of_another_name_must_be_there() {
        let project = old();
        let project = project.path();
        let other = project.join("old.json");
        let other = other.to_str().expect("UTF-8");
        let run = check_run(project, &["--baseline", other]);
        assert_eq!(run.code, Some(3), "{}", run.stderr);
        update_as(project, other);
        assert_eq!(check(project, &["--baseline", other]).findings.len(), 0);
        assert_eq!(check(project, &[]).findings.len(), 3);
        // It may lie outside.
        let elsewhere = tempfile::tempdir().expect("a directory");
        let other = elsewhere.path().join("old.json");
        update_as(project, other.to_str().expect("UTF-8"));
        assert_eq!(
            check(project, &["--baseline", other.to_str().expect("UTF-8")]).findings.len(),
            0
        );
    }

    fn update_as(project: &Path, file: &str) {
        assert_eq!(check(project, &["--update-baseline", "--baseline", file]).code, Some(0));
    }

    #[test]
    fn a_broken_baseline_is_an_error() {
        for (text, code) in [
            ("<<<<<<< HEAD\n", "P001"),
            ("{\"version\": 2, \"fingerprints\": \"v1\", \"findings\": []}", "M003"),
            ("{\"version\": 1, \"fingerprints\": \"v1\", \"findings\": [{}]}", "M003"),
        ] {
            let project = old();
            fs::write(project.path().join("baseline.json"), text).expect("written");
            let seen = check(project.path(), &[]);
            assert_eq!(seen.code, Some(2));
            assert_eq!(seen.findings, [format!("{code} baseline.json:1")]);
            update(project.path());
        }
    }

    /// What is known can't be built all the same.
    #[test]
    fn a_release_does_not_go_by_the_baseline() {
        let project = old();
        update(project.path());
        let mut build = demarche(&["build", "--project"]);
        assert_eq!(run(build.arg(project.path())).code, Some(1));
    }
}

mod scope {
    use super::*;
    use std::process::Command;

    fn two() -> TempDir {
        letters(
            "",
            &[
                ("data/letters/a.yaml", STRAY),
                ("data/letters/b.yaml", "id: b\ntitle: \" x\"\nanswers: a\n"),
                ("data/letters.jsonl", "{\"id\":\"c\",\"answers\":\"nobody\"}\n"),
            ],
        )
    }

    /// Checks with paths from the project's directory.
    fn there(project: &Path, arguments: &[&str]) -> Run {
        let mut command = demarche(&["check", "--color", "never", "--message-format", "short"]);
        run(command.current_dir(project).args(arguments))
    }

    #[test]
    fn only_what_is_asked_for_is_reported_and_all_is_read() {
        let project = two();
        let run = there(project.path(), &["data/letters/b.yaml"]);
        assert_eq!(run.code, Some(0), "{}", run.stdout);
        let lines: Vec<_> = run.stdout.lines().collect();
        assert!(lines[0].starts_with("data/letters/b.yaml:2:9: warning[T001]"), "{lines:?}");
        assert_eq!(lines.iter().filter(|line| line.contains("[T001]")).count(), 1, "{lines:?}");
        assert_eq!(there(project.path(), &["data/letters"]).stdout.matches("[T001]").count(), 2);
        assert_eq!(there(project.path(), &["./data/../data/letters.jsonl"]).code, Some(1));
        assert_eq!(there(project.path(), &["."]).stdout.matches('[').count(), 3);
        assert_eq!(
            there(&project.path().join("data"), &["-C", "..", "letters/a.yaml"])
                .stdout
                .matches("[T001]")
                .count(),
            1
        );
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let project = two();
        let run = check_run(
            project.path(),
            &[project.path().join("data/letters").to_str().expect("UTF-8")],
        );
        assert_eq!(run.code, Some(0));
        assert!(run.stdout.ends_with("\nelsewhere: 1 error\n"), "{}", run.stdout);
    }

    /// The second of two equal keys is reported for the file of the first, too.
    #[test]
    fn a_finding_belongs_to_all_files_that_explain_it() {
        let project = letters(
            "",
            &[("data/letters/a.yaml", "id: a\ntitle: x\n"), ("data/letters/b.yaml", "id: a\n")],
        );
        for file in ["a", "b"] {
            let run = there(project.path(), &[&format!("data/letters/{file}.yaml")]);
            assert_eq!(run.code, Some(1), "{file}: {}", run.stdout);
        }
    }

    #[test]
    fn paths_that_are_nowhere_are_refused() {
        let project = two();
        let run = there(project.path(), &["data/none.yaml"]);
        assert_eq!((run.code, &run.stderr[..]), (Some(2), "error: there is no `data/none.yaml`\n"));
        assert_eq!(there(project.path(), &["/"]).code, Some(2));
        let outside = tempfile::tempdir().expect("a directory");
        let run = there(project.path(), &[outside.path().to_str().expect("UTF-8")]);
        assert!(run.stderr.contains("is not in the project"), "{}", run.stderr);
        let run =
            check_run(project.path(), &[project.path().join("schema").to_str().expect("UTF-8")]);
        assert_eq!(run.code, Some(0));
    }

    fn git(project: &Path, arguments: &[&str]) {
        let mut command = Command::new("git");
        command
            .args(["-c", "user.name=x", "-c", "user.email=x@y", "-C"])
            .arg(project)
            .args(arguments);
        let run = run(&mut command);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
    }

    #[test]
    fn what_changed_since_a_revision_is_reported() {
        let project = two();
        let project = project.path();
        assert_eq!(there(project, &["--changed-since", "HEAD"]).code, Some(3));
        git(project, &["init", "-q"]);
        git(project, &["add", "."]);
        git(project, &["commit", "-qm", "All"]);
        let changed = |revision: &str| there(project, &["--changed-since", revision]);
        assert_eq!(changed("HEAD").stdout.matches('[').count(), 0);
        let b = project.join("data/letters/b.yaml");
        fs::write(&b, "id: b\ntitle: \" y\"\n").expect("written");
        fs::write(project.join("data/letters/é n.yaml"), "id: n\ntitle: \" y\"\n")
            .expect("written");
        let run = changed("HEAD");
        assert_eq!(run.stdout.matches("[T001]").count(), 2, "{}", run.stdout);
        assert_eq!(run.code, Some(0));
        // A schema bears on every record.
        let schema = project.join("schema/letters.schema.json");
        fs::write(&schema, fs::read_to_string(&schema).expect("readable") + "\n").expect("written");
        assert_eq!(changed("HEAD").code, Some(1));
        let run = changed("nonsense");
        assert_eq!(
            (run.code, &run.stderr[..]),
            (Some(2), "error: Git knows no revision `nonsense`\n")
        );
        assert_eq!(there(project, &["--changed-since=--output=x"]).code, Some(2));
        assert!(!project.join("x").exists());
    }
}
