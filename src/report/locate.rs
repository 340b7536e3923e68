//! Bytes to lines and columns, and the text around them.
//!
//! Lines and columns count from 1. A column counts characters (Unicode scalar values), as SARIF's
//! `unicodeCodePoints` does; a tab is one character, and a byte-order mark none. A line ends at a
//! line feed. Where bytes aren't UTF-8, each byte that doesn't continue a character counts as one.
//!
//! Files are read front to back, and a [`Locator`] goes on where it stopped. So findings in the
//! order of their places cost one reading of each file, however many they are and however long its
//! lines; nothing is read where nothing was found.

use std::collections::BTreeMap;
use std::io::Read;
use std::ops::Range;

use crate::diagnostic::Place;
use crate::fault::Fault;
use crate::workspace::{SourceId, Workspace};

/// A position that people and editors understand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// From 1.
    pub line: u64,
    /// In characters, from 1.
    pub column: u64,
}

impl Position {
    const FIRST: Self = Self { line: 1, column: 1 };

    /// Where `bytes` lead to from here.
    fn after(self, bytes: &[u8]) -> Self {
        match memchr::memrchr(b'\n', bytes) {
            None => Self { line: self.line, column: self.column + characters(bytes) },
            Some(last) => Self {
                line: self.line + memchr::memchr_iter(b'\n', bytes).count() as u64,
                column: 1 + characters(&bytes[last + 1..]),
            },
        }
    }
}

fn characters(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|&&byte| !continues(byte)).count() as u64
}

/// Whether a byte is none of the first ones of UTF-8 sequences.
fn continues(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// A place with its lines and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Located {
    /// The first character.
    pub start: Position,
    /// Just after the last one.
    pub end: Position,
}

impl Located {
    /// The last line that the place covers some of, if only its end.
    #[must_use]
    pub fn last_line(&self) -> u64 {
        let before = self.end.column == 1 && self.end.line > self.start.line;
        self.end.line - u64::from(before)
    }
}

/// Some consecutive bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Where they begin in the unpacked file; never inside a character.
    pub base: u64,
    /// The position of the first one.
    pub at: Position,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Where line feeds are among them, in rising order.
    pub line_feeds: Vec<usize>,
    /// Whether the file ends with them.
    pub ends: bool,
}

/// The text around places, for snippets.
#[derive(Debug, Default)]
pub struct Texts(BTreeMap<SourceId, Vec<Stretch>>);

impl Texts {
    /// The stretch that holds a byte, or ends just before it. (A byte-order mark is in none; what
    /// follows it stands for it.)
    #[must_use]
    pub fn around(&self, source: SourceId, offset: u64) -> Option<&Stretch> {
        let stretches = self.0.get(&source)?;
        let index = stretches.partition_point(|stretch| stretch.base <= offset).saturating_sub(1);
        let stretch = stretches.get(index)?;
        (offset <= stretch.base + stretch.bytes.len() as u64).then_some(stretch)
    }
}

/// How much text before a place is kept, and how much after its ends.
const AROUND_BYTES: u64 = 1 << 10;

/// Locates places, reading on in the file where it stopped.
pub struct Locator<'w> {
    workspace: &'w Workspace,
    cursor: Option<Cursor>,
}

impl<'w> Locator<'w> {
    /// A locator that has read nothing yet.
    #[must_use]
    pub fn new(workspace: &'w Workspace) -> Self {
        Self { workspace, cursor: None }
    }

    /// Lines and columns of places, in their order.
    ///
    /// # Errors
    /// When a file can't be read.
    pub fn locate(&mut self, places: &[&Place]) -> Result<Vec<Located>, Fault> {
        let (located, _) = self.read(places, |_| [0..0, 0..0])?;
        Ok(located)
    }

    /// The same, with the text around the places.
    ///
    /// # Errors
    /// When a file can't be read.
    pub fn locate_with_text(&mut self, places: &[&Place]) -> Result<(Vec<Located>, Texts), Fault> {
        self.read(places, |place| {
            [place.span.start, place.span.end]
                .map(|at| at.saturating_sub(AROUND_BYTES)..at + AROUND_BYTES)
        })
    }

