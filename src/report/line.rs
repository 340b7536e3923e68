//! A line of a file as a terminal shows it.
//!
//! A line that is too long is cut around what is marked. Places are measured in columns of a terminal:
//! wide characters take two, combining marks none. Terminals that turn right-to-left text round do so
//! per run of it; marks on either side of what is underlined keep it a run of its own, so it stays
//! above its underline.

use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use super::text::{LEFT_TO_RIGHT_MARK, runs_from_right};
use crate::report::locate::Stretch;
use crate::spelling::terminal::printable_char;

/// A longer line is cut.
pub(super) const LINE_COLUMNS_MAX: usize = 120;
/// And so much is left of it before what is marked.
const LEFT_COLUMNS_MAX: usize = 40;
/// A line of a file, as far as it was read.
#[derive(Clone, Copy)]
pub(super) struct Line<'t> {
    pub number: u64,
    /// Where `bytes` begin in the file.
    pub base: u64,
    pub bytes: &'t [u8],
    pub cut_left: bool,
    pub cut_right: bool,
    /// Where the next line begins, if it was read.
    pub next: Option<u64>,
}

impl<'t> Line<'t> {
    /// The line that holds an offset.
    pub fn at(stretch: &'t Stretch, offset: u64) -> Self {
        let bytes = &stretch.bytes;
        let index = (offset.saturating_sub(stretch.base) as usize).min(bytes.len());
        let before = stretch.line_feeds.partition_point(|&line_feed| line_feed < index);
        let start = before.checked_sub(1).map_or(0, |last| stretch.line_feeds[last] + 1);
        let newline = stretch.line_feeds.get(before).copied();
        let line = &bytes[start..newline.unwrap_or(bytes.len())];
        Self {
            number: stretch.at.line + before as u64,
            base: stretch.base + start as u64,
            bytes: line.strip_suffix(b"\r").unwrap_or(line),
            cut_left: start == 0 && stretch.at.column > 1,
            cut_right: newline.is_none() && !stretch.ends,
            next: newline.map(|newline| stretch.base + newline as u64 + 1),
        }
    }

    pub fn is_whole(&self) -> bool {
        !self.cut_left && !self.cut_right
    }

    pub fn is_blank(&self) -> bool {
        self.bytes.trim_ascii().is_empty()
    }
}

/// The part of a line that is shown.
pub(super) struct Cut {
    text: String,
    /// Bytes of the file and where they are in `text`, in rising order.
    places: Vec<(u64, usize)>,
    left: bool,
    right: bool,
    /// What is marked.
    anchors: Vec<Range<u64>>,
}

impl Cut {
    pub fn new(line: &Line<'_>, anchors: &[Range<u64>]) -> Self {
        let mut text = String::new();
        let mut places = Vec::new();
        let mut offset = line.base;
        for chunk in line.bytes.utf8_chunks() {
            for character in chunk.valid().chars() {
                places.push((offset, text.len()));
                printable_char(character, &mut text);
                offset += character.len_utf8() as u64;
            }
            if !chunk.invalid().is_empty() {
                places.push((offset, text.len()));
                text.push('\u{fffd}');
                offset += chunk.invalid().len() as u64;
            }
        }
        places.push((offset, text.len()));
        let mut cut = Self {
            text,
            places,
            left: line.cut_left,
            right: line.cut_right,
            anchors: anchors.to_vec(),
        };
        if cut.text.width() > LINE_COLUMNS_MAX {
            cut.shorten();
        }
        cut
    }

    /// Leaves what is around the first anchor.
    fn shorten(&mut self) {
        let anchor = self.anchors.iter().map(|range| range.start).min().unwrap_or_default();
        let at = self.index(anchor);
        let from = {
            let before = |place: &&(u64, usize)| {
                place.1 <= at && self.text[place.1..at].width() <= LEFT_COLUMNS_MAX
            };
            self.places.iter().find(before).map_or(at, |place| place.1)
        };
        let within = |place: &&(u64, usize)| {
            place.1 >= from && self.text[from..place.1].width() <= LINE_COLUMNS_MAX
        };
        let mut after = self.places.iter().filter(|place| place.1 >= from).take_while(within);
        let to = after.by_ref().last().map_or(self.text.len(), |place| place.1);
        self.left |= from > 0;
        self.right |= to < self.text.len();
        self.places.retain(|place| (from..=to).contains(&place.1));
        for place in &mut self.places {
            place.1 -= from;
        }
        self.text = self.text[from..to].to_owned();
    }

    /// Where a byte of the file is in the text; at its ends, what lies beyond.
    fn index(&self, offset: u64) -> usize {
        let next = self.places.partition_point(|place| place.0 < offset);
        self.places.get(next).or(self.places.last()).map_or(0, |place| place.1)
    }

    /// The column of a byte of the file, from 0.
    pub fn x(&self, offset: u64) -> usize {
        usize::from(self.left) + self.text[..self.index(offset)].width()
    }

    /// The columns to underline, after an indent.
    pub fn cells(&self, span: &Range<u64>, indent: usize) -> Range<usize> {
        let (start, end) = (self.index(span.start), self.index(span.end));
        let kept = self.text[start..end].trim_end();
        let end = if kept.is_empty() { end } else { start + kept.len() };
        let beyond = self.places.last().is_some_and(|last| self.right && span.end > last.0);
        let x = usize::from(self.left) + indent;
        let start = x + self.text[..start].width();
        let end = x + self.text[..end].width() + usize::from(beyond);
        start..end.max(start + 1)
    }

    pub fn is_blank_before(&self, offset: u64) -> bool {
        !self.left && self.text[..self.index(offset)].trim().is_empty()
    }

    /// The text with what makes underlines fit.
    pub fn shown(&self) -> String {
        let mut shown = String::with_capacity(self.text.len() + 8);
        if self.left {
            shown.push('…');
        }
        if runs_from_right(&self.text) {
            let mut breaks: Vec<usize> = self
                .anchors
                .iter()
                .flat_map(|span| [self.index(span.start), self.index(span.end)])
                .chain([0])
                .collect();
            breaks.sort_unstable();
            breaks.dedup();
            for (&from, to) in
                breaks.iter().zip(breaks[1..].iter().copied().chain([self.text.len()]))
            {
                shown.push(LEFT_TO_RIGHT_MARK);
                shown.push_str(&self.text[from..to]);
            }
        } else {
            shown.push_str(&self.text);
        }
        if self.right {
            shown.push('…');
        }
        shown
    }
}
