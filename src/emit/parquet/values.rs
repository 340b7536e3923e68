//! A column's values, encoded page by page, without the levels that say where values are missing and where
//! lists begin.
//!
//! A column of a list stands in two files: nested in its record, and flat in a table of its own. The
//! values are the same in both, and so are the pages: they end where a record ends. So values are encoded
//! once, and each file puts its levels before them.

use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, Time64MicrosecondType, TimestampMicrosecondType,
};
use arrow_array::{Array, ArrayRef, UInt32Array};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;
use arrow_select::take::take;
use parquet::basic::Encoding;

use super::bits;
use super::decimals;
use super::dictionary::{self, Dictionary, Indices};
use super::encodings::Method;
use super::statistics::{Bound, Number};

/// The encoded values of a column in a batch.
pub struct Values {
    /// What the pages refer to, if any of them does.
    pub dictionary: Option<Dictionary>,
    /// In the order of the records, at least one.
    pub pages: Vec<Page>,
}

/// A page's values.
pub struct Page {
    /// The records that it belongs to, by their position in the batch.
    pub records: Range<usize>,
    /// How the values are encoded.
    pub encoding: Encoding,
    /// The values that aren't missing, encoded.
    pub bytes: Vec<u8>,
    /// How many there are.
    pub count: usize,
    /// The least and the greatest of them.
    pub bounds: Option<(Bound, Bound)>,
    /// How many bytes their texts have, if they are texts.
    pub text_bytes: Option<usize>,
}

/// Where the rows of each record begin in a level, and at last where they end.
#[derive(Clone, Copy)]
pub enum Starts<'a> {
    /// Each of so many records is a row.
    Records(usize),
    /// Records have rows in a list.
    List(&'a [u32]),
}

impl Starts<'_> {
    /// How many records.
    pub fn records(&self) -> usize {
        match self {
            Self::Records(count) => *count,
            Self::List(starts) => starts.len() - 1,
        }
    }

    /// The first row of a record, or of those behind it if it has none.
    pub fn at(&self, record: usize) -> usize {
        match self {
            Self::Records(_) => record,
            Self::List(starts) => starts[record] as usize,
        }
    }

    /// The rows of some records.
    pub fn rows(&self, records: &Range<usize>) -> Range<usize> {
        self.at(records.start)..self.at(records.end)
    }

    /// The first record behind those whose rows begin before so many bytes of the column.
    fn record_at(
        &self,
        records: &Range<usize>,
        bytes: usize,
        before: &dyn Fn(usize) -> usize,
    ) -> usize {
        let (mut low, mut high) = (records.start, records.end);
        while low < high {
            let middle = usize::midpoint(low, high);
            if before(self.at(middle)) < bytes { low = middle + 1 } else { high = middle }
        }
        low
    }
}

/// A page ends at the first record behind so many bytes: fewer compress worse.
const PAGE_BYTES: usize = 1 << 20;

/// A column on its way to pages.
struct Column<'a> {
    starts: Starts<'a>,
    nulls: Option<&'a NullBuffer>,
    pages: Vec<Page>,
    /// How many values stand in the pages.
    count: usize,
}

impl<'a> Column<'a> {
    /// Cuts records into pages, whose columns have `before` bytes before a row. `encode` is given the
    /// rows of a page, and the positions of its values among those of the column.
    fn cut(
        &mut self,
        records: Range<usize>,
        before: &dyn Fn(usize) -> usize,
        mut encode: impl FnMut(Range<usize>, Range<usize>) -> Page,
    ) {
        let rows = self.starts.rows(&records);
        let (first, last) = (before(rows.start), before(rows.end));
        let count = ((last - first) / PAGE_BYTES).max(1);
        let mut start = records.start;
        for page in 1..=count {
            let end = match page == count {
                true => records.end,
                false => {
                    let bytes = first + (last - first) / count * page;
                    self.starts.record_at(&(start..records.end), bytes, before)
                }
            };
            if start == end && !(page == count && self.pages.is_empty()) {
                continue;
            }
            let rows = self.starts.rows(&(start..end));
            let values = self.count..self.count + self.present(&rows);
            self.count = values.end;
            self.pages.push(Page { records: start..end, ..encode(rows, values) });
            start = end;
        }
    }

