//! Waivers: findings that somebody has looked at and accepts, each with a reason.
//!
//! A record says so itself, in values with the roles `waiver` and `waiver-reason` side by side, or
//! the manifest says it for the record by its key. A waiver takes all findings of one code, or of one
//! constraint, that stand in its record. Findings of expectations are those of a group of records: the
//! manifest calls the group by what the records have in common. One that takes none is reported, unless a fault that keeps other findings
//! from being found may be why. What no release can be built from can't be waived.

use std::collections::BTreeMap;

use super::names::{Named, Names};
use crate::check::WaivedRecord;
use crate::diagnostic::{Concern, Counted, Diagnostic, Place, RecordName, Topic, code, quote};
use crate::manifest::{DeclaredWaiver, Manifest};

/// A waiver of the manifest for a finding that may be waived.
#[derive(Clone, Debug)]
pub struct Declared {
    /// What is accepted.
    pub topic: Topic,
    /// The record's table.
    pub table: String,
    /// The record's key; of an expectation, what the records of the group have in common, with commas between,
    /// and `*` for the whole table.
    pub key: String,
    /// Where the code is named.
    pub place: Place,
}

impl Declared {
    fn is_for(&self, name: &RecordName) -> bool {
        self.table == name.table && name.key.as_ref() == Some(&self.key)
    }

    /// Whether it is for a group, or for the whole table.
    fn is_for_group(&self, name: &RecordName) -> bool {
        self.is_for(name) || self.table == name.table && name.key.is_none() && self.key == "*"
    }
}

/// The waivers of a manifest; what can't be used is reported.
#[must_use]
pub fn declared(
    manifest: &Manifest,
    names: &Names<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Declared> {
    let usable = |waiver: &DeclaredWaiver| {
        let DeclaredWaiver { code, reason, table, key, place } = waiver;
        let topic = check(code, Some(reason), place, names, diagnostics)?;
        Some(Declared { topic, table: table.clone(), key: key.clone(), place: place.clone() })
    };
    manifest.waivers.iter().filter_map(usable).collect()
}

/// What a waiver is for, if it may be waived and there is a reason. Else reports.
fn check(
    wanted: &str,
    reason: Option<&str>,
    place: &Place,
    names: &Names<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Topic> {
    let found = match names.find(wanted) {
        Named::Topic(topic) => topic,
        Named::Unknown => return None,
        Named::Nothing => {
            let help = match names.nearest(wanted) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name the code that the finding shows, as in `D006`, or the constraint"
                    .to_owned(),
            };
            let message =
                format!("the waiver is for {}, which is no code of a finding", quote(wanted));
            let finding = Diagnostic::new(&code::UNKNOWN_WAIVER, place.clone(), message);
            diagnostics.push(finding.help(help));
            return None;
        }
    };
    let before = diagnostics.len();
    if !found.code.is_waivable() {
        let message =
            format!("the waiver is for {} ({found}), which can't be waived", quote(found.name()));
        let help = "mend the data; only rules about doubtful data can be waived";
        diagnostics
            .push(Diagnostic::new(&code::FORBIDDEN_WAIVER, place.clone(), message).help(help));
    }
    if reason == Some("") {
        // Empty text is an error by itself.
        return None;
    }
    if reason.is_none_or(|reason| reason.trim().is_empty()) {
        let message = format!("the waiver of {} gives no reason", quote(found.name()));
        let help = "say beside it why the data is right, for whoever reads it next year";
        diagnostics
            .push(Diagnostic::new(&code::UNEXPLAINED_WAIVER, place.clone(), message).help(help));
    }
    (diagnostics.len() == before).then_some(found)
}

/// All waivers of a project.
pub struct Waived<'m> {
    records: Vec<WaivedRecord>,
    declared: &'m [Declared],
    names: Names<'m>,
    /// Tables of which not all records are known.
    incomplete: Vec<(String, bool)>,
}

/// One waiver that counts.
struct Waiver<'w> {
    topic: Topic,
    place: &'w Place,
    /// None if there is no such record.
    record: Option<&'w WaivedRecord>,
    /// What the manifest says, if it is in the manifest.
    declared: Option<&'w Declared>,
    used: bool,
}

impl Waiver<'_> {
    /// Whether it is for groups of records.
    fn is_of_group(&self) -> bool {
        self.topic.code.concern == Concern::Group
    }

    fn concerns(&self, diagnostic: &Diagnostic) -> bool {
        if self.is_of_group() {
            let name = diagnostic.record.as_ref();
            return match (self.declared, self.record) {
                (Some(declared), _) => name.is_some_and(|name| declared.is_for_group(name)),
                (None, record) => record.is_some_and(|it| it.covers(&diagnostic.primary.place)),
            };
        }
        match (self.record, self.declared, &diagnostic.record) {
            (Some(record), _, _) => record.holds(diagnostic),
            // A record that is gone has nothing to hold a finding.
            (None, Some(declared), Some(name)) => declared.is_for(name),
            (None, _, _) => false,
        }
    }
}

