//! What reviewers would otherwise have to look for: arrows between modules, fields of the data named
//! in code, long files, commands in the documentation, traces of the machine.

#![expect(clippy::disallowed_methods, reason = "the sources are read from disk")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use regex::Regex;
use serde_json::Value;

use crate::support::{self, demarche, repository, run};

/// All files that git knows, as text; binary ones are left out.
fn tracked() -> Vec<(String, String)> {
    let list = Command::new("git").args(["ls-files", "-z"]).current_dir(repository()).output();
    let list = match list {
        Ok(list) if list.status.success() => String::from_utf8(list.stdout).expect("UTF-8"),
        // In a copy without history there is only what is there.
        _ => support::read_directory(repository())
            .into_keys()
            .filter(|path| !path.starts_with("target/") && !path.starts_with(".git/"))
            .map(|path| path + "\0")
            .collect(),
    };
    list.split_terminator('\0')
        .filter_map(|path| {
            let text = fs::read_to_string(repository().join(path)).ok()?;
            Some((path.to_owned(), text))
        })
        .collect()
}

/// The sources, without their tests.
fn sources() -> Vec<(String, String)> {
    tracked()
        .into_iter()
        .filter(|(path, _)| path.starts_with("src/") && path.ends_with(".rs"))
        .filter(|(path, _)| !path.contains("/tests") && !path.ends_with("/fixture.rs"))
        .map(|(path, text)| {
            let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
            (path, text[..end].to_owned())
        })
        .collect()
}

/// `src/model/compile/list.rs` belongs to `model`.
fn module(path: &str) -> &str {
    let below = path.strip_prefix("src/").expect("a source");
    below.split('/').next().expect("a component").trim_end_matches(".rs")
}

/// What `lib.rs` names of its modules: `Project` is one of `project`.
fn names_of_the_root() -> BTreeMap<String, String> {
    let library = fs::read_to_string(repository().join("src/lib.rs")).expect("the library");
    let named = Regex::new(r"pub use (\w+)::(\w+|\{[^}]*\});").expect("a pattern");
    let mut roots = BTreeMap::new();
    for capture in named.captures_iter(&library) {
        for name in capture[2].trim_matches(['{', '}']).split(',') {
            roots.insert(name.trim().to_owned(), capture[1].to_owned());
        }
    }
    roots
}

type Arrows = BTreeMap<String, BTreeSet<String>>;

/// The arrows of ARCHITECTURE.md, and the modules that all may use.
fn drawn() -> (Arrows, BTreeSet<String>) {
    let page = fs::read_to_string(repository().join("ARCHITECTURE.md")).expect("the page");
    let (_, section) = page.split_once("## Modules and their arrows\n").expect("a section");
    let names = |list: &str| -> BTreeSet<String> {
        let plain = Regex::new(r"\([^)]*\)").expect("a pattern").replace_all(list, "").into_owned();
        plain
            .split(',')
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect()
    };
    let (mut arrows, mut below) = (Arrows::new(), BTreeSet::new());
    let lines = section.lines().skip_while(|line| !line.starts_with("    "));
    for line in lines.take_while(|line| line.starts_with("    ")) {
        match line.split_once('→') {
            Some((from, to)) => {
                arrows.extend(names(from).into_iter().map(|from| (from, names(to))));
            }
            None => below = names(line.split_once(':').expect("modules that all may use").0),
        }
    }
    (arrows, below)
}

