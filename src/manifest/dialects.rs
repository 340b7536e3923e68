//! `[[tables.<name>.csv]]` and `readers`: how a table's files are written.

use std::sync::Arc;

use encoding_rs::{Encoding, REPLACEMENT, X_USER_DEFINED};

use super::{entries, text_of, unusable};
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, Place, code, quote};
use crate::dialect::{
    Booleans, DatePattern, Declared, Dialect, Header, Numbers, Syntax, Thousands, Wide, Wildcard,
    Written, Zip,
};
use crate::path::{self, Pattern};
use crate::tape::{Entry, Value};
use crate::workspace::Format;

/// A way in which files of a table are written.
#[derive(Clone, Debug)]
pub struct DeclaredDialect {
    /// Patterns of the files; empty for all that are read as CSV.
    pub files: Vec<(Pattern, Place)>,
    /// How they are written.
    pub dialect: Arc<Dialect>,
    /// How those are written whose ending declares tabs.
    pub tabbed: Arc<Dialect>,
    /// Where it is declared.
    pub place: Place,
}

/// A pattern of files, and how they are read.
#[derive(Clone, Debug)]
pub struct Reader {
    /// The files.
    pub pattern: Pattern,
    /// How they are read.
    pub format: Format,
    /// Where that is declared.
    pub place: Place,
}

/// The readers of a table.
pub(super) fn readers(table: Entry<'_>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Reader> {
    let mut readers = Vec::new();
    for entry in entries(table.value, "readers") {
        let place = Place::of(entry.key).at(format!(
            "/tables/{}/readers/{}",
            table.name(),
            crate::pointer::escape(entry.name())
        ));
        let format = match entry.value.as_str() {
            Some("yaml") => Format::Yaml,
            Some("json-lines") => Format::JsonLines,
            Some("csv") => Format::Csv,
            _ => Format::Json,
        };
        if let Some(pattern) = pattern(entry.name(), &place, diagnostics) {
            readers.push(Reader { pattern, format, place });
        }
    }
    readers
}

fn pattern(text: &str, place: &Place, diagnostics: &mut Vec<Diagnostic>) -> Option<Pattern> {
    match Pattern::parse(text) {
        Ok(pattern) => Some(pattern),
        Err(path::Refusal::Outside) => {
            let finding = unusable(text, place.clone(), &path::Refusal::Outside);
            diagnostics.push(finding.help("records lie in the project"));
            None
        }
        Err(refusal) => {
            diagnostics.push(unusable(text, place.clone(), &refusal));
            None
        }
    }
}

/// The dialects of a table. `number` counts those of all tables.
pub(super) fn dialects(
    table: Entry<'_>,
    number: &mut usize,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<DeclaredDialect> {
    let mut dialects = Vec::new();
    for (index, block) in table.value.get("csv").into_iter().flat_map(Value::items).enumerate() {
        let pointer = format!("/tables/{}/csv/{index}", table.name());
        let block = Block { value: block, pointer };
        let mut files = Vec::new();
        for file in block.texts("files") {
            let place = block.place_of(&file);
            files.extend(pattern(&file.value, &place, diagnostics).map(|it| (it, place)));
        }
        let mut dialect = block.dialect(*number, diagnostics);
        *number += 1;
        let tabs = block.value.get("delimiter").is_none();
        let plain = Arc::new(dialect.clone());
        if tabs {
            dialect.syntax.delimiter = b'\t';
        }
        let tabbed = Arc::new(dialect);
        // A table of TOML that was written in brackets has the place of its header.
        let place = Place::of(block.value).at(&*block.pointer);
        dialects.push(DeclaredDialect { files, dialect: plain, tabbed, place });
    }
    dialects
}

struct Block<'t> {
    value: Value<'t>,
    pointer: String,
}

impl<'t> Block<'t> {
    fn place(&self, key: &str) -> Place {
        let value = self.value.get(key).unwrap_or(self.value);
        Place::of(value).at(format!("{}/{key}", self.pointer))
    }

    fn place_of<T>(&self, written: &Written<T>) -> Place {
        Place::new(self.value.source(), written.span.clone()).at(&*written.pointer)
    }

    fn written<T>(value: T, at: Value<'_>, pointer: String) -> Written<T> {
        Written { value, span: at.span(), pointer }
    }

    /// The texts of a list.
    fn texts(&self, key: &str) -> Vec<Written<String>> {
        let items = self.value.get(key).into_iter().flat_map(Value::items).enumerate();
        let written = |(index, item): (usize, Value<'_>)| {
            Self::written(text_of(item), item, format!("{}/{key}/{index}", self.pointer))
        };
        items.map(written).collect()
    }

