//! The reader of events says what the reader of plain block YAML must leave on the tape.

#![expect(clippy::disallowed_methods, reason = "files of the repository are texts to read")]

mod texts;

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use self::texts::{damaged, lines, nested, pieces};
use super::read;
use crate::parse::yaml::Reader;
use crate::tape::{Names, Tape};
use crate::workspace::SourceId;

/// Reads with one of the readers; what it returns, and whether it reported nothing.
fn tape(text: &str, reading: impl Fn(&mut Reader<'_, '_>) -> bool) -> (Tape, bool, bool) {
    let mut tape = Tape::with_names(Arc::new(Names::new(["a", "b", "id", "title", "date", "é"])));
    tape.reset(SourceId(7), 3, text.to_owned());
    let mut findings = Vec::new();
    let mut reader = Reader::new(&mut tape, SourceId(7), &mut findings);
    let outcome = reading(&mut reader);
    (tape, outcome, findings.is_empty())
}

/// Whether the reader takes the text. If so, it agrees with the reader of events; if not, it leaves
/// no trace.
fn takes(text: &str) -> bool {
    let (own, taken, silent) = tape(text, read);
    assert!(silent, "{text:?} was reported");
    let (other, _, clean) = tape(if taken { text } else { "" }, |reader| {
        reader.read();
        true
    });
    assert!(clean, "{text:?} should have been reported");
    if taken {
        assert_eq!(own.contents(), other.contents(), "{text:?}");
    } else {
        assert_eq!(own.contents(), other.contents(), "a trace of {text:?}");
    }
    taken
}

/// Plain block YAML.
const TAKEN: &[&str] = &[
    "a: 1",
    "---\na: 1\n",
    "# c\n\na: 1 # c\n  # c\nb: x#y\n",
    "a:\nb: ~\nc: #d\n",
    "a:\n  b:\n    c: 1\n  d: 2\ne: 3\n",
    "a:\n- 1\n- b: 2\n  c: 3\nd: 4\n",
    "a:\n  - 1\n  -\n  -   b: 2\n      c: 3\n  - - 4\n    - 5\n  -\n    d: 6\n",
    "a:\n  -\n  - \n  - # c\nb:\n- # d\n- \n",
    "- a: 1\n  b: 2\n- {c: 3}\n-\n  d: 4\n",
    "{a: 1}",
    "a: [1, -2.5, x y, 'z', \"\", [], {}, {b: c, 'd': [e]}]  # f\n",
    "a: one\n  two \n\n\n  three's - [four]\nb: http://x/?y=#z\n",
    "a:\n  one\n two\n",
    "a: >-\n  one\n  two \n\n  three\n\nb: >\n    x\n",
    "a: |\n  one\n    two\n\n  # three\nb: |-\n  x",
    "'a b': 'c''d'\n\"e\\\"\\n\": \"f # g: h\"\n1: é\n",
    "a: -x\nb: -0.5\nc: 2024-01-01\n",
];

#[test]
fn plain_block_yaml_is_taken() {
    for text in TAKEN {
        assert!(takes(text), "{text:?}");
    }
}

