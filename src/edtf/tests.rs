//! Texts in, dates or what is wrong with them out.

use proptest::prelude::*;

use super::{Edtf, Precision};

/// Bounds, precision and marks on one line.
fn read(text: &str) -> String {
    match Edtf::parse(text) {
        Ok(date) => {
            let day =
                |day: Option<chrono::NaiveDate>| day.map_or("*".to_owned(), |day| day.to_string());
            let marks = match (date.uncertain(), date.approximate()) {
                (false, false) => "",
                (true, false) => " ?",
                (false, true) => " ~",
                (true, true) => " %",
            };
            let name = date.precision().name();
            format!("{} {} {name}{marks}", day(date.earliest()), day(date.latest()))
        }
        Err(error) => format!("{:?} {error}", &text[error.span.clone()]),
    }
}

#[test]
fn dates() {
    for (text, expected) in [
        ("2023-12-03", "2023-12-03 2023-12-03 day"),
        ("2024-02-29", "2024-02-29 2024-02-29 day"),
        ("2023-02", "2023-02-01 2023-02-28 month"),
        ("2023", "2023-01-01 2023-12-31 year"),
        ("0000", "0000-01-01 0000-12-31 year"),
        ("9999-12-31", "9999-12-31 9999-12-31 day"),
        ("-0044-03-15", "-0044-03-15 -0044-03-15 day"),
        ("-004X", "-0049-01-01 -0040-12-31 interval"),
        ("2023-12-XX", "2023-12-01 2023-12-31 month"),
        ("2023-XX-XX", "2023-01-01 2023-12-31 year"),
        ("2023-XX", "2023-01-01 2023-12-31 year"),
        ("202X", "2020-01-01 2029-12-31 interval"),
        ("20XX", "2000-01-01 2099-12-31 interval"),
        ("2023-12-03?", "2023-12-03 2023-12-03 day ?"),
        ("2023-12~", "2023-12-01 2023-12-31 month ~"),
        ("2023%", "2023-01-01 2023-12-31 year %"),
        ("2023-12-XX~", "2023-12-01 2023-12-31 month ~"),
        ("2023-21", "2023-03-01 2023-05-31 season"),
        ("2023-22", "2023-06-01 2023-08-31 season"),
        ("2023-23?", "2023-09-01 2023-11-30 season ?"),
        ("2023-24", "2023-12-01 2024-02-29 season"),
        ("2023-12-03T10:00:00Z", "2023-12-03 2023-12-03 day"),
        ("2023-12-03T23:59:59", "2023-12-03 2023-12-03 day"),
        ("2023-12-03T10:00:00+01", "2023-12-03 2023-12-03 day"),
        ("2023-12-03T10:00:00-05:30", "2023-12-03 2023-12-03 day"),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn intervals() {
    for (text, expected) in [
        ("2023-12-03/2023-12-05", "2023-12-03 2023-12-05 interval"),
        ("2023-12/2024", "2023-12-01 2024-12-31 interval"),
        ("2023-12-03/2023", "2023-12-03 2023-12-31 interval"),
        ("2023-12-03?/2023-12-05~", "2023-12-03 2023-12-05 interval %"),
        ("2023-12-XX/2024-01-XX", "2023-12-01 2024-01-31 interval"),
        ("../2023-12-03", "* 2023-12-03 open"),
        ("2023-12-03/..", "2023-12-03 * open"),
        ("/2023-12-03", "* 2023-12-03 unknown"),
        ("2023-12-03/", "2023-12-03 * unknown"),
        ("2023-12~/..", "2023-12-01 * open ~"),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn errors_say_what_and_where() {
    for (text, expected) in [
        ("2023-13", "\"13\" month 13 does not exist"),
        ("2023-13-05", "\"13\" month 13 does not exist"),
        ("2023-00", "\"00\" month 00 does not exist"),
        ("2023-02-29", "\"29\" 2023-02 has no day 29: it ends on day 28"),
        ("2023-12-00", "\"00\" day 00 does not exist"),
        ("2023-1-05", "\"1\" month 1 needs two digits"),
        ("2023-12-5", "\"5\" day 5 needs two digits"),
        ("2023-12-1X", "\"1X\" half of a day unknown belongs to EDTF level 2"),
        ("2023-XX-03", "\"03\" digits are unknown from the right: a month `XX` has no day"),
        ("202X-12", "\"202X\" digits are unknown from the right: a year with `X` has no month"),
        ("2XXX", "\"2XXX\" more than two unknown digits of a year belong to EDTF level 2"),
        ("2023-25", "\"25\" season 25 belongs to EDTF level 2"),
        ("2023-21-05", "\"05\" a season has no days"),
        ("2023-12?-03", "\"?\" a mark on a part of a date belongs to EDTF level 2"),
        ("2023-12-05/2023-12-03", "\"2023-12-05/2023-12-03\" the interval ends before it starts"),
        ("2023/2024/2025", "\"/\" an interval has two ends, not three"),
        ("2023/2024-13", "\"13\" month 13 does not exist"),
        ("..", "\"..\" a date begins with a year of four digits"),
        ("/", "\"/\" an interval needs a date at one end at least"),
        ("../..", "\"../..\" an interval needs a date at one end at least"),
        ("", "\"\" the text is empty"),
        ("2023-12-03 ", "\"2023-12-03 \" blanks stand around the date"),
        ("20231203", "\"20231203\" year, month and day aren't separated"),
        ("03/12/2023", "\"03/12/2023\" this isn't how EDTF writes a day"),
        ("3.12.2023", "\"3.12.2023\" this isn't how EDTF writes a day"),
        ("3 December 2023", "\"December\" `December` is no part of a date"),
        ("2023-W49", "\"W\" EDTF has no weeks"),
        ("Y-17000000", "\"Y\" years beyond four digits (`Y…`) aren't supported"),
        ("12023-01-01", "\"12023\" a date begins with a year of four digits"),
        ("23-01-01", "\"23\" year 23 needs four digits"),
        ("-0000", "\"0000\" year -0000 does not exist"),
        ("[2023,2024]", "\"[\" sets of dates belong to EDTF level 2"),
        ("2023-12-uu", "\"u\" an unknown digit is written `X`"),
        ("unknown/2023", "\"unknown/2023\" `open` and `unknown` are not EDTF any more"),
        ("2023-12-03T25:00:00Z", "\"25:00:00Z\" this is no time"),
        ("2023-12-03T10:00", "\"10:00\" this is no time"),
        ("2023-12-03T10:00:00+1", "\"10:00:00+1\" this is no time zone"),
        ("2023-12T10:00:00Z", "\"2023-12T10:00:00Z\" a time needs a full date before it"),
        (
            "2023-12-03T10:00:00Z/2024",
            "\"2023-12-03T10:00:00Z\" an interval has dates as ends, no times",
        ),
        ("2023-12-03-04", "\"2023-12-03-04\" a date has at most year, month and day"),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn names_follow_the_variants() {
    assert_eq!(Precision::Day.name(), "day");
    assert_eq!(Precision::Unknown.name(), "unknown");
    assert_eq!(Precision::NAMES.len(), Precision::Unknown as usize + 1);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC*") {
        if let Err(error) = Edtf::parse(&text) {
            prop_assert!(text.get(error.span).is_some());
        }
    }

    #[test]
    fn bounds_are_ordered(text in "-?[0-9X]{4}(-[0-3X][0-9X](-[0-3X][0-9X])?)?[?~%]?(/[0-9X]{4}(-[0-3X][0-9X])?)?") {
        match Edtf::parse(&text) {
            Ok(date) => prop_assert!(date.earliest() <= date.latest()),
            Err(error) => prop_assert!(text.get(error.span).is_some()),
        }
    }

    #[test]
    fn real_days_round_trip(days in 0i32..3_652_059) {
        let day = chrono::NaiveDate::from_num_days_from_ce_opt(days).expect("in range");
        let date = Edtf::parse(&day.format("%Y-%m-%d").to_string()).expect("a day is EDTF");
        prop_assert_eq!(date.earliest(), Some(day));
        prop_assert_eq!(date.latest(), Some(day));
        prop_assert_eq!(date.precision(), Precision::Day);
    }
}
