//! How many bytes of intermediate results stay in memory, and the file for the rest.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::fault::Fault;

/// A file for bytes that exceed the memory budget. What is appended stays until the process ends.
pub trait SpillFile: Send + Sync {
    /// Appends bytes. Returns where they begin.
    ///
    /// # Errors
    /// When the disk fails.
    fn append(&self, bytes: &[u8]) -> Result<u64, Fault>;

    /// Reads bytes that were appended, as many as `into` takes.
    ///
    /// # Errors
    /// When the disk fails.
    fn read(&self, offset: u64, into: &mut [u8]) -> Result<(), Fault>;
}

/// Memory up to a limit, and a spill file beyond it.
pub struct MemoryBudget {
    /// How many bytes stay in memory.
    limit: u64,
    kept: AtomicU64,
    file: Option<Box<dyn SpillFile>>,
}

impl fmt::Debug for MemoryBudget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("MemoryBudget").field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl MemoryBudget {
    /// Keeps everything in memory.
    #[must_use]
    pub fn in_memory() -> Arc<Self> {
        Arc::new(Self { limit: u64::MAX, kept: AtomicU64::new(0), file: None })
    }

    /// Keeps `limit` bytes in memory, and the others in `file`.
    #[must_use]
    pub fn bounded(limit: u64, file: Box<dyn SpillFile>) -> Arc<Self> {
        Arc::new(Self { limit, kept: AtomicU64::new(0), file: Some(file) })
    }

    /// Reserves so many bytes of memory. If it returns false, they must go to
    /// [`MemoryBudget::append`].
    #[must_use]
    pub fn reserve(&self, bytes: u64) -> bool {
        let add = |kept: u64| kept.checked_add(bytes).filter(|kept| *kept <= self.limit);
        let kept = self.kept.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
        kept.is_ok() || self.file.is_none()
    }

    /// Gives reserved bytes back.
    pub fn free(&self, bytes: u64) {
        self.kept.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Writes bytes to the spill file. Returns where they begin.
    ///
    /// # Errors
    /// When the disk fails.
    ///
    /// # Panics
    /// If there is no spill file: then everything stays in memory.
    pub fn append(&self, bytes: &[u8]) -> Result<u64, Fault> {
        self.file.as_ref().expect("without a spill file everything stays in memory").append(bytes)
    }

    /// Reads bytes that were appended, as many as `into` takes.
    ///
    /// # Errors
    /// When the disk fails.
    ///
    /// # Panics
    /// If there is no the spill file.
    pub fn read(&self, offset: u64, into: &mut [u8]) -> Result<(), Fault> {
        self.file.as_ref().expect("what is read was appended").read(offset, into)
    }
}
