//! How far coders agree, from records to the table that a release has: what counts as the same
//! answer, what doesn't count at all, and what must not make a difference.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{self, Files, Row, build, build_in_memory, csv, on_disk, project, text};

const TABLE: &str = "csv/codings_agreement.csv";

const MANIFEST: &str = r#"
[dataset]
name = "coded"
title = "Coded"
version = "1.0.0"
license = "CC0-1.0"
base = "https://demarche.example/coded/"
languages = ["en"]

[tables.events]
schema = "schema/events.schema.json"
records = ["data/events.jsonl"]
key = "id"
row = "event"

[tables.codings]
schema = "schema/codings.schema.json"
records = ["data/codings*.jsonl"]
key = "id"
row = "coding"
"#;

/// A project with the events 0 to 19 and codings of these variables.
fn coded(variables: &Value, codings: &[Value]) -> Files {
    let mut properties = json!({
        "id": { "type": "integer" },
        "event": { "type": "integer", "x-reference": "events", "x-role": "unit" },
        "coder": { "type": "string", "x-role": "coder" },
    });
    let variables = variables.as_object().expect("properties").clone();
    properties.as_object_mut().expect("an object").extend(variables);
    let schema = |properties: &Value, required: &[&str]| {
        json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        })
        .to_string()
    };
    let lines = |records: &[Value]| records.iter().map(|it| format!("{it}\n")).collect::<String>();
    let events: Vec<_> = (0..20).map(|id| json!({ "id": id })).collect();
    let files = [
        ("dataset.toml", MANIFEST.to_owned()),
        ("schema/events.schema.json", schema(&json!({ "id": { "type": "integer" } }), &["id"])),
        ("schema/codings.schema.json", schema(&properties, &["id", "event", "coder"])),
        ("data/events.jsonl", lines(&events)),
        ("data/codings.jsonl", lines(codings)),
    ];
    files.map(|(path, text)| (path.to_owned(), text.into_bytes())).into()
}

/// A coding of an event for each pair of answers, by ada and ben; `null` leaves the variable out.
fn pairs(answers: &[[Value; 2]]) -> Vec<Value> {
    let mut codings = Vec::new();
    for (event, pair) in answers.iter().enumerate() {
        for (coder, answer) in ["ada", "ben"].into_iter().zip(pair) {
            let mut coding = json!({ "id": codings.len(), "event": event, "coder": coder });
            if !answer.is_null() {
                coding["answer"] = answer.clone();
            }
            codings.push(coding);
        }
    }
    codings
}

/// The rows of the table of agreement on codes.
fn on_codes(files: &Files) -> Vec<Row> {
    let release = build_in_memory(files, 2).expect("a sound project");
    csv(&release, "csv/codings_agreement_codes.csv").1
}

/// Some cells of rows.
fn cells<'r, const N: usize>(rows: &'r [Row], names: [&str; N]) -> Vec<[&'r str; N]> {
    let cell = |row: &'r Row, name: &str| row.get(name).map_or("", String::as_str);
    rows.iter().map(|row| names.map(|name| cell(row, name))).collect()
}

/// The rows of the table of agreement.
fn agreement(files: &Files) -> Vec<Row> {
    let release = build_in_memory(files, 2).expect("a sound project");
    csv(&release, TABLE).1
}

/// Observed agreement on the property `answer`, whose pairs of answers are given.
fn observed(schema: Value, answers: &[[Value; 2]]) -> String {
    let mut schema = schema;
    schema["x-role"] = json!("coded");
    let rows = agreement(&coded(&json!({ "answer": schema }), &pairs(answers)));
    rows[0]["observed_agreement"].clone()
}

