//! What a table of codings compares.
//!
//! A schema gives three roles: `unit` is what was coded, `coder` who did it, `coded` each variable.
//! They mean something only together, so a table that has some of them has all.

use crate::diagnostic::{Diagnostic, Place, code};
use crate::model::kind::{Class, DateForm};
use crate::model::{EdtfPart, Field, Item, Level, Object, Origin, Role, Scalar, Shape, Table};

/// What a table of codings compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codings {
    /// What was coded: index into [`Level::columns`] of the table.
    pub unit: usize,
    /// Who coded it: likewise.
    pub coder: usize,
    /// In the order of the schema.
    pub variables: Vec<Variable>,
}

/// One answer that a coder gives about a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Of a value its column, of a group what its columns begin with, of a list the end of its
    /// table's name.
    pub name: String,
    /// What a codebook calls it.
    pub title: String,
    /// When two answers are the same, in a word.
    pub comparison: Comparison,
    /// What the answer consists of.
    pub parts: Vec<Part>,
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
    /// Index into [`Level::columns`] of the table.
    Column(usize),
    /// The items of a list, whatever their order.
    Set {
        /// Index into [`Level::lists`] of the table.
        list: usize,
        /// Indices into the columns of that level: what an item is compared by.
        columns: Vec<usize>,
    },
}

const UNCERTAIN: Class = Class::Date(DateForm::Edtf);

/// The columns that say what a value means: an uncertain date can be spelt in several ways, and
/// what is derived from it says which are the same.
fn meaning(scalar: &Scalar, column: usize) -> Vec<usize> {
    match scalar.kind.class() == UNCERTAIN {
        true => (1..=EdtfPart::ALL.len()).map(|offset| column + offset).collect(),
        false => vec![column],
    }
}

/// Reads the roles of codings off a table; none if it has none, or misuses them.
pub fn find(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Codings> {
    let before = diagnostics.len();
    let level = &table.level;
    let Item::Object(object) = &level.item else { return None };
    let mut search = Search { diagnostics, units: vec![], coders: vec![], coded: vec![] };
    search.object(level, object, Around::Record);
    let Search { units, coders, coded, .. } = search;
    if units.is_empty() && coders.is_empty() && coded.is_empty() {
        return None;
    }
    let mut report = |place: Place, message: String, help: &str| {
        diagnostics.push(Diagnostic::new(&code::MISUSED_ANNOTATION, place, message).help(help));
    };
    for (role, found) in [("unit", &units), ("coder", &coders)] {
        for (again, _) in found.iter().skip(1) {
            report(
                again.place.clone(),
                format!("`{}` is the second {role} of `{}`", again.name, table.name),
                "a coding is of one unit, by one coder",
            );
        }
    }
    // What is lacking may have a fault that was reported.
    if !diagnostics.iter().any(Diagnostic::is_error) {
        let (unit, coder) = (units.first().map(|it| it.0), coders.first().map(|it| it.0));
        let given = [("unit", unit), ("coder", coder), ("coded", coded.first().map(|it| it.0))];
        diagnostics.extend(lacking(given, table));
    }
    let sound = diagnostics.len() == before && !coded.is_empty();
    let ([(_, unit)], [(_, coder)], true) = (&units[..], &coders[..], sound) else { return None };
    let variables = coded.iter().flat_map(|(field, name)| variables(level, field, name)).collect();
    Some(Codings { unit: *unit, coder: *coder, variables })
}

/// Reports the first role that is lacking, at the first that is there.
fn lacking(roles: [(&str, Option<&Field>); 3], table: &Table) -> Option<Diagnostic> {
    let (missing, _) = roles.iter().find(|(_, field)| field.is_none())?;
    let (role, field) = roles.iter().find_map(|(role, field)| Some((role, (*field)?)))?;
    let message = format!(
        "`{}` has the role `{role}`, and no property of `{}` has the role `{missing}`",
        field.name, table.name
    );
    Some(
        Diagnostic::new(&code::MISUSED_ANNOTATION, field.place.clone(), message)
            .help("codings have a `unit`, a `coder`, and at least one property that is `coded`"),
    )
}

/// A field's variable, and of an uncertain date its precision, too: coders may agree on the one and
/// not on the other.
fn variables(level: &Level, field: &Field, name: &str) -> Vec<Variable> {
    let mut parts = Vec::new();
    gather(level, field, &mut parts);
    let comparison = match &field.shape {
        Shape::Scalar { scalar, .. } if scalar.kind.class() == UNCERTAIN => Comparison::Date,
        Shape::Scalar { .. } => Comparison::Value,
        Shape::Group(_) | Shape::Languages(_) => Comparison::Group,
        Shape::List { .. } => Comparison::Set,
    };
    let title = field.about.title.clone();
    let mut variables = vec![Variable { name: name.to_owned(), title, comparison, parts }];
    if let (Comparison::Date, Shape::Scalar { column, .. }) = (comparison, &field.shape) {
        let precision = Origin::Derived { of: *column, part: EdtfPart::Precision };
        let index = level.columns.iter().position(|column| column.origin == precision);
        let index = index.expect("an uncertain date has a precision");
        variables.push(Variable {
            name: level.columns[index].name.clone(),
            title: level.columns[index].about.title.clone(),
            comparison: Comparison::Value,
            parts: vec![Part::Column(index)],
        });
    }
    variables
}

/// What an answer consists of: all that is released of it.
fn gather(level: &Level, field: &Field, parts: &mut Vec<Part>) {
    if field.internal {
        return;
    }
    match &field.shape {
        Shape::Scalar { scalar, column } => {
            parts.extend(meaning(scalar, *column).into_iter().map(Part::Column));
        }
        Shape::Group(group) => {
            group.fields.iter().for_each(|field| gather(level, field, parts));
        }
        Shape::Languages(columns) => {
            parts.extend(columns.iter().map(|(_, column)| Part::Column(*column)));
        }
        Shape::List { list, .. } => match &level.lists[*list].item {
            Item::Scalar(scalar) => {
                parts.push(Part::Set { list: *list, columns: meaning(scalar, 0) });
            }
            Item::Object(_) => unreachable!("a list of objects can't be coded"),
        },
    }
}

/// What stands around a field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    Record,
    List,
    Coded,
}

