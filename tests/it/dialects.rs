//! CSV as other people write it: what a release says of it, and that it makes no difference how files are
//! cut, packed or encoded.

#![expect(clippy::disallowed_methods, reason = "tests touch the disk")]

use std::collections::BTreeMap;
use std::io::Write as _;

use crate::support::{self, Files, build_in_memory, demarche, on_disk, project, run, text};

#[test]
fn a_foreign_project_says_in_its_release_what_its_files_say() {
    let release = build_in_memory(&project("summits"), 2).expect("it is sound");
    let summits = text(&release, "csv/summits.csv");
    let expected = "\
g01,1975-11-15,1975-11-17,1975-11-17,1975-11-17,day,false,false,Rambouillet,48.6431,1.8297,6,true,A,gipfel_1975
g02,1976-06-27,1976-06-28,1976-06-28,1976-06-28,day,false,false,Dorado; bei San Juan,18.4589,-66.2678,7,true,A,gipfel_1975
g03,1977-05-07,1977-05-08,1977-05-08,1977-05-08,day,false,false,London,51.5074,-0.1278,7,true,A,gipfel_1975
g04,1978-07-16,1978-07-17,1978-07-17,1978-07-17,day,false,false,Bonn,50.7374,7.0982,7,true,A,gipfel_1975
g05,1979-06-28,1979-06-29,1979-06-29,1979-06-29,day,false,false,Tokio,35.6762,139.6503,7,true,A,gipfel_1975
g06,1980-06-22,1980-06-23,1980-06-23,1980-06-23,day,false,false,Venice,45.4408,12.3155,7,true,B,
g07,1981-07-20,1981-07-21,1981-07-21,1981-07-21,day,false,false,\"Montebello, 'Ottawa'\",45.65,-74.9333,7,true,B,
g08,1982-06-04,1982-06-06,1982-06-06,1982-06-06,day,false,false,Versailles,48.8049,2.1204,7,true,B,
";
    let (header, rows) = summits.split_once('\n').expect("a header");
    assert!(header.starts_with(r#""summit_id","first_day","last_day"#), "{header}");
    assert_eq!(rows, expected);
    let participants = text(&release, "csv/summit_participants.csv");
    for row in [
        "g01,1,FRA,Valéry Giscard d’Estaing",
        "g01,5,USA,Gerald Ford",
        "g05,6,CAN,Joe Clark",
        "g06,5,JPN,Saburo Okita",
        "g07,2,FRA,François Mitterrand",
        "g08,6,USA,",
    ] {
        assert!(participants.lines().any(|line| line == row), "{row} of {participants}");
    }
    assert_eq!(participants.lines().count(), 1 + 6 + 7 * 7);
    let states = text(&release, "csv/states.csv");
    assert!(
        states.contains("CAN,Kanada,,9984670") && states.contains("GBR,Vereinigtes Königreich")
    );
}

/// A table of many rows, longer than a batch, and its manifest's block.
fn many(rows: usize) -> (String, &'static str) {
    let mut table = String::from("# \"not a quote\nTitle; \"x\nid;size\nkey;'metres; or\nfeet'\n");
    for number in 0..rows {
        table.push_str(&match number % 4 {
            0 => format!("t{number};1.{:03},5\n", number % 1000),
            1 => format!("'t{number}'; {},25 \n", number % 1000),
            2 => format!("# t{number};'x\nt{number};{}\n\n", number % 1000),
            _ => format!("'t{number}\n''Länge''';7,0\n"),
        });
    }
    table.push_str("\nSum;'1\n2'\nSource;me\n");
    (
        table,
        "[[tables.things.csv]]\nheader = 3\nskip = [4]\nskip_last = 2\ndelimiter = \";\"\nquote = \"'\"\n\
         comment = \"#\"\ntrim = true\ndecimal = \",\"\nthousands = \".\"\n",
    )
}

fn project_of(path: &str, bytes: Vec<u8>, block: &str) -> Files {
    let properties = serde_json::json!({
        "size": { "type": "number", "title": "Size" },
        "name": { "type": "string", "title": "Name" },
    });
    let mut files = support::things(&properties, &[]);
    files.remove("data/things.jsonl");
    let manifest = text(&files, "dataset.toml").to_owned();
    let records = regex::Regex::new(r"(?m)^records = .*$").expect("a pattern");
    let manifest = records.replace(&manifest, format!("records = [\"{path}\"]"));
    files.insert("dataset.toml".to_owned(), format!("{manifest}\n{block}").into_bytes());
    files.insert(path.to_owned(), bytes);
    files
}

#[test]
fn a_long_file_is_cut_without_a_difference() {
    let rows = 40_000;
    let (table, block) = many(rows);
    let files = project_of("data/things.csv", table.clone().into_bytes(), block);
    let release = build_in_memory(&files, 3).unwrap_or_else(|found| panic!("{found:#?}"));
    let (_, cells) = support::csv(&release, "csv/things.csv");
    let by_id: BTreeMap<_, _> =
        cells.iter().map(|row| (row["thing_id"].as_str(), row["size"].as_str())).collect();
    assert_eq!(by_id.len(), rows);
    assert_eq!(by_id["t4"], "1004.5");
    assert_eq!(by_id["t13"], "13.25");
    assert_eq!(by_id["t39998"], "998.0");
    assert_eq!(by_id["t39999\n'Länge'"], "7.0");
    // In another encoding, packed, the records are the same.
    let mut utf16 = vec![0xff, 0xfe];
    utf16.extend(table.encode_utf16().flat_map(u16::to_le_bytes));
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(&utf16).expect("memory takes it");
    let packed = packer.finish().expect("memory takes it");
    let block = format!("{block}encoding = \"utf-16\"\n");
    let files = project_of("data/things.csv.gz", packed, &block);
    let again = build_in_memory(&files, 2).unwrap_or_else(|found| panic!("{found:#?}"));
    assert_eq!(release["csv/things.csv"], again["csv/things.csv"]);
}

#[test]
fn fixes_leave_files_in_other_encodings_as_they_are() {
    let block = "[[tables.things.csv]]\nencoding = \"windows-1252\"\n";
    let bytes = b"id,name\nt1,a \nt2,\xe9 \n".to_vec();
    let project = on_disk(&project_of("data/things.csv", bytes.clone(), block));
    let mut command = demarche(&["check", "--fix", "--project"]);
    let outcome = run(command.arg(project.path()));
    let left = "left data/things.csv as it is: it isn't in UTF-8, in which fixes are written";
    assert!(outcome.stderr.contains(left) || outcome.stdout.contains(left), "{}", outcome.stderr);
    let after = std::fs::read(project.path().join("data/things.csv")).expect("it is there");
    assert_eq!(after, bytes);
}

#[test]
fn fixes_keep_to_the_dialect_of_a_file() {
    let block = "[[tables.things.csv]]\nheader = 2\ndelimiter = \";\"\nquote = \"'\"\n";
    let bytes = "Title ;\nid;name\nt1;a \n't2; ''b'' ';'c; '\n".as_bytes().to_vec();
    let project = on_disk(&project_of("data/things.csv", bytes, block));
    let mut command = demarche(&["check", "--fix", "--project"]);
    run(command.arg(project.path()));
    let after =
        std::fs::read_to_string(project.path().join("data/things.csv")).expect("it is there");
    assert!(after.starts_with("Title ;\nid;name\nt1;a\n't2; ''b'' ';"), "{after}");
}
