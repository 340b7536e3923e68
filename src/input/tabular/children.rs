//! Child tables: the rows of lists, found by the key of the record that they belong to.
//!
//! A child file is held as text with an index of its rows; a row is read when its record is
//! assembled. Rows may stand in any order and in several files.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering as Memory};

use super::header::whole;
use super::layout::Layout;
use crate::diagnostic::{Diagnostic, Place, code, quote};
use crate::model::{POSITION_COLUMN, Table};
use crate::parse::csv::{Cell, RowReader};
use crate::parse::csv::{RowKind, Rows};
use crate::tape::SOURCE_BYTES_MAX;
use crate::workspace::{Source, SourceId};

/// A file of a child table.
#[derive(Debug)]
pub struct ChildFile {
    /// Which of [`Table::flat_tables`] it holds: see [`child_table`].
    pub table: usize,
    /// The file.
    pub source: SourceId,
    /// Where its text begins in the file: after a byte-order mark.
    pub base: u64,
    /// All of it.
    pub text: String,
    /// How it is written.
    pub file: Source,
}

/// Which child table of `table` a file of that stem holds.
#[must_use]
pub fn child_table(table: &Table, stem: &str) -> Option<usize> {
    table.flat_tables().iter().skip(1).position(|flat| flat.level.name == stem).map(|at| at + 1)
}

/// All child rows of a table, to be inserted while its own rows are read. Shared by threads.
#[derive(Debug)]
pub struct ChildRows<'m> {
    pub(super) files: Vec<ReadFile<'m>>,
    /// One for each of the flat tables; that of the table itself is empty.
    levels: Vec<LevelRows>,
    /// Which flat table holds a list: by the number of the flat table above, then by the list.
    below: Vec<Vec<usize>>,
    /// The keys of the records that rows name as their parents.
    parents: HashMap<String, u32>,
    /// Which of them were seen in a row of the table itself.
    seen: Vec<AtomicBool>,
    /// Rows of the table itself couldn't be read, so that parents may be among them.
    parents_lost: AtomicBool,
    /// The files whose header couldn't be read.
    unread: Vec<Source>,
}

/// A child file with what its header says.
#[derive(Debug)]
pub(super) struct ReadFile<'m> {
    pub(super) layout: Layout<'m>,
    pub(super) base: u64,
    pub(super) text: String,
}

#[derive(Debug, Default)]
struct LevelRows {
    /// By parent, then path.
    rows: Vec<ChildRow>,
    /// The paths of the rows: positions from the record's list down to the row's own.
    paths: Vec<u32>,
    /// How many positions a path has.
    depth: usize,
    /// Where each parent's rows begin, and the end.
    starts: Vec<u32>,
    /// A row was lost, so that gaps are no wonder.
    incomplete: bool,
}

/// One row of a child table.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChildRow {
    parent: u32,
    /// Index into [`ChildRows::files`].
    pub(super) file: u32,
    /// First byte in the file's text.
    pub(super) start: u32,
    pub(super) end: u32,
    /// Index of the path's first position.
    path: u32,
}

/// A position that no column states: rows stand in the order of the file.
const UNSTATED: u32 = u32::MAX;

impl LevelRows {
    fn path(&self, row: &ChildRow) -> &[u32] {
        &self.paths[row.path as usize..row.path as usize + self.depth]
    }

    fn order(&self, row: &ChildRow, parent: u32, path: &[u32]) -> Ordering {
        row.parent.cmp(&parent).then_with(|| self.path(row)[..path.len()].cmp(path))
    }

    /// The rows of `parent` whose path begins with `path`.
    fn find(&self, parent: u32, path: &[u32]) -> Range<usize> {
        let Some([start, end]) = self.starts.get(parent as usize..parent as usize + 2) else {
            return 0..0;
        };
        let (start, end) = (*start as usize, *end as usize);
        if path.is_empty() {
            return start..end;
        }
        let rows = &self.rows[start..end];
        let first = rows.partition_point(|row| self.order(row, parent, path).is_lt());
        let last = rows.partition_point(|row| self.order(row, parent, path).is_le());
        start + first..start + last
    }
}

