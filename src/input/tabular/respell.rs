//! Cells in the spelling of a dialect: numbers with decimal commas, days as a region writes them, other
//! words for true and false; and lists that several cells of a row hold.

use std::ops::Range;

use super::assemble::{Assembler, Row};
use super::layout::{Content, Fixed, Gathered, ReadAs};
use crate::diagnostic::{Diagnostic, Place, code, quote};
use crate::dialect::{self, SpeltNumber};
use crate::parse::csv::{Cell, items};
use crate::parse::scalar;

/// Whether a text stands for a missing value in some column of the row's table.
fn is_marker(text: &str, row: &Row<'_, '_>) -> bool {
    let columns = &row.layout.flat.level.columns;
    columns.iter().flat_map(|column| &column.about.missing).any(|marker| marker.text == text)
}

impl Assembler<'_, '_> {
    /// Appends what a text says in the spelling of the file's dialect. Returns whether it says anything:
    /// other texts stay as they are.
    pub(super) fn respelt(
        &mut self,
        span: Range<usize>,
        text: &str,
        read_as: ReadAs,
        row: &Row<'_, '_>,
    ) -> bool {
        let Some(dialect) = &row.layout.dialect else { return false };
        match read_as {
            ReadAs::Boolean | ReadAs::Number | ReadAs::Text => false,
            ReadAs::Word => {
                let Some(words) = &dialect.booleans else { return false };
                let is = |words: &[String]| words.iter().any(|word| word == text);
                // Words of English are nobody's numbers, unlike 1 and 0.
                let value = is(&words.yes) || matches!(text, "true" | "TRUE" | "True");
                let is_word = value || is(&words.no) || matches!(text, "false" | "FALSE" | "False");
                if is_word {
                    self.builder.boolean(span, value && !is(&words.no));
                }
                is_word
            }
            ReadAs::RegionalNumber | ReadAs::RegionalDecimal => {
                let Some(numbers) = &dialect.numbers else { return false };
                match numbers.read(text) {
                    SpeltNumber::Number(spelt) if read_as == ReadAs::RegionalDecimal => {
                        self.builder.decoded(span, &spelt);
                        true
                    }
                    SpeltNumber::Number(spelt) if scalar::is_json_number(&spelt) => {
                        let place = row.place(&span);
                        let known = self.diagnostics.len();
                        let to = &mut *self.diagnostics;
                        scalar::push_number(&mut self.builder, span, &spelt, place, to);
                        // Its replacement would be written as JSON writes numbers.
                        self.diagnostics[known..].iter_mut().for_each(|it| it.fix = None);
                        true
                    }
                    SpeltNumber::Otherwise(why) if !is_marker(text, row) => {
                        let message =
                            format!("the number {} is written otherwise: {why}", quote(text));
                        self.diagnostics.push(
                            Diagnostic::new(&code::MISSPELT_NUMBER, row.place(&span), message).help(
                                "mend the cell, or the `decimal` and `thousands` of the file's block in \
                                 dataset.toml",
                            ),
                        );
                        false
                    }
                    SpeltNumber::Number(_) | SpeltNumber::Otherwise(_) | SpeltNumber::None => false,
                }
            }
            ReadAs::Date => {
                let dates = dialect::date(&dialect.dates, text);
                match &dates[..] {
                    [] => false,
                    [(_, date)] => {
                        self.builder.decoded(span, date);
                        true
                    }
                    [(_, _), (_, _), ..] if is_marker(text, row) => false,
                    [(one, first), (other, second), ..] => {
                        let message = format!(
                            "{} is {first} by `{}`, and {second} by `{}`",
                            quote(text),
                            one.as_str(),
                            other.as_str()
                        );
                        self.diagnostics.push(
                            Diagnostic::new(&code::AMBIGUOUS_DATE, row.place(&span), message).help(
                                "write it as year, month and day, as in 2023-02-01, or declare one \
                                 pattern for the file",
                            ),
                        );
                        false
                    }
                }
            }
        }
    }

    /// Appends what the manifest gives all records of the file.
    pub(super) fn fixed(&mut self, fixed: &Fixed, row: &Row<'_, '_>) {
        self.builder.part(fixed.source, 0);
        let (span, text) = (fixed.span.clone(), fixed.text.as_str());
        match (fixed.read_as, text) {
            (ReadAs::Boolean, "true" | "false") => {
                self.builder.boolean(span, text == "true");
            }
            (ReadAs::Number, _) if scalar::is_json_number(text) => {
                let place = Place::new(fixed.source, span.start as u64..span.end as u64);
                scalar::push_number(&mut self.builder, span, text, place, self.diagnostics);
            }
            _ => {
                self.builder.decoded(span, text);
            }
        }
        self.builder.part(row.source, row.base);
    }

