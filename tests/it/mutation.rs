//! Mistakes that people make, made on purpose in valid records: each must be reported where it is.
//!
//! One mistake at a time is made in the embedded dataset, at places that a seeded generator
//! chooses, and some finding that wasn't there before must point at the damaged lines, or at a line beside
//! them; of a missing property, some finding in the file must name it. The test prints how many of
//! each kind were found, and fails below the rate that is stated with the kind.
//!
//! What can't be seen in principle isn't tried: one valid code, reference or date for another,
//! an optional property left out, other words in a text, coordinates that stay in the state.

use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use demarche::report::locate::Locator;
use demarche::spill::MemoryBudget;
use demarche::workspace::{Memory, Workspace};
use demarche::{Diagnostic, Options, Progress, compile, open};
use regex::Regex;

use crate::support::random::Random;
use crate::support::{Files, cases, embedded};

/// How often each kind of mistake is made at most.
const TIMES_MAX: usize = 2;

/// A damaged project and where to look.
struct Damage {
    path: String,
    text: Vec<u8>,
    /// The damaged lines, from 1.
    lines: RangeInclusive<u64>,
    /// What a finding must name, if it may stand anywhere in the file.
    names: Option<String>,
}

/// One kind of mistake.
struct Mistake {
    name: &'static str,
    /// How many of a hundred must be found.
    rate: usize,
    /// Makes it in one file; none where the file has no place for it.
    make: fn(&str, &str, &mut Random) -> Option<Damage>,
}

