//! Our verdicts on JSON Schema are those of the standard: the official test suite for draft 2020-12
//! runs over tapes that our own JSON parser made, and the parser itself is held against serde_json.
//!
//! The suite is in the directory that `JSON_SCHEMA_TEST_SUITE` names, or where `.ci/install` puts
//! it; without it that test says so and passes.

#![expect(clippy::disallowed_methods, reason = "the suite is read from disk")]

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use demarche::Diagnostic;
use demarche::diagnostic::code;
use demarche::parse;
use demarche::schema::authority::check_schema;
use demarche::schema::authority::{Instance, TapeJson};
use demarche::schema::{Acceptor, Authority, Schemas, is_plain_schema, names_of, schema_names};
use demarche::tape::{Names, Tape, Value};
use demarche::workspace::SourceId;
use jsonschema::json::conformance;
use proptest::prelude::*;
use serde_json::Value as Json;

use crate::support;

/// Tests whose verdict is not the standard's, as "file: case: test", and why.
const KNOWN_FAILURES: &[(&str, &str)] = &[(
    "vocabulary: schema that uses custom metaschema with with no validation vocabulary: \
     no validation: invalid number, but it still validates",
    "every schema of a project is taken for plain 2020-12, whatever its `$schema` leaves out",
)];

/// Formats that assert nothing, and why: whatever the standard calls invalid is taken.
const NOT_ASSERTED: &[(&str, &str)] = &[
    ("idn-email", "the crate is built without the tables of internationalised names"),
    ("idn-hostname", "the crate is built without the tables of internationalised names"),
];

#[test]
fn verdicts_are_those_of_the_official_suite() {
    let Some(suite) = suite() else {
        eprintln!("skipped: set JSON_SCHEMA_TEST_SUITE to a copy of the JSON Schema Test Suite");
        return;
    };
    let library = library(&suite.join("remotes"));
    let tests = suite.join("tests/draft2020-12");
    let mut tally = Tally::default();
    for path in json_files(&tests) {
        tally.file(&path, &library, false);
    }
    for path in json_files(&tests.join("optional/format")) {
        tally.file(&path, &library, true);
    }
    println!("{} tests of {} files", tally.count, tally.files);
    println!(
        "{} of {} schemas have an acceptor; {} of {} valid values are accepted",
        tally.compiled, tally.schemas, tally.accepted, tally.valid
    );
    println!("{} of them are plain schemas", tally.plain);
    assert!(tally.plain * 2 > tally.schemas, "most schemas are plain");
    // Less than that, and the fast way is none.
    assert!(tally.compiled * 10 > tally.schemas * 7, "most schemas are understood");
    assert!(tally.accepted * 20 > tally.valid * 19, "nearly all that is valid is accepted");
    assert!(tally.files > 60 && tally.count > 1700, "the suite is whole");

    let known: BTreeSet<_> = KNOWN_FAILURES.iter().map(|(name, _)| (*name).to_owned()).collect();
    let new: Vec<_> = tally.failed.difference(&known).collect();
    let mended: Vec<_> = known.difference(&tally.failed).collect();
    assert!(new.is_empty(), "wrong verdicts: {new:#?}");
    assert!(mended.is_empty(), "right by now, so take them off KNOWN_FAILURES: {mended:#?}");
}

fn suite() -> Option<PathBuf> {
    let holds = |suite: &Path| suite.join("tests/draft2020-12").is_dir();
    if let Some(named) = env::var_os("JSON_SCHEMA_TEST_SUITE").map(PathBuf::from) {
        assert!(holds(&named), "JSON_SCHEMA_TEST_SUITE names no copy of the suite");
        return Some(named);
    }
    let installed = support::repository().join("target/checkers/json-schema-suite");
    holds(&installed).then_some(installed)
}

fn json_files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("a directory of the suite");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|ending| ending == "json")).collect();
    paths.sort();
    paths
}

type Library = HashMap<String, Arc<Json>>;

/// The schemas that the suite expects at `http://localhost:1234/`.
fn library(remotes: &Path) -> Library {
    support::read_directory(remotes)
        .into_iter()
        .map(|(path, bytes)| {
            let schema = serde_json::from_slice(&bytes).expect("a schema of the suite is JSON");
            (format!("http://localhost:1234/{path}"), Arc::new(schema))
        })
        .collect()
}

#[derive(Default)]
struct Tally {
    files: usize,
    count: usize,
    /// How many schemas there are, and how many of them the acceptor understands.
    schemas: usize,
    compiled: usize,
    /// How many schemas need no meta-schema to be told for one.
    plain: usize,
    /// How many valid values those are shown, and how many of them they accept.
    valid: usize,
    accepted: usize,
    failed: BTreeSet<String>,
}

