//! What a project reads and writes stays in it, wherever links lead, and what lies there isn't passed
//! over. Which project a command takes, and which files a PATH means.

#![cfg(unix)]
#![expect(clippy::disallowed_methods, reason = "tests touch the disk and run the command")]

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::support::{Run, demarche, read_directory, run};

const MANIFEST: &str = r#"
[dataset]
name = "x"
title = "X"
version = "0.1.0"
license = "CC0-1.0"
base = "https://demarche.example/x/"

[tables.things]
schema = "schema/things.schema.json"
records = ["data/*.yaml"]
key = "id"
"#;

const SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Things",
  "type": "object", "additionalProperties": false, "required": ["id"],
  "properties": { "id": { "type": "string" }, "name": { "type": "string" } }
}"#;

/// What nobody may see.
const SECRET: &str = "correct horse";

/// A directory with a project `p` and what lies beside it.
struct Beside(TempDir);

impl Beside {
    fn new() -> Self {
        let beside = Self(tempfile::tempdir().expect("a temporary directory"));
        beside.write("p/dataset.toml", MANIFEST);
        beside.write("p/schema/things.schema.json", SCHEMA);
        beside.write("p/data/a.yaml", "id: a\nname: A\n");
        beside.write("secret/x.yaml", &format!("id: x\n{SECRET}: [\n"));
        beside
    }

    fn at(&self, path: &str) -> std::path::PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().expect("a directory")).expect("created");
        fs::write(path, text).expect("written");
    }

    fn link(&self, path: &str, target: impl AsRef<Path>) {
        symlink(target, self.at(path)).expect("linked");
    }

    fn manifest(&self, from: &str, to: &str) {
        assert!(MANIFEST.contains(from), "{from}");
        self.write("p/dataset.toml", &MANIFEST.replace(from, to));
    }

    /// Runs the command in the project.
    fn run(&self, arguments: &[&str]) -> Run {
        self.run_in("p", arguments)
    }

    fn run_in(&self, directory: &str, arguments: &[&str]) -> Run {
        run(demarche(arguments).current_dir(self.at(directory)))
    }

    /// Checks and builds; neither shows or releases what lies outside.
    #[track_caller]
    fn assert_refused(&self, code: i32, expected: &[&str]) {
        for command in ["check", "build"] {
            let run = self.run(&[command]);
            assert_eq!(run.code, Some(code), "{run:#?}");
            for part in expected {
                assert!(run.stdout.contains(part), "{part:?} in {run:#?}");
            }
            assert!(!format!("{run:?}").contains(SECRET), "{run:#?}");
        }
        assert!(!self.at("p/output").exists(), "nothing is released");
    }
}

#[test]
fn links_out_of_the_project_are_not_followed() {
    let beside = Beside::new();
    beside.link("p/data/env.yaml", "/proc/self/environ");
    beside.link("p/data/x.yaml", "../../secret/x.yaml");
    let found = ["error[M020]: `data/env.yaml`", "error[M020]: `data/x.yaml`", "--> data/x.yaml"];
    beside.assert_refused(1, &found);

    let beside = Beside::new();
    beside.link("p/data/more", beside.at("secret"));
    beside.manifest("data/*.yaml", "data/more/*.yaml");
    beside.assert_refused(2, &["error[M019]: `data/more/*.yaml`", "leads out of the project"]);
    beside.manifest("data/*.yaml", "data/**/*.yaml");
    beside.assert_refused(1, &["error[M020]: `data/more`"]);

    let beside = Beside::new();
    fs::remove_dir_all(beside.at("p/data")).expect("removed");
    beside.link("p/data", "../secret");
    beside.assert_refused(2, &["error[M019]: `data/*.yaml` looks into `data`"]);
}

#[test]
fn links_do_not_uncover_what_is_hidden() {
    let beside = Beside::new();
    beside.write("p/.git/config.yaml", SECRET);
    beside.link("p/data/x.yaml", "../.git/config.yaml");
    beside.assert_refused(1, &["error[M020]: `data/x.yaml`"]);
}

#[test]
fn schemas_and_code_lists_stay_inside_too() {
    let beside = Beside::new();
    beside.write("secret/s.json", SECRET);
    beside.link("p/schema/s.schema.json", "../../secret/s.json");
    beside.assert_refused(2, &["error[M020]: `schema/s.schema.json`"]);
    beside.manifest("schema/things", "schema/s");
    beside.assert_refused(2, &["error[M019]: `schema/s.schema.json` is a link", "dataset.toml:"]);

    let beside = Beside::new();
    beside.write("secret/lists/c.csv", SECRET);
    beside.link("p/schema/codelists", "../../secret/lists");
    beside.assert_refused(2, &["error[M020]: `schema/codelists`"]);

    let beside = Beside::new();
    beside.write("secret/things.schema.json", SCHEMA);
    fs::rename(beside.at("p/schema"), beside.at("p/old")).expect("renamed");
    beside.link("p/schema", "../secret");
    beside.assert_refused(2, &["error[M019]: `schema` is a link"]);
}

