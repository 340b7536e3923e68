//! Closed sets of values: code lists (CSV files with definitions) and plain `enum`s.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use arrow_array::{ArrayRef, StringArray};

use crate::diagnostic::{Diagnostic, Place, code};
use crate::fault::Fault;
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
}

impl Codes {
    /// A set of values; repeated ones count once.
    #[must_use]
    pub fn new(list: Option<String>, values: impl IntoIterator<Item = String>) -> Self {
        let given: Vec<_> = values.into_iter().collect();
        let index = Names::new(given.iter().map(String::as_str));
        let unique: Vec<_> = index.iter().map(str::to_owned).collect();
        let dictionary: ArrayRef = Arc::new(StringArray::from_iter_values(&unique));
        Self { list, values: unique, dictionary, index }
    }

    /// The position of a value.
    #[must_use]
    pub fn position(&self, value: &str) -> Option<u32> {
        Some(self.index.number(value)).filter(|number| *number != UNKNOWN)
    }
}

/// A code list: `schema/codelists/<name>.csv`.
#[derive(Debug)]
pub struct CodeList {
    /// The file's name without its ending.
    pub name: String,
    /// The file.
    pub source: SourceId,
    /// The header.
    pub columns: Vec<String>,
    /// The rows, as wide as the header; empty text is missing.
    pub rows: Vec<Vec<String>>,
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

/// Reads all code lists of a project. Those with errors are left out, and diagnostics say why.
///
/// # Errors
/// When a file can't be read.
pub fn load(
    workspace: &mut Workspace,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Vec<CodeList>, Fault> {
    let mut lists = Vec::new();
    for path in workspace.walk(DIRECTORY)? {
        let list =
            |file: &Source| file.format == Format::Csv && file.compression == Compression::None;
        let beside = path.rsplit_once('/').is_some_and(|(directory, _)| directory == DIRECTORY);
        let Some(source) = Source::from_path(&path).filter(list).filter(|_| beside) else {
            continue;
        };
        let name = source.stem().to_owned();
        let id = workspace.add(source);
        let mut bytes = Vec::new();
        workspace.read_into(id, &mut bytes)?;
        lists.extend(parse(name, id, &bytes, diagnostics));
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
    let mut report = |span: Range<u64>, message: String, help: &str| {
        let place = Place::new(source, span);
        let finding = Diagnostic::new(&code::INVALID_CODE_LIST, place, message).help(help);
        diagnostics.push(finding);
    };
    let mut reader = csv::ReaderBuilder::new().from_reader(bytes);
    let columns: Vec<String> = match reader.headers() {
        Ok(header) => header.iter().map(str::to_owned).collect(),
        Err(error) => {
            report(0..0, format!("the code list can't be read: {error}"), "save it as UTF-8 CSV");
            return None;
        }
    };
    let mark = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let header = row_span(bytes, mark..reader.position().byte());
    for required in REQUIRED_COLUMNS {
        if !columns.iter().any(|column| column == required) {
            report(
                header.clone(),
                format!("the code list `{name}` has no column `{required}`"),
                "every code list has the columns `code` and `label`, separated by commas",
            );
        }
    }
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut spans = Vec::new();
    let mut record = csv::StringRecord::new();
    loop {
        let start = reader.position().byte();
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) if rows.len() == ROWS_MAX => {
                let place = Place::new(source, row_span(bytes, start..reader.position().byte()));
                let message = format!("the code list `{name}` has more than {ROWS_MAX} rows");
                diagnostics.push(
                    Diagnostic::new(&code::TOO_LARGE_SCHEMA, place, message)
                        .help("make it a table, and refer to its records with `x-reference`"),
                );
                return None;
            }
            Ok(true) => {
                spans.push(row_span(bytes, start..reader.position().byte()));
                rows.push(record.iter().map(str::to_owned).collect());
            }
            Err(error) => {
                let at = error.position().map_or(start, csv::Position::byte);
                let (what, help) = match error.kind() {
                    csv::ErrorKind::UnequalLengths { expected_len, len, .. } => (
                        format!("has {len} cells, but the header has {expected_len}"),
                        "quote a cell that holds a comma, and write a comma for an empty one",
                    ),
                    csv::ErrorKind::Utf8 { .. } => {
                        ("isn't UTF-8".to_owned(), "save the file as UTF-8")
                    }
                    _ => (format!("can't be read: {error}"), "save it as UTF-8 CSV"),
                };
                let message = format!("a row of the code list `{name}` {what}");
                report(row_span(bytes, at..reader.position().byte()), message, help);
            }
        }
    }
    let list = CodeList { codes: Arc::new(Codes::new(None, [])), name, source, columns, rows };
    if let Some(code_column) = list.column("code") {
        check_rows(&list, code_column, &spans, &mut report);
    }
    if diagnostics.len() > before {
        return None;
    }
    let code_column = list.column("code")?;
    let values = list.rows.iter().map(|row| row[code_column].clone());
    let codes = Arc::new(Codes::new(Some(list.name.clone()), values));
    Some(CodeList { codes, ..list })
}

/// Where a row stands, without line ends: the reader counts some of those before it to it.
fn row_span(bytes: &[u8], span: Range<u64>) -> Range<u64> {
    let end = (span.end as usize).min(bytes.len());
    let start = (span.start as usize).min(end);
    let row = &bytes[start..end];
    let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let leading = row.iter().take_while(|byte| is_end(byte)).count();
    let trailing = row[leading..].iter().rev().take_while(|byte| is_end(byte)).count();
    (start + leading) as u64..(end - trailing) as u64
}

/// Codes are there and unique; a code that stands in several rows has spells that don't overlap.
fn check_rows(
    list: &CodeList,
    code_column: usize,
    spans: &[Range<u64>],
    report: &mut dyn FnMut(Range<u64>, String, &str),
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
        for column in ["valid_from", "valid_to"] {
            if let Some(date) = cell(row, column)
                && date.parse::<chrono::NaiveDate>().is_err()
            {
                report(
                    span.clone(),
                    format!("`{date}` in the column `{column}` is not a date"),
                    "write it as 2023-12-03, and leave the cell empty where it is open",
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
