//! Running a compiled schema over a value.

use super::observe::{NOWHERE, Observer};
use super::step::WATCHED_MAX;
use super::{Condition, Constants, Glimpse, Id, List, Number, Object, Schema, Text, TextDemand};
use crate::edtf::Edtf;
use crate::schema::types::{self, TEXT};
use crate::tape::equality::{equals_json, first_repeated};
use crate::tape::{Tag, UNKNOWN, Value};

/// One record's way through the schemas.
pub(super) struct Run<'s, O> {
    pub schemas: &'s [Schema],
    /// Whether every answer so far was exact. Under `not`, `if` and `oneOf` a "no" that isn't
    /// exact could turn into a "yes".
    pub certain: bool,
    pub depth: u32,
    pub observer: &'s mut O,
}

/// Deeper than any record: a schema that refers to itself without end.
const DEPTH_MAX: u32 = 200;

impl<O: Observer> Run<'_, O> {
    #[inline]
    fn accepts(&mut self, id: Id, value: Value<'_>) -> bool {
        self.accepts_at(id, value, NOWHERE)
    }

    /// Likewise, and shows the observer what is inside of a container at a place.
    #[inline]
    pub fn accepts_at(&mut self, id: Id, value: Value<'_>, place: u32) -> bool {
        let schemas = self.schemas;
        let schema = &schemas[id as usize];
        match schema.verdict(value, self.observer) {
            Some(verdict) => verdict,
            None => self.fits(schema, value, place),
        }
    }

    #[inline(never)]
    fn fits(&mut self, schema: &Schema, value: Value<'_>, place: u32) -> bool {
        let tag = value.tag();
        if types::of(tag, value) & schema.types == 0 {
            return false;
        }
        if !schema.constants.iter().all(|constants| among(constants, value)) {
            return false;
        }
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            self.certain = false;
            return false;
        }
        let fits = match tag {
            Tag::Text => {
                let bytes = value.as_bytes().expect("text is text");
                schema.text.accepts(bytes, value, self.observer)
            }
            Tag::Integer | Tag::Unsigned | Tag::Float => self.number(&schema.number, value),
            Tag::Array => self.list(&schema.list, value, place),
            Tag::Object => {
                return match &schema.applied {
                    Some(applied) if applied.watched > 0 => {
                        let mut watched = [None; WATCHED_MAX];
                        self.objects(schema, value, &mut watched[..applied.watched], place)
                    }
                    _ => self.objects(schema, value, &mut [], place),
                };
            }
            Tag::Null | Tag::Boolean => true,
        };
        let fits = fits && self.applied(schema, value, &[]);
        self.depth -= 1;
        fits
    }

    /// The rest of [`Run::fits`], for an object.
    #[inline]
    fn objects<'t>(
        &mut self,
        schema: &Schema,
        value: Value<'t>,
        watched: &mut [Option<Value<'t>>],
        mut place: u32,
    ) -> bool {
        if place != NOWHERE && schema.objects.is_empty() {
            self.observer.members(place, value);
        }
        // The first that speaks of the members shows them to the observer.
        let mut once = || std::mem::replace(&mut place, NOWHERE);
        let fits = schema.objects.iter().all(|object| self.object(object, value, watched, once()))
            && self.applied(schema, value, watched);
        self.depth -= 1;
        fits
    }

    fn applied<'t>(
        &mut self,
        schema: &Schema,
        value: Value<'t>,
        watched: &[Option<Value<'t>>],
    ) -> bool {
        let Some(applied) = &schema.applied else { return true };
        applied.asked.iter().all(|part| part.accepts(value))
            && applied.all.iter().all(|&id| self.accepts(id, value))
            && applied.any.iter().all(|any| any.iter().any(|&id| self.accepts(id, value)))
            && applied
                .one
                .iter()
                .all(|one| one.iter().filter(|&&id| self.accepts(id, value)).take(2).count() == 1)
            && applied.not.iter().all(|&id| !self.accepts(id, value))
            && applied.conditions.iter().all(|it| self.condition(it, value, watched))
    }

    fn condition<'t>(
        &mut self,
        condition: &Condition,
        value: Value<'t>,
        watched: &[Option<Value<'t>>],
    ) -> bool {
        if let Some([condition, then, otherwise]) = &condition.glimpses
            && value.tag() == Tag::Object
        {
            let follows = if self.sees(condition, watched) { then } else { otherwise };
            return self.sees(follows, watched);
        }
        let Condition { condition, then, otherwise, .. } = *condition;
        let follows = if self.accepts(condition, value) { then } else { otherwise };
        follows.is_none_or(|id| self.accepts(id, value))
    }

    /// Whether the properties that were met are as a schema demands.
    fn sees<'t>(&mut self, glimpse: &Glimpse, watched: &[Option<Value<'t>>]) -> bool {
        glimpse.iter().all(|demand| match watched[usize::from(demand.place)] {
            Some(value) => demand.schema.is_none_or(|id| self.accepts(id, value)),
            None => !demand.required,
        })
    }

    fn number(&mut self, number: &Number, value: Value<'_>) -> bool {
        use std::cmp::Ordering::{Equal, Greater, Less};
        let mut within = |limits: &[(serde_json::Number, bool)], beyond| {
            limits.iter().all(|(limit, exclusive)| match compare(value, limit) {
                Some(ordering) => ordering != beyond && !(*exclusive && ordering == Equal),
                None => {
                    self.certain = false;
                    false
                }
            })
        };
        if !within(&number.min, Less) || !within(&number.max, Greater) {
            return false;
        }
        number.multiple_of.iter().all(|divisor| {
            match (value.tag(), value.as_i64(), divisor.as_i64()) {
                (Tag::Integer, Some(value), Some(divisor)) if divisor > 0 => value % divisor == 0,
                _ => {
                    self.certain = false;
                    false
                }
            }
        })
    }

    fn list(&mut self, list: &List, value: Value<'_>, mut place: u32) -> bool {
        let count = value.len() as u64;
        if count < list.count_min || list.count_max.is_some_and(|max| count > max) {
            return false;
        }
        for (prefix, rest) in &list.items {
            let at = std::mem::replace(&mut place, NOWHERE);
            for (index, item) in value.items().enumerate() {
                let inside = match at {
                    NOWHERE => NOWHERE,
                    at => self.observer.item(at, item, value),
                };
                if !self.member(prefix.get(index).copied().or(*rest), item, inside) {
                    return false;
                }
            }
        }
        if place != NOWHERE {
            self.observer.members(place, value);
        }
        for contains in &list.contains {
            let found = value.items().filter(|item| self.accepts(contains.schema, *item)).count();
            if (found as u64) < contains.min || contains.max.is_some_and(|max| found as u64 > max) {
                return false;
            }
        }
        !list.unique || first_repeated(value).is_none()
    }

    /// A member of a container that stands at a place: what no schema speaks of, the observer walks by itself.
    #[inline]
    fn member(&mut self, schema: Option<Id>, value: Value<'_>, place: u32) -> bool {
        match schema {
            Some(id) => self.accepts_at(id, value, place),
            None => {
                if place != NOWHERE {
                    self.observer.members(place, value);
                }
                true
            }
        }
    }

    /// Notes the properties that conditions look at in `watched`.
    fn object<'t>(
        &mut self,
        object: &Object,
        value: Value<'t>,
        watched: &mut [Option<Value<'t>>],
        place: u32,
    ) -> bool {
        let count = value.len() as u64;
        if count < object.count_min || object.count_max.is_some_and(|max| count > max) {
            return false;
        }
        let mut few = [0u64; 1];
        let mut many = Vec::new();
        let filled: &mut [u64] = if object.required.len() <= few.len() {
            &mut few
        } else {
            many.resize(object.required.len(), 0);
            &mut many
        };
        // Most objects have names for all that may stand in them.
        let plain = object.patterns.is_empty() && object.names.is_empty();
        for entry in value.entries() {
            let inside = match place {
                NOWHERE => NOWHERE,
                place => self.observer.entry(place, entry, value),
            };
            let number = entry.number();
            let slot = object.slot_of.get(number as usize).copied().unwrap_or(0);
            let mut declared = false;
            if let Some(position) = usize::from(slot).checked_sub(1) {
                filled[position / 64] |= 1 << (position % 64);
                let slot = &object.slots[position];
                declared = slot.declared;
                if !self.member(slot.schema, entry.value, inside) {
                    return false;
                }
                if slot.watched > 0
                    && let Some(place) = watched.get_mut(usize::from(slot.watched) - 1)
                {
                    // Of two under one name the authority knows which one counts.
                    self.certain &= place.is_none();
                    *place = Some(entry.value);
                }
                if plain && declared {
                    continue;
                }
            } else if number == UNKNOWN && value.names().is_empty() {
                // A tape that numbers nothing: this is not what the schema was compiled for.
                self.certain = false;
                return false;
            } else if inside != NOWHERE {
                self.observer.members(inside, entry.value);
            }
            for (pattern, id) in &object.patterns {
                if pattern.matches(entry.name()) {
                    declared = true;
                    if !self.accepts(*id, entry.value) {
                        return false;
                    }
                }
            }
            if let Some(additional) = object.additional
                && !declared
                && !self.accepts(additional, entry.value)
            {
                return false;
            }
            if !object.names.iter().all(|&id| self.name(id, entry.name())) {
                return false;
            }
        }
        let is_filled =
            |slot: u16| filled[usize::from(slot) / 64] & 1 << (usize::from(slot) % 64) != 0;
        object.required.iter().zip(&*filled).all(|(required, filled)| required & !filled == 0)
            && object
                .dependent_required
                .iter()
                .all(|(slot, needs)| !is_filled(*slot) || needs.iter().all(|&need| is_filled(need)))
            && object
                .dependent_schemas
                .iter()
                .all(|&(slot, id)| !is_filled(slot) || self.accepts(id, value))
    }

    /// A property's name as a text.
    fn name(&mut self, id: Id, name: &str) -> bool {
        let schema = &self.schemas[id as usize];
        let texts = schema.constants.iter().all(|constants| match constants {
            Constants::Texts(texts) => texts.number(name) != UNKNOWN,
            Constants::Values(values) => values.iter().any(|value| value.as_str() == Some(name)),
        });
        if schema.applied.is_some() {
            self.certain = false;
        }
        schema.types & TEXT != 0
            && texts
            && schema.text.has_length(name.as_bytes())
            && schema.text.meets(name.as_bytes(), || name, |_| {})
    }
}