    fn read(
        &mut self,
        places: &[&Place],
        wanted: impl Fn(&Place) -> [Range<u64>; 2],
    ) -> Result<(Vec<Located>, Texts), Fault> {
        let mut by_source: BTreeMap<SourceId, Vec<usize>> = BTreeMap::new();
        for (index, place) in places.iter().enumerate() {
            by_source.entry(place.source).or_default().push(index);
        }
        let mut located =
            vec![Located { start: Position::FIRST, end: Position::FIRST }; places.len()];
        let mut texts = Texts::default();
        for (source, indices) in by_source {
            let ranges = merged(indices.iter().flat_map(|&index| wanted(places[index])).collect());
            let spans = indices.iter().map(|&index| &places[index].span);
            let mut offsets: Vec<u64> = spans
                .flat_map(|span| [span.start, span.end])
                .chain(ranges.iter().map(|range| range.start))
                .collect();
            offsets.sort_unstable();
            offsets.dedup();
            let (positions, stretches) = self.scan(source, &offsets, &ranges)?;
            let position = |offset: &u64| {
                positions[offsets.binary_search(offset).expect("every offset was collected")]
            };
            for index in indices {
                let span = &places[index].span;
                located[index] = Located { start: position(&span.start), end: position(&span.end) };
            }
            let stretches = stretches.into_iter().zip(&ranges).map(|(mut stretch, range)| {
                stretch.at = position(&range.start);
                stretch
            });
            texts.0.insert(source, stretches.collect());
        }
        Ok((located, texts))
    }

    /// The positions of offsets, and the bytes of ranges that don't overlap; both in rising order.
    fn scan(
        &mut self,
        source: SourceId,
        offsets: &[u64],
        ranges: &[Range<u64>],
    ) -> Result<(Vec<Position>, Vec<Stretch>), Fault> {
        let first = *offsets.first().expect("a source is read for its places");
        let mut cursor = match self.cursor.take() {
            Some(cursor) if cursor.source == source && cursor.base <= first => cursor,
            _ => {
                let path = &self.workspace.source(source).path;
                Cursor::open(source, self.workspace.open(source)?, first)
                    .map_err(|cause| Fault::new("read", path, cause))?
            }
        };
        let mut positions = Vec::with_capacity(offsets.len());
        let mut stretches: Vec<_> = ranges
            .iter()
            .map(|range| Stretch {
                base: range.start.max(cursor.floor),
                at: Position::FIRST,
                bytes: Vec::new(),
                line_feeds: Vec::new(),
                ends: false,
            })
            .collect();
        let mut complete = 0;
        loop {
            let end = cursor.end();
            while let Some(&offset) = offsets.get(positions.len())
                && (offset <= end || cursor.ended)
            {
                positions.push(cursor.position(offset));
            }
            for (stretch, range) in stretches.iter_mut().zip(ranges).skip(complete) {
                let from = stretch.base + stretch.bytes.len() as u64;
                if from > end {
                    break;
                }
                stretch.bytes.extend_from_slice(cursor.bytes(from..range.end.max(from)));
                stretch.ends = cursor.ended && range.end >= end;
            }
            complete += ranges[complete..].iter().take_while(|range| range.end <= end).count();
            let done = positions.len() == offsets.len() && complete == ranges.len();
            if done || cursor.ended {
                break;
            }
            cursor.advance();
        }
        for stretch in &mut stretches {
            let inside = stretch.bytes.iter().take(3).take_while(|byte| continues(**byte)).count();
            stretch.bytes.drain(..inside);
            stretch.base += inside as u64;
            stretch.line_feeds = memchr::memchr_iter(b'\n', &stretch.bytes).collect();
        }
        self.cursor = Some(cursor);
        Ok((positions, stretches))
    }
}

