//! Keys that are made from other things: records that lack theirs get it, and others must have the same.
//!
//! A release has all records of a table in a file that is called like the table. There `{stem}` isn't what it
//! was, so it stands for any text of a key that a record states.

use super::content::content;
use crate::diagnostic::{Diagnostic, Place, code, quote};
use crate::model::{KeyPart, MadeKey, Table, key_text};
use crate::pointer;
use crate::tape::{Changes, ChangesMark, Tape, Value};

/// Adds a key, which says nothing yet, to a record that lacks it. Returns whether it did. If the record
/// can't have one, a finding says why. What was left out since `mark` is missing.
pub(super) fn open(
    made: &MadeKey,
    record: Value<'_>,
    mark: ChangesMark,
    changes: &mut Changes,
    diagnostics: &mut Vec<Diagnostic>,
) -> bool {
    let own = record.entry(&made.property);
    let has_own = own.is_some_and(|entry| !entry.value.is_null());
    for part in &made.parts {
        let KeyPart::Value { at, is_certain } = part else { continue };
        if value(record, at, mark, changes).is_some() {
            continue;
        }
        // What is required and missing is a finding of the schema's.
        if !is_certain {
            diagnostics.push(unmade(made, record, at, has_own));
        }
        return false;
    }
    if has_own {
        return false;
    }
    // A null would stand beside it under the same name.
    own.into_iter().for_each(|entry| changes.leave_out(entry));
    changes.add_to_record(record, &made.property, "");
    true
}

/// The finding that something is missing of which the key is made.
fn unmade(made: &MadeKey, record: Value<'_>, at: &str, has_own: bool) -> Diagnostic {
    let property = pointer::readable(at);
    let lacks = if has_own { "can't be checked" } else { "can't be made" };
    let message = format!(
        "the key of the record {lacks}: it is made from `{}`, and `{property}` is missing",
        made.template
    );
    // A marker for a missing value may stand there.
    let place = match record.pointer(at) {
        (marker, true) => Place::of(marker),
        (_, false) => Place::new(record.source(), record.opening()),
    };
    Diagnostic::new(&code::UNMADE_KEY, place.at(at), message)
        .help(format!("write `{property}`; if it may be missing, make the key from something else"))
}

/// The value at a pointer that wasn't left out since `mark`.
fn value<'t>(
    record: Value<'t>,
    at: &str,
    mark: ChangesMark,
    changes: &Changes,
) -> Option<Value<'t>> {
    let mut value = record;
    for step in at.split('/').skip(1) {
        let entry = value.entry(&pointer::unescape(step))?;
        if changes.leave_out_since(mark, entry) {
            return None;
        }
        value = entry.value;
    }
    (!value.is_null()).then_some(value)
}

/// Makes the keys of all records: fills in those that were added, and compares the others. `added` says of
/// each record which it is.
pub(super) fn fill_in(
    tape: &mut Tape,
    (table, made): (&Table, &MadeKey),
    stem: &str,
    added: &[bool],
    diagnostics: &mut Vec<Diagnostic>,
) {
    // A released file is called like the table.
    let any_stem = stem == table.level.name && made.parts.contains(&KeyPart::Stem);
    let mut keys = Vec::new();
    for (record, is_added) in tape.roots().zip(added) {
        let Some(own) = record.get(&made.property).filter(|own| !own.is_null()) else { continue };
        let Some(Halves { before, behind }) = Halves::of(made, table, record) else { continue };
        let key = match &behind {
            Some(behind) => format!("{before}{stem}{behind}"),
            None => before.clone(),
        };
        if *is_added {
            keys.push((own.index(), key));
            continue;
        }
        let said = key_text(own);
        let behind = behind.unwrap_or_default();
        let fits = any_stem
            && said.len() > before.len() + behind.len()
            && said.starts_with(&before)
            && said.ends_with(&behind);
        if said != key && !fits {
            diagnostics.push(mismatch(made, own, &said, &key));
        }
    }
    for (index, key) in keys {
        tape.fill_in(index, &key);
    }
}

fn mismatch(made: &MadeKey, own: Value<'_>, said: &str, key: &str) -> Diagnostic {
    let message = format!(
        "the key is {}, but `{}` makes {} of this record",
        quote(said),
        made.template,
        quote(key)
    );
    let place = Place::of(own).at(pointer::join("", &made.property));
    Diagnostic::new(&code::KEY_MISMATCH, place, message)
        .help("leave the key out, or correct what it is made from")
}

/// A key without the name of the file.
struct Halves {
    before: String,
    /// What stands behind the name; none if it isn't in the key.
    behind: Option<String>,
}

impl Halves {
    /// Those of a record's key; none if a value is missing of which it is made.
    fn of(made: &MadeKey, table: &Table, record: Value<'_>) -> Option<Self> {
        let mut key = Self { before: String::new(), behind: None };
        for part in &made.parts {
            let text = key.behind.as_mut().unwrap_or(&mut key.before);
            match part {
                KeyPart::Text(part) => text.push_str(part),
                KeyPart::Stem => key.behind = Some(String::new()),
                KeyPart::Content => text.push_str(&content(table, record)),
                KeyPart::Value { at, .. } => {
                    let (value, found) = record.pointer(at);
                    if !found || value.is_null() {
                        return None;
                    }
                    text.push_str(&key_text(value));
                }
            }
        }
        Some(key)
    }
}
