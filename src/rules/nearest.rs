//! Which date holds for a value: its object's own, else the nearest around it.
//!
//! A list of members that joined in different years has a date in each item, and the record may have
//! one of its own. A date in an item says nothing about other items. Of the dates that can hold for a
//! value the one counts that shares the most of the way from the record; of those that share as much, a
//! date before a start and an end.

use std::cell::RefCell;
use std::collections::HashMap;

use chrono::NaiveDate;

use super::RecordAt;
use super::roles::{Found, Gathered, RolePlace, Roles, Step};
use crate::diagnostic::quote;
use crate::model::Role;
use crate::model::kind::{Class, DateForm};
use crate::tape::Value;

/// A place of a date that can hold for the values of another place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    place: usize,
    /// How many steps from the record the two share.
    shared: usize,
    /// Whether one of those leads to an item of a list.
    in_item: bool,
}

/// The places that can hold for values at the end of some steps, the nearest first.
pub(super) fn candidates<'p>(
    places: impl Iterator<Item = (usize, &'p RolePlace)>,
    steps: &[Step],
) -> Vec<Candidate> {
    let candidate = |(place, other): (usize, &RolePlace)| {
        let shared = other.steps.iter().zip(steps).take_while(|(a, b)| a == b).count();
        let item = |steps: &[Step]| steps.contains(&Step::EachItem);
        let holds = !item(&other.steps[shared..]);
        holds.then(|| Candidate { place, shared, in_item: item(&steps[..shared]) })
    };
    let mut found: Vec<_> = places.filter_map(candidate).collect();
    // In the order of the roles, where two are as near.
    found.sort_by_key(|candidate| std::cmp::Reverse(candidate.shared));
    found
}

/// Finds what is nearest in one record. It remembers the items of long lists, so that each is looked
/// through once.
pub(super) struct Nearest<'a, 't> {
    roles: &'a Roles,
    record: Value<'t>,
    gathered: &'a Gathered,
    lists: RefCell<HashMap<u32, Vec<Value<'t>>>>,
}

impl<'a, 't> Nearest<'a, 't> {
    pub(super) fn new(roles: &'a Roles, record: Value<'t>, gathered: &'a Gathered) -> Self {
        Self { roles, record, gathered, lists: RefCell::default() }
    }

    /// The place of the nearest value of some candidates, and its number among the values there.
    pub(super) fn of(
        &self,
        value: Value<'t>,
        steps: &[Step],
        candidates: &[Candidate],
    ) -> Option<(usize, usize)> {
        candidates.iter().find_map(|candidate| {
            let values = self.gathered.at(candidate.place);
            if !candidate.in_item {
                return (!values.is_empty()).then_some((candidate.place, 0));
            }
            let around = self.around(value, &steps[..candidate.shared])?;
            let first = values.partition_point(|(index, _)| *index < around.index());
            let (index, _) = values.get(first)?;
            around.holds(self.record.at_index(*index)).then_some((candidate.place, first))
        })
    }

    /// What stands at the end of some steps and holds a value.
    fn around(&self, inside: Value<'t>, steps: &[Step]) -> Option<Value<'t>> {
        steps.iter().try_fold(self.record, |value, step| match step {
            Step::Property(name, number) => value.numbered(*number, name),
            Step::EachItem => self.item(value, inside),
        })
    }

    /// The item of a list that holds a value.
    fn item(&self, list: Value<'t>, inside: Value<'t>) -> Option<Value<'t>> {
        const SHORT: usize = 16;
        if list.len() <= SHORT {
            return list.items().find(|item| item.holds(inside));
        }
        let mut lists = self.lists.borrow_mut();
        let items = lists.entry(list.index()).or_insert_with(|| list.items().collect());
        let after = items.partition_point(|item| item.index() <= inside.index());
        items[..after].last().copied().filter(|item| item.holds(inside))
    }

    /// The place of the date that holds for a value, and the date's number there.
    pub(super) fn place(&self, found: &Found<'t, 'a>) -> Option<(usize, usize)> {
        self.of(found.value, found.steps, self.roles.dates_for(found))
    }

    /// The date that holds for a value.
    pub(super) fn when(&self, found: &Found<'t, 'a>) -> Option<When<'t, 'a>> {
        let (place, number) = self.place(found)?;
        let date = self.roles.found(place, number, self.record, self.gathered);
        let role = self.role(&date);
        Some(self.span(date, role))
    }

