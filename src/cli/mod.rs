//! The command line: what was typed, what it means, what is answered where.
//!
//! The answer goes to stdout, everything else to stderr. Adding a command takes one file in `command/` and one line in
//! [`Command`].

mod args;
mod command;
mod config;
mod error;
mod evidence;
mod exit;
mod file_names;
mod input;
mod output;
mod policies;
mod progress;
mod settings;
mod suggest;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use error::CliError;
pub use exit::Outcome;

use args::Common;
use output::Output;

/// What the top-level help says behind the list of commands.
const AFTER_HELP: &str = "\
The answer goes to stdout; notes, warnings and progress go to stderr.
Exit codes: 0 fine, 1 findings, 2 bad usage or unreadable input.";

/// Least-privilege IAM policies from the source code of AWS Lambda functions.
#[derive(Debug, Parser)]
#[command(name = "leash", version, about, after_help = AFTER_HELP, styles = args::styles(), disable_help_subcommand = true, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    common: Common,
}

/// The commands, in the order of the help.
#[derive(Debug, Subcommand)]
enum Command {
    Infer(command::infer::Infer),
    Calls(command::calls::Calls),
    Diff(command::diff::DiffCommand),
    Explain(command::explain::Explain),
    Lock(command::lock::Lock),
    Compare(command::compare::Compare),
    Lookup(command::lookup::Lookup),
    Schema(command::schema::Schema),
    Completions(command::completions::Completions),
    #[command(hide = true)]
    Debug(command::debug::Debug),
}

impl Command {
    fn run(&self, output: &Output) -> Result<Outcome, CliError> {
        match self {
            Self::Infer(command) => command.run(output),
            Self::Calls(command) => command.run(output),
            Self::Diff(command) => command.run(output),
            Self::Explain(command) => command.run(output),
            Self::Lock(command) => command.run(output),
            Self::Compare(command) => command.run(output),
            Self::Lookup(command) => command.run(output),
            Self::Schema(command) => command.run(output),
            Self::Completions(command) => command.run(output),
            Self::Debug(command) => command.run(output),
        }
    }
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    run(std::env::args_os()).into()
}

/// Runs a command line; the first word is the program's name.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Outcome {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let output = Output::new(&cli.common);
    match cli.command.run(&output) {
        Ok(outcome) => outcome,
        Err(CliError::ClosedPipe) => Outcome::Clean,
        Err(error) => {
            output.error(&error);
            Outcome::Failed
        }
    }
}

/// Help and version are answers; everything else that clap says is a mistake in the usage.
fn usage(error: &clap::Error) -> Outcome {
    // Nobody is left to tell when the terminal is gone.
    let _ = error.print();
    if error.use_stderr() { Outcome::Failed } else { Outcome::Clean }
}
