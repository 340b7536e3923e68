//! The context: what each key of a document means.
//!
//! It is flat, with one entry for each key, so a key means the same wherever it stands. There is
//! no `@vocab` and no `@base` at the top: nothing gets a meaning by accident.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::code_list_iri;
use crate::emit::flat::has_released_columns;
use crate::model::{
    EdtfPart, Field, Item, Level, Model, Object, Origin, Scalar, Shape, Table, Term,
};

/// The datatype of uncertain dates.
pub const EDTF: &str = "http://id.loc.gov/datatypes/edtf/EDTF";

/// The IRI of a datatype of XML Schema.
pub fn xsd(name: &str) -> String {
    format!("http://www.w3.org/2001/XMLSchema#{name}")
}

/// What stands between a record's IRI and the way into it: an IRI has one `#` at most.
pub fn fragment_separator(iri: &str) -> char {
    if iri.contains('#') { '/' } else { '#' }
}

/// The keys and prefixes of a document.
pub struct Context {
    /// What the dataset's IRIs begin with.
    pub base: String,
    prefixes: BTreeMap<String, String>,
    definitions: BTreeMap<String, Definition>,
}

/// What a key means, and how its values are read.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Definition {
    iri: String,
    datatype: Datatype,
    container: Option<Container>,
}

/// What a key's values are taken for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Datatype {
    /// What JSON says: text, true or false, or a node.
    Native,
    /// The IRI of a node.
    Node,
    /// A code of the code list.
    Code(String),
    /// A literal of that type.
    Literal(String),
}

/// How a key's values are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Container {
    Language,
    List,
    Set,
}

/// Where a key comes from.
#[derive(Clone, Copy, Debug)]
pub struct TermUse<'m> {
    /// The table.
    pub table: &'m Table,
    /// The level whose rows have the field.
    pub level: &'m Level,
    /// The field.
    pub field: &'m Field,
}

/// A key that means two things.
#[derive(Clone, Debug)]
pub struct Conflict<'m> {
    /// The key; of an uncertain date it may be one of its bounds.
    pub key: String,
    /// The later field.
    pub field: TermUse<'m>,
    /// What it is for that field: `<https://schema.org/name>, xsd:date`.
    pub meaning: String,
    /// What else has the key.
    pub clash: Clash<'m>,
}

/// What a key collides with.
#[derive(Clone, Debug)]
pub enum Clash<'m> {
    /// Another field, earlier in the model.
    Field {
        /// That field.
        field: TermUse<'m>,
        /// What the key is there.
        meaning: String,
    },
    /// A prefix of the manifest, or one that the document needs.
    Prefix {
        /// What the prefix stands for.
        iri: String,
    },
}

/// The keys of a model's documents that mean two things; released documents need that there are
/// none.
#[must_use]
pub fn conflicts<'m>(
    model: &'m Model,
    prefixes: &BTreeMap<String, String>,
    base: &str,
) -> Vec<Conflict<'m>> {
    let context = Context::new(model, prefixes, base);
    let mut seen: BTreeMap<String, (TermUse<'m>, Definition)> = BTreeMap::new();
    let mut conflicts = Vec::new();
    for_each_definition(model, base, |field, key, definition| {
        if let Some((other, earlier)) = seen.get(&key) {
            if *earlier != definition {
                conflicts.push(Conflict {
                    key,
                    field,
                    meaning: definition.describe(&context),
                    clash: Clash::Field { field: *other, meaning: earlier.describe(&context) },
                });
            }
            return;
        }
        if let Some(iri) = context.prefixes.get(&key) {
            conflicts.push(Conflict {
                key: key.clone(),
                field,
                meaning: definition.describe(&context),
                clash: Clash::Prefix { iri: iri.clone() },
            });
        }
        seen.insert(key, (field, definition));
    });
    conflicts
}

impl Context {
    /// The context of a model's documents. Of a key that means two things the first is taken.
    pub fn new(model: &Model, prefixes: &BTreeMap<String, String>, base: &str) -> Self {
        let mut definitions = BTreeMap::new();
        for_each_definition(model, base, |_, key, definition| {
            definitions.entry(key).or_insert(definition);
        });
        let mut prefixes = prefixes.clone();
        for (prefix, iri) in NEEDED_PREFIXES {
            let is_free = !prefixes.contains_key(*prefix) && !definitions.contains_key(*prefix);
            if is_free && !prefixes.values().any(|other| other == iri) {
                prefixes.insert((*prefix).to_owned(), (*iri).to_owned());
            }
        }
        Self { base: base.to_owned(), prefixes, definitions }
    }

