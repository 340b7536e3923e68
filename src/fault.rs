//! Failures of the environment: a file that can't be read, a disk that is full.
//!
//! A fault never says anything about data; bad data is a [`Diagnostic`](crate::Diagnostic).

use std::fmt;
use std::io;

use crate::spelling::terminal::printable;

/// The environment failed while doing something to a named file.
#[derive(Debug)]
pub struct Fault {
    /// What was attempted, as an infinitive: `read`, `create`, `rename`.
    pub attempt: &'static str,
    /// The file or directory.
    pub path: String,
    /// What the system said.
    pub cause: io::Error,
}

impl Fault {
    /// A fault of `attempt` on `path`.
    #[must_use]
    pub fn new(attempt: &'static str, path: impl Into<String>, cause: io::Error) -> Self {
        Self { attempt, path: path.into(), cause }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cause = self.cause.to_string();
        write!(
            formatter,
            "can't {} `{}`: {}",
            self.attempt,
            printable(&self.path),
            printable(&cause)
        )
    }
}

impl std::error::Error for Fault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}
