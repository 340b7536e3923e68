//! Expressions: what must hold between values, in a typed subset of the Common Expression Language (CEL).
//!
//! A text is parsed into an [`Ast`], which knows no schema. The types of a schema ([`types`]) make it a
//! [`Condition`]: paths are numbers of names, and what can't be compared is refused before a record is read.
//! A condition is worked out over the values of a tape ([`evaluate`]), and where it is false, [`blame`] says
//! which comparisons decided that. What an expectation says of many rows is such a condition, too, around
//! functions of rows ([`aggregate`]).
//!
//! Three things differ from CEL, as `docs/constraints.md` says: missing values are unknown and no error, dates
//! are first and last days, and numbers are decimals in arithmetic.

pub mod aggregate;
pub mod ast;
pub mod blame;
mod compile;
mod days;
pub mod evaluate;
pub mod excerpt;
mod lex;
mod number;
mod parse;
pub mod pattern;
pub mod program;
pub mod types;

use std::ops::Range;

pub use ast::Ast;
pub use compile::{Compiled, List, OverRows, Scope, condition, list, over_rows, path, row_value};
pub use days::Days;
pub use number::{Decimal, Number};
pub use parse::parse;
pub use program::{Condition, Path, Root};

/// Bytes of an expression.
pub type Span = Range<usize>;

/// The longest expression, in bytes.
pub const BYTES_MAX: usize = 2_000;

/// How deeply parts of an expression may lie in one another.
pub const DEPTH_MAX: usize = 32;

/// How many parts an expression may have.
pub const NODES_MAX: usize = 256;

/// How many lists are gone through in one another: by macros, and inside those by what is worked out of a
/// list of values, which names no item.
pub const MACROS_MAX: usize = 3;

/// Why a text is no expression that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The bytes of the text that are wrong.
    pub span: Span,
    /// What is wrong, as a sentence part.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl Fault {
    fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: None }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
