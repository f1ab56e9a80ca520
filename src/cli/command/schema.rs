//! `leash schema`: the schema of the JSON report.

use clap::Args;

use crate::cli::output::Output;
use crate::cli::{CliError, Outcome};
use crate::report::json_v1;

/// Print the JSON Schema of `leash infer --format report`
#[derive(Debug, Args)]
pub(in crate::cli) struct Schema {}

impl Schema {
    #[expect(clippy::unused_self, reason = "commands share one shape")]
    pub(in crate::cli) fn run(&self, output: &Output) -> Result<Outcome, CliError> {
        let text = serde_json::to_string_pretty(&json_v1::schema()).unwrap_or_default();
        output.answer(format!("{text}\n").as_bytes())?;
        Ok(Outcome::Clean)
    }
}
