//! The header of a CSV file, matched with the columns of its level.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use super::build::{Builder, fixed, gather};
use super::header::{HeaderCell, HeaderCells, Told, told};
use super::names::{Meant, Names, Target};
use crate::diagnostic::{Diagnostic, Place, code, quote};
use crate::dialect::{Dialect, Syntax, toml_string};
use crate::model::kind::Physical;
use crate::model::{
    Column, EdtfPart, Field, FlatTable, Item, Kind, Origin, Shape, Table, join_key,
};
use crate::parse::csv::Cell;
use crate::workspace::{Source, SourceId};

/// What the cells of a file's rows are.
#[derive(Debug)]
pub struct Layout<'m> {
    pub(super) flat: FlatTable<'m>,
    /// Which of [`Table::flat_tables`] it is.
    pub(super) number: usize,
    pub(super) source: SourceId,
    /// Where the header begins in the file.
    pub(super) base: u64,
    /// How many cells a row has.
    pub(super) width: usize,
    /// The keys of the objects, each with the header cell that brings it.
    pub(super) names: Vec<(&'m str, Range<usize>)>,
    pub(super) content: Content<'m>,
    /// The parts of the key, in a table itself that has them all.
    pub(super) key: Option<Vec<KeyPart>>,
    /// The cells that name the parent row, in a child table.
    pub(super) parents: Vec<usize>,
    /// The cell of the position, in a child table that has one.
    pub(super) position: Option<usize>,
    pub(super) derived: Vec<Derived<'m>>,
    /// How the file is written, if otherwise than releases are.
    pub(super) dialect: Option<Arc<Dialect>>,
    /// The first column of the key that a table itself lacks.
    lacking_key: Option<&'m str>,
    /// Properties of the record that the schema requires and no column brings.
    lacking: Vec<&'m str>,
    /// The numbers of the dialect's entries that name a column of the file.
    used: BTreeSet<usize>,
}

/// Where a part of a key stands.
#[derive(Clone, Debug)]
pub(super) enum KeyPart {
    Cell(usize),
    /// The manifest gives it to all records of the file.
    Fixed(String),
}

/// What a value is made of.
#[derive(Debug)]
pub(super) enum Content<'m> {
    /// One cell.
    Cell { cell: usize, read_as: ReadAs },
    /// The cells of a group, or the languages of a text.
    Object(Vec<Slot<'m>>),
    /// The rows of a child table, or what cells of the row hold of it.
    List { list: usize, count: Option<usize>, joined: Option<Joined<'m>>, gathered: Gathered<'m> },
    /// What the manifest says of all records of the file.
    Fixed(Fixed),
}

/// A value that the manifest gives.
#[derive(Clone, Debug)]
pub(super) struct Fixed {
    pub(super) text: String,
    pub(super) read_as: ReadAs,
    /// The manifest.
    pub(super) source: SourceId,
    pub(super) span: Range<usize>,
}

/// A list in several cells of a row, as the dialect says.
#[derive(Debug, Default)]
pub(super) enum Gathered<'m> {
    /// No such list.
    #[default]
    Nowhere,
    /// For each item, where it stands.
    Wide(Vec<Content<'m>>),
    /// In each cell something of all items. In `item`, cells are counted as `cells` are.
    Zipped { cells: Vec<usize>, separator: String, item: Vec<Slot<'m>> },
}

/// A property of an object.
#[derive(Debug)]
pub(super) struct Slot<'m> {
    /// Index into [`Layout::names`].
    pub(super) name: usize,
    pub(super) content: Content<'m>,
}

/// A list in one cell.
#[derive(Debug)]
pub(super) struct Joined<'m> {
    pub(super) cell: usize,
    pub(super) separator: &'m str,
    pub(super) read_as: ReadAs,
}

/// So many columns of a file that belong to nothing are shown: each costs a look at all names.
const UNKNOWN_SHOWN_MAX: usize = 100;

