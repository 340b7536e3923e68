//! `x-dates`: dates that are composed of a year, a month and a day in properties of their own.

use super::Compiler;
use super::columns::derived;
use super::gather::{Clauses, Condition};
use super::scope::{Contents, Scope};
use super::{roles, scalar::name};
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, Place, code, one_of};
use crate::edtf::parts::Part;
use crate::model::document::Node;
use crate::model::{
    About, Column, ComposedDate, DateParts, EdtfPart, Field, Kind, Origin, Role, RoleSet, Shape,
    Term, names,
};
use crate::tape::{Property, Tag, UNKNOWN};

/// The annotation.
const KEYWORD: &str = "x-dates";

/// What may be said of a date.
const KEYS: [&str; 6] = ["year", "month", "day", "role", "title", "description"];

const EXAMPLE: &str = "write `\"x-dates\": { \"start\": { \"year\": \"styear\", \"month\": \"stmon\", \"day\": \
                       \"stday\", \"role\": \"start\" } }`: the names of properties of the same object";

/// Reports what is no declaration of dates, in any schema.
pub(super) fn check(node: &Node<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut misused = |place: Place, message: String, help: String| {
        diagnostics.push(Diagnostic::new(&code::MISUSED_ANNOTATION, place, message).help(help));
    };
    for (date, entry) in node.entries(KEYWORD) {
        if entry.value.tag() != Tag::Object {
            misused(entry.place(), format!("`{date}` says no parts of a date"), EXAMPLE.to_owned());
            continue;
        }
        for key in entry.value.entries() {
            let name = key.name();
            let place = Place::of(key.value).at(crate::pointer::join(&entry.pointer, name));
            if !KEYS.contains(&name) {
                let place = Place::of(key.key).at(crate::pointer::join(&entry.pointer, name));
                let help = match nearest(name, KEYS) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("a date has {}", one_of(KEYS)),
                };
                misused(place, format!("`{name}` is nothing that a composed date has"), help);
                continue;
            }
            let is_text = match key.value.tag() {
                Tag::Array => name == "role" && key.value.items().all(|it| it.tag() == Tag::Text),
                tag => tag == Tag::Text,
            };
            if !is_text {
                let json = key.value.to_json();
                misused(place, format!("`{name}` holds text, not `{json}`"), EXAMPLE.to_owned());
            }
        }
        if entry.value.get("year").is_none() {
            misused(entry.place(), format!("the date `{date}` has no year"), EXAMPLE.to_owned());
        } else if let Some(day) = entry.get("day").filter(|_| entry.value.get("month").is_none()) {
            let message = format!("the date `{date}` has a day and no month");
            misused(day.place(), message, "add the property of the month".to_owned());
        }
    }
}

impl<'c> Compiler<'c> {
    /// Compiles the dates that are composed of an object's fields, and appends their columns.
    pub(super) fn dates(
        &mut self,
        clauses: &Clauses<'c>,
        fields: &[Field],
        scope: &Scope,
        row: &str,
        contents: &mut Contents,
    ) -> Vec<ComposedDate> {
        let mut dates: Vec<ComposedDate> = Vec::new();
        let declared = clauses.iter().any(|it| it.root && it.condition == Condition::Always);
        for clause in clauses {
            if clause.node.get(KEYWORD).is_none() {
                continue;
            }
            if declared && clause.condition != Condition::Always {
                let message = format!(
                    "`{KEYWORD}` stands under a condition, and a column is the same in every record"
                );
                self.found.push(
                    Diagnostic::new(
                        &code::MISUSED_ANNOTATION,
                        clause.node.place_of(KEYWORD),
                        message,
                    )
                    .help("let it stand on the object itself"),
                );
                continue;
            }
            for (date, entry) in clause.node.entries(KEYWORD) {
                if self.is_too_large(&entry) {
                    break;
                }
                let known = dates.iter().any(|known| known.name == date);
                if known {
                    let message = format!("two dates are called `{date}`");
                    self.found.push(
                        Diagnostic::new(&code::NAME_COLLISION, entry.place(), message)
                            .help("give one of them another name"),
                    );
                    continue;
                }
                dates.extend(self.date(date, &entry, fields, scope, row, contents));
            }
        }
        dates
    }

