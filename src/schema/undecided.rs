//! Notes which patterns took too many steps on a text to be decided, while a record is judged.
//!
//! The evaluation of a schema, ours or the authority's, returns only yes or no. So the pattern is noted
//! in a variable of the thread, and whoever asked for the verdict looks there.

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
