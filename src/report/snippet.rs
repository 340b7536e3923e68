//! Lines of a file with what is said about them: underlines, labels, line numbers.
//!
//! A place of many lines is drawn as a bar at their left. Labels stand beside the last underline of
//! a line, and below the others.

use std::collections::BTreeMap;
use std::ops::Range;

use super::line::{Cut, LINE_COLUMNS_MAX, Line};
use super::styles::Styles;
use crate::report::locate::{Located, Texts};
use crate::spelling::terminal::printable;
use crate::workspace::SourceId;
use anstyle::Style;

/// Marks of one line that are farther apart may not fit into one snippet.
const MARKS_APART_MAX: u64 = 70;
/// Marks on lines that are farther apart make snippets of their own.
const LINES_APART_MAX: u64 = 4;

/// A marked place.
pub(super) struct Mark<'a> {
    pub span: Range<u64>,
    pub located: Located,
    pub label: &'a str,
    pub primary: bool,
}

impl Mark<'_> {
    fn first_line(&self) -> u64 {
        self.located.start.line
    }

    fn is_tall(&self) -> bool {
        self.located.last_line() > self.first_line()
    }

    /// Whether both can be shown in one snippet.
    fn is_near(&self, other: &Self) -> bool {
        let (first, last) = (self.first_line(), self.located.last_line());
        let (other_first, other_last) = (other.first_line(), other.located.last_line());
        let gap = first.saturating_sub(other_last).max(other_first.saturating_sub(last));
        let ends = [self.located.start, self.located.end];
        let others = [other.located.start, other.located.end];
        let beside = |a: u64, b: u64| a.abs_diff(b) <= MARKS_APART_MAX;
        gap <= LINES_APART_MAX
            && !(self.is_tall() && other.is_tall())
            && ends.iter().all(|end| {
                others
                    .iter()
                    .all(|other| end.line != other.line || beside(end.column, other.column))
            })
    }
}

/// Marks of one file that are near one another.
pub(super) struct Block<'a> {
    pub source: SourceId,
    pub marks: Vec<Mark<'a>>,
}

impl<'a> Block<'a> {
    /// Adds a mark to the first block that it is near to, or makes a new one.
    pub fn add(blocks: &mut Vec<Self>, source: SourceId, mark: Mark<'a>) {
        let near = blocks.iter_mut().find(|block| {
            block.source == source
                && block.marks.iter().any(|other| mark.is_near(other))
                // One bar at most, and no line that is too wide.
                && block.marks.iter().all(|other| {
                    mark.is_near(other) || !other.is_tall() && !mark.is_tall() && !same_line(&mark, other)
                })
        });
        match near {
            Some(block) => block.marks.push(mark),
            None => blocks.push(Self { source, marks: vec![mark] }),
        }
    }
}

fn same_line(mark: &Mark<'_>, other: &Mark<'_>) -> bool {
    mark.first_line() == other.first_line()
}

/// How snippets are drawn.
pub(super) struct Pen<'a> {
    pub styles: &'a Styles,
    /// The style of the primary place.
    pub primary: Style,
    /// How many digits line numbers have.
    pub gutter: usize,
}

/// A line and what is marked on it.
struct Row<'t, 'm> {
    line: Line<'t>,
    marks: Vec<&'m Mark<'m>>,
}

/// Rows by their lines' numbers.
type Rows<'t, 'm> = BTreeMap<u64, Row<'t, 'm>>;

/// The row of a line.
fn row<'r, 't, 'm>(rows: &'r mut Rows<'t, 'm>, line: Line<'t>) -> &'r mut Row<'t, 'm> {
    rows.entry(line.number).or_insert(Row { line, marks: Vec::new() })
}

