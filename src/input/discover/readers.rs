//! How a file is read: by its ending, or as the manifest says, and in which dialect.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Search;
use crate::diagnostic::{Diagnostic, Place, code};
use crate::manifest::{DeclaredDialect, TableDeclaration};
use crate::workspace::{Format, Source};

/// Which patterns of a table's readers and dialects match a file of the table.
pub(super) struct Hits {
    readers: Vec<bool>,
    /// By block; of a block without patterns there is one for all files.
    dialects: Vec<Vec<bool>>,
    /// Files that were complained of.
    reported: BTreeSet<String>,
}

impl Hits {
    pub(super) fn of(table: &TableDeclaration) -> Self {
        let dialects = table.dialects.iter().map(|block| vec![false; block.files.len().max(1)]);
        Self {
            readers: vec![false; table.readers.len()],
            dialects: dialects.collect(),
            reported: BTreeSet::new(),
        }
    }
}

impl Search<'_> {
    /// How the file at `path`, which a pattern of the table matches, is read; none if nothing says so.
    pub(super) fn read_as(&mut self, index: usize, path: &str) -> Option<Source> {
        let table = &self.manifest.tables[index];
        let by_ending = Source::from_path(path).filter(|source| source.format != Format::Toml);
        let mut readers: Vec<_> = Vec::new();
        for (number, reader) in table.readers.iter().enumerate() {
            if reader.pattern.matches(path) {
                self.hits[index].readers[number] = true;
                readers.push(reader);
            }
        }
        let [first, others @ ..] = &readers[..] else {
            return self.in_dialect(index, path, by_ending);
        };
        if let Some(other) = others.iter().find(|other| other.format != first.format) {
            let message = format!("two patterns say how `{path}` is read, and each says otherwise");
            self.complain(index, path, (&other.place, &first.place), message);
        }
        let mut source = Source::read_as(path, first.format);
        if first.format == Format::Csv {
            source.dialect = by_ending.and_then(|it| it.dialect);
        }
        self.in_dialect(index, path, Some(source))
    }

    /// The file in the dialect that is declared for it.
    fn in_dialect(&mut self, index: usize, path: &str, source: Option<Source>) -> Option<Source> {
        let table = &self.manifest.tables[index];
        let is_csv = source.as_ref().is_some_and(|source| source.format == Format::Csv);
        let is_text = path
            .to_ascii_lowercase()
            .trim_end_matches(".gz")
            .trim_end_matches(".zst")
            .ends_with(".txt");
        let mut blocks: Vec<&DeclaredDialect> = Vec::new();
        for (number, block) in table.dialects.iter().enumerate() {
            let hits = &mut self.hits[index].dialects[number];
            let mut is_meant = block.files.is_empty() && (is_csv || source.is_none() && is_text);
            if is_meant {
                hits[0] = true;
            }
            for ((pattern, place), hit) in block.files.iter().zip(hits.iter_mut()) {
                if !pattern.matches(path) {
                    continue;
                }
                *hit = true;
                is_meant = true;
                if let Some(source) = source.as_ref().filter(|_| !is_csv)
                    && self.hits[index].reported.insert(path.to_owned())
                {
                    let message = format!(
                        "`{path}` is read as {}, and so in no dialect of CSV",
                        source.format.name()
                    );
                    self.diagnostics.push(
                        Diagnostic::new(&code::CONTRADICTORY_DIALECT, place.clone(), message).help(
                            format!(
                                "let `files` match CSV files only, or write `readers = {{ \"{path}\" = \
                                 \"csv\" }}` below `[tables.{}]`",
                                table.name
                            ),
                        ),
                    );
                }
                break;
            }
            if is_meant {
                blocks.push(block);
            }
        }
        if let [first, second, ..] = blocks[..] {
            let message = format!("two blocks say how `{path}` is written");
            self.complain(index, path, (&second.place, &first.place), message);
        }
        let mut source = match blocks.first() {
            Some(_) if source.is_none() => Source::read_as(path, Format::Csv),
            _ => source?,
        };
        if let Some(block) = blocks.first().filter(|_| source.format == Format::Csv) {
            let is_tabbed = source.dialect.is_some();
            source.dialect =
                Some(Arc::clone(if is_tabbed { &block.tabbed } else { &block.dialect }));
        }
        source.table = Some(table.name.as_str().into());
        Some(source)
    }

    fn complain(&mut self, index: usize, path: &str, places: (&Place, &Place), message: String) {
        if self.hits[index].reported.insert(path.to_owned()) {
            let finding = Diagnostic::new(&code::CLAIMED_TWICE, places.0.clone(), message);
            self.diagnostics.push(
                finding
                    .with(places.1.clone(), "the other one")
                    .help("let each file match one of them"),
            );
        }
    }

    /// Reports patterns of readers and dialects that match no file.
    pub(super) fn report_idle(&mut self) {
        for (table, hits) in self.manifest.tables.iter().zip(&self.hits) {
            let mut idle: Vec<(&Place, String)> = Vec::new();
            for (reader, _) in table.readers.iter().zip(&hits.readers).filter(|(_, hit)| !**hit) {
                idle.push((
                    &reader.place,
                    format!("`{}`, a pattern of the readers", reader.pattern.as_str()),
                ));
            }
            for (block, hits) in table.dialects.iter().zip(&hits.dialects) {
                if block.files.is_empty() && !hits[0] {
                    let message = format!(
                        "no file of the table `{}` is read as CSV, and so none is written as this \
                         block says",
                        table.name
                    );
                    self.diagnostics.push(
                        Diagnostic::new(&code::NO_RECORDS, block.place.clone(), message)
                            .help("remove the block, or name the files in it"),
                    );
                }
                for ((pattern, place), _) in block.files.iter().zip(hits).filter(|(_, hit)| !**hit)
                {
                    idle.push((place, format!("`{}`, a pattern of a dialect", pattern.as_str())));
                }
            }
            self.diagnostics.extend(idle.into_iter().map(|(place, what)| {
                let message = format!("no file of the table `{}` matches {what}", table.name);
                Diagnostic::new(&code::NO_RECORDS, place.clone(), message)
                    .help("the patterns of `records` say which files the table has")
            }));
        }
    }
}
