//! Output formats: lowered rows in, files of a release out.
//!
//! No emitter names a field of the data; all read the model. Each format is a list of files. A file
//! is made a batch of rows at a time: workers encode batches in any order, and the file takes the
//! pieces in the order of the rows. What describes the files comes after, in [`release`](crate::release).

mod assemble;
pub mod constraints;
pub(crate) mod counts;
pub(crate) mod csv;
pub mod flat;
pub mod jsonld;
mod parquet;
mod sink;
pub(crate) mod spdx;
mod text;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::num::NonZeroUsize;

pub use sink::{Memory, Output, Sink, Written, write};

use counts::Counts;

use crate::fault::Fault;
use crate::lower::{Rows, TableRows};
use crate::manifest::Dataset;
use crate::model::{Model, Table};

/// Everything that a release is made from.
pub struct Release<'a> {
    /// Who, what, which version.
    pub dataset: &'a Dataset,
    /// JSON-LD prefixes of the manifest.
    pub prefixes: &'a BTreeMap<String, String>,
    /// The compiled schema.
    pub model: &'a Model,
    /// The records, one entry a table in the order of the model.
    pub tables: &'a [TableRows],
    /// Files that the release carries as they are: schemas, code lists at
    /// [`code_list_path`], whatever a project adds.
    pub supplements: &'a [Artifact],
}

/// A file with its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Relative to the release, with `/`.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// What to emit; an empty set means everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Names of [`FORMATS`].
    pub formats: BTreeSet<String>,
    /// Names of the model's tables; a table comes with its child tables.
    pub tables: BTreeSet<String>,
}

impl Selection {
    /// Whether the format of that name is wanted.
    #[must_use]
    pub fn has_format(&self, name: &str) -> bool {
        self.formats.is_empty() || self.formats.contains(name)
    }

    /// Whether the table of that name is wanted.
    #[must_use]
    pub fn has_table(&self, name: &str) -> bool {
        self.tables.is_empty() || self.tables.contains(name)
    }
}

/// An output format for records.
pub struct Format {
    /// As users select it; also the directory of its files.
    pub name: &'static str,
    /// One line for help.
    pub summary: &'static str,
    /// The files that it makes of the selected tables. It fails where it looks at rows first, and
    /// the space that they are kept in does.
    pub files: for<'r> fn(&'r Release<'r>, &Selection) -> Result<Vec<File<'r>>, Fault>,
}

/// A file that a format can write.
pub struct File<'r> {
    /// Relative to the release, with `/`.
    pub path: String,
    /// The tables whose batches it takes, by index, rising.
    pub tables: Vec<usize>,
    /// What it is made of.
    pub content: Box<dyn Content + 'r>,
}

impl File<'_> {
    fn takes(&self, table: usize) -> bool {
        self.tables.contains(&table)
    }
}

/// What a file is made of.
pub trait Content: Send + Sync {
    /// A batch of a table as a piece of the file. Pieces are made in any order.
    ///
    /// # Errors
    /// A batch that the format can't hold.
    fn encode(&self, table: usize, batch: &Batch) -> io::Result<Piece>;

    /// Begins the file.
    ///
    /// # Errors
    /// The output fails.
    fn open<'s>(&'s self, out: Output<'s>) -> io::Result<Box<dyn Assembly<'s> + 's>>;
}

/// A batch of a table on its way to the files that take it.
pub struct Batch {
    rows: Rows,
    /// What Parquet files of the table share of it.
    shared: parquet::Shared,
}

/// A file under construction.
pub trait Assembly<'s>: Send {
    /// Adds the next piece.
    ///
    /// # Errors
    /// The output fails.
    fn append(&mut self, piece: Piece) -> io::Result<()>;

    /// Ends the file.
    ///
    /// # Errors
    /// The output fails.
    fn finish(self: Box<Self>) -> io::Result<Output<'s>>;
}

/// A batch, encoded.
pub enum Piece {
    /// Bytes as they stand in the file.
    Bytes(Vec<u8>),
    /// Columns of a Parquet file.
    RowGroup(parquet::RowGroup),
}

/// A file that takes no batches.
struct Whole<'r>(Box<WriteWhole<'r>>);

type WriteWhole<'r> = dyn Fn(&mut dyn Write) -> io::Result<()> + Send + Sync + 'r;