#[test]
fn arrows_are_those_of_the_architecture() {
    let used = Regex::new(r"crate::(\w+|\{[^}]*\})").expect("a pattern");
    let nested = Regex::new(r"\{[^{}]*\}").expect("a pattern");
    let modules: BTreeSet<_> = sources().iter().map(|(path, _)| module(path).to_owned()).collect();
    let roots = names_of_the_root();
    let mut found = Arrows::new();
    for (path, text) in sources() {
        let code: String = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .map(|line| format!("{line}\n"))
            .collect();
        for capture in used.captures_iter(&code) {
            let list = capture[1].trim_start_matches('{').trim_end_matches('}');
            for name in nested.replace_all(list, "").split(',') {
                let name = name.trim().split("::").next().unwrap_or_default();
                let name = roots.get(name).map_or(name, String::as_str);
                if modules.contains(name) && name != module(&path) {
                    found.entry(module(&path).to_owned()).or_default().insert(name.to_owned());
                }
            }
        }
    }
    let (drawn, below) = drawn();
    let everything = ["cli", "host", "lib", "main"];
    let empty = BTreeSet::new();
    for (from, to) in &found {
        if everything.contains(&from.as_str()) {
            continue;
        }
        let allowed = drawn.get(from).unwrap_or(&empty);
        let is_below = below.contains(from);
        let wrong: Vec<_> =
            to.iter().filter(|to| !allowed.contains(*to) && !below.contains(*to)).collect();
        assert!(wrong.is_empty(), "{from} uses {wrong:?}; ARCHITECTURE.md draws {allowed:?}");
        assert!(!is_below || to.is_subset(&below), "{from} is below everything");
    }
    for (from, to) in drawn.iter().filter(|(from, _)| !everything.contains(&from.as_str())) {
        assert!(modules.contains(from), "ARCHITECTURE.md draws {from}, which isn't there");
        let unused: Vec<_> = to.difference(found.get(from).unwrap_or(&empty)).collect();
        assert!(unused.is_empty(), "{from} no longer uses {unused:?}");
    }
    let named: BTreeSet<_> = drawn.keys().chain(&below).map(String::as_str).collect();
    let unnamed: Vec<_> = modules
        .iter()
        .filter(|name| !named.contains(name.as_str()) && !everything.contains(&name.as_str()))
        .collect();
    assert!(unnamed.is_empty(), "{unnamed:?} stand nowhere in ARCHITECTURE.md");
    found.retain(|from, _| !everything.contains(&from.as_str()));
    assert_eq!(circle(&found), None, "modules use each other in a circle");
}

/// Modules of which each uses the next one, and the last one the first.
fn circle(arrows: &Arrows) -> Option<Vec<String>> {
    let mut rest = arrows.clone();
    // What uses nothing that is left can't be in a circle.
    loop {
        let left: BTreeSet<_> = rest.keys().cloned().collect();
        let before = rest.len();
        rest.retain(|_, to| !to.is_disjoint(&left));
        if rest.len() == before {
            break;
        }
    }
    let mut path = vec![rest.keys().next()?.clone()];
    loop {
        let next = rest[path.last()?].iter().find(|to| rest.contains_key(*to))?.clone();
        if let Some(start) = path.iter().position(|name| *name == next) {
            return Some(path.split_off(start));
        }
        path.push(next);
    }
}

#[test]
fn a_circle_of_modules_would_be_found() {
    let arrows = |list: &[(&str, &[&str])]| -> Arrows {
        let set = |to: &[&str]| to.iter().map(|name| (*name).to_owned()).collect();
        list.iter().map(|(from, to)| ((*from).to_owned(), set(to))).collect()
    };
    assert_eq!(circle(&arrows(&[("a", &["b", "c"]), ("b", &["c"])])), None);
    let found = circle(&arrows(&[("a", &["b"]), ("b", &["c"]), ("c", &["d", "b"])]));
    assert_eq!(found, Some(vec!["b".to_owned(), "c".to_owned()]));
}

