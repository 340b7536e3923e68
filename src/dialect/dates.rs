//! Days as people write them in numbers.

use chrono::NaiveDate;

/// How days are written: `dd/MM/yyyy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatePattern {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// A day of one or two digits, or always of two.
    Day { two: bool },
    /// A month, likewise.
    Month { two: bool },
    /// A year of four digits.
    Year,
    /// This character.
    Mark(char),
}

/// Why a text is no pattern of dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternFault {
    /// A year of other than four digits.
    Year,
    /// A month that isn't a number.
    MonthName,
    /// A letter that stands for nothing.
    Letter(char),
    /// There is no year, or a day without its month.
    Incomplete,
    /// Something stands there twice.
    Repeated,
    /// A day or month of one or two digits, with another number right beside it.
    Unseparated,
}

impl PatternFault {
    /// What is wrong, to follow the pattern in a sentence.
    #[must_use]
    pub fn reason(self) -> String {
        match self {
            Self::Year => "has a year of other than four digits, which says no century".to_owned(),
            Self::MonthName => "has a month in letters, which isn't read".to_owned(),
            Self::Letter(letter) => format!("has `{letter}`, which stands for nothing"),
            Self::Incomplete => "lacks the year, or the month of its day".to_owned(),
            Self::Repeated => "names a part of the date twice".to_owned(),
            Self::Unseparated => {
                "has `d` or `M`, which may be one digit or two, right beside another number"
                    .to_owned()
            }
        }
    }
}

impl DatePattern {
    /// Reads a pattern: `d`, `dd`, `M`, `MM` and `yyyy`, and any characters but letters.
    ///
    /// # Errors
    /// When it is none, or dates couldn't be read by it in one way only.
    pub fn parse(text: &str) -> Result<Self, PatternFault> {
        let mut parts: Vec<Part> = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let run = rest.len() - rest.trim_start_matches(first).len();
            let part = match (first, run) {
                ('d', 1 | 2) => Part::Day { two: run == 2 },
                ('M', 1 | 2) => Part::Month { two: run == 2 },
                ('M', _) => return Err(PatternFault::MonthName),
                ('y', 4) => Part::Year,
                ('y', _) => return Err(PatternFault::Year),
                (letter, _) if letter.is_alphabetic() => {
                    return Err(PatternFault::Letter(letter));
                }
                (mark, _) => Part::Mark(mark),
            };
            let taken = if matches!(part, Part::Mark(_)) { first.len_utf8() } else { run };
            parts.push(part);
            rest = &rest[taken..];
        }
        let count = |is: fn(&Part) -> bool| parts.iter().filter(|part| is(part)).count();
        let days = count(|part| matches!(part, Part::Day { .. }));
        let months = count(|part| matches!(part, Part::Month { .. }));
        let years = count(|part| matches!(part, Part::Year));
        if days > 1 || months > 1 || years > 1 {
            return Err(PatternFault::Repeated);
        }
        if years == 0 || days > months {
            return Err(PatternFault::Incomplete);
        }
        let is_number = |part: &Part| match part {
            Part::Mark(mark) => mark.is_numeric(),
            Part::Day { .. } | Part::Month { .. } | Part::Year => true,
        };
        let is_open =
            |part: &Part| matches!(part, Part::Day { two: false } | Part::Month { two: false });
        let beside = |pair: &[Part]| {
            (is_open(&pair[0]) || is_open(&pair[1])) && is_number(&pair[0]) && is_number(&pair[1])
        };
        if parts.windows(2).any(beside) {
            return Err(PatternFault::Unseparated);
        }
        Ok(Self { text: text.to_owned(), parts })
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The date that a text is, as ISO 8601 writes it; none if the text isn't written so, or there is no
    /// such day.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<String> {
        let (mut day, mut month, mut year) = (None, None, None);
        let mut rest = text;
        for part in &self.parts {
            let (target, wanted) = match part {
                Part::Mark(mark) => {
                    rest = rest.strip_prefix(*mark)?;
                    continue;
                }
                Part::Day { two } => (&mut day, if *two { 2..=2 } else { 1..=2 }),
                Part::Month { two } => (&mut month, if *two { 2..=2 } else { 1..=2 }),
                Part::Year => (&mut year, 4..=4),
            };
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count().min(*wanted.end());
            if !wanted.contains(&digits) {
                return None;
            }
            *target = rest[..digits].parse::<u32>().ok();
            rest = &rest[digits..];
        }
        let year = year.filter(|_| rest.is_empty())?;
        let first =
            NaiveDate::from_ymd_opt(year.cast_signed(), month.unwrap_or(1), day.unwrap_or(1))?;
        Some(match (month, day) {
            (Some(_), Some(_)) => first.format("%Y-%m-%d").to_string(),
            (Some(month), None) => format!("{year:04}-{month:02}"),
            (None, _) => format!("{year:04}"),
        })
    }
}

/// What a text is by one of these patterns. Two that read other days are both returned.
#[must_use]
pub fn date<'p>(patterns: &'p [DatePattern], text: &str) -> Vec<(&'p DatePattern, String)> {
    let mut found: Vec<(&DatePattern, String)> = Vec::new();
    for pattern in patterns {
        if let Some(date) = pattern.read(text)
            && !found.iter().any(|(_, other)| *other == date)
        {
            found.push((pattern, date));
        }
    }
    found
}

