//! The walk: by the acceptor where it knows the way, else by the model alone.

use super::{NOWHERE, Place, PlaceId, Plan, RECORD, Trace};
use crate::edtf::Edtf;
use crate::schema::Observer;
use crate::tape::{Entry, Tag, Value};

/// Leaves a trace while the acceptor walks a record.
pub struct Tracer<'a, 'm> {
    /// What stands where.
    pub plan: &'a Plan<'m>,
    /// What is left.
    pub trace: &'a mut Trace,
}

impl Observer for Tracer<'_, '_> {
    #[inline]
    fn entry(&mut self, place: PlaceId, entry: Entry<'_>, around: Value<'_>) -> PlaceId {
        let (Place::Group(members) | Place::Row(members)) = self.plan.place(place) else {
            return NOWHERE;
        };
        let place = members.place(entry);
        if place == NOWHERE {
            self.trace.note_unnamed(entry);
            return NOWHERE;
        }
        self.trace.note(place, entry.value, around);
        self.inside(place, entry.value)
    }

    #[inline]
    fn item(&mut self, place: PlaceId, item: Value<'_>, list: Value<'_>) -> PlaceId {
        let Place::List { item: place, .. } = *self.plan.place(place) else { return NOWHERE };
        self.trace.note(place, item, list);
        self.inside(place, item)
    }

    fn members(&mut self, place: PlaceId, container: Value<'_>) {
        for entry in container.entries() {
            let place = self.entry(place, entry, container);
            if place != NOWHERE {
                self.members(place, entry.value);
            }
        }
        for item in container.items() {
            let place = self.item(place, item, container);
            if place != NOWHERE {
                self.members(place, item);
            }
        }
    }

    #[inline]
    fn date(&mut self, value: Value<'_>, date: Edtf) {
        self.trace.note_date(value, date);
    }
}

impl Tracer<'_, '_> {
    /// The same place if the value holds others that have places of their own.
    #[inline]
    fn inside(&self, place: PlaceId, value: Value<'_>) -> PlaceId {
        let holds = match self.plan.place(place) {
            Place::Value { .. } | Place::Languages { .. } => false,
            Place::Group(_) | Place::Row(_) => value.tag() == Tag::Object,
            Place::List { .. } => value.tag() == Tag::Array,
        };
        if holds { place } else { NOWHERE }
    }
}

impl Plan<'_> {
    /// Walks a record without a schema: what isn't valid has a trace, too.
    pub fn walk(&self, record: Value<'_>, trace: &mut Trace) {
        trace.clear();
        // Records aren't nested deeper than parsers allow.
        Tracer { plan: self, trace }.members(RECORD, record);
    }

    /// Whether a trace is what the model's own walk leaves of a record.
    #[must_use]
    pub fn is_trace_of(&self, record: Value<'_>, trace: &Trace) -> bool {
        let mut own = Trace::default();
        self.walk(record, &mut own);
        own.meets_the_same(trace)
    }
}
