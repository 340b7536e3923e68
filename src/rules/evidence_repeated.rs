//! E002: one source cited twice for the same.

use std::collections::BTreeSet;

use super::{Check, Found, RecordAt, Rule};
use crate::diagnostic::{Code, Diagnostic, Severity, quote};
use crate::model::Role;
use crate::tape::Tag;
use crate::validate::equality::equal;

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

fn check(at: &RecordAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let sources: Vec<_> = at.find(Role::Source).collect();
    for (index, again) in sources.iter().enumerate() {
        let first = sources[..index].iter().find(|first| says_the_same(at, first, again));
        let Some(first) = first else { continue };
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
}

/// One source and stance about the same parts of the record, and nothing else that tells the two
/// apart, such as the page.
fn says_the_same(at: &RecordAt<'_>, a: &Found<'_, '_>, b: &Found<'_, '_>) -> bool {
    let stance = |found: &Found<'_, '_>| {
        at.roles
            .beside(Role::Stance, found)
            .and_then(|stance| stance.value.as_str().map(str::to_owned))
    };
    a.value.as_str() == b.value.as_str()
        && stance(a) == stance(b)
        && pointers(at, a) == pointers(at, b)
        && a.around.tag() == Tag::Object
        && a.around.entries().all(|entry| {
            b.around.get(entry.name()).is_none_or(|other| {
                entry.value.tag() == Tag::Array || equal(entry.value, other)
            })
        })
        // Entries that are equal altogether are a repeated item.
        && !equal(a.around, b.around)
}

/// The parts of the record that the entry is about.
fn pointers<'t>(at: &RecordAt<'t>, entry: &Found<'t, '_>) -> BTreeSet<&'t str> {
    let within = format!("{}/", entry.around_pointer());
    at.find(Role::Pointer)
        .filter(|pointer| pointer.pointer().starts_with(&within))
        .filter_map(|pointer| pointer.value.as_str())
        .collect()
}
