//! Checks what JSON Schema can't say of a record, from the trace of the one walk over it.
//!
//! Code lists are checked, and everything that a table could not hold without loss. The record's key and
//! references are kept for `link`, and the values of its roles for `rules`.

mod exact;

use chrono::Datelike as _;

use super::codes::unknown_code;
use super::constraints::{self, Checked};
use super::content::ContentHash;
use super::expectations::{self, RecordRows};
use super::fit::{Fit, fit};
use super::{Collected, WaivedRecord, conditional, item_keys, tuples};
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, Place, code, one_of, quote};
use crate::edtf::Edtf;
use crate::model::kind::{Class, DateForm};
use crate::model::{Item, KeyValues, Kind, Scalar, hash_of};
use crate::parse::address::runs_script;
use crate::plan::{Event, Place as Stands, PlaceId, Plan, Trace};
use crate::pointer;
use crate::rules::{
    self, ALIKE_RULES, Context, Facts, ListAt, RecordAt, RecordFacts, TextAt, VALUES_MAX,
};
use crate::schema::Finder;
use crate::schema::words::{leave_out, seen};
use crate::spill::{self, Spot};
use crate::tape::{Tag, Value};

/// Checks one record, whose trace is in `index`, and of which is known whether the schema finds it valid.
pub(super) fn record(
    table_index: usize,
    context: &Context<'_>,
    plan: &Plan<'_>,
    (record, valid): (Value<'_>, bool),
    collected: &mut Collected,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let table = plan.table;
    let roles = &context.roles[table_index];
    collected.gathered.reset(roles.len(), collected.trace.dates());
    let trace = std::mem::take(&mut collected.trace);
    let key = table.key_of(record);
    let finder = Finder::new(record);
    let content = Conform {
        collected,
        diagnostics,
        table_index,
        plan,
        dates: trace.dates(),
        finder: &finder,
        valid,
    }
    .record(record, key.as_ref(), &trace);
    if !table.conditional.is_empty() {
        conditional::check(plan, &finder, (record, &trace), collected, diagnostics);
    }
    if plan.constrained().any() {
        let (model, dates) = (context.model, trace.dates());
        let checked = Checked { model, table, record, finder: &finder, dates, named: &[] };
        constraints::check(&checked, plan, &trace, &mut collected.tallies, diagnostics);
    }
    if let Some(key) = key.as_ref().filter(|_| !collected.expectations.is_empty()) {
        let rows = RecordRows { record, key, dates: trace.dates() };
        expectations::collect((context.model, table_index), &rows, collected, diagnostics);
    }
    collected.trace = trace;
    tuples::collect(context.model, table_index, record, collected);
    let at = RecordAt { record, table, roles, gathered: &collected.gathered, context };
    rules::check_record(&at, diagnostics);
    rules::check_parties(&at, &context.party_lists[table_index], diagnostics);
    if !context.panels[table_index].is_empty() && valid {
        rules::check_counted(&at, diagnostics);
    }
    collected.waived.extend(WaivedRecord::of(&at));
    let kept = &mut collected.tables[table_index];
    let Some((key, hash)) = key.and_then(|key| key.hash().map(|hash| (key, hash))) else {
        kept.incomplete = true;
        return;
    };
    let spot = key.spot();
    if !table.excerpt.is_empty() {
        constraints::keep(table, (&key.text(), spot), record, &mut kept.excerpts);
    }
    kept.keys.push(spill::HashEntry::of_key(hash, spot));
    // A record that says nothing at all can't repeat another. Where several values make the key, they are
    // what a row is about: the figures of two years may well be the same.
    if record.len() > 1 && !table.key.is_composite() {
        kept.contents.push(spill::HashEntry { hash: content, rest: hash as u64, spot });
    }
    if roles.has_groups() {
        rules::note_members(&at, &key.text(), kept);
    }
    if let Some(facts) = Facts::of(&at) {
        diagnostics.extend(facts.left_out.clone().map(too_many_values));
        let facts = RecordFacts { key: key.text(), spot, facts };
        let address = kept.facts.push(|bytes| facts.write(bytes));
        for ((blocking_key, _), alike) in ALIKE_RULES.iter().zip(&mut kept.alike) {
            if let Some(hash) = blocking_key(&facts) {
                alike.push(spill::HashEntry { hash, rest: address, spot });
            }
        }
    }
}

/// A record has more values with roles than its facts hold.
fn too_many_values(first_left_out: Place) -> Diagnostic {
    let message = format!(
        "the record has more values with roles than rules compare: they look at the first \
         {VALUES_MAX} dates, and at as many codes, names and references"
    );
    Diagnostic::new(&code::TOO_MANY_VALUES, first_left_out, message)
        .label("the first that they don't look at")
        .help(
            "split the record; or leave `x-role` out of the schema, if the values say nothing about \
             the record as a whole",
        )
}

/// What a column of a kind holds.
fn words_of(kind: &Kind) -> &'static str {
    match kind {
        Kind::Integer { bits: 8 } => "integers from -128 to 127",
        Kind::Integer { bits: 16 } => "integers from -32768 to 32767",
        Kind::Integer { bits: 32 } => "integers from -2147483648 to 2147483647",
        _ => kind.names().values,
    }
}

