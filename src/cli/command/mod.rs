//! One file per command: its options and what it does.

pub(super) mod calls;
pub(super) mod infer;