impl Tally {
    fn file(&mut self, path: &Path, library: &Library, assert_formats: bool) {
        let name = path.file_stem().expect("a name").to_string_lossy();
        let name = if assert_formats { format!("format/{name}") } else { name.into_owned() };
        let (tape, found) = tape(&fs::read_to_string(path).expect("UTF-8"));
        // The parser warns of numbers that a double can't hold, and says nothing else.
        assert!(found.iter().all(|one| one.code == &code::INEXACT_NUMBER), "{name}: {found:?}");
        self.files += 1;
        for case in root(&tape).items() {
            let schema = case.get("schema").expect("a case has a schema").to_json();
            let authority = Authority::of_schema(&schema, library.clone(), assert_formats);
            let (tape, _) = numbered_tape(&schema.to_string(), schema_names());
            if is_plain_schema(root(&tape)) {
                self.plain += 1;
                assert!(check_schema(&schema).is_empty(), "no schema: {name}: {schema}");
            }
            let acceptor = acceptor(&schema, library, assert_formats);
            self.compiled += usize::from(acceptor.is_some());
            self.schemas += 1;
            let case_name = label(case);
            for test in case.get("tests").expect("a case has tests").items() {
                self.count += 1;
                let data = test.get("data").expect("a test has data");
                if let Some((acceptor, names)) = &acceptor {
                    let (tape, _) = numbered_tape(&data.to_json().to_string(), names);
                    let accepted = acceptor.accepts(root(&tape));
                    let valid = test.get("valid").and_then(Value::as_bool) == Some(true);
                    let asserted = !NOT_ASSERTED.iter().any(|(format, _)| name.ends_with(format));
                    assert!(
                        valid || !accepted || !asserted,
                        "accepted against the standard: {name}: {case_name}: {}",
                        label(test)
                    );
                    self.valid += usize::from(valid);
                    self.accepted += usize::from(accepted && valid);
                }
                let valid = test.get("valid").and_then(Value::as_bool).expect("a verdict");
                let right = match &authority {
                    Ok(authority) => {
                        let accepted = authority.accepts(0, data);
                        // What explains a verdict must agree with it.
                        assert_eq!(accepted, authority.violations(0, data).is_empty(), "{name}");
                        accepted == valid
                    }
                    Err(_) => false,
                };
                if let Some(format) = name.strip_prefix("format/")
                    && NOT_ASSERTED.iter().any(|(not_asserted, _)| *not_asserted == format)
                {
                    assert_eq!(right, valid, "{format} is asserted: take it off NOT_ASSERTED");
                    continue;
                }
                if !right {
                    self.failed.insert(format!("{name}: {case_name}: {}", label(test)));
                }
            }
        }
    }
}

fn label(value: Value<'_>) -> &str {
    value.get("description").and_then(Value::as_str).expect("a description")
}

/// The acceptor of a schema with the names that it numbers, if it understands the schema.
fn acceptor(schema: &Json, library: &Library, formats: bool) -> Option<(Acceptor, Arc<Names>)> {
    let uri = schema.get("$id").and_then(Json::as_str).unwrap_or("project:///schema.json");
    let names = library.values().map(AsRef::as_ref).chain([schema]);
    let names = Arc::new(names_of(names));
    let mut schemas = Schemas::of(library);
    let root = schemas.add(uri, Arc::new(schema.clone()));
    let acceptor = Acceptor::new(&Arc::new(schemas), root, &names, formats)?;
    Some((acceptor, names))
}

/// A JSON text on a tape that numbers its keys.
fn numbered_tape(text: &str, names: &Arc<Names>) -> (Tape, Vec<Diagnostic>) {
    let source = SourceId(0);
    let mut tape = Tape::with_names(Arc::clone(names));
    tape.reset(source, 0, text.to_owned());
    let mut diagnostics = Vec::new();
    parse::json::parse_value(&mut tape, source, &mut diagnostics);
    (tape, diagnostics)
}

/// A JSON text on a tape, and what the parser says of it.
fn tape(text: &str) -> (Tape, Vec<Diagnostic>) {
    let source = SourceId(0);
    let mut tape = Tape::new(source, 0, text.to_owned());
    let mut diagnostics = Vec::new();
    parse::json::parse_value(&mut tape, source, &mut diagnostics);
    (tape, diagnostics)
}

fn root(tape: &Tape) -> Value<'_> {
    tape.roots().next().expect("a value")
}

