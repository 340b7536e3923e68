//! Output formats: lowered rows in, files of a release out.
//!
//! No emitter names a field of the data; all read the model. Each format is a list of files that
//! don't depend on each other, so workers may write them in any order; what describes them (the
//! Data Package, the codebook, the checksums) comes after.

pub mod codebook;
mod csv;
pub mod datapackage;
pub mod flat;
pub mod jsonld;
mod parquet;
mod sink;
mod text;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

pub use sink::{Memory, Sink, Written, write};

use crate::fault::Fault;
use crate::lower::TableRows;
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
    /// The files that it makes of the selected tables.
    pub files: for<'r> fn(&'r Release<'r>, &Selection) -> Vec<File<'r>>,
}

/// A file that a format can write.
pub struct File<'r> {
    /// Relative to the release, with `/`.
    pub path: String,
    /// Writes it, from first byte to last.
    pub write: Box<WriteFile<'r>>,
}

/// Writes a file.
pub type WriteFile<'r> = dyn Fn(&mut (dyn Write + Send)) -> io::Result<()> + Send + Sync + 'r;

/// The formats, those whose largest file takes longest first, so that no worker begins it last.
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

/// A file that describes those before it.
struct Description {
    path: &'static str,
    write: fn(&Release, &Selection, &[Written], &mut dyn Write) -> io::Result<()>,
}

/// In the order of their making: the checksums cover the others.
static DESCRIPTIONS: &[Description] = &[
    Description { path: "codebook.md", write: codebook::write },
    Description { path: "datapackage.json", write: datapackage::write },
    Description { path: CHECKSUMS_PATH, write: write_checksums },
];

/// The list of all files with their hashes, as `sha256sum --check` reads it.
pub const CHECKSUMS_PATH: &str = "SHA256SUMS";

/// Where a release carries a code list.
#[must_use]
pub fn code_list_path(name: &str) -> String {
    format!("schema/codelists/{name}.csv")
}

/// Writes what is selected of a release, its supplements and its descriptions, on so many workers.
/// Returns what was written, in the order of the paths.
///
/// # Errors
/// The sink fails.
pub fn emit_all(
    release: &Release,
    selection: &Selection,
    workers: NonZeroUsize,
    sink: &dyn Sink,
) -> Result<Vec<Written>, Fault> {
    let mut files: Vec<File> = FORMATS
        .iter()
        .filter(|format| selection.has_format(format.name))
        .flat_map(|format| (format.files)(release, selection))
        .collect();
    files.extend(release.supplements.iter().map(|artifact| File {
        path: artifact.path.clone(),
        write: Box::new(|out| out.write_all(&artifact.bytes)),
    }));

    let mut written = write_files(&files, workers, sink)?;
    written.sort_by(|a, b| a.path.cmp(&b.path));
    for description in DESCRIPTIONS {
        let file = write(sink, description.path, |out| {
            (description.write)(release, selection, &written, out)
        })?;
        let index = written.partition_point(|other| other.path < file.path);
        written.insert(index, file);
    }
    Ok(written)
}

/// The selected tables with their rows, in the order of the model.
pub(crate) fn selected<'r>(
    release: &Release<'r>,
    selection: &Selection,
) -> Vec<(&'r Table, &'r TableRows)> {
    assert_eq!(release.model.tables.len(), release.tables.len(), "every table has its rows");
    release
        .model
        .tables
        .iter()
        .zip(release.tables)
        .filter(|(table, _)| selection.has_table(&table.name))
        .collect()
}

fn write_files(
    files: &[File],
    workers: NonZeroUsize,
    sink: &dyn Sink,
) -> Result<Vec<Written>, Fault> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut results = Vec::new();
        while let Some((index, file)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| Some((i, files.get(i)?)))
        {
            results.push((index, write(sink, &file.path, &file.write)));
        }
        results
    };
    let mut results = std::thread::scope(|scope| {
        let helpers: Vec<_> =
            (1..workers.get().min(files.len())).map(|_| scope.spawn(work)).collect();
        let mut results = work();
        for helper in helpers {
            match helper.join() {
                Ok(more) => results.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    });
    // Of several faults the first in the order of the files is told, whichever came first.
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

fn write_checksums(
    _: &Release,
    _: &Selection,
    written: &[Written],
    out: &mut dyn Write,
) -> io::Result<()> {
    // Paths are compared by bytes, which is the order of the C locale.
    for file in written {
        writeln!(out, "{}  {}", file.sha256, file.path)?;
    }
    Ok(())
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
