//! Living with old data: settings, waivers, the baseline, fixes, parts of a dataset, and watching.

#![expect(clippy::disallowed_methods, reason = "tests touch the disk")]

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{self, Files, Run, demarche, on_disk, run};

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
        let keys: Vec<_> = rows.iter().map(|row| row["letter_id"].as_str()).collect();
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

    /// One record is mended and another one breaks in the same way: that is news, and so is what
    /// one record has with another one than before.
    #[test]
    fn what_is_known_of_one_record_hides_nothing_of_another() {
        let cases = [
            (
                [
                    "id: a\ntitle: x\nanswers: c\n",
                    "id: b\ntitle: y\nanswers: nobody\n",
                    "id: c\ntitle: z\n",
                ],
                [
                    "id: a\ntitle: x\nanswers: nobody\n",
                    "id: b\ntitle: y\nanswers: c\n",
                    "id: c\ntitle: z\n",
                ],
                "R001 data/letters/a.yaml:3",
            ),
            (
                ["id: a\ntitle: x\n", "id: b\ntitle: x\n", "id: c\ntitle: z\n"],
                ["id: a\ntitle: y\n", "id: b\ntitle: x\n", "id: c\ntitle: x\n"],
                "U001 data/letters/c.yaml:1",
            ),
            (
                ["id: a\ntitle: x\n", "id: b\ntitle: z\n", "id: c\ntitle: x\n"],
                ["id: a\ntitle: y\n", "id: b\ntitle: x\n", "id: c\ntitle: x\n"],
                "U001 data/letters/c.yaml:1",
            ),
            (
                ["id: a\ntitle: x\n", "id: a\ntitle: y\n", "id: c\ntitle: z\n"],
                ["id: a\ntitle: x\n", "id: c\ntitle: y\n", "id: c\ntitle: z\n"],
                "K001 data/letters/c.yaml:1",
            ),
        ];
        for (before, after, news) in cases {
            let files = ["a", "b", "c"].map(|name| format!("data/letters/{name}.yaml"));
            let records: Vec<_> = files.iter().map(String::as_str).zip(before).collect();
            let project = letters("", &records);
            assert_eq!(check(project.path(), &[]).findings.len(), 1, "{before:?}");
            update(project.path());
            for (file, text) in files.iter().zip(after) {
                fs::write(project.path().join(file), text).expect("written");
            }
            let mut found = check(project.path(), &[]).findings;
            found.retain(|finding| !finding.starts_with("W004"));
            assert_eq!(found, [news], "{before:?}");
        }
    }

    /// Whatever file a record stands in, and whichever of two comes first.
    #[test]
    fn what_moves_to_another_file_stays_known() {
        let records = [
            "id: a\ntitle: same\n",
            "id: b\ntitle: same\n",
            "id: c\ntitle: x\nanswers: nobody\n",
            "id: d\ntitle: y\n",
            "id: d\ntitle: z\n",
            "id: e\ntitle: yes\n",
        ];
        let project = tempfile::tempdir().expect("a directory");
        let path = |name: usize| format!("data/letters/{name}.yaml");
        for backwards in [false, true] {
            let named: Vec<_> = records
                .iter()
                .enumerate()
                .map(|(index, text)| (path(if backwards { 9 - index } else { index }), *text))
                .collect();
            let named: Vec<_> = named.iter().map(|(path, text)| (&path[..], *text)).collect();
            let now = letters("", &named);
            let baseline = project.path().join("baseline.json");
            if backwards {
                fs::copy(&baseline, now.path().join("baseline.json")).expect("copied");
                assert_eq!(check(now.path(), &[]).messages, [""; 0]);
            } else {
                assert_eq!(check(now.path(), &[]).findings.len(), 4);
                update(now.path());
                fs::copy(now.path().join("baseline.json"), &baseline).expect("copied");
            }
        }
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
        let found = check(project, &[]).findings;
        assert!(found.iter().all(|found| found.starts_with("P001") || found.starts_with("R003")));
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
            ("<<<<<<< HEAD\n", "P020"),
            ("{", "P001"),
            ("{\"version\": 2, \"fingerprints\": \"v2\", \"findings\": []}", "M003"),
            ("{\"version\": 1, \"fingerprints\": \"v2\", \"findings\": [{}]}", "M003"),
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
        assert!(run.stdout.contains("\nelsewhere: 1 error (1 R001)\n"), "{}", run.stdout);
        let a = project.path().join("data/letters/a.yaml");
        let seen = check(project.path(), &[a.to_str().expect("UTF-8")]);
        assert_eq!(seen.summary["errors"], 0);
        assert_eq!(seen.summary["elsewhere"]["errors"], 1);
        assert_eq!(seen.summary["elsewhere"]["codes"]["R001"], 1);
        let path = a.to_str().expect("UTF-8");
        let sarif = check_run(project.path(), &[path, "--message-format", "sarif"]);
        assert!(sarif.stdout.contains("elsewhere: 1 error"), "{}", sarif.stdout);
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

    /// A project in a repository of which this is the first state.
    fn committed(records: &[(&str, &str)]) -> TempDir {
        let project = letters("", records);
        git(project.path(), &["init", "-q"]);
        git(project.path(), &["add", "."]);
        git(project.path(), &["commit", "-qm", "All"]);
        project
    }

    const A: (&str, &str) = ("data/letters/a.yaml", "id: a\ntitle: x\n");
    const B: (&str, &str) = ("data/letters/b.yaml", "id: b\ntitle: y\nanswers: a\n");
    /// Was wrong before.
    const OLD: (&str, &str) = ("data/letters/old.yaml", "id: old\nanswers: nobody\n");

    #[test]
    fn what_a_change_breaks_elsewhere_is_reported() {
        type Change = fn(&Path);
        let changes: [(&str, Change); 4] = [
            ("a record goes", |project| fs::remove_file(project.join(A.0)).expect("removed")),
            ("a key changes", |project| {
                fs::write(project.join(A.0), "id: aa\ntitle: x\n").expect("written");
            }),
            ("a record leaves its file", |project| {
                fs::write(project.join(A.0), "id: c\ntitle: z\n").expect("written");
            }),
            ("a file is moved where no pattern reaches", |project| {
                fs::create_dir_all(project.join("attic")).expect("made");
                fs::rename(project.join(A.0), project.join("attic/a.yaml")).expect("moved");
            }),
        ];
        for (what, change) in changes {
            let project = committed(&[A, B, OLD]);
            let project = project.path();
            let seen = check(project, &["--changed-since", "HEAD"]);
            assert_eq!((seen.code, seen.findings.len()), (Some(0), 0), "{what}");
            change(project);
            let seen = check(project, &["--changed-since", "HEAD"]);
            assert_eq!(seen.findings, ["R001 data/letters/b.yaml:3"], "{what}");
            assert_eq!(seen.code, Some(1), "{what}");
            assert_eq!(seen.summary["elsewhere"]["codes"]["R001"], 1, "{what}");
        }
    }

    #[test]
    fn a_move_inside_of_the_project_breaks_nothing() {
        let project = committed(&[A, B, OLD]);
        let project = project.path();
        fs::rename(project.join(A.0), project.join("data/letters/moved.yaml")).expect("moved");
        let seen = check(project, &["--changed-since", "HEAD"]);
        assert_eq!((seen.code, seen.findings.len()), (Some(0), 0), "{:?}", seen.messages);
    }

    /// The repository's top is above the project, and its index is nobody's to change.
    #[test]
    fn a_project_below_the_top_of_its_repository_is_compared_too() {
        let top = tempfile::tempdir().expect("a directory");
        let below = top.path().join("data sets/letters");
        let project = letters("", &[A, B]);
        fs::create_dir_all(below.parent().expect("it has one")).expect("made");
        let copied = run(Command::new("cp").arg("-r").arg(project.path()).arg(&below));
        assert_eq!(copied.code, Some(0), "{}", copied.stderr);
        git(top.path(), &["init", "-q"]);
        git(top.path(), &["add", "."]);
        git(top.path(), &["commit", "-qm", "All"]);
        fs::remove_file(below.join(A.0)).expect("removed");
        let index = fs::read(top.path().join(".git/index")).expect("readable");
        let seen = check(&below, &["--changed-since", "HEAD"]);
        assert_eq!(seen.findings, ["R001 data/letters/b.yaml:3"]);
        assert!(fs::read(top.path().join(".git/index")).expect("readable") == index);
    }

    #[test]
    fn of_two_records_with_one_key_the_changed_one_is_blamed() {
        for (changed, other) in [("a", "b"), ("b", "a")] {
            let project = committed(&[A, ("data/letters/b.yaml", "id: b\ntitle: y\n")]);
            let file = project.path().join(format!("data/letters/{changed}.yaml"));
            fs::write(file, format!("id: {other}\ntitle: other\n")).expect("written");
            let seen = check(project.path(), &["--changed-since", "HEAD"]);
            assert_eq!(seen.findings, [format!("K001 data/letters/{changed}.yaml:1")]);
        }
    }
}

