//! What a table of codings compares.
//!
//! A schema gives three roles: `unit` is what was coded, `coder` who did it, `coded` each variable.
//! They mean something only together, so a table that has some of them has all. A fourth, `weight`, says how
//! much a unit counts. [`super::search`] finds them.

use std::sync::Arc;

use super::search;
use crate::diagnostic::Diagnostic;
use crate::model::kind::{Class, DateForm};
use crate::model::{Codes, EdtfPart, Field, Item, Kind, Level, Object, Origin, Shape, Table};

/// What a table of codings compares.
#[derive(Clone, Debug)]
pub struct Codings {
    /// What was coded: index into [`Level::columns`] of the table.
    pub unit: usize,
    /// Who coded it: likewise.
    pub coder: usize,
    /// How much the unit counts: likewise; none where all count the same.
    pub weight: Option<usize>,
    /// In the order of the schema.
    pub variables: Vec<Variable>,
}

/// One answer that a coder gives about a unit, or about an item of a list that others have, too.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Of a value its column, of a group what its columns begin with, of a list the end of its
    /// table's name. Of what stands in items, behind the name of the list.
    pub name: String,
    /// What a codebook calls it.
    pub title: String,
    /// When two answers are the same, in a word.
    pub comparison: Comparison,
    /// The lists whose matched items have it, each an index into [`Level::lists`] of the level before;
    /// empty for what stands in the record.
    pub within: Vec<usize>,
    /// What the answer consists of.
    pub parts: Vec<Part>,
    /// Which codes an answer has, if it consists of codes.
    pub codes: Option<Coded>,
}

/// When two answers are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// If they are equal.
    Value,
    /// If they are uncertain dates that mean the same.
    Date,
    /// If all values of the object are the same.
    Group,
    /// If they have the same items, in any order.
    Set,
}

impl Comparison {
    /// What a table of agreement calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Date => "date",
            Self::Group => "group",
            Self::Set => "set",
        }
    }
}

/// A part of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Index into [`Level::columns`].
    Column(usize),
    /// The values of a list, whatever their order.
    Set {
        /// Index into [`Level::lists`].
        list: usize,
        /// Indices into the columns of that level: what an item is compared by.
        columns: Vec<usize>,
    },
    /// The items of a list of objects, by what identifies them.
    Items {
        /// Index into [`Level::lists`].
        list: usize,
    },
}

/// Codes in an answer.
#[derive(Clone, Debug)]
pub struct Coded {
    /// All that there are.
    pub codes: Arc<Codes>,
    /// The list that has them, as an index into [`Level::lists`]; none for a single value.
    pub list: Option<usize>,
    /// Index into the columns of that level.
    pub column: usize,
}

const UNCERTAIN: Class = Class::Date(DateForm::Edtf);

/// The columns that say what a value means: an uncertain date can be spelt in several ways, and
/// what is derived from it says which are the same.
pub fn meaning(kind: &Kind, column: usize) -> Vec<usize> {
    match kind.class() == UNCERTAIN {
        true => (1..=EdtfPart::ALL.len()).map(|offset| column + offset).collect(),
        false => vec![column],
    }
}

