//! `kind = "panel"`: records counted by unit and period, with the units that could appear and the records that
//! can't be counted beside it.

mod columns;

use std::sync::Arc;

use super::dyads::unit_column;
use super::parties::{Declared, crosswalks, fits};
use super::{Names, Wanted, measures, parties, path, span};
use crate::diagnostic::{Diagnostic, Place, code, quote};
use crate::edtf::Edtf;
use crate::manifest::derived::{DeclaredDerived, DeclaredPanel};
use crate::model::compile::systems::named;
use crate::model::derived::{Counted, Derived, Dyads, Panel, Searched, Universe};
use crate::model::system::Spell;
use crate::model::{Column, Kind, Table};
use crate::parse::spelling::Written;
use crate::period::number_of;

/// A panel has no more columns for the codes that split its measures.
const BY_COLUMNS_MAX: usize = 1000;

pub(super) fn compile(
    declaration: &DeclaredDerived,
    says: &DeclaredPanel,
    names: &Names<'_>,
    found: &mut Vec<Diagnostic>,
) -> Vec<Wanted> {
    let before = found.len();
    let panel = panel(declaration, says, names, found);
    match panel.filter(|_| found.len() == before) {
        Some(panel) => columns::tables(declaration, says, Arc::new(panel), names, found),
        None => Vec::new(),
    }
}

/// None if something that the rest needs can't be used.
fn panel(
    declaration: &DeclaredDerived,
    says: &DeclaredPanel,
    names: &Names<'_>,
    found: &mut Vec<Diagnostic>,
) -> Option<Panel> {
    let of = counted(says, names, found)?;
    let table = &names.tables[of.parties().table];
    let unit = unit_column(table, of.parties());
    let (universe, crosswalk) = universe(says, unit, names, found)?;
    let span = whole(declaration, says, names, found);
    let by = says.by.as_ref().and_then(|written| by(table, written, found));
    let searched = match &says.coverage.table {
        Some(written) => Some(searched(written, says, (table, by), (universe, names), found)?),
        None => None,
    };
    let measures = measures::compile(table, &says.measures, found);
    let codes = by.and_then(|column| table.level.columns[column].kind.codes());
    let count = codes.map_or(0, |codes| codes.values.len() * measures.len());
    if count > BY_COLUMNS_MAX {
        let written = says.by.as_ref().expect("something splits the measures");
        let message = format!("the table would have {count} columns for {}", quote(&written.text));
        let help = "split by a value with fewer codes";
        path::refuse::<()>(written, message, help, found);
    }
    let is_pair = matches!(of, Counted::Pairs(_));
    if let (Some([first, ..]), false) = (says.partners.as_deref(), is_pair) {
        let message = "only a panel of pairs has partners".to_owned();
        path::refuse::<()>(first, message, "name the units in `units`", found);
    }
    let kind = universe_kind(universe, names);
    let chosen = |written: &Option<Vec<Written>>, found: &mut Vec<Diagnostic>| {
        let written = written.as_ref()?;
        Some(units(written, &kind, found))
    };
    Some(Panel {
        period: says.period,
        crosswalk,
        units: chosen(&says.units, found),
        partners: chosen(&says.partners, found),
        span: span?,
        searched,
        zeros: says.zeros,
        existence: says.existence,
        by,
        straddle: says.straddle,
        uncertain: says.uncertain,
        measures,
        codes: crosswalks(names, &kind, &says.codes, found).unwrap_or_default(),
        universe,
        of,
    })
}

