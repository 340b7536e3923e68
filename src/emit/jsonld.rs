//! JSON-LD: one document with its context, and the context once more in a file of its own.
//!
//! The document is the release as a named graph of its records, one record a line. Its context is
//! embedded and never fetched. Every node has an IRI: a record is the dataset's base, the table
//! and the key; a group or list item is the record's IRI with the way to it as fragment.
//!
//! Keys stand in the order that streaming parsers want: context, type, id, and the graph last.
//!
//! A missing value is an absent key, an empty list is `[]`. Of what is derived only the bounds of
//! dates are here, as dates that a query can compare.

mod context;
mod records;

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};

pub use context::{Clash, Conflict, TermUse, conflicts};

use self::context::Context;
use self::records::Records;
use super::{
    Assembly, Batch, Bytes, Content, File, Output, Piece, Release, Selection, Whole, release_iri,
    selected_as, spdx, text,
};
use crate::fault::Fault;
use crate::manifest::Author;

/// The document and its context.
///
/// # Errors
/// Never: it looks at no rows yet.
pub fn files<'r>(release: &'r Release<'r>, selection: &Selection) -> Result<Vec<File<'r>>, Fault> {
    let tables = selected_as(release, selection, "jsonld");
    let context = Context::new(release.model, release.prefixes, &release.dataset.base);
    let records =
        tables.iter().map(|(index, table)| (*index, Records::new(table, &context))).collect();
    Ok(vec![
        File {
            path: path(&release.dataset.name),
            tables: tables.iter().map(|(index, _)| *index).collect(),
            content: Box::new(Document { release, records }),
        },
        File {
            path: CONTEXT_PATH.to_owned(),
            tables: Vec::new(),
            content: Box::new(Whole(Box::new(|out| {
                let context = Context::new(release.model, release.prefixes, &release.dataset.base);
                writeln!(out, "{{\n\"@context\": {}\n}}", context.json())
            }))),
        },
    ])
}

/// Where the document is written to.
#[must_use]
pub fn path(dataset: &str) -> String {
    format!("jsonld/{dataset}.jsonld")
}

/// Where the context is written to.
pub const CONTEXT_PATH: &str = "jsonld/context.jsonld";

/// The IRI of a record.
#[must_use]
pub fn record_iri(base: &str, table: &str, key: &str) -> String {
    let mut iri = format!("{base}{table}/").into_bytes();
    text::percent_encode(&mut iri, key, text::Keep::Unreserved);
    String::from_utf8(iri).expect("percent-encoding writes ASCII behind text")
}

/// The IRI that the codes of a code list begin with.
#[must_use]
pub fn code_list_iri(base: &str, list: &str) -> String {
    let mut iri = format!("{base}codelist/").into_bytes();
    text::percent_encode(&mut iri, list, text::Keep::Unreserved);
    iri.push(b'/');
    String::from_utf8(iri).expect("percent-encoding writes ASCII behind text")
}

struct Document<'r> {
    release: &'r Release<'r>,
    /// By the table's index.
    records: BTreeMap<usize, Records<'r>>,
}

impl Content for Document<'_> {
    fn encode(&self, table: usize, batch: &Batch) -> io::Result<Piece> {
        let records = &self.records[&table];
        let values = records.bind(&batch.rows);
        let mut bytes = Vec::new();
        for row in 0..batch.rows.len {
            bytes.extend_from_slice(b",\n");
            records.write(&mut bytes, &values, row);
        }
        Ok(Piece::Bytes(bytes))
    }

    fn open<'s>(&'s self, mut out: Output<'s>) -> io::Result<Box<dyn Assembly<'s> + 's>> {
        let release = self.release;
        let context = Context::new(release.model, release.prefixes, &release.dataset.base);
        writeln!(out, "{{\n\"@context\": {},", context.json())?;
        for (key, value) in head(release, &context) {
            writeln!(out, "{}: {value},", Value::from(key))?;
        }
        out.write_all(b"\"@graph\": [")?;
        // The first record has no comma before it.
        Ok(Box::new(Bytes { out, separator: true, end: b"\n]\n}\n" }))
    }
}

