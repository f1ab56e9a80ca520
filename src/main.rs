//! The `leash` command.
fn main() {}
