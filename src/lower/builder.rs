//! Appends records to column builders.

use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, Float64Builder, Int8Builder,
    Int16Builder, Int32Builder, Int64Builder, StringBuilder, Time64MicrosecondBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, DictionaryArray};
use chrono::{DateTime, Datelike, NaiveDate};

use super::rows::{ListRows, Rows};
use super::values;
use crate::clock;
use crate::decimal::Digits;
use crate::edtf::parts::Parts;
use crate::edtf::{self, Edtf};
use crate::model::kind::{Bits, Physical};
use crate::model::{Codes, EdtfPart, Kind, Level, Object, Origin, Scalar, Table};
use crate::plan::{Event, Place, Plan, RECORD, Trace, date_of};
use crate::tape::Value;

/// Gathers valid records of one table.
pub struct RowsBuilder<'m> {
    level: &'m Level,
    len: usize,
    columns: Vec<ColumnBuilder>,
    lists: Vec<ListBuilder<'m>>,
}

/// The values of a record that aren't in their columns yet.
struct Rest<'a, 'm, 't> {
    record: Value<'t>,
    plan: &'a Plan<'m>,
    events: &'a [Event],
    dates: &'a [(u32, Edtf)],
}

impl<'a, 'm, 't> Rest<'a, 'm, 't> {
    /// The next value with its place, if it stands before that number on the tape.
    fn next(&mut self, end: u32) -> Option<(&'a Place<'m>, Value<'t>)> {
        let (event, rest) = self.events.split_first().filter(|(event, _)| event.value < end)?;
        self.events = rest;
        Some((self.plan.place(event.place), self.record.at_index(event.value)))
    }
}

struct ListBuilder<'m> {
    offsets: Vec<i32>,
    rows: RowsBuilder<'m>,
}

impl<'m> RowsBuilder<'m> {
    /// An empty builder for records of `table`.
    #[must_use]
    pub fn new(table: &'m Table) -> Self {
        Self::of_level(&table.level)
    }

    fn of_level(level: &'m Level) -> Self {
        let list = |level| ListBuilder { offsets: vec![0], rows: Self::of_level(level) };
        Self {
            level,
            len: 0,
            columns: level.columns.iter().map(|column| ColumnBuilder::new(&column.kind)).collect(),
            lists: level.lists.iter().map(list).collect(),
        }
    }

    /// How many records were appended.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether none was.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Appends a record, by its trace with the plan of its table.
    ///
    /// # Panics
    /// If the record wasn't checked: every property that no column holds and every value that doesn't fit its
    /// column is reported, and such records don't come here.
    pub fn append(&mut self, record: Value<'_>, plan: &Plan<'_>, trace: &Trace) {
        let mut rest = Rest { record, plan, events: trace.events(), dates: trace.dates() };
        if let Place::Row(members) = plan.place(RECORD) {
            self.compose(members.object(), record);
        }
        self.row(&mut rest, u32::MAX);
    }

    /// Appends a row of the values up to a number on the tape.
    fn row(&mut self, rest: &mut Rest<'_, '_, '_>, end: u32) {
        while let Some((place, value)) = rest.next(end) {
            match place {
                // Whatever is null is missing.
                _ if value.is_null() => {}
                Place::Value { scalar, column, .. } => {
                    self.scalar(scalar, *column, value, rest.dates);
                }
                // Its members are values of the same row.
                Place::Group(members) => self.compose(members.object(), value),
                Place::Languages { columns } => {
                    for text in value.entries() {
                        let (_, column) = columns
                            .iter()
                            .find(|(language, _)| language == text.name())
                            .expect("an undeclared language is an error, and nothing is lowered");
                        self.columns[*column].value(text.value);
                    }
                }
                Place::List { list, count, .. } => {
                    let rows = &mut self.lists[*list].rows;
                    let end = value.index() + value.size();
                    while let Some((place, item)) = rest.next(end) {
                        match place {
                            Place::Value { scalar, column, .. } => {
                                rows.scalar(scalar, *column, item, rest.dates);
                                rows.complete();
                            }
                            Place::Row(members) => {
                                rows.compose(members.object(), item);
                                rows.row(rest, item.index() + item.size());
                            }
                            Place::Group(_) | Place::Languages { .. } | Place::List { .. } => {
                                unreachable!("an item is a value or a row")
                            }
                        }
                    }
                    let length = rows.len as i32;
                    self.lists[*list].offsets.push(length);
                    self.columns[*count].integer(value.len() as i64);
                }
                Place::Row(_) => unreachable!("a row stands in a list"),
            }
        }
        self.complete();
    }

