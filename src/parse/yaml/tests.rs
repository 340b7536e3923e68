//! YAML in, records and findings out.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::parse;
use crate::diagnostic::Diagnostic;
use crate::tape::Tape;
use crate::workspace::SourceId;

fn read(text: &str) -> (Vec<Json>, Vec<Diagnostic>) {
    let mut tape = Tape::new(SourceId(0), 0, text.to_owned());
    let mut diagnostics = Vec::new();
    parse(&mut tape, SourceId(0), &mut diagnostics);
    (tape.roots().map(|root| root.to_json()).collect(), diagnostics)
}

/// The records of a text without findings.
fn records(text: &str) -> Vec<Json> {
    let (records, diagnostics) = read(text);
    assert_eq!(diagnostics, [], "{text}");
    records
}

/// How many records there are, and the findings: code, marked text, message.
fn findings(text: &str) -> (usize, Vec<(&'static str, &str, String)>) {
    let (records, diagnostics) = read(text);
    let shown = diagnostics.into_iter().map(|diagnostic| {
        let span = diagnostic.primary.place.span;
        (diagnostic.code.id, &text[span.start as usize..span.end as usize], diagnostic.message)
    });
    (records.len(), shown.collect())
}

/// The only finding: code and marked text.
fn finding(text: &str) -> (&'static str, &str) {
    let (_, findings) = findings(text);
    assert_eq!(findings.len(), 1, "{text:?}: {findings:?}");
    (findings[0].0, findings[0].1)
}

#[test]
fn documents_and_lists_are_records() {
    assert_eq!(records(""), Vec::<Json>::new());
    assert_eq!(records("# nothing\n"), Vec::<Json>::new());
    assert_eq!(records("---\n---\n...\n"), Vec::<Json>::new());
    assert_eq!(records("[]"), Vec::<Json>::new());
    assert_eq!(records("a: 1"), [json!({"a": 1})]);
    assert_eq!(records("a: 1\n---\n{}\n"), [json!({"a": 1}), json!({})]);
    assert_eq!(
        records("- a: 1\n- {b: 2}\n---\nc: 3\n"),
        [json!({"a": 1}), json!({"b": 2}), json!({"c": 3}),]
    );
}

#[test]
fn scalars_follow_the_core_schema() {
    let text = "{a: , b: ~, c: true, d: -7, e: 0x1F, f: 1.50, g: 'true', h: \"1\", i: 2023-12-03}";
    assert_eq!(
        records(text),
        [json!({
            "a": null, "b": null, "c": true, "d": -7, "e": 31, "f": 1.5, "g": "true", "h": "1",
            "i": "2023-12-03",
        })]
    );
    assert_eq!(records("a: 18446744073709551615"), [json!({"a": u64::MAX})]);
}

#[test]
fn keys_stay_text() {
    assert_eq!(records("1: a\n2.50: b\n? c\n: d\n"), [json!({"1": "a", "2.50": "b", "c": "d"})]);
    assert_eq!(finding("no: Norsk"), ("P009", "no"));
    assert_eq!(read("no: Norsk").0, [json!({"no": "Norsk"})]);
    assert_eq!(records("\"no\": Norsk"), [json!({"no": "Norsk"})]);
}

#[test]
fn text_of_all_styles() {
    let text =
        "a: |\n  x\n  y\nb: >-\n  s\n  t\nc: 'q''q'\nd: \"\\u00e9\\n\"\ne: x\n  y\nf: |-\n  z";
    assert_eq!(
        records(text),
        [json!({
            "a": "x\ny\n", "b": "s t", "c": "q'q", "d": "é\n", "e": "x y", "f": "z",
        })]
    );
}

#[test]
fn line_ends_mean_nothing() {
    let text = "a: |\n  x\n  y\nb: z\n  w\nc: \"u\n  v\"\n";
    assert_eq!(records(text), records(&text.replace('\n', "\r\n")));
    assert_eq!(records("a: 1\nb: |\n  x"), records("a: 1\nb: |\n  x\n"));
}

#[test]
fn spans_cover_values_as_written() {
    let text =
        "a: |\n  x\n  y\n\nb: 'q''q'\nc: [1, {d: 2} ]\ne:\n  f: 1\n  g: é\n\n# end\n---\n- h: 1\n";
    let mut tape = Tape::new(SourceId(4), 3, text.to_owned());
    parse(&mut tape, SourceId(4), &mut Vec::new());
    let mut spans = Vec::new();
    for root in tape.roots() {
        for value in std::iter::once(root).chain(root.entries().map(|entry| entry.value)) {
            assert_eq!(value.source(), SourceId(4));
            let span = value.span();
            spans.push(&text[span.start as usize - 3..span.end as usize - 3]);
        }
    }
    let record = text.split("\n\n#").next().unwrap_or_default();
    assert_eq!(spans, [record, "x\n  y", "'q''q'", "[1, {d: 2} ]", "f: 1\n  g: é", "h: 1", "1"]);
}

#[test]
fn places_count_from_the_base() {
    let mut tape = Tape::new(SourceId(0), 3, "a: 1\na: 2".to_owned());
    let mut diagnostics = Vec::new();
    parse(&mut tape, SourceId(0), &mut diagnostics);
    assert_eq!(diagnostics[0].primary.place.span, 8..9);
    assert_eq!(diagnostics[0].related[0].place.span, 3..4);
}

#[test]
fn other_readers_values_get_a_warning_and_a_fix() {
    let (records, diagnostics) = read("a: NO\nb: 12:30:00\nc: 010\nd: \"NO\"\ne: 1_000\n");
    assert_eq!(records, [json!({"a": "NO", "b": "12:30:00", "c": 10, "d": "NO", "e": "1_000"})]);
    let fixes: Vec<_> = diagnostics
        .iter()
        .map(|it| {
            let fix = it.fix.as_ref().map(|fix| fix.edits[0].replacement.as_str());
            (it.code.id, it.message.as_str(), fix)
        })
        .collect();
    assert_eq!(
        fixes,
        [
            ("P009", "`NO` is text, but YAML 1.1 software reads false", Some("\"NO\"")),
            (
                "P009",
                "`12:30:00` is text, but YAML 1.1 software reads the number 45000",
                Some("\"12:30:00\"")
            ),
            ("P009", "`010` is a number, but YAML 1.1 software reads the number 8", None),
            (
                "P009",
                "`1_000` is text, but YAML 1.1 software reads the number 1000",
                Some("\"1_000\"")
            ),
        ]
    );
}

#[test]
fn numbers_that_cannot_be_kept() {
    assert_eq!(finding("a: 18446744073709551617"), ("P004", "18446744073709551617"));
    assert_eq!(finding("a: 0x10000000000000001"), ("P004", "0x10000000000000001"));
    let large = [json!({"a": 18_446_744_073_709_551_616.0})];
    assert_eq!(records("a: 18446744073709551616"), large);
    assert_eq!(records("a: 0x10000000000000000"), large);
    assert_eq!(finding("a: 0.1234567890123456789"), ("P004", "0.1234567890123456789"));
    assert_eq!(finding("a: .nan"), ("P005", ".nan"));
    assert_eq!(finding("a: -.inf"), ("P005", "-.inf"));
    assert_eq!(finding("a: 1.0e+400"), ("P005", "1.0e+400"));
    assert_eq!(records("a: '18446744073709551616'"), [json!({"a": "18446744073709551616"})]);
}

#[test]
fn duplicate_keys_are_errors_at_both_places() {
    let (_, diagnostics) = read("a: {b: 1, 'b': 2}");
    assert_eq!(diagnostics[0].code.id, "P003");
    assert_eq!(diagnostics[0].primary.place.span, 10..13);
    assert_eq!(diagnostics[0].related[0].place.span, 4..5);
    assert_eq!(records("a: {b: 1}\nb: 2"), [json!({"a": {"b": 1}, "b": 2})]);
}

#[test]
fn only_mappings_are_records() {
    assert_eq!(findings("- 1\n- a: 2\n- [b: 3]\n- \n").0, 1);
    let (_, found) = findings("- 1\n- a: 2\n- [3]\n");
    assert_eq!(found[0].2, "expected a record, which is `key: value` pairs, but found `1`");
    assert_eq!(found[1].2, "expected a record, which is `key: value` pairs, but found a list");
    assert_eq!(finding("just text\n"), ("P018", "just text"));
}

#[test]
fn keys_must_be_scalars() {
    assert_eq!(finding("? [a]\n: b\n"), ("P001", "["));
    assert_eq!(finding("? é: 1\n: b\n"), ("P001", "é"));
    assert_eq!(finding("title: {{ name }}\n"), ("P001", "{"));
    assert_eq!(finding("a: &x {c: 1}\nb: {*x : 1}\n"), ("P001", "*x"));
    assert_eq!(finding("a: &x {b: 1}\nc:\n  <<: *x\n"), ("P001", "<<"));
    assert_eq!(finding("&x a: 1\nb: *x\n"), ("P001", "*x"));
}

#[test]
fn aliases_are_copies() {
    assert_eq!(
        records("a: &x {b: [1, 2]}\nc: *x\nd: *x\n"),
        [json!({"a": {"b": [1, 2]}, "c": {"b": [1, 2]}, "d": {"b": [1, 2]}})]
    );
    assert_eq!(
        records("- &r {a: &s text}\n- *r\n- {b: *s}\n"),
        [json!({"a": "text"}), json!({"a": "text"}), json!({"b": "text"}),]
    );
    assert_eq!(finding("a: *x\n"), ("P001", "*x"));
    assert_eq!(finding("a: [&x 1, *x]\n---\nb: *x\n"), ("P001", "*x"));
    assert_eq!(finding("a: &x [*x]\n"), ("P008", "*x"));
}

#[test]
fn aliases_of_a_broken_record_are_silent_but_not_read() {
    let (records, found) = findings("- &a {b: &c {? [d] : 1}}\n- {e: *c}\n- *a\n- {f: 1}\n");
    assert_eq!(records, 1);
    assert_eq!(found.len(), 1);
}

#[test]
fn anchors_that_explode() {
    let mut laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..10 {
        let below = vec![format!("*a{}", level - 1); 10].join(",");
        laughs.push_str(&format!("a{level}: &a{level} [{below}]\n"));
    }
    assert_eq!(finding(&laughs).0, "P008");
    let mut chain = "a0: &a0 [[[[[[[[[[x]]]]]]]]]]\n".to_owned();
    for level in 1..20 {
        chain.push_str(&format!("a{level}: &a{level} [[[[[[[[[[*a{}]]]]]]]]]]\n", level - 1));
    }
    assert_eq!(finding(&chain).0, "P006");
}

#[test]
fn nesting_is_limited() {
    let nested =
        |depth: usize| format!("a: {}{}\n---\nb: 1\n", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(records(&nested(127)).len(), 2);
    assert_eq!(
        findings(&nested(128)),
        (1, vec![("P006", "[", "values are nested more than 128 levels deep".to_owned())])
    );
    assert_eq!(findings(&nested(100_000)).0, 1);
    let mut steps = String::new();
    for level in 0..200 {
        steps.push_str(&format!("{}a:\n", " ".repeat(level)));
    }
    assert_eq!(findings(&steps).1[0].0, "P006");
}

#[test]
fn tags_of_the_core_schema_are_honoured() {
    let text = "{a: !!str 1, b: !!int '7', c: !!float 1, d: !!bool true, e: !!null '', f: !!map {}, \
                g: !!seq [], h: !!str }";
    assert_eq!(
        records(text),
        [json!({
            "a": "1", "b": 7, "c": 1.0, "d": true, "e": null, "f": {}, "g": [], "h": "",
        })]
    );
    assert_eq!(finding("a: !money 5"), ("P017", "!money"));
    assert_eq!(finding("a: !!set {b: }"), ("P017", "!!set"));
    assert_eq!(finding("a: !!timestamp 2023-12-03"), ("P017", "!!timestamp"));
    assert_eq!(finding("a: !!int x"), ("P017", "x"));
    assert_eq!(finding("a: !!int 1.5"), ("P017", "1.5"));
}

#[test]
fn syntax_errors_in_a_curators_words() {
    for (text, marked, message) in [
        ("a:\n\tb: 1\n", "\t", "a tab stands where YAML takes only spaces"),
        ("\ta: 1\n", "\t", "a tab stands where YAML takes only spaces"),
        ("a: b: c\n", ":", "a `key: value` pair can't stand here"),
        ("a:1\nb: 2\n", "a:", "a space is missing after `a:`"),
        ("d:\n  e:1\n  f: 2\n", "e:", "a space is missing after `e:`"),
        ("a: 1\nb\nc: 2\n", "b", "a key lacks its `:`"),
        ("a: 'it's'\n", "s", "text goes on after the closing `'`"),
        ("a: \"x\nb: 2\n", "\"", "a quotation mark is never closed"),
        ("a: {b: 1\n", "{", "a bracket is never closed"),
        ("a: ]\n", "]", "brackets or commas don't match"),
        ("a: @x\n", "@", "the character `@` can't stand here"),
        ("a: x\u{1}\n", "\u{1}", "the character U+0001 can't stand here"),
        ("a: x\0y\nb: 1\n", "\0", "the file holds the character U+0000"),
        ("a: - b\n", "-", "a list can't begin here"),
        ("a:\n  - 1\n - 2\n", "-", "the indentation fits nothing above it"),
        ("a: \"\\d\"\n", "\"", "a backslash begins no escape that YAML knows"),
    ] {
        assert_eq!(findings(text), (0, vec![("P001", marked, message.to_owned())]), "{text:?}");
    }
}

#[test]
fn a_broken_document_hides_no_other() {
    assert_eq!(read("a: 1\n---\nb: 'x\n---\nc: 3\n").0, [json!({"a": 1}), json!({"c": 3})]);
    let (records, diagnostics) = read("- a: 1\n- b: 2\n c: 3\n- d: 4\n");
    assert_eq!(records, [json!({"a": 1}), json!({"d": 4})]);
    assert!(
        diagnostics[0].help.as_ref().is_some_and(|help| help.ends_with("the record isn't read"))
    );
    let (records, found) = findings("%YAML 2.0\n---\na: 1\n");
    assert_eq!(
        (records, found[0].2.as_str()),
        (1, "the file isn't YAML: unsupported yaml major version")
    );
}

#[test]
fn a_broken_item_hides_no_other() {
    let ids = |text: &str| -> Vec<String> {
        read(text).0.iter().filter_map(|it| Some(it.get("i")?.to_string())).collect()
    };
    for (text, marked, kept) in [
        ("- i: 1\n  t: \"x\n- i: 2\n  t: \"y\"\n- i: 3\n", "\"", ["2", "3"]),
        ("- i: 1\n- i: 2\n  t: 'x\n- i: 3\n  t: 'y'\n", "'", ["1", "3"]),
        ("- i: 1\n- i: 2\n  t: [x, y\n- i: 3\n  t: z\n", "[", ["1", "3"]),
        ("- i: 1\n- i: 2\n  t: {x: y\n- i: 3\n", "{", ["1", "3"]),
        ("- i: 1\n- \"i: 2\n- i: 3\n", "\"", ["1", "3"]),
        ("- i: 1\n- i: 2\n  t: a: b\n- i: 3\n", ":", ["1", "3"]),
        ("  - i: 1\n  - i: 2\n    t: @x\n  - i: 3\n", "@", ["1", "3"]),
        ("- i: 1\n- i: 2\n  t: @x\n---\ni: 3\n", "@", ["1", "3"]),
    ] {
        assert_eq!(finding(text), ("P001", marked), "{text}");
        assert_eq!(ids(text), kept, "{text}");
    }
    // Anchors before a fault are there, but not known.
    assert_eq!(finding("- i: &x 1\n- t: @x\n- i: *x\n- i: 4\n").0, "P001");
    let many = "- a: @x\n".repeat(100);
    assert_eq!(findings(&many).1.len(), 20);
}

#[test]
fn text_that_is_read_otherwise_is_doubted() {
    for (text, marked) in [
        ("en: The treaty #3 on arms\n", "#3 on arms"),
        ("- a: On the #MeToo march\n", "#MeToo march"),
        ("a:\n  - x\n   - y\n", "- y"),
        ("a: {b: “Quoted”}\n", "“Quoted”"),
        ("a: “Quoted”\n", "“Quoted”"),
        ("a: „Quoted“\n", "„Quoted“"),
        ("“a”: b\n", "“a”"),
        ("a: {b:c}\n", "b:c"),
        ("a: &Co text\n", "&Co"),
    ] {
        assert_eq!(finding(text), ("P021", marked), "{text}");
    }
    assert_eq!(findings("a: {b: “x, y”}\n").1.len(), 2);
    assert_eq!(finding("\u{a0}a: 1\n"), ("P001", "\u{a0}"));
}

#[test]
fn text_that_is_meant_as_it_is_read_is_left_alone() {
    for text in [
        "a: 1 # comment\n",
        "a: some words # comment\n",
        "a: some words  #3\n",
        "a: some words #todo\n",
        "a: host #checked\n",
        "a: 2023-12-03 #3rd of the month\n",
        "a: \"The treaty\" #3\n",
        "a: C#3\n",
        "a: one\n  two - three\n  -5 degrees\n",
        "a: “One” and “two”\n",
        "a: “One” said\n",
        "a: ‘Abd al-Rahman\n",
        "a: '“Quoted”'\n",
        "{a: , b: 1}\n",
        "a: {b: , \"c\": }\n",
        "? a\n: b\n",
        "a: &x text\nb: *x\n",
        "a: &x {b: 1}\n",
        "é: 1\n",
    ] {
        assert_eq!(findings(text).1, [], "{text}");
    }
}

#[test]
fn texts_of_aliases_are_counted() {
    let bomb = format!("a: &x {}\nb: [{}]\n", "y".repeat(1 << 20), "*x, ".repeat(100));
    assert_eq!(finding(&bomb).0, "P008");
    assert_eq!(records(&format!("a: &x {}\nb: *x\n", "y".repeat(1 << 20))).len(), 1);
}

/// Texts that look like YAML often enough to reach every corner of the parser.
fn yaml_like() -> impl Strategy<Value = String> {
    const TOKENS: &[&str] = &[
        "a",
        "b: ",
        "- ",
        "\n",
        "\n  ",
        "\n- ",
        "---\n",
        "...\n",
        "[",
        "]",
        "{",
        "}",
        ",",
        ": ",
        "? ",
        "&x ",
        "*x",
        "'",
        "\"",
        "|\n ",
        ">-\n  ",
        "!!str ",
        "!t ",
        "<<: ",
        "#c",
        "\t",
        " ",
        "~",
        "010",
        "0x1F",
        "1.5",
        "é",
        "\u{feff}",
        "\r\n",
        "\\n",
        "%YAML 1.2\n",
        ".nan",
        "NO",
        "12:30",
        "\0",
    ];
    prop::collection::vec(prop::sample::select(TOKENS), 0..40).prop_map(|it| it.concat())
}

fn every_span_is_in_bounds(text: &str) {
    let mut tape = Tape::new(SourceId(0), 0, text.to_owned());
    let mut diagnostics = Vec::new();
    parse(&mut tape, SourceId(0), &mut diagnostics);
    let check = |span: std::ops::Range<u64>| {
        assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?} of {text:?}");
    };
    for diagnostic in &diagnostics {
        check(diagnostic.primary.place.span.clone());
        diagnostic.related.iter().for_each(|label| check(label.place.span.clone()));
    }
    let mut values: Vec<_> = tape.roots().collect();
    while let Some(value) = values.pop() {
        check(value.span());
        values.extend(value.items());
        values.extend(value.entries().map(|entry| entry.value));
        for entry in value.entries() {
            check(entry.key.span());
            assert!(entry.key.as_str().is_some(), "keys are text");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn no_text_makes_it_panic(text in "\\PC*") {
        every_span_is_in_bounds(&text);
    }

    #[test]
    fn no_yaml_makes_it_panic(text in yaml_like()) {
        every_span_is_in_bounds(&text);
    }

    #[test]
    fn json_is_read_as_json(a in "[a-z \\\\\"é\n]{0,8}", b in any::<i64>(), c in proptest::num::f64::NORMAL) {
        let record = json!({"a": a, "b": [b, null, {"c": c, "d": true}]});
        prop_assert_eq!(&read(&record.to_string()).0, &[record]);
    }
}
