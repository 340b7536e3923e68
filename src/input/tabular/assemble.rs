//! Rows to records: cells become values, groups open where something is in them, and child rows
//! are put where their list belongs.

use std::ops::Range;

use super::children::{ChildRow, ChildRows};
use super::layout::{Content, Gathered, Joined, Layout, ReadAs, Slot};
use crate::diagnostic::{Diagnostic, Place, code, quote};
use crate::parse::csv::items;
use crate::parse::csv::{Cell, RowReader};
use crate::parse::csv::{RowKind, Rows};
use crate::parse::scalar;
use crate::tape::{Builder, NodeId, Tape};
use crate::workspace::{Format, SourceId};

/// Parses a batch of whole rows, without the header, one record a row.
///
/// Batches of a file may be parsed by several threads at once, in any order.
pub fn parse(
    tape: &mut Tape,
    layout: &Layout<'_>,
    children: &ChildRows<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let origin = tape.origin();
    let (text, builder) = tape.build(Format::Csv);
    let files = 1 + children.files.len();
    let mut assembler = Assembler {
        builder,
        children,
        diagnostics,
        keys: vec![Vec::new(); files],
        spare: Vec::new(),
        scratch: String::new(),
    };
    let shape = (layout.width, layout.syntax());
    let mut rows = Rows::new(text, 0, shape, origin.source, origin.base);
    let mut cells = Vec::new();
    while let Some((span, kind)) = rows.next(&mut cells, assembler.diagnostics) {
        let key = layout.key(&cells, text);
        let parent = key.and_then(|key| children.parent(&key));
        let (source, base) = (origin.source, origin.base);
        let row = Row {
            layout,
            text,
            cells: &cells,
            spans: None,
            span,
            file: 0,
            source,
            base,
            parent,
            path: &[],
        };
        match kind {
            RowKind::Whole => {
                assembler.builder.root();
                assembler.row(&row);
            }
            RowKind::Broken => {}
            RowKind::Swallowing => children.lose_parents(),
        }
    }
    rows.finish(assembler.diagnostics);
}

/// A row with what is known of it.
#[derive(Clone)]
pub(super) struct Row<'r, 'm> {
    pub(super) layout: &'r Layout<'m>,
    pub(super) text: &'r str,
    pub(super) cells: &'r [Cell],
    /// Where the cells stand in the source, if `text` isn't that.
    pub(super) spans: Option<&'r [Range<usize>]>,
    pub(super) span: Range<usize>,
    /// 0 for the batch, else one more than the number of the child file.
    pub(super) file: usize,
    pub(super) source: SourceId,
    pub(super) base: u64,
    /// The record among the parents of child rows.
    pub(super) parent: Option<u32>,
    /// Positions from the record down to this row.
    pub(super) path: &'r [u32],
}

impl Row<'_, '_> {
    pub(super) fn place(&self, span: &Range<usize>) -> Place {
        Place::new(self.source, self.base + span.start as u64..self.base + span.end as u64)
    }

    fn list<'a>(&self, list: usize, children: &'a ChildRows<'_>) -> ListRows<'a> {
        let table = children.table_of(self.layout.number, list);
        let (rows, incomplete) = match self.parent {
            Some(parent) => children.rows(table, parent, self.path),
            None => (&[][..], children.is_incomplete(table)),
        };
        ListRows { table, rows, incomplete }
    }

    pub(super) fn present(&self, cell: usize) -> Option<&Cell> {
        Some(&self.cells[cell]).filter(|cell| !cell.is_empty())
    }

    /// Where a cell stands in the source.
    pub(super) fn span_of(&self, cell: usize) -> Range<usize> {
        match self.spans {
            Some(spans) => spans[cell].clone(),
            None => self.cells[cell].span.clone(),
        }
    }
}

/// The child rows of a list.
struct ListRows<'a> {
    table: usize,
    rows: &'a [ChildRow],
    /// Some of them may have been lost.
    incomplete: bool,
}

