//! Which directory is the project: the one that the user names, or the nearest one above.

use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use demarche::manifest::FILE_NAME;

/// The directory of a project.
pub struct Chosen {
    /// From the current directory.
    pub directory: PathBuf,
    /// Whether it lies above the current directory, so that nobody has named it.
    pub is_above: bool,
}

/// Why there is no project, and what to do.
pub struct Nowhere {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// The project in the directory that the user names, or in the current one, or else in the nearest
/// one above. What lies above the repository is somebody else's.
///
/// # Errors
/// When there is none.
pub fn choose(named: Option<&Path>) -> Result<Chosen, Nowhere> {
    if let Some(directory) = named {
        check(directory)?;
        return Ok(Chosen { directory: directory.to_owned(), is_above: false });
    }
    let here = env::current_dir().unwrap_or_default();
    let mut directory = PathBuf::from(".");
    for (ups, above) in here.ancestors().enumerate() {
        // A manifest that can't be read is one, too: that is what has to be said.
        if fs::symlink_metadata(above.join(FILE_NAME)).is_ok() {
            check(&directory)?;
            return Ok(Chosen { directory, is_above: ups > 0 });
        }
        if above.join(".git").exists() {
            break;
        }
        directory = if ups == 0 { PathBuf::from("..") } else { directory.join("..") };
    }
    Err(Nowhere {
        message: format!("there is no `{FILE_NAME}` in this directory, nor in one above"),
        help: HELP.to_owned(),
    })
}

/// Makes sure that a root that the user names is a directory outside of the project.
///
/// # Errors
/// When it isn't.
pub fn check_root(project: &Path, root: &Path) -> Result<(), Nowhere> {
    let shown = root.display();
    let message = match (root.canonicalize(), project.canonicalize()) {
        (Ok(there), _) if !there.is_dir() => format!("the root `{shown}` is no directory"),
        (Ok(there), Ok(project)) if there.starts_with(&project) => {
            format!("the root `{shown}` lies in the project, where no root is needed")
        }
        (Ok(_), _) => return Ok(()),
        (Err(_), _) => format!("there is no directory `{shown}` for a root"),
    };
    let help = "write `--root NAME=DIR`, with a directory outside of the project".to_owned();
    Err(Nowhere { message, help })
}

const LINK_HELP: &str = "put the file itself there: links are followed inside the project only";
const HELP: &str = "say with `--project` which directory holds the project";

fn check(directory: &Path) -> Result<(), Nowhere> {
    let shown = directory.display();
    let nowhere = |message: String, help: &str| Err(Nowhere { message, help: help.to_owned() });
    match fs::metadata(directory) {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => {
            let parent = directory.parent().filter(|parent| !parent.as_os_str().is_empty());
            let help = match parent.unwrap_or(Path::new(".")) {
                parent if directory.ends_with(FILE_NAME) => {
                    format!("{HELP}: `--project {}`", parent.display())
                }
                _ => HELP.to_owned(),
            };
            return nowhere(format!("`{shown}` is a file, not the directory of a project"), &help);
        }
        Err(cause) if matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return nowhere(format!("there is no directory `{shown}`"), HELP);
        }
        Err(cause) => return nowhere(format!("`{shown}` can't be entered: {cause}"), HELP),
    }
    let manifest = directory.join(FILE_NAME);
    let shown = manifest.display();
    match fs::metadata(&manifest) {
        Ok(metadata) if metadata.is_file() => {
            let is_inside = manifest.canonicalize().ok().zip(directory.canonicalize().ok());
            if is_inside.is_some_and(|(file, directory)| file.starts_with(directory)) {
                return Ok(());
            }
            nowhere(format!("`{shown}` is a link that leads out of the project"), LINK_HELP)
        }
        Ok(_) => nowhere(format!("`{shown}` is no file"), "a manifest is a text file"),
        Err(cause) if cause.kind() == ErrorKind::NotFound => {
            nowhere(format!("there is no `{shown}`"), HELP)
        }
        Err(cause) => nowhere(format!("`{shown}` can't be read: {cause}"), HELP),
    }
}
