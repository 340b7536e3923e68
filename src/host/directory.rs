//! A project on the disk.
//!
//! Nobody reads a file of a project but through here, and what lies outside of it isn't opened,
//! wherever links lead: only what a root holds, and files that the user names. What is no plain file
//! isn't opened either, since reading a pipe may never end.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::fs::{self, File, FileType, Metadata};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, ErrorKind, Read};
use std::num::NonZeroUsize;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use demarche::path::Root;
use demarche::workspace::{Listed, Nature, Storage, Unusable};
use demarche::{Fault, workers};

/// What may be read besides the project.
#[derive(Clone, Debug, Default)]
pub struct Admitted {
    /// Directories with shared schemas, by the names that releases give them.
    pub roots: Vec<(String, PathBuf)>,
    /// Files that the user names; as absolute paths.
    pub files: Vec<PathBuf>,
}

/// A project on the disk.
pub(super) struct Directory {
    /// As it was given: what messages begin with.
    root: PathBuf,
    /// Where it really is.
    real: PathBuf,
    /// The roots that the command line names.
    named: Vec<Root>,
    files: Vec<PathBuf>,
    /// Where roots really are.
    roots: Mutex<Vec<PathBuf>>,
    /// What opened files looked like when they were opened first.
    seen: Mutex<HashMap<String, Appearance>>,
    /// What was found in directories.
    walks: Mutex<Vec<Walk>>,
    /// The directory, opened: so most files are found in one step.
    handle: Option<File>,
}

/// What tells that a file has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Appearance {
    bytes: u64,
    modified: Option<SystemTime>,
    /// Device, number, and when the system last changed anything about it.
    identity: (u64, u64, i64, i64),
}

impl Appearance {
    /// That of the file at a path in an opened directory; none where the system isn't asked so simply.
    #[cfg(target_os = "linux")]
    fn within(directory: &File, path: &str) -> Option<Self> {
        let file = rustix::fs::statat(directory, path, rustix::fs::AtFlags::empty()).ok()?;
        let since =
            Duration::new(file.st_mtime.try_into().ok()?, file.st_mtime_nsec.try_into().ok()?);
        Some(Self {
            bytes: file.st_size.try_into().ok()?,
            modified: SystemTime::UNIX_EPOCH.checked_add(since),
            identity: (
                file.st_dev,
                file.st_ino,
                file.st_ctime,
                file.st_ctime_nsec.try_into().ok()?,
            ),
        })
    }

    #[cfg(not(target_os = "linux"))]
    fn within(_: &File, _: &str) -> Option<Self> {
        None
    }

    fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let identity = {
            use std::os::unix::fs::MetadataExt as _;
            (metadata.dev(), metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
        };
        #[cfg(not(unix))]
        let identity = (0, 0, 0, 0);
        Self { bytes: metadata.len(), modified: metadata.modified().ok(), identity }
    }
}

impl Directory {
    /// The project in a directory.
    pub fn new(root: &Path, admitted: &Admitted) -> Result<Self, Fault> {
        let fault = |path: &Path| {
            let path = path.display().to_string();
            move |cause| Fault::new("find", path, cause)
        };
        let real = root.canonicalize().map_err(fault(root))?;
        let (mut named, mut roots) = (Vec::new(), Vec::new());
        for (name, directory) in &admitted.roots {
            let there = directory.canonicalize().map_err(fault(directory))?;
            let refused = |why: String| fault(directory)(io::Error::other(why));
            let text = relative(&real, &there).ok_or_else(|| refused("it isn't UTF-8".into()))?;
            named.push(Root::parse(name, &text).map_err(|refusal| refused(refusal.reason()))?);
            roots.push(there);
        }
        Ok(Self {
            root: root.to_owned(),
            handle: File::open(&real).ok(),
            real,
            named,
            files: admitted.files.clone(),
            roots: Mutex::new(roots),
            seen: Mutex::new(HashMap::new()),
            walks: Mutex::new(Vec::new()),
        })
    }

    /// Whether a file that really is at `path` may be read under the name `asked`.
    fn holds(&self, asked: &str, path: &Path) -> bool {
        if let Ok(inside) = path.strip_prefix(&self.real) {
            // A link must not uncover what is hidden.
            return !is_hidden(inside) || inside == Path::new(asked);
        }
        let roots = self.roots.lock().unwrap_or_else(PoisonError::into_inner);
        let holds = |root: &PathBuf| path.strip_prefix(root).is_ok_and(|rest| !is_hidden(rest));
        roots.iter().any(holds) || self.files.iter().any(|file| file.as_path() == path)
    }

