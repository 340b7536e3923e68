//! Findings about constraints go by the ids of these: in `[rules]`, waivers, the baseline, fingerprints,
//! every format of reports, counts and `demarche explain`.

#![expect(clippy::disallowed_methods, reason = "tests touch the disk")]

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Files, Run, demarche, on_disk, run};

const MANIFEST: &str = r#"
[dataset]
name = "battles"
title = "Battles"
version = "1.0.0"
license = "CC0-1.0"
base = "https://demarche.example/battles/"

[tables.battles]
schema = "schema/battles.schema.json"
records = ["data/battles*", "data/old/*"]
key = "id"
row = "battle"

[rules]
unmatched-file = "off"
"#;

/// The schema of battles, with these constraints.
fn schema(constraints: &Value) -> String {
    let text = json!({ "type": "string" });
    let number = json!({ "type": "integer" });
    let date = json!({ "type": "string", "format": "edtf" });
    let waivers = json!({
        "type": "array",
        "x-internal": true,
        "items": {
            "type": "object",
            "required": ["code", "reason"],
            "properties": {
                "code": { "type": "string", "x-role": "waiver" },
                "reason": { "type": "string", "x-role": "waiver-reason" },
            },
            "additionalProperties": false,
        },
    });
    let schema = json!({
        "title": "Battles",
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": text,
            "low": number, "best": number, "high": number,
            "year": number, "date": date,
            "part_of": { "type": "string", "x-reference": "battles" },
            "waivers": waivers,
        },
        "additionalProperties": false,
        "x-constraints": constraints,
    });
    serde_json::to_string_pretty(&schema).expect("JSON")
}

fn constraints() -> Value {
    json!([
        {
            "id": "estimates-in-order",
            "assert": "self.low <= self.best && self.best <= self.high",
            "message": "the best estimate lies between the other two",
        },
        { "id": "year-of-date", "assert": "year(self.date) == self.year", "severity": "warning" },
        { "id": "not-before-the-whole", "assert": "ref(self.part_of).date <= self.date" },
    ])
}

/// Battles: `b1` is sound, `b2` breaks what is said of estimates, `b3` also what is said of years, and
/// `b4` began before the battle that it is a part of.
const BATTLES: &str = r#"{"id": "b1", "low": 1, "best": 2, "high": 3, "year": 1900, "date": "1900-05-02"}
{"id": "b2", "low": 5, "best": 2, "high": 9}
{"id": "b3", "low": 1, "best": 4, "high": 3, "year": 1901, "date": "1900-05-02"}
{"id": "b4", "part_of": "b1", "date": "1900-05-01"}
"#;

/// A project of battles; `manifest` is put behind its own.
fn battles(manifest: &str, files: &[(&str, &str)]) -> TempDir {
    project(&constraints(), manifest, files)
}

fn project(constraints: &Value, manifest: &str, files: &[(&str, &str)]) -> TempDir {
    let mut all = Files::from([
        ("dataset.toml".to_owned(), format!("{MANIFEST}{manifest}").into_bytes()),
        ("schema/battles.schema.json".to_owned(), schema(constraints).into_bytes()),
        ("data/battles.jsonl".to_owned(), BATTLES.into()),
        ("data/old/battles.jsonl".to_owned(), "{\"id\": \"b0\"}\n".into()),
    ]);
    all.extend(files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())));
    on_disk(&all)
}

fn check(project: &Path, arguments: &[&str]) -> Run {
    let mut command = demarche(&["check", "--color", "never"]);
    run(command.args(arguments).current_dir(project))
}

/// The findings of a run as programs get them, and the summary.
fn lines(project: &Path, arguments: &[&str]) -> (Vec<Value>, Value) {
    let Run { stdout, stderr, .. } =
        check(project, &[&["--message-format", "json"], arguments].concat());
    assert_eq!(stderr, "", "{stdout}");
    let mut lines: Vec<Value> =
        stdout.lines().map(|line| serde_json::from_str(line).expect("JSON lines")).collect();
    let summary = lines.pop().expect("a summary");
    (lines, summary)
}

