//! `leash debug`: what happens inside, for those who work on leash.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::input;
use crate::cli::output::Output;
use crate::cli::{CliError, Outcome};
use crate::flow::SourceTree as _;
use crate::iac::Files;
use crate::ir;
use crate::project::DiskTree;

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
}

impl Debug {
    pub(in crate::cli) fn run(&self, output: &Output) -> Result<Outcome, CliError> {
        let What::Ir { file } = &self.what;
        input::check_path(file)?;
        let tree = DiskTree::new(Files::new("."));
        let Some(module) = tree.module(file) else {
            let reason = "it is no Python, JavaScript or TypeScript file".to_owned();
            return Err(CliError::Unreadable { path: file.clone(), reason });
        };
        output.answer(ir::dump(&module).as_bytes())?;
        output.notes(&tree.take_notes());
        Ok(Outcome::Clean)
    }
}
