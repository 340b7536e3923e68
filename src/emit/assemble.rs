//! Files out of batches: workers encode batches in any order, and each file takes its pieces in
//! the order of the rows.
//!
//! A batch is put together once, for all files, and forgotten when the last of them has encoded
//! it: so a release may be larger than memory, whose use depends on the size of a batch and the
//! number of workers.

use std::collections::BTreeMap;
use std::io;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::counts::Counts;
use super::parquet::Shared;
use super::sink::Output;
use super::{Assembly, Batch, File, Piece, Release, Sink, Written};
use crate::fault::Fault;

/// Writes files. Returns them in their order, and what was counted of the rows on the way.
///
/// # Errors
/// The sink fails, or the space that rows are kept in. Of several faults the first in the order of
/// the files is told.
pub(super) fn write_files<'r>(
    release: &Release<'r>,
    files: &[File<'r>],
    workers: NonZeroUsize,
    sink: &dyn Sink,
) -> Result<(Vec<Written>, Counts), Fault> {
    let slots = slots(release, files);
    let mut tracks: Vec<_> = files.iter().map(|_| Track::default()).collect();
    let mut tasks: Vec<_> = Vec::new();
    for (index, slot) in slots.iter().enumerate() {
        let takers = files.iter().enumerate().filter(|(_, file)| file.takes(slot.table));
        for (position, (file, _)) in takers.enumerate() {
            tasks.push(Task::Encode { slot: index, file, sequence: tracks[file].total });
            tracks[file].total += 1;
            // The next batch is ready before the first worker needs it.
            if position == 0 && index + 1 < slots.len() {
                tasks.push(Task::Load(index + 1));
            }
        }
    }
    let whole = (0..files.len()).filter(|file| tracks[*file].total == 0).map(Task::Whole);
    tasks.splice(0..0, whole.collect::<Vec<_>>());
    let assembler = Assembler {
        release,
        files,
        sink,
        slots,
        tracks: tracks.into_iter().map(Mutex::new).collect(),
        counts: Mutex::new(Counts::default()),
        failed: AtomicBool::new(false),
    };
    let next = AtomicUsize::new(0);
    let work = || -> Result<(), Fault> {
        while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
            assembler.run(task)?;
        }
        Ok(())
    };
    let outcomes: Vec<Result<(), Fault>> = std::thread::scope(|scope| {
        let helpers: Vec<_> =
            (1..workers.get().min(tasks.len())).map(|_| scope.spawn(work)).collect();
        let mut outcomes = vec![work()];
        for helper in helpers {
            outcomes.push(helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        outcomes
    });
    outcomes.into_iter().collect::<Result<(), _>>()?;
    let mut written = Vec::with_capacity(files.len());
    for track in assembler.tracks {
        match track.into_inner().unwrap_or_else(PoisonError::into_inner).state {
            State::Done(file) => written.push(file),
            State::Failed(fault) => return Err(fault),
            // Another file failed first.
            State::Waiting | State::Open(_) => {}
        }
    }
    assert_eq!(written.len(), files.len(), "without a fault every file is written");
    Ok((written, assembler.counts.into_inner().unwrap_or_else(PoisonError::into_inner)))
}

/// A step of the work. Steps are begun in their order.
enum Task {
    /// Put a batch together.
    Load(usize),
    /// Encode a batch for a file: its piece number `sequence`.
    Encode { slot: usize, file: usize, sequence: usize },
    /// Write a file that takes no batch.
    Whole(usize),
}

/// A batch of a table.
struct Slot {
    table: usize,
    batch: usize,
    content: Mutex<Option<Arc<Batch>>>,
    /// How many files still need it.
    left: AtomicUsize,
}

fn slots(release: &Release<'_>, files: &[File<'_>]) -> Vec<Slot> {
    let tables = release.tables.iter().enumerate();
    tables
        .flat_map(|(table, rows)| {
            let takers = files.iter().filter(|file| file.takes(table)).count();
            let batches = if takers == 0 { 0 } else { rows.batch_count() };
            (0..batches).map(move |batch| Slot {
                table,
                batch,
                content: Mutex::new(None),
                left: AtomicUsize::new(takers),
            })
        })
        .collect()
}