    /// How many of some rows have a value.
    fn present(&self, rows: &Range<usize>) -> usize {
        match self.nulls {
            Some(nulls) => nulls.inner().slice(rows.start, rows.len()).count_set_bits(),
            None => rows.len(),
        }
    }

    fn finish(self, dictionary: Option<Dictionary>) -> Values {
        Values { dictionary, pages: self.pages }
    }
}

impl Page {
    fn new(encoding: Encoding, bytes: Vec<u8>, count: usize) -> Self {
        Self { records: 0..0, encoding, bytes, count, bounds: None, text_bytes: None }
    }
}

impl Values {
    /// The values of a column of which the rows of each record begin there.
    pub fn new(array: &ArrayRef, method: Method, starts: Starts<'_>) -> Self {
        let nulls = array.nulls().filter(|nulls| nulls.null_count() > 0);
        let column = Column { starts, nulls, pages: Vec::new(), count: 0 };
        match array.data_type() {
            DataType::Boolean => booleans(column, array),
            DataType::Int8 => numbers(column, &integers::<Int8Type>(array), Number::Short, method),
            DataType::Int16 => {
                numbers(column, &integers::<Int16Type>(array), Number::Short, method)
            }
            DataType::Int32 => {
                numbers(column, &integers::<Int32Type>(array), Number::Short, method)
            }
            DataType::Date32 => {
                numbers(column, &integers::<Date32Type>(array), Number::Short, method)
            }
            DataType::Int64 => numbers(column, &integers::<Int64Type>(array), Number::Long, method),
            DataType::Timestamp(..) => {
                numbers(column, &integers::<TimestampMicrosecondType>(array), Number::Long, method)
            }
            DataType::Time64(_) => {
                numbers(column, &integers::<Time64MicrosecondType>(array), Number::Long, method)
            }
            DataType::Decimal128(precision, _) => decimals(column, array, *precision, method),
            DataType::Float64 => {
                let doubles = array.as_primitive::<Float64Type>().iter().flatten();
                let doubles: Vec<i64> = doubles.map(Number::of_double).collect();
                numbers(column, &doubles, Number::Double, method)
            }
            DataType::Dictionary(..) => codes(column, array),
            DataType::Utf8 | DataType::Binary => texts(column, Texts::new(array), method),
            other => unreachable!("no column is made of {other}"),
        }
    }

    /// The keys of the records that rows are a part of, once for each row. Equal texts behind one another
    /// compress better than positions in a dictionary would.
    pub fn of_parents(keys: &ArrayRef, starts: &[u32]) -> Self {
        let column =
            Column { starts: Starts::List(starts), nulls: None, pages: Vec::new(), count: 0 };
        match keys.data_type() {
            DataType::Int8 => repeated(column, &integers::<Int8Type>(keys), Number::Short),
            DataType::Int16 => repeated(column, &integers::<Int16Type>(keys), Number::Short),
            DataType::Int32 => repeated(column, &integers::<Int32Type>(keys), Number::Short),
            DataType::Date32 => repeated(column, &integers::<Date32Type>(keys), Number::Short),
            DataType::Int64 => repeated(column, &integers::<Int64Type>(keys), Number::Long),
            DataType::Dictionary(..) => {
                let rows = starts.windows(2).enumerate().flat_map(|(record, pair)| {
                    std::iter::repeat_n(record as u32, (pair[1] - pair[0]) as usize)
                });
                let rows = UInt32Array::from_iter_values(rows);
                let keys = take(keys, &rows, None).expect("records are rows of their table");
                codes(column, &keys)
            }
            DataType::Utf8 => repeated_texts(column, Texts::new(keys), starts),
            other => unreachable!("no key is a {other}"),
        }
    }

