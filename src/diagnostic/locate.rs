//! Bytes to lines and columns, and the lines to show.
//!
//! Lines and columns count from 1. A column counts characters (Unicode scalar values), as SARIF's
//! `unicodeCodePoints` does; a tab is one character. One pass over each file serves all findings in
//! it, so that even a file of gigabytes costs one reading, and nothing where nothing is found.

use std::collections::BTreeMap;
use std::io::Read;

use super::Place;
use crate::fault::Fault;
use crate::workspace::{SourceId, Workspace};

/// A position that people and editors understand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// From 1.
    pub line: u64,
    /// In characters, from 1.
    pub column: u64,
}

/// A place with its lines and columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Located {
    /// The first character.
    pub start: Position,
    /// Just after the last one.
    pub end: Position,
    /// The first line of the place, or the part of it around the place if it is long.
    pub excerpt: Excerpt,
}

/// Part of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// The text, without the line's end.
    pub text: String,
    /// The bytes of `text` that the place covers.
    pub marked: std::ops::Range<usize>,
    /// Whether the line goes on to the left.
    pub cut_left: bool,
    /// Whether the line goes on to the right.
    pub cut_right: bool,
}

/// How much of a line is shown before the place, in characters.
const LEFT_CHARS_MAX: usize = 80;
/// How much of a line is looked at from the place on, in bytes.
const RIGHT_BYTES_MAX: usize = 640;
/// How much of it is shown, in characters.
const RIGHT_CHARS_MAX: usize = 120;

/// Locates places, in their order.
///
/// # Errors
/// When a file can't be read.
pub fn locate(workspace: &Workspace, places: &[&Place]) -> Result<Vec<Located>, Fault> {
    let mut by_source: BTreeMap<SourceId, Vec<usize>> = BTreeMap::new();
    for (index, place) in places.iter().enumerate() {
        by_source.entry(place.source).or_default().push(index);
    }
    let mut located = vec![Located::default(); places.len()];
    for (source, indices) in by_source {
        let mut offsets: Vec<u64> = indices
            .iter()
            .flat_map(|&index| [places[index].span.start, places[index].span.end])
            .collect();
        offsets.sort_unstable();
        offsets.dedup();
        let lines = lines_of(workspace, source, &offsets)?;
        let text = texts(workspace, source, &offsets, &lines)?;
        let point = |offset: u64| {
            let index = offsets.binary_search(&offset).expect("every offset was collected");
            (lines[index], &text[index])
        };
        for index in indices {
            let span = &places[index].span;
            let (start_line, start) = point(span.start);
            let (end_line, end) = point(span.end);
            located[index] = Located {
                start: Position { line: start_line.number, column: start.column },
                end: Position { line: end_line.number, column: end.column },
                excerpt: start.excerpt(span.end - span.start),
            };
        }
    }
    Ok(located)
}

/// The line around an offset.
#[derive(Clone, Copy)]
struct Line {
    number: u64,
    start: u64,
    /// How many characters stand on it before the offset.
    before: u64,
}

