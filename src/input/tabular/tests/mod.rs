//! CSV in, records and findings out.

mod model;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use self::model::events;
use super::{ChildFile, ChildRows, Layout, child_table, parse};
use crate::diagnostic::{Diagnostic, Place};
use crate::dialect::Syntax;
use crate::parse::csv::{header_len, record_boundary};
use crate::tape::Tape;
use crate::workspace::{Format, Source, SourceId};

const MAIN: SourceId = SourceId(0);

/// The files of a table: itself first, then child tables by their names.
struct Files<'t>(&'t str, &'t [(&'t str, &'t str)]);

impl<'t> Files<'t> {
    /// Reads all, the table in batches that are cut where `cut` allows.
    fn read_in_batches(&self, cut: usize) -> (Vec<Json>, Vec<Diagnostic>) {
        let table = events();
        let mut diagnostics = Vec::new();
        let child = |(index, (stem, text)): (usize, &(&str, &str))| ChildFile {
            table: child_table(&table, stem).expect("a child table"),
            source: SourceId(index as u32 + 1),
            base: 0,
            text: (*text).to_owned(),
            file: Source::read_as("child.csv", Format::Csv),
        };
        let files = self.1.iter().enumerate().map(child).collect();
        let children = ChildRows::new(&table, files, &mut diagnostics);
        let header = header_len(self.0.as_bytes(), Syntax::PLAIN).unwrap_or(self.0.len());
        let file = Source::read_as("events.csv", Format::Csv);
        let layout = Layout::new(&table, 0, &self.0[..header], (MAIN, 0), &file, &mut diagnostics);
        let mut records = Vec::new();
        let Some(layout) = layout else { return (records, diagnostics) };
        let mut at = header;
        while at < self.0.len() {
            let rest = &self.0.as_bytes()[at..];
            let length = match record_boundary(&rest[..cut.min(rest.len())], Syntax::PLAIN) {
                0 => rest.len(),
                length => length,
            };
            let batch = self.0[at..at + length].to_owned();
            let mut tape = Tape::new(MAIN, at as u64, batch);
            parse(&mut tape, &layout, &children, &mut diagnostics);
            for root in tape.roots() {
                self.check_spans(root);
                records.push(root.to_json());
            }
            at += length;
        }
        children.orphans(&table, &mut diagnostics);
        (records, diagnostics)
    }

    fn read(&self) -> (Vec<Json>, Vec<Diagnostic>) {
        self.read_in_batches(usize::MAX)
    }

    /// The records of files without findings.
    fn records(&self) -> Vec<Json> {
        let (records, diagnostics) = self.read();
        assert_eq!(diagnostics, []);
        records
    }

    /// The findings: code, marked text, message.
    fn findings(&self) -> Vec<(&'static str, &'t str, String)> {
        let (_, diagnostics) = self.read();
        diagnostics
            .into_iter()
            .map(|it| (it.code.id, self.marked(&it.primary.place), it.message))
            .collect()
    }

    fn marked(&self, place: &Place) -> &'t str {
        let text = match place.source {
            MAIN => self.0,
            SourceId(child) => self.1[child as usize - 1].1,
        };
        &text[place.span.start as usize..place.span.end as usize]
    }

    /// Every value's place spells the value, or lies around it.
    fn check_spans(&self, value: crate::tape::Value<'_>) {
        let marked = self.marked(&Place::of(value));
        if let Some(text) = value.as_str() {
            let spelt = marked.replace("\"\"", "\"");
            assert!(spelt.contains(text.trim_matches('"')), "{marked:?} spells {text:?}");
        }
        value.items().for_each(|item| self.check_spans(item));
        for entry in value.entries() {
            let key = self.marked(&Place::of(entry.key));
            assert!(key.contains(entry.name()) || key.contains('_') || key.is_empty(), "{key}");
            self.check_spans(entry.value);
        }
    }
}

fn records(text: &str) -> Vec<Json> {
    Files(text, &[]).records()
}

fn findings(text: &str) -> Vec<(&'static str, &str, String)> {
    Files(text, &[]).findings()
}

#[test]
fn cells_are_typed_by_the_schema() {
    let text = "id,public,size\n1,true,7\n010,false,-3\nTrue,True,010\n007,,1.5\ne5,1,x\n";
    assert_eq!(
        records(text),
        [
            json!({"id": "1", "public": true, "size": 7}),
            json!({"id": "010", "public": false, "size": -3}),
            json!({"id": "True", "public": true, "size": "010"}),
            json!({"id": "007", "size": 1.5}),
            json!({"id": "e5", "public": true, "size": "x"}),
        ]
    );
}

