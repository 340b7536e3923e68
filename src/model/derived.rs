//! Tables that are worked out from others: how, as the manifest declares it and the model knows it.

mod links;
mod view;

mod judge;

use std::sync::Arc;

pub use judge::{Reason, Units as KnownUnits};

use super::{Derivation, Table};
use crate::manifest::derived::{Existence, Overlap, Pairs, SearchedPairs, Straddle, Uncertain};
use crate::model::system::Spell;
use crate::period::Period;

pub use links::{Kept, Link, Links};
pub use view::{Labels, Step, View, ViewColumn, Way};

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
    /// One wide row a record.
    View(Arc<View>),
    /// Records that refer to records of the same table.
    Links(Arc<Links>),
    /// Records counted by unit and period.
    Panel(Arc<Panel>),
    /// The units of a panel by period.
    PanelUniverse(Arc<Panel>),
    /// The records that a panel can't count.
    PanelOutside(Arc<Panel>),
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

impl Parties {
    /// Whether the unit of a record of this table is a part of its key.
    #[must_use]
    pub fn unit_is_of_key(&self, table: &Table) -> bool {
        match self.units {
            Units::Each(ValuePath { list: None, column }) => table.key.columns.contains(&column),
            Units::Each(_) | Units::Two(_) => false,
        }
    }
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

/// Records counted by unit and period.
#[derive(Debug)]
pub struct Panel {
    /// Whose records, and whether rows are of units or of pairs.
    pub of: Counted,
    /// How long a period is.
    pub period: Period,
    /// The units that could appear.
    pub universe: Universe,
    /// How the codes of the records match those of the universe, as an index into
    /// [`super::Model::crosswalks`]; none if they are the same.
    pub crosswalk: Option<usize>,
    /// The units that rows are for, as positions of codes, rising; none for all.
    pub units: Option<Vec<u32>>,
    /// Of pairs the other units, likewise.
    pub partners: Option<Vec<u32>>,
    /// The time that the table covers.
    pub span: Spell,
    /// What was searched, where that is less than the whole.
    pub searched: Option<Searched>,
    /// Whether what wasn't found counts as 0 where it was searched for.
    pub zeros: bool,
    /// When both units of a pair exist in a period.
    pub existence: Existence,
    /// The column of the record whose codes split the measures.
    pub by: Option<usize>,
    /// In which periods a record counts that lasts longer than one.
    pub straddle: Straddle,
    /// What becomes of a record whose period isn't certain.
    pub uncertain: Uncertain,
    /// What is worked out of the records of a cell.
    pub measures: Vec<Measure>,
    /// Indices into [`super::Model::crosswalks`]: codes that stand beside the units.
    pub codes: Vec<usize>,
}

/// What a panel counts.
#[derive(Debug)]
pub enum Counted {
    /// Records by unit.
    Units(Parties),
    /// Records by pair of units.
    Pairs(Arc<Dyads>),
}

impl Counted {
    /// The records and what takes part in them.
    #[must_use]
    pub fn parties(&self) -> &Parties {
        match self {
            Self::Units(parties) => parties,
            Self::Pairs(dyads) => &dyads.parties,
        }
    }

    /// Whether a pair and its reverse are two.
    #[must_use]
    pub fn is_directed(&self) -> bool {
        matches!(self, Self::Pairs(dyads) if dyads.direction.is_some())
    }
}

/// Which units could appear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Universe {
    /// The members of a system, as an index into [`super::Model::systems`].
    System(usize),
    /// The records of a table, which always exist, as an index into [`super::Model::tables`].
    Table(usize),
}

/// What was searched for records, by a table.
#[derive(Debug)]
pub struct Searched {
    /// Index into [`super::Model::tables`].
    pub table: usize,
    /// The column of the unit; none if what was searched was searched for all.
    pub unit: Option<usize>,
    /// The column of the code that splits the measures; likewise.
    pub by: Option<usize>,
    /// When was searched.
    pub time: TimePath,
    /// For whom of a pair must be searched.
    pub pairs: SearchedPairs,
}

/// What is worked out of the records of a cell.
#[derive(Debug)]
pub struct Measure {
    /// The column's name.
    pub name: String,
    /// What it is.
    pub function: Function,
}

/// A function of the records of a cell. Columns are those of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// How many there are, or how many days they last.
    Count,
    /// How many begin.
    Onset,
    /// How many go on that began earlier.
    Ongoing,
    /// The sum of a column.
    Sum(usize),
    /// The greatest value of a column.
    Max(usize),
    /// The value of the first column in the record in which that of the second is smallest.
    First(usize, usize),
}

impl Function {
    /// Whether it counts records, so that there is a number of those that may belong to the cell.
    #[must_use]
    pub fn counts(self) -> bool {
        matches!(self, Self::Count | Self::Onset | Self::Ongoing)
    }
}
