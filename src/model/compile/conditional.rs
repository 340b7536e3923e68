//! Finds annotations that hold in some records only, with what they depend on.
//!
//! A table has been compiled by what always holds. Its schema is walked once more, and whatever an `if`, a
//! branch or `dependentSchemas` stands around is told with the object where that stands. What a column must
//! know in every record can't depend on one: [`conflicts`](super::conflicts) refuses it.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::roles;
use super::scalar::{self, Known, name};
use crate::diagnostic::{Diagnostic, Place, code, one_of, quote};
use crate::model::document::{Documents, Node};
use crate::model::kind::Class;
use crate::model::{
    Codes, Conditional, Guard, Item, Kind, Level, Object, Reference, References, Role, RoleSet,
    Says, Scalar, Shape, Table, Test,
};
use crate::schema::authority::PartCheck;
use crate::schema::certain::DEPTH_MAX;
use crate::schema::types::NULL;
use crate::schema::{SchemaPlace, Schemas};
use crate::tape::Value;

/// The annotations that may hold under conditions.
pub(super) const KEYWORDS: [&str; 3] = ["x-codelist", "x-reference", "x-role"];

/// No more subschemas of one table are visited on the way to such annotations.
const VISITS_MAX: usize = 200_000;

/// No more conditional annotations are kept of one table.
const FOUND_MAX: usize = 1_000;

/// An annotation as it was found, with the conditions around it.
pub(super) struct Found {
    lists: Vec<usize>,
    column: usize,
    place: Place,
    says: Said,
    conditions: Vec<Condition>,
}

/// What an annotation says, before all tables are known.
enum Said {
    Codes { codes: Arc<Codes>, on_integers: bool },
    Reference(Reference),
    Roles { roles: RoleSet, kind: Kind, reference: Option<String> },
}

/// One condition.
#[derive(Clone, PartialEq, Eq)]
struct Condition {
    /// At how many steps from the record it stands.
    depth: usize,
    /// How many steps from there lead to the annotated value.
    up: usize,
    test: Wanted,
    words: String,
}

#[derive(Clone, PartialEq, Eq)]
enum Wanted {
    Valid(SchemaPlace),
    Invalid(SchemaPlace),
    Has(String),
}

/// A step from the record towards a value.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Step<'d> {
    Property(&'d str),
    Item,
}

/// Finds the conditional annotations of a table.
pub(super) fn find(
    documents: &Documents,
    table: &Table,
    known: &Known<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Found> {
    let root = documents.root(table.document);
    let mut search = Search {
        documents,
        table,
        known,
        diagnostics,
        path: Vec::new(),
        conditions: Vec::new(),
        followed: Vec::new(),
        visits: 0,
        branch: None,
        told: HashSet::new(),
        found: Vec::new(),
    };
    search.schema(&root);
    search.roles();
    search.found
}

/// The code lists that stand on integers under conditions, each with the place where it is named.
pub(super) fn integer_lists<'f>(
    found: impl Iterator<Item = &'f Found>,
) -> impl Iterator<Item = (&'f str, &'f Place)> {
    found.filter_map(|found| match &found.says {
        Said::Codes { codes, on_integers: true } => Some((codes.list.as_deref()?, &found.place)),
        Said::Codes { .. } | Said::Reference(_) | Said::Roles { .. } => None,
    })
}

impl Found {
    /// What its value refers to, with the lists and the column that lead there.
    pub(super) fn reference(&self) -> Option<(&[usize], usize, &Reference)> {
        match &self.says {
            Said::Reference(reference) => Some((&self.lists, self.column, reference)),
            Said::Codes { .. } | Said::Roles { .. } => None,
        }
    }
}

