//! The command line: arguments to a command, its outcome to an exit code.

mod build;
mod check;
mod completions;
mod explain;
mod report;
mod schema;

use std::io::{IsTerminal, Write as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use demarche::Fault;
use demarche::diagnostic::quote;
use demarche::report::{FORMATS, Format, format};
use demarche::spelling::terminal::opening;
use demarche::workspace::Storage;

use crate::host;

/// How a run ended. The numbers are documented in the README and in `--help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All is well.
    Good = 0,
    /// The data has errors.
    DataErrors = 1,
    /// The command line is wrong, or the project's manifest or schemas are.
    Unusable = 2,
    /// The environment failed: a file, the disk.
    Environment = 3,
}

/// How a command ended, once it knew how: a reader that has seen enough, or a disk that is full, doesn't
/// take the verdict back.
pub(crate) struct Ended {
    /// The verdict.
    exit: Exit,
    /// Whether it could be told.
    told: Result<(), Fault>,
}

impl Ended {
    /// The verdict, after an attempt to tell it.
    fn with(exit: Exit, told: Result<(), Fault>) -> Self {
        Self { exit, told }
    }

    /// What the process returns. A closed reader changes nothing; where a report couldn't be
    /// written for another reason, all is not well, whatever the verdict was.
    fn exit(self) -> Exit {
        match self.told {
            Ok(()) => self.exit,
            Err(fault) if is_closed(&fault) => self.exit,
            Err(fault) => {
                complain(&format!("error: {fault}"));
                Exit::Environment
            }
        }
    }
}

impl From<Exit> for Ended {
    fn from(exit: Exit) -> Self {
        Self::with(exit, Ok(()))
    }
}

/// Whether whoever read our output has gone.
fn is_closed(fault: &Fault) -> bool {
    fault.cause.kind() == std::io::ErrorKind::BrokenPipe
}

/// Writes a line to standard error. If nobody takes it, there is nobody left to tell.
fn complain(line: &str) {
    let _ = writeln!(std::io::stderr(), "{}", opening(line));
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

const AFTER_HELP: &str = "\
Exit codes:
  0  all is well
  1  the data has errors
  2  the command line, the manifest or a schema is wrong, or there is no project
  3  the environment failed (a file can't be read or written)

Examples:
  demarche check                       check the project in this directory
  demarche build --out releases        check it, and compile a release
  demarche check --message-format json one finding a line, for programs
  demarche check --output report.sarif write them for code scanning, too";

#[derive(Parser)]
#[command(name = "demarche", version, about = "Validate structured records and compile them into CSV, JSON-LD and Parquet", after_help = AFTER_HELP, max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Args)]
struct Global {
    /// The directory that holds dataset.toml [default: this one, or the nearest one above]
    #[arg(long = "project", short = 'C', global = true, value_name = "DIR")]
    named: Option<PathBuf>,
    /// The same, once it is found
    #[arg(skip)]
    project: PathBuf,
    /// Let schemas be read from a directory outside of the project; releases have them in
    /// schema/NAME (repeatable)
    #[arg(long = "root", global = true, value_name = "NAME=DIR", value_parser = root)]
    roots: Vec<(String, PathBuf)>,
    /// How many workers [default: one a processor]
    #[arg(long, short, global = true, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// How much memory what records leave behind may take, as in 512M or 4G; the rest waits in a
    /// file [default: 128M to check, 1G to build]
    #[arg(long, global = true, value_name = "SIZE", value_parser = size)]
    memory: Option<u64>,
    /// Say only what is wrong
    #[arg(long, short, global = true)]
    quiet: bool,
    /// When to use colours
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Colour::Auto)]
    color: Colour,
    /// How findings are written to standard output
    #[arg(long, global = true, value_name = "FORMAT", default_value = "human", value_parser = message_formats())]
    message_format: &'static Format,
    /// Write findings to a file, too; its ending tells the format, unless FORMAT does (repeatable)
    #[arg(long, global = true, value_name = "[FORMAT=]FILE", value_parser = report::output)]
    output: Vec<report::Output>,
    /// Show at most N findings of each code or constraint, or all if 0 [default: 25, for people only]
    #[arg(long, global = true, value_name = "N")]
    limit: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Colour {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Arguments),
    Build(build::Arguments),
    Schema(schema::Arguments),
    Explain(explain::Arguments),
    Completions(completions::Arguments),
}