mod fixes {
    use super::*;
    use demarche::diagnostic::Certainty;
    use demarche::fix::AppliedFixes;
    use demarche::spill::MemoryBudget;
    use demarche::workspace::Memory;
    use demarche::{Diagnostic, Opened, Options, Progress};
    use proptest::prelude::*;
    use std::num::NonZeroUsize;

    fn fix(project: &Path, arguments: &[&str]) -> Run {
        let mut command = demarche(&["check", "--color", "never", "--message-format", "short"]);
        run(command.current_dir(project).args(arguments))
    }

    fn read(project: &TempDir, path: &str) -> String {
        fs::read_to_string(project.path().join(path)).expect("readable")
    }

    /// What is written, what --fix makes of it, and what --fix=suggested does.
    const CASES: [(&str, &str, &str, &str); 20] = [
        ("yaml", "title: \"a \" # why", "title: \"a\" # why", "title: \"a\" # why"),
        ("yaml", "title: ' it''s'", "title: 'it''s'", "title: 'it''s'"),
        ("yaml", "title: \u{a0}5", "title: \"5\"", "title: \"5\""),
        ("yaml", "title: \u{a0}yes", "title: \"yes\"", "title: \"yes\""),
        (
            "yaml",
            "title: |  # why\n  a\n  b",
            "title: |-  # why\n  a\n  b",
            "title: |-  # why\n  a\n  b",
        ),
        ("yaml", "title: >2+\n  a\n\n", "title: >2-\n  a\n\n", "title: >2-\n  a\n\n"),
        ("yaml", "title: e\u{301}t", "title: \u{e9}t", "title: \u{e9}t"),
        ("yaml", "title: no", "title: \"no\"", "title: \"no\""),
        ("yaml", "number: 007", "number: \"007\"", "number: \"007\""),
        ("yaml", "number: true # so", "number: \"true\" # so", "number: \"true\" # so"),
        ("yaml", "kind: \" note\"", "kind: \"note\"", "kind: \"note\""),
        ("yaml", "kind: requst", "kind: requst", "kind: request"),
        ("yaml", "kind: notte", "kind: notte", "kind: notte"),
        ("yaml", "kind: Note", "kind: Note", "kind: note"),
        ("yaml", "titel: x", "titel: x", "title: x"),
        ("yaml", "title: \"a\\u200bb\"", "title: \"a\\u200bb\"", "title: \"ab\""),
        ("yaml", "title: Caf\u{c3}\u{a9}", "title: Caf\u{c3}\u{a9}", "title: Caf\u{e9}"),
        ("yaml", "answers: zzzz", "answers: zzzz", "answers: zzzz"),
        (
            "jsonl",
            "\"title\": \" \\u00e9\\/\"",
            "\"title\": \"\\u00e9\\/\"",
            "\"title\": \"\\u00e9\\/\"",
        ),
        ("jsonl", "\"number\":1.50 ", "\"number\":\"1.50\" ", "\"number\":\"1.50\" "),
    ];

