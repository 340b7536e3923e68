//! What findings look like in each format, on a small project in memory that shows every feature.

use std::collections::BTreeMap;
use std::sync::Arc;

use demarche::diagnostic::fingerprint::{Fingerprints, subject};
use demarche::diagnostic::{
    Certainty, Counted, Diagnostic, Label, Place, RecordName, Severity, Topic, code,
};
use demarche::report::{Constraint, FORMATS, Out, Report, Styles, View, format};
use demarche::workspace::{Memory, Source, Workspace};

const VISITS: &str = "\
id: niamey-2023
title: زيارة إلى نيامي
host: 大統領府\tx
participants:
  - {person: e\u{301}lise, role: hst}
  - {person: moussa, role: guest, role: host}
summary: >
  Talks about
  defence.
";

const AGAIN: &str = "\
# Written by hand.
id: niamey-2023
names: [\"שלום\", \"עולם\"]
cancelled: no
";

const PORTS: &str = "id,name,country\nbsw,Bossaso,SO\ndkr,Dakar,SX\n";

const SCHEMA: &str = r#"{
  "properties": {
    "role": {
      "enum": ["host", "guest"]
    }
  }
}
"#;

/// The project's files.
struct Project {
    workspace: Workspace,
    texts: BTreeMap<&'static str, String>,
}

impl Project {
    fn new() -> Self {
        let pad = "x".repeat(300);
        let long = format!(
            "{{\"id\": \"a\", \"note\": \"{pad}\", \"tel\": 12345678901234567890123, \"more\": \"{pad}\"}}\n"
        );
        let texts = BTreeMap::from([
            ("data/again.yaml", AGAIN.to_owned()),
            ("data/calls.jsonl", format!("{{\"id\": \"b\"}}\n{long}")),
            ("data/ports é.csv", format!("\u{feff}{PORTS}")),
            ("data/visits.yaml", VISITS.to_owned()),
            ("dataset.toml", "name = \"\"\n".to_owned()),
            ("schema/visit.schema.json", SCHEMA.to_owned()),
        ]);
        let memory =
            texts.iter().map(|(path, text)| ((*path).to_owned(), text.clone().into_bytes()));
        let mut workspace = Workspace::new(Box::new(Memory(memory.collect())));
        for path in texts.keys() {
            workspace.add(Source::from_path(path).expect("a format"));
        }
        Self { workspace, texts }
    }

    /// The place of the `nth` time, from 0, that a text stands in a file.
    fn place(&self, path: &str, text: &str, nth: usize) -> Place {
        let source = self.workspace.find(path).expect("a file of the project");
        let (start, _) = self.texts[path].match_indices(text).nth(nth).expect("it stands there");
        Place::new(source, start as u64..(start + text.len()) as u64)
    }

