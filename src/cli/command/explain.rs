//! `leash explain`: why each permission is needed.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::{Deployment, Input, InputOptions};
use crate::cli::input;
use crate::cli::output::Output;
use crate::cli::settings;
use crate::cli::{CliError, Outcome};
use crate::report::View;
use crate::report::explain::{self, Filter};

/// Show the code, the way to it and the origin of each ARN behind every permission
#[derive(Debug, Args)]
pub(in crate::cli) struct Explain {
    /// A file, folder or template
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    /// Only these actions: s3:Get*, a service, or the name of an action
    #[arg(value_name = "ACTION")]
    action: Option<String>,
    #[command(flatten)]
    options: InputOptions,
    #[command(flatten)]
    deployment: Deployment,
}

impl Explain {
    pub(in crate::cli) fn run(&self, output: &Output) -> Result<Outcome, CliError> {
        let (path, action) = self.meant();
        let input = Input { paths: vec![path], options: self.options.clone() };
        let mut settings = settings::settings(&input, Some(&self.deployment))?;
        // References tell where a name comes from; they are printed with the names that the template gives.
        settings.symbolic = true;
        let report = input::analyze(&settings, output)?;
        let mut out = Vec::new();
        let count = explain::render(&View::of(&report), &Filter::new(action), &mut out).unwrap_or_default();
        output.answer(&out)?;
        match (count, action) {
            (0, Some(action)) => output.remark(&format!("no permission matches `{action}`")),
            (0, None) => output.remark("no permissions are needed"),
            _ => {}
        }
        Ok(Outcome::Clean)
    }

    /// `leash explain s3:GetObject` means the action, here.
    fn meant(&self) -> (PathBuf, Option<&str>) {
        match (&self.action, self.path.to_str()) {
            (None, Some(text)) if text.contains(':') && !self.path.exists() => (PathBuf::from("."), Some(text)),
            (action, _) => (self.path.clone(), action.as_deref()),
        }
    }
}
