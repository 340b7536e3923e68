//! Whatever bytes a project consists of: no panic, and every finding can be shown.
//!
//! A small mutational fuzzer. Its seeds are the projects of the corpus; it damages one file of one
//! of them, and compiles the project in memory. Every place of every finding must lie within its
//! file and on character boundaries, and every format must be able to write the report. It is
//! seeded, so that a failure comes again; `DEMARCHE_FUZZ_SECONDS` lets it run longer, with
//! `DEMARCHE_FUZZ_SEED` on another path.

#![expect(
    clippy::disallowed_methods,
    reason = "tests touch the disk, the clock and the environment"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use demarche::diagnostic::{Counted, Label, code};
use demarche::dialect::Syntax;
use demarche::input::tabular;
use demarche::parse::{csv, json, toml, yaml};
use demarche::report::locate::Locator;
use demarche::report::{FORMATS, Out, Report, View};
use demarche::rules::all_codes;
use demarche::spill::MemoryBudget;
use demarche::tape::{Names, Tape, Value};
use demarche::workspace::{Format, Memory, Source, SourceId, Workspace};
use demarche::{Diagnostic, Options, Place, Progress, compile, open};

use crate::support::random::Random;
use crate::support::{Files, cases, read_directory, repository, write_directory};

/// Damaged projects.
fn iterations() -> usize {
    cases(150, 600)
}

/// Texts that each parser sees.
fn parsed() -> usize {
    cases(3_000, 40_000)
}

/// Projects with findings anywhere.
fn located() -> usize {
    cases(300, 3_000)
}

/// Nothing in the corpus takes long; what a mutation makes of it shouldn't, either.
const SLOW: Duration = Duration::from_secs(20);

/// What parsers stumble over.
const TOKENS: [&str; 48] = [
    "\"",
    "'",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    ": ",
    "- ",
    "\n",
    "\r\n",
    "\r",
    "\t",
    " ",
    "---\n",
    "...\n",
    "#",
    "&a ",
    "*a",
    "!!binary ",
    "|\n",
    ">-\n",
    "%YAML 1.1\n",
    "<<: ",
    "? ",
    "\u{feff}",
    "\0",
    "é",
    "e\u{301}",
    "👩‍🚀",
    "\u{2028}",
    "\u{202e}نيامي",
    "\\u0000",
    "\\ud83d",
    "\\",
    "1e400",
    "-0",
    ".nan",
    "0x1F",
    "12345678901234567890123",
    "9999-12-31",
    "2023-02-30",
    "~",
    "null",
    "true",
    "/",
    "$ref",
];

#[test]
fn nothing_panics_and_every_finding_has_a_place() {
    let seeds = seeds();
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seconds = number("DEMARCHE_FUZZ_SECONDS");
    let start = Instant::now();
    let mut random = Random::new(number("DEMARCHE_FUZZ_SEED").unwrap_or(1));
    let mut done = 0;
    loop {
        let goes_on = match seconds {
            Some(seconds) => start.elapsed() < Duration::from_secs(seconds),
            None => done < iterations(),
        };
        if !goes_on {
            break;
        }
        done += 1;
        let mut files = random.pick(&seeds).clone();
        let paths: Vec<_> = files.keys().cloned().collect();
        let path = random.pick(&paths).clone();
        let other = random.pick(&seeds);
        let donor = other.values().nth(random.below(other.len())).expect("a project has files");
        let bytes = files.get_mut(&path).expect("the path is one of them");
        for _ in 0..=random.below(4) {
            mutate(bytes, donor, &mut random);
        }
        let began = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| check(&files)));
        let took = began.elapsed();
        let problem = match outcome {
            Err(_) => Some("a panic".to_owned()),
            Ok(Err(problem)) => Some(problem),
            Ok(Ok(())) if took > SLOW => Some(format!("{took:?} are too long")),
            Ok(Ok(())) => None,
        };
        if let Some(problem) = problem {
            let kept = tempfile::tempdir().expect("a temporary directory").keep();
            write_directory(&kept, &files);
            panic!(
                "iteration {done}, {path} damaged: {problem}; the project is in {}",
                kept.display()
            );
        }
    }
    println!("{done} damaged projects in {:?}", start.elapsed());
}

