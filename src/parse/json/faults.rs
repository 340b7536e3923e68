//! What can be wrong with JSON, in words.

use std::ops::Range;

use super::Parser;
use crate::diagnostic::{Code, code};

/// Why a value can't be parsed. Always boxed: what can be parsed shouldn't pay for its size.
pub(super) struct Failure {
    pub code: &'static Code,
    pub span: Range<usize>,
    pub message: String,
    pub help: String,
    /// Where it showed, if that is elsewhere.
    pub noticed: Option<Range<usize>>,
}

impl Failure {
    pub fn new(
        code: &'static Code,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Box<Self> {
        Box::new(Self { code, span, message: message.into(), help: help.into(), noticed: None })
    }
}

impl Parser<'_> {
    pub(super) fn bad_escape(&self, at: usize, end: usize) -> Box<Failure> {
        let mut end = end.min(self.end);
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        Failure::new(
            &code::INVALID_SYNTAX,
            at..end,
            format!("`{}` is not an escape that JSON knows", &self.text[at..end]),
            "write a backslash itself as `\\\\`, and a character as `\\u` with four hex digits",
        )
    }

    pub(super) fn broken_string(&self, start: usize, stop: usize) -> Box<Failure> {
        if stop < self.end {
            let control = self.bytes[stop];
            if matches!(control, b'\n' | b'\r') {
                return Failure::new(
                    &code::INVALID_SYNTAX,
                    start..start + 1,
                    "text has no closing `\"` on its line",
                    "add the missing quotation mark, or write a line break as `\\n`",
                );
            }
            return Failure::new(
                &code::INVALID_SYNTAX,
                stop..stop + 1,
                format!("text holds the control character U+{control:04X}"),
                format!("write it as `\\u{control:04x}`, or close the text before it"),
            );
        }
        Failure::new(
            &code::INVALID_SYNTAX,
            start..start + 1,
            "text has no closing `\"`",
            "add the missing quotation mark",
        )
    }

    /// The offending token: a word, a number or one character.
    pub(super) fn token(&self) -> Range<usize> {
        let rest = &self.text[self.at.min(self.end)..self.end];
        let word = rest
            .find(|character: char| !character.is_alphanumeric() && !"+-._".contains(character))
            .unwrap_or(rest.len());
        let length = if word == 0 { rest.chars().next().map_or(0, char::len_utf8) } else { word };
        self.at..self.at + length
    }

    /// What `failure` is, if what was found instead says that the bracket at `opening` is never
    /// closed.
    #[cold]
    pub(super) fn unclosed(&self, mut failure: Box<Failure>, opening: usize) -> Box<Failure> {
        let mismatch = match (self.bytes[opening], self.peek()) {
            (_, None) => true,
            (b'{', Some(found)) => matches!(found, b']' | b'{'),
            (_, Some(found)) => matches!(found, b'}' | b':'),
        };
        if mismatch {
            let bracket = char::from(self.bytes[opening]);
            failure.noticed = Some(failure.span);
            failure.span = opening..opening + 1;
            failure.message = format!("the bracket `{bracket}` is never closed");
            "close it before the place where that showed".clone_into(&mut failure.help);
        }
        failure
    }

    pub(super) fn found(&self) -> String {
        let token = &self.text[self.token()];
        if token.is_empty() { "the end".to_owned() } else { crate::diagnostic::quote(token) }
    }

    pub(super) fn expected(&self, what: &str) -> Box<Failure> {
        let mut span = self.token();
        let token = &self.text[span.clone()];
        if token.is_empty() {
            // Behind the last thing that is there, not behind the blank lines that follow it.
            let end = self.text[..self.at].trim_end().len();
            span = end..end;
        }
        let (code, help) = match token {
            "NaN" | "Infinity" | "-Infinity" | "inf" | "nan" => {
                (&code::NON_FINITE_NUMBER, "leave the property out where the number isn't known")
            }
            "None" | "NULL" | "Null" | "undefined" => {
                (&code::INVALID_SYNTAX, "leave the property out where nothing is known")
            }
            "True" | "TRUE" => (&code::INVALID_SYNTAX, "write `true`"),
            "False" | "FALSE" => (&code::INVALID_SYNTAX, "write `false`"),
            "'" => (&code::INVALID_SYNTAX, "JSON quotes text with `\"`"),
            "“" | "”" | "„" | "‟" | "‘" | "’" | "«" | "＂" => {
                (&code::INVALID_SYNTAX, "write straight quotation marks, `\"`: curly ones are text")
            }
            "/" | "#" => (&code::INVALID_SYNTAX, "JSON has no comments; YAML does"),
            "}" | "]" => (&code::INVALID_SYNTAX, "is there a comma too many before it?"),
            "" => (&code::INVALID_SYNTAX, "is a closing bracket missing?"),
            _ if token.starts_with(char::is_alphabetic) => {
                (&code::INVALID_SYNTAX, "put text in double quotes")
            }
            _ => (&code::INVALID_SYNTAX, "is a comma, colon or quotation mark missing?"),
        };
        Failure::new(code, span, format!("expected {what}, found {}", self.found()), help)
    }
}
