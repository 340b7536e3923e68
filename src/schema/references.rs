//! All schema documents, and where references in them lead.
//!
//! The model, the acceptor and the labels of findings ask here, so that a reference means one thing:
//! what RFC 3986 and JSON Schema 2020-12 say. A reference is resolved against the nearest `$id` around
//! it, a file without one being called by its path; its fragment is an `$anchor` or a JSON Pointer, with
//! `%` escapes. Nothing is fetched.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;

use fluent_uri::{Uri, UriRef};
use serde_json::Value as Json;

use super::keywords::{NAMED_SCHEMAS, SCHEMA, SCHEMAS};
use crate::pointer;

/// Where a schema stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SchemaPlace {
    /// Index of the document.
    pub document: usize,
    /// JSON Pointer from the document's root.
    pub pointer: String,
}

impl SchemaPlace {
    /// The place under a keyword.
    #[must_use]
    pub fn below(&self, keyword: &str) -> Self {
        Self { document: self.document, pointer: pointer::join(&self.pointer, keyword) }
    }

    /// The place of an item of a keyword's list.
    #[must_use]
    pub fn item(&self, keyword: &str, index: usize) -> Self {
        let list = pointer::join(&self.pointer, keyword);
        Self { document: self.document, pointer: pointer::join_index(&list, index) }
    }
}

/// Why a reference leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unresolved {
    /// It is no URI reference.
    Malformed,
    /// No schema has this URI.
    Document(String),
    /// The schema has no such anchor.
    Anchor(String),
}

/// A keyword that says where the schema stands that has it: the authority doesn't tell of keywords that
/// aren't its own.
pub(super) const MARK: &str = "x-demarche-at";

/// Schema documents with their names.
#[derive(Debug, Default)]
pub struct Schemas {
    documents: Vec<Stored>,
    /// By URI: each document, and each schema in one that has an `$id`.
    resources: HashMap<String, SchemaPlace>,
    /// By URI and name, with `#` in between.
    anchors: HashMap<String, SchemaPlace>,
}

#[derive(Debug)]
struct Stored {
    uri: String,
    /// The URI that its path makes.
    file: String,
    json: Arc<Json>,
    /// The URIs of schemas with an `$id`, by where they stand.
    bases: BTreeMap<String, String>,
}

impl Schemas {
    /// Takes in a document that is found at the URI `file`. Returns its index.
    pub fn add(&mut self, file: &str, json: Arc<Json>) -> usize {
        let file = encode(file).into_owned();
        let id = json.get("$id").and_then(Json::as_str);
        let uri = id.and_then(|id| absolute(&file, id)).unwrap_or_else(|| file.clone());
        let document = self.documents.len();
        let root = SchemaPlace { document, pointer: String::new() };
        for name in [&uri, &file] {
            self.resources.entry(name.clone()).or_insert_with(|| root.clone());
        }
        let mut bases = BTreeMap::new();
        self.walk(&json, &root, &uri, &mut bases);
        bases.insert(String::new(), uri.clone());
        self.documents.push(Stored { uri, file, json, bases });
        document
    }

    fn walk(
        &mut self,
        schema: &Json,
        at: &SchemaPlace,
        base: &str,
        bases: &mut BTreeMap<String, String>,
    ) {
        let Json::Object(keywords) = schema else { return };
        let text = |keyword: &str| keywords.get(keyword).and_then(Json::as_str);
        let own = text("$id").filter(|_| !at.pointer.is_empty()).and_then(|id| absolute(base, id));
        let base = match &own {
            Some(own) => {
                bases.insert(at.pointer.clone(), own.clone());
                self.resources.entry(own.clone()).or_insert_with(|| at.clone());
                own
            }
            None => base,
        };
        for name in ["$anchor", "$dynamicAnchor"].into_iter().filter_map(text) {
            self.anchors.entry(format!("{base}#{name}")).or_insert_with(|| at.clone());
        }
        for (keyword, value) in keywords {
            let keyword = keyword.as_str();
            match value {
                Json::Object(_) if SCHEMA.contains(&keyword) => {
                    self.walk(value, &at.below(keyword), base, bases);
                }
                Json::Object(named) if NAMED_SCHEMAS.contains(&keyword) => {
                    for (name, schema) in named {
                        self.walk(schema, &at.below(keyword).below(name), base, bases);
                    }
                }
                Json::Array(list) if SCHEMAS.contains(&keyword) => {
                    for (index, schema) in list.iter().enumerate() {
                        self.walk(schema, &at.item(keyword, index), base, bases);
                    }
                }
                _ => {}
            }
        }
    }

