//! The `leash` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    leash::cli::main()
}
