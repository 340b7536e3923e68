//! JSON Schema documents to a [`Model`].
//!
//! The walk follows the shape of records: an object's properties become fields, an object inside
//! an object shares its level, a list opens a new one. Everything that no table can hold is
//! reported where the schema says it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, LazyLock};

use super::certain::{self, LIST, NULL, OBJECT, TEXT};
use super::conflicts;
use super::document::{Documents, Node};
use super::gather::{self, Clauses, Condition, first_text, first_with, gather};
use super::scalar::{self, Known, name};
use super::{
    About, Codes, Column, EdtfPart, Field, Item, Kind, Level, Model, Object, Origin,
    POSITION_COLUMN, Scalar, Shape, Table, Term, VALUE_COLUMN, annotation, code_list, codings,
    names, numbering, reserved, satisfiable, size,
};
use crate::diagnostic::{Diagnostic, Place, code, one_of, quote};
use crate::edtf::Precision;
use crate::fault::Fault;
use crate::manifest::{Manifest, TableDeclaration};
use crate::path;
use crate::schema::{Acceptor, Authority, Schemas, authority, is_plain_schema, translate};
use crate::tape::Names;
use crate::tape::{UNKNOWN, Value};
use crate::workspace::{Format, Nature, Source, Workspace};

/// The dialect that schemas are written in.
const JSON_SCHEMA: &str = "https://json-schema.org/draft/2020-12/schema";

/// Objects and lists nested deeper than this are taken for a recursive schema.
const DEPTH_MAX: usize = 24;

