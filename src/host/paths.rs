//! Paths that a user names, as paths of the project.

use std::path::{Component, Path, PathBuf};

use demarche::Fault;

/// A path that a user names from the current directory.
pub enum Named {
    /// Relative to the project, with `/`; empty for the project's directory.
    Inside(String),
    /// Somewhere else.
    Outside,
    /// There is nothing of that name.
    Missing,
}

/// Where in a project a path is. What it links to doesn't matter, only where it is.
///
/// # Errors
/// When the project's directory can't be found.
pub fn locate(project: &Path, path: &Path) -> Result<Named, Fault> {
    if path.symlink_metadata().is_err() {
        return Ok(Named::Missing);
    }
    place(project, path)
}

/// The same for a path of which there may be nothing yet.
///
/// # Errors
/// When the project's directory, or that of the file, can't be found.
pub fn place(project: &Path, path: &Path) -> Result<Named, Fault> {
    let fault = |path: &Path| {
        let path = path.display().to_string();
        move |cause| Fault::new("find", path, cause)
    };
    let root = project.canonicalize().map_err(fault(project))?;
    let Ok(inside) = absolute(path).map_err(fault(path))?.strip_prefix(&root).map(Path::to_owned)
    else {
        return Ok(Named::Outside);
    };
    let part = |component: Component<'_>| component.as_os_str().to_string_lossy().into_owned();
    Ok(Named::Inside(inside.components().map(part).collect::<Vec<_>>().join("/")))
}

/// The path without links in its directories.
pub fn absolute(path: &Path) -> std::io::Result<PathBuf> {
    let Some(name) = path.file_name() else { return path.canonicalize() };
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    Ok(parent.unwrap_or_else(|| Path::new(".")).canonicalize()?.join(name))
}

/// Where a file really is, or would be.
pub fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
