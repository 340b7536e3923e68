//! `demarche check --fix`: mend what can be mended.

use std::collections::BTreeSet;

use demarche::Fault;
use demarche::diagnostic::{Certainty, MadeEdit};
use demarche::fix::{Mended, Overlay};
use similar::TextDiff;

use super::{State, Wanted};
use crate::cli::report::print;
use crate::cli::{Global, complain};
use crate::host;

/// Mending one finding may uncover another. What needs more rounds than this goes in circles.
const ROUNDS_MAX: usize = 10;

/// Mends in memory, round by round, until nothing is left to mend. Returns the mended state.
pub(super) fn mend(
    global: &Global,
    wanted: &Wanted,
    mut state: State,
    certainty: Certainty,
) -> Result<(State, Mended), Fault> {
    let mut mended = Mended::default();
    for _ in 0..ROUNDS_MAX {
        let Some(project) = &state.opened.project else { break };
        let scope = wanted.scope(&state.opened, project);
        let asked = state.diagnostics.iter().filter(|finding| {
            scope.as_ref().is_none_or(|scope| scope.contains(finding.primary.place.source))
        });
        if !mended.round(&state.opened.workspace, project, asked, certainty)? {
            break;
        }
        let files = mended.files.iter().map(|(path, file)| (path.clone(), file.after.clone()));
        let files = files.collect();
        let base = wanted.storage(global)?;
        state = State::read(global, Box::new(Overlay { base, files }))?;
    }
    Ok((state, mended))
}

/// Writes what was mended.
pub(super) fn write(global: &Global, mended: &Mended) -> Result<(), Fault> {
    let directories: BTreeSet<&str> = mended
        .files
        .keys()
        .map(|path| path.rsplit_once('/').map_or("", |(directory, _)| directory))
        .collect();
    for directory in directories {
        host::clean(&global.project.join(directory))?;
    }
    for (path, file) in &mended.files {
        host::mend(&global.project, path, &file.before, &file.after)?;
    }
    Ok(())
}

/// Prints what would change as a patch, and the edits to standard error.
pub(super) fn show(global: &Global, mended: &Mended) -> Result<(), Fault> {
    let mut patch = String::new();
    for (path, file) in &mended.files {
        let text = |bytes| String::from_utf8_lossy(bytes);
        let (before, after) = (text(&file.before), text(&file.after));
        let difference = TextDiff::from_lines(&*before, &*after);
        let mut unified = difference.unified_diff();
        patch.push_str(&unified.header(&format!("a/{path}"), &format!("b/{path}")).to_string());
    }
    print(patch.as_bytes())?;
    if !global.quiet {
        for edit in mended.edits() {
            complain(&edit.to_string());
        }
        complain(&sentence("would mend", mended));
        for line in refused(mended) {
            complain(&line);
        }
    }
    Ok(())
}

/// What there is to say after mending.
pub(super) fn lines(mended: &Mended, edits: &[MadeEdit], verb: &str) -> Vec<String> {
    let edits = edits.iter().map(MadeEdit::to_string);
    edits.chain([sentence(verb, mended)]).chain(refused(mended)).collect()
}

fn refused(mended: &Mended) -> impl Iterator<Item = String> {
    mended.refused.iter().map(|path| {
        format!("left {path} as it is: its fixes would have changed more than they should")
    })
}

fn sentence(verb: &str, mended: &Mended) -> String {
    let count = |number: usize, unit: &str| {
        format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
    };
    let (findings, files) = (mended.findings, mended.files.len());
    if files == 0 {
        return format!("{verb} nothing");
    }
    format!("{verb} {} in {}", count(findings, "finding"), count(files, "file"))
}
