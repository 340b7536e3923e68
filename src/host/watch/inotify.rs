//! Linux calls when something happens in a directory (`inotify(7)`).

use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify::{CreateFlags, Reader, WatchFlags, add_watch, init};
use rustix::io::Errno;

/// Calls when something happens in the directories that it was set on.
pub struct Alarm(OwnedFd);

impl Alarm {
    /// None if the system has none to spare.
    pub fn new() -> Option<Self> {
        init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok().map(Self)
    }

    /// Sets it on a directory, too. False if the system allows no more of them.
    pub fn set(&mut self, directory: &Path) -> bool {
        let flags = WatchFlags::MODIFY
            | WatchFlags::CLOSE_WRITE
            | WatchFlags::ATTRIB
            | WatchFlags::CREATE
            | WatchFlags::DELETE
            | WatchFlags::MOVED_FROM
            | WatchFlags::MOVED_TO
            | WatchFlags::ONLYDIR;
        // One that is set already stays; a directory that is gone by now is no loss.
        !matches!(add_watch(&self.0, directory, flags), Err(Errno::NOSPC | Errno::NOMEM))
    }

    /// Waits for a call, so long at most. Whether there was one.
    pub fn wait(&mut self, longest: Duration) -> bool {
        let timeout = Timespec::try_from(longest).expect("a second at most");
        let mut ready = [PollFd::new(&self.0, PollFlags::IN)];
        // A signal ends the wait early, which does no harm: nothing will have changed.
        if !poll(&mut ready, Some(&timeout)).is_ok_and(|count| count > 0) {
            return false;
        }
        // What happened doesn't matter: the files are looked at.
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = Reader::new(&self.0, &mut buffer);
        while reader.next().is_ok() {}
        true
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::Alarm;

    #[test]
    fn it_calls_when_something_happens_and_only_then() {
        const LONG: Duration = Duration::from_secs(10);
        let directory = tempfile::tempdir().expect("a directory");
        let below = directory.path().join("below");
        fs::create_dir(&below).expect("made");
        let mut alarm = Alarm::new().expect("the system has one");
        assert!(alarm.set(directory.path()));
        let mut happens = |what: &str, is_heard: bool| {
            let longest = if is_heard { LONG } else { Duration::ZERO };
            assert_eq!(alarm.wait(longest), is_heard, "{what}");
            assert!(!alarm.wait(Duration::ZERO), "{what}, once");
            alarm.set(&below);
        };
        happens("nothing", false);
        fs::write(directory.path().join("a"), "a").expect("written");
        happens("a file is written", true);
        fs::rename(directory.path().join("a"), below.join("b")).expect("renamed");
        happens("it is moved", true);
        fs::write(below.join("b"), "b").expect("written");
        happens("a file below is written", true);
        fs::remove_file(below.join("b")).expect("removed");
        happens("it is removed", true);
        let _ = fs::read(directory.path().join("a"));
        happens("a file is looked for", false);
    }
}
