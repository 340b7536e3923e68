//! What a wrong value was probably meant to be.

use unicode_normalization::UnicodeNormalization as _;

use crate::diagnostic::nearest::{Likeness, Words};
use crate::diagnostic::{Certainty, Diagnostic};
use crate::parse::spelling::respell;
use crate::tape::Value;

/// Adds "did you mean" to a finding about a text that is none of `words`, and a fix where only one
/// of them can be meant.
#[must_use]
pub fn suggest(diagnostic: Diagnostic, value: Value<'_>, words: &Words) -> Diagnostic {
    let Some(text) = value.as_str() else { return diagnostic };
    let guess = words.guess(text);
    let Some(question) = guess.question() else { return diagnostic };
    let diagnostic = diagnostic.help(question);
    let Some(near) = guess.one().filter(|near| near.is_writable()) else { return diagnostic };
    // What differs only in the blanks around it, or in how its characters are put together, means
    // the same.
    let normal: String = text.trim().nfc().collect();
    let same = near.likeness == Likeness::Same && normal == near.word;
    let certainty = if same { Certainty::Certain } else { Certainty::Suggested };
    match respell(value, near.word) {
        Some(replacement) => {
            diagnostic.replace(certainty, format!("write `{}`", near.word), replacement)
        }
        None => diagnostic,
    }
}