    fn diagnostics(&self) -> Vec<Diagnostic> {
        let visits = |text, nth| self.place("data/visits.yaml", text, nth);
        let again = |text, nth| self.place("data/again.yaml", text, nth);
        let about = |mut diagnostic: Diagnostic, table: &str, key: Option<&str>| {
            let key = key.map(str::to_owned);
            diagnostic.record = Some(RecordName { table: table.to_owned(), key });
            diagnostic
        };
        let visit = |diagnostic| about(diagnostic, "visits", Some("niamey-2023"));
        let mut diagnostics = vec![
            visit(
                Diagnostic::new(
                    &code::NOT_IN_ENUM,
                    visits("hst", 0).at("/participants/0/role"),
                    "`participants[0].role` is `hst`, but must be `host` or `guest`",
                )
                .label("not a role")
                .with(
                    self.place("schema/visit.schema.json", "[\"host\", \"guest\"]", 0).at("/properties/role/enum"),
                    "the roles that the schema lists",
                )
                .help("did you mean `host`?")
                .replace(Certainty::Suggested, "write `host`", "host"),
            ),
            Diagnostic::new(&code::DUPLICATE_KEY, visits("role", 2), "the key `role` stands here twice")
                .label("again here")
                .with(visits("role", 1), "first here")
                .help("keep one of the two: readers disagree about which one counts"),
            visit(
                Diagnostic::new(&code::WRONG_LENGTH, visits("大統領府\tx", 0).at("/host"), "`host` is too long")
                    .label("six characters"),
            ),
            visit(Diagnostic::new(
                &code::PATTERN_MISMATCH,
                visits(">\n  Talks about\n  defence.\n", 0).at("/summary"),
                "`summary` is `Talks about defence.`, which doesn't match the pattern `^[A-Z]{3}$`",
            ).label("the text is folded").with(visits("participants", 0), "after these")),
            visit(
                Diagnostic::new(
                    &code::UNDECLARED_LANGUAGE,
                    visits("زيارة إلى نيامي", 0).at("/title"),
                    "`title` is Arabic",
                )
                .help(
                    "add the language to `languages` in the manifest, where it says which languages \
                     the texts of this dataset are in, or translate the title into one of those",
                ),
            ),
            visit(
                Diagnostic::new(&code::DUPLICATE_ID, again("niamey-2023", 0).at("/id"), "the visit `niamey-2023` stands twice")
                    .label("again here")
                    .with(visits("niamey-2023", 0), "first here"),
            ),
            visit(
                Diagnostic::new(&code::DUPLICATE_ITEM, again("\"עולם\"", 0).at("/names/1"), "`names` lists a name twice")
                    .with(again("\"שלום\"", 0), "first here"),
            ),
            visit(
                Diagnostic::new(&code::YAML_1_1_VALUE, again("no", 0).at("/cancelled"), "YAML 1.1 reads `no` as false")
                    .help("quote it if it is text")
                    .replace(Certainty::Certain, "quote it", "\"no\""),
            ),
            about(
                Diagnostic::new(
                    &code::INEXACT_NUMBER,
                    self.place("data/calls.jsonl", "12345678901234567890123", 0).at("/tel"),
                    "the number `12345678901234567890123` would become `1.2345678901234568e22`",
                ),
                "calls",
                Some("a"),
            ),
            about(
                Diagnostic::new(
                    &code::UNKNOWN_CODE,
                    self.place("data/ports é.csv", "SX", 0).at("/country"),
                    "`country` is `SX`, which is no code of `countries`\u{202e}\u{1b}[2J",
                ),
                "ports",
                None,
            ),
            Diagnostic::new(&code::EMPTY_TEXT, self.place("dataset.toml", "\"\"", 0), "`name` is empty"),
        ];
        let two_sides = Arc::from("two-sides");
        let constraint = Diagnostic::new(
            &code::CONSTRAINT,
            visits("guest", 0).at("/participants/1/role"),
            "`participants[1].role` is `guest`, but must be different from `participants[0].role`, which is `guest`",
        )
        .label("different from `guest`")
        .with(self.place("schema/visit.schema.json", "\"enum\"", 0), "demanded here")
        .of_part(&two_sides);
        diagnostics.push(visit(constraint));
        let missing = visits("id: niamey-2023\n", 0);
        let mut lacking = Diagnostic::new(
            &code::MISSING_PROPERTY,
            Place::new(missing.source, 0..VISITS.len() as u64).at(""),
            "the record lacks `sources`",
        );
        lacking.demanded = Some(Arc::new(Label {
            place: self.place("schema/visit.schema.json", "\"properties\"", 0).at("/properties"),
            text: "the schema says `\"properties\": {…}`".to_owned(),
        }));
        diagnostics.push(visit(lacking));
        demarche::diagnostic::sort(&mut diagnostics);
        diagnostics
    }
}

/// What must hold in the project.
fn constraints() -> [Constraint<'static>; 2] {
    let topic = |code, id: &str| Topic { code, part: Some(Arc::from(id)) };
    let (held, violated, undecided, not_applied) = (1, 1, 0, 0);
    let two_sides = Constraint {
        topic: topic(&code::CONSTRAINT, "two-sides"),
        severity: Severity::Error,
        message: Some("a visit has a host and a guest"),
        assert: "self.host != self.guest",
        held,
        violated,
        undecided,
        not_applied,
    };
    let many = Constraint {
        topic: topic(&code::EXPECTATION, "many-visits"),
        severity: Severity::Warning,
        message: None,
        assert: "count() >= 2",
        violated: 0,
        ..two_sides.clone()
    };
    [two_sides, many]
}

