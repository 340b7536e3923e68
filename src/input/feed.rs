//! Files into batches: large line files cut at record ends, small files in groups.
//!
//! Workers take batches in turn from one [`Feeder`]. It only moves bytes; parsing is the workers'.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::columns::UsedEntries;
use super::tabular::{self, ChildFile, ChildRows, Layout};
use crate::diagnostic::{Diagnostic, Place, code};
use crate::fault::Fault;
use crate::input::discover::Inputs;
use crate::model::{Model, Table};
use crate::parse::content::{self, Conflict};
use crate::parse::csv::{self, Opening};
use crate::parse::decode::{BYTE_ORDER_MARK, Lost, Stretch, read_text, unreadable};
use crate::workspace::{Format, SourceId, Workspace};

/// How much of a line file makes a batch: its tape should stay in the processor's cache.
const BATCH_BYTES: usize = 1 << 18;
/// How many small files make a batch.
const BATCH_FILES: usize = 32;
/// A longer line is no record.
pub const LINE_BYTES_MAX: usize = 64 << 20;

/// Work for one worker.
pub enum Batch<'m> {
    /// Whole files, each read by the worker.
    Files {
        /// Index of the table.
        table: usize,
        /// The files.
        sources: Vec<SourceId>,
    },
    /// Whole lines of a JSON Lines file.
    Lines {
        /// Index of the table.
        table: usize,
        /// The stretch.
        stretch: Stretch,
    },
    /// Whole rows of a CSV file, without the header.
    Rows {
        /// Index of the table.
        table: usize,
        /// The stretch.
        stretch: Stretch,
        /// What the file's columns hold.
        layout: Arc<Layout<'m>>,
    },
}

/// Cuts files into batches.
pub struct Feeder<'a> {
    workspace: &'a Workspace,
    model: &'a Model,
    children: &'a Children<'a>,
    /// Files in order, each with its table.
    queue: Vec<(usize, SourceId)>,
    next: usize,
    open: Option<OpenFile<'a>>,
    /// Which entries of dialects name columns of files.
    used: UsedEntries,
    /// What the feeder itself found.
    pub diagnostics: Vec<Diagnostic>,
    /// The tables, by index, of files whose records couldn't be told apart at all.
    pub unread: Vec<usize>,
    bytes_read: &'a AtomicU64,
}

struct OpenFile<'m> {
    table: usize,
    source: SourceId,
    reader: Box<dyn Read + Send>,
    /// Bytes read and not handed out: the start of an unfinished line.
    rest: Vec<u8>,
    base: u64,
    ended: bool,
    layout: Option<Arc<Layout<'m>>>,
    /// The number of the row that comes next, if rows are counted.
    row: u64,
    lost: Lost,
}

/// Child rows of every table, by the table's index.
pub type Children<'m> = Vec<ChildRows<'m>>;

/// Reads the CSV files of child rows: records are assembled from them, so they come first.
///
/// # Errors
/// When a file can't be read.
pub fn read_children<'m>(
    workspace: &Workspace,
    model: &'m Model,
    inputs: &[Inputs],
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Children<'m>, Fault> {
    let mut children = Vec::new();
    for (table, inputs) in model.tables.iter().zip(inputs) {
        let mut files = Vec::new();
        for &source in &inputs.sources {
            let Some(child) = child_table(workspace, table, source) else { continue };
            if let Some((text, base)) = read_text(workspace, source, diagnostics)? {
                let file = workspace.source(source).clone();
                files.push(ChildFile { table: child, source, base, text, file });
            }
        }
        children.push(ChildRows::new(table, files, diagnostics));
    }
    Ok(children)
}

/// Which list's rows a file holds, if it is a CSV file that is called like a child table.
pub(crate) fn child_table(workspace: &Workspace, table: &Table, source: SourceId) -> Option<usize> {
    let file = workspace.source(source);
    (file.format == Format::Csv).then(|| tabular::child_table(table, file.stem())).flatten()
}

