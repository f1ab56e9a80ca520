//! `leash completions`: scripts that complete leash's options in a shell.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::cli::output::Output;
use crate::cli::{Cli, CliError, Outcome};

/// Print a script that completes leash's commands and options in a shell
#[derive(Debug, Args)]
pub(in crate::cli) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(in crate::cli) fn run(&self, output: &Output) -> Result<Outcome, CliError> {
        let mut out = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "leash", &mut out);
        output.answer(&out)?;
        Ok(Outcome::Clean)
    }
}
