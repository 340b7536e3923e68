//! What takes part in records: units, when, and which records and parties count.

use super::schema::{Says, Schema};
use super::{Names, path};
use crate::diagnostic::{Diagnostic, code, one_of, quote};
use crate::manifest::derived::DeclaredCondition;
use crate::model::compile::systems::named;
use crate::model::derived::{Condition, Parties, Units};
use crate::model::kind::{Class, Kind};
use crate::model::system::Crosswalk;
use crate::model::{Column, Table, canonical_integer};
use crate::parse::spelling::Written;

/// What a declaration says of the records that it counts.
pub(super) struct Declared<'a> {
    pub from: &'a Written,
    /// One path, or two.
    pub unit: &'a [Written],
    pub date: &'a [Written],
    pub conditions: &'a [DeclaredCondition],
}

/// A table with records, and not one that is worked out.
pub(super) fn table<'a>(
    names: &Names<'a>,
    written: &Written,
    found: &mut Vec<Diagnostic>,
) -> Option<(usize, &'a Table)> {
    let (index, table) = named(names.tables, |it| &it.name, written, "table", found)?;
    if table.derived.is_some() {
        let message = format!("{} is worked out itself", quote(&written.text));
        return path::refuse(written, message, "name a table with records", found);
    }
    Some((index, table))
}

pub(super) fn compile(
    declared: &Declared<'_>,
    names: &Names<'_>,
    found: &mut Vec<Diagnostic>,
) -> Option<Parties> {
    let (index, table) = table(names, declared.from, found)?;
    let units = units(table, declared.unit, found);
    let time = path::time(table, declared.date, None, found);
    let list = units.and_then(Units::list);
    let conditions = conditions(table, list, declared.conditions, found);
    Some(Parties { table: index, units: units?, time: time?, conditions: conditions? })
}

fn units(table: &Table, written: &[Written], found: &mut Vec<Diagnostic>) -> Option<Units> {
    let mut unit = |written: &Written| {
        let path = path::value(table, written, found)?;
        let column = path::column_of(table, path);
        let class = column.kind.class();
        if class == Class::Code || column.reference.is_some() || class.is_key() {
            return Some(path);
        }
        let message = format!("{} can't be a unit", quote(&written.text));
        path::refuse(written, message, "a unit is a code, a reference, a text or an integer", found)
    };
    match written {
        [one] => unit(one).map(Units::Each),
        [first, second] => {
            let (one, other) = (unit(first), unit(second));
            let (one, other) = (one?, other?);
            if one.list.is_some() || other.list.is_some() {
                let at = if one.list.is_some() { first } else { second };
                let message = format!("{} may have several values in one record", quote(&at.text));
                let help = "two units are two values of the record itself; of a list name one path";
                return path::refuse(at, message, help, found);
            }
            let kinds = [one, other].map(|path| &path::column_of(table, path).kind);
            if !is_alike(kinds[0], kinds[1]) {
                let message = format!(
                    "{} and {} hold values of different kinds",
                    quote(&first.text),
                    quote(&second.text)
                );
                let help =
                    "units are compared: let both be codes of one list, or both refer to one table";
                return path::refuse(second, message, help, found);
            }
            Some(Units::Two([one.column, other.column]))
        }
        _ => unreachable!("the manifest's schema asks for one path or two"),
    }
}

/// Whether values of two kinds are compared as they should be.
fn is_alike(one: &Kind, other: &Kind) -> bool {
    one.code_list() == other.code_list() && one.is_integer() == other.is_integer()
}

/// What records and parties must say. `list` is that of the parties.
pub(super) fn conditions(
    table: &Table,
    list: Option<usize>,
    declared: &[DeclaredCondition],
    found: &mut Vec<Diagnostic>,
) -> Option<Vec<Condition>> {
    let mut conditions = Vec::new();
    let before = found.len();
    for DeclaredCondition { path: written, values } in declared {
        let Some(path) = path::value(table, written, found) else { continue };
        if path.list.is_some() && path.list != list {
            let message = format!("{} may have several values in one record", quote(&written.text));
            let help = "a condition is on a value of the record, or of a party";
            path::refuse::<()>(written, message, help, found);
            continue;
        }
        let column = path::column_of(table, path);
        for (value, place) in values {
            let Some((message, help)) = misfit(column, value) else { continue };
            found.push(
                Diagnostic::new(&code::UNUSABLE_DERIVATION, place.clone(), message).help(help),
            );
        }
        let values = values.iter().map(|(value, _)| value.clone()).collect();
        conditions.push(Condition { path, values });
    }
    (found.len() == before).then_some(conditions)
}

