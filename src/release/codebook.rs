//! `codebook.md`: every table, column and code of a release, for people.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::{Made, constraints};
use crate::emit::counts::LevelCounts;
use crate::emit::flat::{self, FlatColumn, Source};
use crate::emit::{Release, Selection, citation, selected};
use crate::manifest::Dataset;
use crate::model::kind::Physical;
use crate::model::{CodeList, FlatTable, Kind, Marker, Model, Reference, Says};
use crate::spelling::markdown::{address, code, link_to_heading, paragraphs, text};
use crate::spelling::thousands;

/// Writes the codebook of the selected tables.
///
/// # Errors
/// The writer fails.
pub(super) fn write(
    release: &Release,
    selection: &Selection,
    made: &Made,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut page = String::new();
    head(&mut page, release.dataset);
    let mut lists = BTreeSet::new();
    for (index, table) in selected(release, selection) {
        for flat in flat::tables(table) {
            let columns = flat::columns(&flat);
            let counts = made.counts.of(index, &flat.path);
            self::table(&mut page, &flat, &columns, &counts, release.model);
            constraints::section(&mut page, &flat, made, release.model);
            lists.extend(
                columns.iter().filter_map(|column| column.kind.code_list().map(str::to_owned)),
            );
            for annotation in columns.iter().flat_map(|column| flat::conditional(&flat, column)) {
                if let Says::Codes(codes) = &annotation.says {
                    lists.extend(codes.list.clone());
                }
            }
        }
    }
    if !lists.is_empty() {
        page.push_str("\n## Code lists\n");
    }
    for list in release.model.code_lists.iter().filter(|list| lists.contains(list.name.as_str())) {
        code_list_section(&mut page, list);
    }
    out.write_all(page.as_bytes())
}

fn head(page: &mut String, dataset: &Dataset) {
    line(page, &format!("# Codebook: {}", text(&dataset.title)));
    let mut facts = vec![("Dataset", text(&dataset.name)), ("Version", text(&dataset.version))];
    let authors: Vec<_> = dataset.authors.iter().map(|author| author.name.as_str()).collect();
    facts.extend([
        ("Released", text(dataset.released.as_deref().unwrap_or_default())),
        ("Authors", text(&authors.join("; "))),
        ("Licence", text(&dataset.license)),
        ("Homepage", address(dataset.homepage.as_deref().unwrap_or_default())),
        ("Time covered", text(dataset.temporal.as_deref().unwrap_or_default())),
        ("Places covered", text(&dataset.spatial.join(", "))),
        ("Languages", text(&dataset.languages.join(", "))),
        ("Keywords", text(&dataset.keywords.join(", "))),
        ("Cite as", text(&citation(dataset))),
    ]);
    if !dataset.description.is_empty() {
        line(page, &format!("\n{}", paragraphs(&dataset.description)));
    }
    line(page, "");
    for (name, said) in facts.iter().filter(|(_, said)| !said.is_empty()) {
        line(page, &format!("- **{name}**: {said}"));
    }
    line(
        page,
        "\nAn empty cell is a missing value. The position of a list item counts from 0. A column of \
         uncertain dates in the Extended Date/Time Format (EDTF, ISO 8601-2) has further columns \
         beside it, which are worked out from it: the ones that end in `_earliest` and `_latest` hold \
         the first and the last day that the date can mean, `_precision` how exact it is, and \
         `_uncertain` and `_approximate` whether it is marked so.",
    );
}

fn table(
    page: &mut String,
    flat: &FlatTable,
    columns: &[FlatColumn],
    counts: &LevelCounts,
    model: &Model,
) {
    let level = flat.level;
    let count = counts.rows;
    line(page, &format!("\n## {}", text(&level.name)));
    if !level.title.is_empty() {
        line(page, &format!("\n**{}**", text(&level.title)));
    }
    if !level.description.is_empty() {
        line(page, &format!("\n{}", paragraphs(&level.description)));
    }
    let codes = |names: &[String]| names.iter().map(|it| code(it)).collect::<Vec<_>>().join(", ");
    let key = codes(&flat::primary_key(flat));
    line(page, &format!("\nRows: {}. Key: {key}.\n", thousands(count as u64)));
    for key in flat::unique_keys(flat, model) {
        let together = if key.len() > 1 { " together" } else { "" };
        line(page, &format!("No two rows have the same {}{together}.\n", codes(&key)));
    }
    for key in flat::composite_references(flat, model) {
        let to = link_to_heading(&key.target);
        let (own, other) = (codes(&key.columns), codes(&key.target_columns));
        line(page, &format!("{own} refer together to {other} of {to}.\n"));
    }
    line(page, "| column | type | values | missing | meaning |");
    line(page, "|---|---|---|--:|---|");
    for column in columns {
        let missing = missing(column, counts);
        let cells = [
            code(&column.name),
            type_name(&column.kind),
            values(flat, column),
            missing_text(column, missing, count),
            meaning(column),
        ];
        line(page, &format!("| {} |", cells.join(" | ")));
    }
}

fn missing(column: &FlatColumn, counts: &LevelCounts) -> usize {
    match column.source {
        Source::ParentKey(_) | Source::Position(_) => 0,
        Source::Column(index) => counts.missing.get(index).copied().unwrap_or(0),
    }
}

