//! What the rows of a code list must be.

use std::collections::{BTreeSet, HashMap};

use super::{CodeList, SPELL_COLUMNS};

/// Codes are there and unique; a code that stands in several rows has spells that don't overlap.
///
/// `called` is what the file calls a column.
pub(super) fn check_rows<'c>(
    list: &CodeList,
    called: impl Fn(&'c str) -> &'c str,
    mut report: impl FnMut(usize, String, &str),
) {
    let Some(code_column) = list.column("code") else { return };
    let cell = |row: usize, column: &str| {
        let text = list.column(column).map_or("", |column| list.rows[row][column].as_str());
        (!text.is_empty()).then_some(text)
    };
    let mut by_code: HashMap<&str, Vec<usize>> = HashMap::new();
    for row in 0..list.rows.len() {
        let code = &list.rows[row][code_column];
        if code.is_empty() {
            report(
                row,
                format!("a row of the list `{}` has no code", list.name),
                &format!("write the code in the column `{}`", called("code")),
            );
            continue;
        }
        if code.trim() != code {
            report(
                row,
                format!("the code `{code}` of the list `{}` has blanks around it", list.name),
                "remove them",
            );
        }
        if list.column("label").is_some() && cell(row, "label").is_none() {
            report(
                row,
                format!("the code `{code}` has no label"),
                &format!("say in the column `{}` what people call it", called("label")),
            );
        }
        for column in SPELL_COLUMNS {
            if let Some(date) = cell(row, column)
                && date.parse::<chrono::NaiveDate>().is_err()
            {
                report(
                    row,
                    format!("`{date}` in the column `{}` is not a date", called(column)),
                    "write it as in 2023-12-03 or 2023, and leave the cell empty where it is open",
                );
            }
        }
        by_code.entry(code).or_default().push(row);
    }
    // Days as ISO text compare like days.
    let spell = |row: usize| {
        (cell(row, "valid_from").unwrap_or("0000"), cell(row, "valid_to").unwrap_or("9999"))
    };
    let mut repeated = BTreeSet::new();
    for rows in by_code.values_mut() {
        rows.sort_by_key(|&row| (spell(row).0, row));
        let mut last: Option<usize> = None;
        for &row in &*rows {
            match last {
                // Of two rows that meet the later one is reported.
                Some(other) if spell(row).0 <= spell(other).1 => {
                    repeated.insert(row.max(other));
                    if spell(other).1 < spell(row).1 {
                        last = Some(row);
                    }
                }
                _ => last = Some(row),
            }
        }
    }
    for row in repeated {
        let code = &list.rows[row][code_column];
        report(
            row,
            format!("the code `{code}` stands in the list `{}` twice", list.name),
            "remove one row, or give the two `valid_from` and `valid_to` that don't meet",
        );
    }
}
