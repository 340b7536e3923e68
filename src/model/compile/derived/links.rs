//! `kind = "links"`: records that refer to records of the same table.

use std::sync::Arc;

use super::parties::{key_kind, table};
use super::path::{self, refuse};
use super::schema::{Says, Schema};
use super::{Names, Wanted, wanted};
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, code, one_of, quote};
use crate::manifest::derived::{DeclaredDerived, DeclaredLinks};
use crate::model::derived::{Derived, Kept, Link, Links};
use crate::model::kind::Kind;
use crate::model::{Codes, Table, names};
use crate::parse::spelling::Written;

/// The columns of the time of both records.
const DAYS: [(&str, &str, &str); 4] = [
    ("from_earliest", "First possible day", "The first day on which `from` can have begun"),
    ("from_latest", "Last possible day", "The last day on which `from` can have ended"),
    ("to_earliest", "First possible day", "The first day on which `to` can have begun"),
    ("to_latest", "Last possible day", "The last day on which `to` can have ended"),
];

/// What stands behind names of columns of the record that refers, and of that which is referred to.
const ENDS: [&str; 2] = ["from", "to"];

pub(super) fn compile(
    declaration: &DeclaredDerived,
    says: &DeclaredLinks,
    names: &Names<'_>,
    found: &mut Vec<Diagnostic>,
) -> Vec<Wanted> {
    let Some((index, table)) = table(names, &says.from, found) else { return Vec::new() };
    let before = found.len();
    if table.key.is_composite() {
        let message =
            format!("the key of `{}` has several values, and a reference is one", table.name);
        let help = "links are of tables whose records one value names";
        refuse::<()>(&says.from, message, help, found);
        return Vec::new();
    }
    let links: Vec<_> = says.links.iter().filter_map(|it| link(table, says, it, found)).collect();
    unknown_symmetric(says, found);
    let time = match &says.date[..] {
        [] => None,
        date => path::time(table, date, None, found),
    };
    let title = declaration.title.clone();
    let title = title.unwrap_or_else(|| format!("{}: links between records", table.title));
    let mut schema = Schema::new(&declaration.name, title);
    describe(&mut schema, table, says);
    let key = ends(&mut schema, table);
    let codes = Codes::new(None, says.links.iter().map(|it| it.text.clone()));
    schema.column(
        &Kind::Code(Arc::new(codes)),
        Says {
            name: "link",
            title: "Link",
            description: "The property of `from` that names `to`.".to_owned(),
            required: true,
        },
    );
    if time.is_some() {
        time_columns(&mut schema);
    }
    let keep = keep(&mut schema, table, &says.keep, found);
    if found.len() > before {
        return Vec::new();
    }
    let key: Vec<_> = key.iter().map(String::as_str).chain(["link"]).collect();
    let links = Links { table: index, links, time, keep };
    vec![wanted(declaration, &schema, &key, Derived::Links(Arc::new(links)))]
}

/// A reference to records of the table itself.
fn link(
    table: &Table,
    says: &DeclaredLinks,
    written: &Written,
    found: &mut Vec<Diagnostic>,
) -> Option<Link> {
    let path = path::value(table, written, found)?;
    let help = "a link is a property with `x-reference` to the table itself";
    let Some(reference) = &path::column_of(table, path).reference else {
        let message = format!("{} refers to nothing", quote(&written.text));
        return refuse(written, message, help, found);
    };
    if reference.table() != Some(table.name.as_str()) {
        let to: Vec<_> = reference.to.iter().map(|to| format!("`{to}`")).collect();
        let message = format!(
            "{} refers to {}, and not to the key of `{}`",
            quote(&written.text),
            to.join(" or "),
            table.name
        );
        return refuse(written, message, help, found);
    }
    let is_symmetric = says.symmetric.iter().any(|it| it.text == written.text);
    Some(Link { path, is_symmetric })
}

fn unknown_symmetric(says: &DeclaredLinks, found: &mut Vec<Diagnostic>) {
    for written in &says.symmetric {
        let links = || says.links.iter().map(|it| it.text.as_str());
        if links().any(|it| it == written.text) {
            continue;
        }
        let help = match nearest(&written.text, links()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("`links` has {}", one_of(links())),
        };
        let message = format!("{} is none of the links of the table", quote(&written.text));
        found.push(Diagnostic::new(&code::UNKNOWN_NAME, written.place.clone(), message).help(help));
    }
}

