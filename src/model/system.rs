//! Systems of units, as states are members of a state system from one day to another, and crosswalks between
//! their codes.

use std::sync::Arc;

use super::kind::Kind;
use super::{Codes, canonical_integer};
use crate::diagnostic::Place;
use crate::manifest::derived::Several;
use crate::period::Extent;

/// The units that could appear, and when.
#[derive(Debug)]
pub struct System {
    /// Its name in the manifest.
    pub name: String,
    /// Where it is declared.
    pub place: Place,
    /// The codes of its units.
    pub codes: Arc<Codes>,
    /// How columns hold its units: as whole numbers if all codes are some, else as codes.
    pub kind: Kind,
    /// The last day of which it knows its members; none where no spell is open.
    pub as_of: Option<i32>,
    /// By the position of a code: when the unit was a member, in order, with days between.
    spells: Vec<Vec<Spell>>,
}

/// From a first to a last day, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spell {
    /// The first day; [`i32::MIN`] where it always was.
    pub first: i32,
    /// The last day; [`i32::MAX`] where it always will be.
    pub last: i32,
}

impl Spell {
    /// The days on which something can have been.
    #[must_use]
    pub fn of(time: &Extent) -> Self {
        Self { first: time.begin.0, last: time.end.1 }
    }

    /// The days of both.
    #[must_use]
    pub fn shared(self, other: Self) -> Option<Self> {
        let shared = Self { first: self.first.max(other.first), last: self.last.min(other.last) };
        (shared.first <= shared.last).then_some(shared)
    }

    /// Of how many days it consists, of those within another.
    #[must_use]
    pub fn days_within(self, other: Self) -> i32 {
        self.shared(other).map_or(0, |it| it.last.saturating_sub(it.first).saturating_add(1))
    }
}

/// The days that two lists of spells share; each is in order, with days between.
#[must_use]
pub fn shared(one: &[Spell], other: &[Spell]) -> Vec<Spell> {
    let (mut one, mut other) = (one.iter().peekable(), other.iter().peekable());
    let mut shared = Vec::new();
    while let (Some(a), Some(b)) = (one.peek(), other.peek()) {
        shared.extend(a.shared(**b));
        if a.last < b.last {
            one.next()
        } else {
            other.next()
        };
    }
    shared
}

impl System {
    /// A system of these codes, each with its spells in any order.
    #[must_use]
    pub fn new(
        name: String,
        place: Place,
        codes: Arc<Codes>,
        spells: Vec<Vec<Spell>>,
        as_of: Option<i32>,
    ) -> Self {
        let spells = spells.into_iter().map(joined).collect();
        Self { kind: kind_of(&codes), name, place, codes, as_of, spells }
    }

    /// When a unit was a member: in order, with days between.
    #[must_use]
    pub fn spells(&self, unit: u32) -> &[Spell] {
        &self.spells[unit as usize]
    }

    /// The units, as positions of their codes, in the order in which rows stand: whole numbers by their value,
    /// other codes by their bytes.
    #[must_use]
    pub fn units(&self) -> Vec<u32> {
        let mut units: Vec<_> = (0..self.codes.values.len() as u32).collect();
        let code = |unit: &u32| self.codes.values[*unit as usize].as_str();
        if self.kind.is_integer() {
            units.sort_by_key(|unit| canonical_integer(code(unit)));
        } else {
            units.sort_by(|a, b| code(a).cmp(code(b)));
        }
        units
    }

    /// The first and the last day on which there is a member; open where one always was.
    #[must_use]
    pub fn span(&self) -> Option<Spell> {
        let spells = || self.spells.iter().flatten();
        let first = spells().map(|spell| spell.first).min()?;
        Some(Spell { first, last: spells().map(|spell| spell.last).max()? })
    }
}

/// How columns hold codes that nothing else says it of: as whole numbers if all are some.
fn kind_of(codes: &Arc<Codes>) -> Kind {
    let numbers = codes.numbers();
    match (numbers.first(), numbers.last()) {
        (Some(first), Some(last)) if numbers.len() == codes.values.len() => {
            let fits = |bits: &u8| {
                let end = 1_i64.checked_shl(u32::from(*bits) - 1).unwrap_or(i64::MIN);
                *bits == 64 || (-end <= *first && *last < end)
            };
            let bits = [8, 16, 32, 64].into_iter().find(fits).expect("64 bits hold all");
            Kind::IntegerCode { bits, codes: Arc::clone(codes) }
        }
        _ => Kind::Code(Arc::clone(codes)),
    }
}

