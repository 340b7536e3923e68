//! What the Parquet files of a table share of a batch: a level is encoded once, for its flat file and for
//! the nested one, by whichever of them comes to it first.

use std::sync::{Mutex, OnceLock, PoisonError, TryLockError};

use parquet::errors::ParquetError;

use super::chunk::Chunk;
use super::geo::Bounds;

/// The levels of a batch.
#[derive(Default)]
pub struct Shared {
    levels: OnceLock<Vec<Mutex<Option<EncodedLevel>>>>,
}

/// A level, encoded; each file takes its part.
pub struct EncodedLevel {
    /// The columns of the flat file, none if the level has no rows.
    pub flat: Vec<Chunk>,
    /// Where its points are.
    pub bounds: Option<Bounds>,
    /// The columns of the nested file, each with its position among all of that file.
    pub nested: Vec<(usize, Chunk)>,
}

impl Shared {
    /// Takes a part of a level, of so many, that `encode` makes unless it was made before. Who comes
    /// while it is being made waits for it.
    pub fn take<T>(
        &self,
        count: usize,
        level: usize,
        encode: impl FnOnce() -> Result<EncodedLevel, ParquetError>,
        take: impl FnOnce(&mut EncodedLevel) -> T,
    ) -> Result<T, ParquetError> {
        let mut encoded = self.level(count, level).lock().unwrap_or_else(PoisonError::into_inner);
        if encoded.is_none() {
            *encoded = Some(encode()?);
        }
        Ok(take(encoded.as_mut().expect("it was made just now or before")))
    }

    /// Encodes a level unless another worker has done it or is at it.
    pub fn prepare(
        &self,
        count: usize,
        level: usize,
        encode: impl FnOnce() -> Result<EncodedLevel, ParquetError>,
    ) -> Result<(), ParquetError> {
        let mut encoded = match self.level(count, level).try_lock() {
            Ok(encoded) => encoded,
            Err(TryLockError::Poisoned(encoded)) => encoded.into_inner(),
            Err(TryLockError::WouldBlock) => return Ok(()),
        };
        if encoded.is_none() {
            *encoded = Some(encode()?);
        }
        Ok(())
    }

    fn level(&self, count: usize, level: usize) -> &Mutex<Option<EncodedLevel>> {
        &self.levels.get_or_init(|| (0..count).map(|_| Mutex::default()).collect())[level]
    }
}