#[test]
fn columns_go_by_release_name_or_path() {
    let expected = [json!({
        "id": "e1", "title": {"en": "Visit", "ru": " Визит"}, "date": {"edtf": "2023", "basis": "x"},
    })];
    assert_eq!(
        records("id,title_en,title_ru,date_edtf,date_basis\r\ne1,Visit, Визит,2023,x\r\n"),
        expected
    );
    assert_eq!(
        records("date.basis,title.ru,title.en,date.edtf,id\nx, Визит,Visit,2023,e1"),
        expected
    );
}

#[test]
fn groups_open_only_where_something_is_in_them() {
    let text = "id,title_en,title_ru,date_edtf,date_basis\ne1,,,,\ne2,\"\",б,,x\n";
    assert_eq!(
        records(text),
        [json!({"id": "e1"}), json!({"id": "e2", "title": {"ru": "б"}, "date": {"basis": "x"}}),]
    );
}

#[test]
fn text_is_taken_as_it_is_spelt() {
    let text = "id,title_en\n\"a,b\",\"say \"\"no\"\"\nNO\"\n c , = 1\n";
    assert_eq!(
        records(text),
        [
            json!({"id": "a,b", "title": {"en": "say \"no\"\nNO"}}),
            json!({"id": " c ", "title": {"en": " = 1"}}),
        ]
    );
}

#[test]
fn numbers_that_cannot_be_kept() {
    let text = "id,size\na,18446744073709551617\nb,1e999\n";
    let found: Vec<_> = findings(text).into_iter().map(|it| (it.0, it.1)).collect();
    assert_eq!(found, [("P004", "18446744073709551617"), ("P005", "1e999")]);
}

#[test]
fn derived_columns_are_checked_and_left_out() {
    let header =
        "id,date_edtf,date_earliest,date_latest,date_precision,date_uncertain,date_approximate\n";
    let good = format!(
        "{header}a,2023-12~,2023-12-01,2023-12-31,month,false,true\nb,../2023,,2023-12-31,open,,\nc,,,,,,\n"
    );
    assert_eq!(records(&good)[0], json!({"id": "a", "date": {"edtf": "2023-12~"}}));
    let bad = format!(
        "{header}a,2023-12,2023-12-02,,,true,\nb,,2023-01-01,,,,\nc,soon,2023-01-01,,,,\nd,../2023,2023-01-01,,,,\n"
    );
    assert_eq!(
        findings(&bad),
        [
            (
                "P016",
                "2023-12-02",
                "`date_earliest` says `2023-12-02`, but `2023-12` gives `2023-12-01`".to_owned()
            ),
            (
                "P016",
                "true",
                "`date_uncertain` says `true`, but `2023-12` gives `false`".to_owned()
            ),
            (
                "P016",
                "2023-01-01",
                "`date_earliest` says `2023-01-01`, but `date_edtf` is empty".to_owned()
            ),
            (
                "P016",
                "2023-01-01",
                "`date_earliest` says `2023-01-01`, but `../2023` gives nothing".to_owned()
            ),
        ]
    );
}

#[test]
fn headers_that_say_too_much_or_too_little() {
    assert_eq!(
        findings("id,titel_en,id,n_particpants\n"),
        [
            (
                "P011",
                "titel_en",
                "the column `titel_en` belongs to no property of `events`".to_owned()
            ),
            ("P012", "id", "the column `id` stands here a second time".to_owned()),
            (
                "P011",
                "n_particpants",
                "the column `n_particpants` belongs to no property of `events`".to_owned()
            ),
        ]
    );
    assert_eq!(findings("id,title_en,title.en\n")[0].0, "P012");
    assert_eq!(findings("title_en,size\n")[0].0, "K002");
    assert_eq!(findings("")[0].0, "P001");
    let help = |text: &str| Files(text, &[]).read().1[0].help.clone().unwrap_or_default();
    assert_eq!(findings("id;title_en\na;b\nc;d\n").len(), 1);
    assert_eq!(findings("id;title_en\n")[0].0, "P023");
    assert_eq!(
        help("id,participants\n"),
        "it is a list: put its rows into `event_participants.csv`"
    );
    assert_eq!(help("id,titel_en\n"), "did you mean `title_en`?");
}