const MISTAKES: [Mistake; 28] = [
    Mistake { name: "a required property deleted", rate: 100, make: delete_required },
    Mistake {
        name: "a key misspelt",
        rate: 100,
        make: |path, text, random| {
            edit(path, text, random, r"^\s*(?:- )?([a-z_]{4,}):( |$)", |key, random| {
                let at = 1 + random.below(key.len() - 2);
                format!("{}{}", &key[..at], &key[at + 1..])
            })
        },
    },
    Mistake {
        name: "a key in capitals",
        rate: 100,
        make: |path, text, random| {
            edit(path, text, random, r"^\s*(?:- )?([a-z_]{4,}):( |$)", |key, _| key.to_uppercase())
        },
    },
    Mistake {
        name: "a code misspelt",
        rate: 100,
        make: |path, text, random| {
            edit(path, text, random, CODE, |code, random| {
                let at = 1 + random.below(code.len() - 1);
                format!("{}q{}", &code[..at], &code[at..])
            })
        },
    },
    Mistake {
        name: "a code in the wrong letter case",
        rate: 100,
        make: |path, text, random| {
            edit(path, text, random, CODE, |code, _| {
                let lower = code.to_lowercase();
                if lower == code { code.to_uppercase() } else { lower }
            })
        },
    },
    Mistake {
        name: "a word for a code",
        rate: 100,
        make: |path, text, random| edit(path, text, random, CODE, |_, _| "unsure".to_owned()),
    },
    Mistake {
        name: "a number for a text",
        rate: 100,
        make: |path, text, random| {
            edit(
                path,
                text,
                random,
                r"^\s*(?:- )?(?:name|office|publisher|title): (\S.*)$",
                |_, random| (1000 + random.below(1000)).to_string(),
            )
        },
    },
    Mistake {
        name: "a list for a value",
        rate: 100,
        make: |path, text, random| {
            edit(
                path,
                text,
                random,
                r"^\s*(?:- )?(?:id|name|kind|state|role|source|type): ([^\s#]+)",
                |value, _| format!("[{value}]"),
            )
        },
    },
    Mistake {
        name: "a text for a number",
        rate: 100,
        make: |path, text, random| {
            edit(path, text, random, r"^(?:latitude|longitude): (\S+)", |value, _| {
                format!("{}° N", value.replace('.', ","))
            })
        },
    },
    Mistake {
        name: "null for a value",
        rate: 100,
        make: |path, text, random| {
            edit(path, text, random, r"^\s*(?:- )?[a-z_]+: ([^\s#>|\[][^#]*)$", |_, _| {
                "null".to_owned()
            })
        },
    },
    Mistake {
        name: "empty quotes for a value",
        rate: 100,
        make: |path, text, random| {
            edit(path, text, random, r"^\s*(?:- )?[a-z_]+: ([^\s#>|\[][^#]*)$", |_, _| {
                "\"\"".to_owned()
            })
        },
    },
    Mistake {
        name: "n/a for a value",
        rate: 100,
        make: |path, text, random| {
            edit(
                path,
                text,
                random,
                r"^\s*(?:- )?(?:name|office|publisher|edtf|kind|state|url): (\S[^#]*)$",
                |_, _| "n/a".to_owned(),
            )
        },
    },
    Mistake {
        name: "a reference mistyped",
        rate: 100,
        make: |path, text, random| {
            edit(path, text, random, r": ((?:ps|pl|sr|og)-[a-z0-9]{6})", |reference, random| {
                let at = 3 + random.below(6);
                let other = if &reference[at..=at] == "z" { "y" } else { "z" };
                format!("{}{other}{}", &reference[..at], &reference[at + 1..])
            })
            .filter(|_| !text.starts_with("retired"))
        },
    },
    Mistake {
        name: "a pointer past the end of its list",
        rate: 100,
        make: |path, text, random| {
            edit(
                path,
                text,
                random,
                r"^\s+supports: .*/(?:participants|places|topics)/(\d)",
                |_, _| "97".to_owned(),
            )
        },
    },
    Mistake {
        name: "a pointer misspelt",
        rate: 100,
        make: |path, text, random| {
            edit(
                path,
                text,
                random,
                r"^\s+supports: \[/(date|participants|places|type|title|summary)\b",
                |name, _| format!("{name}s"),
            )
        },
    },
    Mistake {
        name: "no such month",
        rate: 100,
        make: |path, text, random| {
            edit(path, text, random, r": \d{4}-(\d\d)-\d\d$", |_, _| "13".to_owned())
        },
    },
    Mistake {
        name: "no such day",
        rate: 100,
        make: |path, text, random| {
            edit(path, text, random, r": \d{4}-\d\d-(\d\d)$", |_, _| "32".to_owned())
        },
    },
    Mistake {
        name: "a date with slashes",
        rate: 100,
        make: |path, text, random| {
            edit(path, text, random, r": (\d{4}-\d\d-\d\d)$", |date, _| {
                format!("{}/{}/{}", &date[8..10], &date[5..7], &date[..4])
            })
        },
    },
    Mistake {
        name: "a year mistyped",
        rate: 100,
        make: |path, text, random| {
            edit(path, text, random, r"^  edtf: (\d{4})-\d\d-\d\d$", |year, _| {
                let digits = year.as_bytes();
                [0, 1, 3, 2].iter().map(|at| char::from(digits[*at])).collect()
            })
        },
    },
    Mistake { name: "latitude and longitude swapped", rate: 75, make: swap_coordinates },
    Mistake {
        name: "a decimal point lost",
        rate: 75,
        make: |path, text, random| {
            edit(path, text, random, r"^(?:latitude|longitude): (-?\d\d\.\d+)", |value, _| {
                value.replace('.', "")
            })
        },
    },
    Mistake {
        name: "a no-break space at the end",
        rate: 100,
        make: |path, text, random| {
            edit(
                path,
                text,
                random,
                r"^\s*(?:- )?(?:name|office|publisher): ([^\s#][^#]*)$",
                |value, _| format!("{value}\u{a0}"),
            )
        },
    },
    Mistake {
        name: "a zero-width space",
        rate: 100,
        make: |path, text, random| {
            edit(
                path,
                text,
                random,
                r"^\s*(?:- )?(?:name|office|publisher|kind|state|source): ([^\s#]{2})",
                |value, _| format!("{}\u{200b}{}", &value[..1], &value[1..]),
            )
            .filter(|damage| damage.text.len() == text.len() + 3)
        },
    },
    Mistake {
        name: "an accent misread",
        rate: 100,
        make: |path, text, random| {
            edit(path, text, random, r"^[^#]*?(é|è|à|ï|ô|ç)", |letter, _| {
                letter.bytes().map(char::from).collect()
            })
        },
    },
    Mistake { name: "the file in ISO 8859-1", rate: 100, make: re_encode },
    Mistake {
        name: "a line twice",
        rate: 100,
        make: |path, text, random| {
            edit(path, text, random, r"^([a-z_]+: [^\s#>|\[][^#]*)$", |line, _| {
                format!("{line}\n{line}")
            })
        },
    },
    Mistake {
        name: "a tab for spaces",
        rate: 100,
        make: |path, text, random| {
            edit(path, text, random, r"^(  )[a-z_]+: ", |_, _| "\t".to_owned())
        },
    },
    Mistake { name: "the file cut off", rate: 100, make: truncate },
];

