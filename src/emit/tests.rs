//! Releases of the fixture, read back with other people's readers.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::num::NonZeroUsize;

use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, RecordBatch};
use oxjsonld::{JsonLdParser, JsonLdProfile};
use oxrdf::{GraphName, Quad, Term};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use serde_json::Value;

use super::fixture::{BASE, Fixture};
use super::{Memory, Selection, Sink, Written, flat};
use crate::fault::Fault;
use crate::release::{CHECKSUMS_PATH, write_release};

type Files = BTreeMap<String, Vec<u8>>;

fn emit(selection: &Selection, workers: usize) -> (Vec<Written>, Files) {
    let fixture = Fixture::new();
    let memory = Memory::default();
    let workers = NonZeroUsize::new(workers).expect("at least one worker");
    let written = write_release(&fixture.release(), &[], selection, workers, &memory)
        .expect("memory takes every file");
    (written, memory.into_files())
}

fn everything() -> Files {
    emit(&Selection::default(), 1).1
}

fn only(formats: &[&str], tables: &[&str]) -> Files {
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    emit(&Selection { formats: set(formats), tables: set(tables) }, 1).1
}

fn text<'f>(files: &'f Files, path: &str) -> &'f str {
    std::str::from_utf8(&files[path]).expect("text files are UTF-8")
}

fn json(files: &Files, path: &str) -> Value {
    serde_json::from_slice(&files[path]).expect("JSON")
}

#[test]
fn files_are_told_with_their_sizes_and_hashes() {
    let (written, files) = emit(&Selection::default(), 1);
    let paths: Vec<_> = written.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, files.keys().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(
        paths,
        [
            "SHA256SUMS",
            "codebook.md",
            "csv/event_participant_names.csv",
            "csv/event_participants.csv",
            "csv/event_topics.csv",
            "csv/events.csv",
            "csv/persons.csv",
            "datapackage.json",
            "jsonld/context.jsonld",
            "jsonld/visits.jsonld",
            "parquet/event_participant_names.parquet",
            "parquet/event_participants.parquet",
            "parquet/event_topics.parquet",
            "parquet/events.parquet",
            "parquet/events_nested.parquet",
            "parquet/persons.parquet",
            "schema/codelists/roles.csv",
            "schema/codelists/topics.csv",
            "schema/persons.schema.json",
        ]
    );
    let sums: String = written
        .iter()
        .filter(|file| file.path != CHECKSUMS_PATH)
        .map(|file| format!("{}  {}\n", file.sha256, file.path))
        .collect();
    assert_eq!(text(&files, CHECKSUMS_PATH), sums);
    for file in &written {
        assert_eq!(file.bytes, files[&file.path].len() as u64, "{}", file.path);
    }
    // `printf '{"type": "object"}\n' | sha256sum`
    assert!(sums.contains(
        "eb217225d785a7a56210d52aec0c958b124561339aca20fd2f20b4a67267d671  \
         schema/persons.schema.json"
    ));
}

#[test]
fn workers_change_no_byte() {
    assert_eq!(emit(&Selection::default(), 1), emit(&Selection::default(), 3));
}

#[test]
fn a_failing_sink_is_a_fault_of_the_file() {
    struct Full;
    impl Sink for Full {
        fn create(&self, path: &str) -> Result<Box<dyn Write + Send + '_>, Fault> {
            if path.starts_with("parquet/") {
                return Ok(Box::new(Full));
            }
            Ok(Box::new(io::sink()))
        }
    }
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::from(io::ErrorKind::StorageFull))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let fixture = Fixture::new();
    let selection = Selection::default();
    let fault = write_release(&fixture.release(), &[], &selection, NonZeroUsize::MIN, &Full)
        .expect_err("the sink is full");
    assert_eq!(fault.path, "parquet/events_nested.parquet");
    assert_eq!(fault.attempt, "write");
    assert_eq!(fault.cause.kind(), io::ErrorKind::StorageFull);
}

