//! Fingerprints: how a finding is recognised from one run to the next.
//!
//! A fingerprint names a finding by what it is about, not by where it stands: the code with the
//! constraint, the record, the path inside it, and the value seen. Lines may move, records change their order or their file,
//! list items be put before, messages be worded anew. `docs/diagnostics.md` documents it; a change
//! is a new [`VERSION`].

use std::collections::HashMap;
use std::fmt;

use xxhash_rust::xxh3::xxh3_64;

use super::Diagnostic;
use crate::pointer;
use crate::workspace::Workspace;

/// The version of what goes into a fingerprint.
pub const VERSION: &str = "v2";

/// What a finding is about, and the how manieth one like that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint {
    /// A hash over what the finding is about.
    pub subject: u64,
    /// Findings with one subject are numbered from 1 in the order of their places.
    pub number: u32,
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}:{}", self.subject, self.number)
    }
}

/// Numbers findings; ask for each once, in the order of places.
#[derive(Debug, Default)]
pub struct Fingerprints(HashMap<u64, u32>);

impl Fingerprints {
    /// The fingerprint of the next finding.
    pub fn next(&mut self, workspace: &Workspace, diagnostic: &Diagnostic) -> Fingerprint {
        let subject = subject(workspace, diagnostic);
        let number = self.0.entry(subject).or_default();
        *number += 1;
        Fingerprint { subject, number: *number }
    }
}

/// A hash over what a finding is about.
///
/// It is XXH3-64 over five texts, each followed by a zero byte: the code, with the id of the constraint
/// or expectation after a `/`; the table of the record, or nothing; its key, or, where there is none, the file's path after a `/`; the JSON Pointer with
/// `*` for numbers; and the first text in backticks of the message that is neither the path nor the
/// key, or the key if there is no other.
#[must_use]
pub fn subject(workspace: &Workspace, diagnostic: &Diagnostic) -> u64 {
    let place = &diagnostic.primary.place;
    let pointer = place.pointer.as_deref().unwrap_or_default();
    let record = diagnostic.record.as_ref();
    let key = record.and_then(|record| record.key.as_deref());
    let mut hashed = String::new();
    let mut push = |parts: &[&str]| {
        hashed.extend(parts.iter().copied());
        hashed.push('\0');
    };
    match &diagnostic.part {
        Some(part) => push(&[diagnostic.code.id, "/", part]),
        None => push(&[diagnostic.code.id]),
    }
    push(&[record.map_or("", |record| &record.table)]);
    match key {
        Some(key) => push(&[key]),
        None => push(&["/", &workspace.source(place.source).path]),
    }
    push(&[&anywhere(pointer)]);
    let path = pointer::readable(pointer);
    push(&[value_seen(&diagnostic.message, &path, key).unwrap_or_default()]);
    xxh3_64(hashed.as_bytes())
}

/// A pointer without positions in lists.
fn anywhere(pointer: &str) -> String {
    let number = |token: &str| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit());
    let tokens: Vec<_> =
        pointer.split('/').map(|token| if number(token) { "*" } else { token }).collect();
    tokens.join("/")
}

/// Messages name the value seen, or the property concerned, after the path and before all else. Those
/// about two records name both: which one a finding is about was told, so the other one is what counts.
fn value_seen<'m>(message: &'m str, path: &str, key: Option<&str>) -> Option<&'m str> {
    let quoted = || message.split('`').skip(1).step_by(2).filter(|quoted| *quoted != path);
    quoted().find(|quoted| Some(*quoted) != key).or_else(|| quoted().next())
}

#[cfg(test)]
mod tests {
    use super::{anywhere, value_seen};

    #[test]
    fn positions_in_lists_do_not_count() {
        assert_eq!(anywhere("/participants/12/role"), "/participants/*/role");
        assert_eq!(anywhere(""), "");
    }

    #[test]
    fn the_value_comes_after_the_path() {
        let message = "`participants[0].role` is `hst`, but must be `host`";
        assert_eq!(value_seen(message, "participants[0].role", Some("a")), Some("hst"));
        assert_eq!(value_seen("the record lacks `id`", "the record", None), Some("id"));
        assert_eq!(value_seen("nothing is quoted", "", None), None);
    }

    #[test]
    fn the_other_record_counts_before_the_own_key() {
        let message = "the thing `b` says the same as `a`";
        assert_eq!(value_seen(message, "id", Some("b")), Some("a"));
        assert_eq!(value_seen("`id` is `b`", "id", Some("b")), Some("b"));
    }
}
