//! Closed sets of values: code lists (CSV files with definitions) and plain `enum`s.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use arrow_array::{ArrayRef, StringArray};

use crate::diagnostic::nearest::Words;
use crate::diagnostic::{Diagnostic, Place, code};
use crate::fault::Fault;
use crate::parse::content::{self, Conflict};
use crate::parse::csv::{Cell, RowReader, other_separator};
use crate::path::Root;
use crate::tape::{Names, UNKNOWN};
use crate::workspace::{Compression, Format, Source, SourceId, Workspace};

/// The values of a code-list or `enum` column, in the order of their definition.
#[derive(Debug)]
pub struct Codes {
    /// The code list that they come from; none for an `enum`.
    pub list: Option<String>,
    /// The values, each once.
    pub values: Vec<String>,
    /// The values as Arrow text: the dictionary that all batches share.
    pub dictionary: ArrayRef,
    index: Names,
    /// What the list says of each code, if it is a list with more than codes.
    rows: Option<Rows>,
    words: OnceLock<Words>,
}

/// The rows of a code list below its header.
#[derive(Clone, Debug)]
struct Rows {
    header: Arc<[String]>,
    rows: Arc<[Vec<String>]>,
}

impl Codes {
    /// A set of values; repeated ones count once.
    #[must_use]
    pub fn new(list: Option<String>, values: impl IntoIterator<Item = String>) -> Self {
        let given: Vec<_> = values.into_iter().collect();
        let index = Names::new(given.iter().map(String::as_str));
        let unique: Vec<_> = index.iter().map(str::to_owned).collect();
        let dictionary: ArrayRef = Arc::new(StringArray::from_iter_values(&unique));
        Self { list, values: unique, dictionary, index, rows: None, words: OnceLock::new() }
    }

    /// The position of a value.
    #[must_use]
    pub fn position(&self, value: &str) -> Option<u32> {
        Some(self.index.number(value)).filter(|number| *number != UNKNOWN)
    }

    /// The values for guesses at what a text was meant to be; with what else a code list calls its
    /// codes. They are made ready when somebody asks for the first time.
    #[must_use]
    pub fn words(&self) -> &Words {
        self.words.get_or_init(|| {
            let values = self.values.iter().map(String::as_str);
            let Some(Rows { header, rows }) = &self.rows else { return Words::few(values) };
            let mut words = Words::codes(values);
            let Some(code) = header.iter().position(|name| name == "code") else { return words };
            for (column, name) in header.iter().enumerate() {
                let cells = || rows.iter().map(|row| row[column].as_str());
                if column == code || SPELL_COLUMNS.contains(&name.as_str()) || count_rows(cells()) {
                    continue;
                }
                let numbers = rows.iter().map(|row| self.index.number(&row[code]));
                words = words.with_names(name, numbers.zip(cells()));
            }
            words
        })
    }
}

/// Between which days a code was valid.
const SPELL_COLUMNS: [&str; 2] = ["valid_from", "valid_to"];

/// Whether cells only say which row it is.
fn count_rows<'c>(cells: impl Iterator<Item = &'c str>) -> bool {
    let numbers: Option<Vec<u64>> = cells.map(|cell| cell.parse().ok()).collect();
    numbers.is_some_and(|numbers| {
        let follows = |pair: &[u64]| pair[0].checked_add(1) == Some(pair[1]);
        numbers.len() > 2 && numbers.windows(2).all(follows)
    })
}

/// A code list: `schema/codelists/<name>.csv`.
#[derive(Debug)]
pub struct CodeList {
    /// The file's name without its ending.
    pub name: String,
    /// The file.
    pub source: SourceId,
    /// The header.
    pub columns: Arc<[String]>,
    /// The rows, as wide as the header; empty text is missing.
    pub rows: Arc<[Vec<String>]>,
    /// The bytes of each row in the file.
    pub spans: Vec<Range<u64>>,
    /// The codes.
    pub codes: Arc<Codes>,
}

impl CodeList {
    /// The position of a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }
}

/// Where code lists are: one CSV file a list.
pub const DIRECTORY: &str = "schema/codelists";

/// Where they are in a root.
const DIRECTORY_IN_ROOT: &str = "codelists";

