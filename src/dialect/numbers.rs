//! Numbers as a region writes them.

/// How numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// What stands before the decimals.
    pub decimal: u8,
    /// What stands between thousands; none if nothing does.
    pub thousands: Option<Thousands>,
}

/// What stands between thousands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thousands {
    /// A point.
    Point,
    /// A comma.
    Comma,
    /// A space, also one that doesn't break.
    Space,
    /// An apostrophe, straight or curly.
    Apostrophe,
}

impl Thousands {
    fn holds(self, character: char) -> bool {
        match self {
            Self::Point => character == '.',
            Self::Comma => character == ',',
            Self::Space => matches!(character, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}'),
            Self::Apostrophe => matches!(character, '\'' | '’'),
        }
    }

    /// What it is called, with its article.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Point => "a point",
            Self::Comma => "a comma",
            Self::Space => "a space",
            Self::Apostrophe => "an apostrophe",
        }
    }
}

/// What a text says to who knows how numbers are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpeltNumber {
    /// A number, as JSON writes it.
    Number(String),
    /// It looks like a number, but not in this way: why.
    Otherwise(String),
    /// No number.
    None,
}

impl Numbers {
    /// Reads a text as a number.
    #[must_use]
    pub fn read(&self, text: &str) -> SpeltNumber {
        let plain = |character: char| {
            character.is_ascii_digit() || matches!(character, '-' | '+' | '.' | ',' | 'e' | 'E')
        };
        let marks = [Thousands::Point, Thousands::Comma, Thousands::Space, Thousands::Apostrophe];
        let mark = |character: char| marks.iter().any(|mark| mark.holds(character));
        let begins = text.trim_start_matches('-').starts_with(|it: char| it.is_ascii_digit());
        if !begins || !text.chars().all(|character| plain(character) || mark(character)) {
            return SpeltNumber::None;
        }
        let decimal = char::from(self.decimal);
        let end = text.find(['e', 'E']).unwrap_or(text.len());
        let (mantissa, exponent) = text.split_at(end);
        let (whole, decimals) = match mantissa.split_once(decimal) {
            Some((whole, decimals)) => (whole, Some(decimals)),
            None => (mantissa, None),
        };
        let is_thousands =
            |character: char| self.thousands.is_some_and(|mark| mark.holds(character));
        if let Some(decimals) = decimals
            && let Some(wrong) = decimals.chars().find(|it| !it.is_ascii_digit())
        {
            return SpeltNumber::Otherwise(match wrong {
                _ if wrong == decimal => format!("`{decimal}` stands in it twice"),
                _ => format!("`{wrong}` stands behind the `{decimal}` before its decimals"),
            });
        }
        let digits = whole.strip_prefix('-').unwrap_or(whole);
        let strange = |it: &char| !it.is_ascii_digit() && !is_thousands(*it);
        if let Some(wrong) = digits.chars().find(strange) {
            return SpeltNumber::Otherwise(format!(
                "`{wrong}` has no meaning here: decimals stand behind `{decimal}`, and {} stands \
                 between thousands",
                self.thousands.map_or("nothing", Thousands::name)
            ));
        }
        let mut groups = digits.split(is_thousands);
        let first = groups.next().unwrap_or_default();
        let mut is_grouped = false;
        let mut well = true;
        for group in groups {
            is_grouped = true;
            well &= group.len() == 3;
        }
        if is_grouped && (!well || !(1..=3).contains(&first.len())) {
            return SpeltNumber::Otherwise(format!(
                "{} stands between groups of three digits, and its groups are others",
                self.thousands.map_or("nothing", Thousands::name)
            ));
        }
        let mut spelt: String =
            whole.chars().filter(|it| it.is_ascii_digit() || *it == '-').collect();
        if let Some(decimals) = decimals {
            spelt.push('.');
            spelt.push_str(decimals);
        }
        spelt.push_str(exponent);
        SpeltNumber::Number(spelt)
    }
}

