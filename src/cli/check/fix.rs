//! `demarche check --fix`: applies fixes.

use std::collections::BTreeSet;

use demarche::Fault;
use demarche::diagnostic::{Certainty, MadeEdit};
use demarche::fix::{AppliedFixes, Overlay};
use similar::TextDiff;

use super::{State, Wanted};
use crate::cli::report::print;
use crate::cli::{Global, complain};
use crate::host;

/// A fix may uncover another finding. Fixes that need more rounds than this undo each other.
const ROUNDS_MAX: usize = 10;

/// Applies fixes in memory, round by round, until none is left. Returns the fixed state.
pub(super) fn apply(
    global: &Global,
    wanted: &Wanted,
    mut state: State,
    certainty: Certainty,
) -> Result<(State, AppliedFixes), Fault> {
    let mut fixes = AppliedFixes::default();
    for _ in 0..ROUNDS_MAX {
        let Some(project) = &state.opened.project else { break };
        let scope = wanted.scope(&state.opened, project);
        let asked = state.diagnostics.iter().filter(|finding| {
            scope.as_ref().is_none_or(|scope| scope.contains(finding.primary.place.source))
        });
        if !fixes.round(&state.opened.workspace, project, asked, certainty)? {
            break;
        }
        let files = fixes.files.iter().map(|(path, file)| (path.clone(), file.after.clone()));
        let files = files.collect();
        let base = wanted.storage(global)?;
        state = State::read(global, Box::new(Overlay { base, files }))?;
    }
    Ok((state, fixes))
}

/// Writes the fixed files.
pub(super) fn write(global: &Global, fixes: &AppliedFixes) -> Result<(), Fault> {
    let directories: BTreeSet<&str> = fixes
        .files
        .keys()
        .map(|path| path.rsplit_once('/').map_or("", |(directory, _)| directory))
        .collect();
    for directory in directories {
        host::clean(&global.project.join(directory))?;
    }
    for (path, file) in &fixes.files {
        host::replace_file(&global.project, path, &file.before, &file.after)?;
    }
    Ok(())
}

/// Prints what would change as a patch, and the edits to standard error.
pub(super) fn show(global: &Global, fixes: &AppliedFixes) -> Result<(), Fault> {
    let mut patch = String::new();
    for (path, file) in &fixes.files {
        let text = |bytes| String::from_utf8_lossy(bytes);
        let (before, after) = (text(&file.before), text(&file.after));
        let difference = TextDiff::from_lines(&*before, &*after);
        let mut unified = difference.unified_diff();
        patch.push_str(&unified.header(&format!("a/{path}"), &format!("b/{path}")).to_string());
    }
    print(patch.as_bytes())?;
    if !global.quiet {
        for edit in fixes.edits() {
            complain(&edit.to_string());
        }
        complain(&sentence("would mend", fixes));
        for line in refused(fixes) {
            complain(&line);
        }
    }
    Ok(())
}

/// The lines that report the fixes.
pub(super) fn lines(fixes: &AppliedFixes, edits: &[MadeEdit], verb: &str) -> Vec<String> {
    let edits = edits.iter().map(MadeEdit::to_string);
    edits.chain([sentence(verb, fixes)]).chain(refused(fixes)).collect()
}

fn refused(fixes: &AppliedFixes) -> impl Iterator<Item = String> {
    let refused = fixes.refused.iter().map(|path| {
        format!("left {path} as it is: its fixes would have changed more than they should")
    });
    refused.chain(
        fixes.encoded.iter().map(|path| {
            format!("left {path} as it is: it isn't in UTF-8, in which fixes are written")
        }),
    )
}

fn sentence(verb: &str, fixes: &AppliedFixes) -> String {
    let count = |number: usize, unit: &str| {
        format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
    };
    let (findings, files) = (fixes.findings, fixes.files.len());
    if files == 0 {
        return format!("{verb} nothing");
    }
    format!("{verb} {} in {}", count(findings, "finding"), count(files, "file"))
}
