//! Schema files: parsed with positions, found by URI, followed through `$ref`.

use std::cell::Cell;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, Place, code, one_of, quote};
use crate::fault::Fault;
use crate::parse::{self, decode};
use crate::path::Root;
use crate::pointer;
use crate::schema::certain::{self, KnownTypes};
use crate::schema::types::Types;
use crate::schema::{Document, SchemaPlace, Schemas, Unresolved, schema_names};
use crate::tape::{Tag, Tape, Value};
use crate::workspace::{Format, Source, SourceId, Workspace};

/// The longest schema file.
const BYTES_MAX: usize = 16 << 20;

/// The parsed schema files of a project, while the model is compiled.
#[derive(Debug, Default)]
pub(super) struct Documents {
    parsed: Vec<Parsed>,
    /// The same as data, with what references in them lead to.
    pub schemas: Schemas,
    /// The types that schemas allow, as far as somebody asked.
    pub types: KnownTypes,
    /// How many schemas were gathered.
    pub gathered: Cell<usize>,
    /// Paths of files that can't be used: that was reported.
    broken: Vec<String>,
    /// How many directories the roots go up.
    ups: usize,
}

#[derive(Debug)]
struct Parsed {
    source: SourceId,
    path: String,
    tape: Arc<Tape>,
}

/// A place in a schema file.
#[derive(Clone, Debug)]
pub(super) struct Node<'d> {
    /// Index of the document.
    pub document: usize,
    /// What stands there.
    pub value: Value<'d>,
    /// The JSON Pointer from the document's root.
    pub pointer: String,
    /// The key that it stands under, if it stands under one.
    key: Option<Value<'d>>,
}

impl<'d> Node<'d> {
    /// The node under a keyword.
    pub fn get(&self, keyword: &str) -> Option<Node<'d>> {
        let entry = self.value.entry(keyword)?;
        Some(Node {
            document: self.document,
            value: entry.value,
            pointer: pointer::join(&self.pointer, keyword),
            key: Some(entry.key),
        })
    }

    /// The items of the list under a keyword.
    pub fn items(&self, keyword: &str) -> Vec<Node<'d>> {
        let Some(list) = self.get(keyword) else { return Vec::new() };
        let node = |(index, value)| Node {
            document: self.document,
            value,
            pointer: pointer::join_index(&list.pointer, index),
            key: None,
        };
        list.value.items().enumerate().map(node).collect()
    }

    /// The entries of the object under a keyword.
    pub fn entries(&self, keyword: &str) -> Vec<(&'d str, Node<'d>)> {
        let Some(object) = self.get(keyword) else { return Vec::new() };
        let node = |entry: crate::tape::Entry<'d>| {
            let node = Node {
                document: self.document,
                value: entry.value,
                pointer: pointer::join(&object.pointer, entry.name()),
                key: Some(entry.key),
            };
            (entry.name(), node)
        };
        object.value.entries().map(node).collect()
    }

    /// The text under a keyword.
    pub fn text(&self, keyword: &str) -> Option<&'d str> {
        self.value.get(keyword)?.as_str()
    }

    /// Whether `true` stands under a keyword.
    pub fn flag(&self, keyword: &str) -> bool {
        self.value.get(keyword).and_then(Value::as_bool) == Some(true)
    }

    /// Where it stands.
    pub fn at(&self) -> SchemaPlace {
        SchemaPlace { document: self.document, pointer: self.pointer.clone() }
    }

    /// Whether `false` stands under a keyword.
    pub fn forbids(&self, keyword: &str) -> bool {
        self.value.get(keyword).and_then(Value::as_bool) == Some(false)
    }

    /// Where it is written: the key of an object, which is easier to see than all of it.
    pub fn place(&self) -> Place {
        let place = match (self.value.tag(), self.key) {
            (Tag::Object | Tag::Array, Some(key)) => Place::of(key),
            (Tag::Object | Tag::Array, None) => {
                Place::new(self.value.source(), self.value.opening())
            }
            _ => Place::of(self.value),
        };
        place.at(self.pointer.clone())
    }

    /// Where the value under a keyword is written; the node itself if there is none.
    pub fn place_of(&self, keyword: &str) -> Place {
        self.get(keyword).map_or_else(|| self.place(), |node| node.place())
    }
}

