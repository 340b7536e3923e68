//! The facts of a record: the values of its roles, kept for rules that compare records.
//!
//! Facts are kept only of tables whose schema gives roles, and only of these roles: a table of
//! millions of records without roles costs nothing. Until the rules run they are bytes in a
//! [`BlobStore`]: as many as the texts have, and a few for each value.

use std::borrow::Cow;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;

use super::nearest::Nearest;
use super::{Found, RecordAt};
use crate::diagnostic::Place;
use crate::fault::Fault;
use crate::manifest::Release;
use crate::model::Role;
use crate::spill::packed::{Reader, day, number, signed, text};
use crate::spill::{BlobStore, Spot, write_head};

/// The facts of one record.
#[derive(Clone, Debug)]
pub struct RecordFacts<'a> {
    /// The record's key, by which others refer to it.
    pub key: Cow<'a, str>,
    /// Where the key is written.
    pub spot: Spot,
    /// The values of roles.
    pub facts: Facts<'a>,
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
    pub facts: Option<Facts<'static>>,
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
    /// Which of the record's times holds for it, from 1; 0 where none is known.
    when: u32,
}

/// First and last day; none where open.
pub type Days = (Option<NaiveDate>, Option<NaiveDate>);

/// A code, the key of another record, or a name.
pub type Text<'a> = At<Cow<'a, str>>;

/// The values of the roles of one record.
#[derive(Clone, Debug, Default)]
pub struct Facts<'a> {
    /// By role, in the order of [`DAYS`].
    days: Vec<At<Days>>,
    /// Where the days of each role end, and behind them the times from a start to an end that hold
    /// for a text.
    day_ends: [u16; DAYS.len() + 1],
    /// By role, in the order of [`TEXTS`].
    texts: Vec<Text<'a>>,
    /// Where the texts of each role end.
    text_ends: [u16; TEXTS.len()],
    /// Which of the times from a start to an end is the record's, from 1; 0 if none is.
    span: u16,
    /// Whether an object that could have a start or an end has neither.
    pub undated: bool,
    /// The first value that isn't among the facts, because there are more than [`VALUES_MAX`].
    pub left_out: Option<Place>,
}

/// How many days the facts of a record hold at most, and how many texts. A record with more is
/// reported. Rules compare values with each other, so their number must have a bound.
pub const VALUES_MAX: usize = u16::MAX as usize;

/// The roles whose days are kept.
const DAYS: [Role; 4] = [Role::Date, Role::Start, Role::End, Role::Published];

/// The roles whose texts are kept: codes, keys of other records, names, and numbers that are compared.
const TEXTS: [Role; 10] = [
    Role::Status,
    Role::Type,
    Role::State,
    Role::Person,
    Role::Source,
    Role::Stance,
    Role::Publisher,
    Role::Unit,
    Role::Coder,
    Role::Weight,
];

impl<'t> Facts<'t> {
    /// The facts of a record; none if its table has none of the roles.
    #[must_use]
    pub fn of(at: &RecordAt<'t>) -> Option<Self> {
        if !DAYS.iter().chain(&TEXTS).any(|&role| at.roles.has(role)) {
            return None;
        }
        let count = |roles: &[Role]| roles.iter().map(|&role| at.count(role)).sum();
        let mut facts = Self {
            days: Vec::with_capacity(count(&DAYS)),
            texts: Vec::with_capacity(count(&TEXTS)),
            undated: undated(at),
            ..Self::default()
        };
        for (role, end) in DAYS.into_iter().zip(&mut facts.day_ends) {
            *end = end_of(&facts.days);
            // Most records have values of few roles.
            if at.count(role) == 0 {
                continue;
            }
            for found in at.find(role) {
                if facts.days.len() == VALUES_MAX {
                    facts.left_out.get_or_insert_with(|| found.place());
                    break;
                }
                facts.days.push(At {
                    value: meant_days(&found),
                    spot: Spot::of(found.value),
                    object: found.around.index(),
                    when: 0,
                });
            }
            *end = end_of(&facts.days);
        }
        let mut times = Times { at, nearest: at.nearest(), known: BTreeMap::new() };
        facts.span = times.of_record(&mut facts.days);
        for (role, end) in TEXTS.into_iter().zip(&mut facts.text_ends) {
            *end = end_of(&facts.texts);
            if at.count(role) == 0 {
                continue;
            }
            for found in at.find(role) {
                let value = match (found.value.as_str(), found.value.as_i64()) {
                    (Some(text), _) => Cow::Borrowed(text),
                    // A key may be an integer.
                    (None, Some(number)) => Cow::Owned(number.to_string()),
                    (None, None) => match found.value.as_f64() {
                        Some(number) => Cow::Owned(number.to_string()),
                        None => continue,
                    },
                };
                if facts.texts.len() == VALUES_MAX {
                    facts.left_out.get_or_insert_with(|| found.place());
                    break;
                }
                let (spot, object) = (Spot::of(found.value), found.around.index());
                let when = match role {
                    Role::Person | Role::Source => {
                        let when = times.of(&found, facts.day_ends[0], &mut facts.days);
                        when.unwrap_or_else(|NoRoom| {
                            facts.left_out.get_or_insert_with(|| found.place());
                            0
                        })
                    }
                    _ => 0,
                };
                facts.texts.push(At { value, spot, object, when });
            }
            *end = end_of(&facts.texts);
        }
        facts.day_ends[DAYS.len()] = end_of(&facts.days);
        Some(facts)
    }
}

