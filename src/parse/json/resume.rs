//! After a fault in a whole file: where the parser can go on without guessing, so that all faults
//! are found at once. The record with the fault is none then.
//!
//! It goes on after a comma too many, at a comma that is missing, after a comment, a word without
//! quotation marks and a text with a wrong escape. Where brackets or quotation marks don't match, it
//! gives the record up, and goes on at the next line that begins as the record did.

use super::{Failure, Next, Outcome, Parser};
use crate::diagnostic::code;
use crate::parse::content::Conflict;
use crate::tape::{Mark, NodeId};

/// So many faults of a file are shown: after that it is probably no JSON at all.
const FAULTS_MAX: usize = 20;

impl Parser<'_> {
    /// Reports the fault that ended parsing, and drops the records of a file that has any.
    pub(super) fn conclude(&mut self, outcome: Outcome<()>, start: Mark) {
        if outcome.is_err() || self.faults > 0 {
            self.builder.rewind(start);
        }
        if let Err(failure) = outcome {
            self.report(&failure);
        }
    }

    /// Reports a fault after which parsing goes on; passes it on if it can't.
    fn note(&mut self, failure: Box<Failure>) -> Outcome<()> {
        if !self.resumes || self.faults == FAULTS_MAX {
            return Err(failure);
        }
        self.faults += 1;
        let depth = self.depth;
        self.report(&failure);
        self.depth = depth;
        Ok(())
    }

    /// Puts one finding in the place of those since `known`, if it is an unfinished merge that they
    /// are about, and forgets the records since `start`.
    pub(super) fn check_conflict(&mut self, start: Mark, known: usize) {
        if self.diagnostics.len() > known
            && let Some(conflict) = Conflict::find(self.text)
        {
            self.builder.rewind(start);
            self.diagnostics.truncate(known);
            self.diagnostics.push(conflict.report(self.source, self.base));
        }
    }

    /// Goes on at the next record of a list after the one that began at `item`: at a line that begins
    /// with a bracket in the same column.
    #[cold]
    pub(super) fn next_record(&mut self, failure: Box<Failure>, item: usize) -> Outcome<Next> {
        let before = self.text[..item].rfind('\n').map_or(0, |newline| newline + 1);
        let column = item - before;
        let first_in_line = self.text[before..item].trim_start().is_empty();
        let mut line = item;
        let next = loop {
            let Some(length) = memchr::memchr(b'\n', &self.bytes[line..self.end]) else {
                return Err(failure);
            };
            line += length + 1;
            let rest = &self.text[line..self.end];
            let indent = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            let aligned = indent == column || (!first_in_line && indent < column);
            if aligned && rest[indent..].starts_with('{') {
                break line + indent;
            }
        };
        self.note(failure)?;
        self.depth = 0;
        self.at = next;
        Ok(Next::Item)
    }

    /// Goes on where a comma, or the bracket `closing`, should be.
    #[cold]
    pub(super) fn resume(&mut self, failure: Box<Failure>, closing: u8) -> Outcome<Next> {
        let is_key = closing == b'}';
        match self.peek() {
            Some(found) if found == closing => {
                self.note(failure)?;
                Ok(Next::Closing)
            }
            Some(b'"') => self.note(failure).map(|()| Next::Item),
            Some(b'{' | b'[' | b'-' | b'0'..=b'9') if !is_key => {
                self.note(failure).map(|()| Next::Item)
            }
            Some(b'/' | b'#') => {
                let Some(end) = self.comment() else { return Err(failure) };
                self.note(failure)?;
                self.at = end;
                self.skip_whitespace();
                match self.peek() {
                    Some(b',') => {
                        self.at += 1;
                        Ok(Next::Item)
                    }
                    Some(found) if found == closing => Ok(Next::Closing),
                    _ => Ok(Next::Item),
                }
            }
            _ => Err(failure),
        }
    }

    /// Goes on where an item of a list should be, at `item`.
    #[cold]
    pub(super) fn no_item(&mut self, failure: Box<Failure>, item: usize) -> Outcome<Next> {
        // A fault inside the item was already found to have no remedy.
        if self.peek() == Some(b']') && self.at == item {
            self.note(failure)?;
            return Ok(Next::Closing);
        }
        Err(failure)
    }

    /// Goes on where a key should be. None if there is one now, though without quotation marks.
    #[cold]
    pub(super) fn no_key(&mut self, object: usize) -> Outcome<Option<Next>> {
        let failure = self.expected("a key in double quotes");
        let failure = self.unclosed(failure, object);
        let Some(end) = self.word() else { return self.resume(failure, b'}').map(Some) };
        let span = self.at..end;
        // A key is followed by a colon; anything else would be guesswork.
        if !self.text[end..self.end].trim_start().starts_with(':') {
            return Err(failure);
        }
        self.note(failure)?;
        let name = self.text[span.clone()].trim_matches('\'');
        self.builder.decoded(span, name);
        self.at = end;
        Ok(None)
    }

    /// Puts null in the place of what is no value.
    #[cold]
    pub(super) fn skip(&mut self, failure: Box<Failure>) -> Outcome<NodeId> {
        if failure.code == &code::NESTING_TOO_DEEP {
            return Err(failure);
        }
        if let Some(end) = self.comment() {
            self.note(failure)?;
            self.at = end;
            self.skip_whitespace();
            return self.value();
        }
        let Some(end) = self.word() else { return Err(failure) };
        self.note(failure)?;
        // Words may follow, up to the end of the line.
        let rest = &self.text[end..self.end];
        let length = rest.find([',', '}', ']', '\n', '\r', ':', '"', '{', '[', '/', '#']);
        let span = self.at..end + length.unwrap_or(rest.len());
        self.at = span.end;
        Ok(self.builder.null(span))
    }

    /// Puts what a text with a wrong escape or character spells in its place.
    #[cold]
    pub(super) fn skip_text(&mut self, start: usize, failure: Box<Failure>) -> Outcome<NodeId> {
        let mut at = start + 1;
        let end = loop {
            match self.bytes[..self.end].get(at) {
                Some(b'"') => break at,
                Some(b'\\') => at += 2,
                Some(b'\n' | b'\r') | None => return Err(failure),
                Some(_) => at += 1,
            }
        };
        self.note(failure)?;
        let text = self.text;
        self.at = end + 1;
        Ok(self.builder.decoded(start..end + 1, &text[start + 1..end]))
    }

    /// Where the comment that begins here ends.
    fn comment(&self) -> Option<usize> {
        let rest = &self.text[self.at.min(self.end)..self.end];
        if rest.starts_with("/*") {
            return rest.find("*/").map(|length| self.at + length + 2);
        }
        (rest.starts_with("//") || rest.starts_with('#'))
            .then(|| self.at + rest.find('\n').unwrap_or(rest.len()))
    }

    /// Where the word, number or text in single quotes that begins here ends.
    fn word(&self) -> Option<usize> {
        let rest = &self.text[self.at.min(self.end)..self.end];
        if let Some(inner) = rest.strip_prefix('\'') {
            let line = inner.lines().next().unwrap_or_default();
            return line.find('\'').map(|length| self.at + length + 2);
        }
        let end = self.token().end;
        let begins = rest.starts_with(|it: char| it.is_alphanumeric() || "+-._".contains(it));
        (begins && end > self.at).then_some(end)
    }
}
