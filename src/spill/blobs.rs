//! Pieces of bytes by address.

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::sync::Arc;

use crate::fault::Fault;
use crate::spill::MemoryBudget;
use crate::workers::share;

/// The pieces of one worker. An address is the worker's number, a block's, and an offset in it.
#[derive(Debug, Default)]
pub struct BlobWriter {
    worker: u64,
    open: Vec<u8>,
    blocks: Vec<Block>,
    /// How many blocks at the end of the list haven't been counted as kept.
    unsettled: usize,
}

#[derive(Debug)]
enum Block {
    Memory(Box<[u8]>),
    SpillFile { offset: u64, length: usize },
}

/// A block is full from here on: the last piece may reach beyond.
const BLOCK_BYTES: usize = 1 << 18;

/// So many blocks are worth more than one worker.
const FEW_BLOCKS: usize = 8;

/// Bits of an address that are the offset, and those that are the offset or the block.
const OFFSET_BITS: u32 = 20;
const BLOCK_BITS: u32 = 48;

/// A piece begins with its length.
const LENGTH_BYTES: usize = 4;

/// Of a piece in scratch space this much is read at once: most have no more.
const PIECE_BYTES: usize = 512;

impl BlobWriter {
    /// An empty shelf of a worker.
    #[must_use]
    pub fn new(worker: usize) -> Self {
        Self { worker: worker as u64, ..Self::default() }
    }

    /// Adds what `write` appends as a piece. Returns its address.
    ///
    /// # Panics
    /// If a piece has more than 4 GiB: a record has less.
    pub fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> u64 {
        if self.open.len() >= BLOCK_BYTES {
            self.seal();
        }
        let start = self.open.len();
        self.open.extend([0; LENGTH_BYTES]);
        write(&mut self.open);
        let length = u32::try_from(self.open.len() - start - LENGTH_BYTES).expect("a small piece");
        self.open[start..start + LENGTH_BYTES].copy_from_slice(&length.to_le_bytes());
        self.worker << BLOCK_BITS | (self.blocks.len() as u64) << OFFSET_BITS | start as u64
    }

    fn seal(&mut self) {
        self.blocks.push(Block::Memory(self.open.as_slice().into()));
        self.open.clear();
        self.unsettled += 1;
    }

    /// Writes blocks to scratch space that have no room in memory.
    ///
    /// # Errors
    /// When the scratch space fails.
    pub fn settle(&mut self, space: &MemoryBudget) -> Result<(), Fault> {
        let from = self.blocks.len() - std::mem::take(&mut self.unsettled);
        for block in &mut self.blocks[from..] {
            if let Block::Memory(bytes) = block
                && !space.takes(bytes.len() as u64)
            {
                let (offset, length) = (space.append(bytes)?, bytes.len());
                *block = Block::SpillFile { offset, length };
            }
        }
        Ok(())
    }
}

/// The pieces of all workers.
#[derive(Debug)]
pub struct BlobStore {
    /// The blocks of each worker.
    shelves: Vec<Vec<Block>>,
    space: Arc<MemoryBudget>,
}

impl BlobStore {
    /// Takes what is on the workers' shelves, which are in the order of their numbers.
    ///
    /// # Errors
    /// When the scratch space fails.
    pub fn of(
        shelves: impl IntoIterator<Item = BlobWriter>,
        space: &Arc<MemoryBudget>,
    ) -> Result<Self, Fault> {
        let mut all = Vec::new();
        for mut shelf in shelves {
            assert_eq!(shelf.worker, all.len() as u64, "shelves are in order");
            shelf.seal();
            shelf.settle(space)?;
            all.push(shelf.blocks);
        }
        Ok(Self { shelves: all, space: Arc::clone(space) })
    }

    /// The piece at an address.
    ///
    /// # Errors
    /// When the scratch space fails.
    pub fn piece(&self, address: u64) -> Result<Cow<'_, [u8]>, Fault> {
        let block = (address & ((1 << BLOCK_BITS) - 1)) >> OFFSET_BITS;
        let start = (address & ((1 << OFFSET_BITS) - 1)) as usize;
        match &self.shelves[(address >> BLOCK_BITS) as usize][block as usize] {
            Block::Memory(bytes) => Ok(Cow::Borrowed(first(&bytes[start..]).0)),
            Block::SpillFile { offset, length } => {
                let mut bytes = vec![0; (length - start).min(PIECE_BYTES)];
                self.space.read(offset + start as u64, &mut bytes)?;
                let whole = LENGTH_BYTES + length_of(&bytes);
                if whole > bytes.len() {
                    bytes.resize(whole, 0);
                    self.space.read(offset + start as u64, &mut bytes)?;
                }
                bytes.truncate(whole);
                bytes.drain(..LENGTH_BYTES);
                Ok(Cow::Owned(bytes))
            }
        }
    }

    /// What `see` makes of all pieces, some at a time, by so many workers; in no order that means
    /// anything.
    ///
    /// # Errors
    /// When the scratch space fails, and those of `see`.
    pub fn each<T: Send>(
        &self,
        jobs: NonZeroUsize,
        see: impl Fn(Blobs<'_>) -> Result<T, Fault> + Sync,
    ) -> Result<Vec<T>, Fault> {
        let shelves = self.shelves.iter().enumerate();
        let blocks: Vec<_> = shelves
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
                Block::SpillFile { offset, length } => {
                    let mut bytes = vec![0; *length];
                    self.space.read(*offset, &mut bytes)?;
                    Cow::Owned(bytes)
                }
            };
            see(Blobs { address, bytes })
        });
        outcomes.into_iter().collect()
    }
}

/// Some pieces.
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
            let (piece, after) = first(rest);
            rest = after;
            Some((self.address | offset as u64, piece))
        })
    }
}

fn length_of(bytes: &[u8]) -> usize {
    let length = bytes.first_chunk::<LENGTH_BYTES>().expect("a piece begins with its length");
    u32::from_le_bytes(*length) as usize
}

/// The first piece, and what comes after it.
fn first(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = LENGTH_BYTES + length_of(bytes);
    (&bytes[LENGTH_BYTES..end], &bytes[end..])
}

impl Drop for BlobStore {
    fn drop(&mut self) {
        let in_memory = |block: &Block| match block {
            Block::Memory(bytes) => bytes.len(),
            Block::SpillFile { .. } => 0,
        };
        let bytes = self.shelves.iter().flatten().map(in_memory).sum::<usize>();
        self.space.free(bytes as u64);
    }
}