impl<'a> Facts<'a> {
    /// The same, with texts of its own.
    #[must_use]
    pub fn into_owned(self) -> Facts<'static> {
        let own = |at: Text<'a>| {
            let At { value, spot, object, when } = at;
            At { value: Cow::Owned(value.into_owned()), spot, object, when }
        };
        let Self { days, day_ends, texts, text_ends, span, undated, left_out } = self;
        let texts = texts.into_iter().map(own).collect();
        Facts { days, day_ends, texts, text_ends, span, undated, left_out }
    }

    fn days_of(&self, role: usize) -> &[At<Days>] {
        let start = role.checked_sub(1).map_or(0, |before| self.day_ends[before]);
        &self.days[start.into()..self.day_ends[role].into()]
    }

    fn texts_of(&self, role: usize) -> &[Text<'a>] {
        let start = role.checked_sub(1).map_or(0, |before| self.text_ends[before]);
        &self.texts[start.into()..self.text_ends[role].into()]
    }

    /// The time that holds for a person or a source: the date nearest to it.
    #[must_use]
    pub fn when(&self, text: &Text<'_>) -> Option<&At<Days>> {
        self.days.get((text.when as usize).checked_sub(1)?)
    }

    /// [`Role::Date`].
    #[must_use]
    pub fn dates(&self) -> &[At<Days>] {
        self.days_of(0)
    }

    /// When that happened which the record is about: its first date, or the time from its start to its end.
    #[must_use]
    pub fn date(&self) -> Option<&At<Days>> {
        self.dates().first().or_else(|| self.days.get(usize::from(self.span).checked_sub(1)?))
    }

    /// The same, if it is one day and no other.
    #[must_use]
    pub fn day(&self) -> Option<NaiveDate> {
        let one = |at: &At<Days>| at.value.0.filter(|_| at.value.0 == at.value.1);
        if let Some(date) = self.dates().first() {
            return one(date);
        }
        // A year from its first day to its last is no day.
        let span = self.date()?;
        let of_record = |at: &&At<Days>| at.object == span.object;
        let start = self.starts().iter().find(of_record).and_then(one);
        let end = self.ends().iter().find(of_record).and_then(one);
        start.filter(|_| start == end)
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
    pub fn statuses(&self) -> &[Text<'a>] {
        self.texts_of(0)
    }

    /// [`Role::Type`].
    #[must_use]
    pub fn types(&self) -> &[Text<'a>] {
        self.texts_of(1)
    }

    /// [`Role::State`].
    #[must_use]
    pub fn states(&self) -> &[Text<'a>] {
        self.texts_of(2)
    }

    /// [`Role::Person`]: the key.
    #[must_use]
    pub fn persons(&self) -> &[Text<'a>] {
        self.texts_of(3)
    }

    /// [`Role::Source`]: the key.
    #[must_use]
    pub fn sources(&self) -> &[Text<'a>] {
        self.texts_of(4)
    }

    /// [`Role::Stance`].
    #[must_use]
    pub fn stances(&self) -> &[Text<'a>] {
        self.texts_of(5)
    }

    /// [`Role::Publisher`].
    #[must_use]
    pub fn publishers(&self) -> &[Text<'a>] {
        self.texts_of(6)
    }

    /// [`Role::Unit`]: the key.
    #[must_use]
    pub fn units(&self) -> &[Text<'a>] {
        self.texts_of(7)
    }

    /// [`Role::Coder`]: the key or the name.
    #[must_use]
    pub fn coders(&self) -> &[Text<'a>] {
        self.texts_of(8)
    }

    /// [`Role::Weight`]: the number in its shortest form.
    #[must_use]
    pub fn weights(&self) -> &[Text<'a>] {
        self.texts_of(9)
    }
}

fn end_of<T>(values: &[At<T>]) -> u16 {
    u16::try_from(values.len()).expect("there are at most VALUES_MAX")
}

/// There are as many days as facts may hold.
struct NoRoom;

