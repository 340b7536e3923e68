//! The machine: the only module that touches disk, environment, clock and terminal.
//!
//! Everything is read through [`storage`] before and while records are compiled, and a release
//! appears through [`write_directory`]: whole, or not at all.

#![expect(clippy::disallowed_methods, reason = "this is where the machine is touched")]

mod directory;
mod git;
mod inside;
mod mend;
mod paths;
mod project;
mod scratch;
mod watch;

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use demarche::emit::{CHECKSUMS_PATH, Sink};
use demarche::workspace::Storage;
use demarche::{Fault, Progress};

use directory::Directory;

pub use directory::Admitted;
pub use git::{changed_since, checkout};
pub use inside::stay_inside;
pub use mend::mend;
pub use paths::{Named, absolute, locate, place, real};
pub use project::choose;
pub use scratch::scratch;
pub use watch::Watch;

/// How many processors there are to work with.
pub fn processors() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Whether the user asked for no colours (<https://no-color.org>).
pub fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// Where files are put that nobody is to see.
pub fn temporary() -> PathBuf {
    std::env::temp_dir()
}

/// The project in a directory.
///
/// # Errors
/// When there is no such directory, or none that is allowed besides.
pub fn storage(project: &Path, admitted: &Admitted) -> Result<Box<dyn Storage>, Fault> {
    Ok(Box::new(Directory::new(project, admitted)?))
}

/// Writes a directory through `fill`, and puts it in the place of `target` in one step.
///
/// Everything is written beside the target and synced first. What was there before stays until
/// then, and is only replaced if it is a release or empty.
///
/// # Errors
/// When the disk fails, or something else stands in the target's place. Nothing has changed then.
pub fn write_directory<T>(
    target: &Path,
    fill: impl FnOnce(&dyn Sink) -> Result<T, Fault>,
) -> Result<T, Fault> {
    check_replaceable(target)?;
    let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or_else(|| Path::new("."));
    let fault = |attempt, path: &Path| {
        let path = path.display().to_string();
        move |cause| Fault::new(attempt, path, cause)
    };
    fs::create_dir_all(parent).map_err(fault("create", parent))?;
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    remove_leftovers(parent, &name).map_err(fault("clean", parent))?;
    let staging = parent.join(format!(".{name}.{}{PARTIAL}", std::process::id()));
    let staged = Staging::create(staging.clone()).map_err(fault("create", &staging))?;
    let result = fill(&staged)?;
    sync_directories(&staging).map_err(fault("write", &staging))?;
    replace(&staging, target).map_err(fault("replace", target))?;
    sync(parent).map_err(fault("write", parent))?;
    Ok(result)
}

/// Writes a file through `fill`, whole or not at all; what was there before is replaced in one step.
/// What isn't a plain file, such as a pipe, is written as it comes.
///
/// # Errors
/// When the disk or `fill` fails.
pub fn write_file(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let fault = |attempt| {
        let path = path.display().to_string();
        move |cause| Fault::new(attempt, path, cause)
    };
    let flush =
        |writer: io::BufWriter<File>| writer.into_inner().map_err(|error| error.into_error());
    if fs::metadata(path).is_ok_and(|existing| !existing.is_file() && !existing.is_dir()) {
        let mut writer =
            io::BufWriter::new(File::options().write(true).open(path).map_err(fault("write"))?);
        fill(&mut writer)?;
        return flush(writer).map(drop).map_err(fault("write"));
    }
    // A link stays one: the file that it leads to is replaced.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(parent).map_err(fault("create"))?;
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let partial = Partial(parent.join(format!(".{name}.{}.partial", std::process::id())));
    let mut writer = io::BufWriter::new(File::create(&partial.0).map_err(fault("create"))?);
    fill(&mut writer)?;
    flush(writer).and_then(|file| file.sync_all()).map_err(fault("write"))?;
    if let Ok(existing) = fs::metadata(&target) {
        fs::set_permissions(&partial.0, existing.permissions()).map_err(fault("write"))?;
    }
    fs::rename(&partial.0, &target).map_err(fault("replace"))
}

/// A file under construction; removed unless it was moved away.
struct Partial(PathBuf);

impl Drop for Partial {
    fn drop(&mut self) {
        // After success there is nothing.
        let _ = fs::remove_file(&self.0);
    }
}

fn check_replaceable(target: &Path) -> Result<(), Fault> {
    let refuse = |why| Fault::new("replace", target.display().to_string(), io::Error::other(why));
    match fs::read_dir(target) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(cause) => Err(Fault::new("replace", target.display().to_string(), cause)),
        Ok(mut entries) => {
            let empty = entries.next().is_none();
            if empty || target.join(CHECKSUMS_PATH).is_file() {
                return Ok(());
            }
            Err(refuse(
                "it is no release that demarche wrote; move it away, or choose another --out",
            ))
        }
    }
}

