//! `[[tables.<name>.expect]]`: what must hold of a table, or of groups of its records. What the expressions
//! mean, the compiler of schemas finds out.

use crate::diagnostic::Severity;
use crate::parse::spelling::Written;
use crate::pointer;
use crate::tape::Value;

/// An expectation, as the manifest writes it.
#[derive(Clone, Debug)]
pub struct DeclaredExpectation {
    /// Its name in the project.
    pub id: Written,
    /// Which rows count.
    pub filter: Option<Written>,
    /// What the rows of a group have in common.
    pub by: Vec<Written>,
    /// The list whose items are the rows.
    pub each: Option<Written>,
    /// What must hold.
    pub assert: Written,
    /// The same in words.
    pub message: Option<String>,
    /// How severe it is where it doesn't hold.
    pub severity: Severity,
}

/// The expectations of a table that stands at `pointer`.
pub(super) fn read(table: Value<'_>, pointer: &str) -> Vec<DeclaredExpectation> {
    let pointer = pointer::join(pointer, "expect");
    let entries = table.get("expect").into_iter().flat_map(Value::items).enumerate();
    entries
        .map(|(index, entry)| expectation(entry, &pointer::join_index(&pointer, index)))
        .collect()
}

fn expectation(entry: Value<'_>, pointer: &str) -> DeclaredExpectation {
    let optional =
        |name: &str| entry.get(name).map(|value| Written::of(value, pointer::join(pointer, name)));
    let written = |name: &str| optional(name).expect("the schema requires it");
    let by = pointer::join(pointer, "by");
    let common = entry.get("by").into_iter().flat_map(Value::items).enumerate();
    let text = |name: &str| entry.get(name).and_then(Value::as_str);
    DeclaredExpectation {
        id: written("id"),
        filter: optional("where"),
        by: common
            .map(|(index, value)| Written::of(value, pointer::join_index(&by, index)))
            .collect(),
        each: optional("each"),
        assert: written("assert"),
        message: text("message").map(|it| it.trim_end_matches('.').to_owned()),
        severity: text("severity").and_then(Severity::of_name).unwrap_or(Severity::Error),
    }
}
