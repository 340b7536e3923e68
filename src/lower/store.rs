//! Rows between workers and files: sorted runs, in memory or in the spill file, and the batches that
//! are put together from them.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_select::concat::concat;

use super::block;
use super::order::{Keys, gather, sort_run};
use super::rows::{BATCH_ROWS, Rows};
use crate::fault::Fault;
use crate::model::Level;
use crate::spill::MemoryBudget;

/// Rows of one table, sorted by key.
#[derive(Debug)]
pub struct Run {
    len: usize,
    /// The columns of the key, until the order of all rows is known.
    keys: Vec<ArrayRef>,
    /// How many bytes each row has, as [`Rows::sizes`] counts them; as long.
    sizes: Vec<u32>,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Rows(Rows),
    /// Of [`BLOCK_ROWS`] each, but the last.
    Blocks(Vec<Block>),
}

impl Run {
    /// Sorts rows by the columns `key`, and keeps them in memory or not.
    ///
    /// # Errors
    /// When the spill file fails.
    pub fn keep(
        budget: &MemoryBudget,
        rows: Rows,
        level: &Level,
        key: &[usize],
    ) -> Result<Self, Fault> {
        let rows = sort_run(rows, key);
        let keys = keys_of(&rows, key);
        let (len, sizes) = (rows.len, rows.sizes());
        if budget.reserve(rows.bytes()) {
            return Ok(Self { len, keys, sizes, content: Content::Rows(rows) });
        }
        let mut blocks = Vec::new();
        for start in (0..rows.len).step_by(BLOCK_ROWS) {
            let part = rows.slice(start..rows.len.min(start + BLOCK_ROWS));
            let bytes = block::write(level, &part);
            let offset = budget.append(&bytes)?;
            blocks.push(Block { offset, length: bytes.len() });
        }
        // The keys of a run share their buffers with nothing else that would stay in memory.
        let copy = |keys: &ArrayRef| concat(&[keys]).expect("one array has one type");
        let keys = keys.iter().map(copy).collect();
        Ok(Self { len, keys, sizes, content: Content::Blocks(blocks) })
    }

    /// Forgets what only the order of rows depends on.
    fn forget_keys(&mut self) {
        self.keys = Vec::new();
        self.sizes = Vec::new();
    }
}

/// The columns of a key.
fn keys_of(rows: &Rows, key: &[usize]) -> Vec<ArrayRef> {
    key.iter().map(|column| Arc::clone(&rows.columns[*column])).collect()
}

/// Some rows in the spill file.
#[derive(Debug)]
struct Block {
    offset: u64,
    length: usize,
}

/// So many rows are read from the spill file at once: of many runs, a few blocks each must fit in
/// memory.
const BLOCK_ROWS: usize = 1024;

/// All records of one table, sorted by key, in batches whose sizes don't depend on how the input
/// was cut: every batch but the last has [`BATCH_ROWS`] rows, or fewer where they are so large that
/// together they would have more than [`BATCH_BYTES_MAX`].
#[derive(Debug)]
pub struct TableRows {
    budget: Arc<MemoryBudget>,
    runs: Vec<Run>,
    /// For each row its run and its row there; none where each run is a batch.
    order: Option<Vec<At>>,
    /// Where each batch ends in the order.
    ends: Vec<usize>,
}

/// A batch is no larger, unless it is a single row: columns count their bytes and items in 31 bits,
/// and each worker has one batch in memory.
const BATCH_BYTES_MAX: u64 = 1 << 28;

/// Where batches end that have as many rows as may be, of rows of these sizes.
fn ends(sizes: impl Iterator<Item = u32>, rows_max: usize, bytes_max: u64) -> Vec<usize> {
    let mut ends = Vec::new();
    let (mut start, mut bytes, mut count) = (0, 0, 0);
    for (row, size) in sizes.enumerate() {
        let size = u64::from(size);
        if row > start && (row - start == rows_max || bytes + size > bytes_max) {
            ends.push(row);
            (start, bytes) = (row, 0);
        }
        bytes += size;
        count = row + 1;
    }
    if count > start {
        ends.push(count);
    }
    ends
}

/// Where a row is: (run, row of the run).
type At = (u32, u32);

impl TableRows {
    /// The rows of all runs in the order of their keys, of which every one is there and unique.
    /// Text and codes sort by their bytes, integers and days by their value.
    ///
    /// # Panics
    /// If the runs aren't of one table.
    #[must_use]
    pub fn sorted(budget: Arc<MemoryBudget>, mut runs: Vec<Run>) -> Self {
        let keys: Vec<_> = runs.iter().map(|run| Keys::new(&run.keys)).collect();
        let rows = |(index, run): (usize, &Run)| {
            let (index, len) = (index as u32, run.len as u32);
            (0..len).map(move |row| (index, row))
        };
        let mut order: Vec<At> = runs.iter().enumerate().flat_map(rows).collect();
        let compare = |a: &At, b: &At| {
            keys[a.0 as usize].compare(a.1 as usize, &keys[b.0 as usize], b.1 as usize)
        };
        if !order.is_sorted_by(|a, b| compare(a, b) != Ordering::Greater) {
            // The stable sort finds the runs and merges them.
            order.sort_by(compare);
        }
        let sizes = order.iter().map(|&(run, row)| runs[run as usize].sizes[row as usize]);
        let ends = ends(sizes, BATCH_ROWS, BATCH_BYTES_MAX);
        drop(keys);
        runs.iter_mut().for_each(Run::forget_keys);
        Self { budget, runs, order: Some(order), ends }
    }

