//! JSON Pointers (RFC 6901), the names of places inside a record.

use std::borrow::Cow;
use std::fmt::Write as _;

/// One reference token as it is written in a pointer.
#[must_use]
pub fn escape(token: &str) -> Cow<'_, str> {
    if token.contains(['~', '/']) {
        Cow::Owned(token.replace('~', "~0").replace('/', "~1"))
    } else {
        Cow::Borrowed(token)
    }
}

/// What one reference token of a pointer means.
#[must_use]
pub fn unescape(token: &str) -> Cow<'_, str> {
    if token.contains('~') {
        Cow::Owned(token.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(token)
    }
}

/// What the tokens of a pointer mean, from the outermost inwards.
pub fn tokens(pointer: &str) -> impl Iterator<Item = Cow<'_, str>> {
    pointer.split('/').skip(1).map(unescape)
}

/// The pointer one step further down, by a property's name.
#[must_use]
pub fn join(pointer: &str, token: &str) -> String {
    format!("{pointer}/{}", escape(token))
}

/// The pointer one step further down, by an item's position from 0.
#[must_use]
pub fn join_index(pointer: &str, index: usize) -> String {
    format!("{pointer}/{index}")
}

/// The pointer as people write paths: `participants[0].role`; the record itself for the root.
#[must_use]
pub fn readable(pointer: &str) -> String {
    let mut path = String::new();
    for token in pointer.split('/').skip(1) {
        let token = unescape(token);
        if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit()) {
            let _ = write!(path, "[{token}]");
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&token);
        }
    }
    if path.is_empty() { "the record".to_owned() } else { path }
}
