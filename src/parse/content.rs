//! What a file holds that isn't what its name says: a workbook, a web page, a pointer to a file that
//! was never fetched, a merge that nobody finished, text in another character set.
//!
//! Such a file has one fault and is reported once, whoever reads it: as records, schema, code list or
//! manifest. What is looked at on the way to good files is their first bytes; the rest is looked at
//! where something else is wrong.

use std::ops::Range;

use memchr::memmem;

use crate::diagnostic::{Code, Diagnostic, Place, code};
use crate::workspace::{Format, Source, SourceId};

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Content {
    code: &'static Code,
    /// With its article.
    what: &'static str,
    help: &'static str,
}

const fn foreign(what: &'static str, help: &'static str) -> Content {
    Content { code: &code::FOREIGN_CONTENT, what, help }
}

const fn encoded(what: &'static str) -> Content {
    Content {
        code: &code::INVALID_UTF8,
        what,
        help: "save it as UTF-8; spreadsheets call that “CSV UTF-8”",
    }
}

const UNPACK: &str =
    "unpack it, or name it for what it is: `.gz` and `.zst` are unpacked on reading";
const EXPORT: &str = "open it in the program that made it, and export what it holds as UTF-8 text";

const UTF_16: &str = "text in UTF-16";

/// What files of a kind begin with.
const SIGNATURES: &[(&[u8], Content)] = &[
    (b"\xff\xfe\0\0", encoded("text in UTF-32")),
    (b"\0\0\xfe\xff", encoded("text in UTF-32")),
    (b"\xff\xfe", encoded(UTF_16)),
    (b"\xfe\xff", encoded(UTF_16)),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", foreign("an old Excel or Word file", EXPORT)),
    (b"%PDF-", foreign("a PDF document", EXPORT)),
    (b"{\\rtf", foreign("a document in RTF", EXPORT)),
    (b"\x1f\x8b", foreign("data packed with gzip", UNPACK)),
    (b"\x28\xb5\x2f\xfd", foreign("data packed with Zstandard", UNPACK)),
    (b"BZh91AY&SY", foreign("data packed with bzip2", UNPACK)),
    (b"\xfd7zXZ\0", foreign("data packed with xz", UNPACK)),
    (b"7z\xbc\xaf\x27\x1c", foreign("a 7-Zip archive", UNPACK)),
    (b"PAR1\x15", foreign("a Parquet file", EXPORT)),
    (b"SQLite format 3\0", foreign("a SQLite database", EXPORT)),
    (b"\x89PNG\r\n", foreign("a picture", EXPORT)),
    (b"\xff\xd8\xff", foreign("a picture", EXPORT)),
    (
        b"version https://git-lfs.github.com/spec/",
        foreign("a Git LFS pointer", "fetch the file that it stands for: `git lfs pull`"),
    ),
];

const WEB_PAGE: Content = foreign(
    "a web page",
    "download the file itself; the page may be a preview, a login or an error message",
);

/// The finding that a file, which begins with `bytes`, isn't of its format.
#[must_use]
pub fn mistaken(bytes: &[u8], source: SourceId, file: &Source) -> Option<Diagnostic> {
    let (path, format) = (&file.path, file.format);
    let content = recognise(bytes, format)?;
    let wanted = if content.code == &code::INVALID_UTF8 { "UTF-8" } else { format.name() };
    let message = format!("`{path}` holds {}, not {wanted}", content.what);
    let place = Place::new(source, 0..0);
    let help = if content.what == UTF_16 {
        file.with_block(content.help, &["encoding = \"utf-16\""])
    } else {
        content.help.to_owned()
    };
    Some(Diagnostic::new(content.code, place, message).help(help))
}

