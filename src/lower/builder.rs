//! One record after the other into columns.

use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Date32Builder, Float64Builder, Int8Builder, Int16Builder,
    Int32Builder, Int64Builder, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, DictionaryArray};
use chrono::{DateTime, Datelike, NaiveDate};

use super::rows::{ListRows, Rows};
use crate::edtf::{self, Edtf};
use crate::model::{Codes, EdtfPart, Item, Kind, Level, Object, Origin, Scalar, Shape, Table};
use crate::tape::Value;

/// Gathers valid records of one table.
pub struct RowsBuilder<'m> {
    level: &'m Level,
    len: usize,
    columns: Vec<ColumnBuilder>,
    lists: Vec<ListBuilder<'m>>,
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

    /// Appends a record.
    ///
    /// # Panics
    /// If the record wasn't checked: `validate` reports every property that no column holds and every
    /// value that doesn't fit its column, and such records don't come here.
    pub fn append(&mut self, record: Value<'_>) {
        match &self.level.item {
            Item::Object(object) => self.object(object, record),
            Item::Scalar(scalar) => self.scalar(scalar, 0, record),
        }
        self.len += 1;
        // Whatever the record didn't say is missing.
        for column in &mut self.columns {
            column.pad(self.len);
        }
        for list in &mut self.lists {
            if list.offsets.len() == self.len {
                list.offsets.push(list.rows.len as i32);
            }
        }
    }

    fn object(&mut self, object: &'m Object, value: Value<'_>) {
        let mut next = 0;
        for entry in value.entries() {
            let found = object
                .position(entry, next)
                .expect("validation reports properties that the model doesn't know");
            next = found + 1;
            if entry.value.is_null() {
                continue;
            }
            match &object.fields[found].shape {
                Shape::Scalar { scalar, column } => self.scalar(scalar, *column, entry.value),
                Shape::Group(group) => self.object(group, entry.value),
                Shape::Languages(columns) => {
                    for text in entry.value.entries() {
                        let (_, column) = columns
                            .iter()
                            .find(|(language, _)| language == text.name())
                            .expect("validation reports languages that aren't declared");
                        self.columns[*column].value(text.value);
                    }
                }
                Shape::List { list, count, .. } => {
                    let list = &mut self.lists[*list];
                    for item in entry.value.items() {
                        list.rows.append(item);
                    }
                    list.offsets.push(list.rows.len as i32);
                    self.columns[*count].integer(entry.value.len() as i64);
                }
            }
        }
    }

    fn scalar(&mut self, scalar: &Scalar, column: usize, value: Value<'_>) {
        self.columns[column].value(value);
        if matches!(scalar.kind, Kind::Edtf) {
            let text = value.as_str().expect("validation reports dates that are none");
            let date = Edtf::parse(text).expect("validation reports dates that are none");
            for (offset, part) in EdtfPart::ALL.into_iter().enumerate() {
                debug_assert_eq!(
                    self.level.columns[column + 1 + offset].origin,
                    Origin::Derived { of: column, part }
                );
                self.columns[column + 1 + offset].edtf(part, &date);
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

enum ColumnBuilder {
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
}

/// Days between 1970-01-01 and the first day of the common era.
const EPOCH_DAYS: i32 = 719_163;

/// Days since 1970-01-01.
fn epoch_days(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - EPOCH_DAYS
}

impl ColumnBuilder {
    fn new(kind: &Kind) -> Self {
        match kind {
            Kind::Boolean => Self::Boolean(BooleanBuilder::new()),
            Kind::Integer { bits: 8 } => Self::Int8(Int8Builder::new()),
            Kind::Integer { bits: 16 } => Self::Int16(Int16Builder::new()),
            Kind::Integer { bits: 32 } => Self::Int32(Int32Builder::new()),
            Kind::Integer { .. } => Self::Int64(Int64Builder::new()),
            Kind::Number => Self::Number(Float64Builder::new()),
            Kind::Text | Kind::Iri | Kind::Edtf => Self::Text(StringBuilder::new()),
            Kind::Code(codes) => Self::Code(Arc::clone(codes), Int32Builder::new()),
            Kind::Date => Self::Date(Date32Builder::new()),
            Kind::DateTime => Self::DateTime(TimestampMicrosecondBuilder::new()),
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
            Self::DateTime(builder) => builder.len(),
        }
    }

    /// Appends a missing value if the row has none yet.
    fn pad(&mut self, len: usize) {
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
            Self::DateTime(builder) => builder.append_null(),
        }
    }

    fn integer(&mut self, value: i64) {
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
            | Self::DateTime(_) => unreachable!("an integer goes into an integer column"),
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

    fn finish(&mut self) -> ArrayRef {
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
        }
    }
}
