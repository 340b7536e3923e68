//! Paths of a project's files, and patterns of them.
//!
//! A manifest comes with every change that somebody proposes, so what it names must lie in the
//! project: a path is relative, has no `..`, and names nothing hidden. Text becomes a
//! [`ProjectPath`], a [`Pattern`] or a [`Root`] here, or is refused with a reason. Where links lead is
//! the business of the [`Storage`](crate::workspace::Storage), which opens the files.

use std::fmt;

use globset::{GlobBuilder, GlobMatcher};

use crate::spelling::is_invisible;

/// A longer path or pattern is refused.
pub const PATH_BYTES_MAX: usize = 1000;
/// Braces of a pattern nest no deeper.
pub const BRACES_MAX: usize = 8;

/// A path inside the project, or below one of its roots: names with `/` between them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProjectPath(String);

/// Why a text is no path or pattern of a project's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is nothing in it.
    Empty,
    /// It has more than [`PATH_BYTES_MAX`] bytes.
    Long,
    /// It has a character that no name should have.
    Control(char),
    /// It is written as Windows writes paths.
    Backslash,
    /// It begins at the root of the file system, on a drive, or on the network.
    Absolute,
    /// It goes up, out of the project.
    Outside,
    /// One of its names begins with a dot.
    Hidden,
    /// Its braces nest too deep.
    Nested,
    /// It is no pattern, for this reason.
    Pattern(String),
    /// A root that is no directory outside of the project.
    Inside,
}

impl ProjectPath {
    /// Reads a path inside the project. `./` and doubled slashes mean nothing and are left out.
    ///
    /// # Errors
    /// When it isn't surely inside.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let names = names(text)?;
        match names.iter().find(|name| name.starts_with('.')) {
            Some(&"..") => return Err(Refusal::Outside),
            Some(_) => return Err(Refusal::Hidden),
            None => {}
        }
        if names.is_empty() {
            return Err(Refusal::Empty);
        }
        Ok(Self(names.join("/")))
    }

    /// The same, or a path below one of these roots.
    ///
    /// # Errors
    /// When it is surely neither.
    pub fn parse_below(text: &str, roots: &[Root]) -> Result<Self, Refusal> {
        let Err(refusal) = Self::parse(text) else { return Self::parse(text) };
        if refusal != Refusal::Outside {
            return Err(refusal);
        }
        let path = names(text)?.join("/");
        match roots.iter().find_map(|root| root.below(&path)) {
            Some(rest) => Self::parse(rest).map(|_| Self(path)),
            None => Err(refusal),
        }
    }

    /// As it is written: relative to the project.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The directory that it lies in; empty for the project's.
    #[must_use]
    pub fn directory(&self) -> &str {
        directory_of(&self.0)
    }
}

impl fmt::Display for ProjectPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The directory that a path lies in; empty for the project's.
#[must_use]
pub fn directory_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// Whether a file's path can be shown and written everywhere: without control characters and
/// backslashes.
#[must_use]
pub fn is_nameable(path: &str) -> bool {
    !path.chars().any(|character| character == '\\' || is_invisible(character))
}

/// A directory outside of the project whose schemas and code lists may be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// What it is called in a release: its schemas are shipped in `schema/<name>/`.
    pub name: String,
    /// Relative to the project: some `..` and then names.
    pub directory: String,
}

impl Root {
    /// Reads a directory that is relative to the project and lies outside.
    ///
    /// # Errors
    /// When it is absolute, hidden, or inside.
    pub fn parse(name: &str, directory: &str) -> Result<Self, Refusal> {
        let names = names(directory)?;
        let ups = names.iter().take_while(|name| **name == "..").count();
        if ups == 0 {
            return Err(Refusal::Inside);
        }
        match names[ups..].iter().find(|name| name.starts_with('.')) {
            Some(&"..") => Err(Refusal::Outside),
            Some(_) => Err(Refusal::Hidden),
            None => Ok(Self { name: name.to_owned(), directory: names.join("/") }),
        }
    }

    /// How many directories it goes up before it goes down.
    #[must_use]
    pub fn ups(&self) -> usize {
        self.directory.split('/').take_while(|name| *name == "..").count()
    }

    /// What follows the root in a path below it.
    #[must_use]
    pub fn below<'p>(&self, path: &'p str) -> Option<&'p str> {
        let rest = path.strip_prefix(self.directory.as_str())?.strip_prefix('/')?;
        // `../..` isn't below `..`.
        (!rest.split('/').any(|name| name == "..")).then_some(rest)
    }
}

/// Where a release carries the schema file at `path`. Schemas refer to one another by their places,
/// so these stay; those of a root come to lie in a directory that is called like it.
#[must_use]
pub fn released(path: &str, roots: &[Root]) -> String {
    let below = |root: &Root| Some(format!("schema/{}/{}", root.name, root.below(path)?));
    roots.iter().find_map(below).unwrap_or_else(|| {
        let place = path.strip_prefix("schema/").unwrap_or(path);
        format!("schema/{place}")
    })
}

