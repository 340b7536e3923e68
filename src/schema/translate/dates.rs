//! A text that should be a date and isn't one: what the writer can have meant by it.
//!
//! The writer's own date is offered where the text can be read in one way, and asked for where it
//! can be read in several. No other date is shown but as an example.

use chrono::NaiveDate;

use super::Translator;
use crate::clock::local_time;
use crate::diagnostic::{Certainty, Code, Diagnostic, Edit, Fix, Place, code, quote};
use crate::dialect::date_line;
use crate::edtf::reading::{Meaning, Reading, read};
use crate::edtf::{Edtf, EdtfError, Precision};
use crate::parse::spelling::respell;
use crate::schema::outline::Expected;
use crate::schema::words::leave_out;
use crate::tape::Value;

/// What a schema's `format` wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Edtf,
    Day,
    Instant,
    Local,
}

impl Wanted {
    /// What a `format` wants, if it is one of dates.
    pub(super) fn of(format: &str) -> Option<Self> {
        match format {
            "edtf" => Some(Self::Edtf),
            "date" => Some(Self::Day),
            "date-time" => Some(Self::Instant),
            "date-time-local" => Some(Self::Local),
            _ => None,
        }
    }

    fn code(self) -> &'static Code {
        match self {
            Self::Edtf => &code::INVALID_EDTF,
            Self::Day | Self::Instant | Self::Local => &code::FORMAT_MISMATCH,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Edtf => "an EDTF date",
            Self::Day => "a day written as year, month and day",
            Self::Instant => "a point in time with its offset from UTC",
            Self::Local => "a day with a time, and without an offset from UTC",
        }
    }

    fn example(self) -> &'static str {
        match self {
            Self::Edtf => {
                "write it as in 2023-12-03, 2023-12, 2023, 2023-12-XX or 2023-12-03/2023-12-05, or as one \
                 of these with ? (uncertain) or ~ (approximate)"
            }
            Self::Day => "write year, month and day in numbers, as in 2023-12-03",
            Self::Instant => "write it as in 2023-12-03T10:15:00Z or 2023-12-03T11:15:00+01:00",
            Self::Local => "write it as in 2023-12-03T10:15:00, with a `T` between day and time",
        }
    }

    /// How the format writes a meaning, if it can.
    fn spell(self, meaning: &Meaning) -> Option<String> {
        match self {
            Self::Edtf => Some(meaning.edtf.clone()),
            Self::Day => meaning
                .edtf
                .get(..10)
                .filter(|day| is_day(day) && !lasts(meaning))
                .map(str::to_owned),
            Self::Instant => meaning.instant.clone(),
            // An offset would be lost.
            Self::Local => Some(meaning.edtf.clone()).filter(|text| local_time(text).is_some()),
        }
    }
}

fn is_day(text: &str) -> bool {
    text.parse::<NaiveDate>().is_ok()
}

/// Whether it isn't one day, or not for sure.
fn lasts(meaning: &Meaning) -> bool {
    let date = Edtf::parse(&meaning.edtf);
    date.is_ok_and(|it| it.precision() != Precision::Day || it.uncertain() || it.approximate())
}

/// What the help of a finding says, and what would mend it.
struct Advice {
    reason: Option<String>,
    help: String,
    /// The text to write, and whether it surely says the same.
    write: Option<(String, bool)>,
}

impl Advice {
    fn new(reason: impl Into<Option<String>>, help: impl Into<String>) -> Self {
        Self { reason: reason.into(), help: help.into(), write: None }
    }
}

impl Translator<'_> {
    /// A text that isn't written as its `format` wants a date.
    pub(super) fn wrong_date(&self, value: Value<'_>, at: &str, wanted: Wanted) -> Diagnostic {
        let text = value.as_str().unwrap_or_default();
        let whole = Place::of(value).at(at);
        let (subject, seen) = (self.subject(at), quote(text));
        let reading = read(text);
        if reading == Reading::NoDate {
            let message = format!("{subject} is {seen}, which stands for no date");
            return Diagnostic::new(wanted.code(), whole, message)
                .help(leave_out(self.outline, at));
        }
        let fault = Edtf::parse(text).err();
        let Advice { reason, help, write } = advice(wanted, &reading, fault.as_ref());
        let mut place = whole.clone();
        let mut reason = reason;
        if let (Wanted::Edtf, Some(fault)) = (wanted, fault) {
            // Point into the text where the source spells it letter by letter.
            let literal = value.literal().unwrap_or_default();
            if let Some(offset) = literal.find(text) {
                let start = place.span.start + offset as u64;
                place.span = start + fault.span.start as u64..start + fault.span.end as u64;
            }
            let lookalike = !text.is_ascii()
                && matches!(&reading, Reading::One(it) if it.sure && it.edtf.len() == text.chars().count());
            reason = Some(match reason {
                Some(reason) => reason,
                None if lookalike => {
                    "its digits or hyphens are others than those of ASCII".to_owned()
                }
                None => fault.message,
            });
        }
        let message = match (wanted, &reading, reason) {
            (Wanted::Day | Wanted::Local, Reading::Impossible(_), Some(reason)) => {
                format!("{subject} is {seen}, which is no day of the calendar: {reason}")
            }
            (Wanted::Edtf, _, Some(reason)) => {
                format!("{subject} is {seen}, which is no EDTF date: {reason}")
            }
            (_, _, Some(reason)) => format!("{subject} is {seen}, which {reason}"),
            (_, _, None) => format!("{subject} is {seen}, which is not {}", wanted.name()),
        };
        let line = date_line(text).filter(|_| matches!(wanted, Wanted::Edtf | Wanted::Day));
        let help = self.with_block(&help, value, line.as_slice());
        let mut diagnostic = Diagnostic::new(wanted.code(), place, message).help(help);
        diagnostic.fix = write.and_then(|(text, sure)| {
            let replacement = respell(value, &text)?;
            let certainty = if sure { Certainty::Certain } else { Certainty::Suggested };
            let edits = vec![Edit { place: whole, replacement }];
            Some(Fix { title: format!("write {}", quote(&text)), certainty, edits })
        });
        diagnostic
    }

    /// What a number means that stands where a date should: the date in quotation marks, and what to
    /// say. None where no date is wanted, or the number is one as it stands.
    pub(super) fn number_for_date(
        &self,
        literal: &str,
        at: &str,
    ) -> Option<(String, Option<String>)> {
        let Expected::Date(format) = self.outline?.property(at)?.expected else { return None };
        let wanted = Wanted::of(format)?;
        if wanted == Wanted::Edtf && Edtf::parse(literal).is_ok() {
            return None;
        }
        let fault = Edtf::parse(literal).err();
        let advice = advice(wanted, &read(literal), fault.as_ref());
        Some((advice.help, advice.write.map(|(text, _)| format!("\"{text}\""))))
    }
}

