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
//! Differences of values count the same: a day next to the right one is as wrong as another year. Lists
//! are compared in three ways: as a whole, where one item too many is as wrong as another list, and by the
//! distances of [`distance`], for which it is less.
//!
//! Items of a list of objects are matched by what identifies them. The list is compared as the set of these;
//! what else is said of items is compared between the coders who have the item.
//!
//! Units that one coder coded are passed over. If a coder coded a unit twice, and the project
//! allows that, the coding with the smaller key counts.

pub mod alpha;
mod answers;
pub mod bootstrap;
mod codes;
mod codings;
mod declare;
pub mod distance;
mod search;
mod spell;

use std::num::NonZeroUsize;

use serde::Serialize;

use self::alpha::{Similar, Unit};
use self::answers::{Answers, Codings, Compared};
use self::bootstrap::{Interval, Sample};
use self::codings::{Comparison, Variable};
use self::distance::Metric;
use crate::lower::Rows;
use crate::model::Table;
use crate::workers::share;

/// Tables of agreement.
pub(super) const KIND: super::Kind = super::Kind { derivation: &declare::AGREEMENT, records };

/// Tables of agreement on single codes.
pub(super) const CODES: super::Kind =
    super::Kind { derivation: &declare::CODES, records: code_records };

fn records(table: &Table, rows: &[Rows], workers: NonZeroUsize) -> (String, usize) {
    lines(&measure(table, rows, workers))
}

fn code_records(table: &Table, rows: &[Rows], workers: NonZeroUsize) -> (String, usize) {
    lines(&measure_codes(table, rows, workers))
}

/// Records as JSON Lines, and how many there are.
fn lines(records: &[impl Serialize]) -> (String, usize) {
    let line = |record| serde_json::to_string(record).expect("a measure is JSON") + "\n";
    (records.iter().map(line).collect(), records.len())
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
    /// The column of the codings that says what units weigh.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weighted_by: Option<String>,
    /// Units with codings of at least two coders, or items that at least two have.
    pub n_units: usize,
    /// Who coded one of these.
    pub n_coders: usize,
    /// Answers about these.
    pub n_values: usize,
    /// 1 minus the mean distance of pairs of answers about one unit.
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

/// How far coders agree on one code: a record of `agreement_codes.schema.json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CodeMeasure {
    /// From 1, in the order of the schema of the codings, and of the codes.
    pub number: usize,
    /// The table of the codings.
    pub coded_table: String,
    /// The variable's name.
    pub variable: String,
    /// The code.
    pub code: String,
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The column of the codings that says what units weigh.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weighted_by: Option<String>,
    /// Units with codings of at least two coders, or items that at least two have.
    pub n_units: usize,
    /// Answers about these.
    pub n_values: usize,
    /// Answers that have the code.
    pub n_positives: u64,
    /// Their share, by weight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prevalence: Option<f64>,
    /// The share of pairs of answers about one unit that both have the code, or both don't.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_agreement: Option<f64>,
    /// Krippendorff's alpha; none where all answers have it, or none does.
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

/// What both tables are worked out from.
struct Source<'a> {
    table: &'a Table,
    codings: Codings<'a>,
    variables: Vec<Variable>,
    weighted_by: Option<String>,
}

impl<'a> Source<'a> {
    fn new(table: &'a Table, rows: &'a [Rows]) -> Self {
        let roles = codings::find(table, &mut Vec::new());
        let roles = roles.expect("a table of codings has their roles");
        let codings = Codings::new(table, &roles, rows);
        let weighted_by = roles.weight.map(|column| table.level.columns[column].name.clone());
        Self { table, codings, variables: roles.variables, weighted_by }
    }
}

/// Measures the agreement on every variable of a table of codings, on so many workers.
///
/// # Panics
/// If the table's schema has no roles of codings.
#[must_use]
pub fn measure(table: &Table, rows: &[Rows], workers: NonZeroUsize) -> Vec<Measure> {
    let source = Source::new(table, rows);
    let measures =
        share(workers, source.variables.len(), |index| source.measures(&source.variables[index]));
    let mut measures = measures.concat();
    measures.iter_mut().zip(1..).for_each(|(measure, number)| measure.number = number);
    measures
}

/// Measures the agreement on every code of variables that consist of codes, on so many workers.
///
/// # Panics
/// If the table's schema has no roles of codings.
#[must_use]
pub fn measure_codes(table: &Table, rows: &[Rows], workers: NonZeroUsize) -> Vec<CodeMeasure> {
    let source = Source::new(table, rows);
    let measures =
        share(workers, source.variables.len(), |index| source.codes(&source.variables[index]));
    let mut measures = measures.concat();
    measures.iter_mut().zip(1..).for_each(|(measure, number)| measure.number = number);
    measures
}

