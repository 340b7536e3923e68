//! Rows and cells of RFC 4180, and of dialects of it, with their places.
//!
//! A quote opens a cell only at the cell's start. Everything here goes by that one rule, so that
//! the cut into batches and the reading of rows agree even where a quote is misplaced.

use std::borrow::Cow;
use std::ops::Range;

use super::marks::{Marks, Plain};
use crate::dialect::Syntax;

/// One cell of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The bytes as written, quotes included.
    pub span: Range<usize>,
    /// Whether quotes enclose it.
    quoted: bool,
    /// What stands before a quote or itself to make it text, if the cell has any of that: the quote, or
    /// another mark. 0 if it has none.
    escape: u8,
    /// What encloses cells.
    quote: u8,
}

impl Cell {
    /// The bytes between the quotes.
    #[must_use]
    pub fn inner(&self) -> Range<usize> {
        if self.quoted { self.span.start + 1..self.span.end - 1 } else { self.span.clone() }
    }

    /// Whether there is nothing in it: the value is absent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inner().is_empty()
    }

    /// A cell whose text is these bytes.
    #[must_use]
    pub fn bare(span: Range<usize>) -> Self {
        Self { span, quoted: false, escape: 0, quote: 0 }
    }

    /// The bytes of its text, if `text` spells it out without escapes.
    #[must_use]
    pub fn literal(&self) -> Option<Range<usize>> {
        (self.escape == 0).then(|| self.inner())
    }

    /// Its text, read from `text`.
    #[must_use]
    pub fn decode<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let inner = &text[self.inner()];
        if self.escape == 0 {
            return inner.into();
        }
        let (escape, quote) = (char::from(self.escape), char::from(self.quote));
        let mut decoded = String::with_capacity(inner.len());
        let mut rest = inner;
        while let Some((before, after)) = rest.split_once(escape) {
            decoded.push_str(before);
            rest = after;
            // Before anything else it is text itself.
            let escaped = after.chars().next().filter(|it| *it == quote || *it == escape);
            decoded.push(escaped.unwrap_or(escape));
            rest = &rest[escaped.map_or(0, char::len_utf8)..];
        }
        decoded.push_str(rest);
        decoded.into()
    }
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub span: Range<usize>,
    /// What.
    pub message: &'static str,
    /// What to do.
    pub help: &'static str,
    /// Where it showed, if that is elsewhere.
    pub noticed: Option<Range<usize>>,
    /// Whether rows after it may be lost with it.
    pub swallows: bool,
}

const NEVER_CLOSED: &str = "a quotation mark is never closed";

/// Reads rows of `text` in turn.
pub struct RowReader<'t> {
    text: &'t str,
    syntax: Syntax,
    /// Whether that is the syntax of releases.
    is_plain: bool,
    at: usize,
    fault: Option<Fault>,
    /// How many cells a row has, where that is known.
    width: Option<usize>,
    /// Up to here a row ends with its line: a quotation mark that was never closed swallowed all of
    /// it.
    swallowed: usize,
    /// Where the row that is read ends at the latest.
    end: usize,
}

impl<'t> RowReader<'t> {
    /// A reader that stands at byte `at`, where a row begins.
    #[must_use]
    pub fn new(text: &'t str, at: usize) -> Self {
        let (syntax, is_plain, end) = (Syntax::PLAIN, true, text.len());
        Self { text, syntax, is_plain, at, fault: None, width: None, swallowed: 0, end }
    }

    /// Says how rows are cut into cells.
    #[must_use]
    pub fn by(mut self, syntax: Syntax) -> Self {
        self.syntax = syntax;
        self.is_plain = syntax == Syntax::PLAIN;
        self
    }

    /// Says how many cells a row should have: then rows can be found again that a quotation mark
    /// without its partner swallowed.
    #[must_use]
    pub fn expecting(mut self, width: usize) -> Self {
        self.width = Some(width);
        self
    }

    /// Reads a row into `cells` and returns its bytes without the line end; none at the end. Blank
    /// lines are no rows. A row with a fault has cells all the same, as far as they can be told.
    ///
    /// A cell that spans lines and makes no sense was probably meant to end on its first line. That
    /// is the fault then, and of the lines that it swallowed those are rows that are whole.
    pub fn next(&mut self, cells: &mut Vec<Cell>) -> Option<(Range<usize>, Option<Fault>)> {
        loop {
            let (row, fault) = self.row(cells)?;
            let whole = fault.is_none() && self.width.is_none_or(|width| width == cells.len());
            if whole {
                return Some((row, None));
            }
            if row.start < self.swallowed {
                continue;
            }
            return Some(self.recover(cells, row, fault));
        }
    }