impl Documents {
    /// No documents yet, of a project with these roots.
    pub fn below(roots: &[Root]) -> Self {
        Self { ups: roots.iter().map(Root::ups).max().unwrap_or(0), ..Self::default() }
    }

    /// The URI of the file at `path`. The project lies as deep as its roots go up, so that a
    /// relative `$ref` leads from one to the other as it does on the disk.
    fn uri(&self, path: &str) -> String {
        let below = path.trim_start_matches("../");
        let ups = (path.len() - below.len()) / "../".len();
        format!("project:///{}{below}", "project/".repeat(self.ups.saturating_sub(ups)))
    }

    /// Reads the schema file at `path`, unless it was read before. None if it can't be used; then
    /// diagnostics say why.
    pub fn load(
        &mut self,
        workspace: &mut Workspace,
        path: &str,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<Option<usize>, Fault> {
        if let Some(index) = self.parsed.iter().position(|parsed| parsed.path == path) {
            return Ok(Some(index));
        }
        if self.broken.iter().any(|broken| broken == path) {
            return Ok(None);
        }
        let source = match Source::from_path(path) {
            Some(source) if matches!(source.format, Format::Json | Format::Yaml) => source,
            _ => return Ok(None),
        };
        let format = source.format;
        let id = workspace.add(source);
        let Some((text, base)) = decode::read_text(workspace, id, diagnostics)? else {
            self.broken.push(path.to_owned());
            return Ok(None);
        };
        if text.len() > BYTES_MAX {
            diagnostics.push(
                Diagnostic::new(
                    &code::TOO_LARGE_SCHEMA,
                    Place::new(id, 0..0),
                    format!("the schema has {} bytes, and {BYTES_MAX} are allowed", text.len()),
                )
                .help("write long lists of values as a code list, in a CSV file"),
            );
            self.broken.push(path.to_owned());
            return Ok(None);
        }
        let mut tape = Tape::with_names(Arc::clone(schema_names()));
        tape.reset(id, base, text);
        match format {
            Format::Yaml => parse::yaml::parse(&mut tape, id, diagnostics),
            _ => parse::json::parse_value(&mut tape, id, diagnostics),
        }
        let Some(root) = tape.roots().next() else {
            self.broken.push(path.to_owned());
            return Ok(None);
        };
        let document = self.schemas.add(&self.uri(path), Arc::new(root.to_json()));
        let tape = Arc::new(tape);
        self.parsed.push(Parsed { source: id, path: path.to_owned(), tape });
        Ok(Some(document))
    }

    /// Takes in a schema that comes with Demarche, or is written by it.
    ///
    /// # Panics
    /// If it can't be parsed: that is our bug.
    pub fn load_built_in(
        &mut self,
        workspace: &mut Workspace,
        path: &str,
        text: Arc<str>,
    ) -> usize {
        let mut tape = Tape::new(SourceId(0), 0, String::new());
        let source = workspace.add(Source::built_in(path, Arc::clone(&text)));
        tape.reset(source, 0, text.to_string());
        let mut diagnostics = Vec::new();
        parse::json::parse_value(&mut tape, source, &mut diagnostics);
        assert!(diagnostics.is_empty(), "our own schema is JSON: {diagnostics:?}");
        // Of a scheme that no file of a project has.
        let json = tape.roots().next().expect("our own schema is a value").to_json();
        let document = self.schemas.add(&format!("demarche:///{path}"), Arc::new(json));
        self.parsed.push(Parsed { source, path: path.to_owned(), tape: Arc::new(tape) });
        document
    }

    /// The paths of all documents.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.parsed.iter().map(|parsed| parsed.path.as_str())
    }

