//! Which files belong to which table: the manifest's patterns, matched.
//!
//! No file is passed over without a word. What can't be read where records lie is reported at its
//! name, and so are what no pattern matches beside files that one does ([`strays`]) and what leads
//! to the same file twice. Only of hidden names nothing is said.

mod readers;
mod strays;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use unicode_normalization::UnicodeNormalization as _;

use crate::diagnostic::{Code, Diagnostic, Place, Severity, code, one_of, quote};
use crate::dialect::toml_string;
use crate::fault::Fault;
use crate::manifest::{Manifest, TableDeclaration};
use crate::path::{Pattern, is_nameable};
use crate::workspace::{Listed, Nature, Source, SourceId, Storage, Unusable, Workspace};

/// The record files of one table, sorted by path.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// The files.
    pub sources: Vec<SourceId>,
    /// Whether records may lie where they can't be read.
    pub incomplete: bool,
}

/// The paths of record files, by table.
#[derive(Debug)]
pub struct Discovered {
    files: Vec<Vec<Source>>,
    incomplete: BTreeSet<usize>,
    /// What is wrong with patterns.
    pub diagnostics: Vec<Diagnostic>,
    remarks: Vec<Remark>,
}

/// What there is to say about a file, which has no number yet.
#[derive(Debug)]
struct Remark {
    path: String,
    code: &'static Code,
    severity: Severity,
    message: String,
    help: String,
    /// The pattern concerned, and what it has to do with it.
    pattern: Option<(Place, &'static str)>,
}

impl Discovered {
    /// Numbers the files, in the order of the manifest. Returns what there is to say about files,
    /// too: it doesn't keep others from being checked.
    #[must_use]
    pub fn number(self, workspace: &mut Workspace) -> (Vec<Inputs>, Vec<Diagnostic>) {
        let mut numbers = BTreeMap::new();
        let spoken_of: BTreeSet<_> =
            self.remarks.iter().map(|remark| remark.path.as_str()).collect();
        let mut inputs = Vec::new();
        for (index, files) in self.files.into_iter().enumerate() {
            let mut sources = Vec::new();
            for file in files {
                let path = file.path.clone();
                let source = workspace.add(file);
                sources.push(source);
                if spoken_of.contains(path.as_str()) {
                    numbers.insert(path, source);
                }
            }
            inputs.push(Inputs { sources, incomplete: self.incomplete.contains(&index) });
        }
        let mut remark = |remark: Remark| {
            let unread = || workspace.add(Source::unread(&remark.path));
            let source = *numbers.entry(remark.path.clone()).or_insert_with(unread);
            let mut diagnostic =
                Diagnostic::new(remark.code, Place::new(source, 0..0), remark.message)
                    .help(remark.help);
            diagnostic.severity = remark.severity;
            match remark.pattern {
                Some((place, text)) => diagnostic.with(place, text),
                None => diagnostic,
            }
        };
        let remarks = self.remarks.into_iter().map(&mut remark).collect();
        (inputs, remarks)
    }
}

/// Finds the record files of every table.
///
/// # Errors
/// When a directory can't be listed.
pub fn discover(storage: &dyn Storage, manifest: &Manifest) -> Result<Discovered, Fault> {
    let mut search = Search {
        storage,
        manifest,
        listings: BTreeMap::new(),
        matched: BTreeMap::new(),
        formless: BTreeSet::new(),
        incomplete: BTreeSet::new(),
        hits: manifest.tables.iter().map(readers::Hits::of).collect(),
        diagnostics: Vec::new(),
        remarks: BTreeMap::new(),
    };
    for (index, table) in manifest.tables.iter().enumerate() {
        search.table(index, table)?;
    }
    search.drop_repeated()?;
    strays::find(&mut search)?;
    search.compare_case();
    search.report_idle();
    let mut files = vec![Vec::new(); manifest.tables.len()];
    for (_, file) in search.matched {
        files[file.table].push(file.source);
    }
    Ok(Discovered {
        files,
        incomplete: search.incomplete,
        diagnostics: search.diagnostics,
        remarks: search.remarks.into_values().collect(),
    })
}

/// What is known while patterns are matched.
struct Search<'s> {
    storage: &'s dyn Storage,
    manifest: &'s Manifest,
    /// By directory and depth, so that none is looked through twice.
    listings: BTreeMap<(String, Option<usize>), Listing>,
    /// Record files by path.
    matched: BTreeMap<String, Matched>,
    /// What patterns match and no format fits: that was reported.
    formless: BTreeSet<String>,
    /// Tables of which records may lie where they can't be read.
    incomplete: BTreeSet<usize>,
    /// By table: which patterns of readers and dialects match a file.
    hits: Vec<readers::Hits>,
    diagnostics: Vec<Diagnostic>,
    /// By path: one finding a file.
    remarks: BTreeMap<String, Remark>,
}

/// What lies in a directory, sorted.
#[derive(Clone, Default)]
struct Listing {
    entries: Rc<[Listed]>,
    /// Which of them patterns match.
    matched: Rc<RefCell<Vec<bool>>>,
}

