//! The table that says how far coders agree, as the model compiles it.

use super::codings;
use crate::diagnostic::Diagnostic;
use crate::manifest::TableDeclaration;
use crate::model::{Declared, Derivation, Table};
use crate::path::ProjectPath;

/// Tables of agreement: each table of codings has one.
pub static AGREEMENT: Derivation = Derivation {
    path: "schema/agreement.schema.json",
    schema: include_str!("agreement.schema.json"),
    says: "agreement",
    bases: "codings",
    declare,
};

fn declare(
    table: &Table,
    declaration: &TableDeclaration,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Declared> {
    codings::find(table, diagnostics)?;
    let declaration = TableDeclaration {
        missing: Vec::new(),
        key_from: None,
        name: format!("{}_agreement", declaration.name),
        row: format!("{}_agreement", declaration.row),
        schema: ProjectPath::parse(AGREEMENT.path).expect("our own path is one"),
        records: Vec::new(),
        is_partial: false,
        may_be_empty: true,
        key: vec!["number".to_owned()],
        records_places: Vec::new(),
        ..declaration.clone()
    };
    Some(Declared { declaration, title: format!("{}: agreement between coders", table.title) })
}
