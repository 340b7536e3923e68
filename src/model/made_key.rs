//! Keys that are made from other things, for records that needn't write them.

use super::Table;
use crate::pointer;

/// How the key of a table's records is made.
#[derive(Clone, Debug)]
pub struct MadeKey {
    /// The property that holds it.
    pub property: String,
    /// As the manifest spells it.
    pub template: String,
    /// What it is made of.
    pub parts: Vec<KeyPart>,
}

/// A part of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPart {
    /// Text that stands in every key.
    Text(String),
    /// The name of the record's file up to its first dot.
    Stem,
    /// A hash of what the record says.
    Content,
    /// A value of the record.
    Value {
        /// Its JSON Pointer.
        at: String,
        /// Whether every valid record has it.
        is_certain: bool,
    },
}

impl MadeKey {
    /// What to do about two records with one key.
    #[must_use]
    pub fn help(&self) -> String {
        let template = &self.template;
        let has = |part: &KeyPart| self.parts.contains(part);
        if has(&KeyPart::Content) {
            return "the two say the same, apart from properties that aren't released: remove one of \
                    them, or add to both what tells them apart"
                .to_owned();
        }
        let values = self.parts.iter().filter_map(|part| match part {
            KeyPart::Value { at, .. } => Some(format!("`{}`", pointer::readable(at))),
            KeyPart::Text(_) | KeyPart::Stem | KeyPart::Content => None,
        });
        let values: Vec<_> = values.collect();
        if values.is_empty() {
            return format!(
                "the key is made from `{template}`: rename one of the files; where a file holds several \
                 records, add a property that tells them apart, as in `{{stem}}-{{number}}`"
            );
        }
        format!(
            "the key is made from `{template}`, and {} in both: correct one of them, or add another \
             property to the template in the manifest",
            match values.as_slice() {
                [only] => format!("{only} is the same"),
                several => format!("{} are the same", several.join(", ")),
            }
        )
    }
}

impl Table {
    /// Whether records that were parsed have to be completed before anything else.
    #[must_use]
    pub fn needs_completion(&self) -> bool {
        self.has_markers || self.made_key.is_some()
    }
}
