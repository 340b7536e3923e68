//! The JSON-LD documents of the embedded dataset and of the projects, read by a streaming parser in
//! Rust that isn't ours: every key of every record becomes statements, and none is dropped.

use std::collections::BTreeSet;

use oxjsonld::{JsonLdParser, JsonLdProfile};
use serde_json::Value;

use crate::support::{self, Files};

/// The keys that a document's nodes use, JSON-LD's own left out.
fn keys(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                // The keys of a language map are languages.
                let texts = value.as_object().is_some_and(|inner| !inner.contains_key("@id"));
                if !key.starts_with('@') {
                    found.insert(key.clone());
                }
                if !texts {
                    keys(value, found);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What a key means, by the document's own context.
fn iri(context: &Value, key: &str) -> String {
    let name = match &context[key] {
        Value::String(name) => name.as_str(),
        definition => definition["@id"].as_str().expect("every key is defined"),
    };
    match name.split_once(':') {
        Some((prefix, rest)) if context[prefix].is_string() => {
            format!("{}{rest}", context[prefix].as_str().unwrap_or_default())
        }
        _ => name.to_owned(),
    }
}

fn every_key_is_a_statement(files: &Files) {
    let (path, bytes) = files
        .iter()
        .find(|(path, _)| path.ends_with(".jsonld") && !path.ends_with("context.jsonld"))
        .expect("a release has a document");
    let document: Value = serde_json::from_slice(bytes).expect("it is JSON");
    let mut predicates = BTreeSet::new();
    let mut records = BTreeSet::new();
    for quad in JsonLdParser::new().with_profile(JsonLdProfile::Streaming).for_slice(bytes) {
        let quad = quad.expect("the document is sound JSON-LD");
        predicates.insert(quad.predicate.as_str().to_owned());
        records.insert(quad.subject.to_string());
    }
    let mut found = BTreeSet::new();
    keys(&document["@graph"], &mut found);
    assert!(!found.is_empty(), "{path} has records");
    for key in found {
        let meaning = iri(&document["@context"], &key);
        assert!(predicates.contains(&meaning), "{path}: `{key}` <{meaning}> was dropped");
    }
    for record in document["@graph"].as_array().expect("the graph is a list") {
        let id = format!("<{}>", record["@id"].as_str().expect("a record has an IRI"));
        assert!(records.contains(&id), "{path}: {id} was dropped");
    }
}

#[test]
fn the_embedded_dataset() {
    every_key_is_a_statement(
        &support::build_in_memory(&support::embedded(), 2).expect("it builds"),
    );
}

#[test]
fn the_projects() {
    for name in support::projects() {
        let project = support::project(&name);
        every_key_is_a_statement(&support::build_in_memory(&project, 2).expect("it builds"));
    }
}