fn recognise(bytes: &[u8], format: Format) -> Option<Content> {
    match bytes {
        // What nearly all files begin with.
        [b'-' | b'#' | b'a'..=b'u' | b'w'..=b'z', second, ..] if *second != 0 => return None,
        [b'P', b'K', 3 | 5, 4 | 6, ..] => return Some(archive(bytes)),
        [0, second, 0, fourth, ..] if *second != 0 && *fourth != 0 => {
            return Some(encoded(UTF_16));
        }
        [first, 0, third, 0, ..] if *first != 0 && *third != 0 => {
            return Some(encoded(UTF_16));
        }
        _ => {}
    }
    if let Some((_, content)) = SIGNATURES.iter().find(|(start, _)| bytes.starts_with(start)) {
        return Some(*content);
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let begins =
        |word: &[u8]| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    if begins(b"<!doctype html") || begins(b"<html") || begins(b"<head") {
        return Some(WEB_PAGE);
    }
    if begins(b"<?xml") {
        return Some(foreign("XML", EXPORT));
    }
    let is_json = text.starts_with(b"{\"") || text.starts_with(b"[{") || text.starts_with(b"{\n");
    (format == Format::Csv && is_json)
        .then_some(foreign("JSON", "call the file `.json`, or `.jsonl` if a line is a record"))
}

/// An archive in the format of zip, which office programs write.
fn archive(bytes: &[u8]) -> Content {
    let start = &bytes[..bytes.len().min(1 << 14)];
    let holds = |name: &[u8]| memmem::find(start, name).is_some();
    if holds(b"opendocument.spreadsheet") {
        foreign("an OpenDocument spreadsheet", "save the sheet as “Text CSV” in UTF-8")
    } else if holds(b"xl/") || (holds(b"[Content_Types].xml") && !holds(b"word/")) {
        foreign("an Excel workbook", "save the sheet as “CSV UTF-8 (comma delimited)”")
    } else if holds(b"word/") || holds(b"opendocument") {
        foreign("a document of an office program", EXPORT)
    } else {
        foreign("a zip archive", UNPACK)
    }
}

/// The finding that there is a byte at `at` of `bytes`, or the rest of the file from there on, that
/// isn't UTF-8. `place` is where that byte stands in the file.
#[must_use]
pub fn not_utf8(bytes: &[u8], at: usize, place: Place, file: &Source) -> Diagnostic {
    let path = &file.path;
    let start = &bytes[..bytes.len().min(1 << 12)];
    let controls = start.iter().filter(|byte| matches!(byte, 0..=8 | 14..=31)).count();
    if start.contains(&0) || controls * 20 > start.len() {
        let message = format!("`{path}` holds binary data, not text");
        return Diagnostic::new(&code::FOREIGN_CONTENT, place, message).help(EXPORT);
    }
    let finding = Diagnostic::new(
        &code::INVALID_UTF8,
        place,
        format!("`{path}` holds a byte that isn't UTF-8"),
    )
    .label("here the text stops being UTF-8");
    let rest = &bytes[at..];
    let cut = std::str::from_utf8(rest).is_err_and(|error| error.error_len().is_none());
    if cut && rest.len() < 4 {
        return finding.help("the file ends in the middle of a character: was it cut off?");
    }
    let run = rest.iter().take_while(|byte| !byte.is_ascii()).count();
    match windows_1252(rest[0]).filter(|_| run < 3) {
        Some(character) => finding.help(file.with_block(
            &format!(
                "save the file as UTF-8; it looks like Windows-1252, where this byte is \
                 `{character}`"
            ),
            &["encoding = \"windows-1252\""],
        )),
        None => finding.help(file.with_block(
            "save the file as UTF-8; it is in another character set now",
            &["encoding = \"…\""],
        )),
    }
}

/// What a byte beyond ASCII is in Windows-1252, where that is a letter or a mark that texts have.
fn windows_1252(byte: u8) -> Option<char> {
    const FROM_80: [char; 32] = [
        '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0',
        '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
    ];
    let character = match byte {
        0..0x80 => return None,
        0x80..0xa0 => FROM_80[usize::from(byte - 0x80)],
        0xa0.. => char::from(byte),
    };
    (!character.is_control() && character != '\u{a0}').then_some(character)
}

/// The lines that a version-control system puts into a file where a merge needs a decision.
const MARKERS: [&[u8]; 3] = [b"<<<<<<< ", b"||||||| ", b">>>>>>> "];

/// Whether a line begins here that marks an unfinished merge.
#[inline]
#[must_use]
pub fn is_marker(bytes: &[u8]) -> bool {
    matches!(bytes.first(), Some(b'<' | b'|' | b'>' | b'='))
        && (MARKERS.iter().any(|marker| bytes.starts_with(marker))
            || bytes
                .strip_prefix(b"=======")
                .is_some_and(|rest| matches!(rest, [] | [b'\n' | b'\r', ..])))
}

/// A merge that nobody finished.
pub struct Conflict {
    /// Its first line.
    pub first: Range<usize>,
    /// Its last line, if it is there.
    pub last: Option<Range<usize>>,
}

impl Conflict {
    /// The conflict whose first line begins at `at`, where there is a marker.
    #[must_use]
    pub fn at(text: &str, at: usize) -> Self {
        let bytes = text.as_bytes();
        let line = |start: usize| {
            let end = memchr::memchr(b'\n', &bytes[start..]).map_or(text.len(), |it| start + it);
            start..start + text[start..end].trim_end().len()
        };
        // No further than to the next one, so that many without an end cost no more than their text.
        let next = |from| find(text, MARKERS[0], from).unwrap_or(text.len());
        let begins = bytes[at..].starts_with(MARKERS[0]);
        let last = begins.then(|| find(&text[..next(at + 1)], MARKERS[2], at));
        Self { first: line(at), last: last.flatten().map(line) }
    }

    /// The first one of a text.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        let first = find(text, MARKERS[0], 0).or_else(|| find(text, MARKERS[2], 0))?;
        Some(Self::at(text, first))
    }

    /// The finding. Places count from `base`.
    #[must_use]
    pub fn report(&self, source: SourceId, base: u64) -> Diagnostic {
        let place = |lines: &Range<usize>| {
            Place::new(source, base + lines.start as u64..base + lines.end as u64)
        };
        let finding = Diagnostic::new(
            &code::MERGE_CONFLICT,
            place(&self.first),
            "a merge stopped here and was never finished",
        )
        .help("keep one of the two versions, or parts of both, and remove the marks");
        match &self.last {
            Some(last) => finding.label("one version begins").with(place(last), "the other ends"),
            None => finding,
        }
    }
}