#[test]
fn the_published_example_has_the_published_alpha() {
    let rows = agreement(&project("codings"));
    let variables: Vec<_> = rows.iter().map(|row| row["variable"].as_str()).collect();
    assert_eq!(
        variables,
        [
            "type",
            "mode",
            "contexts",
            "contexts",
            "contexts",
            "status",
            "date",
            "date_precision",
            "main_actor",
            "topics",
            "topics",
            "topics",
            "scale_ships",
            "scale_value"
        ]
    );
    let row = |text: &str| -> Row {
        let cells = text.split(' ').map(|cell| cell.split_once('=').expect("a cell"));
        cells.map(|(name, value)| (name.to_owned(), value.replace('_', " "))).collect()
    };
    let mut first = rows[0].clone();
    let bounds = ["alpha_lower", "alpha_upper"].map(|name| first.remove(name).expect("a bound"));
    // The observers of the twelfth unit are one, so it doesn't count; 1 − 312 / 1216, see
    // `src/derive/agreement/alpha.rs`.
    assert_eq!(
        first,
        row("number=1 coded_table=codings variable=type title=Event_type compared_as=value \
             n_units=11 n_coders=4 n_values=40 observed_agreement=0.8 alpha=0.743421052632 \
             n_resamples=2000")
    );
    let bounds = bounds.map(|bound| bound.parse::<f64>().expect("a number"));
    assert!(bounds[0] < 0.743 && 0.743 < bounds[1] && bounds[1] < 1.0, "{bounds:?}");
    // All have the one mode: agreement is perfect, and says nothing.
    assert_eq!(
        rows[1],
        row("number=2 coded_table=codings variable=mode title=Mode compared_as=value n_units=11 \
             n_coders=4 n_values=40 observed_agreement=1.0 n_resamples=0")
    );
}

#[test]
fn values_are_the_same_if_they_are_equal() {
    let text = json!({ "type": "string" });
    assert_eq!(
        observed(text.clone(), &[[json!("a"), json!("a")], [json!("a"), json!("A")]]),
        "0.5"
    );
    let number = json!({ "type": "number" });
    assert_eq!(observed(number, &[[json!(1), json!(1.0)], [json!(0.0), json!(-0.0)]]), "1.0");
    let yes = json!({ "type": "boolean" });
    assert_eq!(observed(yes, &[[json!(true), json!(false)], [json!(false), json!(false)]]), "0.5");
    let instant = json!({ "type": "string", "format": "date-time" });
    let same = [json!("2024-01-01T12:00:00Z"), json!("2024-01-01T13:00:00+01:00")];
    assert_eq!(observed(instant, &[same]), "1.0");
    // Left out by one is an answer that differs, left out by both one that is the same.
    let left_out = [[Value::Null, json!("a")], [Value::Null, Value::Null]];
    assert_eq!(observed(text, &left_out), "0.5");
}

#[test]
fn lists_are_sets_and_an_empty_one_is_none() {
    let list = json!({ "type": "array", "items": { "type": "string" } });
    let same = [
        [json!(["a", "b"]), json!(["b", "a"])],
        [json!(["a", "a"]), json!(["a"])],
        [json!([]), Value::Null],
    ];
    assert_eq!(observed(list.clone(), &same), "1.0");
    let other = [
        [json!(["a", "b"]), json!(["a"])],
        [json!(["ab"]), json!(["a", "b"])],
        [json!([]), json!(["a"])],
    ];
    assert_eq!(observed(list, &other), "0.0");
}

#[test]
fn uncertain_dates_are_the_same_if_they_mean_the_same() {
    let date = json!({ "type": "string", "format": "edtf" });
    let same = [
        [json!("2023-12"), json!("2023-12-XX")],
        [json!("2023-12-03?"), json!("2023-12-03?")],
        [json!("202X"), json!("2020/2029")],
    ];
    assert_eq!(observed(date.clone(), &same), "1.0");
    let other = [
        [json!("2023-12-03"), json!("2023-12")],
        [json!("2023-12-03"), json!("2023-12-03?")],
        [json!("2023-12-03/.."), json!("2023-12-03/")],
        [json!("2024-21"), json!("2024-03-01/2024-05-31")],
    ];
    assert_eq!(observed(date.clone(), &other), "0.0");
    // Another day is another date of the same precision.
    let days = pairs(&[[json!("2023-12-03"), json!("2023-12-04")], [json!("2024"), json!("2024")]]);
    let mut date = date;
    date["x-role"] = json!("coded");
    let rows = agreement(&coded(&json!({ "answer_edtf": date }), &renamed(&days, "answer_edtf")));
    let told: Vec<_> = rows
        .iter()
        .map(|row| ["variable", "compared_as", "observed_agreement"].map(|name| row[name].as_str()))
        .collect();
    assert_eq!(told, [["answer_edtf", "date", "0.5"], ["answer_precision", "value", "1.0"]]);
}

