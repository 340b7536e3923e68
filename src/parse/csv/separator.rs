//! Cells that something else separates than should: known by a header that names columns that way.

use crate::diagnostic::{Diagnostic, Place, code, quote};

/// What separates the cells of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator<'t> {
    /// Another character than the one that should.
    Other(char),
    /// A line for Excel says so: the header comes after it.
    Declared(&'t str),
}

/// What separates the columns of `header`, where that is no comma. `knows` tells names of columns.
#[must_use]
pub fn other_separator<'t>(header: &'t str, knows: impl Fn(&str) -> bool) -> Option<Separator<'t>> {
    separator_but(header, ',', knows)
}

/// The same where it isn't `own`.
#[must_use]
pub fn separator_but<'t>(
    header: &'t str,
    own: char,
    knows: impl Fn(&str) -> bool,
) -> Option<Separator<'t>> {
    let header = header.trim_matches(['\r', '\n']);
    let first = header.lines().next().unwrap_or_default();
    if first.len() <= "sep=\\t".len() && first.starts_with("sep=") {
        return Some(Separator::Declared(first));
    }
    let known = |separator: char| {
        let names = header.split(separator).map(|name| name.trim().trim_matches('"'));
        names.filter(|name| knows(name)).count()
    };
    let right = known(own);
    let other = [',', ';', '\t', '|'].into_iter().find(|&separator| {
        let count = if header.contains(separator) { known(separator) } else { 0 };
        count > right
    });
    other.map(Separator::Other)
}

impl Separator<'_> {
    /// The lines of the manifest that would say so.
    #[must_use]
    pub fn lines(self) -> Vec<String> {
        let delimiter = |separator: char| match separator {
            '\t' => "delimiter = \"\\t\"".to_owned(),
            other => format!("delimiter = \"{other}\""),
        };
        match self {
            Self::Other(separator) => vec![delimiter(separator)],
            Self::Declared(line) => {
                let declared = line["sep=".len()..].trim_end();
                let separator =
                    if declared == "\\t" { Some('\t') } else { declared.chars().next() };
                let lines = [separator.map(delimiter), Some("header = 2".to_owned())];
                lines.into_iter().flatten().collect()
            }
        }
    }

    /// The finding, at the header.
    #[must_use]
    pub fn report(self, header: Place) -> Diagnostic {
        self.report_but(',', header)
    }

    /// The same where `own` should separate cells.
    #[must_use]
    pub fn report_but(self, own: char, header: Place) -> Diagnostic {
        let name = |separator: char| match separator {
            ',' => "commas".to_owned(),
            ';' => "semicolons".to_owned(),
            '\t' => "tabs".to_owned(),
            '|' => "vertical bars".to_owned(),
            other => format!("`{other}`"),
        };
        let (message, help) = match self {
            Self::Other(separator) => (
                format!(
                    "the cells of the file are separated by {}, not by {}",
                    name(separator),
                    name(own)
                ),
                if own == ',' {
                    "save it with commas, and numbers with points: spreadsheets call that “CSV UTF-8 \
                     (comma delimited)”, or have a list separator among the settings of the region"
                        .to_owned()
                } else {
                    format!("save it with {}", name(own))
                },
            ),
            Self::Declared(line) => (
                format!("the file begins with {}, which only Excel understands", quote(line)),
                format!("remove the line, and separate the cells by {}", name(own)),
            ),
        };
        Diagnostic::new(&code::WRONG_SEPARATOR, header, message).help(help)
    }
}

#[cfg(test)]
mod tests {
    use super::{Separator, other_separator};

    #[test]
    fn a_header_tells() {
        let knows = |name: &str| ["id", "name", "a;b"].contains(&name);
        for (header, expected) in [
            ("id;name\n", Some(Separator::Other(';'))),
            ("\"id\";x\r\n", Some(Separator::Other(';'))),
            ("id\tname", Some(Separator::Other('\t'))),
            ("sep=;\nid;name\n", Some(Separator::Declared("sep=;"))),
            ("id,name\n", None),
            ("id,a;b\n", None),
            ("id,x;y\n", None),
            ("x;y\n", None),
            ("separate=1\n", None),
        ] {
            assert_eq!(other_separator(header, knows), expected, "{header:?}");
        }
    }
}