pub(super) struct Assembler<'a, 'm> {
    pub(super) builder: Builder<'a>,
    children: &'a ChildRows<'m>,
    pub(super) diagnostics: &'a mut Vec<Diagnostic>,
    /// The nodes of keys that were written before, by file and name: copies share their text.
    keys: Vec<Vec<Option<NodeId>>>,
    /// Buffers for the cells of child rows.
    spare: Vec<Vec<Cell>>,
    pub(super) scratch: String,
}

impl Assembler<'_, '_> {
    /// Appends the value of a row.
    fn row(&mut self, row: &Row<'_, '_>) {
        self.builder.part(row.source, row.base);
        match &row.layout.content {
            Content::Object(slots) => self.object(slots, row.span.clone(), row),
            Content::Cell { cell, read_as } => match row.present(*cell) {
                Some(_) => self.cell(*cell, *read_as, row),
                // A list has no gaps: the schema says whether an item may be missing.
                None => {
                    self.builder.null(row.cells[*cell].span.clone());
                }
            },
            Content::List { .. } | Content::Fixed(_) => {
                unreachable!("a row is an object or a value")
            }
        }
        for derived in &row.layout.derived {
            self.check_derived(derived, row);
        }
    }

    pub(super) fn object(&mut self, slots: &[Slot<'_>], span: Range<usize>, row: &Row<'_, '_>) {
        self.builder.open_object(span.start);
        for slot in slots {
            match &slot.content {
                Content::Cell { cell, read_as } => {
                    if row.present(*cell).is_some() {
                        self.key(slot, row);
                        self.cell(*cell, *read_as, row);
                    }
                }
                Content::Object(slots) => {
                    if let Some(extent) = self.extent(slots, row) {
                        self.key(slot, row);
                        self.object(slots, extent, row);
                    }
                }
                Content::List { list, count, joined, gathered } => {
                    self.list(slot, *list, *count, (joined.as_ref(), gathered), row);
                }
                Content::Fixed(fixed) => {
                    self.key(slot, row);
                    self.fixed(fixed, row);
                }
            }
        }
        self.builder.close(span.end);
    }

    /// From the first to the last cell of a group that says something; none if all are empty.
    pub(super) fn extent(&self, slots: &[Slot<'_>], row: &Row<'_, '_>) -> Option<Range<usize>> {
        let spans = slots.iter().filter_map(|slot| match &slot.content {
            Content::Cell { cell, .. } => row.present(*cell).map(|_| row.span_of(*cell)),
            Content::Object(slots) => self.extent(slots, row),
            Content::List { list, count, joined, gathered } => {
                let joined = joined.as_ref().and_then(|joined| row.present(joined.cell));
                let count = count.and_then(|count| row.present(count));
                match joined.or(count.filter(|count| &row.text[count.inner()] == "0")) {
                    Some(cell) => Some(cell.span.clone()),
                    None => self.gathered_extent(gathered, row).or_else(|| {
                        (!row.list(*list, self.children).rows.is_empty()).then(|| row.span.clone())
                    }),
                }
            }
            Content::Fixed(_) => Some(row.span.clone()),
        });
        spans.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))
    }

    fn key(&mut self, slot: &Slot<'_>, row: &Row<'_, '_>) {
        let keys = &mut self.keys[row.file];
        keys.resize(row.layout.names.len(), None);
        if let Some(key) = keys[slot.name] {
            self.builder.copy(key);
        } else {
            let (name, span) = &row.layout.names[slot.name];
            self.builder.part(row.layout.source, row.layout.base);
            keys[slot.name] = Some(self.builder.decoded(span.clone(), name));
            self.builder.part(row.source, row.base);
        }
    }

    pub(super) fn cell(&mut self, cell: usize, read_as: ReadAs, row: &Row<'_, '_>) {
        let span = row.span_of(cell);
        let cell = &row.cells[cell];
        match cell.literal() {
            Some(literal) => self.value(span, literal, read_as, row),
            None => {
                let text = cell.decode(row.text);
                if !self.respelt(span.clone(), &text, read_as, row) {
                    self.builder.decoded(span, &text);
                }
            }
        }
    }

