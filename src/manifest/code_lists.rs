//! `[codelists]`: code lists that aren't files of the usual name, place and columns.

use std::sync::Arc;

use super::{dialects, entries, text_of, unusable};
use crate::diagnostic::{Diagnostic, Place, code};
use crate::dialect::{Dialect, Syntax};
use crate::path::{ProjectPath, Root};
use crate::tape::{Entry, Value};
use crate::workspace::{Source, SourceId};

/// A code list of the manifest.
#[derive(Clone, Debug)]
pub struct CodeListDeclaration {
    /// As schemas name it.
    pub name: String,
    /// Where it is declared.
    pub place: Place,
    /// Where its rows come from.
    pub origin: ListOrigin,
    /// Columns that the file calls otherwise: the name that every list has, that of the file, and where
    /// the manifest says so.
    pub columns: Vec<(&'static str, String, Place)>,
    /// How the file is written, if otherwise than its name says.
    pub dialect: Option<Arc<Dialect>>,
    /// Whether the order of its rows means something.
    pub is_ordered: bool,
    /// What stands in `valid_to` for a spell that hasn't ended.
    pub open: Option<String>,
    is_declared: bool,
}

/// Where the rows of a code list come from.
#[derive(Clone, Debug)]
pub enum ListOrigin {
    /// From a file.
    File {
        /// Its path; none for the usual one.
        path: Option<ProjectPath>,
        /// Where it is named.
        place: Place,
    },
    /// From other lists, in this order, each with the place where it is named.
    Lists(Vec<(String, Place)>),
}

/// The columns that may be called otherwise.
const COLUMNS: [&str; 5] = ["code", "label", "definition", "valid_from", "valid_to"];

/// What only the file of a list can be said to have.
const OF_FILES: [&str; 5] = ["file", "columns", "delimiter", "encoding", "open"];

impl CodeListDeclaration {
    /// A list that the manifest doesn't mention: a file of the usual name, place and columns.
    #[must_use]
    pub fn of_file(name: &str) -> Self {
        let place = Place::new(SourceId(0), 0..0);
        Self {
            name: name.to_owned(),
            place: place.clone(),
            origin: ListOrigin::File { path: None, place },
            columns: Vec::new(),
            dialect: None,
            is_ordered: false,
            open: None,
            is_declared: false,
        }
    }

    /// Whether the manifest has an entry for it.
    #[must_use]
    pub fn is_declared(&self) -> bool {
        self.is_declared
    }

    /// Whether the manifest names this file for it.
    #[must_use]
    pub fn is_file(&self, named: &str) -> bool {
        match &self.origin {
            ListOrigin::File { path, .. } => path.as_ref().is_some_and(|it| it.as_str() == named),
            ListOrigin::Lists(_) => false,
        }
    }

    /// What its file calls a column.
    #[must_use]
    pub fn called<'c>(&'c self, column: &'c str) -> &'c str {
        let mapped = self.columns.iter().find(|(standard, ..)| *standard == column);
        mapped.map_or(column, |(_, called, _)| called)
    }
}

/// The code lists of a manifest, without those whose paths can't be used.
pub(super) fn read(
    root: Value<'_>,
    roots: &[Root],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<CodeListDeclaration> {
    entries(root, "codelists").filter_map(|entry| list(entry, roots, diagnostics)).collect()
}

fn list(
    entry: Entry<'_>,
    roots: &[Root],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<CodeListDeclaration> {
    let pointer = format!("/codelists/{}", entry.name());
    let place = Place::of(entry.key).at(pointer.clone());
    let value = |key: &str| entry.value.get(key);
    let at = |value: Value<'_>, key: &str| Place::of(value).at(format!("{pointer}/{key}"));
    let origin = match value("of") {
        Some(names) => {
            for key in OF_FILES {
                let Some(contradiction) = value(key) else { continue };
                let message = format!(
                    "the code list `{}` is made of others, so it has no `{key}` of its own",
                    entry.name()
                );
                diagnostics.push(
                    Diagnostic::new(
                        &code::CONTRADICTORY_CODE_LIST,
                        at(contradiction, key),
                        message,
                    )
                    .with(at(names, "of"), "made of these")
                    .help("say it in the entry of the list that is a file, or leave out `of`"),
                );
            }
            let names = names.items().enumerate();
            let named = |(index, name)| (text_of(name), at(name, &format!("of/{index}")));
            ListOrigin::Lists(names.map(named).collect())
        }
        None => match value("file") {
            None => ListOrigin::File { path: None, place: place.clone() },
            Some(file) => {
                let (text, place) = (text_of(file), at(file, "file"));
                match ProjectPath::parse_below(&text, roots) {
                    Ok(path) => ListOrigin::File { path: Some(path), place },
                    Err(refusal) => {
                        diagnostics.push(unusable(&text, place, &refusal));
                        return None;
                    }
                }
            }
        },
    };
    let delimiter = value("delimiter").and_then(Value::as_str).and_then(|it| it.bytes().next());
    let encoding = value("encoding")
        .and_then(|label| dialects::encoding(label.as_str()?, at(label, "encoding"), diagnostics));
    // What isn't said is as the file's ending says.
    let dialect = (delimiter.is_some() || encoding.is_some()).then(|| {
        let usual = match &origin {
            ListOrigin::File { path: Some(path), .. } => Source::from_path(path.as_str()),
            ListOrigin::File { path: None, .. } | ListOrigin::Lists(_) => None,
        };
        let usual = usual.map_or(Syntax::PLAIN, |source| source.dialect().syntax);
        let delimiter = delimiter.unwrap_or(usual.delimiter);
        Arc::new(Dialect { encoding, syntax: Syntax { delimiter, ..usual }, ..Dialect::PLAIN })
    });
    let columns = value("columns").into_iter().flat_map(Value::entries).filter_map(|column| {
        let standard = COLUMNS.into_iter().find(|standard| *standard == column.name())?;
        let place = at(column.value, &format!("columns/{standard}"));
        Some((standard, text_of(column.value), place))
    });
    Some(CodeListDeclaration {
        name: entry.name().to_owned(),
        origin,
        columns: columns.collect(),
        dialect,
        is_ordered: value("ordered").and_then(Value::as_bool) == Some(true),
        open: value("open").map(text_of),
        is_declared: true,
        place,
    })
}