/// The days that a date means; none where it stands for no date, which is said elsewhere.
pub(super) fn meant_days(found: &Found<'_, '_>) -> Days {
    if found.stands_for_none() {
        return (None, None);
    }
    found.days()
}

/// The times that hold for the texts of a record.
struct Times<'r, 't> {
    at: &'r RecordAt<'t>,
    nearest: Nearest<'t, 't>,
    /// Times from a start to an end that are among the days already, by the place and number of the value
    /// that begins them.
    known: BTreeMap<(usize, usize), u32>,
}

impl<'t> Times<'_, 't> {
    /// The number of the time that holds for a text; from 1, and 0 if there is none.
    fn of(
        &mut self,
        found: &Found<'t, 't>,
        dates: u16,
        days: &mut Vec<At<Days>>,
    ) -> Result<u32, NoRoom> {
        let Some(place) = self.nearest.place(found) else { return Ok(0) };
        let roles = self.at.roles;
        let date = roles.found(place.0, place.1, self.at.record, self.at.gathered);
        let role = self.nearest.role(&date);
        if role == Role::Date {
            let position = roles.position(Role::Date, place, self.at.gathered);
            return u16::try_from(position)
                .ok()
                .filter(|position| *position < dates)
                .map(|position| u32::from(position) + 1)
                .ok_or(NoRoom);
        }
        self.time(place, date, role, days)
    }

    /// The number of the time from a start to an end.
    fn time(
        &mut self,
        place: (usize, usize),
        date: Found<'t, 't>,
        role: Role,
        days: &mut Vec<At<Days>>,
    ) -> Result<u32, NoRoom> {
        let entry = match self.known.entry(place) {
            Entry::Occupied(known) => return Ok(*known.get()),
            Entry::Vacant(entry) => entry,
        };
        if days.len() == VALUES_MAX {
            return Err(NoRoom);
        }
        let (spot, object) = (Spot::of(date.value), date.around.index());
        let when = self.nearest.span(date, role);
        let value = if when.stands_for_none() { (None, None) } else { when.days() };
        days.push(At { value, spot, object, when: 0 });
        Ok(*entry.insert(end_of(days).into()))
    }
}

impl<'t> Times<'_, 't> {
    /// The number of the time from the record's own start to its end, if it has no date.
    fn of_record(&mut self, days: &mut Vec<At<Days>>) -> u16 {
        let RecordAt { roles, record, gathered, .. } = *self.at;
        if roles.has(Role::Date) {
            return 0;
        }
        let Some(place) = roles.own_span(gathered) else { return 0 };
        let date = roles.found(place, 0, record, gathered);
        let role = self.nearest.role(&date);
        let number = self.time((place, 0), date, role, days);
        number.ok().and_then(|number| u16::try_from(number).ok()).unwrap_or(0)
    }
}

/// Values by the object that they stand in.
pub fn by_object<T>(values: &[At<T>]) -> HashMap<u32, &At<T>> {
    values.iter().rev().map(|value| (value.object, value)).collect()
}

fn undated(at: &RecordAt<'_>) -> bool {
    if !at.roles.has(Role::Start) {
        return false;
    }
    let dates = at.find(Role::Start).chain(at.find(Role::End));
    let dated: HashSet<u32> = dates.map(|date| date.around.index()).collect();
    let objects = at.roles.objects(Role::Start, at.record);
    objects.iter().any(|object| !dated.contains(&object.index()))
}

