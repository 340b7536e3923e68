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

/// The values of the roles of one record: as few and as small pieces of memory as it goes, because
/// every record of a table with roles leaves them.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// By role, in the order of [`DAYS`].
    days: Box<[At<Days>]>,
    /// Where the days of each role end.
    day_ends: [u16; DAYS.len()],
    /// By role, in the order of [`TEXTS`].
    texts: Box<[At<Box<str>>]>,
    /// Where the texts of each role end.
    text_ends: [u16; TEXTS.len()],
    /// Whether an object that could have a start or an end has neither.
    pub undated: bool,
}

/// The roles whose days are kept.
const DAYS: [Role; 4] = [Role::Date, Role::Start, Role::End, Role::Published];

/// The roles whose texts are kept: codes, keys of other records, names.
const TEXTS: [Role; 9] = [
    Role::Status,
    Role::Type,
    Role::State,
    Role::Person,
    Role::Source,
    Role::Stance,
    Role::Publisher,
    Role::Unit,
    Role::Coder,
];

impl Facts {
    /// The facts of a record; none if its table has none of the roles.
    #[must_use]
    pub fn of(at: &RecordAt<'_>) -> Option<Self> {
        if !DAYS.iter().chain(&TEXTS).any(|&role| at.roles.has(role)) {
            return None;
        }
        let mut facts = Self { undated: undated(at), ..Self::default() };
        let mut days_found = Vec::new();
        for (role, end) in DAYS.into_iter().zip(&mut facts.day_ends) {
            gather(at, role, &mut days_found, |found| Some(days(found.value, found.kind)));
            *end = saturated(days_found.len());
        }
        let mut texts_found = Vec::new();
        for (role, end) in TEXTS.into_iter().zip(&mut facts.text_ends) {
            gather(at, role, &mut texts_found, |found| match found.value.as_str() {
                Some(text) => Some(text.into()),
                // A key may be an integer.
                None => found.value.as_i64().map(|number| number.to_string().into()),
            });
            *end = saturated(texts_found.len());
        }
        facts.days = days_found.into();
        facts.texts = texts_found.into();
        Some(facts)
    }

    fn days_of(&self, role: usize) -> &[At<Days>] {
        let start = role.checked_sub(1).map_or(0, |before| self.day_ends[before]);
        &self.days[start.into()..self.day_ends[role].into()]
    }

    fn texts_of(&self, role: usize) -> &[At<Box<str>>] {
        let start = role.checked_sub(1).map_or(0, |before| self.text_ends[before]);
        &self.texts[start.into()..self.text_ends[role].into()]
    }

    /// [`Role::Date`].
    #[must_use]
    pub fn dates(&self) -> &[At<Days>] {
        self.days_of(0)
    }

    /// [`Role::Start`].
    #[must_use]
    pub fn starts(&self) -> &[At<Days>] {
        self.days_of(1)
    }

    /// [`Role::End`].
    #[must_use]
    pub fn ends(&self) -> &[At<Days>] {
        self.days_of(2)
    }

    /// [`Role::Published`].
    #[must_use]
    pub fn published(&self) -> &[At<Days>] {
        self.days_of(3)
    }

    /// [`Role::Status`].
    #[must_use]
    pub fn statuses(&self) -> &[At<Box<str>>] {
        self.texts_of(0)
    }

    /// [`Role::Type`].
    #[must_use]
    pub fn types(&self) -> &[At<Box<str>>] {
        self.texts_of(1)
    }

    /// [`Role::State`].
    #[must_use]
    pub fn states(&self) -> &[At<Box<str>>] {
        self.texts_of(2)
    }

    /// [`Role::Person`]: the key.
    #[must_use]
    pub fn persons(&self) -> &[At<Box<str>>] {
        self.texts_of(3)
    }

    /// [`Role::Source`]: the key.
    #[must_use]
    pub fn sources(&self) -> &[At<Box<str>>] {
        self.texts_of(4)
    }

    /// [`Role::Stance`].
    #[must_use]
    pub fn stances(&self) -> &[At<Box<str>>] {
        self.texts_of(5)
    }

    /// [`Role::Publisher`].
    #[must_use]
    pub fn publishers(&self) -> &[At<Box<str>>] {
        self.texts_of(6)
    }

    /// [`Role::Unit`]: the key.
    #[must_use]
    pub fn units(&self) -> &[At<Box<str>>] {
        self.texts_of(7)
    }

    /// [`Role::Coder`]: the key or the name.
    #[must_use]
    pub fn coders(&self) -> &[At<Box<str>>] {
        self.texts_of(8)
    }
}

fn saturated(length: usize) -> u16 {
    // Of a record with more, the last are no fact: a list of 65,535 states is no list of parties.
    u16::try_from(length).unwrap_or(u16::MAX)
}

fn gather<T>(
    at: &RecordAt<'_>,
    role: Role,
    facts: &mut Vec<At<T>>,
    make: impl Fn(&super::Found<'_, '_>) -> Option<T>,
) {
    if !at.roles.has(role) {
        return;
    }
    facts.extend(at.roles.find(role, at.record).iter().filter_map(|found| {
        let value = make(found)?;
        Some(At { value, spot: Spot::of(found.value), object: found.around.index() })
    }));
}

fn undated(at: &RecordAt<'_>) -> bool {
    if !at.roles.has(Role::Start) {
        return false;
    }
    let dates = [at.roles.find(Role::Start, at.record), at.roles.find(Role::End, at.record)];
    let dated = |object: u32| dates.iter().flatten().any(|date| date.around.index() == object);
    let objects = at.roles.objects(Role::Start, at.record);
    objects.iter().any(|object| !dated(object.index()))
}
