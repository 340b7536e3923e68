//! Which files belong to which table: the manifest's patterns, matched.

use std::collections::BTreeMap;

use globset::GlobBuilder;

use crate::diagnostic::{Diagnostic, code, one_of};
use crate::fault::Fault;
use crate::manifest::Manifest;
use crate::workspace::{Format, Source, SourceId, Storage, Workspace, walk};

/// The record files of one table, sorted by path.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// The files.
    pub sources: Vec<SourceId>,
}

/// The paths of record files, by table.
#[derive(Debug)]
pub struct Discovered {
    paths: Vec<Vec<String>>,
    /// What is wrong with patterns.
    pub diagnostics: Vec<Diagnostic>,
}

impl Discovered {
    /// Numbers the files, in the order of the manifest.
    #[must_use]
    pub fn number(self, workspace: &mut Workspace) -> Vec<Inputs> {
        let mut number =
            |path: String| workspace.add(Source::from_path(&path).expect("the path was checked"));
        let inputs =
            |paths: Vec<String>| Inputs { sources: paths.into_iter().map(&mut number).collect() };
        self.paths.into_iter().map(inputs).collect()
    }
}

/// Finds the record files of every table.
///
/// # Errors
/// When a directory can't be listed.
pub fn discover(storage: &dyn Storage, manifest: &Manifest) -> Result<Discovered, Fault> {
    let mut diagnostics = Vec::new();
    let mut claimed: BTreeMap<String, usize> = BTreeMap::new();
    let mut by_table = Vec::new();
    for (index, table) in manifest.tables.iter().enumerate() {
        let mut paths = Vec::new();
        for (pattern, place) in table.records.iter().zip(&table.records_places) {
            let glob = match GlobBuilder::new(pattern).literal_separator(true).build() {
                Ok(glob) => glob.compile_matcher(),
                Err(error) => {
                    diagnostics.push(
                        Diagnostic::new(
                            &code::UNREADABLE_FILE,
                            place.clone(),
                            format!("`{pattern}` is no pattern of file names: {}", error.kind()),
                        )
                        .help("`*` stands for any part of a name, `**` for any directories"),
                    );
                    continue;
                }
            };
            let found: Vec<_> = walk(storage, literal_directory(pattern))?
                .into_iter()
                .filter(|path| glob.is_match(path))
                .collect();
            if found.is_empty() {
                diagnostics.push(
                    Diagnostic::new(
                        &code::NO_RECORDS,
                        place.clone(),
                        format!(
                            "no file matches `{pattern}`, a pattern of the table `{}`",
                            table.name
                        ),
                    )
                    .help("patterns are relative to the manifest, with `/` between directories"),
                );
            }
            for path in found {
                let usable = Source::from_path(&path)
                    .is_some_and(|source| !matches!(source.format, Format::Toml));
                if !usable {
                    let endings =
                        ["yaml", "yml", "json", "jsonl", "ndjson", "csv", "jsonl.gz", "csv.zst"];
                    diagnostics.push(
                        Diagnostic::new(
                            &code::UNREADABLE_FILE,
                            place.clone(),
                            format!("`{pattern}` matches `{path}`, whose ending says no format"),
                        )
                        .help(format!("record files end in {}", one_of(endings))),
                    );
                } else {
                    paths.push(path);
                }
            }
        }
        paths.sort_unstable();
        paths.dedup();
        for path in &paths {
            if let Some(other) = claimed.insert(path.clone(), index) {
                let other = &manifest.tables[other];
                diagnostics.push(
                    Diagnostic::new(
                        &code::CLAIMED_TWICE,
                        table.place.clone(),
                        format!(
                            "`{path}` belongs to the table `{}` and to `{}`",
                            other.name, table.name
                        ),
                    )
                    .with(other.place.clone(), "the other table")
                    .help("let each file match the patterns of one table"),
                );
            }
        }
        by_table.push(paths);
    }
    Ok(Discovered { paths: by_table, diagnostics })
}

/// The directories before the first wildcard.
fn literal_directory(pattern: &str) -> &str {
    let wild = pattern.find(['*', '?', '[', '{']).unwrap_or(pattern.len());
    pattern[..wild].rsplit_once('/').map_or("", |(directory, _)| directory)
}

#[cfg(test)]
mod tests {
    use super::literal_directory;

    #[test]
    fn only_what_can_match_is_walked() {
        assert_eq!(literal_directory("data/events/*.yaml"), "data/events");
        assert_eq!(literal_directory("data/{a,b}/x.yaml"), "data");
        assert_eq!(literal_directory("data/visits.csv"), "data");
        assert_eq!(literal_directory("*.csv"), "");
    }
}
