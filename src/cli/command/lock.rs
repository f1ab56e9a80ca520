//! `leash lock`: the permissions of all functions as one file that is committed.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::args::{Deployment, Input};
use crate::cli::input;
use crate::cli::output::{self, Output};
use crate::cli::settings;
use crate::cli::{CliError, Outcome};
use crate::report::{View, lock, notes};

/// The file's name where none is given.
const NAME: &str = "leash.lock";

/// Write the permissions of every function to a file that is meant to be committed
///
/// The file changes when a permission does, and at no other time: a change of the code shows what it adds and drops.
#[derive(Debug, Args)]
pub(in crate::cli) struct Lock {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    deployment: Deployment,
    /// Write nothing; exit with 1 when the file would change
    #[arg(long, help_heading = "Output")]
    check: bool,
    /// The file [default: leash.lock beside PATH]
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    out: Option<PathBuf>,
}

impl Lock {
    pub(in crate::cli) fn run(&self, output: &Output) -> Result<Outcome, CliError> {
        let mut settings = settings::settings(&self.input, Some(&self.deployment))?;
        settings.symbolic = true;
        if self.deployment.partition.is_none() {
            settings.draft.partition = None;
        }
        let report = input::analyze(&settings, output)?;
        let mut bytes = Vec::new();
        // A buffer takes everything.
        let _ = lock::render(&View::of(&report), &mut bytes);
        output.notes(&notes::collect(&report));
        let path = self.path();
        if self.check {
            return check(&path, &String::from_utf8_lossy(&bytes), output);
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = path.file_name().map_or_else(|| NAME.to_owned(), |name| name.to_string_lossy().into_owned());
        output::write_files(folder, &[(name, bytes)])?;
        output.remark(&format!("wrote {}", path.display()));
        Ok(Outcome::Clean)
    }

    fn path(&self) -> PathBuf {
        if let Some(path) = &self.out {
            return path.clone();
        }
        match self.input.paths.first() {
            Some(path) if path.is_dir() => path.join(NAME),
            Some(path) => path.with_file_name(NAME),
            None => PathBuf::from(NAME),
        }
    }
}

/// Says what the file would have to say.
fn check(path: &Path, wanted: &str, output: &Output) -> Result<Outcome, CliError> {
    let text = input::read_text(path)?;
    let changes = lock::changes(&text, wanted);
    if changes.is_empty() {
        return Ok(Outcome::Clean);
    }
    output.answer(format!("{}\n", changes.join("\n")).as_bytes())?;
    output.remark(&format!("{} is out of date: run `leash lock` and commit the result", path.display()));
    Ok(Outcome::Findings)
}
