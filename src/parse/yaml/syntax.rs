//! Syntax errors in a curator's words.

use std::ops::Range;

use granit_parser::ErrorKind;

use super::opening::{self, Opening};
use crate::diagnostic::quote;

/// What is wrong, and what to do.
pub struct Explanation {
    /// The bytes to point at: usually one character.
    pub span: Range<usize>,
    /// One line.
    pub message: String,
    /// What to do next.
    pub help: &'static str,
    /// Where it showed, if that is elsewhere.
    pub noticed: Option<Range<usize>>,
}

const TAB: (&str, &str) = (
    "a tab stands where YAML takes only spaces",
    "indent with spaces; most editors can convert tabs",
);

/// The finding that a line is indented by a tab at `at`.
#[must_use]
pub fn tab(at: usize) -> Explanation {
    Explanation { span: at..at + 1, message: TAB.0.to_owned(), help: TAB.1, noticed: None }
}

/// Words for an error that the parser met at byte `at`, in a record that begins at `from`.
#[must_use]
pub fn explain(text: &str, from: usize, at: usize, kind: &ErrorKind) -> Explanation {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar => {
            // The parser may stand before or after the blanks that hold the tab.
            let line = line_start(text, at);
            let end = text[line..].find('\n').map_or(text.len(), |length| line + length);
            if let Some(length) = text[line..end].find('\t') {
                return tab(line + length);
            }
        }
        ErrorKind::UnexpectedCharacter { character } => {
            // The parser points to the start of the text that holds it.
            at += text[at..].find(*character).unwrap_or_default();
        }
        ErrorKind::MappingValueNotAllowed
        | ErrorKind::InvalidSimpleKey
        | ErrorKind::SimpleKeyExpected => {
            if let Some(explanation) = unclosed(text, from, at, kind) {
                return explanation;
            }
            if let Some(explanation) = missing_space(text, at) {
                return explanation;
            }
        }
        _ if text[at..].starts_with('\t') => return tab(at),
        _ => {
            if let Some(explanation) = unclosed(text, from, at, kind) {
                return explanation;
            }
        }
    }
    let first = text[at..].chars().next().filter(|it| !matches!(it, '\n' | '\r'));
    let (message, help) = words(kind);
    Explanation { span: at..at + first.map_or(0, char::len_utf8), message, help, noticed: None }
}

/// A quotation mark or bracket that was never closed, on an earlier line than the error.
fn unclosed(text: &str, from: usize, at: usize, kind: &ErrorKind) -> Option<Explanation> {
    let about_escapes = matches!(
        kind,
        ErrorKind::UnknownQuotedScalarEscape
            | ErrorKind::InvalidQuotedScalarHexEscape
            | ErrorKind::InvalidUnicodeEscape
            | ErrorKind::RecursionLimitExceeded
    );
    if about_escapes {
        return None;
    }
    // The parser points to the opening itself where nothing closes it at all.
    let (open, message, help) = match opening::find(text, from, at)? {
        Opening::Quote(open) => (
            open,
            "a quotation mark is never closed",
            "close it on its line; inside single quotes, write an apostrophe twice",
        ),
        Opening::Bracket(open) => {
            let line = text[open..].lines().next().unwrap_or_default();
            let help = if line.contains(" #") {
                "a comment begins at ` #`, so that the bracket behind it doesn't count: quote the text"
            } else {
                "close it, or quote the text if the bracket belongs to it"
            };
            (open, "a bracket is never closed", help)
        }
    };
    let length = text[at..].chars().next().filter(|it| !matches!(it, '\n' | '\r'));
    let noticed = at..at + length.map_or(0, char::len_utf8);
    let span = open..open + 1;
    Some(Explanation { span, message: message.to_owned(), help, noticed: Some(noticed) })
}