#[test]
fn tapes_are_what_the_validator_relies_on() {
    let (tape, found) = tape(&conformance::document().to_string());
    assert!(found.is_empty(), "{found:?}");
    conformance::assert_conformance::<TapeJson>(&Instance::Value(root(&tape)));
}

#[test]
fn only_what_is_not_understood_is_asked() {
    let pair = serde_json::json!({ "prefixItems": [true, true], "unevaluatedItems": false });
    let schema = serde_json::json!({ "properties": { "a": pair, "b": { "type": "string" } } });
    let (acceptor, names) =
        acceptor(&schema, &Library::new(), true).expect("the rest is understood");
    for (text, valid) in [
        (r#"{"a": [1, 2], "b": "x"}"#, true),
        (r#"{"a": [1, 2, 3], "b": "x"}"#, false),
        (r#"{"a": [1, 2], "b": 1}"#, false),
        (r#"{}"#, true),
    ] {
        let (tape, _) = numbered_tape(text, &names);
        assert_eq!(acceptor.accepts(root(&tape)), valid, "{text}");
    }
    assert!(self::acceptor(&pair, &Library::new(), true).is_none(), "nothing would be left");
}

/// JSON values, with doubles that any digits stand for.
fn values() -> impl Strategy<Value = Json> {
    let text = prop_oneof!["\\PC{0,8}", "[\u{0}-\u{1f}\"\\\\/é\u{10ffff}]{0,6}"];
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        any::<f64>()
            .prop_filter("JSON has no infinities", |it| it.is_finite())
            .prop_map(Json::from),
        text.clone().prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
            prop::collection::btree_map(text.clone(), inner, 0..6)
                .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

/// Text that is almost JSON.
fn almost_json() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        Just("{".to_owned()),
        Just("}".to_owned()),
        Just("[".to_owned()),
        Just("]".to_owned()),
        Just(",".to_owned()),
        Just(":".to_owned()),
        Just(" ".to_owned()),
        Just("\n".to_owned()),
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("\"a\"".to_owned()),
        Just("\"a\":".to_owned()),
        "-?[0-9]{1,3}",
        "-?[0-9.eE+-]{1,5}",
        "\"[a\\\\u0-9dD8cCbnt\u{1}]{0,7}\"",
        "[a-zA-Z'/*#\u{feff}\u{a0}]{1,2}",
    ];
    let soup = prop::collection::vec(token, 0..12).prop_map(|tokens| tokens.concat());
    // Sound JSON with one character put in, taken out or changed.
    let broken =
        (values(), any::<prop::sample::Index>(), "[\\[\\]{},:\"0-9a\\\\ -]{0,1}", 0..2usize)
            .prop_map(|(value, at, new, cut)| {
                let mut characters: Vec<_> = value.to_string().chars().collect();
                let at = at.index(characters.len());
                characters.splice(at..at + cut, new.chars());
                characters.into_iter().collect()
            });
    prop_oneof![soup, broken]
}

/// The value with one spelling of zero: `-0` is an integer to us, and a double to serde_json.
fn one_zero(value: Json) -> Json {
    match value {
        Json::Number(number) if number.as_f64() == Some(0.0) => Json::from(0),
        Json::Array(items) => items.into_iter().map(one_zero).collect(),
        Json::Object(members) => {
            members.into_iter().map(|(key, value)| (key, one_zero(value))).collect()
        }
        other => other,
    }
}

/// What we refuse on purpose, and serde_json takes.
fn strictness(found: &[Diagnostic]) -> bool {
    let on_purpose = [
        &code::DUPLICATE_KEY,
        &code::INEXACT_NUMBER,
        &code::NON_FINITE_NUMBER,
        &code::NESTING_TOO_DEEP,
    ];
    found.iter().all(|one| on_purpose.contains(&one.code))
}

/// Names of properties, few enough to meet.
fn a_name() -> impl Strategy<Value = String> {
    "[a-d]".prop_map(String::from)
}

/// Values that schemas of [`schemas`] speak about.
fn small_values() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (-3i64..6).prop_map(Json::from),
        (-4i32..8).prop_map(|halves| Json::from(f64::from(halves) / 2.0)),
        "[ab1é]{0,4}".prop_map(Json::from),
        Just(Json::from("2023-02-29")),
        Just(Json::from("2024-02-29")),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::btree_map(a_name(), inner, 0..5)
                .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

/// One keyword with a value that may stand beside any others.
fn keywords(inner: BoxedStrategy<Json>) -> impl Strategy<Value = (&'static str, Json)> {
    let types = ["null", "boolean", "integer", "number", "string", "array", "object"];
    let count = (0u64..4).prop_map(Json::from);
    let names = prop::collection::btree_set(a_name(), 0..3).prop_map(|it| it.into_iter().collect());
    let limit = prop_oneof![(-3i64..6).prop_map(Json::from), Just(Json::from(1.5))];
    let list = prop::collection::vec(inner.clone(), 1..4).prop_map(Json::from);
    let map = prop::collection::btree_map(a_name(), inner.clone(), 0..4)
        .prop_map(|map| Json::Object(map.into_iter().collect()))
        .boxed();
    let needs =
        prop::collection::btree_map(a_name(), prop::collection::btree_set(a_name(), 0..3), 0..3)
            .prop_map(|map| {
                let list = |(name, needs): (String, std::collections::BTreeSet<String>)| {
                    (name, needs.into_iter().collect::<Json>())
                };
                Json::Object(map.into_iter().map(list).collect())
            });
    let pattern = prop_oneof![Just("^[ab]{1,3}$"), Just("b"), Just("^a.?$"), Just("^[0-9]*$")];
    let reference = prop_oneof![Just("#/$defs/a"), Just("#/$defs/b"), Just("#/$defs/c")];
    let pick = move |keyword: &'static str, value: BoxedStrategy<Json>| {
        value.prop_map(move |value| (keyword, value)).boxed()
    };
    let schema = || inner.clone();
    prop::strategy::Union::new(vec![
        pick("type", prop::sample::select(types.to_vec()).prop_map(Json::from).boxed()),
        pick("type", prop::sample::subsequence(types.to_vec(), 1..4).prop_map(Json::from).boxed()),
        pick("enum", prop::collection::vec(small_values(), 1..4).prop_map(Json::from).boxed()),
        pick("const", small_values().boxed()),
        pick("minLength", count.clone().boxed()),
        pick("maxLength", count.clone().boxed()),
        pick("pattern", pattern.prop_map(Json::from).boxed()),
        pick(
            "format",
            prop_oneof![Just("date"), Just("uri"), Just("none")].prop_map(Json::from).boxed(),
        ),
        pick("minimum", limit.clone().boxed()),
        pick("exclusiveMaximum", limit.clone().boxed()),
        pick("multipleOf", prop_oneof![Just(Json::from(2)), Just(Json::from(0.5))].boxed()),
        pick("minItems", count.clone().boxed()),
        pick("maxItems", count.clone().boxed()),
        pick("uniqueItems", any::<bool>().prop_map(Json::from).boxed()),
        pick("items", schema()),
        pick("prefixItems", list.clone().boxed()),
        pick("contains", schema()),
        pick("minContains", count.clone().boxed()),
        pick("maxContains", count.clone().boxed()),
        pick("properties", map.clone().boxed()),
        pick("properties", map.clone().boxed()),
        pick(
            "patternProperties",
            inner.clone().prop_map(|it| serde_json::json!({"[ab]": it})).boxed(),
        ),
        pick("additionalProperties", schema()),
        pick("unevaluatedProperties", schema()),
        pick("unevaluatedProperties", Just(Json::Bool(false)).boxed()),
        pick("unevaluatedItems", schema()),
        pick("dependencies", map.clone().boxed()),
        pick("propertyNames", schema()),
        pick("required", names.boxed()),
        pick("minProperties", count.clone().boxed()),
        pick("maxProperties", count.boxed()),
        pick("dependentRequired", needs.boxed()),
        pick("dependentSchemas", map.boxed()),
        pick("allOf", list.clone().boxed()),
        pick("anyOf", list.clone().boxed()),
        pick("oneOf", list.boxed()),
        pick("not", schema()),
        pick("if", schema()),
        pick("then", schema()),
        pick("else", schema()),
        pick("$ref", reference.prop_map(Json::from).boxed()),
    ])
}

/// Schemas of all keywords, with definitions that refer to each other.
fn schemas() -> impl Strategy<Value = Json> {
    let leaf =
        prop_oneof![Just(Json::Bool(true)), Just(Json::Bool(false)), Just(serde_json::json!({}))];
    let schema = leaf.prop_recursive(3, 16, 3, |inner| {
        prop::collection::vec(keywords(inner.boxed()), 1..4).prop_map(|keywords| {
            let keywords = keywords.into_iter().map(|(name, value)| (name.to_owned(), value));
            Json::Object(keywords.collect())
        })
    });
    (schema.clone(), prop::collection::vec(schema, 3)).prop_map(|(root, definitions)| {
        let Json::Object(mut root) = root else { return root };
        let names = ["a", "b", "c"].map(str::to_owned);
        root.insert("$defs".to_owned(), Json::Object(names.into_iter().zip(definitions).collect()));
        Json::Object(root)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, max_global_rejects: 100_000, ..ProptestConfig::with_cases(support::cases(400, 2000)) })]

    /// What is taken for a schema at first glance is one for the meta-schema.
    #[test]
    fn plain_schemas_are_schemas(mut schema in schemas(), odd in small_values(), at in any::<prop::sample::Index>()) {
        // One keyword with a value that may make no sense.
        if let Json::Object(keywords) = &mut schema {
            let keyword = at.index(keywords.len());
            *keywords.values_mut().nth(keyword).expect("an entry") = odd;
        }
        let (tape, _) = numbered_tape(&schema.to_string(), schema_names());
        if is_plain_schema(root(&tape)) {
            prop_assert!(check_schema(&schema).is_empty(), "{}", schema);
        }
    }

    /// The fast way never accepts what the authority rejects.
    #[test]
    fn acceptors_accept_nothing_that_the_authority_rejects(
        schema in schemas(),
        values in prop::collection::vec(small_values(), 8),
    ) {
        let Some((acceptor, names)) = acceptor(&schema, &Library::new(), true) else { return Ok(()) };
        // A schema that refers to itself in place has no end for the crate either.
        let Ok(authority) = Authority::of_schema(&schema, HashMap::new(), true) else {
            prop_assert!(acceptor.is_recursive(), "the authority can't be asked: {}", schema);
            return Ok(());
        };
        for value in values {
            let (tape, _) = numbered_tape(&value.to_string(), &names);
            if acceptor.accepts(root(&tape)) {
                prop_assert!(authority.accepts(0, root(&tape)), "{} under {}", value, schema);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(support::cases(400, 2000)) })]

    #[test]
    fn values_are_read_as_serde_json_reads_them(value in values(), pretty in any::<bool>()) {
        let text = if pretty {
            serde_json::to_string_pretty(&value).expect("a value is JSON")
        } else {
            value.to_string()
        };
        let (tape, found) = tape(&text);
        prop_assert!(found.is_empty(), "{:?}", found);
        let read: Json = serde_json::from_str(&text).expect("JSON");
        prop_assert_eq!(root(&tape).to_json(), read);
    }

    #[test]
    fn verdicts_on_text_are_those_of_serde_json(text in almost_json()) {
        let (tape, found) = tape(&text);
        match serde_json::from_str::<Json>(&text) {
            Ok(read) => {
                prop_assert!(strictness(&found), "{:?} is refused: {:?}", text, found);
                if found.is_empty() {
                    let ours = one_zero(root(&tape).to_json());
                    prop_assert_eq!(ours, one_zero(read), "{:?}", text);
                }
            }
            Err(error) => {
                prop_assert!(!found.is_empty(), "{:?} is taken: {}", text, error);
                prop_assert_eq!(tape.roots().len(), usize::from(strictness(&found)));
            }
        }
        for one in &found {
            let span = &one.primary.place.span;
            prop_assert!(span.start <= span.end && span.end as usize <= text.len(), "{:?}", one);
            prop_assert!(text.is_char_boundary(span.start as usize), "{:?}", one);
            prop_assert!(text.is_char_boundary(span.end as usize), "{:?}", one);
        }
    }

    #[test]
    fn verdicts_on_values_are_those_of_the_crate_itself(value in values(), other in values()) {
        // Schemas that compare: the part of the representation that we wrote ourselves.
        let schemas = [
            serde_json::json!({ "const": value }),
            serde_json::json!({ "enum": [other, value] }),
            serde_json::json!({ "not": { "const": other } }),
            serde_json::json!({ "uniqueItems": true, "items": { "uniqueItems": true } }),
            serde_json::json!({ "maxLength": 3, "minLength": 2, "maxProperties": 1, "type": ["string", "object", "integer"] }),
            serde_json::json!({ "propertyNames": { "maxLength": 2 }, "multipleOf": 0.5, "minimum": -3 }),
        ];
        for schema in schemas {
            let ours = Authority::of_schema(&schema, HashMap::new(), true).expect("a schema");
            let theirs = jsonschema::draft202012::new(&schema).expect("a schema");
            for instance in [&value, &other] {
                let (tape, _) = tape(&instance.to_string());
                let verdicts = (ours.accepts(0, root(&tape)), theirs.is_valid(instance));
                prop_assert_eq!(verdicts.0, verdicts.1, "{} under {}", instance, schema);
            }
        }
    }
}
