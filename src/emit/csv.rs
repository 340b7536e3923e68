//! CSV: a file for each flat table, after RFC 4180, in UTF-8 with line feeds.
//!
//! An empty cell is a missing value; there are no lists in cells. Cells are quoted only where they
//! must be, as the `csv` crate does it. The header is quoted all the same: software that looks at the
//! first rows to find out whether there are quotes, as DuckDB does, sees that there are.

use std::io::{self, Write};

use arrow_array::Array as _;

use super::flat::FlatColumn;
use super::{
    Assembly, Batch, Bytes, Content, File, Output, Piece, Release, Selection, flat, selected_as,
    text,
};
use crate::fault::Fault;
use crate::lower::{Value, Values};
use crate::model::FlatTable;

/// A file for each flat table of the selected tables.
///
/// # Errors
/// Never: it looks at no rows yet.
pub fn files<'r>(release: &'r Release<'r>, selection: &Selection) -> Result<Vec<File<'r>>, Fault> {
    let mut files = Vec::new();
    for (index, table) in selected_as(release, selection, "csv") {
        for flat in flat::tables(table) {
            files.push(File {
                path: path(&flat.level.name),
                tables: vec![index],
                content: Box::new(Csv::new(flat)),
            });
        }
    }
    Ok(files)
}

/// Where a flat table is written to.
pub fn path(flat_table: &str) -> String {
    format!("csv/{flat_table}.csv")
}

struct Csv<'r> {
    flat: FlatTable<'r>,
    columns: Vec<FlatColumn>,
    /// For each column its codes as cells; none if it holds no codes.
    codes: Vec<Vec<Vec<u8>>>,
}

impl<'r> Csv<'r> {
    fn new(flat: FlatTable<'r>) -> Self {
        let columns = flat::columns(&flat);
        let cells = |column: &FlatColumn| {
            let codes = column.kind.codes().into_iter().flat_map(|codes| &codes.values);
            codes.map(|code| cell_of(code)).collect()
        };
        Self { codes: columns.iter().map(cells).collect(), columns, flat }
    }
}

impl Content for Csv<'_> {
    fn encode(&self, _: usize, batch: &Batch) -> io::Result<Piece> {
        let arrays = flat::arrays(&self.flat, &self.columns, &batch.rows);
        let len = arrays.first().map_or(0, |array| array.len());
        let values: Vec<_> = arrays.iter().map(|array| Values::new(array)).collect();
        let mut bytes = Vec::new();
        for row in 0..len {
            for (index, (values, codes)) in values.iter().zip(&self.codes).enumerate() {
                if index > 0 {
                    bytes.push(b',');
                }
                if let Some(code) = values.code(row) {
                    bytes.extend_from_slice(&codes[code]);
                    continue;
                }
                match values.get(row) {
                    Some(Value::Text(text)) => cell(&mut bytes, text),
                    Some(value) => text::value(&mut bytes, value),
                    None => {}
                }
            }
            bytes.push(b'\n');
        }
        Ok(Piece::Bytes(bytes))
    }

    fn open<'s>(&'s self, mut out: Output<'s>) -> io::Result<Box<dyn Assembly<'s> + 's>> {
        let mut header = Vec::new();
        for (index, column) in self.columns.iter().enumerate() {
            if index > 0 {
                header.push(b',');
            }
            // A column's name holds no quote.
            header.push(b'"');
            header.extend_from_slice(column.name.as_bytes());
            header.push(b'"');
        }
        header.push(b'\n');
        out.write_all(&header)?;
        Ok(Box::new(Bytes { out, separator: false, end: b"" }))
    }
}

/// Text as a cell, in quotes if it holds a delimiter, a quote or an end of line.
fn cell(out: &mut Vec<u8>, text: &str) {
    let is_special = |byte: u8| (byte == b'"') | (byte == b',') | (byte == b'\n') | (byte == b'\r');
    let bytes = text.as_bytes();
    if !text::has_byte(bytes, is_special) {
        out.extend_from_slice(bytes);
        return;
    }
    out.push(b'"');
    for (index, part) in bytes.split(|byte| *byte == b'"').enumerate() {
        if index > 0 {
            out.extend_from_slice(b"\"\"");
        }
        out.extend_from_slice(part);
    }
    out.push(b'"');
}

fn cell_of(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    cell(&mut out, text);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::cell;

    proptest! {
        #[test]
        fn cells_are_those_of_the_csv_crate(
            cells in proptest::collection::vec("[a-c,\"\r\n \té;#]{0,6}", 2..5),
        ) {
            let mut theirs = csv::WriterBuilder::new().from_writer(Vec::new());
            theirs.write_record(&cells).expect("writing to memory doesn't fail");
            let theirs = theirs.into_inner().expect("writing to memory doesn't fail");
            let mut ours = Vec::new();
            for (index, text) in cells.iter().enumerate() {
                if index > 0 {
                    ours.push(b',');
                }
                cell(&mut ours, text);
            }
            ours.push(b'\n');
            prop_assert_eq!(ours, theirs);
        }
    }
}