#[test]
fn what_is_internal_is_in_no_file() {
    for (path, bytes) in everything() {
        for secret in ["secret", "coder", "review", "note"] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} in {path}");
        }
    }
}

#[test]
fn a_selection_leaves_out_formats_and_tables() {
    let files = only(&["csv"], &["events"]);
    let formats: BTreeSet<_> = files.keys().filter_map(|path| path.split_once('/')).collect();
    assert!(formats.iter().all(|(format, _)| ["csv", "schema"].contains(format)), "{formats:?}");
    assert!(!files.contains_key("csv/persons.csv"));
    let package = json(&files, "datapackage.json");
    let participants = resource(&package, "event_participants");
    let targets: Vec<_> = participants["schema"]["foreignKeys"]
        .as_array()
        .expect("the parent")
        .iter()
        .map(|key| key["reference"]["resource"].as_str())
        .collect();
    assert_eq!(targets, [Some("events")], "no reference to a table that isn't there");
}

#[test]
fn csv_reads_back() {
    let files = everything();
    let mut reader = csv::Reader::from_reader(files["csv/events.csv"].as_slice());
    let header = reader.headers().expect("a header").clone();
    let rows: Vec<_> = reader.records().map(|row| row.expect("a row")).collect();
    let row = |index: usize| -> BTreeMap<&str, &str> {
        header.iter().zip(&rows[index]).filter(|(_, cell)| !cell.is_empty()).collect()
    };
    assert_eq!(rows.len(), 4);
    assert_eq!(row(0)["title_en"], "A \"state\" visit, in full");
    assert_eq!(row(0)["people"], "9223372036854775807");
    assert_eq!(row(0)["began"], "2023-12-03T12:00:00Z");
    assert_eq!(row(0)["longitude"], "2.0");
    let least: Vec<_> = row(1).into_iter().collect();
    assert_eq!(
        least,
        [
            ("date", "2023-12/.."),
            ("date_approximate", "false"),
            ("date_basis", "reported"),
            ("date_earliest", "2023-12-01"),
            ("date_precision", "open"),
            ("date_uncertain", "false"),
            ("id", "ev-2"),
        ]
    );
    assert_eq!(row(2)["n_topics"], "0", "an empty list isn't a missing one");
    assert_eq!(row(3)["title_en"], "two\nlines");
    assert_eq!(
        text(&files, "csv/event_participant_names.csv"),
        "\"id\",\"participants_position\",\"position\",\"value\"\n\
         ev-1,0,0,A\nev-1,0,1,A\nev-4/é,0,0,B\nev-4/é,0,1,A\n"
    );
    assert_eq!(
        text(&files, "csv/event_participants.csv"),
        "\"id\",\"position\",\"person\",\"role\",\"n_names\"\n\
         ev-1,0,p 1,title,2\nev-1,1,,a b,\nev-4/é,0,p/2,010,2\n"
    );
}

fn read_parquet(files: &Files, path: &str) -> (ParquetMetaData, RecordBatch) {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(&files[path]).expect("written");
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet");
    let metadata = builder.metadata().as_ref().clone();
    let schema = builder.schema().clone();
    let batches: Vec<_> =
        builder.build().expect("a reader").map(|batch| batch.expect("a batch")).collect();
    let batch = arrow_select::concat::concat_batches(&schema, &batches).expect("one schema");
    (metadata, batch)
}

fn footer(metadata: &ParquetMetaData, key: &str) -> Option<Value> {
    let keys = metadata.file_metadata().key_value_metadata().expect("footer keys");
    let value = keys.iter().find(|pair| pair.key == key)?.value.as_deref();
    Some(serde_json::from_str(value.expect("a value")).expect("JSON"))
}