/// How many pairs of answers to one unit may be compared by distance, over all units.
const PAIRS_MAX: usize = 1 << 24;

/// How similar answers are that differ; none if there are too many pairs.
fn similar(metric: Metric, answers: &Answers) -> Option<Vec<Similar>> {
    let pairs: usize = answers.of_units.iter().map(|unit| unit.len() * unit.len()).sum();
    if pairs > PAIRS_MAX {
        return None;
    }
    Some(metric.similar(&distance::overlaps(&answers.sets, answers.items)?))
}

impl Source<'_> {
    /// The measures of a variable: one, or of a set one for each way to compare sets.
    fn measures(&self, variable: &Variable) -> Vec<Measure> {
        let compared = self.codings.compared(variable);
        let answers = self.codings.answers(variable, &compared);
        let whole =
            self.measured(variable, variable.comparison.name(), &compared, &answers, Some(&[]));
        if variable.comparison != Comparison::Set {
            return vec![whole];
        }
        let by = |name, metric| {
            let similar = similar(metric, &answers);
            self.measured(variable, name, &compared, &answers, similar.as_deref())
        };
        vec![whole, by("jaccard", Metric::Jaccard), by("masi", Metric::Masi)]
    }

    /// One measure of a variable; without numbers if nothing says how similar answers are.
    fn measured(
        &self,
        variable: &Variable,
        compared_as: &'static str,
        compared: &Compared,
        answers: &Answers,
        similar: Option<&[Similar]>,
    ) -> Measure {
        let mut measure = Measure {
            number: 0,
            coded_table: self.table.name.clone(),
            variable: variable.name.clone(),
            title: variable.title.clone(),
            compared_as,
            weighted_by: self.weighted_by.clone(),
            n_units: answers.of_units.len(),
            n_coders: compared.coders(),
            n_values: answers.of_units.iter().map(Vec::len).sum(),
            observed_agreement: None,
            alpha: None,
            alpha_lower: None,
            alpha_upper: None,
            n_resamples: 0,
        };
        let Some(similar) = similar else { return measure };
        let units = answers.of_units.iter().zip(&compared.weights);
        let units = units.map(|(answers, weight)| Unit::new(answers, *weight, similar)).collect();
        let sample = Sample { units, ends: compared.ends.clone() };
        let tally = alpha::tally(&sample.units, answers.distinct);
        let Interval { bounds, resamples } =
            bootstrap::interval(&sample, answers.distinct, similar);
        measure.observed_agreement = tally.agreement().map(rounded);
        measure.alpha = tally.alpha(similar).map(rounded);
        measure.alpha_lower = bounds.map(|(lower, _)| rounded(lower));
        measure.alpha_upper = bounds.map(|(_, upper)| rounded(upper));
        measure.n_resamples = resamples;
        measure
    }

    /// The measures of the codes of a variable; none if it doesn't consist of codes.
    fn codes(&self, variable: &Variable) -> Vec<CodeMeasure> {
        let Some(coded) = &variable.codes else { return Vec::new() };
        let compared = self.codings.compared(variable);
        let answers = self.codings.codes(variable, &compared);
        let measures = codes::agreement(coded.codes.values.len(), &answers, &compared);
        let n_values = answers.iter().map(Vec::len).sum();
        let of = |(code, found): (&String, codes::Agreement)| CodeMeasure {
            number: 0,
            coded_table: self.table.name.clone(),
            variable: variable.name.clone(),
            code: code.clone(),
            label: coded.codes.label_of(code).map(str::to_owned),
            weighted_by: self.weighted_by.clone(),
            n_units: answers.len(),
            n_values,
            n_positives: found.positives,
            prevalence: found.prevalence.map(rounded),
            observed_agreement: found.observed.map(rounded),
            alpha: found.alpha.map(rounded),
            alpha_lower: found.interval.bounds.map(|(lower, _)| rounded(lower)),
            alpha_upper: found.interval.bounds.map(|(_, upper)| rounded(upper)),
            n_resamples: found.interval.resamples,
        };
        coded.codes.values.iter().zip(measures).map(of).collect()
    }
}

/// Twelve decimals: more than means anything, and few enough that processors of JSON-LD, which keep
/// 16 digits of a double, read what CSV and Parquet say.
fn rounded(value: f64) -> f64 {
    const DECIMALS: f64 = 1e12;
    // A zero has no sign.
    (value * DECIMALS).round() / DECIMALS + 0.0
}
