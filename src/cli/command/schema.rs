//! `leash schema`: the schemas of what programs read.

use clap::{Args, ValueEnum};

use crate::cli::output::Output;
use crate::cli::{CliError, Outcome};
use crate::report::{diff_json, json_v1};

/// Print the JSON Schema of an answer
#[derive(Debug, Args)]
pub(in crate::cli) struct Schema {
    /// Which answer
    #[arg(value_name = "ANSWER", value_enum, default_value_t = Answer::Report)]
    answer: Answer,
}

/// The answers with a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Answer {
    /// `leash infer --format report`
    Report,
    /// A line of `leash infer --format jsonl`
    Jsonl,
    /// `leash diff --format json`
    Diff,
    /// A line of `leash diff --format jsonl`
    DiffJsonl,
}

impl Schema {
    pub(in crate::cli) fn run(&self, output: &Output) -> Result<Outcome, CliError> {
        let schema = match self.answer {
            Answer::Report => json_v1::schema::<json_v1::Report>(),
            Answer::Jsonl => json_v1::schema::<json_v1::Line>(),
            Answer::Diff => json_v1::schema::<diff_json::Answer<'_>>(),
            Answer::DiffJsonl => json_v1::schema::<diff_json::Line<'_>>(),
        };
        let text = serde_json::to_string_pretty(&schema).unwrap_or_default();
        output.answer(format!("{text}\n").as_bytes())?;
        Ok(Outcome::Clean)
    }
}