/// Whose records are counted.
fn counted(
    says: &DeclaredPanel,
    names: &Names<'_>,
    found: &mut Vec<Diagnostic>,
) -> Option<Counted> {
    let (_, table) = named(names.tables, |it| &it.name, &says.of, "table", found)?;
    match &table.derived {
        Some(Derived::Dyads(dyads)) => {
            let own = [("unit", says.unit.as_ref()), ("date", says.date.first())];
            for (key, written) in own {
                let Some(written) = written else { continue };
                let message = format!(
                    "the dyads `{}` have units and dates, and `{key}` gives others",
                    table.name
                );
                path::refuse::<()>(written, message, "leave it out", found);
            }
            if let Some(condition) = says.conditions.first() {
                let message = format!("`where` is said of records, and `{}` are pairs", table.name);
                path::refuse::<()>(&condition.path, message, "say it of the dyads", found);
            }
            Some(Counted::Pairs(Arc::<Dyads>::clone(dyads)))
        }
        Some(_) => {
            let message = format!("{} is no table of records or dyads", quote(&says.of.text));
            path::refuse(&says.of, message, "name a table with records, or dyads", found)
        }
        None => {
            let Some(unit) = &says.unit else {
                let message = format!("nothing says what the units of `{}` are", table.name);
                return path::refuse(
                    &says.of,
                    message,
                    "add `unit`, as in `unit = \"state\"`",
                    found,
                );
            };
            if says.date.is_empty() {
                let message = format!("nothing says when the records of `{}` were", table.name);
                return path::refuse(
                    &says.of,
                    message,
                    "add `date`, as in `date = \"start\"`",
                    found,
                );
            }
            let declared = Declared {
                from: &says.of,
                unit: std::slice::from_ref(unit),
                date: &says.date,
                conditions: &says.conditions,
            };
            parties::compile(&declared, names, found).map(Counted::Units)
        }
    }
}

/// Which units could appear, and how the codes of records match them.
fn universe(
    says: &DeclaredPanel,
    unit: &Column,
    names: &Names<'_>,
    found: &mut Vec<Diagnostic>,
) -> Option<(Universe, Option<usize>)> {
    let Some(written) = &says.system else {
        let target = unit.reference.as_ref().and_then(|reference| reference.table());
        let target = target.and_then(|name| names.tables.iter().position(|it| it.name == name));
        let simple = target.filter(|index| !names.tables[*index].key.is_composite());
        let Some(table) = simple else {
            let message = "nothing says which units could appear, so that there could be no zeros";
            let help = "add `system`, as `[systems]` names it";
            return path::refuse(&says.of, message.to_owned(), help, found);
        };
        if let Some(crosswalk) = &says.crosswalk {
            let message =
                "a crosswalk leads to the codes of a system, and none is named".to_owned();
            return path::refuse(crosswalk, message, "add `system`", found);
        }
        return Some((Universe::Table(table), None));
    };
    let (index, system) = named(names.systems, |it| &it.name, written, "system", found)?;
    let list = system.codes.list.as_deref();
    let Some(crosswalk) = &says.crosswalk else {
        if unit.kind.code_list().is_some() && unit.kind.code_list() == list {
            return Some((Universe::System(index), None));
        }
        let own = match unit.kind.code_list() {
            Some(own) => format!("codes of `{own}`"),
            None => "codes of no list".to_owned(),
        };
        let list = list.unwrap_or_default();
        let message = format!(
            "the units of `{}` are {own}, and those of the system `{}` are codes of `{list}`",
            says.of.text, system.name
        );
        let help = "name the crosswalk between them, as in `crosswalk = \"iso-cow\"`: two systems use the \
                    same numbers for different states";
        return path::refuse(written, message, help, found);
    };
    let known = named(names.crosswalks, |it| &it.name, crosswalk, "crosswalk", found);
    let (by, walk) = known?;
    if walk.to.list.as_deref() != list {
        let message = format!(
            "the crosswalk `{}` leads to codes of `{}`, and the units of the system `{}` are codes of `{}`",
            walk.name,
            walk.to.list.as_deref().unwrap_or_default(),
            system.name,
            list.unwrap_or_default()
        );
        let help = "name a crosswalk to the codes of the system";
        return path::refuse(crosswalk, message, help, found);
    }
    fits(walk, &unit.kind, crosswalk, found).then_some((Universe::System(index), Some(by)))
}

/// How columns hold the units of a universe.
fn universe_kind(universe: Universe, names: &Names<'_>) -> Kind {
    match universe {
        Universe::System(system) => names.systems[system].kind.clone(),
        Universe::Table(table) => {
            let table = &names.tables[table];
            table.level.columns[table.key.columns[0]].kind.clone()
        }
    }
}