fn render(name: &str, diagnostics: &[Diagnostic], view: View) -> String {
    let project = Project::new();
    let lines = ["wrote 3 files".to_owned()];
    let codes = demarche::rules::all_codes();
    let report = Report {
        codes: &codes,
        workspace: &project.workspace,
        omitted: &Counted::default(),
        elsewhere: &Counted::default(),
        diagnostics,
        records: &[("visits", 2), ("ports", 2), ("calls", 1)],
        constraints: &constraints(),
        release: None,
        lines: &lines,
        edits: None,
        directory: "here/",
        view,
    };
    let mut bytes = Vec::new();
    let format = format(name).expect("a format");
    (format.write)(&report, &mut Out::new("memory", &mut bytes)).expect("memory doesn't fail");
    String::from_utf8(bytes).expect("formats are text")
}

fn rendered(name: &str) -> String {
    render(name, &Project::new().diagnostics(), View::default())
}

#[test]
fn human() {
    insta::assert_snapshot!(rendered("human"));
}

#[test]
fn human_in_colour() {
    let diagnostics = &Project::new().diagnostics()[..2];
    let view = View { styles: Styles::coloured(), ..View::default() };
    // Escapes as text, so that a diff shows them.
    insta::assert_snapshot!(render("human", diagnostics, view).replace('\u{1b}', "␛"));
}

#[test]
fn short() {
    insta::assert_snapshot!(rendered("short"));
}

#[test]
fn json() {
    insta::assert_snapshot!(rendered("json"));
}

#[test]
fn sarif() {
    let text = rendered("sarif");
    let mut log: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    let run = &mut log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].take();
    assert_eq!(rules.as_array().map(Vec::len), Some(demarche::rules::all_codes().len() + 2));
    for result in run["results"].as_array_mut().expect("a list") {
        // A new code moves those after it, so the snapshot leaves indices out.
        let index = result["ruleIndex"].take().as_u64().expect("a number") as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    // The first rule stands for those of codes; those of the project are the last ones.
    let own = &rules.as_array().expect("a list")[demarche::rules::all_codes().len()..];
    run["tool"]["driver"]["rules"] = serde_json::json!([rules[0], own[0], own[1]]);
    let text = serde_json::to_string_pretty(&log).expect("it was JSON");
    let version = env!("CARGO_PKG_VERSION");
    let text = text.replace(&format!("\"{version}\""), "\"VERSION\"");
    insta::assert_snapshot!(text.replace(&format!("Demarche {version}"), "Demarche VERSION"));
}

#[test]
fn github() {
    insta::assert_snapshot!(rendered("github"));
}

#[test]
fn junit() {
    insta::assert_snapshot!(rendered("junit"));
}

