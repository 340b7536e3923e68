//! Short ways through a compiled schema.
//!
//! Most values are texts of some length, codes and numbers within limits. Of such a schema a [`Step`] tells
//! at once whether most values are valid; where it doesn't, all that the schema says is looked at. And where a condition only looks at some properties of an object, a [`Glimpse`] of those
//! tells what it would say, without walking the object again.

use super::compile::Compiler;
use super::observe::Observer;
use super::{Constants, Id, Number, Object, Schema};
use crate::schema::types::{FRACTION, INTEGER, OBJECT, TEXT};
use crate::tape::{Tag, UNKNOWN, Value};

/// What tells of most values whether they are valid.
#[derive(Debug)]
pub(super) enum Step {
    /// All that the schema says.
    Whole,
    /// A text of so many bytes, from the first number to the last.
    Text { least: u32, most: u32 },
    /// A text that has all that is demanded of texts.
    Checked,
    /// One of the schema's only constants, which are texts.
    Code,
    /// A number from the first to the last; an integer only, if fractions aren't allowed.
    Number { least: f64, most: f64, fractions: bool },
}

/// Conditions look at no more properties of one object.
pub(super) const WATCHED_MAX: usize = 8;

/// What a schema demands of an object, by single properties.
pub(super) type Glimpse = Vec<Demand>;

/// What is demanded of a property.
#[derive(Debug)]
pub(super) struct Demand {
    /// Its place among those that conditions look at.
    pub place: u8,
    pub schema: Option<Id>,
    pub required: bool,
}

/// Doubles hold all integers up to here.
const EXACT_MAX: u64 = 1 << 53;

impl Schema {
    /// Whether a value is valid, if the one step tells.
    #[inline]
    pub fn verdict(&self, value: Value<'_>, observer: &mut impl Observer) -> Option<bool> {
        match self.step {
            Step::Whole => None,
            Step::Text { least, most } => {
                let length = value.text_length()?;
                (least..=most).contains(&length).then_some(true)
            }
            Step::Checked => Some(self.text.accepts(value.as_bytes()?, value, observer)),
            Step::Code => match self.constants.first() {
                Some(Constants::Texts(texts)) => {
                    Some(texts.number_of(value.as_bytes()?) != UNKNOWN)
                }
                _ => None,
            },
            Step::Number { least, most, fractions } => {
                let number = match value.tag() {
                    Tag::Float if fractions => value.as_f64()?,
                    Tag::Integer => {
                        value.as_i64().filter(|it| it.unsigned_abs() < EXACT_MAX)? as f64
                    }
                    _ => return None,
                };
                (least..=most).contains(&number).then_some(true)
            }
        }
    }

    /// The step that tells most.
    fn step(&self) -> Step {
        if self.applied.is_some() {
            return Step::Whole;
        }
        match self.constants.as_slice() {
            [] => {}
            [Constants::Texts(_)] if self.types & TEXT != 0 && self.text.demands_nothing() => {
                return Step::Code;
            }
            _ => return Step::Whole,
        }
        if self.types & TEXT != 0 {
            if !self.text.checks.is_empty() {
                return Step::Checked;
            }
            // A character takes one to four bytes.
            let least = match self.text.length_min.checked_sub(1) {
                Some(before) => before.saturating_mul(4).saturating_add(1),
                None => 0,
            };
            let most = self.text.length_max.unwrap_or(u64::MAX).min(u32::MAX.into());
            return match (u32::try_from(least), u32::try_from(most)) {
                (Ok(least), Ok(most)) => Step::Text { least, most },
                _ => Step::Whole,
            };
        }
        if self.types & INTEGER != 0 {
            let fractions = self.types & FRACTION != 0;
            if let Some((least, most)) = self.number.limits() {
                return Step::Number { least, most, fractions };
            }
        }
        Step::Whole
    }

    /// The one object of which it says something, if there is nothing else that it demands of objects
    /// than single properties; none of it if nothing is demanded.
    fn single_properties(&self) -> Option<Option<&Object>> {
        if self.applied.is_some() || !self.constants.is_empty() || self.types & OBJECT == 0 {
            return None;
        }
        match self.objects.as_slice() {
            [] => Some(None),
            [object] if object.only_has_slots() => Some(Some(object)),
            _ => None,
        }
    }
}

