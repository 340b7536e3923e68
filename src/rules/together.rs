//! Which values of a record belong together: the start and the end of one thing, what a spell is of, the
//! two sides of a pair, and what determines what.
//!
//! This is worked out from the schema, once. Values belong together only inside of the record itself, or of
//! one item of a list: their scope.

use std::collections::HashMap;

use super::RecordAt;
use super::roles::{Found, RolePlace, Step};
use crate::model::{Role, RoleSet};
use crate::tape::Value;

/// The values of a table that belong together.
#[derive(Debug, Default)]
pub(super) struct Together {
    /// A start and an end in different groups.
    pub(super) across: Vec<SpanPlaces>,
    /// Spells of something.
    pub(super) spells: Vec<SpellPlaces>,
    /// What follows from other values.
    pub(super) determined: Vec<DeterminedPlaces>,
    /// Pairs.
    pub(super) pairs: Vec<PairPlaces>,
    /// Roles that mean nothing where they stand: steps to what has them, the role, and why.
    pub(super) misused: Vec<(Vec<Step>, Role, String)>,
}

/// A start and an end.
#[derive(Clone, Debug)]
pub(super) struct SpanPlaces {
    pub(super) start: Slot,
    pub(super) end: Slot,
    /// To the object that both are about.
    object: Vec<Step>,
}

/// A spell.
#[derive(Debug)]
pub(super) struct SpellPlaces {
    pub(super) span: SpanPlaces,
    /// What it is of: all these values together.
    pub(super) of: Vec<Slot>,
    /// Whether it is of what has the list, besides.
    pub(super) of_list: bool,
}

/// A value that follows from others.
#[derive(Debug)]
pub(super) struct DeterminedPlaces {
    pub(super) value: Slot,
    /// What it follows from: all these values together.
    pub(super) by: Vec<Slot>,
}

/// Two sides of a pair.
#[derive(Debug)]
pub(super) struct PairPlaces {
    pub(super) one: Slot,
    pub(super) other: Slot,
    /// Whether the schema calls them sides.
    pub(super) is_declared: bool,
}

/// A value that a schema names; its roles may hold at several places, under conditions.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    places: Vec<usize>,
    /// From the record.
    pub(super) steps: Vec<Step>,
    /// The name of the date that begins with it.
    composed: Option<String>,
    roles: RoleSet,
    /// In how many lists it stands.
    depth: usize,
}

impl Slot {
    /// To the object around it.
    fn parents(&self) -> &[Step] {
        &self.steps[..self.steps.len() - 1]
    }

    /// To the record or the item that it belongs to.
    pub(super) fn scope(&self) -> &[Step] {
        scope_of(&self.steps)
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        match (&self.composed, self.steps.last()) {
            (Some(name), _) | (None, Some(Step::Property(name, _))) => name,
            (None, Some(Step::EachItem) | None) => unreachable!("it is a property"),
        }
    }

    /// The value in a record; `path` is the record, and the item of each list that leads there.
    pub(super) fn found<'a>(&self, at: &RecordAt<'a>, path: &[Value<'a>]) -> Option<Found<'a, 'a>> {
        let inside = path[self.depth];
        self.places.iter().find_map(|&place| {
            let values = at.gathered.at(place);
            let number = match self.depth {
                0 => 0,
                _ => values.partition_point(|(index, _)| *index < inside.index()),
            };
            let (index, _) = values.get(number)?;
            let is_there = inside.holds(at.record.at_index(*index));
            is_there.then(|| at.roles.found(place, number, at.record, at.gathered))
        })
    }
}

impl SpanPlaces {
    /// To the record or the item that it belongs to.
    pub(super) fn scope(&self) -> &[Step] {
        self.start.scope()
    }
}

