//! Columns that a dialect names and no file has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::tabular::{ChildRows, Layout, entries};
use crate::diagnostic::{Diagnostic, Place, code, quote};
use crate::dialect::{Dialect, Wildcard};
use crate::workspace::{Source, SourceId};

/// Which entries of dialects name columns of files, by the number of the dialect's block.
#[derive(Default)]
pub(super) struct UsedEntries(BTreeMap<usize, Block>);

struct Block {
    dialect: Arc<Dialect>,
    used: BTreeSet<usize>,
    /// Whether some file's header couldn't be read.
    is_partial: bool,
}

impl UsedEntries {
    /// Those of the files of child rows.
    pub(super) fn of(children: &[ChildRows<'_>]) -> Self {
        let mut used = Self::default();
        for layout in children.iter().flat_map(ChildRows::layouts) {
            if let Some(dialect) = layout.dialect() {
                used.add(dialect, Some(layout));
            }
        }
        children.iter().flat_map(ChildRows::unread).for_each(|file| used.note(file, None));
        used
    }

    /// Notes those that name columns of a file; `layout` is none if its header couldn't be read.
    pub(super) fn note(&mut self, file: &Source, layout: Option<&Layout<'_>>) {
        if let Some(dialect) = &file.dialect {
            self.add(dialect, layout);
        }
    }

    fn add(&mut self, dialect: &Arc<Dialect>, layout: Option<&Layout<'_>>) {
        let Some(declared) = &dialect.declared else { return };
        let block = self.0.entry(declared.number).or_insert_with(|| Block {
            dialect: Arc::clone(dialect),
            used: BTreeSet::new(),
            is_partial: false,
        });
        match layout {
            Some(layout) => block.used.extend(layout.used()),
            None => block.is_partial = true,
        }
    }

    /// The findings about the others.
    pub(super) fn report(self) -> Vec<Diagnostic> {
        let mut findings = Vec::new();
        for Block { dialect, used, is_partial } in self.0.into_values() {
            let Some(declared) = dialect.declared.as_ref().filter(|_| !is_partial) else {
                continue;
            };
            for (number, entry) in entries(&dialect).into_iter().enumerate() {
                if used.contains(&number) {
                    continue;
                }
                let what =
                    if Wildcard::new(entry.value).is_open() { "matches" } else { "is called" };
                let message =
                    format!("no column of the block's files {what} {}", quote(entry.value));
                let place = Place::new(SourceId(declared.manifest), entry.span).at(entry.pointer);
                findings.push(
                    Diagnostic::new(&code::UNMATCHED_COLUMN, place, message)
                        .help("write it as the header of a file does, or remove the line"),
                );
            }
        }
        findings
    }
}
