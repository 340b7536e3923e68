//! What was read: the files of a project, by number.
//!
//! The core never opens a file itself. It asks a [`Storage`], which the command line backs with a
//! directory and tests back with memory.

mod decoding;

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};
use std::sync::Arc;

use self::decoding::Decoding;
use crate::dialect::{self, Dialect};
use crate::fault::Fault;
use crate::path::Root;
use crate::spelling::is_invisible;

/// A file of the workspace, by its place in [`Workspace::sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// How a file's bytes spell records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// YAML 1.2, one or many documents.
    Yaml,
    /// One JSON value, or an array of records.
    #[default]
    Json,
    /// One JSON value a line.
    JsonLines,
    /// Rows of cells: RFC 4180 with a header, or another [`Dialect`].
    Csv,
    /// TOML: the manifest.
    Toml,
}

impl Format {
    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Yaml => "YAML",
            Self::Json => "JSON",
            Self::JsonLines => "JSON Lines",
            Self::Csv => "CSV",
            Self::Toml => "TOML",
        }
    }
}

/// How a file's bytes are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
}

/// One file of the project.
#[derive(Clone, Debug)]
pub struct Source {
    /// Relative to the project, with `/` between components on every system.
    pub path: String,
    /// How its (unpacked) bytes are read.
    pub format: Format,
    /// How it is packed.
    pub compression: Compression,
    /// The table whose records it holds, if that is known.
    pub table: Option<Arc<str>>,
    /// How its rows are written, if otherwise than in releases.
    pub dialect: Option<Arc<Dialect>>,
    /// Its text, if it isn't read: that of a file that comes with Demarche, and none of a file that
    /// is only spoken of.
    pub built_in: Option<Arc<str>>,
}

impl Source {
    /// Tells format and compression from the file's name; none if the name says neither. An ending may
    /// also say that tabs separate cells.
    #[must_use]
    pub fn from_path(path: &str) -> Option<Self> {
        let lower = path.to_ascii_lowercase();
        let (stem, _) = packing(&lower);
        let ending = stem.rsplit_once('.')?.1;
        let format = match ending {
            "yaml" | "yml" => Format::Yaml,
            "json" => Format::Json,
            "jsonl" | "ndjson" => Format::JsonLines,
            "csv" | "tsv" | "tab" => Format::Csv,
            "toml" => Format::Toml,
            _ => return None,
        };
        let mut source = Self::read_as(path, format);
        source.dialect = matches!(ending, "tsv" | "tab").then(|| Arc::new(Dialect::tabs()));
        Some(source)
    }

    /// A file of that format, whatever its name says of it. Of its packing, its name tells.
    #[must_use]
    pub fn read_as(path: &str, format: Format) -> Self {
        let (_, compression) = packing(&path.to_ascii_lowercase());
        let path = path.to_owned();
        Self { path, format, compression, table: None, dialect: None, built_in: None }
    }

    /// How its rows are written.
    #[must_use]
    pub fn dialect(&self) -> &Dialect {
        self.dialect.as_deref().unwrap_or(&PLAIN)
    }

    /// Whether its bytes are text in UTF-8, so that places in its text are places in the file.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.compression == Compression::None && self.dialect().encoding.is_none()
    }

    /// A help that also says what to write into the manifest, if the file's records are read as CSV.
    #[must_use]
    pub fn with_block(&self, help: &str, lines: &[impl AsRef<str>]) -> String {
        match &self.table {
            Some(table) if self.format == Format::Csv => {
                let is_declared = self.dialect().declared.is_some();
                dialect::or(help, &dialect::block(table, &self.path, is_declared, lines))
            }
            Some(_) | None => help.to_owned(),
        }
    }

    /// A JSON file that comes with Demarche. `path` is what messages and releases call it.
    #[must_use]
    pub fn built_in(path: &str, text: impl Into<Arc<str>>) -> Self {
        Self {
            compression: Compression::None,
            built_in: Some(text.into()),
            ..Self::read_as(path, Format::Json)
        }
    }

    /// A file that findings speak of and nobody opens: it isn't part of the project, or it is no
    /// file that can be read. What can't be shown in its name is replaced.
    #[must_use]
    pub fn unread(path: &str) -> Self {
        let shown = |it| if is_invisible(it) { '\u{fffd}' } else { it };
        Self::built_in(&path.chars().map(shown).collect::<String>(), "")
    }

    /// Whether nobody opens it: there is nothing of it to show.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        self.built_in.as_deref() == Some("")
    }

    /// Whether its bytes are the project's.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.built_in.is_none()
    }

    /// The file's name without directories and endings: `events` of `csv/events.csv.gz`.
    #[must_use]
    pub fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or(&self.path);
        name.split('.').next().unwrap_or(name)
    }
}

static PLAIN: Dialect = Dialect::PLAIN;

/// A name, in small letters, without the ending that says how the file is packed.
fn packing(name: &str) -> (&str, Compression) {
    match name.rsplit_once('.') {
        Some((stem, "gz")) => (stem, Compression::Gzip),
        Some((stem, "zst")) => (stem, Compression::Zstd),
        _ => (name, Compression::None),
    }
}

