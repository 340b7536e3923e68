//! CSV (RFC 4180): rows as records, typed by the schema and never guessed.
//!
//! A table is read from the same layout that it is released in: objects as columns, lists as child
//! tables that name their parent. So a CSV release can be read back as input. Columns that a
//! release derives are recognised, kept out of the record and checked against it.
//!
//! An empty cell means that the value is absent. Text is taken as it is spelt: nothing is trimmed.
//! A cell that doesn't spell a value of its column's type stays text, so that validation can say
//! which type was wanted.

mod assemble;
mod cells;
mod children;
mod layout;

use std::ops::Range;

pub use self::assemble::parse;
use self::cells::{Cell, Fault};
pub use self::cells::{RowReader, header_len, record_boundary};
pub use self::children::{ChildFile, ChildRows, child_table};
pub use self::layout::Layout;
use crate::diagnostic::{Diagnostic, Place, code};

fn report_fault(
    fault: &Fault,
    place: impl Fn(&Range<usize>) -> Place,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let finding = Diagnostic::new(&code::INVALID_SYNTAX, place(&fault.span), fault.message);
    diagnostics.push(finding.help(fault.help));
}

fn report_ragged(cells: &[Cell], width: usize, place: Place, diagnostics: &mut Vec<Diagnostic>) {
    let found = cells.len();
    let cells = if found == 1 { "cell" } else { "cells" };
    let message = format!("the row has {found} {cells}, but the header has {width}");
    let help = if found > width {
        "quote a cell that holds a comma"
    } else {
        "write a comma for every empty cell"
    };
    diagnostics.push(Diagnostic::new(&code::RAGGED_ROW, place, message).help(help));
}

#[cfg(test)]
mod tests;