    /// Where a path really is, if it may be read.
    fn resolve(&self, path: &str) -> io::Result<PathBuf> {
        let real = self.real.join(path).canonicalize()?;
        if self.holds(path, &real) { Ok(real) } else { Err(io::Error::other(OUTSIDE)) }
    }

    fn entry(&self, directory: &Path, entry: &fs::DirEntry) -> io::Result<Found> {
        let kind = entry.file_type()?;
        let unusable = |unusable| Ok(Found::Nature(Nature::Unusable(unusable)));
        if kind.is_file() {
            return Ok(Found::Nature(Nature::File { number: number(entry), is_link: false }));
        }
        if let Some(what) = special(kind) {
            return unusable(Unusable::Special(what));
        }
        let here = directory.join(entry.file_name());
        if kind.is_dir() {
            return Ok(Found::Directory(here));
        }
        let Ok(target) = here.canonicalize() else { return unusable(Unusable::Dangling) };
        if !self.holds("", &target) {
            return unusable(Unusable::Outside);
        }
        let Ok(metadata) = fs::metadata(&target) else { return unusable(Unusable::Dangling) };
        if metadata.is_dir() {
            return Ok(Found::Link(target));
        }
        match special(metadata.file_type()) {
            Some(what) => unusable(Unusable::Special(what)),
            None => {
                let number = Appearance::of(&metadata).identity.1;
                Ok(Found::Nature(Nature::File { number, is_link: true }))
            }
        }
    }

    /// Opens a file that may be read. Between the look at it and its opening nobody can put a link
    /// to something else in its place.
    fn open_real(&self, path: &str) -> io::Result<(File, Metadata)> {
        let within = self.handle.as_ref().and_then(|handle| open_within(handle, path));
        let file = match within {
            Some(file) => file,
            None => {
                let real = self.resolve(path)?;
                if let Some(what) = special(fs::metadata(&real)?.file_type()) {
                    return Err(io::Error::other(format!("it is {what}, not a file")));
                }
                open_without_links(&real)?
            }
        };
        let metadata = file.metadata()?;
        if metadata.is_file() {
            return Ok((file, metadata));
        }
        let what = special(metadata.file_type()).unwrap_or("a directory");
        Err(io::Error::other(format!("it is {what}, not a file")))
    }
}

/// A file up to where it ended when it was opened, so that the system isn't asked whether that is the end.
/// If it has grown since, it has changed.
struct Opened {
    file: File,
    rest: u64,
}

impl Read for Opened {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.rest == 0 {
            return Ok(0);
        }
        let read = self.file.read(buffer)?;
        self.rest = self.rest.saturating_sub(read as u64);
        Ok(read)
    }
}

/// What is said of a file that may not be read.
const OUTSIDE: &str = "it lies, or leads, out of the project";

/// What is said of a file that isn't the one any more that was read.
const CHANGED: &str = "it changed while it was read; run again";

/// A directory, and when something last came or went there.
type Visited = (PathBuf, Option<SystemTime>);

/// A look at all that lies in a directory.
struct Walk {
    directory: String,
    depth: Option<usize>,
    /// The directories that were looked through.
    places: Vec<Visited>,
    began: SystemTime,
    /// Of what was found.
    digest: u64,
}

impl Walk {
    /// Whether something may have come or gone since. Clocks of file systems have steps.
    fn is_doubtful(&self) -> bool {
        const STEP: Duration = Duration::from_secs(2);
        self.places.iter().any(|(place, then)| {
            let now = fs::metadata(place).and_then(|metadata| metadata.modified()).ok();
            let is_old = |then: SystemTime| then + STEP < self.began;
            now.is_none() || now != *then || !now.is_some_and(is_old)
        })
    }
}

/// Tells listings apart, in whatever order they come. Directories that may come, such as that of
/// releases, make no difference by themselves.
fn digest(listed: &[Listed]) -> u64 {
    let one = |it: &Listed| {
        let mut hasher = DefaultHasher::new();
        (&it.path, std::mem::discriminant(&it.nature)).hash(&mut hasher);
        hasher.finish()
    };
    let found = listed.iter().filter(|it| it.nature != Nature::Directory);
    found.map(one).fold(0, u64::wrapping_add)
}

