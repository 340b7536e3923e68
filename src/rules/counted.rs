//! The units of a record that panels count, read from the record: rules about what falls outside of them.

use std::collections::BTreeSet;

use super::RecordAt;
use crate::diagnostic::{Diagnostic, Place, code, quote};
use crate::edtf::{DateForm, Edtf};
use crate::model::derived::{Derived, Panel, Reason, TimePath, Universe, ValuePath};
use crate::model::kind::Class;
use crate::model::system::{Spell, System};
use crate::model::{Level, Model, Table, key_text};
use crate::period::{Extent, day_of};
use crate::pointer;
use crate::tape::{Tag, Value};

/// A panel with the name of its table.
#[derive(Clone, Copy)]
pub struct NamedPanel<'a> {
    /// The table.
    pub table: &'a str,
    /// How it is worked out.
    pub panel: &'a Panel,
    /// The units that it is about.
    pub system: &'a System,
}

/// The panels over systems that count the records of each table, by the table's index.
#[must_use]
pub fn panels(model: &Model) -> Vec<Vec<NamedPanel<'_>>> {
    let mut panels: Vec<_> = model.tables.iter().map(|_| Vec::new()).collect();
    for table in &model.tables {
        if let Some(Derived::Panel(panel)) = &table.derived
            && let Universe::System(system) = panel.universe
        {
            let system = &model.systems[system];
            let named = NamedPanel { table: &table.name, panel, system };
            panels[panel.of.parties().table].push(named);
        }
    }
    panels
}

/// A unit for which a panel has no cell.
pub(super) struct Outside<'t, 'a> {
    pub panel: NamedPanel<'a>,
    pub reason: Reason,
    pub unit: Value<'t>,
    pub pointer: String,
    /// When the record was.
    pub when: Spell,
}

impl Outside<'_, '_> {
    /// The finding that says so.
    pub fn finding(&self, code: &'static crate::diagnostic::Code, what: &str) -> Diagnostic {
        let subject = pointer::readable(&self.pointer);
        let message = format!("`{subject}` is {}, {what}", quote(&key_text(self.unit)));
        Diagnostic::new(code, Place::of(self.unit).at(self.pointer.clone()), message)
    }

    /// The days on which the record was, in words.
    pub fn days(&self) -> String {
        let Spell { first, last } = self.when;
        match (first == i32::MIN, last == i32::MAX) {
            (true, true) => "at any time".to_owned(),
            (true, false) => format!("until {}", day_of(last)),
            (false, true) => format!("from {} on", day_of(first)),
            (false, false) if first == last => format!("on {}", day_of(first)),
            (false, false) => format!("from {} to {}", day_of(first), day_of(last)),
        }
    }
}

/// Tells of each unit of a record for which a panel has no cell, for a reason of some: of several panels the
/// first.
pub(super) fn each(at: &RecordAt<'_>, reasons: &[Reason], tell: &mut dyn FnMut(Outside<'_, '_>)) {
    let index = at.context.model.tables.iter().position(|it| std::ptr::eq(it, at.table));
    let Some(index) = index else { return };
    let mut told = BTreeSet::new();
    for named in &at.context.panels[index] {
        let parties = named.panel.of.parties();
        let level = &at.table.level;
        let record = |path: ValuePath| at_column(at.record, level, path.column);
        let is_counted = parties.conditions.iter().filter(|it| it.path.list.is_none()).all(|it| {
            record(it.path).is_some_and(|value| it.values.iter().any(|text| is(value, text)))
        });
        if !is_counted {
            continue;
        }
        let Some(time) = time(at.record, level, parties.time) else { continue };
        units(at.table, at.record, parties, &mut |unit, pointer| {
            let text = key_text(unit);
            let model = at.context.model;
            let found = named.panel.unit(model, named.system, &text, Some(time));
            let Err(Some(reason)) = found else { return };
            if reasons.contains(&reason) && told.insert(unit.index()) {
                let when = Spell::of(&time);
                tell(Outside { panel: *named, reason, unit, pointer, when });
            }
        });
    }
}

/// Of more parties of a record no pairs are made.
const PARTIES_MAX: usize = 1000;

