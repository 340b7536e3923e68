use std::sync::Arc;

use proptest::prelude::*;

use super::{Parser, stop};
use crate::tape::{Names, Tape};
use crate::workspace::{Format, SourceId};

const RECORD_OF_THE_COMPARISON: &str = concat!(
    r#"{"id":"ev-00000043","title":"Customs fuel convoys and detained fishermen whose (recall)""#,
    r#","summary":"Commanders near the old frontier still doubted whether patrols could share one radio channel without.""#,
    r#","date":"1963-07-03?","type":"recall","place":{"name":"Київ","state":"UKR""#,
    r#","latitude":50.3211,"longitude":30.4731,"precision":"city"}"#,
    r#","participants":[{"actor":"ac-1884","role":"initiator","state":"MDA"},{"actor":"ac-0230""#,
    r#","role":"guest","state":"TCD"}],"topics":["water","arms-control","nuclear","minerals"]"#,
    r#","outcomes":[{"kind":"casualties","text":"Delegations told reporters that a""#,
    r#","number":13366}],"sources":[{"id":"sr-00000043-0""#,
    r#","url":"https://archive.example.org/1963/09/01/recall-509831","publisher":"Die Chronik""#,
    r#","language":"fr","published":"1963-09-01""#,
    r#","quote":"Families had petitioned parliament since spring although commanders near the old"}]"#,
    r#","confidence":0.55,"coder":"bel","status":"disputed""#,
    r#","notes":"Spring although commanders near the old frontier"}"#,
);

/// Keys that the schemas know; the last two are never spelt so.
const KNOWN: [&str; 8] =
    ["id", "a", "key", "place_of_birth", "a_name_of_16_byt", "précision", "é\"", "tab\t"];

fn known_names() -> Arc<Names> {
    Arc::new(Names::new(KNOWN))
}

/// Reads one text with the quick reader, on a tape that may have read others before. Returns where it ended.
fn read_quickly(tape: &mut Tape, text: &str) -> Option<usize> {
    tape.reset(SourceId(0), 0, text.to_owned());
    let mut diagnostics = Vec::new();
    let (text, builder) = tape.build(Format::Json);
    let mut parser = Parser::new(text, 0, SourceId(0), builder, &mut diagnostics);
    parser.builder.root();
    let taken = parser.quick();
    let end = parser.at;
    assert!(taken || end == 0, "{text}: a trace");
    assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
    taken.then_some(end)
}

/// Reads one text with the other reader. Returns where it ended, if it reported nothing.
fn read_carefully(tape: &mut Tape, text: &str) -> Option<usize> {
    tape.reset(SourceId(0), 0, text.to_owned());
    let mut diagnostics = Vec::new();
    let (text, builder) = tape.build(Format::Json);
    let mut parser = Parser::new(text, 0, SourceId(0), builder, &mut diagnostics);
    parser.builder.root();
    let sound = parser.value().is_ok();
    let end = parser.at;
    (sound && diagnostics.is_empty()).then_some(end)
}

/// Whether the quick reader takes a text; then it must leave what the other one leaves, and else nothing.
fn taken(tape: &mut Tape, text: &str) -> bool {
    let names = Arc::clone(tape.names());
    let mut other = Tape::with_names(Arc::clone(&names));
    let expected = read_carefully(&mut other, text);
    let Some(end) = read_quickly(tape, text) else {
        let mut untouched = Tape::with_names(names);
        untouched.reset(SourceId(0), 0, text.to_owned());
        untouched.build(Format::Json).1.root();
        assert!(tape.contents() == untouched.contents(), "{}: a trace", text);
        return false;
    };
    assert_eq!(Some(end), expected, "{}", text);
    assert!(tape.contents() == other.contents(), "{}: {:?}", text, tape.contents());
    true
}

fn space() -> impl Strategy<Value = String> {
    prop_oneof![8 => Just(String::new()), 2 => Just(" ".to_owned()), 1 => "[ \t\r\n]{1,3}"]
}

fn key() -> impl Strategy<Value = String> {
    let spelt = prop_oneof![
        12 => prop::sample::select(&KNOWN[..6]).prop_map(str::to_owned),
        2 => "[a-c_]{0,20}",
        1 => prop::sample::select(&["é\\\"", "tab\\t", "\\u0069d", "i\\u0064"]).prop_map(str::to_owned),
    ];
    (spelt, space(), space())
        .prop_map(|(key, before, behind)| format!("\"{key}\"{before}:{behind}"))
}

fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "\"[a-zé .]{0,40}\"",
        2 => "\"([a-z ]{0,18}|\\\\[\"\\\\/bfnrt]|\\\\u[0-9a-f]{4}|\\\\ud83d\\\\ude00|日本){0,4}\"",
        2 => "-?(0|[1-9][0-9]{0,20})",
        3 => "-?(0|[1-9][0-9]{0,7})\\.[0-9]{1,10}",
        1 => "-?(0|[1-9][0-9]{0,16})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?",
        1 => prop::sample::select(&["true", "false", "null", "\"\"", "-0", "-0.0", "{}", "[]", "{ }"])
            .prop_map(str::to_owned),
    ]
}

