//! The cases of CEL's specification (`tests/simple/testdata` of `cel-spec`) that fall into our subset, by its
//! sections, in words of our own: what comes to a number or a text there is compared with it here.
//!
//! `conformance.txt` has a line for each: what we say, what the specification says, the section, and the
//! expression, between tabs. Where the two differ, the section says in which of the ways that
//! `docs/constraints.md` names. `refused.txt` has what the specification takes and we don't: the section, the
//! expression, and what is said of it.

use serde_json::json;

use super::{Record, authority, object, value, verdict};
use demarche::expr::evaluate::Why;
use demarche::expr::types::{Type, ValueKind};

/// What the variables of the specification's cases are called here.
fn record() -> serde_json::Value {
    json!({
        "i": 123, "d": 9.8, "p": true, "s": "abc", "n": [1, 2, 3], "w": ["alpha", "beta"], "e": [],
        "g": { "name": 1024, "content-type": "application/json", "/api/v1": true, "foo.txt": 32 },
        "least": i64::MIN, "greatest": i64::MAX, "above": 9_223_372_036_854_775_808.0,
    })
}

fn own() -> std::sync::Arc<demarche::expr::types::ObjectType> {
    let number = || value(ValueKind::Number);
    let list = |kind| Type::List(std::sync::Arc::new(value(kind)));
    let group = object(vec![
        ("name", number()),
        ("content-type", value(ValueKind::Text)),
        ("/api/v1", value(ValueKind::Boolean)),
        ("/api/v3", value(ValueKind::Boolean)),
        ("foo.txt", number()),
        ("none", number()),
    ]);
    object(vec![
        ("i", number()),
        ("d", number()),
        ("p", value(ValueKind::Boolean)),
        ("s", value(ValueKind::Text)),
        ("n", list(ValueKind::Number)),
        ("w", list(ValueKind::Text)),
        ("e", list(ValueKind::Number)),
        ("g", Type::Object(group)),
        ("least", number()),
        ("greatest", number()),
        ("above", number()),
        ("none", number()),
        ("nothing", value(ValueKind::Boolean)),
    ])
}

/// What the crate `cel` does otherwise than the specification: a part of the expression, and why.
const DEVIATIONS: [(&str, &str); 1] = [(".`", "it doesn't read names between backticks yet")];

/// The columns of a table, without its comments.
fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let lines = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split('\t').collect())
}

#[test]
fn cases_of_the_specification_come_to_what_it_says() {
    let (raw, own) = (record(), own());
    let record = Record::new(&raw);
    let mut wrong = Vec::new();
    for row in rows(include_str!("conformance.txt")) {
        let [ours, specified, section, text] = row[..] else { panic!("four columns: {row:?}") };
        let found = match verdict(text, &record, &own) {
            Ok(it) => match (it.holds, it.uncomputable.map(|it| it.why)) {
                (Some(true), _) => "true".to_owned(),
                (Some(false), _) => "false".to_owned(),
                (None, None) => "unknown".to_owned(),
                (None, Some(Why::Digits)) => "digits".to_owned(),
                (None, Some(Why::Steps)) => "steps".to_owned(),
            },
            Err(fault) => format!("refused: {}", fault.message),
        };
        if found != ours {
            wrong.push(format!("{section}: {text}: {found}, not {ours}"));
        }
        if ours != specified && !(ours == "unknown" && specified == "error") {
            assert!(section.starts_with("differs"), "{text}: {ours}, not {specified}");
        }
        let by_crate = match authority(text, &raw) {
            Ok(Some(true)) => "true".to_owned(),
            Ok(Some(false)) => "false".to_owned(),
            Ok(None) => "error".to_owned(),
            Err(error) => error,
        };
        let deviates = DEVIATIONS.iter().any(|(part, _)| text.contains(part));
        if deviates == (by_crate == specified) {
            wrong.push(format!("{section}: {text}: `cel` says {by_crate}, not {specified}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_the_subset_leaves_out_says_what_to_write() {
    let (record, own) = (Record::new(&record()), own());
    let mut wrong = Vec::new();
    for row in rows(include_str!("refused.txt")) {
        let [section, text, message] = row[..] else { panic!("three columns: {row:?}") };
        let found = match verdict(text, &record, &own) {
            Ok(found) => format!("{found:?}"),
            Err(fault) => fault.message,
        };
        if found != message {
            wrong.push(format!("{section}\t{text}\t{found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
