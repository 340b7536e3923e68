//! Records as JSON-LD nodes: what a table's records are made of, worked out once, and written row
//! by row.

use crate::emit::flat::has_released_columns;
use crate::emit::text::{self, Keep};
use crate::lower::{Rows, Value, Values};
use crate::model::kind::Physical;
use crate::model::{Item, Kind, Level, Object, Reference, Scalar, Shape, Table};

use super::code_list_iri;
use super::context::{Context, bound_key, bounds, fragment_separator, xsd};

/// How the records of one table are written.
pub struct Records<'m> {
    table: &'m Table,
    /// What record IRIs begin with.
    iri: Vec<u8>,
    separator: u8,
    node: Node,
}

/// The values of one batch.
pub struct BoundRows<'a> {
    columns: Vec<Values<'a>>,
    lists: Vec<(&'a [i32], BoundRows<'a>)>,
}

/// An object as a node.
struct Node {
    /// `"@type":"schema:Event",`, or nothing. Streaming parsers want it first.
    class: Vec<u8>,
    members: Vec<Member>,
}

/// A key with its value.
struct Member {
    /// `,"title":`
    key: Vec<u8>,
    content: Content,
}

enum Content {
    Scalar {
        column: usize,
        form: Form,
    },
    Group {
        segment: Vec<u8>,
        node: Node,
    },
    /// For each language `"en":` and the column.
    Languages(Vec<(Vec<u8>, usize)>),
    Nodes {
        list: usize,
        count: usize,
        segment: Vec<u8>,
        /// The columns that identify an item; empty where its position does.
        key: Vec<usize>,
        node: Node,
    },
    Scalars {
        list: usize,
        count: usize,
        form: Form,
    },
}

/// How a value is spelled.
enum Form {
    /// As in JSON: true, false.
    Bare,
    /// As in JSON, unless processors would round it: then a literal of this datatype, in JSON.
    Number(Vec<u8>),
    /// As in JSON, unless a double can't hold it.
    Integer,
    /// In quotes, with four digits.
    Year,
    /// In quotes, with nothing to escape: dates, times, decimal numbers, and codes that are numbers.
    Quoted,
    /// A JSON string.
    Text,
    /// For each code its JSON string.
    Codes(Vec<Vec<u8>>),
    /// An IRI: its beginning, and what of the text is kept behind it.
    Iri(Vec<u8>, Keep),
}

impl<'m> Records<'m> {
    /// How records of a table are written.
    pub fn new(table: &'m Table, context: &Context) -> Self {
        let node = match &table.level.item {
            Item::Object(object) => node(&table.level, object, context),
            Item::Scalar(_) => unreachable!("a record is an object"),
        };
        let iri = format!("{}{}/", context.base, table.name);
        let separator = fragment_separator(&iri) as u8;
        Self { table, iri: json_inside(&iri), separator, node }
    }

    /// The values of a batch of the table.
    pub fn bind<'a>(&self, rows: &'a Rows) -> BoundRows<'a> {
        BoundRows::new(&self.table.level, rows)
    }

    /// Writes the record in a row.
    pub fn write(&self, out: &mut Vec<u8>, rows: &BoundRows, row: usize) {
        let mut iri = self.iri.clone();
        for (index, column) in self.table.key.columns.iter().enumerate() {
            if index > 0 {
                iri.push(b'/');
            }
            let key = rows.columns[*column].get(row).expect("every record has a key");
            write_encoded(&mut iri, key, Keep::Unreserved);
        }
        self.node.write(out, &mut Iri { bytes: iri, separator: self.separator }, rows, row);
    }
}

impl<'a> BoundRows<'a> {
    fn new(level: &Level, rows: &'a Rows) -> Self {
        Self {
            columns: rows.columns.iter().map(|array| Values::new(array)).collect(),
            lists: level
                .lists
                .iter()
                .zip(&rows.lists)
                .map(|(level, list)| (&list.offsets[..], Self::new(level, &list.rows)))
                .collect(),
        }
    }
}

/// The IRI of the node that is being written, as the inside of a JSON string.
struct Iri {
    bytes: Vec<u8>,
    /// What stands before the next segment.
    separator: u8,
}

