//! Columns that a release derives from dates, compared with what is derived from them now.

use std::fmt::Write as _;

use chrono::NaiveDate;

use super::assemble::{Assembler, Row};
use super::layout::{Derived, DerivedCell, DerivedFrom};
use crate::diagnostic::{Diagnostic, code, quote};
use crate::dialect;
use crate::edtf::Edtf;
use crate::edtf::parts::Parts;
use crate::model::EdtfPart;
use crate::parse::csv::Cell;

/// A date as a row says it, and the first cell of it.
struct Said<'c> {
    date: Edtf,
    text: String,
    cell: &'c Cell,
}

impl Assembler<'_, '_> {
    /// Compares what a release derived from a date with what it derives now.
    pub(super) fn check_derived(&mut self, derived: &Derived<'_>, row: &Row<'_, '_>) {
        let text = match derived.from {
            DerivedFrom::Parts { text, .. } => text.map(|cell| (derived.name, cell)),
            DerivedFrom::Date(_) | DerivedFrom::Year(_) => None,
        };
        let cells = derived.parts.iter().map(|part| (part.name, part.cell));
        let stated = text.into_iter().chain(cells).find(|(_, cell)| row.present(*cell).is_some());
        let Some(first) = stated else { return };
        let said = match said(derived, row) {
            Ok(Some(said)) => said,
            Ok(None) => return self.report_underived(derived, first, row),
            // Whoever looks at the record says what is wrong with it.
            Err(NoDate) => return,
        };
        if let Some((name, cell)) = text {
            self.scratch.clone_from(&said.text);
            self.compare(name, cell, &said, row);
        }
        for &DerivedCell { part, name, cell } in &derived.parts {
            spell(&mut self.scratch, &said.date, part);
            self.compare(name, cell, &said, row);
        }
    }

    /// Compares a cell with what was derived anew.
    fn compare(&mut self, name: &str, cell: usize, said: &Said<'_>, row: &Row<'_, '_>) {
        let Some(cell) = row.present(cell) else { return };
        let stated = cell.decode(row.text);
        if stated == self.scratch {
            return;
        }
        let derives = match self.scratch.as_str() {
            "" => "nothing".to_owned(),
            text => quote(text),
        };
        let stated = quote(&stated);
        let message = format!("`{name}` says {stated}, but `{}` gives {derives}", said.text);
        self.diagnostics.push(
            Diagnostic::new(&code::DERIVED_MISMATCH, row.place(&cell.span), message)
                .with(row.place(&said.cell.span), "derived from this")
                .help("change the date itself, or leave the derived columns out"),
        );
    }

    fn report_underived(
        &mut self,
        derived: &Derived<'_>,
        (name, cell): (&str, usize),
        row: &Row<'_, '_>,
    ) {
        let cell = &row.cells[cell];
        let stated = quote(&cell.decode(row.text));
        let message = match derived.from {
            DerivedFrom::Parts { .. } => {
                format!("`{name}` says {stated}, but the parts of the date are empty")
            }
            DerivedFrom::Date(_) | DerivedFrom::Year(_) => {
                format!("`{name}` says {stated}, but `{}` is empty", derived.name)
            }
        };
        self.diagnostics.push(
            Diagnostic::new(&code::DERIVED_MISMATCH, row.place(&cell.span), message)
                .help("write the date, or leave the derived columns out"),
        );
    }
}

/// What a row says is no date.
struct NoDate;

/// The date from which others are derived; none if the row has none.
fn said<'c>(derived: &Derived<'_>, row: &'c Row<'_, '_>) -> Result<Option<Said<'c>>, NoDate> {
    let present = |cell: Option<usize>| cell.and_then(|cell| row.present(cell));
    let number = |cell: &Cell| cell.decode(row.text).parse::<i64>().map_err(|_| NoDate);
    let (parts, cell) = match derived.from {
        DerivedFrom::Date(cell) => {
            let Some(cell) = present(cell) else { return Ok(None) };
            let written = cell.decode(row.text);
            let dates = row.layout.dialect.iter().flat_map(|it| dialect::date(&it.dates, &written));
            let respelt = dates.map(|(_, date)| date).next();
            let text = respelt.unwrap_or_else(|| written.into_owned());
            let date = Edtf::parse(&text).map_err(|_| NoDate)?;
            return Ok(Some(Said { date, text, cell }));
        }
        DerivedFrom::Year(cell) => {
            let Some(cell) = present(cell) else { return Ok(None) };
            (Parts { year: Some(number(cell)?), ..Parts::default() }, cell)
        }
        DerivedFrom::Parts { cells, .. } => {
            let cells = cells.map(present);
            let part = |cell: Option<&Cell>| cell.map(number).transpose();
            let [year, month, day] = [part(cells[0])?, part(cells[1])?, part(cells[2])?];
            let Some(cell) = cells.into_iter().flatten().next() else { return Ok(None) };
            (Parts { year, month, day }, cell)
        }
    };
    let (date, text) = (parts.date(), parts.text());
    match (date, text) {
        (Ok(Some(date)), Ok(Some(text))) => Ok(Some(Said { date, text, cell })),
        _ => Err(NoDate),
    }
}

/// A derived value as releases spell it; empty if there is none.
fn spell(text: &mut String, date: &Edtf, part: EdtfPart) {
    text.clear();
    let boolean = |holds: bool| if holds { "true" } else { "false" };
    match part {
        EdtfPart::Earliest => spell_day(text, date.earliest()),
        EdtfPart::Latest => spell_day(text, date.latest()),
        EdtfPart::Precision => text.push_str(date.precision().name()),
        EdtfPart::Uncertain => text.push_str(boolean(date.uncertain())),
        EdtfPart::Approximate => text.push_str(boolean(date.approximate())),
    }
}

fn spell_day(text: &mut String, day: Option<NaiveDate>) {
    if let Some(day) = day {
        write!(text, "{day}").expect("writing to a string never fails");
    }
}
