//! `kind = "dyads"`: pairs of units that meet in a record, and directed pairs where something says who does it to
//! whom.

use std::sync::Arc;

use super::parties::{Declared, code_columns, crosswalks, key_columns, sentence};
use super::schema::{Says, Schema};
use super::{Names, Wanted, parties, path, wanted};
use crate::diagnostic::{Diagnostic, quote};
use crate::manifest::derived::{DeclaredDerived, DeclaredDirection, DeclaredDyads, Overlap};
use crate::model::derived::{Derived, Direction, Dyads, Parties, Units, ValuePath};
use crate::model::{Column, Kind, Table, VALUE_COLUMN, names};
use crate::parse::spelling::Written;

/// The columns that say when a pair met, in their order.
pub(super) const TIME_COLUMNS: [&str; 4] =
    ["start_earliest", "start_latest", "end_earliest", "end_latest"];

pub(super) fn compile(
    declaration: &DeclaredDerived,
    says: &DeclaredDyads,
    names: &Names<'_>,
    found: &mut Vec<Diagnostic>,
) -> Vec<Wanted> {
    let Some(undirected) = dyads(says, names, found) else { return Vec::new() };
    let table = &names.tables[undirected.parties.table];
    let direction = match (&says.directed, undirected.parties.units) {
        (Some(declared), units) => roles(table, units, declared, found).map(Some),
        (None, Units::Two(_)) => Some(Some(Direction::Given)),
        (None, Units::Each(_)) => Some(None),
    };
    let Some(direction) = direction else { return Vec::new() };
    let mut all = vec![make(declaration, says, &declaration.name, undirected, names, found)];
    if direction.is_some() {
        let directed = dyads(says, names, found).expect("it could be used before");
        let directed = Dyads { direction, ..directed };
        let name = format!("{}_directed", declaration.name);
        all.push(make(declaration, says, &name, directed, names, found));
    }
    all.into_iter().flatten().collect()
}

/// Pairs without a direction.
fn dyads(says: &DeclaredDyads, names: &Names<'_>, found: &mut Vec<Diagnostic>) -> Option<Dyads> {
    let declared = Declared {
        from: &says.from,
        unit: &says.unit,
        date: &says.date,
        conditions: &says.conditions,
    };
    let parties = parties::compile(&declared, names, found)?;
    let table = &names.tables[parties.table];
    let before = found.len();
    if parties.units.list().is_none() && matches!(parties.units, Units::Each(_)) {
        let message =
            format!("{} is one value of a record, and a pair has two", quote(&says.unit[0].text));
        let help =
            "name a value of a list of parties, or two values: `unit = [\"source\", \"target\"]`";
        path::refuse::<()>(&says.unit[0], message, help, found);
    }
    let side = says.side.as_ref().and_then(|side| of_party(table, &parties, side, found));
    let own_time = own_time(says, table, &parties, found);
    let mirror = says.mirror.as_ref().map(|with| {
        if !matches!(parties.units, Units::Two(_)) {
            let message = "only records of two units are told from both sides".to_owned();
            let help = "leave out `mirror`, or name two values as `unit`";
            path::refuse::<()>(&with[0], message, help, found);
        }
        with.iter().filter_map(|it| path::single(table, it, found)).collect()
    });
    let keep = says.keep.iter().filter_map(|it| path::single(table, it, found)).collect();
    let kind = &unit_column(table, &parties).kind;
    let codes = crosswalks(names, kind, &says.codes, found).unwrap_or_default();
    (found.len() == before).then_some(Dyads {
        parties,
        side,
        own_time,
        direction: None,
        mirror,
        keep,
        codes,
    })
}

/// A value of a party.
fn of_party(
    table: &Table,
    parties: &Parties,
    written: &Written,
    found: &mut Vec<Diagnostic>,
) -> Option<usize> {
    let path = path::value(table, written, found)?;
    if parties.units.list().is_none() || path.list != parties.units.list() {
        let message = format!("{} is no value of a party", quote(&written.text));
        return path::refuse(written, message, "name a value of the list of the unit", found);
    }
    Some(path.column)
}

fn own_time(
    says: &DeclaredDyads,
    table: &Table,
    parties: &Parties,
    found: &mut Vec<Diagnostic>,
) -> Option<(crate::model::derived::TimePath, Overlap)> {
    let Some(first) = says.party_date.first() else {
        if says.overlap.is_some() {
            let message =
                "`overlap` is of the times of parties, and nothing says when they took part";
            let help = "add `party_date`, or leave out `overlap`: then a pair is of one record";
            path::refuse::<()>(&says.unit[0], message.to_owned(), help, found);
        }
        return None;
    };
    if parties.units.list().is_none() {
        let message = format!("{} is no value of a party", quote(&first.text));
        return path::refuse(first, message, "name a value of the list of the unit", found);
    }
    let time = path::time(table, &says.party_date, parties.units.list(), found)?;
    Some((time, says.overlap.unwrap_or_default()))
}