/// Something that lies in a directory of the project. Hidden names are passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Relative to the project, with `/`. What isn't UTF-8 in it is replaced.
    pub path: String,
    /// What it is.
    pub nature: Nature,
}

/// What lies under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Nature {
    /// A file, or a link to one in the project.
    File {
        /// The same for the same file under another name, and seldom for another file; 0 if that
        /// isn't known.
        number: u64,
        /// Whether it is a link.
        is_link: bool,
    },
    /// A directory that lies deeper than was asked for.
    Directory,
    /// What can't be read as a file of the project.
    Unusable(Unusable),
}

/// Why what lies under a name can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// A link leads out of the project, or to what is hidden in it.
    Outside,
    /// A link leads to nothing.
    Dangling,
    /// It is a pipe, a socket or a device: this one.
    Special(&'static str),
    /// Its name isn't UTF-8.
    Misnamed,
    /// A link leads to this directory, which is looked through under its own name.
    Repeated(String),
}

impl Unusable {
    /// What is wrong, to follow the path in a sentence.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::Outside => {
                "is a link that leads out of the project, or to what is hidden in it".to_owned()
            }
            Self::Dangling => "is a link that leads to nothing".to_owned(),
            Self::Special(what) => format!("is {what}, not a file"),
            Self::Misnamed => {
                "has a name that isn't UTF-8, or one with a control character or backslash"
                    .to_owned()
            }
            Self::Repeated(directory) => {
                format!("is a link to `{directory}`, which is looked through under that name")
            }
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Outside => {
                "put the file itself there: links are followed inside the project only"
            }
            Self::Dangling => "correct the link, or remove it",
            Self::Special(_) => "remove it, or move it elsewhere; it was not opened",
            Self::Misnamed => "rename the file; it was not read",
            Self::Repeated(_) => "remove the link; no file was read through it",
        }
    }
}

/// Where the bytes of a project are. Paths are relative, with `/`. What lies outside of the project
/// is refused, wherever links lead, unless a root holds it.
pub trait Storage: Send + Sync {
    /// What lies at most `depth` directories below `directory`, or anywhere below it, in any order;
    /// nothing if there is no such directory.
    ///
    /// # Errors
    /// When a directory can't be listed.
    fn list(&self, directory: &str, depth: Option<usize>) -> io::Result<Vec<Listed>>;

    /// Opens a file to be read from its start.
    ///
    /// # Errors
    /// When the file can't be opened, lies outside, or isn't the one any more that was opened under
    /// this name before.
    fn open(&self, path: &str) -> io::Result<Box<dyn Read + Send>>;

    /// The roots that whoever runs the command allows.
    fn roots(&self) -> Vec<Root> {
        Vec::new()
    }

    /// Lets files below a root that the manifest declares be read.
    ///
    /// # Errors
    /// When it is no directory, or one that a manifest may not open.
    fn admit(&self, _root: &Root) -> io::Result<()> {
        Ok(())
    }

    /// Whether two paths lead to the same file.
    ///
    /// # Errors
    /// When one of the files is gone.
    fn is_same_file(&self, one: &str, other: &str) -> io::Result<bool> {
        Ok(one == other)
    }

    /// Makes sure that all files that were opened are still as they were.
    ///
    /// # Errors
    /// When one has changed, and so what was read may be half of the one and half of the other.
    fn verify(&self) -> Result<(), Fault> {
        Ok(())
    }
}

/// A project held in memory: path → bytes.
#[derive(Clone, Debug, Default)]
pub struct Memory(pub BTreeMap<String, Vec<u8>>);

impl Storage for Memory {
    fn list(&self, directory: &str, depth: Option<usize>) -> io::Result<Vec<Listed>> {
        let below = |path: &String| {
            let rest = match directory {
                "" => Some(path.as_str()),
                _ => path.strip_prefix(directory).and_then(|rest| rest.strip_prefix('/')),
            };
            rest.is_some_and(|rest| depth.is_none_or(|depth| rest.matches('/').count() <= depth))
        };
        let nature = Nature::File { number: 0, is_link: false };
        let listed = |path: &String| Listed { path: path.clone(), nature: nature.clone() };
        Ok(self.0.keys().filter(|path| below(path)).map(listed).collect())
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn Read + Send>> {
        let bytes = self.0.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(io::Cursor::new(bytes.clone())))
    }
}

/// The project's files, numbered as they are found.
pub struct Workspace {
    storage: Arc<dyn Storage>,
    sources: Vec<Source>,
}

impl Workspace {
    /// A workspace without sources over `storage`.
    #[must_use]
    pub fn new(storage: Box<dyn Storage>) -> Self {
        Self { storage: Arc::from(storage), sources: Vec::new() }
    }

    /// Numbers a file.
    pub fn add(&mut self, source: Source) -> SourceId {
        let id = u32::try_from(self.sources.len()).expect("fewer than 2^32 files");
        self.sources.push(source);
        SourceId(id)
    }

