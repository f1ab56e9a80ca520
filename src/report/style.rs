//! The few styles of text for people. The stream they go to takes them out where no terminal shows them.

use anstyle::{AnsiColor, Reset, Style};

/// Ends any style.
pub const RESET: Reset = Reset;
/// Names and headings.
pub const BOLD: Style = Style::new().bold();
/// What is less important.
pub const DIM: Style = Style::new().dimmed();
/// Errors.
pub const ERROR: Style = AnsiColor::Red.on_default().bold();
/// Notes that say that something may be missing.
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// Other notes.
pub const NOTE: Style = AnsiColor::Cyan.on_default().bold();
/// Actions.
pub const ACTION: Style = AnsiColor::Green.on_default();
