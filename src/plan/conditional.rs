//! Which annotations that stand under conditions hold in a record.

use std::collections::HashMap;

use super::{Event, Place, Plan, Trace};
use crate::model::Conditional;
use crate::tape::Value;

impl<'m> Plan<'m> {
    /// Tells the annotations that hold in a record, each with the value that it is about and the object or
    /// list around that, in the order of the record.
    pub fn for_each_holding<'t>(
        &self,
        record: Value<'t>,
        trace: &Trace,
        mut tell: impl FnMut(usize, &'m Conditional, Value<'t>, Value<'t>),
    ) {
        if self.table.conditional.is_empty() {
            return;
        }
        let mut judged = Judged { record, events: trace.events(), verdicts: HashMap::new() };
        for event in trace.events() {
            let Place::Value { scalar, .. } = self.place(event.place) else { continue };
            let value = record.at_index(event.value);
            for &number in &scalar.conditional {
                let annotation = &self.table.conditional[number];
                if annotation.guards.iter().all(|guard| judged.holds(guard, event)) {
                    tell(number, annotation, value, record.at_index(event.around));
                }
            }
        }
    }
}

/// What is known of the conditions of one record.
struct Judged<'t, 'e> {
    record: Value<'t>,
    events: &'e [Event],
    /// By the number of the condition and that of the value that was tested.
    verdicts: HashMap<(usize, u32), bool>,
}

impl Judged<'_, '_> {
    fn holds(&mut self, guard: &crate::model::Guard, event: &Event) -> bool {
        let Some(tested) = self.ancestor(event, guard.up) else { return false };
        if let Some(known) = self.verdicts.get(&(guard.number, tested)) {
            return *known;
        }
        let holds = guard.test.passes(self.record.at_index(tested));
        self.verdicts.insert((guard.number, tested), holds);
        holds
    }

    /// The number of the value so many objects and lists around that of an event.
    fn ancestor(&self, event: &Event, up: usize) -> Option<u32> {
        let (mut value, mut around) = (event.value, Some(event.around));
        for _ in 0..up {
            value = around?;
            // Events stand in the order of the record, so that numbers rise. The record itself is around all.
            let found = self.events.binary_search_by_key(&value, |event| event.value).ok();
            around = found.map(|index| self.events[index].around);
        }
        Some(value)
    }
}
