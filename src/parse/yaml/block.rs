//! Plain block YAML, read straight to the tape.
//!
//! Nearly all files that people write by hand use the same small part of YAML:
//!
//! - one document, perhaps behind a line `---`: a mapping, or a list of mappings, from column 0 on;
//! - block mappings and block sequences, also a sequence at the column of its key, and collections
//!   that begin behind `- `;
//! - keys on one line, plain or quoted, with the colon right behind them;
//! - plain scalars, also over several lines; quoted scalars on one line, with the commonest escapes;
//!   literal and folded scalars without indicators other than `-`;
//! - flow sequences and mappings on one line;
//! - comments.
//!
//! [`read`] takes this part and nothing else. It never reports and never guesses: what is wrong,
//! what would be reported, and what only might mean something else, it leaves to the reader of
//! events, from the first byte on. Anchors, tags, directives, further documents, tabs, carriage
//! returns, control characters and explicit keys are among that.
//!
//! So it may be ignorant without being wrong. That it leaves the same tape wherever it takes a file
//! is held by the tests, against the reader of events, over all short texts, generated ones and
//! damaged files. What a scalar means isn't decided here: both readers hand its text to the same
//! methods, and if those report anything, the file is left to the other reader as well.

mod flow;
mod scalars;

use self::scalars::{Scalar, Stops};
use super::Reader;

/// Deeper files are left to the other reader, which knows how deep a record may be.
const LEVELS_MAX: usize = 64;

/// Reads a file of plain block YAML. If it is anything else, returns `false` and leaves no trace.
pub(super) fn read(reader: &mut Reader<'_, '_>) -> bool {
    let bytes = reader.text.as_bytes();
    if holds_doubtful_characters(bytes) {
        return false;
    }
    let mark = reader.builder.mark();
    let known = reader.diagnostics.len();
    let mut block = Block {
        text: reader.text,
        bytes,
        reader,
        at: 0,
        line: 0,
        column: None,
        end: 0,
        decoded: String::with_capacity(512),
    };
    let mine = block.document().is_some() && block.reader.diagnostics.len() == known;
    if !mine {
        reader.builder.rewind(mark);
        reader.diagnostics.truncate(known);
    }
    mine
}

/// Whether there are control characters, other than the ends of lines, or characters that YAML
/// doesn't call printable. Some that it does are caught as well: tabs, U+0085, U+FEC0 to U+FEFF and
/// U+FFC0 to U+FFFF.
fn holds_doubtful_characters(bytes: &[u8]) -> bool {
    // Without an early end in a piece, the compiler looks at many bytes at once.
    let controls = |piece: &[u8]| {
        piece
            .iter()
            .fold(false, |found, &byte| found | ((byte < 0x20) & (byte != b'\n')) | (byte == 0x7f))
    };
    let outside_ascii = |at: usize| match bytes[at..] {
        [0xc2, second, ..] => second < 0xa0,
        [0xef, second, ..] => matches!(second, 0xbb | 0xbf),
        _ => false,
    };
    bytes.chunks(4096).any(controls) || memchr::memchr2_iter(0xc2, 0xef, bytes).any(outside_ascii)
}

/// Reads one file. A method that returns an option returns none where the file isn't plain block
/// YAML; then all of it is given up.
struct Block<'r, 'a, 'd> {
    /// Says what scalars mean, and holds the builder.
    reader: &'r mut Reader<'a, 'd>,
    text: &'a str,
    bytes: &'a [u8],
    /// The next byte.
    at: usize,
    /// Where the line begins that holds the next node.
    line: usize,
    /// The column of the next node; none at the end of the file. Only spaces and dashes stand
    /// before it, so that a column is a byte.
    column: Option<usize>,
    /// Where the last scalar or bracket ended: a block collection ends where its last item does.
    end: usize,
    /// The text of a scalar that the source doesn't spell out.
    decoded: String,
}