fn object() -> impl Strategy<Value = String> {
    fn among(open: char, close: char, members: Vec<String>) -> String {
        format!("{open}{}{close}", members.join(","))
    }
    let member = |value: BoxedStrategy<String>| {
        (space(), key(), value, space())
            .prop_map(|(before, key, value, behind)| format!("{before}{key}{value}{behind}"))
    };
    let inner = scalar().boxed().prop_recursive(4, 40, 6, move |value| {
        let item =
            (space(), value.clone(), space()).prop_map(|(a, value, b)| format!("{a}{value}{b}"));
        prop_oneof![
            prop::collection::vec(item, 1..5).prop_map(|items| among('[', ']', items)),
            prop::collection::vec(member(value.boxed()), 1..6).prop_map(|all| among('{', '}', all)),
        ]
    });
    prop::collection::vec(member(inner.boxed()), 0..8).prop_map(|all| among('{', '}', all))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn sound_records_leave_the_same_tape(texts in prop::collection::vec(object(), 1..6)) {
        let mut tape = Tape::with_names(known_names());
        for text in &texts {
            taken(&mut tape, text);
        }
        let mut without_names = Tape::default();
        taken(&mut without_names, &texts[0]);
    }

    #[test]
    fn damaged_records_leave_the_same_tape_or_none(
        text in object(),
        damages in prop::collection::vec(
            (any::<prop::sample::Index>(), 0..3usize, prop::sample::select(
                &["\"", "{", "}", "[", "]", ",", ":", "\\", "0", "-", ".", "e", "\n", "\u{1}", "a", "é"]
            )),
            1..4
        ),
    ) {
        let mut tape = Tape::with_names(known_names());
        taken(&mut tape, &text);
        let mut damaged: Vec<char> = text.chars().collect();
        for (at, how, token) in damages {
            let at = at.index(damaged.len().max(1)).min(damaged.len().saturating_sub(1));
            match how {
                0 if !damaged.is_empty() => drop(damaged.remove(at)),
                1 => damaged.splice(at..at, token.chars()).for_each(drop),
                _ => damaged.truncate(at),
            }
            let text: String = damaged.iter().collect();
            taken(&mut tape, &text);
        }
    }

    #[test]
    fn decimals_are_the_nearest_doubles(literal in "-?(0|[1-9][0-9]{0,7})\\.[0-9]{1,7}") {
        let mut tape = Tape::default();
        let text = format!("{{\"a\":{literal}}}");
        prop_assert!(taken(&mut tape, &text));
        let value = tape.roots().next().and_then(|record| record.get("a")?.as_f64());
        prop_assert_eq!(value.map(f64::to_bits), literal.parse().ok().map(f64::to_bits));
    }

    #[test]
    fn texts_stop_where_bytes_say_so(text in "([a-zé]{0,20}|\"|\\\\|\t|\n){0,6}") {
        let stops = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
        for at in 0..=text.len() {
            let first = text.as_bytes()[at..].iter().position(stops).map_or(text.len(), |it| at + it);
            prop_assert_eq!(stop(text.as_bytes(), at), first);
        }
    }
}

/// Else reading would be slow without anybody knowing.
#[test]
fn sound_records_are_taken() {
    for text in [
        // As `benches/compare/generate.py` makes them.
        RECORD_OF_THE_COMPARISON,
        // As Python writes them by itself.
        r#"{"id": "ev-1", "title": "Gespr\u00e4che \ud83d\ude00 \"a\"\n", "n": 12.50, "m": -1e-3, "p": null}"#,
        // Spread over lines.
        "{\n  \"id\": 1,\r\n  \"list\": [\n    true,\n    {}\n  ]\n}",
        // Texts by language, which no schema names.
        r#"{"id":"x","title":{"en":"A","fr":"B","ar":"ج"},"values":[[1,2],[3.25,-4]]}"#,
        include_str!("../../derive/agreement/agreement.schema.json"),
    ] {
        let mut tape = Tape::with_names(known_names());
        assert!(taken(&mut tape, text), "{text}");
        assert!(taken(&mut tape, text), "{text}, when its keys are expected");
    }
}

#[test]
fn what_needs_a_finding_is_left_to_the_other_reader() {
    let deep = format!("{}1{}", "{\"a\":".repeat(70), "}".repeat(70));
    for text in [
        r#"{"id":1,"id":2}"#,
        r#"{"x":1,"y":2,"x":3}"#,
        r#"{"a":{"id":1,"a":2,"id":3}}"#,
        r#"{"a":01}"#,
        r#"{"a":1.}"#,
        r#"{"a":.5}"#,
        r#"{"a":1e400}"#,
        r#"{"a":0.12345678901234567891}"#,
        r#"{"a":1,}"#,
        r#"{"a":[1,]}"#,
        r#"{"a":"\x"}"#,
        r#"{"a":"\ud83d"}"#,
        "{\"a\":\"\t\"}",
        r#"{"a":nul}"#,
        r#"{"a" 1}"#,
        r#"{"a":1"#,
        r#"{"a":"1"#,
        r#"["a"]"#,
        "",
        &deep,
    ] {
        let mut tape = Tape::with_names(known_names());
        assert!(!taken(&mut tape, text), "{text}");
    }
}

#[test]
fn a_record_of_a_line_ends_with_it() {
    let (mut tape, mut diagnostics) = (Tape::with_names(known_names()), Vec::new());
    let text = "{\"a\":\n1}\n{\"a\":2} \r\n{\"a\":3,\n";
    tape.reset(SourceId(0), 0, text.to_owned());
    super::parse_lines(&mut tape, SourceId(0), &mut diagnostics);
    assert_eq!(
        tape.roots().map(|record| record.to_json().to_string()).collect::<Vec<_>>(),
        ["{\"a\":2}"]
    );
    assert_eq!(diagnostics.len(), 3, "{diagnostics:?}");
}