fn renamed(codings: &[Value], name: &str) -> Vec<Value> {
    let rename = |coding: &Value| {
        let mut coding = coding.as_object().expect("an object").clone();
        if let Some(answer) = coding.remove("answer") {
            coding.insert(name.to_owned(), answer);
        }
        Value::Object(coding)
    };
    codings.iter().map(rename).collect()
}

#[test]
fn objects_are_compared_as_a_whole_and_without_what_is_internal() {
    let actor = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "state": { "type": "string" },
            "tags": { "type": "array", "items": { "type": "string" } },
            "guess": { "type": "string", "x-internal": true },
        },
    });
    let same = [
        [json!({ "state": "A", "tags": ["x", "y"] }), json!({ "state": "A", "tags": ["y", "x"] })],
        [json!({ "state": "A", "guess": "B" }), json!({ "state": "A" })],
        [json!({ "tags": [] }), Value::Null],
    ];
    assert_eq!(observed(actor.clone(), &same), "1.0");
    let other = [
        [json!({ "state": "A", "tags": ["x"] }), json!({ "state": "A" })],
        [json!({ "state": "A" }), Value::Null],
    ];
    assert_eq!(observed(actor, &other), "0.0");
}

#[test]
fn units_of_one_coder_do_not_count() {
    let variables = json!({ "answer": { "type": "string", "x-role": "coded" } });
    let mut codings = pairs(&[[json!("a"), json!("a")]]);
    codings.push(json!({ "id": 7, "event": 5, "coder": "cleo", "answer": "b" }));
    let row = &agreement(&coded(&variables, &codings))[0];
    let counts = ["n_units", "n_coders", "n_values"].map(|name| row[name].as_str());
    assert_eq!(counts, ["1", "2", "2"]);
    let row = &agreement(&coded(&variables, &codings[2..]))[0];
    let counts = ["n_units", "n_coders", "n_values", "n_resamples"].map(|name| row[name].as_str());
    assert_eq!(counts, ["0", "0", "0", "0"]);
    assert!(!row.contains_key("observed_agreement") && !row.contains_key("alpha"), "{row:?}");
}

/// Of two lists of three items of which one is a part of the other, and of two that overlap.
#[test]
fn lists_are_compared_by_distance_as_well() {
    let list = json!({ "type": "array", "items": { "type": "string" }, "x-role": "coded" });
    let answers = [
        [json!(["a", "b"]), json!(["b", "a", "b"])],
        [json!(["a"]), json!(["a", "b"])],
        [json!(["a", "b"]), json!(["b", "c"])],
        [json!([]), json!(["c"])],
        [json!([]), Value::Null],
    ];
    let rows = agreement(&coded(&json!({ "answer": list }), &pairs(&answers)));
    let told =
        cells(&rows, ["number", "variable", "compared_as", "n_values", "observed_agreement"]);
    // The means of 1, 1/2, 1/3, 0, 1, and of 1, 1/2 · 2/3, 1/3 · 1/3, 0, 1.
    assert_eq!(
        told,
        [
            ["1", "answer", "set", "10", "0.4"],
            ["2", "answer", "jaccard", "10", "0.566666666667"],
            ["3", "answer", "masi", "10", "0.488888888889"],
        ]
    );
    // S is 2 · (1/2 + 2/3 + 1) = 13/3. Of all answers ab is there four times, a, bc and c once, and none three
    // times: pairs differ by 2 · (4 · 1/2 + 4 · 2/3 + 4 + 12 + 1 + 1 + 3 + 1/2 + 3 + 3) = 193/3.
    let alpha = 1.0 - 9.0 * 13.0 / 193.0;
    let told: f64 = rows[1]["alpha"].parse().expect("a number");
    assert!((told - alpha).abs() < 1e-11, "{told} {alpha}");
}