fn among(constants: &Constants, value: Value<'_>) -> bool {
    match constants {
        Constants::Texts(texts) => {
            value.as_bytes().is_some_and(|text| texts.number_of(text) != UNKNOWN)
        }
        Constants::Values(values) => values.iter().any(|constant| equals_json(value, constant)),
    }
}

/// A number against a limit; none where doubles can't tell.
fn compare(value: Value<'_>, limit: &serde_json::Number) -> Option<std::cmp::Ordering> {
    /// Doubles hold all integers up to here.
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    if let (Tag::Integer, Some(value), Some(limit)) = (value.tag(), value.as_i64(), limit.as_i64())
    {
        return Some(value.cmp(&limit));
    }
    let (number, other) = (value.as_f64()?, limit.as_f64()?);
    let exact = (value.tag() == Tag::Float || number.abs() < EXACT_MAX)
        && (limit.is_f64() || other.abs() < EXACT_MAX);
    exact.then(|| number.partial_cmp(&other))?
}

impl Text {
    #[inline]
    pub(super) fn accepts(
        &self,
        bytes: &[u8],
        value: Value<'_>,
        observer: &mut impl Observer,
    ) -> bool {
        let text = || value.as_str().expect("text is text");
        self.has_length(bytes) && self.meets(bytes, text, |date| observer.date(value, date))
    }

