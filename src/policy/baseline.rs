//! The baseline: findings of today, so that later runs fail only on new ones.
//!
//! It is a file of JSON with one finding a line, in an order that doesn't depend on where findings
//! stand, so that it merges well. Findings are told by their fingerprints; the rest of a line is for
//! people. What it records and is found no more is reported, unless its file couldn't be read
//! whole. A release is built without regard to it: a known error is an error.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::json;

use super::names::Names;
use crate::diagnostic::fingerprint::{self, Fingerprints};
use crate::diagnostic::{Counted, Diagnostic, Place, RecordName, Topic, code};
use crate::fault::Fault;
use crate::parse::{self, decode};
use crate::rules;
use crate::tape::{Tape, Value};
use crate::workspace::{Compression, Format, Source, Workspace};

/// The version of the file's format.
const VERSION: i64 = 1;

/// Findings that are known.
#[derive(Clone, Debug)]
pub struct Baseline {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    fingerprint: String,
    /// As findings show it: the code, with the id of the constraint or expectation.
    topic: String,
    file: String,
    message: String,
    place: Place,
}

/// What a baseline makes of findings.
#[derive(Debug)]
pub struct Sifted {
    /// How many findings it knows; they were taken out.
    pub known: usize,
    /// What it records and wasn't found, with the file that it says.
    pub stale: Vec<(String, Diagnostic)>,
}

/// Reads a baseline. None if it isn't one; then diagnostics say why.
///
/// # Errors
/// When the file can't be read.
pub fn load(
    workspace: &mut Workspace,
    path: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Option<Baseline>, Fault> {
    let source = Source { compression: Compression::None, ..Source::read_as(path, Format::Json) };
    let source = workspace.add(source);
    let Some((text, base)) = decode::read_text(workspace, source, diagnostics)? else {
        return Ok(None);
    };
    let mut tape = Tape::new(source, base, text);
    parse::json::parse(&mut tape, source, diagnostics);
    let Some(root) = tape.roots().next() else { return Ok(None) };
    let number = |key| root.get(key).and_then(Value::as_i64);
    let text = |key| root.get(key).and_then(Value::as_str);
    let refused = |place: Value<'_>, message: String| {
        Diagnostic::new(&code::UNREADABLE_FILE, Place::of(place), message)
            .help("write it anew with `demarche check --update-baseline`")
    };
    if number("version") != Some(VERSION) || text("fingerprints") != Some(fingerprint::VERSION) {
        let message = format!(
            "`{path}` is no baseline of this version of Demarche, with `version` {VERSION} and `fingerprints` `{}`",
            fingerprint::VERSION
        );
        diagnostics.push(refused(root, message));
        return Ok(None);
    }
    let mut entries = Vec::new();
    for item in root.get("findings").into_iter().flat_map(Value::items) {
        let text = |key: &str| item.get(key).and_then(Value::as_str).map(str::to_owned);
        let (Some(fingerprint), Some(told)) = (text("fingerprint"), item.get("fingerprint")) else {
            let message = format!("an entry of `{path}` has no fingerprint");
            diagnostics.push(refused(item, message));
            return Ok(None);
        };
        entries.push(Entry {
            fingerprint,
            topic: text("code").unwrap_or_default(),
            file: text("file").unwrap_or_default(),
            message: text("message").unwrap_or_default(),
            place: Place::of(told),
        });
    }
    Ok(Some(Baseline { entries }))
}

/// A baseline of these findings, which are sorted by [`crate::diagnostic::sort`].
#[must_use]
pub fn render(workspace: &Workspace, diagnostics: &[Diagnostic]) -> String {
    let mut fingerprints = Fingerprints::default();
    let mut entries: Vec<_> = diagnostics
        .iter()
        .map(|diagnostic| {
            let file = &workspace.source(diagnostic.primary.place.source).path;
            let record = diagnostic.record.as_ref().map(spell).unwrap_or_default();
            let fingerprint = fingerprints.next(workspace, diagnostic).to_string();
            (file, record, diagnostic.topic().to_string(), fingerprint, &diagnostic.message)
        })
        .collect();
    entries.sort_unstable();
    let mut text = format!(
        "{{\n\"version\": {VERSION},\n\"fingerprints\": \"{}\",\n\"findings\": [",
        fingerprint::VERSION
    );
    for (index, (file, record, topic, fingerprint, message)) in entries.into_iter().enumerate() {
        text.push_str(if index == 0 { "\n" } else { ",\n" });
        let _ = write!(
            text,
            "{{\"fingerprint\": {}, \"code\": {}, \"file\": {}, \"record\": {}, \"message\": {}}}",
            json!(fingerprint),
            json!(topic),
            json!(file),
            json!(record),
            json!(message)
        );
    }
    text.push_str("\n]\n}\n");
    text
}

fn spell(record: &RecordName) -> String {
    match &record.key {
        Some(key) => format!("{}/{key}", record.table),
        None => record.table.clone(),
    }
}

impl Baseline {
    /// How many findings it records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it records none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes out the findings that are known. They must be all of the project but those `omitted`,
    /// sorted by [`crate::diagnostic::sort`]. What was omitted isn't in the baseline: it stays
    /// counted, and what the baseline records of its code may still be there.
    #[must_use]
    pub fn sift(
        &self,
        workspace: &Workspace,
        names: &Names<'_>,
        diagnostics: &mut Vec<Diagnostic>,
        omitted: &Counted,
    ) -> Sifted {
        let file =
            |finding: &Diagnostic| workspace.source(finding.primary.place.source).path.as_str();
        let unread: BTreeSet<String> = diagnostics
            .iter()
            .filter(|finding| finding.code.loses_records)
            .map(|finding| file(finding).to_owned())
            .collect();
        let mut known: HashMap<&str, bool> =
            self.entries.iter().map(|entry| (entry.fingerprint.as_str(), false)).collect();
        let mut fingerprints = Fingerprints::default();
        let before = diagnostics.len();
        diagnostics.retain(|diagnostic| {
            let fingerprint = fingerprints.next(workspace, diagnostic).to_string();
            match known.get_mut(fingerprint.as_str()) {
                Some(found) => {
                    *found = true;
                    false
                }
                None => true,
            }
        });
        let hidden = |entry: &Entry| {
            let topic = entry.topic();
            let of = |holds: &dyn Fn(&Topic) -> bool| topic.as_ref().is_some_and(holds);
            unread.contains(&entry.file)
                || (!unread.is_empty() && of(&|topic| names.needs_all_records(topic)))
                || of(&|topic| omitted.has(topic))
        };
        let gone = |entry: &&Entry| !known[entry.fingerprint.as_str()] && !hidden(entry);
        let stale = self.entries.iter().filter(gone).map(stale).collect();
        Sifted { known: before - diagnostics.len(), stale }
    }
}

impl Entry {
    /// What the finding is about, if there still is such a code.
    fn topic(&self) -> Option<Topic> {
        let (code, part) = match self.topic.split_once('/') {
            Some((code, part)) => (code, Some(Arc::from(part))),
            None => (&*self.topic, None),
        };
        rules::find(code).map(|code| Topic { code, part })
    }
}

fn stale(entry: &Entry) -> (String, Diagnostic) {
    let Entry { topic, file, message, place, .. } = entry;
    let message =
        format!("the baseline knows {topic} in `{file}`, which isn't found any more: {message}");
    let diagnostic = Diagnostic::new(&code::STALE_BASELINE, place.clone(), message)
        .help("`demarche check --update-baseline` takes it out, so that it can't come back unseen");
    (entry.file.clone(), diagnostic)
}
