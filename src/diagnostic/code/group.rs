//! What the letters of codes mean.

/// What codes with the same letter are about.
#[derive(Debug, PartialEq, Eq)]
pub struct Group {
    /// The first letter of their ids.
    pub letter: char,
    /// For programs.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
}

/// All groups, in the order of their letters.
pub static GROUPS: [Group; 14] = [
    group('A', "actors", "Actors"),
    group('C', "constraints", "Constraints and expectations"),
    group('D', "dates", "Dates"),
    group('E', "evidence", "Evidence"),
    group('K', "keys", "Keys"),
    group('L', "places", "Locations"),
    group('M', "manifest-and-schema", "Manifest, schemas and code lists"),
    group('N', "missing-values", "Missing values"),
    group('P', "syntax", "Parsing"),
    group('R', "references", "References"),
    group('S', "schema-rules", "Values and their schema"),
    group('T', "texts", "Text"),
    group('U', "duplicates", "Duplicates"),
    group('W', "waivers-and-baseline", "Waivers and the baseline"),
];

const fn group(letter: char, name: &'static str, title: &'static str) -> Group {
    Group { letter, name, title }
}