/// Gives a table its conditional annotations.
pub(super) fn attach(
    found: Vec<Found>,
    references: &References,
    schemas: &Arc<Schemas>,
    table: &mut Table,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut tests: Vec<(Wanted, Arc<Test>)> = Vec::new();
    for found in found {
        let mut guards = Vec::new();
        for condition in &found.conditions {
            let known = tests.iter().position(|(wanted, _)| *wanted == condition.test);
            let number = match (known, &condition.test) {
                (Some(number), _) => number,
                (None, wanted) => {
                    let Some(test) = test(wanted, schemas) else {
                        let message = "the condition around it can't be used";
                        diagnostics.push(
                            Diagnostic::new(&code::INVALID_SCHEMA, found.place.clone(), message)
                                .help("let the annotation stand on the property itself"),
                        );
                        return;
                    };
                    tests.push((wanted.clone(), Arc::new(test)));
                    tests.len() - 1
                }
            };
            guards.push(Guard { up: condition.up, number, test: Arc::clone(&tests[number].1) });
        }
        let words: Vec<_> =
            found.conditions.iter().map(|condition| condition.words.as_str()).collect();
        let says = match found.says {
            Said::Codes { codes, .. } => Says::Codes(codes),
            Said::Reference(reference) => {
                let target = *references.targets.get(&reference.to).expect("it leads somewhere");
                Says::Reference { reference, target }
            }
            Said::Roles { roles, kind, reference } => {
                Says::Roles { roles, kind, reference, place: 0 }
            }
        };
        let number = table.conditional.len();
        let scalar = scalar_at(&mut table.level, &found.lists, found.column);
        let scalar = scalar.expect("it was found there");
        scalar.conditional.push(number);
        // Codes and keys are no quantities, in whatever records they are that.
        scalar.is_watched &= matches!(says, Says::Roles { .. });
        table.conditional.push(Conditional {
            lists: found.lists,
            column: found.column,
            guards,
            says,
            when: words.join(", and "),
            place: found.place,
        });
    }
}

fn test(wanted: &Wanted, schemas: &Arc<Schemas>) -> Option<Test> {
    let part = |at: &SchemaPlace| PartCheck::subschema(schemas, at.document, &at.pointer, true);
    Some(match wanted {
        Wanted::Valid(at) => Test::Valid(part(at)?),
        Wanted::Invalid(at) => Test::Invalid(part(at)?),
        Wanted::Has(property) => Test::Has(property.clone()),
    })
}

/// The value of a column of the level that some lists lead to.
fn scalar_at<'m>(level: &'m mut Level, lists: &[usize], column: usize) -> Option<&'m mut Scalar> {
    if let Some((first, rest)) = lists.split_first() {
        return scalar_at(&mut level.lists[*first], rest, column);
    }
    fn within(object: &mut Object, wanted: usize) -> Option<&mut Scalar> {
        object.fields.iter_mut().find_map(|field| match &mut field.shape {
            Shape::Scalar { scalar, column } => (*column == wanted).then_some(scalar),
            Shape::Group(group) => within(group, wanted),
            Shape::Languages(_) | Shape::List { .. } => None,
        })
    }
    match &mut level.item {
        Item::Object(object) => within(object, column),
        Item::Scalar(scalar) => Some(scalar),
    }
}

struct Search<'s, 'd> {
    documents: &'d Documents,
    table: &'s Table,
    known: &'s Known<'s>,
    diagnostics: &'s mut Vec<Diagnostic>,
    path: Vec<Step<'d>>,
    conditions: Vec<Condition>,
    /// The schemas that lead here, each with the length of the path where it stands.
    followed: Vec<(usize, usize, String)>,
    visits: usize,
    /// An alternative around that demands nothing.
    branch: Option<Place>,
    /// Faults that were reported, by the keyword and where it stands.
    told: HashSet<(usize, String, &'static str)>,
    found: Vec<Found>,
}

impl<'s, 'd> Search<'s, 'd> {
    fn schema(&mut self, node: &Node<'d>) {
        let here = (self.path.len(), node.document, node.pointer.clone());
        // A schema that contains itself has been reported.
        if self.followed.len() > DEPTH_MAX || self.followed.contains(&here) {
            return;
        }
        self.visits += 1;
        if self.visits == VISITS_MAX {
            let message = "the conditions under which annotations hold can't be followed: they lead \
                           to too many schemas";
            self.diagnostics.push(
                Diagnostic::new(&code::TOO_LARGE_SCHEMA, node.place(), message)
                    .help("let fewer `oneOf`, `anyOf` and `if` stand around one another"),
            );
        }
        if self.visits >= VISITS_MAX {
            return;
        }
        self.followed.push(here);
        if !self.conditions.is_empty() {
            for keyword in KEYWORDS {
                if node.value.get(keyword).is_some() {
                    self.annotation(node, keyword);
                }
            }
        }
        if node.value.get("$ref").is_some()
            && let Ok(target) = self.documents.follow(node)
        {
            self.schema(&target);
        }
        for schema in node.items("allOf") {
            self.schema(&schema);
        }
        self.branches(node);
        self.conditions_of(node);
        for (property, schema) in node.entries("properties") {
            self.path.push(Step::Property(property));
            self.schema(&schema);
            self.path.pop();
        }
        if let Some(items) = node.get("items") {
            self.path.push(Step::Item);
            self.schema(&items);
            self.path.pop();
        }
        self.followed.pop();
    }

