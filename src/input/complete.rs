//! Completes records that were parsed: what stands for a missing value is left out, its reason put where it
//! belongs, and the key added that is made from other things.
//!
//! A marker such as `-9` may stand in any format, in any property that declares it. Here, right behind all
//! parsers, it goes: whatever comes after (the schema, rules, lowering) sees a record without the property,
//! as if nobody had written it, and knows of no markers. An object inside of a record that has nothing but
//! missing values is left out as a whole, as a row of CSV has it with empty cells; so is a list of which
//! nothing but markers is written. An item that is an object stays, because somebody listed it, unless it comes
//! from columns of a CSV row, which are there for every record.
//!
//! Records of tables that have neither markers nor such keys aren't looked at.

use super::keys;
use crate::diagnostic::{Diagnostic, Place, code, quote};
use crate::model::{Field, Item, Level, Marker, Object, Shape, Table};
use crate::tape::{Changes, Tag, Tape, Value};
use crate::workspace::Format;

/// Completes the records of a table that were read from a file with that name, up to its first dot.
pub fn complete(tape: &mut Tape, table: &Table, stem: &str, diagnostics: &mut Vec<Diagnostic>) {
    if !table.needs_completion() {
        return;
    }
    let mut changes = Changes::default();
    let mut added = Vec::new();
    for record in tape.roots() {
        let mark = changes.mark();
        if table.has_markers {
            let changes = &mut changes;
            Completion { record, changes, diagnostics: &mut *diagnostics }.record(table);
        }
        if let Some(made) = &table.made_key {
            let is_object = record.tag() == Tag::Object;
            added.push(is_object && keys::open(made, record, mark, &mut changes, diagnostics));
        }
    }
    if !changes.is_empty() {
        tape.change(&mut changes);
    }
    if let Some(made) = &table.made_key {
        keys::fill_in(tape, (table, made), stem, &added, diagnostics);
    }
}

/// The walk over one record.
struct Completion<'w, 't> {
    record: Value<'t>,
    changes: &'w mut Changes,
    diagnostics: &'w mut Vec<Diagnostic>,
}

/// What an object says of one of its properties.
enum Said<'t, 'm> {
    Nothing,
    Value(Value<'t>),
    Missing(Value<'t>, &'m Marker),
}

impl<'t> Completion<'_, 't> {
    fn record(&mut self, table: &Table) {
        if let Item::Object(object) = &table.level.item {
            self.object(object, &table.level, self.record);
        }
    }

    /// Returns whether nothing is left of what the object said.
    fn object(&mut self, object: &Object, level: &Level, value: Value<'t>) -> bool {
        let (mut next, mut left_out) = (0, 0);
        for entry in value.entries() {
            let Some(position) = object.position(entry, next) else { continue };
            next = position + 1;
            let before = self.changes.mark();
            let is_gone = match &object.fields[position].shape {
                Shape::Scalar { column, .. } => {
                    marker(&level.columns[*column].about.missing, entry.value).is_some()
                }
                Shape::Group(group) => self.object(group, level, entry.value),
                Shape::Languages(languages) => self.languages(languages, level, entry.value),
                Shape::List { list, .. } => self.list(&level.lists[*list], entry.value),
            };
            if is_gone {
                self.changes.rewind(before);
                self.changes.leave_out(entry);
                left_out += 1;
            }
        }
        let has_reasons = self.reasons(object, level, value);
        left_out > 0 && left_out == value.len() && !has_reasons
    }

    fn languages(&mut self, languages: &[(String, usize)], level: &Level, map: Value<'t>) -> bool {
        let mut left_out = 0;
        for entry in map.entries() {
            let Some((_, column)) = languages.iter().find(|(tag, _)| tag == entry.name()) else {
                continue;
            };
            if marker(&level.columns[*column].about.missing, entry.value).is_some() {
                self.changes.leave_out(entry);
                left_out += 1;
            }
        }
        left_out > 0 && left_out == map.len()
    }

