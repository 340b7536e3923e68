//! Collects from a record the values that are unique in the dataset and those that refer together.

use super::Collected;
use crate::model::{Model, hash_of, tuple_text};
use crate::spill::{HashEntry, Spot, key_hash};
use crate::tape::Value;

/// Collects from a record of the table with that number.
pub(super) fn collect(model: &Model, table: usize, record: Value<'_>, collected: &mut Collected) {
    let references = &model.references;
    let entry = |values: &[Value<'_>]| {
        let hash = match values {
            [only] => hash_of(*only),
            values => Some(key_hash(&tuple_text(values))),
        };
        hash.map(|hash| HashEntry::of_key(hash, Spot::of(values[0])))
    };
    for (number, unique) in references.uniques.iter().enumerate() {
        if unique.table == table {
            unique.tuple.each(record, &mut |values| {
                if let Some(entry) = entry(values) {
                    collected.uniques[number].keys.push(entry);
                }
            });
        }
    }
    for composite in references.composites.iter().filter(|it| it.table == table) {
        composite.tuple.each(record, &mut |values| {
            if let Some(entry) = entry(values) {
                collected.refer(composite.target, entry);
            }
        });
    }
}