#[test]
fn manifest_and_previous_release_stay_inside_too() {
    let beside = Beside::new();
    beside.write("secret/x/csv/things.csv", SECRET);
    beside.write("p/output/kept", "");
    beside.link("p/output/x", "../../secret/x");
    beside.manifest("version =", "previous = \"output/x\"\nversion =");
    let run = beside.run(&["check"]);
    assert_eq!(run.code, Some(2), "{run:#?}");
    assert!(
        run.stdout.contains("error[M019]: `output/x/csv` is a link that leads out"),
        "{run:#?}"
    );

    fs::rename(beside.at("p/dataset.toml"), beside.at("secret/dataset.toml")).expect("renamed");
    beside.link("p/dataset.toml", "../secret/dataset.toml");
    let run = beside.run(&["check"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{run:#?}");
    assert!(run.stderr.contains("is a link that leads out of the project"), "{run:#?}");
}

#[test]
fn links_inside_the_project_are_followed() {
    let beside = Beside::new();
    beside.write("p/archive/2020/b.yaml", "id: b\n");
    beside.link("p/data/c.yaml", "../archive/2020/b.yaml");
    beside.link("p/data/old", beside.at("p/archive"));
    beside.link("p/data/loop", "..");
    beside.manifest("data/*.yaml", "data/**/*.yaml");
    let run = beside.run(&["check", "--message-format", "short"]);
    assert_eq!(run.code, Some(0), "{run:#?}");
    let said = ["`data/loop` is a link to", "`data/c.yaml` is the same file", "2 records"];
    assert!(said.iter().all(|part| run.stdout.contains(part)), "{run:#?}");
}

#[test]
fn nothing_is_written_outside() {
    let beside = Beside::new();
    beside.write("secret/kept", SECRET);
    for (name, arguments) in [
        ("baseline.json", &["check", "--update-baseline"][..]),
        ("report.json", &["check", "--output", "report.json"]),
        ("output", &["build"]),
        ("there", &["build", "--out", "there/releases"]),
    ] {
        let target = if name.contains('.') { "../secret/kept" } else { "../secret" };
        beside.link(&format!("p/{name}"), target);
        let run = beside.run(arguments);
        assert_eq!(run.code, Some(3), "{arguments:?}: {run:#?}");
        assert!(run.stderr.contains("leads out of the project"), "{run:#?}");
        fs::remove_file(beside.at(&format!("p/{name}"))).expect("removed");
    }
    let kept = read_directory(&beside.at("secret"));
    assert_eq!(kept.keys().collect::<Vec<_>>(), ["kept", "x.yaml"]);
    assert_eq!(kept["kept"], SECRET.as_bytes());
    // What the user names elsewhere is the user's choice.
    let named =
        ["check", "--output", "../report.json", "--baseline", "../b.json", "--update-baseline"];
    assert_eq!(beside.run(&named).code, Some(0));
    assert!(beside.at("report.json").is_file() && beside.at("b.json").is_file());
    assert_eq!(beside.run(&["check", "--baseline", "../b.json"]).code, Some(0));
}

#[test]
fn what_is_no_file_is_reported_and_not_opened() {
    let beside = Beside::new();
    let fifo = |name: &str| Command::new("mkfifo").arg(beside.at(name)).status().expect("mkfifo");
    assert!(fifo("p/data/pipe.yaml").success() && fifo("p/data/beside").success());
    let _socket = UnixListener::bind(beside.at("p/data/socket.yaml")).expect("bound");
    beside.link("p/data/gone.yaml", "nowhere");
    let odd = std::ffi::OsStr::from_bytes(b"p/data/caf\xe9.yaml");
    fs::write(beside.0.path().join(odd), "id: b\n").expect("written");
    fs::write(beside.at("p/data/two\nlines.yaml"), "id: c\n").expect("written");
    beside.assert_refused(
        1,
        &[
            "error[M020]: `data/pipe.yaml` is a pipe",
            "warning[M020]: `data/beside` is a pipe",
            "error[M020]: `data/socket.yaml` is a socket",
            "error[M020]: `data/gone.yaml` is a link that leads to nothing",
            "error[M020]: `data/caf\u{fffd}.yaml` has a name that",
            "error[M020]: `data/two\u{fffd}lines.yaml` has a name that",
        ],
    );
}

#[test]
fn files_that_no_pattern_matches_are_named_and_counted() {
    let beside = Beside::new();
    for number in 0..30 {
        beside.write(&format!("p/data/{number:02}.yml"), "id: b\n");
    }
    beside.write("p/data/.hidden.yaml", "id: b\n");
    beside.write("p/data/README", "What this is.");
    let run = beside.run(&["check", "--message-format", "short"]);
    assert_eq!(run.stdout.matches("warning[M021]").count(), 21, "{run:#?}");
    assert!(run.stdout.contains("no pattern matches 10 more files of `data`"), "{run:#?}");
    assert!(!run.stdout.contains("hidden") && !run.stdout.contains("README"), "{run:#?}");
}

#[test]
fn a_hard_link_is_the_same_file() {
    let beside = Beside::new();
    fs::hard_link(beside.at("p/data/a.yaml"), beside.at("p/data/b.yaml")).expect("linked");
    let run = beside.run(&["check"]);
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert!(run.stdout.contains("warning[M023]: `data/b.yaml` is the same file as `data/a.yaml`"));
}

/// A shared schema with a `$ref` beside it and a code list, and a project that uses it.
fn shared(beside: &Beside, roots: &str) {
    let schema = SCHEMA.replace(
        r#""name": { "type": "string" }"#,
        r#""name": { "$ref": "parts.schema.json#/$defs/name" },
           "kind": { "type": "string", "x-codelist": "kinds" }"#,
    );
    beside.write("schemas/v1/things.schema.json", &schema);
    let parts = r#"{ "$defs": { "name": { "type": "string", "minLength": 2 } } }"#;
    beside.write("schemas/v1/parts.schema.json", parts);
    beside.write("schemas/codelists/kinds.csv", "code,label\nbig,Big\n");
    beside.write("p/data/a.yaml", "id: a\nname: AB\nkind: big\n");
    let manifest = MANIFEST.replace("schema/things", "../schemas/v1/things");
    beside.write("p/dataset.toml", &format!("{manifest}\n{roots}"));
}

#[test]
fn a_shared_schema_needs_a_root() {
    let beside = Beside::new();
    shared(&beside, "");
    beside.assert_refused(2, &["error[M019]: `../schemas/v1/things", "[roots]", "--root NAME=DIR"]);
    // Declared in the manifest, or where the command is run.
    let ways =
        [("[roots]\nshared = \"../schemas\"\n", &[][..]), ("", &["--root", "shared=../schemas"])];
    for (roots, arguments) in ways {
        shared(&beside, roots);
        let build = beside.run(&[&["build"], arguments].concat());
        assert_eq!(build.code, Some(0), "{build:#?}");
        let release = read_directory(&beside.at("p/output/x-0.1.0"));
        for path in
            ["shared/v1/things.schema.json", "shared/v1/parts.schema.json", "codelists/kinds.csv"]
        {
            assert!(release.contains_key(&format!("schema/{path}")), "{:?}", release.keys());
        }
        assert!(!String::from_utf8_lossy(&release["SHA256SUMS"]).contains(".."));
        beside.write("p/data/a.yaml", "id: a\nname: A\nkind: small\n");
        let check = beside.run(&[&["check", "--message-format", "short"], arguments].concat());
        let said = ["error[S007]", "error[S003]"].iter().all(|part| check.stdout.contains(part));
        assert!(said && check.code == Some(1), "{check:#?}");
        fs::remove_dir_all(beside.at("p/output")).expect("removed");
    }
    for root in
        ["Shared=..", "shared", "shared=", "codelists=..", "shared=../nowhere", "shared=data"]
    {
        let refused = beside.run(&["check", "--root", root]);
        assert_eq!(refused.code, Some(2), "{refused:#?}");
        assert!(refused.stderr.starts_with("error: "), "{refused:#?}");
    }
    let twice = ["check", "--root", "shared=../schemas", "--root", "shared=../secret"];
    assert_eq!(beside.run(&twice).code, Some(2));
}

#[test]
fn a_root_of_the_manifest_lies_in_the_repository() {
    let beside = Beside::new();
    shared(&beside, "[roots]\nshared = \"../schemas\"\n");
    fs::create_dir(beside.at("p/.git")).expect("created");
    beside.assert_refused(
        2,
        &["error[M019]: `../schemas` can't be a root", "outside of the repository"],
    );
    assert_eq!(beside.run(&["check", "--root", "shared=../schemas"]).code, Some(0));
    fs::rename(beside.at("p/.git"), beside.at(".git")).expect("renamed");
    assert_eq!(beside.run(&["check"]).code, Some(0));
    // Records never come from a root.
    let manifest = fs::read_to_string(beside.at("p/dataset.toml")).expect("readable");
    beside.write("p/dataset.toml", &manifest.replace("data/*.yaml", "../schemas/*.yaml"));
    beside.assert_refused(2, &["error[M019]: `../schemas/*.yaml` leads out of the project"]);
}

#[test]
fn schemas_that_a_release_would_mix_up_are_refused() {
    let beside = Beside::new();
    beside.write("p/things.schema.json", SCHEMA);
    let table = "[tables.others]\nschema = \"things.schema.json\"\nrecords = [\"data/*.json\"]\nkey = \"id\"\nmay_be_empty = true\n";
    beside.write("p/dataset.toml", &format!("{MANIFEST}\n{table}"));
    beside.assert_refused(
        2,
        &["error[M012]", "would both be released as `schema/things.schema.json`"],
    );
}

#[test]
fn a_table_without_files_is_not_built() {
    let beside = Beside::new();
    beside.manifest("data/*.yaml", "date/*.yaml");
    beside.assert_refused(2, &["error[M024]: the table `things` has no record file"]);
    beside.manifest(
        "records = [\"data/*.yaml\"]",
        "records = [\"date/*.yaml\"]\nmay_be_empty = true",
    );
    assert_eq!(beside.run(&["build"]).code, Some(0));
}

#[test]
fn records_may_lie_beside_the_manifest() {
    let beside = Beside::new();
    beside.manifest("data/*.yaml", "*.yaml");
    beside.write("p/b.yaml", "id: b\n");
    beside.write("p/package.json", "{}");
    beside.write("p/Makefile", "all:\n");
    beside.write("p/c.yml", "id: c\n");
    let run = beside.run(&["build", "--message-format", "short"]);
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert_eq!(run.stdout.matches("M021").count(), 1, "{run:#?}");
    assert!(run.stdout.contains("no pattern matches `c.yml`"), "{run:#?}");
}

#[test]
fn the_project_is_looked_for_above() {
    let beside = Beside::new();
    for command in ["check", "build", "schema"] {
        let run = beside.run_in("p/data", &[command]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), "the project is `..`\n"), "{run:#?}");
    }
    let quiet = beside.run_in("p/data", &["check", "--quiet"]);
    assert_eq!((quiet.code, quiet.stderr.as_str()), (Some(0), ""), "{quiet:#?}");
    assert!(beside.at("p/output/x-0.1.0").is_dir() && !beside.at("p/data/output").exists());
    // Findings name files so that the way leads there from here, and so do paths.
    beside.write("p/data/b.yaml", "id: 1\n");
    let run = beside.run_in("p/data", &["check", "--message-format", "short", "b.yaml"]);
    assert!(run.stdout.starts_with("../data/b.yaml:1:5: error[S001]"), "{run:#?}");
    assert_eq!(beside.run_in("p/data", &["check", "a.yaml"]).code, Some(0));
    // What lies above the repository is somebody else's.
    fs::create_dir(beside.at("p/data/.git")).expect("created");
    let run = beside.run_in("p/data", &["check"]);
    assert_eq!(run.code, Some(2), "{run:#?}");
    assert!(run.stderr.contains("nor in one above"), "{run:#?}");
}

#[test]
fn a_directory_that_is_none_is_told_in_words() {
    let beside = Beside::new();
    for (named, said) in [
        ("nowhere", "there is no directory `nowhere`"),
        ("nowhere/below", "there is no directory `nowhere/below`"),
        ("dataset.toml", "`dataset.toml` is a file, not the directory of a project"),
        ("dataset.toml/below", "there is no directory"),
        ("data", "there is no `data/dataset.toml`"),
    ] {
        for command in ["check", "build", "schema"] {
            let run = beside.run(&[command, "-C", named]);
            assert_eq!(run.code, Some(2), "{run:#?}");
            assert!(run.stderr.contains(said) && run.stderr.contains("--project"), "{run:#?}");
        }
    }
}

#[test]
fn a_path_is_a_file_of_the_project_or_a_pattern() {
    let beside = Beside::new();
    beside.write("p/data/b.yaml", "id: 1\n");
    beside.write("p/data/c.yml", "id: c\n");
    beside.write("p/notes.txt", "x");
    for (path, code, said) in [
        ("data/*.yaml", 1, "S001"),
        ("data/a*", 0, "elsewhere: 1 error"),
        ("./data/[b].yaml", 1, "S001"),
        ("data/c.yml", 2, "`data/c.yml` is, or holds, no file of the project"),
        ("notes.txt", 2, "record files match `data/*.yaml`"),
        ("data/*.csv", 2, "`data/*.csv` is, or holds, no file of the project"),
        (r"data\a.yaml", 2, "write `/` between directories"),
        ("nowhere.yaml", 2, "there is no `nowhere.yaml`"),
        ("../secret/*.yaml", 2, "is not in the project"),
    ] {
        let run = beside.run(&["check", path]);
        assert_eq!(run.code, Some(code), "{path}: {run:#?}");
        assert!(format!("{}{}", run.stdout, run.stderr).contains(said), "{said}: {run:#?}");
    }
    let run = beside.run_in("p/data", &["check", "*.yaml"]);
    assert_eq!(run.code, Some(1), "from the current directory: {run:#?}");
}
