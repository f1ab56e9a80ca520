//! `leash compare`: how permissions changed between two folders, two reports or two revisions.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args;

use crate::cli::args::{Deployment, Input, InputOptions, ReviewFormat};
use crate::cli::input;
use crate::cli::output::Output;
use crate::cli::settings;
use crate::cli::{CliError, Outcome};
use crate::diff::changed::{self, State};
use crate::iac;
use crate::pipeline::{self, Settings};
use crate::report::{Root, View, compare, compare_json, github, sarif};

/// Show how the permissions of every function changed between BASE and HEAD
///
/// Each is a folder or template, a report that `leash infer --format report` printed, or a git revision, which is read
/// without touching the checkout. Exit code 1 when a function may do more than before.
#[derive(Debug, Args)]
pub(in crate::cli) struct Compare {
    /// The state before
    #[arg(value_name = "BASE")]
    base: String,
    /// The state after
    #[arg(value_name = "HEAD")]
    head: String,
    #[command(flatten)]
    options: InputOptions,
    #[command(flatten)]
    deployment: Deployment,
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = ReviewFormat::Text, help_heading = "Output")]
    format: ReviewFormat,
}

/// One side.
enum Side {
    /// A folder, template or source file.
    Path(PathBuf),
    /// An earlier answer.
    Report(State),
    /// A revision, written out; the folder goes with the value.
    Revision(TemporaryFolder),
}

impl Side {
    /// Where its files are in their repository.
    fn root(&self) -> Root {
        match self {
            Self::Path(path) => input::root(std::slice::from_ref(path), []),
            // `git archive` gives what is below the current folder, with paths from there on.
            Self::Revision(_) => input::root(&[PathBuf::from(".")], []),
            Self::Report(_) => Root::default(),
        }
    }
}

impl Compare {
    pub(in crate::cli) fn run(&self, output: &Output) -> Result<Outcome, CliError> {
        let (base, head) = (side(&self.base)?, side(&self.head)?);
        // A report has no references, so with one on either side there are none on the other.
        let symbolic = !matches!((&base, &head), (Side::Report(_), _) | (_, Side::Report(_)));
        let (before, after) = (self.state(&base, symbolic, output)?, self.state(&head, symbolic, output)?);
        let changes = changed::compare(&before, &after);
        let mut out = Vec::new();
        // A buffer takes everything.
        let _ = match self.format {
            ReviewFormat::Text => compare::text(&changes, &mut out),
            ReviewFormat::Json => compare_json::json(&changes, &mut out),
            ReviewFormat::Jsonl => compare_json::jsonl(&changes, &mut out),
            ReviewFormat::Sarif => sarif::render(&changed::findings(&changes), &head.root(), &mut out),
            ReviewFormat::Github => github::render(&changed::findings(&changes), &head.root(), &mut out),
            ReviewFormat::Markdown => compare::markdown(&changes, &mut out),
        };
        output.answer(&out)?;
        Ok(if changed::grew(&changes) { Outcome::Findings } else { Outcome::Clean })
    }

    fn state(&self, side: &Side, symbolic: bool, output: &Output) -> Result<State, CliError> {
        let path = match side {
            Side::Report(state) => return Ok(state.clone()),
            Side::Path(path) => path.clone(),
            Side::Revision(folder) => folder.path.clone(),
        };
        let input = Input { paths: vec![path], options: self.options.clone() };
        let mut settings: Settings = settings::settings(&input, Some(&self.deployment))?;
        settings.symbolic = symbolic;
        if symbolic && self.deployment.partition.is_none() {
            settings.draft.partition = None;
        }
        // A side without functions is one: all of them are new, or gone.
        let report = pipeline::run(&settings, &|_| {});
        input::check_function_name(&settings, &report)?;
        if report.functions.is_empty() {
            output.remark(&format!("no Lambda function found in {}", input.paths[0].display()));
        }
        Ok(compare::state_of(&View::of(&report)))
    }
}

/// What was named: whatever exists as a path is one, all else is a revision.
fn side(text: &str) -> Result<Side, CliError> {
    let path = Path::new(text);
    if !path.exists() {
        return revision(text).map(Side::Revision);
    }
    let is_report = path.is_file() && path.extension().is_some_and(|extension| extension == "json");
    if is_report {
        let content = input::read_text(path)?;
        let json: Option<serde_json::Value> = serde_json::from_str(&content).ok();
        if let Some(state) = json.as_ref().and_then(compare::state_from_json) {
            return Ok(Side::Report(state));
        }
        if !json.as_ref().is_some_and(iac::has_section) {
            return Err(CliError::Usage(format!(
                "{text} is neither a report that `leash infer --format report` printed nor a template"
            )));
        }
    }
    Ok(Side::Path(path.to_path_buf()))
}

/// Writes the files of a revision to a folder of their own.
fn revision(name: &str) -> Result<TemporaryFolder, CliError> {
    let problem =
        |reason: &str| CliError::Usage(format!("`{name}` is neither a path nor a revision that git can read: {reason}"));
    if name.starts_with('-') {
        return Err(problem("it looks like an option"));
    }
    let folder = TemporaryFolder::new().map_err(|error| problem(&error.to_string()))?;
    let mut git = Command::new("git")
        .args(["archive", "--format=tar", name])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| problem(&error.to_string()))?;
    let archive = git.stdout.take().ok_or_else(|| problem("it gave no archive"))?;
    let unpacked = Command::new("tar")
        .args(["-x", "-f", "-", "-C"])
        .arg(&folder.path)
        .stdin(Stdio::from(archive))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let answer = git.wait_with_output().map_err(|error| problem(&error.to_string()))?;
    if !answer.status.success() {
        let said = String::from_utf8_lossy(&answer.stderr);
        return Err(problem(said.lines().next().unwrap_or_default().trim_start_matches("fatal: ")));
    }
    match unpacked {
        Ok(status) if status.success() => Ok(folder),
        Ok(_) => Err(problem("its archive could not be unpacked")),
        Err(error) => Err(problem(&error.to_string())),
    }
}

/// A folder that goes when the value does.
struct TemporaryFolder {
    path: PathBuf,
}

impl TemporaryFolder {
    fn new() -> std::io::Result<Self> {
        let mut number = 0;
        loop {
            let path = std::env::temp_dir().join(format!("leash-{}-{number}", std::process::id()));
            match std::fs::create_dir(&path) {
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && number < 1_000 => number += 1,
                Err(error) => return Err(error),
                Ok(()) => return Ok(Self { path }),
            }
        }
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // What cannot be removed is left to the system.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}
