//! Closed sets of values, whatever defines them: a code list or an `enum`.

use std::sync::{Arc, OnceLock};

use arrow_array::{ArrayRef, StringArray};

use super::SPELL_COLUMNS;
use crate::diagnostic::nearest::Words;
use crate::tape::{Names, UNKNOWN};

/// The values of a code-list or `enum` column, in the order of their definition.
#[derive(Debug)]
pub struct Codes {
    /// The code list that they come from; none for an `enum`.
    pub list: Option<String>,
    /// The values, each once.
    pub values: Vec<String>,
    /// The values as Arrow text: the dictionary that all batches share.
    pub dictionary: ArrayRef,
    /// Whether their order means something.
    pub is_ordered: bool,
    /// What defines them, as part of a sentence; empty for an `enum`.
    pub defined_by: String,
    index: Names,
    /// What the list says of each code, if it is a list with more than codes.
    rows: Option<Rows>,
    words: OnceLock<Words>,
    numbers: OnceLock<Vec<i64>>,
    labels: OnceLock<Option<Vec<String>>>,
}

/// The rows of a code list below its header.
#[derive(Clone, Debug)]
struct Rows {
    header: Arc<[String]>,
    rows: Arc<[Vec<String>]>,
}

impl Codes {
    /// A set of values; repeated ones count once.
    #[must_use]
    pub fn new(list: Option<String>, values: impl IntoIterator<Item = String>) -> Self {
        let given: Vec<_> = values.into_iter().collect();
        let index = Names::new(given.iter().map(String::as_str));
        let unique: Vec<_> = index.iter().map(str::to_owned).collect();
        let dictionary: ArrayRef = Arc::new(StringArray::from_iter_values(&unique));
        Self {
            list,
            values: unique,
            dictionary,
            is_ordered: false,
            defined_by: String::new(),
            index,
            rows: None,
            words: OnceLock::new(),
            numbers: OnceLock::new(),
            labels: OnceLock::new(),
        }
    }

    /// The same with the rows of the list, as wide as its header.
    #[must_use]
    pub fn with_rows(self, header: &Arc<[String]>, rows: &Arc<[Vec<String>]>) -> Self {
        let rows = Some(Rows { header: Arc::clone(header), rows: Arc::clone(rows) });
        Self { rows, ..self }
    }

    /// The position of a value.
    #[must_use]
    pub fn position(&self, value: &str) -> Option<u32> {
        Some(self.index.number(value)).filter(|number| *number != UNKNOWN)
    }

    /// Whether one of the values spells this number.
    #[must_use]
    pub fn has_number(&self, number: i64) -> bool {
        self.numbers().binary_search(&number).is_ok()
    }

    /// The numbers that values spell, rising. They are worked out when somebody asks for the first time.
    #[must_use]
    pub fn numbers(&self) -> &[i64] {
        self.numbers.get_or_init(|| {
            let mut numbers: Vec<_> =
                self.values.iter().filter_map(|value| canonical_integer(value)).collect();
            numbers.sort_unstable();
            numbers
        })
    }

    /// What people call each value, in the order of the values; none if nothing says so. A code with
    /// several rows may have several labels.
    #[must_use]
    pub fn labels(&self) -> Option<Vec<String>> {
        let Rows { header, rows } = self.rows.as_ref()?;
        let column = |name: &str| header.iter().position(|column| column == name);
        let (code, label) = (column("code")?, column("label")?);
        let mut labels: Vec<Vec<&str>> = vec![Vec::new(); self.values.len()];
        for row in rows.iter() {
            let said = &mut labels[self.index.number(&row[code]) as usize];
            if !said.contains(&row[label].as_str()) {
                said.push(&row[label]);
            }
        }
        Some(labels.into_iter().map(|said| said.join("; ")).collect())
    }

    /// What people call a value, if something says so. Labels are read when somebody asks for the first time.
    #[must_use]
    pub fn label_of(&self, value: &str) -> Option<&str> {
        let labels = self.labels.get_or_init(|| self.labels()).as_ref()?;
        let label = labels.get(self.position(value)? as usize)?;
        (!label.is_empty() && label != value).then_some(label)
    }

    /// The values for guesses at what a text was meant to be; with what else a code list calls its
    /// codes. They are made ready when somebody asks for the first time.
    #[must_use]
    pub fn words(&self) -> &Words {
        self.words.get_or_init(|| {
            let values = self.values.iter().map(String::as_str);
            let Some(Rows { header, rows }) = &self.rows else { return Words::few(values) };
            let mut words = Words::codes(values);
            let Some(code) = header.iter().position(|name| name == "code") else { return words };
            for (column, name) in header.iter().enumerate() {
                let cells = || rows.iter().map(|row| row[column].as_str());
                if column == code || SPELL_COLUMNS.contains(&name.as_str()) || count_rows(cells()) {
                    continue;
                }
                let numbers = rows.iter().map(|row| self.index.number(&row[code]));
                words = words.with_names(name, numbers.zip(cells()));
            }
            words
        })
    }
}

/// The whole number that a text spells in the one way in which numbers are written: without a sign
/// that means nothing, and without zeros before it.
#[must_use]
pub fn canonical_integer(text: &str) -> Option<i64> {
    let number: i64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// Whether cells only say which row it is.
fn count_rows<'c>(cells: impl Iterator<Item = &'c str>) -> bool {
    let numbers: Option<Vec<u64>> = cells.map(|cell| cell.parse().ok()).collect();
    numbers.is_some_and(|numbers| {
        let follows = |pair: &[u64]| pair[0].checked_add(1) == Some(pair[1]);
        numbers.len() > 2 && numbers.windows(2).all(follows)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Codes, canonical_integer};

    #[test]
    fn numbers_are_written_in_one_way() {
        for (text, number) in [("2", 2), ("-9", -9), ("0", 0), ("9223372036854775807", i64::MAX)] {
            assert_eq!(canonical_integer(text), Some(number), "{text}");
        }
        for text in ["02", "+2", "-0", "2.0", " 2", "", "USA", "9223372036854775808", "٢"] {
            assert_eq!(canonical_integer(text), None, "{text}");
        }
    }

    #[test]
    fn a_code_with_several_rows_has_the_labels_of_all() {
        let header: Arc<[String]> = ["label", "code"].map(str::to_owned).into();
        let rows = [["Zaire", "490"], ["Congo", "484"], ["DR Congo", "490"], ["Zaire", "490"]];
        let rows: Arc<[Vec<String>]> = rows.map(|row| row.map(str::to_owned).into()).into();
        let values = rows.iter().map(|row| row[1].clone());
        let codes = Codes::new(Some("states".to_owned()), values).with_rows(&header, &rows);
        assert_eq!(codes.labels(), Some(vec!["Zaire; DR Congo".to_owned(), "Congo".to_owned()]));
        assert_eq!(codes.numbers(), [484, 490]);
        assert!(codes.has_number(490) && !codes.has_number(49));
    }
}
