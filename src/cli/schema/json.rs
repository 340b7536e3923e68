//! The tables and columns as JSON, for programs. `docs/tables.schema.json` describes it.

use demarche::Project;
use demarche::decimal::Digits;
use demarche::emit::constraints::{Stated, stated};
use demarche::emit::flat::{self, FlatColumn};
use demarche::model::{Conditional, FlatTable, Model, Reference, Says, Table};
use serde_json::{Value, json};

/// Rises when a member goes or changes its meaning.
const VERSION: u32 = 1;

/// One JSON document, with a line break at its end.
pub(super) fn tables(project: &Project, only: Option<&str>) -> String {
    let tables = project.model.tables.iter();
    let wanted = tables.filter(|table| only.is_none_or(|name| name == table.name));
    let tables: Vec<_> = wanted.flat_map(|it| table(it, &project.model)).collect();
    format!("{:#}\n", json!({ "version": VERSION, "tables": tables }))
}

fn table(table: &Table, model: &Model) -> Vec<Value> {
    let one = |flat: FlatTable<'_>| {
        let columns: Vec<_> = flat::columns(&flat).iter().map(|it| column(&flat, it)).collect();
        let mut described = json!({
            "name": flat.level.name,
            "title": flat.level.title,
            "record_table": table.name,
            "key": flat::primary_key(&flat),
            "columns": columns,
        });
        let constraints: Vec<_> = stated(&flat, model).iter().map(constraint).collect();
        if !constraints.is_empty() {
            described["constraints"] = Value::from(constraints);
        }
        described
    };
    flat::tables(table).into_iter().map(one).collect()
}

/// What must hold between values.
fn constraint(stated: &Stated<'_>) -> Value {
    let assertion = stated.assertion;
    json!({
        "id": *assertion.id,
        "code": stated.code.id,
        "severity": assertion.severity.name(),
        "message": assertion.message,
        "assert": assertion.assert,
        "when": stated.when,
        "by": stated.by,
        "on": stated.on,
        "columns": stated.columns,
    })
}

fn column(flat: &FlatTable<'_>, column: &FlatColumn) -> Value {
    let codes = column.kind.codes();
    let values = codes.filter(|codes| codes.list.is_none()).map(|codes| &codes.values);
    let markers = column.about.missing.iter();
    let markers = markers.map(|it| json!({ "marker": it.text, "reason": it.reason }));
    let mut described = json!({
        "name": column.name,
        "title": column.about.title,
        "description": column.about.description,
        "kind": column.kind.names().key,
        "bits": column.kind.bits(),
        "values": values,
        "code_list": column.kind.code_list(),
        "reference": column.reference.as_ref().and_then(Reference::table),
        "references": column.reference.as_ref().map_or(&[][..], |reference| &reference.to),
        "unit": column.about.unit,
        "nullable": column.nullable,
        "missing": markers.collect::<Vec<_>>(),
        "missing_reason": column.about.reason,
    });
    if let Some(Digits { precision, scale }) = column.kind.digits() {
        described["precision"] = precision.into();
        described["scale"] = scale.into();
    }
    let conditions: Vec<_> = flat::conditional(flat, column).filter_map(condition).collect();
    if !conditions.is_empty() {
        described["conditions"] = Value::from(conditions);
    }
    described
}

/// What holds of a column in some records only.
fn condition(annotation: &Conditional) -> Option<Value> {
    let (code_list, references) = match &annotation.says {
        Says::Codes(codes) => (codes.list.as_deref(), &[][..]),
        Says::Reference { reference, .. } => (None, &reference.to[..]),
        Says::Roles { .. } => return None,
    };
    Some(json!({ "when": annotation.when, "code_list": code_list, "references": references }))
}
