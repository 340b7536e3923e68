//! The machine: the only module that touches disk, environment, clock and terminal.
//!
//! Everything is read through [`storage`] before and while records are compiled, and a release
//! appears through [`write_release`]: whole, or not at all.

#![expect(clippy::disallowed_methods, reason = "this is where the machine is touched")]

mod directory;
mod git;
mod inside;
mod leftovers;
mod paths;
mod project;
mod release;
mod replace;
mod spill_file;
mod watch;

use std::fs::{self, File};
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use demarche::workspace::Storage;
use demarche::{Fault, Progress};

use directory::Directory;

pub use directory::Admitted;
pub use git::{changed_since, checkout};
pub use inside::stay_inside;
pub use leftovers::clean;
pub use paths::{Named, absolute, locate, place, real};
pub use project::{Nowhere, check_root, choose};
pub use release::{Occupied, write_release};
pub use replace::replace_file;
pub use spill_file::spill_file;
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
    let (file, partial) = leftovers::create_file(parent, &name).map_err(fault("create"))?;
    let partial = Partial(partial);
    let mut writer = io::BufWriter::new(file);
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