    /// The root of a document.
    pub fn root(&self, document: usize) -> Node<'_> {
        let value = self.parsed[document].tape.roots().next().expect("a document has a root");
        Node { document, value, pointer: String::new(), key: None }
    }

    /// All roots.
    pub fn roots(&self) -> impl Iterator<Item = Node<'_>> {
        (0..self.parsed.len()).map(|document| self.root(document))
    }

    /// Follows the `$ref` of `node`, one step.
    pub fn follow<'d>(&'d self, node: &Node<'d>) -> Result<Node<'d>, Box<Diagnostic>> {
        let reference = node.text("$ref").unwrap_or_default();
        let fail = |why: String, help: String| {
            let message = format!("`$ref` to {} leads nowhere: {why}", quote(reference));
            let place = node.place_of("$ref");
            Box::new(Diagnostic::new(&code::UNRESOLVED_REF, place, message).help(help))
        };
        let from = node.at();
        let SchemaPlace { document, pointer } =
            self.schemas.resolve(&from, reference).map_err(|why| match why {
                Unresolved::Malformed => fail(
                    "it is no URI reference".to_owned(),
                    "write a file with a JSON Pointer, as in `common.schema.json#/$defs/name`; \
                     in a URI, `%` is written `%25`"
                        .to_owned(),
                ),
                Unresolved::Document(uri) => {
                    let file = reference.split('#').next().unwrap_or_default();
                    fail(format!("there is no schema {}", quote(file)), self.unknown(&uri, file))
                }
                Unresolved::Anchor(name) => fail(
                    format!("no `$anchor` is called {}", quote(&name)),
                    "write the fragment as a JSON Pointer, as in `#/$defs/name`".to_owned(),
                ),
            })?;
        let root = self.root(document);
        if pointer.is_empty() {
            return Ok(root);
        }
        let (value, found) = root.value.pointer(&pointer);
        if found {
            return Ok(Node { document, value, pointer, key: None });
        }
        let known = value.entries().map(crate::tape::Entry::name);
        let wanted = pointer.rsplit('/').next().unwrap_or_default();
        let help = match nearest(wanted, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "add it under `$defs`, or correct the pointer".to_owned(),
        };
        let (_, fragment) = reference.split_once('#').unwrap_or_default();
        Err(fail(format!("nothing stands at {}", quote(&format!("#{fragment}"))), help))
    }

    /// What to do about a schema file that isn't there.
    fn unknown(&self, uri: &str, file: &str) -> String {
        let name = |path: &'_ str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let wanted = name(file);
        let names: Vec<_> = self.paths().map(name).collect();
        let near = names.iter().find(|it| it.eq_ignore_ascii_case(&wanted) && **it != wanted);
        if let Some(near) = near {
            return format!("the file is called {}: write it like that", quote(near));
        }
        if uri.starts_with("http://") || uri.starts_with("https://") {
            return format!(
                "nothing is fetched from the network: put a copy beside the schema that refers to \
                 it, as a file that ends in `.schema.json` and has the `$id` {}",
                quote(uri)
            );
        }
        format!(
            "the schema files are {}; a `$ref` names one by its `$id` or relative to the file that \
             it stands in",
            one_of(self.paths())
        )
    }

    /// The types that values of a schema may have; perhaps more, never fewer.
    pub fn possible(&self, node: &Node<'_>) -> Types {
        certain::possible(&self.schemas, &self.types, &node.at())
    }

    /// A schema's keywords; none if it is `true` or `false`.
    pub fn keywords(&self, node: &Node<'_>) -> Option<&Map<String, Json>> {
        self.schemas.at(&node.at())?.as_object()
    }

    /// What `own` finds in a schema, or certainly in what it leads to.
    pub fn certain<'d>(
        &'d self,
        node: &Node<'_>,
        own: &dyn Fn(&'d Map<String, Json>) -> Option<Vec<&'d str>>,
    ) -> Option<Vec<&'d str>> {
        certain::certain(&self.schemas, &self.types, &node.at(), own)
    }

    /// The documents as data.
    pub fn finish(&self) -> Vec<Document> {
        let finish = |(document, parsed): (usize, &Parsed)| Document {
            source: parsed.source,
            json: Arc::clone(self.schemas.json(document)),
            tape: Arc::clone(&parsed.tape),
        };
        self.parsed.iter().enumerate().map(finish).collect()
    }
}
