//! What Git knows: the files that changed.

use std::io;
use std::path::Path;
use std::process::{Command, Output};

use demarche::Fault;

/// The files of a project that differ from a revision or that Git doesn't know yet, relative to the
/// project. None if there is no such revision.
///
/// # Errors
/// When there is no Git, or the project is in no repository.
pub fn changed_since(project: &Path, revision: &str) -> Result<Option<Vec<String>>, Fault> {
    let commit = format!("{revision}^{{commit}}");
    let verify = ["rev-parse", "--verify", "--quiet", "--end-of-options", &commit];
    let output = git(project, &verify)?;
    // Git says 1 for what is no revision, and more for what is no repository.
    if output.status.code() == Some(1) {
        return Ok(None);
    }
    let commit = succeeded(project, output)?;
    let commit = commit.trim_end();
    let changed = ["diff", "--name-only", "--no-renames", "--relative", "-z", commit, "--"];
    let unknown = ["ls-files", "--others", "--exclude-standard", "-z"];
    let mut files = Vec::new();
    for arguments in [&changed[..], &unknown] {
        let listed = succeeded(project, git(project, arguments)?)?;
        files.extend(listed.split_terminator('\0').map(str::to_owned));
    }
    Ok(Some(files))
}

fn git(project: &Path, arguments: &[&str]) -> Result<Output, Fault> {
    Command::new("git")
        .arg("-C")
        .arg(project)
        .args(arguments)
        .output()
        .map_err(|cause| Fault::new("run", "git", cause))
}

fn succeeded(project: &Path, output: Output) -> Result<String, Fault> {
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.trim().trim_start_matches("fatal: ").to_owned();
    let path = project.display().to_string();
    Err(Fault::new("ask Git what changed in", path, io::Error::other(said)))
}