/// Why no row has a value in a column, and what to do.
pub(super) fn misfit(column: &Column, value: &str) -> Option<(String, String)> {
    if let Some(codes) = column.kind.codes() {
        if codes.position(value).is_some() {
            return None;
        }
        let help = match codes.words().guess(value).question() {
            Some(question) => question,
            None if codes.values.len() <= 20 => {
                format!("it is {}", one_of(codes.values.iter().map(String::as_str)))
            }
            None => codes.defined_by.clone(),
        };
        return Some((format!("`{}` is never {}", column.name, quote(value)), help));
    }
    let fits = match column.kind.class() {
        Class::Boolean => matches!(value, "true" | "false"),
        Class::Integer => canonical_integer(value).is_some(),
        Class::Text | Class::Address | Class::Date(_) => true,
        Class::Number | Class::Decimal | Class::Time | Class::Code => {
            let message = format!("`{}` is a {}", column.name, column.kind.names().codebook);
            let help = "a condition is on a code, a text, an integer, a date, or true or false";
            return Some((message, help.to_owned()));
        }
    };
    let kind = column.kind.names().codebook;
    (!fits).then(|| {
        (
            format!("`{}` is never {}", column.name, quote(value)),
            format!("it is of the type {kind}"),
        )
    })
}

/// What a codebook says of conditions; none if there are none.
pub(super) fn sentence(table: &Table, conditions: &[Condition]) -> Option<String> {
    let one = |condition: &Condition| {
        let name = &path::column_of(table, condition.path).name;
        format!("{name} is {}", condition.values.join(" or "))
    };
    let (parties, records): (Vec<_>, Vec<_>) =
        conditions.iter().partition(|it| it.path.list.is_some());
    let all = |conditions: Vec<&Condition>| {
        conditions.into_iter().map(one).collect::<Vec<_>>().join(" and ")
    };
    match (records.is_empty(), parties.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("Only records count in which {}.", all(records))),
        (true, false) => Some(format!("Only parties count of which {}.", all(parties))),
        (false, false) => Some(format!(
            "Only records count in which {}, and of these only parties of which {}.",
            all(records),
            all(parties)
        )),
    }
}

/// The crosswalks whose codes stand beside units of these codes.
pub(super) fn crosswalks(
    names: &Names<'_>,
    kind: &Kind,
    written: &[Written],
    found: &mut Vec<Diagnostic>,
) -> Option<Vec<usize>> {
    let mut indices = Vec::new();
    for name in written {
        let known = named(names.crosswalks, |it| &it.name, name, "crosswalk", found);
        let Some((index, crosswalk)) = known else { continue };
        if fits(crosswalk, kind, name, found) {
            indices.push(index);
        }
    }
    (indices.len() == written.len()).then_some(indices)
}

/// Whether a crosswalk is from codes of a kind; if not, that is reported.
pub(super) fn fits(
    crosswalk: &Crosswalk,
    kind: &Kind,
    written: &Written,
    found: &mut Vec<Diagnostic>,
) -> bool {
    let (own, from) = (kind.code_list(), crosswalk.from.list.as_deref());
    if own.is_some() && own == from {
        return true;
    }
    let from = from.unwrap_or_default();
    let message = match own {
        Some(own) => format!(
            "the crosswalk `{}` is from codes of `{from}`, and the units are codes of `{own}`",
            crosswalk.name
        ),
        None => format!(
            "the crosswalk `{}` is from codes of `{from}`, and the units are codes of no list",
            crosswalk.name
        ),
    };
    path::refuse::<()>(
        written,
        message,
        "name a crosswalk from the codes that the units are",
        found,
    );
    false
}

/// Adds the columns of codes that stand beside a unit.
pub(super) fn code_columns(
    schema: &mut Schema,
    names: &Names<'_>,
    crosswalks: &[usize],
    units: &[String],
    when: &str,
) {
    for unit in units {
        for index in crosswalks {
            let crosswalk = &names.crosswalks[*index];
            let list = crosswalk.to.list.as_deref().unwrap_or_default();
            let description = format!(
                "The code of the list {list} for {unit} {when}, by the code list {}; missing where it \
                 has none, or several.",
                crosswalk.codelist
            );
            schema.column(
                &crosswalk.kind,
                Says {
                    name: &format!("{unit}_{}", crosswalk.suffix),
                    title: &format!("Code of {list}"),
                    description,
                    required: false,
                },
            );
        }
    }
}

/// How a key is held elsewhere: what is worked out from a date in it stands with the record alone.
pub(super) fn key_kind(kind: Kind) -> Kind {
    match kind {
        Kind::Year { bits } => Kind::Integer { bits },
        Kind::Edtf => Kind::Text,
        other => other,
    }
}

/// Adds the columns of the record's key, which refer to it.
pub(super) fn key_columns(schema: &mut Schema, table: &Table) -> Vec<String> {
    let names = table.parent_columns();
    for (name, column) in names.iter().zip(table.key_columns()) {
        let mut column = column.clone();
        column.kind = key_kind(column.kind);
        if !table.key.is_composite() {
            column.reference = Some(crate::model::Reference::to_key(&table.name));
        }
        let description = format!("The record of {}.", table.name);
        schema.like(&column, Says { name, title: "", description, required: true });
    }
    if table.key.is_composite() {
        schema.refer(&table.name, &names);
    }
    names
}
