//! `kind = "membership"`: the units of a system by period.

use std::sync::Arc;

use super::schema::{Says, Schema};
use super::{Names, Wanted, path, span, wanted};
use crate::diagnostic::Diagnostic;
use crate::manifest::derived::{DeclaredDerived, DeclaredMembership, Existence, Pairs};
use crate::model::compile::systems::named;
use crate::model::derived::{Derived, Membership};
use crate::model::kind::Kind;
use crate::model::system::{Spell, System};
use crate::period::{Period, day_of};

pub(super) fn compile(
    declaration: &DeclaredDerived,
    says: &DeclaredMembership,
    names: &Names<'_>,
    found: &mut Vec<Diagnostic>,
) -> Vec<Wanted> {
    let Some((index, system)) = named(names.systems, |it| &it.name, &says.system, "system", found)
    else {
        return Vec::new();
    };
    let span = match &says.span {
        Some(written) => span(written, found),
        None => match system.span().filter(|it| it.first > i32::MIN && it.last < i32::MAX) {
            Some(span) => Some(span),
            None => {
                let message = format!("the units of the system `{}` always are", system.name);
                let help = "say for which time, as in `span = \"1990/2020\"`";
                path::refuse(&says.system, message, help, found)
            }
        },
    };
    let Some(span) = span else { return Vec::new() };
    let title = declaration.title.clone().unwrap_or_else(|| title(system, says));
    let mut schema = Schema::new(&declaration.name, title);
    describe(&mut schema, system, says, span);
    let units: &[&str] = match says.pairs {
        Pairs::None => &["unit"],
        Pairs::Undirected => &["unit_a", "unit_b"],
        Pairs::Directed => &["unit_from", "unit_to"],
    };
    for name in units {
        let description = format!("A member of the system {}.", system.name);
        schema.column(&system.kind, Says { name, title: "Unit", description, required: true });
    }
    period_columns(&mut schema, says.period);
    schema.count(Says {
        name: "days",
        title: "Days",
        description: match (says.pairs, says.existence) {
            (Pairs::None, _) => "On how many days of the period the unit was a member.".to_owned(),
            _ => "On how many days of the period both units were members.".to_owned(),
        },
        required: true,
    });
    let key: Vec<_> = units.iter().copied().chain([says.period.name()]).collect();
    let derived = Derived::Membership(Arc::new(Membership {
        system: index,
        period: says.period,
        pairs: says.pairs,
        existence: says.existence,
        span,
    }));
    vec![wanted(declaration, &schema, &key, derived)]
}

fn title(system: &System, says: &DeclaredMembership) -> String {
    let what = match says.pairs {
        Pairs::None => "members",
        Pairs::Undirected => "pairs of members",
        Pairs::Directed => "directed pairs of members",
    };
    format!("{}: {what} by {}", system.name, says.period.name())
}

fn describe(schema: &mut Schema, system: &System, says: &DeclaredMembership, span: Spell) {
    let period = says.period.name();
    schema.say(match (says.pairs, says.existence) {
        (Pairs::None, _) => {
            format!("A row for each unit and each {period} of which it was a member on some day.")
        }
        (_, Existence::Day) => format!(
            "A row for each pair of units and each {period} in which both were members on one and the same day."
        ),
        (_, Existence::Period) => format!(
            "A row for each pair of units and each {period} in which each was a member on some day; they need share none."
        ),
    });
    match says.pairs {
        Pairs::None => {}
        Pairs::Undirected => schema.say("The lower code stands first, and each pair once."),
        Pairs::Directed => schema.say("Each pair stands in either order."),
    }
    schema.say(format!(
        "From {} to {}; what is later or earlier isn't part of the table.",
        day_of(span.first),
        day_of(span.last)
    ));
    of_system(schema, system);
}

/// What a table says of the system that its units are of.
pub(super) fn of_system(schema: &mut Schema, system: &System) {
    let list = system.codes.list.as_deref().unwrap_or_default();
    let known = match system.as_of {
        Some(day) => format!(", which knows its members until {}", day_of(day)),
        None => String::new(),
    };
    schema.say(format!(
        "Who is a unit, and when, the code list {list} says{known}. Spells include their first and their last day."
    ));
}

/// The columns that say which period a row is of.
pub(super) fn period_columns(schema: &mut Schema, period: Period) {
    let says = |name, title, description: &str| Says {
        name,
        title,
        description: description.to_owned(),
        required: true,
    };
    match period {
        Period::Year => {
            let says = says("year", "Year", "The calendar year.");
            schema.column(&Kind::Integer { bits: 16 }, says);
        }
        Period::Quarter => {
            let quarter =
                says("quarter", "Quarter", "The quarter of a calendar year, as in 2023-Q4.");
            schema.column(&Kind::Text, quarter);
            let first = says("quarter_start", "First day", "The first day of the quarter.");
            schema.column(&Kind::Date, first);
        }
        Period::Month => {
            let says_month = says("month", "Month", "The calendar month, as in 2023-12.");
            schema.column(&Kind::Text, says_month);
            let first = says("month_start", "First day", "The first day of the month.");
            schema.column(&Kind::Date, first);
        }
        Period::Day => {
            let says = says("day", "Day", "The day.");
            schema.column(&Kind::Date, says);
        }
    }
}