impl Object {
    fn only_has_slots(&self) -> bool {
        self.patterns.is_empty()
            && self.additional.is_none()
            && self.names.is_empty()
            && self.count_min == 0
            && self.count_max.is_none()
            && self.dependent_required.is_empty()
            && self.dependent_schemas.is_empty()
            && self.slots.len() <= WATCHED_MAX
    }
}

impl Number {
    /// The numbers within all limits, from the least to the largest; none where doubles can't tell.
    fn limits(&self) -> Option<(f64, f64)> {
        let exact = |limit: &serde_json::Number| {
            let number = limit.as_f64()?;
            (limit.is_f64() || number.abs() < EXACT_MAX as f64).then_some(number)
        };
        let (mut least, mut most) = (f64::NEG_INFINITY, f64::INFINITY);
        for (limit, exclusive) in &self.min {
            let limit = exact(limit)?;
            least = least.max(if *exclusive { limit.next_up() } else { limit });
        }
        for (limit, exclusive) in &self.max {
            let limit = exact(limit)?;
            most = most.min(if *exclusive { limit.next_down() } else { limit });
        }
        self.multiple_of.is_empty().then_some((least, most))
    }
}

impl super::Text {
    fn demands_nothing(&self) -> bool {
        self.length_min == 0 && self.length_max.is_none() && self.checks.is_empty()
    }
}

impl Compiler<'_> {
    /// Finds the short ways, when all schemas are compiled.
    pub(super) fn prepare(&mut self) {
        for id in 0..self.schemas.len() {
            if let Some(schema) = &mut self.schemas[id] {
                schema.step = schema.step();
            }
            self.watch(id);
        }
    }

    /// Lets the conditions of a schema be told by the properties that they look at.
    fn watch(&mut self, id: usize) -> Option<()> {
        let conditions = &self.schemas[id].as_ref()?.applied.as_ref()?.conditions;
        let branches: Vec<[Option<Id>; 3]> =
            conditions.iter().map(|it| [Some(it.condition), it.then, it.otherwise]).collect();
        if branches.is_empty() {
            return None;
        }
        let mut watched: Vec<u32> = Vec::new();
        let mut glimpses = Vec::new();
        for branches in branches {
            let of_branch = |id: Option<Id>| self.glimpse(id, &mut watched);
            let [condition, then, otherwise] = branches.map(of_branch);
            glimpses.push(condition.zip(then).zip(otherwise));
        }
        // A property must be told apart where the object is walked.
        let mut schema = self.schemas[id].take()?;
        if schema.objects.is_empty() {
            schema.objects.push(Object::default());
        }
        let mut object = std::mem::take(&mut schema.objects[0]);
        let names = self.names;
        let slots: Option<Vec<_>> =
            watched.iter().map(|&name| self.slot(&mut object, names.name(name as usize))).collect();
        for (place, slot) in slots.iter().flatten().enumerate() {
            object.slots[usize::from(*slot)].watched = place as u8 + 1;
        }
        schema.objects[0] = object;
        if let Some(applied) = &mut schema.applied
            && slots.is_some()
        {
            applied.watched = watched.len();
            for (condition, glimpses) in applied.conditions.iter_mut().zip(glimpses) {
                condition.glimpses =
                    glimpses.map(|((condition, then), otherwise)| [condition, then, otherwise]);
            }
        }
        self.schemas[id] = Some(schema);
        Some(())
    }

    /// What a branch demands of single properties, which are added to `watched`. None if it demands more.
    fn glimpse(&self, branch: Option<Id>, watched: &mut Vec<u32>) -> Option<Glimpse> {
        let Some(id) = branch else { return Some(Glimpse::new()) };
        let Some(object) = self.schemas[id as usize].as_ref()?.single_properties()? else {
            return Some(Glimpse::new());
        };
        let mut glimpse = Glimpse::new();
        for (number, slot) in object.slot_of.iter().enumerate() {
            let Some(position) = usize::from(*slot).checked_sub(1) else { continue };
            let number = number as u32;
            let place = watched.iter().position(|it| *it == number).unwrap_or_else(|| {
                watched.push(number);
                watched.len() - 1
            });
            if place >= WATCHED_MAX {
                watched.truncate(WATCHED_MAX);
                return None;
            }
            glimpse.push(Demand {
                place: place as u8,
                schema: object.slots[position].schema,
                required: object.required[position / 64] & 1 << (position % 64) != 0,
            });
        }
        Some(glimpse)
    }
}