/// Where a line begins with `marker`, from `at` on.
fn find(text: &str, marker: &[u8], at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let found = memmem::find_iter(&bytes[at..], marker).map(|it| at + it);
    found.into_iter().find(|&it| it == 0 || bytes[it - 1] == b'\n')
}

#[cfg(test)]
mod tests {
    use super::{Conflict, is_marker, mistaken, not_utf8};
    use crate::diagnostic::Place;
    use crate::workspace::{Format, Source, SourceId};

    fn said(bytes: &[u8], format: Format) -> Option<String> {
        let file = Source::read_as("x", format);
        mistaken(bytes, SourceId(0), &file).map(|finding| finding.message)
    }

    #[test]
    fn other_contents_are_named() {
        for (bytes, format, message) in [
            (&b"PK\x03\x04....[Content_Types].xml"[..], Format::Csv, "an Excel workbook, not CSV"),
            (b"PK\x03\x04..mimetype", Format::Csv, "a zip archive, not CSV"),
            (
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
                Format::Csv,
                "an old Excel or Word file, not CSV",
            ),
            (b"%PDF-1.7", Format::Yaml, "a PDF document, not YAML"),
            (b"\x1f\x8b\x08", Format::Json, "data packed with gzip, not JSON"),
            (b"\n <!DOCTYPE HTML><p>", Format::Yaml, "a web page, not YAML"),
            (
                b"version https://git-lfs.github.com/spec/v1\n",
                Format::Csv,
                "a Git LFS pointer, not CSV",
            ),
            (b"[{\"id\": 1}]", Format::Csv, "JSON, not CSV"),
            (b"\xff\xfei\0d\0", Format::Csv, "text in UTF-16, not UTF-8"),
            (b"i\0d\0", Format::Csv, "text in UTF-16, not UTF-8"),
            (b"\0i\0d", Format::Yaml, "text in UTF-16, not UTF-8"),
        ] {
            assert_eq!(said(bytes, format), Some(format!("`x` holds {message}")), "{bytes:?}");
        }
    }

    #[test]
    fn near_misses_are_read() {
        for text in
            ["", "v", "version: 1\n", "PK,a\n", "PAR1,a\n", "<a>: b\n", "\u{feff}id\n", "[]"]
        {
            assert_eq!(said(text.as_bytes(), Format::Csv), None, "{text}");
        }
        assert_eq!(said(b"{\"id\": 1}", Format::Yaml), None);
    }

    #[test]
    fn character_sets_are_guessed_where_one_is_likely() {
        let help = |bytes: &[u8], at: usize| {
            let finding = not_utf8(
                bytes,
                at,
                Place::new(SourceId(0), 0..1),
                &Source::read_as("x", Format::Csv),
            );
            (finding.code.id, finding.help.unwrap_or_default())
        };
        assert!(help(b"caf\xe9 x", 3).1.ends_with("Windows-1252, where this byte is `\u{e9}`"));
        assert!(help(b"\xca\xe8\xe5\xe2", 0).1.ends_with("another character set now"));
        assert!(help(b"caf\xc3", 3).1.ends_with("was it cut off?"));
        assert_eq!(help(b"a\0\0\x80", 3).0, "P019");
    }

    #[test]
    fn markers_stand_at_the_start_of_lines() {
        let text = "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> other\nd\n";
        let conflict = Conflict::find(text).expect("a conflict");
        assert_eq!(&text[conflict.first], "<<<<<<< HEAD");
        assert_eq!(conflict.last.map(|last| &text[last]), Some(">>>>>>> other"));
        assert!(Conflict::find("a: <<<<<<< HEAD\n").is_none());
        assert!(is_marker(b"=======\n") && !is_marker(b"========\n") && !is_marker(b"<<: *a\n"));
    }
}
