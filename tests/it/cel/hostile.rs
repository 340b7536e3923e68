//! Expressions and records that nobody would write: no panic, every fault in the text, every record within
//! its steps, and the same findings however many workers there are.

use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::sync::Arc;

use demarche::expr::ast::{Ast, Node};
use demarche::expr::evaluate::Why;
use demarche::expr::types::{ObjectType, Type, ValueKind};
use demarche::expr::{Fault, parse};
use demarche::spill::MemoryBudget;
use demarche::workspace::Memory;
use demarche::{Options, Progress};
use proptest::prelude::*;
use serde_json::json;

use super::{Record, object, value, verdict};
use crate::support::{Files, cases, things};

/// What expressions are made of, and what has no place in them.
const TOKENS: [&str; 96] = [
    "self",
    "self.",
    "self.a",
    "self.t",
    "self.l",
    "self.g.b",
    "self.g",
    "self.p",
    "record",
    "parent",
    "ref",
    "old",
    "item",
    "has",
    "size",
    "near",
    "days",
    "year",
    "date",
    "all",
    "exists",
    "exists_one",
    "filter",
    "map",
    "sum",
    "min",
    "isSorted",
    "isUnique",
    "matches",
    "orValue",
    "startsWith",
    "(",
    "(",
    "(",
    ")",
    ")",
    ")",
    "[",
    "]",
    "{",
    "}",
    ".",
    ".?",
    ",",
    "?",
    ":",
    "||",
    "&&",
    "!",
    "!=",
    "==",
    "=",
    "<",
    "<=",
    ">",
    ">=",
    "+",
    "-",
    "*",
    "/",
    "%",
    " in ",
    "1",
    "0",
    "0x",
    "0xF",
    "1.5",
    ".5",
    "1e",
    "1e5",
    "1e400",
    "1e-400",
    "9223372036854775808",
    "99999999999999999999999999999999999999999",
    "1u",
    "true",
    "false",
    "null",
    "'a'",
    "\"",
    "'",
    "'''",
    "r'",
    "b'",
    "\\",
    "\\x+1",
    "\\ud83d",
    "`",
    "`a-b`",
    "//",
    "\n",
    "\r\n",
    "\0",
    "\u{a0}",
    "é😀",
    "self.l.all(i, ",
];

fn own() -> Arc<ObjectType> {
    let item = object(vec![("a", value(ValueKind::Number)), ("t", value(ValueKind::Text))]);
    let numbers = Type::List(Arc::new(value(ValueKind::Number)));
    object(vec![
        ("a", value(ValueKind::Number)),
        ("t", value(ValueKind::Text)),
        ("p", value(ValueKind::Boolean)),
        ("l", numbers),
        ("o", Type::List(Arc::new(Type::Object(item)))),
        ("g", Type::Object(object(vec![("b", value(ValueKind::Number))]))),
        ("s", value(ValueKind::SpeltNumber)),
    ])
}

fn is_inside(fault: &Fault, text: &str) -> bool {
    let span = &fault.span;
    span.start <= span.end && text.get(span.clone()).is_some()
}

/// Whether all parts are written in the text, each inside the one around it.
fn lies_inside(ast: &Ast, text: &str) -> bool {
    let inside = |part: &Ast| {
        ast.span.start <= part.span.start
            && part.span.end <= ast.span.end
            && lies_inside(part, text)
    };
    let parts: Vec<&Ast> = match &ast.node {
        Node::Number(_) | Node::Text(_) | Node::Boolean(_) | Node::Name(_) => Vec::new(),
        Node::Member { of, .. } => vec![&**of],
        Node::Call { on, arguments, .. } => on.as_deref().into_iter().chain(arguments).collect(),
        Node::List(items) => items.iter().collect(),
        Node::Not(inside) | Node::Negative(inside) => vec![&**inside],
        Node::Binary(_, left, right) => vec![&**left, &**right],
        Node::Choice(parts) => parts.iter().collect(),
    };
    text.get(ast.span.clone()).is_some() && parts.into_iter().all(inside)
}

