//! A release: the files of records, and those that describe them.

pub mod codebook;
mod constraints;
pub mod datapackage;
pub mod previous;

use std::io::{self, Write};
use std::num::NonZeroUsize;

use crate::check::Tally;
use crate::emit::counts::Counts;
use crate::emit::{Release, Selection, Sink, Written, write, write_records};
use crate::fault::Fault;

/// Writes what is selected of a release, its supplements and its descriptions, on so many workers.
/// `tallies` say how often what must hold did, in the order of
/// [`Model::assertions`](crate::model::Model::assertions). Returns what was written, in the order of the
/// paths.
///
/// # Errors
/// The sink fails.
pub fn write_release(
    release: &Release,
    tallies: &[Tally],
    selection: &Selection,
    workers: NonZeroUsize,
    sink: &dyn Sink,
) -> Result<Vec<Written>, Fault> {
    let (mut written, counts) = write_records(release, selection, workers, sink)?;
    written.sort_by(|a, b| a.path.cmp(&b.path));
    let mut made = Made { files: written, counts, tallies };
    for description in DESCRIPTIONS {
        let file = write(sink, description.path, |out| {
            (description.write)(release, selection, &made, out)
        })?;
        let index = made.files.partition_point(|other| other.path < file.path);
        made.files.insert(index, file);
    }
    Ok(made.files)
}

/// A file that describes those before it.
struct Description {
    path: &'static str,
    write: fn(&Release, &Selection, &Made, &mut dyn Write) -> io::Result<()>,
}

/// What was made before the descriptions.
pub(crate) struct Made<'a> {
    /// In the order of the paths.
    pub files: Vec<Written>,
    pub counts: Counts,
    /// How often what must hold did.
    pub tallies: &'a [Tally],
}

/// In the order of their making: the checksums cover the others.
static DESCRIPTIONS: &[Description] = &[
    Description { path: "codebook.md", write: codebook::write },
    Description { path: "datapackage.json", write: datapackage::write },
    Description { path: CHECKSUMS_PATH, write: write_checksums },
];

/// The list of all files with their hashes, as `sha256sum --check` reads it.
pub const CHECKSUMS_PATH: &str = "SHA256SUMS";

fn write_checksums(_: &Release, _: &Selection, made: &Made, out: &mut dyn Write) -> io::Result<()> {
    // Paths are compared by bytes, which is the order of the C locale.
    for file in &made.files {
        writeln!(out, "{}  {}", file.sha256, file.path)?;
    }
    Ok(())
}