fn participants(key: &Value) -> Value {
    json!({ "people": {
        "type": "array",
        "x-role": "coded",
        "x-item-key": key,
        "items": {
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "name": { "type": "string" },
                "role": { "enum": ["host", "guest"] },
                "since": { "type": "string", "format": "edtf" },
                "home": { "type": "object", "additionalProperties": false, "properties": { "town": { "type": "string" } } },
                "guess": { "type": "string", "x-internal": true },
                "deeds": {
                    "type": "array",
                    "x-item-key": "deed",
                    "items": {
                        "type": "object",
                        "additionalProperties": false,
                        "properties": { "deed": { "type": "string" }, "often": { "type": "integer" } },
                    },
                },
            },
        },
    } })
}

fn people(pairs_of_lists: &[[Value; 2]]) -> Vec<Value> {
    renamed(&pairs(pairs_of_lists), "people")
}

#[test]
fn items_of_lists_are_matched_by_their_key() {
    let lists = [
        [
            json!([
                { "name": "ida", "role": "host", "since": "2023-12", "guess": "x" },
                { "name": "jon", "role": "guest", "deeds": [{ "deed": "sings", "often": 2 }, { "deed": "eats" }] },
            ]),
            json!([
                { "name": "jon", "role": "host", "deeds": [{ "deed": "sings", "often": 3 }] },
                { "name": "ida", "role": "host", "since": "2023-12-XX", "home": { "town": "Pau" } },
            ]),
        ],
        [json!([{ "name": "ida", "role": "guest" }]), json!([{ "name": "kim", "role": "guest" }])],
        [json!([]), Value::Null],
    ];
    let files = coded(&participants(&json!("name")), &people(&lists));
    let rows = agreement(&files);
    let told =
        cells(&rows, ["variable", "compared_as", "n_units", "n_values", "observed_agreement"]);
    assert_eq!(
        told,
        [
            ["people", "set", "3", "6", "0.666666666667"],
            ["people", "jaccard", "3", "6", "0.666666666667"],
            ["people", "masi", "3", "6", "0.666666666667"],
            ["people.deeds", "set", "2", "4", "0.5"],
            ["people.deeds", "jaccard", "2", "4", "0.75"],
            ["people.deeds", "masi", "2", "4", "0.666666666667"],
            ["people.deeds.often", "value", "1", "2", "0.0"],
            ["people.home_town", "value", "2", "4", "0.5"],
            ["people.role", "value", "2", "4", "0.5"],
            ["people.since", "date", "2", "4", "1.0"],
            ["people.since_precision", "value", "2", "4", "1.0"],
        ]
    );
    let codes = on_codes(&files);
    let roles: Vec<_> = codes.into_iter().filter(|row| row["variable"] == "people.role").collect();
    let told = cells(&roles, ["code", "n_units", "n_values", "n_positives", "prevalence", "alpha"]);
    // Of four answers one is `guest`: n = 4, S = 2, and 1 − 3 · 2 / (2 · 1 · 3).
    assert_eq!(
        told,
        [["host", "2", "4", "3", "0.75", "0.0"], ["guest", "2", "4", "1", "0.25", "0.0"]]
    );
}

#[test]
fn single_codes_have_a_prevalence_and_an_alpha() {
    let variables = json!({
        "answer": { "type": "array", "items": { "enum": ["a", "b", "c"] }, "x-role": "coded" },
        "other": { "type": "string", "x-role": "coded" },
    });
    let answers = [
        [json!(["a"]), json!(["b", "a", "a"])],
        [json!(["a"]), json!(["a"])],
        [json!([]), Value::Null],
        [json!(["b"]), json!(["b"])],
    ];
    let rows = on_codes(&coded(&variables, &pairs(&answers)));
    let told = cells(
        &rows,
        [
            "number",
            "variable",
            "code",
            "n_units",
            "n_values",
            "n_positives",
            "prevalence",
            "observed_agreement",
            "alpha",
        ],
    );
    // b: n = 8, three positives, S = 2, and 1 − 7 · 2 / (2 · 3 · 5).
    assert_eq!(
        told,
        [
            ["1", "answer", "a", "4", "8", "4", "0.5", "1.0", "1.0"],
            ["2", "answer", "b", "4", "8", "3", "0.375", "0.75", "0.533333333333"],
            ["3", "answer", "c", "4", "8", "0", "0.0", "1.0", ""],
        ]
    );
    let variables = json!({ "answer": { "type": "string", "x-role": "coded" } });
    let without = coded(&variables, &pairs(&[[json!("a"), json!("a")]]));
    let release = build_in_memory(&without, 1).expect("a sound project");
    assert!(!release.contains_key("csv/codings_agreement_codes.csv"));
}