    /// No values in any row.
    fn none(starts: Starts<'_>, is_text: bool) -> Self {
        let page = Page {
            records: 0..starts.records(),
            text_bytes: is_text.then_some(0),
            ..Page::new(Encoding::PLAIN, Vec::new(), 0)
        };
        Self { dictionary: None, pages: vec![page] }
    }

    /// How many bytes, before they are compressed.
    pub fn bytes(&self) -> usize {
        let dictionary = self.dictionary.as_ref().map_or(0, |dictionary| dictionary.bytes.len());
        dictionary + self.pages.iter().map(|page| page.bytes.len()).sum::<usize>()
    }
}

/// Decimal numbers: integers of 32 or 64 bits if they have few digits, else of as many bytes as it takes.
fn decimals(column: Column<'_>, array: &ArrayRef, precision: u8, method: Method) -> Values {
    let values = array.as_primitive::<Decimal128Type>().iter().flatten();
    if precision > decimals::LONG_DIGITS_MAX {
        return fixed(column, &values.collect::<Vec<_>>(), decimals::bytes_each(precision));
    }
    let values: Vec<i64> = values.map(|value| value as i64).collect();
    let is_short = precision <= decimals::SHORT_DIGITS_MAX;
    numbers(column, &values, if is_short { Number::Short } else { Number::Long }, method)
}

/// Numbers of so many bytes each.
fn fixed(mut column: Column<'_>, values: &[i128], size: usize) -> Values {
    if values.is_empty() {
        return Values::none(column.starts, false);
    }
    let records = 0..column.starts.records();
    column.cut(records, &|row| row * size, |_, positions| {
        let values = &values[positions];
        let mut bytes = Vec::with_capacity(values.len() * size);
        values.iter().for_each(|value| decimals::write(&mut bytes, *value, size));
        let bounds = values.iter().min().zip(values.iter().max());
        let bounds =
            bounds.map(|(least, most)| (Bound::Fixed(*least, size), Bound::Fixed(*most, size)));
        Page { bounds, ..Page::new(Encoding::PLAIN, bytes, values.len()) }
    });
    column.finish(None)
}

fn integers<T: ArrowPrimitiveType<Native: Into<i64>>>(array: &ArrayRef) -> Vec<i64> {
    let integers = array.as_primitive::<T>();
    match integers.nulls() {
        Some(_) => integers.iter().flatten().map(Into::into).collect(),
        None => integers.values().iter().map(|value| (*value).into()).collect(),
    }
}

/// Numbers of records, once for each row.
fn repeated(column: Column<'_>, numbers: &[i64], form: Number) -> Values {
    let starts = column.starts;
    let rows = numbers.iter().enumerate().flat_map(|(record, number)| {
        std::iter::repeat_n(*number, starts.rows(&(record..record + 1)).len())
    });
    let values: Vec<i64> = rows.collect();
    self::numbers(column, &values, form, Method::Differences)
}

/// Texts of records in their order, once for each row.
fn repeated_texts(mut column: Column<'_>, texts: Texts<'_>, starts: &[u32]) -> Values {
    let records = 0..column.starts.records();
    let rows = column.starts.at(records.end);
    if rows == 0 {
        return Values::none(column.starts, true);
    }
    let size = |record: usize| size_of::<u32>() + texts.get(record).len();
    let count = |record: usize| (starts[record + 1] - starts[record]) as usize;
    let bytes: usize = records.clone().map(|record| size(record) * count(record)).sum();
    let size_mean = bytes.div_ceil(rows);
    column.cut(records, &|row| row * size_mean, |rows, _| {
        let first = starts.partition_point(|start| *start as usize <= rows.start) - 1;
        let end = starts.partition_point(|start| (*start as usize) < rows.end);
        let mut bytes = Vec::with_capacity(rows.len() * size_mean);
        for record in first..end {
            let start = bytes.len();
            for item in 0..count(record) {
                match item {
                    0 => dictionary::write_text(&mut bytes, texts.get(record)),
                    _ => bytes.extend_from_within(start..start + size(record)),
                }
            }
        }
        let bound = |record| Bound::Text(texts.get(record).to_vec());
        let last = (first..end).rfind(|record| count(*record) > 0);
        let bounds = last.map(|last| (bound(first), bound(last)));
        let text_bytes = Some(bytes.len() - rows.len() * size_of::<u32>());
        let page = Page::new(Encoding::PLAIN, bytes, rows.len());
        Page { bounds, text_bytes, ..page }
    });
    column.finish(None)
}