impl<'m> ChildRows<'m> {
    /// Reads and checks the child files of `table`: the header, the shape of the rows, their
    /// positions, and the parents of those that belong to another child row.
    ///
    /// # Panics
    /// If a text is longer than [`SOURCE_BYTES_MAX`], or a file's table isn't a child of `table`.
    #[must_use]
    pub fn new(table: &'m Table, files: Vec<ChildFile>, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let flat = table.flat_tables();
        let number_of = |path: &[usize]| {
            flat.iter().position(|it| it.path == path).expect("a list has a table")
        };
        let below = flat
            .iter()
            .map(|it| {
                (0..it.level.lists.len()).map(|list| number_of(&[&it.path[..], &[list]].concat()))
            })
            .map(Iterator::collect)
            .collect();
        let level = |depth: usize| LevelRows { depth, ..LevelRows::default() };
        let mut all = Self {
            files: Vec::new(),
            levels: flat.iter().map(|it| level(it.path.len())).collect(),
            below,
            parents: HashMap::new(),
            seen: Vec::new(),
            parents_lost: AtomicBool::new(false),
            unread: Vec::new(),
        };
        for file in files {
            all.read(table, file, diagnostics);
        }
        all.seen.resize_with(all.parents.len(), AtomicBool::default);
        for number in 1..flat.len() {
            all.arrange(number);
            all.check_positions(number, diagnostics);
        }
        for (number, flat) in flat.iter().enumerate().filter(|(_, flat)| flat.path.len() > 1) {
            let above = number_of(&flat.path[..flat.path.len() - 1]);
            all.check_parent_rows(number, above, diagnostics);
        }
        all
    }

    /// The number of the record with that key, if rows name it; it counts as seen from now on.
    pub(super) fn parent(&self, key: &str) -> Option<u32> {
        let parent = self.parents.get(key).copied()?;
        self.seen[parent as usize].store(true, Memory::Relaxed);
        Some(parent)
    }

    /// The flat table that holds a list of the flat table `above`.
    pub(super) fn table_of(&self, above: usize, list: usize) -> usize {
        self.below[above][list]
    }

    /// The rows of one list, and whether others may have been lost.
    pub(super) fn rows(&self, table: usize, parent: u32, path: &[u32]) -> (&[ChildRow], bool) {
        let level = &self.levels[table];
        (&level.rows[level.find(parent, path)], level.incomplete)
    }

    /// Whether rows of a child table may have been lost.
    pub(super) fn is_incomplete(&self, table: usize) -> bool {
        self.levels[table].incomplete
    }

    /// The path of a row.
    pub(super) fn path(&self, table: usize, row: &ChildRow) -> &[u32] {
        self.levels[table].path(row)
    }

    /// The files whose header couldn't be read.
    pub(crate) fn unread(&self) -> &[Source] {
        &self.unread
    }