/// What the document says of the dataset as a whole: keys and values in JSON, in order. The keys
/// are compact IRIs, so they can't be taken for terms of the records.
fn head(release: &Release, context: &Context) -> Vec<(String, String)> {
    let dataset = release.dataset;
    let schema = |name: &str| context.compact(&format!("https://schema.org/{name}"));
    let dcterms = |name: &str| context.compact(&format!("http://purl.org/dc/terms/{name}"));
    let text = json_text;
    let node = |iri: &str| format!("{{\"@id\":{}}}", text(iri));
    let literal = |datatype: String, value: &str| {
        format!("{{\"@type\":{},\"@value\":{}}}", text(&datatype), text(value))
    };
    let iri = release_iri(dataset);

    let dcat = context.compact("http://www.w3.org/ns/dcat#Dataset");
    let mut head = vec![
        ("@type".to_owned(), json!([schema("Dataset"), dcat]).to_string()),
        ("@id".to_owned(), text(&iri)),
        (schema("name"), text(&dataset.title)),
        (schema("alternateName"), text(&dataset.name)),
        (schema("description"), text(&dataset.description)),
        (schema("version"), text(&dataset.version)),
    ];
    if let Some(day) = &dataset.released {
        head.push((schema("datePublished"), literal(context.compact(&context::xsd("date")), day)));
    }
    if !dataset.license.is_empty() {
        let license = match spdx::iri(&dataset.license) {
            Some(iri) => node(&iri),
            None => text(&dataset.license),
        };
        head.push((schema("license"), license.clone()));
        head.push((dcterms("license"), license));
    }
    let authors: Vec<_> = (0..)
        .zip(&dataset.authors)
        .map(|(index, author)| self::author(index, author, &iri, context))
        .collect();
    if !authors.is_empty() {
        head.push((schema("creator"), format!("{{\"@list\":[{}]}}", authors.join(","))));
    }
    if let Some(homepage) = &dataset.homepage {
        head.push((schema("url"), node(homepage)));
    }
    let texts = [
        (schema("keywords"), &dataset.keywords),
        (schema("inLanguage"), &dataset.languages),
        (schema("spatialCoverage"), &dataset.spatial),
    ];
    head.extend(texts.into_iter().filter(|(_, texts)| !texts.is_empty()).map(|(key, texts)| {
        let texts: Vec<_> = texts.iter().map(|item| text(item)).collect();
        (key, format!("[{}]", texts.join(",")))
    }));
    if let Some(temporal) = &dataset.temporal {
        head.push((dcterms("temporal"), literal(context::EDTF.to_owned(), temporal)));
    }
    head
}

/// A JSON string.
fn json_text(text: &str) -> String {
    let mut out = Vec::new();
    text::json(&mut out, text);
    String::from_utf8(out).expect("JSON is text")
}

/// An author as a node in JSON.
fn author(index: usize, author: &Author, release: &str, context: &Context) -> String {
    let schema = |name: &str| context.compact(&format!("https://schema.org/{name}"));
    let separator = context::fragment_separator(release);
    let iri = author.orcid.clone().unwrap_or_else(|| format!("{release}{separator}author/{index}"));
    let members = [
        // Only persons have an ORCID; without one an author may be a body as well.
        author.orcid.as_ref().map(|_| ("@type".to_owned(), schema("Person"))),
        Some(("@id".to_owned(), iri)),
        Some((schema("name"), author.name.clone())),
        author.affiliation.as_ref().map(|name| (schema("affiliation"), name.clone())),
    ];
    let members: Vec<_> = members
        .into_iter()
        .flatten()
        .map(|(key, text)| format!("{}:{}", json_text(&key), json_text(&text)))
        .collect();
    format!("{{{}}}", members.join(","))
}
