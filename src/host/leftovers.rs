//! Unfinished releases and files: how they are named so that no other run uses them, and how those of
//! killed runs are removed.
//!
//! Names begin with `.demarche.` and hold random digits, so two machines that share a directory
//! never choose the same. Whoever builds holds a lock; what nobody holds a lock on was abandoned.

use std::collections::hash_map::RandomState;
use std::fs::{self, File, TryLockError};
use std::hash::{BuildHasher as _, Hasher as _};
use std::io;
use std::path::{Path, PathBuf};

use demarche::Fault;

use super::release;

const PREFIX: &str = ".demarche.";

/// What becomes of a thing whose name ends so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It isn't whole yet.
    Partial,
    /// A whole release that was moved out of the way of a newer one.
    Replaced,
}

impl State {
    fn ending(self) -> &'static str {
        match self {
            Self::Partial => ".partial",
            Self::Replaced => ".replaced",
        }
    }
}

/// A path in `parent` that nothing has: for what will be called `name`.
pub(super) fn unused(parent: &Path, name: &str, state: State) -> PathBuf {
    let random = RandomState::new().build_hasher().finish();
    parent.join(format!("{PREFIX}{name}.{random:016x}{}", state.ending()))
}

/// Tells from the name of an entry what it will be called, or was.
fn read_name(entry: &str) -> Option<(&str, State)> {
    let rest = entry.strip_prefix(PREFIX)?;
    let of = |state: State| Some((rest.strip_suffix(state.ending())?, state));
    let (rest, state) = of(State::Partial).or_else(|| of(State::Replaced))?;
    let (name, random) = rest.rsplit_once('.')?;
    let is_random = random.len() == 16 && random.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_random.then_some((name, state))
}

/// Makes `create` try paths until one is free, and locks what it made.
pub(super) fn create_locked(
    parent: &Path,
    name: &str,
    create: impl Fn(&Path) -> io::Result<File>,
) -> io::Result<(File, PathBuf)> {
    loop {
        let path = unused(parent, name, State::Partial);
        let made = match create(&path) {
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => continue,
            made => made?,
        };
        // Where there are no locks, nothing is ever taken for abandoned.
        let _ = made.lock();
        // Before it was locked, another run may have taken it for abandoned.
        if path.symlink_metadata().is_ok() {
            return Ok((made, path));
        }
    }
}

/// A new file in `parent` that will be called `name`.
pub(super) fn create_file(parent: &Path, name: &str) -> io::Result<(File, PathBuf)> {
    create_locked(parent, name, |path| File::create_new(path))
}

/// Removes what runs have left in `directory` that were killed, and puts a release back that one of
/// them had moved out of the way. Returns what was put back.
///
/// # Errors
/// When the directory can't be listed, or a release not be put back. There may be no directory.
pub fn clean(directory: &Path) -> Result<Vec<PathBuf>, Fault> {
    let fault = |cause| Fault::new("clean", directory.display().to_string(), cause);
    let entries = match fs::read_dir(directory) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(fault)?,
    };
    let mut restored = Vec::new();
    for entry in entries {
        let entry = entry.map_err(fault)?;
        let entry_name = entry.file_name();
        let Some((name, state)) = entry_name.to_str().and_then(read_name) else { continue };
        let path = entry.path();
        let Some(lock) = abandoned(&path) else { continue };
        let target = directory.join(name);
        if state == State::Replaced && target.symlink_metadata().is_err() {
            fs::rename(&path, &target).map_err(fault)?;
            restored.push(target);
        } else if path.is_dir() && (state == State::Partial || release::is_whole(&path)) {
            // What can't be removed, such as somebody else's, stays and is in nobody's way.
            let _ = fs::remove_dir_all(&path);
        } else if path.is_file() && state == State::Partial {
            let _ = fs::remove_file(&path);
        }
        drop(lock);
    }
    restored.sort();
    Ok(restored)
}

/// A lock on what nobody else holds one on; none if somebody does, or nobody can tell.
fn abandoned(path: &Path) -> Option<File> {
    // A link, or a pipe, is nothing that was made here; opening one might wait for ever.
    let kind = path.symlink_metadata().ok()?.file_type();
    if !kind.is_dir() && !kind.is_file() {
        return None;
    }
    let file = File::open(path).ok()?;
    match file.try_lock() {
        Ok(()) => Some(file),
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{State, read_name, unused};

    #[test]
    fn names_are_read_back() {
        for state in [State::Partial, State::Replaced] {
            let path = unused(Path::new("output"), "x-0.1.0", state);
            let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
            assert_eq!(read_name(name), Some(("x-0.1.0", state)));
        }
        let foreign =
            [".x-0.1.0.12.partial", ".demarche.x.partial", ".demarche.12.34.scratch", "x.partial"];
        assert!(foreign.iter().all(|name| read_name(name).is_none()));
    }

    #[test]
    fn two_names_differ() {
        let name = || unused(Path::new(""), "x", State::Partial);
        assert_ne!(name(), name());
    }
}
