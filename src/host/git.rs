//! What Git knows: the files that changed, and what they were before.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use demarche::Fault;

/// The files of a project that differ from a revision or that Git doesn't know yet, relative to the
/// project. None if there is no such revision.
///
/// # Errors
/// When there is no Git, or the project is in no repository.
pub fn changed_since(project: &Path, revision: &str) -> Result<Option<Vec<String>>, Fault> {
    let output = verify(project, revision)?;
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

/// The files of a project as they were at a revision. They are gone when nobody looks at them any
/// more.
pub struct Checkout {
    directory: PathBuf,
    /// The project's directory.
    pub project: PathBuf,
}

/// Writes the files of a project as they were at a revision to a directory of their own. The
/// repository stays as it is, its index too.
///
/// # Errors
/// When Git fails, or the files can't be written.
pub fn checkout(project: &Path, revision: &str) -> Result<Checkout, Fault> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let (process, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_nanos());
    let directory = super::temporary().join(format!(".demarche.{process}.{count}.{now}.before"));
    let mut builder = DirBuilder::new();
    // What is in a repository isn't for everybody on the machine.
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let fault = |cause| Fault::new("make", directory.display().to_string(), cause);
    builder.create(&directory).map_err(fault)?;
    let mut checkout = Checkout { project: directory.join("files"), directory };
    let prefix = succeeded(project, git(project, &["rev-parse", "--show-prefix"])?)?;
    let commit = succeeded(project, verify(project, revision)?)?;
    let index = checkout.directory.join("index");
    let read = ["read-tree", commit.trim_end()];
    succeeded(project, git_with(project, &read, Some(index.as_os_str()))?)?;
    let below = format!("--prefix={}/", checkout.project.display());
    let write = ["checkout-index", "--all", "--quiet", &below];
    succeeded(project, git_with(project, &write, Some(index.as_os_str()))?)?;
    checkout.project.push(prefix.trim_end_matches('\n'));
    let fault = |cause| Fault::new("make", checkout.project.display().to_string(), cause);
    fs::create_dir_all(&checkout.project).map_err(fault)?;
    Ok(checkout)
}

impl Drop for Checkout {
    fn drop(&mut self) {
        // It lies where temporary files do: if it can't be removed, the system does it.
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// The commit of a revision.
fn verify(project: &Path, revision: &str) -> Result<Output, Fault> {
    let commit = format!("{revision}^{{commit}}");
    git(project, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])
}

fn git(project: &Path, arguments: &[&str]) -> Result<Output, Fault> {
    git_with(project, arguments, None)
}

/// The same with an index of its own.
fn git_with(project: &Path, arguments: &[&str], index: Option<&OsStr>) -> Result<Output, Fault> {
    Command::new("git")
        .envs(index.map(|index| ("GIT_INDEX_FILE", index)))
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