    /// As what a value holds that is a date, a start or an end: it may be both a date and a start.
    pub(super) fn role(&self, found: &Found<'t, 'a>) -> Role {
        let roles = self.roles.roles(found);
        let role = [Role::Date, Role::Start, Role::End].into_iter().find(|role| roles.has(*role));
        role.unwrap_or(Role::Date)
    }

    /// The time that a date, a start or an end stands for.
    pub(super) fn span(&self, found: Found<'t, 'a>, role: Role) -> When<'t, 'a> {
        let other = match role {
            Role::Start => Some(Role::End),
            Role::End => Some(Role::Start),
            _ => None,
        };
        let beside = other.and_then(|role| self.roles.beside(role, &found));
        match (other, beside) {
            (None, _) => When { start: Some(found.clone()), end: Some(found) },
            (Some(Role::End), beside) => When { start: Some(found), end: beside },
            (Some(_), beside) => When { start: beside, end: Some(found) },
        }
    }
}

/// A date, or the time from a start to an end.
#[derive(Clone, Debug)]
pub struct When<'t, 'r> {
    start: Option<Found<'t, 'r>>,
    /// The same value as the start, if it is one date.
    end: Option<Found<'t, 'r>>,
}

impl<'t, 'r> When<'t, 'r> {
    /// The first and the last day that it can mean; none where it is open or not known.
    #[must_use]
    pub fn days(&self) -> (Option<NaiveDate>, Option<NaiveDate>) {
        let bounds = |found: &Option<Found<'_, '_>>| {
            found.as_ref().map_or((None, None), |found| found.days())
        };
        (bounds(&self.start).0, bounds(&self.end).1)
    }

    /// The value that a finding about it points at.
    #[must_use]
    pub fn value(&self) -> &Found<'t, 'r> {
        self.start.as_ref().or(self.end.as_ref()).expect("it has a start or an end")
    }

    /// When it is, as part of a sentence: "on `2023`", "from `2020` on".
    #[must_use]
    pub fn words(&self) -> String {
        let text = |found: &Found<'_, '_>| quote(&found.text());
        match (&self.start, &self.end) {
            (Some(start), Some(end)) if start.is(end) => {
                let word = match start.kind.class() {
                    Class::Date(DateForm::Year) => "in",
                    _ => "on",
                };
                format!("{word} {}", text(start))
            }
            (Some(start), Some(end)) => format!("from {} to {}", text(start), text(end)),
            (Some(start), None) => format!("from {} on", text(start)),
            (None, Some(end)) => format!("until {}", text(end)),
            (None, None) => unreachable!("it has a start or an end"),
        }
    }

    /// Its dates as a message quotes them.
    #[must_use]
    pub fn quoted(&self) -> String {
        let text = |found: &Found<'_, '_>| quote(&found.text());
        match (&self.start, &self.end) {
            (Some(start), Some(end)) if !start.is(end) => {
                format!("{}, and goes on to {}", text(start), text(end))
            }
            _ => text(self.value()),
        }
    }

    /// Whether one of its dates is no day that anybody means.
    #[must_use]
    pub fn stands_for_none(&self) -> bool {
        self.start.iter().chain(&self.end).any(Found::stands_for_none)
    }
}

impl<'a> RecordAt<'a> {
    /// Finds dates that hold for the record's values.
    pub(super) fn nearest(&self) -> Nearest<'a, 'a> {
        Nearest::new(self.roles, self.record, self.gathered)
    }

    /// All dates, and all times from a start to an end; but not those in which a person held an
    /// office.
    #[must_use]
    pub fn times(&self) -> Vec<When<'a, 'a>> {
        let nearest = self.nearest();
        let dates = self.find(Role::Date).map(|date| nearest.span(date, Role::Date));
        let mut times: Vec<_> = dates.collect();
        if self.roles.offices {
            return times;
        }
        // What is a date besides was told as such.
        let no_date = |found: &Found<'a, 'a>| !self.roles.roles(found).has(Role::Date);
        let starts = self.find(Role::Start).filter(no_date);
        times.extend(starts.map(|start| nearest.span(start, Role::Start)));
        let alone = |end: &Found<'a, 'a>| self.roles.beside(Role::Start, end).is_none();
        let ends = self.find(Role::End).filter(no_date).filter(alone);
        times.extend(ends.map(|end| nearest.span(end, Role::End)));
        times
    }
}
