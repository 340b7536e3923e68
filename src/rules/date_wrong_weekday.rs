//! D006: a weekday that the date doesn't have.

use std::ops::Range;

use chrono::{Datelike as _, NaiveDate};

use super::{Check, Looks, Rule, TextAt};
use crate::diagnostic::{Code, Diagnostic, Severity, quote};
use crate::model::kind::Class;

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
    check: Check::Text(Looks::Digits(SHORTEST), check),
};

/// A weekday and a full date take at least that many bytes.
const SHORTEST: usize = 15;

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

/// Before, weekdays may be of the Julian calendar.
const YEARS: std::ops::RangeInclusive<i32> = 1800..=2200;

fn check(at: &TextAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    if at.scalar.is_some_and(|scalar| scalar.kind.class() == Class::Address) {
        return;
    }
    for Named { bytes, weekday: said, day, month, year } in dates(at.text) {
        // “On Monday 4 May 1200 soldiers arrived”: no year of which weekdays are told.
        if !YEARS.contains(&year) {
            continue;
        }
        let weekday = NaiveDate::from_ymd_opt(year, month, day)
            .map(|date| date.weekday().num_days_from_monday() as usize);
        let whole = quote(&at.text[bytes.clone()]);
        let (message, help) = match weekday {
            Some(weekday) if weekday == said => continue,
            Some(weekday) => (
                format!("{whole} was a {}", capitalised(WEEKDAYS[weekday][0])),
                "check day, month and year against the source",
            ),
            None => (
                format!("there is no {whole}"),
                "the month has fewer days: check the day against the source",
            ),
        };
        let message = format!("{} names a date wrongly: {message}", at.subject());
        diagnostics.push(Diagnostic::new(RULE.code, at.place_of(bytes), message).help(help));
    }
}

/// A date that a text names with its weekday.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Named {
    bytes: Range<usize>,
    /// From Monday on, from 0.
    weekday: usize,
    day: u32,
    month: u32,
    year: i32,
}

/// The dates with weekdays in a text, from left to right.
fn dates(text: &str) -> impl Iterator<Item = Named> {
    let bytes = text.as_bytes();
    let mut from = 0;
    let follows = |at: usize, word: &[u8]| {
        bytes.get(at + 1..=at + word.len()).is_some_and(|it| it.eq_ignore_ascii_case(word))
    };
    // All weekdays end in `day` or have `di`.
    let telling = memchr::memchr2_iter(b'd', b'D', bytes)
        .filter(move |&at| follows(at, b"ay") || follows(at, b"i"));
    telling.filter_map(move |at| {
        let starts = at.saturating_sub(LETTERS_BEFORE_D_MAX).max(from)..=at;
        let named = starts.into_iter().find_map(|start| named(text, start))?;
        from = named.bytes.end;
        Some(named)
    })
}

/// As in `wednesday`.
const LETTERS_BEFORE_D_MAX: usize = 6;

/// The date that is named at a place of a text.
fn named(text: &str, start: usize) -> Option<Named> {
    let is_word =
        |byte: Option<&u8>| byte.is_some_and(|it| it.is_ascii_alphanumeric() || *it == b'_');
    if start.checked_sub(1).is_some_and(|before| is_word(text.as_bytes().get(before))) {
        return None;
    }
    let mut rest = Rest(text.get(start..)?);
    let weekday = rest.name(&WEEKDAYS)?;
    rest.word(",");
    rest.space()?;
    if rest.word("le").is_some() {
        rest.space()?;
    }
    let (day, month) = match rest.number(1..=2) {
        Some(day) => {
            ["er", "st", "nd", "rd", "th"].iter().find_map(|ending| rest.word(ending));
            rest.space()?;
            if rest.word("of").is_some() {
                rest.space()?;
            }
            (day, rest.name(&MONTHS)?)
        }
        None => {
            let month = rest.name(&MONTHS)?;
            rest.space()?;
            let day = rest.number(1..=2)?;
            ["st", "nd", "rd", "th"].iter().find_map(|ending| rest.word(ending));
            rest.word(",");
            (day, month)
        }
    };
    rest.space()?;
    let year = rest.number(4..=4)?;
    if is_word(rest.0.as_bytes().first()) {
        return None;
    }
    let bytes = start..text.len() - rest.0.len();
    let (month, year) = (u32::try_from(month).ok()? + 1, i32::try_from(year).ok()?);
    Some(Named { bytes, weekday, day, month, year })
}

/// What is left of a text to read.
struct Rest<'t>(&'t str);