struct Conform<'a, 'm, 't> {
    collected: &'a mut Collected,
    diagnostics: &'a mut Vec<Diagnostic>,
    table_index: usize,
    plan: &'a Plan<'m>,
    /// Uncertain dates that were read already.
    dates: &'a [(u32, Edtf)],
    /// What values are found from: a pointer is only spelled out for a finding.
    finder: &'a Finder<'t>,
    /// The schema finds nothing wrong with the record: whatever its columns can't hold is yet to be
    /// reported.
    valid: bool,
}

impl<'t> Conform<'_, '_, 't> {
    fn subject(&self, value: Value<'t>) -> String {
        format!("`{}`", pointer::readable(&self.finder.pointer_to(value)))
    }

    fn place(&self, value: Value<'t>) -> Place {
        Place::of(value).at(self.finder.pointer_to(value))
    }

    /// Checks the values of a record. Returns the hash of what it says apart from its key.
    fn record(&mut self, record: Value<'t>, key: Option<&KeyValues<'t>>, trace: &Trace) -> u64 {
        let mut content = ContentHash::default();
        if let Item::Object(object) = &self.plan.table.level.item {
            self.collected.gathered.note_dates(object, record);
        }
        for event in trace.events() {
            let (value, around) = (record.at_index(event.value), record.at_index(event.around));
            self.value(event, value, around);
            if key.is_none_or(|key| !key.contains(event.value)) {
                content.add(event, self.plan, value);
            }
        }
        for (key, value) in trace.unnamed(record) {
            content.add_unnamed(key, value);
            self.unnamed(key, value);
        }
        content.finish()
    }

    fn value(&mut self, event: &Event, value: Value<'t>, around: Value<'t>) {
        let plan = self.plan;
        match plan.place(event.place) {
            Stands::Value { scalar, nullable, .. } => {
                self.scalar(scalar, event.place, value, around, *nullable);
            }
            Stands::Group(members) if value.tag() == Tag::Object => {
                self.collected.gathered.note_dates(members.object(), value);
                if value.is_empty() {
                    self.empty_object(value);
                }
            }
            Stands::Languages { columns } if value.tag() == Tag::Object => {
                self.languages(columns, value);
            }
            Stands::List { level, .. } if value.tag() == Tag::Array => {
                if matches!(level.item, Item::Object(_)) && value.len() > 1 {
                    let finder = self.finder;
                    let at = ListAt { list: value, pointer: &|| finder.pointer_to(value) };
                    rules::check_list(&at, self.diagnostics);
                }
                if !level.item_key.is_empty() {
                    let finder = self.finder;
                    let pointer = &|| finder.pointer_to(value);
                    item_keys::check(level, value, pointer, self.diagnostics);
                }
            }
            Stands::Row(members) if value.tag() == Tag::Object => {
                self.collected.gathered.note_dates(members.object(), value);
            }
            Stands::Group(_) => self.misfit(value, "an object", true),
            Stands::Languages { .. } => self.misfit(value, "texts by language", true),
            Stands::List { .. } => self.misfit(value, "a list", true),
            Stands::Row(_) => self.misfit(value, "objects", false),
        }
    }

    /// Of a record that isn't valid the schema reports it.
    fn unnamed(&mut self, key: Value<'t>, value: Value<'t>) {
        if !self.valid {
            return;
        }
        let message = format!(
            "{} is let through by the schema, but the schema names no such property, so no column \
             holds it",
            self.subject(value)
        );
        let place = Place::of(key).at(self.finder.pointer_to(value));
        self.diagnostics.push(
            Diagnostic::new(&code::UNKNOWN_PROPERTY, place, message)
                .help("name it under `properties` in the schema, or remove it"),
        );
    }

    /// A value that the schema lets through and that its column can't hold.
    fn misfit(&mut self, value: Value<'t>, wanted: &str, nullable: bool) {
        if !self.valid || (nullable && value.is_null()) {
            return;
        }
        let message = format!(
            "{} is {}, which the schema lets through, but its column holds {wanted}",
            self.subject(value),
            seen(value)
        );
        let place = self.place(value);
        self.diagnostics.push(
            Diagnostic::new(&code::WRONG_TYPE, place, message)
                .help("give the property one type in the schema that holds in every record"),
        );
    }