/// Bytes, or thousands of them (K, M, G), counted by 1024.
fn size(text: &str) -> Result<u64, String> {
    let digits = text.len() - text.trim_start_matches(|it: char| it.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let unit = unit.to_ascii_uppercase();
    let shift = match unit.strip_suffix("IB").or(unit.strip_suffix('B')).unwrap_or(&unit) {
        "" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => return Err("write a number and K, M, G or T, as in 512M".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "it begins with no number".to_owned())?;
    number.checked_mul(1 << shift).ok_or_else(|| "that is more than any machine has".to_owned())
}

/// Reads `NAME=DIR`.
fn root(text: &str) -> Result<(String, PathBuf), String> {
    let (name, directory) = text.split_once('=').ok_or("write a name, `=` and a directory")?;
    let letter = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || "-_".contains(it);
    if !name.starts_with(|it: char| it.is_ascii_lowercase()) || !name.chars().all(letter) {
        return Err("a name has letters from a to z, digits, `-` and `_`".to_owned());
    }
    if name == "codelists" {
        return Err("`codelists` is where releases have code lists".to_owned());
    }
    if directory.is_empty() {
        return Err("there is no directory behind the `=`".to_owned());
    }
    Ok((name.to_owned(), PathBuf::from(directory)))
}

fn message_formats() -> impl TypedValueParser<Value = &'static Format> {
    let names = FORMATS.iter().map(|format| PossibleValue::new(format.name).help(format.summary));
    PossibleValuesParser::new(names)
        .map(|name| format(&name).expect("the parser knows only names of formats"))
}

impl Global {
    /// Finds the project; says so where nobody has named it.
    fn find_project(&mut self) -> Result<(), Exit> {
        let refuse = |nowhere: host::Nowhere| {
            complain(&format!("error: {}", nowhere.message));
            complain(&format!("help: {}", nowhere.help));
            Exit::Unusable
        };
        let chosen = host::choose(self.named.as_deref()).map_err(refuse)?;
        self.project = chosen.directory;
        if chosen.is_above && !self.quiet {
            complain(&format!("the project is {}", quote(&self.project.to_string_lossy())));
        }
        for (index, (name, directory)) in self.roots.iter().enumerate() {
            if self.roots[..index].iter().any(|(other, _)| other == name) {
                complain(&format!("error: the root `{name}` is given twice"));
                return Err(Exit::Unusable);
            }
            host::check_root(&self.project, directory).map_err(refuse)?;
        }
        Ok(())
    }

    /// Whether somebody names a project, or there is one here.
    fn has_project(&self) -> bool {
        self.named.is_some() || host::choose(None).is_ok()
    }

    /// Whether a program reads standard output line by line.
    fn is_for_programs(&self) -> bool {
        self.message_format.name == "json"
    }

    /// Whether the report itself says what was mended.
    fn tells_edits(&self) -> bool {
        ["human", "json"].contains(&self.message_format.name)
    }

    /// The project's files, and those that the command line names.
    fn storage(&self, files: Vec<PathBuf>) -> Result<Box<dyn Storage>, Fault> {
        self.storage_of(&self.project, files)
    }

    /// The same of the project in another directory.
    fn storage_of(&self, project: &Path, files: Vec<PathBuf>) -> Result<Box<dyn Storage>, Fault> {
        host::storage(project, &host::Admitted { roots: self.roots.clone(), files })
    }

    fn jobs(&self) -> NonZeroUsize {
        self.jobs.unwrap_or_else(host::processors)
    }

    fn coloured(&self) -> bool {
        match self.color {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => std::io::stdout().is_terminal() && !host::no_color(),
        }
    }
}

/// Runs the command that the arguments name.
pub fn run() -> Exit {
    let Arguments { mut global, command } = Arguments::parse();
    let needs_project =
        matches!(command, Command::Check(_) | Command::Build(_) | Command::Schema(_));
    if needs_project && let Err(exit) = global.find_project() {
        return exit;
    }
    let outcome = match &command {
        Command::Check(command) => check::run(&global, command),
        Command::Build(command) => build::run(&global, command),
        Command::Schema(command) => schema::run(&global, command),
        Command::Explain(command) => explain::run(&mut global, command),
        Command::Completions(command) => Ok(completions::run(command)),
    };
    match outcome {
        Ok(ended) => ended.exit(),
        Err(fault) => {
            complain(&format!("error: {fault}"));
            Exit::Environment
        }
    }
}

/// A fault of writing to standard output.
fn stdout_fault(cause: std::io::Error) -> Fault {
    Fault::new("write", "standard output", cause)
}