/// Properties that hold codes; language tags are no words, so they aren't among them.
const CODE: &str = r"^\s*(?:- )?(?:type|role|status|stance|kind|precision|state|basis|confidence|topic): ([A-Za-z-]{3,})";

#[test]
fn mistakes_are_reported_where_they_are() {
    let times = cases(1, TIMES_MAX);
    let dataset = embedded();
    let before = findings(&dataset);
    let next = AtomicUsize::new(0);
    let found = Mutex::new(vec![(0, String::new()); MISTAKES.len()]);
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(mistake) = MISTAKES.get(index / times) else { break };
            let damage = damage(&dataset, mistake, index / times * TIMES_MAX + index % times);
            let seen = is_reported(&dataset, &before, &damage);
            let mut found = found.lock().expect("no worker panics");
            let (count, missed) = &mut found[index / times];
            match seen {
                Ok(()) => *count += 1,
                Err(report) => missed.push_str(&report),
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(work);
        }
    });
    let found = found.into_inner().expect("no worker panics");
    let (mut table, mut failed) = (String::new(), String::new());
    for (mistake, (count, missed)) in MISTAKES.iter().zip(&found) {
        let _ = writeln!(table, "{count} of {times}  {}", mistake.name);
        if count * 100 < mistake.rate * times {
            let _ = writeln!(failed, "{}: {count} of {times}\n{missed}", mistake.name);
        }
    }
    println!("{table}");
    assert!(failed.is_empty(), "missed:\n{failed}");
}

/// Makes a mistake in the first of the files, in an order of chance, that has a place for it.
fn damage(dataset: &Files, mistake: &Mistake, seed: usize) -> Damage {
    let mut random = Random::new(seed as u64);
    let records: Vec<_> = dataset.keys().filter(|path| path.starts_with("data/")).collect();
    for _ in 0..10_000 {
        let path = *random.pick(&records);
        let Ok(text) = std::str::from_utf8(&dataset[path]) else { continue };
        if let Some(damage) = (mistake.make)(path, text, &mut random)
            && damage.text != text.as_bytes()
        {
            return damage;
        }
    }
    panic!("no record has a place for: {}", mistake.name)
}

/// Whether some finding points at the damage; if not, what was damaged and found.
fn is_reported(dataset: &Files, before: &[Finding], damage: &Damage) -> Result<(), String> {
    let mut files = dataset.clone();
    files.insert(damage.path.clone(), damage.text.clone());
    let mut findings = findings(&files);
    findings.retain(|finding| before.iter().all(|before| before.message != finding.message));
    let near = |finding: &Finding| {
        finding.path == damage.path
            && match &damage.names {
                Some(name) => finding.message.contains(name.as_str()),
                None => {
                    *finding.lines.start() <= damage.lines.end() + 1
                        && *finding.lines.end() + 1 >= *damage.lines.start()
                }
            }
    };
    if findings.iter().any(near) {
        return Ok(());
    }
    let lines: Vec<_> = String::from_utf8_lossy(&damage.text).lines().map(str::to_owned).collect();
    let line = lines.get(*damage.lines.start() as usize - 1).cloned().unwrap_or_default();
    Err(format!("  {}:{} `{line}`, but found: {findings:?}\n", damage.path, damage.lines.start()))
}

/// What is shown of a finding.
#[derive(Debug, PartialEq)]
struct Finding {
    path: String,
    lines: RangeInclusive<u64>,
    message: String,
}

fn findings(files: &Files) -> Vec<Finding> {
    let opened = open(Box::new(Memory(files.clone()))).expect("memory can be read");
    let Some(project) = &opened.project else {
        return show(&opened.workspace, &opened.diagnostics);
    };
    let options =
        Options { jobs: NonZeroUsize::MIN, lower: false, space: MemoryBudget::in_memory() };
    let compiled = compile(&opened.workspace, project, &options, &Progress::default())
        .expect("memory can be read");
    show(&opened.workspace, &compiled.diagnostics)
}