    /// Goes back to the line behind an opening quotation mark, if that is where the fault lies.
    #[cold]
    fn recover(
        &mut self,
        cells: &[Cell],
        row: Range<usize>,
        fault: Option<Fault>,
    ) -> (Range<usize>, Option<Fault>) {
        let bytes = self.text.as_bytes();
        let first_line = |cell: &Cell| {
            let before = &bytes[..bytes.len().min(cell.span.start + 1)];
            let opening = before.iter().rposition(|byte| *byte == cell.quote && cell.quote != 0)?;
            let length = memchr::memchr(b'\n', &bytes[opening..cell.span.end])?;
            Some((opening, opening + length))
        };
        let opened = cells.iter().find_map(first_line).filter(|_| self.width.is_some());
        let Some((opening, line_end)) = opened else { return (row, fault) };
        let end = self.at;
        let to_the_end = fault.as_ref().is_some_and(|fault| fault.swallows);
        let mut again = RowReader::new(&self.text[..end], line_end + 1).by(self.syntax);
        again.swallowed = end;
        again.width = self.width;
        if !to_the_end && again.next(&mut Vec::new()).is_none() {
            // A text of several lines, with another fault in its row.
            return (row, fault);
        }
        self.at = line_end + 1;
        self.swallowed = end;
        let noticed = fault.map(|fault| fault.span).filter(|span| span.start > opening);
        let fault = Fault {
            span: opening..opening + 1,
            message: NEVER_CLOSED,
            help: "close it on its line; of the rows after it only those are read that are certainly \
                   rows",
            noticed,
            swallows: true,
        };
        let line_end = line_end - usize::from(bytes[line_end - 1] == b'\r');
        (row.start..line_end, Some(fault))
    }

    fn row(&mut self, cells: &mut Vec<Cell>) -> Option<(Range<usize>, Option<Fault>)> {
        if self.is_plain { self.row_by(Plain, cells) } else { self.row_by(self.syntax, cells) }
    }

