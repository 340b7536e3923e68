//! The pages about rules and the gallery of mistakes are made from the registry and the corpus.
//!
//! `docs/rules/<ID>-<name>.md` shows for each code the smallest corpus case that fires and a near
//! miss; `docs/rules/README.md` lists them; `docs/gallery.md` shows common mistakes.
//! `UPDATE_EXPECTED=1 cargo test --test it docs::` writes them anew.

#![expect(clippy::disallowed_methods, reason = "tests touch the disk")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use demarche::diagnostic::Code;
use demarche::diagnostic::code::GROUPS;
use demarche::rules::all_codes;

use crate::support::{Files, read_directory, repository};

/// Longer files are shown from around the finding.
const EXCERPT_LINES: usize = 16;
/// Longer lines are cut.
const LINE_CHARS: usize = 120;

const GENERATED: &str = "<!-- Generated from the registry of rules and from tests/corpus by \
                         `UPDATE_EXPECTED=1 cargo test --test it docs::`. Don't edit. -->\n";

/// The mistakes that people make most, as corpus cases, with what to call them.
const GALLERY: [(&str, &str); 20] = [
    ("p001-invalid-syntax/yaml-colon-in-text", "A colon in a YAML text without quotes"),
    ("p001-invalid-syntax/yaml-tab", "A tab in YAML"),
    ("p001-invalid-syntax/json-trailing-comma", "A comma after the last item in JSON"),
    ("p009-yaml-1-1-value/words", "`no` in YAML"),
    ("p002-invalid-utf8/csv", "A CSV file that a spreadsheet saved in another character set"),
    ("p023-wrong-separator/meetings", "A CSV file with semicolons"),
    ("p013-ragged-row/more", "A comma in a CSV cell without quotes"),
    ("p003-duplicate-key/yaml", "A key that stands twice"),
    ("s001-wrong-type/year-as-number", "A year without quotes"),
    ("s001-wrong-type/comma-for-decimal-point", "A comma for the decimal point"),
    ("s002-not-in-enum/misspelt", "A value that is misspelt"),
    ("s003-unknown-code/misspelt", "A code in capitals"),
    ("s004-missing-property/one", "A property that is missing"),
    ("s005-unknown-property/misspelt", "A property that is misspelt"),
    ("d001-invalid-edtf/words", "A date in words"),
    ("k001-duplicate-id/two-formats", "One key for two records"),
    ("r001-dangling-reference/misspelt", "A reference to nobody"),
    ("t001-stray-whitespace/fires", "A space at the end of a text"),
    ("t003-mojibake/fires", "Text that went through the wrong character set"),
    ("l002-outside-state/fires-swapped", "Latitude and longitude swapped"),
];

/// A corpus case.
struct Case {
    /// `s001-wrong-type/number-for-text`
    name: String,
    /// Its own files, without what it expects.
    files: Files,
    /// What `demarche check` shows.
    expected: String,
}

#[test]
fn pages_are_fresh() {
    let cases = cases();
    let mut pages = BTreeMap::new();
    for code in all_codes() {
        pages.insert(format!("docs/rules/{}", file_of(code)), page(code, &cases));
    }
    pages.insert("docs/rules/README.md".to_owned(), index());
    pages.insert("docs/gallery.md".to_owned(), gallery(&cases));
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        let _ = fs::remove_dir_all(repository().join("docs/rules"));
        fs::create_dir_all(repository().join("docs/rules")).expect("docs can be written");
        for (path, page) in &pages {
            fs::write(repository().join(path), page).expect("docs can be written");
        }
    }
    let here = read_directory(&repository().join("docs/rules"));
    let known: Vec<_> = pages.keys().filter_map(|path| path.strip_prefix("docs/rules/")).collect();
    assert_eq!(here.keys().collect::<Vec<_>>(), known, "docs/rules has a page for every code");
    for (path, page) in &pages {
        let written = fs::read_to_string(repository().join(path)).unwrap_or_default();
        let stale = "is stale: run `UPDATE_EXPECTED=1 cargo test --test it docs::`";
        assert!(written == *page, "{path} {stale}");
    }
}