/// Reads and compiles a project's schemas and code lists. None if they have errors; then
/// diagnostics say which.
///
/// # Errors
/// When a file can't be read.
pub fn compile(
    workspace: &mut Workspace,
    manifest: &Manifest,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Option<Model>, Fault> {
    let mut found = Vec::new();
    let code_lists = code_list::load(workspace, &manifest.roots, &mut found)?;
    let mut documents = Documents::below(&manifest.roots);
    let roots = load_documents(workspace, manifest, &mut documents, &mut found)?;
    for root in documents.roots() {
        if let Some(other) = root.text("$schema")
            && other.trim_end_matches('#') != JSON_SCHEMA
        {
            found.push(
                Diagnostic::new(
                    &code::INVALID_SCHEMA,
                    root.place_of("$schema"),
                    format!("`$schema` is `{other}`, but Demarche reads `{JSON_SCHEMA}`"),
                )
                .help("write the schema for JSON Schema 2020-12; older drafts mean other things"),
            );
            continue;
        }
        if is_plain_schema(root.value) {
            continue;
        }
        let violations = authority::check_schema(&root.value.to_json());
        let faults = translate(&violations, root.value, None, None);
        found.extend(faults.into_iter().map(|mut finding| {
            finding.code = &code::INVALID_SCHEMA;
            finding.primary.text.clear();
            if finding.primary.place.pointer.as_deref().is_some_and(|it| it.ends_with("/type")) {
                finding.message = format!(
                    "`{}` is no type",
                    root.value
                        .pointer(finding.primary.place.pointer.as_deref().unwrap_or_default())
                        .0
                        .to_json()
                );
                finding.help = Some(
                    "the types are `string`, `number`, `integer`, `boolean`, `object` and `array`"
                        .to_owned(),
                );
            }
            finding.message = finding.message.replacen("the record is", "the schema is", 1);
            finding.fix = None;
            finding
        }));
    }
    // What is no schema can't be compiled: its consequences would only hide the cause.
    let usable = !found.iter().any(Diagnostic::is_error) && roots.len() == manifest.tables.len();
    if usable {
        annotation::check(&documents, &mut found);
        size::check(&documents, &mut found);
    }
    let usable = usable && !found.iter().any(|it| it.code == &code::TOO_LARGE_SCHEMA);
    let mut tables = Vec::new();
    if usable {
        let names: Vec<_> = manifest.tables.iter().map(|table| table.name.as_str()).collect();
        let known = Known { tables: &names, code_lists: &code_lists };
        for (declaration, document) in manifest.tables.iter().zip(roots) {
            let mut compiler = Compiler::new(&documents, manifest, &known, &mut found);
            tables.extend(compiler.table(declaration, document));
        }
        if let Some(document) =
            codings::load(&mut documents, workspace, &tables, manifest, &mut found)
        {
            let mut compiler = Compiler::new(&documents, manifest, &known, &mut found);
            compiler.agreement(document, &mut tables);
        }
        check_references(&tables, manifest, &mut found);
        check_table_names(&tables, manifest, &mut found);
        reserved::check(&tables, manifest, &mut found);
    }
    let sound = !found.iter().any(Diagnostic::is_error);
    let main = manifest.dataset.main.as_deref();
    let main = tables.iter().position(|table| Some(table.name.as_str()) == main).unwrap_or(0);
    let finished = documents.finish();
    let schemas = Arc::new(std::mem::take(&mut documents.schemas));
    let names = numbering::number(&mut tables, &finished);
    let (mut authority, mut acceptors) = (None, Vec::new());
    if sound {
        let roots: Vec<_> = tables.iter().map(|table| table.document).collect();
        acceptors = accept(&schemas, &roots, &names);
        match Authority::new(Arc::clone(&schemas), &roots, |table| {
            acceptors[table].as_ref().is_some_and(|acceptor| !acceptor.is_recursive())
        }) {
            Ok(compiled) => authority = Some(compiled),
            Err((table, pointer, message)) => {
                let (value, _) = documents.root(roots[table]).value.pointer(&pointer);
                let message = format!("the schema can't be used: {message}");
                found.push(
                    Diagnostic::new(&code::INVALID_SCHEMA, Place::of(value).at(pointer), message)
                        .help("see the JSON Schema 2020-12 specification for the keyword"),
                );
            }
        }
    }
    diagnostics.append(&mut found);
    let model = |authority| Model {
        tables,
        code_lists,
        documents: finished,
        schemas,
        names,
        acceptors,
        authority,
        main,
    };
    Ok(authority.map(model))
}

/// The acceptors of these documents.
fn accept(schemas: &Arc<Schemas>, roots: &[usize], names: &Names) -> Vec<Option<Acceptor>> {
    roots.iter().map(|root| Acceptor::new(schemas, *root, names, true)).collect()
}

/// Reads the schema of each table, and whatever lies beside them.
fn load_documents(
    workspace: &mut Workspace,
    manifest: &Manifest,
    documents: &mut Documents,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Vec<usize>, Fault> {
    let mut roots = Vec::new();
    let mut directories = BTreeSet::new();
    for table in &manifest.tables {
        directories.insert(table.schema.directory());
        match unusable_schema(workspace, table)? {
            Some(finding) => diagnostics.push(finding),
            None => roots.extend(documents.load(workspace, table.schema.as_str(), diagnostics)?),
        }
    }
    for directory in directories {
        // What lies right beside: `$ref` may lead there.
        let is_beside = |path: &str| {
            (path.ends_with(".schema.json") || path.ends_with(".schema.yaml"))
                && !manifest.tables.iter().any(|table| table.schema.as_str() == path)
        };
        for path in super::files::files_in(workspace, directory, is_beside, diagnostics)? {
            documents.load(workspace, &path, diagnostics)?;
        }
    }
    check_released_names(workspace, manifest, documents, diagnostics);
    Ok(roots)
}

/// Why the schema file that a table names can't be one, if it can't.
fn unusable_schema(
    workspace: &Workspace,
    table: &TableDeclaration,
) -> Result<Option<Diagnostic>, Fault> {
    let path = table.schema.as_str();
    let directory = table.schema.directory();
    let listed = workspace.list(directory)?;
    let found = listed.iter().find(|it| it.path == path || it.path == directory);
    let finding = |code, message| Diagnostic::new(code, table.schema_place.clone(), message);
    Ok(match found.map(|found| (&found.path, &found.nature)) {
        None => Some(
            finding(&code::UNKNOWN_NAME, format!("there is no schema file `{path}`"))
                .help("give its path relative to the manifest"),
        ),
        Some((_, Nature::Directory)) => Some(
            finding(&code::UNREADABLE_FILE, format!("`{path}` is a directory, not a schema file"))
                .help("name the file in it"),
        ),
        Some((at, Nature::Unusable(unusable))) => Some(
            finding(&code::UNUSABLE_PATH, format!("`{at}` {}", unusable.reason()))
                .help(unusable.help()),
        ),
        Some((_, Nature::File { .. })) => {
            let format = Source::from_path(path).map(|source| source.format);
            let is_schema = matches!(format, Some(Format::Json | Format::Yaml));
            (!is_schema).then(|| {
                let message = format!("the ending of `{path}` says no format of a schema");
                finding(&code::UNREADABLE_FILE, message)
                    .help("schema files end in `.schema.json` or `.schema.yaml`")
            })
        }
    })
}

/// No two schema files come to lie in the same place of a release, whatever the system.
fn check_released_names(
    workspace: &Workspace,
    manifest: &Manifest,
    documents: &Documents,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut taken: BTreeMap<String, &str> = BTreeMap::new();
    for path in documents.paths() {
        let released = path::released(path, &manifest.roots);
        let Some(other) = taken.insert(released.to_lowercase(), path) else { continue };
        let source = workspace.find(path).expect("documents are files of the workspace");
        let message = format!("`{path}` and `{other}` would both be released as `{released}`");
        diagnostics.push(
            Diagnostic::new(&code::NAME_COLLISION, Place::new(source, 0..0), message)
                .help("rename one of the two files"),
        );
    }
}

/// Names of the precision of a date, as codes.
static PRECISIONS: LazyLock<Arc<Codes>> =
    LazyLock::new(|| Arc::new(Codes::new(None, Precision::NAMES.map(str::to_owned))));

struct Compiler<'c> {
    documents: &'c Documents,
    manifest: &'c Manifest,
    known: &'c Known<'c>,
    found: &'c mut Vec<Diagnostic>,
    /// How many properties the table has so far, those inside of others included.
    properties: usize,
}

/// A table with more properties is refused.
const PROPERTIES_MAX: usize = 10_000;

/// Annotations of one value.
const VALUE_ANNOTATIONS: [&str; 5] =
    ["x-codelist", "x-jsonld-base", "x-reference", "x-role", "x-unit"];

/// Where the walk stands.
#[derive(Clone)]
struct Scope {
    /// The level's table name.
    table: String,
    /// JSON Pointer from the level's row.
    pointer: String,
    /// The columns' common beginning.
    prefix: String,
    /// Everything here is internal.
    internal: bool,
    /// Every row has this object.
    certain: bool,
    /// Inside a list, not in the record itself.
    in_list: bool,
    depth: usize,
    /// The schemas of the objects around this one: one that stands here again has no end.
    around: Vec<(usize, String)>,
}

/// What a level gathers while its object is walked.
#[derive(Default)]
struct Contents {
    columns: Vec<Column>,
    lists: Vec<Level>,
    /// Where each column's name was given, to point at collisions.
    places: Vec<Place>,
    by_name: HashMap<String, usize>,
}

impl<'c> Compiler<'c> {
    fn new(
        documents: &'c Documents,
        manifest: &'c Manifest,
        known: &'c Known<'c>,
        found: &'c mut Vec<Diagnostic>,
    ) -> Self {
        Self { documents, manifest, known, found, properties: 0 }
    }

    /// Counts a property, and reports the first that is too many.
    fn is_too_large(&mut self, node: &Node<'_>) -> bool {
        self.properties += 1;
        if self.properties == PROPERTIES_MAX + 1 {
            self.found.push(
                Diagnostic::new(
                    &code::TOO_LARGE_SCHEMA,
                    node.place(),
                    format!("the table has more than {PROPERTIES_MAX} properties"),
                )
                .help("where the names are data, write a list of objects with a key each"),
            );
        }
        self.properties > PROPERTIES_MAX
    }

    fn table(&mut self, declaration: &TableDeclaration, document: usize) -> Option<Table> {
        let root = self.documents.root(document);
        let title = root.text("title").unwrap_or(&declaration.name).to_owned();
        let description = root.text("description").unwrap_or_default().to_owned();
        let clauses = gather(self.documents, root.clone(), Condition::Always, self.found);
        let scope = Scope {
            table: declaration.name.clone(),
            pointer: String::new(),
            prefix: String::new(),
            internal: false,
            certain: true,
            in_list: false,
            depth: 0,
            around: Vec::new(),
        };
        self.refuse(&clauses, &["x-internal"], "a property, not on a table");
        conflicts::check(&clauses, self.found);
        self.properties = 0;
        let mut contents = Contents::default();
        let object = self.object(&clauses, &scope, &declaration.row, &mut contents)?;
        let key = self.key(declaration, &object, &contents, &root)?;
        let level = Level {
            name: declaration.name.clone(),
            title: title.clone(),
            description: description.clone(),
            pointer: String::new(),
            item: Item::Object(object),
            columns: contents.columns,
            lists: contents.lists,
        };
        let table = Table {
            name: declaration.name.clone(),
            row: declaration.row.clone(),
            title,
            description,
            document,
            key,
            codings: codings::find(&level, declaration, self.found),
            agreement_on: None,
            level,
        };
        self.check_parent_columns(declaration, &table);
        Some(table)
    }

    /// Adds a table of agreement for each table of codings.
    fn agreement(&mut self, document: usize, tables: &mut Vec<Table>) {
        for index in 0..tables.len() {
            if tables[index].codings.is_some() {
                let codings = declaration(&tables[index], tables, self.manifest);
                let agreement = self.table(&codings::declaration(codings), document);
                let agreement = agreement.expect("our own schema makes a table");
                let on = (index, &tables[index]);
                tables.push(codings::adopt(agreement, on, &codings.place, self.found));
            }
        }
    }

    fn key(
        &mut self,
        declaration: &TableDeclaration,
        object: &Object,
        contents: &Contents,
        root: &Node<'_>,
    ) -> Option<usize> {
        let Some(field) = object.field(&declaration.key) else {
            let fields = object.fields.iter().map(|field| field.name.as_str());
            self.found.push(
                Diagnostic::new(
                    &code::UNKNOWN_NAME,
                    declaration.key_place.clone(),
                    format!("the key `{}` is no property of the schema", declaration.key),
                )
                .help(format!("the schema has {}", one_of(fields))),
            );
            return None;
        };
        let column = match &field.shape {
            Shape::Scalar { scalar, column }
                if matches!(scalar.kind, Kind::Text | Kind::Iri | Kind::Integer { .. }) =>
            {
                Some(*column)
            }
            Shape::Scalar { .. } | Shape::Group(_) | Shape::Languages(_) | Shape::List { .. } => {
                None
            }
        };
        let usable = column.filter(|column| {
            !contents.columns[*column].nullable && !contents.columns[*column].internal
        });
        if usable.is_none() {
            self.found.push(
                Diagnostic::new(
                    &code::MISUSED_ANNOTATION,
                    declaration.key_place.clone(),
                    format!("`{}` can't be a key", declaration.key),
                )
                .with(root.place_of("required"), "the schema's required properties")
                .help("a key is a required, released property that holds text or an integer"),
            );
        }
        usable
    }

    /// The columns by which child tables name their parents must be usable, and unlike one another
    /// and the child's own.
    fn check_parent_columns(&mut self, declaration: &TableDeclaration, table: &Table) {
        let report = |code, message: String, help: &str| {
            Diagnostic::new(code, declaration.place.clone(), message).help(help)
        };
        // A schema without end has names without end; that was reported.
        if self.found.iter().any(|found| found.code == &code::RECURSIVE_SCHEMA) {
            return;
        }
        let mut told = BTreeSet::new();
        for flat in table.flat_tables().into_iter().skip(1) {
            let name = &flat.level.name;
            let position = POSITION_COLUMN.to_owned();
            let leading: Vec<_> = flat.parents.iter().chain([&position]).collect();
            for (index, column) in leading.iter().enumerate() {
                if let Some(fault) = names::fault(column, names::COLUMN_CHARS_MAX)
                    && told.insert((*column).clone())
                {
                    self.found.push(report(
                        &code::UNUSABLE_NAME,
                        format!("the table `{name}` can't have a column `{column}`: {fault}"),
                        "give the table a short `row` name in the manifest, and lists short names",
                    ));
                }
                let own = flat.level.columns.iter().find(|own| own.name == **column);
                if leading[..index].contains(column) || own.is_some() {
                    let mut finding = report(
                        &code::NAME_COLLISION,
                        format!(
                            "the table `{name}` has two columns `{column}`, of which one names \
                             the parent row"
                        ),
                        "rename the property, or the list around it, or give it an `x-column`",
                    );
                    if let Some(place) = own.and_then(|own| place_in(flat.level, own)) {
                        finding.primary.place = place;
                    }
                    self.found.push(finding);
                }
            }
        }
    }

    /// Compiles an object into fields, and its values into columns of the level.
    fn object(
        &mut self,
        clauses: &Clauses<'c>,
        scope: &Scope,
        row: &str,
        contents: &mut Contents,
    ) -> Option<Object> {
        let node = clauses.first().expect("a place has a schema").node.clone();
        let here: Vec<_> = clauses
            .iter()
            .map(|clause| (clause.node.document, clause.node.pointer.clone()))
            .collect();
        let again = here.iter().any(|schema| scope.around.contains(schema));
        if again || scope.depth > DEPTH_MAX {
            self.found.push(
                Diagnostic::new(
                    &code::RECURSIVE_SCHEMA,
                    node.place(),
                    format!("`{}` contains itself, so its columns never end", name(&node)),
                )
                .help("refer to the inner record by its key, with `x-reference`"),
            );
            return None;
        }
        self.check_closed(clauses, &node);
        let scope = &Scope { around: [&scope.around[..], &here[..]].concat(), ..scope.clone() };
        let properties = gather::properties(self.documents, clauses, self.found);
        let always_there = gather::required(clauses);
        satisfiable::check(clauses, &properties, self.found);
        let mut fields = Vec::new();
        for (property, clauses_below) in properties {
            let required = always_there.contains(property);
            fields.extend(self.field(property, &clauses_below, required, scope, row, contents));
        }
        Some(Object { fields, classes: self.classes(clauses) })
    }

    fn check_closed(&mut self, clauses: &Clauses<'c>, node: &Node<'_>) {
        if !satisfiable::is_closed(self.documents, clauses) {
            self.found.push(
                Diagnostic::new(
                    &code::OPEN_OBJECT,
                    node.place(),
                    format!("`{}` allows properties that its schema doesn't name", name(node)),
                )
                .help(
                    "add `\"additionalProperties\": false`, or `unevaluatedProperties` beside \
                     `allOf`; where keys are data, write a list of objects with a key each",
                ),
            );
        }
        for clause in clauses {
            if let Some(patterns) = clause.node.get("patternProperties") {
                self.found.push(
                    Diagnostic::new(
                        &code::OPEN_OBJECT,
                        patterns.place(),
                        format!("`{}` names properties by pattern", name(node)),
                    )
                    .help("write a list of objects with a key each"),
                );
            }
        }
    }

    fn classes(&mut self, clauses: &Clauses<'_>) -> Vec<String> {
        let Some(node) = first_with(clauses, "x-jsonld-type") else { return Vec::new() };
        let value = node.value.get("x-jsonld-type").expect("the keyword is there");
        let one = value.as_str().is_some().then_some(value);
        let names: Vec<_> = value.items().chain(one).collect();
        let iri = |item: Value<'_>| self.iri(item.as_str()?, &Place::of(item));
        names.into_iter().filter_map(iri).collect()
    }

    fn field(
        &mut self,
        property: &str,
        clauses: &Clauses<'c>,
        required: bool,
        outer: &Scope,
        row: &str,
        contents: &mut Contents,
    ) -> Option<Field> {
        let node = clauses.first().expect("a place has a schema").node.clone();
        let forbids = |node: &Node<'_>| node.value.as_bool() == Some(false);
        if forbids(&node)
            || scalar::types(clauses) == 0 && clauses.iter().any(|it| forbids(&it.node))
        {
            // Forbidden here; another branch may allow it, and then it is declared there.
            return None;
        }
        if self.is_too_large(&node) {
            return None;
        }
        conflicts::check(clauses, self.found);
        let segment =
            first_text(clauses, "x-column").map_or_else(|| names::segment(property), str::to_owned);
        let certain = outer.certain && required && !scalar::allows_null(clauses);
        let scope = Scope {
            table: outer.table.clone(),
            pointer: crate::pointer::join(&outer.pointer, property),
            prefix: names::join(&outer.prefix, &segment),
            internal: outer.internal || clauses.iter().any(|clause| clause.node.flag("x-internal")),
            certain,
            in_list: outer.in_list,
            depth: outer.depth + 1,
            around: outer.around.clone(),
        };
        let about = self.about(property, clauses);
        let shape = if clauses.iter().any(|clause| clause.node.flag("x-language-map")) {
            self.check_language_map(clauses);
            self.languages(&node, &scope, &about, contents)
        } else {
            match scalar::types(clauses) & !NULL {
                OBJECT => {
                    scalar::check_no_value(clauses, &["x-separator"], "an object", self.found);
                    Shape::Group(self.object(clauses, &scope, row, contents)?)
                }
                LIST => {
                    scalar::check_no_value(clauses, &["x-jsonld-type"], "a list", self.found);
                    self.list(clauses, &scope, &about, row, contents)?
                }
                _ => {
                    let scalar = scalar::compile(self.documents, clauses, self.known, self.found)?;
                    let column = self.column(&scalar, &scope, &about, &node, contents);
                    Shape::Scalar { scalar, column }
                }
            }
        };
        Some(Field {
            name: property.to_owned(),
            number: UNKNOWN,
            term: self.term(property, clauses, &scope, row),
            pointer: scope.pointer,
            place: node.place(),
            about,
            internal: scope.internal,
            required,
            shape,
            variable: scalar::is_coded(clauses).then_some(scope.prefix),
        })
    }

    /// Reports annotations that mean nothing here.
    fn refuse(&mut self, clauses: &Clauses<'_>, keywords: &[&str], wanted: &str) {
        for keyword in keywords {
            if let Some(node) = first_with(clauses, keyword) {
                self.found.push(
                    Diagnostic::new(
                        &code::MISUSED_ANNOTATION,
                        node.place_of(keyword),
                        format!("`{keyword}` means nothing here: it stands on {wanted}"),
                    )
                    .help("`docs/schema.md` says what each annotation may stand on"),
                );
            }
        }
    }

    fn about(&mut self, property: &str, clauses: &Clauses<'_>) -> About {
        let text = |keyword: &str| first_text(clauses, keyword);
        let title = text("title").unwrap_or(property).to_owned();
        let label = text("x-label").unwrap_or(&title).to_owned();
        if label.chars().count() > names::LABEL_CHARS_MAX {
            let node = first_with(clauses, "x-label")
                .or_else(|| first_with(clauses, "title"))
                .expect("the label comes from one of them");
            let keyword = if node.text("x-label").is_some() { "x-label" } else { "title" };
            self.found.push(
                Diagnostic::new(
                    &code::UNUSABLE_NAME,
                    node.place_of(keyword),
                    format!(
                        "the label of `{property}` has {} characters, and {} are allowed",
                        label.chars().count(),
                        names::LABEL_CHARS_MAX
                    ),
                )
                .help("Stata and SPSS reject longer labels; add a short `x-label`"),
            );
        }
        About {
            label,
            title,
            description: text("description").unwrap_or_default().to_owned(),
            unit: text("x-unit").map(str::to_owned),
        }
    }

    /// A value's column, and those derived from it. Returns the value's own.
    fn column(
        &mut self,
        scalar: &Scalar,
        scope: &Scope,
        about: &About,
        node: &Node<'_>,
        contents: &mut Contents,
    ) -> usize {
        let index = contents.columns.len();
        let column = Column {
            name: scope.prefix.clone(),
            pointer: scope.pointer.clone(),
            about: about.clone(),
            kind: scalar.kind.clone(),
            reference: scalar.reference.clone(),
            nullable: !scope.certain,
            internal: scope.internal,
            origin: Origin::Field,
            role: scalar.role,
            format: scalar.format,
        };
        self.check_name(&column, node);
        let derived: Vec<_> = match scalar.kind {
            Kind::Edtf => EdtfPart::ALL.map(|part| derived(&column, index, part)).into(),
            _ => Vec::new(),
        };
        if names::fault(&column.name, names::COLUMN_CHARS_MAX).is_none()
            && let Some(longest) = derived.iter().max_by_key(|column| column.name.len())
        {
            self.check_name(longest, node);
        }
        self.push_unchecked(column, node, contents);
        for column in derived {
            self.push_unchecked(column, node, contents);
        }
        index
    }

    fn push(&mut self, column: Column, node: &Node<'_>, contents: &mut Contents) {
        self.check_name(&column, node);
        self.push_unchecked(column, node, contents);
    }

    fn check_name(&mut self, column: &Column, node: &Node<'_>) {
        if let Some(fault) = names::fault(&column.name, names::COLUMN_CHARS_MAX) {
            self.found.push(
                Diagnostic::new(
                    &code::UNUSABLE_NAME,
                    node.place(),
                    format!("no column can be called `{}`: {fault}", column.name),
                )
                .help("rename the property, or give it (or the object around it) an `x-column`"),
            );
        }
    }

    fn push_unchecked(&mut self, column: Column, node: &Node<'_>, contents: &mut Contents) {
        if let Some(&other) = contents.by_name.get(&column.name) {
            self.found.push(
                Diagnostic::new(
                    &code::NAME_COLLISION,
                    node.place(),
                    format!(
                        "two columns are called `{}`: for `{}` and `{}`",
                        column.name,
                        crate::pointer::readable(&contents.columns[other].pointer),
                        crate::pointer::readable(&column.pointer)
                    ),
                )
                .with(contents.places[other].clone(), "the other one")
                .help("give one of them another name with `x-column`"),
            );
        }
        contents.by_name.entry(column.name.clone()).or_insert(contents.columns.len());
        contents.columns.push(column);
        contents.places.push(node.place());
    }

    /// A language map holds texts and nothing else: its columns can't hold anything else.
    fn check_language_map(&mut self, clauses: &Clauses<'c>) {
        let node = &first_with(clauses, "x-language-map").expect("a language map says so").clone();
        let texts: Clauses<'c> = clauses
            .iter()
            .filter_map(|clause| clause.node.get("additionalProperties"))
            .flat_map(|schema| gather(self.documents, schema, Condition::Always, self.found))
            .collect();
        let objects = scalar::types(clauses) & !NULL == OBJECT;
        let only_texts = !texts.is_empty() && scalar::types(&texts) == TEXT;
        let others = ["properties", "patternProperties"]
            .iter()
            .any(|keyword| first_with(clauses, keyword).is_some());
        if !objects || !only_texts || others {
            self.found.push(
                Diagnostic::new(
                    &code::MISUSED_ANNOTATION,
                    node.place_of("x-language-map"),
                    format!("`{}` is a language map, but may hold more than texts", name(node)),
                )
                .help(
                    "write `\"type\": \"object\", \"additionalProperties\": {\"type\": \"string\"}` \
                     beside it, without `properties` and `patternProperties`",
                ),
            );
        }
        self.refuse(clauses, &VALUE_ANNOTATIONS, "a value, not on a language map");
    }

    fn languages(
        &mut self,
        node: &Node<'_>,
        scope: &Scope,
        about: &About,
        contents: &mut Contents,
    ) -> Shape {
        let mut columns = Vec::new();
        for language in &self.manifest.dataset.languages {
            let column = Column {
                name: names::join(&scope.prefix, &names::segment(language)),
                pointer: crate::pointer::join(&scope.pointer, language),
                about: About {
                    title: format!("{} ({language})", about.title),
                    label: names::shorten(&format!("{} ({language})", about.label)),
                    ..about.clone()
                },
                kind: Kind::Text,
                reference: None,
                nullable: true,
                internal: scope.internal,
                origin: Origin::Language(language.clone()),
                role: None,
                format: None,
            };
            columns.push((language.clone(), contents.columns.len()));
            self.push(column, node, contents);
        }
        if columns.is_empty() {
            self.found.push(
                Diagnostic::new(
                    &code::MISUSED_ANNOTATION,
                    node.place(),
                    format!("`{}` is a language map, and no language is declared", name(node)),
                )
                .help("add `languages = [\"en\"]` to `[dataset]` in the manifest"),
            );
        }
        Shape::Languages(columns)
    }

    fn list(
        &mut self,
        clauses: &Clauses<'c>,
        scope: &Scope,
        about: &About,
        row: &str,
        contents: &mut Contents,
    ) -> Option<Shape> {
        let node = clauses.first().expect("a place has a schema").node.clone();
        let count = contents.columns.len();
        let column = Column {
            name: format!("n_{}", scope.prefix),
            pointer: scope.pointer.clone(),
            about: About {
                title: format!("Number of {}", about.title.to_lowercase()),
                label: names::shorten(&format!("Number of {}", about.label.to_lowercase())),
                description: "How many items the record lists; missing where it has no list, 0 \
                              where the list is empty."
                    .to_owned(),
                unit: None,
            },
            kind: Kind::Integer { bits: 32 },
            reference: None,
            nullable: !scope.certain,
            internal: scope.internal,
            origin: Origin::Count,
            role: None,
            format: None,
        };
        self.push(column, &node, contents);
        let level = self.list_level(clauses, scope, about, row)?;
        contents.lists.push(level);
        let unique = clauses
            .iter()
            .any(|clause| clause.condition == Condition::Always && clause.node.flag("uniqueItems"));
        Some(Shape::List { list: contents.lists.len() - 1, count, unique })
    }

    fn list_level(
        &mut self,
        clauses: &Clauses<'c>,
        scope: &Scope,
        about: &About,
        row: &str,
    ) -> Option<Level> {
        let node = &clauses.first().expect("a place has a schema").node;
        let unlowerable = |node: &Node<'_>, what: String, help: &str| {
            Diagnostic::new(&code::UNLOWERABLE_LIST, node.place(), what).help(help)
        };
        if let Some(tuple) = first_with(clauses, "prefixItems") {
            let what = format!("the items of `{}` mean different things", name(node));
            self.found.push(unlowerable(tuple, what, "write an object with a property for each"));
            return None;
        }
        let mut items = Vec::new();
        for clause in clauses {
            if let Some(schema) = clause.node.get("items") {
                items.extend(gather(self.documents, schema, clause.condition, self.found));
            }
        }
        if items.is_empty() {
            self.found.push(
                Diagnostic::new(
                    &code::UNTYPED,
                    node.place(),
                    format!("the items of `{}` have no schema", name(node)),
                )
                .help("add `\"items\": { … }`"),
            );
            return None;
        }
        let above = scope.above(row);
        let below = format!("{above}_{}", scope.prefix);
        if let Some(fault) = names::fault(&below, names::TABLE_CHARS_MAX) {
            self.found.push(
                Diagnostic::new(
                    &code::UNUSABLE_NAME,
                    node.place(),
                    format!("no table can be called `{below}`: {fault}"),
                )
                .help("give the list an `x-column`"),
            );
        }
        self.refuse(&items, &["x-internal", "x-column"], "the list, not on its items");
        conflicts::check(&items, self.found);
        let types = scalar::types(&items);
        let untyped = types == certain::ANYTHING;
        if types & (LIST | NULL) != 0 && !untyped {
            let what = if types & LIST != 0 { "lists" } else { "null" };
            let what = format!("the items of `{}` may be {what}", name(node));
            let help = "let each item be an object, or a bare value that is never null";
            self.found.push(unlowerable(&items[0].node, what, help));
            return None;
        }
        let inner = Scope {
            table: below.clone(),
            pointer: String::new(),
            prefix: String::new(),
            internal: scope.internal,
            certain: true,
            in_list: true,
            depth: scope.depth + 1,
            around: scope.around.clone(),
        };
        let mut contents = Contents::default();
        let item = if types & OBJECT != 0 && !untyped {
            if types != OBJECT {
                let what = format!("the items of `{}` may be objects or values", name(node));
                self.found.push(unlowerable(&items[0].node, what, "choose one of the two"));
                return None;
            }
            if let Some(separator) = first_with(clauses, "x-separator") {
                let what = "`x-separator` stands on a list of objects".to_owned();
                self.found.push(
                    Diagnostic::new(
                        &code::MISUSED_ANNOTATION,
                        separator.place_of("x-separator"),
                        what,
                    )
                    .help("only a list of bare values fits into one cell"),
                );
            }
            Item::Object(self.object(&items, &inner, row, &mut contents)?)
        } else {
            let mut scalar = scalar::compile(self.documents, &items, self.known, self.found)?;
            scalar.separator = first_text(clauses, "x-separator").map(str::to_owned);
            let about = About {
                title: about.title.clone(),
                label: about.label.clone(),
                ..self.about(VALUE_COLUMN, &items)
            };
            let inner = Scope { prefix: VALUE_COLUMN.to_owned(), ..inner };
            self.column(&scalar, &inner, &about, &items[0].node, &mut contents);
            Item::Scalar(scalar)
        };
        Some(Level {
            name: below,
            title: about.title.clone(),
            description: about.description.clone(),
            pointer: scope.pointer.clone(),
            item,
            columns: contents.columns,
            lists: contents.lists,
        })
    }

    /// The JSON-LD key and IRI: those that the schema gives, else made from the column's name, so
    /// that no property is ever without a meaning and no two ever share a key by accident.
    fn term(&mut self, property: &str, clauses: &Clauses<'_>, scope: &Scope, row: &str) -> Term {
        let key = first_text(clauses, "x-jsonld-term");
        let given = first_with(clauses, "x-jsonld-id").and_then(|node| {
            let name = node.text("x-jsonld-id")?;
            self.iri(name, &node.place_of("x-jsonld-id"))
        });
        if let (Some(key), Some(node)) = (key, first_with(clauses, "x-jsonld-term"))
            && !names::is_term(key)
        {
            self.found.push(
                Diagnostic::new(
                    &code::MISUSED_ANNOTATION,
                    node.place_of("x-jsonld-term"),
                    format!("{} can't be a key of a JSON-LD document", quote(key)),
                )
                .help("a key holds letters, digits, - and _, and begins with a letter or _"),
            );
        }
        if let Some(iri) = given {
            if key.is_none() && !scope.internal && !names::is_term(property) {
                let node = &clauses.first().expect("a place has a schema").node;
                self.found.push(
                    Diagnostic::new(
                        &code::UNUSABLE_NAME,
                        node.place(),
                        format!("{} can't be a key of a JSON-LD document", quote(property)),
                    )
                    .help(
                        "a key holds letters, digits, - and _, and begins with a letter or _: \
                         rename the property, or give it an `x-jsonld-term`",
                    ),
                );
            }
            return Term { key: key.unwrap_or(property).to_owned(), iri };
        }
        let made = || names::join(scope.above(row), &scope.prefix);
        let key = key.map_or_else(made, str::to_owned);
        let iri = format!("{}vocabulary#{key}", self.manifest.dataset.base);
        Term { key, iri }
    }

    /// An IRI as the schema abbreviates it.
    fn iri(&mut self, name: &str, place: &Place) -> Option<String> {
        let expanded = name.split_once(':').and_then(|(prefix, rest)| {
            match self.manifest.prefixes.get(prefix) {
                Some(base) => Some(format!("{base}{rest}")),
                None => (rest.starts_with("//") || prefix == "urn").then(|| name.to_owned()),
            }
        });
        if let Some(iri) = expanded.filter(|iri| fluent_uri::Iri::parse(iri.as_str()).is_ok()) {
            return Some(iri);
        }
        let prefixes = self.manifest.prefixes.keys().map(String::as_str);
        self.found.push(
            Diagnostic::new(
                &code::UNKNOWN_NAME,
                place.clone(),
                format!("`{name}` is no absolute IRI, and begins with no declared prefix"),
            )
            .help(format!("the manifest's `[prefixes]` are {}", one_of(prefixes))),
        );
        None
    }
}

