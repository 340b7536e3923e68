//! Where scalars end, and what text they spell. What it means is decided where the other reader
//! decides it.

use std::ops::Range;

use granit_parser::ScalarStyle;

use super::Block;
use crate::parse::yaml::trim_end;

/// The parser doesn't look for the colon of a key further than 1024 characters.
const KEY_BYTES_MAX: usize = 1000;

/// A scalar that was read and not yet put on the tape.
pub struct Scalar {
    style: ScalarStyle,
    /// As it is written, with quotation marks.
    pub bytes: Range<usize>,
    text: Text,
}

/// Where the text of a scalar is.
enum Text {
    Source(Range<usize>),
    Decoded,
}

impl Text {
    fn of<'t>(&self, source: &'t str, decoded: &'t str) -> &'t str {
        match self {
            Self::Source(range) => &source[range.clone()],
            Self::Decoded => decoded,
        }
    }
}

/// Where a plain scalar stands, and so what it may end at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stops {
    /// In a block collection: at its line's end, a colon, a comment.
    Block,
    /// In a flow collection: also at commas and brackets.
    Flow,
}

impl Stops {
    /// For each byte, whether a plain scalar may end there.
    fn table(self) -> &'static [bool; 256] {
        const fn table(bytes: &[u8]) -> [bool; 256] {
            let mut table = [false; 256];
            let mut index = 0;
            while index < bytes.len() {
                table[bytes[index] as usize] = true;
                index += 1;
            }
            table
        }
        static BLOCK: [bool; 256] = table(b"\n:#");
        static FLOW: [bool; 256] = table(b"\n:#,[]{}");
        match self {
            Self::Block => &BLOCK,
            Self::Flow => &FLOW,
        }
    }

    /// Whether the byte ends a plain scalar and the colon before it.
    fn at_flow(self, byte: u8) -> bool {
        self == Self::Flow && matches!(byte, b',' | b'[' | b']' | b'{' | b'}')
    }
}