    fn branches(&mut self, node: &Node<'d>) {
        for keyword in ["oneOf", "anyOf"] {
            let mut branches = node.items(keyword);
            branches.retain(|branch| self.documents.possible(branch) != NULL);
            let is_choice = branches.len() > 1;
            for branch in branches {
                if !is_choice {
                    // One branch beside null is no choice.
                    self.schema(&branch);
                    continue;
                }
                let words = self.whose(&branch).unwrap_or_else(|| {
                    let title = branch.text("title").map(quote);
                    let called = title.unwrap_or_else(|| quote(&format!("#{}", branch.pointer)));
                    format!("that is valid against {called}")
                });
                let around = self.branch.clone();
                let json = self.documents.schemas.at(&branch.at());
                if json.is_some_and(demands_nothing) {
                    self.branch = Some(branch.place());
                }
                let test = Wanted::Valid(branch.at());
                self.under(test, format!("in {} {words}", self.subject()), &branch);
                self.branch = around;
            }
        }
    }

    fn conditions_of(&mut self, node: &Node<'d>) {
        if let Some(condition) = node.get("if") {
            let whose = self.whose(&condition).unwrap_or_else(|| {
                format!("that is valid against {}", quote(&format!("#{}", condition.pointer)))
            });
            if let Some(schema) = node.get("then") {
                let words = format!("in {} {whose}", self.subject());
                self.under(Wanted::Valid(condition.at()), words, &schema);
            }
            if let Some(schema) = node.get("else") {
                let words = format!("in {} but one {whose}", self.any());
                self.under(Wanted::Invalid(condition.at()), words, &schema);
            }
        }
        for (property, schema) in node.entries("dependentSchemas") {
            let words = format!("in {} with {}", self.subject(), quote(property));
            self.under(Wanted::Has(property.to_owned()), words, &schema);
        }
    }

    fn under(&mut self, test: Wanted, words: String, schema: &Node<'d>) {
        self.conditions.push(Condition { depth: self.path.len(), up: 0, test, words });
        self.schema(schema);
        self.conditions.pop();
    }

    /// What stands at the path, in words.
    fn subject(&self) -> &'static str {
        match self.path.last() {
            None => "a record",
            Some(Step::Item) => "an item",
            Some(Step::Property(_)) => "a value",
        }
    }