    /// The files, in the order of their numbers.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// One file.
    #[must_use]
    pub fn source(&self, id: SourceId) -> &Source {
        &self.sources[id.0 as usize]
    }

    /// The number of a file that was added under `path`.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<SourceId> {
        let index = self.sources.iter().position(|source| source.path == path)?;
        Some(SourceId(index as u32))
    }

    /// Where the files are.
    #[must_use]
    pub fn storage(&self) -> Arc<dyn Storage> {
        Arc::clone(&self.storage)
    }

    /// What lies right in `directory`, sorted.
    ///
    /// # Errors
    /// When the directory can't be listed.
    pub fn list(&self, directory: &str) -> Result<Vec<Listed>, Fault> {
        let listed = self.storage.list(directory, Some(0));
        let mut listed = listed.map_err(|cause| Fault::new("list", directory, cause))?;
        listed.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(listed)
    }

    /// Makes sure that all files that were read are still as they were.
    ///
    /// # Errors
    /// When one has changed.
    pub fn verify(&self) -> Result<(), Fault> {
        self.storage.verify()
    }

    /// Opens a file for reading, unpacked and as UTF-8.
    ///
    /// # Errors
    /// When the file can't be opened.
    pub fn open(&self, id: SourceId) -> Result<Box<dyn Read + Send>, Fault> {
        let source = self.source(id);
        if let Some(text) = &source.built_in {
            return Ok(Box::new(Cursor::new(Arc::<[u8]>::from(Arc::clone(text)))));
        }
        let fault = |cause| Fault::new("open", &source.path, cause);
        let file = self.storage.open(&source.path).map_err(fault)?;
        let bytes = match source.compression {
            Compression::None => file,
            Compression::Gzip => Box::new(flate2::read::MultiGzDecoder::new(file)),
            Compression::Zstd => Box::new(zstd::Decoder::new(file).map_err(fault)?),
        };
        Ok(match source.dialect().encoding {
            None => bytes,
            Some(encoding) => Box::new(Decoding::new(bytes, encoding)),
        })
    }

    /// Reads a whole file, unpacked, into `buffer`, which is emptied first.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn read_into(&self, id: SourceId, buffer: &mut Vec<u8>) -> Result<(), Fault> {
        buffer.clear();
        self.open(id)?
            .read_to_end(buffer)
            .map_err(|cause| Fault::new("read", &self.source(id).path, cause))?;
        Ok(())
    }

    /// Some stretches of a file as text, like [`Workspace::excerpt_bytes`]; what isn't UTF-8 comes
    /// back as replacement characters.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn excerpts(&self, id: SourceId, ranges: &[(u64, usize)]) -> Result<Vec<String>, Fault> {
        let excerpts = self.excerpt_bytes(id, ranges)?;
        Ok(excerpts.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect())
    }

    /// Some stretches of a file, given as (start, length) in rising order of their starts. What lies
    /// outside the file is left out, and what lies behind a fault in its packing.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn excerpt_bytes(
        &self,
        id: SourceId,
        ranges: &[(u64, usize)],
    ) -> Result<Vec<Vec<u8>>, Fault> {
        const CHUNK_BYTES: usize = 1 << 16;
        let fault = |cause| Fault::new("read", &self.source(id).path, cause);
        let mut file = self.open(id)?;
        // A window on the file that begins at byte `base`.
        let mut window: Vec<u8> = Vec::new();
        let mut base = 0u64;
        let mut excerpts = Vec::with_capacity(ranges.len());
        for &(start, length) in ranges {
            let end = start + length as u64;
            let mut ended = false;
            while base + (window.len() as u64) < end && !ended {
                let skippable = start.saturating_sub(base).min(window.len() as u64);
                window.drain(..skippable as usize);
                base += skippable;
                let filled = window.len();
                window.resize(filled + CHUNK_BYTES, 0);
                let packed = self.source(id).compression != Compression::None;
                let read = match file.read(&mut window[filled..]) {
                    Ok(read) => read,
                    // The finding that is shown may be that it can't be unpacked.
                    Err(_) if packed => 0,
                    Err(cause) => return Err(fault(cause)),
                };
                window.truncate(filled + read);
                ended = read == 0;
            }
            let from = (start.saturating_sub(base) as usize).min(window.len());
            let to = (end.saturating_sub(base) as usize).min(window.len());
            excerpts.push(window[from..to].to_vec());
        }
        Ok(excerpts)
    }

    /// A file's bytes as they are stored, not unpacked, or as they come with Demarche.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn read_stored(&self, id: SourceId) -> Result<Vec<u8>, Fault> {
        let source = self.source(id);
        match &source.built_in {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => self.read_path(&source.path),
        }
    }

    /// The bytes of the project's file at `path` as they are stored, not unpacked.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn read_path(&self, path: &str) -> Result<Vec<u8>, Fault> {
        let mut bytes = Vec::new();
        self.storage
            .open(path)
            .and_then(|mut file| file.read_to_end(&mut bytes))
            .map_err(|cause| Fault::new("read", path, cause))?;
        Ok(bytes)
    }
}