#[test]
fn parquet_reads_back_as_it_was_lowered() {
    let fixture = Fixture::new();
    let files = everything();
    for (table, rows) in fixture.model.tables.iter().zip(&fixture.tables) {
        for flat_table in flat::tables(table) {
            let name = &flat_table.level.name;
            let (metadata, read) = read_parquet(&files, &format!("parquet/{name}.parquet"));
            let columns = flat::columns(&flat_table);
            for (index, column) in columns.iter().enumerate() {
                let batches = rows.batches(&table.level).expect("rows in memory");
                let arrays: Vec<_> = batches
                    .iter()
                    .map(|batch| flat::arrays(&flat_table, &columns, batch)[index].clone())
                    .collect();
                let arrays: Vec<_> = arrays.iter().map(AsRef::as_ref).collect();
                let lowered = arrow_select::concat::concat(&arrays).expect("one type");
                let read = read.column_by_name(&column.name).expect("the column");
                assert_eq!(read.data_type(), lowered.data_type(), "{name}.{}", column.name);
                assert_eq!(plain(read), plain(&lowered), "{name}.{}", column.name);
            }
            let sorting: Vec<_> = metadata.row_group(0).sorting_columns().map_or(vec![], |keys| {
                keys.iter().map(|key| columns[key.column_idx as usize].name.clone()).collect()
            });
            assert_eq!(sorting, flat::primary_key(&flat_table));
        }
    }
}

/// An array's values as text; a dictionary may have other positions for the same codes.
fn plain(array: &dyn arrow_array::Array) -> Vec<String> {
    match array.as_any_dictionary_opt() {
        Some(codes) => {
            let values = codes.values().as_string::<i32>();
            codes.normalized_keys().iter().map(|&key| values.value(key).to_owned()).collect()
        }
        None => format!("{array:?}").lines().map(str::to_owned).collect(),
    }
}

#[test]
fn nested_parquet_tells_missing_from_empty() {
    let (_, events) = read_parquet(&everything(), "parquet/events_nested.parquet");
    let names: Vec<_> = events.schema().fields().iter().map(|field| field.name().clone()).collect();
    assert_eq!(names[..5], ["id", "title", "date", "participants", "topics"]);

    let participants = events.column_by_name("participants").expect("the list").as_list::<i32>();
    let nulls: Vec<_> = (0..4).map(|row| participants.is_null(row)).collect();
    let lengths: Vec<_> = (0..4).map(|row| participants.value_length(row)).collect();
    assert_eq!(nulls, [false, true, false, false]);
    assert_eq!(lengths, [2, 0, 0, 1]);

    let items = participants.values().as_struct();
    assert_eq!(items.column_names(), ["person", "role", "names"]);
    let names = items.column_by_name("names").expect("the list").as_list::<i32>();
    assert!(names.is_null(1));
    assert_eq!(names.value(2).as_string::<i32>().value(0), "B");

    let title = events.column_by_name("title").expect("the group").as_struct();
    assert!(title.is_null(1), "no language, no title");
    assert_eq!(title.column_by_name("fr").expect("French").null_count(), 3);
    let date = events.column_by_name("date").expect("the group").as_struct();
    assert_eq!(
        date.column_names()[..3],
        ["edtf", "earliest", "latest"],
        "what is derived stands beside"
    );
}

#[test]
fn parquet_says_what_it_is() {
    let files = everything();
    let (metadata, events) = read_parquet(&files, "parquet/events.parquet");
    let created_by = metadata.file_metadata().created_by().expect("a writer");
    assert_eq!(created_by, concat!("demarche version ", env!("CARGO_PKG_VERSION")));
    let dataset = footer(&metadata, "demarche:dataset").expect("the dataset");
    assert_eq!(dataset["license"], "CC-BY-4.0");
    assert_eq!(dataset["iri"], format!("{BASE}1.2.0"));
    assert_eq!(
        dataset["citation"],
        "Ada Example; Visits Project (2026). Visits of State (version 1.2.0) [Data set]. \
         https://example.org/visits/1.2.0"
    );
    let columns = footer(&metadata, "demarche:columns").expect("the columns");
    assert_eq!(columns["latitude"]["unit"], "degree");
    let schema = events.schema();
    let latitude = schema.field_with_name("latitude").expect("the column").metadata();
    assert_eq!(latitude.get("unit").map(String::as_str), Some("degree"));

    let (metadata, _) = read_parquet(&files, "parquet/event_participants.parquet");
    let columns = footer(&metadata, "demarche:columns").expect("the columns");
    assert_eq!(columns["role"]["code_list"], "roles");
    assert_eq!(footer(&metadata, "geo"), None);
}

