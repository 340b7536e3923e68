//! A release appears whole or not at all, and never takes another one's place unasked.
//!
//! What stands in its place may be replaced only if it is a release and nothing else: its
//! `SHA256SUMS` lists every file that is there.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _, Write};
use std::path::{Component, Path, PathBuf};

use demarche::Fault;
use demarche::diagnostic::quote;
use demarche::emit::Sink;
use demarche::release::CHECKSUMS_PATH;

use super::leftovers::{self, State};

/// A release that was made.
pub struct Written<T> {
    /// What the making returned.
    pub made: T,
    /// Whether the same release was there before, byte for byte. Then nothing was touched.
    pub unchanged: bool,
    /// Releases that were put back, because a build that was killed had moved them away.
    pub restored: Vec<PathBuf>,
}

/// Why a release wasn't written: another one of its name is there. In words.
pub struct Occupied(pub String);

/// Writes a release through `fill`, and puts it in the place of `target` in one step.
///
/// Everything is written beside the target and synced first. What was there before stays until
/// then. A release with other bytes is replaced only with `replace`.
///
/// # Errors
/// When the disk fails, or something that is no release stands in the target's place. Nothing has
/// changed then.
pub fn write_release<T>(
    target: &Path,
    replace: bool,
    fill: impl FnOnce(&dyn Sink) -> Result<T, Fault>,
) -> Result<Result<Written<T>, Occupied>, Fault> {
    let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or_else(|| Path::new("."));
    let fault = |attempt, path: &Path| {
        let path = path.display().to_string();
        move |cause| Fault::new(attempt, path, cause)
    };
    look(target).map_err(fault("replace", target))?;
    fs::create_dir_all(parent).map_err(fault("create", parent))?;
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let restored = leftovers::clean(parent)?;
    let staging = Staging::create(parent, &name).map_err(fault("create", parent))?;
    let made = fill(&staging)?;
    sync_directories(&staging.path).map_err(fault("write", &staging.path))?;
    loop {
        let placed = match look(target).map_err(fault("replace", target))? {
            // Fails if another build was faster: then that one's release is looked at.
            Stands::Nothing => fs::rename(&staging.path, target),
            Stands::Release => {
                let difference =
                    Difference::between(target, &staging.path).map_err(fault("compare", target))?;
                match difference {
                    None => return Ok(Ok(Written { made, unchanged: true, restored })),
                    Some(difference) if !replace => return Ok(Err(Occupied(difference.words()))),
                    Some(_) => swap(&staging.path, target, exchange),
                }
            }
        };
        match placed {
            Err(cause) if is_taken(&cause) => {}
            placed => break placed.map_err(fault("replace", target))?,
        }
    }
    sync(parent).map_err(fault("write", parent))?;
    Ok(Ok(Written { made, unchanged: false, restored }))
}

/// Whether something stands where a directory was to be moved.
fn is_taken(cause: &io::Error) -> bool {
    matches!(cause.kind(), io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists)
}

/// What stands where a release is to be.
#[derive(Debug, PartialEq, Eq)]
enum Stands {
    /// Nothing, or an empty directory.
    Nothing,
    /// A release.
    Release,
}

/// Looks at what stands in a release's place. Fails if it is something else than a release.
fn look(target: &Path) -> io::Result<Stands> {
    match target.read_dir() {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Stands::Nothing),
        Err(cause) => return Err(cause),
        Ok(mut entries) => {
            if entries.next().is_none() {
                return Ok(Stands::Nothing);
            }
        }
    }
    let refuse = |why: String| {
        let advice = "move it away, or choose another --out";
        io::Error::other(format!("it is no release that demarche wrote, because {why}; {advice}"))
    };
    let Some(listed) = listing(target)? else {
        return Err(refuse(format!("it has no list of files, `{CHECKSUMS_PATH}`")));
    };
    let files = files_below(target)?;
    match files.difference(&listed).collect::<Vec<_>>()[..] {
        [] => Ok(Stands::Release),
        [only] => Err(refuse(format!("{} is not in its `{CHECKSUMS_PATH}`", quote(only)))),
        [first, ref rest @ ..] => Err(refuse(format!(
            "{} and {} more files are not in its `{CHECKSUMS_PATH}`",
            quote(first),
            rest.len()
        ))),
    }
}