/// The positions of codes, rising.
fn units(written: &[Written], kind: &Kind, found: &mut Vec<Diagnostic>) -> Vec<u32> {
    let mut positions = Vec::new();
    for it in written {
        let Some(codes) = kind.codes() else {
            let message = "only units that are codes can be chosen".to_owned();
            path::refuse::<()>(it, message, "leave it out", found);
            break;
        };
        match codes.position(&it.text) {
            Some(position) => positions.push(position),
            None => {
                let guess = codes.words().guess(&it.text).question();
                let message = format!("{} is no unit of the system", quote(&it.text));
                let help = guess.unwrap_or_else(|| codes.defined_by.clone());
                path::refuse::<()>(it, message, &help, found);
            }
        }
    }
    positions.sort_unstable();
    positions.dedup();
    positions
}

/// The time that the panel covers.
fn whole(
    declaration: &DeclaredDerived,
    says: &DeclaredPanel,
    names: &Names<'_>,
    found: &mut Vec<Diagnostic>,
) -> Option<Spell> {
    if let Some(written) = &says.coverage.span {
        return span(written, found);
    }
    let of_dataset = names.manifest.dataset.temporal.as_deref().and_then(|it| Edtf::parse(it).ok());
    let ends = of_dataset.and_then(|date| Some((date.earliest()?, date.latest()?)));
    if let Some((first, last)) = ends {
        return Some(Spell { first: number_of(first), last: number_of(last) });
    }
    let message = format!("nothing says which time `{}` covers", declaration.name);
    refuse_at(
        &declaration.place,
        message,
        "add `coverage = \"2020-01-01/2025-12-31\"`, or `temporal` of the dataset with both ends",
        found,
    )
}

fn refuse_at<T>(
    place: &Place,
    message: String,
    help: &str,
    found: &mut Vec<Diagnostic>,
) -> Option<T> {
    found.push(Diagnostic::new(&code::UNUSABLE_DERIVATION, place.clone(), message).help(help));
    None
}

/// The column whose codes split the measures.
fn by(table: &Table, written: &Written, found: &mut Vec<Diagnostic>) -> Option<usize> {
    let column = path::single(table, written, found)?;
    if table.level.columns[column].kind.codes().is_some() {
        return Some(column);
    }
    let message = format!("{} is no code", quote(&written.text));
    path::refuse(
        written,
        message,
        "measures are split by a code: there is a column for each",
        found,
    )
}

/// What was searched, as a table says it.
fn searched(
    written: &Written,
    says: &DeclaredPanel,
    (counted, by): (&Table, Option<usize>),
    (universe, names): (Universe, &Names<'_>),
    found: &mut Vec<Diagnostic>,
) -> Option<Searched> {
    let (index, table) = parties::table(names, written, found)?;
    let time = path::time(table, &says.coverage.date, None, found);
    let mut column = |written: &Option<Written>, kind: &Kind, what: &str| {
        let Some(written) = written else { return Some(None) };
        let column = path::single(table, written, found)?;
        let own = &table.level.columns[column];
        let target = own.reference.as_ref().and_then(|it| it.table());
        let is_alike = match universe {
            Universe::Table(universe) if what == "unit" => {
                target == Some(names.tables[universe].name.as_str())
            }
            _ => match (own.kind.codes(), kind.codes()) {
                (Some(one), Some(other)) => one.list == other.list && one.values == other.values,
                _ => false,
            },
        };
        if is_alike {
            return Some(Some(column));
        }
        let message = format!("{} isn't of the codes of the {what}", quote(&written.text));
        path::refuse(written, message, "let both be codes of one list", found)
    };
    let unit = column(&says.coverage.unit, &universe_kind(universe, names), "unit");
    let split = match (&says.coverage.by, by) {
        (Some(written), None) => {
            let message =
                "the panel isn't split, so that nothing was searched for a code".to_owned();
            return path::refuse(
                written,
                message,
                "add `by` to the panel, or leave it out here",
                found,
            );
        }
        (_, Some(by)) => {
            let kind = counted.level.columns[by].kind.clone();
            column(&says.coverage.by, &kind, "code that splits the measures")
        }
        (None, None) => Some(None),
    };
    Some(Searched {
        table: index,
        unit: unit?,
        by: split?,
        time: time?,
        pairs: says.coverage.pairs,
    })
}
