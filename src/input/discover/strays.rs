//! Files that lie beside records and that no pattern matches: `x.yml` beside `*.yaml`, `x.yaml.txt`,
//! what an editor left. Their records would be left out without a word.
//!
//! Texts about the data may lie there (`README`, `.md`), and schemas. In the project's own
//! directory, where everybody puts things, only names that look like those of its record files count.

use std::collections::{BTreeMap, BTreeSet};

use super::{Remark, Search};
use crate::diagnostic::{Place, code, quote};
use crate::fault::Fault;
use crate::manifest;
use crate::path::{Pattern, directory_of, wildcard};
use crate::workspace::{Format, Listed, Nature, Source};

/// So many files of a directory are named; of the others only the number is told.
const NAMED_MAX: usize = 20;

/// Parts of a name, between its dots, that say that there may be records.
const ENDINGS: [&str; 18] = [
    "csv", "geojson", "gz", "json", "json5", "jsonl", "ndjson", "numbers", "ods", "tab", "toml",
    "tsv", "xls", "xlsm", "xlsx", "yaml", "yml", "zst",
];

/// Endings of texts about the data.
const DOCUMENTS: [&str; 7] = ["adoc", "bib", "cff", "htm", "html", "md", "rst"];

/// Names of texts about the data.
const DOCUMENT_NAMES: [&str; 8] =
    ["changelog", "citation", "codeowners", "license", "licence", "makefile", "notice", "readme"];

pub(super) fn find(search: &mut Search<'_>) -> Result<(), Fault> {
    if search.manifest.tables.iter().any(|table| table.is_partial) {
        // What a pattern that is none was meant to match would seem to be left out.
        return Ok(());
    }
    let homes = homes(search);
    let mut strays: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut below = BTreeSet::new();
    let unmatched = search.listings.values().flat_map(|listing| {
        let matched = listing.matched.borrow();
        let entries = listing.entries.iter().zip(matched.iter());
        entries.filter(|(_, matched)| !**matched).map(|(listed, _)| listed).collect::<Vec<_>>()
    });
    for Listed { path, nature } in unmatched {
        let home = directory_of(path);
        let Some(formats) = homes.get(home) else { continue };
        match nature {
            Nature::File { .. } => {
                let is_known = search.matched.contains_key(path)
                    || search.formless.contains(path)
                    || search.remarks.contains_key(path)
                    || is_of_project(search, path);
                if !is_known && may_hold_records(path, formats) {
                    strays.entry(home.to_owned()).or_default().insert(path.clone());
                }
            }
            Nature::Directory if !home.is_empty() => {
                below.insert(path.clone());
            }
            Nature::Directory | Nature::Unusable(_) => {}
        }
    }
    for (home, paths) in strays {
        let count = paths.len();
        for (index, path) in paths.into_iter().enumerate().take(NAMED_MAX + 1) {
            let message = if index == NAMED_MAX {
                format!("no pattern matches {} more files of `{home}`", count - NAMED_MAX)
            } else {
                format!("no pattern matches {}, so nothing in it is read", quote(&path))
            };
            let remark = remark(search, path, message);
            search.remark(remark);
        }
    }
    for directory in below {
        unreached(search, directory)?;
    }
    Ok(())
}

/// The directories where records lie, with the formats that patterns want there.
fn homes(search: &Search<'_>) -> BTreeMap<String, Vec<Format>> {
    let mut homes: BTreeMap<String, Vec<Format>> = BTreeMap::new();
    let mut add = |home: &str, format: Option<Format>| {
        homes.entry(home.to_owned()).or_default().extend(format);
    };
    for (path, file) in &search.matched {
        add(directory_of(path), Some(file.source.format));
    }
    for pattern in search.manifest.tables.iter().flat_map(|table| &table.records) {
        if pattern.depth() == Some(0) {
            let source = Source::from_path(pattern.as_str());
            add(pattern.directory(), source.map(|source| source.format));
        }
    }
    homes
}

