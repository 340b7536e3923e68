//! Cells that something else than commas separates: known by a header that names columns that way.

use crate::diagnostic::{Diagnostic, Place, code, quote};

/// What separates the cells of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator<'t> {
    /// Another character than the comma.
    Other(char),
    /// A line for Excel says so: the header comes after it.
    Declared(&'t str),
}

/// What separates the columns of `header`, where that is no comma. `knows` tells names of columns.
#[must_use]
pub fn other_separator<'t>(header: &'t str, knows: impl Fn(&str) -> bool) -> Option<Separator<'t>> {
    let header = header.trim_matches(['\r', '\n']);
    let first = header.lines().next().unwrap_or_default();
    if first.len() <= "sep=\\t".len() && first.starts_with("sep=") {
        return Some(Separator::Declared(first));
    }
    let known = |separator: char| {
        let names = header.split(separator).map(|name| name.trim().trim_matches('"'));
        names.filter(|name| knows(name)).count()
    };
    let commas = known(',');
    let other = [';', '\t', '|'].into_iter().find(|&separator| {
        let count = if header.contains(separator) { known(separator) } else { 0 };
        count > commas
    });
    other.map(Separator::Other)
}

impl Separator<'_> {
    /// The finding, at the header.
    #[must_use]
    pub fn report(self, header: Place) -> Diagnostic {
        let (message, help) = match self {
            Self::Other(separator) => {
                let name = match separator {
                    ';' => "semicolons",
                    '\t' => "tabs",
                    _ => "vertical bars",
                };
                (
                    format!("the cells of the file are separated by {name}, not by commas"),
                    "save it with commas, and numbers with points: spreadsheets call that “CSV UTF-8 \
                     (comma delimited)”, or have a list separator among the settings of the region",
                )
            }
            Self::Declared(line) => (
                format!("the file begins with {}, which only Excel understands", quote(line)),
                "remove the line, and separate the cells by commas",
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
