//! Code lists that stand on integers: their codes must be whole numbers, written in the one way that a
//! table has for them.

use std::collections::BTreeMap;

use super::conditional;
use crate::diagnostic::{Diagnostic, Place, code, quote};
use crate::model::{CodeList, Field, Item, Kind, Level, Shape, Table, canonical_integer};

/// So many rows of a list are named; of the others only the number is told.
const NAMED_MAX: usize = 5;

/// Reports codes that are no whole numbers, of lists that integers are coded by.
pub(super) fn check<'f>(
    tables: &'f [Table],
    conditional: impl Iterator<Item = &'f conditional::Found>,
    lists: &'f [CodeList],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut uses = BTreeMap::new();
    for table in tables {
        level(&table.level, None, &mut uses);
    }
    for (list, place) in conditional::integer_lists(conditional) {
        uses.entry(list).or_insert(place);
    }
    for list in lists {
        let Some(property) = uses.get(list.name.as_str()) else { continue };
        let Some(column) = list.column("code") else { continue };
        let wrong = |row: &&(&Vec<String>, &Place)| canonical_integer(&row.0[column]).is_none();
        let rows: Vec<_> = list.rows.iter().zip(&list.places).collect();
        let wrong: Vec<_> = rows.iter().filter(wrong).collect();
        for (index, (row, place)) in wrong.iter().enumerate().take(NAMED_MAX) {
            let code = &row[column];
            let others = wrong.len().saturating_sub(NAMED_MAX);
            let more = match others {
                1.. if index + 1 == NAMED_MAX => format!(", nor are {others} more codes"),
                _ => String::new(),
            };
            let (fault, help) = match code.trim().parse::<i64>() {
                Ok(number) => ("isn't written as numbers are", format!("write it as {number}")),
                Err(_) => (
                    "is no whole number of 64 bits",
                    "let the property be text, or give it a list of whole numbers".to_owned(),
                ),
            };
            let message = format!(
                "the list `{}` stands on an integer, and its code {} {fault}{more}",
                list.name,
                quote(code)
            );
            diagnostics.push(
                Diagnostic::new(&code::INVALID_CODE_LIST, (*place).clone(), message)
                    .with((*property).clone(), "an integer with this list")
                    .help(help),
            );
        }
    }
}

/// Notes for each list the first property whose values are its codes as integers. `list` is the property
/// whose items are in the level.
fn level<'m>(level: &'m Level, list: Option<&'m Field>, uses: &mut BTreeMap<&'m str, &'m Place>) {
    match &level.item {
        Item::Scalar(scalar) => note(&scalar.kind, list, uses),
        Item::Object(object) => fields(level, &object.fields, uses),
    }
}

fn fields<'m>(within: &'m Level, fields: &'m [Field], uses: &mut BTreeMap<&'m str, &'m Place>) {
    for field in fields {
        match &field.shape {
            Shape::Scalar { scalar, .. } => note(&scalar.kind, Some(field), uses),
            Shape::Group(group) => self::fields(within, &group.fields, uses),
            Shape::Languages(_) => {}
            Shape::List { list, .. } => level(&within.lists[*list], Some(field), uses),
        }
    }
}

fn note<'m>(kind: &'m Kind, field: Option<&'m Field>, uses: &mut BTreeMap<&'m str, &'m Place>) {
    if let (Kind::IntegerCode { codes, .. }, Some(field)) = (kind, field)
        && let Some(list) = &codes.list
    {
        uses.entry(list).or_insert(&field.place);
    }
}