    /// Appends the value that the bytes `literal` spell.
    fn value(
        &mut self,
        span: Range<usize>,
        literal: Range<usize>,
        read_as: ReadAs,
        row: &Row<'_, '_>,
    ) {
        let text = &row.text[literal.clone()];
        let in_dialect = match read_as {
            ReadAs::Word | ReadAs::RegionalNumber | ReadAs::RegionalDecimal | ReadAs::Date => true,
            ReadAs::Boolean | ReadAs::Number | ReadAs::Text => false,
        };
        if in_dialect && self.respelt(span.clone(), text, read_as, row) {
            return;
        }
        match (read_as, text) {
            // Spreadsheets write capitals, Python one, and statistical software 1 and 0.
            (ReadAs::Boolean, "true" | "TRUE" | "True" | "1") => self.builder.boolean(span, true),
            (ReadAs::Boolean, "false" | "FALSE" | "False" | "0") => {
                self.builder.boolean(span, false)
            }
            (ReadAs::Number, _) if scalar::is_json_number(text) => {
                let place = row.place(&span);
                scalar::push_number(&mut self.builder, span, text, place, self.diagnostics)
            }
            (_, _) if row.file == 0 && row.spans.is_none() => self.builder.borrowed(span, literal),
            (_, _) => self.builder.decoded(span, text),
        };
    }

    fn list(
        &mut self,
        slot: &Slot<'_>,
        list: usize,
        count: Option<usize>,
        (joined, gathered): (Option<&Joined<'_>>, &Gathered<'_>),
        row: &Row<'_, '_>,
    ) {
        let ListRows { table, rows, incomplete } = row.list(list, self.children);
        let stated = count.map(|count| &row.cells[count]);
        let stated_text = stated.map_or("", |cell| &row.text[cell.inner()]);
        let joined = joined.and_then(|joined| Some((joined, row.present(joined.cell)?)));
        let found = match joined {
            Some((joined, cell)) => {
                if let Some(first) = rows.first() {
                    self.report_both(cell.span.clone(), first, row);
                }
                self.key(slot, row);
                self.joined(joined, cell, row)
            }
            None if let Some(extent) = self.gathered_extent(gathered, row) => {
                if let Some(first) = rows.first() {
                    self.report_both(extent.clone(), first, row);
                }
                self.key(slot, row);
                self.gathered(gathered, extent, row)
            }
            None if !rows.is_empty() => {
                self.key(slot, row);
                self.rows(table, rows, row);
                rows.len()
            }
            None => {
                if stated_text == "0"
                    && let Some(cell) = stated
                {
                    self.key(slot, row);
                    self.builder.open_array(cell.span.start);
                    self.builder.close(cell.span.end);
                }
                0
            }
        };
        let agrees = match stated {
            None => true,
            Some(cell) if cell.is_empty() => found == 0,
            Some(_) => stated_text.parse() == Ok(found),
        };
        if !agrees && !incomplete {
            self.report_count(list, stated, found, rows, row);
        }
    }

    /// Appends the items of a list in one cell; returns how many there are.
    fn joined(&mut self, joined: &Joined<'_>, cell: &Cell, row: &Row<'_, '_>) -> usize {
        self.builder.open_array(cell.span.start);
        let mut count = 0;
        if let Some(literal) = cell.literal() {
            let items = row.text[literal.clone()].split(joined.separator);
            self.check_brackets(items, joined, cell, row);
            let mut start = literal.start;
            for item in row.text[literal].split(joined.separator) {
                let span = start..start + item.len();
                start = span.end + joined.separator.len();
                self.value(span.clone(), span, joined.read_as, row);
                count += 1;
            }
        } else {
            // Quotes are doubled inside, so that items can't be told apart in the source.
            let text = cell.decode(row.text);
            let items = items::split(&text, joined.separator).unwrap_or_else(|| {
                let message = "the quotation marks of an item don't match";
                self.diagnostics.push(
                    Diagnostic::new(&code::INVALID_SYNTAX, row.place(&cell.span), message).help(
                        "an item that begins with a quotation mark ends with one; write a mark \
                         inside it twice (and in the file, where the cell is quoted, each twice)",
                    ),
                );
                Vec::new()
            });
            let bare = items.iter().map(|item| if item.quoted { "" } else { &*item.text });
            self.check_brackets(bare, joined, cell, row);
            for item in items {
                if !self.respelt(cell.span.clone(), &item.text, joined.read_as, row) {
                    self.builder.decoded(cell.span.clone(), &item.text);
                }
                count += 1;
            }
        }
        self.builder.close(cell.span.end);
        count
    }

