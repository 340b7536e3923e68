//! `kind = "dyads"`: pairs of units that meet in a record.

use super::{Block, DeclaredCondition};
use crate::parse::spelling::Written;

/// Pairs of units that meet in a record.
#[derive(Clone, Debug)]
pub struct DeclaredDyads {
    /// The table whose records are meant.
    pub from: Written,
    /// A code or reference in a list of parties, or two values of the record.
    pub unit: Vec<Written>,
    /// When a record was: one value, or its start and its end.
    pub date: Vec<Written>,
    /// On which side a party was.
    pub side: Option<Written>,
    /// Who does it to whom.
    pub directed: Option<DeclaredDirection>,
    /// When a party took part: one value, or its start and its end.
    pub party_date: Vec<Written>,
    /// Which times two parties must share.
    pub overlap: Option<Overlap>,
    /// The values in which two records agree that tell the same from both sides.
    pub mirror: Option<Vec<Written>>,
    /// What records and parties must say to count.
    pub conditions: Vec<DeclaredCondition>,
    /// Values of the record that go along.
    pub keep: Vec<Written>,
    /// Crosswalks whose codes stand beside the units.
    pub codes: Vec<Written>,
}

/// Who does it to whom.
#[derive(Clone, Debug)]
pub struct DeclaredDirection {
    /// What a party does in the record.
    pub role: Written,
    /// The roles of those who do it.
    pub from: Vec<Written>,
    /// The roles of those to whom it is done.
    pub to: Vec<Written>,
}

/// Which times two parties must share to be a pair.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overlap {
    /// A day.
    #[default]
    Day,
    /// A calendar year.
    Year,
    /// None.
    None,
}

const OVERLAPS: [(&str, Overlap); 3] =
    [("day", Overlap::Day), ("year", Overlap::Year), ("none", Overlap::None)];

pub(super) fn read(block: &Block<'_>) -> DeclaredDyads {
    let directed = block.inner("directed").map(|directed| DeclaredDirection {
        role: directed.required("role"),
        from: directed.texts("from"),
        to: directed.texts("to"),
    });
    DeclaredDyads {
        from: block.required("from"),
        unit: block.texts("unit"),
        date: block.texts("date"),
        side: block.text("side"),
        directed,
        party_date: block.texts("party_date"),
        overlap: block.text("overlap").map(|_| block.choice("overlap", &OVERLAPS)),
        mirror: block.inner("mirror").map(|mirror| mirror.texts("with")),
        conditions: block.conditions(),
        keep: block.texts("keep"),
        codes: block.texts("codes"),
    }
}
