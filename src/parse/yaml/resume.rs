//! After a syntax error: where the reader goes on, so that one broken record hides no other.
//!
//! It goes on at the next item of the list of records, or at the next document, behind the start of
//! what is broken. The parser often notices an error records later.

use granit_parser::ScanError;

use super::{Reader, syntax};
use crate::diagnostic::{Diagnostic, code};

/// So many syntax errors of a file are shown: after that it is probably no YAML at all.
const FAULTS_MAX: usize = 20;

impl Reader<'_, '_> {
    /// Reports, and gives up the item or the document. Returns where the next one begins.
    #[cold]
    pub(super) fn syntax_error(&mut self, error: &ScanError) -> Option<usize> {
        let at = self.from + error.marker().byte_offset().unwrap_or_default();
        let at = at.min(self.text.len());
        let (broken, next) = self.next_start(at);
        self.faults += 1;
        let next = next.filter(|_| self.faults < FAULTS_MAX);
        let explanation = syntax::explain(self.text, broken, at, error.kind());
        if *error.kind() == granit_parser::ErrorKind::RecursionLimitExceeded {
            self.too_deep(explanation.span);
        } else {
            let rest = match next {
                None if self.faults == FAULTS_MAX => "; the rest of the file isn't read",
                Some(_) if self.list.is_some() => "; the record isn't read",
                _ => "",
            };
            let place = self.place(&explanation.span);
            let finding = Diagnostic::new(&code::INVALID_SYNTAX, place, explanation.message)
                .help(format!("{}{rest}", explanation.help));
            self.diagnostics.push(match explanation.noticed {
                Some(noticed) => {
                    finding.label("opened here").with(self.place(&noticed), "noticed here")
                }
                None => finding,
            });
        }
        // What stands behind a record and before the next one was to go on with it.
        if self.record.is_none()
            && broken <= self.last_end
            && self.bare.is_none()
            && let Some(cut) = self.last.take()
        {
            self.builder.rewind(cut);
        }
        self.spoil();
        self.end_record();
        self.frames.clear();
        self.anchors.clear();
        self.unnamed.clear();
        self.bare = None;
        self.resumed = next.is_some_and(|next| !is_document_mark(&self.text[next..]));
        if !self.resumed {
            self.list = None;
        }
        next
    }

    /// Where the item or document begins that an error at `at` breaks, and where the next one does.
    fn next_start(&self, at: usize) -> (usize, Option<usize>) {
        let Some(list) = self.list else {
            return (self.from, next_line(self.text, self.from, None));
        };
        let line = self.text[..list].rfind('\n').map_or(0, |newline| newline + 1);
        let column = Some(list - line);
        // Without an open record it is the item behind the last one, or what stands before it.
        let broken = match &self.record {
            Some(record) => record.start,
            None => match next_line(self.text, self.last_end, column) {
                Some(next) if at < next => return (self.last_end, Some(next)),
                Some(next) => next,
                None => self.last_end,
            },
        };
        (broken, next_line(self.text, broken, column))
    }
}

/// The first line behind that of `at` where a document begins, or an item of a list at `column`.
fn next_line(text: &str, at: usize, column: Option<usize>) -> Option<usize> {
    let mut line = at;
    loop {
        line += memchr::memchr(b'\n', &text.as_bytes()[line..])? + 1;
        let rest = &text[line..];
        let ends_word = |rest: &str| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']);
        if is_document_mark(rest) {
            return Some(line);
        }
        let item = column.and_then(|column| {
            let (indent, item) = rest.split_at_checked(column)?;
            indent.bytes().all(|byte| byte == b' ').then(|| item.strip_prefix('-')).flatten()
        });
        if item.is_some_and(ends_word) {
            return Some(line);
        }
    }
}

/// Whether a line begins here that ends a document and begins the next one.
fn is_document_mark(text: &str) -> bool {
    text.strip_prefix("---")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
}