fn booleans(mut column: Column<'_>, array: &ArrayRef) -> Values {
    let values: Vec<bool> = array.as_boolean().iter().flatten().collect();
    let records = 0..column.starts.records();
    column.cut(records, &|row| row / 8, |_, positions| {
        let values = &values[positions];
        let mut bytes = Vec::with_capacity(values.len().div_ceil(8));
        bits::pack(&mut bytes, values.iter().map(|value| u64::from(*value)), 1);
        let bounds = values.iter().min().zip(values.iter().max());
        let bounds = bounds.map(|(least, most)| (Bound::Boolean(*least), Bound::Boolean(*most)));
        Page { bounds, ..Page::new(Encoding::PLAIN, bytes, values.len()) }
    });
    column.finish(None)
}

fn numbers(mut column: Column<'_>, values: &[i64], form: Number, method: Method) -> Values {
    if values.is_empty() {
        return Values::none(column.starts, false);
    }
    let records = 0..column.starts.records();
    let mut dictionary = None;
    let mut rest = records.clone();
    if method == Method::Dictionary {
        let indices = dictionary::of_numbers(values, form);
        rest.start = with_dictionary(&mut column, &indices);
        dictionary = (rest.start > 0).then_some(indices.dictionary);
    }
    if !rest.is_empty() {
        let size = form.bytes_each();
        column.cut(rest, &|row| row * size, |_, positions| {
            let values = &values[positions];
            let mut bytes = Vec::with_capacity(values.len() * size);
            let encoding = match method {
                Method::Differences if form != Number::Double => {
                    bits::differences(&mut bytes, values, form == Number::Short);
                    Encoding::DELTA_BINARY_PACKED
                }
                Method::Dictionary | Method::Plain | Method::Differences => {
                    values.iter().for_each(|value| form.write(&mut bytes, *value));
                    Encoding::PLAIN
                }
            };
            let bounds = values.iter().min().zip(values.iter().max());
            let bounds = bounds
                .map(|(least, most)| (Bound::Number(*least, form), Bound::Number(*most, form)));
            Page { bounds, ..Page::new(encoding, bytes, values.len()) }
        });
    }
    column.finish(dictionary)
}

/// The pages of the records of which all values are in the dictionary. Returns the first record whose
/// values aren't.
fn with_dictionary(column: &mut Column<'_>, indices: &Indices) -> usize {
    let mut records = 0..column.starts.records();
    if !indices.are_all {
        // The last record that has a value without an index.
        let (mut low, mut high) = (0, records.end);
        while low < high {
            let middle = usize::midpoint(low, high);
            let values = column.present(&column.starts.rows(&(0..middle + 1)));
            if values <= indices.positions.len() { low = middle + 1 } else { high = middle }
        }
        records.end = low;
    }
    if records.is_empty() {
        return 0;
    }
    let dictionary = &indices.dictionary;
    let bits = dictionary.index_bits();
    column.cut(records.clone(), &|row| row * usize::from(bits) / 8, |_, values| {
        let positions = &indices.positions[values];
        let mut bytes = Vec::with_capacity(16 + positions.len() * usize::from(bits) / 8);
        bytes.push(bits);
        bits::hybrid(&mut bytes, positions, bits);
        let bounds = positions.iter().min().zip(positions.iter().max());
        let bounds = bounds.map(|(least, most)| {
            (dictionary.bound(*least as usize), dictionary.bound(*most as usize))
        });
        let lengths = dictionary.lengths.as_ref();
        let text_bytes = lengths.map(|lengths| {
            positions.iter().map(|position| lengths[*position as usize] as usize).sum()
        });
        Page { bounds, text_bytes, ..Page::new(Encoding::RLE_DICTIONARY, bytes, positions.len()) }
    });
    records.end
}

