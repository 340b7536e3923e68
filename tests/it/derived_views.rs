//! Views and links: releases of small projects, whose cells are worked out on paper in the comments.

use crate::support::{self, Files, build_in_memory};

const DATASET: &str = r#"
[dataset]
name = "wars"
title = "Wars"
version = "1.0.0"
license = "CC0-1.0"
base = "https://demarche.example/wars/"
languages = ["en"]
main = "MAIN"
"#;

/// A schema with these properties.
fn schema(title: &str, required: &str, properties: &str) -> String {
    format!(
        r#"{{ "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "{title}", "type": "object",
        "properties": {properties}, "required": {required}, "additionalProperties": false }}"#
    )
}

fn files(files: &[(&str, String)]) -> Files {
    files.iter().map(|(path, text)| ((*path).to_owned(), text.clone().into_bytes())).collect()
}

/// The release of a project, which is the same at any number of workers.
fn built(files: &Files) -> Files {
    let build = |jobs| build_in_memory(files, jobs).unwrap_or_else(|found| panic!("{found:#?}"));
    let release = build(1);
    support::assert_same_files(&release, &build(3), "the number of workers");
    release
}

/// The columns of a released table behind those of the key, and its rows with `|` between cells.
fn table(release: &Files, name: &str, key: usize) -> (String, Vec<String>) {
    let text = support::text(release, &format!("csv/{name}.csv"));
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().expect("a header").iter().skip(key).collect::<Vec<_>>().join("|");
    let row = |row: csv::StringRecord| row.iter().collect::<Vec<_>>().join("|");
    let rows = reader.records().map(|record| row(record.expect("a row"))).collect();
    (header, rows)
}

/// Fights of wars by year, with parties and sites. Keys have two values, states are numbers, and two of them
/// changed their name or their code.
fn fights(derived: &str) -> Files {
    let manifest = DATASET.replace("MAIN", "fights")
        + r#"
[tables.fights]
schema = "schema/fights.schema.json"
records = ["data/fights.jsonl"]
key = ["war", "year"]
row = "fight"

[tables.wars]
schema = "schema/wars.schema.json"
records = ["data/wars.jsonl"]
key = "number"
row = "war"

[tables.sites]
schema = "schema/sites.schema.json"
records = ["data/sites.jsonl"]
key = "site"
row = "site"

[crosswalks.cow-iso]
codelist = "cow-iso"
from = { column = "code", codelist = "ccodes" }
to = { column = "iso", codelist = "iso" }
"# + derived;
    let fights = schema(
        "Fights",
        r#"["war", "year", "state"]"#,
        r#"{
            "war": { "type": "integer", "x-reference": "wars" },
            "year": { "type": "integer", "format": "year" },
            "state": { "type": "integer", "x-codelist": "ccodes" },
            "start": { "type": "string", "format": "edtf" },
            "remark": { "type": "string", "x-internal": true },
            "parties": { "type": "array", "items": { "type": "object", "properties": {
                "ccode": { "type": "integer", "x-codelist": "ccodes" },
                "role": { "type": "string", "enum": ["defender", "observer"] }
            }, "required": ["ccode", "role"], "additionalProperties": false } },
            "sites": { "type": "array", "items": { "type": "object", "properties": {
                "site": { "type": "string", "x-reference": "sites" },
                "kind": { "type": "string", "enum": ["main", "minor"] }
            }, "required": ["site", "kind"], "additionalProperties": false } }
        }"#,
    );
    let wars = schema(
        "Wars",
        r#"["number"]"#,
        r#"{
            "number": { "type": "integer" },
            "name": { "type": "string" },
            "starter": { "type": "integer", "x-codelist": "ccodes" }
        }"#,
    );
    let sites = schema(
        "Sites",
        r#"["site"]"#,
        r#"{
            "site": { "type": "string" },
            "name": { "type": "string" },
            "lat": { "type": "number" },
            "country": { "type": "integer", "x-codelist": "ccodes" }
        }"#,
    );
    let records = [
        r#"{"war":2,"year":1991,"state":255,"sites":[{"site":"s2","kind":"minor"}]}"#,
        r#"{"war":1,"year":1997,"state":490,"start":"1997-05","sites":[],"remark":"unsure"}"#,
        r#"{"war":1,"year":1996,"state":490,"start":"1996-10-24",
            "parties":[{"ccode":490,"role":"defender"},{"ccode":2,"role":"observer"}],
            "sites":[{"site":"s1","kind":"main"},{"site":"s2","kind":"minor"},{"site":"s3","kind":"main"}]}"#,
    ];
    let lines = |records: &[&str]| {
        records.iter().map(|record| record.replace('\n', " ") + "\n").collect::<String>()
    };
    let text = str::to_owned;
    files(&[
        ("dataset.toml", manifest),
        ("schema/fights.schema.json", fights),
        ("schema/wars.schema.json", wars),
        ("schema/sites.schema.json", sites),
        (
            "schema/codelists/ccodes.csv",
            text(
                "code,label,valid_from,valid_to\n\
                 2,United States,,\n\
                 260,German Federal Republic,1955-05-05,1990-10-02\n\
                 255,Germany,1990-10-03,\n\
                 490,Zaire,1971-10-27,1997-05-16\n\
                 490,DR Congo,1997-05-17,\n",
            ),
        ),
        ("schema/codelists/iso.csv", text("code,label\nUSA,USA\nDEU,DEU\nZAR,ZAR\nCOD,COD\n")),
        (
            "schema/codelists/cow-iso.csv",
            text(
                "code,label,iso,valid_from,valid_to\n\
                 2,a,USA,,\n\
                 255,b,DEU,,\n\
                 260,c,DEU,,\n\
                 490,d,ZAR,,1997-05-16\n\
                 490,e,COD,1997-05-17,\n",
            ),
        ),
        ("data/fights.jsonl", lines(&records)),
        (
            "data/wars.jsonl",
            lines(&[
                r#"{"number":1,"name":"First Congo War","starter":2}"#,
                r#"{"number":2,"name":"Gulf"}"#,
            ]),
        ),
        (
            "data/sites.jsonl",
            lines(&[
                r#"{"site":"s1","name":"Bukavu","lat":-2.5,"country":490}"#,
                r#"{"site":"s2","name":"Goma","lat":-1.75,"country":260}"#,
                r#"{"site":"s3","name":"Kadutu","country":490}"#,
            ]),
        ),
    ])
}