fn record() -> serde_json::Value {
    json!({ "a": 1e300, "t": "é😀".repeat(50), "l": [1, 2.5, -3], "o": [{ "a": 1 }, {}], "s": "0.10" })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases(1_500, 60_000)) })]

    #[test]
    fn any_text_is_an_expression_or_says_where_it_is_none(
        tokens in proptest::collection::vec(proptest::sample::select(&TOKENS[..]), 0..24),
        others in proptest::collection::vec(any::<char>(), 0..3),
        at in 0usize..24,
    ) {
        let mut tokens: Vec<String> = tokens.into_iter().map(str::to_owned).collect();
        tokens.insert(at.min(tokens.len()), others.into_iter().collect());
        let text = tokens.concat();
        match parse(&text) {
            Err(fault) => prop_assert!(is_inside(&fault, &text), "{text:?}: {fault:?}"),
            Ok(ast) => {
                prop_assert!(lies_inside(&ast, &text), "{text:?}");
                if let Err(faults) = Record::new(&record()).verdict(&ast, &own()) {
                    for fault in faults {
                        prop_assert!(is_inside(&fault, &text), "{text:?}: {fault:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn what_is_as_deep_as_it_may_be_is_worked_out() {
    let (record, own) = (Record::new(&json!({ "a": 1, "p": false, "l": [1, 2] })), own());
    let deep = format!("{}self.a == 1{}", "(".repeat(30), ")".repeat(30));
    let wide = vec!["self.p"; 80].join(" || ");
    let chained = vec!["self.p ? true"; 30].join(" : ") + " : false";
    // Each pair of parentheses begins a chain of its own.
    let mut sums = "self.a".to_owned();
    for length in (2..12).rev() {
        sums = format!("({sums}{})", " + 1".repeat(length));
    }
    let not = format!("{}self.p", "!".repeat(30));
    let lists =
        "self.l.all(i, self.l.exists(j, self.l.sum() > i + j && [i, j].max() <= self.l.max()))";
    for (text, holds) in [
        (lists.to_owned(), false),
        (deep, true),
        (wide, false),
        (chained, false),
        (format!("{sums} > 0"), true),
        (not, false),
    ] {
        let found =
            verdict(&text, &record, &own).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
        assert_eq!(found.holds, Some(holds), "{text}");
    }
}

#[test]
fn what_is_over_a_limit_says_so() {
    let (record, own) = (Record::new(&record()), own());
    let items = vec!["self.a"; 40].join(", ");
    for (text, message) in [
        (" ".repeat(2_001), "the expression has 2001 bytes, and 2000 may be"),
        ("(".repeat(1_999), "more than 32 parts lie in one another"),
        ("[".repeat(1_999), "more than 32 parts lie in one another"),
        ("-".repeat(1_999), "more than 32 parts lie in one another"),
        ("a.".repeat(999), "more than 32 names follow one another"),
        ("1+".repeat(999), "more than 32 operands follow one another"),
        ("a&&".repeat(600), "the expression has more than 256 parts"),
        (
            format!("[{items}].all(i, [{items}].all(j, i < j))"),
            "the expression comes to more than 256 parts",
        ),
        (
            "[1].all(i, [1].all(j, [1].all(k, i + j + k > 0)))".to_owned(),
            "more than 2 macros lie in one another",
        ),
        (
            "self.t.matches('((a{100}){100}){100}')".to_owned(),
            "the pattern can't be used: Compiled regex exceeds size limit of 262144 bytes.",
        ),
        (format!("self.a < 1{}", "0".repeat(400)), "the number is too large"),
        ("self.a < 1e400".to_owned(), "the number is too large"),
        ("self.a < 1e-40000000000".to_owned(), "the number is too small"),
    ] {
        let fault = verdict(&text, &record, &own).expect_err(&text);
        assert_eq!(fault.message, message);
        assert!(is_inside(&fault, &text));
    }
}

/// What a text comes to where it takes too much.
#[track_caller]
fn assert_too_much(text: &str, record: &serde_json::Value, why: Why) {
    let found = verdict(text, &Record::new(record), &own());
    let found = found.unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
    assert_eq!(found.holds, None, "{text}");
    assert_eq!(found.uncomputable.map(|it| it.why), Some(why), "{text}");
}

#[test]
fn what_takes_too_many_steps_stays_unknown() {
    let many: Vec<_> = (0..1_200).collect();
    let long = "ab".repeat(200_000);
    let list = json!({ "l": many, "t": long, "a": 1 });
    for text in [
        "self.l.all(i, self.l.all(j, i + j >= 0))",
        "self.l.filter(i, self.l.exists(j, j > 2000)).size() == 0",
        "self.l.filter(i, self.l.all(j, i + j >= 0)).isUnique()",
        "self.l.exists_one(i, self.l.exists(j, i + j < 0))",
        "self.l.map(i, self.l.map(j, i * j).sum()).sum() >= 0",
        "-1 in self.l.map(i, self.l.min() + i + self.l.max())",
        "self.l.all(i, self.t.contains('c') || self.t == self.t)",
        "self.l.all(i, !self.t.startsWith('c') && size(self.t) > i && self.t <= self.t)",
        "self.l.all(i, !self.t.matches('(a?b?){200}c'))",
    ] {
        assert_too_much(text, &list, Why::Steps);
    }
    // To find a member among many takes steps.
    let mut wide = json!({ "l": many });
    let members = wide.as_object_mut().expect("an object");
    members.extend((0..100_000).map(|number| (format!("x{number}"), json!(0))));
    members.insert("a".to_owned(), json!(5_000));
    assert_too_much("self.l.all(i, self.a > i)", &wide, Why::Steps);
}

#[test]
fn what_has_too_many_digits_stays_unknown() {
    let record = json!({ "a": 1e300, "l": [1.7e38, 1.7e38, i64::MAX], "s": "170141183460469231731687303715884105727" });
    for text in [
        "self.a + 1 > 0",
        "self.a * self.a > 0",
        "self.l.sum() > 0",
        "self.l.map(i, i * i).max() > 0",
        "self.s + 1 > 0",
        "self.s * 10 > 0",
        "1e-300 + 1 > 0",
        "near(self.a, 0, 1)",
        "-self.a - 1 < 0",
    ] {
        assert_too_much(text, &record, Why::Digits);
    }
    // To compare them is no matter.
    let record = Record::new(&record);
    for text in [
        "self.a > 1 && self.a >= self.l.max() && self.a == self.a",
        "self.s > 0 && self.s < self.a",
        "self.a > 1e-300 && -self.a < 1e-300 && !(self.a == 1)",
        "self.l.isUnique() == false && self.l.min() == 9223372036854775807",
        "self.a + 1 > 0 || true",
    ] {
        let found =
            verdict(text, &record, &own()).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
        assert_eq!(found.holds, Some(true), "{text}");
    }
}

/// A project whose things have these constraints.
fn project(constraints: &serde_json::Value, records: &[serde_json::Value]) -> Files {
    let number = json!({ "type": "integer", "title": "Number" });
    let numbers = json!({ "type": "array", "title": "Numbers", "items": number });
    let item = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": { "n": number },
        "x-constraints": [{ "id": "items", "assert": "record.l.all(i, i + self.n >= 0)" }],
    });
    let items = json!({ "type": "array", "title": "Items", "items": item });
    let properties = json!({ "l": numbers, "m": numbers, "o": items });
    let mut files = things(&properties, records);
    let schema = files.get_mut("schema/things.schema.json").expect("a schema");
    let mut parsed: serde_json::Value = serde_json::from_slice(schema).expect("JSON");
    parsed["x-constraints"] = constraints.clone();
    *schema = parsed.to_string().into_bytes();
    files
}

/// The findings of a project, by so many workers.
fn findings(files: &Files, jobs: usize) -> String {
    let opened = demarche::open(Box::new(Memory(files.clone()))).expect("memory can be read");
    let mut shown = String::new();
    let Some(project) = &opened.project else { panic!("{:?}", opened.diagnostics) };
    let jobs = NonZeroUsize::new(jobs).expect("at least one worker");
    let options = Options { jobs, lower: false, budget: MemoryBudget::in_memory() };
    let compiled = demarche::compile(&opened.workspace, project, &options, &Progress::default())
        .expect("memory can be read");
    for finding in &compiled.diagnostics {
        let at = &finding.primary.place.span;
        let _ = writeln!(shown, "{} at {}: {}", finding.code.id, at.start, finding.message);
    }
    shown
}

#[test]
fn records_that_take_too_much_are_reported_once_by_any_number_of_workers() {
    let long: Vec<_> = (0..100_000).collect();
    let items: Vec<_> = (0..2_000).map(|number| json!({ "n": number })).collect();
    let records = [
        json!({ "id": "t1", "l": long, "m": long, "o": items }),
        json!({ "id": "t2", "l": [1, 2], "m": [2, 1], "o": [{ "n": 1 }] }),
        json!({ "id": "t3", "l": (0..2_000).collect::<Vec<_>>(), "o": items }),
        json!({ "id": "t4", "l": (0..2_000).collect::<Vec<_>>(), "m": [7] }),
    ];
    let constraints = json!([
        { "id": "same", "assert": "self.l.all(i, self.m.exists(j, i == j))" },
        { "id": "sum", "assert": "self.l.map(i, i * 2).sum() >= 0" },
        { "id": "order", "assert": "self.l.isUnique()" },
    ]);
    let files = project(&constraints, &records);
    let found = findings(&files, 1);
    assert_eq!(found, findings(&files, 4));
    let lines: Vec<_> = found.lines().filter(|line| line.starts_with('C')).collect();
    let expected = [
        (
            "C003",
            "whether `same` holds can't be worked out: the constraints of the record take more than 1000000 steps",
        ),
        (
            "C003",
            "whether `items` holds can't be worked out: the constraints of the record take more than 1000000 steps",
        ),
        ("C001", ""),
    ];
    for (code, message) in expected {
        let count =
            lines.iter().filter(|line| line.starts_with(code) && line.contains(message)).count();
        assert_eq!(count, 1, "{code} {message}: {found}");
    }
    assert_eq!(lines.len(), expected.len(), "{found}");
}

#[test]
fn records_that_are_named_are_read_once_and_in_counted_steps() {
    let reference = json!({ "type": "string", "title": "Thing", "x-reference": "things" });
    let number = json!({ "type": "integer", "title": "Number" });
    let item = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": { "n": number, "of": reference },
        "x-constraints": [
            { "id": "long", "assert": "size(ref(record.of).l) >= self.n" },
            { "id": "noted", "assert": "ref(self.of).note != 'none'" },
        ],
    });
    let more = json!({
        "of": reference,
        "note": { "type": "string", "title": "Note" },
        "l": { "type": "array", "title": "Numbers", "items": number },
        "o": { "type": "array", "title": "Items", "items": item },
    });
    let long: Vec<_> = (0..10_000).collect();
    let items: Vec<_> = (0..20_000).map(|number| json!({ "n": number % 10_001 })).collect();
    let mut records =
        vec![json!({ "id": "long", "l": long }), json!({ "id": "many", "of": "long", "o": items })];
    let expected = |files: &Files| {
        let found = findings(files, 1);
        assert_eq!(found, findings(files, 4));
        // That nothing is decided where nothing is named is no news.
        let of_constraints = |line: &&str| line.starts_with('C') && !line.starts_with("C002");
        found.lines().filter(of_constraints).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        expected(&things(&more, &records)),
        [""; 0],
        "twenty thousand items name one record"
    );

    // Together they are more than may be read for one record.
    let note = "word ".repeat(200_000);
    let texts = (0..20).map(|at| json!({ "id": format!("note{at}"), "note": note }));
    records.extend(texts);
    let items: Vec<_> = (0..20).map(|at| json!({ "of": format!("note{at}") })).collect();
    records.push(json!({ "id": "wide", "of": "long", "o": items }));
    let found = expected(&things(&more, &records));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("C003") && found[0].contains("steps"), "{found:?}");
}
