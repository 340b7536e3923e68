//! What is written into a project stays in it.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use demarche::Fault;

/// Makes sure that what is written to `path` doesn't leave the project through a link that lies in
/// it: a change that somebody proposes can bring one. A path that itself leads elsewhere is the
/// user's own choice.
///
/// # Errors
/// When it would leave, or the project can't be found.
pub fn stay_inside(project: &Path, path: &Path) -> Result<(), Fault> {
    let fault = |cause| Fault::new("write", path.display().to_string(), cause);
    let root = fs::canonicalize(project).map_err(fault)?;
    let as_written = plain(path).map_err(fault)?;
    if !as_written.starts_with(&root) {
        return Ok(());
    }
    // What isn't there yet lies where its directory does.
    let mut there = as_written.as_path();
    while fs::symlink_metadata(there).is_err() {
        there = there.parent().unwrap_or(&root);
    }
    let real = fs::canonicalize(there).unwrap_or_default();
    if real.starts_with(&root) {
        return Ok(());
    }
    Err(fault(io::Error::other(
        "it is, or lies behind, a link that leads out of the project or to nothing; \
         name the place itself",
    )))
}

/// The path from the root of the file system, by its names alone.
fn plain(path: &Path) -> io::Result<PathBuf> {
    let mut plain = fs::canonicalize(".")?;
    for component in path.components() {
        match component {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    Ok(plain)
}