fn advice(wanted: Wanted, reading: &Reading, fault: Option<&EdtfError>) -> Advice {
    let of_fault = || fault.and_then(|fault| fault.help.clone());
    match reading {
        Reading::NoDate => Advice::new(None, "leave it out where no date is known"),
        Reading::Nothing => match wanted {
            Wanted::Edtf => {
                Advice::new(None, of_fault().unwrap_or_else(|| wanted.example().to_owned()))
            }
            Wanted::Day | Wanted::Instant | Wanted::Local => Advice::new(None, wanted.example()),
        },
        Reading::Incomplete(what) => {
            Advice::new(None, format!("{what}; a whole date looks as in 2023-12-03"))
        }
        Reading::Impossible(reason) => {
            let swapped = of_fault().filter(|_| fault.is_some_and(|fault| fault.swapped));
            Advice::new(
                reason.clone(),
                swapped.unwrap_or_else(|| "check the day against the source".to_owned()),
            )
        }
        Reading::One(meaning) => match wanted.spell(meaning) {
            Some(text) => {
                let help = match meaning.taken {
                    "" => format!("write `{text}`"),
                    taken => format!("if it is {taken}, write `{text}`"),
                };
                // Whoever wants a day only loses the time.
                let whole = wanted != Wanted::Day || text == meaning.edtf;
                let sure = meaning.sure && whole;
                let reason = (!whole).then(|| "has a time of day, and must be a day".to_owned());
                Advice { reason, help, write: Some((text, sure)) }
            }
            None => too_little(wanted, std::slice::from_ref(meaning)),
        },
        Reading::Several(meanings) => {
            let ways: Vec<_> = meanings
                .iter()
                .filter_map(|meaning| Some((wanted.spell(meaning)?, meaning.taken)))
                .map(|(text, taken)| match taken {
                    "" => format!("`{text}`"),
                    taken => format!("`{text}` ({taken})"),
                })
                .collect();
            match ways.as_slice() {
                [] => too_little(wanted, meanings),
                [rest @ .., last] if !rest.is_empty() => Advice::new(
                    None,
                    format!(
                        "it may mean {} or {last}: write the one that is meant",
                        rest.join(", ")
                    ),
                ),
                [only] | [.., only] => Advice::new(None, format!("write {only}, if it is meant")),
            }
        }
    }
}

/// A date that says less than the format asks for.
fn too_little(wanted: Wanted, meanings: &[Meaning]) -> Advice {
    let Some(meaning) = meanings.first() else { return Advice::new(None, wanted.example()) };
    let precision = Edtf::parse(&meaning.edtf).map(|date| date.precision());
    match (wanted, precision) {
        (Wanted::Instant, Ok(Precision::Day)) if meaning.edtf.contains('T') => Advice::new(
            "lacks its offset from UTC".to_owned(),
            format!(
                "write `{0}Z` if it is the time in UTC, or the offset behind it, as in +01:00",
                meaning.edtf
            ),
        ),
        (Wanted::Instant, Ok(Precision::Day)) => Advice::new(
            "lacks the time of day with its offset from UTC".to_owned(),
            "write both behind the day, as in 2023-12-03T10:15:00Z; or let the schema say `format: date`",
        ),
        (Wanted::Local, Ok(Precision::Day)) if meaning.edtf.contains('T') => Advice::new(
            "has an offset from UTC, and must have none".to_owned(),
            "write the time that the clock there shows; or let the schema say `format: date-time`",
        ),
        (Wanted::Local, Ok(Precision::Day)) => Advice::new(
            "lacks the time of day".to_owned(),
            "write it behind the day, as in 2023-12-03T10:15:00; or let the schema say `format: date`",
        ),
        (Wanted::Edtf, _) | (_, Err(_)) => Advice::new(None, wanted.example()),
        (Wanted::Day | Wanted::Instant | Wanted::Local, Ok(precision)) => {
            let what = match precision {
                Precision::Day => "a day that isn't certain",
                Precision::Month => "a month",
                Precision::Season => "a season",
                Precision::Year => "a year",
                Precision::Interval | Precision::Open | Precision::Unknown => "a span of time",
            };
            let alone = if let [only] = meanings {
                format!(", which takes `{}`", only.edtf)
            } else {
                String::new()
            };
            Advice::new(
                format!("is {what}, and must be {}", wanted.name()),
                format!("find out the day; or let the schema say `format: edtf`{alone}"),
            )
        }
    }
}