impl Rest<'_> {
    /// Takes a word, whatever the case of its ASCII letters, and of the two others that there are.
    fn word(&mut self, word: &str) -> Option<()> {
        let head = self.0.get(..word.len())?;
        let same = |a: char, b: char| {
            a.eq_ignore_ascii_case(&b) || matches!((a, b), ('É', 'é') | ('Û', 'û'))
        };
        if !head.chars().zip(word.chars()).all(|(a, b)| same(a, b)) {
            return None;
        }
        self.0 = &self.0[word.len()..];
        Some(())
    }

    /// Takes one of the names. Returns its number.
    fn name(&mut self, names: &[[&str; 2]]) -> Option<usize> {
        names.iter().position(|names| names.iter().any(|name| self.word(name).is_some()))
    }

    /// Takes white space, of which there must be some.
    fn space(&mut self) -> Option<()> {
        let rest = self.0.trim_start_matches([' ', '\t', '\n', '\r', '\u{a0}', '\u{202f}']);
        let some = rest.len() < self.0.len();
        self.0 = rest;
        some.then_some(())
    }

    /// Takes as many digits as there are, if that is so many.
    fn number(&mut self, digits: std::ops::RangeInclusive<usize>) -> Option<u32> {
        let count = self.0.bytes().take_while(u8::is_ascii_digit).count();
        if !digits.contains(&count) {
            return None;
        }
        let (number, rest) = self.0.split_at(count);
        self.0 = rest;
        number.parse().ok()
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::Regex;

    use super::{MONTHS, Named, WEEKDAYS, dates};

    /// The same as a regular expression, which takes long to compile.
    fn pattern() -> Regex {
        let weekdays = WEEKDAYS.concat().join("|");
        let months = MONTHS.concat().join("|").replace('é', "(?:é|É)").replace('û', "(?:û|Û)");
        let space = r"(?:[ \t\n\r]|\u{a0}|\u{202f})+";
        let pattern = format!(
            r"(?i-u)\b({weekdays}),?{space}(?:le{space})?(?:([0-9]{{1,2}})(?:er|st|nd|rd|th)?{space}(?:of{space})?({months})|({months}){space}([0-9]{{1,2}})(?:st|nd|rd|th)?,?){space}([0-9]{{4}})\b"
        );
        Regex::new(&pattern).expect("the pattern is made of letters")
    }

    fn by_pattern(pattern: &Regex, text: &str) -> Vec<Named> {
        let number = |names: &[[&str; 2]], word: &str| {
            let word = word.to_lowercase();
            names.iter().position(|names| names.contains(&word.as_str())).expect("a name")
        };
        let found = pattern.captures_iter(text).map(|found| {
            let part = |first: usize, second: usize| {
                found.get(first).or_else(|| found.get(second)).expect("one of the two").as_str()
            };
            Named {
                bytes: found.get(0).expect("a match").range(),
                weekday: number(&WEEKDAYS, part(1, 1)),
                day: part(2, 5).parse().expect("digits"),
                month: number(&MONTHS, part(3, 4)) as u32 + 1,
                year: part(6, 6).parse().expect("digits"),
            }
        });
        found.collect()
    }

    /// Texts that are almost dates.
    fn texts() -> impl Strategy<Value = String> {
        let words = WEEKDAYS.concat().into_iter().chain(MONTHS.concat());
        let words: Vec<_> = words.map(str::to_owned).collect();
        let upper = words.iter().map(|word| word.to_uppercase()).collect::<Vec<_>>();
        let others = [
            "le", "of", "er", "st", "nd", "th", ",", "_", "a", "é", "3", "12", "123", "2023",
            "1789", "12345", "day", "d", " ", " ", "  ", "\u{a0}", "\n", ". ",
        ];
        let others: Vec<_> = others.map(str::to_owned).to_vec();
        let token = prop_oneof![
            prop::sample::select(words.clone()),
            prop::sample::select(upper),
            prop::sample::select(others),
        ];
        let soup = prop::collection::vec(token, 0..14).prop_map(|tokens| tokens.concat());
        let pick = |words: Vec<String>| prop::sample::select(words);
        let ending = prop::sample::select(vec!["", "er", "st", "nd", "rd", "th", "x"]);
        let space = || prop::sample::select(vec![" ", "  ", "\u{202f}", "\t", "", " of ", " le "]);
        let comma = prop::sample::select(vec!["", ",", " ,"]);
        let (days, months) = words.split_at(14);
        let date =
            (pick(days.to_vec()), comma, space(), 0u32..40, ending, space(), pick(months.to_vec()))
                .prop_map(|(weekday, comma, space, day, ending, other, month)| {
                    [
                        format!("{weekday}{comma}{space}{day}{ending}{other}{month} 2023"),
                        format!("{weekday}{comma}{space}{month}{other}{day}{ending}{comma} 1999"),
                    ]
                });
        let both = (soup.clone(), date, soup.clone(), any::<bool>());
        let dated = both.prop_map(|(before, [first, second], after, swap)| {
            if swap {
                format!("{before}{second} {first}{after}")
            } else {
                format!("{before}{first}{after}")
            }
        });
        prop_oneof![soup, dated]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4000) })]

        #[test]
        fn dates_are_those_that_the_pattern_finds(text in texts()) {
            thread_local!(static PATTERN: Regex = pattern());
            let expected = PATTERN.with(|pattern| by_pattern(pattern, &text));
            prop_assert_eq!(dates(&text).collect::<Vec<_>>(), expected, "{:?}", text);
        }
    }
}
