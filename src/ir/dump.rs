//! A compact text form of a module, for tests and for `leash debug ir`.

use super::Module;

/// Renders a module, one line per statement.
pub fn dump(module: &Module) -> String {
    format!("{module:#?}")
}
