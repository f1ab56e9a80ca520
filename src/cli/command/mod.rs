//! One file per command: its options and what it does.

pub(super) mod calls;
pub(super) mod compare;
pub(super) mod completions;
pub(super) mod debug;
pub(super) mod diff;
pub(super) mod explain;
pub(super) mod infer;
pub(super) mod lock;
pub(super) mod lookup;
mod merge;
pub(super) mod schema;