impl Block<'_, '_, '_> {
    /// The only document. The marks that begin and end others stand at column 0, where only keys and
    /// items are taken, and are neither.
    fn document(&mut self) -> Option<()> {
        if self.bytes.starts_with(b"---\n") {
            self.at = 4;
        }
        self.next_node();
        if self.column != Some(0) {
            return None;
        }
        if self.at_item(0) {
            while self.at_item(0) {
                if !self.enter_item(0)? {
                    return None;
                }
                self.record()?;
            }
        } else {
            self.record()?;
        }
        self.column.is_none().then_some(())
    }

    fn record(&mut self) -> Option<()> {
        self.reader.builder.root();
        if self.peek() == Some(b'{') {
            self.flow_mapping()?;
            return self.end_line();
        }
        let key = self.scalar(Stops::Block)?;
        self.mapping(key)
    }

    /// The next node, which may be a block collection, inside one at the column `parent`.
    fn node(&mut self, parent: usize) -> Option<()> {
        if self.at_dash() {
            return self.sequence(self.at);
        }
        if matches!(self.peek(), Some(b'[' | b'{' | b'|' | b'>')) {
            return self.value(parent);
        }
        let scalar = self.scalar(Stops::Block)?;
        if self.peek() == Some(b':') {
            self.mapping(scalar)
        } else {
            self.rest_of_scalar(scalar, parent)
        }
    }

    /// The next node, where no block collection can begin.
    fn value(&mut self, parent: usize) -> Option<()> {
        match self.peek()? {
            b'[' | b'{' => {
                self.flow_node()?;
                self.end_line()
            }
            b'|' | b'>' => self.block_scalar(parent),
            _ => {
                let scalar = self.scalar(Stops::Block)?;
                self.rest_of_scalar(scalar, parent)
            }
        }
    }

    /// A mapping whose first key was read.
    fn mapping(&mut self, mut key: Scalar) -> Option<()> {
        let column = self.column?;
        self.reader.builder.open_object(key.bytes.start);
        self.check_levels()?;
        loop {
            self.key(&key)?;
            self.value_of_key(column)?;
            if self.column != Some(column) {
                return self.close_object();
            }
            key = self.scalar(Stops::Block)?;
        }
    }

    /// What follows the colon of a key in a mapping at `column`.
    fn value_of_key(&mut self, column: usize) -> Option<()> {
        if self.skip_to_content() {
            return self.value(column);
        }
        self.end_line()?;
        if self.column > Some(column) {
            self.node(column)
        } else if self.at_item(column) {
            // For the parser, such a sequence begins behind its first dash.
            self.sequence(self.behind_dash())
        } else {
            // Nothing stands where its colon does.
            self.reader.builder.null(self.end..self.end);
            Some(())
        }
    }

    /// A sequence whose first bytes are at `start`.
    fn sequence(&mut self, start: usize) -> Option<()> {
        let column = self.column?;
        self.reader.builder.open_array(start);
        self.check_levels()?;
        while self.at_item(column) {
            let nothing = self.behind_dash();
            if self.enter_item(column)? {
                self.node(column)?;
            } else {
                self.end = nothing;
                self.reader.builder.null(nothing..nothing);
            }
        }
        self.reader.builder.close(self.end);
        Some(())
    }

    /// Goes to the node of an item. Returns `false` if it has none.
    fn enter_item(&mut self, column: usize) -> Option<bool> {
        self.at += 1;
        if self.skip_to_content() {
            self.column = Some(self.at - self.line);
            return Some(true);
        }
        self.end_line()?;
        Some(self.column > Some(column))
    }

    /// Where the node of the item at the cursor begins, or the end of its line.
    fn behind_dash(&self) -> usize {
        let at = self.after_spaces(self.at + 1);
        if self.bytes.get(at) == Some(&b'#') { self.line_end(at) } else { at }
    }

    /// Ends the mapping that was opened last, unless a key stands twice in it.
    fn close_object(&mut self) -> Option<()> {
        let object = self.reader.builder.close(self.end);
        self.reader.builder.duplicate_key(object).is_none().then_some(())
    }

    fn check_levels(&self) -> Option<()> {
        (self.reader.builder.depth() <= LEVELS_MAX).then_some(())
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Whether the byte at `at`, or the end of the file, ends a word.
    fn is_blank(&self, at: usize) -> bool {
        matches!(self.bytes.get(at), None | Some(b' ' | b'\n'))
    }

    fn at_dash(&self) -> bool {
        self.peek() == Some(b'-') && self.is_blank(self.at + 1)
    }

    /// Whether the next node is an item of a sequence at `column`.
    fn at_item(&self, column: usize) -> bool {
        self.column == Some(column) && self.at_dash()
    }

    /// The first byte from `at` on that isn't a space.
    #[inline]
    fn after_spaces(&self, mut at: usize) -> usize {
        while self.bytes.get(at) == Some(&b' ') {
            at += 1;
        }
        at
    }

    /// The end of the line that holds `at`.
    fn line_end(&self, at: usize) -> usize {
        memchr::memchr(b'\n', &self.bytes[at..]).map_or(self.bytes.len(), |length| at + length)
    }

    /// Skips spaces. Returns whether the line holds something else than a comment behind them.
    fn skip_to_content(&mut self) -> bool {
        self.at = self.after_spaces(self.at);
        match self.peek() {
            None | Some(b'\n') => false,
            Some(b'#') => self.bytes[self.at - 1] != b' ',
            Some(_) => true,
        }
    }

    /// Ends a line that may hold a comment, and nothing else, from here on.
    fn end_line(&mut self) -> Option<()> {
        if self.skip_to_content() {
            return None;
        }
        self.skip_line();
        self.next_node();
        Some(())
    }

    /// Goes to the next line from an end of a line, or from a comment.
    fn skip_line(&mut self) {
        if self.peek() != Some(b'\n') {
            self.at = self.line_end(self.at);
        }
        self.at = self.bytes.len().min(self.at + 1);
    }

    /// Goes from the start of a line to the next node, over blank lines and comments.
    fn next_node(&mut self) {
        loop {
            self.line = self.at;
            self.at = self.after_spaces(self.line);
            match self.peek() {
                Some(b'\n' | b'#') => self.skip_line(),
                Some(_) => {
                    self.column = Some(self.at - self.line);
                    return;
                }
                None => {
                    self.column = None;
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