    /// The layouts of the files that could be read.
    pub(crate) fn layouts(&self) -> impl Iterator<Item = &Layout<'m>> {
        self.files.iter().map(|file| &file.layout)
    }

    /// Says that records of the table couldn't be read, so that a child row without its parent is
    /// no fault of its own.
    pub fn lose_parents(&self) {
        self.parents_lost.store(true, Memory::Relaxed);
    }

    /// Reports the rows that name no record, once all rows of the table have been read.
    pub fn orphans(&self, table: &Table, diagnostics: &mut Vec<Diagnostic>) {
        if self.parents_lost.load(Memory::Relaxed) {
            return;
        }
        let unseen = |parent: u32| !self.seen[parent as usize].load(Memory::Relaxed);
        for level in self.levels.iter().filter(|level| level.depth == 1) {
            for rows in level.rows.chunk_by(|a, b| a.parent == b.parent) {
                if unseen(rows[0].parent) {
                    diagnostics.push(self.orphan(&rows[0], rows.len(), &table.name));
                }
            }
        }
    }

    fn orphan(&self, row: &ChildRow, count: usize, table: &str) -> Diagnostic {
        let (cells, file) = self.cells(row);
        let cell = &cells[file.layout.parents[0]];
        let key = file.key(&cells);
        let more = match count {
            1 => String::new(),
            2 => " (and 1 more row like this one)".to_owned(),
            _ => format!(" (and {} more rows like this one)", count - 1),
        };
        let message = format!("{} is the key of no record of `{table}`{more}", quote(&key));
        let help = format!("add the record to `{table}`, or mend or delete the row");
        Diagnostic::new(&code::ORPHAN_ROW, file.place(&cell.span), message).help(help)
    }

    fn read(&mut self, table: &'m Table, file: ChildFile, diagnostics: &mut Vec<Diagnostic>) {
        let ChildFile { table: number, source, base, text, file } = file;
        assert!(text.len() < SOURCE_BYTES_MAX, "a child file exceeds its index");
        let opened = whole(text, (source, base), &file, diagnostics).and_then(|(text, header)| {
            let at = (source, base + header.start as u64);
            let name = &text[header.clone()];
            let layout = Layout::new(table, number, name, at, &file, diagnostics)?;
            Some((layout, text, header.end))
        });
        let Some((layout, text, start)) = opened else {
            self.levels[number].incomplete = true;
            self.unread.push(file);
            return;
        };
        let file = ReadFile { layout, base, text };
        let level = &mut self.levels[number];
        let shape = (file.layout.width, file.layout.syntax());
        let mut rows = Rows::new(&file.text, start, shape, source, base);
        let mut cells = Vec::new();
        while let Some((span, kind)) = rows.next(&mut cells, diagnostics) {
            if kind != RowKind::Whole {
                level.incomplete = true;
            } else if let Some(path) = file.path(&cells, diagnostics) {
                let key = file.key(&cells);
                let next = self.parents.len() as u32;
                let parent = match self.parents.get(key.as_ref()) {
                    Some(&parent) => parent,
                    None => *self.parents.entry(key.into_owned()).or_insert(next),
                };
                level.rows.push(ChildRow {
                    parent,
                    file: self.files.len() as u32,
                    start: span.start as u32,
                    end: span.end as u32,
                    path: level.paths.len() as u32,
                });
                level.paths.extend(path);
            } else {
                level.incomplete = true;
            }
        }
        rows.finish(diagnostics);
        self.files.push(file);
    }

    /// Sorts a level's rows, and numbers those whose position no column states.
    fn arrange(&mut self, number: usize) {
        let parents = self.parents.len();
        let level = &mut self.levels[number];
        let mut rows = std::mem::take(&mut level.rows);
        // The sort is stable: rows without a stated position keep the order of the files.
        rows.sort_by(|a, b| level.order(a, b.parent, level.path(b)));
        let last = level.depth - 1;
        let mut previous: Option<(u32, Vec<u32>)> = None;
        let mut position = 0;
        for row in &rows {
            let list = (row.parent, level.path(row)[..last].to_vec());
            position = if previous.as_ref() == Some(&list) { position + 1 } else { 0 };
            previous = Some(list);
            let own = &mut level.paths[row.path as usize + last];
            if *own == UNSTATED {
                *own = position;
            }
        }
        level.starts = Vec::with_capacity(parents + 1);
        for parent in 0..=parents as u32 {
            level.starts.push(rows.partition_point(|row| row.parent < parent) as u32);
        }
        level.rows = rows;
    }

    /// The lists of a level: rows of one parent whose paths differ in the last position only.
    fn lists(&self, number: usize) -> impl Iterator<Item = &[ChildRow]> {
        let level = &self.levels[number];
        let last = level.depth - 1;
        level.rows.chunk_by(move |a, b| {
            a.parent == b.parent && level.path(a)[..last] == level.path(b)[..last]
        })
    }

    /// Positions of a list are 0, 1, 2 and so on; one finding a list says where they aren't.
    fn check_positions(&self, number: usize, diagnostics: &mut Vec<Diagnostic>) {
        let level = &self.levels[number];
        let position = |row: &ChildRow| level.path(row)[level.depth - 1];
        for rows in self.lists(number) {
            let wrong = (0..rows.len()).find(|&index| position(&rows[index]) != index as u32);
            let Some(index) = wrong else { continue };
            let row = &rows[index];
            let (cells, file) = self.cells(row);
            let Some(cell) = file.layout.position else { continue };
            let key = quote(&file.key(&cells));
            let stated = position(row);
            let place = file.place(&cells[cell].span);
            let before = index.checked_sub(1).map(|before| &rows[before]);
            let repeated = before.filter(|before| position(before) == stated);
            // A repeated position is wrong even if rows were lost.
            if level.incomplete && repeated.is_none() {
                continue;
            }
            let message = match (repeated, before) {
                (Some(_), _) => format!("position {stated} of {key} stands here a second time"),
                (None, Some(_)) => format!("position {stated} of {key} follows {}", index - 1),
                (None, None) => format!("the positions of {key} begin with {stated}, not 0"),
            };
            let mut finding = Diagnostic::new(&code::INVALID_POSITION, place, message).help(
                "number the rows of a list 0, 1, 2 and so on, or leave the column out to keep \
                 the order of the file",
            );
            if let Some(first) = repeated {
                let (cells, file) = self.cells(first);
                if let Some(cell) = file.layout.position {
                    finding = finding.with(file.place(&cells[cell].span), "first here");
                }
            }
            diagnostics.push(finding);
        }
    }

    /// Rows of a list in a list name a row that is there.
    fn check_parent_rows(&self, number: usize, above: usize, diagnostics: &mut Vec<Diagnostic>) {
        let (level, parents) = (&self.levels[number], &self.levels[above]);
        if parents.incomplete {
            return;
        }
        for rows in self.lists(number) {
            let path = &level.path(&rows[0])[..level.depth - 1];
            if !parents.find(rows[0].parent, path).is_empty() {
                continue;
            }
            let (cells, file) = self.cells(&rows[0]);
            let named: Vec<_> = file.layout.parents.iter().map(|&cell| &cells[cell]).collect();
            let values: Vec<_> = named.iter().map(|cell| cell.decode(&file.text)).collect();
            let span = named[named.len() - 1].span.clone();
            let table = &file.layout.flat.table.flat_tables()[above].level.name;
            let message = format!("`{}` names no row of `{table}`", values.join("`, `"));
            diagnostics.push(
                Diagnostic::new(&code::ORPHAN_ROW, file.place(&span), message)
                    .help(format!("add the row to `{table}`, or mend or delete this one")),
            );
        }
    }

    /// Reads a row that was read before.
    fn cells(&self, row: &ChildRow) -> (Vec<Cell>, &ReadFile<'m>) {
        let file = &self.files[row.file as usize];
        let mut cells = Vec::new();
        let reader = RowReader::new(&file.text, row.start as usize).by(file.layout.syntax());
        let _ = { reader }.next(&mut cells);
        (cells, file)
    }
}

