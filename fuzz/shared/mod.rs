//! What `cargo fuzz` and the seeded test on stable Rust share: the targets, the grammars, the mutations.
//!
//! A target takes bytes, runs a part of leash on them and panics when an invariant does not hold.

#![allow(dead_code, unreachable_pub, reason = "each of the two uses a part of it, as a module of a program")]

pub mod generate;
pub mod grammar;
pub mod mutate;
pub mod targets;