/// What a name of a directory stands for.
enum Found {
    Nature(Nature),
    /// A directory, at this place.
    Directory(PathBuf),
    /// A link to a directory, which really is at this place.
    Link(PathBuf),
}

impl Directory {
    /// What lies in a directory, and which directories were looked through for that.
    fn walk(
        &self,
        directory: &str,
        depth: Option<usize>,
    ) -> io::Result<(Vec<Listed>, Vec<Visited>)> {
        let nothing = |cause: &io::Error| {
            matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
        };
        let mut listed = Vec::new();
        let real = match self.real.join(directory).canonicalize() {
            Ok(real) => real,
            Err(cause) if nothing(&cause) => return Ok((listed, Vec::new())),
            Err(cause) => return Err(cause),
        };
        if !self.holds(directory, &real) {
            let nature = Nature::Unusable(Unusable::Outside);
            return Ok((vec![Listed { path: directory.to_owned(), nature }], Vec::new()));
        }
        let mut directories = vec![(directory.to_owned(), real, 0)];
        // Links wait until all else is looked through, so that each directory goes by its own name.
        let mut links: BTreeMap<String, (PathBuf, PathBuf, usize)> = BTreeMap::new();
        let mut visited = BTreeMap::new();
        loop {
            let (name, place, level) = match directories.pop() {
                Some(next) => next,
                None => match links.pop_first() {
                    Some((path, (from, target, _)))
                        if visited.contains_key(&target) || from.starts_with(&target) =>
                    {
                        let known = relative(&self.real, &target).unwrap_or_default();
                        let nature = Nature::Unusable(Unusable::Repeated(known));
                        listed.push(Listed { path, nature });
                        continue;
                    }
                    Some((path, (_, target, level))) => (path, target, level),
                    None => break,
                },
            };
            let changed = fs::metadata(&place).and_then(|metadata| metadata.modified()).ok();
            let entries = match fs::read_dir(&place) {
                Ok(entries) => entries,
                Err(cause) if nothing(&cause) => continue,
                Err(cause) => return Err(cause),
            };
            visited.insert(place.clone(), changed);
            for entry in entries {
                let entry = entry?;
                let file_name = entry.file_name();
                if file_name.as_encoded_bytes().starts_with(b".") {
                    continue;
                }
                let path = match name.as_str() {
                    "" => file_name.to_string_lossy().into_owned(),
                    _ => format!("{name}/{}", file_name.to_string_lossy()),
                };
                if file_name.to_str().is_none() {
                    listed.push(Listed { path, nature: Nature::Unusable(Unusable::Misnamed) });
                    continue;
                }
                let is_deep = depth.is_some_and(|depth| level >= depth);
                match self.entry(&place, &entry)? {
                    Found::Nature(nature) => listed.push(Listed { path, nature }),
                    Found::Directory(_) | Found::Link(_) if is_deep => {
                        listed.push(Listed { path, nature: Nature::Directory });
                    }
                    Found::Directory(below) => directories.push((path, below, level + 1)),
                    Found::Link(target) => {
                        links.insert(path, (place.clone(), target, level + 1));
                    }
                }
            }
        }
        Ok((listed, visited.into_iter().collect()))
    }

    /// A file that has changed since it was opened first.
    fn changed_file(&self) -> Option<(String, io::Error)> {
        /// So many are looked at by one worker at a time.
        const AT_ONCE: usize = 256;
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let seen: Vec<_> = seen.iter().collect();
        let parts: Vec<_> = seen.chunks(AT_ONCE).collect();
        let workers = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        // Which one is told doesn't depend on the order of a map.
        let first = |part: usize| {
            let changed = parts[part].iter().filter_map(|(path, then)| self.change(path, then));
            changed.min_by(|a, b| a.0.cmp(&b.0))
        };
        let changed = workers::share(workers, parts.len(), first).into_iter().flatten();
        changed.min_by(|a, b| a.0.cmp(&b.0))
    }

    /// What has become of a file, if that is anything else than what it was.
    fn change(&self, path: &str, first: &Appearance) -> Option<(String, io::Error)> {
        let within = self.handle.as_ref().and_then(|handle| Appearance::within(handle, path));
        if within == Some(*first) {
            return None;
        }
        let cause = match fs::metadata(self.real.join(path)) {
            Ok(metadata) if Appearance::of(&metadata) == *first => return None,
            Ok(_) => io::Error::other(CHANGED),
            Err(cause) if cause.kind() == ErrorKind::NotFound => {
                io::Error::other("it went while it was read; run again")
            }
            Err(cause) => cause,
        };
        Some((path.to_owned(), cause))
    }

