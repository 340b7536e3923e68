//! Closed sets of values: code lists (CSV files with definitions) and plain `enum`s.
//!
//! A list is a file, or made of other lists. Whatever its columns are called in the file, here they have
//! the names that every code list has, and so they have in a release.

mod check;
mod codes;
mod file;
mod load;
mod made;

use std::sync::Arc;

pub use codes::{Codes, canonical_integer};
pub use load::load;

use crate::diagnostic::Place;
use crate::workspace::SourceId;

/// Where code lists are: one CSV file a list, unless the manifest says otherwise.
pub const DIRECTORY: &str = "schema/codelists";

/// Where they are in a root.
const DIRECTORY_IN_ROOT: &str = "codelists";

/// The columns that every code list has.
const REQUIRED_COLUMNS: [&str; 2] = ["code", "label"];

/// Between which days a code was valid.
const SPELL_COLUMNS: [&str; 2] = ["valid_from", "valid_to"];

/// A set of codes with what is said of each.
#[derive(Debug)]
pub struct CodeList {
    /// As schemas name it.
    pub name: String,
    /// The file; none for a list that is made of others.
    pub source: Option<SourceId>,
    /// The header.
    pub columns: Arc<[String]>,
    /// The rows, as wide as the header; empty text is missing.
    pub rows: Arc<[Vec<String>]>,
    /// Where each row is written.
    pub places: Vec<Place>,
    /// The codes.
    pub codes: Arc<Codes>,
    /// The lists that it is made of.
    pub made_of: Vec<String>,
    /// Whether the file says what this says, byte for byte, so that a release carries it as it is.
    pub is_as_written: bool,
}

impl CodeList {
    /// The position of a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// The list as CSV, with the names that columns have here.
    #[must_use]
    pub fn to_csv(&self) -> Vec<u8> {
        let mut out = String::new();
        for row in std::iter::once(&self.columns[..]).chain(self.rows.iter().map(Vec::as_slice)) {
            for (index, cell) in row.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                if cell.contains([',', '"', '\n', '\r']) {
                    out.push('"');
                    out.push_str(&cell.replace('"', "\"\""));
                    out.push('"');
                } else {
                    out.push_str(cell);
                }
            }
            out.push('\n');
        }
        out.into_bytes()
    }

    /// The codes of rows, with what these say.
    fn codes_of(&self, is_ordered: bool, defined_by: String) -> Arc<Codes> {
        let Some(code) = self.column("code") else { return Arc::clone(&self.codes) };
        let values = self.rows.iter().map(|row| row[code].clone());
        let mut codes =
            Codes::new(Some(self.name.clone()), values).with_rows(&self.columns, &self.rows);
        (codes.is_ordered, codes.defined_by) = (is_ordered, defined_by);
        Arc::new(codes)
    }
}