/// The JSON type that a cell may spell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReadAs {
    Boolean,
    Number,
    Text,
    /// A boolean in the words of the dialect.
    Word,
    /// A number as the dialect writes it.
    RegionalNumber,
    /// A number as the dialect writes it, which stays text.
    RegionalDecimal,
    /// A date, which the dialect may write otherwise.
    Date,
}

impl ReadAs {
    pub(super) fn of(kind: &Kind, dialect: &Dialect) -> Self {
        match kind.physical() {
            Physical::Boolean if dialect.booleans.is_some() => Self::Word,
            Physical::Boolean => Self::Boolean,
            Physical::Decimal(_) if dialect.numbers.is_some() && !kind.is_spelt_as_number() => {
                Self::RegionalDecimal
            }
            _ if kind.is_spelt_as_number() => {
                if dialect.numbers.is_some() {
                    Self::RegionalNumber
                } else {
                    Self::Number
                }
            }
            _ if !dialect.dates.is_empty() && matches!(kind, Kind::Edtf | Kind::Date) => Self::Date,
            _ => Self::Text,
        }
    }
}

/// The columns that a release derives from one date.
#[derive(Debug)]
pub(super) struct Derived<'m> {
    /// The column of the date.
    pub(super) name: &'m str,
    pub(super) from: DerivedFrom,
    pub(super) parts: Vec<DerivedCell<'m>>,
}

/// The cells that a date is read from, as far as the file has them.
#[derive(Debug)]
pub(super) enum DerivedFrom {
    /// A date in one cell.
    Date(Option<usize>),
    /// A year in one cell.
    Year(Option<usize>),
    /// A year, a month and a day. The text that is composed of them has a column, too.
    Parts { cells: [Option<usize>; 3], text: Option<usize> },
}

/// One of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct DerivedCell<'m> {
    pub(super) part: EdtfPart,
    pub(super) name: &'m str,
    pub(super) cell: usize,
}