#[test]
fn a_view_has_what_lists_and_references_give() {
    let release = built(&fights(
        r#"
[derived.fights_wide]
kind = "view"
from = "fights"
labels = true
date = "start"
codes = ["cow-iso"]

[derived.fights_wide.take]
war_name = "war.name"
starter = "war.starter"
site = "sites[kind=main].site.name"
lat = "sites[kind=main].site.lat"
country = "sites.site.country"
defender = "parties[role=defender].ccode"
"#,
    ));
    let (header, rows) = table(&release, "fights_wide", 2);
    assert_eq!(
        header,
        "state|state_label|state_iso|start|start_earliest|start_latest|start_precision|start_uncertain|\
         start_approximate|n_parties|n_sites|war_name|starter|starter_label|starter_iso|site|site_n|lat|lat_n|\
         country|country_n|country_label|country_iso|defender|defender_n|defender_label|defender_iso"
    );
    assert_eq!(
        rows,
        [
            // On 1996-10-24 490 was Zaire, and ZAR. The main sites have two names and one latitude, as one of them
            // has none; all sites lie in 490 or 260.
            "1|1996|490|Zaire|ZAR|1996-10-24|1996-10-24|1996-10-24|day|false|false|2|3|First Congo War|2|\
             United States|USA||2|-2.5|1||2|||490|1|Zaire|ZAR",
            // In May 1997 490 was both: the label is both, and there is no one code. The list of sites is empty,
            // and there is none of parties.
            "1|1997|490|Zaire; DR Congo||1997-05|1997-05-01|1997-05-31|month|false|false||0|First Congo War|2|\
             United States|USA||0||0||0||||0||",
            // Nobody says when, so all matches count: 255 and 260 have one each. No site is a main one.
            "2|1991|255|Germany|DEU||||||||1|Gulf|||||0||0|260|1|German Federal Republic|DEU||0||",
        ]
    );
}

#[test]
fn a_view_of_a_list_has_a_row_an_item() {
    let release = built(&fights(
        r#"
[derived.parties_wide]
kind = "view"
from = "fights.parties"
labels = true
date = "start"
columns = ["parties.ccode", "parties.role", "state", "year"]
take = { site = "sites.site.name", observer = "parties[role=observer].ccode", war_name = "war.name" }
several = "first"

[derived.sites_wide]
kind = "view"
from = "fights.sites"
take = { name = "sites.site.name" }
"#,
    ));
    let (header, rows) = table(&release, "parties_wide", 2);
    assert_eq!(
        header,
        "position|ccode|ccode_label|role|state|state_label|site|site_n|observer|observer_n|observer_label|war_name"
    );
    assert_eq!(
        rows,
        [
            "1|1996|0|490|Zaire|defender|490|Zaire|Bukavu|3|2|1|United States|First Congo War",
            "1|1996|1|2|United States|observer|490|Zaire|Bukavu|3|2|1|United States|First Congo War",
        ]
    );
    // Without `columns` all values of the item, and none of the record; the item's own place needs no number.
    let (header, rows) = table(&release, "sites_wide", 2);
    assert_eq!(header, "position|site|kind|name");
    assert_eq!(
        rows,
        [
            "1|1996|0|s1|main|Bukavu",
            "1|1996|1|s2|minor|Goma",
            "1|1996|2|s3|main|Kadutu",
            "2|1991|0|s2|minor|Goma",
        ]
    );
}