/// Whether a path of a release names a file in it, whatever it is relative to.
#[must_use]
pub fn stays_inside(path: &str) -> bool {
    path.split('/').all(|name| !matches!(name, "" | "." | "..") && !name.contains(['\\', '\0']))
}

/// A pattern of the project's files.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    /// None for the path of one file.
    matcher: Option<GlobMatcher>,
}

impl Pattern {
    /// Reads a pattern of files inside the project.
    ///
    /// # Errors
    /// When it is no pattern, a costly one, or one of files elsewhere.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let text = ProjectPath::parse(text)?.0;
        let mut depth = 0usize;
        for character in text.chars() {
            match character {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > BRACES_MAX {
                return Err(Refusal::Nested);
            }
        }
        match GlobBuilder::new(&text).literal_separator(true).build() {
            Ok(glob) => {
                let matcher = wildcard(&text).map(|_| glob.compile_matcher());
                Ok(Self { matcher, text })
            }
            Err(error) => Err(Refusal::Pattern(error.kind().to_string())),
        }
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it matches a path of the project.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        match &self.matcher {
            Some(matcher) => matcher.is_match(path),
            None => self.text == path,
        }
    }

    /// The directories before the first wildcard.
    #[must_use]
    pub fn directory(&self) -> &str {
        directory_of(&self.text[..wildcard(&self.text).unwrap_or(self.text.len())])
    }

    /// How many directories below [`Pattern::directory`] can hold what it matches; none if there is
    /// no end.
    #[must_use]
    pub fn depth(&self) -> Option<usize> {
        let rest = self.text[self.directory().len()..].trim_start_matches('/');
        let may_hold_slashes = rest.contains("**")
            || [('{', '}'), ('[', ']')].iter().any(|(open, close)| {
                let inner = rest.split_once(*open).and_then(|(_, rest)| rest.rsplit_once(*close));
                inner.is_some_and(|(inner, _)| inner.contains('/'))
            });
        (!may_hold_slashes).then(|| rest.matches('/').count())
    }
}

/// Where the first wildcard of a pattern is; none if it is a path.
#[must_use]
pub fn wildcard(text: &str) -> Option<usize> {
    text.find(['*', '?', '[', '{'])
}

/// The names of a relative path; `..` is left where it stands.
fn names(text: &str) -> Result<Vec<&str>, Refusal> {
    if text.is_empty() {
        return Err(Refusal::Empty);
    }
    if text.len() > PATH_BYTES_MAX {
        return Err(Refusal::Long);
    }
    if let Some(control) = text.chars().find(|character| character.is_control()) {
        return Err(Refusal::Control(control));
    }
    let bytes = text.as_bytes();
    let on_drive = bytes.len() > 1 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':';
    if text.starts_with('/') || on_drive || text.starts_with(r"\\") || text.contains("://") {
        return Err(Refusal::Absolute);
    }
    if text.contains('\\') {
        return Err(Refusal::Backslash);
    }
    Ok(text.split('/').filter(|name| !matches!(*name, "" | ".")).collect())
}