/// The findings as `severity topic key`.
fn found(project: &Path, arguments: &[&str]) -> Vec<String> {
    let (lines, _) = lines(project, arguments);
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let line = |line: &Value| {
        let topic = match line["constraint"].as_str() {
            Some(id) => format!("{}/{id}", text(&line["code"])),
            None => text(&line["code"]),
        };
        format!("{} {topic} {}", text(&line["severity"]), text(&line["record"]["key"]))
    };
    lines.iter().map(line).collect()
}

#[track_caller]
fn assert_found(manifest: &str, files: &[(&str, &str)], expected: &[&str]) {
    let project = battles(manifest, files);
    assert_eq!(found(project.path(), &[]), expected, "{manifest}");
}

const ALL: [&str; 4] = [
    "error C001/estimates-in-order b2",
    "error C001/estimates-in-order b3",
    "warning C001/year-of-date b3",
    "error C001/not-before-the-whole b4",
];

#[test]
fn severities_go_by_id_and_the_particular_wins() {
    let [b2, b3, year, whole] = ALL;
    for (rules, expected) in [
        ("", vec![b2, b3, year, whole]),
        ("C001 = \"off\"", vec![]),
        ("constraint = \"off\"", vec![]),
        ("estimates-in-order = \"off\"", vec![year, whole]),
        ("\"C001/estimates-in-order\" = \"off\"", vec![year, whole]),
        ("not-before-the-whole = \"off\"", vec![b2, b3, year]),
        ("C001 = \"off\"\nyear-of-date = \"error\"", vec!["error C001/year-of-date b3"]),
        ("year-of-date = \"error\"\nC001 = \"off\"", vec!["error C001/year-of-date b3"]),
        (
            "C001 = { \"data/battles*\" = \"off\" }\nyear-of-date = \"note\"",
            vec!["note C001/year-of-date b3"],
        ),
        ("estimates-in-order = { \"data/old/*\" = \"off\" }", vec![b2, b3, year, whole]),
        ("estimates-in-order = { \"data/battles*\" = \"off\" }", vec![year, whole]),
        ("C002 = \"error\"\nC003 = \"off\"", vec![b2, b3, year, whole]),
    ] {
        assert_found(rules, &[], &expected);
    }
    let mild = battles("C001 = \"warning\"", &[]);
    let checked = check(mild.path(), &[]);
    assert_eq!(checked.code, Some(0), "nothing keeps these from being built: {}", checked.stdout);
    let out = mild.path().join("out");
    let mut build = demarche(&["build", "--project"]);
    let built = run(build.arg(mild.path()).arg("--out").arg(&out));
    assert_eq!(built.code, Some(0), "{}", built.stdout);
}

/// That nobody can tell whether a constraint holds isn't what it says: its severity stays, unless it is off.
#[test]
fn what_cannot_be_worked_out_goes_by_the_id_as_well() {
    let cube = json!([{ "id": "cubes", "assert": "self.low * self.low * self.low <= self.best" }]);
    let records = "{\"id\": \"b1\", \"low\": 9000000000000000000, \"best\": 1}\n\
                   {\"id\": \"b2\", \"low\": 1, \"best\": 2}\n";
    let (error, warning) = (["error C003/cubes b1"], ["warning C003/cubes b1"]);
    for (manifest, expected) in [
        ("".to_owned(), &error[..]),
        ("cubes = \"warning\"".to_owned(), &error),
        ("C001 = \"off\"".to_owned(), &error),
        ("C003 = \"warning\"".to_owned(), &warning),
        ("cubes = \"off\"".to_owned(), &[]),
        (waiver("cubes", "b1"), &[]),
        (waiver("C003", "b1"), &[]),
        (waiver("C001", "b1"), &["warning W001 b1", error[0]]),
    ] {
        let project = project(&cube, &manifest, &[("data/battles.jsonl", records)]);
        assert_eq!(found(project.path(), &[]), expected, "{manifest}");
    }
}