    #[inline]
    fn row_by(
        &mut self,
        marks: impl Marks,
        cells: &mut Vec<Cell>,
    ) -> Option<(Range<usize>, Option<Fault>)> {
        let bytes = self.text.as_bytes();
        while let Some(length) = no_row(marks, &bytes[self.at..]) {
            self.at += length;
        }
        if self.at == bytes.len() {
            return None;
        }
        cells.clear();
        let start = self.at;
        self.end = if start < self.swallowed {
            memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |length| start + length)
        } else {
            bytes.len()
        };
        loop {
            self.skip_blanks(marks);
            let cell = match bytes.get(self.at) {
                Some(&byte) if marks.is_quote(byte) => self.quoted(marks),
                _ => self.plain(marks),
            };
            cells.push(cell);
            match bytes.get(self.at) {
                Some(&byte) if byte == marks.delimiter() => self.at += 1,
                _ => break,
            }
        }
        let row = start..self.at;
        self.at += line_end(&bytes[self.at..]).unwrap_or_default();
        Some((row, self.fault.take()))
    }

    fn skip_blanks(&mut self, marks: impl Marks) {
        if marks.syntax().trim {
            let rest = &self.text.as_bytes()[self.at..self.end];
            self.at += rest.iter().take_while(|byte| marks.is_blank(**byte)).count();
        }
    }

    #[inline]
    fn plain(&mut self, marks: impl Marks) -> Cell {
        let start = self.at;
        let help = if marks.syntax().escape.is_none() {
            "quote the whole cell, and write the mark twice: `\"the \"\"treaty\"\"\"`"
        } else {
            "quote the whole cell, and write the escape before the mark"
        };
        self.skip_plain(marks, "a quotation mark stands inside an unquoted cell", help);
        let span = start..self.at;
        Cell::bare(if marks.syntax().trim { trimmed(self.text, span) } else { span })
    }

    /// Goes on to the next delimiter or line end; a quote on the way is a fault.
    #[inline]
    fn skip_plain(&mut self, marks: impl Marks, message: &'static str, help: &'static str) {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            if byte == marks.delimiter() || byte == b'\n' {
                break;
            }
            if byte == b'\r' {
                if bytes.get(self.at + 1) == Some(&b'\n') {
                    break;
                }
                self.fail(
                    "a carriage return stands without a line feed",
                    "save the file with the line ends of Unix or Windows, or quote the cell",
                );
            } else if marks.is_quote(byte) {
                self.fail(message, help);
            }
            self.at += 1;
        }
    }

    #[inline]
    fn quoted(&mut self, marks: impl Marks) -> Cell {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let quote = marks.quote().unwrap_or(bytes[start]);
        let escape = marks.syntax().escape;
        let mut escaped = 0;
        self.at += 1;
        loop {
            let rest = bytes.get(self.at..self.end).unwrap_or_default();
            let found = match escape {
                None => memchr::memchr(quote, rest),
                Some(escape) => memchr::memchr2(quote, escape, rest),
            };
            let Some(length) = found else {
                self.at = self.end;
                self.fault = Some(Fault {
                    span: start..start + 1,
                    message: NEVER_CLOSED,
                    help: "close it; rows after it aren't read",
                    noticed: None,
                    swallows: true,
                });
                return Cell { span: start..self.at, quoted: false, escape: escaped, quote };
            };
            self.at += length + 1;
            match escape {
                // What follows an escape closes nothing.
                Some(escape) if bytes[self.at - 1] == escape => {
                    escaped = escape;
                    self.at += 1;
                }
                Some(_) => break,
                None if bytes.get(self.at) == Some(&quote) => {
                    escaped = quote;
                    self.at += 1;
                }
                None => break,
            }
        }
        let mut cell = Cell { span: start..self.at, quoted: true, escape: escaped, quote };
        if marks.syntax().trim {
            cell = Cell { span: trimmed(self.text, cell.inner()), quoted: false, ..cell };
            self.skip_blanks(marks);
        }
        let ends = match bytes.get(self.at) {
            None => true,
            Some(&byte) => byte == marks.delimiter() || line_end(&bytes[self.at..]).is_some(),
        };
        if !ends {
            const MESSAGE: &str = "text follows the closing quotation mark of a cell";
            let help = if escape.is_none() {
                "write a quotation mark inside a quoted cell twice"
            } else {
                "write the escape before a quotation mark inside a quoted cell"
            };
            self.fail(MESSAGE, help);
            self.skip_plain(marks, MESSAGE, help);
        }
        cell
    }

    /// Notes the first fault of a row, at the next character.
    fn fail(&mut self, message: &'static str, help: &'static str) {
        let length = self.text[self.at..].chars().next().map_or(0, char::len_utf8);
        let span = self.at..self.at + length;
        let fault = Fault { span, message, help, noticed: None, swallows: false };
        self.fault.get_or_insert(fault);
    }
}

/// How long the line end is that `bytes` begin with.
fn line_end(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'\n', ..] => Some(1),
        [b'\r', b'\n', ..] => Some(2),
        _ => None,
    }
}

/// How long the line is that `bytes` begin with, if it is no row: blank, or a comment.
#[inline]
fn no_row(marks: impl Marks, bytes: &[u8]) -> Option<usize> {
    if marks.is_comment(bytes.first()) {
        return Some(memchr::memchr(b'\n', bytes).map_or(bytes.len(), |last| last + 1));
    }
    if !marks.syntax().trim {
        return line_end(bytes);
    }
    let blanks = bytes.iter().take_while(|byte| marks.is_blank(**byte)).count();
    match line_end(&bytes[blanks..]) {
        Some(length) => Some(blanks + length),
        None => (blanks > 0 && blanks == bytes.len()).then_some(blanks),
    }
}

/// Some bytes without the white space around them.
fn trimmed(text: &str, span: Range<usize>) -> Range<usize> {
    let inner = &text[span.clone()];
    let start = span.start + (inner.len() - inner.trim_start().len());
    start..start + inner.trim().len()
}

/// Where the last complete record of `bytes` ends, just after its line end; 0 if there is none.
/// `bytes` begin with a record and may end anywhere.
#[must_use]
pub fn record_boundary(bytes: &[u8], syntax: Syntax) -> usize {
    let mut boundary = 0;
    outside_quotes(bytes, syntax, |stretch| {
        if let Some(at) = memchr::memrchr(b'\n', &bytes[stretch.clone()]) {
            boundary = stretch.start + at + 1;
        }
        true
    });
    boundary
}

