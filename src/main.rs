//! The `demarche` command.

#![deny(clippy::print_stderr, clippy::print_stdout)] // They panic where nobody reads.

mod cli;
mod host;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run().into()
}