#[test]
fn field_ids_are_the_same_flat_and_nested() {
    let files = everything();
    let leaves = |path: &str| -> BTreeMap<String, i32> {
        let (metadata, _) = read_parquet(&files, path);
        let schema = metadata.file_metadata().schema_descr();
        schema
            .columns()
            .iter()
            .map(|leaf| (leaf.path().string(), leaf.self_type().get_basic_info()))
            .map(|(path, info)| (path, info.id()))
            .collect()
    };
    let nested = leaves("parquet/events_nested.parquet");
    assert_eq!(nested["date.latest"], leaves("parquet/events.parquet")["date_latest"]);
    assert_eq!(
        nested["participants.list.element.role"],
        leaves("parquet/event_participants.parquet")["role"]
    );
    assert_eq!(nested.values().collect::<BTreeSet<_>>().len(), nested.len(), "each once");
}

/// The encoded columns of a Parquet file by their paths, one for each row group, once it is sure that
/// the page index knows where their pages are.
fn chunks<'f>(files: &'f Files, path: &str) -> BTreeMap<String, Vec<&'f [u8]>> {
    let bytes = bytes::Bytes::copy_from_slice(&files[path]);
    let mut reader = ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Required);
    reader.try_parse(&bytes).expect("Parquet");
    let metadata = reader.finish().expect("metadata");
    let mut chunks: BTreeMap<String, Vec<&[u8]>> = BTreeMap::new();
    for (index, row_group) in metadata.row_groups().iter().enumerate() {
        let index = metadata.page_index_for_row_group(index);
        for (leaf, column) in row_group.columns().iter().enumerate() {
            let pages = index.offset_index(leaf).expect("the page index");
            let (start, length) = column.byte_range();
            let mut at = column.data_page_offset();
            for page in pages.page_locations() {
                assert_eq!(page.offset, at, "{}", column.column_path());
                at += i64::from(page.compressed_page_size);
            }
            assert_eq!(at as u64, start + length, "{}", column.column_path());
            let bytes = &files[path][start as usize..(start + length) as usize];
            chunks.entry(column.column_path().string()).or_default().push(bytes);
        }
    }
    chunks
}

#[test]
fn columns_of_the_record_itself_are_the_same_bytes_flat_and_nested() {
    let files = everything();
    let flat = chunks(&files, "parquet/events.parquet");
    let nested = chunks(&files, "parquet/events_nested.parquet");
    let common: Vec<_> = flat.keys().filter(|name| nested.contains_key(*name)).collect();
    assert_eq!(
        common,
        ["began", "day", "id", "official", "part_of", "people", "rank", "url", "wikidata"]
    );
    for name in common {
        assert!(flat[name] == nested[name], "{name}");
    }
}

#[test]
fn points_are_geoparquet() {
    let (metadata, events) = read_parquet(&everything(), "parquet/events.parquet");
    let geo = footer(&metadata, "geo").expect("the key");
    assert_eq!(geo["primary_column"], "geometry");
    assert_eq!(geo["columns"]["geometry"]["geometry_types"], serde_json::json!(["Point"]));
    assert_eq!(geo["columns"]["geometry"]["bbox"], serde_json::json!([1e-7, -90.0, 2.0, 13.5137]));
    let points = events.column_by_name("geometry").expect("the column").as_binary::<i32>();
    let nulls: Vec<_> = (0..4).map(|row| points.is_null(row)).collect();
    assert_eq!(nulls, [false, true, false, true], "none without both degrees");
    let mut point = vec![1, 1, 0, 0, 0];
    point.extend(2.0_f64.to_le_bytes());
    point.extend(13.5137_f64.to_le_bytes());
    assert_eq!(points.value(0), point);
}