/// The lists of whose items dyads are made, by the table's index, each with the name of the dyads.
#[must_use]
pub fn party_lists(model: &Model) -> Vec<Vec<(&str, usize)>> {
    let mut lists: Vec<Vec<(&str, usize)>> = model.tables.iter().map(|_| Vec::new()).collect();
    for table in &model.tables {
        let Some(Derived::Dyads(dyads)) = &table.derived else { continue };
        let known = &mut lists[dyads.parties.table];
        if let Some(list) = dyads.parties.units.list()
            && !known.iter().any(|(_, other)| *other == list)
        {
            known.push((&table.name, list));
        }
    }
    lists
}

/// Reports lists of more parties than pairs are made of.
pub fn check_parties(
    at: &RecordAt<'_>,
    lists: &[(&str, usize)],
    diagnostics: &mut Vec<Diagnostic>,
) {
    for (dyads, list) in lists {
        let pointer = &at.table.level.lists[*list].pointer;
        let (value, found) = at.record.pointer(pointer);
        if !found || value.tag() != Tag::Array || value.len() <= PARTIES_MAX {
            continue;
        }
        let message = format!(
            "`{}` has {} parties, and `{dyads}` makes pairs of {PARTIES_MAX} at most",
            pointer::readable(pointer),
            value.len()
        );
        diagnostics.push(
            Diagnostic::new(&code::TOO_MANY_PARTIES, Place::of(value).at(pointer.clone()), message)
                .help("split the record, or make no dyads of the list"),
        );
    }
}

/// Whether a value is what a condition says, as a cell spells it.
fn is(value: Value<'_>, text: &str) -> bool {
    match value.as_bool() {
        Some(flag) => text == if flag { "true" } else { "false" },
        None => key_text(value) == text,
    }
}

/// The value that a column of a row holds.
fn at_column<'t>(row: Value<'t>, level: &Level, column: usize) -> Option<Value<'t>> {
    let pointer = &level.columns[column].pointer;
    if pointer.is_empty() {
        return Some(row);
    }
    let (value, found) = row.pointer(pointer);
    (found && value.tag() != Tag::Null).then_some(value)
}

/// Tells each unit of the parties that count, with its JSON Pointer.
fn units<'t>(
    table: &Table,
    record: Value<'t>,
    parties: &crate::model::derived::Parties,
    tell: &mut dyn FnMut(Value<'t>, String),
) {
    use crate::model::derived::Units;
    let level = &table.level;
    let mut own = |column: usize| {
        if let Some(value) = at_column(record, level, column) {
            tell(value, level.columns[column].pointer.clone());
        }
    };
    let (list, column) = match parties.units {
        Units::Two(columns) => return columns.into_iter().for_each(own),
        Units::Each(ValuePath { list: None, column }) => return own(column),
        Units::Each(ValuePath { list: Some(list), column }) => (list, column),
    };
    let items = &level.lists[list];
    let (value, found) = record.pointer(&items.pointer);
    if !found || value.tag() != Tag::Array {
        return;
    }
    for (index, item) in value.items().enumerate() {
        let counts = parties.conditions.iter().filter(|it| it.path.list.is_some()).all(|it| {
            let value = at_column(item, items, it.path.column);
            value.is_some_and(|value| it.values.iter().any(|text| is(value, text)))
        });
        if let (true, Some(unit)) = (counts, at_column(item, items, column)) {
            let above = pointer::join_index(&items.pointer, index);
            tell(unit, format!("{above}{}", items.columns[column].pointer));
        }
    }
}

/// When a record was; none if it doesn't say.
fn time(record: Value<'_>, level: &Level, path: TimePath) -> Option<Extent> {
    let one = |path: ValuePath| {
        let value = at_column(record, level, path.column)?;
        let Class::Date(form) = level.columns[path.column].kind.class() else { return None };
        if form == DateForm::Edtf {
            return Edtf::parse(value.as_str()?).ok().map(|date| Extent::of(&date));
        }
        let (first, last) = form.days(value, &[])?;
        Some(Extent::within(crate::period::number_of(first?), crate::period::number_of(last?)))
    };
    match path {
        TimePath::One(path) => one(path),
        TimePath::Between(start, end) => Extent::between(one(start), one(end)),
    }
}
