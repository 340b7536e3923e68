//! Tables that are worked out from others: how, as the manifest declares it and the model knows it.

use std::sync::Arc;

use super::Derivation;
use crate::manifest::derived::{Existence, Overlap, Pairs};
use crate::model::system::Spell;
use crate::period::Period;

/// How a table is worked out.
#[derive(Clone, Debug)]
pub enum Derived {
    /// As a schema of the manifest asks for with its roles.
    ByRoles {
        /// From which table, as an index into [`super::Model::tables`].
        from: usize,
        /// How.
        by: &'static Derivation,
    },
    /// The units of a system by period.
    Membership(Arc<Membership>),
    /// Pairs of units that meet in a record.
    Dyads(Arc<Dyads>),
}

/// The units of a system, or pairs of them, by period.
#[derive(Debug)]
pub struct Membership {
    /// Index into [`super::Model::systems`].
    pub system: usize,
    /// How long a period is.
    pub period: Period,
    /// What a row is of.
    pub pairs: Pairs,
    /// When both units of a pair exist in a period.
    pub existence: Existence,
    /// The time that the table covers.
    pub span: Spell,
}

/// Where a value of a table's records is released: in a row of the table, or in one of a list of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValuePath {
    /// Index into [`super::Level::lists`] of the table; none for a value of the record itself.
    pub list: Option<usize>,
    /// Index into [`super::Level::columns`] of that level.
    pub column: usize,
}

/// When a record, or a party of it, was: one value, or its start and its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimePath {
    /// One date.
    One(ValuePath),
    /// From a date to a date.
    Between(ValuePath, ValuePath),
}

/// Whose records a table is worked out from, and what takes part in each.
#[derive(Debug)]
pub struct Parties {
    /// Index into [`super::Model::tables`].
    pub table: usize,
    /// Which values are units.
    pub units: Units,
    /// When a record was.
    pub time: TimePath,
    /// What records and parties must say to count.
    pub conditions: Vec<Condition>,
}

/// Which values of a record are units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Units {
    /// One of the record, or one of each item of a list.
    Each(ValuePath),
    /// Two of the record, as indices of its columns: who does it, and to whom.
    Two([usize; 2]),
}

impl Units {
    /// The list that the units stand in; none for units of the record itself.
    #[must_use]
    pub fn list(self) -> Option<usize> {
        match self {
            Self::Each(path) => path.list,
            Self::Two(_) => None,
        }
    }

    /// The column of a unit.
    #[must_use]
    pub fn column(self) -> usize {
        match self {
            Self::Each(path) => path.column,
            Self::Two([first, _]) => first,
        }
    }
}

/// What a record or a party must say to count.
#[derive(Debug)]
pub struct Condition {
    /// Where it is said.
    pub path: ValuePath,
    /// One of these, as a cell of a release spells it.
    pub values: Vec<String>,
}

/// Pairs of units that meet in a record.
#[derive(Debug)]
pub struct Dyads {
    /// The records and what takes part in them.
    pub parties: Parties,
    /// The column that says on which side a party is.
    pub side: Option<usize>,
    /// When a party took part, and what two must share of that.
    pub own_time: Option<(TimePath, Overlap)>,
    /// Who does it to whom, for a table of directed pairs.
    pub direction: Option<Direction>,
    /// The columns in which two records agree that tell the same from both sides.
    pub mirror: Option<Vec<usize>>,
    /// Columns of the record that go along, each with what is worked out from it right behind.
    pub keep: Vec<usize>,
    /// Indices into [`super::Model::crosswalks`]: codes that stand beside the units.
    pub codes: Vec<usize>,
}

/// Who does it to whom.
#[derive(Clone, Debug)]
pub enum Direction {
    /// The first of two units to the second.
    Given,
    /// Parties with some roles to parties with others.
    Roles {
        /// The column of the role, in the list of the parties.
        role: usize,
        /// The roles of those who do it.
        from: Vec<String>,
        /// The roles of those to whom it is done.
        to: Vec<String>,
    },
}