#[test]
fn anything_else_is_left_alone() {
    for text in [
        "",
        "a",
        "# c\n",
        "- a\n",
        "- - a: 1\n",
        "-\n",
        " a: 1\n",
        "a: 1\na: 2\n",
        "a: {b: 1, b: 2}\n",
        "a: 1\nb\n",
        "a: b: c\n",
        "a:b\n",
        "a : 1\n",
        "'a':b\n",
        "'a' : b\n",
        "...: b\n... \nc: d\n",
        "... a: b\n",
        "a: b\n... c: d\n",
        "a: b\n--- c: d\n",
        "a: &x 1\n",
        "a: *x\n",
        "a: !!str 1\n",
        "%YAML 1.2\n---\na: 1\n",
        "--- a: 1\n",
        "a: 1\n---\nb: 2\n",
        "a: 1\n...\n",
        "a: x\n...\n",
        "? a\n: b\n",
        "a:\tb\n",
        "a: 'b\tc'\n",
        "a: b\r\n",
        "a: b\u{85}\n",
        "\u{feff}a: b\n",
        "a: b\u{ffff}\n",
        "a: b\0\n",
        "a: b\u{7f}\n",
        "a: no\n",
        "yes: b\n",
        "<<: b\n",
        "a: 12345678901234567890123\n",
        "a: .inf\n",
        "a: 'b\n  c'\n",
        "a: \"b\n  c\"\n",
        "a: \"\\u00e9\"\n",
        "a: 'b\n",
        "a: 'b' c\n",
        "a: 'b'#c\n",
        "a: [b\n",
        "a: [b\n  ]\n",
        "a: [b,]\n",
        "a: [b: c]\n",
        "a: {b}\n",
        "a: {b:c}\n",
        "a: {b:\n  c}\n",
        "a: {\"b\":c}\n",
        "a: [b] c\n",
        "a: |+\n  b\n",
        "a: |2\n  b\n",
        "a: | # c\n  b\n",
        "a: |\nb: 1\n",
        "a: |\n\n  b\n",
        "a: |\n  b\n   \n",
        "a: >\n  b\n    c\n",
        "a: |\n   b\n  c\n",
        "a: b # c\n  d\n",
        "a: b\n# c\n  d\n",
        "a: b\n  c: d\n",
        "a: b\n  c:\n",
        "a:\n  - b\n c: d\n",
        "a:\n - b\n  - c: d\n",
        "a: - b\n",
        "a: @b\n",
        "a: - \n",
    ] {
        assert!(!takes(text), "{text:?}");
    }
}

#[test]
fn sizes_mean_nothing_but_for_keys_and_levels() {
    let long = "x".repeat(5000);
    for text in [
        format!("a: {long}\n"),
        format!("a:\n {long}\n {long}\nb: '{long}'\n"),
        format!("- a: [{long}, '{long}', {{b: {long}}}]\n"),
        format!("a:\n- {long}\n- '{long}'\n- [{long}]\n- {{b: {long}}}\n- - {long}\n"),
        format!("a: >-\n  {long}\n  {long}\nb: |\n  {long}\n"),
        format!("a: 1  # {long}\n{}b: 1\n", "\n".repeat(5000)),
        format!("a:{}1\n", " ".repeat(5000)),
        format!("a:\n{}b: 1\n", " ".repeat(5000)),
    ] {
        assert!(takes(&text), "{text}");
    }
    assert!(takes(&format!("{}: 1", "k".repeat(1000))));
    assert!(!takes(&format!("{}: 1", "k".repeat(1001))));
    assert!(takes(&format!("a: [{{{}: 1}}]", "k".repeat(1000))));
    assert!(!takes(&format!("a: [{{{}: 1}}]", "k".repeat(1001))));
    assert!(takes(&format!("a: {}1{}", "[".repeat(63), "]".repeat(63))));
    assert!(!takes(&format!("a: {}1{}", "[".repeat(64), "]".repeat(64))));
    let steps = |depth: usize| (0..depth).map(|level| format!("{}a:\n", " ".repeat(level)));
    assert!(takes(&steps(64).collect::<String>()));
    assert!(!takes(&steps(65).collect::<String>()));
}

fn yaml_files(below: &str) -> Vec<(PathBuf, String)> {
    fn gather(directory: &Path, files: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                gather(&path, files);
            } else if path.extension().is_some_and(|it| it == "yaml" || it == "yml")
                && let Ok(text) = fs::read_to_string(&path)
            {
                files.push((path, text));
            }
        }
    }
    let mut files = Vec::new();
    gather(&Path::new(env!("CARGO_MANIFEST_DIR")).join(below), &mut files);
    files.sort();
    files
}

