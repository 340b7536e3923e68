//! Input formats: source text in, a tape out. A parser never fails; it reports.

pub mod address;
pub mod content;
pub mod csv;
pub mod decode;
pub mod json;
pub mod scalar;
pub mod spelling;
pub mod toml;
pub mod yaml;

use crate::diagnostic::{Diagnostic, Place, code, quote};

/// Containers may be nested this deep; records need less than ten levels.
pub const DEPTH_MAX: usize = 128;

/// The finding that an object has a key twice. `spelling` is the key as the source writes it.
fn duplicate_key(spelling: &str, first: Place, second: Place) -> Diagnostic {
    let key = quote(spelling.trim_matches(['"', '\'']));
    Diagnostic::new(&code::DUPLICATE_KEY, second, format!("the key {key} stands here twice"))
        .label("again here")
        .with(first, "first here")
        .help("keep one of the two: readers disagree about which one counts")
}
