//! How text that others wrote is spelt in what we write: one file a language.
//!
//! Titles, descriptions, values, keys and names of files are written by whoever curates a dataset,
//! and may hold anything. Here alone is decided how such a text stands in a line of a terminal, in
//! a workflow command, in XML and in Markdown, so that it is shown and never obeyed. What is written
//! for programs (CSV, JSON, Parquet) keeps every character, by the rules of its format.

pub mod github;
pub mod markdown;
pub mod terminal;
pub mod xml;

/// What stands for a character that can't be shown.
const HIDDEN: char = '\u{fffd}';

/// Whether a character moves the cursor, turns the direction of writing or can't be seen at all,
/// so that a replacement stands for it where people read. (U+200D joins emoji and stays.)
pub(crate) fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'
            | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

/// A value as messages quote it: text in backticks, cut after 60 characters.
#[must_use]
pub fn quote(text: &str) -> String {
    const SHOWN_CHARS_MAX: usize = 60;
    let shown: String = text
        .chars()
        .take(SHOWN_CHARS_MAX)
        .map(|character| if is_invisible(character) { '\u{fffd}' } else { character })
        .collect();
    let more = if shown.len() < text.len() { "…" } else { "" };
    format!("`{shown}{more}`")
}

/// A count with a comma between thousands.
#[must_use]
pub fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Alternatives as a sentence part: "`a`, `b` or `c`", shortened after a dozen.
#[must_use]
pub fn one_of<'a>(options: impl IntoIterator<Item = &'a str>) -> String {
    listed(options, "or")
}

/// Things as a sentence part: "`a`, `b` and `c`", shortened after a dozen.
#[must_use]
pub fn all_of<'a>(options: impl IntoIterator<Item = &'a str>) -> String {
    listed(options, "and")
}

fn listed<'a>(options: impl IntoIterator<Item = &'a str>, word: &str) -> String {
    const SHOWN_MAX: usize = 12;
    let options: Vec<_> = options.into_iter().map(quote).collect();
    match options.as_slice() {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [rest @ .., last] if options.len() <= SHOWN_MAX => {
            format!("{} {word} {last}", rest.join(", "))
        }
        _ => format!("{} and {} more", options[..SHOWN_MAX].join(", "), options.len() - SHOWN_MAX),
    }
}
