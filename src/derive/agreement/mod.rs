//! How far coders agree who coded the same units without each other, worked out from lowered rows.
//!
//! Observed agreement and Krippendorff's alpha for nominal data, as in Klaus Krippendorff, *Content
//! Analysis: An Introduction to Its Methodology* (4th ed., Sage 2019, chapter 12), and in his
//! "Computing Krippendorff's Alpha-Reliability" (2011,
//! <https://repository.upenn.edu/handle/20.500.14332/2089>), whose example is a test of [`alpha`].
//! The interval around alpha is a percentile interval of the bootstrap: see [`bootstrap`].
//!
//! What counts as an answer:
//! - A coder who coded a unit answers every variable. One that is left out has the answer "none".
//!   The usual way, to leave such answers out of the calculation, flatters: two coders, one of whom
//!   saw a second actor that the other one missed, would not count as differing.
//! - A list is a set: neither order nor repetition counts. An empty list says "none".
//! - An uncertain date is what it means, not how it is spelt: the same if its derived columns are.
//! - An object is compared as a whole, without what is internal in it.
//!
//! All differences count the same. A day next to the right one is as wrong as another year, a list
//! with one item too many as wrong as another list; alpha is then a cautious number.
//!
//! Units that one coder coded are passed over. If a coder coded a unit twice, and the project
//! allows that, the coding with the smaller key counts.

pub mod alpha;
mod answers;
pub mod bootstrap;
mod codings;
mod declare;

use declare::AGREEMENT;

use std::num::NonZeroUsize;

use serde::Serialize;

use self::alpha::Unit;
use self::answers::Codings;
use self::codings::Variable;
use crate::lower::Rows;
use crate::model::Table;
use crate::workers::share;

/// Tables of agreement.
pub(super) const KIND: super::Kind = super::Kind { derivation: &AGREEMENT, records };

fn records(table: &Table, rows: &[Rows], workers: NonZeroUsize) -> (String, usize) {
    let measures = measure(table, rows, workers);
    let line = |measure| {
        serde_json::to_string(measure).expect("a measure is JSON")
            + "
"
    };
    (measures.iter().map(line).collect(), measures.len())
}

/// How far coders agree on one variable: a record of `agreement.schema.json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measure {
    /// From 1, in the order of the schema of the codings.
    pub number: usize,
    /// The table of the codings.
    pub coded_table: String,
    /// The variable's name.
    pub variable: String,
    /// The variable's title.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// When two answers are the same, in a word.
    pub compared_as: &'static str,
    /// Units with codings of at least two coders.
    pub n_units: usize,
    /// Who coded one of these.
    pub n_coders: usize,
    /// Answers about these.
    pub n_values: u64,
    /// The share of pairs of answers about one unit that are the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_agreement: Option<f64>,
    /// Krippendorff's alpha; none where all answers are the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alpha: Option<f64>,
    /// The lower end of its 95 % interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alpha_lower: Option<f64>,
    /// The upper end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alpha_upper: Option<f64>,
    /// Of [`bootstrap::RESAMPLES`], those that have an alpha.
    pub n_resamples: usize,
}

/// Measures the agreement on every variable of a table of codings, on so many workers.
///
/// # Panics
/// If the table's schema has no roles of codings.
#[must_use]
pub fn measure(table: &Table, rows: &[Rows], workers: NonZeroUsize) -> Vec<Measure> {
    let roles = codings::find(table, &mut Vec::new()).expect("a table of codings has their roles");
    let codings = Codings::new(table, &roles, rows);
    share(workers, roles.variables.len(), |index| {
        self::variable(table, &codings, index, &roles.variables[index])
    })
}

fn variable(table: &Table, codings: &Codings<'_>, index: usize, variable: &Variable) -> Measure {
    let units: Vec<Unit> =
        codings.answers(variable).iter().map(|answers| Unit::new(answers)).collect();
    let tally = alpha::tally(&units);
    let interval = bootstrap::interval(&units);
    Measure {
        number: index + 1,
        coded_table: table.name.clone(),
        variable: variable.name.clone(),
        title: variable.title.clone(),
        compared_as: variable.comparison.name(),
        n_units: units.len(),
        n_coders: codings.coders,
        n_values: tally.answers(),
        observed_agreement: tally.agreement().map(rounded),
        alpha: tally.alpha().map(rounded),
        alpha_lower: interval.bounds.map(|(lower, _)| rounded(lower)),
        alpha_upper: interval.bounds.map(|(_, upper)| rounded(upper)),
        n_resamples: interval.resamples,
    }
}

/// Twelve decimals: more than means anything, and few enough that processors of JSON-LD, which keep
/// 16 digits of a double, read what CSV and Parquet say.
fn rounded(value: f64) -> f64 {
    const DECIMALS: f64 = 1e12;
    // A zero has no sign.
    (value * DECIMALS).round() / DECIMALS + 0.0
}
