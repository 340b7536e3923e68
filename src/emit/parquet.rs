//! Parquet: a typed file for each flat table, and the main table once more with its lists nested.
//!
//! Files say what they are by themselves: columns carry their descriptions in the Arrow schema and
//! again in a footer key, because DuckDB sees only the latter; the dataset is named in the footer.
//! Rows are sorted by key, and say so. The same rows give the same bytes: batches have a fixed
//! size, encodings depend on the first rows only, and nothing is taken from the clock.

mod alike;
mod encodings;
mod footer;
mod geo;
mod ids;
mod nested;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use arrow_array::{Array as _, ArrayRef};
use arrow_schema::{Field, Schema};
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::arrow::{ArrowSchemaConverter, ArrowWriter};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::SchemaDescriptor;

pub use self::alike::Alike;
use self::alike::Chunk;
use self::encodings::{Encodings, OF_POINTS, SAMPLE_ROWS, of_sorted};
use self::footer::ColumnNote;
use self::geo::{Bounds, Points};
use self::ids::FieldIds;
use self::nested::Nested;
use super::flat::{FlatColumn, Source};
use super::{Assembly, Batch, Content, File, Output, Piece, Release, Selection, flat, selected};
use crate::fault::Fault;
use crate::lower::{Rows, data_type};
use crate::model::{self, FlatTable};

/// A file for each flat table of the selected tables, and the nested one of the main table.
///
/// # Errors
/// The space that rows are kept in fails.
pub fn files<'r>(release: &'r Release<'r>, selection: &Selection) -> Result<Vec<File<'r>>, Fault> {
    let mut files = Vec::new();
    for (index, table) in selected(release, selection) {
        let sample = release.tables[index].sample(SAMPLE_ROWS, &table.level)?;
        let encodings = sample.map(|rows| Encodings::suggested(&table.level, &rows));
        let mut contents = Vec::new();
        for flat in flat::tables(table) {
            let path = path(&flat.level.name);
            contents.push((path, self::flat(release, flat, encodings.as_ref())));
        }
        if index == release.model.main {
            let mut nested = nested(release, table, encodings.as_ref());
            let (_, records) = contents.first_mut().expect("a table's records are its first rows");
            (nested.alike, records.alike) = alike(&nested, records).into_iter().unzip();
            contents.insert(0, (nested_path(table), nested));
        }
        files.extend(contents.into_iter().map(|(path, content)| File {
            path,
            tables: vec![index],
            content: Box::new(content),
        }));
    }
    Ok(files)
}

/// Where a flat table is written to.
pub fn path(flat_table: &str) -> String {
    format!("parquet/{flat_table}.parquet")
}

/// Where the nested form of a table is written to.
pub fn nested_path(table: &model::Table) -> String {
    format!("parquet/{}_nested.parquet", table.level.name)
}

/// What the file says has written it, in the form that the Parquet specification asks for: readers
/// in Java ignore the statistics of a writer whose version they can't parse.
const CREATED_BY: &str = concat!("demarche version ", env!("CARGO_PKG_VERSION"));

const ZSTD_LEVEL: i32 = 3;

/// A Parquet file of a table. A batch of the table is a row group: large enough to compress well,
/// small enough for readers to skip and to work in parallel.
struct Table<'r> {
    shape: Shape<'r>,
    schema: Arc<Schema>,
    described: SchemaDescriptor,
    properties: WriterProperties,
    row_groups: ArrowRowGroupWriterFactory,
    /// The leaves that another file of the table has alike, in an order that both agree on.
    alike: Vec<usize>,
}

enum Shape<'r> {
    Flat { flat: FlatTable<'r>, columns: Vec<FlatColumn>, points: Option<Points> },
    Nested(Nested),
}

/// A batch, encoded.
pub struct RowGroup {
    columns: Vec<Column>,
    bounds: Option<Bounds>,
}

/// A column of a batch, encoded.
enum Column {
    Own(ArrowColumnChunk),
    Alike(Chunk),
}