impl Scope {
    /// What names of child tables and terms begin with: the manifest's `row` in the record
    /// itself, the child table's name inside a list.
    fn above<'a>(&'a self, row: &'a str) -> &'a str {
        if self.in_list { &self.table } else { row }
    }
}

/// Where the property is declared that a column of a list's rows comes from.
pub(super) fn place_in(list: &Level, column: &Column) -> Option<Place> {
    let Item::Object(object) = &list.item else { return None };
    let field = object.fields.iter().find(|field| column.pointer.starts_with(&field.pointer))?;
    Some(field.place.clone())
}

/// The column of a fact about an EDTF column.
fn derived(of: &Column, index: usize, part: EdtfPart) -> Column {
    let words = match part {
        EdtfPart::Earliest => "earliest day",
        EdtfPart::Latest => "latest day",
        EdtfPart::Precision => "precision",
        EdtfPart::Uncertain => "marked uncertain",
        EdtfPart::Approximate => "marked approximate",
    };
    let description = match part {
        EdtfPart::Earliest => "The first day that the date can mean; missing if it has no start.",
        EdtfPart::Latest => "The last day that the date can mean; missing if it has no end.",
        EdtfPart::Precision => "How precise the date is.",
        EdtfPart::Uncertain => "Whether the date is marked as uncertain (`?` or `%`).",
        EdtfPart::Approximate => "Whether the date is marked as approximate (`~` or `%`).",
    };
    Column {
        name: format!("{}_{}", names::stem(&of.name), part.suffix()),
        pointer: of.pointer.clone(),
        about: About {
            title: format!("{}: {words}", of.about.title),
            label: names::shorten(&format!("{}: {words}", of.about.label)),
            description: description.to_owned(),
            unit: None,
        },
        kind: match part {
            EdtfPart::Earliest | EdtfPart::Latest => Kind::Date,
            EdtfPart::Precision => Kind::Code(Arc::clone(&PRECISIONS)),
            EdtfPart::Uncertain | EdtfPart::Approximate => Kind::Boolean,
        },
        reference: None,
        nullable: of.nullable || matches!(part, EdtfPart::Earliest | EdtfPart::Latest),
        internal: of.internal,
        origin: Origin::Derived { of: index, part },
        role: None,
        format: None,
    }
}

