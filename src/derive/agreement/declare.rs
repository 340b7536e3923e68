//! The tables that say how far coders agree, as the model compiles them.

use super::codings::{self, Codings};
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
    declare: agreement,
};

/// Tables of agreement on single codes: each table of codings has one in which something is coded with codes.
pub static CODES: Derivation = Derivation {
    path: "schema/agreement_codes.schema.json",
    schema: include_str!("agreement_codes.schema.json"),
    says: "codes' agreement",
    bases: "codings",
    declare: codes,
};

fn agreement(
    table: &Table,
    declaration: &TableDeclaration,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Declared> {
    let codings = codings::find(table, diagnostics)?;
    let title = format!("{}: agreement between coders", table.title);
    Some(declared(&AGREEMENT, "agreement", title, (table, &codings), declaration))
}

fn codes(
    table: &Table,
    declaration: &TableDeclaration,
    _: &mut Vec<Diagnostic>,
) -> Option<Declared> {
    // What is misused was reported for the other table.
    let codings = codings::find(table, &mut Vec::new())?;
    codings.variables.iter().any(|variable| variable.codes.is_some()).then(|| {
        let title = format!("{}: agreement between coders on each code", table.title);
        declared(&CODES, "agreement_codes", title, (table, &codings), declaration)
    })
}

fn declared(
    derivation: &Derivation,
    name: &str,
    title: String,
    (table, codings): (&Table, &Codings),
    declaration: &TableDeclaration,
) -> Declared {
    let weighted = codings.weight.map(|weight| &table.level.columns[weight].name);
    let weighted = weighted.map_or_else(String::new, |name| format!(", weighted by {name}"));
    let declaration = TableDeclaration {
        missing: Vec::new(),
        key_from: None,
        name: format!("{}_{name}", declaration.name),
        row: format!("{}_{name}", declaration.row),
        schema: ProjectPath::parse(derivation.path).expect("our own path is one"),
        records: Vec::new(),
        is_partial: false,
        may_be_empty: true,
        key: vec!["number".to_owned()],
        records_places: Vec::new(),
        ..declaration.clone()
    };
    Declared { declaration, title: title + &weighted }
}