/// The line of each offset, which are in rising order.
fn lines_of(workspace: &Workspace, source: SourceId, offsets: &[u64]) -> Result<Vec<Line>, Fault> {
    let fault = |cause| Fault::new("read", &workspace.source(source).path, cause);
    let mut file = workspace.open(source)?;
    let mut buffer = vec![0; 1 << 16];
    let mut lines = Vec::with_capacity(offsets.len());
    let mut line = Line { number: 1, start: 0, before: 0 };
    let mut base = 0;
    while lines.len() < offsets.len() {
        // A file that is broken further on was readable up to its findings.
        let read = match file.read(&mut buffer) {
            Ok(read) => read,
            Err(cause) if cause.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(_) if base > 0 || offsets[0] == 0 => 0,
            Err(cause) => return Err(fault(cause)),
        };
        let bytes = &buffer[..read];
        if base == 0 && bytes.starts_with(b"\xef\xbb\xbf") {
            // The byte-order mark is no character of the first line.
            line.before = 0u64.wrapping_sub(1);
        }
        // Characters are counted up to here, and on the same line no byte twice.
        let mut counted = 0;
        let mut reach = |line: &mut Line, to: usize| {
            line.before = line.before.wrapping_add(characters(&bytes[counted..to]));
            counted = to;
        };
        let newlines = memchr::memchr_iter(b'\n', bytes).map(|newline| newline + 1);
        for end in newlines.chain(std::iter::once(read)) {
            let next = base + end as u64;
            while let Some(&offset) = offsets.get(lines.len()).filter(|&&offset| offset < next) {
                reach(&mut line, (offset - base) as usize);
                lines.push(line);
            }
            reach(&mut line, end);
            if end > 0 && bytes[end - 1] == b'\n' {
                line = Line { number: line.number + 1, start: next, before: 0 };
            }
        }
        base += read as u64;
        if read == 0 {
            lines.resize(offsets.len(), line);
        }
    }
    Ok(lines)
}

/// How many characters begin in these bytes.
fn characters(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|&&byte| byte & 0xc0 != 0x80).count() as u64
}

/// What stands before and after an offset on its line.
struct Text {
    column: u64,
    left: String,
    cut_left: bool,
    right: String,
}

fn texts(
    workspace: &Workspace,
    source: SourceId,
    offsets: &[u64],
    lines: &[Line],
) -> Result<Vec<Text>, Fault> {
    // No character has more than four bytes.
    let left = |index: usize| {
        lines[index].start.max(offsets[index].saturating_sub(4 * LEFT_CHARS_MAX as u64))
    };
    let ranges: Vec<_> = offsets
        .iter()
        .enumerate()
        .map(|(index, &offset)| {
            (left(index), offset.saturating_sub(left(index)) as usize + RIGHT_BYTES_MAX)
        })
        .collect();
    let mut texts = Vec::with_capacity(offsets.len());
    for (index, window) in workspace.excerpt_bytes(source, &ranges)?.into_iter().enumerate() {
        let line = lines[index];
        let offset = offsets[index].saturating_sub(left(index)) as usize;
        let (before, right) = window.split_at(offset.min(window.len()));
        let cut = left(index) > line.start;
        // The cut may go through a character.
        let whole = before.iter().position(|byte| byte & 0xc0 != 0x80).filter(|_| cut);
        let mut before = String::from_utf8_lossy(&before[whole.unwrap_or(0)..]).into_owned();
        if line.start == 0 && before.starts_with('\u{feff}') {
            before.remove(0);
        }
        let first = before.char_indices().rev().nth(LEFT_CHARS_MAX - 1).map(|(byte, _)| byte);
        let first = first.unwrap_or(0);
        texts.push(Text {
            column: line.before.wrapping_add(1),
            left: before[first..].to_owned(),
            cut_left: cut || first > 0,
            right: String::from_utf8_lossy(right).into_owned(),
        });
    }
    Ok(texts)
}

impl Text {
    /// The line around the offset, with `length` bytes from it on marked, as far as the line goes.
    fn excerpt(&self, length: u64) -> Excerpt {
        let line_end = self.right.find('\n').unwrap_or(self.right.len());
        let line = self.right[..line_end].trim_end_matches('\r');
        let shown = line.char_indices().nth(RIGHT_CHARS_MAX).map_or(line.len(), |(byte, _)| byte);
        let start = self.left.len();
        let mut end = (length as usize).min(shown);
        while !line.is_char_boundary(end) {
            end += 1;
        }
        // Line breaks and what can't be decoded may make the window longer than the marked bytes.
        Excerpt {
            text: format!("{}{}", self.left, &line[..shown]),
            marked: start..start + end,
            cut_left: self.cut_left,
            cut_right: shown < line.len()
                || line_end == self.right.len() && self.right.len() >= RIGHT_BYTES_MAX,
        }
    }
}