    /// Anything that stands at the path, in words.
    fn any(&self) -> &'static str {
        match self.path.last() {
            None => "any record",
            Some(Step::Item) => "any item",
            Some(Step::Property(_)) => "any value",
        }
    }

    /// "whose `type` is `state`", if the schema asks properties for one of a few values.
    fn whose(&self, schema: &Node<'d>) -> Option<String> {
        let mut parts = Vec::new();
        asked(self.documents.keywords(schema)?, "", 0, &mut parts);
        (!parts.is_empty()).then(|| format!("whose {}", parts.join(" and ")))
    }

    fn annotation(&mut self, node: &Node<'d>, keyword: &'static str) {
        let Some((lists, column, scalar)) = self.value() else { return };
        if always_says(scalar, keyword, node) {
            return;
        }
        if let Some(branch) = self.branch.clone() {
            let message = format!(
                "`{keyword}` stands in an alternative that demands nothing, so that it holds in every \
                 record"
            );
            let finding =
                Diagnostic::new(&code::MISUSED_ANNOTATION, node.place_of(keyword), message)
                    .with(branch, "the alternative")
                    .help(
                        "say in the alternatives what tells them apart (a `const` of another \
                         property, a `pattern`); for a code of one of several lists, make one list of \
                         them in the manifest",
                    );
            if !self.diagnostics.contains(&finding) {
                self.diagnostics.push(finding);
            }
            return;
        }
        let is_new = self.told.insert((node.document, node.pointer.clone(), keyword));
        let before = self.diagnostics.len();
        let says = match keyword {
            "x-codelist" => self.codes(node, scalar),
            "x-reference" => self.reference(node, scalar),
            _ => self.roles_of(node, scalar),
        };
        if !is_new {
            self.diagnostics.truncate(before);
        }
        let (Some(says), true) = (says, self.found.len() < FOUND_MAX) else { return };
        let depth = self.path.len();
        let conditions = self.conditions.iter().cloned();
        let conditions =
            conditions.map(|condition| Condition { up: depth - condition.depth, ..condition });
        self.found.push(Found {
            lists,
            column,
            place: node.place_of(keyword),
            says,
            conditions: conditions.collect(),
        });
        if self.found.len() == FOUND_MAX {
            let message =
                format!("more than {FOUND_MAX} annotations of the table hold under conditions");
            self.diagnostics.push(
                Diagnostic::new(&code::TOO_LARGE_SCHEMA, node.place_of(keyword), message)
                    .help("let some stand where they hold in every record"),
            );
        }
    }

    /// The value at the path, if one can stand there.
    fn value(&self) -> Option<(Vec<usize>, usize, &'s Scalar)> {
        let mut lists = Vec::new();
        let table: &'s Table = self.table;
        let mut level = &table.level;
        let Item::Object(object) = &level.item else { return None };
        let mut object = object;
        let mut steps = self.path.iter();
        while let Some(step) = steps.next() {
            let Step::Property(property) = step else { return None };
            match &object.field(property)?.shape {
                Shape::Scalar { scalar, column } => {
                    return steps.next().is_none().then_some((lists, *column, scalar));
                }
                Shape::Group(group) => object = group,
                Shape::Languages(_) => return None,
                Shape::List { list, .. } => {
                    let Some(Step::Item) = steps.next() else { return None };
                    lists.push(*list);
                    level = &level.lists[*list];
                    match &level.item {
                        Item::Object(item) => object = item,
                        Item::Scalar(scalar) => {
                            return steps.next().is_none().then_some((lists, 0, scalar));
                        }
                    }
                }
            }
        }
        None
    }

    fn roles_of(&mut self, node: &Node<'_>, scalar: &Scalar) -> Option<Said> {
        let roles = roles::named(node, "x-role", &name(node), self.diagnostics);
        let why = match () {
            () if roles.has(Role::Latitude) || roles.has(Role::Longitude) => {
                "the points of a table are a column of their own"
            }
            () if Role::OF_CODINGS.iter().any(|role| roles.has(*role)) => {
                "codings are compared in every record"
            }
            () => {
                let reference = scalar.reference.as_ref().and_then(Reference::table);
                let (kind, reference) = (scalar.kind.clone(), reference.map(str::to_owned));
                return (!roles.is_empty()).then_some(Said::Roles { roles, kind, reference });
            }
        };
        let message = format!("`x-role` stands under a condition, and {why}");
        let place = node.place_of("x-role");
        self.diagnostics.push(
            Diagnostic::new(&code::MISUSED_ANNOTATION, place, message)
                .help("let the role stand on the property itself"),
        );
        None
    }

    /// The values of a role that holds under the same conditions as a code list or a reference are these
    /// codes, or refer there.
    fn roles(&mut self) {
        for index in 0..self.found.len() {
            let alike = |other: &&Found| {
                let this = &self.found[index];
                (&other.lists, other.column, &other.conditions)
                    == (&this.lists, this.column, &this.conditions)
            };
            let Said::Roles { roles, kind, .. } = &self.found[index].says else { continue };
            let (mut kind, mut reference) = (kind.clone(), None);
            for other in self.found.iter().filter(alike) {
                match &other.says {
                    Said::Codes { codes, .. } => {
                        let codes = Arc::clone(codes);
                        kind = match kind.bits() {
                            Some(bits) => Kind::IntegerCode { bits, codes },
                            None => Kind::Code(codes),
                        };
                    }
                    Said::Reference(to) => reference = to.table().map(str::to_owned),
                    Said::Roles { .. } => {}
                }
            }
            let roles = *roles;
            let place = self.found[index].place.clone();
            if let Some(needed) = roles.iter().find_map(|role| role.misfit(&kind)) {
                let message = format!("the role belongs to {needed}, and the value is not that");
                let finding = Diagnostic::new(&code::MISUSED_ANNOTATION, place, message).help(
                    "let a code list or a reference stand beside it, under the same condition",
                );
                if !self.diagnostics.contains(&finding) {
                    self.diagnostics.push(finding);
                }
            }
            if let Said::Roles { kind: known, reference: to, .. } = &mut self.found[index].says {
                *known = kind;
                *to = reference.or(to.take());
            }
        }
    }

    fn codes(&mut self, node: &Node<'_>, scalar: &Scalar) -> Option<Said> {
        let codes = scalar::code_list(node, self.known, self.diagnostics)?;
        let on_integers = scalar.kind.is_integer();
        match &scalar.kind {
            Kind::Text | Kind::Code(_) | Kind::Integer { .. } | Kind::IntegerCode { .. } => {
                Some(Said::Codes { codes, on_integers })
            }
            Kind::Boolean
            | Kind::Number
            | Kind::Iri
            | Kind::Date
            | Kind::DateTime
            | Kind::LocalDateTime
            | Kind::LocalTime
            | Kind::Edtf
            | Kind::Year { .. }
            | Kind::Decimal { .. } => {
                self.misfit(node, "x-codelist", "text or an integer");
                None
            }
        }
    }

    fn reference(&mut self, node: &Node<'_>, scalar: &Scalar) -> Option<Said> {
        if !scalar.kind.class().is_key() && scalar.kind.class() != Class::Code {
            self.misfit(node, "x-reference", "free text, an integer or a code");
            return None;
        }
        scalar::named_reference(node, self.known).map(Said::Reference)
    }

    fn misfit(&mut self, node: &Node<'_>, keyword: &str, wanted: &str) {
        let message = format!("`{keyword}` stands on {wanted}, and `{}` is not that", name(node));
        let place = node.place_of(keyword);
        self.diagnostics.push(Diagnostic::new(&code::MISUSED_ANNOTATION, place, message).help(
            "the property's type comes from what holds in every record; write one property for \
                 each type",
        ));
    }
}