/// A reference holds values of the kind of the key that it refers to.
fn check_references(tables: &[Table], manifest: &Manifest, diagnostics: &mut Vec<Diagnostic>) {
    let integer = |kind: &Kind| matches!(kind, Kind::Integer { .. });
    let keys: BTreeMap<_, _> =
        tables.iter().map(|table| (table.name.as_str(), &table.level.columns[table.key])).collect();
    for table in tables {
        for flat in table.flat_tables() {
            for column in &flat.level.columns {
                let Some(target) = &column.reference else { continue };
                let Some(key) = keys.get(target.as_str()) else { continue };
                if integer(&key.kind) != integer(&column.kind) {
                    let declaration =
                        manifest.tables.iter().find(|declared| declared.name == *target);
                    let place = declaration.expect("a table is declared").key_place.clone();
                    diagnostics.push(
                        Diagnostic::new(
                            &code::MISUSED_ANNOTATION,
                            place,
                            format!(
                                "`{}.{}` refers to `{target}`, whose key is of another type",
                                flat.level.name, column.name
                            ),
                        )
                        .help("let both be text, or both integers"),
                    );
                }
            }
        }
    }
}

/// The declaration of a table, or of the one that it is worked out from.
pub(super) fn declaration<'m>(
    table: &Table,
    tables: &[Table],
    manifest: &'m Manifest,
) -> &'m TableDeclaration {
    let declared = table.agreement_on.map_or(table, |index| &tables[index]);
    let mut declarations = manifest.tables.iter();
    declarations.find(|it| it.name == declared.name).expect("a table is declared")
}

/// Released tables share one directory.
fn check_table_names(tables: &[Table], manifest: &Manifest, diagnostics: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<String, &Place> = BTreeMap::new();
    for table in tables {
        let place = &declaration(table, tables, manifest).place;
        for flat in table.flat_tables() {
            if let Some(other) = seen.insert(flat.level.name.clone(), place) {
                diagnostics.push(
                    Diagnostic::new(
                        &code::NAME_COLLISION,
                        place.clone(),
                        format!("two released tables are called `{}`", flat.level.name),
                    )
                    .with(other.clone(), "the other one belongs to this table")
                    .help(match table.agreement_on {
                        Some(_) => "give the other table another name: codings need this one",
                        None => "give the list an `x-column`, or the table another `row` name",
                    }),
                );
            }
        }
    }
}