    #[test]
    fn only_what_an_edit_names_changes() {
        for (format, written, certain, suggested) in CASES {
            for (how, expected) in [("--fix", certain), ("--fix=suggested", suggested)] {
                let (path, whole): (_, fn(&str) -> String) = match format {
                    "yaml" => {
                        ("data/letters/a.yaml", |text| format!("# A comment.\nid: a\n\n{text}\n"))
                    }
                    _ => ("data/letters.jsonl", |text| {
                        format!("{{\"id\":\"a\",\n{text}}}\n").replace(",\n", ", ")
                            + "{\"id\":\"zzz\"}\n"
                    }),
                };
                let project = letters("", &[(path, &whole(written))]);
                let before = fix(project.path(), &[]);
                let dry = fix(project.path(), &[how, "--dry-run"]);
                assert_eq!(read(&project, path), whole(written), "{how} --dry-run");
                let run = fix(project.path(), &[how]);
                assert_eq!(
                    read(&project, path),
                    whole(expected),
                    "{how}: {}{}",
                    before.stdout,
                    run.stdout
                );
                assert_eq!(dry.stdout.is_empty(), written == expected, "{}", dry.stdout);
                assert_eq!(dry.code, run.code);
                assert_eq!(fix(project.path(), &[how]).stdout, run.stdout, "once is enough");
                assert_eq!(read(&project, path), whole(expected), "once is enough");
            }
        }
    }

