//! What a walk over a record leaves.

use super::PlaceId;
use crate::edtf::Edtf;
use crate::tape::{Entry, Value};

/// A value at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// The place.
    pub place: PlaceId,
    /// The value's number on the tape.
    pub value: u32,
    /// The number of the object or list around it.
    pub around: u32,
}

/// The values of one record at the places of its table's plan, in the order of the record.
#[derive(Debug, Default)]
pub struct Trace {
    events: Vec<Event>,
    /// Keys that the model doesn't name, with their values, by their numbers on the tape.
    unnamed: Vec<(u32, u32)>,
    /// Uncertain dates that were read on the way, by the numbers of their values, which rise.
    dates: Vec<(u32, Edtf)>,
}

impl Trace {
    /// Forgets the record.
    pub fn clear(&mut self) {
        self.events.clear();
        self.unnamed.clear();
        self.dates.clear();
    }

    /// The values, each before those inside it.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The keys of `record` that the model doesn't name, with their values.
    pub fn unnamed<'t>(
        &self,
        record: Value<'t>,
    ) -> impl Iterator<Item = (Value<'t>, Value<'t>)> + use<'_, 't> {
        self.unnamed
            .iter()
            .map(move |(key, value)| (record.at_index(*key), record.at_index(*value)))
    }

    /// The uncertain dates that were read, by the numbers of their values, which rise.
    #[must_use]
    pub fn dates(&self) -> &[(u32, Edtf)] {
        &self.dates
    }

    /// Whether two traces are of the same values. Which dates were read on the way doesn't matter.
    pub(super) fn meets_the_same(&self, other: &Self) -> bool {
        self.events == other.events && self.unnamed == other.unnamed
    }

    #[inline]
    pub(super) fn note(&mut self, place: PlaceId, value: Value<'_>, around: Value<'_>) {
        self.events.push(Event { place, value: value.index(), around: around.index() });
    }

    pub(super) fn note_unnamed(&mut self, entry: Entry<'_>) {
        self.unnamed.push((entry.key.index(), entry.value.index()));
    }

    #[inline]
    pub(super) fn note_date(&mut self, value: Value<'_>, date: Edtf) {
        // A value that two parts of a schema look at is met twice.
        if self.dates.last().is_none_or(|(last, _)| *last < value.index()) {
            self.dates.push((value.index(), date));
        }
    }
}