impl Iri {
    /// The IRI of a node inside, for as long as it is written.
    fn inside(
        &mut self,
        segment: &[u8],
        item: Option<ItemName<'_, '_>>,
        write: impl FnOnce(&mut Self),
    ) {
        let (len, separator) = (self.bytes.len(), self.separator);
        self.bytes.push(separator);
        self.separator = b'/';
        self.bytes.extend_from_slice(segment);
        if let Some(item) = item {
            self.bytes.push(b'/');
            item.write(&mut self.bytes);
        }
        write(self);
        self.bytes.truncate(len);
        self.separator = separator;
    }
}

/// What an item is called in its list.
enum ItemName<'i, 'a> {
    /// Where it stands, from 0.
    Position(usize),
    /// The values of these columns in a row.
    Key(&'i [usize], &'i BoundRows<'a>, usize),
}

impl ItemName<'_, '_> {
    /// Different keys are different names: a comma stands between values, and is encoded inside them.
    fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::Position(position) => text::integer(out, position as i64),
            Self::Key(columns, rows, row) => {
                let values = columns.iter().filter_map(|column| rows.columns[*column].get(row));
                for (index, value) in values.enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    write_encoded(out, value, Keep::Unreserved);
                }
            }
        }
    }
}

impl Node {
    /// Writes the node of a row. Returns whether it says anything.
    fn write(&self, out: &mut Vec<u8>, iri: &mut Iri, rows: &BoundRows, row: usize) -> bool {
        out.push(b'{');
        out.extend_from_slice(&self.class);
        out.extend_from_slice(b"\"@id\":\"");
        out.extend_from_slice(&iri.bytes);
        out.push(b'"');
        let start = out.len();
        for member in &self.members {
            member.write(out, iri, rows, row);
        }
        let is_empty = out.len() == start;
        out.push(b'}');
        !is_empty
    }
}

impl Member {
    /// Writes the key and the value, or nothing if the row has no value.
    fn write(&self, out: &mut Vec<u8>, iri: &mut Iri, rows: &BoundRows, row: usize) {
        let start = out.len();
        out.extend_from_slice(&self.key);
        let is_written = match &self.content {
            Content::Scalar { column, form } => form.write(out, &rows.columns[*column], row),
            Content::Group { segment, node } => {
                let mut says = false;
                iri.inside(segment, None, |iri| says = node.write(out, iri, rows, row));
                says
            }
            Content::Languages(languages) => {
                let mut opening = b'{';
                for (tag, column) in languages {
                    if let Some(Value::Text(value)) = rows.columns[*column].get(row) {
                        out.push(std::mem::replace(&mut opening, b','));
                        out.extend_from_slice(tag);
                        text::json(out, value);
                    }
                }
                out.push(b'}');
                opening == b','
            }
            Content::Nodes { list, count, segment, key, node } => {
                let (offsets, items) = &rows.lists[*list];
                write_list(out, offsets, row, |out, position, item| {
                    let name = match key.is_empty() {
                        true => ItemName::Position(position),
                        false => ItemName::Key(key, items, item),
                    };
                    iri.inside(segment, Some(name), |iri| {
                        node.write(out, iri, items, item);
                    });
                });
                !rows.columns[*count].is_missing(row)
            }
            Content::Scalars { list, count, form } => {
                let (offsets, items) = &rows.lists[*list];
                write_list(out, offsets, row, |out, _, item| {
                    let is_written = form.write(out, &items.columns[0], item);
                    assert!(is_written, "items of a list aren't missing");
                });
                !rows.columns[*count].is_missing(row)
            }
        };
        if !is_written {
            out.truncate(start);
        }
    }
}

fn write_list(
    out: &mut Vec<u8>,
    offsets: &[i32],
    row: usize,
    mut write: impl FnMut(&mut Vec<u8>, usize, usize),
) {
    out.push(b'[');
    for (position, item) in (offsets[row] as usize..offsets[row + 1] as usize).enumerate() {
        if position > 0 {
            out.push(b',');
        }
        write(out, position, item);
    }
    out.push(b']');
}