/// How long the header is, with its line end; none if `bytes` end before it does. Blank lines and
/// comments before it count as part of it.
#[must_use]
pub fn header_len(bytes: &[u8], syntax: Syntax) -> Option<usize> {
    let mut start = 0;
    while let Some(length) = no_row(syntax, &bytes[start..]) {
        start += length;
    }
    let mut length = None;
    outside_quotes(&bytes[start..], syntax, |stretch| {
        let newline = memchr::memchr(b'\n', &bytes[start..][stretch.clone()]);
        length = newline.map(|newline| start + stretch.start + newline + 1);
        length.is_none()
    });
    length
}

/// Where each row of `bytes` ends, just after its line end, in turn, until `visit` returns false. Blank
/// lines and comments are rows here, too. `bytes` begin with a row; of the last one the end is where they
/// end.
pub fn row_ends(bytes: &[u8], syntax: Syntax, mut visit: impl FnMut(usize) -> bool) {
    let mut last = 0;
    let mut goes_on = true;
    outside_quotes(bytes, syntax, |stretch| {
        for newline in memchr::memchr_iter(b'\n', &bytes[stretch.clone()]) {
            last = stretch.start + newline + 1;
            goes_on = visit(last);
            if !goes_on {
                break;
            }
        }
        goes_on
    });
    if goes_on && last < bytes.len() {
        visit(bytes.len());
    }
}

/// Whether a row has nothing in it: it is blank, or a comment.
#[must_use]
pub fn is_no_row(row: &[u8], syntax: Syntax) -> bool {
    no_row(syntax, row).is_some_and(|length| length == row.len())
}

/// Shows the stretches of `bytes` that no quotes enclose, until `visit` returns false.
fn outside_quotes(bytes: &[u8], syntax: Syntax, visit: impl FnMut(Range<usize>) -> bool) {
    if syntax == Syntax::PLAIN {
        outside_quotes_by(bytes, Plain, visit);
    } else {
        outside_quotes_by(bytes, syntax, visit);
    }
}