impl<'a> Feeder<'a> {
    /// A feeder for the record files of all tables.
    #[must_use]
    pub fn new(
        workspace: &'a Workspace,
        model: &'a Model,
        children: &'a Children<'a>,
        inputs: &[Inputs],
        bytes_read: &'a AtomicU64,
    ) -> Self {
        let mut queue = Vec::new();
        for (index, (table, inputs)) in model.tables.iter().zip(inputs).enumerate() {
            let records = inputs
                .sources
                .iter()
                .filter(|source| child_table(workspace, table, **source).is_none());
            queue.extend(records.map(|source| (index, *source)));
        }
        Self {
            workspace,
            model,
            children,
            queue,
            next: 0,
            open: None,
            used: UsedEntries::of(children),
            diagnostics: Vec::new(),
            unread: Vec::new(),
            bytes_read,
        }
    }

    /// The next batch; none when all files are handed out. `buffer` is used up for what is read
    /// ahead, if that is any use.
    ///
    /// # Errors
    /// When a file can't be read.
    pub fn next_batch(&mut self, buffer: &mut Vec<u8>) -> Result<Option<Batch<'a>>, Fault> {
        loop {
            if let Some(open) = &mut self.open {
                let stretch = match open.stretch(self.workspace, buffer, &mut self.diagnostics)? {
                    Some(stretch) => stretch,
                    None => {
                        let file = self.workspace.source(open.source);
                        self.diagnostics
                            .extend(std::mem::take(&mut open.lost).report(open.source, file));
                        self.open = None;
                        continue;
                    }
                };
                self.bytes_read.fetch_add(stretch.bytes.len() as u64, Ordering::Relaxed);
                let table = open.table;
                return Ok(Some(match &open.layout {
                    Some(layout) => Batch::Rows { table, stretch, layout: Arc::clone(layout) },
                    None => Batch::Lines { table, stretch },
                }));
            }
            let Some(&(table, source)) = self.queue.get(self.next) else {
                self.diagnostics.extend(std::mem::take(&mut self.used).report());
                return Ok(None);
            };
            match self.workspace.source(source).format {
                Format::JsonLines | Format::Csv => {
                    self.next += 1;
                    self.open = self.open(table, source)?;
                    let layout = self.open.as_ref().and_then(|open| open.layout.as_deref());
                    self.used.note(self.workspace.source(source), layout);
                    if self.open.is_none() {
                        self.unread.push(table);
                        self.children[table].lose_parents();
                    }
                }
                Format::Yaml | Format::Json | Format::Toml => {
                    return Ok(Some(self.files(table)));
                }
            }
        }
    }

    fn files(&mut self, table: usize) -> Batch<'a> {
        let whole = |&(other, source): &(usize, SourceId)| {
            let format = self.workspace.source(source).format;
            other == table && !matches!(format, Format::JsonLines | Format::Csv)
        };
        let sources: Vec<_> = self.queue[self.next..]
            .iter()
            .take_while(|file| whole(file))
            .take(BATCH_FILES)
            .map(|&(_, source)| source)
            .collect();
        self.next += sources.len();
        Batch::Files { table, sources }
    }

    fn open(&mut self, table: usize, source: SourceId) -> Result<Option<OpenFile<'a>>, Fault> {
        let mut open = OpenFile {
            table,
            source,
            reader: self.workspace.open(source)?,
            rest: Vec::new(),
            base: 0,
            ended: false,
            layout: None,
            row: 0,
            lost: Lost::default(),
        };
        if !open.fill(self.workspace, BATCH_BYTES, &mut self.diagnostics)? {
            return Ok(None);
        }
        let file = self.workspace.source(source);
        if let Some(finding) = content::mistaken(&open.rest, source, file) {
            self.diagnostics.push(finding);
            return Ok(None);
        }
        if open.rest.starts_with(BYTE_ORDER_MARK) {
            open.discard(BYTE_ORDER_MARK.len());
        }
        if file.format != Format::Csv {
            return Ok(Some(open));
        }
        let at = (source, open.base);
        let opening = tabular::opening(&open.rest, at, file, &mut self.diagnostics);
        let Some(Opening { header, row }) = opening else { return Ok(None) };
        open.discard(header.start);
        let length = header.len();
        let header = String::from_utf8(open.rest[..length].to_vec());
        let Ok(header) = header else {
            let valid = std::str::from_utf8(&open.rest[..length]);
            let valid = valid.map_or_else(|error| error.valid_up_to(), str::len);
            let at = open.base + valid as u64;
            let place = Place::new(source, at..at + 1);
            self.diagnostics.push(content::not_utf8(&open.rest, valid, place, file));
            return Ok(None);
        };
        if content::is_marker(header.as_bytes()) {
            let conflict = Conflict::at(&header, 0);
            self.diagnostics.push(conflict.report(source, open.base));
            return Ok(None);
        }
        let (table, at) = (&self.model.tables[table], (source, open.base));
        let layout = Layout::new(table, 0, &header, at, file, &mut self.diagnostics);
        open.discard(length);
        open.row = row;
        open.layout = match layout {
            Some(layout) => Some(Arc::new(layout)),
            None => return Ok(None),
        };
        Ok(Some(open))
    }
}

