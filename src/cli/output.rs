//! Where answers, notes and errors go.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

use anstream::{AutoStream, ColorChoice};

use super::args::{Color, Common};
use super::error::CliError;
use crate::note::Note;
use crate::report::notes;
use crate::report::style::{BOLD, ERROR, RESET};
use crate::wording::plain;

/// The two streams and how much goes to the second one.
#[derive(Debug)]
pub(super) struct Output {
    color: ColorChoice,
    amount: notes::Amount,
}

impl Output {
    pub(super) fn new(common: &Common) -> Self {
        let color = match common.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::AlwaysAnsi,
            Color::Never => ColorChoice::Never,
        };
        let amount = match (common.quiet, common.verbose) {
            (true, _) => notes::Amount::None,
            (_, true) => notes::Amount::All,
            _ => notes::Amount::Some,
        };
        Self { color, amount }
    }

    /// Prints the answer. It is complete before the first byte leaves.
    pub(super) fn answer(&self, bytes: &[u8]) -> Result<(), CliError> {
        let stdout = io::stdout().lock();
        let written = if memchr::memchr(0x1b, bytes).is_some() {
            let mut stream = AutoStream::new(stdout, self.color);
            stream.write_all(bytes).and_then(|()| stream.flush())
        } else {
            let mut stdout = stdout;
            stdout.write_all(bytes).and_then(|()| stdout.flush())
        };
        written.map_err(|reason| match reason.kind() {
            io::ErrorKind::BrokenPipe => CliError::ClosedPipe,
            _ => CliError::Write { path: "the answer".into(), reason: plain(&reason) },
        })
    }

    /// Prints notes.
    pub(super) fn notes(&self, all: &[Note]) {
        let mut buffer = Vec::new();
        // A buffer takes everything.
        let _ = notes::render(all, self.amount, &mut buffer);
        self.aside(&buffer);
    }

    /// Prints one line that is no part of the answer.
    pub(super) fn remark(&self, line: &str) {
        if self.amount != notes::Amount::None {
            self.aside(format!("{line}\n").as_bytes());
        }
    }

    /// Prints why there is no answer.
    pub(super) fn error(&self, error: &CliError) {
        self.aside(format!("{ERROR}error{RESET}{BOLD}:{RESET} {error}\n").as_bytes());
    }

    /// Whether progress may be shown.
    pub(super) fn shows_progress(&self) -> bool {
        self.amount != notes::Amount::None && io::stderr().is_terminal()
    }

    fn aside(&self, bytes: &[u8]) {
        let mut stream = AutoStream::new(io::stderr().lock(), self.color);
        // Nobody is left to tell when stderr is gone.
        let _ = stream.write_all(bytes).and_then(|()| stream.flush());
    }
}

/// Writes files into a folder: all of them, or none that is only half there.
///
/// Every file is written beside its place first and moved there when all of them are complete.
pub(super) fn write_files(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<(), CliError> {
    let failed = |path: &Path| {
        let path = path.to_path_buf();
        move |reason: io::Error| CliError::Write { path, reason: plain(&reason) }
    };
    if folder.exists() && !folder.is_dir() {
        return Err(CliError::Write { path: folder.to_path_buf(), reason: "it is a file, not a folder".to_owned() });
    }
    std::fs::create_dir_all(folder).map_err(failed(folder))?;
    let mut written = Vec::new();
    let mut result = Ok(());
    for (name, bytes) in files {
        let waiting = folder.join(format!(".{name}.leash-{}", std::process::id()));
        result = std::fs::write(&waiting, bytes).map_err(failed(&folder.join(name)));
        written.push((waiting, folder.join(name)));
        if result.is_err() {
            break;
        }
    }
    if result.is_ok() {
        result = written.iter().try_for_each(|(waiting, place)| std::fs::rename(waiting, place).map_err(failed(place)));
    }
    if result.is_err() {
        for (waiting, _) in &written {
            // What was moved already is not there any more.
            let _ = std::fs::remove_file(waiting);
        }
    }
    result
}
