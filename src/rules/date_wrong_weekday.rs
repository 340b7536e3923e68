//! D006: a weekday that the date doesn't have.

use std::sync::LazyLock;

use chrono::{Datelike as _, NaiveDate};
use regex::Regex;

use super::{Check, Looks, Rule, TextAt};
use crate::diagnostic::{Code, Diagnostic, Severity, quote};
use crate::model::Kind;

/// A date in a text, with a weekday that it isn't.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "D006",
        name: "wrong-weekday",
        severity: Severity::Warning,
        since: "0.1.0",
        summary: "A text names a date with a weekday that it doesn't fall on.",
        explanation: "\
Sources and coders write “Sunday 3 December 2023”. Where the weekday doesn't fit, the day, the month \
or the year is probably wrong. Years from 1800 on count; Julian dates are not known as such. English and French dates are read, in the orders day month year and \
month day year.",
    },
    check: Check::Text(Looks::Digits, check),
};

/// From Monday on, English then French.
const WEEKDAYS: [[&str; 2]; 7] = [
    ["monday", "lundi"],
    ["tuesday", "mardi"],
    ["wednesday", "mercredi"],
    ["thursday", "jeudi"],
    ["friday", "vendredi"],
    ["saturday", "samedi"],
    ["sunday", "dimanche"],
];

/// From January on, English then French.
const MONTHS: [[&str; 2]; 12] = [
    ["january", "janvier"],
    ["february", "février"],
    ["march", "mars"],
    ["april", "avril"],
    ["may", "mai"],
    ["june", "juin"],
    ["july", "juillet"],
    ["august", "août"],
    ["september", "septembre"],
    ["october", "octobre"],
    ["november", "novembre"],
    ["december", "décembre"],
];

static DATES: LazyLock<Regex> = LazyLock::new(|| {
    let weekdays = WEEKDAYS.concat().join("|");
    let months = MONTHS.concat().join("|").replace('é', "(?:é|É)").replace('û', "(?:û|Û)");
    // Cases of ASCII letters are all that it takes, and quick to compile.
    let space = r"(?:[ \t\n\r]|\u{a0}|\u{202f})+";
    let pattern = format!(
        r"(?i-u)\b({weekdays}),?{space}(?:le{space})?(?:([0-9]{{1,2}})(?:er|st|nd|rd|th)?{space}(?:of{space})?({months})|({months}){space}([0-9]{{1,2}})(?:st|nd|rd|th)?,?){space}([0-9]{{4}})\b"
    );
    Regex::new(&pattern).expect("the pattern is made of letters")
});

/// Before, weekdays may be of the Julian calendar.
const YEARS: std::ops::RangeInclusive<i32> = 1800..=2200;

fn check(at: &TextAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    // A weekday and a full date take at least that many bytes.
    const SHORTEST: usize = 15;
    let address = at.scalar.is_some_and(|scalar| matches!(scalar.kind, Kind::Iri));
    if address || at.text.len() < SHORTEST || !may_name_a_weekday(at.text) {
        return;
    }
    for found in DATES.captures_iter(at.text) {
        let part = |first: usize, second: usize| {
            found.get(first).or_else(|| found.get(second)).map_or("", |part| part.as_str())
        };
        let position = |names: &[[&str; 2]], word: &str| {
            names.iter().position(|names| names.contains(&word.to_lowercase().as_str()))
        };
        let said = position(&WEEKDAYS, part(1, 1));
        let month = position(&MONTHS, part(3, 4));
        let numbers = part(2, 5).parse().ok().zip(part(6, 6).parse().ok());
        let (Some(said), Some(month), Some((day, year))) = (said, month, numbers) else { continue };
        // “On Monday 4 May 1200 soldiers arrived”: no year of which weekdays are told.
        if !YEARS.contains(&year) {
            continue;
        }
        let whole = found.get(0).expect("a match has a text");
        let weekday = NaiveDate::from_ymd_opt(year, month as u32 + 1, day)
            .map(|date| date.weekday().num_days_from_monday() as usize);
        let (message, help) = match weekday {
            Some(weekday) if weekday == said => continue,
            Some(weekday) => (
                format!("{} was a {}", quote(whole.as_str()), capitalised(WEEKDAYS[weekday][0])),
                "check day, month and year against the source",
            ),
            None => (
                format!("there is no {}", quote(whole.as_str())),
                "the month has fewer days: check the day against the source",
            ),
        };
        let message = format!("{} names a date wrongly: {message}", at.subject());
        diagnostics
            .push(Diagnostic::new(RULE.code, at.place_of(whole.range()), message).help(help));
    }
}

/// All weekdays end in `day` or have `di`.
fn may_name_a_weekday(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b'd', b'D', bytes).any(|at| {
        let follows = |word: &[u8]| {
            bytes.get(at + 1..=at + word.len()).is_some_and(|it| it.eq_ignore_ascii_case(word))
        };
        follows(b"ay") || follows(b"i")
    })
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
