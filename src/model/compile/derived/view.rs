//! `kind = "view"`: one wide row a record, or an item of a list of it. It brings together what a release has in
//! several tables, so that nobody has to join them first.

use std::sync::Arc;

use super::parties::key_columns;
use super::path::{Found, follow, refuse};
use super::schema::{Says, Schema};
use super::way::{self, Taken};
use super::{Names, Wanted, path, wanted};
use crate::diagnostic::{Diagnostic, quote};
use crate::manifest::derived::{DeclaredDerived, DeclaredView, Several};
use crate::model::compile::systems::{named, spell};
use crate::model::derived::{Derived, Labels, TimePath, ValuePath, View, ViewColumn, Way};
use crate::model::kind::Kind;
use crate::model::{Column, Level, Origin, POSITION_COLUMN, Table, names};
use crate::parse::spelling::Written;

pub(super) fn compile(
    declaration: &DeclaredDerived,
    says: &DeclaredView,
    names: &Names<'_>,
    found: &mut Vec<Diagnostic>,
) -> Vec<Wanted> {
    let before = found.len();
    let Some((index, table, list)) = rows(names, &says.from, found) else { return Vec::new() };
    let time = time(table, list, &says.date, found);
    if let [date, ..] = &says.date[..]
        && !says.labels
        && says.codes.is_empty()
    {
        let message =
            "the view has neither labels nor codes that a date would decide about".to_owned();
        refuse::<()>(date, message, "leave out `date`, or add `labels = true` or `codes`", found);
    }
    let title = declaration.title.clone().unwrap_or_else(|| title(table, list));
    let mut making = Making {
        names,
        says,
        table,
        list,
        is_dated: time.is_some(),
        used: vec![false; says.codes.len()],
        crosswalks: Vec::new(),
        schema: Schema::new(&declaration.name, title),
        taken: Vec::new(),
        columns: Vec::new(),
        found,
    };
    making.crosswalks();
    let key = making.key();
    match &says.columns {
        Some(columns) => columns.iter().for_each(|written| making.chosen(written)),
        None => making.all(),
    }
    says.take.iter().for_each(|(name, path)| making.take(name, path));
    making.unused_crosswalks();
    making.describe();
    let Making { schema, columns, .. } = making;
    if found.len() > before {
        return Vec::new();
    }
    let view = View { table: index, list, columns, several: says.several, time };
    let key: Vec<_> = key.iter().map(String::as_str).collect();
    vec![wanted(declaration, &schema, &key, Derived::View(Arc::new(view)))]
}

/// What the rows are of: the records of a table, or the items of a list of them.
fn rows<'m>(
    names: &Names<'m>,
    written: &Written,
    found: &mut Vec<Diagnostic>,
) -> Option<(usize, &'m Table, Option<usize>)> {
    let (name, path) = match written.text.split_once('.') {
        Some((name, path)) => (name, path.split('.').collect()),
        None => (written.text.as_str(), Vec::new()),
    };
    if path.is_empty() {
        let (index, table) = super::parties::table(names, written, found)?;
        return Some((index, table, None));
    }
    let of_table = written.part(&(0..name.len()));
    let (index, table) = super::parties::table(names, &of_table, found)?;
    match follow(&table.level, &path, written, found)? {
        (Found::List(list, _), count) if count == path.len() => Some((index, table, Some(list))),
        (Found::List(..), _) => {
            let message = format!("{} leads through a list", quote(&written.text));
            refuse(written, message, "rows are records, or the items of a list of them", found)
        }
        _ => {
            let message = format!("{} is no list", quote(&written.text));
            refuse(written, message, "rows are records, or the items of a list of them", found)
        }
    }
}

/// When a row was: as the record says, or the item that the row is of.
fn time(
    table: &Table,
    list: Option<usize>,
    written: &[Written],
    found: &mut Vec<Diagnostic>,
) -> Option<TimePath> {
    let first = written.first()?;
    let of_item = list.is_some()
        && path::value(table, first, &mut Vec::new()).is_some_and(|path| path.list == list);
    path::time(table, written, list.filter(|_| of_item), found)
}