fn roles(
    table: &Table,
    units: Units,
    declared: &DeclaredDirection,
    found: &mut Vec<Diagnostic>,
) -> Option<Direction> {
    let path = path::value(table, &declared.role, found)?;
    if units.list().is_none() || path.list != units.list() {
        let message = format!("{} is no value of a party", quote(&declared.role.text));
        return path::refuse(
            &declared.role,
            message,
            "name a value of the list of the unit",
            found,
        );
    }
    let codes = path::column_of(table, path).kind.codes();
    let before = found.len();
    let mut texts = |written: &[Written]| -> Vec<String> {
        for it in written {
            if let Some(codes) = codes
                && codes.position(&it.text).is_none()
            {
                let message =
                    format!("{} is no code of {}", quote(&it.text), quote(&declared.role.text));
                let guess = codes.words().guess(&it.text).question();
                let help = guess.unwrap_or_else(|| codes.defined_by.clone());
                path::refuse::<()>(it, message, &help, found);
            }
        }
        written.iter().map(|it| it.text.clone()).collect()
    };
    let (from, to) = (texts(&declared.from), texts(&declared.to));
    (found.len() == before).then_some(Direction::Roles { role: path.column, from, to })
}

/// The column of the unit.
pub(super) fn unit_column<'a>(table: &'a Table, parties: &Parties) -> &'a Column {
    let column = parties.units.column();
    path::column_of(table, ValuePath { list: parties.units.list(), column })
}

/// What the column of one unit is called: as in the table that it is from. A bare value of a list has no name of
/// its own there, and is called as the list.
pub(super) fn unit_name(table: &Table, parties: &Parties) -> String {
    let column = unit_column(table, parties);
    match (parties.units, parties.units.list()) {
        (Units::Two(_), _) => "unit".to_owned(),
        (Units::Each(_), Some(list)) if column.name == VALUE_COLUMN => {
            let list = &table.level.lists[list].pointer;
            names::segment(list.rsplit('/').next().unwrap_or_default())
        }
        (Units::Each(_), _) => column.name.clone(),
    }
}

/// What the columns of two units are called.
pub(super) fn unit_names(unit: &str, is_directed: bool) -> [String; 2] {
    let ends = if is_directed { ["from", "to"] } else { ["a", "b"] };
    ends.map(|end| format!("{unit}_{end}"))
}

fn make(
    declaration: &DeclaredDerived,
    says: &DeclaredDyads,
    name: &str,
    dyads: Dyads,
    names: &Names<'_>,
    found: &mut Vec<Diagnostic>,
) -> Option<Wanted> {
    let table = &names.tables[dyads.parties.table];
    let column = unit_column(table, &dyads.parties);
    let unit = unit_name(table, &dyads.parties);
    let is_directed = dyads.direction.is_some();
    let what = if is_directed { "directed pairs" } else { "pairs" };
    let title = match &declaration.title {
        Some(title) if is_directed => format!("{title}, directed"),
        Some(title) => title.clone(),
        None => format!("{}: {what} of units", table.title),
    };
    let mut schema = Schema::new(name, title);
    describe(&mut schema, table, &dyads);
    let mut key = key_columns(&mut schema, table);
    let units = unit_names(&unit, is_directed);
    for (index, name) in units.iter().enumerate() {
        let description = match (is_directed, index) {
            (false, 0) => "The unit of the two that stands first in the order of codes.",
            (false, _) => "The other unit.",
            (true, 0) => "The unit that does it.",
            (true, _) => "The unit to which it is done.",
        };
        let description = description.to_owned();
        schema.like(column, Says { name, title: "", description, required: true });
    }
    key.extend(units.iter().cloned());
    if let (Some(side), false) = (dyads.side, is_directed) {
        let path = ValuePath { list: dyads.parties.units.list(), column: side };
        for (name, unit) in ["side_a", "side_b"].iter().zip(&units) {
            let description = format!("The side of {unit}.");
            let side = path::column_of(table, path);
            schema.like(side, Says { name, title: "", description, required: true });
        }
    }
    time_columns(&mut schema);
    if dyads.own_time.is_some_and(|(_, overlap)| overlap != Overlap::None) {
        schema.column(
            &Kind::Boolean,
            Says {
                name: "overlap_certain",
                title: "Overlap is certain",
                description:
                    "Whether the two certainly took part at the same time; false where their dates \
                              leave it open."
                        .to_owned(),
                required: true,
            },
        );
    }
    schema.count(Says {
        name: "n_parties",
        title: "Number of parties",
        description: "How many units take part in the record, each counted once. Records of many parties make \
                      many pairs: weight them down with it."
            .to_owned(),
        required: true,
    });
    schema.count(Says {
        name: "n_incomplete",
        title: "Number of incomplete parties",
        description: "How many parties of the record have no unit, or no side where sides are asked for. Pairs \
                      with them are missing."
            .to_owned(),
        required: true,
    });
    if dyads.mirror.is_some() {
        schema.count(Says {
            name: "n_records",
            title: "Number of records",
            description:
                "2 where another record tells the same from the other side, which has no row then; \
                          else 1."
                    .to_owned(),
            required: true,
        });
    }
    for column in &dyads.keep {
        let column = &table.level.columns[*column];
        let required = !column.nullable;
        let name = column.name.as_str();
        if schema.names().any(|known| known == name) {
            let message = format!("the table has a column `{name}` of its own");
            let at = says.keep.first().expect("something is kept");
            return path::refuse(at, message, "leave it out of `keep`", found);
        }
        let description = String::new();
        schema.like(column, Says { name, title: "", description, required });
    }
    code_columns(&mut schema, names, &dyads.codes, &units, "on the days of the record");
    let key: Vec<_> = key.iter().map(String::as_str).collect();
    Some(wanted(declaration, &schema, &key, Derived::Dyads(Arc::new(dyads))))
}