#[test]
fn a_view_without_a_date_has_what_always_holds() {
    let release = built(&fights(
        r#"
[derived.always]
kind = "view"
from = "fights"
columns = ["state", "start.earliest"]
labels = true
codes = ["cow-iso"]
"#,
    ));
    let (header, rows) = table(&release, "always", 2);
    assert_eq!(header, "state|state_label|state_iso|start_earliest");
    assert_eq!(
        rows,
        [
            "1|1996|490|Zaire; DR Congo||1996-10-24",
            "1|1997|490|Zaire; DR Congo||1997-05-01",
            "2|1991|255|Germany|DEU|",
        ]
    );
}

#[test]
fn dates_that_values_compose_are_values_of_a_view() {
    let manifest = DATASET.replace("MAIN", "shots")
        + r#"
[tables.shots]
schema = "schema/shots.schema.json"
records = ["data/shots.csv"]
key = "no"
row = "shot"

[derived.wide]
kind = "view"
from = "shots"
take = { before = "after.start" }
"#;
    let shots = schema(
        "Shots",
        r#"["no"]"#,
        r#"{
            "no": { "type": "integer" },
            "y": { "type": "integer" },
            "m": { "type": "integer" },
            "after": { "type": "integer", "x-reference": "shots" }
        }, "x-dates": { "start": { "year": "y", "month": "m" } }"#,
    );
    let release = built(&files(&[
        ("dataset.toml", manifest),
        ("schema/shots.schema.json", shots),
        ("data/shots.csv", "no,y,m,after\n10,1914,6,\n9,1914,,10\n".to_owned()),
    ]));
    let (header, rows) = table(&release, "wide", 1);
    assert_eq!(header, "y|m|after|start|start_earliest|start_latest|start_precision|before");
    assert_eq!(
        rows,
        [
            "9|1914||10|1914|1914-01-01|1914-12-31|year|1914-06",
            "10|1914|6||1914-06|1914-06-01|1914-06-30|month|",
        ]
    );
}

#[test]
fn links_have_both_dates_and_the_days_between() {
    let manifest = DATASET.replace("MAIN", "treaties")
        + r#"
[tables.treaties]
schema = "schema/treaties.schema.json"
records = ["data/treaties.jsonl"]
key = "no"
row = "treaty"

[derived.treaty_links]
kind = "links"
from = "treaties"
links = ["replaces", "amends", "sees"]
symmetric = ["sees"]
date = ["signed", "ended"]
keep = ["name"]
"#;
    let treaties = schema(
        "Treaties",
        r#"["no", "name"]"#,
        r#"{
            "no": { "type": "integer" },
            "name": { "type": "string" },
            "signed": { "type": "string", "format": "edtf" },
            "ended": { "type": "string", "format": "date" },
            "replaces": { "type": "integer", "x-reference": "treaties" },
            "amends": { "type": "array", "items": { "type": "integer", "x-reference": "treaties" } },
            "sees": { "type": "array", "items": { "type": "integer", "x-reference": "treaties" } }
        }"#,
    );
    let records = [
        r#"{"no":10,"name":"J","amends":[3,3],"sees":[3]}"#,
        r#"{"no":3,"name":"C","signed":"1992","ended":"1993-06-30","amends":[2],"sees":[2,10]}"#,
        r#"{"no":2,"name":"B","signed":"1991-03-01","ended":"1995-12-31","replaces":1,"sees":[3]}"#,
        r#"{"no":1,"name":"A","signed":"1990-01-10"}"#,
    ];
    let release = built(&files(&[
        ("dataset.toml", manifest),
        ("schema/treaties.schema.json", treaties),
        ("data/treaties.jsonl", records.join("\n") + "\n"),
    ]));
    let (header, rows) = table(&release, "treaty_links", 2);
    assert_eq!(
        header,
        "link|from_earliest|from_latest|to_earliest|to_latest|days_min|days_max|name_from|name_to"
    );
    assert_eq!(
        rows,
        [
            // Treaty 1 has no end. From 1990-01-10 to 1991-03-01 it is 415 days.
            "2|1|replaces|1991-03-01|1995-12-31|1990-01-10||-415|-415|B|A",
            // Both say it, so it stands once, the lower number first. Treaty 3 was signed on some day of 1992: from
            // 306 days after 1991-03-01 on 1992-01-01 to 671 days after it on 1992-12-31.
            "2|3|sees|1991-03-01|1995-12-31|1992-01-01|1993-06-30|306|671|B|C",
            "3|2|amends|1992-01-01|1993-06-30|1991-03-01|1995-12-31|-671|-306|C|B",
            // 3 and 10 say it, too. 10 has no date, and 10 is more than 3.
            "3|10|sees|1992-01-01|1993-06-30|||||C|J",
            // It says so twice.
            "10|3|amends|||1992-01-01|1993-06-30|||J|C",
        ]
    );
}