#[test]
fn codes_are_one_list() {
    let codes = all_codes();
    assert!(codes.windows(2).all(|pair| pair[0].id < pair[1].id), "sorted by id, each once");
    let mut names: Vec<_> = codes.iter().map(|code| code.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), codes.len(), "each name once");
    for code in codes {
        assert!(GROUPS.contains(code.group()), "{} has a group", code.id);
        let sentences = [code.summary, code.explanation];
        assert!(sentences.iter().all(|text| text.ends_with('.')), "{} is explained", code.id);
        assert!(!code.explanation.contains("  "), "{} has no gaps", code.id);
        let numbers: Vec<_> = code.since.split('.').map(str::parse::<u32>).collect();
        assert!(numbers.len() == 3 && numbers.iter().all(Result::is_ok), "{}: since", code.id);
    }
}

fn file_of(code: &Code) -> String {
    format!("{}-{}.md", code.id, code.name)
}

fn page(code: &Code, cases: &[Case]) -> String {
    let mut page = format!(
        "{GENERATED}\n# {} {}\n\n{}\n\nGroup: {}. Severity: {}. Since {}.\n\n{}\n",
        code.id,
        code.name,
        code.summary,
        code.group().title,
        code.severity.name(),
        code.since,
        code.explanation
    );
    let group = format!("{}-{}/", code.id.to_lowercase(), code.name);
    let of = |silent: bool| {
        let mine = cases.iter().filter(|case| {
            case.name.starts_with(&group)
                && case.name[group.len()..].starts_with("silent") == silent
                // A page can show neither what isn't text nor megabytes.
                && case.files.values().all(|file| std::str::from_utf8(file).is_ok())
        });
        let size = |case: &&Case| case.files.values().map(Vec::len).sum::<usize>();
        mine.min_by_key(|case| (size(case), case.name.len())).or_else(|| {
            cases.iter().find(|case| {
                case.name.starts_with(&group)
                    && case.name[group.len()..].starts_with("silent") == silent
            })
        })
    };
    if let Some(case) = of(false) {
        let finding = finding(case, code.id);
        let _ = write!(page, "\n## Where it fires\n\n{}", input(case, &finding));
        let _ = write!(page, "```text\n{finding}```\n");
    }
    if let Some(case) = of(true) {
        let _ = write!(page, "\n## Where it doesn't\n\n{}\n", input(case, "").trim_end());
    }
    let _ = writeln!(
        page,
        "\nAll cases: [`{}`](../../tests/corpus/{0}). What a case lacks is in the base project there.",
        group.trim_end_matches('/')
    );
    page
}

fn index() -> String {
    let mut page = format!(
        "{GENERATED}\n# All codes\n\nWhat Demarche finds. `demarche explain CODE` says the same in the \
         terminal. A project sets the severity of a rule, or switches it off, in `[rules]` of its \
         manifest; what can't be built stays an error.\n"
    );
    let mut group = "";
    for code in all_codes() {
        if code.id[..1] != *group {
            group = &code.id[..1];
            let title = code.group().title;
            let _ =
                write!(page, "\n## {title}\n\n| code | name | severity | |\n|---|---|---|---|\n");
        }
        let _ = writeln!(
            page,
            "| [{}]({}) | {} | {} | {} |",
            code.id,
            file_of(code),
            code.name,
            code.severity.name(),
            code.summary.replace('|', "\\|")
        );
    }
    page
}

fn gallery(cases: &[Case]) -> String {
    let mut page = format!(
        "{GENERATED}\n# Twenty common mistakes\n\nEach as it is written, and what `demarche check` \
         says of it.\n"
    );
    for (number, (name, title)) in (1..).zip(GALLERY) {
        let case = cases.iter().find(|case| case.name == name);
        let case = case.unwrap_or_else(|| panic!("the gallery shows `{name}`, which is no case"));
        let id = name[..4].to_uppercase();
        let code = all_codes().into_iter().find(|code| code.id == id).expect("cases have codes");
        let finding = finding(case, &id);
        let _ = write!(page, "\n## {number}. {title}\n\n{}", input(case, &finding));
        let _ = write!(page, "```text\n{finding}```\n\nMore: [{id}](rules/{})\n", file_of(code));
    }
    page
}

