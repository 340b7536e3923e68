//! `kind = "membership"`: the units of a system by period.

use super::Block;
use crate::parse::spelling::Written;
use crate::period::Period;

/// The units of a system by period.
#[derive(Clone, Debug)]
pub struct DeclaredMembership {
    /// The system.
    pub system: Written,
    /// How long a period is.
    pub period: Period,
    /// Whether rows are of pairs.
    pub pairs: Pairs,
    /// When both units of a pair exist in a period.
    pub existence: Existence,
    /// The time that the table covers, EDTF.
    pub span: Option<Written>,
}

/// What a row is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pairs {
    /// One unit.
    #[default]
    None,
    /// Two, the lower code first.
    Undirected,
    /// Two, in either order.
    Directed,
}

/// When two units exist in a period together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existence {
    /// On a common day of it.
    #[default]
    Day,
    /// On any day of it, each.
    Period,
}

const PAIRS: [(&str, Pairs); 2] =
    [("undirected", Pairs::Undirected), ("directed", Pairs::Directed)];

pub(super) const EXISTENCES: [(&str, Existence); 2] =
    [("day", Existence::Day), ("period", Existence::Period)];

pub(super) fn read(block: &Block<'_>) -> DeclaredMembership {
    DeclaredMembership {
        system: block.required("system"),
        period: block.choice("period", &Period::NAMES),
        pairs: block.choice("pairs", &PAIRS),
        existence: block.choice("existence", &EXISTENCES),
        span: block.text("span"),
    }
}
