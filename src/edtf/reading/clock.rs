//! A day with a time behind it, as spreadsheets and programs write it: `2014-07-16 10:00`.

use super::{Found, Meaning, single, text};

/// A time of day.
struct Clock {
    hour: u32,
    minute: u32,
    /// None where they were left out.
    second: Option<u32>,
    /// With its point; empty if there is none.
    fraction: String,
    /// `Z`, `+01:00`; empty if there is none.
    offset: String,
}

/// Whether a text is a point in time with its offset from UTC.
pub(super) fn is_instant(text: &str) -> bool {
    chrono::DateTime::parse_from_rfc3339(text).is_ok()
}

/// Reads a folded text with a time of day; none if it has none.
pub(super) fn read(folded: &str) -> Option<Found> {
    let colon = folded.find(':')?;
    let hour_at = folded[..colon].rfind(|it: char| !it.is_ascii_digit()).map_or(0, |at| at + 1);
    // What stands before is one byte: only ASCII letters and blanks can.
    let day = folded.get(..hour_at)?;
    let joined =
        day.ends_with('t') && day[..day.len() - 1].ends_with(|it: char| it.is_ascii_digit());
    let day = if joined { &day[..day.len() - 1] } else { day };
    let Some(clock) = parse(folded.get(hour_at..)?) else { return Some(Found::default()) };
    let days = single::read(&text::tokens(day.trim_end_matches([',', ' '])));
    let meaning = |day: Meaning| with_clock(day, &clock);
    Some(Found { meanings: days.meanings.into_iter().filter_map(meaning).collect(), ..days })
}

fn with_clock(day: Meaning, clock: &Clock) -> Option<Meaning> {
    const DAY_BYTES: usize = 10;
    if day.edtf.len() != DAY_BYTES {
        return None;
    }
    let Clock { hour, minute, second, fraction, offset } = clock;
    let midnight = (*hour, *minute, second.unwrap_or(0)) == (0, 0, 0)
        && fraction.bytes().all(|byte| matches!(byte, b'.' | b'0'));
    let time = format!("{}T{hour:02}:{minute:02}:{:02}", day.edtf, second.unwrap_or(0));
    let instant = (!offset.is_empty()).then(|| format!("{time}{fraction}{offset}"));
    // Midnight without an offset is what programs make of a day.
    let edtf = if midnight && offset.is_empty() { day.edtf } else { format!("{time}{offset}") };
    let sure = day.sure && second.is_some() && instant.is_some();
    Some(Meaning { edtf, sure, instant: instant.filter(|it| is_instant(it)), taken: day.taken })
}

/// `10:00`, `10:00:00.123z`, `9:05 pm +01:00`.
fn parse(time: &str) -> Option<Clock> {
    let (hour, rest) = number(time, 1..=2)?;
    let (minute, rest) = number(rest.strip_prefix(':')?, 2..=2)?;
    let (second, rest) = match rest.strip_prefix(':') {
        Some(rest) => number(rest, 2..=2).map(|(second, rest)| (Some(second), rest))?,
        None => (None, rest),
    };
    let digits = |rest: &str| rest.bytes().take_while(u8::is_ascii_digit).count();
    let (fraction, rest) = match rest.strip_prefix(['.', ',']) {
        Some(rest) if second.is_some() && digits(rest) > 0 => {
            let (fraction, rest) = rest.split_at(digits(rest));
            (format!(".{fraction}"), rest)
        }
        Some(_) => return None,
        None => (String::new(), rest),
    };
    let rest = rest.trim_start();
    let (hour, rest) = match (rest.strip_prefix("am"), rest.strip_prefix("pm")) {
        (Some(rest), _) if (1..=12).contains(&hour) => (hour % 12, rest.trim_start()),
        (_, Some(rest)) if (1..=12).contains(&hour) => (hour % 12 + 12, rest.trim_start()),
        _ => (hour, rest),
    };
    let within = hour < 24 && minute < 60 && second.is_none_or(|second| second < 60);
    within.then_some(Clock { hour, minute, second, fraction, offset: offset(rest)? })
}

/// `z`, `utc`, `+01:00`, `+0100`, `+01` or nothing.
fn offset(text: &str) -> Option<String> {
    let Some(sign) = text.chars().next().filter(|it| matches!(it, '+' | '-')) else {
        return match text {
            "" => Some(String::new()),
            "z" | "utc" | "gmt" => Some("Z".to_owned()),
            _ => None,
        };
    };
    let (hours, rest) = text[1..].split_at_checked(2)?;
    let minutes = match rest.strip_prefix(':').unwrap_or(rest) {
        "" => "00",
        minutes => minutes,
    };
    let fits = |text: &str, limit| {
        number(text, 2..=2).is_some_and(|(it, rest)| it < limit && rest.is_empty())
    };
    (fits(hours, 24) && fits(minutes, 60)).then(|| format!("{sign}{hours}:{minutes}"))
}

/// So many digits, and what follows them.
fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<(u32, &str)> {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(count);
    digits.contains(&count).then(|| Some((number.parse().ok()?, rest)))?
}