/// What a schema asks of properties by name: "`type` is `state`". `above` is what leads to them.
fn asked(schema: &Map<String, Json>, above: &str, depth: usize, parts: &mut Vec<String>) {
    let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let properties = schema.get("properties").and_then(Json::as_object);
    for (property, wanted) in properties.into_iter().flatten() {
        let values = match (wanted.get("const"), wanted.get("enum").and_then(Json::as_array)) {
            (Some(value), _) => vec![text(value)],
            (None, Some(values)) => values.iter().map(text).collect(),
            (None, None) => {
                if let Some(wanted) = wanted.as_object().filter(|_| depth < DEPTH_MAX) {
                    asked(wanted, &format!("{above}{property}."), depth + 1, parts);
                }
                continue;
            }
        };
        let values = one_of(values.iter().map(String::as_str));
        parts.push(format!("{} is {values}", quote(&format!("{above}{property}"))));
    }
}

/// Whether a schema demands nothing that tells it from another branch: it only says what a value is.
fn demands_nothing(schema: &Json) -> bool {
    let Some(keywords) = schema.as_object() else { return *schema == Json::Bool(true) };
    keywords.iter().all(|(keyword, value)| match keyword.as_str() {
        "title" | "description" | "$comment" | "examples" | "default" | "deprecated" | "type" => {
            true
        }
        "items" => demands_nothing(value),
        "properties" => value.as_object().is_some_and(|it| it.values().all(demands_nothing)),
        other => other.starts_with("x-"),
    })
}

/// Whether an annotation holds in every record anyway.
fn always_says(scalar: &Scalar, keyword: &str, node: &Node<'_>) -> bool {
    let wanted = node.text(keyword);
    match keyword {
        "x-codelist" => wanted.is_some() && scalar.kind.code_list() == wanted,
        "x-reference" => match (&scalar.reference, node.value.get(keyword)) {
            (Some(always), Some(said)) => match said.as_str() {
                Some(one) => always.to == [one],
                None => said.items().map(Value::as_str).eq(always.to.iter().map(|it| Some(&**it))),
            },
            _ => false,
        },
        _ => {
            let roles = roles::named(node, keyword, "", &mut Vec::new());
            !roles.is_empty() && roles.iter().all(|role| scalar.roles.has(role))
        }
    }
}