#[test]
fn an_unknown_column_costs_no_other() {
    let (records, diagnostics) = Files("id,x,size\na,1,2\n", &[]).read();
    assert_eq!(records, [json!({"id": "a", "size": 2})]);
    assert_eq!(diagnostics.len(), 1);
}

#[test]
fn ragged_and_broken_rows_are_skipped() {
    let text = "id,size\na,1,2\nb\nc,\"3\"x\nd,4\n";
    assert_eq!(
        findings(text),
        [
            ("P001", "x", "text follows the closing quotation mark of a cell".to_owned()),
            ("P013", "b", "the row has 1 cell, but the header has 2".to_owned()),
            ("P013", "a,1,2", "the row has 3 cells, but the header has 2".to_owned()),
        ]
    );
    assert_eq!(Files(text, &[]).read().0, [json!({"id": "d", "size": 4})]);
}

#[test]
fn rows_that_a_quotation_mark_swallowed_are_found_again() {
    for (text, kept) in [
        // Never closed at all.
        ("id,size\na,\"1\nb,2\nc,3\n", &["b", "c"][..]),
        // Closed by the opening mark of a later row.
        ("id,title_en\na,\"x\nb,y\nc,\"z\"\nd,w\n", &["b", "c", "d"]),
        ("id,title_en\r\na,\"x\r\nb,y\r\nc,\"z\"\r\n", &["b", "c"]),
        // Closed where a row is whole again, but too long.
        ("id,title_en\na,\"x\nb,y\nc,z\",w\nd,v\n", &["b", "d"]),
    ] {
        let (records, diagnostics) = Files(text, &[]).read();
        let ids: Vec<_> = records.iter().filter_map(|it| it["id"].as_str()).collect();
        assert_eq!(ids, kept, "{text}");
        assert_eq!(diagnostics.len(), 1, "{text}: {diagnostics:?}");
        assert_eq!(diagnostics[0].message, "a quotation mark is never closed");
        let opened = text.find('"').expect("a mark") as u64;
        assert_eq!(diagnostics[0].primary.place.span, opened..opened + 1, "{text}");
    }
    // Text of several lines whose row lacks a cell.
    assert_eq!(findings("id,title_en,size\na,\"x\ny\"\nb,z,1\n")[0].0, "P013");
}

#[test]
fn rows_that_say_nothing_are_no_records() {
    let (records, diagnostics) = Files("id,size\na,1\n,\n\"\",\n", &[]).read();
    assert_eq!(records, [json!({"id": "a", "size": 1})]);
    let message =
        "the row has nothing in its cells, and is no record (and 1 more row like this one)";
    assert_eq!(diagnostics.iter().map(|it| it.message.as_str()).collect::<Vec<_>>(), [message]);
}

#[test]
fn an_unfinished_merge_costs_the_rows_in_it() {
    let text = "id,size\na,1\n<<<<<<< HEAD\nb,2\n=======\nb,3\n>>>>>>> other\nc,4\n";
    let (records, diagnostics) = Files(text, &[]).read();
    assert_eq!(records, [json!({"id": "a", "size": 1}), json!({"id": "c", "size": 4})]);
    assert_eq!(diagnostics.iter().map(|it| it.code.id).collect::<Vec<_>>(), ["P020"]);
}

#[test]
fn items_of_a_cell_may_be_quoted() {
    let text = "id,tags\na,\"\"\"x; y\"\";z\"\n";
    assert_eq!(records(text), [json!({"id": "a", "tags": ["x; y", "z"]})]);
    assert_eq!(findings("id,tags\na,\"\"\"x; y\"\n")[0].0, "P001");
    let found = findings("id,tags\na,Navy (ships; planes);x\nb,Navy (ships);x\n");
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].0, found[0].1), ("P021", "Navy (ships; planes);x"));
}

#[test]
fn a_list_in_one_cell_is_split() {
    let text = "id,tags,n_tags\na,x; y,2\nb,,\nc,,0\nd,\"x\"\"\",1\n";
    assert_eq!(
        records(text),
        [
            json!({"id": "a", "tags": ["x", " y"]}),
            json!({"id": "b"}),
            json!({"id": "c", "tags": []}),
            json!({"id": "d", "tags": ["x\""]}),
        ]
    );
    assert_eq!(findings("id,tags,n_tags\na,x;y,3\n")[0].0, "P016");
}

