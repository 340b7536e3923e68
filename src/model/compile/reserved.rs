//! Names that are words of a language in which people use a dataset. A column can be called so, and then
//! it has to be quoted in each query, or can't be loaded at all.

use std::collections::BTreeSet;

use super::keys::place_in;
use crate::diagnostic::{Diagnostic, Place, code};
use crate::model::{Column, Derived, Level, Origin, Table, names};

/// Reserved words of SQL:2016 and of DuckDB 2.0, PostgreSQL 18 and SQLite 3, as far as at least one of the
/// three refuses them as the name of a column, or takes them for something else (`user`). Tried out, and
/// for PostgreSQL read off the appendix “SQL Key Words” of its manual.
const SQL: [&str; 135] = [
    "add",
    "all",
    "alter",
    "analyse",
    "analyze",
    "and",
    "anti",
    "any",
    "array",
    "as",
    "asc",
    "asof",
    "asymmetric",
    "at",
    "authorization",
    "autoincrement",
    "between",
    "binary",
    "both",
    "by",
    "case",
    "cast",
    "check",
    "collate",
    "collation",
    "column",
    "commit",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "default",
    "deferrable",
    "delete",
    "desc",
    "describe",
    "distinct",
    "do",
    "drop",
    "else",
    "end",
    "escape",
    "except",
    "exists",
    "false",
    "fetch",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "glob",
    "grant",
    "group",
    "having",
    "ilike",
    "in",
    "index",
    "initially",
    "inner",
    "insert",
    "intersect",
    "into",
    "is",
    "isnull",
    "join",
    "lambda",
    "lateral",
    "leading",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "natural",
    "not",
    "nothing",
    "notnull",
    "null",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "outer",
    "overlaps",
    "pivot",
    "pivot_longer",
    "pivot_wider",
    "placing",
    "positional",
    "primary",
    "qualify",
    "raise",
    "references",
    "returning",
    "right",
    "select",
    "semi",
    "session_user",
    "set",
    "show",
    "similar",
    "some",
    "summarize",
    "symmetric",
    "system_user",
    "table",
    "tablesample",
    "then",
    "to",
    "trailing",
    "transaction",
    "true",
    "union",
    "unique",
    "unpack",
    "unpivot",
    "update",
    "user",
    "using",
    "values",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
];

/// Reserved words of Stata 18, as its manual lists them under “Naming conventions”, in lower case.
const STATA: [&str; 21] = [
    "_all", "_b", "_coef", "_cons", "_n", "_pi", "_pred", "_rc", "_skip", "_se", "_r", "byte",
    "double", "float", "if", "in", "int", "long", "strl", "using", "with",
];

/// Reserved words of R, as `?Reserved` lists them, in lower case.
const R: [&str; 8] = ["break", "else", "for", "function", "if", "next", "repeat", "while"];

/// Who has trouble with a name: "SQL and Stata"; none if nobody.
fn refused_by(name: &str) -> Option<String> {
    // Stata's str1, str2 and so on are types.
    let is_type = name
        .strip_prefix("str")
        .is_some_and(|width| !width.is_empty() && width.bytes().all(|byte| byte.is_ascii_digit()));
    let languages = [
        ("SQL", SQL.contains(&name)),
        ("Stata", STATA.contains(&name) || is_type),
        ("R", R.contains(&name) || name == "in"),
    ];
    let refusing: Vec<_> = languages.into_iter().filter(|(_, refuses)| *refuses).collect();
    let names: Vec<_> = refusing.iter().map(|(language, _)| *language).collect();
    match names.as_slice() {
        [] => None,
        [rest @ .., last] if !rest.is_empty() => Some(format!("{} and {last}", rest.join(", "))),
        [only, ..] => Some((*only).to_owned()),
    }
}

/// Reports tables and columns whose names are reserved words, each property once.
pub(super) fn check(tables: &[Table], found: &mut Vec<Diagnostic>) {
    let by_roles = |table: &&Table| matches!(table.derived, Some(Derived::ByRoles { .. }));
    for table in tables.iter().filter(|table| !by_roles(table)) {
        let place = &table.place;
        for flat in table.flat_tables() {
            let name = flat.level.name.as_str();
            if let Some(languages) = refused_by(name) {
                found.push(
                    finding("table", name, &languages, place.clone())
                        .help("give the table another name in the manifest"),
                );
            }
            columns(flat.level, place, found);
        }
    }
}

fn columns(level: &Level, table: &Place, found: &mut Vec<Diagnostic>) {
    let mut told = BTreeSet::new();
    for column in level.columns.iter().filter(|column| !column.internal) {
        let Some(languages) = refused_by(&column.name) else { continue };
        if told.insert(&column.pointer) {
            let place = place_in(level, column).unwrap_or_else(|| table.clone());
            found.push(finding("column", &column.name, &languages, place).help(remedy(column)));
        }
    }
}

fn finding(what: &str, name: &str, languages: &str, place: Place) -> Diagnostic {
    let message = format!("the {what} `{name}` is called like a reserved word of {languages}");
    Diagnostic::new(&code::RESERVED_NAME, place, message)
}

fn remedy(column: &Column) -> String {
    let stem = names::stem(&column.name);
    if let Origin::Composed { .. } = column.origin {
        return format!("call the date otherwise in `x-dates`, such as `{stem}_date`");
    }
    format!(
        "give the property (or the object around it) an `x-column`, such as `{stem}_{}`",
        column.kind.names().ending
    )
}

#[cfg(test)]
mod tests {
    use super::{R, SQL, STATA, refused_by};

    #[test]
    fn words_are_sorted_and_in_lower_case() {
        assert!(SQL.is_sorted() && R.is_sorted());
        for word in SQL.iter().chain(&STATA).chain(&R) {
            assert_eq!(word.to_lowercase(), **word);
        }
    }

    #[test]
    fn languages_are_named() {
        assert_eq!(refused_by("from").as_deref(), Some("SQL"));
        assert_eq!(refused_by("using").as_deref(), Some("SQL and Stata"));
        assert_eq!(refused_by("in").as_deref(), Some("SQL, Stata and R"));
        assert_eq!(refused_by("str12").as_deref(), Some("Stata"));
        assert_eq!(refused_by("_n").as_deref(), Some("Stata"));
        for name in
            ["date", "state", "type", "value", "position", "from_edtf", "str", "string", "n_in"]
        {
            assert_eq!(refused_by(name), None, "{name}");
        }
    }
}
