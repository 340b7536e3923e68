//! One file of a code list: its columns under the names that every code list has, and its rows.

use std::io::Read as _;
use std::ops::Range;
use std::sync::Arc;

use super::check::check_rows;
use super::{CodeList, Codes, DIRECTORY, REQUIRED_COLUMNS, SPELL_COLUMNS};
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, Place, code, one_of, quote};
use crate::dialect::Syntax;
use crate::fault::Fault;
use crate::manifest::CodeListDeclaration;
use crate::parse::content::{self, Conflict};
use crate::parse::csv::{Cell, RowReader, Separator, separator_but};
use crate::parse::decode::{self, Lost};
use crate::workspace::{Compression, Format, Source, SourceId, Workspace};

/// A code list has no more rows than this.
pub(super) const ROWS_MAX: usize = 200_000;

/// Reads the file of a code list. None if it has errors; then diagnostics say so.
pub(super) fn read(
    workspace: &mut Workspace,
    path: &str,
    declared: &CodeListDeclaration,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Option<CodeList>, Fault> {
    let mut source = Source::read_as(path, Format::Csv);
    // An ending may say that tabs separate cells.
    let usual = Source::from_path(path).and_then(|source| source.dialect);
    source.dialect = declared.dialect.clone().or(usual);
    let compression = source.compression;
    let id = workspace.add(source);
    let source = workspace.source(id);
    let path = &source.path;
    let mut bytes = Vec::new();
    let mut file = workspace.open(id)?.take(decode::FILE_BYTES_MAX as u64 + 1);
    if let Err(cause) = file.read_to_end(&mut bytes) {
        diagnostics.push(decode::unreadable(workspace, id, Place::new(id, 0..0), cause)?);
        return Ok(None);
    }
    if bytes.len() > decode::FILE_BYTES_MAX {
        diagnostics.push(too_long(&declared.name, Place::new(id, 0..0)));
        return Ok(None);
    }
    if let Some(finding) = content::mistaken(&bytes, id, source) {
        diagnostics.push(finding);
        return Ok(None);
    }
    if let Some(conflict) = std::str::from_utf8(&bytes).ok().and_then(Conflict::find) {
        diagnostics.push(conflict.report(id, 0));
        return Ok(None);
    }
    let mut lost = Lost::default();
    lost.look(&bytes, 0, source);
    if let Some(finding) = lost.report(id, source) {
        diagnostics.push(finding);
        return Ok(None);
    }
    let syntax = source.dialect().syntax;
    let is_plain = source.dialect.is_none() && compression == Compression::None;
    let mut reading = Reading { source: id, syntax, declared, diagnostics };
    let defined_by = match declared.is_declared() {
        true => format!("`{path}` defines them"),
        false => format!("`{DIRECTORY}/{}.csv` defines them", declared.name),
    };
    let list = reading.parse(&bytes, defined_by);
    Ok(list.map(|list| CodeList { is_as_written: list.is_as_written && is_plain, ..list }))
}

struct Reading<'a> {
    source: SourceId,
    /// How its rows are cut into cells.
    syntax: Syntax,
    declared: &'a CodeListDeclaration,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Reading<'_> {
    fn place(&self, span: &Range<usize>) -> Place {
        Place::new(self.source, span.start as u64..span.end as u64)
    }

    fn flaw(&mut self, span: &Range<usize>, message: String, help: &str) {
        let finding = Diagnostic::new(&code::INVALID_CODE_LIST, self.place(span), message);
        self.diagnostics.push(finding.help(help));
    }

    /// Adds what the manifest could say of the file.
    fn with_delimiter(&self, finding: Diagnostic, separator: Separator<'_>) -> Diagnostic {
        let Separator::Other(_) = separator else { return finding };
        let help = finding.help.clone().unwrap_or_default();
        let lines = separator.lines().join("\n");
        let said = match self.declared.is_declared() {
            true => "or write in the list's entry in dataset.toml:".to_owned(),
            false => {
                format!("or declare in dataset.toml:\n[codelists.{}]", self.declared.name)
            }
        };
        finding.help(format!("{help}; {said}\n{lines}"))
    }

    fn parse(&mut self, bytes: &[u8], defined_by: String) -> Option<CodeList> {
        let before = self.diagnostics.len();
        let (source, declared) = (self.source, self.declared);
        let name = &declared.name;
        let place = |span: &Range<usize>| Place::new(source, span.start as u64..span.end as u64);
        let Ok(text) = std::str::from_utf8(bytes) else {
            let message = format!("a row of the code list `{name}` isn't UTF-8");
            let help = format!(
                "save the file as UTF-8; or say in the manifest how it is written: \
                 `[codelists.{name}]` with `encoding = \"windows-1252\"`, or whatever it is"
            );
            for row in rows_not_utf8(bytes) {
                self.flaw(&row, message.clone(), &help);
            }
            return None;
        };
        let begin = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut reader = RowReader::new(text, begin).by(self.syntax);
        let mut cells = Vec::new();
        let (header, fault) = reader.next(&mut cells).unwrap_or((begin..begin, None));
        self.diagnostics.extend(fault.map(|fault| fault.report(place)));
        let decoded = |cells: &[Cell]| {
            cells.iter().map(|cell| cell.decode(text).into_owned()).collect::<Vec<_>>()
        };
        let written = decoded(&cells);
        let wanted = |name: &str| REQUIRED_COLUMNS.iter().any(|it| declared.called(it) == name);
        if let [only] = &written[..]
            && let own = char::from(self.syntax.delimiter)
            && let Some(separator) = separator_but(only, own, wanted)
        {
            let finding = separator.report_but(own, self.place(&header));
            self.diagnostics.push(self.with_delimiter(finding, separator));
            return None;
        }
        let columns = self.columns(&written, &header);
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut places = Vec::new();
        let mut spans: Vec<Range<usize>> = Vec::new();
        let mut is_as_written = columns.is_as_written;
        let mut reader = reader.expecting(written.len());
        while let Some((row, fault)) = reader.next(&mut cells) {
            if let Some(fault) = fault {
                self.diagnostics.push(fault.report(place));
            } else if cells.len() != written.len() {
                let (count, wanted) = (cells.len(), written.len());
                let message = format!(
                    "a row of the code list `{name}` has {count} cells, but the header has {wanted}"
                );
                let help = "quote a cell that holds a comma, and write a comma for an empty one";
                self.flaw(&row, message, help);
            } else if rows.len() == ROWS_MAX {
                self.diagnostics.push(too_long(name, self.place(&row)));
                return None;
            } else {
                places.push(self.place(&row));
                let cells = decoded(&cells);
                let mut cells: Vec<_> =
                    columns.sources.iter().map(|column| cells[*column].clone()).collect();
                is_as_written &= !self.normalise(&columns.names, &mut cells);
                rows.push(cells);
                spans.push(row);
            }
        }
        let list = CodeList {
            name: name.clone(),
            source: Some(self.source),
            columns: columns.names.into(),
            rows: rows.into(),
            places,
            codes: Arc::new(Codes::new(None, [])),
            made_of: Vec::new(),
            is_as_written,
        };
        check_rows(
            &list,
            |column| declared.called(column),
            |row, message, help| self.flaw(&spans[row], message, help),
        );
        if self.diagnostics.len() > before {
            return None;
        }
        let codes = list.codes_of(declared.is_ordered, defined_by);
        Some(CodeList { codes, ..list })
    }

    /// The columns of the list, from the header as it is written.
    fn columns(&mut self, written: &[String], header: &Range<usize>) -> Columns {
        let declared = self.declared;
        let mut columns = Columns {
            names: written.to_vec(),
            sources: (0..written.len()).collect(),
            is_as_written: true,
        };
        let mut taken = vec![false; written.len()];
        for (standard, called, place) in &declared.columns {
            let Some(index) = written.iter().position(|column| column == called) else {
                let names = || written.iter().map(String::as_str);
                let help = match nearest(called, names()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the file has {}", one_of(names())),
                };
                let message = format!(
                    "the file of the code list `{}` has no column {}",
                    declared.name,
                    quote(called)
                );
                self.diagnostics.push(
                    Diagnostic::new(&code::UNKNOWN_NAME, place.clone(), message)
                        .with(self.place(header), "the columns of the file")
                        .help(help),
                );
                continue;
            };
            // One column of the file may be several of the list: a code that is its own label.
            if std::mem::replace(&mut taken[index], true) {
                columns.names.push((*standard).to_owned());
                columns.sources.push(index);
                columns.is_as_written = false;
            } else if columns.names[index] != *standard {
                (*standard).clone_into(&mut columns.names[index]);
                columns.is_as_written = false;
            }
        }
        // A column that isn't meant keeps out of the way of the one that is.
        for (index, taken) in taken.into_iter().enumerate() {
            let standard =
                declared.columns.iter().any(|(standard, ..)| *standard == written[index]);
            if standard && !taken {
                columns.names[index] = format!("original_{}", written[index]);
            }
        }
        for required in REQUIRED_COLUMNS {
            let is_mapped = declared.columns.iter().any(|(standard, ..)| *standard == required);
            if !is_mapped && !columns.names.iter().any(|column| column == required) {
                let message =
                    format!("the code list `{}` has no column `{required}`", declared.name);
                let help = match declared.is_declared() {
                    true => {
                        "say in the manifest what the column is called: `columns = { code = \"…\", \
                         label = \"…\" }`"
                    }
                    false => {
                        "every code list has the columns `code` and `label`, separated by commas"
                    }
                };
                self.flaw(header, message, help);
            }
        }
        for (index, column) in columns.names.iter().enumerate() {
            if !columns.is_as_written && columns.names[..index].contains(column) {
                let message =
                    format!("the code list `{}` has two columns {}", declared.name, quote(column));
                let place = self.place(header);
                self.diagnostics.push(
                    Diagnostic::new(&code::NAME_COLLISION, place, message)
                        .help("rename one of the two in the file"),
                );
            }
        }
        columns
    }

    /// Writes days of a row as every list has them: an end that stands for none is left out, and a year
    /// stands for its first or its last day. Returns whether anything was written anew.
    fn normalise(&self, columns: &[String], row: &mut [String]) -> bool {
        let mut changed = false;
        for (name, day) in SPELL_COLUMNS.into_iter().zip(["01-01", "12-31"]) {
            let Some(index) = columns.iter().position(|column| column == name) else { continue };
            let cell = &mut row[index];
            let is_open = self.declared.open.as_deref().is_some_and(|open| open == cell);
            if is_open && name == "valid_to" {
                cell.clear();
                changed = true;
            } else if cell.len() == 4 && cell.bytes().all(|byte| byte.is_ascii_digit()) {
                *cell = format!("{cell}-{day}");
                changed = true;
            }
        }
        changed
    }
}

/// The columns of a list.
struct Columns {
    names: Vec<String>,
    /// For each the column of the file that it is.
    sources: Vec<usize>,
    /// Whether they are those of the file, under the same names.
    is_as_written: bool,
}

/// The finding that a list has too many rows.
pub(super) fn too_long(name: &str, place: Place) -> Diagnostic {
    let message = format!("the code list `{name}` has more than {ROWS_MAX} rows");
    Diagnostic::new(&code::TOO_LARGE_SCHEMA, place, message)
        .help("make it a table, and refer to its records with `x-reference`")
}

/// The lines that aren't UTF-8, without their ends.
fn rows_not_utf8(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut end = 0;
    bytes.split_inclusive(|byte| *byte == b'\n').filter_map(move |line| {
        let start = end;
        end += line.len();
        let length = line.trim_ascii_end().len();
        std::str::from_utf8(line).is_err().then_some(start..start + length)
    })
}