    /// All of them, each by the URI that it is found at.
    #[must_use]
    pub fn of<'s>(library: impl IntoIterator<Item = (&'s String, &'s Arc<Json>)>) -> Self {
        let mut schemas = Self::default();
        for (uri, json) in library {
            schemas.add(uri, Arc::clone(json));
        }
        schemas
    }

    /// The document of that URI.
    #[must_use]
    pub fn document(&self, uri: &str) -> Option<usize> {
        self.documents.iter().position(|document| document.uri == uri)
    }

    /// The URI of a document: its `$id`, or one made from its path.
    #[must_use]
    pub fn uri(&self, document: usize) -> &str {
        &self.documents[document].uri
    }

    /// A document as data.
    #[must_use]
    pub fn json(&self, document: usize) -> &Arc<Json> {
        &self.documents[document].json
    }

    /// What stands at a place.
    #[must_use]
    pub fn at(&self, place: &SchemaPlace) -> Option<&Json> {
        self.documents[place.document].json.pointer(&place.pointer)
    }

    /// The schema of that URI, with marks, for software that knows nothing but URIs.
    #[must_use]
    pub fn named(&self, uri: &str) -> Option<Json> {
        let place = self.resources.get(uri).cloned().or_else(|| self.beside(uri))?;
        let mut schema = self.at(&place)?.clone();
        self.mark(&mut schema, &place);
        Some(schema)
    }

    /// Writes into each schema with a `pattern` where it stands, and where each `$ref` leads: by the
    /// nearest name around its target, so that whoever reads it has nothing to work out.
    fn mark(&self, schema: &mut Json, at: &SchemaPlace) {
        let Json::Object(keywords) = schema else { return };
        if keywords.contains_key("pattern") {
            let pointer = at.pointer.replace('%', "%25");
            let uri = format!("{}#{}", self.uri(at.document), encode(&pointer));
            keywords.insert(MARK.to_owned(), Json::String(uri));
        }
        if let Some(reference) = keywords.get("$ref").and_then(Json::as_str)
            && let Ok(target) = self.resolve(at, reference)
            && let Some(uri) = self.spelt(&target)
        {
            keywords.insert("$ref".to_owned(), Json::String(uri));
        }
        for (keyword, value) in keywords {
            let keyword = keyword.as_str();
            match value {
                Json::Object(_) if SCHEMA.contains(&keyword) => {
                    self.mark(value, &at.below(keyword));
                }
                Json::Object(named) if NAMED_SCHEMAS.contains(&keyword) => {
                    for (name, schema) in named {
                        self.mark(schema, &at.below(keyword).below(name));
                    }
                }
                Json::Array(list) if SCHEMAS.contains(&keyword) => {
                    for (index, schema) in list.iter_mut().enumerate() {
                        self.mark(schema, &at.item(keyword, index));
                    }
                }
                _ => {}
            }
        }
    }

    /// The URI of a place; none where its document has lost its name to another.
    fn spelt(&self, place: &SchemaPlace) -> Option<String> {
        let base = self.base(place);
        let root = self.resources.get(base).filter(|root| root.document == place.document)?;
        let pointer = place.pointer.strip_prefix(&root.pointer)?.replace('%', "%25");
        Some(format!("{base}#{}", encode(&pointer)))
    }

    /// The document whose path lies to that of another as their URIs do.
    fn beside(&self, uri: &str) -> Option<SchemaPlace> {
        self.documents.iter().filter(|document| document.uri != document.file).find_map(
            |document| {
                let (directory, _) = document.uri.rsplit_once('/')?;
                let relative = uri.strip_prefix(directory)?.strip_prefix('/')?;
                self.resources.get(&absolute(&document.file, relative)?).cloned()
            },
        )
    }

    /// Where a reference leads from a place. Whether something stands there isn't looked at.
    ///
    /// # Errors
    /// Why it leads nowhere.
    pub fn resolve(&self, from: &SchemaPlace, reference: &str) -> Result<SchemaPlace, Unresolved> {
        let base = self.base(from);
        let target = join(base, reference).ok_or(Unresolved::Malformed)?;
        let (uri, fragment) = target.split_once('#').unwrap_or((&target, ""));
        let root = match self.resources.get(uri) {
            Some(root) => root.clone(),
            None => self.beside(uri).ok_or_else(|| Unresolved::Document(uri.to_owned()))?,
        };
        let fragment = decode(fragment).ok_or(Unresolved::Malformed)?;
        if fragment.is_empty() {
            return Ok(root);
        }
        if fragment.starts_with('/') {
            let pointer = root.pointer + &fragment;
            return Ok(SchemaPlace { document: root.document, pointer });
        }
        let anchor = self.anchors.get(&format!("{}#{fragment}", self.base(&root)));
        anchor.cloned().ok_or(Unresolved::Anchor(fragment))
    }

    /// Where an absolute URI with a fragment leads.
    #[must_use]
    pub fn find(&self, uri: &str) -> Option<SchemaPlace> {
        let root = SchemaPlace { document: 0, pointer: String::new() };
        if self.documents.is_empty() { None } else { self.resolve(&root, uri).ok() }
    }

    /// The URI of the nearest schema with a name around a place.
    #[must_use]
    pub fn base(&self, place: &SchemaPlace) -> &str {
        let document = &self.documents[place.document];
        let mut pointer = place.pointer.as_str();
        loop {
            if let Some(base) = document.bases.get(pointer) {
                return base;
            }
            pointer = pointer.rsplit_once('/').map_or("", |(above, _)| above);
        }
    }
}