/// Whether a directory holds a release and nothing else.
pub(super) fn is_whole(directory: &Path) -> bool {
    look(directory).is_ok()
}

/// The files that a release says it has, with the list itself; none if there is no list.
fn listing(directory: &Path) -> io::Result<Option<BTreeSet<String>>> {
    let text = match fs::read(directory.join(CHECKSUMS_PATH)) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        text => text?,
    };
    let text = String::from_utf8_lossy(&text);
    let path = |line: &str| Some(line.split_once("  ")?.1.to_owned());
    let mut listed: BTreeSet<String> = text.lines().filter_map(path).collect();
    listed.insert(CHECKSUMS_PATH.to_owned());
    Ok(Some(listed))
}

/// All files below a directory, relative to it, with `/`. A link is a file: it is not followed.
fn files_below(directory: &Path) -> io::Result<BTreeSet<String>> {
    let mut files = BTreeSet::new();
    let mut directories = vec![String::new()];
    while let Some(below) = directories.pop() {
        for entry in fs::read_dir(directory.join(&below))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if below.is_empty() { name } else { format!("{below}/{name}") };
            if entry.file_type()?.is_dir() {
                directories.push(path);
            } else {
                files.insert(path);
            }
        }
    }
    Ok(files)
}

/// How a release differs from the one that is to take its place.
struct Difference {
    changed: Vec<String>,
    added: Vec<String>,
    removed: Vec<String>,
}

impl Difference {
    /// None if the two have the same files with the same bytes.
    fn between(old: &Path, new: &Path) -> io::Result<Option<Self>> {
        let (before, after) = (files_below(old)?, files_below(new)?);
        let mut changed = Vec::new();
        for path in before.intersection(&after) {
            if !same_bytes(&old.join(path), &new.join(path))? {
                changed.push(path.clone());
            }
        }
        let added: Vec<_> = after.difference(&before).cloned().collect();
        let removed: Vec<_> = before.difference(&after).cloned().collect();
        let is_empty = changed.is_empty() && added.is_empty() && removed.is_empty();
        Ok((!is_empty).then_some(Self { changed, added, removed }))
    }

    /// As the end of a sentence: how many files, and the first of them.
    fn words(&self) -> String {
        let part = |verb: (&str, &str), paths: &[String]| {
            let [first, rest @ ..] = paths else { return None };
            let more = if rest.is_empty() { "" } else { ", …" };
            let verb = if rest.is_empty() { verb.0 } else { verb.1 };
            Some(format!("{} {verb} ({}{more})", paths.len(), quote(first)))
        };
        let parts = [
            part(("file differs", "files differ"), &self.changed),
            part(("file would be added", "files would be added"), &self.added),
            part(("file would be removed", "files would be removed"), &self.removed),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// Whether two files have the same bytes. A link never has: a release holds none.
fn same_bytes(a: &Path, b: &Path) -> io::Result<bool> {
    const CHUNK_BYTES: usize = 1 << 16;
    if !a.symlink_metadata()?.is_file() || a.metadata()?.len() != b.metadata()?.len() {
        return Ok(false);
    }
    let (mut a, mut b) = (File::open(a)?, File::open(b)?);
    let (mut left, mut right) = (Vec::new(), Vec::new());
    loop {
        left.clear();
        right.clear();
        (&mut a).take(CHUNK_BYTES as u64).read_to_end(&mut left)?;
        (&mut b).take(CHUNK_BYTES as u64).read_to_end(&mut right)?;
        if left != right {
            return Ok(false);
        }
        if left.is_empty() {
            return Ok(true);
        }
    }
}

/// A directory under construction; removed unless it was moved away.
struct Staging {
    path: PathBuf,
    /// Held until the process ends, however it ends.
    _lock: File,
}

impl Staging {
    fn create(parent: &Path, name: &str) -> io::Result<Self> {
        let create = |path: &Path| {
            fs::create_dir(path)?;
            File::open(path)
        };
        let (lock, path) = leftovers::create_locked(parent, name, create)?;
        Ok(Self { path, _lock: lock })
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // After success this is the release that was replaced, or nothing.
        let _ = fs::remove_dir_all(&self.path);
    }
}

impl Sink for Staging {
    fn create(&self, path: &str) -> Result<Box<dyn Write + Send + '_>, Fault> {
        let below = Path::new(path);
        let inside = below.components().all(|part| matches!(part, Component::Normal(_)));
        assert!(inside && !path.is_empty(), "a file of a release lies in it, not at {path:?}");
        let path = self.path.join(below);
        let fault = |cause| Fault::new("create", path.display().to_string(), cause);
        let directory = path.parent().expect("a file of a release lies in its directory");
        fs::create_dir_all(directory).map_err(fault)?;
        // Never through what is there already: no two parts of a release have one name.
        Ok(Box::new(Synced(File::create_new(&path).map_err(fault)?)))
    }
}

/// A file whose bytes are on the disk once it is flushed.
struct Synced(File);

impl Write for Synced {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }
}

fn sync_directories(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_directories(&entry.path())?;
        }
    }
    sync(directory)
}