fn missing_text(column: &FlatColumn, missing: usize, count: usize) -> String {
    if !column.nullable {
        return "never".to_owned();
    }
    if count == 0 {
        return "0".to_owned();
    }
    format!("{} ({:.1} %)", thousands(missing as u64), missing as f64 * 100.0 / count as f64)
}

fn meaning(column: &FlatColumn) -> String {
    let about = &column.about;
    let mut meaning = String::new();
    let title = if about.title.is_empty() { &about.label } else { &about.title };
    if !title.is_empty() {
        let _ = write!(meaning, "**{}.**", text(title));
    }
    if !about.description.is_empty() {
        let _ = write!(meaning, " {}", text(&about.description));
    }
    if let Some(unit) = &about.unit {
        let _ = write!(meaning, " Unit: {}.", text(unit));
    }
    if !about.missing.is_empty() {
        let one = |marker: &Marker| match &marker.reason {
            Some(reason) => format!("{} ({})", code(&marker.text), text(reason)),
            None => code(&marker.text),
        };
        let markers: Vec<_> = about.missing.iter().map(one).collect();
        let _ = write!(meaning, " Missing where records say {}.", markers.join(", "));
    }
    if let Some(column) = &about.reason {
        let _ = write!(meaning, " Why it is missing: {}.", code(column));
    }
    meaning.trim().to_owned()
}

fn values(flat: &FlatTable, column: &FlatColumn) -> String {
    let said = [always(column), conditional(flat, column)];
    said.into_iter().filter(|said| !said.is_empty()).collect::<Vec<_>>().join("; ")
}

/// What a column refers to.
fn targets(reference: &Reference) -> String {
    let targets = reference.to.iter().map(|to| match to.split_once('.') {
        Some((rows, property)) => format!("{} of {}", code(property), link_to_heading(rows)),
        None => format!("key of {}", link_to_heading(to)),
    });
    targets.collect::<Vec<_>>().join(" or ")
}

/// What holds of a column's values in every record.
fn always(column: &FlatColumn) -> String {
    if let Some(reference) = &column.reference {
        return targets(reference);
    }
    if let Some(codes) = column.kind.codes() {
        return match &codes.list {
            Some(list) => link_to_heading(list),
            None => codes.values.iter().map(|value| code(value)).collect::<Vec<_>>().join(", "),
        };
    }
    match column.kind.physical() {
        Physical::Boolean => "`true`, `false`".to_owned(),
        Physical::Code(_)
        | Physical::Integer(_)
        | Physical::Double
        | Physical::Text
        | Physical::Day
        | Physical::Instant
        | Physical::LocalInstant
        | Physical::TimeOfDay
        | Physical::Decimal(_) => String::new(),
    }
}

/// What else holds of a column in some records.
fn conditional(flat: &FlatTable, column: &FlatColumn) -> String {
    let said = flat::conditional(flat, column).filter_map(|annotation| {
        let what = match &annotation.says {
            Says::Codes(codes) => format!("code of {}", link_to_heading(codes.list.as_deref()?)),
            Says::Reference { reference, .. } => targets(reference),
            Says::Roles { .. } => return None,
        };
        Some(format!("{}: {what}", text(&annotation.when)))
    });
    said.collect::<Vec<_>>().join("; ")
}

fn type_name(kind: &Kind) -> String {
    let name = kind.names().codebook;
    match kind.extent() {
        Some(extent) => format!("{name}, {extent}"),
        None => name.to_owned(),
    }
}

/// The columns of a code list that mean the same in every list, and behind them its own, such as
/// examples or codes of other systems, as far as they hold something.
fn code_list_section(page: &mut String, list: &CodeList) {
    const COMMON: [&str; 5] = ["code", "label", "definition", "valid_from", "valid_to"];
    line(page, &format!("\n### {}\n", text(&list.name)));
    let mut notes = Vec::new();
    if !list.made_of.is_empty() {
        let parts: Vec<_> = list.made_of.iter().map(|part| text(part)).collect();
        notes.push(format!("Made of the code lists {}.", parts.join(", ")));
    }
    if list.codes.is_ordered {
        notes.push("The codes stand in order, from the lowest to the highest.".to_owned());
    }
    if !notes.is_empty() {
        line(page, &format!("{}\n", notes.join(" ")));
    }
    let common = COMMON.into_iter().filter_map(|name| Some((name, list.column(name)?)));
    let own = list.columns.iter().enumerate().map(|(index, name)| (name.as_str(), index));
    let shown: Vec<_> = common
        .chain(own.filter(|(name, _)| !COMMON.contains(name)))
        .filter(|(_, index)| list.rows.iter().any(|row| !row[*index].is_empty()))
        .collect();
    let names: Vec<_> = shown.iter().map(|(name, _)| text(&name.replace('_', " "))).collect();
    line(page, &format!("| {} |", names.join(" | ")));
    line(page, &format!("|{}", "---|".repeat(shown.len())));
    for row in list.rows.iter() {
        let cells: Vec<_> = shown
            .iter()
            .map(|(name, index)| match (*name, row[*index].as_str()) {
                ("code", value) => code(value),
                (_, value) => text(value),
            })
            .collect();
        line(page, &format!("| {} |", cells.join(" | ")));
    }
}

/// Adds a line.
pub(super) fn line(page: &mut String, text: &str) {
    page.push_str(text);
    page.push('\n');
}
