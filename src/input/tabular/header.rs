//! The cells of a header: what a file calls its columns, and what its dialect says of them.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use crate::diagnostic::{Diagnostic, Place, code};
use crate::dialect::{Dialect, Header, Wildcard, Written};
use crate::parse::csv::{Opening, RowReader, drop_last, separator_but, skip};
use crate::workspace::{Source, SourceId};

/// A header, read.
pub(super) struct HeaderCells<'h> {
    /// Its cells.
    pub(super) cells: Vec<HeaderCell<'h>>,
    /// All of it.
    pub(super) place: Place,
}

/// The name of a column.
pub(super) struct HeaderCell<'h> {
    pub(super) name: Cow<'h, str>,
    /// Where it stands in the header's text; empty where the manifest has it.
    pub(super) span: Range<usize>,
    /// Where it stands.
    pub(super) place: Place,
}

/// What a dialect says of a column.
pub(super) enum Told<'d> {
    /// What it is called elsewhere.
    Named(&'d str),
    /// Nothing is taken from it.
    Ignored,
    /// It holds something of an item of a list: the number of the list's entry, that of the property, and
    /// what tells the item from others.
    Wide(usize, usize, String),
    /// It holds something of all items of a list: the number of the list's entry, and that of the
    /// property.
    Zipped(usize, usize),
}

impl<'h> HeaderCells<'h> {
    /// Reads the header of a file: `text`, which begins at `base`. None if there is none, or it makes no
    /// sense. `knows` tells names of columns.
    pub(super) fn read(
        text: &'h str,
        (source, base): (SourceId, u64),
        file: &'h Source,
        level: &str,
        knows: impl Fn(&str) -> bool,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let dialect = file.dialect();
        if let (Header::Names(names), Some(declared)) = (&dialect.header, &dialect.declared) {
            let manifest = SourceId(declared.manifest);
            let cell = |name: &'h Written<String>| HeaderCell {
                name: name.value.as_str().into(),
                span: 0..0,
                place: Place::new(manifest, name.span.clone()).at(&*name.pointer),
            };
            let place = Place::new(source, base..base);
            return Some(Self { cells: names.iter().map(cell).collect(), place });
        }
        let place = |span: &Range<usize>| {
            Place::new(source, base + span.start as u64..base + span.end as u64)
        };
        let syntax = dialect.syntax;
        let mut cells = Vec::new();
        let Some((row, fault)) = RowReader::new(text, 0).by(syntax).next(&mut cells) else {
            let message = format!("the file has no header, and so no rows of `{level}`");
            let help = format!(
                "begin it with the names of its columns, separated by {}",
                match syntax.delimiter {
                    b',' => "commas".to_owned(),
                    _ => format!("a {}", syntax.delimiter_name()),
                }
            );
            let finding = Diagnostic::new(&code::INVALID_SYNTAX, place(&(0..0)), message);
            diagnostics.push(finding.help(help));
            return None;
        };
        let own = char::from(syntax.delimiter);
        let named = |name: &str| {
            knows(name) || dialect.columns.iter().any(|(column, _)| column.value == name)
        };
        if let Some(separator) = separator_but(text, own, named) {
            let mut finding = separator.report_but(own, place(&row));
            let help = finding.help.take().unwrap_or_default();
            diagnostics.push(finding.help(file.with_block(&help, &separator.lines())));
            return None;
        }
        if let Some(fault) = fault {
            diagnostics.push(fault.report(place));
            return None;
        }
        let cells = cells.iter().map(|cell| HeaderCell {
            name: cell.decode(text),
            span: cell.span.clone(),
            place: place(&cell.span),
        });
        Some(Self { cells: cells.collect(), place: place(&row) })
    }
}