/// What the names of directories under construction end with.
const PARTIAL: &str = ".partial";

/// Removes what builds of the same release have left that were killed. One that is still under way
/// holds a lock on its directory.
fn remove_leftovers(parent: &Path, name: &str) -> io::Result<()> {
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        let left = entry.file_name();
        let process = left.to_str().and_then(|left| {
            left.strip_prefix('.')?.strip_prefix(name)?.strip_prefix('.')?.strip_suffix(PARTIAL)
        });
        let Some(process) = process.filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()))
        else {
            continue;
        };
        let directory = File::open(entry.path());
        let is_abandoned = match directory.as_ref().map(File::try_lock) {
            Ok(Ok(())) => true,
            Ok(Err(TryLockError::WouldBlock)) => false,
            // Where directories can't be locked, only our own number is surely nobody else's.
            Ok(Err(TryLockError::Error(_))) | Err(_) => process == std::process::id().to_string(),
        };
        if is_abandoned {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// A directory under construction; removed unless it was moved away.
struct Staging {
    path: PathBuf,
    /// Held until the process ends, however it ends.
    _lock: Option<File>,
}

impl Staging {
    fn create(path: PathBuf) -> io::Result<Self> {
        loop {
            fs::create_dir(&path)?;
            let lock = File::open(&path).ok();
            let _ = lock.as_ref().map(File::lock);
            // Before it was locked, another build may have taken it for a leftover.
            if path.is_dir() {
                return Ok(Self { path, _lock: lock });
            }
        }
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
        let path = self.path.join(path);
        let fault = |cause| Fault::new("create", path.display().to_string(), cause);
        let directory = path.parent().expect("a file of a release lies in its directory");
        fs::create_dir_all(directory).map_err(fault)?;
        Ok(Box::new(Synced(File::create(&path).map_err(fault)?)))
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

/// Moves `from` to `to`. What `to` was is at `from` afterwards, or gone.
fn replace(from: &Path, to: &Path) -> io::Result<()> {
    if !to.exists() {
        return fs::rename(from, to);
    }
    if exchange(from, to)? {
        return Ok(());
    }
    // Without an exchange there is a moment with neither; the old one is kept until the new one is
    // in its place.
    let old = from.with_extension("replaced");
    fs::rename(to, &old)?;
    if let Err(cause) = fs::rename(from, to) {
        fs::rename(&old, to)?;
        return Err(cause);
    }
    fs::remove_dir_all(old)
}

/// Swaps two directories in one step, where the system can.
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

/// A run shorter than this shows no progress.
const PROGRESS_AFTER: Duration = Duration::from_millis(800);

/// Runs `work` with a bar on standard error, if that is a terminal and the work takes long.
pub fn with_progress<T: Send>(quiet: bool, work: impl FnOnce(&Progress) -> T + Send) -> T {
    use std::io::IsTerminal as _;
    let progress = Progress::default();
    if quiet || !io::stderr().is_terminal() {
        return work(&progress);
    }
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| watch(&progress, &done));
        let result = work(&progress);
        done.store(true, Ordering::Relaxed);
        watcher.thread().unpark();
        result
    })
}

fn watch(progress: &Progress, done: &AtomicBool) {
    std::thread::park_timeout(PROGRESS_AFTER);
    if done.load(Ordering::Relaxed) {
        return;
    }
    let style = indicatif::ProgressStyle::with_template(
        "{spinner} checked {human_pos} records, {msg}, {elapsed}",
    )
    .expect("the template is well formed");
    let bar = indicatif::ProgressBar::new_spinner().with_style(style);
    while !done.load(Ordering::Relaxed) {
        let bytes = progress.bytes.load(Ordering::Relaxed);
        bar.set_message(indicatif::HumanBytes(bytes).to_string());
        bar.set_position(progress.records.load(Ordering::Relaxed));
        bar.tick();
        std::thread::park_timeout(Duration::from_millis(100));
    }
    bar.finish_and_clear();
}
