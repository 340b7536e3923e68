//! Patterns that gave up on a text while a record was judged.
//!
//! What gives up is deep inside of an evaluation that knows yes and no alone, ours or the authority's.
//! So it is noted beside it, by the thread that evaluates, and whoever asked for a verdict looks.

use std::cell::RefCell;

thread_local! {
    static PATTERN: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Notes that a pattern gave up.
pub(super) fn note(pattern: &str) {
    PATTERN.with_borrow_mut(|noted| noted.get_or_insert_with(|| pattern.to_owned()).truncate(1000));
}

/// The first pattern that gave up since this was last asked.
pub(super) fn take() -> Option<String> {
    PATTERN.take()
}
