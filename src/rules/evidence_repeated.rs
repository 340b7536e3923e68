//! E002: one source cited twice for the same.

use std::collections::HashMap;

use super::{Check, Found, RecordAt, Rule};
use crate::diagnostic::{Code, Diagnostic, Severity, quote};
use crate::model::Role;
use crate::tape::equality::equal;
use crate::tape::{Tag, Value};

/// Evidence that names the same source with the same stance twice.
pub static RULE: Rule = Rule {
    code: &Code {
        id: "E002",
        name: "repeated-evidence",
        severity: Severity::Warning,
        since: "0.1.0",
        summary: "A record cites the same source for the same thing twice.",
        explanation: "\
One source may support some claims and contradict others, in two entries. Two entries with one \
source and one stance about the same parts of the record are one entry written twice, and counts of sources mislead.",
    },
    check: Check::Record(check),
};

/// Of one source about one thing, so many entries before an entry are compared with it.
const COMPARED_MAX: usize = 64;

/// Source, stance and the parts of the record that an entry is about.
type Claim<'t> = (Option<&'t str>, Option<&'t str>, Vec<&'t str>);

fn check(at: &RecordAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    if at.count(Role::Source) < 2 {
        return;
    }
    let mut pointers: Vec<_> = at.find(Role::Pointer).map(|it| it.value).collect();
    pointers.sort_by_key(|pointer| pointer.index());
    let mut claims: HashMap<Claim<'_>, Vec<Found<'_, '_>>> = HashMap::new();
    for again in at.find(Role::Source) {
        let stance = at.roles.beside(Role::Stance, &again).and_then(|stance| stance.value.as_str());
        let claim = (again.value.as_str(), stance, parts(&pointers, again.around));
        let before = claims.entry(claim).or_default();
        let mut recent = before[before.len().saturating_sub(COMPARED_MAX)..].iter();
        if let Some(first) = recent.find(|first| says_the_same(first, &again)) {
            let source = again.value.as_str().unwrap_or_default();
            let message =
                format!("{} cites {} for the same thing again", again.subject(), quote(source));
            diagnostics.push(
                Diagnostic::new(RULE.code, again.place(), message)
                    .label("again here")
                    .with(first.place(), "first here")
                    .help("make one entry of the two"),
            );
        }
        before.push(again);
    }
}

/// Whether nothing tells two entries about one thing apart, such as the page.
fn says_the_same(a: &Found<'_, '_>, b: &Found<'_, '_>) -> bool {
    a.around.tag() == Tag::Object
        && a.around.entries().all(|entry| {
            b.around.get(entry.name()).is_none_or(|other| {
                entry.value.tag() == Tag::Array || equal(entry.value, other)
            })
        })
        // Entries that are equal altogether are a repeated item.
        && !equal(a.around, b.around)
}

/// The parts of the record that an entry is about, of all pointers in the order of the tape.
fn parts<'t>(pointers: &[Value<'t>], entry: Value<'t>) -> Vec<&'t str> {
    let first = pointers.partition_point(|pointer| pointer.index() < entry.index());
    let inside = pointers[first..].iter().take_while(|pointer| entry.holds(**pointer));
    let mut parts: Vec<_> = inside.filter_map(|pointer| pointer.as_str()).collect();
    parts.sort_unstable();
    parts.dedup();
    parts
}
