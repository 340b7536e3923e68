//! Where in a record the values of a role stand.
//!
//! A table's roles stand at a few places of its schema, numbered in the order of the schema. The one
//! walk over a record notes what it meets at each of them, in a [`Gathered`] that every record fills
//! anew, so that rules ask for a role without another walk.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::date_sentinel::stands_for_none;
use super::days;
use super::nearest::{Candidate, candidates};
use super::together::Together;
use crate::edtf::Edtf;
use crate::model::kind::{Class, DateForm};
use crate::model::{
    Conditional, DateParts, Item, Kind, Level, Object, Reference, Role, RoleSet, Says, Scalar,
    Shape, Table,
};
use crate::plan::{Place, Plan, RECORD, Trace, date_of};
use crate::pointer;
use crate::tape::{Tag, Value};

/// The roles of one table.
#[derive(Debug, Default)]
pub struct Roles {
    places: Vec<RolePlace>,
    /// To the items of lists that hold the spells of one thing.
    spell_lists: Vec<Vec<Step>>,
    /// The places of each role, by [`Role`] as a number.
    of: Vec<Vec<usize>>,
    /// The dates that can hold for the values of each place, the nearest first.
    dates: Vec<Vec<Candidate>>,
    /// Which values belong together.
    pub(super) together: Together,
    /// Whether its records are persons that others name, and what starts and ends are offices.
    pub offices: bool,
}

/// The values of one record at each place of a role.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The value's number on its tape, and that of the object or list around it.
    values: Vec<Vec<(u32, u32)>>,
    /// Dates that were read already, by the numbers of their values.
    dates: Vec<(u32, Edtf)>,
}

impl Gathered {
    /// Forgets what was gathered; there is room for so many places. `dates` were read already, and stand
    /// in the order of their values.
    pub fn reset(&mut self, places: usize, dates: &[(u32, Edtf)]) {
        self.values.iter_mut().for_each(Vec::clear);
        if self.values.len() < places {
            self.values.resize_with(places, Vec::new);
        }
        self.dates.clear();
        self.dates.extend_from_slice(dates);
    }

    /// The values at a place, each with what is around it: in the order of the record.
    #[must_use]
    pub(super) fn at(&self, place: usize) -> &[(u32, u32)] {
        &self.values[place]
    }

    /// Notes the dates that are composed of the values of an object.
    #[inline]
    pub fn note_dates(&mut self, object: &Object, value: Value<'_>) {
        for date in &object.dates {
            if let Some(part) = date.parts.first(value) {
                self.note(date.number, part, value);
            }
        }
    }

    /// Notes a value at a place.
    #[inline]
    pub fn note(&mut self, place: usize, value: Value<'_>, around: Value<'_>) {
        self.values[place].push((value.index(), around.index()));
    }
}

/// Where values with the same roles stand.
#[derive(Debug)]
pub(super) struct RolePlace {
    pub(super) roles: RoleSet,
    pub(super) kind: Kind,
    /// What the date is composed of, if it is; its value is the first part that is there.
    pub(super) composed: Option<Composed>,
    /// The table that the values refer to.
    pub(super) reference: Option<String>,
    /// From the record to the value.
    pub(super) steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    /// A property, by name and by the name's number.
    Property(String, u32),
    EachItem,
}

/// A date that is composed of parts.
#[derive(Debug)]
pub(super) struct Composed {
    /// As the schema calls it.
    pub(super) name: String,
    pub(super) parts: DateParts,
}

/// A value of a role.
#[derive(Clone, Debug)]
pub struct Found<'t, 'r> {
    /// The value.
    pub value: Value<'t>,
    /// The object or list that it stands in.
    pub around: Value<'t>,
    /// Its kind.
    pub kind: &'r Kind,
    pub(super) steps: &'r [Step],
    /// What it is composed of, if it is.
    pub(super) composed: Option<&'r Composed>,
    place: usize,
    record: Value<'t>,
    dates: &'r [(u32, Edtf)],
}

