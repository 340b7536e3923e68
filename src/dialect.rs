//! How the rows of a file are written: CSV as other people and programs write it.
//!
//! Plain data, which the manifest fills in and everybody reads. Nothing here is found out by looking at
//! a file: what isn't declared is the dialect that releases are written in.

mod dates;
mod numbers;
mod wildcard;

use std::ops::Range;

use encoding_rs::Encoding;

pub use self::dates::{DatePattern, PatternFault, date, date_line};
pub use self::numbers::{Numbers, SpeltNumber, Thousands, number_lines};
pub use self::wildcard::Wildcard;

/// The dialect of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Dialect {
    /// Where it is declared; none for what needs no declaration.
    pub declared: Option<Declared>,
    /// What the bytes mean; none for UTF-8.
    pub encoding: Option<&'static Encoding>,
    /// How rows are cut into cells.
    pub syntax: Syntax,
    /// Where the names of the columns stand.
    pub header: Header,
    /// The numbers of rows that hold no records, in rising order. The header has the number of its line, and
    /// every row behind it the next one, blank lines and comments included.
    pub skip: Vec<u64>,
    /// So many rows at the end hold no records.
    pub skip_last: usize,
    /// How numbers are written; none for the way of JSON.
    pub numbers: Option<Numbers>,
    /// The words for true and false; none for those of all files.
    pub booleans: Option<Booleans>,
    /// How days are written beside the way of ISO 8601, in the order in which they are tried.
    pub dates: Vec<DatePattern>,
    /// What columns are called here, and what they are.
    pub columns: Vec<(Written<String>, Written<String>)>,
    /// Columns that are left out.
    pub ignore: Vec<Written<Wildcard>>,
    /// Properties with one value in all records of a file.
    pub constants: Vec<(Written<String>, Written<Option<String>>)>,
    /// Columns that make a list together.
    pub wide: Vec<Wide>,
    /// Cells that make a list together.
    pub zip: Vec<Zip>,
}

/// Where a dialect is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// The number of the manifest's file.
    pub manifest: u32,
    /// The number of the block among all of the manifest.
    pub number: usize,
}

/// What the manifest says, and where it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written<T> {
    /// What.
    pub value: T,
    /// The bytes of the manifest.
    pub span: Range<u64>,
    /// Where it is in the manifest.
    pub pointer: String,
}

/// How rows are cut into cells. All marks are characters of ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Syntax {
    /// What stands between cells.
    pub delimiter: u8,
    /// What encloses cells; none if nothing does.
    pub quote: Option<u8>,
    /// What makes a quote inside a quoted cell text; none if it is written twice.
    pub escape: Option<u8>,
    /// What lines begin with that are no rows.
    pub comment: Option<u8>,
    /// Whether white space around a cell means nothing.
    pub trim: bool,
}

/// Where the names of the columns stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Header {
    /// In the first row.
    First,
    /// In the line of this number, from 1.
    Line(u64),
    /// In the manifest.
    Names(Vec<Written<String>>),
}

/// The words for true and false.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Booleans {
    /// Those that say yes.
    pub yes: Vec<String>,
    /// Those that say no.
    pub no: Vec<String>,
}

/// Columns of which each holds something of one item of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wide {
    /// The list.
    pub list: Written<String>,
    /// By property of an item, the columns that hold it; without a property where items are values.
    pub columns: Vec<(Option<Written<String>>, Written<Wildcard>)>,
}

/// Columns of which each holds something of all items of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zip {
    /// The list.
    pub list: Written<String>,
    /// What stands between what belongs to two items.
    pub separator: String,
    /// The columns, and the property of an item that each holds.
    pub columns: Vec<(Written<String>, Written<String>)>,
}

impl Syntax {
    /// That of releases: RFC 4180.
    pub const PLAIN: Self =
        Self { delimiter: b',', quote: Some(b'"'), escape: None, comment: None, trim: false };
    /// The same with tabs.
    pub const TABS: Self = Self { delimiter: b'\t', ..Self::PLAIN };

    /// What its delimiter is called, in the singular.
    #[must_use]
    pub fn delimiter_name(&self) -> String {
        match self.delimiter {
            b',' => "comma".to_owned(),
            b';' => "semicolon".to_owned(),
            b'\t' => "tab".to_owned(),
            b'|' => "vertical bar".to_owned(),
            b' ' => "space".to_owned(),
            other => format!("`{}`", char::from(other)),
        }
    }
}

impl Dialect {
    /// The dialect of a file that is declared nowhere.
    pub const PLAIN: Self = Self {
        declared: None,
        encoding: None,
        syntax: Syntax::PLAIN,
        header: Header::First,
        skip: Vec::new(),
        skip_last: 0,
        numbers: None,
        booleans: None,
        dates: Vec::new(),
        columns: Vec::new(),
        ignore: Vec::new(),
        constants: Vec::new(),
        wide: Vec::new(),
        zip: Vec::new(),
    };

    /// The dialect of a file whose ending declares tabs.
    #[must_use]
    pub fn tabs() -> Self {
        Self { syntax: Syntax::TABS, ..Self::PLAIN }
    }
}

/// A help with what may be done instead.
#[must_use]
pub fn or(help: &str, instead: &str) -> String {
    if help.ends_with('?') {
        format!("{help} Or {instead}")
    } else {
        format!("{help}; or {instead}")
    }
}

/// What to write into the manifest, as a part of a help: a block for the file of a table,
/// or lines of the block that it has.
#[must_use]
pub fn block(table: &str, path: &str, is_declared: bool, lines: &[impl AsRef<str>]) -> String {
    let mut block = if is_declared {
        format!("add to the file's block `[[tables.{table}.csv]]` in dataset.toml:")
    } else {
        let path = path.replace('\\', "\\\\").replace('"', "\\\"");
        format!("declare in dataset.toml:\n[[tables.{table}.csv]]\nfiles = [\"{path}\"]")
    };
    for line in lines {
        block.push('\n');
        block.push_str(line.as_ref());
    }
    block
}

/// The same for all CSV files of a table.
#[must_use]
pub fn block_of_table(table: &str, lines: &[impl AsRef<str>]) -> String {
    let lines: Vec<_> = lines.iter().map(AsRef::as_ref).collect();
    format!(
        "declare in dataset.toml how the file is written:\n[[tables.{table}.csv]]\n{}",
        lines.join("\n")
    )
}

/// A text as a string of TOML.
#[must_use]
pub fn toml_string(text: &str) -> String {
    let mut spelt = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => spelt.push_str("\\\""),
            '\\' => spelt.push_str("\\\\"),
            '\t' => spelt.push_str("\\t"),
            _ if character.is_control() => {
                spelt.push_str(&format!("\\u{:04X}", u32::from(character)));
            }
            _ => spelt.push(character),
        }
    }
    spelt.push('"');
    spelt
}