/// The files of a project whose events weigh this much, one after the other; none where all count the same.
fn weighted(answers: &[[Value; 2]], weights: Option<&[f64]>) -> Files {
    let mut variables = json!({
        "answer": { "type": "array", "items": { "enum": ["a", "b", "c"] }, "x-role": "coded" },
    });
    let mut codings = pairs(answers);
    if let Some(weights) = weights {
        variables["weight"] =
            json!({ "type": "number", "exclusiveMinimum": 0, "x-role": "weight" });
        for (index, coding) in codings.iter_mut().enumerate() {
            coding["weight"] = json!(weights[index / 2]);
        }
    }
    let mut files = coded(&variables, &codings);
    if weights.is_some() {
        let schema = files.get_mut("schema/codings.schema.json").expect("a schema");
        let text = String::from_utf8(schema.clone()).expect("text");
        let required =
            text.replace(r#"["id","event","coder"]"#, r#"["id","event","coder","weight"]"#);
        assert_ne!(text, required);
        *schema = required.into_bytes();
    }
    files
}

#[test]
fn units_count_by_their_weight() {
    let answers = [
        [json!(["a"]), json!(["b"])],
        [json!(["a", "b"]), json!(["a"])],
        [json!(["c"]), json!(["c"])],
        [json!(["a"]), json!(["a"])],
    ];
    let without = |rows: Vec<Row>| -> Vec<Row> {
        rows.into_iter()
            .map(|mut row| {
                row.remove("weighted_by");
                row
            })
            .collect()
    };
    let plain = weighted(&answers, None);
    assert!(agreement(&plain).iter().all(|row| !row.contains_key("weighted_by")));
    for equal in [1.0, 0.3] {
        let files = weighted(&answers, Some(&[equal; 4]));
        assert!(agreement(&files).iter().all(|row| row["weighted_by"] == "weight"));
        assert_eq!(without(agreement(&files)), agreement(&plain));
        assert_eq!(without(on_codes(&files)), on_codes(&plain));
    }
    let rows = agreement(&weighted(&answers, Some(&[1.0, 2.0, 3.0, 4.0])));
    let told = cells(&rows, ["compared_as", "n_units", "n_values", "observed_agreement"]);
    // The same: 3 + 4 of 10; by Jaccard 2 · 1/2 more, by MASI 2 · 1/3.
    assert_eq!(
        told,
        [
            ["set", "4", "8", "0.7"],
            ["jaccard", "4", "8", "0.8"],
            ["masi", "4", "8", "0.766666666667"],
        ]
    );
    // n = 20, Σw² = 60, S = 6; a weighs 11, b 1, ab 2 and c 6: 400 − 121 − 1 − 4 − 36 = 238.
    let alpha: f64 = rows[0]["alpha"].parse().expect("a number");
    assert!((alpha - (1.0 - 340.0 * 6.0 / (20.0 * 238.0))).abs() < 1e-11, "{alpha}");
    let again = agreement(&weighted(&answers, Some(&[2.5, 5.0, 7.5, 10.0])));
    assert_eq!(again, rows);
    let codes = on_codes(&weighted(&answers, Some(&[1.0, 2.0, 3.0, 4.0])));
    let told = cells(&codes, ["code", "n_positives", "prevalence", "observed_agreement"]);
    assert_eq!(
        told,
        [["a", "5", "0.65", "0.9"], ["b", "2", "0.15", "0.7"], ["c", "2", "0.3", "1.0"]]
    );
}

/// By default that is an error, too; who turns the rule off gets the weight of the coding with the first key.
#[test]
fn of_two_weights_of_a_unit_the_first_counts() {
    let answers = [[json!(["a"]), json!(["b"])], [json!(["a"]), json!(["a"])]];
    let mut files = weighted(&answers, Some(&[2.0, 6.0]));
    let codings = files.get_mut("data/codings.jsonl").expect("codings");
    let text = String::from_utf8(codings.clone()).expect("text");
    let other = text.replacen(r#""id":1,"weight":2.0"#, r#""id":1,"weight":3.0"#, 1);
    assert_ne!(text, other);
    *codings = other.into_bytes();
    let found = build_in_memory(&files, 1).expect_err("two weights");
    assert_eq!(found.iter().map(|finding| finding.code.id).collect::<Vec<_>>(), ["U006"]);
    let manifest = files.get_mut("dataset.toml").expect("a manifest");
    manifest.extend_from_slice(b"\n[rules]\nuneven-weight = \"off\"\n");
    assert_eq!(agreement(&files)[0]["observed_agreement"], "0.75");
}

/// Whatever numbers weights are, agreement has some.
#[test]
fn weights_far_apart_are_no_trouble() {
    let answers = [
        [json!(["a"]), json!(["b"])],
        [json!(["a", "b"]), json!(["a"])],
        [json!(["c"]), json!(["c"])],
    ];
    for weights in [[1e308, 1e-308, 1e308], [5e-324, 5e-324, 5e-324], [1e-300, 1e300, 1.0]] {
        let rows = agreement(&weighted(&answers, Some(&weights)));
        assert!(rows.iter().all(|row| row.contains_key("observed_agreement")), "{rows:?}");
    }
}

/// By default a second coding is an error; who turns the rule off gets the one with the first key.
#[test]
fn of_two_codings_by_one_coder_the_first_counts() {
    let variables = json!({ "answer": { "type": "string", "x-role": "coded" } });
    let mut codings = pairs(&[[json!("a"), json!("a")], [json!("b"), json!("b")]]);
    codings.insert(0, json!({ "id": 10, "event": 0, "coder": "ben", "answer": "b" }));
    let mut files = coded(&variables, &codings);
    let found = build_in_memory(&files, 1).expect_err("a second coding");
    assert_eq!(found.iter().map(|finding| finding.code.id).collect::<Vec<_>>(), ["U005"]);
    let manifest = files.get_mut("dataset.toml").expect("a manifest");
    manifest.extend_from_slice(b"\n[rules]\nrepeated-coding = \"off\"\n");
    let row = &agreement(&files)[0];
    assert_eq!(
        [&*row["n_values"], &*row["observed_agreement"], &*row["alpha"]],
        ["4", "1.0", "1.0"]
    );
}

#[test]
fn the_table_is_in_every_format() {
    let project = on_disk(&project("codings"));
    let release = build(project.path(), |_| {});
    for path in [TABLE, "parquet/codings_agreement.parquet", "schema/agreement.schema.json"] {
        assert!(release.contains_key(path), "{path}");
    }
    let book = text(&release, "codebook.md");
    assert!(book.contains("\n**Codings: agreement between coders**\n"), "{book}");
    assert!(
        book.contains("| `alpha` | number |  | 1 (7.1 %) | **Krippendorff's alpha.**"),
        "{book}"
    );
    let package = support::json(&release, "datapackage.json");
    let resources = package["resources"].as_array().expect("resources");
    let resource = |name: &str| resources.iter().find(|resource| resource["name"] == name);
    let table = resource("codings_agreement").expect("the table is described");
    assert_eq!(table["schema"]["primaryKey"], json!(["number"]));
    let document = support::json(&release, "jsonld/codings.jsonld");
    let id = "https://demarche.example/codings/codings_agreement/1";
    let nodes = document["@graph"].as_array().expect("records");
    let node = nodes.iter().find(|node| node["@id"] == id).expect("a node for the variable");
    assert_eq!(node["coding_agreement_alpha"], json!(0.743421052632));
    assert!(document["@context"].get("@vocab").is_none());
    for key in node.as_object().expect("a node").keys().filter(|key| !key.starts_with('@')) {
        assert!(document["@context"].get(key).is_some(), "{key} has a meaning");
    }
    let alone = build(project.path(), |command| {
        command.args(["--table", "codings_agreement", "--format", "csv"]);
    });
    let tables: Vec<_> = alone.keys().filter(|path| path.starts_with("csv/")).collect();
    assert_eq!(tables, [TABLE]);
    assert_eq!(alone[TABLE], release[TABLE]);
}

/// Answers of some coders to some events; none where a coder didn't code an event.
fn answers() -> impl Strategy<Value = Vec<Vec<Option<u8>>>> {
    let answer = proptest::option::weighted(0.8, 0u8..3);
    proptest::collection::vec(proptest::collection::vec(answer, 3), 1..8)
}

fn codings(answers: &[Vec<Option<u8>>], coders: [&str; 3]) -> Vec<Value> {
    let mut codings = Vec::new();
    for (event, answers) in answers.iter().enumerate() {
        for (coder, answer) in coders.into_iter().zip(answers) {
            // 0 is the answer of a coder who leaves the variable out.
            if let Some(answer) = answer {
                let mut coding = json!({ "id": codings.len(), "event": event, "coder": coder });
                if *answer > 0 {
                    coding["answer"] = json!(answer);
                    coding["other"] = json!(["a", "b"][..usize::from(*answer)]);
                }
                codings.push(coding);
            }
        }
    }
    codings
}

proptest! {
    #![proptest_config(ProptestConfig { cases: support::cases(8, 24), ..ProptestConfig::default() })]

    /// Not a byte of the table depends on what coders are called, on the order or the files of
    /// their codings, or on how many workers there are.
    #[test]
    fn names_of_coders_order_and_workers_change_nothing(answers in answers(), jobs in 1usize..5) {
        let variables = json!({
            "answer": { "type": "integer", "x-role": "coded" },
            "other": { "type": "array", "items": { "enum": ["a", "b"] }, "x-role": "coded" },
        });
        let table = |files: &Files, jobs| {
            let release = build_in_memory(files, jobs).expect("a sound project");
            [TABLE, "csv/codings_agreement_codes.csv"].map(|path| text(&release, path).to_owned())
        };
        let expected = table(&coded(&variables, &codings(&answers, ["ada", "ben", "cleo"])), 1);
        let mut shuffled = codings(&answers, ["zoe", "abe", "moe"]);
        let count = shuffled.len();
        for (index, coding) in shuffled.iter_mut().enumerate() {
            coding["id"] = json!((index * 7) % 11 + 11 * index);
        }
        shuffled.reverse();
        shuffled.rotate_left(count / 3);
        let mut files = coded(&variables, &shuffled[..count / 2]);
        let rest: String = shuffled[count / 2..].iter().map(|it| format!("{it}\n")).collect();
        files.insert("data/codings-2.jsonl".to_owned(), rest.into_bytes());
        prop_assert_eq!(expected, table(&files, jobs));
    }

    #[test]
    fn coders_who_agree_and_vary_have_an_alpha_of_one(answers in answers()) {
        let same: Vec<Vec<Option<u8>>> =
            answers.iter().map(|unit| vec![unit[0], unit[0], unit[0]]).collect();
        let list = json!({ "type": "array", "items": { "type": "string" } });
        let variables = json!({ "answer": { "type": "integer", "x-role": "coded" }, "other": list });
        let row = agreement(&coded(&variables, &codings(&same, ["ada", "ben", "cleo"]))).remove(0);
        let given: Vec<_> = same.iter().filter_map(|unit| unit[0]).collect();
        let varies = given.iter().any(|answer| *answer != given[0]);
        prop_assert_eq!(row.get("alpha").map(String::as_str), varies.then_some("1.0"));
        let observed = row.get("observed_agreement").map(String::as_str);
        prop_assert_eq!(observed, (!given.is_empty()).then_some("1.0"));
    }
}
