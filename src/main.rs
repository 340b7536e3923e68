//! The `demarche` command.

mod cli;
mod host;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run().into()
}