/// The columns that say when a pair met.
fn time_columns(schema: &mut Schema) {
    let descriptions = [
        (
            "First possible start",
            "The first day on which it can have begun; missing where nobody knows one.",
        ),
        (
            "Last possible start",
            "The last day on which it can have begun; missing where nobody knows one.",
        ),
        (
            "First possible end",
            "The first day on which it can have ended; missing where nobody knows one.",
        ),
        (
            "Last possible end",
            "The last day on which it can have ended; missing where it goes on, or nobody knows.",
        ),
    ];
    for (name, (title, description)) in TIME_COLUMNS.into_iter().zip(descriptions) {
        let description = description.to_owned();
        schema.column(&Kind::Date, Says { name, title, description, required: false });
    }
}

fn describe(schema: &mut Schema, table: &Table, dyads: &Dyads) {
    let of = &table.name;
    match (&dyads.direction, dyads.side) {
        (Some(Direction::Given), _) => {
            schema.say(format!("A row for each record of {of} with two different units."));
        }
        (Some(Direction::Roles { role, from, to }), _) => {
            let path = ValuePath { list: dyads.parties.units.list(), column: *role };
            let role = &path::column_of(table, path).name;
            schema.say(format!(
                "A row for each record of {of} and each two different units in it, one with the {role} {} and \
                 one with the {role} {}.",
                from.join(" or "),
                to.join(" or ")
            ));
        }
        (None, Some(_)) => schema.say(format!(
            "A row for each record of {of} and each two different units on different sides of it. Units of one \
             side are no pair."
        )),
        (None, None) => schema.say(format!(
            "A row for each record of {of} and each two different units in it, whether or not they met each \
             other."
        )),
    }
    schema.say("A unit that takes part several times in a record is one unit.");
    schema.extend(sentence(table, &dyads.parties.conditions));
    match dyads.own_time {
        None => schema.say("When a pair met is when the record was."),
        Some((_, Overlap::Day)) => schema.say(
            "Two units are a pair if they can have taken part on one and the same day. When they met are the days \
             that both took part, from the first to the last, also where they parted in between; where a party doesn't say when it took part, it did \
             so all the time of the record.",
        ),
        Some((_, Overlap::Year)) => schema.say(
            "Two units are a pair if they can have taken part in one and the same calendar year, on a common day or \
             not. When they met are the whole years in which both took part; where a party doesn't say when it \
             took part, it did so all the time of the record.",
        ),
        Some((_, Overlap::None)) => schema.say(
            "When units took part doesn't matter: two of one record are a pair, and when they met is when the record was.",
        ),
    }
    if let Some(mirror) = &dyads.mirror {
        let with: Vec<_> =
            mirror.iter().map(|column| table.level.columns[*column].name.clone()).collect();
        schema.say(format!(
            "Two records of the same units the other way round, with the same {}, are one; the row has the key of \
             the first.",
            with.join(" and ")
        ));
    }
}