    /// A directory where files have come or gone since it was looked through.
    fn changed_directory(&self) -> Option<(String, io::Error)> {
        let walks = self.walks.lock().unwrap_or_else(PoisonError::into_inner);
        walks.iter().filter(|walk| walk.is_doubtful()).find_map(|walk| {
            let cause = match self.walk(&walk.directory, walk.depth) {
                Ok((listed, _)) if digest(&listed) == walk.digest => return None,
                Ok(_) => io::Error::other("files came or went there while it was read; run again"),
                Err(cause) => cause,
            };
            Some((walk.directory.clone(), cause))
        })
    }
}

impl Storage for Directory {
    fn list(&self, directory: &str, depth: Option<usize>) -> io::Result<Vec<Listed>> {
        let began = SystemTime::now();
        let (listed, places) = self.walk(directory, depth)?;
        let digest = digest(&listed);
        let walk = Walk { directory: directory.to_owned(), depth, places, began, digest };
        self.walks.lock().unwrap_or_else(PoisonError::into_inner).push(walk);
        Ok(listed)
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn Read + Send>> {
        let (file, metadata) = self.open_real(path)?;
        let now = Appearance::of(&metadata);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen.entry(path.to_owned()).or_insert(now) != now {
            return Err(io::Error::other(CHANGED));
        }
        Ok(match now.bytes {
            // Files that the system makes up have no length.
            0 => Box::new(file),
            rest => Box::new(Opened { file, rest }),
        })
    }

    fn roots(&self) -> Vec<Root> {
        self.named.clone()
    }

    fn admit(&self, root: &Root) -> io::Result<()> {
        let there =
            self.real.join(&root.directory).canonicalize().map_err(|cause| match cause.kind() {
                ErrorKind::NotFound => io::Error::new(cause.kind(), "there is no such directory"),
                _ => cause,
            })?;
        if !there.is_dir() {
            return Err(io::Error::other("it is no directory"));
        }
        // Who proposes a change writes the manifest, but not what lies beside the repository.
        let repository = self.real.ancestors().find(|directory| directory.join(".git").exists());
        if repository.is_some_and(|repository| !there.starts_with(repository)) {
            return Err(io::Error::other("it lies outside of the repository"));
        }
        self.roots.lock().unwrap_or_else(PoisonError::into_inner).push(there);
        Ok(())
    }

    fn is_same_file(&self, one: &str, other: &str) -> io::Result<bool> {
        let look = |path| -> io::Result<_> {
            Ok(Appearance::of(&fs::metadata(self.resolve(path)?)?).identity)
        };
        Ok(look(one)? == look(other)?)
    }

    fn verify(&self) -> Result<(), Fault> {
        match self.changed_file().or_else(|| self.changed_directory()) {
            None => Ok(()),
            Some((path, cause)) if self.root == Path::new(".") && !path.is_empty() => {
                Err(Fault::new("read", path, cause))
            }
            Some((path, cause)) => {
                Err(Fault::new("read", self.root.join(path).display().to_string(), cause))
            }
        }
    }
}

/// Whether a name in a path begins with a dot.
fn is_hidden(path: &Path) -> bool {
    let hidden = |name: &OsStr| name.as_encoded_bytes().starts_with(b".");
    path.components().any(|it| matches!(it, Component::Normal(name) if hidden(name)))
}

/// The way from one directory to another, with `/`; none if it isn't UTF-8.
fn relative(from: &Path, to: &Path) -> Option<String> {
    let common = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let ups = from.components().skip(common).map(|_| Some(".."));
    let downs = to.components().skip(common).map(|component| component.as_os_str().to_str());
    Some(ups.chain(downs).collect::<Option<Vec<_>>>()?.join("/"))
}

/// What something is that is neither a file nor a directory.
#[cfg(unix)]
fn special(kind: FileType) -> Option<&'static str> {
    use std::os::unix::fs::FileTypeExt as _;
    match () {
        () if kind.is_fifo() => Some("a pipe"),
        () if kind.is_socket() => Some("a socket"),
        () if kind.is_block_device() || kind.is_char_device() => Some("a device"),
        () => None,
    }
}

