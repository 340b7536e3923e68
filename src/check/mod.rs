//! Checks records: whether each is valid, what is wrong with it, and what is collected from it to
//! compare it with other records.

mod codes;
mod collected;
mod conditional;
mod conform;
mod consequence;
pub mod constraints;
mod content;
pub mod expectations;
mod fit;
mod item_keys;
pub mod link;
pub mod tally;
mod tuples;
mod waived;
mod whole_table;
mod wrapped;

use std::collections::BTreeSet;

pub use collected::Collected;
pub use consequence::drop_consequences;
pub use tally::Tally;
pub use waived::{OwnWaiver, WaivedRecord};
pub use whole_table::sum_up;
pub use wrapped::wrapped;

use crate::diagnostic::{Consequence, Diagnostic, Place, code};
use crate::model::record_name;
use crate::plan::{Plan, RECORD, Tracer};
use crate::rules::Context;
use crate::schema::{Clauses, Demand, Finder, Violation, translate, words};
use crate::tape::{Tag, Value};

/// Validates the records of tables.
pub struct Validator<'m> {
    context: &'m Context<'m>,
    clauses: Clauses<'m>,
    /// By table.
    plans: Vec<Plan<'m>>,
}

impl<'m> Validator<'m> {
    /// A validator of all tables.
    #[must_use]
    pub fn new(context: &'m Context<'m>) -> Self {
        let model = context.model;
        Self {
            context,
            clauses: Clauses::new(&model.documents, &model.schemas),
            plans: model.tables.iter().map(Plan::new).collect(),
        }
    }

    /// What stands where in the records of each table.
    #[must_use]
    pub fn plans(&self) -> &[Plan<'m>] {
        &self.plans
    }

    /// Checks one record and reports what is wrong with it. Its key, references, content and facts go
    /// to `collected`. Returns whether the record can be lowered: findings of rules don't prevent that,
    /// because the project may waive them or make them less severe. Missing properties that are in
    /// `lacking` were reported before, and aren't again.
    pub fn record(
        &self,
        table_index: usize,
        record: Value<'_>,
        lacking: &[&str],
        collected: &mut Collected,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> bool {
        let authority = &self.context.model.authority;
        let table = &self.context.model.tables[table_index];
        if record.tag() != Tag::Object {
            diagnostics.push(
                Diagnostic::new(
                    &code::NOT_A_RECORD,
                    Place::of(record),
                    format!("a record is an object with properties, not {}", words::seen(record)),
                )
                .help("write `key: value` lines in YAML, `{\"key\": value}` in JSON"),
            );
            return false;
        }
        let before = diagnostics.len();
        let (plan, trace) = (&self.plans[table_index], &mut collected.trace);
        trace.clear();
        let acceptor = self.context.model.acceptors[table_index].as_ref();
        let tracer = &mut Tracer { plan, trace: &mut *trace };
        let accepted = acceptor.is_some_and(|it| it.accepts_tracing(record, RECORD, tracer));
        if !accepted {
            plan.walk(record, trace);
        }
        debug_assert!(plan.is_trace_of(record, trace), "both walks meet the same values");
        let valid = accepted || authority.accepts(table_index, record);
        if !valid {
            let mut violations = authority.violations(table_index, record);
            // A key that stands twice was reported when the file was parsed.
            let finder = Finder::new(record);
            violations.retain(|violation| !finder.leads_through_duplicate(&violation.pointer));
            // Why there is no key that is made from other things was said when it was to be made.
            let is_made =
                |name: &str| table.made_key.as_ref().is_some_and(|it| it.property == name);
            let excused = |violation: &Violation| match &violation.demand {
                Demand::Required(name) => {
                    violation.pointer.is_empty()
                        && (lacking.contains(&name.as_str()) || is_made(name))
                }
                _ => false,
            };
            violations.retain(|violation| !excused(violation));
            let broken_before = violations.is_empty();
            diagnostics.extend(translate(&violations, record, Some(table), Some(&self.clauses)));
            if diagnostics.len() == before && !broken_before {
                // Every violation was taken for a consequence of another, and there is none.
                diagnostics.extend(violations.iter().map(|violation| {
                    Diagnostic::new(
                        &code::OTHER_VIOLATION,
                        Place::of(record).at(violation.pointer.clone()),
                        format!("the record breaks the schema's clause {}", violation.clause),
                    )
                }));
            }
        }
        let wrong: BTreeSet<_> = diagnostics[before..]
            .iter()
            .map(|diagnostic| diagnostic.primary.place.pointer.clone())
            .collect();
        let ruled = diagnostics.len();
        conform::record(table_index, self.context, plan, (record, valid), collected, diagnostics);
        // What the schema says of a value is said; a rule would say it again of a part of it.
        let mut rest = diagnostics.split_off(ruled);
        rest.retain(|diagnostic| {
            !diagnostic.code.is_rule()
                || diagnostic.part.is_some()
                || !wrong.contains(&diagnostic.primary.place.pointer)
        });
        diagnostics.append(&mut rest);
        silence(diagnostics, before);
        let found = &mut diagnostics[before..];
        if !found.is_empty() {
            let name = record_name(table, record);
            for diagnostic in &mut *found {
                diagnostic.record = Some(name.clone());
            }
        }
        !found.iter().any(|finding| finding.is_error() && !finding.code.is_tunable())
    }
}

/// Drops what follows from another finding about the same value of a record: text that is empty
/// is also too short, and a number where text should be is also none of the texts.
fn silence(diagnostics: &mut Vec<Diagnostic>, before: usize) {
    if diagnostics.len() - before < 2 {
        return;
    }
    let causes: BTreeSet<_> = diagnostics[before..]
        .iter()
        .filter(|finding| finding.code.explains == Consequence::OfValue)
        .map(|finding| finding.primary.place.pointer.clone())
        .collect();
    let mut index = 0;
    diagnostics.retain(|finding| {
        index += 1;
        index <= before
            || finding.code.consequence == Consequence::Nothing
            || !causes.contains(&finding.primary.place.pointer)
    });
}