/// The parsers alone are much faster than whole projects, so they see many more texts.
#[test]
fn parsers_take_any_text() {
    type Parser = fn(&mut Tape, SourceId, &mut Vec<Diagnostic>);
    let parsers: [(&str, Parser); 4] = [
        ("yaml", yaml::parse),
        ("json", json::parse),
        ("jsonl", json::parse_lines),
        ("toml", toml::parse),
    ];
    let mut random = Random::new(1);
    let files: Vec<(String, Vec<u8>)> = seeds().into_iter().flatten().collect();
    for (ending, parse) in parsers {
        let ending = format!(".{ending}");
        let texts: Vec<_> = files.iter().filter(|(path, _)| path.ends_with(&ending)).collect();
        for iteration in 0..parsed() {
            let mut bytes = random.pick(&texts).1.clone();
            let donor = &random.pick(&files).1;
            for _ in 0..=random.below(4) {
                mutate(&mut bytes, donor, &mut random);
            }
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let outcome = catch_unwind(|| {
                let (mut tape, mut diagnostics) = (Tape::default(), Vec::new());
                tape.reset(SourceId(0), 0, text.clone());
                parse(&mut tape, SourceId(0), &mut diagnostics);
                let found = diagnostics.iter().map(|found| found.primary.place.span.clone());
                let values = tape.roots().flat_map(spans);
                found
                    .chain(values)
                    .find(|span| text.get(span.start as usize..span.end as usize).is_none())
            });
            assert!(
                matches!(outcome, Ok(None)),
                "{ending}, iteration {iteration}: {outcome:?} with {text:?}"
            );
        }
    }
}

/// A tape that has read other records guesses which keys follow. What it makes of a text is what a new one
/// makes of it.
#[test]
fn json_means_the_same_whatever_was_read_before() {
    let mut random = Random::new(7);
    let files: Vec<(String, Vec<u8>)> = seeds().into_iter().flatten().collect();
    let is_json = |path: &str| path.ends_with(".json") || path.ends_with(".jsonl");
    let texts: Vec<_> = files.iter().filter(|(path, _)| is_json(path)).collect();
    let read = |tape: &mut Tape, bytes: &[u8]| {
        let mut diagnostics = Vec::new();
        tape.reset(SourceId(0), 0, String::from_utf8_lossy(bytes).into_owned());
        json::parse_lines(tape, SourceId(0), &mut diagnostics);
        let values: Vec<_> =
            tape.roots().map(|value| (value.to_json(), described(value))).collect();
        let found: Vec<_> = diagnostics.into_iter().map(|found| found.message).collect();
        (values, found)
    };
    let mut keys = BTreeSet::new();
    for (_, bytes) in &texts {
        let (values, _) = read(&mut Tape::default(), bytes);
        keys.extend(values.into_iter().flat_map(|(_, parts)| parts).filter_map(|part| part.2));
    }
    let names = Arc::new(Names::new(keys.iter().map(String::as_str)));
    let mut reused = Tape::with_names(Arc::clone(&names));
    let mut sound = 0;
    for iteration in 0..parsed() {
        let mut bytes = random.pick(&texts).1.clone();
        for _ in 0..random.below(3) {
            let donor = &random.pick(&files).1;
            mutate(&mut bytes, donor, &mut random);
        }
        let expected = read(&mut Tape::with_names(Arc::clone(&names)), &bytes);
        sound += usize::from(expected.1.is_empty() && !expected.0.is_empty());
        let text = String::from_utf8_lossy(&bytes);
        assert_eq!(read(&mut reused, &bytes), expected, "iteration {iteration}: {text}");
    }
    assert!(sound > parsed() / 20, "only {sound} texts were sound");
}

/// Where a value and all that it holds stand; of keys also the name and its number.
fn described(value: Value<'_>) -> Vec<(Range<u64>, Option<u32>, Option<String>)> {
    let mut parts = vec![(value.span(), None, None)];
    parts.extend(value.items().flat_map(described));
    for entry in value.entries() {
        parts.push((entry.key.span(), Some(entry.number()), Some(entry.name().to_owned())));
        parts.extend(described(entry.value));
    }
    parts
}

