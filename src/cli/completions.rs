//! `demarche completions`: scripts that let a shell complete commands.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::{Ended, Exit};

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

pub(super) fn run(arguments: &Arguments) -> Ended {
    let mut script = Vec::new();
    let mut command = super::Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, "demarche", &mut script);
    Ended::with(Exit::Good, super::report::print(&script))
}
