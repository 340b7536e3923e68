//! Where the rows of a file begin: behind its header, and behind what stands before that.

use std::collections::VecDeque;
use std::ops::Range;

use super::cells::{RowReader, header_len, is_no_row, row_ends};
use crate::dialect::{Dialect, Header, Syntax};

/// The beginning of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Where the header stands; empty if the manifest has the names of the columns.
    pub header: Range<usize>,
    /// The number of the row that comes first behind it.
    pub row: u64,
}

impl Opening {
    /// Finds the header of a file that begins with `bytes`. An error is how many lines there are, where
    /// it should stand in a later one.
    ///
    /// # Errors
    /// When there is no such line.
    pub fn of(bytes: &[u8], dialect: &Dialect) -> Result<Self, u64> {
        let (start, line) = match dialect.header {
            Header::Names(_) => return Ok(Self { header: 0..0, row: 1 }),
            Header::First => (0, 1),
            Header::Line(line) => {
                let mut start = 0;
                for number in 1..line {
                    match memchr::memchr(b'\n', &bytes[start..]) {
                        Some(length) => start += length + 1,
                        None => return Err(number - u64::from(start == bytes.len())),
                    }
                }
                (start, line)
            }
        };
        let rest = &bytes[start..];
        let length = header_len(rest, dialect.syntax).unwrap_or(rest.len());
        let header = start..start + length;
        let mut rows = 0;
        row_ends(&bytes[header.clone()], dialect.syntax, |_| {
            rows += 1;
            true
        });
        Ok(Self { header, row: line + rows })
    }
}

/// Makes blank lines of rows that hold no records. `first` is the number of the row that `bytes` begin with;
/// returned is that of the row behind them. Of a row with a quote that closes elsewhere than in it, only the
/// line is left out.
pub fn skip(bytes: &mut [u8], syntax: Syntax, first: u64, rows: &[u64]) -> u64 {
    let last = rows.last().copied().unwrap_or_default();
    let (mut next, mut start) = (first, 0);
    let mut is_broken = true;
    while is_broken {
        is_broken = false;
        let (from, mut found) = (start, Vec::new());
        row_ends(&bytes[from..], syntax, |length| {
            let mut end = from + length;
            if rows.binary_search(&next).is_ok() {
                let row = &bytes[start..end];
                is_broken = is_faulty(row, syntax);
                if is_broken && let Some(line) = memchr::memchr(b'\n', row) {
                    end = start + line + 1;
                }
                found.push(start..end);
            }
            start = end;
            next += 1;
            next <= last && !is_broken
        });
        found.into_iter().for_each(|row| bytes[row].fill(b'\n'));
        is_broken &= next <= last;
    }
    next
}

fn is_faulty(row: &[u8], syntax: Syntax) -> bool {
    let Ok(row) = std::str::from_utf8(row) else { return true };
    let read = RowReader::new(row, 0).by(syntax).next(&mut Vec::new());
    read.is_some_and(|(_, fault)| fault.is_some())
}

/// Where the last rows begin that have something in them.
#[must_use]
pub fn last_rows(bytes: &[u8], syntax: Syntax, count: usize) -> usize {
    let mut starts = VecDeque::with_capacity(count + 1);
    let mut start = 0;
    row_ends(bytes, syntax, |end| {
        if !is_no_row(&bytes[start..end], syntax) {
            starts.push_back(start);
            if starts.len() > count {
                starts.pop_front();
            }
        }
        start = end;
        true
    });
    starts.front().copied().unwrap_or(bytes.len())
}

/// A text without its last rows.
pub fn drop_last(text: &mut String, from: usize, syntax: Syntax, count: usize) {
    if count > 0 {
        let length = from + last_rows(&text.as_bytes()[from..], syntax, count);
        text.truncate(length);
    }
}

#[cfg(test)]
mod tests {
    use super::{Opening, drop_last, skip};
    use crate::dialect::{Dialect, Header, Syntax};

    fn opening(text: &str, header: Header) -> Result<(&str, u64), u64> {
        let dialect = Dialect {
            header,
            syntax: Syntax { comment: Some(b'#'), ..Syntax::PLAIN },
            ..Dialect::PLAIN
        };
        let opening = Opening::of(text.as_bytes(), &dialect)?;
        Ok((&text[opening.header], opening.row))
    }

    #[test]
    fn headers_stand_where_they_are_declared() {
        let text = "Title, \"x\n\n# note \",\"\nid,\"a\nb\"\nunits\n1,2\n";
        assert_eq!(opening(text, Header::Line(4)), Ok(("id,\"a\nb\"\n", 5)));
        assert_eq!(opening(text, Header::Line(6)), Ok(("units\n", 7)));
        assert_eq!(opening(text, Header::Line(9)), Err(7));
        assert_eq!(opening("a", Header::Line(3)), Err(1));
        assert_eq!(opening("# x\n\nid\n1\n", Header::First), Ok(("# x\n\nid\n", 4)));
        assert_eq!(opening("1,2\n", Header::Names(Vec::new())), Ok(("", 1)));
    }

    #[test]
    fn rows_are_skipped_by_number() {
        let skipped = |text: &str, first, rows: &[u64]| {
            let mut bytes = text.as_bytes().to_vec();
            let next = skip(&mut bytes, Syntax::PLAIN, first, rows);
            (String::from_utf8(bytes).expect("line ends"), next)
        };
        assert_eq!(skipped("a\n\"b\nc\"\nd\n", 2, &[3]), ("a\n\n\n\n\n\n\nd\n".to_owned(), 4));
        assert_eq!(skipped("a\nb\n", 7, &[3]).0, "a\nb\n");
        assert_eq!(skipped("a\nb", 2, &[3, 9]), ("a\n\n".to_owned(), 4));
        assert_eq!(skipped("\"a\nb\nc\n", 2, &[2]), ("\n\n\nb\nc\n".to_owned(), 3));
        assert_eq!(skipped("\"a\n\"b\nc\n", 2, &[2]).0, "\n\n\n\"b\nc\n");
    }

    #[test]
    fn last_rows_are_dropped() {
        let dropped = |text: &str, count| {
            let mut text = text.to_owned();
            drop_last(&mut text, 0, Syntax::PLAIN, count);
            text
        };
        assert_eq!(dropped("a\nb\n\n\"c\nd\"\n\n", 1), "a\nb\n\n");
        assert_eq!(dropped("a\nb\n\nc", 2), "a\n");
        assert_eq!(dropped("a\n", 5), "");
        assert_eq!(dropped("a\n", 0), "a\n");
    }
}
