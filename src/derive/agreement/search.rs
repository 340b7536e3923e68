//! Finds the roles of codings in a table's schema, and reports those that are misused.

use crate::diagnostic::{Diagnostic, Place, code};
use crate::model::{Field, Item, Level, Object, Role, Scalar, Shape, Table};

/// The fields that have the roles.
pub struct Found<'m> {
    /// Index into [`Level::columns`] of the table.
    pub unit: usize,
    /// Likewise.
    pub coder: usize,
    /// Likewise.
    pub weight: Option<usize>,
    /// With the variable's name.
    pub coded: Vec<(&'m Field, &'m str)>,
}

/// The roles of codings of a table; none if it has none, or misuses them.
pub fn roles<'m>(table: &'m Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Found<'m>> {
    let before = diagnostics.len();
    let level = &table.level;
    let Item::Object(object) = &level.item else { return None };
    let mut search = Search {
        diagnostics,
        units: Vec::new(),
        coders: Vec::new(),
        weights: Vec::new(),
        coded: Vec::new(),
    };
    search.object(level, object, Around::Record);
    let Search { units, coders, weights, coded, .. } = search;
    if units.is_empty() && coders.is_empty() && weights.is_empty() && coded.is_empty() {
        return None;
    }
    let mut report = |place: Place, message: String, help: &str| {
        diagnostics.push(Diagnostic::new(&code::MISUSED_ANNOTATION, place, message).help(help));
    };
    for (role, found, help) in [
        ("unit", &units, ONE_UNIT),
        ("coder", &coders, ONE_UNIT),
        ("weight", &weights, "a unit has one weight: multiply them"),
    ] {
        for (again, _) in found.iter().skip(1) {
            report(
                again.place.clone(),
                format!("`{}` is the second {role} of `{}`", again.name, table.name),
                help,
            );
        }
    }
    // What is lacking may have a fault that was reported.
    if !diagnostics.iter().any(Diagnostic::is_error) {
        let first = |found: &[(&'m Field, usize)]| found.first().map(|it| it.0);
        let needed = [
            ("unit", first(&units)),
            ("coder", first(&coders)),
            ("coded", coded.first().map(|it| it.0)),
        ];
        diagnostics.extend(lacking(needed, ("weight", first(&weights)), table));
    }
    let sound = diagnostics.len() == before && !coded.is_empty();
    let ([(_, unit)], [(_, coder)], true) = (&units[..], &coders[..], sound) else { return None };
    let weight = weights.first().map(|(_, column)| *column);
    Some(Found { unit: *unit, coder: *coder, weight, coded })
}

const ONE_UNIT: &str = "a coding is of one unit, by one coder";

/// Reports the first role of those that are needed that is lacking, at the first that is there.
fn lacking<'m>(
    needed: [(&str, Option<&'m Field>); 3],
    other: (&str, Option<&'m Field>),
    table: &Table,
) -> Option<Diagnostic> {
    let (missing, _) = needed.iter().find(|(_, field)| field.is_none())?;
    let mut present = needed.iter().chain([&other]);
    let (role, field) = present.find_map(|(role, field)| Some((role, (*field)?)))?;
    let message = format!(
        "`{}` has the role `{role}`, and no property of `{}` has the role `{missing}`",
        field.name, table.name
    );
    Some(
        Diagnostic::new(&code::MISUSED_ANNOTATION, field.place.clone(), message)
            .help("codings have a `unit`, a `coder`, and at least one property that is `coded`"),
    )
}

/// What stands around a field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    Record,
    /// A list that isn't coded.
    List,
    /// An object that is coded as a whole.
    Coded,
    /// A list of objects that is coded.
    Items,
}

/// The fields that have the roles.
struct Search<'m, 'd> {
    diagnostics: &'d mut Vec<Diagnostic>,
    /// With the column.
    units: Vec<(&'m Field, usize)>,
    /// With the column.
    coders: Vec<(&'m Field, usize)>,
    /// With the column.
    weights: Vec<(&'m Field, usize)>,
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
                "give the role to the list: it is compared as a set, and the properties of items that \
                 coders have in common as well; of a list of objects, `x-item-key` says which those are",
            ),
            Around::Items => self.misused(
                field,
                format!("`{name}` is coded, and part of a list that is coded"),
                "leave the role out: all that is released of the items is compared",
            ),
            Around::Coded => self.misused(
                field,
                format!("`{name}` is coded, and part of an object that is coded"),
                "give the role to the object, to be compared as a whole, or to its parts",
            ),
        }
        match (around, &field.shape) {
            (Around::Record, Shape::List { .. }) => Around::Items,
            (Around::Record, _) => Around::Coded,
            (Around::List | Around::Coded | Around::Items, _) => around,
        }
    }

    fn list(&mut self, field: &'m Field, list: &'m Level, around: Around) {
        let name = &field.name;
        match &list.item {
            Item::Object(_) if around == Around::Coded && !field.internal => self.misused(
                field,
                format!("`{name}` is a list of objects, and part of an object that is coded"),
                "an object is compared as a whole; give the role to its parts, and the list an \
                 `x-item-key`",
            ),
            Item::Object(_)
                if around == Around::Items && !field.internal && list.item_key.is_empty() =>
            {
                let whose = if field.variable.is_some() { "is" } else { "belongs to what is" };
                self.misused(
                    field,
                    format!("`{name}` {whose} coded, and a list of objects without `x-item-key`"),
                    "say with `x-item-key` which properties identify an item: by these, items of two \
                     coders are the same",
                );
            }
            Item::Object(object) => {
                let inside = if around == Around::Record { Around::List } else { around };
                self.object(list, object, inside);
            }
            Item::Scalar(scalar) => {
                let has = |role| scalar.roles.has(role);
                let help = match () {
                    () if has(Role::Coded) => "give the role to the list: it is compared as a set",
                    () if has(Role::Unit) || has(Role::Coder) => ONE_UNIT,
                    () if has(Role::Weight) => "a coding has one weight",
                    () => return,
                };
                let message = format!("the items of `{name}` have a role of codings");
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
            () if scalar.roles.has(Role::Weight) => ("weight", &mut self.weights),
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
        } else if role == "weight" && field.internal {
            ("is internal", "what units weigh must be released, or nobody can work it out again")
        } else {
            found.push((field, column));
            return;
        };
        self.misused(field, format!("`{name}` has the role `{role}`, and {fault}"), help);
    }
}