impl Content for Whole<'_> {
    fn encode(&self, _: usize, _: &Batch) -> io::Result<Piece> {
        unreachable!("the file takes no batches")
    }

    fn open<'s>(&'s self, mut out: Output<'s>) -> io::Result<Box<dyn Assembly<'s> + 's>> {
        (self.0)(&mut out)?;
        Ok(Box::new(Bytes { out, separator: false, end: b"" }))
    }
}

/// A file of bytes under construction.
struct Bytes<'s> {
    out: Output<'s>,
    /// The first byte of the next piece separates it from what stands before, and there is nothing
    /// before.
    separator: bool,
    end: &'static [u8],
}

impl<'s> Assembly<'s> for Bytes<'s> {
    fn append(&mut self, piece: Piece) -> io::Result<()> {
        let Piece::Bytes(bytes) = piece else { unreachable!("the file is made of bytes") };
        if bytes.is_empty() {
            return Ok(());
        }
        let from = usize::from(std::mem::take(&mut self.separator));
        self.out.write_all(&bytes[from..])
    }

    fn finish(mut self: Box<Self>) -> io::Result<Output<'s>> {
        self.out.write_all(self.end)?;
        Ok(self.out)
    }
}

/// The formats. Of each batch, workers encode the files in this order: those that take longest first,
/// so that no worker begins them last.
pub static FORMATS: &[Format] = &[
    Format {
        name: "jsonld",
        summary: "one JSON-LD 1.1 document with its context",
        files: jsonld::files,
    },
    Format {
        name: "parquet",
        summary: "a typed Parquet file for each table, and the main table nested",
        files: parquet::files,
    },
    Format { name: "csv", summary: "a CSV file for each table", files: csv::files },
];

/// Where a release carries a code list.
#[must_use]
pub fn code_list_path(name: &str) -> String {
    format!("schema/codelists/{name}.csv")
}

/// Writes the selected records and the supplements of a release, on so many workers. Returns what was
/// written, and how many rows and values.
///
/// # Errors
/// The sink fails.
pub(crate) fn write_records(
    release: &Release,
    selection: &Selection,
    workers: NonZeroUsize,
    sink: &dyn Sink,
) -> Result<(Vec<Written>, Counts), Fault> {
    let mut files: Vec<File> = Vec::new();
    for format in FORMATS.iter().filter(|format| selection.has_format(format.name)) {
        files.extend((format.files)(release, selection)?);
    }
    files.extend(release.supplements.iter().map(|artifact| File {
        path: artifact.path.clone(),
        tables: Vec::new(),
        content: Box::new(Whole(Box::new(|out| out.write_all(&artifact.bytes)))),
    }));
    assemble::write_files(release, &files, workers, sink)
}

/// The selected tables with their indices, in the order of the model.
pub(crate) fn selected<'r>(
    release: &Release<'r>,
    selection: &Selection,
) -> Vec<(usize, &'r Table)> {
    assert_eq!(release.model.tables.len(), release.tables.len(), "every table has its rows");
    let tables = release.model.tables.iter().enumerate();
    tables.filter(|(_, table)| selection.has_table(&table.name)).collect()
}

/// Those of them that are released in the format of that name.
pub(crate) fn selected_as<'r>(
    release: &Release<'r>,
    selection: &Selection,
    format: &str,
) -> Vec<(usize, &'r Table)> {
    let mut tables = selected(release, selection);
    tables.retain(|(_, table)| table.is_released_as(format));
    tables
}

/// The IRI of this version of a dataset.
pub(crate) fn release_iri(dataset: &Dataset) -> String {
    format!("{}{}", dataset.base, dataset.version)
}

/// How to cite a dataset, on one line.
pub(crate) fn citation(dataset: &Dataset) -> String {
    let authors: Vec<_> = dataset.authors.iter().map(|author| author.name.as_str()).collect();
    let year = dataset.released.as_deref().and_then(|day| day.get(..4)).unwrap_or("n.d.");
    let Dataset { title, version, .. } = dataset;
    let iri = release_iri(dataset);
    let authors = if authors.is_empty() { title.clone() } else { authors.join("; ") };
    format!("{authors} ({year}). {title} (version {version}) [Data set]. {iri}")
}
