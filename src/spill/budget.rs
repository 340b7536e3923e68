//! How much of what is made on the way stays in memory, and where the rest goes.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::fault::Fault;

/// Space for bytes that don't fit in memory. What is appended is kept until the end.
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

/// Memory up to a limit, and scratch space beyond it.
pub struct MemoryBudget {
    /// How many bytes stay in memory.
    limit: u64,
    kept: AtomicU64,
    scratch: Option<Box<dyn SpillFile>>,
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
        Arc::new(Self { limit: u64::MAX, kept: AtomicU64::new(0), scratch: None })
    }

    /// Keeps as many bytes in memory as `limit` says, and the others in `scratch`.
    #[must_use]
    pub fn bounded(limit: u64, scratch: Box<dyn SpillFile>) -> Arc<Self> {
        Arc::new(Self { limit, kept: AtomicU64::new(0), scratch: Some(scratch) })
    }

    /// Whether so many bytes more may stay in memory. Then they count as kept; else they go to
    /// [`MemoryBudget::append`].
    #[must_use]
    pub fn takes(&self, bytes: u64) -> bool {
        let add = |kept: u64| kept.checked_add(bytes).filter(|kept| *kept <= self.limit);
        let kept = self.kept.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
        kept.is_ok() || self.scratch.is_none()
    }

    /// Bytes that were kept are needed no more.
    pub fn free(&self, bytes: u64) {
        self.kept.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Writes bytes to scratch space. Returns where they begin.
    ///
    /// # Errors
    /// When the disk fails.
    ///
    /// # Panics
    /// If there is none: then everything may stay in memory.
    pub fn append(&self, bytes: &[u8]) -> Result<u64, Fault> {
        self.scratch.as_ref().expect("without scratch space everything is kept").append(bytes)
    }

    /// Reads bytes that were appended, as many as `into` takes.
    ///
    /// # Errors
    /// When the disk fails.
    ///
    /// # Panics
    /// If there is no scratch space.
    pub fn read(&self, offset: u64, into: &mut [u8]) -> Result<(), Fault> {
        self.scratch.as_ref().expect("what is read was appended").read(offset, into)
    }
}