/// Most cases in which a strategy's texts agree; returns how many in a hundred were taken.
fn share_taken(cases: u32, strategy: impl Strategy<Value = String>) -> u32 {
    // `PROPTEST_CASES` may ask for more.
    let config = Config {
        cases: cases.max(Config::default().cases),
        failure_persistence: None,
        ..Config::default()
    };
    let cases = config.cases;
    let taken = Cell::new(0u64);
    let outcome = TestRunner::new(config).run(&strategy, |text| {
        taken.set(taken.get() + u64::from(takes(&text)));
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    let share = (taken.get() * 100 / u64::from(cases)) as u32;
    println!("{share} of 100 were taken");
    share
}

/// Reads all texts of so many pieces, and shorter ones, behind a prefix. Returns how many there are,
/// and how many are taken.
fn all_texts(prefix: &str, pieces: &[&str], length: usize) -> (usize, usize) {
    let mut counts = (1, usize::from(takes(prefix)));
    if length > 0 {
        for piece in pieces {
            let (all, taken) = all_texts(&format!("{prefix}{piece}"), pieces, length - 1);
            counts = (counts.0 + all, counts.1 + taken);
        }
    }
    counts
}

/// 8 take minutes and are worth them after a change.
const LENGTH: usize = 4;

#[test]
fn short_texts_are_read_alike() {
    for (prefix, alphabet) in [
        ("", "a: \n-#"),
        ("a:\n", "a: \n-#"),
        ("- ", "a: \n-#"),
        ("a:\n- ", "a: \n-#"),
        ("'a'", "a: \n'#"),
        ("- \"a\"", "a: \n\"#"),
        ("", "a: \n-."),
        ("a: 1\n", "a: \n-."),
        ("a: |", "a \n-#:"),
        ("a: |\n ", "a \n-#:"),
        ("- a: >-\n    ", "a \n-#:"),
        ("a:\n- b", "a \n-#:"),
        ("a: [", "a:,[] '"),
        ("a: {a: ", "a:,{} \""),
        ("{'a'", "a:,{} '"),
        ("a: '", "a'\" \n#"),
        ("a: \"", "a\"\\n \n"),
    ] {
        let (all, taken) = all_texts(prefix, &characters(alphabet), LENGTH);
        println!("{taken} of {all} texts {prefix:?} are taken");
        assert!(taken > 0, "{prefix:?}");
    }
    for prefix in ["...", "---", "a: b\n...", "a: b\n---"] {
        all_texts(prefix, &characters("a: \n-."), LENGTH);
    }
    all_texts("", &characters("a: \n-#'\"|>[]{},&*!?%@`~.0\té"), 3);
}

fn characters(text: &str) -> Vec<&str> {
    text.split("").filter(|it| !it.is_empty()).collect()
}

#[test]
fn texts_of_few_pieces_are_read_alike() {
    const PIECES: &[&str] = &[
        "a", ": ", ":\n", "- ", "\n", "\n  ", "\n    ", "b: ", " #c", "'d'", "[e, f]", "{g: h}",
        "|\n  ", ">-\n   ", "...", "---",
    ];
    for prefix in ["", "a:\n", "a:\n  b:\n", "- "] {
        let (all, taken) = all_texts(prefix, PIECES, LENGTH - 1);
        println!("{taken} of {all} texts {prefix:?} are taken");
        assert!(taken * 100 > all, "{prefix:?}");
    }
}

#[test]
fn damaged_files_are_read_alike() {
    let (records, cases) = (yaml_files("data"), yaml_files("tests/corpus"));
    let some = records.into_iter().step_by(40).chain(cases.into_iter().step_by(8)).map(|it| it.1);
    let seeds = some.chain(TAKEN.iter().map(|&text| text.to_owned())).collect();
    assert!(share_taken(1000, damaged(seeds)) > 20);
}

#[test]
fn pieces_are_read_alike() {
    assert!(share_taken(4000, pieces()) > 5);
}

#[test]
fn lines_are_read_alike() {
    assert!(share_taken(4000, lines()) > 5);
}

#[test]
fn nested_collections_are_read_alike() {
    assert!(share_taken(1000, nested()) > 20);
}

#[test]
fn nearly_all_files_of_the_dataset_are_taken() {
    let files = yaml_files("data");
    let left: Vec<_> = files.iter().filter(|(_, text)| !takes(text)).map(|it| &it.0).collect();
    println!("{} of {} files are left alone: {:?}", left.len(), files.len(), left.iter().take(20));
    assert!(files.len() > 2000 && left.len() * 50 < files.len(), "{} files", left.len());
}

#[test]
fn files_of_the_tests_are_read_alike() {
    let files = [yaml_files("tests/projects"), yaml_files("tests/corpus")].concat();
    let taken = files.iter().filter(|(_, text)| takes(text)).count();
    println!("{taken} of {} files are taken", files.len());
    assert!(taken * 2 > files.len(), "{taken} of {}", files.len());
}
