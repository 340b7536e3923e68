//! Column and table names: how they are made from property names, and which can be used.

/// Stata cuts longer names; other software takes them.
pub(super) const COLUMN_CHARS_MAX: usize = 32;
/// PostgreSQL cuts longer names of tables.
pub(super) const TABLE_CHARS_MAX: usize = 63;
/// SPSS and Stata reject longer labels.
pub(super) const LABEL_CHARS_MAX: usize = 80;

/// A property's name as part of a column's name: `startDate` and `start-date` are `start_date`.
pub(crate) fn segment(property: &str) -> String {
    let mut segment = String::with_capacity(property.len());
    let mut previous_is_lower = false;
    for character in property.chars() {
        if character.is_ascii_uppercase() && previous_is_lower {
            segment.push('_');
        }
        previous_is_lower = character.is_ascii_lowercase() || character.is_ascii_digit();
        segment.extend(match character {
            '-' | '.' | ' ' | ':' | '/' => '_'.to_lowercase(),
            other => other.to_lowercase(),
        });
    }
    segment
}

/// A column's name under a prefix: the path through the objects of one level.
pub(super) fn join(prefix: &str, segment: &str) -> String {
    if prefix.is_empty() { segment.to_owned() } else { format!("{prefix}_{segment}") }
}

/// What columns derived from an EDTF column are called after: `date` of `date_edtf`.
pub(super) fn stem(column: &str) -> &str {
    column.strip_suffix("_edtf").unwrap_or(column)
}

/// A label made from another one, cut to what software takes.
pub(super) fn shorten(label: &str) -> String {
    if label.chars().count() <= LABEL_CHARS_MAX {
        return label.to_owned();
    }
    label.chars().take(LABEL_CHARS_MAX - 1).chain(['…']).collect()
}

/// Whether a name can be a key of a JSON-LD document: it isn't taken for a keyword, for an IRI, for a path
/// or for nothing.
pub(super) fn is_term(name: &str) -> bool {
    let first = name.starts_with(|first: char| first.is_alphabetic() || first == '_');
    let word = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-');
    first && name.chars().all(word)
}

/// Why software can't take a name; none if it can.
pub(super) fn fault(name: &str, chars_max: usize) -> Option<String> {
    let starts = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_');
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !starts || !name.bytes().all(word) {
        return Some("it may hold only a-z, 0-9 and _, and not begin with a digit".to_owned());
    }
    (name.len() > chars_max)
        .then(|| format!("it has {} characters, and {chars_max} are allowed", name.len()))
}

impl super::Table {
    /// What messages call one record: `row`, or "record" where the manifest doesn't say it.
    #[must_use]
    pub fn row_name(&self) -> &str {
        if self.row == self.name { "record" } else { &self.row }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn terms_are_words() {
        for name in ["title", "n_2", "größe", "_a-b"] {
            assert!(super::is_term(name), "{name}");
        }
        for name in ["", "@id", "@foo", "a/b", "dc:title", "http://a", "a b", "1", ".", "a\u{301}"]
        {
            assert!(!super::is_term(name), "{name}");
        }
    }

    #[test]
    fn property_names_become_snake_case() {
        for (property, column) in [
            ("startDate", "start_date"),
            ("start-date", "start_date"),
            ("n_2", "n_2"),
            ("ID", "id"),
        ] {
            assert_eq!(super::segment(property), column);
        }
        assert!(super::fault("größe", 32).is_some());
        assert!(super::fault(&"a".repeat(33), 32).is_some());
        assert!(super::fault("date_edtf", 32).is_none());
    }
}