    #[test]
    fn the_patch_is_one_that_tools_apply() {
        let project = letters("", &[("data/letters/a.yaml", STRAY)]);
        let run = fix(project.path(), &["--fix", "--dry-run"]);
        let edit = "data/letters/a.yaml:2:8: `\"Dear friend \"` -> `\"Dear friend\"` [T001]";
        assert_eq!(run.stderr, format!("{edit}\nwould mend 1 finding in 1 file\n"));
        let patch = "--- a/data/letters/a.yaml\n+++ b/data/letters/a.yaml\n@@ -1,2 +1,2 @@\n id: a\n-title: \"Dear friend \"\n+title: \"Dear friend\"\n";
        assert_eq!(run.stdout, patch);
    }

    #[test]
    fn a_table_of_csv_keeps_its_marks_and_line_ends() {
        let csv =
            "\u{feff}id,title,number\r\nx,\"Dear, \"\"friend\"\" \",5\r\ny, spaced ,\"6 \"\r\n";
        let mended =
            "\u{feff}id,title,number\r\nx,\"Dear, \"\"friend\"\"\",5\r\ny,spaced,\"6\"\r\n";
        let project = letters("", &[("data/letters.csv", csv)]);
        let run = fix(project.path(), &["--fix"]);
        assert_eq!(read(&project, "data/letters.csv"), mended, "{}", run.stdout);
    }

    /// Another key is that of another record, however little it differs.
    #[test]
    fn keys_and_references_are_never_mended() {
        let files = [
            ("data/letters/a.yaml", "id: \"a \"\n"),
            ("data/letters/b.yaml", "id: b\nanswers: \"a  \"\n"),
            (
                "data/letters/c.yaml",
                "id: long-letter\nanswers: long-leter\ntitle: \"The letter\"\n",
            ),
            ("data/letters/d.yaml", "id: m-1\nanswers: The Letter\n"),
            ("data/letters/e.yaml", "id: m-2\nanswers: \"m-3\"\n"),
        ];
        let project = letters("", &files);
        let run = fix(project.path(), &["--fix=suggested"]);
        assert_eq!(run.code, Some(1), "{}", run.stdout);
        for (path, text) in files {
            assert_eq!(read(&project, path), text, "{}", run.stdout);
        }
        let help = check_run(project.path(), &[]).stdout;
        for wanted in [
            "did you mean `a `?",
            "did you mean `long-letter`?",
            "did you mean `long-letter`? Its `title` is `The letter`",
            "add the letter to `letters`, or correct the reference",
        ] {
            assert!(help.contains(wanted), "{wanted}: {help}");
        }
    }