impl<'m> Waived<'m> {
    /// The waivers of these records and of the manifest. `incomplete` says of each table whether it
    /// has records whose keys aren't known.
    #[must_use]
    pub fn of(
        mut records: Vec<WaivedRecord>,
        incomplete: Vec<(String, bool)>,
        declared: &'m [Declared],
        names: Names<'m>,
    ) -> Self {
        records.sort_by_key(WaivedRecord::start);
        Self { records, declared, names, incomplete }
    }

    /// Takes out the findings that are waived, and reports what is wrong with waivers. Returns how
    /// many findings were taken out. What was omitted can't be taken out, and may be what a waiver
    /// is for.
    #[must_use]
    pub fn apply(self, diagnostics: &mut Vec<Diagnostic>, omitted: &Counted) -> usize {
        let mut faults = Vec::new();
        let mut waivers = self.waivers(&mut faults);
        // No id of a constraint is one of a code.
        let mut by_id: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, waiver) in waivers.iter().enumerate() {
            let id = waiver.topic.part.as_deref().unwrap_or(waiver.topic.code.id);
            by_id.entry(id.to_owned()).or_default().push(index);
        }
        let before = diagnostics.len();
        diagnostics.retain(|diagnostic| {
            let mut kept = true;
            let of_code = by_id.get(diagnostic.code.id);
            let of_part = diagnostic.part.as_ref().and_then(|part| by_id.get(&**part));
            for &index in of_code.into_iter().chain(of_part).flatten() {
                let waiver = &mut waivers[index];
                if waiver.concerns(diagnostic) {
                    waiver.used = true;
                    kept = false;
                }
            }
            kept
        });
        let count = before - diagnostics.len();
        let unused = waivers.iter().filter(|it| !it.used && !omitted.has(&it.topic));
        faults.extend(unused.filter_map(|waiver| self.stale(waiver, diagnostics)));
        diagnostics.extend(faults);
        count
    }

    fn waivers(&self, faults: &mut Vec<Diagnostic>) -> Vec<Waiver<'_>> {
        let mut waivers = Vec::new();
        for record in &self.records {
            for own in &record.own {
                let before = faults.len();
                let place = &own.place;
                let reason = own.reason.as_deref();
                if let Some(topic) = check(&own.code, reason, place, &self.names, faults) {
                    let record = Some(record);
                    waivers.push(Waiver { topic, place, record, declared: None, used: false });
                }
                for fault in &mut faults[before..] {
                    fault.record = Some(record.name.clone());
                }
            }
        }
        for declared in self.declared {
            let Declared { topic, place, .. } = declared;
            let topic = topic.clone();
            let record = self.records.iter().find(|record| declared.is_for(&record.name));
            let declared = Some(declared);
            waivers.push(Waiver { topic, place, record, declared, used: false });
        }
        waivers
    }

    /// Whether records of a table, or rows of theirs, couldn't be read.
    fn is_incomplete(&self, wanted: &str) -> bool {
        self.incomplete.iter().any(|(table, incomplete)| table == wanted && *incomplete)
    }

    /// What there is to say about a waiver that took nothing.
    fn stale(&self, waiver: &Waiver<'_>, diagnostics: &[Diagnostic]) -> Option<Diagnostic> {
        let mut structural = diagnostics
            .iter()
            .filter(|finding| finding.is_error() && !finding.code.is_tunable())
            .peekable();
        let diagnostic =
            |message| Diagnostic::new(&code::STALE_WAIVER, waiver.place.clone(), message);
        let name = quote(waiver.topic.name());
        let help = "remove the waiver: it would hide the next finding of its kind";
        if waiver.is_of_group()
            && let Some(Declared { table, key, .. }) = waiver.declared
        {
            let (key, of) = (quote(key), quote(table));
            let message = format!("{key} of {of} waives {name}, but there is nothing to waive");
            let is_known = structural.peek().is_none() && !self.is_incomplete(table);
            return is_known.then(|| diagnostic(message).help(help));
        }
        let Some(record) = waiver.record else {
            let declared = waiver.declared?;
            // That of a retired key stays, whatever release is compared: the key isn't free.
            if waiver.topic.code.concern == Concern::AbsentRecord
                || self.is_incomplete(&declared.table)
            {
                return None;
            }
            let (key, table) = (quote(&declared.key), quote(&declared.table));
            return Some(
                diagnostic(format!(
                    "the waiver of {name} is for {key}, which {table} doesn't have"
                ))
                .help("correct the key, or remove the waiver"),
            );
        };
        let found = if self.names.needs_all_records(&waiver.topic) {
            structural.peek().is_none()
        } else {
            !self.is_incomplete(&record.name.table)
                && !structural.any(|finding| record.holds(finding))
        };
        let of = match &record.name.key {
            Some(key) => format!("{} of `{}`", quote(key), record.name.table),
            None => "this record".to_owned(),
        };
        let mut diagnostic = if waiver.topic.code.concern == Concern::AbsentRecord {
            diagnostic(format!("{of} has a key that this waiver of {name} retires")).help(
                "give the record a key of its own; or remove the waiver, if the record is back",
            )
        } else {
            diagnostic(format!("{of} waives {name}, but there is nothing to waive")).help(help)
        };
        diagnostic.record = Some(record.name.clone());
        found.then_some(diagnostic)
    }
}
