//! What findings have in common that a project treats alike: their code and, where they are about a
//! constraint or an expectation, its id. `[rules]`, waivers, the baseline and all formats of
//! reports know findings by that.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use super::{Code, Diagnostic};

/// A code, or what of its findings is about one constraint or expectation. It is written `S002`, or
/// `C001/estimates-in-order`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// The code.
    pub code: &'static Code,
    /// The id of the constraint or expectation.
    pub part: Option<Arc<str>>,
}

impl Topic {
    /// All findings of a code.
    #[must_use]
    pub fn of_code(code: &'static Code) -> Self {
        Self { code, part: None }
    }

    /// What it is called: by the id of the constraint or expectation, or by the name of the code.
    #[must_use]
    pub fn name(&self) -> &str {
        self.part.as_deref().unwrap_or(self.code.name)
    }

    /// Whether findings of another topic are meant, too: of a code all, and of a constraint or
    /// expectation all that is about it, such as that it can't be worked out.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        match &self.part {
            Some(_) => self.part == other.part,
            None => self.code.id == other.code.id,
        }
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code.id)?;
        match &self.part {
            Some(part) => write!(formatter, "/{part}"),
            None => Ok(()),
        }
    }
}

impl Ord for Topic {
    fn cmp(&self, other: &Self) -> Ordering {
        self.code.id.cmp(other.code.id).then_with(|| self.part.cmp(&other.part))
    }
}

impl PartialOrd for Topic {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Diagnostic {
    /// The same finding, about the constraint or expectation of that id.
    #[must_use]
    pub fn of_part(mut self, id: &Arc<str>) -> Self {
        self.part = Some(Arc::clone(id));
        self
    }

    /// What it has in common with others that a project treats alike.
    #[must_use]
    pub fn topic(&self) -> Topic {
        Topic { code: self.code, part: self.part.clone() }
    }
}
