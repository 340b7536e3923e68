//! What identifies a record: the value of one property, or the values of several together.

use std::borrow::Cow;
use std::iter;

use super::{Column, Field, Item, Table};
use crate::diagnostic::RecordName;
use crate::pointer;
use crate::spelling::all_of;
use crate::spill::{Spot, key_hash};
use crate::tape::Value;

/// The properties of a record that identify it, in the order of the manifest. There is one at least.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Indices into the columns of the table.
    pub columns: Vec<usize>,
    /// Indices into the fields of the record.
    pub fields: Vec<usize>,
}

impl Key {
    /// Whether several values together make the key.
    #[must_use]
    pub fn is_composite(&self) -> bool {
        self.columns.len() > 1
    }
}

/// The values that make the key of one record.
#[derive(Clone, Debug)]
pub struct KeyValues<'t> {
    first: Value<'t>,
    /// Those of a composite key behind the first.
    rest: Vec<Value<'t>>,
}

impl<'t> KeyValues<'t> {
    /// The values, in the order of the key.
    pub fn iter(&self) -> impl Iterator<Item = Value<'t>> + '_ {
        iter::once(self.first).chain(self.rest.iter().copied())
    }

    /// Whether one of them is the value with that number on the tape.
    #[inline]
    #[must_use]
    pub fn contains(&self, index: u32) -> bool {
        self.first.index() == index || self.rest.iter().any(|value| value.index() == index)
    }

    /// Where the key is written: at its first value.
    #[must_use]
    pub fn spot(&self) -> Spot {
        Spot::of(self.first)
    }

    /// The key as text: see [`join`].
    #[must_use]
    pub fn text(&self) -> Cow<'t, str> {
        match self.rest.is_empty() {
            true => key_text(self.first),
            false => Cow::Owned(join(self.iter().map(key_text))),
        }
    }

    /// The hash by which references find the record; none if a value is neither text nor an integer.
    #[must_use]
    pub fn hash(&self) -> Option<u128> {
        if self.rest.is_empty() {
            return hash_of(self.first);
        }
        let all = self.iter().all(|value| value.as_str().is_some() || value.as_i64().is_some());
        all.then(|| key_hash(&self.text()))
    }
}

/// The hash of a key or reference on a tape: integers as their digits.
#[must_use]
pub fn hash_of(value: Value<'_>) -> Option<u128> {
    match value.as_str() {
        Some(text) => Some(key_hash(text)),
        None => value.as_i64().map(|number| key_hash(&number.to_string())),
    }
}

/// A key as text: an integer by its digits, however it is spelt, as references meet it.
#[must_use]
pub fn key_text(value: Value<'_>) -> Cow<'_, str> {
    match (value.as_str(), value.as_i64()) {
        (Some(text), _) => Cow::Borrowed(text),
        (None, Some(integer)) => Cow::Owned(integer.to_string()),
        (None, None) => Cow::Owned(value.to_json().to_string()),
    }
}

/// Several values together as one text; a single one as it is.
#[must_use]
pub fn tuple_text(values: &[Value<'_>]) -> String {
    match values {
        [only] => key_text(*only).into_owned(),
        values => join(values.iter().map(|value| key_text(*value))),
    }
}

/// The values of a composite key as one text: with `/` between them, and their own `/` and `~` spelt as
/// in a JSON Pointer, so that different keys are different texts.
pub fn join<T: AsRef<str>>(parts: impl IntoIterator<Item = T>) -> String {
    let mut key = String::new();
    for (index, part) in parts.into_iter().enumerate() {
        if index > 0 {
            key.push('/');
        }
        key.push_str(&pointer::escape(part.as_ref()));
    }
    key
}

impl Table {
    /// The columns that identify a record.
    pub fn key_columns(&self) -> impl Iterator<Item = &Column> {
        self.key.columns.iter().map(|column| &self.level.columns[*column])
    }

    /// The fields that identify a record.
    ///
    /// # Panics
    /// If the record is no object: the compiler of schemas sees to it.
    pub fn key_fields(&self) -> impl Iterator<Item = &Field> {
        let Item::Object(object) = &self.level.item else { unreachable!("a record is an object") };
        self.key.fields.iter().map(|field| &object.fields[*field])
    }

    /// Whether a JSON Pointer leads to a value of the key.
    #[must_use]
    pub fn is_key(&self, pointer: &str) -> bool {
        self.key_columns().any(|column| column.pointer == pointer)
    }

    /// The names of the key's properties, as a message lists them.
    #[must_use]
    pub fn key_name(&self) -> String {
        all_of(self.key_fields().map(|field| field.name.as_str()))
    }

    /// The values of a record's key; none if it lacks one of them.
    #[must_use]
    pub fn key_of<'t>(&self, record: Value<'t>) -> Option<KeyValues<'t>> {
        let mut values = self.key_fields().map(|field| record.numbered(field.number, &field.name));
        let first = values.next().flatten()?;
        Some(KeyValues { first, rest: values.collect::<Option<_>>()? })
    }
}

/// What findings call a record.
#[must_use]
pub fn record_name(table: &Table, record: Value<'_>) -> RecordName {
    let key = table.key_of(record).map(|key| key.text().into_owned());
    RecordName { table: table.name.clone(), key }
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn different_keys_are_different_texts() {
        assert_eq!(join(["2", "20", "1816"]), "2/20/1816");
        assert_ne!(join(["a/b", "c"]), join(["a", "b/c"]));
        assert_ne!(join(["a~1b"]), join(["a/b"]));
        assert_ne!(join(["", "a"]), join(["a", ""]));
    }
}