impl OpenFile<'_> {
    fn discard(&mut self, length: usize) {
        self.rest.drain(..length);
        self.base += length as u64;
    }

    /// Reads until there are `wanted` bytes or the file ends. False if it can't be unpacked.
    fn fill(
        &mut self,
        workspace: &Workspace,
        wanted: usize,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<bool, Fault> {
        let Some(missing) = wanted.checked_sub(self.rest.len()) else { return Ok(true) };
        if self.ended || missing == 0 {
            return Ok(true);
        }
        self.rest.reserve(missing);
        match (&mut self.reader).take(missing as u64).read_to_end(&mut self.rest) {
            Ok(read) => {
                self.ended = read < missing;
                let base = self.base + (self.rest.len() - read) as u64;
                let file = workspace.source(self.source);
                self.lost.look(&self.rest[self.rest.len() - read..], base, file);
            }
            Err(cause) => {
                self.ended = true;
                let place = Place::new(self.source, self.base..self.base);
                diagnostics.push(unreadable(workspace, self.source, place, cause)?);
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The next whole lines or rows. What is read beyond them goes to `buffer`.
    fn stretch(
        &mut self,
        workspace: &Workspace,
        buffer: &mut Vec<u8>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<Option<Stretch>, Fault> {
        let mut wanted = BATCH_BYTES;
        loop {
            if !self.fill(workspace, wanted, diagnostics)? || self.rest.is_empty() {
                return Ok(None);
            }
            let dialect = workspace.source(self.source).dialect();
            let mut end = if self.ended {
                self.rest.len()
            } else if self.layout.is_some() {
                csv::record_boundary(&self.rest, dialect.syntax)
            } else {
                memchr::memrchr(b'\n', &self.rest).map_or(0, |last| last + 1)
            };
            if dialect.skip_last > 0 {
                end = csv::last_rows(&self.rest[..end], dialect.syntax, dialect.skip_last);
                if self.ended {
                    self.rest.truncate(end);
                }
            }
            if end > 0 {
                buffer.clear();
                buffer.extend_from_slice(&self.rest[end..]);
                self.rest.truncate(end);
                let mut bytes = std::mem::replace(&mut self.rest, std::mem::take(buffer));
                if dialect.skip.last().is_some_and(|last| self.row <= *last) {
                    self.row = csv::skip(&mut bytes, dialect.syntax, self.row, &dialect.skip);
                }
                let base = self.base;
                self.base += end as u64;
                return Ok(Some(Stretch { source: self.source, base, bytes }));
            }
            if wanted >= LINE_BYTES_MAX {
                let place = Place::new(self.source, self.base..self.base + 1);
                let message = format!("a line is longer than {} MiB", LINE_BYTES_MAX >> 20);
                let help = if self.layout.is_some() {
                    "is a quotation mark never closed? The rest of this file was not read"
                } else {
                    "write one record a line; the rest of this file was not read"
                };
                diagnostics.push(Diagnostic::new(&code::LINE_TOO_LONG, place, message).help(help));
                return Ok(None);
            }
            wanted = (wanted * 4).min(LINE_BYTES_MAX);
        }
    }
}
