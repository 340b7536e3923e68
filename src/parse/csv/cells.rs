//! Rows and cells of RFC 4180, with their places.
//!
//! A quote opens a cell only at the cell's start. Everything here goes by that one rule, so that
//! the cut into batches and the reading of rows agree even where a quote is misplaced.

use std::borrow::Cow;
use std::ops::Range;

/// One cell of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The bytes as written, quotes included.
    pub span: Range<usize>,
    /// Whether quotes enclose it.
    quoted: bool,
    /// Whether it holds doubled quotes.
    escaped: bool,
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

    /// The bytes of its text, if `text` spells it out without doubled quotes.
    #[must_use]
    pub fn literal(&self) -> Option<Range<usize>> {
        (!self.escaped).then(|| self.inner())
    }

    /// Its text, read from `text`.
    #[must_use]
    pub fn decode<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let inner = &text[self.inner()];
        if self.escaped { inner.replace("\"\"", "\"").into() } else { inner.into() }
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
        Self { text, at, fault: None, width: None, swallowed: 0, end: text.len() }
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
            let opens = bytes.get(cell.span.start) == Some(&b'"');
            let length = memchr::memchr(b'\n', &bytes[cell.span.clone()]).filter(|_| opens)?;
            Some((cell.span.start, cell.span.start + length))
        };
        let opened = cells.iter().find_map(first_line).filter(|_| self.width.is_some());
        let Some((opening, line_end)) = opened else { return (row, fault) };
        let end = self.at;
        let to_the_end = fault.as_ref().is_some_and(|fault| fault.swallows);
        let mut again =
            RowReader { at: line_end + 1, swallowed: end, ..RowReader::new(&self.text[..end], 0) };
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
        let bytes = self.text.as_bytes();
        while let Some(length) = line_end(&bytes[self.at..]) {
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
            let cell = if bytes.get(self.at) == Some(&b'"') { self.quoted() } else { self.plain() };
            cells.push(cell);
            match bytes.get(self.at) {
                Some(b',') => self.at += 1,
                _ => break,
            }
        }
        let row = start..self.at;
        self.at += line_end(&bytes[self.at..]).unwrap_or_default();
        Some((row, self.fault.take()))
    }

    fn plain(&mut self) -> Cell {
        let start = self.at;
        self.skip_plain(
            "a quotation mark stands inside an unquoted cell",
            "quote the whole cell, and write the mark twice: `\"the \"\"treaty\"\"\"`",
        );
        Cell { span: start..self.at, quoted: false, escaped: false }
    }

    /// Goes on to the next comma or line end; a quote on the way is a fault.
    fn skip_plain(&mut self, message: &'static str, help: &'static str) {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            match byte {
                b',' | b'\n' => break,
                b'\r' if bytes.get(self.at + 1) == Some(&b'\n') => break,
                b'\r' => self.fail(
                    "a carriage return stands without a line feed",
                    "save the file with the line ends of Unix or Windows, or quote the cell",
                ),
                b'"' => self.fail(message, help),
                _ => {}
            }
            self.at += 1;
        }
    }

    fn quoted(&mut self) -> Cell {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut escaped = false;
        self.at += 1;
        loop {
            let Some(length) = memchr::memchr(b'"', &bytes[self.at..self.end]) else {
                self.at = self.end;
                self.fault = Some(Fault {
                    span: start..start + 1,
                    message: NEVER_CLOSED,
                    help: "close it; rows after it aren't read",
                    noticed: None,
                    swallows: true,
                });
                return Cell { span: start..self.at, quoted: false, escaped };
            };
            self.at += length + 1;
            if bytes.get(self.at) != Some(&b'"') {
                break;
            }
            escaped = true;
            self.at += 1;
        }
        let cell = Cell { span: start..self.at, quoted: true, escaped };
        let ends = matches!(bytes.get(self.at), None | Some(b',' | b'\n'))
            || line_end(&bytes[self.at..]).is_some();
        if !ends {
            const MESSAGE: &str = "text follows the closing quotation mark of a cell";
            const HELP: &str = "write a quotation mark inside a quoted cell twice";
            self.fail(MESSAGE, HELP);
            self.skip_plain(MESSAGE, HELP);
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

/// Where the last complete record of `bytes` ends, just after its line end; 0 if there is none.
/// `bytes` begin with a record and may end anywhere.
#[must_use]
pub fn record_boundary(bytes: &[u8]) -> usize {
    let mut boundary = 0;
    outside_quotes(bytes, |stretch| {
        if let Some(at) = memchr::memrchr(b'\n', &bytes[stretch.clone()]) {
            boundary = stretch.start + at + 1;
        }
        true
    });
    boundary
}

/// How long the header is, with its line end; none if `bytes` end before it does. Blank lines
/// before it count as part of it.
#[must_use]
pub fn header_len(bytes: &[u8]) -> Option<usize> {
    let mut length = None;
    let mut blank = true;
    outside_quotes(bytes, |stretch| {
        for at in stretch.clone() {
            match bytes[at] {
                b'\n' if !blank => {
                    length = Some(at + 1);
                    return false;
                }
                b'\n' | b'\r' => {}
                _ => blank = false,
            }
        }
        // A quoted cell follows.
        blank = false;
        true
    });
    length
}

/// Shows the stretches of `bytes` that no quotes enclose, until `visit` returns false.
fn outside_quotes(bytes: &[u8], mut visit: impl FnMut(Range<usize>) -> bool) {
    let mut outside = 0;
    let mut at = 0;
    while let Some(length) = memchr::memchr(b'"', &bytes[at..]) {
        let quote = at + length;
        if quote > 0 && !matches!(bytes[quote - 1], b',' | b'\n') {
            at = quote + 1;
            continue;
        }
        if !visit(outside..quote) {
            return;
        }
        at = quote + 1;
        loop {
            match memchr::memchr(b'"', &bytes[at..]) {
                None => return,
                Some(length) => at += length + 1,
            }
            match bytes.get(at) {
                Some(b'"') => at += 1,
                _ => break,
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
        assert_eq!(record_boundary(b"a,b\nc,"), 4);
        assert_eq!(record_boundary(b"a,b\nc,\"d\n"), 4);
        assert_eq!(record_boundary(b"a,\"\n\""), 0);
        assert_eq!(record_boundary(b"a,\"\n\"\r\n"), 7);
        assert_eq!(header_len(b"a,\"b\nc\"\r\nd"), Some(9));
        assert_eq!(header_len(b"\r\na,b\nc"), Some(6));
        assert_eq!(header_len(b"a,b"), None);
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
            prop_assert_eq!(record_boundary(&bytes), bytes.len());
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
            let boundary = record_boundary(&text.as_bytes()[..cut.min(text.len())]);
            let mut parts = spans(&text[..boundary], 0);
            parts.extend(spans(&text[boundary..], boundary));
            prop_assert_eq!(parts, spans(&text, 0));
        }
    }
}