#[cfg(unix)]
fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

#[cfg(not(unix))]
fn sync(_: &Path) -> io::Result<()> {
    // Directories can't be opened as files there; the files themselves are synced.
    Ok(())
}

/// Swaps two directories in one step; false if the system can't.
type Exchange = fn(&Path, &Path) -> io::Result<bool>;

/// Moves `from` to `to`, which is there. What `to` was is at `from` afterwards, or gone.
fn swap(from: &Path, to: &Path, exchange: Exchange) -> io::Result<()> {
    if exchange(from, to)? {
        return Ok(());
    }
    // Without an exchange there is a moment with neither. The old one is kept until the new one is
    // in its place; if we are killed between, the next run finds it by its name and puts it back.
    let (parent, name) = (to.parent().unwrap_or(to), to.file_name().unwrap_or_default());
    let old = leftovers::unused(parent, &name.to_string_lossy(), State::Replaced);
    let lock = File::open(to)?;
    let _ = lock.lock();
    fs::rename(to, &old)?;
    if let Err(cause) = fs::rename(from, to) {
        fs::rename(&old, to)?;
        return Err(cause);
    }
    fs::remove_dir_all(old)
}

#[cfg(target_os = "linux")]
fn exchange(a: &Path, b: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(Errno::INVAL | Errno::NOSYS) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{CHECKSUMS_PATH, Stands, exchange, leftovers, look, swap};
    use crate::host::leftovers::State;

    fn release(at: &Path, text: &str) {
        fs::create_dir(at).expect("made");
        fs::write(at.join("a.csv"), text).expect("written");
        fs::write(at.join(CHECKSUMS_PATH), "0000  a.csv\n").expect("written");
    }

    #[test]
    fn the_new_one_takes_the_place_of_the_old_one_whatever_the_system_can() {
        for exchange in [exchange, |_: &Path, _: &Path| Ok(false)] {
            let directory = tempfile::tempdir().expect("a directory");
            let (new, old) = (directory.path().join("new"), directory.path().join("x-1"));
            release(&new, "new");
            release(&old, "old");
            swap(&new, &old, exchange).expect("swapped");
            assert_eq!(fs::read(old.join("a.csv")).expect("there"), b"new");
            assert!(leftovers::clean(directory.path()).expect("cleaned").is_empty());
        }
    }

    #[test]
    fn a_release_that_was_moved_away_is_put_back() {
        let directory = tempfile::tempdir().expect("a directory");
        let moved = leftovers::unused(directory.path(), "x-1", State::Replaced);
        release(&moved, "old");
        let target = directory.path().join("x-1");
        let restored = leftovers::clean(directory.path()).expect("cleaned");
        assert_eq!(restored, std::slice::from_ref(&target));
        assert_eq!(look(&target).expect("a release"), Stands::Release);
        // With a release in its place it is only in the way.
        release(&moved, "old");
        assert!(leftovers::clean(directory.path()).expect("cleaned").is_empty());
        assert!(!moved.exists());
    }

    #[test]
    fn one_file_more_than_listed_is_no_release() {
        let directory = tempfile::tempdir().expect("a directory");
        let target = directory.path().join("x-1");
        release(&target, "a");
        fs::create_dir(target.join("b")).expect("made");
        fs::write(target.join("b/thesis.txt"), "years of work").expect("written");
        let cause = look(&target).expect_err("no release").to_string();
        assert!(cause.contains("`b/thesis.txt`"), "{cause}");
    }
}
