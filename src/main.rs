//! The `leash` command.

use std::process::ExitCode;

/// An analysis makes and drops many small values, which takes a third of its time with the allocators of most systems.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    leash::cli::main()
}