    fn date(
        &mut self,
        date: &str,
        entry: &Node<'c>,
        fields: &[Field],
        scope: &Scope,
        row: &str,
        contents: &mut Contents,
    ) -> Option<ComposedDate> {
        let mut part = |part: Part| self.part(entry, part, fields);
        let (year, month, day) = (part(Part::Year), part(Part::Month), part(Part::Day));
        // What is wrong with a part was reported.
        if entry.value.get("month").is_some() != month.is_some()
            || entry.value.get("day").is_some() != day.is_some()
        {
            return None;
        }
        let year = year?;
        let all = || [Some(&year), month.as_ref(), day.as_ref()].into_iter().flatten();
        let repeated = all()
            .enumerate()
            .find(|(index, part)| all().take(*index).any(|other| other.column == part.column));
        if let Some((_, part)) = repeated {
            let message = format!("`{}` stands for two parts of the date `{date}`", part.name);
            self.found.push(
                Diagnostic::new(&code::MISUSED_ANNOTATION, entry.place(), message).help(EXAMPLE),
            );
            return None;
        }
        let index = contents.columns.len();
        let parts = all().map(|part| format!("`{}`", part.name)).collect::<Vec<_>>().join(", ");
        let title = entry.text("title").unwrap_or(date);
        let given = entry.text("description").unwrap_or_default();
        let how = format!("A date that is composed of {parts}, as precise as they are.");
        let column = Column {
            name: names::join(&scope.prefix, &names::segment(date)),
            plain: None,
            pointer: crate::pointer::join(&scope.pointer, date),
            about: About {
                title: title.to_owned(),
                label: names::shorten(title),
                description: if given.is_empty() { how } else { format!("{given} {how}") },
                ..About::default()
            },
            kind: Kind::Edtf,
            reference: None,
            nullable: true,
            internal: scope.internal || all().any(|part| contents.columns[part.column].internal),
            origin: Origin::Composed {
                year: year.column,
                month: month.as_ref().map(|part| part.column),
                day: day.as_ref().map(|part| part.column),
            },
            roles: self.roles_of_date(date, entry),
            format: None,
        };
        let parts = EdtfPart::OF_COMPOSED.map(|part| derived(&column, index, part));
        let columns: Vec<_> = std::iter::once(column).chain(parts).collect();
        let taken = columns.iter().find_map(|column| {
            let other = contents.by_name.get(&column.name)?;
            Some((column, &contents.columns[*other], &contents.places[*other]))
        });
        if let Some((column, other, place)) = taken {
            let message = format!(
                "the date `{date}` has a column `{}`, and so has `{}`",
                column.name,
                crate::pointer::readable(&other.pointer)
            );
            self.found.push(
                Diagnostic::new(&code::NAME_COLLISION, entry.place(), message)
                    .with(place.clone(), "the other one")
                    .help("call the date otherwise: its name is free"),
            );
            return None;
        }
        let longest = columns.iter().max_by_key(|column| column.name.len()).expect("four columns");
        self.check_name(longest, entry);
        let roles = columns[0].roles;
        let key = names::join(scope.above(row), &columns[0].name);
        let iri = format!("{}vocabulary#{key}", self.manifest.dataset.base);
        for column in columns {
            self.push_unchecked(column, entry, contents);
        }
        let name = |part: Found<'_>| Property { name: part.name.to_owned(), number: UNKNOWN };
        Some(ComposedDate {
            name: date.to_owned(),
            parts: DateParts { year: name(year), month: month.map(name), day: day.map(name) },
            place: entry.place(),
            column: index,
            roles,
            number: 0,
            term: Term { key, iri },
        })
    }

    /// The property that is a part of a date.
    fn part<'f>(&mut self, entry: &Node<'_>, part: Part, fields: &'f [Field]) -> Option<Found<'f>> {
        let wanted = entry.text(part.name())?;
        let place = entry.place_of(part.name());
        let Some(field) = fields.iter().find(|field| field.name == wanted) else {
            let names = || fields.iter().map(|field| field.name.as_str());
            let help = match nearest(wanted, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the object has {}", one_of(names())),
            };
            let message = format!("the object has no property `{wanted}`, which can be a column");
            self.found.push(Diagnostic::new(&code::UNKNOWN_NAME, place, message).help(help));
            return None;
        };
        let integer = match &field.shape {
            Shape::Scalar { scalar, column } => scalar.kind.is_integer().then_some(*column),
            Shape::Group(_) | Shape::Languages(_) | Shape::List { .. } => None,
        };
        let Some(column) = integer else {
            let message =
                format!("the {} of a date is an integer, and `{wanted}` is none", part.name());
            self.found.push(
                Diagnostic::new(&code::MISUSED_ANNOTATION, place, message)
                    .with(field.place.clone(), "the property")
                    .help("let the property be of the type `integer`"),
            );
            return None;
        };
        Some(Found { name: &field.name, column })
    }

    /// What a composed date is to its record.
    fn roles_of_date(&mut self, date: &str, entry: &Node<'_>) -> RoleSet {
        let all = roles::fitting(entry, "role", date, &Kind::Edtf, self.found);
        let of_dates = [Role::Date, Role::Start, Role::End, Role::Published];
        let strange = |role: &Role| !of_dates.contains(role);
        if all.iter().any(|role| strange(&role)) {
            let message = format!("`{date}` is a composed date, and has a role of something else");
            self.found.push(
                Diagnostic::new(&code::MISUSED_ANNOTATION, entry.place_of("role"), message)
                    .help("composed dates are `date`, `start`, `end` or `published`"),
            );
        }
        all.iter().filter(|role| !strange(role)).collect()
    }

    /// Reports dates that are composed where there is no object.
    pub(super) fn refuse_dates(&mut self, clauses: &Clauses<'_>, what: &str) {
        if let Some(clause) = clauses.iter().find(|it| it.node.get(KEYWORD).is_some()) {
            let node = &clause.node;
            let message =
                format!("`{KEYWORD}` stands on an object, and `{}` is {what}", name(node));
            self.found.push(
                Diagnostic::new(&code::MISUSED_ANNOTATION, node.place_of(KEYWORD), message).help(
                    "let it stand on the record, the group, or the items of a list of objects",
                ),
            );
        }
    }
}

/// A property that is a part of a date.
struct Found<'f> {
    name: &'f str,
    column: usize,
}