fn flat<'r>(release: &Release, flat: FlatTable<'r>, encodings: Option<&Encodings>) -> Table<'r> {
    let columns = flat::columns(&flat);
    let mut ids = FieldIds::default();
    let mut fields: Vec<_> = columns.iter().map(|column| field(&flat, column, &mut ids)).collect();
    let mut notes: Vec<_> = columns
        .iter()
        .map(|column| (column.name.clone(), ColumnNote::new(&column.about, &column.kind)))
        .collect();
    let points = Points::find(&columns);
    if let Some(points) = &points {
        fields.push(points.field(ids.assign(&flat.level.name, "", "geometry")));
        notes.push((points.name.clone(), points.note()));
    }
    let key = flat::primary_key(&flat);
    let sorting: Vec<_> = columns
        .iter()
        .enumerate()
        .filter(|(_, column)| key.contains(&column.name))
        .map(|(index, _)| index)
        .collect();
    let encodings = encodings.map(|encodings| encodings.below(&flat.path)).map(|level| {
        let of_column = |column: &FlatColumn| match column.source {
            _ if key.first() == Some(&column.name) => of_sorted(&column.kind),
            Source::Column(index) => level.columns[index],
            Source::ParentKey | Source::Position(_) => None,
        };
        columns.iter().map(of_column).chain(points.as_ref().map(|_| Some(OF_POINTS))).collect()
    });
    let keys = footer::key_values(release, &flat.table.name, &flat.level.name, notes);
    let shape = Shape::Flat { flat, columns, points };
    Table::new(shape, Arc::new(Schema::new(fields)), &sorting, keys, encodings)
}

fn nested<'r>(release: &Release, table: &model::Table, encodings: Option<&Encodings>) -> Table<'r> {
    let nested = Nested::new(table);
    let key = nested.columns().find(|(_, column)| *column == table.key);
    let sorting: Vec<_> = key.map(|(leaf, _)| leaf).into_iter().collect();
    let encodings = encodings.map(|encodings| {
        let mut leaves = nested.encodings(encodings);
        for leaf in &sorting {
            leaves[*leaf] = of_sorted(&table.level.columns[table.key].kind);
        }
        leaves
    });
    let keys = footer::key_values(release, &table.name, &table.level.name, nested.notes.clone());
    let schema = Arc::clone(&nested.schema);
    Table::new(Shape::Nested(nested), schema, &sorting, keys, encodings)
}

/// The leaves of the nested file with those of the flat one that are the same columns.
fn alike(nested: &Table, records: &Table) -> Vec<(usize, usize)> {
    let (Shape::Nested(shape), Shape::Flat { columns, .. }) = (&nested.shape, &records.shape)
    else {
        unreachable!("one file is nested, the other flat")
    };
    let pairs = shape.columns().filter_map(|(leaf, index)| {
        let flat = columns.iter().position(|column| column.source == Source::Column(index))?;
        Some((leaf, flat))
    });
    pairs
        .filter(|&(leaf, flat)| nested.described.column(leaf) == records.described.column(flat))
        .collect()
}

impl<'r> Table<'r> {
    fn new(
        shape: Shape<'r>,
        schema: Arc<Schema>,
        sorting: &[usize],
        keys: Vec<KeyValue>,
        encodings: Option<Vec<Option<Encoding>>>,
    ) -> Self {
        let level = ZstdLevel::try_new(ZSTD_LEVEL).expect("a level of zstd");
        let sorting_column = |&leaf: &usize| SortingColumn {
            column_idx: i32::try_from(leaf).expect("a schema has fewer than 2^31 columns"),
            descending: false,
            nulls_first: false,
        };
        let mut properties = WriterProperties::builder()
            .set_created_by(CREATED_BY.to_owned())
            .set_compression(Compression::ZSTD(level))
            // A page ends where it is a mebibyte: fewer rows compress worse.
            .set_data_page_row_count_limit(usize::MAX)
            .set_sorting_columns(Some(sorting.iter().map(sorting_column).collect()))
            .set_key_value_metadata(Some(keys));
        let described = ArrowSchemaConverter::new()
            .convert(&schema)
            .expect("what lowering makes has a form in Parquet");
        for (column, encoding) in described.columns().iter().zip(encodings.unwrap_or_default()) {
            let Some(encoding) = encoding else { continue };
            properties = properties
                .set_column_dictionary_enabled(column.path().clone(), false)
                .set_column_encoding(column.path().clone(), encoding);
        }
        let properties = properties.build();
        let writer =
            ArrowWriter::try_new(io::sink(), Arc::clone(&schema), Some(properties.clone()));
        let (_, row_groups) =
            writer.and_then(ArrowWriter::into_serialized_writer).expect("nothing is written yet");
        Self { shape, schema, described, properties, row_groups, alike: Vec::new() }
    }

