//! `demarche schema`: what the schemas compile to.

mod json;

use std::fmt::Write as _;

use demarche::diagnostic::Severity;
use demarche::emit::constraints::{Stated, stated};
use demarche::emit::flat;
use demarche::model::{Kind, Says};
use demarche::pointer::readable;
use demarche::spelling::terminal::{opening, printable};
use demarche::{Fault, Opened, Project};

use super::check::unusable;
use super::report::print;
use super::{Ended, Exit, Global, complain};

/// Show the tables and columns that the schemas compile to
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  demarche schema\n  demarche schema --table events\n  demarche schema --message-format json"
)]
pub(super) struct Arguments {
    /// Only this table, with its child tables
    #[arg(long, value_name = "TABLE")]
    table: Option<String>,
}

pub(super) fn run(global: &Global, arguments: &Arguments) -> Result<Ended, Fault> {
    let opened: Opened = demarche::open(global.storage(Vec::new())?)?;
    let Some(project) = &opened.project else { return Ok(unusable(global, &opened)) };
    if let Some(name) = &arguments.table
        && project.model.table(name).is_none()
    {
        let known = project.model.tables.iter().map(|table| table.name.as_str());
        complain(&format!(
            "error: there is no table {}; the project has {}",
            demarche::diagnostic::quote(name),
            demarche::diagnostic::one_of(known)
        ));
        return Ok(Exit::Unusable.into());
    }
    let only = arguments.table.as_deref();
    let text = match global.message_format.name {
        "json" => json::tables(project, only),
        "human" | "short" => tables(project, only),
        other => {
            complain(&format!(
                "error: tables can't be shown as `{other}`, a format of findings; \
                 say `--message-format json`, or leave it out"
            ));
            return Ok(Exit::Unusable.into());
        }
    };
    let told = print(text.as_bytes());
    Ok(Ended::with(Exit::Good, told))
}

fn tables(project: &Project, only: Option<&str>) -> String {
    let mut out = String::new();
    for table in &project.model.tables {
        if only.is_some_and(|name| name != table.name) {
            continue;
        }
        for flat in flat::tables(table) {
            let _ =
                writeln!(out, "{}: {}", opening(&flat.level.name), printable(&flat.level.title));
            let columns = flat::columns(&flat);
            let names: Vec<_> = columns.iter().map(|column| opening(&column.name)).collect();
            let width = names.iter().map(|name| name.len()).max().unwrap_or(0);
            for (column, name) in columns.iter().zip(&names) {
                let null = if column.nullable { "" } else { ", never missing" };
                let to = column.reference.as_ref().map_or_else(String::new, |reference| {
                    format!(" → {}", reference.to.join(" or "))
                });
                let kind = kind(&column.kind);
                let markers: Vec<_> =
                    column.about.missing.iter().map(|marker| marker.text.as_str()).collect();
                let markers = match markers.is_empty() {
                    true => String::new(),
                    false => format!(", missing where it says {}", markers.join(", ")),
                };
                let [kind, to, markers] = [&kind, &to, &markers].map(|text| printable(text));
                let _ = writeln!(out, "  {name:width$}  {kind}{to}{null}{markers}");
                for annotation in flat::conditional(&flat, column) {
                    let said = match &annotation.says {
                        Says::Codes(codes) => {
                            format!("code of the list {}", codes.list.as_deref().unwrap_or("?"))
                        }
                        Says::Reference { reference, .. } => {
                            format!("→ {}", reference.to.join(" or "))
                        }
                        Says::Roles { .. } => continue,
                    };
                    let when = printable(&annotation.when);
                    let _ = writeln!(out, "  {:width$}    {when}: {}", "", printable(&said));
                }
            }
            let listed = |names: &[String]| printable(&names.join(", ")).into_owned();
            for key in flat::unique_keys(&flat, &project.model) {
                let _ = writeln!(out, "  unique: {}", listed(&key));
            }
            for key in flat::composite_references(&flat, &project.model) {
                let target = printable(&key.target);
                let _ = writeln!(out, "  together: {} → {target}", listed(&key.columns));
            }
            for it in stated(&flat, &project.model) {
                let _ = writeln!(out, "  holds: {}", printable(&constraint(&it)));
            }
            out.push('\n');
        }
    }
    out
}

/// What must hold, in one line: its id, what it says, and for what.
fn constraint(stated: &Stated) -> String {
    let assertion = stated.assertion;
    let mut line = format!("{}: {}", assertion.id, assertion.assert);
    match (stated.when, stated.by) {
        (Some(when), None) => line.push_str(&format!(", when {when}")),
        (Some(filter), Some(_)) => line.push_str(&format!(", where {filter}")),
        (None, _) => {}
    }
    if let Some(by @ [_, ..]) = stated.by {
        line.push_str(&format!(", by {}", by.join(", ")));
    }
    let on: Vec<_> = stated.on.iter().filter(|at| !at.is_empty()).map(|at| readable(at)).collect();
    if !on.is_empty() {
        let _ = write!(line, ", of {}", on.join(" and "));
    }
    if assertion.severity != Severity::Error {
        let _ = write!(line, " ({})", assertion.severity.name());
    }
    line
}

fn kind(kind: &Kind) -> String {
    let name = kind.names().outline;
    match (kind.codes(), kind.extent()) {
        (Some(codes), extent) => match (&codes.list, extent) {
            (Some(list), Some(extent)) => format!("{name} of the list {list}, {extent}"),
            (Some(list), None) => format!("{name} of the list {list}"),
            (None, _) => format!("one of {}", codes.values.join(", ")),
        },
        (None, Some(extent)) => format!("{name}, {extent}"),
        (None, None) => name.to_owned(),
    }
}
