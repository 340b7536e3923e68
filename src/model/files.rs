//! The files of a directory, with findings about those that can't be used.

use crate::diagnostic::{Diagnostic, Place, code, quote};
use crate::fault::Fault;
use crate::path::is_nameable;
use crate::workspace::{Listed, Nature, Source, Unusable, Workspace};

/// The files right in `directory` whose paths are wanted, sorted. Those that can't be read as
/// files of the project are reported.
///
/// # Errors
/// When the directory can't be listed.
pub(super) fn files_in(
    workspace: &mut Workspace,
    directory: &str,
    is_wanted: impl Fn(&str) -> bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Vec<String>, Fault> {
    let mut files = Vec::new();
    for Listed { path, nature } in workspace.list(directory)? {
        if path != directory && !is_wanted(&path) {
            continue;
        }
        let unusable = match nature {
            Nature::Directory => continue,
            Nature::File { .. } if !is_nameable(&path) => Unusable::Misnamed,
            Nature::File { .. } => {
                files.push(path);
                continue;
            }
            Nature::Unusable(unusable) => unusable,
        };
        let message = format!("{} {}", quote(&path), unusable.reason());
        let place = Place::new(workspace.add(Source::unread(&path)), 0..0);
        diagnostics
            .push(Diagnostic::new(&code::UNREADABLE_ENTRY, place, message).help(unusable.help()));
    }
    Ok(files)
}
