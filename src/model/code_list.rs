//! Closed sets of values: code lists (CSV files with definitions) and plain `enum`s.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, StringArray};

use crate::workspace::SourceId;

/// The values of a code-list or `enum` column, in the order of their definition.
#[derive(Debug)]
pub struct Codes {
    /// The code list that they come from; none for an `enum`.
    pub list: Option<String>,
    /// The values, each once.
    pub values: Vec<String>,
    /// The values as Arrow text: the dictionary that all batches share.
    pub dictionary: ArrayRef,
    index: HashMap<String, u32>,
}

impl Codes {
    /// A set of values; repeated ones count once.
    #[must_use]
    pub fn new(list: Option<String>, values: impl IntoIterator<Item = String>) -> Self {
        let mut index = HashMap::new();
        let mut unique = Vec::new();
        for value in values {
            if !index.contains_key(&value) {
                index.insert(value.clone(), unique.len() as u32);
                unique.push(value);
            }
        }
        let dictionary: ArrayRef = Arc::new(StringArray::from_iter_values(&unique));
        Self { list, values: unique, dictionary, index }
    }

    /// The position of a value.
    #[must_use]
    pub fn position(&self, value: &str) -> Option<u32> {
        self.index.get(value).copied()
    }
}

/// A code list: `schema/codelists/<name>.csv`.
#[derive(Debug)]
pub struct CodeList {
    /// The file's name without its ending.
    pub name: String,
    /// The file.
    pub source: SourceId,
    /// The header.
    pub columns: Vec<String>,
    /// The rows, as wide as the header; empty text is missing.
    pub rows: Vec<Vec<String>>,
    /// The codes.
    pub codes: Arc<Codes>,
}

impl CodeList {
    /// The position of a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }
}
