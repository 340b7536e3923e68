//! The nested form of a table: groups as structs, lists as lists, the same arrays as in the flat
//! files underneath.
//!
//! Structs bear the names that records spell. A count column is left out: a missing list is null
//! and an empty one is empty, which the count told apart.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, ListArray, StructArray};
use arrow_buffer::{BooleanBuffer, NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field, FieldRef, Fields, Schema};
use parquet::basic::Encoding;

use super::encodings::Encodings;
use super::footer::{ColumnNote, field_metadata};
use super::ids::FieldIds;
use crate::emit::flat::has_released_columns;
use crate::lower::{Rows, data_type};
use crate::model::{self, About, Item, Level, Object, Origin, Shape, Table};

/// The nested form of one table.
pub struct Nested {
    /// Its schema.
    pub schema: Arc<Schema>,
    /// What is said of each column, by its path with dots.
    pub notes: Vec<(String, ColumnNote)>,
    nodes: Vec<Node>,
}

/// A field of the nested schema and where its array comes from.
struct Node {
    field: FieldRef,
    content: Content,
}

enum Content {
    /// A column of the level.
    Column(usize),
    /// Fields of the same row.
    Struct(Vec<Node>),
    /// Rows of a list of the level.
    List { list: usize, count: usize, element: Box<Node> },
}

impl Nested {
    /// The nested form of a table's released columns.
    pub fn new(table: &Table) -> Self {
        let mut builder = Builder { ids: FieldIds::default(), notes: Vec::new() };
        let nodes = match &table.level.item {
            Item::Object(object) => builder.object(&table.level, object, ""),
            Item::Scalar(_) => unreachable!("a record is an object"),
        };
        let schema = Arc::new(Schema::new(fields(&nodes)));
        Self { schema, notes: builder.notes, nodes }
    }

    /// The leaves that are columns of the record itself and in no group, each with the index of the
    /// column.
    pub fn columns(&self) -> impl Iterator<Item = (usize, usize)> {
        let leaves = self.nodes.iter().scan(0, |next, node| {
            let leaf = *next;
            *next += node.leaves();
            Some((leaf, node))
        });
        leaves.filter_map(|(leaf, node)| match node.content {
            Content::Column(column) => Some((leaf, column)),
            Content::Struct(_) | Content::List { .. } => None,
        })
    }

    /// The encodings of the leaves.
    pub fn encodings(&self, encodings: &Encodings) -> Vec<Option<Encoding>> {
        let mut leaves = Vec::new();
        self.nodes.iter().for_each(|node| node.encodings(encodings, &mut leaves));
        leaves
    }

    /// The arrays of a batch.
    pub fn arrays(&self, rows: &Rows) -> Vec<ArrayRef> {
        self.nodes.iter().map(|node| node.array(rows)).collect()
    }
}

impl Node {
    fn leaves(&self) -> usize {
        match &self.content {
            Content::Column(_) => 1,
            Content::Struct(nodes) => nodes.iter().map(Self::leaves).sum(),
            Content::List { element, .. } => element.leaves(),
        }
    }

    fn encodings(&self, level: &Encodings, leaves: &mut Vec<Option<Encoding>>) {
        match &self.content {
            Content::Column(index) => leaves.push(level.columns[*index]),
            Content::Struct(nodes) => nodes.iter().for_each(|node| node.encodings(level, leaves)),
            Content::List { list, element, .. } => element.encodings(&level.lists[*list], leaves),
        }
    }

    fn array(&self, rows: &Rows) -> ArrayRef {
        match &self.content {
            Content::Column(index) => Arc::clone(&rows.columns[*index]),
            Content::Struct(nodes) => {
                let arrays: Vec<_> = nodes.iter().map(|node| node.array(rows)).collect();
                let nulls =
                    if self.field.is_nullable() { null_where_all_are(&arrays) } else { None };
                let array =
                    StructArray::try_new_with_length(fields(nodes), arrays, nulls, rows.len);
                Arc::new(array.expect("lowering makes each column as its kind says"))
            }
            Content::List { list, count, element } => {
                let list = &rows.lists[*list];
                let array = ListArray::try_new(
                    Arc::clone(&element.field),
                    OffsetBuffer::new(list.offsets.clone().into()),
                    element.array(&list.rows),
                    rows.columns[*count].nulls().cloned(),
                );
                Arc::new(array.expect("a list's offsets end at its last row"))
            }
        }
    }
}

/// What a column derived from the date `name` is called inside its object, so that the path to it
/// spells its flat name: `date.earliest` beside `date.edtf`, as `date_earliest` beside `date_edtf`.
fn derived_name(name: &str, flat_name: &str, suffix: &str) -> String {
    match name.strip_suffix("edtf") {
        Some("") if flat_name != name => suffix.to_owned(),
        Some(stem) if stem.ends_with('_') => format!("{stem}{suffix}"),
        Some(_) | None => format!("{name}_{suffix}"),
    }
}

struct Builder {
    ids: FieldIds,
    notes: Vec<(String, ColumnNote)>,
}