/// Reads all code lists of a project and its roots. Those with errors are left out, and diagnostics
/// say why.
///
/// # Errors
/// When a file can't be read.
pub fn load(
    workspace: &mut Workspace,
    roots: &[Root],
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Vec<CodeList>, Fault> {
    let mut lists: Vec<CodeList> = Vec::new();
    let in_roots = roots.iter().map(|root| format!("{}/{DIRECTORY_IN_ROOT}", root.directory));
    for directory in std::iter::once(DIRECTORY.to_owned()).chain(in_roots) {
        let is_list = |path: &str| {
            Source::from_path(path).is_some_and(|file| {
                file.format == Format::Csv
                    && file.compression == Compression::None
                    && file.dialect.is_none()
            })
        };
        for path in super::files::files_in(workspace, &directory, is_list, diagnostics)? {
            let source = Source::from_path(&path).expect("its ending says CSV");
            let name = source.stem().to_owned();
            let id = workspace.add(source);
            if let Some(other) = lists.iter().find(|list| list.name == name) {
                let message = format!("`{path}` is a second code list `{name}`");
                let finding = Diagnostic::new(&code::NAME_COLLISION, Place::new(id, 0..0), message);
                diagnostics
                    .push(finding.with(Place::new(other.source, 0..0), "the first one").help(
                    "rename one of the two: a list is called like its file, up to the first dot",
                ));
                continue;
            }
            let mut bytes = Vec::new();
            workspace.read_into(id, &mut bytes)?;
            if let Some(finding) = content::mistaken(&bytes, id, workspace.source(id)) {
                diagnostics.push(finding);
            } else if let Some(conflict) = std::str::from_utf8(&bytes).ok().and_then(Conflict::find)
            {
                diagnostics.push(conflict.report(id, 0));
            } else {
                lists.extend(parse(name, id, &bytes, diagnostics));
            }
        }
    }
    Ok(lists)
}

/// A code list has no more rows than this.
const ROWS_MAX: usize = 200_000;

/// The columns that every code list has.
const REQUIRED_COLUMNS: [&str; 2] = ["code", "label"];

fn parse(
    name: String,
    source: SourceId,
    bytes: &[u8],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<CodeList> {
    let before = diagnostics.len();
    let flaw = |span: Range<u64>, message: String, help: &str| {
        let place = Place::new(source, span);
        Diagnostic::new(&code::INVALID_CODE_LIST, place, message).help(help)
    };
    let Ok(text) = std::str::from_utf8(bytes) else {
        let message = format!("a row of the code list `{name}` isn't UTF-8");
        let rows = rows_not_utf8(bytes);
        diagnostics.extend(rows.map(|row| flaw(row, message.clone(), "save the file as UTF-8")));
        return None;
    };
    let wide = |span: Range<usize>| span.start as u64..span.end as u64;
    let place = |span: &Range<usize>| Place::new(source, wide(span.clone()));
    let begin = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut reader = RowReader::new(text, begin);
    let mut cells = Vec::new();
    let (header, fault) = reader.next(&mut cells).unwrap_or((begin..begin, None));
    diagnostics.extend(fault.map(|fault| fault.report(place)));
    let decoded = |cells: &[Cell]| {
        cells.iter().map(|cell| cell.decode(text).into_owned()).collect::<Vec<_>>()
    };
    let columns: Arc<[String]> = decoded(&cells).into();
    if let [only] = &columns[..]
        && let Some(separator) = other_separator(only, |name| REQUIRED_COLUMNS.contains(&name))
    {
        diagnostics.push(separator.report(place(&header)));
        return None;
    }
    for required in REQUIRED_COLUMNS {
        if !columns.iter().any(|column| column == required) {
            diagnostics.push(flaw(
                wide(header.clone()),
                format!("the code list `{name}` has no column `{required}`"),
                "every code list has the columns `code` and `label`, separated by commas",
            ));
        }
    }
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut spans = Vec::new();
    let mut reader = reader.expecting(columns.len());
    while let Some((row, fault)) = reader.next(&mut cells) {
        if let Some(fault) = fault {
            diagnostics.push(fault.report(place));
        } else if cells.len() != columns.len() {
            let (count, wanted) = (cells.len(), columns.len());
            diagnostics.push(flaw(
                wide(row),
                format!(
                    "a row of the code list `{name}` has {count} cells, but the header has {wanted}"
                ),
                "quote a cell that holds a comma, and write a comma for an empty one",
            ));
        } else if rows.len() == ROWS_MAX {
            let message = format!("the code list `{name}` has more than {ROWS_MAX} rows");
            let finding = Diagnostic::new(&code::TOO_LARGE_SCHEMA, place(&row), message);
            diagnostics
                .push(finding.help("make it a table, and refer to its records with `x-reference`"));
            return None;
        } else {
            spans.push(wide(row));
            rows.push(decoded(&cells));
        }
    }
    let rows: Arc<[_]> = rows.into();
    let codes = Arc::new(Codes::new(None, []));
    let list = CodeList { codes, name, source, columns, rows, spans };
    if let Some(code_column) = list.column("code") {
        let report = |span, message, help: &str| diagnostics.push(flaw(span, message, help));
        check_rows(&list, code_column, &list.spans, report);
    }
    if diagnostics.len() > before {
        return None;
    }
    let code_column = list.column("code")?;
    let values = list.rows.iter().map(|row| row[code_column].clone());
    let mut codes = Codes::new(Some(list.name.clone()), values);
    codes.rows = Some(Rows { header: Arc::clone(&list.columns), rows: Arc::clone(&list.rows) });
    Some(CodeList { codes: Arc::new(codes), ..list })
}

/// The lines that aren't UTF-8, without their ends.
fn rows_not_utf8(bytes: &[u8]) -> impl Iterator<Item = Range<u64>> {
    let mut end = 0;
    bytes.split_inclusive(|byte| *byte == b'\n').filter_map(move |line| {
        let start = end;
        end += line.len() as u64;
        let length = line.trim_ascii_end().len() as u64;
        std::str::from_utf8(line).is_err().then_some(start..start + length)
    })
}

/// Codes are there and unique; a code that stands in several rows has spells that don't overlap.
fn check_rows(
    list: &CodeList,
    code_column: usize,
    spans: &[Range<u64>],
    mut report: impl FnMut(Range<u64>, String, &str),
) {
    let cell = |row: usize, column: &str| {
        let text = list.column(column).map_or("", |column| list.rows[row][column].as_str());
        (!text.is_empty()).then_some(text)
    };
    let mut by_code: HashMap<&str, Vec<usize>> = HashMap::new();
    for (row, span) in spans.iter().enumerate() {
        let code = &list.rows[row][code_column];
        if code.is_empty() {
            report(
                span.clone(),
                format!("a row of the list `{}` has no code", list.name),
                "write the code in the column `code`",
            );
            continue;
        }
        if code.trim() != code {
            report(
                span.clone(),
                format!("the code `{code}` of the list `{}` has blanks around it", list.name),
                "remove them",
            );
        }
        if list.column("label").is_some() && cell(row, "label").is_none() {
            report(
                span.clone(),
                format!("the code `{code}` has no label"),
                "say in the column `label` what people call it",
            );
        }
        for column in SPELL_COLUMNS {
            if let Some(date) = cell(row, column)
                && date.parse::<chrono::NaiveDate>().is_err()
            {
                report(
                    span.clone(),
                    format!("`{date}` in the column `{column}` is not a date"),
                    "write it as in 2023-12-03, and leave the cell empty where it is open",
                );
            }
        }
        by_code.entry(code).or_default().push(row);
    }
    // Days as ISO text compare like days.
    let spell = |row: usize| {
        (cell(row, "valid_from").unwrap_or("0000"), cell(row, "valid_to").unwrap_or("9999"))
    };
    let mut repeated = BTreeSet::new();
    for rows in by_code.values_mut() {
        rows.sort_by_key(|&row| (spell(row).0, row));
        let mut last: Option<usize> = None;
        for &row in &*rows {
            match last {
                // Of two rows that meet the later one is reported.
                Some(other) if spell(row).0 <= spell(other).1 => {
                    repeated.insert(row.max(other));
                    if spell(other).1 < spell(row).1 {
                        last = Some(row);
                    }
                }
                _ => last = Some(row),
            }
        }
    }
    for row in repeated {
        let code = &list.rows[row][code_column];
        report(
            spans[row].clone(),
            format!("the code `{code}` stands in the list `{}` twice", list.name),
            "remove one row, or give the two `valid_from` and `valid_to` that don't meet",
        );
    }
}