/// The columns that name both records.
fn ends(schema: &mut Schema, table: &Table) -> Vec<String> {
    let [name] = &table.parent_columns()[..] else { unreachable!("the key has one value") };
    let mut column = table.level.columns[table.key.columns[0]].clone();
    column.kind = key_kind(column.kind);
    column.reference = Some(crate::model::Reference::to_key(&table.name));
    let mut key = Vec::new();
    for (end, description) in
        ENDS.into_iter().zip(["The record that names the other.", "The record that it names."])
    {
        let name = format!("{name}_{end}");
        let description = description.to_owned();
        schema.like(&column, Says { name: &name, title: "", description, required: true });
        key.push(name);
    }
    key
}

fn time_columns(schema: &mut Schema) {
    for (name, title, description) in DAYS {
        let description = format!("{description}; missing where nobody knows one.");
        schema.column(&Kind::Date, Says { name, title, description, required: false });
    }
    let days = [
        ("days_min", "Fewest days", "The fewest days"),
        ("days_max", "Most days", "The most days"),
    ];
    for (name, title, start) in days {
        let description = format!(
            "{start} that can lie between the start of `from` and the start of `to`; negative where `to` began \
             first, 0 where both began on one day, missing where nobody knows a bound."
        );
        let says = Says { name, title, description, required: false };
        schema.column(&Kind::Integer { bits: 32 }, says);
    }
}

fn keep(
    schema: &mut Schema,
    table: &Table,
    written: &[Written],
    found: &mut Vec<Diagnostic>,
) -> Vec<Kept> {
    let mut kept = Vec::new();
    for written in written {
        let Some(index) = path::single(table, written, found) else { continue };
        let column = &table.level.columns[index];
        let parts = if column.is_composed() { &[] } else { column.kind.derived_parts() };
        let named = ENDS.map(|end| format!("{}_{end}", column.name));
        let mut fits = true;
        for (name, end) in named.iter().zip(ENDS) {
            let stem = names::stem(name);
            let of_parts = parts.iter().map(|part| format!("{stem}_{}", part.suffix()));
            for name in std::iter::once(name.clone()).chain(of_parts) {
                // One name that can't be is enough to say.
                fits = fits && claim(schema, &name, written, found);
            }
            let title = format!("{} ({end})", column.about.title);
            let description = format!("Of the record `{end}`.");
            schema.like(column, Says { name, title: &title, description, required: false });
        }
        if fits {
            kept.push(Kept { column: index, parts: parts.len(), names: named });
        }
    }
    kept
}

/// Whether a column can have a name; if not, that is reported.
fn claim(schema: &Schema, name: &str, at: &Written, found: &mut Vec<Diagnostic>) -> bool {
    let message = match names::fault(name, names::COLUMN_CHARS_MAX) {
        Some(fault) => format!("no column can be called `{name}`: {fault}"),
        None if schema.names().any(|known| known == name) => {
            format!("two columns of the table would be called `{name}`")
        }
        None => return true,
    };
    let help = "leave it out of `keep`, or give the property another name with `x-column`";
    refuse::<()>(at, message, help, found);
    false
}

fn describe(schema: &mut Schema, table: &Table, says: &DeclaredLinks) {
    let of = &table.name;
    schema.say(format!(
        "A row for each record of `{of}` that names another one, and each property that does so. `from` is the \
         record that names, `to` the one that it names."
    ));
    schema.say("A record that names another one twice in the same property does so once.");
    if !says.symmetric.is_empty() {
        let links: Vec<_> = says.symmetric.iter().map(|it| format!("`{}`", it.text)).collect();
        schema.say(format!(
            "What {} says holds from both sides: whether one of two records names the other or both do, there is one \
             row, and the lower key is `from`.",
            links.join(" or ")
        ));
    }
    if !says.date.is_empty() {
        let dates: Vec<_> = says.date.iter().map(|it| format!("`{}`", it.text)).collect();
        schema.say(format!(
            "When a record was is what {} says. Days between two records are counted from start to start.",
            dates.join(" to ")
        ));
    }
}