    /// From the first to the last cell of a list in several columns that says something; none if all are
    /// empty.
    pub(super) fn gathered_extent(
        &self,
        gathered: &Gathered<'_>,
        row: &Row<'_, '_>,
    ) -> Option<Range<usize>> {
        let spans: Vec<_> = match gathered {
            Gathered::Nowhere => return None,
            Gathered::Wide(items) => {
                items.iter().filter_map(|item| self.item_extent(item, row)).collect()
            }
            Gathered::Zipped { cells, .. } => {
                let present = cells.iter().filter_map(|cell| row.present(*cell));
                present.map(|cell| cell.span.clone()).collect()
            }
        };
        spans.into_iter().reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))
    }

    fn item_extent(&self, item: &Content<'_>, row: &Row<'_, '_>) -> Option<Range<usize>> {
        match item {
            Content::Cell { cell, .. } => row.present(*cell).map(|_| row.span_of(*cell)),
            Content::Object(slots) => self.extent(slots, row),
            Content::List { .. } | Content::Fixed(_) => None,
        }
    }

    /// Appends a list that stands in several columns; returns how many items it has.
    pub(super) fn gathered(
        &mut self,
        gathered: &Gathered<'_>,
        extent: Range<usize>,
        row: &Row<'_, '_>,
    ) -> usize {
        self.builder.open_array(extent.start);
        let count = match gathered {
            Gathered::Nowhere => 0,
            Gathered::Wide(items) => {
                let mut count = 0;
                for item in items {
                    let Some(extent) = self.item_extent(item, row) else { continue };
                    match item {
                        Content::Cell { cell, read_as } => self.cell(*cell, *read_as, row),
                        Content::Object(slots) => self.object(slots, extent, row),
                        Content::List { .. } | Content::Fixed(_) => continue,
                    }
                    count += 1;
                }
                count
            }
            Gathered::Zipped { .. } => self.zipped(gathered, row),
        };
        self.builder.close(extent.end);
        count
    }

    /// Appends the items of cells of which each holds something of all items.
    fn zipped(&mut self, gathered: &Gathered<'_>, row: &Row<'_, '_>) -> usize {
        let Gathered::Zipped { cells, separator, item } = gathered else { return 0 };
        let trims = row.layout.syntax().trim;
        // By column: the parts of its cell, each with its place.
        let mut parts: Vec<Vec<(String, Range<usize>)>> = Vec::new();
        for &cell in cells {
            let cell = &row.cells[cell];
            parts.push(if cell.is_empty() { Vec::new() } else { self.parts(cell, separator, row) });
        }
        let length = parts.iter().map(Vec::len).max().unwrap_or_default();
        let filled = || cells.iter().zip(&parts).filter(|(_, parts)| !parts.is_empty());
        if let Some((other, fewer)) = filled().find(|(_, parts)| parts.len() != length)
            && let Some((most, _)) = filled().find(|(_, parts)| parts.len() == length)
        {
            let (other, most) = (row.span_of(*other), row.span_of(*most));
            let message = format!(
                "the cell holds {}, and another cell of the same list holds {length}",
                fewer.len()
            );
            self.diagnostics.push(
                Diagnostic::new(&code::UNEQUAL_LISTS, row.place(&other), message)
                    .label(format!("{} by {}", fewer.len(), quote(separator)))
                    .with(row.place(&most), format!("{length} here"))
                    .help("write as many items into each of the cells, empty ones where nothing is known"),
            );
        }
        let mut count = 0;
        for number in 0..length {
            let (mut text, mut own, mut spans) = (String::new(), Vec::new(), Vec::new());
            for (&cell, parts) in cells.iter().zip(&parts) {
                let start = text.len();
                let (part, span) = match parts.get(number) {
                    Some((part, span)) => (part.as_str(), span.clone()),
                    None => ("", row.span_of(cell)),
                };
                text.push_str(if trims { part.trim() } else { part });
                own.push(Cell::bare(start..text.len()));
                spans.push(span);
            }
            let part = Row { text: &text, cells: &own, spans: Some(&spans), ..row.clone() };
            if let Some(extent) = self.extent(item, &part) {
                self.object(item, extent, &part);
                count += 1;
            }
        }
        count
    }

    /// The parts of a cell, each with its place.
    fn parts(
        &mut self,
        cell: &Cell,
        separator: &str,
        row: &Row<'_, '_>,
    ) -> Vec<(String, Range<usize>)> {
        let Some(literal) = cell.literal() else {
            let text = cell.decode(row.text);
            let split = items::split(&text, separator).unwrap_or_else(|| {
                let split = text.split(separator);
                split.map(|it| items::Item { text: it.into(), quoted: false }).collect()
            });
            let whole = |item: items::Item<'_>| (item.text.into_owned(), cell.span.clone());
            return split.into_iter().map(whole).collect();
        };
        let mut start = literal.start;
        let part = |part: &str| {
            let span = start..start + part.len();
            start = span.end + separator.len();
            (part.to_owned(), span)
        };
        row.text[literal].split(separator).map(part).collect()
    }
}