impl Form {
    fn of(scalar: &Scalar, context: &Context) -> Self {
        if let Some(table) = scalar.reference.as_ref().and_then(Reference::table) {
            let start = format!("{}{table}/", context.base);
            return Self::Iri(json_inside(&start), Keep::Unreserved);
        }
        if let Some(start) = &scalar.iri_base {
            return Self::Iri(json_inside(start), Keep::Iri);
        }
        match scalar.kind.physical() {
            Physical::Boolean => Self::Bare,
            Physical::Double => Self::Number(json(&context.compact(&xsd("decimal")))),
            // As XML Schema writes it, with four digits.
            Physical::Integer(_) if matches!(scalar.kind, Kind::Year { .. }) => Self::Year,
            Physical::Integer(_) => match &scalar.kind.code_list() {
                Some(list) => Self::of_integer_codes(list, scalar, context),
                None => Self::Integer,
            },
            Physical::Text => Self::Text,
            Physical::Code(codes) => Self::Codes(
                codes
                    .values
                    .iter()
                    .map(|code| match &codes.list {
                        Some(list) => code_json(list, code, context),
                        None => json(code),
                    })
                    .collect(),
            ),
            Physical::Day
            | Physical::Instant
            | Physical::LocalInstant
            | Physical::TimeOfDay
            | Physical::Decimal(_) => Self::Quoted,
        }
    }

    /// Codes that are numbers: a JSON number would be a number in RDF, whatever the context says, so they
    /// stand in quotes; or as whole IRIs, where the context would take one for something else.
    fn of_integer_codes(list: &str, scalar: &Scalar, context: &Context) -> Self {
        let mut codes = scalar.kind.codes().into_iter().flat_map(|codes| &codes.values);
        if codes.any(|code| context.hides(code)) {
            return Self::Iri(json_inside(&code_list_iri(&context.base, list)), Keep::Unreserved);
        }
        Self::Quoted
    }

    /// Writes the value. Returns whether there is one.
    fn write(&self, out: &mut Vec<u8>, values: &Values, row: usize) -> bool {
        if let (Self::Codes(codes), Some(code)) = (self, values.code(row)) {
            out.extend_from_slice(&codes[code]);
            return true;
        }
        let Some(value) = values.get(row) else {
            return false;
        };
        match (self, value) {
            (Self::Text, Value::Text(text)) => text::json(out, text),
            (Self::Iri(start, keep), value) => {
                out.push(b'"');
                out.extend_from_slice(start);
                write_encoded(out, value, *keep);
                out.push(b'"');
            }
            (Self::Integer, Value::Integer(value)) if value.unsigned_abs() <= EXACT_MAX => {
                text::integer(out, value);
            }
            (Self::Year, Value::Integer(year)) => {
                out.extend_from_slice(format!("\"{year:04}\"").as_bytes());
            }
            (Self::Number(decimal), Value::Number(value)) => number(out, value, decimal),
            (Self::Bare | Self::Number(_), value) => text::value(out, value),
            (Self::Integer | Self::Year | Self::Quoted | Self::Text | Self::Codes(_), value) => {
                out.push(b'"');
                text::value(out, value);
                out.push(b'"');
            }
        }
        true
    }
}

/// The largest whole number up to which JavaScript holds all of them; larger ones are strings,
/// which their type makes integers all the same.
const EXACT_MAX: u64 = (1 << 53) - 1;

/// Processors write a double of JSON, and even a text that is said to be an `xsd:double`, with
/// this many significant digits, as the canonical form of XML Schema has them.
const DOUBLE_DIGITS: usize = 16;

/// A double. One of 17 digits is an `xsd:decimal`, which nobody rounds.
fn number(out: &mut Vec<u8>, value: f64, decimal: &[u8]) {
    let start = out.len();
    text::number(out, value);
    // Few have so many digits that it takes a closer look.
    if out[start..].iter().filter(|byte| byte.is_ascii_digit()).count() < DOUBLE_DIGITS {
        return;
    }
    let rounded = format!("{value:.*e}", DOUBLE_DIGITS - 1);
    if rounded.parse() == Ok(value) {
        return;
    }
    out.truncate(start);
    out.extend_from_slice(b"{\"@type\":");
    out.extend_from_slice(decimal);
    // Rust writes all digits of a double, without an exponent.
    out.extend_from_slice(format!(",\"@value\":\"{value}\"}}").as_bytes());
}