fn quads(files: &Files, path: &str, parser: JsonLdParser) -> Vec<Quad> {
    parser.for_slice(&files[path]).map(|quad| quad.expect("JSON-LD")).collect()
}

#[test]
fn jsonld_says_what_the_records_say() {
    let files = everything();
    let quads = quads(&files, "jsonld/visits.jsonld", JsonLdParser::new());
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for quad in &quads {
        if quad.graph_name != GraphName::DefaultGraph {
            *counts.entry(quad.predicate.as_str()).or_default() += 1;
        }
    }
    let count = |term: &str| counts.get(format!("{BASE}terms/{term}").as_str()).copied();
    let sem = "http://semanticweb.cs.vu.nl/2009/11/sem/";
    assert_eq!(count("id"), Some(6));
    assert_eq!(counts["https://schema.org/name"], 6, "four titles, two persons");
    assert_eq!(count("date"), Some(4));
    assert_eq!(counts["http://purl.org/dc/terms/date"], 4);
    assert_eq!(counts[format!("{sem}hasEarliestBeginTimeStamp").as_str()], 4);
    assert_eq!(counts[format!("{sem}hasLatestEndTimeStamp").as_str()], 3);
    assert_eq!(count("participants"), Some(3));
    assert_eq!(count("person"), Some(2));
    assert_eq!(count("role"), Some(3));
    assert_eq!(count("names"), Some(2), "two lists");
    assert_eq!(counts["http://www.w3.org/1999/02/22-rdf-syntax-ns#first"], 4, "of four names");
    assert_eq!(count("topics"), Some(2));
    assert_eq!(count("point"), Some(3));
    assert_eq!(count("part_of"), Some(2));
    assert_eq!(count("n_participants"), None);
    assert_eq!(count("edtf_precision"), None);
}

#[test]
fn jsonld_values_have_their_types() {
    let files = everything();
    let quads = quads(&files, "jsonld/visits.jsonld", JsonLdParser::new());
    let objects = |subject: &str, term: &str| -> Vec<String> {
        let subject = format!("<{BASE}events/{subject}>");
        let predicate = format!("{BASE}terms/{term}");
        quads
            .iter()
            .filter(|quad| {
                quad.subject.to_string() == subject && quad.predicate.as_str() == predicate
            })
            .map(|quad| quad.object.to_string())
            .collect()
    };
    let xsd = "http://www.w3.org/2001/XMLSchema#";
    assert_eq!(objects("ev-1#point", "longitude"), [format!("\"2.0E0\"^^<{xsd}double>")]);
    assert_eq!(objects("ev-3#point", "longitude"), [format!("\"1.0E-7\"^^<{xsd}double>")]);
    assert_eq!(objects("ev-1", "people"), [format!("\"{}\"^^<{xsd}integer>", i64::MAX)]);
    assert_eq!(objects("ev-1", "rank"), [format!("\"-128\"^^<{xsd}integer>")]);
    assert_eq!(objects("ev-1", "official"), [format!("\"true\"^^<{xsd}boolean>")]);
    assert_eq!(
        objects("ev-3", "began"),
        [format!("\"2023-12-03T12:00:00.500Z\"^^<{xsd}dateTime>")]
    );
    assert_eq!(objects("ev-3", "url"), [format!("\"https://example.org/é\"^^<{xsd}anyURI>")]);
    let edtf = "\"2023-12/..\"^^<http://id.loc.gov/datatypes/edtf/EDTF>";
    assert!(quads.iter().any(|quad| quad.object.to_string() == edtf));
    assert_eq!(objects("ev-1", "wikidata"), ["<http://www.wikidata.org/entity/Q123>"]);
    assert_eq!(objects("ev-3", "wikidata"), ["<http://www.wikidata.org/entity/a%20b/c>"]);
    assert_eq!(objects("ev-1", "part_of"), [format!("<{BASE}events/ev-3>")]);
    let participant = "ev-4%2F%C3%A9#participants/0";
    assert_eq!(objects(participant, "person"), [format!("<{BASE}persons/p%2F2>")]);
    assert_eq!(objects(participant, "role"), [format!("<{BASE}codelist/roles/010>")]);
    assert_eq!(
        objects("ev-1#participants/0", "role"),
        [format!("<{BASE}codelist/roles/title>")],
        "a code with the name of a key is still a code"
    );
    assert_eq!(objects("ev-1#participants/1", "role"), [format!("<{BASE}codelist/roles/a%20b>")]);
    assert_eq!(objects("ev-1#date", "basis"), ["\"occurred\""], "an enum is no code list");
}

