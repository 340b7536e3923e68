//! Parquet: a typed file for each flat table, and the main table once more with its lists nested.
//!
//! Files say what they are by themselves: columns carry their descriptions in the Arrow schema and
//! again in a footer key, because DuckDB sees only the latter; the dataset is named in the footer.
//! Rows are sorted by key, and say so. The same rows give the same bytes: batches have a fixed
//! size, and nothing is taken from the clock.

mod footer;
mod geo;
mod ids;
mod nested;

use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;

use self::footer::ColumnNote;
use self::geo::Points;
use self::ids::FieldIds;
use super::flat::{FlatColumn, Source};
use super::{File, Release, Selection, flat, selected};
use crate::lower::{BATCH_ROWS, TableRows, data_type};
use crate::model::{FlatTable, Table};

/// A file for each flat table of the selected tables, and the nested one of the main table.
pub fn files<'r>(release: &'r Release<'r>, selection: &Selection) -> Vec<File<'r>> {
    let main = &release.model.tables[release.model.main];
    let mut files = Vec::new();
    for (table, rows) in selected(release, selection) {
        if std::ptr::eq(table, main) {
            files.push(File {
                path: nested_path(table),
                write: Box::new(move |out| write_nested(release, table, rows, out)),
            });
        }
        for flat in flat::tables(table) {
            files.push(File {
                path: path(&flat.level.name),
                write: Box::new(move |out| write_flat(release, &flat, rows, out)),
            });
        }
    }
    files
}

/// Where a flat table is written to.
pub fn path(flat_table: &str) -> String {
    format!("parquet/{flat_table}.parquet")
}

/// Where the nested form of a table is written to.
pub fn nested_path(table: &Table) -> String {
    format!("parquet/{}_nested.parquet", table.level.name)
}

/// What the file says has written it, in the form that the Parquet specification asks for: readers
/// in Java ignore the statistics of a writer whose version they can't parse.
const CREATED_BY: &str = concat!("demarche version ", env!("CARGO_PKG_VERSION"));

/// Large enough to compress well, small enough for readers to skip and to work in parallel.
const ROW_GROUP_ROWS: usize = 2 * BATCH_ROWS;

const ZSTD_LEVEL: i32 = 3;

fn write_flat(
    release: &Release,
    flat: &FlatTable,
    rows: &TableRows,
    out: &mut (dyn Write + Send),
) -> io::Result<()> {
    let columns = flat::columns(flat);
    let mut ids = FieldIds::default();
    let mut fields: Vec<_> = columns.iter().map(|column| field(flat, column, &mut ids)).collect();
    let mut notes: Vec<_> = columns
        .iter()
        .map(|column| (column.name.clone(), ColumnNote::new(&column.about, &column.kind)))
        .collect();
    let mut points = Points::find(&columns);
    if let Some(points) = &points {
        fields.push(points.field(ids.assign(&flat.level.name, "", "geometry")));
        notes.push((points.name.clone(), points.note()));
    }

    let key = flat::primary_key(flat);
    let sorting = columns
        .iter()
        .enumerate()
        .filter(|(_, column)| key.contains(&column.name))
        .map(|(index, _)| index)
        .collect::<Vec<_>>();
    // Each key of a table occurs once, so a dictionary of them would only cost time.
    let unique = flat.path.is_empty().then(|| ColumnPath::new(key));
    let schema = Arc::new(Schema::new(fields));
    let keys = footer::key_values(release, &flat.table.name, &flat.level.name, notes);
    let mut writer = writer(out, &schema, &sorting, unique, keys)?;
    for mut arrays in flat::batches(flat, rows) {
        if let Some(points) = &mut points {
            arrays.push(points.array(&arrays));
        }
        write_batch(&mut writer, &schema, arrays)?;
    }
    if let Some(points) = &points {
        writer.append_key_value_metadata(KeyValue::new("geo".to_owned(), points.footer()));
    }
    writer.close().map_err(io_error)?;
    Ok(())
}

fn write_nested(
    release: &Release,
    table: &Table,
    rows: &TableRows,
    out: &mut (dyn Write + Send),
) -> io::Result<()> {
    let nested = nested::Nested::new(table);
    let sorting: Vec<_> = nested.key_leaf.into_iter().collect();
    let keys = footer::key_values(release, &table.name, &table.level.name, nested.notes.clone());
    let mut writer = writer(out, &nested.schema, &sorting, nested.key_path.clone(), keys)?;
    for batch in &rows.batches {
        write_batch(&mut writer, &nested.schema, nested.arrays(batch))?;
    }
    writer.close().map_err(io_error)?;
    Ok(())
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

fn writer<'w>(
    out: &'w mut (dyn Write + Send),
    schema: &Arc<Schema>,
    sorting: &[usize],
    unique: Option<ColumnPath>,
    keys: Vec<KeyValue>,
) -> io::Result<ArrowWriter<&'w mut (dyn Write + Send)>> {
    let level = ZstdLevel::try_new(ZSTD_LEVEL).expect("a level of zstd");
    let sorting = sorting
        .iter()
        .map(|&leaf| SortingColumn {
            column_idx: i32::try_from(leaf).expect("a schema has fewer than 2^31 columns"),
            descending: false,
            nulls_first: false,
        })
        .collect();
    let mut properties = WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_sorting_columns(Some(sorting))
        .set_key_value_metadata(Some(keys));
    if let Some(column) = unique {
        properties = properties.set_column_dictionary_enabled(column, false);
    }
    ArrowWriter::try_new(out, Arc::clone(schema), Some(properties.build())).map_err(io_error)
}

fn write_batch(
    writer: &mut ArrowWriter<&mut (dyn Write + Send)>,
    schema: &Arc<Schema>,
    arrays: Vec<ArrayRef>,
) -> io::Result<()> {
    let batch = RecordBatch::try_new(Arc::clone(schema), arrays)
        .expect("lowering makes each column as its kind says");
    writer.write(&batch).map_err(io_error)
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