    fn empty_object(&mut self, value: Value<'t>) {
        let message = format!(
            "{} is an empty object, which a table can't tell from a missing one",
            self.subject(value)
        );
        let help = leave_out(Some(self.plan.table), &self.finder.pointer_to(value));
        let place = self.place(value);
        self.diagnostics.push(Diagnostic::new(&code::EMPTY_OBJECT, place, message).help(help));
    }

    fn languages(&mut self, columns: &[(String, usize)], value: Value<'t>) {
        if value.tag() == Tag::Object && value.is_empty() {
            self.empty_object(value);
        }
        for entry in value.entries() {
            if entry.value.text_length() == Some(0) {
                self.empty_text(entry.value);
            } else if entry.value.as_bytes().is_some_and(rules::concern)
                && let Some(text) = entry.value.as_str()
            {
                let (value, table) = (entry.value, self.plan.table);
                let finder = self.finder;
                let pointer = &|| finder.pointer_to(value);
                let at = TextAt { text, value, scalar: None, table, pointer };
                rules::check_text(&at, self.diagnostics);
            } else if entry.value.tag() != Tag::Text {
                self.misfit(entry.value, "text", false);
            }
            if !columns.iter().any(|(language, _)| language == entry.name()) {
                let declared = || columns.iter().map(|(language, _)| language.as_str());
                let message = format!(
                    "{} is in the language {}, but the manifest declares {}",
                    self.subject(entry.value),
                    quote(entry.name()),
                    one_of(declared())
                );
                let help = match nearest(entry.name(), declared()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "add the language to `languages` in the manifest".to_owned(),
                };
                let place = Place::of(entry.key).at(self.finder.pointer_to(entry.value));
                self.diagnostics
                    .push(Diagnostic::new(&code::UNDECLARED_LANGUAGE, place, message).help(help));
            }
        }
    }

    fn empty_text(&mut self, value: Value<'t>) {
        let message = format!(
            "{} is empty text, which a table can't tell from a missing value",
            self.subject(value)
        );
        let help = leave_out(Some(self.plan.table), &self.finder.pointer_to(value));
        let place = self.place(value);
        self.diagnostics.push(Diagnostic::new(&code::EMPTY_TEXT, place, message).help(help));
    }

    fn scalar(
        &mut self,
        scalar: &Scalar,
        stands: PlaceId,
        value: Value<'t>,
        around: Value<'t>,
        nullable: bool,
    ) {
        if let Some(place) = scalar.place {
            self.collected.gathered.note(place, value, around);
        }
        if value.as_bytes().is_some_and(<[u8]>::is_empty) {
            self.empty_text(value);
            return;
        }
        match fit(&scalar.kind, value, self.dates) {
            Fit::Fits => {}
            Fit::TooLarge => self.too_large(value),
            Fit::NoYear => {
                self.no_year(value);
                return;
            }
            Fit::Digits(misfit) => {
                let digits = scalar.kind.digits().expect("only decimal numbers have too many");
                self.digits(digits, misfit, value);
            }
            misfit @ (Fit::NoCode | Fit::Misfit) => {
                let listed = scalar.kind.codes().filter(|codes| codes.list.is_some());
                let Some(codes) = listed.filter(|_| misfit == Fit::NoCode) else {
                    self.misfit(value, words_of(&scalar.kind), nullable);
                    return;
                };
                let pointer = self.finder.pointer_to(value);
                self.diagnostics.push(unknown_code(codes, value, &pointer, None));
            }
        }
        match scalar.kind.class() {
            Class::Date(DateForm::Instant) => {
                self.date_time(value);
                self.date(scalar, value);
            }
            Class::Date(DateForm::Day | DateForm::Edtf) => self.date(scalar, value),
            Class::Date(DateForm::Local) => {
                self.clock(value);
                self.date(scalar, value);
            }
            Class::Date(DateForm::Year) => self.year(scalar, value),
            Class::Time => self.clock(value),
            Class::Text | Class::Address => self.text(scalar, value),
            Class::Number => self.number(value),
            Class::Boolean | Class::Integer | Class::Decimal | Class::Code => {}
        }
        if scalar.is_watched
            && let Some(number) = value.as_f64()
        {
            let (at, finder) = ((self.table_index, stands), self.finder);
            let numbers = &mut self.collected.numbers;
            numbers.add(at, number, || Spot::of(value), || finder.pointer_to(value));
        }
        if let Some(target) = scalar.target
            && let Some(hash) = hash_of(value)
        {
            let reference = spill::HashEntry::of_key(hash, Spot::of(value));
            self.collected.refer(target, reference);
        }
    }

