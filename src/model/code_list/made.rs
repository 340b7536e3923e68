//! Code lists that are made of others: their rows one after another.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::check::check_rows;
use super::file::{ROWS_MAX, too_long};
use super::{CodeList, Codes, REQUIRED_COLUMNS, SPELL_COLUMNS};
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, Place, code, one_of, quote};
use crate::manifest::{CodeListDeclaration, ListOrigin, Manifest};

/// Adds the lists of the manifest that are made of others. `known` are the names of all lists, those with
/// errors included.
pub(super) fn add(
    manifest: &Manifest,
    known: &[(String, Place)],
    lists: &mut Vec<CodeList>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let declared: BTreeMap<&str, &CodeListDeclaration> =
        manifest.code_lists.iter().map(|list| (list.name.as_str(), list)).collect();
    let mut making = Making { declared, known, lists, diagnostics, begun: Vec::new() };
    for list in &manifest.code_lists {
        making.make(list);
    }
}

struct Making<'m> {
    declared: BTreeMap<&'m str, &'m CodeListDeclaration>,
    known: &'m [(String, Place)],
    lists: &'m mut Vec<CodeList>,
    diagnostics: &'m mut Vec<Diagnostic>,
    /// Lists that were begun, made or not.
    begun: Vec<&'m str>,
}

impl<'m> Making<'m> {
    fn make(&mut self, declared: &'m CodeListDeclaration) {
        let ListOrigin::Lists(names) = &declared.origin else { return };
        if self.begun.contains(&declared.name.as_str()) {
            return;
        }
        self.begun.push(&declared.name);
        let before = self.diagnostics.len();
        let mut parts = Vec::new();
        for (name, place) in names {
            if self.leads_to(name, &declared.name) {
                let message = format!("the code list `{}` is made of itself", declared.name);
                self.diagnostics.push(
                    Diagnostic::new(&code::CONTRADICTORY_CODE_LIST, place.clone(), message)
                        .help("leave out the list that leads back to it"),
                );
            } else if let Some(part) = self.declared.get(name.as_str()).copied() {
                self.make(part);
            } else if !self.known.iter().any(|(known, _)| known == name) {
                self.diagnostics.push(unknown(name, place, self.known));
            }
            parts.extend(self.lists.iter().position(|list| list.name == *name));
        }
        if self.diagnostics.len() > before || parts.len() < names.len() {
            return;
        }
        let parts: Vec<_> = parts.iter().map(|index| &self.lists[*index]).collect();
        if parts.iter().map(|part| part.rows.len()).sum::<usize>() > ROWS_MAX {
            self.diagnostics.push(too_long(&declared.name, declared.place.clone()));
            return;
        }
        let made = join(declared, &parts, self.diagnostics);
        if self.diagnostics.len() == before {
            self.lists.push(made);
        }
    }

    /// Whether a list is made of another one, at whatever remove.
    fn leads_to(&self, from: &str, to: &str) -> bool {
        let (mut waiting, mut seen) = (vec![from], Vec::new());
        while let Some(name) = waiting.pop() {
            if name == to {
                return true;
            }
            if seen.contains(&name) {
                continue;
            }
            seen.push(name);
            if let Some(ListOrigin::Lists(names)) = self.declared.get(name).map(|it| &it.origin) {
                waiting.extend(names.iter().map(|(name, _)| name.as_str()));
            }
        }
        false
    }
}

fn unknown(name: &str, place: &Place, known: &[(String, Place)]) -> Diagnostic {
    let names = || known.iter().map(|(name, _)| name.as_str());
    let help = match nearest(name, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", one_of(names())),
    };
    let message = format!("there is no code list `{name}`");
    Diagnostic::new(&code::UNKNOWN_NAME, place.clone(), message).help(help)
}

/// The rows of some lists, in their order. What two of them say of a code must be the same.
fn join(
    declared: &CodeListDeclaration,
    parts: &[&CodeList],
    diagnostics: &mut Vec<Diagnostic>,
) -> CodeList {
    let mut columns: Vec<String> = REQUIRED_COLUMNS.map(str::to_owned).into();
    let common = ["definition", SPELL_COLUMNS[0], SPELL_COLUMNS[1]];
    columns.extend(
        common
            .iter()
            .filter(|name| parts.iter().any(|part| part.column(name).is_some()))
            .map(|name| (*name).to_owned()),
    );
    for column in parts.iter().flat_map(|part| part.columns.iter()) {
        if !columns.contains(column) {
            columns.push(column.clone());
        }
    }
    let (mut rows, mut places): (Vec<Vec<String>>, Vec<Place>) = (Vec::new(), Vec::new());
    // For each code the list that brought it, and its rows.
    let mut of_code: HashMap<String, (usize, Vec<usize>)> = HashMap::new();
    for (number, part) in parts.iter().enumerate() {
        let cell = |row: &[String], name: &str| {
            part.column(name).map_or_else(String::new, |column| row[column].clone())
        };
        let mut again: HashMap<String, usize> = HashMap::new();
        for (row, place) in part.rows.iter().zip(&part.places) {
            let code = cell(row, "code");
            match of_code.get(&code) {
                Some((first, known)) if *first != number => {
                    let position = again.entry(code.clone()).or_default();
                    let same = known.get(*position).copied();
                    *position += 1;
                    let other = same.unwrap_or(known[0]);
                    let differing = columns.iter().enumerate().find(|(index, name)| {
                        let (known, said) = (&rows[other][*index], cell(row, name));
                        // What only one of the lists has a column for is no contradiction.
                        let both = parts[*first].column(name).and(part.column(name)).is_some();
                        *known != said && (both || !known.is_empty() && !said.is_empty())
                    });
                    let what = match differing {
                        Some((_, column)) => format!("and `{column}` isn't the same"),
                        None if same.is_none() => "with more rows than before".to_owned(),
                        None => {
                            for (index, name) in columns.iter().enumerate() {
                                if rows[other][index].is_empty() {
                                    rows[other][index] = cell(row, name);
                                }
                            }
                            continue;
                        }
                    };
                    let message = format!(
                        "the code {} of the list `{}` stands in the lists `{}` and `{}`, {what}",
                        quote(&code),
                        declared.name,
                        parts[*first].name,
                        part.name
                    );
                    diagnostics.push(
                        Diagnostic::new(&code::INVALID_CODE_LIST, place.clone(), message)
                            .with(places[other].clone(), "the other one")
                            .help("say the same in both rows, or give one of the two another code"),
                    );
                }
                _ => {
                    of_code.entry(code).or_insert((number, Vec::new())).1.push(rows.len());
                    rows.push(columns.iter().map(|name| cell(row, name)).collect());
                    places.push(place.clone());
                }
            }
        }
    }
    let made_of: Vec<_> = parts.iter().map(|part| part.name.clone()).collect();
    let defined_by = match &made_of[..] {
        [only] => format!("the list `{only}` defines them"),
        several => {
            let names: Vec<_> = several.iter().map(|name| format!("`{name}`")).collect();
            format!("the lists {} define them", names.join(", "))
        }
    };
    let mut list = CodeList {
        name: declared.name.clone(),
        source: None,
        columns: columns.into(),
        rows: rows.into(),
        places,
        codes: Arc::new(Codes::new(None, [])),
        made_of,
        is_as_written: false,
    };
    check_rows(
        &list,
        |column| column,
        |row, message, help| {
            let place = list.places[row].clone();
            diagnostics.push(Diagnostic::new(&code::INVALID_CODE_LIST, place, message).help(help));
        },
    );
    list.codes = list.codes_of(declared.is_ordered, defined_by);
    list
}