impl<'m> Layout<'m> {
    /// Matches the header of a file of `table`: of the table itself if `number` is 0, else of that
    /// child table. `base` is where the header begins in the file.
    ///
    /// A column may go by its name in releases (`date_edtf`, `title_en`), by the path of its
    /// property (`date.edtf`, `title.en`), or by what the file's dialect calls it. None if rows can't be
    /// told apart: the header says nothing, or lacks a key. Other complaints cost one column.
    ///
    /// # Panics
    /// If `table` has no such child table.
    #[must_use]
    pub fn new(
        table: &'m Table,
        number: usize,
        header: &str,
        (source, base): (SourceId, u64),
        file: &Source,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let flat = table.flat_tables().swap_remove(number);
        let names = Names::of(&flat);
        let dialect = file.dialect();
        let knows = |name: &str| names.targets.contains_key(name);
        let at = (source, base);
        let HeaderCells { cells, place } =
            HeaderCells::read(header, at, file, &flat.level.name, knows, diagnostics)?;
        let mut columns = Columns { found: HashMap::new(), wide: Vec::new(), zip: Vec::new() };
        let (mut meant, mut unknown) = (Vec::new(), Unknown::default());
        let mut used = BTreeSet::new();
        for (index, cell) in cells.iter().enumerate() {
            let told = told(dialect, &cell.name, &mut used);
            let name = match &told {
                Some(Told::Ignored) => continue,
                Some(Told::Wide(list, property, item)) => {
                    columns.wide.push((*list, *property, item.clone(), index));
                    continue;
                }
                Some(Told::Zipped(list, property)) => {
                    columns.zip.push((*list, *property, index));
                    continue;
                }
                Some(Told::Named(name)) => name,
                None => &*cell.name,
            };
            let Some(&target) = names.targets.get(name) else {
                // Of the manifest's own names that was said.
                if told.is_some() || !unknown.counts() {
                    continue;
                }
                let (finding, near) = names.unknown(&cell.name, &flat, cell.place.clone(), file);
                unknown.first.get_or_insert(diagnostics.len());
                diagnostics.push(finding);
                match near {
                    Meant::Column(near) => {
                        meant.extend(names.alike(&near, &flat));
                        unknown.near.push((cell.name.to_string(), near));
                    }
                    Meant::Nothing => unknown.names.push(cell.name.to_string()),
                    Meant::Part => {}
                }
                if cells.len() == 1 {
                    return None;
                }
                continue;
            };
            let target = names.position(target);
            if let Some(&first) = columns.found.get(&target) {
                let first: &HeaderCell<'_> = &cells[first];
                let message = if first.name == cell.name || dialect.columns.is_empty() {
                    format!("the column {} stands here a second time", quote(&cell.name))
                } else {
                    format!(
                        "the columns {} and {} are both `{name}`",
                        quote(&first.name),
                        quote(&cell.name)
                    )
                };
                diagnostics.push(
                    Diagnostic::new(&code::DUPLICATE_COLUMN, cell.place.clone(), message)
                        .label("again here")
                        .with(first.place.clone(), "first here")
                        .help("keep one of the two"),
                );
            } else {
                columns.found.insert(target, index);
            }
        }
        unknown.report(&flat.level.name, &place, file, diagnostics);
        let fixed = fixed(&flat, &names, file, &columns.found, &cells, diagnostics);
        let cell_of = |target: Target| columns.found.get(&names.position(target)).copied();
        let fixed_of = |target: Target| fixed.get(&names.position(target)).cloned();
        let spans: Vec<_> = cells.iter().map(|cell| cell.span.clone()).collect();
        let mut builder = Builder {
            flat: &flat,
            dialect,
            spans: &spans,
            cell_of: &cell_of,
            fixed_of: &fixed_of,
            is_gathered: false,
            gathered: BTreeMap::new(),
            names: Vec::new(),
        };
        builder.gathered = gather(&mut builder, &columns);
        let content = match &flat.level.item {
            Item::Object(object) => Content::Object(builder.slots(object)),
            Item::Scalar(scalar) => Content::Cell {
                // Without its only column, a row says nothing.
                cell: cell_of(Target::Column(0)).unwrap_or(usize::MAX),
                read_as: ReadAs::of(&scalar.kind, dialect),
            },
        };
        let part_of = |target: Target| match cell_of(target) {
            Some(cell) => Some(KeyPart::Cell(cell)),
            None => fixed_of(target).map(|fixed| KeyPart::Fixed(fixed.text)),
        };
        let is_given = |target: Target| cell_of(target).is_some() || fixed_of(target).is_some();
        let layout = Self {
            number,
            source,
            base,
            width: cells.len(),
            names: builder.names,
            content,
            key: match number {
                0 => table.key.columns.iter().map(|key| part_of(Target::Column(*key))).collect(),
                _ => None,
            },
            parents: (0..flat.parents.len()).map_while(|it| cell_of(Target::Parent(it))).collect(),
            position: cell_of(Target::Position),
            derived: derived(&flat, &cell_of),
            dialect: file.dialect.clone(),
            lacking: lacking(&flat, &is_given),
            used,
            lacking_key: table
                .key
                .columns
                .iter()
                .zip(table.key_fields())
                .find(|(column, _)| {
                    let is_written = number == 0 && table.made_key.is_none();
                    is_written && !is_given(Target::Column(**column))
                })
                .map(|(_, field)| field.name.as_str()),
            flat,
        };
        layout.check_keys(&place, &meant, diagnostics).then_some(layout)
    }

    /// The syntax of the file's rows.
    #[must_use]
    pub fn syntax(&self) -> Syntax {
        self.dialect.as_ref().map_or(Syntax::PLAIN, |dialect| dialect.syntax)
    }

    /// The dialect of the file, if it isn't that of releases.
    #[must_use]
    pub fn dialect(&self) -> Option<&Arc<Dialect>> {
        self.dialect.as_ref()
    }