    /// An IRI as short as the prefixes allow.
    pub fn compact(&self, iri: &str) -> String {
        let longest = self
            .prefixes
            .iter()
            .filter(|(_, start)| iri.len() > start.len() && iri.starts_with(*start))
            .max_by_key(|(_, start)| start.len());
        match longest {
            // Behind a colon, two slashes would make it an absolute IRI.
            Some((prefix, start)) if !iri[start.len()..].starts_with("//") => {
                format!("{prefix}:{}", &iri[start.len()..])
            }
            _ => iri.to_owned(),
        }
    }

    /// Whether text means something else than a code where a code stands: codes are read as keys
    /// of the context and as compact IRIs before they are read as codes.
    pub fn hides(&self, code: &str) -> bool {
        let is_plain = !code.is_empty()
            && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
        !is_plain || self.definitions.contains_key(code) || self.prefixes.contains_key(code)
    }

    /// The context as JSON, an entry a line.
    pub fn json(&self) -> String {
        let mut entries = vec!["\"@version\": 1.1".to_owned()];
        for (prefix, iri) in &self.prefixes {
            // A prefix is taken for one if it ends as such, or if it says so.
            let is_plain = iri.ends_with([':', '/', '?', '#', '[', ']', '@']);
            let value = if is_plain {
                Value::from(iri.as_str())
            } else {
                json!({ "@id": iri, "@prefix": true })
            };
            entries.push(format!("{}: {value}", Value::from(prefix.as_str())));
        }
        for (key, definition) in &self.definitions {
            let value = definition.json(self);
            entries.push(format!("{}: {value}", Value::from(key.as_str())));
        }
        format!("{{\n  {}\n}}", entries.join(",\n  "))
    }
}