/// Rows of a table and of its lists, with a header that may be damaged, too.
#[test]
fn the_csv_parser_takes_any_text() {
    let base = read_directory(&repository().join("tests/corpus/base"));
    let opened = open(Box::new(Memory(base))).expect("memory can be read");
    let project = opened.project.expect("the base project is sound");
    let table = project.model.table("meetings").expect("the base project has meetings");
    let list = tabular::child_table(table, "meeting_participants").expect("meetings have a list");
    let (own, other) = (SourceId(0), SourceId(1));
    let mut random = Random::new(3);
    let files: Vec<_> = seeds()
        .into_iter()
        .flatten()
        .filter(|(path, _)| path.starts_with("data/meeting"))
        .collect();
    let of = |list: bool| {
        let is_list = |path: &str| path.contains("participants");
        let files = files.iter().filter(|(path, _)| path.ends_with(".csv"));
        let files = files.filter(move |(path, _)| is_list(path) == list);
        files.map(|(_, bytes)| bytes).collect::<Vec<_>>()
    };
    let (tables, lists) = (of(false), of(true));
    let mut read = 0;
    for iteration in 0..parsed() {
        let mut damaged = |files: &[&Vec<u8>]| {
            let mut bytes = random.pick(files).to_vec();
            for _ in 0..random.below(4) {
                let donor = random.pick(&tables).to_vec();
                mutate(&mut bytes, &donor, &mut random);
            }
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let texts = [damaged(&tables), damaged(&lists)];
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let mut diagnostics = Vec::new();
            let plain = Source::read_as("x.csv", Format::Csv);
            let text = texts[1].clone();
            let file = plain.clone();
            let file = tabular::ChildFile { table: list, source: other, base: 0, text, file };
            let rows = tabular::ChildRows::new(table, vec![file], &mut diagnostics);
            let header =
                csv::header_len(texts[0].as_bytes(), Syntax::PLAIN).unwrap_or(texts[0].len());
            let (header_text, at) = (&texts[0][..header], (own, 0));
            let layout = tabular::Layout::new(table, 0, header_text, at, &plain, &mut diagnostics);
            let mut tape = Tape::default();
            if let Some(layout) = layout {
                tape.reset(own, header as u64, texts[0][header..].to_owned());
                tabular::parse(&mut tape, &layout, &rows, &mut diagnostics);
            }
            read += tape.roots().len();
            rows.orphans(table, &mut diagnostics);
            let labels = diagnostics.iter().flat_map(|found| {
                std::iter::once(&found.primary.place)
                    .chain(found.explaining().map(|label| &label.place))
            });
            let places = labels.map(|place| (place.source, place.span.clone()));
            let values = tape.roots().flat_map(places_of);
            places.chain(values).find(|(source, span)| {
                let text = &texts[source.0 as usize];
                text.get(span.start as usize..span.end as usize).is_none()
            })
        }));
        assert!(matches!(outcome, Ok(None)), "iteration {iteration}: {outcome:?} with {texts:?}");
    }
    assert!(read > parsed() / 2, "only {read} rows were read");
}

/// The places of a value and of all that it holds.
fn places_of(value: Value<'_>) -> Vec<(SourceId, Range<u64>)> {
    let mut places = vec![(value.source(), value.span())];
    places.extend(value.items().flat_map(places_of));
    for entry in value.entries() {
        places.push((entry.key.source(), entry.key.span()));
        places.extend(places_of(entry.value));
    }
    places
}