/// The first finding of a code in what a case expects.
fn finding(case: &Case, id: &str) -> String {
    let mut lines = case.expected.lines().skip_while(|line| {
        !["error", "warning", "note"]
            .iter()
            .map(|severity| format!("{severity}[{id}"))
            .any(|start| line.strip_prefix(&start).is_some_and(|rest| rest.starts_with([']', '/'])))
    });
    let first = lines.next().unwrap_or_else(|| panic!("`{}` shows no {id}", case.name));
    let rest = lines.take_while(|line| !line.is_empty());
    std::iter::once(first).chain(rest).map(|line| visible(line) + "\n").collect()
}

/// The files of a case that matter to a finding, in excerpts.
fn input(case: &Case, finding: &str) -> String {
    let mut shown = String::new();
    let in_records = |path: &str| path.starts_with("data/");
    let named = |path: &str| finding.contains(&format!(" {path}:"));
    let any_records = case.files.keys().any(|path| in_records(path));
    for (path, bytes) in &case.files {
        if !named(path) && any_records && !in_records(path) {
            continue;
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            let _ = writeln!(shown, "`{path}`: {} bytes that aren't UTF-8\n", bytes.len());
            continue;
        };
        let language = path.rsplit('.').next().unwrap_or_default();
        let line = finding
            .split_once(&format!(" {path}:"))
            .and_then(|(_, rest)| rest.split(':').next()?.trim().parse::<usize>().ok())
            .unwrap_or(1);
        let lines: Vec<_> = text.lines().collect();
        let start = if lines.len() <= EXCERPT_LINES {
            0
        } else {
            line.saturating_sub(EXCERPT_LINES / 2).min(lines.len() - EXCERPT_LINES)
        };
        let end = (start + EXCERPT_LINES).min(lines.len());
        let part = if end - start < lines.len() {
            format!(", lines {} to {end} of {}", start + 1, lines.len())
        } else {
            String::new()
        };
        let _ = write!(shown, "`{path}`{part}:\n\n```{language}\n");
        for line in &lines[start..end] {
            let _ = writeln!(shown, "{}", visible(line));
        }
        shown.push_str("```\n\n");
    }
    shown
}

/// A line as a page can show it: what nobody sees as an escape, the rest of a long line left out.
fn visible(line: &str) -> String {
    let mut shown = String::new();
    for (index, character) in line.chars().enumerate() {
        if index == LINE_CHARS {
            shown.push('…');
            break;
        }
        match character {
            '\t' => shown.push('\t'),
            '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{a0}'
            | '\u{feff}' => {
                let _ = write!(shown, "{}", character.escape_unicode());
            }
            _ if character.is_control() => {
                let _ = write!(shown, "{}", character.escape_unicode());
            }
            _ => shown.push(character),
        }
    }
    shown
}

fn cases() -> Vec<Case> {
    let mut cases: BTreeMap<String, Case> = BTreeMap::new();
    for (path, bytes) in read_directory(&repository().join("tests/corpus")) {
        let mut parts = path.splitn(3, '/');
        let (Some(group), Some(name), Some(file)) = (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        if group.starts_with("base") {
            continue;
        }
        let name = format!("{group}/{name}");
        let new = || Case { name: name.clone(), files: Files::new(), expected: String::new() };
        let case = cases.entry(name.clone()).or_insert_with(new);
        if file == "expected.txt" {
            case.expected = String::from_utf8(bytes).expect("expectations are UTF-8");
        } else {
            case.files.insert(file.to_owned(), bytes);
        }
    }
    cases.into_values().collect()
}