#[test]
fn jsonld_is_one_named_graph_of_named_nodes() {
    let files = everything();
    let all = quads(&files, "jsonld/visits.jsonld", JsonLdParser::new());
    let release = format!("<{BASE}1.2.0>");
    for quad in &all {
        let graph = quad.graph_name.to_string();
        assert!(graph == "DEFAULT" || graph == release, "{quad}");
        let is_list = quad.predicate.as_str().starts_with("http://www.w3.org/1999/02/22-rdf-synt");
        assert!(is_list || quad.subject.is_named_node(), "{quad}");
        let is_blank = matches!(quad.object, Term::BlankNode(_));
        let has_list = ["terms/names", "creator", "#rest"];
        let may_be_blank = has_list.iter().any(|end| quad.predicate.as_str().ends_with(end));
        assert!(!is_blank || may_be_blank, "{quad}");
    }
    // A streaming parser drops what its context doesn't name, so it must find as much.
    let streaming = JsonLdParser::new().with_profile(JsonLdProfile::Streaming);
    assert_eq!(quads(&files, "jsonld/visits.jsonld", streaming).len(), all.len());
}

#[test]
fn jsonld_is_read_in_a_stream_and_line_by_line() {
    let files = everything();
    let path = "jsonld/visits.jsonld";
    // Lists have nodes without names, which each reader numbers as it likes.
    let said = |quads: &[Quad]| -> Vec<String> {
        let mut said: Vec<_> = quads.iter().map(Quad::to_string).collect();
        said.retain(|quad| !quad.contains("_:"));
        said.sort();
        said
    };
    let whole = quads(&files, path, JsonLdParser::new());
    let streaming = JsonLdParser::new().with_profile(JsonLdProfile::Streaming);
    let streamed = quads(&files, path, streaming);
    assert_eq!(streamed.len(), whole.len());
    assert_eq!(said(&streamed), said(&whole));

    // A record is a line, and with the context before it a document.
    let context = text(&files, "jsonld/context.jsonld").trim_end();
    let context = context.strip_suffix("\n}").expect("the context ends with a brace");
    let (_, records) = text(&files, path).split_once("\"@graph\": [\n").expect("a graph");
    let in_graph: Vec<_> =
        whole.into_iter().filter(|quad| quad.graph_name != GraphName::DefaultGraph).collect();
    let graph = &in_graph[0].graph_name;
    let mut lines = Vec::new();
    for line in records.lines().take_while(|line| line.starts_with('{')) {
        let record = line.strip_suffix(',').unwrap_or(line);
        let document = format!("{context},\n\"@graph\": [{record}]\n}}");
        for quad in JsonLdParser::new().for_slice(document.as_bytes()) {
            lines.push(Quad { graph_name: graph.clone(), ..quad.expect("JSON-LD") });
        }
    }
    assert_eq!(lines.len(), in_graph.len());
    assert_eq!(said(&lines), said(&in_graph));
}