/// Many findings at any places of any files: each is located as counting from the file's beginning
/// would, and every format can show them.
#[test]
fn findings_anywhere_are_located_and_shown() {
    let files: Vec<(String, Vec<u8>)> = seeds().into_iter().flatten().collect();
    let mut random = Random::new(5);
    for iteration in 0..located() {
        let mut project = Files::new();
        for _ in 0..=random.below(3) {
            let (path, bytes) = random.pick(&files);
            let mut bytes = bytes.clone();
            for _ in 0..random.below(6) {
                let donor = &random.pick(&files).1;
                mutate(&mut bytes, donor, &mut random);
            }
            if !path.ends_with("gz") && !path.ends_with("zst") {
                project.insert(path.clone(), bytes);
            }
        }
        let mut workspace = Workspace::new(Box::new(Memory(project.clone())));
        let sources: Vec<_> = project
            .iter()
            .filter_map(|(path, bytes)| Some((workspace.add(Source::from_path(path)?), bytes)))
            .collect();
        if sources.is_empty() {
            continue;
        }
        let mut place = || {
            let (source, bytes) = *random.pick(&sources);
            let start = random.below(bytes.len() + 1);
            let longest = if random.below(4) == 0 { bytes.len() - start } else { 20 };
            let end = (start + random.below(longest + 1)).min(bytes.len());
            Place::new(source, start as u64..end as u64)
        };
        let mut diagnostics: Vec<_> = (0..8)
            .map(|number| {
                let mut finding =
                    Diagnostic::new(&code::FORBIDDEN, place(), format!("no. {number}"));
                for _ in 0..number % 3 {
                    finding = finding.with(place(), "with this");
                }
                if number % 4 == 0 {
                    finding.demanded =
                        Some(Arc::new(Label { place: place(), text: "so".to_owned() }));
                }
                finding
            })
            .collect();
        demarche::diagnostic::sort(&mut diagnostics);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let places: Vec<_> = diagnostics
                .iter()
                .flat_map(|found| {
                    std::iter::once(&found.primary.place)
                        .chain(found.explaining().map(|label| &label.place))
                })
                .collect();
            let located = Locator::new(&workspace).locate(&places).expect("memory can be read");
            for (place, located) in places.iter().zip(located) {
                let bytes = sources.iter().find(|(source, _)| *source == place.source);
                let bytes = bytes.expect("places are in the project's files").1;
                for (offset, position) in
                    [(place.span.start, located.start), (place.span.end, located.end)]
                {
                    let expected = counted(bytes, offset as usize);
                    if (position.line, position.column) != expected {
                        return Err(format!("{place:?}: {position:?}, but it is {expected:?}"));
                    }
                }
            }
            written(&workspace, &diagnostics)
        }));
        assert!(
            matches!(outcome, Ok(Ok(()))),
            "iteration {iteration}: {outcome:?} with {project:?}"
        );
    }
}

/// The line and column of an offset, counted from the beginning.
fn counted(bytes: &[u8], offset: usize) -> (u64, u64) {
    let mark = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let before = &bytes[mark..offset.max(mark)];
    let line = before.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let begins = |byte: &&u8| **byte & 0xc0 != 0x80;
    (line, before[start..].iter().filter(begins).count() as u64 + 1)
}

/// The bytes of a value and of all that it holds.
fn spans(value: Value<'_>) -> Vec<Range<u64>> {
    let mut spans = vec![value.span()];
    spans.extend(value.items().flat_map(self::spans));
    for entry in value.entries() {
        spans.push(entry.key.span());
        spans.extend(self::spans(entry.value));
    }
    spans
}

/// The projects of the corpus, small files only.
fn seeds() -> Vec<Files> {
    const BYTES_MAX: usize = 1 << 15;
    let mut bases: BTreeMap<String, Files> = BTreeMap::new();
    let mut cases: BTreeMap<String, Files> = BTreeMap::new();
    for (path, bytes) in read_directory(&repository().join("tests/corpus")) {
        let Some((group, rest)) = path.split_once('/') else { continue };
        if group.starts_with("base") {
            bases.entry(group.to_owned()).or_default().insert(rest.to_owned(), bytes);
        } else if let Some((case, file)) = rest.split_once('/') {
            cases.entry(format!("{group}/{case}")).or_default().insert(file.to_owned(), bytes);
        }
    }
    let complete = |own: Files| {
        let roles = own.keys().any(|path| {
            ["data/events", "data/places", "data/dyads"].iter().any(|name| path.starts_with(name))
        });
        let mut files = bases[if roles { "base-roles" } else { "base" }].clone();
        files.extend(own);
        files
    };
    let small = |files: &Files| files.values().all(|bytes| bytes.len() < BYTES_MAX);
    cases.into_values().filter(small).map(complete).collect()
}