/// All names of properties in the embedded schemas.
fn properties(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::Object(properties)) = members.get("properties") {
                names.extend(properties.keys().cloned());
            }
            members.values().for_each(|member| properties(member, names));
        }
        Value::Array(items) => items.iter().for_each(|item| properties(item, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Names of properties that emitters write for another reason: as keys of a vocabulary, or of what
/// the manifest says.
const WORDS_OF_FORMATS: &[(&str, &str)] = &[
    ("date", "a type of the Data Package and of XML Schema"),
    ("description", "a property of schema.org, and of a field in Parquet"),
    ("edtf", "what names of uncertain dates may end with, in any schema"),
    ("name", "a property of schema.org"),
    ("parent", "what a field id of Parquet is for"),
    ("title", "a property of a field in Parquet"),
    ("type", "a key of the Data Package"),
    ("url", "a property of schema.org"),
];

#[test]
fn no_field_of_the_data_is_named_where_records_are_lowered_and_emitted() {
    let mut names = BTreeSet::new();
    for (path, bytes) in support::embedded() {
        if path.ends_with(".schema.json") {
            properties(&serde_json::from_slice(&bytes).expect("JSON"), &mut names);
        }
    }
    assert!(names.contains("participants") && names.len() > 40, "{names:?}");
    let literal = Regex::new(r#""((?:[^"\\\n]|\\.)*)""#).expect("a pattern");
    let mut found = BTreeMap::new();
    for (path, text) in sources() {
        if !["lower", "emit", "release"].contains(&module(&path)) {
            continue;
        }
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for capture in literal.captures_iter(line).filter(|it| names.contains(&it[1])) {
                found.insert(capture[1].to_owned(), format!("{path}: {}", line.trim()));
            }
        }
    }
    for (name, place) in &found {
        let is_word = WORDS_OF_FORMATS.iter().any(|(word, _)| word == name);
        assert!(is_word, "the field {name:?} is named in {place}");
    }
    for (word, _) in WORDS_OF_FORMATS {
        assert!(found.contains_key(*word), "take {word:?} off WORDS_OF_FORMATS");
    }
}

#[test]
fn files_are_short_enough_to_read() {
    const LINES_MAX: usize = 600;
    for (path, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= LINES_MAX, "{path} has {lines} lines");
    }
}

#[test]
fn public_items_are_documented() {
    let library = fs::read_to_string(repository().join("src/lib.rs")).expect("the library");
    assert!(library.contains("#![warn(missing_docs)]"), "clippy then makes it an error");
}

#[test]
fn commands_in_the_documentation_exist() {
    let pages = tracked().into_iter().filter(|(path, _)| {
        path.ends_with(".md") && !path.starts_with("data/") && !path.starts_with("output/")
    });
    let written = Regex::new(r"(?m)(?:^\s*(?:\$ )?|`)demarche +([a-z][a-z-]+)([^`\n|>#]*)")
        .expect("a pattern");
    let option = Regex::new(r"(?:^|\s)(--[a-z][a-z-]*)").expect("a pattern");
    let help = run(&mut demarche(&["--help"])).stdout;
    for (path, text) in pages {
        for capture in written.captures_iter(&text) {
            let (command, rest) = (&capture[1], &capture[2]);
            assert!(
                help.contains(&format!("\n  {command} ")),
                "{path} names the command `{command}`: {}",
                &capture[0]
            );
            let own = run(&mut demarche(&[command, "--help"])).stdout;
            for option in option.captures_iter(rest) {
                assert!(own.contains(&option[1]), "{path}: `{command}` has no `{}`", &option[1]);
            }
        }
    }
}

#[test]
fn no_file_tells_of_the_machine_that_it_was_written_on() {
    // Spelt so that this file doesn't match itself.
    let places = ["work", "root", "home"].map(|name| format!("/{name}/"));
    let place = Regex::new(&format!(r#"(?m)(?:^|[\s"'`=(:,])(?:{})"#, places.join("|")));
    let place = place.expect("a pattern");
    let address = Regex::new(r"(?:https?|sparse\+https?)://([A-Za-z0-9.-]+)").expect("a pattern");
    let registry = Regex::new(
        r"(?i)\b(?:npmjs|pypi|pythonhosted|artifactory|nexus|devpi|verdaccio|registry)\b",
    );
    let registry = registry.expect("a pattern");
    for (path, text) in tracked() {
        if let Some(found) = place.find(&text) {
            let line = text[..found.start()].lines().count() + 1;
            panic!("{path}:{line} names a place on a machine: {:?}", found.as_str());
        }
        for capture in address.captures_iter(&text) {
            assert!(!registry.is_match(&capture[1]), "{path} names the host {}", &capture[1]);
        }
    }
}
