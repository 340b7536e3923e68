//! The spells of one thing: the times in which an office was held, or a state was a member.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::{Hash as _, Hasher as _};

use chrono::NaiveDate;
use xxhash_rust::xxh3::Xxh3Default;

use super::facts::meant_days;
use super::groups::{GroupAt, Keep, texts};
use super::together::each_scope;
use super::{Days, Found, RecordAt};
use crate::diagnostic::quote;
use crate::fault::Fault;
use crate::spill::Spot;
use crate::spill::packed::{Reader, day, number, spot, text};

/// The spells of one thing, in the order of places.
#[derive(Debug)]
pub(super) struct SpellsOf {
    /// What they are of, as a message calls it.
    pub(super) of: String,
    pub(super) spells: Vec<Spell>,
}

/// A time from a start to an end. Days that aren't known, or mean none, are missing. A thing may have
/// very many, so that what else is said of one is read for findings only.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spell {
    start: Days,
    end: Days,
    /// Which member of its group it is.
    number: u32,
}

/// What a finding says of a spell.
pub(super) struct Told {
    /// When it is, as part of a sentence.
    pub(super) words: String,
    /// Where its start is written, or else what there is of it.
    pub(super) at_start: Spot,
    /// Where its end is written, or else what there is of it.
    pub(super) at_end: Spot,
}

impl Spell {
    /// The first day on which it can have begun; none if that isn't known.
    pub(super) fn first_start(&self) -> Option<NaiveDate> {
        self.start.0
    }

    /// The last day on which it can have ended; none if that isn't known.
    pub(super) fn last_end(&self) -> Option<NaiveDate> {
        self.end.1
    }

    /// The day by which it has begun for certain: it begins no later than it ends.
    pub(super) fn last_start(&self) -> Option<NaiveDate> {
        self.start.1.into_iter().chain(self.last_end()).min()
    }

    /// The day before which it hasn't ended for certain.
    pub(super) fn first_end(&self) -> Option<NaiveDate> {
        self.first_start().max(self.end.0)
    }

    /// Whether it ends before it begins, which is said elsewhere.
    pub(super) fn is_contradictory(&self) -> bool {
        matches!((self.first_start(), self.last_end()), (Some(start), Some(end)) if end < start)
    }

    /// Which member of its group it is.
    pub(super) fn number(&self) -> usize {
        self.number as usize
    }

    /// A spell of which only the days are known.
    #[cfg(test)]
    pub(super) fn sample(start: Option<Days>, end: Option<Days>, number: u32) -> Self {
        Self { start: start.unwrap_or_default(), end: end.unwrap_or_default(), number }
    }

    /// What a finding says of it.
    pub(super) fn told(&self, at: &GroupAt<'_, '_>) -> Result<Told, Fault> {
        let (spot, bytes) = at.member(self.number())?;
        let mut rest = Reader(&bytes);
        read_of(&mut rest);
        let (start, end) = (read_date(&mut rest), read_date(&mut rest));
        let words = match (&start, &end) {
            (Some(start), Some(end)) => {
                format!("from {} to {}", quote(start.written), quote(end.written))
            }
            (Some(start), None) => format!("from {} on", quote(start.written)),
            (None, Some(end)) => format!("until {}", quote(end.written)),
            (None, None) => "without dates".to_owned(),
        };
        let place = |date: Option<&Date<'_>>| date.map_or(spot, |date| date.spot);
        let at_start = place(start.as_ref().or(end.as_ref()));
        Ok(Told { words, at_start, at_end: place(end.as_ref().or(start.as_ref())) })
    }
}

/// Keeps the spells of a record.
pub(super) fn note(at: &RecordAt<'_>, key: &str, keep: &mut Keep<'_>) {
    for (index, places) in at.roles.together.spells.iter().enumerate() {
        let span = &places.span;
        each_scope(span.scope(), at.record, &mut |path| {
            let Some(mut of) = texts(&places.of, at, path) else { return };
            let mut list = 0;
            if places.of_list {
                of.insert(0, Cow::Borrowed(key));
                // A list in a list stands in several items of the record.
                let around = path[path.len().saturating_sub(2)];
                list = u64::from(around.index() - at.record.index());
            }
            let [start, end] = [&span.start, &span.end].map(|slot| slot.found(at, path));
            let around = path.last().expect("a path leads somewhere");
            let place = start.as_ref().or(end.as_ref()).map_or(*around, |found| found.value);
            let mut hasher = Xxh3Default::new();
            (index, list, &of).hash(&mut hasher);
            keep.push(hasher.finish(), Spot::of(place), |bytes| {
                number(index as u64, bytes);
                number(list, bytes);
                number(of.len() as u64, bytes);
                of.iter().for_each(|of| text(of, bytes));
                write_date(start.as_ref(), bytes);
                write_date(end.as_ref(), bytes);
            });
        });
    }
}

fn write_date(date: Option<&Found<'_, '_>>, bytes: &mut Vec<u8>) {
    let Some(date) = date else { return bytes.push(0) };
    bytes.push(1);
    let (first, last) = meant_days(date);
    day(first, bytes);
    day(last, bytes);
    spot(Spot::of(date.value), bytes);
    text(&date.text(), bytes);
}

struct Date<'a> {
    days: Days,
    spot: Spot,
    written: &'a str,
}

fn read_date<'a>(rest: &mut Reader<'a>) -> Option<Date<'a>> {
    if rest.byte() == 0 {
        return None;
    }
    let days = (rest.day(), rest.day());
    Some(Date { days, spot: rest.spot(), written: rest.text() })
}

/// Reads what a spell is of.
fn read_of<'a>(rest: &mut Reader<'a>) -> Vec<&'a str> {
    let (_place, _list) = (rest.number(), rest.number());
    let count = rest.number();
    (0..count).map(|_| rest.text()).collect()
}

/// The spells of a group; by chance they may be of several things.
pub(super) fn of_group(at: &GroupAt<'_, '_>) -> Result<Vec<SpellsOf>, Fault> {
    let mut things: BTreeMap<Box<[u8]>, Vec<Spell>> = BTreeMap::new();
    for number in 0..at.len() {
        let (_, bytes) = at.member(number)?;
        let mut rest = Reader(&bytes);
        read_of(&mut rest);
        let thing = &bytes[..bytes.len() - rest.0.len()];
        let mut days = || read_date(&mut rest).map(|date| date.days).unwrap_or_default();
        let (start, end) = (days(), days());
        let number = u32::try_from(number).expect("a part has fewer entries");
        let spell = Spell { start, end, number };
        match things.get_mut(thing) {
            Some(spells) => spells.push(spell),
            None => {
                things.insert(thing.into(), vec![spell]);
            }
        }
    }
    let of = |(thing, spells): (Box<[u8]>, Vec<Spell>)| {
        let texts = read_of(&mut Reader(&thing));
        let of = texts.iter().map(|text| quote(text)).collect::<Vec<_>>().join(", ");
        SpellsOf { of, spells }
    };
    Ok(things.into_iter().map(of).collect())
}
