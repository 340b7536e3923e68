//! The rows of a stretch of a file: those that are whole, and findings about the others.
//!
//! What is wrong with many rows in the same way is said once, of the first.

use std::collections::BTreeMap;
use std::ops::Range;

use super::cells::{Cell, Fault, RowReader};
use crate::diagnostic::{Diagnostic, Place, code};
use crate::dialect::Syntax;
use crate::parse::content::{self, Conflict};
use crate::workspace::SourceId;

/// Reads rows in turn.
pub struct Rows<'t> {
    text: &'t str,
    syntax: Syntax,
    reader: RowReader<'t>,
    width: usize,
    source: SourceId,
    base: u64,
    /// The first row that is too short or too long, by how many cells it has, and how many follow.
    ragged: BTreeMap<usize, Several>,
    /// The first row without anything in it, and how many follow.
    empty: Option<Several>,
}

struct Several {
    first: Diagnostic,
    others: usize,
}

/// What a row is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// It has the cells of the header.
    Whole,
    /// It was reported.
    Broken,
    /// It was reported, and others were lost with it.
    Swallowing,
}

impl<'t> Rows<'t> {
    /// Reads rows of `width` cells from byte `at` of `text`, which begins at `base` of the file.
    pub fn new(
        text: &'t str,
        at: usize,
        (width, syntax): (usize, Syntax),
        source: SourceId,
        base: u64,
    ) -> Self {
        let reader = RowReader::new(text, at).by(syntax).expecting(width);
        Self { text, syntax, reader, width, source, base, ragged: BTreeMap::new(), empty: None }
    }

    fn place(&self, span: &Range<usize>) -> Place {
        Place::new(self.source, self.base + span.start as u64..self.base + span.end as u64)
    }

    /// Reads a row into `cells`, and says where it is; none at the end. Rows that say nothing are
    /// passed over.
    pub fn next(
        &mut self,
        cells: &mut Vec<Cell>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<(Range<usize>, RowKind)> {
        loop {
            let (span, fault) = self.reader.next(cells)?;
            if content::is_marker(&self.text.as_bytes()[span.start..]) {
                let conflict = Conflict::at(self.text, span.start);
                diagnostics.push(conflict.report(self.source, self.base));
                let last = conflict.last.unwrap_or(conflict.first);
                self.reader =
                    RowReader::new(self.text, last.end).by(self.syntax).expecting(self.width);
                return Some((span, RowKind::Swallowing));
            }
            if let Some(fault) = fault {
                let swallows = fault.swallows;
                diagnostics.push(fault.report(|span| self.place(span)));
                return Some((span, if swallows { RowKind::Swallowing } else { RowKind::Broken }));
            }
            if cells.len() != self.width {
                self.note_ragged(cells, &span);
                return Some((span, RowKind::Broken));
            }
            if cells.iter().all(Cell::is_empty) {
                self.note_empty(&span);
                continue;
            }
            return Some((span, RowKind::Whole));
        }
    }

    /// Reports what was counted.
    pub fn finish(self, diagnostics: &mut Vec<Diagnostic>) {
        for Several { mut first, others } in self.ragged.into_values().chain(self.empty) {
            first.message.push_str(&match others {
                0 => String::new(),
                1 => " (and 1 more row like this one)".to_owned(),
                _ => format!(" (and {others} more rows like this one)"),
            });
            diagnostics.push(first);
        }
    }

    #[cold]
    fn note_ragged(&mut self, cells: &[Cell], span: &Range<usize>) {
        let found = cells.len();
        if let Some(several) = self.ragged.get_mut(&found) {
            several.others += 1;
            return;
        }
        let word = if found == 1 { "cell" } else { "cells" };
        let message = format!("the row has {found} {word}, but the header has {}", self.width);
        let curly =
            |cell: &Cell| self.text[cell.span.clone()].trim_start().starts_with(['“', '”', '„']);
        let delimiter = self.syntax.delimiter_name();
        let help = if cells.iter().any(curly) {
            format!(
                "write straight quotation marks, `\"`, around a cell that holds a {delimiter}: curly \
                 ones are text"
            )
        } else if found > self.width && self.syntax.quote.is_none() {
            format!("no mark encloses cells here, so that none can hold a {delimiter}")
        } else if found > self.width {
            format!("quote a cell that holds a {delimiter}")
        } else if found == 1
            && self.syntax == Syntax::PLAIN
            && self.text[span.clone()].contains([';', '\t'])
        {
            "separate the cells by commas, as in the header".to_owned()
        } else {
            format!("write a {delimiter} for every empty cell")
        };
        let first = Diagnostic::new(&code::RAGGED_ROW, self.place(span), message).help(help);
        self.ragged.insert(found, Several { first, others: 0 });
    }

    #[cold]
    fn note_empty(&mut self, span: &Range<usize>) {
        match &mut self.empty {
            Some(several) => several.others += 1,
            None => {
                let message = "the row has nothing in its cells, and is no record";
                let first = Diagnostic::new(&code::EMPTY_ROW, self.place(span), message).help(
                    "delete it; spreadsheets write such rows for lines that were once in use",
                );
                self.empty = Some(Several { first, others: 0 });
            }
        }
    }
}

impl Fault {
    /// The finding.
    pub fn report(self, place: impl Fn(&Range<usize>) -> Place) -> Diagnostic {
        let finding = Diagnostic::new(&code::INVALID_SYNTAX, place(&self.span), self.message);
        let finding = finding.help(self.help);
        match &self.noticed {
            Some(noticed) => finding.label("opened here").with(place(noticed), "noticed here"),
            None => finding,
        }
    }
}