/// What the document of any model uses.
const NEEDED_PREFIXES: &[(&str, &str)] = &[
    ("dcat", "http://www.w3.org/ns/dcat#"),
    ("dcterms", "http://purl.org/dc/terms/"),
    ("schema", "https://schema.org/"),
    ("sem", "http://semanticweb.cs.vu.nl/2009/11/sem/"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
];

/// The key of a bound of an uncertain date; the other derived parts have none.
pub fn bound_key(key: &str, part: EdtfPart) -> Option<String> {
    match part {
        EdtfPart::Earliest | EdtfPart::Latest => Some(format!("{key}_{}", part.suffix())),
        EdtfPart::Precision | EdtfPart::Uncertain | EdtfPart::Approximate => None,
    }
}

/// The IRI of a bound. Only a `dcterms:date` has the bounds of the Simple Event Model: an object
/// may have several dates, and whose bounds they are must show in the graph.
fn bound_iri(term: &Term, key: &str, part: EdtfPart, base: &str) -> String {
    const SEM: &str = "http://semanticweb.cs.vu.nl/2009/11/sem/";
    match (term.iri.as_str(), part) {
        ("http://purl.org/dc/terms/date", EdtfPart::Earliest) => {
            format!("{SEM}hasEarliestBeginTimeStamp")
        }
        ("http://purl.org/dc/terms/date", EdtfPart::Latest) => {
            format!("{SEM}hasLatestEndTimeStamp")
        }
        _ => format!("{base}vocabulary#{key}"),
    }
}

/// The released bounds of an uncertain date: which part, and its column.
pub fn bounds(level: &Level, date: usize) -> impl Iterator<Item = (EdtfPart, usize)> {
    level.columns.iter().enumerate().filter_map(move |(index, column)| match column.origin {
        Origin::Derived { of, part } if of == date && !column.internal => Some((part, index)),
        Origin::Derived { .. }
        | Origin::Composed { .. }
        | Origin::Field
        | Origin::Language(_)
        | Origin::Count => None,
    })
}

impl Definition {
    fn json(&self, context: &Context) -> Value {
        let mut entry = Map::new();
        entry.insert("@id".to_owned(), Value::from(context.compact(&self.iri)));
        match &self.datatype {
            Datatype::Native => {}
            Datatype::Node => {
                entry.insert("@type".to_owned(), Value::from("@id"));
            }
            Datatype::Code(list) => {
                entry.insert("@type".to_owned(), Value::from("@vocab"));
                let vocabulary = code_list_iri(&context.base, list);
                entry.insert("@context".to_owned(), json!({ "@vocab": vocabulary }));
            }
            Datatype::Literal(iri) => {
                entry.insert("@type".to_owned(), Value::from(context.compact(iri)));
            }
        }
        if let Some(container) = self.container {
            entry.insert("@container".to_owned(), Value::from(container.keyword()));
        }
        if entry.len() == 1 {
            return Value::from(context.compact(&self.iri));
        }
        Value::Object(entry)
    }

    /// For people: `<https://schema.org/name>, xsd:date, @list`.
    fn describe(&self, context: &Context) -> String {
        let datatype = match &self.datatype {
            Datatype::Native => None,
            Datatype::Node => Some("reference".to_owned()),
            Datatype::Code(list) => Some(format!("code of {list}")),
            Datatype::Literal(iri) => Some(context.compact(iri)),
        };
        let container = self.container.map(|container| match container {
            Container::Language => "text by language".to_owned(),
            Container::List => "list".to_owned(),
            Container::Set => "set".to_owned(),
        });
        let parts = [Some(format!("<{}>", self.iri)), datatype, container];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

impl Container {
    fn keyword(self) -> &'static str {
        match self {
            Self::Language => "@language",
            Self::List => "@list",
            Self::Set => "@set",
        }
    }
}

impl Datatype {
    fn of(scalar: &Scalar) -> Self {
        let is_record = scalar.reference.as_ref().is_some_and(|it| it.table().is_some());
        if is_record || scalar.iri_base.is_some() {
            return Self::Node;
        }
        match (scalar.kind.code_list(), scalar.kind.names().rdf) {
            (Some(list), _) => Self::Code(list.to_owned()),
            (None, Some(datatype)) => Self::Literal(datatype.to_owned()),
            (None, None) => Self::Native,
        }
    }
}

/// Tells each key of the released fields with its meaning, in the order of the model.
fn for_each_definition<'m>(
    model: &'m Model,
    base: &str,
    mut tell: impl FnMut(TermUse<'m>, String, Definition),
) {
    for table in model.tables.iter().filter(|table| table.is_released_as("jsonld")) {
        visit_level(table, &table.level, base, &mut tell);
    }
}

fn visit_level<'m>(
    table: &'m Table,
    level: &'m Level,
    base: &str,
    tell: &mut impl FnMut(TermUse<'m>, String, Definition),
) {
    match &level.item {
        Item::Object(object) => visit_object(table, level, object, base, tell),
        // The key of a bare value is that of its list.
        Item::Scalar(_) => {}
    }
}

fn visit_object<'m>(
    table: &'m Table,
    level: &'m Level,
    object: &'m Object,
    base: &str,
    tell: &mut impl FnMut(TermUse<'m>, String, Definition),
) {
    for field in object.fields.iter().filter(|field| !field.internal) {
        let term = TermUse { table, level, field };
        let key = &field.term.key;
        let mut define = |key: &str, iri: &str, datatype, container| {
            let definition = Definition { iri: iri.to_owned(), datatype, container };
            tell(term, key.to_owned(), definition);
        };
        let iri = &field.term.iri;
        match &field.shape {
            Shape::Scalar { scalar, column } => {
                if level.columns[*column].internal {
                    continue;
                }
                define(key, iri, Datatype::of(scalar), None);
                for (part, _) in bounds(level, *column) {
                    if let Some(key) = bound_key(key, part) {
                        let iri = bound_iri(&field.term, &key, part, base);
                        define(&key, &iri, Datatype::Literal(xsd("date")), None);
                    }
                }
            }
            Shape::Group(group) => {
                define(key, iri, Datatype::Native, None);
                visit_object(table, level, group, base, tell);
            }
            Shape::Languages(_) => {
                define(key, iri, Datatype::Native, Some(Container::Language));
            }
            Shape::List { list, count, unique } => {
                let child = &level.lists[*list];
                if level.columns[*count].internal || !has_released_columns(child) {
                    continue;
                }
                match &child.item {
                    Item::Object(_) => define(key, iri, Datatype::Native, None),
                    Item::Scalar(scalar) => {
                        let container = if *unique { Container::Set } else { Container::List };
                        define(key, iri, Datatype::of(scalar), Some(container));
                    }
                }
                visit_level(table, child, base, tell);
            }
        }
    }
    for date in object.dates.iter().filter(|date| !level.columns[date.column].internal) {
        // Whoever reads of a conflict finds the date by its year.
        let Some(field) = object.field(&date.parts.year.name) else { continue };
        let term = TermUse { table, level, field };
        let mut define = |key: &str, iri: &str, datatype: &str| {
            let datatype = Datatype::Literal(datatype.to_owned());
            tell(
                term,
                key.to_owned(),
                Definition { iri: iri.to_owned(), datatype, container: None },
            );
        };
        let Term { key, iri } = &date.term;
        define(key, iri, EDTF);
        for (part, _) in bounds(level, date.column) {
            if let Some(key) = bound_key(key, part) {
                define(&key, &bound_iri(&date.term, &key, part, base), &xsd("date"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Clash, Context, conflicts};
    use crate::emit::fixture;
    use crate::model::{Item, Model};

    fn rename(model: &mut Model, table: usize, field: usize, key: &str, iri: Option<&str>) {
        let Item::Object(object) = &mut model.tables[table].level.item else {
            panic!("a record is an object");
        };
        object.fields[field].term.key = key.to_owned();
        if let Some(iri) = iri {
            object.fields[field].term.iri = iri.to_owned();
        }
    }

    fn found(model: &Model) -> Vec<String> {
        conflicts(model, &fixture::prefixes(), fixture::BASE)
            .into_iter()
            .map(|conflict| {
                let other = match conflict.clash {
                    Clash::Field { field, meaning } => {
                        format!("{}{} {meaning}", field.level.name, field.field.pointer)
                    }
                    Clash::Prefix { iri } => format!("prefix {iri}"),
                };
                let field = conflict.field;
                let name = format!("{}{}", field.level.name, field.field.pointer);
                format!("{}: {name} {} | {other}", conflict.key, conflict.meaning)
            })
            .collect()
    }

    #[test]
    fn the_fixture_has_no_conflict() {
        assert_eq!(found(&fixture::model()), Vec::<String>::new());
    }

    #[test]
    fn a_key_with_two_iris_is_a_conflict() {
        let mut model = fixture::model();
        rename(&mut model, 1, 1, "title", Some("https://schema.org/headline"));
        assert_eq!(
            found(&model),
            ["title: persons/name <https://schema.org/headline> | \
              events/title <https://schema.org/name>, text by language"]
        );
    }

    #[test]
    fn a_key_with_two_types_is_a_conflict() {
        let mut model = fixture::model();
        rename(&mut model, 1, 1, "edtf_earliest", None);
        assert_eq!(
            found(&model),
            ["edtf_earliest: persons/name <https://schema.org/name> | events/date/edtf \
              <http://semanticweb.cs.vu.nl/2009/11/sem/hasEarliestBeginTimeStamp>, xsd:date"]
        );
    }

    #[test]
    fn a_key_that_is_a_prefix_is_a_conflict() {
        let mut model = fixture::model();
        rename(&mut model, 1, 1, "schema", None);
        assert_eq!(
            found(&model),
            ["schema: persons/name <https://schema.org/name> | prefix https://schema.org/"]
        );
    }

    #[test]
    fn iris_are_compacted_by_the_longest_prefix() {
        let prefixes = [("a", "http://a/"), ("ab", "http://a/b/"), ("c", "http:")];
        let prefixes: BTreeMap<_, _> =
            prefixes.map(|(prefix, iri)| (prefix.to_owned(), iri.to_owned())).into();
        let context = Context::new(&fixture::model(), &prefixes, fixture::BASE);
        assert_eq!(context.compact("http://a/b/c"), "ab:c");
        assert_eq!(context.compact("http://a/c"), "a:c");
        assert_eq!(context.compact("http://a/"), "http://a/");
        assert_eq!(context.compact("http://d/"), "http://d/");
    }
}