    /// A column of numbers holds doubles.
    fn number(&mut self, value: Value<'t>) {
        let integer = value.as_large_u64().map(i128::from).or_else(|| match value.tag() {
            Tag::Integer => value.as_i64().map(i128::from),
            _ => None,
        });
        let (Some(integer), Some(double)) = (integer, value.as_f64()) else { return };
        if double as i128 == integer {
            return;
        }
        let message = format!(
            "{} is {}, and a column of numbers holds {}",
            self.subject(value),
            seen(value),
            double as i128
        );
        let place = self.place(value);
        self.diagnostics.push(
            Diagnostic::new(&code::INEXACT_NUMBER, place, message).help(
                "if all are integers, let the property be one; if it is a name, make it text",
            ),
        );
    }

    fn text(&mut self, scalar: &Scalar, value: Value<'t>) {
        let Some(bytes) = value.as_bytes() else { return };
        if scalar.kind.class() == Class::Address && runs_script(bytes) {
            self.script(value);
        }
        if (self.valid && scalar.plain) || !rules::concern(bytes) {
            return;
        }
        let Some(text) = value.as_str() else { return };
        let (table, finder) = (self.plan.table, self.finder);
        let pointer = &|| finder.pointer_to(value);
        let at = TextAt { text, value, scalar: Some(scalar), table, pointer };
        rules::check_text(&at, self.diagnostics);
        if let Some(order) = rules::order(text) {
            let (table, spot) = (self.table_index, Spot::of(value));
            self.collected.written.add(table, &pointer(), order, text, spot);
        }
    }

    fn date(&mut self, scalar: &Scalar, value: Value<'t>) {
        if value.as_bytes().is_none_or(rules::is_common_date) {
            return;
        }
        let Some(text) = value.as_str() else { return };
        let (table, finder) = (self.plan.table, self.finder);
        let pointer = &|| finder.pointer_to(value);
        let at = TextAt { text, value, scalar: Some(scalar), table, pointer };
        rules::check_date(&at, self.diagnostics);
    }

    fn too_large(&mut self, value: Value<'t>) {
        let message = format!(
            "{} is {}, which doesn't fit a 64-bit integer column",
            self.subject(value),
            seen(value)
        );
        let place = self.place(value);
        self.diagnostics.push(
            Diagnostic::new(&code::INTEGER_TOO_LARGE, place, message)
                .help("if it is an identifier, make the property text and quote the value"),
        );
    }

    /// In UTC, the last hours of the year 9999 may be in the next one, and the first of the year 1 in
    /// the one before, which have no place in calendars of other software.
    fn offset(&mut self, text: &str, value: Value<'t>) {
        let Ok(instant) = chrono::DateTime::parse_from_rfc3339(text) else { return };
        let (written, year) = (instant.year(), instant.naive_utc().year());
        if year == written || (1..=9999).contains(&year) {
            return;
        }
        let message = format!(
            "{} is {}, which in UTC is in the year {year}; columns hold the years 1 to 9999",
            self.subject(value),
            seen(value)
        );
        let place = self.place(value);
        self.diagnostics.push(Diagnostic::new(&code::FORMAT_MISMATCH, place, message).help(
            "if it stands for an open end or for unknown, leave the property out; else check the \
             year and the offset",
        ));
    }

    /// Who clicks on it in a codebook or a web page made from the release would run it.
    fn script(&mut self, value: Value<'t>) {
        let message = format!(
            "{} is {}, which is no address of a document but something that a browser runs",
            self.subject(value),
            seen(value)
        );
        let place = self.place(value);
        self.diagnostics.push(
            Diagnostic::new(&code::FORMAT_MISMATCH, place, message)
                .help("write the address of a page, as in `https://example.org/page`"),
        );
    }

    /// Counting on from 1970 passes over it, so that it would be released as the second after it.
    fn leap_second(&mut self, value: Value<'t>) {
        let message = format!(
            "{} is {}, a leap second, which a column can't tell from the one after it",
            self.subject(value),
            seen(value)
        );
        let place = self.place(value);
        self.diagnostics.push(
            Diagnostic::new(&code::INEXACT_NUMBER, place, message)
                .help("write the second before it or after it"),
        );
    }

    /// Columns hold microseconds of the years that other software knows.
    fn date_time(&mut self, value: Value<'t>) {
        let Some(text) = value.as_str() else { return };
        if !text.ends_with(['Z', 'z']) {
            self.offset(text, value);
        }
        if text.get(17..19) == Some("60") {
            self.leap_second(value);
        }
        let Some((_, fraction)) = text.split_once('.') else { return };
        let digits = fraction.bytes().take_while(u8::is_ascii_digit);
        if digits.skip(6).any(|digit| digit != b'0') {
            let message = format!(
                "{} is {}, finer than the microseconds that a column keeps",
                self.subject(value),
                seen(value)
            );
            let place = self.place(value);
            self.diagnostics.push(
                Diagnostic::new(&code::INEXACT_NUMBER, place, message)
                    .help("round it to six digits of a second"),
            );
        }
    }
}