    /// Ends a row: whatever it didn't say is missing.
    fn complete(&mut self) {
        self.len += 1;
        for column in &mut self.columns {
            column.pad(self.len);
        }
        for list in &mut self.lists {
            if list.offsets.len() == self.len {
                list.offsets.push(list.rows.len as i32);
            }
        }
    }

    fn scalar(&mut self, scalar: &Scalar, column: usize, value: Value<'_>, dates: &[(u32, Edtf)]) {
        self.columns[column].value(value);
        match scalar.kind {
            Kind::Edtf => {
                let date = date_of(dates, value).expect("a valid date is EDTF");
                self.derive(column, &EdtfPart::ALL, &date);
            }
            Kind::Year { .. } => {
                let year = Parts { year: value.as_i64(), ..Parts::default() };
                let date = year.date().ok().flatten().expect("a valid year is a date");
                self.derive(column, &EdtfPart::OF_YEAR, &date);
            }
            _ => {}
        }
    }

    /// Appends what is worked out from the date of a column.
    fn derive(&mut self, column: usize, parts: &[EdtfPart], date: &Edtf) {
        for (offset, &part) in parts.iter().enumerate() {
            debug_assert_eq!(
                self.level.columns[column + 1 + offset].origin,
                Origin::Derived { of: column, part }
            );
            self.columns[column + 1 + offset].edtf(part, date);
        }
    }

    /// Appends the dates that are composed of an object's values. Those that are no dates are missing: a rule
    /// says so.
    fn compose(&mut self, object: &Object, value: Value<'_>) {
        for composed in &object.dates {
            let parts = composed.parts.of(value);
            if let (Ok(Some(date)), Ok(Some(text))) = (parts.date(), parts.text()) {
                self.columns[composed.column].text(&text);
                self.derive(composed.column, &EdtfPart::OF_COMPOSED, &date);
            }
        }
    }

    /// The rows gathered so far; the builder is empty afterwards.
    pub fn finish(&mut self) -> Rows {
        let columns = self.columns.iter_mut().map(ColumnBuilder::finish).collect();
        let lists = self.lists.iter_mut().map(|list| ListRows {
            offsets: std::mem::replace(&mut list.offsets, vec![0]),
            rows: list.rows.finish(),
        });
        Rows { len: std::mem::take(&mut self.len), lists: lists.collect(), columns }
    }
}

pub(super) enum ColumnBuilder {
    Boolean(BooleanBuilder),
    Int8(Int8Builder),
    Int16(Int16Builder),
    Int32(Int32Builder),
    Int64(Int64Builder),
    Number(Float64Builder),
    Text(StringBuilder),
    Code(Arc<Codes>, Int32Builder),
    Date(Date32Builder),
    DateTime(TimestampMicrosecondBuilder),
    LocalDateTime(TimestampMicrosecondBuilder),
    LocalTime(Time64MicrosecondBuilder),
    Decimal(Digits, Decimal128Builder),
}

/// Days between 1970-01-01 and the first day of the common era.
const EPOCH_DAYS: i32 = 719_163;

/// Days since 1970-01-01.
fn epoch_days(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - EPOCH_DAYS
}

