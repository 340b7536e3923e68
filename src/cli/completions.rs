//! `demarche completions`: scripts that let a shell complete commands.

use clap::CommandFactory as _;
use clap_complete::Shell;
use demarche::Fault;

use super::Exit;

/// Print a completion script for a shell
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  demarche completions bash > ~/.local/share/bash-completion/completions/demarche"
)]
pub(super) struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Fault> {
    let mut script = Vec::new();
    let mut command = super::Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, "demarche", &mut script);
    super::report::print(&script)?;
    Ok(Exit::Good)
}