/// How an object's rows are written.
fn node(level: &Level, object: &Object, context: &Context) -> Node {
    let classes: Vec<_> = object.classes.iter().map(|class| context.compact(class)).collect();
    let class = match classes.as_slice() {
        [] => Vec::new(),
        [class] => [b"\"@type\":".to_vec(), json(class), b",".to_vec()].concat(),
        classes => {
            let classes: Vec<_> = classes.iter().map(|class| json(class)).collect();
            [b"\"@type\":[".to_vec(), classes.join(&b','), b"],".to_vec()].concat()
        }
    };
    Node { class, members: members(level, object, context) }
}

fn members(level: &Level, object: &Object, context: &Context) -> Vec<Member> {
    let mut members = Vec::new();
    for field in object.fields.iter().filter(|field| !field.internal) {
        let key = &field.term.key;
        let mut segment = Vec::new();
        text::percent_encode(&mut segment, &field.name, Keep::Unreserved);
        let content = match &field.shape {
            Shape::Scalar { scalar, column } => {
                if level.columns[*column].internal {
                    continue;
                }
                let form = Form::of(scalar, context);
                members.push(Member::new(key, Content::Scalar { column: *column, form }));
                for (part, column) in bounds(level, *column) {
                    if let Some(key) = bound_key(key, part) {
                        let content = Content::Scalar { column, form: Form::Quoted };
                        members.push(Member::new(&key, content));
                    }
                }
                continue;
            }
            Shape::Group(group) => Content::Group { segment, node: node(level, group, context) },
            Shape::Languages(languages) => Content::Languages(
                languages
                    .iter()
                    .filter(|(_, column)| !level.columns[*column].internal)
                    .map(|(tag, column)| ([json(tag), b":".to_vec()].concat(), *column))
                    .collect(),
            ),
            Shape::List { list, count, unique: _ } => {
                let child = &level.lists[*list];
                if level.columns[*count].internal || !has_released_columns(child) {
                    continue;
                }
                let (list, count) = (*list, *count);
                match &child.item {
                    Item::Object(object) => {
                        let node = node(child, object, context);
                        let key = child.item_key.clone();
                        Content::Nodes { list, count, segment, key, node }
                    }
                    Item::Scalar(scalar) => {
                        Content::Scalars { list, count, form: Form::of(scalar, context) }
                    }
                }
            }
        };
        members.push(Member::new(key, content));
    }
    for date in object.dates.iter().filter(|date| !level.columns[date.column].internal) {
        let key = &date.term.key;
        let scalar = |column, form| Content::Scalar { column, form };
        members.push(Member::new(key, scalar(date.column, Form::Text)));
        for (part, column) in bounds(level, date.column) {
            if let Some(key) = bound_key(key, part) {
                members.push(Member::new(&key, scalar(column, Form::Quoted)));
            }
        }
    }
    members
}

impl Member {
    fn new(key: &str, content: Content) -> Self {
        Self { key: [b",".to_vec(), json(key), b":".to_vec()].concat(), content }
    }
}

/// A code as JSON: itself, or its whole IRI where the context would take it for something else.
fn code_json(list: &str, code: &str, context: &Context) -> Vec<u8> {
    if !context.hides(code) {
        return json(code);
    }
    let mut iri = code_list_iri(&context.base, list).into_bytes();
    text::percent_encode(&mut iri, code, Keep::Unreserved);
    json(&String::from_utf8(iri).expect("percent-encoding writes ASCII behind text"))
}

fn write_encoded(out: &mut Vec<u8>, value: Value, keep: Keep) {
    match value {
        Value::Text(value) => text::percent_encode(out, value, keep),
        Value::Boolean(_)
        | Value::Integer(_)
        | Value::Number(_)
        | Value::Date(_)
        | Value::Instant(_)
        | Value::LocalInstant(_)
        | Value::TimeOfDay(_)
        | Value::Decimal(..) => text::value(out, value),
    }
}

fn json(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    text::json(&mut out, text);
    out
}

/// Text as the inside of a JSON string.
fn json_inside(text: &str) -> Vec<u8> {
    let quoted = json(text);
    quoted[1..quoted.len() - 1].to_vec()
}
