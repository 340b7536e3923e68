//! From one date to another, or with an open end: `16–18 July 2014`, `since 2014`, `before 2014`.

use chrono::{Datelike as _, NaiveDate};

use super::text::{Kind, Token};
use super::words::{self, Bound};
use super::{Found, Meaning, single};
use crate::edtf::{Edtf, Precision};

/// The readings of a text: as one date, else as an interval.
pub(super) fn read(tokens: &[Token<'_>]) -> Found {
    let one = single::read(tokens);
    if !one.meanings.is_empty() {
        return one;
    }
    let ways = [between(tokens), with_bound(tokens), with_end(tokens), from_to(tokens)];
    let found = ways.into_iter().flatten().find(|found| !found.meanings.is_empty());
    found.unwrap_or(one)
}

/// `from 2014 to 2015`, `between 2014 and 2015`.
fn between(tokens: &[Token<'_>]) -> Option<Found> {
    let [first, rest @ ..] = tokens else { return None };
    let joins = |token: &Token<'_>| words::is_and(token.text) || words::is_to(token.text);
    if !words::is_between(first.text) {
        return None;
    }
    split(rest, |_, token| joins(token) || token.text == "-")
}

/// `before 2014`, `not later than 2014`, `–2014`.
fn with_bound(tokens: &[Token<'_>]) -> Option<Found> {
    const PHRASES: [(&[&str], Bound); 10] = [
        (&["prior", "to"], Bound::Before),
        (&["earlier", "than"], Bound::Before),
        (&["later", "than"], Bound::After),
        (&["up", "to"], Bound::Until),
        (&["no", "later", "than"], Bound::Until),
        (&["not", "after"], Bound::Until),
        (&["no", "earlier", "than"], Bound::Since),
        (&["not", "before"], Bound::Since),
        (&["as", "of"], Bound::Since),
        (&["a", "partir"], Bound::Since),
    ];
    let says = |phrase: &[&str]| {
        tokens.len() > phrase.len() && phrase.iter().zip(tokens).all(|(word, it)| *word == it.text)
    };
    let phrase = PHRASES.iter().find(|(phrase, _)| says(phrase));
    let (bound, rest) = match (phrase, tokens) {
        (Some((phrase, bound)), _) => (*bound, &tokens[phrase.len()..]),
        (None, [first, rest @ ..]) if matches!(first.text, "–" | "‥") => (Bound::Until, rest),
        (None, [first, rest @ ..]) => (words::bound(first.text)?, rest),
        (None, []) => return None,
    };
    // `jusqu'à`, `avant le`
    let joining = |token: &&Token<'_>| matches!(token.text, "'" | "a" | "au" | "or" | "=");
    let rest = &rest[rest.iter().take_while(joining).count()..];
    Some(Found::of(single::read(rest).meanings.iter().flat_map(|date| bounded(bound, date))))
}

/// `2014–`, `2014 to present`, `unknown/2014`, `2014-?`.
fn with_end(tokens: &[Token<'_>]) -> Option<Found> {
    let joins =
        |token: &Token<'_>| matches!(token.text, "-" | "–" | "/" | "‥") || words::is_to(token.text);
    let unknown = |token: &Token<'_>| matches!(token.text, "?" | "unknown" | "unk");
    let dated = |tokens: &[Token<'_>], spell: fn(&str) -> String| {
        let dates = single::read(tokens).meanings;
        Found::of(dates.iter().map(|date| Meaning::new(spell(&date.edtf), false)))
    };
    match tokens {
        [end, join, rest @ ..] if unknown(end) && joins(join) => {
            return Some(dated(rest, |date| format!("/{date}")));
        }
        [rest @ .., join, end] if unknown(end) && joins(join) => {
            return Some(dated(rest, |date| format!("{date}/")));
        }
        _ => {}
    }
    let open = |token: &&Token<'_>| {
        words::is_open(token.text) || token.text == "+" || joins(token) || token.text == "date"
    };
    let ends = tokens.iter().rev().take_while(open).count();
    let rest = &tokens[..tokens.len() - ends];
    let rest = match rest {
        [first, rest @ ..] if words::bound(first.text) == Some(Bound::Since) => rest,
        _ => rest,
    };
    (ends > 0).then(|| dated(rest, |date| format!("{date}/..")))
}

/// `2014 – 2015`, `16–18 July 2014`, `2014-07-16/17`: what joins the most first.
fn from_to(tokens: &[Token<'_>]) -> Option<Found> {
    let spaced = |at: usize| tokens[at].spaced && tokens.get(at + 1).is_some_and(|it| it.spaced);
    let nearest = split(tokens, |at, token| {
        words::is_to(token.text) || (matches!(token.text, "-" | "/") && spaced(at))
    });
    nearest
        .or_else(|| split(tokens, |_, token| token.text == "/"))
        .or_else(|| split(tokens, |_, token| token.text == "-"))
}

/// The first split into two dates; none if there is none.
fn split(tokens: &[Token<'_>], joins: impl Fn(usize, &Token<'_>) -> bool) -> Option<Found> {
    let found = tokens.iter().enumerate().filter(|(at, token)| joins(*at, token));
    let mut ways = found.map(|(at, _)| pair(&tokens[..at], &tokens[at + 1..]));
    ways.find(|found| !found.meanings.is_empty())
}

fn pair(left: &[Token<'_>], right: &[Token<'_>]) -> Found {
    let is_month = |token: &Token<'_>| words::month(token.text).is_some();
    let is_year = |token: &&Token<'_>| token.kind == Kind::Digits && token.text.len() == 4;
    let is_day = |token: &Token<'_>| token.kind == Kind::Digits && token.text.len() < 3;
    let year = right.iter().rev().find(is_year);
    let read = |tokens: &[Token<'_>]| single::read(tokens).meanings;
    // `July 16-18, 2014`
    if let ([month, day], [last, .., _], Some(year)) = (left, right, year)
        && is_month(month)
        && is_day(day)
        && is_day(last)
        && !right.iter().any(is_month)
    {
        return join(&read(&[*month, *day, *year]), &read(&[*month, *last, *year]));
    }
    let mut first = read(left);
    let mut last = read(right);
    if let (true, Some(year)) = (first.is_empty(), year) {
        let month = right.iter().position(is_month);
        let tail: &[Token<'_>] = match month {
            // `16–18 July 2014`
            Some(month) if month > 0 && !left.iter().any(is_month) => &right[month..],
            // `16 July – 3 August 2014`, `July–August 2014`, `Q1–Q2 2014`
            _ => std::slice::from_ref(year),
        };
        if left.iter().any(|it| it.kind == Kind::Word) || month.is_some() {
            first = read(&[left, tail].concat());
        }
    }
    // `2014-07-16/17`, `2014-07-16/08-03`, `2014-07/09`
    if let [date] = first.as_slice()
        && right.iter().all(|it| is_day(it) || it.text == "-")
    {
        let numbers: Vec<_> = right.iter().filter_map(Token::number).collect();
        let kept = match (date.edtf.len(), numbers.len()) {
            (10, 1) => 7,
            (10, 2) | (7, 1) => 4,
            _ => 0,
        };
        if kept > 0 {
            let rest: String = numbers.iter().map(|number| format!("-{number:02}")).collect();
            last = vec![Meaning::new(format!("{}{rest}", &date.edtf[..kept]), false)];
        }
    }
    join(&first, &last)
}

/// Intervals from each first date to each last one; where both have two readings, to the one that
/// was taken in the same way.
fn join(first: &[Meaning], last: &[Meaning]) -> Found {
    let alike = first.len() > 1 && last.len() > 1;
    let pairs = first.iter().flat_map(|start| last.iter().map(move |end| (start, end)));
    let pairs = pairs.filter(|(start, end)| !alike || start.taken == end.taken);
    let interval = |(start, end): (&Meaning, &Meaning)| {
        let from = start.edtf.split('/').next()?;
        let to = end.edtf.rsplit('/').next()?;
        let edtf = format!("{from}/{to}");
        let taken = if start.taken.is_empty() { end.taken } else { start.taken };
        Edtf::parse(&edtf).is_ok().then(|| Meaning::new(edtf, false).taken(taken))
    };
    Found::of(pairs.filter_map(interval))
}

/// What a bound makes of a date; whether the date itself counts isn't always said.
fn bounded(bound: Bound, date: &Meaning) -> Vec<Meaning> {
    let edtf = &date.edtf;
    let until = || Meaning::new(format!("../{edtf}"), false);
    let since = || Meaning::new(format!("{edtf}/.."), false);
    match bound {
        Bound::Until => vec![until()],
        Bound::Since => vec![since()],
        Bound::Before => {
            let before = neighbour(edtf, false);
            let before =
                before.map(|it| Meaning::new(format!("../{it}"), false).taken("without it"));
            before.into_iter().chain([until().taken("with it")]).collect()
        }
        Bound::After => {
            let after = neighbour(edtf, true);
            let after = after.map(|it| Meaning::new(format!("{it}/.."), false).taken("without it"));
            after.into_iter().chain([since().taken("with it")]).collect()
        }
    }
}

/// The day, month or year next to one.
fn neighbour(edtf: &str, after: bool) -> Option<String> {
    let date = Edtf::parse(edtf).ok().filter(|date| !date.uncertain() && !date.approximate())?;
    let day: NaiveDate =
        if after { date.latest()?.succ_opt()? } else { date.earliest()?.pred_opt()? };
    let year = u32::try_from(day.year()).ok().filter(|year| *year < 10_000)?;
    match date.precision() {
        Precision::Day => Some(day.to_string()),
        Precision::Month => Some(format!("{year:04}-{:02}", day.month())),
        Precision::Year => Some(format!("{year:04}")),
        Precision::Season | Precision::Interval | Precision::Open | Precision::Unknown => None,
    }
}
