//! Parquet: a typed file for each flat table, and the main table once more with its lists nested.
//!
//! Files say what they are by themselves: columns carry their descriptions in the Arrow schema and
//! again in a footer key, because DuckDB sees only the latter; the dataset is named in the footer.
//! Rows are sorted by key, and say so. The same rows give the same bytes: batches have a fixed
//! size, encodings depend on the first rows only, and nothing is taken from the clock.

mod bits;
mod chunk;
mod decimals;
mod dictionary;
mod encodings;
mod footer;
mod geo;
mod ids;
mod levels;
mod nested;
mod shared;
mod statistics;
mod values;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use arrow_array::Array as _;
use arrow_schema::{Field, Schema};
use parquet::arrow::{ArrowSchemaConverter, ArrowWriter};
use parquet::basic::ZstdLevel;
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::SchemaDescriptor;

pub use self::shared::Shared;

use self::chunk::{Chunk, Compressor};
use self::encodings::{Encodings, Method, SAMPLE_ROWS};
use self::footer::ColumnNote;
use self::geo::{Bounds, Points};
use self::ids::FieldIds;
use self::levels::Levels;
use self::nested::Nested;
use self::shared::EncodedLevel;
use self::values::{Starts, Values};
use super::flat::{FlatColumn, LevelRows, Source};
use super::{Assembly, Batch, Content, File, Output, Piece, Release, Selection, flat, selected_as};
use crate::fault::Fault;
use crate::lower::{Rows, data_type};
use crate::model::{self, FlatTable};