/// Spells in order; those that meet or follow each other are one.
fn joined(mut spells: Vec<Spell>) -> Vec<Spell> {
    spells.sort_unstable();
    let mut joined: Vec<Spell> = Vec::new();
    for spell in spells {
        match joined.last_mut() {
            Some(last) if last.last.saturating_add(1) >= spell.first => {
                last.last = last.last.max(spell.last);
            }
            _ => joined.push(spell),
        }
    }
    joined
}

/// How the codes of one list match those of another.
#[derive(Debug)]
pub struct Crosswalk {
    /// Its name in the manifest.
    pub name: String,
    /// Where it is declared.
    pub place: Place,
    /// The code list that says it.
    pub codelist: String,
    /// The codes that are known.
    pub from: Arc<Codes>,
    /// The codes that are wanted.
    pub to: Arc<Codes>,
    /// How columns hold the codes that are wanted.
    pub kind: Kind,
    /// What the names of these columns end with.
    pub suffix: String,
    /// What becomes of a code that matches several.
    pub several: Several,
    /// The last day of which it knows the matches; none if open rows hold on.
    pub as_of: Option<i32>,
    /// By the position of a code of `from`, in the order of the list.
    matches: Vec<Vec<(u32, Spell)>>,
}

impl Crosswalk {
    /// One with these matches: for each code of `from` the positions of codes of `to`, with when they match.
    #[must_use]
    pub fn new(
        (name, place): (String, Place),
        (codelist, suffix): (String, String),
        (from, to): (Arc<Codes>, Arc<Codes>),
        several: Several,
        as_of: Option<i32>,
        matches: Vec<Vec<(u32, Spell)>>,
    ) -> Self {
        Self {
            kind: kind_of(&to),
            name,
            place,
            codelist,
            suffix,
            from,
            to,
            several,
            as_of,
            matches,
        }
    }

    /// The codes that a code matched on some day of a spell, each once, in the order of the list.
    #[must_use]
    pub fn during(&self, code: u32, spell: Spell) -> Vec<u32> {
        let mut found = Vec::new();
        for (to, valid) in &self.matches[code as usize] {
            if valid.shared(spell).is_some() && !found.contains(to) {
                found.push(*to);
            }
        }
        found
    }

    /// The codes that a code matched on the days of a spell, cut as `several` says: none where there are several
    /// and these are an error.
    #[must_use]
    pub fn of(&self, code: u32, spell: Spell) -> Vec<u32> {
        let mut found = self.during(code, spell);
        match self.several {
            Several::Keep => {}
            Several::First => found.truncate(1),
            Several::Error if found.len() > 1 => found.clear(),
            Several::Error => {}
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Crosswalk, Spell, System};
    use crate::diagnostic::Place;
    use crate::manifest::derived::Several;
    use crate::model::Codes;
    use crate::workspace::SourceId;

    fn codes(values: &[&str]) -> Arc<Codes> {
        Arc::new(Codes::new(None, values.iter().map(|it| (*it).to_owned())))
    }

    fn spell(first: i32, last: i32) -> Spell {
        Spell { first, last }
    }

    #[test]
    fn spells_that_meet_are_one() {
        let place = Place::new(SourceId(0), 0..0);
        let spells = vec![
            vec![spell(10, 20), spell(0, 10), spell(21, 30), spell(40, 50)],
            vec![spell(5, 5)],
        ];
        let system = System::new("s".to_owned(), place, codes(&["200", "2"]), spells, None);
        assert_eq!(system.spells(0), [spell(0, 30), spell(40, 50)]);
        assert_eq!(system.units(), [1, 0]);
        assert_eq!(system.kind.bits(), Some(16));
        assert_eq!(system.span(), Some(spell(0, 50)));
    }

    #[test]
    fn a_code_that_changes_matches_several_codes_over_time() {
        let matches = vec![vec![(0, spell(0, 9)), (1, spell(10, i32::MAX))], vec![]];
        let place = Place::new(SourceId(0), 0..0);
        let of = |several| {
            let pair = (codes(&["DEU", "XXX"]), codes(&["260", "255"]));
            let name = ("c".to_owned(), place.clone());
            Crosswalk::new(
                name,
                ("c".to_owned(), "cow".to_owned()),
                pair,
                several,
                None,
                matches.clone(),
            )
        };
        let strict = of(Several::Error);
        assert_eq!(strict.of(0, spell(3, 3)), [0]);
        assert_eq!(strict.of(0, spell(10, 90)), [1]);
        assert_eq!(strict.of(0, spell(9, 10)), [0; 0]);
        assert_eq!(strict.of(1, spell(9, 10)), [0; 0]);
        assert_eq!(of(Several::Keep).of(0, spell(9, 10)), [0, 1]);
        assert_eq!(of(Several::First).of(0, spell(9, 10)), [0]);
    }
}