/// The lines of the manifest by which a text would be a number; none if it is one to JSON, or to nobody.
#[must_use]
pub fn number_lines(text: &str) -> Vec<&'static str> {
    let reads = |decimal, thousands| {
        matches!((Numbers { decimal, thousands }).read(text), SpeltNumber::Number(_))
    };
    if reads(b'.', None) {
        return Vec::new();
    }
    let ways: [(u8, Option<Thousands>, &[&str]); 7] = [
        (b',', None, &["decimal = \",\""]),
        (b'.', Some(Thousands::Comma), &["thousands = \",\""]),
        (b',', Some(Thousands::Point), &["decimal = \",\"", "thousands = \".\""]),
        (b'.', Some(Thousands::Space), &["thousands = \" \""]),
        (b',', Some(Thousands::Space), &["decimal = \",\"", "thousands = \" \""]),
        (b'.', Some(Thousands::Apostrophe), &["thousands = \"'\""]),
        (b',', Some(Thousands::Apostrophe), &["decimal = \",\"", "thousands = \"'\""]),
    ];
    if reads(b',', None) && reads(b'.', Some(Thousands::Comma)) {
        return vec!["decimal = \",\" # or, if it is no fraction: thousands = \",\""];
    }
    let way = ways.into_iter().find(|(decimal, thousands, _)| reads(*decimal, *thousands));
    way.map_or_else(Vec::new, |(_, _, lines)| lines.to_vec())
}

#[cfg(test)]
mod tests {
    use super::{Numbers, SpeltNumber, Thousands};

    fn read(decimal: u8, thousands: Option<Thousands>, text: &str) -> Option<String> {
        match (Numbers { decimal, thousands }).read(text) {
            SpeltNumber::Number(spelt) => Some(spelt),
            SpeltNumber::Otherwise(why) => Some(format!("! {why}")),
            SpeltNumber::None => None,
        }
    }

    #[test]
    fn a_number_tells_how_it_is_written_where_it_can() {
        for (text, lines) in [
            ("0,5", vec!["decimal = \",\""]),
            ("1.234,5", vec!["decimal = \",\"", "thousands = \".\""]),
            ("1,234.5", vec!["thousands = \",\""]),
            ("1,234", vec!["decimal = \",\" # or, if it is no fraction: thousands = \",\""]),
            ("1 234", vec!["thousands = \" \""]),
            ("1'234", vec!["thousands = \"'\""]),
            ("1.5", vec![]),
            ("1 km", vec![]),
            ("1,23,4", vec![]),
        ] {
            assert_eq!(super::number_lines(text), lines, "{text}");
        }
    }

    #[test]
    fn numbers_are_read_in_one_way_only() {
        use Thousands::{Apostrophe, Comma, Point, Space};
        for (decimal, thousands, text, expected) in [
            (b',', None, "1,5", "1.5"),
            (b',', None, "-0,25", "-0.25"),
            (b',', None, "12", "12"),
            (b',', None, "1,5E+3", "1.5E+3"),
            (b',', Some(Point), "1.234,5", "1234.5"),
            (b',', Some(Point), "1234,5", "1234.5"),
            (b',', Some(Point), "12.345.678", "12345678"),
            (b'.', Some(Comma), "1,234.5", "1234.5"),
            (b'.', Some(Comma), "1,234", "1234"),
            (b',', Some(Space), "1 234,5", "1234.5"),
            (b',', Some(Space), "1\u{a0}234", "1234"),
            (b',', Some(Space), "1\u{202f}234", "1234"),
            (b'.', Some(Apostrophe), "1'234.5", "1234.5"),
            (b'.', Some(Apostrophe), "1’234", "1234"),
        ] {
            let found = read(decimal, thousands, text);
            assert_eq!(found.as_deref(), Some(expected), "{text}");
        }
        for (decimal, thousands, text) in [
            (b',', None, "1.234"),
            (b',', None, "1.5"),
            (b',', None, "1,234,5"),
            (b',', Some(Point), "1.23,5"),
            (b',', Some(Point), "1.2345"),
            (b',', Some(Point), "1234.567"),
            (b',', Some(Point), "1,5.000"),
            (b'.', Some(Comma), "1,23"),
            (b'.', Some(Comma), "1,,234"),
            (b'.', Some(Comma), "1,234.5,6"),
            (b'.', Some(Apostrophe), "1,234"),
        ] {
            let found = read(decimal, thousands, text);
            assert!(found.is_some_and(|found| found.starts_with("! ")), "{text}");
        }
        for text in ["", "-", "abc", "1,5 km", "n/a", ",5", "x1"] {
            assert_eq!(read(b',', None, text), None, "{text}");
        }
    }
}