    /// The project of a dataset whose states are coded by a list.
    fn coded(list: &str, records: &str) -> TempDir {
        let project = letters("", &[("data/letters/a.yaml", records)]);
        let schema = project.path().join("schema/letters.schema.json");
        let coded = "\"number\": { \"type\": \"string\", \"title\": \"Number\", \"x-codelist\": \"states\" }";
        let text =
            SCHEMA.replace("\"number\": { \"type\": \"string\", \"title\": \"Number\" }", coded);
        fs::write(schema, text).expect("written");
        fs::create_dir(project.path().join("schema/codelists")).expect("made");
        fs::write(project.path().join("schema/codelists/states.csv"), list).expect("written");
        project
    }

    /// Codes of four projects as others have them, and what is made of what their curators write.
    #[test]
    fn a_code_is_never_taken_for_another() {
        const COW: &str = "code,label,iso3\n2,United States of America,USA\n20,Canada,CAN\n200,United Kingdom,GBR\n41,Haiti,HTI\n";
        const ISO: &str = "code,label\n004,Afghanistan\n008,Albania\n040,Austria\n400,Jordan\n840,United States\n";
        const ACTORS: &str = "code,label\nUSA,United States\nUSAGOV,Government of the USA\nRUS,Russia\nIRQGOV,Government of Iraq\n";
        const SPELLS: &str = "code,label,valid_from,valid_to\nDEU,Germany,1990-10-03,\nDEU,Federal Republic,1949-05-23,1990-10-02\nDDR,East Germany,1949-10-07,1990-10-02\n";
        for (list, written, expected) in [
            (COW, "2.0", "\"2\""),
            (COW, "\"2.0\"", "\"2\""),
            (COW, "20", "\"20\""),
            (COW, "21", "21"),
            (COW, "\"21\"", "\"21\""),
            (COW, "CAN", "\"20\""),
            (COW, "canada", "\"20\""),
            (ISO, "40", "\"040\""),
            (ISO, "\"4\"", "\"004\""),
            (ISO, "040", "\"040\""),
            (ISO, "41", "41"),
            (ISO, "Jordan", "\"400\""),
            (ISO, "Jordn", "Jordn"),
            (ACTORS, "USR", "USR"),
            (ACTORS, "USRGOV", "USRGOV"),
            (ACTORS, "IRNGOV", "IRNGOV"),
            (ACTORS, "usa", "USA"),
            (SPELLS, "Federal republic", "DEU"),
            (SPELLS, "DER", "DER"),
            (SPELLS, "FRG", "FRG"),
        ] {
            let record = |value: &str| format!("id: a\nnumber: {value}\n");
            let project = coded(list, &record(written));
            let run = fix(project.path(), &["--fix=suggested"]);
            assert_eq!(
                read(&project, "data/letters/a.yaml"),
                record(expected),
                "{written}: {}",
                run.stdout
            );
        }
    }

    #[test]
    fn every_edit_is_listed() {
        let text =
            "id: a\n\n# The first.\ntitle: \"caf\u{e9} \"\n---\nid: b\nnumber: 007\nkind: Note\n";
        let listed = [
            "data/letters/a.yaml:4:8: `\"caf\u{e9} \"` -> `\"caf\u{e9}\"` [T001]",
            "data/letters/a.yaml:7:9: `007` -> `\"007\"` [S001]",
            "data/letters/a.yaml:8:7: `Note` -> `note` [S002]",
        ];
        let project = letters("", &[("data/letters/a.yaml", text)]);
        let dry = fix(project.path(), &["--fix=suggested", "--dry-run"]);
        let expected = listed.join("\n");
        assert_eq!(dry.stderr, format!("{expected}\nwould mend 3 findings in 1 file\n"));
        let dry = check(project.path(), &["--fix=suggested", "--dry-run"]);
        assert_eq!(dry.summary["edits"].as_array().map(Vec::len), Some(3), "{}", dry.summary);
        assert_eq!(read(&project, "data/letters/a.yaml"), text);
        let people = check_run(project.path(), &["--fix=suggested"]).stdout;
        assert!(people.contains(&format!("{expected}\nmended 3 findings in 1 file\n")), "{people}");
        fs::write(project.path().join("data/letters/a.yaml"), text).expect("written");
        let edits = check(project.path(), &["--fix=suggested"]).summary["edits"].clone();
        let first = serde_json::json!({
            "file": "data/letters/a.yaml", "line": 4, "column": 8, "code": "T001",
            "old": "\"caf\u{e9} \"", "new": "\"caf\u{e9}\"",
        });
        assert_eq!(edits[0], first);
        assert_eq!(check(project.path(), &["--fix"]).summary["edits"], serde_json::json!([]));
    }