/// `key:value` in the line of `at` or the one before it, which made text of what should be a pair.
fn missing_space(text: &str, at: usize) -> Option<Explanation> {
    let this = line_start(text, at);
    let before = line_start(text, this.saturating_sub(1));
    [before, this].into_iter().find_map(|line| {
        let start = line + text[line..].find(|it: char| !matches!(it, ' ' | '-'))?;
        let is_key = |it: char| it.is_alphanumeric() || matches!(it, '_' | '-');
        let colon = start + text[start..].find(|it: char| !is_key(it))?;
        let value = text[colon..].strip_prefix(':')?;
        (colon > start && !value.starts_with([' ', '\t', '\r', '\n', '/'])).then(|| Explanation {
            span: start..colon + 1,
            message: format!("a space is missing after {}", quote(&text[start..=colon])),
            help: "write `key: value`, with a space after the colon",
            noticed: None,
        })
    })
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

fn words(kind: &ErrorKind) -> (String, &'static str) {
    let (message, help) = match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar => TAB,
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => (
            "a quotation mark is never closed",
            "close it; inside single quotes, write an apostrophe twice",
        ),
        ErrorKind::InvalidTrailingSingleQuotedScalar => (
            "text goes on after the closing `'`",
            "inside single quotes, write an apostrophe twice: `'the state''s'`",
        ),
        ErrorKind::InvalidTrailingDoubleQuotedScalar => (
            "text goes on after the closing `\"`",
            "inside double quotes, write a quotation mark as `\\\"`, or quote the whole text",
        ),
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidLowSurrogateHexEscape
        | ErrorKind::InvalidLowSurrogate
        | ErrorKind::MissingLowSurrogate
        | ErrorKind::UnpairedLowSurrogate
        | ErrorKind::InvalidUnicodeEscape => (
            "a backslash begins no escape that YAML knows",
            "inside double quotes, write a backslash as `\\\\`; single quotes take it as it is",
        ),
        ErrorKind::MappingValueNotAllowed | ErrorKind::MappingKeyNotAllowed => (
            "a `key: value` pair can't stand here",
            "quote text that contains `: `; otherwise check the indentation of this line",
        ),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => (
            "a key lacks its `:`",
            "write `key: value`, with a space after the colon, or indent a line that goes on with \
             the text above",
        ),
        ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::InvalidIndentation
        | ErrorKind::InvalidBlockScalarIndent
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::InvalidFlowScalarIndent => (
            "the indentation fits nothing above it",
            "align the line with its siblings: the same number of spaces",
        ),
        ErrorKind::BlockSequenceEntryNotAllowed => (
            "a list can't begin here",
            "put each `- ` item on a line of its own below the key, or quote the text",
        ),
        ErrorKind::ExpectedDocumentStart => (
            "something follows the end of the record",
            "align the line with those above it, or begin a new document with `---`",
        ),
        ErrorKind::InvalidMappingValueWhitespace
        | ErrorKind::InvalidBlockEntryWhitespace
        | ErrorKind::ExpectedWhitespace => {
            ("a space is missing", "put a space after `:`, `-` and `,`")
        }
        ErrorKind::CommentNotSeparated => {
            ("a space is missing before `#`", "put one there, or quote the text that holds the `#`")
        }
        ErrorKind::CommentInterceptedScalar => (
            "a comment stands in the middle of text that spans lines",
            "move the comment, or quote the text",
        ),
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping => (
            "a bracket is never closed",
            "close it, or quote the text if the bracket belongs to it",
        ),
        ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::ExpectedFlowSequenceSeparator
        | ErrorKind::InvalidColonPlacement
        | ErrorKind::MisplacedFlowCollectionEnd
        | ErrorKind::MismatchedFlowCollectionEnd { .. }
        | ErrorKind::BlockEntryInFlowCollection => (
            "brackets or commas don't match",
            "separate items with `,` and close each bracket with its own kind; quote text that \
             begins with a bracket",
        ),
        ErrorKind::UnexpectedCharacter { character } => {
            let help = if character.is_control() {
                "remove it, or write it as an escape in double quotes: `\"\\x1b\"`"
            } else {
                "quote the text: it can't begin with this character"
            };
            return (format!("the character {} can't stand here", shown(*character)), help);
        }
        ErrorKind::PlainScalarStartsWithDashFlowIndicator => (
            "text begins with `-` and a bracket or comma",
            "quote it, or put a space after the `-` of a list",
        ),
        ErrorKind::MissingAnchorOrAliasName => (
            "a name is missing after `&` or `*`",
            "quote the text: `&` and `*` can't begin a plain one",
        ),
        ErrorKind::BomInsideDocument => (
            "a byte-order mark stands inside the file",
            "remove it: two files were probably joined",
        ),
        ErrorKind::InvalidDocumentEnd => {
            ("text follows the document's end `...`", "begin a new document with `---`")
        }
        ErrorKind::ZeroBlockScalarIndent | ErrorKind::InvalidBlockScalarHeader => (
            "text follows `|` or `>`",
            "begin a block of text on the next line; quote text that begins with `|` or `>`",
        ),
        ErrorKind::UndeclaredTagHandle | ErrorKind::ExpectedTagBang => {
            ("a tag has an unknown prefix", "quote the text: `!` can't begin a plain one")
        }
        // The rest are rare, and the parser's enum grows.
        other => {
            return (
                format!("the file isn't YAML: {}", spaced(&format!("{other:?}"))),
                "compare the line with a record that works; quote text that holds special \
                 characters",
            );
        }
    };
    (message.to_owned(), help)
}

fn shown(character: char) -> String {
    if character.is_control() {
        format!("U+{:04X}", u32::from(character))
    } else if character == '`' {
        "`` ` ``".to_owned()
    } else {
        format!("`{character}`")
    }
}

/// `InvalidTagEscape` as "invalid tag escape".
fn spaced(name: &str) -> String {
    let name = name.split([' ', '(', '{']).next().unwrap_or(name);
    let mut words = String::new();
    for character in name.chars() {
        if character.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(character.to_lowercase());
    }
    words
}
