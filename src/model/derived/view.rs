//! Wide tables: one row a record, or an item of a list of it, with values that lists and other records give.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Condition, TimePath};
use crate::manifest::derived::Several;
use crate::model::system::Spell;

/// One wide row a record, or an item of a list of it.
#[derive(Debug)]
pub struct View {
    /// Index into [`Model::tables`](crate::model::Model::tables).
    pub table: usize,
    /// The list whose items are rows, as an index into [`Level::lists`](crate::model::Level::lists) of the table;
    /// none where the records are.
    pub list: Option<usize>,
    /// The columns in their order, but for positions, labels, numbers and codes, which have no values of their own.
    pub columns: Vec<ViewColumn>,
    /// What becomes of several values.
    pub several: Several,
    /// When a row was, in the record or in the list of the view.
    pub time: Option<TimePath>,
}

/// A column of a view, and what stands beside it.
#[derive(Debug)]
pub struct ViewColumn {
    /// Its name.
    pub name: String,
    /// Where its values come from.
    pub way: Way,
    /// So many columns right behind it say more of its values, here as where they come from.
    pub parts: usize,
    /// The column with the number of different values, if there can be several.
    pub count: Option<String>,
    /// The column with what people call its codes.
    pub label: Option<(String, Arc<Labels>)>,
    /// Columns with codes of other lists, each with an index into
    /// [`Model::crosswalks`](crate::model::Model::crosswalks).
    pub codes: Vec<(usize, String)>,
}

/// The way from a row of a view to values.
#[derive(Debug)]
pub struct Way {
    /// Whether it begins at the item of a list that the row is of, and not at the record.
    pub is_of_item: bool,
    /// The steps, in their order.
    pub steps: Vec<Step>,
    /// Index into [`Level::columns`](crate::model::Level::columns) where it ends.
    pub column: usize,
}

/// A step on the way to values.
#[derive(Debug)]
pub enum Step {
    /// To the items of a list that say what they must.
    Items {
        /// Index into [`Level::lists`](crate::model::Level::lists).
        list: usize,
        /// What they must say, in columns of their own.
        conditions: Vec<Condition>,
    },
    /// To the record that a reference names by its key.
    Record {
        /// The column of the reference.
        column: usize,
        /// Index into [`Model::tables`](crate::model::Model::tables).
        table: usize,
    },
}

/// What people call the codes of a list, and when.
#[derive(Debug)]
pub struct Labels {
    /// By the position of a code, in the order of the list.
    of: Vec<Vec<(String, Spell)>>,
}

impl Labels {
    /// These, by the position of a code in the order of the list; empty ones say nothing.
    #[must_use]
    pub fn new(mut of: Vec<Vec<(String, Spell)>>) -> Self {
        of.iter_mut().for_each(|labels| labels.retain(|(label, _)| !label.is_empty()));
        Self { of }
    }

    /// Whether a code has several.
    #[must_use]
    pub fn change(&self) -> bool {
        self.of.iter().any(|labels| labels.iter().any(|(label, _)| *label != labels[0].0))
    }

    /// What a code is called on the days of a spell: all its labels where none, or more than one, is valid then.
    #[must_use]
    pub fn during(&self, code: usize, spell: Spell) -> Option<Cow<'_, str>> {
        let labels = &self.of[code];
        let known = || labels.iter().map(|(label, _)| label.as_str());
        let valid = labels.iter().filter(|(_, valid)| valid.shared(spell).is_some());
        let valid = each_once(valid.map(|(label, _)| label.as_str()));
        match (valid.is_empty(), known().next()) {
            (_, None) => None,
            (true, _) => Some(joined(&each_once(known()))),
            (false, _) => Some(joined(&valid)),
        }
    }
}

fn each_once<'a>(labels: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut found = Vec::new();
    for label in labels {
        if !found.contains(&label) {
            found.push(label);
        }
    }
    found
}

fn joined<'a>(labels: &[&'a str]) -> Cow<'a, str> {
    match labels {
        [only] => Cow::Borrowed(only),
        several => Cow::Owned(several.join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use super::Labels;
    use crate::model::system::Spell;

    #[test]
    fn a_code_is_called_what_it_is_called_then() {
        let spell = |first, last| Spell { first, last };
        let labels = |labels: &[(&str, Spell)]| {
            labels.iter().map(|(label, spell)| ((*label).to_owned(), *spell)).collect()
        };
        let labels = Labels::new(vec![
            labels(&[("Congo", spell(0, 9)), ("Zaire", spell(10, 19)), ("Congo", spell(20, 29))]),
            labels(&[("Mali", spell(5, 9))]),
            labels(&[("", spell(0, 9))]),
        ]);
        assert!(labels.change());
        let during = |code, first, last| labels.during(code, spell(first, last));
        assert_eq!(during(0, 12, 12).as_deref(), Some("Zaire"));
        assert_eq!(during(0, 0, 5).as_deref(), Some("Congo"));
        assert_eq!(during(0, 9, 10).as_deref(), Some("Congo; Zaire"));
        assert_eq!(during(0, 90, 99).as_deref(), Some("Congo; Zaire"), "all where none is valid");
        assert_eq!(during(1, 90, 99).as_deref(), Some("Mali"));
        assert_eq!(during(2, 0, 9), None);
    }
}