impl Pen<'_> {
    /// Draws a block. `neighbours`: also the lines before and after, which say more about the place.
    pub fn block(&self, texts: &Texts, block: &Block<'_>, neighbours: bool, out: &mut String) {
        let line_at = |offset: u64| {
            texts.around(block.source, offset).map(|stretch| Line::at(stretch, offset))
        };
        let mut rows = Rows::new();
        for mark in &block.marks {
            if let Some(line) = line_at(mark.span.start) {
                row(&mut rows, line).marks.push(mark);
            }
            if mark.is_tall()
                && let Some(line) = line_at(last_offset(mark))
            {
                row(&mut rows, line);
            }
        }
        let marked: Vec<Line<'_>> = rows.values().map(|row| row.line).collect();
        let mut others = Vec::new();
        for pair in marked.windows(2) {
            // Dots would take as much room as the line.
            if pair[1].number == pair[0].number + 2 {
                others.extend(pair[0].next.and_then(line_at));
            }
        }
        if let ([first, ..], [.., last], true) = (&marked[..], &marked[..], neighbours) {
            let before = (first.base > 0 && !first.cut_left).then(|| first.base - 1);
            let beside = [before, last.next].into_iter().flatten().filter_map(line_at);
            others.extend(beside.filter(|line| {
                line.is_whole() && !line.is_blank() && line.bytes.len() <= LINE_COLUMNS_MAX
            }));
        }
        for line in others {
            row(&mut rows, line);
        }
        let tall = block.marks.iter().find(|mark| mark.is_tall());
        let mut last = None;
        for row in rows.values() {
            let number = row.line.number;
            if last.is_some_and(|last| number > last + 1) {
                self.dots(tall.is_some_and(|tall| covers(tall, number - 1)), out);
            }
            last = Some(number);
            self.row(row, tall, out);
        }
    }

    fn dots(&self, barred: bool, out: &mut String) {
        let (accent, style) = (self.styles.accent, self.primary);
        out.push_str(&format!("{accent}...{accent:#}"));
        if barred {
            out.push_str(&format!("{:1$}{style}|{style:#}", "", self.gutter));
        }
        out.push('\n');
    }

    fn row(&self, row: &Row<'_, '_>, tall: Option<&Mark<'_>>, out: &mut String) {
        let number = row.line.number;
        let mut anchors: Vec<Range<u64>> =
            row.marks
                .iter()
                .map(|mark| {
                    if mark.is_tall() {
                        mark.span.start..mark.span.start
                    } else {
                        mark.span.clone()
                    }
                })
                .collect();
        let begins = tall.filter(|tall| tall.first_line() == number);
        let finishes = tall.filter(|tall| tall.located.last_line() == number);
        anchors.extend(finishes.map(|tall| tall.span.end..tall.span.end));
        let text = Cut::new(&row.line, &anchors);
        let slash = begins.is_some_and(|tall| text.is_blank_before(tall.span.start));
        let margin = match tall {
            None => "",
            Some(_) if slash => "/ ",
            Some(tall) if begins.is_none() && covers(tall, number) => "| ",
            Some(_) => "  ",
        };
        let accent = self.styles.accent;
        let (style, gutter) = (self.tall_style(tall), self.gutter);
        let margin = if margin.trim().is_empty() {
            margin.to_owned()
        } else {
            format!("{style}{margin}{style:#}")
        };
        let line = format!("{accent}{number:>gutter$} |{accent:#} {margin}{}", text.shown());
        out.push_str(line.trim_end_matches(' '));
        out.push('\n');
        if let Some(tall) = begins
            && !slash
        {
            let mut cells = Cells::default();
            let x = 2 + text.x(tall.span.start);
            cells.paint(1..x, '_', ink(tall));
            cells.paint(x..x + 1, sign(tall), ink(tall));
            self.under(cells, None, out);
        }
        let bar = tall.filter(|tall| {
            covers(tall, number) && number < tall.located.last_line() || finishes.is_some()
        });
        let indent = if tall.is_some() { 2 } else { 0 };
        let singles: Vec<_> = row
            .marks
            .iter()
            .filter(|mark| !mark.is_tall())
            .map(|mark| Underline {
                cells: text.cells(&mark.span, indent),
                label: mark.label,
                mark,
            })
            .collect();
        self.singles(singles, bar, out);
        if let Some(tall) = finishes {
            let mut cells = Cells::default();
            let x = 2 + text.x(tall.span.end).saturating_sub(1);
            cells.paint(1..x, '_', ink(tall));
            cells.paint(x..x + 1, sign(tall), ink(tall));
            cells.write(x + 2, tall.label, ink(tall));
            self.under(cells, Some(tall), out);
        }
    }

    fn tall_style(&self, tall: Option<&Mark<'_>>) -> Style {
        tall.map_or(Style::new(), |tall| self.style(ink(tall)))
    }

    /// Underlines of one line with their labels: the last one's beside it, the others' below.
    fn singles(&self, mut marks: Vec<Underline<'_>>, bar: Option<&Mark<'_>>, out: &mut String) {
        if marks.is_empty() {
            return;
        }
        let mut cells = Cells::default();
        marks.sort_by_key(|underline| (underline.mark.primary, underline.cells.start));
        for Underline { cells: range, mark, .. } in &marks {
            cells.paint(range.clone(), sign(mark), ink(mark));
        }
        marks.sort_by_key(|underline| {
            std::cmp::Reverse((underline.cells.start, underline.mark.primary))
        });
        let end = marks.iter().map(|underline| underline.cells.end).max().unwrap_or_default();
        if marks[0].cells.end == end {
            let Underline { label, mark, .. } = marks.remove(0);
            cells.write(end + 1, label, ink(mark));
        }
        self.under(cells, bar, out);
        marks.retain(|underline| !underline.label.is_empty());
        let connect = |below: &[Underline<'_>]| {
            let mut cells = Cells::default();
            for Underline { cells: range, mark, .. } in below {
                cells.paint(range.start..range.start + 1, '|', ink(mark));
            }
            cells
        };
        if !marks.is_empty() {
            self.under(connect(&marks), bar, out);
        }
        while !marks.is_empty() {
            let Underline { cells: range, label, mark } = marks.remove(0);
            let mut cells = connect(&marks);
            cells.write(range.start, label, ink(mark));
            self.under(cells, bar, out);
        }
    }

    /// A row without a line number.
    fn under(&self, mut cells: Cells, bar: Option<&Mark<'_>>, out: &mut String) {
        if let Some(tall) = bar {
            cells.paint(0..1, '|', ink(tall));
        }
        let accent = self.styles.accent;
        let mut line = format!("{:1$} {accent}|{accent:#} ", "", self.gutter);
        let mut current = Ink::None;
        for (character, ink) in cells.0 {
            if ink != current && character != ' ' {
                line.push_str(&self.switch(current, ink));
                current = ink;
            }
            line.push(character);
        }
        line.push_str(&self.switch(current, Ink::None));
        out.push_str(line.trim_end_matches(' '));
        out.push('\n');
    }

    fn switch(&self, from: Ink, to: Ink) -> String {
        format!("{:#}{}", self.style(from), self.style(to))
    }

    fn style(&self, ink: Ink) -> Style {
        match ink {
            Ink::None => Style::new(),
            Ink::Primary => self.primary,
            Ink::Related => self.styles.accent,
        }
    }
}