impl<'t> Found<'t, '_> {
    /// The value as text: a year by its digits, a composed date as EDTF spells it. Empty where it is none.
    #[must_use]
    pub fn text(&self) -> Cow<'t, str> {
        if let Some(composed) = self.composed {
            let text = composed.parts.of(self.around).text();
            return Cow::Owned(text.ok().flatten().unwrap_or_default());
        }
        match (self.value.as_str(), self.value.as_i64()) {
            (Some(text), _) => Cow::Borrowed(text),
            (None, Some(number)) if self.kind.class() == Class::Date(DateForm::Year) => {
                Cow::Owned(format!("{number:04}"))
            }
            (None, Some(number)) => Cow::Owned(number.to_string()),
            (None, None) => Cow::Borrowed(""),
        }
    }

    /// Whether both are one value, and not two dates that share a part.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.place == other.place && self.value.index() == other.value.index()
    }

    /// Whether it is a date that nobody means.
    #[must_use]
    pub fn stands_for_none(&self) -> bool {
        match (self.composed, self.value.as_str()) {
            (None, Some(text)) => stands_for_none(text),
            (None, None) => {
                self.value.as_i64().is_some_and(|year| !(1800..2100).contains(&year))
                    && stands_for_none(&self.text())
            }
            (Some(_), _) => stands_for_none(&self.text()),
        }
    }

    /// Its JSON Pointer in the record. Only findings need it.
    #[must_use]
    pub fn pointer(&self) -> String {
        self.record.pointer_to(self.value)
    }

    /// The pointer of the object or list that the value stands in.
    #[must_use]
    pub fn around_pointer(&self) -> String {
        self.record.pointer_to(self.around)
    }

    /// The first and the last day that it can mean; none where it is open or no date.
    #[must_use]
    pub fn days(&self) -> (Option<NaiveDate>, Option<NaiveDate>) {
        match self.kind {
            _ if let Some(composed) = self.composed => {
                match composed.parts.of(self.around).date() {
                    Ok(Some(date)) => (date.earliest(), date.latest()),
                    Ok(None) | Err(_) => (None, None),
                }
            }
            Kind::Edtf => date_of(self.dates, self.value)
                .map_or((None, None), |date| (date.earliest(), date.latest())),
            kind => days(self.value, kind),
        }
    }

    /// The place of the value.
    #[must_use]
    pub fn place(&self) -> crate::diagnostic::Place {
        crate::diagnostic::Place::of(self.value).at(self.pointer())
    }

    /// How a message calls it.
    #[must_use]
    pub fn subject(&self) -> String {
        let pointer = match self.composed {
            Some(composed) => pointer::join(&self.around_pointer(), &composed.name),
            None => self.pointer(),
        };
        format!("`{}`", pointer::readable(&pointer))
    }
}

impl Roles {
    /// The roles that a table's schema gives.
    #[must_use]
    pub fn of(table: &Table) -> Self {
        let mut roles = Self { of: vec![Vec::new(); Role::ALL.len()], ..Self::default() };
        roles.level(&table.level, &[], &table.conditional);
        let dates = [Role::Date, Role::Start, Role::End];
        let of_place = |place: &RolePlace| roles.candidates(&dates, &place.steps);
        roles.dates = roles.places.iter().map(of_place).collect();
        roles.together = Together::of(&roles.places, &roles.spell_lists);
        roles
    }

    fn level(&mut self, level: &Level, steps: &[Step], conditional: &[Conditional]) {
        match &level.item {
            Item::Object(object) => self.object(level, object, steps, conditional),
            Item::Scalar(scalar) => self.scalar(scalar, steps.to_vec(), conditional),
        }
    }

