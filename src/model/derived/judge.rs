//! Whether a panel has a place for a unit of a record: the one answer, for the table and for findings.

use super::{Counted, Panel};
use crate::manifest::derived::{Several, Uncertain};
use crate::model::Model;
use crate::model::system::{Spell, System, shared};
use crate::period::Extent;

/// Why a panel has no cell for a unit of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The record doesn't say when it was, or ends before it begins.
    NoDate,
    /// It was at no time that the panel covers.
    OutsideCoverage,
    /// The crosswalk has no code for the unit at that time.
    NoMatch,
    /// The crosswalk has several.
    SeveralMatches,
    /// It was after the last day of which the system knows its members.
    AfterAsOf,
    /// The unit was no member of the system at that time.
    OutsideSpell,
    /// Both units of a pair were members at that time, and on no common day.
    NoCommonDay,
}

impl Reason {
    /// The codes of all in releases, each with what it means, in the order of the variants.
    pub const ALL: [(&str, &str); 7] = [
        ("no-date", "the record doesn't say when it was, or ends before it begins"),
        ("outside-coverage", "it was at no time that the panel covers"),
        ("no-match", "the crosswalk has no code for the unit at that time"),
        ("several-matches", "the crosswalk has several codes for the unit at that time"),
        ("after-as-of", "it was after the last day of which the system knows its members"),
        ("outside-spell", "the unit was no member of the system at that time"),
        ("no-common-day", "both units were members at that time, and on no common day"),
    ];

    /// Its code in releases.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].0
    }
}

/// Units that could appear.
pub trait Units {
    /// The unit of a code or key.
    fn position(&self, text: &str) -> Option<u32>;
    /// When a unit existed: in order, with days between.
    fn spells(&self, unit: u32) -> &[Spell];
    /// The last day of which anything is known; none where nothing is open.
    fn as_of(&self) -> Option<i32>;
}

impl Units for System {
    fn position(&self, text: &str) -> Option<u32> {
        self.codes.position(text)
    }

    fn spells(&self, unit: u32) -> &[Spell] {
        Self::spells(self, unit)
    }

    fn as_of(&self) -> Option<i32> {
        self.as_of
    }
}

impl Panel {
    /// Whether rows are for a unit, or for a pair.
    #[must_use]
    pub fn is_chosen(&self, unit: u32, other: Option<u32>) -> bool {
        let among = |units: &Option<Vec<u32>>, unit: u32| {
            units.as_ref().is_none_or(|units| units.binary_search(&unit).is_ok())
        };
        match (other, &self.of) {
            (None, Counted::Units(_)) => among(&self.units, unit),
            // It may be either of a pair.
            (None, Counted::Pairs(_)) => among(&self.units, unit) || among(&self.partners, unit),
            (Some(other), _) => {
                (among(&self.units, unit) && among(&self.partners, other))
                    || (among(&self.units, other) && among(&self.partners, unit))
            }
        }
    }

    /// A time as the panel counts it; none where a record doesn't say it.
    #[must_use]
    pub fn time(&self, time: Option<Extent>) -> Option<Extent> {
        // What ends before it begins was at no time; that is reported where it stands.
        let time = time.filter(|time| time.begin.0 <= time.end.1)?;
        if self.uncertain == Uncertain::Apart || time.begin.0 == i32::MIN {
            return Some(time);
        }
        let end = if time.end.0 == i32::MAX { time.end.1 } else { time.end.0.max(time.begin.0) };
        Some(Extent { begin: (time.begin.0, time.begin.0), end: (end, end) })
    }

    /// Whether a record of that time may lie in what the panel covers.
    #[must_use]
    pub fn may_cover(&self, time: &Extent) -> bool {
        time.can_touch(self.span.first, self.span.last)
    }

    /// The units that a code of a record is at a time.
    ///
    /// # Errors
    /// Why it is none.
    pub fn matched(
        &self,
        model: &Model,
        units: &impl Units,
        text: &str,
        when: Spell,
    ) -> Result<Vec<u32>, Reason> {
        let Some(crosswalk) = self.crosswalk else {
            return units.position(text).map(|it| vec![it]).ok_or(Reason::OutsideSpell);
        };
        let crosswalk = &model.crosswalks[crosswalk];
        let known = crosswalk.from.position(text).ok_or(Reason::NoMatch)?;
        let mut matched = crosswalk.during(known, when);
        match (matched.len(), crosswalk.several) {
            (0, _) => Err(Reason::NoMatch),
            (1, _) | (_, Several::Keep) => Ok(matched),
            (_, Several::First) => {
                matched.truncate(1);
                Ok(matched)
            }
            (_, Several::Error) => Err(Reason::SeveralMatches),
        }
    }

    /// Whether one of some units existed at a time.
    ///
    /// # Errors
    /// Why none did.
    pub fn exists(&self, units: &impl Units, some: &[u32], when: Spell) -> Result<(), Reason> {
        let lives = |unit: &u32| !shared(units.spells(*unit), &[when]).is_empty();
        if some.iter().any(lives) {
            return Ok(());
        }
        match units.as_of() {
            Some(day) if when.first > day => Err(Reason::AfterAsOf),
            _ => Err(Reason::OutsideSpell),
        }
    }

    /// The units of the panel that a unit of a record is, with the time as it counts.
    ///
    /// # Errors
    /// Why it is none; without a reason where rows aren't for it.
    pub fn unit(
        &self,
        model: &Model,
        units: &impl Units,
        text: &str,
        time: Option<Extent>,
    ) -> Result<(Vec<u32>, Extent), Option<Reason>> {
        let time = self.time(time).ok_or(Some(Reason::NoDate))?;
        let when = Spell::of(&time);
        let matched = self.matched(model, units, text, when).map_err(Some)?;
        let chosen: Vec<_> =
            matched.iter().copied().filter(|it| self.is_chosen(*it, None)).collect();
        if chosen.is_empty() {
            return Err(None);
        }
        if !self.may_cover(&time) {
            return Err(Some(Reason::OutsideCoverage));
        }
        self.exists(units, &chosen, when).map_err(Some)?;
        Ok((chosen, time))
    }
}