#[test]
fn an_unknown_id_is_named_with_the_nearest_one() {
    let project = battles("estimates-in-ordre = \"off\"", &[]);
    let Run { code, stdout, .. } = check(project.path(), &[]);
    assert_eq!(code, Some(2));
    assert!(stdout.contains("there is no rule and no constraint `estimates-in-ordre`"), "{stdout}");
    assert!(stdout.contains("did you mean `estimates-in-order`?"), "{stdout}");
    let mixed = battles("\"C004/estimates-in-order\" = \"off\"", &[]);
    assert_eq!(found(mixed.path(), &[]), ["error M001 -"], "it isn't what that code is about");
}

/// Where the schemas can't be compiled nobody knows which ids there are.
#[test]
fn no_id_is_called_unknown_while_schemas_are_broken() {
    let named = "estimates-in-order = \"off\"\nD999 = \"off\"\n\n[[waivers]]\ncode = \"year-of-date\"\n\
                 table = \"battles\"\nkey = \"b3\"\nreason = \"So it is.\"\n";
    let broken = [("schema/battles.schema.json", "{ \"type\": \"objekt\" }")];
    assert_found(named, &broken, &["error M001 -", "error M004 -"]);
    // Neither where the manifest itself is wrong.
    let main = (
        "dataset.toml",
        &*format!("{}{named}", MANIFEST.replace("[dataset]", "[dataset]\nmain = \"x\"")),
    );
    assert_found(named, &[main], &["error M001 -", "error M001 -"]);
}

fn waiver(code: &str, key: &str) -> String {
    format!(
        "\n[[waivers]]\ncode = \"{code}\"\ntable = \"battles\"\nkey = \"{key}\"\nreason = \"So it is.\"\n"
    )
}

#[test]
fn waivers_go_by_id() {
    let [b2, b3, year, whole] = ALL;
    for (code, key, expected) in [
        ("estimates-in-order", "b2", vec![b3, year, whole]),
        ("C001/estimates-in-order", "b2", vec![b3, year, whole]),
        ("estimates-in-order", "b3", vec![b2, year, whole]),
        ("C001", "b3", vec![b2, whole]),
        ("constraint", "b3", vec![b2, whole]),
        ("not-before-the-whole", "b4", vec![b2, b3, year]),
        ("year-of-date", "b2", vec!["warning W001 b2", b2, b3, year, whole]),
        ("estimates-in-order", "b9", vec!["warning W001 -", b2, b3, year, whole]),
        ("estimates", "b2", vec!["error W002 -"]),
    ] {
        assert_found(&waiver(code, key), &[], &expected);
    }
    let own = |code: &str| {
        let waiver =
            format!(", \"waivers\": [{{\"code\": \"{code}\", \"reason\": \"So it is.\"}}]}}\n");
        BATTLES.replace("\"high\": 9}\n", &format!("\"high\": 9{waiver}"))
    };
    for (code, expected) in [
        ("estimates-in-order", vec![b3, year, whole]),
        ("C001", vec![b3, year, whole]),
        ("year-of-date", vec![b2, "warning W001 b2", b3, year, whole]),
        ("estimates", vec![b2, "error W002 b2", b3, year, whole]),
    ] {
        assert_found("", &[("data/battles.jsonl", &own(code))], &expected);
    }
}

/// What compares records isn't known while there are errors that may hide some.
#[test]
fn waivers_of_constraints_between_records_wait_for_all_records() {
    let sound = BATTLES
        .replace("\"high\": 3, \"year\": 1901", "\"high\": 4")
        .replace("\"low\": 5", "\"low\": 1");
    let sound = sound.replace("1900-05-01", "1900-05-03");
    let stale = waiver("not-before-the-whole", "b4");
    assert_found(&stale, &[("data/battles.jsonl", &sound)], &["warning W001 b4"]);
    let cut = ("data/old/battles.jsonl", "{\"id\": ");
    assert_found(&stale, &[("data/battles.jsonl", &sound), cut], &["error P001 -"]);
    let of_own_values = waiver("estimates-in-order", "b4");
    let elsewhere = ("data/old/battles.jsonl", "{\"id\": \"b0\", \"low\": \"x\"}\n");
    let files = [("data/battles.jsonl", &*sound), elsewhere];
    assert_found(&of_own_values, &files, &["warning W001 b4", "error S001 b0"]);
    assert_found(&stale, &files, &["error S001 b0"]);
}

