//! `x-constraints`: what must hold between the values of an object, read from the schema and compiled
//! against the model.

mod excerpts;
mod members;
mod types;

use std::collections::HashMap;
use std::sync::Arc;

use excerpts::Excerpts;
use members::Members;
pub(super) use types::record_type;

use super::gather::{Clauses, Condition};
use crate::diagnostic::{Diagnostic, Label, Place, Severity, code, quote};
use crate::expr::excerpt::Excerpt;
use crate::expr::types::{ObjectType, Type};
use crate::expr::{self, Ast, Fault, Scope};
use crate::model::constraint::{ID_CHARS_MAX, is_id};
use crate::model::document::Documents;
use crate::model::{Assertion, Constraint, Item, Level, Object, Program, Shape, Table};
use crate::parse::spelling::place_in;
use crate::pointer;
use crate::schema::SchemaPlace;
use crate::tape::{Names, Value};

/// A table has no more constraints: each costs a look at every record.
const CONSTRAINTS_MAX: usize = 100;

/// The annotation.
const KEYWORD: &str = "x-constraints";

/// Where the schemas of an object say what must hold between its values: all that speak of it count.
pub(super) fn declared(clauses: &Clauses<'_>, found: &mut Vec<Diagnostic>) -> Vec<SchemaPlace> {
    let mut places = Vec::new();
    for clause in clauses {
        let Some(list) = clause.node.get(KEYWORD) else { continue };
        if clause.condition != Condition::Always {
            let message = format!("`{KEYWORD}` stands under a condition of the schema");
            found.push(
                Diagnostic::new(&code::MISUSED_ANNOTATION, list.place(), message)
                    .help("let it stand on the object itself, and say in `when` for which it is"),
            );
            continue;
        }
        for index in 0..list.value.len() {
            let pointer = pointer::join_index(&list.pointer, index);
            let place = SchemaPlace { document: list.document, pointer };
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    places
}

/// Compiles the constraints of all tables, and returns them in the order of the tables. What can't be used
/// is reported.
pub(super) fn compile(
    documents: &Documents,
    tables: &mut [Table],
    names: &Names,
    found: &mut Vec<Diagnostic>,
) -> Vec<Constraint> {
    let types: Vec<_> = tables.iter().map(|table| record_type(table, names)).collect();
    let mut constraints = Constraints {
        documents,
        types: &types,
        entries: Vec::new(),
        known: HashMap::new(),
        ids: HashMap::new(),
        excerpts: Excerpts { excerpts: vec![Excerpt::default(); tables.len()], names },
        found,
    };
    let mut programs = Vec::new();
    for (number, table) in tables.iter().enumerate() {
        let before = programs.len();
        if let Item::Object(object) = &table.level.item {
            let around =
                Around { table: number, parent: None, record: &types[number], pointer: "" };
            constraints.object(&table.level, object, &types[number], &around, &mut programs);
        }
        if programs[before..].iter().map(Vec::len).sum::<usize>() > CONSTRAINTS_MAX {
            let place =
                constraints.entries.last().map(|entry| entry.constraint.assertion.place.clone());
            let message =
                format!("the table `{}` has more than {CONSTRAINTS_MAX} constraints", table.name);
            constraints.found.extend(place.map(|place| {
                Diagnostic::new(&code::TOO_LARGE_SCHEMA, place, message)
                    .help("leave out those that others imply")
            }));
        }
    }
    let Constraints { entries, excerpts, .. } = constraints;
    let mut programs = programs.into_iter();
    for (table, excerpt) in tables.iter_mut().zip(excerpts.excerpts) {
        table.excerpt = excerpt;
        hand_out(&mut table.level, &mut programs);
    }
    entries.into_iter().map(|entry| entry.constraint).collect()
}

/// Gives the objects of a level their programs, in the order in which they were compiled.
fn hand_out(level: &mut Level, programs: &mut impl Iterator<Item = Vec<Program>>) {
    if let Item::Object(object) = &mut level.item {
        hand_out_to(object, &mut level.lists, programs);
    }
}

fn hand_out_to(
    object: &mut Object,
    lists: &mut [Level],
    programs: &mut impl Iterator<Item = Vec<Program>>,
) {
    object.constraints = programs.next().unwrap_or_default();
    for field in &mut object.fields {
        match &mut field.shape {
            Shape::Group(group) => hand_out_to(group, lists, programs),
            Shape::List { list, .. } => hand_out(&mut lists[*list], programs),
            Shape::Scalar { .. } | Shape::Languages(_) => {}
        }
    }
}

/// A constraint with the syntax of its expressions.
struct Entry {
    constraint: Constraint,
    assert: Option<Ast>,
    when: Option<Ast>,
    at: Option<Ast>,
}

struct Constraints<'c, 'd> {
    documents: &'d Documents,
    types: &'c [Arc<ObjectType>],
    entries: Vec<Entry>,
    /// The number of each entry by its place; none if it can't be used.
    known: HashMap<(usize, String), Option<usize>>,
    /// Where each id was given first.
    ids: HashMap<String, Place>,
    excerpts: Excerpts<'c>,
    found: &'c mut Vec<Diagnostic>,
}

/// What is around an object.
struct Around<'a> {
    table: usize,
    parent: Option<&'a Arc<ObjectType>>,
    record: &'a Arc<ObjectType>,
    pointer: &'a str,
}

impl<'d> Constraints<'_, 'd> {
    fn object(
        &mut self,
        level: &Level,
        object: &Object,
        ty: &Arc<ObjectType>,
        around: &Around<'_>,
        programs: &mut Vec<Vec<Program>>,
    ) {
        let own = object.constrained.iter().filter_map(|place| self.program(place, ty, around));
        let own: Vec<_> = own.collect();
        for program in own.iter().filter(|program| !program.named.is_empty()) {
            self.excerpts.add(around.table, around.pointer, program);
        }
        programs.push(own);
        for field in &object.fields {
            let at = |pointer: &str| format!("{}{pointer}", around.pointer);
            let inner = ty.member(&field.name).map(|(_, ty)| ty);
            match (&field.shape, inner) {
                (Shape::Group(group), Some(Type::Object(inner))) => {
                    let pointer = at(&pointer::join("", &field.name));
                    let around = Around { parent: Some(ty), pointer: &pointer, ..*around };
                    self.object(level, group, inner, &around, programs);
                }
                (Shape::List { list, .. }, Some(Type::List(item))) => {
                    let level = &level.lists[*list];
                    if let (Item::Object(object), Type::Object(inner)) = (&level.item, &**item) {
                        let pointer = at(&pointer::join(&pointer::join("", &field.name), "*"));
                        let around = Around { parent: Some(ty), pointer: &pointer, ..*around };
                        self.object(level, object, inner, &around, programs);
                    }
                }
                _ => {}
            }
        }
    }

    fn program(
        &mut self,
        place: &SchemaPlace,
        own: &Arc<ObjectType>,
        around: &Around<'_>,
    ) -> Option<Program> {
        let key = (place.document, place.pointer.clone());
        let number = match self.known.get(&key) {
            Some(number) => *number,
            None => {
                let number = self.read(place, around.table);
                self.known.insert(key, number);
                number
            }
        }?;
        let (value, _) = self.documents.root(place.document).value.pointer(&place.pointer);
        let entry = &mut self.entries[number];
        entry.constraint.stands.push((around.table, around.pointer.to_owned()));
        let scope = Scope {
            own: Arc::clone(own),
            parent: around.parent.cloned(),
            record: Arc::clone(around.record),
            tables: Some(self.types),
        };
        let mut faults = Vec::new();
        let mut named = Vec::new();
        let mut compile = |name: &'static str, ast: Option<&Ast>| {
            let compiled = expr::condition(ast?, &scope, &mut named);
            let compiled = compiled.and_then(|compiled| {
                let idle = compiled.conjuncts.iter().filter(|it| !it.reads());
                let idle: Vec<_> = idle
                    .map(|it| Fault {
                        span: it.span.clone(),
                        message: "this looks at no value of the record".to_owned(),
                        help: Some("values begin with `self.`".to_owned()),
                    })
                    .collect();
                if idle.is_empty() { Ok(compiled) } else { Err(idle) }
            });
            compiled.map_err(|found| faults.extend(found.into_iter().map(|it| (name, it)))).ok()
        };
        let when = compile("when", entry.when.as_ref());
        let assert = compile("assert", entry.assert.as_ref());
        let at = entry.at.as_ref().and_then(|ast| match expr::path(ast, &scope) {
            Ok(path) => {
                let is_at =
                    |other: &expr::Path| other.root == path.root && other.steps == path.steps;
                if assert.as_ref().is_some_and(|assert| !assert.paths.iter().any(is_at)) {
                    let message = "`at` names an operand that doesn't occur in `assert`".to_owned();
                    let help = Some("name one of the values that are compared".to_owned());
                    faults.push(("at", Fault { span: ast.span.clone(), message, help }));
                }
                Some(path)
            }
            Err(fault) => {
                faults.push(("at", fault));
                None
            }
        });
        let id = &entry.constraint.assertion.id;
        let text = |name: &str| value.get(name).unwrap_or(value);
        for (name, fault) in faults {
            self.found.push(finding(id, text(name), &pointer::join(&place.pointer, name), fault));
        }
        let assert = assert?;
        let pointer = pointer::join(&place.pointer, "assert");
        let places = assert.conjuncts.iter().map(|condition| {
            let place = place_in(text("assert"), &condition.span).at(pointer.clone());
            Arc::new(Label { place, text: "what must hold".to_owned() })
        });
        let places = places.collect();
        entry.constraint.assertion.needs_all_records |= !named.is_empty();
        Some(Program { constraint: number, when, assert, places, at, named })
    }

    /// Reads an entry of the annotation; none if it can't be used.
    fn read(&mut self, place: &SchemaPlace, table: usize) -> Option<usize> {
        let (value, _) = self.documents.root(place.document).value.pointer(&place.pointer);
        let before = self.found.len();
        let members = Members { value, pointer: &place.pointer };
        members.check(self.found);
        let id = members.text("id", self.found);
        if let Some((id, place)) = &id {
            self.check_id(id, place);
        }
        let assert = members.text("assert", self.found);
        let severity = members
            .text("severity", self.found)
            .map(|(text, place)| Severity::of_name(&text).ok_or((text, place)));
        let severity = match severity {
            None => Severity::Error,
            Some(Ok(severity)) => severity,
            Some(Err((text, place))) => {
                let message = format!("{} is no severity", quote(&text));
                self.found.push(
                    Diagnostic::new(&code::INVALID_CONSTRAINT, place, message)
                        .help("write `error`, `warning` or `note`"),
                );
                Severity::Error
            }
        };
        let message = members.text("message", self.found).map(|(text, _)| text);
        let message = message.map(|it| it.trim_end_matches('.').to_owned());
        let when = members.text("when", self.found).map(|(text, _)| text);
        let at = members.text("at", self.found).map(|(text, _)| text);
        let ((id, id_place), (assert, assert_place)) = (id?, assert?);
        let mut parse = |name: &str, text: &str| match expr::parse(text) {
            Ok(ast) => Some(ast),
            Err(fault) => {
                let written = value.get(name).unwrap_or(value);
                let pointer = pointer::join(&place.pointer, name);
                self.found.push(finding(&id, written, &pointer, fault));
                None
            }
        };
        let asts = (
            parse("assert", &assert),
            when.as_deref().and_then(|text| parse("when", text)),
            at.as_deref().and_then(|text| parse("at", text)),
        );
        let usable = self.found.len() == before;
        let assertion = Assertion {
            id: id.into(),
            assert,
            message,
            severity,
            place: id_place,
            assert_place,
            table,
            needs_all_records: false,
        };
        let constraint = Constraint { assertion, when, stands: Vec::new() };
        let (assert, when, at) = asts;
        self.entries.push(Entry { constraint, assert, when, at });
        usable.then(|| self.entries.len() - 1)
    }

    fn check_id(&mut self, id: &str, place: &Place) {
        if check_id(id, place, self.ids.get(id), self.found) {
            self.ids.insert(id.to_owned(), place.clone());
        }
    }
}

