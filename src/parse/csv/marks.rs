//! The marks between cells and around them, as a type: rows of releases are read by code that knows
//! theirs, rows of other dialects by code that asks.

use crate::dialect::Syntax;

pub(super) trait Marks: Copy {
    fn syntax(self) -> Syntax;

    fn delimiter(self) -> u8 {
        self.syntax().delimiter
    }

    fn quote(self) -> Option<u8> {
        self.syntax().quote
    }

    fn is_quote(self, byte: u8) -> bool {
        self.quote() == Some(byte)
    }

    /// Whether white space that means nothing may stand here.
    fn is_blank(self, byte: u8) -> bool {
        self.syntax().trim && matches!(byte, b' ' | b'\t') && byte != self.delimiter()
    }

    /// Whether a line begins here that is no row.
    fn is_comment(self, byte: Option<&u8>) -> bool {
        let comment = self.syntax().comment;
        comment.is_some() && comment == byte.copied()
    }
}

/// Those of releases.
#[derive(Clone, Copy)]
pub(super) struct Plain;

impl Marks for Plain {
    #[inline(always)]
    fn syntax(self) -> Syntax {
        Syntax::PLAIN
    }
}

impl Marks for Syntax {
    fn syntax(self) -> Syntax {
        self
    }
}