fn codes(mut column: Column<'_>, array: &ArrayRef) -> Values {
    let codes = array.as_dictionary::<Int32Type>();
    let keys = codes.keys();
    let keys: Vec<u32> = match column.nulls {
        Some(_) => keys.iter().flatten().map(i32::cast_unsigned).collect(),
        None => keys.values().iter().map(|key| key.cast_unsigned()).collect(),
    };
    if keys.is_empty() {
        return Values::none(column.starts, true);
    }
    let indices = dictionary::of_codes(keys, &Texts::new(codes.values()));
    with_dictionary(&mut column, &indices);
    column.finish(Some(indices.dictionary))
}

/// Texts, or bytes.
#[derive(Clone, Copy)]
pub struct Texts<'a> {
    offsets: &'a [i32],
    data: &'a [u8],
}

impl<'a> Texts<'a> {
    /// Those of an array.
    pub fn new(array: &'a ArrayRef) -> Self {
        match array.as_string_opt::<i32>() {
            Some(texts) => Self { offsets: texts.value_offsets(), data: texts.value_data() },
            None => {
                let bytes = array.as_binary::<i32>();
                Self { offsets: bytes.value_offsets(), data: bytes.value_data() }
            }
        }
    }

    /// The text of a row.
    pub fn get(&self, row: usize) -> &'a [u8] {
        &self.data[self.offsets[row] as usize..self.offsets[row + 1] as usize]
    }

    /// How many bytes the texts before a row take, each behind its length.
    fn before(&self, row: usize) -> usize {
        (self.offsets[row] - self.offsets[0]) as usize + row * size_of::<u32>()
    }
}

/// The rows that have a value, in their order.
fn present_rows(rows: Range<usize>, nulls: Option<&NullBuffer>) -> impl Iterator<Item = usize> {
    rows.filter(move |row| nulls.is_none_or(|nulls| nulls.is_valid(*row)))
}

fn texts(mut column: Column<'_>, texts: Texts<'_>, method: Method) -> Values {
    let records = 0..column.starts.records();
    let rows = column.starts.rows(&records);
    if column.present(&rows) == 0 {
        return Values::none(column.starts, true);
    }
    let nulls = column.nulls;
    let mut dictionary = None;
    let mut rest = records.clone();
    if method == Method::Dictionary {
        let indices = dictionary::of_texts(&texts, present_rows(rows, nulls));
        rest.start = with_dictionary(&mut column, &indices);
        dictionary = (rest.start > 0).then_some(indices.dictionary);
    }
    if !rest.is_empty() {
        column.cut(rest, &|row| texts.before(row), |rows, positions| {
            let mut bytes = Vec::with_capacity(texts.before(rows.end) - texts.before(rows.start));
            let mut bounds: Option<(&[u8], &[u8])> = None;
            let mut text_bytes = 0;
            for row in present_rows(rows, nulls) {
                let text = texts.get(row);
                dictionary::write_text(&mut bytes, text);
                text_bytes += text.len();
                bounds = Some(match bounds {
                    Some((least, most)) => (least.min(text), most.max(text)),
                    None => (text, text),
                });
            }
            let bounds = bounds
                .map(|(least, most)| (Bound::Text(least.to_vec()), Bound::Text(most.to_vec())));
            let text_bytes = Some(text_bytes);
            Page { bounds, text_bytes, ..Page::new(Encoding::PLAIN, bytes, positions.len()) }
        });
    }
    column.finish(dictionary)
}