#[test]
fn the_baseline_and_fingerprints_go_by_id() {
    let project = battles("", &[]);
    let path = project.path();
    assert_eq!(check(path, &["--update-baseline"]).code, Some(0));
    let baseline = fs::read_to_string(path.join("baseline.json")).expect("it was written");
    assert_eq!(baseline.matches("\"code\": \"C001/estimates-in-order\"").count(), 2, "{baseline}");
    assert_eq!(found(path, &[]), [""; 0]);
    // Under another id it is another constraint.
    let renamed = schema(&constraints()).replace("\"estimates-in-order\"", "\"estimates\"");
    fs::write(path.join("schema/battles.schema.json"), renamed).expect("written");
    let mut now = found(path, &[]);
    now.sort_unstable();
    let gone = "note W004 -";
    assert_eq!(now, ["error C001/estimates b2", "error C001/estimates b3", gone, gone]);
    let (lines, _) = lines(path, &[]);
    let stale = lines.iter().find(|line| line["code"] == "W004").expect("one is stale");
    let said = stale["message"].as_str().expect("a message");
    assert!(said.starts_with("the baseline knows C001/estimates-in-order in"), "{said}");
    // Nobody knows what is found between records while one can't be read.
    let cut = schema(&constraints());
    fs::write(path.join("schema/battles.schema.json"), cut).expect("written");
    fs::write(path.join("data/old/battles.jsonl"), "{\"id\": ").expect("written");
    let sound = BATTLES.replace("\"part_of\": \"b1\", ", "");
    fs::write(path.join("data/battles.jsonl"), sound).expect("written");
    assert_eq!(found(path, &[]), ["error P001 -"]);
}

#[test]
fn every_format_shows_the_id() {
    let project = battles("", &[]);
    let shown = |format: &str| check(project.path(), &["--message-format", format]).stdout;
    assert!(shown("human").contains("error[C001/estimates-in-order]: the best estimate lies"));
    assert!(shown("human").contains("as in `demarche explain estimates-in-order`"));
    assert!(shown("short").contains(": warning[C001/year-of-date]: "));
    assert!(shown("github").contains(",title=C001 year-of-date::"));
    assert!(shown("junit").contains(" name=\"C001 year-of-date: battles b3 /"));
    let log: Value = serde_json::from_str(&shown("sarif")).expect("JSON");
    let tool = &log["runs"][0];
    let rules = tool["tool"]["driver"]["rules"].as_array().expect("rules");
    for (id, text) in [
        ("C001/estimates-in-order", "the best estimate lies between the other two."),
        ("C001/year-of-date", "`year(self.date) == self.year` must hold."),
    ] {
        let rule = rules.iter().find(|rule| rule["id"] == id).expect("a rule for the constraint");
        assert_eq!(rule["shortDescription"]["text"], text);
        let results = tool["results"].as_array().expect("results");
        let result = results.iter().find(|result| result["ruleId"] == id).expect("a result");
        let index = result["ruleIndex"].as_u64().expect("a number") as usize;
        assert_eq!(rules[index]["id"], id);
    }
}

#[test]
fn of_each_as_many_are_shown() {
    let bad = |number| format!("{{\"id\": \"c{number}\", \"low\": {number}, \"best\": 2}}\n");
    let many: String = (10..40).map(bad).collect();
    let project = battles("", &[("data/battles2.jsonl", &many)]);
    let Run { stdout, .. } = check(project.path(), &[]);
    assert_eq!(stdout.matches("error[C001/estimates-in-order]").count(), 25);
    assert_eq!(stdout.matches("[C001/year-of-date]").count(), 1);
    assert!(stdout.contains("C001 estimates-in-order: 25 of 32 findings shown"), "{stdout}");
}