impl ColumnBuilder {
    pub(super) fn new(kind: &Kind) -> Self {
        match kind.physical() {
            Physical::Boolean => Self::Boolean(BooleanBuilder::new()),
            Physical::Integer(Bits::Eight) => Self::Int8(Int8Builder::new()),
            Physical::Integer(Bits::Sixteen) => Self::Int16(Int16Builder::new()),
            Physical::Integer(Bits::ThirtyTwo) => Self::Int32(Int32Builder::new()),
            Physical::Integer(Bits::SixtyFour) => Self::Int64(Int64Builder::new()),
            Physical::Double => Self::Number(Float64Builder::new()),
            Physical::Text => Self::Text(StringBuilder::new()),
            Physical::Code(codes) => Self::Code(Arc::clone(codes), Int32Builder::new()),
            Physical::Day => Self::Date(Date32Builder::new()),
            Physical::Instant => Self::DateTime(TimestampMicrosecondBuilder::new()),
            Physical::LocalInstant => Self::LocalDateTime(TimestampMicrosecondBuilder::new()),
            Physical::TimeOfDay => Self::LocalTime(Time64MicrosecondBuilder::new()),
            Physical::Decimal(digits) => Self::Decimal(digits, Decimal128Builder::new()),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Boolean(builder) => builder.len(),
            Self::Int8(builder) => builder.len(),
            Self::Int16(builder) => builder.len(),
            Self::Int32(builder) | Self::Code(_, builder) => builder.len(),
            Self::Int64(builder) => builder.len(),
            Self::Number(builder) => builder.len(),
            Self::Text(builder) => builder.len(),
            Self::Date(builder) => builder.len(),
            Self::DateTime(builder) | Self::LocalDateTime(builder) => builder.len(),
            Self::LocalTime(builder) => builder.len(),
            Self::Decimal(_, builder) => builder.len(),
        }
    }

    /// Appends a missing value if the row has none yet.
    pub(super) fn pad(&mut self, len: usize) {
        if self.len() == len {
            return;
        }
        match self {
            Self::Boolean(builder) => builder.append_null(),
            Self::Int8(builder) => builder.append_null(),
            Self::Int16(builder) => builder.append_null(),
            Self::Int32(builder) | Self::Code(_, builder) => builder.append_null(),
            Self::Int64(builder) => builder.append_null(),
            Self::Number(builder) => builder.append_null(),
            Self::Text(builder) => builder.append_null(),
            Self::Date(builder) => builder.append_null(),
            Self::DateTime(builder) | Self::LocalDateTime(builder) => builder.append_null(),
            Self::LocalTime(builder) => builder.append_null(),
            Self::Decimal(_, builder) => builder.append_null(),
        }
    }

    pub(super) fn integer(&mut self, value: i64) {
        let fits = "validation reports integers that don't fit their column";
        match self {
            Self::Int8(builder) => builder.append_value(i8::try_from(value).expect(fits)),
            Self::Int16(builder) => builder.append_value(i16::try_from(value).expect(fits)),
            Self::Int32(builder) => builder.append_value(i32::try_from(value).expect(fits)),
            Self::Int64(builder) => builder.append_value(value),
            Self::Boolean(_)
            | Self::Number(_)
            | Self::Text(_)
            | Self::Code(..)
            | Self::Date(_)
            | Self::DateTime(_)
            | Self::LocalDateTime(_)
            | Self::LocalTime(_)
            | Self::Decimal(..) => unreachable!("an integer goes into an integer column"),
        }
    }

    fn text(&mut self, text: &str) {
        let Self::Text(builder) = self else { unreachable!("a text goes into a column of texts") };
        builder.append_value(text);
    }

    /// Appends the code at a position of the set.
    pub(super) fn position(&mut self, position: u32) {
        let Self::Code(_, builder) = self else { unreachable!("a code goes into its column") };
        builder.append_value(position.cast_signed());
    }

    /// Appends a value that was lowered before, or is worked out.
    pub(super) fn lowered(&mut self, value: values::Value<'_>) {
        use values::Value;
        match (self, value) {
            (Self::Boolean(builder), Value::Boolean(value)) => builder.append_value(value),
            (Self::Number(builder), Value::Number(value)) => builder.append_value(value),
            (Self::Text(builder), Value::Text(value)) => builder.append_value(value),
            (Self::Code(codes, builder), Value::Text(value)) => {
                let position = codes.position(value).expect("the set has the code");
                builder.append_value(position.cast_signed());
            }
            (Self::Date(builder), Value::Date(value)) => builder.append_value(value),
            (Self::DateTime(builder), Value::Instant(value))
            | (Self::LocalDateTime(builder), Value::LocalInstant(value)) => {
                builder.append_value(value);
            }
            (Self::LocalTime(builder), Value::TimeOfDay(value)) => builder.append_value(value),
            (Self::Decimal(_, builder), Value::Decimal(_, value)) => builder.append_value(value),
            (column, Value::Integer(value)) => column.integer(value),
            (_, value) => unreachable!("{value:?} is of another kind than its column"),
        }
    }