    /// The numbers of the dialect's entries that name a column of the file.
    #[must_use]
    pub fn used(&self) -> &BTreeSet<usize> {
        &self.used
    }

    /// The key of a row, of the record or of that which the row is a part of, as text; none if a value is
    /// empty, or the row is too short.
    pub(super) fn key<'t>(&self, cells: &[Cell], text: &'t str) -> Option<Cow<'t, str>> {
        let present = |cell: usize| cells.get(cell).filter(|cell| !cell.is_empty());
        let cell = |cell: usize| Some(present(cell)?.decode(text));
        let Some(parts) = &self.key else {
            let parts = self.parents.get(..self.flat.table.key.columns.len())?;
            if let [only] = parts {
                return cell(*only);
            }
            let parts: Option<Vec<_>> = parts.iter().map(|part| cell(*part)).collect();
            return parts.map(|parts| Cow::Owned(join_key(parts)));
        };
        if let [KeyPart::Cell(only)] = &parts[..] {
            return cell(*only);
        }
        let part = |part: &KeyPart| match part {
            KeyPart::Cell(it) => cell(*it),
            KeyPart::Fixed(text) => Some(text.clone().into()),
        };
        let parts: Option<Vec<_>> = parts.iter().map(part).collect();
        parts.map(|parts| Cow::Owned(join_key(parts)))
    }

    /// Properties that every record of the file lacks: that was reported once for all.
    #[must_use]
    pub fn lacking(&self) -> &[&'m str] {
        &self.lacking
    }

    /// Whether the columns are there without which rows mean nothing. Columns that others were
    /// `meant` to be are there but for their names.
    fn check_keys(
        &self,
        header: &Place,
        meant: &[String],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> bool {
        let unexplained = |name: &str| !meant.iter().any(|meant| meant == name);
        for property in self.lacking.iter().filter(|name| unexplained(name)) {
            let message =
                format!("the header has no column `{property}`, which every record must have");
            diagnostics.push(
                Diagnostic::new(&code::MISSING_PROPERTY, header.clone(), message)
                    .help("add it, with a value in every row"),
            );
        }
        let (code, missing) = if self.number == 0 {
            (&code::MISSING_ID, self.lacking_key)
        } else if self.parents.len() < self.flat.parents.len() {
            (&code::ORPHAN_ROW, self.flat.parents.get(self.parents.len()).map(String::as_str))
        } else {
            let lost = matches!(self.content, Content::Cell { cell: usize::MAX, .. });
            (&code::MISSING_PROPERTY, lost.then(|| self.flat.level.columns[0].name.as_str()))
        };
        if let Some(missing) = missing.filter(|missing| unexplained(missing)) {
            let message = format!("the header has no column `{missing}`");
            diagnostics.push(
                Diagnostic::new(code, header.clone(), message)
                    .help(format!("rows of `{}` are told apart by it", self.flat.level.name)),
            );
        }
        missing.is_none()
    }
}

fn lacking<'m>(flat: &FlatTable<'m>, is_given: &dyn Fn(Target) -> bool) -> Vec<&'m str> {
    let Item::Object(object) = &flat.level.item else { return Vec::new() };
    if !flat.path.is_empty() {
        return Vec::new();
    }
    let key = &flat.table.key.columns;
    let lacks = |field: &&'m Field| match &field.shape {
        Shape::Scalar { column, .. } => {
            field.required && !key.contains(column) && !is_given(Target::Column(*column))
        }
        Shape::Group(_) | Shape::Languages(_) | Shape::List { .. } => false,
    };
    object.fields.iter().filter(lacks).map(|field| field.name.as_str()).collect()
}

