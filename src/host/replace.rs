//! Replaces record files by their fixed texts, each whole or not at all.

use std::fs;
use std::io;
use std::path::Path;

use demarche::Fault;

use super::write_file;

/// Replaces a file of a project that was read as `before`.
///
/// # Errors
/// When somebody has changed it meanwhile, when it leads out of the project, or when the disk
/// fails. The file hasn't changed then.
pub fn replace_file(project: &Path, path: &str, before: &[u8], after: &[u8]) -> Result<(), Fault> {
    let file = project.join(path);
    let fault = |cause| Fault::new("mend", path, cause);
    let root = fs::canonicalize(project).map_err(fault)?;
    if !fs::canonicalize(&file).map_err(fault)?.starts_with(root) {
        return Err(fault(io::Error::other("it is a link that leads out of the project")));
    }
    if fs::read(&file).map_err(fault)? != before {
        return Err(fault(io::Error::other("somebody has changed it meanwhile; try again")));
    }
    write_file(&file, |writer| writer.write_all(after).map_err(fault))
}