impl Refusal {
    /// What is wrong with the text, to follow it in a sentence.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::Empty => "names no file".to_owned(),
            Self::Long => format!("is longer than {PATH_BYTES_MAX} bytes"),
            Self::Control(character) => {
                format!("has the control character U+{:04X}", u32::from(*character))
            }
            Self::Backslash => "has backslashes between directories".to_owned(),
            Self::Absolute => "is absolute, but must be relative".to_owned(),
            Self::Outside => "leads out of the project".to_owned(),
            Self::Hidden => "names a hidden file or directory, which is never read".to_owned(),
            Self::Nested => format!("has braces inside braces more than {BRACES_MAX} deep"),
            Self::Pattern(why) => format!("is no pattern of file names: {why}"),
            Self::Inside => "is no directory outside of the project".to_owned(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Empty => "give a path relative to the manifest, as in `data/events.yaml`",
            Self::Long | Self::Nested => "write several shorter patterns or paths",
            Self::Control(_) => {
                "write `/` between directories: in double quotes a backslash begins such a character"
            }
            Self::Backslash => "write `/` between directories, on every system",
            Self::Absolute => "give a path relative to the manifest, with `/` between directories",
            Self::Outside => {
                "move the file into the project; a directory of shared schemas outside of it can be \
                 declared in `[roots]` or with `--root NAME=DIR`, see docs/manifest.md"
            }
            Self::Hidden => "move or rename it: names that begin with `.` are passed over",
            Self::Pattern(_) => "`*` stands for any part of a name, `**` for any directories",
            Self::Inside => {
                "a root begins with `..`, as in `../../schemas`; paths inside need no root"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BRACES_MAX, Pattern, ProjectPath, Refusal, Root, released, stays_inside};

    fn refused(text: &str) -> Refusal {
        ProjectPath::parse(text).expect_err(text)
    }

    #[test]
    fn a_path_stays_inside() {
        for path in ["../x", "a/../../x", "a/..", "..", "a/b/../c"] {
            assert_eq!(refused(path), Refusal::Outside, "{path}");
        }
        for path in ["/x", "//x/y", "C:/x", r"c:\x", r"\\host\x", "file:///x", "C:x"] {
            assert_eq!(refused(path), Refusal::Absolute, "{path}");
        }
        for path in ["", ".", "./", "././."] {
            assert_eq!(refused(path), Refusal::Empty, "{path}");
        }
        for path in [".git/config", "a/.b/c", ".x.yaml", "..."] {
            assert_eq!(refused(path), Refusal::Hidden, "{path}");
        }
        assert_eq!(refused(r"data\x.yaml"), Refusal::Backslash);
        assert_eq!(refused("a\0b"), Refusal::Control('\0'));
        assert_eq!(refused(&"a/".repeat(600)), Refusal::Long);
    }

    #[test]
    fn what_means_nothing_is_left_out() {
        let path = |text| ProjectPath::parse(text).expect(text).as_str().to_owned();
        assert_eq!(path("./schema//x.json"), "schema/x.json");
        assert_eq!(path("output/x-1.0.0/"), "output/x-1.0.0");
        assert_eq!(path("données/é à.yaml"), "données/é à.yaml");
    }

    #[test]
    fn a_root_admits_what_is_below_it() {
        let root = Root::parse("shared", "../../schemas/").expect("a root");
        let below = |text: &str| ProjectPath::parse_below(text, std::slice::from_ref(&root));
        assert_eq!(below("../../schemas/x.json").expect("below").as_str(), "../../schemas/x.json");
        assert_eq!(below("schema/x.json").expect("inside").as_str(), "schema/x.json");
        for text in [
            "../../schemas",
            "../../schemas2/x.json",
            "../schemas/x.json",
            "../../../schemas/x.json",
            "../../schemas/../x.json",
            "../../schemas/.git/x.json",
        ] {
            assert!(below(text).is_err(), "{text}");
        }
        let up = Root::parse("up", "..").expect("a root");
        assert_eq!(up.below("../x.json"), Some("x.json"));
        assert_eq!(up.below("../../x.json"), None);
        assert_eq!((root.ups(), up.ups()), (2, 1));
    }

    #[test]
    fn a_root_is_outside_and_relative() {
        let refused = |text| Root::parse("x", text).expect_err(text);
        assert_eq!(refused("schemas"), Refusal::Inside);
        assert_eq!(refused("/etc"), Refusal::Absolute);
        assert_eq!(refused("../.docker"), Refusal::Hidden);
        assert_eq!(refused("../a/../../b"), Refusal::Outside);
    }

    #[test]
    fn releases_carry_schemas_in_one_directory() {
        let roots = [Root::parse("shared", "../../schemas").expect("a root")];
        assert_eq!(released("schema/a/x.json", &roots), "schema/a/x.json");
        assert_eq!(released("models/x.json", &roots), "schema/models/x.json");
        assert_eq!(released("../../schemas/a/x.json", &roots), "schema/shared/a/x.json");
    }

    #[test]
    fn a_release_holds_its_files() {
        assert!(stays_inside("csv/x.csv") && stays_inside(&"a".repeat(2000)));
        for path in ["", "/x", "../x", "a/../../x", "./x", "a//x", r"a\x", "a/", "a\0"] {
            assert!(!stays_inside(path), "{path}");
        }
    }

    #[test]
    fn only_what_can_match_is_walked() {
        let walked = |text| {
            let pattern = Pattern::parse(text).expect(text);
            (pattern.directory().to_owned(), pattern.depth())
        };
        assert_eq!(walked("data/events/*.yaml"), ("data/events".to_owned(), Some(0)));
        assert_eq!(walked("data/{a,b}/x.yaml"), ("data".to_owned(), Some(1)));
        assert_eq!(walked("data/{a/b,c}.yaml"), ("data".to_owned(), None));
        assert_eq!(walked("data/**/x.yaml"), ("data".to_owned(), None));
        assert_eq!(walked("data/visits.csv"), ("data".to_owned(), Some(0)));
        assert_eq!(walked("*.csv"), (String::new(), Some(0)));
        assert_eq!(walked("./*.csv"), (String::new(), Some(0)));
    }

    #[test]
    fn costly_patterns_are_refused() {
        let nested = |depth: usize| format!("{}a{}", "{".repeat(depth), "}".repeat(depth));
        assert!(Pattern::parse(&nested(BRACES_MAX)).is_ok());
        for depth in [BRACES_MAX + 1, 125, 300] {
            assert_eq!(Pattern::parse(&nested(depth)).expect_err("deep"), Refusal::Nested);
        }
        for text in [
            &"*a".repeat(500),
            &"{a,b}".repeat(200),
            &"[!a]".repeat(250),
            &("**/".repeat(332) + "b"),
        ] {
            // Whether it is one or not: no panic, and soon.
            assert!(Pattern::parse(text).is_ok_and(|it| !it.matches(&"a".repeat(400))), "{text}");
        }
        for text in ["data/[", "data/{a", "data/a}", "[z-a]", "[]"] {
            assert!(matches!(Pattern::parse(text), Err(Refusal::Pattern(_))), "{text}");
        }
    }
}