impl<'a> RecordFacts<'a> {
    /// Appends them as bytes, in which most numbers take one: places count from the record's key.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        let Self { key, spot, facts } = self;
        let place = |at: Spot, object: u32, bytes: &mut Vec<u8>| {
            number(signed(i64::from(at.source) - i64::from(spot.source)), bytes);
            number(signed(at.start.wrapping_sub(spot.start).cast_signed()), bytes);
            number(at.length.into(), bytes);
            number(object.into(), bytes);
        };
        write_head(key, *spot, bytes);
        bytes.push(u8::from(facts.undated));
        number(facts.span.into(), bytes);
        facts.day_ends.iter().chain(&facts.text_ends).for_each(|&end| number(end.into(), bytes));
        for at in &facts.days[..facts.day_ends[DAYS.len()].into()] {
            let (first, last) = at.value;
            day(first, bytes);
            day(last, bytes);
            place(at.spot, at.object, bytes);
        }
        for at in &facts.texts[..facts.text_ends[TEXTS.len() - 1].into()] {
            text(&at.value, bytes);
            number(at.when.into(), bytes);
            place(at.spot, at.object, bytes);
        }
    }

    /// What [`RecordFacts::write`] wrote.
    #[must_use]
    pub fn read(bytes: &'a [u8]) -> Self {
        let mut rest = Reader(bytes);
        let key = rest.text();
        let spot = rest.spot();
        let mut facts = Facts { undated: rest.byte() != 0, ..Facts::default() };
        facts.span = u16::try_from(rest.number()).expect("it was written as such");
        for end in facts.day_ends.iter_mut().chain(&mut facts.text_ends) {
            *end = u16::try_from(rest.number()).expect("it was written as such");
        }
        let days = facts.day_ends[DAYS.len()];
        facts.days = (0..days)
            .map(|_| {
                let value = (rest.day(), rest.day());
                let (spot, object) = place_from(&mut rest, spot);
                At { value, spot, object, when: 0 }
            })
            .collect();
        let texts = facts.text_ends[TEXTS.len() - 1];
        facts.texts = (0..texts)
            .map(|_| {
                let value = Cow::Borrowed(rest.text());
                let when = rest.short();
                let (spot, object) = place_from(&mut rest, spot);
                At { value, spot, object, when }
            })
            .collect();
        Self { key: Cow::Borrowed(key), spot, facts }
    }

    /// The facts at an address.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn at(store: &'a BlobStore, address: u64) -> Result<Self, Fault> {
        Ok(Self::of_blob(store.get(address)?))
    }

    /// The facts in what [`RecordFacts::write`] wrote.
    #[must_use]
    pub fn of_blob(blob: Cow<'a, [u8]>) -> Self {
        match blob {
            Cow::Borrowed(bytes) => Self::read(bytes),
            Cow::Owned(bytes) => RecordFacts::read(&bytes).into_owned(),
        }
    }

    /// The same, with texts of its own.
    #[must_use]
    pub fn into_owned(self) -> RecordFacts<'static> {
        let Self { key, spot, facts } = self;
        RecordFacts { key: Cow::Owned(key.into_owned()), spot, facts: facts.into_owned() }
    }
}

/// Where a value stands, counted from the record's key.
fn place_from(rest: &mut Reader<'_>, key: Spot) -> (Spot, u32) {
    let source = u32::try_from(i64::from(key.source) + rest.signed()).expect("a source");
    let start = key.start.wrapping_add(rest.signed().cast_unsigned());
    (Spot { source, start, length: rest.short() }, rest.short())
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use chrono::NaiveDate;
    use proptest::prelude::*;

    use super::{At, DAYS, Facts, RecordFacts, TEXTS};
    use crate::spill::Spot;

    fn spot() -> impl Strategy<Value = Spot> {
        (any::<u32>(), any::<u64>(), any::<u32>()).prop_map(|(source, start, length)| Spot {
            source,
            start,
            length,
        })
    }

    fn day() -> impl Strategy<Value = Option<NaiveDate>> {
        let days = prop_oneof![
            (-800_000i32..800_000).prop_map(NaiveDate::from_num_days_from_ce_opt),
            Just(Some(NaiveDate::MIN)),
            Just(Some(NaiveDate::MAX)),
            Just(None),
        ];
        days.boxed()
    }

    /// So many values, and where those of each role end.
    fn ends<const N: usize>(count: usize) -> impl Strategy<Value = [u16; N]> {
        prop::collection::vec(0..=count, N - 1).prop_map(move |mut ends| {
            ends.push(count);
            ends.sort_unstable();
            std::array::from_fn(|role| u16::try_from(ends[role]).expect("few"))
        })
    }

    proptest! {
        #[test]
        fn facts_are_read_as_they_were_written(
            (key, place, undated, span) in ("\\PC{0,12}", spot(), any::<bool>(), any::<u16>()),
            days in prop::collection::vec((day(), day(), spot(), any::<u32>()), 5),
            texts in prop::collection::vec(("\\PC{0,200}", spot(), any::<u32>(), any::<u32>()), 6),
            day_ends in ends::<{ DAYS.len() + 1 }>(5),
            text_ends in ends::<{ TEXTS.len() }>(6),
        ) {
            let days = days
                .into_iter()
                .map(|(first, last, spot, object)| At { value: (first, last), spot, object, when: 0 });
            let texts = texts
                .into_iter()
                .map(|(text, spot, object, when)| At { value: Cow::Owned(text), spot, object, when });
            let facts = Facts {
                days: days.collect(),
                day_ends,
                texts: texts.collect(),
                text_ends,
                span,
                undated,
                left_out: None,
            };
            let facts = RecordFacts { key: Cow::Owned(key), spot: place, facts };
            let mut bytes = Vec::new();
            facts.write(&mut bytes);
            let read = RecordFacts::read(&bytes);
            prop_assert_eq!(format!("{read:?}"), format!("{facts:?}"));
        }
    }
}