const PARTICIPANTS: &str = "event_id,position,actor,weight,n_offices\n\
                            e2,1,RU,,\ne1,0,US,0.5,2\ne2,0,CN,1,0\n";
const OFFICES: &str = "event_id,participants_position,position,value\n\
                       e1,0,1,minister\ne1,0,0,\"the \"\"chief\"\"\"\n";
const TAGS: &str = "event_id,value\ne1,b\ne3,c\ne1,a\n";

#[test]
fn child_rows_become_lists() {
    let children = [
        ("event_participants", PARTICIPANTS),
        ("event_participant_offices", OFFICES),
        ("event_tags", TAGS),
    ];
    let text = "id,n_participants,n_tags\ne1,1,2\ne2,2,\ne3,,1\ne4,,0\n";
    let expected = [
        json!({
            "id": "e1",
            "participants": [{"actor": "US", "weight": 0.5, "offices": ["the \"chief\"", "minister"]}],
            "tags": ["b", "a"],
        }),
        json!({"id": "e2", "participants": [{"actor": "CN", "weight": 1, "offices": []}, {"actor": "RU"}]}),
        json!({"id": "e3", "tags": ["c"]}),
        json!({"id": "e4", "tags": []}),
    ];
    assert_eq!(Files(text, &children).records(), expected);
    // Without columns of counts the rows speak for themselves.
    let lists: Vec<_> = Files("id\ne1\ne2\ne3\ne4\n", &children).records();
    assert_eq!(lists[..3], expected[..3]);
    assert_eq!(lists[3], json!({"id": "e4"}));
    // The cut into batches changes nothing.
    for cut in 1..text.len() {
        assert_eq!(Files(text, &children).read_in_batches(cut), (expected.to_vec(), Vec::new()));
    }
}

#[test]
fn a_list_may_come_from_several_files() {
    let children = [
        ("event_tags", "event_id,position,value\ne1,2,c\ne1,0,a\n"),
        ("event_tags", "value,position,event_id\nb,1,e1\n"),
    ];
    assert_eq!(
        Files("id\ne1\n", &children).records(),
        [json!({"id": "e1", "tags": ["a", "b", "c"]})]
    );
}

#[test]
fn orphans_are_reported_once_a_parent() {
    let children = [("event_tags", "event_id,value\ne9,a\ne1,b\ne9,c\n,d\n")];
    let files = Files("id\ne1\n", &children);
    assert_eq!(
        files.findings(),
        [
            ("P014", "", "the row names no record: `id` is empty".to_owned()),
            (
                "P014",
                "e9",
                "`e9` is the key of no record of `events` (and 1 more row like this one)"
                    .to_owned()
            ),
        ]
    );
    assert_eq!(files.read().0, [json!({"id": "e1", "tags": ["b"]})]);
}

#[test]
fn rows_of_a_parent_row_that_is_not_there() {
    let children = [
        ("event_participants", PARTICIPANTS),
        ("event_participant_offices", "event_id,participants_position,position,value\ne1,3,0,x\n"),
    ];
    let found = Files("id\ne1\ne2\n", &children).findings();
    assert_eq!(
        found[0],
        ("P014", "3", "`e1`, `3` names no row of `event_participants`".to_owned())
    );
}

#[test]
fn positions_are_complete() {
    let positions = |rows: &str| {
        let tags = format!("event_id,position,value\n{rows}");
        let children = [("event_tags", tags.as_str())];
        let found = Files("id\ne1\n", &children).findings();
        found.into_iter().map(|it| format!("{} {:?} {}", it.0, it.1, it.2)).collect::<Vec<_>>()
    };
    assert_eq!(positions("e1,1,a\ne1,0,b\n"), [""; 0]);
    assert_eq!(
        positions("e1,1,a\ne1,2,b\n"),
        ["P015 \"1\" the positions of `e1` begin with 1, not 0"]
    );
    assert_eq!(positions("e1,0,a\ne1,2,b\n"), ["P015 \"2\" position 2 of `e1` follows 0"]);
    assert_eq!(
        positions("e1,0,a\ne1,0,b\n"),
        ["P015 \"0\" position 0 of `e1` stands here a second time"]
    );
    assert_eq!(
        positions("e1,first,a\n"),
        ["P015 \"first\" the position `first` is not a whole number from 0"]
    );
    assert_eq!(positions("e1,,a\ne1,1,b\n").len(), 1);
}