/// Calls `visit` for each object at the end of some steps, with the record and the items of lists that
/// lead there.
pub(super) fn each_scope<'t>(
    steps: &[Step],
    record: Value<'t>,
    visit: &mut dyn FnMut(&[Value<'t>]),
) {
    if steps.is_empty() {
        return visit(&[record]);
    }
    follow(steps, record, &mut vec![record], visit);
}

fn follow<'t>(
    steps: &[Step],
    value: Value<'t>,
    path: &mut Vec<Value<'t>>,
    visit: &mut dyn FnMut(&[Value<'t>]),
) {
    match steps.split_first() {
        None => visit(path),
        Some((Step::Property(name, number), rest)) => {
            if let Some(child) = value.numbered(*number, name) {
                follow(rest, child, path, visit);
            }
        }
        Some((Step::EachItem, rest)) => {
            for item in value.items() {
                path.push(item);
                follow(rest, item, path, visit);
                path.pop();
            }
        }
    }
}

/// The steps up to the last item of a list.
fn scope_of(steps: &[Step]) -> &[Step] {
    let lists = steps.iter().rposition(|step| *step == Step::EachItem);
    &steps[..lists.map_or(0, |last| last + 1)]
}

impl Together {
    /// What belongs together at the places of a table.
    pub(super) fn of(places: &[RolePlace], spell_lists: &[Vec<Step>]) -> Self {
        let mut together = Self::default();
        let slots = slots(places);
        let spans = together.spans(&slots);
        together.spells(&slots, spans, spell_lists);
        together.determined(&slots);
        together.pairs(&slots);
        together
    }

    fn misuse(&mut self, slot: &Slot, role: Role, why: impl Into<String>) {
        self.misused.push((slot.steps.clone(), role, why.into()));
    }

    /// A start and an end side by side, or the only ones of a record or an item.
    fn spans(&mut self, slots: &[Slot]) -> Vec<SpanPlaces> {
        let (starts, ends) = (with(slots, Role::Start), with(slots, Role::End));
        let mut spans = Vec::new();
        for start in &starts {
            let inside =
                |slots: &[&Slot]| slots.iter().filter(|it| it.scope() == start.scope()).count();
            let beside = |slot: &&&Slot| slot.parents() == start.parents();
            let is_alone = starts.iter().filter(beside).count() == 1;
            let ends_beside: Vec<_> = ends.iter().filter(beside).collect();
            if let [end] = ends_beside[..] {
                if is_alone {
                    spans.push(SpanPlaces::new(start, end));
                }
            } else if ends_beside.is_empty()
                && inside(&starts) == 1
                && inside(&ends) == 1
                && let Some(end) = ends.iter().find(|end| end.scope() == start.scope())
            {
                let span = SpanPlaces::new(start, end);
                if !span.is_of_two_things(slots) {
                    self.across.push(span.clone());
                    spans.push(span);
                }
            }
        }
        spans
    }

    fn spells(&mut self, slots: &[Slot], spans: Vec<SpanPlaces>, lists: &[Vec<Step>]) {
        const WHY: &str = "no one start and one end of a spell belong to it";
        let named = with(slots, Role::SpellOf);
        let objects: Vec<_> = spans.iter().map(|span| span.object.clone()).collect();
        let mut used = vec![false; named.len()];
        for span in spans {
            let mut of = Vec::new();
            for (slot, used) in named.iter().zip(&mut used) {
                if span.is_of(slot, &objects) {
                    *used = true;
                    of.push((*slot).clone());
                }
            }
            let of_list = lists.iter().any(|list| list == span.scope());
            if of_list || !of.is_empty() {
                self.spells.push(SpellPlaces { span, of, of_list });
            }
        }
        for (slot, _) in named.into_iter().zip(used).filter(|(_, used)| !used) {
            self.misuse(slot, Role::SpellOf, WHY);
        }
        for list in lists {
            if !self.spells.iter().any(|spell| spell.span.scope() == list) {
                self.misused.push((list.clone(), Role::SpellOf, WHY.to_owned()));
            }
        }
    }

    fn determined(&mut self, slots: &[Slot]) {
        let named = with(slots, Role::Determines);
        let mut used = vec![false; named.len()];
        for value in with(slots, Role::Determined) {
            // Those of the nearest object around it that has any.
            let holds = |slot: &&Slot| {
                slot.scope() == value.scope() && value.parents().starts_with(slot.parents())
            };
            let nearest =
                named.iter().copied().filter(holds).map(|slot| slot.parents().len()).max();
            let mut by = Vec::new();
            for (slot, used) in named.iter().zip(&mut used) {
                if holds(slot) && Some(slot.parents().len()) == nearest {
                    *used = true;
                    by.push((*slot).clone());
                }
            }
            if by.is_empty() {
                self.misuse(value, Role::Determined, "nothing beside it `determines` it");
            } else {
                self.determined.push(DeterminedPlaces { value: value.clone(), by });
            }
        }
        for (slot, _) in named.into_iter().zip(used).filter(|(_, used)| !used) {
            self.misuse(slot, Role::Determines, "nothing beside it is `determined` by it");
        }
    }

    fn pairs(&mut self, slots: &[Slot]) {
        for role in [Role::Side, Role::State, Role::Person] {
            let named = with(slots, role);
            for one in &named {
                let beside = |slot: &&&Slot| slot.parents() == one.parents();
                let sides: Vec<_> = named.iter().filter(beside).collect();
                let is_declared = role == Role::Side;
                let [first, other] = sides[..] else {
                    if is_declared {
                        let why = match sides.len() - 1 {
                            0 => "no value beside it is the other side".to_owned(),
                            others => format!("{others} values beside it have it, too"),
                        };
                        self.misuse(one, role, why);
                    }
                    continue;
                };
                let is_known = self.pairs.iter().any(|pair| pair.one.steps == first.steps);
                if first.steps == one.steps && !is_known {
                    let (one, other) = ((*first).clone(), (*other).clone());
                    self.pairs.push(PairPlaces { one, other, is_declared });
                }
            }
        }
    }
}

impl SpanPlaces {
    fn new(start: &Slot, end: &Slot) -> Self {
        let shared = start.parents().iter().zip(end.parents()).take_while(|(a, b)| a == b).count();
        let object = start.parents()[..shared].to_vec();
        Self { start: start.clone(), end: end.clone(), object }
    }

    /// Whether the groups of the start and the end say each for itself whom they are about.
    fn is_of_two_things(&self, slots: &[Slot]) -> bool {
        const SUBJECTS: [Role; 5] =
            [Role::State, Role::Person, Role::Side, Role::SpellOf, Role::Unit];
        let subjects = |parents: &[Step]| {
            let is_group = parents.len() > self.object.len();
            let inside = slots.iter().filter(|slot| slot.steps.starts_with(parents));
            is_group.then(|| {
                let roles: Vec<_> = inside.map(|slot| slot.roles).collect();
                SUBJECTS.map(|role| roles.iter().any(|roles| roles.has(role)))
            })
        };
        match (subjects(self.start.parents()), subjects(self.end.parents())) {
            (Some(start), Some(end)) => start.iter().zip(end).any(|(start, end)| *start && end),
            (Some(one), None) | (None, Some(one)) => one.contains(&true),
            (None, None) => false,
        }
    }

    /// Whether a value says what the time is a spell of; `objects` are those that have such times.
    fn is_of(&self, slot: &Slot, objects: &[Vec<Step>]) -> bool {
        // What is nearer to a value takes it.
        let is_nearer = |object: &Vec<Step>| {
            object.len() > self.object.len() && slot.parents().starts_with(object)
        };
        slot.scope() == self.scope()
            && (self.object.starts_with(slot.parents())
                || (slot.parents().starts_with(&self.object) && !objects.iter().any(is_nearer)))
    }
}

/// The properties with roles, in the order of the schema.
fn slots(places: &[RolePlace]) -> Vec<Slot> {
    let mut slots: Vec<Slot> = Vec::new();
    let mut known: HashMap<(&[Step], Option<&str>), usize> = HashMap::new();
    for (number, place) in places.iter().enumerate() {
        if !matches!(place.steps.last(), Some(Step::Property(..))) {
            continue;
        }
        let composed = place.composed.as_ref().map(|composed| composed.name.as_str());
        let index = *known.entry((&place.steps, composed)).or_insert(slots.len());
        if let Some(slot) = slots.get_mut(index) {
            slot.places.push(number);
            slot.roles = slot.roles.iter().chain(place.roles.iter()).collect();
            continue;
        }
        let depth = place.steps.iter().filter(|step| **step == Step::EachItem).count();
        let (steps, roles, composed) =
            (place.steps.clone(), place.roles, composed.map(str::to_owned));
        slots.push(Slot { places: vec![number], steps, composed, roles, depth });
    }
    slots
}

fn with(slots: &[Slot], role: Role) -> Vec<&Slot> {
    slots.iter().filter(|slot| slot.roles.has(role)).collect()
}
