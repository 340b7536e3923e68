//! What a record leaves behind for rules that must see the whole dataset.
//!
//! Only tables whose schema gives roles leave facts, and only of those roles: a table of millions
//! without roles costs nothing.

use chrono::NaiveDate;

use super::{RecordAt, days};
use crate::manifest::Release;
use crate::model::Role;
use crate::validate::Spot;

/// The facts of one record.
#[derive(Clone, Debug)]
pub struct RecordFacts {
    /// The record's key, by which others refer to it.
    pub key: String,
    /// Where the key is written.
    pub spot: Spot,
    /// The values of roles.
    pub facts: Facts,
}

/// The main table of the release before.
#[derive(Clone, Debug)]
pub struct Previous {
    /// As the manifest names it.
    pub release: Release,
    /// Its records.
    pub records: Vec<PreviousRecord>,
}

/// A record as it was released.
#[derive(Clone, Debug)]
pub struct PreviousRecord {
    /// Its key.
    pub key: String,
    /// Where the key stands in the release.
    pub spot: Spot,
    /// The values of roles; none if the table has no roles.
    pub facts: Option<Facts>,
}

/// A value that stands somewhere.
#[derive(Clone, Debug)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it is written.
    pub spot: Spot,
    /// Which object of the record it stands in: equal for values side by side.
    pub object: u32,
}

/// First and last day; none where open.
pub type Days = (Option<NaiveDate>, Option<NaiveDate>);

/// The values of the roles of one record.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// [`Role::Date`].
    pub dates: Vec<At<Days>>,
    /// [`Role::Start`].
    pub starts: Vec<At<Days>>,
    /// [`Role::End`].
    pub ends: Vec<At<Days>>,
    /// Whether an object that could have a start or an end has neither.
    pub undated: bool,
    /// [`Role::Status`].
    pub statuses: Vec<At<String>>,
    /// [`Role::Type`].
    pub types: Vec<At<String>>,
    /// [`Role::State`].
    pub states: Vec<At<String>>,
    /// [`Role::Person`]: the key.
    pub persons: Vec<At<String>>,
    /// [`Role::Source`]: the key.
    pub sources: Vec<At<String>>,
    /// [`Role::Stance`].
    pub stances: Vec<At<String>>,
    /// [`Role::Published`].
    pub published: Vec<At<Days>>,
    /// [`Role::Publisher`].
    pub publishers: Vec<At<String>>,
    /// [`Role::Unit`]: the key.
    pub units: Vec<At<String>>,
    /// [`Role::Coder`].
    pub coders: Vec<At<String>>,
}

/// The roles of which facts are kept.
const KEPT: [Role; 13] = [
    Role::Date,
    Role::Start,
    Role::End,
    Role::Status,
    Role::Type,
    Role::State,
    Role::Person,
    Role::Source,
    Role::Stance,
    Role::Published,
    Role::Publisher,
    Role::Unit,
    Role::Coder,
];

impl Facts {
    /// The facts of a record; none if its table has none of the roles.
    #[must_use]
    pub fn of(at: &RecordAt<'_>) -> Option<Self> {
        if !KEPT.iter().any(|&role| at.roles.has(role)) {
            return None;
        }
        Some(Self {
            dates: days_of(at, Role::Date),
            starts: days_of(at, Role::Start),
            ends: days_of(at, Role::End),
            undated: undated(at),
            statuses: texts_of(at, Role::Status),
            types: texts_of(at, Role::Type),
            states: texts_of(at, Role::State),
            persons: texts_of(at, Role::Person),
            sources: texts_of(at, Role::Source),
            stances: texts_of(at, Role::Stance),
            published: days_of(at, Role::Published),
            publishers: texts_of(at, Role::Publisher),
            units: keys_of(at, Role::Unit),
            coders: keys_of(at, Role::Coder),
        })
    }
}

fn gather<T>(
    at: &RecordAt<'_>,
    role: Role,
    make: impl Fn(&super::Found<'_, '_>) -> Option<T>,
) -> Vec<At<T>> {
    at.roles
        .find(role, at.record)
        .iter()
        .filter_map(|found| {
            let value = make(found)?;
            Some(At { value, spot: Spot::of(found.value), object: found.around.index() })
        })
        .collect()
}

fn undated(at: &RecordAt<'_>) -> bool {
    let dates = [at.roles.find(Role::Start, at.record), at.roles.find(Role::End, at.record)];
    let dated = |object: u32| dates.iter().flatten().any(|date| date.around.index() == object);
    let objects = at.roles.objects(Role::Start, at.record);
    objects.iter().any(|object| !dated(object.index()))
}

fn days_of(at: &RecordAt<'_>, role: Role) -> Vec<At<Days>> {
    gather(at, role, |found| Some(days(found.value, found.kind)))
}

fn texts_of(at: &RecordAt<'_>, role: Role) -> Vec<At<String>> {
    gather(at, role, |found| found.value.as_str().map(str::to_owned))
}

/// Texts, and integers as their digits.
fn keys_of(at: &RecordAt<'_>, role: Role) -> Vec<At<String>> {
    gather(at, role, |found| match found.value.as_str() {
        Some(text) => Some(text.to_owned()),
        None => found.value.as_i64().map(|number| number.to_string()),
    })
}
