//! `leash debug`: what happens inside, for those who work on leash.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use ignore::WalkBuilder;
use rayon::prelude::*;

use crate::cli::input;
use crate::cli::output::Output;
use crate::cli::{CliError, Outcome};
use crate::flow::SourceTree as _;
use crate::iac::Files;
use crate::ir;
use crate::project::DiskTree;
use crate::syntax::{self, Language};

/// Show what happens inside
#[derive(Debug, Args)]
pub(in crate::cli) struct Debug {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print a source file as leash's intermediate representation
    Ir {
        /// The file
        file: PathBuf,
    },
    /// Parse all source files below a folder and do nothing with them: what there is to compare leash's own time with
    Parse {
        /// The folder
        path: PathBuf,
    },
}

impl Debug {
    pub(in crate::cli) fn run(&self, output: &Output) -> Result<Outcome, CliError> {
        match &self.what {
            What::Ir { file } => dump(file, output),
            What::Parse { path } => parse(path, output),
        }
    }
}

fn dump(file: &Path, output: &Output) -> Result<Outcome, CliError> {
    input::check_path(file)?;
    let tree = DiskTree::new(Files::new("."));
    let Some(module) = tree.module(file) else {
        let reason = "it is no Python, JavaScript or TypeScript file".to_owned();
        return Err(CliError::Unreadable { path: file.to_path_buf(), reason });
    };
    output.answer(ir::dump(&module).as_bytes())?;
    output.notes(&tree.take_notes());
    Ok(Outcome::Clean)
}

fn parse(path: &Path, output: &Output) -> Result<Outcome, CliError> {
    input::check_path(path)?;
    let files = Files::new(path);
    let walk = WalkBuilder::new(path).require_git(false).sort_by_file_path(Path::cmp).build();
    let paths: Vec<PathBuf> = walk.filter_map(|entry| Some(entry.ok()?.into_path())).collect();
    let one = |path: &PathBuf| {
        let language = Language::from_path(path.to_str()?)?;
        let file = files.read(path).ok()?;
        Some((syntax::parse(file, language).file.text.len(), 1))
    };
    let (bytes, files) = paths.par_iter().filter_map(one).reduce(|| (0, 0), |left, right| (left.0 + right.0, left.1 + right.1));
    output.answer(format!("{files} files, {bytes} bytes\n").as_bytes())?;
    Ok(Outcome::Clean)
}
