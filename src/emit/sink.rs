//! Where a release's bytes go, and what is noted of each file on the way.
//!
//! Emitters write files from first byte to last and keep none of them, so an output may be larger
//! than memory. Several files may be under way at once.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::fault::Fault;
use crate::path::stays_inside;

/// A place that takes the files of a release.
pub trait Sink: Sync {
    /// Begins the file at `path`, relative to the release, with `/`. The file is complete when its
    /// writer was flushed and dropped.
    ///
    /// # Errors
    /// The place refuses the file.
    fn create(&self, path: &str) -> Result<Box<dyn Write + Send + '_>, Fault>;
}

/// One file of a release, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Relative to the release, with `/`.
    pub path: String,
    /// The size in bytes.
    pub bytes: u64,
    /// SHA-256 in hexadecimal, lower case.
    pub sha256: String,
}

/// A sink that keeps everything.
#[derive(Debug, Default)]
pub struct Memory {
    files: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl Memory {
    /// What was written, by path.
    #[must_use]
    pub fn into_files(self) -> BTreeMap<String, Vec<u8>> {
        self.files.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Memory {
    fn create(&self, path: &str) -> Result<Box<dyn Write + Send + '_>, Fault> {
        Ok(Box::new(MemoryFile { memory: self, path: path.to_owned(), bytes: Vec::new() }))
    }
}

/// A file of a sink, whose size and hash are taken on the way.
pub struct Output<'s> {
    path: String,
    buffer: BufWriter<Tee<Box<dyn Write + Send + 's>>>,
}

impl<'s> Output<'s> {
    /// Begins a file.
    ///
    /// # Errors
    /// The sink refuses it.
    ///
    /// # Panics
    /// If the path leads out of the release. Whoever names files has made sure that none does.
    pub fn create(sink: &'s dyn Sink, path: &str) -> Result<Self, Fault> {
        assert!(stays_inside(path), "a release has no file `{path}`");
        let tee = Tee { inner: sink.create(path)?, hasher: Sha256::new(), bytes: 0 };
        Ok(Self { path: path.to_owned(), buffer: BufWriter::with_capacity(BUFFER_BYTES, tee) })
    }

    /// Ends the file.
    ///
    /// # Errors
    /// The sink takes no more bytes.
    pub fn finish(self) -> Result<Written, Fault> {
        let Self { path, buffer } = self;
        let fault = |cause| Fault::new("write", &path, cause);
        let mut tee = buffer.into_inner().map_err(|error| fault(error.into_error()))?;
        tee.flush().map_err(fault)?;
        let digest = tee.hasher.finalize();
        Ok(Written { bytes: tee.bytes, sha256: hexadecimal(&digest), path })
    }
}

impl Write for Output<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.write(bytes)
    }

    /// Only what is in memory is passed on; the file is synced when it is finished.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes one file to a sink and takes its size and hash on the way.
///
/// # Errors
/// The sink fails, or takes no more bytes.
pub fn write(
    sink: &dyn Sink,
    path: &str,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<Written, Fault> {
    let mut out = Output::create(sink, path)?;
    content(&mut out).map_err(|cause| Fault::new("write", path, cause))?;
    out.finish()
}

const BUFFER_BYTES: usize = 256 * 1024;

struct MemoryFile<'s> {
    memory: &'s Memory,
    path: String,
    bytes: Vec<u8>,
}

impl Write for MemoryFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut files = self.memory.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.entry(self.path.clone()).or_default().append(&mut self.bytes);
        Ok(())
    }
}

struct Tee<W> {
    inner: W,
    hasher: Sha256,
    bytes: u64,
}

impl<W: Write> Write for Tee<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..taken]);
        self.bytes += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}