    fn strings(&self, value: Option<Value<'_>>) -> Vec<String> {
        value.into_iter().flat_map(Value::items).map(text_of).collect()
    }

    fn character(&self, key: &str) -> Option<u8> {
        self.value.get(key)?.as_str()?.bytes().next()
    }

    fn line(&self, key: &str) -> Option<u64> {
        u64::try_from(self.value.get(key)?.as_i64()?).ok()
    }

    /// The entries of an object: key and value, each with its place.
    fn pairs(
        &self,
        object: Option<Value<'t>>,
        pointer: &str,
    ) -> Vec<(Written<String>, Written<String>, Value<'t>)> {
        let entries = object.into_iter().flat_map(Value::entries);
        let pair = |entry: Entry<'t>| {
            let pointer = format!("{pointer}/{}", crate::pointer::escape(entry.name()));
            let key = Self::written(entry.name().to_owned(), entry.key, pointer.clone());
            (key, Self::written(text_of(entry.value), entry.value, pointer), entry.value)
        };
        entries.map(pair).collect()
    }

    fn dialect(&self, number: usize, diagnostics: &mut Vec<Diagnostic>) -> Dialect {
        let known = diagnostics.len();
        let syntax = Syntax {
            delimiter: self.character("delimiter").unwrap_or(b','),
            quote: match self.value.get("quote") {
                Some(_) => self.character("quote"),
                None => Some(b'"'),
            },
            escape: self.character("escape"),
            comment: self.character("comment"),
            trim: self.value.get("trim").and_then(Value::as_bool) == Some(true),
        };
        let header = match self.line("header") {
            Some(0) => Header::Names(self.texts("names")),
            Some(line) => Header::Line(line),
            None => Header::First,
        };
        let mut skip: Vec<_> = self.value.get("skip").into_iter().flat_map(Value::items).collect();
        skip.sort_by_key(|row| row.as_i64());
        let dialect = Dialect {
            declared: Some(Declared { manifest: self.value.source().0, number }),
            encoding: self.encoding(diagnostics),
            syntax,
            header,
            skip: skip.iter().filter_map(|row| u64::try_from(row.as_i64()?).ok()).collect(),
            skip_last: self.line("skip_last").map_or(0, |count| count as usize),
            numbers: self.numbers(),
            booleans: self.value.get("booleans").map(|booleans| Booleans {
                yes: self.strings(booleans.get("true")),
                no: self.strings(booleans.get("false")),
            }),
            dates: self.dates(diagnostics),
            columns: self
                .pairs(self.value.get("columns"), &format!("{}/columns", self.pointer))
                .into_iter()
                .map(|(column, property, _)| (column, property))
                .collect(),
            ignore: self.texts("ignore").into_iter().map(wildcard).collect(),
            constants: self.constants(),
            wide: self.wide(),
            zip: self.zip(),
        };
        self.check_syntax(&dialect, diagnostics);
        self.check_header(&dialect, diagnostics);
        self.check_cells(&dialect, diagnostics);
        if diagnostics.len() > known {
            // Nothing is read by what can't be.
            return Dialect { declared: dialect.declared, ..Dialect::PLAIN };
        }
        dialect
    }

    fn encoding(&self, diagnostics: &mut Vec<Diagnostic>) -> Option<&'static Encoding> {
        let label = self.value.get("encoding")?.as_str()?;
        encoding(label, self.place("encoding"), diagnostics)
    }

    fn numbers(&self) -> Option<Numbers> {
        let thousands = match self.value.get("thousands").and_then(Value::as_str) {
            Some(".") => Some(Thousands::Point),
            Some(",") => Some(Thousands::Comma),
            Some(" ") => Some(Thousands::Space),
            Some(_) => Some(Thousands::Apostrophe),
            None => None,
        };
        let decimal = self.character("decimal");
        if thousands.is_none() && decimal.is_none_or(|it| it == b'.') {
            return None;
        }
        Some(Numbers { decimal: decimal.unwrap_or(b'.'), thousands })
    }

    fn dates(&self, diagnostics: &mut Vec<Diagnostic>) -> Vec<DatePattern> {
        let mut patterns = Vec::new();
        for text in self.texts("dates") {
            match DatePattern::parse(&text.value) {
                Ok(pattern) => patterns.push(pattern),
                Err(fault) => {
                    let message = format!("the pattern {} {}", quote(&text.value), fault.reason());
                    let finding = contradiction(self.place_of(&text), message);
                    diagnostics.push(finding.help(
                        "write `d` or `dd` for the day, `M` or `MM` for the month, `yyyy` for the year, and \
                         what stands between them, as in `dd/MM/yyyy`",
                    ));
                }
            }
        }
        patterns
    }

    fn constants(&self) -> Vec<(Written<String>, Written<Option<String>>)> {
        let pairs = self.pairs(self.value.get("constants"), &format!("{}/constants", self.pointer));
        let mut constants: Vec<_> = pairs
            .into_iter()
            .map(|(name, written, value)| {
                let text = match value.as_str() {
                    Some(text) => text.to_owned(),
                    None => value.to_json().to_string(),
                };
                (name, Written { value: Some(text), span: written.span, pointer: written.pointer })
            })
            .collect();
        if let Some(stem) = self.value.get("stem") {
            let name = Self::written(text_of(stem), stem, format!("{}/stem", self.pointer));
            let value =
                Written { value: None, span: name.span.clone(), pointer: name.pointer.clone() };
            constants.push((name, value));
        }
        constants
    }

    fn wide(&self) -> Vec<Wide> {
        let items = self.value.get("wide").into_iter().flat_map(Value::items).enumerate();
        let wide = |(index, item): (usize, Value<'t>)| {
            let pointer = format!("{}/wide/{index}", self.pointer);
            let columns = item.get("columns");
            let pairs = self.pairs(columns, &format!("{pointer}/columns"));
            let bare = columns.filter(|it| it.as_str().is_some()).map(|it| {
                (None, wildcard(Self::written(text_of(it), it, format!("{pointer}/columns"))))
            });
            let pairs =
                pairs.into_iter().map(|(property, pattern, _)| (Some(property), wildcard(pattern)));
            Wide { list: self.list(item, &pointer), columns: pairs.chain(bare).collect() }
        };
        items.map(wide).collect()
    }

    fn zip(&self) -> Vec<Zip> {
        let items = self.value.get("zip").into_iter().flat_map(Value::items).enumerate();
        let zip = |(index, item): (usize, Value<'t>)| {
            let pointer = format!("{}/zip/{index}", self.pointer);
            let pairs = self.pairs(item.get("columns"), &format!("{pointer}/columns"));
            Zip {
                list: self.list(item, &pointer),
                separator: item.get("separator").map(text_of).unwrap_or_default(),
                columns: pairs
                    .into_iter()
                    .map(|(column, property, _)| (column, property))
                    .collect(),
            }
        };
        items.map(zip).collect()
    }

    fn list(&self, item: Value<'_>, pointer: &str) -> Written<String> {
        let list = item.get("list").unwrap_or(item);
        Self::written(text_of(list), list, format!("{pointer}/list"))
    }

    /// Each mark has one meaning.
    fn check_syntax(&self, dialect: &Dialect, diagnostics: &mut Vec<Diagnostic>) {
        let Syntax { delimiter, quote: mark, escape, comment, .. } = dialect.syntax;
        let marks = [
            ("delimiter", Some(delimiter)),
            ("quote", mark),
            ("escape", escape),
            ("comment", comment),
        ];
        for (number, &(key, mark)) in marks.iter().enumerate() {
            let Some(&(other, same)) =
                marks[..number].iter().find(|(_, other)| mark.is_some() && *other == mark)
            else {
                continue;
            };
            let character = same.map_or(' ', char::from);
            // The one that is written; the other may be the default.
            let key = if self.value.get(key).is_some() { key } else { other };
            let message = if escape == mark && key == "escape" && other == "quote" {
                format!("`escape` is the quote `{character}` itself, which stands doubled then")
            } else {
                format!("{} is both {other} and {}", quote(&character.to_string()), marks[number].0)
            };
            diagnostics
                .push(contradiction(self.place(key), message).help("give each mark one meaning"));
        }
        if mark.is_none() && escape.is_some() {
            diagnostics.push(
                contradiction(
                    self.place("escape"),
                    "`escape` makes quotes text, and `quote` says that there are none",
                )
                .help("leave one of the two out"),
            );
        }
    }

    fn check_header(&self, dialect: &Dialect, diagnostics: &mut Vec<Diagnostic>) {
        let names = self.value.get("names");
        match (&dialect.header, names) {
            (Header::Names(_), None) => diagnostics.push(
                contradiction(self.place("header"), "`header = 0` says that there is no header")
                    .help("say what the columns are called: `names = [\"…\"]`"),
            ),
            (Header::First | Header::Line(_), Some(_)) => diagnostics.push(
                contradiction(
                    self.place("names"),
                    "`names` is for files without a header, and there is one",
                )
                .help("write `header = 0`, or rename columns in `columns`"),
            ),
            (Header::Names(_), Some(_)) | (Header::First | Header::Line(_), None) => {}
        }
        let first = match dialect.header {
            Header::First => 1,
            Header::Line(line) => line,
            Header::Names(_) => 0,
        };
        if let Some(row) = dialect.skip.iter().find(|row| **row <= first) {
            let message = format!("`skip` names row {row}, and the header is in line {first}");
            diagnostics.push(
                contradiction(self.place("skip"), message).help(
                    "lines before the header are passed over; `skip` counts the rows behind it",
                ),
            );
        }
    }

    fn check_cells(&self, dialect: &Dialect, diagnostics: &mut Vec<Diagnostic>) {
        if let Some(numbers) = &dialect.numbers {
            let same = match numbers.thousands {
                Some(Thousands::Point) => numbers.decimal == b'.',
                Some(Thousands::Comma) => numbers.decimal == b',',
                Some(Thousands::Space | Thousands::Apostrophe) | None => false,
            };
            if same {
                let mark = char::from(numbers.decimal);
                let message = format!("`{mark}` stands before decimals and between thousands");
                diagnostics.push(
                    contradiction(self.place("thousands"), message)
                        .help("declare `decimal` as well, or another mark for thousands"),
                );
            }
        }
        if let Some(Booleans { yes, no }) = &dialect.booleans
            && let Some(word) = yes.iter().find(|word| no.contains(word))
        {
            let message = format!("{} is both true and false", quote(word));
            diagnostics.push(
                contradiction(self.place("booleans"), message).help("give each word one meaning"),
            );
        }
        let mut named: Vec<&Written<String>> = Vec::new();
        let columns = dialect.columns.iter().map(|(column, _)| column);
        let zipped = dialect.zip.iter().flat_map(|zip| zip.columns.iter().map(|(it, _)| it));
        for column in columns.chain(zipped) {
            if let Some(first) = named.iter().find(|other| other.value == column.value) {
                let message = format!("the column {} is given two meanings", quote(&column.value));
                diagnostics.push(
                    contradiction(self.place_of(column), message)
                        .with(self.place_of(first), "the other one")
                        .help("keep one of the two"),
                );
            }
            named.push(column);
        }
        let given: Vec<_> = dialect.constants.iter().map(|(name, _)| name).collect();
        for (number, name) in given.iter().enumerate() {
            if let Some(first) = given[..number].iter().find(|other| other.value == name.value) {
                let message = format!("`{}` is given two values", name.value);
                diagnostics.push(
                    contradiction(self.place_of(name), message)
                        .with(self.place_of(first), "the other one")
                        .help("keep one of the two"),
                );
            }
        }
    }
}

