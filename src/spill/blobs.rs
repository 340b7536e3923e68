//! Short byte strings (blobs), appended by workers and read by address.

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::sync::Arc;

use crate::fault::Fault;
use crate::spill::MemoryBudget;
use crate::workers::share;

/// The blobs of one worker. An address is the number of the worker, of a block, and an offset in it.
#[derive(Debug, Default)]
pub struct BlobWriter {
    worker: u64,
    open: Vec<u8>,
    blocks: Vec<Block>,
    /// How many blocks at the end of the list the budget hasn't counted yet.
    unaccounted: usize,
}

#[derive(Debug)]
enum Block {
    Memory(Box<[u8]>),
    Spilled { offset: u64, length: usize },
}

/// A block is full from here on: the last blob may reach beyond.
const BLOCK_BYTES: usize = 1 << 18;

/// Fewer blocks than this are read by one worker.
const FEW_BLOCKS: usize = 8;

/// Bits of an address that are the offset, and those that are the offset or the block.
const OFFSET_BITS: u32 = 20;
const BLOCK_BITS: u32 = 48;

/// A blob begins with its length.
const LENGTH_BYTES: usize = 4;

/// How much of a blob is read from a spill file at once: most blobs have no more.
const BLOB_BYTES: usize = 512;

impl BlobWriter {
    /// An empty writer of a worker.
    #[must_use]
    pub fn new(worker: usize) -> Self {
        Self { worker: worker as u64, ..Self::default() }
    }

    /// Adds what `write` appends as a blob. Returns its address.
    ///
    /// # Panics
    /// If a blob has more than 4 GiB: a record has less.
    pub fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> u64 {
        if self.open.len() >= BLOCK_BYTES {
            self.finish_block();
        }
        let start = self.open.len();
        self.open.extend([0; LENGTH_BYTES]);
        write(&mut self.open);
        let length = u32::try_from(self.open.len() - start - LENGTH_BYTES).expect("a small blob");
        self.open[start..start + LENGTH_BYTES].copy_from_slice(&length.to_le_bytes());
        self.worker << BLOCK_BITS | (self.blocks.len() as u64) << OFFSET_BITS | start as u64
    }

    fn finish_block(&mut self) {
        self.blocks.push(Block::Memory(self.open.as_slice().into()));
        self.open.clear();
        self.unaccounted += 1;
    }

    /// Writes blocks that exceed the memory budget to its spill file.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn spill(&mut self, budget: &MemoryBudget) -> Result<(), Fault> {
        let from = self.blocks.len() - std::mem::take(&mut self.unaccounted);
        for block in &mut self.blocks[from..] {
            if let Block::Memory(bytes) = block
                && !budget.reserve(bytes.len() as u64)
            {
                let (offset, length) = (budget.append(bytes)?, bytes.len());
                *block = Block::Spilled { offset, length };
            }
        }
        Ok(())
    }
}

/// The blobs of all workers.
#[derive(Debug)]
pub struct BlobStore {
    /// The blocks of each worker.
    workers: Vec<Vec<Block>>,
    budget: Arc<MemoryBudget>,
}

impl BlobStore {
    /// Takes the blobs of all workers, which are in the order of their numbers.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn of(
        workers: impl IntoIterator<Item = BlobWriter>,
        budget: &Arc<MemoryBudget>,
    ) -> Result<Self, Fault> {
        let mut all = Vec::new();
        for mut writer in workers {
            assert_eq!(writer.worker, all.len() as u64, "workers are in order");
            writer.finish_block();
            writer.spill(budget)?;
            all.push(writer.blocks);
        }
        Ok(Self { workers: all, budget: Arc::clone(budget) })
    }

    /// The blob at an address.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn get(&self, address: u64) -> Result<Cow<'_, [u8]>, Fault> {
        let block = (address & ((1 << BLOCK_BITS) - 1)) >> OFFSET_BITS;
        let start = (address & ((1 << OFFSET_BITS) - 1)) as usize;
        match &self.workers[(address >> BLOCK_BITS) as usize][block as usize] {
            Block::Memory(bytes) => Ok(Cow::Borrowed(first(&bytes[start..]).0)),
            Block::Spilled { offset, length } => {
                let mut bytes = vec![0; (length - start).min(BLOB_BYTES)];
                self.budget.read(offset + start as u64, &mut bytes)?;
                let whole = LENGTH_BYTES + length_of(&bytes);
                if whole > bytes.len() {
                    bytes.resize(whole, 0);
                    self.budget.read(offset + start as u64, &mut bytes)?;
                }
                bytes.truncate(whole);
                bytes.drain(..LENGTH_BYTES);
                Ok(Cow::Owned(bytes))
            }
        }
    }

    /// Calls `visit` with all blobs, some at a time, on `jobs` threads. The results have no
    /// meaningful order.
    ///
    /// # Errors
    /// When the spill file fails, and those of `visit`.
    pub fn each<T: Send>(
        &self,
        jobs: NonZeroUsize,
        visit: impl Fn(Blobs<'_>) -> Result<T, Fault> + Sync,
    ) -> Result<Vec<T>, Fault> {
        let workers = self.workers.iter().enumerate();
        let blocks: Vec<_> = workers
            .flat_map(|(worker, blocks)| {
                blocks.iter().enumerate().map(move |(number, block)| (worker, number, block))
            })
            .collect();
        // A few blocks are done before another worker has begun.
        let jobs = if blocks.len() < FEW_BLOCKS { NonZeroUsize::MIN } else { jobs };
        let outcomes = share(jobs, blocks.len(), |index| {
            let (worker, number, block) = blocks[index];
            let address = (worker as u64) << BLOCK_BITS | (number as u64) << OFFSET_BITS;
            let bytes = match block {
                Block::Memory(bytes) => Cow::Borrowed(&**bytes),
                Block::Spilled { offset, length } => {
                    let mut bytes = vec![0; *length];
                    self.budget.read(*offset, &mut bytes)?;
                    Cow::Owned(bytes)
                }
            };
            visit(Blobs { address, bytes })
        });
        outcomes.into_iter().collect()
    }
}

/// Some blobs.
#[derive(Debug)]
pub struct Blobs<'a> {
    address: u64,
    bytes: Cow<'a, [u8]>,
}

impl Blobs<'_> {
    /// Each with its address.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let mut rest = &*self.bytes;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let offset = self.bytes.len() - rest.len();
            let (blob, after) = first(rest);
            rest = after;
            Some((self.address | offset as u64, blob))
        })
    }
}

fn length_of(bytes: &[u8]) -> usize {
    let length = bytes.first_chunk::<LENGTH_BYTES>().expect("a blob begins with its length");
    u32::from_le_bytes(*length) as usize
}

/// The first blob, and what comes after it.
fn first(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = LENGTH_BYTES + length_of(bytes);
    (&bytes[LENGTH_BYTES..end], &bytes[end..])
}

impl Drop for BlobStore {
    fn drop(&mut self) {
        let in_memory = |block: &Block| match block {
            Block::Memory(bytes) => bytes.len(),
            Block::Spilled { .. } => 0,
        };
        let bytes = self.workers.iter().flatten().map(in_memory).sum::<usize>();
        self.budget.free(bytes as u64);
    }
}
