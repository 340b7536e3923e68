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
}

/// The line of each offset, which are in rising order.
fn lines_of(workspace: &Workspace, source: SourceId, offsets: &[u64]) -> Result<Vec<Line>, Fault> {
    let fault = |cause| Fault::new("read", &workspace.source(source).path, cause);
    let mut file = workspace.open(source)?;
    let mut buffer = vec![0; 1 << 16];
    let mut lines = Vec::with_capacity(offsets.len());
    let mut line = Line { number: 1, start: 0 };
    let mut base = 0;
    while lines.len() < offsets.len() {
        // A file that is broken further on was readable up to its findings.
        let read = match file.read(&mut buffer) {
            Ok(read) => read,
            Err(cause) if cause.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(_) if base > 0 || offsets[0] == 0 => 0,
            Err(cause) => return Err(fault(cause)),
        };
        for newline in memchr::memchr_iter(b'\n', &buffer[..read]) {
            let next = base + newline as u64 + 1;
            while offsets.get(lines.len()).is_some_and(|&offset| offset < next) {
                lines.push(line);
            }
            line = Line { number: line.number + 1, start: next };
        }
        base += read as u64;
        if read == 0 {
            lines.resize(offsets.len(), line);
        }
    }
    Ok(lines)
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
    let ranges: Vec<_> = offsets
        .iter()
        .zip(lines)
        .map(|(&offset, line)| (line.start, (offset - line.start) as usize + RIGHT_BYTES_MAX))
        .collect();
    let mut texts = Vec::with_capacity(offsets.len());
    // Findings crowd on few lines, so what is read at once is bounded by the lines' lengths.
    for (chunk, start) in ranges.chunks(64).zip((0..).step_by(64)) {
        for (index, window) in workspace.excerpt_bytes(source, chunk)?.into_iter().enumerate() {
            let offset = (offsets[start + index] - lines[start + index].start) as usize;
            let (left, right) = window.split_at(offset.min(window.len()));
            let mut left = String::from_utf8_lossy(left).into_owned();
            if lines[start + index].start == 0 && left.starts_with('\u{feff}') {
                left.remove(0);
            }
            let column = left.chars().count() as u64 + 1;
            let cut = left.char_indices().rev().nth(LEFT_CHARS_MAX - 1).map(|(byte, _)| byte);
            let cut = cut.filter(|&byte| byte > 0);
            let right = String::from_utf8_lossy(right).into_owned();
            texts.push(Text {
                column,
                left: cut.map_or(left.clone(), |byte| left[byte..].to_owned()),
                cut_left: cut.is_some(),
                right,
            });
        }
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
