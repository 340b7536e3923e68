//! Waivers: findings that somebody has looked at and accepts, each with a reason.
//!
//! A record says so itself, in values with the roles `waiver` and `waiver-reason` side by side, or
//! the manifest says it for the record by its key. A waiver takes all findings of one code that
//! stand in its record. One that takes none is reported, unless a fault that keeps other findings
//! from being found may be why. What no release can be built from can't be waived.

use std::collections::BTreeMap;

use crate::check::WaivedRecord;
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Code, Counted, Diagnostic, Place, RecordName, code, quote};
use crate::manifest::{DeclaredWaiver, Manifest};
use crate::rules::{self, is_tunable};

/// A waiver of the manifest for a finding that may be waived.
#[derive(Clone, Debug)]
pub struct Declared {
    /// What is accepted.
    pub code: &'static Code,
    /// The record's table.
    pub table: String,
    /// The record's key.
    pub key: String,
    /// Where the code is named.
    pub place: Place,
}

impl Declared {
    fn is_for(&self, name: &RecordName) -> bool {
        self.table == name.table && name.key.as_ref() == Some(&self.key)
    }
}

/// The waivers of a manifest; what can't be used is reported.
#[must_use]
pub fn declared(manifest: &Manifest, diagnostics: &mut Vec<Diagnostic>) -> Vec<Declared> {
    let usable = |waiver: &DeclaredWaiver| {
        let DeclaredWaiver { code, reason, table, key, place } = waiver;
        let code = check(code, Some(reason), place, diagnostics)?;
        Some(Declared { code, table: table.clone(), key: key.clone(), place: place.clone() })
    };
    manifest.waivers.iter().filter_map(usable).collect()
}

/// The code that a waiver names, if it may be waived and there is a reason. Else reports.
fn check(
    wanted: &str,
    reason: Option<&str>,
    place: &Place,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<&'static Code> {
    let Some(found) = rules::find(wanted) else {
        let codes = rules::all_codes();
        let help = match nearest(wanted, codes.iter().map(|code| code.name)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "name the code that the finding shows, as in `D006`".to_owned(),
        };
        let message = format!("the waiver is for {}, which is no code of a finding", quote(wanted));
        diagnostics.push(Diagnostic::new(&code::UNKNOWN_WAIVER, place.clone(), message).help(help));
        return None;
    };
    let before = diagnostics.len();
    if !is_tunable(found) || found.id.starts_with('W') {
        let message = format!(
            "the waiver is for {} ({}), which can't be waived",
            quote(found.name),
            found.id
        );
        let help = "mend the data; only rules about doubtful data can be waived";
        diagnostics
            .push(Diagnostic::new(&code::FORBIDDEN_WAIVER, place.clone(), message).help(help));
    }
    if reason == Some("") {
        // Empty text is an error by itself.
        return None;
    }
    if reason.is_none_or(|reason| reason.trim().is_empty()) {
        let message = format!("the waiver of {} gives no reason", quote(found.name));
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
    /// Tables of which not all records are known.
    incomplete: Vec<(String, bool)>,
}

/// One waiver that counts.
struct Waiver<'w> {
    code: &'static Code,
    place: &'w Place,
    /// None if there is no such record.
    record: Option<&'w WaivedRecord>,
    /// What the manifest says, if it is in the manifest.
    declared: Option<&'w Declared>,
    used: bool,
}

impl Waiver<'_> {
    fn concerns(&self, diagnostic: &Diagnostic) -> bool {
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
    ) -> Self {
        records.sort_by_key(WaivedRecord::start);
        Self { records, declared, incomplete }
    }

    /// Takes out the findings that are waived, and reports what is wrong with waivers. Returns how
    /// many findings were taken out. What was omitted can't be taken out, and may be what a waiver
    /// is for.
    #[must_use]
    pub fn apply(self, diagnostics: &mut Vec<Diagnostic>, omitted: &Counted) -> usize {
        let mut faults = Vec::new();
        let mut waivers = self.waivers(&mut faults);
        let mut of_code: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, waiver) in waivers.iter().enumerate() {
            of_code.entry(waiver.code.id).or_default().push(index);
        }
        let before = diagnostics.len();
        diagnostics.retain(|diagnostic| {
            let mut kept = true;
            for &index in of_code.get(diagnostic.code.id).into_iter().flatten() {
                let waiver = &mut waivers[index];
                if waiver.concerns(diagnostic) {
                    waiver.used = true;
                    kept = false;
                }
            }
            kept
        });
        let count = before - diagnostics.len();
        let unused = waivers.iter().filter(|it| !it.used && !omitted.has(it.code.id));
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
                if let Some(code) = check(&own.code, own.reason.as_deref(), place, faults) {
                    let record = Some(record);
                    waivers.push(Waiver { code, place, record, declared: None, used: false });
                }
                for fault in &mut faults[before..] {
                    fault.record = Some(record.name.clone());
                }
            }
        }
        for declared in self.declared {
            let Declared { code, place, .. } = declared;
            let record = self.records.iter().find(|record| declared.is_for(&record.name));
            let declared = Some(declared);
            waivers.push(Waiver { code, place, record, declared, used: false });
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
            .filter(|finding| finding.is_error() && !is_tunable(finding.code))
            .peekable();
        let diagnostic =
            |message| Diagnostic::new(&code::STALE_WAIVER, waiver.place.clone(), message);
        let name = quote(waiver.code.name);
        let Some(record) = waiver.record else {
            let declared = self.declared.iter().find(|declared| declared.place == *waiver.place)?;
            // That of a retired key stays, whatever release is compared: the key isn't free.
            if rules::is_about_absence(waiver.code) || self.is_incomplete(&declared.table) {
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
        let found = if rules::needs_all_records(waiver.code) {
            structural.peek().is_none()
        } else {
            !self.is_incomplete(&record.name.table)
                && !structural.any(|finding| record.holds(finding))
        };
        let of = match &record.name.key {
            Some(key) => format!("{} of `{}`", quote(key), record.name.table),
            None => "this record".to_owned(),
        };
        let mut diagnostic = if rules::is_about_absence(waiver.code) {
            diagnostic(format!("{of} has a key that this waiver of {name} retires")).help(
                "give the record a key of its own; or remove the waiver, if the record is back",
            )
        } else {
            diagnostic(format!("{of} waives {name}, but there is nothing to waive"))
                .help("remove the waiver: it would hide the next finding of its kind")
        };
        diagnostic.record = Some(record.name.clone());
        found.then_some(diagnostic)
    }
}