/// A reference as a URI without a fragment.
fn absolute(base: &str, reference: &str) -> Option<String> {
    let joined = join(base, reference)?;
    Some(joined.split_once('#').map_or(joined.as_str(), |(uri, _)| uri).to_owned())
}

fn join(base: &str, reference: &str) -> Option<String> {
    let base = Uri::parse(base).ok()?;
    let reference = encode(reference);
    let reference = UriRef::parse(reference.as_ref()).ok()?;
    Some(reference.resolve_against(&base).ok()?.into_string())
}

/// A reference in the characters that RFC 3986 allows: people write blanks and other letters as they are.
fn encode(reference: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| {
        byte.is_ascii_graphic()
            && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
    };
    if reference.bytes().all(is_plain) {
        return Cow::Borrowed(reference);
    }
    let mut encoded = String::new();
    for byte in reference.bytes() {
        if is_plain(byte) {
            encoded.push(byte.into());
        } else {
            write!(encoded, "%{byte:02X}").expect("strings take all");
        }
    }
    Cow::Owned(encoded)
}

/// What `%` escapes stand for; none if that is no text.
fn decode(fragment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.as_bytes();
    while let [first, after @ ..] = rest {
        if let (b'%', [high, low, after @ ..]) = (first, after)
            && let (Some(high), Some(low)) =
                (char::from(*high).to_digit(16), char::from(*low).to_digit(16))
        {
            bytes.push(u8::try_from(high * 16 + low).ok()?);
            rest = after;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::{SchemaPlace, Schemas, Unresolved};

    #[test]
    fn references_lead_where_the_standard_says() {
        let mut schemas = Schemas::default();
        let root = json!({
            "$defs": {
                "sp ace": { "type": "string" },
                "part": {
                    "$id": "https://example.org/part",
                    "$defs": { "size": { "$anchor": "size", "type": "string" } },
                    "properties": { "size": { "$ref": "#/$defs/size" } }
                },
                "deep": { "properties": { "x": { "items": { "$anchor": "inner" } } } }
            }
        });
        schemas.add("project:///schema/a.schema.json", Arc::new(root));
        let common = json!({ "$id": "https://example.org/c/common.json" });
        schemas.add("project:///schema/my common.schema.json", Arc::new(common));
        let from = |pointer: &str| SchemaPlace { document: 0, pointer: pointer.to_owned() };
        let at =
            |document, pointer: &str| Ok(SchemaPlace { document, pointer: pointer.to_owned() });
        for (place, reference, target) in [
            ("", "#", at(0, "")),
            ("/properties/x", "#/$defs/sp%20ace", at(0, "/$defs/sp ace")),
            ("", "#/$defs/sp ace", at(0, "/$defs/sp ace")),
            ("/$defs/part/properties/size", "#/$defs/size", at(0, "/$defs/part/$defs/size")),
            ("", "#/$defs/part/$defs/size", at(0, "/$defs/part/$defs/size")),
            ("/$defs/part", "#size", at(0, "/$defs/part/$defs/size")),
            ("", "https://example.org/part#size", at(0, "/$defs/part/$defs/size")),
            ("", "#inner", at(0, "/$defs/deep/properties/x/items")),
            ("", "#size", Err(Unresolved::Anchor("size".to_owned()))),
            ("", "my%20common.schema.json", at(1, "")),
            ("", "my common.schema.json", at(1, "")),
            ("", "https://example.org/c/common.json#/a", at(1, "/a")),
            ("", "no.json", Err(Unresolved::Document("project:///schema/no.json".to_owned()))),
            ("", "%%", Err(Unresolved::Malformed)),
        ] {
            assert_eq!(schemas.resolve(&from(place), reference), target, "{reference}");
        }
        // By its path, though the file that says so has a URI of its own.
        let common = SchemaPlace { document: 1, pointer: String::new() };
        assert_eq!(schemas.resolve(&common, "a.schema.json"), at(0, ""));
        assert!(schemas.named("https://example.org/c/a.schema.json").is_some());
    }
}
