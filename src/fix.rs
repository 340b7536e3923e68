//! Applies fixes: the edits that findings carry become new texts of record files.
//!
//! Only bytes that an edit names are touched, so comments and layout stay. Edits that overlap wait
//! for another round: the command checks again after each, until no fix applies. Before a
//! new text counts, it is parsed beside the old one: it must have the same records, and, where only
//! certain fixes were asked for, every value must mean the same. What fails that stays as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;

use crate::Project;
use crate::diagnostic::{Certainty, Diagnostic, Edit, MadeEdit, code};
use crate::dialect::Syntax;
use crate::fault::Fault;
use crate::parse;
use crate::parse::csv::{Opening, RowReader};
use crate::parse::decode::FILE_BYTES_MAX;
use crate::path::Root;
use crate::tape::{Tag, Tape, Value};
use crate::workspace::{Format, Listed, Source, SourceId, Storage, Workspace};

/// New texts of files.
#[derive(Debug, Default)]
pub struct AppliedFixes {
    /// By path: what the file holds, and what it shall hold.
    pub files: BTreeMap<String, FixedFile>,
    /// Files whose fixes were refused, because they would have changed more than they should.
    pub refused: BTreeSet<String>,
    /// Files in another encoding than UTF-8 whose fixes weren't applied: the edits are UTF-8.
    pub encoded: BTreeSet<String>,
    /// How many findings were fixed.
    pub findings: usize,
    /// The edits, file by file, each round's behind those of the rounds before it.
    made: BTreeMap<String, Vec<Vec<Made>>>,
}

/// An edit that was made.
#[derive(Clone, Debug)]
struct Made {
    code: &'static str,
    /// The bytes that it replaced, in the text before its round.
    before: Range<usize>,
    /// What they became, in the text after it.
    after: Range<usize>,
    old: String,
    new: String,
}

/// A file before and after.
#[derive(Clone, Debug)]
pub struct FixedFile {
    /// As it was read.
    pub before: Vec<u8>,
    /// With the edits.
    pub after: Vec<u8>,
}

impl AppliedFixes {
    /// Applies the fixes of findings to the state that `workspace` shows, which is that of earlier
    /// rounds. Returns whether anything changed.
    ///
    /// # Errors
    /// When a file can't be read.
    pub fn round<'d>(
        &mut self,
        workspace: &Workspace,
        project: &Project,
        diagnostics: impl IntoIterator<Item = &'d Diagnostic>,
        certainty: Certainty,
    ) -> Result<bool, Fault> {
        let records: BTreeSet<SourceId> =
            project.inputs.iter().flat_map(|inputs| inputs.sources.iter().copied()).collect();
        let mut edits: BTreeMap<SourceId, Vec<(&Edit, &Diagnostic)>> = BTreeMap::new();
        for diagnostic in diagnostics {
            let Some(fix) = &diagnostic.fix else { continue };
            let [edit] = fix.edits.as_slice() else { continue };
            let source = edit.place.source;
            let wanted = fix.certainty == Certainty::Certain || certainty == Certainty::Suggested;
            let file = workspace.source(source);
            let plain = file.is_plain();
            let refused = self.refused.contains(&file.path);
            if wanted && file.dialect().encoding.is_some() && records.contains(&source) {
                self.encoded.insert(file.path.clone());
            }
            if wanted && plain && !refused && records.contains(&source) {
                edits.entry(source).or_default().push((edit, diagnostic));
            }
        }
        let mut changed = false;
        for (source, edits) in edits {
            changed |= self.file(workspace, source, edits, certainty)?;
        }
        Ok(changed)
    }

    fn file(
        &mut self,
        workspace: &Workspace,
        source: SourceId,
        mut edits: Vec<(&Edit, &Diagnostic)>,
        certainty: Certainty,
    ) -> Result<bool, Fault> {
        let file = workspace.source(source);
        let text = workspace.read_path(&file.path)?;
        edits.sort_by_key(|(edit, _)| (edit.place.span.start, edit.place.span.end));
        let mut after = Vec::with_capacity(text.len());
        let mut copied = 0;
        let mut findings = 0;
        let mut last: Option<&Edit> = None;
        let mut made = Vec::new();
        for (edit, diagnostic) in edits {
            let span = edit.place.span.start as usize..edit.place.span.end as usize;
            let repeats = |last: &Edit| {
                last.place.span == edit.place.span && last.replacement == edit.replacement
            };
            if last.is_some_and(repeats) {
                // An alias has its text where its anchor has it.
                findings += 1;
                continue;
            }
            let Some(old) = text.get(span.clone()) else { continue };
            let shared = file.format == Format::Yaml
                && diagnostic.code == &code::WRONG_TYPE
                && is_anchored(&text[..span.start]);
            if span.start < copied || old == edit.replacement.as_bytes() || shared {
                continue;
            }
            after.extend_from_slice(&text[copied..span.start]);
            let start = after.len();
            after.extend_from_slice(edit.replacement.as_bytes());
            made.push(Made {
                code: diagnostic.code.id,
                before: span.clone(),
                after: start..after.len(),
                old: String::from_utf8_lossy(old).into_owned(),
                new: edit.replacement.clone(),
            });
            copied = span.end;
            findings += 1;
            last = Some(edit);
        }
        if last.is_none() {
            return Ok(false);
        }
        after.extend_from_slice(&text[copied..]);
        if text.len() > FILE_BYTES_MAX || !is_same(file, &text, &after, certainty) {
            self.refused.insert(file.path.clone());
            return Ok(false);
        }
        self.findings += findings;
        self.made.entry(file.path.clone()).or_default().push(made);
        let fixed = self
            .files
            .entry(file.path.clone())
            .or_insert(FixedFile { before: text, after: Vec::new() });
        fixed.after = after;
        Ok(true)
    }
}