/// A file for each flat table of the selected tables, and the nested one of the main table.
///
/// # Errors
/// The space that rows are kept in fails.
pub fn files<'r>(release: &'r Release<'r>, selection: &Selection) -> Result<Vec<File<'r>>, Fault> {
    let mut files = Vec::new();
    for (index, table) in selected_as(release, selection, "parquet") {
        let sample = release.tables[index].sample(SAMPLE_ROWS, &table.level)?;
        let encodings =
            sample.map(|rows| Encodings::of_table(&table.level, table.key.columns[0], &rows));
        let is_main = index == release.model.main;
        let all = Arc::new(TableFiles::new(release, table, is_main, encodings.as_ref()));
        let nested = all.nested.is_some().then(|| (nested_path(table), Which::Nested));
        let flats = all.flats.iter().map(|file| path(&file.flat.level.name));
        let parts = flats.enumerate().map(|(level, path)| (path, Which::Flat(level)));
        files.extend(nested.into_iter().chain(parts).map(|(path, which)| File {
            path,
            tables: vec![index],
            content: Box::new(Part { all: Arc::clone(&all), which }),
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

/// The Parquet files of a table. A batch of the table is a row group: large enough to compress well,
/// small enough for readers to skip and to work in parallel.
struct TableFiles<'r> {
    /// In the order of the flat tables.
    flats: Vec<FlatFile<'r>>,
    nested: Option<NestedFile>,
}

/// One of the files.
struct Part<'r> {
    all: Arc<TableFiles<'r>>,
    which: Which,
}

#[derive(Clone, Copy)]
enum Which {
    Nested,
    Flat(usize),
}

/// The file of a flat table.
struct FlatFile<'r> {
    form: Form,
    flat: FlatTable<'r>,
    columns: Vec<FlatColumn>,
    /// How each column of the level is encoded.
    methods: Vec<Method>,
    points: Option<Points>,
}

/// The file of a table with its lists nested.
struct NestedFile {
    form: Form,
    nested: Nested,
    /// The columns that the flat file of the records has alike, by their position here. They stand in no
    /// group and no list, so that their levels are the same.
    alike: BTreeMap<usize, usize>,
}

/// A file as it is written.
struct Form {
    schema: Arc<Schema>,
    described: SchemaDescriptor,
    properties: WriterProperties,
}

/// A batch, encoded.
pub struct RowGroup {
    columns: Vec<Chunk>,
    bounds: Option<Bounds>,
}

impl<'r> TableFiles<'r> {
    fn new(
        release: &Release,
        table: &'r model::Table,
        is_main: bool,
        encodings: Option<&Encodings>,
    ) -> Self {
        let flats: Vec<_> = flat::tables(table)
            .into_iter()
            .map(|flat| FlatFile::new(release, flat, encodings))
            .collect();
        let records = flats.first().expect("a table's records are its first rows");
        let nested = is_main.then(|| NestedFile::new(release, table, records));
        Self { flats, nested }
    }

    fn row_group(&self, which: Which, batch: &Batch) -> Result<RowGroup, ParquetError> {
        let (shared, count) = (&batch.shared, self.flats.len());
        let encode = |level| move || self.encode(level, &batch.rows);
        match which {
            Which::Flat(level) => shared.take(count, level, encode(level), |encoded| RowGroup {
                columns: std::mem::take(&mut encoded.flat),
                bounds: encoded.bounds,
            }),
            Which::Nested => {
                // From the last level on: whoever writes flat files begins with the first.
                for level in (0..count).rev() {
                    shared.prepare(count, level, encode(level))?;
                }
                let mut columns = BTreeMap::new();
                for level in 0..count {
                    columns.extend(shared.take(count, level, encode(level), |encoded| {
                        std::mem::take(&mut encoded.nested)
                    })?);
                }
                let columns = match batch.rows.len {
                    0 => Vec::new(),
                    _ => columns.into_values().collect(),
                };
                Ok(RowGroup { columns, bounds: None })
            }
        }
    }

    /// Encodes a level of a batch for its flat file and for the nested one. The values of a column are
    /// the same in both.
    fn encode(&self, level: usize, batch: &Rows) -> Result<EncodedLevel, ParquetError> {
        let file = &self.flats[level];
        let level = LevelRows::new(batch, &file.flat.path);
        let starts = match file.flat.path.is_empty() {
            true => Starts::Records(batch.len),
            false => Starts::List(&level.starts),
        };
        let nested = self
            .nested
            .as_ref()
            .and_then(|nested| Some((nested, nested.nested.level(batch, &file.flat.path)?)));
        let mut compressor = Compressor::new(zstd_level())?;
        let mut encoded = EncodedLevel { flat: Vec::new(), bounds: None, nested: Vec::new() };
        for (position, column) in file.columns.iter().enumerate() {
            let (values, nulls) = match column.source {
                Source::ParentKey(key) => {
                    (Values::of_parents(&batch.columns[key], &level.starts), None)
                }
                Source::Position(depth) => {
                    (Values::new(&level.positions[depth], Method::Dictionary, starts), None)
                }
                Source::Column(index) => {
                    let array = &level.rows.columns[index];
                    (Values::new(array, file.methods[index], starts), array.nulls())
                }
            };
            let levels = Levels::flat(starts, column.nullable, nulls);
            let described = file.form.described.column(position);
            let chunk = Chunk::new(&described, &values, &levels, &mut compressor)?;
            let leaves = nested.iter().flat_map(|(nested, level)| {
                level.leaves.iter().map(move |leaf| (nested, &level.places, leaf))
            });
            for (nested, places, leaf) in leaves {
                if column.source != Source::Column(leaf.column) {
                    continue;
                }
                let chunk = if nested.alike.contains_key(&leaf.position) {
                    chunk.clone()
                } else {
                    let levels = Levels::nested(places, &leaf.definition, leaf.depth);
                    let described = nested.form.described.column(leaf.position);
                    Chunk::new(&described, &values, &levels, &mut compressor)?
                };
                encoded.nested.push((leaf.position, chunk));
            }
            encoded.flat.push(chunk);
        }
        if let Some(points) = &file.points {
            let (array, bounds) = points.array(|column| match file.columns[column].source {
                Source::Column(index) => &level.rows.columns[index],
                Source::ParentKey(_) | Source::Position(_) => unreachable!("degrees have a role"),
            });
            let values = Values::new(&array, Method::Plain, starts);
            let levels = Levels::flat(starts, true, array.nulls());
            let described = file.form.described.column(file.columns.len());
            encoded.flat.push(Chunk::new(&described, &values, &levels, &mut compressor)?);
            encoded.bounds = bounds;
        }
        if level.rows.len == 0 {
            encoded.flat.clear();
        }
        Ok(encoded)
    }
}

impl<'r> FlatFile<'r> {
    fn new(release: &Release, flat: FlatTable<'r>, encodings: Option<&Encodings>) -> Self {
        let columns = flat::columns(&flat);
        let mut ids = FieldIds::default();
        let mut fields: Vec<_> =
            columns.iter().map(|column| field(&flat, column, &mut ids)).collect();
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
        let position = |name: &String| columns.iter().position(|column| column.name == *name);
        let sorting: Vec<_> = key.iter().filter_map(position).collect();
        let methods = match encodings {
            Some(encodings) => encodings.below(&flat.path).columns.clone(),
            None => vec![Method::Dictionary; flat.level.columns.len()],
        };
        let keys = footer::key_values(release, &flat.table.name, &flat.level.name, notes);
        let form = Form::new(Arc::new(Schema::new(fields)), &sorting, keys);
        Self { form, flat, columns, methods, points }
    }
}

impl NestedFile {
    fn new(release: &Release, table: &model::Table, records: &FlatFile<'_>) -> Self {
        let nested = Nested::new(table);
        let leaf_of = |key: &usize| nested.columns().find(|(_, column)| column == key);
        let sorting: Vec<_> =
            table.key.columns.iter().filter_map(leaf_of).map(|(leaf, _)| leaf).collect();
        let notes = nested.notes.clone();
        let keys = footer::key_values(release, &table.name, &table.level.name, notes);
        let form = Form::new(Arc::clone(&nested.schema), &sorting, keys);
        let pairs = nested.columns().filter_map(|(leaf, index)| {
            let is_it = |column: &FlatColumn| column.source == Source::Column(index);
            Some((leaf, records.columns.iter().position(is_it)?))
        });
        let alike = pairs
            .filter(|&(leaf, flat)| {
                form.described.column(leaf) == records.form.described.column(flat)
            })
            .collect();
        Self { form, nested, alike }
    }
}

impl Form {
    fn new(schema: Arc<Schema>, sorting: &[usize], keys: Vec<KeyValue>) -> Self {
        let sorting_column = |&leaf: &usize| SortingColumn {
            column_idx: i32::try_from(leaf).expect("a schema has fewer than 2^31 columns"),
            descending: false,
            nulls_first: false,
        };
        let properties = WriterProperties::builder()
            .set_created_by(CREATED_BY.to_owned())
            .set_sorting_columns(Some(sorting.iter().map(sorting_column).collect()))
            .set_key_value_metadata(Some(keys))
            .build();
        let described = ArrowSchemaConverter::new()
            .convert(&schema)
            .expect("what lowering makes has a form in Parquet");
        Self { schema, described, properties }
    }
}

fn zstd_level() -> ZstdLevel {
    ZstdLevel::try_new(ZSTD_LEVEL).expect("a level of zstd")
}

impl Content for Part<'_> {
    fn encode(&self, _: usize, batch: &Batch) -> io::Result<Piece> {
        self.all.row_group(self.which, batch).map(Piece::RowGroup).map_err(io_error)
    }

    fn open<'s>(&'s self, out: Output<'s>) -> io::Result<Box<dyn Assembly<'s> + 's>> {
        let (form, points) = match self.which {
            Which::Nested => {
                let nested = self.all.nested.as_ref();
                (&nested.expect("only a table that has one writes a nested file").form, None)
            }
            Which::Flat(level) => {
                let file = &self.all.flats[level];
                (&file.form, file.points.as_ref())
            }
        };
        let properties = Some(form.properties.clone());
        let writer = ArrowWriter::try_new(out, Arc::clone(&form.schema), properties);
        let (writer, _) = writer.and_then(ArrowWriter::into_serialized_writer).map_err(io_error)?;
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
            column.append_to_row_group(&mut row_group).map_err(io_error)?;
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
        Source::ParentKey(_) if !flat.table.key.is_composite() => ids.assign(level, "", "parent"),
        Source::ParentKey(key) => {
            let pointer = &flat.table.level.columns[key].pointer;
            ids.assign(level, "", &format!("parent {pointer}"))
        }
        Source::Position(depth) => ids.assign(level, "", &format!("position {depth}")),
        Source::Column(index) => ids.assign_column(level, &flat.level.columns[index]),
    };
    let metadata = footer::column_metadata(id, &column.about, &column.kind);
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