    fn list(&mut self, level: &Level, list: Value<'t>) -> bool {
        let object = match &level.item {
            Item::Object(object) => object,
            Item::Scalar(_) => return self.values(&level.columns[0].about.missing, list),
        };
        let mut left_out = 0;
        for item in list.items() {
            let before = self.changes.mark();
            if self.object(object, level, item) && self.is_in_row(item) {
                self.changes.rewind(before);
                self.changes.leave_out_item(item);
                left_out += 1;
            }
        }
        left_out > 0 && left_out == list.len()
    }

    /// Whether an item comes from cells of the record's own row: there it has room whether there is one or
    /// not.
    fn is_in_row(&self, item: Value<'t>) -> bool {
        let (row, own) = (self.record.span(), item.span());
        item.format() == Format::Csv
            && item.source() == self.record.source()
            && row.start <= own.start
            && own.end <= row.end
    }

    /// A list of values; or a marker in its place.
    fn values(&mut self, markers: &[Marker], list: Value<'t>) -> bool {
        if list.tag() != Tag::Array {
            return marker(markers, list).is_some();
        }
        let mut left_out = 0;
        for item in list.items().filter(|item| marker(markers, *item).is_some()) {
            self.changes.leave_out_item(item);
            left_out += 1;
        }
        left_out > 0 && left_out == list.len()
    }

    /// Writes down why values of an object are missing. Returns whether there was something to write.
    fn reasons<'m>(&mut self, object: &'m Object, level: &'m Level, value: Value<'t>) -> bool {
        let mut has_reasons = false;
        for field in &object.fields {
            let Some(by) = field.reason.map(|by| &object.fields[by]) else { continue };
            let said = |field: &'m Field| {
                let Shape::Scalar { column, .. } = &field.shape else { return Said::Nothing };
                let found = value.numbered(field.number, &field.name);
                let Some(found) = found.filter(|it| !it.is_null()) else { return Said::Nothing };
                match marker(&level.columns[*column].about.missing, found) {
                    Some(marker) => Said::Missing(found, marker),
                    None => Said::Value(found),
                }
            };
            match (said(field), said(by)) {
                (Said::Value(value), Said::Value(reason)) => {
                    let message = format!(
                        "`{}` is {}, but `{}` says why it is missing: {}",
                        field.name,
                        quote(&spelling(value)),
                        by.name,
                        quote(&spelling(reason))
                    );
                    self.contradiction(value, reason, message);
                }
                (Said::Missing(value, marker), Said::Value(reason)) => {
                    if let Some(why) = &marker.reason
                        && reason.as_str() != Some(why)
                    {
                        let message = format!(
                            "{} in `{}` means {}, but `{}` says {}",
                            quote(&marker.text),
                            field.name,
                            quote(why),
                            by.name,
                            quote(&spelling(reason))
                        );
                        self.contradiction(value, reason, message);
                    }
                }
                (Said::Missing(missing, marker), Said::Nothing | Said::Missing(..)) => {
                    if let Some(why) = &marker.reason {
                        // A null would stand beside it under the same key.
                        let null = value.entry(&by.name).filter(|entry| entry.value.is_null());
                        null.into_iter().for_each(|entry| self.changes.leave_out(entry));
                        self.changes.add(value, &by.name, why, missing);
                        has_reasons = true;
                    }
                }
                (Said::Nothing | Said::Value(_), _) => {}
            }
        }
        has_reasons
    }

    fn contradiction(&mut self, value: Value<'t>, reason: Value<'t>, message: String) {
        let place = |value: Value<'t>| Place::of(value).at(self.record.pointer_to(value));
        self.diagnostics.push(
            Diagnostic::new(&code::REASON_BESIDE_VALUE, place(reason), message)
                .with(place(value), "the value")
                .help("remove the value, or the reason"),
        );
    }
}

/// The marker that a value is.
#[inline]
fn marker<'m>(markers: &'m [Marker], value: Value<'_>) -> Option<&'m Marker> {
    markers.iter().find(|marker| marker.is(value))
}

/// How a message shows a value.
fn spelling(value: Value<'_>) -> String {
    value.as_str().map_or_else(|| value.to_json().to_string(), str::to_owned)
}
