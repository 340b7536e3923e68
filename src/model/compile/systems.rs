//! `[systems]` and `[crosswalks]`: code lists that say which units there are, and how their codes match.

use std::sync::Arc;

use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, Place, code, one_of, quote};
use crate::edtf::plain_day;
use crate::manifest::Manifest;
use crate::manifest::derived::{DeclaredCodes, DeclaredCrosswalk, DeclaredSystem};
use crate::model::system::{Crosswalk, Spell, System};
use crate::model::{CodeList, Codes, names};
use crate::parse::spelling::Written;
use crate::period::number_of;

/// Compiles the systems and crosswalks of a manifest. What can't be used is left out and reported.
pub(super) fn compile(
    manifest: &Manifest,
    lists: &[CodeList],
    found: &mut Vec<Diagnostic>,
) -> (Vec<System>, Vec<Crosswalk>) {
    let declared = &manifest.derivations;
    let systems = declared.systems.iter().filter_map(|it| system(it, lists, found)).collect();
    let crosswalks = declared.crosswalks.iter();
    (systems, crosswalks.filter_map(|it| crosswalk(it, lists, found)).collect())
}

/// What a name of the manifest leads to; if to nothing, that is reported.
pub(super) fn named<'a, T>(
    known: &'a [T],
    name: impl Fn(&T) -> &str,
    written: &Written,
    what: &str,
    found: &mut Vec<Diagnostic>,
) -> Option<(usize, &'a T)> {
    let position = known.iter().position(|it| name(it) == written.text);
    if let Some(position) = position {
        return Some((position, &known[position]));
    }
    let names = || known.iter().map(&name);
    let help = match nearest(&written.text, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => format!("the project has no {what}"),
        None => format!("there are {}", one_of(names())),
    };
    let message = format!("{} is the name of no {what}", quote(&written.text));
    found.push(Diagnostic::new(&code::UNKNOWN_NAME, written.place.clone(), message).help(help));
    None
}

fn list<'a>(
    lists: &'a [CodeList],
    written: &Written,
    found: &mut Vec<Diagnostic>,
) -> Option<&'a CodeList> {
    named(lists, |list| &list.name, written, "code list", found).map(|(_, list)| list)
}

/// A day that the manifest's schema makes sure of.
fn day(written: Option<&Written>) -> Option<i32> {
    written.and_then(|it| plain_day(&it.text)).map(number_of)
}

/// When a row of a code list is valid. An open end is the last day that is known; none of it is left where the
/// row begins after that.
pub(super) fn spell(list: &CodeList, row: usize, as_of: Option<i32>) -> Option<Spell> {
    let cell = |name: &str| {
        let text = list.rows[row][list.column(name)?].as_str();
        plain_day(text).map(number_of)
    };
    let known = as_of.unwrap_or(i32::MAX);
    let first = cell("valid_from").unwrap_or(i32::MIN);
    let last = cell("valid_to").unwrap_or(i32::MAX).min(known);
    (first <= last).then_some(Spell { first, last })
}

fn system(
    declared: &DeclaredSystem,
    lists: &[CodeList],
    found: &mut Vec<Diagnostic>,
) -> Option<System> {
    let list = list(lists, &declared.codelist, found)?;
    let says = |name: &str| {
        list.column(name).is_some_and(|column| list.rows.iter().any(|row| !row[column].is_empty()))
    };
    let has_spells = says("valid_from") || says("valid_to");
    let as_of = day(declared.as_of.as_ref());
    let is_open = |row: &usize| {
        let ends = list.column("valid_to").map(|column| list.rows[*row][column].as_str());
        ends.is_none_or(str::is_empty)
    };
    let open = if has_spells { (0..list.rows.len()).find(is_open) } else { None };
    if let (Some(row), None) = (open, as_of) {
        let message = format!(
            "spells of `{}` are open, and nothing says until when the list knows its members",
            list.name
        );
        found.push(
            Diagnostic::new(&code::UNUSABLE_DERIVATION, declared.place.clone(), message)
                .with(list.places[row].clone(), "an open spell")
                .help("add the last day that the list speaks of, as in `as_of = \"2016-12-31\"`"),
        );
        return None;
    }
    let code = list.column("code").expect("every code list has the column");
    let mut spells = vec![Vec::new(); list.codes.values.len()];
    for (row, cells) in list.rows.iter().enumerate() {
        let position = list.codes.position(&cells[code]).expect("the list has its codes");
        spells[position as usize].extend(spell(list, row, as_of));
    }
    let (name, place) = (declared.name.clone(), declared.place.clone());
    Some(System::new(name, place, Arc::clone(&list.codes), spells, as_of))
}

fn crosswalk(
    declared: &DeclaredCrosswalk,
    lists: &[CodeList],
    found: &mut Vec<Diagnostic>,
) -> Option<Crosswalk> {
    let by = list(lists, &declared.codelist, found);
    let mut side = |codes: &DeclaredCodes| {
        let of = list(lists, &codes.codelist, found);
        let by = by?;
        let column = by.column(&codes.column.text);
        if column.is_none() {
            let names = by.columns.iter().map(String::as_str);
            let message =
                format!("the code list `{}` has no column {}", by.name, quote(&codes.column.text));
            found.push(
                Diagnostic::new(&code::UNKNOWN_NAME, codes.column.place.clone(), message)
                    .help(format!("it has {}", one_of(names))),
            );
        }
        Some((column?, Arc::clone(&of?.codes)))
    };
    let (from, to) = (side(&declared.from), side(&declared.to));
    let (by, (from_column, from), (to_column, to)) = (by?, from?, to?);
    let as_of = day(declared.as_of.as_ref());
    let mut matches = vec![Vec::new(); from.values.len()];
    let before = found.len();
    for (row, cells) in by.rows.iter().enumerate() {
        // What one side doesn't know has no match.
        if cells[from_column].is_empty() || cells[to_column].is_empty() {
            continue;
        }
        let place = &by.places[row];
        let known = position(&from, &cells[from_column], &declared.from, place, found);
        let wanted = position(&to, &cells[to_column], &declared.to, place, found);
        let (Some(known), Some(wanted)) = (known, wanted) else { continue };
        matches[known as usize].extend(spell(by, row, as_of).map(|spell| (wanted, spell)));
    }
    if found.len() > before {
        return None;
    }
    let named = (declared.name.clone(), declared.place.clone());
    let says = (by.name.clone(), names::segment(&declared.to.column.text));
    Some(Crosswalk::new(named, says, (from, to), declared.several, as_of, matches))
}

/// The position of a crosswalk's code in the list that it is of.
fn position(
    codes: &Codes,
    cell: &str,
    declared: &DeclaredCodes,
    place: &Place,
    found: &mut Vec<Diagnostic>,
) -> Option<u32> {
    let position = codes.position(cell);
    if position.is_none() {
        let message = format!(
            "{} in the column `{}` is no code of the list `{}`",
            quote(cell),
            declared.column.text,
            declared.codelist.text
        );
        let finding = Diagnostic::new(&code::INVALID_CODE_LIST, place.clone(), message)
            .with(declared.codelist.place.clone(), "the list that it should be of");
        found.push(finding.help(match codes.words().guess(cell).question() {
            Some(question) => question,
            None => "correct the code, or add it to its list".to_owned(),
        }));
    }
    position
}