#[cfg(not(unix))]
fn special(_: FileType) -> Option<&'static str> {
    None
}

#[cfg(unix)]
fn number(entry: &fs::DirEntry) -> u64 {
    std::os::unix::fs::DirEntryExt::ino(entry)
}

#[cfg(not(unix))]
fn number(_: &fs::DirEntry) -> u64 {
    0
}

/// Opens a file for reading below a directory, if no link is on the way. None where that can't be
/// told so simply.
#[cfg(target_os = "linux")]
fn open_within(directory: &File, path: &str) -> Option<File> {
    use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    openat2(directory, path, flags, Mode::empty(), resolve).ok().map(File::from)
}

#[cfg(not(target_os = "linux"))]
fn open_within(_: &File, _: &str) -> Option<File> {
    None
}

/// Opens a file for reading by a path without links: where one stands by now, it fails. Never waits
/// for the other end of a pipe.
#[cfg(target_os = "linux")]
fn open_without_links(path: &Path) -> io::Result<File> {
    use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat, openat2};
    use rustix::io::Errno;
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOFOLLOW;
    match openat2(CWD, path, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS) {
        // An old kernel, or a container that forbids what it doesn't know.
        Err(Errno::NOSYS | Errno::PERM) => Ok(openat(CWD, path, flags, Mode::empty())?.into()),
        opened => Ok(opened?.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn open_without_links(path: &Path) -> io::Result<File> {
    File::open(path)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Read as _;

    use demarche::workspace::Storage as _;

    use super::{Admitted, Directory};

    #[test]
    fn a_file_that_changes_is_noticed() {
        let project = tempfile::tempdir().expect("a directory");
        let file = project.path().join("a.yaml");
        let write = |text: &str| fs::write(&file, text).expect("written");
        for change in [
            &|| write("id: b\n") as (),
            &|| write(""),
            &|| fs::remove_file(&file).expect("removed"),
            &|| {
                // As editors save: another file under the same name, of the same length.
                fs::write(project.path().join("b"), "id: c\n").expect("written");
                fs::rename(project.path().join("b"), &file).expect("renamed");
            },
        ] as [&dyn Fn(); 4]
        {
            write("id: a\n");
            let directory = Directory::new(project.path(), &Admitted::default()).expect("opened");
            let mut text = String::new();
            let mut reader = directory.open("a.yaml").expect("opened");
            reader.read_to_string(&mut text).expect("read");
            directory.verify().expect("nothing has changed");
            directory.open("a.yaml").expect("opened again");
            // The clock of a file system has its steps.
            std::thread::sleep(std::time::Duration::from_millis(20));
            change();
            let fault = directory.verify().expect_err("it has changed").to_string();
            assert!(fault.contains("a.yaml") && fault.contains("run again"), "{fault}");
            assert!(directory.open("a.yaml").is_err());
        }
    }

    #[test]
    fn files_that_come_and_go_are_noticed() {
        let project = tempfile::tempdir().expect("a directory");
        fs::create_dir(project.path().join("data")).expect("created");
        let file = project.path().join("data/a.yaml");
        fs::write(&file, "id: a\n").expect("written");
        let directory = Directory::new(project.path(), &Admitted::default()).expect("opened");
        // At once, while the directory's time may still be the same.
        fs::remove_file(&file).expect("removed");
        assert_eq!(directory.list("data", None).expect("listed"), []);
        directory.verify().expect("nothing has changed");
        fs::write(&file, "id: a\n").expect("written");
        let fault = directory.verify().expect_err("it has changed").to_string();
        assert!(fault.contains("data") && fault.contains("run again"), "{fault}");
        // Only what is listed counts.
        fs::remove_file(&file).expect("removed");
        fs::write(project.path().join("data/.a.yaml.swp"), "").expect("written");
        directory.verify().expect("nothing has changed");
    }

    #[test]
    fn what_lies_outside_is_not_opened() {
        let project = tempfile::tempdir().expect("a directory");
        let inside = project.path().join("p");
        fs::create_dir(&inside).expect("created");
        fs::write(project.path().join("x"), "x").expect("written");
        let directory = Directory::new(&inside, &Admitted::default()).expect("opened");
        for path in ["../x", "/etc/hostname", "a/../../x", ".."] {
            assert!(directory.open(path).is_err(), "{path}");
        }
        assert!(directory.open("").is_err(), "a directory is no file");
    }
}