/// Ranges in rising order, with those that touch made one, and without empty ones.
fn merged(mut ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_unstable_by_key(|range| range.start);
    let mut merged: Vec<Range<u64>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// How much is read at once.
const CHUNK_BYTES: usize = 1 << 16;
/// How much stays in the buffer when more is read: the next places may want the text before them.
const KEPT_BYTES: usize = 1 << 13;
/// A byte-order mark belongs to no line.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A window that moves over a file.
struct Cursor {
    source: SourceId,
    reader: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    /// Where the buffer begins in the file.
    base: u64,
    /// The position of the buffer's first byte.
    at: Position,
    /// The last offset whose position was worked out.
    walked: (u64, Position),
    /// Where the first line begins: after a byte-order mark.
    floor: u64,
    /// Whether the buffer reaches to the file's end.
    ended: bool,
}

impl Cursor {
    /// Opens a file to find what stands from `first` on.
    fn open(source: SourceId, reader: Box<dyn Read + Send>, first: u64) -> std::io::Result<Self> {
        let mut cursor = Self {
            source,
            reader,
            buffer: Vec::new(),
            base: 0,
            at: Position::FIRST,
            walked: (0, Position::FIRST),
            floor: 0,
            ended: false,
        };
        if let Err(cause) = cursor.fill()
            && cursor.buffer.is_empty()
            && first > 0
        {
            return Err(cause);
        }
        if cursor.buffer.starts_with(BYTE_ORDER_MARK) {
            cursor.buffer.drain(..BYTE_ORDER_MARK.len());
            cursor.floor = BYTE_ORDER_MARK.len() as u64;
            cursor.base = cursor.floor;
            cursor.walked = (cursor.base, cursor.at);
        }
        Ok(cursor)
    }

    fn fill(&mut self) -> std::io::Result<()> {
        let read = (&mut self.reader).take(CHUNK_BYTES as u64).read_to_end(&mut self.buffer);
        self.ended = !read.as_ref().is_ok_and(|&read| read == CHUNK_BYTES);
        read.map(|_| ())
    }

    /// Moves the window on.
    fn advance(&mut self) {
        let passed = self.buffer.len().saturating_sub(KEPT_BYTES);
        self.at = self.at.after(&self.buffer[..passed]);
        self.base += passed as u64;
        self.buffer.drain(..passed);
        if self.walked.0 < self.base {
            self.walked = (self.base, self.at);
        }
        // A file that is broken further on was readable up to its findings.
        let _ = self.fill();
    }

    fn end(&self) -> u64 {
        self.base + self.buffer.len() as u64
    }

    /// Those of a file's bytes that are in the window.
    fn bytes(&self, range: Range<u64>) -> &[u8] {
        let index = |offset: u64| (offset.clamp(self.base, self.end()) - self.base) as usize;
        &self.buffer[index(range.start)..index(range.end)]
    }

    /// The position of an offset that isn't before the window; its end, if it is beyond.
    fn position(&mut self, offset: u64) -> Position {
        let offset = offset.clamp(self.base, self.end());
        let (from, at) = if self.walked.0 <= offset { self.walked } else { (self.base, self.at) };
        let position = at.after(self.bytes(from..offset));
        self.walked = (offset, position);
        position
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Locator, Position};
    use crate::diagnostic::Place;
    use crate::workspace::{Memory, Source, Workspace};

    fn workspace(text: &str) -> Workspace {
        let memory = Memory(BTreeMap::from([("a.jsonl".to_owned(), text.as_bytes().to_vec())]));
        let mut workspace = Workspace::new(Box::new(memory));
        workspace.add(Source::from_path("a.jsonl").expect("a format"));
        workspace
    }

    /// What a position is, told without a cursor.
    fn expected(text: &str, offset: usize) -> Position {
        let before = text[..offset].strip_prefix('\u{feff}').unwrap_or(&text[..offset]);
        let line = before.rsplit('\n').next().unwrap_or_default();
        Position {
            line: before.matches('\n').count() as u64 + 1,
            column: line.chars().count() as u64 + 1,
        }
    }

    #[test]
    fn positions_count_characters_across_windows() {
        let lines: String =
            (0..9000).map(|line| format!("{line}\t→ 語 e\u{301} שלום\r\n")).collect();
        let text = format!("\u{feff}{lines}{}", "é".repeat(100_000));
        let workspace = workspace(&text);
        let source = workspace.find("a.jsonl").expect("the file");
        let offsets: Vec<usize> =
            (0..text.len()).step_by(997).filter(|&at| text.is_char_boundary(at)).collect();
        let places: Vec<Place> =
            offsets.iter().map(|&at| Place::new(source, at as u64..text.len() as u64)).collect();
        let end = expected(&text, text.len());
        let mut locator = Locator::new(&workspace);
        // In portions, as reports do; the second time from the beginning again.
        for portion in places.chunks(50).chain(places.chunks(places.len())) {
            let borrowed: Vec<&Place> = portion.iter().collect();
            let (located, texts) = locator.locate_with_text(&borrowed).expect("it is in memory");
            for (place, located) in portion.iter().zip(located) {
                let at = place.span.start as usize;
                assert_eq!(located.start, expected(&text, at), "at byte {at}");
                assert_eq!(located.end, end);
                let stretch = texts.around(source, at as u64).expect("text around it");
                let base = stretch.base as usize;
                assert!(text.as_bytes()[base..].starts_with(&stretch.bytes));
                assert_eq!(stretch.at, expected(&text, base));
                assert!(base + stretch.bytes.len() >= text.len().min(at + 1000));
            }
        }
    }
}