fn outside_quotes_by(bytes: &[u8], marks: impl Marks, mut visit: impl FnMut(Range<usize>) -> bool) {
    let Some(quote) = marks.quote() else {
        visit(0..bytes.len());
        return;
    };
    let escape = marks.syntax().escape;
    let mut outside = 0;
    let mut at = 0;
    while let Some(length) = memchr::memchr(quote, &bytes[at..]) {
        let mark = at + length;
        let blanks = bytes[..mark].iter().rev().take_while(|byte| marks.is_blank(**byte)).count();
        let before = bytes[..mark - blanks].last();
        if before.is_some_and(|&byte| byte != marks.delimiter() && byte != b'\n') {
            at = mark + 1;
            continue;
        }
        if marks.syntax().comment.is_some() {
            // Of a comment, no quote means anything.
            let line = memchr::memrchr(b'\n', &bytes[outside..mark]).map(|it| outside + it + 1);
            let line = line.or((outside == 0).then_some(0));
            if line.is_some_and(|line| marks.is_comment(bytes.get(line))) {
                match memchr::memchr(b'\n', &bytes[mark..]) {
                    Some(length) => at = mark + length + 1,
                    None => break,
                }
                continue;
            }
        }
        if !visit(outside..mark) {
            return;
        }
        at = mark + 1;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            let found = match escape {
                None => memchr::memchr(quote, rest),
                Some(escape) => memchr::memchr2(quote, escape, rest),
            };
            match found {
                None => return,
                Some(length) => at += length + 1,
            }
            match escape {
                Some(escape) if bytes[at - 1] == escape => at += 1,
                Some(_) => break,
                None if bytes.get(at) == Some(&quote) => at += 1,
                None => break,
            }
        }
        outside = at;
    }
    visit(outside..bytes.len());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{RowReader, header_len, record_boundary};
    use crate::dialect::Syntax;

    const PLAIN: Syntax = Syntax::PLAIN;

    fn rows(text: &str) -> Vec<Vec<String>> {
        let mut reader = RowReader::new(text, 0);
        let mut cells = Vec::new();
        let mut rows = Vec::new();
        while let Some((_, fault)) = reader.next(&mut cells) {
            assert_eq!(fault, None, "{text:?}");
            rows.push(cells.iter().map(|cell| cell.decode(text).into_owned()).collect());
        }
        rows
    }

    fn fault(text: &str) -> (&str, &'static str) {
        let mut reader = RowReader::new(text, 0);
        let (_, fault) = reader.next(&mut Vec::new()).expect("a row");
        let fault = fault.expect("a fault");
        (&text[fault.span], fault.message)
    }

    #[test]
    fn cells_and_line_ends() {
        let expected = [vec!["a", "b\n,\"c\"", ""], vec!["", "é ", "d"]];
        for end in ["\n", "\r\n"] {
            let text = format!("a,\"b\n,\"\"c\"\"\",{end}{end},é ,\"d\"{end}");
            assert_eq!(rows(&text), expected);
            assert_eq!(rows(text.trim_end_matches(end)), expected);
        }
        assert_eq!(rows(""), Vec::<Vec<String>>::new());
        assert_eq!(rows("\n\n"), Vec::<Vec<String>>::new());
        assert_eq!(rows("\"\"\n"), [[""]]);
    }

    #[test]
    fn faults_have_places_and_cost_one_row() {
        assert_eq!(fault("a\"b,c\n"), ("\"", "a quotation mark stands inside an unquoted cell"));
        assert_eq!(fault("\"a\"b\n"), ("b", "text follows the closing quotation mark of a cell"));
        assert_eq!(fault("\"a\nb\n"), ("\"", "a quotation mark is never closed"));
        assert_eq!(fault("a\rb\n"), ("\r", "a carriage return stands without a line feed"));
        let text = "a\"b,\"c\nd\"\ne\n";
        let mut reader = RowReader::new(text, 0);
        let mut cells = Vec::new();
        assert!(reader.next(&mut cells).is_some_and(|(_, fault)| fault.is_some()));
        assert_eq!(reader.next(&mut cells), Some((10..11, None)));
    }

    #[test]
    fn boundaries_lie_outside_quotes() {
        assert_eq!(record_boundary(b"a,b\nc,", PLAIN), 4);
        assert_eq!(record_boundary(b"a,b\nc,\"d\n", PLAIN), 4);
        assert_eq!(record_boundary(b"a,\"\n\"", PLAIN), 0);
        assert_eq!(record_boundary(b"a,\"\n\"\r\n", PLAIN), 7);
        assert_eq!(header_len(b"a,\"b\nc\"\r\nd", PLAIN), Some(9));
        assert_eq!(header_len(b"\r\na,b\nc", PLAIN), Some(6));
        assert_eq!(header_len(b"a,b", PLAIN), None);
    }

    proptest! {
        #[test]
        fn what_the_csv_crate_writes_is_read(
            table in (1usize..5).prop_flat_map(|width| {
                prop::collection::vec(prop::collection::vec("[a\",\n\r é]{0,4}", width), 1..6)
            }),
            windows in any::<bool>(),
        ) {
            let terminator = if windows { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
            let mut writer = csv::WriterBuilder::new().terminator(terminator).from_writer(Vec::new());
            for row in &table {
                writer.write_record(row).expect("memory takes it");
            }
            let bytes = writer.into_inner().expect("memory takes it");
            prop_assert_eq!(record_boundary(&bytes, PLAIN), bytes.len());
            prop_assert_eq!(rows(&String::from_utf8(bytes).expect("text went in")), table);
        }

        /// Whatever the quotes, a cut at a boundary gives the rows of the whole.
        #[test]
        fn cutting_changes_nothing(text in "[a\",\n\r]{0,40}", cut in 0usize..40) {
            let spans = |text: &str, base: usize| {
                let mut reader = RowReader::new(text, 0);
                let mut cells = Vec::new();
                let mut spans = Vec::new();
                while let Some((row, fault)) = reader.next(&mut cells) {
                    spans.push((row.start + base..row.end + base, cells.len(), fault.is_some()));
                }
                spans
            };
            let boundary = record_boundary(&text.as_bytes()[..cut.min(text.len())], PLAIN);
            let mut parts = spans(&text[..boundary], 0);
            parts.extend(spans(&text[boundary..], boundary));
            prop_assert_eq!(parts, spans(&text, 0));
        }
    }
}