fn wildcard(text: Written<String>) -> Written<Wildcard> {
    Written { value: Wildcard::new(&text.value), span: text.span, pointer: text.pointer }
}

fn contradiction(place: Place, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(&code::CONTRADICTORY_DIALECT, place, message)
}

/// The encoding of that name; none for UTF-8, and for one that isn't read, which is reported.
pub(super) fn encoding(
    label: &str,
    place: Place,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<&'static Encoding> {
    let found = Encoding::for_label(label.as_bytes());
    match found.filter(|it| *it != REPLACEMENT && *it != X_USER_DEFINED) {
        Some(encoding) if encoding == encoding_rs::UTF_8 => None,
        Some(encoding) => Some(encoding),
        None => {
            let message = format!("{} is no encoding that files are read in", quote(label));
            let finding = Diagnostic::new(&code::UNKNOWN_NAME, place, message);
            let lower = label.to_ascii_lowercase().replace(['_', ' '], "-");
            let help = match nearest(&lower, ENCODINGS.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "use a name of the web's Encoding Standard, as in `windows-1252`, \
                         `iso-8859-15`, `utf-16le` or `macintosh`"
                    .to_owned(),
            };
            diagnostics.push(finding.help(help));
            None
        }
    }
}

/// Names of encodings, for guesses at what an unknown one was meant to be.
const ENCODINGS: [&str; 40] = [
    "big5",
    "euc-jp",
    "euc-kr",
    "gb18030",
    "gbk",
    "ibm866",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-3",
    "iso-8859-4",
    "iso-8859-5",
    "iso-8859-6",
    "iso-8859-7",
    "iso-8859-8",
    "iso-8859-9",
    "iso-8859-10",
    "iso-8859-13",
    "iso-8859-14",
    "iso-8859-15",
    "iso-8859-16",
    "koi8-r",
    "koi8-u",
    "latin1",
    "macintosh",
    "shift_jis",
    "utf-8",
    "utf-16",
    "utf-16be",
    "utf-16le",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "windows-874",
    "x-mac-cyrillic",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_that_are_suggested_are_read() {
        for label in ENCODINGS {
            let encoding = Encoding::for_label(label.as_bytes());
            assert!(encoding.is_some_and(|it| it != REPLACEMENT), "{label}");
        }
    }
}