/// Whether a text can be an id, which nothing has that stands at another place; else reports.
pub(super) fn check_id(
    id: &str,
    place: &Place,
    other: Option<&Place>,
    found: &mut Vec<Diagnostic>,
) -> bool {
    let finding =
        |message: String| Diagnostic::new(&code::INVALID_CONSTRAINT, place.clone(), message);
    let finding = if !is_id(id) {
        finding(format!("{} can't be an id", quote(id))).help(format!(
            "write small letters, digits and `-`, beginning with a letter, at most {ID_CHARS_MAX}"
        ))
    } else if code::ALL.iter().any(|code| code.name == id) {
        finding(format!("`{id}` is the name of a kind of finding")).help("choose another id")
    } else if let Some(first) = other {
        finding(format!("`{id}` is the id of another constraint or expectation"))
            .with(first.clone(), "the first")
            .help("an id names one constraint or expectation of the project")
    } else {
        return true;
    };
    found.push(finding);
    false
}

/// What is wrong with an expression, underlined in it.
pub(super) fn finding(id: &str, written: Value<'_>, pointer: &str, fault: Fault) -> Diagnostic {
    finding_at(id, place_in(written, &fault.span).at(pointer), fault)
}

/// What is wrong with an expression, at the place where it is.
pub(super) fn finding_at(id: &str, place: Place, fault: Fault) -> Diagnostic {
    let message = format!("`{id}` can't be used: {}", fault.message);
    let finding = Diagnostic::new(&code::INVALID_CONSTRAINT, place, message);
    match fault.help {
        Some(help) => finding.help(help),
        None => finding.help("`docs/constraints.md` describes the language"),
    }
}