/// Nothing found is said in every format.
#[test]
fn nothing_found() {
    let all: Vec<_> = FORMATS
        .iter()
        .filter(|format| format.name != "sarif")
        .map(|format| format!("{}\n{}", format.name, render(format.name, &[], View::default())))
        .collect();
    insta::assert_snapshot!(all.join("\n"), @r#"
human
no findings in 5 records (2 visits, 2 ports, 1 calls)
wrote 3 files

short
no findings in 5 records (2 visits, 2 ports, 1 calls)

json
{"reason":"summary","version":1,"errors":0,"warnings":0,"notes":0,"codes":{},"omitted":null,"elsewhere":null,"records":{"calls":1,"ports":2,"visits":2},"constraints":{"many-visits":{"held":1,"violated":0,"undecided":0,"not_applied":0},"two-sides":{"held":1,"violated":1,"undecided":0,"not_applied":0}},"release":null}

github
no findings in 5 records (2 visits, 2 ports, 1 calls)

junit
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="demarche" tests="3" failures="0" errors="0" time="0">
<testsuite name="tables" tests="3" failures="0" errors="0" skipped="0" time="0">
<testcase classname="tables" name="visits" time="0"><system-out>2 records</system-out></testcase>
<testcase classname="tables" name="ports" time="0"><system-out>2 records</system-out></testcase>
<testcase classname="tables" name="calls" time="0"><system-out>1 record</system-out></testcase>
</testsuite>
</testsuites>
"#);
}

/// So many findings of a code are shown to a person; programs get all.
#[test]
fn people_see_few_and_totals() {
    let place = Project::new().place("dataset.toml", "name", 0);
    let found = |code, nth: usize| Diagnostic::new(code, place.clone(), format!("finding {nth}"));
    let mut diagnostics: Vec<_> = (0..40).map(|nth| found(&code::EMPTY_TEXT, nth)).collect();
    diagnostics.extend((0..3).map(|nth| found(&code::NO_RECORDS, nth)));
    let lines = |name, limit| {
        let text = render(name, &diagnostics, View { limit, ..View::default() });
        text.matches("finding ").count()
    };
    assert_eq!(lines("human", None), 25 + 3);
    assert_eq!(lines("human", Some(2)), 2 + 2);
    assert_eq!(lines("human", Some(0)), 43);
    assert_eq!(lines("short", None), 43);
    assert_eq!(lines("short", Some(2)), 4);
    assert_eq!(lines("json", Some(2)), 43);
    let text = render("human", &diagnostics, View { limit: Some(2), ..View::default() });
    let end = text.lines().skip_while(|line| !line.starts_with("M002")).collect::<Vec<_>>();
    insta::assert_snapshot!(end.join("\n"), @r#"
M002 no-records: 2 of 3 findings shown (--limit 0 shows all)
S014 empty-text: 2 of 40 findings shown (--limit 0 shows all)
40 errors, 3 warnings in 5 records (2 visits, 2 ports, 1 calls)
`demarche explain CODE` tells more, as in `demarche explain S014`
wrote 3 files
"#);
}

/// Every line of `json` is as the schema in `docs/` says, and the schema isn't laxer than it looks.
#[test]
fn json_is_as_its_schema_says() {
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../docs/diagnostic.schema.json"))
            .expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    let texts = [rendered("json"), render("json", &[], View::default())];
    for line in texts.iter().flat_map(|text| text.lines()) {
        let mut line: serde_json::Value = serde_json::from_str(line).expect("it is JSON");
        let errors: Vec<_> = validator.iter_errors(&line).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{line}: {errors:?}");
        let members = line.as_object_mut().expect("an object");
        for name in members.keys().cloned().collect::<Vec<_>>() {
            let mut lacking = members.clone();
            lacking.remove(&name);
            assert!(!validator.is_valid(&lacking.into()), "`{name}` is required");
        }
        members.insert("unheard-of".to_owned(), true.into());
        assert!(!validator.is_valid(&line), "other members aren't allowed");
    }
}

/// Fingerprints tell findings apart, and stay when lines move, records change their order or file,
/// list items are put before, or messages are worded anew.
#[test]
fn fingerprints_stay() {
    let mut workspace = Workspace::new(Box::new(Memory::default()));
    let a = workspace.add(Source::from_path("a.yaml").expect("a format"));
    let b = workspace.add(Source::from_path("b.yaml").expect("a format"));
    let finding = |source, at, pointer: &str, message: &str, key: Option<&str>| {
        let place = Place::new(source, at..at + 3).at(pointer);
        let mut diagnostic = Diagnostic::new(&code::NOT_IN_ENUM, place, message);
        let key = key.map(str::to_owned);
        diagnostic.record = Some(RecordName { table: "visits".to_owned(), key });
        diagnostic
    };
    let of = |diagnostic: &Diagnostic| subject(&workspace, diagnostic);
    let role = |nth: usize| (format!("/people/{nth}/role"), format!("`people[{nth}].role`"));
    let (pointer, path) = role(0);
    let first =
        finding(a, 10, &pointer, &format!("{path} is `hst`, but must be `host`"), Some("x"));
    let (pointer, path) = role(3);
    let same =
        finding(b, 99, &pointer, &format!("{path} can't be `hst`; allowed: `guest`"), Some("x"));
    assert_eq!(of(&first), of(&same));
    let other = |message: &str, key| finding(a, 10, "/people/0/role", message, key);
    assert_ne!(of(&first), of(&other("`people[0].role` is `gst`", Some("x"))), "another value");
    assert_ne!(of(&first), of(&other("`people[0].role` is `hst`", Some("y"))), "another record");
    let nowhere = other("`people[0].role` is `hst`", None);
    let elsewhere = finding(b, 10, "/people/0/role", "`people[0].role` is `hst`", None);
    assert_ne!(of(&nowhere), of(&elsewhere), "without a key, the file counts");
    let mut fingerprints = Fingerprints::default();
    let numbers = [&first, &nowhere, &same]
        .map(|diagnostic| fingerprints.next(&workspace, diagnostic).to_string());
    // As documented: no release of Demarche may change them without a new version.
    assert_eq!(numbers, ["a5e75ba7b597f002:1", "869776d9aa545100:1", "a5e75ba7b597f002:2"]);
}

/// In the middle of a line of 10 MB, columns are right and the snippet is short.
#[test]
fn long_lines() {
    let text = format!("{}\"語\"{}", "é".repeat(2_500_000), "x".repeat(5_000_000));
    let memory = Memory(BTreeMap::from([("a.jsonl".to_owned(), text.into_bytes())]));
    let mut workspace = Workspace::new(Box::new(memory));
    let source = workspace.add(Source::from_path("a.jsonl").expect("a format"));
    let place = Place::new(source, 5_000_000..5_000_005);
    let diagnostics = [Diagnostic::new(&code::EMPTY_TEXT, place, "here")];
    let codes = demarche::rules::all_codes();
    let report = Report {
        codes: &codes,
        workspace: &workspace,
        omitted: &Counted::default(),
        elsewhere: &Counted::default(),
        diagnostics: &diagnostics,
        records: &[],
        constraints: &[],
        release: None,
        lines: &[],
        edits: None,
        directory: "",
        view: View::default(),
    };
    let mut bytes = Vec::new();
    let human = format("human").expect("a format");
    (human.write)(&report, &mut Out::new("memory", &mut bytes)).expect("memory doesn't fail");
    insta::assert_snapshot!(String::from_utf8(bytes).expect("it is text"), @r#"
error[S014]: here
 --> a.jsonl:1:2500001
  |
1 | …éééééééééééééééééééééééééééééééééééééééé"語"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
  |                                          ^^^^

1 error
`demarche explain CODE` tells more, as in `demarche explain S014`
"#);
}

proptest::proptest! {
    /// Whatever is marked in whatever bytes, even beyond their end or inside a character, every format
    /// says it, and no line of a snippet is too long.
    #[test]
    fn any_place_can_be_shown(
        text in r#"(\PC|[a-z \t\n]{0,90}|\n|\r\n|שלום|語|e\u{301}|x{100}){0,12}"#,
        broken in proptest::collection::vec(0..1000_usize, 0..3),
        spans in proptest::collection::vec((0..400_u64, 0..200_u64), 1..5),
    ) {
        let mut bytes = text.into_bytes();
        for at in broken {
            let length = bytes.len();
            if let Some(byte) = bytes.get_mut(at % length.max(1)) {
                *byte = 0xff;
            }
        }
        let memory = Memory(BTreeMap::from([("a.yaml".to_owned(), bytes)]));
        let mut workspace = Workspace::new(Box::new(memory));
        let source = workspace.add(Source::from_path("a.yaml").expect("a format"));
        let mut places = spans.iter().map(|&(start, length)| Place::new(source, start..start + length));
        let first = places.next().expect("one at least");
        let mut diagnostic = Diagnostic::new(&code::FORBIDDEN, first, "here").label("this");
        for place in places {
            diagnostic = diagnostic.with(place, "and this");
        }
        for format in FORMATS {
            let codes = demarche::rules::all_codes();
            let report = Report {
                codes: &codes,
                workspace: &workspace,
                omitted: &Counted::default(),
                elsewhere: &Counted::default(),
                diagnostics: std::slice::from_ref(&diagnostic),
                records: &[],
            constraints: &[],
                release: None,
                lines: &[],
                edits: None,
                directory: "",
                view: View::default(),
            };
            let mut bytes = Vec::new();
            (format.write)(&report, &mut Out::new("memory", &mut bytes)).expect("memory doesn't fail");
            let text = String::from_utf8(bytes).expect("formats are text");
            proptest::prop_assert!(text.contains("here"));
            if format.name == "human" {
                let longest = text.lines().map(|line| line.chars().count()).max();
                // Combining marks take no room, so characters are no measure where there are many.
                proptest::prop_assert!(longest.is_some_and(|longest| longest < 600), "{text}");
            }
        }
    }
}

/// Runs the program on a project of two files, of which `records` is one.
fn run(directory: &std::path::Path, records: &str, arguments: &[&str]) -> std::process::Output {
    let manifest = "[dataset]\nname = \"tiny\"\ntitle = \"Tiny\"\ndescription = \"Tiny.\"\n\
        version = \"1.0.0\"\nlicense = \"CC0-1.0\"\nauthors = [{ name = \"Nobody\" }]\n\
        base = \"https://tiny.example/\"\nmain = \"words\"\n\n[tables.words]\n\
        schema = \"word.schema.json\"\nrecords = [\"words.jsonl\"]\nkey = \"id\"\nrow = \"word\"\n";
    let schema = r#"{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Words",
        "description": "Words.", "type": "object", "required": ["id"],
        "additionalProperties": false,
        "properties": {"id": {"type": "string", "description": "The key."}}}"#;
    let files =
        [("dataset.toml", manifest), ("word.schema.json", schema), ("words.jsonl", records)];
    for (path, text) in files {
        write(&directory.join(path), text);
    }
    std::process::Command::new(env!("CARGO_BIN_EXE_demarche"))
        .current_dir(directory)
        .arg("check")
        .args(arguments)
        .output()
        .expect("the program runs")
}

#[expect(clippy::disallowed_methods, reason = "the program reads a disk")]
fn write(path: &std::path::Path, text: &str) {
    std::fs::write(path, text).expect("a temporary directory can be written to");
}

#[expect(clippy::disallowed_methods, reason = "the program writes to a disk")]
fn read(path: &std::path::Path) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

#[test]
fn outputs_are_written_beside_the_human_view() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let at = |name: &str| directory.path().join(name);
    write(&at("a.sarif"), "what was there before");
    let outputs =
        ["--output", "a.sarif", "--output", "json=out/b.log", "--output", "short=/dev/null"];
    let run = |records, arguments| run(directory.path(), records, arguments);
    let output = run("{\"id\": 1}\n", &outputs);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let human = String::from_utf8(output.stdout).expect("it is text");
    assert!(human.starts_with("error[S001]"), "{human}");
    assert!(read(&at("a.sarif")).is_some_and(|text| text.contains("\"ruleId\":\"S001\"")));
    assert!(read(&at("out/b.log")).is_some_and(|text| text.lines().count() == 2));
    let names = walk(directory.path());
    assert!(!names.iter().any(|name| name.contains("partial")), "{names:?}");

    let output = run("{\"id\": \"a\"}\n", &outputs);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(read(&at("out/b.log")).is_some_and(|text| text.lines().count() == 1));

    let output = run("{\"id\": \"a\"}\n", &["--output", "words.jsonl/c.sarif"]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let output = run("{\"id\": \"a\"}\n", &["--output", "report"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[expect(clippy::disallowed_methods, reason = "the program writes to a disk")]
fn walk(directory: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).expect("a temporary directory can be listed");
    entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect()
}