/// The fields that have the roles.
struct Search<'m, 'd> {
    diagnostics: &'d mut Vec<Diagnostic>,
    /// With the column.
    units: Vec<(&'m Field, usize)>,
    /// With the column.
    coders: Vec<(&'m Field, usize)>,
    /// With the variable's name.
    coded: Vec<(&'m Field, &'m str)>,
}

impl<'m> Search<'m, '_> {
    fn misused(&mut self, field: &Field, message: String, help: &str) {
        let finding = Diagnostic::new(&code::MISUSED_ANNOTATION, field.place.clone(), message);
        self.diagnostics.push(finding.help(help));
    }

    fn object(&mut self, level: &'m Level, object: &'m Object, around: Around) {
        for field in &object.fields {
            let inside = match &field.variable {
                Some(variable) => self.coded(field, variable, around),
                None => around,
            };
            match &field.shape {
                Shape::Scalar { scalar, column } => {
                    let certain = !level.columns[*column].nullable;
                    self.scalar(field, scalar, *column, certain, inside);
                }
                Shape::Group(group) => self.object(level, group, inside),
                Shape::Languages(_) => {}
                Shape::List { list, .. } => self.list(field, &level.lists[*list], inside),
            }
        }
    }

    /// Notes a variable. Returns what stands around the values inside.
    fn coded(&mut self, field: &'m Field, variable: &'m str, around: Around) -> Around {
        let name = &field.name;
        match around {
            Around::Record if field.internal => self.misused(
                field,
                format!("`{name}` is coded, and internal"),
                "what is compared must be released, or nobody can work it out again",
            ),
            Around::Record => self.coded.push((field, variable)),
            Around::List => self.misused(
                field,
                format!("`{name}` is coded, and part of a list"),
                "nothing says which items of two coders belong together; a list of bare values \
                 can be coded as a whole",
            ),
            Around::Coded => self.misused(
                field,
                format!("`{name}` is coded, and part of an object that is coded"),
                "give the role to the object, to be compared as a whole, or to its parts",
            ),
        }
        if around == Around::Record { Around::Coded } else { around }
    }

    fn list(&mut self, field: &'m Field, list: &'m Level, around: Around) {
        match &list.item {
            Item::Object(_) if around == Around::Coded && !field.internal => self.misused(
                field,
                format!("`{}` is coded, and a list of objects", field.name),
                "nothing says which items of two coders belong together; code a list of bare \
                 values, or a property of the record",
            ),
            Item::Object(object) => self.object(list, object, Around::List),
            Item::Scalar(scalar) => {
                let has = |role| scalar.roles.has(role);
                let help = match () {
                    () if has(Role::Coded) => "give the role to the list: it is compared as a set",
                    () if has(Role::Unit) || has(Role::Coder) => {
                        "a coding is of one unit, by one coder"
                    }
                    () => return,
                };
                let message = format!("the items of `{}` have a role of codings", field.name);
                self.misused(field, message, help);
            }
        }
    }

    fn scalar(
        &mut self,
        field: &'m Field,
        scalar: &Scalar,
        column: usize,
        certain: bool,
        around: Around,
    ) {
        let (role, found) = match () {
            () if scalar.roles.has(Role::Unit) => ("unit", &mut self.units),
            () if scalar.roles.has(Role::Coder) => ("coder", &mut self.coders),
            () => return,
        };
        let name = &field.name;
        let (fault, help) = if around != Around::Record {
            ("stands in a list or a variable", "let it stand in the record, or in an object of it")
        } else if !certain {
            ("may be missing", "list it under `required`, and any object around it")
        } else if role == "unit" && scalar.reference.is_none() {
            ("refers to no table", "say with `x-reference` which table's records are coded")
        } else if role == "unit" && field.internal {
            ("is internal", "which codings are of one unit must be released, unlike who coded")
        } else {
            found.push((field, column));
            return;
        };
        self.misused(field, format!("`{name}` has the role `{role}`, and {fault}"), help);
    }
}
