//! One date, without an interval: `16 July 2014`, `12/2023`, `summer 2014`, `c. 1990`.

use chrono::{Datelike as _, Days, NaiveDate};

use super::text::{Kind, Token};
use super::{Found, Meaning, Reading, days_of_month, why_impossible, words};

/// What a date is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// A number, and how many digits it has.
    Number(u32, usize),
    Month(u32),
    /// 21 to 24.
    Season(u32),
    Quarter(u32),
    Half(u32),
    Century(u32),
    /// The `s` of `1990s`.
    Decade,
    /// Before Christ, or after.
    Era {
        before: bool,
    },
    /// Early, in the middle of, late: from 0.
    Third(u32),
}

/// What stands between two parts, and whether all is said by parts.
struct Parts {
    parts: Vec<Part>,
    /// The marks before each part; a blank where there is none.
    marks: Vec<char>,
    /// From Monday on, from 1.
    weekday: Option<u32>,
    about: bool,
    perhaps: bool,
}

/// The readings of one date.
pub(super) fn read(tokens: &[Token<'_>]) -> Found {
    let Some(Parts { parts, marks, weekday, about, perhaps }) = split(tokens) else {
        return Found::default();
    };
    let mut found = of_parts(&parts, &marks);
    if let Some(weekday) = weekday {
        // Of a day that falls on another weekday, nobody knows which half is wrong.
        found.meanings.retain(|meaning| {
            let day: Option<NaiveDate> = meaning.edtf.parse().ok();
            day.is_some_and(|day| day.weekday().number_from_monday() == weekday)
        });
    }
    let mark = match (perhaps, about) {
        (true, true) => "%",
        (true, false) => "?",
        (false, true) => "~",
        (false, false) => return found,
    };
    for meaning in &mut found.meanings {
        meaning.edtf =
            meaning.edtf.split('/').map(|end| format!("{end}{mark}")).collect::<Vec<_>>().join("/");
        meaning.sure = false;
    }
    found
}

/// None where something is no part of a date.
fn split(tokens: &[Token<'_>]) -> Option<Parts> {
    let mut parts =
        Parts { parts: Vec::new(), marks: Vec::new(), weekday: None, about: false, perhaps: false };
    let mut mark = ' ';
    let mut rest = tokens;
    while let [token, after @ ..] = rest {
        rest = after;
        let next = after.first();
        let digit = |limit| next.and_then(Token::number).filter(|it| (1..=limit).contains(it));
        let previous = parts.parts.last().copied();
        let part = match token.kind {
            Kind::Digits => match next
                .filter(|next| words::is_quarter(next.text) || words::is_half(next.text))
            {
                // `2nd quarter` comes below, behind the ending.
                Some(unit) if token.text.len() == 1 && unit.text.len() > 1 => {
                    rest = &after[1..];
                    fraction_of_year(token.number()?, unit.text)?
                }
                _ => Part::Number(token.number()?, token.text.len()),
            },
            Kind::Mark => {
                let inside = previous.is_some() && after.iter().any(|it| it.kind != Kind::Mark);
                match token.text {
                    "." | "," | "'" | "(" | ")" | "[" | "]" if mark == ' ' => {
                        mark = if token.text == "." { '.' } else { ' ' };
                    }
                    "-" | "/" | "–" | "\\" if matches!(mark, ' ' | '.') => {
                        mark = token.text.chars().next()?;
                    }
                    text if words::is_about(text) && !inside => parts.about = true,
                    text if words::is_perhaps(text) && !inside => parts.perhaps = true,
                    "º" | "ª" | "°" => {}
                    _ => return None,
                }
                continue;
            }
            Kind::Word => {
                let word = token.text;
                let counted = matches!(previous, Some(Part::Number(..)));
                if let Some(month) = words::month(word) {
                    Part::Month(month)
                } else if let Some(season) = words::season(word) {
                    Part::Season(season)
                } else if counted && word == "s" {
                    Part::Decade
                } else if let Some(Part::Number(number, 1 | 2)) = previous
                    && (words::is_century(word) || (word == "c" && next.is_none()))
                {
                    parts.parts.pop();
                    parts.marks.pop();
                    Part::Century(number)
                } else if counted && let Some(before) = era(word) {
                    Part::Era { before }
                } else if counted && !token.spaced && words::is_ending(word) {
                    let Some(Part::Number(number, _)) = previous else { return None };
                    let Some(unit) =
                        next.filter(|it| words::is_quarter(it.text) || words::is_half(it.text))
                    else {
                        continue;
                    };
                    rest = &after[1..];
                    parts.parts.pop();
                    parts.marks.pop();
                    fraction_of_year(number, unit.text)?
                } else if words::is_quarter(word) && digit(4).is_some()
                    || words::is_half(word) && digit(2).is_some()
                {
                    rest = &after[1..];
                    fraction_of_year(digit(4)?, word)?
                } else if let Some(number) = words::ordinal(word)
                    && let Some(unit) = next
                    && let Some(part) = fraction_of_year(number, unit.text)
                {
                    rest = &after[1..];
                    part
                } else if let Some(number) = words::roman(word)
                    && let Some(unit) =
                        after.iter().find(|it| it.kind == Kind::Word && !words::is_ending(it.text))
                    && words::is_century(unit.text)
                {
                    rest = &after[after.iter().position(|it| it == unit)? + 1..];
                    Part::Century(number)
                } else if let Some(weekday) = words::weekday(word) {
                    parts.weekday = Some(weekday);
                    continue;
                } else if let Some(third) = words::third(word) {
                    Part::Third(third)
                } else if words::is_about(word) {
                    parts.about = true;
                    continue;
                } else if words::is_perhaps(word) {
                    parts.perhaps = true;
                    continue;
                } else if words::is_filler(word) {
                    continue;
                } else {
                    return None;
                }
            }
        };
        parts.parts.push(part);
        parts.marks.push(std::mem::replace(&mut mark, ' '));
    }
    // A mark at the end says that something is missing; a dot ends an abbreviation.
    matches!(mark, ' ' | '.').then_some(parts)
}

fn era(word: &str) -> Option<bool> {
    match word {
        "bc" | "bce" => Some(true),
        "ad" | "ce" => Some(false),
        _ => None,
    }
}

fn fraction_of_year(number: u32, unit: &str) -> Option<Part> {
    match number {
        1..=4 if words::is_quarter(unit) => Some(Part::Quarter(number)),
        1 | 2 if words::is_half(unit) => Some(Part::Half(number)),
        _ => None,
    }
}

fn of_parts(parts: &[Part], marks: &[char]) -> Found {
    use Part::{Century, Decade, Era, Half, Month, Number, Quarter, Season, Third};
    const CENTURY: Reading = Reading::Incomplete("write the year with four digits");
    match *parts {
        [Number(year, 4)] => Found::one(format!("{year:04}"), true),
        [Number(number, digits)] => run_of_digits(number, digits),
        [Month(month), Number(year, 4)] | [Number(year, 4), Month(month)] => {
            Found::one(format!("{year:04}-{month:02}"), true)
        }
        [Number(day, 1 | 2), Month(month), Number(year, 4)]
        | [Month(month), Number(day, 1 | 2), Number(year, 4)]
        | [Number(year, 4), Month(month), Number(day, 1 | 2)]
        | [Number(year, 4), Number(day, 1 | 2), Month(month)] => day_of(year, month, day, true),
        [Number(_, 1 | 2), Month(_), Number(_, 2)] | [Month(_), Number(_, 1 | 2), Number(_, 2)] => {
            Found::instead(CENTURY)
        }
        [Number(_, 1 | 2), Month(_)] | [Month(_), Number(_, 1 | 2)] => Found::instead(CENTURY),
        [Month(_)] | [Season(_)] | [Quarter(_)] => {
            Found::instead(Reading::Incomplete("add the year"))
        }
        [Season(season), Number(year, 4)] | [Number(year, 4), Season(season)] => {
            season_of(season, year)
        }
        [Season(season), Number(year, 4), Number(next, digits @ (2 | 4))]
        | [Number(year, 4), Number(next, digits @ (2 | 4)), Season(season)] => {
            let follows = if digits == 4 { next == year + 1 } else { next == (year + 1) % 100 };
            // Of the seasons of the north only the winter has two years.
            if follows && season == 24 {
                Found::one(format!("{year:04}-24"), false)
            } else {
                Found::default()
            }
        }
        [Quarter(quarter), Number(year, 4)] | [Number(year, 4), Quarter(quarter)] => Found::one(
            format!("{year:04}-{:02}/{year:04}-{:02}", quarter * 3 - 2, quarter * 3),
            false,
        ),
        [Half(half), Number(year, 4)] | [Number(year, 4), Half(half)] => {
            Found::one(format!("{year:04}-{:02}/{year:04}-{:02}", half * 6 - 5, half * 6), false)
        }
        [Century(century @ 1..=99)] => Found::one(format!("{:02}XX", century - 1), false),
        [Number(year, 4), Decade] if year % 100 == 0 => Found::of([
            Meaning::new(format!("{:03}X", year / 10), false).taken("the decade"),
            Meaning::new(format!("{:02}XX", year / 100), false).taken("the century"),
        ]),
        [Number(year, 4), Decade] if year % 10 == 0 => {
            Found::one(format!("{:03}X", year / 10), true)
        }
        [Number(_, 2), Decade] => Found::instead(CENTURY),
        [Number(year @ 1.., 1..=4), Era { before: true }] => match year - 1 {
            0 => Found::one("0000", false),
            year => Found::one(format!("-{year:04}"), false),
        },
        [Number(year @ 1.., 1..=4), Era { before: false }] => {
            Found::one(format!("{year:04}"), false)
        }
        [Third(third), Number(year, 4)] => {
            let months = format!("{year:04}-{:02}/{year:04}-{:02}", third * 4 + 1, third * 4 + 4);
            Found::of([
                Meaning::new(format!("{year:04}"), false).taken("some time in the year"),
                Meaning::new(months, false).taken("a third of it"),
            ])
        }
        [Third(third), Month(month), Number(year, 4)] => third_of_month(third, month, year),
        [Number(a, a_digits), Number(b, b_digits)] => {
            two_numbers((a, a_digits), (b, b_digits), marks[1])
        }
        [Number(a, a_digits), Number(b, b_digits), Number(c, c_digits)] if marks[1] == marks[2] => {
            three_numbers((a, a_digits), (b, b_digits), (c, c_digits), marks[1])
        }
        _ => Found::default(),
    }
}

fn day_of(year: u32, month: u32, day: u32, sure: bool) -> Found {
    match i32::try_from(year).ok().and_then(|year| why_impossible(year, month, day)) {
        None => Found::one(format!("{year:04}-{month:02}-{day:02}"), sure),
        Some(reason) => Found::instead(Reading::Impossible(reason)),
    }
}

fn season_of(season: u32, year: u32) -> Found {
    if season != 24 || year == 0 {
        return Found::one(format!("{year:04}-{season}"), false);
    }
    Found::of([
        Meaning::new(format!("{:04}-24", year - 1), false)
            .taken("the winter that ended in that year"),
        Meaning::new(format!("{year:04}-24"), false).taken("the winter that began in it"),
    ])
}

fn third_of_month(third: u32, month: u32, year: u32) -> Found {
    let last = i32::try_from(year).ok().and_then(|year| days_of_month(year, month));
    let last = if third == 2 { last.unwrap_or(28) } else { third * 10 + 10 };
    let days = format!("{year:04}-{month:02}-{:02}/{year:04}-{month:02}-{last:02}", third * 10 + 1);
    Found::of([
        Meaning::new(format!("{year:04}-{month:02}"), false).taken("some time in the month"),
        Meaning::new(days, false).taken("a third of it"),
    ])
}

/// Years in which dates of this field lie, for digits that could be other things.
const PLAUSIBLE: std::ops::RangeInclusive<u32> = 1500..=2200;

/// `20140716`, `201407`, a day number of a spreadsheet, seconds since 1970.
fn run_of_digits(number: u32, digits: usize) -> Found {
    const SPREADSHEET_DAYS: std::ops::RangeInclusive<u32> = 10_000..=73_050;
    const SECONDS: std::ops::RangeInclusive<u32> = 100_000_000..=4_294_967_295;
    match digits {
        8 => {
            let (a, b, c) = (number / 10_000, number / 100 % 100, number % 100);
            let (d, e, f) = (number / 1_000_000, number / 10_000 % 100, number % 10_000);
            let day = |year, month, day, sure| {
                Some(day_of(year, month, day, sure)).filter(|_| PLAUSIBLE.contains(&year))
            };
            let ways = [day(a, b, c, true), day(f, e, d, false), day(f, d, e, false)];
            Found::of(ways.into_iter().flatten().flat_map(|found| found.meanings))
        }
        6 => {
            let (year, month) = (number / 100, number % 100);
            let fits = PLAUSIBLE.contains(&year) && (1..=12).contains(&month);
            if fits { Found::one(format!("{year:04}-{month:02}"), false) } else { Found::default() }
        }
        5 if SPREADSHEET_DAYS.contains(&number) => {
            let zero = NaiveDate::from_ymd_opt(1899, 12, 30);
            let day = zero.and_then(|zero| zero.checked_add_days(Days::new(number.into())));
            let meaning = |day: NaiveDate| {
                Meaning::new(day.to_string(), false).taken("a day number of a spreadsheet")
            };
            Found::of(day.map(meaning))
        }
        9 | 10 if SECONDS.contains(&number) => {
            let instant = chrono::DateTime::from_timestamp(number.into(), 0);
            let meaning = |it: chrono::DateTime<chrono::Utc>| Meaning {
                instant: Some(it.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
                ..Meaning::new(it.format("%Y-%m-%dT%H:%M:%SZ").to_string(), false)
                    .taken("seconds since 1970")
            };
            Found::of(instant.map(meaning))
        }
        1 | 2 => Found::instead(Reading::Incomplete("add the year, with four digits")),
        _ => Found::default(),
    }
}

/// `12/2023`, `2014/7`, `2023/24`.
fn two_numbers((a, a_digits): (u32, usize), (b, b_digits): (u32, usize), mark: char) -> Found {
    let month = |year: u32, month: u32, sure| {
        (1..=12).contains(&month).then(|| Meaning::new(format!("{year:04}-{month:02}"), sure))
    };
    match (a_digits, b_digits) {
        (1 | 2, 4) if a == 0 => Found::one(format!("{b:04}"), false),
        (1 | 2, 4) => Found::of(month(b, a, false)),
        (4, 1 | 2) if b == 0 && a % 100 != 99 => Found::one(format!("{a:04}"), false),
        (4, 1) => Found::of(month(a, b, mark == '-')),
        (4, 2) => {
            let century = if b < a % 100 { a / 100 + 1 } else { a / 100 };
            let next = century * 100 + b;
            let years = (mark != '.' && next > a && (b > a % 100 || next == a + 1)).then(|| {
                Meaning::new(format!("{a:04}/{next:04}"), false).taken("from year to year")
            });
            let month = month(a, b, false)
                .map(|month| if years.is_some() { month.taken("year and month") } else { month });
            Found::of(month.into_iter().chain(years))
        }
        (1 | 2, 1 | 2) => Found::instead(Reading::Incomplete("add the year, with four digits")),
        _ => Found::default(),
    }
}

/// `2014/07/16`, `16.07.2014`, `14-07-16`.
fn three_numbers(
    (a, a_digits): (u32, usize),
    (b, b_digits): (u32, usize),
    (c, c_digits): (u32, usize),
    mark: char,
) -> Found {
    match (a_digits, b_digits, c_digits) {
        (4, 1 | 2, 1 | 2) => match (b, c) {
            (0, 0) => Found::one(format!("{a:04}"), false),
            (1..=12, 0) => Found::one(format!("{a:04}-{b:02}"), false),
            _ => day_of(a, b, c, mark != ' '),
        },
        (1 | 2, 1 | 2, 4) if c == 0 && (a == 0 || b == 0) => Found::instead(Reading::NoDate),
        (1 | 2, 1 | 2, 4) => match (a, b) {
            (0, 0) => Found::one(format!("{c:04}"), false),
            (0, month @ 1..=12) | (month @ 1..=12, 0) => {
                Found::one(format!("{c:04}-{month:02}"), false)
            }
            _ => either_order(a, b, c),
        },
        (1 | 2, 1 | 2, 1 | 2) if a_digits == 2 || c_digits == 2 => year_of_two_digits(a, b, c),
        _ => Found::default(),
    }
}

/// Every order in which the numbers are a day; of which century can't be told.
fn year_of_two_digits(a: u32, b: u32, c: u32) -> Found {
    let orders = [
        ((a, b, c), "with the year first"),
        ((c, b, a), "with the day first"),
        ((c, a, b), "with the month first"),
    ];
    let of_century = |century: u32| {
        orders.into_iter().flat_map(move |((year, month, day), taken)| {
            let days = day_of(century * 100 + year, month, day, false).meanings.into_iter();
            days.filter(move |_| year < 100).map(move |it| it.taken(taken))
        })
    };
    let recent: Vec<_> = of_century(20).collect();
    match recent.as_slice() {
        [one] => Found::of(
            of_century(19)
                .map(|it| it.taken("a hundred years before"))
                .chain([one.clone().taken("")]),
        ),
        _ => Found::of(recent),
    }
}

fn either_order(a: u32, b: u32, year: u32) -> Found {
    let first = day_of(year, b, a, false);
    let second = day_of(year, a, b, false);
    let both = !first.meanings.is_empty() && !second.meanings.is_empty() && a != b;
    let taken = |found: Found, words| {
        let meanings = found.meanings.into_iter();
        meanings.map(move |it| if both { it.taken(words) } else { it })
    };
    let instead = match (&first.instead, a > 12, b > 12) {
        // One of the two says where the month is.
        (Some(instead), true, false) => Some(instead.clone()),
        _ => second.instead.clone(),
    };
    let meanings = taken(first, "with the day first").chain(taken(second, "with the month first"));
    Found { meanings: meanings.collect(), instead }
}
