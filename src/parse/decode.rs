//! From the bytes of a file to text: unpacked, without a byte-order mark, and UTF-8.

use std::io::Read as _;
use std::ops::Range;

use super::content;
use crate::diagnostic::{Diagnostic, Place, code};
use crate::fault::Fault;
use crate::workspace::{Source, SourceId, Workspace};

/// A longer file that isn't read line by line is refused.
pub const FILE_BYTES_MAX: usize = 1 << 30;
/// Room for a small file, which is read at one go.
const SMALL_FILE_BYTES: usize = 1 << 14;
/// UTF-8's optional first bytes.
pub const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Some bytes of a file.
pub struct Stretch {
    /// The file.
    pub source: SourceId,
    /// Where the bytes begin in the unpacked file.
    pub base: u64,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A whole file as text without its byte-order mark, and where the text begins. None if it isn't
/// text, or too long; then diagnostics say so.
///
/// # Errors
/// When the file can't be read.
pub fn read_text(
    workspace: &Workspace,
    source: SourceId,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Option<(String, u64)>, Fault> {
    read_text_into(Vec::new(), workspace, source, diagnostics)
}

/// The same, in the place of what `bytes` held.
///
/// # Errors
/// When the file can't be read.
pub fn read_text_into(
    mut bytes: Vec<u8>,
    workspace: &Workspace,
    source: SourceId,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Option<(String, u64)>, Fault> {
    bytes.clear();
    // Most files fit, and are read at one go.
    bytes.reserve(SMALL_FILE_BYTES);
    let mut reader = workspace.open(source)?.take(FILE_BYTES_MAX as u64 + 1);
    if let Err(cause) = reader.read_to_end(&mut bytes) {
        diagnostics.push(unreadable(workspace, source, Place::new(source, 0..0), cause)?);
        return Ok(None);
    }
    if bytes.len() > FILE_BYTES_MAX {
        let message = format!("the file is longer than {} MiB", FILE_BYTES_MAX >> 20);
        diagnostics.push(
            Diagnostic::new(&code::LINE_TOO_LONG, Place::new(source, 0..0), message)
                .help("write large tables as JSON Lines or CSV, which are read in pieces"),
        );
        return Ok(None);
    }
    let file = workspace.source(source);
    if let Some(finding) = content::mistaken(&bytes, source, file) {
        diagnostics.push(finding);
        return Ok(None);
    }
    let mut base = 0;
    if bytes.starts_with(BYTE_ORDER_MARK) {
        base = BYTE_ORDER_MARK.len();
        bytes.drain(..base);
    }
    match String::from_utf8(bytes) {
        Ok(text) => {
            let mut lost = Lost::default();
            lost.look(text.as_bytes(), base as u64, file);
            diagnostics.extend(lost.report(source, file));
            Ok(Some((text, base as u64)))
        }
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let place = (base + at) as u64;
            let place = Place::new(source, place..place + 1);
            diagnostics.push(content::not_utf8(error.as_bytes(), at, place, file));
            Ok(None)
        }
    }
}

/// A stretch as text. That lines aren't UTF-8 is reported at the first one, and bytes are
/// replaced as far as needed to read the others.
pub fn stretch_text(
    stretch: Stretch,
    workspace: &Workspace,
    diagnostics: &mut Vec<Diagnostic>,
) -> String {
    let Stretch { source, base, bytes } = stretch;
    let mut bytes = match String::from_utf8(bytes) {
        Ok(text) => return text,
        Err(error) => error.into_bytes(),
    };
    let mut from = 0;
    let mut first = None;
    let mut others = 0;
    while let Err(error) = std::str::from_utf8(&bytes[from..]) {
        let error = from + error.valid_up_to();
        let line = line_around(&bytes, error);
        from = line.end;
        if first.is_none() {
            let at = base + error as u64;
            let place = Place::new(source, at..at + 1);
            let file = workspace.source(source);
            first = Some(content::not_utf8(&bytes, error, place, file));
        } else {
            others += 1;
        }
        replace_invalid(&mut bytes[line]);
    }
    if let Some(mut finding) = first {
        finding.message.push_str(&match others {
            0 => String::new(),
            1 => " (and 1 more line like this one)".to_owned(),
            _ => format!(" (and {others} more lines like this one)"),
        });
        diagnostics.push(finding);
    }
    String::from_utf8(bytes).expect("every faulty line was made valid")
}

/// Puts a question mark in the place of every byte that isn't UTF-8.
fn replace_invalid(line: &mut [u8]) {
    let mut at = 0;
    while let Err(error) = std::str::from_utf8(&line[at..]) {
        let start = at + error.valid_up_to();
        at = error.error_len().map_or(line.len(), |length| start + length);
        line[start..at].fill(b'?');
    }
}

/// Characters that bytes of another encoding didn't give.
#[derive(Debug, Default)]
pub struct Lost {
    first: Option<Range<u64>>,
    count: usize,
    /// The last bytes that were looked at: a character may begin there.
    last: [u8; 2],
}

impl Lost {
    /// Looks for them in decoded bytes of a file, which begin at `base`, where those before ended.
    pub fn look(&mut self, bytes: &[u8], base: u64, file: &Source) {
        if file.dialect().encoding.is_none() {
            return;
        }
        // The last bytes of a character tell, so that it is seen once.
        for at in memchr::memchr_iter(0xbd, bytes) {
            let [one, two] = self.before(bytes, at);
            if [one, two] == [0xef, 0xbf] {
                self.note(base + at as u64 - 2..base + at as u64 + 1);
            }
        }
        // Control characters of the second half, where code pages have gaps.
        for (at, &byte) in bytes.iter().enumerate() {
            if matches!(byte, 0x80..=0x9f) && self.before(bytes, at)[1] == 0xc2 {
                self.note(base + at as u64 - 1..base + at as u64 + 1);
            }
        }
        let end = bytes.len();
        self.last = [self.before(bytes, end)[0], self.before(bytes, end)[1]];
    }

    /// The two bytes before `at`.
    fn before(&self, bytes: &[u8], at: usize) -> [u8; 2] {
        match at {
            0 => self.last,
            1 => [self.last[1], bytes[0]],
            _ => [bytes[at - 2], bytes[at - 1]],
        }
    }

    fn note(&mut self, place: Range<u64>) {
        let is_earlier = self.first.as_ref().is_none_or(|first| place.start < first.start);
        if is_earlier {
            self.first = Some(place);
        }
        self.count += 1;
    }

    /// The finding, if there is anything to say.
    #[must_use]
    pub fn report(self, source: SourceId, file: &Source) -> Option<Diagnostic> {
        let (first, encoding) = (self.first?, file.dialect().encoding?);
        let more = match self.count {
            1 => String::new(),
            count => format!(" (and {} more bytes like this one)", count - 1),
        };
        let name = encoding.name();
        let message =
            format!("`{}` holds a byte that stands for nothing in {name}{more}", file.path);
        Some(
            Diagnostic::new(&code::UNDECODABLE_BYTE, Place::new(source, first), message)
                .label("here the text isn't what its writer wrote")
                .help("declare the encoding that the file was saved in, or mend the byte"),
        )
    }
}

fn line_around(bytes: &[u8], at: usize) -> Range<usize> {
    let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |newline| newline + 1);
    let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length);
    start..end
}

/// The finding that a file can't be unpacked: bad packing is bad data.
///
/// # Errors
/// Anything else is the environment's fault.
pub fn unreadable(
    workspace: &Workspace,
    source: SourceId,
    place: Place,
    cause: std::io::Error,
) -> Result<Diagnostic, Fault> {
    use crate::workspace::Compression;
    use std::io::ErrorKind;
    let file = workspace.source(source);
    let corrupt = matches!(
        cause.kind(),
        ErrorKind::InvalidData
            | ErrorKind::InvalidInput
            | ErrorKind::UnexpectedEof
            | ErrorKind::Other
    );
    if file.compression == Compression::None || !corrupt {
        return Err(Fault::new("read", &file.path, cause));
    }
    let message = format!("`{}` can't be unpacked: {cause}", file.path);
    Ok(Diagnostic::new(&code::CORRUPT_COMPRESSION, place, message)
        .help("pack it again, or fetch it again; records after this place weren't read"))
}