fn title(table: &Table, list: Option<usize>) -> String {
    match list {
        None => format!("{}, one row a record", table.title),
        Some(list) => {
            format!("{}: {}, one row an item", table.title, table.level.lists[list].title)
        }
    }
}

/// A view under construction.
struct Making<'a, 'm> {
    names: &'a Names<'m>,
    says: &'a DeclaredView,
    table: &'m Table,
    list: Option<usize>,
    /// Whether a row says when it was.
    is_dated: bool,
    /// Indices into the crosswalks of the model, and whether a column holds codes that they are from.
    crosswalks: Vec<usize>,
    used: Vec<bool>,
    schema: Schema,
    /// The names of all columns so far, those that the compiler adds to dates included.
    taken: Vec<String>,
    columns: Vec<ViewColumn>,
    found: &'a mut Vec<Diagnostic>,
}

/// A column that is to be added.
struct Wish<'w> {
    name: &'w str,
    way: Way,
    column: &'w Column,
    title: String,
    /// Said before what the column says of itself.
    description: String,
    required: bool,
    /// Whether there can be several values.
    is_several: bool,
    at: &'w Written,
}

impl<'m> Making<'_, 'm> {
    fn crosswalks(&mut self) {
        for written in &self.says.codes {
            let known = self.names.crosswalks;
            let known = named(known, |it| &it.name, written, "crosswalk", self.found);
            self.crosswalks.extend(known.map(|(index, _)| index));
        }
    }

    /// The columns that identify a row, with labels and codes behind them.
    fn key(&mut self) -> Vec<String> {
        let mut key = key_columns(&mut self.schema, self.table);
        let mut own = key.clone();
        if self.list.is_some() {
            self.schema.column(&Kind::Integer { bits: 32 }, position());
            key.push(POSITION_COLUMN.to_owned());
        }
        self.taken.extend(key.iter().cloned());
        for (name, index) in own.drain(..).zip(&self.table.key.columns) {
            let column = &self.table.level.columns[*index];
            let way = Way { is_of_item: false, steps: Vec::new(), column: *index };
            let at = &self.says.from;
            let title = column.about.title.as_str();
            self.beside((&name, title), way, column, 0, None, at);
        }
        key
    }

    /// All released values of a row.
    fn all(&mut self) {
        let (level, is_of_item) = self.level();
        for (index, column) in level.columns.iter().enumerate() {
            let is_key = |index: &usize| !is_of_item && self.table.key.columns.contains(index);
            let of = match column.origin {
                Origin::Derived { of, .. } => of,
                _ => index,
            };
            let comes_along = of != index && !level.columns[of].is_composed();
            if !column.internal && !is_key(&of) && !comes_along {
                self.own(level, index, is_of_item, &self.says.from);
            }
        }
    }

    /// What a row is of.
    fn level(&self) -> (&'m Level, bool) {
        match self.list {
            None => (&self.table.level, false),
            Some(list) => (&self.table.level.lists[list], true),
        }
    }

    /// A value that the manifest chooses, of the row or of its record.
    fn chosen(&mut self, written: &Written) {
        let Some(path) = path::value(self.table, written, self.found) else { return };
        if path.list.is_some() && path.list != self.list {
            let message = format!("{} may have several values in one row", quote(&written.text));
            let help = "take it instead: `take = { name = \"list.property\" }`";
            refuse::<()>(written, message, help, self.found);
            return;
        }
        let ValuePath { list, column } = path;
        if list.is_none() && self.table.key.columns.contains(&column) {
            // It stands in front anyway.
            return;
        }
        let level = list.map_or(&self.table.level, |list| &self.table.level.lists[list]);
        self.own(level, column, list.is_some(), written);
        if level.columns[column].is_composed() {
            for part in column + 1..=column + crate::model::EdtfPart::OF_COMPOSED.len() {
                self.own(level, part, list.is_some(), written);
            }
        }
    }

    /// A value of the row, or of its record.
    fn own(&mut self, level: &Level, index: usize, is_of_item: bool, at: &Written) {
        let column = &level.columns[index];
        let required = !column.nullable;
        let way = Way { is_of_item, steps: Vec::new(), column: index };
        let (name, title) = (column.name.as_str(), column.about.title.clone());
        let description = String::new();
        self.add(Wish { name, way, column, title, description, required, is_several: false, at });
    }

    /// A value that lists and other records give.
    fn take(&mut self, name: &Written, path: &Written) {
        let taken = way::find(self.names, self.table, self.list, path, self.found);
        let Some(Taken { way, column, is_several }) = taken else { return };
        let several = match (is_several, self.says.several) {
            (false, _) => "",
            (true, Several::First) => {
                " Where there are several different ones, the first in the order of the list."
            }
            (true, _) => " Missing where there are several different ones.",
        };
        let description = format!("{}{several}", way::sentence(path));
        let wish = Wish {
            name: &name.text,
            way,
            column,
            title: format!("{}: {}", name.text, column.about.title),
            description,
            required: false,
            is_several,
            at: name,
        };
        self.add(wish);
    }

    fn add(&mut self, wish: Wish<'_>) {
        let Wish { name, way, column, title, description, required, is_several, at } = wish;
        // What is worked out from a composed date has columns of its own, fewer than those of another date.
        let derived = if column.is_composed() { &[] } else { column.kind.derived_parts() };
        let stem = names::stem(name);
        let parts = derived.iter().map(|part| format!("{stem}_{}", part.suffix()));
        let all: Vec<_> = std::iter::once(name.to_owned()).chain(parts).collect();
        if !all.iter().all(|name| self.claim(name, at)) {
            return;
        }
        self.schema.like(column, Says { name, title: &title, description, required });
        let count = is_several.then(|| format!("{name}_n"));
        if let Some(count) = &count {
            if !self.claim(count, at) {
                return;
            }
            self.schema.count(Says {
                name: count,
                title: &format!("{name}: number of values"),
                description: format!(
                    "How many different values of `{name}` there are; equal ones count once."
                ),
                required: true,
            });
        }
        self.beside((name, &title), way, column, derived.len(), count, at);
    }

    /// Adds a column's label and its codes of other lists.
    fn beside(
        &mut self,
        (name, title): (&str, &str),
        way: Way,
        column: &Column,
        parts: usize,
        count: Option<String>,
        at: &Written,
    ) {
        let label = if self.says.labels { self.label((name, title), column, at) } else { None };
        let codes = self.codes((name, title), column, at);
        self.columns.push(ViewColumn { name: name.to_owned(), way, parts, count, label, codes });
    }

    fn label(
        &mut self,
        (name, title): (&str, &str),
        column: &Column,
        at: &Written,
    ) -> Option<(String, Arc<Labels>)> {
        let codes = column.kind.codes()?;
        let name_of_list = codes.list.as_deref()?;
        let list = self.names.code_lists.iter().find(|it| it.name == name_of_list)?;
        let label_column = list.column("label")?;
        let code_column = list.column("code")?;
        let mut of = vec![Vec::new(); codes.values.len()];
        for (row, cells) in list.rows.iter().enumerate() {
            let position = codes.position(&cells[code_column]).expect("the list has its codes");
            let valid = spell(list, row, None);
            of[position as usize].extend(valid.map(|it| (cells[label_column].clone(), it)));
        }
        let labels = Labels::new(of);
        let label = format!("{name}_label");
        if !self.claim(&label, at) {
            return None;
        }
        let mut description =
            format!("What the code list `{name_of_list}` calls the code in `{name}`.");
        if labels.change() {
            description += match self.is_dated {
                true => {
                    " Of several labels that which was valid on the days of the row; where none was, or more than \
                     one, all of them."
                }
                false => " A code with several labels over time has all of them.",
            };
        }
        let title = format!("{title}: label");
        self.schema.column(
            &Kind::Text,
            Says { name: &label, title: &title, description, required: false },
        );
        Some((label, Arc::new(labels)))
    }

    fn codes(
        &mut self,
        (name, title): (&str, &str),
        column: &Column,
        at: &Written,
    ) -> Vec<(usize, String)> {
        let mut codes = Vec::new();
        let Some(own) = column.kind.code_list() else { return codes };
        for (order, index) in self.crosswalks.clone().into_iter().enumerate() {
            let crosswalk = &self.names.crosswalks[index];
            if crosswalk.from.list.as_deref() != Some(own) {
                continue;
            }
            self.used[order] = true;
            let beside = format!("{name}_{}", crosswalk.suffix);
            if !self.claim(&beside, at) {
                continue;
            }
            let list = crosswalk.to.list.as_deref().unwrap_or_default();
            let when = match self.is_dated {
                true => "on the days of the row, by the crosswalk",
                false => "at any time, as rows have no date, by the crosswalk",
            };
            let description = format!(
                "The code of the list `{list}` for `{name}` {when} `{}`; missing where it has none, or several.",
                crosswalk.codelist
            );
            let title = format!("{title}: code of {list}");
            let says = Says { name: &beside, title: &title, description, required: false };
            self.schema.column(&crosswalk.kind, says);
            codes.push((index, beside));
        }
        codes
    }

    /// Takes a name for a column; if it can't, that is reported.
    fn claim(&mut self, name: &str, at: &Written) -> bool {
        let help = "choose the columns with `columns`, or give a property another name with `x-column`; what is taken \
                    has the name that `take` gives it";
        if let Some(fault) = names::fault(name, names::COLUMN_CHARS_MAX) {
            let message = format!("no column can be called `{name}`: {fault}");
            refuse::<()>(at, message, help, self.found);
            return false;
        }
        if self.taken.iter().any(|taken| taken == name) {
            let message = format!("two columns of the view would be called `{name}`");
            refuse::<()>(at, message, help, self.found);
            return false;
        }
        self.taken.push(name.to_owned());
        true
    }

    fn unused_crosswalks(&mut self) {
        if self.crosswalks.len() < self.says.codes.len() {
            return;
        }
        for ((written, index), used) in self.says.codes.iter().zip(&self.crosswalks).zip(&self.used)
        {
            if !used {
                let from = self.names.crosswalks[*index].from.list.as_deref().unwrap_or_default();
                let message = format!(
                    "the crosswalk `{}` is from codes of `{from}`, and no column of the view holds those",
                    written.text
                );
                let help = "leave it out, or choose or take a column with such codes";
                refuse::<()>(written, message, help, self.found);
            }
        }
    }

    fn describe(&mut self) {
        let of = &self.table.name;
        let schema = &mut self.schema;
        match self.list {
            None => schema.say(format!("A row for each record of `{of}`.")),
            Some(list) => schema.say(format!(
                "A row for each item of the list that `{}` holds, of each record of `{of}`.",
                self.table.level.lists[list].name
            )),
        }
        schema.say("It brings together what stands in several tables of the release.");
        if !self.says.date.is_empty() && (self.says.labels || !self.says.codes.is_empty()) {
            let dates: Vec<_> = self.says.date.iter().map(|it| format!("`{}`", it.text)).collect();
            schema.say(format!(
                "Labels and codes that change over time are those of the days that {} can mean; of a row without a \
                 date, those of all times.",
                dates.join(" to ")
            ));
        }
        if self.columns.iter().any(|column| column.count.is_some()) {
            schema.say(match self.says.several {
                Several::First => {
                    "Where a list gives several different values for a column, it holds the first in the order of \
                     the list; the column with `_n` behind its name says how many there are. Each column is \
                     filled by itself."
                }
                _ => {
                    "Where a list gives several different values for a column, it is missing; the column with `_n` \
                     behind its name says how many there are. Each column is filled by itself."
                }
            });
        }
    }
}

fn position() -> Says<'static> {
    Says {
        name: POSITION_COLUMN,
        title: "Position",
        description: "The row's position in its list, from 0 as in JSON Pointer.".to_owned(),
        required: true,
    }
}