#[test]
fn jsonld_keeps_missing_and_empty_apart_and_its_keys_in_order() {
    let files = everything();
    let document = json(&files, "jsonld/visits.jsonld");
    let records = document["@graph"].as_array().expect("records");
    assert_eq!(records.len(), 6);
    assert_eq!(records[1].get("participants"), None);
    assert_eq!(records[2]["participants"], serde_json::json!([]));
    assert_eq!(records[2]["topics"], serde_json::json!([]));
    assert_eq!(records[1].get("point"), None);

    let page = text(&files, "jsonld/visits.jsonld");
    let keys: Vec<_> = page
        .lines()
        .filter_map(|line| line.strip_prefix('"')?.split_once('"'))
        .map(|(key, _)| key)
        .collect();
    assert_eq!(keys[..3], ["@context", "@type", "@id"]);
    assert_eq!(keys.last(), Some(&"@graph"));
    let person =
        "{\"@type\":\"schema:Person\",\"@id\":\"https://example.org/visits/persons/p%2F2\",";
    assert!(page.lines().any(|line| line.starts_with(person)));
    assert_eq!(json(&files, "jsonld/context.jsonld")["@context"], document["@context"]);
    assert_eq!(document["@context"].get("@vocab"), None);
    assert_eq!(document["@context"].get("@base"), None);
}

fn resource<'p>(package: &'p Value, name: &str) -> &'p Value {
    package["resources"]
        .as_array()
        .expect("resources")
        .iter()
        .find(|resource| resource["name"] == name)
        .expect("the resource")
}

#[test]
fn the_data_package_has_types_codes_and_keys() {
    let files = everything();
    let package = json(&files, "datapackage.json");
    assert_eq!(package["created"], "2026-01-31T00:00:00Z");
    let events = &resource(&package, "events")["schema"];
    assert_eq!(events["primaryKey"], serde_json::json!(["id"]));
    assert_eq!(
        events["foreignKeys"],
        serde_json::json!([{ "fields": ["part_of"], "reference": { "fields": ["id"] } }]),
        "a reference to the table itself names no resource"
    );
    let names = &resource(&package, "event_participant_names")["schema"];
    assert_eq!(
        names["foreignKeys"],
        serde_json::json!([{
            "fields": ["id", "participants_position"],
            "reference": { "resource": "event_participants", "fields": ["id", "position"] },
        }])
    );
    let participants = &resource(&package, "event_participants")["schema"];
    assert_eq!(
        participants["foreignKeys"][1],
        serde_json::json!({
            "fields": ["person"],
            "reference": { "resource": "persons", "fields": ["id"] },
        })
    );
    assert_eq!(
        participants["fields"][3]["constraints"],
        serde_json::json!({
            "required": true,
            "enum": ["host", "guest", "title", "a b", "010"],
        })
    );
    let nested = resource(&package, "parquet.events_nested.parquet");
    assert_eq!(nested["bytes"], files["parquet/events_nested.parquet"].len());
    assert_eq!(resource(&package, "codelist.roles")["path"], "schema/codelists/roles.csv");
}

#[test]
fn the_codebook_counts_and_defines() {
    let files = everything();
    let codebook = text(&files, "codebook.md");
    for line in [
        "Rows: 4. Key: `id`.",
        "| `latitude` | number |  | 1 (25.0 %) | **The latitude.** What latitude says, with a \
         \\| in it. Unit: degree. |",
        "| `part_of` | text | key of [events](#events) | 2 (50.0 %) | **The part_of.** What \
         part_of says, with a \\| in it. |",
        "Rows: 4. Key: `id`, `participants_position`, `position`.",
        "| code | label | definition | example |",
        "| `guest` | The guest | Whoever is called guest, \\| or not. | As in guest\\|1. |",
    ] {
        assert!(codebook.lines().any(|other| other == line), "{line}\n{codebook}");
    }
}