/// Primary and related places, as findings.
fn show(workspace: &Workspace, diagnostics: &[Diagnostic]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for diagnostic in diagnostics {
        let related = diagnostic.related.iter().map(|label| &label.place);
        for place in std::iter::once(&diagnostic.primary.place).chain(related) {
            let located = Locator::new(workspace).locate(&[place]).expect("memory can be read");
            findings.push(Finding {
                path: workspace.source(place.source).path.clone(),
                lines: located[0].start.line..=located[0].last_line(),
                message: format!("{}: {}", diagnostic.code.id, diagnostic.message),
            });
        }
    }
    findings
}

/// Replaces what the first group of a pattern matches in one of the lines that it matches.
fn edit(
    path: &str,
    text: &str,
    random: &mut Random,
    pattern: &str,
    replace: impl Fn(&str, &mut Random) -> String,
) -> Option<Damage> {
    let pattern = Regex::new(pattern).expect("a pattern");
    let lines: Vec<_> = text.lines().collect();
    let places: Vec<_> = lines
        .iter()
        .enumerate()
        .filter_map(|(index, line)| Some((index, pattern.captures(line)?.get(1)?.range())))
        .collect();
    if places.is_empty() {
        return None;
    }
    let (index, range) = random.pick(&places).clone();
    let line = lines[index];
    let new = replace(&line[range.clone()], random);
    let damaged = format!("{}{new}{}", &line[..range.start], &line[range.end..]);
    let mut all: Vec<_> = lines.iter().map(|line| (*line).to_owned()).collect();
    let last = index + damaged.matches('\n').count();
    all[index] = damaged;
    Some(Damage {
        path: path.to_owned(),
        text: (all.join("\n") + "\n").into_bytes(),
        lines: index as u64 + 1..=last as u64 + 1,
        names: None,
    })
}

/// Deletes one of the properties that all records of the table must have, with all that it holds.
fn delete_required(path: &str, text: &str, random: &mut Random) -> Option<Damage> {
    let required: &[&str] = match path.split('/').nth(1)? {
        "events" => &["title", "summary", "date", "type", "status", "participants", "evidence"],
        "persons" | "organisations" | "places" => &["name"],
        "sources" => &["url", "publisher", "language", "kind"],
        _ => return None,
    };
    let name = *random.pick(required);
    let lines: Vec<_> = text.lines().collect();
    let start = lines.iter().position(|line| line.starts_with(&format!("{name}:")))?;
    let inner = lines[start + 1..]
        .iter()
        .take_while(|line| line.starts_with([' ', '-']) || line.is_empty());
    let end = start + 1 + inner.count();
    let kept = [&lines[..start], &lines[end..]].concat();
    Some(Damage {
        path: path.to_owned(),
        text: (kept.join("\n") + "\n").into_bytes(),
        lines: 1..=1,
        names: Some(format!("`{name}`")),
    })
}

fn swap_coordinates(path: &str, text: &str, _: &mut Random) -> Option<Damage> {
    let lines: Vec<_> = text.lines().collect();
    let at = |name: &str| lines.iter().position(|line| line.starts_with(name));
    let (latitude, longitude) = (at("latitude: ")?, at("longitude: ")?);
    let mut swapped: Vec<_> = lines.iter().map(|line| (*line).to_owned()).collect();
    swapped[latitude] = lines[longitude].replace("longitude", "latitude");
    swapped[longitude] = lines[latitude].replace("latitude", "longitude");
    Some(Damage {
        path: path.to_owned(),
        text: (swapped.join("\n") + "\n").into_bytes(),
        lines: latitude as u64 + 1..=longitude as u64 + 1,
        names: None,
    })
}

/// Only files whose letters all are in ISO 8859-1.
fn re_encode(path: &str, text: &str, _: &mut Random) -> Option<Damage> {
    let line = text.lines().position(|line| !line.is_ascii())? as u64 + 1;
    let bytes: Option<Vec<u8>> =
        text.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect();
    Some(Damage { path: path.to_owned(), text: bytes?, lines: line..=line, names: None })
}

/// Cuts an event off before its evidence, in the middle of a line; something is missing, or broken
/// off, and where is anybody's guess.
fn truncate(path: &str, text: &str, random: &mut Random) -> Option<Damage> {
    let evidence = text.find("\nevidence:").filter(|_| path.starts_with("data/events/"))?;
    let mut at = 1 + random.below(evidence);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    Some(Damage {
        path: path.to_owned(),
        text: text.as_bytes()[..at].to_vec(),
        lines: 1..=1,
        names: Some(String::new()),
    })
}