/// Whether a file is something else of the project.
fn is_of_project(search: &Search<'_>, path: &str) -> bool {
    path == manifest::FILE_NAME
        || path == manifest::BASELINE_FILE_NAME
        || name_of(path).contains(".schema.")
        || search.manifest.tables.iter().any(|table| table.schema.as_str() == path)
        || search.manifest.code_lists.iter().any(|list| list.is_file(path))
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn may_hold_records(path: &str, formats: &[Format]) -> bool {
    let name = name_of(path).to_lowercase();
    let parts: Vec<_> = name.split(['.', '~', ' ']).skip(1).collect();
    if directory_of(path).is_empty() {
        let format = |part: &&str| Source::from_path(&format!("x.{part}")).map(|it| it.format);
        return parts.iter().filter_map(format).any(|format| formats.contains(&format));
    }
    if parts.iter().any(|part| ENDINGS.contains(part)) {
        return true;
    }
    let is_document = parts.last().is_some_and(|ending| DOCUMENTS.contains(ending))
        || DOCUMENT_NAMES.iter().any(|document| name.starts_with(document));
    !is_document
}

/// Reports a directory beside records that holds record files and that no pattern reaches.
fn unreached(search: &mut Search<'_>, directory: String) -> Result<(), Fault> {
    let inside = format!("{directory}/");
    let first = search.matched.range(inside.clone()..).next();
    if first.is_some_and(|(path, _)| path.starts_with(&inside)) {
        return Ok(());
    }
    let records = |listed: &&Listed| {
        let format = Source::from_path(&listed.path).map(|source| source.format);
        matches!(listed.nature, Nature::File { .. })
            && format.is_some_and(|format| format != Format::Toml)
            && !listed.path.contains(".schema.")
    };
    let count = search.list(&directory, None)?.entries.iter().filter(records).count();
    if count > 0 {
        let files = if count == 1 { "a file".to_owned() } else { format!("{count} files") };
        let shown = quote(&directory);
        let message = format!("no pattern reaches into {shown}, which holds {files} with records");
        let remark = remark(search, directory, message);
        search.remark(remark);
    }
    Ok(())
}

fn remark(search: &Search<'_>, path: String, message: String) -> Remark {
    let tables = search.manifest.tables.iter();
    let patterns = tables.flat_map(|table| table.records.iter().zip(&table.records_places));
    let near = |(pattern, _): &(&Pattern, &Place)| {
        path.strip_prefix(pattern.directory())
            .is_some_and(|rest| pattern.directory().is_empty() || rest.starts_with('/'))
    };
    let name = name_of(&path);
    let wanted = |pattern: &Pattern| pattern.as_str()[pattern.directory().len()..].to_owned();
    let alike = |pattern: &Pattern| {
        let wanted = wanted(pattern);
        let both = wanted.trim_start_matches('/').chars().zip(name.chars());
        both.take_while(|(a, b)| a == b).count()
    };
    // Of several in the directory, the one that begins like the file; none that begins otherwise.
    let begins = |(pattern, _): &(&Pattern, &Place)| {
        wildcard(wanted(pattern).trim_start_matches('/')) == Some(0) || alike(pattern) > 0
    };
    let near = patterns.filter(near).filter(begins);
    let nearest = near.max_by_key(|(pattern, _)| (pattern.directory().len(), alike(pattern)));
    let nearest = nearest.map(|(pattern, place)| (pattern.as_str().to_owned(), place.clone()));
    let rename = match &nearest {
        Some((pattern, _)) => format!("rename it so that it matches `{pattern}`, "),
        None => String::new(),
    };
    let help = format!(
        "{rename}add a pattern that matches it, or move it elsewhere; `[rules]` can say that it \
         may lie there"
    );
    Remark {
        path,
        code: &code::UNMATCHED_FILE,
        severity: code::UNMATCHED_FILE.severity,
        message,
        help,
        pattern: nearest.map(|(_, place)| (place, "this pattern misses it")),
    }
}
