//! Columns of a table that is worked out, filled cell by cell.

use super::builder::ColumnBuilder;
use super::rows::Rows;
use super::values::{Value, Values};
use crate::model::kind::{Kind, Physical};
use crate::model::{Level, canonical_integer};

/// Rows of a level without lists, under construction. A cell that isn't given before its row ends is missing.
pub struct Columns<'m> {
    level: &'m Level,
    len: usize,
    columns: Vec<ColumnBuilder>,
}

impl<'m> Columns<'m> {
    /// No rows yet.
    ///
    /// # Panics
    /// If the level has lists.
    #[must_use]
    pub fn new(level: &'m Level) -> Self {
        assert!(level.lists.is_empty(), "a table that is worked out has no lists");
        let columns = level.columns.iter().map(|column| ColumnBuilder::new(&column.kind)).collect();
        Self { level, len: 0, columns }
    }

    /// The position of a column.
    ///
    /// # Panics
    /// If there is none of that name: whoever fills the table wrote its schema.
    #[must_use]
    pub fn named(&self, name: &str) -> usize {
        let position = self.level.columns.iter().position(|column| column.name == name);
        position.unwrap_or_else(|| panic!("`{}` has a column `{name}`", self.level.name))
    }

    /// How many rows are complete.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no row is complete.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Gives the row a value.
    ///
    /// # Panics
    /// If it isn't of the column's kind.
    pub fn set(&mut self, column: usize, value: Value<'_>) {
        self.columns[column].lowered(value);
    }

    /// Gives the row a sum of no values, or of whole numbers, whatever numbers the column holds.
    ///
    /// # Panics
    /// If the column holds no numbers.
    pub fn zero_or(&mut self, column: usize, sum: i64) {
        let value = match self.level.columns[column].kind.physical() {
            Physical::Double => Value::Number(sum as f64),
            Physical::Decimal(digits) => Value::Decimal(digits, sum.into()),
            _ => Value::Integer(sum),
        };
        self.set(column, value);
    }

    /// Gives the row the code at a position of the set of the column.
    ///
    /// # Panics
    /// If the column holds no codes.
    #[inline]
    pub fn code(&mut self, column: usize, position: u32) {
        let kind = &self.level.columns[column].kind;
        match (kind, kind.physical()) {
            (Kind::IntegerCode { codes, .. }, _) => {
                let number = canonical_integer(&codes.values[position as usize]);
                self.columns[column].integer(number.expect("integer codes are integers"));
            }
            (_, Physical::Code(_)) => self.columns[column].position(position),
            _ => unreachable!("`{}` holds codes", self.level.columns[column].name),
        }
    }

    /// Gives the row what another one has there, or nothing where that has nothing. Codes are of sets with the
    /// same values.
    pub fn copy(&mut self, column: usize, values: &Values<'_>, row: usize) {
        match (values.code(row), values.get(row)) {
            (Some(code), _) => self.columns[column].position(code as u32),
            (None, Some(value)) => self.columns[column].lowered(value),
            (None, None) => {}
        }
    }

    /// Ends a row.
    pub fn end_row(&mut self) {
        self.len += 1;
        for column in &mut self.columns {
            column.pad(self.len);
        }
    }

    /// The rows so far; there are none afterwards.
    pub fn finish(&mut self) -> Rows {
        let columns = self.columns.iter_mut().map(ColumnBuilder::finish).collect();
        Rows { len: std::mem::take(&mut self.len), columns, lists: Vec::new() }
    }
}