/// What a dialect says of the column of that name. The numbers of its entries that speak of it, as
/// [`entries`] counts them, go to `used`.
pub(super) fn told<'d>(
    dialect: &'d Dialect,
    name: &str,
    used: &mut BTreeSet<usize>,
) -> Option<Told<'d>> {
    let mut number = 0;
    let mut found = None;
    let mut next = |is_meant: bool| {
        if is_meant {
            used.insert(number);
        }
        number += 1;
        is_meant
    };
    for (column, named) in &dialect.columns {
        if next(column.value == name) {
            found.get_or_insert(Told::Named(&named.value));
        }
    }
    for (list, zip) in dialect.zip.iter().enumerate() {
        for (property, (column, _)) in zip.columns.iter().enumerate() {
            if next(column.value == name) {
                found.get_or_insert(Told::Zipped(list, property));
            }
        }
    }
    for (list, wide) in dialect.wide.iter().enumerate() {
        for (property, (_, pattern)) in wide.columns.iter().enumerate() {
            let inside = pattern.value.inside(name);
            if next(inside.is_some()) {
                let item = inside.unwrap_or_default().to_owned();
                found.get_or_insert(Told::Wide(list, property, item));
            }
        }
    }
    for pattern in &dialect.ignore {
        if next(pattern.value.matches(name)) {
            found.get_or_insert(Told::Ignored);
        }
    }
    found
}

/// The entries of a dialect that name columns of files, in the order in which [`told`] numbers them.
pub(crate) fn entries(dialect: &Dialect) -> Vec<Written<&str>> {
    let text =
        |it: &'_ Written<String>| -> (Range<u64>, String) { (it.span.clone(), it.pointer.clone()) };
    let of = |value, (span, pointer)| Written { value, span, pointer };
    let pattern = |it: &Written<Wildcard>| (it.span.clone(), it.pointer.clone());
    let columns = dialect.columns.iter().map(|(it, _)| of(it.value.as_str(), text(it)));
    let zip = dialect.zip.iter().flat_map(|zip| &zip.columns);
    let zip = zip.map(|(it, _)| of(it.value.as_str(), text(it)));
    let wide = dialect.wide.iter().flat_map(|wide| &wide.columns);
    let wide = wide.map(|(_, it)| of(it.value.as_str(), pattern(it)));
    let ignore = dialect.ignore.iter().map(|it| of(it.value.as_str(), pattern(it)));
    columns.chain(zip).chain(wide).chain(ignore).collect()
}

/// Where the header of a file stands that begins with `bytes`, and what row comes first; none if there is
/// no such line.
pub fn opening(
    bytes: &[u8],
    (source, base): (SourceId, u64),
    file: &Source,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Opening> {
    let dialect = file.dialect();
    if dialect.encoding.is_some() && bytes.starts_with("\u{ef}\u{bb}\u{bf}".as_bytes()) {
        let name = dialect.encoding.map_or("another encoding", |it| it.name());
        let message =
            format!("`{}` begins with the mark of UTF-8, and is declared as {name}", file.path);
        diagnostics.push(
            Diagnostic::new(&code::UNDECODABLE_BYTE, Place::new(source, base..base + 6), message)
                .help("leave `encoding` out of the file's block in dataset.toml"),
        );
        return None;
    }
    match Opening::of(bytes, dialect) {
        Ok(opening) => Some(opening),
        Err(lines) => {
            let Header::Line(line) = dialect.header else { return None };
            let message = format!(
                "line {line} of the file should be its header, and the file has {lines} lines"
            );
            let place = Place::new(source, base..base);
            diagnostics.push(
                Diagnostic::new(&code::INVALID_SYNTAX, place, message)
                    .help("correct `header` in the file's block in dataset.toml"),
            );
            None
        }
    }
}

/// The header of a whole file, where its rows begin, and its text without the rows that hold no records.
/// None if there is no header.
pub fn whole(
    text: String,
    (source, base): (SourceId, u64),
    file: &Source,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(String, Range<usize>)> {
    let dialect = file.dialect();
    let Opening { header, row } = opening(text.as_bytes(), (source, base), file, diagnostics)?;
    let mut text = text;
    drop_last(&mut text, header.end, dialect.syntax, dialect.skip_last);
    if !dialect.skip.is_empty() {
        let mut bytes = text.into_bytes();
        skip(&mut bytes[header.end..], dialect.syntax, row, &dialect.skip);
        text = String::from_utf8(bytes).expect("whole rows became line ends");
    }
    Some((text, header))
}
