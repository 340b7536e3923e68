//! What people mean who write a date in another way than EDTF does: `16 July 2014`, `12/2023`,
//! `before 2014`, a day number of a spreadsheet.
//!
//! A text is read in every way in which people write dates. So a finding can offer the writer's own
//! date where there is one reading, and ask where there are two: `03/04/2014` is a day in March or
//! in April. Nothing is guessed: a year of two digits has no century, and a day that doesn't exist
//! is never another one.

mod clock;
mod interval;
mod single;
mod text;
mod words;

use chrono::{Datelike as _, NaiveDate};

use super::Edtf;

/// How a text can be read as a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// In no way that is known here.
    Nothing,
    /// As a word or mark that stands for no date: `unknown`, `n.d.`, `0000-00-00`.
    NoDate,
    /// In one way.
    One(Meaning),
    /// In several, of which only the writer knows the right one.
    Several(Vec<Meaning>),
    /// As a date that the calendar doesn't have, with the reason: "June 2014 has 30 days".
    Impossible(String),
    /// As a part of a date, with what to add: "write the year with four digits".
    Incomplete(&'static str),
}

/// One way to read a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// The date as EDTF writes it.
    pub edtf: String,
    /// Whether the text can hardly mean anything else.
    pub sure: bool,
    /// The point in time as RFC 3339 writes it, where the text has a time of day with its offset
    /// from UTC.
    pub instant: Option<String>,
    /// What the reading rests on, where that must be said: "with the day first".
    pub taken: &'static str,
}

impl Meaning {
    fn new(edtf: impl Into<String>, sure: bool) -> Self {
        Self { edtf: edtf.into(), sure, instant: None, taken: "" }
    }

    fn taken(self, taken: &'static str) -> Self {
        Self { taken, ..self }
    }
}

/// Longer texts are prose.
const LONGEST_BYTES: usize = 120;

/// How a text can be read.
///
/// ```
/// use demarche::edtf::reading::{Reading, read};
///
/// let Reading::One(meaning) = read("16 July 2014") else { panic!("there is one reading") };
/// assert_eq!(meaning.edtf, "2014-07-16");
/// assert!(matches!(read("03/04/2014"), Reading::Several(_)));
/// ```
#[must_use]
pub fn read(text: &str) -> Reading {
    if text.len() > LONGEST_BYTES {
        return Reading::Nothing;
    }
    let folded = text::fold(text);
    if words::is_nothing(&folded) {
        return Reading::NoDate;
    }
    let spelt = folded.to_uppercase();
    if Edtf::parse(&spelt).is_ok() {
        let instant = clock::is_instant(&spelt).then(|| spelt.clone());
        return Reading::One(Meaning { instant, ..Meaning::new(spelt, true) });
    }
    if let Some(edtf) = unknown_digits(&spelt) {
        return Reading::One(edtf);
    }
    let found = clock::read(&folded).unwrap_or_else(|| interval::read(&text::tokens(&folded)));
    found.into_reading()
}

/// `198?`, `19--`, `2014-??-??`, `1980-01-UU`: digits that aren't known, in marks of other formats.
fn unknown_digits(spelt: &str) -> Option<Meaning> {
    let marks = |it: char| matches!(it, 'U' | '?' | '*' | '_');
    let mut edtf = spelt.replace(marks, "X");
    // `19--`
    if edtf.len() == 4 {
        edtf = edtf.replace('-', "X");
    }
    let shaped = matches!(edtf.len(), 4 | 7 | 10) && edtf.contains('X') && edtf.is_ascii();
    (shaped && Edtf::parse(&edtf).is_ok())
        .then(|| Meaning::new(edtf, !spelt.contains('-') || !spelt.contains(['?', '*', '_'])))
}

/// What a part of a text can be read as.
#[derive(Clone, Debug, Default)]
struct Found {
    meanings: Vec<Meaning>,
    /// What to say where there is no meaning.
    instead: Option<Reading>,
}

impl Found {
    fn one(edtf: impl Into<String>, sure: bool) -> Self {
        Self { meanings: vec![Meaning::new(edtf, sure)], instead: None }
    }

    fn instead(reading: Reading) -> Self {
        Self { meanings: Vec::new(), instead: Some(reading) }
    }

    fn of(meanings: impl IntoIterator<Item = Meaning>) -> Self {
        Self { meanings: meanings.into_iter().collect(), instead: None }
    }

    fn into_reading(self) -> Reading {
        let mut meanings: Vec<Meaning> = Vec::new();
        for meaning in self.meanings {
            let known = meanings.iter().any(|other| other.edtf == meaning.edtf);
            if !known && Edtf::parse(&meaning.edtf).is_ok() {
                meanings.push(meaning);
            }
        }
        match meanings.len() {
            0 => self.instead.unwrap_or(Reading::Nothing),
            1 => meanings.pop().map_or(Reading::Nothing, Reading::One),
            _ => Reading::Several(meanings),
        }
    }
}

/// How many days a month has; none if there is no such month.
pub(super) fn days_of_month(year: i32, month: u32) -> Option<u32> {
    let first = NaiveDate::from_ymd_opt(year, month, 1)?;
    Some(super::month_end(first).day())
}

/// Why a day isn't there, for people: "February 2014 has 28 days".
#[must_use]
pub fn why_impossible(year: i32, month: u32, day: u32) -> Option<String> {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let Some(days) = days_of_month(year, month) else {
        return Some(format!("there is no month {month}"));
    };
    if (1..=days).contains(&day) {
        return None;
    }
    let name = NAMES[month as usize - 1];
    Some(format!("{name} {year} has {days} days, and no day {day}"))
}

#[cfg(test)]
mod tests;