/// A note on most records of a table is one of the table, and only of its own constraint.
#[test]
fn notes_on_most_records_are_summed_up_by_id() {
    let bad = |number| format!("{{\"id\": \"c{number}\", \"low\": {number}, \"best\": 2}}\n");
    let many: String = (10..40).map(bad).collect();
    let rules = "estimates-in-order = \"note\"\nyear-of-date = \"note\"";
    let project = battles(rules, &[("data/battles2.jsonl", &many)]);
    let expected = ["note C001/estimates-in-order -", "note C001/year-of-date b3", ALL[3]];
    assert_eq!(found(project.path(), &[]), expected);
}

#[test]
fn how_often_each_held_is_counted() {
    let project = battles("", &[]);
    let counted = |held, violated, undecided, not_applied| json!({ "held": held, "violated": violated, "undecided": undecided, "not_applied": not_applied });
    let expected = json!({
        "estimates-in-order": counted(1, 2, 2, 0),
        "year-of-date": counted(1, 1, 3, 0),
        "not-before-the-whole": counted(0, 1, 4, 0),
    });
    for jobs in ["1", "2", "7"] {
        let (_, summary) = lines(project.path(), &["--jobs", jobs]);
        assert_eq!(summary["constraints"], expected);
        let (_, some) = lines(project.path(), &["--memory", "0"]);
        assert_eq!(some["constraints"], expected);
    }
}

/// A change in one file breaks what a constraint says of a record in another one.
#[test]
fn what_follows_from_a_change_is_reported_by_id() {
    let whole = |date: &str| format!("{{\"id\": \"b0\", \"date\": \"{date}\"}}\n");
    let parts = "{\"id\": \"b1\", \"part_of\": \"b0\", \"date\": \"1900-05-01\"}\n\
                 {\"id\": \"b2\", \"low\": 5, \"best\": 2}\n";
    let files = [("data/battles.jsonl", parts), ("data/old/battles.jsonl", &whole("1900-04"))];
    let project = battles("", &files);
    let path = project.path();
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.args(["-c", "user.name=x", "-c", "user.email=x@y", "-C"]).arg(path).args(arguments);
        assert_eq!(run(&mut command).code, Some(0), "{arguments:?}");
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "All"]);
    let since = ["--changed-since", "HEAD"];
    assert_eq!(found(path, &since), [""; 0]);
    fs::write(path.join("data/old/battles.jsonl"), whole("1900-06")).expect("written");
    assert_eq!(found(path, &since), ["error C001/not-before-the-whole b1"]);
}

fn never() -> Value {
    json!([{ "id": "never", "assert": "self.low <= self.best && self.best <= self.high" }])
}

#[test]
fn what_never_decides_anything_is_a_note() {
    let records = "{\"id\": \"b1\", \"best\": 2}\n{\"id\": \"b2\", \"best\": 2, \"waivers\": []}\n";
    let old = "{\"id\": \"b0\"}\n";
    let with = |manifest: &str, old: &str| {
        let files = [("data/battles.jsonl", records), ("data/old/battles.jsonl", old)];
        project(&never(), manifest, &files)
    };
    let project = with("", old);
    let Run { stdout, code, .. } = check(project.path(), &[]);
    assert_eq!(code, Some(0));
    let said = "note[C002/never]: `never` decides nothing: it is neither true nor false in any of the 3 \
                places where it applies: `self.low` is missing";
    assert!(stdout.contains(said), "{stdout}");
    assert!(stdout.contains("schema/battles.schema.json:"), "{stdout}");
    let here = |arguments: &[&str]| found(project.path(), arguments);
    assert_eq!(here(&[]), ["note C002/never -"]);
    // It is about the schema.
    assert_eq!(here(&["data/battles.jsonl"]), [""; 0]);
    let (_, summary) = lines(project.path(), &["data/battles.jsonl"]);
    assert_eq!(summary["elsewhere"]["codes"], json!({ "C002": 1 }));
    assert_eq!(summary["constraints"]["never"]["undecided"], 3);
    assert_eq!(here(&["schema/battles.schema.json"]), ["note C002/never -"]);
    // One record decides; or may, if it could be read or had no error.
    for (manifest, old, expected) in [
        ("", "{\"id\": \"b0\", \"low\": 1, \"best\": 1, \"high\": 1}\n", vec![]),
        ("", "{\"id\": \"b0\", \"low\": 2, \"best\": 1}\n", vec!["error C001/never b0"]),
        ("", "{\"id\": ", vec!["error P001 -"]),
        ("", "{\"id\": \"b0\", \"low\": \"1\"}\n", vec!["error S001 b0"]),
        ("never = \"off\"", old, vec![]),
        ("never = \"warning\"", old, vec!["note C002/never -"]),
        ("C002 = \"warning\"", old, vec!["warning C002/never -"]),
    ] {
        assert_eq!(found(with(manifest, old).path(), &[]), expected, "{manifest} {old}");
    }
}