/// How far a file is.
#[derive(Default)]
struct Track<'s> {
    /// How many pieces it has.
    total: usize,
    /// The next piece that it takes.
    next: usize,
    /// Pieces that came too early.
    early: BTreeMap<usize, Piece>,
    state: State<'s>,
}

#[derive(Default)]
enum State<'s> {
    #[default]
    Waiting,
    Open(Box<dyn Assembly<'s> + 's>),
    Done(Written),
    Failed(Fault),
}

struct Assembler<'a, 'r> {
    release: &'a Release<'r>,
    files: &'a [File<'r>],
    sink: &'a dyn Sink,
    slots: Vec<Slot>,
    tracks: Vec<Mutex<Track<'a>>>,
    counts: Mutex<Counts>,
    failed: AtomicBool,
}

impl<'a> Assembler<'a, '_> {
    fn run(&self, task: &Task) -> Result<(), Fault> {
        if self.failed.load(Ordering::Relaxed) {
            return Ok(());
        }
        match *task {
            Task::Load(slot) => {
                if self.slots[slot].left.load(Ordering::Relaxed) > 0 {
                    self.batch(slot)?;
                }
            }
            Task::Encode { slot, file, sequence } => {
                let batch = self.batch(slot)?;
                let piece = self.files[file].content.encode(self.slots[slot].table, &batch);
                drop(batch);
                if self.slots[slot].left.fetch_sub(1, Ordering::Relaxed) == 1 {
                    *lock(&self.slots[slot].content) = None;
                }
                self.deliver(file, Some((sequence, piece)));
            }
            Task::Whole(file) => self.deliver(file, None),
        }
        Ok(())
    }

    fn batch(&self, slot: usize) -> Result<Arc<Batch>, Fault> {
        let Slot { table, batch, content, .. } = &self.slots[slot];
        let mut content = lock(content);
        if let Some(batch) = &*content {
            return Ok(Arc::clone(batch));
        }
        let level = &self.release.model.tables[*table].level;
        let rows = self.release.tables[*table].batch(*batch, level).inspect_err(|_| {
            self.failed.store(true, Ordering::Relaxed);
        })?;
        lock(&self.counts).add(*table, &rows);
        Ok(Arc::clone(content.insert(Arc::new(Batch { rows, shared: Shared::default() }))))
    }

    /// Gives a file a piece, or nothing if it has none. It takes all that it waited for.
    fn deliver(&self, file: usize, piece: Option<(usize, io::Result<Piece>)>) {
        let mut track = lock(&self.tracks[file]);
        let track = &mut *track;
        if let Err(fault) = self.advance(file, track, piece) {
            track.state = State::Failed(fault);
            self.failed.store(true, Ordering::Relaxed);
        }
    }

    fn advance(
        &self,
        file: usize,
        track: &mut Track<'a>,
        piece: Option<(usize, io::Result<Piece>)>,
    ) -> Result<(), Fault> {
        let path = &self.files[file].path;
        let fault = |cause| Fault::new("write", path, cause);
        if let Some((sequence, piece)) = piece {
            track.early.insert(sequence, piece.map_err(fault)?);
        }
        if matches!(track.state, State::Waiting) {
            let out = Output::create(self.sink, path)?;
            track.state = State::Open(self.files[file].content.open(out).map_err(fault)?);
        }
        if let State::Open(assembly) = &mut track.state {
            while let Some(piece) = track.early.remove(&track.next) {
                assembly.append(piece).map_err(fault)?;
                track.next += 1;
            }
        }
        if track.next == track.total
            && let State::Open(assembly) = std::mem::take(&mut track.state)
        {
            track.state = State::Done(assembly.finish().map_err(fault)?.finish()?);
        }
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