#[test]
fn counts_are_checked() {
    let found = |rows: &str| {
        let text = format!("id,n_tags\n{rows}");
        let children = [("event_tags", "event_id,value\ne1,a\n")];
        let found = Files(&text, &children).findings();
        found.into_iter().map(|it| format!("{} {:?} {}", it.0, it.1, it.2)).collect::<Vec<_>>()
    };
    assert_eq!(found("e1,1\n"), [""; 0]);
    assert_eq!(
        found("e1,2\n"),
        ["P016 \"2\" the count of `event_tags` says `2`, but the list has 1"]
    );
    assert_eq!(
        found("e1,\n"),
        ["P016 \"\" the count of `event_tags` says nothing, but the list has 1"]
    );
    assert_eq!(
        found("e1,x\n"),
        ["P016 \"x\" the count of `event_tags` says `x`, but the list has 1"]
    );
    assert_eq!(
        found("e1,1\ne2,3\n"),
        ["P016 \"3\" the count of `event_tags` says `3`, but the list has 0"]
    );
}

#[test]
fn a_list_both_in_a_cell_and_in_rows() {
    let children = [("event_tags", "event_id,value\ne1,a\n")];
    assert_eq!(Files("id,tags\ne1,b\n", &children).findings()[0].0, "P012");
}

#[test]
fn lost_rows_cause_no_further_findings() {
    let children = [
        ("event_participants", "event_id,position,actor\ne1,0,a,b\ne1,1,c\n"),
        ("event_participant_offices", "event_id,participants_position,position,value\ne1,0,0,x\n"),
    ];
    let found = Files("id,n_participants\ne1,2\n", &children).findings();
    assert_eq!(found.iter().map(|it| it.0).collect::<Vec<_>>(), ["P013"]);
    // The parent's own row is broken.
    let found = Files("id,size\ne1\n", &[("event_tags", TAGS)]).findings();
    assert_eq!(found.iter().map(|it| it.0).collect::<Vec<_>>(), ["P013", "P014"]);
    let found = Files("id,size\n\"e3,1\ne1,2\n", &[("event_tags", TAGS)]).findings();
    assert_eq!(found.iter().map(|it| it.0).collect::<Vec<_>>(), ["P001"]);
}

#[test]
fn child_headers_need_their_keys() {
    let found = |header: &str| {
        let children = [("event_participant_offices", header)];
        Files("id\n", &children).read().1.swap_remove(0).message
    };
    assert_eq!(found("position,value\n"), "the header has no column `id`");
    assert_eq!(found("event_id,value\n"), "the header has no column `participants_position`");
    assert_eq!(found("event_id,participants_position\n"), "the header has no column `value`");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(
        main in "(id|n_tags|title_en|date_edtf|date_latest|tags|,|\"|\n|\r|e1|1|é|2023){0,30}",
        tags in "(event_id|position|value|,|\"|\n|e1|1|0){0,30}",
    ) {
        let main = format!("id,n_tags,date_edtf,date_latest\n{main}");
        let tags = format!("event_id,position,value\n{tags}");
        let children = [("event_tags", tags.as_str())];
        let files = Files(&main, &children);
        for diagnostic in files.read().1 {
            files.marked(&diagnostic.primary.place);
            diagnostic.related.iter().for_each(|label| { files.marked(&label.place); });
        }
    }

    #[test]
    fn what_was_written_is_read(rows in prop::collection::vec(("[a-z]{1,5}", "[a\",;\n é0]{0,5}", any::<Option<bool>>(), any::<Option<i64>>()), 0..6)) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["id", "title_en", "public", "size"]).expect("memory takes it");
        let mut expected = Vec::new();
        for (id, title, public, size) in &rows {
            let cell = |value: Option<String>| value.unwrap_or_default();
            let (public_cell, size_cell) = (cell(public.map(|it| it.to_string())), cell(size.map(|it| it.to_string())));
            writer.write_record([id, title, &public_cell, &size_cell]).expect("memory takes it");
            let mut record = json!({"id": id});
            if !title.is_empty() {
                record["title"] = json!({"en": title});
            }
            if let Some(public) = public {
                record["public"] = json!(public);
            }
            if let Some(size) = size {
                record["size"] = json!(size);
            }
            expected.push(record);
        }
        let bytes = writer.into_inner().expect("memory takes it");
        prop_assert_eq!(records(&String::from_utf8(bytes).expect("text went in")), expected);
    }
}
