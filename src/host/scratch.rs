//! A file for what doesn't fit in memory. It appears when it is needed, and is gone with the process.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use demarche::Fault;
use demarche::spill::SpillFile;

/// Scratch space in a directory, which is made when it is needed.
pub fn scratch(directory: &Path) -> Box<dyn SpillFile> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let (process, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_nanos());
    let path = directory.join(format!(".demarche.{process}.{count}.{now}.scratch"));
    Box::new(UnnamedFile { path, open: Mutex::new(None) })
}

struct UnnamedFile {
    path: PathBuf,
    open: Mutex<Option<Open>>,
}

struct Open {
    file: File,
    length: u64,
}

impl UnnamedFile {
    fn with<T>(
        &self,
        attempt: &'static str,
        act: impl FnOnce(&mut Open) -> io::Result<T>,
    ) -> Result<T, Fault> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let act = || match &mut *open {
            Some(open) => act(open),
            none => act(none.insert(self.create()?)),
        };
        act().map_err(|cause| Fault::new(attempt, self.path.display().to_string(), cause))
    }

    fn create(&self) -> io::Result<Open> {
        if let Some(directory) = self.path.parent() {
            fs::create_dir_all(directory)?;
        }
        // Never what is there already: others may write to the directory, too.
        let file = File::options().read(true).write(true).create_new(true).open(&self.path)?;
        // Where a file may lose its name while it is open, nothing is left of it however we end.
        #[cfg(unix)]
        fs::remove_file(&self.path)?;
        Ok(Open { file, length: 0 })
    }
}

impl SpillFile for UnnamedFile {
    fn append(&self, bytes: &[u8]) -> Result<u64, Fault> {
        self.with("write", |open| {
            let start = open.length;
            open.file.seek(SeekFrom::Start(start))?;
            open.file.write_all(bytes)?;
            open.length += bytes.len() as u64;
            Ok(start)
        })
    }

    fn read(&self, offset: u64, into: &mut [u8]) -> Result<(), Fault> {
        self.with("read", |open| {
            open.file.seek(SeekFrom::Start(offset))?;
            open.file.read_exact(into)
        })
    }
}

impl Drop for UnnamedFile {
    fn drop(&mut self) {
        let open = self.open.get_mut().unwrap_or_else(PoisonError::into_inner);
        if open.take().is_some() && !cfg!(unix) {
            // It is only scratch: if it can't be removed, nobody is the wiser for knowing.
            let _ = fs::remove_file(&self.path);
        }
    }
}