    fn object(
        &mut self,
        level: &Level,
        object: &Object,
        steps: &[Step],
        conditional: &[Conditional],
    ) {
        for field in &object.fields {
            let steps = [steps, &[Step::Property(field.name.clone(), field.number)]].concat();
            match &field.shape {
                Shape::Scalar { scalar, .. } => self.scalar(scalar, steps, conditional),
                Shape::Group(group) => self.object(level, group, &steps, conditional),
                Shape::Languages(_) => {}
                Shape::List { list, .. } => {
                    let steps = [&steps[..], &[Step::EachItem]].concat();
                    if field.of_spells {
                        self.spell_lists.push(steps.clone());
                    }
                    self.level(&level.lists[*list], &steps, conditional);
                }
            }
        }
        for date in &object.dates {
            let year = &date.parts.year;
            let step = Step::Property(year.name.clone(), year.number);
            let composed = Composed { name: date.name.clone(), parts: date.parts.clone() };
            self.place(
                date.number,
                RolePlace {
                    roles: date.roles,
                    kind: Kind::Edtf,
                    composed: Some(composed),
                    reference: None,
                    steps: [steps, &[step]].concat(),
                },
            );
        }
    }

    fn scalar(&mut self, scalar: &Scalar, steps: Vec<Step>, conditional: &[Conditional]) {
        if let Some(number) = scalar.place {
            let reference = scalar.reference.as_ref().and_then(Reference::table).map(str::to_owned);
            let (kind, roles, steps) = (scalar.kind.clone(), scalar.roles, steps.clone());
            self.place(number, RolePlace { roles, kind, composed: None, reference, steps });
        }
        for number in &scalar.conditional {
            if let Says::Roles { roles, kind, reference, place } = &conditional[*number].says {
                let (kind, reference, steps) = (kind.clone(), reference.clone(), steps.clone());
                let (roles, composed) = (*roles, None);
                self.place(*place, RolePlace { roles, kind, composed, reference, steps });
            }
        }
    }

    fn place(&mut self, number: usize, place: RolePlace) {
        assert_eq!(number, self.places.len(), "places are numbered by the schema");
        for role in place.roles.iter() {
            self.of[role as usize].push(number);
        }
        self.places.push(place);
    }

    /// At how many places there are roles.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether the table has no role at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Whether values of its records are compared in groups.
    #[inline]
    #[must_use]
    pub fn has_groups(&self) -> bool {
        let Together { spells, determined, pairs, .. } = &self.together;
        !(spells.is_empty() && determined.is_empty() && pairs.is_empty())
    }