impl AppliedFixes {
    /// All edits that were made, in the order of their places in the files as they were.
    #[must_use]
    pub fn edits(&self) -> Vec<MadeEdit> {
        let mut edits = Vec::new();
        for (path, rounds) in &self.made {
            let mut of_file: Vec<(usize, &Made)> = Vec::new();
            for (number, round) in rounds.iter().enumerate() {
                let origin = |made: &Made| {
                    let earlier = rounds[..number].iter().rev();
                    earlier.fold(made.before.start, |offset, round| offset_before(round, offset))
                };
                of_file.extend(round.iter().map(|made| (origin(made), made)));
            }
            of_file.sort_by_key(|(offset, _)| *offset);
            let text = &self.files[path].before;
            let (mut at, mut line, mut line_start) = (0, 1, 0);
            for (offset, made) in of_file {
                for newline in memchr::memchr_iter(b'\n', &text[at..offset]) {
                    line += 1;
                    line_start = at + newline + 1;
                }
                at = offset;
                let before = String::from_utf8_lossy(&text[line_start..offset]);
                edits.push(MadeEdit {
                    file: path.clone(),
                    line,
                    column: before.trim_start_matches('\u{feff}').chars().count() as u64 + 1,
                    code: made.code,
                    old: made.old.clone(),
                    new: made.new.clone(),
                });
            }
        }
        edits
    }
}

/// Where in the text before a round stood what stands at `offset` after it.
fn offset_before(round: &[Made], offset: usize) -> usize {
    let earlier = round.partition_point(|made| made.after.start <= offset);
    match round[..earlier].last() {
        None => offset,
        Some(made) if offset < made.after.end => made.before.start,
        Some(made) => made.before.end + (offset - made.after.end),
    }
}

/// Whether an anchor stands right before: another type there would be another type elsewhere.
fn is_anchored(before: &[u8]) -> bool {
    let word = before.trim_ascii_end().rsplit(|byte| byte.is_ascii_whitespace()).next();
    before.ends_with(b" ") && word.is_some_and(|word| word.starts_with(b"&"))
}

/// Whether a text holds the same records as another one; if only certain fixes were asked for, with
/// values that mean the same.
fn is_same(file: &Source, before: &[u8], after: &[u8], certainty: Certainty) -> bool {
    let format = file.format;
    let (Ok(before), Ok(after)) = (std::str::from_utf8(before), std::str::from_utf8(after)) else {
        return false;
    };
    if format == Format::Csv {
        let dialect = file.dialect();
        let (Ok(old), Ok(new)) =
            (Opening::of(before.as_bytes(), dialect), Opening::of(after.as_bytes(), dialect))
        else {
            return false;
        };
        return before[..old.header.start] == after[..new.header.start]
            && are_same_rows(
                (&before[old.header.start..], &after[new.header.start..]),
                dialect.syntax,
                certainty,
            );
    }
    let parsed = |text: &str| {
        let source = SourceId(0);
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut tape = Tape::new(source, 0, text.to_owned());
        let mut findings = Vec::new();
        match format {
            Format::Yaml => parse::yaml::parse(&mut tape, source, &mut findings),
            Format::Json => parse::json::parse(&mut tape, source, &mut findings),
            Format::JsonLines => parse::json::parse_lines(&mut tape, source, &mut findings),
            Format::Csv | Format::Toml => unreachable!("rows are compared by themselves"),
        }
        (tape, findings.iter().filter(|finding| finding.is_error()).count())
    };
    let ((before, faults_before), (after, faults_after)) = (parsed(before), parsed(after));
    faults_after <= faults_before
        && before.roots().len() == after.roots().len()
        && before.roots().zip(after.roots()).all(|(a, b)| is_same_value(a, b, certainty))
}

