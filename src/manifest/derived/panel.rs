//! `kind = "panel"`: records counted by unit and period.

use super::membership::EXISTENCES;
use super::{Block, DeclaredCondition, Existence};
use crate::parse::spelling::Written;
use crate::period::Period;
use crate::tape::Value;

/// Records counted by unit and period.
#[derive(Clone, Debug)]
pub struct DeclaredPanel {
    /// A table of the manifest, or dyads.
    pub of: Written,
    /// A code or reference of a table of the manifest, in the record or in a list of it.
    pub unit: Option<Written>,
    /// When a record of a table of the manifest was: one value, or its start and its end.
    pub date: Vec<Written>,
    /// What records and parties must say to count.
    pub conditions: Vec<DeclaredCondition>,
    /// How long a period is.
    pub period: Period,
    /// The units that could appear.
    pub system: Option<Written>,
    /// How the codes of the records match those of the system.
    pub crosswalk: Option<Written>,
    /// The units that rows are for; none for all.
    pub units: Option<Vec<Written>>,
    /// Of pairs the other units; none for all.
    pub partners: Option<Vec<Written>>,
    /// What was searched.
    pub coverage: DeclaredCoverage,
    /// Whether what wasn't found counts as 0 where the panel covers it.
    pub zeros: bool,
    /// When both units of a pair exist in a period.
    pub existence: Existence,
    /// A code that splits the measures.
    pub by: Option<Written>,
    /// In which periods a record counts that lasts longer than one.
    pub straddle: Straddle,
    /// What becomes of a record whose period isn't certain.
    pub uncertain: Uncertain,
    /// What is worked out of the records of a cell.
    pub measures: Vec<DeclaredMeasure>,
    /// Crosswalks whose codes stand beside the units.
    pub codes: Vec<Written>,
}

/// What was searched for records.
#[derive(Clone, Debug, Default)]
pub struct DeclaredCoverage {
    /// The whole of it, EDTF; none for the time that the dataset covers.
    pub span: Option<Written>,
    /// The table that says it more finely.
    pub table: Option<Written>,
    /// Its value that is a unit; none if what was searched was searched for all.
    pub unit: Option<Written>,
    /// Its value that is a code of `by`; none if what was searched was searched for all.
    pub by: Option<Written>,
    /// When was searched: one value, or its start and its end.
    pub date: Vec<Written>,
    /// For whom of a pair must be searched.
    pub pairs: SearchedPairs,
}

/// For whom of a pair must be searched, so that what wasn't found didn't happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SearchedPairs {
    /// For both.
    #[default]
    Both,
    /// For one of them.
    Either,
}

/// In which periods a record counts that lasts longer than one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Straddle {
    /// In each that it touches.
    #[default]
    Each,
    /// In that in which it begins.
    Start,
    /// By its days in each.
    Days,
}

/// What becomes of a record whose period isn't certain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Uncertain {
    /// It is counted apart, in each period in which it may lie.
    #[default]
    Apart,
    /// It counts as if it had been as early as it can have been.
    Earliest,
}

/// What is worked out of the records of a cell.
#[derive(Clone, Debug)]
pub struct DeclaredMeasure {
    /// The column's name.
    pub name: Written,
    /// What it is: `count`, `max(hostility)`.
    pub says: Written,
}

const STRADDLES: [(&str, Straddle); 3] =
    [("each", Straddle::Each), ("start", Straddle::Start), ("days", Straddle::Days)];

const UNCERTAIN: [(&str, Uncertain); 2] =
    [("apart", Uncertain::Apart), ("earliest", Uncertain::Earliest)];

const SEARCHED: [(&str, SearchedPairs); 2] =
    [("both", SearchedPairs::Both), ("either", SearchedPairs::Either)];

pub(super) fn read(block: &Block<'_>) -> DeclaredPanel {
    let coverage = match block.inner("coverage") {
        Some(inner) => DeclaredCoverage {
            span: inner.text("span"),
            table: Some(inner.required("table")),
            unit: inner.text("unit"),
            by: inner.text("by"),
            date: inner.texts("date"),
            pairs: inner.choice("pairs", &SEARCHED),
        },
        None => DeclaredCoverage { span: block.text("coverage"), ..DeclaredCoverage::default() },
    };
    let given = |key: &str| block.value.get(key).map(|_| block.texts(key));
    let measures = block.named("measures").into_iter();
    DeclaredPanel {
        of: block.required("of"),
        unit: block.text("unit"),
        date: block.texts("date"),
        conditions: block.conditions(),
        period: block.choice("period", &Period::NAMES),
        system: block.text("system"),
        crosswalk: block.text("crosswalk"),
        units: given("units"),
        partners: given("partners"),
        coverage,
        zeros: block.value.get("zeros").and_then(Value::as_bool) != Some(false),
        existence: block.choice("existence", &EXISTENCES),
        by: block.text("by"),
        straddle: block.choice("straddle", &STRADDLES),
        uncertain: block.choice("uncertain", &UNCERTAIN),
        measures: measures.map(|(name, says)| DeclaredMeasure { name, says }).collect(),
        codes: block.texts("codes"),
    }
}