/// What is drawn below a line for one mark.
struct Underline<'m> {
    cells: Range<usize>,
    label: &'m str,
    mark: &'m Mark<'m>,
}

fn last_offset(mark: &Mark<'_>) -> u64 {
    // What ends with a line feed ends on the line before the one that begins there.
    let at_line_start = mark.located.last_line() < mark.located.end.line;
    mark.span.end - u64::from(at_line_start)
}

/// Whether a tall mark goes over a line.
fn covers(tall: &Mark<'_>, line: u64) -> bool {
    (tall.first_line()..=tall.located.last_line()).contains(&line)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ink {
    None,
    Primary,
    Related,
}

fn ink(mark: &Mark<'_>) -> Ink {
    if mark.primary { Ink::Primary } else { Ink::Related }
}

fn sign(mark: &Mark<'_>) -> char {
    if mark.primary { '^' } else { '-' }
}

/// A row of characters with their colours.
#[derive(Default)]
struct Cells(Vec<(char, Ink)>);

impl Cells {
    fn paint(&mut self, range: Range<usize>, character: char, ink: Ink) {
        if self.0.len() < range.end {
            self.0.resize(range.end, (' ', Ink::None));
        }
        for cell in &mut self.0[range] {
            *cell = (character, ink);
        }
    }

    /// Text at the end of the row.
    fn write(&mut self, at: usize, text: &str, ink: Ink) {
        if text.is_empty() {
            return;
        }
        if self.0.len() < at {
            self.0.resize(at, (' ', Ink::None));
        }
        self.0.extend(printable(text).chars().map(|character| (character, ink)));
    }
}