fn is_same_value(before: Value<'_>, after: Value<'_>, certainty: Certainty) -> bool {
    match (before.tag(), after.tag()) {
        (Tag::Array, Tag::Array) => {
            before.len() == after.len()
                && before.items().zip(after.items()).all(|(a, b)| is_same_value(a, b, certainty))
        }
        (Tag::Object, Tag::Object) => {
            before.len() == after.len()
                && before.entries().zip(after.entries()).all(|(a, b)| {
                    (certainty == Certainty::Suggested || a.name() == b.name())
                        && is_same_value(a.value, b.value, certainty)
                })
        }
        (Tag::Array | Tag::Object, _) | (_, Tag::Array | Tag::Object) => false,
        _ if certainty == Certainty::Suggested => true,
        (Tag::Text, Tag::Text) => {
            normal(before.as_str().unwrap_or_default())
                == normal(after.as_str().unwrap_or_default())
        }
        // What was a number for the reader was text for its writer.
        (_, Tag::Text) => before.literal() == after.as_str(),
        (a, b) => a == b && before.literal() == after.literal(),
    }
}

fn are_same_rows((before, after): (&str, &str), syntax: Syntax, certainty: Certainty) -> bool {
    let reader = |text| RowReader::new(text, 0).by(syntax);
    let (mut old, mut new) = (reader(before), reader(after));
    let (mut old_cells, mut new_cells) = (Vec::new(), Vec::new());
    loop {
        let (a, b) = (old.next(&mut old_cells), new.next(&mut new_cells));
        match (a, b) {
            (None, None) => return true,
            (Some((_, old_fault)), Some((_, new_fault))) => {
                let same = old_fault.is_some() >= new_fault.is_some()
                    && old_cells.len() == new_cells.len()
                    && old_cells.iter().zip(&new_cells).all(|(a, b)| {
                        a.is_empty() == b.is_empty()
                            && (certainty == Certainty::Suggested
                                || is_same_cell(&a.decode(before), &b.decode(after)))
                    });
                if !same {
                    return false;
                }
            }
            (None, Some(_)) | (Some(_), None) => return false,
        }
    }
}

/// White space may also have gone from the middle of a cell: it holds the items of a list.
fn is_same_cell(before: &str, after: &str) -> bool {
    let letters = |text: &str| -> String {
        text.nfc().filter(|character| !character.is_whitespace()).collect()
    };
    letters(before) == letters(after)
}

/// A text as certain fixes leave it.
fn normal(text: &str) -> String {
    text.trim().nfc().collect()
}

/// A project's files, with fixed texts in the place of what is on disk.
pub struct Overlay {
    /// The files as they are.
    pub base: Box<dyn Storage>,
    /// By path.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Storage for Overlay {
    fn list(&self, directory: &str, depth: Option<usize>) -> std::io::Result<Vec<Listed>> {
        self.base.list(directory, depth)
    }

    fn open(&self, path: &str) -> std::io::Result<Box<dyn std::io::Read + Send>> {
        match self.files.get(path) {
            Some(bytes) => Ok(Box::new(std::io::Cursor::new(bytes.clone()))),
            None => self.base.open(path),
        }
    }

    fn roots(&self) -> Vec<Root> {
        self.base.roots()
    }

    fn admit(&self, root: &Root) -> std::io::Result<()> {
        self.base.admit(root)
    }

    fn is_same_file(&self, one: &str, other: &str) -> std::io::Result<bool> {
        self.base.is_same_file(one, other)
    }

    fn verify(&self) -> Result<(), Fault> {
        self.base.verify()
    }
}
