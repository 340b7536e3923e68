//! The nested form of a table: groups as structs, lists as lists, the same values as in the flat
//! files underneath.
//!
//! Structs bear the names that records spell. A count column is left out: a missing list is null
//! and an empty one is empty, which the count told apart.

use std::sync::Arc;

use arrow_array::Array as _;
use arrow_buffer::BooleanBuffer;
use arrow_schema::{DataType, Field, FieldRef, Fields, Schema};

use super::footer::{ColumnNote, column_metadata, field_metadata};
use super::ids::FieldIds;
use super::levels::Places;
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

/// A level as it stands in the nested form.
pub struct NestedLevel {
    /// The places of its rows.
    pub places: Places,
    /// Its columns, in the order of the form.
    pub leaves: Vec<Leaf>,
}

/// A column in the nested form.
pub struct Leaf {
    /// Its position among all columns of the form.
    pub position: usize,
    /// The column of the level.
    pub column: usize,
    /// For each place its definition level.
    pub definition: Vec<u8>,
    /// The greatest definition level.
    pub depth: u8,
}

/// A field of the nested schema and where its values come from.
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

    /// The level that a path of lists leads to, in a batch; none if the form leaves it out.
    pub fn level(&self, rows: &Rows, path: &[usize]) -> Option<NestedLevel> {
        let mut rows = rows;
        let mut places = Places::of_records(rows.len);
        let mut at = Position {
            nodes: &self.nodes,
            definition: places.definition.clone(),
            depth: 0,
            leaf: 0,
        };
        for &list in path {
            let (element, found) = at.find(list, rows, &places)?;
            let list = &rows.lists[list];
            places = places.of_list(list, &found.definition, found.depth);
            let definition = places.definition.clone();
            at = Position { nodes: element, definition, depth: found.depth + 1, ..found };
            rows = &list.rows;
        }
        let mut leaves = Vec::new();
        at.leaves(rows, &places, &mut leaves);
        Some(NestedLevel { places, leaves })
    }
}

/// Nodes on the way down, the definition levels as far as them, and the position of their first leaf.
struct Position<'n> {
    nodes: &'n [Node],
    definition: Vec<u8>,
    depth: u8,
    leaf: usize,
}

impl<'n> Position<'n> {
    /// The element of a list of the level, and how far one gets with the list itself.
    fn find(self, list: usize, rows: &Rows, places: &Places) -> Option<(&'n [Node], Self)> {
        let mut leaf = self.leaf;
        for node in self.nodes {
            if !node.has_list(list) {
                leaf += node.leaves();
                continue;
            }
            let inside = self.inside(node, leaf, rows, places);
            return match &node.content {
                Content::List { element, .. } => Some((std::slice::from_ref(&**element), inside)),
                Content::Struct(_) | Content::Column(_) => inside.find(list, rows, places),
            };
        }
        None
    }

    /// One step down, to what is in a node.
    fn inside(&self, node: &'n Node, leaf: usize, rows: &Rows, places: &Places) -> Self {
        let nodes = match &node.content {
            Content::Struct(nodes) => nodes,
            Content::Column(_) | Content::List { .. } => &[][..],
        };
        if !node.field.is_nullable() {
            return Self { nodes, definition: self.definition.clone(), depth: self.depth, leaf };
        }
        let present = node.present(rows);
        let definition = places.deeper(&self.definition, self.depth, present.as_ref());
        Self { nodes, definition, depth: self.depth + 1, leaf }
    }

    fn leaves(&self, rows: &Rows, places: &Places, found: &mut Vec<Leaf>) {
        let mut leaf = self.leaf;
        for node in self.nodes {
            match &node.content {
                Content::Column(column) => {
                    let Self { definition, depth, .. } = self.inside(node, leaf, rows, places);
                    found.push(Leaf { position: leaf, column: *column, definition, depth });
                }
                Content::Struct(_) => {
                    self.inside(node, leaf, rows, places).leaves(rows, places, found);
                }
                // A level of its own.
                Content::List { .. } => {}
            }
            leaf += node.leaves();
        }
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

    fn has_list(&self, wanted: usize) -> bool {
        match &self.content {
            Content::Column(_) => false,
            Content::Struct(nodes) => nodes.iter().any(|node| node.has_list(wanted)),
            Content::List { list, .. } => *list == wanted,
        }
    }

    /// In which rows it has a value; none if in all.
    fn present(&self, rows: &Rows) -> Option<BooleanBuffer> {
        match &self.content {
            Content::Column(column) | Content::List { count: column, .. } => {
                rows.columns[*column].nulls().map(|nulls| nulls.inner().clone())
            }
            Content::Struct(nodes) if self.field.is_nullable() => {
                let mut present: Option<BooleanBuffer> = None;
                for node in nodes {
                    let inner = node.present(rows)?;
                    present = Some(match present {
                        Some(present) => &present | &inner,
                        None => inner,
                    });
                }
                present
            }
            Content::Struct(_) => None,
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
        for date in &object.dates {
            nodes.extend(self.column(level, date.column, &date.name, path));
            for (index, suffix) in derived(level, date.column) {
                nodes.extend(self.column(level, index, &format!("{}_{suffix}", date.name), path));
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
            .with_metadata(column_metadata(id, &column.about, &column.kind));
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
        Origin::Derived { .. }
        | Origin::Composed { .. }
        | Origin::Field
        | Origin::Language(_)
        | Origin::Count => None,
    })
}