impl Block<'_, '_, '_> {
    /// Puts a key on the tape and goes past its colon.
    pub(super) fn key(&mut self, key: &Scalar) -> Option<()> {
        let fits = key.bytes.len() <= KEY_BYTES_MAX;
        // Quotation marks and the last character of plain text are never blank.
        let colon = self.at == key.bytes.end && self.peek() == Some(b':');
        if !fits || !colon || !self.is_blank(self.at + 1) {
            return None;
        }
        let text = key.text.of(self.text, &self.decoded);
        self.reader.untagged_key(text, key.style, key.bytes.clone());
        self.end = key.bytes.end;
        self.at += 1;
        Some(())
    }

    /// Puts a value on the tape.
    pub(super) fn push(&mut self, scalar: &Scalar) {
        let text = scalar.text.of(self.text, &self.decoded);
        self.reader.untagged(text, scalar.style, scalar.bytes.clone());
        self.end = scalar.bytes.end;
    }

    /// The scalar at the cursor, as far as its line goes.
    pub(super) fn scalar(&mut self, stops: Stops) -> Option<Scalar> {
        match self.peek()? {
            b'\'' => self.single_quoted(),
            b'"' => self.double_quoted(),
            _ => self.plain(stops),
        }
    }

    /// The lines of a scalar that follow the one that was read, if it is plain, in a collection at
    /// the column `parent`. Then the scalar is a value.
    pub(super) fn rest_of_scalar(&mut self, mut scalar: Scalar, parent: usize) -> Option<()> {
        if scalar.style == ScalarStyle::Plain {
            while let Some((breaks, start)) = self.continuation(parent) {
                if let Text::Source(first) = scalar.text {
                    self.decoded.clear();
                    self.decoded.push_str(&self.text[first]);
                    scalar.text = Text::Decoded;
                }
                let line = self.plain_line(start, Stops::Block);
                self.fold(breaks);
                self.decoded.push_str(&self.text[line.clone()]);
                scalar.bytes.end = line.end;
            }
        }
        self.push(&scalar);
        self.end_line()
    }

    /// A literal or folded scalar in a collection at the column `parent`.
    pub(super) fn block_scalar(&mut self, parent: usize) -> Option<()> {
        let folded = self.peek() == Some(b'>');
        self.at += 1;
        let strip = self.peek() == Some(b'-');
        self.at += usize::from(strip);
        if self.peek() != Some(b'\n') {
            return None;
        }
        self.line = self.at + 1;
        let start = self.after_spaces(self.line);
        let indent = start - self.line;
        if indent <= parent || self.is_blank(start) {
            return None;
        }
        self.decoded.clear();
        let mut end = start;
        let mut breaks = 0;
        loop {
            // `self.line` is a line that may belong to the scalar.
            let content = self.after_spaces(self.line);
            let spaces = content - self.line;
            let blank = matches!(self.bytes.get(content), None | Some(b'\n'));
            if !blank && spaces < indent {
                break;
            }
            // Spaces beyond the indentation are text, and keep folded lines apart.
            if spaces > indent && (blank || folded) {
                return None;
            }
            if !blank {
                if folded {
                    self.fold(breaks);
                } else {
                    self.decoded.extend(std::iter::repeat_n('\n', breaks));
                }
                end = self.line_end(content);
                self.decoded.push_str(&self.text[self.line + indent..end]);
                breaks = 0;
            }
            breaks += 1;
            self.line = self.line_end(content) + 1;
            if self.line > self.bytes.len() {
                break;
            }
        }
        if !strip {
            self.decoded.push('\n');
        }
        let style = if folded { ScalarStyle::Folded } else { ScalarStyle::Literal };
        let bytes = trim_end(self.text, start..end);
        self.push(&Scalar { style, bytes, text: Text::Decoded });
        self.at = self.line.min(self.bytes.len());
        self.next_node();
        Some(())
    }

    fn plain(&mut self, stops: Stops) -> Option<Scalar> {
        if !begins_plain(&self.bytes[self.at..]) {
            return None;
        }
        let bytes = self.plain_line(self.at, stops);
        let text = Text::Source(bytes.clone());
        Some(Scalar { style: ScalarStyle::Plain, bytes, text })
    }

    /// The part of a plain scalar that stands in one line, without blanks at its end. Goes to what
    /// it stops at.
    fn plain_line(&mut self, start: usize, stops: Stops) -> Range<usize> {
        let table = stops.table();
        let mut at = start;
        while let Some(&byte) = self.bytes.get(at) {
            let ends = table[usize::from(byte)]
                && match byte {
                    b':' => self.is_blank(at + 1) || stops.at_flow(self.bytes[at + 1]),
                    b'#' => self.bytes[at - 1] == b' ',
                    _ => true,
                };
            if ends {
                break;
            }
            at += 1;
        }
        self.at = at;
        let mut end = at;
        while end > start && self.bytes[end - 1] == b' ' {
            end -= 1;
        }
        start..end
    }

    /// Where a plain scalar goes on whose line ends at the cursor, and over how many line ends.
    fn continuation(&self, parent: usize) -> Option<(usize, usize)> {
        let mut at = self.at;
        let mut breaks = 0;
        while self.bytes.get(at) == Some(&b'\n') {
            breaks += 1;
            let line = at + 1;
            at = self.after_spaces(line);
            match self.bytes.get(at)? {
                b'\n' => {}
                b'#' => return None,
                _ => return (at - line > parent).then_some((breaks, at)),
            }
        }
        None
    }

    /// One line end is a space; of several, all but the first count. Before the text there is none.
    fn fold(&mut self, breaks: usize) {
        match breaks {
            0 => {}
            1 => self.decoded.push(' '),
            _ => self.decoded.extend(std::iter::repeat_n('\n', breaks - 1)),
        }
    }

    fn single_quoted(&mut self) -> Option<Scalar> {
        let start = self.at;
        let mut from = start + 1;
        let mut decoded = false;
        loop {
            let end = from + memchr::memchr2(b'\'', b'\n', &self.bytes[from..])?;
            if self.bytes[end] == b'\n' {
                return None;
            }
            if self.bytes.get(end + 1) != Some(&b'\'') {
                return Some(self.quoted(ScalarStyle::SingleQuoted, start, from..end, decoded));
            }
            self.decode(from..end + 1, &mut decoded);
            from = end + 2;
        }
    }

    fn double_quoted(&mut self) -> Option<Scalar> {
        let start = self.at;
        let mut from = start + 1;
        let mut decoded = false;
        loop {
            let end = from + memchr::memchr3(b'"', b'\\', b'\n', &self.bytes[from..])?;
            if self.bytes[end] == b'"' {
                return Some(self.quoted(ScalarStyle::DoubleQuoted, start, from..end, decoded));
            }
            // A line end is no such byte, either.
            let character = match self.bytes.get(end + 1).filter(|_| self.bytes[end] == b'\\')? {
                b'n' => '\n',
                b't' => '\t',
                byte @ (b'"' | b'\\' | b'/') => char::from(*byte),
                _ => return None,
            };
            self.decode(from..end, &mut decoded);
            self.decoded.push(character);
            from = end + 2;
        }
    }

    /// The scalar whose last piece of text is `rest`, behind what was decoded.
    fn quoted(
        &mut self,
        style: ScalarStyle,
        start: usize,
        rest: Range<usize>,
        mut decoded: bool,
    ) -> Scalar {
        self.at = rest.end + 1;
        let text = if decoded {
            self.decode(rest, &mut decoded);
            Text::Decoded
        } else {
            Text::Source(rest)
        };
        Scalar { style, bytes: start..self.at, text }
    }

    /// Adds a piece of a scalar to its decoded text, which the first one begins.
    fn decode(&mut self, piece: Range<usize>, decoded: &mut bool) {
        if !std::mem::replace(decoded, true) {
            self.decoded.clear();
        }
        self.decoded.push_str(&self.text[piece]);
    }
}

/// Whether a plain scalar begins here, and it can be nothing else.
fn begins_plain(bytes: &[u8]) -> bool {
    match bytes {
        [b'-', next, ..] => next.is_ascii_alphanumeric() || *next == b'.',
        // At column 0 they may end a document.
        [b'.', b'.', b'.', ..] => false,
        [b'-' | b'?' | b':' | b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!', ..]
        | [b'|' | b'>' | b'\'' | b'"' | b'%' | b'@' | b'`' | b' ' | b'\n', ..]
        | [] => false,
        _ => true,
    }
}