impl Builder {
    /// The released fields of an object; `path` is where it stands, with a dot behind it.
    fn object(&mut self, level: &Level, object: &Object, path: &str) -> Vec<Node> {
        let mut nodes = Vec::new();
        for field in object.fields.iter().filter(|field| !field.internal) {
            let name = &field.name;
            match &field.shape {
                Shape::Scalar { scalar: _, column } => {
                    nodes.extend(self.column(level, *column, name, path));
                    for (index, suffix) in derived(level, *column) {
                        let name = derived_name(name, &level.columns[*column].name, suffix);
                        nodes.extend(self.column(level, index, &name, path));
                    }
                }
                Shape::Group(group) => {
                    let inner = self.object(level, group, &format!("{path}{name}."));
                    nodes.extend(self.group(level, field, inner, path));
                }
                Shape::Languages(languages) => {
                    let inner = format!("{path}{name}.");
                    let texts = languages
                        .iter()
                        .filter_map(|(tag, column)| self.column(level, *column, tag, &inner))
                        .collect();
                    nodes.extend(self.group(level, field, texts, path));
                }
                Shape::List { list, count, unique: _ } => {
                    let child = &level.lists[*list];
                    if !level.columns[*count].internal && has_released_columns(child) {
                        nodes.push(self.list(level, field, *list, *count, path));
                    }
                }
            }
        }
        nodes
    }

    fn column(&mut self, level: &Level, index: usize, name: &str, path: &str) -> Option<Node> {
        let column = &level.columns[index];
        if column.internal {
            return None;
        }
        self.notes.push((format!("{path}{name}"), ColumnNote::new(&column.about, &column.kind)));
        let id = self.ids.assign_column(&level.name, column);
        let field = Field::new(name, data_type(&column.kind), column.nullable)
            .with_metadata(field_metadata(id, &column.about));
        Some(Node { field: Arc::new(field), content: Content::Column(index) })
    }

    /// A struct, unless nothing in it is released. It is null where all in it is: an object that
    /// says nothing is no record's.
    fn group(
        &mut self,
        level: &Level,
        field: &model::Field,
        nodes: Vec<Node>,
        path: &str,
    ) -> Option<Node> {
        if nodes.is_empty() {
            return None;
        }
        self.notes.push((format!("{path}{}", field.name), ColumnNote::plain(&field.about)));
        let id = self.ids.assign(&level.name, &field.pointer, "group");
        let arrow = Field::new(&field.name, DataType::Struct(fields(&nodes)), true)
            .with_metadata(field_metadata(id, &field.about));
        Some(Node { field: Arc::new(arrow), content: Content::Struct(nodes) })
    }

    fn list(
        &mut self,
        level: &Level,
        field: &model::Field,
        list: usize,
        count: usize,
        path: &str,
    ) -> Node {
        let child = &level.lists[list];
        self.notes.push((format!("{path}{}", field.name), ColumnNote::plain(&field.about)));
        let mut element = match &child.item {
            Item::Object(object) => {
                let nodes = self.object(child, object, &format!("{path}{}.", field.name));
                let id = self.ids.assign(&child.name, "", "element");
                let arrow = Field::new(ELEMENT, DataType::Struct(fields(&nodes)), false)
                    .with_metadata(field_metadata(id, &About::default()));
                Node { field: Arc::new(arrow), content: Content::Struct(nodes) }
            }
            Item::Scalar(_) => self
                .column(child, 0, ELEMENT, &format!("{path}{}.", field.name))
                .expect("a released list of values has a released value"),
        };
        element.field = Arc::new(element.field.as_ref().clone().with_nullable(false));
        let id = self.ids.assign(&level.name, &field.pointer, "list");
        let nullable = level.columns[count].nullable;
        let arrow = Field::new(&field.name, DataType::List(Arc::clone(&element.field)), nullable)
            .with_metadata(field_metadata(id, &field.about));
        let content = Content::List { list, count, element: Box::new(element) };
        Node { field: Arc::new(arrow), content }
    }
}

/// What the Parquet specification calls the items of a list.
const ELEMENT: &str = "element";

fn fields(nodes: &[Node]) -> Fields {
    nodes.iter().map(|node| Arc::clone(&node.field)).collect()
}

/// The columns that are worked out from a column, and what ends their names.
fn derived(level: &Level, column: usize) -> impl Iterator<Item = (usize, &'static str)> {
    level.columns.iter().enumerate().filter_map(move |(index, other)| match other.origin {
        Origin::Derived { of, part } if of == column => Some((index, part.suffix())),
        Origin::Derived { .. } | Origin::Field | Origin::Language(_) | Origin::Count => None,
    })
}

fn null_where_all_are(arrays: &[ArrayRef]) -> Option<NullBuffer> {
    let mut present: Option<BooleanBuffer> = None;
    for array in arrays {
        let nulls = array.nulls()?.inner();
        present = Some(match present {
            Some(present) => &present | nulls,
            None => nulls.clone(),
        });
    }
    present.map(NullBuffer::new)
}
