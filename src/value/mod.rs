//! What values an analysed program can hold, as far as AWS calls are concerned.
//!
//! [`Text`] is a string known in pieces, [`Arg`] a value that left the interpreter: an owned tree that
//! the SDK model, the catalog and the reports read. The interpreter's own values live in `flow`.

mod arg;
mod json;
mod library;
mod shared;
mod text;

pub use arg::{Arg, ArgMap};
pub use json::{document, from_json, json_file, to_json};
pub use library::{Client, Collection, Command, Config, Credentials, Ecosystem, Resource, Response, SdkValue, Style};
pub use shared::{Shared, hash_of};
pub use text::{Hole, Piece, Text, unchanged, within};