/// Reads the roles of codings off a table; none if it has none, or misuses them.
pub fn find(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Codings> {
    let found = search::roles(table, diagnostics)?;
    let level = &table.level;
    let variables = found.coded.iter().flat_map(|(field, name)| variables(level, field, name));
    let variables = variables.collect();
    Some(Codings { unit: found.unit, coder: found.coder, weight: found.weight, variables })
}

/// A field's variables: of an uncertain date its precision, too, because coders may agree on the one and
/// not on the other; of a list of objects the properties of its items.
fn variables(level: &Level, field: &Field, name: &str) -> Vec<Variable> {
    let mut variables = Vec::new();
    let title = &field.about.title;
    match &field.shape {
        Shape::Scalar { scalar, column } => {
            scalars(level, &scalar.kind, *column, &Within::RECORD, &mut variables);
        }
        Shape::List { list, .. } => {
            self::list(level, *list, name, title, &Within::RECORD, &mut variables);
        }
        Shape::Group(_) | Shape::Languages(_) => {
            let mut parts = Vec::new();
            gather(level, field, &mut parts);
            variables.push(Variable {
                name: name.to_owned(),
                title: title.clone(),
                comparison: Comparison::Group,
                within: Vec::new(),
                parts,
                codes: None,
            });
        }
    }
    variables
}

/// The items that variables are properties of.
struct Within {
    lists: Vec<usize>,
    /// What stands before the names of columns.
    name: String,
    /// What stands before their titles.
    title: String,
}

impl Within {
    const RECORD: Self = Self { lists: Vec::new(), name: String::new(), title: String::new() };
}

/// The variable of a value, and that of the precision of an uncertain date.
fn scalars(
    level: &Level,
    kind: &Kind,
    column: usize,
    within: &Within,
    variables: &mut Vec<Variable>,
) {
    let is_uncertain = kind.class() == UNCERTAIN;
    let mut add = |column: usize, comparison: Comparison, parts: Vec<usize>| {
        let Column { name, title } = Column::of(level, column, within);
        let codes = codes_of(&level.columns[column].kind);
        variables.push(Variable {
            name,
            title,
            comparison,
            within: within.lists.clone(),
            parts: parts.into_iter().map(Part::Column).collect(),
            codes: codes.map(|codes| Coded { codes, list: None, column }),
        });
    };
    let comparison = if is_uncertain { Comparison::Date } else { Comparison::Value };
    add(column, comparison, meaning(kind, column));
    if is_uncertain {
        let precision = Origin::Derived { of: column, part: EdtfPart::Precision };
        let index = level.columns.iter().position(|column| column.origin == precision);
        let index = index.expect("an uncertain date has a precision");
        add(index, Comparison::Value, vec![index]);
    }
}

/// What a column is called as a variable.
struct Column {
    name: String,
    title: String,
}

impl Column {
    fn of(level: &Level, column: usize, within: &Within) -> Self {
        let column = &level.columns[column];
        Self {
            name: format!("{}{}", within.name, column.name),
            title: format!("{}{}", within.title, column.about.title),
        }
    }
}

fn codes_of(kind: &Kind) -> Option<Arc<Codes>> {
    match kind {
        Kind::Code(codes) | Kind::IntegerCode { codes, .. } => Some(Arc::clone(codes)),
        Kind::Boolean
        | Kind::Integer { .. }
        | Kind::Number
        | Kind::Text
        | Kind::Iri
        | Kind::Date
        | Kind::DateTime
        | Kind::LocalDateTime
        | Kind::LocalTime
        | Kind::Edtf
        | Kind::Year { .. }
        | Kind::Decimal { .. } => None,
    }
}

/// The variable of a list, and those of the items that coders have in common.
fn list(
    level: &Level,
    list: usize,
    name: &str,
    title: &str,
    within: &Within,
    variables: &mut Vec<Variable>,
) {
    let items = &level.lists[list];
    let mut set = Variable {
        name: format!("{}{name}", within.name),
        title: format!("{}{title}", within.title),
        comparison: Comparison::Set,
        within: within.lists.clone(),
        parts: Vec::new(),
        codes: None,
    };
    let coded = |column: usize| {
        let codes = codes_of(&items.columns[column].kind)?;
        Some(Coded { codes, list: Some(list), column })
    };
    match &items.item {
        Item::Scalar(scalar) => {
            set.parts.push(Part::Set { list, columns: meaning(&scalar.kind, 0) });
            set.codes = coded(0);
            variables.push(set);
        }
        Item::Object(object) => {
            set.parts.push(Part::Items { list });
            if let [column] = items.item_key[..] {
                set.codes = coded(column);
            }
            let inside = Within {
                lists: within.lists.iter().copied().chain([list]).collect(),
                name: format!("{}.", set.name),
                title: format!("{}: ", set.title),
            };
            variables.push(set);
            properties(items, object, &inside, variables);
        }
    }
}

/// The variables of the properties of items, but for those that identify them.
fn properties(level: &Level, object: &Object, within: &Within, variables: &mut Vec<Variable>) {
    for field in object.fields.iter().filter(|field| !field.internal) {
        match &field.shape {
            Shape::Scalar { column, .. } if level.item_key.contains(column) => {}
            Shape::Scalar { scalar, column } => {
                scalars(level, &scalar.kind, *column, within, variables);
            }
            Shape::Group(group) => properties(level, group, within, variables),
            Shape::Languages(columns) => {
                for (_, column) in columns {
                    scalars(level, &Kind::Text, *column, within, variables);
                }
            }
            Shape::List { list, .. } => {
                let name = level.lists[*list].name.strip_prefix(&format!("{}_", level.name));
                let name = name.expect("a list's table is called after the one around it");
                self::list(level, *list, name, &field.about.title, within, variables);
            }
        }
    }
}

/// What an answer consists of that is compared as a whole: all that is released of it.
fn gather(level: &Level, field: &Field, parts: &mut Vec<Part>) {
    if field.internal {
        return;
    }
    match &field.shape {
        Shape::Scalar { scalar, column } => {
            parts.extend(meaning(&scalar.kind, *column).into_iter().map(Part::Column));
        }
        Shape::Group(group) => {
            group.fields.iter().for_each(|field| gather(level, field, parts));
        }
        Shape::Languages(columns) => {
            parts.extend(columns.iter().map(|(_, column)| Part::Column(*column)));
        }
        Shape::List { list, .. } => match &level.lists[*list].item {
            Item::Scalar(scalar) => {
                parts.push(Part::Set { list: *list, columns: meaning(&scalar.kind, 0) });
            }
            Item::Object(_) => unreachable!("a list of objects in a coded object was refused"),
        },
    }
}
