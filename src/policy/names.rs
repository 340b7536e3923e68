//! The names that `[rules]`, waivers and `demarche explain` take: the codes of findings, and the
//! constraints and expectations of a project.

use std::sync::Arc;

use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Code, Diagnostic, Topic};
use crate::model::constraint::is_id;
use crate::model::{Assertion, Model};
use crate::rules;

/// The names that are known in a project.
#[derive(Clone, Copy, Debug)]
pub struct Names<'m> {
    /// None where the schemas couldn't be compiled: then nobody knows which ids there are.
    model: Option<&'m Model>,
}

/// What a name means.
#[derive(Clone, Debug)]
pub enum Named {
    /// A code, a constraint or an expectation.
    Topic(Topic),
    /// Nothing.
    Nothing,
    /// Perhaps a constraint: the schemas couldn't be compiled.
    Unknown,
}

impl<'m> Names<'m> {
    /// The names of a project, if its schemas could be compiled.
    #[must_use]
    pub fn of(model: Option<&'m Model>) -> Self {
        Self { model }
    }

    /// The constraints and expectations, each with the code of its findings.
    pub fn assertions(&self) -> impl Iterator<Item = (&'static Code, &'m Assertion)> + use<'m> {
        self.model.into_iter().flat_map(Model::assertions)
    }

    /// The constraint or expectation with that id, with the code of its findings.
    #[must_use]
    pub fn assertion(&self, id: &str) -> Option<(&'static Code, &'m Assertion)> {
        self.assertions().find(|(_, assertion)| &*assertion.id == id)
    }

    /// What a name means: that of a code, its id, or the id of a constraint or expectation, by itself or
    /// behind its code as findings show it.
    #[must_use]
    pub fn find(&self, name: &str) -> Named {
        if let Some(code) = rules::find(name) {
            return Named::Topic(Topic::of_code(code));
        }
        let (code, id) = match name.split_once('/') {
            Some((code, id)) => (Some(code), id),
            None => (None, name),
        };
        match self.assertion(id) {
            Some((of, assertion)) if code.is_none_or(|code| code == of.id) => {
                Named::Topic(Topic { code: of, part: Some(Arc::clone(&assertion.id)) })
            }
            None if self.model.is_none() && is_id(id) => Named::Unknown,
            _ => Named::Nothing,
        }
    }

    /// The known name that was probably meant.
    #[must_use]
    pub fn nearest(&self, name: &str) -> Option<&'m str> {
        let codes = rules::all_codes().into_iter().map(|code| code.name);
        let ids = self.assertions().map(|(_, assertion)| &*assertion.id);
        nearest(name, codes.chain(ids).collect::<Vec<_>>())
    }

    /// Whether nobody knows all findings of a topic while records are missing.
    #[must_use]
    pub fn needs_all_records(&self, topic: &Topic) -> bool {
        let found = topic.part.as_deref().and_then(|id| self.assertion(id));
        topic.code.needs_all_records
            || found.is_some_and(|(_, assertion)| assertion.needs_all_records)
    }

    /// The same of the topic of a finding.
    #[must_use]
    pub fn is_about_all_records(&self, finding: &Diagnostic) -> bool {
        self.needs_all_records(&finding.topic())
    }
}
