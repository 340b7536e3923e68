//! Rows in dialects, with the `csv` crate as the judge.

use proptest::prelude::*;

use super::{RowReader, header_len, record_boundary};
use crate::dialect::Syntax;

fn rows(text: &str, syntax: Syntax) -> Vec<Vec<String>> {
    let mut reader = RowReader::new(text, 0).by(syntax);
    let mut cells = Vec::new();
    let mut rows = Vec::new();
    while let Some((_, fault)) = reader.next(&mut cells) {
        assert_eq!(fault, None, "{text:?}");
        rows.push(cells.iter().map(|cell| cell.decode(text).into_owned()).collect());
    }
    rows
}

fn syntaxes() -> impl Strategy<Value = Syntax> {
    let delimiter = prop::sample::select(vec![b',', b';', b'\t', b'|', b' ', b'a']);
    let quote = prop::sample::select(vec![Some(b'"'), Some(b'\''), None]);
    let escape = prop::sample::select(vec![None, Some(b'\\'), Some(b'^')]);
    let comment = prop::sample::select(vec![None, Some(b'#'), Some(b'%')]);
    (delimiter, quote, escape, comment, any::<bool>()).prop_map(
        |(delimiter, quote, escape, comment, trim)| Syntax {
            delimiter,
            quote,
            escape: escape.filter(|_| quote.is_some()),
            comment,
            trim,
        },
    )
}

#[test]
fn cells_of_dialects() {
    let base = Syntax::PLAIN;
    for (syntax, text, expected) in [
        (Syntax { delimiter: b';', ..base }, "a;b,c\n", vec![vec!["a", "b,c"]]),
        (Syntax::TABS, "a\t\"b\tc\"\n", vec![vec!["a", "b\tc"]]),
        (Syntax { quote: Some(b'\''), ..base }, "'a,''b''',\"c\"\n", vec![vec!["a,'b'", "\"c\""]]),
        (Syntax { quote: None, ..base }, "\"a,b\"\n", vec![vec!["\"a", "b\""]]),
        (
            Syntax { escape: Some(b'\\'), ..base },
            r#""a \"b\" \\ c:\d",e"#,
            vec![vec![r#"a "b" \ c:\d"#, "e"]],
        ),
        (Syntax { comment: Some(b'#'), ..base }, "# x,\"\na#,b\n#\n", vec![vec!["a#", "b"]]),
        (
            Syntax { trim: true, ..base },
            " a , \" b \" ,\u{a0}c\u{a0}\n  \n d,\"e\"\"\" ,\n",
            vec![vec!["a", "b", "c"], vec!["d", "e\"", ""]],
        ),
        (Syntax { trim: true, ..Syntax::TABS }, "a\t \t b\n", vec![vec!["a", "", "b"]]),
    ] {
        assert_eq!(rows(text, syntax), expected, "{text}");
    }
}

#[test]
fn headers_stand_behind_comments() {
    let syntax = Syntax { comment: Some(b'#'), ..Syntax::PLAIN };
    assert_eq!(header_len(b"# a,\"\n\n#\nid,\"b\n\"\nc\n", syntax), Some(17));
    assert_eq!(header_len(b"# a\n#", syntax), None);
    assert_eq!(record_boundary(b"a\n# b,\"\nc\n\"d\n", syntax), 10);
    assert_eq!(record_boundary(b"a # \"\n\"# b\n\n", syntax), 6);
}

proptest! {
    #[test]
    fn what_the_csv_crate_writes_is_read(
        table in (1usize..5).prop_flat_map(|width| {
            prop::collection::vec(prop::collection::vec("[ab\"';,|\t\n é#]{0,4}", width), 1..6)
        }),
        syntax in syntaxes(),
    ) {
        let Some(quote) = syntax.quote else { return Ok(()) };
        prop_assume!(syntax.delimiter != b'a' && !syntax.trim);
        let mut builder = csv::WriterBuilder::new();
        builder.delimiter(syntax.delimiter).quote(quote).quote_style(csv::QuoteStyle::Always);
        if let Some(escape) = syntax.escape {
            builder.double_quote(false).escape(escape);
        }
        let mut writer = builder.from_writer(Vec::new());
        for row in &table {
            writer.write_record(row).expect("memory takes it");
        }
        let bytes = writer.into_inner().expect("memory takes it");
        prop_assert_eq!(record_boundary(&bytes, syntax), bytes.len());
        prop_assert_eq!(rows(&String::from_utf8(bytes).expect("text went in"), syntax), table);
    }

    /// The `csv` crate doesn't escape escapes.
    #[test]
    fn escaped_cells_come_back(cells in prop::collection::vec("[a'\\\\,\n é]{0,6}", 1..5)) {
        let syntax = Syntax { quote: Some(b'\''), escape: Some(b'\\'), ..Syntax::PLAIN };
        let spell = |cell: &String| {
            format!("'{}'", cell.replace('\\', "\\\\").replace('\'', "\\'"))
        };
        let text = cells.iter().map(spell).collect::<Vec<_>>().join(",");
        prop_assert_eq!(record_boundary(format!("{text}\n{text}").as_bytes(), syntax), text.len() + 1);
        prop_assert_eq!(rows(&text, syntax), vec![cells]);
    }

    /// Whatever the marks, a cut at a boundary gives the rows of the whole.
    #[test]
    fn cutting_changes_nothing(
        text in "[a\"',;|\t\n\r #\\\\%]{0,40}",
        cut in 0usize..40,
        syntax in syntaxes(),
    ) {
        let spans = |text: &str, base: usize| {
            let mut reader = RowReader::new(text, 0).by(syntax);
            let mut cells = Vec::new();
            let mut spans = Vec::new();
            while let Some((row, fault)) = reader.next(&mut cells) {
                for cell in &cells {
                    let is_text = |span| text.get(span).is_some();
                    assert!(is_text(cell.span.clone()) && is_text(cell.inner()));
                }
                spans.push((row.start + base..row.end + base, cells.len(), fault.is_some()));
            }
            spans
        };
        let boundary = record_boundary(&text.as_bytes()[..cut.min(text.len())], syntax);
        let mut parts = spans(&text[..boundary], 0);
        parts.extend(spans(&text[boundary..], boundary));
        prop_assert_eq!(parts, spans(&text, 0));
    }
}