    fn value(&mut self, value: Value<'_>) {
        let valid = "validation reports values that don't fit their column";
        match self {
            Self::Boolean(builder) => builder.append_value(value.as_bool().expect(valid)),
            Self::Int8(_) | Self::Int16(_) | Self::Int32(_) | Self::Int64(_) => {
                self.integer(value.as_i64().expect(valid));
            }
            Self::Number(builder) => builder.append_value(value.as_f64().expect(valid)),
            Self::Text(builder) => builder.append_value(value.as_str().expect(valid)),
            Self::Code(codes, builder) => {
                let position = codes.position(value.as_str().expect(valid)).expect(valid);
                builder.append_value(position.cast_signed());
            }
            Self::Date(builder) => {
                let day = edtf::plain_day(value.as_str().expect(valid)).expect(valid);
                builder.append_value(epoch_days(day));
            }
            Self::DateTime(builder) => {
                let text = value.as_str().expect(valid);
                let instant = DateTime::parse_from_rfc3339(text).expect(valid);
                builder.append_value(instant.timestamp_micros());
            }
            Self::LocalDateTime(builder) => {
                let time = value.as_str().and_then(clock::local_time).expect(valid);
                builder.append_value(time.microseconds);
            }
            Self::LocalTime(builder) => {
                let time = value.as_str().and_then(clock::time_of_day).expect(valid);
                builder.append_value(time.microseconds);
            }
            Self::Decimal(digits, builder) => {
                builder.append_value(digits.of(value).expect(valid));
            }
        }
    }

    fn edtf(&mut self, part: EdtfPart, date: &Edtf) {
        match (self, part) {
            (Self::Date(builder), EdtfPart::Earliest) => {
                builder.append_option(date.earliest().map(epoch_days));
            }
            (Self::Date(builder), EdtfPart::Latest) => {
                builder.append_option(date.latest().map(epoch_days));
            }
            (Self::Code(codes, builder), EdtfPart::Precision) => {
                let position = codes.position(date.precision().name());
                builder.append_value(position.expect("every precision has a code").cast_signed());
            }
            (Self::Boolean(builder), EdtfPart::Uncertain) => {
                builder.append_value(date.uncertain());
            }
            (Self::Boolean(builder), EdtfPart::Approximate) => {
                builder.append_value(date.approximate());
            }
            _ => unreachable!("a part of a date goes into the column made for it"),
        }
    }

    pub(super) fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Boolean(builder) => Arc::new(builder.finish()),
            Self::Int8(builder) => Arc::new(builder.finish()),
            Self::Int16(builder) => Arc::new(builder.finish()),
            Self::Int32(builder) => Arc::new(builder.finish()),
            Self::Int64(builder) => Arc::new(builder.finish()),
            Self::Number(builder) => Arc::new(builder.finish()),
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Code(codes, builder) => {
                let dictionary =
                    DictionaryArray::try_new(builder.finish(), Arc::clone(&codes.dictionary));
                Arc::new(dictionary.expect("codes are positions in their dictionary"))
            }
            Self::Date(builder) => Arc::new(builder.finish()),
            Self::DateTime(builder) => Arc::new(builder.finish().with_timezone("UTC")),
            Self::LocalDateTime(builder) => Arc::new(builder.finish()),
            Self::LocalTime(builder) => Arc::new(builder.finish()),
            Self::Decimal(Digits { precision, scale }, builder) => {
                let array = builder.finish();
                let array = array.with_precision_and_scale(*precision, scale.cast_signed());
                Arc::new(array.expect("a scale is within the precision"))
            }
        }
    }
}