    /// Whether the table has the role at all.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        !self.of[role as usize].is_empty()
    }

    /// Whether values of the role refer to records of that table.
    #[must_use]
    pub fn refers(&self, role: Role, table: &str) -> bool {
        let target = |place: &usize| self.places[*place].reference.as_deref() == Some(table);
        self.of[role as usize].iter().any(target)
    }

    /// The places of some roles that can hold for what stands at the end of some steps.
    pub(super) fn candidates(&self, roles: &[Role], steps: &[Step]) -> Vec<Candidate> {
        let places = roles.iter().flat_map(|role| &self.of[*role as usize]);
        candidates(places.map(|place| (*place, &self.places[*place])), steps)
    }

    /// The dates that can hold for a value, the nearest first.
    pub(super) fn dates_for(&self, found: &Found<'_, '_>) -> &[Candidate] {
        &self.dates[found.place]
    }

    /// The place of a value.
    pub(super) fn place_of(&self, found: &Found<'_, '_>) -> &RolePlace {
        &self.places[found.place]
    }

    /// The roles of a value.
    pub(super) fn roles(&self, found: &Found<'_, '_>) -> RoleSet {
        self.places[found.place].roles
    }

    /// The dates that are composed of parts, with a role or without.
    pub(super) fn composed<'t, 'a>(
        &'a self,
        record: Value<'t>,
        gathered: &'a Gathered,
    ) -> impl Iterator<Item = Found<'t, 'a>> {
        let places = self.places.iter().enumerate().filter(|(_, place)| place.composed.is_some());
        places.flat_map(move |(place, _)| {
            let count = gathered.values[place].len();
            (0..count).map(move |number| self.found(place, number, record, gathered))
        })
    }

    /// Whether the schema has a place for the role beside a value.
    pub(super) fn stands_beside(&self, role: Role, other: &Found<'_, '_>) -> bool {
        let parents = &other.steps[..other.steps.len().saturating_sub(1)];
        self.of[role as usize].iter().any(|place| {
            let steps = &self.places[*place].steps;
            steps.split_last().is_some_and(|(last, before)| {
                before == parents && matches!(last, Step::Property(..))
            })
        })
    }

    /// The tables that values of the role refer to.
    pub(super) fn targets(&self, role: Role) -> impl Iterator<Item = &str> {
        self.of[role as usize].iter().filter_map(|place| self.places[*place].reference.as_deref())
    }

    /// One of the values that were gathered at a place.
    pub(super) fn found<'t, 'a>(
        &'a self,
        place: usize,
        number: usize,
        record: Value<'t>,
        gathered: &'a Gathered,
    ) -> Found<'t, 'a> {
        let (value, around) = gathered.values[place][number];
        let RolePlace { kind, steps, composed, .. } = &self.places[place];
        let (value, around) = (record.at_index(value), record.at_index(around));
        let composed = composed.as_ref();
        Found { value, around, kind, record, steps, composed, place, dates: &gathered.dates }
    }

    /// The number of a value among all of a role, from its place and its number there.
    pub(super) fn position(
        &self,
        role: Role,
        (place, number): (usize, usize),
        gathered: &Gathered,
    ) -> usize {
        let before = self.of[role as usize].iter().take_while(|other| **other != place);
        before.map(|other| gathered.values[*other].len()).sum::<usize>() + number
    }

    /// The place of the record's own start, or of its end, where it has one: in no list, and as near to the
    /// record as may be.
    pub(super) fn own_span(&self, gathered: &Gathered) -> Option<usize> {
        let of_role = |role: Role| self.of[role as usize].iter().copied();
        let own = |place: &usize| {
            let steps = &self.places[*place].steps;
            !steps.contains(&Step::EachItem) && !gathered.values[*place].is_empty()
        };
        // Of those that are as near, the start stands first.
        let places = of_role(Role::Start).chain(of_role(Role::End)).filter(own);
        places.min_by_key(|place| self.places[*place].steps.len())
    }

    /// The values of all roles of a record that no check has walked; `plan` is that of the table.
    #[must_use]
    pub fn gather(&self, record: Value<'_>, plan: &Plan<'_>) -> Gathered {
        let mut trace = Trace::default();
        plan.walk(record, &mut trace);
        let mut gathered = Gathered::default();
        gathered.reset(self.places.len(), trace.dates());
        if let Place::Row(members) = plan.place(RECORD) {
            gathered.note_dates(members.object(), record);
        }
        for event in trace.events() {
            let value = record.at_index(event.value);
            match plan.place(event.place) {
                Place::Value { scalar, .. } => {
                    if let Some(place) = scalar.place {
                        gathered.note(place, value, record.at_index(event.around));
                    }
                }
                Place::Group(members) | Place::Row(members) => {
                    gathered.note_dates(members.object(), value);
                }
                Place::Languages { .. } | Place::List { .. } => {}
            }
        }
        plan.for_each_holding(record, &trace, |_, annotation, value, around| {
            if let Says::Roles { place, .. } = &annotation.says {
                gathered.note(*place, value, around);
            }
        });
        gathered
    }

    /// The values of a role that were gathered from a record, in the order of the schema, then of
    /// the record.
    pub fn find<'t, 'a>(
        &'a self,
        role: Role,
        record: Value<'t>,
        gathered: &'a Gathered,
    ) -> impl Iterator<Item = Found<'t, 'a>> {
        self.of[role as usize].iter().flat_map(move |&place| {
            let count = gathered.values[place].len();
            (0..count).map(move |number| self.found(place, number, record, gathered))
        })
    }

    /// How many values of a role were gathered.
    #[must_use]
    pub fn count(&self, role: Role, gathered: &Gathered) -> usize {
        self.of[role as usize].iter().map(|&place| gathered.values[place].len()).sum()
    }

    /// Whether a record lacks a property that leads to the role and that its schema requires, or has
    /// something else there than the schema wants.
    #[must_use]
    pub fn lacks_required(&self, role: Role, record: Value<'_>, table: &Table) -> bool {
        let lacks = |place: &usize| {
            let mut level = &table.level;
            let Item::Object(object) = &level.item else { return false };
            let (mut object, mut value) = (object, record);
            for step in &self.places[*place].steps {
                let Step::Property(name, number) = step else {
                    // What the first item lacks is reported, too.
                    let Some(item) = value.items().next() else { return false };
                    value = item;
                    continue;
                };
                let Some(field) = object.field(name) else { return false };
                let Some(child) = value.numbered(*number, name) else { return field.required };
                let wanted = match &field.shape {
                    Shape::Group(group) => {
                        object = group;
                        Tag::Object
                    }
                    Shape::List { list, .. } => {
                        level = &level.lists[*list];
                        if let Item::Object(item) = &level.item {
                            object = item;
                        }
                        Tag::Array
                    }
                    Shape::Scalar { .. } | Shape::Languages(_) => return false,
                };
                if child.tag() != wanted {
                    return true;
                }
                value = child;
            }
            false
        };
        self.of[role as usize].iter().any(lacks)
    }

    /// The list or object on the way to the role that has nothing in it; else the record.
    #[must_use]
    pub fn empty_on_the_way<'t>(&self, role: Role, record: Value<'t>) -> Value<'t> {
        let empty = |place: &usize| {
            let mut value = record;
            for step in &self.places[*place].steps {
                let Step::Property(name, number) = step else { break };
                value = value.numbered(*number, name)?;
            }
            value.is_empty().then_some(value)
        };
        self.of[role as usize].iter().find_map(empty).unwrap_or(record)
    }

    /// The objects of a record that can have a value of the role.
    #[must_use]
    pub fn objects<'t>(&self, role: Role, record: Value<'t>) -> Vec<Value<'t>> {
        let mut found = Vec::new();
        for place in &self.of[role as usize] {
            let steps = &self.places[*place].steps;
            let parents = &steps[..steps.len().saturating_sub(1)];
            follow(parents, record, record, &mut |value, _| found.push(value));
        }
        found
    }

    /// The value of a role in the same object as another value.
    #[must_use]
    pub fn beside<'t, 'a>(&'a self, role: Role, other: &Found<'t, 'a>) -> Option<Found<'t, 'a>> {
        let (_, parents) = other.steps.split_last()?;
        self.of[role as usize].iter().find_map(|&number_of_place| {
            let place = &self.places[number_of_place];
            let (last, before) = place.steps.split_last()?;
            let Step::Property(name, number) = last else { return None };
            if before != parents {
                return None;
            }
            let value = match &place.composed {
                Some(composed) => composed.parts.first(other.around)?,
                None => other.around.numbered(*number, name)?,
            };
            let Found { around, record, dates, .. } = *other;
            let (kind, steps, composed) = (&place.kind, &place.steps, place.composed.as_ref());
            let place = number_of_place;
            Some(Found { value, around, record, kind, steps, composed, place, dates })
        })
    }
}

/// Goes on from a value and what is around it.
fn follow<'t>(
    steps: &[Step],
    around: Value<'t>,
    value: Value<'t>,
    found: &mut impl FnMut(Value<'t>, Value<'t>),
) {
    match steps.split_first() {
        None => found(value, around),
        Some((Step::Property(name, number), rest)) => {
            if let Some(child) = value.numbered(*number, name) {
                follow(rest, value, child, found);
            }
        }
        Some((Step::EachItem, rest)) => {
            for item in value.items() {
                follow(rest, value, item, found);
            }
        }
    }
}
