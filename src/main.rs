//! The `leash` command.

use std::process::ExitCode;

/// An analysis makes and drops many small values; `CONTRIBUTING.md` says what this allocator saves.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    leash::cli::main()
}
