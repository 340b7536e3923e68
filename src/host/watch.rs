//! Waiting for somebody to save a file.
//!
//! Files are looked at again and again, by size, time and number. That works on every system and
//! every kind of disk, needs no other crate, and for the few thousand files of a project takes a
//! few milliseconds; where it takes longer it is done less often. Releases are left out, because `build`
//! writes them, and so are caches that say that they are (`CACHEDIR.TAG`).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use demarche::emit::CHECKSUMS_PATH;

/// Files are looked at so often, at most.
const PAUSE: Duration = Duration::from_millis(20);
/// A pause is this many times as long as the look before it, so that waiting keeps no processor
/// busy.
const PAUSES_PER_LOOK: u32 = 2;
/// An editor may write a file in several steps.
const SETTLED_AFTER: Duration = Duration::from_millis(5);

/// What a project's files look like from outside.
#[derive(Debug, PartialEq, Eq)]
pub struct Look(BTreeMap<PathBuf, Appearance>);

/// What tells that a file was saved.
#[derive(Debug, PartialEq, Eq)]
struct Appearance {
    bytes: u64,
    modified: Option<SystemTime>,
    number: u64,
}

/// Looks at the files of a project.
pub fn look(project: &Path) -> Look {
    let mut files = BTreeMap::new();
    let mut directories = vec![project.to_owned()];
    while let Some(directory) = directories.pop() {
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

/// Waits until the files of a project differ from a look at them. Returns how they look then.
pub fn wait_for_change(project: &Path, before: &Look) -> Look {
    let mut pause = PAUSE;
    loop {
        std::thread::sleep(pause);
        let started = Instant::now();
        let mut now = look(project);
        pause = PAUSE.max(started.elapsed() * PAUSES_PER_LOOK);
        if now == *before {
            continue;
        }
        loop {
            std::thread::sleep(SETTLED_AFTER);
            let later = look(project);
            if later == now {
                return now;
            }
            now = later;
        }
    }
}