mod explain {
    use super::*;

    fn explain(project: &Path, arguments: &[&str]) -> Run {
        run(demarche(&["explain"]).args(arguments).arg("--project").arg(project))
    }

    #[test]
    fn a_constraint_is_explained_by_its_id() {
        let rules = "C001 = \"warning\"\nestimates-in-order = { \"data/old/*\" = \"off\" }";
        let project = battles(rules, &[]);
        for name in ["estimates-in-order", "C001/estimates-in-order"] {
            let Run { code, stdout, stderr } = explain(project.path(), &[name]);
            assert_eq!((code, &*stderr), (Some(0), ""));
            let lines: Vec<_> = stdout.lines().collect();
            let text = schema(&constraints());
            let before =
                text.lines().position(|line| line.contains("\"id\": \"estimates-in-order\""));
            let line = before.expect("the id is there") + 1;
            assert_eq!(
                lines[..3],
                [
                    "C001 estimates-in-order (warning)",
                    "",
                    "the best estimate lies between the other two"
                ]
            );
            for fact in [
                "assert    self.low <= self.best && self.best <= self.high",
                "of        records of battles",
                &format!("at        schema/battles.schema.json:{line}:"),
                "[rules]   off in data/old/*",
            ] {
                assert!(stdout.contains(fact), "{fact} in {stdout}");
            }
        }
    }

    #[test]
    fn all_are_listed_with_the_codes() {
        let project = battles("year-of-date = \"off\"", &[]);
        let Run { code, stdout, .. } = explain(project.path(), &[]);
        assert_eq!(code, Some(0));
        let (codes, own) =
            stdout.split_once("\nConstraints and expectations of battles:\n").expect("both");
        assert!(codes.contains("C001  error    constraint "), "{codes}");
        assert_eq!(own.lines().count(), 3);
        assert!(
            own.starts_with("C001  error    estimates-in-order        the best estimate lies"),
            "{own}"
        );
        assert!(
            own.contains("C001  off      year-of-date              year(self.date) == self.year\n"),
            "{own}"
        );
    }

    #[test]
    fn codes_need_no_project_and_what_is_unknown_is_said() {
        let nowhere = tempfile::tempdir().expect("a temporary directory");
        let here = |name: &str| run(demarche(&["explain", name]).current_dir(nowhere.path()));
        assert_eq!(here("C001").code, Some(0));
        let unknown = here("estimates-in-order");
        assert_eq!(unknown.code, Some(2));
        assert_eq!(unknown.stderr, "error: there is no code `estimates-in-order`\n");
        let project = battles("", &[]);
        let near = explain(project.path(), &["estimate-in-order"]);
        assert_eq!(near.code, Some(2));
        let said = "error: there is no code and no constraint `estimate-in-order`; did you mean `estimates-in-order`?\n";
        assert_eq!(near.stderr, said);
        let broken = battles("", &[("schema/battles.schema.json", "{ \"type\": \"objekt\" }")]);
        let unknown = explain(broken.path(), &["estimates-in-order"]);
        assert_eq!(unknown.code, Some(2));
        assert!(
            unknown.stderr.contains("aren't known, because its manifest or a schema"),
            "{}",
            unknown.stderr
        );
        let listed = explain(broken.path(), &[]);
        assert_eq!(listed.code, Some(0));
        assert!(listed.stdout.contains("S001"), "{}", listed.stdout);
        assert!(listed.stderr.starts_with("note: the constraints of the project aren't known"));
        assert_eq!(explain(broken.path(), &["S001"]).code, Some(0), "codes need no sound project");
    }
}