/// The line of the manifest by which a text would be a day; none if no pattern reads it.
#[must_use]
pub fn date_line(text: &str) -> Option<String> {
    let reads = |pattern: &str| {
        DatePattern::parse(pattern).is_ok_and(|pattern| pattern.read(text).is_some())
    };
    let mark = text.chars().find(|it| !it.is_ascii_digit());
    let Some(mark) = mark else {
        return reads("yyyyMMdd").then(|| "dates = [\"yyyyMMdd\"]".to_owned());
    };
    let mark = Some(mark).filter(|it| matches!(it, '/' | '.' | '-'))?;
    let of = |parts: [&str; 3]| parts.join(&mark.to_string());
    let two =
        |one: [&str; 3], other: [&str; 3]| [of(one), of(other)].into_iter().find(|it| reads(it));
    let year_first = two(["yyyy", "MM", "dd"], ["yyyy", "M", "d"]);
    let day_first = two(["dd", "MM", "yyyy"], ["d", "M", "yyyy"]);
    let month_first = two(["MM", "dd", "yyyy"], ["M", "d", "yyyy"]);
    Some(match (year_first.or(day_first), month_first) {
        (Some(one), Some(other)) => format!("dates = [\"{one}\"] # or \"{other}\"?"),
        (Some(only), None) | (None, Some(only)) => format!("dates = [\"{only}\"]"),
        (None, None) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{DatePattern, PatternFault, date};

    #[test]
    fn days_are_read_by_their_pattern() {
        for (pattern, text, expected) in [
            ("dd/MM/yyyy", "03/12/2023", Some("2023-12-03")),
            ("dd/MM/yyyy", "3/12/2023", None),
            ("d/M/yyyy", "3/2/2023", Some("2023-02-03")),
            ("d/M/yyyy", "03/02/2023", Some("2023-02-03")),
            ("dd.MM.yyyy", "31.02.2023", None),
            ("dd.MM.yyyy", "03.12.23", None),
            ("dd.MM.yyyy", "03.12.2023 ", None),
            ("yyyyMMdd", "20231203", Some("2023-12-03")),
            ("yyyyMMdd", "2023123", None),
            ("yyyy-MM-dd 00:00:00", "2023-12-03 00:00:00", Some("2023-12-03")),
            ("yyyy-MM-dd 00:00:00", "2023-12-03 00:00:01", None),
            ("MM/yyyy", "12/2023", Some("2023-12")),
            ("d. M. yyyy", "3. 12. 2023", Some("2023-12-03")),
            ("dd/MM/yyyy", "é3/12/2023", None),
        ] {
            let pattern = DatePattern::parse(pattern).expect("a pattern");
            assert_eq!(pattern.read(text).as_deref(), expected, "{} {text}", pattern.as_str());
        }
    }

    #[test]
    fn patterns_that_say_no_day_are_refused() {
        for (pattern, fault) in [
            ("dd/MM/yy", PatternFault::Year),
            ("dd MMM yyyy", PatternFault::MonthName),
            ("dd/mm/yyyy", PatternFault::Letter('m')),
            ("dd/MM", PatternFault::Incomplete),
            ("dd/yyyy", PatternFault::Incomplete),
            ("", PatternFault::Incomplete),
            ("dd/dd/yyyy", PatternFault::Repeated),
            ("dMyyyy", PatternFault::Unseparated),
            ("yyyyMdd", PatternFault::Unseparated),
        ] {
            assert_eq!(DatePattern::parse(pattern), Err(fault), "{pattern}");
        }
    }

    #[test]
    fn a_date_tells_its_pattern_where_it_can() {
        for (text, line) in [
            ("31/12/2023", Some("dates = [\"dd/MM/yyyy\"]")),
            ("12/31/2023", Some("dates = [\"MM/dd/yyyy\"]")),
            ("01.02.2023", Some("dates = [\"dd.MM.yyyy\"] # or \"MM.dd.yyyy\"?")),
            ("1/2/2023", Some("dates = [\"d/M/yyyy\"] # or \"M/d/yyyy\"?")),
            ("2023/12/31", Some("dates = [\"yyyy/MM/dd\"]")),
            ("20231231", Some("dates = [\"yyyyMMdd\"]")),
            ("31/12/23", None),
            ("31 December 2023", None),
            ("20239931", None),
        ] {
            assert_eq!(super::date_line(text).as_deref(), line, "{text}");
        }
    }

    #[test]
    fn two_patterns_may_disagree() {
        let patterns = ["dd/MM/yyyy", "MM/dd/yyyy"].map(|it| DatePattern::parse(it).expect("one"));
        let dates =
            |text| date(&patterns, text).into_iter().map(|(_, date)| date).collect::<Vec<_>>();
        assert_eq!(dates("31/12/2023"), ["2023-12-31"]);
        assert_eq!(dates("12/31/2023"), ["2023-12-31"]);
        assert_eq!(dates("05/05/2023"), ["2023-05-05"]);
        assert_eq!(dates("01/02/2023"), ["2023-02-01", "2023-01-02"]);
        assert_eq!(dates("2023-01-02"), Vec::<String>::new());
    }
}
