//! What other modules must know of a code.

use super::group::{GROUPS, Group};
use crate::diagnostic::Severity;

/// One kind of finding, with all that other modules must know of it. No list elsewhere names codes.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Stable and short, for people to look up and programs to match.
    pub id: &'static str,
    /// Named for the fault that it finds.
    pub name: &'static str,
    /// The severity of its findings unless the project says otherwise.
    pub severity: Severity,
    /// One sentence of documentation.
    pub summary: &'static str,
    /// The version that brought it.
    pub since: &'static str,
    /// Why it matters and what to do, in Markdown.
    pub explanation: &'static str,
    /// Who finds it.
    pub found_by: FoundBy,
    /// Whether a file with such a finding may hold records that nobody has read. What seems to be
    /// missing elsewhere may be among them.
    pub loses_records: bool,
    /// Whether its findings come from comparing records, so that nobody knows them all while
    /// records are missing.
    pub needs_all_records: bool,
    /// What its findings are about.
    pub concern: Concern,
    /// The findings that one of this code explains.
    pub explains: Consequence,
    /// The kind of consequence that its own findings may be.
    pub consequence: Consequence,
}

/// Who finds what a code stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundBy {
    /// A stage of the compiler, which can't go on with the value.
    Stage,
    /// A rule: the value is valid, and doubtful.
    Rule,
    /// A constraint or expectation of the project: the value is valid by itself, and can be built.
    Constraint,
}

/// What a finding is about, where other modules must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concern {
    /// The type of a value or how it is written. A mark for missing such as `n/a` may be the reason.
    Form,
    /// Which properties an object has.
    Properties,
    /// A record of the previous release that isn't there any more.
    AbsentRecord,
    /// A group of records, or a whole table: what the finding calls its record is what the group has in common.
    Group,
    /// Anything else.
    Other,
}

/// Findings that follow from another one about the same bytes, and aren't shown beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// None.
    Nothing,
    /// What else is wrong with a value that isn't what it should be at all.
    OfValue,
    /// What rules find when they compare a date that is wrong by itself with other dates.
    OfDate,
}

impl Code {
    /// A stage's code with the facts of most; what it is called is filled in.
    pub(super) const OF_STAGE: Self = Self {
        id: "",
        name: "",
        severity: Severity::Error,
        summary: "",
        since: "",
        explanation: "",
        found_by: FoundBy::Stage,
        loses_records: false,
        needs_all_records: false,
        concern: Concern::Other,
        explains: Consequence::Nothing,
        consequence: Consequence::OfValue,
    };

    /// A rule's code with the facts of most; what it is called is filled in.
    pub const OF_RULE: Self = Self { found_by: FoundBy::Rule, ..Self::OF_STAGE };

    /// Whether a project chooses the severity of its findings: of those of rules and constraints, and of
    /// what is no error anyway. From anything else no release can be built.
    #[must_use]
    pub fn is_tunable(&self) -> bool {
        self.severity != Severity::Error || self.found_by != FoundBy::Stage
    }

    /// Whether a record or the manifest can waive its findings. Waivers of findings about waivers
    /// would never end.
    #[must_use]
    pub fn is_waivable(&self) -> bool {
        self.is_tunable() && !self.id.starts_with('W')
    }

    /// Whether it is a rule's, not a stage's.
    #[must_use]
    pub fn is_rule(&self) -> bool {
        self.found_by == FoundBy::Rule
    }

    /// The group of codes with its letter.
    ///
    /// # Panics
    /// If its letter has no group: a test would have caught it.
    #[must_use]
    pub fn group(&self) -> &'static Group {
        let of = |group: &&Group| self.id.starts_with(group.letter);
        GROUPS.iter().find(of).expect("every letter has a group")
    }
}