/// A file that a pattern matches.
struct Matched {
    table: usize,
    /// How it is read.
    source: Source,
    number: u64,
    is_link: bool,
}

impl Search<'_> {
    /// What lies in a directory.
    fn list(&mut self, directory: &str, depth: Option<usize>) -> Result<Listing, Fault> {
        let key = (directory.to_owned(), depth);
        if let Some(known) = self.listings.get(&key) {
            return Ok(known.clone());
        }
        let listed = self.storage.list(directory, depth);
        let mut listed = listed.map_err(|cause| Fault::new("list", directory, cause))?;
        listed.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        let matched = Rc::new(RefCell::new(vec![false; listed.len()]));
        let listing = Listing { entries: listed.into(), matched };
        self.listings.insert(key, listing.clone());
        Ok(listing)
    }

    fn remark(&mut self, remark: Remark) {
        self.remarks.entry(remark.path.clone()).or_insert(remark);
    }

    fn table(&mut self, index: usize, table: &TableDeclaration) -> Result<(), Fault> {
        let mut idle = Vec::new();
        for (pattern, place) in table.records.iter().zip(&table.records_places) {
            if !self.pattern(index, pattern, place)? {
                idle.push((pattern, place));
            }
        }
        let is_without_files = idle.len() == table.records.len() && !table.is_partial;
        let (Some((pattern, place)), true) = (idle.first(), is_without_files) else {
            self.diagnostics.extend(idle.into_iter().map(|(pattern, place)| {
                let message = format!(
                    "no file matches `{}`, a pattern of the table `{}`",
                    pattern.as_str(),
                    table.name
                );
                Diagnostic::new(&code::NO_RECORDS, place.clone(), message)
                    .help("patterns are relative to the manifest, with `/` between directories")
            }));
            return Ok(());
        };
        if table.may_be_empty {
            return Ok(());
        }
        let message = match idle.len() {
            1 => format!(
                "the table `{}` has no record file: nothing matches `{}`",
                table.name,
                pattern.as_str()
            ),
            count => format!(
                "the table `{}` has no record file: nothing matches any of its {count} patterns",
                table.name
            ),
        };
        let is_directory =
            |it: &Listed| it.path == pattern.as_str() && it.nature == Nature::Directory;
        let help =
            if self.list(pattern.directory(), pattern.depth())?.entries.iter().any(is_directory) {
                format!(
                    "that is a directory: write `{}/*.yaml` for the YAML files in it",
                    pattern.as_str()
                )
            } else {
                "correct the pattern, which is relative to the manifest; or write \
             `may_be_empty = true` for the table, if it has no records yet"
                    .to_owned()
            };
        let rest = idle[1..].iter();
        let finding =
            Diagnostic::new(&code::TABLE_WITHOUT_FILES, (*place).clone(), message).help(help);
        self.diagnostics.push(rest.fold(finding, |finding, (_, place)| {
            finding.with((*place).clone(), "nothing matches this one either")
        }));
        Ok(())
    }

    /// Takes in what a pattern matches. Returns whether that is anything.
    fn pattern(&mut self, index: usize, pattern: &Pattern, place: &Place) -> Result<bool, Fault> {
        let listing = self.list(pattern.directory(), pattern.depth())?;
        let mut is_idle = true;
        let mut formless = Vec::new();
        for (at, Listed { path, nature }) in listing.entries.iter().enumerate() {
            let unusable = match nature {
                Nature::Directory => continue,
                Nature::Unusable(unusable) => Some(unusable.clone()),
                Nature::File { .. } if !is_nameable(path) => Some(Unusable::Misnamed),
                Nature::File { .. } => None,
            };
            if unusable == Some(Unusable::Outside) && path.as_str() == pattern.directory() {
                let message = format!(
                    "`{}` looks into `{path}`, which is a link that leads out of the project",
                    pattern.as_str()
                );
                self.diagnostics.push(
                    Diagnostic::new(&code::UNUSABLE_PATH, place.clone(), message)
                        .help("records lie in the project: move them there"),
                );
                is_idle = false;
                continue;
            }
            let matches = pattern.matches(path);
            match (unusable, nature) {
                (Some(unusable), _) => {
                    // A link to a directory may hold what the pattern matches.
                    let severity = match (matches, &unusable) {
                        (true, _) | (_, Unusable::Outside) => Severity::Error,
                        _ => Severity::Warning,
                    };
                    if severity == Severity::Error {
                        self.incomplete.insert(index);
                    }
                    is_idle &= !matches;
                    let remark = unreadable(path.clone(), &unusable, severity, place);
                    if matches {
                        self.remarks.insert(path.clone(), remark);
                    } else {
                        self.remark(remark);
                    }
                }
                (None, &Nature::File { number, is_link }) if matches => {
                    is_idle = false;
                    listing.matched.borrow_mut()[at] = true;
                    match self.read_as(index, path) {
                        None => formless.push(path.clone()),
                        Some(source) => {
                            let file = Matched { table: index, source, number, is_link };
                            self.claim(path.clone(), file);
                        }
                    }
                }
                (None, _) => {}
            }
        }
        if let [first, rest @ ..] = formless.as_slice() {
            let message = match rest.len() {
                0 => format!(
                    "`{}` matches {}, whose ending says no format",
                    pattern.as_str(),
                    quote(first)
                ),
                more => format!(
                    "`{}` matches {} and {more} more, whose endings say no format",
                    pattern.as_str(),
                    quote(first)
                ),
            };
            let endings = [
                "yaml", "yml", "json", "jsonl", "ndjson", "csv", "tsv", "tab", "jsonl.gz",
                "csv.zst",
            ];
            let table = &self.manifest.tables[index].name;
            let help = format!(
                "record files end in {}; or declare how others are read in dataset.toml, below \
                 `[tables.{table}]`:\nreaders = {{ {} = \"csv\" }}",
                one_of(endings),
                toml_string(pattern.as_str())
            );
            self.diagnostics
                .push(Diagnostic::new(&code::UNREADABLE_FILE, place.clone(), message).help(help));
            self.formless.extend(formless);
        }
        Ok(!is_idle)
    }

    fn claim(&mut self, path: String, file: Matched) {
        let Some(other) = self.matched.get(&path) else {
            self.matched.insert(path, file);
            return;
        };
        if other.table != file.table {
            self.diagnostics.push(self.claimed_twice(&path, other.table, file.table));
        }
    }

    fn claimed_twice(&self, path: &str, other: usize, table: usize) -> Diagnostic {
        let (other, table) = (&self.manifest.tables[other], &self.manifest.tables[table]);
        let message =
            format!("`{path}` belongs to the table `{}` and to `{}`", other.name, table.name);
        Diagnostic::new(&code::CLAIMED_TWICE, table.place.clone(), message)
            .with(other.place.clone(), "the other table")
            .help("let each file match the patterns of one table")
    }

    /// Takes out what leads to a file that another path leads to, so that no record is read twice.
    fn drop_repeated(&mut self) -> Result<(), Fault> {
        // The file itself comes before links to it.
        let mut files: Vec<_> = self
            .matched
            .iter()
            .filter(|(_, file)| file.number != 0)
            .map(|(path, file)| (file.number, file.is_link, path.as_str()))
            .collect();
        files.sort_unstable();
        let mut repeated = Vec::new();
        for same in files.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
            for (at, &(_, _, path)) in same.iter().enumerate().skip(1) {
                for &(_, _, first) in &same[..at] {
                    let is_same = self.storage.is_same_file(first, path);
                    if is_same.map_err(|cause| Fault::new("find", path, cause))? {
                        repeated.push((path.to_owned(), first.to_owned()));
                        break;
                    }
                }
            }
        }
        for (path, first) in repeated {
            let Some(file) = self.matched.remove(&path) else { continue };
            let other = self.matched.get(&first).map_or(file.table, |file| file.table);
            if other != file.table {
                self.diagnostics.push(self.claimed_twice(&path, other, file.table));
                continue;
            }
            self.remark(Remark {
                code: &code::SAME_FILE,
                severity: code::SAME_FILE.severity,
                message: format!("`{path}` is the same file as `{first}`, and was read once"),
                help: "remove one of the two names, or let the patterns match only one".to_owned(),
                pattern: None,
                path,
            });
        }
        Ok(())
    }

    /// Names that are one name where capitals don't count, or where accents are spelt otherwise.
    fn compare_case(&mut self) {
        let is_plain =
            |path: &String| path.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
        if self.matched.keys().all(is_plain) {
            return;
        }
        let mut folded: BTreeMap<String, &str> = BTreeMap::new();
        let mut alike = Vec::new();
        for path in self.matched.keys() {
            let key: String = path.nfc().flat_map(char::to_lowercase).collect();
            match folded.get(&key) {
                Some(first) => alike.push((path.clone(), (*first).to_owned())),
                None => drop(folded.insert(key, path)),
            }
        }
        for (path, first) in alike {
            self.remark(Remark {
                code: &code::SAME_FILE,
                severity: code::SAME_FILE.severity,
                message: format!(
                    "`{path}` and `{first}` are one file on systems that tell no capitals or \
                     accents apart"
                ),
                help: "rename one of the two: a checkout on macOS or Windows has only one of them"
                    .to_owned(),
                pattern: None,
                path,
            });
        }
    }
}

/// What can't be read where records lie.
fn unreadable(path: String, unusable: &Unusable, severity: Severity, place: &Place) -> Remark {
    Remark {
        code: &code::UNREADABLE_ENTRY,
        severity,
        message: format!("{} {}", quote(&path), unusable.reason()),
        help: unusable.help().to_owned(),
        path,
        pattern: Some((place.clone(), "the pattern that looks there")),
    }
}