    #[test]
    fn an_anchor_keeps_its_type() {
        let text = "id: a\nnumber: &n 5\n";
        let project = letters("", &[("data/letters/a.yaml", text)]);
        assert_eq!(fix(project.path(), &["--fix"]).code, Some(1));
        assert_eq!(read(&project, "data/letters/a.yaml"), text);
    }

    #[test]
    fn only_the_files_asked_for_are_mended() {
        let project = letters(
            "",
            &[("data/letters/a.yaml", STRAY), ("data/letters/b.yaml", "id: b\ntitle: \" y\"\n")],
        );
        fix(project.path(), &["--fix", "data/letters/b.yaml"]);
        assert_eq!(read(&project, "data/letters/a.yaml"), STRAY);
        assert_eq!(read(&project, "data/letters/b.yaml"), "id: b\ntitle: \"y\"\n");
    }

    #[test]
    fn what_is_waived_or_off_stays() {
        let waived = format!("{STRAY}waivers: [{{ code: T001, reason: So. }}]\n");
        let project = letters("", &[("data/letters/a.yaml", &waived)]);
        fix(project.path(), &["--fix"]);
        assert_eq!(read(&project, "data/letters/a.yaml"), waived);
        let project = letters("[rules]\nT001 = \"off\"\n", &[("data/letters/a.yaml", STRAY)]);
        fix(project.path(), &["--fix"]);
        assert_eq!(read(&project, "data/letters/a.yaml"), STRAY);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay() {
        use std::os::unix::fs::PermissionsExt as _;
        let project = letters("", &[("real/a.yaml", STRAY)]);
        let real = project.path().join("real/a.yaml");
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("set");
        let link = project.path().join("data/letters/a.yaml");
        std::os::unix::fs::symlink("../../real/a.yaml", &link).expect("linked");
        fix(project.path(), &["--fix"]);
        assert!(link.symlink_metadata().expect("there").is_symlink());
        assert_eq!(read(&project, "real/a.yaml"), "id: a\ntitle: \"Dear friend\"\n");
        assert_eq!(fs::metadata(&real).expect("there").permissions().mode() & 0o777, 0o640);
        // Nothing outside of the project is touched.
        let outside = tempfile::tempdir().expect("a directory");
        let other = outside.path().join("b.yaml");
        fs::write(&other, "id: b\ntitle: \" y\"\n").expect("written");
        std::os::unix::fs::symlink(&other, project.path().join("data/letters/b.yaml"))
            .expect("linked");
        let run = fix(project.path(), &["--fix"]);
        assert_eq!((run.code, run.stdout.contains("leads out of the project")), (Some(1), true));
        assert_eq!(fs::read_to_string(&other).expect("readable"), "id: b\ntitle: \" y\"\n");
    }

    /// Pieces of text that formats, rules and fixes trip over.
    fn text() -> impl Strategy<Value = String> {
        const PIECES: [&str; 30] = [
            " ",
            "\u{a0}",
            "\t",
            "a",
            "5",
            "yes",
            "e\u{301}",
            "'",
            "\"",
            "\\",
            ",",
            ";",
            ": ",
            " #",
            "- ",
            "{",
            "]",
            "|",
            "&x ",
            "*x",
            "!",
            "%",
            "@",
            "\u{200b}",
            "\u{c3}\u{a9}",
            "\n",
            "note",
            "\u{1F1F2}",
            "/",
            "~",
        ];
        proptest::collection::vec(proptest::sample::select(&PIECES[..]), 1..6)
            .prop_map(|pieces| pieces.concat())
    }

    fn spelt(format: &str, text: &str, style: usize) -> (&'static str, String) {
        let json = serde_json::json!(text).to_string();
        match (format, style) {
            ("jsonl", _) => {
                ("data/letters.jsonl", format!("{{\"id\":\"a\", \"title\": {json} }}\n"))
            }
            ("csv", 0) => ("data/letters.csv", format!("id,title,kind\na,{text},note\n")),
            ("csv", _) => (
                "data/letters.csv",
                format!("id,title,kind\na,\"{}\",note\n", text.replace('"', "\"\"")),
            ),
            (_, 0) => ("data/letters/a.yaml", format!("id: a\ntitle: {text} # why\nkind: note\n")),
            (_, 1) => (
                "data/letters/a.yaml",
                format!("id: a\ntitle: '{}' # why\nkind: note\n", text.replace('\'', "''")),
            ),
            (_, 2) => {
                ("data/letters/a.yaml", format!("id: a\ntags: [ {text}, x] # why\nkind: note\n"))
            }
            (_, 3) => {
                ("data/letters/a.yaml", format!("id: a\ntitle: | # why\n  {text}\nkind: note\n"))
            }
            (_, _) => ("data/letters/a.yaml", format!("id: a\ntitle: {json} # why\nkind: note\n")),
        }
    }

    fn state(files: &Files) -> (Opened, Vec<Diagnostic>) {
        let opened = demarche::open(Box::new(Memory(files.clone()))).expect("memory can be read");
        let options =
            Options { jobs: NonZeroUsize::MIN, lower: false, budget: MemoryBudget::in_memory() };
        let project = opened.project.as_ref().expect("the project is sound");
        let compiled =
            demarche::compile(&opened.workspace, project, &options, &Progress::default());
        let diagnostics = compiled.expect("memory can be read").diagnostics;
        (opened, diagnostics)
    }

    fn all_rounds(files: &mut Files, certainty: Certainty) -> AppliedFixes {
        let mut mended = AppliedFixes::default();
        for _ in 0..10 {
            let (opened, diagnostics) = state(files);
            let project = opened.project.as_ref().expect("the project is sound");
            let changed = mended.round(&opened.workspace, project, &diagnostics, certainty);
            if !changed.expect("memory can be read") {
                return mended;
            }
            for (path, file) in &mended.files {
                files.insert(path.clone(), file.after.clone());
            }
        }
        panic!("it goes in circles: {mended:?}");
    }

    fn codes(files: &Files) -> Vec<(&'static str, bool)> {
        let (_, diagnostics) = state(files);
        diagnostics.iter().map(|found| (found.code.id, found.fix.is_some())).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: support::cases(20, 60), failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_fix_mends_and_breaks_nothing(
            text in text(),
            format in proptest::sample::select(vec!["yaml", "jsonl", "csv"]),
            style in 0usize..5,
            suggested in any::<bool>(),
        ) {
            let certainty = if suggested { Certainty::Suggested } else { Certainty::Certain };
            let (path, written) = spelt(format, &text, style);
            let mut files = Files::new();
            files.insert("dataset.toml".to_owned(), MANIFEST.into());
            files.insert("schema/letters.schema.json".to_owned(), SCHEMA.into());
            files.insert(path.to_owned(), written.clone().into_bytes());
            let before = codes(&files);
            let mended = all_rounds(&mut files, certainty);
            prop_assert!(mended.refused.is_empty(), "{:?} {:?}", written, before);
            let after = codes(&files);
            let now = support::text(&files, path);
            // Structural faults don't come in.
            let faults = |codes: &[(&str, bool)]| codes.iter().filter(|(code, _)| code.starts_with('P') && *code != "P009").count();
            prop_assert!(faults(&after) <= faults(&before), "{:?} became {:?}: {:?}", written, now, after);
            let left = |code: &str| before.contains(&(code, true)) && after.contains(&(code, true));
            prop_assert!(!left("T002") && !left("T001"), "{:?} became {:?}: {:?}", written, now, after);
            if written.contains("# why") {
                prop_assert!(now.contains("# why"), "{:?} became {:?}", written, now);
            }
            let once = files.clone();
            let again = all_rounds(&mut files, certainty);
            prop_assert!(again.files.is_empty());
            prop_assert_eq!(once, files);
        }
    }
}

mod watching {
    use super::*;
    use std::io::{BufRead as _, BufReader};
    use std::process::{Child, ChildStdout, Stdio};
    use std::sync::mpsc::{Receiver, channel};
    use std::time::Duration;