    /// Warns of a separator that stands between brackets, and so probably inside an item.
    fn check_brackets<'i>(
        &mut self,
        items: impl Iterator<Item = &'i str>,
        joined: &Joined<'_>,
        cell: &Cell,
        row: &Row<'_, '_>,
    ) {
        if memchr::memchr2(b'(', b'[', row.text[cell.inner()].as_bytes()).is_none() {
            return;
        }
        let Some(whole) = items::between_brackets(items, joined.separator) else { return };
        let message = format!(
            "the separator {} ends items inside the brackets of {}",
            quote(joined.separator),
            quote(&whole)
        );
        if row.layout.syntax().quote.is_none() {
            let help =
                "if it is one item, the list can't stand in one cell: quotes are text in this file";
            let finding = Diagnostic::new(&code::MISREAD_TEXT, row.place(&cell.span), message);
            self.diagnostics.push(finding.help(help));
            return;
        }
        self.diagnostics.push(
            Diagnostic::new(&code::MISREAD_TEXT, row.place(&cell.span), message).help(format!(
                "if it is one item, quote it inside the cell: `\"\"{}\"\"`",
                whole.chars().take(60).collect::<String>()
            )),
        );
    }

    /// Appends a list of child rows.
    fn rows(&mut self, table: usize, rows: &[ChildRow], above: &Row<'_, '_>) {
        let children = self.children;
        let (first, last) = (&rows[0], &rows[rows.len() - 1]);
        let file = &children.files[first.file as usize];
        self.builder.part(file.layout.source, file.base);
        self.builder.open_array(first.start as usize);
        let mut cells = self.spare.pop().unwrap_or_default();
        for child in rows {
            let file = &children.files[child.file as usize];
            let reader = RowReader::new(&file.text, child.start as usize).by(file.layout.syntax());
            let _ = { reader }.next(&mut cells);
            self.row(&Row {
                layout: &file.layout,
                text: &file.text,
                cells: &cells,
                spans: None,
                span: child.start as usize..child.end as usize,
                file: child.file as usize + 1,
                source: file.layout.source,
                base: file.base,
                parent: above.parent,
                path: children.path(table, child),
            });
        }
        self.spare.push(cells);
        // Rows that stand apart, or in several files, are shown by the first.
        let together = last.file == first.file && last.end >= first.end;
        self.builder.close(if together { last.end } else { first.end } as usize);
        self.builder.part(above.source, above.base);
    }

    fn child_place(&self, child: &ChildRow) -> Place {
        let file = &self.children.files[child.file as usize];
        let span = file.base + u64::from(child.start)..file.base + u64::from(child.end);
        Place::new(file.layout.source, span)
    }

    fn report_both(&mut self, span: Range<usize>, child: &ChildRow, row: &Row<'_, '_>) {
        let message = "a list stands both in a cell and in a child table";
        let finding = Diagnostic::new(&code::DUPLICATE_COLUMN, row.place(&span), message)
            .with(self.child_place(child), "and here")
            .help("keep one of the two");
        self.diagnostics.push(finding);
    }

    fn report_count(
        &mut self,
        list: usize,
        stated: Option<&Cell>,
        found: usize,
        rows: &[ChildRow],
        row: &Row<'_, '_>,
    ) {
        let Some(cell) = stated else { return };
        let table = &row.layout.flat.level.lists[list].name;
        let stated = cell.decode(row.text);
        let said = if stated.is_empty() { "nothing".to_owned() } else { quote(&stated) };
        let message = format!("the count of `{table}` says {said}, but the list has {found}");
        let mut finding = Diagnostic::new(&code::DERIVED_MISMATCH, row.place(&cell.span), message)
            .help(format!("mend the rows of `{table}`, or leave the column of the count out"));
        if let Some(first) = rows.first() {
            finding = finding.with(self.child_place(first), "the list begins here");
        }
        self.diagnostics.push(finding);
    }
}
