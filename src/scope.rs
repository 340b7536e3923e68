//! Part of a project: the files that a run reports on. All files are read all the
//! same, so that references are judged as always.

use std::collections::{BTreeSet, HashMap};

use crate::Project;
use crate::diagnostic::fingerprint::subject;
use crate::diagnostic::{Concern, Diagnostic, RecordName, code};
use crate::input::feed::child_table;
use crate::path::Pattern;
use crate::workspace::{SourceId, Workspace};

/// What a report is asked for.
#[derive(Clone, Debug)]
pub enum Asked {
    /// The file at a path of the project, or those below; the empty path is all of it.
    Path(String),
    /// The files that a pattern matches.
    Pattern(Pattern),
}

impl Asked {
    fn holds(&self, file: &str) -> bool {
        match self {
            Self::Path(path) => {
                path.is_empty()
                    || file
                        .strip_prefix(path.as_str())
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
            Self::Pattern(pattern) => pattern.matches(file),
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Path(path) => path,
            Self::Pattern(pattern) => pattern.as_str(),
        }
    }
}

/// The files that are reported on.
#[derive(Clone, Debug)]
pub struct Scope {
    sources: BTreeSet<SourceId>,
    /// The manifest, where findings about tables and groups of records stand.
    manifest: SourceId,
    /// The tables that files are asked for of.
    tables: BTreeSet<String>,
    /// What is asked for and holds no file that is read.
    pub idle: Vec<String>,
}

impl Scope {
    /// The files that are asked for. A file of records brings the files of their child tables.
    #[must_use]
    pub fn new(workspace: &Workspace, project: &Project, asked: &[Asked]) -> Self {
        let mut sources = BTreeSet::new();
        let mut idle = Vec::new();
        for asked in asked {
            let mut is_idle = true;
            for (source, number) in workspace.sources().iter().zip(0..) {
                if asked.holds(&source.path) {
                    is_idle &= !source.is_read();
                    sources.insert(SourceId(number));
                }
            }
            if is_idle {
                idle.push(asked.text().to_owned());
            }
        }
        for (table, inputs) in project.model.tables.iter().zip(&project.inputs) {
            let is_child = |source: &&SourceId| child_table(workspace, table, **source).is_some();
            if inputs.sources.iter().any(|it| sources.contains(it) && !is_child(&it)) {
                sources.extend(inputs.sources.iter().filter(is_child));
            }
        }
        let tables = project.model.tables.iter().zip(&project.inputs);
        let tables = tables.filter(|(_, it)| it.sources.iter().any(|it| sources.contains(it)));
        let tables = tables.map(|(table, _)| table.name.clone()).collect();
        Self { sources, manifest: project.manifest.source, tables, idle }
    }

    /// The same without what is so of tables and of groups of their records: who compares with what was so before
    /// knows better what follows from these files.
    #[must_use]
    pub fn without_groups(mut self) -> Self {
        self.tables.clear();
        self
    }

    /// Whether a file is part of it.
    #[must_use]
    pub fn contains(&self, source: SourceId) -> bool {
        self.sources.contains(&source)
    }

    /// Whether a finding is about one of the files, at its place or at one that explains it. What is so of a
    /// table, or of groups of its records, may be so because of any of its files.
    #[must_use]
    pub fn concerns(&self, diagnostic: &Diagnostic) -> bool {
        let place = &diagnostic.primary.place;
        if diagnostic.code.concern == Concern::Group
            && place.source == self.manifest
            && let Some(RecordName { table, .. }) = &diagnostic.record
            && self.tables.contains(table)
        {
            return true;
        }
        let related = diagnostic.related.iter().map(|label| label.place.source);
        std::iter::once(diagnostic.primary.place.source).chain(related).any(|it| self.contains(it))
    }
}

/// Puts a finding that blames one of several records alike, such as those with one key, on one that
/// is part of the scope, if the one that it blames isn't.
pub fn turn(scope: &Scope, diagnostic: &mut Diagnostic) {
    let place = &mut diagnostic.primary.place;
    let of_records = [&code::DUPLICATE_ID, &code::EXPECTATION].contains(&diagnostic.code);
    if !of_records || place.source == scope.manifest || scope.contains(place.source) {
        return;
    }
    if let Some(other) = diagnostic.related.iter_mut().find(|it| scope.contains(it.place.source)) {
        std::mem::swap(place, &mut other.place);
    }
}

/// Which findings are there now and weren't before, by what they are about: they follow from what
/// changed in between, wherever they stand.
#[derive(Debug, Default)]
pub struct Growth(HashMap<u64, i64>);

impl Growth {
    /// Compares all findings of a project with all of the same project before.
    #[must_use]
    pub fn of(before: (&Workspace, &[Diagnostic]), now: (&Workspace, &[Diagnostic])) -> Self {
        let mut growth = HashMap::new();
        for ((workspace, findings), step) in [(before, -1), (now, 1)] {
            for finding in findings {
                *growth.entry(subject(workspace, finding)).or_default() += step;
            }
        }
        Self(growth)
    }

    /// Whether there are more findings like this one than before.
    #[must_use]
    pub fn holds(&self, workspace: &Workspace, finding: &Diagnostic) -> bool {
        self.0.get(&subject(workspace, finding)).is_some_and(|growth| *growth > 0)
    }
}

/// Whether what a file says bears on records in other files: the manifest, a schema, a code list.
#[must_use]
pub fn bears_on_all(workspace: &Workspace, project: &Project, path: &str) -> bool {
    let documents = project.model.documents.iter().map(|document| document.source);
    let lists = project.model.code_lists.iter().filter_map(|list| list.source);
    std::iter::once(project.manifest.source)
        .chain(documents)
        .chain(lists)
        .any(|source| workspace.source(source).path == path)
}
