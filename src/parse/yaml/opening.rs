//! Where a quotation mark or a bracket was opened that nobody closed. The parser notices that later,
//! often in the next record, where nothing is wrong.

use std::ops::Range;

/// What was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// A quotation mark, here.
    Quote(usize),
    /// A bracket.
    Bracket(usize),
}

/// What was opened in `text`, from the start of a record at `from` on, that explains an error which
/// was noticed at `at`: a bracket that is open there, or a quotation mark of an earlier line whose
/// text is open there or has ended in that line.
#[must_use]
pub fn find(text: &str, from: usize, at: usize) -> Option<Opening> {
    let mut scan =
        Scan { text, bytes: text.as_bytes(), at: from, line: from, brackets: Vec::new() };
    let mut quote = None;
    // Whether a node may begin here, and not only go on.
    let mut fresh = true;
    while scan.at < at.min(text.len()) {
        let byte = scan.bytes[scan.at];
        match byte {
            b'\n' => {
                scan.line = scan.at + 1;
                fresh = true;
                scan.at += 1;
            }
            b' ' | b'\t' | b'\r' => scan.at += 1,
            b'#' if scan.behind_blank() => scan.at = scan.line_end(),
            b'"' | b'\'' if fresh => {
                let Range { start, end } = scan.quoted(byte);
                let spans_lines = text[start..end].contains('\n');
                if spans_lines && (end >= at || !text[end..at].contains('\n')) {
                    quote = Some(Opening::Quote(start));
                }
                scan.line = text[..end].rfind('\n').map_or(0, |newline| newline + 1);
                scan.at = end;
                fresh = false;
            }
            b'|' | b'>' if fresh && scan.brackets.is_empty() => {
                scan.skip_block();
                fresh = true;
            }
            b'[' | b'{' if fresh || !scan.brackets.is_empty() => {
                scan.brackets.push(scan.at);
                scan.at += 1;
                fresh = true;
            }
            b']' | b'}' if !scan.brackets.is_empty() => {
                scan.brackets.pop();
                scan.at += 1;
                fresh = false;
            }
            b',' if !scan.brackets.is_empty() => {
                scan.at += 1;
                fresh = true;
            }
            b'-' | b'?' | b':' if scan.before_blank() => {
                fresh |= byte == b':';
                scan.at += 1;
            }
            _ => {
                fresh = false;
                scan.at += 1;
            }
        }
    }
    let open = scan.brackets.last().filter(|&&open| text[open..at].contains('\n'));
    quote.or(open.map(|&open| Opening::Bracket(open)))
}

struct Scan<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    /// Where the line begins.
    line: usize,
    /// Those that are open.
    brackets: Vec<usize>,
}

impl Scan<'_> {
    fn line_end(&self) -> usize {
        memchr::memchr(b'\n', &self.bytes[self.at..]).map_or(self.bytes.len(), |it| self.at + it)
    }

    fn behind_blank(&self) -> bool {
        self.at == self.line || matches!(self.bytes[self.at - 1], b' ' | b'\t')
    }

    fn before_blank(&self) -> bool {
        matches!(self.bytes.get(self.at + 1), None | Some(b' ' | b'\t' | b'\r' | b'\n'))
    }

    /// The scalar in quotation marks that begins here.
    fn quoted(&self, mark: u8) -> Range<usize> {
        let mut at = self.at + 1;
        while let Some(&byte) = self.bytes.get(at) {
            at += match byte {
                b'\\' if mark == b'"' => 2,
                b'\'' if byte == mark && self.bytes.get(at + 1) == Some(&mark) => 2,
                _ if byte == mark => return self.at..at + 1,
                _ => 1,
            };
        }
        self.at..self.bytes.len()
    }

    /// Goes past a block of text: the lines that are indented further than what it belongs to.
    fn skip_block(&mut self) {
        let column = |line: usize| {
            let rest = &self.text[line..];
            rest.len() - rest.trim_start_matches(' ').len()
        };
        let before = &self.text[self.line..self.at];
        let key = before.len() - before.trim_start_matches([' ', '-']).len();
        let parent = if key == before.len() { column(self.line) } else { key };
        let mut line = self.line_end() + 1;
        while line < self.bytes.len() {
            let start = line + column(line);
            let blank = matches!(self.bytes.get(start), None | Some(b'\n' | b'\r'));
            if !blank && start - line <= parent {
                break;
            }
            line = memchr::memchr(b'\n', &self.bytes[line..])
                .map_or(self.bytes.len(), |it| line + it + 1);
        }
        self.at = line.min(self.bytes.len());
        self.line = self.at;
    }
}

#[cfg(test)]
mod tests {
    use super::{Opening, find};

    #[test]
    fn what_was_opened_is_found() {
        let opened = |text: &str, noticed: &str| {
            find(text, 0, text.rfind(noticed).expect("it is there")).map(|opening| match opening {
                Opening::Quote(at) | Opening::Bracket(at) => at,
            })
        };
        assert_eq!(opened("a: \"x\nb: \"y\"\n", "y"), Some(3));
        assert_eq!(opened("a: 'x\nb: 'y'\n", "y"), Some(3));
        assert_eq!(opened("a: it's\nb: 'x' y\n", "y"), None);
        assert_eq!(opened("a: [1, 2\nb: 3\n", "b"), Some(3));
        assert_eq!(opened("a: [1, [2]]\nb: 3\n", "b"), None);
        assert_eq!(opened("a: |\n  \"[\nb: c: d\n", ": d"), None);
        assert_eq!(opened("a: b # \"[\nb: c: d\n", ": d"), None);
        assert_eq!(opened("a: x [y\nb: c: d\n", ": d"), None);
        assert_eq!(opened("- a: \"x\n  y\"\n- b: c: d\n", ": d"), None);
    }
}