    /// A command that watches a project; ended when the test is.
    struct Watcher {
        child: Child,
        reports: Receiver<Vec<String>>,
    }

    impl Drop for Watcher {
        fn drop(&mut self) {
            // It may have ended by itself, if a test fails.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }

    fn read_reports(stdout: ChildStdout) -> Receiver<Vec<String>> {
        let (send, reports) = channel();
        std::thread::spawn(move || {
            let mut report = Vec::new();
            for line in BufReader::new(stdout).lines() {
                let line: Value = serde_json::from_str(&line.expect("UTF-8")).expect("JSON");
                if line["reason"] == "summary" {
                    // Nobody listens once the test is over.
                    let _ = send.send(std::mem::take(&mut report));
                } else {
                    report.push(line["code"].as_str().expect("text").to_owned());
                }
            }
        });
        reports
    }

    impl Watcher {
        fn new(project: &Path) -> Self {
            let mut command = demarche(&["check", "--watch", "--message-format", "json", "-C"]);
            let mut child = command.arg(project).stdout(Stdio::piped()).spawn().expect("it starts");
            let reports = read_reports(child.stdout.take().expect("a pipe"));
            Self { child, reports }
        }

        fn next(&self) -> Vec<String> {
            self.reports.recv_timeout(Duration::from_secs(30)).expect("a report in time")
        }
    }

    #[test]
    fn a_save_is_checked_at_once() {
        let project = letters("", &[("data/letters/a.yaml", STRAY)]);
        let watcher = Watcher::new(project.path());
        assert_eq!(watcher.next(), ["T001"]);
        let file = project.path().join("data/letters/a.yaml");
        fs::write(&file, "id: a\n").expect("written");
        assert_eq!(watcher.next(), [""; 0]);
        // A new file, one that is renamed into its place as editors do, one that is gone, and a
        // manifest that is wrong for a while.
        fs::write(project.path().join("data/letters/b.yaml"), "id: a\n").expect("written");
        assert_eq!(watcher.next(), ["K001"]);
        let draft = project.path().join("data/letters/.b.yaml.swp");
        fs::write(&draft, "id: b\ntitle: \" x\"\n").expect("written");
        fs::rename(&draft, project.path().join("data/letters/b.yaml")).expect("renamed");
        assert_eq!(watcher.next(), ["T001"]);
        fs::remove_file(project.path().join("data/letters/b.yaml")).expect("removed");
        assert_eq!(watcher.next(), [""; 0]);
        // A directory that is renamed, another in its place, and an edit in that.
        let letters = project.path().join("data/letters");
        fs::rename(&letters, project.path().join("data/old")).expect("renamed");
        assert_eq!(watcher.next(), ["M002", "M021"]);
        fs::rename(project.path().join("data/old"), &letters).expect("renamed");
        assert_eq!(watcher.next(), [""; 0]);
        fs::write(letters.join("c.yaml"), "id: a\n").expect("written");
        assert_eq!(watcher.next(), ["K001"]);
        fs::remove_file(letters.join("c.yaml")).expect("removed");
        assert_eq!(watcher.next(), [""; 0]);
        let manifest = project.path().join("dataset.toml");
        fs::write(&manifest, format!("{MANIFEST}[rules]\nno-rule = \"off\"\n")).expect("written");
        assert_eq!(watcher.next(), ["M001"]);
        fs::write(&manifest, MANIFEST).expect("written");
        assert_eq!(watcher.next(), [""; 0]);
    }

    #[test]
    fn without_a_project_there_is_nothing_to_wait_for() {
        let nowhere = tempfile::tempdir().expect("a directory");
        let mut command = demarche(&["check", "--watch", "-C"]);
        assert_eq!(run(command.arg(nowhere.path())).code, Some(2));
    }
}