fn mutate(bytes: &mut Vec<u8>, donor: &[u8], random: &mut Random) {
    let at = random.below(bytes.len() + 1);
    let length = random.below(16).min(bytes.len() - at);
    match random.below(8) {
        0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
        1 => drop(bytes.drain(at..at + length)),
        2 => {
            let again = bytes[at..at + length].to_vec();
            bytes.splice(at..at, again);
        }
        3 if !donor.is_empty() => {
            let from = random.below(donor.len());
            let to = (from + random.below(64)).min(donor.len());
            bytes.splice(at..at, donor[from..to].iter().copied());
        }
        4 => bytes.truncate(at),
        // A line again, somewhere else.
        5 => {
            let lines: Vec<Vec<u8>> =
                bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
            if !lines.is_empty() {
                bytes.splice(at..at, random.pick(&lines).clone());
            }
        }
        _ => {
            let token = random.pick(&TOKENS).bytes();
            bytes.splice(at..at, token);
        }
    }
}

/// Compiles a project; says what is wrong with its findings.
fn check(files: &Files) -> Result<(), String> {
    let opened = open(Box::new(Memory(files.clone()))).expect("memory can be read");
    examine(&opened.workspace, &opened.diagnostics)?;
    let Some(project) = &opened.project else { return Ok(()) };
    let options =
        Options { jobs: NonZeroUsize::MIN, lower: true, budget: MemoryBudget::in_memory() };
    let compiled = compile(&opened.workspace, project, &options, &Progress::default())
        .expect("memory can be read");
    examine(&opened.workspace, &compiled.diagnostics)
}

fn examine(workspace: &Workspace, diagnostics: &[Diagnostic]) -> Result<(), String> {
    for diagnostic in diagnostics {
        let related = diagnostic.explaining().map(|label| &label.place);
        let edits = diagnostic.fix.iter().flat_map(|fix| &fix.edits).map(|edit| &edit.place);
        for place in std::iter::once(&diagnostic.primary.place).chain(related).chain(edits) {
            within(workspace, place).map_err(|problem| {
                let code = diagnostic.code.id;
                format!("{code} `{}`, {place:?}: {problem}", diagnostic.message)
            })?;
        }
        if diagnostic.message.contains('\n') {
            return Err(format!("a message of several lines: {:?}", diagnostic.message));
        }
    }
    written(workspace, diagnostics)
}

/// Writes findings in every format; says what is wrong with that.
fn written(workspace: &Workspace, diagnostics: &[Diagnostic]) -> Result<(), String> {
    let codes = all_codes();
    for format in FORMATS {
        let mut bytes = Vec::new();
        let report = Report {
            workspace,
            omitted: &Counted::default(),
            elsewhere: &Counted::default(),
            diagnostics,
            codes: &codes,
            records: &[],
            constraints: &[],
            release: None,
            lines: &[],
            edits: None,
            directory: "",
            view: View::default(),
        };
        (format.write)(&report, &mut Out::new("memory", &mut bytes)).expect("memory takes all");
        if std::str::from_utf8(&bytes).is_err() {
            return Err(format!("a report in {} isn't UTF-8", format.name));
        }
    }
    Ok(())
}

fn within(workspace: &Workspace, place: &Place) -> Result<(), String> {
    let mut bytes = Vec::new();
    // What can't be unpacked has no bytes to compare with.
    if workspace.read_into(place.source, &mut bytes).is_err() {
        return Ok(());
    }
    let (start, end) = (place.span.start as usize, place.span.end as usize);
    if start > end || end > bytes.len() {
        return Err(format!("outside of the file's {} bytes", bytes.len()));
    }
    if let Ok(text) = std::str::from_utf8(&bytes)
        && !(text.is_char_boundary(start) && text.is_char_boundary(end))
    {
        return Err("inside of a character".to_owned());
    }
    Ok(())
}
