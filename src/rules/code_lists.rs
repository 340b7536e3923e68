//! The rules about texts that code lists keep as well: they are released as they are, and their codes
//! stand in every table.

use std::ops::Range;

use super::text_spreadsheet_formula::{self, formula};
use crate::diagnostic::{Diagnostic, Place, quote};
use crate::fault::Fault;
use crate::model::{CodeList, Model};
use crate::workspace::Workspace;

/// Looks at every cell of every code list.
///
/// # Errors
/// When a list with a finding can't be read again.
pub fn check_code_lists(
    workspace: &Workspace,
    model: &Model,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<(), Fault> {
    for list in &model.code_lists {
        let mut bytes = Vec::new();
        // The cells of a list that is made of others were looked at where they are written.
        let Some(source) = list.source else { continue };
        let rows = list.rows.iter().zip(&list.places);
        let rows = std::iter::once((&list.columns[..], None))
            .chain(rows.map(|(row, place)| (&row[..], Some(&place.span))));
        for (cells, span) in rows {
            for (column, cell) in cells.iter().enumerate() {
                let Some(_) = formula(cell) else { continue };
                if bytes.is_empty() {
                    workspace.read_into(source, &mut bytes)?;
                }
                let span = span.map_or(0..0, |row| of_cell(&bytes, row, &cells[..=column]));
                diagnostics.push(finding(list, column, cell, Place::new(source, span)));
            }
        }
    }
    Ok(())
}

fn finding(list: &CodeList, column: usize, cell: &str, place: Place) -> Diagnostic {
    let what = match list.columns[column].as_str() {
        name if name == cell => "a column".to_owned(),
        name => format!("a cell of the column {}", quote(name)),
    };
    let message = format!(
        "{what} of the code list `{}` is {}, which a spreadsheet would run as a formula",
        list.name,
        quote(cell)
    );
    Diagnostic::new(text_spreadsheet_formula::RULE.code, place, message)
        .help("begin it with a letter or a digit: lists are released as they are, and codes stand in tables")
}

/// The bytes of the last of a row's first cells, as they are written; those of the row if they can't
/// be told.
fn of_cell(bytes: &[u8], row: &Range<u64>, cells: &[String]) -> Range<u64> {
    let (start, end) = (row.start as usize, (row.end as usize).min(bytes.len()));
    let text = &bytes[start.min(end)..end];
    let mut at = 0;
    let mut found = None;
    for cell in cells {
        let written = cell.replace('"', "\"\"");
        let Some(offset) = memchr::memmem::find(&text[at..], written.as_bytes()) else {
            return row.clone();
        };
        let from = at + offset;
        at = from + written.len();
        found = Some(from as u64..at as u64);
    }
    found.map_or(row.clone(), |cell| row.start + cell.start..row.start + cell.end)
}

#[cfg(test)]
mod tests {
    use super::of_cell;

    #[test]
    fn a_cell_is_found_in_its_row() {
        let bytes = b"code,label\na,\"say \"\"a\"\", =x\",\n";
        let cells = ["a".to_owned(), "say \"a\", =x".to_owned()];
        assert_eq!(of_cell(bytes, &(11..29), &cells), 14..27);
        assert_eq!(of_cell(bytes, &(11..29), &cells[..1]), 11..12);
        assert_eq!(of_cell(bytes, &(11..29), &["b".to_owned()]), 11..29);
    }
}