    fn row_group(&self, batch: &Batch) -> Result<RowGroup, ParquetError> {
        let (arrays, bounds) = self.shape.arrays(&batch.rows);
        if arrays.first().is_none_or(|array| array.is_empty()) {
            return Ok(RowGroup { columns: Vec::new(), bounds });
        }
        let mut leaves = Vec::new();
        for (field, array) in self.schema.fields().iter().zip(&arrays) {
            leaves.extend(compute_leaves(field, array)?);
        }
        let writers = self.row_groups.create_column_writers(0)?;
        let mut leaves: BTreeMap<usize, _> = writers.into_iter().zip(leaves).enumerate().collect();
        let encode = |(mut writer, leaf): (ArrowColumnWriter, _)| {
            writer.write(&leaf)?;
            writer.close()
        };
        let alike: Vec<_> = self.alike.iter().filter_map(|leaf| leaves.remove(leaf)).collect();
        let own = leaves.into_iter().map(|(leaf, own)| Ok((leaf, Column::Own(encode(own)?))));
        let mut columns = own.collect::<Result<BTreeMap<_, _>, ParquetError>>()?;
        if !alike.is_empty() {
            let encode = |column| encode(column).and_then(Chunk::new);
            let chunks = batch.alike.chunks(|| alike.into_iter().map(encode).collect())?;
            columns.extend(self.alike.iter().copied().zip(chunks.into_iter().map(Column::Alike)));
        }
        Ok(RowGroup { columns: columns.into_values().collect(), bounds })
    }
}

impl Shape<'_> {
    /// The arrays of a batch, and the bounds of its points.
    fn arrays(&self, batch: &Rows) -> (Vec<ArrayRef>, Option<Bounds>) {
        match self {
            Self::Nested(nested) => (nested.arrays(batch), None),
            Self::Flat { flat, columns, points } => {
                let mut arrays = flat::arrays(flat, columns, batch);
                let Some(points) = points else { return (arrays, None) };
                let (array, bounds) = points.array(&arrays);
                arrays.push(array);
                (arrays, bounds)
            }
        }
    }
}

impl Content for Table<'_> {
    fn encode(&self, _: usize, batch: &Batch) -> io::Result<Piece> {
        self.row_group(batch).map(Piece::RowGroup).map_err(io_error)
    }

    fn open<'s>(&'s self, out: Output<'s>) -> io::Result<Box<dyn Assembly<'s> + 's>> {
        let properties = Some(self.properties.clone());
        let writer = ArrowWriter::try_new(out, Arc::clone(&self.schema), properties);
        let (writer, _) = writer.and_then(ArrowWriter::into_serialized_writer).map_err(io_error)?;
        let points = match &self.shape {
            Shape::Flat { points, .. } => points.as_ref(),
            Shape::Nested(_) => None,
        };
        Ok(Box::new(ParquetFile { writer, points, bounds: None }))
    }
}

/// A Parquet file under construction.
struct ParquetFile<'s> {
    writer: SerializedFileWriter<Output<'s>>,
    points: Option<&'s Points>,
    bounds: Option<Bounds>,
}

impl<'s> Assembly<'s> for ParquetFile<'s> {
    fn append(&mut self, piece: Piece) -> io::Result<()> {
        let Piece::RowGroup(piece) = piece else { unreachable!("the file is made of row groups") };
        self.bounds = geo::join(self.bounds, piece.bounds);
        if piece.columns.is_empty() {
            return Ok(());
        }
        let mut row_group = self.writer.next_row_group().map_err(io_error)?;
        for column in piece.columns {
            match column {
                Column::Own(chunk) => chunk.append_to_row_group(&mut row_group),
                Column::Alike(chunk) => chunk.append_to_row_group(&mut row_group),
            }
            .map_err(io_error)?;
        }
        row_group.close().map(drop).map_err(io_error)
    }

    fn finish(mut self: Box<Self>) -> io::Result<Output<'s>> {
        if let Some(points) = self.points {
            let value = points.footer(self.bounds);
            self.writer.append_key_value_metadata(KeyValue::new("geo".to_owned(), value));
        }
        self.writer.into_inner().map_err(io_error)
    }
}

fn field(flat: &FlatTable, column: &FlatColumn, ids: &mut FieldIds) -> Field {
    let level = &flat.level.name;
    let id = match column.source {
        Source::ParentKey => ids.assign(level, "", "parent"),
        Source::Position(depth) => ids.assign(level, "", &format!("position {depth}")),
        Source::Column(index) => ids.assign_column(level, &flat.level.columns[index]),
    };
    let metadata = footer::field_metadata(id, &column.about);
    Field::new(&column.name, data_type(&column.kind), column.nullable).with_metadata(metadata)
}

/// The writer's own failures are bugs of ours; what is left is what the sink said.
fn io_error(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(cause) => match cause.downcast::<io::Error>() {
            Ok(cause) => *cause,
            Err(cause) => io::Error::other(cause),
        },
        other => io::Error::other(other),
    }
}