fn derived<'m>(
    flat: &FlatTable<'m>,
    cell_of: &dyn Fn(Target) -> Option<usize>,
) -> Vec<Derived<'m>> {
    let mut derived: Vec<(usize, Derived<'m>)> = Vec::new();
    for (index, column) in flat.level.columns.iter().enumerate() {
        let (of, part) = match column.origin {
            Origin::Derived { of, part } => (of, Some(part)),
            Origin::Composed { .. } => (index, None),
            Origin::Field | Origin::Language(_) | Origin::Count => continue,
        };
        let Some(cell) = cell_of(Target::Column(index)) else { continue };
        if derived.last().is_none_or(|(last, _)| *last != of) {
            let source = &flat.level.columns[of];
            let from = derived_from(source, of, cell_of);
            derived.push((of, Derived { name: &source.name, from, parts: Vec::new() }));
        }
        if let (Some((_, derived)), Some(part)) = (derived.last_mut(), part) {
            derived.parts.push(DerivedCell { part, name: &column.name, cell });
        }
    }
    derived.into_iter().map(|(_, derived)| derived).collect()
}

/// Where the date of a column is read from.
fn derived_from(
    column: &Column,
    index: usize,
    cell_of: &dyn Fn(Target) -> Option<usize>,
) -> DerivedFrom {
    let cell = |column: usize| cell_of(Target::Column(column));
    match column.origin {
        Origin::Composed { year, month, day } => {
            let cells = [cell(year), month.and_then(cell), day.and_then(cell)];
            DerivedFrom::Parts { cells, text: cell(index) }
        }
        Origin::Derived { .. } | Origin::Field | Origin::Language(_) | Origin::Count => {
            match column.kind {
                Kind::Year { .. } => DerivedFrom::Year(cell(index)),
                _ => DerivedFrom::Date(cell(index)),
            }
        }
    }
}

/// Which columns of a file are what.
pub(super) struct Columns {
    /// By the number of the target.
    pub(super) found: HashMap<usize, usize>,
    /// The dialect's list, the property, what tells the item, and the column.
    pub(super) wide: Vec<(usize, usize, String, usize)>,
    /// The dialect's list, the property, and the column.
    pub(super) zip: Vec<(usize, usize, usize)>,
}

/// Columns that belong to nothing.
#[derive(Default)]
struct Unknown {
    /// Which finding is about the first one.
    first: Option<usize>,
    count: usize,
    /// Those that seem to be nothing else, either.
    names: Vec<String>,
    /// What some were probably meant to be.
    near: Vec<(String, String)>,
}

impl Unknown {
    /// Counts one. Returns whether it is to be shown.
    fn counts(&mut self) -> bool {
        self.count += 1;
        self.count <= UNKNOWN_SHOWN_MAX
    }

    /// Says how many weren't shown, and with the first one what the manifest could say of all.
    fn report(self, level: &str, header: &Place, file: &Source, diagnostics: &mut Vec<Diagnostic>) {
        if self.count > UNKNOWN_SHOWN_MAX {
            let others = self.count - UNKNOWN_SHOWN_MAX;
            let message = format!("{others} more columns belong to no property of `{level}`");
            diagnostics.push(
                Diagnostic::new(&code::UNKNOWN_COLUMN, header.clone(), message)
                    .help("is it the file of another table, or does it lack a line end?"),
            );
        }
        let Some(first) = self.first else { return };
        let mut lines = Vec::new();
        if !self.near.is_empty() {
            let named = |(name, near): &(String, String)| {
                format!("{} = {}", toml_string(name), toml_string(near))
            };
            let named: Vec<_> = self.near.iter().map(named).collect();
            lines.push(format!("columns = {{ {} }}", named.join(", ")));
        }
        if !self.names.is_empty() {
            let names: Vec<_> = self.names.iter().map(|name| toml_string(name)).collect();
            lines.push(format!("ignore = [{}]", names.join(", ")));
        }
        if lines.is_empty() {
            return;
        }
        let finding = &mut diagnostics[first];
        let help = finding.help.take().unwrap_or_default();
        finding.help = Some(file.with_block(&help, &lines));
    }
}