    /// Whether a text is as demanded, of which most only needs the bytes. `date` is told what uncertain date
    /// it is.
    #[inline]
    fn meets<'t>(
        &self,
        bytes: &[u8],
        text: impl Fn() -> &'t str,
        mut date: impl FnMut(Edtf),
    ) -> bool {
        self.checks.iter().all(|check| match check {
            TextDemand::Pattern(pattern) => pattern.matches_bytes(bytes, &text),
            TextDemand::Date => is_date(bytes),
            TextDemand::Edtf => Edtf::parse(text()).map(&mut date).is_ok(),
            TextDemand::Format(format) => format.accepts(bytes, &text),
            TextDemand::Ask(check) => check.accepts_text(text()),
        })
    }

    /// Lengths are in characters; most bounds are decided without counting them.
    #[inline]
    fn has_length(&self, text: &[u8]) -> bool {
        let bytes = text.len() as u64;
        let max = self.length_max.unwrap_or(u64::MAX);
        if bytes.div_ceil(4) >= self.length_min && bytes <= max {
            return true;
        }
        // Every character has one byte that isn't a continuation.
        let characters = || text.iter().filter(|byte| **byte & 0xc0 != 0x80).count() as u64;
        bytes >= self.length_min && (self.length_min..=max).contains(&characters())
    }
}

/// `full-date` of RFC 3339.
fn is_date(text: &[u8]) -> bool {
    let &[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = text else { return false };
    let digits = [y0, y1, y2, y3, m0, m1, d0, d1].map(|byte| u32::from(byte.wrapping_sub(b'0')));
    let [y0, y1, y2, y3, m0, m1, d0, d1] = digits;
    let year = y0 * 1000 + y1 * 100 + y2 * 10 + y3;
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match m0 * 10 + m1 {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => return false,
    };
    digits.iter().all(|digit| *digit < 10) && (1..=days).contains(&(d0 * 10 + d1))
}
