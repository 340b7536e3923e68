//! Waiting for somebody to save a file.
//!
//! What tells whether something was saved is a [`Look`] at the files: their sizes, times and
//! numbers. That works on every system and every kind of disk, and for the few thousand files of a
//! project takes a few milliseconds. When to look is told by the system where it can (on Linux),
//! and else by the clock. Releases are left out, because `build` writes them, and so are caches that
//! say that they are (`CACHEDIR.TAG`).

#[cfg(target_os = "linux")]
#[path = "watch/inotify.rs"]
mod alarm;
#[cfg(not(target_os = "linux"))]
#[path = "watch/none.rs"]
mod alarm;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use demarche::release::CHECKSUMS_PATH;

use alarm::Alarm;

/// Files are looked at so often, at most, where nobody calls.
const PAUSE: Duration = Duration::from_millis(20);
/// A pause is this many times as long as the look before it, so that waiting keeps no processor
/// busy.
const PAUSES_PER_LOOK: u32 = 2;
/// Where the system calls, files are still looked at so often: it doesn't see what other machines do
/// to a shared disk, nor what links lead to.
const PAUSE_BETWEEN_CALLS: Duration = Duration::from_millis(500);
/// An editor may write a file in several steps.
const SETTLED_AFTER: Duration = Duration::from_millis(5);

/// Waits for changes of a project's files.
pub struct Watch {
    project: PathBuf,
    alarm: Option<Alarm>,
    look: Look,
}

/// What a project's files look like from outside.
#[derive(Debug, PartialEq, Eq)]
struct Look(BTreeMap<PathBuf, Appearance>);

/// What tells that a file was saved.
#[derive(Debug, PartialEq, Eq)]
struct Appearance {
    bytes: u64,
    modified: Option<SystemTime>,
    number: u64,
}

impl Watch {
    /// Begins to watch: what is saved from now on is a change.
    pub fn new(project: &Path) -> Self {
        let mut alarm = Alarm::new();
        let look = look(project, &mut alarm);
        Self { project: project.to_owned(), alarm, look }
    }

    /// Waits until a file was saved, came or went since the last time.
    pub fn wait(&mut self) {
        let mut pause = PAUSE;
        loop {
            self.pause(pause);
            let started = Instant::now();
            let mut now = look(&self.project, &mut self.alarm);
            pause = PAUSE.max(started.elapsed() * PAUSES_PER_LOOK);
            if now == self.look {
                continue;
            }
            loop {
                let is_quiet = match &mut self.alarm {
                    // It was quiet before the look.
                    Some(alarm) => !alarm.wait(Duration::ZERO),
                    None => {
                        std::thread::sleep(SETTLED_AFTER);
                        false
                    }
                };
                if is_quiet {
                    break;
                }
                let later = look(&self.project, &mut self.alarm);
                let settled = later == now;
                now = later;
                if settled {
                    break;
                }
            }
            self.look = now;
            return;
        }
    }

    /// Waits for a call and the quiet after it, or for the next time to look.
    fn pause(&mut self, pause: Duration) {
        let Some(alarm) = &mut self.alarm else { return std::thread::sleep(pause) };
        if alarm.wait(PAUSE_BETWEEN_CALLS) {
            let until = Instant::now() + PAUSE_BETWEEN_CALLS;
            while alarm.wait(SETTLED_AFTER) && Instant::now() < until {}
        }
    }
}

/// Looks at the files of a project, and has the alarm set on all their directories.
fn look(project: &Path, alarm: &mut Option<Alarm>) -> Look {
    let mut files = BTreeMap::new();
    let mut directories = vec![project.to_owned()];
    while let Some(directory) = directories.pop() {
        // First, so that what comes after the listing raises the alarm.
        if alarm.as_mut().is_some_and(|alarm| !alarm.set(&directory)) {
            *alarm = None;
        }
        // What vanishes meanwhile is seen as gone the next time.
        let Ok(entries) = fs::read_dir(&directory) else { continue };
        let entries: Vec<_> = entries.flatten().collect();
        let left_out = [CHECKSUMS_PATH, "CACHEDIR.TAG"];
        if entries.iter().any(|entry| left_out.iter().any(|name| entry.file_name() == *name)) {
            continue;
        }
        for entry in entries {
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => directories.push(path),
                Ok(_) => {
                    // Of a link, what it leads to.
                    if let Ok(metadata) = fs::metadata(&path) {
                        files.insert(path, Appearance::of(&metadata));
                    }
                }
                Err(_) => {}
            }
        }
    }
    Look(files)
}

impl Appearance {
    fn of(metadata: &fs::Metadata) -> Self {
        #[cfg(unix)]
        let number = std::os::unix::fs::MetadataExt::ino(metadata);
        #[cfg(not(unix))]
        let number = 0;
        Self { bytes: metadata.len(), modified: metadata.modified().ok(), number }
    }
}