    /// Rows that are in order, in these batches.
    #[must_use]
    pub fn of_batches(batches: Vec<Rows>, key: &[usize]) -> Self {
        let run = |rows: Rows| Run {
            len: rows.len,
            keys: keys_of(&rows, key),
            sizes: rows.sizes(),
            content: Content::Rows(rows),
        };
        let runs = batches.into_iter().map(run).collect();
        Self { budget: MemoryBudget::in_memory(), runs, order: None, ends: Vec::new() }
    }

    /// How many records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.runs.iter().map(|run| run.len).sum()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many batches.
    #[must_use]
    pub fn batch_count(&self) -> usize {
        match &self.order {
            Some(_) => self.ends.len(),
            None => self.runs.len(),
        }
    }

    /// Puts a batch together.
    ///
    /// # Errors
    /// When the disk fails.
    ///
    /// # Panics
    /// If there are fewer.
    pub fn batch(&self, index: usize, level: &Level) -> Result<Rows, Fault> {
        let Some(order) = &self.order else {
            return self.part(&self.runs[index], 0..self.runs[index].len, level);
        };
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.gather(&order[start..self.ends[index]], level)
    }

    /// All batches.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn batches(&self, level: &Level) -> Result<Vec<Rows>, Fault> {
        (0..self.batch_count()).map(|index| self.batch(index, level)).collect()
    }

    /// Some of the first rows, to judge the columns by.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn sample(&self, rows: usize, level: &Level) -> Result<Option<Rows>, Fault> {
        match (&self.order, self.runs.first()) {
            (Some(order), Some(_)) => self.gather(&order[..rows.min(order.len())], level).map(Some),
            (None, Some(run)) => self.part(run, 0..rows.min(run.len), level).map(Some),
            (_, None) => Ok(None),
        }
    }

    fn gather(&self, order: &[At], level: &Level) -> Result<Rows, Fault> {
        // Runs are sorted, so that a batch takes neighbouring rows of each.
        let mut ranges: Vec<Option<Range<usize>>> = vec![None; self.runs.len()];
        for &(run, row) in order {
            let (range, row) = (&mut ranges[run as usize], row as usize);
            *range = Some(match range.take() {
                Some(range) => range.start.min(row)..range.end.max(row + 1),
                None => row..row + 1,
            });
        }
        let mut parts = Vec::new();
        let mut part_of = vec![(0, 0); self.runs.len()];
        for (index, range) in ranges.into_iter().enumerate() {
            let Some(range) = range else { continue };
            part_of[index] = (parts.len(), range.start);
            parts.push(self.part(&self.runs[index], range, level)?);
        }
        let order: Vec<_> = order
            .iter()
            .map(|&(run, row)| {
                let (part, start) = part_of[run as usize];
                (part, row as usize - start)
            })
            .collect();
        Ok(gather(&parts.iter().collect::<Vec<_>>(), &order))
    }

    /// Neighbouring rows of a run.
    fn part(&self, run: &Run, range: Range<usize>, level: &Level) -> Result<Rows, Fault> {
        match &run.content {
            Content::Rows(rows) => Ok(rows.slice(range)),
            Content::Blocks(blocks) => {
                let first = range.start / BLOCK_ROWS;
                let last = range.end.div_ceil(BLOCK_ROWS);
                let parts = blocks[first..last]
                    .iter()
                    .map(|block| {
                        block::read(level, block.length, |into| {
                            self.budget.read(block.offset, into)
                        })
                    })
                    .collect::<Result<Vec<_>, _>>()?;
                let start = first * BLOCK_ROWS;
                let rows = Rows::concat(&parts);
                Ok(rows.slice(range.start - start..range.end - start))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ends;

    #[test]
    fn batches_end_at_so_many_rows_or_bytes() {
        let cases: [(&[u32], &[usize]); 5] = [
            (&[], &[]),
            (&[1, 1, 1, 1], &[3, 4]),
            (&[1, 1, 1, 1, 1, 1], &[3, 6]),
            (&[4, 7, 1, 1, 99, 1], &[1, 4, 5, 6]),
            (&[5, 5, 5, 0, 0, 0], &[2, 5, 6]),
        ];
        for (sizes, expected) in cases {
            assert_eq!(ends(sizes.iter().copied(), 3, 10), expected, "{sizes:?}");
        }
    }
}
