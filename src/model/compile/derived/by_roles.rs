//! Tables that schemas of the manifest ask for with their roles.

use super::Wanted;
use crate::diagnostic::Diagnostic;
use crate::manifest::TableDeclaration;
use crate::model::derived::Derived;
use crate::model::{Derivation, Table};

/// What is derived from a table of the manifest, which comes with its index.
pub(in crate::model::compile) fn wanted(
    derivations: &[&'static Derivation],
    (from, table): (usize, &Table),
    declaration: &TableDeclaration,
    found: &mut Vec<Diagnostic>,
) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    for by in derivations {
        if let Some(declared) = (by.declare)(table, declaration, found) {
            wanted.push(Wanted {
                derived: Derived::ByRoles { from, by },
                schema: by.schema.into(),
                formats: None,
                needs: format!("the {} on `{}` needs", by.says, table.name),
                shorten: format!("give the table of {} a shorter name", by.bases),
                declared,
            });
        }
    }
    wanted
}