impl ReadFile<'_> {
    fn place(&self, span: &Range<usize>) -> Place {
        let source = self.layout.source;
        Place::new(source, self.base + span.start as u64..self.base + span.end as u64)
    }

    /// The key of the record that a row belongs to, which was checked to be there.
    fn key(&self, cells: &[Cell]) -> Cow<'_, str> {
        self.layout.key(cells, &self.text).unwrap_or_default()
    }

    /// The positions that lead to a row, its own last; none if one of them is no number, or the
    /// record has no key. Both are reported.
    fn path(&self, cells: &[Cell], diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<u32>> {
        let mut above = self.layout.parents.iter().zip(&self.layout.flat.parents);
        for (cell, name) in above.by_ref().take(self.layout.flat.table.key.columns.len()) {
            let cell = &cells[*cell];
            if cell.is_empty() {
                let message = format!("the row names no record: `{name}` is empty");
                diagnostics.push(
                    Diagnostic::new(&code::ORPHAN_ROW, self.place(&cell.span), message)
                        .help("write the key of the record that the row belongs to"),
                );
                return None;
            }
        }
        let own = self.layout.position.iter().map(|cell| (cell, POSITION_COLUMN));
        let mut path = Vec::new();
        for (&cell, name) in above.map(|(cell, name)| (cell, name.as_str())).chain(own) {
            let cell = &cells[cell];
            let text = cell.decode(&self.text);
            let position = text.parse().ok().filter(|&it| it != UNSTATED && !text.starts_with('+'));
            if position.is_none() {
                let message = format!("the {name} {} is not a whole number from 0", quote(&text));
                diagnostics.push(
                    Diagnostic::new(&code::INVALID_POSITION, self.place(&cell.span), message)
                        .help("number the rows of a list 0, 1, 2 and so on"),
                );
            }
            path.push(position?);
        }
        if self.layout.position.is_none() {
            path.push(UNSTATED);
        }
        Some(path)
    }
}
